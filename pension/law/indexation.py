"""After the award: yearly adjustment (基本养老金调整) and the account in payment.

Social Insurance Law art. 18 asks for adjustments and gives no formula; the yearly notices state a rate on the average
pension, and the provinces turn it into a flat amount, an amount a credited year and a percentage.
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

ADJUSTED_PENSION: Final = 131
FORMULA_ADJUSTMENT: Final = 132
INTEREST_IN_PAYMENT: Final = 133
BALANCE_IN_PAYMENT: Final = 134

_LAW = "Social Insurance Law"


@article(
    step=ADJUSTED_PENSION,
    zh="调整后基本养老金",
    act=_LAW,
    article="art. 18, yearly notices",
    formula="pension · (1 + rate)",
    unit="yuan/month",
    since="2011-07",
    status="reading",
    note="the rate is one on the average pension; applied to everybody it favours high pensions",
)
def adjusted_pension(pension: float, rate: float) -> float:
    """Pension from 1 January of a year with that year's national rate; awards of the year before are the first.

    ``pension`` yuan/month, ``rate`` a year. Source: Social Insurance Law art. 18 and the yearly notices.
    """
    return pension * (1.0 + rate)


@article(
    step=FORMULA_ADJUSTMENT,
    zh="定额调整、挂钩调整",
    act=_LAW,
    article="art. 18, provincial notices",
    formula="flat + a·years + b·pension",
    unit="yuan/month",
    since="2011-07",
    status="secondary",
    note="additions for old age and for hard regions are left out",
)
def formula_adjustment(pension: float, credited_years: float, flat: float, per_year: float, fraction: float) -> float:
    """Increase of one pensioner by a provincial notice: flat amount, amount a credited year, fraction of the pension.

    ``pension``, ``flat`` and ``per_year`` (a year of contribution) in yuan/month. Source: provincial notices.
    """
    return flat + per_year * credited_years + fraction * pension


@article(
    step=INTEREST_IN_PAYMENT,
    zh="支付期个人账户利息",
    act="劳办发〔1997〕116号",
    article="month products",
    formula="r/12 · (B·months − payment · months·(months + 1)/2)",
    unit="yuan",
    since="1998-01",
    status="secondary",
)
def interest_in_payment(opening: float, payment: float, months: int, book_rate: float) -> float:
    """Interest of an account in payment after ``months`` equal monthly payments, the first in the first month.

    A payment costs the interest of its own month and of those after it: in a full year B·r − r/12·Σ p·(13 − k).
    Yuan; ``book_rate`` a year. Source: 劳办发〔1997〕116号 (month products).
    """
    return book_rate / 12.0 * (opening * months - payment * (months * (months + 1) / 2.0))


@article(
    step=BALANCE_IN_PAYMENT,
    zh="个人账户余额",
    act=_LAW,
    article="art. 14",
    formula="max(0, opening + interest − payments)",
    unit="yuan",
    since="1998-01",
    status="secondary",
    note="from an empty account the account pension goes on for life out of the pool",
)
def balance_in_payment(opening: float, interest: float, paid: float) -> float:
    """What is left in the account for heirs after ``paid`` yuan of account pension; nothing below zero."""
    return max(0.0, opening + interest - paid)
