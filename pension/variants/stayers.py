"""The gap between a mover and a stayer: how much of it is the wages along the path, how much is lost by moving.

stayer gap = NPW(stayer) - NPW(recorded)
           = [NPW(stayer) - NPW(same bases, one pool)] + [NPW(same bases, one pool) - NPW(recorded)]
           = wage-path effect + portability loss proper

The stayer has the same indices at the place of the first (or last) employee month; with the same bases in yuan in that
one pool he earns what the mover earned and has moved nowhere. NPW is present value less that of own contributions.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from pension.accounting import Regime, RegimeError, resolve
from pension.engine import Engine
from pension.kernels import award_fields
from pension.variants.base_provisions import POOLS

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters

Float = npt.NDArray[np.float64]

PARTS: Final = ("stayer gap", "wage-path effect", "portability loss proper")


@dataclass(frozen=True)
class StayerGap:
    """The gap of each person, constant yuan of the price year at R0; positive: the stayer has more."""

    regime: str
    of: str
    """``origin`` or ``destination``: where the stayer stays."""
    price_year: int
    status: npt.NDArray[np.int64]
    """[person]: 0, or the code in ``award_fields.STATUS_TEXT`` why there is no gap."""
    gap: Float
    """[person]; nan where undefined, as the parts."""
    wage_path: Float
    portability: Float

    def means(self) -> tuple[int, Float]:
        """(people with a gap, mean of the gap and of its two parts); nan without anybody."""
        known = self.status == award_fields.DEFINED
        parts = np.stack([self.gap, self.wage_path, self.portability])[:, known]
        return int(known.sum()), parts.mean(axis=1) if known.any() else np.full(3, np.nan)

    def __str__(self) -> str:
        people, means = self.means()
        terms = [f"{name} {mean:,.2f}" for name, mean in zip(PARTS, means, strict=True)]
        left = int(self.status.size - people)
        return (
            f"stayer at the {self.of} against {self.regime}, mean of {people:,} people ({left:,} undefined), yuan of "
            f"{self.price_year}: {terms[0]} = {terms[1]} + {terms[2]}"
        )


def stayer_gap(
    histories: Histories | str | os.PathLike[str],
    regime: str | Regime = "current",
    *,
    of: str = "origin",
    parameters: Parameters | None = None,
) -> StayerGap:
    """The stayer gap of everybody under ``regime`` and its two parts; ``of`` the ``"origin"`` or ``"destination"``.

    ``histories``, or a case file. Undefined for whoever began as a resident (origin) or has no paid employee month.
    Raises ``RegimeError`` for a regime that already is a counterfactual career, ``InputError`` for bad input.
    """
    from pension.histories import Histories
    from pension.inputs.opening import read_case
    from pension.parameters import load

    if of not in POOLS:
        raise RegimeError(f"of = {of!r} is none of {', '.join(POOLS)}")
    parameters = parameters if parameters is not None else load()
    people = histories if isinstance(histories, Histories) else read_case(histories, parameters)
    (chosen,) = resolve([regime])
    if chosen.choice("career") != "recorded":
        raise RegimeError(f"regime {chosen.name!r} already rests on career = {chosen.choice('career')!r}")
    stayer = chosen.but(f"{chosen.name} of a stayer", career=f"stayer_{of}")
    pooled = chosen.but(f"{chosen.name} of one pool", career="same_bases", pool=of)
    engine = Engine(parameters, [chosen, stayer, pooled])
    statutory, earliest, _, _ = engine.award_months(people.arrays)
    people.require(statutory, earliest)
    found = engine.run(people.arrays, ("status", "pw"))
    reasons = [found.column("status", name).astype(np.int64) for name in (chosen.name, stayer.name, pooled.name)]
    status = np.select([reason != 0 for reason in reasons], reasons, default=0)
    gap, path, proper = (
        np.where(status == award_fields.DEFINED, found.lost(a, b), np.nan)
        for a, b in ((chosen.name, stayer.name), (pooled.name, stayer.name), (chosen.name, pooled.name))
    )
    price_year = int(parameters.tables.price_year)
    return StayerGap(chosen.name, of, price_year, status, gap, path, proper)
