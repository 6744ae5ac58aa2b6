"""How numba compiles the functions that only other compiled functions call.

Stock numba optimises every function and emits machine code for it, with all that it calls linked in, and does so again
for each of its callers: a rule five calls below a kernel goes through LLVM five times. Each also gets an entry point
for Python that unboxes dozens of arrays and is never used. Here an inner function stays what its own simplified code
is; the kernel that calls it links, optimises and emits everything once. That halves the compilation of a first call
and changes no number.

What is overridden are internals of numba, the same from 0.60 on; ``pipeline`` returns None where they are missing, and
everything then compiles in the stock way, slower.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

_OVERRIDDEN = ("_optimize_final_module", "_finalize_final_module", "get_pointer_to_function", "enable_object_caching")

_ENTRY = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.py_object, ctypes.c_void_p)
"""Python's calling convention with positional arguments; keywords are not passed on."""


class _NoEnvironment:
    """Stands for the code generator where numba would fill in the environment of a function that is never run."""

    def set_env(self, *_: object) -> None:
        """Nothing to set."""


@cache
def pipeline() -> Any:
    """The compiler class of inner functions (``numba.njit(pipeline_class=...)``), or None with another numba."""
    try:
        from numba.core.codegen import JITCodeLibrary
        from numba.core.compiler import CompilerBase, DefaultPassBuilder
    except ImportError:
        return None
    if not all(hasattr(JITCodeLibrary, name) for name in _OVERRIDDEN):
        return None

    class LinkedLibrary(JITCodeLibrary):
        """Code that is linked into others and never run by itself."""

        plain: Callable[..., Any]

        def _optimize_final_module(self) -> None:
            """Left to the kernel."""

        def _finalize_final_module(self) -> None:
            self._finalized = True

        def get_pointer_to_function(self, name: str) -> int:
            """Called from Python, the function runs as plain Python: the same numbers."""
            plain = self.plain
            self._entry = _ENTRY(lambda _self, arguments, _keywords: plain(*arguments))
            found = ctypes.cast(self._entry, ctypes.c_void_p).value
            assert found is not None
            return found

        @property
        def codegen(self) -> _NoEnvironment:
            return _NoEnvironment()

    class InnerCompiler(CompilerBase):
        """The usual passes, with a library of the kind above."""

        def define_pipelines(self) -> list[Any]:
            state = self.state
            linked: Any = LinkedLibrary
            passes: Any = DefaultPassBuilder
            state.library = linked(state.targetctx.codegen(), state.func_id.func_qualname)
            state.library.plain = state.func_id.func
            state.library.enable_object_caching()
            return [passes.define_nopython_pipeline(state)]

    return InnerCompiler


def call_instead(compiled: Any, inner: Any) -> None:
    """Let kernels call the compiled function ``inner`` where they name the ufunc ``compiled``: they need no array
    loops, whose compilation takes longer than that of the rule."""
    from numba.core import types
    from numba.core.registry import cpu_target

    context = cpu_target.typing_context
    if hasattr(context, "_remove_global"):
        context._remove_global(compiled)
        context.insert_global(compiled, types.Dispatcher(inner))
        compiled.inner = inner  # its type holds it by a weak reference
