"""The gap rules: rows of parameter files become dense tables, each cell with its status, rule and source.

A value that no file holds is filled only by a rule named in ``RULES``; what no rule fills is NaN. One method of the
builder a group of tables; the order matters only where one group needs another (wages before everything).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.tables import life_tables
from pension.tables.dense import (
    FIRST_MONTH,
    FIRST_YEAR,
    LAST_YEAR,
    MAX_AGE,
    N_MONTHS,
    N_YEARS,
    TRANSITION_INDEX,
    TRANSITION_SHAPE,
    Float,
    Int,
    Tables,
)
from pension.tables.parameter_files import STATUSES, ParameterError, ParameterTable, Row, by_place, sorted_rows

Small = npt.NDArray[np.int8]

STATUS_NAMES: Final = (*STATUSES, "projected")
"""Names of the status codes 0.. in ``Parameters.status``; -1 where there is no value."""

STATUTE, OFFICIAL, SECONDARY, UNCONFIRMED, ESTIMATED, ASSUMPTION, PROJECTED = range(7)
UNKNOWN: Final = -1

RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "published": "a row of the file",
        "carried": "the latest dated row before",
        "national_wage_backwards": "first row of the place, carried back with the growth of the national non-private"
        " wage (on-post staff to 1995, persons employed after; missing years geometric)",
        "wage_growth": "last value before, raised by the wage growth of the scenario",
        "population_mean": "mean of the 31 provinces weighted by the census population of 2020",
        "corps_as_xinjiang": "the value of Xinjiang",
        "previous_wage": "reference wage of the year before, never below the value of the year before",
        "geometric_mean": "geometric between the neighbouring years",
        "deposit_rate": "one-year deposit rate in force on 1 January",
        "deposit_rate_1994": "one-year deposit rate in force on 1994-01-01",
        "reference_rate": "proxy series of book rates before 2016",
        "national_rate": "national book rate",
        "resident_rate": "1.5 % where a province published no rate",
        "scenario_rate": "book rate of the scenario",
        "last_published": "rate of the year before, repeated for the first unpublished year",
        "increments_backwards": "first row of the place less the later national increments",
        "increments": "row before plus the national increments since",
        "national_minimum": "national minimum, because the other rules give less",
        "scenario_increments": "fixed rise a year, then wage growth, by the scenario",
        "national_share": "national contribution rates, the province's own being unknown",
        "share_of_wage": "60 % and 300 % of the reference wage of the year before",
        "before_account": "before the place's account start: no account, all points pooled",
        "legal_floor": "legal floor of the subsidy, the province's own table being unknown",
        "default_tier": "lowest tier where the province's own is unknown",
        "no_row": "no province-wide row: nothing is paid",
        "default_rule": "default of every place",
        "half_wage_half_price": "weighted wage and price growth of the year before, by the scenario",
        "price_growth": "price growth of the scenario",
        "graduated": "single ages graduated from the abridged table, logarithm linear between mid-years",
    }
)
"""Every rule that fills a value, by the name that provenance and results print."""

_NO_LIMIT: Final = 10**6
_NEVER: Final = 12 * (LAST_YEAR + 1)
_FIRST_DEPOSIT_YEAR: Final = 1994
_LAST_DEPOSIT_YEAR: Final = 2021
_DEFINITION_CHANGE: Final = 2019
"""First year that the reading ``geometric`` fills between its neighbours: the wage definition changed 2018-2020."""

_CORPS: Final = schema.PLACE_INDEX[66]
_XINJIANG: Final = schema.PLACE_INDEX[65]
_PROVINCES: Final = slice(0, _CORPS)
_CATEGORIES: Final = schema.RETIREMENT_CATEGORY


class _Dense:
    """Values with status, rule and source, filled cell by cell or slice by slice."""

    def __init__(self, builder: Builder, name: str, unit: str, shape: tuple[int, ...]) -> None:
        self.builder, self.name, self.unit = builder, name, unit
        self.values: Float = np.full(shape, np.nan)
        self.status: Small = np.full(shape, UNKNOWN, dtype=np.int8)
        self.rule: Small = np.zeros(shape, dtype=np.int8)
        self.source: npt.NDArray[np.int32] = np.zeros(shape, dtype=np.int32)
        builder.dense[name] = self

    def put(self, at: Any, value: Any, status: int, rule: str, source: str | None = None) -> None:
        """Sets cells; without ``source`` it is the text of the rule."""
        self.values[at] = value
        self.mark(at, status, rule, source)

    def mark(self, at: Any, status: int, rule: str, source: str | None = None) -> None:
        """Sets the provenance of cells only."""
        self.status[at] = status
        self.rule[at] = self.builder.rule_index[rule]
        self.source[at] = self.builder.source_index(RULES[rule] if source is None else source)

    def row(self, at: Any, row: Row, rule: str = "published", column: str = "value") -> None:
        """Sets cells from a row of a file."""
        self.put(at, row.fields[column], STATUSES.index(row.status), rule, row.source)

    def copy_place(self, to: int, of: int, rule: str) -> None:
        """Takes another place's values; estimated, or projected where they are."""
        self.put(to, self.values[of], ESTIMATED, rule)
        self.status[to] = np.where(self.status[of] == PROJECTED, PROJECTED, ESTIMATED)
        self.status[to] = np.where(self.status[of] == UNKNOWN, UNKNOWN, self.status[to])


def column_of(year: int) -> int:
    return year - FIRST_YEAR


class Builder:
    """Fills every table of ``Tables`` by the gap rules; one method a group of tables."""

    def __init__(self, files: Mapping[str, ParameterTable], readings: Mapping[str, str]) -> None:
        self.files, self.readings = files, readings
        self.dense: dict[str, _Dense] = {}
        self.rule_index = {name: i for i, name in enumerate(RULES)}
        self.source_texts: dict[str, int] = {"": 0}

    def source_index(self, text: str) -> int:
        return self.source_texts.setdefault(text, len(self.source_texts))

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

    # ---- series of the files ----------------------------------------------------------------------------------------

    def scalar(self, name: str) -> float:
        """A parameter of one number."""
        table = self.table(name)
        return table.number(table.scalar())

    def table(self, name: str) -> ParameterTable:
        if name not in self.files:
            raise ParameterError("the parameter is missing", key=name)
        return self.files[name]

    def from_years(self, name: str) -> Float:
        """A scenario series by year: NaN before its first year, each row until the next."""
        table = self.table(name)
        found: Float = np.full(N_YEARS, np.nan)
        for row in sorted_rows(table, "from_year"):
            found[column_of(row["from_year"]) :] = table.number(row)
        return found

    def years(self, name: str) -> Float:
        """A series by year: NaN where there is no row."""
        table = self.table(name)
        found: Float = np.full(N_YEARS, np.nan)
        for row in table:
            found[column_of(row["year"])] = table.number(row)
        return found

    def dated(self, name: str, column: str = "value") -> list[tuple[int, float, Row]]:
        """(month index, value, row) of a dated parameter, in order."""
        table = self.table(name)
        return [(max(0, row["from"] - FIRST_MONTH), table.number(row, column), row) for row in sorted_rows(table)]

    # ---- wages ------------------------------------------------------------------------------------------------------

    def _wages(self, arrays: dict[str, Any]) -> None:
        growth = self.from_years("scenario.wage_growth")
        weights = self._weights()
        wage = _Dense(self, "reference_wage", "yuan/month", (schema.N_PLACES, N_YEARS))
        table = self.table("reference_wage")
        for row in table:
            if not table.number(row) > 0:
                raise table.error("a wage is positive", row)
            wage.row((schema.PLACE_INDEX[row["place"]], column_of(row["year"])), row)
        back = _backward_factors(self.years("non_private_wage_onpost"), self.years("non_private_wage_employed"))
        for i in range(_CORPS):
            known = np.flatnonzero(np.isfinite(wage.values[i]))
            if known.size:
                first, last = int(known[0]), int(known[-1])
                at = (i, slice(0, first))
                wage.put(at, wage.values[i, first] * back[:first] / back[first], ESTIMATED, "national_wage_backwards")
                self._grow(wage, i, last, growth)
        wage.copy_place(_CORPS, _XINJIANG, "corps_as_xinjiang")
        self._mean(wage, weights)

        base = _Dense(self, "calculation_base", "yuan/month", (schema.N_PLACES, N_YEARS))
        table = self.table("calculation_base")
        for row in table:
            if not table.number(row) > 0:
                raise table.error("a calculation base is positive", row)
            if row["area"] == "province":
                base.row((schema.PLACE_INDEX[row["place"]], column_of(row["year"])), row)
        for i in range(_CORPS):
            self._calculation_base(base, i, wage.values[i], growth)
        if np.isnan(base.values[_CORPS]).all():
            base.copy_place(_CORPS, _XINJIANG, "corps_as_xinjiang")
        self._mean(base, weights)
        arrays |= {"reference_wage": wage.values, "calculation_base": base.values}
        self.growth = growth

    def _grow(self, dense: _Dense, place: int, last: int, growth: Float) -> None:
        """Years after the last published one, by the wage growth of the scenario."""
        factors = 1.0 + growth[last + 1 :]
        if np.isnan(factors).any():
            year = FIRST_YEAR + last + 1
            raise self.table("scenario.wage_growth").error(f"has no growth for {year}, the first unpublished year")
        at = (place, slice(last + 1, None))
        dense.put(at, dense.values[place, last] * np.cumprod(factors), PROJECTED, "wage_growth")

    def _calculation_base(self, base: _Dense, place: int, wages: Float, growth: Float) -> None:
        values = base.values[place]
        published = np.isfinite(values)
        last = int(np.flatnonzero(published)[-1]) if published.any() else column_of(_DEFINITION_CHANGE) - 1
        for year in range(1, last):
            if not published[year]:
                before = values[year - 1]
                filled = wages[year - 1] if math.isnan(before) else max(wages[year - 1], before)
                base.put((place, year), filled, ESTIMATED, "previous_wage")
        if self.readings["calculation_base_gap"] == "geometric":
            change = column_of(_DEFINITION_CHANGE)
            gap = np.flatnonzero(~published[change:last]) + change
            if gap.size:
                known = published.copy()
                known[change - 1] = True
                anchors = np.flatnonzero(known[change - 1 :]) + change - 1
                logarithm = np.interp(gap, anchors, np.log(values[anchors]))
                base.put((place, gap), np.exp(logarithm), ESTIMATED, "geometric_mean")
        self._grow(base, place, last, growth)

    def _weights(self) -> Float:
        table = self.table("population")
        weights: Float = np.zeros(_CORPS)
        for row in table:
            i = schema.PLACE_INDEX[row["place"]]
            if i >= _CORPS:
                raise table.error("only the 31 provinces have a weight", row)
            weights[i] = table.number(row)
        if not np.all(weights > 0):
            missing = schema.PLACES[int(np.argmin(weights))][0]
            raise table.error(f"the population of {missing} is missing or not positive")
        return weights

    def _mean(self, dense: _Dense, weights: Float) -> None:
        """The nation's row; NaN in a year in which a province has no value."""
        parts, status = dense.values[_PROVINCES], dense.status[_PROVINCES]
        known = np.isfinite(parts).all(axis=0)
        dense.put((schema.NATION_INDEX, known), (weights @ parts)[known] / weights.sum(), ESTIMATED, "population_mean")
        projected = known & (status == PROJECTED).any(axis=0)
        dense.status[schema.NATION_INDEX, projected] = PROJECTED

    # ---- interest ---------------------------------------------------------------------------------------------------

    def _interest(self, arrays: dict[str, Any]) -> None:
        deposit, deposit_rows = self._deposit()
        national = self.table("employee_book_rate")
        first = min(row["year"] for row in national)
        scenario = max(row["year"] for row in national) + 1
        everyone = slice(None)

        employee = _Dense(self, "employee_rate", "fraction a year", (schema.N_PLACES, N_YEARS))
        self._fill_deposit(employee, deposit, deposit_rows, first)
        if self.readings["book_rate_before_2016"] == "reference":
            for row in self.table("employee_book_rate_reference"):
                at = (everyone, column_of(row["year"]))
                employee.put(at, row["value"], ESTIMATED, "reference_rate", row.source)
        for row in national:
            employee.row((everyone, column_of(row["year"])), row, "national_rate")
        self._fill_scenario(employee, scenario, self.scalar("scenario.employee_book_rate"))
        table = self.table("employee_interest")
        for row in table:
            employee.row((schema.PLACE_INDEX[row["place"]], column_of(row["year"])), row)

        resident = _Dense(self, "resident_rate", "fraction a year", (schema.N_PLACES, N_YEARS))
        self._fill_deposit(resident, deposit, deposit_rows, _LAST_DEPOSIT_YEAR + 1)
        for month, value, row in self.dated("resident_book_rate_default"):
            resident.put((everyone, slice(month // 12, None)), value, ESTIMATED, "resident_rate", row.source)
        self._fill_scenario(resident, scenario, self.scalar("scenario.resident_book_rate"))
        for row in self.table("resident_interest"):
            if row["use"] == "yes":
                resident.row((schema.PLACE_INDEX[row["place"]], column_of(row["year"])), row)
        for name, dense in (("employee", employee), ("resident", resident)):
            if self.readings["award_year_rate"] == "last_published":
                # After the rows of the places, so that what is repeated is each place's own last rate.
                open_year = dense.rule[:, column_of(scenario)] == self.rule_index["scenario_rate"]
                at = (open_year, column_of(scenario))
                dense.put(at, dense.values[open_year, column_of(scenario) - 1], PROJECTED, "last_published")
            if not np.all((dense.values > -0.5) & (dense.values < 0.5)):
                i, j = np.argwhere(~((dense.values > -0.5) & (dense.values < 0.5)))[0]
                raise ParameterError(
                    "a book rate is missing or no fraction a year", key=f"{name} {schema.PLACES[i][0]} {j + FIRST_YEAR}"
                )
            arrays[f"{name}_rate"] = dense.values
            arrays[f"{name}_growth"] = np.cumprod(1.0 + dense.values, axis=1)

    def _deposit(self) -> tuple[Float, list[Row | None]]:
        """One-year deposit rate on 1 January of each year, NaN before the first row, and its row."""
        table = self.table("deposit_rate_one_year")
        found: Float = np.full(N_YEARS, np.nan)
        rows: list[Row | None] = [None] * N_YEARS
        for row in sorted(table, key=lambda row: row["day"]):
            day = row["day"]
            begins = max(0, column_of(day.year if (day.month, day.day) == (1, 1) else day.year + 1))
            found[begins:] = table.number(row)
            rows[begins:] = [row] * (N_YEARS - begins)
        if math.isnan(found[column_of(_FIRST_DEPOSIT_YEAR)]):
            raise table.error(f"has no rate of {_FIRST_DEPOSIT_YEAR}-01-01")
        return found, rows

    def _fill_deposit(self, dense: _Dense, deposit: Float, rows: list[Row | None], until: int) -> None:
        for year in range(FIRST_YEAR, until):
            rule = "deposit_rate" if year >= _FIRST_DEPOSIT_YEAR else "deposit_rate_1994"
            at = max(column_of(year), column_of(_FIRST_DEPOSIT_YEAR))
            row = rows[at]
            dense.put((slice(None), column_of(year)), deposit[at], ESTIMATED, rule, row.source if row else None)

    def _fill_scenario(self, dense: _Dense, year: int, rate: float) -> None:
        dense.put((slice(None), slice(column_of(year), None)), rate, PROJECTED, "scenario_rate")

    # ---- contributions ----------------------------------------------------------------------------------------------

    def _contributions(self, arrays: dict[str, Any]) -> None:
        shape = (schema.N_PLACES, N_MONTHS)
        shares = {}
        for name in ("employee_share", "employer_rate", "individual_rate", "account_rate"):
            dense = _Dense(self, name, "fraction of the base", shape)
            for month, _, row in self.dated(name):
                dense.row((slice(None), slice(month, None)), row, "carried")
            if np.isnan(dense.values).any():
                raise self.table(name).error(f"has no row that holds in {FIRST_YEAR}")
            shares[name] = dense
        table = self.table("employer_rate_by_place")
        for row in sorted_rows(table):
            if row["use"] == "yes":
                at = (schema.PLACE_INDEX[row["place"]], slice(row["from"] - FIRST_MONTH, None))
                shares["employer_rate"].row(at, row)

        start = self._transition(arrays)
        account, begun = shares["account_rate"], self.dense["account_start"]
        for i in range(schema.N_PLACES):
            account.put((i, slice(0, start[i] - FIRST_MONTH)), 0.0, int(begun.status[i]), "before_account")
        employee, employer, individual = (
            shares[name].values for name in ("employee_share", "employer_rate", "individual_rate")
        )
        # Whole millionths, so that 20 + 8 - 8 points are 0.20 and not a neighbour of it.
        points = [np.rint(part * 1e6) for part in (employer, employee, individual, account.values)]
        pooled = np.stack([points[0] + points[1] - points[3], points[2] - points[3]], axis=2) / 1e6
        own = np.stack([points[1], points[2]], axis=2) / 1e6
        if (pooled < 0).any():
            i, j, _ = np.argwhere(pooled < 0)[0]
            where = f"account_rate {schema.PLACES[i][0]} {schema.month_text(int(j) + FIRST_MONTH)}"
            raise ParameterError("more is credited than paid", key=where)
        for name, kind, parts in (
            ("pooled_rate", 0, ("employer_rate", "employee_share", "account_rate")),
            ("pooled_rate_individual", 1, ("individual_rate", "account_rate")),
        ):
            dense = _Dense(self, name, "fraction of the base", shape)
            dense.put(..., pooled[:, :, kind], ESTIMATED, "national_share")
            dense.status[:] = np.max([shares[part].status for part in parts], axis=0)
        everything = np.concatenate([account.values[:, :, None], pooled, own], axis=2)
        by_year = everything.reshape(schema.N_PLACES, N_YEARS, 12, everything.shape[2])
        arrays |= {
            "account_rate": account.values,
            "pooled_rate": pooled,
            "own_rate": own,
            "base_floor": self._base_limit(arrays, "floor"),
            "base_ceiling": self._base_limit(arrays, "ceiling"),
            "uniform_year": (by_year == by_year[:, :, :1]).all(axis=(2, 3)).astype(np.int64),
        }

    def _base_limit(self, arrays: dict[str, Any], side: str) -> Float:
        """Lowest or highest contribution base by month: the place's notices, elsewhere a share of the wage."""
        dense = _Dense(self, f"base_{side}", "yuan/month", (schema.N_PLACES, N_MONTHS))
        wage = self.dense["reference_wage"]
        share = self.scalar(f"base_{side}_share")
        dense.values[:, 12:] = np.repeat(share * arrays["reference_wage"][:, :-1], 12, axis=1)
        status = np.repeat(wage.status[:, :-1], 12, axis=1)
        dense.mark((slice(None), slice(12, None)), ESTIMATED, "share_of_wage")
        dense.status[:, 12:] = np.where((status == PROJECTED) | (status == UNKNOWN), status, ESTIMATED)
        table = self.table("contribution_base_limits")
        for row in sorted_rows(table):
            if row["area"] != "province" or math.isnan(row[side]):
                continue
            if not row[side] > 0:
                raise table.error(f"a {side} is positive", row)
            begins = row["from"] - FIRST_MONTH
            # A notice holds for a year: the next one is never the old limit carried on.
            ends = row["to"] - FIRST_MONTH + 1 if row["to"] >= 0 else begins + 12
            dense.row((schema.PLACE_INDEX[row["place"]], slice(begins, ends)), row, column=side)
        return dense.values

    def _transition(self, arrays: dict[str, Any]) -> npt.NDArray[np.int64]:
        table = self.table("transition")
        coefficient = _Dense(self, "transition_coefficient", "fraction a year", (schema.N_PLACES,))
        begun = _Dense(self, "account_start", "month serial", (schema.N_PLACES,))
        both: Float = np.full((schema.N_PLACES, 2), np.nan)
        threshold: Int = np.full(schema.N_PLACES, _NO_LIMIT, dtype=np.int64)
        start: Int = np.full(schema.N_PLACES, -1, dtype=np.int64)
        for row in table:
            i = schema.PLACE_INDEX[row["place"]]
            low, high = table.number(row, "coefficient"), row["coefficient_long"]
            both[i] = low, low if math.isnan(high) else high
            if not math.isnan(high):
                threshold[i] = int(table.number(row, "threshold"))
            if row["account_start"] < 0:
                raise table.error("account_start is missing", row)
            start[i] = row["account_start"]
            coefficient.row(i, row, column="coefficient")
            begun.row(i, row, column="account_start")
        unified = self.table("account_start_national").scalar()
        for i in range(schema.N_PLACES):
            if start[i] < 0 and i == _CORPS:
                both[i], threshold[i], start[i] = both[_XINJIANG], threshold[_XINJIANG], start[_XINJIANG]
                coefficient.put(i, both[i, 0], ESTIMATED, "corps_as_xinjiang")
                begun.put(i, start[i], ESTIMATED, "corps_as_xinjiang")
            elif start[i] < 0:
                start[i] = unified["value"]
                begun.put(i, start[i], STATUSES.index(unified.status), "default_rule", unified.source)
        arrays |= {"transition_coefficient": both, "transition_threshold": threshold, "account_start": start}
        arrays |= self._transition_method(start)
        return start

    def _transition_method(self, start: Int) -> dict[str, Int]:
        """Shape, index and months of each province's transitional pension; where no province is meant the plain one."""
        table = self.table("transition")
        units = {
            "transition_shape": " ".join(f"{code} {name}" for name, code in TRANSITION_SHAPE.items()),
            "transition_own_index": "1 yes, 0 no",
            "transition_counts_paid": "1 yes, 0 no",
            "transition_cutoff": "month serial",
            "transition_paid_from": "month serial",
        }
        found = {name: _Dense(self, name, unit, (schema.N_PLACES,)) for name, unit in units.items()}
        plain = (0, 0, 0, start[schema.NATION_INDEX] - 1, FIRST_MONTH)
        for dense, value in zip(found.values(), plain, strict=True):
            dense.put(schema.NATION_INDEX, value, ESTIMATED, "default_rule")
        for row in table:
            for column, words in (("shape", TRANSITION_SHAPE), ("index", TRANSITION_INDEX)):
                if row[column] not in words:
                    raise table.error(f"{column} {row[column]!r} is none of {', '.join(words)}", row)
            counts_paid = table.number(row, "counts_paid")
            if counts_paid not in (0, 1):
                raise table.error("counts_paid is 1 or 0", row)
            if row["paid_from"] >= 0 and not counts_paid:
                raise table.error("paid_from is given where no paid month counts", row)
            i = schema.PLACE_INDEX[row["place"]]
            values = (
                TRANSITION_SHAPE[row["shape"]],
                TRANSITION_INDEX[row["index"]],
                counts_paid,
                row["cutoff"] if row["cutoff"] >= 0 else row["account_start"] - 1,
                row["paid_from"] if row["paid_from"] >= 0 else FIRST_MONTH,
            )
            for dense, value in zip(found.values(), values, strict=True):
                dense.put(i, value, STATUSES.index(row.status), "published", row.source)
        for dense in found.values():
            if dense.status[_CORPS] == UNKNOWN:
                dense.copy_place(_CORPS, _XINJIANG, "corps_as_xinjiang")
            if np.isnan(dense.values).any():
                raise table.error(f"{schema.PLACES[int(np.argmax(np.isnan(dense.values)))][0]} has no row")
        return {name: dense.values.astype(np.int64) for name, dense in found.items()}

    # ---- ages -------------------------------------------------------------------------------------------------------

    def _ages(self, arrays: dict[str, Any]) -> None:
        table = self.table("retirement_age")
        ages: Int = np.zeros((len(_CATEGORIES) + 1, 5), dtype=np.int64)
        for name, code in _CATEGORIES.items():
            row = table.rows.get((name,))
            if row is None:
                raise table.error(f"the category {name} is missing")
            first = row["first_delayed_birth"]
            numbers = [table.number(row, column) for column in ("original", "step", "cap", "flexible")]
            if numbers[1] < 1:
                raise table.error("step is at least 1", row)
            ages[code] = numbers[0], first if first >= 0 else _NEVER, *numbers[1:]
        minimum = _Dense(self, "minimum_months", "months", (N_YEARS,))
        for month, _, row in self.dated("minimum_months"):
            # A calendar year has one value; a row of mid-year (the law of 2011-07) counts from that year on.
            minimum.row(slice(month // 12, None), row, "carried")
        table = self.table("annuity_months")
        annuity: Int = np.zeros(31, dtype=np.int64)
        for age in range(40, 71):
            row = table.rows.get((age,))
            if row is None:
                raise table.error(f"the age {age} is missing")
            annuity[age - 40] = int(table.number(row))
        arrays |= {"ages": ages, "minimum_months": minimum.values.astype(np.int64), "annuity_months": annuity}

    # ---- resident scheme --------------------------------------------------------------------------------------------

    def _resident_basic(self, arrays: dict[str, Any]) -> None:
        national = self.dated("national_minimum")
        table = self.table("resident_basic")
        rows = by_place(table, sorted_rows(table))
        minimum: Float = np.full(N_MONTHS, np.nan)
        for month, value, _ in national:
            minimum[month:] = value
        last = national[-1][0]
        horizon = (last // 12 + 1) * 12
        dense = _Dense(self, "resident_basic", "yuan/month", (schema.N_PLACES, N_MONTHS))
        for i, (code, _, _) in enumerate(schema.PLACES):
            if i == schema.NATION_INDEX:
                for month, _, row in national:
                    dense.row((i, slice(month, horizon)), row)
            else:
                self._place_basic(dense, i, rows.get(code, []), minimum, horizon)
        alpha, beta = self._basic_projection(horizon)
        at_horizon = dense.values[:, horizon - 1 : horizon]
        later = (slice(None), slice(horizon, None))
        dense.put(later, alpha[horizon:] * at_horizon + beta[horizon:], PROJECTED, "scenario_increments")
        arrays |= {
            "resident_basic": dense.values,
            "resident_basic_horizon": horizon + FIRST_MONTH,
            "resident_basic_alpha": alpha,
            "resident_basic_beta": beta,
        }

    def _place_basic(self, dense: _Dense, place: int, rows: list[Row], minimum: Float, horizon: int) -> None:
        """Rows of the place; before, between and after them the national increments, never below the minimum."""
        table = self.table("resident_basic")
        begins = int(np.flatnonzero(np.isfinite(minimum))[0])
        if not rows:
            dense.put((place, slice(begins, horizon)), minimum[begins:horizon], ESTIMATED, "national_minimum")
            return
        for k, row in enumerate(rows):
            month = row["from"] - FIRST_MONTH
            value = table.number(row)
            if month < begins:
                raise table.error("is before the scheme began", row)
            if month >= horizon:
                raise table.error("is later than the last national minimum's year; give that too", row)
            if row["with_national"] not in {"yes", "no"}:
                raise table.error("with_national is yes or no", row)
            included = minimum[month] if row["with_national"] == "yes" else minimum[month - 1]
            if k == 0:
                early = slice(begins, month)
                filled = value - (included - minimum[early])
                dense.put((place, early), np.maximum(filled, minimum[early]), ESTIMATED, "increments_backwards")
                dense.mark((place, begins + np.flatnonzero(filled < minimum[early])), ESTIMATED, "national_minimum")
            end = rows[k + 1]["from"] - FIRST_MONTH if k + 1 < len(rows) else horizon
            span = slice(month, end)
            dense.row((place, span), row)
            raised = minimum[span] - included
            later = month + np.flatnonzero(raised > 0)
            filled = value + raised[raised > 0]
            dense.put((place, later), np.maximum(filled, minimum[later]), ESTIMATED, "increments")
            dense.mark((place, later[filled < minimum[later]]), ESTIMATED, "national_minimum")

    def _basic_projection(self, horizon: int) -> tuple[Float, Float]:
        """alpha, beta by month: B of a later month is ``alpha * B(horizon - 1) + beta`` in every place."""
        alpha: Float = np.ones(N_MONTHS)
        beta: Float = np.zeros(N_MONTHS)
        rise, until = (
            self.scalar("scenario.resident_basic_increment"),
            self.scalar("scenario.resident_basic_increment_until"),
        )
        a, b = 1.0, 0.0
        for january in range(horizon, N_MONTHS, 12):
            year = january // 12
            if year + FIRST_YEAR <= until:
                b += rise
            else:
                a, b = a * (1.0 + self.growth[year - 1]), b * (1.0 + self.growth[year - 1])
            alpha[january : january + 12] = a
            beta[january : january + 12] = b
        if not np.isfinite(alpha).all():
            raise self.table("scenario.wage_growth").error("does not cover the years after the fixed rise of B")
        return alpha, beta

    def _resident_tables(self, arrays: dict[str, Any]) -> None:
        """Year premium, age supplement, and the rules of one value a place."""
        versions, segments, bands = 3, 4, 4
        first: Int = np.full((schema.N_PLACES, versions), _NEVER, dtype=np.int64)
        premium: Float = np.zeros((schema.N_PLACES, versions, segments, 3))
        fraction: Int = np.zeros((schema.N_PLACES, versions), dtype=np.int64)
        backpaid: Int = np.zeros(schema.N_PLACES, dtype=np.int64)
        known = _Dense(self, "premium", "1 where a province-wide table is in force", (schema.N_PLACES, N_MONTHS))
        known.put(..., 0.0, ESTIMATED, "no_row")
        table = self.table("resident_premium")
        for code, rows in by_place(table, (row for row in sorted_rows(table) if row["area"] == "province")).items():
            i = schema.PLACE_INDEX[code]
            for v, (month, part) in enumerate(_versions(rows, table, versions)):
                part.sort(key=lambda row: row["years_above"])
                if len(part) > segments:
                    raise table.error(f"has more than {segments} segments", part[segments])
                first[i, v] = month
                for s, row in enumerate(part):
                    upper = math.inf if math.isnan(row["years_up_to"]) else row["years_up_to"]
                    premium[i, v, s] = table.number(row, "years_above"), upper, table.number(row)
                    if row["measure"] not in {"yuan", "fraction_of_basic"}:
                        raise table.error("measure is yuan or fraction_of_basic", row)
                    if (row["measure"] == "fraction_of_basic") != (part[0]["measure"] == "fraction_of_basic"):
                        raise table.error("one version has two measures", row)
                fraction[i, v] = part[0]["measure"] == "fraction_of_basic"
                known.row((i, slice(month - FIRST_MONTH, None)), part[0])
                known.values[i, month - FIRST_MONTH :] = 1.0
            backpaid[i] = all(row["backpaid"] == "yes" for row in rows)

        supplement: Float = np.zeros((schema.N_PLACES, bands, 4))
        paid = _Dense(self, "supplement", "1 where a province-wide table is in force", (schema.N_PLACES, N_MONTHS))
        paid.put(..., 0.0, ESTIMATED, "no_row")
        table = self.table("resident_supplement")
        used = [row for row in sorted_rows(table) if row["area"] == "province" and row["closed_group"] == "no"]
        for code, rows in by_place(table, used).items():
            i = schema.PLACE_INDEX[code]
            if len({row["from"] for row in rows}) > 1 or len(rows) > bands:
                raise table.error(f"a place has one version of at most {bands} bands", rows[-1])
            for b, row in enumerate(sorted(rows, key=lambda row: row["age_from"])):
                below = math.inf if math.isnan(row["age_below"]) else row["age_below"]
                supplement[i, b] = table.number(row, "age_from"), below, table.number(row), row["from"]
            paid.row((i, slice(rows[0]["from"] - FIRST_MONTH, None)), rows[0])
            paid.values[i, rows[0]["from"] - FIRST_MONTH :] = 1.0
        arrays |= {
            "premium_from": first,
            "premium_segments": premium,
            "premium_is_fraction": fraction,
            "premium_counts_backpaid": backpaid,
            "supplement": supplement,
        }
        arrays["resident_award_year_months"] = int(self.readings["resident_award_year"] == "to_award")
        for rule, blank in (("resident_start", None), ("lump_backpay_allowed", None), ("subsidy_max_years", _NO_LIMIT)):
            arrays[rule] = self._place_rule(rule, blank)

    def _place_rule(self, rule: str, blank: int | None) -> Int:
        """One whole number a place, the row of place 0 for all others; a blank setting means ``blank``."""
        table = self.table("resident_rules")
        unit = "month serial" if rule == "resident_start" else "years" if rule == "subsidy_max_years" else "1 yes, 0 no"
        dense = _Dense(self, rule, unit, (schema.N_PLACES,))
        rows = {row["place"]: row for row in table if row["rule"] == rule}
        if schema.NATION not in rows:
            raise table.error(f"the default (place 0) of {rule} is missing")
        for i, (code, _, _) in enumerate(schema.PLACES):
            row = rows.get(code, rows[schema.NATION])
            text = row["setting"]
            try:
                if rule == "resident_start":
                    number = schema.month_serial(text[:7])
                elif not text and blank is not None:
                    number = blank
                else:
                    number = int(text)
                    if number < 0 or (rule == "lump_backpay_allowed" and number > 1):
                        raise ValueError(f"{text!r} is out of range")
            except ValueError as error:
                raise table.error(str(error), row) from None
            filled_by = "published" if code in rows else "default_rule"
            dense.put(i, number, STATUSES.index(row.status), filled_by, row.source)
        return dense.values.astype(np.int64)

    def _subsidies(self, arrays: dict[str, Any]) -> None:
        table = self.table("resident_subsidy")
        start: Int = np.zeros((schema.N_PLACES, N_MONTHS), dtype=np.int64)
        stop: Int = np.zeros((schema.N_PLACES, N_MONTHS), dtype=np.int64)
        tiers: list[tuple[float, float]] = []
        subsidy = _Dense(self, "subsidy", "1 where a province-wide table is in force", (schema.N_PLACES, N_MONTHS))
        subsidy.put(..., 0.0, ESTIMATED, "legal_floor")
        lowest = _Dense(self, "lowest_tier", "yuan/year", (schema.N_PLACES, N_MONTHS))
        for k, (month, _, row) in enumerate(self.dated("lowest_tier")):
            lowest.row((slice(None), slice(month if k else 0, None)), row, "default_tier")
        used = [row for row in sorted_rows(table) if row["area"] == "province" and row["kind"] != "maximum"]
        for code, rows in by_place(table, used).items():
            i = schema.PLACE_INDEX[code]
            for month, part in _versions(rows, table, None):
                part.sort(key=lambda row: row["tier"])
                at = (i, slice(month - FIRST_MONTH, None))
                start[at] = len(tiers)
                tiers += [(table.number(row, "tier"), row["value"]) for row in part]
                stop[at] = len(tiers)
                amounts = [row for row in part if not math.isnan(row["value"])]
                if amounts:
                    subsidy.row(at, amounts[0])
                else:
                    subsidy.put(at, 1.0, ESTIMATED, "legal_floor")
                subsidy.values[at] = 1.0
                others = [row for row in part if row["hardship_only"] != "yes"]
                if others:
                    lowest.row(at, others[0], column="tier")
        floor: Float = np.full((N_MONTHS, 2), np.nan)
        rows_of_floor = self.table("subsidy_floor")
        for month, value, row in self.dated("subsidy_floor"):
            floor[month:] = value, rows_of_floor.number(row, "upper")
        arrays |= {
            "subsidy_start": start,
            "subsidy_stop": stop,
            "subsidy_tiers": np.array(tiers, dtype=np.float64).reshape(-1, 2),
            "subsidy_floor": floor,
            "subsidy_floor_tier": self.scalar("subsidy_floor_tier"),
            "lowest_tier": lowest.values,
        }

    # ---- pensions in payment ----------------------------------------------------------------------------------------

    def _payment(self, arrays: dict[str, Any]) -> None:
        price_growth = _Dense(self, "price_growth", "fraction a year", (N_YEARS,))
        table = self.table("consumer_prices")
        for row in table:
            price_growth.row(column_of(row["year"]), row)
        first, last = _span(price_growth.values, table)
        later = slice(last + 1, None)
        price_growth.put(later, self.from_years("scenario.price_growth")[later], PROJECTED, "price_growth")
        price: Float = np.full(N_YEARS, np.nan)
        # The level before the first published change is 1; years before that are unknown.
        price[first - 1 :] = np.cumprod(np.concatenate([[1.0], 1.0 + price_growth.values[first:]]))

        adjustment = _Dense(self, "pension_adjustment", "fraction a year", (N_YEARS,))
        table = self.table("pension_adjustment")
        for row in table:
            adjustment.row(column_of(row["year"]), row)
        first, last = _span(adjustment.values, table)
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


def _backward_factors(onpost: Float, employed: Float) -> Float:
    """Level by year of the national non-private wage: on-post staff to 1995, persons employed after, linked in 1995."""
    link = column_of(1995)
    level: Float = np.full(N_YEARS, np.nan)
    for series, name in ((onpost, "non_private_wage_onpost"), (employed, "non_private_wage_employed")):
        if math.isnan(series[link]):
            raise ParameterError("1995 is missing", file="national/wages.toml", key=name)
    on_post, persons = _geometric(onpost), _geometric(employed)
    level[: link + 1] = on_post[: link + 1] / on_post[link]
    level[link:] = persons[link:] / persons[link]
    return level


def _geometric(series: Float) -> Float:
    """Missing years inside a series, geometric between their neighbours."""
    known = np.flatnonzero(np.isfinite(series))
    filled: Float = np.full(series.size, np.nan)
    inside = np.arange(known[0], known[-1] + 1)
    filled[inside] = np.exp(np.interp(inside, known, np.log(series[known])))
    filled[known] = series[known]
    return filled


def _versions(rows: Iterable[Row], table: ParameterTable, most: int | None) -> Iterator[tuple[int, list[Row]]]:
    """Rows of one place grouped by the month from which they hold, in order."""
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["from"], []).append(row)
    if most is not None and len(groups) > most:
        raise table.error(f"a place has at most {most} versions", next(iter(groups[max(groups)])))
    yield from sorted(groups.items())


def _span(values: Float, table: ParameterTable) -> tuple[int, int]:
    """First and last year with a value; no gap between them."""
    known = np.flatnonzero(np.isfinite(values))
    if known.size == 0 or known[0] == 0 or known.size != known[-1] - known[0] + 1:
        raise table.error("the years are not without a gap")
    return int(known[0]), int(known[-1])


def _frozen(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        value = np.ascontiguousarray(value)
        value.flags.writeable = False
    return value
