"""What a fresh process costs: the first call with nothing compiled and with all compiled, imports, commands."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import Final

from benchmarks.children import ROOT, ChildFailed, answer_of, environment
from benchmarks.figures import SECONDS, Figure, alternate, not_measured, of_turns, wall
from benchmarks.setting import Setting

COLD_SECONDS: Final = 45.0
FEW: Final = 1000

CASE: Final = """\
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"

[[employee]]
place = "44"
start = "1998-01"
end = "2010-06"
index = 0.8
form = "employed"

[[employee]]
place = "33"
start = "2019-01"
index = 0.7

[[resident]]
place = "41"
start = 2011
end = 2018
contribution = 500.0
"""
"""A case file with two provinces, a temporary account and resident years."""


def compilation(setting: Setting) -> list[Figure]:
    """First call of a fresh process, with an empty and with a filled cache of compiled code."""
    with tempfile.TemporaryDirectory() as directory:
        cold = answer_of("benchmarks.child", "first_call", FEW, PENSION_CACHE_DIR=directory)["first"]
        warm = [
            answer_of("benchmarks.child", "first_call", FEW, PENSION_CACHE_DIR=directory)["first"]
            for _ in range(setting.rounds)
        ]
    return [
        Figure(
            "first_call.cold_seconds",
            "first call, nothing compiled",
            cold,
            SECONDS,
            target=COLD_SECONDS,
            at_least=False,
        ),
        of_turns("first_call.warm_seconds", "first call, all compiled", warm, SECONDS),
    ]


def start_up(setting: Setting) -> list[Figure]:
    """Fresh processes, start of the interpreter included, with compiled code in the cache."""
    case = setting.directory / "case.toml"
    case.write_text(CASE, encoding="utf-8")
    python = sys.executable
    commands: list[tuple[str, str, list[str], float | None]] = [
        ("interpreter", "python -c pass", [python, "-c", "pass"], None),
        ("import", "import pension", [python, "-c", "import pension"], 0.6),
        ("import_engine", "import pension, with its engine", [python, "-c", "from pension import Engine"], None),
        ("help", "pension --help", [python, "-m", "pension", "--help"], 0.4),
        ("case", "pension case", [python, "-m", "pension", "case", str(case)], 1.5),
    ]
    figures, turns, shown = [], {}, {}
    for name, text, command, target in commands:
        key = f"start.{name}_seconds"
        try:
            _run(command)  # fills caches
        except ChildFailed as error:
            figures.append(not_measured(key, text, str(error), target=target, at_least=False))
            continue
        turns[name] = wall(lambda command=command: _run(command))  # type: ignore[misc]
        shown[name] = (key, text, target)
    found = alternate(turns, setting.rounds)
    return figures + [
        of_turns(key, text, found[name], SECONDS, target=target, at_least=False)
        for name, (key, text, target) in shown.items()
    ]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise ChildFailed(said[-1] if said else "failed")
