"""Dated registrations: temporary accounts, severity group and access go by the registration of the month."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import pension
from pension.batch import run
from pension.checks.access import access_report
from pension.engine import Engine
from pension.histories import Histories, read_parquet, write_parquet
from pension.kernels.registrations import registered_at
from pension.parameters import Parameters
from pension.schema import FLAG_ORDINARY, FLAG_TEMPORARY, month_serial

BIRTH = month_serial("1966-03")
HENAN, HUNAN, ZHEJIANG, GUANGDONG = 41, 43, 33, 44
FLEXIBLE, PLATFORM = 3, 4
Record = tuple[int, int, int, int, float]
"""Year, scheme, form, place, base; all twelve months."""
Moves = Sequence[tuple[str, int]]
"""Month and place of each registration."""
Person = tuple[Sequence[Record], int, Moves]
"""Records, hukou, registrations."""


def people(*persons: Person, claim: int = -1, hukou_type: int = 2) -> Histories:
    """Men born 1966-03."""
    rows = [record for records, _, _ in persons for record in records]
    moves = [(month_serial(text), place) for _, _, dates in persons for text, place in dates]
    columns: dict[str, Any] = {
        "sex": [1] * len(persons),
        "retirement_category": [1] * len(persons),
        "birth": [BIRTH] * len(persons),
        "hukou": [hukou for _, hukou, _ in persons],
        "hukou_type": [hukou_type] * len(persons),
        "offsets": np.cumsum([0] + [len(records) for records, _, _ in persons]),
        "months": [4095] * len(rows),
        "claim": [claim] * len(persons),
        "registration_offsets": np.cumsum([0] + [len(dates) for _, _, dates in persons]),
        "registration_month": np.array([month for month, _ in moves], np.int32),
        "registration_place": np.array([place for _, place in moves], np.int16),
    }
    for k, name in enumerate(("year", "scheme", "form", "place", "base")):
        columns[name] = [row[k] for row in rows]
    return Histories.build(list(range(1, len(persons) + 1)), columns)


def employee(place: int, years: range, form: int = 0) -> list[Record]:
    return [(year, 1, form, place, 6000.0) for year in years]


def settled(engine: Engine, histories: Histories) -> np.ndarray[Any, Any]:
    statutory, earliest, _, _ = engine.award_months(histories.arrays)
    histories.require(statutory, earliest)
    columns = ("status", "route", "monthly", "pw", "claim_place", "employee_months")
    return engine.run(histories.arrays, columns).values


@pytest.fixture(scope="module")
def engine(parameters: Parameters) -> Engine:
    return Engine(parameters, ["current", "fair"])


# Twelve years in Guangdong, then twelve in Zhejiang from 2017, at 50: temporary there, unless he is registered there,
# so the claim place is Guangdong (position 18) or Zhejiang (10).
CAREER = employee(GUANGDONG, range(2005, 2017)) + employee(ZHEJIANG, range(2017, 2029))
CLAIM = month_serial("2029-01")


@pytest.mark.parametrize(
    "before, at_claim, flag",
    [
        (ZHEJIANG, HENAN, FLAG_ORDINARY),  # registered in Zhejiang when he began there
        (HENAN, ZHEJIANG, FLAG_TEMPORARY),  # in Henan then, although in Zhejiang at the claim
        (HUNAN, HENAN, FLAG_TEMPORARY),  # elsewhere both times
    ],
)
def test_a_temporary_account_is_decided_by_the_registration_of_its_first_month(
    engine: Engine, before: int, at_claim: int, flag: int
) -> None:
    moves = [("1966-03", before), ("2017-02", at_claim)]
    found = settled(engine, people((CAREER, at_claim, moves), claim=CLAIM))
    assert found[0, 0, 4] == (10 if flag == FLAG_ORDINARY else 18)
    assert found[0, 0, 5] == 288  # temporary months are moved to the claim place
    # The agency's own decision on those months, without any date, gives the same bits. Guangdong is ordinary anyway:
    # he was 38 when he began there.
    decided = people((CAREER, at_claim, []), claim=CLAIM)
    flags = np.where(decided.arrays.place == ZHEJIANG, flag, 0).astype(np.int16)
    columns = decided.arrays._asdict() | {"flags": flags}
    assert np.array_equal(found, settled(engine, Histories.build([1], columns)), equal_nan=True)
    # And what it decided stands, whatever the dates say.
    other = FLAG_TEMPORARY + FLAG_ORDINARY - flag
    columns = people((CAREER, at_claim, moves), claim=CLAIM).arrays._asdict() | {"flags": np.where(flags, other, 0)}
    assert not np.array_equal(found, settled(engine, Histories.build([1], columns)), equal_nan=True)


def test_a_registration_that_never_changed_is_no_other_than_none(engine: Engine) -> None:
    records = [*employee(ZHEJIANG, range(2010, 2015), PLATFORM), *((y, 2, 3, HENAN, 500.0) for y in range(2015, 2022))]
    without, dated = (
        people((records, HENAN, moves), (CAREER, HENAN, moves), claim=CLAIM) for moves in ([], [("1966-03", HENAN)])
    )
    assert np.array_equal(settled(engine, without), settled(engine, dated), equal_nan=True)
    assert (
        engine.run(without.arrays).stars.tolist() == engine.run(dated.arrays).stars.tolist() == [2, 0]
    )  # 60 elsewhere, 84 at home


def test_the_severity_group_goes_by_the_registration_of_each_month(engine: Engine) -> None:
    flexible = employee(GUANGDONG, range(2000, 2010), FLEXIBLE)
    resident = [(year, 2, FLEXIBLE, HENAN, 500.0) for year in range(2012, 2014)]
    twice = sorted([*flexible, (2004, 0, PLATFORM, -1, float("nan"))])
    found = engine.run(
        people(
            # 60 months at home and 60 elsewhere: ties go to more stars
            (flexible, HENAN, [("1966-03", GUANGDONG), ("2005-01", HENAN)]),
            # 61 and 59
            (flexible, HENAN, [("1966-03", GUANGDONG), ("2005-02", HENAN)]),
            # twice in a year: January to March 2005 and from October 2005 on elsewhere, 60 + 6 at home
            (flexible, HENAN, [("1966-03", GUANGDONG), ("2005-01", HUNAN), ("2005-04", GUANGDONG), ("2005-10", HENAN)]),
            # 48 at home, 72 elsewhere; 24 resident months in Henan are at home by then: 72 and 72
            (flexible + resident, HENAN, [("1966-03", GUANGDONG), ("2004-01", HENAN)]),
            # with work nowhere stated in 2004 that year is at home and elsewhere: 48 + 12 and 72
            (twice, HENAN, [("1966-03", GUANGDONG), ("2004-01", HENAN)]),
            (employee(GUANGDONG, range(2000, 2010)), HENAN, [("1966-03", GUANGDONG), ("2005-01", HENAN)]),
        ).arrays
    )
    assert found.stars.tolist() == [4, 2, 2, 4, 4, 0]


# Platform work in Zhejiang 2010 to 2014, then resident years in Henan. Zhejiang took people of other provinces from
# 2021-12; nobody knows what held before 2011-07 (18 months).
PLATFORM_YEARS = employee(ZHEJIANG, range(2010, 2015), PLATFORM)
RESIDENT_YEARS = [(year, 2, FLEXIBLE, HENAN, 500.0) for year in range(2015, 2017)]
MOVED = (PLATFORM_YEARS + RESIDENT_YEARS, HENAN, [("1966-03", ZHEJIANG), ("2012-07", HUNAN), ("2015-12", HENAN)])


def test_access_goes_by_the_registration_of_each_month(parameters: Parameters, tmp_path: Path) -> None:
    # At home to 2012-06, then 30 months of an outsider. The resident year 2015 goes by its December: at home in Henan.
    histories = people(MOVED, (*MOVED[:2], []), hukou_type=1)
    run(histories, tmp_path / "r.parquet", ["current"], columns=["access"], parameters=parameters)
    found = pq.read_table(tmp_path / "r.parquet")
    assert found["access_closed_months"].to_pylist() == [30, 42]
    assert found["access_unknown_months"].to_pylist() == [18, 18]
    rows = [
        (row["from"], row["to"], row["state"], row["rule"].split(":")[0])
        for row in access_report(histories, 0, parameters)["months"]
    ]
    assert rows == [
        ("2010-01", "2011-06", "unknown", "individuals at their registered residence"),
        ("2012-07", "2014-12", "closed", "individuals of other provinces in Zhejiang"),
    ]


def test_the_summary_of_access_tells_the_rule_of_each_month(parameters: Parameters) -> None:
    """In 2011 he is an insider and an outsider: one record, two rules."""
    moves = [("1966-03", ZHEJIANG), ("2011-04", HENAN)]
    summary = run(people((PLATFORM_YEARS, HENAN, moves)), None, ["current"], parameters=parameters).access
    assert summary is not None
    rows = [(r["from"], r["to"], r["state"], r["count"], r["rule"].split(":")[0]) for r in summary.data()["months"]]
    assert rows == [
        ("2010-01", "2011-03", "unknown", 15, "individuals at their registered residence"),
        ("2011-07", "2014-12", "closed", 42, "individuals of other provinces in Zhejiang"),
        ("2011-04", "2011-06", "unknown", 3, "individuals of other provinces in Zhejiang"),
    ]


def test_the_registration_of_a_month() -> None:
    arrays = people(([], HENAN, [("1966-03", GUANGDONG), ("2005-01", HENAN)]), ([], 4101, [("1980-01", 4101)])).arrays
    found = [
        getattr(registered_at, "py_func", registered_at)(arrays, person, month_serial(month))
        for person, month in ((0, "2004-12"), (0, "2005-01"), (0, "1960-01"), (1, "1979-12"), (1, "2020-01"))
    ]
    assert found == [GUANGDONG, HENAN, GUANGDONG, 4101, 4101]


CASE = """
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"
claim = "2026-07"
[[employee]]
place = "44"
start = "2005-01"
end = "2016-12"
base = 6000
[[employee]]
place = "33"
start = "2017-01"
end = "2026-07"
base = 6000
form = "platform"
[[hukou_since]]
month = "1966-03"
place = "33"
[[hukou_since]]
month = "2017-02"
place = "41"
"""


def test_a_case_and_its_nested_file_are_one(parameters: Parameters, tmp_path: Path) -> None:
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    write_parquet(tmp_path / "case.parquet", pension.read_case(tmp_path / "case.toml", parameters))
    run(tmp_path / "case.parquet", tmp_path / "r.parquet", ["current"], columns=["access"], parameters=parameters)
    (row,) = pq.read_table(tmp_path / "r.parquet").to_pylist()
    said = pension.explain(tmp_path / "case.toml", ["current"], parameters=parameters)
    regime = said.data["regimes"]["current"]
    assert (row["monthly_current"], row["pw_current"]) == (regime["monthly"], regime["present_value"])
    assert row["stars"] == 4  # 1 month at home, 114 elsewhere
    report = access_report(read_parquet(tmp_path / "case.parquet"), 0, parameters)
    assert row["access_closed_months"] == report["closed_months"] == 58  # 2017-02 to 2021-11
