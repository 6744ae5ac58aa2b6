"""Settling people into a file or into parts: read ahead, settle, write behind; and what a task elsewhere needs for it.

A ``PartJob`` says everything about a run into parts and can be sent to another process that sees the same files; any
part of it can be settled anywhere, by anybody, and has the same bytes.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import pyarrow as pa

from pension.checks.repeated_people import Repeated
from pension.errors import Problem
from pension.histories import ROWS
from pension.inputs.datasets import IPC_SUFFIXES, People, Piece
from pension.inputs.history_files import GROUP_ROWS
from pension.runs.parts import PartDirectory, runs_of
from pension.runs.pipeline import Behind, ahead
from pension.runs.result_layout import Layout
from pension.runs.settling import Block, Rules, Settled, Settler, add_up, policy_of
from pension.runs.tally import Tally

if TYPE_CHECKING:
    from pension.inputs.identifiers import IdentifierHash
    from pension.parameters import Parameters

Observer = Callable[[Block], None]


@dataclass(frozen=True)
class Batch:
    """What became of one block: one line of the log."""

    batch: int
    """From 1, in this process."""
    part: int | None
    people: int
    records: int
    rejected: int
    seconds: dict[str, float]
    """By stage: read, check, settle, aggregate, write. Stages of different blocks overlap."""
    rss: int
    """Resident memory of the process, bytes."""


Monitor = Callable[[Batch], None]


@dataclass
class Hooks:
    """Who is told of what; nobody by default."""

    progress: Callable[[int], None] | None = None
    """People of this run so far, after each block is settled."""
    observer: Observer | None = None
    monitor: Monitor | None = None
    part_done: Callable[[int], None] | None = None
    batches: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    """Numbers of batches; parts are written by different threads."""


@dataclass(frozen=True)
class PartJob:
    """A run into parts."""

    people: People
    parameters: Parameters
    layout: Layout
    rules: Rules
    by: tuple[tuple[str, ...], ...]
    metadata: dict[str, str]
    directory: Path
    identity: dict[str, Any]
    size: int
    """People in a part."""
    suffix: str | None
    """Of the files of parts; None where people are not kept."""
    rows: int = GROUP_ROWS
    hashed: IdentifierHash | None = None
    twice: Repeated | None = None

    @property
    def parts(self) -> int:
        """How many parts the people make; one for nobody."""
        return max(1, -(-self.people.total // self.size))

    def open(self) -> PartDirectory:
        """The directory, not yet looked at."""
        return PartDirectory(self.directory, self.identity, self.parts, self.suffix)

    def settler(self) -> Settler:
        """Ready to settle pieces of the input."""
        return Settler(self.parameters, self.layout, self.rules)

    def tally(self) -> Tally:
        """A tally of nobody."""
        return Tally.empty(self.layout, self.by, self.rules.access != "off", self.rules.limits != "off")


def settle_parts(
    job: PartJob, directory: PartDirectory, parts: Sequence[int], hooks: Hooks, settler: Settler | None = None
) -> None:
    """Settle and write parts (ascending); each is done or not there when this raises."""
    policy = policy_of(job.rules, job.hashed)
    settler = settler or job.settler()

    def pieces() -> Iterator[Piece]:
        for first, end in runs_of(parts):
            last = min(end * job.size, job.people.total)
            yield from job.people.pieces(first * job.size, last, job.rows, policy, job.twice, job.size)

    writing: list[_Part] = []
    done = 0
    try:
        for piece, seconds in ahead(timed(hashed_pieces(pieces(), job.hashed, note=False))):
            number = piece.first // job.size
            if not writing or writing[-1].number != number:
                _end(writing, hooks)
                writing.append(_Part(job, directory, number, hooks))
            writing[-1].settle(settler, piece, seconds)
            done += piece.people
            if hooks.progress is not None:
                hooks.progress(done)
        _end(writing, hooks)
        _end(writing, hooks)
    finally:
        for part in writing:
            part.abandon()


def _end(writing: list[_Part], hooks: Hooks) -> None:
    """Let the last part come to its end, and wait for the one before it."""
    if writing and writing[-1].open:
        writing[-1].finish()
    elif writing:
        writing.pop(0).join(hooks)
    if len(writing) > 1:
        writing.pop(0).join(hooks)


class _Part:
    """A part that is being settled here and written in another thread."""

    def __init__(self, job: PartJob, directory: PartDirectory, number: int, hooks: Hooks) -> None:
        self.number, self.hooks, self.open = number, hooks, True
        self.tally = job.tally()
        self.problems: list[Problem] = []
        keep = job.suffix is not None

        def consume(items: Iterator[Settled]) -> None:
            tables = written(items, self.tally, hooks, number, keep)
            directory.write(
                number,
                lambda stream: write_tables(stream, job.suffix or "", tables, job.metadata),
                self.tally,
                lambda: self.problems,
            )

        self.writer: Behind[Settled] = Behind(consume)

    def settle(self, settler: Settler, piece: Piece, seconds: float) -> None:
        settled = settler.settle(piece, self.tally)
        settled.seconds["read"] = seconds
        self.problems += settled.problems
        if self.hooks.observer is not None:
            self.hooks.observer(settled.block)
        self.writer.put(settled)

    def finish(self) -> None:
        self.open = False
        self.writer.finish()

    def join(self, hooks: Hooks) -> None:
        self.writer.join()
        if hooks.part_done is not None:
            hooks.part_done(self.number)

    def abandon(self) -> None:
        """A part whose end was reached is written to its end; one that is not complete is thrown away."""
        self.writer.abandon()


# ---------------------------------------------------------------------- what every run does with blocks


def hashed_pieces(pieces: Iterator[Piece], hashed: IdentifierHash | None, note: bool) -> Iterator[Piece]:
    """The same people under the hashes of their identifiers."""
    for piece in pieces:
        if hashed is None:
            yield piece
            continue
        histories = piece.histories
        person = hashed.column(histories.person, note)
        source = replace(histories.source, hashed=True)
        yield replace(piece, histories=replace(histories, person=person, source=source))


def timed(pieces: Iterator[Piece]) -> Iterator[tuple[Piece, float]]:
    """Each piece with the seconds it took to read."""
    while True:
        started = time.perf_counter()
        piece = next(pieces, None)
        if piece is None:
            return
        yield piece, time.perf_counter() - started


def written(items: Iterator[Settled], tally: Tally, hooks: Hooks, part: int | None, keep: bool) -> Iterator[pa.Table]:
    """The rows of blocks for a writer; adds up and tells the monitor as they go by."""
    for settled in items:
        add_up(settled, tally)
        started = time.perf_counter()
        if keep:
            yield settled.block.table
        settled.seconds["write"] = time.perf_counter() - started
        if hooks.monitor is not None:
            records = settled.block.histories.n_records
            seconds = {name: round(settled.seconds[name], 6) for name in STAGES}
            hooks.monitor(
                Batch(next(hooks.batches), part, settled.people, records, settled.rejected, seconds, resident_bytes())
            )


STAGES: Final = ("read", "check", "settle", "aggregate", "write")


def resident_bytes() -> int:
    """Resident memory of this process; the peak where the system does not tell."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, AttributeError):
        try:
            import resource
        except ImportError:
            return 0
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def write_tables(stream: IO[bytes], suffix: str, tables: Iterator[pa.Table], metadata: dict[str, str]) -> None:
    """Write tables as one file of fixed row groups; without ``suffix`` only go through them."""
    if not suffix:
        for _ in tables:
            pass
        return
    writer: Any = None
    for table in rows_of(tables, ROWS):
        table = table.replace_schema_metadata(metadata)
        if writer is None:
            writer = _writer(stream, suffix, table.schema)
        writer.write_table(table)
    writer.close()


def _writer(stream: IO[bytes], suffix: str, found: pa.Schema) -> Any:
    if suffix in IPC_SUFFIXES:
        return pa.ipc.new_file(stream, found)
    import pyarrow.parquet as pq

    # Floats are written faster without a dictionary, and the bytes then do not depend on the chunks of the input.
    words = [f.name for f in found if pa.types.is_dictionary(f.type)]
    return pq.ParquetWriter(stream, found, use_dictionary=words, write_page_checksum=True)


def rows_of(tables: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of exactly ``rows`` (the last one less), each in one chunk; at least one table."""
    waiting: list[pa.Table] = []
    count = 0
    first = True
    for table in tables:
        waiting.append(table)
        count += table.num_rows
        while count >= rows:
            joined = pa.concat_tables(waiting)
            yield joined.slice(0, rows).combine_chunks()
            first = False
            waiting, count = [joined.slice(rows)], count - rows
    if waiting and (count or first):
        yield pa.concat_tables(waiting).combine_chunks()
