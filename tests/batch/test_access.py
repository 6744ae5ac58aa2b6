"""Closed and unknown months of a batch: columns, counts, refusals.

Of each six people of ``batch.people`` the third and fifth (careers ``short`` and ``overlap``) pay as platform workers
in Zhejiang 2010 to 2014 and as residents in Henan afterwards, the fourth as a resident in Henan 2010 to 2024. The third
is registered in a city of Henan, the fourth in Henan, the fifth in Guangdong.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension.batch import run
from pension.checks.access import access_report
from pension.errors import InputError
from pension.histories import Histories
from pension.parameters import Parameters

COLUMNS = ["access_closed_months", "access_unknown_months"]

# Zhejiang opened in 2021-12: 2010-01 to 2011-06 before the law (18 months), 2011-07 to 2014-12 closed (42 months).
# Residents of Henan registered in a city of Henan are at home, those of Guangdong away: 2015 to 2021 is 84 months, the
# two overlap years 2012 and 2013 more are closed months already. The third is urban (its number is even): the
# resident scheme at home is open from 2011. The fourth is rural: open from 2009.
BY_HAND = {2: (42, 18), 3: (0, 0), 4: (42, 18 + 84)}


@pytest.fixture(scope="module")
def six() -> Histories:
    return people(6)


def test_columns_by_hand(six: Histories, parameters: Parameters, tmp_path: Path):
    run(six, tmp_path / "r.parquet", ["current"], columns=["access"], parameters=parameters)
    found = pq.read_table(tmp_path / "r.parquet")
    assert found.column_names[-2:] == COLUMNS
    assert [found.schema.field(name).type for name in COLUMNS] == [pa.int32(), pa.int32()]
    pairs = list(zip(*(found[name].to_pylist() for name in COLUMNS), strict=True))
    assert pairs == [BY_HAND.get(i, (0, 0)) for i in range(6)]
    assert found.schema.metadata[b"pension_access"] == b"report"


def test_the_summary_counts_and_lists(six: Histories, parameters: Parameters):
    found = run(six, None, ["current"], parameters=parameters).access
    assert found is not None
    data = found.data()
    counts = [data[k] for k in ("closed_months", "people_closed", "unknown_months", "people_unknown")]
    assert counts == [84, 2, 18 + 18 + 84, 2]
    rows = [
        tuple(row[k] for k in ("place", "from", "to", "scheme", "form", "state", "count")) for row in data["months"]
    ]
    # of months paid, the 24 of the overlap stand in both lists
    assert rows == [
        (33, "2011-07", "2014-12", "employee", "platform", "closed", 84),
        (33, "2010-01", "2011-06", "employee", "platform", "unknown", 36),
        (41, "2012-01", "2021-12", "resident", "flexible", "unknown", 24 + 84),
    ]
    assert "Zhejiang" in data["months"][0]["rule"]
    assert str(found) == "84 months of 2 people paid where closed, 120 of 2 people where unknown"


def test_the_columns_are_those_of_the_report_of_one_person(parameters: Parameters, tmp_path: Path):
    many = people(60)
    run(many, tmp_path / "r.parquet", ["current"], columns=["access"], parameters=parameters)
    found = pq.read_table(tmp_path / "r.parquet")
    for i in range(60):
        report = access_report(many, i, parameters)
        assert [report["closed_months"], report["unknown_months"]] == [found[name][i].as_py() for name in COLUMNS]


def test_nothing_else_changes(six: Histories, parameters: Parameters, tmp_path: Path):
    for access in ("report", "off"):
        run(six, tmp_path / f"{access}.parquet", parameters=parameters, access=access)
    assert (tmp_path / "report.parquet").read_bytes() == (tmp_path / "off.parquet").read_bytes()
    run(six, tmp_path / "with.parquet", parameters=parameters, columns=["access"])
    plain = pq.read_table(tmp_path / "off.parquet")
    assert pq.read_table(tmp_path / "with.parquet").drop_columns(COLUMNS).equals(plain)


def test_blocks_do_not_matter(parameters: Parameters, tmp_path: Path):
    many, summaries = people(50), []
    for rows in (7, 50):
        summaries.append(run(many, tmp_path / f"{rows}.parquet", columns=["access"], parameters=parameters, rows=rows))
    assert (tmp_path / "7.parquet").read_bytes() == (tmp_path / "50.parquet").read_bytes()
    first, second = (summary.access.data() for summary in summaries if summary.access is not None)
    assert first == second


def test_closed_is_an_error_on_request(six: Histories, parameters: Parameters, tmp_path: Path):
    with pytest.raises(InputError) as refused:
        run(six, tmp_path / "r.parquet", parameters=parameters, access="error")
    assert [(p.row, p.column, p.value) for p in refused.value.problems] == [
        (3, "records[2].place", "33"),
        (5, "records[2].place", "33"),
    ]
    assert "closed in 2011-07: individuals of other provinces in Zhejiang" in refused.value.problems[0].rule
    assert not list(tmp_path.iterdir())


def test_closed_people_are_left_out_and_listed(parameters: Parameters, tmp_path: Path):
    # the first is broken otherwise, and not looked at
    six = people(6, hukou=[99, 44, 41, 41, 44, 41])
    summary = run(
        six, tmp_path / "r.parquet", columns=["access"], parameters=parameters, errors="report", access="error"
    )
    assert (summary.people, summary.rejected, summary.settled) == (6, 3, 3)
    found = pq.read_table(tmp_path / "r.parquet")
    assert found["person"].to_pylist() == ["P00001", "P00003", "P00005"]
    assert found["access_closed_months"].to_pylist() == [0, 0, 0]
    assert found.schema.metadata[b"pension_access"] == b"error"
    assert summary.access is not None and summary.access.closed_months == 0
    listed = (tmp_path / "r.parquet.rejected.csv").read_text(encoding="utf-8").splitlines()
    assert len(listed) == 4
    assert sum("closed in 2011-07" in line for line in listed) == 2


def test_off_looks_for_nothing(six: Histories, parameters: Parameters):
    assert run(six, None, parameters=parameters, access="off").access is None
    with pytest.raises(InputError, match=r'--columns = access: the columns need access = "report" or "error"'):
        run(six, None, parameters=parameters, access="off", columns=["access"])
    with pytest.raises(InputError, match=r"access = maybe: access is one of report, error, off"):
        run(six, None, parameters=parameters, access="maybe")


def test_thousands_in_threads_are_the_same(parameters: Parameters):
    # more than one block of the threads
    many = people(9000)
    counts = [run(many, None, ["current"], parameters=parameters, threads=n).access for n in (1, 2)]
    assert counts[0] is not None and counts[1] is not None
    assert counts[0].data() == counts[1].data()
    # of each 36 people the pattern of careers, places and types is the same
    assert counts[0].people_closed == np.sum([i % 6 in (2, 4) for i in range(9000)])
