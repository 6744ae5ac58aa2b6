"""Every rule of the compiled range check, on a valid person with one thing wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from histories.conftest import EARLIEST, EMPLOYED, NAN, PERSON, RESIDENT, STATUTORY, UNINSURED, build, month

from pension.checks import range_check as checks
from pension.errors import InputError

INF = float("inf")
DEEMED = EMPLOYED | {"year": 1985, "base": 1.0, "flags": 8}
WOMAN = {"sex": 2, "retirement_category": 3}


def first(person: dict[str, Any], records: list[dict[str, Any]]) -> tuple[int, int]:
    histories = build([(PERSON | person, records)])
    rules, at = checks.first_problems(histories.arrays, np.array([STATUTORY]), np.array([EARLIEST]))
    return int(rules[0]), int(at[0])


VALID: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    ("no records", {}, []),
    ("employee, resident, uninsured", {}, [UNINSURED, EMPLOYED, RESIDENT]),
    ("month of the 16th birthday", {}, [DEEMED | {"year": 1982, "months": 0b100}]),
    ("first month of contributions", {}, [EMPLOYED | {"year": 1986, "months": 1 << 9}]),
    ("month of the award", {}, [EMPLOYED | {"year": 2026, "months": 0b111_1111}]),
    ("resident year of the award, full", {}, [RESIDENT | {"year": 2026}]),
    ("resident year of the award, to the award", {}, [RESIDENT | {"year": 2026, "months": 0b111_1111}]),
    ("first resident year", {}, [RESIDENT | {"year": 2009}]),
    (
        "deemed in the year of the first paid month",
        {},
        [DEEMED | {"year": 1990, "months": 7}, EMPLOYED | {"year": 1990, "months": 8}],
    ),
    ("city codes", {"hukou": 4101}, [EMPLOYED | {"place": 4403, "work_place": 3301}]),
    ("Xinjiang Corps", {"hukou": 66}, [EMPLOYED | {"place": 66}]),
    ("earliest claim", {"claim": EARLIEST}, [EMPLOYED]),
    ("late claim", {"claim": month("2030-01")}, [EMPLOYED]),
    ("zero contribution", {}, [RESIDENT | {"base": 0.0, "flags": 32}]),
    ("same month, two payers", {}, [EMPLOYED, EMPLOYED]),
    (
        "registered elsewhere before the award, a city at last",
        {"hukou_since": [(PERSON["birth"], 4403), (STATUTORY, 4101)]},
        [EMPLOYED, RESIDENT],
    ),
    ("registered in the first recorded month", {"hukou_since": [(month("2000-01"), 41)]}, [DEEMED, EMPLOYED]),
    ("flags", {}, [EMPLOYED | {"flags": 1 + 2 + 64}, RESIDENT | {"flags": 16 + 32}]),
]


@pytest.mark.parametrize("name, person, records", VALID, ids=[case[0] for case in VALID])
def test_valid(name: str, person: dict[str, Any], records: list[dict[str, Any]]) -> None:
    assert first(person, records) == (0, -1)


PEOPLE: list[tuple[dict[str, Any], int]] = [
    ({"sex": 0}, checks.SEX),
    ({"sex": 3}, checks.SEX),
    ({"sex": 2, "retirement_category": 0}, checks.WOMAN_WITHOUT_CATEGORY),
    ({"retirement_category": 0}, checks.CATEGORY),
    ({"retirement_category": 6}, checks.CATEGORY),
    ({"retirement_category": -1}, checks.CATEGORY),
    ({"retirement_category": 3}, checks.CATEGORY_OF_SEX),
    ({"sex": 2, "retirement_category": 4}, checks.CATEGORY_OF_SEX),
    ({"birth": month("1939-12")}, checks.BIRTH),
    ({"birth": month("2011-01")}, checks.BIRTH),
    ({"birth": -5}, checks.BIRTH),
    ({"hukou": 99}, checks.HUKOU),
    ({"hukou": 0}, checks.HUKOU),
    ({"hukou": -1}, checks.HUKOU),
    ({"hukou": 440}, checks.HUKOU),
    ({"hukou": 32767}, checks.HUKOU),
    ({"hukou_type": 0}, checks.HUKOU_TYPE),
    ({"weight": -1.0}, checks.WEIGHT),
    ({"weight": NAN}, checks.WEIGHT),
    ({"weight": INF}, checks.WEIGHT),
    ({"resident_start": month("2008-12")}, checks.RESIDENT_START),
    ({"resident_start": month("2015-01")}, checks.RESIDENT_START),
    ({"claim": month("2006-02")}, checks.CLAIM_AGE),  # 39 years 11 months
    ({"claim": month("2046-03")}, checks.CLAIM_AGE),  # 80 years
    ({"claim": -7}, checks.CLAIM_AGE),
    ({"claim": EARLIEST - 1}, checks.CLAIM_TOO_EARLY),
    ({"hukou_since": [(month("1990-01"), 99), (month("1991-01"), 41)]}, checks.REGISTRATION_PLACE),
    ({"hukou_since": [(month("1990-01"), 44), (month("1990-01"), 41)]}, checks.REGISTRATION_ORDER),
    ({"hukou_since": [(month("1966-02"), 41)]}, checks.REGISTRATION_ORDER),  # the month before the birth
    ({"hukou_since": [(month("1966-03"), 44), (STATUTORY + 1, 41)]}, checks.REGISTRATION_ORDER),
    ({"hukou_since": [(month("1966-03"), 41), (month("1990-01"), 44)]}, checks.REGISTRATION_LAST),
]


@pytest.mark.parametrize("person, rule", PEOPLE)
def test_person(person: dict[str, Any], rule: int) -> None:
    assert first(person, [EMPLOYED]) == (rule, -1)


RECORDS: list[tuple[dict[str, Any], int]] = [
    (EMPLOYED | {"year": 1949}, checks.YEAR),
    (EMPLOYED | {"year": 2101}, checks.YEAR),
    (EMPLOYED | {"months": 0}, checks.MONTHS),
    (EMPLOYED | {"months": 4096}, checks.MONTHS),
    (EMPLOYED | {"months": -1}, checks.MONTHS),
    (EMPLOYED | {"scheme": 3}, checks.SCHEME),
    (EMPLOYED | {"scheme": -1}, checks.SCHEME),
    (EMPLOYED | {"form": 5}, checks.FORM),
    (EMPLOYED | {"form": -1}, checks.FORM),
    (EMPLOYED | {"place": -1}, checks.PLACE),
    (EMPLOYED | {"place": 0}, checks.PLACE),
    (EMPLOYED | {"place": 20}, checks.PLACE),
    (EMPLOYED | {"place": 9901}, checks.PLACE),
    (EMPLOYED | {"place": 10_000}, checks.PLACE),
    (EMPLOYED | {"place": -32768}, checks.PLACE),
    (UNINSURED | {"place": 44}, checks.PLACE),
    (EMPLOYED | {"work_place": 7}, checks.WORK_PLACE),
    (EMPLOYED | {"work_place": -2}, checks.WORK_PLACE),
    (EMPLOYED | {"flags": 128}, checks.FLAGS),
    (EMPLOYED | {"flags": -1}, checks.FLAGS),
    (RESIDENT | {"flags": 1}, checks.FLAGS_OF_EMPLOYEE),
    (RESIDENT | {"flags": 64}, checks.FLAGS_OF_EMPLOYEE),
    (UNINSURED | {"flags": 8}, checks.FLAGS_OF_EMPLOYEE),
    (EMPLOYED | {"flags": 16}, checks.FLAGS_OF_RESIDENT),
    (EMPLOYED | {"flags": 32}, checks.FLAGS_OF_RESIDENT),
    (EMPLOYED | {"flags": 6}, checks.TEMPORARY_AND_ORDINARY),
    (DEEMED | {"flags": 9}, checks.LATE_AND_DEEMED),
    (UNINSURED | {"base": 5.0}, checks.BASE_WITHOUT_SCHEME),
    (EMPLOYED | {"base": NAN}, checks.BASE_MISSING),
    (EMPLOYED | {"base": INF}, checks.BASE_MISSING),
    (RESIDENT | {"base": NAN}, checks.BASE_MISSING),
    (EMPLOYED | {"base": 0.0}, checks.BASE_NEGATIVE),
    (EMPLOYED | {"base": -1.0}, checks.BASE_NEGATIVE),
    (EMPLOYED | {"base": 1.1e7}, checks.BASE_ABSURD),
    (DEEMED | {"base": 0.0}, checks.INDEX),
    (DEEMED | {"base": 10.5}, checks.INDEX),
    (RESIDENT | {"base": -0.01}, checks.CONTRIBUTION),
    (RESIDENT | {"base": 100_001.0}, checks.CONTRIBUTION),
    (EMPLOYED | {"income": -1.0}, checks.INCOME),
    (EMPLOYED | {"income": INF}, checks.INCOME),
    (EMPLOYED | {"payer_share": 1.01}, checks.PAYER_SHARE),
    (EMPLOYED | {"payer_share": -0.01}, checks.PAYER_SHARE),
    (RESIDENT | {"payer_share": -1.0}, checks.COLLECTIVE),
    (EMPLOYED | {"year": 1986, "months": 1 << 8}, checks.EMPLOYEE_TOO_OLD),
    (DEEMED | {"year": 1982, "months": 0b110}, checks.EMPLOYEE_UNDER_16),
    (EMPLOYED | {"year": 2026, "months": 1 << 7}, checks.EMPLOYEE_AFTER_AWARD),
    (EMPLOYED | {"year": 2027}, checks.EMPLOYEE_AFTER_AWARD),
    (RESIDENT | {"year": 2008}, checks.RESIDENT_TOO_OLD),
    (RESIDENT | {"months": 0b111}, checks.RESIDENT_MONTHS),
    (RESIDENT | {"year": 2026, "months": 0b11_1111}, checks.RESIDENT_MONTHS),
    (RESIDENT | {"year": 2027}, checks.RESIDENT_AFTER_60),
]


@pytest.mark.parametrize("record, rule", RECORDS)
def test_record(record: dict[str, Any], rule: int) -> None:
    assert first({}, [record]) == (rule, 0)


def test_order_of_records() -> None:
    later, resident, elsewhere = EMPLOYED | {"year": 2001}, RESIDENT, EMPLOYED | {"place": 33}
    flexible = EMPLOYED | {"form": 3}
    for records in (
        [later, EMPLOYED],
        [resident, EMPLOYED | {"year": 2012}],
        [EMPLOYED, elsewhere],
        [flexible, EMPLOYED],
    ):
        assert first({}, records) == (checks.ORDER, 1)
        assert first({}, records[::-1]) == (0, -1)


def test_deemed_months_lie_before_the_paid_ones_and_are_given_once() -> None:
    same_month = [EMPLOYED | {"year": 1990, "months": 4}, DEEMED | {"year": 1990, "months": 4, "form": 1}]
    assert first({}, same_month) == (checks.DEEMED_AFTER_PAID, 1)
    late_first = [DEEMED | {"year": 1990, "months": 8}, EMPLOYED | {"year": 1990, "months": 4, "form": 1}]
    assert first({}, late_first) == (checks.DEEMED_AFTER_PAID, 0)
    assert first({}, [EMPLOYED, DEEMED | {"year": 2001}]) == (checks.DEEMED_AFTER_PAID, 1)
    assert first({}, [DEEMED, DEEMED | {"place": 45}]) == (checks.DEEMED_TWICE, 1)
    assert first({}, [DEEMED | {"months": 1}, DEEMED | {"months": 2, "place": 45}]) == (0, -1)


def test_one_resident_payment_a_year() -> None:
    assert first({}, [RESIDENT, RESIDENT]) == (checks.RESIDENT_TWICE, 1)
    assert first({}, [RESIDENT, RESIDENT | {"place": 44}]) == (checks.RESIDENT_TWICE, 1)


def test_resident_years_against_age_award_and_local_start() -> None:
    assert first({"resident_start": month("2012-07")}, [RESIDENT | {"year": 2011}]) == (checks.RESIDENT_TOO_OLD, 0)
    assert first({"resident_start": month("2012-07")}, [RESIDENT]) == (0, -1)
    # A woman's award at 50 (2025-06) ends her resident years before she is 60.
    person = PERSON | WOMAN | {"birth": month("1975-06"), "claim": month("2025-07")}
    histories = build(
        [(person, [RESIDENT | {"year": 2026}]), (person | {"claim": month("2026-01")}, [RESIDENT | {"year": 2026}])]
    )
    bounds = np.array([month("2025-07")] * 2)
    assert checks.first_problems(histories.arrays, bounds, bounds)[0].tolist() == [checks.RESIDENT_AFTER_AWARD, 0]
    young = PERSON | {"birth": month("1997-01")}
    histories = build([(young, [RESIDENT]), (young, [RESIDENT | {"year": 2013}])])
    bounds = np.array([month("2060-01")] * 2)
    assert checks.first_problems(histories.arrays, bounds, bounds)[0].tolist() == [checks.RESIDENT_UNDER_16, 0]


def test_resident_only_starts_at_60() -> None:
    histories = build(
        [(PERSON | {"claim": month("2026-02")}, [RESIDENT]), (PERSON | {"claim": month("2026-03")}, [RESIDENT])]
    )
    bounds = histories.arrays.birth + 720
    assert checks.first_problems(histories.arrays, bounds, bounds)[0].tolist() == [checks.RESIDENT_CLAIM_TOO_EARLY, 0]


def test_awards_before_2014_07_are_refused() -> None:
    old = PERSON | {"birth": month("1954-06")}
    people = [(old, []), (old | {"birth": month("1954-07")}, []), (old | {"claim": month("2015-01")}, [])]
    histories = build(people)
    bounds = histories.arrays.birth + 720
    assert checks.first_problems(histories.arrays, bounds, bounds)[0].tolist() == [checks.AWARD_TOO_OLD, 0, 0]


def test_has_employee_counts_deemed_records() -> None:
    histories = build([(PERSON, [RESIDENT]), (PERSON, []), (PERSON, [DEEMED]), (PERSON, [UNINSURED, EMPLOYED])])
    assert checks.has_employee(histories.arrays).tolist() == [False, False, True, True]


def test_message_names_row_record_column_value_and_rule() -> None:
    people = [(PERSON, [EMPLOYED]), (PERSON, [EMPLOYED, RESIDENT | {"base": -5.0}])]
    histories = build(people, ["440301196603071234", "440301196603075678"])
    bounds = np.array([STATUTORY] * 2)
    with pytest.raises(InputError) as caught:
        histories.require(bounds, bounds)
    (problem,) = caught.value.problems
    assert problem[:4] == ("", 2, "records[2].base", "-5")
    assert "between 0 and 100,000 yuan/year" in problem.rule
    assert "…5678" in str(problem) and "75678" not in str(problem)


def test_all_problems_of_everybody() -> None:
    people = [
        (PERSON, [EMPLOYED]),
        (PERSON | {"sex": 0, "hukou": 99}, [EMPLOYED | {"base": -1.0, "form": 7}, EMPLOYED | {"year": 2050}]),
        (PERSON, [EMPLOYED | {"year": 1980}, EMPLOYED | {"year": 2050, "place": 0}, RESIDENT | {"year": 2051}]),
    ]
    arrays = build(people).arrays
    bounds = np.array([STATUTORY] * 3)
    found = [part.tolist() for part in checks.all_problems(arrays, bounds, bounds)]
    assert list(zip(*found, strict=True)) == [
        (1, checks.SEX, -1),
        (1, checks.HUKOU, -1),
        (1, checks.FORM, 0),
        (1, checks.BASE_NEGATIVE, 0),
        # Dates of a person with other problems, and of a record that breaks a rule by itself, are not judged.
        (2, checks.EMPLOYEE_UNDER_16, 0),
        (2, checks.EMPLOYEE_TOO_OLD, 0),
        (2, checks.PLACE, 1),
        (2, checks.RESIDENT_AFTER_60, 2),
    ]
    rules, at = checks.first_problems(arrays, bounds, bounds)
    assert (rules.tolist(), at.tolist()) == ([0, checks.SEX, checks.EMPLOYEE_UNDER_16], [-1, -1, 0])
    late = build([(PERSON, [EMPLOYED, DEEMED | {"year": 2001}, EMPLOYED | {"year": 2002}])]).arrays
    found = [part.tolist() for part in checks.all_problems(late, bounds[:1], bounds[:1])]
    assert found == [[0], [checks.DEEMED_AFTER_PAID], [1]]  # told once


def test_recorded_months_before_the_first_registration() -> None:
    since = {"hukou_since": [(month("2000-02"), 41)]}
    assert first(since, [EMPLOYED]) == (checks.UNREGISTERED, 0)
    assert first(since, [EMPLOYED | {"months": 4094}, RESIDENT]) == (0, -1)
    # A resident year is the whole one.
    late = {"hukou_since": [(month("2012-02"), 41)]}
    assert first(late, [RESIDENT]) == (checks.UNREGISTERED, 0)


def test_registrations_are_shown_with_their_dates() -> None:
    bounds = np.array([STATUTORY])
    since = {"hukou_since": [(month("1990-01"), 44), (month("1989-12"), 41)]}
    (problem,) = build([(PERSON | since, [])]).problems(bounds, bounds)
    assert (problem.column, problem.value) == ("hukou_since", "1990-01 44, 1989-12 41")


def test_every_code_fits_a_set_of_63_bits() -> None:
    assert min(checks.RULES) >= 1 and max(checks.RULES) <= 62


def test_rows_of_a_slice_are_those_of_the_whole() -> None:
    people = [(PERSON, [EMPLOYED])] * 2 + [(PERSON, [EMPLOYED, EMPLOYED | {"form": 7}])]
    part = build(people).slice(1, 3)
    bounds = np.array([STATUTORY] * 2)
    (problem,) = part.problems(bounds, bounds)
    assert (problem.row, problem.column, problem.value) == (3, "records[2].form", "7")


def test_limit_of_problems() -> None:
    histories = build([(PERSON | {"sex": 0}, [])] * 5)
    bounds = np.array([STATUTORY] * 5)
    assert len(histories.problems(bounds, bounds)) == 5
    assert [p.row for p in histories.problems(bounds, bounds, limit=2)] == [1, 2]


def test_wrong_number_of_bounds() -> None:
    with pytest.raises(ValueError, match="one month per person"):
        checks.first_problems(build([(PERSON, [])]).arrays, np.zeros(2, int), np.zeros(1, int))


def test_place_index() -> None:
    assert checks.place_index(11) == checks.place_index(1101) == 0
    assert checks.place_index(33) == 10  # eleventh of the list
    for unknown in (0, -1, 1, 10, 110, 99, 9999, 10_000, 44_000):
        assert checks.place_index(unknown) == -1


def test_problem_texts_exist_for_every_rule() -> None:
    for rule in checks.RULES.values():
        assert rule.column and rule.text and not rule.text.endswith(".")
