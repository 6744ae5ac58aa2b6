"""The resident account over a person's records: subsidies, yearly booking, overlaps, and a copy at 60.

国发〔2014〕8号 arts. 4-6; protocol of the scheme (经办规程); 人社部发〔2014〕17号 art. 7 for the overlaps.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pension import schema
from pension._compile import inlined, jit
from pension.kernels.cells import (
    AT_AWARD,
    AT_SIXTY,
    CREDIT,
    FLOOR,
    INDIVIDUAL_RATE,
    N_CONVERTED,
    OF_PLACE,
    OVERLAP_MONTHS,
    PREMIUM_MONTHS,
    REFUND,
    RESIDENT_MONTHS,
    RESIDENT_NOTIONAL,
    RESIDENT_RECORDS,
    WANTS_CONVERSION,
    WANTS_DESIGN,
    note,
    province_position,
)
from pension.law.bridging import OVERLAP_REFUND, overlap_refund
from pension.law.designs import index_by_contribution, notional_credit, years_by_ratio
from pension.law.resident import RESIDENT_BALANCE, RESIDENT_CREDIT, resident_balance, resident_credit
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR
from pension.tables.world import MONTH_TIERS, PREMIUM_BACKPAID, RESIDENT_GROWTH, RESIDENT_RATE, SUBSIDY_YEARS


@inlined
def contribution_subsidy(world: Any, place: int, month: int, amount: float) -> float:
    """Government subsidy (yuan/year) of one resident payment booked in ``month``: the row of the highest tier not
    above the amount in the table in force; no table or a blank row gives the legal floor (国发〔2014〕8号 art. 4)."""
    t = month - FIRST_MONTH
    line = world.monthly[place, t]
    found = -1
    for row in range(int(line[MONTH_TIERS]), int(line[MONTH_TIERS + 1])):
        if world.tiers[row, 0] > amount:
            break
        found = row
    if found >= 0 and not np.isnan(world.tiers[found, 1]):
        return world.tiers[found, 1]
    if amount >= world.floor_tier:
        return world.floors[t, 1]
    return world.floors[t, 0]


@jit
def subsidised_years(h: Any, start: int, record: int) -> int:
    """Resident years paid in time at the place of ``record`` before it."""
    years = 0
    for earlier in range(start, record):
        if h.scheme[earlier] == 2 and h.place[earlier] == h.place[record]:
            years += 0 if h.flags[earlier] & schema.FLAG_BACKPAID else 1
    return years


@inlined
def resident_records(
    h: Any,
    s: Any,
    world: Any,
    person: int,
    start: int,
    stop: int,
    hukou: int,
    overlaps: Any,
    award: int,
    wanted: int,
    trace: Any,
) -> None:
    """Run the resident account over the resident records of a person, the first at ``start``, ``overlaps[j]`` employee
    months of record j.

    Four balances grow side by side: the account, its refundable principal, the whole money of overlapped months, and
    the money that would buy employee years. The account moves on 1 January of a new place's first year and is booked in
    December, in the award year in the award month; a copy is taken at the month of the 60th birthday when that is not
    after the award.
    """
    out = s.summary
    sixty = h.birth[person] + 720
    award_year, sixty_year = award // 12, sixty // 12
    balance, refundable, value, bought = 0.0, 0.0, 0.0, 0.0
    converting = wanted & WANTS_CONVERSION != 0
    place, last_year = -1, 0
    sixty_taken = sixty > award
    n = 0
    for record in range(start, stop):
        if h.scheme[record] != 2:
            continue
        year = int(h.year[record])
        here = province_position(h.place[record])
        booked = 12 * year + 11
        if year == award_year:
            booked = award
        collective = 0.0 if np.isnan(h.payer_share[record]) else h.payer_share[record]
        flags = h.flags[record]
        subsidy = 0.0
        limit = world.lines[here, SUBSIDY_YEARS]
        # Earlier records are counted only where there can be too many of them.
        in_limit = record - start < limit or subsidised_years(h, start, record) < limit
        if in_limit and not flags & schema.FLAG_BACKPAID:
            subsidy = contribution_subsidy(world, here, booked, h.base[record])
        credit = resident_credit(h.base[record], subsidy, collective)
        overlap = overlaps[n]
        n += 1
        own = 0.0 if flags & schema.FLAG_PROXY else h.base[record]
        refund = 0.0
        if overlap > 0:
            refund = overlap_refund(own, collective, overlap)
        if trace is not None:
            note(trace, RESIDENT_CREDIT, record, here, h.base[record], subsidy, collective, 0.0, 0.0, credit)
            if overlap > 0:
                note(trace, OVERLAP_REFUND, record, here, own, collective, overlap, 0.0, 0.0, refund)
        out[REFUND] += refund
        out[OVERLAP_MONTHS] += overlap
        out[RESIDENT_RECORDS] += 1
        months = 12 - overlap
        if year == award_year and world.award_year_months == 1:
            months = award % 12 + 1 - overlap
        out[RESIDENT_MONTHS] += months
        if not flags & schema.FLAG_BACKPAID or world.lines[hukou, PREMIUM_BACKPAID] == 1.0:
            out[PREMIUM_MONTHS] += months
        # Bring the balances to the end of the year before.
        if place >= 0 and year - 1 > last_year:
            line = world.resident[place]
            growth = line[year - 1 - FIRST_YEAR, RESIDENT_GROWTH] / line[last_year - FIRST_YEAR, RESIDENT_GROWTH]
            balance *= growth
            refundable *= growth
            value *= growth
            bought *= growth
        share = credit / 12.0 * overlap
        paid = 0.0
        if converting:
            paid = _convert(s, world, here, year, credit, 12 - overlap)
        if wanted & WANTS_DESIGN:
            nation = world.wages[schema.NATION_INDEX, year - FIRST_YEAR]
            out[RESIDENT_NOTIONAL] += notional_credit(1.0, credit, 1.0, nation)
        if not sixty_taken and year == sixty_year:  # no resident year lies after it (an input rule)
            sixty_taken = True
            _put(out, AT_SIXTY, balance, refundable, value, bought, credit, refund, share, paid, here)
        if year == award_year:
            _put(out, AT_AWARD, balance, refundable, value, bought, credit, refund, share, paid, here)
            return
        rate = world.resident[here, year - FIRST_YEAR, RESIDENT_RATE]
        opening = balance
        balance = resident_balance(opening, credit, rate, 12)
        if trace is not None:
            note(trace, RESIDENT_BALANCE, record, here, opening, credit, rate, 12, 0.0, balance)
        if out[OVERLAP_MONTHS] > 0.0:
            refundable = resident_balance(refundable, refund, rate, 12)
            value = resident_balance(value, share, rate, 12)
        if converting:
            bought = resident_balance(bought, paid, rate, 12)
        place, last_year = here, year
    if place < 0:
        return
    line = world.resident[place]
    until = line[last_year - FIRST_YEAR, RESIDENT_GROWTH]
    if not sixty_taken:
        scale = line[sixty_year - 1 - FIRST_YEAR, RESIDENT_GROWTH] / until
        _put(
            out, AT_SIXTY, balance * scale, refundable * scale, value * scale, bought * scale, 0.0, 0.0, 0.0, 0.0, place
        )
    scale = line[award_year - 1 - FIRST_YEAR, RESIDENT_GROWTH] / until
    _put(out, AT_AWARD, balance * scale, refundable * scale, value * scale, bought * scale, 0.0, 0.0, 0.0, 0.0, place)


@jit
def _put(
    out: Any,
    at: int,
    a: float,
    b: float,
    c: float,
    d: float,
    credit_a: float,
    credit_b: float,
    credit_c: float,
    credit_d: float,
    place: int,
) -> None:
    out[at] = a
    out[at + 1] = b
    out[at + 2] = c
    out[at + 3] = d
    out[at + CREDIT] = credit_a
    out[at + CREDIT + 1] = credit_b
    out[at + CREDIT + 2] = credit_c
    out[at + CREDIT + 3] = credit_d
    out[at + OF_PLACE] = place


@jit
def _convert(s: Any, world: Any, place: int, year: int, credit: float, kept: int) -> float:
    """Note what one resident year would be as an employee year; returns the money that buys it, yuan."""
    wage = world.wages[place, year - FIRST_YEAR]
    years = years_by_ratio(credit, FLOOR, wage, INDIVIDUAL_RATE) * kept / 12.0
    n = int(s.summary[N_CONVERTED])
    s.converted[n, 0] = place
    s.converted[n, 1] = year
    s.converted[n, 2] = kept
    s.converted[n, 3] = years
    s.converted[n, 4] = index_by_contribution(credit, INDIVIDUAL_RATE, wage)
    s.summary[N_CONVERTED] = n + 1
    return years * 12.0 * FLOOR * wage * INDIVIDUAL_RATE


@inlined
def balance_at(summary: Any, world: Any, first: int, which: int, month: int) -> float:
    """One of the four resident balances (see ``cells.AT_AWARD``) in ``month``."""
    place = int(summary[first + OF_PLACE])
    rate = world.resident[place, month // 12 - FIRST_YEAR, RESIDENT_RATE]
    return resident_balance(summary[first + which], summary[first + CREDIT + which], rate, month % 12 + 1)
