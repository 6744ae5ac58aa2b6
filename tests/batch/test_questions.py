"""Questions about the time after the award in a batch: read, checked, answered as for one person, no effect else."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pension.afterwards import one_person as afterwards
from pension.afterwards.columns import STATUS, fields
from pension.batch import run
from pension.errors import InputError
from pension.histories import Histories, read_parquet, write_parquet
from pension.inputs.case_file import case_of
from pension.inputs.nested_table import COLUMNS
from pension.inputs.opening import Lookups
from pension.parameters import Parameters
from pension.schema import month_serial

INCOME = 33822.0
"""Q = 2,818.50 yuan a month."""
MAN = {"sex": "male", "birth": "1966-03", "hukou": "41", "hukou_type": "rural"}
WORK = [{"place": "44", "start": "2001-01", "end": "2026-07", "base": 6000.0}]
FARM = [{"place": "41", "start": 2011, "end": 2025, "contribution": 500.0}]
PLAN = {"kind": "enterprise", "start": "2018-01", "base": 6000.0, "employer_rate": 0.05, "employee_rate": 0.02}
OCCUPATIONAL = {"kind": "occupational", "start": "2015-01", "base": 6000.0}
Case = dict[str, Any]

CASES: dict[str, Case] = {
    "a pensioner dies": {"person": MAN | {"death": "2030-02", "disposable_income": INCOME}, "employee": WORK},
    "a worker dies": {"person": MAN | {"death": "2022-03", "disposable_income": INCOME}, "employee": WORK},
    "a worker of two years dies": {
        "person": MAN | {"death": "2022-03", "disposable_income": INCOME},
        "employee": [WORK[0] | {"start": "2020-04"}],
        "resident": [FARM[0] | {"start": 2012, "end": 2019}],
    },
    "no income is given": {"person": MAN | {"death": "2022-03"}, "employee": WORK},
    "a resident dies": {"person": MAN | {"death": "2027-03"}, "resident": FARM},
    "disabled, a pension": {"person": MAN | {"disability": "2025-05"}, "employee": WORK},
    "disabled, a limited allowance": {
        "person": MAN | {"birth": "1975-03", "disability": "2025-05"},
        "employee": [WORK[0] | {"start": "2019-01", "end": "2025-05"}],
    },
    "disabled without the employee scheme": {"person": MAN | {"disability": "2025-05"}, "resident": FARM},
    "both pensions": {"person": MAN | {"resident_claim": "2026-04"}, "employee": WORK, "resident": FARM},
    "nothing twice": {"person": MAN | {"resident_claim": "2026-04"}, "resident": FARM},
    "annuities": {
        "person": MAN | {"death": "2024-01", "disposable_income": INCOME},
        "employee": WORK,
        "annuity": [PLAN | {"vesting_years": 4}, OCCUPATIONAL],
    },
    "left after eight years": {
        "person": MAN, "employee": WORK, "annuity": [PLAN | {"start": "2015-01", "end": "2023-01", "vesting_years": 8}]
    },
    "left before": {"person": MAN, "employee": WORK, "annuity": [PLAN | {"end": "2020-12", "vesting_years": 4}]},
    "no right": {"person": MAN | {"death": "2024-01"}},
    "asks nothing": {"person": MAN, "employee": WORK},
}  # fmt: skip
MONTHS = ("resident_claim", "death", "disability")


def nested(cases: list[Case], parameters: Parameters) -> Histories:
    """The nested table of these cases; their identifiers are 1, 2, ..."""
    lookups = Lookups(parameters.tables)
    questions = {*MONTHS, "disposable_income"}
    plain = [
        {key: value for key, value in case.items() if key != "annuity"}
        | {"person": {key: value for key, value in case["person"].items() if key not in questions}}
        for case in cases
    ]
    parts = [
        case_of(case, reference_wage=lookups.reference_wage, statutory_month=lookups.statutory_month).histories
        for case in plain
    ]
    table = pa.concat_tables([part.to_arrow() for part in parts])
    table = table.set_column(0, "person", pa.array(range(1, len(cases) + 1), pa.int64()))
    for name in MONTHS:
        months = [case["person"].get(name) for case in cases]
        table = table.append_column(name, pa.array([m and month_serial(m) for m in months], pa.int32()))
    incomes = [case["person"].get("disposable_income") for case in cases]
    table = table.append_column("disposable_income", pa.array(incomes, pa.float64()))
    plans = [[_plan(row) for row in case.get("annuity", [])] for case in cases]
    return Histories.from_arrow(table.append_column("annuities", pa.array(plans, COLUMNS["annuities"])))


def _plan(row: dict[str, Any]) -> dict[str, Any]:
    end = row.get("end")
    return {
        "start": month_serial(row["start"]),
        "end": end and month_serial(end),
        "kind": 1 if row["kind"] == "enterprise" else 2,
        **{name: row.get(name) for name in ("base", "employer_rate", "employee_rate")},
    }


@pytest.fixture(scope="module")
def answers(parameters: Parameters, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Of each case, its row: through a file, in blocks of four people."""
    home = tmp_path_factory.mktemp("questions")
    write_parquet(home / "in.parquet", nested(list(CASES.values()), parameters), rows=6)
    columns = ["afterwards"]
    run(home / "in.parquet", home / "out.parquet", ["current"], columns=columns, parameters=parameters, rows=4)
    return dict(zip(CASES, pq.read_table(home / "out.parquet").to_pylist(), strict=True))


def one(name: str, parameters: Parameters) -> dict[str, Any]:
    return afterwards.from_case(CASES[name], parameters=parameters)


def test_the_answers_are_those_of_one_person(answers: dict[str, dict[str, Any]], parameters: Parameters) -> None:
    for name in ("a pensioner dies", "a worker dies", "a worker of two years dies", "annuities", "a resident dies"):
        heirs, row = one(name, parameters)["heirs"], answers[name]
        for scheme in ("employee", "resident"):
            part = heirs["accounts"][scheme]
            assert (row[f"inherited_{scheme}"], row[f"inherited_{scheme}_status"]) == (part["amount"], 0)
        for grant, part in heirs["grants"].items():
            column = "death_grants" if grant == "funeral_and_bereavement" else f"{grant}_grant"
            assert (row[column], row[f"{column}_status"]) == (part["amount"], part.get("code", 0))
    heirs = one("annuities", parameters)["heirs"]
    assert answers["annuities"]["inherited_annuities"] == sum(part["amount"] for part in heirs["annuities"])
    for name in ("disabled, a pension", "disabled, a limited allowance"):
        d, row = one(name, parameters)["disability"], answers[name]
        found = [row[f"disability_{key}"] for key in ("monthly", "months", "case", "status")]
        assert found == [d["amount"], d.get("months"), d["case"], 0]
    (first, *_), row = one("both pensions", parameters)["double_benefit"]["by_december"], answers["both pensions"]
    assert row["double_benefit_found"] == month_serial(first["found"]) == month_serial("2026-12")
    assert row["double_benefit_returned"] == first["repayment"]
    assert row["double_benefit_refunded"] == first["balance_without_subsidy"]
    for name in ("annuities", "left after eight years"):
        plans, row = one(name, parameters)["annuities"], answers[name]
        assert row["annuity_monthly"] == sum(plan["payout"]["monthly"] for plan in plans)
        assert row["annuity_balance"] == sum(plan["at_award"]["balance"] for plan in plans)


def test_grants_by_hand(answers: dict[str, dict[str, Any]]) -> None:
    # 2001-01 to 2022-03 are 21 years 3 months: 2 and 9 + 6.25 months of 2,818.50
    row = answers["a worker dies"]
    assert (row["funeral_grant"], row["bereavement_grant"]) == (5637.0, pytest.approx(15.25 * 2818.5, rel=1e-14))
    assert row["death_grants"] == pytest.approx(17.25 * 2818.5, rel=1e-14)
    # two years: one amount, at most the 24 contributions of 8 % of 6,000
    row = answers["a worker of two years dies"]
    assert (row["death_grants"], row["funeral_grant"]) == (pytest.approx(24 * 480.0), None)
    assert STATUS[row["funeral_grant_status"]].startswith("below five credited years")


def test_annuity_by_hand(answers: dict[str, dict[str, Any]], parameters: Parameters) -> None:
    # The account at the return of the scenario over 97 months of 7 % of 6,000, all of it his after eight years; then it
    # rests 42 months to the award, paid over the annuity months at 60 years 4 months.
    table = parameters.files["scenario.employee_book_rate"]
    monthly = (1.0 + table.number(table.scalar())) ** (1 / 12)
    balance = 420.0 * (monthly**97 - 1) / (monthly - 1) * monthly**42
    row = answers["left after eight years"]
    assert row["annuity_balance"] == pytest.approx(balance, rel=1e-12)
    # 139 at 60, 132 at 61: 139 - 4/12 · 7 = 136.67, to a tenth
    assert row["annuity_monthly"] == pytest.approx(balance / 136.7, rel=1e-12)


def test_what_is_undefined_has_its_reason(answers: dict[str, dict[str, Any]]) -> None:
    found = {
        ("no income is given", "funeral_grant"): "urban disposable income",
        ("no income is given", "death_grants"): "urban disposable income",
        ("a resident dies", "funeral_grant"): "the funeral grant of residents is local",
        ("disabled without the employee scheme", "disability"): "the disability allowance belongs to",
        ("nothing twice", "double_benefit"): "no employee pension is awarded",
        ("left before", "annuity"): "the plan was left before the award",
        ("no right", "inherited_employee"): "no employee month and no resident year",
        ("no right", "death_grants"): "no employee month and no resident year",
    }
    for (name, group), reason in found.items():
        row = answers[name]
        assert STATUS[row[f"{group}_status"]].startswith(reason), name
        values = [v for k, v in row.items() if k.startswith(group) and not k.endswith("_status")]
        assert values and set(values) == {None}
    assert answers["a resident dies"]["bereavement_grant"] == 0.0  # there is none in the resident scheme


def test_who_asks_nothing_gets_nulls(answers: dict[str, dict[str, Any]]) -> None:
    names = [field.name for field in fields()]
    assert [answers["asks nothing"][name] for name in names] == [None] * len(names)
    assert answers["both pensions"]["death_grants_status"] is None
    assert list(answers["asks nothing"])[-len(names) :] == names


def test_questions_change_nothing_else_and_are_counted(parameters: Parameters, tmp_path: Path) -> None:
    asking = nested(list(CASES.values()), parameters)
    without = Histories.from_arrow(asking.to_arrow().drop_columns([*MONTHS, "disposable_income", "annuities"]))
    summary = run(asking, tmp_path / "a.parquet", ["current"], parameters=parameters)
    assert summary.unanswered == {"death": 7, "disability": 3, "resident_claim": 2, "annuities": 3}
    assert not run(without, tmp_path / "b.parquet", ["current"], parameters=parameters).unanswered
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()
    answered = run(asking, tmp_path / "c.parquet", ["current"], columns=["afterwards"], parameters=parameters)
    assert not answered.unanswered
    found = pq.read_table(tmp_path / "c.parquet")
    assert found.drop_columns([field.name for field in fields()]).equals(pq.read_table(tmp_path / "b.parquet"))
    assert b'"23":"urban disposable income' in found.schema.metadata[b"pension_status"]
    run(without, tmp_path / "d.parquet", ["current"], columns=["afterwards"], parameters=parameters)
    assert pq.read_table(tmp_path / "d.parquet")["death_grants"].null_count == len(CASES)


IMPOSSIBLE: list[tuple[dict[str, Any], str, str]] = [
    ({"death": "1966-02"}, "death", "a death lies between birth and 120"),
    ({"death": "2086-03"}, "death", "a death lies between birth and 120"),
    ({"death": "2140-01"}, "death", "a year lies between"),
    ({"disability": "2024-12"}, "disability", "the disability allowance exists since 2025-01"),
    ({"disability": "2026-07"}, "disability", "begins before the statutory month 2026-07"),
    ({"disability": "2025-05", "death": "2025-04"}, "disability", "the month lies after the death"),
    ({"resident_claim": "2026-03"}, "resident_claim", "from the month after the 60th birthday's, 2026-03"),
    ({"disposable_income": 2818.5}, "disposable_income", "between 10,000 and 1,000,000 yuan a year"),
    ({"annuity": [OCCUPATIONAL | {"start": "2014-09"}]}, "annuities[1].start", "exist since 2014-10"),
    ({"annuity": [PLAN, PLAN | {"end": "2017-12"}]}, "annuities[2].end", "the end lies before the start"),
    ({"annuity": [PLAN | {"end": "2026-08"}]}, "annuities[1].end", "end with the award 2026-07"),
    ({"annuity": [PLAN | {"start": "1982-02"}]}, "annuities[1].start", "begin at 16 or later"),
    ({"annuity": [PLAN | {"employer_rate": 0.09}]}, "annuities[1].employer_rate", "employers pay at most 8%"),
    ({"annuity": [PLAN | {"employee_rate": None}]}, "annuities[1].employee_rate", "states its rates"),
    ({"annuity": [OCCUPATIONAL | {"employee_rate": 0.05}]}, "annuities[1].employee_rate", "takes 4% here"),
    ({"annuity": [PLAN | {"base": 0.0}]}, "annuities[1].base", "a base is greater than 0"),
]


def test_impossible_questions_reject_their_person_only(parameters: Parameters, tmp_path: Path) -> None:
    cases: list[Case] = [{"person": MAN, "employee": WORK}]
    for asked, _, _ in IMPOSSIBLE:
        person = {key: value for key, value in asked.items() if key != "annuity"}
        cases.append({"person": MAN | person, "employee": WORK, "annuity": asked.get("annuity", [])})
    histories = nested(cases, parameters)
    summary = run(histories, tmp_path / "r.parquet", ["current"], parameters=parameters, errors="report")
    assert (summary.people, summary.settled) == (1 + len(IMPOSSIBLE), 1)
    told: dict[int, list[tuple[str, str]]] = {}
    for problem in summary.problems:
        assert problem.row is not None
        told.setdefault(problem.row, []).append((problem.column, problem.rule))
    for row, (_, column, rule) in enumerate(IMPOSSIBLE, start=2):
        assert any(c == column and rule in text for c, text in told[row]), told[row]
    with pytest.raises(InputError, match="row 2, death = 1966-02: a death lies between birth and 120"):
        run(histories, None, ["current"], parameters=parameters)


PEOPLE = """\
人员编号,性别,出生年月,户籍地,户口性质,死亡年月,病残津贴申领年月,居保待遇领取年月,城镇居民人均可支配收入(元/年)
a1,男,1966-03,河南,农村,2030年2月,,,33822
b2,男,1966-03,河南,农村,,2025-05,2026-04,
"""
RECORDS = """\
人员编号,险种,参保地,开始年月,结束年月,缴费基数
a1,职工,广东,2001-01,2026-07,6000
b2,职工,广东,2001-01,2026-07,6000
"""


def test_long_tables_ask_too(answers: dict[str, dict[str, Any]], parameters: Parameters, tmp_path: Path) -> None:
    people, records = tmp_path / "people.csv", tmp_path / "records.csv"
    people.write_text(PEOPLE, encoding="utf-8")
    records.write_text(RECORDS, encoding="utf-8")
    run((people, records), tmp_path / "r.parquet", ["current"], columns=["afterwards"], parameters=parameters)
    rows = pq.read_table(tmp_path / "r.parquet").to_pylist()
    for name in ("inherited_employee", "death_grants", "disability_monthly"):
        row, case = (rows[1], "disabled, a pension") if name.startswith("dis") else (rows[0], "a pensioner dies")
        assert row[name] == answers[case][name]
    histories = Histories.from_long(people, records)
    write_parquet(tmp_path / "n.parquet", histories)
    assert read_parquet(tmp_path / "n.parquet").questions.equals(histories.questions)
    assert histories.questions["death"].to_pylist() == [month_serial("2030-02"), None]
