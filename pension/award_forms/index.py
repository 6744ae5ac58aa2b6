"""The average index as a province's form reckons it: floors of early years, unpaid years, what it is divided by.

Settlements use the index of 国发〔2005〕38号 over the counted months, never clamped; this is for reproducing a form.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pension import schema
from pension.award_forms.conventions import conventions_of
from pension.errors import InputError, Problem, refuse, shown
from pension.inputs.spells import parse_place
from pension.law import employee  # noqa: F401  registers average_index
from pension.law.registry import plain
from pension.parameters import Parameters, load


@dataclass(frozen=True, slots=True)
class IndexSpan:
    """Consecutive counted months of one calendar year."""

    first: str
    """YYYY-MM."""
    last: str
    index: float
    """Mean of their monthly indices (base over the reference wage of the year before, or the deemed index)."""


@dataclass(frozen=True, slots=True)
class FormIndex:
    """The average index of a form."""

    value: Decimal
    """As printed."""
    exact: float
    """Over the counted months, without floor or ceiling: what settlements use."""
    denominator: str
    months: float
    """What the sum of the monthly indices was divided by."""
    source: str
    status: str
    remarks: tuple[str, ...]


def form_index(
    province: int | str, spans: Sequence[IndexSpan], *, award: str, parameters: Parameters | None = None
) -> FormIndex:
    """Average index (平均缴费指数) of a form from spans of counted months, by the province's own denominator.

    ``spans`` in any order, without overlap, none after the award. Denominators: counted months; all months of the
    calendar years touched; the same without the award's year, whose months are then left out; counted months and
    twelve a year at the stated index for every calendar year without any between the first and the last. Raises
    ``InputError``. Source: ``award_conventions.csv`` and ``index_bounds.csv``, secondary.
    """
    parameters = parameters if parameters is not None else load()
    try:
        place = schema.province_of(parse_place(str(province)))
    except ValueError as error:
        raise refuse(str(error), column="province", value=province) from error
    try:
        award_month = schema.month_serial(award)
    except ValueError as error:
        raise refuse(str(error), column="award", value=award) from error
    months = _months(spans, award_month)
    rules = conventions_of(parameters, place, award_month)
    remarks: list[str] = []
    bounds = [row for row in parameters.files["index_bounds"] if row["place"] == place]
    total, counted = 0.0, 0
    of_year: dict[int, tuple[float, int]] = {}
    for (first, last), span in zip(months, spans, strict=True):
        count = last - first + 1
        index = _bounded(first, last, span, bounds, remarks)
        total, counted = total + index * count, counted + count
        before, many = of_year.get(first // 12, (0.0, 0))
        of_year[first // 12] = before + index * count, many + count
    exact = sum(s.index * (last - first + 1) for (first, last), s in zip(months, spans, strict=True)) / counted
    mode, years = rules.index_denominator.mode, set(of_year)
    divisor = float(counted)
    if mode == "calendar_years_before_award" and years != {award_month // 12}:
        years.discard(award_month // 12)
        total = math.fsum(of_year[year][0] for year in years)
    if mode.startswith("calendar_years"):
        divisor = 12.0 * len(years)
    elif mode == "unpaid_years_at":
        unpaid = 12 * (max(years) - min(years) + 1 - len(years))
        total, divisor = total + rules.index_denominator.value * unpaid, float(counted + unpaid)
    value = rules.index(float(plain("average_index")(total, divisor)))
    of = rules.index_denominator
    return FormIndex(value, exact, mode, divisor, of.source, of.status, tuple(remarks))


def _months(spans: Sequence[IndexSpan], award: int) -> list[tuple[int, int]]:
    """First and last month of each span; every fault is reported."""
    if not spans:
        raise refuse("at least one span of counted months is needed", column="spans")
    found: list[tuple[int, int]] = []
    problems: list[Problem] = []
    taken: set[int] = set()
    for k, span in enumerate(spans):
        try:
            first, last = schema.month_serial(span.first), schema.month_serial(span.last)
        except ValueError as error:
            problems.append(Problem("", None, f"spans[{k}]", shown(span), str(error)))
            continue
        rule = ""
        if first > last or first // 12 != last // 12:
            rule = "a span is months of one calendar year, first to last"
        elif last > award:
            rule = "a month after the award"
        elif not (math.isfinite(span.index) and span.index > 0):
            rule = "an index is a positive number"
        elif taken.intersection(range(first, last + 1)):
            rule = "a month stands in two spans"
        if rule:
            problems.append(Problem("", None, f"spans[{k}]", shown(span), rule))
        taken.update(range(first, last + 1))
        found.append((first, last))
    if problems:
        raise InputError(problems)
    return found


def _bounded(first: int, last: int, span: IndexSpan, bounds: Sequence[Any], remarks: list[str]) -> float:
    """The index of a span inside the province's floor and ceiling of those months."""
    index = span.index
    for row in bounds:
        if last < row["from"] or first > row["to"]:
            continue
        if first < row["from"] or last > row["to"]:
            months = f"{schema.month_text(row['from'])}..{schema.month_text(row['to'])}"
            raise refuse(f"split the span: other bounds hold in {months}", column="spans", value=span)
        if not math.isnan(row["floor"]) and index < row["floor"]:
            index = row["floor"]
        if not math.isnan(row["ceiling"]) and index > row["ceiling"]:
            index = row["ceiling"]
        if index != span.index:
            remarks.append(f"{span.first}..{span.last}: index {span.index:g} counts as {index:g} ({row.source})")
    return index
