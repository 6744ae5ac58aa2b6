"""Reading of one person's records: paid months by place, deemed months, resident years, dates of the award."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar, cast

from ..lookup import CONTEXT, LedgerUnknown, Lookup, decimal_of
from .law import (
    BACKPAID_FLAG,
    JANUARY_2010,
    LATE_FLAG,
    ONE,
    ORDINARY_FLAG,
    PROXY_FLAG,
    TEMPORARY_FLAG,
    ZERO,
    required_resident_years,
    statutory_month,
)
from .months import Entry, PaidMonth, ResidentYear, hukou_at, stated

T = TypeVar("T")


@dataclass(frozen=True)
class Dates:
    """Month serials: the statutory month, the award month R, and R0, the month that all present values refer to."""

    statutory: int
    award: int
    r0: int


def dates_of(person: Mapping[str, Any], employee: bool, r0: int | None = None) -> Dates:
    """The dates of a person who is an employee or a resident; R0 is the statutory month unless given."""
    birth, claim = int(person["birth"]), person.get("claim")
    statutory = statutory_month(int(person["retirement_category"]), birth) if employee else birth + 720
    return Dates(statutory, statutory if claim is None else int(claim), statutory if r0 is None else r0)


class Reading:
    """One person's months and resident years; the dates of the award."""

    def __init__(
        self,
        person: Mapping[str, Any],
        entries: Sequence[Entry],
        residents: Sequence[Mapping[str, Any]],
        lookup: Lookup,
        dates: Dates,
        shared: dict[Any, Any] | None = None,
    ) -> None:
        self.lookup = lookup
        self.shared: dict[Any, Any] = {} if shared is None else shared
        """What the variants of a history have in common: survival, and the worth of payments by their course."""
        self.person = person
        self.has_employee, self.has_resident = bool(entries), bool(residents)
        self.statutory, self.award, self.r0 = dates.statutory, dates.award, dates.r0
        self.sex = int(person["sex"])
        self.birth = int(person["birth"])
        self.hukou = int(person["hukou"])
        self.sixty = self.birth + 720
        self.last_month = self.birth + 12 * 120 - 1
        self.alpha = ZERO
        self.citizen_amount: Decimal | None = None
        self.citizen_taper = ONE
        self._memo: dict[Any, Any] = {}
        self.unknown = False
        with decimal.localcontext(CONTEXT):
            try:
                self._read(person, entries, residents)
            except LedgerUnknown:
                self.unknown = True

    def _once(self, key: Any, compute: Callable[[], T]) -> T:
        if key not in self._memo:
            self._memo[key] = compute()
        return cast(T, self._memo[key])

    def _once_for_all(self, key: Any, compute: Callable[[], T]) -> T:
        """Once for all variants, which have person and R0 in common."""
        if key not in self.shared:
            self.shared[key] = compute()
        return cast(T, self.shared[key])

    def _read(
        self, person: Mapping[str, Any], entries: Sequence[Entry], residents: Sequence[Mapping[str, Any]]
    ) -> None:
        start = person.get("resident_start")
        self.home_start = self.lookup.resident_start(self.hukou) if start is None else int(start)
        self.required = required_resident_years(self.birth, self.home_start)
        self.deemed: list[tuple[int, int, Decimal]] = sorted((e.month, e.place, e.base) for e in entries if e.deemed)
        self._read_paid([e for e in entries if not e.deemed])
        self._read_resident(residents)

    def _derived_temporary(self, paid: Sequence[Entry]) -> dict[int, bool]:
        """Places whose account is temporary by age and date of the first month there (E5.5, decision 11)."""
        first: dict[int, int] = {}
        for e in paid:
            first[e.place] = min(e.month, first.get(e.place, e.month))
        limit = 50 if self.sex == 1 else 40
        return {
            place: place != hukou_at(self.person, month) and month >= JANUARY_2010 and month - self.birth >= 12 * limit
            for place, month in first.items()
        }

    def _read_paid(self, paid: Sequence[Entry]) -> None:
        derived = self._derived_temporary(paid)
        table: dict[int, dict[int, PaidMonth]] = {}
        for e in paid:
            if e.month > self.award:
                raise ValueError("a contribution after the award month")
            cells = table.setdefault(e.month, {})
            cell = cells.get(e.place)
            if cell is None:
                cell = cells[e.place] = PaidMonth(e.place, e.month)
            cell.base += e.base
            cell.payments.append(e)
            if e.income is not None:
                cell.income = e.income if cell.income is None else cell.income + e.income
            decided = e.flags & (ORDINARY_FLAG | TEMPORARY_FLAG)
            # one ordinary payer makes the month ordinary
            cell.late = cell.late and bool(e.flags & LATE_FLAG)
            cell.temporary = cell.temporary and (not e.flags & ORDINARY_FLAG if decided else derived[e.place])
        self.kept: list[PaidMonth] = []
        self.dropped: list[PaidMonth] = []
        for month in sorted(table):
            # an ordinary month beats a late one, then the higher base, then the lower place code
            ranked = sorted(table[month].values(), key=lambda c: (c.late, -c.base, c.place))
            self.kept.append(ranked[0])
            self.dropped.extend(ranked[1:])
        self.paid_months = frozenset(table)

    def _read_resident(self, resident: Sequence[Mapping[str, Any]]) -> None:
        self.resident: list[ResidentYear] = []
        subsidised: dict[int, int] = {}
        for r in sorted(resident, key=lambda r: int(r["year"])):
            year, place, flags = int(r["year"]), int(r["place"]), int(r["flags"])
            december = 12 * year + 11
            entry = ResidentYear(
                year=year,
                place=place,
                own=decimal_of(r["base"]),
                collective=stated(r.get("payer_share")) or ZERO,
                backpaid=bool(flags & BACKPAID_FLAG),
                proxy=bool(flags & PROXY_FLAG),
                booked=min(december, self.award),
            )
            if year > self.award // 12:
                raise ValueError("a resident payment after the award year")
            if not entry.backpaid and subsidised.get(place, 0) < self.lookup.subsidy_max_years(place):
                entry.subsidy = self.lookup.subsidy(place, entry.booked, entry.own)
                subsidised[place] = subsidised.get(place, 0) + 1
            # employee months of the same calendar year up to R, wherever paid; deemed months are not paid months
            entry.overlap = sum(1 for month in range(12 * year, 12 * year + 12) if month in self.paid_months)
            entry.months = 12 - entry.overlap
            if self.lookup.resident_award_year_to_award and year == self.award // 12:
                entry.months = self.award % 12 + 1 - entry.overlap
            self.resident.append(entry)
        self.months_resident = sum(entry.months for entry in self.resident)
        self.months_backpaid = sum(entry.months for entry in self.resident if entry.backpaid)
