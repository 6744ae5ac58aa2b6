"""People written as a few lines, random people, and the engine over toy or real parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from pension.accounting import Regime
from pension.engine import Engine
from pension.histories import Histories
from pension.kernels.award_fields import RESULT_NAMES
from pension.parameters import Parameters, load
from pension.tables.dense import Tables
from tests.ledger.agreement import columns_of
from tests.ledger.random_histories import history
from tests.ledger.toy import toy_tables

Person = dict[str, Any]
Record = dict[str, Any]
People = Sequence[tuple[Person, list[Record]]]

LATE, TEMPORARY, ORDINARY, DEEMED, BACKPAID, PROXY = 1, 2, 4, 8, 16, 32


@dataclass(eq=False)
class Toy:
    """Parameters of a toy country: the engine asks for the tables only, a run for their names too."""

    tables: Tables
    hash: str = "toy"
    scenario: str = "toy"
    survival: str = "toy"


def toy(**keywords: Any) -> Toy:
    """``toy_tables`` as parameters."""
    return Toy(toy_tables(**keywords))


def month(text: str) -> int:
    """``"YYYY-MM"`` as a month serial."""
    year, m = text.split("-")
    return 12 * int(year) + int(m) - 1


def _record(**fields: Any) -> Record:
    return {"form": 0, "work_place": -1, "income": None, "payer_share": None, "flags": 0} | fields


def employee(
    place: int, start: str | int, end: str | int, base: float | Callable[[int], float], **more: Any
) -> list[Record]:
    """Consecutive employee months at ``base`` yuan/month, one record a year; ``base`` may depend on the year."""
    first = month(start) if isinstance(start, str) else start
    last = month(end) if isinstance(end, str) else end
    records = []
    for year in range(first // 12, last // 12 + 1):
        mask = sum(1 << k for k in range(12) if first <= 12 * year + k <= last)
        value = base(year) if callable(base) else base
        records.append(_record(year=year, months=mask, scheme=1, place=place, base=value, **more))
    return records


def resident(place: int, years: Iterable[int], own: float, **more: Any) -> list[Record]:
    """One resident payment of ``own`` yuan a year."""
    return [_record(year=y, months=4095, scheme=2, form=3, place=place, base=own, **more) for y in years]


def person(birth: str | int, hukou: int, category: int = 1, **more: Any) -> Person:
    """A man of category male_60 unless said otherwise."""
    return {
        "sex": 1 if category in (1, 4) else 2,
        "retirement_category": category,
        "birth": month(birth) if isinstance(birth, str) else birth,
        "hukou": hukou,
        "hukou_type": 2,
        "claim": None,
        "resident_start": None,
    } | more


def histories(people: People) -> Histories:
    """Histories with the records in the order the format asks for."""
    ordered = [
        (who, sorted(records, key=lambda r: (r["year"], r["scheme"], r["place"], r["form"]))) for who, records in people
    ]
    return Histories.build(list(range(len(ordered))), columns_of(ordered))


def settle(
    parameters: Parameters | Toy, people: People, regimes: Sequence[str | Regime], columns: Sequence[str] = RESULT_NAMES
) -> dict[str, dict[str, np.ndarray]]:
    """regime -> column -> [person], after the range check every input goes through."""
    engine = Engine(parameters, regimes)  # type: ignore[arg-type]
    built = histories(people)
    statutory, earliest, _, _ = engine.award_months(built.arrays)
    built.require(statutory, earliest)
    found = engine.run(built.arrays, columns)
    return {r.name: {c: found.column(c, r.name) for c in columns} for r in found.regimes}


def settle_one(
    parameters: Parameters | Toy, who: Person, records: list[Record], regime: str | Regime = "current"
) -> dict[str, float]:
    """Every result of one person under one regime."""
    (found,) = settle(parameters, [(who, records)], [regime]).values()
    return {name: float(values[0]) for name, values in found.items()}


@cache
def real() -> Parameters:
    """The parameters that ship."""
    return load()


@cache
def random_people(first: int, count: int) -> tuple[tuple[Person, list[Record]], ...]:
    """Random histories by number; do not change them in place."""
    return tuple(history(number) for number in range(first, first + count))
