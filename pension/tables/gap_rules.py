"""The gap rules: rows of parameter files become dense tables, each cell with its status, rule and source.

A value that no file holds is filled only by a rule named in ``RULES``; what no rule fills is NaN. The rules are applied
in ``gap_employee``, ``gap_resident`` and ``build``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension.tables.dense import (
    FIRST_MONTH,
    FIRST_YEAR,
    LAST_YEAR,
    N_YEARS,
    Float,
)
from pension.tables.parameter_files import STATUSES, ParameterError, ParameterTable, Row, sorted_rows

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

NEVER: Final = 12 * (LAST_YEAR + 1)
"""The month serial of what never begins."""


class Dense:
    """Values with status, rule and source, filled cell by cell or slice by slice."""

    def __init__(self, builder: Series, name: str, unit: str, shape: tuple[int, ...]) -> None:
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


class Series:
    """The rows of the files as series, and the tables filled from them so far."""

    growth: Float
    """[year]: wage growth of the scenario, once the wages are filled."""

    def __init__(self, files: Mapping[str, ParameterTable], readings: Mapping[str, str]) -> None:
        self.files, self.readings = files, readings
        self.dense: dict[str, Dense] = {}
        self.rule_index = {name: i for i, name in enumerate(RULES)}
        self.source_texts: dict[str, int] = {"": 0}

    def source_index(self, text: str) -> int:
        return self.source_texts.setdefault(text, len(self.source_texts))

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


def versions_of(rows: Iterable[Row], table: ParameterTable, most: int | None) -> Iterator[tuple[int, list[Row]]]:
    """Rows of one place grouped by the month from which they hold, in order."""
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["from"], []).append(row)
    if most is not None and len(groups) > most:
        raise table.error(f"a place has at most {most} versions", next(iter(groups[max(groups)])))
    yield from sorted(groups.items())


def span_of(values: Float, table: ParameterTable) -> tuple[int, int]:
    """First and last year with a value; no gap between them."""
    known = np.flatnonzero(np.isfinite(values))
    if known.size == 0 or known[0] == 0 or known.size != known[-1] - known[0] + 1:
        raise table.error("the years are not without a gap")
    return int(known[0]), int(known[-1])
