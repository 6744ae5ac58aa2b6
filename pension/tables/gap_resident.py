"""The tables of the resident scheme by the gap rules: basic pension, premium, supplement, tiers and subsidies."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from pension import schema
from pension.tables.dense import (
    FIRST_MONTH,
    FIRST_YEAR,
    N_MONTHS,
    Float,
    Int,
)
from pension.tables.gap_rules import (
    ESTIMATED,
    NEVER,
    PROJECTED,
    Dense,
    Series,
    versions_of,
)
from pension.tables.parameter_files import STATUSES, Row, by_place, sorted_rows

_NO_LIMIT: Final = 10**6


class ResidentTables(Series):
    """Fills the tables of the resident scheme."""

    def _resident_basic(self, arrays: dict[str, Any]) -> None:
        national = self.dated("national_minimum")
        table = self.table("resident_basic")
        rows = by_place(table, sorted_rows(table))
        minimum: Float = np.full(N_MONTHS, np.nan)
        for month, value, _ in national:
            minimum[month:] = value
        last = national[-1][0]
        horizon = (last // 12 + 1) * 12
        dense = Dense(self, "resident_basic", "yuan/month", (schema.N_PLACES, N_MONTHS))
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

    def _place_basic(self, dense: Dense, place: int, rows: list[Row], minimum: Float, horizon: int) -> None:
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
        first: Int = np.full((schema.N_PLACES, versions), NEVER, dtype=np.int64)
        premium: Float = np.zeros((schema.N_PLACES, versions, segments, 3))
        fraction: Int = np.zeros((schema.N_PLACES, versions), dtype=np.int64)
        backpaid: Int = np.zeros(schema.N_PLACES, dtype=np.int64)
        known = Dense(self, "premium", "1 where a province-wide table is in force", (schema.N_PLACES, N_MONTHS))
        known.put(..., 0.0, ESTIMATED, "no_row")
        table = self.table("resident_premium")
        for code, rows in by_place(table, (row for row in sorted_rows(table) if row["area"] == "province")).items():
            i = schema.PLACE_INDEX[code]
            for v, (month, part) in enumerate(versions_of(rows, table, versions)):
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
        paid = Dense(self, "supplement", "1 where a province-wide table is in force", (schema.N_PLACES, N_MONTHS))
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
        dense = Dense(self, rule, unit, (schema.N_PLACES,))
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
        subsidy = Dense(self, "subsidy", "1 where a province-wide table is in force", (schema.N_PLACES, N_MONTHS))
        subsidy.put(..., 0.0, ESTIMATED, "legal_floor")
        lowest = Dense(self, "lowest_tier", "yuan/year", (schema.N_PLACES, N_MONTHS))
        for k, (month, _, row) in enumerate(self.dated("lowest_tier")):
            lowest.row((slice(None), slice(month if k else 0, None)), row, "default_tier")
        used = [row for row in sorted_rows(table) if row["area"] == "province" and row["kind"] != "maximum"]
        for code, rows in by_place(table, used).items():
            i = schema.PLACE_INDEX[code]
            for month, part in versions_of(rows, table, None):
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
