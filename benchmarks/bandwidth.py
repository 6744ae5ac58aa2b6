"""The kernel against the memory: how many bytes a person it must touch, and what share of the bandwidth that takes."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.cohort import REGIMES
from benchmarks.compiler import NoCompiler, compiled
from benchmarks.figures import Figure, alternate, cpu, of_turns, times
from benchmarks.kernel import kernel_call
from benchmarks.setting import Setting

SOURCE: Final = Path(__file__).resolve().parent / "bandwidth.c"
DOUBLES: Final = 1 << 25
"""256 MiB an array."""
_GIGA: Final = 1e9

_PERSON: Final = "sex birth hukou hukou_type resident_start offsets".split()
_RECORD: Final = "year months scheme form place flags base".split()


def bytes_a_person(arrays: Any, columns: int) -> float:
    """Bytes that must come from or go to memory for one person: the columns that every person and record needs, the row
    in the table of awards, the results. Tables stay in the caches and are not counted."""
    people, records = arrays.sex.size, arrays.year.size
    of_person = sum(getattr(arrays, name).itemsize for name in _PERSON) + 8
    of_record = sum(getattr(arrays, name).itemsize for name in _RECORD)
    return float(of_person + of_record * records / people + len(REGIMES) * columns * 8 + 1)


def _streams(threads: int) -> tuple[dict[str, Callable[[], Any]], str]:
    """Jobs that only move memory, and why those in C are not among them, if they are not."""
    a, b, c = np.zeros(DOUBLES), np.ones(DOUBLES), np.ones(DOUBLES)
    jobs: dict[str, Callable[[], Any]] = {"numpy": lambda: np.add(b, c, out=a)}
    try:
        library = compiled(SOURCE)
    except NoCompiler as missing:
        return jobs, str(missing)
    library.read_all.restype = ctypes.c_double
    pointers = [ctypes.c_void_p(array.ctypes.data) for array in (a, b, c)]
    n = ctypes.c_int64(DOUBLES)
    jobs["triad"] = lambda: library.triad(*pointers, ctypes.c_double(3.0), n, threads)
    jobs["read"] = lambda: library.read_all(pointers[1], n, threads)
    return jobs, ""


def measure(setting: Setting) -> list[Figure]:
    """One thread of each, turn by turn."""
    from benchmarks.numpy_baseline import COLUMNS
    from pension import Engine
    from pension._compile import set_threads

    arrays = setting.people.arrays
    jobs, missing = _streams(1)
    set_threads(1)
    try:
        settlement = kernel_call(Engine(setting.parameters, REGIMES), arrays, COLUMNS)
        turns = {name: cpu(job) for name, job in {"kernel": settlement, **jobs}.items()}
        alternate(turns, 1)
        found = alternate(turns, setting.rounds)
    finally:
        set_threads(0)
    each = bytes_a_person(arrays, len(COLUMNS))
    moved = {"numpy": 24 * DOUBLES, "triad": 24 * DOUBLES, "read": 8 * DOUBLES}
    names = {"numpy": "NumPy add, three arrays", "triad": "C triad, three arrays", "read": "C read"}
    best = "read" if "read" in jobs else "numpy"
    needed = each * len(setting.people) / moved[best]
    figures = [
        of_turns(f"bandwidth.{name}", names[name], [moved[name] / s / _GIGA for s in found[name]], "GB/s")
        for name in jobs
    ]
    return [
        *figures,
        Figure("bandwidth.bytes_per_person", "bytes a person must move", each, "bytes"),
        times(
            "bandwidth.used",
            f"share of the bandwidth ({names[best]}) the kernel uses",
            [needed * s for s in found[best]],
            found["kernel"],
            note=missing or "tables that stay in the caches are not counted",
        ),
    ]
