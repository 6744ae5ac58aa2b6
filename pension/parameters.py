"""Dated parameters: files, overlay, gap rules and scenario become the dense tables that kernels read. No law is here.

``load()`` gives ``Parameters``: the tables, a hash of everything that determined them, and for each value where it
comes from. A value that no file holds is filled only by a rule named in ``RULES`` and is then ``estimated`` or
``projected``; what no rule fills is NaN.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.tables.build import Builder
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, LAST_YEAR, N_MONTHS, N_YEARS, Float, Tables
from pension.tables.gap_rules import RULES, STATUS_NAMES, UNKNOWN, Small, column_of
from pension.tables.parameter_files import (
    ParameterError,
    ParameterTable,
    Row,
    lay_over,
    read_csv,
    read_toml,
    toml_parameters,
)
from pension.tables.survival import POPULATION, POPULATION_TEXT, SurvivalTable, of_csv, survival_table

__all__ = [
    "READINGS",
    "RULES",
    "STATUS_NAMES",
    "Finding",
    "ParameterError",
    "Parameters",
    "Value",
    "check",
    "city_rows",
    "load",
    "names",
    "parameters_directory",
    "show",
]

NATIONAL_FILES: Final = tuple(
    f"national/{name}.toml"
    for name in (
        *("annuities", "disability", "employee", "indexation", "interest"),
        *("prices", "resident", "survivors", "wages"),
    )
)
LONG_FILES: Final = (
    "provinces/award_conventions.csv",
    "provinces/calculation_base.csv",
    "provinces/contribution_base_limits.csv",
    "provinces/employee_interest.csv",
    "provinces/employer_rate_by_place.csv",
    "provinces/hukou_access.csv",
    "provinces/index_bounds.csv",
    "provinces/population.csv",
    "provinces/reference_wage.csv",
    "provinces/resident_basic.csv",
    "provinces/resident_interest.csv",
    "provinces/resident_premium.csv",
    "provinces/resident_rules.csv",
    "provinces/resident_subsidy.csv",
    "provinces/resident_supplement.csv",
    "provinces/transition.csv",
    "provinces/transition_phase_in.csv",
    "life_tables/single_age.csv",
)

SURVIVAL_FILE: Final = "life_tables/survival.csv"
"""A survival table in an overlay (``pension.tables.survival``): it ships with nobody and is chosen by being there."""

READINGS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "calculation_base_gap": ("previous_wage", "geometric"),
        "award_year_rate": ("scenario", "last_published"),
        "book_rate_before_2016": ("deposit_rate", "reference"),
        "resident_award_year": ("whole", "to_award"),
    }
)
"""Readings that change parameters, the default first: how a missing calculation base is filled, which
book rate the first unpublished year has, which series stands for book rates before 2016, whether a resident record
of the award year covers its twelve months or only those up to the award."""

_NEWEST: dict[str, Parameters] = {}
_KEPT: Final = 8


class Value(NamedTuple):
    """One value and where it comes from."""

    value: float
    """NaN where there is none."""
    unit: str
    status: str
    """A name of ``STATUS_NAMES``, or ``unknown``."""
    source: str
    rule: str
    """A name of ``RULES``."""


class Finding(NamedTuple):
    """One line of ``check``: ``error`` and ``warning`` want an eye, ``info`` says which rule filled what."""

    level: str
    table: str
    place: int | None
    period: str
    text: str
    rule: str


@dataclass(frozen=True, eq=False, repr=False)
class Parameters:
    """Everything the kernels read, and the provenance of it. Made by ``load``; arrays are read-only."""

    tables: Tables
    hash: str
    """sha256 over the files read, the overlay, the scenario and the readings; the same on every machine."""
    scenario: str
    survival: str
    """Whose mortality present values use: a name of ``survival.CHOICES``, or the file it was read from."""
    survival_text: str
    """What that is, for notes."""
    readings: Mapping[str, str]
    values: Mapping[str, Float]
    """The values that have a provenance, by name of ``names``: [place, year or month], [place] or [year]."""
    status: Mapping[str, Small]
    """Codes of ``STATUS_NAMES``, -1 where nothing is known; same names and shapes."""
    rules: Mapping[str, Small]
    """Index into ``rule_names``, same shapes."""
    sources: Mapping[str, npt.NDArray[np.int32]]
    """Index into ``source_texts``, same shapes."""
    rule_names: tuple[str, ...]
    source_texts: tuple[str, ...]
    units: Mapping[str, str]
    files: Mapping[str, ParameterTable]
    """Rows of the files after the overlay, by ``stem`` of a CSV or name of a TOML parameter."""

    def __repr__(self) -> str:
        return f"Parameters(scenario={self.scenario!r}, readings={dict(self.readings)}, hash={self.hash[:12]}...)"

    def provenance(self, table: str, place: int = schema.NATION, period: int | None = None) -> Value:
        """One value of a dense table with unit, status, source and rule.

        ``place`` is a GB/T 2260 code (longer ones count for their province), 0 the nation; ``period`` a calendar
        year, or a month serial for the tables by month. Tables of one value a place take no period.
        """
        status = self._dense(table)
        index: list[int] = []
        if status.ndim and status.shape[0] == schema.N_PLACES:
            province = schema.province_of(place)
            if province not in schema.PLACE_INDEX:
                raise ParameterError(f"{place} is no place code", key=table)
            index.append(schema.PLACE_INDEX[province])
        if status.ndim > len(index):
            if period is None:
                raise ParameterError("needs a year or a month", key=table)
            first = FIRST_YEAR if status.shape[-1] == N_YEARS else FIRST_MONTH
            if not 0 <= period - first < status.shape[-1]:
                raise ParameterError(f"{period} is outside {FIRST_YEAR}..{LAST_YEAR}", key=table)
            index.append(period - first)
        at = tuple(index)
        code = int(status[at])
        return Value(
            float(self.values[table][at]),
            self.units[table],
            STATUS_NAMES[code] if code >= 0 else "unknown",
            self.source_texts[int(self.sources[table][at])],
            self.rule_names[int(self.rules[table][at])],
        )

    def _dense(self, table: str) -> Small:
        if table not in self.status:
            raise ParameterError(f"{table!r} is no table with provenance ({', '.join(self.status)})")
        return self.status[table]

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickling drops the read-only flag of arrays, and kernels would be compiled a second time for writable ones.
        plain = {f.name: getattr(self, f.name) for f in fields(self)}
        return _restore, ({k: dict(v) if isinstance(v, Mapping) else v for k, v in plain.items()},)


def _restore(plain: dict[str, Any]) -> Parameters:
    for array in (
        *plain["tables"],
        *(a for name in ("values", "status", "rules", "sources") for a in plain[name].values()),
    ):
        if isinstance(array, np.ndarray):
            array.flags.writeable = False
    frozen: dict[str, Any] = {k: MappingProxyType(v) if isinstance(v, dict) else v for k, v in plain.items()}
    return Parameters(**frozen)


# ---- reading --------------------------------------------------------------------------------------------------------


def parameters_directory() -> Path:
    """Where the shipped files are: inside the installed package, else beside it (checkout, editable install)."""
    package = Path(__file__).resolve().parent
    for directory in (package / "_parameters", package.parent / "parameters"):
        if (directory / "national").is_dir():
            return directory
    raise ParameterError("the parameter files are missing beside the package", file=str(package / "_parameters"))


def load(
    overlay: str | Path | None = None,
    *,
    scenario: str | Path = "default",
    readings: Mapping[str, str] | None = None,
    survival: str | Path | None = None,
) -> Parameters:
    """Parameters from the shipped files, an overlay directory, a scenario and named readings.

    ``overlay`` holds files of the same relative paths whose rows replace the shipped ones key by key. ``scenario`` is
    the name of a shipped one or the path of a TOML file. ``readings`` choose among ``READINGS``. ``survival`` is a name
    of ``survival.CHOICES`` or the path of a CSV file; otherwise it is ``life_tables/survival.csv`` of the overlay, the
    line ``survival = "..."`` of the scenario, or the population. Raises ``ParameterError`` naming file, row or key and
    rule. The result of equal inputs is shared, not built again.
    """
    chosen = _readings(readings or {})
    root = parameters_directory()
    scenario_path = _scenario_path(root, scenario)
    scenario_file = f"scenarios/{scenario_path.name}"
    contents = {file: _bytes(root / file, file) for file in (*NATIONAL_FILES, *LONG_FILES)}
    contents[scenario_file] = _bytes(scenario_path, scenario_file)
    over = _overlay_contents(Path(overlay), {*contents, SURVIVAL_FILE}, root) if overlay is not None else {}
    of_overlay = over.pop(SURVIVAL_FILE, None)
    if survival is not None and of_overlay is not None:
        raise ParameterError("the overlay holds a survival table, and another one is asked for", key="survival")
    lives: SurvivalTable | None
    if of_overlay is not None:
        lives = of_csv(f"overlay {SURVIVAL_FILE}", of_overlay)
    else:
        lives = survival_table(survival or _survival_of(scenario_file, contents[scenario_file]))
    digest = hashlib.sha256()
    for group in (contents, over):
        for file in sorted(group):
            name = "scenario" if file == scenario_file else file
            digest.update(f"{name}\0{len(group[file])}\0".encode())
            digest.update(group[file])
        digest.update(b"\1")
    digest.update(repr(sorted(chosen.items())).encode())
    if lives is not None:
        digest.update(f"survival {lives.name}\0".encode() + lives.fingerprint)
    key = f"{digest.hexdigest()} {scenario_path.stem}"
    if key in _NEWEST:
        _NEWEST[key] = _NEWEST.pop(key)  # the newest again
        return _NEWEST[key]
    files: dict[str, ParameterTable] = {}
    for file, data in contents.items():
        extra = over.get(file)
        if file.endswith(".csv"):
            table = read_csv(file, data)
            if extra is not None:
                lay_over(table, read_csv(f"overlay {file}", extra, table))
            files[table.name] = table
        else:
            tables = toml_parameters(file, read_toml(file, data))
            if extra is not None:
                laid = toml_parameters(f"overlay {file}", read_toml(f"overlay {file}", extra), tables)
                for name, part in laid.items():
                    lay_over(tables[name], part)
            if file == scenario_file:
                tables = {f"scenario.{name}": table for name, table in tables.items()}
            files.update(tables)
    built = Builder(files, chosen).built()
    if lives is not None:
        mortality = np.ascontiguousarray(lives.mortality)
        mortality.flags.writeable = False
        built["tables"] = built["tables"]._replace(mortality=mortality)
    found = Parameters(
        hash=digest.hexdigest(),
        scenario=scenario_path.stem,
        survival=POPULATION if lives is None else lives.name,
        survival_text=POPULATION_TEXT if lives is None else lives.text,
        readings=MappingProxyType(chosen),
        files=MappingProxyType(files),
        **built,
    )
    while len(_NEWEST) >= _KEPT:
        del _NEWEST[next(iter(_NEWEST))]
    _NEWEST[key] = found
    return found


def _survival_of(file: str, data: bytes) -> str:
    """The choice that a scenario names, the population where it names none."""
    found = read_toml(file, data).get("survival", POPULATION)
    if not isinstance(found, str):
        raise ParameterError('is written survival = "name" or "file.csv"', file=file, key="survival")
    return found


def _readings(given: Mapping[str, str]) -> dict[str, str]:
    chosen = {name: choices[0] for name, choices in READINGS.items()}
    for name, choice in given.items():
        if name not in READINGS:
            raise ParameterError(f"{name!r} is no reading of parameters ({', '.join(READINGS)})", key="readings")
        if choice not in READINGS[name]:
            raise ParameterError(f"{choice!r} is none of {', '.join(READINGS[name])}", key=f"readings {name}")
        chosen[name] = choice
    return chosen


def _scenario_path(root: Path, scenario: str | Path) -> Path:
    if isinstance(scenario, Path) or scenario.endswith(".toml"):
        return Path(scenario)
    known = sorted(path.stem for path in (root / "scenarios").glob("*.toml"))
    if scenario not in known:
        raise ParameterError(f"{scenario!r} is no scenario ({', '.join(known)}) and no TOML file", key="scenario")
    return root / "scenarios" / f"{scenario}.toml"


def _bytes(path: Path, file: str) -> bytes:
    try:
        return path.read_bytes().replace(b"\r\n", b"\n")
    except OSError as error:
        raise ParameterError(f"cannot be read: {error.strerror}", file=file) from None


def _overlay_contents(directory: Path, known: set[str], root: Path) -> dict[str, bytes]:
    if not directory.is_dir():
        raise ParameterError("is no directory", file=str(directory))
    found = {}
    for path in sorted(directory.rglob("*")):
        file = path.relative_to(directory).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in Path(file).parts):
            continue
        if file in known:
            found[file] = _bytes(path, f"overlay {file}")
        elif not (file.startswith("scenarios/") and (root / file).is_file()):  # another scenario than the chosen one
            raise ParameterError(
                f"is no parameter file that is read; these are: {', '.join(sorted(known))}", file=f"overlay {file}"
            )
    return found


# ---- looking at parameters ------------------------------------------------------------------------------------------

_RATIO: Final = "base_over_wage"


def names(parameters: Parameters) -> dict[str, str]:
    """What ``show`` prints, with unit or title: dense tables, P/C, then the files and their parameters."""
    found = dict(parameters.units)
    found[_RATIO] = "calculation base over the reference wage of the year before"
    found.update({_path(table): f"{table.title} ({table.unit})" for table in parameters.files.values()})
    return found


def _path(table: ParameterTable) -> str:
    stem = table.file.rsplit(".", 1)[0]
    return stem if table.file.endswith(".csv") else f"{stem}/{table.name}"


def show(
    parameters: Parameters, name: str, *, place: int | None = None, first: int | None = None, last: int | None = None
) -> list[dict[str, Any]]:
    """One table as rows with unit, status, source and rule.

    A dense table gives one row a stretch of periods in which nothing changes (``from`` and ``to``, years or months);
    ``base_over_wage`` gives P/C a place and year; the path of a file (``names``) gives its rows as they stand, after
    the overlay. ``place`` is a place code, ``first`` and ``last`` calendar years.
    """
    index = None
    if place is not None:
        if schema.province_of(place) not in schema.PLACE_INDEX:
            raise ParameterError(f"{place} is no place code", key=name)
        index = schema.PLACE_INDEX[schema.province_of(place)]
    low, high = FIRST_YEAR if first is None else first, LAST_YEAR if last is None else last
    if name in parameters.values:
        return list(_dense_rows(parameters, name, index, low, high))
    if name == _RATIO:
        return list(_ratio_rows(parameters, index, low, high))
    for table in parameters.files.values():
        if name in {_path(table), _path(table).rsplit("/", 1)[-1]}:
            return [_file_row(table, row) for row in table if index is None or row.fields.get("place", place) == place]
    raise ParameterError(f"{name!r} is no table of parameters ({', '.join(names(parameters))})")


def _file_row(table: ParameterTable, row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, value in row.fields.items():
        if column in {"from", "to", "account_start", "deemed_cutoff", "cutoff", "paid_from", "first_delayed_birth"}:
            value = schema.month_text(value) if value >= 0 else None
        elif column == "day":
            value = value.isoformat()
        elif isinstance(value, float) and math.isnan(value):
            value = None
        found[column] = value
    unit = schema.month_text(int(found.pop("value"))) if table.unit == "month" else None
    if unit is not None:
        found["value"] = unit
    return {**found, "unit": table.unit, "status": row.status, "source": row.source, "note": row.note, "row": row.line}


def _stretches(*arrays: npt.NDArray[Any]) -> Iterator[tuple[int, int]]:
    """First and last index of the stretches in which no array changes (NaN equals NaN)."""
    n = arrays[0].size
    change = np.zeros(n, dtype=bool)
    change[:1] = True
    for array in arrays:
        same = array[1:] == array[:-1]
        if array.dtype.kind == "f":
            same |= np.isnan(array[1:]) & np.isnan(array[:-1])
        change[1:] |= ~same
    starts = np.flatnonzero(change)
    for start, end in zip(starts, [*starts[1:], n], strict=True):
        yield int(start), int(end) - 1


def _period(size: int, i: int) -> str:
    return str(FIRST_YEAR + i) if size == N_YEARS else schema.month_text(FIRST_MONTH + i)


def _dense_rows(parameters: Parameters, name: str, index: int | None, low: int, high: int) -> Iterator[dict[str, Any]]:
    values, status, rules, sources = (
        getattr(parameters, part)[name] for part in ("values", "status", "rules", "sources")
    )
    by_row = values.shape[0] == schema.N_PLACES
    periods = values.shape[-1] if values.ndim == 2 or not by_row else 0
    scale = 12 if periods == N_MONTHS else 1
    for i in range(schema.N_PLACES if by_row else 1):
        if by_row and index is not None and i != index:
            continue
        at: tuple[Any, ...] = (i,) if by_row else ()
        cut = slice(max(0, (low - FIRST_YEAR) * scale), max(0, (high + 1 - FIRST_YEAR) * scale))
        at = (*at, cut) if periods else (slice(i, i + 1),)
        parts = [np.atleast_1d(array[at]) for array in (values, status, rules, sources)]
        if not parts[0].size:
            continue
        for start, end in _stretches(*parts):
            code = int(parts[1][start])
            value = float(parts[0][start])
            yield {
                "place": schema.PLACES[i][0] if by_row else schema.NATION,
                "name": schema.PLACES[i][2] if by_row else schema.PLACES[schema.NATION_INDEX][2],
                "from": _period(periods, cut.start + start) if periods else None,
                "to": _period(periods, cut.start + end) if periods else None,
                "value": None if math.isnan(value) else value,
                "unit": parameters.units[name],
                "status": STATUS_NAMES[code] if code >= 0 else "unknown",
                "source": parameters.source_texts[int(parts[3][start])],
                "rule": parameters.rule_names[int(parts[2][start])],
            }


def _ratio_rows(parameters: Parameters, index: int | None, low: int, high: int) -> Iterator[dict[str, Any]]:
    tables = parameters.tables
    for i, (code, _, english) in enumerate(schema.PLACES):
        for year in range(max(low, FIRST_YEAR + 1), min(high, LAST_YEAR) + 1):
            if index is not None and i != index:
                continue
            base, wage = tables.calculation_base[i, column_of(year)], tables.reference_wage[i, column_of(year) - 1]
            ratio = float(base / wage)
            yield {
                "place": code,
                "name": english,
                "year": year,
                "value": None if math.isnan(ratio) else ratio,
                "calculation_base": float(base),
                "base_rule": parameters.rule_names[int(parameters.rules["calculation_base"][i, column_of(year)])],
                "reference_wage": float(wage),
                "wage_rule": parameters.rule_names[int(parameters.rules["reference_wage"][i, column_of(year) - 1])],
            }


def city_rows(parameters: Parameters) -> list[dict[str, Any]]:
    """Rows of cities and counties that the files keep beside the provinces; the dense tables do not use them."""
    return [
        {"table": _path(table), **_file_row(table, row)}
        for table in parameters.files.values()
        if "area" in table.columns
        for row in table
        if row["area"] not in {"province", "national"}
    ]


# ---- check ----------------------------------------------------------------------------------------------------------

_DOUBT: Final = ("conflict", "doubtful", "disagrees", "suspect", "implausible", "not verified")


def check(parameters: Parameters) -> list[Finding]:
    """Completeness, date order, ranges and doubts of everything that was loaded, and which rule fills what.

    Errors first, then warnings, then one ``info`` a place, table and stretch of years that a rule fills. Units,
    sources and status words need no finding: a file without them is refused when it is read.
    """
    found = [*_incomplete(parameters), *_out_of_order(parameters), *_out_of_range(parameters), *_doubts(parameters)]
    found.sort(key=lambda finding: ("error", "warning").index(finding.level))
    return found + list(_filled(parameters))


def _incomplete(parameters: Parameters) -> Iterator[Finding]:
    scheme = schema.month_serial("2009-09") - FIRST_MONTH
    needed = {"reference_wage": 0, "calculation_base": 1, "employee_rate": 0, "resident_rate": 0}
    needed |= {"resident_basic": scheme, "transition_coefficient": 0}
    for name, first in needed.items():
        values = parameters.values[name]
        for i, (code, _, english) in enumerate(schema.PLACES):
            row = np.atleast_1d(values[i])
            if name == "transition_coefficient" and i == schema.NATION_INDEX:
                continue  # the law has no national coefficient; transitional pensions always have a province
            for start, end in _stretches(np.isnan(row[first:])):
                if math.isnan(row[first + start]):
                    one = row.size == 1
                    period = "" if one else f"{_period(row.size, first + start)}..{_period(row.size, first + end)}"
                    yield Finding("error", name, code, period, f"no value for {english}", "")


def _out_of_order(parameters: Parameters) -> Iterator[Finding]:
    for table in parameters.files.values():
        # Whole key when it is numbers and dates throughout; areas and words stand in any order.
        dated = [column for column in table.key if column in {"from", "year", "from_year", "day", "age"}]
        if not dated:
            continue
        groups: dict[tuple[Any, ...], Any] = {}
        for row in table:
            group = tuple(row[column] for column in table.key if column not in dated and not _is_number(row[column]))
            group += (row.fields.get("place"),)
            when = tuple(row[column] for column in dated)
            if group in groups and when < groups[group] and row.line is not None:
                text = f"row {row.line} stands after a later one"
                yield Finding("warning", _path(table), row.fields.get("place"), _when(row), text, "")
            groups[group] = when


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))


def _when(row: Row) -> str:
    if row.fields.get("from", -1) >= 0:
        return schema.month_text(row["from"])
    return str(row.fields.get("year", row.fields.get("day", "")))


def _out_of_range(parameters: Parameters) -> Iterator[Finding]:
    tables = parameters.tables
    published = parameters.rule_names.index("published")
    yearly = {
        "reference_wage": (tables.reference_wage, 0.90, 1.40),
        "calculation_base": (tables.calculation_base, 0.98, 1.20),
    }
    for name, (values, low, high) in yearly.items():
        rules = parameters.rules[name]
        ratio = values[:, 1:] / values[:, :-1]
        both = (rules[:, 1:] == published) & (parameters.status[name][:, 1:] != UNKNOWN)
        for i, j in np.argwhere(both & ~((ratio >= low) & (ratio <= high)) & np.isfinite(ratio)):
            year = FIRST_YEAR + int(j) + 1
            before = "" if rules[i, j] == published else f" ({parameters.rule_names[rules[i, j]]})"
            text = f"{ratio[i, j]:.3f} times the value of {year - 1}{before}"
            yield Finding("warning", name, schema.PLACES[i][0], str(year), text, "published")
    quotient = tables.calculation_base[:, 1:] / tables.reference_wage[:, :-1]
    own = parameters.rules["calculation_base"][:, 1:] == published
    for i, j in np.argwhere(own & np.isfinite(quotient) & ~((quotient >= 0.95) & (quotient <= 1.30))):
        text = f"P is {quotient[i, j]:.3f} times C of the year before"
        period = str(FIRST_YEAR + int(j) + 1)
        yield Finding("warning", "calculation_base", schema.PLACES[i][0], period, text, "published")
    basic, minimum = tables.resident_basic, tables.resident_basic[schema.NATION_INDEX]
    for i, (code, _, _) in enumerate(schema.PLACES):
        for j in np.flatnonzero(basic[i, 1:] < basic[i, :-1]) + 1:
            text = f"B falls from {basic[i, j - 1]:g} to {basic[i, j]:g}"
            yield Finding("warning", "resident_basic", code, _period(N_MONTHS, int(j)), text, "")
        for start, end in _stretches(basic[i] < minimum):
            if basic[i, start] < minimum[start]:
                period = f"{_period(N_MONTHS, start)}..{_period(N_MONTHS, end)}"
                yield Finding("warning", "resident_basic", code, period, "B is below the national minimum", "")
    for row in parameters.files["transition"]:
        for column in ("coefficient", "coefficient_long"):
            if row[column] < 0.01 or row[column] > 0.014:
                text = f"{column} {row[column]:g} is outside 1.0 %..1.4 %"
                yield Finding("warning", "transition", row["place"], "", text, "published")
    for name in ("employee_share", "employer_rate", "individual_rate", "account_rate"):
        for i, j in np.argwhere(~((parameters.values[name] >= 0) & (parameters.values[name] <= 0.30))):
            yield Finding("error", name, schema.PLACES[i][0], _period(N_MONTHS, int(j)), "is no share of a base", "")


def _doubts(parameters: Parameters) -> Iterator[Finding]:
    """Rows whose note tells a conflict or a doubt, and unconfirmed ones; equal texts of a place in one finding."""
    for table in parameters.files.values():
        groups: dict[tuple[Any, str], list[str]] = {}
        for row in table:
            note = row.note.lower()
            if any(word in note for word in _DOUBT):
                groups.setdefault((row.fields.get("place"), row.note), []).append(_when(row))
            elif row.status == "unconfirmed":
                groups.setdefault((row.fields.get("place"), f"unconfirmed: {row.source}"), []).append(_when(row))
        for (place, text), periods in groups.items():
            first, last = min(periods), max(periods)
            period = first if first == last else f"{first}..{last}"
            count = f" ({len(periods)} rows)" if len(periods) > 1 else ""
            yield Finding("warning", _path(table), place, period, text + count, "")


def _filled(parameters: Parameters) -> Iterator[Finding]:
    for name, rules in parameters.rules.items():
        status = parameters.status[name]
        by_row = rules.shape[0] == schema.N_PLACES
        for i in range(schema.N_PLACES if by_row else 1):
            line, codes = (rules[i], status[i]) if by_row else (rules, status)
            line, codes = np.atleast_1d(line), np.atleast_1d(codes)
            for start, end in _stretches(line, codes):
                if codes[start] == UNKNOWN:
                    continue
                period = f"{_period(line.size, start)}..{_period(line.size, end)}" if line.size > 1 else ""
                rule = parameters.rule_names[int(line[start])]
                place = schema.PLACES[i][0] if by_row else None
                yield Finding("info", name, place, period, STATUS_NAMES[int(codes[start])], rule)
