"""Tables that the NumPy baseline makes of the parameters for one run: what a record, a resident pension, a subsidy is
worth by place, year, months and award, so that whole arrays need one look-up and one product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.kernels import valuation as val
from pension.kernels.cells import LOWEST
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, Tables

if TYPE_CHECKING:
    from pension.histories import HistoryArrays
    from pension.tables.world import World

Array = npt.NDArray[Any]
Float = npt.NDArray[np.float64]

PLACES: Final = schema.N_PLACES
MONTHS: Final = 12 * 60 + 1
"""Months of contributions that the table of year premiums covers."""


class RecordTables(NamedTuple):
    """What one yuan of base is worth by place, year and mask; the first mask is that of records that do not count."""

    first_year: int
    years: int
    mask_of: Array
    """[scheme * 4096 + months] -> number of the mask."""
    n_masks: int
    position: Array
    """[place code] -> position."""
    months: Float
    """[mask]: how many."""
    lowest: Array
    """[mask]: lowest month."""
    indices: Float
    """[place, year, mask]: months / reference wage."""
    account: Float
    """[place, year, mask]: account money of one yuan of base over the book growth to the year's end."""


def record_tables(tables: Tables, h: HistoryArrays, masks: Array) -> RecordTables:
    """Tables for the years and masks that occur."""
    first, last = int(h.year.min()), int(h.year.max())
    years = last - first + 1
    span = slice(first - FIRST_YEAR, last + 1 - FIRST_YEAR)
    bits = ((masks[:, None] >> np.arange(12)) & 1).astype(np.float64)
    earning = bits * (12 - np.arange(12))
    rate = tables.employee_rate[:, span, None, None] / 12.0
    months = slice(12 * (first - FIRST_YEAR), 12 * (last + 1 - FIRST_YEAR))
    by_month = (PLACES, years, 12)
    # Month by month for every place, year and mask: the years in which a rate changes need no special case.
    bearing = (bits + rate * earning) / tables.employee_growth[:, span, None, None]
    account = np.einsum("pymk,pyk->pym", bearing, tables.account_rate[:, months].reshape(by_month))
    counts = bits.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        index = counts / tables.reference_wage[:, span.start - 1 : span.stop - 1, None]
    mask_of = np.zeros(3 * 4096, dtype=np.intp)
    mask_of[4096 + masks] = 1 + np.arange(masks.size)
    position = np.zeros(100, dtype=np.intp)
    for code, place in schema.PLACE_INDEX.items():
        position[code] = place
    empty = np.zeros((PLACES, years, 1))
    return RecordTables(
        first,
        years,
        mask_of,
        masks.size + 1,
        position,
        np.concatenate([[0.0], counts]),
        np.concatenate([[0], LOWEST[masks]]),
        np.concatenate([empty, index], axis=2).ravel(),
        np.concatenate([empty, account], axis=2).ravel(),
    )


class Births(NamedTuple):
    """Sex, birth, award and reference month of every row of the table of awards."""

    sex: Array
    birth: Array
    award: Array
    reference: Array


def _stream(w: World, b: Births, start: Array, column: int) -> Float:
    """``valuation.stream`` for whole arrays; ``start`` [row] or [row, …]."""
    shape = (-1,) + (1,) * (start.ndim - 1)
    sex, line, birth, reference = (x.reshape(shape) for x in (b.sex - 1, b.birth - w.first_birth, b.birth, b.reference))
    at_reference = reference - birth - val.FIRST_AGE
    first = np.clip(np.maximum(start, reference) - birth - val.FIRST_AGE, 0, val.AGE_MONTHS)
    value = w.weights[sex, line, first, column] / w.weights[sex, line, at_reference, val.WEIGHT]
    until = reference - FIRST_MONTH
    since = np.minimum(start, reference) - FIRST_MONTH
    before = w.prefix[until, column - val.LEVEL] - w.prefix[since, column - val.LEVEL]
    return value + before * w.interest[until]  # type: ignore[no-any-return]


def _basic_stream(tables: Tables, w: World, b: Births, start: Array) -> Float:
    """Value of the resident basic pension of every place from ``start`` [row, place]."""
    horizon = tables.resident_basic_horizon
    total = np.zeros(start.shape)
    for t in range(int(start.min()), horizon):
        month = np.full(b.birth.shape, t)
        weight = _stream(w, b, month, val.LEVEL) - _stream(w, b, month + 1, val.LEVEL)
        level = tables.resident_basic[:, t - FIRST_MONTH]
        total += np.where(start <= t, weight[:, None] * level, 0.0)
    later = np.maximum(start, horizon)
    last = tables.resident_basic[:, horizon - 1 - FIRST_MONTH]
    return total + last * _stream(w, b, later, val.ALPHA) + _stream(w, b, later, val.BETA)


class ResidentTables(NamedTuple):
    """What a resident pension from one start is worth, by [award row * places + place]."""

    monthly: Float
    """Basic pension and supplement in the first month."""
    value: Float
    """Their value."""
    level: Float
    """[row]: value of one yuan a month."""
    version: Array
    """Version of the year premium in the first month."""
    multiple: Float
    """What its amount is multiplied with: 1, or the basic pension."""
    factors: list[tuple[int, Float]]
    """Value of one yuan of each version that is paid."""


def resident_tables(tables: Tables, w: World, b: Births, start: Array) -> ResidentTables:
    """Tables for resident pensions from month ``start`` [row] on."""
    here = np.broadcast_to(start[:, None], (start.size, PLACES))
    basic = tables.resident_basic[np.arange(PLACES), here - FIRST_MONTH]
    value = _basic_stream(tables, w, b, here)
    supplement = np.zeros(here.shape)
    age = (start - 1 - b.birth) // 12
    end_of_life = (b.birth + val.FIRST_AGE + val.AGE_MONTHS)[:, None]
    for band in range(tables.supplement.shape[1]):
        from_age, below, amount, since = tables.supplement[:, band].T
        paid = (amount != 0.0) & (from_age <= age[:, None]) & (age[:, None] < below) & (start[:, None] >= since)
        supplement += np.where(paid, amount, 0.0)
        begins = np.maximum(here, np.maximum(b.birth[:, None] + 12 * from_age.astype(int) + 1, since.astype(int)))
        open_end = np.where(np.isfinite(below), below, 0).astype(int)
        ends = np.where(np.isfinite(below), b.birth[:, None] + 12 * open_end + 1, end_of_life)
        ends = np.minimum(ends, end_of_life)
        worth = _stream(w, b, begins, val.LEVEL) - _stream(w, b, np.maximum(ends, begins), val.LEVEL)
        value += np.where((amount != 0.0) & (begins < ends), amount * worth, 0.0)
    since, fraction = tables.premium_from, tables.premium_is_fraction == 1
    version = np.zeros(here.shape, dtype=np.intp)
    for v in range(since.shape[1]):
        version[here >= since[:, v]] = v
    in_force = since[np.arange(PLACES), version] <= here
    multiple = np.where(fraction[np.arange(PLACES), version], basic, 1.0) * in_force
    factors = []
    for v in range(since.shape[1]):
        used = tables.premium_segments[:, v, :, 2].any(axis=1)
        if not used.any():
            continue
        begins = np.maximum(here, since[:, v])
        ends = np.broadcast_to(end_of_life, here.shape)
        if v + 1 < since.shape[1]:
            ends = np.minimum(ends, since[:, v + 1])
        paid = used & (begins < ends)
        begins, ends = np.where(paid, begins, here), np.where(paid, ends, here)
        alive = ends < end_of_life
        ends = np.where(alive, ends, here)
        level = _stream(w, b, begins, val.LEVEL) - np.where(alive, _stream(w, b, ends, val.LEVEL), 0.0)
        by_basic = _basic_stream(tables, w, b, begins) - np.where(alive, _basic_stream(tables, w, b, ends), 0.0)
        factor = np.where(fraction[:, v], by_basic, level)
        factor = np.where(paid, factor, 0.0)
        if factor.any():
            factors.append((v, np.ascontiguousarray(factor).ravel()))
    return ResidentTables(
        (basic + supplement).ravel(),
        value.ravel(),
        _stream(w, b, start, val.LEVEL),
        version.ravel(),
        multiple.ravel(),
        factors,
    )


def premium_amounts(tables: Tables) -> Float:
    """Year premium by [place, version, months of contribution], yuan a month or fractions of the basic pension."""
    years = np.arange(MONTHS) / 12.0
    amounts = np.zeros((*tables.premium_from.shape, MONTHS))
    for segment in range(tables.premium_segments.shape[2]):
        above, up_to, amount = (tables.premium_segments[:, :, segment, k, None] for k in range(3))
        part = amount * np.maximum(0.0, np.minimum(years, up_to) - above)
        amounts += np.where(amount != 0.0, part, 0.0)
    return amounts


class SubsidyTables(NamedTuple):
    """Subsidies of resident years booked in December, as one sorted list of (table, tier)."""

    table: Array
    """[place, year] -> number of the table in force."""
    keys: Float
    amounts: Float
    """[row]: NaN where the legal floor is paid."""


KEY_STEP: Final = 1e7


def subsidy_tables(tables: Tables, first_year: int, years: int) -> SubsidyTables:
    """Every table of tiers once, with a leading row below all tiers that gives the legal floor."""
    december = 12 * (first_year - FIRST_YEAR) + 11 + 12 * np.arange(years)
    start = tables.subsidy_start[:, december]
    stop = tables.subsidy_stop[:, december]
    spans, table = np.unique(start * 100_000 + stop, return_inverse=True)
    keys: list[float] = []
    amounts: list[float] = []
    for number, span in enumerate(spans.tolist()):
        rows = tables.subsidy_tiers[span // 100_000 : span % 100_000]
        keys += [number * KEY_STEP, *(number * KEY_STEP + rows[:, 0]).tolist()]
        amounts += [np.nan, *rows[:, 1].tolist()]
    return SubsidyTables(table.reshape(PLACES, years), np.array(keys), np.array(amounts))
