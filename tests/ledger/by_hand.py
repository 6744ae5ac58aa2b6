"""Small histories and a small country for what is worked out by hand: records of one base, settlements, comparison."""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import numpy as np

from pension.schema import N_PLACES, PLACE_INDEX

from .lookup import Lookup
from .reference import ALPHA, LAWFUL, REGIMES, TERMS, Terms, settle_reference
from .toy import ANNUITY_MONTHS, toy_tables

GUANGDONG, ZHEJIANG, HENAN = 44, 33, 41
ANNUITY = {40 + i: v for i, v in enumerate(ANNUITY_MONTHS)}

LATE, TEMPORARY, ORDINARY, DEEMED, BACKPAID, PROXY = 1, 2, 4, 8, 16, 32


def month(text: str) -> int:
    """Serial of "YYYY-MM"."""
    year, m = text.split("-")
    return 12 * int(year) + int(m) - 1


def employee(place: int, start: str, end: str, base: float, form: int = 0, flags: int = 0, **more: Any) -> list[Any]:
    """Records of consecutive months at one base."""
    first, last = month(start), month(end)
    records = []
    for year in range(first // 12, last // 12 + 1):
        mask = sum(1 << k for k in range(12) if first <= 12 * year + k <= last)
        records.append(
            {
                "year": year,
                "months": mask,
                "scheme": 1,
                "form": form,
                "place": place,
                "work_place": -1,
                "base": base,
                "income": None,
                "payer_share": None,
                "flags": flags,
                **more,
            }
        )
    return records


def resident(place: int, years: Iterator[int] | range, own: float, flags: int = 0, collective: Any = None) -> list[Any]:
    """One payment a year."""
    return [
        {
            "year": year,
            "months": 4095,
            "scheme": 2,
            "form": 3,
            "place": place,
            "work_place": -1,
            "base": own,
            "income": None,
            "payer_share": collective,
            "flags": flags,
        }
        for year in years
    ]


def person(birth: str, hukou: int, category: int = 1, **more: Any) -> dict[str, Any]:
    """A man, or with categories 2, 3 and 5 a woman, awarded in the statutory month."""
    return {
        "sex": 1 if category in (1, 4) else 2,
        "retirement_category": category,
        "birth": month(birth),
        "hukou": hukou,
        "claim": None,
        "resident_start": None,
        **more,
    }


METHOD = ("shape", "own_index", "counts_paid", "cutoff", "paid_from")
PLAIN, MEAN, OWN_FORMULA_OF_BEIJING, FIXED_INDEX = range(4)


def lookup(method: dict[str, dict[int, int]] | None = None, to_award: int = 0, **toy: Any) -> Lookup:
    """``toy_tables`` with a method of the transitional pension by place (all zero, the plain one, where not named) and
    the reading of a resident record in the award year."""
    fields: dict[str, Any] = {"resident_award_year_months": to_award}
    for name in METHOD:
        values = np.zeros(N_PLACES, dtype=np.int64)
        for place, value in (method or {}).get(name, {}).items():
            values[PLACE_INDEX[place]] = value
        fields[f"transition_{name}"] = values
    return Lookup(SimpleNamespace(**(toy_tables(**toy)._asdict() | fields)))


def settle(
    who: dict[str, Any],
    records: list[Any],
    regime: dict[str, str] | str = "current",
    terms: Terms | None = None,
    **toy: Any,
) -> dict[str, Any]:
    """One regime, by name or by its choices, in the small country."""
    choices = REGIMES[regime] if isinstance(regime, str) else regime
    alpha = ALPHA.get(regime, Decimal(0)) if isinstance(regime, str) else Decimal(0)
    if terms is None:
        terms = TERMS.get(regime, LAWFUL) if isinstance(regime, str) else LAWFUL
    return settle_reference(who, records, lookup(**toy), choices, alpha, terms=terms)


def close(value: Any, expected: float, tolerance: float = 1e-12) -> bool:
    """Equal but for the binary floats of the tables."""
    return math.isclose(float(value), expected, rel_tol=tolerance, abs_tol=1e-12)
