"""Claims after the statutory month: what heirs receive when the member dies between R0 and the award.

Everything is valued for a member alive at R0. A death before the award leaves the accounts as they then stand, before
any settlement, so their balances are followed month by month (only late claims need that).
"""

from __future__ import annotations

from typing import Any

from pension import schema
from pension._compile import jit
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
def _employee_accounts_at(h: Any, i: int, world: Any, t: int) -> float:
    """Money in all employee accounts of a person at the end of month ``t``, before any settlement."""
    year, month = t // 12, t % 12 + 1
    balance = 0.0
    for record in range(h.offsets[i], h.offsets[i + 1]):
        y = int(h.year[record])
        if h.scheme[record] != 1 or y > year or h.flags[record] & schema.FLAG_DEEMED:
            continue
        place, mask = province_position(h.place[record]), int(h.months[record])
        line = world.annual[place, y - FIRST_YEAR]
        until = world.at_month[MONTH_CLOSING, place, t - FIRST_MONTH]
        if y == year:
            mask &= (1 << month) - 1
        elif mask == FULL_YEAR:
            balance += world.years[YEAR_ACCOUNT, place, y - FIRST_YEAR] * (h.base[record] * until)
            continue
        for k in range(12):
            if (mask >> k) & 1:
                bearing = bearing_months(1.0, 12 - k if y < year else month - k, line[BOOK_RATE])
                if y < year:
                    bearing = carried(bearing, until, line[GROWTH])
                rate = world.monthly[place, 12 * y + k - FIRST_MONTH, MONTH_ACCOUNT]
                balance += credited(rate, h.base[record], bearing)
    return balance


@jit
def resident_account_at(h: Any, i: int, world: Any, t: int, award: int) -> float:
    """Money in the resident account of a person at the end of month ``t``, before any settlement."""
    year = t // 12
    place, last_year, balance, credit = -1, 0, 0.0, 0.0
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
            credit = money if booked <= t else 0.0
            last_year = y - 1
        else:
            balance = resident_balance(balance, money, world.resident[here, y - FIRST_YEAR, RESIDENT_RATE], 12)
            last_year = y
    if place < 0:
        return 0.0
    line = world.resident[place]
    balance *= line[year - 1 - FIRST_YEAR, RESIDENT_GROWTH] / line[last_year - FIRST_YEAR, RESIDENT_GROWTH]
    return resident_balance(balance, credit, line[year - FIRST_YEAR, RESIDENT_RATE], t % 12 + 1)


@jit
def inherited_at(h: Any, i: int, world: Any, t: int, award: int, reference: int) -> tuple[float, float]:
    """Values at R0 of what heirs get of a death in month ``t`` (R0 <= t < R): employee accounts, resident account."""
    weight = val.death_weight(world, h.sex[i], h.birth[i], t, reference)
    return weight * _employee_accounts_at(h, i, world, t), weight * resident_account_at(h, i, world, t, award)


@jit
def inheritance_before_award(h: Any, i: int, s: Any, world: Any, award: int, reference: int) -> None:
    """Late claims: value of what heirs of a death between R0 and the award receive, accounts as they then stand."""
    sixty = h.birth[i] + 720
    for t in range(reference, award):
        value, resident = inherited_at(h, i, world, t, award, reference)
        s.summary[cells.BEFORE_AWARD] += value + resident
        s.summary[cells.BEFORE_AWARD + 1] += value + (resident if t < sixty else 0.0)
