"""The measurements, each a list of figures with the target it is held against."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.cohort import REGIMES, cohort

if TYPE_CHECKING:
    from pension.parameters import Parameters

Values = npt.NDArray[np.float64]

RUNS: Final = 5
_ROOT: Final = Path(__file__).resolve().parents[1]

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


@dataclass(frozen=True)
class Figure:
    """One measured figure: the best of several runs, their median, and the target."""

    key: str
    text: str
    value: float
    unit: str
    median: float | None = None
    target: float | None = None
    at_least: bool = True
    """Whether the target is a lower or an upper bound."""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target


def _timed(function: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    function()
    return time.perf_counter() - begin


def _rates(key: str, text: str, people: int, records: int, seconds: list[float], target: float | None) -> list[Figure]:
    best, median = min(seconds), statistics.median(seconds)
    return [
        Figure(f"{key}.people_per_second", text, people / best, "people/s", people / median, target),
        Figure(f"{key}.records_per_second", "  the same in records", records / best, "records/s", records / median),
    ]


def shares(parameters: Parameters, persons: int) -> list[Figure]:
    """What the cohort is like, and what it is meant to be like (shown as the target without a verdict)."""
    from pension.benchmark_cohort import BENCHMARK
    from pension.cohorts import describe

    found = describe(cohort(parameters, persons))
    units = {"records_per_person": "records", "places_per_person": "provinces"}
    return [
        Figure(f"cohort.{name}", name.replace("_", " "), float(value), units.get(name, ""), target=BENCHMARK.get(name))
        for name, value in found.items()
    ]


def speed(parameters: Parameters, persons: int) -> list[Figure]:
    """Kernel on one and two threads, NumPy and two processes, all turn by turn in one run."""
    from benchmarks.numpy_baseline import COLUMNS, Baseline
    from pension import Engine
    from pension._compile import set_threads

    histories = cohort(parameters, persons)
    arrays, records = histories.arrays, histories.n_records
    engine = Engine(parameters, REGIMES)
    baseline = Baseline(engine, arrays)

    def kernel(threads: int) -> Values:
        set_threads(threads)
        return engine.run(arrays, COLUMNS).values

    set_threads(1)
    difference = _difference(kernel(1), baseline.run())
    kernel(2)
    one, two, numpy, processes = [], [], [], []
    try:
        with _Halves(persons) as halves:
            for _ in range(RUNS):
                one.append(_timed(lambda: kernel(1)))
                set_threads(1)
                numpy.append(_timed(baseline.run))
                two.append(_timed(lambda: kernel(2)))
                processes.append(halves.people_per_second())
    finally:
        set_threads(0)
    both, median = max(processes), statistics.median(processes)
    return [
        *_rates("one_thread", "current + fair, one thread", persons, records, one, 1.0e6),
        *_rates("two_threads", "current + fair, two threads", persons, records, two, None),
        *_rates("numpy", "the same in NumPy, one thread", persons, records, numpy, None),
        Figure(
            "kernel_over_numpy",
            "kernel over NumPy, one thread",
            min(numpy) / min(one),
            "x",
            statistics.median(numpy) / statistics.median(one),
            6.0,
        ),
        Figure(
            "numpy_difference", "largest relative difference to NumPy", difference, "", target=1e-12, at_least=False
        ),
        Figure("two_processes.people_per_second", "two processes of half the people", both, "people/s", median),
        Figure(
            "threads_over_processes",
            "two threads over two processes",
            persons / min(two) / both,
            "x",
            persons / statistics.median(two) / median,
            0.9,
        ),
    ]


def _difference(a: Values, b: Values) -> float:
    """Largest difference relative to the larger value; statuses and routes included."""
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-300)
    return float((np.abs(a - b) / scale).max())


def _child(*arguments: object, environment: dict[str, str] | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.child", *map(str, arguments)]
    done = subprocess.run(
        command, cwd=_ROOT, env=_environment(environment), stdout=subprocess.PIPE, text=True, check=True
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _environment(more: dict[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, **(more or {})}


class _Halves:
    """Two processes with half of the people each, which start their runs together."""

    def __init__(self, persons: int) -> None:
        self.sizes = (persons // 2, persons - persons // 2)

    def __enter__(self) -> _Halves:
        firsts = (0, self.sizes[0])
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "benchmarks.child", "half", str(size), str(first)],
                cwd=_ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for size, first in zip(self.sizes, firsts, strict=True)
        ]
        for process in self.processes:
            self._answer(process)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.communicate()

    @staticmethod
    def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
        assert process.stdout is not None
        answer = process.stdout.readline()
        if not answer:
            raise RuntimeError("a process of the benchmark ended early")
        found: dict[str, Any] = json.loads(answer)
        return found

    def people_per_second(self) -> float:
        """One run of both at the same time; the sum of their speeds."""
        for process in self.processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        answers = [self._answer(process) for process in self.processes]
        return sum(size / float(answer["seconds"]) for size, answer in zip(self.sizes, answers, strict=True))


def compilation() -> list[Figure]:
    """First call of a fresh process, with an empty and with a filled cache of compiled code."""
    with tempfile.TemporaryDirectory() as directory:
        cache = {"PENSION_CACHE_DIR": directory}
        cold = _child("first_call", 1000, environment=cache)["first"]
        warm = [_child("first_call", 1000, environment=cache)["first"] for _ in range(RUNS)]
    return [
        Figure("first_call.cold_seconds", "first call, nothing compiled", cold, "s", target=45.0, at_least=False),
        Figure("first_call.warm_seconds", "first call, cache warm", min(warm), "s", statistics.median(warm)),
    ]


def start_up() -> list[Figure]:
    """Fresh processes, start of the interpreter included; the cache of compiled code is warm."""
    with tempfile.TemporaryDirectory() as directory:
        case = Path(directory) / "case.toml"
        case.write_text(CASE, encoding="utf-8")
        python = sys.executable
        commands: list[tuple[str, str, list[str], float | None]] = [
            ("interpreter", "python -c pass", [python, "-c", "pass"], None),
            ("import", "import pension", [python, "-c", "import pension"], 0.6),
            ("import_engine", "import pension, with its engine", [python, "-c", "from pension import Engine"], None),
            ("help", "pension --help", [python, "-m", "pension", "--help"], 0.4),
            ("case", "pension case", [python, "-m", "pension", "case", str(case)], 1.5),
        ]
        return [_command(f"start_up.{key}_seconds", text, command, target) for key, text, command, target in commands]


def _command(key: str, text: str, command: list[str], target: float | None) -> Figure:
    def run() -> None:
        done = subprocess.run(command, cwd=_ROOT, env=_environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip().splitlines()[-1] if done.stderr.strip() else "failed")

    try:
        run()  # fills caches
        seconds = [_timed(run) for _ in range(RUNS)]
    except RuntimeError as error:
        return Figure(key, f"{text}: {error}", float("nan"), "s", None, target, at_least=False)
    return Figure(key, text, min(seconds), "s", statistics.median(seconds), target, at_least=False)


def memory(persons: int) -> list[Figure]:
    """How far a run raises the peak of resident memory beyond its input and output, for a fifth and all people."""
    figures, each = [], []
    for count, name in ((persons // 5, "fifth"), (persons, "all")):
        found = _child("memory", count)
        beyond = max(0, found["growth"] - found["output"])
        each.append(beyond / count)
        text = f"beyond input and output, {count:,}"
        figures.append(Figure(f"memory.{name}_bytes_per_person", text, each[-1], "bytes/person"))
    # A constant part makes small batches dearer a person; what must not happen is growth with their number.
    ratio = each[1] / each[0] if each[0] > 0.0 else 1.0
    figures.append(Figure("memory.growth", "bytes a person, all over a fifth", ratio, "x", target=1.1, at_least=False))
    return figures


def generation(parameters: Parameters, persons: int) -> list[Figure]:
    """People and records of the calibrated population made on two threads, a block of a run at a time."""
    from pension._compile import set_threads
    from pension.cohorts import generate
    from pension.histories import ROWS

    def make() -> int:
        blocks = (
            generate(min(ROWS, persons - first), 1, first, parameters.tables) for first in range(0, persons, ROWS)
        )
        return sum(block.n_records for block in blocks)

    set_threads(2)
    try:
        records = make()
        seconds = [_timed(make) for _ in range(RUNS)]
    finally:
        set_threads(0)
    people, rows = _rates("generation", "synthetic population, two threads", persons, records, seconds, None)
    return [people, replace(rows, target=5.0e6)]


def measure(persons: int, progress: Callable[[str], None]) -> Iterator[tuple[str, list[Figure]]]:
    """All groups of figures, in the order of the table."""
    from pension.parameters import load

    progress("parameters")
    parameters = load()
    parts: list[tuple[str, Callable[[], list[Figure]]]] = [
        ("The cohort", lambda: shares(parameters, persons)),
        ("Speed", lambda: speed(parameters, persons)),
        ("Generation", lambda: generation(parameters, persons)),
        ("Compilation", compilation),
        ("Start", start_up),
        ("Memory", lambda: memory(persons)),
    ]
    for title, part in parts:
        progress(title.lower())
        yield title, part()
