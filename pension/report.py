"""A batch explained: who loses and who gains under the law in force against a reference, by group.

Groups are the four-star scale of the source paper (赵青 2021, tables 1 and 2): registered residence and place of
people outside a labour relation; and the main form of work. Losers stand beside winners, always with counts; people
for whom a regime is undefined are counted with the reason and left out.
"""

from __future__ import annotations

import io
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension import award_fields, losses
from pension._compile import in_threads, kernel
from pension.accounting import CAUSES
from pension.batch import DEFAULT_REGIMES, DEFAULT_SEED, Block, Progress, RunSummary, cohort_blocks, run
from pension.cells import POPCOUNT
from pension.histories import Histories
from pension.usage import Provenance

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console, RenderableType

    from pension.accounting import Regime
    from pension.parameters import Parameters

UNCHANGED_YUAN: Final = 1.0
"""A difference of pension wealth below this counts as unchanged (yuan of the price year)."""

WIDTH: Final = 100
"""Columns of a report that is not printed to a terminal."""

STARS: Final = (
    "labour relation only",
    "★ local urban",
    "★★ local rural",
    "★★★ non-local urban",
    "★★★★ non-local rural",
)
FORMS: Final = ("employed", "dispatched", "part-time", "flexible", "platform")
"""Names of ``schema.FORM``, in its order."""

_SUMS: Final = (
    "people",
    "losing",
    "gaining",
    "unchanged",
    "loss",
    "loss_monthly",
    "gain",
    "gain_monthly",
    "ratio",
    "with_ratio",
)
DISCLAIMER: Final = "A research estimate, no official determination."


@kernel
def _main_forms(h: Any, first: int, last: int, out: Any) -> None:
    """Form of work with most months over all records of each person; ties to the later (less protected) form."""
    months = np.zeros(len(FORMS), dtype=np.int64)
    for i in range(first, last):
        months[:] = 0
        for j in range(h.offsets[i], h.offsets[i + 1]):
            months[h.form[j]] += POPCOUNT[h.months[j]]
        best = 0
        for k in range(1, months.size):
            if months[k] >= months[best] and months[k] > 0:
                best = k
        out[i] = best


def main_form(histories: Histories) -> npt.NDArray[np.int8]:
    """[person]: number in ``schema.FORM`` of the form of work with most months."""
    out = np.zeros(len(histories), dtype=np.int8)
    in_threads(_main_forms, len(histories), histories.arrays, out)
    return out


@dataclass(frozen=True)
class LossRow:
    """One group: weighted people, shares of losers and winners, means; None where nobody is in the mean."""

    group: str
    people: float
    losing: float | None
    """Share of the group whose pension wealth is lower than under the reference."""
    gaining: float | None
    unchanged: float | None
    mean_loss: float | None
    """Mean loss of the losers, pension wealth, yuan of the price year."""
    mean_loss_monthly: float | None
    """Mean difference of the first monthly pension of the losers, nominal yuan/month."""
    mean_gain: float | None
    mean_gain_monthly: float | None
    mean_ratio: float | None
    """Mean of 1 - pw_actual / pw_reference of the group."""


@dataclass(frozen=True)
class CauseRow:
    """One group: weighted people and the mean share of each provision in their loss, yuan of the price year."""

    group: str
    people: float
    means: dict[str, float]
    """Empty where the group has nobody."""

    @property
    def loss(self) -> float:
        """Mean loss: the sum of the shares."""
        return sum(self.means.values())


class LossTable:
    """Losses of one regime against a reference, added up block by block."""

    def __init__(self, actual: str, reference: str) -> None:
        self.actual, self.reference = actual, reference
        self._sums = {group: np.zeros((size, len(_SUMS))) for group, size in _GROUPS.items()}
        self._undefined: Counter[int] = Counter()

    def add(self, block: Block) -> None:
        """Count the people of one block."""
        result, weight = block.result, block.histories.arrays.weight
        status = [result.column("status", name) for name in (self.actual, self.reference)]
        reason = np.where(status[0] != award_fields.DEFINED, status[0], status[1]).astype(np.int64)
        for code in np.unique(reason[reason != award_fields.DEFINED]):
            self._undefined[int(code)] += int(np.count_nonzero(reason == code))
        known = reason == award_fields.DEFINED
        actual, reference = (result.column("pw", name)[known] for name in (self.actual, self.reference))
        monthly = (result.column("monthly", self.reference) - result.column("monthly", self.actual))[known]
        loss, weight = result.lost(self.actual, self.reference)[known], weight[known]
        losing, gaining = loss >= UNCHANGED_YUAN, loss <= -UNCHANGED_YUAN
        ratio = losses.ratio(actual, reference)
        with_ratio = np.isfinite(ratio)
        columns = {
            "people": np.ones(loss.size),
            "losing": losing,
            "gaining": gaining,
            "unchanged": ~(losing | gaining),
            "loss": np.where(losing, loss, 0.0),
            "loss_monthly": np.where(losing, monthly, 0.0),
            "gain": np.where(gaining, -loss, 0.0),
            "gain_monthly": np.where(gaining, -monthly, 0.0),
            "ratio": np.where(with_ratio, ratio, 0.0),
            "with_ratio": with_ratio,
        }
        members = {"all": np.zeros(loss.size, np.int64), "stars": result.stars[known]}
        members["form"] = main_form(block.histories)[known]
        for group, sums in self._sums.items():
            for c, name in enumerate(_SUMS):
                sums[:, c] += np.bincount(members[group], columns[name] * weight, minlength=sums.shape[0])

    @property
    def undefined(self) -> dict[str, int]:
        """People left out, by reason."""
        return {award_fields.STATUS_TEXT[code]: n for code, n in sorted(self._undefined.items())}

    def rows(self, group: str) -> list[LossRow]:
        """The rows of ``"all"``, ``"stars"`` or ``"form"``."""
        labels = {"all": ("everybody",), "stars": STARS, "form": FORMS}[group]
        return [
            _row(label, dict(zip(_SUMS, line, strict=True)))
            for label, line in zip(labels, self._sums[group], strict=True)
        ]

    def to_frame(self) -> pd.DataFrame:
        """All rows as a table, with the grouping in the first column."""
        import pandas as pd

        return pd.DataFrame([{"grouping": g, **vars(row)} for g in _GROUPS for row in self.rows(g)])


class CauseTable:
    """Causes of the loss of one regime against a reference by group, added up block by block."""

    def __init__(self, actual: str, reference: str) -> None:
        self.actual, self.reference = actual, reference
        self.provisions: tuple[str, ...] = ()
        self._sums = {group: np.zeros((size, 0)) for group, size in _GROUPS.items()}

    def add(self, block: Block) -> None:
        """Count the people of one block."""
        causes = block.result.causes
        if causes is None:
            raise ValueError("the block was settled without causes")
        parts = causes.parts
        if not self.provisions:
            self.provisions = tuple(parts)
            self._sums = {group: np.zeros((size, 1 + len(parts))) for group, size in _GROUPS.items()}
        shares = np.stack(list(parts.values()), axis=1)
        known = np.isfinite(shares).all(axis=1)
        weight, shares = block.histories.arrays.weight[known], shares[known]
        members: dict[str, npt.NDArray[Any]] = {
            "all": np.zeros(weight.size, np.int64),
            "stars": block.result.stars[known],
        }
        members["form"] = main_form(block.histories)[known]
        for group, sums in self._sums.items():
            sums[:, 0] += np.bincount(members[group], weight, minlength=sums.shape[0])
            for k in range(shares.shape[1]):
                sums[:, 1 + k] += np.bincount(members[group], shares[:, k] * weight, minlength=sums.shape[0])

    def rows(self, group: str) -> list[CauseRow]:
        """The rows of ``"all"``, ``"stars"`` or ``"form"``."""
        labels = {"all": ("everybody",), "stars": STARS, "form": FORMS}[group]
        rows = []
        for label, line in zip(labels, self._sums[group], strict=True):
            means = dict(zip(self.provisions, (line[1:] / line[0]).tolist() if line[0] > 0.0 else (), strict=False))
            rows.append(CauseRow(label, float(line[0]), means))
        return rows

    def to_frame(self) -> pd.DataFrame:
        """All rows as a table, with the grouping in the first column; mean shares, yuan of the price year."""
        import pandas as pd

        rows = [(g, row) for g in _GROUPS for row in self.rows(g)]
        return pd.DataFrame([{"grouping": g, "group": r.group, "people": r.people, **r.means} for g, r in rows])


_GROUPS: Final = {"all": 1, "stars": len(STARS), "form": len(FORMS)}


def _row(label: str, sums: dict[str, float]) -> LossRow:
    def mean(total: str, of: str) -> float | None:
        return float(sums[total] / sums[of]) if sums[of] > 0.0 else None

    return LossRow(
        label,
        float(sums["people"]),
        mean("losing", "people"),
        mean("gaining", "people"),
        mean("unchanged", "people"),
        mean("loss", "losing"),
        mean("loss_monthly", "losing"),
        mean("gain", "gaining"),
        mean("gain_monthly", "gaining"),
        mean("ratio", "with_ratio"),
    )


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
