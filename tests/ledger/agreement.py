"""Compiled path against the reference ledger on random histories, with the parameters that ship.

Histories with even numbers read a resident record of the award year as twelve months, odd ones as the months up to the
award (reading ``resident_award_year``).

``python -m tests.ledger.agreement [NUMBER] [FIRST]`` compares that many (default 200,000) on all processors.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from pension.schema import PLACES, province_of
from tests.ledger.random_histories import history

REGIMES = (
    "current",
    "current_paying",
    "segmented",
    "segmented_frozen",
    "segmented_indexed",
    "national",
    "national_half",
    "prorata",
    "legacy",
    "fair",
)
"""Shipped regimes by name, but for ``legacy``: the law with claim_place = article6_legacy."""
READINGS = ("whole", "to_award")
LEGACY_BRANCH = 7
TOLERANCE = 1e-9
"""Relative, with an absolute floor of the same size in yuan."""
CHUNK = 500

COMPARED = {
    "monthly": "monthly",
    "pw": "present_value",
    "refund": "refund",
    "lump_sum": "lump_sum",
    "backpay": "backpay",
    "employee_months": "months_employee",
    "resident_months": "months_resident",
    "replacement_rate": "replacement_rate",
}
COMPONENTS = "basic account transitional resident_basic year_premium age_supplement resident_account".split()


def columns_of(people: Sequence[tuple[dict[str, Any], list[dict[str, Any]]]]) -> dict[str, Any]:
    """Columns for ``Histories.build``."""
    persons = [person for person, _ in people]
    records = [record for _, records in people for record in records]
    out: dict[str, Any] = {
        name: [p[name] for p in persons] for name in ("sex", "retirement_category", "birth", "hukou", "hukou_type")
    }
    for name in ("claim", "resident_start"):
        out[name] = [-1 if p[name] is None else p[name] for p in persons]
    for name in ("year", "months", "scheme", "form", "place", "work_place", "base", "flags"):
        out[name] = [r[name] for r in records]
    for name in ("income", "payer_share"):
        out[name] = [np.nan if r[name] is None else r[name] for r in records]
    out["offsets"] = np.concatenate([[0], np.cumsum([len(records) for _, records in people])])
    return out


def _in_provinces(person: dict[str, Any], records: list[dict[str, Any]]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The ledger works on provinces: city codes become those of their province."""

    def province(place: int) -> int:
        return province_of(place) if place > 0 else place

    moved = [r | {"place": province(r["place"]), "work_place": province(r["work_place"])} for r in records]
    return person | {"hukou": province(person["hukou"])}, moved


def _far(ours: float, theirs: Any) -> bool:
    if theirs is None:
        return not np.isnan(ours)
    exact = float(theirs)
    return not abs(ours - exact) <= TOLERANCE * max(1.0, abs(exact))


def compare(first: int, count: int) -> list[str]:
    """Differences among histories ``first .. first + count - 1``; empty when both paths agree."""
    numbers = range(first, first + count)
    wrong: list[str] = []
    for remainder, reading in enumerate(READINGS):
        chosen = [number for number in numbers if number % len(READINGS) == remainder]
        if chosen:
            wrong += _compare(chosen, reading)
    return wrong


def _compare(numbers: Sequence[int], reading: str) -> list[str]:
    from pension.award_fields import RESULT_NAMES, ROUTES
    from pension.histories import Histories
    from tests.ledger.reference import ALPHA, ZERO, Ledger
    from tests.ledger.reference import REGIMES as VECTORS

    engine, lookup = _both(reading)
    people = [history(number) for number in numbers]
    histories = Histories.build(list(numbers), columns_of(people))
    statutory, earliest, _, _ = engine.award_months(histories.arrays)
    histories.require(statutory, earliest)
    found = engine.run(histories.arrays, RESULT_NAMES).values
    wrong: list[str] = []
    for i, (person, records) in enumerate(people):
        ledger = Ledger(*_in_provinces(person, records), lookup)
        for r, regime in enumerate(REGIMES):
            exact = ledger.settle(VECTORS[regime], ALPHA.get(regime, ZERO))
            ours = dict(zip(RESULT_NAMES, found[i, r], strict=True))
            where = f"history {numbers[i]}, {regime}: "
            if int(ours["status"]) != exact["status"]:
                wrong.append(where + f"status {int(ours['status'])} for {exact['status']}")
                continue
            if exact["status"]:
                continue
            if ROUTES[int(ours["route"])] != exact["route"]:
                wrong.append(where + f"route {ROUTES[int(ours['route'])]} for {exact['route']}")
            if exact["months_employee"] and PLACES[int(ours["claim_place"])][0] != exact["claim_place"]:
                wrong.append(where + f"claim place {PLACES[int(ours['claim_place'])][0]} for {exact['claim_place']}")
            if (int(ours["claim_branch"]) == LEGACY_BRANCH) != (exact["claim_branch"] == "legacy_relation"):
                wrong.append(where + f"branch {int(ours['claim_branch'])} for {exact['claim_branch']}")
            for name, key in COMPARED.items():
                if _far(ours[name], exact[key]):
                    wrong.append(where + f"{name} {ours[name]!r} for {exact[key]}")
            for name in COMPONENTS:
                if _far(ours[name], exact["components"].get(name) or 0):
                    wrong.append(where + f"{name} {ours[name]!r} for {exact['components'].get(name)}")
    return wrong


_cache: dict[str, tuple[Any, Any]] = {}


def _both(reading: str) -> tuple[Any, Any]:
    """Engine and lookup under a reading of the award year, kept: both remember what they computed."""
    from pension.accounting import Regime
    from pension.engine import Engine
    from pension.parameters import load
    from tests.ledger.lookup import Lookup
    from tests.ledger.reference import REGIMES as VECTORS

    if reading not in _cache:
        parameters = load(readings={"resident_award_year": reading})
        regimes = [Regime(name, VECTORS[name]) if name == "legacy" else name for name in REGIMES]
        _cache[reading] = Engine(parameters, regimes), Lookup(parameters.tables)
    return _cache[reading]


def _chunk(start: tuple[int, int]) -> list[str]:
    from pension._compile import set_threads

    set_threads(1)
    return compare(*start)


def compare_all(first: int, count: int) -> list[str]:
    """``compare`` on all processors."""
    # Compile once before the workers start, so that they find the cache warm.
    wrong = compare(first, min(count, 10))
    chunks = [(at, min(CHUNK, first + count - at)) for at in range(first, first + count, CHUNK)]
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with multiprocessing.get_context("spawn").Pool(processors) as pool:
        for done, found in enumerate(pool.imap_unordered(_chunk, chunks), 1):
            wrong += found
            if __name__ == "__main__" and done % 10 == 0:
                print(f"{done * CHUNK} histories, {len(wrong)} differences", flush=True)
    return wrong


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    differences = compare_all(int(sys.argv[2]) if len(sys.argv) > 2 else 0, number)
    for line in differences[:50]:
        print(line)
    print(f"{number} histories, {len(REGIMES)} regimes, {len(differences)} differences above {TOLERANCE}")
    sys.exit(1 if differences else 0)
