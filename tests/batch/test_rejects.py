"""``errors="report"``: every broken rule of every kind of input is listed; only the people concerned are left out."""

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension.batch import RunSummary, run
from pension.errors import InputError
from pension.histories import write_ipc, write_parquet
from pension.parameters import Parameters

Row = tuple[str, str, str]


def listed(summary: RunSummary) -> list[Row]:
    """(row, column, value) of the list."""
    assert summary.rejected_file is not None
    with summary.rejected_file.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["file", "row", "column", "value", "rule"]
    assert len(rows) == summary.broken
    return [(row["row"], row["column"], row["value"]) for row in rows]


def settled(tmp_path: Path) -> list[Any]:
    return pq.read_table(tmp_path / "r.parquet")["person"].to_pylist()


def report(source: Any, tmp_path: Path, parameters: Parameters, **options: Any) -> RunSummary:
    return run(source, tmp_path / "r.parquet", parameters=parameters, errors="report", **options)


def long_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    names = list("abcdefgh")
    persons = pd.DataFrame({"person": names, "sex": "male", "birth": "1966-03", "hukou": "41", "hukou_type": "rural"})
    spell = {"scheme": "employee", "place": "44", "start": "1998-01", "end": "2015-12", "base": "3000"}
    return persons, pd.DataFrame([{"person": name, **spell} for name in names])


def test_long_tables(parameters: Parameters, tmp_path: Path) -> None:
    persons, records = long_tables()
    persons.loc[1, ["sex", "birth"]] = ["x", "1966-13"]  # b: two broken rules in one row
    persons.loc[2, "person"] = "a"  # a twice, so nobody knows which row holds; c is not among the people any more
    records.loc[3, "base"] = "1,000"  # d
    records.loc[4, "start"] = "1980-01"  # e: a rule of the range check
    records.loc[len(records)] = {**records.loc[5], "person": "f", "place": "99"}  # f: a second row
    records.loc[len(records)] = {**records.loc[6], "person": "z"}  # nobody's row
    for frame, name in ((persons, "people.csv"), (records, "records.csv")):
        frame.to_csv(tmp_path / name, index=False)
    summary = report((tmp_path / "people.csv", tmp_path / "records.csv"), tmp_path, parameters)
    assert settled(tmp_path) == ["g", "h"]
    # Row 1 is the header. The row of e is rejected later than the rest, so it comes last: he is 16 in 1982-03, so three
    # years break the rule of the age, and all to 1986 that of the first contributions.
    years = (1980, 1980, 1981, 1981, 1982, 1982, 1983, 1984, 1985, 1986)
    assert listed(summary) == [
        ("3", "sex", "x"),
        ("3", "birth", "1966-13"),
        ("4", "person", "a"),
        ("4", "person", "c"),
        ("5", "base", "1,000"),
        ("10", "place", "99"),
        ("11", "person", "z"),
        *(("6", "months", f"{year}-01..{year}-12") for year in years),
    ]
    # Rows of the people: a (2), b, d, e, f are left out.
    assert (summary.people, summary.rejected, summary.settled) == (8, 6, 2)


def test_the_others_are_settled_as_if_alone(parameters: Parameters, tmp_path: Path) -> None:
    persons, records = long_tables()
    run((persons.iloc[[6, 7]], records.iloc[[6, 7]]), tmp_path / "alone.parquet", parameters=parameters)
    persons.loc[:5, "hukou"] = "0"
    summary = report((persons, records), tmp_path, parameters)
    assert pq.read_table(tmp_path / "r.parquet").equals(pq.read_table(tmp_path / "alone.parquet"))
    assert summary.rejected == summary.broken == 6


def test_what_breaks_the_whole_table_stops_the_run(parameters: Parameters, tmp_path: Path) -> None:
    persons, records = long_tables()
    with pytest.raises(InputError, match="the column is missing"):
        report((persons.drop(columns="birth"), records), tmp_path, parameters)
    with pytest.raises(InputError, match="wrong type"):
        report((persons, records.assign(base="1", start=pd.Timedelta(1))), tmp_path, parameters)
    assert list(tmp_path.iterdir()) == []


def test_one_table_of_people_and_records(parameters: Parameters, tmp_path: Path) -> None:
    persons, records = long_tables()
    both = records.merge(persons, on="person")
    both.loc[3, "sex"] = "x"
    summary = report(both, tmp_path, parameters)
    assert listed(summary) == [("4", "sex", "x")]
    assert settled(tmp_path) == list("abcefgh") and (summary.people, summary.rejected) == (8, 1)


def nested(n: int) -> pa.Table:
    """People with a null sex (2), no records (4), a null in a record (6), a negative claim (8), a death
    before the birth (9)."""
    table = people(n).to_arrow()
    columns = table.to_pydict()
    columns["sex"][1] = None
    columns["records"][3] = None
    columns["records"][6][2]["base"] = None
    columns["claim"][7] = -1
    columns["death"] = [12 * 1960 if i == 8 else None for i in range(n)]
    columns["person"][10] = " "
    kind = table.schema.field("records").type
    loose = pa.list_(pa.struct([pa.field(f.name, f.type) for f in kind.value_type]))
    fields = [f if f.name != "records" else pa.field("records", loose) for f in table.schema]
    fields = [pa.field(f.name, f.type) for f in (*fields, pa.field("death", pa.int32()))]
    return pa.table(columns, schema=pa.schema(fields, metadata=table.schema.metadata))


@pytest.mark.parametrize("rows", [4, 100])
@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_nested_tables(parameters: Parameters, tmp_path: Path, rows: int, kind: str) -> None:
    table = nested(18)
    path = tmp_path / f"people.{kind}"
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=7)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table, max_chunksize=7)
    summary = report(path, tmp_path, parameters, rows=rows)
    assert sorted(listed(summary), key=lambda row: int(row[0])) == [
        ("2", "sex", ""),
        ("4", "records", ""),
        ("7", "records[3].base", ""),
        ("8", "claim", "'-1"),
        ("9", "death", "1960-01"),
        ("11", "person", ""),
    ]
    assert (summary.people, summary.rejected) == (18, 6)
    assert settled(tmp_path) == [f"P{i:05d}" for i in range(18) if i not in (1, 3, 6, 7, 8, 10)]


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_identifiers_that_are_there_twice(parameters: Parameters, tmp_path: Path, kind: str) -> None:
    """In a file with checksums, over blocks: every row of such a person is left out."""
    blocks = [replace(people(n, first), extra=pa.table({})) for n, first in ((6, 0), (6, 6), (3, 4))]
    path = tmp_path / f"people.{kind}"
    (write_parquet if kind == "parquet" else write_ipc)(path, blocks)
    summary = report(path, tmp_path, parameters)
    assert listed(summary) == [("13", "person", "…0004"), ("14", "person", "…0005"), ("15", "person", "…0006")]
    assert (summary.people, summary.rejected) == (15, 6)
    assert settled(tmp_path) == [f"P{i:05d}" for i in range(12) if i not in (4, 5, 6)]


def test_every_rule_of_a_person_is_listed(parameters: Parameters, tmp_path: Path) -> None:
    histories = people(12)
    base, place = histories.arrays.base.copy(), histories.arrays.place.copy()
    first = int(histories.arrays.offsets[1])
    base[[first, first + 2]], place[first] = -5.0, 98
    hukou = [41, 99] + [41] * 10
    bad = people(12, base=base, place=place, hukou=hukou, weight=[1.0, -1.0] + [1.0] * 10)
    summary = report(bad, tmp_path, parameters)
    assert listed(summary) == [
        ("2", "hukou", "99"),
        ("2", "weight", "'-1"),
        ("2", "records[1].place", "98"),
        ("2", "records[1].base", "'-5"),
        ("2", "records[3].base", "'-5"),
    ]
    assert (summary.rejected, summary.broken) == (1, 5)
