"""The command line. Exit codes: 0 done, 1 defect, 2 bad input, 3 done but people were rejected, 130 interrupted."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Annotated

import typer

from pension.cli.award_form import award_form
from pension.cli.choose import choose
from pension.cli.common import (
    BAD_INPUT,
    INTERRUPTED,
    AccessOption,
    OverlayOption,
    RegimeOption,
    ScenarioOption,
    SurvivalOption,
    ThreadsOption,
    console,
    load_parameters,
    print_notes,
    progress_bar,
)
from pension.cli.flows import flows
from pension.cli.law import law, regimes
from pension.cli.parameters import app as parameters_app

# Everything else is imported inside the commands: numba, pandas and pyarrow cost half a second.
from pension.cli.plain import without_compiler
from pension.cli.run import run, synth
from pension.cli.sensitivity import sensitivity
from pension.cli.stayers import stayer_gap

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Chinese pension rights across schemes and provinces: what the rules give, what is lost, and why.",
)
app.add_typer(parameters_app, name="parameters")
for command in (award_form, choose, flows, law, regimes, run, sensitivity, stayer_gap, synth):
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
        print_notes(error)
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
    survival: SurvivalOption = None,
    access: AccessOption = "report",
    conventions: Annotated[
        str | None, typer.Option(metavar="exact|province", help="Add the claim place's award form, rounded or not.")
    ] = None,
) -> None:
    """Explain the pension of one person, step by step, under several regimes."""
    without_compiler()
    from pension.statement.explain import DEFAULT_REGIMES, explain

    statement = explain(
        file,
        regime or DEFAULT_REGIMES,
        parameters=load_parameters(scenario, overlay, survival),
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
    survival: SurvivalOption = None,
) -> None:
    """Compare ways to go on: stay, move home, stop, wait, other bases, the resident scheme."""
    without_compiler()
    from pension.choice.what_if import DEFAULT_REGIMES, INDICES
    from pension.choice.what_if import whatif as compare

    found = compare(
        file,
        regime or DEFAULT_REGIMES,
        now=now,
        wait=wait,
        indices=index or INDICES,
        contribution=contribution,
        parameters=load_parameters(scenario, overlay, survival),
        lang=lang,
    )
    print(found.json() if json else found.text())


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
    survival: SurvivalOption = None,
) -> None:
    """Settle a synthetic population and show who loses what under the law in force."""
    from pension import report
    from pension.batch import DEFAULT_SEED

    parameters = load_parameters(scenario, overlay, survival)
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
