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
from pension import schema
from pension._compile import in_threads, inlined, jit, kernel
from pension._hints import NOT_NEGATIVE
from pension.checks import range_check as checks
from pension.engine import Entitlements
from pension.kernels import award_fields
from pension.kernels.cells import province_position
from pension.tables.dense import FIRST_YEAR, N_YEARS

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
    "base_floor",
    "base_ceiling",
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
_FLOOR: Final = 12
_CEILING: Final = 13

NEEDED: Final = ("status", "route", "claim_place", "backpay", "resident_start")
"""Columns of the results that the pass reads, in this order."""

_NATION: Final = schema.NATION_INDEX
_PEOPLE: Final = 1 << 14
"""That mark together: a block has marks of its own, which cost as much as hundreds of people."""
_NO_PENSIONER: Final = -2
"""Instead of a claim place: no employee pension under this regime."""


@inlined
def _mark(used: Any, table: int, place: int, year: int) -> None:
    _mark_years(used, table, place, year, year)


@inlined
def _mark_years(used: Any, table: int, place: int, first: int, last: int) -> None:
    """Mark a stretch of years at its end, by its length; ``_spread`` marks every year."""
    y = min(last - FIRST_YEAR, N_YEARS - 1)
    years = y - max(first - FIRST_YEAR, 0) + 1
    if place >= 0 and years > 0 and used[table, place, y] < years:
        used[table, place, y] = years


@jit
def _spread(ends: Any, used: Any) -> None:
    """Set ``used`` to 1 for every year of the stretches whose ends were marked."""
    for table in range(used.shape[0]):
        for place in range(used.shape[1]):
            left = 0
            for back in range(used.shape[2]):
                y = used.shape[2] - 1 - back
                left = max(left - 1, int(ends[table, place, y]))
                if left > 0 and not used[table, place, y]:
                    used[table, place, y] = 1


@inlined
def _mark_choice(used: Any, table: int, code: int, claim: int, own: int, first: int, last: int) -> None:
    """The places a base provision reads: claim place, own place, nation, or a blend of claim place and nation."""
    if code == 0 or code == 3:
        _mark_years(used, table, claim, first, last)
    if code == 1:
        _mark_years(used, table, own, first, last)
    if code >= 2:
        _mark_years(used, table, _NATION, first, last)


@jit
def _mark_run(regimes: Any, claims: Any, place: int, first: int, last: int, award_year: int, used: Any) -> None:
    """What years ``first`` .. ``last``, paid at one place without a gap, read: whatever the regime the rates of the
    accounts, and book rates until the award; under each regime of a pensioner the wages of the years before."""
    _mark_years(used, _ACCOUNT_RATE, place, first, last)
    _mark_years(used, _EMPLOYEE_RATE, place, first, award_year)
    for r in range(claims.size):
        if claims[r] != _NO_PENSIONER:
            _mark_choice(used, _WAGE, regimes[r, choose.INDEX_WAGE], claims[r], place, first - 1, last - 1)


@jit
def _mark_base(regimes: Any, claims: Any, own: int, year: int, deemed: int, award_year: int, used: Any) -> None:
    """The calculation bases that the pension of a place reads, by the last year there."""
    for r in range(claims.size):
        if claims[r] != _NO_PENSIONER:
            exit_year = year if regimes[r, choose.REVALUATION] != 0 and not deemed else award_year
            _mark_choice(used, _BASE, regimes[r, choose.FLAT_BASE], claims[r], own, exit_year, exit_year)
            _mark_choice(used, _BASE, regimes[r, choose.EARNINGS_BASE], claims[r], own, exit_year, exit_year)


@inlined
def _mark_employee(h: Any, i: int, award_year: int, regimes: Any, claims: Any, used: Any) -> None:
    """What employee records read, from the last one back; ``claims`` [regime]: claim place of the employee pension."""
    seen = np.int64(0)
    begin, j = h.offsets[i], h.offsets[i + 1]
    while j > begin:
        j -= 1
        if h.scheme[j] != 1:
            continue
        code, last = h.place[j], int(h.year[j])
        own, deemed = province_position(code), h.flags[j] & schema.FLAG_DEEMED
        if (seen >> own) & 1 == 0:  # the last year at this place
            seen |= np.int64(1) << own
            _mark_base(regimes, claims, own, last, deemed, award_year, used)
        if deemed:
            for r in range(claims.size):
                if claims[r] != _NO_PENSIONER:
                    at = own if regimes[r, choose.FLAT_BASE] == 1 else claims[r]
                    _mark(used, _TRANSITION, at, award_year)
            continue
        first = last
        while j > begin:
            r = (j - 1) & NOT_NEGATIVE
            paid = h.scheme[r] == 1 and not h.flags[r] & schema.FLAG_DEEMED
            if not (paid and h.place[r] == code and h.year[r] >= first - 1):
                break
            first = int(h.year[r])
            j = r
        _mark_run(regimes, claims, own, first, last, award_year, used)


@inlined
def _mark_resident(h: Any, i: int, award_year: int, used: Any) -> None:
    place, since = -1, 0
    for j in range(h.offsets[i], h.offsets[i + 1]):
        if h.scheme[j & NOT_NEGATIVE] == 2:
            here, year = province_position(h.place[j]), int(h.year[j])
            if not h.flags[j] & schema.FLAG_BACKPAID:
                _mark(used, _SUBSIDY, here, year)
            if here != place:
                _mark_years(used, _RESIDENT_RATE, place, since, year - 1)
                place, since = here, year
    _mark_years(used, _RESIDENT_RATE, place, since, award_year)


@kernel
def _mark_all(
    h: Any, first: int, last: int, award: Any, regimes: Any, values: Any, elsewhere: Any, columns: Any, used: Any
) -> None:
    """Mark what people ``first <= i < last`` used. ``elsewhere`` [person, regime]: settled over other records than
    those of ``h``."""
    # Marks of its own: threads that write to one cache line wait for each other.
    mine = np.zeros(used.shape, np.uint8)
    claims = np.empty(regimes.shape[0], np.int64)
    for i in range(first, last):
        hukou = province_position(h.hukou[i])
        award_year = int(award[i]) // 12
        here, settled = False, False
        for r in range(regimes.shape[0]):
            claims[r] = _NO_PENSIONER
            result = values[i, r]
            here |= not elsewhere[i, r]
            if elsewhere[i, r] or result[columns[0]] != award_fields.DEFINED:
                continue
            settled = True
            route = int(result[columns[1]])
            if route in (award_fields.ROUTE_EMPLOYEE, award_fields.ROUTE_RETAIN, award_fields.ROUTE_TO_EMPLOYEE):
                claims[r] = int(result[columns[2]])
            if route in (award_fields.ROUTE_RESIDENT, award_fields.ROUTE_RETAIN, award_fields.ROUTE_TO_RESIDENT):
                start_year = int(result[columns[4]]) // 12
                if h.resident_start[i] < 0:
                    _mark(mine, _START, hukou, award_year)
                _mark(mine, _BASIC, hukou, start_year)
                _mark(mine, _PREMIUM, hukou, start_year)
                _mark(mine, _SUPPLEMENT, hukou, start_year)
                _mark_years(mine, _RESIDENT_RATE, hukou, award_year, start_year)
                if result[columns[3]] > 0.0:
                    _mark(mine, _LOWEST_TIER, hukou, award_year)
        if here:
            _mark_resident(h, i, award_year, mine)
        if settled:
            _mark_employee(h, i, award_year, regimes, claims, mine)
    _spread(mine, used)


@kernel
def _mark_limits(h: Any, first: int, last: int, has_bases: Any, floor: int, used: Any) -> None:
    """Mark the limits of the bases that were worked out from incomes, of the people of ``has_bases``; ``floor`` the
    position of its choice."""
    mine = np.zeros(used.shape, np.uint8)
    for i in range(first, last):
        for j in range(h.offsets[i], h.offsets[i + 1]):
            if has_bases[i] and h.scheme[j] == 1 and not h.flags[j] & schema.FLAG_DEEMED:
                own, year = province_position(h.place[j]), int(h.year[j])
                _mark(mine, _CEILING, own, year)
                if floor == 0:
                    _mark(mine, _FLOOR, own, year)
                elif floor == 1:
                    _mark(mine, _WAGE, own, year - 1)
    _spread(mine, used)


def new_marks() -> npt.NDArray[np.int8]:
    """[table, place, year], nothing used yet."""
    return np.zeros((len(TABLES), schema.N_PLACES, N_YEARS), dtype=np.int8)


def mark_used(
    arrays: checks.HistoryArrays,
    award: npt.NDArray[np.int64],
    result: Entitlements,
    marks: npt.NDArray[np.int8],
) -> None:
    """Set to 1 what these people used under all regimes of ``result``, which holds the columns ``NEEDED``; the regimes
    over a variant of ``arrays`` used what that variant, its award and its limits of bases read."""
    columns = np.array([result.columns.index(name) for name in NEEDED], dtype=np.int64)
    vectors, _ = choose.vectors(result.regimes)
    elsewhere = np.zeros(result.values.shape[:2], dtype=np.bool_)
    for history, of_award, members, _ in result.settled:
        here = np.ix_(history.who, np.array(members))
        elsewhere[here] = True
        values, nowhere = result.values[here], np.zeros((history.who.size, len(members)), dtype=np.bool_)
        some = vectors[np.array(members)]
        in_threads(_mark_all, history.who.size, history.arrays, of_award, some, values, nowhere, columns, marks)
        plan = history.plan
        if plan.enrolment or plan.floor or plan.all_sources:
            kept = history.reason == 0
            kept[history.who] = False
            everyone = np.ones(history.who.size, dtype=np.bool_)
            in_threads(_mark_limits, kept.size, arrays, kept, plan.floor, marks)
            in_threads(_mark_limits, everyone.size, history.arrays, everyone, plan.floor, marks)
    in_threads(_mark_all, award.size, arrays, award, vectors, result.values, elsewhere, columns, marks, block=_PEOPLE)


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
