"""Loss measures between two regimes and the exact attribution of a loss to provisions (Shapley value)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
import numpy.typing as npt

from pension.accounting import CAUSES, Regime, RegimeError
from pension.base_provisions import CAREER

Float = npt.NDArray[np.float64]

MEASURES: Final = {
    "L1": "present value lost: PW of the reference less PW of the regime, constant yuan",
    "L2": "loss ratio: 1 - PW of the regime / PW of the reference",
    "L3": "first-pension loss ratio: 1 - monthly of the regime / monthly of the reference",
    "L4": "replacement-rate loss: (monthly of the reference - monthly of the regime) / last income",
}
MAX_PROVISIONS: Final = 12
"""Exact attribution settles 2^m coalitions."""


def loss(pw: Float, pw_reference: Float) -> Float:
    """L1, 便携性损失额: what the reference pays more, constant yuan; positive = the regime pays less."""
    return pw_reference - pw


def ratio(value: Float, reference: Float) -> Float:
    """L2 (of present values) or L3 (of first monthly pensions): 1 - value/reference; NaN where the reference is 0."""
    value, reference = np.asarray(value, dtype=np.float64), np.asarray(reference, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(reference != 0.0, 1.0 - value / reference, np.nan)


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
