"""Tables as analysts have them: names, words, dates, encodings and kinds of file."""

from __future__ import annotations

import builtins
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from histories.conftest import month

from pension import schema
from pension.histories import Histories, InputError, read_parquet, write_parquet
from pension.inputs import column_names, spells
from pension.inputs.long_tables import NESTED_ONLY

ENGLISH_PEOPLE = """\
person,sex,birth,hukou,hukou_type,retirement_category
a1,male,1966-03,41,rural,
b2,female,1975-06,4403,urban,female_50
"""
ENGLISH_RECORDS = """\
person,scheme,form,place,start,end,base,contribution
a1,employee,employed,44,1998-11,1999-02,1000.5,
a1,employee,dispatched,44,1999-03,1999-03,1200,
a1,resident,flexible,41,2012,2013,,500
b2,employee,flexible,33,2005-01,2005-12,2000,
"""
CHINESE_PEOPLE = """\
人员编号,姓名,性别,出生年月,户籍地,户口性质,退休类别
a1,张三,男,1966年3月,河南省,农村,
b2,李四,女,19750615,440300,非农业户口（城镇）,女工人
"""
CHINESE_RECORDS = """\
人员编号,险种,就业形式,参保地,开始年月,结束年月,缴费基数（元/月）,缴费档次
a1,企业职工基本养老保险,全日制,广东,1998/11,199902,1000.5,
a1,城镇职工,劳务派遣,广东省,1999年3月,1999-03-31,1200,
a1,城乡居民,灵活就业,河南,2012,2013,,500
b2,职工,灵活就业,Zhejiang,2005-1,2005-12,2000,
"""


def monthly_rows() -> str:
    """The same people as the agencies export them: codes, one row a month, the people's columns on every row."""
    a1, b2 = "a1,1,19660301,410000,20,", "b2,2,19750601,440300,11,女50"
    rows = ["AAC001,AAC004,AAC006,户籍地,AAC009,退休类别,AAE140,就业形式,AAB301,AAE003,AIC020,缴费金额"]
    rows += [f"{a1},110,全日制,440000,{text},1000.5," for text in ("199811", "199812", "199901", "199902")]
    rows += [f"{a1},110,劳务派遣,440000,199903,1200,"]
    rows += [f"{a1},居民,灵活就业,410000,{year},,500" for year in (2012, 2013)]
    rows += [f"{b2},110,灵活就业,330000,2005{m:02d},2000," for m in range(1, 13)]
    return "\n".join(rows) + "\n"


def expected() -> dict[str, list[Any]]:
    """Worked by hand from the tables above."""
    return {
        "sex": [1, 2],
        "retirement_category": [1, 3],
        "birth": [12 * 1966 + 2, 12 * 1975 + 5],
        "hukou": [41, 4403],
        "hukou_type": [2, 1],
        "offsets": [0, 5, 6],
        "year": [1998, 1999, 1999, 2012, 2013, 2005],
        "months": [0b1100_0000_0000, 0b11, 0b100, 4095, 4095, 4095],
        "scheme": [1, 1, 1, 2, 2, 1],
        "form": [0, 0, 1, 3, 3, 3],
        "place": [44, 44, 44, 41, 41, 33],
        "base": [1000.5, 1000.5, 1200.0, 500.0, 500.0, 2000.0],
        "flags": [0] * 6,
    }


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text)))


def write_excel(path: Path, text: str) -> None:
    """Numbers as numbers, months as dates, as a spreadsheet keeps what was typed."""
    book = openpyxl.Workbook()
    for row in rows_of(text):
        cells: list[Any] = [float(c) if c.replace(".", "").isdigit() else c or None for c in row]
        book.active.append([pd.Timestamp(c) if isinstance(c, str) and c[:2] in ("19", "20") else c for c in cells])
    book.create_sheet("Sheet2")
    book.save(path)


def write_stata(path: Path, text: str) -> None:
    header, *rows = rows_of(text)
    frame = pd.DataFrame(rows, columns=header)
    for name in {"base", "contribution"} & set(header):
        frame[name] = pd.to_numeric(frame[name])
    if "sex" in header:
        frame["sex"] = pd.Categorical(frame["sex"])
        frame["birth"] = pd.to_datetime(frame["birth"])
    dates = {"birth": "tm"} if "birth" in header else {}
    frame = frame.rename(columns={"end": "_end"})  # what pandas would do, with a warning
    frame.to_stata(path, write_index=False, version=118, convert_dates=dates)


def written(tmp_path: Path, people: str, records: str, codec: str = "utf-8", delimiter: str = ",") -> tuple[Path, Path]:
    paths = tmp_path / "people.csv", tmp_path / "records.csv"
    for path, text in zip(paths, (people, records), strict=True):
        path.write_bytes(text.replace(",", delimiter).encode(codec))
    return paths


def english(tmp_path: Path) -> Histories:
    return Histories.from_long(*written(tmp_path, ENGLISH_PEOPLE, ENGLISH_RECORDS))


def chinese(tmp_path: Path) -> Histories:
    return Histories.from_long(*written(tmp_path, CHINESE_PEOPLE, CHINESE_RECORDS, "gb18030"))


def agency(tmp_path: Path) -> Histories:
    (tmp_path / "rows.csv").write_text(monthly_rows(), encoding="gb18030")
    return Histories.from_long(tmp_path / "rows.csv")


def excel(tmp_path: Path) -> Histories:
    paths = tmp_path / "people.xlsx", tmp_path / "records.xlsx"
    write_excel(paths[0], ENGLISH_PEOPLE)
    write_excel(paths[1], ENGLISH_RECORDS)
    return Histories.from_long(*paths)


def stata(tmp_path: Path) -> Histories:
    paths = tmp_path / "people.dta", tmp_path / "records.dta"
    write_stata(paths[0], ENGLISH_PEOPLE)
    write_stata(paths[1], ENGLISH_RECORDS)
    return Histories.from_long(*paths)


def nested(tmp_path: Path) -> Histories:
    write_parquet(tmp_path / "nested.parquet", english(tmp_path))
    return read_parquet(tmp_path / "nested.parquet")


@pytest.mark.parametrize("read", [english, chinese, agency, excel, stata, nested])
def test_the_same_people_in_every_form(tmp_path: Path, same: Any, read: Callable[[Path], Histories]) -> None:
    found = read(tmp_path)
    assert found.person.to_pylist() == ["a1", "b2"]
    for name, values in expected().items():
        assert getattr(found.arrays, name).tolist() == values, name
    assert same(found, english(tmp_path))


@pytest.mark.parametrize(
    "codec, said",
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8 with BOM"),
        ("utf-16", "UTF-16 with BOM"),
        ("gb18030", "GB18030"),
        ("gbk", "GB18030"),
        ("gb2312", "GB18030"),
    ],
)
@pytest.mark.parametrize("delimiter, name", [(",", "comma"), ("\t", "tab"), (";", "semicolon")])
def test_encoding_and_delimiter_are_found_and_said(
    tmp_path: Path, same: Any, codec: str, said: str, delimiter: str, name: str
) -> None:
    paths = written(tmp_path, CHINESE_PEOPLE, CHINESE_RECORDS, codec, delimiter)
    found = Histories.from_long(*paths)
    assert [tuple(form) for form in found.source.formats] == [(str(path), "CSV", said, name) for path in paths]
    assert str(found.source.formats[0]) == f"{paths[0]}: CSV, {said}, {name}"
    assert same(found, english(tmp_path))
    assert found.slice(0, 1).source.formats == found.source.formats


def problems(*tables: Any) -> list[tuple[int | None, str, str, str]]:
    with pytest.raises(InputError) as caught:
        Histories.from_long(*tables)
    return [tuple(problem[1:]) for problem in caught.value.problems]


def test_undecodable_bytes_are_an_error_with_row_and_byte(tmp_path: Path) -> None:
    people, records = written(tmp_path, CHINESE_PEOPLE, CHINESE_RECORDS)
    whole = people.read_bytes()
    at = whole.index("李".encode())
    for content, codec in ((whole, "UTF-8"), (b"\xef\xbb\xbf" + whole, "UTF-8")):
        where = at + len(content) - len(whole)
        people.write_bytes(content[:where] + b"\xff" + content[where:])
        assert problems(people, records) == [
            (3, "", "", f"the file is not {codec}: byte {where + 1} of the file (0xFF)")
        ]
    gb = CHINESE_PEOPLE.encode("gb18030")
    at = gb.index("李".encode("gb18030"))
    people.write_bytes(gb[:at] + b"\xff" + gb[at:])
    assert problems(people, records)[0][0] == 3
    assert problems(people, records)[0][3].endswith(f"not GB18030: byte {at + 1} of the file (0xFF)")
    people.write_bytes(CHINESE_PEOPLE.encode("utf-16")[:-1])
    assert "the file is not UTF-16: byte" in problems(people, records)[0][3]
    people.write_bytes(CHINESE_PEOPLE.encode("utf-16-le"))
    assert "no text: a zero byte" in problems(people, records)[0][3]
    people.write_bytes(CHINESE_PEOPLE.encode("utf-32"))
    assert "UTF-32 is not read" in problems(people, records)[0][3]


def test_bytes_that_fit_two_encodings_are_refused(tmp_path: Path) -> None:
    # GB18030 bytes of the character for female are a valid two-byte character of UTF-8.
    people, records = written(tmp_path, ENGLISH_PEOPLE.replace("b2,female", "b2,女"), ENGLISH_RECORDS, "gb18030")
    assert "UTF-8 or GB18030?" in problems(people, records)[0][3]


def test_a_header_of_two_delimiters_is_read_by_its_known_names(tmp_path: Path) -> None:
    people, records = written(tmp_path, ENGLISH_PEOPLE, ENGLISH_RECORDS)
    text = ENGLISH_PEOPLE.replace(",", ";").replace("person;", "person;my,own;").replace("a1;", "a1;;")
    people.write_text(text.replace("b2;", "b2;1,5;"), encoding="utf-8")
    assert Histories.from_long(people, records).source.formats[0].delimiter == "semicolon"
    people.write_text("person;name,sex\n", encoding="utf-8")
    assert problems(people, records)[0][3] == "the delimiter cannot be told from the first line: comma, semicolon"


@pytest.mark.parametrize("text", ["1998-01", "1998-1", "1998/1", "1998/01", "199801", "1998年1月", "1998年01月"])
def test_months(text: str) -> None:
    assert spells.parse_table_month(text) == month("1998-01")


@pytest.mark.parametrize("text", ["1998-01-15", "1998/1/15", "19980115", "1998年1月15日"])
def test_dates_give_their_month(text: str) -> None:
    assert spells.parse_table_month(text) == month("1998-01")


@pytest.mark.parametrize(
    "text",
    ["1998", "98-01", "1998.01", "1998-13", "199813", "1998-02-30", "19980230", "１９９８-01", "1998-01/", "1月"],
)
def test_no_months(text: str) -> None:
    with pytest.raises(ValueError, match=r"month|day"):
        spells.parse_table_month(text)


@pytest.mark.parametrize(
    "text, year, months",
    [("199801-199803", 1998, 0b111), ("1998年1月至1998年3月", 1998, 0b111), ("1998/1~1998/3", 1998, 0b111)],
)
def test_periods(text: str, year: int, months: int) -> None:
    people, records = (pd.read_csv(io.StringIO(table), dtype=str) for table in (ENGLISH_PEOPLE, ENGLISH_RECORDS))
    one = records.iloc[[0]].drop(columns=["start", "end"]).assign(费款所属期=text)
    arrays = Histories.from_long(people, one).arrays
    assert (arrays.year.tolist(), arrays.months.tolist()) == ([year], [months])


@pytest.mark.parametrize(
    "text, number",
    [
        ("职工", 1),
        ("城镇职工基本养老保险", 1),
        ("企业养老", 1),
        ("110", 1),
        ("居民", 2),
        ("城乡居民养老保险", 2),
        ("新农保", 2),
        ("城居保", 2),
        ("未参保", 0),
        ("机关事业单位养老保险", spells.PUBLIC_EMPLOYEE),
        ("120", spells.PUBLIC_EMPLOYEE),
    ],
)
def test_schemes(text: str, number: int) -> None:
    assert spells.parse_scheme(text) == number


@pytest.mark.parametrize("text", ["城乡居民医疗保险", "150", "170", "310", "999", "1", "失业"])
def test_other_schemes_are_refused_by_name(tmp_path: Path, text: str) -> None:
    people, records = written(tmp_path, CHINESE_PEOPLE, CHINESE_RECORDS.replace("城镇职工", text))
    assert [found[:3] for found in problems(people, records)] == [(3, "险种", text)]


def test_a_public_post_is_flagged(tmp_path: Path) -> None:
    people, records = written(tmp_path, CHINESE_PEOPLE, CHINESE_RECORDS.replace("城镇职工", "机关事业单位"))
    arrays = Histories.from_long(people, records).arrays
    assert arrays.scheme.tolist() == [1, 1, 1, 2, 2, 1]
    assert arrays.flags.tolist() == [0, 0, schema.FLAG_PUBLIC, 0, 0, 0]


@pytest.mark.parametrize(
    "text, number",
    [
        ("城镇", 1),
        ("非农业", 1),
        ("本地非农业户口(本地城镇)", 1),
        ("12", 1),
        ("农业户口", 2),
        ("外地农村", 2),
        ("农业家庭户口", 2),
    ],
)
def test_hukou_types(text: str, number: int) -> None:
    assert spells.parse_hukou_type(text) == number


def test_numbers_of_other_forms_are_refused_not_guessed(tmp_path: Path) -> None:
    for text in ('"1,000"', "１０００", "1000元", "1 000"):
        people, records = written(tmp_path, CHINESE_PEOPLE, CHINESE_RECORDS.replace("1200", text))
        ((row, column, _, rule),) = problems(people, records)
        assert (row, column) == (3, "缴费基数（元/月）")
        assert rule == "is not a number: digits 0-9 and a point, without separators, full-width digits or units"


def test_two_columns_of_one_meaning_are_refused_with_both_names(tmp_path: Path) -> None:
    records = CHINESE_RECORDS.replace("缴费基数（元/月）", "缴费基数").replace("缴费档次", "AIC020")
    people, records_path = written(tmp_path, CHINESE_PEOPLE, records)
    assert problems(people, records_path) == [(None, "AIC020", "", "缴费基数 and AIC020 both mean base: leave one out")]


def test_every_name_means_one_column() -> None:
    for names in (column_names.PEOPLE_NAMES, column_names.RECORD_NAMES):
        aliases = [alias for many in names.values() for alias in many]
        assert len(aliases) == len(set(aliases))
        for column, many in names.items():
            for alias in many:
                assert column_names.column_of(alias, names) == column
                assert column_names.column_of(f" {alias} ", names) == column
    assert column_names.column_of("aac001", column_names.PEOPLE_NAMES) == "person"
    both = set(column_names.PEOPLE_NAMES) & set(column_names.RECORD_NAMES)
    assert both == {"person"}


def test_a_missing_column_says_which_names_it_may_have(tmp_path: Path) -> None:
    people, records = written(tmp_path, CHINESE_PEOPLE.replace("户口性质", "户口"), CHINESE_RECORDS)
    ((_, column, _, rule),) = problems(people, records)
    assert column == "hukou_type" and "户口性质" in rule and "AAC009" in rule


def test_columns_of_the_people_may_stand_in_the_records(tmp_path: Path, same: Any) -> None:
    people = "人员编号,户籍地,户口性质,退休类别\na1,河南省,农村,\nb2,440300,城镇,女工人\n"
    lines = CHINESE_RECORDS.splitlines()
    records = [lines[0] + ",性别,AAC006", *(f"{line},男,196603" for line in lines[1:4]), lines[4] + ",2,197506"]
    paths = written(tmp_path, people, "\n".join(records) + "\n")
    assert same(Histories.from_long(*paths), english(tmp_path))
    records[2] = records[2].replace("男", "女")
    paths = written(tmp_path, people, "\n".join(records) + "\n")
    assert problems(*paths) == [(3, "性别", "女", "contradicts another row of this person")]
    paths = written(tmp_path, CHINESE_PEOPLE, "\n".join(records) + "\n")
    assert problems(*paths) == [(3, "性别", "女", "contradicts another row of this person")]


def test_one_table_of_people_and_records(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    rows = monthly_rows().splitlines()
    rows = [rows[0] + ",x_group,weight"] + [f"{row},{row[0]},2.5" for row in rows[1:]]
    path.write_text("\n".join(rows), encoding="utf-8")
    found = Histories.from_long(path)
    assert found.extra.to_pydict() == {"x_group": ["a", "b"]} and found.arrays.weight.tolist() == [2.5, 2.5]
    # What is told once is enough; what is told differently is rejected.
    rows[2] = rows[2].replace("19660301", "")
    path.write_text("\n".join(rows), encoding="utf-8")
    assert Histories.from_long(path).arrays.birth.tolist() == found.arrays.birth.tolist()
    rows[3] = rows[3].replace("19660301", "19670301").replace(",a,2.5", ",z,3")
    path.write_text("\n".join(rows), encoding="utf-8")
    assert [found[:3] for found in problems(path)] == [
        (4, "x_group", "z"),
        (4, "AAC006", "19670301"),
        (4, "weight", "3"),
    ]
    path.write_text("\n".join(["AAC001,AAE140", "a1,110"]), encoding="utf-8")
    assert [found[1] for found in problems(path)] == ["sex", "birth", "hukou", "hukou_type"]


# ---------------------------------------------------------------------- Excel and Stata


def test_identifiers_that_excel_has_cut_are_refused(tmp_path: Path) -> None:
    write_excel(tmp_path / "people.xlsx", ENGLISH_PEOPLE.replace("a1", "440301196603071234"))
    ((row, column, value, rule),) = problems(tmp_path / "people.xlsx", written(tmp_path, "", ENGLISH_RECORDS)[1])
    assert (row, column) == (2, "person") and "more than 15 digits" in rule and "6603" not in value
    frame = pd.read_csv(io.StringIO(ENGLISH_PEOPLE), dtype=str).assign(person=[440301196603071234.0, 2.0])
    assert "more than 15 digits" in problems(frame, tmp_path / "records.csv")[0][3]


def test_rows_of_a_sheet_are_those_a_reader_sees(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in [*rows_of(ENGLISH_PEOPLE)[:2], [], rows_of(ENGLISH_PEOPLE)[2]]:
        book.active.append([cell.replace("female_50", "x") or None for cell in row])
    book.save(tmp_path / "people.xlsx")
    _, records = written(tmp_path, "", ENGLISH_RECORDS)
    assert [found[:3] for found in problems(tmp_path / "people.xlsx", records)] == [
        (4, "retirement_category", "x"),
        (4, "retirement_category", "x"),
    ]


def test_workbooks_that_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    people, (_, records) = tmp_path / "people.xlsx", written(tmp_path, "", ENGLISH_RECORDS)
    people.write_bytes(b"PK\x03\x04" + b"\0" * 40)
    assert problems(people, records)[0][3] == "the file cannot be read: truncated, damaged or of another kind"
    people.write_bytes(b"\xd0\xcf\x11\xe0" + b"\0" * 40)
    assert "save it as .xlsx" in problems(people, records)[0][3]
    write_excel(people, ENGLISH_PEOPLE)
    book = openpyxl.load_workbook(people)
    book["Sheet2"].append(["person"])
    book.save(people)
    assert problems(people, records)[0][3] == "one table a file: the sheets Sheet, Sheet2 all hold data"
    openpyxl.Workbook().save(people)
    assert problems(people, records)[0][3] == "the file is empty"

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("openpyxl"):
            raise ImportError(name)
        return imported(name, *rest, **named)

    imported = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(__import__("sys").modules, "openpyxl")
    assert problems(people, records)[0][3] == "reading .xlsx needs openpyxl: pip install openpyxl"


def test_stata_files_that_are_not_read(tmp_path: Path) -> None:
    people, (_, records) = tmp_path / "people.dta", written(tmp_path, "", ENGLISH_RECORDS)
    people.write_bytes(b"<stata_dta>" + b"\0" * 40)
    assert problems(people, records)[0][3] == "the file cannot be read: truncated, damaged or of another kind"
    frame = pd.read_csv(io.StringIO(ENGLISH_PEOPLE), dtype=str).fillna("")
    frame.to_stata(people, write_index=False, version=114)
    assert len(Histories.from_long(people, records)) == 2
    frame.assign(name=["José", ""]).to_stata(people, write_index=False, version=117)
    assert "does not say its encoding" in problems(people, records)[0][3]


def test_dates_of_frames_give_their_month() -> None:
    people, records = (pd.read_csv(io.StringIO(table), dtype=str) for table in (ENGLISH_PEOPLE, ENGLISH_RECORDS))
    dated = people.assign(birth=pd.to_datetime(people["birth"] + "-20"))
    arrow = pa.Table.from_pandas(dated)
    day = arrow.set_column(arrow.column_names.index("birth"), "birth", arrow["birth"].cast(pa.date32(), safe=False))
    for table in (dated, arrow, day):
        birth = Histories.from_long(table, records).arrays.birth
        assert np.array_equal(birth, [month("1966-03"), month("1975-06")])


def test_the_readme_lists_every_name() -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    section = text.partition("### Long tables as you have them")[2].partition("\n## ")[0]
    words = set(re.findall(r"\w+", section))
    for names in (column_names.PEOPLE_NAMES, column_names.RECORD_NAMES):
        for column, aliases in names.items():
            if column not in NESTED_ONLY:
                assert {column, *(alias for alias in aliases if alias != "_end")} <= words, column
