"""Statutory age, flexible retirement and annuity months.

NPC Standing Committee decision of 2024-09-13 on gradually raising the retirement age (in force 2025-01-01);
人社部发〔2024〕94号 on flexible retirement; annex of 国发〔2005〕38号 for the annuity months.
"""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

DELAY: Final = 1
STATUTORY_MONTH: Final = 2
EARLIEST_MONTH: Final = 3
ANNUITY_MONTHS: Final = 4

_DECISION = "NPC decision of 2024-09-13"


@article(
    step=DELAY,
    zh="延迟月数",
    act=_DECISION,
    article="art. 1 and annexes",
    formula="min(cap, ⌊(birth − first_birth) / step⌋ + 1), 0 for earlier births",
    unit="months",
    since="2025-01",
)
def retirement_delay(birth: int, first_birth: int, step: int, cap: int) -> int:
    """Months by which the statutory age (法定退休年龄) is later than the original age.

    All arguments are integers: month serials of birth and of the first delayed birth, births a step (months), most
    months of delay. The first group is already one month later: 1965-01 to 1965-04 retire at 60 years 1 month.
    Source: NPC decision of 2024-09-13, art. 1 and annexes.
    """
    if birth < first_birth:
        return 0
    return min(cap, (birth - first_birth) // step + 1)


@article(
    step=STATUTORY_MONTH,
    zh="法定退休月",
    act=_DECISION,
    article="art. 1",
    formula="birth + original_age + delay",
    unit="month serial",
    since="2025-01",
)
def statutory_month(birth: int, original_age_months: int, delay: int) -> int:
    """Month in which the statutory age is reached. Month serials and months. Source: NPC decision, art. 1."""
    return birth + original_age_months + delay


@article(
    step=EARLIEST_MONTH,
    zh="弹性提前退休最早月",
    act="人社部发〔2024〕94号",
    article="art. 2",
    formula="max(birth + original_age, statutory − flexible_months)",
    unit="month serial",
    since="2025-01",
)
def earliest_month(birth: int, original_age_months: int, statutory: int, flexible_months: int) -> int:
    """First month of a flexible early claim: at most ``flexible_months`` early, never before the original age.

    Month serials and months. Without delay there is no early option: the result is the statutory month itself.
    Source: 人社部发〔2024〕94号 art. 2.
    """
    return max(birth + original_age_months, statutory - flexible_months)


@article(
    step=ANNUITY_MONTHS,
    zh="计发月数",
    act="国发〔2005〕38号",
    article="annex",
    formula="A(age) − (A(age) − A(age+1))·months/12, half-up to 0.1",
    unit="months",
    since="2006-01",
    status="secondary",
    note="months between whole ages: practice since 2025, agreed with award forms of at least 14 provinces",
)
def annuity_months(at_age: int, at_next_age: int, months: int) -> float:
    """Annuity months (计发月数) at an age of whole years and ``months`` more.

    ``at_age`` and ``at_next_age`` are the table values (integers) of the age in whole years and of the next one. The
    rounding is half-up to 0.1 in integers, never a float rounding: 58 years 3 months gives 150.3, not 150.2.
    Source: 国发〔2005〕38号 annex; fractions by the practice of 2025.
    """
    return ((2 * (120 * at_age - 10 * months * (at_age - at_next_age)) + 12) // 24) / 10.0
