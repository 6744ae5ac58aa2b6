"""The average index as forms reckon it, by hand. Employee rulebook E3.3, E11."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pension.award_forms.index import IndexSpan, form_index

SPANS = (
    IndexSpan("2022-07", "2022-12", 0.8),  # 6 months: 4.8
    IndexSpan("2023-01", "2023-12", 1.0),  # 12: 12
    IndexSpan("2026-01", "2026-03", 1.2),  # 3: 3.6
)
"""20.4 over 21 months, two calendar years without any between, award in the last year."""


@pytest.mark.parametrize(
    ("place", "denominator", "months", "total"),
    [
        (43, "contributed_months", 21, 20.4),
        (51, "calendar_years", 36, 20.4),
        (21, "calendar_years", 36, 20.4),
        (34, "calendar_years_before_award", 24, 16.8),  # neither the months nor the year of the award
        (23, "unpaid_years_at", 45, 20.4 + 24 * 0.6),  # 2024 and 2025 at 0.6
    ],
)
def test_denominators(place: int, denominator: str, months: int, total: float) -> None:
    found = form_index(place, SPANS, award="2026-05")
    assert (found.denominator, found.months) == (denominator, months)
    assert float(found.value) == pytest.approx(total / months, abs=5e-5 if place == 34 else 1e-8)
    assert found.exact == pytest.approx(20.4 / 21)
    assert found.source and found.status == "secondary"


def test_decimals_where_they_are_known() -> None:
    assert form_index(45, SPANS, award="2026-05").value == Decimal("0.9714")  # 20.4/21 = 0.971428..
    assert form_index(43, SPANS, award="2026-05").value == Decimal("0.97142857")


def test_a_career_of_the_award_year_alone_keeps_it() -> None:
    found = form_index(34, [IndexSpan("2026-01", "2026-03", 1.2)], award="2026-05")
    assert found.months == 12 and float(found.value) == 0.3  # 3.6/12


@pytest.mark.parametrize(
    ("place", "first", "last", "index", "counted"),
    [
        (13, "1993-01", "1993-12", 0.9, 1.2),
        (13, "1995-01", "1995-12", 1.3, 1.3),
        (13, "1996-01", "1996-12", 0.9, 0.9),
        (31, "2010-01", "2010-12", 0.7, 1.0),
        (31, "2011-01", "2011-12", 0.7, 0.7),
        (50, "1995-01", "1995-12", 2.5, 2.0),
        (50, "1996-01", "1996-12", 2.5, 2.5),
        (45, "1996-01", "1996-06", 0.8, 1.0),
        (45, "1996-07", "1996-12", 0.8, 0.8),
    ],
)
def test_bounds_of_early_years(place: int, first: str, last: str, index: float, counted: float) -> None:
    found = form_index(place, [IndexSpan(first, last, index)], award="2026-05")
    assert float(found.value) == pytest.approx(counted)
    assert found.exact == pytest.approx(index)
    assert bool(found.remarks) == (counted != index)


@pytest.mark.parametrize(
    ("place", "spans", "award", "message"),
    [
        ("Atlantis", SPANS, "2026-05", "unknown place"),
        (45, SPANS, "soon", "not a month"),
        (45, (), "2026-05", "at least one span"),
        (45, [IndexSpan("2022-07", "2023-06", 1.0)], "2026-05", "one calendar year"),
        (45, [IndexSpan("2022-07", "2022-06", 1.0)], "2026-05", "one calendar year"),
        (45, [IndexSpan("2022-7", "2022-08", 1.0)], "2026-05", r"spans\[0\]"),
        (45, [IndexSpan("2026-01", "2026-06", 1.0)], "2026-05", "after the award"),
        (45, [IndexSpan("2022-01", "2022-06", 0.0)], "2026-05", "positive"),
        (45, [*SPANS, IndexSpan("2023-12", "2023-12", 1.0)], "2026-05", r"spans\[3\].*two spans"),
        (45, [IndexSpan("1996-01", "1996-12", 0.8)], "2026-05", "split the span"),
    ],
)
def test_wrong_spans_are_refused(place: Any, spans: Any, award: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        form_index(place, spans, award=award)
