"""Weighted sums by group that do not depend on the order or the cut of what is added: sums of integers.

Each amount is rounded once, to a fixed unit, and added as an integer of any size; sums of sums are then the same
whatever came first. 62 bits carry an amount: with units of 2^-10 fen that is 45 million million yuan a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension.runs.tally_kernels import LOW_BITS

COUNT_SCALE: Final = 2.0**20
"""Weights count in units of 2^-20."""
MONEY_SCALE: Final = 100.0 * 2.0**10
"""Weighted yuan count in units of 2^-10 fen."""
RATIO_SCALE: Final = 2.0**30


class ExactSums:
    """[group, column] of integers; a column has its scale (units in 1)."""

    def __init__(self, groups: int, scales: Sequence[float]) -> None:
        self.scales = tuple(scales)
        self.units = [[0] * len(self.scales) for _ in range(groups)]

    def add(self, high: npt.NDArray[np.int64], low: npt.NDArray[np.int64]) -> None:
        """Add sums [group, column] of units that are ``high`` * 2^``LOW_BITS`` + ``low``."""
        for line, above, below in zip(self.units, high.tolist(), low.tolist(), strict=True):
            line[:] = [a + (b << LOW_BITS) + c for a, b, c in zip(line, above, below, strict=True)]

    def merge(self, other: ExactSums) -> None:
        """Add what the other added."""
        for line, further in zip(self.units, other.units, strict=True):
            line[:] = [a + b for a, b in zip(line, further, strict=True)]

    def values(self, groups: Sequence[Sequence[int]]) -> list[list[float]]:
        """[set of groups][column]: the sums over each set, rounded once."""
        out = []
        for of in groups:
            totals = [sum(column) for column in zip(*(self.units[g] for g in of), strict=True)]
            out.append([units / scale for units, scale in zip(totals, self.scales, strict=True)])
        return out

    def state(self) -> Any:
        """For JSON; ``restore`` takes it back."""
        return self.units

    def restore(self, state: Any) -> None:
        """Put back what ``state`` gave."""
        self.units = [[int(units) for units in line] for line in state]
