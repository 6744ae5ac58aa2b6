"""Dated parameters as Decimals for the reference ledger: a thin reader of ``pension.tables.dense.Tables``.

The ledger asks by place code (11..66, 0 for the nation), calendar year and month serial; this module knows where that
stands in the dense arrays and nothing else. No law is here but the choice of the version in force.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal, DivisionByZero, InvalidOperation, Overflow
from typing import Any

from pension import schema
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, N_MONTHS, N_YEARS

CONTEXT = Context(prec=50, rounding=ROUND_HALF_EVEN, traps=[InvalidOperation, DivisionByZero, Overflow])
"""50 significant digits; dividing by zero and invalid operations raise."""

PLACE_INDEX = dict(schema.PLACE_INDEX)
NATION = schema.NATION


class LedgerUnknown(Exception):
    """A parameter that the settlement needs is not known (NaN in the tables)."""


SHAPES = ("plain", "mean", "beijing", "fixed_index")
"""Formulas of the transitional pension by their numbers in the tables."""


@dataclass(frozen=True)
class TransitionRule:
    """How a province computes the transitional pension: formula, index, and the paid months that earn it."""

    shape: str
    own_index: bool
    counts_paid: bool
    cutoff: int
    paid_from: int


def decimal_of(value: Any) -> Decimal:
    """The exact decimal of a binary float (or of an int or text), rounded to the working precision."""
    if isinstance(value, (str, int, Decimal)):
        return CONTEXT.create_decimal(value)
    return CONTEXT.create_decimal(float(value))


class Lookup:
    """Reads one ``Tables`` (or anything with its fields); every value asked for is converted once and kept."""

    def __init__(self, tables: Any) -> None:
        self.tables = tables
        self.cache: dict[Any, Any] = {}
        """Room for what the ledger computes from parameters alone (survival, discount powers)."""
        self._rows: dict[Any, list[Decimal | None]] = {}
        self._versions: dict[Any, Any] = {}
        self.discount_rate = decimal_of(tables.discount_rate)
        self.price_year = int(tables.price_year)

    # ---- access -----------------------------------------------------------------------------------------------

    def _row(self, key: Any, values: Sequence[float]) -> list[Decimal | None]:
        row = [None if math.isnan(float(v)) else decimal_of(v) for v in values]
        self._rows[key] = row
        return row

    def _yearly(self, name: str, place: int, year: int) -> Decimal:
        key = (name, place)
        row = self._rows.get(key)
        if row is None:
            row = self._row(key, getattr(self.tables, name)[PLACE_INDEX[place]])
        if not 0 <= year - FIRST_YEAR < N_YEARS:
            raise LedgerUnknown(f"{name} {place} {year}")
        value = row[year - FIRST_YEAR]
        if value is None:
            raise LedgerUnknown(f"{name} {place} {year}")
        return value

    def _monthly(self, name: str, place: int, month: int, kind: int | None = None) -> Decimal:
        key = (name, place, kind)
        row = self._rows.get(key)
        if row is None:
            values = getattr(self.tables, name)[PLACE_INDEX[place]]
            row = self._row(key, values if kind is None else values[:, kind])
        if not 0 <= month - FIRST_MONTH < N_MONTHS:
            raise LedgerUnknown(f"{name} {place} {month}")
        value = row[month - FIRST_MONTH]
        if value is None:
            raise LedgerUnknown(f"{name} {place} {month}")
        return value

    def _national(self, name: str, year: int) -> Decimal:
        row = self._rows.get(name)
        if row is None:
            row = self._row(name, getattr(self.tables, name))
        if not 0 <= year - FIRST_YEAR < N_YEARS:
            raise LedgerUnknown(f"{name} {year}")
        value = row[year - FIRST_YEAR]
        if value is None:
            raise LedgerUnknown(f"{name} {year}")
        return value

    # ---- employee scheme --------------------------------------------------------------------------------------

    def reference_wage(self, place: int, year: int) -> Decimal:
        """C, yuan/month of the statistical year."""
        return self._yearly("reference_wage", place, year)

    def calculation_base(self, place: int, year: int) -> Decimal:
        """P, yuan/month, awards of that year."""
        return self._yearly("calculation_base", place, year)

    def employee_rate(self, place: int, year: int) -> Decimal:
        """Employee account book rate, fraction a year."""
        return self._yearly("employee_rate", place, year)

    def resident_rate(self, place: int, year: int) -> Decimal:
        """Resident account book rate, fraction a year."""
        return self._yearly("resident_rate", place, year)

    def account_rate(self, place: int, month: int) -> Decimal:
        """Share of the base credited to the account."""
        return self._monthly("account_rate", place, month)

    def pooled_rate(self, place: int, month: int, individual: bool) -> Decimal:
        """Share of the base that is pooled; ``individual`` for those who pay everything themselves."""
        return self._monthly("pooled_rate", place, month, 1 if individual else 0)

    def own_rate(self, place: int, month: int, individual: bool) -> Decimal:
        """Share of the base paid by the worker."""
        return self._monthly("own_rate", place, month, 1 if individual else 0)

    def base_floor(self, place: int, month: int) -> Decimal:
        """Lowest contribution base, yuan/month: as published, else 60 % of the wage of the year before."""
        return self._limit("base_floor", place, month, Decimal("0.6"))

    def base_ceiling(self, place: int, month: int) -> Decimal:
        """Highest contribution base, yuan/month: as published, else 300 % of the wage of the year before."""
        return self._limit("base_ceiling", place, month, Decimal(3))

    def _limit(self, name: str, place: int, month: int, fraction: Decimal) -> Decimal:
        try:
            return self._monthly(name, place, month)
        except LedgerUnknown:
            return fraction * self.reference_wage(place, month // 12 - 1)

    def transition(self, place: int) -> tuple[Decimal, Decimal, int]:
        """(coefficient, coefficient above the threshold, threshold in paid months)."""
        index = PLACE_INDEX[place]
        low, high = self.tables.transition_coefficient[index]
        if math.isnan(float(low)) or math.isnan(float(high)):
            raise LedgerUnknown(f"transition_coefficient {place}")
        return decimal_of(low), decimal_of(high), int(self.tables.transition_threshold[index])

    def transition_rule(self, place: int) -> TransitionRule:
        """The province's formula of the transitional pension."""
        index, tables = PLACE_INDEX[place], self.tables
        return TransitionRule(
            shape=SHAPES[int(tables.transition_shape[index])],
            own_index=bool(tables.transition_own_index[index]),
            counts_paid=bool(tables.transition_counts_paid[index]),
            cutoff=int(tables.transition_cutoff[index]),
            paid_from=int(tables.transition_paid_from[index]),
        )

    def minimum_months(self, year: int) -> int:
        """Months needed for a monthly employee pension."""
        return int(self.tables.minimum_months[year - FIRST_YEAR])

    def annuity_table(self) -> dict[int, int]:
        """Annuity months at the whole ages 40..70."""
        return {40 + i: int(v) for i, v in enumerate(self.tables.annuity_months)}

    def indexation(self, year: int) -> Decimal:
        """Level of the yearly adjustment of employee pensions in payment."""
        return self._national("indexation", year)

    # ---- resident scheme --------------------------------------------------------------------------------------

    def resident_basic(self, place: int, month: int) -> Decimal:
        """B, yuan/month."""
        return self._monthly("resident_basic", place, month)

    def premium(self, place: int, month: int) -> list[tuple[Decimal, Decimal | None, Decimal, bool]]:
        """Segments (from years, to years or None, amount a year, is a fraction of B) of the version in force."""
        index = PLACE_INDEX[place]
        starts = self._versions.get(("premium from", place))
        if starts is None:
            starts = self._versions["premium from", place] = [int(v) for v in self.tables.premium_from[index]]
        version = sum(1 for start in starts if start <= month) - 1
        key = ("premium", place, version)
        found: list[tuple[Decimal, Decimal | None, Decimal, bool]] | None = self._versions.get(key)
        if found is None:
            found = []
            if version >= 0:
                fraction = bool(self.tables.premium_is_fraction[index, version])
                for low, high, amount in self.tables.premium_segments[index, version]:
                    if math.isnan(float(amount)):
                        raise LedgerUnknown(f"year premium {place}")
                    if amount != 0:
                        upper = None if math.isinf(float(high)) else decimal_of(high)
                        found.append((decimal_of(low), upper, decimal_of(amount), fraction))
            self._versions[key] = found
        return found

    def premium_counts_backpaid(self, place: int) -> bool:
        """Do back-paid years earn the premium there?"""
        return bool(self.tables.premium_counts_backpaid[PLACE_INDEX[place]])

    def supplement(self, place: int, month: int) -> list[tuple[Decimal, Decimal | None, Decimal]]:
        """Bands (age from, age below or None, yuan/month) in force, the later version last."""
        key = ("supplement", place)
        bands = self._versions.get(key)
        if bands is None:
            bands = []
            for age_from, age_below, amount, first in self.tables.supplement[PLACE_INDEX[place]]:
                if math.isnan(float(amount)):
                    raise LedgerUnknown(f"age supplement {place}")
                if amount != 0:
                    upper = None if math.isinf(float(age_below)) else decimal_of(age_below)
                    bands.append((int(first), decimal_of(age_from), upper, decimal_of(amount)))
            bands.sort(key=lambda band: band[0])
            self._versions[key] = bands
        return [(low, high, amount) for first, low, high, amount in bands if first <= month]

    def subsidy(self, place: int, month: int, amount: Decimal) -> Decimal:
        """Subsidy of a resident payment booked in that month: highest tier not above the amount, else the floor."""
        index, column = PLACE_INDEX[place], month - FIRST_MONTH
        start, stop = int(self.tables.subsidy_start[index, column]), int(self.tables.subsidy_stop[index, column])
        found = math.nan
        for tier, value in self.tables.subsidy_tiers[start:stop]:
            if decimal_of(tier) <= amount:
                found = float(value)
        if not math.isnan(found):
            return decimal_of(found)
        upper = amount >= decimal_of(self.tables.subsidy_floor_tier)
        floor = float(self.tables.subsidy_floor[column, 1 if upper else 0])
        if math.isnan(floor):
            raise LedgerUnknown(f"subsidy floor {month}")
        return decimal_of(floor)

    def subsidy_max_years(self, place: int) -> int:
        """Years for which the subsidy is paid."""
        return int(self.tables.subsidy_max_years[PLACE_INDEX[place]])

    def lowest_tier(self, place: int, month: int) -> Decimal:
        """Lowest non-hardship tier, yuan/year."""
        return self._monthly("lowest_tier", place, month)

    @property
    def resident_award_year_to_award(self) -> bool:
        """Does a resident record of the award year cover only the months up to the award?"""
        return bool(self.tables.resident_award_year_months)

    def resident_start(self, place: int) -> int:
        """Month serial in which the resident scheme started."""
        return int(self.tables.resident_start[PLACE_INDEX[place]])

    def lump_backpay_allowed(self, place: int) -> bool:
        """May missing resident years be paid in one sum at 60?"""
        return bool(self.tables.lump_backpay_allowed[PLACE_INDEX[place]])

    # ---- valuation --------------------------------------------------------------------------------------------

    def price(self, year: int) -> Decimal:
        """Price index."""
        return self._national("price", year)

    def mortality(self, sex: int, age: int, year: int) -> Decimal:
        """Central death rate a year."""
        value = float(self.tables.mortality[sex - 1, age, year - FIRST_YEAR])
        if math.isnan(value):
            raise LedgerUnknown(f"mortality {sex} {age} {year}")
        return decimal_of(value)
