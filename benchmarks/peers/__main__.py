"""``python -m benchmarks.peers NAME FILE SECONDS``: a peer on the job in FILE, ready to be timed turn by turn.

Prints ``{"version", "people", "seconds"}`` after a first run on few people and one on as many as SECONDS allow, writes
their pensions beside FILE as ``NAME.npy``, and then times one run for every line of standard input.
"""

from __future__ import annotations

import gc
import importlib
import importlib.metadata
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from benchmarks.peers.job import Float, Job

SIZES: Final = (10_000, 100_000, 1_000_000)


def _print(**values: Any) -> None:
    print(json.dumps(values), flush=True)


def _timed(run: Callable[[], Float]) -> tuple[float, Float]:
    gc.collect()
    begin = time.perf_counter()
    found = run()
    return time.perf_counter() - begin, found


def main(name: str, file: str, seconds: str) -> None:
    """Answer lines of standard input."""
    try:
        peer = importlib.import_module(f"benchmarks.peers.{name}")
    except ImportError as error:
        _print(absent=str(error))
        return
    job, people, taken = Job.load(Path(file)), 0, 0.0
    for size in [*(size for size in SIZES if size < job.people), job.people]:
        if people and taken * size / people > float(seconds):
            break  # too slow for so many: the rate of the last size stands
        run, people = peer.prepare(job.of(size)), size
        run()
        taken, found = _timed(run)
    np.save(Path(file).with_name(f"{name}.npy"), found)
    _print(version=importlib.metadata.version(peer.PACKAGE), people=found.size, seconds=taken)
    for _ in sys.stdin:
        _print(seconds=_timed(run)[0])


if __name__ == "__main__":
    main(*sys.argv[1:])
