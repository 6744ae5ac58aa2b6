"""The dense parameter tables that kernels read: plain arrays over places, years and months, no law.

Place axis: position in ``schema.PLACES`` (31 provinces, the Xinjiang Corps, the nation last). Year axis:
``year - FIRST_YEAR``. Month axis: ``month serial - 12 * FIRST_YEAR``. Everything is C-contiguous and read-only.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

FIRST_YEAR: Final = 1978
LAST_YEAR: Final = 2135
N_YEARS: Final = LAST_YEAR - FIRST_YEAR + 1
FIRST_MONTH: Final = 12 * FIRST_YEAR
N_MONTHS: Final = 12 * N_YEARS
MAX_AGE: Final = 120
"""Nobody is alive from this age on; the last payment is in the month before."""

TRANSITION_SHAPE: Final = {"plain": 0, "mean": 1, "beijing": 2, "fixed_index": 3}
"""Formulas of the transitional pension: P·i·n·k; (P + P·i)/2·n·k; deemed months at index 1 and paid ones at their own
mean index; P·1.0·n·k."""
TRANSITION_INDEX: Final = {"overall": 0, "own": 1}
"""Index of the transitional pension: of all counted months, or of just those that earn it."""

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


class Tables(NamedTuple):
    """Dense parameters of one span of years; built by ``pension.parameters``."""

    reference_wage: Float
    """C[place, year], yuan/month of the statistical year: the denominator of every month of year + 1. NaN = unknown."""
    calculation_base: Float
    """P[place, year], yuan/month, awards of that year. NaN = unknown."""
    employee_rate: Float
    """Employee account book rate [place, year], fraction a year."""
    employee_growth: Float
    """Cumulated product of (1 + employee_rate) through the end of that year [place, year]."""
    resident_rate: Float
    """Resident account book rate [place, year], fraction a year."""
    resident_growth: Float
    """Cumulated product of (1 + resident_rate) through the end of that year [place, year]."""
    account_rate: Float
    """Share of the base credited to the account [place, month]; 0 before the place's account start."""
    pooled_rate: Float
    """Share of the base that is pooled [place, month, kind]; kind 0 employer + employee, 1 individual (flexible)."""
    own_rate: Float
    """Share of the base paid by the worker [place, month, kind]."""
    base_floor: Float
    """Lowest contribution base [place, month], yuan/month: published, else 60 % of the reference wage before."""
    base_ceiling: Float
    """Highest contribution base [place, month], yuan/month: published, else 300 % of the reference wage before."""
    uniform_year: Int
    """1 where account_rate and pooled_rate and own_rate are the same in all months of [place, year], else 0."""
    account_start: Int
    """First month (serial) with an individual account [place]."""
    transition_coefficient: Float
    """[place, 2]: coefficient up to and above ``transition_threshold`` paid months."""
    transition_threshold: Int
    """[place], paid months; a large number where there is one coefficient only."""
    transition_shape: Int
    """[place]: formula of the transitional pension, a code of ``TRANSITION_SHAPE``."""
    transition_own_index: Int
    """[place]: 1 where its index is the mean over just the months that earn it, 0 the overall average index."""
    transition_counts_paid: Int
    """[place]: 1 where months paid from ``transition_paid_from`` to ``transition_cutoff`` earn it beside the deemed
    ones, which always do, else 0."""
    transition_cutoff: Int
    """[place]: last paid month (serial) that earns it."""
    transition_paid_from: Int
    """[place]: first paid month (serial) that earns it; the first of the axis where there is no such limit."""
    ages: Int
    """[category 0..5, 5]: original age in months, first delayed birth month (serial), births a step, most months of
    delay, most months of flexible retirement either way; row 0 is unused."""
    minimum_months: Int
    """[year]: months needed for a monthly employee pension."""
    annuity_months: Int
    """[31]: annuity months at the whole ages 40..70."""
    resident_basic: Float
    """B[place, month], yuan/month, published, gap-filled and projected. NaN before the scheme."""
    resident_basic_horizon: int
    """Month serial H from which B is the scenario's: B[p, t] = alpha[t] * B[p, H - 1] + beta[t]."""
    resident_basic_alpha: Float
    """[month]; 1 before H (unused there)."""
    resident_basic_beta: Float
    """[month]; 0 before H."""
    premium_from: Int
    """Year premium versions [place, 3]: first month (serial), ascending; unused = a serial beyond the axis."""
    premium_segments: Float
    """[place, 3, 4, 3]: (from years, to years (inf), amount a year); unused segments are all zero."""
    premium_is_fraction: Int
    """[place, 3]: 1 where the amounts are fractions of B."""
    premium_counts_backpaid: Int
    """[place]: 1 where back-paid years earn the premium."""
    supplement: Float
    """Age supplement bands [place, 4, 4]: (age from, age below (inf), yuan/month, first month serial); unused = 0."""
    subsidy_start: Int
    """[place, month]: first row of the subsidy table in force, in ``subsidy_tiers``."""
    subsidy_stop: Int
    """[place, month]: one past its last row; equal to start where there is none (then the legal floor)."""
    subsidy_tiers: Float
    """[row, 2]: (tier yuan/year, subsidy yuan/year or NaN = amount not published), tiers ascending inside a table."""
    subsidy_floor: Float
    """[month, 2]: legal floor below and from ``subsidy_floor_tier`` yuan/year."""
    subsidy_floor_tier: float
    """Own contribution from which the higher legal floor applies, yuan/year."""
    subsidy_max_years: Int
    """[place]: years for which the subsidy is paid; a large number where unlimited."""
    lowest_tier: Float
    """Lowest non-hardship tier [place, month], yuan/year."""
    resident_award_year_months: int
    """Months that a resident record of the award year covers: 0 all twelve, 1 those up to the award."""
    resident_start: Int
    """[place]: month the resident scheme started where the county's own start is not given."""
    lump_backpay_allowed: Int
    """[place]: 1 where missing resident years may be paid in one sum at 60."""
    indexation: Float
    """[year]: cumulated yearly adjustment of employee pensions in payment; ratio of two years = growth between."""
    price: Float
    """[year]: price index."""
    discount_rate: float
    """Fraction a year, effective."""
    price_year: int
    """Year of the constant yuan."""
    mortality: Float
    """Central death rate [sex - 1, age 0..119, year] a year."""
