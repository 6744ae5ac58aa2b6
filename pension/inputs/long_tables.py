"""The long tables: one row a person, one row a spell or a month, or both in one table (monthly rows of the agencies).

Each is a DataFrame, an Arrow table, or a file: CSV (UTF-8, UTF-16 with BOM, GB18030), Excel, Stata, Parquet
(``pension.inputs.sheets``). Every rejected row is reported with its row (as a spreadsheet counts: the header of a CSV
file or of a sheet is row 1, the first row of other tables is row 1), column, value and rule; empty lines are no rows.
Nothing is repaired. Columns of other names (``pension.inputs.column_names`` lists the known ones) are not read, but an
unknown column with almost the name of a missing one is refused, and so are two columns that mean the same.

people: person, sex, birth, hukou, hukou_type; retirement_category (needed for women), claim, resident_start, weight,
death, disability, resident_claim, disposable_income (``pension.inputs.questions``), x_... (carried through). records:
person, scheme, place, start and end or period, and base or index (employee), index (deemed), contribution (resident);
form, work_place, income, payer_share, public, transferable, temporary, deemed, collective, backpaid, proxy. A column of
the people may also stand in the records, on every row of the person or on one; rows that contradict each other are
rejected. Months are YYYY-MM or another form of ``spells.parse_table_month``. A resident spell may be given in years; it
covers the whole calendar years of its months (one payment = one year, 国发〔2014〕8号).
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pension import schema
from pension.checks import range_check as checks
from pension.checks import rider_rules
from pension.errors import STRICT, InputError, Problem, RowPolicy
from pension.histories import Histories, ReferenceWage, Source
from pension.inputs import spells
from pension.inputs.column_names import PEOPLE_NAMES, RECORD_NAMES, also
from pension.inputs.nested_table import ANNUITIES, QUESTION_TYPES, TWICE_RULE
from pension.inputs.sheets import Mask, Sheet, open_sheet

if TYPE_CHECKING:
    import pandas as pd

_PEOPLE_NEEDED: Final = ("sex", "birth", "hukou", "hukou_type")
NESTED_ONLY: Final = ("hukou_since", ANNUITIES)
"""Columns that hold several entries a person: a value in a long table is refused."""
NESTED_ONLY_RULE: Final = "{} is read from a nested table only; refused rather than ignored"
_UNSET: Final = -(2**31)
"""No value in an integer column (a year or month serial cannot be it)."""
_YEAR_ONLY: Final = 2**30


def read_long(
    people: pd.DataFrame | pa.Table | str | os.PathLike[str],
    records: pd.DataFrame | pa.Table | str | os.PathLike[str] | None = None,
    *,
    reference_wage: ReferenceWage | None = None,
    policy: RowPolicy = STRICT,
) -> Histories:
    """Histories from long tables; without ``records`` the rows of ``people`` carry the records too.

    ``reference_wage`` is needed where a paid spell is given by its index. Raises ``InputError`` with every rejected
    row, or reports them as ``policy`` says and leaves out everybody of whom a row is rejected. Ages, dates of the
    schemes and the award are checked by ``Histories.require`` on the result, which names the rows of these tables.
    """
    if records is None:
        record_sheet = open_sheet(people, "people and records", {**PEOPLE_NAMES, **RECORD_NAMES}, True, policy)
        _require_columns(record_sheet, ("person", "scheme", *_PEOPLE_NEEDED), "; records of their own need both tables")
        person_sheet = _distinct_people(record_sheet)
    else:
        person_sheet = open_sheet(people, "people", PEOPLE_NAMES, True, policy)
        record_sheet = open_sheet(records, "records", {**PEOPLE_NAMES, **RECORD_NAMES}, False, policy)
        _require_columns(person_sheet, ("person",))
        _require_columns(record_sheet, ("person", "scheme"))
        _require_columns(person_sheet, [name for name in _PEOPLE_NEEDED if not record_sheet.has(name)])
        _reject_people_twice(person_sheet)
    index = _owners(record_sheet, person_sheet)
    columns = _people(person_sheet, record_sheet, index)
    asked = {name: columns.pop(name) for name in QUESTION_TYPES}
    spell_columns = _spells(record_sheet, index)
    _fill_bases(spell_columns, record_sheet, reference_wage)

    left_out = person_sheet.bad.copy()
    left_out[index[record_sheet.bad & (index >= 0)]] = True
    sheets = (person_sheet, record_sheet)
    policy.reject([problem for sheet in sheets for problem in sheet.by_row()], int(left_out.sum()))
    kept = ~record_sheet.bad & (index >= 0)
    kept[kept] = ~left_out[index[kept]]
    chosen = {name: values[kept] for name, values in spell_columns.items()}
    chosen["person"] = (np.cumsum(~left_out) - 1)[chosen["person"]]
    joined = spells.sort_and_join(_in_yuan(spells.cut_into_years(chosen), reference_wage), int((~left_out).sum()))
    rows = joined.pop("row")
    source = Source(
        file=person_sheet.file,
        record_file=record_sheet.file,
        person_rows=person_sheet.rows[~left_out],
        record_rows=record_sheet.rows[rows],
        formats=tuple(dict.fromkeys(sheet.format for sheet in sheets)),
    )
    own = [name for name in person_sheet.table.column_names if name.startswith("x_")]
    people_kept = pa.array(~left_out)
    extra = person_sheet.table.filter(people_kept).select(own)
    kept_columns = {name: values[~left_out] for name, values in columns.items()}
    person = person_sheet.identifiers().filter(people_kept)
    questions = _questions({name: values[~left_out] for name, values in asked.items()})
    return Histories.build(person, {**kept_columns, **joined}, extra, source, questions)


def _questions(asked: spells.Columns) -> pa.Table:
    """The columns of questions in which something stands, as the nested table has them."""
    found = {}
    for name, values in asked.items():
        missing = np.isnan(values) if values.dtype.kind == "f" else values == schema.MISSING
        if not missing.all():
            found[name] = pa.array(values.astype(QUESTION_TYPES[name].to_pandas_dtype()), mask=missing)
    return pa.table(found)


def _require_columns(sheet: Sheet, needed: Any, hint: str = "") -> None:
    names = {**PEOPLE_NAMES, **RECORD_NAMES}
    absent = [column for column in needed if not sheet.has(column)]
    if absent:
        rule = "the column is missing"
        raise InputError([Problem(sheet.file, None, name, "", rule + also(name, names) + hint) for name in absent])


# ---------------------------------------------------------------------- people


def _distinct_people(rows: Sheet) -> Sheet:
    """The people of a table of records, in the order of their first rows; their columns stay in the records."""
    codes = rows.texts("person").dictionary_encode().indices.fill_null(-1).to_numpy()
    known = np.flatnonzero(codes >= 0)
    first = known[np.unique(codes[known], return_index=True)[1]]
    own = [name for name in rows.table.column_names if name.startswith("x_")]
    table = rows.table.select(["person", *own]).take(first)
    for name in own:
        texts = rows.texts(name)
        of_person = texts.take(pa.array(first[np.maximum(codes, 0)])) if first.size else texts
        same = pc.or_kleene(pc.equal(texts, of_person), pc.and_(texts.is_null(), of_person.is_null()))
        differs = ~pc.fill_null(same, False).to_numpy(zero_copy_only=False) & (codes >= 0)
        rows.reject(differs, name, "differs from the first row of this person")
    return Sheet(table, rows.headers, rows.format, rows.rows[first], rows.policy)


def _reject_people_twice(sheet: Sheet) -> None:
    """Nobody can say which row of an identifier that is there twice holds, so none does."""
    person = sheet.texts("person")
    codes = person.dictionary_encode().indices.fill_null(-1).to_numpy()
    order = np.argsort(codes, kind="stable")
    again = order[1:][(codes[order[1:]] == codes[order[:-1]]) & (codes[order[1:]] >= 0)]
    duplicate = np.zeros(len(sheet), dtype=np.bool_)
    duplicate[again] = True
    sheet.reject(codes < 0, "person", "no identifier")
    sheet.reject(duplicate, "person", TWICE_RULE)
    sheet.bad = sheet.bad | np.isin(codes, codes[again])


def _owners(records: Sheet, people: Sheet) -> npt.NDArray[np.int64]:
    """Position of the person of each record row; -1 (rejected) where there is none."""
    person, known = records.texts("person"), people.texts("person")
    records.reject(person.is_null().to_numpy(zero_copy_only=False), "person", "no identifier")
    positions = np.flatnonzero(known.is_valid().to_numpy(zero_copy_only=False))
    which = pc.index_in(person, value_set=known.filter(known.is_valid())).fill_null(-1).to_numpy().astype(np.int64)
    given = person.is_valid().to_numpy(zero_copy_only=False)
    records.reject((which < 0) & given, "person", "not among the people")
    return np.where(which >= 0, positions[which] if positions.size else -1, -1)


def _people(people: Sheet, records: Sheet, index: npt.NDArray[np.int64]) -> spells.Columns:
    """The columns of the people; each may stand in either table, or in both where they agree."""
    for sheet in (people, records):
        for column in NESTED_ONLY:
            given = sheet.texts(column).is_valid().to_numpy(zero_copy_only=False)
            sheet.reject(given, column, NESTED_ONLY_RULE.format(column))

    def merged(name: str, parse: Callable[[str], int]) -> tuple[npt.NDArray[np.int64], Mask]:
        values, given = people.parsed(name, parse, _UNSET)
        if not records.has(name):
            return values, given
        stated, is_stated = records.parsed(name, parse, _UNSET)
        rows = np.flatnonzero(is_stated & (stated != _UNSET) & (index >= 0))
        values, given = values.copy(), given.copy()
        # The last assignment of a place stays, so the rows are taken backwards: the first one counts.
        from_rows = np.full(len(people), _UNSET)
        from_rows[index[rows[::-1]]] = stated[rows[::-1]]
        take = ~given & (from_rows != _UNSET)
        values[take], given[take] = from_rows[take], True
        differs = np.zeros(len(records), dtype=np.bool_)
        known = values[index[rows]]
        differs[rows] = (stated[rows] != known) & (known != _UNSET)
        records.reject(differs, name, "contradicts another row of this person")
        given[index[np.flatnonzero(is_stated & (index >= 0))]] = True  # refused where it stands
        return values, given

    def words(name: str, parse: Callable[[str], int]) -> npt.NDArray[np.int64]:
        values, given = merged(name, parse)
        people.reject(~given, name, "no value")
        return np.where(values == _UNSET, 0, values)

    def months(name: str) -> npt.NDArray[np.int64]:
        values, _ = merged(name, spells.parse_table_month)
        return np.where(values == _UNSET, schema.MISSING, values)

    sex = words("sex", lambda text: spells.parse_table_word(text, spells.SEX_WORDS, "sex", schema.SEX))
    category, _ = merged(
        "retirement_category",
        lambda text: spells.parse_table_word(
            text, spells.CATEGORY_WORDS, "retirement category", schema.RETIREMENT_CATEGORY
        ),
    )
    category = np.where(category == _UNSET, 0, category)
    category = np.where((category == 0) & (sex == schema.SEX["male"]), schema.RETIREMENT_CATEGORY["male_60"], category)
    people.reject((sex == 2) & (category == 0), "retirement_category", checks.RULES[checks.WOMAN_WITHOUT_CATEGORY].text)
    is_male_category = (category == 1) | (category == 4)
    mismatch = (sex > 0) & (category > 0) & ((sex == 1) != is_male_category)
    people.reject(mismatch, "retirement_category", checks.RULES[checks.CATEGORY_OF_SEX].text)
    birth, given = merged("birth", spells.parse_table_month)
    people.reject(~given, "birth", "no value")
    outside = (birth != _UNSET) & ((birth < checks.FIRST_BIRTH) | (birth > checks.LAST_BIRTH))
    people.reject(outside, "birth", checks.RULES[checks.BIRTH].text)
    return {
        "sex": sex,
        "retirement_category": category,
        "birth": np.where(birth == _UNSET, 0, birth),
        "hukou": words("hukou", spells.parse_place),
        "hukou_type": words("hukou_type", spells.parse_hukou_type),
        "claim": months("claim"),
        "resident_start": months("resident_start"),
        "weight": _numbers(people, records, index, "weight", 1.0, 0.0, 1e300, checks.RULES[checks.WEIGHT].text),
        **{name: months(name) for name, kind in QUESTION_TYPES.items() if pa.types.is_integer(kind)},
        "disposable_income": _numbers(
            people,
            records,
            index,
            "disposable_income",
            float("nan"),
            rider_rules.MIN_INCOME,
            rider_rules.MAX_INCOME,
            rider_rules.INCOME_RULE,
        ),
    }


def _numbers(
    people: Sheet,
    records: Sheet,
    index: npt.NDArray[np.int64],
    name: str,
    absent: float,
    low: float,
    high: float,
    rule: str,
) -> npt.NDArray[np.float64]:
    """A column of numbers of the people, ``absent`` where none is stated."""
    values, given = people.numbers(name, low, high, rule)
    found = np.where(given, values, absent)
    stated, is_stated = records.numbers(name, low, high, rule)
    rows = np.flatnonzero(is_stated & (index >= 0))
    fresh = rows[~given[index[rows]]][::-1]
    found[index[fresh]] = stated[fresh]
    differs = np.zeros(len(records), dtype=np.bool_)
    differs[rows] = stated[rows] != found[index[rows]]
    records.reject(differs, name, "contradicts another row of this person")
    return found


# ---------------------------------------------------------------------- records


def _spells(sheet: Sheet, index: npt.NDArray[np.int64]) -> spells.Columns:
    scheme, given = sheet.parsed("scheme", spells.parse_scheme, -1)
    sheet.reject(~given, "scheme", "no value")
    in_public_post = scheme == spells.PUBLIC_EMPLOYEE
    scheme = np.where(in_public_post, spells.EMPLOYEE, scheme)
    employee, resident, none = (scheme == number for number in (spells.EMPLOYEE, spells.RESIDENT, spells.NONE))
    form, given = sheet.parsed(
        "form", lambda text: spells.parse_table_word(text, spells.FORM_WORDS, "form", schema.FORM), 0
    )
    default = np.zeros(len(sheet), dtype=np.int64)
    for number, usual in spells.DEFAULT_FORM.items():
        default[scheme == number] = usual
    form = np.where(given, form, default)
    place, given = sheet.parsed("place", spells.parse_place, schema.MISSING)
    sheet.reject((employee | resident) & ~given, "place", "no value")
    sheet.reject(none & given, "place", "without scheme there is no place of insurance; give work_place")
    work_place, _ = sheet.parsed("work_place", spells.parse_place, schema.MISSING)
    first, last = _spans(sheet, scheme)
    flags, deemed = _flags(sheet, scheme)
    flags |= np.where(in_public_post, schema.FLAG_PUBLIC, 0)
    base, by_index = _values(sheet, employee & ~deemed, employee & deemed, resident, none)
    income, _ = sheet.numbers("income", 0.0, checks.MAX_INCOME, spells.INCOME_RULE)
    share, shared = sheet.numbers("payer_share", 0.0, 1.0, spells.SHARE_RULE)
    sheet.reject(shared & resident, "payer_share", "for resident spells give collective")
    collective, given = sheet.numbers("collective", 0.0, checks.MAX_CONTRIBUTION, spells.CONTRIBUTION_RULE)
    sheet.reject(given & ~resident & (scheme >= 0), "collective", "collective assistance is for resident spells only")
    return {
        "person": index,
        "scheme": scheme,
        "form": form,
        "place": place,
        "work_place": work_place,
        "first": first,
        "last": last,
        "base": base,
        "by_index": by_index,
        "income": income,
        "payer_share": np.where(resident, collective, share),
        "flags": flags,
        "row": np.arange(len(sheet)),
    }


def _spans(sheet: Sheet, scheme: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """First and last month of each spell; resident spells are widened to their calendar years."""
    start, has_start = sheet.parsed("start", _parse_start, _UNSET)
    end, has_end = sheet.parsed("end", _parse_end, _UNSET)
    period_start, has_period = sheet.parsed("period", lambda text: _parse_period(text)[0], _UNSET)
    period_end = period_start.copy()
    if has_period.any():
        # Rejected texts were reported by the first pass.
        period_end, _ = sheet.parsed("period", lambda text: _quiet(_parse_period, text)[1], _UNSET)
    column = "period" if sheet.has("period") and not sheet.has("start") else "start"
    sheet.reject(has_period & (has_start | has_end), "period", "give start and end, or period, not both")
    sheet.reject(~has_period & ~has_start, column, "no value")
    sheet.reject(~has_period & has_start & ~has_end, "end", "no value (only a case file may leave the end open)")
    first, last = np.where(has_period, period_start, start), np.where(has_period, period_end, end)
    of_start, of_end = ("period", "period") if column == "period" else ("start", "end")
    complete = np.ones(len(sheet), dtype=np.bool_)
    for name, values in ((of_start, first), (of_end, last)):
        # A year on its own is marked by _YEAR_ONLY and means all its months, in the resident scheme.
        is_year = values >= _YEAR_ONLY
        sheet.reject(is_year & (scheme != spells.RESIDENT), name, "is a year: months are written YYYY-MM")
        year = np.where(is_year, values - _YEAR_ONLY, values) // 12
        known = (year >= checks.FIRST_RECORD_YEAR) & (year <= checks.LAST_RECORD_YEAR)
        sheet.reject(~known & (values != _UNSET), name, spells.YEAR_RULE)
        complete &= known & (values != _UNSET)
    first, last = (np.where(values >= _YEAR_ONLY, values - _YEAR_ONLY, values) for values in (first, last))
    resident = scheme == spells.RESIDENT
    first = np.where(resident, first - first % 12, first)
    last = np.where(resident, last - last % 12 + 11, last)
    backwards = complete & (last < first)
    sheet.reject(backwards, of_end, spells.END_RULE)
    usable = complete & ~backwards
    return np.where(usable, first, 0), np.where(usable, last, 0)


_PERIODS: Final = re.compile(r"(.+)[至~](.+)|([^/]+)/([^/]+)|([0-9]{4}|[0-9]{6})-([0-9]{4}|[0-9]{6})")


def _parse_start(text: str) -> int:
    word = text.strip()
    is_year = len(word) == 4 and word.isascii() and word.isdigit()
    return _YEAR_ONLY + 12 * int(word) if is_year else spells.parse_table_month(word)


def _parse_end(text: str) -> int:
    serial = _parse_start(text)
    return serial + 11 if serial >= _YEAR_ONLY else serial


def _parse_period(text: str) -> tuple[int, int]:
    """One month or year, or two of them with / 至 ~ between, or YYYY-YYYY or YYYYMM-YYYYMM."""
    try:
        return _parse_start(text), _parse_end(text)
    except ValueError:
        found = _PERIODS.fullmatch(text.strip())
        if found is None:
            raise
    start, end = (part for part in found.groups() if part is not None)
    return _parse_start(start), _parse_end(end)


def _quiet(parse: Callable[[str], tuple[int, int]], text: str) -> tuple[int, int]:
    try:
        return parse(text)
    except ValueError:
        return _UNSET, _UNSET


def _switches(sheet: Sheet, name: str) -> npt.NDArray[np.int64]:
    """1 true, 0 false, -1 not given."""
    english = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0}
    values, _ = sheet.parsed(
        name, lambda text: spells.parse_table_word(text, spells.TRUTH_WORDS, "truth value", english), -1
    )
    return values


def _flags(sheet: Sheet, scheme: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Mask]:
    flags = np.zeros(len(sheet), dtype=np.int64)
    employee, resident = scheme == spells.EMPLOYEE, scheme == spells.RESIDENT
    for name, of_scheme, who, when_true, when_false in (
        ("transferable", employee, "employee", 0, schema.FLAG_LATE),
        ("temporary", employee, "employee", schema.FLAG_TEMPORARY, schema.FLAG_ORDINARY),
        ("deemed", employee, "employee", schema.FLAG_DEEMED, 0),
        ("public", employee, "employee", schema.FLAG_PUBLIC, 0),
        ("backpaid", resident, "resident", schema.FLAG_BACKPAID, 0),
        ("proxy", resident, "resident", schema.FLAG_PROXY, 0),
    ):
        switch = _switches(sheet, name)
        bit = np.where(switch == 1, when_true, np.where(switch == 0, when_false, 0))
        sheet.reject((bit != 0) & ~of_scheme & (scheme >= 0), name, f"is for {who} spells only")
        flags |= np.where(of_scheme, bit, 0)
    both = schema.FLAG_LATE | schema.FLAG_DEEMED
    sheet.reject((flags & both) == both, "transferable", checks.RULES[checks.LATE_AND_DEEMED].text)
    return flags, (flags & schema.FLAG_DEEMED) != 0


def _values(sheet: Sheet, paid: Mask, deemed: Mask, resident: Mask, none: Mask) -> tuple[npt.NDArray[np.float64], Mask]:
    """The number of the record's ``base``, and where it still is an index."""
    base, has_base = sheet.numbers("base", 0.0, checks.MAX_BASE, spells.BASE_RULE, above=True)
    index, has_index = sheet.numbers("index", 0.0, checks.MAX_INDEX, spells.INDEX_RULE, above=True)
    contribution, has_contribution = sheet.numbers(
        "contribution", 0.0, checks.MAX_CONTRIBUTION, spells.CONTRIBUTION_RULE
    )
    sheet.reject(paid & has_base & has_index, "index", "base and index are both given")
    in_base = sheet.blank("base")
    in_index = sheet.blank("index")
    sheet.reject(paid & in_base & in_index, "base" if sheet.has("base") else "index", "no base and no index")
    sheet.reject(deemed & has_base, "base", "deemed months have an index, no base")
    sheet.reject((resident | none) & has_base, "base", "is for employee spells only (resident: contribution)")
    sheet.reject((resident | none) & has_index, "index", "is for employee spells only")
    sheet.reject((paid | deemed | none) & has_contribution, "contribution", "is for resident spells only")
    sheet.reject(resident & sheet.blank("contribution"), "contribution", "no value")
    value = np.where(paid, np.where(has_index, index, base), np.nan)
    value = np.where(deemed, np.where(has_index, index, 1.0), value)
    return np.where(resident, contribution, value), paid & has_index


def _fill_bases(records: spells.Columns, sheet: Sheet, reference_wage: ReferenceWage | None) -> None:
    """Reject spells given by an index where the reference wage of a year before one of theirs is unknown."""
    where = np.flatnonzero(records["by_index"] & ~sheet.bad)
    if not where.size:
        return
    if reference_wage is None:
        raise ValueError("spells with an index need reference_wage")
    cut = spells.cut_into_years({name: records[name][where] for name in ("first", "last", "place", "row")})
    wage = np.asarray(reference_wage(cut["place"], cut["year"] - 1), dtype=np.float64)
    unknown = ~(wage > 0.0)
    missing = sorted({(int(p), int(y)) for p, y in zip(cut["place"][unknown], cut["year"][unknown], strict=True)})
    for place, year in missing:
        rows = cut["row"][unknown & (cut["place"] == place) & (cut["year"] == year)]
        rule = f"the reference wage of place {place} in {year - 1} is unknown, so the index gives no base"
        sheet.reject(np.isin(np.arange(len(sheet)), rows), "index", rule)


def _in_yuan(records: spells.Columns, reference_wage: ReferenceWage | None) -> spells.Columns:
    """Turn an index into yuan/month: a multiple of the place's reference wage of the year before."""
    by_index = records.pop("by_index")
    if by_index.any() and reference_wage is not None:
        wage = np.asarray(reference_wage(records["place"][by_index], records["year"][by_index] - 1), dtype=np.float64)
        records["base"] = records["base"].copy()
        records["base"][by_index] *= wage
    return records
