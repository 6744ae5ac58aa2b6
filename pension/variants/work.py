"""The working memory of the passes that vary a history: one person's records in rows that can be changed and cut."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import allocating_jit, inlined
from pension.checks.range_check import Records
from pension.kernels.cells import province_position
from pension.schema import FULL_YEAR

# --- columns of the working memory
YEAR: Final = 0
MASK: Final = 1
SCHEME: Final = 2
FORM: Final = 3
PLACE: Final = 4
WORK: Final = 5
FLAGS: Final = 6
AT: Final = 7
"""Position of the province of PLACE."""
GETS: Final = 8
"""1 where the base is worked out from incomes."""
SOURCE: Final = 9
"""The recorded record that it comes from."""
EARNED: Final = 10
"""Months of its income: those recorded, of a resident record the calendar year, whatever becomes of the insurance."""
N_WHOLE: Final = 11
BASE: Final = 0
INCOME: Final = 1
SHARE: Final = 2
N_REAL: Final = 3

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
    book_rate: npt.NDArray[np.float64]
    """[place, year]: of employee accounts."""
    growth: npt.NDArray[np.float64]
    """[place, year]: cumulated to the year's end."""
    ages: npt.NDArray[np.int64]
    """``Tables.ages``."""


class Work(NamedTuple):
    """Working memory of one block of people."""

    whole: npt.NDArray[np.int64]
    """[record, column]."""
    real: npt.NDArray[np.float64]
    """[record, column]."""
    order: npt.NDArray[np.int64]
    """[record]: positions of the records that remain, in the order of the format."""
    refund_month: npt.NDArray[np.int64]
    refund_yuan: npt.NDArray[np.float64]
    refund_award: npt.NDArray[np.float64]
    """[refund]: the same money had it stayed in the account to the award."""
    piece_base: npt.NDArray[np.float64]
    piece_mask: npt.NDArray[np.int64]
    gone: npt.NDArray[np.int64]
    """[record, column]: what was surrendered, as ``whole``."""
    gone_real: npt.NDArray[np.float64]
    gone_order: npt.NDArray[np.int64]


@allocating_jit
def new_work(records: int) -> Work:
    """Working memory for people of at most so many records: a base may differ in every month of one."""
    most = 13 * records + 1
    return Work(
        np.zeros((most, N_WHOLE), dtype=np.int64),
        np.zeros((most, 3)),
        np.zeros(most, dtype=np.int64),
        np.zeros(most, dtype=np.int64),
        np.zeros(most),
        np.zeros(most),
        np.zeros(12),
        np.zeros(12, dtype=np.int64),
        np.zeros((most, N_WHOLE), dtype=np.int64),
        np.zeros((most, 3)),
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
def is_paid(w: Any, j: int) -> bool:
    """A paid employee record with months."""
    return w.whole[j, SCHEME] == EMPLOYEE and w.whole[j, FLAGS] & schema.FLAG_DEEMED == 0 and w.whole[j, MASK] != 0


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
def load(h: Any, i: int, w: Any) -> int:
    n = 0
    for j in range(h.offsets[i], h.offsets[i + 1]):
        line, real = w.whole[n], w.real[n]
        line[YEAR], line[MASK], line[SCHEME], line[FORM] = h.year[j], h.months[j], h.scheme[j], h.form[j]
        line[PLACE], line[WORK], line[FLAGS] = h.place[j], h.work_place[j], h.flags[j]
        line[AT], line[GETS], line[SOURCE] = province_position(h.place[j]), 0, j
        line[EARNED] = FULL_YEAR if h.scheme[j] == RESIDENT else h.months[j]
        real[BASE], real[INCOME], real[SHARE] = h.base[j], h.income[j], h.payer_share[j]
        n += 1
    return n


@inlined
def covers(w: Any, j: int, month: int) -> bool:
    return is_paid(w, j) and w.whole[j, YEAR] == month // 12 and (w.whole[j, MASK] >> month % 12) & 1 == 1


@inlined
def _key(whole: Any, j: int) -> int:
    line = whole[j]
    return ((line[YEAR] * 4 + line[SCHEME]) * 16384 + line[PLACE] + 1) * 8 + line[FORM]


@inlined
def put_in_order(whole: Any, n: int, order: Any) -> int:
    """Put the positions of the records that have months into ``order``, by year, scheme, place and form."""
    kept, last = 0, -1
    for j in range(n):
        if whole[j, MASK] == 0:
            continue
        key, k = _key(whole, j), kept
        if key < last:
            while k > 0 and _key(whole, order[k - 1]) > key:
                order[k] = order[k - 1]
                k -= 1
        else:
            last = key
        order[k] = j
        kept += 1
    return kept


@inlined
def write(out: Any, at: int, line: Any, real: Any) -> None:
    out.year[at], out.months[at] = line[YEAR], line[MASK]
    out.scheme[at], out.form[at] = line[SCHEME], line[FORM]
    out.place[at], out.work_place[at] = line[PLACE], line[WORK]
    out.base[at], out.income[at], out.payer_share[at] = real[BASE], real[INCOME], real[SHARE]
    out.flags[at] = line[FLAGS]
