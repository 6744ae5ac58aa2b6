"""What the people of an input look like before anything is computed: gaps, overlaps, late payments, missing incomes,
bases outside the limits of their place and month.

A compiled pass beside the range check: it changes no pension and repairs nothing. Bases outside the limits are counted,
or refused on request; they are never moved to a limit (the index is reckoned on what was paid). Several payers at one
place and month add up before they are compared. A base is outside when it is by more than half a yuan, as agencies
state bases in whole yuan; months without a known limit are counted apart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import in_threads
from pension.checks.access import MODES
from pension.errors import Problem, mask_identifier, refuse
from pension.histories import Histories
from pension.kernels.cells import LOWEST
from pension.runs.tally_kernels import LIMITS, QUALITY, ROUNDING_YUAN, scan
from pension.schema import month_text
from pension.tables.dense import FIRST_MONTH, N_YEARS

if TYPE_CHECKING:
    from pension.parameters import Parameters

_BLOCK: Final = 4096
"""Blocks of ``in_threads``: each has a row of its own to count in."""

MEANING: Final = {
    "people_without_records": "people without any record",
    "people_with_gaps": "people with months of no scheme between their first and last month of any",
    "gap_months": "such months",
    "people_in_two_places": "people paying as employees in two provinces in one month",
    "months_in_two_places": "such months",
    "people_in_two_schemes": "people with employee months in a year they paid for as residents",
    "months_in_two_schemes": "such months",
    "people_with_late_payments": "people with late back-payments",
    "late_months": "months so paid",
    "people_with_backpaid_years": "people with back-paid resident years",
    "backpaid_years": "years so paid",
    "people_paying_as_employees": "people with a paid employee record",
    "people_without_any_income": "of these, people with no income stated in any",
    "employee_records": "paid employee records",
    "records_without_income": "of these, records without an income",
    "people_below_floor": "people with a base under the floor of its place and month",
    "people_above_ceiling": "people with a base over the ceiling",
    "people_with_unknown_limits": "people with months whose limits are unknown",
}
"""What each count is."""


class LimitTables(NamedTuple):
    """The limits as the pass reads them."""

    floor: npt.NDArray[np.float64]
    """[place, month], yuan/month; NaN = unknown."""
    ceiling: npt.NDArray[np.float64]
    of_year: npt.NDArray[np.float64]
    """[place, year, 4]: bases from the first to the second are inside in every month of the year, those under the third
    under the floor in every month, those over the fourth over the ceiling in every month."""
    unknown: npt.NDArray[np.int16]
    """[place, year]: mask of months of which a limit is unknown."""


@lru_cache(maxsize=8)
def limit_tables(parameters: Parameters) -> LimitTables:
    """The limits of every place and month, prepared for the pass."""
    floor, ceiling = parameters.tables.base_floor, parameters.tables.base_ceiling
    by_year = (schema.N_PLACES, N_YEARS, 12)
    least = np.where(np.isnan(floor), -np.inf, floor - ROUNDING_YUAN).reshape(by_year)
    most = np.where(np.isnan(ceiling), np.inf, ceiling + ROUNDING_YUAN).reshape(by_year)
    low, high, under = least.max(axis=2), most.min(axis=2), least.min(axis=2)
    over = np.maximum(most.max(axis=2), low)  # a base under a floor counts there alone
    unknown = (np.isnan(floor) | np.isnan(ceiling)).reshape(by_year) @ (1 << np.arange(12))
    found = LimitTables(floor, ceiling, np.stack([low, high, under, over], axis=2), unknown.astype(np.int16))
    for array in found:
        array.flags.writeable = False
    return found


class Scan(NamedTuple):
    """What the pass found in one block."""

    totals: npt.NDArray[np.int64]
    """[count]: see ``QUALITY``."""
    by_place: npt.NDArray[np.int64]
    """[place, count]: see ``LIMITS``; zero where limits were not looked at."""
    below: npt.NDArray[np.int16]
    """[record]: mask of months with a base under the floor; empty where they are not wanted."""
    above: npt.NDArray[np.int16]
    """[record]: mask of months with a base over the ceiling."""
    outside: npt.NDArray[np.int32]
    """[person]: months outside."""


def scan_block(
    histories: Histories,
    parameters: Parameters,
    limits: bool,
    wanted: npt.NDArray[np.bool_] | None = None,
    masks: bool = True,
) -> Scan:
    """Look at people that passed the range check; ``wanted`` [person] leaves out the others. Without ``masks`` months
    outside the limits are only counted, not shown by record."""
    arrays = histories.arrays
    people, records = arrays.sex.size, arrays.year.size
    chosen = np.ones(people, dtype=np.bool_) if wanted is None else wanted
    blocks = max(1, -(-people // _BLOCK))
    totals = np.zeros((blocks, len(QUALITY)), np.int64)
    by_place = np.zeros((blocks, schema.N_PLACES, len(LIMITS)), np.int64)
    below, above = (np.empty(records if limits and masks else 0, np.int16) for _ in range(2))
    outside = np.empty(people if limits else 0, np.int32)
    of = (totals, by_place, below, above, outside)
    in_threads(scan, people, arrays, chosen, limits, *limit_tables(parameters), _BLOCK, *of)
    return Scan(totals.sum(axis=0), by_place.sum(axis=0), below, above, outside)


def limit_mode(limits: str) -> str:
    """``limits`` when it is ``report``, ``error`` or ``off``; InputError otherwise."""
    if limits not in MODES:
        raise refuse(f"limits is one of {', '.join(MODES)}", column="limits", value=limits)
    return limits


def limit_problems(histories: Histories, found: Scan, parameters: Parameters) -> list[Problem]:
    """The first base outside the limits of each person as a problem: where it stands, which limit it breaks."""
    arrays, tables = histories.arrays, limit_tables(parameters)
    problems = []
    for i in np.flatnonzero(found.outside).tolist():
        begin, end = int(arrays.offsets[i]), int(arrays.offsets[i + 1])
        j = begin + int(np.flatnonzero((found.below | found.above)[begin:end])[0])
        under, over = int(found.below[j]), int(found.above[j])
        month = 12 * int(arrays.year[j]) + int(LOWEST[under or over])
        place = schema.PLACE_INDEX[schema.province_of(int(arrays.place[j]))]
        table, word = (tables.floor, "under the floor") if under else (tables.ceiling, "over the ceiling")
        limit = float(table[place, month - FIRST_MONTH])
        identifier = histories.person[i].as_py()
        who = identifier if histories.source.hashed else mask_identifier(identifier)
        rule = f"{word} of {limit:,.2f} yuan/month in {schema.PLACES[place][2]} in {month_text(month)} (person {who})"
        source = histories.source
        file, row, prefix = source.file, histories.row(i), f"records[{j - begin + 1}]."
        if source.record_rows is not None:
            file, row = source.record_file or source.file, int(source.record_rows[j])
            prefix = "" if source.record_columns is None else source.record_columns[j]
        problems.append(Problem(file, row, f"{prefix}base", f"{float(arrays.base[j]):g}", rule))
    return problems


@dataclass
class InputQuality:
    """Counts of the people that were settled, added up block by block."""

    limits: bool = True
    """Whether bases were compared with the limits of their place and month."""
    people: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUALITY, 0))
    """See ``MEANING``."""
    by_place: npt.NDArray[np.int64] = field(
        default_factory=lambda: np.zeros((schema.N_PLACES, len(LIMITS)), np.int64), repr=False
    )
    """[place, count]: months tested, under the floor, over the ceiling, with an unknown limit."""

    def add(self, people: int, found: Scan) -> None:
        """Count one block."""
        self.people += people
        for name, count in zip(QUALITY, found.totals.tolist(), strict=True):
            self.counts[name] += count
        self.by_place = self.by_place + found.by_place

    def merge(self, other: InputQuality) -> None:
        """Count the people of another one."""
        self.people += other.people
        for name in QUALITY:
            self.counts[name] += other.counts[name]
        self.by_place = self.by_place + other.by_place

    def state(self) -> dict[str, Any]:
        """For JSON; ``restored`` takes it back."""
        return {"limits": self.limits, "people": self.people, "counts": self.counts, "by_place": self.by_place.tolist()}

    @classmethod
    def restored(cls, state: dict[str, Any]) -> InputQuality:
        """What ``state`` gave."""
        return cls(state["limits"], state["people"], dict(state["counts"]), np.array(state["by_place"], np.int64))

    def data(self) -> dict[str, Any]:
        """The counts with their meaning, and ``limits``: one row a province (None where they were not looked at)."""
        counts = {name: {"count": self.counts[name], "meaning": MEANING[name]} for name in self._shown()}
        rows = [
            {"place": schema.PLACES[p][0], "name": schema.PLACES[p][2], **dict(zip(LIMITS, line.tolist(), strict=True))}
            for p, line in enumerate(self.by_place)
            if line.any()
        ]
        return {"people": self.people, "counts": counts, "limits": rows if self.limits else None}

    def _shown(self) -> list[str]:
        of_limits = ("people_below_floor", "people_above_ceiling", "people_with_unknown_limits")
        return [name for name in QUALITY if self.limits or name not in of_limits]

    def lines(self) -> list[str]:
        """The report as a run prints it."""
        c = self.counts
        out = [
            f"no record {c['people_without_records']:,} people; gaps {c['gap_months']:,} months of "
            f"{c['people_with_gaps']:,}",
            f"two places {c['months_in_two_places']:,} months of {c['people_in_two_places']:,}; two schemes "
            f"{c['months_in_two_schemes']:,} of {c['people_in_two_schemes']:,}",
            f"late payments {c['late_months']:,} months of {c['people_with_late_payments']:,}; back-paid resident "
            f"years {c['backpaid_years']:,} of {c['people_with_backpaid_years']:,}",
            f"incomes missing in {c['records_without_income']:,} of {c['employee_records']:,} employee records, in all "
            f"of {c['people_without_any_income']:,} people",
        ]
        if not self.limits:
            return out
        tested, below, above, unknown = self.by_place.sum(axis=0).tolist()
        out.append(
            f"bases under the floor {below:,} and over the ceiling {above:,} of {tested:,} months "
            f"({c['people_below_floor']:,} and {c['people_above_ceiling']:,} people); limits unknown {unknown:,}"
        )
        worst = sorted(
            ((line[1] + line[2], p) for p, line in enumerate(self.by_place.tolist()) if line[1] + line[2]),
            key=lambda found: (-found[0], found[1]),
        )
        if worst:
            places = ", ".join(f"{schema.PLACES[p][2]} {n:,}" for n, p in worst[:5])
            more = f" and {len(worst) - 5} more" if len(worst) > 5 else ""
            out.append(f"months outside the limits by province: {places}{more}")
        return out
