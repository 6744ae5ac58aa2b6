"""Errors: clear, early, and the output as it was before."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension.batch import run
from pension.checks import rejects
from pension.errors import InputError
from pension.histories import Histories, write_parquet
from pension.parameters import Parameters
from pension.runs import settling


def with_bad_places(count: int, bad: list[int]) -> Histories:
    hukou = [99 if i in bad else 41 for i in range(count)]
    return people(count, hukou=hukou)


def test_bad_people_stop_the_run_and_leave_the_output_alone(parameters: Parameters, tmp_path: Path):
    path = tmp_path / "r.parquet"
    path.write_bytes(b"of an earlier run")
    with pytest.raises(InputError, match="unknown place") as caught:
        run(with_bad_places(40, [33, 37]), path, parameters=parameters, rows=10)
    assert [problem.row for problem in caught.value.problems] == [34, 38]
    assert path.read_bytes() == b"of an earlier run"
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_leaves_nothing(parameters: Parameters, tmp_path: Path):
    def interrupt(done: int, total: int | None) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(people(60), tmp_path / "r.parquet", parameters=parameters, rows=10, progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_rejected_people_are_left_out_and_listed(parameters: Parameters, tmp_path: Path):
    bad = [3, 17, 18, 39]
    summary = run(
        with_bad_places(40, bad), tmp_path / "r.parquet", parameters=parameters, rows=10, errors="report", threads=1
    )
    assert (summary.people, summary.rejected, summary.settled) == (40, 4, 36)
    results = pq.read_table(tmp_path / "r.parquet")
    good = [i for i in range(40) if i not in bad]
    assert results["x_number"].to_pylist() == good
    run(people(40, hukou=[41] * 40), tmp_path / "all.parquet", parameters=parameters)
    everybody = pq.read_table(tmp_path / "all.parquet").take(good)
    assert results.equals(everybody)
    assert summary.rejected_file == tmp_path / "r.parquet.rejected.csv"
    with summary.rejected_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == [i + 1 for i in bad]
    assert summary.broken == 4
    assert {row["column"] for row in rows} == {"hukou"}
    assert {row["value"] for row in rows} == {"99"}


def test_a_run_without_rejected_people_removes_the_old_list(parameters: Parameters, tmp_path: Path):
    (tmp_path / "r.parquet.rejected.csv").write_text("old")
    run(people(12), tmp_path / "r.parquet", parameters=parameters, errors="report")
    assert not (tmp_path / "r.parquet.rejected.csv").exists()


def test_formulas_of_spreadsheets_are_defused():
    for text in ("=1+1", "+1", "-1", "@x"):
        assert rejects.cell(text) == f"'{text}"
    assert rejects.cell(None) == ""
    assert rejects.cell(12) == "12"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("missing/r.parquet", "its directory does not exist"),
        ("r.xlsx", "ends with one of"),
        ("directory.parquet", "it is a directory"),
        ("people.parquet", "the output is the input"),
    ],
)
def test_an_unwritable_output_is_refused_before_anything_is_computed(
    parameters: Parameters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, rule: str
):
    (tmp_path / "directory.parquet").mkdir()
    write_parquet(tmp_path / "people.parquet", people(6))

    def never(*_: Any) -> None:
        raise AssertionError("computed")

    monkeypatch.setattr(settling, "Engine", never)
    with pytest.raises(InputError, match=rule):
        run(tmp_path / "people.parquet", tmp_path / name, parameters=parameters)


@pytest.mark.parametrize("keep", [0, 3, 100, -1])
def test_a_truncated_file_is_bad_input(parameters: Parameters, tmp_path: Path, keep: int):
    write_parquet(tmp_path / "people.parquet", people(30))
    whole = (tmp_path / "people.parquet").read_bytes()
    (tmp_path / "people.parquet").write_bytes(whole[:keep])
    with pytest.raises(InputError, match=r"people\.parquet"):
        run(tmp_path / "people.parquet", tmp_path / "r.parquet", parameters=parameters)
    assert not (tmp_path / "r.parquet").exists()


@pytest.mark.parametrize(("option", "value"), [("errors", "ignore"), ("rows", 0), ("threads", -1)])
def test_impossible_options(parameters: Parameters, tmp_path: Path, option: str, value: Any):
    with pytest.raises(InputError):
        run(people(6), tmp_path / "r.parquet", parameters=parameters, **{option: value})


def test_threads_are_as_before_after_a_run(parameters: Parameters):
    from pension._compile import n_threads

    before = n_threads()
    run(people(6), None, parameters=parameters, threads=before + 3)
    assert n_threads() == before


def test_kept_people_keep_their_records():
    histories = people(12)
    keep = np.arange(12) % 3 != 1
    kept = histories.filter(keep)
    assert kept.person.to_pylist() == [p for p, k in zip(histories.person.to_pylist(), keep, strict=True) if k]
    for i, j in enumerate(np.flatnonzero(keep)):
        one, other = kept.slice(i, i + 1), histories.slice(int(j), int(j) + 1)
        assert one.arrays.base.tolist() == other.arrays.base.tolist()
        assert one.arrays.year.tolist() == other.arrays.year.tolist()
