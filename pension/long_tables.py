"""The long tables: one row a person, one row a spell, as DataFrame, Arrow table, CSV (UTF-8) or Parquet.

Every rejected row is reported with its row (as a spreadsheet counts: the header of a CSV file is row 1, the first row
of a table in memory or in Parquet is row 1), column, value and rule; empty lines of a CSV file are no rows. Nothing is
repaired. Columns that are not listed here are not read, but an unknown column with almost the name of a missing one is
refused.

people: person, sex, birth, hukou, hukou_type; retirement_category (needed for women), claim, resident_start, weight,
x_... (carried through). records: person, scheme, place, start and end or period, and base or index (employee), index
(deemed), contribution (resident); form, work_place, income, payer_share, public, transferable, temporary, deemed,
collective, backpaid, proxy. Months are YYYY-MM. A resident spell may be given in years; it covers the whole calendar
years of its months (one payment = one year, 国发〔2014〕8号).
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pension import checks, schema, spells
from pension.errors import InputError, Problem, mask_identifier, refuse, shown
from pension.histories import (
    NOT_COMPUTED,
    NOT_COMPUTED_RULE,
    Histories,
    ReferenceWage,
    Source,
)

if TYPE_CHECKING:
    import pandas as pd

PEOPLE_COLUMNS: Final = (
    "person",
    "sex",
    "birth",
    "hukou",
    "hukou_type",
    "retirement_category",
    "claim",
    "resident_start",
    "weight",
)
RECORD_COLUMNS: Final = (
    "person",
    "scheme",
    "form",
    "place",
    "work_place",
    "start",
    "end",
    "period",
    "base",
    "index",
    "contribution",
    "income",
    "payer_share",
    "collective",
    "transferable",
    "temporary",
    "deemed",
    "public",
    "backpaid",
    "proxy",
)
_PEOPLE_NEEDED: Final = ("person", "sex", "birth", "hukou", "hukou_type")
_RECORDS_NEEDED: Final = ("person", "scheme")
_TRUE: Final = {"true": 1, "yes": 1, "1": 1, "false": 0, "no": 0, "0": 0}
_NUMBER: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_READABLE: Final = (
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_null,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
)
"""Cells of these types (and floats) have one text each."""
_UNSET: Final = -(2**31)
"""No value in an integer column (a year or month serial cannot be it)."""

Mask = npt.NDArray[np.bool_]


def read_long(
    people: pd.DataFrame | pa.Table | str | os.PathLike[str],
    records: pd.DataFrame | pa.Table | str | os.PathLike[str],
    *,
    reference_wage: ReferenceWage | None = None,
) -> Histories:
    """Histories from long tables. ``reference_wage`` is needed where a paid spell is given by its index.

    Raises ``InputError`` with every rejected row. Ages, dates of the schemes and the award are checked by
    ``Histories.require`` on the result, which names the rows of these tables.
    """
    person_sheet = _open_sheet(people, "people", PEOPLE_COLUMNS, _PEOPLE_NEEDED, (*NOT_COMPUTED,))
    record_sheet = _open_sheet(records, "records", RECORD_COLUMNS, _RECORDS_NEEDED, ())
    person_columns = _people(person_sheet)
    spell_columns = _spells(record_sheet, person_sheet)
    problems = _by_row(person_sheet) + _by_row(record_sheet)
    if problems:
        raise InputError(problems)
    cut = spells.cut_into_years(spell_columns)
    _fill_bases(cut, record_sheet, reference_wage)
    if record_sheet.problems:
        raise InputError(_by_row(record_sheet))
    joined = spells.sort_and_join(cut, len(person_sheet.table))
    rows = joined.pop("row")
    source = Source(
        file=person_sheet.file,
        record_file=record_sheet.file,
        person_rows=person_sheet.rows,
        record_rows=record_sheet.rows[rows],
    )
    extra = person_sheet.table.select([name for name in person_sheet.table.column_names if name.startswith("x_")])
    return Histories.build(person_sheet.identifiers(), {**person_columns, **joined}, extra, source)


# ---------------------------------------------------------------------- sheets


class _Sheet:
    """The needed columns of one table, and the problems found in it."""

    def __init__(self, table: pa.Table, file: str, rows: npt.NDArray[np.int64]) -> None:
        self.table, self.file, self.rows = table, file, rows
        self.problems: list[Problem] = []

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def has(self, name: str) -> bool:
        return name in self.table.column_names

    def reject(self, mask: Mask, column: str, rule: str) -> None:
        """Report every row of ``mask``."""
        where = np.flatnonzero(mask)
        if where.size:
            values = self.table[column].take(where).to_pylist() if self.has(column) else [None] * where.size
            for i, value in zip(where, values, strict=True):
                text = "" if value is None else mask_identifier(value) if column == "person" else shown(str(value))
                self.problems.append(Problem(self.file, int(self.rows[i]), column, text, rule))

    def texts(self, name: str) -> pa.Array:
        """A column as text; null for missing and blank cells."""
        if not self.has(name):
            return pa.nulls(len(self), pa.string())
        column = self.table[name]
        joined = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        kind = joined.type
        if pa.types.is_dictionary(kind):
            joined, kind = joined.cast(kind.value_type), kind.value_type
        if pa.types.is_floating(kind):  # whole numbers with gaps are floats in pandas
            whole = pc.equal(pc.trunc(joined), joined)
            fits = pc.and_(whole, pc.less(pc.abs(joined), 2.0**53))
            if pc.all(pc.fill_null(fits, True)).as_py():
                joined = joined.cast(pa.int64())
            joined = joined.cast(pa.string())
        elif any(test(kind) for test in _READABLE):
            joined = joined.cast(pa.string())
        else:
            rule = "wrong type: text or numbers are needed (months as text, YYYY-MM)"
            self.problems.append(Problem(self.file, None, name, shown(str(kind)), rule))
            return pa.nulls(len(self), pa.string())
        joined = pc.utf8_trim_whitespace(joined)
        return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), joined)

    def parsed(self, name: str, parse: Callable[[str], int], missing: int) -> tuple[npt.NDArray[np.int64], Mask]:
        """(numbers, given): each different text is parsed once; what cannot be parsed is rejected."""
        encoded = self.texts(name).dictionary_encode()
        words = encoded.dictionary.to_pylist()
        numbers = np.full(len(words) + 1, missing, dtype=np.int64)
        rules: dict[str, list[int]] = {}
        for i, word in enumerate(words):
            try:
                numbers[i] = parse(word)
            except ValueError as error:
                rules.setdefault(str(error), []).append(i)
        codes = encoded.indices.fill_null(len(words)).to_numpy()
        for rule, bad in rules.items():
            self.reject(np.isin(codes, bad), name, rule)
        return numbers[codes], codes < len(words)

    def numbers(self, name: str, low: float, high: float, rule: str, above: bool = False) -> tuple[Any, Mask]:
        """(float64 with NaN, given): what is no number, or outside ``low`` .. ``high``, is rejected."""
        if not self.has(name):
            return np.full(len(self), np.nan), np.zeros(len(self), dtype=np.bool_)
        column = self.table[name]
        if pa.types.is_boolean(column.type):
            self.reject(column.is_valid().to_numpy(), name, "is not a number")
            return np.full(len(self), np.nan), np.zeros(len(self), dtype=np.bool_)
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            values = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
            given = column.is_valid().to_numpy() & ~np.isnan(values)
        else:
            text = self.texts(name)
            given = text.is_valid().to_numpy(zero_copy_only=False)
            is_number = pc.match_substring_regex(text, _NUMBER).fill_null(True)
            bad = ~is_number.to_numpy(zero_copy_only=False)
            self.reject(bad, name, "is not a number")
            given = given & ~bad
            unsigned = pc.utf8_ltrim(pc.if_else(is_number, text, pa.scalar(None, pa.string())), "+")
            values = unsigned.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
        with np.errstate(invalid="ignore"):
            outside = ~((values > low if above else values >= low) & (values <= high))
        self.reject(given & outside, name, rule)
        return values, given

    def switches(self, name: str) -> npt.NDArray[np.int64]:
        """1 true, 0 false, -1 not given."""
        values, _ = self.parsed(name, lambda text: spells.parse_word(text, _TRUE, "truth value"), -1)
        return values

    def identifiers(self) -> pa.Array:
        """The person column as int64, or as text."""
        column = self.table["person"]
        joined = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
        return joined.cast(pa.int64()) if pa.types.is_integer(joined.type) else self.texts("person")


def _by_row(sheet: _Sheet) -> list[Problem]:
    """In the order of the file; what a column read twice reports twice stands once."""
    return sorted(dict.fromkeys(sheet.problems), key=lambda problem: problem.row or 0)


def _open_sheet(
    source: Any, name: str, columns: tuple[str, ...], needed: tuple[str, ...], refused: tuple[str, ...]
) -> _Sheet:
    wanted = (*columns, *refused)
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        with _NamedErrors(path):
            table, rows = _read_csv(path, wanted, name) if _is_csv(path) else _read_parquet(path, wanted, name)
        file = path
    elif isinstance(source, pa.Table):
        _check_header(source.column_names, wanted, name)
        table, rows, file = source.select(_used(source.column_names, wanted, name)), None, name
    else:
        table, rows, file = _from_pandas(source, wanted, name), None, name
    sheet = _Sheet(table, file, np.arange(1, table.num_rows + 1) if rows is None else rows)
    absent = [column for column in needed if not sheet.has(column)]
    if absent:
        raise InputError([Problem(file, None, column, "", "the column is missing") for column in absent])
    for column in refused:
        if sheet.has(column):
            sheet.reject(sheet.texts(column).is_valid().to_numpy(zero_copy_only=False), column, _not_computed(column))
    return sheet


def _not_computed(column: str) -> str:
    return NOT_COMPUTED_RULE.format(column)


class _NamedErrors:
    """Failures of the readers as ``InputError`` with the file; the readers' own texts may quote a row."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, InputError):
            raise InputError([p._replace(file=self.path) for p in error.problems]) from None
        if isinstance(error, FileNotFoundError):
            raise refuse("the file does not exist", file=self.path) from error
        if isinstance(error, UnicodeDecodeError) or (error is not None and "UTF8" in str(error)):
            raise refuse("the file is not UTF-8", file=self.path) from None
        if isinstance(error, pa.ArrowException | OSError | ValueError | csv.Error):
            raise refuse("the file cannot be read: truncated, damaged or of another kind", file=self.path) from None


def _is_csv(path: str) -> bool:
    """CSV unless the file is, or calls itself, Parquet."""
    with open(path, "rb") as stream:
        return stream.read(4) != b"PAR1" and not path.lower().endswith((".parquet", ".pq"))


def _used(header: list[str], wanted: tuple[str, ...], name: str) -> list[str]:
    return [column for column in header if column in wanted or (name == "people" and column.startswith("x_"))]


def _check_header(header: list[str], wanted: tuple[str, ...], name: str) -> None:
    problems = []
    used = _used(header, wanted, name)
    for column in sorted({c for c in used if used.count(c) > 1}):
        problems.append(Problem(name, None, column, "", "the column is there twice"))
    absent = [column for column in wanted if column not in header]
    for column in header:
        if column not in used and absent:
            near = spells.did_you_mean_column(column, absent)
            if near:
                rule = f"unknown column; did you mean {near}? (columns of other names are not read)"
                problems.append(Problem(name, None, shown(column), "", rule))
    if problems:
        raise InputError(problems)


def _read_csv(path: str, wanted: tuple[str, ...], name: str) -> tuple[pa.Table, npt.NDArray[np.int64]]:
    from pyarrow import csv as arrow_csv

    with open(path, encoding="utf-8-sig", newline="") as stream:
        header = next(csv.reader(stream), [])
    if not header:
        raise refuse("the file is empty", file=path)
    _check_header(header, wanted, name)
    used = _used(header, wanted, name)
    problems: list[Problem] = []

    def invalid_row(row: Any) -> str:
        rule = f"the row has {row.actual_columns} cells, the header {row.expected_columns}"
        problems.append(Problem(path, row.number, "", "", rule))
        return "skip"

    # One thread: rows are numbered only then. Every column is text; what it means is decided here, not guessed.
    table = arrow_csv.read_csv(
        path,
        arrow_csv.ReadOptions(use_threads=False),
        arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=invalid_row),
        arrow_csv.ConvertOptions(
            include_columns=used,
            column_types={column: pa.string() for column in used},
            null_values=[""],
            strings_can_be_null=True,
        ),
    )
    if problems:
        raise InputError(problems)
    # Empty lines are read as rows without values: left out here, so that the other rows keep their numbers.
    filled = np.zeros(table.num_rows, dtype=np.bool_)
    for column in table.columns:
        filled |= column.is_valid().to_numpy()
    return table.filter(pa.array(filled)), np.flatnonzero(filled) + 2


def _read_parquet(path: str, wanted: tuple[str, ...], name: str) -> tuple[pa.Table, None]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as source:
        header = source.schema_arrow.names
        _check_header(header, wanted, name)
        table = source.read(columns=_used(header, wanted, name))
    table.validate(full=True)
    return table, None


def _from_pandas(frame: pd.DataFrame, wanted: tuple[str, ...], name: str) -> pa.Table:
    header = [str(column) for column in frame.columns]
    _check_header(header, wanted, name)
    columns = {}
    for column in _used(header, wanted, name):
        series = frame.iloc[:, header.index(column)]
        try:
            columns[column] = pa.array(series, from_pandas=True)
        except (pa.ArrowException, TypeError, ValueError):  # mixed types: every cell as text, judged one by one
            missing = series.isna().tolist()
            texts = [None if m else str(value) for m, value in zip(missing, series.tolist(), strict=True)]
            columns[column] = pa.array(texts, pa.string())
    return pa.table(columns)


# ---------------------------------------------------------------------- people


def _people(sheet: _Sheet) -> spells.Columns:
    person = sheet.texts("person")
    blank = person.is_null().to_numpy(zero_copy_only=False)
    sheet.reject(blank, "person", "no identifier")
    codes = person.dictionary_encode().indices.fill_null(-1).to_numpy()
    order = np.argsort(codes, kind="stable")
    again = order[1:][(codes[order[1:]] == codes[order[:-1]]) & (codes[order[1:]] >= 0)]
    duplicate = np.zeros(len(sheet), dtype=np.bool_)
    duplicate[again] = True
    sheet.reject(duplicate, "person", "the identifier is there twice")

    sex = _words(sheet, "sex", schema.SEX)
    category = _words(sheet, "retirement_category", schema.RETIREMENT_CATEGORY, default=0)
    category = np.where((category == 0) & (sex == schema.SEX["male"]), schema.RETIREMENT_CATEGORY["male_60"], category)
    sheet.reject((sex == 2) & (category == 0), "retirement_category", checks.RULES[checks.WOMAN_WITHOUT_CATEGORY].text)
    is_male_category = (category == 1) | (category == 4)
    mismatch = (sex > 0) & (category > 0) & ((sex == 1) != is_male_category)
    sheet.reject(mismatch, "retirement_category", checks.RULES[checks.CATEGORY_OF_SEX].text)
    birth = _months(sheet, "birth", needed=True)
    outside = (birth != _UNSET) & ((birth < checks.FIRST_BIRTH) | (birth > checks.LAST_BIRTH))
    sheet.reject(outside, "birth", checks.RULES[checks.BIRTH].text)
    hukou, given = sheet.parsed("hukou", spells.parse_place, schema.MISSING)
    sheet.reject(~given, "hukou", "no value")
    weight, given = sheet.numbers("weight", 0.0, 1e300, checks.RULES[checks.WEIGHT].text)
    return {
        "sex": sex,
        "retirement_category": category,
        "birth": birth,
        "hukou": hukou,
        "hukou_type": _words(sheet, "hukou_type", schema.HUKOU_TYPE),
        "claim": _months(sheet, "claim"),
        "resident_start": _months(sheet, "resident_start"),
        "weight": np.where(given, weight, 1.0),
    }


def _words(sheet: _Sheet, name: str, words: dict[str, int], default: int | None = None) -> npt.NDArray[np.int64]:
    what = name.replace("_", " ")
    values, given = sheet.parsed(name, lambda text: spells.parse_word(text, words, what), default or 0)
    if default is None:
        sheet.reject(~given, name, "no value")
    return values


def _months(sheet: _Sheet, name: str, needed: bool = False) -> npt.NDArray[np.int64]:
    values, given = sheet.parsed(name, spells.parse_month, _UNSET)
    if needed:
        sheet.reject(~given, name, "no value")
        return values
    return np.where(values == _UNSET, schema.MISSING, values)


# ---------------------------------------------------------------------- records


def _spells(sheet: _Sheet, people: _Sheet) -> spells.Columns:
    person = sheet.texts("person")
    sheet.reject(person.is_null().to_numpy(zero_copy_only=False), "person", "no identifier")
    known = people.texts("person")
    which = pc.index_in(person, value_set=known.filter(known.is_valid())).fill_null(-1)
    index = which.to_numpy().astype(np.int64)
    sheet.reject((index < 0) & person.is_valid().to_numpy(zero_copy_only=False), "person", "not among the people")

    scheme, given = sheet.parsed("scheme", lambda text: spells.parse_word(text, schema.SCHEME, "scheme"), -1)
    sheet.reject(~given, "scheme", "no value")
    employee, resident, none = (scheme == number for number in (spells.EMPLOYEE, spells.RESIDENT, spells.NONE))
    form, given = sheet.parsed("form", lambda text: spells.parse_word(text, schema.FORM, "form"), 0)
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


def _spans(sheet: _Sheet, scheme: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
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


_YEAR_ONLY: Final = 2**30


def _parse_start(text: str) -> int:
    return spells.parse_month(text) if "-" in text else _YEAR_ONLY + 12 * spells.parse_year(text)


def _parse_end(text: str) -> int:
    return spells.parse_month(text) if "-" in text else _YEAR_ONLY + 12 * spells.parse_year(text) + 11


def _parse_period(text: str) -> tuple[int, int]:
    start, slash, end = text.partition("/")
    return _parse_start(start), _parse_end(end if slash else start)


def _quiet(parse: Callable[[str], tuple[int, int]], text: str) -> tuple[int, int]:
    try:
        return parse(text)
    except ValueError:
        return _UNSET, _UNSET


def _flags(sheet: _Sheet, scheme: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], Mask]:
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
        switch = sheet.switches(name)
        bit = np.where(switch == 1, when_true, np.where(switch == 0, when_false, 0))
        sheet.reject((bit != 0) & ~of_scheme & (scheme >= 0), name, f"is for {who} spells only")
        flags |= np.where(of_scheme, bit, 0)
    both = schema.FLAG_LATE | schema.FLAG_DEEMED
    sheet.reject((flags & both) == both, "transferable", checks.RULES[checks.LATE_AND_DEEMED].text)
    return flags, (flags & schema.FLAG_DEEMED) != 0


def _values(
    sheet: _Sheet, paid: Mask, deemed: Mask, resident: Mask, none: Mask
) -> tuple[npt.NDArray[np.float64], Mask]:
    """The number of the record's ``base``, and where it still is an index."""
    base, has_base = sheet.numbers("base", 0.0, checks.MAX_BASE, spells.BASE_RULE, above=True)
    index, has_index = sheet.numbers("index", 0.0, checks.MAX_INDEX, spells.INDEX_RULE, above=True)
    contribution, has_contribution = sheet.numbers(
        "contribution", 0.0, checks.MAX_CONTRIBUTION, spells.CONTRIBUTION_RULE
    )
    sheet.reject(paid & has_base & has_index, "index", "base and index are both given")
    in_base = _is_blank(sheet, "base")
    in_index = _is_blank(sheet, "index")
    sheet.reject(paid & in_base & in_index, "base" if sheet.has("base") else "index", "no base and no index")
    sheet.reject(deemed & has_base, "base", "deemed months have an index, no base")
    sheet.reject((resident | none) & has_base, "base", "is for employee spells only (resident: contribution)")
    sheet.reject((resident | none) & has_index, "index", "is for employee spells only")
    sheet.reject((paid | deemed | none) & has_contribution, "contribution", "is for resident spells only")
    sheet.reject(resident & _is_blank(sheet, "contribution"), "contribution", "no value")
    value = np.where(paid, np.where(has_index, index, base), np.nan)
    value = np.where(deemed, np.where(has_index, index, 1.0), value)
    return np.where(resident, contribution, value), paid & has_index


def _is_blank(sheet: _Sheet, name: str) -> Mask:
    """True where the cell is empty (a NaN in a table of numbers is an empty cell)."""
    if not sheet.has(name):
        return np.ones(len(sheet), dtype=np.bool_)
    column = sheet.table[name]
    if pa.types.is_floating(column.type):
        no_number: Mask = np.isnan(column.cast(pa.float64()).to_numpy())
        return no_number
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
        blank: Mask = column.is_null().to_numpy()
        return blank
    empty: Mask = sheet.texts(name).is_null().to_numpy(zero_copy_only=False)
    return empty


def _fill_bases(records: spells.Columns, sheet: _Sheet, reference_wage: ReferenceWage | None) -> None:
    """Turn an index into yuan/month: a multiple of the place's reference wage of the year before."""
    by_index = records.pop("by_index")
    if not by_index.any():
        return
    if reference_wage is None:
        raise ValueError("spells with an index need reference_wage")
    where = np.flatnonzero(by_index)
    place, year = records["place"][where], records["year"][where] - 1
    wage = np.asarray(reference_wage(place, year), dtype=np.float64)
    for j in np.flatnonzero(~(wage > 0.0)):
        rule = f"the reference wage of place {place[j]} in {year[j]} is unknown, so the index gives no base"
        row = int(records["row"][where[j]])
        sheet.problems.append(Problem(sheet.file, int(sheet.rows[row]), "index", "", rule))
    records["base"] = records["base"].copy()
    records["base"][where] *= wage
