"""The command line. Exit codes: 0 done, 1 defect, 2 bad input, 3 done but people were rejected, 130 interrupted."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

# Everything else is imported inside the commands: numba, pandas and pyarrow cost half a second.
from pension._plain import without_compiler
from pension.cli_award_form import award_form
from pension.cli_common import (
    BAD_INPUT,
    INTERRUPTED,
    REJECTED,
    AccessOption,
    OverlayOption,
    RegimeOption,
    ScenarioOption,
    ThreadsOption,
    console,
    listing,
    load_parameters,
    numbered,
    progress_bar,
)
from pension.cli_law import law, regimes
from pension.cli_parameters import app as parameters_app

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Chinese pension rights across schemes and provinces: what the rules give, what is lost, and why.",
)
app.add_typer(parameters_app, name="parameters")
for command in (award_form, law, regimes):
    app.command()(command)


def main() -> None:
    """Entry point: run the command line and exit with its code; bad input gives a message, no traceback."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app(prog_name="pension")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        if not _is_bad_input(error):
            raise
        print(f"pension: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


def _is_bad_input(error: Exception) -> bool:
    # An error of a module that was never imported cannot have been raised.
    names = (("errors", "InputError"), ("accounting", "RegimeError"), ("parameters", "ParameterError"))
    homes = ((sys.modules.get(f"pension.{module}"), name) for module, name in names)
    return any(isinstance(error, getattr(home, name)) for home, name in homes if home is not None)


def _print_version(wanted: bool) -> None:
    if wanted:
        from pension import __version__

        print(f"pension {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None: ...


@app.command()
def case(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Case file (TOML).")],
    regime: RegimeOption = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the text.")] = "en",
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
    access: AccessOption = "report",
    conventions: Annotated[
        str | None, typer.Option(metavar="exact|province", help="Add the claim place's award form, rounded or not.")
    ] = None,
) -> None:
    """Explain the pension of one person, step by step, under several regimes."""
    without_compiler()
    from pension.statement import DEFAULT_REGIMES, explain

    statement = explain(
        file,
        regime or DEFAULT_REGIMES,
        parameters=load_parameters(scenario, overlay),
        lang=lang,
        access=access,
        conventions=conventions,
    )
    print(statement.json() if json else statement.text())


@app.command()
def whatif(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Case file (TOML).")],
    regime: RegimeOption = None,
    now: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Month after which things may change; default: last recorded.")
    ] = None,
    wait: Annotated[int, typer.Option(metavar="N", min=1, help="Months of a pause, and of a later claim.")] = 12,
    index: Annotated[
        list[float] | None, typer.Option(metavar="Z", help="Another base, in reference wages; again for more.")
    ] = None,
    contribution: Annotated[
        float | None, typer.Option(metavar="YUAN", help="Resident contribution a year; default: the last one paid.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the text.")] = "en",
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Compare ways to go on: stay, move home, stop, wait, other bases, the resident scheme."""
    without_compiler()
    from pension.what_if import DEFAULT_REGIMES, INDICES
    from pension.what_if import whatif as compare

    found = compare(
        file,
        regime or DEFAULT_REGIMES,
        now=now,
        wait=wait,
        indices=index or INDICES,
        contribution=contribution,
        parameters=load_parameters(scenario, overlay),
        lang=lang,
    )
    print(found.json() if json else found.text())


@app.command()
def run(
    input: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Nested table (Parquet, Arrow IPC), or long table (CSV, .xlsx, .dta).",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Results (.parquet or .arrow).")],
    records: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Records, where INPUT is a long table of people.")
    ] = None,
    regime: RegimeOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Further columns, with commas: components, access, L2, L3, L4."),
    ] = None,
    threads: ThreadsOption = 0,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
    errors: Annotated[
        str, typer.Option(metavar="raise|report", help="People that break a rule: stop, or leave out and list.")
    ] = "raise",
    hash_ids: Annotated[
        Path | None, typer.Option(metavar="KEYFILE", help="Replace identifiers by their hash under this key.")
    ] = None,
    access: AccessOption = "report",
) -> None:
    """Settle many people under several regimes; one row a person. Defaults: current and fair."""
    from pension import batch, report
    from pension.accounting import resolve
    from pension.errors import PRINTED_PROBLEMS

    regimes = resolve(regime or batch.DEFAULT_REGIMES)
    names = [name.strip() for text in columns or () for name in text.split(",") if name.strip()]
    tables = tuple(report.LossTable(regimes[0].name, other.name) for other in regimes[1:])

    def observe(block: batch.Block) -> None:
        for table in tables:
            table.add(block)

    parameters = load_parameters(scenario, overlay)
    with progress_bar("settling") as progress:
        summary = batch.run(
            input if records is None else (input, records),
            output,
            regimes,
            columns=names,
            parameters=parameters,
            threads=threads,
            errors=errors,
            hash_ids=hash_ids,
            access=access,
            progress=progress,
            observer=observe,
        )
    out = console()
    for form in summary.formats:
        print(f"read        {form}")
    for part in report.run_report(summary, tables, parameters):
        out.print(part)
    if summary.access is not None:
        out.print(f"access: {summary.access}")
    if summary.broken:
        for problem in summary.problems[:PRINTED_PROBLEMS]:
            print(f"pension: {problem}", file=sys.stderr)
        if summary.broken > PRINTED_PROBLEMS:
            print(f"pension: ... and {summary.broken - PRINTED_PROBLEMS:,} more", file=sys.stderr)
        where = f"; all in {summary.rejected_file}" if summary.rejected_file else ""
        print(f"pension: {summary.rejected:,} of {summary.people:,} people left out{where}", file=sys.stderr)
        raise typer.Exit(REJECTED)


@app.command()
def demo(
    persons: Annotated[int, typer.Option(metavar="N", min=1, help="People.")] = 100_000,
    seed: Annotated[int | None, typer.Option(metavar="S", min=0, help="Seed of the population.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write results.parquet and report.txt there.")
    ] = None,
    threads: ThreadsOption = 0,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Settle a synthetic population and show who loses what under the law in force."""
    from pension import report
    from pension.batch import DEFAULT_SEED

    parameters = load_parameters(scenario, overlay)
    with progress_bar("settling") as progress:
        result = report.demo(
            persons,
            DEFAULT_SEED if seed is None else seed,
            out,
            parameters=parameters,
            threads=threads,
            progress=progress,
        )
    screen = console()
    if screen.is_terminal:
        result.print(screen)
    else:
        print(result, end="")
    if out is None:
        print("\nNothing was written; --out DIR keeps the results, one row a person.")


@app.command()
def synth(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Nested table (.parquet or .arrow).")
    ] = None,
    persons: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="People: 100,000 to write, 1,000,000 to check.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="S", min=0, help="Seed of the population.")] = None,
    cohort: Annotated[str, typer.Option(metavar="calibrated|benchmark", help="Which population.")] = "calibrated",
    check: Annotated[bool, typer.Option("--check", help="Print public aggregates beside what came out.")] = False,
) -> None:
    """Write a synthetic population, to be settled with `pension run`, or check it."""
    from pension.batch import DEFAULT_SEED, write_cohort
    from pension.errors import refuse

    chosen = DEFAULT_SEED if seed is None else seed
    if output is None and not check:
        raise refuse("give a file to write, or --check", column="--output")
    if check and cohort != "calibrated":
        raise refuse("only the calibrated population has targets", column="--cohort", value=cohort)
    if output is not None:
        count = 100_000 if persons is None else persons
        with progress_bar("writing") as progress:
            write_cohort(output, count, chosen, cohort, progress=progress)
        print(f"{count:,} people: {output}")
    if check:
        _check_cohort(1_000_000 if persons is None else persons, chosen)


def _check_cohort(persons: int, seed: int) -> None:
    from rich.text import Text

    from pension.cohorts import check
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
