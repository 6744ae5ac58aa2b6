"""The expected cash flow of a person by month: benefits, what heirs receive, own contributions.

Discounted at the scenario's rate the benefits give the present value of the settlement; at the internal rate of return
(``irr``) the whole flow is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pension.engine import by_plan
from pension.kernels import award_fields as award_field
from pension.kernels import valuation as val
from pension.tables.dense import FIRST_MONTH, N_MONTHS
from pension.wealth.benefit_flows import COMPONENTS, N_COMPONENTS
from pension.wealth.irr import N_IRR, irr_kernel
from pension.wealth.net_wealth import beside_refunds

if TYPE_CHECKING:
    from pension.engine import Engine
    from pension.histories import HistoryArrays
    from pension.variants.histories import Variant

Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class CashFlow:
    """Expected payments of one person under one regime, for somebody alive at R0."""

    reference: int
    """R0, month serial."""
    discount_rate: float
    """Of the scenario, effective, a year."""
    first: int
    """Month serial of the first column."""
    components: dict[str, Float]
    """Component -> [month]: expected payment in nominal yuan; survival from R0 on, certainty before. Paid by the member
    is negative (``own_contributions``, ``backpay``)."""

    @property
    def total(self) -> Float:
        """[month]: what the member and his heirs receive less what the member pays."""
        found: Float = np.sum(list(self.components.values()), axis=0)
        return found

    @property
    def benefits(self) -> Float:
        """[month]: the same without own contributions; its value at the scenario's rate is the present value PW."""
        return self.total - self.components["own_contributions"]

    def value(self, flow: Float, rate: float | None = None) -> float:
        """Value at R0, yuan of R0, of a flow [month] at a yearly effective rate, by default the scenario's."""
        chosen = self.discount_rate if rate is None else rate
        years = (self.first + np.arange(flow.size) - self.reference) / 12.0
        return float(np.sum(flow * (1.0 + chosen) ** -years))


def cash_flows(engine: Engine, arrays: HistoryArrays) -> list[dict[str, CashFlow | None]]:
    """For everybody in ``arrays`` (checked histories): regime -> cash flow, None where the regime is undefined.

    Amounts are those of the scenario, weighted by survival from R0 on. For a few people: a flow has a thousand months.
    """
    found = engine.run(arrays, award_field.RESULT_NAMES)
    out: list[dict[str, CashFlow | None]] = [{} for _ in range(arrays.sex.size)]
    for plan, members in by_plan(engine.regimes).items():
        history = engine.variant(plan, arrays)
        world, rows = engine.world(arrays, insured=history.kind)
        results = beside_refunds(history, found.values[:, members])
        for i, k in product(range(rows.size), range(len(members))):
            name = engine.regimes[members[k]].name
            out[i][name] = cash_flow(engine, history, i, world, rows, results[i, k])
    return [{regime.name: of[regime.name] for regime in engine.regimes} for of in out]


def cash_flow(engine: Engine, history: Variant, person: int, world: Any, rows: Any, result: Float) -> CashFlow | None:
    """The flow of a settled ``result`` [``award_fields``, without the refunds of a surrender] of ``person``; ``world``
    and ``rows`` of ``Engine.world``; None where the result is undefined."""
    if result[award_field.STATUS] != award_field.DEFINED:
        return None
    tables = engine.parameters.tables
    results = np.zeros((person + 1, 1, result.size))
    results[person, 0] = result
    flows = np.zeros((N_COMPONENTS, N_MONTHS))
    irr_kernel(
        np.empty((person + 1, 1, N_IRR)),
        person,
        person + 1,
        history.arrays,
        history.gone,
        history.refunds,
        rows,
        world,
        tables.indexation,
        tables.own_rate,
        tables.discount_rate,
        results,
        flows,
    )
    reference = int(world.awards[rows[person], val.REFERENCE])
    paid = np.flatnonzero(np.any(flows != 0.0, axis=0))
    first, last = (int(paid[0]), int(paid[-1])) if paid.size else (reference - FIRST_MONTH,) * 2
    months = np.arange(first, last + 1) + FIRST_MONTH
    # Values at R0 back to money of their month.
    nominal = flows[:, first : last + 1] * (1.0 + tables.discount_rate) ** ((months - reference) / 12.0)
    components = {name: nominal[k] for k, name in enumerate(COMPONENTS)}
    return CashFlow(reference, tables.discount_rate, int(months[0]), components)
