"""Resident memory: beyond input and output in memory, of a run over files, and of ten million people."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

from benchmarks.children import ROOT, answer_of, environment, peak_of
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
        _megabytes("memory.all_regimes_megabytes", text, peak, ALL_REGIMES_BYTES),
        Figure("memory.all_regimes_people_per_second", "  start included", people / seconds, PEOPLE),
    ]


def nation(setting: Setting) -> list[Figure]:
    """Ten million people, each step by one command in a process of its own: made, settled into a directory of parts,
    and settled again by a command that is killed midway and repeated; the files must be the same."""
    source, target, again = (setting.directory / name for name in ("nation.parquet", "nation", "nation-again"))
    setting.say("nation: making people")
    making, made = peak_of(_synth(source, NATION))
    size = source.stat().st_size
    setting.say("nation: settling them")
    seconds, peak = peak_of(_pension("run", source, "-o", target))
    setting.say("nation: killed midway and resumed")
    parts = len(_parts(target))
    killed = _kill_midway(_pension("run", source, "-o", again), again, parts // 2)
    resuming, _ = peak_of(_pension("run", source, "-o", again))
    pairs = list(zip(_parts(target), _parts(again), strict=True))
    same = all(one.name == other.name and filecmp.cmp(one, other, shallow=False) for one, other in pairs)
    source.unlink()
    for path in (target, again):
        shutil.rmtree(path)
    return [
        Figure("nation.synth_people_per_second", f"pension synth, {NATION:,} people", NATION / making, PEOPLE),
        Figure("nation.synth_megabytes", "pension synth, most memory", made / _MEGA, "MB"),
        Figure("nation.input_gigabytes", "  its file", size / 1e9, "GB"),
        Figure("nation.run_people_per_second", f"pension run, {NATION:,} people", NATION / seconds, PEOPLE),
        _megabytes("nation.run_megabytes", "pension run, most memory", peak, NATION_BYTES),
        Figure("nation.resumed_seconds", f"resumed with {killed} of {parts} parts done", resuming, "s"),
        Figure("nation.resumed_same", "its files are those of the run that was not killed", float(same), target=1.0),
    ]


def _megabytes(key: str, text: str, peak: int, most: float) -> Figure:
    return Figure(key, text, peak / _MEGA, "MB", target=most / _MEGA, at_least=False)


def _parts(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*.parquet") if not path.name.startswith("_"))


def _kill_midway(command: list[str], target: Path, parts: int) -> int:
    """Start a run and kill it once so many parts are there; how many there are then."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and len(_parts(target)) < parts:
        time.sleep(0.05)
    process.kill()
    process.wait()
    return len(_parts(target))
