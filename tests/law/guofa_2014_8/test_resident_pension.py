"""国发〔2014〕8号: the resident account, 139, required years. Resident rulebook R3-R10, X."""

import pytest
from properties.people import BACKPAID, PROXY, person, resident, settle_one, toy

from pension.law.resident import required_years, resident_account_pension, resident_balance, resident_credit


def test_a_year_is_own_money_subsidy_and_collective_assistance() -> None:
    assert resident_credit(500.0, 60.0, 120.0) == 680.0


def test_resident_money_earns_from_the_month_after_it_was_booked() -> None:
    # 1000·1.03 + 500: December's 500 earn nothing this year; employee credits would earn a month
    assert resident_balance(1000.0, 500.0, 0.03, 12) == pytest.approx(1530.0, rel=1e-12)
    # award in June: half a year on the opening balance
    assert resident_balance(1000.0, 0.0, 0.03, 6) == pytest.approx(1015.0, rel=1e-12)


@pytest.mark.parametrize("age_months", [720, 756, 840])
def test_139_at_every_age_never_the_employee_table(age_months: int) -> None:
    # men of 60, 63 and 70 years: 139, not 117 or 56
    assert resident_account_pension(13900.0) == 100.0
    birth = 12 * 1960
    who = person(birth, 41, claim=birth + age_months)
    found = settle_one(toy(basic=0.0), who, resident(41, range(2009, 2020), 940.0))
    # 940 own and 60 subsidy, eleven years
    assert found["resident_account"] == pytest.approx(11000 / 139, rel=1e-12)


@pytest.mark.parametrize(
    ("age", "years"),
    [
        (400, 15),
        (539, 15),
        (540, 15),
        (541, 14),
        (544, 14),
        (552, 14),
        (553, 13),
        (708, 1),
        (709, 0),
        (720, 0),
        (800, 0),
    ],
)
def test_fifteen_years_only_of_those_under_45_at_the_start(age: int, years: int) -> None:
    assert required_years(age) == years


def test_who_was_sixty_at_the_start_gets_the_basic_pension_without_a_contribution() -> None:
    # born 1954-09, county's start 2014-10: 60y1m; draws from 2014-10 on
    who = person("1954-09", 41, resident_start=12 * 2014 + 9)
    found = settle_one(toy(basic=123.0), who, resident(41, [2014], 100.0))
    assert found["backpay"] == 0.0
    assert found["resident_basic"] == 123.0


def test_missing_years_are_paid_at_the_lowest_tier_without_subsidy() -> None:
    # born 1964-06, start 2011-07 at 47y1m: 12 years required, 10 paid: 2·200 to pay, in the account
    found = settle_one(toy(), person("1964-06", 41), resident(41, range(2012, 2022), 500.0))
    assert found["backpay"] == 400.0
    assert found["resident_balance"] == pytest.approx(10 * 560 + 400, rel=1e-12)
    assert found["monthly"] == pytest.approx(200 + 6000 / 139, rel=1e-12)


def test_a_short_resident_withdraws_where_a_lump_sum_is_not_allowed() -> None:
    found = settle_one(toy(lump_backpay_allowed=False), person("1964-06", 41), resident(41, range(2012, 2022), 500.0))
    assert (found["route"], found["monthly"], found["lump_sum"]) == (6.0, 0.0, pytest.approx(5600.0, rel=1e-12))


def test_no_subsidy_on_back_paid_years_but_on_proxy_years() -> None:
    paid = resident(41, range(2012, 2022), 500.0)
    back = [*paid, *resident(41, [2022, 2023], 500.0, flags=BACKPAID)]
    proxy = [*paid, *resident(41, [2022, 2023], 500.0, flags=PROXY)]
    assert settle_one(toy(), person("1964-06", 41), back)["resident_balance"] == pytest.approx(5600 + 1000, rel=1e-12)
    assert settle_one(toy(), person("1964-06", 41), proxy)["resident_balance"] == pytest.approx(5600 + 1120, rel=1e-12)


def test_the_subsidy_is_that_of_the_highest_tier_not_above_the_amount() -> None:
    parameters = toy(subsidy=[(200.0, 40.0), (500.0, 80.0), (1000.0, 150.0)])
    for own, subsidy in ((200.0, 40.0), (499.0, 40.0), (500.0, 80.0), (999.0, 80.0), (3000.0, 150.0), (150.0, 30.0)):
        found = settle_one(parameters, person("1964-06", 41), resident(41, range(2012, 2024), own))
        # twelve years; an amount below the lowest row has the legal floor of 30
        assert found["resident_balance"] == pytest.approx(12 * (own + subsidy), rel=1e-12)


def test_beijing_subsidises_fifteen_years() -> None:
    records = resident(11, range(2009, 2025), 500.0)
    found = settle_one(toy(subsidy_max_years=15), person("1964-12", 11), records)
    assert found["resident_balance"] == pytest.approx(16 * 500 + 15 * 60, rel=1e-12)


def test_the_basic_pension_starts_the_month_after_sixty() -> None:
    found = settle_one(toy(), person("1964-06", 41), resident(41, range(2012, 2024), 500.0))
    assert found["resident_start"] == 12 * 2024 + 6


def test_account_of_three_years_by_hand() -> None:
    # 560 booked in December of 2021, 2022, 2023, 3 %; award 2024-06: (560·1.03² + 560·1.03 + 560)·(1 + 0.015)
    found = settle_one(
        toy(resident_rate=0.03, lowest_tier=0.0), person("1964-06", 41), resident(41, range(2021, 2024), 500.0)
    )
    assert found["resident_balance"] == pytest.approx(560 * (1.0609 + 1.03 + 1) * 1.015, rel=1e-12)
