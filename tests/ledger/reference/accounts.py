"""Individual accounts with month products: before the award, waiting for sixty, in payment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from .law import ZERO


def _by_year(credits: Mapping[int, Decimal]) -> dict[int, list[tuple[int, Decimal]]]:
    years: dict[int, list[tuple[int, Decimal]]] = {}
    for month in sorted(credits):
        years.setdefault(month // 12, []).append((month % 12 + 1, credits[month]))
    return years


def employee_account(
    credits: Mapping[int, Decimal], rate: Callable[[int], Decimal], end: int, watch: int | None = None
) -> tuple[Decimal, list[Decimal]]:
    """Balance in month ``end`` of monthly credits with employee month products (E2.2, E2.4).

    Money of month k earns from that month on: (s - k + 1)/12 of the year's rate by month s; years close in December.
    The second result holds the balances of the months ``watch`` .. ``end - 1``.
    """
    watched: list[Decimal] = []
    first = min((*credits, *(() if watch is None else (watch,))), default=end)
    years = _by_year(credits)
    opening = ZERO
    for year in range(first // 12, end // 12 + 1):
        r = rate(year) if (opening or year in years) else ZERO
        paid = years.get(year, ())
        last = 12 if year < end // 12 else end % 12 + 1

        def balance(s: int, opening: Decimal = opening, r: Decimal = r, paid: Any = paid) -> Decimal:
            total = opening * (1 + r * s / 12)
            for k, c in paid:
                if k <= s:
                    total += c * (1 + r * (s - k + 1) / 12)
            return total

        if watch is not None:
            for s in range(1, last + 1):
                if watch <= 12 * year + s - 1 < end:
                    watched.append(balance(s))
        opening = balance(last)
    return opening, watched


def resident_account(
    credits: Mapping[int, Decimal], rate: Callable[[int], Decimal], end: int, watch: int | None = None
) -> tuple[Decimal, Decimal, list[Decimal]]:
    """Balance in month ``end`` of resident credits (R9, decision 19): money of month k earns from month k + 1.

    Returns the balance, the part of it that earns for the rest of that year (opening balance and credits of the year,
    without the interest of the year), and the balances of the months ``watch`` .. ``end - 1``.
    """
    watched: list[Decimal] = []
    first = min((*credits, *(() if watch is None else (watch,))), default=end)
    years = _by_year(credits)
    opening = earning = ZERO
    for year in range(first // 12, end // 12 + 1):
        r = rate(year) if (opening or year in years) else ZERO
        paid = years.get(year, ())
        last = 12 if year < end // 12 else end % 12 + 1

        def balance(s: int, opening: Decimal = opening, r: Decimal = r, paid: Any = paid) -> Decimal:
            total = opening * (1 + r * s / 12)
            for k, c in paid:
                if k <= s:
                    total += c * (1 + r * (s - k) / 12)
            return total

        if watch is not None:
            for s in range(1, last + 1):
                if watch <= 12 * year + s - 1 < end:
                    watched.append(balance(s))
        earning = opening + sum((c for k, c in paid if k <= last), ZERO)
        opening = balance(last)
    return opening, earning, watched


def deferred_account(
    balance: Decimal, earning: Decimal, filed: int, end: int, rate: Callable[[int], Decimal]
) -> list[Decimal]:
    """Balances of the months ``filed`` .. ``end`` of a resident account that waits for the sixtieth birthday.

    In the year of filing the ``earning`` part (opening balance and credits less debits of that year) earns for the
    months after filing; then years close in December.
    """
    balances = [balance]
    year, start = filed // 12, filed % 12 + 1
    opening, base, offset = balance, earning, start
    r = rate(year)
    for month in range(filed + 1, end + 1):
        if month // 12 != year:
            year = month // 12
            opening = base = balances[-1]
            offset = 0
            r = rate(year)
        s = month % 12 + 1
        balances.append(opening + base * r * (s - offset) / 12)
    return balances


def account_in_payment(
    principal: Decimal, pension: Decimal, settled: int, last: int, rate: Callable[[int], Decimal]
) -> list[Decimal]:
    """Balances of the months ``settled`` .. ``last`` of an account that pays a pension from the month after (E2.7).

    The principal is a credit of the settlement month and earns from the next month; a payment in month k costs
    (13 - k)/12 of the year's rate; interest joins the principal in December. An exhausted account stays at 0, and its
    list ends there.
    """
    balances = [principal]
    if principal <= 0:
        return [ZERO]
    year, start = settled // 12, settled % 12 + 1
    opening, offset = principal, start
    r = rate(year)
    paid = ZERO
    interest_of_payments = ZERO
    for month in range(settled + 1, last + 1):
        if month // 12 != year:
            year = month // 12
            opening, offset = balances[-1], 0
            paid = interest_of_payments = ZERO
            r = rate(year)
        s = month % 12 + 1
        # every payment of the year so far, this one included, costs one more month of interest
        paid += pension
        interest_of_payments += paid * r / 12
        balance = opening * (1 + r * (s - offset) / 12) - paid - interest_of_payments
        if balance <= 0:
            balances.append(ZERO)
            break
        balances.append(balance)
    return balances
