"""A small country for cases that are worked by hand: constant figures, and the rows in which a case departs from them.

Ages, minimum months and annuity months are the shipped ones: they are law, not figures.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt

import pension
from pension import schema
from pension.parameters import Parameters
from pension.tables.dense import (
    FIRST_MONTH,
    FIRST_YEAR,
    LAST_YEAR,
    MAX_AGE,
    N_MONTHS,
    N_YEARS,
    TRANSITION_INDEX,
    TRANSITION_SHAPE,
)
from tests.ledger.toy import toy_tables

Float = npt.NDArray[np.float64]

BY_YEAR: Final = {"reference_wage": 8000.0, "employee_rate": 0.0, "resident_rate": 0.0}
"""Figures by place and year, and what they are where a case says nothing."""
BY_MONTH: Final = {
    "account_rate": 0.08,
    "pooled_rate": 0.20,
    "pooled_rate_individual": 0.12,
    "resident_basic": 200.0,
    "lowest_tier": 200.0,
}
"""Figures by place and month. ``pooled_rate`` is employer + employee less the account."""
NUMBERS: Final = ("discount_rate", "inflation", "indexation", "price_year", "subsidy_max_years", "transition_threshold")
"""Handed on as they stand; yearly rates are 0, the price year 2025, the rest without limit."""
OTHERS: Final = (
    "calculation_base",
    "transition",
    "transition_long",
    "transition_method",
    "premium",
    "premium_is_fraction",
    "premium_counts_backpaid",
    "supplement",
    "subsidy",
    "subsidy_floor",
    "resident_start",
    "lump_backpay_allowed",
    "death_age",
)
KEYS: Final = frozenset((*BY_YEAR, *BY_MONTH, *NUMBERS, *OTHERS))
_ROW_KEYS: Final = {"place", "from", "value"}


class CountryError(ValueError):
    """A figure that cannot be read."""


@cache
def _shipped() -> Parameters:
    return pension.load_parameters()


def parameters(spec: Mapping[str, Any] | None) -> Parameters:
    """Parameters of a case: the shipped ones without a table of figures, else those of the small country.

    A figure is one number for all places and times, or rows ``{ place, from, value }`` laid over the default in their
    order; ``from`` is a year (``2019``) or a month (``"2019-05"``), as the figure needs. Raises ``CountryError``.
    """
    return _shipped() if spec is None else _made(json.dumps(spec, sort_keys=True))


@cache
def _made(text: str) -> Parameters:
    spec: dict[str, Any] = json.loads(text)
    unknown = set(spec) - KEYS
    if unknown:
        raise CountryError(f"unknown figure {sorted(unknown)[0]!r}; known: {', '.join(sorted(KEYS))}")
    yearly = {name: _laid(name, spec, default, N_YEARS) for name, default in BY_YEAR.items()}
    monthly = {name: _laid(name, spec, default, N_MONTHS) for name, default in BY_MONTH.items()}
    wage = yearly["reference_wage"]
    # P of a year is C of the year before, as in the law before 2019.
    base = np.concatenate([wage[:, :1], wage[:, :-1]], axis=1)
    shipped = _shipped().tables
    pooled = np.stack([monthly["pooled_rate"], monthly["pooled_rate_individual"]], axis=2)
    account = monthly["account_rate"]
    rates = np.concatenate([account[:, :, None], pooled], axis=2).reshape(schema.N_PLACES, N_YEARS, 12, 3)
    before = np.repeat(np.concatenate([wage[:, :1], wage[:, :-1]], axis=1), 12, axis=1)
    arrays: dict[str, Any] = {
        "reference_wage": wage,
        "base_floor": 0.6 * before,
        "base_ceiling": 3.0 * before,
        "calculation_base": _laid("calculation_base", spec, base, N_YEARS),
        "account_rate": account,
        "pooled_rate": pooled,
        "uniform_year": np.all(rates == rates[:, :, :1], axis=(2, 3)).astype(np.int64),
        "resident_basic": monthly["resident_basic"],
        "lowest_tier": monthly["lowest_tier"],
        "ages": shipped.ages,
        "minimum_months": shipped.minimum_months,
        "annuity_months": shipped.annuity_months,
    }
    for name in ("employee", "resident"):
        rate = yearly[f"{name}_rate"]
        arrays |= {f"{name}_rate": rate, f"{name}_growth": np.cumprod(1.0 + rate, axis=1)}
    if "death_age" in spec:
        # Everybody lives to this birthday and dies in its month, after that month's payment.
        mortality = np.zeros((2, MAX_AGE, N_YEARS))
        mortality[:, spec["death_age"] :] = 1e9
        arrays["mortality"] = mortality
    arrays |= _methods(spec.get("transition_method", []))
    fields: dict[str, Any] = {}
    for name in ("transition", "transition_long"):
        if name in spec:
            fields[name] = _by_place(name, spec[name])
    for name in ("premium", "supplement"):
        if name in spec:
            fields[name] = _segments(name, spec[name])
    if "subsidy" in spec:
        fields["subsidy"] = [(float(row["tier"]), float(row["value"])) for row in spec["subsidy"]]
    if "subsidy_floor" in spec:
        fields["subsidy_floor"] = tuple(spec["subsidy_floor"])
    if "resident_start" in spec:
        fields["resident_start"] = schema.month_serial(spec["resident_start"])
    for name in (*NUMBERS, "premium_is_fraction", "premium_counts_backpaid", "lump_backpay_allowed"):
        if name in spec:
            fields[name] = spec[name]
    for name, array in arrays.items():
        arrays[name] = np.ascontiguousarray(array)
        arrays[name].flags.writeable = False
    return replace(_shipped(), tables=toy_tables(**fields)._replace(**arrays))


def _laid(name: str, spec: Mapping[str, Any], default: float | Float, periods: int) -> Float:
    out = np.array(np.broadcast_to(np.asarray(default, np.float64), (schema.N_PLACES, periods)))
    value: Any = spec.get(name, [])
    rows: list[Any] = [{"value": value}] if isinstance(value, int | float) else value
    for row in rows:
        if not isinstance(row, dict) or set(row) - _ROW_KEYS or "value" not in row:
            raise CountryError(f"{name}: a row is {{ place, from, value }}, place and from as needed")
        start = 0
        if "from" in row and periods == N_YEARS:
            start = int(row["from"]) - FIRST_YEAR
        elif "from" in row:
            start = schema.month_serial(row["from"]) - FIRST_MONTH
        if not 0 <= start < periods:
            raise CountryError(f"{name}: {row['from']} is outside {FIRST_YEAR}..{LAST_YEAR}")
        places = slice(None) if "place" not in row else schema.PLACE_INDEX[row["place"]]
        out[places, start:] = row["value"]
    return out


def _methods(rows: Any) -> dict[str, Any]:
    """Rows ``{ place, shape, index, paid_from, cutoff }``: a province's own method of the transitional pension."""
    known = {"place", "shape", "index", "paid_from", "cutoff"}
    plain = toy_tables()
    names = ("transition_shape", "transition_own_index", "transition_counts_paid")
    out = {name: np.array(getattr(plain, name)) for name in (*names, "transition_cutoff", "transition_paid_from")}
    for row in rows:
        if set(row) - known or "place" not in row or ("cutoff" in row) != ("paid_from" in row):
            raise CountryError("transition_method: a row is { place, shape, index, paid_from and cutoff together }")
        place = schema.PLACE_INDEX[row["place"]]
        out["transition_shape"][place] = TRANSITION_SHAPE[row.get("shape", "plain")]
        out["transition_own_index"][place] = TRANSITION_INDEX[row.get("index", "overall")]
        if "cutoff" in row:
            out["transition_counts_paid"][place] = 1
            for name in ("cutoff", "paid_from"):
                out[f"transition_{name}"][place] = schema.month_serial(row[name])
    return out


def _by_place(name: str, value: Any) -> float | dict[int, float]:
    if isinstance(value, int | float):
        return float(value)
    if not all(set(row) == {"place", "value"} for row in value):
        raise CountryError(f"{name}: a row is {{ place, value }}")
    return {row["place"]: float(row["value"]) for row in value}


def _segments(name: str, rows: Any) -> dict[int, list[tuple[float, float, float]]]:
    """Rows ``{ place, above, up_to, value }`` by place; no ``up_to`` is no end."""
    out: dict[int, list[tuple[float, float, float]]] = {}
    for row in rows:
        if set(row) - {"up_to"} != {"place", "above", "value"}:
            raise CountryError(f"{name}: a row is {{ place, above, up_to, value }}, up_to if there is an end")
        segment = (float(row["above"]), float(row.get("up_to", np.inf)), float(row["value"]))
        out.setdefault(row["place"], []).append(segment)
    return out
