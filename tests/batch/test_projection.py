"""The function over record batches: the rows of a run, for batches as DuckDB makes them of the same files."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension.batch import run
from pension.errors import InputError, Problem
from pension.histories import write_parquet
from pension.parameters import Parameters
from pension.projection import project_batches, projection_schema


def test_batches_of_duckdb_over_the_same_files(parameters: Parameters, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_parquet(tmp_path / "in" / "a.parquet", people(40), rows=16)
    write_parquet(tmp_path / "in" / "b.parquet", people(20, 40))
    batches = duckdb.sql(f"select * from '{tmp_path}/in/*.parquet' order by person").to_arrow_reader(13)
    results = list(project_batches(batches, columns=["L2"], parameters=parameters))
    found = pa.Table.from_batches(results)
    run(tmp_path / "in", tmp_path / "r.parquet", columns=["L2"], parameters=parameters)
    wanted = pq.read_table(tmp_path / "r.parquet")
    assert found.column_names == wanted.column_names
    assert found.to_pylist() == wanted.to_pylist()
    assert found.schema.field("route_fair").type == pa.string()


def test_one_batch_for_each_in_order_and_as_the_schema_says(parameters: Parameters) -> None:
    batches = people(10).to_arrow().to_batches(max_chunksize=4)
    batches.insert(1, batches[0].slice(0, 0))
    schema = projection_schema(batches[0].schema, ["current"], parameters=parameters)
    asked = iter(project_batches(iter(batches), ["current"], parameters=parameters))
    for batch in batches:
        result = next(asked)
        assert result.schema == schema
        assert result["person"].to_pylist() == batch["person"].to_pylist()


def test_broken_people_raise_or_are_told(parameters: Parameters) -> None:
    table = people(6, hukou=[41, 99, 41, 41, 41, 41]).to_arrow()
    told: list[tuple[Sequence[Problem], int]] = []
    with pytest.raises(InputError, match="row 2, hukou = 99"):
        list(project_batches(table.to_batches(), parameters=parameters))
    results = project_batches(table.to_batches(), parameters=parameters, rejected=lambda p, n: told.append((p, n)))
    assert [len(result) for result in results] == [5]
    ((problems, left_out),) = told
    assert (problems[0].row, left_out) == (2, 1)
    with pytest.raises(InputError, match="the identifier is there twice"):
        list(
            project_batches([pa.concat_tables([table, table]).combine_chunks().to_batches()[0]], parameters=parameters)
        )
