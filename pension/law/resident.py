"""The resident basic pension (城乡居民基本养老保险): 国发〔2009〕32号, 国发〔2014〕8号, 人社部发〔2018〕21号."""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

RESIDENT_CREDIT: Final = 31
RESIDENT_BALANCE: Final = 32
RESIDENT_ACCOUNT: Final = 33
PREMIUM_SEGMENT: Final = 34
REQUIRED_YEARS: Final = 35
RETAINED_SHARE: Final = 36

_ACT = "国发〔2014〕8号"


@article(
    step=RESIDENT_CREDIT,
    zh="当年入账额",
    act=_ACT,
    article="arts. 4-6",
    formula="c + s + g",
    unit="yuan/year",
    since="2009-09",
)
def resident_credit(contribution: float, subsidy: float, collective: float) -> float:
    """Money of one resident year: own contribution, government subsidy, collective assistance (yuan/year)."""
    return contribution + subsidy + collective


@article(
    step=RESIDENT_BALANCE,
    zh="个人账户储存额",
    act="城乡居民养老保险经办规程",
    article="interest of accounts",
    formula="A(y−1)·(1 + i·months/12) + credits",
    unit="yuan",
    since="2014-02",
    status="secondary",
)
def resident_balance(opening: float, credits: float, book_rate: float, months: int) -> float:
    """Resident balance after ``months`` of a year whose credits were booked in the last of these months.

    A credit earns from the month after its booking. Yuan; ``book_rate`` a year. Source: protocol of the scheme
    (经办规程), decisions 15 and 19 of the rule notes in the documentation.
    """
    return opening * (1.0 + book_rate / 12.0 * months) + credits


@article(
    step=RESIDENT_ACCOUNT,
    zh="个人账户养老金（居民）",
    act=_ACT,
    article="art. 7",
    formula="A / 139",
    unit="yuan/month",
    since="2009-09",
)
def resident_account_pension(balance: float) -> float:
    """Resident account pension: the balance over 139 at every age, for life. Source: 国发〔2014〕8号 art. 7."""
    return balance / 139.0


@article(
    step=PREMIUM_SEGMENT,
    zh="年限基础养老金",
    act="人社部发〔2018〕21号",
    article="second section, provincial tables",
    formula="amount · max(0, min(years, to) − above)",
    unit="yuan/month",
    since="2018-03",
)
def year_premium_segment(years: float, above: float, up_to: float, amount: float) -> float:
    """Year premium (年限基础养老金) of one segment of the provincial table; the premium is the sum of the segments."""
    return amount * max(0.0, min(years, up_to) - above)


@article(
    step=REQUIRED_YEARS,
    zh="规定缴费年限",
    act=_ACT,
    article="art. 8",
    formula="15 under 45 at the local start, else ⌊(720 − age)/12⌋, at least 0",
    unit="years",
    since="2009-09",
)
def required_years(age_months_at_start: int) -> int:
    """Years a resident must have paid, from the age in months when the scheme started at the place.

    Source: 国发〔2014〕8号 art. 8.
    """
    if age_months_at_start < 540:
        return 15
    return max(0, (720 - age_months_at_start) // 12)


@article(
    step=RETAINED_SHARE,
    zh="保留居民权益份额",
    act="ours",
    article="provision resident_years = retain",
    formula="min(1, months / (12·required)), 1 if nothing is required",
    unit="1",
    since="",
    status="ours",
)
def retained_share(resident_months: float, required_years: int) -> float:
    """Share of basic pension and premium that a retained resident right pays beside an employee pension."""
    if required_years <= 0:
        return 1.0
    return min(1.0, resident_months / (12.0 * required_years))
