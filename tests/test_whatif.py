"""Ways to go on: each path is the case file edited by hand and explained."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from printed import numbers, unknown
from properties.people import employee, histories, person, real, resident

import pension
from pension import schema
from pension.choice.what_if import WhatIf
from pension.errors import InputError
from pension.statement.text import whatif_text

PERSON = """
[person]
sex = "male"
birth = "1985-03"
hukou = "41"
hukou_type = "rural"
"""
PAST = """
[[employee]]
place = "44"
start = "2008-01"
end   = "2014-06"
index = 0.8
[[resident]]
place = "41"
start = 2015
end   = 2018
contribution = 500.0
[[employee]]
place = "33"
start = "2019-01"
end   = "2026-06"
index = 0.7
"""

Explain = Callable[..., dict[str, Any]]


def going_on(
    place: str = "33", start: str = "2026-07", end: str = "2048-03", index: float = 0.7, form: str = "employed"
) -> str:
    # born 1985-03, later than 1976-09: 63 years, 2048-03
    return f'[[employee]]\nplace = "{place}"\nstart = "{start}"\nend = "{end}"\nindex = {index}\nform = "{form}"\n'


@pytest.fixture
def explain(tmp_path: Path) -> Explain:
    def run(more: str = "", claim: str = "") -> dict[str, Any]:
        path = tmp_path / "case.toml"
        head = PERSON + (f'claim = "{claim}"\n' if claim else "")
        path.write_text(head + PAST + more, encoding="utf-8")
        regimes: dict[str, Any] = pension.explain(path, ["current", "fair"], parameters=real()).data["regimes"]
        return regimes

    return run


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> WhatIf:
    path = tmp_path_factory.mktemp("whatif") / "case.toml"
    path.write_text(PERSON + PAST, encoding="utf-8")
    return pension.whatif(path, parameters=real())


@pytest.fixture(scope="module")
def paths(found: WhatIf) -> dict[str, dict[str, Any]]:
    named = {row["path"]: row for row in found.data["paths"] if row["path"] != "index"}
    return named | {f"index {row['index']:g}": row for row in found.data["paths"] if row["path"] == "index"}


def test_now_is_the_last_recorded_month(found: WhatIf) -> None:
    assert (found.data["now"], found.data["award"]) == ("2026-06", "2048-03")
    last = found.data["last"]
    assert (last["month"], last["place"], last["form"]) == ("2026-06", 33, "employed")
    assert last["index"] == pytest.approx(0.7, rel=1e-15)


@pytest.mark.parametrize(
    ("path", "more", "claim"),
    [
        ("as_recorded", "", ""),
        ("stop", "", ""),
        ("stay", going_on(), ""),
        ("stay_flexible", going_on(form="flexible"), ""),
        ("move_home", going_on(place="41"), ""),
        ("pause", going_on(start="2027-07"), ""),
        ("claim_later", going_on(end="2049-03"), "2049-03"),
        ("index 0.6", going_on(index=0.6), ""),
        ("index 3", going_on(index=3.0), ""),
        # residents pay to the year of 60
        ("resident", '[[resident]]\nplace = "41"\nstart = 2027\nend = 2045\ncontribution = 500.0\n', ""),
    ],
)
def test_a_path_is_the_edited_case_file(
    paths: dict[str, dict[str, Any]], explain: Explain, path: str, more: str, claim: str
) -> None:
    edited, row = explain(more, claim), paths[path]
    for regime in ("current", "fair"):
        mine = row["regimes"][regime]
        assert mine["monthly"] == pytest.approx(edited[regime]["monthly"], rel=1e-12)
        assert mine["present_value"] == pytest.approx(edited[regime]["present_value"], rel=1e-12)
        assert mine["route"] == edited[regime]["route"]
        assert mine["net_present_value"] == pytest.approx(
            mine["present_value"] - row["own_contributions_value"], rel=1e-12
        )


def test_own_contributions_by_hand(paths: dict[str, dict[str, Any]]) -> None:
    wage = real().tables.reference_wage
    months = {2026: 6, 2048: 3} | dict.fromkeys(range(2027, 2048), 12)

    def bases(place: int, index: float) -> float:
        return sum(index * wage[schema.PLACE_INDEX[place], year - 1 - 1978] * n for year, n in months.items())

    # employees pay 8 %, individuals 20 %
    assert paths["stay"]["own_contributions"] == pytest.approx(0.08 * bases(33, 0.7), rel=1e-12)
    assert paths["stay_flexible"]["own_contributions"] == pytest.approx(0.20 * bases(33, 0.7), rel=1e-12)
    assert paths["move_home"]["own_contributions"] == pytest.approx(0.08 * bases(41, 0.7), rel=1e-12)
    assert paths["index 2"]["own_contributions"] == pytest.approx(0.08 * bases(33, 2.0), rel=1e-12)
    assert paths["resident"]["own_contributions"] == 19 * 500.0
    assert paths["stop"]["own_contributions"] == 0.0


def test_months_add_up(paths: dict[str, dict[str, Any]]) -> None:
    # 78 months in Guangdong, 90 in Zhejiang; 2026-07 to 2048-03 are 261 more
    counted = {name: row["regimes"]["current"]["employee_months"] for name, row in paths.items()}
    assert counted["stop"] == counted["resident"] == 78 + 90
    assert counted["stay"] == counted["move_home"] == 168 + 261
    assert counted["pause"] == 429 - 12
    assert counted["claim_later"] == 429 + 12


def test_the_next_months_are_differences_of_edited_case_files(found: WhatIf, explain: Explain) -> None:
    rows = {(r["after"], r["scheme"], r["place"], r.get("form")): r for r in found.data["next_months"]}
    nothing, stay = explain(), explain(going_on())
    pause = explain(going_on(start="2027-07"))
    twelve = explain(going_on(end="2027-06"))
    year = explain('[[resident]]\nplace = "41"\nstart = 2027\nend = 2027\ncontribution = 500.0\n')
    for regime in ("current", "fair"):

        def gain(key: tuple[str, str, int, str | None], regime: str = regime) -> float:
            value: float = rows[key]["regimes"][regime]["present_value"]
            return value

        def pw(data: dict[str, Any], regime: str = regime) -> float:
            value: float = data[regime]["present_value"]
            return value

        assert gain(("stop", "employee", 33, "employed")) == pytest.approx(pw(twelve) - pw(nothing), rel=1e-7)
        assert gain(("stay", "employee", 33, "employed")) == pytest.approx(pw(stay) - pw(pause), rel=1e-7)
        assert gain(("stop", "resident", 41, None)) == pytest.approx(pw(year) - pw(nothing), rel=1e-7)
    assert {place for _, scheme, place, _ in rows if scheme == "employee"} == {33, 41, 44}


def test_value_per_yuan(found: WhatIf) -> None:
    for row in found.data["next_months"]:
        for r in row["regimes"].values():
            assert r["per_yuan"] == pytest.approx(r["present_value"] / row["own_contributions_value"], rel=1e-12)
    rows = {(r["after"], r["place"], r.get("form")): r for r in found.data["next_months"]}
    employed, flexible = rows["stop", 33, "employed"], rows["stop", 33, "flexible"]
    # the same pension for 8 or for 20 % of the base
    assert employed["regimes"]["current"]["present_value"] == flexible["regimes"]["current"]["present_value"]
    assert employed["own_contributions_value"] / flexible["own_contributions_value"] == pytest.approx(0.4, rel=1e-12)


def test_an_earlier_now_forgets_what_comes_after(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(PERSON + PAST, encoding="utf-8")
    data = pension.whatif(path, ["current"], now="2024-12", wait=6, parameters=real()).data
    rows = {row["path"]: row for row in data["paths"]}
    assert rows["stop"]["regimes"]["current"]["employee_months"] == 168 - 18
    assert rows["as_recorded"]["regimes"]["current"]["employee_months"] == 168
    assert rows["pause"]["months"] == 6
    # 279 months after 2024-12, without the first six
    assert rows["pause"]["regimes"]["current"]["employee_months"] == 150 + 279 - 6
    assert rows["as_recorded"]["own_contributions"] > 0.0


def test_at_home_there_is_no_home_to_move_to() -> None:
    one = histories([(person("1985-03", 41), employee(41, "2010-01", "2025-12", 5000.0, form=3))])
    names = [row["path"] for row in pension.whatif(one, parameters=real()).data["paths"]]
    assert "move_home" not in names
    assert "stay_flexible" not in names


def test_paths_of_another_reference_month_say_so() -> None:
    # residents only: R0 is 60; with an employee month it is the statutory month, 63
    one = histories([(person("1985-03", 41), resident(41, range(2012, 2026), 500.0))])
    found = pension.whatif(one, parameters=real())
    rows = {row["path"]: row for row in found.data["paths"]}
    assert (rows["stop"]["valued_at"], rows["stay"]["valued_at"]) == ("2045-03", "2048-03")
    assert "stand at 2048-03, the others at 2045-03" in found.text()
    gains = [r for r in found.data["next_months"] if r["scheme"] == "employee" and r["after"] == "stop"]
    assert all(r["regimes"]["current"]["present_value"] is None for r in gains)


def test_both_languages_print_the_same_numbers_of_the_data(found: WhatIf) -> None:
    english, chinese = (whatif_text(found.data, lang) for lang in ("en", "zh"))
    assert unknown(english, found.data) == unknown(chinese, found.data) == set()
    assert numbers(english) == numbers(chinese)
    assert "回户籍地河南（41）" in chinese
    assert "研究估算，非官方核定。" in chinese


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"now": "2048-03"}, "no month is left"),
        ({"now": "2026"}, "not a month"),
        ({"wait": 0}, "at least one month"),
        ({"indices": (0.0,)}, "greater than 0"),
        ({"contribution": -1.0}, "greater than 0"),
        ({"lang": "fr"}, "en or zh"),
    ],
)
def test_bad_input_is_refused(change: dict[str, Any], message: str) -> None:
    one = histories([(person("1985-03", 41), employee(41, "2010-01", "2025-12", 5000.0))])
    with pytest.raises(InputError, match=message):
        pension.whatif(one, parameters=real(), **change)
