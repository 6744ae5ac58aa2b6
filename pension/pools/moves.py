"""What moves between provinces when one person is settled, and what each province then holds and owes.

One digest of the person's records, one settled result of each regime; no pension is computed here. Two kinds of rows
come out: a *move* (kind, from, to) with the money that goes along and the pension that the moved months are worth at
the wages of either end, and a *line* a province with everything that came in, went out, stays and is owed there.

Money at face and balances at the award; present values at R0; all in yuan of their date. 国办发〔2009〕66号 art. 4
(accounts, 12 % of the bases), 人社部发〔2014〕17号 art. 5-6 (between the schemes accounts only).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension import accounting as choose
from pension import schema
from pension._compile import inlined, jit, kernel
from pension.kernels import award_fields, cells
from pension.kernels import valuation as val
from pension.kernels.cells import POPCOUNT, new_scratch, province_position
from pension.kernels.digest import digest_one
from pension.kernels.employee_benefit import counts, follows
from pension.kernels.late_claim import inheritance_before_award, resident_account_at
from pension.kernels.resident_account import balance_at
from pension.kernels.settle import vesting_test
from pension.law.employee import credited
from pension.law.resident import resident_credit
from pension.pools.pooled_by_place import by_place
from pension.tables.dense import FIRST_YEAR
from pension.tables.world import ACCOUNT_RATE, EMPLOYEE_CLASS, MONTH_ACCOUNT, MONTH_RUN, UNIFORM
from pension.wealth.contributions import resident_payment

# --- a settled result: what is needed of it, and where it stands
SETTLED_NAMES: Final = (
    "status route claim_place basic transitional points rights ndc account employee_balance lump_sum refund backpay "
    "pw_r0 pw"
).split()
_STATUS, _ROUTE, _PLACE, _BASIC, _NDC = 0, 1, 2, 3, 7
_ACCOUNT, _BALANCE, _LUMP_SUM, _REFUND, _BACKPAY, _PW_R0 = 8, 9, 10, 11, 12, 13
PW: Final = 14

# --- a move
KIND: Final = 0
FROM: Final = 1
TO: Final = 2
"""Positions in ``schema.PLACES``."""
MONTHS: Final = 3
ACCOUNT: Final = 4
POOLED: Final = 5
"""Pooled money that the regime's ``pooled_transfer`` moves, at face."""
PAID: Final = 6
"""Pooled points of the moved months as they were paid, at face."""
BASES: Final = 7
"""Bases of the moved months since 1998."""
LIABILITY_ORIGIN: Final = 8
"""Present value of the basic and transitional pension of the moved months at the origin's wages."""
LIABILITY_DESTINATION: Final = 9
"""The same at the destination's wages."""
N_MOVE: Final = 10

BETWEEN_PROVINCES: Final = 0
BETWEEN_SCHEMES: Final = 1
WITH_THE_HUKOU: Final = 2
KINDS: Final = ("66号", "17号", "hukou")

# --- a line: one province
PLACE: Final = 0
COUNTED: Final = 1
"""Counted months there."""
PAID_ACCOUNT: Final = 2
"""Contributions to employee accounts, at face."""
PAID_POOLED: Final = 3
"""Pooled contributions, at face."""
PAID_RESIDENT: Final = 4
"""Resident contributions, collective assistance and years paid back at the award."""
SUBSIDY: Final = 5
INTEREST: Final = 6
"""Book interest of the accounts while they stood there."""
ACCOUNT_IN: Final = 7
ACCOUNT_OUT: Final = 8
POOLED_IN: Final = 9
POOLED_OUT: Final = 10
REFUND: Final = 11
"""Paid out at once: accounts of dropped months, overlapped resident money, withdrawals."""
ACCOUNTS: Final = 12
"""Account money held when everything is settled, stranded accounts included."""
POOL: Final = 13
"""Pooled money left, at face."""
PAID_POOLED_WITH_INTEREST: Final = 14
"""Pooled contributions with book interest to the award."""
OWES_CLAIM: Final = 15
OWES_ACCRUAL: Final = 16
OWES_YEARS: Final = 17
"""Present value of the pooled pension that falls on the province by three rules of ``payer_of_benefit``."""
OWES_ACCOUNT: Final = 18
"""Present value of what is paid out of employee accounts: pension, heirs, withdrawals, refunds of dropped months."""
OWES_RESIDENT: Final = 19
"""Present value of everything of the resident scheme and of citizen pensions."""
N_LINE: Final = 20

UNKNOWN: Final = -1
OTHER_RECORDS: Final = -2
"""The cells do not give the pension that was settled."""

_RETAINED = award_fields.ROUTE_RETAIN


@jit
def _employee_credits(h: Any, i: int, world: Any, lines: Any) -> None:
    """Account money of the employee records as it was paid in, by place."""
    for record in range(h.offsets[i], h.offsets[i + 1]):
        if h.scheme[record] != 1 or h.flags[record] & schema.FLAG_DEEMED:
            continue
        place, y = province_position(h.place[record]), int(h.year[record]) - FIRST_YEAR
        line = world.annual[place, y]
        rate, rest = line[ACCOUNT_RATE], int(h.months[record])
        while rest:
            part = rest
            if line[UNIFORM] == 0.0:
                month = world.monthly[place, 12 * y + cells.LOWEST[rest]]
                rate, part = month[MONTH_ACCOUNT], rest & int(month[MONTH_RUN])
            rest &= ~part
            lines[place, PAID_ACCOUNT] += credited(rate, h.base[record], POPCOUNT[part])


@jit
def _resident_credits(h: Any, i: int, world: Any, award: int, lines: Any, held: Any, moves: Any) -> int:
    """Resident contributions and subsidies by place, and the moves of the account from place to place before the
    award; ``held`` [place] money that left less what came in. Returns the number of moves."""
    place, n = -1, 0
    start = h.offsets[i]
    for record in range(start, h.offsets[i + 1]):
        if h.scheme[record] != 2:
            continue
        here, year = province_position(h.place[record]), int(h.year[record])
        collective = 0.0 if np.isnan(h.payer_share[record]) else h.payer_share[record]
        paid = resident_credit(h.base[record], 0.0, collective)
        lines[here, PAID_RESIDENT] += paid
        lines[here, SUBSIDY] += resident_payment(h, start, record, world, award)[1] - paid
        if place >= 0 and here != place:
            # The account moves on 1 January of the first year at the new place.
            money = resident_account_at(h, i, world, 12 * year - 1, award)
            held[place] += money
            held[here] -= money
            _move(lines, moves[n], WITH_THE_HUKOU, place, here, money)
            n += 1
        place = here
    return n


@inlined
def _move(lines: Any, row: Any, kind: int, origin: int, to: int, account: float) -> None:
    """Account money from one province to another."""
    for f in range(N_MOVE):
        row[f] = 0.0
    row[KIND] = kind
    row[FROM] = origin
    row[TO] = to
    row[ACCOUNT] = account
    lines[origin, ACCOUNT_OUT] += account
    lines[to, ACCOUNT_IN] += account


@inlined
def _transferred(rule: int, moved: float, paid: float, reserve: float) -> float:
    """Pooled money that moves, by the choice of ``pooled_transfer``."""
    if rule == 0:
        return moved
    if rule == 1:
        return 0.0
    if rule == 2:
        return paid
    return reserve


@jit
def _settled_lines(
    s: Any,
    world: Any,
    award_row: int,
    codes: Any,
    numbers: Any,
    result: Any,
    parts: Any,
    lines: Any,
    held: Any,
    used: Any,
    moves: Any,
    n: int,
) -> int:
    """Complete the lines and moves of a person digested in ``s`` and settled as ``result`` says; ``codes`` [3] the
    regime, and the same counted months at the wages of each place and of the claim place; ``parts`` [3, place]
    working memory, zero; ``used`` the person's places. Returns the number of moves, or ``UNKNOWN`` where a liability
    is, or ``OTHER_RECORDS``."""
    a, summary = world.awards[award_row], s.summary
    award, birth = int(a[val.AWARD]), int(summary[cells.BIRTH])
    sixty, hukou, slots = birth + 720, int(summary[cells.HUKOU]), int(summary[cells.N_SLOTS])
    regime, route, place = codes[0], int(result[_ROUTE]), int(result[_PLACE])
    pensioned = route == award_fields.ROUTE_EMPLOYEE or route == _RETAINED or route == award_fields.ROUTE_TO_EMPLOYEE
    retained = route == _RETAINED
    notional = pensioned and regime[choose.DESIGN] == 3
    late_kept = regime[choose.LATE_BACKPAYMENTS] == 1
    has_resident = summary[cells.RESIDENT_RECORDS] > 0.0
    price = a[val.EMPLOYEE_VALUE]
    earned = 0.0
    if pensioned:
        column = int(summary[cells.HUKOU_COLUMN])
        for slot in range(slots):
            if s.place_of[slot] == place:
                column = slot
        for k in range(3):
            by_place(s, world, codes[k], numbers[0], place, column, award, a[val.NDC_DIVISOR], parts[k])
        by_months = 0.0
        for slot in range(slots):
            by_months += parts[0, s.place_of[slot]]
        for f in range(_BASIC, _NDC + 1):
            earned += result[f]
        if has_resident and (notional or regime[choose.RESIDENT_YEARS] >= 3):
            # What resident money bought falls on the registered residence, where it stood.
            parts[0, hukou] += earned - by_months
        elif abs(earned - by_months) > 1e-6 * (1.0 + abs(earned)):
            return OTHER_RECORDS

    months_all = 0.0
    for slot in range(slots):
        for kind in range(4):
            if counts(kind, s.place_of[slot], place, late_kept):
                months_all += s.cells[slot, kind, cells.MONTHS]
    exit_rule = regime[choose.POOLED_ON_EXIT]
    if pensioned or (vesting_test(summary, regime, months_all, a[val.MINIMUM])[2] and exit_rule != 4):
        exit_rule = 0

    account, exit_money = 0.0, 0.0
    for slot in range(slots):
        own = s.place_of[slot]
        line, dropped = lines[own], s.cells[slot, cells.DEEMED]
        mine, months, moved, paid = 0.0, 0.0, dropped[cells.MOVED], dropped[cells.POOLED_FACE]
        bases = dropped[cells.BASES]
        line[PAID_POOLED] += dropped[cells.POOLED_FACE]
        line[PAID_POOLED_WITH_INTEREST] += dropped[cells.POOLED]
        line[INTEREST] += dropped[cells.ACCOUNT] - line[PAID_ACCOUNT]
        line[REFUND] += dropped[cells.ACCOUNT]
        line[OWES_ACCOUNT] += dropped[cells.ACCOUNT] * a[val.AT_AWARD_VALUE]
        for kind in range(4):
            cell, counted = s.cells[slot, kind], counts(kind, own, place, late_kept)
            if counted:
                months += cell[cells.MONTHS]
            if kind == cells.DEEMED:
                continue
            line[PAID_POOLED] += cell[cells.POOLED_FACE]
            line[PAID_POOLED_WITH_INTEREST] += cell[cells.POOLED]
            line[INTEREST] += cell[cells.ACCOUNT]
            if counted:
                mine += cell[cells.ACCOUNT]
                moved += cell[cells.MOVED]
                paid += cell[cells.POOLED_FACE]
                bases += cell[cells.BASES]
                exit_money += follows(cell, exit_rule)
            else:
                line[ACCOUNTS] += cell[cells.ACCOUNT]
        account += mine
        line[COUNTED] += months
        line[POOL] += line[PAID_POOLED]
        line[OWES_ACCRUAL] += parts[0, own] * price
        if pensioned:
            line[OWES_YEARS] += earned * price * (months / months_all)
        if own != place and (months > 0.0 or mine > 0.0 or moved > 0.0 or paid > 0.0):
            row = moves[n]
            n += 1
            _move(lines, row, BETWEEN_PROVINCES, own, place, mine)
            row[MONTHS] = months
            row[PAID] = paid
            row[BASES] = bases
            row[LIABILITY_ORIGIN] = parts[1, own] * price
            row[LIABILITY_DESTINATION] = parts[2, own] * price
            row[POOLED] = _transferred(regime[choose.POOLED_TRANSFER], moved, paid, row[LIABILITY_ORIGIN])
            line[POOLED_OUT] += row[POOLED]
            line[POOL] -= row[POOLED]
            lines[place, POOLED_IN] += row[POOLED]
            lines[place, POOL] += row[POOLED]
            if not np.isfinite(row[LIABILITY_ORIGIN] + row[LIABILITY_DESTINATION]):
                return UNKNOWN
    if pensioned and parts[0, hukou] != 0.0:
        at_hukou = False
        for slot in range(slots):
            at_hukou |= s.place_of[slot] == hukou
        if not at_hukou:
            lines[hukou, OWES_ACCRUAL] += parts[0, hukou] * price
    payer = place if slots > 0 else hukou

    # The resident account when it is settled: at 60 where it was drawn beside the pension by then, else at the award.
    balance, refund, credit_value, credit_then = 0.0, result[_REFUND] - summary[cells.DROPPED_ACCOUNT], 0.0, 0.0
    if has_resident:
        first, when = cells.AT_AWARD, award
        if retained and sixty <= award:
            first, when = cells.AT_SIXTY, sixty
        at = int(summary[first + cells.OF_PLACE])
        balance = balance_at(summary, world, first, 0, when)
        for q in used:
            left = held[q] + (balance if q == at else 0.0)
            if left != 0.0:
                lines[q, INTEREST] += left - lines[q, PAID_RESIDENT] - lines[q, SUBSIDY]
        if regime[choose.OVERLAP] == 2 and not notional:
            credit_value = balance_at(summary, world, cells.AT_AWARD, 2, award)
            credit_then = balance_at(summary, world, first, 2, when)
        if at != hukou:
            _move(lines, moves[n], WITH_THE_HUKOU, at, hukou, balance)
            n += 1
        lines[hukou, REFUND] += refund
        lines[hukou, INTEREST] += credit_value - credit_then
    rest = balance - refund - credit_then

    if pensioned:
        lines[place, OWES_CLAIM] += earned * price
        crosses, to_pool = credit_value, 0.0
        if notional:
            lines[place, POOL] += account
            lines[hukou, POOL] += rest
            crosses = 0.0
        else:
            held_there = result[_BALANCE]
            lines[place, ACCOUNTS] += held_there
            value = result[_ACCOUNT] * a[val.ACCOUNT_VALUE]
            value += held_there * a[val.N_AWARD + int(world.lines[place, EMPLOYEE_CLASS])]
            lines[payer, OWES_ACCOUNT] += value
            if retained:
                lines[hukou, ACCOUNTS] += rest
            elif has_resident:
                crosses += rest
                if regime[choose.RESIDENT_YEARS] >= 3:
                    to_pool = crosses - (held_there - account)
        if crosses != 0.0:
            row = moves[n]
            n += 1
            _move(lines, row, BETWEEN_SCHEMES, hukou, place, crosses - to_pool)
            row[POOLED] = to_pool
            lines[hukou, POOLED_OUT] += to_pool
            lines[place, POOLED_IN] += to_pool
            lines[place, POOL] += to_pool
    elif route == award_fields.ROUTE_WITHDRAWAL:
        lines[payer, REFUND] += account + exit_money
        lines[payer, POOL] -= exit_money
        lines[payer, OWES_ACCOUNT] += (account + exit_money) * a[val.AT_AWARD_VALUE]
        lines[hukou, REFUND] += rest + credit_value
    else:
        lines[hukou, ACCOUNTS] += rest + credit_value + account + exit_money + result[_BACKPAY]
        lines[hukou, PAID_RESIDENT] += result[_BACKPAY]
        if account + exit_money > 0.0:
            row = moves[n]
            n += 1
            _move(lines, row, BETWEEN_SCHEMES, place, hukou, account)
            row[POOLED] = exit_money
            lines[place, POOLED_OUT] += exit_money
            lines[place, POOL] -= exit_money
            lines[hukou, POOLED_IN] += exit_money
    if a[val.REFERENCE] < a[val.AWARD] and not notional:
        lines[payer, OWES_ACCOUNT] += summary[cells.BEFORE_AWARD + (1 if retained else 0)]
    # All else is paid by the resident scheme of the registered residence, citizen pensions included.
    if has_resident or not pensioned or regime[choose.CITIZEN_FLOOR] != 0:
        other = result[_PW_R0] - earned * price
        for q in used:
            other -= lines[q, OWES_ACCOUNT]
        lines[hukou, OWES_RESIDENT] += other
    return n


@jit
def _places_of(h: Any, i: int, s: Any, known: Any) -> int:
    """The person's places into ``known``: employee places, registered residence, resident places; how many."""
    n = int(s.summary[cells.N_SLOTS])
    for slot in range(n):
        known[slot] = s.place_of[slot]
    for record in range(h.offsets[i] - 1, h.offsets[i + 1]):
        # Before the first record stands the registered residence.
        place = int(s.summary[cells.HUKOU])
        if record >= h.offsets[i]:
            if h.scheme[record] != 2:
                continue
            place = province_position(h.place[record])
        new = True
        for k in range(n):
            new &= known[k] != place
        if new:
            known[n] = place
            n += 1
    return n


@kernel
def room_needed(h: Any, first: int, last: int, out: Any) -> None:
    """Rows that one person can need at most, for moves as for lines."""
    for i in range(first, last):
        changes, employee, resident = 0, -1, -1
        for record in range(h.offsets[i], h.offsets[i + 1]):
            if h.scheme[record] == 1 and h.place[record] != employee:
                employee = h.place[record]
                changes += 1
            elif h.scheme[record] == 2 and h.place[record] != resident:
                resident = h.place[record]
                changes += 1
        out[i] = changes + 3


@kernel
def flow_kernel(
    h: Any,
    first: int,
    last: int,
    award_rows: Any,
    world: Any,
    codes: Any,
    numbers: Any,
    chosen: Any,
    settled: Any,
    wanted: int,
    room: Any,
    moves: Any,
    n_moves: Any,
    lines: Any,
    n_lines: Any,
) -> None:
    """Moves and lines of people ``first <= i < last``.

    ``codes`` [vector, 3, provision] and ``numbers`` [vector, number]: see ``_settled_lines``; ``chosen`` [person,
    regime] the vector that settled the person (the law's where a regime holds harmless); ``settled`` [person, regime,
    field of ``SETTLED_NAMES``]; ``room`` [person + 1] first row of each person in ``moves`` and ``lines`` [row, regime,
    field], ``n_moves`` and ``n_lines`` [person, regime] how many are filled: ``UNKNOWN`` where the regime is
    undefined, ``OTHER_RECORDS`` where it was settled over other records than ``h``.
    """
    scratch = new_scratch()
    places = schema.N_PLACES
    most = 0
    for i in range(first, last):
        most = max(most, h.offsets[i + 1] - h.offsets[i])
    overlaps = np.zeros(most + 1, dtype=np.int64)
    paid, now, parts = np.zeros((places, N_LINE)), np.zeros((places, N_LINE)), np.zeros((3, places))
    known = np.zeros(places, dtype=np.int64)
    held, early = np.zeros(places), np.zeros((most + 1, N_MOVE))
    for i in range(first, last):
        award_row = award_rows[i]
        award = int(world.awards[award_row, val.AWARD])
        digest_one(h, i, world, award, scratch, overlaps, wanted, None)
        reference = int(world.awards[award_row, val.REFERENCE])
        if reference < award:
            inheritance_before_award(h, i, scratch, world, award, reference)
        n_used = _places_of(h, i, scratch, known)
        used = known[:n_used]
        for p in used:
            held[p] = 0.0
            for f in range(N_LINE):
                paid[p, f] = 0.0
        _employee_credits(h, i, world, paid)
        n_early = _resident_credits(h, i, world, award, paid, held, early)
        for r in range(settled.shape[1]):
            n_moves[i, r] = UNKNOWN
            n_lines[i, r] = UNKNOWN
            if settled[i, r, _STATUS] != 0.0:
                continue
            for p in used:
                for k in range(3):
                    parts[k, p] = 0.0
                for f in range(N_LINE):
                    now[p, f] = paid[p, f]
            mine = moves[room[i] : room[i + 1], r]
            for n in range(n_early):
                for f in range(N_MOVE):
                    mine[n, f] = early[n, f]
            v = chosen[i, r]
            found = _settled_lines(
                scratch,
                world,
                award_row,
                codes[v],
                numbers[v],
                settled[i, r],
                parts,
                now,
                held,
                used,
                mine,
                n_early,
            )
            n_moves[i, r] = found
            if found < 0:
                continue
            n = 0
            for p in used:
                empty = True
                for f in range(1, N_LINE):
                    empty &= now[p, f] == 0.0
                if not empty:
                    now[p, PLACE] = p
                    for f in range(N_LINE):
                        lines[room[i] + n, r, f] = now[p, f]
                    n += 1
            n_lines[i, r] = n
