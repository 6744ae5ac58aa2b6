"""Two Dask workers against two plain processes, from file to files."""

from __future__ import annotations

import importlib.util
import itertools
import logging
import shutil
from pathlib import Path
from typing import Any, Final

from benchmarks.children import Child
from benchmarks.cohort import REGIMES
from benchmarks.figures import PEOPLE, Figure, alternate, not_measured, of_turns, rate
from benchmarks.setting import Setting

OVER_PROCESSES: Final = 0.85
_PARTS: Final = 8
"""Parts of all people, so that both workers have the same number of them."""


def measure(setting: Setting) -> list[Figure]:
    """A cluster of two workers with one thread each; each process settles half of the people on one thread."""
    key, text = "dask.over_processes", "two Dask workers over two processes"
    for name in ("dask", "distributed"):
        if importlib.util.find_spec(name) is None:
            return [not_measured(key, text, f"{name} is not installed (extra dask)", target=OVER_PROCESSES)]
    if importlib.util.find_spec("pension.distributed") is None:
        return [not_measured(key, text, "pension.distributed is not there", target=OVER_PROCESSES)]
    from distributed import Client, LocalCluster

    from pension.inputs.history_files import write_parquet

    people = len(setting.people)
    whole = setting.directory / "whole.parquet"
    write_parquet(whole, setting.people)
    sizes = (people // 2, people - people // 2)
    workers = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=logging.CRITICAL
    )
    with workers as cluster, Client(cluster) as client, _Processes(setting, sizes) as processes:
        turns = {"dask": _on(client, whole, setting, people), "processes": processes.seconds}
        alternate(turns, 1)
        found = alternate(turns, setting.rounds)
    whole.unlink()
    return [
        rate("dask.people_per_second", "two Dask workers, Parquet to parts", people, found["dask"], PEOPLE),
        rate("dask.processes_people_per_second", "two processes, each half", people, found["processes"], PEOPLE),
        of_turns(
            key,
            text,
            [a / b for a, b in zip(found["processes"], found["dask"], strict=True)],
            "x",
            target=OVER_PROCESSES,
        ),
    ]


def _on(client: Any, whole: Path, setting: Setting, people: int) -> Any:
    from benchmarks.figures import wall
    from pension import distributed

    numbers = itertools.count()

    def run() -> None:
        output = setting.directory / f"on-dask-{next(numbers)}"
        distributed.run(
            whole, output, REGIMES, scheduler=client, parameters=setting.parameters, part_people=-(-people // _PARTS)
        )
        shutil.rmtree(output)

    return wall(run)


class _Processes:
    """Two processes that settle a half each from a file of their own."""

    def __init__(self, setting: Setting, sizes: tuple[int, int]) -> None:
        firsts = (0, sizes[0])
        self.children = [
            Child("benchmarks.child", "file_half", count, first, setting.directory, sum(sizes) // _PARTS)
            for count, first in zip(sizes, firsts, strict=True)
        ]

    def __enter__(self) -> _Processes:
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
