"""``python -m benchmarks``: figures beside their targets, as table, JSON and picture (``benchmarks/README.md``)."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from benchmarks import report
from benchmarks.cohort import PERSONS, QUICK_PERSONS, SEED
from benchmarks.figures import Figure
from benchmarks.groups import NAMES, chosen, measure
from benchmarks.setting import Setting

ROUNDS: Final = 5
QUICK_ROUNDS: Final = 3


def _arguments() -> tuple[argparse.ArgumentParser, argparse.Namespace]:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Speed and memory on a fixed cohort.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_PERSONS:,} people, fewer turns, the short groups")
    parser.add_argument("--full", action="store_true", help="with ten million people from file to file")
    parser.add_argument("--only", action="append", choices=NAMES, default=[], metavar="GROUP", help=", ".join(NAMES))
    parser.add_argument("--persons", type=int, metavar="N", help=f"another number of people than {PERSONS:,}")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"turns of each job, {ROUNDS} by default")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON too")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw them too, .png, .svg or .pdf (matplotlib)")
    parser.add_argument("--peers-python", metavar="PYTHON", default=sys.executable, help="interpreter with the peers")
    parser.add_argument("--directory", type=Path, metavar="DIR", help="where files are written and removed")
    return parser, parser.parse_args()


def main() -> int:
    """Measure, print, write; 1 when a group failed."""
    parser, given = _arguments()
    persons = given.persons or (QUICK_PERSONS if given.quick else PERSONS)
    if persons < 100:
        parser.error("at least 100 people")
    rounds = given.rounds or (QUICK_ROUNDS if given.quick else ROUNDS)
    for path in (given.json, given.plot):
        if path is not None and not path.resolve().parent.is_dir():
            parser.error(f"{path}: no such directory")
    if given.directory is not None and not given.directory.is_dir():
        parser.error(f"{given.directory}: no such directory")

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 140
    about = ", ".join(f"{name} {value}" for name, value in report.machine().items())
    table = report.table(f"{persons:,} people, seed {SEED}, {rounds} turns; {about}")
    figures: dict[str, Figure] = {}
    seconds: dict[str, float] = {}

    def say(what: str) -> None:
        print(f"measuring: {what}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(dir=given.directory) as directory:
        setting = Setting(persons, rounds, Path(directory), say, given.quick, given.full, given.peers_python)
        begin = time.perf_counter()
        for group, found in measure(setting, chosen(given.only, given.quick, given.full)):
            report.add(table, group, found)
            figures.update({figure.key: figure for figure in found})
            seconds[group.name] = time.perf_counter() - begin
            begin = time.perf_counter()
            if given.json is not None:  # after every group, so that a long run that is stopped keeps what it has
                content = report.document(setting, SEED, figures, seconds)
                given.json.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    console.print(table)
    if given.plot is not None:
        try:
            from benchmarks.plot import draw

            draw(list(figures.values()), report.heading(setting), given.plot)
        except (ImportError, ValueError) as error:
            print(f"no picture: {error}", file=sys.stderr)
    return 1 if any(key.endswith(".failed") for key in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
