"""A small ``Tables`` for tests that are worked by hand: constant wages, P = C, no interest, nobody dies early."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, MAX_AGE, N_MONTHS, N_YEARS, Tables

ANNUITY_MONTHS = (
    233, 230, 226, 223, 220, 216, 212, 208, 204, 199,  # 40..49
    195, 190, 185, 180, 175, 170, 164, 158, 152, 145,  # 50..59
    139, 132, 125, 117, 109, 101, 93, 84, 75, 65, 56,  # 60..70
)  # fmt: skip
"""国发〔2005〕38号, annex: annuity months at 40..70."""

FAR = 10**9

PerPlace = float | Mapping[int, float]


def _places(value: PerPlace, default: float = 0.0) -> npt.NDArray[np.float64]:
    out = np.full(schema.N_PLACES, default)
    if isinstance(value, Mapping):
        for place, number in value.items():
            out[schema.PLACE_INDEX[place]] = number
    else:
        out[:] = value
    return out


def _grown(start: npt.NDArray[np.float64], growth: PerPlace) -> npt.NDArray[np.float64]:
    """[place, year]: value of 2020 = start, growing at a constant rate from 1978 on."""
    years = np.arange(N_YEARS) + FIRST_YEAR - 2020
    rate = 1.0 + _places(growth)
    return np.asarray(start[:, None] * rate[:, None] ** years[None, :])


def toy_tables(
    *,
    wages: Mapping[int, float] | float = 8000.0,
    wage_growth: PerPlace = 0.0,
    calculation_base: Mapping[int, float] | None = None,
    employee_rate: PerPlace = 0.0,
    resident_rate: PerPlace = 0.0,
    account_rate: float = 0.08,
    pooled_rate: tuple[float, float] = (0.20, 0.12),
    own_rate: tuple[float, float] = (0.08, 0.20),
    transition: PerPlace = 0.012,
    transition_long: PerPlace | None = None,
    transition_threshold: int = FAR,
    basic: PerPlace = 200.0,
    basic_from: int = 12 * 2009,
    premium: Mapping[int, Sequence[tuple[float, float, float]]] | None = None,
    premium_is_fraction: bool = False,
    premium_counts_backpaid: bool = False,
    supplement: Mapping[int, Sequence[tuple[float, float, float]]] | None = None,
    subsidy: Sequence[tuple[float, float]] = (),
    subsidy_floor: tuple[float, float] = (30.0, 60.0),
    subsidy_max_years: int = FAR,
    lowest_tier: float = 200.0,
    resident_start: int = 12 * 2011 + 6,
    lump_backpay_allowed: bool = True,
    indexation: float = 0.0,
    inflation: float = 0.0,
    discount_rate: float = 0.0,
    price_year: int = 2025,
    mortality: float | npt.NDArray[np.float64] = 0.0,
    **fields: Any,
) -> Tables:
    """Constant parameters over all places and years; keywords replace them, ``fields`` whole arrays.

    ``wages`` is C of 2020 by place (places not named: 8000; the nation too); P of year y is C of year y - 1 at the
    same place unless ``calculation_base`` (constant) is given; with ``wage_growth`` 0 that is P = C. Rates are by
    place or one for all. ``premium`` and ``supplement`` by place: (from years, to years, amount a year), (age from,
    age below, amount).
    """
    start = _places(8000.0)
    if isinstance(wages, Mapping):
        for place, number in wages.items():
            start[schema.PLACE_INDEX[place]] = number
    else:
        start[:] = wages
    reference_wage = _grown(start, wage_growth)
    base = _grown(start / (1.0 + _places(wage_growth)), wage_growth)
    if calculation_base is not None:
        for place, number in calculation_base.items():
            base[schema.PLACE_INDEX[place], :] = number

    e_rate = np.repeat(_places(employee_rate)[:, None], N_YEARS, axis=1)
    r_rate = np.repeat(_places(resident_rate)[:, None], N_YEARS, axis=1)
    shape = (schema.N_PLACES, N_MONTHS)
    wage_before = np.full(shape, np.nan)
    wage_before[:, 12:] = np.repeat(reference_wage[:, :-1], 12, axis=1)

    months = np.arange(N_MONTHS) + FIRST_MONTH
    resident_basic = np.repeat(_places(basic)[:, None], N_MONTHS, axis=1)
    resident_basic[:, months < basic_from] = np.nan

    premium_from = np.full((schema.N_PLACES, 3), FAR, dtype=np.int64)
    premium_segments = np.zeros((schema.N_PLACES, 3, 4, 3))
    fraction = np.zeros((schema.N_PLACES, 3), dtype=np.int64)
    for place, segments in (premium or {}).items():
        index = schema.PLACE_INDEX[place]
        premium_from[index, 0] = FIRST_MONTH
        fraction[index, 0] = int(premium_is_fraction)
        for k, segment in enumerate(segments):
            premium_segments[index, 0, k] = segment
    bands = np.zeros((schema.N_PLACES, 4, 4))
    for place, rows in (supplement or {}).items():
        for k, (age_from, age_below, amount) in enumerate(rows):
            bands[schema.PLACE_INDEX[place], k] = (age_from, age_below, amount, FIRST_MONTH)

    coefficient = np.stack(
        [_places(transition), _places(transition if transition_long is None else transition_long)], 1
    )
    years = np.arange(N_YEARS) + FIRST_YEAR
    ages = np.array(
        [
            (0, 0, 1, 0, 0),
            (720, 12 * 1965, 4, 36, 36),
            (660, 12 * 1970, 4, 36, 36),
            (600, 12 * 1975, 2, 60, 36),
            (660, FAR, 1, 0, 0),
            (540, FAR, 1, 0, 0),
        ],
        dtype=np.int64,
    )
    tables: dict[str, Any] = {
        "reference_wage": reference_wage,
        "calculation_base": base,
        "employee_rate": e_rate,
        "employee_growth": np.cumprod(1.0 + e_rate, axis=1),
        "resident_rate": r_rate,
        "resident_growth": np.cumprod(1.0 + r_rate, axis=1),
        "account_rate": np.full(shape, account_rate),
        "pooled_rate": np.tile(np.array(pooled_rate, dtype=np.float64), (*shape, 1)),
        "own_rate": np.tile(np.array(own_rate, dtype=np.float64), (*shape, 1)),
        "base_floor": 0.6 * wage_before,
        "base_ceiling": 3.0 * wage_before,
        "uniform_year": np.ones((schema.N_PLACES, N_YEARS), dtype=np.int64),
        "account_start": np.full(schema.N_PLACES, FIRST_MONTH, dtype=np.int64),
        "transition_coefficient": coefficient,
        "transition_threshold": np.full(schema.N_PLACES, transition_threshold, dtype=np.int64),
        "transition_shape": np.zeros(schema.N_PLACES, dtype=np.int64),
        "transition_own_index": np.zeros(schema.N_PLACES, dtype=np.int64),
        "transition_counts_paid": np.zeros(schema.N_PLACES, dtype=np.int64),
        "transition_cutoff": np.full(schema.N_PLACES, FIRST_MONTH - 1, dtype=np.int64),
        "transition_paid_from": np.full(schema.N_PLACES, FIRST_MONTH, dtype=np.int64),
        "ages": ages,
        "minimum_months": np.minimum(240, 180 + 6 * np.maximum(0, years - 2029)).astype(np.int64),
        "annuity_months": np.array(ANNUITY_MONTHS, dtype=np.int64),
        "resident_basic": resident_basic,
        # the scenario begins beyond the axis: every B is a given one
        "resident_basic_horizon": FIRST_MONTH + N_MONTHS,
        "resident_basic_alpha": np.ones(N_MONTHS),
        "resident_basic_beta": np.zeros(N_MONTHS),
        "premium_from": premium_from,
        "premium_segments": premium_segments,
        "premium_is_fraction": fraction,
        "premium_counts_backpaid": np.full(schema.N_PLACES, int(premium_counts_backpaid), dtype=np.int64),
        "supplement": bands,
        "subsidy_start": np.zeros(shape, dtype=np.int64),
        "subsidy_stop": np.full(shape, len(subsidy), dtype=np.int64),
        "subsidy_tiers": np.array(subsidy, dtype=np.float64).reshape(len(subsidy), 2),
        "subsidy_floor": np.tile(np.array(subsidy_floor, dtype=np.float64), (N_MONTHS, 1)),
        "subsidy_floor_tier": 500.0,
        "subsidy_max_years": np.full(schema.N_PLACES, subsidy_max_years, dtype=np.int64),
        "lowest_tier": np.full(shape, lowest_tier),
        "resident_award_year_months": 0,
        "resident_start": np.full(schema.N_PLACES, resident_start, dtype=np.int64),
        "lump_backpay_allowed": np.full(schema.N_PLACES, int(lump_backpay_allowed), dtype=np.int64),
        "indexation": (1.0 + indexation) ** (years - 2020),
        "price": (1.0 + inflation) ** (years - 2020),
        "discount_rate": float(discount_rate),
        "price_year": price_year,
        "mortality": np.array(np.broadcast_to(np.asarray(mortality, dtype=np.float64), (2, MAX_AGE, N_YEARS))),
    }
    tables.update(fields)
    for name, value in tables.items():
        if isinstance(value, np.ndarray):
            value = tables[name] = np.ascontiguousarray(value)
            value.flags.writeable = False
    return Tables(**tables)
