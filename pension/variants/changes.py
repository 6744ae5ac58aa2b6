"""Whether a plan changes anything in a person's records, told from the records as they stand.

Most people were never where a provision reaches: they never left a province before 2010, did no platform work, or paid
on the very base that the plan would give. They keep their recorded history and what was settled over it. In doubt the
answer is ``CHANGED``: the passes of ``variants.records`` then make the same records again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension import schema
from pension._compile import inlined, kernel
from pension._hints import NOT_NEGATIVE
from pension.kernels.award_fields import NO_CAREER, NO_INCOME_STATED
from pension.kernels.cells import province_position
from pension.law.contributions import contribution_base
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_YEAR
from pension.variants import base_provisions as base
from pension.variants.work import EMPLOYEE, FORCED, NO_EXITS_FROM, PLATFORM, RESIDENT, floor_of

UNCHANGED: Final = 0
CHANGED: Final = -1
"""The records have to be varied; codes above 0 are reasons of ``award_fields.STATUS_TEXT``."""


@inlined
def _paid(h: Any, j: int) -> bool:
    return h.scheme[j] == EMPLOYEE and h.flags[j] & schema.FLAG_DEEMED == 0


@inlined
def _career(h: Any, start: int, stop: int, plan: Any) -> int:
    """Whether the career in one place is another one than that recorded."""
    stays_first = plan.career == 1 or plan.pool == base.ORIGIN
    code, paid, j = plan.pool, False, start
    while j < stop and not paid:
        if h.scheme[j] == EMPLOYEE:
            if (code >= 0 and h.place[j] != code) or h.flags[j] & FORCED:
                return CHANGED
            code = h.place[j]
            paid = _paid(h, j)
        elif stays_first and h.scheme[j] == RESIDENT:
            return NO_CAREER
        j += 1
    if not paid:
        return UNCHANGED if plan.pool >= 0 else NO_CAREER
    other = 0
    for k in range(j, stop):  # without a way out: several records at once
        r = k & NOT_NEGATIVE
        elsewhere = (h.place[r] != code) | (h.flags[r] & FORCED != 0)
        other |= (h.scheme[r] == EMPLOYEE) & elsewhere
    return CHANGED if other else UNCHANGED


@inlined
def _left(h: Any, start: int, stop: int) -> bool:
    """Whether anybody left a province before 2010: paid in several by then, or in another one when next paid."""
    code, at, last_year = -1, -1, 12 * 9999
    for j in range(start, stop):
        if not _paid(h, j):
            continue
        year = h.year[j]
        if year > last_year:
            break
        if year >= NO_EXITS_FROM // 12:
            if code < 0:
                break
            last_year = year
        if h.place[j] != code:
            code = h.place[j]
            here = province_position(code)
            if at >= 0 and here != at:
                return True
            at = here
    return False


@inlined
def _enrols(h: Any, start: int, stop: int, plan: Any) -> bool:
    for j in range(start, stop):
        if (plan.forms >> h.form[j]) & 1 and not np.isnan(h.income[j]) and h.flags[j] & schema.FLAG_DEEMED == 0:
            return True
    return False


@inlined
def _keeps_base(h: Any, j: int, plan: Any, t: Any) -> bool:
    """Whether record ``j``, whose income is the only one of its months, gives its own base in each of them."""
    at, y, mask = province_position(h.place[j]), h.year[j] - FIRST_YEAR, h.months[j]
    alike = t.uniform[at, y] == 1
    for k in range(12):
        if (mask >> k) & 1 == 0:
            continue
        floor = floor_of(plan, t, at, y, k)
        if contribution_base(h.income[j], floor, t.ceiling[at, 12 * y + k]) != h.base[j]:
            return False
        if alike:
            break
    return True


@inlined
def _bases(h: Any, start: int, stop: int, plan: Any, t: Any) -> int:
    """Whether incomes give other bases than those recorded; the reason where one is missing. Months of several incomes
    are left to the pass itself."""
    found, year, earning = UNCHANGED, -1, 0
    for j in range(start, stop):
        if h.year[j] != year:
            year, earning = h.year[j], 0
        paid = _paid(h, j)
        if paid and np.isnan(h.income[j]):
            return NO_INCOME_STATED
        if found == CHANGED or not (paid or plan.all_sources == 1) or np.isnan(h.income[j]):
            continue
        mask = FULL_YEAR if h.scheme[j] == RESIDENT else int(h.months[j])
        if earning & mask or (paid and not _keeps_base(h, j, plan, t)):
            found = CHANGED
        earning |= mask
    return found


@inlined
def _pays_otherwise(h: Any, start: int, stop: int) -> bool:
    found = False
    for j in range(start, stop):
        found |= h.form[j] == PLATFORM and _paid(h, j)
    return found


@inlined
def verdict(h: Any, i: int, plan: Any, t: Any) -> int:
    """``UNCHANGED``, ``CHANGED``, or the reason why person ``i`` has no history of the plan where that is plain."""
    start, stop = h.offsets[i], h.offsets[i + 1]
    found = _career(h, start, stop, plan) if plan.career != 0 else UNCHANGED
    if found != UNCHANGED:
        return found
    if plan.surrendered == 1 and _left(h, start, stop):
        return CHANGED
    if plan.enrolment == 1 and _enrols(h, start, stop, plan):
        return CHANGED
    if plan.floor != 0 or plan.all_sources == 1:
        found = _bases(h, start, stop, plan, t)
        if found != UNCHANGED:
            return found
    if plan.payer != 0 and _pays_otherwise(h, start, stop):
        return CHANGED
    return UNCHANGED


@kernel
def judge(reasons: Any, first: int, last: int, h: Any, plan: Any, t: Any) -> None:
    """``reasons`` [person]: the verdict on people ``first <= i < last``."""
    for i in range(first, last):
        reasons[i] = verdict(h, i, plan, t)
