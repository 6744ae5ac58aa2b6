"""The working memory of the passes that vary a history: one person's records in rows that can be changed and cut."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import allocating_jit, inlined
from pension._hints import NOT_NEGATIVE, prefetch
from pension.checks.range_check import Records
from pension.kernels.cells import province_position
from pension.schema import FULL_YEAR

EMPLOYEE: Final = schema.SCHEME["employee"]
RESIDENT: Final = schema.SCHEME["resident"]
PLATFORM: Final = schema.FORM["platform"]
FORCED: Final = schema.FLAG_TEMPORARY | schema.FLAG_ORDINARY
_FRACTION: Final = 1
_ACTUAL: Final = 2
NO_EXITS_FROM: Final = 12 * 2010
"""From 2010-01 relations are transferred (国办发〔2009〕66号): leaving a province ends nothing."""


class Figures(NamedTuple):
    """The parameters that the passes read."""

    wages: npt.NDArray[np.float64]
    """[place, year]: reference wage of the year before, yuan/month."""
    floor: npt.NDArray[np.float64]
    """[place, month]: ``Tables.base_floor``."""
    ceiling: npt.NDArray[np.float64]
    """[place, month]: ``Tables.base_ceiling``."""
    uniform: npt.NDArray[np.int64]
    """[place, year]: 1 where both limits hold all year."""
    own_rate: npt.NDArray[np.float64]
    """[place, month, kind]."""
    account_rate: npt.NDArray[np.float64]
    """[place, month]."""
    one_rate: npt.NDArray[np.int64]
    """[place, year, kind]: 1 where both rates hold all year."""
    book_rate: npt.NDArray[np.float64]
    """[place, year]: of employee accounts."""
    growth: npt.NDArray[np.float64]
    """[place, year]: cumulated to the year's end."""
    ages: npt.NDArray[np.int64]
    """``Tables.ages``."""


class Rows(NamedTuple):
    """Some records of one person, wide enough to compute with: the columns of ``Records``, and what the passes note."""

    year: npt.NDArray[np.int64]
    months: npt.NDArray[np.int64]
    scheme: npt.NDArray[np.int64]
    form: npt.NDArray[np.int64]
    place: npt.NDArray[np.int64]
    work_place: npt.NDArray[np.int64]
    base: npt.NDArray[np.float64]
    income: npt.NDArray[np.float64]
    payer_share: npt.NDArray[np.float64]
    flags: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    """Position of the province of the place."""
    gets: npt.NDArray[np.int64]
    """1 where the base is worked out from incomes."""
    source: npt.NDArray[np.int64]
    """The recorded record that it comes from."""
    earned: npt.NDArray[np.int64]
    """Months of its income, whatever becomes of the insurance: as recorded; of a resident record the calendar year."""
    key: npt.NDArray[np.int64]
    """What ``put_in_order`` sorts by."""


class Work(NamedTuple):
    """Working memory of one block of people."""

    rows: Rows
    order: npt.NDArray[np.int64]
    """[record]: positions of the records that remain, in the order of the format."""
    refund_month: npt.NDArray[np.int64]
    refund_yuan: npt.NDArray[np.float64]
    refund_award: npt.NDArray[np.float64]
    """[refund]: the same money had it stayed in the account to the award."""
    piece_base: npt.NDArray[np.float64]
    piece_mask: npt.NDArray[np.int64]
    gone: Rows
    """What was surrendered."""
    gone_order: npt.NDArray[np.int64]


@allocating_jit
def _new_rows(size: int) -> Rows:
    return Rows(
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
        np.zeros(size, dtype=np.int64),
    )


@allocating_jit
def new_work(records: int) -> Work:
    """Working memory for people of at most so many records: a base may differ in every month of one."""
    most = 13 * records + 1
    return Work(
        _new_rows(most),
        np.zeros(most, dtype=np.int64),
        np.zeros(most, dtype=np.int64),
        np.zeros(most),
        np.zeros(most),
        np.zeros(12),
        np.zeros(12, dtype=np.int64),
        _new_rows(most),
        np.zeros(most, dtype=np.int64),
    )


class Refunds(NamedTuple):
    """What was refunded at exits before 2010."""

    offsets: npt.NDArray[np.int64]
    """[person + 1]: the refunds of person i are ``offsets[i]`` to ``offsets[i + 1] - 1``."""
    month: npt.NDArray[np.int64]
    """[refund]: month of the exit (serial), in which it is paid."""
    yuan: npt.NDArray[np.float64]
    """[refund]: own contributions with book interest, yuan of that month."""
    at_award: npt.NDArray[np.float64]
    """[refund]: the same money had it stayed in the account to the award, yuan."""


@allocating_jit
def new_records(size: int) -> Records:
    return Records(
        np.empty(size, dtype=np.int16),
        np.empty(size, dtype=np.int16),
        np.empty(size, dtype=np.int8),
        np.empty(size, dtype=np.int8),
        np.empty(size, dtype=np.int16),
        np.empty(size, dtype=np.int16),
        np.empty(size),
        np.empty(size),
        np.empty(size),
        np.empty(size, dtype=np.int16),
    )


@allocating_jit
def first_of(r: Records, n: int) -> Records:
    """The first ``n`` records."""
    return Records(
        r.year[:n],
        r.months[:n],
        r.scheme[:n],
        r.form[:n],
        r.place[:n],
        r.work_place[:n],
        r.base[:n],
        r.income[:n],
        r.payer_share[:n],
        r.flags[:n],
    )


@allocating_jit
def longer(r: Records, n: int, more: int) -> Records:
    """Room for the ``n`` records that there are, ``more``, and as many again."""
    out = new_records(2 * (n + more))
    out.year[:n], out.months[:n], out.scheme[:n], out.form[:n] = r.year[:n], r.months[:n], r.scheme[:n], r.form[:n]
    out.place[:n], out.work_place[:n], out.flags[:n] = r.place[:n], r.work_place[:n], r.flags[:n]
    out.base[:n], out.income[:n], out.payer_share[:n] = r.base[:n], r.income[:n], r.payer_share[:n]
    return out


@inlined
def is_paid(rows: Any, j: int) -> bool:
    """A paid employee record with months."""
    return rows.scheme[j] == EMPLOYEE and rows.flags[j] & schema.FLAG_DEEMED == 0 and rows.months[j] != 0


@inlined
def up_to(year: int, month: int) -> int:
    """Mask of the months of ``year`` to ``month`` (serial)."""
    return (1 << min(max(month - 12 * year + 1, 0), 12)) - 1


@inlined
def floor_of(plan: Any, t: Any, at: int, y: int, k: int) -> float:
    """The floor of bases worked out from incomes, yuan/month, at a place in month ``k`` of the year at ``y``: that of
    the place, a fraction of its reference wage, or none (provision ``floor``)."""
    if plan.floor == _FRACTION:
        return plan.fraction * t.wages[at, y]
    return 0.0 if plan.floor == _ACTUAL else t.floor[at, 12 * y + k]


@inlined
def _copy(column: Any, begin: int, n: int, out: Any, at: int) -> None:
    """Copy ``n`` values of a column, from ``begin`` on, to ``out`` from ``at`` on."""
    for k in range(n):
        out[(at + k) & NOT_NEGATIVE] = column[(begin + k) & NOT_NEGATIVE]


@inlined
def _copy_eights(column: Any, begin: int, n: int, out: Any, at: int) -> None:
    """``_copy`` of eight or more: eight at once, the last ones perhaps a second time."""
    k = 0
    while k < n:
        k = min(k, n - 8)
        i, o = (begin + k) & NOT_NEGATIVE, (at + k) & NOT_NEGATIVE
        a, b, c, d = column[i], column[i + 1], column[i + 2], column[i + 3]
        e, f, g, h = column[i + 4], column[i + 5], column[i + 6], column[i + 7]
        out[o], out[o + 1], out[o + 2], out[o + 3] = a, b, c, d
        out[o + 4], out[o + 5], out[o + 6], out[o + 7] = e, f, g, h
        k += 8


@inlined
def fetch(h: Any, i: int) -> None:
    """Start to fetch the records of person ``i``: who is varied may stand far behind the last one."""
    begin = h.offsets[i]
    prefetch(h.year, (begin,))
    prefetch(h.months, (begin,))
    prefetch(h.place, (begin,))
    prefetch(h.work_place, (begin,))
    prefetch(h.flags, (begin,))
    prefetch(h.scheme, (begin,))
    prefetch(h.form, (begin,))
    for j in range(begin, h.offsets[i + 1], 8):
        prefetch(h.base, (j,))
        prefetch(h.income, (j,))
        prefetch(h.payer_share, (j,))


@inlined
def load(h: Any, i: int, rows: Any) -> int:
    """Copy the recorded history of person ``i``, column by column; returns the number of records."""
    begin = h.offsets[i]
    n = h.offsets[i + 1] - begin
    _copy(h.year, begin, n, rows.year, 0)
    _copy(h.months, begin, n, rows.months, 0)
    _copy(h.scheme, begin, n, rows.scheme, 0)
    _copy(h.form, begin, n, rows.form, 0)
    _copy(h.place, begin, n, rows.place, 0)
    _copy(h.work_place, begin, n, rows.work_place, 0)
    _copy(h.base, begin, n, rows.base, 0)
    _copy(h.income, begin, n, rows.income, 0)
    _copy(h.payer_share, begin, n, rows.payer_share, 0)
    _copy(h.flags, begin, n, rows.flags, 0)
    code, at = -1, -1
    for k in range(n):
        j = k & NOT_NEGATIVE
        if h.place[begin + j] != code:
            code = h.place[begin + j]
            at = province_position(code)
        rows.at[j], rows.source[j] = at, begin + j
    return n


@inlined
def note_incomes(rows: Any, n: int) -> None:
    """Note the months of each income, before anything is done to the insurance; no base is worked out yet."""
    for j in range(n):
        rows.gets[j] = 0
        rows.earned[j] = FULL_YEAR if rows.scheme[j] == RESIDENT else rows.months[j]


@inlined
def copy_row(rows: Any, j: int, out: Any, k: int) -> None:
    out.year[k], out.months[k], out.scheme[k], out.form[k] = rows.year[j], rows.months[j], rows.scheme[j], rows.form[j]
    out.place[k], out.work_place[k], out.flags[k] = rows.place[j], rows.work_place[j], rows.flags[j]
    out.base[k], out.income[k], out.payer_share[k] = rows.base[j], rows.income[j], rows.payer_share[j]
    out.at[k], out.gets[k], out.source[k], out.earned[k] = rows.at[j], rows.gets[j], rows.source[j], rows.earned[j]


@inlined
def covers(rows: Any, j: int, month: int) -> bool:
    return rows.year[j] == month // 12 and (rows.months[j] >> month % 12) & 1 == 1 and is_paid(rows, j)


@inlined
def _key(rows: Any, j: int) -> int:
    return ((rows.year[j] * 4 + rows.scheme[j]) * 16384 + rows.place[j] + 1) * 8 + rows.form[j]


@inlined
def put_in_order(rows: Any, n: int, order: Any) -> int:
    """Put the positions of the records that have months into ``order``, by year, scheme, place and form; returns how
    many there are."""
    disorder = 0
    for k in range(n):  # without a way out: several records at once
        disorder |= rows.months[k & NOT_NEGATIVE] == 0
    for k in range(1, n):
        disorder |= _key(rows, (k - 1) & NOT_NEGATIVE) > _key(rows, k & NOT_NEGATIVE)
    if not disorder:  # as with most people
        for j in range(n):
            order[j & NOT_NEGATIVE] = j
        return n
    kept, last = 0, -1
    for j in range(n):
        if rows.months[j] == 0:
            continue
        key, k = _key(rows, j), kept
        rows.key[j] = key
        if key < last:
            while k > 0 and rows.key[order[(k - 1) & NOT_NEGATIVE]] > key:
                order[k] = order[k - 1]
                k -= 1
        else:
            last = key
        order[k] = j
        kept += 1
    return kept


@inlined
def write(out: Any, at: int, rows: Any, order: Any, n: int) -> None:
    """Write the ``n`` rows that ``order`` names into the records ``out`` from ``at`` on."""
    begin, straight = order[0], True
    for k in range(n):
        straight &= order[k & NOT_NEGATIVE] == begin + k
    if straight and n >= 8:  # as with most people
        _copy_eights(rows.year, begin, n, out.year, at)
        _copy_eights(rows.months, begin, n, out.months, at)
        _copy_eights(rows.scheme, begin, n, out.scheme, at)
        _copy_eights(rows.form, begin, n, out.form, at)
        _copy_eights(rows.place, begin, n, out.place, at)
        _copy_eights(rows.work_place, begin, n, out.work_place, at)
        _copy_eights(rows.base, begin, n, out.base, at)
        _copy_eights(rows.income, begin, n, out.income, at)
        _copy_eights(rows.payer_share, begin, n, out.payer_share, at)
        _copy_eights(rows.flags, begin, n, out.flags, at)
        return
    for k in range(n):
        j = order[k]
        out.year[at + k], out.months[at + k] = rows.year[j], rows.months[j]
        out.scheme[at + k], out.form[at + k] = rows.scheme[j], rows.form[j]
        out.place[at + k], out.work_place[at + k] = rows.place[j], rows.work_place[j]
        out.base[at + k], out.income[at + k], out.payer_share[at + k] = (
            rows.base[j],
            rows.income[j],
            rows.payer_share[j],
        )
        out.flags[at + k] = rows.flags[j]
