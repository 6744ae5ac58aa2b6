"""Reading parameter files: dated rows with unit, source and status, and the overlay that replaces them one by one.

Two kinds of files. ``national/*.toml`` and ``scenarios/*.toml`` hold one table a parameter, with a ``value`` or with
``values`` (rows) under a ``key``; title, unit, status and source stand in the table and a row may state its own.
``provinces/*.csv`` and ``life_tables/*.csv`` are long tables whose leading ``#`` lines give title, unit and key.
Nothing here knows what a parameter means; ``pension.parameters`` does.
"""

from __future__ import annotations

import csv
import datetime
import math
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from pension import schema
from pension.tables.dense import FIRST_YEAR, LAST_YEAR

STATUSES: Final = ("statute", "official", "secondary", "unconfirmed", "estimated", "assumption")
"""Where a value in a file comes from: the text of an act; an official text or several independent sources that agree;
one compilation or press page; recalled; a gap filled by a declared rule; a choice of this library or of an analyst."""

_META = re.compile(r"#\s*([a-z]+)\s*:\s*(.*)")
_PERIOD = re.compile(r"[0-9]{4}-[0-9]{4}")
_ROW_WORDS = frozenset({"status", "source", "note"})
_EXTENDABLE = frozenset({"from", "year", "from_year", "day"})


class ParameterError(ValueError):
    """A parameter file that is refused: which file, which row or key, which rule it breaks."""

    def __init__(self, rule: str, *, file: str = "", row: int | None = None, key: str = "") -> None:
        self.rule, self.file, self.row, self.key = rule, file, row, key
        where = ", ".join(part for part in (file, f"row {row}" if row is not None else "", key) if part)
        super().__init__(f"{where}: {rule}" if where else rule)

    def __reduce__(self) -> tuple[Callable[..., ParameterError], tuple[Any, ...]]:
        return _parameter_error, (self.rule, self.file, self.row, self.key)


def _parameter_error(rule: str, file: str, row: int | None, key: str) -> ParameterError:
    return ParameterError(rule, file=file, row=row, key=key)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its fields by column, already numbers, months or text."""

    line: int | None
    """Row in the file as an editor counts lines; None in TOML."""
    fields: Mapping[str, Any]
    status: str
    source: str
    note: str

    def __getitem__(self, column: str) -> Any:
        return self.fields[column]


@dataclass(slots=True)
class ParameterTable:
    """One long table, or one parameter of a TOML file."""

    file: str
    name: str
    """Name of the parameter; that of the file for a CSV."""
    title: str
    unit: str
    key: tuple[str, ...]
    columns: tuple[str, ...]
    rows: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    meta: dict[str, str] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def error(self, rule: str, row: Row | None = None) -> ParameterError:
        """An error at a row of this table."""
        named = [] if row is None else [f"{column} = {_shown(column, row.fields[column])}" for column in self.key]
        if not self.file.endswith(".csv"):
            named.insert(0, self.name)
        return ParameterError(rule, file=self.file, row=None if row is None else row.line, key=" ".join(named))

    def scalar(self) -> Row:
        """The only row of a parameter without key."""
        return self.rows[()]

    def number(self, row: Row, column: str = "value") -> float:
        """A number that must be there."""
        found = row.fields[column]
        if not isinstance(found, float) or math.isnan(found):
            raise self.error(f"{column} is missing", row)
        return found


def _shown(column: str, value: Any) -> str:
    if column in {"from", "to"} and isinstance(value, int):
        return schema.month_text(value) if value >= 0 else "blank"
    return f"{value:g}" if isinstance(value, float) else str(value)


# ---- fields ---------------------------------------------------------------------------------------------------------


def _place(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) not in schema.PLACE_INDEX:
        raise ValueError(f"{text!r} is no place code: two digits of a province, 66 the Xinjiang Corps, 0 the nation")
    return int(text)


def _year(text: str) -> int:
    if not re.fullmatch(r"[0-9]{4}", text) or not FIRST_YEAR <= int(text) <= LAST_YEAR:
        raise ValueError(f"{text!r} is no year {FIRST_YEAR}..{LAST_YEAR}")
    return int(text)


def _month(text: str) -> int:
    """Month serial of ``YYYY-MM`` or ``YYYY-MM-DD`` (the month that holds the day); -1 when blank."""
    if not text:
        return schema.MISSING
    if len(text) > 7 and not re.fullmatch(r"-(0[1-9]|[12][0-9]|3[01])", text[7:]):
        raise ValueError(f"{text!r} is no date written YYYY-MM or YYYY-MM-DD")
    return schema.month_serial(text[:7])


def _dated(text: str) -> int:
    """The same on the axis of the tables."""
    serial = _month(text)
    if serial != schema.MISSING:
        _year(text[:4])
    return serial


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no date written YYYY-MM-DD") from None


def _number(text: str) -> float:
    """A finite number; NaN when blank."""
    if not text:
        return math.nan
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number") from None
    if not math.isfinite(value):
        raise ValueError(f"{text!r} is no finite number")
    return value


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"{text!r} is no whole number")
    return int(text)


_CONVERTERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "place": _place,
    "year": _year,
    "from_year": _year,
    "age": _whole,
    "day": _day,
    "first_delayed_birth": _month,
    **dict.fromkeys(("from", "to", "account_start", "deemed_cutoff", "cutoff", "paid_from"), _dated),
    **dict.fromkeys(
        (
            *("value", "upper", "coefficient", "coefficient_long", "threshold", "tier", "years_above", "years_up_to"),
            *("age_from", "age_below", "floor", "ceiling", "latitude", "longitude", "original", "step", "cap"),
            *("flexible", "width", "counts_paid", "quantum"),
        ),
        _number,
    ),
}


def _convert(column: str, text: str) -> Any:
    converter = _CONVERTERS.get(column)
    if converter is not None:
        return converter(text)
    if column[:1].isdigit() and _PERIOD.fullmatch(column):
        return _number(text)
    return text


# ---- CSV ------------------------------------------------------------------------------------------------------------


def read_csv(file: str, data: bytes, base: ParameterTable | None = None) -> ParameterTable:
    """A long table; with ``base`` an overlay of it: some of its columns, the key among them."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ParameterError(f"is not UTF-8 ({error.reason} at byte {error.start})", file=file) from None
    head = 0
    meta: dict[str, str] = {}
    while head < len(lines) and lines[head].startswith("#"):
        match = _META.match(lines[head])
        if match:
            word, text = match.groups()
            meta[word] = f"{meta[word]}; {text}" if word in meta else text.strip()
        head += 1
    reader = csv.reader(lines[head:], strict=True)
    try:
        columns = tuple(next(reader, ()))
        if base is None:
            for word in ("title", "unit", "key"):
                if not meta.get(word):
                    raise ParameterError(f"has no line '# {word}: ...'", file=file)
            key = tuple(part.strip() for part in meta["key"].split(","))
            table = ParameterTable(file, Path(file).stem, meta["title"], meta["unit"], key, columns, meta=meta)
        else:
            table = replace(base, rows={}, columns=columns)
            for column in columns:
                if column not in base.columns and column not in _ROW_WORDS:
                    raise ParameterError(
                        f"{column!r} is no column of this table ({', '.join(base.columns)})", file=file
                    )
        for column in table.key:
            if column not in columns:
                raise ParameterError(f"key column {column!r} is missing", file=file)
        if len(set(columns)) != len(columns):
            raise ParameterError("a column name occurs twice", file=file)
        status, source = ("", "") if base is None else ("assumption", "overlay")
        status, source = meta.get("status", status), meta.get("source", source)
        for cells in reader:
            if cells:
                _add_csv_row(table, columns, cells, head + reader.line_num, status, source)
    except csv.Error as error:
        raise ParameterError(f"is no CSV: {error}", file=file, row=head + reader.line_num) from None
    return table


def _add_csv_row(
    table: ParameterTable, columns: tuple[str, ...], cells: list[str], line: int, status: str, source: str
) -> None:
    if len(cells) != len(columns):
        raise ParameterError(f"has {len(cells)} cells, the header {len(columns)}", file=table.file, row=line)
    fields: dict[str, Any] = {}
    words = {"status": status, "source": source, "note": ""}
    for column, cell in zip(columns, cells, strict=True):
        if column in words:
            words[column] = cell.strip() or words[column]
            continue
        try:
            fields[column] = _convert(column, cell.strip())
        except ValueError as error:
            raise ParameterError(str(error), file=table.file, row=line, key=column) from None
    _add(table, Row(line, fields, words["status"], words["source"], words["note"]))


def _add(table: ParameterTable, row: Row) -> None:
    if row.status not in STATUSES:
        raise table.error(f"status {row.status!r} is none of {', '.join(STATUSES)}", row)
    if not row.source:
        raise table.error("has no source", row)
    key = tuple(row.fields[column] for column in table.key)
    if key in table.rows:
        raise table.error("the key occurs twice", row)
    table.rows[key] = row


# ---- TOML -----------------------------------------------------------------------------------------------------------


def read_toml(file: str, data: bytes) -> dict[str, Any]:
    """The raw content of a TOML file."""
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ParameterError(f"is not UTF-8 ({error.reason} at byte {error.start})", file=file) from None
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"is no TOML: {error}", file=file) from None


def toml_parameters(
    file: str, content: Mapping[str, Any], base: Mapping[str, ParameterTable] | None = None
) -> dict[str, ParameterTable]:
    """The parameters of a TOML file by name; with ``base`` an overlay of them."""
    found = {}
    for name, entry in content.items():
        if not isinstance(entry, dict):
            continue
        known = None if base is None else base.get(name)
        if base is not None and known is None:
            raise ParameterError(f"{name!r} is no parameter of this file ({', '.join(base)})", file=file)
        found[name] = _toml_parameter(file, name, entry, known)
    return found


def _toml_parameter(file: str, name: str, entry: Mapping[str, Any], base: ParameterTable | None) -> ParameterTable:
    if base is None:
        for word in ("title", "unit"):
            if not isinstance(entry.get(word), str) or not entry[word]:
                raise ParameterError(f"has no {word}", file=file, key=name)
        key = (str(entry["key"]),) if "key" in entry else ()
        table = ParameterTable(
            file, name, entry["title"], entry["unit"], key, (), meta={"zh": str(entry.get("zh", ""))}
        )
        status, source = str(entry.get("status", "")), str(entry.get("source", ""))
        allowed = {"title", "zh", "unit", "key", "status", "source", "note", "value", "values"}
    else:
        table = replace(base, rows={})
        status, source = str(entry.get("status", "assumption")), str(entry.get("source", "overlay"))
        allowed = {"status", "source", "note", "value", "values"}
    for word in entry:
        if word not in allowed:
            raise ParameterError(f"{word!r} is none of {', '.join(sorted(allowed))}", file=file, key=name)
    if table.key:
        rows = entry.get("values")
        if not isinstance(rows, list) or "value" in entry:
            raise ParameterError("needs values = [rows]", file=file, key=name)
    else:
        if "value" not in entry or "values" in entry:
            raise ParameterError("needs one value", file=file, key=name)
        rows = [{"value": entry["value"]}]
    for raw in rows:
        if not isinstance(raw, dict):
            raise ParameterError("a row is no table { ... }", file=file, key=name)
        words = {"status": status, "source": source, "note": str(entry.get("note", ""))}
        fields: dict[str, Any] = {}
        for column, value in raw.items():
            if column in words:
                words[column] = str(value)
                continue
            try:
                fields[column] = _convert(column, _toml_text(value)) if table.unit != "month" else _month(str(value))
            except ValueError as error:
                raise ParameterError(str(error), file=file, key=f"{name} {column}") from None
        for column in table.key:
            if column not in fields:
                raise ParameterError(f"a row has no {column}", file=file, key=name)
        _add(table, Row(None, fields, words["status"], words["source"], words["note"]))
    if base is None:
        table.columns = tuple({column: None for row in table for column in row.fields})
    return table


def _toml_text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is neither number nor text")
    return str(value)


# ---- overlay --------------------------------------------------------------------------------------------------------


def lay_over(base: ParameterTable, overlay: ParameterTable) -> None:
    """Replaces rows of ``base`` by those of ``overlay`` with the same key, column by column.

    Dated tables may also get new rows (a year or month that is not there yet); other keys must exist.
    """
    extendable = bool(_EXTENDABLE.intersection(base.key)) or (base.file.endswith(".csv") and "sex" not in base.key)
    for key, row in overlay.rows.items():
        known = base.rows.get(key)
        if known is None and not extendable:
            raise overlay.error(f"no row of {base.name} has this key", row)
        for column in row.fields:
            if column not in base.columns:
                raise overlay.error(f"{column!r} is no column of {base.name} ({', '.join(base.columns)})", row)
        fields = {column: _convert(column, "") for column in base.columns if column not in _ROW_WORDS | set(base.key)}
        if known is not None:
            fields.update(known.fields)
        fields.update(row.fields)
        base.rows[key] = replace(row, fields=fields)


def sorted_rows(table: ParameterTable, column: str = "from") -> list[Row]:
    """Rows by a column that must be there in each of them."""
    for row in table:
        if row.fields[column] == schema.MISSING:
            raise table.error(f"{column} is missing", row)
    return sorted(table, key=lambda row: row.fields[column])


def by_place(table: ParameterTable, rows: Iterable[Row] | None = None) -> dict[int, list[Row]]:
    """Rows grouped by place."""
    groups: dict[int, list[Row]] = {}
    for row in table if rows is None else rows:
        groups.setdefault(row.fields["place"], []).append(row)
    return groups
