"""The nested table: its Arrow schema, and reading it into columns.

One row a person with the records as one ``list<struct>``. Everything that is read is validated in full; what does not
fit is refused with file, row, column and rule, never repaired.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pension import schema
from pension.errors import STRICT, InputError, Problem, RowPolicy, refuse, shown

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
REQUIRED: Final[dict[str, pa.DataType]] = {
    "sex": pa.int8(),
    "retirement_category": pa.int8(),
    "birth": pa.int32(),
    "hukou": pa.int16(),
    "hukou_type": pa.int8(),
}
MONTH_COLUMNS: Final[dict[str, pa.DataType]] = {"claim": pa.int32(), "resident_start": pa.int32()}
SINCE_TYPES: Final[dict[str, pa.DataType]] = {"month": pa.int32(), "place": pa.int16()}
ANNUITY_TYPES: Final[dict[str, pa.DataType]] = {
    "start": pa.int32(),
    "end": pa.int32(),
    "kind": pa.int8(),
    "base": pa.float64(),
    "employer_rate": pa.float64(),
    "employee_rate": pa.float64(),
}
QUESTION_TYPES: Final[dict[str, pa.DataType]] = {
    "resident_claim": pa.int32(),
    "death": pa.int32(),
    "disability": pa.int32(),
    "disposable_income": pa.float64(),
}
"""Columns of what is asked about the time after the award (``pension.inputs.questions``), beside ``annuities``."""
ANNUITIES: Final = "annuities"
_ANNUITY_NULLS: Final = ("end", "employer_rate", "employee_rate")
"""No end: to the award; no rate: the compulsory one of an occupational annuity."""
TWICE_RULE: Final = "the identifier is there twice"


def _list_of(types: Mapping[str, pa.DataType], nulls: Iterable[str] = ()) -> pa.DataType:
    return pa.list_(pa.field("item", pa.struct([pa.field(n, t, nullable=n in nulls) for n, t in types.items()]), False))


COLUMNS: Final[dict[str, pa.DataType]] = {
    "person": pa.int64(),
    **REQUIRED,
    **MONTH_COLUMNS,
    "weight": pa.float64(),
    **QUESTION_TYPES,
    "hukou_since": _list_of(SINCE_TYPES),
    ANNUITIES: _list_of(ANNUITY_TYPES, _ANNUITY_NULLS),
    "records": _list_of(RECORD_TYPES),
}
QUESTIONS: Final = (*QUESTION_TYPES, ANNUITIES)
_NULLABLE: Final = frozenset({*MONTH_COLUMNS, *QUESTIONS, "hukou_since"})
_OPTIONAL: Final = frozenset({"claim", "resident_start", "weight", "hukou_since", *QUESTIONS})
PERSON_TYPES: Final = (pa.int64(), pa.string(), pa.large_string())

BROKEN: Final = (
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


def arrow_schema(
    person: pa.DataType | None = None, extra: Iterable[pa.Field] = (), questions: Iterable[str] = ()
) -> pa.Schema:
    """The schema of the nested table, with version and enumerations in its metadata.

    ``person`` is int64 (default) or string; ``extra`` are fields of the analyst's own ``x_`` columns, ``questions``
    names of ``QUESTIONS``, which are optional and left out by default.
    """
    asked = set(questions)
    fields = []
    for name, arrow_type in COLUMNS.items():
        if name not in QUESTIONS or name in asked:
            chosen = person if name == "person" and person is not None else arrow_type
            fields.append(pa.field(name, chosen, nullable=name in _NULLABLE))
    fields[-1:-1] = list(extra)
    return pa.schema(fields, metadata={VERSION_KEY: schema.SCHEMA_VERSION.encode(), ENUMERATIONS_KEY: _ENUMERATIONS})


DTYPES: Final[dict[str, np.dtype[Any]]] = {
    **{name: np.dtype(t.to_pandas_dtype()) for name, t in (REQUIRED | MONTH_COLUMNS).items()},
    "weight": np.dtype(np.float64),
    "offsets": np.dtype(np.int64),
    **{name: np.dtype(t.to_pandas_dtype()) for name, t in RECORD_TYPES.items()},
    "registration_offsets": np.dtype(np.int64),
    **{f"registration_{name}": np.dtype(t.to_pandas_dtype()) for name, t in SINCE_TYPES.items()},
}
"""The dtype of each field of ``HistoryArrays``, in its order."""
REGISTRATION_FIELDS: Final = tuple(f"registration_{name}" for name in SINCE_TYPES)
"""One entry a dated registration, cut by ``registration_offsets``."""


def as_fixed(values: npt.NDArray[Any], dtype: np.dtype[Any], name: str) -> npt.NDArray[Any]:
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


def check_metadata(found: pa.Schema, file: str, require_version: bool) -> None:
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


def check_columns(found: pa.Schema, file: str) -> None:
    try:
        _names(found)
    except UnicodeDecodeError as error:  # pyarrow decodes names only when they are asked for
        raise refuse("damaged file: a column name is not UTF-8", file=file) from error
    problems = []
    for name in sorted({n for n in found.names if found.names.count(n) > 1}):
        problems.append(Problem(file, None, shown(name), "", "the column is there twice"))
    for name, arrow_type in COLUMNS.items():
        if name not in found.names:
            if name not in _OPTIONAL:
                problems.append(Problem(file, None, name, "", "the column is missing"))
            continue
        if problems and found.names.count(name) > 1:
            continue
        actual = found.field(name).type
        if name == "person":
            value = actual.value_type if pa.types.is_dictionary(actual) else actual
            if value not in PERSON_TYPES:
                problems.append(Problem(file, None, name, shown(str(actual)), "wrong type: int64 or string is needed"))
        elif _is_list(arrow_type):
            problems += _check_list(name, arrow_type, actual, file)
        elif actual != arrow_type and not (name in QUESTIONS and pa.types.is_null(actual)):
            problems.append(Problem(file, None, name, shown(str(actual)), f"wrong type: {arrow_type} is needed"))
    for name in found.names:
        if name not in COLUMNS and not name.startswith("x_"):
            rule = "unknown column; the analyst's own columns begin with x_"
            problems.append(Problem(file, None, shown(name), "", rule))
    if problems:
        raise InputError(problems)


def _check_list(name: str, wanted: pa.DataType, actual: pa.DataType, file: str) -> list[Problem]:
    """Field names, order and types of a list of structs; a list of other names is not read by position."""
    if name in _OPTIONAL and pa.types.is_null(actual):
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


class Reader:
    """Columns of one validated table as numpy arrays; chunks are joined only where there are several."""

    def __init__(self, table: pa.Table, file: str, first_row: int, policy: RowPolicy = STRICT) -> None:
        if pa.types.is_dictionary(table.schema.field("person").type):
            position = table.column_names.index("person")
            plain = table["person"].cast(table["person"].type.value_type)
            table = table.set_column(position, "person", plain)
        self.table, self.file, self.first_row, self.policy = table, file, first_row, policy

    def broken_rows(self) -> tuple[list[Problem], npt.NDArray[np.bool_]]:
        """(problems, mask): what cannot stand in a row whatever its numbers are; identifiers are not compared."""
        problems: list[Problem] = []
        broken = np.zeros(len(self.table), dtype=np.bool_)

        def reject(mask: npt.NDArray[np.bool_], name: str, rule: str, values: pa.ChunkedArray | None = None) -> None:
            for i in np.flatnonzero(mask):
                value = "" if values is None else self.policy.show(values[int(i)].as_py())
                problems.append(Problem(self.file, self.first_row + int(i) + 1, name, value, rule))
            np.logical_or(broken, mask, out=broken)

        for name in ("person", *REQUIRED, "weight", "records"):
            # A woman without category is a matter of the range check, which says what is missing.
            if name in self.table.column_names and name != "retirement_category" and self.table[name].null_count:
                reject(self.table[name].is_null().to_numpy(), name, "no value (null)")
        if not pa.types.is_integer(self.table["person"].type):
            blank = pc.equal(pc.utf8_trim_whitespace(self.table["person"]), "").fill_null(False)
            reject(blank.to_numpy(), "person", "the identifier is empty")
        for name in (*MONTH_COLUMNS, *QUESTION_TYPES):
            if self.has(name) and pa.types.is_integer(self.table[name].type):
                column = self.table[name]
                # A stated -1 would be read as "not stated".
                negative = _numpy(column.fill_null(0)) < 0
                reject(negative, name, "a month serial is not negative; write null for none", column)
        for name, what in (("records", "a record"), ("hukou_since", "a registration"), (ANNUITIES, "an annuity")):
            for i, column_name, rule in self._broken_list(name, what) if self.has(name) else ():
                problems.append(Problem(self.file, self.first_row + i + 1, column_name, "", rule))
                broken[i] = True
        return problems, broken

    def has(self, name: str) -> bool:
        """True for a column that is there and not of the type null."""
        return name in self.table.column_names and not pa.types.is_null(self.table[name].type)

    def _broken_list(self, column: str, what: str) -> Iterator[tuple[int, str, str]]:
        """(row, column, rule) of entries and fields of a list that are null."""
        needed = [name for name in (f.name for f in COLUMNS[column].value_type) if name not in _nulls(column)]
        row = 0
        for chunk in self.table[column].chunks:
            ends, inner = _cut(chunk)
            found, missing = [], np.zeros(0, np.bool_)
            if inner.null_count:
                missing = inner.is_null().to_numpy(zero_copy_only=False)
                found.append(("", f"{what} is null", missing))
            for name in needed:
                values = inner.field(name)
                if values.null_count:
                    null = values.is_null().to_numpy(zero_copy_only=False)
                    null = null & ~missing if inner.null_count else null
                    found.append((f".{name}", "no value (null)", null))
            for suffix, rule, mask in found:
                for j in np.flatnonzero(mask):
                    i = int(np.searchsorted(ends, j, side="right")) - 1
                    yield row + i, f"{column}[{int(j) - int(ends[i]) + 1}]{suffix}", rule
            row += len(chunk)

    def identifiers(self) -> pa.Array:
        return _joined(self.table["person"])

    def numbers(self, name: str, null: int | None = None) -> npt.NDArray[Any]:
        column = self.table[name]
        return _numpy(column if null is None or not column.null_count else column.fill_null(null))

    def optional_months(self, name: str) -> npt.NDArray[np.int32]:
        if name not in self.table.column_names:
            return np.full(len(self.table), schema.MISSING, np.int32)
        return self.numbers(name, null=schema.MISSING)

    def weights(self) -> npt.NDArray[np.float64]:
        if "weight" not in self.table.column_names:
            return np.ones(len(self.table))
        return self.numbers("weight")

    def records(self) -> dict[str, npt.NDArray[Any]]:
        """Offsets and record columns."""
        return self._lists("records", "", RECORD_TYPES)

    def registrations(self) -> dict[str, npt.NDArray[Any]]:
        """Offsets and columns of the dated registrations; empty where there are none."""
        if self.has("hukou_since"):
            return self._lists("hukou_since", "registration_", SINCE_TYPES)
        return no_registrations(len(self.table))

    def _lists(self, column: str, prefix: str, types: Mapping[str, pa.DataType]) -> dict[str, npt.NDArray[Any]]:
        parts: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in types}
        offsets: list[npt.NDArray[np.int64]] = [np.zeros(1, np.int64)]
        total = 0
        for chunk in self.table[column].chunks:
            ends, inner = _cut(chunk)
            for name in types:
                parts[name].append(inner.field(name).to_numpy())
            offsets.append(ends[1:] + total)
            total += int(ends[-1])
        columns: dict[str, npt.NDArray[Any]] = {f"{prefix}offsets": np.concatenate(offsets)}
        for name, arrow_type in types.items():
            arrays = parts[name] or [np.zeros(0, arrow_type.to_pandas_dtype())]
            columns[prefix + name] = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)
        return columns

    def questions(self) -> pa.Table:
        """The columns of ``QUESTIONS`` that are there, in their order and of their types."""
        found: dict[str, Any] = {name: self.table[name] for name in QUESTION_TYPES if self.has(name)}
        if self.has(ANNUITIES):
            kind = COLUMNS[ANNUITIES]
            chunks = [_of_type(chunk, kind) for chunk in self.table[ANNUITIES].chunks]
            found[ANNUITIES] = pa.chunked_array(chunks, kind)
        return pa.table(found)


def _of_type(chunk: pa.Array, kind: pa.DataType) -> pa.ListArray:
    """A list of structs with the fields of ``kind``, found by name; nobody's list is an empty one."""
    ends, inner = _cut(chunk)
    fields = list(kind.value_type)
    values = pa.StructArray.from_arrays([inner.field(f.name) for f in fields], fields=fields)
    return pa.ListArray.from_arrays(pa.array(ends.astype(np.int32)), values, type=kind)


def list_parts(column: pa.ChunkedArray) -> tuple[npt.NDArray[np.int64], dict[str, pa.Array]]:
    """(offsets from 0, fields of the entries) of a column of ``list<struct>``."""
    ends, inner = _cut(_joined(column))
    return ends, {f.name: inner.field(f.name) for f in column.type.value_type}


def no_registrations(people: int) -> dict[str, npt.NDArray[Any]]:
    """The columns of dated registrations of people without any."""
    columns: dict[str, npt.NDArray[Any]] = {name: np.zeros(0, DTYPES[name]) for name in REGISTRATION_FIELDS}
    return {"registration_offsets": np.zeros(people + 1, np.int64), **columns}


def list_column(name: str, offsets: npt.NDArray[np.int64], values: Mapping[str, npt.NDArray[Any]]) -> pa.ListArray:
    """A column of ``list<struct>`` from offsets and the columns of its entries."""
    kind = COLUMNS[name]
    if int(offsets[-1]) >= 2**31:
        raise ValueError("an Arrow list holds fewer than 2**31 entries: write the histories in slices")
    fields = list(kind.value_type)
    inner = pa.StructArray.from_arrays([pa.array(values[f.name], f.type) for f in fields], fields=fields)
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), inner, type=kind)


def _nulls(column: str) -> tuple[str, ...]:
    """Fields of a list that may be null."""
    return _ANNUITY_NULLS if column == ANNUITIES else ()


def _cut(chunk: pa.Array) -> tuple[npt.NDArray[np.int64], pa.Array]:
    """(offsets from 0, values) of a list; ``.values`` of an Arrow list ignores its slice, so the cut is made here."""
    if chunk.null_count:  # below a null list anything may stand
        counts = pc.list_value_length(chunk).fill_null(0).to_numpy(zero_copy_only=False)
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)]), chunk.flatten()
    ends = chunk.offsets.to_numpy().astype(np.int64)
    begin, end = int(ends[0]), int(ends[-1])
    return ends - begin, chunk.values.slice(begin, end - begin)


def _joined(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)


def _numpy(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    array: npt.NDArray[Any] = _joined(column).to_numpy()
    return array


def repeated(person: pa.Array) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None:
    """(again, any): rows whose identifier stood in a row before, and all rows of such identifiers; None when all
    differ. Nulls are no identifiers."""
    if pa.types.is_integer(person.type) and not person.null_count:
        values = person.to_numpy()
        if values.size < 2 or bool(np.all(np.diff(values) > 0)):  # ascending, the usual case
            return None
    elif pc.count_distinct(person, mode="all").as_py() == len(person):
        return None
    # Equal identifiers have equal dictionary codes.
    codes = person.dictionary_encode().indices.fill_null(-1).to_numpy()
    order = np.argsort(codes, kind="stable")
    later = order[1:][(codes[order[1:]] == codes[order[:-1]]) & (codes[order[1:]] >= 0)]
    if not later.size:
        return None
    again = np.zeros(codes.size, dtype=np.bool_)
    again[later] = True
    return again, np.isin(codes, codes[later])
