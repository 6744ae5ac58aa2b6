"""An account in payment after the award: drawn down month by month, with interest, until it is used up."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pension.law import indexation
from pension.law.registry import plain
from pension.schema import month_text
from pension.tables.dense import FIRST_YEAR, LAST_YEAR

HALF_FEN: Final = 0.005


def law_of(function: Any) -> Any:
    """A law function uncompiled: a handful of calls."""
    return plain(function.__name__)


class Account:
    """An account drawn down in equal monthly payments."""

    def __init__(self, balance: float, settled: int, payment: float, rates: Any) -> None:
        self.balance, self.settled, self.payment, self.rates = balance, settled, payment, rates

    def rate(self, year: int) -> float:
        return float(self.rates[year - FIRST_YEAR])

    def after(self, opening: float, year: int, payments: int) -> tuple[float, float, float]:
        """(interest, paid out of the account, closing) after so many payments of one year."""
        interest = paid = 0.0
        for k in range(1, payments + 1):
            interest = law_of(indexation.interest_in_payment)(opening, self.payment, k, self.rate(year))
            paid = self.payment * k
            if opening + interest <= paid:  # used up in this month
                return interest, opening + interest, 0.0
        return interest, paid, law_of(indexation.balance_in_payment)(opening, interest, paid)

    def years(self, last: int) -> Iterator[tuple[int, int, float, float, float, float]]:
        """(year, payments, opening, interest, paid out of the account, closing) of each year to month ``last``."""
        opening, month = self.balance, self.settled + 1
        while month <= last:
            year, payments = month // 12, min(last, month // 12 * 12 + 11) - month + 1
            interest, paid, closing = self.after(opening, year, payments)
            yield year, payments, opening, interest, paid, closing
            opening, month = closing, (year + 1) * 12

    def empty(self) -> int | None:
        """Month from whose end on less than half a fen is left; None where the tables end before."""
        for year, payments, opening, _, _, closing in self.years(12 * LAST_YEAR + 11):
            if closing < HALF_FEN:
                spent = (k for k in range(1, payments + 1) if self.after(opening, year, k)[2] < HALF_FEN)
                first = max(self.settled + 1, 12 * year)
                return first + next(spent) - 1
        return None

    def at(self, month: int) -> float:
        """Balance at the end of a month."""
        return [self.balance, *(closing for *_, closing in self.years(month))][-1]

    def table(self, last: int) -> list[dict[str, Any]]:
        """Year by year until it is used up, the last year with what the pool pays."""
        rows = []
        for year, payments, opening, interest, paid, closing in self.years(last):
            if opening <= 0.0:
                break
            rows.append(
                {
                    "year": year,
                    "payments": payments,
                    "opening": opening,
                    "paid": paid,
                    "paid_by_pool": self.payment * payments - paid,
                    "interest": interest,
                    "closing": closing,
                    "book_rate": self.rate(year),
                }
            )
        return rows


def used_up(account: Account | None) -> dict[str, Any] | None:
    """Balance of an account and the month in which it is used up; None without one, or where it is not used up."""
    if account is None or account.balance <= 0.0 or (month := account.empty()) is None:
        return None
    return {"balance": account.balance, "month": month_text(month)}
