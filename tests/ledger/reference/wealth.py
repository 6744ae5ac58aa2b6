"""Contributions of one person, net pension wealth, and the rate at which contributions and payments are worth the same.

All from a settled result: present values in constant yuan at R0, cash flows in nominal yuan.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from ..lookup import CONTEXT
from .accounts import employee_account
from .law import ONE, ZERO
from .months import Entry
from .settlement import Ledger

STEPS = 120
"""Halvings of a bisection: far below the working precision of the comparison."""


def own_contributions(ledger: Ledger) -> dict[int, Decimal]:
    """The member's own money by month: every paid employee month, in time or late, kept or not, also those surrendered
    later; resident payments but the government's own (hardship)."""
    out: dict[int, Decimal] = {}
    for c in (*ledger.kept, *ledger.dropped):
        _add(out, c.month, ledger.own_of(c))
    for e in _surrendered(ledger):
        _add(out, e.month, ledger.own_rate(e.place, e.month, e.individual, e.share) * e.base)
    for entry in ledger.resident:
        if not entry.proxy:
            _add(out, entry.booked, entry.own)
    return out


def all_contributions(ledger: Ledger) -> dict[int, Decimal]:
    """All money paid for the member by month: accounts and pools of the employee scheme; own, collective, hardship
    and subsidy money of the resident one."""
    out: dict[int, Decimal] = {}
    for c in (*ledger.kept, *ledger.dropped):
        _add(out, c.month, c.base * ledger.lookup.account_rate(c.place, c.month) + ledger.pooled_of(c))
    for e in _surrendered(ledger):
        account = ledger.lookup.account_rate(e.place, e.month)
        _add(out, e.month, (account + ledger.pooled_rate(e.place, e.month, e.individual, e.share)) * e.base)
    for entry in ledger.resident:
        _add(out, entry.booked, entry.credited)
    return out


def _surrendered(ledger: Ledger) -> Iterable[Entry]:
    return [] if ledger.variant is None else ledger.variant.surrendered


def _add(out: dict[int, Decimal], month: int, amount: Decimal) -> None:
    out[month] = out.get(month, ZERO) + amount


def worth(ledger: Ledger, money: Mapping[int, Decimal]) -> Decimal:
    """Present value at R0 in constant yuan: survival and discount after R0, interest alone before."""
    with decimal.localcontext(CONTEXT):
        return sum((amount * ledger.weight(month) for month, amount in money.items()), ZERO) * ledger.constant_yuan()


def net_wealth(result: Mapping[str, Any]) -> Decimal:
    """NPW: the present value of what is paid less that of the member's own contributions."""
    with decimal.localcontext(CONTEXT):
        ledger = result["settled"].ledger
        paid: Decimal = ledger._once("own contributions", lambda: worth(ledger, own_contributions(ledger)))
        value: Decimal = result["present_value"] - paid
        return value


def received(result: Mapping[str, Any]) -> dict[int, Decimal]:
    """Expected nominal payments by month, seen from R0: to the member while he lives, what his death leaves after."""
    with decimal.localcontext(CONTEXT):
        ledger, route = result["settled"].ledger, result["settled"].route
        out: dict[int, Decimal] = {}
        for month, amount in route.cash:
            _add(out, month, amount * ledger.alive(month))
        for amount, course, first, more in route.streams:
            level = ledger.level(course, first, more)
            for month in range(first, ledger.last_month + 1):
                _add(out, month, amount * level(month) * ledger.alive(month))
        for first, balances in route.bequests:
            for month, balance in enumerate(balances, first):
                if month >= ledger.r0:
                    _add(out, month, balance * (ledger.alive(month) - ledger.alive(month + 1)))
        return out


def flows(result: Mapping[str, Any]) -> dict[int, Decimal]:
    """Expected nominal payments less own contributions by month."""
    with decimal.localcontext(CONTEXT):
        out, ledger = received(result), result["settled"].ledger
        for month, amount in own_contributions(ledger).items():
            _add(out, month, -amount * ledger.alive(month))
        return out


def value_at(money: Mapping[int, Decimal], rate: Decimal) -> Decimal:
    """The flows at a yearly effective rate, referred to their first month."""
    with decimal.localcontext(CONTEXT):
        step = (1 + rate) ** (-ONE / 12)
        total, power = ZERO, ONE
        first, last = min(money), max(money)
        for month in range(first, last + 1):
            total += money.get(month, ZERO) * power
            power *= step
        return total


def internal_rate(money: Mapping[int, Decimal], low: Decimal, high: Decimal) -> Decimal | None:
    """The yearly effective rate between two rates at which flows are worth nothing, by bisection; None where their
    value does not change sign between them."""
    with decimal.localcontext(CONTEXT):
        money = {month: amount for month, amount in money.items() if amount}
        if not money:
            return None
        below = value_at(money, low)
        if (below > 0) == (value_at(money, high) > 0):
            return None
        for _ in range(STEPS):
            middle = (low + high) / 2
            if (value_at(money, middle) > 0) == (below > 0):
                low = middle
            else:
                high = middle
        return (low + high) / 2


def forfeited(result: Mapping[str, Any]) -> Decimal:
    """Money paid that carries neither right nor cash, with book interest to the award, yuan of then (L5's F).

    Stranded months lose account and pool; months dropped between places lose the pool (the account is refunded, as
    surrendered months' own share is); who ends in the resident scheme or withdraws loses the pool of his months as far
    as the regime does not pay it.
    """
    settled = result["settled"]
    ledger, route = settled.ledger, settled.route
    with decimal.localcontext(CONTEXT):
        outside = route.name in ("employee_to_resident", "withdrawal", "resident", "none")
        rule = settled.choice["pooled_on_exit"] if outside else "paid_with_interest"
        total = ZERO
        for (place, kind), months in ledger._cells().items():
            lost: dict[int, Decimal] = {}
            counted = (place, kind) in settled.counted
            for c in months:
                account, pooled = c.base * ledger.lookup.account_rate(place, c.month), ledger.pooled_of(c)
                if not counted:
                    _add(lost, c.month, pooled if kind == "dropped" else account + pooled)
                elif rule != "paid_with_interest":
                    _add(lost, c.month, pooled)
            total += employee_account(lost, ledger._employee_rate(place), ledger.award)[0]
            if counted and rule in ("twelve", "paid"):
                total -= ledger._pooled(place, kind, rule)
        for e in _surrendered(ledger):
            account = ledger.lookup.account_rate(e.place, e.month)
            pooled = ledger.pooled_rate(e.place, e.month, e.individual, e.share)
            own = min(account, ledger.lookup.own_rate(e.place, e.month, e.individual))
            money = {e.month: (account + pooled - own) * e.base}
            total += employee_account(money, ledger._employee_rate(e.place), ledger.award)[0]
        return total


def contributed(ledger: Ledger) -> Decimal:
    """All money paid, with book interest to the award, yuan of then (L5's C)."""
    with decimal.localcontext(CONTEXT):
        total = ledger._resident_at_award()[0]
        paid = [*ledger.kept, *ledger.dropped]
        for place in {c.place for c in paid}:
            money: dict[int, Decimal] = {}
            for c in paid:
                if c.place == place:
                    account = c.base * ledger.lookup.account_rate(place, c.month)
                    _add(money, c.month, account + ledger.pooled_of(c))
            total += employee_account(money, ledger._employee_rate(place), ledger.award)[0]
        for e in _surrendered(ledger):
            account = ledger.lookup.account_rate(e.place, e.month)
            rate = account + ledger.pooled_rate(e.place, e.month, e.individual, e.share)
            total += employee_account({e.month: rate * e.base}, ledger._employee_rate(e.place), ledger.award)[0]
        return total
