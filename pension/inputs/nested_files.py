"""One file of the nested table, Parquet or Arrow IPC, read by its units: row groups or record batches.

Opening reads the footer and the header of each unit, never the data. A unit is decoded (Parquet) or mapped for as long
as it is used (IPC), so memory does not grow with the file. In files written here every unit carries a hash of its
content, which is verified.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from pension.errors import InputError, refuse, shown
from pension.inputs.nested_table import (
    BROKEN,
    CHECKED_KEY,
    CHECKSUM_KEY,
    COLUMNS,
    LAST_KEY,
    Reader,
    check_columns,
    check_metadata,
)

PARQUET: Final = "Parquet"
IPC: Final = "Arrow IPC"
UNIT_NAMES: Final = {PARQUET: "row group", IPC: "record batch"}

_WHOLE_ROWS: Final = 1 << 16
"""Row groups of up to so many people are decoded at once, larger ones of other makers in pieces."""


@dataclass(frozen=True)
class Unit:
    """A row group or record batch."""

    number: int
    """From 0."""
    first: int
    """Row of its first person in the file, from 0."""
    rows: int
    checksum: str | None
    """Hash of its content; None in files of other makers."""


@dataclass(frozen=True)
class NestedFile:
    """A file that was opened once and looked at; it holds nothing open, and can be sent to another process."""

    path: Path
    kind: str
    """``PARQUET`` or ``IPC``."""
    schema: pa.Schema
    """With the columns of ``fixed``."""
    units: tuple[Unit, ...]
    fixed: tuple[tuple[str, Any, pa.DataType], ...] = ()
    """(name, value, type) of columns that are the same in all rows: keys of a partitioned data set."""
    directory: Path = field(default_factory=Path.cwd)
    """What a relative ``path`` starts from, also in another process."""

    @classmethod
    def open(cls, path: str | os.PathLike[str], kind: str, keys: Mapping[str, str | None] | None = None) -> NestedFile:
        """Look at a file; ``keys`` are the texts of the partition columns. InputError for what is no nested table."""
        read = _look_at_parquet if kind == PARQUET else _look_at_ipc
        try:
            found, units = read(path)
        except InputError:
            raise
        except BROKEN as error:
            raise opening(path, kind, error) from error
        fixed = []
        for name, text in (keys or {}).items():
            if name in found.names:
                raise refuse("the column stands in the file and in a directory's name", file=str(path), column=name)
            arrow_type = COLUMNS[name] if name in COLUMNS else pa.string()
            fixed.append((name, _partition_value(text, arrow_type, name, path), arrow_type))
            found = found.append(pa.field(name, arrow_type))
        check_columns(found, str(path))
        return cls(Path(path), kind, found, units, tuple(fixed))

    @property
    def where(self) -> Path:
        """The path to open; messages name ``path``."""
        return self.directory / self.path

    @property
    def rows(self) -> int:
        """People in the file."""
        return sum(unit.rows for unit in self.units)

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return self.where.stat().st_size

    def label(self, unit: Unit) -> str:
        """How messages name a unit."""
        return f"{UNIT_NAMES[self.kind]} {unit.number + 1} of {len(self.units)}"

    def fingerprint(self) -> str:
        """A hash that changes with the content: of the hashes of all units, which reading verifies; of all bytes in a
        file of other makers."""
        digest = hashlib.blake2b(digest_size=16)
        if self.units and all(unit.checksum is not None for unit in self.units):
            digest.update(self.schema.serialize().to_pybytes())
            for unit in self.units:
                digest.update(f"{unit.rows}:{unit.checksum};".encode())
        else:
            with self.where.open("rb") as stream:
                while piece := stream.read(1 << 22):
                    digest.update(piece)
        return digest.hexdigest()

    def at_once(self, unit: Unit, rows: int) -> bool:
        """True where ``tables`` gives the unit in one piece."""
        return self.kind == IPC or unit.checksum is not None or unit.rows <= max(rows, _WHOLE_ROWS)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Any]:
        """The file open for ``tables`` and ``persons``; IPC is mapped anew for every unit."""
        if self.kind == IPC:
            yield None
            return
        import pyarrow.parquet as pq

        try:
            source = pq.ParquetFile(self.where, page_checksum_verification=True)
        except BROKEN as error:
            raise opening(self.path, self.kind, error) from error
        with source:
            yield source

    def tables(self, source: Any, unit: Unit, rows: int) -> Iterator[pa.Table]:
        """The people of a unit: in one table where it has a hash or is of moderate size, else at most ``rows`` at a
        time. InputError where it cannot be read."""
        try:
            if self.kind == IPC:
                yield self._with_keys(pa.Table.from_batches([_batch(self.where, unit.number)]))
            elif self.at_once(unit, rows):
                yield self._with_keys(source.read_row_group(unit.number))
            else:
                for batch in source.iter_batches(batch_size=rows, row_groups=[unit.number]):
                    yield self._with_keys(pa.Table.from_batches([batch]))
        except GeneratorExit:
            raise
        except BROKEN as error:
            raise self.damaged(unit, error) from error

    def damaged(self, unit: Unit, error: BaseException) -> InputError:
        """A unit that cannot be read."""
        if isinstance(error, FileNotFoundError | PermissionError):
            return opening(self.path, self.kind, error)
        rows = f"rows {unit.first + 1:,} to {unit.first + unit.rows:,}"
        return refuse(f"damaged {self.label(unit)}, {rows} ({shown(str(error))})", file=str(self.path))

    def persons(self, source: Any, unit: Unit) -> pa.Array:
        """The identifiers of a unit."""
        try:
            if self.kind == IPC:
                batch = _batch(self.where, unit.number)
                table = pa.Table.from_batches([batch.select(["person"])])
            else:
                table = source.read_row_group(unit.number, columns=["person"])
            table.validate(full=True)
            if len(table) != unit.rows:
                raise ValueError("the columns differ in length")
            return Reader(table, str(self.path), unit.first).identifiers()
        except BROKEN as error:
            raise self.damaged(unit, error) from error

    def _with_keys(self, table: pa.Table) -> pa.Table:
        """Columns of partition keys that are no ``x_`` column; those are added to the histories."""
        for name, value, arrow_type in self.fixed:
            if not name.startswith("x_"):
                table = table.append_column(name, pa.repeat(pa.scalar(value, arrow_type), len(table)))
        return table

    def extra(self, people: int) -> pa.Table:
        """The ``x_`` columns of partition keys."""
        columns = {n: pa.repeat(pa.scalar(v, t), people) for n, v, t in self.fixed if n.startswith("x_")}
        return pa.table(columns)


def opening(path: str | os.PathLike[str], kind: str, error: BaseException) -> InputError:
    """A file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return refuse("the file does not exist", file=str(path))
    if isinstance(error, PermissionError | IsADirectoryError):
        return refuse("the file cannot be read", file=str(path))
    return refuse(f"truncated, damaged or no {kind} file ({shown(str(error))})", file=str(path))


def _look_at_parquet(path: str | os.PathLike[str]) -> tuple[pa.Schema, tuple[Unit, ...]]:
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, page_checksum_verification=True) as source:
        found, metadata = source.schema_arrow, source.metadata
        rows = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
        keys = dict(metadata.metadata or {})
    check_metadata(found, str(path), require_version=True)
    sums: list[str | None] = [None] * len(rows)
    if CHECKED_KEY in (found.metadata or {}) or CHECKSUM_KEY in keys:
        told = keys.get(CHECKSUM_KEY, b"").decode("ascii", "replace").split(",")
        if len(told) != len(rows):
            raise refuse("damaged file: the checksums do not fit the row groups", file=str(path))
        sums = list(told)
    return found, _numbered(rows, sums)


def _look_at_ipc(path: str | os.PathLike[str]) -> tuple[pa.Schema, tuple[Unit, ...]]:
    reader = pa.ipc.open_file(pa.memory_map(os.fspath(path)))
    found = reader.schema
    check_metadata(found, str(path), require_version=True)
    rows, notes = [], []
    for number in range(reader.num_record_batches):
        batch, note = reader.get_batch_with_custom_metadata(number)
        rows.append(len(batch))
        notes.append(dict(note or {}))
    if CHECKED_KEY not in (found.metadata or {}) and not any(CHECKSUM_KEY in note for note in notes):
        return found, _numbered(rows, [None] * len(rows))
    missing = refuse("damaged file: record batches are missing or out of order", file=str(path))
    if [LAST_KEY in note for note in notes] != [False] * (len(notes) - 1) + [True]:
        raise missing
    sums = []
    for number, note in enumerate(notes):
        told, _, wanted = note.get(CHECKSUM_KEY, b"").decode("ascii", "replace").partition(":")
        if told != str(number):
            raise missing
        sums.append(wanted)
    return found, _numbered(rows, sums)


def _numbered(rows: list[int], sums: list[str] | list[str | None] | list[None]) -> tuple[Unit, ...]:
    units, first = [], 0
    for number, (count, checksum) in enumerate(zip(rows, sums, strict=True)):
        units.append(Unit(number, first, count, checksum))
        first += count
    return tuple(units)


def _batch(path: Path, number: int) -> pa.RecordBatch:
    # A mapping of its own for every batch: pages that were read are given back when the batch is.
    return pa.ipc.open_file(pa.memory_map(os.fspath(path))).get_batch(number)


def _partition_value(text: str | None, arrow_type: pa.DataType, name: str, path: str | os.PathLike[str]) -> Any:
    if text is None or not pa.types.is_integer(arrow_type) or name == "person":
        return text
    try:
        return pa.scalar(int(text), arrow_type).as_py()
    except (ValueError, pa.ArrowException, OverflowError) as error:
        raise refuse(f"the directory's name holds no {arrow_type}", file=str(path), column=name, value=text) from error
