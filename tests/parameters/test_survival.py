"""Whose mortality: the population, annuitants, a table of one's own; each changes the hash, each is checked."""

import math
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pension.parameters import ParameterError, load
from pension.tables.survival import POPULATION, of_csv, survival_table

RATE = 0.02


def _csv(head: str = "sex,age,q", ages: range = range(40, 101), rate: str = f"{RATE}", **other: str) -> bytes:
    """A table of one rate for both sexes; ``other`` replaces rows, ``male_60="male,60,0.5"``."""
    rows = {f"{sex}_{age}": f"{sex},{age},{rate}" for sex in ("male", "female") for age in ages}
    return "\n".join([head, *(rows | other).values(), ""]).encode()


def test_a_probability_is_a_constant_force_over_the_year_of_age() -> None:
    table = of_csv("mine.csv", b"# my people\n" + _csv(male_60="male,60,0.5"))
    # 1 - q = exp(-m)
    assert table.mortality[0, 60, 0] == pytest.approx(math.log(2.0), rel=1e-15)
    assert table.mortality[1, 60, 50] == pytest.approx(-math.log(0.98), rel=1e-15)
    assert np.isnan(table.mortality[:, :40]).all()
    # from the last age on its rate holds
    np.testing.assert_array_equal(table.mortality[:, 119], table.mortality[:, 100])
    np.testing.assert_array_equal(of_csv("m.csv", _csv("sex,age,m")).mortality[:, 40:], RATE)


def test_a_table_may_end_with_certain_death() -> None:
    ended = {f"{sex}_90": f"{sex},90,1" for sex in ("male", "female")}
    table = of_csv("mine.csv", _csv(ages=range(40, 91), **ended))
    assert np.isinf(table.mortality[:, 90:]).all() and np.isfinite(table.mortality[:, 40:90]).all()


def test_between_its_years_the_logarithm_is_linear() -> None:
    years = (2000, 0.04), (2020, 0.01)
    lines = [f"{s},{a},{y},{m}" for s in ("male", "female") for a in range(40, 101) for y, m in years]
    table = of_csv("mine.csv", "\n".join(["sex,age,year,m", *lines]).encode())
    by_year = table.mortality[0, 70]
    # 1978 is the first year; the middle of 0.04 and 0.01 is 0.02
    assert by_year[[0, 2000 - 1978, 2010 - 1978, 2020 - 1978, 2100 - 1978]] == pytest.approx(
        [0.04, 0.04, 0.02, 0.01, 0.01], rel=1e-12
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (_csv("sex,age,qx"), "'qx' is no column of a survival table"),
        (b"sex,age\nmale,40\n", "one of the columns q and m is needed"),
        (b"sex,age,q,m\n", "one of the columns q and m is needed, not both"),
        (b"age,q\n", "column 'sex' is missing"),
        (b"sex,age,q,q\n", "a column name occurs twice"),
        (_csv(male_60="m,60,0.1"), "row 22, sex: 'm' is none of male, female"),
        (_csv(male_60="male,60.5,0.1"), "row 22, age: '60.5' is no whole number 0..119"),
        (_csv(male_60="male,60,0"), "row 22, q: 0: a probability is above 0, at most 1"),
        (_csv(male_60="male,60,1.2"), "row 22, q: 1.2: a probability is above 0, at most 1"),
        (_csv(male_60="male,60,nan"), "row 22, q: nan: a probability"),
        (_csv(male_60="male,60,much"), "row 22, q: 'much' is no number"),
        (_csv("sex,age,m", male_60="male,60,inf"), "row 22, m: inf: a death rate is a number above 0"),
        (_csv(male_60="male,60"), "row 22: has 2 cells, the header 3"),
        (_csv(male_60="male,59,0.1"), "row 22: this sex, age and year occurs twice"),
        (_csv(male_60="# nothing"), "male, age 60: there is no row, the ages have a gap"),
        (_csv(male_60="male,60,1"), "male, age 60: q is 1 before the last age"),
        (_csv(ages=range(50, 101)), "male: the ages begin at 50, at 40 or below is needed"),
        (_csv(ages=range(40, 81)), "male: the ages end at 80; a table ends with q = 1 or reaches 100"),
        (b"sex,age,q\nmale,40,0.1\n", "male: the ages end at 40"),
        (b"sex,age,q\n" + b"\n".join(b"male,%d,0.1" % age for age in range(40, 101)), "there is no row of female"),
        (b"sex,age,year,m\nmale,40,2000,0.1\nmale,41,2001,0.1\n", "male, age 40: there is no row in 2001"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_broken_table_is_refused_with_its_row(data: bytes, said: str) -> None:
    with pytest.raises(ParameterError) as error:
        of_csv("mine.csv", data)
    assert said in str(error.value) and "mine.csv" in str(error.value)


def test_the_choice_changes_tables_and_hash(tmp_path: Path) -> None:
    mine, overlay = tmp_path / "mine.csv", tmp_path / "overlay"
    mine.write_bytes(_csv())
    (overlay / "life_tables").mkdir(parents=True)
    (overlay / "life_tables" / "survival.csv").write_bytes(_csv(rate="0.03"))
    ours, chosen, laid = load(), load(survival=mine), load(overlay)
    assert (ours.survival, chosen.survival) == (POPULATION, "file mine.csv")
    assert load(survival=POPULATION) is ours
    assert load(survival=str(mine)) is chosen
    assert len({ours.hash, chosen.hash, laid.hash}) == 3
    assert chosen.tables.mortality[0, 70, 40] == pytest.approx(-math.log(0.98), rel=1e-15)
    assert laid.tables.mortality[0, 70, 40] == pytest.approx(-math.log(0.97), rel=1e-15)
    assert not chosen.tables.mortality.flags.writeable
    mine.write_bytes(_csv(male_60="male,60,0.021"))
    assert load(survival=mine).hash != chosen.hash
    with pytest.raises(ParameterError, match="the overlay holds a survival table, and another one is asked for"):
        load(overlay, survival=mine)
    with pytest.raises(ParameterError, match="'moon' is none of un_wpp_2024, cl5_cl6 and no CSV file"):
        load(survival="moon")
    with pytest.raises(ParameterError, match="cannot be read"):
        load(survival=tmp_path / "absent.csv")


def test_a_scenario_may_name_it(tmp_path: Path) -> None:
    from pension.parameters import parameters_directory

    text = (parameters_directory() / "scenarios" / "default.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.csv"
    mine.write_bytes(_csv())
    scenario = tmp_path / "longer.toml"
    scenario.write_text(f"survival = '{mine}'\n{text}", encoding="utf-8")
    assert load(scenario=scenario).survival == "file mine.csv"
    scenario.write_text(f"survival = 'un_wpp_2024'\n{text}", encoding="utf-8")
    assert load(scenario=scenario).survival == POPULATION
    scenario.write_text(f"survival = 3\n{text}", encoding="utf-8")
    with pytest.raises(ParameterError, match="is written survival ="):
        load(scenario=scenario)


def _pymort(names: dict[int, str]) -> Any:
    """A stand-in for the package: q = 0.01 below the age of 105, certain death at 105."""
    values = pd.DataFrame({"vals": [0.01] * 105 + [1.0]}, index=pd.RangeIndex(106, name="Age"))

    def from_id(number: int) -> Any:
        identity = SimpleNamespace(TableName=names[number])
        return SimpleNamespace(ContentClassification=identity, Tables=[SimpleNamespace(Values=values)])

    return SimpleNamespace(MortXML=SimpleNamespace(from_id=from_id))


def test_annuitants_are_read_from_pymort(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {3379: "CL5 (2010-2013)", 3380: "CL6 (2010-2013)"}
    monkeypatch.setitem(sys.modules, "pymort", _pymort(known))
    table = survival_table("cl5_cl6")
    assert table is not None
    # a period table: the same in every year
    np.testing.assert_allclose(table.mortality[:, :105], -math.log(0.99), rtol=1e-15)
    assert np.isinf(table.mortality[:, 105:]).all()
    assert "period tables applied to every year" in table.text
    monkeypatch.setitem(sys.modules, "pymort", _pymort(known | {3380: "CL4 (2010-2013)"}))
    with pytest.raises(ParameterError, match="table 3380 of pymort is 'CL4"):
        survival_table("cl5_cl6")
    monkeypatch.setitem(sys.modules, "pymort", None)
    with pytest.raises(ParameterError, match="pymort, which is not installed: pip install pymort"):
        survival_table("cl5_cl6")


def test_present_values_use_it() -> None:
    """One weight by hand: alive two years after 40 at q = 0.02 is 0.98²."""
    from pension.kernels.valuation import FIRST_AGE, WEIGHT, build_weights

    tables = load().tables._replace(mortality=of_csv("mine.csv", _csv()).mortality)
    born = 12 * 1960
    line = build_weights(tables, born, born).weights[0, 0]
    expected = 0.98**2 * (1.0 + tables.discount_rate) ** -2
    assert FIRST_AGE == 480
    assert line[24, WEIGHT] == pytest.approx(expected, rel=1e-12)


def test_a_changed_scenario_keeps_the_choice(tmp_path: Path) -> None:
    from pension.tables.shifts import replaced

    mine = tmp_path / "mine.csv"
    mine.write_bytes(_csv())
    chosen = load(survival=mine)
    changed = replaced(chosen, {}, readings={"calculation_base_gap": "geometric"})
    assert changed.survival == chosen.survival and changed.hash != chosen.hash
    np.testing.assert_array_equal(changed.tables.mortality, chosen.tables.mortality)
