"""Compiled path against the reference ledger on random histories, with the parameters that ship.

Histories with even numbers read a resident record of the award year as twelve months, odd ones as the months up to the
award (reading ``resident_award_year``).

``python -m tests.ledger.agreement [NUMBER] [FIRST]`` compares that many (default 200,000) on all processors.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np

from pension.schema import PLACES, province_of
from tests.ledger.random_histories import history

SHIPPED = (
    "current",
    "current_paying",
    "segmented",
    "segmented_frozen",
    "segmented_indexed",
    "national",
    "national_half",
    "prorata",
    "fair",
)
"""Regimes that ship, by name; the ledger holds its own copy of each."""

VARIANTS: tuple[tuple[str, dict[str, str], dict[str, float]], ...] = (
    ("current", {"claim_place": "article6_legacy"}, {}),
    ("current", {"resident_years": "ratio"}, {}),
    ("fair", {"resident_years": "ratio"}, {}),
    ("segmented_indexed", {"resident_years": "ratio", "vesting": "immediate"}, {}),
    ("current", {"resident_years": "one_to_one"}, {}),
    ("segmented_frozen", {"resident_years": "one_to_one", "overlap": "refund_with_interest"}, {}),
    ("national_half", {"resident_years": "one_to_one", "vesting": "aggregated"}, {}),
    ("current", {"resident_years": "balance"}, {}),
    ("fair", {"resident_years": "balance"}, {}),
    ("current", {"design": "points"}, {}),
    ("current", {"design": "points", "resident_years": "ratio", "vesting": "immediate"}, {}),
    ("current", {"design": "rights"}, {}),
    ("current", {"design": "rights", "vesting": "immediate", "resident_years": "retain"}, {}),
    ("current", {"design": "ndc", "vesting": "immediate"}, {}),
    ("current", {"design": "ndc", "route_choice": "better", "resident_years": "retain"}, {}),
    ("current", {"design": "ndc", "vesting": "immediate", "citizen_floor": "universal"}, {}),
    ("current", {"citizen_floor": "universal"}, {}),
    ("fair", {"citizen_floor": "universal"}, {}),
    ("current", {"citizen_floor": "top_up"}, {"citizen_amount": 1500.0, "citizen_taper": 0.5}),
    ("fair", {"citizen_floor": "top_up"}, {"citizen_amount": 1500.0, "citizen_taper": 1.0}),
    ("current", {"claim_place": "best"}, {}),
    ("fair", {"claim_place": "best"}, {}),
    ("current", {"claim_place": "best", "route_choice": "better", "vesting": "immediate"}, {}),
    ("fair", {"hold_harmless": "yes"}, {}),
    ("current", {"hold_harmless": "yes", "vesting": "never"}, {}),
    ("current", {"vesting": "never", "pooled_on_exit": "paid_with_interest"}, {}),
)
"""A regime that ships, other choices, other numbers."""


def variant_name(base: str, choices: Mapping[str, str], numbers: Mapping[str, float]) -> str:
    """The base and every change, e.g. ``current+design=ndc+vesting=immediate``."""
    return "+".join([base, *(f"{key}={value}" for key, value in {**choices, **numbers}.items())])


REGIMES = (*SHIPPED, *(variant_name(*variant) for variant in VARIANTS))
MAIN = ("current", "segmented_indexed", "national_half", "fair")
"""The regimes that between them reach most of the settlement."""
READINGS = ("whole", "to_award")
BRANCHES = {7: "legacy_relation", 8: "best_by_regime"}
"""Branches of the claim place that are not those of article 6."""
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
COMPONENTS = (
    "basic account transitional resident_basic year_premium age_supplement resident_account points rights ndc citizen"
).split()


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


def compare(first: int, count: int, regimes: Sequence[str] = REGIMES) -> list[str]:
    """Differences among histories ``first .. first + count - 1``; empty when both paths agree."""
    numbers = range(first, first + count)
    wrong: list[str] = []
    for remainder, reading in enumerate(READINGS):
        chosen = [number for number in numbers if number % len(READINGS) == remainder]
        if chosen:
            wrong += _compare(chosen, reading, regimes)
    return wrong


def _compare(numbers: Sequence[int], reading: str, regimes: Sequence[str]) -> list[str]:
    from pension.award_fields import RESULT_NAMES, ROUTES
    from pension.histories import Histories
    from tests.ledger.reference import Ledger

    engine, lookup = _both(reading, tuple(regimes))
    settings = {name: ledger_regime(name) for name in regimes}
    people = [history(number) for number in numbers]
    histories = Histories.build(list(numbers), columns_of(people))
    statutory, earliest, _, _ = engine.award_months(histories.arrays)
    histories.require(statutory, earliest)
    found = engine.run(histories.arrays, RESULT_NAMES).values
    wrong: list[str] = []
    for i, (person, records) in enumerate(people):
        ledger = Ledger(*_in_provinces(person, records), lookup)
        for r, regime in enumerate(regimes):
            exact = ledger.settle(*settings[regime])
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
            branch = BRANCHES.get(int(ours["claim_branch"]))
            if branch != (exact["claim_branch"] if exact["claim_branch"] in BRANCHES.values() else None):
                wrong.append(where + f"branch {int(ours['claim_branch'])} for {exact['claim_branch']}")
            for name, key in COMPARED.items():
                if _far(ours[name], exact[key]):
                    wrong.append(where + f"{name} {ours[name]!r} for {exact[key]}")
            for name in COMPONENTS:
                if _far(ours[name], exact["components"].get(name) or 0):
                    wrong.append(where + f"{name} {ours[name]!r} for {exact['components'].get(name)}")
    return wrong


def library_regime(name: str) -> Any:
    """The library's regime of a name of ``REGIMES``."""
    from pension.accounting import Regime

    for variant in VARIANTS:
        if variant_name(*variant) == name:
            base, choices, numbers = variant
            changed = Regime.named(base).but(name, **choices)
            return replace(changed, **numbers) if numbers else changed  # type: ignore[arg-type]
    return Regime.named(name)


def ledger_regime(name: str) -> tuple[dict[str, str], Decimal, Decimal | None, Decimal]:
    """What ``Ledger.settle`` takes for a name of ``REGIMES``: choices, alpha, citizen amount and taper."""
    from tests.ledger.reference import ALPHA, ONE, ZERO
    from tests.ledger.reference import REGIMES as VECTORS

    for variant in VARIANTS:
        if variant_name(*variant) == name:
            base, choices, numbers = variant
            amount = Decimal(numbers["citizen_amount"]) if "citizen_amount" in numbers else None
            taper = Decimal(numbers["citizen_taper"]) if "citizen_taper" in numbers else ONE
            return VECTORS[base] | choices, ALPHA.get(base, ZERO), amount, taper
    return VECTORS[name], ALPHA.get(name, ZERO), None, ONE


_cache: dict[tuple[str, tuple[str, ...]], tuple[Any, Any]] = {}


def _both(reading: str, regimes: tuple[str, ...]) -> tuple[Any, Any]:
    """Engine and lookup under a reading of the award year, kept: both remember what they computed."""
    from pension.engine import Engine
    from pension.parameters import load
    from tests.ledger.lookup import Lookup

    if (reading, regimes) not in _cache:
        parameters = load(readings={"resident_award_year": reading})
        engine = Engine(parameters, [library_regime(name) for name in regimes])
        _cache[reading, regimes] = engine, Lookup(parameters.tables)
    return _cache[reading, regimes]


def _chunk(work: tuple[int, int, tuple[str, ...]]) -> list[str]:
    from pension._compile import set_threads

    set_threads(1)
    return compare(*work)


def compare_all(first: int, count: int, regimes: Sequence[str] = REGIMES) -> list[str]:
    """``compare`` on all processors."""
    # Compile once before the workers start, so that they find the cache warm.
    wrong = compare(first, min(count, 10), regimes)
    chunks = [(at, min(CHUNK, first + count - at), tuple(regimes)) for at in range(first, first + count, CHUNK)]
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
