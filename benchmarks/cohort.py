"""The fixed cohort of the benchmark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters

SEED: Final = 20250101
PERSONS: Final = 1_000_000
QUICK_PERSONS: Final = 100_000
REGIMES: Final = ("current", "fair")


def cohort(parameters: Parameters, persons: int, first: int = 0) -> Histories:
    """People ``first`` .. ``first + persons`` of the cohort; each depends on the seed and his number only."""
    from pension.cohorts.benchmark_cohort import benchmark_cohort

    return benchmark_cohort(persons, SEED, first, parameters.tables)
