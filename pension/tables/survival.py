"""Whose mortality present values use: the population (default), annuitants of life insurers, or a table of the user.

- ``un_wpp_2024``: the population of China by sex, calendar year and single age (``parameters/life_tables``).
- ``cl5_cl6``: the annuitants' tables CL5 (men) and CL6 (women) of the China Life Insurance Mortality Tables
  (2010-2013), read from the package ``pymort`` where it is installed (Society of Actuaries, tables 3379 and 3380).
  Period tables, q(x) for the ages 0 to 105: they are applied to every calendar year, without improvement.
- a CSV file with the columns ``sex`` (male, female), ``age`` (whole years), optionally ``year``, and one of ``q`` (the
  probability of dying within a year of that age) and ``m`` (the central death rate, deaths a person-year).

The force of mortality is constant over a year of age: m is that force, and q makes it -ln(1 - q). A table begins at
the age of 40 or below; it ends at the age at which q is 1, or at 100 or above, whose rate then holds for all older
ages. With years, the logarithm of the force is linear between the years of the file and constant outside them.
"""

from __future__ import annotations

import csv
import hashlib
import math
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.tables.dense import FIRST_YEAR, LAST_YEAR, MAX_AGE, N_YEARS
from pension.tables.parameter_files import ParameterError

Float = npt.NDArray[np.float64]

POPULATION: Final = "un_wpp_2024"
ANNUITANTS: Final = "cl5_cl6"
CHOICES: Final = (POPULATION, ANNUITANTS)
POPULATION_TEXT: Final = "UN World Population Prospects 2024, China, by sex and calendar year"

SOA_TABLES: Final = {"male": (3379, "CL5 (2010-2013)"), "female": (3380, "CL6 (2010-2013)")}
"""Table of the Society of Actuaries and its name, by sex."""
_ANNUITANTS_TEXT: Final = (
    "China Life Insurance Mortality Tables (2010-2013) CL5 and CL6, annuitants, China Association of Actuaries; period "
    "tables applied to every year"
)

FIRST_AGE: Final = 40
"""Nobody claims earlier; the rates of lower ages are not read."""
LAST_AGE: Final = 100
"""A table that does not end with q = 1 reaches at least this age."""
_COLUMNS: Final = ("sex", "age", "year", "q", "m")


_Rows = dict[tuple[int, int | None], float]
"""(age, year or None) -> force of mortality."""


@dataclass(frozen=True)
class SurvivalTable:
    """A choice of mortality, ready for ``Tables.mortality``."""

    name: str
    text: str
    """What it is, for notes and statements."""
    mortality: Float
    """[sex - 1, age 0..119, year]: force of mortality a year; infinite where q is 1 and beyond, NaN below the table."""

    @property
    def fingerprint(self) -> bytes:
        """Changes with every rate; part of the hash of the parameters."""
        return hashlib.sha256(np.ascontiguousarray(self.mortality).tobytes()).digest()


def survival_table(choice: str | Path) -> SurvivalTable | None:
    """The table of a choice: a name of ``CHOICES`` (None for the population, which ships) or the path of a CSV file.

    Raises ``ParameterError`` naming file, row and rule, or that ``pymort`` is missing.
    """
    if isinstance(choice, str) and not choice.lower().endswith(".csv"):
        if choice == POPULATION:
            return None
        if choice == ANNUITANTS:
            return _annuitants()
        raise ParameterError(f"{choice!r} is none of {', '.join(CHOICES)} and no CSV file", key="survival")
    path = Path(choice)
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ParameterError(f"cannot be read: {error.strerror}", file=str(path), key="survival") from None
    return of_csv(path.name, data)


# ---- annuitants -----------------------------------------------------------------------------------------------------


def _annuitants() -> SurvivalTable:
    try:
        from pymort import MortXML  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError:
        raise ParameterError(
            f"{ANNUITANTS} is read from the package pymort, which is not installed: pip install pymort", key="survival"
        ) from None
    sexes = []
    for number, name in SOA_TABLES.values():
        found: Any = MortXML.from_id(number)
        if found.ContentClassification.TableName != name:
            raise ParameterError(
                f"table {number} of pymort is {found.ContentClassification.TableName!r}, not {name!r}", key="survival"
            )
        values = found.Tables[0].Values
        rates = {int(age): float(q) for age, q in zip(values.index, values.iloc[:, 0], strict=True)}
        rows: _Rows = {(age, None): _force(q) for age, q in rates.items()}
        sexes.append(_by_year(f"pymort {number}", name, rows))
    return SurvivalTable(ANNUITANTS, _ANNUITANTS_TEXT, np.stack(sexes))


# ---- a table of the user --------------------------------------------------------------------------------------------


def of_csv(file: str, data: bytes) -> SurvivalTable:
    """The table in the bytes of a CSV file (UTF-8; lines that begin with ``#`` are comments)."""
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise ParameterError(f"is not UTF-8 ({error.reason} at byte {error.start})", file=file) from None
    numbered = [(k, line) for k, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
    if not numbered:
        raise ParameterError("is empty", file=file)
    columns = [name.strip() for name in next(csv.reader([numbered[0][1]]))]
    for name in columns:
        if name not in _COLUMNS:
            raise ParameterError(f"{name!r} is no column of a survival table ({', '.join(_COLUMNS)})", file=file)
    if len(set(columns)) != len(columns):
        raise ParameterError("a column name occurs twice", file=file)
    for name in ("sex", "age"):
        if name not in columns:
            raise ParameterError(f"column {name!r} is missing", file=file)
    if ("q" in columns) == ("m" in columns):
        raise ParameterError("one of the columns q and m is needed, not both", file=file)
    rows: dict[str, _Rows] = {sex: {} for sex in schema.SEX}
    for line, text in numbered[1:]:
        cells = [cell.strip() for cell in next(csv.reader([text]))]
        if len(cells) != len(columns):
            raise ParameterError(f"has {len(cells)} cells, the header {len(columns)}", file=file, row=line)
        row = dict(zip(columns, cells, strict=True))
        if row["sex"] not in rows:
            raise ParameterError(f"{row['sex']!r} is none of {', '.join(rows)}", file=file, row=line, key="sex")
        year = _whole(file, line, row, "year", FIRST_YEAR, LAST_YEAR) if "year" in row else None
        key = _whole(file, line, row, "age", 0, MAX_AGE - 1), year
        if key in rows[row["sex"]]:
            raise ParameterError("this sex, age and year occurs twice", file=file, row=line)
        rows[row["sex"]][key] = _force_of(file, line, row)
    sexes = [_by_year(file, sex, found) for sex, found in rows.items()]
    return SurvivalTable(f"file {file}", f"table of the user, {file}", np.stack(sexes))


def _whole(file: str, line: int, row: dict[str, str], column: str, low: int, high: int) -> int:
    text = row[column]
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ParameterError(f"{text!r} is no whole number {low}..{high}", file=file, row=line, key=column)
    return int(text)


def _force(q: float) -> float:
    """Force of mortality of a year of age at whose end 1 - q are alive."""
    return math.inf if q == 1.0 else -math.log1p(-q)


def _force_of(file: str, line: int, row: dict[str, str]) -> float:
    column = "q" if "q" in row else "m"
    try:
        value = float(row[column])
    except ValueError:
        raise ParameterError(f"{row[column]!r} is no number", file=file, row=line, key=column) from None
    if column == "q":
        if not 0.0 < value <= 1.0:
            raise ParameterError(f"{value:g}: a probability is above 0, at most 1", file=file, row=line, key="q")
        return _force(value)
    if not (math.isfinite(value) and value > 0.0):
        raise ParameterError(f"{value:g}: a death rate is a number above 0", file=file, row=line, key="m")
    return value


def _by_year(file: str, sex: str, rows: _Rows) -> Float:
    """[age, year] of one sex; ages without a gap, every age in the same years."""
    if not rows:
        raise ParameterError(f"there is no row of {sex}", file=file)
    ages = sorted({age for age, _ in rows})
    years = sorted({year for _, year in rows if year is not None})
    columns: list[int | None] = [*years] or [None]
    for age in ages:
        for year in columns:
            if (age, year) not in rows:
                when = "" if year is None else f" in {year}"
                raise ParameterError(f"{sex}, age {age}: there is no row{when}", file=file)
    gap = next((a + 1 for a, b in pairwise(ages) if b != a + 1), None)
    if gap is not None:
        raise ParameterError(f"{sex}, age {gap}: there is no row, the ages have a gap", file=file)
    if ages[0] > FIRST_AGE:
        raise ParameterError(f"{sex}: the ages begin at {ages[0]}, at {FIRST_AGE} or below is needed", file=file)
    force = np.array([[rows[age, year] for year in columns] for age in ages])
    closed = np.isinf(force)
    if closed[:-1].any():
        age = ages[int(np.flatnonzero(closed[:-1].any(axis=1))[0])]
        raise ParameterError(f"{sex}, age {age}: q is 1 before the last age", file=file)
    if not closed[-1].all():
        if closed[-1].any():
            raise ParameterError(f"{sex}, age {ages[-1]}: q is 1 in some years only", file=file)
        if ages[-1] < LAST_AGE:
            raise ParameterError(
                f"{sex}: the ages end at {ages[-1]}; a table ends with q = 1 or reaches {LAST_AGE}", file=file
            )
    out: Float = np.full((MAX_AGE, N_YEARS), np.nan)
    calendar = np.arange(FIRST_YEAR, LAST_YEAR + 1)
    for age, line in zip(ages, force, strict=True):
        if not years or np.isinf(line[0]):
            out[age] = line[0]
        else:
            out[age] = np.exp(np.interp(calendar, years, np.log(line)))
    out[ages[-1] + 1 :] = out[ages[-1]]
    return out
