"""``--access`` of ``pension run`` and ``pension case``."""

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from batch.people import people
from cli.conftest import Call

from pension.histories import write_parquet

CASE = """
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"
[[employee]]
place = "41"
start = "2000-01"
end   = "2023-12"
index = 0.8
[[employee]]
place = "11"
start = "2024-10"
index = 0.7
form  = "platform"
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    return tmp_path / "case.toml"


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    write_parquet(tmp_path / "people.parquet", people(6))
    return tmp_path / "people.parquet"


def test_a_case_lists_closed_and_unknown_months(call: Call, case: Path):
    code, out, err = call("case", case, "-r", "current", "--json")
    assert code == 0, err
    found = json.loads(out)["access"]
    # 2024-10 to 2025-02 closed, then unknown to the award in 2026-07 (60 and four months)
    assert (found["closed_months"], found["unknown_months"]) == (5, 17)
    assert [(row["from"], row["to"], row["state"]) for row in found["months"]] == [
        ("2024-10", "2025-02", "closed"),
        ("2025-03", "2026-07", "unknown"),
    ]
    code, out, _ = call("case", case, "-r", "current")
    assert code == 0
    assert "5 months closed, 17 unknown" in out


def test_a_case_refused_or_not_looked_at(call: Call, case: Path):
    code, out, err = call("case", case, "-r", "current", "--access", "error")
    assert (code, out) == (2, "")
    assert "case.toml, line 12, employee[2].place = 11: closed in 2024-10: individuals of other provinces" in err
    code, out, _ = call("case", case, "-r", "current", "--json", "--access", "off")
    assert code == 0
    assert "access" not in json.loads(out)
    assert call("case", case, "--access", "perhaps").code == 2


def test_a_run_counts_refuses_or_does_not_look(call: Call, nested: Path, tmp_path: Path):
    out_file = tmp_path / "r.parquet"
    code, out, err = call("run", nested, "-o", out_file, "-r", "current", "--columns", "access")
    assert code == 0, err
    assert "84 months of 2 people paid where closed" in out
    assert pq.read_table(out_file)["access_closed_months"].to_pylist() == [0, 0, 42, 0, 42, 0]
    code, out, err = call("run", nested, "-o", out_file, "-r", "current", "--access", "off")
    assert code == 0, err
    assert "paid where closed" not in out
    code, _, err = call("run", nested, "-o", out_file, "-r", "current", "--access", "error")
    assert code == 2
    assert "row 3, records[2].place = 33: closed in 2011-07" in err
    code, _, err = call("run", nested, "-o", out_file, "--access", "error", "--errors", "report")
    assert code == 3
    assert pq.read_metadata(out_file).num_rows == 4
