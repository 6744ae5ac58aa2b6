"""Life tables: from the abridged table of the United Nations to single ages, and to every calendar year.

The source has central death rates of five-year periods in the age groups 0, 1-4, 5-9, ..., 95-99 and 100 and older.
Single ages are made once (``graduate``) and shipped; calendar years are interpolated when parameters are built.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

OPEN_AGE: Final = 100
"""Age from which the rate of the open group holds."""

GROUP_STARTS: Final[tuple[int, ...]] = (0, 1, *range(5, 101, 5))
"""First ages of the groups of the abridged table; the last one is open."""


def graduate(abridged: Float) -> Float:
    """Central death rates at the single ages 0..100 from those of the age groups.

    ``abridged[group, ...]``: deaths a person-year in the groups of ``GROUP_STARTS``. The cumulated hazard
    ``H(x) = sum of width * rate`` is known at the group boundaries 0, 1, 5, ..., 100; between them a monotone cubic
    (PCHIP, Fritsch and Carlson 1980) is laid through it and the rate of age x is ``H(x + 1) - H(x)``. The hazard of
    every group is therefore kept exactly, and no rate can become negative. The last row (100) is the rate of the
    open group. Returns ``[101, ...]``, deaths a person-year.
    """
    from scipy.interpolate import PchipInterpolator  # only to remake the shipped table, not at run time

    rates = np.asarray(abridged, dtype=np.float64)
    if rates.shape[0] != len(GROUP_STARTS):
        raise ValueError(f"an abridged table has {len(GROUP_STARTS)} age groups, not {rates.shape[0]}")
    if not np.all(rates > 0):
        raise ValueError("a death rate of the abridged table is not positive")
    bounds = np.array(GROUP_STARTS, dtype=np.float64)
    widths = np.diff(bounds).reshape((-1,) + (1,) * (rates.ndim - 1))
    hazard = np.concatenate([np.zeros((1, *rates.shape[1:])), np.cumsum(widths * rates[:-1], axis=0)])
    at_ages = PchipInterpolator(bounds, hazard, axis=0)(np.arange(OPEN_AGE + 1, dtype=np.float64))
    # The interpolant passes through the boundaries up to rounding; set them so that group sums are kept to the bit.
    at_ages[list(GROUP_STARTS)] = hazard
    single: Float = np.concatenate([np.diff(at_ages, axis=0), rates[-1:]])
    return single


def mid_years(periods: Sequence[str]) -> Float:
    """Middles of periods written ``"1950-1955"``: 1952.5."""
    return np.array([(int(first) + int(last)) / 2 for first, last in (period.split("-") for period in periods)])


def by_calendar_year(single: Float, middles: Float, years: Float, ages: int) -> Float:
    """Death rates ``[age, year]`` of calendar years from those of periods, ``single[age, period]``.

    The logarithm of the rate is linear in time between the middles of the periods; the value of year y is that at
    y + 0.5; outside the first and the last middle it stays constant. Ages from ``OPEN_AGE`` on have its rate.
    """
    at = np.clip(years + 0.5, middles[0], middles[-1])
    right = np.clip(np.searchsorted(middles, at, side="left"), 1, middles.size - 1)
    weight = (at - middles[right - 1]) / (middles[right] - middles[right - 1])
    logarithm = np.log(single)
    closed: Float = np.exp(logarithm[:, right - 1] * (1.0 - weight) + logarithm[:, right] * weight)
    found: Float = closed[np.minimum(np.arange(ages), single.shape[0] - 1)]
    return found
