"""Commands about one person run without the compiler."""

import os
import sys


def without_compiler() -> None:
    """Let this process run kernels as plain Python: the same numbers, sooner for one person.

    Too late, and not done, where kernels exist already: numba would refuse to compile the next one.
    """
    if "pension._compile" not in sys.modules:
        os.environ.setdefault("NUMBA_DISABLE_JIT", "1")
