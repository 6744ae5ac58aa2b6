"""The files of the nested table: Parquet and Arrow IPC, read in blocks, written complete or not at all.

Arrow IPC is mapped without copying, Parquet is decoded. Files written here carry a hash of each block, so that a
flipped bit is found.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa

from pension.errors import STRICT, RowPolicy, refuse
from pension.histories import Histories, Source
from pension.inputs import history_arrays
from pension.inputs.datasets import NestedFiles
from pension.inputs.nested_files import IPC, PARQUET, NestedFile
from pension.inputs.nested_table import CHECKED_KEY, CHECKSUM_KEY, LAST_KEY, ROWS

GROUP_ROWS: Final = 32_768
"""People per row group or record batch in files written here: what is held at a time when they are read."""


def read_parquet(path: str | os.PathLike[str]) -> Histories:
    """A whole nested Parquet file."""
    return _whole(path, PARQUET)


def iter_parquet(path: str | os.PathLike[str], rows: int = ROWS, policy: RowPolicy = STRICT) -> Iterator[Histories]:
    """A nested Parquet file in blocks of at most ``rows`` people, in order; ``policy`` says what becomes of rows that
    break a rule.

    Identifiers are compared over the whole file before the first block is given out.
    """
    return _blocks_of(path, PARQUET, rows, policy)


def read_ipc(path: str | os.PathLike[str]) -> Histories:
    """A whole nested Arrow IPC file, mapped; one record batch is not copied."""
    return _whole(path, IPC)


def iter_ipc(path: str | os.PathLike[str], rows: int | None = None, policy: RowPolicy = STRICT) -> Iterator[Histories]:
    """A nested Arrow IPC file in its record batches (or blocks of at most ``rows`` people of them), mapped; ``policy``
    says what becomes of rows that break a rule.

    Identifiers are compared over the whole file before the first block is given out.
    """
    return _blocks_of(path, IPC, rows, policy)


def _whole(path: str | os.PathLike[str], kind: str) -> Histories:
    return _concatenated(list(_blocks_of(path, kind, None, STRICT)), str(path))


def _blocks_of(path: str | os.PathLike[str], kind: str, rows: int | None, policy: RowPolicy) -> Iterator[Histories]:
    if rows is not None and rows < 1:
        raise ValueError("at least one row a block")
    people = NestedFiles(Path(path), (NestedFile.open(path, kind),))
    most = max(people.total, 1) if rows is None else rows
    twice = people.twice(policy)
    for piece in people.pieces(0, people.total, most, policy, twice):
        if piece.problems:
            policy.reject(piece.problems, piece.people - len(piece.histories))
        yield piece.histories


def _concatenated(parts: list[Histories], file: str) -> Histories:
    if len(parts) == 1:
        return parts[0]
    arrays = history_arrays.joined([part.arrays for part in parts])
    person = pa.concat_arrays([part.person for part in parts])
    extra, questions = (pa.concat_tables(tables) for tables in ([p.extra for p in parts], [p.questions for p in parts]))
    return Histories(arrays, person, extra, Source(file=file), questions)


def write_parquet(
    path: str | os.PathLike[str], histories: Histories | Iterable[Histories], rows: int = GROUP_ROWS
) -> None:
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


def write_ipc(path: str | os.PathLike[str], histories: Histories | Iterable[Histories], rows: int = GROUP_ROWS) -> None:
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
        _sync_directory(target.parent)
    except BaseException as error:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        if isinstance(error, OSError):
            raise refuse(f"the output cannot be written ({error.strerror})", file=str(path)) from error
        raise


def write_bytes(path: str | os.PathLike[str], content: bytes) -> None:
    """``replace_file`` with this content."""

    def write(stream: IO[bytes]) -> None:
        stream.write(content)

    replace_file(path, write)


def _sync_directory(directory: Path) -> None:
    """Make the new name last through a power cut, where directories can be synchronised."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse
            os.fsync(handle)
    finally:
        os.close(handle)
