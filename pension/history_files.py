"""The files of the nested table: Parquet and Arrow IPC, read in blocks, written complete or not at all.

Arrow IPC is mapped without copying, Parquet is decoded. Files written here carry a hash of each block, so that a
flipped bit is found.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pension import history_arrays
from pension.errors import STRICT, InputError, Problem, RowPolicy, refuse, shown
from pension.histories import Histories, Source
from pension.nested_table import (
    BROKEN,
    CHECKED_KEY,
    CHECKSUM_KEY,
    LAST_KEY,
    ROWS,
    TWICE_RULE,
    Reader,
    check_columns,
    check_metadata,
    repeated,
)


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


def iter_parquet(path: str | os.PathLike[str], rows: int = ROWS, policy: RowPolicy = STRICT) -> Iterator[Histories]:
    """A nested Parquet file in blocks of at most ``rows`` people, in order; ``policy`` says what becomes of rows that
    break a rule.

    Identifiers are compared over the whole file before the first block is given out.
    """
    _require_positive(rows)
    for part in _parquet_parts(path, rows, policy):
        for start in range(0, max(len(part), 1), rows):
            yield part.slice(start, start + rows)


def _parquet_parts(path: str | os.PathLike[str], rows: int | None, policy: RowPolicy = STRICT) -> Iterator[Histories]:
    import pyarrow.parquet as pq

    file = str(path)
    try:
        source = pq.ParquetFile(path, page_checksum_verification=True)
        found = source.schema_arrow
        groups = source.metadata.num_row_groups
        keys = dict(source.metadata.metadata or {})
    except BROKEN as error:
        raise _opening(path, "Parquet", error) from error
    with source:
        check_metadata(found, file, require_version=True)
        check_columns(found, file)
        sums = _checksum_list(found, keys, groups, file)
        twice = _repeated(lambda: source.read(columns=["person"]), path, "Parquet", policy)
        first = 0
        tables = _parquet_tables(source, path, groups, rows if sums is None else None)
        for number, table in enumerate(tables):
            yield _part(table, file, first, "Parquet", twice, None if sums is None else sums[number], policy)
            first += len(table)


def _part(
    table: pa.Table, file: str, first: int, kind: str, twice: _Masks | None, wanted: str | None, policy: RowPolicy
) -> Histories:
    """One block of a file: validated, verified, without rejected rows."""

    def verify(part: Histories) -> None:
        if part.checksum() != wanted:
            raise refuse(f"damaged file: wrong checksum of rows {first + 1} to {first + len(part)}", file=file)

    try:
        table.validate(full=True)
    except BROKEN as error:
        raise _opening(file, kind, error) from error
    of_part = None if twice is None else (twice[0][first : first + len(table)], twice[1][first : first + len(table)])
    if of_part is not None and len(of_part[0]) != len(table):
        raise refuse("damaged file: the columns differ in length", file=file)
    return Histories.read(table, file, first, policy, of_part, None if wanted is None else verify)


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
    except BROKEN as error:
        raise _opening(path, "Parquet", error) from error


def _checksum_list(found: pa.Schema, keys: Mapping[bytes, bytes], groups: int, file: str) -> list[str] | None:
    if CHECKED_KEY not in (found.metadata or {}) and CHECKSUM_KEY not in keys:
        return None
    sums = keys.get(CHECKSUM_KEY, b"").decode("ascii", "replace").split(",")
    if len(sums) != groups:
        raise refuse("damaged file: the checksums do not fit the row groups", file=file)
    return sums


_Masks = tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def _repeated(
    read: Callable[[], pa.Table], path: str | os.PathLike[str], kind: str, policy: RowPolicy
) -> _Masks | None:
    """What ``repeated`` says of the identifiers of the whole file; raises at once where nothing is left out."""
    try:
        table = read()
        table.validate(full=True)
    except BROKEN as error:
        raise _opening(path, kind, error) from error
    person = Reader(table, str(path), 0).identifiers()
    twice = repeated(person)
    if twice is not None and policy.report is None:
        rows = [(int(i), policy.identify(person[int(i)].as_py())) for i in np.flatnonzero(twice[0])]
        raise InputError(Problem(str(path), i + 1, "person", value, TWICE_RULE) for i, value in rows)
    return twice


def read_ipc(path: str | os.PathLike[str]) -> Histories:
    """A whole nested Arrow IPC file, mapped; one record batch is not copied."""
    return _concatenated(list(_ipc_parts(path)), str(path))


def iter_ipc(path: str | os.PathLike[str], rows: int | None = None, policy: RowPolicy = STRICT) -> Iterator[Histories]:
    """A nested Arrow IPC file in its record batches (or blocks of at most ``rows`` people of them), mapped; ``policy``
    says what becomes of rows that break a rule.

    Identifiers are compared over the whole file before the first block is given out.
    """
    if rows is not None:
        _require_positive(rows)
    for part in _ipc_parts(path, policy):
        step = rows or max(len(part), 1)
        for start in range(0, max(len(part), 1), step):
            yield part.slice(start, start + step)


def _ipc_parts(path: str | os.PathLike[str], policy: RowPolicy = STRICT) -> Iterator[Histories]:
    file = str(path)
    try:
        mapped = pa.memory_map(os.fspath(path))
        reader = pa.ipc.open_file(mapped)
        found = reader.schema
        count = reader.num_record_batches
    except BROKEN as error:
        raise _opening(path, "Arrow IPC", error) from error
    check_metadata(found, file, require_version=True)
    check_columns(found, file)
    batches, notes = [], []
    for number in range(count):
        try:
            batch, note = reader.get_batch_with_custom_metadata(number)
        except BROKEN as error:
            raise _opening(path, "Arrow IPC", error) from error
        batches.append(batch)
        notes.append(dict(note or {}))
    checked = CHECKED_KEY in (found.metadata or {}) or any(CHECKSUM_KEY in note for note in notes)
    if checked and [LAST_KEY in note for note in notes] != [False] * (count - 1) + [True]:
        raise refuse("damaged file: record batches are missing or out of order", file=file)
    twice = _repeated(
        lambda: pa.Table.from_batches([b.select(["person"]) for b in batches], pa.schema([found.field("person")])),
        path,
        "Arrow IPC",
        policy,
    )
    first = 0
    for number, (batch, note) in enumerate(zip(batches, notes, strict=True)):
        wanted = None
        if checked:
            told, _, wanted = note.get(CHECKSUM_KEY, b"").decode("ascii", "replace").partition(":")
            if told != str(number):
                raise refuse("damaged file: record batches are missing or out of order", file=file)
        yield _part(pa.Table.from_batches([batch]), file, first, "Arrow IPC", twice, wanted, policy)
        first += len(batch)
    if not count:
        yield Histories.from_arrow(found.empty_table(), file=file, require_version=True)


def _concatenated(parts: list[Histories], file: str) -> Histories:
    if len(parts) == 1:
        return parts[0]
    arrays = history_arrays.joined([part.arrays for part in parts])
    person = pa.concat_arrays([part.person for part in parts])
    extra, questions = (pa.concat_tables(tables) for tables in ([p.extra for p in parts], [p.questions for p in parts]))
    return Histories(arrays, person, extra, Source(file=file), questions)


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

    replace_file(path, write)


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

    replace_file(path, write)


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


def replace_file(path: str | os.PathLike[str], write: Callable[[IO[bytes]], None]) -> None:
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
