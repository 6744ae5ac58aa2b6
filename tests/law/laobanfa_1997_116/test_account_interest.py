"""劳办发〔1997〕116号 art. 11: month products. Employee rulebook E2, E9.1."""

import pytest
from properties.people import employee, month, person, settle_one, toy

from pension.law.employee import bearing_months, carried, credited, growth_to_award


def test_interest_of_the_current_year_is_by_month_products() -> None:
    # E9.1: 800 a month, 2.62 %: 800·0.0262/12·(12 + 11 + … + 1 = 78) = 136.24
    months = bearing_months(12, 78, 0.0262)
    assert credited(0.08, 10000.0, months) == pytest.approx(9600.0 + 136.24, rel=1e-12)
    # and with the balance of the year before: 102620 + 9736.24
    assert 100000.0 * growth_to_award(1.0, 0.0262, 12) + 800.0 * months == pytest.approx(112356.24, rel=1e-12)


def test_1_083_does_not_inflate_the_principal() -> None:
    # the misprint S·(1 + r/2)·1.083 gives 12·1.083·(1 + r/2) months of credit even at r = 0
    assert bearing_months(12, 78, 0.0) == 12.0
    # E2.3, S·(1 + r·1.083/2), is near; the misprint is 8 % off
    near, misprint = 12 * (1 + 0.0262 * 1.083 / 2), 12 * (1 + 0.0262 / 2) * 1.083
    assert bearing_months(12, 78, 0.0262) == pytest.approx(near, rel=1e-5)
    assert misprint / bearing_months(12, 78, 0.0262) > 1.08


def test_january_money_earns_twelve_months_and_december_money_one() -> None:
    assert bearing_months(1, 12, 0.06) == pytest.approx(1.06, rel=1e-12)
    assert bearing_months(1, 1, 0.06) == pytest.approx(1.005, rel=1e-12)


def test_the_award_year_earns_through_the_award_month() -> None:
    # 1.2 to the end of the year before, 7 months at 2.4 %: 1.2·1.014
    assert growth_to_award(1.2, 0.024, 7) == pytest.approx(1.2168, rel=1e-12)


def test_credits_are_carried_by_the_quotient_of_growth() -> None:
    assert carried(12.78, 1.5, 1.2) == pytest.approx(15.975, rel=1e-12)


def test_eleven_points_then_eight() -> None:
    assert credited(0.11, 1000.0, 12.0) == pytest.approx(1320.0, rel=1e-12)
    assert credited(0.08, 1000.0, 12.0) == pytest.approx(960.0, rel=1e-12)


def test_account_over_three_years_by_hand() -> None:
    # 2024: 800 a month at 3 %: 9600 + 800·0.0025·78 = 9756; 2025 empty: ·1.03; to 2026-03: ·(1 + 0.0025·3)
    # 2026: three credits of 800 earn 3, 2, 1 months: 2400 + 800·0.0025·6 = 2412
    who = person("1965-12", 44)
    records = employee(44, "2024-01", "2024-12", 10000.0) + employee(44, "2026-01", "2026-03", 10000.0)
    found = settle_one(toy(employee_rate=0.03), who, records)
    assert found["employee_balance"] == pytest.approx(9756.0 * 1.03 * 1.0075 + 2412.0, rel=1e-12)


def test_each_place_earns_its_own_rate() -> None:
    # 3 % at 44, 1 % at 41: 2023 at 41: (9600 + 800·0.01/12·78)·1.01·1.01·(1 + 0.01·3/12)
    who = person("1965-12", 44)
    records = employee(41, "2023-01", "2023-12", 10000.0) + employee(44, "2024-01", "2024-12", 10000.0)
    found = settle_one(toy(employee_rate={41: 0.01, 44: 0.03}), who, records)
    at_41 = (9600 + 52.0) * 1.01 * 1.01 * 1.0025
    at_44 = 9756.0 * 1.03 * 1.0075
    assert found["employee_balance"] == pytest.approx(at_41 + at_44, rel=1e-12)


def test_no_interest_after_the_award_month_in_the_award_year() -> None:
    # one credit in the award month itself: earns that month
    who = person("1965-12", 44)
    found = settle_one(toy(employee_rate=0.12), who, employee(44, month("2026-03"), month("2026-03"), 10000.0))
    assert found["employee_balance"] == pytest.approx(808.0, rel=1e-12)
