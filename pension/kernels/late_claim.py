"""Claims after the statutory month: what heirs receive when the member dies between R0 and the award.

Everything is valued for a member alive at R0. A death before the award leaves the accounts as they then stand, before
any settlement, so their balances are followed month by month (only late claims need that).
"""

from __future__ import annotations

from typing import Any

from pension import schema
from pension._compile import inlined, jit
from pension.kernels import cells
from pension.kernels import valuation as val
from pension.kernels.cells import province_position
from pension.law.employee import bearing_months, carried, credited
from pension.law.resident import resident_balance
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR
from pension.tables.world import (
    BOOK_RATE,
    GROWTH,
    MONTH_ACCOUNT,
    MONTH_CLOSING,
    RESIDENT_GROWTH,
    RESIDENT_RATE,
    YEAR_ACCOUNT,
)
from pension.wealth.contributions import resident_payment


@jit
def _money_of_record(h: Any, record: int, world: Any, place: int, year: int, month: int, until: float) -> float:
    """Account money of one employee record at the end of a month (1..12) of a year; ``until`` the cumulated book growth
    of its place to that month, in which the money of earlier years is linear."""
    y, mask = int(h.year[record]), int(h.months[record])
    line = world.annual[place, y - FIRST_YEAR]
    if y == year:
        mask &= (1 << month) - 1
    elif mask == FULL_YEAR:
        return world.years[YEAR_ACCOUNT, place, y - FIRST_YEAR] * (h.base[record] * until)
    money = 0.0
    for k in range(12):
        if (mask >> k) & 1:
            bearing = bearing_months(1.0, 12 - k if y < year else month - k, line[BOOK_RATE])
            if y < year:
                bearing = carried(bearing, until, line[GROWTH])
            rate = world.monthly[place, 12 * y + k - FIRST_MONTH, MONTH_ACCOUNT]
            money += credited(rate, h.base[record], bearing)
    return money


@jit
def _employee_accounts_at(h: Any, i: int, world: Any, t: int) -> float:
    """Money in all employee accounts of a person at the end of month ``t``, before any settlement."""
    balance = 0.0
    for record in range(h.offsets[i], h.offsets[i + 1]):
        if h.scheme[record] != 1 or h.year[record] > t // 12 or h.flags[record] & schema.FLAG_DEEMED:
            continue
        place = province_position(h.place[record])
        until = world.at_month[MONTH_CLOSING, place, t - FIRST_MONTH]
        balance += _money_of_record(h, record, world, place, t // 12, t % 12 + 1, until)
    return balance


@jit
def _inherited_of_employee(h: Any, i: int, world: Any, award: int, reference: int) -> float:
    """Sum over the months t from R0 to before the award of the value of ``_employee_accounts_at`` on a death in t.

    Money of the years before R0 is linear in the book growth to t, so that each record is looked at once.
    """
    sex, birth, first_year = h.sex[i], h.birth[i], reference // 12
    total, factor, of_place = 0.0, 0.0, -1
    for record in range(h.offsets[i], h.offsets[i + 1]):
        if h.scheme[record] != 1 or h.flags[record] & schema.FLAG_DEEMED:
            continue
        place, y = province_position(h.place[record]), int(h.year[record])
        closing = world.at_month[MONTH_CLOSING, place]
        if y >= first_year:
            for t in range(max(reference, 12 * y), award):
                money = _money_of_record(h, record, world, place, t // 12, t % 12 + 1, closing[t - FIRST_MONTH])
                total += val.death_weight(world, sex, birth, t, reference) * money
            continue
        if place != of_place:
            of_place, factor = place, 0.0
            for t in range(reference, award):
                factor += val.death_weight(world, sex, birth, t, reference) * closing[t - FIRST_MONTH]
        total += _money_of_record(h, record, world, place, first_year, 0, factor)
    return total


@jit
def _resident_year(h: Any, i: int, world: Any, year: int, award: int) -> tuple[int, float, float, int]:
    """The resident account of a person in a year: its place (-1 without one), what it holds when the year begins, and
    the money booked in it with the month of that."""
    place, last_year, balance, credit, month = -1, 0, 0.0, 0.0, 0
    for record in range(h.offsets[i], h.offsets[i + 1]):
        y = int(h.year[record])
        if h.scheme[record] != 2 or y > year:
            continue
        here = province_position(h.place[record])
        booked, money = resident_payment(h, h.offsets[i], record, world, award)
        if place >= 0:
            line = world.resident[place]
            balance *= line[y - 1 - FIRST_YEAR, RESIDENT_GROWTH] / line[last_year - FIRST_YEAR, RESIDENT_GROWTH]
        place = here
        if y == year:
            credit, month = money, booked
            last_year = y - 1
        else:
            balance = resident_balance(balance, money, world.resident[here, y - FIRST_YEAR, RESIDENT_RATE], 12)
            last_year = y
    if place >= 0:
        line = world.resident[place]
        balance *= line[year - 1 - FIRST_YEAR, RESIDENT_GROWTH] / line[last_year - FIRST_YEAR, RESIDENT_GROWTH]
    return place, balance, credit, month


@inlined
def _resident_account_in(world: Any, t: int, place: int, opening: float, credit: float, booked: int) -> float:
    """What the account of ``_resident_year`` holds at the end of month ``t`` of that year."""
    if place < 0:
        return 0.0
    rate = world.resident[place, t // 12 - FIRST_YEAR, RESIDENT_RATE]
    return resident_balance(opening, credit if booked <= t else 0.0, rate, t % 12 + 1)


@jit
def resident_account_at(h: Any, i: int, world: Any, t: int, award: int) -> float:
    """Money in the resident account of a person at the end of month ``t``, before any settlement."""
    place, opening, credit, booked = _resident_year(h, i, world, t // 12, award)
    return _resident_account_in(world, t, place, opening, credit, booked)


@jit
def inherited_at(h: Any, i: int, world: Any, t: int, award: int, reference: int) -> tuple[float, float]:
    """Values at R0 of what heirs get of a death in month ``t`` (R0 <= t < R): employee accounts, resident account."""
    weight = val.death_weight(world, h.sex[i], h.birth[i], t, reference)
    return weight * _employee_accounts_at(h, i, world, t), weight * resident_account_at(h, i, world, t, award)


@jit
def inheritance_before_award(h: Any, i: int, s: Any, world: Any, award: int, reference: int) -> None:
    """Late claims: value of what heirs of a death between R0 and the award receive, accounts as they then stand: the
    sum of ``inherited_at``, the resident account until the award and until 60."""
    sex, birth, sixty = h.sex[i], h.birth[i], int(h.birth[i]) + 720
    to_award, to_sixty = 0.0, 0.0
    if s.summary[cells.RESIDENT_RECORDS] > 0.0:
        t = reference
        while t < award:
            place, opening, credit, booked = _resident_year(h, i, world, t // 12, award)
            following = min(award, 12 * (t // 12) + 12)
            while t < following:
                weight = val.death_weight(world, sex, birth, t, reference)
                value = weight * _resident_account_in(world, t, place, opening, credit, booked)
                to_award += value
                if t < sixty:
                    to_sixty += value
                t += 1
    of_employee = _inherited_of_employee(h, i, world, award, reference)
    s.summary[cells.BEFORE_AWARD] += of_employee + to_award
    s.summary[cells.BEFORE_AWARD + 1] += of_employee + to_sixty
