"""The conventions by which a province prints an award form (核定表), read from ``award_conventions.csv``."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pension.award_forms.rounding import EXACT, MODES, Rounding
from pension.parameters import ParameterError, Parameters
from pension.schema import NATION
from pension.tables.parameter_files import ParameterTable, Row

ROUNDINGS: Final = ("index", "indexed_wage", "indexed_wage_print", "component", "sum", "survivor_base", "funeral_base")
"""Conventions that are a rounding."""

WORDS: Final = {
    "years": (*MODES, "month_rate"),
    "deemed_years": (*MODES, "month_rate"),
    "years_print": ("decimal", "years_months", "dotted"),
    "sum_of": ("printed", "exact"),
    "index_denominator": ("contributed_months", "calendar_years", "calendar_years_before_award", "unpaid_years_at"),
    "transition_index": ("overall", "separate"),
    "transition_index_floor": ("floor",),
    "flat_base_index_floor": ("floor",),
    "notional_divisor": ("months",),
    **dict.fromkeys(ROUNDINGS, MODES),
}
"""Every convention and the modes it knows."""

_OPTIONAL: Final = ("deemed_years", "transition_index_floor", "flat_base_index_floor", "notional_divisor")
_VALUED: Final = ("month_rate", "floor", "months", "unpaid_years_at")


@dataclass(frozen=True, slots=True)
class Convention:
    """One convention that is no plain rounding: a word, and its number where it has one."""

    mode: str
    value: float
    source: str
    status: str


@dataclass(frozen=True, slots=True)
class YearsRule:
    """How months become printed years, or years and months at a rate a month."""

    rounding: Rounding
    month_rate: float | None = None
    """Years that a month beyond whole years counts; None where the decimal is rounded."""

    def __call__(self, months: float) -> Decimal:
        """Years as they are reckoned with."""
        if self.month_rate is None:
            return self.rounding(months / 12)
        whole, rest = divmod(months, 12)
        return self.rounding(whole + rest * self.month_rate)

    def text(self, lang: str) -> str:
        """The rule in words, English (``en``) or Chinese (``zh``)."""
        if self.month_rate is None:
            return self.rounding.text(lang)
        words = {"en": "whole years, each further month {:g}", "zh": "整年，余下每月按{:g}年"}
        return words[lang].format(self.month_rate)


@dataclass(frozen=True, slots=True)
class Conventions:
    """Everything a province's form does its own way."""

    years: YearsRule
    deemed_years: YearsRule
    years_print: Convention
    index: Rounding
    indexed_wage: Rounding
    """Before it is used."""
    indexed_wage_print: Rounding
    """As printed where it is used unrounded."""
    component: Rounding
    sum: Rounding
    sum_of: Convention
    index_denominator: Convention
    transition_index: Convention
    transition_index_floor: Convention | None
    flat_base_index_floor: Convention | None
    notional_divisor: Convention | None
    survivor_base: Rounding
    """Q of the bereavement grant (抚恤金): yearly urban income of a head over twelve."""
    funeral_base: Rounding
    """Q of the funeral grant (丧葬补助金)."""

    def exact(self) -> Conventions:
        """The same method without any rounding."""
        every: dict[str, Any] = dict.fromkeys(ROUNDINGS, EXACT)
        plain = YearsRule(EXACT)
        return replace(self, years=plain, deemed_years=plain, **every)


def conventions_of(parameters: Parameters, place: int, award: int) -> Conventions:
    """Conventions of a province code for awards of a month (serial): the latest row, else the row of place 0.

    ``ParameterError`` for a word, unit or value that no convention knows.
    """
    table = parameters.files["award_conventions"]
    rows: dict[str, Row] = {}
    for row in sorted(table, key=lambda row: (row["place"] != NATION, row["from"])):
        name, mode = row["convention"], row["mode"]
        if name not in WORDS:
            raise table.error(f"convention {name!r} is none of {', '.join(WORDS)}", row)
        if mode not in WORDS[name]:
            raise table.error(f"mode {mode!r} is none of {', '.join(WORDS[name])}", row)
        if math.isnan(row["value"]) != (mode not in _VALUED) or not (math.isnan(row["value"]) or row["value"] > 0):
            raise table.error(f"mode {mode} has {'a positive' if mode in _VALUED else 'no'} value", row)
        if row["place"] in (NATION, place) and row["from"] <= award:
            rows[name] = row
    for name in WORDS:
        if name not in rows and name not in _OPTIONAL:
            raise ParameterError("has no row of place 0", file=table.file, key=name)
    found: dict[str, Any] = {}
    for name in WORDS:
        row_of = rows.get(name)
        if row_of is None:
            found[name] = None
        elif name in ("years", "deemed_years"):
            found[name] = _years_rule(table, row_of)
        elif name in ROUNDINGS:
            found[name] = _rounding(table, row_of)
        else:
            found[name] = Convention(row_of["mode"], row_of["value"], row_of.source, row_of.status)
    found["deemed_years"] = found["deemed_years"] or found["years"]
    return Conventions(**found)


def _years_rule(table: ParameterTable, row: Row) -> YearsRule:
    if row["mode"] == "month_rate":
        return YearsRule(Rounding("exact", None, row.source, row.status), row["value"])
    return YearsRule(_rounding(table, row))


def _rounding(table: ParameterTable, row: Row) -> Rounding:
    quantum = None if math.isnan(row["quantum"]) else Decimal(repr(row["quantum"])).normalize()
    try:
        return Rounding(row["mode"], quantum, row.source, row.status)
    except ValueError as error:
        raise table.error(str(error), row) from None
