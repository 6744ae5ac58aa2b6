"""Compiled path against the reference ledger on random histories, with the parameters that ship.

Two kinds: histories of contributions (``random_histories``) under every regime that settles them as they are, and
histories with work beside the contributions (``random_work``) under the regimes that change the records.

Histories with even numbers read a resident record of the award year as twelve months, odd ones as the months up to the
award (reading ``resident_award_year``).

``python -m tests.ledger.agreement [NUMBER] [FIRST] [work]`` compares that many (default 200,000) on all processors.
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

from pension.schema import FORM, PLACES, province_of
from tests.ledger.random_histories import history
from tests.ledger.random_work import working_history
from tests.ledger.reference import Terms
from tests.ledger.reference.law import RECORD_PROVISIONS

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


OF_RECORDS = (
    "surrender",
    "low_floor",
    "actual_income",
    "all_income",
    "platform_pays",
    "formalised",
    "inclusive",
    "stayer_origin",
    "stayer_destination",
)
"""Regimes that ship and change the records."""
ALL_FORMS = ("employed", "dispatched", "part_time", "flexible", "platform")

VARIANTS_OF_RECORDS: tuple[tuple[str, dict[str, str], dict[str, Any]], ...] = (
    ("current", {"career": "same_bases"}, {"pool": 44}),
    ("fair", {"career": "same_bases"}, {"pool": "origin"}),
    ("segmented_indexed", {"career": "same_bases"}, {"pool": "destination"}),
    ("fair", {"career": "stayer_destination", "floor": "fraction"}, {"floor_fraction": 0.25}),
    ("fair", {"exit_before_2010": "surrendered", "payer": "platform"}, {"platform_share": 0.05}),
    ("segmented_frozen", {"exit_before_2010": "surrendered", "floor": "actual", "income": "all_sources"}, {}),
    ("current", {"enrolment": "workplace"}, {"forms": ("flexible", "platform")}),
    ("fair", {"enrolment": "workplace", "income": "all_sources", "floor": "actual"}, {"forms": ALL_FORMS}),
    (
        "current",
        {"design": "ndc", "vesting": "immediate", "enrolment": "workplace", "payer": "platform"},
        {"forms": ("platform",), "platform_share": 0.16},
    ),
    (
        "current",
        {"vesting": "never", "pooled_on_exit": "paid_with_interest", "payer": "platform", "enrolment": "workplace"},
        {"forms": ("part_time", "platform")},
    ),
    (
        "current",
        {"resident_years": "ratio", "exit_before_2010": "surrendered", "enrolment": "workplace"},
        {"forms": ("platform",)},
    ),
)
"""Mixtures of the provisions that change the records with others."""


def variant_name(base: str, choices: Mapping[str, str], numbers: Mapping[str, Any]) -> str:
    """The base and every change, e.g. ``current+design=ndc+vesting=immediate``."""
    return "+".join([base, *(f"{key}={value}" for key, value in {**choices, **numbers}.items())])


REGIMES = (*SHIPPED, *(variant_name(*variant) for variant in VARIANTS))
WORK_REGIMES = (
    *("current", "fair", "segmented_indexed"),
    *OF_RECORDS,
    *(variant_name(*variant) for variant in VARIANTS_OF_RECORDS),
)
"""Compared on histories with work beside the contributions."""
MAIN = ("current", "segmented_indexed", "national_half", "fair")
"""The regimes that between them reach most of the settlement."""
READINGS = ("whole", "to_award")
BRANCHES = {7: "legacy_relation", 8: "best_by_regime"}
"""Branches of the claim place that are not those of article 6."""
TOLERANCE = 1e-9
"""Relative, with an absolute floor of the same size in yuan."""
CHUNK = 100

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


def compare(first: int, count: int, regimes: Sequence[str] = REGIMES, work: bool = False) -> list[str]:
    """Differences among histories ``first .. first + count - 1``; empty when both paths agree. ``work``: those with
    work beside the contributions."""
    numbers = range(first, first + count)
    wrong: list[str] = []
    for remainder, reading in enumerate(READINGS):
        chosen = [number for number in numbers if number % len(READINGS) == remainder]
        if chosen:
            wrong += _compare(chosen, reading, regimes, work)
    return wrong


def _compare(numbers: Sequence[int], reading: str, regimes: Sequence[str], work: bool) -> list[str]:
    from pension.histories import Histories
    from pension.kernels.award_fields import RESULT_NAMES, ROUTES
    from tests.ledger.reference import Ledger
    from tests.ledger.reference.access import stars

    engine, lookup = _both(reading, tuple(regimes))
    settings = {name: ledger_regime(name) for name in regimes}
    people = [(working_history if work else history)(number) for number in numbers]
    histories = Histories.build(list(numbers), columns_of(people))
    statutory, earliest, _, _ = engine.award_months(histories.arrays)
    histories.require(statutory, earliest)
    entitlements = engine.run(histories.arrays, RESULT_NAMES)
    found = entitlements.values
    wrong: list[str] = []
    for i, (person, records) in enumerate(people):
        in_provinces = _in_provinces(person, records)
        ledger = Ledger(*in_provinces, lookup)
        exposed = stars(*in_provinces, ledger.award)
        known = all(r["scheme"] or r["work_place"] >= 0 for r in records)
        if known and entitlements.stars[i] != exposed:
            wrong.append(f"history {numbers[i]}: stars {entitlements.stars[i]} for {exposed}")
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


def _described(name: str) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Base, choices and numbers of a name of ``REGIMES`` or ``WORK_REGIMES``."""
    for variant in (*VARIANTS, *VARIANTS_OF_RECORDS):
        if variant_name(*variant) == name:
            return variant
    return name, {}, {}


def library_regime(name: str) -> Any:
    """The library's regime of a name of ``REGIMES`` or ``WORK_REGIMES``."""
    from pension.accounting import Regime

    base, choices, numbers = _described(name)
    named = Regime.named(base)
    if not choices and not numbers:
        return named
    if any(provision in choices for provision in RECORD_PROVISIONS):
        return Regime(name, {**named.choices, **choices}, **numbers)
    changed = named.but(name, **choices)
    return replace(changed, **numbers) if numbers else changed


def ledger_regime(name: str) -> tuple[dict[str, str], Decimal, Decimal | None, Decimal, Terms]:
    """What ``Ledger.settle`` takes for a name: choices, alpha, citizen amount and taper, terms of the records."""
    from tests.ledger.reference import ALPHA, ONE, TERMS, ZERO
    from tests.ledger.reference import REGIMES as VECTORS

    base, choices, numbers = _described(name)
    amount = Decimal(numbers["citizen_amount"]) if "citizen_amount" in numbers else None
    taper = Decimal(numbers["citizen_taper"]) if "citizen_taper" in numbers else ONE
    terms = TERMS.get(base, Terms())
    if numbers:
        share, fraction = numbers.get("platform_share"), numbers.get("floor_fraction")
        terms = Terms(
            place=numbers.get("pool"),
            forms=frozenset(FORM[form] for form in numbers.get("forms", ())),
            floor_fraction=None if fraction is None else Decimal(fraction),
            platform_share=None if share is None else Decimal(share),
        )
    return VECTORS[base] | choices, ALPHA.get(base, ZERO), amount, taper, terms


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


def _chunk(task: tuple[int, int, tuple[str, ...], bool]) -> list[str]:
    from pension._compile import set_threads

    set_threads(1)
    return compare(*task)


def compare_all(first: int, count: int, regimes: Sequence[str] = REGIMES, work: bool = False) -> list[str]:
    """``compare`` on all processors."""
    # Compile once before the workers start, so that they find the cache warm.
    wrong = compare(first, min(count, 10), regimes, work)
    chunks = [(at, min(CHUNK, first + count - at), tuple(regimes), work) for at in range(first, first + count, CHUNK)]
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    with multiprocessing.get_context("spawn").Pool(processors) as pool:
        for done, found in enumerate(pool.imap_unordered(_chunk, chunks), 1):
            wrong += found
            if __name__ == "__main__" and done % 10 == 0:
                print(f"{min(done * CHUNK, count)} histories, {len(wrong)} differences", flush=True)
    return wrong


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:] if text != "work"]
    number, begin = (*numbers, *(200_000, 0)[len(numbers) :])
    beside = "work" in sys.argv[1:]
    compared = WORK_REGIMES if beside else REGIMES
    differences = compare_all(begin, number, compared, beside)
    for line in differences[:50]:
        print(line)
    print(f"{number} histories, {len(compared)} regimes, {len(differences)} differences above {TOLERANCE}")
    sys.exit(1 if differences else 0)
