"""Which provision causes a person's loss: the exact Shapley value, computed beside the settlement.

All 2^m mixtures of two regimes are settled from one digest. A provision that cannot matter to a person (no overlap, no
temporary account, ...) is a null player: its share is 0 and it changes no other share, so only the provisions that can
matter to him are mixed. Shapley 1953; weights |S|! (m - |S| - 1)! / m!.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import accounting as choose
from pension._compile import inlined, jit, kernel
from pension.kernels import cells
from pension.kernels import valuation as val

SHAPLEY: Final = 0
IN_ORDER: Final = 1
"""Step of the provision when all are exchanged one after another in the order of ``PROVISIONS``."""
LEAST: Final = 2
MOST: Final = 3
"""Smallest and largest step over all orders."""
N_SHARES: Final = 4


class Game(NamedTuple):
    """Two regimes whose difference is attributed; without players nothing is."""

    base: npt.NDArray[np.int64]
    """[provision]: the regime, with the route choice of the reference."""
    reference: npt.NDArray[np.int64]
    """[provision]."""
    numbers: npt.NDArray[np.float64]
    """The numbers of both."""
    players: npt.NDArray[np.int64]
    """Positions of the provisions in which they differ."""


def no_game(provisions: int) -> Game:
    """Nothing to attribute."""
    nothing = np.zeros(provisions, dtype=np.int64)
    return Game(nothing, nothing.copy(), np.zeros(3), np.zeros(0, dtype=np.int64))


@inlined
def relevant(s: Any, world: Any, award_row: int, game: Any, mine: Any) -> int:
    """Put the places (in ``game.players``) of the provisions that can matter to the person digested in ``s`` into
    ``mine``; returns how many. What is left out is a null player in every mixture of the two regimes."""
    summary = s.summary
    slots = int(summary[cells.N_SLOTS])
    late, temporary, in_time, deemed = 0.0, 0.0, 0.0, 0.0
    for slot in range(slots):
        late += s.cells[slot, cells.LATE, cells.MONTHS]
        temporary += s.cells[slot, cells.TEMPORARY, cells.MONTHS]
        deemed += s.cells[slot, cells.DEEMED, cells.MONTHS]
        in_time += s.cells[slot, cells.ORDINARY, cells.MONTHS]
    # Vested by months that count under every regime: the employee route is open and no other is.
    vested = deemed + in_time + temporary >= world.awards[award_row, val.MINIMUM]
    # One place, the registered residence, and no transitional pension (whose index differs by method): all wages agree.
    at_home = slots == 1 and s.place_of[0] == int(summary[cells.HUKOU])
    at_home = at_home and deemed == 0.0 and summary[cells.N_EARLY] == 0.0
    residents = summary[cells.RESIDENT_RECORDS] > 0.0
    n = 0
    for k in range(game.players.shape[0]):
        p = game.players[k]
        a, b = game.base[p], game.reference[p]
        matters = True
        if p == choose.FLAT_BASE or p == choose.EARNINGS_BASE or p == choose.INDEX_WAGE:
            converts = game.base[choose.RESIDENT_YEARS] >= 3 or game.reference[choose.RESIDENT_YEARS] >= 3
            matters = slots > 0 and (not at_home or a > 1 or b > 1 or (converts and residents))
        elif p == choose.VESTING:
            matters = slots > 0 and not (vested and a != 3 and b != 3)
        elif p == choose.RESIDENT_YEARS:
            matters = slots > 0 and residents
        elif p == choose.POOLED_ON_EXIT:
            never = game.base[choose.VESTING] == 3 or game.reference[choose.VESTING] == 3
            matters = slots > 0 and (never or not vested)
        elif p == choose.OVERLAP:
            matters = summary[cells.OVERLAP_MONTHS] > 0.0
        elif p == choose.TEMPORARY_ACCOUNTS:
            matters = temporary > 0.0
        elif p == choose.LATE_BACKPAYMENTS:
            matters = late > 0.0
        if matters:
            mine[n] = k
            n += 1
    return n


@inlined
def mix(game: Any, mine: Any, coalition: int, n: int, codes: Any) -> None:
    """The vector of one mixture: bit j of ``coalition`` takes the reference's choice for player ``mine[j]``."""
    for p in range(codes.shape[0]):
        codes[p] = game.base[p]
    for j in range(n):
        if coalition >> j & 1:
            p = game.players[mine[j]]
            codes[p] = game.reference[p]


@jit
def share(values: Any, mine: Any, n: int, out: Any) -> None:
    """Shares of all players from the values of all mixtures, ``out`` [player, share]; null players get 0, everybody nan
    where a mixture is undefined."""
    defined = True
    for coalition in range(1 << n):
        defined &= np.isfinite(values[coalition])
    for k in range(out.shape[0]):
        for f in range(N_SHARES):
            out[k, f] = 0.0 if defined else np.nan
    if not defined:
        return
    for j in range(n):
        bit = 1 << j
        total, least, most = 0.0, np.inf, -np.inf
        for coalition in range(1 << n):
            if coalition & bit:
                continue
            size = 0
            for other in range(n):
                size += coalition >> other & 1
            weight = 1.0 / n
            for k in range(size):
                weight *= (k + 1.0) / (n - 1.0 - k)
            step = values[coalition | bit] - values[coalition]
            total += weight * step
            least = min(least, step)
            most = max(most, step)
        out[mine[j], SHAPLEY] = total
        out[mine[j], IN_ORDER] = values[2 * bit - 1] - values[bit - 1]
        out[mine[j], LEAST] = least
        out[mine[j], MOST] = most


@kernel
def share_all(values: Any, first: int, last: int, out: Any) -> None:
    """Shares [person, player, share] from the values [person, mixture] of all mixtures; every player plays."""
    players = np.arange(out.shape[1])
    for i in range(first, last):
        share(values[i], players, players.shape[0], out[i])
