"""The command ``pension flows``: what moves between provinces, who gains, who bears it."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from pension.cli.common import (
    REJECTED,
    OverlayOption,
    RegimeOption,
    ScenarioOption,
    ThreadsOption,
    load_parameters,
    progress_bar,
)
from pension.cli.plain import without_compiler

if TYPE_CHECKING:
    import pandas as pd

    from pension.pools.tables import Flows

MATRICES: Final = ("people", "account", "pooled", "liability_origin", "liability_destination")
"""Columns written as matrices, origins down and destinations across."""


def flows(
    input: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT", help="Nested table (Parquet, Arrow IPC), long table (CSV, .xlsx, .dta), or case (TOML)."
        ),
    ],
    records: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Records, where INPUT is a long table of people.")
    ] = None,
    regime: RegimeOption = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="DIR", help="Write tables and matrices (CSV) there.")
    ] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Corridors and provinces in each list.")] = 5,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    threads: ThreadsOption = 0,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
    errors: Annotated[
        str, typer.Option(metavar="raise|report", help="People that break a rule: stop, or leave out and count.")
    ] = "raise",
) -> None:
    """Show the money and liabilities that move between provinces, who gains, who pays. Defaults: current and fair."""
    one_person = records is None and input.suffix.lower() == ".toml"
    if one_person:
        without_compiler()
    from pension.errors import PRINTED_PROBLEMS, refuse
    from pension.inputs.opening import Source, read_case
    from pension.pools.flows import DEFAULT_REGIMES
    from pension.pools.flows import flows as reckon

    if output is not None and output.exists() and not output.is_dir():
        raise refuse("the tables are written into a directory", column="--output", value=str(output))
    parameters = load_parameters(scenario, overlay)
    source: Source = input if records is None else (input, records)
    if one_person:
        source = read_case(input, parameters)
    with progress_bar("settling") as progress:
        found = reckon(
            source,
            regime or DEFAULT_REGIMES,
            parameters=parameters,
            threads=threads,
            errors=errors,
            progress=progress,
        )
    print(json_module.dumps(found.data(), ensure_ascii=False, indent=2) if json else found.summary(top))
    if output is not None:
        written = write_tables(found, output)
        print(f"{written} tables: {output}", file=sys.stderr if json else sys.stdout)
    if found.rejected:
        for problem in found.problems[:PRINTED_PROBLEMS]:
            print(f"pension: {problem}", file=sys.stderr)
        raise typer.Exit(REJECTED)


def write_tables(found: Flows, directory: Path) -> int:
    """The tables, and per regime the matrices of ``MATRICES``, as CSV files; returns how many were written."""
    directory.mkdir(parents=True, exist_ok=True)
    tables: dict[str, pd.DataFrame] = {"corridors": found.corridors(), "accounts": found.accounts()}
    tables |= {"payers": found.payers(), "reform": found.reform()}
    for name, frame in tables.items():
        frame.to_csv(directory / f"{name}.csv", index=False)
    for regime in found.regimes:
        for column in MATRICES:
            found.matrix(column, regime.name).to_csv(directory / f"{regime.name}_{column}.csv")
    return len(tables) + len(found.regimes) * len(MATRICES)
