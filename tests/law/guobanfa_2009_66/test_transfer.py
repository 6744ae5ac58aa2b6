"""国办发〔2009〕66号 and 人社部规〔2016〕5号: claim place, temporary accounts, money moved. Rulebook E5, E9.6, E9.9."""

import pytest
from properties.people import DEEMED, LATE, ORDINARY, TEMPORARY, employee, month, person, settle_one, toy

from pension.law.transfer import claim_branch, is_temporary_account, pooled_transfer
from pension.schema import PLACES

HENAN, GUANGDONG, ZHEJIANG, SHANGHAI, BEIJING = 41, 44, 33, 31, 11


def claim_place(records: list[dict[str, object]], hukou: int = HENAN, birth: str = "1964-06") -> tuple[int, int]:
    found = settle_one(toy(), person(birth, hukou), records)
    return PLACES[int(found["claim_place"])][0], int(found["claim_branch"])


def run(place: int, start: str, months: int, **more: object) -> list[dict[str, object]]:
    return employee(place, month(start), month(start) + months - 1, 8000.0, **more)


@pytest.mark.parametrize(
    ("at_hukou", "months", "upper", "branch"),
    [(1, 3, 0, 1), (1, 300, 1, 1), (0, 120, 1, 2), (0, 119, 1, 3), (0, 119, 0, 4), (0, 0, 0, 4)],
)
def test_the_four_branches_of_article_6_in_their_order(at_hukou: int, months: int, upper: int, branch: int) -> None:
    assert claim_branch(at_hukou, float(months), upper) == branch


def test_hukou_first_however_short() -> None:
    # E9.9: relation Henan for 3 months, 20 years in Guangdong before
    assert claim_place(run(GUANGDONG, "2000-01", 240) + run(HENAN, "2024-01", 3)) == (HENAN, 1)


def test_ten_years_are_120_months() -> None:
    assert claim_place(run(GUANGDONG, "2000-01", 120)) == (GUANGDONG, 2)
    # E9.9: 119 months and nothing long before: collected at the hukou, never insured there
    assert claim_place(run(ZHEJIANG, "1995-01", 60) + run(GUANGDONG, "2000-01", 119)) == (HENAN, 4)


def test_short_last_place_falls_back_to_the_earlier_long_one() -> None:
    # E9.9: Zhejiang 130, then Guangdong 108
    assert claim_place(run(ZHEJIANG, "1990-01", 130) + run(GUANGDONG, "2001-01", 108)) == (ZHEJIANG, 3)


def test_upper_place_is_the_latest_not_the_longest() -> None:
    # Shanghai 200 months, then Zhejiang 122, then Guangdong 12 from 49y5m on
    records = run(SHANGHAI, "1987-01", 200) + run(ZHEJIANG, "2003-09", 122) + run(GUANGDONG, "2013-11", 12)
    assert claim_place(records) == (ZHEJIANG, 3)


def test_months_at_a_place_add_up_over_returns() -> None:
    records = run(GUANGDONG, "2000-01", 70) + run(ZHEJIANG, "2006-01", 24) + run(GUANGDONG, "2009-01", 50)
    assert claim_place(records) == (GUANGDONG, 2)


def test_deemed_months_count_for_the_ten_years_of_their_place() -> None:
    records = employee(GUANGDONG, "1990-01", "1994-12", 1.0, flags=DEEMED) + run(GUANGDONG, "1995-01", 60)
    assert claim_place(records) == (GUANGDONG, 2)


def test_a_place_paid_late_only_is_no_relation() -> None:
    records = run(GUANGDONG, "2000-01", 120) + run(ZHEJIANG, "2010-01", 150, flags=LATE)
    assert claim_place(records) == (GUANGDONG, 2)


@pytest.mark.parametrize(
    ("place", "hukou", "first", "birth", "sex", "temporary"),
    [
        (GUANGDONG, HENAN, "2014-06", "1964-06", 1, 1),  # fifty in that very month
        (GUANGDONG, HENAN, "2014-05", "1964-06", 1, 0),
        (GUANGDONG, HENAN, "2004-06", "1964-06", 2, 0),  # a woman of forty, but before 2010
        (GUANGDONG, HENAN, "2010-06", "1970-06", 2, 1),
        (GUANGDONG, HENAN, "2010-06", "1970-07", 2, 0),
        (GUANGDONG, HENAN, "2009-12", "1950-01", 1, 0),
        (GUANGDONG, HENAN, "2010-01", "1950-01", 1, 1),
        (HENAN, HENAN, "2020-01", "1964-06", 1, 0),  # coming home
    ],
)
def test_age_limits_of_temporary_accounts_are_50_and_40_for_all_categories(
    place: int, hukou: int, first: str, birth: str, sex: int, temporary: int
) -> None:
    assert is_temporary_account(place, hukou, month(first), month(birth), sex) == temporary


def test_a_gap_does_not_make_an_old_account_temporary() -> None:
    # insured there at 45, back at 55: 24 + 100 ordinary months
    records = run(GUANGDONG, "2009-06", 24) + run(GUANGDONG, "2016-01", 100)
    assert claim_place(records) == (GUANGDONG, 2)


def test_temporary_months_count_for_the_pension_but_not_for_the_ten_years() -> None:
    # from fifty on in Guangdong: 121 months, no relation there; hukou Henan collects
    records = run(ZHEJIANG, "2000-01", 100) + run(GUANGDONG, "2014-06", 121)
    who = person("1964-06", HENAN)
    found = settle_one(toy(), who, records)
    assert (PLACES[int(found["claim_place"])][0], found["claim_branch"]) == (HENAN, 4)
    assert found["employee_months"] == 221


def test_only_temporary_places_are_claimed_at_the_hukou() -> None:
    assert claim_place(run(GUANGDONG, "2014-06", 121)) == (HENAN, 4)


def test_the_agencys_decision_overrides_the_derived_status() -> None:
    transferred = run(GUANGDONG, "2014-06", 120, flags=ORDINARY)
    assert claim_place(transferred) == (GUANGDONG, 2)
    sealed = run(ZHEJIANG, "1995-01", 120) + run(GUANGDONG, "2007-01", 120, flags=TEMPORARY)
    assert claim_place(sealed) == (ZHEJIANG, 2)


def test_late_months_outside_the_claim_place_are_stranded_inside_they_count() -> None:
    outside = run(GUANGDONG, "2000-01", 200) + run(ZHEJIANG, "2018-01", 40, flags=LATE)
    inside = run(GUANGDONG, "2000-01", 200) + run(GUANGDONG, "2018-01", 40, flags=LATE)
    assert settle_one(toy(), person("1964-06", HENAN), outside)["employee_months"] == 200
    assert settle_one(toy(), person("1964-06", HENAN), inside)["employee_months"] == 240


def test_one_month_counts_once_where_the_higher_base_was_paid() -> None:
    # twelve months twice: 9000 at Zhejiang beats 4000 at Guangdong; Guangdong's 12·320 yuan are refunded
    twice = employee(ZHEJIANG, "2020-01", "2020-12", 9000.0) + employee(GUANGDONG, "2020-01", "2020-12", 4000.0)
    records = run(GUANGDONG, "2000-01", 200) + twice
    found = settle_one(toy(), person("1964-06", HENAN), records)
    assert found["employee_months"] == 212
    assert found["refund"] == pytest.approx(3840.0, rel=1e-12)
    assert found["employee_balance"] == pytest.approx(200 * 640 + 12 * 720, rel=1e-12)


def test_the_index_is_rebased_on_the_claim_place() -> None:
    # 240 months of 10000 paid where C = 10000 are index 2 where C = 5000; 60 months of 5000 there are index 1
    parameters = toy(wages={BEIJING: 10000.0, HENAN: 5000.0})
    records = employee(BEIJING, "1998-01", "2017-12", 10000.0) + employee(HENAN, "2018-01", "2022-12", 5000.0)
    who = person("1964-06", HENAN)
    assert settle_one(parameters, who, records)["average_index"] == pytest.approx(1.8, rel=1e-12)
    # the other reading: each month against the wages of its place
    assert settle_one(parameters, who, records, "current_paying")["average_index"] == pytest.approx(1.0, rel=1e-12)


def test_pooled_transfer_is_twelve_percent_without_interest() -> None:
    # E9.6: 5000 for 60 months
    assert pooled_transfer(0.12, 5000.0 * 60) == pytest.approx(36000.0, rel=1e-15)


def test_the_pension_does_not_depend_on_the_twelve_percent() -> None:
    records = run(ZHEJIANG, "2000-01", 100) + run(GUANGDONG, "2010-01", 150)
    for pooled in ((0.20, 0.12), (0.13, 0.12), (0.05, 0.0)):
        found = settle_one(toy(pooled_rate=pooled), person("1964-06", HENAN), records)
        assert found["monthly"] == pytest.approx(8000 * 250 / 12 * 0.01 + 250 * 640 / 139, rel=1e-12)
