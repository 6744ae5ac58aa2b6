"""The case file: the example of the design page, and everything that is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from histories.conftest import month

from pension.histories import Histories, InputError
from pension.inputs.case_file import parse_case

PERSON = """\
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"
"""
EMPLOYEE = """\
[[employee]]
place = "44"
start = "1998-01"
end   = "2010-06"
index = 0.8
form  = "employed"
"""
RESIDENT = """\
[[resident]]
place = "41"
start = 2011
end   = 2018
contribution = 500.0
"""
OPEN = """\
[[employee]]
place = "33"
start = "2025-01"
base = 3000
"""
DEEMED = """\
[[deemed]]
place = "河南"
months = 3
[[deemed]]
place = "44"
months = 2
index = 1.3
"""


def wage(place: Any, year: Any) -> Any:
    """1000 yuan in 1997, 100 more every year, everywhere."""
    return 1000.0 + 100.0 * (year - 1997)


def award(birth: int, category: int) -> int:
    """The design page's man: 60 years and 4 months."""
    assert (birth, category) == (month("1966-03"), 1)
    return month("2026-07")


def read(text: str) -> Histories:
    return parse_case(text, reference_wage=wage, statutory_month=award)


def problems(text: str) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InputError) as caught:
        read(text)
    return [(problem.row, problem.column, problem.rule) for problem in caught.value.problems]


def test_the_printed_case() -> None:
    histories = read(PERSON + EMPLOYEE + RESIDENT + OPEN)
    a = histories.arrays
    assert histories.person.to_pylist() == [1]
    assert [a.sex[0], a.retirement_category[0], a.birth[0], a.hukou[0], a.hukou_type[0]] == [1, 1, 23594, 41, 2]
    assert [a.claim[0], a.resident_start[0], a.weight[0]] == [-1, -1, 1.0]
    assert a.year.tolist() == [*range(1998, 2011), *range(2011, 2019), 2025, 2026]
    assert a.months.tolist() == [4095] * 12 + [0b11_1111] + [4095] * 8 + [4095, 0b111_1111]
    assert a.scheme.tolist() == [1] * 13 + [2] * 8 + [1] * 2
    assert a.place.tolist() == [44] * 13 + [41] * 8 + [33] * 2
    # 0.8 of the wage of the year before: 1997 for 1998.
    assert np.allclose(a.base[:13], [800 + 80 * i for i in range(13)], rtol=1e-15)
    assert a.base[13:].tolist() == [500.0] * 8 + [3000.0] * 2
    assert set(a.flags.tolist()) == {0} and set(a.work_place.tolist()) == {-1}
    assert np.isnan(a.income).all() and np.isnan(a.payer_share).all()
    bounds = np.array([month("2026-07")])
    assert histories.problems(bounds, bounds) == []


def test_an_open_spell_ends_with_the_claim() -> None:
    a = read(PERSON + 'claim = "2025-04"\n' + OPEN).arrays
    assert (a.year.tolist(), a.months.tolist(), a.claim.tolist()) == ([2025], [0b1111], [month("2025-04")])


def test_deemed_pieces_end_before_the_first_paid_month_in_the_order_given() -> None:
    a = read(PERSON + DEEMED + EMPLOYEE).arrays
    # 1997-08 to 1997-10 in Henan, 1997-11 and 1997-12 in Guangdong.
    assert a.year[:3].tolist() == [1997, 1997, 1998]
    assert a.place[:2].tolist() == [41, 44]
    assert a.months[:2].tolist() == [0b11_1000_0000, 0b1100_0000_0000]
    assert a.base[:2].tolist() == [1.0, 1.3] and a.flags[:3].tolist() == [8, 8, 0]


def test_deemed_months_alone_end_before_the_award() -> None:
    a = read(PERSON + DEEMED).arrays
    # The award is in 2026-07, so 2026-02 to 2026-04 and 2026-05 to 2026-06.
    assert (a.year.tolist(), a.months.tolist()) == ([2026, 2026], [0b1110, 0b11_0000])


LOST = """\
[[employee]]
place = "33"
start = "1993-11"
end   = "1997-12"
records_lost = true
"""


def test_lost_records_are_deemed_months_at_their_place() -> None:
    a = read(PERSON + DEEMED + LOST + EMPLOYEE).arrays
    # The five deemed months end before the lost ones: 1993-06 to 1993-08 in Henan, 1993-09 and 1993-10 in Guangdong.
    assert a.year[:7].tolist() == [1993, 1993, 1993, 1994, 1995, 1996, 1997]
    assert a.place[:7].tolist() == [33, 41, 44, 33, 33, 33, 33]
    assert a.months[:3].tolist() == [0b1100_0000_0000, 0b1110_0000, 0b11_0000_0000]
    assert a.base[:4].tolist() == [1.0, 1.0, 1.3, 1.0] and set(a.flags[:7].tolist()) == {8}
    assert (a.flags[7], a.base[7]) == (0, 800.0)
    bounds = np.array([month("2026-07")])
    assert read(PERSON + LOST + EMPLOYEE).problems(bounds, bounds) == []
    plain = LOST.replace("true", "false") + "base = 500\n"
    assert read(PERSON + plain).arrays.flags.tolist() == [0] * 5


def test_options() -> None:
    text = EMPLOYEE + 'temporary = false\ntransferable = false\nwork_place = "广州市"\nincome = 900\n'
    assert "work_place" in problems(PERSON + text)[0][1]  # a city by name is no province
    text = text.replace("广州市", "4401") + "payer_share = 0.16\npublic = true\n"
    resident = RESIDENT + 'collective = 50\nbackpaid = true\nproxy = true\nwork_place = "33"\nform = "platform"\n'
    uninsured = '[[uninsured]]\nstart = "2019-01"\nend = "2019-03"\nwork_place = "33"\nincome = 4000.5\n'
    a = read(PERSON.replace('"41"', "41") + text + resident + uninsured).arrays
    assert a.flags[0] == 1 + 4 + 64 and a.flags[13] == 16 + 32
    assert (a.work_place[0], a.income[0], a.payer_share[0]) == (4401, 900.0, 0.16)
    assert (a.work_place[13], a.payer_share[13], a.form[13]) == (33, 50.0, 4)
    last = (
        a.year[-1],
        a.months[-1],
        a.scheme[-1],
        a.place[-1],
        a.work_place[-1],
        a.form[-1],
        a.income[-1],
        a.flags[-1],
    )
    assert last == (2019, 0b111, 0, -1, 33, 4, 4000.5, 0) and np.isnan(a.base[-1])
    assert read(PERSON + EMPLOYEE + "temporary = true\n").arrays.flags[0] == 2


def test_nobody_has_records() -> None:
    assert read(PERSON).n_records == 0


BAD: list[tuple[str, int | None, str, str]] = [
    ("", None, "person", "the table [person] is missing"),
    ("[[person]]\na = 1\n", 1, "person", "one table is needed: write [person]"),
    (PERSON + "[employee]\nplace = '44'\n", 6, "employee", "a list of tables is needed: write [[employee]]"),
    ("employee = 5\n" + PERSON, 1, "employee", "a list of tables is needed"),
    (PERSON + "[[employe]]\n", 6, "employe", "did you mean employee?"),
    ("sexx = 1\n" + PERSON, 1, "sexx", "unknown table or key"),
    (PERSON + "hukuo = 1\n", 6, "person.hukuo", "unknown key; did you mean hukou?"),
    (PERSON.replace("birth", "brith"), 1, "person.birth", "the key is missing"),
    (PERSON.replace("birth", "brith"), 3, "person.brith", "did you mean birth?"),
    (PERSON.replace("male", "Mann"), 2, "person.sex", "unknown sex: one of male, female"),
    (PERSON.replace("male", "female"), 1, "person.retirement_category", "a woman without retirement category"),
    (PERSON + 'retirement_category = "female_50"\n', 6, "person.retirement_category", "men retire by"),
    (PERSON.replace("1966-03", "1966-13"), 3, "person.birth", "has no month 01 to 12"),
    (PERSON.replace("1966-03", "1866-03"), 3, "person.birth", "a year lies between"),
    (PERSON.replace('"1966-03"', "1966-03-01"), 3, "person.birth", 'wrong type: a month as text, "YYYY-MM"'),
    (PERSON.replace('"1966-03"', "1966-03"), 3, "", "not TOML"),
    (PERSON.replace('"41"', '"4l"'), 4, "person.hukou", "unknown place"),
    (PERSON.replace('"41"', "41.0"), 4, "person.hukou", "wrong type: a place code or name is needed"),
    (PERSON.replace('"41"', "true"), 4, "person.hukou", "wrong type"),
    (PERSON + 'death = "1950-01"\n', 6, "person.death", "a death lies between birth and 120"),
    (PERSON + '[[annuity]]\nkind = "occupational"\nbase = 1\n', 6, "annuity[1].start", "the key is missing"),
    (PERSON + '[[hukou_since]]\nmonth = "2000-01"\nplace = "44"\n', 8, "hukou_since[1].place", "not the province of"),
    (PERSON + '[[hukou_since]]\nmonth = "2000-13"\nplace = "41"\n', 7, "hukou_since[1].month", "has no month"),
    (
        PERSON + EMPLOYEE + '[[hukou_since]]\nmonth = "1998-02"\nplace = "41"\n',
        8,
        "employee[1].start",
        "no registration is known for 1998-01",
    ),
    (PERSON + "[[annuities]]\nkind = 1\n", 6, "annuities", "did you mean annuity"),
    (PERSON + EMPLOYEE + "base = 100\n", 10, "employee[1].index", "base and index are both given"),
    (PERSON + EMPLOYEE.replace("index = 0.8\n", ""), 6, "employee[1].base", "the key is missing"),
    (PERSON + EMPLOYEE.replace("0.8", "true"), 10, "employee[1].index", "wrong type: a number is needed"),
    (PERSON + EMPLOYEE.replace("0.8", "'0.8'"), 10, "employee[1].index", "wrong type: a number is needed"),
    (PERSON + EMPLOYEE.replace("0.8", "nan"), 10, "employee[1].index", "greater than 0 and at most 10"),
    (PERSON + EMPLOYEE.replace("0.8", "-0.8"), 10, "employee[1].index", "greater than 0 and at most 10"),
    (PERSON + OPEN.replace("3000", "-1"), 9, "employee[1].base", "greater than 0"),
    (PERSON + OPEN.replace("3000", "inf"), 9, "employee[1].base", "at most 10,000,000"),
    (PERSON + OPEN.replace("3000", "2e7"), 9, "employee[1].base", "at most 10,000,000"),
    (PERSON + EMPLOYEE.replace("2010-06", "1997-06"), 9, "employee[1].end", "the end lies before the start"),
    (PERSON + EMPLOYEE.replace("2010-06", "2010-6"), 9, "employee[1].end", "is not a month"),
    (PERSON + EMPLOYEE.replace('"employed"', '"gig"'), 11, "employee[1].form", "unknown form"),
    (PERSON + EMPLOYEE + EMPLOYEE.replace('"44"', '"47"'), 13, "employee[2].place", "unknown place"),
    (PERSON + EMPLOYEE + "temporary = 1\n", 12, "employee[1].temporary", "wrong type: true or false"),
    (PERSON + EMPLOYEE + "contribution = 1\n", 12, "employee[1].contribution", "unknown key"),
    (PERSON + OPEN.replace("2025", "2027"), 8, "employee[1].start", "the spell starts after the award month 2026-07"),
    (PERSON + LOST.replace("1997-12", "1998-01"), 9, "employee[1].end", "lost records are months before 1998-01"),
    (PERSON + LOST.replace('end   = "1997-12"\n', ""), 6, "employee[1].end", "lost records are months before 1998-01"),
    (PERSON + LOST + "base = 500\n", 11, "employee[1].base", "are deemed (index 1)"),
    (PERSON + LOST + "index = 0.8\n", 11, "employee[1].index", "are deemed (index 1)"),
    (PERSON + LOST + "payer_share = 0.1\n", 11, "employee[1].payer_share", "are deemed (index 1)"),
    (PERSON + LOST + "transferable = false\n", 11, "employee[1].transferable", "are deemed (index 1)"),
    (PERSON + LOST.replace("true", "1"), 10, "employee[1].records_lost", "wrong type: true or false"),
    (PERSON + RESIDENT.replace("2018", "2010"), 9, "resident[1].end", "the end lies before the start"),
    (PERSON + RESIDENT.replace("2018", '"2018-01"'), 9, "resident[1].end", "is not a year"),
    (PERSON + RESIDENT.replace("2018", "true"), 9, "resident[1].end", "wrong type: a year is needed"),
    (PERSON + RESIDENT.replace("end   = 2018\n", ""), 6, "resident[1].end", "the key is missing"),
    (PERSON + RESIDENT.replace("500.0", "-5"), 10, "resident[1].contribution", "between 0 and 100,000"),
    (PERSON + RESIDENT.replace("contribution = 500.0", "base = 500.0"), 10, "resident[1].base", "unknown key"),
    (PERSON + DEEMED.replace("3", "0"), 8, "deemed[1].months", "deemed months are 1 to 600"),
    (PERSON + DEEMED.replace("months = 3", "months = 2.5"), 8, "deemed[1].months", "a whole number of months"),
    (PERSON + DEEMED.replace("1.3", "0"), 12, "deemed[2].index", "greater than 0"),
    (PERSON + DEEMED.replace("= 3", "= 580") + EMPLOYEE, 8, "deemed[1].months", "the months begin before 1950"),
]


@pytest.mark.parametrize("text, line, column, rule", BAD)
def test_bad_cases(text: str, line: int | None, column: str, rule: str) -> None:
    found = problems(text)
    assert any((row, key) == (line, column) and rule in told for row, key, told in found), found


def test_all_problems_are_told_at_once() -> None:
    text = PERSON.replace("41", "4l") + EMPLOYEE.replace("44", "47") + RESIDENT.replace("500.0", "-5")
    assert [column for _, column, _ in problems(text)] == [
        "person.hukou",
        "employee[1].place",
        "resident[1].contribution",
    ]


def test_an_index_without_known_wage_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        parse_case(PERSON + EMPLOYEE, reference_wage=lambda place, year: np.where(year < 2000, np.nan, 1000.0))
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (10, "employee[1].index")
    assert problem.rule == "the reference wage of place 44 in 1997 is unknown, so the index gives no base"
    with pytest.raises(ValueError, match="reference_wage"):
        parse_case(PERSON + EMPLOYEE)
    with pytest.raises(ValueError, match="statutory_month"):
        parse_case(PERSON + OPEN)


def test_later_rules_name_the_line_of_the_spell() -> None:
    histories = read(PERSON + EMPLOYEE + RESIDENT + RESIDENT)
    bounds = np.array([month("2026-07")])
    (problem,) = histories.problems(bounds, bounds)
    assert (problem.file, problem.row, problem.column) == ("case.toml", 17, "resident[2].year")
    assert str(problem).startswith("case.toml, line 17, resident[2].year = 2011: one resident payment a year")


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(PERSON, encoding="utf-8-sig")
    assert len(Histories.from_case(path)) == 1
    for content, rule in ((b"\xff\xfe", "the file is not UTF-8"), (b"[person\n", "not TOML")):
        path.write_bytes(content)
        with pytest.raises(InputError, match=rule):
            Histories.from_case(path)
    for absent in (tmp_path / "absent.toml", tmp_path):
        with pytest.raises(InputError, match=r"the file (does not exist|cannot be read)"):
            Histories.from_case(absent)


def _moved(first: str, then: str) -> str:
    """A man of 1966-03 paying in Zhejiang from 2019-01, at 52, registered first in one place and since 2020-01 in
    another."""
    return f"""
[person]
sex = "male"
birth = "1966-03"
hukou = "{then}"
hukou_type = "rural"
claim = "2026-07"
[[employee]]
place = "33"
start = "2019-01"
end = "2026-07"
base = 5000
[[hukou_since]]
month = "1966-03"
place = "{first}"
[[hukou_since]]
month = "2020-01"
place = "{then}"
"""


def test_dated_registrations_of_a_case_are_those_of_the_arrays() -> None:
    arrays = parse_case(_moved("33", "41")).arrays
    assert arrays.registration_offsets.tolist() == [0, 2]
    assert arrays.registration_month.tolist() == [month("1966-03"), month("2020-01")]
    assert arrays.registration_place.tolist() == [33, 41]
    assert set(arrays.flags.tolist()) == {0}
    assert parse_case(PERSON).arrays.registration_offsets.tolist() == [0, 0]


def test_every_recorded_month_has_a_registration() -> None:
    late = _moved("33", "41").replace('1966-03"\nplace', '2019-02"\nplace')
    assert problems(late)[0][1:] == ("employee[1].start", "no registration is known for 2019-01")
