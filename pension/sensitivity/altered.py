"""Histories of many people altered at once: another earnings index, fewer months, more moves. No law is here.

Each function takes the arrays of checked histories and gives new ones of the same people; the engine settles them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.checks.range_check import PLACE_LOOKUP
from pension.errors import refuse
from pension.groups import mean_index
from pension.histories import RECORD_TYPES, HistoryArrays
from pension.inputs.history_arrays import ends, owners, with_records
from pension.kernels.cells import POPCOUNT
from pension.tables.dense import FIRST_YEAR

if TYPE_CHECKING:
    from pension.parameters import Parameters

Int = npt.NDArray[np.int64]

MOST_POPULOUS: Final = 13
"""Provinces through which ``moving`` leads: thirteen places are twelve moves."""


def _with(h: HistoryArrays, owner: Int, keep: npt.NDArray[np.bool_] | None = None, **columns: Any) -> HistoryArrays:
    """The same people with some columns of their records replaced, some records dropped; order and types as needed."""
    kept = np.ones(owner.size, dtype=np.bool_) if keep is None else keep
    records = {name: np.asarray(columns.get(name, getattr(h, name)))[kept] for name in RECORD_TYPES}
    of = owner[kept]
    order = np.lexsort((records["form"], records["place"], records["scheme"], records["year"], of))
    offsets = ends(np.bincount(of, minlength=h.sex.size))
    return with_records(h, offsets, {name: values[order] for name, values in records.items()})


def paid(h: HistoryArrays) -> npt.NDArray[np.bool_]:
    """[record]: paid employee records, deemed ones left out."""
    return (h.scheme == schema.SCHEME["employee"]) & (h.flags & schema.FLAG_DEEMED == 0)


def at_index(h: HistoryArrays, parameters: Parameters, index: float) -> HistoryArrays:
    """All paid employee bases times one number a person, so that his mean index becomes ``index``.

    The mean is over the paid months, each base over the reference wage of its own place the year before; the course of
    earnings over life stays. Who has no paid employee month stays as he is.
    """
    if not index > 0.0:
        raise refuse("an index is greater than 0", column="index", value=index)
    owner = owners(h.offsets)
    mean = mean_index(h, owner, parameters)
    factor = np.where(np.isnan(mean), 1.0, index / np.where(np.isnan(mean), 1.0, mean))
    return _with(h, owner, base=np.where(paid(h), h.base * factor[owner], h.base))


def _lowest_bits() -> Int:
    """[mask, n]: the n lowest of the months of a mask."""
    table = np.zeros((4096, 13), dtype=np.int64)
    masks = np.arange(4096)
    for n in range(1, 13):
        rest = masks & ~table[:, n - 1]
        table[:, n] = table[:, n - 1] | (rest & -rest)
    return table


_LOWEST_BITS: Final = _lowest_bits()


def _years(owner: Int, year: Int) -> tuple[Int, Int]:
    """(start of each run of records of one person and calendar year, run of each record); records in order."""
    fresh = np.ones(owner.size, dtype=np.bool_)
    fresh[1:] = (owner[1:] != owner[:-1]) | (year[1:] != year[:-1])
    return np.flatnonzero(fresh), np.cumsum(fresh) - 1


def _before(counts: Int, of: Int) -> Int:
    """Sum of the earlier ``counts`` of the same person."""
    total = np.cumsum(counts) - counts
    first = np.ones(of.size, dtype=np.bool_)
    first[1:] = of[1:] != of[:-1]
    return total - total[np.flatnonzero(first)][np.cumsum(first) - 1]


def at_most(h: HistoryArrays, months: int) -> HistoryArrays:
    """Only the first ``months`` employee months of each person, deemed ones included; a month in two places is one."""
    if months < 0:
        raise refuse("a number of months is not negative", column="months", value=months)
    owner = owners(h.offsets)
    at = np.flatnonzero(h.scheme == schema.SCHEME["employee"])
    if at.size == 0:
        return h
    starts, run = _years(owner[at], h.year[at].astype(np.int64))
    union = np.bitwise_or.reduceat(h.months[at].astype(np.int64), starts)
    count = POPCOUNT[union].astype(np.int64)
    left = np.clip(months - _before(count, owner[at][starts]), 0, count)
    mask = h.months.astype(np.int64)
    mask[at] &= _LOWEST_BITS[union, left][run]
    return _with(h, owner, mask > 0, months=mask)


def moving(h: HistoryArrays, parameters: Parameters, places: Sequence[int]) -> HistoryArrays:
    """The paid employee years of each person spread over ``places`` in order, moves at New Year, indices kept.

    Of J calendar years with paid months the j-th (from 0) is at place number ⌊j · len(places) / J⌋; a base keeps its
    ratio to the reference wage of the place and year. Deemed months and resident years stay where they are.
    """
    positions = np.array([schema.PLACE_INDEX.get(schema.province_of(place), -1) for place in places])
    if not len(places) or (positions < 0).any():
        raise refuse("places are GB/T 2260 codes, at least one", column="places", value=list(places))
    owner = owners(h.offsets)
    at = np.flatnonzero(paid(h))
    if at.size == 0:
        return h
    starts, run = _years(owner[at], h.year[at].astype(np.int64))
    of = owner[at][starts]
    number = _before(np.ones(starts.size, dtype=np.int64), of)
    segment = number * len(places) // np.bincount(of, minlength=h.sex.size)[of]
    year = h.year[at].astype(np.int64) - 1 - FIRST_YEAR
    wages = parameters.tables.reference_wage
    new = positions[segment][run]
    place, work, base, flags = h.place.copy(), h.work_place.copy(), h.base.copy(), h.flags.copy()
    base[at] *= wages[new, year] / wages[PLACE_LOOKUP[h.place[at]], year]
    place[at] = np.array(places)[segment][run]
    work[at] = schema.MISSING
    flags[at] &= ~(schema.FLAG_TEMPORARY | schema.FLAG_ORDINARY)
    return _with(h, owner, place=place, work_place=work, base=base, flags=flags)


def most_populous(parameters: Parameters) -> tuple[int, ...]:
    """Codes of the thirteen provinces with most people in 2020, the largest first (ties: lower code)."""
    rows = sorted(parameters.files["population"], key=lambda row: (-row["value"], row["place"]))
    return tuple(int(row["place"]) for row in rows[:MOST_POPULOUS])
