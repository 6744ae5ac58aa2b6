"""人社部令36号, 人社部规〔2017〕1号, 人社部发〔2015〕28号: annuities and moves of the public sector."""

import pytest

from pension.law.annuities import (
    annuity_balance,
    annuity_payment,
    annuity_within_limits,
    employer_credit,
    occupational_make_up,
    public_transfer,
    public_transition_pension,
    public_transition_share,
    vested_share,
)


@pytest.mark.parametrize(
    ("employer", "employee", "within"),
    [(0.08, 0.04, 1), (0.081, 0.0, 0), (0.08, 0.041, 0), (0.05, 0.07, 1), (0.0, 0.12, 1)],
)
def test_limits_of_contributions(employer: float, employee: float, within: int) -> None:
    # 0.08 + 0.04 is 0.12 in decimals and a little more in floats
    assert annuity_within_limits(employer, employee, 0.08, 0.12) == within


def test_five_times_the_average_of_the_plan() -> None:
    assert employer_credit(6000.0, 1000.0, 5.0) == 5000.0
    assert employer_credit(4000.0, 1000.0, 5.0) == 4000.0


def test_vesting_in_equal_steps_by_completed_years() -> None:
    assert [vested_share(months, 8) for months in (0, 11, 12, 54, 95, 96, 200)] == [0, 0, 0.125, 0.5, 0.875, 1, 1]
    assert vested_share(1, 0) == 1.0  # no schedule: the member's at once


def test_balance_earns_a_twelfth_of_the_year_in_growth() -> None:
    # twelve months without credits at 21 %: exactly the year's return
    balance = 1000.0
    for _ in range(12):
        balance = float(annuity_balance(balance, 0.0, 0.21))
    assert balance == pytest.approx(1210.0, rel=1e-12)
    assert annuity_balance(0.0, 600.0, 0.21) == 600.0


def test_payout_over_annuity_months_or_instalments() -> None:
    assert annuity_payment(139000.0, 139.0) == 1000.0
    assert annuity_payment(60000.0, 24.0) == 2500.0


def test_pooled_money_out_of_the_public_sector() -> None:
    # 18 months at 8,000: 12 % of 144,000
    assert public_transfer(0.12, 18 * 8000.0) == pytest.approx(17280.0, rel=1e-15)


def test_make_up_scales_with_salary_years_and_the_unknown_coefficient() -> None:
    # a made-up coefficient of half a month's salary a year: 4,000 · 20 · 0.5
    assert occupational_make_up(4000.0, 20.0, 0.5) == 40000.0


@pytest.mark.parametrize(("year", "share"), [(2014, 0.1), (2015, 0.1), (2016, 0.2), (2019, 0.5), (2024, 1.0)])
def test_share_of_the_new_method_by_year(year: int, share: float) -> None:
    assert public_transition_share(year, 2014, 0.1) == pytest.approx(share, rel=1e-15)


def test_never_less_than_the_old_method() -> None:
    assert public_transition_pension(5000.0, 6000.0, 0.3) == pytest.approx(5300.0, rel=1e-15)
    assert public_transition_pension(5000.0, 4000.0, 0.3) == 5000.0
