"""Who may insure where: page access of the rulebook, tables 1 and 2 and the dated openings."""

import dataclasses
from functools import cache

import numpy as np
import pytest
from properties.people import DEEMED, Person, Record, employee, histories, month, person, real, resident, toy

from pension import Engine, schema
from pension.checks.access import access_report, access_rules, check, problems, require
from pension.errors import InputError
from pension.law.access import individual_access, insured_by_employer, locality, long_insured, resident_access
from pension.parameters import load
from pension.tables.parameter_files import ParameterError

BEIJING, SHANGHAI, ZHEJIANG, ANHUI, HENAN, HUNAN, GUANGDONG = 11, 31, 33, 34, 41, 43, 44
PART_TIME, FLEXIBLE, PLATFORM = 2, 3, 4
CLOSED, OPEN, UNKNOWN = 0, 1, 2
LAW = month("2011-07")


# ---- the law, one function at a time


def test_table_1_who_is_insured_by_the_employer() -> None:
    found = {name: int(insured_by_employer(form)) for name, form in schema.FORM.items()}
    assert found == {"employed": 1, "dispatched": 1, "part_time": 0, "flexible": 0, "platform": 0}


def test_locality_by_province_and_city() -> None:
    assert locality(41, 41) == 0
    assert locality(4101, 4101) == 0
    # the city of one of the two is not known: taken for the same
    assert (locality(41, 4101), locality(4101, 41)) == (0, 0)
    assert locality(4115, 4101) == 1
    assert (locality(44, 41), locality(4403, 4101), locality(4403, 41)) == (2, 2, 2)


def test_an_employer_opens_the_scheme_everywhere() -> None:
    assert individual_access(1, month("1999-05"), LAW, -1, month("2025-02")) == OPEN


@pytest.mark.parametrize(
    ("when", "state"),
    [("2011-06", UNKNOWN), ("2011-07", CLOSED), ("2021-04", CLOSED), ("2021-05", OPEN), ("2030-01", OPEN)],
)
def test_guangdong_is_closed_until_it_opens(when: str, state: int) -> None:
    assert individual_access(0, month(when), LAW, month("2021-05"), month("2021-04")) == state


@pytest.mark.parametrize(
    ("when", "state"), [("2011-06", UNKNOWN), ("2021-12", UNKNOWN), ("2022-01", OPEN), ("2030-01", OPEN)]
)
def test_a_place_without_a_date_is_unknown_until_it_is_taken_as_open(when: str, state: int) -> None:
    assert individual_access(0, month(when), LAW, month("2022-01"), -1) == state


@pytest.mark.parametrize(
    ("when", "state"), [("2011-06", UNKNOWN), ("2011-07", CLOSED), ("2025-02", CLOSED), ("2025-03", UNKNOWN)]
)
def test_beijing_is_closed_at_last_sight_then_unknown(when: str, state: int) -> None:
    assert individual_access(0, month(when), LAW, -1, month("2025-02")) == state


def test_the_long_insured_of_guangdong() -> None:
    # men 55 years = 660 months, women 45 = 540, ten years = 120 months
    assert long_insured(660, 120, 660, 120) == 1
    assert long_insured(659, 120, 660, 120) == 0
    assert long_insured(660, 119, 660, 120) == 0
    assert long_insured(540, 120, 540, 120) == 1


def test_residents_insure_at_home() -> None:
    assert resident_access(0, month("2015-12"), month("2009-09")) == OPEN
    assert resident_access(0, month("2009-08"), month("2009-09")) == UNKNOWN
    assert resident_access(1, month("2015-12"), month("2009-09")) == UNKNOWN
    assert resident_access(2, month("2015-12"), month("2009-09")) == UNKNOWN


# ---- the dated rules


@pytest.mark.parametrize(
    ("place", "when", "state"),
    [
        (GUANGDONG, "2021-04", CLOSED),
        (GUANGDONG, "2021-05", OPEN),
        (ANHUI, "2021-09", CLOSED),
        (ANHUI, "2021-10", OPEN),
        (ZHEJIANG, "2021-11", CLOSED),
        (ZHEJIANG, "2021-12", OPEN),
        (SHANGHAI, "2023-04", CLOSED),
        (SHANGHAI, "2023-05", OPEN),
        (BEIJING, "2025-02", CLOSED),
        (BEIJING, "2025-03", UNKNOWN),
        (HUNAN, "2011-06", UNKNOWN),
        (HUNAN, "2021-12", UNKNOWN),
        (HUNAN, "2022-01", OPEN),
        (37, "2021-12", UNKNOWN),  # Shandong: open, but since when is not known
    ],
)
def test_other_provinces(place: int, when: str, state: int) -> None:
    rules = access_rules(real()).rules
    assert rules.state[2, schema.PLACE_INDEX[place], month(when) - 12 * 1978] == state


def test_every_month_of_every_place_is_what_the_law_function_says() -> None:
    own = {BEIJING: (-1, "2025-02")} | {
        place: (month(opening), month(opening) - 1)
        for place, opening in ((GUANGDONG, "2021-05"), (ANHUI, "2021-10"), (ZHEJIANG, "2021-12"), (SHANGHAI, "2023-05"))
    }
    rules = access_rules(real()).rules
    months = np.arange(month("2000-01"), month("2040-01"))
    for i, (place, _, _) in enumerate(schema.PLACES):
        opening, shut = own.get(place, (month("2022-01"), -1))
        shut = month(shut) if isinstance(shut, str) else shut
        near = month("2016-07") if place == GUANGDONG else month("2020-03")
        for kind, dates in enumerate(((LAW, -1), (near, -1), (opening, shut))):
            expected = [individual_access(0, int(m), LAW, *dates) for m in months]
            np.testing.assert_array_equal(rules.state[kind, i, months - 12 * 1978], expected)
        # three resident kinds follow: urban from 2011, rural from 2009, away; a year has the state of its December
        for kind, first in ((3, 2011), (4, 2009), (5, 9999)):
            expected = [OPEN if m // 12 >= first else UNKNOWN for m in months]
            np.testing.assert_array_equal(rules.state[kind, i, months - 12 * 1978], expected)
    not_open = (rules.state.reshape(6, schema.N_PLACES, -1, 12) != OPEN) @ (1 << np.arange(12))
    np.testing.assert_array_equal(rules.not_open, not_open)


def test_an_overlay_opens_a_place(overlay_of: "Overlay") -> None:
    row = "43,province,no_labour_relation,other_province,employee,voluntary,2018-07-01,a notice\n"
    rules = access_rules(overlay_of(row)).rules
    line = rules.state[2, schema.PLACE_INDEX[HUNAN]]
    # a published date says that the place was closed before
    assert [int(line[month(m) - 12 * 1978]) for m in ("2011-06", "2018-06", "2018-07")] == [UNKNOWN, CLOSED, OPEN]


def test_rows_that_make_no_sense_are_refused(overlay_of: "Overlay") -> None:
    with pytest.raises(ParameterError, match="closed needs the last month"):
        access_rules(overlay_of("43,province,no_labour_relation,other_province,employee,closed,2018-07-01,x\n"))
    with pytest.raises(ParameterError, match="men_age = '' is no whole number"):
        access_rules(overlay_of("44,province,no_labour_relation,other_province,employee,restricted,2019-07-01,x\n"))


class Overlay:
    """Parameters with further rows of the table of access."""

    def __init__(self, directory) -> None:
        self.directory = directory

    def __call__(self, rows: str):
        (self.directory / "provinces").mkdir(exist_ok=True)
        head = "place,area,worker,hukou,scheme,access,from,source\n"
        (self.directory / "provinces/hukou_access.csv").write_text(head + rows, encoding="utf-8")
        return load(self.directory)


@pytest.fixture
def overlay_of(tmp_path) -> Overlay:
    return Overlay(tmp_path)


# ---- the pass over histories


def report(who: Person, *records: list[Record]) -> dict:
    return access_report(histories([(who, [r for part in records for r in part])]), 0, real())


def spans(found: dict) -> list[tuple]:
    return [(row["place"], row["from"], row["to"], row["form"], row["state"]) for row in found["months"]]


def test_a_platform_worker_in_a_closed_province() -> None:
    found = report(person("1990-05", HENAN), employee(SHANGHAI, "2022-03", "2023-08", 5000.0, form=PLATFORM))
    # 2022-03 to 2023-04: 10 + 4 months; one run over the turn of the year
    assert (found["closed_months"], found["unknown_months"]) == (14, 0)
    assert spans(found) == [(SHANGHAI, "2022-03", "2023-04", "platform", "closed")]
    assert "closed to 2023-04, open from 2023-05" in found["months"][0]["rule"]
    assert "secondary: https://news.43male.com/n/39785.html" in found["months"][0]["rule"]


@pytest.mark.parametrize("form", [PART_TIME, FLEXIBLE, PLATFORM])
def test_every_form_without_an_employer_is_tested_and_no_other(form: int) -> None:
    found = report(person("1990-05", HENAN), employee(BEIJING, "2020-01", "2020-12", 5000.0, form=form))
    assert (found["closed_months"], found["unknown_months"]) == (12, 0)
    for with_employer in (0, 1):
        there = employee(BEIJING, "2005-01", "2020-12", 5000.0, form=with_employer)
        assert report(person("1980-05", HENAN), there) == {"closed_months": 0, "unknown_months": 0, "months": []}


def test_at_home_individuals_are_taken_urban_or_rural_and_before_the_law_nobody_knows() -> None:
    for hukou_type in (1, 2):
        who = person("1980-05", HENAN, hukou_type=hukou_type)
        found = report(who, employee(HENAN, "2010-11", "2014-12", 3000.0, form=FLEXIBLE))
        # 2010-11 to 2011-06
        assert (found["closed_months"], found["unknown_months"]) == (0, 8)
        assert spans(found) == [(HENAN, "2010-11", "2011-06", "flexible", "unknown")]


def test_where_one_is_insured_matters_and_not_where_one_works() -> None:
    who = person("1990-05", HENAN)
    at_home = employee(HENAN, "2020-01", "2020-12", 3000.0, form=PLATFORM, work_place=BEIJING)
    assert report(who, at_home)["closed_months"] == 0


def test_another_city_of_the_province() -> None:
    who = person("1980-05", 4101)
    found = report(who, employee(4115, "2019-11", "2020-06", 3000.0, form=FLEXIBLE))
    assert spans(found) == [(4115, "2019-11", "2020-02", "flexible", "unknown")]
    found = report(person("1980-05", 4401), employee(4403, "2016-05", "2020-06", 3000.0, form=FLEXIBLE))
    assert spans(found) == [(4403, "2016-05", "2016-06", "flexible", "unknown")]


def test_the_exception_of_guangdong_is_unknown_not_closed() -> None:
    # ten years paid there by 2016-07: 2006-07 to 2016-06; born 1961-10, so 55 in 2016-10
    paid = employee(GUANGDONG, "2006-07", "2016-06", 4000.0)
    on = employee(GUANGDONG, "2016-07", "2017-03", 4000.0, form=FLEXIBLE)
    found = report(person("1961-10", HENAN), paid, on)
    assert (found["closed_months"], found["unknown_months"]) == (3, 6)
    assert spans(found) == [
        (GUANGDONG, "2016-07", "2016-09", "flexible", "closed"),
        (GUANGDONG, "2016-10", "2017-03", "flexible", "unknown"),
    ]
    # a month less: the months as an individual make up for it only in 2016-08
    found = report(person("1961-01", HENAN), employee(GUANGDONG, "2006-08", "2016-06", 4000.0), on)
    assert spans(found)[0] == (GUANGDONG, "2016-07", "2016-07", "flexible", "closed")
    assert spans(found)[1][:3] == (GUANGDONG, "2016-08", "2017-03")
    # women from 45: born 1971-08; and before 2016-07 there was no exception
    woman = person("1971-08", HENAN, 3)
    before = employee(GUANGDONG, "2016-05", "2016-06", 4000.0, form=FLEXIBLE)
    found = report(woman, employee(GUANGDONG, "2006-01", "2016-04", 4000.0), before, on)
    assert spans(found) == [
        (GUANGDONG, "2016-05", "2016-07", "flexible", "closed"),
        (GUANGDONG, "2016-08", "2017-03", "flexible", "unknown"),
    ]


def test_deemed_months_and_months_without_a_scheme_are_not_tested() -> None:
    deemed = employee(BEIJING, "1985-01", "1990-12", 1.0, form=FLEXIBLE, flags=DEEMED)
    outside = [
        {"year": 2020, "months": 4095, "scheme": 0, "form": 4, "place": -1, "work_place": BEIJING, "base": float("nan")}
        | {"income": 3000.0, "payer_share": None, "flags": 0}
    ]
    assert report(person("1965-05", HENAN), deemed, outside)["months"] == []


def test_residents_away_from_home_and_before_the_scheme() -> None:
    who = person("1970-05", HENAN, hukou_type=1)
    found = report(who, resident(HENAN, [2010, 2011], 300.0), resident(ANHUI, [2012], 300.0))
    # the urban scheme began in 2011; where somebody was registered in 2012 is not known
    assert (found["closed_months"], found["unknown_months"]) == (0, 24)
    assert [(row["place"], row["from"], row["to"], row["scheme"]) for row in found["months"]] == [
        (HENAN, "2010-01", "2010-12", "resident"),
        (ANHUI, "2012-01", "2012-12", "resident"),
    ]
    assert report(person("1970-05", HENAN, hukou_type=2), resident(HENAN, [2009, 2010], 300.0))["months"] == []


def test_a_month_paid_twice_counts_once_and_closed_before_unknown() -> None:
    who = person("1985-05", HENAN)
    twice = [
        *employee(BEIJING, "2020-01", "2020-04", 3000.0, form=PLATFORM),
        *employee(SHANGHAI, "2020-03", "2020-06", 3000.0, form=PLATFORM),
        *employee(HUNAN, "2020-05", "2020-09", 3000.0, form=FLEXIBLE),
    ]
    found = report(who, twice)
    # closed 2020-01 to 2020-06; unknown 2020-05 to 2020-09 less the two that are closed elsewhere
    assert (found["closed_months"], found["unknown_months"]) == (6, 3)


def test_two_payments_of_one_form_are_one_run() -> None:
    twice = 2 * employee(BEIJING, "2020-01", "2020-04", 3000.0, form=PLATFORM)
    assert spans(report(person("1985-05", HENAN), twice)) == [(BEIJING, "2020-01", "2020-04", "platform", "closed")]


def test_closed_months_are_refused_with_person_record_and_rule() -> None:
    fine = (person("1985-05", BEIJING), employee(BEIJING, "2020-01", "2020-04", 3000.0, form=PLATFORM))
    wrong = (
        person("1985-05", HENAN),
        employee(HENAN, "2019-01", "2019-12", 3000.0) + employee(BEIJING, "2020-04", "2020-07", 3000.0, form=PLATFORM),
    )
    people = histories([fine, wrong])
    with pytest.raises(InputError) as refused:
        require(people, real())
    (problem,) = refused.value.problems
    assert (problem.row, problem.column, problem.value) == (2, "records[2].place", "11")
    assert problem.rule.startswith("closed in 2020-04: individuals of other provinces in Beijing")
    assert problem.rule.endswith("(person 1)")
    require(people.slice(0, 1), real())


def test_unknown_months_are_never_refused() -> None:
    who = person("1985-05", HENAN)
    unknown = histories([(who, employee(HUNAN, "2010-01", "2021-12", 3000.0, form=FLEXIBLE))])
    found = check(unknown.arrays, real())
    assert (found.closed_months[0], found.unknown_months[0]) == (0, 144)
    assert problems(unknown, found, real()) == []
    require(unknown, real())


def test_splitting_a_record_changes_nothing() -> None:
    who = person("1985-05", HENAN)
    whole = employee(GUANGDONG, "2020-01", "2021-12", 3000.0, form=FLEXIBLE)
    parts = [
        dict(record, months=record["months"] & mask) for record in whole for mask in (0b000111000111, 0b111000111000)
    ]
    assert report(who, whole) == report(who, parts)
    # 12 months of 2020 and four of 2021
    assert report(who, whole)["closed_months"] == 16


# ---- table 2: the stars


@cache
def toy_engine() -> Engine:
    return Engine(toy(), ["current"])  # type: ignore[arg-type]


def stars(who: Person, *records: list[Record]) -> int:
    arrays = histories([(who, [r for part in records for r in part])]).arrays
    return int(toy_engine().run(arrays).stars[0])


def uninsured(year: int, mask: int, work_place: int, form: int = PLATFORM) -> list[Record]:
    record = {"year": year, "months": mask, "scheme": 0, "form": form, "place": -1, "work_place": work_place}
    return [record | {"base": float("nan"), "income": 3000.0, "payer_share": None, "flags": 0}]


URBAN, RURAL = 1, 2


@pytest.mark.parametrize(
    ("hukou_type", "place", "group"), [(URBAN, HENAN, 1), (RURAL, HENAN, 2), (URBAN, ANHUI, 3), (RURAL, ANHUI, 4)]
)
def test_the_four_groups(hukou_type: int, place: int, group: int) -> None:
    who = person("1985-05", HENAN, hukou_type=hukou_type)
    for form in (PART_TIME, FLEXIBLE, PLATFORM):
        assert stars(who, employee(place, "2020-01", "2020-12", 3000.0, form=form)) == group
    # a resident at home who works there or away
    assert stars(who, resident(HENAN, [2020], 300.0, work_place=place)) == group
    assert stars(who, uninsured(2020, 4095, place)) == group


def test_nobody_without_such_a_month_has_stars() -> None:
    who = person("1985-05", HENAN)
    assert stars(who) == 0
    assert stars(who, employee(ANHUI, "2015-01", "2020-12", 3000.0, form=0)) == 0
    assert stars(who, employee(ANHUI, "2015-01", "2020-12", 3000.0, form=1)) == 0
    assert stars(who, employee(ANHUI, "2003-01", "2004-12", 1.0, form=FLEXIBLE, flags=DEEMED)) == 0


def test_the_class_with_most_months_and_ties_to_more_stars() -> None:
    who = person("1985-05", HENAN, hukou_type=URBAN)
    home = employee(HENAN, "2018-01", "2018-06", 3000.0, form=FLEXIBLE)
    # six months at home against five, six and seven away
    assert stars(who, home, employee(ANHUI, "2020-01", "2020-05", 3000.0, form=FLEXIBLE)) == 1
    assert stars(who, home, employee(ANHUI, "2020-01", "2020-06", 3000.0, form=FLEXIBLE)) == 3
    assert stars(who, home, employee(ANHUI, "2020-01", "2020-07", 3000.0, form=FLEXIBLE)) == 3
    # a labour relation of any length does not count
    assert stars(who, home, employee(ANHUI, "2008-01", "2017-12", 3000.0)) == 1


def test_local_is_the_province_of_the_work_place_before_that_of_the_place() -> None:
    who = person("1985-05", 4101, hukou_type=RURAL)
    assert stars(who, employee(4115, "2020-01", "2020-12", 3000.0, form=FLEXIBLE)) == 2
    assert stars(who, employee(HENAN, "2020-01", "2020-12", 3000.0, form=FLEXIBLE, work_place=BEIJING)) == 4
    assert stars(who, employee(BEIJING, "2020-01", "2020-12", 3000.0, form=FLEXIBLE, work_place=4115)) == 2


def test_months_of_several_payers_count_once() -> None:
    who = person("1985-05", HENAN, hukou_type=URBAN)
    away = 3 * employee(ANHUI, "2020-01", "2020-03", 3000.0, form=PLATFORM)
    assert stars(who, away, employee(HENAN, "2021-01", "2021-04", 3000.0, form=FLEXIBLE)) == 1


def test_rules_do_not_change_behind_the_back() -> None:
    rules = access_rules(real())
    assert rules is access_rules(real())
    with pytest.raises(dataclasses.FrozenInstanceError):
        rules.texts = ()  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        rules.rules.state[0, 0, 0] = 0
