"""The compiled passes that turn one person's recorded history into another one: career, exit, enrolment, base, payer.

One pass a provision, in the order of ``base_provisions.BASE_PROVISIONS``, over a copy of the person's records in
working memory; what the law's choices leave alone is copied as it is. Everything is read off the record, so neither
splitting nor reordering records changes anything.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import inlined, kernel
from pension.checks.range_check import Records
from pension.kernels.award_fields import NO_CAREER, NO_INCOME_STATED, OLD_AWARD
from pension.kernels.cells import HIGHEST, LOWEST, higher_base, note, province_position
from pension.kernels.valuation import one_payment, present_value
from pension.law.ages import retirement_delay, statutory_month
from pension.law.contributions import (
    CONTRIBUTION_BASE,
    KEPT_INDEX_BASE,
    SHARED_BASE,
    contribution_base,
    kept_index_base,
    shared_base,
)
from pension.law.employee import CONTRIBUTION_INDEX, contribution_index
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_YEAR
from pension.variants import base_provisions as base
from pension.variants.changes import CHANGED, verdict
from pension.variants.surrender import surrender
from pension.variants.work import (
    AT,
    BASE,
    EARNED,
    EMPLOYEE,
    FLAGS,
    FORCED,
    FORM,
    GETS,
    INCOME,
    MASK,
    N_REAL,
    N_WHOLE,
    PLACE,
    PLATFORM,
    RESIDENT,
    SCHEME,
    SHARE,
    SOURCE,
    WORK,
    YEAR,
    covers,
    first_of,
    floor_of,
    is_paid,
    load,
    longer,
    new_records,
    new_work,
    put_in_order,
    up_to,
    write,
)

_EMPLOYED: Final = schema.FORM["employed"]
_SIXTEEN: Final = 192
_SIXTY: Final = 720
_STAYERS_KEEP_INDEX: Final = 2
"""Careers up to this one keep the index, ``same_bases`` after it the base in yuan."""


# ---- career -------------------------------------------------------------------------------------------------------


@inlined
def _end_of_career(w: Any, n: int, last: bool) -> tuple[int, int]:
    """(month, place code) of the first or last paid employee month, -1 without one. In several provinces: paid in time
    before late, then the higher sum of bases, then the lower code."""
    month = -1
    for j in range(n):
        if is_paid(w, j):
            mask = w.whole[j, MASK]
            m = 12 * w.whole[j, YEAR] + (HIGHEST[mask] if last else LOWEST[mask])
            if month < 0 or (last and m > month) or (not last and m < month):
                month = m
    chosen, best_at, best_rank, best_base = -1, -1, -1, 0.0
    for j in range(n):
        if month < 0 or not covers(w, j, month):
            continue
        at, rank, total, code = w.whole[j, AT], 0, 0.0, w.whole[j, PLACE]
        for k in range(n):
            if covers(w, k, month) and w.whole[k, AT] == at:
                total += w.real[k, BASE]
                code = min(code, w.whole[k, PLACE])
                if w.whole[k, FLAGS] & schema.FLAG_LATE == 0:
                    rank = 1
        if rank > best_rank or (rank == best_rank and higher_base(total, best_base, at < best_at)):
            chosen, best_at, best_rank, best_base = code, at, rank, total
    return month, chosen


@inlined
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
            if of_first and w.whole[j, SCHEME] == RESIDENT and w.whole[j, YEAR] < month // 12:
                return NO_CAREER
    at = province_position(code)
    for j in range(n):
        line = w.whole[j]
        if line[SCHEME] != EMPLOYEE:
            continue
        if plan.career <= _STAYERS_KEEP_INDEX and line[FLAGS] & schema.FLAG_DEEMED == 0 and line[AT] != at:
            y = line[YEAR] - FIRST_YEAR
            recorded, here, there = w.real[j, BASE], t.wages[line[AT], y], t.wages[at, y]
            z = contribution_index(recorded, here)
            w.real[j, BASE] = kept_index_base(z, there)
            if trace is not None:
                note(trace, CONTRIBUTION_INDEX, line[SOURCE], line[AT], recorded, here, 0.0, 0.0, 0.0, z)
                note(trace, KEPT_INDEX_BASE, line[SOURCE], at, z, there, 0.0, 0.0, 0.0, w.real[j, BASE])
        line[PLACE], line[WORK], line[AT] = code, code, at
        line[FLAGS] &= ~FORCED
    return 0


# ---- enrolment ------------------------------------------------------------------------------------------------------


@inlined
def _employee_award(h: Any, i: int, t: Any) -> int:
    if h.claim[i] >= 0:
        return int(h.claim[i])
    original, first_birth, step, cap, _ = t.ages[h.retirement_category[i]]
    birth = int(h.birth[i])
    return statutory_month(birth, original, retirement_delay(birth, first_birth, step, cap))


@inlined
def _enrol(h: Any, i: int, w: Any, n: int, plan: Any, t: Any) -> int:
    """Insure the chosen forms of work as employee months at the place of work, and cut off what lies after the award.
    Returns the award month: the claim, else the statutory month of an employee where any record is one, else 60.

    Only work up to the statutory month of an employee is insured: who has no such month stays what he is. A month that
    holds a deemed one is insured already.
    """
    begins, ends = max(int(h.birth[i]) + _SIXTEEN, schema.FIRST_EMPLOYEE_MONTH), _employee_award(h, i, t)
    for j in range(n):
        line = w.whole[j]
        code = line[WORK] if line[WORK] >= 0 else line[PLACE]
        chosen = (plan.forms >> line[FORM]) & 1 == 1 and line[FLAGS] & schema.FLAG_DEEMED == 0
        if not chosen or code < 0 or np.isnan(w.real[j, INCOME]):
            continue
        mask = FULL_YEAR if line[SCHEME] == RESIDENT else line[MASK]
        mask &= up_to(line[YEAR], ends) & ~up_to(line[YEAR], begins - 1)
        for r in range(n):
            if w.whole[r, FLAGS] & schema.FLAG_DEEMED and w.whole[r, YEAR] == line[YEAR]:
                mask &= ~w.whole[r, MASK]
        if mask == 0:
            continue
        if line[SCHEME] != EMPLOYEE:
            w.real[j, SHARE] = np.nan
        line[SCHEME], line[MASK], line[FLAGS] = EMPLOYEE, mask, line[FLAGS] & schema.FLAG_LATE
        line[PLACE], line[WORK], line[AT] = code, code, province_position(code)
        line[GETS] = 1
        w.real[j, BASE] = np.nan
    award = ends if h.claim[i] >= 0 else int(h.birth[i]) + _SIXTY
    for j in range(n):
        if w.whole[j, SCHEME] == EMPLOYEE:
            award = ends
    for j in range(n):
        line = w.whole[j]
        if line[SCHEME] == EMPLOYEE:
            line[MASK] &= up_to(line[YEAR], award)
        elif line[SCHEME] == RESIDENT and line[YEAR] > award // 12:
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
    floor, ceiling = floor_of(plan, t, at, y, k), t.ceiling[at, 12 * y + k]
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


@inlined
def _bases(w: Any, n: int, plan: Any, t: Any, trace: Any) -> int:
    """Work out the bases of the records that get one; a record whose months differ becomes several. Returns the number
    of records, -1 where an income is missing."""
    recorded = plan.floor == 0 and plan.all_sources == 0
    for j in range(n):
        if not recorded and is_paid(w, j):
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
                for c in range(N_WHOLE):
                    w.whole[total, c] = w.whole[j, c]
                for c in range(N_REAL):
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


# ---- payer, and all of them -----------------------------------------------------------------------------------------


@inlined
def _payer(w: Any, n: int, plan: Any) -> None:
    """Let the platform pay: its share of the base, or, by law, what employers pay."""
    for j in range(n):
        if is_paid(w, j) and w.whole[j, FORM] == PLATFORM:
            if plan.payer == base.BY_SHARE:
                w.real[j, SHARE] = plan.share
            else:
                w.whole[j, FORM], w.real[j, SHARE] = _EMPLOYED, np.nan


@inlined
def vary_one(h: Any, i: int, plan: Any, t: Any, w: Any, trace: Any) -> tuple[int, int, int, int, int]:
    """Make the variant of person ``i`` in ``w``: (records, refunds, dropped records, reason, kind). With a reason it is
    the recorded history; kind is 1 for an employee, 0 for nobody's, -1 for what the recorded history says.

    ``trace`` None or an array of ``cells.TRACE_COLUMNS``; its records are those of ``h``.
    """
    n, refunds, gone, reason, kind, award = load(h, i, w), 0, 0, 0, -1, schema.FIRST_AWARD_MONTH
    if plan.career != 0:
        reason = _career(w, n, plan, t, trace)
    if reason == 0 and plan.surrendered == 1:
        refunds, gone = surrender(w, n, _employee_award(h, i, t), t, trace)
    if reason == 0 and plan.enrolment == 1:
        award = _enrol(h, i, w, n, plan, t)
        kind = 0
        for j in range(n):
            if w.whole[j, SCHEME] == EMPLOYEE:
                kind = 1
    if reason == 0 and (plan.enrolment == 1 or plan.floor != 0 or plan.all_sources == 1):
        n = _bases(w, n, plan, t, trace)
        if n < 0:
            reason = NO_INCOME_STATED
        elif award < schema.FIRST_AWARD_MONTH:
            reason = OLD_AWARD
    if reason != 0:
        return put_in_order(w.whole, load(h, i, w), w.order), 0, 0, reason, -1
    if plan.payer != 0:
        _payer(w, n, plan)
    return put_in_order(w.whole, n, w.order), refunds, put_in_order(w.gone, gone, w.gone_order), 0, kind


class Varied(NamedTuple):
    """The variants of one block of people: of everybody, or of those whose records the plan changes."""

    who: npt.NDArray[np.int64]
    """[person]: their positions."""
    kind: npt.NDArray[np.int8]
    """[person]: see ``vary_one``."""
    ends: npt.NDArray[np.int64]
    """[person, 3]: where their records, dropped records and refunds end."""
    records: Records
    gone: Records
    refunds: npt.NDArray[np.float64]
    """[refund, 3]: month, yuan and yuan at the award of ``variants.work.Refunds``."""


@kernel
def vary(h: Any, first: int, last: int, plan: Any, t: Any, everybody: bool, reasons: Any) -> Varied:
    """Variants of the people ``first <= i < last``; ``reasons`` [person] gets the code of those who have none. Without
    ``everybody`` these and people whose records stay as they are are left out."""
    most, total = 0, 0
    for i in range(first, last):
        n = h.offsets[i + 1] - h.offsets[i]
        most, total = max(most, n), total + n
    w = new_work(most)
    out, gone, refunds = new_records(total), new_records(0), np.empty((0, 3))
    who, kinds = np.empty(last - first, dtype=np.int64), np.empty(last - first, dtype=np.int8)
    ends = np.empty((last - first, 3), dtype=np.int64)
    found, at, at_gone, at_refund = 0, 0, 0, 0
    for i in range(first, last):
        if not everybody:
            reasons[i] = verdict(h, i, plan, t)
            if reasons[i] != CHANGED:
                continue
        n, paid, dropped, reasons[i], kind = vary_one(h, i, plan, t, w, None)
        if not everybody and reasons[i] != 0:
            continue
        if at + n > out.year.shape[0]:
            out = longer(out, at, n)
        if at_gone + dropped > gone.year.shape[0]:
            gone = longer(gone, at_gone, dropped)
        if at_refund + paid > refunds.shape[0]:
            refunds = np.concatenate((refunds, np.empty((at_refund + paid, 3))))
        for k in range(n):
            write(out, at + k, w.whole[w.order[k]], w.real[w.order[k]])
        for k in range(dropped):
            write(gone, at_gone + k, w.gone[w.gone_order[k]], w.gone_real[w.gone_order[k]])
        for k in range(paid):
            line = refunds[at_refund + k]
            line[0], line[1], line[2] = w.refund_month[k], w.refund_yuan[k], w.refund_award[k]
        at, at_gone, at_refund = at + n, at_gone + dropped, at_refund + paid
        who[found], kinds[found] = i, kind
        ends[found, 0], ends[found, 1], ends[found, 2] = at, at_gone, at_refund
        found += 1
    return Varied(
        who[:found],
        kinds[:found],
        ends[:found],
        first_of(out, at),
        first_of(gone, at_gone),
        refunds[:at_refund],
    )


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
