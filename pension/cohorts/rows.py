"""What every synthetic cohort shares: the law it reads, the columns it writes, blocks of people in threads.

A kernel writes whole people into a buffer of rows until the next one might not fit; the rows of all blocks are then
moved into their columns. Only sums, products and quotients of doubles are used, no powers or exponentials, so that
another machine gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pension import schema
from pension._compile import PLAIN, in_threads, jit, kernel
from pension.checks.range_check import Records
from pension.cohorts.random_numbers import MASK64
from pension.histories import DTYPES, Histories
from pension.tables.dense import FIRST_YEAR, N_YEARS, Tables

N_PROVINCES: Final = 31
"""The first places of ``schema.PLACES``; nobody is placed in the Xinjiang Corps, which has no data of its own."""
FIRST_WAGE_YEAR: Final = 1985
LAST_WAGE_YEAR: Final = 2070
"""Reference wages of these years are needed in every province."""
MAX_RECORDS: Final = 1024
"""Room for one person: at most 85 years of a dozen records."""
_BLOCK: Final = 4096
_ROWS_A_PERSON: Final = 64
"""Room for a block: more than people have on average; a fuller block is written in several parts."""

# Everything a kernel reads is one record, so that functions pass one pointer: passing a dozen arrays to each of them
# took three times as long, and minutes to compile.
LAW_FIELDS: Final[list[Any]] = [
    ("reference_wage", np.float64, (schema.N_PLACES, N_YEARS)),
    ("ages", np.int64, (6, 5)),
    ("minimum_months", np.int64, (N_YEARS,)),
    ("lowest_tier", np.float64, (schema.N_PLACES, N_YEARS)),  # in December
    ("resident_start", np.int64, (schema.N_PLACES,)),
    ("account_start", np.int64, (schema.N_PLACES,)),
    ("codes", np.int16, (schema.N_PLACES,)),
]
"""The tables of ``pension.tables.dense`` that careers depend on, and the GB/T 2260 codes of places."""


class People(NamedTuple):
    """Columns of people that are written."""

    sex: npt.NDArray[np.int8]
    retirement_category: npt.NDArray[np.int8]
    birth: npt.NDArray[np.int32]
    hukou: npt.NDArray[np.int16]
    hukou_type: npt.NDArray[np.int8]
    claim: npt.NDArray[np.int32]
    resident_start: npt.NDArray[np.int32]
    weight: npt.NDArray[np.float64]
    income_fifth: npt.NDArray[np.int8]
    moves: npt.NDArray[np.int8]


_RECORD: Final = np.dtype([(f"{name}_", DTYPES[name]) for name in Records._fields], align=True)
"""A row of a buffer; underscores, as arrays of NumPy have attributes of their own called base and flags."""


@jit
def write(
    rows: Any,
    n: int,
    year: int,
    months: int,
    scheme: int,
    form: int,
    place: int,
    work_place: int,
    base: float,
    income: float,
    payer_share: float,
    flags: int,
) -> int:
    """Write record ``n``; returns the number of the next one."""
    row = rows[n]
    row.year_ = year
    row.months_ = months
    row.scheme_ = scheme
    row.form_ = form
    row.place_ = place
    row.work_place_ = work_place
    row.base_ = base
    row.income_ = income
    row.payer_share_ = payer_share
    row.flags_ = flags
    return n + 1


@jit
def _copy(source: Any, target: Any) -> None:
    target.year_ = source.year_
    target.months_ = source.months_
    target.scheme_ = source.scheme_
    target.form_ = source.form_
    target.place_ = source.place_
    target.work_place_ = source.work_place_
    target.base_ = source.base_
    target.income_ = source.income_
    target.payer_share_ = source.payer_share_
    target.flags_ = source.flags_


@jit
def _rank(row: Any) -> int:
    return (int(row.scheme_) * 20_000 + int(row.place_) + 1) * 8 + int(row.form_)


@jit
def sort_year(rows: Any, first: int, last: int) -> None:
    """Put the records of one calendar year in order of (scheme, place, form); few, and nearly sorted."""
    spare = rows[rows.shape[0] - 1]
    for i in range(first + 1, last):
        rank = _rank(rows[i])
        if rank >= _rank(rows[i - 1]):
            continue
        _copy(rows[i], spare)
        j = i
        while j > first and rank < _rank(rows[j - 1]):
            _copy(rows[j - 1], rows[j])
            j -= 1
        _copy(spare, rows[j])


@jit
def whole_yuan(amount: float) -> float:
    """Half-up, and at least 1 yuan."""
    return float(max(1.0, np.floor(amount + 0.5)))


@kernel
def _move(rows: Any, first: int, last: int, offset: int, records: Any) -> None:
    """Move rows ``first`` .. ``last`` into the columns from ``offset`` on."""
    for k in range(first, last):
        row, j = rows[k], offset + k
        records.year[j] = row.year_
        records.months[j] = row.months_
        records.scheme[j] = row.scheme_
        records.form[j] = row.form_
        records.place[j] = row.place_
        records.work_place[j] = row.work_place_
        records.base[j] = row.base_
        records.income[j] = row.income_
        records.payer_share[j] = row.payer_share_
        records.flags[j] = row.flags_


def with_law(target: npt.NDArray[Any], tables: Tables) -> npt.NDArray[Any]:
    """``target`` (one record) with the tables that careers depend on; every wage that can occur must be known."""
    wages = tables.reference_wage[:N_PROVINCES, FIRST_WAGE_YEAR - FIRST_YEAR : LAST_WAGE_YEAR + 1 - FIRST_YEAR]
    unknown = np.argwhere(~(wages > 0.0))
    if unknown.size:
        place, year = unknown[0]
        raise ValueError(
            f"no reference wage of {schema.PLACES[place][2]} {FIRST_WAGE_YEAR + year}: bases cannot be drawn"
        )
    for name in ("reference_wage", "ages", "minimum_months", "resident_start", "account_start"):
        target[name][0] = getattr(tables, name)
    target["lowest_tier"][0] = tables.lowest_tier[:, 11::12]
    target["codes"][0] = [code for code, _, _ in schema.PLACES]
    fixed = _attributes(np.ascontiguousarray(target)).view()
    fixed.flags.writeable = False  # always the same array type: one specialisation
    return fixed


def _attributes(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Fields by attribute also where nothing is compiled."""
    return array.view(np.recarray) if PLAIN else array


class _Part(NamedTuple):
    """The rows of some consecutive people."""

    first: int
    last: int
    rows: npt.NDArray[Any]


def build(
    write_people: Callable[..., int],
    setting: npt.NDArray[Any],
    persons: int,
    seed: int,
    first: int,
    *,
    with_extra: bool,
) -> Histories:
    """People ``first`` .. ``first + persons - 1`` of a cohort, identifiers counted from 1.

    ``write_people(setting, begin, end, seed, first, people, counts, rows)`` writes people ``first + i`` for ``begin <=
    i < end`` and returns the first ``i`` that found less than ``MAX_RECORDS`` free rows (the last row is spare).
    """
    if persons < 0 or seed < 0 or first < 0:
        raise ValueError(f"persons, seed and first are not negative: {persons}, {seed}, {first}")
    extra_types = {"income_fifth": np.dtype(np.int8), "moves": np.dtype(np.int8)}
    people = People(*(np.empty(persons, dtype=extra_types.get(name) or DTYPES[name]) for name in People._fields))
    counts, offsets = np.zeros(persons, dtype=np.int64), np.zeros(persons + 1, dtype=np.int64)
    stream = np.uint64(seed & MASK64)
    parts: list[_Part] = []

    def work(_: object, begin: int, end: int) -> None:
        buffer = _attributes(np.empty(min(_BLOCK, end - begin) * _ROWS_A_PERSON + MAX_RECORDS + 1, _RECORD))
        while begin < end:
            with np.errstate(over="ignore"):  # where nothing is compiled
                stop = write_people(setting, begin, min(end, begin + _BLOCK), stream, first, people, counts, buffer)
            parts.append(_Part(begin, stop, buffer[: counts[begin:stop].sum()].copy()))
            begin = stop

    in_threads(work, persons, None)
    np.cumsum(counts, out=offsets[1:])
    records = Records(*(np.empty(int(offsets[-1]), dtype=DTYPES[name]) for name in Records._fields))

    def collect(_: object, begin: int, end: int) -> None:
        for part in parts[begin:end]:
            _move(_attributes(part.rows), 0, part.rows.shape[0], offsets[part.first], records)

    in_threads(collect, len(parts), None)
    columns: dict[str, Any] = {**people._asdict(), **records._asdict(), "offsets": offsets}
    fifth, moves = columns.pop("income_fifth"), columns.pop("moves")
    extra = pa.table({"x_income_fifth": fifth, "x_moves": moves}) if with_extra else None
    identifiers = pa.array(np.arange(first + 1, first + persons + 1, dtype=np.int64))
    return Histories.build(identifiers, columns, extra)
