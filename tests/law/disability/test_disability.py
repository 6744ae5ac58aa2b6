"""人社部发〔2024〕72号: disability allowance before the statutory age."""

import pytest

from pension.law.disability import allowance_months, allowance_total, disability_case, recomputed_month
from pension.law.employee import basic_pension, indexed_wage

MAY_2030 = 12 * 2030 + 4


@pytest.mark.parametrize(
    ("credited", "months_before", "case"),
    [
        (185, 0, 3),  # a month short of 186
        (186, 60, 1),  # exactly five years
        (186, 61, 2),
        (400, 1, 1),
        (12, 1, 3),
    ],
)
def test_case_by_minimum_and_distance(credited: int, months_before: int, case: int) -> None:
    assert disability_case(credited, 186, MAY_2030 - months_before, MAY_2030, 60) == case


@pytest.mark.parametrize(
    ("credited", "months"),
    [(1, 12), (59, 12), (60, 12), (61, 15), (72, 15), (73, 18), (123, 30), (179, 42)],
)
def test_months_of_a_limited_allowance(credited: int, months: int) -> None:
    # 12, and three for each year begun beyond five: 10 years 3 months are 5.25 years more, so 12 + 3·6
    assert allowance_months(credited, 60, 12, 3) == months


def test_published_amounts() -> None:
    # (8220 + 0.6·8220)/2 = 6576; · 10.25 · 1 % = 674.04; · 30 = 20,221.20
    monthly = basic_pension(8220.0, indexed_wage(8220.0, 0.6), 123.0)
    assert monthly == pytest.approx(674.04, rel=1e-14)
    assert allowance_total(monthly, allowance_months(123, 60, 12, 3)) == pytest.approx(20221.2, rel=1e-14)
    # 20 years 6 months, minimum met: 6576 · 20.5 · 1 %
    assert basic_pension(8220.0, indexed_wage(8220.0, 0.6), 246.0) == pytest.approx(1348.08, rel=1e-14)


def test_recomputed_five_years_before_the_statutory_month() -> None:
    assert recomputed_month(MAY_2030, 60) == 12 * 2025 + 4
