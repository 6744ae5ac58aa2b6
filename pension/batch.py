"""Many people: read ahead, check, settle, count, write behind. Memory does not grow with the number of people.

``run`` settles an input into one file, or into a directory of parts that can be interrupted and taken up again
(``pension.runs.parts``), or into aggregates alone. ``pension.runs.result_layout`` says what stands in a row of the
results, ``pension.runs.aggregates`` what is added up on the way.

Bytes depend on the content alone: not on threads, blocks, parts done before, or the chunks of the input.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from pension import _compile
from pension.accounting import Regime
from pension.checks import access as dated_access
from pension.checks.input_quality import InputQuality, limit_mode
from pension.checks.rejects import RejectedList, list_beside
from pension.cohorts.files import COHORTS, DEFAULT_SEED, cohort_blocks, write_cohort
from pension.errors import Problem, refuse
from pension.inputs.history_files import GROUP_ROWS, replace_file
from pension.inputs.identifiers import IdentifierHash
from pension.inputs.opening import Opened, Source, open_input
from pension.runs import aggregates
from pension.runs.aggregates import Aggregates
from pension.runs.group_losses import LossTable
from pension.runs.manifest import key_mark, versions
from pension.runs.part_runs import (
    Batch,
    Hooks,
    Monitor,
    Observer,
    PartJob,
    hashed_pieces,
    settle_parts,
    timed,
    write_tables,
    written,
)
from pension.runs.parts import FORMATS, PART_PEOPLE, PartDirectory
from pension.runs.pipeline import Behind, ahead
from pension.runs.result_layout import (
    ACCESS,
    Layout,
    metadata_of,
    result_table,
)
from pension.runs.settling import Block, Rules, Settled, Settler, policy_of
from pension.runs.tally import KEPT_PROBLEMS, Tally
from pension.runs.targets import RESULT_SUFFIXES, is_directory, require_target
from pension.tables import usage

if TYPE_CHECKING:
    from pension.inputs.sheets import TableFormat
    from pension.parameters import Parameters

__all__ = [
    "COHORTS",
    "DEFAULT_SEED",
    "KEPT_PROBLEMS",
    "Batch",
    "Block",
    "Layout",
    "RunSummary",
    "cohort_blocks",
    "result_table",
    "run",
    "write_cohort",
]

DEFAULT_REGIMES: Final = ("current", "fair")


@dataclass
class RunSummary:
    """What a run did, for people to read; the results themselves are in the output."""

    regimes: tuple[str, ...]
    parameter_hash: str
    people: int = 0
    """People in the input, rejected ones included."""
    records: int = 0
    """Records of the people that were settled."""
    rejected: int = 0
    """People left out because a row of theirs breaks a rule, or because they cannot be read."""
    broken: int = 0
    """Broken rules; also those of rows that belong to nobody."""
    problems: list[Problem] = field(default_factory=list)
    """The broken rules, at most ``KEPT_PROBLEMS`` of them."""
    rejected_file: Path | None = None
    """CSV of all broken rules."""
    formats: tuple[TableFormat, ...] = ()
    """How long tables were read: kind, encoding, delimiter."""
    undefined: dict[str, Counter[int]] = field(default_factory=dict)
    """Per regime: people by reason code; none where the regime is defined for everybody."""
    marks: npt.NDArray[np.int8] = field(default_factory=usage.new_marks, repr=False)
    """[table, place, year]: 1 for the parameter values that were used (``pension.tables.usage``)."""
    access: dated_access.AccessSummary | None = None
    """Months paid where the scheme was closed or its access unknown; None where nothing was looked for."""
    unanswered: Counter[str] = field(default_factory=Counter)
    """People with ``death``, ``disability``, ``resident_claim`` or ``annuities`` in a run without the columns
    ``afterwards``, by column."""
    quality: InputQuality = field(default_factory=InputQuality, repr=False)
    """Gaps, overlaps, late payments, missing incomes, bases outside the limits."""
    losses: tuple[LossTable, ...] = field(default=(), repr=False)
    """Losses of the first regime against each other one, by group."""
    aggregates: tuple[Aggregates, ...] = field(default=(), repr=False)
    """One for each grouping that was asked for."""
    aggregate_files: tuple[Path, ...] = ()
    parts: int = 0
    """Parts of the output; 0 where it is one file, or none."""
    parts_found: int = 0
    """Of these, parts that an earlier run had done."""
    seconds: float = 0.0
    output: Path | None = None

    @property
    def settled(self) -> int:
        """Rows of the results."""
        return self.people - self.rejected

    def take(self, tally: Tally) -> None:
        """Take over the counts of a tally."""
        for counted in fields(tally):
            setattr(self, counted.name, getattr(tally, counted.name))


Execute = Callable[[PartJob, PartDirectory, Sequence[int], Hooks], None]
"""Settles the parts of these numbers, here or elsewhere."""
Progress = Callable[[int, int | None], None]
"""Called with the people done and the people in all (None: not known yet)."""


def run(
    input: Source,
    output: str | os.PathLike[str] | None,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    *,
    columns: Sequence[str] = (),
    parameters: Parameters | None = None,
    threads: int = 0,
    errors: str = "raise",
    hash_ids: str | os.PathLike[str] | None = None,
    access: str = "report",
    limits: str = "report",
    by: Sequence[str | Sequence[str]] = (),
    aggregate_only: bool = False,
    part_people: int = PART_PEOPLE,
    part_format: str = "parquet",
    rows: int = GROUP_ROWS,
    seed: int | None = None,
    progress: Progress | None = None,
    observer: Observer | None = None,
    monitor: Monitor | None = None,
    execute: Execute = settle_parts,
) -> RunSummary:
    """Settle everybody in ``input`` under every regime and write the results to ``output``.

    ``input`` is a nested Parquet or Arrow IPC file, a directory of them (``pension.inputs.datasets``), histories, a
    pair of long tables (people, records) or one table of both, or an iterable of histories.

    ``output`` is one file (.parquet or .arrow), complete or not there; or a directory (a name without suffix), in
    which each ``part_people`` people of the input make a part of ``part_format`` ("parquet" or "arrow"): the same call
    after an interruption goes on, another one into the same directory is refused with what differs. None writes
    nothing.

    ``columns`` adds components and measures. ``by`` are groupings ("stars", "origin,destination", or sequences of
    names; ``pension.runs.aggregate_keys``): their aggregates stand in the summary, and beside the results in
    ``OUTPUT.aggregates.csv`` or, of a directory, in ``_aggregates`` .csv, .json and .parquet. ``aggregate_only`` keeps
    no people: ``output`` is then a file of aggregates (.csv, .json or .parquet) or a directory.

    ``errors="raise"`` raises ``InputError`` for the first block with people that break a rule and leaves the output as
    it was (parts done before are kept); ``"report"`` leaves those people out, also all of a row group that cannot be
    read, and lists every broken rule (file, row, column, value, rule) in ``OUTPUT.rejected.csv``. ``access``, of
    contributions where the scheme was closed to the person, and ``limits``, of bases outside the limits of their place
    and month: ``"report"`` counts them in the summary, ``"error"`` takes them for a broken rule, ``"off"`` does not
    look. ``hash_ids`` is a key file of at least 16 bytes: identifiers are replaced by their keyed hash
    (``pension.inputs.identifiers``) in results, list and messages.

    ``threads`` 0 uses all, ``rows`` is the number of people held at a time, ``seed`` is noted in the metadata.
    ``progress`` and ``observer`` (each settled block) are called here, ``monitor`` (each block that was written) in
    the writing thread; none of them sees parts that were done before. ``execute`` settles parts elsewhere
    (``pension.distributed``).
    """
    started = time.perf_counter()
    rules = _rules(errors, access, limits)
    if rows < 1:
        raise refuse("at least one person a block", column="rows", value=rows)
    layout = Layout.of(regimes, columns)
    if layout.access and access == "off":
        raise refuse('the columns need access = "report" or "error"', column="--columns", value=ACCESS)
    groupings = groupings_of(by) or (((),) if aggregate_only else ())
    target = (
        None
        if output is None
        else require_target(Path(output), input, aggregates.SUFFIXES if aggregate_only else RESULT_SUFFIXES)
    )
    if parameters is None:
        from pension.parameters import load

        parameters = load()
    Tally.empty(layout, groupings, access != "off", limits != "off")  # an unknown group is refused before anything else
    hashed = None if hash_ids is None else IdentifierHash.of_file(hash_ids)
    metadata = metadata_of(layout, parameters, seed, hashed is not None)
    if layout.access or access == "error":
        metadata["pension_access"] = access
    if limits == "error":
        metadata["pension_limits"] = limits
    summary = RunSummary(tuple(regime.name for regime in layout.regimes), parameters.hash, output=target)
    hooks = Hooks(observer=observer, monitor=monitor)
    with thread_count(threads):
        opened = open_input(input, parameters.tables, rows, policy_of(rules, hashed))
        summary.formats = opened.formats
        if progress is not None:
            hooks.progress = lambda done: progress(done, opened.total)
        if target is not None and is_directory(target):
            job = part_job(
                opened, target, layout, rules, groupings, parameters, metadata, hashed, rows, part_people, part_format,
                aggregate_only,
            )  # fmt: skip
            run_parts(job, summary, hooks, execute)
        else:
            settler = Settler(parameters, layout, rules)
            tally = Tally.empty(layout, groupings, access != "off", limits != "off")
            _run_file(opened, target, settler, tally, summary, metadata, hooks, aggregate_only, hashed)
    summary.seconds = time.perf_counter() - started
    return summary


def _rules(errors: str, access: str, limits: str) -> Rules:
    if errors not in ("raise", "report"):
        raise refuse('errors is "raise" or "report"', value=errors)
    return Rules(errors, dated_access.mode_of(access), limit_mode(limits))


def groupings_of(by: Sequence[str | Sequence[str]]) -> tuple[tuple[str, ...], ...]:
    """Groupings as tuples of names; "a,b" is one of two names, "" everybody together."""
    found = []
    for one in by:
        names = one.split(",") if isinstance(one, str) else one
        found.append(tuple(name.strip() for name in names if name.strip()))
    return tuple(dict.fromkeys(found))


@contextlib.contextmanager
def thread_count(count: int) -> Iterator[None]:
    """``count`` threads for the time of a run; 0 leaves the setting."""
    before = _compile._threads
    if count:
        if count < 0:
            raise refuse("the number of threads is 0 (all) or positive", column="--threads", value=count)
        _compile.set_threads(count)
    try:
        yield
    finally:
        _compile.set_threads(before)


# ---------------------------------------------------------------------- into one file


def _run_file(
    opened: Opened,
    target: Path | None,
    settler: Settler,
    tally: Tally,
    summary: RunSummary,
    metadata: dict[str, str],
    hooks: Hooks,
    aggregate_only: bool,
    hashed: IdentifierHash | None,
) -> None:
    keep = target is not None and not aggregate_only
    suffix = target.suffix.lower() if keep and target is not None else ""

    def consume(items: Iterator[Settled]) -> None:
        tables = written(items, tally, hooks, None, keep)
        if keep and target is not None:
            replace_file(target, lambda stream: write_tables(stream, suffix, tables, metadata))
        else:
            for _ in tables:
                pass

    with contextlib.ExitStack() as stack:
        beside = list_beside(target) if target is not None and settler.rules.report else None
        rejected = RejectedList(beside, stack)
        writer: Behind[Settled] = Behind(consume)
        done = 0
        try:
            for piece, seconds in ahead(timed(hashed_pieces(opened.pieces(), hashed, note=True))):
                settled = settler.settle(piece, tally)
                settled.seconds["read"] = seconds
                rejected.add(settled.problems)
                if hooks.observer is not None:
                    hooks.observer(settled.block)
                done += piece.people
                if hooks.progress is not None:
                    hooks.progress(done)
                writer.put(settled)
            if hashed is not None:
                hashed.require_distinct()
            summary.rejected_file = rejected.close()
            writer.finish()
            writer.join()
        finally:
            writer.abandon()
    summary.take(tally)
    if target is not None and (tally.aggregates or aggregate_only):
        file = target if aggregate_only else target.with_name(f"{target.name}.aggregates.csv")
        aggregates.write(file, tally.aggregates, metadata)
        summary.aggregate_files = (file,)


# ---------------------------------------------------------------------- into parts


def part_job(
    opened: Opened,
    target: Path,
    layout: Layout,
    rules: Rules,
    by: tuple[tuple[str, ...], ...],
    parameters: Parameters,
    metadata: dict[str, str],
    hashed: IdentifierHash | None,
    rows: int,
    part_people: int,
    part_format: str,
    aggregate_only: bool,
) -> PartJob:
    """Everything about a run into parts; compares the identifiers of the whole input."""
    if opened.people is None:
        raise refuse("parts need an input that can be read again: a file, a directory, tables or histories")
    if part_people < 1:
        raise refuse("at least one person a part", column="--part-people", value=part_people)
    if part_format not in FORMATS:
        raise refuse(f"one of {', '.join(FORMATS)}", column="--part-format", value=part_format)
    people = opened.people
    identity = {
        "input": people.identity(),
        "parameters": {"hash": parameters.hash, "scenario": parameters.scenario},
        "regimes": json.loads(metadata["pension_regimes"]),
        "seed": metadata.get("pension_seed"),
        "columns": [f.name for f in layout.fields()],
        "rules": {"errors": rules.errors, "access": rules.access, "limits": rules.limits},
        "by": [",".join(names) for names in by],
        "people_kept": not aggregate_only,
        "identifiers": key_mark(hashed),
        "part_people": part_people,
        "part_format": None if aggregate_only else part_format,
        "versions": versions(),
    }
    twice = people.twice(policy_of(rules, hashed))
    suffix = None if aggregate_only else FORMATS[part_format]
    return PartJob(
        people,
        parameters,
        layout,
        rules,
        by,
        metadata,
        target.absolute(),
        identity,
        part_people,
        suffix,
        rows,
        hashed,
        twice,
    )


def run_parts(job: PartJob, summary: RunSummary, hooks: Hooks, execute: Execute) -> None:
    """Do what is not done of a job yet, then put together what its parts hold."""
    directory = job.open()
    done = directory.open()
    hooks.part_done = directory.done
    summary.parts, summary.parts_found = job.parts, len(done)
    start = sum(min(job.size, job.people.total - number * job.size) for number in done)
    told = hooks.progress
    if told is not None:
        hooks.progress = lambda more: told(start + more)
    try:
        execute(job, directory, [number for number in range(job.parts) if number not in done], hooks)
        _put_together(job, directory, summary)
        directory.finished()
    except BaseException as error:
        directory.broken_off(error)
        raise
    finally:
        directory.close()


def _put_together(job: PartJob, directory: PartDirectory, summary: RunSummary) -> None:
    total = job.tally()
    for number in range(job.parts):
        one = job.tally()
        one.restore(directory.state(number)["tally"], job.parameters)
        total.merge(one)
    summary.take(total)
    if job.rules.report:
        summary.rejected_file = directory.join_rejected(list_beside(job.directory))
    if job.hashed is not None and job.suffix is not None:
        directory.require_distinct()
    if total.aggregates or job.suffix is None:
        files = [job.directory / f"_aggregates{suffix}" for suffix in aggregates.SUFFIXES]
        for file in files:
            aggregates.write(file, total.aggregates, job.metadata)
        summary.aggregate_files = tuple(files)
