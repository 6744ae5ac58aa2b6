"""The tables of the employee scheme by the gap rules: wages, calculation bases, book rates, contributions, ages.

One method a group of tables; wages come before everything.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.tables.dense import (
    FIRST_MONTH,
    FIRST_YEAR,
    N_MONTHS,
    N_YEARS,
    TRANSITION_INDEX,
    TRANSITION_SHAPE,
    Float,
    Int,
)
from pension.tables.gap_rules import (
    ESTIMATED,
    NEVER,
    PROJECTED,
    UNKNOWN,
    Dense,
    Series,
    column_of,
)
from pension.tables.parameter_files import STATUSES, ParameterError, Row, sorted_rows

_NO_LIMIT: Final = 10**6
_FIRST_DEPOSIT_YEAR: Final = 1994
_LAST_DEPOSIT_YEAR: Final = 2021
_DEFINITION_CHANGE: Final = 2019
"""First year that the reading ``geometric`` fills between its neighbours: the wage definition changed 2018-2020."""
_CORPS: Final = schema.PLACE_INDEX[66]
_XINJIANG: Final = schema.PLACE_INDEX[65]
_PROVINCES: Final = slice(0, _CORPS)
_CATEGORIES: Final = schema.RETIREMENT_CATEGORY


class EmployeeTables(Series):
    """Fills the tables of the employee scheme."""

    def _wages(self, arrays: dict[str, Any]) -> None:
        growth = self.from_years("scenario.wage_growth")
        weights = self._weights()
        wage = Dense(self, "reference_wage", "yuan/month", (schema.N_PLACES, N_YEARS))
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

        base = Dense(self, "calculation_base", "yuan/month", (schema.N_PLACES, N_YEARS))
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

    def _grow(self, dense: Dense, place: int, last: int, growth: Float) -> None:
        """Years after the last published one, by the wage growth of the scenario."""
        factors = 1.0 + growth[last + 1 :]
        if np.isnan(factors).any():
            year = FIRST_YEAR + last + 1
            raise self.table("scenario.wage_growth").error(f"has no growth for {year}, the first unpublished year")
        at = (place, slice(last + 1, None))
        dense.put(at, dense.values[place, last] * np.cumprod(factors), PROJECTED, "wage_growth")

    def _calculation_base(self, base: Dense, place: int, wages: Float, growth: Float) -> None:
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

    def _mean(self, dense: Dense, weights: Float) -> None:
        """The nation's row; NaN in a year in which a province has no value."""
        parts, status = dense.values[_PROVINCES], dense.status[_PROVINCES]
        known = np.isfinite(parts).all(axis=0)
        dense.put((schema.NATION_INDEX, known), (weights @ parts)[known] / weights.sum(), ESTIMATED, "population_mean")
        projected = known & (status == PROJECTED).any(axis=0)
        dense.status[schema.NATION_INDEX, projected] = PROJECTED

    def _interest(self, arrays: dict[str, Any]) -> None:
        deposit, deposit_rows = self._deposit()
        national = self.table("employee_book_rate")
        first = min(row["year"] for row in national)
        scenario = max(row["year"] for row in national) + 1
        everyone = slice(None)

        employee = Dense(self, "employee_rate", "fraction a year", (schema.N_PLACES, N_YEARS))
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

        resident = Dense(self, "resident_rate", "fraction a year", (schema.N_PLACES, N_YEARS))
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

    def _fill_deposit(self, dense: Dense, deposit: Float, rows: list[Row | None], until: int) -> None:
        for year in range(FIRST_YEAR, until):
            rule = "deposit_rate" if year >= _FIRST_DEPOSIT_YEAR else "deposit_rate_1994"
            at = max(column_of(year), column_of(_FIRST_DEPOSIT_YEAR))
            row = rows[at]
            dense.put((slice(None), column_of(year)), deposit[at], ESTIMATED, rule, row.source if row else None)

    def _fill_scenario(self, dense: Dense, year: int, rate: float) -> None:
        dense.put((slice(None), slice(column_of(year), None)), rate, PROJECTED, "scenario_rate")

    def _contributions(self, arrays: dict[str, Any]) -> None:
        shape = (schema.N_PLACES, N_MONTHS)
        shares = {}
        for name in ("employee_share", "employer_rate", "individual_rate", "account_rate"):
            dense = Dense(self, name, "fraction of the base", shape)
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
            dense = Dense(self, name, "fraction of the base", shape)
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
        dense = Dense(self, f"base_{side}", "yuan/month", (schema.N_PLACES, N_MONTHS))
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
        coefficient = Dense(self, "transition_coefficient", "fraction a year", (schema.N_PLACES,))
        begun = Dense(self, "account_start", "month serial", (schema.N_PLACES,))
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
        found = {name: Dense(self, name, unit, (schema.N_PLACES,)) for name, unit in units.items()}
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
            ages[code] = numbers[0], first if first >= 0 else NEVER, *numbers[1:]
        minimum = Dense(self, "minimum_months", "months", (N_YEARS,))
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
