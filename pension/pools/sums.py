"""Moves and province accounts of many people added up, in their order."""

from __future__ import annotations

from typing import Any, Final

from pension._compile import kernel
from pension.pools.moves import ACCOUNT, COUNTED, FROM, KIND, MONTHS, N_LINE, N_MOVE, PAID_ACCOUNT, PLACE, TO

# --- fields of a corridor beside those of a move
PEOPLE: Final = N_MOVE
ROWS: Final = N_MOVE + 1
N_CORRIDOR: Final = N_MOVE + 2


@kernel
def add_up(
    room: Any,
    first: int,
    last: int,
    keep: Any,
    weight: Any,
    price: Any,
    moves: Any,
    n_moves: Any,
    lines: Any,
    n_lines: Any,
    corridors: Any,
    totals: Any,
) -> None:
    """Add people ``first <= i < last`` with ``keep``, one after another (never in threads), to ``corridors`` [regime,
    kind, from, to, field] and ``totals`` [regime, place, field]; ``price`` [person] constant yuan of one yuan at R0."""
    for i in range(first, last):
        if not keep[i]:
            continue
        money = weight[i] * price[i]
        for r in range(n_moves.shape[1]):
            for n in range(n_moves[i, r]):
                row = moves[room[i] + n, r]
                cell = corridors[r, int(row[KIND]), int(row[FROM]), int(row[TO])]
                cell[MONTHS] += weight[i] * row[MONTHS]
                for f in range(ACCOUNT, N_MOVE):
                    cell[f] += money * row[f]
                cell[PEOPLE] += weight[i]
                cell[ROWS] += 1.0
            for n in range(n_lines[i, r]):
                row = lines[room[i] + n, r]
                total = totals[r, int(row[PLACE])]
                total[PLACE] += weight[i]
                total[COUNTED] += weight[i] * row[COUNTED]
                for f in range(PAID_ACCOUNT, N_LINE):
                    total[f] += money * row[f]
