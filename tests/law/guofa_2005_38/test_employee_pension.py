"""国发〔2005〕38号: index, basic, account and transitional pension. Employee rulebook E3, E9; printed award forms."""

import pytest
from properties.people import DEEMED, employee, person, settle_one, toy

from pension.law.employee import (
    account_pension,
    average_index,
    basic_pension,
    contribution_index,
    credited,
    indexed_wage,
    transition_coefficient,
    transitional_pension,
)


def test_index_of_a_month_is_over_the_wage_of_the_year_before() -> None:
    assert contribution_index(5600.0, 7000.0) == pytest.approx(0.8, rel=1e-15)
    # wages grow by a tenth: a base of exactly C(y − 1) has index 1 in every year
    parameters = toy(wages=8000.0, wage_growth=0.1)
    records = employee(44, "2004-01", "2024-06", lambda y: 8000.0 * 1.1 ** (y - 1 - 2020))
    found = settle_one(parameters, person("1964-06", 44), records)
    assert found["average_index"] == pytest.approx(1.0, rel=1e-12)


def test_average_index_is_over_counted_months_not_over_the_gap() -> None:
    assert average_index(144.0, 180.0) == pytest.approx(0.8, rel=1e-15)
    records = employee(44, "2000-01", "2009-12", 8000.0) + employee(44, "2015-01", "2024-06", 4000.0)
    found = settle_one(toy(), person("1964-06", 44), records)
    # 120 months at 1, 114 at one half: 177/234; five empty years do not dilute it
    assert found["average_index"] == pytest.approx(177 / 234, rel=1e-12)


def test_the_index_is_not_clamped_after_a_move() -> None:
    # 20 years at 4 times the poor wage: 66号 art. 7 has no ceiling, and none of 0.6 below
    parameters = toy(wages={11: 20000.0, 62: 5000.0})
    rich = settle_one(parameters, person("1964-06", 62), employee(62, "2000-01", "2024-06", 20000.0))
    poor = settle_one(parameters, person("1964-06", 11), employee(11, "2000-01", "2024-06", 2000.0))
    assert rich["average_index"] == pytest.approx(4.0, rel=1e-12)
    assert poor["average_index"] == pytest.approx(0.1, rel=1e-12)


def test_indexed_wage() -> None:
    assert indexed_wage(8000.0, 0.8) == 6400.0


@pytest.mark.parametrize(
    ("base", "index", "years", "expected"),
    [
        (8000.0, 0.8, 20.5, 1476.0),  # E9.2
        (8220.0, 0.6, 10.25, 674.04),  # E9.7: times 30 months is 20221.2
        (8220.0, 0.6, 20.5, 1348.08),
        (7999.0, 0.8498, 42.5, 3144.2669177),  # form of Anhui 2026-02: 3144.27
        (7831.0, 0.953, 31.0, 2370.561165),  # Shandong 2025-11: 2370.56
        (6983.0, 0.8827, 31.75, 2087.069438375),  # Guangxi 2026-05: 2087.1, up to the next 0.1
    ],
)
def test_basic_pension_is_half_flat_half_earned(base: float, index: float, years: float, expected: float) -> None:
    assert basic_pension(base, indexed_wage(base, index), 12 * years) == pytest.approx(expected, rel=1e-9)


def test_part_years_count_by_the_month() -> None:
    # 15 years 1 month, index 1: 181/12 %
    assert basic_pension(12000.0, 12000.0, 181.0) == pytest.approx(1810.0, rel=1e-12)


@pytest.mark.parametrize(
    ("balance", "months", "expected"),
    [(139000.0, 139.0, 1000.0), (97201.56, 170.0, 571.7738823), (115090.38, 137.3, 838.2402039)],
)
def test_account_pension(balance: float, months: float, expected: float) -> None:
    assert account_pension(balance, months) == pytest.approx(expected, rel=1e-9)


def test_account_share_is_credited() -> None:
    assert credited(0.08, 7500.0, 1.0) == 600.0


def test_twenty_years_exactly_keep_the_lower_coefficient() -> None:
    # Jilin, Liaoning: 1.2 % up to 20 paid years, 1.4 % above
    assert transition_coefficient(0.012, 0.014, 240, 240.0) == 0.012
    assert transition_coefficient(0.012, 0.014, 240, 241.0) == 0.014


@pytest.mark.parametrize(
    ("base", "index", "years", "coefficient", "expected"),
    [
        (7999.0, 0.8498, 12.3, 0.013, 1086.92827698),  # Anhui: 1086.93
        (7831.0, 0.953, 6.5, 0.013, 630.6186835),  # Shandong: 630.62
        (6983.0, 0.8827, 11.25, 0.014, 970.8133208),  # Guangxi: 970.9
    ],
)
def test_transitional_pension_on_the_forms(
    base: float, index: float, years: float, coefficient: float, expected: float
) -> None:
    assert transitional_pension(base, index, 12 * years, coefficient) == pytest.approx(expected, rel=1e-6)


def test_deemed_months_count_in_the_basic_pension_and_once_more_in_the_transitional() -> None:
    # 48 deemed months at 1.0, 200 paid at 0.5 of 8000: overall index (48 + 100)/248
    records = employee(44, "2000-01", "2003-12", 1.0, flags=DEEMED) + employee(44, "2004-01", "2020-08", 4000.0)
    found = settle_one(toy(transition=0.012), person("1964-06", 44), records)
    index = 148 / 248
    assert found["employee_months"] == 248
    assert found["basic"] == pytest.approx(8000 * (1 + index) / 2 * 248 / 12 * 0.01, rel=1e-12)
    assert found["transitional"] == pytest.approx(8000 * index * 4 * 0.012, rel=1e-12)
    # deemed months bring no account money: 200·8 % of 4000
    assert found["account"] == pytest.approx(64000 / 139, rel=1e-12)


def test_paid_months_alone_decide_the_higher_coefficient() -> None:
    # 240 paid and 48 deemed months: still the lower one; 241 paid: the higher
    parameters = toy(transition=0.012, transition_long=0.014, transition_threshold=240)
    deemed = employee(22, "2000-01", "2003-12", 1.0, flags=DEEMED)
    low = settle_one(parameters, person("1964-06", 22), deemed + employee(22, "2004-01", "2023-12", 8000.0))
    high = settle_one(parameters, person("1964-06", 22), deemed + employee(22, "2004-01", "2024-01", 8000.0))
    assert low["transitional"] == pytest.approx(8000 * 4 * 0.012, rel=1e-12)
    assert high["transitional"] == pytest.approx(8000 * 4 * 0.014, rel=1e-12)
