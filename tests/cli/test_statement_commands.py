"""`pension case` and `pension whatif`."""

import json
from pathlib import Path

import pytest
from cli.conftest import Call

CASE = """
[person]
sex = "female"
retirement_category = "female_50"
birth = "1980-05"
hukou = "34"
hukou_type = "rural"
[[employee]]
place = "44"
start = "2001-01"
end = "2012-12"
index = 0.7
[[employee]]
place = "31"
start = "2013-01"
end = "2024-12"
index = 0.8
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


def test_case_in_both_languages(call: Call, case: Path) -> None:
    english, chinese = call("case", case), call("case", case, "--lang", "zh")
    assert (english.code, chinese.code) == (0, 0)
    assert english.out.startswith("In short")
    assert chinese.out.startswith("结论")
    assert "Claim place Shanghai (31)" in english.out
    assert "待遇领取地：上海（31）" in chinese.out


def test_case_as_json(call: Call, case: Path) -> None:
    code, out, _ = call("case", case, "--json", "--lang", "zh", "-r", "current")
    assert code == 0
    data = json.loads(out)
    # both places have twelve years; the last ordinary one pays
    assert data["claim"]["place"] == 31
    assert {"answer", "summary", "choices", "claim", "regimes", "losses", "steps", "parameters"} <= set(data)


def test_whatif_in_both_languages(call: Call, case: Path) -> None:
    english, chinese = call("whatif", case), call("whatif", case, "--lang", "zh")
    assert (english.code, chinese.code) == (0, 0)
    assert "home: Anhui (34)" in english.out
    assert "回户籍地安徽（34）" in chinese.out


def test_whatif_options(call: Call, case: Path) -> None:
    options = ("--now", "2023-06", "--wait", 6, "--index", 1.5, "--contribution", 800, "-r", "current", "--json")
    code, out, _ = call("whatif", case, *options)
    assert code == 0
    data = json.loads(out)
    assert data["now"] == "2023-06"
    assert list(data["regimes"]) == ["current"]
    rows = {row["path"]: row for row in data["paths"]}
    assert rows["index"]["index"] == 1.5
    assert rows["pause"]["months"] == 6
    assert rows["resident"]["contribution"] == 800.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["case", "--lang", "fr"], "en or zh"),
        (["whatif", "--lang", "fr"], "en or zh"),
        (["whatif", "--now", "2050-01"], "no month is left"),
        (["whatif", "--now", "soon"], "not a month"),
        (["whatif", "--index", "-1"], "greater than 0"),
        (["whatif", "--wait", "0"], "--wait"),
    ],
)
def test_bad_options_are_bad_input(call: Call, case: Path, arguments: list[str], message: str) -> None:
    code, _, err = call(arguments[0], case, *arguments[1:])
    assert code == 2
    assert message in err
    assert "Traceback" not in err


def test_a_file_that_is_not_there(call: Call, tmp_path: Path) -> None:
    code, _, err = call("whatif", tmp_path / "nothing.toml")
    assert code == 2
    assert "does not exist" in err


def test_an_award_form_and_what_follows_in_both_languages(call: Call, case: Path) -> None:
    arguments = ("case", case, "-r", "current", "--conventions", "province")
    english, chinese = call(*arguments), call(*arguments, "--lang", "zh")
    assert "The award form of Shanghai (31), rounded as its forms are" in english.out
    assert "上海（31）核定表（按当地表样取整）" in chinese.out
    assert "After the award, under the law in force" in english.out
    assert "核定之后（按现行制度）" in chinese.out
    data = json.loads(call(*arguments, "--json").out)
    assert data["award_form"]["place"] == 31
    assert {"path", "used_up", "deaths"} <= set(data["afterwards"])
    assert "award_form" not in json.loads(call("case", case, "-r", "current", "--json").out)


def test_a_question_in_the_file_is_answered_or_refused_with_its_line(call: Call, case: Path) -> None:
    text = case.read_text(encoding="utf-8")
    case.write_text(text.replace("[[employee]]", 'death = "2040-01"\n[[employee]]', 1), encoding="utf-8")
    code, out, err = call("case", case, "-r", "current")
    assert code == 0, err
    assert "A death in 2040-01 (after the award, 288 credited months) leaves:" in out
    case.write_text(text.replace("[[employee]]", 'death = "1970-01"\n[[employee]]', 1), encoding="utf-8")
    code, _, err = call("case", case, "-r", "current")
    assert code == 2
    assert "line 8, person.death = 1970-01: a death lies between birth and 120" in err
