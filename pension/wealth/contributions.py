"""What was paid for a person: own contributions, and all of them, as present values at R0 and at face.

One pass over the records, whatever the regime counts of them: stranded and dropped months were paid, deemed months
were not. Money falls in the month it is paid for; a resident payment in December, in the award month of the award
year (decision 15). Before R0 it earns the discount rate, after R0 it is weighed with survival as every payment is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import in_threads, inlined, jit, kernel
from pension.kernels.cells import INDIVIDUAL_FORM, province_position
from pension.kernels.resident_account import contribution_subsidy, subsidised_years
from pension.kernels.valuation import one_payment
from pension.law.contributions import individual_pooled_points, own_pooled_points, paid_pooled_points
from pension.law.resident import resident_credit
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR
from pension.tables.world import MONTH_ACCOUNT, MONTH_POOLED, SUBSIDY_YEARS

if TYPE_CHECKING:
    from pension.histories import HistoryArrays
    from pension.tables.dense import Tables
    from pension.tables.world import World

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

OWN: Final = 0
ALL: Final = 1
OWN_FACE: Final = 2
ALL_FACE: Final = 3
N_SUMS: Final = 4


class Contributions(NamedTuple):
    """What was paid for each person; NaN where a rate of a paid month is unknown."""

    own: Float
    """[person]: present value at R0 of the member's own contributions, constant yuan of the price year."""
    all: Float
    """[person]: the same of all contributions: own, the employer's or platform's, subsidies and hardship payments of
    the government, collective assistance."""
    own_face: Float
    """[person]: own contributions as paid, yuan."""
    all_face: Float
    """[person]: all contributions as paid, yuan."""


@inlined
def employee_points(
    account: float, pooled: float, employee: float, individual: bool, share: float
) -> tuple[float, float]:
    """(own, all) contributions of one employee month, fractions of its base.

    ``account`` points credited, ``pooled`` points of the kind by law, ``employee`` what the worker pays by law;
    ``share`` what the employer or platform pays (NaN = by law). Employees pay the employee share beside it.
    Individuals pay account and pooled points; what a platform pays into the pool is taken off theirs.
    """
    everything = account + pooled
    if np.isnan(share):
        return employee, everything
    if individual:
        return account + own_pooled_points(pooled, share), account + individual_pooled_points(pooled, share)
    return employee, account + paid_pooled_points(share, employee, account)


@inlined
def resident_payment(h: Any, start: int, record: int, world: Any, award: int) -> tuple[int, float]:
    """(month, money) of a resident record: when it is booked, and own, collective and subsidy together, yuan;
    ``start`` the person's first record."""
    year, here = int(h.year[record]), province_position(h.place[record])
    booked = 12 * year + 11 if year != award // 12 else award
    subsidy = 0.0
    in_limit = subsidised_years(h, start, record) < world.lines[here, SUBSIDY_YEARS]
    if in_limit and not h.flags[record] & schema.FLAG_BACKPAID:
        subsidy = contribution_subsidy(world, here, booked, h.base[record])
    collective = 0.0 if np.isnan(h.payer_share[record]) else h.payer_share[record]
    return booked, resident_credit(h.base[record], subsidy, collective)


@jit
def add_contributions(
    h: Any, i: int, world: Any, own_rate: Any, award: int, reference: int, sums: Any, flow: Any
) -> None:
    """Add what was paid for person ``i`` to ``sums`` [``N_SUMS``]: values at R0 in yuan of R0, then face values.

    ``own_rate`` [place, month, kind] is ``Tables.own_rate``; ``award`` R, ``reference`` R0. ``flow``, where it is not
    None, has the value at R0 of the own contributions of each month taken off [month].
    """
    sex, birth = h.sex[i], h.birth[i]
    start = h.offsets[i]
    for record in range(start, h.offsets[i + 1]):
        scheme = h.scheme[record]
        if scheme == 2:
            month, everything = resident_payment(h, start, record, world, award)
            own = 0.0 if h.flags[record] & schema.FLAG_PROXY else h.base[record]
            weight = one_payment(world, sex, birth, month, reference)
            sums[OWN] += own * weight
            sums[ALL] += everything * weight
            sums[OWN_FACE] += own
            sums[ALL_FACE] += everything
            if flow is not None:
                flow[month - FIRST_MONTH] -= own * weight
        elif scheme == 1 and not h.flags[record] & schema.FLAG_DEEMED:
            place, base = province_position(h.place[record]), h.base[record]
            individual = h.form[record] >= INDIVIDUAL_FORM
            kind = 1 if individual else 0
            first = 12 * (int(h.year[record]) - FIRST_YEAR)
            mask = int(h.months[record])
            for k in range(12):
                if not (mask >> k) & 1:
                    continue
                line = world.monthly[place, first + k]
                mine, everybodys = employee_points(
                    line[MONTH_ACCOUNT],
                    line[MONTH_POOLED + kind],
                    own_rate[place, first + k, kind],
                    individual,
                    h.payer_share[record],
                )
                weight = one_payment(world, sex, birth, FIRST_MONTH + first + k, reference)
                sums[OWN] += mine * base * weight
                sums[ALL] += everybodys * base * weight
                sums[OWN_FACE] += mine * base
                sums[ALL_FACE] += everybodys * base
                if flow is not None:
                    flow[first + k] -= mine * base * weight


@kernel
def _fill(out: Any, first: int, last: int, h: Any, world: Any, own_rate: Any, award: Any, reference: Any) -> None:
    for i in range(first, last):
        for k in range(N_SUMS):
            out[i, k] = 0.0
        add_contributions(h, i, world, own_rate, award[i], reference[i], out[i], None)


def contributions(tables: Tables, world: World, arrays: HistoryArrays, award: Int, reference: Int) -> Contributions:
    """What was paid for everybody in ``arrays``, checked histories or a variant of them.

    ``award`` R and ``reference`` R0 [person], month serials; no record lies after R. ``world`` is ``Engine.world`` of
    the same people. One number a history: regimes over one history share it.
    """
    sums = np.empty((arrays.sex.shape[0], N_SUMS))
    in_threads(_fill, sums.shape[0], sums, arrays, world, tables.own_rate, award, reference)
    price = tables.price[tables.price_year - FIRST_YEAR] / tables.price[reference // 12 - FIRST_YEAR]
    return Contributions(sums[:, OWN] * price, sums[:, ALL] * price, sums[:, OWN_FACE], sums[:, ALL_FACE])
