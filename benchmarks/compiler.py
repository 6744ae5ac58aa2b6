"""C sources of the benchmark, compiled when they are first asked for.

Compiler: ``$CC``, else ``gcc``. A library is kept in the user's cache directory under a name made of the source, its
header, the command, the compiler and the processor, so that a change of any of them compiles again.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from pension import _compile

FLAGS: Final = tuple("-O3 -march=native -fopenmp -std=c11 -Wall -Wextra -shared -fPIC".split())


class NoCompiler(RuntimeError):
    """There is no C compiler, or it refuses the source; the text says which and what it said."""


def compiler() -> str:
    """Path of the C compiler; ``NoCompiler`` without one."""
    wanted = os.environ.get("CC") or "gcc"
    found = shutil.which(wanted)
    if found is None:
        raise NoCompiler(f"no C compiler: {wanted!r} is not on the path (set CC to another one)")
    return found


def version() -> str:
    """First line of what the compiler says of itself."""
    said = subprocess.run([compiler(), "--version"], capture_output=True, text=True, check=False).stdout
    return said.splitlines()[0] if said else ""


@cache
def compiled(source: Path, header: str = "") -> ctypes.CDLL:
    """``source`` as a loaded library; it may include ``layout.h`` with the text ``header``. ``NoCompiler``."""
    command = [compiler(), *FLAGS]
    processor = ""
    with contextlib.suppress(OSError):
        processor = Path("/proc/cpuinfo").read_text().split("\n\n")[0].split("bogomips")[0]
        processor = "\n".join(line for line in processor.splitlines() if "MHz" not in line)
    key = hashlib.sha256("\0".join([*command, version(), processor, header, source.read_text()]).encode()).hexdigest()
    parents = [Path(_compile.CACHE_DIRECTORY).parent] if _compile.CACHE_DIRECTORY else []
    for parent in [*parents, Path(tempfile.mkdtemp(prefix="pension-c-"))]:
        target = parent / f"{source.stem}-{key[:24]}.so"
        if not target.exists():
            try:
                with tempfile.TemporaryDirectory(dir=parent) as directory:
                    (Path(directory) / "layout.h").write_text(header)
                    built = Path(directory) / target.name
                    _build([*command, "-I", directory, "-o", str(built), str(source), "-lm"])
                    os.replace(built, target)
            except OSError:
                continue
        return ctypes.CDLL(str(target))
    raise NoCompiler("no directory for the compiled library can be written")


def _build(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NoCompiler(f"{command[0]} refuses {Path(command[-2]).name}: {done.stderr.strip()[:2000]}")
