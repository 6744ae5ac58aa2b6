"""Every table of ``Tables`` from the rows of the parameter files, with the provenance of each value."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import Any

import numpy as np

from pension import schema
from pension.tables import life_tables
from pension.tables.dense import (
    FIRST_YEAR,
    LAST_YEAR,
    MAX_AGE,
    N_YEARS,
    Float,
    Tables,
)
from pension.tables.gap_employee import EmployeeTables
from pension.tables.gap_resident import ResidentTables
from pension.tables.gap_rules import (
    PROJECTED,
    Dense,
    column_of,
    span_of,
)
from pension.tables.parameter_files import ParameterError


class Builder(EmployeeTables, ResidentTables):
    """Fills every table of ``Tables`` by the gap rules; one method a group of tables."""

    def built(self) -> dict[str, Any]:
        """The tables and their provenance, frozen: the fields of ``pension.parameters.Parameters`` by name."""
        arrays: dict[str, Any] = {}
        self._wages(arrays)
        self._interest(arrays)
        self._contributions(arrays)
        self._ages(arrays)
        self._resident_basic(arrays)
        self._resident_tables(arrays)
        self._subsidies(arrays)
        self._payment(arrays)
        self._mortality(arrays)
        dense = self.dense.items()
        return {
            "tables": Tables(**{name: _frozen(value) for name, value in arrays.items()}),
            "values": MappingProxyType({name: _frozen(part.values) for name, part in dense}),
            "status": MappingProxyType({name: _frozen(part.status) for name, part in dense}),
            "rules": MappingProxyType({name: _frozen(part.rule) for name, part in dense}),
            "sources": MappingProxyType({name: _frozen(part.source) for name, part in dense}),
            "units": MappingProxyType({name: part.unit for name, part in dense}),
            "rule_names": tuple(self.rule_index),
            "source_texts": tuple(self.source_texts),
        }

    def _payment(self, arrays: dict[str, Any]) -> None:
        price_growth = Dense(self, "price_growth", "fraction a year", (N_YEARS,))
        table = self.table("consumer_prices")
        for row in table:
            price_growth.row(column_of(row["year"]), row)
        first, last = span_of(price_growth.values, table)
        later = slice(last + 1, None)
        price_growth.put(later, self.from_years("scenario.price_growth")[later], PROJECTED, "price_growth")
        price: Float = np.full(N_YEARS, np.nan)
        # The level before the first published change is 1; years before that are unknown.
        price[first - 1 :] = np.cumprod(np.concatenate([[1.0], 1.0 + price_growth.values[first:]]))

        adjustment = Dense(self, "pension_adjustment", "fraction a year", (N_YEARS,))
        table = self.table("pension_adjustment")
        for row in table:
            adjustment.row(column_of(row["year"]), row)
        first, last = span_of(adjustment.values, table)
        weight, discount = self.scalar("scenario.indexation_wage_weight"), self.scalar("scenario.discount_rate")
        if not 0 <= weight <= 1:
            raise self.table("scenario.indexation_wage_weight").error("is a fraction 0..1")
        if not -0.5 < discount < 0.5:
            raise self.table("scenario.discount_rate").error("is a fraction a year")
        growth = weight * self.growth + (1.0 - weight) * price_growth.values
        later = slice(last + 1, None)
        adjustment.put(later, growth[last:-1], PROJECTED, "half_wage_half_price")
        # Before 2008 the adjustment was a fraction of each province's wage growth: no national level exists, and a
        # silent growth of 0 would be wrong, so those years are NaN. Awards before 2014-07 are refused anyway.
        indexation: Float = np.full(N_YEARS, np.nan)
        indexation[first - 1 :] = np.cumprod(np.concatenate([[1.0], 1.0 + adjustment.values[first:]]))
        price_year = int(self.scalar("scenario.price_year"))
        for name, level in (("indexation", indexation), ("price", price)):
            if not np.isfinite(level[column_of(schema.FIRST_AWARD_MONTH // 12) :]).all():
                raise ParameterError("does not reach from the first award to the last year", key=name)
        if not FIRST_YEAR <= price_year <= LAST_YEAR or math.isnan(price[column_of(price_year)]):
            raise self.table("scenario.price_year").error("has no price level")
        arrays |= {
            "indexation": indexation,
            "price": price,
            "discount_rate": discount,
            "price_year": price_year,
        }

    def _mortality(self, arrays: dict[str, Any]) -> None:
        table = self.table("single_age")
        periods = tuple(column for column in table.columns if column[:1].isdigit())
        years = np.arange(FIRST_YEAR, LAST_YEAR + 1, dtype=np.float64)
        both = []
        for sex in schema.SEX:
            rates: Float = np.empty((life_tables.OPEN_AGE + 1, len(periods)))
            for age in range(life_tables.OPEN_AGE + 1):
                row = table.rows.get((sex, age))
                if row is None:
                    raise table.error(f"the row {sex}, {age} is missing")
                rates[age] = [row.fields[period] for period in periods]
                if not np.all(rates[age] > 0):
                    raise table.error("a death rate is missing or not positive", row)
            both.append(life_tables.by_calendar_year(rates, life_tables.mid_years(periods), years, MAX_AGE))
        arrays["mortality"] = np.stack(both)


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = np.ascontiguousarray(value)
        value.flags.writeable = False
    return value
