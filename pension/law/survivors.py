"""What a death leaves: grants of the employee scheme (人社部发〔2021〕18号) and the accounts of both schemes.

No figure stands here: the months of each grant are parameters (national/survivors.toml).
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

FUNERAL_GRANT: Final = 111
BEREAVEMENT_MONTHS: Final = 112
RETIRED_BEREAVEMENT_MONTHS: Final = 113
BEREAVEMENT_GRANT: Final = 114
SHORT_CAREER_GRANTS: Final = 115
OWN_PART_INHERITED: Final = 116
INHERITED_WITHOUT_SUBSIDY: Final = 117
RESIDENT_FUNERAL_GRANT: Final = 118

_ACT = "人社部发〔2021〕18号"


@article(
    step=FUNERAL_GRANT,
    zh="丧葬补助金",
    act=_ACT,
    article="art. 4",
    formula="months · Q",
    unit="yuan",
    since="2021-09",
    status="secondary",
)
def funeral_grant(monthly_disposable_income: float, months: float) -> float:
    """Funeral grant (丧葬补助金): ``months`` (two) of Q, the previous year's urban disposable income a head over 12.

    ``monthly_disposable_income`` Q of the paying province, yuan/month. Source: 人社部发〔2021〕18号.
    """
    return months * monthly_disposable_income


@article(
    step=BEREAVEMENT_MONTHS,
    zh="抚恤金发放月数",
    act=_ACT,
    article="art. 5 (1)",
    formula="min(most, months of the band + max(0, n − full)/12)",
    unit="months",
    since="2021-09",
    status="secondary",
    note="months beyond the full years pro rata; one province rounds them to two decimals",
)
def bereavement_months(credited_months: float, band_months: float, full_months: float, most_months: float) -> float:
    """Months N of the bereavement grant (抚恤金) by credited months, deemed ones included.

    ``band_months`` those of the person's band (3 below five years, 6 below ten, 9 from ten on); one more for each
    year beyond ``full_months`` (180), at most ``most_months`` (24). Source: 人社部发〔2021〕18号.
    """
    return min(most_months, band_months + max(0.0, credited_months - full_months) / 12.0)


@article(
    step=RETIRED_BEREAVEMENT_MONTHS,
    zh="退休人员抚恤金发放月数",
    act=_ACT,
    article="art. 5 (2)",
    formula="max(least, N − drawn/12)",
    unit="months",
    since="2021-09",
    status="secondary",
)
def retired_bereavement_months(service_months: float, drawn_months: float, least_months: float) -> float:
    """Months of the bereavement grant of a pensioner: one less for each year drawn, at least ``least_months`` (9).

    ``service_months`` N by credited years, ``drawn_months`` months of pension paid. Source: 人社部发〔2021〕18号.
    """
    return max(least_months, service_months - drawn_months / 12.0)


@article(
    step=BEREAVEMENT_GRANT,
    zh="抚恤金",
    act=_ACT,
    article="art. 5",
    formula="N · Q",
    unit="yuan",
    since="2021-09",
    status="secondary",
)
def bereavement_grant(monthly_disposable_income: float, months: float) -> float:
    """Bereavement grant (抚恤金): N months of Q (yuan/month, as for the funeral grant)."""
    return months * monthly_disposable_income


@article(
    step=SHORT_CAREER_GRANTS,
    zh="丧葬补助金和抚恤金（缴费不满五年）",
    act=_ACT,
    article="careers under five years",
    formula="min(funeral + bereavement, Σ own contributions)",
    unit="yuan",
    since="2021-09",
    status="secondary",
)
def short_career_grants(grants: float, own_contributions: float) -> float:
    """Both grants together with less than five credited years: at most what the member paid, without interest.

    ``own_contributions`` yuan; of individuals only the part credited to the account. Source: 人社部发〔2021〕18号.
    """
    return min(grants, own_contributions)


@article(
    step=OWN_PART_INHERITED,
    zh="个人缴费部分继承额",
    act="国发〔1997〕26号",
    article="inheritance of accounts",
    formula="K · own share",
    unit="yuan",
    since="1998-01",
    until="2011-06",
    status="reading",
    note="in payment the share is that of the award; the Social Insurance Law art. 14 gives heirs the whole balance",
)
def own_part_inherited(balance: float, own_share: float) -> float:
    """What heirs received before the Social Insurance Law: the part of the balance from own contributions.

    ``own_share`` of own contributions with their interest in the account (0..1). Source: 国发〔1997〕26号.
    """
    return balance * own_share


@article(
    step=INHERITED_WITHOUT_SUBSIDY,
    zh="除政府补贴外的个人账户余额",
    act="国发〔2009〕32号",
    article="inheritance of accounts; 国发〔2011〕18号",
    formula="A · (1 − subsidy share)",
    unit="yuan",
    since="2009-09",
    until="2014-01",
    note="国发〔2014〕8号 gives heirs the whole balance",
)
def inherited_without_subsidy(balance: float, subsidy_share: float) -> float:
    """Resident account less the government's subsidies: what heirs received before 2014-02.

    ``subsidy_share`` of subsidies with their interest in the account (0..1). Source: 国发〔2009〕32号.
    """
    return balance * (1.0 - subsidy_share)


@article(
    step=RESIDENT_FUNERAL_GRANT,
    zh="丧葬补助金（居民）",
    act="国发〔2014〕8号",
    article="local rules",
    formula="months · B",
    unit="yuan",
    since="2014-02",
    status="secondary",
)
def resident_funeral_grant(resident_basic: float, months: float) -> float:
    """Funeral grant of the resident scheme where the place pays months of its basic pension B (yuan/month)."""
    return months * resident_basic
