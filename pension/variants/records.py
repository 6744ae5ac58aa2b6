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
from pension._compile import inlined, jit, kernel
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
from pension.variants.surrender import surrender
from pension.variants.work import (
    EMPLOYEE,
    FORCED,
    PLATFORM,
    RESIDENT,
    copy_row,
    covers,
    fetch,
    first_of,
    floor_of,
    is_paid,
    load,
    longer,
    new_work,
    note_incomes,
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
def _end_of_career(rows: Any, n: int, last: bool) -> tuple[int, int]:
    """(month, place code) of the first or last paid employee month, -1 without one. In several provinces: paid in time
    before late, then the higher sum of bases, then the lower code."""
    month, start, stop = -1, n, 0
    for k in range(n):
        j = n - 1 - k if last else k
        if month >= 0 and rows.year[j] != month // 12:
            break
        if is_paid(rows, j):
            m = 12 * rows.year[j] + (HIGHEST[rows.months[j]] if last else LOWEST[rows.months[j]])
            if month < 0 or (last and m > month) or (not last and m < month):
                month = m
            start, stop = min(start, j), max(stop, j + 1)
    chosen, best_at, best_rank, best_base = -1, -1, -1, 0.0
    for j in range(start, stop):
        if not covers(rows, j, month):
            continue
        at, rank, total, code = rows.at[j], 0, 0.0, rows.place[j]
        for k in range(start, stop):
            if covers(rows, k, month) and rows.at[k] == at:
                total += rows.base[k]
                code = min(code, rows.place[k])
                if rows.flags[k] & schema.FLAG_LATE == 0:
                    rank = 1
        if rank > best_rank or (rank == best_rank and higher_base(total, best_base, at < best_at)):
            chosen, best_at, best_rank, best_base = code, at, rank, total
    return month, chosen


@inlined
def _career(rows: Any, n: int, plan: Any, t: Any, trace: Any) -> int:
    """Move every employee record to one place; returns the reason where there is no such career."""
    of_last = plan.career == 2 or plan.pool == base.DESTINATION
    of_first = plan.career == 1 or plan.pool == base.ORIGIN
    code = plan.pool
    if of_first or of_last:
        month, code = _end_of_career(rows, n, of_last)
        if code < 0:
            return NO_CAREER
        j = 0
        while of_first and rows.year[j] < month // 12:  # the month is one of a record
            if rows.scheme[j] == RESIDENT:
                return NO_CAREER
            j += 1
    at = province_position(code)
    for j in range(n):
        if rows.scheme[j] != EMPLOYEE:
            continue
        if plan.career <= _STAYERS_KEEP_INDEX and rows.flags[j] & schema.FLAG_DEEMED == 0 and rows.at[j] != at:
            y, source, recorded = rows.year[j] - FIRST_YEAR, rows.source[j], rows.base[j]
            here, there = t.wages[rows.at[j], y], t.wages[at, y]
            z = contribution_index(recorded, here)
            rows.base[j] = kept_index_base(z, there)
            if trace is not None:
                note(trace, CONTRIBUTION_INDEX, source, rows.at[j], recorded, here, 0.0, 0.0, 0.0, z)
                note(trace, KEPT_INDEX_BASE, source, at, z, there, 0.0, 0.0, 0.0, rows.base[j])
        rows.place[j], rows.work_place[j], rows.at[j] = code, code, at
        rows.flags[j] &= ~FORCED
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
def _enrol(h: Any, i: int, rows: Any, n: int, plan: Any, t: Any) -> int:
    """Insure the chosen forms of work as employee months at the place of work, and cut off what lies after the award.
    Returns the award month: the claim, else the statutory month of an employee where any record is one, else 60.

    Only work up to the statutory month of an employee is insured: who has no such month stays what he is. A month that
    holds a deemed one is insured already.
    """
    begins, ends = max(int(h.birth[i]) + _SIXTEEN, schema.FIRST_EMPLOYEE_MONTH), _employee_award(h, i, t)
    deemed = 0
    for j in range(n):
        deemed |= rows.flags[j] & schema.FLAG_DEEMED
    for j in range(n):
        code = rows.work_place[j] if rows.work_place[j] >= 0 else rows.place[j]
        chosen = (plan.forms >> rows.form[j]) & 1 == 1 and rows.flags[j] & schema.FLAG_DEEMED == 0
        if not chosen or code < 0 or np.isnan(rows.income[j]):
            continue
        mask = FULL_YEAR if rows.scheme[j] == RESIDENT else rows.months[j]
        mask &= up_to(rows.year[j], ends) & ~up_to(rows.year[j], begins - 1)
        for r in range(n if deemed else 0):
            if rows.flags[r] & schema.FLAG_DEEMED and rows.year[r] == rows.year[j]:
                mask &= ~rows.months[r]
        if mask == 0:
            continue
        if rows.scheme[j] != EMPLOYEE:
            rows.payer_share[j] = np.nan
        rows.scheme[j], rows.months[j], rows.flags[j] = EMPLOYEE, mask, rows.flags[j] & schema.FLAG_LATE
        rows.place[j], rows.work_place[j], rows.at[j] = code, code, province_position(code)
        rows.gets[j] = 1
        rows.base[j] = np.nan
    award = ends if h.claim[i] >= 0 else int(h.birth[i]) + _SIXTY
    for j in range(n):
        if rows.scheme[j] == EMPLOYEE:
            award = ends
    for j in range(n):
        if rows.scheme[j] == EMPLOYEE:
            rows.months[j] &= up_to(rows.year[j], award)
        elif rows.scheme[j] == RESIDENT and rows.year[j] > award // 12:
            rows.months[j] = 0
    return award


# ---- base -----------------------------------------------------------------------------------------------------------


@inlined
def _base_of_month(rows: Any, start: int, stop: int, j: int, k: int, plan: Any, t: Any, trace: Any) -> float:
    """Base that record ``j`` carries in month k of its year; ``start:stop`` the records of the year."""
    at = rows.at[j]
    insured, everything, number = 0.0, 0.0, 0
    for r in range(start, stop):
        income = rows.income[r]
        if (rows.earned[r] >> k) & 1 == 0 or np.isnan(income):
            continue
        everything += income
        if rows.gets[r] == 1 and rows.at[r] == at and (rows.months[r] >> k) & 1:
            insured += income
            number += 1
    y = rows.year[j] - FIRST_YEAR
    floor, ceiling = floor_of(plan, t, at, y, k), t.ceiling[at, 12 * y + k]
    income = everything if plan.all_sources == 1 else insured
    whole = contribution_base(income, floor, ceiling)
    if trace is not None:
        note(trace, CONTRIBUTION_BASE, rows.source[j], at, income, floor, ceiling, 0.0, 0.0, whole)
    if number == 1:
        return whole
    if insured == 0.0:
        return whole / number
    part = shared_base(whole, rows.income[j], insured)
    if trace is not None:
        note(trace, SHARED_BASE, rows.source[j], at, whole, rows.income[j], insured, 0.0, 0.0, part)
    return part


@inlined
def _bases(w: Any, n: int, plan: Any, t: Any, trace: Any) -> int:
    """Work out the bases of the records that get one; a record whose months differ becomes several. Returns the number
    of records, -1 where an income is missing."""
    rows, recorded = w.rows, plan.floor == 0 and plan.all_sources == 0
    for j in range(n):
        if not recorded and is_paid(rows, j):
            rows.gets[j] = 1
            if np.isnan(rows.income[j]):
                return -1
    total = n
    start = 0
    while start < n:
        stop = start + 1
        while stop < n and rows.year[stop] == rows.year[start]:
            stop += 1
        alone = stop == start + 1 and t.uniform[max(rows.at[start], 0), rows.year[start] - FIRST_YEAR] == 1
        # Months in which something is earned or insured that was not in the month before, or no longer is.
        changes = 0
        for r in range(start, stop):
            changes |= (rows.months[r] ^ (rows.months[r] << 1)) | (rows.earned[r] ^ (rows.earned[r] << 1))
        # Records are split after the incomes of the whole year were read: the masks of the year stay till then.
        ends = total
        for j in range(start, stop):
            if rows.gets[j] == 0 or rows.months[j] == 0:
                continue
            uniform = trace is None and t.uniform[rows.at[j], rows.year[j] - FIRST_YEAR] == 1
            pieces, piece = 0, 0
            for k in range(12):
                if (rows.months[j] >> k) & 1 == 0:
                    continue
                if alone and pieces > 0:
                    w.piece_mask[0] = rows.months[j]
                    break
                if uniform and pieces > 0 and (changes >> k) & 1 == 0:  # as the month before
                    w.piece_mask[piece] |= 1 << k
                    continue
                value = _base_of_month(rows, start, stop, j, k, plan, t, trace)
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
                copy_row(rows, j, rows, total)
                rows.months[total], rows.base[total] = w.piece_mask[piece], w.piece_base[piece]
                total += 1
        for j in range(start, stop):
            if rows.gets[j] == 1:
                rows.months[j] = 0
        for j in range(ends, total):
            rows.gets[j] = 0
        start = stop
    return total


# ---- payer, and all of them -----------------------------------------------------------------------------------------


@inlined
def _payer(rows: Any, n: int, plan: Any) -> None:
    """Let the platform pay: its share of the base, or, by law, what employers pay."""
    for j in range(n):
        if is_paid(rows, j) and rows.form[j] == PLATFORM:
            if plan.payer == base.BY_SHARE:
                rows.payer_share[j] = plan.share
            else:
                rows.form[j], rows.payer_share[j] = _EMPLOYED, np.nan


@inlined
def vary_one(h: Any, i: int, plan: Any, t: Any, w: Any, with_gone: bool, trace: Any) -> tuple[int, int, int, int, int]:
    """Make the variant of person ``i`` in ``w``: (records, refunds, dropped records, reason, kind). With a reason it is
    the recorded history; kind is 1 for an employee, 0 for nobody's, -1 for what the recorded history says.

    ``with_gone``: what a surrender ended is asked for. ``trace`` None or an array of ``cells.TRACE_COLUMNS``; its
    records are those of ``h``.
    """
    rows = w.rows
    n, refunds, gone, reason, kind, award = load(h, i, rows), 0, 0, 0, -1, schema.FIRST_AWARD_MONTH
    from_incomes = plan.enrolment == 1 or plan.floor != 0 or plan.all_sources == 1
    if from_incomes:
        note_incomes(rows, n)
    if plan.career != 0:
        reason = _career(rows, n, plan, t, trace)
    if reason == 0 and plan.surrendered == 1:
        refunds, gone = surrender(w, n, _employee_award(h, i, t), t, with_gone, trace)
    if reason == 0 and plan.enrolment == 1:
        award = _enrol(h, i, rows, n, plan, t)
        kind = 0
        for j in range(n):
            if rows.scheme[j] == EMPLOYEE:
                kind = 1
    if reason == 0 and from_incomes:
        n = _bases(w, n, plan, t, trace)
        if n < 0:
            reason = NO_INCOME_STATED
        elif award < schema.FIRST_AWARD_MONTH:
            reason = OLD_AWARD
    if reason != 0:
        return put_in_order(rows, load(h, i, rows), w.order), 0, 0, reason, -1
    if plan.payer != 0:
        _payer(rows, n, plan)
    return put_in_order(rows, n, w.order), refunds, put_in_order(w.gone, gone, w.gone_order), 0, kind


class Varied(NamedTuple):
    """The variants of one block of people."""

    who: npt.NDArray[np.int64]
    """[person]: their positions among all people."""
    kind: npt.NDArray[np.int8]
    """[person]: see ``vary_one``."""
    counts: npt.NDArray[np.int64]
    """[person, 3]: numbers of their records, dropped records and refunds."""
    records: Records
    gone: Records
    refunds: npt.NDArray[np.float64]
    """[refund, 3]: month, yuan and yuan at the award of ``variants.work.Refunds``."""


@jit
def _vary_some(
    h: Any,
    who: Any,
    first: int,
    last: int,
    plan: Any,
    t: Any,
    everybody: bool,
    with_gone: bool,
    reasons: Any,
    w: Any,
    to: Any,
    ends: Any,
) -> tuple[int, int, int, int]:
    """Append the variants of the people ``who[first:last]`` to those of ``to``, until one finds no room. Returns who
    that is (``last`` if nobody), and the records, dropped records and refunds that he needs room for. ``ends``: the
    people, records, dropped records and refunds that are there."""
    found, at, at_gone, at_refund = ends[0], ends[1], ends[2], ends[3]
    k, n, dropped, paid = first, 0, 0, 0
    while k < last:
        i = who[k]
        fetch(h, who[min(k + 1, last - 1)])
        n, paid, dropped, reason, kind = vary_one(h, i, plan, t, w, with_gone, None)
        reasons[i] = reason
        if reason == 0 or everybody:
            short = at + n > to.records.year.shape[0] or at_gone + dropped > to.gone.year.shape[0]
            if short or at_refund + paid > to.refunds.shape[0]:
                break
            write(to.records, at, w.rows, w.order, n)
            write(to.gone, at_gone, w.gone, w.gone_order, dropped)
            for refund in range(paid):
                line = to.refunds[at_refund + refund]
                line[0], line[1], line[2] = w.refund_month[refund], w.refund_yuan[refund], w.refund_award[refund]
            at, at_gone, at_refund = at + n, at_gone + dropped, at_refund + paid
            to.who[found], to.kind[found] = i, kind
            to.counts[found, 0], to.counts[found, 1], to.counts[found, 2] = n, dropped, paid
            found += 1
        k += 1
    ends[0], ends[1], ends[2], ends[3] = found, at, at_gone, at_refund
    return k, n, dropped, paid


@kernel
def vary(
    h: Any,
    who: Any,
    first: int,
    last: int,
    plan: Any,
    t: Any,
    everybody: bool,
    with_gone: bool,
    reasons: Any,
    room: Records,
    room_of_gone: Records,
) -> Varied:
    """Variants of the people ``who[first:last]``; ``reasons`` [person] gets the code of those who have none. These are
    left out, but for ``everybody``; dropped records are, but ``with_gone``. What is left in stands in the rooms unless
    it needs more."""
    most, people = 0, last - first
    for k in range(first, last):
        most = max(most, h.offsets[who[k] + 1] - h.offsets[who[k]])
    w, ends = new_work(most), np.zeros(4, dtype=np.int64)
    of_person = np.empty(people, dtype=np.int64), np.empty(people, dtype=np.int8), np.empty((people, 3), dtype=np.int64)
    to = Varied(*of_person, room, room_of_gone, np.empty((0, 3)))
    k = first
    while True:
        k, n, dropped, paid = _vary_some(h, who, k, last, plan, t, everybody, with_gone, reasons, w, to, ends)
        if k == last:
            break
        records, gone, refunds = to.records, to.gone, to.refunds
        if ends[1] + n > records.year.shape[0]:
            records = longer(records, ends[1], n)
        if ends[2] + dropped > gone.year.shape[0]:
            gone = longer(gone, ends[2], dropped)
        if ends[3] + paid > refunds.shape[0]:
            refunds = np.concatenate((refunds, np.empty((ends[3] + paid, 3))))
        to = Varied(to.who, to.kind, to.counts, records, gone, refunds)
    found, at, at_gone, at_refund = ends[0], ends[1], ends[2], ends[3]
    records, gone = first_of(to.records, at), first_of(to.gone, at_gone)
    return Varied(to.who[:found], to.kind[:found], to.counts[:found], records, gone, to.refunds[:at_refund])


@kernel
def vary_traced(h: Any, plan: Any, t: Any, trace: Any) -> None:
    """The steps behind the variant of the one person of ``h``, into ``trace``."""
    vary_one(h, 0, plan, t, new_work(h.offsets[1] - h.offsets[0]), True, trace)


@kernel
def refund_values(out: Any, first: int, last: int, h: Any, world: Any, refunds: Any, reference: Any) -> None:
    """``out`` [person]: the refunds at R0 (``reference``, month serials), yuan of R0."""
    for i in range(first, last):
        out[i] = 0.0
        for k in range(refunds.offsets[i], refunds.offsets[i + 1]):
            factor = one_payment(world, h.sex[i], h.birth[i], refunds.month[k], reference[i])
            out[i] += present_value(refunds.yuan[k], factor)
