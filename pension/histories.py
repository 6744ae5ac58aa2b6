"""Contribution histories: the columnar container that kernels read.

The nested table it is made of has one row a person with the records as one ``list<struct>``
(``pension.inputs.nested_table``); its files are read and written by ``pension.inputs.history_files``, whose functions
are found here too. Ranges are checked by ``Histories.require`` (compiled, ``pension.checks.range_check``).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pension import schema
from pension.checks import range_check as checks
from pension.checks.range_check import HistoryArrays
from pension.errors import STRICT, InputError, Problem, RowPolicy, mask_identifier, refuse, shown
from pension.inputs import history_arrays
from pension.inputs.nested_table import (
    BROKEN,
    COLUMNS,
    DTYPES,
    MONTH_COLUMNS,
    PERSON_TYPES,
    RECORD_TYPES,
    REGISTRATION_FIELDS,
    REQUIRED,
    ROWS,
    TWICE_RULE,
    Reader,
    arrow_schema,
    as_fixed,
    check_columns,
    check_metadata,
    list_column,
    no_registrations,
    repeated,
)

if TYPE_CHECKING:
    import pandas as pd

    from pension.inputs.history_files import iter_ipc, iter_parquet, read_ipc, read_parquet, write_ipc, write_parquet
    from pension.inputs.sheets import TableFormat

__all__ = [
    "DTYPES",
    "RECORD_TYPES",
    "ROWS",
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

_OF_FILES: Final = ("iter_ipc", "iter_parquet", "read_ipc", "read_parquet", "write_ipc", "write_parquet")


def __getattr__(name: str) -> object:
    """The functions of ``pension.inputs.history_files``, which itself needs this module."""
    if name not in _OF_FILES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from pension.inputs import history_files

    return getattr(history_files, name)


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
    formats: tuple[TableFormat, ...] = ()
    """Kind, encoding and delimiter of the long tables."""
    hashed: bool = False
    """True where identifiers are keyed hashes, which messages show in full."""


@dataclass(frozen=True, eq=False)
class Histories:
    """People and their records in columns.

    ``arrays`` is what kernels take. ``person`` holds the identifiers (int64 or string), ``extra`` the ``x_`` columns,
    ``questions`` what is asked about the time after the award (``pension.inputs.questions``); no columns: none.
    """

    arrays: HistoryArrays
    person: pa.Array
    extra: pa.Table = field(default_factory=lambda: pa.table({}))
    source: Source = Source()
    questions: pa.Table = field(default_factory=lambda: pa.table({}))

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
        questions: pa.Table | None = None,
    ) -> Histories:
        """Histories from columns named like the fields of ``HistoryArrays``.

        ``claim``, ``resident_start``, ``weight`` (1), ``work_place`` (-1), ``income``, ``payer_share`` (NaN),
        ``flags`` (0) and the registrations (none) may be left out. Shapes and offsets are checked here, ranges by
        ``require``; ``questions`` are columns of the types of ``nested_table.COLUMNS``.
        """
        identifiers = person if isinstance(person, pa.Array) else _identifiers(person)
        if identifiers.type not in PERSON_TYPES:
            raise refuse("identifiers are int64 or string", column="person", value=str(identifiers.type))
        n = len(identifiers)
        n_records = int(np.size(columns["year"]))
        dated = {name: columns[name] for name in DTYPES if name.startswith("registration_") and name in columns}
        columns = {**columns, **(dated or no_registrations(n))}
        n_dated = int(np.size(columns.get("registration_month", ())))
        defaults: dict[str, float] = {"claim": schema.MISSING, "resident_start": schema.MISSING, "weight": 1.0}
        defaults |= {"work_place": schema.MISSING, "income": np.nan, "payer_share": np.nan, "flags": 0}
        sizes = dict.fromkeys(RECORD_TYPES, n_records) | dict.fromkeys(REGISTRATION_FIELDS, n_dated)
        sizes |= {"offsets": n + 1, "registration_offsets": n + 1}
        fixed: dict[str, npt.NDArray[Any]] = {}
        for name, dtype in DTYPES.items():
            size = sizes.get(name, n)
            values = columns[name] if name in columns else np.full(size, defaults[name])
            fixed[name] = as_fixed(np.asarray(values), dtype, name)
            if fixed[name].shape != (size,):
                raise refuse(f"{size} values are needed, not {fixed[name].shape}", column=name)
        for name, entries, what in (
            ("offsets", n_records, "records"),
            ("registration_offsets", n_dated, "registrations"),
        ):
            offsets = fixed[name]
            if offsets[0] != 0 or offsets[-1] != entries or bool(np.any(np.diff(offsets) < 0)):
                raise refuse(f"offsets ascend from 0 to the number of {what}", column=name)
        none = pa.table({})
        asked = none if questions is None else questions
        if asked.num_columns and len(asked) != n:
            raise refuse(f"{n} rows are needed, not {len(asked)}", column=", ".join(asked.column_names))
        return cls(HistoryArrays(**fixed), identifiers, none if extra is None else extra, source or Source(), asked)

    @classmethod
    def from_arrow(
        cls, data: pa.Table | pa.RecordBatch, *, file: str = "", first_row: int = 0, require_version: bool = False
    ) -> Histories:
        """Histories from a nested table; the numbers are not copied where the table is one contiguous chunk.

        Raises ``InputError`` for wrong or missing columns and types, nulls, duplicate people and invalid data. A
        schema version in the table's metadata must be this one; ``require_version`` also refuses its absence.
        """
        table = pa.Table.from_batches([data]) if isinstance(data, pa.RecordBatch) else data
        check_metadata(table.schema, file, require_version)
        try:
            table.validate(full=True)
        except BROKEN as error:
            raise refuse(f"invalid Arrow data: {shown(str(error))}", file=file) from error
        check_columns(table.schema, file)
        return cls.read(table, file, first_row, STRICT, repeated(Reader(table, file, first_row).identifiers()))

    @classmethod
    def read(
        cls,
        table: pa.Table,
        file: str,
        first_row: int,
        policy: RowPolicy,
        twice: tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]] | None,
        verify: Callable[[Histories], None] | None = None,
    ) -> Histories:
        """Histories from a nested table of the right columns; rows are rejected as ``policy`` says.

        ``twice`` is what ``repeated`` says of the rows; ``verify`` checks the histories before people whose identifier
        is there twice are left out (a file with checksums holds no other broken rows).
        """
        reader = Reader(table, file, first_row, policy)
        problems, broken = reader.broken_rows()
        if problems and verify is not None:
            raise InputError(problems)
        policy.reject(problems, int(broken.sum()))
        rows = None
        if broken.any():
            rows = first_row + 1 + np.flatnonzero(~broken)
            reader = Reader(reader.table.filter(pa.array(~broken)), file, first_row, policy)
        columns: dict[str, npt.NDArray[Any]] = {
            name: reader.numbers(name, null=0 if name == "retirement_category" else None) for name in REQUIRED
        }
        for name in MONTH_COLUMNS:
            columns[name] = reader.optional_months(name)
        columns["weight"] = reader.weights()
        columns |= reader.records() | reader.registrations()
        extra = reader.table.select([name for name in reader.table.column_names if name.startswith("x_")])
        fixed = {name: as_fixed(columns[name], dtype, name) for name, dtype in DTYPES.items()}
        source = Source(file=file, first_row=first_row, person_rows=rows)
        histories = cls(HistoryArrays(**fixed), reader.identifiers(), extra, source, reader.questions())
        if verify is not None:
            verify(histories)
        if twice is None:
            return histories
        again, every = (mask[~broken] for mask in twice)
        rows_again = [int(i) for i in np.flatnonzero(again)]
        values = [policy.identify(histories.person[i].as_py()) for i in rows_again]
        found = [
            Problem(file, histories.row(i), "person", value, TWICE_RULE)
            for i, value in zip(rows_again, values, strict=True)
        ]
        policy.reject(found, int(every.sum()))
        return histories.filter(~every)

    @classmethod
    def from_long(
        cls,
        people: pd.DataFrame | pa.Table | str | os.PathLike[str],
        records: pd.DataFrame | pa.Table | str | os.PathLike[str] | None = None,
        *,
        reference_wage: ReferenceWage | None = None,
    ) -> Histories:
        """Histories from the long tables (``pension.inputs.long_tables``); without ``records`` one table holds both."""
        from pension.inputs.long_tables import read_long

        return read_long(people, records, reference_wage=reference_wage)

    @classmethod
    def from_case(
        cls,
        path: str | os.PathLike[str],
        *,
        reference_wage: ReferenceWage | None = None,
        statutory_month: StatutoryMonth | None = None,
    ) -> Histories:
        """The history of the one person of a case file (``pension.inputs.case_file``)."""
        from pension.inputs.case_file import read_case

        return read_case(path, reference_wage=reference_wage, statutory_month=statutory_month)

    # ------------------------------------------------------------------ parts and copies

    def slice(self, start: int, stop: int) -> Histories:
        """The people ``start`` .. ``stop - 1``; the numbers are shared, except offsets."""
        start, stop, _ = slice(start, stop).indices(len(self))
        stop = max(start, stop)
        begin, end = int(self.arrays.offsets[start]), int(self.arrays.offsets[stop])
        source = self.source
        cut = replace(
            source,
            first_row=source.first_row + start,
            person_rows=None if source.person_rows is None else source.person_rows[start:stop],
            record_rows=None if source.record_rows is None else source.record_rows[begin:end],
            record_columns=None if source.record_columns is None else source.record_columns[begin:end],
        )
        extra, questions = (t.slice(start, stop - start) if t.num_columns else t for t in (self.extra, self.questions))
        arrays = history_arrays.between(self.arrays, start, stop)
        return Histories(arrays, self.person.slice(start, stop - start), extra, cut, questions)

    def to_arrow(self) -> pa.Table:
        """The nested table, with version and enumerations in its metadata."""
        arrays = self.arrays
        columns: dict[str, pa.Array | pa.ChunkedArray] = {"person": self.person}
        for name, arrow_type in COLUMNS.items():
            if name in MONTH_COLUMNS:
                values = getattr(arrays, name)
                columns[name] = pa.array(values, arrow_type, mask=values == schema.MISSING)
            elif name in REQUIRED or name == "weight":
                columns[name] = pa.array(getattr(arrays, name), arrow_type)
        for table in (self.extra, self.questions):
            columns |= {name: table[name] for name in table.column_names}
        dated = {name.removeprefix("registration_"): getattr(arrays, name) for name in REGISTRATION_FIELDS}
        columns["hukou_since"] = list_column("hukou_since", arrays.registration_offsets, dated)
        records = {name: getattr(arrays, name) for name in RECORD_TYPES}
        columns["records"] = list_column("records", arrays.offsets, records)
        names = self.questions.column_names
        return pa.table(columns, schema=arrow_schema(self.person.type, self.extra.schema, names))

    def filter(self, keep: npt.NDArray[np.bool_]) -> Histories:
        """The people of ``keep`` [n], with their records."""
        of_records = np.repeat(keep, np.diff(self.arrays.offsets))
        source, kept = self.source, np.flatnonzero(keep)
        rows = source.first_row + 1 + np.arange(len(self)) if source.person_rows is None else source.person_rows
        cut = replace(
            source,
            person_rows=rows[kept],
            record_rows=None if source.record_rows is None else source.record_rows[of_records],
            record_columns=None
            if source.record_columns is None
            else tuple(np.array(source.record_columns, dtype=object)[of_records]),
        )
        chosen = pa.array(keep)
        extra, questions = (t.filter(chosen) if t.num_columns else t for t in (self.extra, self.questions))
        return Histories(history_arrays.chosen(self.arrays, keep), self.person.filter(chosen), extra, cut, questions)

    def row(self, i: int) -> int:
        """Row of person i in the file, as a reader counts it."""
        return self.source.first_row + i + 1 if self.source.person_rows is None else int(self.source.person_rows[i])

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

    def all_problems(self, statutory: npt.NDArray[np.integer], earliest: npt.NDArray[np.integer]) -> list[Problem]:
        """Every broken rule of every person, in words (see ``checks.all_problems``)."""
        people, rules, records = checks.all_problems(self.arrays, statutory, earliest)
        return [self._describe_one(int(i), int(r), int(j)) for i, r, j in zip(people, rules, records, strict=True)]

    def describe(
        self, rules: npt.NDArray[np.integer], records: npt.NDArray[np.integer], limit: int | None = None
    ) -> list[Problem]:
        """The result of ``checks.first_problems`` in words."""
        rows = np.flatnonzero(rules)[:limit]
        return [self._describe_one(int(i), int(rules[i]), int(records[i])) for i in rows]

    def _describe_one(self, i: int, code: int, record: int) -> Problem:
        rule, source, arrays = checks.RULES[code], self.source, self.arrays
        row, identifier = self.row(i), self.person[i].as_py()
        who = f"person {identifier if source.hashed else mask_identifier(identifier)}"
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


def wages_of(reference_wage: npt.NDArray[np.float64], first_year: int) -> ReferenceWage:
    """``ReferenceWage`` of a dense table [place, year] as in ``pension.tables.dense``; NaN outside of it."""

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


def _field_text(arrays: HistoryArrays, name: str, i: int) -> str:
    """A value of the arrays as a message shows it: months as YYYY-MM, missing ones as nothing."""
    if name == "hukou_since":
        dates = range(int(arrays.registration_offsets[i]), int(arrays.registration_offsets[i + 1]))
        pairs = [(_month_shown(int(arrays.registration_month[k])), int(arrays.registration_place[k])) for k in dates]
        return ", ".join(f"{month} {place}" for month, place in pairs)
    value = getattr(arrays, name)[i].item()
    if name in ("birth", "claim", "resident_start"):
        return "" if value == schema.MISSING else _month_shown(value)
    if name == "months" and 1 <= value <= schema.FULL_YEAR:
        j_year = int(arrays.year[i])
        months = [schema.month_text(12 * j_year + k) for k in range(12) if value >> k & 1]
        return months[0] if len(months) == 1 else f"{months[0]}..{months[-1]}"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _month_shown(serial: int) -> str:
    return schema.month_text(serial) if 0 <= serial < 120_000 else str(serial)
