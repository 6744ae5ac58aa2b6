"""The kernel against C, against NumPy, against itself on two threads and in two processes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final
from unittest import mock

import numpy as np
import numpy.typing as npt

from benchmarks.children import Child
from benchmarks.cohort import REGIMES
from benchmarks.compiler import NoCompiler
from benchmarks.figures import PEOPLE, RECORDS, Figure, Turn, alternate, cpu, not_measured, of_turns, rate, times, wall
from benchmarks.setting import Setting

if TYPE_CHECKING:
    from benchmarks.c_kernel import CKernel
    from pension.engine import Engine
    from pension.histories import HistoryArrays

Values = npt.NDArray[np.float64]

PER_THREAD: Final = 1.2e6
OVER_C: Final = 0.7
OVER_NUMPY: Final = 6.0
OVER_PROCESSES: Final = 0.9
SAME: Final = 1e-12
"""Largest relative difference of results that count as equal."""


def kernel_call(engine: Engine, arrays: HistoryArrays, columns: tuple[str, ...]) -> Callable[[], Any]:
    """The compiled call of ``engine.run`` that settles, ready to be repeated on the same arrays: without the table of
    awards that is made before it, as the C version is called."""
    from pension import engine as module

    calls: list[tuple[Any, ...]] = []
    original = module.in_threads

    def note(*arguments: Any) -> None:
        calls.append(arguments)
        original(*arguments)

    with mock.patch.object(module, "in_threads", note):
        engine.run(arrays, columns)
    settling = [call for call in calls if getattr(call[0], "__name__", "") == "run_kernel"]
    if len(settling) != 1:
        raise RuntimeError(f"the engine settles in {len(settling)} compiled calls, not in one")
    return lambda: original(*settling[0])


def difference(a: Values, b: Values) -> float:
    """Largest difference relative to the larger value; statuses and routes included."""
    scale = np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-300)
    return float((np.abs(a - b) / scale).max())


def _threads(count: int, job: Callable[[], object]) -> Callable[[], object]:
    from pension._compile import set_threads

    def with_threads() -> None:
        set_threads(count)
        job()

    return with_threads


class Halves:
    """Two processes with half of the people each on one thread, which start their runs together."""

    def __init__(self, persons: int) -> None:
        sizes = (persons // 2, persons - persons // 2)
        self.children = [
            Child("benchmarks.child", "half", n, first) for n, first in zip(sizes, (0, sizes[0]), strict=True)
        ]

    def __enter__(self) -> Halves:
        for child in self.children:
            child.answer()
        return self

    def __exit__(self, *_: object) -> None:
        for child in self.children:
            child.__exit__()

    def seconds(self) -> float:
        """One run of both at the same time, until the slower one is done."""
        for child in self.children:
            child.go()
        return max(float(child.answer()["seconds"]) for child in self.children)


def _in_c(setting: Setting, engine: Engine) -> CKernel | str:
    from benchmarks.c_kernel import CKernel

    try:
        return CKernel(engine, setting.people.arrays)
    except NoCompiler as missing:
        return str(missing)


def measure(setting: Setting) -> list[Figure]:
    """Kernel on one and two threads, C on one and two, NumPy and two processes, all turn by turn."""
    from benchmarks.numpy_baseline import COLUMNS, Baseline
    from pension import Engine
    from pension._compile import set_threads

    arrays, people, records = setting.people.arrays, len(setting.people), setting.people.n_records
    engine = Engine(setting.parameters, REGIMES)
    baseline = Baseline(engine, arrays)
    in_c = _in_c(setting, engine)

    def run() -> Values:
        return engine.run(arrays, COLUMNS).values

    try:
        set_threads(1)
        expected = run()
        settlement = kernel_call(engine, arrays, COLUMNS)
        turns: dict[str, Turn] = {
            "kernel": cpu(_threads(1, settlement)),
            "engine": cpu(_threads(1, run)),
            "numpy": cpu(_threads(1, baseline.run)),
            "kernel_two": wall(_threads(2, settlement)),
            "engine_two": wall(_threads(2, run)),
        }
        if not isinstance(in_c, str):
            turns["c"], turns["c_two"] = cpu(lambda: in_c.run(1)), wall(lambda: in_c.run(2))
            to_c = difference(expected, in_c.run(1))
        to_numpy = difference(expected, baseline.run())
        with Halves(people) as halves:
            turns["processes"] = halves.seconds
            alternate(turns, 1)  # whatever is still cold
            found = alternate(turns, setting.rounds)
    finally:
        set_threads(0)

    kernel, engine_ = found["kernel"], found["engine"]
    figures = [
        rate("kernel.people_per_second", "kernel, one thread", people, kernel, PEOPLE, target=PER_THREAD),
        rate("kernel.records_per_second", "  the same in records", records, kernel, RECORDS),
        rate("kernel.engine_people_per_second", "  with the table of awards", people, engine_, PEOPLE),
    ]
    if isinstance(in_c, str):
        figures.append(not_measured("kernel.over_c", "kernel over C, one thread", in_c, target=OVER_C))
    else:
        c, two = found["c"], (found["c_two"], found["kernel_two"])
        figures += [
            rate("kernel.c_people_per_second", "the core law in C, one thread", people, c, PEOPLE),
            times("kernel.over_c", "kernel over C, one thread", c, kernel, target=OVER_C),
            times("kernel.over_c_two_threads", "kernel over C (OpenMP), two threads", *two, target=OVER_C),
            Figure("kernel.difference_to_c", "largest difference to C", to_c, target=SAME, at_least=False),
        ]
    return [
        *figures,
        rate("kernel.numpy_people_per_second", "whole-array NumPy, one thread", people, found["numpy"], PEOPLE),
        times("kernel.over_numpy", "engine over NumPy, one thread", found["numpy"], engine_, target=OVER_NUMPY),
        Figure("kernel.difference_to_numpy", "largest difference to NumPy", to_numpy, target=SAME, at_least=False),
        rate("kernel.two_threads_people_per_second", "engine, two threads", people, found["engine_two"], PEOPLE),
        of_turns(
            "kernel.threads_over_processes",
            "two threads over two processes of half the people",
            [p / t for p, t in zip(found["processes"], found["engine_two"], strict=True)],
            "x",
            target=OVER_PROCESSES,
        ),
    ]
