"""Money paid that carries neither right nor cash: the numerator of loss measure L5 (forfeited contributions).

F is the value at the award month R, with book interest, of money paid for which the settlement gives nothing:

- *stranded months*: late back-payments that the regime does not count; their account and their pooled money, since
  the account stays behind as well (decision 25);
- *dropped months*: months paid in two places at once, where the other place counts; their pooled money (the account is
  refunded, so it is cash);
- *pooled money of who leaves*: of counted months, where the person ends in the resident scheme or withdraws, less what
  the regime lets follow (provision ``pooled_on_exit``). What follows at face value forfeits its interest; where more
  follows than was paid into the pool (12 % of bases, for an individual before 2006) the difference is negative.

Not in F: the pooled money of counted months in the employee route (it carries the basic pension), accounts (divided,
bridged, withdrawn or inherited), all resident money (subsidies and interest of overlapped months stay in the account),
deemed months (nothing was paid). That bridged months count as years of the resident scheme is not taken for a right to
their pooled money: the same years come free of it. F says nothing of whether a right is worth its money; that is
L1-L4.

C, the denominator, is all money paid at the same date: account and pooled money of every paid employee month, counted
or not, and the resident account with all its credits. Each grows at the book rate of its scheme and place to R.
"""

from __future__ import annotations

from typing import Any

from pension._compile import jit
from pension.kernels import cells
from pension.kernels.employee_benefit import counts
from pension.kernels.resident_account import balance_at


@jit
def forfeited_money(
    s: Any, world: Any, place: int, late_kept: bool, employee_route: bool, follows: float, award: int
) -> tuple[float, float]:
    """(F, C) of the person digested in ``s``, yuan at the award; ``follows`` the pooled money that leaves with him."""
    summary = s.summary
    forfeited, paid = summary[cells.DROPPED_POOLED], summary[cells.DROPPED_POOLED] + summary[cells.DROPPED_ACCOUNT]
    for slot in range(int(summary[cells.N_SLOTS])):
        for kind_of_cell in range(cells.LATE, cells.ORDINARY + 1):
            cell = s.cells[slot, kind_of_cell]
            account, pooled = cell[cells.ACCOUNT], cell[cells.POOLED]
            paid += account + pooled
            if not counts(kind_of_cell, s.place_of[slot], place, late_kept):
                forfeited += account + pooled
            elif not employee_route:
                forfeited += pooled
    if not employee_route:
        forfeited -= follows
    if summary[cells.RESIDENT_RECORDS] > 0.0:
        paid += balance_at(summary, world, cells.AT_AWARD, 0, award)
    return forfeited, paid
