"""What leaving a province before 2010 ended where it was a surrender: the months, and what was refunded for them.

劳社部发〔2005〕20号 and local rules; 国办发〔2009〕66号 ended it. Exits are read off the record.
"""

from __future__ import annotations

from typing import Any

import numpy as np

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
from pension.variants.work import NO_EXITS_FROM, copy_row, covers, is_paid, up_to


@inlined
def surrender(w: Any, n: int, award: int, t: Any, with_gone: bool, trace: Any) -> tuple[int, int]:
    """Drop what was paid in a province before each exit from it; returns the numbers of refunds and of dropped
    records. ``award`` the award month; ``with_gone``: the dropped records and their money at the award are asked for.

    Of two months paid one after the other, those provinces are left that were paid in the first alone. The first month
    after 2009 still decides about the last one before.
    """
    rows = w.rows
    found, gone, before, earlier, start = 0, 0, -1, 0, 0
    while start < n:
        year, stop, rest, places = rows.year[start], start, 0, 0
        while stop < n and rows.year[stop] == year:
            if is_paid(rows, stop):
                rest |= rows.months[stop]
                places |= 1 << rows.at[stop]
            stop += 1
        if rest and places == earlier and places & (places - 1) == 0 and year < NO_EXITS_FROM // 12:
            before, rest = 12 * year + HIGHEST[rest], 0  # stays where he was
        while rest:
            here, last = places, HIGHEST[rest]
            if places & (places - 1):  # several provinces: month by month
                here, last = 0, LOWEST[rest]
                for j in range(start, stop):
                    if covers(rows, j, 12 * year + last):
                        here |= 1 << rows.at[j]
            left = earlier & ~here
            for at in range(schema.N_PLACES if left else 0):
                if (left >> at) & 1:
                    w.refund_month[found] = before
                    gone = _refund(w, stop, at, found, gone, award, t, with_gone, trace)
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
def _refund(w: Any, n: int, at: int, refund: int, gone: int, award: int, t: Any, with_gone: bool, trace: Any) -> int:
    """Take the months in a province to the exit ``refund`` off the first ``n`` records, among which they are, and work
    out the own share with interest; returns the number of dropped records, ``gone`` of which there were before."""
    rows, month = w.rows, w.refund_month[refund]
    year = month // 12
    total, closing = 0.0, _closing(at, month, t)
    total_at_award, closing_at_award = 0.0, _closing(at, award, t)
    for j in range(n):
        if not is_paid(rows, j) or rows.at[j] != at:
            continue
        y, source, base = rows.year[j] - FIRST_YEAR, rows.source[j], rows.base[j]
        kind = 1 if rows.form[j] >= INDIVIDUAL_FORM else 0
        rest = rows.months[j] & up_to(rows.year[j], month)
        if rest == 0:
            continue
        if with_gone:
            copy_row(rows, j, w.gone, gone)
            w.gone.months[gone] = rest
            gone += 1
        rows.months[j] &= ~rest
        while rest:
            own = t.own_rate[at, 12 * y + LOWEST[rest], kind]
            account = t.account_rate[at, 12 * y + LOWEST[rest]]
            part = 0 if t.one_rate[at, y, kind] == 0 else rest
            for k in range(12 if part == 0 else 0):
                m = 12 * y + k
                if (rest >> k) & 1 and t.own_rate[at, m, kind] == own and t.account_rate[at, m] == account:
                    part |= 1 << k
            if part == 0:  # an unknown rate equals nothing, not even itself
                part = rest
            rest &= ~part
            share, rate = refunded_share(own, account), t.book_rate[at, y]
            count, earning = POPCOUNT[part], INTEREST_MONTHS[part]
            if with_gone:
                left = carried(bearing_months(count, earning, rate), closing_at_award, t.growth[at, y])
                total_at_award += credited(share, base, left)
            if rows.year[j] == year:  # money of the exit year earns to the exit only
                earning -= count * (11 - month % 12)
            months = bearing_months(count, earning, rate)
            if trace is not None:
                note(trace, REFUNDED_SHARE, source, at, own, account, 0.0, 0.0, 0.0, share)
                note(trace, BEARING_MONTHS, source, at, count, earning, rate, 0.0, 0.0, months)
            if rows.year[j] < year:
                bearing = months
                months = carried(bearing, closing, t.growth[at, y])
                if trace is not None:
                    note(trace, CARRIED, source, at, bearing, closing, t.growth[at, y], 0.0, 0.0, months)
            yuan = credited(share, base, months)
            if trace is not None:
                note(trace, CREDITED, source, at, share, base, months, 0.0, 0.0, yuan)
            total += yuan
    w.refund_yuan[refund] = total
    w.refund_award[refund] = total_at_award if with_gone else np.nan
    return gone
