"""Nested Parquet and Arrow IPC files: round trips, damage, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from histories.conftest import EMPLOYED, PERSON, build

from pension import histories
from pension.histories import Histories, InputError, iter_ipc, iter_parquet, read_ipc, read_parquet

WRITE: dict[str, Callable[..., None]] = {"ipc": histories.write_ipc, "parquet": histories.write_parquet}
READ: dict[str, Callable[..., Histories]] = {"ipc": read_ipc, "parquet": read_parquet}
ITERATE: dict[str, Any] = {"ipc": iter_ipc, "parquet": iter_parquet}
kinds = pytest.mark.parametrize("kind", ["ipc", "parquet"])


def rule_of(read: Callable[[], Any]) -> str:
    with pytest.raises(InputError) as caught:
        read()
    (problem,) = caught.value.problems
    assert problem.file
    return problem.rule


def write_foreign(kind: str, path: Path, table: pa.Table) -> None:
    """A file of another maker: no checksums."""
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=2)
        return
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)


@kinds
@pytest.mark.parametrize("rows", [1, 2, 100])
def test_round_trip(tmp_path: Path, three: Histories, same: Any, kind: str, rows: int) -> None:
    path = tmp_path / "three"
    WRITE[kind](path, three, rows=rows)
    assert same(READ[kind](path), three)
    assert os.listdir(tmp_path) == ["three"]


@kinds
@pytest.mark.parametrize("rows", [1, 2, 3, 50])
def test_blocks(tmp_path: Path, three: Histories, kind: str, rows: int) -> None:
    path = tmp_path / "three"
    WRITE[kind](path, three, rows=2)
    blocks = list(ITERATE[kind](path, rows))
    assert all(len(block) <= rows for block in blocks)
    assert [i for block in blocks for i in block.person.to_pylist()] == ["p1", "p2", "p3"]
    assert [x for block in blocks for x in block.extra["x_group"].to_pylist()] == ["a", None, "c"]
    assert [n for block in blocks for n in block.arrays.year.tolist()] == [2000, 2012, 2000, 2000, 2012]
    assert [block.source.first_row for block in blocks] == [0, 1, 2] if rows == 1 else [0, 2]


@kinds
def test_no_people(tmp_path: Path, three: Histories, kind: str) -> None:
    path = tmp_path / "none"
    WRITE[kind](path, three.slice(0, 0))
    assert len(READ[kind](path)) == 0
    assert [len(block) for block in ITERATE[kind](path, 10)] in ([], [0])


@kinds
def test_written_from_blocks(tmp_path: Path, three: Histories, same: Any, kind: str) -> None:
    path = tmp_path / "three"
    WRITE[kind](path, (three.slice(i, i + 1) for i in range(3)))
    assert same(READ[kind](path), three)
    WRITE[kind](path, [three.slice(0, 0), three.slice(0, 2), three.slice(0, 0), three.slice(2, 3), three.slice(0, 0)])
    assert same(READ[kind](path), three)
    with pytest.raises(ValueError, match="no histories"):
        WRITE[kind](path, [])


def test_bytes_of_parquet_do_not_depend_on_chunks(tmp_path: Path, three: Histories) -> None:
    table = three.to_arrow()
    cut = Histories.from_arrow(pa.concat_tables([table.slice(0, 1), table.slice(1, 2)]))
    for name, part in (("a", three), ("b", cut)):
        histories.write_parquet(tmp_path / name, part)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_ipc_is_mapped(tmp_path: Path, three: Histories) -> None:
    """The arrays point into the mapping: allocating nothing but offsets and columns with nulls."""
    path = tmp_path / "many"
    histories.write_ipc(path, build([(PERSON, [EMPLOYED] * 40)] * 5000))
    before = pa.total_allocated_bytes()
    whole = read_ipc(path)
    assert pa.total_allocated_bytes() - before < 100_000
    assert whole.n_records == 200_000 and whole.arrays.base.base is not None


@kinds
def test_files_of_other_makers(tmp_path: Path, three: Histories, same: Any, kind: str) -> None:
    path = tmp_path / "foreign"
    write_foreign(kind, path, three.to_arrow())
    assert same(READ[kind](path), three)
    assert [len(block) for block in ITERATE[kind](path, 1)] == [1, 1, 1]


@kinds
def test_version_and_columns_of_files(tmp_path: Path, three: Histories, kind: str) -> None:
    path = tmp_path / "foreign"
    table = three.to_arrow()
    write_foreign(kind, path, table.replace_schema_metadata(None))
    assert "no schema version" in rule_of(lambda: READ[kind](path))
    write_foreign(kind, path, table.replace_schema_metadata({"pension_schema": "0"}))
    assert "schema version 0" in rule_of(lambda: list(ITERATE[kind](path, 1)))
    write_foreign(kind, path, table.drop_columns(["hukou"]))
    assert rule_of(lambda: READ[kind](path)) == "the column is missing"


@kinds
def test_duplicates_across_blocks(tmp_path: Path, three: Histories, kind: str) -> None:
    """The same identifier in two row groups is found before the first block is given out."""
    path = tmp_path / "twice"
    WRITE[kind](path, (three.slice(i, i + 1) for i in (0, 1, 0)))
    for read in (lambda: READ[kind](path), lambda: next(iter(ITERATE[kind](path, 1)))):
        with pytest.raises(InputError) as caught:
            read()
        assert caught.value.problems[0][1:] == (3, "person", "p1", "the identifier is there twice")


@kinds
def test_every_truncation_is_refused(tmp_path: Path, three: Histories, kind: str) -> None:
    path = tmp_path / "short"
    WRITE[kind](path, three)
    content = path.read_bytes()
    for length in [*range(0, len(content) - 1, 97), len(content) - 1]:
        path.unlink()
        path.write_bytes(content[:length])
        with pytest.raises(InputError):
            READ[kind](path)


@kinds
def test_no_such_kind_of_file(tmp_path: Path, three: Histories, kind: str) -> None:
    path = tmp_path / "file"
    path.write_text("person,sex\n1,male\n" * 100)
    assert rule_of(lambda: READ[kind](path)).startswith("truncated, damaged or no ")
    other = {"ipc": "parquet", "parquet": "ipc"}[kind]
    WRITE[other](path, three)
    assert rule_of(lambda: READ[kind](path)).startswith("truncated, damaged or no ")
    assert rule_of(lambda: READ[kind](tmp_path / "absent")) == "the file does not exist"
    assert rule_of(lambda: READ[kind](tmp_path)).startswith(("the file cannot be read", "truncated"))


@kinds
def test_a_changed_number_is_found(tmp_path: Path, kind: str) -> None:
    """A flipped bit in a base gives a believable other pension; Arrow itself does not notice."""
    path = tmp_path / "file"
    people = build([(PERSON, [EMPLOYED | {"base": 1234.5}])])
    if kind == "ipc":
        histories.write_ipc(path, people)
        content = path.read_bytes()
        old, new = (pa.array([value]).buffers()[1].to_pybytes() for value in (1234.5, 1234.75))
        assert content.count(old) == 1
        path.write_bytes(content.replace(old, new))
    else:
        table = build([(PERSON, [EMPLOYED | {"base": 1234.75}])]).to_arrow()
        sums = {"pension_checked": "1", "pension_checksum": people.checksum()}
        pq.write_table(table.replace_schema_metadata(table.schema.metadata | sums), path)
    assert rule_of(lambda: READ[kind](path)) == "damaged file: wrong checksum of rows 1 to 1"


def test_a_missing_block_is_found(tmp_path: Path, three: Histories) -> None:
    path = tmp_path / "file"
    histories.write_ipc(path, three, rows=1)
    with pa.ipc.open_file(path) as reader:
        batches = [reader.get_batch_with_custom_metadata(i) for i in range(3)]
        for kept in ([0, 1], [0, 2], [1, 0, 2], [2], []):
            with pa.ipc.new_file(tmp_path / "cut", reader.schema) as writer:
                for i in kept:
                    writer.write_batch(batches[i][0], custom_metadata=batches[i][1])
            assert rule_of(lambda: read_ipc(tmp_path / "cut")).startswith("damaged file: ")


@kinds
def test_unwritable_output(tmp_path: Path, three: Histories, kind: str) -> None:
    rule = rule_of(lambda: WRITE[kind](tmp_path / "no" / "such" / "folder", three))
    assert rule.startswith("the output cannot be written")
    (tmp_path / "folder").mkdir()
    assert rule_of(lambda: WRITE[kind](tmp_path / "folder", three)).startswith("the output cannot be written")
    assert os.listdir(tmp_path) == ["folder"]


@kinds
def test_nothing_half_written(tmp_path: Path, three: Histories, kind: str) -> None:
    path = tmp_path / "file"
    path.write_text("before")

    def blocks() -> Any:
        yield three
        raise RuntimeError("interrupted")

    with pytest.raises(RuntimeError, match="interrupted"):
        WRITE[kind](path, blocks())
    assert path.read_text() == "before" and os.listdir(tmp_path) == ["file"]


@kinds
def test_flipped_bytes_are_refused_or_change_nothing(kind: str) -> None:
    script = Path(__file__).with_name("flip_bytes.py")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, str(script), kind, "1", "500"], capture_output=True, text=True, env=environment, timeout=300
    )
    assert done.returncode == 0, done.stderr[-2000:]
    refused, identical, different = map(int, done.stdout.split())
    assert refused + identical == 500 and different == 0
    assert refused > 100
