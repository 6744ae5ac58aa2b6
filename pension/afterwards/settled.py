"""One history settled as if it ended in a month: what a death or a disability then finds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from pension import schema
from pension.checks.range_check import HistoryArrays, Records
from pension.kernels import award_fields, cells
from pension.kernels.cells import INDIVIDUAL_FORM, province_position


def cut(h: HistoryArrays, until: int, schemes: tuple[int, ...]) -> HistoryArrays:
    """The records of one person up to month ``until`` (resident years: the year begun), of some schemes."""
    room = np.where(h.year == until // 12, (1 << (until % 12 + 1)) - 1, schema.FULL_YEAR)
    months = np.where(h.scheme == schema.SCHEME["resident"], h.months, h.months & room)
    keep = (h.year <= until // 12) & (months > 0) & np.isin(h.scheme, schemes)
    columns = {name: getattr(h, name)[keep] for name in Records._fields}
    columns["months"] = months[keep].astype(h.months.dtype)
    columns["offsets"] = np.array([0, int(keep.sum())], dtype=h.offsets.dtype)
    for array in columns.values():
        array.flags.writeable = False
    return h._replace(**columns)


class Settled(NamedTuple):
    """One settlement: the history to a month, awarded in a month, under the law in force."""

    month: int
    arrays: HistoryArrays
    result: Any
    """Fields of ``settle``."""
    summary: Any
    """Fields of ``cells``."""
    cells: Any
    place_of: Any
    subsidies: dict[int, tuple[int, float, float]]
    """Resident years: (place, whole credit, subsidy), yuan."""

    @property
    def months(self) -> float:
        """Counted employee months."""
        found = float(self.result[award_fields.EMPLOYEE_MONTHS])
        return found if found > 0.0 else 0.0

    @property
    def employee_account(self) -> float:
        """Money in all employee accounts, whether it counts at the claim place or not."""
        slots = int(self.summary[cells.N_SLOTS])
        kinds = slice(cells.LATE, cells.ORDINARY + 1)
        return float(self.cells[:slots, kinds, cells.ACCOUNT].sum() + self.summary[cells.DROPPED_ACCOUNT])

    @property
    def relation(self) -> int:
        """Position of the place that holds the relation: of the last ordinary month, else of deemed ones, else the
        registered residence."""
        slots = int(self.summary[cells.N_SLOTS])
        for kind in (cells.ORDINARY, cells.DEEMED):
            last = self.cells[:slots, kind, cells.LAST]
            if slots and last.max() > 0:
                return int(self.place_of[int(last.argmax())])
        return int(self.summary[cells.HUKOU])


def paid_months(h: HistoryArrays) -> Iterator[tuple[int, int, int, int]]:
    """(record, month, position of the place, kind: 0 employer and employee, 1 individual) of paid employee months."""
    for record in range(h.year.size):
        if h.scheme[record] != schema.SCHEME["employee"] or h.flags[record] & schema.FLAG_DEEMED:
            continue
        position = int(province_position(h.place[record]))
        kind = 1 if h.form[record] >= INDIVIDUAL_FORM else 0
        for k in range(12):
            if int(h.months[record]) >> k & 1:
                yield record, 12 * int(h.year[record]) + k, position, kind
