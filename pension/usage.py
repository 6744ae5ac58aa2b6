"""Which parameter values a batch used: a compiled pass that marks (table, place, year).

Every estimated, unconfirmed or projected value behind a result is to be counted and listed, so this follows what the
regimes read of the tables that have gaps, person by person. National tables (ages, annuity months, prices, mortality)
are not marked here: every result uses them.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import accounting as choose
from pension import award_fields, checks, schema
from pension._compile import in_threads, jit, kernel
from pension.cells import province_position
from pension.engine import Entitlements
from pension.tables import FIRST_YEAR, N_YEARS

if TYPE_CHECKING:
    from pension.parameters import Parameters

TABLES: Final = (
    "reference_wage",
    "calculation_base",
    "employee_rate",
    "resident_rate",
    "account_rate",
    "subsidy",
    "lowest_tier",
    "resident_basic",
    "premium",
    "supplement",
    "transition_coefficient",
    "resident_start",
)
"""First axis of the marks: tables of ``Parameters.status`` with a value for each place."""

UNCERTAIN: Final = ("estimated", "unconfirmed", "projected")
"""Statuses that every report counts."""

_WAGE: Final = 0
_BASE: Final = 1
_EMPLOYEE_RATE: Final = 2
_RESIDENT_RATE: Final = 3
_ACCOUNT_RATE: Final = 4
_SUBSIDY: Final = 5
_LOWEST_TIER: Final = 6
_BASIC: Final = 7
_PREMIUM: Final = 8
_SUPPLEMENT: Final = 9
_TRANSITION: Final = 10
_START: Final = 11

NEEDED: Final = ("status", "route", "claim_place", "backpay", "resident_start")
"""Columns of the results that the pass reads, in this order."""

_NATION: Final = schema.NATION_INDEX


# Marks are read before they are written: threads that write the same 1 would take the line from each other.


@jit
def _mark(used: Any, table: int, place: int, year: int) -> None:
    y = year - FIRST_YEAR
    if place >= 0 and 0 <= y < N_YEARS and used[table, place, y] == 0:
        used[table, place, y] = 1


@jit
def _mark_years(used: Any, table: int, place: int, first: int, last: int) -> None:
    if place >= 0:
        for y in range(max(first - FIRST_YEAR, 0), min(last - FIRST_YEAR + 1, N_YEARS)):
            if used[table, place, y] == 0:
                used[table, place, y] = 1


@jit
def _mark_choice(used: Any, table: int, code: int, claim: int, own: int, year: int) -> None:
    """The places a base provision reads: claim place, own place, nation, or a blend of claim place and nation."""
    if code == 0 or code == 3:
        _mark(used, table, claim, year)
    if code == 1:
        _mark(used, table, own, year)
    if code >= 2:
        _mark(used, table, _NATION, year)


@jit
def _mark_employee(h: Any, i: int, award_year: int, regime: Any, claim: int, pensioned: bool, used: Any) -> None:
    seen = np.int64(0)
    for back in range(h.offsets[i + 1] - h.offsets[i]):
        j = h.offsets[i + 1] - 1 - back
        if h.scheme[j] != 1:
            continue
        own = province_position(h.place[j])
        year = int(h.year[j])
        deemed = h.flags[j] & schema.FLAG_DEEMED
        last_here = (seen >> own) & 1 == 0
        seen |= np.int64(1) << own
        if pensioned:
            exit_year = award_year
            if regime[choose.REVALUATION] != 0 and not deemed:
                exit_year = year
            if last_here:
                _mark_choice(used, _BASE, regime[choose.FLAT_BASE], claim, own, exit_year)
                _mark_choice(used, _BASE, regime[choose.EARNINGS_BASE], claim, own, exit_year)
            if deemed:
                _mark(used, _TRANSITION, own if regime[choose.FLAT_BASE] == 1 else claim, award_year)
            else:
                _mark_choice(used, _WAGE, regime[choose.INDEX_WAGE], claim, own, year - 1)


@jit
def _mark_accounts(h: Any, i: int, award_year: int, earliest: Any, used: Any) -> None:
    """Shares and book rates of the employee accounts, the same under all regimes; ``earliest`` [place] is scratch."""
    earliest[:] = award_year + 1
    for back in range(h.offsets[i + 1] - h.offsets[i]):
        j = h.offsets[i + 1] - 1 - back
        if h.scheme[j] != 1 or h.flags[j] & schema.FLAG_DEEMED:
            continue
        own = province_position(h.place[j])
        year = int(h.year[j])
        _mark(used, _ACCOUNT_RATE, own, year)
        if year < earliest[own]:
            _mark_years(used, _EMPLOYEE_RATE, own, year, earliest[own] - 1)
            earliest[own] = year


@jit
def _mark_resident(h: Any, i: int, hukou: int, award_year: int, used: Any) -> None:
    place, since = -1, 0
    for j in range(h.offsets[i], h.offsets[i + 1]):
        if h.scheme[j] == 2:
            here = province_position(h.place[j])
            year = int(h.year[j])
            if not h.flags[j] & schema.FLAG_BACKPAID:
                _mark(used, _SUBSIDY, here, year)
            _mark_years(used, _RESIDENT_RATE, place, since, year - 1)
            place, since = here, year
    _mark_years(used, _RESIDENT_RATE, place, since, award_year)


@kernel
def _mark_all(h: Any, first: int, last: int, award: Any, regimes: Any, values: Any, columns: Any, used: Any) -> None:
    """Mark what people ``first <= i < last`` used; threads write the same 1, so their order does not matter."""
    earliest = np.zeros(schema.N_PLACES, dtype=np.int64)
    for i in range(first, last):
        hukou = province_position(h.hukou[i])
        award_year = int(award[i]) // 12
        defined = False
        _mark_resident(h, i, hukou, award_year, used)
        for r in range(regimes.shape[0]):
            result = values[i, r]
            if result[columns[0]] != award_fields.DEFINED:
                continue
            defined = True
            route = int(result[columns[1]])
            pensioned = route in (
                award_fields.ROUTE_EMPLOYEE,
                award_fields.ROUTE_RETAIN,
                award_fields.ROUTE_TO_EMPLOYEE,
            )
            _mark_employee(h, i, award_year, regimes[r], int(result[columns[2]]), pensioned, used)
            if route in (award_fields.ROUTE_RESIDENT, award_fields.ROUTE_RETAIN, award_fields.ROUTE_TO_RESIDENT):
                start_year = int(result[columns[4]]) // 12
                if h.resident_start[i] < 0:
                    _mark(used, _START, hukou, award_year)
                _mark(used, _BASIC, hukou, start_year)
                _mark(used, _PREMIUM, hukou, start_year)
                _mark(used, _SUPPLEMENT, hukou, start_year)
                _mark_years(used, _RESIDENT_RATE, hukou, award_year, start_year)
                if result[columns[3]] > 0.0:
                    _mark(used, _LOWEST_TIER, hukou, award_year)
        if defined:
            _mark_accounts(h, i, award_year, earliest, used)


def new_marks() -> npt.NDArray[np.int8]:
    """[table, place, year], nothing used yet."""
    return np.zeros((len(TABLES), schema.N_PLACES, N_YEARS), dtype=np.int8)


def mark_used(
    arrays: checks.HistoryArrays,
    award: npt.NDArray[np.int64],
    result: Entitlements,
    marks: npt.NDArray[np.int8],
) -> None:
    """Set to 1 what these people used under all regimes of ``result``, which holds the columns ``NEEDED``."""
    columns = np.array([result.columns.index(name) for name in NEEDED], dtype=np.int64)
    vectors, _ = choose.vectors(result.regimes)
    in_threads(_mark_all, award.size, arrays, award, vectors, result.values, columns, marks)


class UsedValue(NamedTuple):
    """One parameter value that a result used."""

    table: str
    place: int
    """GB/T 2260 code, 0 the nation."""
    year: int
    """Calendar year; 0 for a table of one value a place."""
    status: str
    """A name of ``parameters.STATUS_NAMES``, or ``unknown``; of a year with several values the weakest."""
    rule: str
    """A name of ``parameters.RULES``."""


@dataclass(frozen=True)
class Provenance:
    """Where the parameter values behind a result come from."""

    values: tuple[UsedValue, ...]

    @classmethod
    def of(cls, parameters: Parameters, marks: npt.NDArray[np.int8]) -> Provenance:
        """Provenance of the marked values, in the order of ``TABLES``, places and years."""
        from pension.parameters import STATUS_NAMES

        found = []
        for t, name in enumerate(TABLES):
            status, rules = parameters.status[name], parameters.rules[name]
            places, years = np.nonzero(marks[t])
            if status.ndim == 1:
                places = np.unique(places)
                years = np.zeros_like(places)
            for i, y in zip(places.tolist(), years.tolist(), strict=True):
                cells, of_cells = np.atleast_1d(status[i]), np.atleast_1d(rules[i])
                if status.ndim == 2:
                    a_year = cells.size // N_YEARS
                    cells, of_cells = (a[a_year * y : a_year * (y + 1)] for a in (cells, of_cells))
                weakest = int(np.argmax(cells))
                code = int(cells[weakest])
                found.append(
                    UsedValue(
                        name,
                        schema.PLACES[i][0],
                        FIRST_YEAR + y if status.ndim == 2 else 0,
                        STATUS_NAMES[code] if code >= 0 else "unknown",
                        parameters.rule_names[int(of_cells[weakest])],
                    )
                )
        return cls(tuple(found))

    @property
    def counts(self) -> dict[str, int]:
        """Distinct values (table, place, year) by status."""
        return dict(Counter(value.status for value in self.values))

    def listed(self, *statuses: str) -> list[UsedValue]:
        """The values of these statuses."""
        return [value for value in self.values if value.status in statuses]

    def __str__(self) -> str:
        counts = self.counts
        uncertain = ", ".join(f"{counts.get(status, 0):,} {status}" for status in UNCERTAIN)
        return f"{len(self.values):,} values used, of these {uncertain}"
