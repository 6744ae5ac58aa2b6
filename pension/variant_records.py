"""The compiled passes that turn one person's recorded history into another one: career, exit, enrolment, base, payer.

One pass a provision, in the order of ``base_provisions.BASE_PROVISIONS``, over a copy of the person's records in
working memory; what the law's choices leave alone is copied as it is. Everything is read off the record, so neither
splitting nor reordering records changes anything.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import base_provisions as base
from pension import schema
from pension._compile import allocating_jit, inlined, jit, kernel
from pension.award_fields import NO_CAREER, NO_INCOME_STATED, OLD_AWARD
from pension.cells import (
    FULL_YEAR,
    HIGHEST,
    INDIVIDUAL_FORM,
    INTEREST_MONTHS,
    LOWEST,
    POPCOUNT,
    higher_base,
    note,
    province_position,
)
from pension.law.ages import retirement_delay, statutory_month
from pension.law.contributions import (
    CONTRIBUTION_BASE,
    KEPT_INDEX_BASE,
    REFUNDED_SHARE,
    SHARED_BASE,
    contribution_base,
    kept_index_base,
    refunded_share,
    shared_base,
)
from pension.law.employee import (
    BEARING_MONTHS,
    CARRIED,
    CONTRIBUTION_INDEX,
    CREDITED,
    bearing_months,
    carried,
    contribution_index,
    credited,
    growth_to_award,
)
from pension.tables import FIRST_YEAR
from pension.valuation import one_payment, present_value

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
_N_WHOLE: Final = 11
BASE: Final = 0
INCOME: Final = 1
SHARE: Final = 2

_EMPLOYEE: Final = schema.SCHEME["employee"]
_RESIDENT: Final = schema.SCHEME["resident"]
_PLATFORM: Final = schema.FORM["platform"]
_EMPLOYED: Final = schema.FORM["employed"]
_DEEMED: Final = schema.FLAG_DEEMED
_LATE: Final = schema.FLAG_LATE
_FORCED: Final = schema.FLAG_TEMPORARY | schema.FLAG_ORDINARY

_FIRST_PAID: Final = schema.FIRST_EMPLOYEE_MONTH
_NO_EXITS_FROM: Final = 12 * 2010
"""From 2010-01 relations are transferred (国办发〔2009〕66号): leaving a province ends nothing."""
_SIXTEEN: Final = 192
_SIXTY: Final = 720
_NEVER: Final = 1 << 40
_STAYERS_KEEP_INDEX: Final = 2
"""Careers up to this one keep the index, ``same_bases`` after it the base in yuan."""
_FRACTION: Final = 1
_ACTUAL: Final = 2


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
    paid_at: npt.NDArray[np.int64]
    """[month before 2010]: bit p where the province at position p was paid."""
    refund_month: npt.NDArray[np.int64]
    refund_yuan: npt.NDArray[np.float64]
    refund_award: npt.NDArray[np.float64]
    """[refund]: the same with book interest to the award."""
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
        np.zeros((most, _N_WHOLE), dtype=np.int64),
        np.zeros((most, 3)),
        np.zeros(most, dtype=np.int64),
        np.zeros(_NO_EXITS_FROM - _FIRST_PAID, dtype=np.int64),
        np.zeros(most, dtype=np.int64),
        np.zeros(most),
        np.zeros(most),
        np.zeros(12),
        np.zeros(12, dtype=np.int64),
        np.zeros((most, _N_WHOLE), dtype=np.int64),
        np.zeros((most, 3)),
        np.zeros(most, dtype=np.int64),
    )


class Records(NamedTuple):
    """The record columns of a history, to be written."""

    year: npt.NDArray[np.int16]
    months: npt.NDArray[np.int16]
    scheme: npt.NDArray[np.int8]
    form: npt.NDArray[np.int8]
    place: npt.NDArray[np.int16]
    work_place: npt.NDArray[np.int16]
    base: npt.NDArray[np.float64]
    income: npt.NDArray[np.float64]
    payer_share: npt.NDArray[np.float64]
    flags: npt.NDArray[np.int16]


class Refunds(NamedTuple):
    """What was refunded at exits before 2010."""

    offsets: npt.NDArray[np.int64]
    """[person + 1]: the refunds of person i are ``offsets[i]`` to ``offsets[i + 1] - 1``."""
    month: npt.NDArray[np.int64]
    """[refund]: month of the exit (serial), in which it is paid."""
    yuan: npt.NDArray[np.float64]
    """[refund]: own contributions with book interest, yuan of that month."""
    at_award: npt.NDArray[np.float64]
    """[refund]: the same with book interest to the award, yuan."""


@inlined
def _paid(w: Any, j: int) -> bool:
    """A paid employee record with months."""
    return w.whole[j, SCHEME] == _EMPLOYEE and w.whole[j, FLAGS] & _DEEMED == 0 and w.whole[j, MASK] != 0


@inlined
def _up_to(year: int, month: int) -> int:
    """Mask of the months of ``year`` to ``month`` (serial)."""
    return (1 << min(max(month - 12 * year + 1, 0), 12)) - 1


@jit
def _load(h: Any, i: int, w: Any) -> int:
    n = 0
    for j in range(h.offsets[i], h.offsets[i + 1]):
        line, real = w.whole[n], w.real[n]
        line[YEAR], line[MASK], line[SCHEME], line[FORM] = h.year[j], h.months[j], h.scheme[j], h.form[j]
        line[PLACE], line[WORK], line[FLAGS] = h.place[j], h.work_place[j], h.flags[j]
        line[AT], line[GETS], line[SOURCE] = province_position(h.place[j]), 0, j
        line[EARNED] = FULL_YEAR if h.scheme[j] == _RESIDENT else h.months[j]
        real[BASE], real[INCOME], real[SHARE] = h.base[j], h.income[j], h.payer_share[j]
        n += 1
    return n


# ---- career -------------------------------------------------------------------------------------------------------


@inlined
def _covers(w: Any, j: int, month: int) -> bool:
    return _paid(w, j) and w.whole[j, YEAR] == month // 12 and (w.whole[j, MASK] >> month % 12) & 1 == 1


@jit
def _end_of_career(w: Any, n: int, last: bool) -> tuple[int, int]:
    """(month, place code) of the first or last paid employee month, -1 without one. In several provinces: paid in time
    before late, then the higher sum of bases, then the lower code."""
    month = -1
    for j in range(n):
        if _paid(w, j):
            mask = w.whole[j, MASK]
            m = 12 * w.whole[j, YEAR] + (HIGHEST[mask] if last else LOWEST[mask])
            if month < 0 or (last and m > month) or (not last and m < month):
                month = m
    chosen, best_at, best_rank, best_base = -1, -1, -1, 0.0
    for j in range(n):
        if month < 0 or not _covers(w, j, month):
            continue
        at, rank, total, code = w.whole[j, AT], 0, 0.0, w.whole[j, PLACE]
        for k in range(n):
            if _covers(w, k, month) and w.whole[k, AT] == at:
                total += w.real[k, BASE]
                code = min(code, w.whole[k, PLACE])
                if w.whole[k, FLAGS] & _LATE == 0:
                    rank = 1
        if rank > best_rank or (rank == best_rank and higher_base(total, best_base, at < best_at)):
            chosen, best_at, best_rank, best_base = code, at, rank, total
    return month, chosen


@jit
def _career(w: Any, n: int, plan: Any, t: Any, trace: Any) -> int:
    """Move every employee record to one place; returns the reason where there is no such career."""
    of_last = plan.career == 2 or plan.pool == base.DESTINATION
    of_first = plan.career == 1 or plan.pool == base.ORIGIN
    code = plan.pool
    if of_first or of_last:
        month, code = _end_of_career(w, n, of_last)
        if code < 0:
            return NO_CAREER
        for j in range(n):
            if of_first and w.whole[j, SCHEME] == _RESIDENT and w.whole[j, YEAR] < month // 12:
                return NO_CAREER
    at = province_position(code)
    for j in range(n):
        line = w.whole[j]
        if line[SCHEME] != _EMPLOYEE:
            continue
        if plan.career <= _STAYERS_KEEP_INDEX and line[FLAGS] & _DEEMED == 0 and line[AT] != at:
            y = line[YEAR] - FIRST_YEAR
            recorded, here, there = w.real[j, BASE], t.wages[line[AT], y], t.wages[at, y]
            z = contribution_index(recorded, here)
            w.real[j, BASE] = kept_index_base(z, there)
            if trace is not None:
                note(trace, CONTRIBUTION_INDEX, line[SOURCE], line[AT], recorded, here, 0.0, 0.0, 0.0, z)
                note(trace, KEPT_INDEX_BASE, line[SOURCE], at, z, there, 0.0, 0.0, 0.0, w.real[j, BASE])
        line[PLACE], line[WORK], line[AT] = code, code, at
        line[FLAGS] &= ~_FORCED
    return 0


# ---- exit before 2010 -----------------------------------------------------------------------------------------------


@jit
def _surrender(w: Any, n: int, award: int, t: Any, trace: Any) -> tuple[int, int]:
    """Drop what was paid in a province before each exit from it; returns the numbers of refunds and of dropped
    records. ``award`` the award month."""
    span = _NO_EXITS_FROM - _FIRST_PAID
    for m in range(span):
        w.paid_at[m] = 0
    after = _NEVER
    for j in range(n):
        if _paid(w, j):
            first = 12 * w.whole[j, YEAR] - _FIRST_PAID
            for k in range(12):
                if (w.whole[j, MASK] >> k) & 1:
                    if first + k < span:
                        w.paid_at[first + k] |= 1 << w.whole[j, AT]
                    else:
                        after = min(after, first + k)
    # The first month after 2009 in which anything was paid decides about the last one before.
    later = 0
    for j in range(n):
        if _covers(w, j, after + _FIRST_PAID):
            later |= 1 << w.whole[j, AT]
    found, gone, before = 0, 0, -1
    for m in range(span + 1):
        here = later if m == span else w.paid_at[m]
        if here == 0:
            continue
        left = 0 if before < 0 else w.paid_at[before] & ~here
        for at in range(schema.N_PLACES):
            if (left >> at) & 1:
                w.refund_month[found] = _FIRST_PAID + before
                gone = _refund(w, n, at, found, gone, award, t, trace)
                found += 1
        before = m
    return found, gone


@inlined
def _closing(at: int, month: int, t: Any) -> float:
    """Cumulated book growth of a province to a month."""
    y = month // 12 - FIRST_YEAR
    return growth_to_award(t.growth[at, y - 1], t.book_rate[at, y], month % 12 + 1)


@jit
def _refund(w: Any, n: int, at: int, refund: int, gone: int, award: int, t: Any, trace: Any) -> int:
    """Take the months in a province to the exit ``refund`` off the record and work out the own share with interest;
    returns the number of dropped records, ``gone`` of which there were before."""
    month = w.refund_month[refund]
    year = month // 12
    total, closing = 0.0, _closing(at, month, t)
    for j in range(n):
        line = w.whole[j]
        if not _paid(w, j) or line[AT] != at:
            continue
        y, source = line[YEAR] - FIRST_YEAR, line[SOURCE]
        kind = 1 if line[FORM] >= INDIVIDUAL_FORM else 0
        rest = line[MASK] & _up_to(line[YEAR], month)
        if rest == 0:
            continue
        for c in range(_N_WHOLE):
            w.gone[gone, c] = line[c]
        for c in range(3):
            w.gone_real[gone, c] = w.real[j, c]
        w.gone[gone, MASK] = rest
        gone += 1
        line[MASK] &= ~rest
        while rest:
            own = t.own_rate[at, 12 * y + LOWEST[rest], kind]
            account = t.account_rate[at, 12 * y + LOWEST[rest]]
            part = 0
            for k in range(12):
                m = 12 * y + k
                if (rest >> k) & 1 and t.own_rate[at, m, kind] == own and t.account_rate[at, m] == account:
                    part |= 1 << k
            if part == 0:  # an unknown rate equals nothing, not even itself
                part = rest
            rest &= ~part
            share, rate = refunded_share(own, account), t.book_rate[at, y]
            count, earning = POPCOUNT[part], INTEREST_MONTHS[part]
            if line[YEAR] == year:  # money of the exit year earns to the exit only
                earning -= count * (11 - month % 12)
            months = bearing_months(count, earning, rate)
            if trace is not None:
                note(trace, REFUNDED_SHARE, source, at, own, account, 0.0, 0.0, 0.0, share)
                note(trace, BEARING_MONTHS, source, at, count, earning, rate, 0.0, 0.0, months)
            if line[YEAR] < year:
                bearing = months
                months = carried(bearing, closing, t.growth[at, y])
                if trace is not None:
                    note(trace, CARRIED, source, at, bearing, closing, t.growth[at, y], 0.0, 0.0, months)
            yuan = credited(share, w.real[j, BASE], months)
            if trace is not None:
                note(trace, CREDITED, source, at, share, w.real[j, BASE], months, 0.0, 0.0, yuan)
            total += yuan
    w.refund_yuan[refund] = total
    w.refund_award[refund] = total * (_closing(at, award, t) / closing)
    return gone


# ---- enrolment ------------------------------------------------------------------------------------------------------


@jit
def _employee_award(h: Any, i: int, t: Any) -> int:
    if h.claim[i] >= 0:
        return int(h.claim[i])
    original, first_birth, step, cap, _ = t.ages[h.retirement_category[i]]
    birth = int(h.birth[i])
    return statutory_month(birth, original, retirement_delay(birth, first_birth, step, cap))


@jit
def _enrol(h: Any, i: int, w: Any, n: int, plan: Any, t: Any) -> int:
    """Insure the chosen forms of work as employee months at the place of work, and cut off what lies after the award.
    Returns the award month: the claim, else the statutory month of an employee where any record is one, else 60.

    Only work up to the statutory month of an employee is insured: who has no such month stays what he is. A month that
    holds a deemed one is insured already.
    """
    begins, ends = max(int(h.birth[i]) + _SIXTEEN, _FIRST_PAID), _employee_award(h, i, t)
    for j in range(n):
        line = w.whole[j]
        code = line[WORK] if line[WORK] >= 0 else line[PLACE]
        chosen = (plan.forms >> line[FORM]) & 1 == 1 and line[FLAGS] & _DEEMED == 0
        if not chosen or code < 0 or np.isnan(w.real[j, INCOME]):
            continue
        mask = FULL_YEAR if line[SCHEME] == _RESIDENT else line[MASK]
        mask &= _up_to(line[YEAR], ends) & ~_up_to(line[YEAR], begins - 1)
        for r in range(n):
            if w.whole[r, FLAGS] & _DEEMED and w.whole[r, YEAR] == line[YEAR]:
                mask &= ~w.whole[r, MASK]
        if mask == 0:
            continue
        if line[SCHEME] != _EMPLOYEE:
            w.real[j, SHARE] = np.nan
        line[SCHEME], line[MASK], line[FLAGS] = _EMPLOYEE, mask, line[FLAGS] & _LATE
        line[PLACE], line[WORK], line[AT] = code, code, province_position(code)
        line[GETS] = 1
        w.real[j, BASE] = np.nan
    award = ends if h.claim[i] >= 0 else int(h.birth[i]) + _SIXTY
    for j in range(n):
        if w.whole[j, SCHEME] == _EMPLOYEE:
            award = ends
    for j in range(n):
        line = w.whole[j]
        if line[SCHEME] == _EMPLOYEE:
            line[MASK] &= _up_to(line[YEAR], award)
        elif line[SCHEME] == _RESIDENT and line[YEAR] > award // 12:
            line[MASK] = 0
    return award


# ---- base -----------------------------------------------------------------------------------------------------------


@inlined
def _base_of_month(w: Any, start: int, stop: int, j: int, k: int, plan: Any, t: Any, trace: Any) -> float:
    """Base that record ``j`` carries in month k of its year; ``start:stop`` the records of the year."""
    at = w.whole[j, AT]
    insured, everything, number = 0.0, 0.0, 0
    for r in range(start, stop):
        line, income = w.whole[r], w.real[r, INCOME]
        if (line[EARNED] >> k) & 1 == 0 or np.isnan(income):
            continue
        everything += income
        if line[GETS] == 1 and line[AT] == at and (line[MASK] >> k) & 1:
            insured += income
            number += 1
    y = w.whole[j, YEAR] - FIRST_YEAR
    floor, ceiling = t.floor[at, 12 * y + k], t.ceiling[at, 12 * y + k]
    if plan.floor == _FRACTION:
        floor = plan.fraction * t.wages[at, y]
    elif plan.floor == _ACTUAL:
        floor = 0.0
    income = everything if plan.all_sources == 1 else insured
    whole = contribution_base(income, floor, ceiling)
    if trace is not None:
        note(trace, CONTRIBUTION_BASE, w.whole[j, SOURCE], at, income, floor, ceiling, 0.0, 0.0, whole)
    if number == 1:
        return whole
    if insured == 0.0:
        return whole / number
    part = shared_base(whole, w.real[j, INCOME], insured)
    if trace is not None:
        note(trace, SHARED_BASE, w.whole[j, SOURCE], at, whole, w.real[j, INCOME], insured, 0.0, 0.0, part)
    return part


@jit
def _bases(w: Any, n: int, plan: Any, t: Any, trace: Any) -> int:
    """Work out the bases of the records that get one; a record whose months differ becomes several. Returns the number
    of records, -1 where an income is missing."""
    recorded = plan.floor == 0 and plan.all_sources == 0
    for j in range(n):
        if not recorded and _paid(w, j):
            w.whole[j, GETS] = 1
            if np.isnan(w.real[j, INCOME]):
                return -1
    total = n
    start = 0
    while start < n:
        stop = start + 1
        while stop < n and w.whole[stop, YEAR] == w.whole[start, YEAR]:
            stop += 1
        alone = stop == start + 1 and t.uniform[max(w.whole[start, AT], 0), w.whole[start, YEAR] - FIRST_YEAR] == 1
        # Records are split after the incomes of the whole year were read: the masks of the year stay till then.
        ends = total
        for j in range(start, stop):
            if w.whole[j, GETS] == 0 or w.whole[j, MASK] == 0:
                continue
            pieces = 0
            for k in range(12):
                if (w.whole[j, MASK] >> k) & 1 == 0:
                    continue
                if alone and pieces > 0:
                    w.piece_mask[0] = w.whole[j, MASK]
                    break
                value = _base_of_month(w, start, stop, j, k, plan, t, trace)
                piece = 0
                while piece < pieces and not (
                    w.piece_base[piece] == value or (np.isnan(w.piece_base[piece]) and np.isnan(value))
                ):
                    piece += 1
                if piece == pieces:
                    w.piece_base[piece], w.piece_mask[piece] = value, 0
                    pieces += 1
                w.piece_mask[piece] |= 1 << k
            for piece in range(pieces):
                if w.piece_base[piece] == 0.0:  # nothing is paid on it
                    continue
                for c in range(_N_WHOLE):
                    w.whole[total, c] = w.whole[j, c]
                for c in range(3):
                    w.real[total, c] = w.real[j, c]
                w.whole[total, MASK], w.real[total, BASE] = w.piece_mask[piece], w.piece_base[piece]
                total += 1
        for j in range(start, stop):
            if w.whole[j, GETS] == 1:
                w.whole[j, MASK] = 0
        for j in range(ends, total):
            w.whole[j, GETS] = 0
        start = stop
    return total


# ---- payer, order ---------------------------------------------------------------------------------------------------


@jit
def _payer(w: Any, n: int, plan: Any) -> None:
    """Let the platform pay: its share of the base, or, by law, what employers pay."""
    for j in range(n):
        if _paid(w, j) and w.whole[j, FORM] == _PLATFORM:
            if plan.payer == base.BY_SHARE:
                w.real[j, SHARE] = plan.share
            else:
                w.whole[j, FORM], w.real[j, SHARE] = _EMPLOYED, np.nan


@inlined
def _key(whole: Any, j: int) -> int:
    line = whole[j]
    return ((line[YEAR] * 4 + line[SCHEME]) * 16384 + line[PLACE] + 1) * 8 + line[FORM]


@jit
def _sorted(whole: Any, n: int, order: Any) -> int:
    """Put the positions of the records that have months into ``order``, by year, scheme, place and form."""
    kept = 0
    for j in range(n):
        if whole[j, MASK] == 0:
            continue
        key, k = _key(whole, j), kept
        while k > 0 and _key(whole, order[k - 1]) > key:
            order[k] = order[k - 1]
            k -= 1
        order[k] = j
        kept += 1
    return kept


@inlined
def _write(out: Any, at: int, line: Any, real: Any) -> None:
    out.year[at], out.months[at] = line[YEAR], line[MASK]
    out.scheme[at], out.form[at] = line[SCHEME], line[FORM]
    out.place[at], out.work_place[at] = line[PLACE], line[WORK]
    out.base[at], out.income[at], out.payer_share[at] = real[BASE], real[INCOME], real[SHARE]
    out.flags[at] = line[FLAGS]


@jit
def vary_one(h: Any, i: int, plan: Any, t: Any, w: Any, trace: Any) -> tuple[int, int, int, int, int]:
    """Make the variant of person ``i`` in ``w``: (records, refunds, dropped records, reason, kind). With a reason it is
    the recorded history; kind is 1 for an employee, 0 for nobody's, -1 for what the recorded history says.

    ``trace`` None or an array of ``cells.TRACE_COLUMNS``; its records are those of ``h``.
    """
    n, refunds, gone, reason, kind, award = _load(h, i, w), 0, 0, 0, -1, schema.FIRST_AWARD_MONTH
    if plan.career != 0:
        reason = _career(w, n, plan, t, trace)
    if reason == 0 and plan.surrendered == 1:
        refunds, gone = _surrender(w, n, _employee_award(h, i, t), t, trace)
    if reason == 0 and plan.enrolment == 1:
        award = _enrol(h, i, w, n, plan, t)
        kind = 0
        for j in range(n):
            if w.whole[j, SCHEME] == _EMPLOYEE:
                kind = 1
    if reason == 0 and (plan.enrolment == 1 or plan.floor != 0 or plan.all_sources == 1):
        n = _bases(w, n, plan, t, trace)
        if n < 0:
            reason = NO_INCOME_STATED
        elif award < schema.FIRST_AWARD_MONTH:
            reason = OLD_AWARD
    if reason != 0:
        return _sorted(w.whole, _load(h, i, w), w.order), 0, 0, reason, -1
    if plan.payer != 0:
        _payer(w, n, plan)
    return _sorted(w.whole, n, w.order), refunds, _sorted(w.gone, gone, w.gone_order), 0, kind


@kernel
def vary(
    h: Any,
    first: int,
    last: int,
    plan: Any,
    t: Any,
    fill: bool,
    counts: Any,
    reasons: Any,
    kinds: Any,
    out: Any,
    gone: Any,
    refunds: Any,
) -> None:
    """Variants of the people ``first <= i < last``. ``counts`` [3, person + 1]: without ``fill`` it gets the numbers of
    records, dropped records and refunds, at i + 1; with it it says where they begin, and ``out``, ``gone`` and
    ``refunds`` are filled."""
    most = 0
    for i in range(first, last):
        most = max(most, h.offsets[i + 1] - h.offsets[i])
    w = new_work(most)
    for i in range(first, last):
        n, paid, dropped, reasons[i], kinds[i] = vary_one(h, i, plan, t, w, None)
        if not fill:
            counts[0, i + 1], counts[1, i + 1], counts[2, i + 1] = n, dropped, paid
            continue
        for k in range(n):
            _write(out, counts[0, i] + k, w.whole[w.order[k]], w.real[w.order[k]])
        for k in range(dropped):
            _write(gone, counts[1, i] + k, w.gone[w.gone_order[k]], w.gone_real[w.gone_order[k]])
        for k in range(paid):
            at = counts[2, i] + k
            refunds.month[at], refunds.yuan[at] = w.refund_month[k], w.refund_yuan[k]
            refunds.at_award[at] = w.refund_award[k]


@kernel
def vary_traced(h: Any, plan: Any, t: Any, trace: Any) -> None:
    """The steps behind the variant of the one person of ``h``, into ``trace``."""
    vary_one(h, 0, plan, t, new_work(h.offsets[1] - h.offsets[0]), trace)


@kernel
def refund_values(out: Any, first: int, last: int, h: Any, world: Any, refunds: Any, reference: Any) -> None:
    """``out`` [person]: the refunds at R0 (``reference``, month serials), yuan of R0."""
    for i in range(first, last):
        out[i] = 0.0
        for k in range(refunds.offsets[i], refunds.offsets[i + 1]):
            factor = one_payment(world, h.sex[i], h.birth[i], refunds.month[k], reference[i])
            out[i] += present_value(refunds.yuan[k], factor)
