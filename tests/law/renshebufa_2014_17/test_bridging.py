"""人社部发〔2014〕17号: between the schemes. Resident rulebook B1-B13, X."""

import pytest
from properties.people import PROXY, employee, person, resident, settle_one, toy

from pension.law.bridging import (
    double_benefit_balance,
    double_benefit_due,
    double_benefit_repayment,
    double_benefit_set_off,
    minimum_met,
    missing_years,
    overlap_refund,
    whole_years,
)

HENAN, GUANGDONG = 41, 44


def test_one_month_short_is_short() -> None:
    assert minimum_met(180.0, 180.0) == 1
    assert minimum_met(179.0, 180.0) == 0


def test_years_are_floored_after_the_months_are_added() -> None:
    # 9y11m and 5y1m are 15 years, though 9 + 5 are 14
    assert whole_years(119.0, 61.0) == 15
    assert whole_years(119.0, 60.0) == 14


def test_missing_years_are_never_negative() -> None:
    assert missing_years(15, 12) == 3
    assert missing_years(15, 17) == 0


def test_refund_is_own_and_collective_principal_only() -> None:
    # (600 + 120)/12·5; no subsidy, no interest
    assert overlap_refund(600.0, 120.0, 5) == 300.0


def test_resident_years_never_count_for_the_minimum_of_employees() -> None:
    # 14 years as an employee, 10 as a resident: bridged to the resident scheme
    records = employee(HENAN, "2000-01", "2013-12", 8000.0) + resident(HENAN, range(2014, 2024), 500.0)
    assert settle_one(toy(), person("1964-06", HENAN), records)["route"] == 4.0


def test_employee_years_count_one_for_one_for_residents_and_their_premium() -> None:
    # 168 + 120 months: 24 years; 3 yuan for each above 15; account 168·640 + 10·560
    records = employee(HENAN, "2000-01", "2013-12", 8000.0) + resident(HENAN, range(2014, 2024), 500.0)
    parameters = toy(premium={HENAN: [(15.0, float("inf"), 3.0)]})
    found = settle_one(parameters, person("1964-06", HENAN), records)
    assert found["year_premium"] == pytest.approx(27.0, rel=1e-12)
    assert found["resident_account"] == pytest.approx((168 * 640 + 5600) / 139, rel=1e-12)
    assert found["backpay"] == 0.0


def test_resident_years_are_lost_and_the_account_joins_at_the_employee_divisor() -> None:
    # a woman of 55 (170): 200 months, nine resident years of 560
    records = resident(HENAN, range(2011, 2020), 500.0) + employee(HENAN, "1994-05", "2010-12", 8000.0)
    found = settle_one(toy(), person("1969-06", HENAN, 2), records)
    assert found["route"] == 5.0
    assert found["basic"] == pytest.approx(8000 * 200 / 12 * 0.01, rel=1e-12)
    assert found["account"] == pytest.approx((200 * 640 + 9 * 560) / 170, rel=1e-12)
    assert found["resident_basic"] == 0.0


def test_refund_without_interest_and_without_the_subsidy() -> None:
    # 2014: five months in both schemes; (600 + 120)/12·5 = 300 at filing, the interest of 10 % a year stays
    records = employee(HENAN, "2014-01", "2014-05", 8000.0) + resident(HENAN, [2014], 600.0, payer_share=120.0)
    found = settle_one(toy(resident_rate=0.1, lowest_tier=0.0), person("1964-06", HENAN), records)
    assert found["refund"] == pytest.approx(300.0, rel=1e-12)
    assert found["resident_months"] == 7.0
    # 600 + 120 + 60, nine full years and half of 2024
    assert found["resident_balance"] == pytest.approx(780 * 1.1**9 * 1.05 - 300 + 5 * 640, rel=1e-12)


def test_a_fully_overlapped_year_leaves_subsidy_and_interest() -> None:
    records = employee(HENAN, "2014-01", "2014-12", 8000.0) + resident(HENAN, [2014], 500.0)
    found = settle_one(toy(resident_rate=0.1, lowest_tier=0.0), person("1964-06", HENAN), records)
    assert (found["refund"], found["resident_months"]) == (pytest.approx(500.0, rel=1e-12), 0.0)
    assert found["resident_balance"] == pytest.approx(560 * 1.1**9 * 1.05 - 500 + 12 * 640, rel=1e-12)


def test_money_paid_by_the_government_is_not_refunded() -> None:
    records = employee(HENAN, "2014-01", "2014-05", 8000.0) + resident(
        HENAN, [2014], 600.0, payer_share=120.0, flags=PROXY
    )
    found = settle_one(toy(lowest_tier=0.0), person("1964-06", HENAN), records)
    assert found["refund"] == pytest.approx(50.0, rel=1e-12)  # 120/12·5


def test_a_woman_bridged_at_50_waits_for_her_resident_pension_until_60() -> None:
    # born 1974-06: 2024-06 at 50; the account of 100·640 grows at the resident 2 % for ten years
    records = employee(HENAN, "2010-01", "2018-04", 8000.0)
    who = person("1974-06", HENAN, 3)
    found = settle_one(toy(resident_rate=0.02, lowest_tier=0.0), who, records)
    assert found["route"] == 4.0
    assert found["resident_start"] == 12 * 2034 + 6
    # months 7-12 of 2024, nine full years, months 1-6 of 2034
    assert found["resident_balance"] == pytest.approx(64000 * 1.01 * 1.02**9 * 1.01, rel=1e-12)


def test_bridging_pays_at_the_hukou_not_at_the_claim_place() -> None:
    records = employee(GUANGDONG, "2004-01", "2015-12", 8000.0)
    found = settle_one(toy(basic={HENAN: 200.0, GUANGDONG: 300.0}), person("1964-06", HENAN), records)
    assert (found["route"], found["resident_basic"]) == (4.0, 200.0)


def test_pooled_money_stays_behind_and_under_twelve_comes_without_interest() -> None:
    records = employee(HENAN, "2014-01", "2018-12", 8000.0)
    who = person("1964-06", HENAN)
    parameters = toy(lowest_tier=0.0, employee_rate=0.05)
    law = settle_one(parameters, who, records)
    twelve = settle_one(parameters, who, records, "pooled_twelve")
    assert twelve["resident_balance"] - law["resident_balance"] == pytest.approx(0.12 * 8000 * 60, rel=1e-9)


def test_double_benefit_takes_back_the_basic_pension_and_the_subsidies() -> None:
    # twelve months of 243, of which 100 from the account; 13,000 in the account, 30 of 130 subsidies
    repayment = double_benefit_repayment(12 * 243.0, 12 * 100.0)
    balance = double_benefit_balance(13000.0, 30 / 130)
    assert (repayment, balance) == (1716.0, pytest.approx(10000.0, rel=1e-15))
    assert double_benefit_set_off(repayment, balance) == 1716.0
    assert double_benefit_due(repayment, 1716.0) == 0.0


def test_double_benefit_beyond_the_account_is_set_off_against_the_employee_pension() -> None:
    assert double_benefit_set_off(1716.0, 500.0) == 500.0
    assert double_benefit_due(1716.0, 500.0) == 1216.0
