"""Synthetic populations as files: one nested table, or a directory of parts that can be interrupted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pension.errors import refuse
from pension.histories import ROWS, Histories
from pension.inputs.datasets import IPC_SUFFIXES
from pension.inputs.history_files import write_ipc, write_parquet
from pension.runs.manifest import versions
from pension.runs.parts import FORMATS, PART_PEOPLE, PartDirectory
from pension.runs.pipeline import ahead
from pension.runs.targets import is_directory, require_target

if TYPE_CHECKING:
    from pension.parameters import Parameters

DEFAULT_SEED: Final = 2021
"""Seed of synthetic populations: the year of the source paper."""
COHORTS: Final = ("calibrated", "benchmark")
"""Kinds of synthetic populations."""


def cohort_blocks(
    persons: int, seed: int, parameters: Parameters, cohort: str = "calibrated", first: int = 0
) -> Iterator[Histories]:
    """People ``first`` .. ``persons - 1`` of a synthetic population, a block at a time; each depends on seed and number
    alone."""
    from pension.cohorts.benchmark_cohort import benchmark_cohort
    from pension.cohorts.population import generate

    make = generate if cohort == "calibrated" else benchmark_cohort
    for start in range(first, persons, ROWS):
        yield make(min(ROWS, persons - start), seed, start, parameters.tables)


def write_cohort(
    output: str | os.PathLike[str],
    persons: int,
    seed: int = DEFAULT_SEED,
    cohort: str = "calibrated",
    *,
    parameters: Parameters | None = None,
    part_people: int = PART_PEOPLE,
    part_format: str = "parquet",
    progress: Callable[[int, int | None], None] | None = None,
) -> None:
    """Write a synthetic population of one of the ``COHORTS`` as a nested table: one file (.parquet or .arrow), or a
    directory (a name without suffix) with parts of ``part_people``, which the same call goes on with when it was
    interrupted."""
    if cohort not in COHORTS:
        raise refuse(f"one of {', '.join(COHORTS)}", column="--cohort", value=cohort)
    if persons < 1:
        raise refuse("at least one person", column="--persons", value=persons)
    target = require_target(Path(output), ())
    if parameters is None:
        from pension.parameters import load

        parameters = load()
    done = 0

    def blocks(chosen: Parameters, first: int, last: int) -> Iterator[Histories]:
        nonlocal done
        for block in ahead(cohort_blocks(last, seed, chosen, cohort, first)):
            yield block
            done += len(block)
            if progress is not None:
                progress(done, persons)

    if not is_directory(target):
        write = write_ipc if target.suffix.lower() in IPC_SUFFIXES else write_parquet
        write(target, blocks(parameters, 0, persons))
        return
    if part_people < 1:
        raise refuse("at least one person a part", column="--part-people", value=part_people)
    if part_format not in FORMATS:
        raise refuse(f"one of {', '.join(FORMATS)}", column="--part-format", value=part_format)
    job = {
        "cohort": {"kind": cohort, "seed": seed, "persons": persons},
        "parameters": {"hash": parameters.hash, "scenario": parameters.scenario},
        "part_people": part_people,
        "part_format": part_format,
        "versions": versions(),
    }
    directory = PartDirectory(target, job, -(-persons // part_people), FORMATS[part_format])
    found = directory.open()
    try:
        for number in range(directory.parts):
            first, last = number * part_people, min((number + 1) * part_people, persons)
            file = directory.file(number)
            if number in found or file is None:
                done += last - first
                continue
            (write_ipc if part_format == "arrow" else write_parquet)(file, blocks(parameters, first, last))
            directory.write_state(number, last - first, last - first, None)
            directory.write_manifest()
        directory.finished()
    except BaseException as error:
        directory.broken_off(error)
        raise
    finally:
        directory.close()
