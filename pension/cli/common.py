"""What the commands share: exit codes, options, the console, tables, the progress bar."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

# Everything else is imported inside the functions: numba, pandas and pyarrow cost half a second.
if TYPE_CHECKING:
    from rich.console import Console

    from pension.batch import Progress
    from pension.parameters import Parameters

DONE: Final = 0
DEFECT: Final = 1
BAD_INPUT: Final = 2
REJECTED: Final = 3
INTERRUPTED: Final = 130

WIDTH: Final = 100
"""Columns of what is printed to a pipe or a file."""

RegimeOption = Annotated[
    list[str] | None,
    typer.Option("--regime", "-r", metavar="NAME", help="A named regime or a TOML file; again for more."),
]
ScenarioOption = Annotated[str | None, typer.Option(metavar="NAME", help="Assumptions for years to come.")]
OverlayOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Parameter files whose values replace the shipped ones.")
]
SurvivalOption = Annotated[
    str | None,
    typer.Option(metavar="NAME|CSV", help="Mortality: un_wpp_2024, cl5_cl6 (needs pymort), or a table of your own."),
]
AccessOption = Annotated[
    str,
    typer.Option(metavar="report|error|off", help="Paid where the scheme was closed: list, refuse, or do not look."),
]
ThreadsOption = Annotated[int, typer.Option(metavar="N", min=0, help="Threads; 0 = all.")]


def console() -> Console:
    """Standard output; pipes and files get the width of a report."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console


@contextlib.contextmanager
def progress_bar(what: str) -> Iterator[Progress]:
    """A progress bar on standard error; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def print_notes(error: BaseException) -> None:
    """What an error carries beside its message: what was kept, and how to go on."""
    for note in getattr(error, "__notes__", ()):
        print(f"pension: {note}", file=sys.stderr)


@contextlib.contextmanager
def told_when_interrupted() -> Iterator[None]:
    """Print the notes of an interrupt; the framework of the commands turns it into an exit code and drops them."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        print_notes(interrupt)
        raise


def load_parameters(scenario: str | None, overlay: Path | None, survival: str | None = None) -> Parameters:
    from pension.parameters import load

    return load(overlay, scenario="default" if scenario is None else scenario, survival=survival)


def listing(*heads: str) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for number, head in enumerate(heads):
        table.add_column(Text(head), overflow="fold", no_wrap=number == 0)
    return table


def numbered(texts: dict[str, int]) -> Any:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for text, number in texts.items():
        grid.add_row(Text(f"[{number}]"), Text(text))
    return grid
