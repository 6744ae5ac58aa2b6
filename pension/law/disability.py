"""The disability allowance (病残津贴) before the statutory age: 人社部发〔2024〕72号, in force 2025-01-01."""

from __future__ import annotations

import math
from typing import Final

from pension.law.registry import article

DISABILITY_CASE: Final = 121
ALLOWANCE_MONTHS: Final = 122
ALLOWANCE_TOTAL: Final = 123
RECOMPUTED_MONTH: Final = 124

CASE_PENSION: Final = 1
CASE_BASIC: Final = 2
CASE_LIMITED: Final = 3
CASE_TEXT: Final = {
    CASE_PENSION: "(a) minimum months met, at most five years to the statutory age: the pension of that month",
    CASE_BASIC: "(b) minimum months met, more than five years to go: the basic pension, computed anew as a pension "
    "when five years remain",
    CASE_LIMITED: "(c) minimum months not met: the basic pension for a limited number of months",
}

_ACT = "人社部发〔2024〕72号"


@article(
    step=DISABILITY_CASE,
    zh="病残津贴适用情形",
    act=_ACT,
    article="cases of the allowance",
    formula="3 if n < minimum, else 1 if the statutory month is at most `near` months away, else 2",
    unit="case",
    since="2025-01",
    status="secondary",
)
def disability_case(
    credited_months: float, minimum_months: float, month: int, statutory_month: int, near_months: int
) -> int:
    """Which rule gives the allowance: the pension (1), the basic pension (2), the basic pension for some months (3).

    ``month`` of the claim and ``statutory_month`` as serials; ``near_months`` 60. Source: 人社部发〔2024〕72号.
    """
    if credited_months < minimum_months:
        return 3
    if statutory_month - month <= near_months:
        return 1
    return 2


@article(
    step=ALLOWANCE_MONTHS,
    zh="病残津贴领取月数",
    act=_ACT,
    article="minimum not met",
    formula="first, plus per_year · ⌈(n − short)/12⌉ from `short` months on",
    unit="months",
    since="2025-01",
    status="reading",
    note="rebuilt from a published total: 10 years 3 months give 30 months",
)
def allowance_months(credited_months: float, short_months: int, first_months: int, months_per_year: int) -> int:
    """Months for which somebody below the minimum draws the allowance: 12 below five credited years (``short_months``
    60), three more for each further year begun. Source: 人社部发〔2024〕72号, a reading.
    """
    if credited_months < short_months:
        return first_months
    return first_months + months_per_year * math.ceil((credited_months - short_months) / 12.0)


@article(
    step=ALLOWANCE_TOTAL,
    zh="病残津贴总额",
    act=_ACT,
    article="minimum not met",
    formula="monthly · months",
    unit="yuan",
    since="2025-01",
    status="reading",
    note="at the first amount; adjustments in between are left out",
)
def allowance_total(monthly: float, months: int) -> float:
    """What a limited allowance pays in all at its first amount (yuan/month times months)."""
    return monthly * months


@article(
    step=RECOMPUTED_MONTH,
    zh="病残津贴重新计发月",
    act=_ACT,
    article="minimum met, more than five years to go",
    formula="statutory − near",
    unit="month serial",
    since="2025-01",
    status="secondary",
)
def recomputed_month(statutory_month: int, near_months: int) -> int:
    """Month in which the allowance of case (b) is computed anew, once, as a pension: five years before the statutory
    age. Month serials. Source: 人社部发〔2024〕72号.
    """
    return statutory_month - near_months
