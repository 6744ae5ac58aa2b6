"""Commands about regimes that rest on another history than the recorded one."""

import json
import re
from pathlib import Path

import pytest
from cli.conftest import Call

CASE = """
[person]
sex = "male"
birth = "1964-06"
hukou = "41"
hukou_type = "rural"
[[employee]]
place = "44"
start = "2001-01"
end = "2008-12"
base = 2000
income = 1800
[[employee]]
place = "41"
start = "2009-01"
end = "2024-06"
base = 3000
income = 2500
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    path = tmp_path / "person.toml"
    path.write_text(CASE, encoding="utf-8")
    return path


def test_a_regime_is_explained_with_its_numbers(call: Call) -> None:
    code, out, _ = call("regimes", "inclusive")
    assert code == 0
    assert re.search(r"floor +fraction 0\.4 +\(not the law\) +others: statutory, actual", out)
    assert re.search(r"enrolment +workplace part_time", out)


def test_a_case_under_a_repealed_law(call: Call, case: Path) -> None:
    code, out, _ = call("case", case, "--regime", "current", "--regime", "surrender", "--json")
    assert code == 0
    data = json.loads(out)
    history = data["regimes"]["surrender"]["history"]
    assert history["provisions"] == {"exit_before_2010": "surrendered"}
    assert (history["of_regime"]["employee_months"], history["recorded"]["employee_months"]) == (186, 282)
    assert list(data["losses"]["current->surrender"]["causes"]) == ["exit_before_2010"]
    assert data["losses"]["current->surrender"]["causes_detail"]["exit_before_2010"]["group"] == "design"


def test_a_regime_that_cannot_be_settled_says_why(call: Call, case: Path) -> None:
    case.write_text(CASE.replace("income = 1800\n", ""), encoding="utf-8")
    code, _, err = call("case", case, "--regime", "low_floor")
    assert code == 2
    assert "needs the actual income of every paid employee month" in err
    code, _, err = call("whatif", case, "--regime", "low_floor")
    assert code == 2
    assert "rests on another one" in err


def test_the_stayer_gap_is_printed_as_an_identity(call: Call, case: Path) -> None:
    code, out, _ = call("stayer-gap", case)
    assert code == 0
    found = re.search(r"stayer gap (\S+) = wage-path effect (\S+) \+ portability loss proper (\S+)$", out.strip())
    assert found
    gap, path, proper = (float(text.replace(",", "")) for text in found.groups())
    assert gap == pytest.approx(path + proper, abs=0.011)  # three amounts rounded to the fen
    assert call("stayer-gap", case, "--of", "hukou").code == 2
