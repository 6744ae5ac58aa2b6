"""Directories of parts: interrupted, killed, out of room, taken up again, and what is another run."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension.batch import Batch, run, write_cohort
from pension.errors import InputError
from pension.histories import write_ipc, write_parquet
from pension.inputs import history_files
from pension.parameters import Parameters

N = 60
OPTIONS: dict[str, Any] = {"part_people": 7, "by": ["stars", "x_group,origin"], "errors": "report"}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty people, three of them broken, in row groups that fit no part."""
    path = tmp_path / "people.parquet"
    write_parquet(path, people(N, hukou=[99 if i in (9, 33, 34) else 41 for i in range(N)]), rows=11)
    return path


@pytest.fixture
def whole(source: Path, parameters: Parameters, tmp_path: Path) -> dict[str, bytes]:
    """The files of a run that nothing interrupted."""
    run(source, tmp_path / "whole", parameters=parameters, **OPTIONS)
    return contents(tmp_path / "whole")


def contents(directory: Path) -> dict[str, bytes]:
    """All files but the manifest, which holds times and commands; with the list of rejected people."""
    files = [path for path in directory.rglob("*") if path.is_file() and path.name != "_manifest.json"]
    found = {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}
    beside = directory.with_name(f"{directory.name}.rejected.csv")
    return found | ({"rejected": beside.read_bytes()} if beside.exists() else {})


def manifest(directory: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((directory / "_manifest.json").read_text(encoding="utf-8"))
    return found


def test_parts_are_the_rows_of_one_file(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path
) -> None:
    summary = run(source, tmp_path / "one.parquet", parameters=parameters, by=OPTIONS["by"], errors="report")
    one = pq.read_table(tmp_path / "one.parquet")
    assert pq.read_table(tmp_path / "whole").equals(one)
    rows = [pq.read_metadata(tmp_path / "whole" / f"part-{k:06d}.parquet").num_rows for k in range(9)]
    assert rows == [7, 6, 7, 7, 5, 7, 7, 7, 4]  # 9 is in the second, 33 and 34 in the fifth part
    assert whole["rejected"] == (tmp_path / "one.parquet.rejected.csv").read_bytes()
    assert whole["_aggregates.csv"] == (tmp_path / "one.parquet.aggregates.csv").read_bytes()
    parts = run(source, tmp_path / "whole", parameters=parameters, **OPTIONS)
    assert (parts.parts, parts.parts_found) == (9, 9)
    for name in ("people", "records", "rejected", "broken", "undefined", "problems"):
        assert getattr(parts, name) == getattr(summary, name)
    assert (parts.marks == summary.marks).all()
    assert parts.quality.data() == summary.quality.data()
    assert parts.access is not None and summary.access is not None
    assert parts.access.data() == summary.access.data()
    assert parts.losses[0].rows("stars") == summary.losses[0].rows("stars")
    assert contents(tmp_path / "whole") == whole


@pytest.mark.parametrize(("rows", "threads"), [(1, 1), (5, 2), (1000, 1)])
def test_bytes_do_not_depend_on_blocks_and_threads(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path, rows: int, threads: int
) -> None:
    run(source, tmp_path / "out", parameters=parameters, rows=rows, threads=threads, **OPTIONS)
    assert contents(tmp_path / "out") == whole


def test_the_manifest_says_what_and_what_is_done(whole: dict[str, bytes], source: Path, tmp_path: Path) -> None:
    found = manifest(tmp_path / "whole")
    assert found["complete"] is True and found["parts"] == 9
    assert found["done"]["000004"]["people"] == 7 and found["done"]["000004"]["rows"] == 5
    assert found["done"]["000004"]["bytes"] == len(whole["part-000004.parquet"])
    job = found["job"]
    assert job["input"]["path"] == str(source) and job["input"]["people"] == N
    assert job["input"]["files"]["people.parquet"]["bytes"] == source.stat().st_size
    assert {"parameters", "regimes", "columns", "rules", "by", "part_people", "versions"} <= set(job)
    assert found["runs"][0]["finished"] is not None


# ---------------------------------------------------------------------- interrupted


def stop_at(people_done: int) -> Callable[[int, int | None], None]:
    def progress(done: int, total: int | None) -> None:
        if done >= people_done:
            raise KeyboardInterrupt

    return progress


@pytest.mark.parametrize("at", [1, 20, 40, N])
def test_an_interrupted_run_goes_on(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path, at: int
) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt) as stopped:
        run(source, out, parameters=parameters, rows=3, progress=stop_at(at), **OPTIONS)
    (note,) = stopped.value.__notes__
    done = manifest(out)["done"]
    assert note == f"{len(done)} of 9 parts are done and kept in {out}; the same command goes on"
    assert len(done) >= at // 7 - 1
    for name in done:  # nothing half written is taken for a part
        assert (out / f"part-{name}.parquet").read_bytes() == whole[f"part-{name}.parquet"]
    seen: list[int] = []
    summary = run(source, out, parameters=parameters, progress=lambda n, total: seen.append(n), **OPTIONS)
    assert summary.parts_found == len(done)
    assert seen[-1:] == [N] and min(seen) > 7 * len(done) - 7
    assert contents(out) == whole
    assert len(manifest(out)["runs"]) == 2


KILLED = """
import os, signal, sys
from pension.batch import run
import pension
def progress(done, total):
    if done >= 30:
        os.kill(os.getpid(), signal.SIGKILL)
run(sys.argv[1], sys.argv[2], parameters=pension.load_parameters(), rows=5, progress=progress, part_people=7,
    by=["stars", "x_group,origin"], errors="report")
"""


def test_a_killed_run_goes_on(source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path) -> None:
    out = tmp_path / "out"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    killed = subprocess.run([sys.executable, "-c", KILLED, str(source), str(out)], env=environment, timeout=300)
    assert killed.returncode == -signal.SIGKILL
    assert not (out / "_aggregates.csv").exists()
    (out / ".part-000007.parquet.half").write_bytes(b"half")
    summary = run(source, out, parameters=parameters, **OPTIONS)
    assert 1 <= summary.parts_found <= 4
    assert contents(out) == whole


def test_a_full_disk_loses_nothing(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    replace, full = os.replace, [0]

    def no_room(old: Any, new: Any) -> None:
        if Path(new).name == "part-000003.parquet":
            full[0] += 1
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        replace(old, new)

    monkeypatch.setattr(history_files.os, "replace", no_room)
    with pytest.raises(InputError, match=r"part-000003\.parquet: the output cannot be written \(No space left") as told:
        run(source, out, parameters=parameters, **OPTIONS)
    assert full == [1]
    assert {f"{k:06d}" for k in range(3)} <= set(manifest(out)["done"]) and "000003" not in manifest(out)["done"]
    assert "of 9 parts are done and kept" in told.value.__notes__[0]
    assert not list(out.glob(".*"))
    monkeypatch.undo()
    run(source, out, parameters=parameters, **OPTIONS)
    assert contents(out) == whole


def test_a_part_that_was_lost_or_changed_is_made_again(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path
) -> None:
    out = tmp_path / "whole"
    (out / "part-000000.parquet").unlink()
    content = bytearray(whole["part-000004.parquet"])
    content[100] ^= 1
    (out / "part-000004.parquet").write_bytes(content)
    (out / "_parts" / "000006.json").write_text("{")
    summary = run(source, out, parameters=parameters, **OPTIONS)
    assert summary.parts_found == 6
    assert contents(out) == whole


def test_one_run_at_a_time(source: Path, parameters: Parameters, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def again(done: int, total: int | None) -> None:
        run(source, out, parameters=parameters, **OPTIONS)

    with pytest.raises(InputError, match="another run is writing into this directory"):
        run(source, out, parameters=parameters, progress=again, **OPTIONS)


# ---------------------------------------------------------------------- another run


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"regimes": ["current", "segmented"]}, "regimes.segmented"),
        ({"columns": ["L2"]}, "columns"),
        ({"by": ["stars"]}, "by"),
        ({"errors": "raise"}, "rules.errors"),
        ({"access": "off"}, "rules.access"),
        ({"limits": "off"}, "rules.limits"),
        ({"part_people": 8}, "part_people"),
        ({"part_format": "arrow"}, "part_format"),
        ({"seed": 3}, "seed"),
        ({"aggregate_only": True}, "people_kept"),
    ],
)
def test_another_run_into_the_directory_is_refused_with_what_differs(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path, changes: dict[str, Any], column: str
) -> None:
    options = {"parameters": parameters} | OPTIONS | changes
    with pytest.raises(InputError) as refused:
        run(source, tmp_path / "whole", **options)
    problems = {problem.column: problem for problem in refused.value.problems}
    assert column in problems
    assert "the parts there were made with" in problems[column].rule
    assert contents(tmp_path / "whole") == whole


def test_another_input_is_refused(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = source.read_bytes()
    write_parquet(source, people(N, weight=[2.0] * N), rows=11)
    with pytest.raises(InputError, match=r"input\.files\.people\.parquet\.content"):
        run(source, tmp_path / "whole", parameters=parameters, **OPTIONS)
    source.write_bytes(before)
    monkeypatch.setattr("pension.runs.manifest.versions", lambda: {"pension": "9"})
    monkeypatch.setattr("pension.batch.versions", lambda: {"pension": "9"})
    with pytest.raises(InputError, match=r"versions\.pension = 9: the parts there were made with 0"):
        run(source, tmp_path / "whole", parameters=parameters, **OPTIONS)
    assert contents(tmp_path / "whole") == whole


def test_a_directory_of_something_else_is_left_alone(source: Path, parameters: Parameters, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").write_text("x")
    with pytest.raises(InputError, match="not empty and holds no run of this program"):
        run(source, tmp_path / "mine", parameters=parameters)
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="this is a file"):
        run(source, tmp_path / "file", parameters=parameters)
    with pytest.raises(InputError, match="its directory does not exist"):
        run(source, tmp_path / "no" / "where", parameters=parameters)
    with pytest.raises(InputError, match="can be read again"):
        run(iter([people(3)]), tmp_path / "out", parameters=parameters)
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.tex"]


# ---------------------------------------------------------------------- kinds of inputs and outputs


def test_histories_and_arrow_parts(parameters: Parameters, tmp_path: Path) -> None:
    import pyarrow as pa

    for _ in range(2):
        summary = run(people(20), tmp_path / "out", parameters=parameters, part_people=8, part_format="arrow")
    assert summary.parts_found == 3
    parts = [pa.ipc.open_file(tmp_path / "out" / f"part-{k:06d}.arrow").read_all() for k in range(3)]
    assert [len(part) for part in parts] == [8, 8, 4]
    with pytest.raises(InputError, match=r"input\.content"):
        run(people(20, 1), tmp_path / "out", parameters=parameters, part_people=8, part_format="arrow")
    run(people(0), tmp_path / "none", parameters=parameters)
    assert pq.read_table(tmp_path / "none").num_rows == 0


def test_aggregates_without_people(
    source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(source, out, parameters=parameters, aggregate_only=True, progress=stop_at(30), rows=4, **OPTIONS)
    run(source, out, parameters=parameters, aggregate_only=True, **OPTIONS)
    assert not list(out.glob("part-*"))
    assert contents(out)["_aggregates.csv"] == whole["_aggregates.csv"]


def test_hashed_identifiers_over_parts(source: Path, parameters: Parameters, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"0123456789abcdef")
    options = OPTIONS | {"hash_ids": tmp_path / "key", "parameters": parameters}
    run(source, tmp_path / "out", **options)
    run(source, tmp_path / "one.parquet", **options)
    assert pq.read_table(tmp_path / "out").equals(pq.read_table(tmp_path / "one.parquet"))
    (tmp_path / "key").write_bytes(b"0123456789abcdeX")
    with pytest.raises(InputError, match="identifiers"):
        run(source, tmp_path / "out", **options)
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or b"0123456789abcde" not in path.read_bytes()


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_synthetic_population_in_parts(parameters: Parameters, tmp_path: Path, kind: str) -> None:
    options: dict[str, Any] = {"parameters": parameters, "part_people": 40, "part_format": kind}
    write_cohort(tmp_path / "one.parquet", 100, 3, parameters=parameters)

    def stop(done: int, total: int | None) -> None:
        if done > 40:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_cohort(tmp_path / "in", 100, 3, progress=stop, **options)
    assert manifest(tmp_path / "in")["complete"] is False
    seen: list[int] = []
    write_cohort(tmp_path / "in", 100, 3, progress=lambda done, total: seen.append(done), **options)
    assert seen == [80, 100]
    run(tmp_path / "in", tmp_path / "r.parquet", parameters=parameters)
    run(tmp_path / "one.parquet", tmp_path / "s.parquet", parameters=parameters)
    assert (tmp_path / "r.parquet").read_bytes() == (tmp_path / "s.parquet").read_bytes()
    with pytest.raises(InputError, match=r"cohort\.seed = 4: the parts there were made with 3"):
        write_cohort(tmp_path / "in", 100, 4, **options)


def test_the_monitor_sees_every_batch(source: Path, parameters: Parameters, tmp_path: Path) -> None:
    seen: list[Batch] = []
    run(source, tmp_path / "r.parquet", parameters=parameters, errors="report", rows=10, monitor=seen.append)
    assert [batch.batch for batch in seen] == list(range(1, len(seen) + 1))
    assert sum(batch.people for batch in seen) == N and sum(batch.rejected for batch in seen) == 3
    assert all(batch.rss > 10_000_000 and min(batch.seconds.values()) >= 0.0 for batch in seen)


def test_an_ipc_input_in_parts(source: Path, whole: dict[str, bytes], parameters: Parameters, tmp_path: Path) -> None:
    write_ipc(tmp_path / "people.arrow", people(N, hukou=[99 if i in (9, 33, 34) else 41 for i in range(N)]), rows=17)
    run(tmp_path / "people.arrow", tmp_path / "out", parameters=parameters, **OPTIONS)
    for name, content in contents(tmp_path / "out").items():
        if name.startswith("part-"):
            assert content == whole[name]
    shutil.rmtree(tmp_path / "out")
