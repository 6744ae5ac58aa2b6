"""The corpus of portability cases: every case passes, is no copy of another, and dies of the mutations it names."""

import math
from collections import defaultdict
from pathlib import Path

import pytest

from pension.schema import PLACE_INDEX
from tests.cases import country, mutate, run

FILES = run.files()

LAW = """
title = "t"
act = "a"
article = "b"
source = "s"
verified_by = "law_arithmetic"
mutations = ["divisor_always_139"]
arithmetic = "102,000 / 170 = 600"
[law]
function = "account_pension"
expected = 600
[law.arguments]
balance = 102000.0
annuity_months = 170.0
"""
PERSON = """
title = "t"
act = "a"
article = "b"
source = "s"
verified_by = "hand"
mutations = ["one_month_vests"]
arithmetic = "640 * 168 = 107,520; 2024-07"
[parameters]
[case]
regimes = ["current"]
person = { sex = "male", birth = "1964-06", hukou = 41, hukou_type = "rural" }
employee = [{ place = 41, start = "2010-07", end = "2024-06", base = 8000 }]
[[expect]]
path = "regimes.current.account_balance"
value = 107520
[[expect]]
path = "regimes.current.starts.resident_basic"
value = "2024-07"
"""


FORM = """
title = "t"
act = "a"
article = "b"
source = "s"
verified_by = "hand"
mutations = ["always_half_up"]
arithmetic = "7,000 * 1.8 / 2 * 30 * 0.01 = 1,890: 1890.00; 100,000 / 139 = 719.4245: 719.42"
[award_form]
province = 37
award = "2025-06"
average_index = 0.8
months = 360
deemed_months = 0
account_balance = 100000.0
calculation_base = 7000.0
annuity_months = 139
[[expect]]
path = "basic"
value = "1890.00"
[[expect]]
path = "account"
value = "719.42"
"""
AFTERWARDS = """
title = "t"
act = "a"
article = "b"
source = "s"
verified_by = "hand"
mutations = ["bereavement_whole_years"]
arithmetic = "240 months: 9 + 60 / 12 = 14 months; 240 * 640 = 153,600"
[parameters]
[afterwards]
person = { sex = "male", birth = "1964-06", hukou = 41, hukou_type = "rural", death = "2024-05" }
employee = [{ place = 41, start = "2004-06", end = "2024-06", base = 8000 }]
[[expect]]
path = "heirs.grants.bereavement.months"
value = 14
[[expect]]
path = "heirs.accounts.employee.amount"
value = 153600
"""


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_case(path: Path) -> None:
    assert run.run(run.load(path)) == []


@pytest.mark.parametrize("text", [LAW, PERSON, FORM, AFTERWARDS], ids=["law", "case", "award_form", "afterwards"])
def test_the_cases_of_these_tests_pass(text: str) -> None:
    assert run.run(run.parse(text, "x.toml")) == []


@pytest.mark.parametrize(
    ("text", "before", "after", "rule"),
    [
        (FORM, "months = 360", "month = 360", "[award_form] unknown key 'month'"),
        (FORM, "[award_form]", "[afterwards]\n[award_form]", "exactly one of"),
        (FORM, 'value = "719.42"', 'value = "719.43"', "does not contain the expected '719.43'"),
        (FORM, "[[expect]]", "[[expected]]", "unknown key 'expected'"),
        (AFTERWARDS, "[parameters]\n", "[parameters]\nwage = 1\n", "unknown key 'wage'"),
        (AFTERWARDS, "value = 14\n", "", "needs path and value"),
    ],
)
def test_what_is_no_case_of_the_other_kinds_is_refused(text: str, before: str, after: str, rule: str) -> None:
    with pytest.raises(run.CaseError) as error:
        run.parse(text.replace(before, after), "x.toml")
    assert rule in str(error.value)


def test_wrong_cases_of_the_other_kinds_fail() -> None:
    wrong = FORM.replace("719.42", "719.43").replace("719.4245", "719.4299")
    assert run.run(run.parse(wrong, "x.toml")) == ["account: expected '719.43', found '719.42'"]
    assert "average_index" in run.run(run.parse(FORM.replace("average_index = 0.8", "average_index = -1"), "x.toml"))[0]
    late = AFTERWARDS.replace('"2004-06"', '"2004-07"')
    assert len(run.run(run.parse(late, "x.toml"))) == 2


def test_a_province_has_the_methods_of_its_row() -> None:
    row = {"place": 44, "shape": "mean", "index": "own", "paid_from": "1978-01", "cutoff": "1998-06"}
    tables = country.parameters({"transition_method": [row]}).tables
    i = PLACE_INDEX[44]
    assert (tables.transition_shape[i], tables.transition_own_index[i], tables.transition_counts_paid[i]) == (1, 1, 1)
    assert tables.transition_cutoff[i] == 12 * 1998 + 5
    assert tables.transition_counts_paid.sum() == 1
    for wrong in ({"place": 44, "cutoff": "1998-06"}, {"shape": "mean"}, {"place": 44, "form": "mean"}):
        with pytest.raises(country.CountryError, match="transition_method"):
            country.parameters({"transition_method": [wrong]})


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ('verified_by = "law_arithmetic"', 'verified_by = "program"', "verified_by = 'program'"),
        ('verified_by = "law_arithmetic"', "", "verified_by is missing"),
        ('arithmetic = "102,000 / 170 = 600"', 'arithmetic = " "', "arithmetic is missing or empty"),
        ("170 = 600", "170 = 599", "does not contain the expected 600"),
        ("170 = 600", "170 = 6000", "does not contain the expected 600"),
        ("170 = 600", "170 = 1.600", "does not contain the expected 600"),
        ('title = "t"', 'title = "t"\nauthor = "me"', "unknown key 'author'"),
        ('["divisor_always_139"]', '["no_such_mutation"]', "unknown mutation 'no_such_mutation'"),
        ('["divisor_always_139"]', "[]", "at least one mutation"),
        ('"account_pension"', '"pension"', "unknown law function 'pension'"),
        ("balance =", "sum =", "are balance, annuity_months"),
        ("[law]\n", "tolerance = 0.1\n[law]\n", "needs tolerance_reason"),
        ("[law]\n", "[case]\nregimes = []\n[law]\n", "exactly one of"),
        ("[law]\n", "[parameters]\n[law]\n", "parameters and expect belong to [case]"),
        ("expected = 600", "", "expected is missing"),
    ],
)
def test_what_is_no_case_is_refused(before: str, after: str, rule: str) -> None:
    assert LAW.count(before) == 1
    with pytest.raises(run.CaseError) as error:
        run.parse(LAW.replace(before, after), "law.toml")
    assert rule in str(error.value)
    assert "law.toml" in str(error.value)


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        ("2024-07", "2024-08", "does not contain the expected '2024-07'"),
        ('path = "regimes.current.account_balance"\n', "", "needs path and value"),
        ("[parameters]\n", "[parameters]\nwage = 1\n", "unknown key 'wage'"),
        ('regimes = ["current"]', "regimes = []", "regimes is a list"),
        ("value = 107520\n", "value = 107520\nnote = 1\n", "unknown key 'note'"),
    ],
)
def test_what_is_no_whole_case_is_refused(before: str, after: str, rule: str) -> None:
    with pytest.raises(run.CaseError) as error:
        run.parse(PERSON.replace(before, after, 1), "person.toml")
    assert rule in str(error.value)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("107,520;", "107,521;", "regimes.current.account_balance: expected 107521"),
        ('"regimes.current.account_balance"', '"regimes.current.balance"', "not in the statement"),
        ("base = 8000", "salary = 8000", "unknown key"),
        ('start = "2010-07"', 'start = "2010-08"', "expected 107520"),
    ],
)
def test_a_wrong_case_fails(before: str, after: str, found: str) -> None:
    text = PERSON.replace(before, after).replace(
        "value = 107520", "value = 107521" if "521" in after else "value = 107520"
    )
    problems = run.run(run.parse(text, "person.toml"))
    assert any(found in problem for problem in problems)


def test_numbers_in_the_arithmetic_are_read_as_they_are_printed() -> None:
    def found(text: str, value: float | str, tolerance: float = 0.0) -> bool:
        return run.worked(text, run.Expectation("x", value, tolerance))

    assert found("= 1,476.00", 1476)
    assert found("-> −200", -200.0)
    assert found("= 773.5252 a month", 773.5252)
    assert found("773.53", 773.5252, 0.005)
    assert not found("773.53", 773.5252)
    assert not found("147,600", 1476)
    assert not found("2024-06", 2024.06)
    assert found("route employee", "employee")


def test_paths_into_a_statement() -> None:
    data = {"a": [{"p": 33, "x": {"y": 1}}, {"p": 44, "x": {"y": 2}}], "b": {"c->d": 3}}
    assert run.at(data, "a[p=44].x.y") == 2
    assert run.at(data, "a[0].x.y") == 1
    assert run.at(data, "b.c->d") == 3
    for path in ("a[p=11].x", "a[q=1].x", "b.e", "a[5].x"):
        with pytest.raises(LookupError):
            run.at(data, path)


def test_no_case_is_a_copy_of_another_with_other_numbers() -> None:
    copies = defaultdict(list)
    for path in FILES:
        case = run.load(path)
        copies[run.fingerprint(case)].append(case.file)
    assert [files for files in copies.values() if len(files) > 1] == []


def test_a_copy_with_other_numbers_has_the_same_fingerprint() -> None:
    other = LAW.replace("102,000", "204,000").replace("102000", "204000").replace("600", "1200")
    assert run.fingerprint(run.parse(LAW, "a")) == run.fingerprint(run.parse(other, "b"))
    other = PERSON.replace("8000", "16000").replace("107,520", "215,040").replace("107520", "215040")
    assert run.run(run.parse(other, "b")) == []
    assert run.fingerprint(run.parse(PERSON, "a")) == run.fingerprint(run.parse(other, "b"))
    # one month more to 180, and the route is another
    other = PERSON.replace("2010-07", "2009-07").replace("resident_basic", "basic")
    assert run.fingerprint(run.parse(PERSON, "a")) != run.fingerprint(run.parse(other, "b"))


def test_names_are_unique_and_say_where_the_case_stands() -> None:
    assert len({path.stem for path in FILES}) == len(FILES) >= 290
    assert [p for p in run.HERE.rglob("*.toml") if p not in FILES and p.name != "mutations.toml"] == []


def test_every_law_function_has_a_case_and_a_mutation() -> None:
    functions = {run.load(path).function for path in FILES}
    missing = sorted(set(run.REGISTER) - functions)
    assert not missing, f"write a case as tests/cases/README.md says, with a mutation, for: {', '.join(missing)}"


def test_every_mutation_is_named_by_a_case() -> None:
    named = {name for path in FILES for name in run.load(path).mutations}
    assert set(mutate.mutations()) == named


def test_a_mutation_whose_text_is_gone_is_refused() -> None:
    mutation = mutate.Mutation("m", "t", "f.py", "a + b", "a - b")
    assert mutation.apply("x = a + b\n") == "x = a - b\n"
    for text in ("x = a * b\n", "x = a + b\ny = a + b\n"):
        with pytest.raises(ValueError, match="not once"):
            mutation.apply(text)


def test_every_mutation_dies() -> None:
    """All of them, in two processes of plain Python (a minute)."""
    outcomes = mutate.check(jobs=2)
    assert mutate.summary(outcomes) == []
    assert len(outcomes) == len(mutate.mutations()) + 1
    assert len(outcomes[0].passed) == len(FILES)


def test_an_infinite_bound_is_read() -> None:
    premium = next(p for p in FILES if p.stem == "premium_on_all_years_where_it_starts_above_fifteen")
    arguments = run.load(premium).arguments
    assert arguments is not None
    assert math.isinf(arguments["up_to"])
