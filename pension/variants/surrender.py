"""What leaving a province before 2010 ended where it was a surrender: the months, and what was refunded for them.

劳社部发〔2005〕20号 and local rules; 国办发〔2009〕66号 ended it. Exits are read off the record.
"""

from __future__ import annotations

from typing import Any

from pension import schema
from pension._compile import inlined
from pension.kernels.cells import HIGHEST, INDIVIDUAL_FORM, INTEREST_MONTHS, LOWEST, POPCOUNT, note
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


@inlined
def surrender(w: Any, n: int, award: int, t: Any, trace: Any) -> tuple[int, int]:
    """Drop what was paid in a province before each exit from it; returns the numbers of refunds and of dropped
    records. ``award`` the award month.

    Of two months paid one after the other, those provinces are left that were paid in the first alone. The first month
    after 2009 still decides about the last one before.
    """
    found, gone, before, earlier, start = 0, 0, -1, 0, 0
    while start < n:
        year, stop, rest, places = w.whole[start, YEAR], start, 0, 0
        while stop < n and w.whole[stop, YEAR] == year:
            if is_paid(w, stop):
                rest |= w.whole[stop, MASK]
                places |= 1 << w.whole[stop, AT]
            stop += 1
        while rest:
            here, last = places, HIGHEST[rest]
            if places & (places - 1):  # several provinces: month by month
                here, last = 0, LOWEST[rest]
                for j in range(start, stop):
                    if covers(w, j, 12 * year + last):
                        here |= 1 << w.whole[j, AT]
            left = earlier & ~here
            for at in range(schema.N_PLACES if left else 0):
                if (left >> at) & 1:
                    w.refund_month[found] = before
                    gone = _refund(w, stop, at, found, gone, award, t, trace)
                    found += 1
            if year >= NO_EXITS_FROM // 12:
                return found, gone
            earlier, before = here, 12 * year + last
            rest &= ~up_to(year, before)
        start = stop
    return found, gone


@inlined
def _closing(at: int, month: int, t: Any) -> float:
    """Cumulated book growth of a province to a month."""
    y = month // 12 - FIRST_YEAR
    return growth_to_award(t.growth[at, y - 1], t.book_rate[at, y], month % 12 + 1)


@inlined
def _refund(w: Any, n: int, at: int, refund: int, gone: int, award: int, t: Any, trace: Any) -> int:
    """Take the months in a province to the exit ``refund`` off the first ``n`` records, among which they are, and work
    out the own share with interest; returns the number of dropped records, ``gone`` of which there were before."""
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
