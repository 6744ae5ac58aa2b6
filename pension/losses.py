"""Loss measures between two regimes and the exact attribution of a loss to provisions (Shapley value).

A measure is of a regime against a reference, which must be named wherever it is shown; positive = the regime gives
less. Where one is undefined there is a reason code (``REASONS``), never 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
import numpy.typing as npt

from pension.accounting import CAUSES, Regime, RegimeError
from pension.kernels.award_fields import DEFINED, NO_OUTLAY, STATUS_TEXT, WEALTH_TEXT
from pension.variants.base_provisions import CAREER

Float = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

MEASURES: Final = {
    "L1": "present value lost: PW of the reference less PW of the regime, constant yuan",
    "L2": "loss ratio: 1 - PW of the regime / PW of the reference",
    "L3": "first-pension loss ratio: 1 - monthly of the regime / monthly of the reference",
    "L4": "replacement-rate loss: (monthly of the reference - monthly of the regime) / last income",
    "L5": "forfeited contributions of the regime: money paid that carries neither right nor cash / all money paid, at "
    "the award with book interest (the reference has no part in it)",
    "L6": "lost years: (monthly of the reference - monthly of the regime) / the reference's basic pension of one "
    "counted employee year",
    "L7": "compensating contribution: X at R0 with PW of the regime + X = PW of the reference, yuan of R0",
    "L8_irr": "gap of internal rates of return: that of the reference less that of the regime",
    "L8_worth": "gap of money's worth: PW / own contributions of the reference less that of the regime",
}
"""What each measure is. Where two regimes have different contributions, L1 and L7 are of net pension wealth (PW less
the present value of own contributions); it is the same number where they have the same."""
UNITS: Final = {
    "L1": "yuan of {price_year} at R0",
    **dict.fromkeys(("L2", "L3", "L4", "L5"), "fraction"),
    "L6": "years",
    "L7": "yuan of R0",
    "L8_irr": "fraction a year",
    "L8_worth": "yuan a yuan",
}
"""Unit of each measure."""
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "L1": ("pw",),
    "L2": ("pw",),
    "L3": ("monthly",),
    "L4": ("replacement_rate",),
    "L5": ("forfeited", "contributed"),
    "L6": ("monthly", "basic", "employee_months"),
    "L7": ("pw_r0", "price"),
    "L8_irr": ("irr", "irr_status"),
    "L8_worth": ("moneys_worth",),
}
"""Columns of a result (``award_fields.RESULT_NAMES``, ``WEALTH_NAMES``) that ``measure`` reads for each. L1 and L7 also
read ``own_contributions`` where they are there, and only then L7 needs ``price``."""

NO_REFERENCE_VALUE: Final = 11
NO_INCOME: Final = 12
NOTHING_PAID: Final = 16
NO_EMPLOYEE_YEAR: Final = 17
REASONS: Final = {
    **STATUS_TEXT,
    NO_REFERENCE_VALUE: "the reference value is 0, so there is no ratio",
    NO_INCOME: "no income: no paid employee month",
    **WEALTH_TEXT,
    NOTHING_PAID: "nothing was paid that could be forfeited",
    NO_EMPLOYEE_YEAR: "no basic pension of a counted employee month under the reference",
}
"""Why a measure is undefined; the first ones are those of a result."""
MAX_PROVISIONS: Final = 12
"""Exact attribution settles 2^m coalitions."""


def loss(pw: Float, pw_reference: Float, own: Float | float = 0.0, own_reference: Float | float = 0.0) -> Float:
    """L1, 便携性损失额: what the reference pays more, constant yuan; positive = the regime pays less.

    ``own`` and ``own_reference`` are the present values of own contributions: where they differ the loss is of net
    pension wealth; where they are equal it is the same number, to the bit.
    """
    return (pw_reference - pw) - (own_reference - own)


def ratio(value: Float, reference: Float) -> Float:
    """L2 (of present values) or L3 (of first monthly pensions): 1 - value/reference; NaN where the reference is 0."""
    value, reference = np.asarray(value, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(reference != 0.0, 1.0 - value / reference, np.nan)


def forfeited_share(forfeited: Float, contributed: Float) -> Float:
    """L5, 缴费沉没率: F/C as ``pension.wealth.forfeited`` defines them; NaN where nothing was paid."""
    return np.divide(forfeited, contributed, out=np.full(np.shape(contributed), np.nan), where=contributed > 0.0)


def lost_years(monthly: Float, monthly_reference: Float, basic_reference: Float, months_reference: Float) -> Float:
    """L6, 折损年限: the first pension lost in years of contributions.

    (``monthly_reference`` - ``monthly``) over what one counted employee year earns of the reference's basic pension:
    ``basic_reference`` yuan a month for ``months_reference`` months. NaN where that is nothing.
    """
    known = (basic_reference > 0.0) & (months_reference > 0.0)
    a_year = np.where(known, basic_reference, 1.0) / (np.where(known, months_reference, 12.0) / 12.0)
    return np.where(known, (monthly_reference - monthly) / a_year, np.nan)


def measure(name: str, regime: Mapping[str, Float], reference: Mapping[str, Float]) -> tuple[Float, Codes]:
    """(values, reasons) [person] of a measure of ``MEASURES`` from the columns ``NEEDED`` of two regimes.

    A reason is 0, or the code of ``REASONS`` why the value is NaN: first that of the regime's, then of the reference's
    own ``status``. Raises KeyError where a column is missing.
    """
    a, b = regime, reference
    reason = np.where(a["status"] != DEFINED, a["status"], b["status"]).astype(np.int64)
    otherwise: Codes | int = NO_REFERENCE_VALUE
    match name:
        case "L1":
            value = loss(a["pw"], b["pw"], *(r.get("own_contributions", 0.0) for r in (a, b)))
        case "L7":
            own = (r["own_contributions"] / r["price"] if "own_contributions" in r else 0.0 for r in (a, b))
            value = loss(a["pw_r0"], b["pw_r0"], *own)
        case "L2":
            value = ratio(a["pw"], b["pw"])
        case "L3":
            value = ratio(a["monthly"], b["monthly"])
        case "L4":
            value, otherwise = b["replacement_rate"] - a["replacement_rate"], NO_INCOME
        case "L5":
            value, otherwise = forfeited_share(a["forfeited"], a["contributed"]), NOTHING_PAID
        case "L6":
            value = lost_years(a["monthly"], b["monthly"], b["basic"], b["employee_months"])
            otherwise = NO_EMPLOYEE_YEAR
        case "L8_irr":
            value = b["irr"] - a["irr"]
            otherwise = np.where(a["irr_status"] != DEFINED, a["irr_status"], b["irr_status"]).astype(np.int64)
        case "L8_worth":
            value, otherwise = b["moneys_worth"] - a["moneys_worth"], NO_OUTLAY
        case _:
            raise ValueError(f"{name!r} is no measure: {', '.join(MEASURES)}")
    reason = np.where((reason == DEFINED) & ~np.isfinite(value), otherwise, reason)
    return np.where(reason == DEFINED, value, np.nan), reason


@dataclass(frozen=True)
class Coalitions:
    """The 2^m mixtures of two regimes: bit k of a coalition's number says that provision k is the reference's."""

    regime: Regime
    reference: Regime
    provisions: tuple[str, ...]
    """The provisions that play; ``route_choice`` is held at the reference's choice in every coalition."""
    base: Regime
    """The regime with the reference's ``route_choice``: the difference it makes alone is the first step."""
    mixtures: tuple[Regime, ...]


def coalitions(regime: Regime, reference: Regime) -> Coalitions:
    """All mixtures of two regimes over the provisions on the member's side in which they differ.

    Raises ValueError above ``MAX_PROVISIONS`` provisions, or for two blends of different weight; RegimeError for two
    careers, and for a mixture that cannot be.
    """
    route = reference.choice("route_choice")
    # A blend needs its weight whichever side it comes from.
    base = regime.but("base", alpha=max(regime.alpha, reference.alpha), route_choice=route)
    if regime.alpha and reference.alpha and regime.alpha != reference.alpha:
        raise ValueError(f"{regime.name} and {reference.name} blend with different weights: no mixture stands between")
    players = base.differs(reference)
    if CAREER in players:
        raise RegimeError(
            f"{regime.name} and {reference.name} rest on different careers; a career is a reference, not a cause, so "
            "that loss is not attributed (see pension.stayer_gap)"
        )
    if len(players) > MAX_PROVISIONS:
        raise ValueError(f"{len(players)} provisions differ; exact attribution takes at most {MAX_PROVISIONS}")
    mixtures = []
    for number in range(2 ** len(players)):
        changed = [p for k, p in enumerate(players) if number >> k & 1]
        mixtures.append(base.taking(changed, reference, f"coalition {number}"))
    return Coalitions(regime, reference, players, base, tuple(mixtures))


def causes_of(regime: Regime, reference: Regime) -> tuple[str, ...]:
    """Provisions to which a loss is attributed, ``route_choice`` first where the regimes differ in it."""
    first = regime.choice("route_choice") != reference.choice("route_choice")
    return (*(("route_choice",) if first else ()), *coalitions(regime, reference).provisions)


def shapley(values: Float) -> Float:
    """Shapley value of each of m players from the values [..., 2^m] of all coalitions (bit k = player k is in).

    Returns [..., m]; the parts sum to ``values[..., -1] - values[..., 0]``. Source: Shapley 1953;
    weights |S|! (m - |S| - 1)! / m!.
    """
    values = np.asarray(values, dtype=np.float64)
    m = values.shape[-1].bit_length() - 1
    if values.shape[-1] != 1 << m:
        raise ValueError(f"{values.shape[-1]} values are no power of two")
    weights = [factorial(size) * factorial(m - size - 1) / factorial(m) for size in range(m)]
    parts = np.zeros((*values.shape[:-1], m))
    for k in range(m):
        others = [j for j in range(m) if j != k]
        for size in range(m):
            for members in combinations(others, size):
                without = sum(1 << j for j in members)
                parts[..., k] += weights[size] * (values[..., without | 1 << k] - values[..., without])
    return parts


def attribution(regime: Regime, reference: Regime, value: Callable[[Sequence[Regime]], Float]) -> dict[str, Float]:
    """Loss of ``regime`` against ``reference`` by provision; ``value`` settles regimes and returns PW [..., regime].

    The parts sum to the loss. ``route_choice``, where it differs, is the first step before all others.
    """
    game = coalitions(regime, reference)
    pw = value([regime, *game.mixtures])
    parts: dict[str, Float] = {}
    if regime.choice("route_choice") != reference.choice("route_choice"):
        parts["route_choice"] = pw[..., 1] - pw[..., 0]
    by_player = shapley(pw[..., 1:])
    for k, provision in enumerate(game.provisions):
        parts[provision] = by_player[..., k]
    return parts


def group_of(provision: str) -> str:
    """Group of causes of a provision: place, scheme, administration, base or design."""
    for group, provisions in CAUSES.items():
        if provision in provisions:
            return group
    raise KeyError(provision)
