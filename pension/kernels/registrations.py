"""Dated registrations (户籍) of a person: the one in force in a month, and whose months lie at home.

``hukou`` is the registration at the claim and decides the claim place. Where dates are given, temporary accounts go
by the registration of the first month paid at a place (国办发〔2009〕66号 art. 5), the severity group and the access to
the schemes by that of each month. Without dates nothing here is called but the test for them.
"""

from __future__ import annotations

from typing import Any

from pension import schema
from pension._compile import inlined, jit
from pension.kernels.cells import INDIVIDUAL_FORM, LOWEST, POPCOUNT, province_position
from pension.schema import FULL_YEAR


@inlined
def is_dated(h: Any, person: int) -> bool:
    """True for people with dated registrations."""
    return h.registration_offsets[person] != h.registration_offsets[person + 1]


@jit
def registered_at(h: Any, person: int, month: int) -> int:
    """Place code of the registration in force in a month (serial), of somebody with dates; before the first date that
    one (the range check finds nothing recorded there)."""
    first, stop = h.registration_offsets[person], h.registration_offsets[person + 1]
    place = int(h.registration_place[first])
    for k in range(first + 1, stop):
        if h.registration_month[k] > month:
            break
        place = int(h.registration_place[k])
    return place


@jit
def until_next(h: Any, person: int, year: int, mask: int) -> int:
    """The months of a mask during which the registration of its first month lasts."""
    month = 12 * year + LOWEST[mask]
    for k in range(h.registration_offsets[person], h.registration_offsets[person + 1]):
        since = int(h.registration_month[k])
        if since > month:
            if since < 12 * year + 12:
                return int(mask & ((1 << (since - 12 * year)) - 1))
            break
    return mask


@inlined
def outside_labour(h: Any, record: int, award: int) -> int:
    """Months of a record without a labour relation (a mask): individual forms, resident years (the award year to the
    award), no scheme."""
    scheme = h.scheme[record]
    if scheme == 1 and (h.form[record] < INDIVIDUAL_FORM or h.flags[record] & schema.FLAG_DEEMED):
        return 0
    if scheme == 2:
        return FULL_YEAR if h.year[record] < award // 12 else (2 << (award % 12)) - 1
    return int(h.months[record])


@inlined
def place_of_work(h: Any, record: int) -> int:
    """Code of the place at work, else of the insurance; negative where neither is stated."""
    work = int(h.work_place[record])
    return work if work >= 0 else int(h.place[record])


@jit
def dated_locality(h: Any, person: int, start: int, stop: int, award: int) -> tuple[int, int]:
    """(months at the registered residence, elsewhere) without a labour relation, each by the registration of its month,
    of somebody with dates; a calendar month with both counts in both, one at an unstated place in neither."""
    local, elsewhere = 0, 0
    year, here, there = -1, 0, 0
    for record in range(start, stop):
        if h.year[record] != year:
            local += POPCOUNT[here]
            elsewhere += POPCOUNT[there]
            year, here, there = int(h.year[record]), 0, 0
        rest = outside_labour(h, record, award)
        work = place_of_work(h, record)
        while rest:
            part = until_next(h, person, year, rest)
            rest &= ~part
            home = registered_at(h, person, 12 * year + LOWEST[part])
            if work >= 0 and province_position(work) == province_position(home):
                here |= part
            elif work >= 0:
                there |= part
    return int(local + POPCOUNT[here]), int(elsewhere + POPCOUNT[there])
