"""Settling a digest under one regime: claim place, vesting, route, components, present value.

A closed formula over a handful of cells. It calls the law, it does not restate it.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension import accounting as choose
from pension import schema
from pension._compile import inlined, jit, kernel
from pension._hints import prefetch
from pension.kernels import cells
from pension.kernels import valuation as val
from pension.kernels.attribution import mix, relevant, share
from pension.kernels.award_fields import (
    ACCOUNT,
    AGE_SUPPLEMENT,
    BACKPAY,
    BASIC,
    BRANCH,
    CITIZEN,
    CONTRIBUTED,
    DEFINED,
    DIED_BEFORE_AWARD,
    DROPPED_REFUND,
    EARLY_CLAIM_UNVESTED,
    EMPLOYEE_ACCOUNT,
    EMPLOYEE_MONTHS,
    FORFEITED,
    LUMP_SUM,
    MONTHLY,
    N_RESULTS,
    NDC,
    NO_RIGHT,
    PLACE,
    POINTS,
    PREMIUM_YEARS,
    PW,
    PW_R0,
    REFUND,
    REPLACEMENT,
    RESIDENT_ACCOUNT_PENSION,
    RESIDENT_BALANCE,
    RESIDENT_BASIC,
    RESIDENT_MONTHS,
    RESIDENT_SHARE,
    RESIDENT_START,
    RIGHTS,
    ROUTE,
    ROUTE_EMPLOYEE,
    ROUTE_NONE,
    ROUTE_RESIDENT,
    ROUTE_RETAIN,
    ROUTE_TO_EMPLOYEE,
    ROUTE_TO_RESIDENT,
    ROUTE_WITHDRAWAL,
    SETTLED_BALANCE,
    SETTLED_PRINCIPAL,
    STATUS,
    TRANSITIONAL,
    UNKNOWN_PARAMETER,
    YEAR_PREMIUM,
)
from pension.kernels.cells import new_scratch, note, scratch_with_shapes
from pension.kernels.claim_place import claim_place
from pension.kernels.digest import digest_one
from pension.kernels.employee_benefit import counts, employee_parts, follows
from pension.kernels.late_claim import inheritance_before_award
from pension.kernels.resident_account import balance_at
from pension.kernels.streams import basic_stream, beside_account, resident_basic_at, supplement_at
from pension.kernels.valuation import PRESENT_VALUE, present_value
from pension.law.bridging import MISSING_YEARS, VESTED, WHOLE_YEARS, minimum_met, missing_years, whole_years
from pension.law.designs import TOP_UP, top_up
from pension.law.employee import ACCOUNT_PENSION, account_pension
from pension.law.resident import (
    REQUIRED_YEARS,
    RESIDENT_ACCOUNT,
    RETAINED_SHARE,
    required_years,
    resident_account_pension,
    retained_share,
)
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR
from pension.tables.world import (
    EMPLOYEE_CLASS,
    LUMP_ALLOWED,
    MONTH_LOWEST_TIER,
    RESIDENT_CLASS,
    SCHEME_START,
    world_with_shapes,
)
from pension.wealth.forfeited import forfeited_money

_EMPLOYEE: Final = 1
_BRIDGE: Final = 2
_WITHDRAW: Final = 3
_NDC: Final = 3
_BEST: Final = 4


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
    counted months stand in ``out`` already, all else is 0. ``open_route``: the employee route is open."""
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

    employee_account, pooled = 0.0, 0.0
    # Pooled money follows those to whom the employee route is closed; under rule 4 also who leaves an open one.
    exit_rule = regime[choose.POOLED_ON_EXIT]
    if open_route and exit_rule != 4:
        exit_rule = 0
    for slot in range(slots):
        for kind_of_cell in range(cells.LATE, cells.ORDINARY + 1):
            if counts(kind_of_cell, s.place_of[slot], place, late_kept):
                cell = s.cells[slot, kind_of_cell]
                employee_account += cell[cells.ACCOUNT]
                pooled += follows(cell, exit_rule)

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
        resident_money = balance_at(summary, world, first, 0, settled)
        principal = summary[first] + summary[first + cells.CREDIT]
        # Money that leaves with its interest leaves as the account of its own that it is: what stays is exactly the
        # account that would exist had it never been paid.
        if overlap_rule == 0:
            refund = summary[cells.REFUND]
            resident_money -= refund
            principal -= refund
        else:
            resident_money -= balance_at(summary, world, first, overlap_rule, settled)
            principal -= summary[first + overlap_rule] + summary[first + cells.CREDIT + overlap_rule]
            if overlap_rule == 1:
                refund = balance_at(summary, world, first, 1, settled)
            else:
                overlap_value = balance_at(summary, world, cells.AT_AWARD, 2, award)
    if notional:
        # The notional account holds all money of both schemes; nothing is paid beside it.
        refund, overlap_value, resident_money, employee_account = 0.0, 0.0, 0.0, 0.0
    out[REFUND] = refund + summary[cells.DROPPED_ACCOUNT]
    out[DROPPED_REFUND] = summary[cells.DROPPED_ACCOUNT]
    if summary[cells.FORFEITS] == 1.0:
        out[FORFEITED], out[CONTRIBUTED] = forfeited_money(
            s, world, place, late_kept, route == _EMPLOYEE, pooled, award
        )
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
        leaving = employee_parts(s, world, regime, alpha, place, column, award, resident_money, out, trace)
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
            out[BACKPAY] = missing * world.at_month[MONTH_LOWEST_TIER, hukou, award - FIRST_MONTH]
            pw -= _value(out[BACKPAY], a[val.AT_AWARD_VALUE], BACKPAY, trace)
            comes = employee_account + pooled + out[BACKPAY]
            resident_money += comes
            principal += comes
        start = max(sixty, award) + 1
        if at_sixty:
            start = sixty + 1
        out[RESIDENT_START] = start
        out[RESIDENT_SHARE] = share
        out[PREMIUM_YEARS] = years
        out[SETTLED_BALANCE] = resident_money
        out[SETTLED_PRINCIPAL] = principal
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
        ready = val.AT_SIXTY if at_sixty else val.AT_START
        beside_account(summary, world, a, ready, start, years, trace)
        out[YEAR_PREMIUM] = share * summary[cells.PREMIUM]
        out[AGE_SUPPLEMENT] = share * supplement_at(world, hukou, birth, start)
        if trace is not None:
            note(trace, RESIDENT_ACCOUNT, -1, hukou, balance, 0.0, 0.0, 0.0, 0.0, out[RESIDENT_ACCOUNT_PENSION])
        if not universal:
            pw += _value(share, summary[cells.BASIC_VALUE], RESIDENT_BASIC, trace)
        if years > 0.0:
            pw += _value(share, summary[cells.PREMIUM_VALUE], YEAR_PREMIUM, trace)
        pw += _value(share, summary[cells.SUPPLEMENT_VALUE], AGE_SUPPLEMENT, trace)
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
    income = summary[cells.LAST_INCOME]
    if np.isnan(income):
        income = summary[cells.LAST_BASE]
    if income > 0.0:
        # Income of the last paid month, else its base, carried to the award with the reference wage of its place.
        line = world.wages[int(summary[cells.LAST_PLACE])]
        growth = line[award // 12 - FIRST_YEAR] / line[int(summary[cells.LAST_PAID]) // 12 - FIRST_YEAR]
        out[REPLACEMENT] = monthly / (income * growth)


@inlined
def vesting_test(summary: Any, regime: Any, months: float, minimum: float) -> tuple[float, float, bool]:
    """Months tested, months needed, and whether the employee route is open, with ``months`` counted employee months."""
    vesting = regime[choose.VESTING]
    with_resident = vesting == 1 or regime[choose.RESIDENT_YEARS] == 1
    tested = months + summary[cells.RESIDENT_MONTHS] if with_resident else months
    needed = 1.0 if vesting == 2 else minimum
    return tested, needed, months >= 1.0 and vesting != 3 and minimum_met(tested, needed) == 1


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
    law_pays, law_unknown, better = -np.inf, False, False
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
            law_pays, law_unknown = out[PW_R0], out[STATUS] == UNKNOWN_PARAMETER
        elif attempt == 1:
            better = law_pays > out[PW_R0]
    if hold and law_unknown:
        _undefined(out, UNKNOWN_PARAMETER)


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
            place, _, branch = claim_place(s, hukou, regime[choose.CLAIM_PLACE], temporary_counted, trace)
        out[PLACE] = place
        out[BRANCH] = branch
        for slot in range(slots):
            for kind_of_cell in range(4):
                if counts(kind_of_cell, s.place_of[slot], place, late_kept):
                    months += s.cells[slot, kind_of_cell, cells.MONTHS]
    out[EMPLOYEE_MONTHS] = months
    out[RESIDENT_MONTHS] = summary[cells.RESIDENT_MONTHS]
    minimum = a[val.MINIMUM]
    tested, needed, vested = vesting_test(summary, regime, months, minimum)
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


@jit
def _find_twins(regimes: Any, numbers: Any, twins: Any) -> None:
    """``twins`` [regime]: position of the first regime with the same choices and numbers."""
    for r in range(regimes.shape[0]):
        twins[r] = r
        for q in range(r):
            same = True
            for c in range(regimes.shape[1]):
                same &= regimes[q, c] == regimes[r, c]
            for c in range(numbers.shape[1]):
                same &= numbers[q, c] == numbers[r, c] or (np.isnan(numbers[q, c]) and np.isnan(numbers[r, c]))
            if same:
                twins[r] = q
                break


@inlined
def _settle_regimes(
    s: Any,
    world: Any,
    award_row: int,
    regimes: Any,
    numbers: Any,
    columns: Any,
    game: Any,
    mine: Any,
    playing: int,
    twins: Any,
    mixture: Any,
    law: Any,
    result: Any,
    other: Any,
    i: int,
    out: Any,
    values: Any,
) -> None:
    """Settle the person digested in ``s`` under every regime into ``out[i]`` [regime, column], and with players of a
    game under every mixture of it into ``values``.

    A function of its own, which allocates nothing: in the kernel each choice between arrays would count them.
    """
    n_regimes, mixtures = regimes.shape[0], 0
    if game.players.shape[0] > 0:
        mixtures = 1 << playing
    # Regimes, then mixtures, in one loop: the settlement is compiled once.
    for r in range(n_regimes + mixtures):
        if r < n_regimes and twins[r] < r:
            for c in range(columns.shape[0]):
                out[i, r, c] = out[i, twins[r], c]
            continue
        if r >= n_regimes:
            mix(game, mine, r - n_regimes, playing, mixture)
        codes = regimes[r] if r < n_regimes else mixture
        weights = numbers[r] if r < n_regimes else game.numbers
        settle_one(s, world, award_row, codes, weights, result, other, law, None)
        if r >= n_regimes:
            values[r - n_regimes] = result[PW]
        else:
            for c in range(columns.shape[0]):
                out[i, r, c] = result[columns[c]]


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
    game: Any,
    out: Any,
    shares: Any,
    stars: Any,
) -> None:
    """Digest and settle people ``first <= i < last``: ``out[person, regime, column]`` for the fields in ``columns``.

    ``award_rows`` [person] row in ``world.awards``; ``wanted`` what the regimes and columns ask of the digest;
    ``game`` two regimes whose difference is attributed (``attribution.Game``), ``shares`` [person, player, share];
    ``stars`` [person] the group of table 2 of the source paper.
    """
    world, scratch = world_with_shapes(world), scratch_with_shapes(new_scratch())
    result = np.empty(N_RESULTS)
    other = np.empty(N_RESULTS)
    law = np.zeros(regimes.shape[1], dtype=np.int64)
    most = 0
    for i in range(first, last):
        most = max(most, h.offsets[i + 1] - h.offsets[i])
    overlaps = np.zeros(most + 1, dtype=np.int64)
    players = game.players.shape[0]
    mine = np.zeros(players, dtype=np.int64)
    mixture = np.zeros(regimes.shape[1], dtype=np.int64)
    values = np.zeros(1 << players)
    twins = np.zeros(regimes.shape[0], dtype=np.int64)
    _find_twins(regimes, numbers, twins)
    for i in range(first, last):
        award_row = award_rows[i]
        award = int(world.awards[award_row, val.AWARD])
        following = min(i + 1, last - 1)
        for field in range(0, val.N_AWARD, 8):
            prefetch(world.awards, (award_rows[following], field))
        prefetch(h.work_place, (h.offsets[following],))
        digest_one(h, i, world, award, scratch, overlaps, wanted, None)
        reference = int(world.awards[award_row, val.REFERENCE])
        if reference < award:
            inheritance_before_award(h, i, scratch, world, award, reference)
        stars[i] = int(scratch.summary[cells.STARS])
        playing = 0
        if players > 0:
            playing = relevant(scratch, world, award_row, game, mine)
        _settle_regimes(
            scratch, world, award_row, regimes, numbers, columns, game, mine, playing, twins, mixture, law, result,
            other, i, out, values,
        )  # fmt: skip
        if players > 0:
            share(values, mine, playing, shares[i])


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
