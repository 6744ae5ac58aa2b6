"""A batch explained: who loses and who gains under the law in force against a reference, by group.

Groups are the four-star scale of the source paper (赵青 2021, tables 1 and 2): registered residence and place of
people outside a labour relation; and the main form of work. Losers stand beside winners, always with counts; people
for whom a regime is undefined are counted with the reason and left out.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pension.accounting import CAUSES
from pension.batch import DEFAULT_REGIMES, DEFAULT_SEED, Block, Progress, RunSummary, cohort_blocks, run
from pension.kernels import award_fields
from pension.runs.group_losses import UNCHANGED_YUAN, CauseTable, LossRow, LossTable
from pension.tables.usage import Provenance

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from pension.accounting import Regime
    from pension.checks.input_quality import InputQuality
    from pension.parameters import Parameters
    from pension.runs.aggregates import Aggregates

WIDTH: Final = 100
"""Columns of a report that is not printed to a terminal."""

DISCLAIMER: Final = "A research estimate, no official determination."


# ---------------------------------------------------------------------- printing


def _number(value: float | None, pattern: str = ",.0f") -> str:
    return "–" if value is None else format(value, pattern)


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{100.0 * value:.1f}%"


def _table(first: str, groups: list[tuple[str, list[LossRow]]]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1), collapse_padding=True, pad_edge=False, header_style="bold")
    table.add_column(Text(first), no_wrap=True, vertical="bottom")
    heads = (
        "people",
        "lose",
        "gain",
        "same",
        "loss:\nwealth",
        "loss:\na month",
        "gain:\nwealth",
        "gain:\na month",
        "mean\nratio",
    )
    for head in heads:
        table.add_column(Text(head), justify="right", no_wrap=True)
    for title, rows in groups:
        if title:
            table.add_row()
            table.add_row(Text(title, style="bold"))
        for row in rows:
            table.add_row(
                Text(row.group),
                _number(row.people),
                _percent(row.losing),
                _percent(row.gaining),
                _percent(row.unchanged),
                _number(row.mean_loss),
                _number(row.mean_loss_monthly),
                _number(row.mean_gain),
                _number(row.mean_gain_monthly),
                _percent(row.mean_ratio),
            )
    return table


def cause_table(table: CauseTable) -> RenderableType:
    """Mean loss by group and its causes: the group of causes first, its provisions below."""
    from rich.table import Table
    from rich.text import Text

    of_group = {group: [p for p in provisions if p in table.provisions] for group, provisions in CAUSES.items()}
    of_group = {group: provisions for group, provisions in of_group.items() if provisions}
    columns = [row for group in ("all", "stars") for row in table.rows(group) if row.means]
    out = Table(box=None, padding=(0, 1), collapse_padding=True, pad_edge=False, header_style="bold")
    out.add_column(Text("mean share in the loss"), no_wrap=True, vertical="bottom")
    for row in columns:
        out.add_column(Text(row.group.replace(" ", "\n")), justify="right", vertical="bottom")
    out.add_row(Text("people"), *(_number(row.people) for row in columns))
    out.add_row(Text("loss, yuan"), *(_number(row.loss) for row in columns))
    for group, provisions in of_group.items():
        total = [sum(row.means[p] for p in provisions) for row in columns]
        out.add_row(Text(group, style="bold"), *(Text(_number(value), style="bold") for value in total))
        for provision in provisions:
            out.add_row(Text(f"  {provision}"), *(_number(row.means[provision]) for row in columns))
    return out


def _facts(rows: list[tuple[str, str]]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column()
    for name, text in rows:
        table.add_row(Text(name), Text(text))
    return table


def _regime_text(regime: Regime) -> str:
    return f"{regime.name}: {regime.title}" if regime.title else regime.name


def run_facts(summary: RunSummary, provenance: Provenance, parameters: Parameters) -> list[tuple[str, str]]:
    """What every report of a run says: people, values, parameters, who is left out."""
    facts = [
        ("people", f"{summary.settled:,} with {summary.records:,} records"),
        (
            "values",
            f"wealth: all payments of life at the statutory month, yuan of {parameters.tables.price_year}; "
            f"a month: first pension, nominal yuan; scenario {parameters.scenario}",
        ),
        ("parameters", f"{summary.parameter_hash[:16]}; {provenance}"),
    ]
    where_undefined: dict[tuple[int, int], list[str]] = {}
    for regime, reasons in summary.undefined.items():
        for code, n in reasons.items():
            where_undefined.setdefault((code, n), []).append(regime)
    for (code, n), names in sorted(where_undefined.items()):
        facts.append(("left out", f"{n:,} undefined under {', '.join(names)}: {award_fields.STATUS_TEXT[code]}"))
    if summary.rejected:
        where = f", listed in {summary.rejected_file}" if summary.rejected_file else ""
        facts.append(("rejected", f"{summary.rejected:,} of {summary.people:,} people break a rule{where}"))
    if summary.output is not None:
        facts.append(("results", str(summary.output)))
    return facts


@dataclass
class DemoReport:
    """The outcome of ``demo``; ``str()`` gives the report as text."""

    summary: RunSummary
    regimes: tuple[Regime, ...]
    tables: tuple[LossTable, ...]
    """One for each reference regime."""
    causes: CauseTable
    """Of the loss against the last reference."""
    parameters: Parameters = field(repr=False)
    provenance: Provenance
    seed: int
    persons: int

    def print(self, console: Console) -> None:
        """Print the report."""
        from rich.text import Text

        actual = self.regimes[0]
        for table, reference in zip(self.tables, self.regimes[1:], strict=True):
            console.print(Text("What the rules in force cost: a made-up population", style="bold"))
            console.print()
            facts = [("actual", _regime_text(actual)), ("reference", _regime_text(reference))]
            facts += run_facts(self.summary, self.provenance, self.parameters)
            facts.insert(3, ("cohort", f"synthetic, {self.persons:,} people, seed {self.seed}"))
            console.print(_facts(facts))
            console.print()
            groups = [
                ("", table.rows("all")),
                ("severity group", table.rows("stars")),
                ("main form of work", table.rows("form")),
            ]
            console.print(_table("", groups))
            console.print()
            console.print(
                Text(
                    f"lose, gain, same: share of people whose wealth under {table.actual} is lower, higher, or within "
                    f"{UNCHANGED_YUAN:g} yuan of that under {table.reference}. Means are over losers and over winners. "
                    f"Ratio: 1 - {table.actual} / {table.reference}, mean over all."
                )
            )
        console.print()
        console.print(Text(f"Which rule causes it: {self.causes.actual} against {self.causes.reference}", style="bold"))
        console.print()
        console.print(cause_table(self.causes))
        console.print()
        console.print(
            Text(
                "Shapley values of the provisions in which the two differ, means over everybody of a group, yuan of "
                f"{self.parameters.tables.price_year}; they sum to the mean loss. Positive: the rule in force costs."
            )
        )
        console.print(Text(DISCLAIMER, style="italic"))

    def __str__(self) -> str:
        return as_text(self)


def as_text(report: DemoReport) -> str:
    """The report as plain text of ``WIDTH`` columns."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=WIDTH, color_system=None, force_terminal=False)
    report.print(console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def run_report(summary: RunSummary, tables: tuple[LossTable, ...], parameters: Parameters) -> list[RenderableType]:
    """What ``pension run`` prints: the facts and one line for each reference."""
    from dataclasses import replace

    from rich.text import Text

    provenance = Provenance.of(parameters, summary.marks)
    parts = [_facts(run_facts(summary, provenance, parameters))]
    rows = [replace(table.rows("all")[0], group=f"{table.actual} → {table.reference}") for table in tables]
    if rows:
        parts += [Text(), _table("actual → reference", [("", rows)])]
    return [*parts, Text(), Text(DISCLAIMER, style="italic")]


def quality_report(quality: InputQuality) -> RenderableType:
    """What the input looks like, before any result."""
    return _facts([("" if number else "input", line) for number, line in enumerate(quality.lines())])


SHOWN_GROUPS: Final = 40
"""Groups of an aggregate that are printed; files hold all."""


def aggregate_table(found: Aggregates) -> RenderableType:
    """Aggregates as a short table: people and weighted means by group; differences also by median and share losing."""
    from rich.table import Table
    from rich.text import Text

    shown = [q for q in found.quantities if q.name.startswith(("monthly_", "pw_", "loss_"))]
    shown = [q for q in shown if not q.name.startswith(("pw_r0_", "loss_monthly_"))]
    table = Table(box=None, padding=(0, 1), collapse_padding=True, pad_edge=False, header_style="bold")
    for name in found.by or ("group",):
        table.add_column(Text(name), no_wrap=True, vertical="bottom")
    for head in ("people", "undefined", *(_head(q.name) for q in shown)):
        table.add_column(Text(head), justify="right", vertical="bottom")
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in found.rows():
        lines.setdefault(tuple(row[name] for name in found.by), {})[row["quantity"]] = row
    for group, of in list(lines.items())[:SHOWN_GROUPS]:
        first = of[shown[0].name]
        # Undefined under any of the regimes is undefined in the last difference.
        last = of[shown[-1].name]
        cells = [_number(first["people"] + first["undefined"]), _number(last["undefined"])]
        for quantity in shown:
            row = of[quantity.name]
            text = _number(row["mean"])
            if quantity.name.startswith("loss_") and row["people"]:
                text += f"\n{_number(row['p50'])}\n{_percent(row['positive'] / row['people'])}"
            cells.append(text)
        labels = ["–" if part is None else str(part) for part in group] or ["everybody"]
        table.add_row(*map(Text, (*labels, *cells)))
    if len(lines) > SHOWN_GROUPS:
        table.add_row(Text(f"... and {len(lines) - SHOWN_GROUPS:,} more"))
    return table


def _head(name: str) -> str:
    if name.startswith("loss_"):
        return f"{name}\nmean\nmedian\nlosing"
    return f"{name}\nmean"


# ---------------------------------------------------------------------- the demo


def demo(
    persons: int = 100_000,
    seed: int = DEFAULT_SEED,
    out: str | os.PathLike[str] | None = None,
    *,
    regimes: tuple[str | Regime, ...] = DEFAULT_REGIMES,
    parameters: Parameters | None = None,
    threads: int = 0,
    progress: Progress | None = None,
) -> DemoReport:
    """Settle a synthetic population under the law in force and a reference and report the losses by group.

    The population depends on ``seed`` alone, person by person. With ``out`` the results go to ``results.parquet`` and
    the report to ``report.txt`` in that directory, which is made if need be.
    """
    from pension.accounting import RegimeError, resolve
    from pension.errors import refuse

    if persons < 1:
        raise refuse("at least one person", column="--persons", value=persons)
    chosen = tuple(resolve(regimes))
    if len(chosen) < 2:
        raise RegimeError("a loss compares two regimes; name at least two")
    if parameters is None:
        from pension.parameters import load

        parameters = load()
    target = None if out is None else _directory(Path(out)) / "results.parquet"
    tables = tuple(LossTable(chosen[0].name, other.name) for other in chosen[1:])

    causes = CauseTable(chosen[0].name, chosen[-1].name)

    def observe(block: Block) -> None:
        for table in tables:
            table.add(block)
        causes.add(block)

    summary = run(
        cohort_blocks(persons, seed, parameters),
        target,
        chosen,
        columns=["causes"],
        parameters=parameters,
        threads=threads,
        seed=seed,
        observer=observe,
        progress=None if progress is None else lambda done, _: progress(done, persons),
    )
    provenance = Provenance.of(parameters, summary.marks)
    report = DemoReport(summary, chosen, tables, causes, parameters, provenance, seed, persons)
    if target is not None:
        target.with_name("report.txt").write_text(str(report), encoding="utf-8")
    return report


def _directory(path: Path) -> Path:
    from pension.errors import refuse

    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse(f"the output directory cannot be made ({error.strerror})", file=str(path)) from error
    return path
