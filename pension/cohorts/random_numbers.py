"""Counter-based random numbers: draw k of person n is a hash of (seed, n, k), whatever was drawn before.

So a person depends on the seed and on his number alone, and any block, thread or worker gives the same bits.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension._compile import jit

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX2: Final = np.uint64(0x94D049BB133111EB)
_S30: Final = np.uint64(30)
_S27: Final = np.uint64(27)
_S31: Final = np.uint64(31)
_S11: Final = np.uint64(11)

MASK64: Final = (1 << 64) - 1
"""Seeds are taken modulo 2**64."""


@jit
def _mixed(x: Any) -> Any:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64 bits."""
    x = (x ^ (x >> _S30)) * _MIX1
    x = (x ^ (x >> _S27)) * _MIX2
    return x ^ (x >> _S31)


@jit
def key_of(seed: Any, number: int) -> Any:
    """The stream of one person; ``seed`` as ``np.uint64``."""
    return _mixed(_mixed(seed + _STEP) + np.uint64(number) * _STEP)


@jit
def uniform(key: Any, draw: int) -> float:
    """Draw number ``draw`` of a person's stream, uniform in [0, 1)."""
    return float(np.float64(_mixed(key + np.uint64(draw + 1) * _STEP) >> _S11) * 2.0**-53)


@jit
def fill(key: Any, first: int, out: Any) -> None:
    """Fill ``out`` with the draws ``first``, ``first + 1``, ... of a person's stream."""
    for k in range(out.shape[0]):
        out[k] = uniform(key, first + k)


@jit
def chosen(cumulated: Any, u: float) -> int:
    """First position whose cumulated share exceeds ``u``."""
    position = 0
    while position < cumulated.shape[0] - 1 and u >= cumulated[position]:
        position += 1
    return position


@jit
def at_quantile(table: Any, u: float) -> float:
    """Linear between equidistant quantiles."""
    x = u * (table.shape[0] - 1)
    i = min(int(x), table.shape[0] - 2)
    return float(table[i] + (x - i) * (table[i + 1] - table[i]))
