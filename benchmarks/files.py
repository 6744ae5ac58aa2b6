"""End to end: from file to file against pyarrow alone, and from mapped memory against the engine in memory."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.cohort import REGIMES
from benchmarks.figures import PEOPLE, SECONDS, Figure, alternate, of_turns, rate, times, wall
from benchmarks.setting import Setting

if TYPE_CHECKING:
    from pension.histories import Histories

OVER_ARROW: Final = 0.5
OVER_MEMORY: Final = 0.8


def pyarrow_alone(source: Path, results: Any, target: Path) -> None:
    """Read the same input, all columns, and write the same output with the options that the program uses.

    ``results`` is the finished table, in memory; it reaches the disk as the program's does.
    """
    import pyarrow.parquet as pq

    file = pq.ParquetFile(source)
    for group in range(file.num_row_groups):
        file.read_row_group(group)
    words = [field.name for field in results.schema if str(field.type).startswith("dictionary")]
    with target.open("wb") as stream:
        with pq.ParquetWriter(stream, results.schema, use_dictionary=words, write_page_checksum=True) as writer:
            writer.write_table(results)
        stream.flush()
        os.fsync(stream.fileno())


def _aggregates_of(source: Path | Histories, setting: Setting) -> Callable[[], object]:
    """A run that keeps no people: aggregates by severity group where the program has them, else a summary alone."""
    import pension

    options: dict[str, Any] = {"parameters": setting.parameters}
    output = None
    if "aggregate_only" in inspect.signature(pension.run).parameters:
        options |= {"by": ("stars",), "aggregate_only": True}
        output = setting.directory / "aggregates.json"
    return lambda: pension.run(source, output, REGIMES, **options)


def measure(setting: Setting) -> list[Figure]:
    """All threads; files of the fixed cohort in a temporary directory (its disk is part of what is measured)."""
    import pyarrow.parquet as pq

    import pension
    from pension import Engine
    from pension.inputs.history_files import iter_ipc, write_ipc, write_parquet

    parquet, ipc = setting.directory / "people.parquet", setting.directory / "people.arrow"
    write_parquet(parquet, setting.people)
    write_ipc(ipc, setting.people)
    ours, theirs = setting.directory / "ours.parquet", setting.directory / "theirs.parquet"
    people, size = len(setting.people), parquet.stat().st_size
    pension.run(parquet, ours, REGIMES, parameters=setting.parameters)
    results = pq.read_table(ours)
    engine, arrays = Engine(setting.parameters, REGIMES), setting.people.arrays
    mapped = Engine(setting.parameters, REGIMES)
    turns = {
        "run": wall(lambda: pension.run(parquet, ours, REGIMES, parameters=setting.parameters)),
        "arrow": wall(lambda: pyarrow_alone(parquet, results, theirs)),
        "ipc": wall(_aggregates_of(ipc, setting)),
        "same_in_memory": wall(_aggregates_of(setting.people, setting)),
        "ipc_engine": wall(lambda: [mapped.run(block.arrays) for block in iter_ipc(ipc)]),
        "memory": wall(lambda: engine.run(arrays)),
    }
    alternate(turns, 1)
    found = alternate(turns, setting.rounds)
    if pq.read_table(theirs) != pq.read_table(ours):
        raise RuntimeError("pyarrow alone did not write the same results")
    for path in (parquet, ipc, ours, theirs):
        path.unlink()
    return [
        Figure("files.parquet_bytes_per_person", "input, bytes a person", size / people, "bytes"),
        rate("files.parquet_people_per_second", "run, Parquet to Parquet", people, found["run"], PEOPLE),
        of_turns("files.arrow_seconds", "pyarrow alone: the same read and written", found["arrow"], SECONDS),
        times("files.over_arrow", "run over pyarrow alone", found["arrow"], found["run"], target=OVER_ARROW),
        rate("files.ipc_people_per_second", "run, Arrow IPC, aggregates only", people, found["ipc"], PEOPLE),
        times(
            "files.over_run_in_memory",
            "run from Arrow IPC over the same run in memory",
            found["same_in_memory"],
            found["ipc"],
            target=OVER_MEMORY,
        ),
        times(
            "files.over_memory",
            "run from Arrow IPC over the engine alone in memory",
            found["memory"],
            found["ipc"],
            target=OVER_MEMORY,
        ),
        times(
            "files.ipc_engine",
            "engine on the mapped batches of the file, verified, over in memory",
            found["memory"],
            found["ipc_engine"],
        ),
    ]
