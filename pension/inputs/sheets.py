"""One long table as it comes: CSV, Excel, Stata, Parquet, DataFrame or Arrow; no law, no meaning of values.

The kind of a file is told by its first bytes, encoding and delimiter of a CSV file by its content; both are said
(``TableFormat``) and neither is guessed: bytes that fit no encoding, or two, are an error. Every cell keeps its text.
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import datetime
import io
import numbers
import os
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pension.errors import STRICT, InputError, Problem, RowPolicy, refuse, shown
from pension.inputs import column_names, spells

if TYPE_CHECKING:
    import pandas as pd

Names = Mapping[str, tuple[str, ...]]
Mask = npt.NDArray[np.bool_]

NUMBER_RULE: Final = "is not a number: digits 0-9 and a point, without separators, full-width digits or units"
_NUMBER: Final = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$"
_READABLE: Final = (
    pa.types.is_integer,
    pa.types.is_boolean,
    pa.types.is_null,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_string_view,
)
"""Cells of these types (and floats, and dates) have one text each."""
_DELIMITERS: Final = {",": "comma", "\t": "tab", ";": "semicolon"}
_HEADER_BYTES: Final = 1_000_000
_EXCEL_DIGITS: Final = 10**15
"""Excel keeps fifteen digits of a number: a longer identifier that was typed as a number is another one already."""
_FIRST_UNICODE_STATA: Final = 118


class TableFormat(NamedTuple):
    """How a table was read."""

    file: str
    kind: str
    """CSV, Excel, Stata, Parquet, or table (in memory)."""
    encoding: str = ""
    """Of a CSV file: UTF-8, UTF-8 with BOM, UTF-16 with BOM or GB18030 (which contains GBK and GB2312)."""
    delimiter: str = ""
    """Of a CSV file: comma, tab or semicolon; empty where there is one column."""

    def __str__(self) -> str:
        return ", ".join(part for part in (f"{self.file}: {self.kind}", self.encoding, self.delimiter) if part)


class Sheet:
    """The known columns of one table under their English names, and the problems found in it."""

    def __init__(
        self,
        table: pa.Table,
        headers: Mapping[str, str],
        form: TableFormat,
        rows: npt.NDArray[np.int64],
        policy: RowPolicy = STRICT,
    ) -> None:
        self.table, self.headers, self.format, self.rows, self.policy = table, dict(headers), form, rows, policy
        self.file = form.file
        self.problems: list[Problem] = []
        self.bad: Mask = np.zeros(table.num_rows, dtype=np.bool_)
        """[rows]: True for rejected rows."""

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def has(self, name: str) -> bool:
        """True where the table has the column."""
        return name in self.table.column_names

    def header(self, name: str) -> str:
        """The column's name as the table has it."""
        return self.headers.get(name, name)

    def reject(self, mask: Mask, column: str, rule: str) -> None:
        """Report every row of ``mask``."""
        where = np.flatnonzero(mask)
        if not where.size:
            return
        self.bad = self.bad | mask
        values = self.table[column].take(where).to_pylist() if self.has(column) else [None] * where.size
        show = self.policy.identify if column == "person" else self.policy.show
        for i, value in zip(where, values, strict=True):
            text = "" if value is None else show(_text(value))
            self.problems.append(Problem(self.file, int(self.rows[i]), self.header(column), text, rule))

    def by_row(self) -> list[Problem]:
        """In the order of the file; what a column read twice reports twice stands once."""
        return sorted(dict.fromkeys(self.problems), key=lambda problem: problem.row or 0)

    def column(self, name: str) -> pa.Array:
        """A column in one piece."""
        column = self.table[name]
        return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)

    def texts(self, name: str) -> pa.Array:
        """A column as text, dates as YYYY-MM-DD; null for missing and blank cells."""
        if not self.has(name):
            return pa.nulls(len(self), pa.string())
        joined = self.column(name)
        kind = joined.type
        if pa.types.is_dictionary(kind):
            joined, kind = joined.cast(kind.value_type), kind.value_type
        if pa.types.is_floating(kind):  # whole numbers with gaps are floats in pandas
            whole = pc.equal(pc.trunc(joined), joined)
            fits = pc.and_(whole, pc.less(pc.abs(joined), 2.0**53))
            if pc.all(pc.fill_null(fits, True)).as_py():
                joined = joined.cast(pa.int64())
            joined = joined.cast(pa.string())
        elif pa.types.is_date(kind) or pa.types.is_timestamp(kind):
            joined = pc.strftime(joined, "%Y-%m-%d")
        elif any(test(kind) for test in _READABLE):
            joined = joined.cast(pa.string())
        else:
            rule = "wrong type: text, numbers or dates are needed"
            raise InputError([Problem(self.file, None, self.header(name), shown(str(kind)), rule)])
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
            self.reject(column.is_valid().to_numpy(), name, NUMBER_RULE)
            return np.full(len(self), np.nan), np.zeros(len(self), dtype=np.bool_)
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            values = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
            given = column.is_valid().to_numpy() & ~np.isnan(values)
        else:
            text = self.texts(name)
            given = text.is_valid().to_numpy(zero_copy_only=False)
            is_number = pc.match_substring_regex(text, _NUMBER).fill_null(True)
            bad = ~is_number.to_numpy(zero_copy_only=False)
            self.reject(bad, name, NUMBER_RULE)
            given = given & ~bad
            unsigned = pc.utf8_ltrim(pc.if_else(is_number, text, pa.scalar(None, pa.string())), "+")
            values = unsigned.cast(pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
        with np.errstate(invalid="ignore"):
            outside = ~((values > low if above else values >= low) & (values <= high))
        self.reject(given & outside, name, rule)
        return values, given

    def blank(self, name: str) -> Mask:
        """True where the cell is empty (a NaN in a table of numbers is an empty cell)."""
        if not self.has(name):
            return np.ones(len(self), dtype=np.bool_)
        column = self.table[name]
        if pa.types.is_floating(column.type):
            no_number: Mask = np.isnan(column.cast(pa.float64()).to_numpy())
            return no_number
        if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
            null: Mask = column.is_null().to_numpy()
            return null
        empty: Mask = self.texts(name).is_null().to_numpy(zero_copy_only=False)
        return empty

    def identifiers(self) -> pa.Array:
        """The person column as int64, or as text."""
        joined = self.column("person")
        return joined.cast(pa.int64()) if pa.types.is_integer(joined.type) else self.texts("person")


def _text(value: object) -> str:
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    return str(value)


# ---------------------------------------------------------------------- opening


def open_sheet(source: Any, name: str, names: Names, own_columns: bool, policy: RowPolicy = STRICT) -> Sheet:
    """A table of ``names`` (column: its other names); ``own_columns`` keeps columns that begin with ``x_``.

    Columns of other names are not read. Raises ``InputError`` for a file that cannot be read, and for two columns that
    mean the same.
    """
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        with _NamedErrors(path):
            kind = _kind(path)
            return _READERS[kind](path, _Columns(path, names, own_columns), policy)
    if isinstance(source, pa.Table):
        headers = _Columns(name, names, own_columns).of(source.column_names)
        table = source.select(list(headers.values())).rename_columns(list(headers))
        return Sheet(table, headers, TableFormat(name, "table"), np.arange(1, table.num_rows + 1), policy)
    columns = _Columns(name, names, own_columns)
    return _from_frame(source, columns, TableFormat(name, "table"), policy)


class _Columns:
    """Which columns of a header are read, and under which names."""

    def __init__(self, file: str, names: Names, own_columns: bool) -> None:
        self.file, self.names, self.own_columns = file, names, own_columns

    def known(self, header: list[str]) -> int:
        """How many names of a header are known."""
        count = 0
        for column in header:
            try:
                count += column_names.column_of(column, self.names) is not None
            except column_names.UnitError:
                count += 1
        return count

    def of(self, header: list[str]) -> dict[str, str]:
        """{column: its name in the header}; two names of one column are refused."""
        problems: list[Problem] = []
        found: dict[str, list[str]] = {}
        others = []
        for column in header:
            try:
                meant = column_names.column_of(column, self.names)
            except column_names.UnitError as error:
                problems.append(Problem(self.file, None, shown(column), "", str(error)))
                continue
            if meant is None and self.own_columns and column.startswith("x_"):
                meant = column
            if meant is None:
                others.append(column)
            else:
                found.setdefault(meant, []).append(column)
        for meant, columns in found.items():
            if len(columns) > 1:
                different = list(dict.fromkeys(columns))
                rule = f"{' and '.join(different)} both mean {meant}: leave one out"
                rule = rule if len(different) > 1 else "the column is there twice"
                problems.append(Problem(self.file, None, different[-1], "", rule))
        absent = [column for column in self.names if column not in found]
        for column in others:
            near = spells.did_you_mean_column(column, absent)
            if near:
                rule = f"unknown column; did you mean {near}? (columns of other names are not read)"
                problems.append(Problem(self.file, None, shown(column), "", rule))
        if problems:
            raise InputError(problems)
        return {meant: columns[0] for meant, columns in found.items()}


class _NamedErrors:
    """Failures of the readers as ``InputError`` with the file; the readers' own texts may quote a row."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if error is None or isinstance(error, InputError):
            return
        if isinstance(error, FileNotFoundError):
            raise refuse("the file does not exist", file=self.path) from error
        if isinstance(error, pa.ArrowException | OSError | ValueError | csv.Error):
            raise refuse("the file cannot be read: truncated, damaged or of another kind", file=self.path) from None


def file_kind(start: bytes, path: str) -> str:
    """``parquet``, ``excel``, ``stata`` or ``csv`` by the first bytes of a file, else by its name."""
    suffix = os.path.splitext(path)[1].lower()
    if start.startswith(b"PAR1") or suffix in (".parquet", ".pq"):
        return "parquet"
    if start.startswith(b"\xd0\xcf\x11\xe0") or suffix == ".xls":
        raise refuse("a workbook of Excel 2003 or older is not read: save it as .xlsx", file=path)
    if start.startswith(b"PK\x03\x04") or suffix == ".xlsx":
        return "excel"
    if start.startswith(b"<stata_dta>") or suffix == ".dta":
        return "stata"
    return "csv"


def _kind(path: str) -> str:
    with open(path, "rb") as stream:
        return file_kind(stream.read(16), path)


# ---------------------------------------------------------------------- CSV


def _read_csv(path: str, columns: _Columns, policy: RowPolicy) -> Sheet:
    from pyarrow import csv as arrow_csv

    with open(path, "rb") as stream:
        content, encoding = as_utf8(stream.read(), path)
    start = content[:_HEADER_BYTES].decode("utf-8", "ignore")
    delimiter, header = _header(start, columns)
    if not header:
        raise refuse("the file is empty", file=path)
    headers = columns.of(header)
    problems: list[Problem] = []

    def invalid_row(row: Any) -> str:
        rule = f"the row has {row.actual_columns} cells, the header {row.expected_columns}"
        problems.append(Problem(path, row.number, "", "", rule))
        return "skip"

    # One thread: rows are numbered only then. Every column is text; what it means is decided later, not guessed.
    table = arrow_csv.read_csv(
        pa.BufferReader(content),
        arrow_csv.ReadOptions(use_threads=False),
        arrow_csv.ParseOptions(
            delimiter=delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=invalid_row
        ),
        arrow_csv.ConvertOptions(
            include_columns=list(headers.values()),
            column_types={column: pa.string() for column in headers.values()},
            null_values=[""],
            strings_can_be_null=True,
        ),
    ).rename_columns(list(headers))
    if problems:
        raise InputError(problems)
    found = TableFormat(path, "CSV", encoding, _DELIMITERS[delimiter] if len(header) > 1 else "")
    return _without_empty_rows(table, headers, found, 2, policy)


def _without_empty_rows(
    table: pa.Table, headers: dict[str, str], found: TableFormat, first: int, policy: RowPolicy
) -> Sheet:
    """Empty lines are read as rows without values: left out here, so that the other rows keep their numbers."""
    filled = np.zeros(table.num_rows, dtype=np.bool_)
    for column in table.columns:
        filled |= column.is_valid().to_numpy()
    return Sheet(table.filter(pa.array(filled)), headers, found, np.flatnonzero(filled) + first, policy)


def _header(start: str, columns: _Columns) -> tuple[str, list[str]]:
    """(delimiter, header): the delimiter of the first line that gives most known names."""
    line = start.partition("\n")[0]
    present = [delimiter for delimiter in _DELIMITERS if delimiter in line] or [","]
    headers = {delimiter: next(csv.reader(io.StringIO(start), delimiter=delimiter), []) for delimiter in present}
    counts = {delimiter: columns.known(header) for delimiter, header in headers.items()}
    best = [delimiter for delimiter in present if counts[delimiter] == max(counts.values())]
    if len(best) > 1:
        names = ", ".join(_DELIMITERS[delimiter] for delimiter in best)
        raise refuse(f"the delimiter cannot be told from the first line: {names}", file=columns.file, row=1)
    return best[0], headers[best[0]]


def as_utf8(content: bytes, file: str) -> tuple[bytes, str]:
    """(the bytes in UTF-8 without BOM, the encoding found): UTF-8, UTF-16 with BOM, or GB18030.

    Raises ``InputError`` with row and byte of what no encoding, or not the one found, can hold.
    """
    if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise refuse("UTF-32 is not read: save the file as UTF-8", file=file)
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decoded(content, "utf-16", "UTF-16", file).encode(), "UTF-16 with BOM"
    if content.startswith(codecs.BOM_UTF8):
        body = content[len(codecs.BOM_UTF8) :]
        _decoded(content, "utf-8", "UTF-8", file)
        return body, "UTF-8 with BOM"
    if b"\0" in content:
        position = content.index(b"\0")
        raise _undecodable(content, position, "no text: a zero byte (UTF-16 needs its byte order mark)", file)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        # Chinese in UTF-8 is three bytes a character, which hardly ever occurs by chance in GB18030.
        as_utf = len(re.findall(rb"[\xe0-\xef][\x80-\xbf]{2}", content))
        if as_utf > content.decode("utf-8", "replace").count("\ufffd"):
            raise _undecodable(content, error.start, "the file is not UTF-8", file) from None
        return _decoded(content, "gb18030", "UTF-8 and not GB18030", file).encode(), "GB18030"
    if not text.isascii() and not re.search("[\u0800-\U0010ffff]", text) and _fits(content, "gb18030"):
        raise refuse("UTF-8 or GB18030? Both fit; save the file as UTF-8 with byte order mark", file=file)
    return content, "UTF-8"


def _fits(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, codec: str, name: str, file: str) -> str:
    try:
        return content.decode(codec)
    except UnicodeDecodeError as error:
        raise _undecodable(content, error.start, f"the file is not {name}", file, codec) from None


def _undecodable(content: bytes, position: int, rule: str, file: str, codec: str = "") -> InputError:
    before = content[:position]
    rows = before.decode(codec, "ignore").count("\n") if codec == "utf-16" else before.count(b"\n")
    byte = f"0x{content[position]:02X}" if position < len(content) else "end of file"
    return refuse(f"{rule}: byte {position + 1} of the file ({byte})", file=file, row=rows + 1)


# ---------------------------------------------------------------------- Parquet, Excel, Stata, DataFrame


def _read_parquet(path: str, columns: _Columns, policy: RowPolicy) -> Sheet:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as source:
        headers = columns.of(source.schema_arrow.names)
        table = source.read(columns=list(headers.values()))
    table.validate(full=True)
    table = table.select(list(headers.values())).rename_columns(list(headers))
    return Sheet(table, headers, TableFormat(path, "Parquet"), np.arange(1, table.num_rows + 1), policy)


def _read_excel(path: str, columns: _Columns, policy: RowPolicy) -> Sheet:
    import pandas as pd

    try:
        book = pd.read_excel(path, sheet_name=None, header=None, dtype=object, na_filter=False, engine="openpyxl")
    except ImportError:
        raise refuse("reading .xlsx needs openpyxl: pip install openpyxl", file=path) from None
    except Exception as error:  # openpyxl raises errors of zip, XML and its own on a damaged file
        raise OSError(str(error)) from error
    filled = {name: frame for name, frame in book.items() if not frame.empty}
    if len(filled) > 1:
        raise refuse(f"one table a file: the sheets {', '.join(map(str, filled))} all hold data", file=path)
    if not filled:
        raise refuse("the file is empty", file=path)
    (cells,) = filled.values()
    header = [_text(cell) for cell in cells.iloc[0]]
    frame = cells.iloc[1:].set_axis(range(len(header)), axis=1)
    frame = frame.astype(object).where(frame != "", None)
    headers = columns.of(header)
    table = pa.table({name: _arrow_column(frame[header.index(text)]) for name, text in headers.items()})
    sheet = _without_empty_rows(table, headers, TableFormat(path, "Excel"), 2, policy)
    if sheet.has("person"):
        people = frame[header.index(headers["person"])].tolist()
        long = [isinstance(value, int | float) and abs(value) >= _EXCEL_DIGITS for value in people]
        _refuse_long_numbers(sheet, np.array(long, dtype=np.bool_)[sheet.rows - 2])
    return sheet


def _refuse_long_numbers(sheet: Sheet, mask: Mask) -> None:
    if mask.any():
        rule = "the identifier is a number of more than 15 digits, of which some are lost: store it as text"
        sheet.reject(mask, "person", rule)
        raise InputError(sheet.by_row())


def _read_stata(path: str, columns: _Columns, policy: RowPolicy) -> Sheet:
    import pandas as pd

    with open(path, "rb") as stream:
        release = re.search(rb"<release>(\d+)</release>", stream.read(100))
    try:
        frame = pd.read_stata(path)
    except Exception as error:  # struct, index and encoding errors on a damaged file
        raise OSError(str(error)) from error
    if release is None or int(release.group(1)) < _FIRST_UNICODE_STATA:
        texts = [str(name) for name in frame.columns]
        for name in frame.columns:
            texts += frame[name].astype(str).unique().tolist()
        if not all(text.isascii() for text in texts):
            rule = "a file of Stata 13 or older does not say its encoding: save it with Stata 14 or newer"
            raise refuse(rule, file=path)
    return _from_frame(frame, columns, TableFormat(path, "Stata"), policy)


def _from_frame(frame: pd.DataFrame, columns: _Columns, found: TableFormat, policy: RowPolicy) -> Sheet:
    header = [str(column) for column in frame.columns]
    headers = columns.of(header)
    table = pa.table({name: _arrow_column(frame.iloc[:, header.index(text)]) for name, text in headers.items()})
    sheet = Sheet(table, headers, found, np.arange(1, len(frame) + 1), policy)
    if sheet.has("person") and pa.types.is_floating(table["person"].type):
        with np.errstate(invalid="ignore"):
            _refuse_long_numbers(sheet, np.abs(table["person"].to_numpy()) >= 2.0**53)
    return sheet


def _arrow_column(series: pd.Series[Any]) -> pa.Array:
    missing = series.isna().tolist()
    # Left to itself Arrow makes a date of the number 2012 where dates stand beside it.
    kinds = {_cell_kind(v) for m, v in zip(missing, series, strict=True) if not m} if series.dtype == object else set()
    if len(kinds) < 2:
        with contextlib.suppress(pa.ArrowException, TypeError, ValueError):
            return pa.array(series, from_pandas=True)
    return pa.array([None if m else _text(v) for m, v in zip(missing, series, strict=True)], pa.string())


def _cell_kind(value: object) -> type:
    for kind in (bool, numbers.Real, str, datetime.date):
        if isinstance(value, kind):
            return kind
    return object


_READERS: Final[dict[str, Callable[[str, _Columns, RowPolicy], Sheet]]] = {
    "csv": _read_csv,
    "parquet": _read_parquet,
    "excel": _read_excel,
    "stata": _read_stata,
}
