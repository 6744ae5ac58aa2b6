"""The figures as a table and as JSON."""

from __future__ import annotations

import contextlib
import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import Figure

if TYPE_CHECKING:
    from rich.table import Table

    from benchmarks.groups import Group
    from benchmarks.setting import Setting

_PACKAGES: Final = ("numba", "numpy", "pyarrow", "pandas")


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    from benchmarks.compiler import NoCompiler, version

    found: dict[str, Any] = {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "load": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
    }
    for name in _PACKAGES:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    try:
        found["c"] = version()
    except NoCompiler as missing:
        found["c"] = str(missing)
    return found


def heading(setting: Setting) -> str:
    """What a picture is of."""
    return f"{setting.persons:,} people, medians of {setting.rounds} turns, {_processor()}"


def _processor() -> str:
    with contextlib.suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def number(value: float | None, unit: str) -> str:
    """A figure as it is printed."""
    if value is None:
        return "-"
    text = f"{value:,.0f}" if abs(value) >= 1000.0 else f"{value:.3g}"
    return f"{text} {unit}".rstrip()


def row(figure: Figure) -> tuple[str, str, str, str, str]:
    """(text, median, range, target, verdict)."""
    target = ""
    if figure.target is not None:
        bound = "" if figure.specified else ">= " if figure.at_least else "<= "
        target = bound + number(figure.target, figure.unit)
    span = ""
    if figure.low is not None and figure.high is not None:
        span = f"{number(figure.low, '')} .. {number(figure.high, '')}"
    verdict = "" if figure.met is None else "met" if figure.met else "MISSED"
    return figure.text, number(figure.value, figure.unit), span, target, verdict


def table(title: str) -> Table:
    """An empty table for ``row``."""
    from rich.markup import escape
    from rich.table import Table

    made = Table(title=escape(title), title_justify="left")
    made.add_column("")
    for column in ("median", "turns", "target", ""):
        made.add_column(column, justify="right" if column else "left", no_wrap=True)
    return made


def add(made: Table, group: Group, figures: Sequence[Figure]) -> None:
    """A group's section."""
    from rich.markup import escape

    made.add_section()
    made.add_row(f"[bold]{escape(group.title)}[/bold]")
    for figure in figures:
        text, *cells = row(figure)
        note = f"\n    {figure.note}" if figure.note else ""
        made.add_row(escape(text + note), *cells)


def document(setting: Setting, seed: int, figures: dict[str, Figure], seconds: dict[str, float]) -> dict[str, Any]:
    """Everything, for the JSON file."""
    return {
        "persons": setting.persons,
        "seed": seed,
        "rounds": setting.rounds,
        "machine": machine(),
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "figures": {key: figure.as_json() for key, figure in figures.items()},
    }
