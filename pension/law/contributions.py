"""What is paid for a month: the contribution base, who pays how much of it, and what a surrender refunded.

劳办发〔1997〕116号 and 国办发〔2019〕13号 for the base, 国发〔2005〕38号 for the shares, 劳社部发〔2005〕20号 for the
refund.
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

CONTRIBUTION_BASE: Final = 161
SHARED_BASE: Final = 162
KEPT_INDEX_BASE: Final = 163
REFUNDED_SHARE: Final = 164
PAID_POOLED_POINTS: Final = 165
INDIVIDUAL_POOLED_POINTS: Final = 166
OWN_POOLED_POINTS: Final = 167


@article(
    step=CONTRIBUTION_BASE,
    zh="缴费基数",
    act="劳办发〔1997〕116号; 国办发〔2019〕13号",
    article="",
    formula="min(H, max(L, Y))",
    unit="yuan/month",
    since="1998-01",
    status="secondary",
    note="60 and 300 % of the reference wage of the year before, where a place published no limits of its own",
)
def contribution_base(income: float, floor: float, ceiling: float) -> float:
    """Contribution base (缴费基数) of one month and place: the income within the limits, once for the sum of incomes.

    All yuan/month; ``floor`` 0 is none. A limit that is not known (NaN) does not bind. Source: 劳办发〔1997〕116号 (60
    to 300 % of the average wage); 国办发〔2019〕13号 for individuals and the wage that counts.
    """
    base = floor if income < floor else income
    return ceiling if base > ceiling else base


@article(
    step=SHARED_BASE,
    zh="缴费基数分摊",
    act="ours",
    article="provision income",
    formula="B · Y_i / ΣY",
    unit="yuan/month",
    since="",
    status="ours",
)
def shared_base(base: float, income: float, income_sum: float) -> float:
    """Part of a month's base that one of several sources of income carries, in proportion to what each pays.

    ``base`` of the month, ``income`` of the source, ``income_sum`` of all sources insured there, above 0. Yuan/month.
    """
    return base * (income / income_sum)


@article(
    step=KEPT_INDEX_BASE,
    zh="同指数基数",
    act="ours",
    article="reference careers",
    formula="z · C_q(y−1)",
    unit="yuan/month",
    since="",
    status="ours",
)
def kept_index_base(index: float, reference_wage: float) -> float:
    """Base of somebody who has the same index at another place: index times that place's reference wage (yuan/month)
    of the year before."""
    return index * reference_wage


@article(
    step=REFUNDED_SHARE,
    zh="退保返还比例",
    act="劳社部发〔2005〕20号",
    article="",
    formula="min(own share, account share)",
    unit="1",
    since="2005-01",
    until="2009-12",
    status="secondary",
    note="own contributions in the account, with its interest; applied to every exit before 2010-01 under "
    "exit_before_2010 = surrendered",
)
def refunded_share(own_share: float, account_share: float) -> float:
    """Share of the base that a member who surrendered (退保) took along: what he paid himself into his account.

    Shares of the base. The rest of the account and all pooled money stayed, and the months ended. Source: 劳社部发
    〔2005〕20号 (workers under contract from the countryside, secondary).
    """
    return min(own_share, account_share)


@article(
    step=PAID_POOLED_POINTS,
    zh="单位实缴统筹比例",
    act="国发〔2005〕38号",
    article="art. 4",
    formula="s + employee share − account share",
    unit="1",
    since="1998-01",
    status="secondary",
)
def paid_pooled_points(payer_share: float, employee_share: float, account_share: float) -> float:
    """Pooled share of the base where the employer's own share is stated: all that is paid less what is credited.

    Shares of the base; before 2006 part of the employer's share was credited too. Source: 国发〔2005〕38号 art. 4.
    """
    return payer_share + employee_share - account_share


@article(
    step=INDIVIDUAL_POOLED_POINTS,
    zh="平台分担统筹比例",
    act="ours",
    article="provision payer",
    formula="max(individual points, s)",
    unit="1",
    since="",
    status="ours",
)
def individual_pooled_points(individual_points: float, payer_share: float) -> float:
    """Pooled share of the base of an individual for whom a platform pays ``payer_share`` of it: never less than the
    individual would pay alone."""
    return max(individual_points, payer_share)


@article(
    step=OWN_POOLED_POINTS,
    zh="个人负担统筹比例",
    act="ours",
    article="provision payer",
    formula="max(0, individual points − s)",
    unit="1",
    since="",
    status="ours",
)
def own_pooled_points(individual_points: float, payer_share: float) -> float:
    """Pooled share of the base that an individual still pays where a platform pays ``payer_share`` of it."""
    return max(0.0, individual_points - payer_share)
