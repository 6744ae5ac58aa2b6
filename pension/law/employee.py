"""The employee basic pension (城镇职工基本养老保险): contributions, account, index and the parts of the pension.

国发〔1997〕26号, 国发〔2005〕38号, Social Insurance Law arts. 10-19.
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

CONTRIBUTION_INDEX: Final = 11
BEARING_MONTHS: Final = 12
AWARD_GROWTH: Final = 13
CARRIED: Final = 20
CREDITED: Final = 21
AVERAGE_INDEX: Final = 14
INDEXED_WAGE: Final = 15
BASIC_PENSION: Final = 16
ACCOUNT_PENSION: Final = 17
TRANSITION_COEFFICIENT: Final = 18
TRANSITIONAL_PENSION: Final = 19
MEAN_TRANSITIONAL_PENSION: Final = 22
NOTIONAL_ACCOUNT_PENSION: Final = 23
FLAT_BASE_SHARE: Final = 24
FLOORED_TRANSITION_INDEX: Final = 25
PHASED_IN: Final = 26

_SCHEME = "国发〔2005〕38号"


@article(
    step=CONTRIBUTION_INDEX,
    zh="月缴费工资指数",
    act=_SCHEME,
    article="art. 6 and provincial methods",
    formula="b / C(y−1)",
    unit="1",
    since="2006-01",
    status="secondary",
)
def contribution_index(contribution_base: float, reference_wage: float) -> float:
    """Index of one month: contribution base (缴费基数) over the reference wage (社平工资) of the year before.

    Both yuan/month. Source: 国发〔2005〕38号 art. 6 with the provincial methods (X_n / C_{n-1}).
    """
    return contribution_base / reference_wage


@article(
    step=BEARING_MONTHS,
    zh="月积数",
    act="劳办发〔1997〕116号",
    article="art. 11",
    formula="months + r/12 · interest_months",
    unit="months",
    since="1998-01",
)
def bearing_months(months: float, interest_months: float, book_rate: float) -> float:
    """Equal monthly credits of one year with the interest of that year, in months (月积数法, month products).

    ``months`` number of credits; ``interest_months`` sum over the credits of the months each earns, its own month
    included (January money earns twelve); ``book_rate`` (记账利率) a year. Source: 劳办发〔1997〕116号 art. 11.
    """
    return months + book_rate / 12.0 * interest_months


@article(
    step=AWARD_GROWTH,
    zh="累计记账增长",
    act="劳办发〔1997〕116号",
    article="art. 11",
    formula="G(y_R − 1) · (1 + r_R/12 · m)",
    unit="1",
    since="1998-01",
)
def growth_to_award(growth: float, book_rate: float, months: int) -> float:
    """Cumulated book growth to the award: to the end of the year before, then ``months`` of the award year.

    ``growth`` product of (1 + rate) to the end of the year before the award; ``book_rate`` of the award year, applied
    through the award month. Source: 劳办发〔1997〕116号 art. 11, the award year by months.
    """
    return growth * (1.0 + book_rate / 12.0 * months)


@article(
    step=CARRIED,
    zh="储存额结转",
    act="劳办发〔1997〕116号",
    article="art. 11",
    formula="bearing_months · G_R / G(y)",
    unit="months",
    since="1998-01",
)
def carried(bearing: float, growth_at_award: float, growth_at_year_end: float) -> float:
    """A year's credits (in months of credit) carried to the award with the cumulated book growth between."""
    return bearing * (growth_at_award / growth_at_year_end)


@article(
    step=CREDITED,
    zh="个人账户记账额",
    act=_SCHEME,
    article="art. 4",
    formula="rate · b · months",
    unit="yuan",
    since="1998-01",
)
def credited(rate: float, contribution_base: float, months: float) -> float:
    """Money of equal monthly contributions: share of the base times base (yuan/month) times (bearing) months.

    The individual account (个人账户) takes 11 % of the base to 2005 and 8 % since 2006 (国发〔2005〕38号 art. 4).
    """
    return rate * contribution_base * months


@article(
    step=AVERAGE_INDEX,
    zh="平均缴费工资指数",
    act=_SCHEME,
    article="art. 6",
    formula="Σ z / months",
    unit="1",
    since="2006-01",
)
def average_index(index_sum: float, contribution_months: float) -> float:
    """Average contribution index (平均缴费指数) from the sum of monthly indices; never clamped.

    Source: 国发〔2005〕38号 art. 6.
    """
    return index_sum / contribution_months


@article(
    step=INDEXED_WAGE,
    zh="本人指数化月平均缴费工资",
    act=_SCHEME,
    article="art. 6",
    formula="P·i",
    unit="yuan/month",
    since="2006-01",
)
def indexed_wage(calculation_base: float, average_index: float) -> float:
    """Indexed monthly average contribution wage: calculation base (计发基数, yuan/month) times average index."""
    return calculation_base * average_index


@article(
    step=BASIC_PENSION,
    zh="基础养老金",
    act=_SCHEME,
    article="art. 6",
    formula="(P + P·i)/2 · months/12 · 1%",
    unit="yuan/month",
    since="2006-01",
)
def basic_pension(calculation_base: float, indexed_wage: float, contribution_months: float) -> float:
    """Basic pension (基础养老金): one per cent a year of the mean of the calculation base and the indexed wage.

    ``calculation_base`` and ``indexed_wage`` yuan/month, ``contribution_months`` counted months, deemed ones
    included. Yuan/month. Source: 国发〔2005〕38号 art. 6; Social Insurance Law art. 15.
    """
    return (calculation_base + indexed_wage) / 2.0 * contribution_months / 12.0 * 0.01


@article(
    step=ACCOUNT_PENSION,
    zh="个人账户养老金",
    act=_SCHEME,
    article="art. 6",
    formula="K / M",
    unit="yuan/month",
    since="2006-01",
)
def account_pension(balance: float, annuity_months: float) -> float:
    """Account pension (个人账户养老金): balance (yuan) over annuity months at the age of the award."""
    return balance / annuity_months


@article(
    step=TRANSITION_COEFFICIENT,
    zh="过渡系数",
    act="provincial methods",
    article="",
    formula="k, or the higher k above the threshold of paid months",
    unit="1",
    since="2006-01",
    status="secondary",
    note="Jilin and Liaoning: 1.2 % up to 20 paid years, 1.4 % above",
)
def transition_coefficient(coefficient: float, coefficient_long: float, threshold: float, paid_months: float) -> float:
    """Coefficient a year of the transitional pension; ``paid_months`` are the counted paid months of the person."""
    if paid_months > threshold:
        return coefficient_long
    return coefficient


@article(
    step=TRANSITIONAL_PENSION,
    zh="过渡性养老金",
    act=_SCHEME,
    article="art. 6, provincial methods",
    formula="P · i_T · n_T/12 · k",
    unit="yuan/month",
    since="2006-01",
    status="secondary",
)
def transitional_pension(calculation_base: float, index: float, deemed_months: float, coefficient: float) -> float:
    """Plain transitional pension (过渡性养老金) for deemed months (视同缴费). Yuan/month.

    Source: 国发〔2005〕38号 art. 6 leaves the method to the provinces; this is the shape most of them use.
    """
    return calculation_base * index * deemed_months / 12.0 * coefficient


@article(
    step=MEAN_TRANSITIONAL_PENSION,
    zh="过渡性养老金（平均基数）",
    act="provincial methods",
    article="Chongqing, Qinghai, Sichuan",
    formula="(P + P·i_T)/2 · n_T/12 · k",
    unit="yuan/month",
    since="2006-01",
    status="secondary",
)
def mean_transitional_pension(calculation_base: float, index: float, months: float, coefficient: float) -> float:
    """Transitional pension on the mean of the calculation base and the indexed wage, as in the basic pension.

    ``calculation_base`` yuan/month, ``months`` that earn it, ``coefficient`` a year. Yuan/month. Source: methods of
    Chongqing, Qinghai and Sichuan (secondary); 国发〔2005〕38号 art. 6 leaves the method to the provinces.
    """
    return (calculation_base + calculation_base * index) / 2.0 * months / 12.0 * coefficient


@article(
    step=NOTIONAL_ACCOUNT_PENSION,
    zh="推算储存额养老金",
    act="provincial methods",
    article="Shanghai",
    formula="notional account / divisor",
    unit="yuan/month",
    since="2006-01",
    status="secondary",
)
def notional_account_pension(notional_account: float, divisor: float) -> float:
    """Part of Shanghai's transitional pension from the notional account (推算储存额) of the years before accounts.

    ``notional_account`` yuan, as the agency states it; ``divisor`` months (120). Yuan/month. Source: method of
    Shanghai (secondary).
    """
    return notional_account / divisor


@article(
    step=FLAT_BASE_SHARE,
    zh="计发基数折算系数",
    act="provincial methods",
    article="Guangdong",
    formula="a = min(1, i / floor)",
    unit="1",
    since="2006-01",
    status="secondary",
)
def flat_base_share(average_index: float, floor: float) -> float:
    """Share of the calculation base that the flat half of the basic pension takes: less than 1 below the floor index.

    The basic pension is then (P·a + P·i)/2 · n · 1 %. ``floor`` is 0.6 in Guangdong (secondary).
    """
    return min(1.0, average_index / floor)


@article(
    step=FLOORED_TRANSITION_INDEX,
    zh="过渡性养老金最低指数",
    act="provincial methods",
    article="Inner Mongolia",
    formula="max(i_T, floor)",
    unit="1",
    since="2006-01",
    status="secondary",
)
def floored_transition_index(index: float, floor: float) -> float:
    """Index of the transitional pension, not below ``floor``: 1 in Inner Mongolia (secondary)."""
    return max(index, floor)


@article(
    step=PHASED_IN,
    zh="新老办法过渡",
    act="provincial methods",
    article="Guangdong 2021-2025, Jiangsu 2024-2026",
    formula="old + share · max(new − old, 0)",
    unit="yuan/month",
    since="2021-01",
    status="secondary",
    note="an old amount above the new one is paid: read as in 人社部发〔2015〕28号, provincial texts not opened",
)
def phased_in(new_amount: float, old_amount: float, share: float) -> float:
    """Amount while a new method is phased in: the old one and the year's share of what the new one gives more.

    Yuan/month; ``share`` 0..1 of the award year. Source: Guangdong 30, 50, 70, 90, 100 % in 2021..2025, Jiangsu 40,
    70, 100 % in 2024..2026 (secondary).
    """
    return old_amount + share * max(new_amount - old_amount, 0.0)
