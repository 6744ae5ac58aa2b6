"""Overlays, broken files, scenarios, hash, provenance, check and show."""

from __future__ import annotations

import json
import math
import pickle
import shutil
import subprocess
import sys

import pytest

from pension import parameters as module
from pension.inputs.riders import Rules
from pension.parameters import ParameterError, check, city_rows, load, names, parameters_directory, show

from .conftest import month, year


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of the parameter files that a test may break."""
    target = tmp_path / "parameters"
    shutil.copytree(parameters_directory(), target)
    monkeypatch.setattr(module, "parameters_directory", lambda: target)
    return target


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


# ---- overlay --------------------------------------------------------------------------------------------------------


def test_overlay_replaces_one_value_and_nothing_else(shipped, overlay):
    over = overlay(provinces_calculation_base="place,area,year,value,source\n41,province,2024,7000,a notice\n")
    found = load(over)
    assert year(found.tables.calculation_base, 41, 2024) == 7000
    changed = found.tables.calculation_base != shipped.tables.calculation_base
    assert changed[:, 1:].sum() == 2  # Henan and the national mean of that year
    assert found.provenance("calculation_base", 41, 2024)[2:4] == ("assumption", "a notice")
    assert found.hash != shipped.hash
    assert load().hash == shipped.hash


def test_overlay_adds_a_dated_row(overlay):
    over = overlay(provinces_calculation_base="place,area,year,value\n41,province,2026,6900\n")
    found = load(over)
    assert year(found.tables.calculation_base, 41, 2026) == 6900
    assert year(found.tables.calculation_base, 41, 2027) == pytest.approx(6900 * 1.045)
    assert found.provenance("calculation_base", 41, 2026).source == "overlay"


def test_overlay_of_national_parameters_and_scenario(shipped, overlay):
    over = overlay(
        national_interest='[employee_book_rate]\nvalues = [{ year = 2025, value = 0.02, source = "x" }]\n',
        national_resident="[subsidy_floor_tier]\nvalue = 600\n",
        scenarios_default="[discount_rate]\nvalue = 0.03\n",
    )
    tables = load(over).tables
    assert year(tables.employee_rate, 41, 2025) == 0.02
    assert year(tables.employee_rate, 41, 2024) == 0.0262
    assert tables.subsidy_floor_tier == 600
    assert tables.discount_rate == 0.03
    assert shipped.tables.discount_rate == 0.04


def test_new_national_raise_moves_the_horizon(overlay):
    found = load(overlay(national_resident='[national_minimum]\nvalues = [{ from = "2027-07", value = 190 }]\n')).tables
    assert month(found.resident_basic, 41, "2027-06") == 188
    assert month(found.resident_basic, 41, "2027-07") == 188 + 27
    assert month(found.resident_basic, 41, "2028-01") == 188 + 27 + 20


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("provinces_wages", "place,year\n", r"overlay provinces/wages\.csv: is no parameter file"),
        ("provinces_reference_wage", "place,year,wage\n", r"'wage' is no column of this table"),
        ("provinces_reference_wage", "year,value\n", "key column 'place' is missing"),
        ("provinces_reference_wage", "place,year,value\n99,2020,5000\n", "row 2, place: '99' is no place code"),
        ("provinces_reference_wage", "place,year,value\n41,1950,5000\n", "row 2, year: '1950' is no year 1978..2135"),
        ("provinces_reference_wage", "place,year,value\n41,2020,many\n", "row 2, value: 'many' is no number"),
        ("provinces_reference_wage", "place,year,value\n41,2020,\n", "place = 41 year = 2020: value is missing"),
        ("provinces_reference_wage", "place,year,value\n41,2020,-5\n", "a wage is positive"),
        ("provinces_reference_wage", "place,year,value\n41,2020,1\n41,2020,2\n", "row 3.*the key occurs twice"),
        ("national_resident", "[minimum]\nvalue = 3\n", "'minimum' is no parameter of this file"),
        ("national_employee", "[annuity_months]\nvalues = [{ age = 71, value = 50 }]\n", "age = 71.*no row"),
        ("national_employee", "[annuity_months]\nvalues = [{ age = 60, months = 5 }]\n", "'months' is no column"),
        ("national_employee", "[annuity_months]\nvalue = 5\n", r"needs values = \[rows\]"),
        ("national_employee", "annuity_months = [", "is no TOML"),
        ("provinces_resident_basic", "place,from,value\n41,2030-01,500\n", "later than the last national minimum"),
        ("provinces_resident_basic", "place,from,value\n41,2020-13,500\n", "month 01..12"),
        ("regimes_current", 'name = "current"\n', "is no parameter file"),
        ("life_tables/abridged", "sex,age\n", "is no parameter file"),
    ],
)
def test_wrong_overlays_are_refused_with_file_and_row(overlay, file, text, message):
    with pytest.raises(ParameterError, match=message):
        load(overlay(**{file: text}))


def test_overlay_that_is_no_directory(tmp_path):
    with pytest.raises(ParameterError, match="is no directory"):
        load(tmp_path / "nothing")


# ---- broken files ---------------------------------------------------------------------------------------------------


def test_a_broken_row_is_refused_with_its_line(copy):
    edit(copy / "provinces/reference_wage.csv", "\n11,1995,608,", "\n11,1995,6o8,")
    with pytest.raises(
        ParameterError, match=r"provinces/reference_wage\.csv, row 7, value: '6o8' is no number"
    ) as info:
        load()
    assert (info.value.file, info.value.row, info.value.key) == ("provinces/reference_wage.csv", 7, "value")


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "provinces/population.csv",
            "11,21893095,39.9,116.41,secondary",
            "11,1,1,1,certain",
            "status 'certain' is none",
        ),
        ("provinces/population.csv", "\n12,", "\n11,", "place = 11: the key occurs twice"),
        ("provinces/transition.csv", "\n12,0.01,", "\n12,,", "row .*place = 12: coefficient is missing"),
        ("provinces/transition.csv", "# unit:", "# units:", "has no line '# unit"),
        ("national/prices.toml", 'unit = "fraction a year"\n', "", "consumer_prices: has no unit"),
        ("national/prices.toml", "    { year = 2010, value = 0.033 },\n", "", "the years are not without a gap"),
        ("national/employee.toml", "{ age = 60, value = 139 },", "", "annuity_months: the age 60 is missing"),
        ("scenarios/default.toml", "2025, value = 0.045", "2026, value = 0.045", "no growth for 2025"),
        ("provinces/resident_premium.csv", ",fraction_of_basic,", ",percent,", "measure is yuan or fraction_of_basic"),
        ("scenarios/default.toml", "value = 0.04\n", "value = 4\n", "discount_rate: is a fraction a year"),
        ("life_tables/single_age.csv", "\nmale,60,", "\nmale,260,", "the row male, 60 is missing"),
    ],
)
def test_broken_files_are_refused(copy, file, old, new, message):
    edit(copy / file, old, new)
    with pytest.raises(ParameterError, match=message):
        load()


def test_a_missing_file_is_refused(copy):
    (copy / "national/wages.toml").unlink()
    with pytest.raises(ParameterError, match=r"national/wages\.toml: cannot be read"):
        load()


# ---- scenarios, readings, hash --------------------------------------------------------------------------------------


def test_scenarios_differ_only_after_the_last_published_year(shipped):
    low, high = load(scenario="low").tables, load(scenario="high").tables
    assert year(low.reference_wage, 41, 2024) == year(high.reference_wage, 41, 2024) == 6385
    assert year(low.reference_wage, 41, 2025) == pytest.approx(6385 * 1.035)
    assert year(high.reference_wage, 41, 2025) == pytest.approx(6385 * 1.055)
    assert month(low.resident_basic, 41, "2027-01") == 188 + 15
    assert month(high.resident_basic, 41, "2027-01") == 188 + 25
    assert len({shipped.hash, load(scenario="low").hash, load(scenario="high").hash}) == 3


def test_a_scenario_file_of_the_analyst(tmp_path):
    path = tmp_path / "mine.toml"
    text = (parameters_directory() / "scenarios/default.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("value = 0.04\n", "value = 0.03\n"), encoding="utf-8")
    found = load(scenario=path)
    assert (found.scenario, found.tables.discount_rate) == ("mine", 0.03)
    assert load(scenario=str(path)).hash == found.hash


def test_wrong_names_are_refused():
    with pytest.raises(ParameterError, match="'rosy' is no scenario"):
        load(scenario="rosy")
    with pytest.raises(ParameterError, match="'colour' is no reading"):
        load(readings={"colour": "blue"})
    with pytest.raises(ParameterError, match="'blue' is none of previous_wage, geometric"):
        load(readings={"calculation_base_gap": "blue"})


def test_the_hash_knows_readings_and_not_line_ends(shipped, copy):
    assert load(readings={"award_year_rate": "last_published"}).hash != shipped.hash
    assert load(readings={"award_year_rate": "scenario"}).hash == shipped.hash
    path = copy / "national/prices.toml"
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert load().hash == shipped.hash
    edit(path, "value = 0.147", "value = 0.148")
    assert load().hash != shipped.hash


def test_equal_inputs_share_the_result():
    assert load() is load(scenario="default", readings={"award_year_rate": "scenario"})


def test_pickling_keeps_arrays_read_only(shipped):
    again = pickle.loads(pickle.dumps(shipped))
    assert again.hash == shipped.hash
    assert not again.tables.reference_wage.flags.writeable
    assert again.provenance("reference_wage", 41, 2000) == shipped.provenance("reference_wage", 41, 2000)
    error = pickle.loads(pickle.dumps(ParameterError("rule", file="f", row=3, key="k")))
    assert str(error) == "f, row 3, k: rule"


def test_loading_imports_neither_pandas_nor_scipy():
    code = "import sys, json, pension.parameters as p; p.load(); print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert not {"pandas", "scipy", "pyarrow"} & set(json.loads(done.stdout))


# ---- provenance, check, show ----------------------------------------------------------------------------------------


def test_provenance_of_longer_place_codes_and_wrong_ones(shipped):
    assert shipped.provenance("reference_wage", 4403, 2020) == shipped.provenance("reference_wage", 44, 2020)
    with pytest.raises(ParameterError, match="no table with provenance"):
        shipped.provenance("wages", 44, 2020)
    with pytest.raises(ParameterError, match="98 is no place code"):
        shipped.provenance("reference_wage", 98, 2020)
    with pytest.raises(ParameterError, match="outside 1978"):
        shipped.provenance("reference_wage", 44, 1949)
    with pytest.raises(ParameterError, match="needs a year or a month"):
        shipped.provenance("reference_wage", 44)
    unknown = shipped.provenance("calculation_base", 44, 1978)
    assert math.isnan(unknown.value)
    assert unknown.status == "unknown"


def test_every_value_of_a_table_has_a_status_and_a_source(shipped):
    for name, values in shipped.values.items():
        known = values == values
        assert (shipped.status[name][known] >= 0).all(), name
        assert (shipped.sources[name][known] > 0).all(), name
        assert (shipped.status[name][~known] == -1).all(), name


def test_check_finds_no_error_and_names_the_rule_of_each_stretch(shipped):
    found = check(shipped)
    assert not [finding for finding in found if finding.level == "error"]
    assert ("info", "reference_wage", 21, "1978..2019", "estimated", "national_wage_backwards") in found
    assert ("info", "reference_wage", 41, "1995..2024", "secondary", "published") in found
    assert any(finding.place == 54 and "0.602 times" in finding.text for finding in found)  # Tibet 2004-2005


def test_check_finds_disorder_ranges_and_gaps(overlay):
    over = overlay(
        provinces_reference_wage="place,year,value\n41,2020,9000\n",
        provinces_resident_basic="place,from,value\n41,2023-01,200\n22,2024-07,110\n",
        provinces_transition="place,coefficient\n41,0.05\n",
    )
    texts = [
        (finding.table, finding.place, finding.text) for finding in check(load(over)) if finding.level == "warning"
    ]
    assert ("reference_wage", 41, "1.581 times the value of 2019") in texts  # 9000 / 5692.08
    assert ("resident_basic", 41, "B falls from 200 to 128") in texts
    assert ("resident_basic", 22, "B is below the national minimum") in texts
    assert ("transition", 41, "coefficient 0.05 is outside 1.0 %..1.4 %") in texts


def test_check_finds_rows_out_of_order(copy):
    path = copy / "provinces/reference_wage.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[6], lines[7] = lines[7], lines[6]
    path.write_text("".join(lines), encoding="utf-8")
    assert ("warning", "provinces/reference_wage", 11, "1995", "row 8 stands after a later one", "") in check(load())


def test_show_prints_stretches_files_and_the_ratio(shipped):
    rows = show(shipped, "resident_basic", place=41, first=2018, last=2020)
    assert [(row["from"], row["to"], row["value"], row["rule"]) for row in rows] == [
        ("2018-01", "2018-12", 98, "published"),
        ("2019-01", "2020-06", 103, "published"),
        ("2020-07", "2020-12", 108, "increments"),
    ]
    (ratio,) = show(shipped, "base_over_wage", place=41, first=2019, last=2019)
    assert (ratio["value"], ratio["base_rule"]) == (1.0, "previous_wage")
    (guangdong,) = show(shipped, "provinces/transition", place=44)
    assert (guangdong["account_start"], guangdong["coefficient"]) == ("1998-07", 0.012)
    assert show(shipped, "deposit_rate_one_year")[0]["day"] == "1993-07-11"
    for name in names(shipped):
        assert show(shipped, name, first=2019, last=2021) or name.endswith("life_tables")
    with pytest.raises(ParameterError, match="is no table of parameters"):
        show(shipped, "weather")


def test_city_rows_are_kept_for_reading(shipped):
    rows = [row for row in city_rows(shipped) if row["table"] == "provinces/calculation_base"]
    assert ("深圳", 2025, 11293.0) in [(row["area"], row["year"], row["value"]) for row in rows]
    assert all(row["area"] != "province" for row in rows)


def test_overlay_and_hash_cover_the_figures_after_the_award(shipped, overlay):
    text = '[funeral_grant_months]\nstatus = "assumption"\nsource = "a proposal"\nvalue = 3\n'
    found = load(overlay(national_survivors=text))
    assert found.hash != shipped.hash
    assert (Rules(shipped.files).number("funeral_grant_months"), Rules(found.files).number("funeral_grant_months")) == (
        2.0,
        3.0,
    )
    (row,) = show(found, "national/survivors/funeral_grant_months")
    assert (row["value"], row["status"], row["source"]) == (3.0, "assumption", "a proposal")
    assert {"national/annuities", "national/disability", "national/survivors"} <= {
        name.rpartition("/")[0] for name in names(found)
    }
