"""What leaving a province before 2010 ended where it was a surrender: the months, and what was refunded for them.

劳社部发〔2005〕20号 and local rules; 国办发〔2009〕66号 ended it. Exits are read off the record.
"""

from __future__ import annotations

from typing import Any, Final

from pension import schema
from pension._compile import inlined, jit
from pension.kernels.cells import INDIVIDUAL_FORM, INTEREST_MONTHS, LOWEST, POPCOUNT, note
from pension.law.contributions import REFUNDED_SHARE, refunded_share
from pension.law.employee import (
    BEARING_MONTHS,
    CARRIED,
    CREDITED,
    bearing_months,
    carried,
    credited,
    growth_to_award,
)
from pension.tables.dense import FIRST_YEAR
from pension.variants.work import (
    AT,
    BASE,
    FORM,
    MASK,
    N_REAL,
    N_WHOLE,
    NO_EXITS_FROM,
    SOURCE,
    YEAR,
    covers,
    is_paid,
    up_to,
)

_NEVER: Final = 1 << 40


@jit
def surrender(w: Any, n: int, award: int, t: Any, trace: Any) -> tuple[int, int]:
    """Drop what was paid in a province before each exit from it; returns the numbers of refunds and of dropped
    records. ``award`` the award month."""
    span = NO_EXITS_FROM - schema.FIRST_EMPLOYEE_MONTH
    for m in range(span):
        w.paid_at[m] = 0
    after = _NEVER
    for j in range(n):
        if is_paid(w, j):
            first = 12 * w.whole[j, YEAR] - schema.FIRST_EMPLOYEE_MONTH
            for k in range(12):
                if (w.whole[j, MASK] >> k) & 1:
                    if first + k < span:
                        w.paid_at[first + k] |= 1 << w.whole[j, AT]
                    else:
                        after = min(after, first + k)
    # The first month after 2009 in which anything was paid decides about the last one before.
    later = 0
    for j in range(n):
        if covers(w, j, after + schema.FIRST_EMPLOYEE_MONTH):
            later |= 1 << w.whole[j, AT]
    found, gone, before = 0, 0, -1
    for m in range(span + 1):
        here = later if m == span else w.paid_at[m]
        if here == 0:
            continue
        left = 0 if before < 0 else w.paid_at[before] & ~here
        for at in range(schema.N_PLACES):
            if (left >> at) & 1:
                w.refund_month[found] = schema.FIRST_EMPLOYEE_MONTH + before
                gone = _refund(w, n, at, found, gone, award, t, trace)
                found += 1
        before = m
    return found, gone


@inlined
def _closing(at: int, month: int, t: Any) -> float:
    """Cumulated book growth of a province to a month."""
    y = month // 12 - FIRST_YEAR
    return growth_to_award(t.growth[at, y - 1], t.book_rate[at, y], month % 12 + 1)


@jit
def _refund(w: Any, n: int, at: int, refund: int, gone: int, award: int, t: Any, trace: Any) -> int:
    """Take the months in a province to the exit ``refund`` off the record and work out the own share with interest;
    returns the number of dropped records, ``gone`` of which there were before."""
    month = w.refund_month[refund]
    year = month // 12
    total, closing = 0.0, _closing(at, month, t)
    total_at_award, closing_at_award = 0.0, _closing(at, award, t)
    for j in range(n):
        line = w.whole[j]
        if not is_paid(w, j) or line[AT] != at:
            continue
        y, source = line[YEAR] - FIRST_YEAR, line[SOURCE]
        kind = 1 if line[FORM] >= INDIVIDUAL_FORM else 0
        rest = line[MASK] & up_to(line[YEAR], month)
        if rest == 0:
            continue
        for c in range(N_WHOLE):
            w.gone[gone, c] = line[c]
        for c in range(N_REAL):
            w.gone_real[gone, c] = w.real[j, c]
        w.gone[gone, MASK] = rest
        gone += 1
        line[MASK] &= ~rest
        while rest:
            own = t.own_rate[at, 12 * y + LOWEST[rest], kind]
            account = t.account_rate[at, 12 * y + LOWEST[rest]]
            part = 0
            for k in range(12):
                m = 12 * y + k
                if (rest >> k) & 1 and t.own_rate[at, m, kind] == own and t.account_rate[at, m] == account:
                    part |= 1 << k
            if part == 0:  # an unknown rate equals nothing, not even itself
                part = rest
            rest &= ~part
            share, rate = refunded_share(own, account), t.book_rate[at, y]
            count, earning = POPCOUNT[part], INTEREST_MONTHS[part]
            left = carried(bearing_months(count, earning, rate), closing_at_award, t.growth[at, y])
            total_at_award += credited(share, w.real[j, BASE], left)
            if line[YEAR] == year:  # money of the exit year earns to the exit only
                earning -= count * (11 - month % 12)
            months = bearing_months(count, earning, rate)
            if trace is not None:
                note(trace, REFUNDED_SHARE, source, at, own, account, 0.0, 0.0, 0.0, share)
                note(trace, BEARING_MONTHS, source, at, count, earning, rate, 0.0, 0.0, months)
            if line[YEAR] < year:
                bearing = months
                months = carried(bearing, closing, t.growth[at, y])
                if trace is not None:
                    note(trace, CARRIED, source, at, bearing, closing, t.growth[at, y], 0.0, 0.0, months)
            yuan = credited(share, w.real[j, BASE], months)
            if trace is not None:
                note(trace, CREDITED, source, at, share, w.real[j, BASE], months, 0.0, 0.0, yuan)
            total += yuan
    w.refund_yuan[refund] = total
    w.refund_award[refund] = total_at_award
    return gone
