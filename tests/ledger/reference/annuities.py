"""Enterprise and occupational annuities beside the basic pension (E8): equal monthly contributions of one plan.

A month's money is in the account at its end and grows at the yearly effective rate of return.
"""

from __future__ import annotations

import decimal
from dataclasses import dataclass
from decimal import Decimal

from ..lookup import CONTEXT
from .law import ONE, ZERO


@dataclass(frozen=True)
class Plan:
    """One employer's plan: months of contributions, base, rates; years in which the employer's money vests."""

    start: int
    end: int
    base: Decimal
    employer_rate: Decimal
    employee_rate: Decimal
    vesting_years: int
    rate_of_return: Decimal


@dataclass(frozen=True)
class Holding:
    """What an annuity holds in a month, yuan: own money, vested employer money, employer money lost."""

    own: Decimal
    employer: Decimal
    forfeited: Decimal

    @property
    def balance(self) -> Decimal:
        """What is the member's."""
        return self.own + self.employer


def holding(plan: Plan, month: int) -> Holding:
    """The annuity in a month. Retirement, death and disability vest everything; a change of job before vests the part
    of the years served, and what is lost stays with the plan at its value of then."""
    with decimal.localcontext(CONTEXT):
        last = min(plan.end, month)
        own = _grown(plan, plan.employee_rate, last, month)
        employer = _grown(plan, plan.employer_rate, last, month)
        if month <= plan.end:
            return Holding(own, employer, ZERO)
        share = vested(plan)
        return Holding(own, employer * share, _grown(plan, plan.employer_rate, plan.end, plan.end) * (1 - share))


def vested(plan: Plan) -> Decimal:
    """Part of the employer's money that is the member's when he leaves at the end of the plan: whole years of it."""
    if plan.vesting_years == 0:
        return ONE
    return min(ONE, Decimal((plan.end - plan.start + 1) // 12) / plan.vesting_years)


def _grown(plan: Plan, rate: Decimal, last: int, month: int) -> Decimal:
    total = ZERO
    for paid in range(plan.start, last + 1):
        total += plan.base * rate * (1 + plan.rate_of_return) ** (Decimal(month - paid) / 12)
    return total
