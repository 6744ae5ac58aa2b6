"""What must be measured in a fresh process: ``python -m benchmarks.child JOB …`` prints one line of JSON a result.

``first_call PERSONS`` times the first ``Engine.run`` of a process; ``half PERSONS FIRST`` waits for a line on standard
input before each run, ``file_half PERSONS FIRST DIRECTORY PART_PEOPLE`` too, from file to files; ``memory PERSONS``
measures how far a run raises the peak of resident memory.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.cohort import REGIMES, cohort


def _print(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def first_call(persons: int) -> None:
    """Seconds of the first and of the second run."""
    import pension

    parameters = pension.load_parameters()
    arrays = cohort(parameters, persons).arrays
    engine = pension.Engine(parameters, REGIMES)
    seconds = []
    for _ in range(2):
        begin = time.perf_counter()
        engine.run(arrays)
        seconds.append(time.perf_counter() - begin)
    _print(first=seconds[0], second=seconds[1])


def half(persons: int, first: int) -> None:
    """One process of several, each with people of its own on one thread; starts together with the others."""
    import pension
    from pension._compile import set_threads

    set_threads(1)
    parameters = pension.load_parameters()
    arrays = cohort(parameters, persons, first).arrays
    engine = pension.Engine(parameters, REGIMES)
    engine.run(arrays)
    _print(ready=True)
    for _ in sys.stdin:
        begin = time.perf_counter()
        engine.run(arrays)
        _print(seconds=time.perf_counter() - begin)


def file_half(persons: int, first: int, directory: str, part_people: int) -> None:
    """People of its own from a Parquet file to a directory of parts, on one thread, once for every line it reads."""
    import shutil

    import pension
    from pension.inputs.history_files import write_parquet

    parameters = pension.load_parameters()
    source = Path(directory) / f"half-{first}.parquet"
    write_parquet(source, cohort(parameters, persons, first))

    def run(number: int) -> None:
        output = Path(directory) / f"half-{first}-{number}"
        pension.run(source, output, REGIMES, parameters=parameters, threads=1, part_people=part_people)
        shutil.rmtree(output)

    run(0)
    _print(ready=True)
    for number, _ in enumerate(sys.stdin, 1):
        begin = time.perf_counter()
        run(number)
        _print(seconds=time.perf_counter() - begin)
    source.unlink()


def _resident_bytes(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return 1024 * int(line.split()[1])
    raise OSError(field)


def memory(persons: int) -> None:
    """Bytes by which a run raises the peak of resident memory, and bytes of its output."""
    import pension
    from pension._compile import set_threads

    set_threads(1)
    parameters = pension.load_parameters()
    engine = pension.Engine(parameters, REGIMES)
    # Compiled code, and weights for all births, are there before the measured run.
    engine.run(cohort(parameters, 20_000).arrays)
    arrays = cohort(parameters, persons).arrays
    gc.collect()
    try:
        Path("/proc/self/clear_refs").write_text("5")  # sets the peak back to what is in use now
        before = _resident_bytes("VmRSS")
        result = engine.run(arrays)
        peak = _resident_bytes("VmHWM")
    except OSError:
        scale = 1 if sys.platform == "darwin" else 1024
        before = scale * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        result = engine.run(arrays)
        peak = scale * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    _print(growth=peak - before, output=result.values.nbytes + result.stars.nbytes)


if __name__ == "__main__":
    jobs: dict[str, Callable[..., None]] = {
        "first_call": first_call,
        "half": half,
        "file_half": file_half,
        "memory": memory,
    }
    jobs[sys.argv[1]](*(int(word) if word.isdigit() else word for word in sys.argv[2:]))
