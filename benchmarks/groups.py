"""The groups of measurements, by name, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks import bandwidth, cluster, files, kernel, memory, scaling, small_job, start
from benchmarks.figures import Figure, not_measured
from benchmarks.setting import Setting


@dataclass(frozen=True)
class Group:
    """One section of the table."""

    name: str
    title: str
    measure: Callable[[Setting], list[Figure]]
    quick: bool = True
    """Whether ``--quick`` has it."""
    usual: bool = True
    """Whether it is measured without ``--full``."""


def shares(setting: Setting) -> list[Figure]:
    """What the cohort is like beside what it is made to be."""
    from pension.cohorts.benchmark_cohort import BENCHMARK
    from pension.cohorts.population import describe

    units = {"records_per_person": "records", "places_per_person": "provinces"}
    return [
        Figure(
            f"cohort.{name}",
            name.replace("_", " "),
            float(value),
            units.get(name, ""),
            target=BENCHMARK.get(name),
            specified=True,
        )
        for name, value in describe(setting.people).items()
    ]


GROUPS: Final = (
    Group("cohort", "The cohort", shares),
    Group("kernel", "The kernel", kernel.measure),
    Group("bandwidth", "Memory bandwidth, one thread", bandwidth.measure),
    Group("peers", "The equal small job: thirty years, one province", small_job.measure),
    Group("files", "From file to file", files.measure),
    Group("people", "More people", scaling.people),
    Group("regimes", "More regimes", scaling.regimes),
    Group("causes", "Causes of the loss", scaling.causes),
    Group("dask", "Dask", cluster.measure),
    Group("generation", "Making people", scaling.generation),
    Group("memory", "Memory", memory.in_memory),
    Group("all_regimes", "A million people under all regimes", memory.all_regimes, quick=False),
    Group("start", "Start", start.start_up),
    Group("compilation", "Compilation", start.compilation, quick=False),
    Group("nation", "Ten million people", memory.nation, quick=False, usual=False),
)
NAMES: Final = tuple(group.name for group in GROUPS)


def chosen(only: Sequence[str], quick: bool, full: bool) -> list[Group]:
    """The groups to measure: those named, else the usual ones."""
    if only:
        return [group for group in GROUPS if group.name in only]
    return [group for group in GROUPS if (group.quick or not quick) and (group.usual or full)]


def measure(setting: Setting, groups: Sequence[Group]) -> Iterator[tuple[Group, list[Figure]]]:
    """Each group with its figures; one that fails says why and costs the others nothing."""
    for group in groups:
        setting.say(group.name)
        try:
            yield group, group.measure(setting)
        except Exception as error:
            why = f"failed: {type(error).__name__}: {error}"
            yield group, [not_measured(f"{group.name}.failed", group.title, why)]
