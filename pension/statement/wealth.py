"""What one person paid and what it earns, and the further loss measures, as they stand in a statement."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pension import losses
from pension.kernels.award_fields import NO_OUTLAY, RESULT_NAMES, WEALTH_NAMES
from pension.wealth.net_wealth import with_wealth

if TYPE_CHECKING:
    from pension.tables.dense import Tables
    from pension.variants.histories import Variant

MEASURES: Final = ("L5", "L6", "L7", "L8_irr", "L8_worth")
"""Measures by identifier; L1 to L4 stand in a statement under their own keys."""

Columns = dict[str, Any]


def columns_of(tables: Tables, history: Variant, world: Any, rows: Any, results: Any) -> list[Columns]:
    """For each regime every column of ``RESULT_NAMES`` and ``WEALTH_NAMES`` of one person, arrays of one number."""
    names = (*RESULT_NAMES, *WEALTH_NAMES)
    values = with_wealth(names, np.ascontiguousarray(results[None]), tables, history, world, rows)[0]
    return [{name: row[c : c + 1] for c, name in enumerate(names)} for row in values]


def wealth_of(columns: Columns) -> dict[str, Any]:
    """The keys of a regime about contributions, net wealth and return; null with a reason where undefined.

    Money at R0 in constant yuan; ``forfeited`` and ``contributed`` in yuan of the award month with book interest.
    """
    c = {name: float(values[0]) for name, values in columns.items()}
    return {
        "own_contributions": c["own_contributions"],
        "all_contributions": c["all_contributions"],
        "net_present_value": c["npw"],
        "moneys_worth": c["moneys_worth"],
        "moneys_worth_reason": None if np.isfinite(c["moneys_worth"]) else losses.REASONS[NO_OUTLAY],
        "irr": c["irr"],
        "irr_reason": losses.REASONS[int(c["irr_status"])] if c["irr_status"] else None,
        "irr_roots": int(c["irr_roots"]),
        "forfeited": c["forfeited"],
        "contributed": c["contributed"],
    }


def further_measures(regime: Columns, reference: Columns) -> dict[str, Any]:
    """The measures of ``MEASURES`` of one person, and under ``reasons`` why some are undefined."""
    out: dict[str, Any] = {}
    reasons = {}
    for name in MEASURES:
        value, reason = losses.measure(name, regime, reference)
        out[name] = float(value[0])
        if reason[0]:
            reasons[name] = losses.REASONS[int(reason[0])]
    return {**out, "reasons": reasons}
