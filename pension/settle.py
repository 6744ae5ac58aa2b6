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
from pension.law.employee import (
    ACCOUNT_PENSION,
    AVERAGE_INDEX,
    BASIC_PENSION,
    INDEXED_WAGE,
    TRANSITION_COEFFICIENT,
    TRANSITIONAL_PENSION,
    account_pension,
    average_index,
    basic_pension,
    indexed_wage,
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
from pension.law.transfer import CLAIM_PLACE, claim_branch
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
    CALCULATION_BASE,
    COEFFICIENT,
    EMPLOYEE_CLASS,
    LUMP_ALLOWED,
    MONTH_LOWEST_TIER,
    RESIDENT_CLASS,
    RESIDENT_RATE,
    SCHEME_START,
    THRESHOLD,
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
REFUND: Final = 11
LUMP_SUM: Final = 12
BACKPAY: Final = 13
PLACE: Final = 14
"""Position of the claim place, -1 without one."""
BRANCH: Final = 15
EMPLOYEE_MONTHS: Final = 16
RESIDENT_MONTHS: Final = 17
EMPLOYEE_ACCOUNT: Final = 18
"""Balance that is divided by the annuity months, or bridged, yuan."""
RESIDENT_BALANCE: Final = 19
"""Balance that is divided by 139, yuan."""
INDEX: Final = 20
RESIDENT_START: Final = 21
"""First month of the resident part (serial), 0 without one."""
REPLACEMENT: Final = 22
PW_R0: Final = 23
"""Present value in yuan of R0."""
N_RESULTS: Final = 24
DIED_BEFORE_AWARD: Final = 24
"""In a trace: the part of the present value that heirs receive when the member dies between R0 and the award."""

RESULT_NAMES: Final = (
    "status route monthly pw basic account transitional resident_basic year_premium age_supplement resident_account "
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
def _exit_year(s: Any, slot: int, award: int) -> int:
    """Calendar year in which a segment is valued when it is frozen: of the last counted paid month there; the award
    year for a place still contributing in it and for a place with deemed months only."""
    last = max(
        s.cells[slot, cells.ORDINARY, cells.LAST],
        s.cells[slot, cells.TEMPORARY, cells.LAST],
        s.cells[slot, cells.LATE, cells.LAST],
    )
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
    s: Any, world: Any, regime: Any, alpha: float, place: int, column: int, award: int, out: Any, trace: Any
) -> None:
    """Basic and transitional pension of the counted cells, into ``out``."""
    slots = int(s.summary[cells.N_SLOTS])
    nation_column = int(s.summary[cells.NATION_COLUMN])
    flat, earnings, index = regime[choose.FLAT_BASE], regime[choose.EARNINGS_BASE], regime[choose.INDEX_WAGE]
    late_kept = regime[choose.LATE_BACKPAYMENTS] == 1
    award_year = award // 12
    frozen = regime[choose.REVALUATION] != 0
    by_place = flat == 1 or earnings == 1 or frozen
    months_all, index_all, paid_months = 0.0, 0.0, 0.0
    basic = 0.0
    for slot in range(slots):
        own = s.place_of[slot]
        months, total = 0.0, 0.0
        for kind_of_cell in range(4):
            if _counts(kind_of_cell, own, place, late_kept):
                months += s.cells[slot, kind_of_cell, cells.MONTHS]
                if kind_of_cell != cells.DEEMED:
                    paid_months += s.cells[slot, kind_of_cell, cells.MONTHS]
                sums = s.indices[slot, kind_of_cell]
                total += _chosen(index, sums[column], sums[slot], sums[nation_column], alpha)
        if months == 0.0:
            continue
        months_all += months
        index_all += total
        if by_place:
            year = _exit_year(s, slot, award) if frozen else award_year
            basic += _basic(world, regime, alpha, place, own, year, award_year, months, total, trace)
    overall = index_all / months_all
    out[INDEX] = overall
    if not by_place:
        basic = _basic(world, regime, alpha, place, place, award_year, award_year, months_all, index_all, trace)
    out[BASIC] = basic
    out[TRANSITIONAL] = 0.0
    for slot in range(slots):
        own = s.place_of[slot]
        deemed = s.cells[slot, cells.DEEMED, cells.MONTHS]
        if deemed == 0.0:
            continue
        # The place whose coefficient and index apply: the claim place's, or under segments each place's own.
        at = own if flat == 1 else place
        of_these = s.indices[slot, cells.DEEMED, slot] / deemed if flat == 1 else overall
        base = _calculation_base(world, flat, place, own, award_year, award_year, regime, alpha)
        threshold = world.lines[at, THRESHOLD]
        low, high = world.lines[at, COEFFICIENT], world.lines[at, COEFFICIENT + 1]
        coefficient = transition_coefficient(low, high, threshold, paid_months)
        part = transitional_pension(base, of_these, deemed, coefficient)
        if trace is not None:
            note(trace, TRANSITION_COEFFICIENT, -1, at, low, high, threshold, paid_months, 0.0, coefficient)
            note(trace, TRANSITIONAL_PENSION, -1, own, base, of_these, deemed, coefficient, 0.0, part)
        out[TRANSITIONAL] += part


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
    """One of the three resident balances (account, refundable principal, overlap value) in ``month``."""
    place = int(summary[first + 6])
    rate = world.resident[place, month // 12 - FIRST_YEAR, RESIDENT_RATE]
    return resident_balance(summary[first + which], summary[first + 3 + which], rate, month % 12 + 1)


@inlined
def _value(amount: float, factor: float, component: int, trace: Any) -> float:
    value = present_value(amount, factor)
    if trace is not None:
        note(trace, PRESENT_VALUE, component, -1, amount, factor, 0.0, 0.0, 0.0, value)
    return value


@inlined
def settle_route(
    s: Any, world: Any, award_row: int, regime: Any, alpha: float, route: int, open_route: bool, out: Any, trace: Any
) -> None:
    """Settle the person digested in ``s`` by one route (employee, bridge, withdrawal) into ``out``; claim place and
    counted months stand in ``out`` already. ``open_route``: the employee route is open."""
    a = world.awards[award_row]
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
    retain = route == _EMPLOYEE and has_resident and regime[choose.RESIDENT_YEARS] == 2
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
        principal = summary[first] + summary[first + 3]
        # Money that leaves with its interest leaves as the account of its own that it is: what stays is exactly the
        # account that would exist had it never been paid.
        if overlap_rule == 0:
            refund = summary[cells.REFUND]
            resident_money -= refund
            principal -= refund
        else:
            resident_money -= _at(summary, world, first, overlap_rule, settled)
            principal -= summary[first + overlap_rule] + summary[first + 3 + overlap_rule]
            if overlap_rule == 1:
                refund = _at(summary, world, first, 1, settled)
            else:
                overlap_value = _at(summary, world, cells.AT_AWARD, 2, award)
    out[REFUND] = refund + summary[cells.DROPPED_ACCOUNT]
    pw = _value(refund, refund_value, REFUND, trace) + _value(
        summary[cells.DROPPED_ACCOUNT], a[val.AT_AWARD_VALUE], REFUND, trace
    )
    if reference < award:
        pw += _value(summary[cells.BEFORE_AWARD + (1 if retain else 0)], 1.0, DIED_BEFORE_AWARD, trace)
    employee_account += overlap_value
    out[EMPLOYEE_ACCOUNT] = employee_account
    at_resident = val.N_AWARD + world.n_employee_classes + 4 * int(world.lines[hukou, RESIDENT_CLASS])

    if route == _EMPLOYEE:
        if has_resident and not retain:
            employee_account += resident_money
            out[EMPLOYEE_ACCOUNT] = employee_account
        out[ROUTE] = ROUTE_EMPLOYEE if not has_resident else (ROUTE_RETAIN if retain else ROUTE_TO_EMPLOYEE)
        column = int(summary[cells.HUKOU_COLUMN])
        for slot in range(slots):
            if s.place_of[slot] == place:
                column = slot
        _employee_parts(s, world, regime, alpha, place, column, award, out, trace)
        out[ACCOUNT] = account_pension(employee_account, a[val.ANNUITY])
        if trace is not None:
            note(trace, ACCOUNT_PENSION, -1, place, employee_account, a[val.ANNUITY], 0.0, 0.0, 0.0, out[ACCOUNT])
        pw += _value(out[BASIC] + out[TRANSITIONAL], a[val.EMPLOYEE_VALUE], BASIC, trace)
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
    for component in range(BASIC, RESIDENT_ACCOUNT_PENSION + 1):
        monthly += out[component]
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
def settle_one(s: Any, world: Any, award_row: int, regime: Any, alpha: float, out: Any, other: Any, trace: Any) -> None:
    """Settle the person digested in ``s`` under one regime into ``out`` (``other`` is working memory)."""
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
        settle_route(s, world, award_row, regime, alpha, route if candidate == 0 else leaving, vested, target, trace)
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
    alpha: Any,
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
            settle_one(scratch, world, award_row, regimes[r], alpha[r], result, other, None)
            for c in range(columns.shape[0]):
                out[i, r, c] = result[columns[c]]


@kernel
def trace_kernel(
    h: Any,
    i: int,
    award_row: int,
    world: Any,
    regimes: Any,
    alpha: Any,
    scratch: Any,
    results: Any,
    digest_trace: Any,
    traces: Any,
) -> None:
    """Digest and settle person ``i`` and note every step: ``digest_trace`` [step, column] of the records, ``traces``
    [regime, step, column] of the settlements, ``results`` [regime, field]; ``scratch`` keeps the cells."""
    overlaps = np.zeros(h.offsets[i + 1] - h.offsets[i] + 1, dtype=np.int64)
    other = np.empty(N_RESULTS)
    award, reference = int(world.awards[award_row, val.AWARD]), int(world.awards[award_row, val.REFERENCE])
    digest_one(h, i, world, award, scratch, overlaps, cells.WANTS_ALL, digest_trace)
    if reference < award:
        inheritance_before_award(h, i, scratch, world, award, reference)
    for r in range(regimes.shape[0]):
        settle_one(scratch, world, award_row, regimes[r], alpha[r], results[r], other, traces[r])
