"""Provisions that change the records before the digest: another career, exit, enrolment, base or payer.

The kernel of the settlement knows nothing of them. ``Plan`` is what they come to: regimes of one plan share one
history, and so one digest; ``pension.variants.histories`` makes the history of a plan. ``career`` is a reference to
compare with, never a cause of a loss; the other five are causes.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from pension import schema

BASE_PROVISIONS: Final[dict[str, tuple[str, ...]]] = {
    "career": ("recorded", "stayer_origin", "stayer_destination", "same_bases"),
    "exit_before_2010": ("kept", "surrendered"),
    "enrolment": ("recorded", "workplace"),
    "floor": ("statutory", "fraction", "actual"),
    "income": ("declared", "all_sources"),
    "payer": ("worker", "platform"),
}
"""Choices of each, the law's first, in the order in which they are applied."""

CAREER: Final = "career"
NUMBERS: Final = {
    "pool": ("career", "same_bases"),
    "forms": ("enrolment", "workplace"),
    "floor_fraction": ("floor", "fraction"),
    "platform_share": ("payer", "platform"),
}
"""Numbers beside the choices: the provision and the choice that each belongs to. All but the share must be given."""

POOLS: Final = ("origin", "destination")
"""Words for the pool of ``same_bases``: the place of the person's first or last paid employee month."""
MAX_PLATFORM_SHARE: Final = 0.2
"""Most of the base that a platform may be asked to pay: the employer's rate of 国发〔1997〕26号."""

# --- codes of a plan where the position of the choice is not one
NO_POOL: Final = -1
ORIGIN: Final = -2
DESTINATION: Final = -3
BY_SHARE: Final = 1
BY_LAW: Final = 2


class Plan(NamedTuple):
    """What the base provisions of a regime come to, in numbers for kernels; equal plans have one history."""

    career: int = 0
    """Position of the choice."""
    pool: int = NO_POOL
    """GB/T 2260 code of the one pool of ``same_bases``, ``ORIGIN`` or ``DESTINATION`` of the person."""
    surrendered: int = 0
    enrolment: int = 0
    forms: int = 0
    """Bit f: records of form f are insured at the place of work."""
    floor: int = 0
    """Position of the choice."""
    fraction: float = 0.0
    """Lower bound of the base over the reference wage under ``fraction``."""
    all_sources: int = 0
    payer: int = 0
    """0 the worker; a platform with ``share`` (``BY_SHARE``), or as employers do (``BY_LAW``)."""
    share: float = 0.0


RECORDED: Final = Plan()
"""The law's choices: the history as recorded."""


def plan_of(choices: dict[str, str], numbers: dict[str, Any]) -> Plan:
    """The plan of valid base provisions (``problem_of`` finds nothing)."""
    position = {name: known.index(choices[name]) for name, known in BASE_PROVISIONS.items()}
    pool = numbers["pool"]
    if pool in POOLS:
        pool = ORIGIN if pool == "origin" else DESTINATION
    share = numbers["platform_share"]
    payer = 0 if position["payer"] == 0 else BY_LAW if share is None else BY_SHARE
    return Plan(
        position["career"],
        NO_POOL if pool is None else pool,
        position["exit_before_2010"],
        position["enrolment"],
        sum(1 << schema.FORM[form] for form in numbers["forms"]),
        position["floor"],
        0.0 if numbers["floor_fraction"] is None else float(numbers["floor_fraction"]),
        position["income"],
        payer,
        0.0 if share is None else float(share),
    )


def problem_of(choices: dict[str, str], numbers: dict[str, Any]) -> str:
    """What is wrong with base provisions and their numbers; nothing where they can stand."""
    for name, (provision, choice) in NUMBERS.items():
        given = numbers[name] not in (None, ())
        if given and choices[provision] != choice:
            return f"{name} without {provision} = {choice!r}"
        if not given and name != "platform_share" and choices[provision] == choice:
            return f"{provision} = {choice!r} needs {name}"
    fraction, share, pool, forms = (numbers[n] for n in ("floor_fraction", "platform_share", "pool", "forms"))
    if fraction is not None and not 0.0 < fraction <= 1.0:
        return f"floor_fraction = {fraction} is not above 0 and at most 1"
    if share is not None and not 0.0 <= share <= MAX_PLATFORM_SHARE:
        return f"platform_share = {share} is not between 0 and {MAX_PLATFORM_SHARE:g}"
    if pool is not None and pool not in POOLS and not _is_place(pool):
        words = " or ".join(repr(word) for word in POOLS)
        return f"pool = {pool!r} is no GB/T 2260 code of a province (44) or of a city in it (4403), nor {words}"
    for form in forms:
        if form not in schema.FORM:
            return f"unknown form {form!r}; known: {', '.join(schema.FORM)}"
    twice = [form for form in forms if forms.count(form) > 1]
    return f"form {twice[0]!r} is named twice" if twice else ""


def _is_place(code: Any) -> bool:
    if not isinstance(code, int) or not 0 < code < 10_000:
        return False
    return schema.PLACE_INDEX.get(schema.province_of(code), schema.NATION_INDEX) != schema.NATION_INDEX
