"""Random histories with work beside the contributions: incomes, forms, work places, several platforms at once, exits
before 2010 with returns, what employers and platforms pay.

Each begins as the history of its number (``random_histories``), whose contributions stay valid; what is added here is
what the provisions that change the records look at. About half of them state an income in every paid employee record.
"""

from __future__ import annotations

import random
from typing import Any

from pension import schema
from tests.ledger.random_histories import PLACES, history

JANUARY_2010 = 2010
SHARES = {False: [0.08, 0.13, 0.16, 0.20], True: [0.0, 0.05, 0.12, 0.20]}
"""What an employer pays of the base, and what a platform pays for an individual."""
INDIVIDUAL = (2, 3, 4)

Record = dict[str, Any]


def _income(rng: random.Random, base: float) -> float:
    """From nothing to far above the ceiling, mostly about the base."""
    roll = rng.random()
    if roll < 0.06:
        return 0.0
    if roll < 0.15:
        return round(base * rng.uniform(0.01, 0.3), 2)
    if roll < 0.25:
        return round(base * rng.uniform(3, 40), 2)
    return round(base * rng.uniform(0.4, 2.5), 2)


def _exits(rng: random.Random, records: list[Record]) -> None:
    """Moves to and fro before 2010: whole years at one of two places, some months at both."""
    early = [
        r for r in records if r["scheme"] == 1 and r["year"] < JANUARY_2010 and not r["flags"] & schema.FLAG_DEEMED
    ]
    if not early:
        return
    pool = rng.sample(PLACES, rng.choice([2, 2, 3]))
    place = pool[0]
    for r in early:
        if rng.random() < 0.3:
            place = rng.choice(pool)
        r["place"] = place if rng.random() < 0.9 else rng.choice(pool)
        if r["work_place"] >= 0:
            r["work_place"] = r["place"]


def _beside(rng: random.Random, person: dict[str, Any], award: int) -> list[Record]:
    """Work without contributions: one year of one source each, several at once, some before sixteen or after R."""
    born = person["birth"] // 12
    first = max(born + 15, schema.FIRST_EMPLOYEE_MONTH // 12 - 1)
    out = []
    for _ in range(rng.choice([0, 1, 2, 4, 8, 14])):
        year = rng.randrange(first, award // 12 + 4)
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            out.append(
                {
                    "year": year,
                    "months": rng.choice([4095, 4095, rng.randrange(1, 4096)]),
                    "scheme": 0,
                    "form": rng.choice([4, 4, 4, 2, 3, 0]),
                    "place": -1,
                    "work_place": rng.choice([rng.choice(PLACES), person["hukou"], -1]),
                    "base": 0.0,
                    "income": None if rng.random() < 0.15 else _income(rng, 3000.0),
                    "payer_share": None,
                    "flags": 0,
                }
            )
    return out


def working_history(number: int) -> tuple[dict[str, Any], list[Record]]:
    """Person and records number ``number``, valid by every input rule."""
    person, records = history(number)
    rng = random.Random(f"work {number}")
    award = person["claim"]
    if award is None:
        # Nothing here depends on the exact month: all contributions were written up to it.
        award = person["birth"] + 12 * 60
    if rng.random() < 0.4:
        _exits(rng, records)
    all_stated = rng.random() < 0.5
    everyone_at = rng.choice([None, None, 4, 3])
    shares = rng.random() < 0.3
    for r in records:
        deemed = bool(r["flags"] & schema.FLAG_DEEMED)
        if r["scheme"] == 1 and not deemed:
            if everyone_at is not None and rng.random() < 0.7:
                r["form"] = everyone_at
            if all_stated or rng.random() < 0.4:
                r["income"] = _income(rng, r["base"])
            if r["work_place"] < 0 and rng.random() < 0.2:
                r["work_place"] = rng.choice(PLACES)
            if shares and rng.random() < 0.5:
                r["payer_share"] = rng.choice(SHARES[r["form"] in INDIVIDUAL])
        elif r["scheme"] == 2:
            r["form"] = rng.choice([0, 2, 3, 4, 4])
            if rng.random() < 0.5:
                r["income"] = _income(rng, 2500.0)
            if rng.random() < 0.5:
                r["work_place"] = rng.choice(PLACES)
    records += _beside(rng, person, award)
    records.sort(key=lambda r: (r["year"], r["scheme"], r["place"], r["form"]))
    return person, records
