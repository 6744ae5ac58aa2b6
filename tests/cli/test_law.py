"""``pension law``: every rule and every reading, each of which can really be set where it says."""

import inspect
import json
from collections.abc import Iterator

import pytest
from cli.conftest import Call

import pension
import pension.afterwards.one_person
import pension.award_forms.form
import pension.checks.access
import pension.engine
from pension.accounting import ALL_PROVISIONS, Regime
from pension.errors import InputError
from pension.inputs.case_file import parse_case
from pension.law.readings import READINGS, TABLES, WAYS, Reading, readings_of
from pension.law.registry import REGISTER
from pension.parameters import READINGS as PARAMETER_READINGS
from pension.parameters import load, names, parameters_directory, show
from pension.schema import RETIREMENT_CATEGORY


def by_way(way: str) -> list[Reading]:
    found = [reading for reading in READINGS.values() if reading.way == way]
    assert found
    return found


# ---- the data


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
def test_a_reading_is_complete(reading: Reading):
    assert reading.question.endswith("?")
    assert reading.source
    assert reading.way in WAYS
    assert all(text for text in reading.choices.values())
    assert len(reading.choices) != 1  # one choice is none
    assert set(reading.rules) <= set(REGISTER)


def test_every_provision_is_a_reading_with_its_choices_the_law_first():
    found = {reading.where: tuple(reading.choices) for reading in by_way("regime")}
    assert found == ALL_PROVISIONS
    for reading in by_way("regime"):
        assert reading.default == Regime.named("current").choice(reading.where)


def test_every_reading_of_parameters_is_there_with_its_choices():
    found = {reading.where: tuple(reading.choices) for reading in by_way("parameters")}
    assert found == dict(PARAMETER_READINGS)
    for reading in by_way("parameters"):
        for choice in reading.choices:
            assert load(readings={reading.where: choice}).readings[reading.where] == choice
        assert load().readings[reading.where] == reading.default


def test_every_key_of_a_scenario_is_a_reading():
    keys = {name.removeprefix("scenario.") for name in load().files if name.startswith("scenario.")}
    assert {reading.where for reading in by_way("scenario")} == keys


def test_what_an_overlay_replaces_is_a_table_of_that_name():
    known = names(load())
    for reading in by_way("overlay"):
        assert reading.where in known
        assert reading.where.startswith(("national/", "provinces/"))


PERSON = '[person]\nsex = "male"\nbirth = "1966-03"\nhukou = "41"\nhukou_type = "rural"\n'
TABLES_OF_A_CASE = {
    "employee": '[[employee]]\nplace = "44"\nstart = "2009-01"\nend = "2015-12"\nbase = 3000\n',
    "deemed": '[[deemed]]\nplace = "44"\nmonths = 12\n',
}
VALUES = {"claim": '"2027-01"', "resident_start": '"2010-01"', "resident_claim": '"2026-05"', "index": "1.2"}
"""A value of each key whose choices are no words of the file."""


def lines_of_a_case() -> Iterator[tuple[str, str]]:
    """(table, line) for each choice of each key; a choice that is made by leaving the key out has no line."""
    for reading in by_way("case"):
        table, _, key = reading.where.partition(".")
        for choice in reading.choices:
            if key in VALUES:
                yield table, f"{key} = {VALUES[key]}"
            elif choice != "not given":
                yield table, f"{key} = {choice}" if choice in ("true", "false") else f'{key} = "{choice}"'


@pytest.mark.parametrize(("table", "line"), sorted(set(lines_of_a_case())))
def test_every_key_of_a_case_is_read(table: str, line: str):
    def parse(more: str) -> None:
        person = PERSON
        if "female" in more:
            person = person.replace('"male"', '"female"')
        paid = TABLES_OF_A_CASE["employee"]
        text = {"person": f"{person}{more}\n{paid}", "employee": f"{person}{paid}{more}\n"}
        parse_case(text.get(table, f"{person}{paid}{TABLES_OF_A_CASE['deemed']}{more}\n"))

    parse(line)
    with pytest.raises(InputError, match="unknown key"):
        parse(f"un{line}")


def test_defaults_of_a_case():
    readings = {reading.name: reading for reading in by_way("case")}
    assert tuple(readings["retirement_category"].choices) == tuple(RETIREMENT_CATEGORY)
    h = parse_case(PERSON + TABLES_OF_A_CASE["deemed"] + TABLES_OF_A_CASE["employee"]).arrays
    assert h.retirement_category[0] == RETIREMENT_CATEGORY[readings["retirement_category"].default]
    assert (h.claim[0], h.resident_start[0]) == (-1, -1)
    assert f"{h.base[0]}" == readings["deemed_index"].default
    assert set(h.flags.tolist()) == {8, 0}  # deemed, and nothing else: neither temporary, ordinary nor late


@pytest.mark.parametrize("reading", by_way("argument"), ids=lambda reading: reading.name)
def test_every_argument_is_one_of_its_function(reading: Reading):
    path, _, argument = reading.where.removesuffix(")").partition("(")
    function = getattr(pension, path.removeprefix("pension."))
    assert inspect.signature(function).parameters[argument].default == reading.default


def test_choices_of_arguments():
    assert set(READINGS["access"].choices) == set(pension.checks.access.MODES)
    shipped = {path.stem for path in (parameters_directory() / "scenarios").glob("*.toml")}
    assert set(READINGS["scenario"].choices) == shipped


def test_the_parameters_behind_the_rules_are_there():
    assert set(TABLES) <= set(REGISTER)
    for table in {table for tables in TABLES.values() for table in tables}:
        rows = show(load(), table)
        assert rows
        assert all(row["status"] for row in rows)


# ---- the command


def test_the_list_holds_every_rule_under_its_act_and_every_reading(call: Call):
    code, out, err = call("law")
    assert code == 0, err
    lines = out.splitlines()
    heads = [line.strip() for line in lines]
    for rule in REGISTER.values():
        assert any(line.startswith(rule.name) for line in lines)
        assert rule.act in heads
        assert rule.zh in out
    for name in READINGS:
        assert any(line.startswith(name) for line in lines)
    # a rule stands under its own act: the last head before it
    at = next(i for i, line in enumerate(lines) if line.startswith("claim_branch "))
    acts = {rule.act for rule in REGISTER.values()}
    assert next(head for head in reversed(heads[:at]) if head in acts) == "国办发〔2009〕66号"
    assert "segment, national, blend" in out
    assert "regime: flat_base" in out


def test_one_rule_in_full(call: Call):
    code, out, err = call("law", "required_years")
    assert code == 0, err
    rule = REGISTER["required_years"]
    for text in (rule.zh, rule.act, rule.article, rule.since, "statute", "required_years(age_months_at_start)"):
        assert text in out
    for reading in readings_of("required_years"):
        assert f"{reading.name}: {reading.question}"[:60] in out
    assert "resident_start (rows: " in out


def test_one_reading_in_full(call: Call):
    code, out, err = call("law", "overlap")
    assert code == 0, err
    for choice in READINGS["overlap"].choices:
        assert f"{choice}: " in out
    assert "人社部发〔2014〕17号 art. 7" in out
    assert "overlap_refund" in out


def test_json_of_everything(call: Call):
    code, out, err = call("law", "--json")
    assert code == 0, err
    data = json.loads(out)
    assert {rule["name"] for rule in data["rules"]} == set(REGISTER)
    assert [reading["name"] for reading in data["readings"]] == list(READINGS)
    keys = "name zh act article since until formula unit status note arguments text readings parameters".split()
    for rule in data["rules"]:
        assert list(rule) == keys
        assert [reading["name"] for reading in rule["readings"]] == [r.name for r in readings_of(rule["name"])]
    (dated,) = (rule for rule in data["rules"] if rule["name"] == "long_insured")
    assert (dated["since"], dated["until"]) == ("2016-07", "2021-04")
    # the table of access by status, counted in the file
    rows = (parameters_directory() / "provinces/hukou_access.csv").read_text(encoding="utf-8").splitlines()
    assert sum(dated["parameters"]["hukou_access"].values()) == len([r for r in rows if r[:1].isdigit()])
    assert dated["parameters"]["hukou_access"]["assumption"] == 1


def test_json_of_one(call: Call):
    rule = json.loads(call("law", "minimum_met", "--json").out)
    assert rule["arguments"] == ["counted_months", "minimum_months"]
    assert {"vesting", "minimum_months"} <= {reading["name"] for reading in rule["readings"]}
    assert rule["parameters"]["minimum_months"]
    reading = json.loads(call("law", "vesting", "--json").out)
    assert list(reading["choices"]) == ["employee", "aggregated", "immediate", "never"]
    assert reading["default"] == "employee"
    assert "Regime.but()" in reading["set_by"]


def test_an_unknown_name_lists_what_there_is(call: Call):
    code, out, err = call("law", "nonsense")
    assert (code, out) == (2, "")
    assert "unknown rule or reading" in err
    assert "claim_branch" in err and "vesting" in err
