"""NPC decision of 2024-09-13, 人社部发〔2024〕94号, annuity months of 国发〔2005〕38号. Employee rulebook E4, E9."""

import pytest
from properties.people import employee, month, person, settle_one, toy

from pension.law.ages import annuity_months, earliest_month, retirement_delay, statutory_month

MALE = (month("1965-01"), 4, 36)
FEMALE_55 = (month("1970-01"), 4, 36)
FEMALE_50 = (month("1975-01"), 2, 60)


@pytest.mark.parametrize(
    ("group", "birth", "delay"),
    [
        # one month before the first cohort: nothing
        (MALE, "1964-12", 0),
        # the first cohort is already a month late; ⌊(diff − 1)/step⌋ + 1 would give 1965-01 nothing
        (MALE, "1965-01", 1),
        (MALE, "1965-04", 1),
        (MALE, "1965-05", 2),
        # E9.4: 60y3m, 62y0m, 62y11m, 63y0m
        (MALE, "1965-12", 3),
        (MALE, "1972-09", 24),
        (MALE, "1976-08", 35),
        (MALE, "1976-09", 36),
        (MALE, "1990-01", 36),
        (FEMALE_55, "1969-12", 0),
        (FEMALE_55, "1970-01", 1),
        (FEMALE_55, "1981-09", 36),
        # two births a step: 1975-01 and 1975-02 a month, 1980-11 three years, 1984-11 the cap of five
        (FEMALE_50, "1974-12", 0),
        (FEMALE_50, "1975-02", 1),
        (FEMALE_50, "1975-03", 2),
        (FEMALE_50, "1980-11", 36),
        (FEMALE_50, "1984-10", 59),
        (FEMALE_50, "1984-11", 60),
        (FEMALE_50, "1999-01", 60),
    ],
)
def test_the_first_cohort_is_a_month_late(group: tuple[int, int, int], birth: str, delay: int) -> None:
    first, step, cap = group
    assert retirement_delay(month(birth), first, step, cap) == delay


@pytest.mark.parametrize(
    ("birth", "original", "delay", "award"),
    [
        ("1964-12", 720, 0, "2024-12"),
        ("1965-01", 720, 1, "2025-02"),
        ("1965-12", 720, 3, "2026-03"),
        ("1976-09", 720, 36, "2039-09"),
        ("1980-11", 600, 36, "2033-11"),
    ],
)
def test_statutory_month_is_birth_plus_age_plus_delay(birth: str, original: int, delay: int, award: str) -> None:
    assert statutory_month(month(birth), original, delay) == month(award)


def test_flexible_early_never_goes_below_the_original_age() -> None:
    # 1965-01: statutory 2025-02, the original age one month before it, not 36
    assert earliest_month(month("1965-01"), 720, month("2025-02"), 36) == month("2025-01")
    # 1976-09: 36 months of delay, 36 of choice
    assert earliest_month(month("1976-09"), 720, month("2039-09"), 36) == month("2036-09")
    # 50 -> 55: five years of delay, three of choice
    assert earliest_month(month("1984-11"), 600, month("2039-11"), 36) == month("2036-11")


@pytest.mark.parametrize(
    ("at_age", "next_age", "months", "expected"),
    [
        # E9.3
        (139, 132, 1, 138.4),
        (139, 132, 3, 137.3),  # 137.25: half up
        (139, 132, 4, 136.7),
        (195, 190, 6, 192.5),
        (152, 145, 3, 150.3),  # 150.25: a banker's rounding gives 150.2
        (117, 109, 1, 116.3),
        # award forms of other provinces
        (216, 212, 1, 215.7),
        (195, 190, 1, 194.6),
        (195, 190, 5, 192.9),
        (170, 164, 1, 169.5),
        (170, 164, 4, 168.0),
        (152, 145, 1, 151.4),
        (132, 125, 1, 131.4),
        # whole ages as in the annex
        (139, 132, 0, 139.0),
        (233, 230, 0, 233.0),
    ],
)
def test_annuity_months_round_half_up_not_to_even(at_age: int, next_age: int, months: int, expected: float) -> None:
    assert annuity_months(at_age, next_age, months) == expected


def test_annuity_months_are_those_of_the_award_not_of_the_statutory_age() -> None:
    # born 1965-10: statutory 60y3m (2026-01), claims 60y1m as on the form of Shandong 2025-11: 138.4, not 137.3
    who = person("1965-10", 37, claim=month("2025-11"))
    found = settle_one(toy(), who, employee(37, "2000-01", "2025-11", 8000.0))
    # 311 months, 8 % of 8000 without interest
    assert found["account"] == pytest.approx(0.08 * 8000 * 311 / 138.4, rel=1e-12)


@pytest.mark.parametrize(("months", "status"), [(222, 0), (221, 1)])
def test_an_early_claim_needs_the_months_of_the_chosen_year(months: int, status: int) -> None:
    # E9.5: born 1976-09, statutory 2039-09 needs 240; claims 2036-09, which needs 180 + 6·7 = 222
    claim = month("2036-09")
    who = person("1976-09", 44, claim=claim)
    assert settle_one(toy(), who, employee(44, claim - months + 1, claim, 8000.0))["status"] == status


@pytest.mark.parametrize(("months", "route"), [(240, 1), (239, 4)])
def test_a_statutory_claim_needs_the_months_of_its_own_year(months: int, route: int) -> None:
    who = person("1976-09", 44)
    claim = month("2039-09")
    assert settle_one(toy(), who, employee(44, claim - months + 1, claim, 8000.0))["route"] == route


@pytest.mark.parametrize(("months", "route"), [(204, 1), (203, 4)])
def test_a_late_claim_keeps_the_months_of_the_statutory_year(months: int, route: int) -> None:
    # born 1971-05: 77 months after the first birth, delay 20, statutory 2033-01: 180 + 6·4 = 204; 2034 asks 210
    claim = month("2034-06")
    who = person("1971-05", 44, claim=claim)
    assert settle_one(toy(), who, employee(44, claim - months + 1, claim, 8000.0))["route"] == route


def test_a_womans_category_decides_not_her_sex() -> None:
    # born 1974-12. Worker post: 50, no delay: 2024-12. Technical post: 55, 59 months after 1970-01: 15 months later
    records = employee(44, "2000-01", "2024-12", 8000.0)
    worker = settle_one(toy(), person("1974-12", 44, 3), records)
    # 300 months at 50: 195 annuity months
    assert worker["account"] == pytest.approx(0.08 * 8000 * 300 / 195, rel=1e-12)
    technical = settle_one(toy(), person("1974-12", 44, 2), employee(44, "2000-01", "2029-12", 8000.0))
    # 56y3m: 164 − 6·3/12
    assert technical["account"] == pytest.approx(0.08 * 8000 * 360 / 162.5, rel=1e-12)
