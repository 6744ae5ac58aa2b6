"""What this library adds to the law: the retained resident right and present values. fair-accounting.md."""

import pytest
from properties.people import employee, person, resident, settle_one, toy

from pension.kernels.valuation import present_value
from pension.law.resident import retained_share


def test_the_share_is_by_exact_months_and_at_most_one() -> None:
    assert retained_share(96.0, 14) == pytest.approx(96 / 168, rel=1e-15)
    assert retained_share(168.0, 14) == 1.0
    assert retained_share(200.0, 14) == 1.0


def test_the_share_is_one_where_nothing_is_required() -> None:
    assert retained_share(12.0, 0) == 1.0


def test_present_value_is_amount_times_factor() -> None:
    assert present_value(100.0, 12.5) == 1250.0


def test_retained_resident_right_beside_the_employee_pension() -> None:
    # 200 months; six resident years of 560, 12 required (47y1m at the start): half of 200 and of 6·2 yuan premium
    records = employee(41, "2000-01", "2016-08", 8000.0) + resident(41, range(2017, 2023), 500.0)
    parameters = toy(premium={41: [(0.0, float("inf"), 2.0)]})
    found = settle_one(parameters, person("1964-06", 41), records, "years_retained")
    assert found["route"] == 3.0
    assert found["basic"] == pytest.approx(8000 * 200 / 12 * 0.01, rel=1e-12)
    assert found["account"] == pytest.approx(200 * 640 / 139, rel=1e-12)
    assert found["resident_basic"] == pytest.approx(100.0, rel=1e-12)
    assert found["year_premium"] == pytest.approx(6.0, rel=1e-12)
    assert found["resident_account"] == pytest.approx(6 * 560 / 139, rel=1e-12)
    assert found["backpay"] == 0.0


def test_present_value_without_interest_and_death_is_a_count_of_months() -> None:
    # award 2024-06 at 60; last payment at 119y11m: 2024-07 … 2084-05 are 719 months
    # 1600 + 240·640/139 a month; the account of 153600 draws down in 139 months and nobody dies before
    found = settle_one(toy(), person("1964-06", 41), employee(41, "2004-07", "2024-06", 8000.0))
    assert found["pw"] == pytest.approx(719 * (1600 + 153600 / 139), rel=1e-12)


def test_present_value_discounts_by_exact_months() -> None:
    # 4 % a year effective: a month is 1.04^(-1/12); 719 payments from the month after R0
    v = 1.04 ** (-1 / 12)
    factor = v * (1 - v**719) / (1 - v)
    found = settle_one(toy(discount_rate=0.04), person("1964-06", 41), employee(41, "2004-07", "2024-06", 8000.0))
    assert found["pw"] == pytest.approx((1600 + 153600 / 139) * factor, rel=1e-11)


def test_constant_yuan_of_the_price_year() -> None:
    # two per cent of inflation: 2025 is one year after R0
    found = settle_one(
        toy(inflation=0.02, price_year=2025), person("1964-06", 41), employee(41, "2004-07", "2024-06", 8000.0)
    )
    assert found["pw"] == pytest.approx(found["pw_r0"] * 1.02, rel=1e-12)
    assert found["pw_r0"] == pytest.approx(719 * (1600 + 153600 / 139), rel=1e-12)
