"""The table of conventions: bases of survivors, overlays, and rows that make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest

from pension import schema
from pension.award_forms.conventions import conventions_of
from pension.parameters import ParameterError, Parameters, load

JUNE_2025 = schema.month_serial("2025-06")


def laid(tmp_path: Path, text: str) -> Parameters:
    path = tmp_path / "overlay" / "provinces" / "award_conventions.csv"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return load(tmp_path / "overlay")


@pytest.mark.parametrize(
    ("place", "bereavement", "funeral"),
    [
        (13, "2819", "2819"),  # whole yuan
        (42, "2819", "2819"),
        (51, "2818.54", "2818.5"),  # the funeral grant on a tenth
        (44, "2818.54", "2818.54"),
        (35, "2818.54", "2818.54"),
        (37, "2818.54", "2818.54"),
    ],
)
def test_the_survivor_base(place: int, bereavement: str, funeral: str) -> None:
    rules = conventions_of(load(), place, JUNE_2025)
    assert str(rules.survivor_base(33822.48 / 12)) == bereavement  # 33,822.48 a year: 2818.54 a month
    assert str(rules.funeral_base(33822.48 / 12)) == funeral


def test_every_row_has_a_place_a_status_and_a_source() -> None:
    table = load().files["award_conventions"]
    assert len(table.rows) > 60
    for row in table:
        assert row.status in ("secondary", "assumption")
        assert row.source


def test_a_dated_row_holds_from_its_month(tmp_path: Path) -> None:
    parameters = laid(tmp_path, "place,convention,from,mode,quantum\n31,component,2026-01,half_up,0.01\n")
    before, after = (conventions_of(parameters, 31, schema.month_serial(t)) for t in ("2025-12", "2026-01"))
    assert str(before.component(1.11)) == "1.2"
    assert str(after.component(1.11)) == "1.11"
    assert after.component.source == "overlay"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("45,colour,,exact,,", "convention 'colour' is none of"),
        ("45,component,,nearest,0.1,", "mode 'nearest' is none of"),
        ("45,component,,exact,0.1,", "do not fit"),
        ("45,component,,up,,", "do not fit"),
        ("45,component,,up,0.05,", "no power of ten"),
        ("45,years,,month_rate,,", "month_rate has a positive value"),
        ("44,flat_base_index_floor,,floor,,-1", "floor has a positive value"),
        ("45,sum_of,,exact,,2", "exact has no value"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(tmp_path: Path, row: str, message: str) -> None:
    parameters = laid(tmp_path, f"place,convention,from,mode,quantum,value\n{row}\n")
    with pytest.raises(ParameterError, match=message):
        conventions_of(parameters, 45, JUNE_2025)
