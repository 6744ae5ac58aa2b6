"""Long tables: what a spell becomes, and how each bad cell is reported."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from histories.conftest import month

from pension.histories import Histories, InputError, wages_of

PEOPLE = """\
person,name,sex,birth,hukou,hukou_type,retirement_category,claim,resident_start,weight,x_group
440301196603071234,Zhang San,male,1966-03,河南,rural,,,2011-07,1.5,a
330301197506075678,Li Si,female,1975-06,440300,urban,female_50,2026-01,,,b
"""
RECORDS = """\
person,note,scheme,form,place,work_place,start,end,base,contribution,income,collective,temporary,transferable,backpaid
440301196603071234,x,resident,,41,440305,2011,2012,,500,,20,,,true
440301196603071234,x,employee,employed,广东省,,2000-11,2001-02,1000,,1500.5,,,,

330301197506075678,x,employee,flexible,Zhejiang,,2005-01,2005-06,2000,,,,true,,
330301197506075678,x,employee,flexible,Zhejiang,,2005-07,2005-12,2000,,,,true,,
330301197506075678,x,employee,,4403,,2004-02,2004-02,1800,,,,false,false,
440301196603071234,x,none,platform,,44,2013-01,2013-02,,,900,,,,
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    people, records = tmp_path / "people.csv", tmp_path / "records.csv"
    people.write_text(PEOPLE, encoding="utf-8-sig")
    records.write_text(RECORDS, encoding="utf-8")
    return people, records


def frames(**columns: Any) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One man and one spell in Guangdong, with other columns of the spell."""
    people = pd.DataFrame({"person": [1], "sex": "male", "birth": "1966-03", "hukou": 41, "hukou_type": "rural"})
    spell = {"person": [1], "scheme": "employee", "place": "44", "start": "2000-01", "end": "2000-12", "base": 1000.0}
    return people, pd.DataFrame({name: value for name, value in (spell | columns).items() if value is not None})


def problems(people: Any, records: Any, **options: Any) -> list[tuple[int | None, str, str, str]]:
    with pytest.raises(InputError) as caught:
        Histories.from_long(people, records, **options)
    return [tuple(problem[1:]) for problem in caught.value.problems]


def test_spells_become_yearly_records(files: tuple[Path, Path]) -> None:
    histories = Histories.from_long(*files)
    a = histories.arrays
    assert histories.person.to_pylist() == ["440301196603071234", "330301197506075678"]
    assert a.sex.tolist() == [1, 2] and a.retirement_category.tolist() == [1, 3]
    assert a.hukou.tolist() == [41, 4403] and a.hukou_type.tolist() == [2, 1]
    assert a.birth.tolist() == [month("1966-03"), month("1975-06")]
    assert a.claim.tolist() == [-1, month("2026-01")] and a.resident_start.tolist() == [month("2011-07"), -1]
    assert a.weight.tolist() == [1.5, 1.0]
    assert histories.extra.to_pydict() == {"x_group": ["a", "b"]}
    assert a.offsets.tolist() == [0, 5, 7]
    assert a.year.tolist() == [2000, 2001, 2011, 2012, 2013, 2004, 2005]
    # November and December; January and February; a resident year is a whole year; two half years joined.
    assert a.months.tolist() == [0b1100_0000_0000, 0b11, 4095, 4095, 0b11, 0b10, 4095]
    assert a.scheme.tolist() == [1, 1, 2, 2, 0, 1, 1]
    assert a.form.tolist() == [0, 0, 3, 3, 4, 0, 3]
    assert a.place.tolist() == [44, 44, 41, 41, -1, 4403, 33]
    assert a.work_place.tolist() == [-1, -1, 4403, 4403, 44, -1, -1]
    assert np.array_equal(a.base, [1000, 1000, 500, 500, np.nan, 1800, 2000], equal_nan=True)
    assert np.array_equal(a.income, [1500.5, 1500.5, np.nan, np.nan, 900, np.nan, np.nan], equal_nan=True)
    assert np.array_equal(a.payer_share, [np.nan, np.nan, 20, 20, np.nan, np.nan, np.nan], equal_nan=True)
    assert a.flags.tolist() == [0, 0, 16, 16, 0, 1 + 4, 2]
    bounds = a.birth + np.array([724, 600])
    assert histories.problems(bounds, bounds) == []


def test_names_are_not_carried(files: tuple[Path, Path]) -> None:
    assert "Zhang" not in str(Histories.from_long(*files).to_arrow().to_pydict())


def test_all_sources_agree(files: tuple[Path, Path], tmp_path: Path, same: Any) -> None:
    expected = Histories.from_long(*files)
    tables = [pd.read_csv(path, dtype=str, keep_default_na=False) for path in files]
    typed = [pd.read_csv(path, dtype={"person": str, "hukou": str, "place": str}) for path in files]
    arrow = [pa.Table.from_pandas(frame) for frame in typed]
    paths = [tmp_path / "people.parquet", tmp_path / "records.parquet"]
    for table, path in zip(arrow, paths, strict=True):
        pq.write_table(table, path)
    for sources in (tables, typed, arrow, paths):
        assert same(Histories.from_long(*sources), expected)


def test_order_of_rows_and_monthly_rows_change_nothing(files: tuple[Path, Path], same: Any) -> None:
    people, records = (pd.read_csv(path, dtype=str, keep_default_na=False) for path in files)
    expected = Histories.from_long(people, records)
    assert same(Histories.from_long(people, records[::-1]), expected)
    monthly = records[records["scheme"] != "resident"].drop(columns=["start", "end"]).iloc[[0]]
    months = [f"{year}-{m:02d}" for year, m in ((2000, 11), (2000, 12), (2001, 1), (2001, 2))]
    rows = pd.concat([monthly.assign(start=text, end=text) for text in months])
    others = records[records.index != monthly.index[0]]
    assert same(Histories.from_long(people, pd.concat([rows, others])), expected)


def test_periods() -> None:
    for period, first_year, masks in (
        ("2000-03/2001-01", 2000, [0b1111_1111_1100, 1]),
        ("2000-03", 2000, [0b100]),
    ):
        a = Histories.from_long(*frames(start=None, end=None, period=period)).arrays
        assert (a.year[0], a.months.tolist()) == (first_year, masks)
    options = {"scheme": "resident", "base": None, "contribution": 300, "start": None, "end": None}
    for period, years in (("2012", [2012]), ("2012/2013", [2012, 2013]), ("2012-07/2013-02", [2012, 2013])):
        a = Histories.from_long(*frames(period=period, **options)).arrays
        assert (a.year.tolist(), set(a.months.tolist())) == (years, {4095})


def test_two_payers_in_one_month_stay_two_records() -> None:
    a = Histories.from_long(*frames(person=[1, 1])).arrays
    assert (a.months.tolist(), a.base.tolist()) == ([4095, 4095], [1000.0, 1000.0])


def test_index_is_a_multiple_of_the_wage_of_the_year_before() -> None:
    wages = np.full((33, 3), np.nan)
    wages[18] = [700.0, 800.0, np.nan]  # Guangdong (19th of the list) 1999, 2000, 2001
    wage = wages_of(wages, 1999)
    columns: dict[str, Any] = {"base": None, "index": 0.5, "end": "2001-12", "place": 4403}
    a = Histories.from_long(*frames(**columns), reference_wage=wage).arrays
    assert a.base.tolist() == [350.0, 400.0]
    columns |= {"end": "2003-12"}
    rule = "the reference wage of place 4403 in {} is unknown, so the index gives no base"
    assert problems(*frames(**columns), reference_wage=wage) == [
        (1, "index", "0.5", rule.format(y)) for y in (2001, 2002)
    ]
    with pytest.raises(ValueError, match="reference_wage"):
        Histories.from_long(*frames(**columns))


def test_deemed_index() -> None:
    columns: dict[str, Any] = {"start": "1985-01", "end": "1985-12", "base": None, "deemed": True}
    assert Histories.from_long(*frames(**columns)).arrays.base.tolist() == [1.0]
    a = Histories.from_long(*frames(**columns, index=1.3)).arrays
    assert (a.base.tolist(), a.flags.tolist()) == ([1.3], [8])
    assert problems(*frames(**columns | {"base": 1.0}))[0][1:] == (
        "base",
        "1.0",
        "deemed months have an index, no base",
    )


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"scheme": "employe"}, "scheme", "unknown scheme: one of none, employee, resident; did you mean employee?"),
    ({"scheme": ""}, "scheme", "no value"),
    ({"form": "gig"}, "form", "unknown form"),
    ({"place": "99"}, "place", "unknown place"),
    ({"place": "Guandong"}, "place", "did you mean guangdong?"),
    ({"place": ""}, "place", "no value"),
    ({"place": "0"}, "place", "unknown place"),
    ({"scheme": "none", "base": None}, "place", "without scheme there is no place"),
    ({"work_place": "44O3"}, "work_place", "unknown place"),
    ({"start": "2000-13"}, "start", "has no month 01 to 12"),
    ({"start": "2000.1"}, "start", "is not a month"),
    ({"start": "2000-01-32"}, "start", "there is no such day"),
    ({"start": "Jan-2000"}, "start", "is not a month"),
    ({"start": "2000"}, "start", "is a year: months are written YYYY-MM"),
    ({"start": None}, "start", "no value"),
    ({"end": "1999-12"}, "end", "the end lies before the start"),
    ({"end": None}, "end", "no value"),
    ({"end": "9999-12"}, "end", "a year lies between 1950 and 2100"),
    ({"period": "2000-01"}, "period", "not both"),
    ({"start": None, "end": None, "period": "2000-01/1999-01"}, "period", "the end lies before the start"),
    ({"start": None, "end": None, "period": "2000-01/"}, "period", "is not a month"),
    ({"base": -1.0}, "base", "greater than 0"),
    ({"base": 0}, "base", "greater than 0"),
    ({"base": 1e9}, "base", "at most 10,000,000"),
    ({"base": float("inf")}, "base", "at most 10,000,000"),
    ({"base": "inf"}, "base", "is not a number"),
    ({"base": "nan"}, "base", "is not a number"),
    ({"base": "1,000"}, "base", "is not a number"),
    ({"base": "1e400"}, "base", "at most 10,000,000"),
    ({"base": True}, "base", "is not a number"),
    ({"base": float("nan")}, "base", "no base and no index"),
    ({"base": None}, "index", "no base and no index"),
    ({"index": 1.0}, "index", "base and index are both given"),
    ({"base": None, "index": 11.0}, "index", "at most 10"),
    ({"contribution": 300.0}, "contribution", "is for resident spells only"),
    ({"scheme": "resident"}, "base", "is for employee spells only"),
    ({"scheme": "resident", "base": None}, "contribution", "no value"),
    ({"scheme": "resident", "base": None, "contribution": 2e5}, "contribution", "between 0 and 100,000"),
    ({"scheme": "resident", "base": None, "contribution": 1, "payer_share": 0.5}, "payer_share", "give collective"),
    ({"scheme": "resident", "base": None, "contribution": 1, "temporary": True}, "temporary", "employee spells only"),
    ({"collective": 5}, "collective", "resident spells only"),
    ({"proxy": True}, "proxy", "resident spells only"),
    ({"payer_share": 1.5}, "payer_share", "between 0 and 1"),
    ({"income": -3}, "income", "between 0 and"),
    ({"temporary": "maybe"}, "temporary", "unknown truth value"),
    ({"deemed": True, "base": None, "transferable": False}, "transferable", "no late payment"),
    ({"person": [2]}, "person", "not among the people"),
    ({"person": None, "Person": [1]}, "Person", "did you mean person?"),
    ({"temporay": True}, "temporay", "did you mean temporary?"),
    ({"scheme": None}, "scheme", "the column is missing"),
    ({"start": pd.Timedelta(1)}, "start", "wrong type"),
    ({"缴费基数": 1.0}, "缴费基数", "base and 缴费基数 both mean base: leave one out"),
    ({"缴费指数": 1.0}, "缴费指数", "base and index are both given"),
    ({"收入（万元）": 1.0}, "收入（万元）", "unknown unit in the name of column income; known: 元, 元/月"),
]


@pytest.mark.parametrize("columns, column, rule", BAD)
def test_bad_records(columns: dict[str, Any], column: str, rule: str) -> None:
    found = problems(*frames(**columns))
    assert any(c == column and rule in text for _, c, _, text in found), found


BAD_PEOPLE: list[tuple[dict[str, Any], str, str]] = [
    ({"sex": "man"}, "sex", "unknown sex"),
    ({"sex": "female"}, "retirement_category", "a woman without retirement category"),
    ({"retirement_category": "female_50"}, "retirement_category", "men retire by"),
    ({"retirement_category": "male"}, "retirement_category", "unknown retirement category"),
    ({"birth": "1966"}, "birth", "is not a month"),
    ({"birth": ""}, "birth", "no value"),
    ({"birth": "1930-01"}, "birth", "between 1940-01 and 2010-12"),
    ({"hukou": None}, "hukou", "the column is missing"),
    ({"hukou": float("nan")}, "hukou", "no value"),
    ({"hukou_type": "agricultural"}, "hukou_type", "unknown hukou type"),
    ({"claim": "2026-00"}, "claim", "has no month"),
    ({"weight": -1}, "weight", "not negative"),
    ({"person": [""]}, "person", "no identifier"),
    ({"death": "2020-13"}, "death", "has no month"),
    ({"disposable_income": 2818.5}, "disposable_income", "between 10,000 and 1,000,000 yuan a year"),
    ({"annuities": "1"}, "annuities", "annuities is read from a nested table only"),
    ({"hukou_since": "2020-01"}, "hukou_since", "hukou_since is read from a nested table only"),
]


@pytest.mark.parametrize("columns, column, rule", BAD_PEOPLE)
def test_bad_people(columns: dict[str, Any], column: str, rule: str) -> None:
    people, records = frames()
    for name, value in columns.items():
        people = people.drop(columns=name, errors="ignore") if value is None else people.assign(**{name: value})
    found = problems(people, records)
    assert any(c == column and rule in text for _, c, _, text in found), found


def test_every_problem_is_listed_with_its_row(files: tuple[Path, Path]) -> None:
    people, records = files
    text = RECORDS.replace("2000-11", "2000-14").replace("Zhejiang,,2005-07", "Zhejiangg,,2005-07")
    records.write_text(text.replace("none,", "non,"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Histories.from_long(people, records)
    found = [(p.file, p.row, p.column, p.value) for p in caught.value.problems]
    # Row 1 is the header and row 4 is empty, as a spreadsheet shows the file.
    assert (str(records), 3, "start", "2000-14") in found
    assert (str(records), 6, "place", "Zhejiangg") in found
    assert (str(records), 8, "scheme", "non") in found
    assert [p.row for p in caught.value.problems] == sorted(row for _, row, _, _ in found if row)


def test_later_rules_name_the_row_of_the_records_file(files: tuple[Path, Path]) -> None:
    people, records = files
    records.write_text(RECORDS.replace("2000-11", "1980-11"), encoding="utf-8")
    histories = Histories.from_long(people, records)
    bounds = histories.arrays.birth + np.array([724, 600])
    (problem,) = histories.problems(bounds, bounds)
    assert (problem.file, problem.row, problem.column, problem.value) == (str(records), 3, "months", "1980-11..1980-12")
    (problem,) = histories.slice(0, 1).problems(bounds[:1], bounds[:1])
    assert problem.row == 3
    (problem,) = histories.problems(bounds - 600, bounds - 600, limit=1)
    assert (problem.file, problem.row) == (str(people), 2)


def test_a_person_of_no_records_and_one_twice(files: tuple[Path, Path]) -> None:
    people, records = files
    people.write_text(PEOPLE + PEOPLE.splitlines()[1] + "\n", encoding="utf-8")
    assert (4, "person", "…1234", "the identifier is there twice") in problems(people, records)
    people.write_text(PEOPLE + PEOPLE.splitlines()[1].replace("1234", "1235") + "\n", encoding="utf-8")
    assert np.diff(Histories.from_long(people, records).arrays.offsets).tolist() == [5, 2, 0]


def test_identifiers_are_masked_wherever_they_stand(files: tuple[Path, Path]) -> None:
    people, records = files
    people.write_text(PEOPLE.replace(",male,", ",440301196603071234,"), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        Histories.from_long(people, records)
    assert "…1234" in str(caught.value) and "71234" not in str(caught.value)


def test_rows_of_another_width(files: tuple[Path, Path]) -> None:
    people, records = files
    records.write_text(RECORDS + "1,2,3\n", encoding="utf-8")
    assert problems(people, records) == [(9, "", "", "the row has 3 cells, the header 15")]


def test_files_that_are_no_tables(files: tuple[Path, Path], tmp_path: Path) -> None:
    people, records = files
    assert problems(people, tmp_path / "absent.csv")[0][3] == "the file does not exist"
    for content, rule in (
        (b"", "the file is empty"),
        (b"PAR1" + b"\0" * 50, "the file cannot be read: truncated, damaged or of another kind"),
        (PEOPLE.encode("gb18030") + b"\xff", "the file is not UTF-8 and not GB18030: byte 240 of the file (0xFF)"),
        (b"person;sex;birth\n1;male;1966-03\n", "the column is missing (or 户籍地, 户籍所在地, 户口所在地, 户籍省份)"),
    ):
        people.write_bytes(content)
        assert problems(people, records)[0][3] == rule


def test_only_twenty_problems_are_printed_and_all_are_kept() -> None:
    people, records = frames(person=[1] * 30, base=-1.0)
    with pytest.raises(InputError) as caught:
        Histories.from_long(people, records)
    assert len(caught.value.problems) == 30
    assert len(str(caught.value).splitlines()) == 21 and str(caught.value).endswith("... and 10 more")
