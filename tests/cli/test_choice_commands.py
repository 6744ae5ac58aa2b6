"""`pension choose` and `pension sensitivity`."""

import json
from pathlib import Path

import pytest
from cli.conftest import Call

CASE = """
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"
[[employee]]
place = "44"
start = "1998-01"
end = "2010-06"
index = 0.8
[[employee]]
place = "33"
start = "2019-01"
index = 0.7
"""
WHO = ("choose", "--income", "6000", "--place", "Guangdong", "--hukou", "41", "--age", "30", "--now", "2026-01")


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


def test_choose(call: Call) -> None:
    code, out, _ = call(*WHO)
    assert code == 0
    assert "Best: individual, Guangdong" in out
    assert "employee at every income" in out


def test_choose_as_json(call: Call) -> None:
    data = json.loads(call(*WHO, "--json").out)
    assert data["best"][0]["way"] == "individual"
    assert data["options_units"]["npw"] == "yuan of 2025 at R0"
    (turn,) = data["break_even"]
    assert turn["break_even"] is None and turn["direction"] == "employee at every income"


def test_outlays(call: Call) -> None:
    out = call(*WHO, "--outlay", "--medical", "0.02", "--medical", "0.1").out
    assert "1,800 (30.0%)" in out  # 6,000 × (20 % + 10 %)
    assert "injury: the rate is not in the data and was not given" in out


def test_what_is_missing_is_named(call: Call) -> None:
    code, _, err = call("choose", "--income", "6000")
    assert code == 2 and "--place" in err


def test_sensitivity_and_its_picture(call: Call, case: Path, tmp_path: Path) -> None:
    picture = tmp_path / "tornado.png"
    code, out, _ = call("sensitivity", case, "--plot", picture)
    assert code == 0
    assert out.startswith("What the loss depends on: current against fair, one person")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_changed_and_paths(call: Call, case: Path) -> None:
    changed = call("sensitivity", case, "--against", "low", "--json")
    effects = {row["what"]: row for row in json.loads(changed.out)["effects"]}
    assert effects["scenario.wage_growth"]["values"] == 3
    drawn = json.loads(call("sensitivity", case, "--draws", "2", "--seed", "4", "--json").out)
    assert len(drawn["paths"]) == 2 and drawn["quantiles"][0]["measure"] == "loss of pension wealth"
    assert call("sensitivity", case, "--draws", "2", "--against", "low").code == 2
