"""The pooled pension place by place: what the months paid in each earn under one regime."""

from __future__ import annotations

from typing import Any, Final

from pension import accounting as choose
from pension import schema
from pension._compile import jit
from pension.kernels import cells
from pension.kernels.employee_benefit import _basic, _calculation_base, _exit_year, _transition, chosen, counts
from pension.law.designs import notional_pension, rights_pension
from pension.tables.dense import FIRST_YEAR
from pension.tables.world import CALCULATION_BASE

_RIGHTS: Final = 2


@jit
def by_place(
    s: Any, world: Any, regime: Any, alpha: float, place: int, column: int, award: int, divisor: float, parts: Any
) -> None:
    """What the counted months of each place earn of the pooled pension (basic, transitional, or by design), added to
    ``parts`` [place], yuan/month; ``divisor`` that of a notional account.

    The formulas are linear in months and indices, so the parts sum to what ``employee_parts`` gives; years bought with
    resident money are nobody's months and left out.
    """
    summary = s.summary
    slots, nation_column = int(summary[cells.N_SLOTS]), int(summary[cells.NATION_COLUMN])
    flat, earnings, index = regime[choose.FLAT_BASE], regime[choose.EARNINGS_BASE], regime[choose.INDEX_WAGE]
    late_kept = regime[choose.LATE_BACKPAYMENTS] == 1
    award_year, design = award // 12, regime[choose.DESIGN]
    frozen = regime[choose.REVALUATION] != 0
    by_own = flat == 1 or earnings == 1 or frozen
    months_all, index_all, paid_months, deemed_months = 0.0, 0.0, 0.0, 0.0
    for slot in range(slots):
        own = s.place_of[slot]
        months, total, rights, notional = 0.0, 0.0, 0.0, 0.0
        for kind_of_cell in range(4):
            if counts(kind_of_cell, own, place, late_kept):
                cell, sums = s.cells[slot, kind_of_cell], s.indices[slot, kind_of_cell]
                months += cell[cells.MONTHS]
                total += chosen(index, sums[column], sums[slot], sums[nation_column], alpha)
                rights += cell[cells.RIGHTS]
                if kind_of_cell == cells.DEEMED:
                    deemed_months += cell[cells.MONTHS]
                else:
                    paid_months += cell[cells.MONTHS]
                    rights += sums[nation_column]
                    notional += cell[cells.NOTIONAL]
        months_all += months
        index_all += total
        if months == 0.0:
            continue
        nation, y = schema.NATION_INDEX, award_year - FIRST_YEAR
        if design == _RIGHTS:
            parts[own] += rights_pension(world.annual[nation, y, CALCULATION_BASE], rights)
        elif design > _RIGHTS:
            parts[own] += notional_pension(notional * world.wages[nation, y], divisor)
        else:
            late_counts = counts(cells.LATE, own, place, late_kept)
            year = _exit_year(s, slot, award, late_counts) if frozen else award_year
            at = own if by_own else place
            parts[own] += _basic(world, regime, alpha, place, at, year, award_year, months, total, None)
    if deemed_months == 0.0 and summary[cells.N_EARLY] == 0.0:
        return
    for slot in range(slots):
        own = s.place_of[slot]
        at = own if flat == 1 else place
        only = slot if flat == 1 else -1
        base = _calculation_base(world, flat, at, at, award_year, award_year, regime, alpha)
        overall = index_all / months_all
        parts[own] += _transition(s, world, regime, alpha, place, column, only, slot, base, overall, paid_months, None)
