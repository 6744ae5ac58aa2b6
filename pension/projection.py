"""The same run as a plain function over Arrow record batches, for engines that split rows by themselves.

``project_batches`` takes batches of the nested table (one row a person) and gives batches of results, one for each, in
order; it holds one batch at a time and depends on nothing but the batch, so any split gives the same rows. Identifiers
are compared within a batch only: whoever splits the people sees to it that each is there once.

Spark, where ``people`` is a data frame of the nested table::

    out = projection_schema(pa.schema([...]))          # or of any batch
    people.mapInArrow(project_batches, spark_schema)   # the function takes and gives an iterator of record batches

DuckDB, streaming::

    batches = duckdb.sql("select * from 'people/*.parquet'").to_arrow_reader(50_000)
    for result in project_batches(batches): ...

Polars::

    pl.concat(pl.from_arrow(result) for result in project_batches(frame.to_arrow().to_batches()))
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from pension.accounting import Regime
from pension.batch import DEFAULT_REGIMES
from pension.errors import Problem, RowPolicy
from pension.histories import Histories
from pension.inputs.datasets import Piece
from pension.inputs.nested_table import Reader, check_columns, check_metadata, repeated
from pension.runs.result_layout import Layout
from pension.runs.settling import Rules, Settler
from pension.runs.tally import Tally

if TYPE_CHECKING:
    from pension.parameters import Parameters

Rejected = Callable[[Sequence[Problem], int], None]


def project_batches(
    batches: Iterable[pa.RecordBatch],
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    *,
    columns: Sequence[str] = (),
    parameters: Parameters | None = None,
    access: str = "off",
    limits: str = "off",
    rejected: Rejected | None = None,
) -> Iterator[pa.RecordBatch]:
    """Settle batches of the nested table; the columns of ``pension.run``, words as plain text.

    A person that breaks a rule raises ``InputError``; with ``rejected`` it is left out, and ``rejected(problems,
    people)`` is told of each batch that has some. ``access`` and ``limits`` as in ``pension.run``.
    """
    settler, layout, rules = _ready(regimes, columns, parameters, access, limits, rejected)
    first = 0
    for batch in batches:
        tally = Tally.empty(layout, (), rules.access != "off", rules.limits != "off")
        settled = settler.settle(_piece(batch, first, rules), tally)
        if rejected is not None and settled.problems:
            rejected(settled.problems, settled.rejected)
        first += len(batch)
        table = _plain(settled.block.table).combine_chunks()
        yield table.to_batches()[0] if len(table) else pa.RecordBatch.from_pylist([], schema=table.schema)


def projection_schema(
    schema: pa.Schema,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    *,
    columns: Sequence[str] = (),
    parameters: Parameters | None = None,
    access: str = "off",
) -> pa.Schema:
    """What ``project_batches`` gives for batches of a schema, for engines that want to know before."""
    settler, layout, rules = _ready(regimes, columns, parameters, access, "off", None)
    empty = pa.RecordBatch.from_pylist([], schema=schema)
    tally = Tally.empty(layout, (), rules.access != "off", False)
    return _plain(settler.settle(_piece(empty, 0, rules), tally).block.table).schema


def _ready(
    regimes: Sequence[str | Regime],
    columns: Sequence[str],
    parameters: Parameters | None,
    access: str,
    limits: str,
    rejected: Rejected | None,
) -> tuple[Settler, Layout, Rules]:
    from pension.checks.access import mode_of
    from pension.checks.input_quality import limit_mode

    layout = Layout.of(regimes, columns)
    rules = Rules("raise" if rejected is None else "report", mode_of(access), limit_mode(limits))
    if parameters is None:
        from pension.parameters import load

        parameters = load()
    return Settler(parameters, layout, rules), layout, rules


def _piece(batch: pa.RecordBatch, first: int, rules: Rules) -> Piece:
    table = pa.Table.from_batches([batch])
    check_metadata(table.schema, "", require_version=False)
    check_columns(table.schema, "")
    table.validate(full=True)
    problems: list[Problem] = []

    def collect(found: Sequence[Problem], people: int) -> None:
        problems.extend(found)

    policy = RowPolicy(collect if rules.report else None)
    twice = repeated(Reader(table, "", first).identifiers())
    histories = Histories.read(table, "", first, policy, twice)
    return Piece(first, len(batch), histories, tuple(problems))


def _plain(table: pa.Table) -> pa.Table:
    """Words as text, without metadata: every engine reads it."""
    fields: list[Any] = []
    for f in table.schema:
        kind = f.type.value_type if pa.types.is_dictionary(f.type) else f.type
        fields.append(pa.field(f.name, kind, f.nullable))
    return table.cast(pa.schema(fields))
