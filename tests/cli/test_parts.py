"""``pension run`` into a directory: interrupted, taken up, refused; what is printed and logged."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from batch.people import people
from cli.conftest import Call, Outcome

from pension import cli
from pension.histories import write_parquet
from pension.inputs import history_files


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Sixty people, three of them broken."""
    write_parquet(tmp_path / "people.parquet", people(60, hukou=[99 if i in (9, 33, 34) else 41 for i in range(60)]))
    return tmp_path / "people.parquet"


def test_the_command_goes_on(call: Call, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = ["run", source, "-o", tmp_path / "out", "--part-people", 7, "--by", "stars", "--errors", "report"]
    original, log = os.replace, tmp_path / "log.jsonl"

    def interrupt(old: Any, new: Any) -> None:
        if Path(new).name == "part-000002.parquet":
            raise KeyboardInterrupt
        original(old, new)

    monkeypatch.setattr(history_files.os, "replace", interrupt)
    stopped: Outcome = call(*command, "--log", log)
    assert stopped.code == cli.INTERRUPTED
    assert "of 9 parts are done and kept" in stopped.err and "the same command goes on" in stopped.err
    monkeypatch.undo()
    code, out, err = call(*command, "--log", log, "--quality", tmp_path / "quality.json")
    assert code == 3, err
    assert "3 of 60 people break a rule" in out and "bases under the floor" in out
    assert out.index("input") < out.index("people")
    assert "stars" in out and "_aggregates.csv" in out
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert {"time", "batch", "part", "people", "records", "rejected", "seconds", "rss"} == set(lines[0])
    assert set(lines[0]["seconds"]) == {"read", "check", "settle", "aggregate", "write"}
    assert {line["part"] for line in lines} == set(range(9))
    quality = json.loads((tmp_path / "quality.json").read_text(encoding="utf-8"))
    assert quality["people"] == 57 and quality["counts"]["people_without_records"]["count"] == 10
    code, _, err = call(*command, "-r", "fair")
    assert code == 2 and "the parts there were made with" in err


def test_aggregates_only(call: Call, source: Path, tmp_path: Path) -> None:
    options = ["--aggregate-only", "--by", "hukou_type,route", "--errors", "report", "--limits", "off"]
    code, out, err = call("run", source, "-o", tmp_path / "a.csv", *options)
    assert code == 3, err
    assert "hukou_type" in out and "losing" in out and "bases under the floor" not in out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.csv.rejected.csv", "people.parquet"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "r.parquet", "--by", "nonsense"], "unknown group"),
        (["-o", "r.parquet", "--limits", "maybe"], "limits is one of"),
        (["-o", "r.arrow", "--aggregate-only"], "ends with one of .csv"),
        (["-o", "out", "--part-format", "csv"], "one of parquet, arrow"),
        (["-o", "r.parquet", "--scheduler", "tcp://127.0.0.1:1"], "give a directory"),
        (["-o", "r.parquet", "--quality", "missing/q.json"], "--quality"),
        (["-o", "r.parquet", "--log", "missing/log"], "the log cannot be written"),
    ],
)
def test_bad_options(
    call: Call, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    code, _, err = call("run", source, *options)
    assert code == 2
    assert message in err and "Traceback" not in err
    assert list(tmp_path.iterdir()) == [source]


def test_synth_in_parts(call: Call, tmp_path: Path) -> None:
    code, _, err = call("synth", "-o", tmp_path / "in", "--persons", 90, "--part-people", 40)
    assert code == 0, err
    assert len(list((tmp_path / "in").glob("part-*.parquet"))) == 3
    code, out, err = call("run", tmp_path / "in", "-o", tmp_path / "out", "--part-people", 50)
    assert code == 0, err
    assert "90 with" in out
