"""``pension run``, ``synth`` and ``demo`` as a shell sees them: exit codes, messages, files."""

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch.people import people
from cli.conftest import Call
from rich.console import Console

from pension import report
from pension.histories import write_ipc, write_parquet
from pension.runs import group_losses


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    write_parquet(tmp_path / "people.parquet", people(60))
    return tmp_path / "people.parquet"


def test_a_run(call: Call, nested: Path, tmp_path: Path):
    code, out, err = call("run", nested, "-o", tmp_path / "r.parquet")
    assert code == 0, err
    assert pq.read_metadata(tmp_path / "r.parquet").num_rows == 60
    assert "60 with" in out
    assert "current → fair" in out
    assert "10 undefined under current, fair" in out  # every sixth has no record
    assert "values used" in out
    assert "no official determination" in out


def test_regimes_columns_and_threads(call: Call, nested: Path, tmp_path: Path):
    options = ["-r", "current", "-r", "segmented", "--columns", "basic,L2", "--columns", "account", "--threads", 1]
    code, _, err = call("run", nested, "-o", tmp_path / "r.arrow", *options)
    assert code == 0, err
    names = pa.ipc.open_file(tmp_path / "r.arrow").schema.names
    assert {"basic_segmented", "account_current", "l2_current__segmented"} <= set(names)


def test_a_regime_of_the_analyst(call: Call, nested: Path, tmp_path: Path):
    (tmp_path / "mine.toml").write_text('name = "[/bold]"\ntitle = "[red]mine"\n[choices]\nvesting = "never"\n')
    code, out, err = call("run", nested, "-o", tmp_path / "r.parquet", "-r", "current", "-r", tmp_path / "mine.toml")
    assert code == 0, err
    assert "current → [/bold]" in out
    assert "loss_current__[/bold]" in pq.read_schema(tmp_path / "r.parquet").names
    assert "[red]mine" in call("regimes", tmp_path / "mine.toml").out


def test_long_tables(call: Call, tmp_path: Path):
    (tmp_path / "people.csv").write_text("person,sex,birth,hukou,hukou_type\nA,male,1966-03,41,rural\n")
    (tmp_path / "records.csv").write_text("person,scheme,place,start,end,index\nA,employee,44,1998-01,2015-12,0.8\n")
    code, _, err = call(
        "run", tmp_path / "people.csv", "--records", tmp_path / "records.csv", "-o", tmp_path / "r.parquet"
    )
    assert code == 0, err
    assert pq.read_table(tmp_path / "r.parquet")["person"].to_pylist() == ["A"]


def test_rejected_people_give_code_3(call: Call, tmp_path: Path):
    write_parquet(tmp_path / "people.parquet", people(60, hukou=[99 if i < 25 else 41 for i in range(60)]))
    code, out, err = call("run", tmp_path / "people.parquet", "-o", tmp_path / "r.parquet", "--errors", "report")
    assert code == 3
    assert pq.read_metadata(tmp_path / "r.parquet").num_rows == 35
    assert "25 of 60 people break a rule" in out
    assert err.count("unknown place") == 20
    assert "and 5 more" in err and "25 of 60 people left out" in err
    assert len((tmp_path / "r.parquet.rejected.csv").read_text().splitlines()) == 26


CHINESE = """\
个人编号,性别,出生年月,户籍地,户口性质,险种,参保地,开始年月,结束年月,缴费基数
440301196603071234,男,1966年3月,河南,农村,企业职工,广东,199801,201512,3000
330301196603075678,男,1966年3月,河南,农村,企业职工,广东,199801,201512,三千
"""


def test_encoding_and_delimiter_are_printed(call: Call, tmp_path: Path):
    path = tmp_path / "rows.csv"
    path.write_bytes(CHINESE.replace("三千", "3000").replace(",", ";").encode("gbk"))
    code, out, err = call("run", path, "-o", tmp_path / "r.parquet")
    assert code == 0, err
    assert f"read        {path}: CSV, GB18030, semicolon\n" in out


def test_rows_of_long_tables_are_rejected_with_hashed_identifiers(call: Call, tmp_path: Path):
    path, key = tmp_path / "rows.csv", tmp_path / "key"
    path.write_text(CHINESE, encoding="utf-8")
    key.write_bytes(b"0123456789abcdef")
    code, out, err = call("run", path, "-o", tmp_path / "r.parquet", "--errors", "report", "--hash-ids", key)
    assert code == 3
    assert "1 of 2 people break a rule" in out
    assert f"{path}, row 3, 缴费基数 = 三千: is not a number" in err
    assert f"1 of 2 people left out; all in {tmp_path / 'r.parquet.rejected.csv'}" in err
    (person,) = pq.read_table(tmp_path / "r.parquet")["person"].to_pylist()
    assert len(person) == 32 and not set(person) - set("0123456789abcdef")
    assert "1234" not in out + err and "0123456789abcdef" not in out + err


def test_a_row_of_nobody_is_listed_and_gives_code_3(call: Call, tmp_path: Path):
    (tmp_path / "people.csv").write_text("person,sex,birth,hukou,hukou_type\nA,male,1966-03,41,rural\n")
    spell = "employee,44,1998-01,2015-12,3000"
    (tmp_path / "records.csv").write_text(f"person,scheme,place,start,end,base\nA,{spell}\nB,{spell}\n")
    options = ["--records", tmp_path / "records.csv", "-o", tmp_path / "r.parquet", "--errors", "report"]
    code, _, err = call("run", tmp_path / "people.csv", *options)
    assert code == 3
    assert "row 3, person = B: not among the people" in err and "0 of 1 people left out" in err
    assert pq.read_table(tmp_path / "r.parquet")["person"].to_pylist() == ["A"]


def damaged(tmp_path: Path, kind: str) -> Path:
    path = tmp_path / "people.parquet"
    if kind == "nothing":
        return path
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("person,sex\n1,1\n")
    elif kind == "truncated":
        write_parquet(path, people(30))
        path.write_bytes(path.read_bytes()[:-500])
    elif kind == "truncated_ipc":
        path = tmp_path / "people.arrow"
        write_ipc(path, people(30))
        path.write_bytes(path.read_bytes()[:-700])
    elif kind == "other_table":
        pq.write_table(pa.table({"a": [1]}), path)
    elif kind == "no_version":
        pq.write_table(people(6).to_arrow().replace_schema_metadata(), path)
    elif kind == "twice":
        table = people(6).to_arrow()
        pq.write_table(pa.concat_tables([table, table]), path)
    elif kind == "province":
        write_parquet(path, people(6, hukou=[41, 41, 99, 41, 41, 41]))
    elif kind == "base":
        histories = people(6)
        write_parquet(path, people(6, base=[-1.0] * histories.n_records))
    elif kind == "wrong_type":
        table = people(6).to_arrow()
        table = table.set_column(table.column_names.index("birth"), "birth", pa.array(["1966-03"] * 6))
        pq.write_table(table, path)
    elif kind == "directory":
        path.mkdir()
    return path


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("nothing", "does not exist"),
        ("empty", "truncated, damaged or no Parquet file"),
        ("text", "truncated, damaged or no Parquet file"),
        ("truncated", "truncated, damaged or no Parquet file"),
        ("truncated_ipc", "truncated, damaged or no Arrow IPC file"),
        ("other_table", "no schema version"),
        ("no_version", "no schema version"),
        ("twice", "the identifier is there twice"),
        ("province", "row 3, hukou = 99: unknown place"),
        ("base", "base"),
        ("wrong_type", "birth"),
        ("directory", "holds no nested table"),
    ],
)
def test_bad_input_names_file_and_rule(call: Call, tmp_path: Path, kind: str, message: str):
    path = damaged(tmp_path, kind)
    before = sorted(tmp_path.iterdir())
    code, out, err = call("run", path, "-o", tmp_path / "r.parquet")
    assert code == 2
    assert path.name in err
    assert message in err
    assert "Traceback" not in err
    assert out == ""
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "missing/r.parquet"], "directory does not exist"),
        (["-o", "r.xlsx"], "ends with one of"),
        (["-o", "r.parquet", "-r", "nonsense"], "unknown regime 'nonsense'"),
        (["-o", "r.parquet", "-r", "fair", "-r", "fair"], "named twice"),
        (["-o", "r.parquet", "-r", "missing.toml"], "missing.toml"),
        (["-o", "r.parquet", "--columns", "nonsense"], "unknown column"),
        (["-o", "r.parquet", "--errors", "ignore"], "report"),
        (["-o", "r.parquet", "--scenario", "nonsense"], "nonsense"),
        (["-o", "r.parquet", "--threads", "-1"], "--threads"),
        (["-o", "r.parquet", "--hash-ids", "nowhere"], "the key file does not exist"),
    ],
)
def test_bad_options(
    call: Call, nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
):
    monkeypatch.chdir(tmp_path)
    code, _, err = call("run", nested, *options)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == [nested]


def test_a_defect_is_no_bad_input(call: Call, nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a defect")

    monkeypatch.setattr("pension.batch.run", broken)
    with pytest.raises(ZeroDivisionError):
        call("run", nested, "-o", tmp_path / "r.parquet")


def test_an_interrupt_gives_130(call: Call, nested: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("pension.batch.run", interrupt)
    assert call("run", nested, "-o", tmp_path / "r.parquet").code == 130


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_a_synthetic_population_can_be_settled(call: Call, tmp_path: Path, suffix: str):
    for name in ("a", "b"):
        assert call("synth", "-o", tmp_path / f"{name}{suffix}", "--persons", 500, "--seed", 3).code == 0
    assert (tmp_path / f"a{suffix}").read_bytes() == (tmp_path / f"b{suffix}").read_bytes()
    code, _, err = call("run", tmp_path / f"a{suffix}", "-o", tmp_path / "r.parquet")
    assert code == 0, err
    assert pq.read_metadata(tmp_path / "r.parquet").num_rows == 500


def test_synth_refuses_an_unknown_cohort(call: Call, tmp_path: Path):
    code, _, err = call("synth", "-o", tmp_path / "a.parquet", "--cohort", "nonsense")
    assert code == 2
    assert "calibrated, benchmark" in err
    assert list(tmp_path.iterdir()) == []


def test_the_demo_is_the_run_of_its_population(call: Call, tmp_path: Path):
    code, out, err = call("demo", "--persons", 700, "--seed", 5, "--out", tmp_path / "demo")
    assert code == 0, err
    assert "synthetic, 700 people, seed 5" in out
    assert "reference" in out
    for group in (*group_losses.STARS, *group_losses.FORMS):
        assert group in out
    for word in ("estimated", "unconfirmed", "projected", "no official determination", "yuan of"):
        assert word in out
    assert max(map(len, out.splitlines())) <= 100
    assert "\x1b" not in out
    call("synth", "-o", tmp_path / "people.parquet", "--persons", 700, "--seed", 5)
    call("run", tmp_path / "people.parquet", "-o", tmp_path / "r.parquet", "--columns", "causes")
    demo, settled = pq.read_table(tmp_path / "demo" / "results.parquet"), pq.read_table(tmp_path / "r.parquet")
    assert demo.equals(settled)
    assert (tmp_path / "demo" / "report.txt").read_text(encoding="utf-8").splitlines()[0] in out


def test_the_demo_looks_the_same_on_a_terminal():
    found = report.demo(300, 1)
    console = Console(file=io.StringIO(), width=100, force_terminal=True, color_system="truecolor")
    found.print(console)
    coloured = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[1m" in coloured
    plain = Console(file=io.StringIO(), width=100)
    found.print(plain)
    text = plain.file.getvalue()  # type: ignore[attr-defined]
    assert "\n".join(line.rstrip() for line in text.splitlines()) + "\n" == str(found)
