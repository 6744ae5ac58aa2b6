"""Annuities beside the basic pension, and moves between public sector and enterprises.

Enterprise annuity (企业年金, 人社部令36号, 2018-02); occupational annuity (职业年金, since 2014-10); moves between the
schemes: 人社部规〔2017〕1号; the ten years in which public-sector pensions passed to the new method: 人社部发〔2015〕
28号.
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

ANNUITY_WITHIN_LIMITS: Final = 141
EMPLOYER_CREDIT: Final = 142
VESTED_SHARE: Final = 143
ANNUITY_BALANCE: Final = 144
ANNUITY_PAYMENT: Final = 145
PUBLIC_TRANSFER: Final = 146
MAKE_UP: Final = 147
PUBLIC_TRANSITION_SHARE: Final = 148
PUBLIC_TRANSITION_PENSION: Final = 149

_ENTERPRISE = "人社部令36号"
_MOVES = "人社部规〔2017〕1号"
_TRANSITION = "人社部发〔2015〕28号"


@article(
    step=ANNUITY_WITHIN_LIMITS,
    zh="企业年金缴费上限",
    act=_ENTERPRISE,
    article="art. 15",
    formula="employer ≤ its limit and employer + employee ≤ the total limit",
    unit="1 within, 0 above",
    since="2018-02",
    status="secondary",
)
def annuity_within_limits(employer_rate: float, employee_rate: float, employer_limit: float, total_limit: float) -> int:
    """1 when contribution rates keep the limits (employer 8 %, together 12 % of payroll), else 0.

    Fractions of the base; the sum is compared to a millionth, so that 0.08 + 0.04 keeps 0.12. Source: 人社部令36号.
    """
    return 1 if employer_rate <= employer_limit and employer_rate + employee_rate <= total_limit + 1e-6 else 0


@article(
    step=EMPLOYER_CREDIT,
    zh="企业缴费分配额",
    act=_ENTERPRISE,
    article="allocation of employer money",
    formula="min(credit, multiple · average credit)",
    unit="yuan",
    since="2018-02",
    status="secondary",
)
def employer_credit(credit: float, average_credit: float, multiple: float) -> float:
    """Employer money credited to one member: at most ``multiple`` (5) times the average of the plan. Yuan.

    Source: 人社部令36号.
    """
    return min(credit, multiple * average_credit)


@article(
    step=VESTED_SHARE,
    zh="企业缴费归属比例",
    act=_ENTERPRISE,
    article="vesting",
    formula="min(1, ⌊service/12⌋ / vesting years), 1 without a schedule",
    unit="1",
    since="2018-02",
    status="reading",
    note="equal steps by completed years; the text leaves the schedule to the plan, at most eight years",
)
def vested_share(service_months: int, vesting_years: int) -> float:
    """Share of the employer's money that belongs to a member who leaves; own money belongs to him at once.

    At retirement, death and disability everything belongs to the member, whatever the schedule (the caller passes no
    schedule then). Source: 人社部令36号.
    """
    if vesting_years <= 0:
        return 1.0
    return min(1.0, (service_months // 12) / vesting_years)


@article(
    step=ANNUITY_BALANCE,
    zh="年金个人账户余额",
    act="ours",
    article="defined-contribution rider",
    formula="opening · (1 + return)^(1/12) + credit",
    unit="yuan",
    since="",
    status="ours",
)
def annuity_balance(opening: float, credit: float, annual_return: float) -> float:
    """Annuity account at the end of a month: a month's return, then the month's credit (negative for a payment)."""
    return opening * (1.0 + annual_return) ** (1.0 / 12.0) + credit


@article(
    step=ANNUITY_PAYMENT,
    zh="年金月领取额",
    act=_ENTERPRISE,
    article="payout; occupational annuities: rules of 2015",
    formula="balance / number of payments",
    unit="yuan/month",
    since="2015-01",
    status="secondary",
)
def annuity_payment(balance: float, payments: float) -> float:
    """Monthly payment: the balance over the annuity months at the age of the award, or over agreed instalments."""
    return balance / payments


@article(
    step=PUBLIC_TRANSFER,
    zh="机关事业单位转出的统筹基金",
    act=_MOVES,
    article="fund transfer",
    formula="rate · Σ own contribution wages since 2014-10",
    unit="yuan",
    since="2014-10",
)
def public_transfer(rate: float, base_sum: float) -> float:
    """Pooled money that moves out of the public-sector scheme: 12 % of own contribution wages since 2014-10 (yuan),
    less than a year by months. Source: 人社部规〔2017〕1号.
    """
    return rate * base_sum


@article(
    step=MAKE_UP,
    zh="职业年金补记",
    act=_MOVES,
    article="make-up",
    formula="salary of 2014-09 · years before the reform · coefficient",
    unit="yuan",
    since="2014-10",
    status="reading",
    note="the coefficient was not found in a text; without it the amount is undefined",
)
def occupational_make_up(monthly_salary: float, years_before_reform: float, coefficient: float) -> float:
    """Occupational annuity made up in cash for public service before 2014-10 when somebody leaves afterwards.

    ``monthly_salary`` pensionable salary of 2014-09, yuan/month; ``coefficient`` months of salary a year of service.
    """
    return monthly_salary * years_before_reform * coefficient


@article(
    step=PUBLIC_TRANSITION_SHARE,
    zh="过渡期新办法增发比例",
    act=_TRANSITION,
    article="ten-year transition",
    formula="step · max(1, year − reform year), at most 1",
    unit="1",
    since="2014-10",
    until="2024-09",
)
def public_transition_share(award_year: int, reform_year: int, step: float) -> float:
    """Share of what the new method gives beyond the old one: 10 % to 2015, ten points more a year, all in 2024.

    ``reform_year`` 2014, ``step`` 0.10. Source: 人社部发〔2015〕28号.
    """
    return min(1.0, step * max(1, award_year - reform_year))


@article(
    step=PUBLIC_TRANSITION_PENSION,
    zh="过渡期待遇对比",
    act=_TRANSITION,
    article="ten-year transition",
    formula="old + x · max(0, new − old)",
    unit="yuan/month",
    since="2014-10",
    until="2024-09",
)
def public_transition_pension(old_method: float, new_method: float, share: float) -> float:
    """Public-sector pension of an award between 2014-10 and 2024-09 of somebody hired before 2014-10.

    Never less than the old method; ``share`` x of the excess of the new one, occupational annuity included. Yuan/month.
    Source: 人社部发〔2015〕28号.
    """
    return old_method + share * max(0.0, new_method - old_method)
