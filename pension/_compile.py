"""How this package compiles: lazily, with a cache that knows every source file.

numba stamps a cached kernel with its own file only, so an edited article in another file, or an upgraded wheel,
would keep the old numbers without a word. The cache directory is therefore named after a hash of every source file
whose code or constants can be inside a kernel (and of the versions of numba and numpy). Where nothing can be written
the code compiles without a cache. ``NUMBA_DISABLE_JIT=1`` runs everything as plain Python, the same numbers: slow, for
a debugger and for tests that change the law.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

PLAIN = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
"""True when everything runs as plain Python in this process; numba is then not imported."""

_KEEP_DAYS = 30.0


_IMPORT = re.compile(rb"^(?:from (\S+) import (\([^)]*\)|.*)|import (\S+))", re.MULTILINE)
"""An import at the top of a module; one inside a function cannot put a constant into a kernel."""
_COMPILED = re.compile(rb"^@[\w.]*\b(?:jit|inlined|inlined_view|allocating_jit|kernel|ufunc|article)\b", re.MULTILINE)


def compiled_sources(root: Path) -> dict[str, bytes]:
    """The modules of the package that can be inside a kernel: those that compile, and all they import from it."""
    paths = {".".join((root.name, *path.relative_to(root).with_suffix("").parts)): path for path in root.rglob("*.py")}
    texts = {name: path.read_bytes() for name, path in paths.items()}
    imports: dict[str, set[str]] = {}
    for name, text in texts.items():
        imported = set()
        for module, names, plain in _IMPORT.findall(text):
            source = (module or plain).decode()
            imported |= {source, *(f"{source}.{word}" for word in re.findall(r"\w+", names.decode()))}
        imports[name] = imported & set(texts)
    waiting = [name for name, text in texts.items() if _COMPILED.search(text)]
    found = set(waiting)
    while waiting:
        fresh = imports[waiting.pop()] - found
        found |= fresh
        waiting.extend(fresh)
    return {name: texts[name] for name in sorted(found)}


def source_hash() -> str:
    """Hash of the sources that can be inside a kernel, and of numba's and numpy's versions."""
    import numba

    digest = hashlib.sha256()
    for name, text in compiled_sources(Path(__file__).resolve().parent).items():
        digest.update(name.encode())
        digest.update(b"\0")
        digest.update(text)
        digest.update(b"\0")
    digest.update(f"{numba.__version__} {np.__version__} {sys.version}".encode())
    return digest.hexdigest()[:24]


def _candidates() -> list[Path]:
    chosen = os.environ.get("PENSION_CACHE_DIR")
    if chosen is not None:
        return [Path(chosen)] if chosen else []
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
    elif sys.platform == "darwin":
        base = os.path.expanduser("~/Library/Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    places = [Path(base) / "pension"] if base and not base.startswith("~") else []
    user = str(os.getuid()) if hasattr(os, "getuid") else "user"
    return [*places, Path(tempfile.gettempdir()) / f"pension-{user}"]


def _writable(parent: Path) -> bool:
    """True when ``parent`` is ours, private and can be written; somebody else's directory is never trusted."""
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = parent.stat()
        if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o022):
            return False
        with tempfile.TemporaryFile(dir=parent):
            return True
    except OSError:
        return False


def _prune(parent: Path, keep: str) -> None:
    """Drop the compiled code of sources that have not been used for a month."""
    limit = time.time() - _KEEP_DAYS * 86400
    for path in parent.iterdir():
        with contextlib.suppress(OSError):
            if path.name != keep and path.stat().st_mtime < limit:
                shutil.rmtree(path, ignore_errors=True)


def _cache_directory() -> str | None:
    for parent in _candidates():
        if _writable(parent):
            directory = parent / source_hash()
            with contextlib.suppress(OSError):
                if not directory.exists():
                    directory.mkdir(mode=0o700)
                    _prune(parent, directory.name)
                else:
                    os.utime(directory)
                return str(directory)
    return None


CACHE_DIRECTORY = None if PLAIN else _cache_directory()
"""Where compiled code is kept in this process; None when nothing can be written, or nothing is compiled."""


@contextlib.contextmanager
def _cache_location() -> Iterator[None]:
    import numba

    config: Any = numba.config
    before = config.CACHE_DIR
    if CACHE_DIRECTORY is not None:
        config.CACHE_DIR = CACHE_DIRECTORY
    try:
        yield
    finally:
        config.CACHE_DIR = before


def _decorate(decorator: str, function: Callable[P, R], cached: bool = True, **options: object) -> Callable[P, R]:
    if PLAIN:
        return function
    import numba

    with _cache_location():
        compiled = getattr(numba, decorator)(cache=cached and CACHE_DIRECTORY is not None, **options)(function)
    return cast(Callable[P, R], compiled)


def _inner(function: Callable[P, R], **options: object) -> Callable[P, R]:
    """An inner function lives inside the cached kernels that call it: no cache and no entry points of its own."""
    if PLAIN:
        return function
    from pension._inner import pipeline

    if pipeline() is not None:
        options |= {"pipeline_class": pipeline(), "no_cpython_wrapper": True}
    options = {"error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True} | options
    return _decorate("njit", function, cached=False, **options)


def jit(function: Callable[P, R]) -> Callable[P, R]:
    """A plain compiled function; division by zero gives inf or nan, nothing raises."""
    return _inner(function)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """A small compiled function on the path of every record, always inlined: passing a dozen arrays costs more than
    what it computes."""
    return _inner(function, forceinline=True)


def inlined_view(function: Callable[P, R]) -> Callable[P, R]:
    """An inlined function that returns arrays: the memory of those it is given, which it must keep alive."""
    return _inner(function, forceinline=True, _nrt=True)


def allocating_jit(function: Callable[P, R]) -> Callable[P, R]:
    """A plain compiled function that may allocate arrays."""
    return _decorate("njit", function, error_model="numpy")


def kernel(function: Callable[P, R]) -> Callable[P, R]:
    """A compiled loop over people that releases the interpreter lock, so that plain threads run blocks side by side.

    Plain threads rather than ``numba.prange``: no reductions, and safe when a cluster worker calls from several
    threads.
    """
    return _decorate("njit", function, error_model="numpy", nogil=True, no_cfunc_wrapper=True)


def ufunc(function: Callable[P, R]) -> Callable[P, R]:
    """A law function: one lazily compiled ufunc for scalars, arrays and Series; kernels call its scalar rule."""
    compiled = _decorate("vectorize", function)
    if not PLAIN:
        from pension._inner import call_instead

        call_instead(compiled, jit(function))
    return compiled


_BLOCK = 4096
_threads = 0


def set_threads(count: int) -> None:
    """Threads used by every batch computation; 0 = as many as the process may use."""
    global _threads
    if count < 0:
        raise ValueError("the number of threads is 0 (all) or positive")
    _threads = count


def n_threads() -> int:
    """Threads in force."""
    if _threads:
        return _threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_threads(
    function: Callable[..., None], count: int, first_argument: object, *arguments: object, block: int = _BLOCK
) -> None:
    """Call ``function(first_argument, first, last, *arguments)`` for blocks of ``0 <= i < count`` in plain threads, of
    which the caller's is one.

    Blocks are fixed and share nothing, so the result does not depend on the number of threads.
    """
    threads = n_threads()
    if threads == 1 or count <= block:
        function(first_argument, 0, count, *arguments)
        return
    starts = itertools.count(0, block)

    def work() -> None:
        # Blocks are taken as threads get free; the counter is atomic in CPython.
        for first in starts:
            if first >= count:
                return
            function(first_argument, first, min(count, first + block), *arguments)

    with ThreadPoolExecutor(threads - 1) as pool:
        helpers = [pool.submit(work) for _ in range(threads - 1)]
        work()
        for task in helpers:
            task.result()
