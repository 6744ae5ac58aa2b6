"""``pension flows`` as a shell sees it: the page, the JSON, the tables."""

import json
from pathlib import Path

import pandas as pd
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
place = "44"
start = "1998-01"
end = "2007-06"
index = 0.8
[[employee]]
place = "41"
start = "2007-07"
index = 0.8
"""


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "case.toml").write_text(CASE)
    return tmp_path / "case.toml"


def test_a_page_about_one_person(call: Call, case: Path) -> None:
    code, out, err = call("flows", case, "-r", "current", "-r", "segmented")
    assert code == 0, err
    assert "Flows between provinces: 1 people" in out
    assert "Guangdong -> Henan" in out
    assert "neutral transfer rate" in out
    assert "segmented instead of current" in out
    assert "A research estimate, no official determination." in out


def test_json_and_tables(call: Call, case: Path, tmp_path: Path) -> None:
    code, out, err = call("flows", case, "-r", "current", "--json", "-o", tmp_path / "tables")
    assert code == 0, err
    assert "tables" in err
    data = json.loads(out)
    (row,) = data["corridors"]
    assert (row["from"], row["to"], row["months"]) == (44, 41, 114)
    assert row["origin_gain"] == pytest.approx(row["destination_burden"] + row["member_loss"], rel=1e-9)
    assert data["neutral_rate"]["current"] == pytest.approx(row["liability_destination"] / row["bases"])
    matrix = pd.read_csv(tmp_path / "tables" / "current_pooled.csv", index_col="from")
    assert matrix.shape == (33, 33)
    assert matrix.loc[44, "41"] == pytest.approx(row["pooled"])
    assert set(pd.read_csv(tmp_path / "tables" / "payers.csv")["rule"]) == {"claim", "accrual", "years", "national"}


def test_a_file_of_people_and_bad_input(call: Call, tmp_path: Path) -> None:
    write_parquet(tmp_path / "people.parquet", people(60))
    code, out, err = call("flows", tmp_path / "people.parquet")
    assert code == 0, err
    assert "10 for whom one of the regimes is undefined" in out  # every sixth has no record
    (tmp_path / "file").write_text("")
    assert call("flows", tmp_path / "people.parquet", "-o", tmp_path / "file").code == 2
    assert call("flows", tmp_path / "nowhere.parquet").code == 2
