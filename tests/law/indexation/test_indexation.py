"""Adjustment after the award and the account in payment."""

import pytest

from pension.law.indexation import adjusted_pension, balance_in_payment, formula_adjustment, interest_in_payment


def test_national_rate() -> None:
    # 2024: 3 %, 2025: 2 %
    assert adjusted_pension(adjusted_pension(3000.0, 0.03), 0.02) == pytest.approx(3151.8, rel=1e-15)


def test_flat_amount_years_and_percentage() -> None:
    # 32.60 + 30 years · 1.5 + 0.9 % of 3,000 = 32.60 + 45 + 27
    assert formula_adjustment(3000.0, 30.0, 32.6, 1.5, 0.009) == pytest.approx(104.6, rel=1e-14)


def test_a_flat_amount_is_worth_more_to_a_low_pension() -> None:
    low, high = (formula_adjustment(p, 20.0, 50.0, 0.0, 0.01) / p for p in (1000.0, 10000.0))
    assert (low, high) == (pytest.approx(0.06), pytest.approx(0.015))


def test_interest_of_a_full_year_by_month_products() -> None:
    # 12,000 at 12 %, 500 a month: 1,440 − 1 % · 500 · (12 + 11 + ... + 1 = 78) = 1,440 − 390
    assert interest_in_payment(12000.0, 500.0, 12, 0.12) == pytest.approx(1050.0, rel=1e-15)
    assert interest_in_payment(12000.0, 500.0, 12, 0.12) == pytest.approx(
        12000 * 0.12 - 0.12 / 12 * sum(500 * (13 - k) for k in range(1, 13)), rel=1e-14
    )


def test_interest_of_part_of_a_year() -> None:
    # three months: 1 % · (12,000 · 3 − 500 · 6)
    assert interest_in_payment(12000.0, 500.0, 3, 0.12) == pytest.approx(330.0, rel=1e-15)


def test_balance_never_falls_below_zero() -> None:
    assert balance_in_payment(12000.0, 1050.0, 6000.0) == 7050.0
    assert balance_in_payment(1000.0, 0.0, 6000.0) == 0.0
