"""人社部发〔2018〕21号: year premium and age supplement of residents. Resident rulebook R13, R14, X."""

import pytest
from properties.people import BACKPAID, person, resident, settle_one, toy

from pension.law.resident import year_premium_segment

FOR_EVER = float("inf")


@pytest.mark.parametrize(
    ("years", "above", "up_to", "amount", "expected"),
    [
        (20.0, 15.0, FOR_EVER, 2.0, 10.0),
        (15.0, 15.0, FOR_EVER, 2.0, 0.0),
        (14.0, 15.0, FOR_EVER, 2.0, 0.0),  # never negative
        (27.0, 0.0, 15.0, 1.0, 15.0),
        (27.0, 15.0, 25.0, 2.0, 20.0),
        (27.0, 25.0, FOR_EVER, 3.0, 6.0),
    ],
)
def test_a_segment_pays_the_years_inside_it(
    years: float, above: float, up_to: float, amount: float, expected: float
) -> None:
    assert year_premium_segment(years, above, up_to, amount) == expected


def premium(segments: list[tuple[float, float, float]], records: list[dict[str, object]], **more: object) -> float:
    found = settle_one(toy(premium={42: segments}, basic=200.0, **more), person("1964-12", 42), records)
    return found["year_premium"]


def test_hubei_pays_from_the_first_year_not_from_the_sixteenth() -> None:
    # 1 yuan to 15 years, 2 to 25, 3 beyond: 12 years 12 yuan, 16 years 17
    segments = [(0.0, 15.0, 1.0), (15.0, 25.0, 2.0), (25.0, FOR_EVER, 3.0)]
    assert premium(segments, resident(42, range(2012, 2024), 500.0)) == 12.0
    assert premium(segments, resident(42, range(2009, 2025), 500.0)) == 17.0


def test_jiangsu_pays_a_fraction_of_the_basic_pension() -> None:
    # one per cent of 200 for the one year above 15
    records = resident(42, range(2009, 2025), 500.0)
    assert premium([(15.0, FOR_EVER, 0.01)], records, premium_is_fraction=True) == pytest.approx(2.0, rel=1e-12)


def test_back_paid_years_earn_no_premium_unless_the_table_says_so() -> None:
    records = resident(42, range(2009, 2022), 500.0) + resident(42, range(2022, 2025), 500.0, flags=BACKPAID)
    segments = [(0.0, FOR_EVER, 1.0)]
    assert premium(segments, records) == 13.0
    assert premium(segments, records, premium_counts_backpaid=True) == 16.0


@pytest.mark.parametrize(("age_months", "amount"), [(779, 0.0), (780, 5.0), (839, 5.0), (840, 10.0)])
def test_age_supplement_starts_the_month_after_the_birthday(age_months: int, amount: float) -> None:
    # an award at 65 pays first at 65 years 1 month; 64 years 11 months pays first in the birthday's month: nothing yet
    birth = 12 * 1955
    who = person(birth, 41, claim=birth + age_months)
    parameters = toy(supplement={41: [(65.0, 70.0, 5.0), (70.0, FOR_EVER, 10.0)]})
    assert settle_one(parameters, who, resident(41, range(2010, 2014), 500.0))["age_supplement"] == amount
