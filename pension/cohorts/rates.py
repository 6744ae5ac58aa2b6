"""The rates of the synthetic population: ``parameters/cohorts/calibrated.toml`` as one record that kernels read.

Moves between provinces follow a gravity matrix, fitted when the file is read: the census table of 31 x 31 provinces was
found nowhere, so the matrix is synthetic and every result that rests on it says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.checks import range_check as checks
from pension.cohorts.rows import LAW_FIELDS, N_PROVINCES
from pension.tables.dense import FIRST_YEAR, LAST_YEAR, N_YEARS
from pension.tables.parameter_files import ParameterTable

Float = npt.NDArray[np.float64]

FILE: Final = "calibrated.toml"
FIRST_OUTSIDE_YEAR: Final = 1998
"""Work without insurance is written from this year on: nothing depends on earlier years."""
N_TIERS: Final = 8
KINDS: Final = ("employed", "flexible", "platform", "platform_uninsured", "uninsured")
"""Kinds of work of a spell, in the order of the columns; the rest is outside the labour market or in farming."""

RATES: Final = (
    "male_share",
    "hazardous_share",
    "female_cadre_share",
    "rural_share",
    "first_birth_year",
    "last_birth_year",
    "resident_only_rural",
    "resident_only_urban",
    "continuing_share",
    "continuing_months",
    "early_share",
    "late_share",
    "stop_share",
    "stop_from_age",
    "stop_to_age",
    "cliff_share",
    "cliff_months",
    "just_met_share",
    "just_met_months",
    "rural_first_start",
    "rural_last_start",
    "urban_first_start",
    "urban_last_start",
    "keep_kind",
    "shortest_spell_months",
    "longest_spell_months",
    "rural_women_home_share",
    "deemed_share",
    "deemed_lowest",
    "deemed_highest",
    "gap_share",
    "longest_gap_months",
    "dispatched_share",
    "part_time_share",
    "own_account_share",
    "insure_at_work_share",
    "insure_at_home_share",
    "second_place_share",
    "late_share_of_gaps",
    "official_transfer_share",
    "first_platform_year",
    "second_platform_share",
    "third_platform_share",
    "short_account_share",
    "side_platform_share",
    "rural_level",
    "dispatched_level",
    "flexible_level",
    "lowest_income",
    "income_persistence",
    "income_shock",
    "lowest_deviation",
    "platform_lowest",
    "platform_highest",
    "side_lowest",
    "side_highest",
    "stated_income_share",
    "outside_limits_share",
    "below_floor_share",
    "lowest_base",
    "highest_base",
    "floor_base_share",
    "lowest_base_share",
    "highest_individual_base",
    "payer_only",
    "payer_rural",
    "payer_urban",
    "entry_from_age",
    "entry_to_age",
    "paid_years_share",
    "paid_part_years_share",
    "paid_full_years_share",
    "own_start_share",
    "hardship_share",
    "backpaid_share",
    "collective_share",
    "collective_lowest",
    "collective_highest",
    "return_share",
    "onward_share",
    "move_fade",
    "urban_leave_ratio",
)
"""Single rates that kernels read; titles, units, sources in the file."""

_SETTING: Final = np.dtype(
    [
        *LAW_FIELDS,
        *((name, np.float64) for name in RATES),
        ("hukou", np.float64, (N_PROVINCES,)),  # cumulated share of people drawn
        ("weight", np.float64, (N_PROVINCES,)),
        ("leave", np.float64, (N_PROVINCES,)),  # probability that a new spell of somebody at home is away
        ("destination", np.float64, (N_PROVINCES, N_PROVINCES)),  # cumulated share of destinations
        ("kinds", np.float64, (2, N_YEARS, len(KINDS) + 1)),  # [urban or rural, year]: cumulated share of new spells
        ("level", np.float64, (11,)),  # incomes over life at the deciles, in reference wages
        ("tier_share", np.float64, (N_TIERS,)),  # cumulated
        ("tier", np.float64, (N_TIERS,)),  # yuan/year
        ("individuals_open", np.int64, (schema.N_PLACES,)),  # month from which non-local individuals may insure
    ],
    align=True,
)

Rates = Mapping[str, ParameterTable]


@cache
def rates(directory: Path) -> Rates:
    """The parameters of the file by name."""
    from pension.tables.parameter_files import read_toml, toml_parameters

    path = directory / "cohorts" / FILE
    return toml_parameters(FILE, read_toml(FILE, path.read_bytes()))


def scalar(found: Rates, name: str) -> float:
    """The value of a parameter that has only one."""
    return float(found[name].number(found[name].scalar()))


@cache
def setting(directory: Path) -> npt.NDArray[Any]:
    """One record of rates and shares, still without the law; ParameterError for a file that cannot be used."""
    found = rates(directory)
    made = np.zeros(1, _SETTING)
    target = made[0]
    for name in RATES:
        target[name] = scalar(found, name)
    _check_births(found)
    matrix, registered = migration(directory)
    moved_out = matrix.sum(axis=1)
    # Stock and population of all ages -> working ages.
    working = scalar(found, "population_15_59") / float(census(directory)[0].sum())
    away = scalar(found, "working_age_share_of_migrants") * moved_out / (working * registered)
    # The share away is that of a chain that leaves with this probability and returns with return_share.
    leave = float(target["return_share"]) * away / (1.0 - away) * scalar(found, "leave_factor")
    target["leave"] = np.round(np.minimum(1.0, leave), 9)
    target["destination"] = _cumulated(matrix)
    share = registered / registered.sum()
    even = scalar(found, "even_share")
    drawn = (1.0 - even) * share + even / N_PROVINCES
    target["hukou"] = _cumulated(drawn)
    target["weight"] = np.round(share / drawn, 9)
    for rural, name in enumerate(("urban_kinds", "rural_kinds")):
        for row in sorted(found[name], key=lambda row: int(row["from_year"])):
            shares = [float(row[kind]) for kind in KINDS]
            if min(shares) < 0.0 or sum(shares) > 1.0:
                raise found[name].error("shares are not negative and sum to 1 at most", row)
            target["kinds"][rural, row["from_year"] - FIRST_YEAR :] = _cumulated(np.array([*shares, 1.0 - sum(shares)]))
    target["level"] = [float(row["value"]) for row in found["index_level"]]
    target["tier_share"] = _cumulated(np.array([float(row["share"]) for row in found["tiers"]]))
    target["tier"] = [float(row["value"]) for row in found["tiers"]]
    target["individuals_open"] = _individuals_open(directory, int(scalar(found, "individuals_open_year")))
    return made


def _check_births(found: Rates) -> None:
    """Births inside the range check, and no award before the rules the program holds (women of 50 are the first)."""
    first, last = 12 * int(scalar(found, "first_birth_year")), 12 * int(scalar(found, "last_birth_year")) + 11
    earliest = max(checks.FIRST_BIRTH, schema.FIRST_AWARD_MONTH - 12 * 50)
    if not earliest <= first <= last <= checks.LAST_BIRTH:
        rule = f"births lie between {schema.month_text(earliest)} and {schema.month_text(checks.LAST_BIRTH)}"
        raise found["first_birth_year"].error(rule)


def _individuals_open(directory: Path, default_year: int) -> list[int]:
    """[place]: month from which people of other provinces may insure as individuals (provinces/hukou_access.csv)."""
    from pension.tables.parameter_files import read_csv

    path = directory / "provinces" / "hukou_access.csv"
    opened = {code: 12 * default_year for code, _, _ in schema.PLACES}
    for row in read_csv(path.name, path.read_bytes()):
        others = row["worker"] == "no_labour_relation" and row["hukou"] == "other_province"
        if row["area"] == "province" and others and row["scheme"] == "employee":
            if row["access"] == "voluntary" and row["from"] >= 0:
                opened[row["place"]] = row["from"]
            elif row["access"] == "closed":
                opened[row["place"]] = 12 * LAST_YEAR
    return list(opened.values())


def census(directory: Path) -> tuple[Float, Float]:
    """([31] persons of 2020, [31, 2] latitude and longitude of the capitals in degrees)."""
    from pension.tables.parameter_files import read_csv

    path = directory / "provinces" / "population.csv"
    population = {row["place"]: row for row in read_csv(path.name, path.read_bytes())}
    places = [code for code, _, _ in schema.PLACES[:N_PROVINCES]]
    persons = np.array([population[place]["value"] for place in places])
    return persons, np.array([(population[place]["latitude"], population[place]["longitude"]) for place in places])


def margin(found: Rates, name: str) -> Float:
    """[31] known persons of ``in_stock`` or ``out_stock``, NaN where none is known."""
    known = {row["place"]: float(row["value"]) for row in found[name]}
    return np.array([known.get(code, np.nan) for code, _, _ in schema.PLACES[:N_PROVINCES]])


@cache
def migration(directory: Path) -> tuple[Float, Float]:
    """Persons registered in a province who live in another one, 2020: ([origin, destination] synthetic gravity matrix,
    [origin] registered population)."""
    found = rates(directory)
    persons, degrees = census(directory)
    matrix = gravity(persons, degrees, margin(found, "out_stock"), margin(found, "in_stock"), scalar(found, "stock"))
    return matrix, persons - matrix.sum(axis=0) + matrix.sum(axis=1)


def gravity(persons: Float, degrees: Float, moved_out: Float, moved_in: Float, total: float) -> Float:
    """People by origin and destination: population over distance, fitted to the known margins and the total.

    ``moved_out`` and ``moved_in`` are [province] persons, NaN where unknown: rows without a known margin share the rest
    of ``total`` as one group, and columns likewise (iterative proportional fitting over two partitions of the table,
    Deming and Stephan 1940). ``degrees`` [province, 2] are latitude and longitude of the capitals, distances plane ones
    at the mean latitude. ValueError when the known margins leave nothing for the others, or nothing fits.
    """
    mean = np.radians((degrees[:, None, 0] + degrees[None, :, 0]) / 2.0)
    north = degrees[:, None, 0] - degrees[None, :, 0]
    east = (degrees[:, None, 1] - degrees[None, :, 1]) * np.cos(mean)
    squared = north * north + east * east
    np.fill_diagonal(squared, np.inf)
    flows: Float = persons[:, None] * persons[None, :] / np.sqrt(squared)
    for _ in range(10_000):
        by_origin = _fitted(flows.sum(axis=1), moved_out, total)
        flows *= by_origin[:, None]
        by_destination = _fitted(flows.sum(axis=0), moved_in, total)
        flows *= by_destination[None, :]
        if max(np.abs(by_origin - 1.0).max(), np.abs(by_destination - 1.0).max()) < 1e-13:
            return flows
    raise ValueError("no matrix of moves has these margins")


def _fitted(sums: Float, known: Float, total: float) -> Float:
    """Factors that bring each known sum, and the sum of the others, to what it has to be."""
    free = np.isnan(known)
    rest = total - float(known[~free].sum())
    if rest < 0.0 or (free.any() and rest == 0.0) or (not free.any() and abs(rest) > 1e-9 * total):
        raise ValueError("the known margins of migration do not fit the national total")
    factors: Float = known / sums
    if free.any():
        factors[free] = rest / sums[free].sum()
    return factors


def _cumulated(shares: Float) -> Float:
    """Cumulated shares along the last axis, to nine digits, so that another libm gives the same people."""
    total = np.cumsum(shares, axis=-1)
    rounded: Float = np.round(total / total[..., -1:], 9)
    return rounded
