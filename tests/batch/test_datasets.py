"""Inputs of several files: their order, their keys, what is damaged in them, identifiers across them."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension.batch import RunSummary, run
from pension.checks.repeated_people import repeated_people
from pension.errors import STRICT, InputError
from pension.histories import Histories, write_ipc, write_parquet
from pension.inputs.datasets import NestedFiles
from pension.parameters import Parameters


def settled(path: Path) -> list[str]:
    names: list[str] = pq.read_table(path)["person"].to_pylist()
    return names


def test_a_directory_is_read_in_the_order_of_its_paths(parameters: Parameters, tmp_path: Path) -> None:
    source = tmp_path / "in"
    (source / "b").mkdir(parents=True)
    (source / "_old").mkdir()
    write_parquet(source / "b" / "1.parquet", people(5, 14), rows=2)
    write_ipc(source / "a.arrow", people(7, 7), rows=3)
    write_parquet(source / "a.parquet", people(7), rows=4)  # after a.arrow
    write_parquet(source / "_old" / "x.parquet", people(3, 50))
    write_parquet(source / ".hidden.parquet", people(3, 60))
    (source / "README.txt").write_text("nothing to read")
    summary = run(source, tmp_path / "r.parquet", parameters=parameters, rows=3)
    assert settled(tmp_path / "r.parquet") == [f"P{i:05d}" for i in (*range(7, 14), *range(7), *range(14, 19))]
    assert summary.people == 19
    run([people(7, 7), people(7), people(5, 14)], tmp_path / "one.parquet", parameters=parameters)
    assert (tmp_path / "r.parquet").read_bytes() == (tmp_path / "one.parquet").read_bytes()


def test_any_stretch_of_rows_can_be_read_by_itself(tmp_path: Path) -> None:
    write_parquet(tmp_path / "a.parquet", people(11), rows=4)
    write_ipc(tmp_path / "b.arrow", people(9, 11), rows=5)
    found = NestedFiles.open(tmp_path)
    for first, last, rows, part in ((0, 20, 3, 0), (2, 19, 100, 6), (9, 13, 2, 5), (12, 12, 4, 0)):
        pieces = list(found.pieces(first, last, rows, STRICT, None, part))
        names = [name for piece in pieces for name in piece.histories.person.to_pylist()]
        assert names == [f"P{i:05d}" for i in range(first, last)]
        assert [piece.first for piece in pieces] == [int(p.histories.person[0].as_py()[1:]) for p in pieces]
        for piece in pieces:
            assert piece.people <= rows
            assert not part or piece.first // part == (piece.first + piece.people - 1) // part


def test_partition_keys_are_columns(parameters: Parameters, tmp_path: Path) -> None:
    table = people(30).to_arrow()
    for hukou in (41, 44, 4101):
        for group in ("g0", None):
            mask = (table["hukou"].to_numpy() == hukou) & ((table["x_number"].to_numpy() % 2 == 0) == (group == "g0"))
            name = "g%200" if group else "__HIVE_DEFAULT_PARTITION__"
            path = tmp_path / "in" / f"hukou={hukou}" / f"x_region={name}"
            path.mkdir(parents=True)
            pq.write_table(table.filter(pa.array(mask)).drop_columns("hukou"), path / "0.parquet")
    summary = run(tmp_path / "in", tmp_path / "r.parquet", parameters=parameters, by=["hukou,x_region"])
    found = pq.read_table(tmp_path / "r.parquet").sort_by("x_number")
    assert found["x_region"].to_pylist() == ["g 0" if i % 2 == 0 else None for i in range(30)]
    assert {row["hukou"] for row in summary.aggregates[0].rows()} == {41, 44}
    run(people(30), tmp_path / "one.parquet", parameters=parameters)
    assert found.drop_columns("x_region").equals(pq.read_table(tmp_path / "one.parquet"))


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("hukou=41", "stands in the file and in a directory's name"),
        ("province=41", "unknown column"),
        ("claim=soon", "holds no int32"),
    ],
)
def test_keys_that_make_no_sense(parameters: Parameters, tmp_path: Path, name: str, rule: str) -> None:
    (tmp_path / "in" / name).mkdir(parents=True)
    table = people(3).to_arrow()
    pq.write_table(table.drop_columns("claim"), tmp_path / "in" / name / "0.parquet")
    with pytest.raises(InputError, match=rule):
        run(tmp_path / "in", None, parameters=parameters)


def test_files_of_other_columns_are_refused(parameters: Parameters, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_parquet(tmp_path / "in" / "a.parquet", people(3))
    write_parquet(tmp_path / "in" / "b.parquet", replace(people(3, 3), extra=pa.table({})))
    with pytest.raises(InputError, match=r"b\.parquet, x_group, x_number: other columns, or other types, than"):
        run(tmp_path / "in", None, parameters=parameters)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match="holds no nested table"):
        run(tmp_path / "none", None, parameters=parameters)


def test_the_output_does_not_lie_in_the_input(parameters: Parameters, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_parquet(tmp_path / "in" / "a.parquet", people(3))
    for name in ("in/r.parquet", "in/out"):
        with pytest.raises(InputError, match="lies in the directory of the input"):
            run(tmp_path / "in", tmp_path / name, parameters=parameters)


# ---------------------------------------------------------------------- where bad input stands


def with_bad_place(count: int, bad: int) -> Histories:
    return people(count, hukou=[99 if i == bad else 41 for i in range(count)])


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_bad_row_is_named_with_file_row_group_and_row(parameters: Parameters, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "in" / f"b.{kind}"
    path.parent.mkdir()
    write_parquet(tmp_path / "in" / "a.parquet", replace(people(5, 100), extra=people(5).extra))
    (write_parquet if kind == "parquet" else write_ipc)(path, with_bad_place(20, 13), rows=6)
    unit = "row group 3 of 4" if kind == "parquet" else "record batch 3 of 4"
    with pytest.raises(InputError) as refused:
        run(path.parent, None, parameters=parameters, rows=4)
    (problem,) = refused.value.problems
    assert (problem.file, problem.row, problem.column) == (str(path), 14, "hukou")
    assert problem.rule.endswith(f"(person …0013), in {unit}")
    summary = run(path.parent, tmp_path / "r.parquet", parameters=parameters, errors="report")
    assert (summary.people, summary.rejected) == (25, 1)
    assert summary.problems == [problem]


def damage(path: Path, group: int) -> None:
    """Change bytes in the middle of a row group or record batch of a file."""
    content = bytearray(path.read_bytes())
    if path.suffix == ".parquet":
        chunk = pq.read_metadata(path).row_group(group).column(3)  # birth
        at = chunk.data_page_offset + chunk.total_compressed_size - 4
    else:
        wanted = pa.ipc.open_file(path).get_batch(group)["x_number"].buffers()[1].to_pybytes()[:16]
        at = content.index(wanted)
    for i in range(at, at + 3):
        content[i] ^= 0x55
    path.write_bytes(content)


def listed(summary: RunSummary) -> list[dict[str, str]]:
    assert summary.rejected_file is not None
    with summary.rejected_file.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize("output", ["r.parquet", "r"])
def test_a_damaged_row_group_costs_its_own_people(
    parameters: Parameters, tmp_path: Path, kind: str, output: str
) -> None:
    path = tmp_path / f"people.{kind}"
    (write_parquet if kind == "parquet" else write_ipc)(path, people(20), rows=6)
    damage(path, 1)
    with pytest.raises(InputError, match=r"damaged .*rows 7 to 12"):
        run(path, tmp_path / output, parameters=parameters)
    options: dict[str, Any] = {"parameters": parameters, "errors": "report"}
    if output == "r":  # parts that end in the middle of row groups
        options["part_people"] = 4
        shutil.rmtree(tmp_path / "r")  # of other rules
    summary = run(path, tmp_path / output, **options)
    assert (summary.people, summary.rejected, summary.settled) == (20, 6, 14)
    assert settled(tmp_path / output) == [f"P{i:05d}" for i in range(20) if not 6 <= i < 12]
    rows = listed(summary)
    assert [row["row"] for row in rows] == (["7"] if output == "r.parquet" else ["7", "9"])
    assert all("people of a damaged r" in row["rule"] for row in rows)
    assert sum(int(row["rule"].split()[0]) for row in rows) == 6


def test_a_damaged_row_group_of_another_maker_counts_as_a_whole(parameters: Parameters, tmp_path: Path) -> None:
    """Without a hash of the group a large one is read in pieces: none of it is settled when its end is broken."""
    table = people(40).to_arrow()
    pq.write_table(table, tmp_path / "a.parquet", row_group_size=20, write_page_checksum=True, use_dictionary=False)
    damage(tmp_path / "a.parquet", 1)
    summary = run(tmp_path / "a.parquet", tmp_path / "r.parquet", parameters=parameters, errors="report", rows=3)
    assert (summary.people, summary.rejected) == (40, 20)
    assert settled(tmp_path / "r.parquet") == [f"P{i:05d}" for i in range(20)]


# ---------------------------------------------------------------------- identifiers


def test_identifiers_are_compared_over_all_files(parameters: Parameters, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_parquet(tmp_path / "in" / "a.parquet", people(6), rows=4)
    write_parquet(tmp_path / "in" / "b.parquet", people(6, 4), rows=4)
    with pytest.raises(InputError) as refused:
        run(tmp_path / "in", None, parameters=parameters)
    assert [(Path(p.file).name, p.row, p.value) for p in refused.value.problems] == [
        ("b.parquet", 1, "…0004"),
        ("b.parquet", 2, "…0005"),
    ]
    for output in ("r.parquet", "r"):
        summary = run(tmp_path / "in", tmp_path / output, parameters=parameters, errors="report", part_people=5)
        assert (summary.people, summary.rejected) == (12, 4)
        assert settled(tmp_path / output) == [f"P{i:05d}" for i in (0, 1, 2, 3, 6, 7, 8, 9)]


@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize("at_once", [7, 1000])
def test_repeated_identifiers_are_found_in_any_number_of_rounds(text: bool, at_once: int) -> None:
    numbers = np.random.default_rng(3).permutation(200)
    numbers[[50, 120, 199]] = numbers[[10, 10, 60]]
    values = [f"id {n}" for n in numbers] if text else numbers.tolist()
    array = pa.array(values, pa.string() if text else pa.int64())
    pieces = [array[:30], array[30:31], 0, array[31:150], array[150:]]
    found = repeated_people(lambda: iter(pieces), at_once)
    assert found is not None
    assert found.again.tolist() == [50, 120, 199]
    assert found.every.tolist() == [10, 50, 60, 120, 199]
    assert repeated_people(lambda: iter([array[:9], array[11:50]]), at_once) is None


def test_rows_that_cannot_be_read_and_nulls_are_no_identifiers() -> None:
    pieces = [pa.array([5, None, 3]), 4, pa.array([None, 3, 9])]
    found = repeated_people(lambda: iter(pieces))
    assert found is not None
    assert (found.again.tolist(), found.every.tolist()) == ([8], [2, 8])
