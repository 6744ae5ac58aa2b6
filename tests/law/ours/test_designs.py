"""Formulas of the proposals, by hand (fair accounting of the same contributions)."""

import pytest

from pension.law.designs import (
    index_by_contribution,
    months_by_balance,
    notional_credit,
    notional_pension,
    rights_accrual,
    rights_pension,
    top_up,
    years_by_ratio,
)


def test_a_resident_year_buys_its_share_of_the_cheapest_employee_year() -> None:
    # price of a year: 12 · 60 % · 4000 · 20 % = 5760; tier 200 with subsidy 40 buys 240/5760
    assert years_by_ratio(240.0, 0.6, 4000.0, 0.2) == pytest.approx(240 / 5760, rel=1e-15)
    # never more than the year itself
    assert years_by_ratio(6000.0, 0.6, 4000.0, 0.2) == 1.0


def test_one_year_for_one_year_reads_the_credit_as_contributions() -> None:
    # 12 · 20 % · 5000 = 12,000 a year is index 1; 3000 is a quarter
    assert index_by_contribution(3000.0, 0.2, 5000.0) == pytest.approx(0.25, rel=1e-15)


def test_the_balance_buys_months_at_the_floor_but_no_more_than_were_paid() -> None:
    # a month costs 60 % · 5000 · 20 % = 600
    assert months_by_balance(120.0, 6000.0, 0.6, 5000.0, 0.2) == 10.0
    assert months_by_balance(120.0, 90_000.0, 0.6, 5000.0, 0.2) == 120.0


def test_a_right_is_booked_in_wages_of_its_time_and_paid_in_those_of_the_award() -> None:
    # place 3000, own base 6000, nation 4500: two national wages a month
    assert rights_accrual(3000.0, 6000.0, 4500.0) == 2.0
    # 240 months of it at 9000: ½ · 1 % · 9000 / 12 · 480 = 1800
    assert rights_pension(9000.0, 480.0) == pytest.approx(1800.0, rel=1e-15)


def test_a_notional_account_grows_with_the_national_wage() -> None:
    # 28 % of 5000 for 12 months is 16,800 yuan; at a wage of 4000 then and 8000 now it stands at 33,600
    assert notional_credit(0.28, 5000.0, 12.0, 4000.0) * 8000.0 == pytest.approx(33_600.0, rel=1e-15)
    assert notional_pension(33_600.0, 240.0) == 140.0


def test_a_citizen_pension_tops_up_and_never_takes() -> None:
    assert top_up(1000.0, 1.0, 300.0) == 700.0
    assert top_up(1000.0, 0.5, 300.0) == 850.0
    assert top_up(1000.0, 1.0, 1300.0) == 0.0
