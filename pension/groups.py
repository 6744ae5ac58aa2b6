"""Groups of people for averages: sex, cohort, registered residence, form of work, moves, earnings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from pension import equity, schema
from pension.checks.range_check import FIRST_MONTH_OF_MASK
from pension.kernels import valuation as val
from pension.kernels.cells import POPCOUNT
from pension.runs.group_losses import FORMS, main_form
from pension.tables.dense import FIRST_YEAR, N_YEARS

if TYPE_CHECKING:
    from pension.checks.range_check import HistoryArrays
    from pension.engine import Engine
    from pension.histories import Histories
    from pension.parameters import Parameters

Float = npt.NDArray[np.float64]

UNITS: Final = {
    "sex": ("", "sex"),
    "birth_year": ("year", "year of birth"),
    "cohort": ("", "birth cohort of five years"),
    "hukou": ("GB/T 2260 code", "province of registered residence"),
    "hukou_type": ("", "urban or rural registered residence"),
    "form": ("", "form of work with most months; ties to the less protected form"),
    "moves": ("moves", "changes of province between successive employee records"),
    "origin": ("GB/T 2260 code", "province of the first employee record; missing without one"),
    "destination": ("GB/T 2260 code", "province of the last employee record; missing without one"),
    "mean_index": ("", "mean base / reference wage of the place and year over the paid employee months"),
    "index_fifth": ("", "fifth of the people by mean_index; missing without a paid employee month"),
    "annuity": ("yuan of the price year", "present value at R0 of 1 yuan (of R0) a month, indexed"),
}
"""Unit and meaning of each column."""


def province_codes(places: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    codes = places.astype(np.int64)
    while (codes >= 100).any():
        codes = np.where(codes >= 100, codes // 100, codes)
    return codes


def person_columns(histories: Histories, engine: Engine) -> pd.DataFrame:
    """One row a person: the columns of ``UNITS`` but for ``index_fifth``, which needs everybody."""
    arrays = histories.arrays
    n = len(histories)
    world, rows = engine.world(arrays)
    awards = world.awards[rows]
    birth_year = arrays.birth.astype(np.int64) // 12
    five = birth_year - birth_year % 5
    starts = np.unique(five)
    owner = np.repeat(np.arange(n), np.diff(arrays.offsets))
    employee = arrays.scheme == schema.SCHEME["employee"]
    of = owner[employee]
    when = arrays.year[employee].astype(np.int64) * 12 + FIRST_MONTH_OF_MASK[arrays.months[employee]]
    order = np.lexsort((when, of))
    of, place = of[order], province_codes(arrays.place[employee])[order]
    same = of[1:] == of[:-1]
    first = np.flatnonzero(np.concatenate([np.ones(min(of.size, 1), dtype=np.bool_), ~same]))
    origin, destination = np.full(n, schema.MISSING), np.full(n, schema.MISSING)
    origin[of[first]] = place[first]
    destination[of[first]] = place[np.append(first[1:], of.size) - 1]
    moved = of[1:][same & (place[1:] != place[:-1])]
    return pd.DataFrame(
        {
            "sex": _category(arrays.sex, schema.SEX),
            "birth_year": birth_year,
            "cohort": pd.Categorical.from_codes(
                np.searchsorted(starts, five), categories=pd.Index([f"{y}-{y + 4}" for y in starts]), ordered=True
            ),
            "hukou": province_codes(arrays.hukou),
            "hukou_type": _category(arrays.hukou_type, schema.HUKOU_TYPE),
            "form": pd.Categorical.from_codes(main_form(histories), categories=pd.Index(FORMS), ordered=True),
            "moves": np.bincount(moved, minlength=n),
            "origin": _codes_or_missing(origin),
            "destination": _codes_or_missing(destination),
            "mean_index": mean_index(arrays, owner, engine.parameters),
            "annuity": awards[:, val.L1_MONTHS] * awards[:, val.PRICE],
        }
    )


def mean_index(arrays: HistoryArrays, owner: npt.NDArray[np.int64], parameters: Parameters) -> Float:
    """[person]: mean base / reference wage over the paid employee months; NaN without one, or with an unknown wage."""
    paid = (arrays.scheme == schema.SCHEME["employee"]) & (arrays.flags & schema.FLAG_DEEMED == 0)
    position = np.full(100, -1, dtype=np.int64)
    for code, index in schema.PLACE_INDEX.items():
        position[code] = index
    year = arrays.year[paid].astype(np.int64) - 1 - FIRST_YEAR
    place = position[province_codes(arrays.place[paid])]
    wages = parameters.tables.reference_wage[place, np.clip(year, 0, N_YEARS - 1)]
    wages = np.where((year >= 0) & (year < N_YEARS), wages, np.nan)
    months = POPCOUNT[arrays.months[paid]].astype(np.float64)
    n = arrays.sex.size
    sums, counts = (np.bincount(owner[paid], values, n) for values in (months * arrays.base[paid] / wages, months))
    return np.where(counts > 0.0, sums / np.where(counts > 0.0, counts, 1.0), np.nan)


def _category(values: npt.NDArray[Any], names: Mapping[str, int]) -> Any:
    numbers = {number: k for k, number in enumerate(names.values())}
    codes = np.array([numbers[int(v)] for v in np.unique(values)], dtype=np.int8)
    return pd.Categorical.from_codes(codes[np.unique(values, return_inverse=True)[1]], categories=pd.Index(list(names)))


def _codes_or_missing(codes: npt.NDArray[np.int64]) -> Any:
    return pd.arrays.IntegerArray(codes.astype(np.int16), codes == schema.MISSING)


def index_fifths(mean_index: Float, weights: Float) -> Any:
    """Categorical [person]: fifth of the people by mean index, missing where that is undefined."""
    ranks = equity.fractional_rank(mean_index, weights)
    return pd.Categorical.from_codes(
        np.where(np.isnan(ranks), -1, np.minimum(np.nan_to_num(ranks) * 5.0, 4.0)).astype(np.int8),
        categories=pd.Index(["1 lowest", "2", "3", "4", "5 highest"]),
        ordered=True,
    )
