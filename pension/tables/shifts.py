"""Parameters moved in memory: growth, discount, book rates, death rates, minimum months, calculation bases.

>>> shifted(parameters, Shift(wage_growth=0.01))     # every year to come grows one point faster
>>> replaced(parameters, {"scenario.wage_growth": other.files["scenario.wage_growth"]})

The rows of the scenario are changed and the dense tables built again by the same gap rules, so a shift says exactly
what a scenario file with those values would say. Published values are facts and never move.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pension.errors import refuse
from pension.parameters import READINGS, Parameters
from pension.tables.build import Builder
from pension.tables.gap_rules import PROJECTED
from pension.tables.survival import POPULATION

if TYPE_CHECKING:
    import numpy.typing as npt

    from pension.tables.parameter_files import ParameterTable

_ADDED: Final = {
    "wage_growth": ("scenario.wage_growth",),
    "price_growth": ("scenario.price_growth",),
    "discount_rate": ("scenario.discount_rate",),
    "book_rate": ("scenario.employee_book_rate", "scenario.resident_book_rate"),
}
"""Parameters of the scenario to which a shift is added."""


@dataclass(frozen=True)
class Shift:
    """By how much parameters move; the default moves nothing."""

    wage_growth: float = 0.0
    """Added to the growth of wages (reference wages, calculation bases, incomes, B after its fixed rise), a year."""
    price_growth: float = 0.0
    """Added to the growth of prices, a year."""
    discount_rate: float = 0.0
    """Added to the discount rate, a year."""
    book_rate: float = 0.0
    """Added to the book rates to come of both schemes, a year."""
    death_rate: float = 1.0
    """Factor on every death rate; 0.9 lets people live longer."""
    base_over_wage: float = 1.0
    """Factor on the projected calculation bases, the reference wages staying as they are."""
    minimum_months: int | None = None
    """Minimum months of the employee scheme for every award; None = the law's."""

    def __post_init__(self) -> None:
        for field in ("death_rate", "base_over_wage"):
            if not 0.0 < getattr(self, field) < np.inf:
                raise refuse("a factor is greater than 0", column=field, value=getattr(self, field))
        if self.minimum_months is not None and not 1 <= self.minimum_months <= 600:
            raise refuse("from 1 to 600 months", column="minimum_months", value=self.minimum_months)

    def __str__(self) -> str:
        moved = [f"{f.name} {_amount(f.name, getattr(self, f.name))}" for f in fields(self) if self._moves(f.name)]
        return ", ".join(moved) or "nothing"

    def _moves(self, name: str) -> bool:
        return bool(getattr(self, name) != type(self).__dataclass_fields__[name].default)


def _amount(name: str, value: float) -> str:
    if name in _ADDED:
        return f"{value:+.4g}"
    return f"= {value}" if name == "minimum_months" else f"× {value:.4g}"


def shifted(parameters: Parameters, shift: Shift) -> Parameters:
    """The parameters with the shift applied; a shift of nothing gives the very same parameters.

    Raises ``ParameterError`` where a shifted value breaks the rule of its table (a discount of 60 %, say).
    """
    if shift == Shift():
        return parameters
    files: dict[str, ParameterTable] = {}
    for name, targets in _ADDED.items():
        amount = getattr(shift, name)
        if amount != 0.0:
            for target in targets:
                files[target] = _added(parameters.files[target], amount)
    found = replaced(parameters, files, scenario=f"{parameters.scenario} with {shift}") if files else parameters
    tables = found.tables
    values = dict(found.values)
    if shift.death_rate != 1.0:
        tables = tables._replace(mortality=_fixed(tables.mortality * shift.death_rate))
    if shift.base_over_wage != 1.0:
        projected = found.status["calculation_base"] == PROJECTED
        bases = _fixed(np.where(projected, tables.calculation_base * shift.base_over_wage, tables.calculation_base))
        tables = tables._replace(calculation_base=bases)
        values["calculation_base"] = bases
    if shift.minimum_months is not None:
        months = _fixed(np.full_like(tables.minimum_months, shift.minimum_months))
        tables = tables._replace(minimum_months=months)
        values["minimum_months"] = _fixed(months.astype(np.float64))
    return replace(
        found,
        tables=tables,
        values=MappingProxyType(values),
        hash=_hash(parameters.hash, repr(shift)),
        scenario=f"{parameters.scenario} with {shift}",
    )


def _added(table: ParameterTable, amount: float) -> ParameterTable:
    rows = {
        key: replace(
            row,
            fields={**row.fields, "value": table.number(row) + amount},
            status="assumption",
            source=f"{row.source}; shifted by {amount:+.4g}",
        )
        for key, row in table.rows.items()
    }
    return replace(table, rows=rows)


def replaced(
    parameters: Parameters,
    files: Mapping[str, ParameterTable],
    *,
    readings: Mapping[str, str] | None = None,
    scenario: str | None = None,
) -> Parameters:
    """The parameters with whole tables (names of ``Parameters.files``) or readings replaced, built again."""
    chosen = dict(parameters.readings) | dict(readings or {})
    for name, choice in chosen.items():
        if choice not in READINGS.get(name, ()):
            raise refuse(f"no such reading; there are {', '.join(READINGS)}", column=name, value=choice)
    unknown = set(files) - set(parameters.files)
    if unknown:
        raise refuse("no table of these parameters", column="files", value=min(unknown))
    laid = dict(parameters.files) | dict(files)
    said = "".join(f"{name}:{sorted(map(repr, files[name]))}" for name in sorted(files))
    built = Builder(laid, chosen).built()
    if parameters.survival != POPULATION:  # a table that stands in no parameter file
        built["tables"] = built["tables"]._replace(mortality=parameters.tables.mortality)
    return replace(
        parameters,
        hash=_hash(parameters.hash, said + repr(sorted(chosen.items()))),
        scenario=parameters.scenario if scenario is None else scenario,
        readings=MappingProxyType(chosen),
        files=MappingProxyType(laid),
        **built,
    )


def _hash(base: str, said: str) -> str:
    return hashlib.sha256(f"{base}\0{said}".encode()).hexdigest()


def _fixed(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Read-only: kernels are compiled for one kind of array."""
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
