"""What a person short of the minimum can choose: each choice is the case file edited by hand and explained."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from printed import numbers, unknown
from properties.people import employee, histories, person, random_people, real, resident

import pension
from pension import schema
from pension.statement.explain import Statement
from pension.statement.text import statement_text

PERSON = """
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"
"""
WORK = """
[[employee]]
place = "44"
start = "2001-01"
end   = "2010-06"
index = 0.8
"""
RESIDENT = """
[[resident]]
place = "41"
start = 2011
end   = 2025
contribution = 500.0
"""
CONTINUED = """
[[employee]]
place = "41"
start = "2026-08"
end   = "{end}"
index = 0.6
form = "flexible"
"""
TOPPED_UP = """
[[employee]]
place = "41"
start = "2026-02"
end   = "2026-07"
index = 0.6
form = "flexible"
transferable = false
"""

Explain = Callable[[str], dict[str, Any]]


@pytest.fixture
def explain(tmp_path: Path) -> Explain:
    def run(text: str) -> dict[str, Any]:
        path = tmp_path / "case.toml"
        path.write_text(text, encoding="utf-8")
        return pension.explain(path, ["current"], parameters=real()).data

    return run


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    path = tmp_path_factory.mktemp("short") / "case.toml"
    path.write_text(PERSON + WORK + RESIDENT, encoding="utf-8")
    return pension.explain(path, parameters=real())


@pytest.fixture(scope="module")
def options(case: Statement) -> dict[str, dict[str, Any]]:
    return {o["option"]: o for o in case.data["choices"]["options"]}


def claimed(month: str) -> str:
    return PERSON + f'claim = "{month}"\n'


def test_the_function_gives_what_the_statement_holds(case: Statement) -> None:
    text = PERSON + WORK + RESIDENT
    from pension.inputs.case_file import parse_case
    from pension.inputs.opening import Lookups

    lookups = Lookups(real().tables)
    people = parse_case(text, reference_wage=lookups.reference_wage, statutory_month=lookups.statutory_month)
    assert pension.choices(people, parameters=real()) == case.data["choices"]


def test_months_missing(case: Statement) -> None:
    # 2001-01 to 2010-06: 9 years 6 months = 114 of 180
    choices = case.data["choices"]
    assert (choices["employee_months"], choices["minimum_months"], choices["missing_months"]) == (114, 180, 66)


def test_continuing_is_the_edited_case_file(options: dict[str, dict[str, Any]], explain: Explain) -> None:
    found = options["continue_to_minimum"]
    # 66 months after 2026-07 end in 2032-01; nobody has ten years, so 66号 designates the registered residence
    assert (found["claim"], found["place"], found["months_added"]) == ("2032-01", 41, 66)
    assert found["employee_months"] == 114 + 66
    edited = explain(claimed("2032-01") + WORK + CONTINUED.format(end="2032-01") + RESIDENT)
    assert edited["claim"]["employee_months"] == 180
    assert edited["claim"]["place"] == 41
    law = edited["regimes"]["current"]
    assert found["monthly"] == pytest.approx(law["monthly"], rel=1e-12)
    assert found["present_value"] == pytest.approx(law["present_value"], rel=1e-12)


def test_cost_of_continuing_by_hand(options: dict[str, dict[str, Any]]) -> None:
    # an individual pays 20 % of 0.6 of the wage of the year before: 5 months of 2026, five years, 1 month of 2032
    wage = real().tables.reference_wage[schema.PLACE_INDEX[41]]
    months = {2026: 5, 2027: 12, 2028: 12, 2029: 12, 2030: 12, 2031: 12, 2032: 1}
    cost = sum(0.20 * 0.6 * wage[year - 1 - 1978] * n for year, n in months.items())
    found = options["continue_to_minimum"]
    assert found["cost"] == pytest.approx(cost, rel=1e-12)
    # discounted at 4 % with survival, in yuan of 2025 (prices rise 2 % to 2026): less than face value
    assert 0.75 * cost < found["cost_present_value"] < cost
    difference = found["present_value"] - found["cost_present_value"]
    assert found["net_present_value"] == pytest.approx(difference, rel=1e-12)


def test_top_up_is_the_edited_case_file(options: dict[str, dict[str, Any]], explain: Explain) -> None:
    # 60 months continued to 2031-07, the 6 still missing in one sum, on the last months without a payment
    found = options["lump_sum_top_up"]
    assert (found["claim"], found["months_at_once"], found["employee_months"]) == ("2031-07", 6, 180)
    edited = explain(claimed("2031-07") + WORK + CONTINUED.format(end="2031-07") + TOPPED_UP + RESIDENT)
    assert edited["claim"]["employee_months"] == 180
    assert found["monthly"] == pytest.approx(edited["regimes"]["current"]["monthly"], rel=1e-12)
    # six months of 2026 carry five years of book interest, so they cost more than at face value
    wage = real().tables.reference_wage[schema.PLACE_INDEX[41]]
    months = {2026: 5, 2027: 12, 2028: 12, 2029: 12, 2030: 12, 2031: 7}
    continued = sum(0.20 * 0.6 * wage[year - 1 - 1978] * n for year, n in months.items())
    face = 6 * 0.20 * 0.6 * wage[2025 - 1978]
    # book rate 2.5 %: 2026 by month products 11+10+9+8+7+6 of 72, then four years, then seven months
    at_award = face / 6 * (6 + 0.025 / 12 * (11 + 10 + 9 + 8 + 7 + 6)) * 1.025**4 * (1 + 0.025 / 12 * 7)
    assert found["cost"] == pytest.approx(continued + at_award, rel=1e-9)


def test_bridging_is_the_case_as_it_stands(case: Statement, options: dict[str, dict[str, Any]]) -> None:
    law = case.data["regimes"]["current"]
    found = options["bridge_to_resident"]
    assert found["route"] == "employee_to_resident"
    assert (found["monthly"], found["present_value"]) == (law["monthly"], law["present_value"])
    # 20 % flexible or employed 28 % less 11 %: whatever the rates, only pooled money is left behind
    assert found["pooled_left_behind"] > 0.0
    assert options["continue_to_minimum"]["pooled_left_behind"] == 0.0


def test_withdrawing_leaves_the_resident_pension(
    case: Statement, options: dict[str, dict[str, Any]], explain: Explain
) -> None:
    found = options["withdraw"]
    account = case.data["claim"]["places"][0]["account"]
    assert found["lump_sum"] == pytest.approx(account, rel=1e-12)
    alone = explain(claimed("2026-07") + RESIDENT)["regimes"]["current"]
    assert alone["route"] == "resident"
    assert found["monthly"] == pytest.approx(alone["monthly"], rel=1e-12)
    assert found["start"] == alone["starts"]["resident_basic"] == "2026-08"


def test_drawing_at_sixty(case: Statement, explain: Explain) -> None:
    choice = case.data["choices"]["male_60_choice"]
    assert choice["default"] == "wait"
    wait, draw = choice["options"]
    assert wait["monthly"] == case.data["regimes"]["current"]["monthly"]
    alone = explain(PERSON + RESIDENT)
    assert alone["claim"]["month"] == draw["claim"] == "2026-03"
    assert draw["monthly"] == pytest.approx(alone["regimes"]["current"]["monthly"], rel=1e-12)
    # the employee account waits for the statutory month
    assert draw["lump_sum_month"] == "2026-07"
    assert draw["lump_sum"] == pytest.approx(case.data["claim"]["places"][0]["account"], rel=1e-12)


def test_who_joined_later_may_not_top_up() -> None:
    people = histories([(person("1966-03", 41), employee(44, "2013-05", "2019-12", 4000.0))])
    options = {o["option"]: o for o in pension.choices(people, parameters=real())["options"]}
    found = options["lump_sum_top_up"]
    assert (found["allowed"], found["reason"], found["joined"]) == (False, "joined_after_2011_06", "2013-05")
    assert "first insured after 2011-06" in pension.explain(people, parameters=real()).text()


def test_up_to_five_years_missing_need_no_top_up() -> None:
    # 2001-01 to 2010-12: 120 months, 60 missing
    people = histories([(person("1966-03", 41), employee(41, "2001-01", "2010-12", 2000.0))])
    options = {o["option"]: o for o in pension.choices(people, parameters=real())["options"]}
    assert options["continue_to_minimum"]["months_added"] == 60
    assert options["lump_sum_top_up"]["reason"] == "minimum_reached_within_5_years"


def test_nothing_to_choose_with_the_minimum() -> None:
    people = histories([(person("1966-03", 41), employee(41, "2001-01", "2015-12", 3000.0))])
    choices = pension.choices(people, parameters=real())
    assert (choices["missing_months"], choices["options"], choices["male_60_choice"]) == (0, [], None)


def test_women_have_no_choice_at_sixty() -> None:
    who = person("1972-03", 41, category=2)
    people = histories([(who, employee(41, "2010-01", "2019-12", 3000.0) + resident(41, range(2020, 2026), 300.0))])
    choices = pension.choices(people, parameters=real())
    assert choices["missing_months"] == 60
    assert choices["male_60_choice"] is None


def test_claim_months_have_the_minimum_of_the_right_year() -> None:
    # born 1970-01: 60 months after 1965-01, 60//4 + 1 = 16 months late: 2031-05; earliest 2030-01 (never before 60)
    records = employee(41, "2000-01", "2031-05", 5000.0)
    choices = pension.choices(histories([(person("1970-01", 41), records)]), parameters=real())
    months = {m["month"]: m for m in choices["claim_months"]}
    assert next(iter(months)) == "2030-01"
    assert list(months)[-1] == "2034-05"
    # early: the chosen year (2030: 186); statutory and late: the statutory year (2031: 192)
    assert months["2030-12"]["minimum_months"] == 186
    assert months["2031-05"]["minimum_months"] == 192
    assert months["2034-05"]["minimum_months"] == 192
    # who works to the award goes on: one month more for each later month
    counted = [m["employee_months"] for m in months.values()]
    assert counted == list(range(361, 361 + len(months)))


def test_claim_months_are_edited_case_files(explain: Explain) -> None:
    work = '[[employee]]\nplace = "33"\nstart = "2000-01"\nindex = 0.7\n'
    choices = explain(PERSON + work)["choices"]
    months = {m["month"]: m for m in choices["claim_months"]}
    for month in ("2026-03", "2026-07", "2029-07"):
        law = explain(claimed(month) + work)["regimes"]["current"]
        assert months[month]["monthly"] == pytest.approx(law["monthly"], rel=1e-12)
        assert months[month]["present_value"] == pytest.approx(law["present_value"], rel=1e-12)


def test_no_early_month_without_the_minimum(case: Statement) -> None:
    early = case.data["choices"]["claim_months"][0]
    assert early["month"] == "2026-03"
    assert early["monthly"] is None
    assert "early claim without the minimum months" in early["reason"]


def test_without_a_delay_there_is_one_month_only() -> None:
    people = histories([(person("1964-06", 41), employee(41, "2000-01", "2020-12", 5000.0))])
    assert [m["month"] for m in pension.choices(people, parameters=real())["claim_months"]] == ["2024-06"]


def test_the_text_says_the_same_in_both_languages(case: Statement) -> None:
    english, chinese = (statement_text(case.data, lang) for lang in ("en", "zh"))
    assert unknown(english, case.data) == unknown(chinese, case.data) == set()
    assert numbers(english) == numbers(chinese)
    assert "Choices: 66 months are missing at 2026-07" in english
    assert "延长缴费至最低年限" in chinese


def test_a_regime_that_pays_pooled_money_has_no_withdrawal_of_the_law() -> None:
    people = histories([(person("1966-03", 41), employee(41, "2001-01", "2010-12", 2000.0))])
    options = pension.choices(people, "pooled_follows", parameters=real())["options"]
    assert [o["reason"] for o in options if o["option"] == "withdraw"] == ["regime_pays_pooled_money"]


def test_continuing_always_reaches_the_minimum_where_article_6_says() -> None:
    short = 0
    for who, records in random_people(0, 25):
        choices = pension.choices(histories([(who, records)]), parameters=real())
        for option in choices["options"]:
            if option["option"] != "continue_to_minimum" or not option["allowed"]:
                continue
            short += 1
            assert option["months_added"] == choices["missing_months"]
            assert option["employee_months"] == choices["employee_months"] + option["months_added"]
            assert option["employee_months"] == choices["minimum_months"]
            assert option["route"] in ("employee", "resident_to_employee")
    assert short > 5
