"""Commands for many people: ``run`` and ``synth``."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from pension.cli.common import (
    REJECTED,
    AccessOption,
    OverlayOption,
    RegimeOption,
    ScenarioOption,
    SurvivalOption,
    ThreadsOption,
    console,
    listing,
    load_parameters,
    numbered,
    progress_bar,
    told_when_interrupted,
)

# Everything else is imported inside the commands: numba, pandas and pyarrow cost half a second.
if TYPE_CHECKING:
    from pension.batch import Batch, RunSummary

PartPeopleOption = Annotated[
    int | None, typer.Option(metavar="N", min=1, help="People in a part of a directory; default 262,144.")
]
PartFormatOption = Annotated[str, typer.Option(metavar="parquet|arrow", help="Format of the parts of a directory.")]


def run(
    input: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Nested table (Parquet, Arrow IPC), a directory of them, or long table (CSV, .xlsx, .dta).",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", metavar="OUT", help="Results: .parquet, .arrow, or a directory of parts (no suffix)."
        ),
    ],
    records: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Records, where INPUT is a long table of people.")
    ] = None,
    regime: RegimeOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAMES", help="Further columns, with commas: components, access, afterwards, irr, npw, L2 .."
        ),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Aggregates by these, with commas: stars, sex, cohort, x_..; again."),
    ] = None,
    aggregate_only: Annotated[
        bool, typer.Option("--aggregate-only", help="Keep no people: OUT is .csv, .json, .parquet or a directory.")
    ] = False,
    threads: ThreadsOption = 0,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
    survival: SurvivalOption = None,
    errors: Annotated[
        str, typer.Option(metavar="raise|report", help="People that break a rule: stop, or leave out and list.")
    ] = "raise",
    hash_ids: Annotated[
        Path | None, typer.Option(metavar="KEYFILE", help="Replace identifiers by their hash under this key.")
    ] = None,
    access: AccessOption = "report",
    limits: Annotated[
        str, typer.Option(metavar="report|error|off", help="Bases outside their limits: count, refuse, do not look.")
    ] = "report",
    part_people: PartPeopleOption = None,
    part_format: PartFormatOption = "parquet",
    quality: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the quality of the input there, as JSON.")
    ] = None,
    log: Annotated[Path | None, typer.Option(metavar="FILE", help="Append a JSON line a batch.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="tcp://..", help="Settle parts on this Dask cluster (extra dask).")
    ] = None,
) -> None:
    """Settle many people under several regimes; one row a person. Defaults: current and fair."""
    from pension import batch
    from pension.errors import refuse

    names = [name.strip() for text in columns or () for name in text.split(",") if name.strip()]
    parameters = load_parameters(scenario, overlay, survival)
    options: dict[str, Any] = {
        "columns": names,
        "parameters": parameters,
        "threads": threads,
        "errors": errors,
        "hash_ids": hash_ids,
        "access": access,
        "limits": limits,
        "by": by or (),
        "aggregate_only": aggregate_only,
        "part_format": part_format,
    }
    if part_people is not None:
        options["part_people"] = part_people
    if quality is not None and not quality.parent.is_dir():
        raise refuse("cannot be written (its directory does not exist)", column="--quality", value=quality)
    source = input if records is None else (input, records)
    chosen = regime or batch.DEFAULT_REGIMES
    if scheduler is not None:
        from pension import distributed

        if log is not None:
            raise refuse("workers keep no common log", column="--log", value=log)
        with told_when_interrupted(), progress_bar("settling") as progress:
            summary = distributed.run(source, output, chosen, scheduler=scheduler, progress=progress, **options)
    else:
        with told_when_interrupted(), _log(log) as note, _run_bar() as (progress, told):

            def monitor(done: Batch) -> None:
                told(done)
                note(done)

            summary = batch.run(source, output, chosen, progress=progress, monitor=monitor, **options)
    _print(summary, parameters, quality)
    if summary.broken:
        _print_rejected(summary)
        raise typer.Exit(REJECTED)


def _print(summary: RunSummary, parameters: Any, quality: Path | None) -> None:
    import json

    from pension import report
    from pension.inputs.history_files import write_bytes

    out = console()
    for form in summary.formats:
        print(f"read        {form}")
    out.print(report.quality_report(summary.quality))
    print()
    for part in report.run_report(summary, summary.losses, parameters):
        out.print(part)
    if summary.parts:
        print(f"parts: {summary.parts:,}, of these {summary.parts_found:,} done by an earlier run")
    if summary.access is not None:
        out.print(f"access: {summary.access}")
    if summary.unanswered:
        counts = ", ".join(f"{n:,} with {name}" for name, n in sorted(summary.unanswered.items()))
        out.print(f"not answered: people {counts} (--columns afterwards)")
    for found in summary.aggregates:
        out.print()
        out.print(report.aggregate_table(found))
    for file in summary.aggregate_files:
        print(f"aggregates: {file}")
    if quality is not None:
        write_bytes(quality, (json.dumps(summary.quality.data(), ensure_ascii=False, indent=1) + "\n").encode())


def _print_rejected(summary: RunSummary) -> None:
    from pension.errors import PRINTED_PROBLEMS

    for problem in summary.problems[:PRINTED_PROBLEMS]:
        print(f"pension: {problem}", file=sys.stderr)
    if summary.broken > PRINTED_PROBLEMS:
        print(f"pension: ... and {summary.broken - PRINTED_PROBLEMS:,} more", file=sys.stderr)
    where = f"; all in {summary.rejected_file}" if summary.rejected_file else ""
    print(f"pension: {summary.rejected:,} of {summary.people:,} people left out{where}", file=sys.stderr)


@contextlib.contextmanager
def _log(path: Path | None) -> Iterator[Callable[[Batch], None]]:
    """Append one JSON line a batch: time, people, records, rejected, seconds by stage, resident memory."""
    if path is None:
        yield lambda done: None
        return
    import datetime
    import json
    import threading
    from dataclasses import asdict

    from pension.errors import refuse

    try:
        stream: IO[str] = path.open("a", encoding="utf-8")
    except OSError as error:
        raise refuse(f"the log cannot be written ({error.strerror})", file=str(path)) from error
    with stream:
        one = threading.Lock()  # the end of a part is written while the next one begins

        def note(done: Batch) -> None:
            now = datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds")
            with one:
                stream.write(json.dumps({"time": now, **asdict(done)}) + "\n")
                stream.flush()

        yield note


@contextlib.contextmanager
def _run_bar() -> Iterator[tuple[Callable[[int, int | None], None], Callable[[Batch], None]]]:
    """A bar on standard error with people, records a second and time left; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    err = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as bar:
        task = bar.add_task("settling", total=None, rate="")
        records = 0

        def told(done: Batch) -> None:
            nonlocal records
            records += done.records
            seconds = bar.tasks[0].elapsed or 0.0
            bar.update(task, rate=f"{records / seconds:,.0f} records/s" if seconds > 0.0 else "")

        yield lambda done, total: bar.update(task, completed=done, total=total), told


def synth(
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="OUT", help="Nested table (.parquet, .arrow), or directory."),
    ] = None,
    persons: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="People: 100,000 to write, 1,000,000 to check.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="S", min=0, help="Seed of the population.")] = None,
    cohort: Annotated[str, typer.Option(metavar="calibrated|benchmark", help="Which population.")] = "calibrated",
    part_people: PartPeopleOption = None,
    part_format: PartFormatOption = "parquet",
    check: Annotated[bool, typer.Option("--check", help="Print public aggregates beside what came out.")] = False,
) -> None:
    """Write a synthetic population, to be settled with `pension run`, or check it."""
    from pension.cohorts.files import DEFAULT_SEED, write_cohort
    from pension.errors import refuse
    from pension.runs.parts import PART_PEOPLE

    chosen = DEFAULT_SEED if seed is None else seed
    if output is None and not check:
        raise refuse("give a file to write, or --check", column="--output")
    if check and cohort != "calibrated":
        raise refuse("only the calibrated population has targets", column="--cohort", value=cohort)
    if output is not None:
        count = 100_000 if persons is None else persons
        with told_when_interrupted(), progress_bar("writing") as progress:
            write_cohort(
                output,
                count,
                chosen,
                cohort,
                part_people=part_people or PART_PEOPLE,
                part_format=part_format,
                progress=progress,
            )
        print(f"{count:,} people: {output}")
    if check:
        _check_cohort(1_000_000 if persons is None else persons, chosen)


def _check_cohort(persons: int, seed: int) -> None:
    from rich.text import Text

    from pension.cohorts.population import check
    from pension.parameters import load

    with progress_bar("checking") as progress:
        compared = check(persons, seed, load(), progress=lambda done: progress(done, persons))
    table = listing("", "target", "got", "", "use", "status", "source")
    numbers: dict[str, int] = {}
    for found in compared:
        number = numbers.setdefault(found.source, len(numbers) + 1)
        verdict = "" if found.met else "missed"
        cells = (found.what, f"{found.target:,.4g}", f"{found.got:,.4g}", verdict, found.use, found.status)
        table.add_row(*map(Text, cells), Text(f"[{number}]"))
    table.columns[0].no_wrap = False
    out = console()
    out.print(Text(f"{persons:,} synthetic people, seed {seed}, beside public aggregates\n", style="bold"))
    out.print(table)
    met = sum(found.met for found in compared if found.use == "target")
    print(f"\n{met} of {sum(found.use == 'target' for found in compared)} targets met within their stated width;")
    print("a check is compared, nothing was fitted to it. Moves follow a synthetic gravity matrix.\n")
    out.print(numbered(numbers))
