"""Many people: read in blocks, check, settle, write. Memory does not grow with the number of people.

The results (one row a person) are

- ``person``, the analyst's ``x_`` columns, ``weight``, ``stars``;
- ``status``: 0, or the reason (``award_fields.STATUS_TEXT``) why the first of the regimes that is undefined for this
  person is; a regime's values are null where it is undefined, a pair's where one of the two is;
- per regime r ``monthly_r`` (nominal yuan/month), ``pw_r`` (yuan of the price year, at R0), ``route_r``;
- per pair (a, b) ``loss_a__b`` = pw_b - pw_a: what the reference b gives more (L1); where the regimes rest on several
  histories (``pension.base_provisions``) of net wealth, and ``own_contributions_r`` stand beside it;
- on request, per regime, any name of ``award_fields.RESULT_NAMES`` and ``WEALTH_NAMES`` (contributions, money's worth,
  rate of return; ``irr_status`` says why there is no rate); per pair ``L2`` to ``L8_worth`` (``losses.MEASURES``), each
  with a status column that says why it is null (``losses.REASONS``);
- with ``access`` among the columns ``access_closed_months`` and ``access_unknown_months`` (``pension.access``);
- with ``afterwards`` the answers to the questions of the people (``pension.after_columns``), the last ones.

Bytes depend on the content alone: not on threads, blocks, or the chunks of the input.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import pension
from pension import _compile, award_fields, losses, schema, usage
from pension import access as dated_access
from pension.accounting import Regime, RegimeError, resolve
from pension.checks import first_problems
from pension.engine import Engine, Entitlements
from pension.errors import InputError, Problem, RowPolicy, mask_identifier, refuse, shown, shown_without_digits
from pension.histories import ROWS, Histories
from pension.history_files import replace_file, write_ipc, write_parquet
from pension.identifiers import IdentifierHash
from pension.inputs import Source, open_input

if TYPE_CHECKING:
    from pension.after_columns import AfterColumns
    from pension.parameters import Parameters
    from pension.sheets import TableFormat

Mask = npt.NDArray[np.bool_]

DEFAULT_REGIMES: Final = ("current", "fair")
DEFAULT_SEED: Final = 2021
"""Seed of synthetic populations: the year of the source paper."""
COHORTS: Final = ("calibrated", "benchmark")
"""Kinds of synthetic populations."""
MEASURES: Final = tuple(name for name in losses.MEASURES if name != "L1")
"""Measures on request (``losses.MEASURES``); L1 is always there."""

CAUSES: Final = "causes"
"""Word for the shares of the provisions in the loss of the first regime against the last one."""
ACCESS: Final = "access"
"""Word for the two columns of ``pension.access``."""
AFTERWARDS: Final = "afterwards"
"""Word for the columns of ``pension.after_columns``."""

KEPT_PROBLEMS: Final = 1000
"""A summary keeps so many problems of rejected people; the file beside the output holds all."""

_BASE_COLUMNS: Final = ("monthly", "pw", "route")
_STRINGS: Final = pa.dictionary(pa.int8(), pa.string())
_TYPES: Final[dict[str, pa.DataType]] = {
    "status": pa.int8(),
    "irr_status": pa.int8(),
    "irr_roots": pa.int32(),
    "route": _STRINGS,
    "claim_place": pa.int16(),
    "claim_branch": pa.int8(),
    "employee_months": pa.int32(),
    "resident_months": pa.int32(),
    "resident_start": pa.int32(),
}
"""Types other than float64; months are serials, places GB/T 2260 codes."""
_CODES: Final = ("status", "irr_status")
"""Reason codes, never null."""
_PLACE_CODES: Final = np.array([code for code, _, _ in schema.PLACES], dtype=np.int16)
_PARQUET: Final = (".parquet",)
_IPC: Final = (".arrow", ".ipc", ".feather")


@dataclass(frozen=True)
class Layout:
    """Which columns a run writes."""

    regimes: tuple[Regime, ...]
    columns: tuple[str, ...] = _BASE_COLUMNS
    """Per regime, names of ``award_fields.RESULT_NAMES`` and ``WEALTH_NAMES``."""
    measures: tuple[str, ...] = ()
    """Per pair, beside ``loss``."""
    access: bool = False
    """With the columns of ``pension.access``, the last ones."""
    causes: tuple[str, ...] = ()
    """Provisions whose shares in the loss of the first regime against the last one are written."""
    afterwards: bool = False
    """With the columns of ``pension.after_columns``, after all others."""

    @classmethod
    def of(cls, regimes: Sequence[str | Regime], columns: Sequence[str] = ()) -> Layout:
        """Regimes by name or object and the wished further columns; unknown names raise with the known ones."""
        chosen = tuple(resolve(regimes))
        if not chosen:
            raise RegimeError("at least one regime is needed")
        wanted = (*award_fields.RESULT_NAMES, *award_fields.WEALTH_NAMES, *MEASURES)
        known = {name.lower(): name for name in wanted}
        extras = (ACCESS, CAUSES, AFTERWARDS)
        words = ", ".join(("components", *extras, *known.values()))
        access, causes, afterwards = (any(name.lower() == word for name in columns) for word in extras)
        columns = [name for name in columns if name.lower() not in extras]
        wished = []
        components = award_fields.RESULT_NAMES[award_fields.BASIC : award_fields.CITIZEN + 1]
        for name in (part for c in columns for part in (components if c.lower() == "components" else (c,))):
            if name.lower() not in known:
                raise refuse(f"unknown column; known: {words}", column="--columns", value=name)
            wished.append(known[name.lower()])
        if len({regime.plan for regime in chosen}) > 1:  # their losses are of net wealth: say what was paid
            wished.append("own_contributions")
        further = [name for name in dict.fromkeys(wished) if name not in MEASURES and name not in _BASE_COLUMNS]
        measures = tuple(name for name in MEASURES if name in wished)
        if measures and len(chosen) < 2:
            raise refuse("a loss compares two regimes; only one is given", column="--columns", value=measures[0])
        if causes and len(chosen) < 2:
            raise refuse("a loss compares two regimes; only one is given", column="--columns", value=CAUSES)
        players = losses.causes_of(chosen[0], chosen[-1]) if causes else ()
        layout = cls(chosen, (*_BASE_COLUMNS, *further), measures, access, players, afterwards)
        names = [f.name for f in layout.fields()]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise RegimeError(f"these regime names give two columns {twice!r}; rename one")
        return layout

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(a, b): the first regime against each other one as the reference."""
        return tuple((self.regimes[0].name, other.name) for other in self.regimes[1:])

    @property
    def settled(self) -> tuple[str, ...]:
        """What the engine is asked for."""
        needed = (name for measure in self.measures for name in losses.NEEDED[measure])
        return tuple(dict.fromkeys(("status", *_BASE_COLUMNS, *usage.NEEDED, *self.columns, *needed)))

    def fields(self) -> list[pa.Field]:
        """Fields after ``status``."""
        fields = []
        for regime in self.regimes:
            for name in self.columns:
                fields.append(pa.field(f"{name}_{regime.name}", _TYPES.get(name, pa.float64()), name not in _CODES))
        for a, b in self.pairs:
            fields.append(pa.field(f"loss_{a}__{b}", pa.float64()))
            for measure in self.measures:
                fields.append(pa.field(f"{measure.lower()}_{a}__{b}", pa.float64()))
                fields.append(pa.field(f"{measure.lower()}_status_{a}__{b}", pa.int8(), False))
        a, b = self.regimes[0].name, self.regimes[-1].name
        fields += [pa.field(f"cause_{provision}_{a}__{b}", pa.float64()) for provision in self.causes]
        if self.access:
            fields += [pa.field(f"access_{state}_months", pa.int32(), False) for state in ("closed", "unknown")]
        if self.afterwards:
            from pension import after_columns

            fields += after_columns.fields()
        return fields


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
    """People left out because a row of theirs breaks a rule."""
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
    """[table, place, year]: 1 for the parameter values that were used (``pension.usage``)."""
    access: dated_access.AccessSummary | None = None
    """Months paid where the scheme was closed or its access unknown; None where nothing was looked for."""
    unanswered: Counter[str] = field(default_factory=Counter)
    """People with ``death``, ``disability``, ``resident_claim`` or ``annuities`` in a run without the columns
    ``afterwards``, by column."""
    seconds: float = 0.0
    output: Path | None = None

    @property
    def settled(self) -> int:
        """Rows of the results."""
        return self.people - self.rejected


@dataclass(frozen=True)
class Block:
    """One block of settled people."""

    histories: Histories
    result: Entitlements
    table: pa.Table


Progress = Callable[[int, int | None], None]
"""Called with the people done and the people in all (None: not known yet)."""
Observer = Callable[[Block], None]


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
    rows: int = ROWS,
    seed: int | None = None,
    progress: Progress | None = None,
    observer: Observer | None = None,
) -> RunSummary:
    """Settle everybody in ``input`` under every regime and write the results to ``output`` (.parquet or .arrow).

    ``input`` is a nested Parquet or Arrow IPC file, histories, a pair of long tables (people, records) or one table of
    both, or an iterable of histories; ``output`` None writes nothing. ``columns`` adds components and measures,
    ``threads`` 0 uses all, ``rows`` is the number of people held at a time. ``errors="raise"`` raises ``InputError``
    for the first block with people that break a rule and writes nothing; ``"report"`` leaves those people out and
    lists every broken rule (file, row, column, value, rule) in ``OUTPUT.rejected.csv``. ``hash_ids`` is a key file of
    at least 16 bytes: identifiers are replaced by their keyed hash (``pension.identifiers``) in results, list and
    messages. ``access``, of contributions where the scheme was closed to the person: ``"report"`` counts them in the
    summary, ``"error"`` takes them for a broken rule, ``"off"`` does not look. ``seed`` is noted in the metadata.
    """
    checked = dated_access.mode_of(access) != "off"
    if errors not in ("raise", "report"):
        raise refuse('errors is "raise" or "report"', value=errors)
    if rows < 1:
        raise refuse("at least one person a block", column="rows", value=rows)
    layout = Layout.of(regimes, columns)
    if layout.access and not checked:
        raise refuse('the columns need access = "report" or "error"', column="--columns", value=ACCESS)
    target = None if output is None else _target(Path(output), input)
    if parameters is None:
        from pension.parameters import load

        parameters = load()
    hashed = None if hash_ids is None else IdentifierHash.of_file(hash_ids)
    started = time.perf_counter()
    engine = Engine(parameters, layout.regimes)
    answers = None
    if layout.afterwards:
        from pension.after_columns import AfterColumns

        answers = AfterColumns(parameters)
    summary = RunSummary(tuple(regime.name for regime in layout.regimes), parameters.hash)
    summary.access = dated_access.AccessSummary() if checked else None
    with contextlib.ExitStack() as stack:
        stack.enter_context(_threads(threads))
        rejected = _Rejected(summary, target, stack) if errors == "report" else None

        policy = RowPolicy(
            report=None if rejected is None else rejected.add_unread,
            identify=hashed or mask_identifier,
            show=shown if hashed is None else shown_without_digits,
        )

        def blocks() -> Iterator[pa.Table]:
            opened = open_input(input, engine.parameters.tables, rows, policy, hashed)
            summary.formats = opened.formats
            for histories in opened.blocks:
                block = _settle(histories, engine, layout, summary, rejected, access == "error", answers)
                if observer is not None:
                    observer(block)
                if progress is not None:
                    progress(summary.people, opened.total)
                yield block.table
            if rejected is not None:
                rejected.close()

        if target is None:
            for _ in blocks():
                pass
        else:
            metadata = _metadata(layout, parameters, seed, hashed is not None)
            if layout.access or access == "error":
                metadata["pension_access"] = access
            replace_file(target, lambda stream: _write(stream, target.suffix.lower(), blocks(), metadata))
    summary.output = target
    summary.seconds = time.perf_counter() - started
    return summary


def _target(path: Path, source: Source) -> Path:
    """The output file, refused before anything is computed where it cannot be written."""
    if path.suffix.lower() not in _PARQUET + _IPC:
        known = ", ".join(_PARQUET + _IPC)
        raise refuse(f"the name of an output ends with one of {known}", file=str(path))
    if path.is_dir():
        raise refuse("the output cannot be written (it is a directory)", file=str(path))
    if not path.parent.is_dir():
        raise refuse("the output cannot be written (its directory does not exist)", file=str(path))
    sources = source if isinstance(source, tuple) else (source,)
    for part in sources:
        if (
            isinstance(part, str | os.PathLike)
            and path.exists()
            and os.path.exists(part)
            and os.path.samefile(part, path)
        ):
            raise refuse("the output is the input", file=str(path))
    return path


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
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


# ---------------------------------------------------------------------- synthetic populations


def cohort_blocks(persons: int, seed: int, parameters: Parameters, cohort: str = "calibrated") -> Iterator[Histories]:
    """A synthetic population, a block at a time; each person depends on seed and number alone."""
    from pension.benchmark_cohort import benchmark_cohort
    from pension.cohorts import generate

    make = generate if cohort == "calibrated" else benchmark_cohort
    for first in range(0, persons, ROWS):
        yield make(min(ROWS, persons - first), seed, first, parameters.tables)


def write_cohort(
    output: str | os.PathLike[str],
    persons: int,
    seed: int = DEFAULT_SEED,
    cohort: str = "calibrated",
    *,
    parameters: Parameters | None = None,
    progress: Progress | None = None,
) -> None:
    """Write a synthetic population of one of the ``COHORTS`` as a nested table (.parquet or .arrow)."""
    if cohort not in COHORTS:
        raise refuse(f"one of {', '.join(COHORTS)}", column="--cohort", value=cohort)
    if persons < 1:
        raise refuse("at least one person", column="--persons", value=persons)
    target = _target(Path(output), ())
    if parameters is None:
        from pension.parameters import load

        parameters = load()

    def blocks(chosen: Parameters) -> Iterator[Histories]:
        done = 0
        for block in cohort_blocks(persons, seed, chosen, cohort):
            yield block
            done += len(block)
            if progress is not None:
                progress(done, persons)

    write = write_ipc if target.suffix.lower() in _IPC else write_parquet
    write(target, blocks(parameters))


# ---------------------------------------------------------------------- one block


def _settle(
    histories: Histories,
    engine: Engine,
    layout: Layout,
    summary: RunSummary,
    rejected: _Rejected | None,
    closed_is_error: bool = False,
    answers: AfterColumns | None = None,
) -> Block:
    """Check, settle and count one block."""
    summary.people += len(histories)
    statutory, earliest, award, _ = engine.award_months(histories.arrays)
    rules, at = first_problems(histories.arrays, statutory, earliest)
    keep, problems = rules == 0, histories.describe(rules, at)
    impossible = _check_questions(histories, engine, statutory, award, keep)
    problems += impossible
    access, closed = None, []
    if summary.access is not None:
        access = dated_access.check(histories.arrays, engine.parameters, keep)
        if closed_is_error:
            closed = dated_access.problems(histories, access, engine.parameters)
            problems += closed
            keep &= access.closed_months == 0
    if problems:
        if rejected is None:
            raise InputError(problems)
        found = histories.all_problems(statutory, earliest)
        rejected.add([*found, *impossible, *closed], int((~keep).sum()))
        if access is not None:
            access = dated_access.kept(access, keep, histories.arrays.offsets)
        histories, award = histories.filter(keep), award[keep]
    if summary.access is not None and access is not None:
        summary.access.add(histories, access, engine.parameters)
    compared = (layout.regimes[0].name, layout.regimes[-1].name) if layout.causes else None
    result = engine.run(histories.arrays, layout.settled, compared)
    summary.records += histories.n_records
    for r, regime in enumerate(summary.regimes):
        codes, counts = np.unique(result.values[:, r, 0], return_counts=True)
        known = summary.undefined.setdefault(regime, Counter())
        known.update({int(code): int(n) for code, n in zip(codes, counts, strict=True) if code != award_fields.DEFINED})
    usage.mark_used(histories.arrays, award, result, summary.marks)
    if answers is None and histories.questions.num_columns:
        from pension.questions import Asked
        from pension.riders import Rules

        summary.unanswered.update(Asked(histories, Rules(engine.parameters.files)).counts())
    return Block(histories, result, result_table(histories, result, layout, access, answers))


def _check_questions(
    histories: Histories, engine: Engine, statutory: npt.NDArray[np.int64], award: npt.NDArray[np.int64], keep: Mask
) -> list[Problem]:
    """The broken rules of the questions of the people of ``keep``, who are taken out of it."""
    if not histories.questions.num_columns:
        return []
    from pension.questions import Asked
    from pension.riders import Rules

    broken, problems = Asked(histories, Rules(engine.parameters.files)).problems(statutory, award, keep)
    keep &= ~broken
    return problems


def result_table(
    histories: Histories,
    result: Entitlements,
    layout: Layout,
    access: dated_access.Access | None = None,
    answers: AfterColumns | None = None,
) -> pa.Table:
    """The rows of the results for one block; see the head of this module."""
    values = {
        regime.name: {name: result.values[:, r, c] for c, name in enumerate(result.columns)}
        for r, regime in enumerate(layout.regimes)
    }
    status = np.zeros(len(histories), dtype=np.int8)
    for columns in reversed(list(values.values())):
        undefined = columns["status"] != award_fields.DEFINED
        status[undefined] = columns["status"][undefined].astype(np.int8)
    fields = [pa.field("person", histories.person.type, False)]
    arrays: list[pa.Array] = [histories.person]
    for name in histories.extra.column_names:
        column = _plain(histories.extra[name])
        fields.append(pa.field(name, column.type))
        arrays.append(column)
    fields += [pa.field("weight", pa.float64(), False), pa.field("stars", pa.int8(), False)]
    fields.append(pa.field("status", pa.int8(), False))
    arrays += [pa.array(histories.arrays.weight), pa.array(result.stars), pa.array(status)]
    for columns in values.values():
        arrays += [_result_column(name, columns) for name in layout.columns]
    for a, b in layout.pairs:
        arrays += _pair_columns(values[a], values[b], layout.measures)
    if result.causes is not None:
        arrays += [pa.array(part, mask=np.isnan(part)) for part in result.causes.parts.values()]
    if layout.access and access is not None:
        arrays += [pa.array(access.closed_months), pa.array(access.unknown_months)]
    if answers is not None:
        arrays += answers.columns(histories)
    return pa.table(arrays, schema=pa.schema(fields + layout.fields()))


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """An ``x_`` column without dictionary: codes differ from chunk to chunk."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _result_column(name: str, columns: dict[str, npt.NDArray[np.float64]]) -> pa.Array:
    raw = columns[name]
    if name in _CODES:
        return pa.array(raw.astype(np.int8))
    # NaN with status 0 is a value that does not exist: no last income, no index outside the employee route.
    absent = (columns["status"] != award_fields.DEFINED) | np.isnan(raw)
    if name == "route":
        codes = np.where(absent, 0, raw).astype(np.int8)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=absent), pa.array(award_fields.ROUTES))
    if name in ("claim_place", "claim_branch"):
        absent = absent | (columns["claim_place"] < 0)
    elif name in ("average_index", "resident_start"):
        absent = absent | (raw == 0.0)
    if name == "claim_place":
        return pa.array(_PLACE_CODES[np.where(absent, 0, raw).astype(np.int64)], mask=absent)
    arrow_type = _TYPES.get(name, pa.float64())
    return pa.array(np.where(absent, 0.0, raw).astype(arrow_type.to_pandas_dtype()), arrow_type, mask=absent)


def _pair_columns(
    a: dict[str, npt.NDArray[np.float64]], b: dict[str, npt.NDArray[np.float64]], measures: Sequence[str]
) -> list[pa.Array]:
    """The loss of a against the reference b, then each measure and its status."""
    arrays = []
    for measure in ("L1", *measures):
        value, reason = losses.measure(measure, a, b)
        null = reason != award_fields.DEFINED
        arrays.append(pa.array(np.where(null, 0.0, value), mask=null))
        if measure != "L1":
            arrays.append(pa.array(reason.astype(np.int8)))
    return arrays


# ---------------------------------------------------------------------- files


def _metadata(layout: Layout, parameters: Parameters, seed: int | None, hashed: bool) -> dict[str, str]:
    """What determines the content of the results, and how to read them."""
    regimes = {regime.name: regime.data() for regime in layout.regimes}
    metadata = {
        "pension_results": schema.SCHEMA_VERSION,
        "pension_version": pension.__version__,
        "pension_parameters": parameters.hash,
        "pension_scenario": parameters.scenario,
        "pension_survival": parameters.survival,
        "pension_price_year": str(parameters.tables.price_year),
        "pension_regimes": _json(regimes),
        "pension_pairs": _json([{"actual": a, "reference": b} for a, b in layout.pairs]),
        "pension_status": _json(losses.REASONS),
        "pension_note": "a research estimate, no official determination",
    }
    if layout.afterwards:
        from pension.after_columns import STATUS

        metadata["pension_status"] = _json({**losses.REASONS, **STATUS})
    if seed is not None:
        metadata["pension_seed"] = str(seed)
    if hashed:
        metadata["pension_identifiers"] = "HMAC-SHA-256, 128 bits"
    return metadata


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _write(stream: IO[bytes], suffix: str, tables: Iterator[pa.Table], metadata: dict[str, str]) -> None:
    writer: Any = None
    for table in _rows_of(tables, ROWS):
        table = table.replace_schema_metadata(metadata)
        if writer is None:
            writer = _writer(stream, suffix, table.schema)
        writer.write_table(table)
    writer.close()


def _writer(stream: IO[bytes], suffix: str, found: pa.Schema) -> Any:
    if suffix in _IPC:
        return pa.ipc.new_file(stream, found)
    import pyarrow.parquet as pq

    # Floats are written faster without a dictionary, and the bytes then do not depend on the chunks of the input.
    words = [f.name for f in found if pa.types.is_dictionary(f.type)]
    return pq.ParquetWriter(stream, found, use_dictionary=words, write_page_checksum=True)


def _rows_of(tables: Iterator[pa.Table], rows: int) -> Iterator[pa.Table]:
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


class _Rejected:
    """The broken rules under ``errors="report"``: all in a CSV beside the output, the first in the summary."""

    def __init__(self, summary: RunSummary, target: Path | None, stack: contextlib.ExitStack) -> None:
        self.summary = summary
        self.path = None if target is None else target.with_name(f"{target.name}.rejected.csv")
        self.stack = stack
        self.rows: IO[str] | None = None

    def add_unread(self, problems: Sequence[Problem], people: int) -> None:
        """Rows that the reader rejected, with the people left out for them: they are in no block."""
        self.summary.people += people
        self.add(problems, people)

    def add(self, problems: Sequence[Problem], people: int) -> None:
        """The broken rules of people of a block that are left out."""
        self.summary.rejected += people
        self.summary.broken += len(problems)
        self.summary.problems += problems[: KEPT_PROBLEMS - len(self.summary.problems)]
        if self.path is None or not problems:
            return
        if self.rows is None:
            temporary = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115  closed by the stack
            self.rows = self.stack.enter_context(temporary)
            csv.writer(self.rows).writerow(Problem._fields)
        csv.writer(self.rows).writerows([_cell(value) for value in problem] for problem in problems)

    def close(self) -> None:
        """Put the list in its place, before the results appear; an older list of another run goes."""
        if self.path is None:
            return
        if self.rows is None:
            self.path.unlink(missing_ok=True)
            return
        rows = self.rows
        rows.seek(0)
        replace_file(self.path, lambda stream: stream.writelines(line.encode() for line in rows))
        self.summary.rejected_file = self.path


def _cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
