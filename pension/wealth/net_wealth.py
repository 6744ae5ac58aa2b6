"""Net pension wealth, money's worth and rate of return of settled people: columns that are computed on request only.

They need what was paid (``contributions``) and, for the rate of return, the cash flow (``cash_flows``, ``irr``); both
come from the same histories and awards as the settlement, so that a regime over a variant of a history has its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pension._compile import in_threads
from pension.kernels import valuation as val
from pension.kernels.award_fields import DEFINED, REFUND, RESULT_NAMES, WEALTH_NAMES
from pension.tables.dense import N_MONTHS
from pension.wealth import irr

if TYPE_CHECKING:
    from pension.tables.dense import Tables
    from pension.tables.world import World
    from pension.variants.histories import Variant

Float = npt.NDArray[np.float64]

_OF_IRR = ("irr", "irr_status", "irr_roots")


def settled_columns(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns of ``award_fields.RESULT_NAMES`` that the kernel must give for these ``columns``."""
    if any(name in _OF_IRR for name in columns):
        return tuple(RESULT_NAMES)
    further = ("status", "pw") if any(name in WEALTH_NAMES for name in columns) else ()
    return tuple(dict.fromkeys((*(name for name in columns if name not in WEALTH_NAMES), *further)))


def with_wealth(
    columns: Sequence[str], settled: Float, tables: Tables, history: Variant, world: World, rows: Any
) -> Float:
    """[person, regime, column] for ``columns``, from ``settled`` with the columns of ``settled_columns``; ``history``
    the records that were settled, as recorded or a variant.

    ``own_contributions`` and ``all_contributions``: present values at R0, constant yuan of the price year. ``npw``:
    PW less own contributions. ``price``: constant yuan of the price year for one yuan at R0. ``moneys_worth``: PW over
    own contributions, NaN where the member paid nothing. ``irr``: yearly effective rate, NaN with the reason in
    ``irr_status`` (``award_fields.STATUS_TEXT`` and ``WEALTH_TEXT``); ``irr_roots``: rates found, of which ``irr`` is
    the one nearest to the discount rate. All are NaN where the result is undefined, but for ``irr_status``.
    """
    names = settled_columns(columns)
    awards = world.awards[rows]
    award, reference = (awards[:, field].astype(np.int64) for field in (val.AWARD, val.REFERENCE))
    paid = history.contributions(tables, world, award, reference)
    defined = settled[:, :, names.index("status")] == DEFINED
    pw = settled[:, :, names.index("pw")]
    own = np.where(defined, paid.own[:, None], np.nan)
    found: dict[str, Float] = {
        "own_contributions": own,
        "all_contributions": np.where(defined, paid.all[:, None], np.nan),
        "npw": pw - own,
        "price": np.broadcast_to(awards[:, val.PRICE, None], pw.shape),
        "moneys_worth": np.divide(pw, own, out=np.full(pw.shape, np.nan), where=own > 0.0),
    }
    if any(name in _OF_IRR for name in columns):
        rates = np.empty((*settled.shape[:2], irr.N_IRR))
        in_threads(
            irr.irr_kernel,
            settled.shape[0],
            rates,
            history.arrays,
            history.gone,
            history.refunds,
            rows,
            world,
            tables.indexation,
            tables.own_rate,
            tables.discount_rate,
            beside_refunds(history, settled),
            np.empty((0, N_MONTHS)),
        )
        found |= {"irr": rates[:, :, irr.RATE], "irr_status": rates[:, :, irr.REASON]}
        found["irr_roots"] = np.where(defined, rates[:, :, irr.ROOTS], np.nan)
    out = np.empty((*settled.shape[:2], len(columns)))
    for c, name in enumerate(columns):
        out[:, :, c] = found[name] if name in found else settled[:, :, names.index(name)]
    return out


def beside_refunds(history: Variant, settled: Float) -> Float:
    """``settled`` [person, regime, field of ``award_fields``] with the refunds of a surrender taken out of REFUND: they
    are paid when the province is left, the others at the award or at 60."""
    if not history.refunds.month.size:
        return settled
    out = settled.copy()
    out[:, :, REFUND] -= history.refunded(history.refunds.yuan)[:, None]
    return out
