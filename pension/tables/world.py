"""What kernels read, packed into few arrays: parameters side by side as a record needs them, weights, awards.

Passing an array costs a kernel more than an addition, so the forty tables of ``Tables`` become a handful, with named
columns, laid out so that one record's year is one cache line.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import inlined_view
from pension._hints import shaped
from pension.kernels.valuation import AGE_MONTHS, N_WEIGHTS
from pension.law.employee import bearing_months, carried, credited, growth_to_award
from pension.law.registry import plain
from pension.tables.dense import FIRST_YEAR, N_MONTHS, N_YEARS, Tables

Float = npt.NDArray[np.float64]

# --- annual[place, year]
ACCOUNT_RATE: Final = 0
POOLED_RATE: Final = 1
"""Two columns: employees, individuals."""
BOOK_RATE: Final = 3
GROWTH: Final = 4
"""Cumulated employee book growth to the end of the year."""
UNIFORM: Final = 5
"""1 where the account and pooled rates hold all year."""
CALCULATION_BASE: Final = 6
N_ANNUAL: Final = 8
"""A cache line."""

# --- years[column, place, year]: a year paid in full
YEAR_ACCOUNT: Final = 0
"""Account money of twelve months with their interest, for a base of one yuan, per unit of cumulated growth."""
YEAR_POOLED: Final = 1
"""The same for pooled money; two columns: employees, individuals."""

# --- resident[place, year]
RESIDENT_RATE: Final = 0
RESIDENT_GROWTH: Final = 1

# --- monthly[place, month]
MONTH_ACCOUNT: Final = 0
MONTH_POOLED: Final = 1
"""Two columns: employees, individuals."""
MONTH_RUN: Final = 3
"""Mask of the months of the year with the same account, pooled and employee rates as this one."""
MONTH_TIERS: Final = 4
"""Two columns: first row of the subsidy table in force, one past the last."""
N_MONTHLY: Final = 8

# --- at_month[column, place, month]
MONTH_BASIC: Final = 0
"""Resident basic pension, yuan/month."""
MONTH_LOWEST_TIER: Final = 1
"""Lowest contribution tier of the resident scheme, yuan/year."""
MONTH_CLOSING: Final = 2
"""Cumulated book growth of employee accounts to an award in the month."""

# --- shapes of the transitional pension
MEAN_OF_BASE_AND_WAGE: Final = 1
BEIJING: Final = 2
FIXED_INDEX: Final = 3

# --- lines[place]
COEFFICIENT: Final = 0
"""Two columns: transition coefficient up to and above the threshold."""
THRESHOLD: Final = 2
SCHEME_START: Final = 3
LUMP_ALLOWED: Final = 4
SUBSIDY_YEARS: Final = 5
PREMIUM_BACKPAID: Final = 6
EMPLOYEE_CLASS: Final = 7
RESIDENT_CLASS: Final = 8
TRANSITION_SHAPE: Final = 9
"""The plain formula, or one of the three below."""
OWN_INDEX: Final = 10
"""1 where the transitional pension has the mean index of just its own months."""
COUNTS_PAID: Final = 11
"""1 where months paid up to the cut-off count beside the deemed ones."""
CUTOFF: Final = 12
PAID_FROM: Final = 13
PREMIUM: Final = 14
"""Versions of the year premium: first month, 1 if fractions of B, then segments (from, to, amount)."""
N_VERSIONS: Final = 3
N_SEGMENTS: Final = 4
PREMIUM_WIDTH: Final = 2 + 3 * N_SEGMENTS
SUPPLEMENT: Final = PREMIUM + N_VERSIONS * PREMIUM_WIDTH
"""Bands of the age supplement: age from, age below, yuan/month, first month."""
N_BANDS: Final = 4
N_LINE: Final = SUPPLEMENT + 4 * N_BANDS


class World(NamedTuple):
    """Everything the batch kernel reads beside the histories."""

    wages: Float
    """[place, year]: reference wage of the year before, yuan/month: the denominator of that year's indices."""
    annual: Float
    years: Float
    resident: Float
    monthly: Float
    at_month: Float
    """Like ``years`` a table for each column: what many people read of one month stays in the nearer caches."""
    lines: Float
    employee_share: Float
    """[place, month]: share of the base that an employee pays."""
    tiers: Float
    """[row, 2]: contribution tier and subsidy (NaN: not published), yuan/year."""
    floors: Float
    """[month, 2]: legal floor of the subsidy below and from ``floor_tier``."""
    floor_tier: float
    horizon: int
    """Month serial from which the resident basic pension is the scenario's."""
    first_birth: int
    weights: Float
    """``valuation.Weights.table``."""
    prefix: Float
    interest: Float
    awards: Float
    """[award, field]: the fields of ``valuation.N_AWARD``, then one per class of employee rates, then four per class
    of resident rates (R < 60: balance at 60 and inheritance, each per yuan of balance and of principal; else
    inheritance of an account settled at 60, and of one settled at R)."""
    n_employee_classes: int
    award_year_months: int
    """Reading of the resident award year: 0 counts twelve months, 1 those up to the award."""


@inlined_view
def world_with_shapes(world: Any) -> World:
    """The same tables, with those of their shapes as constants of the kernel that do not depend on the people."""
    places = schema.N_PLACES
    return World(
        shaped(world.wages, (places, N_YEARS)),
        shaped(world.annual, (places, N_YEARS, N_ANNUAL)),
        shaped(world.years, (3, places, N_YEARS)),
        shaped(world.resident, (places, N_YEARS, 2)),
        shaped(world.monthly, (places, N_MONTHS, N_MONTHLY)),
        shaped(world.at_month, (3, places, N_MONTHS)),
        shaped(world.lines, (places, N_LINE)),
        shaped(world.employee_share, (places, N_MONTHS)),
        shaped(world.tiers, (world.tiers.shape[0], 2)),
        shaped(world.floors, (world.floors.shape[0], 2)),
        world.floor_tier,
        world.horizon,
        world.first_birth,
        shaped(world.weights, (2, world.weights.shape[1], AGE_MONTHS + 1, N_WEIGHTS)),
        shaped(world.prefix, (N_MONTHS + 1, 4)),
        shaped(world.interest, (N_MONTHS,)),
        world.awards,
        world.n_employee_classes,
        world.award_year_months,
    )


def rate_classes(rates: Float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Places with equal book rates from the first award year on: (class of each place, one place of each class)."""
    recent = rates[:, schema.FIRST_AWARD_MONTH // 12 - FIRST_YEAR :]
    _, first, inverse = np.unique(recent, axis=0, return_index=True, return_inverse=True)
    return np.ascontiguousarray(inverse.reshape(-1), dtype=np.int64), first.astype(np.int64)


class Packed(NamedTuple):
    """The packed parameters of ``World``, before any people are known."""

    wages: Float
    annual: Float
    years: Float
    resident: Float
    monthly: Float
    at_month: Float
    lines: Float
    employee_share: Float
    tiers: Float
    floors: Float
    employee_places: npt.NDArray[np.int64]
    """One place of each class of employee book rates."""
    resident_places: npt.NDArray[np.int64]


def _full_years(tables: Tables) -> Float:
    """``years``: the law functions on arrays, month by month, so that kernels book a full year with one product."""
    bearing, carry, credit = (plain(f.__name__) for f in (bearing_months, carried, credited))
    earning = 12.0 - np.arange(12)
    months = bearing(1.0, earning, tables.employee_rate[:, :, None])
    per_growth = carry(months, 1.0, tables.employee_growth[:, :, None])
    years = np.zeros((3, schema.N_PLACES, N_YEARS))
    rates = (tables.account_rate, tables.pooled_rate[:, :, 0], tables.pooled_rate[:, :, 1])
    for column, rate in enumerate(rates):
        monthly = np.ascontiguousarray(rate).reshape(schema.N_PLACES, N_YEARS, 12)
        years[column] = credit(monthly, 1.0, per_growth).sum(axis=2)
    return years


def _closings(tables: Tables) -> Float:
    """Column ``MONTH_CLOSING`` of ``at_month``, by the law function on arrays; there is no award in the first year."""
    closings = np.full((schema.N_PLACES, N_YEARS, 12), np.nan)
    growth, rate = tables.employee_growth[:, :-1, None], tables.employee_rate[:, 1:, None]
    closings[:, 1:] = plain(growth_to_award.__name__)(growth, rate, np.arange(1, 13))
    return closings.reshape(schema.N_PLACES, N_MONTHS)


def pack(tables: Tables) -> Packed:
    """Lay the dense tables side by side; all arrays read-only."""
    places = schema.N_PLACES
    wages = np.full((places, N_YEARS), np.nan)
    wages[:, 1:] = tables.reference_wage[:, :-1]
    annual = np.zeros((places, N_YEARS, N_ANNUAL))
    annual[:, :, ACCOUNT_RATE] = tables.account_rate[:, ::12]
    annual[:, :, POOLED_RATE : POOLED_RATE + 2] = tables.pooled_rate[:, ::12, :]
    annual[:, :, BOOK_RATE] = tables.employee_rate
    annual[:, :, GROWTH] = tables.employee_growth
    annual[:, :, UNIFORM] = tables.uniform_year
    annual[:, :, CALCULATION_BASE] = tables.calculation_base
    years = _full_years(tables)
    resident = np.stack([tables.resident_rate, tables.resident_growth], axis=2)
    monthly = np.zeros((places, N_MONTHS, N_MONTHLY))
    monthly[:, :, MONTH_ACCOUNT] = tables.account_rate
    monthly[:, :, MONTH_POOLED : MONTH_POOLED + 2] = tables.pooled_rate
    monthly[:, :, MONTH_TIERS] = tables.subsidy_start
    monthly[:, :, MONTH_TIERS + 1] = tables.subsidy_stop
    rates = np.concatenate([monthly[:, :, MONTH_ACCOUNT : MONTH_POOLED + 2], tables.own_rate[:, :, :1]], axis=2)
    rates = rates.reshape(places, N_YEARS, 12, 4)
    same = np.all(rates[:, :, :, None, :] == rates[:, :, None, :, :], axis=-1)
    monthly[:, :, MONTH_RUN] = (same @ (1 << np.arange(12))).reshape(places, N_MONTHS)
    employee_class, employee_places = rate_classes(tables.employee_rate)
    resident_class, resident_places = rate_classes(tables.resident_rate)
    lines = np.zeros((places, N_LINE))
    lines[:, COEFFICIENT : COEFFICIENT + 2] = tables.transition_coefficient
    lines[:, THRESHOLD] = tables.transition_threshold
    lines[:, TRANSITION_SHAPE] = tables.transition_shape
    lines[:, OWN_INDEX] = tables.transition_own_index
    lines[:, COUNTS_PAID] = tables.transition_counts_paid
    lines[:, CUTOFF] = tables.transition_cutoff
    lines[:, PAID_FROM] = tables.transition_paid_from
    lines[:, SCHEME_START] = tables.resident_start
    lines[:, LUMP_ALLOWED] = tables.lump_backpay_allowed
    lines[:, SUBSIDY_YEARS] = tables.subsidy_max_years
    lines[:, PREMIUM_BACKPAID] = tables.premium_counts_backpaid
    lines[:, EMPLOYEE_CLASS] = employee_class
    lines[:, RESIDENT_CLASS] = resident_class
    for v in range(N_VERSIONS):
        at = PREMIUM + v * PREMIUM_WIDTH
        lines[:, at] = tables.premium_from[:, v]
        lines[:, at + 1] = tables.premium_is_fraction[:, v]
        lines[:, at + 2 : at + PREMIUM_WIDTH] = tables.premium_segments[:, v].reshape(places, -1)
    lines[:, SUPPLEMENT:] = tables.supplement.reshape(places, -1)
    at_month = np.stack([tables.resident_basic, tables.lowest_tier, _closings(tables)])
    employee_share = np.ascontiguousarray(tables.own_rate[:, :, 0])
    arrays = (wages, annual, years, resident, monthly, at_month, lines, employee_share)
    for array in arrays:
        array.flags.writeable = False
    return Packed(
        *arrays,
        tables.subsidy_tiers,
        tables.subsidy_floor,
        employee_places=employee_places,
        resident_places=resident_places,
    )
