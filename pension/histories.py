"""Contribution histories: the columnar container that kernels read, and its Arrow and Parquet files.

The nested table has one row a person with the records as one ``list<struct>``. Arrow IPC maps it without copying,
Parquet is decoded into it. Everything that is read is validated in full; what does not fit is refused with file, row,
column and rule, never repaired. Ranges are checked by ``Histories.require`` (compiled, ``pension.checks``).
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pension import checks, schema
from pension.checks import HistoryArrays
from pension.errors import InputError, Problem, mask_identifier, refuse, shown

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Histories",
    "HistoryArrays",
    "InputError",
    "Problem",
    "Source",
    "arrow_schema",
    "iter_ipc",
    "iter_parquet",
    "read_ipc",
    "read_parquet",
    "wages_of",
    "write_ipc",
    "write_parquet",
]

ReferenceWage = Callable[[npt.NDArray[np.int64], npt.NDArray[np.int64]], npt.NDArray[np.float64]]
"""C: (place codes, years) -> yuan/month of the statistical year, NaN where unknown."""
StatutoryMonth = Callable[[int, int], int]
"""(birth, retirement_category) -> statutory award month, month serials."""

ROWS: Final = 65_536
"""People per row group or record batch in files this module writes."""

VERSION_KEY: Final = b"pension_schema"
ENUMERATIONS_KEY: Final = b"pension_enumerations"
CHECKED_KEY: Final = b"pension_checked"
CHECKSUM_KEY: Final = b"pension_checksum"
LAST_KEY: Final = b"pension_last"

_ENUMERATIONS: Final = json.dumps(
    {
        "sex": schema.SEX,
        "retirement_category": schema.RETIREMENT_CATEGORY,
        "hukou_type": schema.HUKOU_TYPE,
        "scheme": schema.SCHEME,
        "form": schema.FORM,
    },
    separators=(",", ":"),
).encode()

RECORD_TYPES: Final[dict[str, pa.DataType]] = {
    "year": pa.int16(),
    "months": pa.int16(),
    "scheme": pa.int8(),
    "form": pa.int8(),
    "place": pa.int16(),
    "work_place": pa.int16(),
    "base": pa.float64(),
    "income": pa.float64(),
    "payer_share": pa.float64(),
    "flags": pa.int16(),
}
_REQUIRED: Final[dict[str, pa.DataType]] = {
    "sex": pa.int8(),
    "retirement_category": pa.int8(),
    "birth": pa.int32(),
    "hukou": pa.int16(),
    "hukou_type": pa.int8(),
}
_MONTHS: Final[dict[str, pa.DataType]] = {"claim": pa.int32(), "resident_start": pa.int32()}
_SINCE_TYPES: Final[dict[str, pa.DataType]] = {"month": pa.int32(), "place": pa.int16()}
_ANNUITY_TYPES: Final[dict[str, pa.DataType]] = {
    "start": pa.int32(),
    "end": pa.int32(),
    "kind": pa.int8(),
    "base": pa.float64(),
    "employer_rate": pa.float64(),
    "employee_rate": pa.float64(),
}
NOT_COMPUTED: Final = ("resident_claim", "death", "disability", "hukou_since", "annuities")
"""Part of the schema, without effect on any number yet: a value is refused."""
NOT_COMPUTED_RULE: Final = "{} is not computed yet; refused rather than ignored"


def _list_of(types: Mapping[str, pa.DataType]) -> pa.DataType:
    return pa.list_(pa.field("item", pa.struct([pa.field(n, t, nullable=False) for n, t in types.items()]), False))


_COLUMNS: Final[dict[str, pa.DataType]] = {
    "person": pa.int64(),
    **_REQUIRED,
    **_MONTHS,
    "weight": pa.float64(),
    "resident_claim": pa.int32(),
    "death": pa.int32(),
    "disability": pa.int32(),
    "hukou_since": _list_of(_SINCE_TYPES),
    "annuities": _list_of(_ANNUITY_TYPES),
    "records": _list_of(RECORD_TYPES),
}
_OPTIONAL: Final = frozenset({"claim", "resident_start", "weight", *NOT_COMPUTED})
_PERSON_TYPES: Final = (pa.int64(), pa.string(), pa.large_string())

_BROKEN: Final = (
    pa.ArrowException,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    MemoryError,
    OverflowError,
    RuntimeError,
)
"""What pyarrow raises on a damaged file."""


def arrow_schema(person: pa.DataType | None = None, extra: Iterable[pa.Field] = ()) -> pa.Schema:
    """The schema of the nested table, with version and enumerations in its metadata.

    ``person`` is int64 (default) or string; ``extra`` are fields of the analyst's own ``x_`` columns. The columns
    listed in ``NOT_COMPUTED`` are optional and left out here.
    """
    fields = []
    for name, arrow_type in _COLUMNS.items():
        if name not in NOT_COMPUTED:
            chosen = person if name == "person" and person is not None else arrow_type
            fields.append(pa.field(name, chosen, nullable=name in _MONTHS))
    fields[-1:-1] = list(extra)
    return pa.schema(fields, metadata={VERSION_KEY: schema.SCHEMA_VERSION.encode(), ENUMERATIONS_KEY: _ENUMERATIONS})


@dataclass(frozen=True)
class Source:
    """Where people and records came from, so that a broken rule can name the row the analyst wrote."""

    file: str = ""
    first_row: int = 0
    """Row of the first person in ``file``, from 0."""
    record_file: str = ""
    """File of the records where it is another one (long tables)."""
    person_rows: npt.NDArray[np.int64] | None = None
    """[n]: row of each person in ``file`` as a reader counts it, from 1; None = consecutive rows."""
    record_rows: npt.NDArray[np.int64] | None = None
    """[records]: row of each record in ``record_file``, from 1; None = the records are nested in the person's row."""
    record_columns: tuple[str, ...] | None = None
    """[records]: prefix of the column of each record, for instance ``employee[2].`` in a case file."""


@dataclass(frozen=True, eq=False)
class Histories:
    """People and their records in columns.

    ``arrays`` is what kernels take. ``person`` holds the identifiers (int64 or string), ``extra`` the ``x_`` columns
    (no columns: none).
    """

    arrays: HistoryArrays
    person: pa.Array
    extra: pa.Table = field(default_factory=lambda: pa.table({}))
    source: Source = Source()

    def __len__(self) -> int:
        return int(self.arrays.sex.size)

    def __repr__(self) -> str:
        return f"<Histories of {len(self):,} people, {self.n_records:,} records>"

    @property
    def n_records(self) -> int:
        """Number of records of all people."""
        return int(self.arrays.year.size)

    # ------------------------------------------------------------------ construction

    @classmethod
    def build(
        cls,
        person: pa.Array | Sequence[int] | Sequence[str],
        columns: Mapping[str, npt.ArrayLike],
        extra: pa.Table | None = None,
        source: Source | None = None,
    ) -> Histories:
        """Histories from columns named like the fields of ``HistoryArrays``.

        ``claim``, ``resident_start``, ``weight`` (1), ``work_place`` (-1), ``income``, ``payer_share`` (NaN) and
        ``flags`` (0) may be left out. Shapes and offsets are checked here, ranges by ``require``.
        """
        identifiers = person if isinstance(person, pa.Array) else _identifiers(person)
        if identifiers.type not in _PERSON_TYPES:
            raise refuse("identifiers are int64 or string", column="person", value=str(identifiers.type))
        n = len(identifiers)
        n_records = int(np.size(columns["year"]))
        defaults: dict[str, float] = {"claim": schema.MISSING, "resident_start": schema.MISSING, "weight": 1.0}
        defaults |= {"work_place": schema.MISSING, "income": np.nan, "payer_share": np.nan, "flags": 0}
        fixed: dict[str, npt.NDArray[Any]] = {}
        for name, dtype in DTYPES.items():
            size = n + 1 if name == "offsets" else n_records if name in RECORD_TYPES else n
            values = columns[name] if name in columns else np.full(size, defaults[name])
            fixed[name] = _fixed(np.asarray(values), dtype, name)
            if fixed[name].shape != (size,):
                raise refuse(f"{size} values are needed, not {fixed[name].shape}", column=name)
        offsets = fixed["offsets"]
        if offsets[0] != 0 or offsets[-1] != n_records or bool(np.any(np.diff(offsets) < 0)):
            raise refuse("offsets ascend from 0 to the number of records", column="offsets")
        return cls(HistoryArrays(**fixed), identifiers, pa.table({}) if extra is None else extra, source or Source())

    @classmethod
    def from_arrow(
        cls, data: pa.Table | pa.RecordBatch, *, file: str = "", first_row: int = 0, require_version: bool = False
    ) -> Histories:
        """Histories from a nested table; the numbers are not copied where the table is one contiguous chunk.

        Raises ``InputError`` for wrong or missing columns and types, nulls, duplicate people and invalid data. A
        schema version in the table's metadata must be this one; ``require_version`` also refuses its absence.
        """
        table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
        _check_metadata(table.schema, file, require_version)
        try:
            table.validate(full=True)
        except _BROKEN as error:
            raise refuse(f"invalid Arrow data: {shown(str(error))}", file=file) from error
        _check_columns(table.schema, file)
        reader = _Reader(table, file, first_row)
        person = reader.identifiers()
        columns: dict[str, npt.NDArray[Any]] = {
            name: reader.numbers(name, null=0 if name == "retirement_category" else None) for name in _REQUIRED
        }
        for name in _MONTHS:
            columns[name] = reader.optional_months(name)
        columns["weight"] = reader.weights()
        for name in NOT_COMPUTED:
            reader.refuse_values(name)
        columns |= reader.records()
        extra = table.select([name for name in table.column_names if name.startswith("x_")])
        fixed = {name: _fixed(columns[name], dtype, name) for name, dtype in DTYPES.items()}
        return cls(HistoryArrays(**fixed), person, extra, Source(file=file, first_row=first_row))

    @classmethod
    def from_long(
        cls,
        people: pd.DataFrame | pa.Table | str | os.PathLike[str],
        records: pd.DataFrame | pa.Table | str | os.PathLike[str],
        *,
        reference_wage: ReferenceWage | None = None,
    ) -> Histories:
        """Histories from the long tables (``pension.long_tables``)."""
        from pension.long_tables import read_long

        return read_long(people, records, reference_wage=reference_wage)

    @classmethod
    def from_case(
        cls,
        path: str | os.PathLike[str],
        *,
        reference_wage: ReferenceWage | None = None,
        statutory_month: StatutoryMonth | None = None,
    ) -> Histories:
        """The history of the one person of a case file (``pension.case_file``)."""
        from pension.case_file import read_case

        return read_case(path, reference_wage=reference_wage, statutory_month=statutory_month)

    # ------------------------------------------------------------------ parts and copies

    def slice(self, start: int, stop: int) -> Histories:
        """The people ``start`` .. ``stop - 1``; the numbers are shared, except offsets."""
        start, stop, _ = slice(start, stop).indices(len(self))
        stop = max(start, stop)
        old = self.arrays
        begin, end = int(old.offsets[start]), int(old.offsets[stop])
        parts: dict[str, npt.NDArray[Any]] = {}
        for name, values in old._asdict().items():
            parts[name] = values[begin:end] if name in RECORD_TYPES else values[start:stop]
        parts["offsets"] = _fixed(old.offsets[start : stop + 1] - begin, DTYPES["offsets"], "offsets")
        source = self.source
        cut = replace(
            source,
            first_row=source.first_row + start,
            person_rows=None if source.person_rows is None else source.person_rows[start:stop],
            record_rows=None if source.record_rows is None else source.record_rows[begin:end],
            record_columns=None if source.record_columns is None else source.record_columns[begin:end],
        )
        extra = self.extra.slice(start, stop - start) if self.extra.num_columns else self.extra
        return Histories(HistoryArrays(**parts), self.person.slice(start, stop - start), extra, cut)

    def to_arrow(self) -> pa.Table:
        """The nested table, with version and enumerations in its metadata."""
        arrays = self.arrays
        columns: dict[str, pa.Array | pa.ChunkedArray] = {"person": self.person}
        for name, arrow_type in _COLUMNS.items():
            if name in _MONTHS:
                values = getattr(arrays, name)
                columns[name] = pa.array(values, arrow_type, mask=values == schema.MISSING)
            elif name in _REQUIRED or name == "weight":
                columns[name] = pa.array(getattr(arrays, name), arrow_type)
        for name in self.extra.column_names:
            columns[name] = self.extra[name]
        inner = pa.StructArray.from_arrays(
            [pa.array(getattr(arrays, name), arrow_type) for name, arrow_type in RECORD_TYPES.items()],
            fields=list(_COLUMNS["records"].value_type),
        )
        if self.n_records >= 2**31:
            raise ValueError("an Arrow list holds fewer than 2**31 records: write the histories in slices")
        offsets = pa.array(arrays.offsets.astype(np.int32))
        columns["records"] = pa.ListArray.from_arrays(offsets, inner, type=_COLUMNS["records"])
        return pa.table(columns, schema=arrow_schema(self.person.type, self.extra.schema))

    # ------------------------------------------------------------------ the range check

    def problems(
        self, statutory: npt.NDArray[np.integer], earliest: npt.NDArray[np.integer], limit: int | None = None
    ) -> list[Problem]:
        """The first broken rule of every person, in words; ``limit`` cuts the list (see ``checks.first_problems``)."""
        rules, records = checks.first_problems(self.arrays, statutory, earliest)
        return self.describe(rules, records, limit)

    def require(self, statutory: npt.NDArray[np.integer], earliest: npt.NDArray[np.integer]) -> None:
        """Raise ``InputError`` unless every field of every record passes the range check."""
        problems = self.problems(statutory, earliest)
        if problems:
            raise InputError(problems)

    def describe(
        self, rules: npt.NDArray[np.integer], records: npt.NDArray[np.integer], limit: int | None = None
    ) -> list[Problem]:
        """The result of ``checks.first_problems`` in words."""
        rows = np.flatnonzero(rules)[:limit]
        return [self._describe_one(int(i), int(rules[i]), int(records[i])) for i in rows]

    def _describe_one(self, i: int, code: int, record: int) -> Problem:
        rule, source, arrays = checks.RULES[code], self.source, self.arrays
        row = source.first_row + i + 1 if source.person_rows is None else int(source.person_rows[i])
        who = f"person {mask_identifier(self.person[i].as_py())}"
        if not rule.is_record:
            return Problem(source.file, row, rule.column, _field_text(arrays, rule.column, i), f"{rule.text} ({who})")
        j = int(arrays.offsets[i]) + record
        value = _field_text(arrays, rule.column, j)
        if source.record_rows is None:
            return Problem(source.file, row, f"records[{record + 1}].{rule.column}", value, f"{rule.text} ({who})")
        prefix = "" if source.record_columns is None else source.record_columns[j]
        file = source.record_file or source.file
        return Problem(file, int(source.record_rows[j]), prefix + rule.column, value, f"{rule.text} ({who})")

    # ------------------------------------------------------------------ content

    def checksum(self) -> str:
        """A hash of all content (identifiers, numbers, ``x_`` columns), the same for every way it was read."""
        from pension._checksum import content_checksum

        return content_checksum(self)


DTYPES: Final[dict[str, np.dtype[Any]]] = {
    **{name: np.dtype(t.to_pandas_dtype()) for name, t in (_REQUIRED | _MONTHS).items()},
    "weight": np.dtype(np.float64),
    "offsets": np.dtype(np.int64),
    **{name: np.dtype(t.to_pandas_dtype()) for name, t in RECORD_TYPES.items()},
}
"""The dtype of each field of ``HistoryArrays``, in its order."""


def wages_of(reference_wage: npt.NDArray[np.float64], first_year: int) -> ReferenceWage:
    """``ReferenceWage`` of a dense table [place, year] as in ``pension.tables``; NaN outside of it."""

    def wage(place: npt.NDArray[np.int64], year: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        column = year - first_year
        inside = (column >= 0) & (column < reference_wage.shape[1])
        found = reference_wage[checks.PLACE_LOOKUP[place], np.where(inside, column, 0)]
        return np.where(inside, found, np.nan)

    return wage


def _identifiers(values: Sequence[int] | Sequence[str]) -> pa.Array:
    """Identifiers as an Arrow array; whole numbers without ``pa.array``, which imports pandas (a quarter second)."""
    numbers = np.asarray(values)
    if numbers.dtype.kind == "i":
        whole = np.ascontiguousarray(numbers, dtype=np.int64)
        return pa.Array.from_buffers(pa.int64(), whole.size, [None, pa.py_buffer(whole)])
    return pa.array(values)


def _fixed(values: npt.NDArray[Any], dtype: np.dtype[Any], name: str) -> npt.NDArray[Any]:
    """The one place that makes every input C-contiguous, aligned, read-only and of its dtype: one array type."""
    if values.dtype != dtype:
        cast = values.astype(dtype)
        with np.errstate(invalid="ignore"):
            same = np.array_equal(cast, values, equal_nan=values.dtype.kind == "f")
        if not same:
            raise refuse(f"values do not fit {dtype}", column=name)
        values = cast
    values = np.require(values, requirements=["C", "A"]).view()
    values.flags.writeable = False
    return values


def _field_text(arrays: HistoryArrays, name: str, i: int) -> str:
    """A value of the arrays as a message shows it: months as YYYY-MM, missing ones as nothing."""
    value = getattr(arrays, name)[i].item()
    if name in ("birth", "claim", "resident_start"):
        return "" if value == schema.MISSING else schema.month_text(value) if 0 <= value < 120_000 else str(value)
    if name == "months" and 1 <= value <= 4095:
        j_year = int(arrays.year[i])
        months = [schema.month_text(12 * j_year + k) for k in range(12) if value >> k & 1]
        return months[0] if len(months) == 1 else f"{months[0]}..{months[-1]}"
    return f"{value:g}" if isinstance(value, float) else str(value)


# ---------------------------------------------------------------------- reading a nested table


def _check_metadata(found: pa.Schema, file: str, require_version: bool) -> None:
    metadata = found.metadata or {}
    version = metadata.get(VERSION_KEY)
    if version is None:
        if require_version:
            raise refuse(
                f"no schema version: the metadata key {VERSION_KEY.decode()} must be {schema.SCHEMA_VERSION}", file=file
            )
        return
    if version != schema.SCHEMA_VERSION.encode():
        raise refuse(
            f"schema version {shown(version.decode('utf-8', 'replace'))}: this program reads {schema.SCHEMA_VERSION}",
            file=file,
        )
    if metadata.get(ENUMERATIONS_KEY, _ENUMERATIONS) != _ENUMERATIONS:
        raise refuse("the enumerations in the metadata are not those of this schema version", file=file)


def _is_list(arrow_type: pa.DataType) -> bool:
    return bool(pa.types.is_list(arrow_type) or pa.types.is_large_list(arrow_type))


def _type_text(arrow_type: pa.DataType) -> str:
    """The type as the schema page writes it; names and nullability inside lists do not matter."""
    if _is_list(arrow_type):
        return f"list<{_type_text(arrow_type.value_type)}>"
    if pa.types.is_struct(arrow_type):
        return f"struct<{', '.join(f'{f.name} {_type_text(f.type)}' for f in arrow_type)}>"
    return str(arrow_type)


def _names(fields: Iterable[pa.Field]) -> list[str]:
    """All names, nested ones included."""
    names = []
    for f in fields:
        names.append(f.name)
        inner = f.type.value_type if _is_list(f.type) else f.type
        if pa.types.is_struct(inner):
            names += _names(inner)
    return names


def _check_columns(found: pa.Schema, file: str) -> None:
    try:
        _names(found)
    except UnicodeDecodeError as error:  # pyarrow decodes names only when they are asked for
        raise refuse("damaged file: a column name is not UTF-8", file=file) from error
    problems = []
    for name in sorted({n for n in found.names if found.names.count(n) > 1}):
        problems.append(Problem(file, None, shown(name), "", "the column is there twice"))
    for name, arrow_type in _COLUMNS.items():
        if name not in found.names:
            if name not in _OPTIONAL:
                problems.append(Problem(file, None, name, "", "the column is missing"))
            continue
        if problems and found.names.count(name) > 1:
            continue
        actual = found.field(name).type
        if name == "person":
            value = actual.value_type if pa.types.is_dictionary(actual) else actual
            if value not in _PERSON_TYPES:
                problems.append(Problem(file, None, name, shown(str(actual)), "wrong type: int64 or string is needed"))
        elif _is_list(arrow_type):
            problems += _check_list(name, arrow_type, actual, file)
        elif actual != arrow_type and not (name in NOT_COMPUTED and pa.types.is_null(actual)):
            problems.append(Problem(file, None, name, shown(str(actual)), f"wrong type: {arrow_type} is needed"))
    for name in found.names:
        if name not in _COLUMNS and not name.startswith("x_"):
            rule = "unknown column; the analyst's own columns begin with x_"
            problems.append(Problem(file, None, shown(name), "", rule))
    if problems:
        raise InputError(problems)


def _check_list(name: str, wanted: pa.DataType, actual: pa.DataType, file: str) -> list[Problem]:
    """Field names, order and types of a list of structs; a list of other names is not read by position."""
    if name in NOT_COMPUTED and pa.types.is_null(actual):
        return []
    if not _is_list(actual) or not pa.types.is_struct(actual.value_type):
        return [Problem(file, None, name, shown(str(actual)), f"wrong type: {_type_text(wanted)} is needed")]
    problems = []
    needed = {f.name: f.type for f in wanted.value_type}
    names = [f.name for f in actual.value_type]
    for inner in actual.value_type:
        if inner.name not in needed:
            problems.append(Problem(file, None, f"{name}.{shown(inner.name)}", "", "unknown field"))
        elif inner.type != needed[inner.name]:
            rule = f"wrong type: {needed[inner.name]} is needed"
            problems.append(Problem(file, None, f"{name}.{inner.name}", shown(str(inner.type)), rule))
        elif names.count(inner.name) > 1:
            problems.append(Problem(file, None, f"{name}.{inner.name}", "", "the field is there twice"))
    problems += [Problem(file, None, f"{name}.{n}", "", "the field is missing") for n in needed if n not in names]
    return problems


class _Reader:
    """Columns of one validated table as numpy arrays; chunks are joined only where there are several."""

    def __init__(self, table: pa.Table, file: str, first_row: int) -> None:
        self.table, self.file, self.first_row = table, file, first_row

    def _refuse(self, position: int, column: str, rule: str, value: object = None) -> InputError:
        return refuse(rule, file=self.file, row=self.first_row + position + 1, column=column, value=value)

    def _refuse_null(self, name: str) -> None:
        column = self.table[name]
        if column.null_count:
            position = int(np.flatnonzero(column.is_null().to_numpy())[0])
            raise self._refuse(position, name, "no value (null)")

    def identifiers(self) -> pa.Array:
        self._refuse_null("person")
        column = self.table["person"]
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
            if column.null_count:  # a null among the dictionary's values
                raise self._refuse(int(np.flatnonzero(column.is_null().to_numpy())[0]), "person", "no value (null)")
        person = _joined(column)
        duplicate = first_duplicate(person)
        if duplicate is not None:
            value = mask_identifier(person[duplicate].as_py())
            raise self._refuse(duplicate, "person", "the identifier is there twice", value)
        if not pa.types.is_integer(person.type):
            empty = pc.index(pc.utf8_trim_whitespace(person), pa.scalar("", person.type)).as_py()
            if empty >= 0:
                raise self._refuse(empty, "person", "the identifier is empty")
        return person

    def numbers(self, name: str, null: int | None = None) -> npt.NDArray[Any]:
        column = self.table[name]
        if column.null_count and null is not None:
            column = column.fill_null(null)
        self._refuse_null(name) if null is None else None
        return _numpy(column)

    def optional_months(self, name: str) -> npt.NDArray[np.int32]:
        if name not in self.table.column_names:
            return np.full(len(self.table), schema.MISSING, np.int32)
        column = self.table[name]
        smallest = pc.min(column).as_py()
        if smallest is not None and smallest < 0:
            # A stated -1 would be read as "not stated".
            position = int(np.flatnonzero(_numpy(column.fill_null(0)) < 0)[0])
            raise self._refuse(position, name, "a month serial is not negative; write null for none", smallest)
        return _numpy(column.fill_null(schema.MISSING) if column.null_count else column)

    def weights(self) -> npt.NDArray[np.float64]:
        if "weight" not in self.table.column_names:
            return np.ones(len(self.table))
        return self.numbers("weight")

    def refuse_values(self, name: str) -> None:
        if name not in self.table.column_names:
            return
        column = self.table[name]
        if column.null_count < len(column):
            used = column.is_valid().to_numpy()
            if _is_list(column.type):
                used = used & (pc.list_value_length(column).fill_null(0).to_numpy() > 0)
            if used.any():
                raise self._refuse(int(np.flatnonzero(used)[0]), name, NOT_COMPUTED_RULE.format(name))

    def records(self) -> dict[str, npt.NDArray[Any]]:
        """Offsets and record columns. ``.values`` of an Arrow list ignores its slice, so the cut is made here."""
        self._refuse_null("records")
        parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in RECORD_TYPES}
        offsets: list[npt.NDArray[np.int64]] = [np.zeros(1, np.int64)]
        row, total = 0, 0
        for chunk in self.table["records"].chunks:
            ends = chunk.offsets.to_numpy().astype(np.int64)
            begin, end = int(ends[0]), int(ends[-1])
            inner = chunk.values.slice(begin, end - begin)
            local = ends - begin
            if inner.null_count:
                self._refuse_record(row, local, inner.is_null(), "", "a record is null")
            for name in RECORD_TYPES:
                values = inner.field(name)
                if values.null_count:
                    self._refuse_record(row, local, values.is_null(), f".{name}", "no value (null)")
                parts[name].append(values.to_numpy())
            offsets.append(local[1:] + total)
            row += len(chunk)
            total += end - begin
        columns: dict[str, npt.NDArray[Any]] = {"offsets": np.concatenate(offsets)}
        for name, arrow_type in RECORD_TYPES.items():
            arrays = parts[name] or [np.zeros(0, arrow_type.to_pandas_dtype())]
            columns[name] = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
        return columns

    def _refuse_record(self, row: int, offsets: npt.NDArray[np.int64], null: pa.Array, suffix: str, rule: str) -> None:
        j = int(np.flatnonzero(null.to_numpy(zero_copy_only=False))[0])
        i = int(np.searchsorted(offsets, j, side="right")) - 1
        raise self._refuse(row + i, f"records[{j - int(offsets[i]) + 1}]{suffix}", rule)


def _joined(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _numpy(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = _joined(column).to_numpy()
    return array


def first_duplicate(person: pa.Array) -> int | None:
    """Position of the first identifier that was there before; None when all differ."""
    if pa.types.is_integer(person.type):
        values = person.to_numpy()
        if values.size < 2 or bool(np.all(np.diff(values) > 0)):  # ascending, the usual case
            return None
    elif pc.count_distinct(person, mode="all").as_py() == len(person):
        return None
    # Equal identifiers have equal dictionary codes.
    codes = person.dictionary_encode().indices.to_numpy()
    order = np.argsort(codes, kind="stable")
    again = order[1:][codes[order[1:]] == codes[order[:-1]]]
    return int(again.min()) if again.size else None


# ---------------------------------------------------------------------- files


def _opening(path: str | os.PathLike[str], kind: str, error: BaseException) -> InputError:
    if isinstance(error, FileNotFoundError):
        return refuse("the file does not exist", file=str(path))
    if isinstance(error, PermissionError | IsADirectoryError):
        return refuse("the file cannot be read", file=str(path))
    return refuse(f"truncated, damaged or no {kind} file ({shown(str(error))})", file=str(path))


def _require_positive(rows: int) -> None:
    if rows < 1:
        raise ValueError("at least one row a block")


def read_parquet(path: str | os.PathLike[str]) -> Histories:
    """A whole nested Parquet file."""
    parts = list(_parquet_parts(path, None))
    return _concatenated(parts, str(path))


def iter_parquet(path: str | os.PathLike[str], rows: int = ROWS) -> Iterator[Histories]:
    """A nested Parquet file in blocks of at most ``rows`` people, in order.

    Identifiers are compared over the whole file before the first block is given out.
    """
    _require_positive(rows)
    for part in _parquet_parts(path, rows):
        for start in range(0, max(len(part), 1), rows):
            yield part.slice(start, start + rows)


def _parquet_parts(path: str | os.PathLike[str], rows: int | None) -> Iterator[Histories]:
    import pyarrow.parquet as pq

    file = str(path)
    try:
        source = pq.ParquetFile(path, page_checksum_verification=True)
        found = source.schema_arrow
        groups = source.metadata.num_row_groups
        keys = dict(source.metadata.metadata or {})
    except _BROKEN as error:
        raise _opening(path, "Parquet", error) from error
    with source:
        _check_metadata(found, file, require_version=True)
        _check_columns(found, file)
        sums = _checksum_list(found, keys, groups, file)
        if groups > 1:
            _require_unique(lambda: source.read(columns=["person"]), path, "Parquet")
        first = 0
        tables = _parquet_tables(source, path, groups, rows if sums is None else None)
        for number, table in enumerate(tables):
            part = Histories.from_arrow(table, file=file, first_row=first, require_version=True)
            if sums is not None:
                _require_checksum(part, sums[number], file)
            yield part
            first += len(part)


def _parquet_tables(source: Any, path: str | os.PathLike[str], groups: int, rows: int | None) -> Iterator[pa.Table]:
    """Row groups, or blocks of ``rows`` where a file of other makers has row groups of any size."""
    try:
        if groups == 0:
            yield source.read()
        elif rows is None:
            for group in range(groups):
                yield source.read_row_group(group)
        else:
            for batch in source.iter_batches(batch_size=rows):
                yield pa.Table.from_batches([batch])
    except GeneratorExit:
        raise
    except _BROKEN as error:
        raise _opening(path, "Parquet", error) from error


def _checksum_list(found: pa.Schema, keys: Mapping[bytes, bytes], groups: int, file: str) -> list[str] | None:
    if CHECKED_KEY not in (found.metadata or {}) and CHECKSUM_KEY not in keys:
        return None
    sums = keys.get(CHECKSUM_KEY, b"").decode("ascii", "replace").split(",")
    if len(sums) != groups:
        raise refuse("damaged file: the checksums do not fit the row groups", file=file)
    return sums


def _require_checksum(part: Histories, wanted: str, file: str) -> None:
    if part.checksum() != wanted:
        first = part.source.first_row
        raise refuse(f"damaged file: wrong checksum of rows {first + 1} to {first + len(part)}", file=file)


def _require_unique(read: Callable[[], pa.Table], path: str | os.PathLike[str], kind: str) -> None:
    try:
        table = read()
        table.validate(full=True)
    except _BROKEN as error:
        raise _opening(path, kind, error) from error
    _Reader(table, str(path), 0).identifiers()


def read_ipc(path: str | os.PathLike[str]) -> Histories:
    """A whole nested Arrow IPC file, mapped; one record batch is not copied."""
    return _concatenated(list(_ipc_parts(path)), str(path))


def iter_ipc(path: str | os.PathLike[str], rows: int | None = None) -> Iterator[Histories]:
    """A nested Arrow IPC file in its record batches (or blocks of at most ``rows`` people of them), mapped.

    Identifiers are compared over the whole file before the first block is given out.
    """
    if rows is not None:
        _require_positive(rows)
    for part in _ipc_parts(path):
        step = rows or max(len(part), 1)
        for start in range(0, max(len(part), 1), step):
            yield part.slice(start, start + step)


def _ipc_parts(path: str | os.PathLike[str]) -> Iterator[Histories]:
    file = str(path)
    try:
        mapped = pa.memory_map(os.fspath(path))
        reader = pa.ipc.open_file(mapped)
        found = reader.schema
        count = reader.num_record_batches
    except _BROKEN as error:
        raise _opening(path, "Arrow IPC", error) from error
    _check_metadata(found, file, require_version=True)
    _check_columns(found, file)
    batches, notes = [], []
    for number in range(count):
        try:
            batch, note = reader.get_batch_with_custom_metadata(number)
        except _BROKEN as error:
            raise _opening(path, "Arrow IPC", error) from error
        batches.append(batch)
        notes.append(dict(note or {}))
    checked = CHECKED_KEY in (found.metadata or {}) or any(CHECKSUM_KEY in note for note in notes)
    if checked and [LAST_KEY in note for note in notes] != [False] * (count - 1) + [True]:
        raise refuse("damaged file: record batches are missing or out of order", file=file)
    if count > 1:
        _require_unique(lambda: pa.Table.from_batches([b.select(["person"]) for b in batches]), path, "Arrow IPC")
    first = 0
    for number, (batch, note) in enumerate(zip(batches, notes, strict=True)):
        part = Histories.from_arrow(batch, file=file, first_row=first, require_version=True)
        if checked:
            wanted = f"{number}:{part.checksum()}".encode()
            if note.get(CHECKSUM_KEY) != wanted:
                rows = f"rows {first + 1} to {first + len(part)}"
                raise refuse(f"damaged file: wrong checksum of {rows}", file=file)
        yield part
        first += len(part)
    if not count:
        yield Histories.from_arrow(found.empty_table(), file=file, require_version=True)


def _concatenated(parts: list[Histories], file: str) -> Histories:
    if len(parts) == 1:
        return parts[0]
    columns: dict[str, npt.NDArray[Any]] = {}
    for name in DTYPES:
        if name != "offsets":
            columns[name] = np.concatenate([getattr(part.arrays, name) for part in parts])
    counts = np.concatenate([np.diff(part.arrays.offsets) for part in parts])
    columns["offsets"] = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])
    person = pa.concat_arrays([part.person for part in parts])
    extra = pa.concat_tables([part.extra for part in parts])
    return Histories.build(person, columns, extra, Source(file=file))


def write_parquet(path: str | os.PathLike[str], histories: Histories | Iterable[Histories], rows: int = ROWS) -> None:
    """Write the nested table to Parquet, in row groups of ``rows`` people; the file appears complete or not at all."""
    import pyarrow.parquet as pq

    def write(stream: IO[bytes]) -> None:
        writer, sums = None, []
        try:
            for block in _blocks(histories, rows):
                table = _checked_table(block)
                if writer is None:
                    # Bytes depend on the content alone: no dictionaries, no chunks of the caller.
                    writer = pq.ParquetWriter(stream, table.schema, use_dictionary=False, write_page_checksum=True)
                writer.write_table(table.combine_chunks(), row_group_size=max(rows, 1))
                sums.append(block.checksum())
            if writer is None:
                raise ValueError("no histories to write")
            writer.add_key_value_metadata({CHECKSUM_KEY.decode(): ",".join(sums)})
        finally:
            if writer is not None:
                writer.close()

    _replace_file(path, write)


def write_ipc(path: str | os.PathLike[str], histories: Histories | Iterable[Histories], rows: int = ROWS) -> None:
    """Write the nested table as an Arrow IPC file, in record batches of ``rows`` people; complete or not at all."""

    def write(stream: IO[bytes]) -> None:
        writer, number, waiting = None, 0, None
        for block in _blocks(histories, rows):
            if waiting is not None:
                writer = _write_batch(writer, stream, waiting, number, last=False)
                number += 1
            waiting = block
        if waiting is None:
            raise ValueError("no histories to write")
        _write_batch(writer, stream, waiting, number, last=True).close()

    _replace_file(path, write)


def _write_batch(writer: Any, stream: IO[bytes], block: Histories, number: int, last: bool) -> Any:
    table = _checked_table(block).combine_chunks()
    if writer is None:
        writer = pa.ipc.new_file(stream, table.schema)
    batches = table.to_batches()
    batch = batches[0] if batches else pa.RecordBatch.from_pylist([], schema=table.schema)
    note = {CHECKSUM_KEY.decode(): f"{number}:{block.checksum()}"}
    writer.write_batch(batch, custom_metadata=note | ({LAST_KEY.decode(): "1"} if last else {}))
    return writer


def _blocks(histories: Histories | Iterable[Histories], rows: int) -> Iterator[Histories]:
    for part in [histories] if isinstance(histories, Histories) else histories:
        for start in range(0, max(len(part), 1), rows):
            yield part.slice(start, start + rows)


def _checked_table(block: Histories) -> pa.Table:
    table = block.to_arrow()
    return table.replace_schema_metadata({**table.schema.metadata, CHECKED_KEY: b"1"})


def _replace_file(path: str | os.PathLike[str], write: Callable[[IO[bytes]], None]) -> None:
    """Write beside the target, then rename: readers never see half a file."""
    target = Path(path)
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise refuse(f"the output cannot be written ({error.strerror})", file=str(path)) from error
    try:
        with os.fdopen(handle, "wb") as stream:
            write(stream)
            stream.flush()
            os.fsync(stream.fileno())
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(name, 0o666 & ~umask)
        os.replace(name, target)
    except BaseException as error:
        os.unlink(name)
        if isinstance(error, OSError):
            raise refuse(f"the output cannot be written ({error.strerror})", file=str(path)) from error
        raise
