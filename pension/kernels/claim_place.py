"""The place that pays: 国办发〔2009〕66号 art. 6, or the place a regime names instead."""

from __future__ import annotations

from typing import Any

from pension._compile import inlined
from pension.kernels import cells
from pension.kernels.cells import note
from pension.law.transfer import CLAIM_PLACE, FIRST_TRANSFER_MONTH, claim_branch


@inlined
def claim_place(s: Any, hukou: int, rule: int, temporary_counted: bool, trace: Any) -> tuple[int, int, int]:
    """Claim place of 66号 art. 6 (or the regime's): (position, column of the index sums, branch)."""
    slots = int(s.summary[cells.N_SLOTS])
    relation, relation_last, ordinary = -1, 0.0, False
    for slot in range(slots):
        cell = s.cells[slot]
        last = cell[cells.ORDINARY, cells.LAST]
        if temporary_counted:
            last = max(last, cell[cells.TEMPORARY, cells.LAST])
        if last > 0.0:
            if not ordinary or last > relation_last:
                relation, relation_last = slot, last
            ordinary = True
        elif not ordinary and cell[cells.DEEMED, cells.LAST] > relation_last:
            relation, relation_last = slot, cell[cells.DEEMED, cells.LAST]
    hukou_column = int(s.summary[cells.HUKOU_COLUMN])
    if rule == 2:
        return hukou, hukou_column, 6
    if relation < 0:
        return hukou, hukou_column, 4
    if rule == 1:
        return s.place_of[relation], relation, 5
    if rule == 3 and 0 < s.first[relation] < FIRST_TRANSFER_MONTH:
        moved = False
        for slot in range(slots):
            for kind_of_cell in range(cells.LATE, cells.ORDINARY + 1):
                moved |= slot != relation and s.cells[slot, kind_of_cell, cells.LAST] >= FIRST_TRANSFER_MONTH
        if not moved:
            return s.place_of[relation], relation, 7
    upper, upper_last, relation_months = -1, 0.0, 0.0
    for slot in range(slots):
        cell = s.cells[slot]
        months = cell[cells.ORDINARY, cells.MONTHS] + cell[cells.DEEMED, cells.MONTHS] + cell[cells.LATE, cells.MONTHS]
        last = cell[cells.ORDINARY, cells.LAST]
        if temporary_counted:
            months += cell[cells.TEMPORARY, cells.MONTHS]
            last = max(last, cell[cells.TEMPORARY, cells.LAST])
        if last == 0.0:
            last = cell[cells.DEEMED, cells.LAST]
        if slot == relation:
            relation_months = months
        elif months >= 120 and last > upper_last:
            upper, upper_last = slot, last
    at_hukou = 1 if s.place_of[relation] == hukou else 0
    branch = claim_branch(at_hukou, relation_months, 1 if upper >= 0 else 0)
    if trace is not None:
        note(
            trace,
            CLAIM_PLACE,
            -1,
            s.place_of[relation],
            at_hukou,
            relation_months,
            1 if upper >= 0 else 0,
            0.0,
            0.0,
            branch,
        )
    if branch == 2:
        return s.place_of[relation], relation, branch
    if branch == 3:
        return s.place_of[upper], upper, branch
    return hukou, hukou_column, branch
