"""The parts of the employee pension that a person's cells give under one regime: basic, transitional, by design."""

from __future__ import annotations

from typing import Any, Final

from pension import accounting as choose
from pension import schema
from pension._compile import inlined
from pension.kernels import cells
from pension.kernels.award_fields import BASIC, EMPLOYEE_ACCOUNT, INDEX, NDC, POINTS, RIGHTS, TRANSITIONAL
from pension.kernels.cells import note
from pension.kernels.resident_account import balance_at
from pension.law.designs import NOTIONAL_PENSION, RIGHTS_PENSION, months_by_balance, notional_pension, rights_pension
from pension.law.employee import (
    AVERAGE_INDEX,
    BASIC_PENSION,
    INDEXED_WAGE,
    MEAN_TRANSITIONAL_PENSION,
    TRANSITION_COEFFICIENT,
    TRANSITIONAL_PENSION,
    average_index,
    basic_pension,
    contribution_index,
    indexed_wage,
    mean_transitional_pension,
    transition_coefficient,
    transitional_pension,
)
from pension.law.transfer import TRANSFER_RATE, pooled_transfer
from pension.tables.dense import FIRST_YEAR
from pension.tables.world import (
    BEIJING,
    CALCULATION_BASE,
    COEFFICIENT,
    COUNTS_PAID,
    CUTOFF,
    FIXED_INDEX,
    MEAN_OF_BASE_AND_WAGE,
    OWN_INDEX,
    PAID_FROM,
    THRESHOLD,
    TRANSITION_SHAPE,
)

_CONVERTED: Final = 3
_RATIO: Final = 3
_ONE_TO_ONE: Final = 4
_BALANCE: Final = 5
_POINTS: Final = 1
_RIGHTS: Final = 2


@inlined
def chosen(code: int, claim: float, segment: float, nation: float, alpha: float) -> float:
    """The value a base provision picks: of the claim place, of the segment's own place, of the nation, a blend."""
    if code == 1:
        return segment
    if code == 2:
        return nation
    if code == 3:
        return alpha * nation + (1.0 - alpha) * claim
    return claim


@inlined
def counts(kind_of_cell: int, slot_place: int, place: int, late_kept: bool) -> bool:
    """Late back-payments count where they were paid to the claim place, everywhere when the regime keeps them."""
    return kind_of_cell != cells.LATE or late_kept or slot_place == place


@inlined
def follows(cell: Any, rule: int) -> float:
    """Pooled money of a cell that follows who ends in the resident scheme or withdraws, by ``pooled_on_exit``."""
    if rule == 1:
        return pooled_transfer(TRANSFER_RATE, cell[cells.BASES])
    if rule == 2:
        return cell[cells.POOLED_FACE]
    if rule >= 3:
        return cell[cells.POOLED]
    return 0.0


@inlined
def _exit_year(s: Any, slot: int, award: int, late_counts: bool) -> int:
    """Calendar year in which a segment is valued when it is frozen: of the last counted paid month there; the award
    year for a place still contributing in it and for a place with deemed months only."""
    last = max(s.cells[slot, cells.ORDINARY, cells.LAST], s.cells[slot, cells.TEMPORARY, cells.LAST])
    if late_counts:
        last = max(last, s.cells[slot, cells.LATE, cells.LAST])
    if last == 0.0:
        return award // 12
    return min(int(last) // 12, award // 12)


@inlined
def _calculation_base(
    world: Any, code: int, place: int, own: int, year: int, award_year: int, regime: Any, alpha: float
) -> float:
    """Calculation base that values one half of a segment, carried to the award as ``revaluation`` says."""
    y = year - FIRST_YEAR
    base = chosen(
        code,
        world.annual[place, y, CALCULATION_BASE],
        world.annual[own, y, CALCULATION_BASE],
        world.annual[schema.NATION_INDEX, y, CALCULATION_BASE],
        alpha,
    )
    if regime[choose.REVALUATION] == 2 and year < award_year:
        nation = world.wages[schema.NATION_INDEX]
        base *= nation[award_year - FIRST_YEAR] / nation[y]
    return base


@inlined
def employee_parts(
    s: Any,
    world: Any,
    regime: Any,
    alpha: float,
    place: int,
    column: int,
    award: int,
    money: float,
    out: Any,
    trace: Any,
) -> float:
    """Basic and transitional pension of the counted cells, into ``out``; ``money`` the resident balance at the award.
    Returns the resident money that leaves for the pool because it bought employee years."""
    slots = int(s.summary[cells.N_SLOTS])
    nation_column = int(s.summary[cells.NATION_COLUMN])
    flat, earnings, index = regime[choose.FLAT_BASE], regime[choose.EARNINGS_BASE], regime[choose.INDEX_WAGE]
    late_kept = regime[choose.LATE_BACKPAYMENTS] == 1
    award_year = award // 12
    frozen = regime[choose.REVALUATION] != 0
    by_place = flat == 1 or earnings == 1 or frozen
    months_all, index_all, paid_months, deemed_months = 0.0, 0.0, 0.0, 0.0
    basic = 0.0
    for slot in range(slots):
        own = s.place_of[slot]
        months, total = 0.0, 0.0
        for kind_of_cell in range(4):
            if counts(kind_of_cell, own, place, late_kept):
                months += s.cells[slot, kind_of_cell, cells.MONTHS]
                if kind_of_cell == cells.DEEMED:
                    deemed_months += s.cells[slot, kind_of_cell, cells.MONTHS]
                else:
                    paid_months += s.cells[slot, kind_of_cell, cells.MONTHS]
                sums = s.indices[slot, kind_of_cell]
                total += chosen(index, sums[column], sums[slot], sums[nation_column], alpha)
        if months == 0.0:
            continue
        months_all += months
        index_all += total
        if by_place:
            late_counts = counts(cells.LATE, own, place, late_kept)
            year = _exit_year(s, slot, award, late_counts) if frozen else award_year
            basic += _basic(world, regime, alpha, place, own, year, award_year, months, total, trace)
    leaving = 0.0
    if regime[choose.RESIDENT_YEARS] >= _CONVERTED:
        leaving = _converted(s, world, regime, award, money, s.years)
        for entry in range(int(s.summary[cells.N_CONVERTED])):
            months, total = s.years[entry, 0], s.years[entry, 1]
            if months == 0.0:
                continue
            months_all += months
            index_all += total
            if by_place:
                year = int(s.years[entry, 3]) if frozen else award_year
                own = int(s.years[entry, 2])
                basic += _basic(world, regime, alpha, place, own, year, award_year, months, total, trace)
    overall = index_all / months_all
    out[INDEX] = overall
    if not by_place:
        basic = _basic(world, regime, alpha, place, place, award_year, award_year, months_all, index_all, trace)
    out[BASIC] = basic
    design = regime[choose.DESIGN]
    if design >= _RIGHTS:
        out[BASIC] = 0.0
        _designed(s, world, design, late_kept, place, award_year, out, trace)
    if design == _POINTS:
        out[BASIC], out[POINTS] = 0.0, basic
    if deemed_months == 0.0 and s.summary[cells.N_EARLY] == 0.0:
        return leaving
    base = _calculation_base(world, flat, place, place, award_year, award_year, regime, alpha)
    if flat != 1:
        out[TRANSITIONAL] = _transition(
            s, world, regime, alpha, place, column, -1, -1, base, overall, paid_months, trace
        )
        return leaving
    for slot in range(slots):
        own = s.place_of[slot]
        base = _calculation_base(world, flat, own, own, award_year, award_year, regime, alpha)
        out[TRANSITIONAL] += _transition(
            s, world, regime, alpha, place, column, slot, slot, base, overall, paid_months, trace
        )
    return leaving


@inlined
def _converted(s: Any, world: Any, regime: Any, award: int, money: float, years: Any) -> float:
    """Resident years as employee years by the regime's rule: rows (months, sum of indices, place, last year there) into
    ``years``; returns the resident money that leaves for the pool, yuan at the award."""
    summary = s.summary
    rule, n = regime[choose.RESIDENT_YEARS], int(summary[cells.N_CONVERTED])
    leaving, bought = 0.0, 0.0
    hukou = int(summary[cells.HUKOU])
    if rule == _BALANCE:
        wage = world.wages[hukou, award // 12 - FIRST_YEAR]
        months = 0.0
        for entry in range(n):
            months += s.converted[entry, 2]
        bought = months_by_balance(months, money, cells.FLOOR, wage, cells.INDIVIDUAL_RATE)
        leaving = cells.TO_POOL * bought * cells.FLOOR * wage * cells.INDIVIDUAL_RATE
    if rule == _RATIO:
        leaving = cells.TO_POOL * balance_at(summary, world, cells.AT_AWARD, 3, award)
    for entry in range(n):
        years[entry, 0] = 12.0 * s.converted[entry, 3]
        years[entry, 1] = cells.FLOOR * years[entry, 0]
        years[entry, 2] = s.converted[entry, 0]
        years[entry, 3] = s.converted[entry, 1]
        if rule == _ONE_TO_ONE:
            years[entry, 0] = s.converted[entry, 2]
            years[entry, 1] = s.converted[entry, 2] * s.converted[entry, 4]
        if rule == _BALANCE:
            years[entry, 0] = bought if entry == 0 else 0.0
            years[entry, 1] = cells.FLOOR * years[entry, 0]
            years[entry, 2] = hukou
            years[entry, 3] = award // 12
    for entry in range(n):
        for later in range(entry + 1, n):
            if years[later, 2] == years[entry, 2]:
                years[entry, 3] = years[later, 3]
    return leaving


@inlined
def _designed(
    s: Any, world: Any, design: int, late_kept: bool, place: int, award_year: int, out: Any, trace: Any
) -> None:
    """Pension from booked rights or from a notional account, into ``out``."""
    y = award_year - FIRST_YEAR
    nation = schema.NATION_INDEX
    column = int(s.summary[cells.NATION_COLUMN])
    rights, notional = 0.0, s.summary[cells.RESIDENT_NOTIONAL]
    for slot in range(int(s.summary[cells.N_SLOTS])):
        for kind_of_cell in range(4):
            if counts(kind_of_cell, s.place_of[slot], place, late_kept):
                rights += s.cells[slot, kind_of_cell, cells.RIGHTS]
                if kind_of_cell != cells.DEEMED:
                    rights += s.indices[slot, kind_of_cell, column]
                    notional += s.cells[slot, kind_of_cell, cells.NOTIONAL]
    if design == _RIGHTS:
        base = world.annual[nation, y, CALCULATION_BASE]
        out[RIGHTS] = rights_pension(base, rights)
        if trace is not None:
            note(trace, RIGHTS_PENSION, -1, nation, base, rights, 0.0, 0.0, 0.0, out[RIGHTS])
    else:
        balance, divisor = notional * world.wages[nation, y], out[NDC]
        out[NDC] = notional_pension(balance, divisor)
        out[EMPLOYEE_ACCOUNT] = balance
        if trace is not None:
            note(trace, NOTIONAL_PENSION, -1, nation, balance, divisor, 0.0, 0.0, 0.0, out[NDC])


@inlined
def _paid_before_cutoff(
    s: Any, world: Any, regime: Any, alpha: float, place: int, column: int, only: int, of: int
) -> tuple[float, float]:
    """Months of slot ``of`` (-1: of all) paid up to the cut-off of ``only``'s place (that of the claim place where it
    is -1), and the sum of their indices."""
    line = world.lines[place if only < 0 else s.place_of[only]]
    if line[COUNTS_PAID] == 0.0:
        return 0.0, 0.0
    begins, ends = int(line[PAID_FROM]), int(line[CUTOFF])
    late_kept = regime[choose.LATE_BACKPAYMENTS] == 1
    rule = 1 if only >= 0 else regime[choose.INDEX_WAGE]
    months, total = 0.0, 0.0
    for entry in range(int(s.summary[cells.N_EARLY])):
        slot, kind_of_cell, year, mask = s.early[entry, 0], s.early[entry, 1], s.early[entry, 2], s.early[entry, 3]
        own = s.place_of[slot]
        if (of >= 0 and slot != of) or not counts(kind_of_cell, own, place, late_kept):
            continue
        low, high = max(begins - 12 * year, 0), min(ends - 12 * year, 11)
        if high < low:
            continue
        mask &= (1 << (high + 1)) - (1 << low)
        n = cells.POPCOUNT[mask]
        y, base = year - FIRST_YEAR, s.early_base[entry]
        if rule == 1:
            index = contribution_index(base, world.wages[own, y])
        elif rule == 2:
            index = contribution_index(base, world.wages[schema.NATION_INDEX, y])
        else:
            index = contribution_index(base, world.wages[s.columns[column], y])
            if rule == 3:
                index = alpha * contribution_index(base, world.wages[schema.NATION_INDEX, y]) + (1.0 - alpha) * index
        total += n * index
        # Several payers of one month: their bases add, the month counts once.
        earlier = entry - 1
        while earlier >= 0 and s.early[earlier, 2] == year:
            if s.early[earlier, 0] == slot and s.early[earlier, 1] == kind_of_cell:
                mask &= ~s.early[earlier, 3]
            earlier -= 1
        months += cells.POPCOUNT[mask]
    return months, total


@inlined
def _transition(
    s: Any,
    world: Any,
    regime: Any,
    alpha: float,
    place: int,
    column: int,
    only: int,
    of: int,
    base: float,
    overall: float,
    paid_months: float,
    trace: Any,
) -> float:
    """Transitional pension by the method of the claim place (``only`` = -1) or of one place, slot ``only``, with its
    own index, for the months of slot ``of`` (-1: of all places); linear in them."""
    at = place if only < 0 else s.place_of[only]
    line = world.lines[at]
    deemed, of_deemed = 0.0, 0.0
    for slot in range(int(s.summary[cells.N_SLOTS])):
        if of < 0 or slot == of:
            deemed += s.cells[slot, cells.DEEMED, cells.MONTHS]
            of_deemed += s.indices[slot, cells.DEEMED, slot]
    paid, of_paid = _paid_before_cutoff(s, world, regime, alpha, place, column, only, of)
    months = deemed + paid
    if months == 0.0:
        return 0.0
    low, high, threshold = line[COEFFICIENT], line[COEFFICIENT + 1], line[THRESHOLD]
    coefficient = transition_coefficient(low, high, threshold, paid_months)
    if trace is not None:
        note(trace, TRANSITION_COEFFICIENT, -1, at, low, high, threshold, paid_months, 0.0, coefficient)
    shape = int(line[TRANSITION_SHAPE])
    index = overall
    if only >= 0 or line[OWN_INDEX] == 1.0:
        index = average_index(of_deemed + of_paid, months)
        if trace is not None:
            note(trace, AVERAGE_INDEX, -1, at, of_deemed + of_paid, months, 0.0, 0.0, 0.0, index)
    if shape == BEIJING:
        # Deemed months at index 1, paid months before the cut-off at their own.
        part = 0.0
        if deemed > 0.0:
            part = _plain_transition(base, 1.0, deemed, coefficient, at, trace)
        if paid > 0.0:
            own = average_index(of_paid, paid)
            if trace is not None:
                note(trace, AVERAGE_INDEX, -1, at, of_paid, paid, 0.0, 0.0, 0.0, own)
            part += _plain_transition(base, own, paid, coefficient, at, trace)
        return part
    if shape == MEAN_OF_BASE_AND_WAGE:
        part = mean_transitional_pension(base, index, months, coefficient)
        if trace is not None:
            note(trace, MEAN_TRANSITIONAL_PENSION, -1, at, base, index, months, coefficient, 0.0, part)
        return part
    if shape == FIXED_INDEX:
        index = 1.0
    return _plain_transition(base, index, months, coefficient, at, trace)


@inlined
def _plain_transition(base: float, index: float, months: float, coefficient: float, at: int, trace: Any) -> float:
    part = transitional_pension(base, index, months, coefficient)
    if trace is not None:
        note(trace, TRANSITIONAL_PENSION, -1, at, base, index, months, coefficient, 0.0, part)
    return part


@inlined
def _basic(
    world: Any,
    regime: Any,
    alpha: float,
    place: int,
    own: int,
    year: int,
    award_year: int,
    months: float,
    total: float,
    trace: Any,
) -> float:
    """Basic pension of one segment: ``months`` with sum of indices ``total``, paid in ``own``."""
    of_flat = _calculation_base(world, regime[choose.FLAT_BASE], place, own, year, award_year, regime, alpha)
    of_earnings = _calculation_base(world, regime[choose.EARNINGS_BASE], place, own, year, award_year, regime, alpha)
    z = average_index(total, months)
    wage = indexed_wage(of_earnings, z)
    part = basic_pension(of_flat, wage, months)
    if trace is not None:
        note(trace, AVERAGE_INDEX, -1, own, total, months, 0.0, 0.0, 0.0, z)
        note(trace, INDEXED_WAGE, -1, own, of_earnings, z, 0.0, 0.0, 0.0, wage)
        note(trace, BASIC_PENSION, -1, own, of_flat, wage, months, 0.0, 0.0, part)
    return part
