"""Formulas of the proposals: resident years bought in the employee scheme, pension rights, notional accounts, a
citizen pension. None is law in force; sources and operationalisation are with each.
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

YEARS_BY_RATIO: Final = 81
INDEX_BY_CONTRIBUTION: Final = 82
MONTHS_BY_BALANCE: Final = 83
RIGHTS_ACCRUAL: Final = 84
RIGHTS_PENSION: Final = 85
NOTIONAL_CREDIT: Final = 86
NOTIONAL_PENSION: Final = 87
TOP_UP: Final = 88

_LOCAL = "local rules before 2014"
_OURS = "ours"


@article(
    step=YEARS_BY_RATIO,
    zh="按缴费比例折算年限",
    act=_LOCAL,
    article="year-by-year conversion (one city)",
    formula="min(1, u / (12·f·C(y−1)·ρ))",
    unit="years",
    since="",
    until="2014-07",
    status="ours",
)
def years_by_ratio(credit: float, floor: float, reference_wage: float, rate: float) -> float:
    """Employee years that one resident year buys, at most 1: its credit (own, subsidy, collective; yuan/year) over
    the price of an employee year at the lowest base (``floor`` times the reference wage, yuan/month, at ``rate``).
    """
    return min(1.0, credit / (12.0 * floor * reference_wage * rate))


@article(
    step=INDEX_BY_CONTRIBUTION,
    zh="一年折一年的缴费指数",
    act=_OURS,
    article="one year for one year, an upper bound",
    formula="u / (12·ρ·C(y−1))",
    unit="1",
    since="",
    status="ours",
)
def index_by_contribution(credit: float, rate: float, reference_wage: float) -> float:
    """Index of a resident year as an employee year: its credit (yuan/year) read as contributions at ``rate``."""
    return credit / (12.0 * rate * reference_wage)


@article(
    step=MONTHS_BY_BALANCE,
    zh="按账户余额折算月数",
    act=_LOCAL,
    article="conversion by balance (one province)",
    formula="min(resident months, K / (f·C·ρ))",
    unit="months",
    since="",
    until="2014-07",
    status="ours",
)
def months_by_balance(
    resident_months: float, balance: float, floor: float, reference_wage: float, rate: float
) -> float:
    """Employee months that the resident balance (yuan) buys at the award, at the lowest base of the hukou place."""
    return min(resident_months, balance / (floor * reference_wage * rate))


@article(
    step=RIGHTS_ACCRUAL,
    zh="当期权益",
    act=_OURS,
    article="pension rights booked when earned",
    formula="(C_p(y−1) + b) / C_N(y−1)",
    unit="1",
    since="",
    status="ours",
)
def rights_accrual(reference_wage: float, contribution_base: float, national_wage: float) -> float:
    """Right of one month: reference wage of its place and own base (yuan/month) over the national wage of the time."""
    return (reference_wage + contribution_base) / national_wage


@article(
    step=RIGHTS_PENSION,
    zh="权益养老金",
    act=_OURS,
    article="pension rights paid",
    formula="½·1%·P_N(R)/12 · Σ rights",
    unit="yuan/month",
    since="",
    status="ours",
)
def rights_pension(national_base: float, rights: float) -> float:
    """Pension from booked rights (a sum over months) at the national calculation base (yuan/month) of the award."""
    return 0.005 * national_base / 12.0 * rights


@article(
    step=NOTIONAL_CREDIT,
    zh="名义账户记账",
    act="literature on notional accounts (名义账户)",
    article="",
    formula="η·b·months / C_N(y−1)",
    unit="national wages",
    since="",
    status="ours",
)
def notional_credit(rate: float, contribution_base: float, months: float, national_wage: float) -> float:
    """Contributions of ``months`` at the whole ``rate`` paid (account and pool), in national wages of the time, so that
    the wage at the award turns them into the notional balance: the notional rate is the growth of that wage."""
    return rate * contribution_base * months / national_wage


@article(
    step=NOTIONAL_PENSION,
    zh="名义账户养老金",
    act="literature on notional accounts (名义账户)",
    article="",
    formula="K / G",
    unit="yuan/month",
    since="",
    status="ours",
)
def notional_pension(balance: float, divisor: float) -> float:
    """Notional balance (yuan) over the annuity divisor (months), with survival, indexation and the notional rate."""
    return balance / divisor


@article(
    step=TOP_UP,
    zh="公民养老金补足",
    act="proposals for a citizen pension (国民年金)",
    article="",
    formula="max(0, amount − λ·other pensions)",
    unit="yuan/month",
    since="",
    status="ours",
)
def top_up(amount: float, taper: float, other_pensions: float) -> float:
    """Citizen pension (yuan/month) that tops other monthly pensions up; ``taper`` is the share of them set off."""
    return max(0.0, amount - taper * other_pensions)
