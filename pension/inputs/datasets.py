"""The people of an input as one numbered row, whatever it is kept in: a file, a directory of files, or memory.

A directory is read recursively in the order of its paths; names that begin with ``_`` or ``.`` are left out, and a
directory called ``column=value`` is a partition key: it gives a column to the files below it. Any stretch of rows can
be read by itself, in pieces that depend on nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import unquote

import numpy as np
import pyarrow as pa

from pension.checks.repeated_people import Repeated, repeated_people
from pension.errors import InputError, Problem, RowPolicy, refuse
from pension.histories import Histories
from pension.inputs.nested_files import IPC, PARQUET, NestedFile, Unit
from pension.inputs.nested_table import TWICE_RULE

PARQUET_SUFFIXES: Final = (".parquet",)
IPC_SUFFIXES: Final = (".arrow", ".ipc", ".feather")
_MAGIC: Final = {b"PAR1": PARQUET, b"ARRO": IPC}
_NULL_KEY: Final = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Piece:
    """Consecutive people of an input, read and freed of rows that break a rule of the reader."""

    first: int
    """Number of the first of them in the input, from 0."""
    people: int
    """People in the input, left-out ones included."""
    histories: Histories
    """Those that are there to be settled."""
    problems: tuple[Problem, ...] = ()
    """Why the others are not."""
    unit: str = ""
    """Row group or record batch, in words; empty where there is one only, or none."""

    def located(self, problems: Sequence[Problem]) -> list[Problem]:
        """Problems of these people with the row group beside the row."""
        return [_in_unit(problem, self.unit) for problem in problems]


def _in_unit(problem: Problem, unit: str) -> Problem:
    if not unit or problem.row is None:
        return problem
    return problem._replace(rule=f"{problem.rule}, in {unit}")


class People(Protocol):
    """An input whose people have numbers."""

    @property
    def total(self) -> int:
        """People in the input."""

    def pieces(
        self, first: int, last: int, rows: int, policy: RowPolicy, twice: Repeated | None, part: int = 0
    ) -> Iterator[Piece]:
        """The people ``first`` .. ``last - 1`` in pieces of at most ``rows`` that cross no multiple of ``part``."""

    def twice(self, policy: RowPolicy) -> Repeated | None:
        """Rows of identifiers that are there twice; raises where nothing is left out."""

    def identity(self) -> dict[str, Any]:
        """What the input is, for a manifest: anything else is another input."""


def ends_of(first: int, last: int, rows: int, part: int) -> Iterator[tuple[int, int]]:
    """Stretches of at most ``rows`` between ``first`` and ``last`` that cross no multiple of ``part`` (0: no parts)."""
    while first < last:
        end = min(first + rows, last)
        if part:
            end = min(end, (first // part + 1) * part)
        yield first, end
        first = end


@dataclass(frozen=True)
class InMemory:
    """Histories, or long tables that were read."""

    histories: Histories
    left_out: int = 0
    """People that the reader of long tables left out; they belong to the first piece."""
    problems: tuple[Problem, ...] = ()

    @property
    def total(self) -> int:
        """People, without those that the reader left out."""
        return len(self.histories)

    def pieces(
        self, first: int, last: int, rows: int, policy: RowPolicy, twice: Repeated | None, part: int = 0
    ) -> Iterator[Piece]:
        """See ``People``."""
        if first == 0 and (self.left_out or self.problems or not len(self.histories)):
            yield Piece(0, self.left_out, self.histories.slice(0, 0), self.problems)
        for start, end in ends_of(first, last, rows, part):
            yield Piece(start, end - start, self.histories.slice(start, end))

    def twice(self, policy: RowPolicy) -> Repeated | None:
        """Nothing: readers of long tables compare identifiers, and histories made in memory are taken as they are."""
        return None

    def identity(self) -> dict[str, Any]:
        """See ``People``."""
        return {
            "path": self.histories.source.file,
            "people": self.total,
            "left_out": self.left_out,
            "content": self.histories.checksum(),
        }


@dataclass(frozen=True)
class NestedFiles:
    """Files of the nested table, one after the other."""

    root: Path
    files: tuple[NestedFile, ...]
    starts: tuple[int, ...] = field(init=False)
    """Number of the first person of each file."""
    total: int = field(init=False)

    def __post_init__(self) -> None:
        starts, total = [], 0
        for file in self.files:
            starts.append(total)
            total += file.rows
        object.__setattr__(self, "starts", tuple(starts))
        object.__setattr__(self, "total", total)
        first = self.files[0]
        for file in self.files[1:]:
            if not file.schema.remove_metadata().equals(first.schema.remove_metadata()):
                rule = f"other columns, or other types, than {first.path}"
                raise refuse(rule, file=str(file.path), column=_difference(first.schema, file.schema))

    @classmethod
    def open(cls, path: Path) -> NestedFiles:
        """A file or a directory; InputError where there is nothing to read."""
        if not path.is_dir():
            return cls(path, (NestedFile.open(path, kind_of(path)),))
        found = _files_below(path)
        if not found:
            names = ", ".join(PARQUET_SUFFIXES + IPC_SUFFIXES)
            raise refuse(f"the directory holds no nested table ({names})", file=str(path))
        return cls(path, tuple(NestedFile.open(file, kind_of(file), keys) for file, keys in found))

    def pieces(
        self, first: int, last: int, rows: int, policy: RowPolicy, twice: Repeated | None, part: int = 0
    ) -> Iterator[Piece]:
        """See ``People``."""
        if self.total == 0:
            empty = self.files[0].schema.empty_table()
            yield Piece(0, 0, Histories.read(empty, str(self.root), 0, policy, None))
        for file, start in zip(self.files, self.starts, strict=True):
            if start >= last or start + file.rows <= first:
                continue
            with file.reading() as source:
                for unit in file.units:
                    begin = start + unit.first
                    low, high = max(first, begin), min(last, begin + unit.rows)
                    if low < high:
                        yield from self._of_unit(source, file, start, unit, low, high, rows, policy, twice, part)

    def _of_unit(
        self,
        source: Any,
        file: NestedFile,
        start: int,
        unit: Unit,
        low: int,
        high: int,
        rows: int,
        policy: RowPolicy,
        twice: Repeated | None,
        part: int,
    ) -> Iterator[Piece]:
        """The people ``low`` .. ``high - 1`` of the input, all of one unit."""
        label = file.label(unit) if len(file.units) > 1 else ""
        strict = policy.report is None
        if not strict and not file.at_once(unit, rows):
            # A unit counts as a whole: whether its end can be read is known before its beginning is given out.
            try:
                for _ in file.tables(source, unit, rows):
                    pass
            except InputError as error:
                yield from self._lost(file, start, unit, low, high, rows, part, error)
                return
        at = start + unit.first
        try:
            for table in file.tables(source, unit, rows):
                end = at + len(table)
                if end > low and at < high:
                    found, problems = _read(file, table, at - start, unit, policy, twice, start)
                    for a, b in ends_of(max(low, at), min(high, end), rows, part):
                        yield _cut(found, problems, a, a - start, b - start, label)
                at = end
                if at >= high:
                    break
            else:
                if at != start + unit.first + unit.rows:
                    raise refuse("damaged file: the columns differ in length", file=str(file.path))
        except InputError as error:
            if strict:
                raise InputError([_in_unit(problem, label) for problem in error.problems]) from error
            yield from self._lost(file, start, unit, max(low, at), high, rows, part, error)

    def _lost(
        self, file: NestedFile, start: int, unit: Unit, low: int, high: int, rows: int, part: int, error: InputError
    ) -> Iterator[Piece]:
        """A unit that cannot be read: all its people are left out, and counted."""
        none = Histories.read(file.schema.empty_table(), str(file.path), 0, RowPolicy(), None)
        reason = error.problems[0].rule
        for a, b in ends_of(low, high, rows, part):
            rule = f"{b - a:,} people of a damaged {file.label(unit)} are left out: {reason}"
            yield Piece(a, b - a, none, (Problem(str(file.path), a - start + 1, "", "", rule),))

    def twice(self, policy: RowPolicy) -> Repeated | None:
        """See ``People``; what cannot be read is no matter of this pass where damaged units are left out."""

        def read() -> Iterator[pa.Array | int]:
            for file in self.files:
                with file.reading() as source:
                    for unit in file.units:
                        try:
                            yield file.persons(source, unit)
                        except InputError:
                            if policy.report is None:
                                raise
                            yield unit.rows

        found = repeated_people(read)
        if found is None or policy.report is not None:
            return found
        raise InputError(list(self._named(found, policy)))

    def _named(self, found: Repeated, policy: RowPolicy) -> Iterator[Problem]:
        for file, start in zip(self.files, self.starts, strict=True):
            with file.reading() as source:
                for unit in file.units:
                    begin = start + unit.first
                    rows = found.again[(found.again >= begin) & (found.again < begin + unit.rows)]
                    if rows.size:
                        names = file.persons(source, unit)
                        for row in rows.tolist():
                            value = policy.identify(names[row - begin].as_py())
                            yield Problem(str(file.path), row - start + 1, "person", value, TWICE_RULE)

    def identity(self) -> dict[str, Any]:
        """See ``People``."""
        files = {
            file.path.relative_to(self.root).as_posix() if file.path != self.root else file.path.name: {
                "bytes": file.size,
                "people": file.rows,
                "content": file.fingerprint(),
            }
            for file in self.files
        }
        return {"path": str(self.root), "people": self.total, "files": files}


def _read(
    file: NestedFile,
    table: pa.Table,
    first: int,
    unit: Unit,
    policy: RowPolicy,
    twice: Repeated | None,
    start: int,
) -> tuple[Histories, list[Problem]]:
    """Histories of a table that begins with row ``first`` of the file, and the problems of rows that are left out."""
    problems: list[Problem] = []

    def collect(found: Sequence[Problem], people: int) -> None:
        problems.extend(found)

    def verify(part: Histories) -> None:
        if part.checksum() != unit.checksum:
            rule = f"damaged file: wrong checksum of rows {first + 1} to {first + len(part)}"
            raise refuse(rule, file=str(file.path))

    try:
        table.validate(full=True)
    except (pa.ArrowException, ValueError, OSError) as error:
        raise file.damaged(unit, error) from error
    mine = policy if policy.report is None else replace(policy, report=collect)
    masks = None
    if twice is not None:
        low, high = start + first, start + first + len(table)
        again, every = np.zeros(len(table), np.bool_), np.zeros(len(table), np.bool_)
        for mask, rows in ((again, twice.again), (every, twice.every)):
            mask[rows[np.searchsorted(rows, low) : np.searchsorted(rows, high)] - low] = True
        masks = (again, every)
    checked = None if unit.checksum is None else verify
    found = Histories.read(table, str(file.path), first, mine, masks, checked)
    further = file.extra(len(found))
    for name in further.column_names:
        found = replace(found, extra=_appended(found.extra, name, further[name]))
    return found, problems


def _appended(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.append_column(name, column) if table.num_columns else pa.table({name: column})


def _cut(found: Histories, problems: list[Problem], number: int, first: int, last: int, label: str) -> Piece:
    """The rows ``first`` .. ``last - 1`` (from 0) of the file, of histories without left-out people; ``number`` is that
    of the first in the input."""
    rows = found.source.person_rows
    if rows is None:
        begin, end = first - found.source.first_row, last - found.source.first_row
    else:
        begin, end = (int(n) for n in np.searchsorted(rows, [first + 1, last + 1]))
    whole = begin == 0 and end == len(found)
    of_rows = tuple(_in_unit(p, label) for p in problems if p.row is not None and first < p.row <= last)
    return Piece(number, last - first, found if whole else found.slice(begin, end), of_rows, label)


def kind_of(path: Path) -> str:
    """Kind of a nested file by content; a damaged file goes to the reader its name asks for, which says what is wrong.
    Empty for a file that is neither: a long table."""
    try:
        with path.open("rb") as file:
            found = _MAGIC.get(file.read(4))
    except OSError as error:
        reason = "the file does not exist" if isinstance(error, FileNotFoundError) else "the file cannot be read"
        raise refuse(reason, file=str(path)) from error
    if found is not None:
        return found
    if path.suffix.lower() in PARQUET_SUFFIXES:
        return PARQUET
    return IPC if path.suffix.lower() in IPC_SUFFIXES else ""


def _files_below(root: Path) -> list[tuple[Path, dict[str, str | None]]]:
    found = []
    for directory, names, files in os.walk(root, onerror=_unreadable):
        names[:] = [name for name in names if not name.startswith(("_", "."))]
        for name in files:
            if name.startswith(("_", ".")) or not name.lower().endswith(PARQUET_SUFFIXES + IPC_SUFFIXES):
                continue
            path = Path(directory) / name
            keys: dict[str, str | None] = {}
            for part in path.relative_to(root).parts[:-1]:
                key, equals, value = part.partition("=")
                if equals:
                    keys[unquote(key)] = None if value == _NULL_KEY else unquote(value)
            found.append((path, keys))
    return sorted(found, key=lambda entry: entry[0].relative_to(root).parts)


def _unreadable(error: OSError) -> None:
    raise refuse(f"the directory cannot be read ({error.strerror})", file=str(error.filename)) from error


def _difference(first: pa.Schema, other: pa.Schema) -> str:
    mine, theirs = ({f.name: f.type for f in found} for found in (first, other))
    names = [name for name in {**mine, **theirs} if mine.get(name) != theirs.get(name)]
    return ", ".join(names[:3])
