"""Settling a digest under one regime: claim place, vesting, route, components, present value.

A closed formula over a handful of cells. It calls the law, it does not restate it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension import accounting as choose
from pension import cells, schema
from pension import valuation as val
from pension._compile import inlined, kernel
from pension.cells import new_scratch, note
from pension.digest import digest_one
from pension.late_claim import inheritance_before_award
from pension.law.bridging import MISSING_YEARS, VESTED, WHOLE_YEARS, minimum_met, missing_years, whole_years
from pension.law.designs import (
    NOTIONAL_PENSION,
    RIGHTS_PENSION,
    TOP_UP,
    months_by_balance,
    notional_pension,
    rights_pension,
    top_up,
)
from pension.law.employee import (
    ACCOUNT_PENSION,
    AVERAGE_INDEX,
    BASIC_PENSION,
    INDEXED_WAGE,
    MEAN_TRANSITIONAL_PENSION,
    TRANSITION_COEFFICIENT,
    TRANSITIONAL_PENSION,
    account_pension,
    average_index,
    basic_pension,
    contribution_index,
    indexed_wage,
    mean_transitional_pension,
    transition_coefficient,
    transitional_pension,
)
from pension.law.resident import (
    REQUIRED_YEARS,
    RESIDENT_ACCOUNT,
    RETAINED_SHARE,
    required_years,
    resident_account_pension,
    resident_balance,
    retained_share,
)
from pension.law.transfer import CLAIM_PLACE, FIRST_TRANSFER_MONTH, claim_branch
from pension.streams import (
    basic_stream,
    premium_at,
    premium_stream,
    resident_basic_at,
    supplement_at,
    supplement_stream,
)
from pension.tables import FIRST_MONTH, FIRST_YEAR
from pension.valuation import PRESENT_VALUE, present_value
from pension.world import (
    BEIJING,
    CALCULATION_BASE,
    COEFFICIENT,
    COUNTS_PAID,
    CUTOFF,
    EMPLOYEE_CLASS,
    FIXED_INDEX,
    LUMP_ALLOWED,
    MEAN_OF_BASE_AND_WAGE,
    MONTH_LOWEST_TIER,
    OWN_INDEX,
    PAID_FROM,
    RESIDENT_CLASS,
    RESIDENT_RATE,
    SCHEME_START,
    THRESHOLD,
    TRANSITION_SHAPE,
)

# --- what settling one person under one regime gives
STATUS: Final = 0
ROUTE: Final = 1
MONTHLY: Final = 2
PW: Final = 3
"""Present value in constant yuan of the price year."""
BASIC: Final = 4
ACCOUNT: Final = 5
TRANSITIONAL: Final = 6
RESIDENT_BASIC: Final = 7
YEAR_PREMIUM: Final = 8
AGE_SUPPLEMENT: Final = 9
RESIDENT_ACCOUNT_PENSION: Final = 10
POINTS: Final = 11
RIGHTS: Final = 12
NDC: Final = 13
CITIZEN: Final = 14
REFUND: Final = 15
LUMP_SUM: Final = 16
BACKPAY: Final = 17
PLACE: Final = 18
"""Position of the claim place, -1 without one."""
BRANCH: Final = 19
EMPLOYEE_MONTHS: Final = 20
RESIDENT_MONTHS: Final = 21
EMPLOYEE_ACCOUNT: Final = 22
"""Balance that is divided by the annuity months, or bridged, yuan."""
RESIDENT_BALANCE: Final = 23
"""Balance that is divided by 139, yuan."""
INDEX: Final = 24
RESIDENT_START: Final = 25
"""First month of the resident part (serial), 0 without one."""
REPLACEMENT: Final = 26
PW_R0: Final = 27
"""Present value in yuan of R0."""
N_RESULTS: Final = 28
DIED_BEFORE_AWARD: Final = 28
"""In a trace: the part of the present value that heirs receive when the member dies between R0 and the award."""

RESULT_NAMES: Final = (
    "status route monthly pw basic account transitional resident_basic year_premium age_supplement resident_account "
    "points rights ndc citizen "
    "refund lump_sum backpay claim_place claim_branch employee_months resident_months employee_balance "
    "resident_balance average_index resident_start replacement_rate pw_r0"
).split()

ROUTES: Final = (
    "none",
    "employee",
    "resident",
    "employee_and_resident",
    "employee_to_resident",
    "resident_to_employee",
    "withdrawal",
)
ROUTE_NONE: Final = 0
ROUTE_EMPLOYEE: Final = 1
ROUTE_RESIDENT: Final = 2
ROUTE_RETAIN: Final = 3
ROUTE_TO_RESIDENT: Final = 4
ROUTE_TO_EMPLOYEE: Final = 5
ROUTE_WITHDRAWAL: Final = 6

DEFINED: Final = 0
EARLY_CLAIM_UNVESTED: Final = 1
NO_RIGHT: Final = 2
UNKNOWN_PARAMETER: Final = 3
STATUS_TEXT: Final = {
    DEFINED: "defined",
    EARLY_CLAIM_UNVESTED: "an early claim without the minimum months (人社部发〔2024〕94号 art. 2)",
    NO_RIGHT: "no employee month and no resident year, so no claim",
    UNKNOWN_PARAMETER: "a parameter this person needs is unknown for its place and year",
}

_EMPLOYEE: Final = 1
_BRIDGE: Final = 2
_WITHDRAW: Final = 3

# --- choices of a regime that the code below names
_CONVERTED: Final = 3
_RATIO: Final = 3
_ONE_TO_ONE: Final = 4
_BALANCE: Final = 5
_POINTS: Final = 1
_RIGHTS: Final = 2
_NDC: Final = 3
_BEST: Final = 4


@inlined
def _claim_place(s: Any, hukou: int, rule: int, temporary_counted: bool, trace: Any) -> tuple[int, int, int]:
    """Claim place of 66号 art. 6 (or the regime's): (position, column of the index sums, branch)."""
    slots = int(s.summary[cells.N_SLOTS])
    relation, relation_last, ordinary = -1, 0.0, False
    for slot in range(slots):
        cell = s.cells[slot]
        last = cell[cells.ORDINARY, cells.LAST]
        if temporary_counted:
            last = max(last, cell[cells.TEMPORARY, cells.LAST])
        if last > 0.0:
            if not ordinary or last > relation_last:
                relation, relation_last = slot, last
            ordinary = True
        elif not ordinary and cell[cells.DEEMED, cells.LAST] > relation_last:
            relation, relation_last = slot, cell[cells.DEEMED, cells.LAST]
    hukou_column = int(s.summary[cells.HUKOU_COLUMN])
    if rule == 2:
        return hukou, hukou_column, 6
    if relation < 0:
        return hukou, hukou_column, 4
    if rule == 1:
        return s.place_of[relation], relation, 5
    if rule == 3 and 0 < s.first[relation] < FIRST_TRANSFER_MONTH:
        moved = False
        for slot in range(slots):
            for kind_of_cell in range(cells.LATE, cells.ORDINARY + 1):
                moved |= slot != relation and s.cells[slot, kind_of_cell, cells.LAST] >= FIRST_TRANSFER_MONTH
        if not moved:
            return s.place_of[relation], relation, 7
    upper, upper_last, relation_months = -1, 0.0, 0.0
    for slot in range(slots):
        cell = s.cells[slot]
        months = cell[cells.ORDINARY, cells.MONTHS] + cell[cells.DEEMED, cells.MONTHS] + cell[cells.LATE, cells.MONTHS]
        last = cell[cells.ORDINARY, cells.LAST]
        if temporary_counted:
            months += cell[cells.TEMPORARY, cells.MONTHS]
            last = max(last, cell[cells.TEMPORARY, cells.LAST])
        if last == 0.0:
            last = cell[cells.DEEMED, cells.LAST]
        if slot == relation:
            relation_months = months
        elif months >= 120 and last > upper_last:
            upper, upper_last = slot, last
    at_hukou = 1 if s.place_of[relation] == hukou else 0
    branch = claim_branch(at_hukou, relation_months, 1 if upper >= 0 else 0)
    if trace is not None:
        note(
            trace,
            CLAIM_PLACE,
            -1,
            s.place_of[relation],
            at_hukou,
            relation_months,
            1 if upper >= 0 else 0,
            0.0,
            0.0,
            branch,
        )
    if branch == 2:
        return s.place_of[relation], relation, branch
    if branch == 3:
        return s.place_of[upper], upper, branch
    return hukou, hukou_column, branch


@inlined
def _chosen(code: int, claim: float, segment: float, nation: float, alpha: float) -> float:
    """The value a base provision picks: of the claim place, of the segment's own place, of the nation, a blend."""
    if code == 1:
        return segment
    if code == 2:
        return nation
    if code == 3:
        return alpha * nation + (1.0 - alpha) * claim
    return claim


@inlined
def _counts(kind_of_cell: int, slot_place: int, place: int, late_kept: bool) -> bool:
    """Late back-payments count where they were paid to the claim place, everywhere when the regime keeps them."""
    return kind_of_cell != cells.LATE or late_kept or slot_place == place


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
    base = _chosen(
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
def _employee_parts(
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
            if _counts(kind_of_cell, own, place, late_kept):
                months += s.cells[slot, kind_of_cell, cells.MONTHS]
                if kind_of_cell == cells.DEEMED:
                    deemed_months += s.cells[slot, kind_of_cell, cells.MONTHS]
                else:
                    paid_months += s.cells[slot, kind_of_cell, cells.MONTHS]
                sums = s.indices[slot, kind_of_cell]
                total += _chosen(index, sums[column], sums[slot], sums[nation_column], alpha)
        if months == 0.0:
            continue
        months_all += months
        index_all += total
        if by_place:
            late_counts = _counts(cells.LATE, own, place, late_kept)
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
        out[TRANSITIONAL] = _transition(s, world, regime, alpha, place, column, -1, base, overall, paid_months, trace)
        return leaving
    for slot in range(slots):
        own = s.place_of[slot]
        base = _calculation_base(world, flat, own, own, award_year, award_year, regime, alpha)
        out[TRANSITIONAL] += _transition(
            s, world, regime, alpha, place, column, slot, base, overall, paid_months, trace
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
        months = summary[cells.RESIDENT_MONTHS]
        bought = months_by_balance(months, money, cells.FLOOR, wage, cells.INDIVIDUAL_RATE)
        leaving = cells.TO_POOL * bought * cells.FLOOR * wage * cells.INDIVIDUAL_RATE
    if rule == _RATIO:
        leaving = cells.TO_POOL * _at(summary, world, cells.AT_AWARD, 3, award)
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
            if _counts(kind_of_cell, s.place_of[slot], place, late_kept):
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
    s: Any, world: Any, regime: Any, alpha: float, place: int, column: int, only: int
) -> tuple[float, float]:
    """Months paid up to the cut-off of ``only``'s place (all places to that of the claim place where it is -1), and
    the sum of their indices."""
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
        if (only >= 0 and slot != only) or not _counts(kind_of_cell, own, place, late_kept):
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
    base: float,
    overall: float,
    paid_months: float,
    trace: Any,
) -> float:
    """Transitional pension by the method of the claim place over all places (``only`` = -1), or by the method of
    one place, slot ``only``, over its own months."""
    at = place if only < 0 else s.place_of[only]
    line = world.lines[at]
    deemed, of_deemed = 0.0, 0.0
    for slot in range(int(s.summary[cells.N_SLOTS])):
        if only < 0 or slot == only:
            deemed += s.cells[slot, cells.DEEMED, cells.MONTHS]
            of_deemed += s.indices[slot, cells.DEEMED, slot]
    paid, of_paid = _paid_before_cutoff(s, world, regime, alpha, place, column, only)
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


@inlined
def _at(summary: Any, world: Any, first: int, which: int, month: int) -> float:
    """One of the four resident balances (see ``cells.AT_AWARD``) in ``month``."""
    place = int(summary[first + cells.OF_PLACE])
    rate = world.resident[place, month // 12 - FIRST_YEAR, RESIDENT_RATE]
    return resident_balance(summary[first + which], summary[first + cells.CREDIT + which], rate, month % 12 + 1)


@inlined
def _value(amount: float, factor: float, component: int, trace: Any) -> float:
    value = present_value(amount, factor)
    if trace is not None:
        note(trace, PRESENT_VALUE, component, -1, amount, factor, 0.0, 0.0, 0.0, value)
    return value


@inlined
def settle_route(
    s: Any, world: Any, award_row: int, regime: Any, numbers: Any, route: int, open_route: bool, out: Any, trace: Any
) -> None:
    """Settle the person digested in ``s`` by one route (employee, bridge, withdrawal) into ``out``; claim place and
    counted months stand in ``out`` already. ``open_route``: the employee route is open."""
    a = world.awards[award_row]
    alpha = numbers[choose.ALPHA]
    summary = s.summary
    sex, birth, hukou = int(summary[cells.SEX]), int(summary[cells.BIRTH]), int(summary[cells.HUKOU])
    award, reference = int(a[val.AWARD]), int(a[val.REFERENCE])
    sixty = birth + 720
    slots = int(summary[cells.N_SLOTS])
    place = int(out[PLACE])
    late_kept = regime[choose.LATE_BACKPAYMENTS] == 1
    has_resident = summary[cells.RESIDENT_RECORDS] > 0.0
    for f in range(BASIC, PLACE):
        out[f] = 0.0
    out[RESIDENT_START] = 0.0
    out[RESIDENT_BALANCE] = 0.0

    employee_account, pooled = 0.0, 0.0
    # Pooled money follows those to whom the employee route is closed; under rule 4 also who leaves an open one.
    exit_rule = regime[choose.POOLED_ON_EXIT]
    if open_route and exit_rule != 4:
        exit_rule = 0
    for slot in range(slots):
        for kind_of_cell in range(cells.LATE, cells.ORDINARY + 1):
            if _counts(kind_of_cell, s.place_of[slot], place, late_kept):
                cell = s.cells[slot, kind_of_cell]
                employee_account += cell[cells.ACCOUNT]
                if exit_rule == 1:
                    pooled += 0.12 * cell[cells.BASES]
                elif exit_rule == 2:
                    pooled += cell[cells.POOLED_FACE]
                elif exit_rule >= 3:
                    pooled += cell[cells.POOLED]

    # Resident money at the award, what leaves it for the overlap, and whether it is drawn beside the pension.
    overlap_rule = regime[choose.OVERLAP]
    notional = route == _EMPLOYEE and regime[choose.DESIGN] == _NDC
    retain = route == _EMPLOYEE and has_resident and regime[choose.RESIDENT_YEARS] == 2 and not notional
    universal = regime[choose.CITIZEN_FLOOR] == 1
    at_sixty = retain and sixty <= award
    resident_money, refund, overlap_value, principal = 0.0, 0.0, 0.0, 0.0
    settled = award
    refund_value = a[val.AT_AWARD_VALUE]
    if has_resident:
        first = cells.AT_AWARD
        if at_sixty:
            first, settled = cells.AT_SIXTY, sixty
            refund_value = val.one_payment(world, sex, birth, sixty, reference)
        resident_money = _at(summary, world, first, 0, settled)
        principal = summary[first] + summary[first + cells.CREDIT]
        # Money that leaves with its interest leaves as the account of its own that it is: what stays is exactly the
        # account that would exist had it never been paid.
        if overlap_rule == 0:
            refund = summary[cells.REFUND]
            resident_money -= refund
            principal -= refund
        else:
            resident_money -= _at(summary, world, first, overlap_rule, settled)
            principal -= summary[first + overlap_rule] + summary[first + cells.CREDIT + overlap_rule]
            if overlap_rule == 1:
                refund = _at(summary, world, first, 1, settled)
            else:
                overlap_value = _at(summary, world, cells.AT_AWARD, 2, award)
    if notional:
        # The notional account holds all money of both schemes; nothing is paid beside it.
        refund, overlap_value, resident_money, employee_account = 0.0, 0.0, 0.0, 0.0
    out[REFUND] = refund + summary[cells.DROPPED_ACCOUNT]
    pw = _value(refund, refund_value, REFUND, trace) + _value(
        summary[cells.DROPPED_ACCOUNT], a[val.AT_AWARD_VALUE], REFUND, trace
    )
    if reference < award and not notional:
        pw += _value(summary[cells.BEFORE_AWARD + (1 if retain else 0)], 1.0, DIED_BEFORE_AWARD, trace)
    employee_account += overlap_value
    out[EMPLOYEE_ACCOUNT] = employee_account
    at_resident = val.N_AWARD + world.n_employee_classes + 4 * int(world.lines[hukou, RESIDENT_CLASS])

    if route == _EMPLOYEE:
        out[ROUTE] = ROUTE_EMPLOYEE if not has_resident else (ROUTE_RETAIN if retain else ROUTE_TO_EMPLOYEE)
        column = int(summary[cells.HUKOU_COLUMN])
        for slot in range(slots):
            if s.place_of[slot] == place:
                column = slot
        if notional:
            out[NDC] = a[val.NDC_DIVISOR]
        leaving = _employee_parts(s, world, regime, alpha, place, column, award, resident_money, out, trace)
        if has_resident and not retain and not notional:
            employee_account += resident_money - leaving
            out[EMPLOYEE_ACCOUNT] = employee_account
        out[ACCOUNT] = account_pension(employee_account, a[val.ANNUITY])
        if trace is not None:
            note(trace, ACCOUNT_PENSION, -1, place, employee_account, a[val.ANNUITY], 0.0, 0.0, 0.0, out[ACCOUNT])
        earned = out[BASIC] + out[TRANSITIONAL] + out[POINTS] + out[RIGHTS] + out[NDC]
        pw += _value(earned, a[val.EMPLOYEE_VALUE], BASIC, trace)
        pw += _value(out[ACCOUNT], a[val.ACCOUNT_VALUE], ACCOUNT, trace)
        pw += _value(
            employee_account, a[val.N_AWARD + int(world.lines[place, EMPLOYEE_CLASS])], EMPLOYEE_ACCOUNT, trace
        )

    if route == _WITHDRAW:
        out[ROUTE] = ROUTE_WITHDRAWAL
        out[LUMP_SUM] = employee_account + pooled + resident_money
        pw += _value(out[LUMP_SUM], a[val.AT_AWARD_VALUE], LUMP_SUM, trace)

    if route == _BRIDGE or retain:
        months = summary[cells.RESIDENT_MONTHS]
        age_at_start = _age_at_scheme_start(summary, world)
        required = required_years(age_at_start)
        if trace is not None:
            note(trace, REQUIRED_YEARS, -1, hukou, age_at_start, 0.0, 0.0, 0.0, 0.0, required)
        share, years = 1.0, 0.0
        if retain:
            share = retained_share(months, required)
            years = summary[cells.PREMIUM_MONTHS] / 12.0
            if trace is not None:
                note(trace, RETAINED_SHARE, -1, hukou, months, required, 0.0, 0.0, 0.0, share)
        else:
            out[ROUTE] = ROUTE_TO_RESIDENT if slots > 0 else ROUTE_RESIDENT
            counted = whole_years(out[EMPLOYEE_MONTHS], months)
            missing = missing_years(required, counted)
            years = float(whole_years(out[EMPLOYEE_MONTHS], summary[cells.PREMIUM_MONTHS]))
            if trace is not None:
                note(trace, WHOLE_YEARS, -1, hukou, out[EMPLOYEE_MONTHS], months, 0.0, 0.0, 0.0, counted)
                note(trace, MISSING_YEARS, -1, hukou, required, counted, 0.0, 0.0, 0.0, missing)
            out[BACKPAY] = missing * world.monthly[hukou, award - FIRST_MONTH, MONTH_LOWEST_TIER]
            pw -= _value(out[BACKPAY], a[val.AT_AWARD_VALUE], BACKPAY, trace)
            comes = employee_account + pooled + out[BACKPAY]
            resident_money += comes
            principal += comes
        start = max(sixty, award) + 1
        if at_sixty:
            start = sixty + 1
        out[RESIDENT_START] = start
        if settled < sixty:
            balance = a[at_resident] * resident_money + a[at_resident + 1] * principal
            inheritance = a[at_resident + 2] * resident_money + a[at_resident + 3] * principal
        else:
            balance = resident_money
            inheritance = balance * (a[at_resident] if at_sixty else a[at_resident + 1])
        out[RESIDENT_BALANCE] = balance
        out[RESIDENT_ACCOUNT_PENSION] = resident_account_pension(balance)
        if not universal:
            out[RESIDENT_BASIC] = share * resident_basic_at(world, hukou, start)
        out[YEAR_PREMIUM] = share * premium_at(world, hukou, years, start, trace)
        out[AGE_SUPPLEMENT] = share * supplement_at(world, hukou, birth, start)
        if trace is not None:
            note(trace, RESIDENT_ACCOUNT, -1, hukou, balance, 0.0, 0.0, 0.0, 0.0, out[RESIDENT_ACCOUNT_PENSION])
        # Streams that begin with the scenario need no look-up: their values stand in the award row.
        ready = val.AT_SIXTY if at_sixty else val.AT_START
        if start >= world.horizon:
            last = resident_basic_at(world, hukou, world.horizon - 1)
            basic_value = last * a[ready + 1] + a[ready + 2]
        else:
            basic_value = basic_stream(world, sex, birth, hukou, start, reference)
        if not universal:
            pw += _value(share, basic_value, RESIDENT_BASIC, trace)
        if years > 0.0:
            premium_value = premium_stream(world, sex, birth, hukou, years, start, reference, a[ready])
            pw += _value(share, premium_value, YEAR_PREMIUM, trace)
        pw += _value(share, supplement_stream(world, sex, birth, hukou, start, reference), AGE_SUPPLEMENT, trace)
        pw += _value(
            out[RESIDENT_ACCOUNT_PENSION],
            a[ready],
            RESIDENT_ACCOUNT_PENSION,
            trace,
        )
        pw += _value(inheritance, 1.0, RESIDENT_BALANCE, trace)

    monthly = 0.0
    for component in range(BASIC, NDC + 1):
        monthly += out[component]
    if regime[choose.CITIZEN_FLOOR] != 0:
        start = sixty + 1
        amount = numbers[choose.CITIZEN_AMOUNT]
        if np.isnan(amount):
            amount = resident_basic_at(world, hukou, start)
        if not universal:
            other, taper = monthly, numbers[choose.CITIZEN_TAPER]
            full = amount
            amount = top_up(full, taper, other)
            if trace is not None:
                note(trace, TOP_UP, -1, hukou, full, taper, other, 0.0, 0.0, amount)
        out[CITIZEN] = amount
        monthly += amount
        # A citizen pension moves with the national basic pension.
        value = basic_stream(world, sex, birth, schema.NATION_INDEX, start, reference)
        value /= resident_basic_at(world, schema.NATION_INDEX, start)
        pw += _value(amount, value, CITIZEN, trace)
    out[MONTHLY] = monthly
    out[PW_R0] = pw
    out[PW] = pw * a[val.PRICE]
    out[STATUS] = DEFINED if np.isfinite(pw) and np.isfinite(monthly) else UNKNOWN_PARAMETER
    out[REPLACEMENT] = np.nan
    income = summary[cells.LAST_INCOME] if summary[cells.LAST_INCOME] > 0.0 else summary[cells.LAST_BASE]
    if income > 0.0:
        # The income of the last paid month, else its base, carried to the award with the reference wage of its place.
        line = world.wages[int(summary[cells.LAST_PLACE])]
        growth = line[award // 12 - FIRST_YEAR] / line[int(summary[cells.LAST_PAID]) // 12 - FIRST_YEAR]
        out[REPLACEMENT] = monthly / (income * growth)


@inlined
def _age_at_scheme_start(summary: Any, world: Any) -> int:
    """Age in months when the resident scheme started: in the county if given, else in the province."""
    start = summary[cells.RESIDENT_START]
    if start < 0.0:
        start = world.lines[int(summary[cells.HUKOU]), SCHEME_START]
    return int(start - summary[cells.BIRTH])


@inlined
def settle_one(
    s: Any, world: Any, award_row: int, regime: Any, numbers: Any, out: Any, other: Any, law: Any, trace: Any
) -> None:
    """Settle the person digested in ``s`` under one regime into ``out``; ``law`` is the vector of the law in force,
    ``other`` working memory."""
    hold = regime[choose.HOLD_HARMLESS] == 1
    law_pays, better = -np.inf, False
    begins = 0
    if trace is not None:
        begins = int(trace[0, 0])
    # Held harmless: the law, the regime, and the law again where it pays more; the last one settled stands.
    for attempt in range(3 if hold else 1):
        if attempt == 2 and not better:
            break
        if trace is not None:
            trace[0, 0] = begins
        codes = law if hold and attempt != 1 else regime
        _settle_best(s, world, award_row, codes, numbers, out, other, trace)
        if attempt == 0:
            law_pays = out[PW_R0]
        elif attempt == 1:
            better = law_pays > out[PW_R0]


@inlined
def _settle_best(
    s: Any, world: Any, award_row: int, regime: Any, numbers: Any, out: Any, other: Any, trace: Any
) -> None:
    """Settle at the claim place of the regime; where that is the best one, at each candidate and then at the winner."""
    slots = int(s.summary[cells.N_SLOTS])
    hukou = int(s.summary[cells.HUKOU])
    best = regime[choose.CLAIM_PLACE] == _BEST and slots > 0
    begins = 0
    if trace is not None:
        begins = int(trace[0, 0])
    most, chosen = -np.inf, hukou
    for candidate in range(slots + 2 if best else 1):
        forced = -1
        if best:
            forced = chosen
            if candidate < slots:
                cell = s.cells[candidate]
                held = cell[cells.ORDINARY, cells.MONTHS] + cell[cells.TEMPORARY, cells.MONTHS]
                if held + cell[cells.DEEMED, cells.MONTHS] == 0.0:
                    continue
                forced = s.place_of[candidate]
            elif candidate == slots:
                forced = hukou
        if trace is not None:
            trace[0, 0] = begins
        _settle_at(s, world, award_row, regime, numbers, forced, out, other, trace)
        if best and candidate <= slots and out[STATUS] == DEFINED:
            value = out[PW_R0]
            if value > most or (value == most and forced < chosen):
                most, chosen = value, forced


@inlined
def _settle_at(
    s: Any, world: Any, award_row: int, regime: Any, numbers: Any, forced: int, out: Any, other: Any, trace: Any
) -> None:
    """Settle at a claim place: of the regime's rule (``forced`` = -1) or a given one."""
    a = world.awards[award_row]
    summary = s.summary
    hukou = int(summary[cells.HUKOU])
    slots = int(summary[cells.N_SLOTS])
    for f in range(N_RESULTS):
        out[f] = 0.0
    out[PLACE] = -1
    if slots == 0 and summary[cells.RESIDENT_RECORDS] == 0.0:
        _undefined(out, NO_RIGHT)
        return
    temporary_counted = regime[choose.TEMPORARY_ACCOUNTS] == 1
    late_kept = regime[choose.LATE_BACKPAYMENTS] == 1
    months = 0.0
    if slots > 0:
        place, branch = forced, 8
        if forced < 0:
            place, _, branch = _claim_place(s, hukou, regime[choose.CLAIM_PLACE], temporary_counted, trace)
        out[PLACE] = place
        out[BRANCH] = branch
        for slot in range(slots):
            for kind_of_cell in range(4):
                if _counts(kind_of_cell, s.place_of[slot], place, late_kept):
                    months += s.cells[slot, kind_of_cell, cells.MONTHS]
    out[EMPLOYEE_MONTHS] = months
    out[RESIDENT_MONTHS] = summary[cells.RESIDENT_MONTHS]
    vesting = regime[choose.VESTING]
    minimum = a[val.MINIMUM]
    with_resident = vesting == 1 or regime[choose.RESIDENT_YEARS] == 1
    tested = months + summary[cells.RESIDENT_MONTHS] if with_resident else months
    needed = 1.0 if vesting == 2 else minimum
    vested = months >= 1.0 and vesting != 3 and minimum_met(tested, needed) == 1
    if trace is not None and slots > 0:
        note(trace, VESTED, -1, -1, tested, needed, 0.0, 0.0, 0.0, 1.0 if vested else 0.0)
    may_bridge = slots == 0 or (a[val.AWARD] >= a[val.STATUTORY])
    if not vested and not may_bridge:
        _undefined(out, EARLY_CLAIM_UNVESTED)
        return
    # Candidates: the employee route where it is open, else the bridge (withdrawal only where that is closed too); a
    # regime that lets the member choose compares employee and bridge, and keeps the employee route in a tie.
    leaving = _BRIDGE
    if (not vested or months < minimum) and world.lines[hukou, LUMP_ALLOWED] == 0.0:
        years = whole_years(months, summary[cells.RESIDENT_MONTHS])
        if missing_years(required_years(_age_at_scheme_start(summary, world)), years) > 0:
            leaving = _WITHDRAW
    route, candidates = _EMPLOYEE if vested else leaving, 1
    if vested and regime[choose.ROUTE_CHOICE] == 1 and may_bridge and months < minimum:
        candidates = 2
        for f in range(N_RESULTS):
            other[f] = out[f]
    begins, ends = 0, 0
    for candidate in range(candidates):
        if trace is not None:
            begins, ends = ends, int(trace[0, 0])
        target = out if candidate == 0 else other
        settle_route(s, world, award_row, regime, numbers, route if candidate == 0 else leaving, vested, target, trace)
    if candidates == 2:
        leaves = other[PW] > out[PW]
        if leaves:
            for f in range(N_RESULTS):
                out[f] = other[f]
        if trace is not None:
            # Keep the steps of the chosen route only: those of the employee route stand at begins, the others at ends.
            steps = ends
            if leaves:
                steps = begins + int(trace[0, 0]) - ends
                for row in range(begins + 1, min(steps + 1, trace.shape[0] - ends + begins)):
                    for c in range(trace.shape[1]):
                        trace[row, c] = trace[row + ends - begins, c]
            trace[0, 0] = steps


@inlined
def _undefined(out: Any, status: int) -> None:
    for f in range(N_RESULTS):
        out[f] = np.nan
    out[STATUS] = status
    out[ROUTE] = ROUTE_NONE
    out[PLACE] = -1


@kernel
def run_kernel(
    h: Any,
    first: int,
    last: int,
    award_rows: Any,
    world: Any,
    regimes: Any,
    numbers: Any,
    wanted: int,
    columns: Any,
    out: Any,
    stars: Any,
) -> None:
    """Digest and settle people ``first <= i < last``: ``out[person, regime, column]`` for the fields in ``columns``.

    ``award_rows`` [person] row in ``world.awards``; ``wanted`` what the regimes and columns ask of the digest;
    ``stars`` [person] the group of table 2 of the source paper.
    """
    scratch = new_scratch()
    result = np.empty(N_RESULTS)
    other = np.empty(N_RESULTS)
    law = np.zeros(regimes.shape[1], dtype=np.int64)
    most = 0
    for i in range(first, last):
        most = max(most, h.offsets[i + 1] - h.offsets[i])
    overlaps = np.zeros(most + 1, dtype=np.int64)
    for i in range(first, last):
        award_row = award_rows[i]
        award = int(world.awards[award_row, val.AWARD])
        digest_one(h, i, world, award, scratch, overlaps, wanted, None)
        reference = int(world.awards[award_row, val.REFERENCE])
        if reference < award:
            inheritance_before_award(h, i, scratch, world, award, reference)
        stars[i] = int(scratch.summary[cells.STARS])
        for r in range(regimes.shape[0]):
            settle_one(scratch, world, award_row, regimes[r], numbers[r], result, other, law, None)
            for c in range(columns.shape[0]):
                out[i, r, c] = result[columns[c]]


@kernel
def trace_kernel(
    h: Any,
    i: int,
    award_row: int,
    world: Any,
    regimes: Any,
    numbers: Any,
    scratch: Any,
    results: Any,
    digest_trace: Any,
    traces: Any,
) -> None:
    """Digest and settle person ``i`` and note every step: ``digest_trace`` [step, column] of the records, ``traces``
    [regime, step, column] of the settlements, ``results`` [regime, field]; ``scratch`` keeps the cells."""
    overlaps = np.zeros(h.offsets[i + 1] - h.offsets[i] + 1, dtype=np.int64)
    other = np.empty(N_RESULTS)
    law = np.zeros(regimes.shape[1], dtype=np.int64)
    award, reference = int(world.awards[award_row, val.AWARD]), int(world.awards[award_row, val.REFERENCE])
    digest_one(h, i, world, award, scratch, overlaps, cells.WANTS_ALL, digest_trace)
    if reference < award:
        inheritance_before_award(h, i, scratch, world, award, reference)
    for r in range(regimes.shape[0]):
        settle_one(scratch, world, award_row, regimes[r], numbers[r], results[r], other, law, traces[r])
