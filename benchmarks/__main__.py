"""``python -m benchmarks [--quick] [--json FILE] [--persons N]``: figures beside their targets, as table and JSON."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from benchmarks.cohort import PERSONS, QUICK_PERSONS, SEED
from benchmarks.measures import RUNS, Figure, measure


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if math.isnan(value):
        return "failed"
    if abs(value) >= 1000.0:
        return f"{value:,.0f} {unit}".rstrip()
    return f"{value:.3g} {unit}".rstrip() if unit in ("", "x") else f"{value:.3f} {unit}".rstrip()


def _row(figure: Figure, of_cohort: bool) -> tuple[str, ...]:
    target, verdict = "", ""
    if figure.target is not None:
        bound = "" if of_cohort else ">= " if figure.at_least else "<= "
        target = bound + _number(figure.target, figure.unit)
        verdict = "" if of_cohort else "met" if figure.met else "MISSED"
    value, median = _number(figure.value, figure.unit), _number(figure.median, figure.unit)
    return escape(figure.text), value, median, target, verdict


def _machine() -> dict[str, Any]:
    import numba
    import numpy

    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "numba": numba.__version__,
        "numpy": numpy.__version__,
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed and memory on a fixed cohort.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PERSONS:,} people instead of {PERSONS:,}")
    parser.add_argument("--persons", type=int, metavar="N", help="another number of people")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    arguments = parser.parse_args()
    persons = arguments.persons or (QUICK_PERSONS if arguments.quick else PERSONS)
    if persons < 10:
        parser.error("at least 10 people")
    if arguments.json is not None and not arguments.json.resolve().parent.is_dir():
        parser.error(f"{arguments.json}: no such directory")

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 120
    machine = _machine()
    title = f"{persons:,} people, seed {SEED}, best of {RUNS}; {', '.join(f'{k} {v}' for k, v in machine.items())}"
    table = Table(title=escape(title), title_justify="left")
    for column in ("", "best", "median", "target", ""):
        table.add_column(column, justify="left" if column == "" else "right", no_wrap=column != "")
    figures: dict[str, dict[str, Any]] = {}
    for name, group in measure(persons, lambda what: print(f"measuring: {what}", file=sys.stderr, flush=True)):
        table.add_section()
        table.add_row(f"[bold]{escape(name)}[/bold]")
        for figure in group:
            of_cohort = figure.key.startswith("cohort.")
            table.add_row(*_row(figure, of_cohort))
            figures[figure.key] = {
                "value": None if math.isnan(figure.value) else figure.value,
                "median": figure.median,
                "unit": figure.unit,
                "target": figure.target,
                "bound": None if figure.target is None or of_cohort else "min" if figure.at_least else "max",
                "met": None if of_cohort else figure.met,
            }
    console.print(table)
    if arguments.json is not None:
        content = {"persons": persons, "seed": SEED, "runs": RUNS, "machine": machine, "figures": figures}
        arguments.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
