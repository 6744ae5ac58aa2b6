"""A valid person to start from, and months as they are written on paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pension.histories import Histories
from pension.inputs.nested_table import COLUMNS

NAN = float("nan")


def month(text: str) -> int:
    """12 * year + month - 1."""
    return 12 * int(text[:4]) + int(text[5:]) - 1


PERSON = {
    "sex": 1,
    "retirement_category": 1,
    "birth": month("1966-03"),
    "hukou": 41,
    "hukou_type": 2,
    "claim": -1,
    "resident_start": -1,
    "weight": 1.0,
}
EMPLOYED = {
    "year": 2000,
    "months": 4095,
    "scheme": 1,
    "form": 0,
    "place": 44,
    "work_place": -1,
    "base": 1000.0,
    "income": NAN,
    "payer_share": NAN,
    "flags": 0,
}
RESIDENT = EMPLOYED | {"year": 2012, "scheme": 2, "form": 3, "place": 41, "base": 500.0}
UNINSURED = EMPLOYED | {"scheme": 0, "form": 4, "place": -1, "work_place": 33, "base": NAN}
STATUTORY = month("2026-07")
"""A man born 1966-03: 14 months after 1965-01, 14 // 4 + 1 = 4 months of delay after 60."""
EARLIEST = month("2026-03")
"""His original age, 60."""


def build(
    people: list[tuple[dict[str, Any], list[dict[str, Any]]]], identifiers: Any = None, **options: Any
) -> Histories:
    """Histories of (person, records) written as changes of nothing: full dictionaries; ``hukou_since`` of a person is a
    list of (month, place)."""
    columns: dict[str, Any] = {name: [person[name] for person, _ in people] for name in PERSON}
    rows = [record for _, records in people for record in records]
    columns |= {name: np.array([row[name] for row in rows], float) for name in EMPLOYED}
    columns["offsets"] = np.cumsum([0] + [len(records) for _, records in people])
    dated = [person.get("hukou_since", []) for person, _ in people]
    pairs = np.array([pair for dates in dated for pair in dates], np.int64).reshape(-1, 2)
    columns["registration_offsets"] = np.cumsum([0] + [len(dates) for dates in dated])
    columns |= {"registration_month": pairs[:, 0], "registration_place": pairs[:, 1]}
    ids = list(range(1, len(people) + 1)) if identifiers is None else identifiers
    return Histories.build(ids, columns, **options)


@pytest.fixture
def three() -> Histories:
    """Three people: two records, none, three records; text identifiers and two x_ columns; the first and the last
    registered elsewhere before, with questions about the time after the award."""
    woman = PERSON | {"sex": 2, "retirement_category": 3, "birth": month("1975-06"), "claim": month("2026-01")}
    birth = PERSON["birth"]
    people = [
        (PERSON | {"hukou_since": [(birth, 44), (month("2011-05"), 41)]}, [EMPLOYED, RESIDENT]),
        (woman | {"weight": 2.5, "resident_start": month("2010-07")}, []),
        (
            PERSON | {"hukou_since": [(birth, 41)]},
            [UNINSURED, EMPLOYED | {"payer_share": 0.5}, RESIDENT | {"flags": 16, "payer_share": 20.0}],
        ),
    ]
    extra = pa.table({"x_group": ["a", None, "c"], "x_score": [1.5, 2.5, None]})
    plan = {"start": month("2018-01"), "end": None, "kind": 1, "base": 5000.0}
    plans = [
        plan | {"employer_rate": 0.05, "employee_rate": 0.02},
        plan | {"employer_rate": 0.0, "employee_rate": 0.04},
    ]
    questions = pa.table(
        {
            "resident_claim": pa.array([None, month("2035-07"), None], pa.int32()),
            "death": pa.array([month("2030-02"), None, None], pa.int32()),
            "disposable_income": [33822.0, None, None],
            "annuities": pa.array([plans, [], []], COLUMNS["annuities"]),
        }
    )
    return build(people, ["p1", "p2", "p3"], extra=extra, questions=questions)


@pytest.fixture
def same() -> Callable[[Histories, Histories], bool]:
    """Equality of all content, NaN equal to NaN."""

    def compare(a: Histories, b: Histories) -> bool:
        arrays = all(
            np.array_equal(x, y, equal_nan=x.dtype.kind == "f") for x, y in zip(a.arrays, b.arrays, strict=True)
        )
        tables = [(a.extra, b.extra), (a.questions, b.questions)]
        return (
            arrays
            and a.person.to_pylist() == b.person.to_pylist()
            and all(x.to_pylist() == y.to_pylist() for x, y in tables)
        )

    return compare
