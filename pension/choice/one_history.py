"""One person's history behind some regimes, recorded or a variant of it, ready to be settled and traced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.accounting import Regime
from pension.choice.one_person import employee_records, settle_person
from pension.engine import Engine, add_refunds, by_plan, undefined
from pension.histories import HistoryArrays
from pension.kernels import award_fields
from pension.kernels import valuation as val
from pension.kernels.cells import TRACE_COLUMNS, note
from pension.kernels.valuation import PRESENT_VALUE, one_payment
from pension.statement.wealth import columns_of
from pension.variants.base_provisions import BASE_PROVISIONS, RECORDED, Plan
from pension.variants.histories import Variant, traced
from pension.wealth.contributions import Contributions

Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class OneHistory:
    """The history of one plan and what is read of it."""

    engine: Engine
    variant: Variant
    world: Any
    row: int
    """Award row in ``world.awards``."""
    recorded: HistoryArrays
    trace: Any
    """Steps of the law by which the records came about; its records are the recorded ones."""

    @staticmethod
    def of(engine: Engine, plan: Plan, arrays: HistoryArrays) -> OneHistory:
        """The history that ``plan`` makes of the one person of ``arrays``."""
        variant = engine.variant(plan, arrays)
        world, rows = engine.world(arrays, insured=variant.kind)
        return OneHistory(engine, variant, world, int(rows[0]), arrays, traced(plan, arrays, engine.figures))

    @property
    def h(self) -> HistoryArrays:
        """The records."""
        return self.variant.arrays

    @property
    def award(self) -> int:
        """Award month (serial)."""
        return int(self.world.awards[self.row, val.AWARD])

    @property
    def statutory(self) -> int:
        """Statutory month (serial) of this history; R0 is that of the recorded one."""
        return int(self.world.awards[self.row, val.STATUTORY])

    def contributions(self) -> Contributions:
        """What was paid, of the one person."""
        return self.engine.contributions(self.variant, self.recorded)

    def settle(self, regimes: Sequence[Regime], digest_trace: Any = None, traces: Any = None) -> tuple[Any, Float]:
        """(cells, results [regime, field]) of regimes that rest on this history; refunds of a surrender are in them."""
        scratch, results = settle_person(self.world, self.row, self.h, regimes, digest_trace, traces)
        if self.variant.refunds.month.size:
            _, of_gone = settle_person(self.world, self.row, self.variant.gone, [Regime("law")])
            rows, ended = np.array([self.row]), of_gone[:, award_fields.CONTRIBUTED]
            add_refunds(self.variant, self.world, rows, award_fields.RESULT_NAMES, results[None], ended)
        if self.variant.reason[0] != 0:
            results[:] = undefined(award_fields.RESULT_NAMES, self.variant.reason, results)
        for trace in () if traces is None else traces:
            self._note_refunds(trace)
        return scratch, results

    def wealth(self, results: Float) -> list[dict[str, Any]]:
        """For each settled regime every column of a result and of ``award_fields.WEALTH_NAMES``, arrays of one."""
        return columns_of(self.engine.parameters.tables, self.variant, self.world, np.array([self.row]), results)

    def _note_refunds(self, trace: Any) -> None:
        sex, birth = int(self.h.sex[0]), int(self.h.birth[0])
        reference = int(self.world.awards[self.row, val.REFERENCE])
        for month, yuan in self.refunds():
            factor = one_payment(self.world, sex, birth, month, reference)
            value = yuan * factor
            note(trace, PRESENT_VALUE, award_fields.SURRENDERED, -1, yuan, factor, 0.0, 0.0, 0.0, value)

    def refunds(self) -> list[tuple[int, float]]:
        """(month serial, yuan) of each refund of a surrender."""
        found = self.variant.refunds
        return list(zip(found.month.tolist(), found.yuan.tolist(), strict=True))

    def new_digest_trace(self) -> Any:
        """Room for the steps of the digest."""
        return np.zeros((64 * self.h.year.size + 200, TRACE_COLUMNS))


def values_of(engine: Engine, arrays: HistoryArrays, regimes: Sequence[Regime]) -> Float:
    """[regime]: net pension wealth of one person where the regimes rest on several histories, else present value."""
    plans = by_plan(regimes)
    out = np.empty(len(regimes))
    for plan, members in plans.items():
        history = OneHistory.of(engine, plan, arrays)
        _, results = history.settle([regimes[k] for k in members])
        own = float(history.contributions().own[0]) if len(plans) > 1 else 0.0
        out[members] = results[:, award_fields.PW] - own
    return out


def difference(regime: Regime, history: OneHistory, recorded: OneHistory) -> dict[str, Any] | None:
    """What a regime's history is made of and how it differs from the recorded one; None where it is that one.

    Months are paid employee months, bases their mean in yuan/month; contributions at R0 in yuan of the price year.
    """
    if history.variant.plan == RECORDED:
        return None
    changed = {p: regime.choice(p) for p in BASE_PROVISIONS if regime.choice(p) != BASE_PROVISIONS[p][0]}
    numbers = {n: getattr(regime, n) for n in ("pool", "forms", "floor_fraction", "platform_share")}
    return {
        "provisions": changed,
        "numbers": {name: value for name, value in numbers.items() if value not in (None, ())},
        "award": schema.month_text(history.award),
        "of_regime": _measures(history),
        "recorded": _measures(recorded),
        "refunds": [{"month": schema.month_text(month), "amount": yuan} for month, yuan in history.refunds()],
    }


def _measures(history: OneHistory) -> dict[str, Any]:
    h, records = history.h, employee_records(history.h)
    months = sum(int(h.months[j]).bit_count() for j in records)
    bases = sum(int(h.months[j]).bit_count() * float(h.base[j]) for j in records)
    paid = history.contributions()
    return {
        "employee_months": months,
        "resident_years": int(np.count_nonzero(h.scheme == schema.SCHEME["resident"])),
        "mean_base": bases / months if months else None,
        "places": sorted({schema.province_of(int(h.place[j])) for j in records}),
        "own_contributions": float(paid.own[0]),
        "all_contributions": float(paid.all[0]),
    }
