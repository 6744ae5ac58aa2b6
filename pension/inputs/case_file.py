"""The case file: the history of one person, and what is asked about it, written by hand in TOML.

Everything unknown is refused with the nearest known word; every problem names table, key and line. All problems are
collected before ``InputError`` is raised.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np

from pension import schema
from pension.checks import range_check as checks
from pension.errors import InputError, Problem, refuse, shown
from pension.histories import (
    Histories,
    ReferenceWage,
    Source,
    StatutoryMonth,
)
from pension.inputs import spells
from pension.inputs.riders import PERSON_KEYS, LineOf, Riders, Rules, parse_riders

T = TypeVar("T")

_EMPLOYMENT: Final = ("employee", "resident", "deemed", "uninsured")
_SECTIONS: Final = ("person", *_EMPLOYMENT, "annuity", "hukou_since")
_MAX_DEEMED_MONTHS: Final = 12 * 50
_FIRST_RECORDED_MONTH: Final = 12 * 1998
"""Months before 1998-01 of which the sender has no record by month are deemed (人社部规〔2016〕5号)."""
_LOST_INDEX: Final = 1.0
_LOST_RULE: Final = "months with lost records are deemed (index 1): there is nothing that was paid to state"


@dataclass(frozen=True)
class CaseFile:
    """What a case file holds."""

    histories: Histories
    riders: Riders
    line_of: LineOf
    """Line of (table, number from 1, key), None where it is not known."""


def read_case(
    path: str | os.PathLike[str],
    *,
    reference_wage: ReferenceWage | None = None,
    statutory_month: StatutoryMonth | None = None,
) -> Histories:
    """The history of one person from a TOML file.

    ``reference_wage`` turns an index into a base; ``statutory_month`` ends open employee spells, and dates deemed
    months without paid ones, when no claim is given. Ranges are checked by ``Histories.require`` on the result.
    """
    return open_case(path, reference_wage=reference_wage, statutory_month=statutory_month).histories


def open_case(
    path: str | os.PathLike[str],
    *,
    reference_wage: ReferenceWage | None = None,
    statutory_month: StatutoryMonth | None = None,
    rules: Rules | None = None,
) -> CaseFile:
    """As ``read_case``, with what the file asks about the time after the award; ``rules`` its figures. What depends
    on the statutory month or the award is left to ``pension.inputs.riders.require_possible``."""
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise refuse("the file does not exist", file=str(path)) from error
    except OSError as error:
        raise refuse("the file cannot be read", file=str(path)) from error
    except UnicodeDecodeError as error:
        raise refuse("the file is not UTF-8", file=str(path)) from error
    return _Case(_toml(text, str(path)), _Lines(text), str(path), rules).opened(reference_wage, statutory_month)


def parse_case(
    text: str,
    *,
    file: str = "case.toml",
    reference_wage: ReferenceWage | None = None,
    statutory_month: StatutoryMonth | None = None,
) -> Histories:
    """As ``read_case``, from the text of the file."""
    case = _Case(_toml(text, file), _Lines(text), file, None)
    return case.opened(reference_wage, statutory_month).histories


def case_of(
    data: Mapping[str, Any],
    *,
    file: str = "case",
    reference_wage: ReferenceWage | None = None,
    statutory_month: StatutoryMonth | None = None,
    rules: Rules | None = None,
) -> CaseFile:
    """As ``open_case``, from the tables as TOML gives them; nothing has a line."""
    return _Case(data, _Lines(""), file, rules).opened(reference_wage, statutory_month)


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"\(at line (\d+)", str(error))
        raise refuse(
            f"not TOML: {shown(str(error))}", file=file, row=int(line.group(1)) if line else text.count("\n") + 1
        ) from error


class _Lines:
    """Where tables and keys stand in the text; TOML readers do not tell."""

    def __init__(self, text: str) -> None:
        self.tables: dict[tuple[str, int], int] = {}
        self.keys: dict[tuple[str, int, str], int] = {}
        seen: dict[str, int] = {}
        table, number = "", 1
        for line_number, line in enumerate(text.splitlines(), start=1):
            header = re.match(r"\s*\[\[?\s*\"?([^\]\"]+?)\"?\s*\]", line)
            key = re.match(r"\s*\"?([^\s\"=#\[]+)\"?\s*=", line)
            if header:
                table = header.group(1)
                number = seen[table] = seen.get(table, 0) + 1
                self.tables[table, number] = line_number
            elif key:
                self.keys.setdefault((table, number, key.group(1)), line_number)

    def of(self, table: str, number: int, key: str = "") -> int | None:
        """Line of a key, else of its table, else None."""
        found = self.keys.get((table, number, key)) if key else None
        return found or self.tables.get((table, number)) or self.keys.get(("", 1, table))


class _Section:
    """One table of the file: typed reading of its keys, with the problems going to the case."""

    def __init__(self, case: _Case, name: str, number: int, data: Mapping[str, Any], is_list: bool) -> None:
        self.case, self.name, self.position, self.data = case, name, number, data
        self.label = f"{name}[{number}]" if is_list else name
        self.known: list[str] = []

    @property
    def line(self) -> int | None:
        return self.case.lines.of(self.name, self.position)

    def problem(self, key: str, rule: str, value: object = None) -> None:
        line = self.case.lines.of(self.name, self.position, key)
        text = "" if value is None else shown(value)
        self.case.problems.append(
            Problem(self.case.file, line, f"{self.label}.{key}" if key else self.label, text, rule)
        )

    def has(self, key: str) -> bool:
        return key in self.data

    def _get(self, key: str, types: tuple[type, ...], what: str, needed: bool) -> Any:
        self.known.append(key)
        if key not in self.data:
            if needed:
                self.problem(key, "the key is missing")
            return None
        value = self.data[key]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            self.problem(key, f"wrong type: {what} is needed", value)
            return None
        return value

    def text(self, key: str, parse: Callable[[str], T], what: str, needed: bool = False) -> T | None:
        value = self._get(key, (str,), what, needed)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError as error:
            self.problem(key, str(error), value)
            return None

    def month(self, key: str, needed: bool = False) -> int | None:
        serial = self.text(key, spells.parse_month, 'a month as text, "YYYY-MM",', needed)
        if serial is not None and not spells.year_known(serial):
            self.problem(key, spells.YEAR_RULE, self.data[key])
            return None
        return serial

    def year(self, key: str) -> int | None:
        value = self._get(key, (int, str), "a year", needed=True)
        if isinstance(value, str):
            try:
                value = spells.parse_year(value)
            except ValueError as error:
                self.problem(key, str(error), value)
                return None
        if value is not None and not spells.year_known(12 * value):
            self.problem(key, spells.YEAR_RULE, value)
            return None
        return None if value is None else int(value)

    def place(self, key: str, needed: bool = False) -> int | None:
        value = self._get(key, (str, int), "a place code or name", needed)
        if value is None:
            return None
        try:
            return spells.parse_place(str(value))
        except ValueError as error:
            self.problem(key, str(error), value)
            return None

    def word(self, key: str, words: Mapping[str, int], needed: bool = False) -> int | None:
        what = key.replace("_", " ")
        return self.text(key, lambda text: spells.parse_word(text, words, what), f"a {what} as text", needed)

    def number(
        self, key: str, low: float, high: float, rule: str, *, above: bool = False, needed: bool = False
    ) -> float:
        """NaN when it is absent or refused."""
        value = self._get(key, (int, float), "a number", needed)
        if value is None:
            return float("nan")
        if not ((value > low if above else value >= low) and value <= high):
            self.problem(key, rule, value)
            return float("nan")
        return float(value)

    def switch(self, key: str) -> bool | None:
        value = self._get(key, (bool,), "true or false", needed=False)
        return None if value is None else bool(value)

    def close(self) -> None:
        """Refuse what was not asked for."""
        for key in self.data:
            if key not in self.known:
                self.problem(key, f"unknown key{spells.did_you_mean(key, self.known)}")


class _Case:
    def __init__(self, data: Mapping[str, Any], lines: _Lines, file: str, rules: Rules | None) -> None:
        self.data, self.lines, self.file, self.rules = data, lines, file, rules
        self.problems: list[Problem] = []
        self.rows: list[dict[str, Any]] = []
        """Spells, with the section they come from."""

    def stop_on_problems(self) -> None:
        if self.problems:
            raise InputError(self.problems)

    def sections(self, name: str) -> Iterable[_Section]:
        tables = self.data.get(name, [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            line = self.lines.of(name, 1)
            self.problems.append(Problem(self.file, line, name, "", f"a list of tables is needed: write [[{name}]]"))
            return
        for number, table in enumerate(tables, start=1):
            yield _Section(self, name, number, table, is_list=True)

    def opened(self, reference_wage: ReferenceWage | None, statutory_month: StatutoryMonth | None) -> CaseFile:
        riders = self.riders()
        return CaseFile(self.histories(reference_wage, statutory_month), riders, self.lines.of)

    def riders(self) -> Riders:
        """What is asked about the time after the award; problems are told with those of the history."""
        if not isinstance(self.data.get("person", {}), dict):
            return Riders()
        try:
            return parse_riders(self.data, self.lines.of, file=self.file, rules=self.rules)
        except InputError as error:
            self.problems += error.problems
            return Riders()

    def histories(self, reference_wage: ReferenceWage | None, statutory_month: StatutoryMonth | None) -> Histories:
        for key in self.data:
            if key not in _SECTIONS:
                rule = f"unknown table or key{spells.did_you_mean(key, _SECTIONS)}"
                self.problems.append(Problem(self.file, self.lines.of(key, 1), shown(key), "", rule))
        person = self.person()
        registrations = self.registrations(person)
        pieces = [piece for section in self.sections("deemed") if (piece := self.deemed(section))]
        open_ends = [spell for section in self.sections("employee") if (spell := self.employee(section))]
        for section in self.sections("resident"):
            self.resident(section)
        for section in self.sections("uninsured"):
            open_ends += [spell] if (spell := self.uninsured(section)) else []
        self.stop_on_problems()

        first_paid = self.first_paid()
        if open_ends or (pieces and first_paid is None):
            award = person["claim"]
            if award == schema.MISSING:
                award = self.statutory(person, statutory_month)
            for spell in open_ends:
                spell["last"] = award
                if award < spell["first"]:
                    section = spell["section"]
                    section.problem("start", f"the spell starts after the award month {schema.month_text(award)}")
            first_paid = award if first_paid is None else first_paid
        if first_paid is not None:
            self.place_deemed(pieces, first_paid)
        self.stop_on_problems()
        self.require_registered(registrations)
        self.stop_on_problems()
        return self.build(person, registrations, reference_wage)

    def registrations(self, person: Mapping[str, Any]) -> list[tuple[int, int]]:
        """Dated places of registration, (month, place) in order; the last one is that at the claim."""
        found: list[tuple[int, int]] = []
        for section in self.sections("hukou_since"):
            month, place = section.month("month", needed=True), section.place("place", needed=True)
            section.close()
            if month is None or place is None:
                continue
            if found and month <= found[-1][0]:
                section.problem(
                    "month", "dated registrations stand in the order of their months", schema.month_text(month)
                )
            found.append((month, place))
        if found and "hukou" in person:
            last = schema.province_of(found[-1][1])
            if last != schema.province_of(person["hukou"]):
                section.problem("place", "the last dated registration is not the province of person.hukou", last)
        return found

    def require_registered(self, registrations: list[tuple[int, int]]) -> None:
        """Dated registrations reach back to everything recorded, so that each month has one."""
        if not registrations:
            return
        for row in self.rows:
            if row["first"] < registrations[0][0] and not row["flags"] & schema.FLAG_DEEMED:
                row["section"].problem("start", f"no registration is known for {schema.month_text(row['first'])}")

    def statutory(self, person: Mapping[str, Any], statutory_month: StatutoryMonth | None) -> int:
        if any(row["scheme"] == spells.EMPLOYEE for row in self.rows) or "deemed" in self.data:
            if statutory_month is None:
                raise ValueError("an open end, or deemed months alone, need statutory_month or a claim")
            return int(statutory_month(person["birth"], person["retirement_category"]))
        return int(person["birth"]) + checks.RESIDENT_AGE_MONTHS

    def first_paid(self) -> int | None:
        months = [row["first"] for row in self.rows if row["scheme"] == spells.EMPLOYEE]
        return min(months, default=None)

    # ------------------------------------------------------------------ tables

    def person(self) -> dict[str, Any]:
        data = self.data.get("person")
        if not isinstance(data, dict):
            rule = "the table [person] is missing" if data is None else "one table is needed: write [person]"
            self.problems.append(Problem(self.file, self.lines.of("person", 1), "person", "", rule))
            return {}
        section = _Section(self, "person", 1, data, is_list=False)
        sex = section.word("sex", schema.SEX, needed=True)
        category = section.word("retirement_category", schema.RETIREMENT_CATEGORY)
        if not section.has("retirement_category"):
            if sex == schema.SEX["male"]:
                category = schema.RETIREMENT_CATEGORY["male_60"]
            elif sex is not None:
                section.problem("retirement_category", checks.RULES[checks.WOMAN_WITHOUT_CATEGORY].text)
        elif sex and category and (sex == 1) != (category in (1, 4)):
            rule = checks.RULES[checks.CATEGORY_OF_SEX].text
            section.problem("retirement_category", rule, data["retirement_category"])
        birth = section.month("birth", needed=True)
        if birth is not None and not checks.FIRST_BIRTH <= birth <= checks.LAST_BIRTH:
            section.problem("birth", checks.RULES[checks.BIRTH].text, data["birth"])
        person = {
            "sex": sex,
            "retirement_category": category,
            "birth": birth,
            "hukou": section.place("hukou", needed=True),
            "hukou_type": section.word("hukou_type", schema.HUKOU_TYPE, needed=True),
            "claim": section.month("claim"),
            "resident_start": section.month("resident_start"),
        }
        section.known += PERSON_KEYS
        section.close()
        for key in ("claim", "resident_start"):
            person[key] = schema.MISSING if person[key] is None else person[key]
        return person

    def _add(self, section: _Section, **values: Any) -> dict[str, Any]:
        row = {"section": section, "by_index": False, "flags": 0, "payer_share": float("nan"), **values}
        self.rows.append(row)
        return row

    def _common(self, section: _Section, scheme: int) -> dict[str, Any]:
        form = section.word("form", schema.FORM)
        work_place = section.place("work_place")
        return {
            "scheme": scheme,
            "form": spells.DEFAULT_FORM[scheme] if form is None else form,
            "work_place": schema.MISSING if work_place is None else work_place,
            "income": section.number("income", 0.0, checks.MAX_INCOME, spells.INCOME_RULE),
        }

    def _months(self, section: _Section) -> tuple[int, int | None] | None:
        """(start, end or None for an open one); None when one of them is refused."""
        start, end = section.month("start", needed=True), section.month("end")
        if start is None or (end is None and section.has("end")):
            return None
        if end is not None and end < start:
            section.problem("end", spells.END_RULE, section.data["end"])
            return None
        return start, end

    def employee(self, section: _Section) -> dict[str, Any] | None:
        """Adds the spell; returns it when its end is open."""
        place = section.place("place", needed=True)
        months = self._months(section)
        lost = section.switch("records_lost") is True
        base = section.number("base", 0.0, checks.MAX_BASE, spells.BASE_RULE, above=True)
        index = section.number("index", 0.0, checks.MAX_INDEX, spells.INDEX_RULE, above=True)
        if lost:
            self.refuse_in_lost(section, months)
        elif section.has("base") and section.has("index"):
            section.problem("index", "base and index are both given")
        elif not section.has("base") and not section.has("index"):
            section.problem("base", "the key is missing: base (yuan/month) or index")
        values = self._common(section, spells.EMPLOYEE)
        flags = schema.FLAG_DEEMED if lost else 0
        temporary = section.switch("temporary")
        if section.switch("transferable") is False:
            flags |= schema.FLAG_LATE
        if temporary is not None:
            flags |= schema.FLAG_TEMPORARY if temporary else schema.FLAG_ORDINARY
        if section.switch("public"):
            flags |= schema.FLAG_PUBLIC
        share = section.number("payer_share", 0.0, 1.0, spells.SHARE_RULE)
        section.close()
        if months is None:
            return None
        start, end = months
        row = self._add(
            section,
            place=place,
            first=start,
            last=end,
            base=_LOST_INDEX if lost else index if section.has("index") else base,
            flags=flags,
            payer_share=share,
            **values,
        )
        row["by_index"] = section.has("index")
        return row if end is None else None

    def refuse_in_lost(self, section: _Section, months: tuple[int, int | None] | None) -> None:
        """What cannot stand in a spell whose monthly records the sender cannot give (人社部规〔2016〕5号)."""
        for key in ("base", "index", "payer_share", "transferable"):
            if section.has(key):
                section.problem(key, _LOST_RULE, section.data[key])
        if months is not None and (months[1] is None or months[1] >= _FIRST_RECORDED_MONTH):
            first = schema.month_text(_FIRST_RECORDED_MONTH)
            section.problem("end", f"lost records are months before {first}", section.data.get("end"))

    def resident(self, section: _Section) -> None:
        place = section.place("place", needed=True)
        start, end = section.year("start"), section.year("end")
        if start is not None and end is not None and end < start:
            section.problem("end", spells.END_RULE, section.data["end"])
        limit = checks.MAX_CONTRIBUTION
        contribution = section.number("contribution", 0.0, limit, spells.CONTRIBUTION_RULE, needed=True)
        collective = section.number("collective", 0.0, limit, spells.CONTRIBUTION_RULE)
        values = self._common(section, spells.RESIDENT)
        flags = schema.FLAG_BACKPAID if section.switch("backpaid") else 0
        flags |= schema.FLAG_PROXY if section.switch("proxy") else 0
        section.close()
        if start is not None and end is not None:
            self._add(
                section,
                place=place,
                first=12 * start,
                last=12 * end + 11,
                base=contribution,
                flags=flags,
                payer_share=collective,
                **values,
            )

    def uninsured(self, section: _Section) -> dict[str, Any] | None:
        """Work outside every scheme; adds the spell and returns it when its end is open."""
        months = self._months(section)
        values = self._common(section, spells.NONE)
        section.close()
        if months is None:
            return None
        row = self._add(section, place=schema.MISSING, first=months[0], last=months[1], base=float("nan"), **values)
        return row if months[1] is None else None

    def deemed(self, section: _Section) -> dict[str, Any] | None:
        place = section.place("place", needed=True)
        months = section._get("months", (int,), "a whole number of months", needed=True)
        if months is not None and not 1 <= months <= _MAX_DEEMED_MONTHS:
            section.problem("months", f"deemed months are 1 to {_MAX_DEEMED_MONTHS}", months)
        index = section.number("index", 0.0, checks.MAX_INDEX, spells.INDEX_RULE, above=True)
        section.close()
        if place is None or months is None:
            return None
        return {"section": section, "place": place, "months": months, "index": index if section.has("index") else 1.0}

    def place_deemed(self, pieces: list[dict[str, Any]], before: int) -> None:
        """Lay deemed pieces in the order given, the last ending in the month before ``before``."""
        first = before - sum(piece["months"] for piece in pieces)
        for piece in pieces:
            if not spells.year_known(first):
                piece["section"].problem("months", f"the months begin before {checks.FIRST_RECORD_YEAR}")
                return
            self._add(
                piece["section"],
                scheme=spells.EMPLOYEE,
                form=spells.DEFAULT_FORM[spells.EMPLOYEE],
                place=piece["place"],
                work_place=schema.MISSING,
                first=first,
                last=first + piece["months"] - 1,
                base=piece["index"],
                income=float("nan"),
                flags=schema.FLAG_DEEMED,
            )
            first += piece["months"]

    # ------------------------------------------------------------------ result

    def build(
        self, person: Mapping[str, Any], registrations: list[tuple[int, int]], reference_wage: ReferenceWage | None
    ) -> Histories:
        integers = ("scheme", "form", "place", "work_place", "first", "last", "flags")
        columns: spells.Columns = {name: np.array([r[name] for r in self.rows], np.int64) for name in integers}
        columns |= {n: np.array([r[n] for r in self.rows], np.float64) for n in ("base", "income", "payer_share")}
        columns["by_index"] = np.array([r["by_index"] for r in self.rows], np.bool_)
        columns["person"] = np.zeros(len(self.rows), np.int64)
        columns["row"] = np.arange(len(self.rows))
        records = spells.cut_into_years(columns)
        self.fill_bases(records, reference_wage)
        self.stop_on_problems()
        joined = spells.sort_and_join(records, 1)
        origin = [self.rows[i]["section"] for i in joined.pop("row")]
        joined.pop("by_index")
        source = Source(
            file=self.file,
            person_rows=np.array([self.lines.of("person", 1) or 1], np.int64),
            record_rows=np.array([section.line or 1 for section in origin], np.int64),
            record_columns=tuple(f"{section.label}." for section in origin),
        )
        people = {name: np.array([value], np.int64) for name, value in person.items()}
        dated = np.array(registrations, np.int64).reshape(-1, 2)
        people |= {"registration_offsets": np.array([0, len(dated)])}
        people |= {"registration_month": dated[:, 0], "registration_place": dated[:, 1]}
        return Histories.build([1], {**people, **joined}, source=source)

    def fill_bases(self, records: spells.Columns, reference_wage: ReferenceWage | None) -> None:
        """Turn an index into yuan/month: a multiple of the place's reference wage of the year before."""
        where = np.flatnonzero(records["by_index"])
        if not where.size:
            return
        if reference_wage is None:
            raise ValueError("spells with an index need reference_wage")
        place, year = records["place"][where], records["year"][where] - 1
        wage = np.asarray(reference_wage(place, year), np.float64)
        records["base"][where] *= wage
        unknown: dict[int, tuple[int, int]] = {}
        for j in np.flatnonzero(~(wage > 0.0)):
            unknown.setdefault(int(records["row"][where[j]]), (int(place[j]), int(year[j])))
        for row, (code, first_year) in unknown.items():
            rule = f"the reference wage of place {code} in {first_year} is unknown, so the index gives no base"
            self.rows[row]["section"].problem("index", rule)
