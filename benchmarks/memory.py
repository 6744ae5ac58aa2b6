"""Resident memory: beyond input and output in memory, of a run over files, and of ten million people."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from benchmarks.children import answer_of, peak_of
from benchmarks.cohort import SEED
from benchmarks.figures import PEOPLE, Figure
from benchmarks.setting import Setting

GROWTH: Final = 1.1
ALL_REGIMES_BYTES: Final = 2e9
NATION: Final = 10_000_000
NATION_BYTES: Final = 1e9
_MEGA: Final = 1e6


def in_memory(setting: Setting) -> list[Figure]:
    """How far a run raises the peak of resident memory beyond its input and output, for a fifth and all people."""
    figures, each = [], []
    for count, name in ((setting.persons // 5, "fifth"), (setting.persons, "all")):
        found = answer_of("benchmarks.child", "memory", count)
        each.append(max(0, found["growth"] - found["output"]) / count)
        text = f"beyond input and output, {count:,}"
        figures.append(Figure(f"memory.{name}_bytes_per_person", text, each[-1], "bytes/person"))
    # A constant part makes small batches dearer a person; what must not happen is growth with their number.
    ratio = each[1] / each[0] if each[0] > 0.0 else 1.0
    figures.append(
        Figure("memory.growth", "bytes a person, all over a fifth", ratio, "x", target=GROWTH, at_least=False)
    )
    return figures


def _pension(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "pension", *map(str, arguments)]


def _synth(path: Path, persons: int) -> list[str]:
    return _pension("synth", "--persons", persons, "--seed", SEED, "--cohort", "benchmark", "-o", path)


def all_regimes(setting: Setting) -> list[Figure]:
    """`pension run` of the fixed cohort under every shipped regime with the usual columns, from file to file."""
    from pension.accounting import shipped

    source, target = setting.directory / "all.parquet", setting.directory / "all-results.parquet"
    peak_of(_synth(source, setting.persons))
    regimes = [word for name in sorted(shipped()) for word in ("-r", name)]
    seconds, peak = peak_of(_pension("run", source, "-o", target, *regimes))
    people = setting.persons
    text = f"pension run, {people:,} people, all {len(regimes) // 2} regimes"
    for path in (source, target):
        path.unlink(missing_ok=True)
    return [
        Figure(
            "memory.all_regimes_megabytes", text, peak / _MEGA, "MB", target=ALL_REGIMES_BYTES / _MEGA, at_least=False
        ),
        Figure("memory.all_regimes_people_per_second", "  start included", people / seconds, PEOPLE),
    ]


def nation(setting: Setting) -> list[Figure]:
    """Ten million people: made, settled, and settled again after a kill, each by one command in its own process."""
    source, target = setting.directory / "nation.parquet", setting.directory / "nation-results.parquet"
    making, made = peak_of(_synth(source, NATION))
    seconds, peak = peak_of(_pension("run", source, "-o", target))
    for path in (source, target):
        path.unlink(missing_ok=True)
    return [
        Figure("nation.synth_people_per_second", f"pension synth, {NATION:,} people", NATION / making, PEOPLE),
        Figure(
            "nation.synth_megabytes", "  most memory", made / _MEGA, "MB", target=NATION_BYTES / _MEGA, at_least=False
        ),
        Figure("nation.run_people_per_second", f"pension run, {NATION:,} people", NATION / seconds, PEOPLE),
        Figure(
            "nation.run_megabytes", "  most memory", peak / _MEGA, "MB", target=NATION_BYTES / _MEGA, at_least=False
        ),
    ]
