"""A real Dask cluster of two processes: the bytes of the run on one machine, also when workers are killed."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from batch.people import people
from batch.test_parts import contents

from pension import distributed
from pension.batch import run
from pension.errors import InputError
from pension.histories import write_parquet
from pension.parameters import Parameters

N = 60
OPTIONS: dict[str, Any] = {"part_people": 4, "by": ["stars"], "errors": "report"}


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    import dask
    from distributed import Client, LocalCluster

    quiet = {"distributed.logging.distributed": "critical", "distributed.admin.system-monitor.gil.enabled": False}
    with (
        dask.config.set(quiet),
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as two,
        Client(two) as found,
    ):
        yield found


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("in") / "people.parquet"
    write_parquet(path, people(N, hukou=[99 if i == 50 else 41 for i in range(N)]), rows=11)
    return path


@pytest.fixture(scope="module")
def whole(source: Path, parameters: Parameters, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out = tmp_path_factory.mktemp("local") / "out"
    run(source, out, parameters=parameters, **OPTIONS)
    return contents(out)


def test_the_bytes_are_those_of_one_machine(
    client: Any, source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path
) -> None:
    seen: list[int] = []
    summary = distributed.run(
        source,
        tmp_path / "out",
        scheduler=client,
        parameters=parameters,
        parts_a_task=3,
        progress=lambda done, total: seen.append(done),
        **OPTIONS,
    )
    assert contents(tmp_path / "out") == whole
    assert (summary.people, summary.rejected, summary.parts) == (N, 1, 15)
    assert seen[-1] == N


def test_a_killed_worker_costs_its_parts_only(
    client: Any, source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path
) -> None:
    killed: list[int] = []
    done: list[int] = []

    def kill(people_done: int, total: int | None) -> None:
        done.append(people_done)
        if not killed:
            pid = next(iter(client.run(os.getpid).values()))
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)

    address = client.scheduler.address
    distributed.run(source, tmp_path / "out", scheduler=address, parameters=parameters, progress=kill, **OPTIONS)
    assert killed
    assert contents(tmp_path / "out") == whole


def test_bad_input_and_bad_addresses_are_bad_input(
    client: Any, source: Path, parameters: Parameters, tmp_path: Path
) -> None:
    strict = OPTIONS | {"errors": "raise"}
    with pytest.raises(InputError, match="row 51, hukou = 99: unknown place") as refused:
        distributed.run(source, tmp_path / "out", scheduler=client, parameters=parameters, **strict)
    assert "parts are done and kept" in refused.value.__notes__[0]
    with pytest.raises(InputError, match="give a directory"):
        distributed.run(source, tmp_path / "r.parquet", scheduler=client, parameters=parameters)
    # A part that was under way elsewhere may still come to its end; what has its name is whole.
    assert all(pq.read_metadata(path).num_rows in (3, 4) for path in (tmp_path / "out").glob("part-*.parquet"))
