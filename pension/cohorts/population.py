"""Synthetic people: the population that ``pension demo`` settles and ``pension synth`` writes.

Careers over provinces, schemes and forms of work from documented processes (``cohorts_careers``), with every rate a
named parameter (``parameters/cohorts/calibrated.toml``). ``check`` holds what comes out beside public aggregates. It is
synthetic: no estimate of how many people have which history. A person depends on the seed and on his number alone, so
any block, thread or worker gives the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import in_threads, kernel
from pension.checks.range_check import LAST_MONTH_OF_MASK, PLACE_LOOKUP, place_index
from pension.histories import Histories
from pension.kernels.cells import LOWEST, POPCOUNT
from pension.law.transfer import is_temporary_account
from pension.schema import FULL_YEAR

if TYPE_CHECKING:
    from pension.parameters import Parameters
    from pension.tables.dense import Tables

__all__ = ["Comparison", "check", "describe", "generate"]

Bool = npt.NDArray[np.bool_]
Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

_MALE: Final = schema.SEX["male"]
_RURAL: Final = schema.HUKOU_TYPE["rural"]
_NONE: Final = schema.SCHEME["none"]
_EMPLOYEE: Final = schema.SCHEME["employee"]
_RESIDENT: Final = schema.SCHEME["resident"]
_PART_TIME: Final = schema.FORM["part_time"]
_PLATFORM: Final = schema.FORM["platform"]
_DEEMED: Final = schema.FLAG_DEEMED
_LATE: Final = schema.FLAG_LATE
_TEMPORARY: Final = schema.FLAG_TEMPORARY
_ORDINARY: Final = schema.FLAG_ORDINARY
_BLOCK: Final = 65_536
_SETTLED: Final = 20_000
"""People whose pensions ``check`` computes: enough for a mean."""


def generate(persons: int, seed: int, first: int, tables: Tables) -> Histories:
    """People ``first`` .. ``first + persons - 1`` of the synthetic population of a seed; identifiers count from 1.

    ``tables`` gives the reference wages that incomes and bases are multiples of, ages and minimum months. ``weight``
    undoes that small provinces are drawn more often; its mean is 1. Extra columns: ``x_income_fifth`` (1..5, fifth of
    incomes over life, within urban or rural people) and ``x_moves`` (moves between provinces). All people pass the
    range check. ValueError for negative numbers, or when a reference wage is unknown.
    """
    from pension.cohorts.careers import write_people
    from pension.cohorts.rates import setting
    from pension.cohorts.rows import build, with_law
    from pension.parameters import parameters_directory

    made = with_law(setting(parameters_directory()).copy(), tables)
    return build(write_people, made, persons, seed, first, with_extra=True)


# ---------------------------------------------------------------------- what came out beside public aggregates


class Comparison(NamedTuple):
    """One public aggregate beside what came out."""

    name: str
    what: str
    target: float
    got: float
    """NaN where nobody is counted."""
    width: float
    """Largest difference that is accepted."""
    use: str
    """``target``: rates were fitted to it; ``check``: compared only; ``lower bound``."""
    status: str
    source: str

    @property
    def met(self) -> bool:
        """Whether the aggregate is met within its width; a lower bound, whether it is reached."""
        if self.use == "lower bound":
            return self.got >= self.target - self.width
        return abs(self.got - self.target) <= self.width


class _Totals:
    """Weighted numerators and denominators by name."""

    def __init__(self) -> None:
        self.sums: dict[str, npt.NDArray[np.float64]] = {}

    def add(self, name: str, weights: Float, of: Float) -> None:
        self.sums[name] = self.sums.get(name, np.zeros(2)) + np.array([weights.sum(), of.sum()])

    def share(self, name: str) -> float:
        above, below = self.sums[name]
        return float(above / below) if below else float("nan")


class _Year:
    """What the people of a block do in one calendar year."""

    def __init__(self, h: Any, person: Int, year: int) -> None:
        self.h, self.n, self.year = h, h.sex.size, year
        self.rows = np.flatnonzero(h.year == year)
        self.person = person[self.rows]
        self.scheme, self.form, self.months = h.scheme[self.rows], h.form[self.rows], h.months[self.rows]
        self.late = h.flags[self.rows] & _LATE != 0
        work_place = np.where(h.work_place[self.rows] >= 0, h.work_place[self.rows], h.place[self.rows])
        self.work_place = PLACE_LOOKUP[np.maximum(work_place, 0)]
        self.adult = (12 * year - h.birth >= 12 * 16) & (12 * year - h.birth < 12 * 60)
        self.at_work = self.people((self.scheme != _RESIDENT) & ~self.late)
        self.insured = self.people((self.scheme == _EMPLOYEE) & ~self.late)
        self.on_platform = self.people(self.form == _PLATFORM)

    def people(self, rows: Bool) -> Bool:
        """People with one of the rows."""
        found = np.zeros(self.n, dtype=np.bool_)
        found[self.person[rows]] = True
        return found

    def location(self) -> Int:
        """Province of the last work of the year; without work that of the registration."""
        where = PLACE_LOOKUP[self.h.hukou].astype(np.int64)
        working = (self.scheme != _RESIDENT) & ~self.late
        last = np.argsort(LAST_MONTH_OF_MASK[self.months[working]], kind="stable")
        where[self.person[working][last]] = self.work_place[working][last]
        return where

    def insured_at(self) -> Int:
        """Province of the last employee months of the year; -1 without."""
        where = np.full(self.n, -1, dtype=np.int64)
        rows = (self.scheme == _EMPLOYEE) & ~self.late
        last = np.argsort(LAST_MONTH_OF_MASK[self.months[rows]], kind="stable")
        where[self.person[rows][last]] = PLACE_LOOKUP[self.h.place[self.rows][rows][last]]
        return where

    def mean_income(self, rows: Bool) -> tuple[Float, Float]:
        """(income, months) of each person over the rows, yuan/month x months."""
        count = POPCOUNT[self.months[rows]].astype(np.float64)
        income = np.bincount(self.person[rows], self.h.income[self.rows][rows] * count, self.n)
        return income.astype(np.float64), np.bincount(self.person[rows], count, self.n).astype(np.float64)


def _measure_block(histories: Histories, totals: _Totals) -> None:
    """Add one block of people to the totals; names as in the targets of the parameter file."""
    h = histories.arrays
    person = np.repeat(np.arange(len(histories)), np.diff(h.offsets))
    years = {
        year: _Year(h, person, year) for year in (2011, 2013, 2014, 2015, 2017, 2019, 2020, 2021, 2022, 2023, 2024)
    }
    weight, rural, hukou = h.weight, h.hukou_type == _RURAL, PLACE_LOOKUP[h.hukou].astype(np.int64)

    def share(name: str, members: Bool, among: Bool) -> None:
        totals.add(name, weight[members & among], weight[among])

    for year in (2017, 2021):
        share(f"employee_contributors_{year}", years[year].insured, years[year].adult)
    share("employee_coverage_2019", years[2019].insured, years[2019].at_work)
    y = years[2017]
    share("resident_payers_2017", y.people(y.scheme == _RESIDENT), y.adult)
    share("migrants_insured_2011", years[2011].insured, years[2011].at_work & rural)
    y = years[2021]
    share("migrant_workers_2021", y.at_work & rural, y.adult)
    share("migrants_men_2021", h.sex == _MALE, y.at_work & rural)
    for year in (2021, 2024):
        among = years[year].at_work & rural
        share(f"migrants_in_other_province_{year}", years[year].location() != hukou, among)
    y = years[2024]
    share("migrants_up_to_40_2024", 12 * 2025 - h.birth < 12 * 41, y.at_work & rural)
    income, months = y.mean_income((y.scheme != _RESIDENT) & ~np.isnan(h.income[y.rows]) & rural[y.person])
    totals.add("migrants_income_2024", weight * income, weight * months)
    away = y.location() != hukou
    totals.add("migrants_income_away_2024", (weight * income)[away], (weight * months)[away])
    y = years[2022]
    share("platform_workers_2022", y.on_platform, y.adult)
    flexible = y.people(y.form >= _PART_TIME)
    share("flexible_without_insurance_2022", ~y.insured, flexible)
    y = years[2023]
    accounts = y.form == _PLATFORM
    by_account = weight[y.person[accounts]]
    count = POPCOUNT[y.months[accounts]]
    totals.add("short_accounts_2023", by_account[count == 1], by_account)
    totals.add("long_accounts_2023", by_account[count == 12], by_account)
    main = y.people(accounts & (y.months == FULL_YEAR))
    income, _ = y.mean_income(accounts)
    totals.add("platform_income_2023", (weight * income)[main], 12.0 * weight[main])
    where, before, adult = years[2020].location(), years[2015].location(), years[2020].adult
    share("stock_2020", where != hukou, adult)
    share("flow_2015_2020", where != before, adult)
    for province, (code, _, _) in enumerate(schema.PLACES):
        share(f"in_stock_{code}", (where == province) & (hukou != province), adult)
        share(f"out_stock_{code}", (where != province) & (hukou == province), adult)
    where, before = years[2014].insured_at(), years[2013].insured_at()
    share("places_of_insurance_changed_2014", (where != before) & (where >= 0) & (before >= 0), years[2014].adult)


def _mean_pension(histories: Histories, parameters: Parameters) -> float:
    """First employee pensions of awards of 2015-2025 over the national reference wage of the year before, mean."""
    from pension.engine import Engine
    from pension.kernels.award_fields import ROUTES
    from pension.tables.dense import FIRST_YEAR

    engine = Engine(parameters, ["current"])
    _, _, award, _ = engine.award_months(histories.arrays)
    values = engine.run(histories.arrays, ["route", "monthly"]).values[:, 0]
    wage = parameters.tables.reference_wage[schema.NATION_INDEX, award // 12 - 1 - FIRST_YEAR]
    among = (values[:, 0] == ROUTES.index("employee")) & (award >= 12 * 2015) & (award < 12 * 2026)
    weight = histories.arrays.weight[among]
    return float((weight * values[among, 1] / wage[among]).sum() / weight.sum()) if weight.size else float("nan")


def check(
    persons: int, seed: int, parameters: Parameters, *, progress: Callable[[int], None] | None = None
) -> list[Comparison]:
    """Public aggregates beside what people 0 .. ``persons - 1`` of a seed come to, in the order of the parameter file.

    Pensions are those of the first people only. ``progress`` is told the people done. InputError for less than one
    person.
    """
    from pension.cohorts.rates import margin, rates, scalar
    from pension.errors import refuse
    from pension.parameters import parameters_directory

    if persons < 1:
        raise refuse("at least one person", column="persons", value=persons)
    found, totals = rates(parameters_directory()), _Totals()
    for first in range(0, persons, _BLOCK):
        _measure_block(generate(min(_BLOCK, persons - first), seed, first, parameters.tables), totals)
        if progress is not None:
            progress(min(persons, first + _BLOCK))
    pension = _mean_pension(generate(min(persons, _SETTLED), seed, 0, parameters.tables), parameters)
    compared = []
    for row in found["targets"]:
        name = row["name"]
        got = pension if name == "mean_pension_over_wage" else totals.share(name)
        use, width = row["use"], float(row["width"])
        compared.append(Comparison(name, row["what"], float(row["value"]), got, width, use, row.status, row.source))
    working = scalar(found, "working_age_share_of_migrants") / scalar(found, "population_15_59")
    for name, what in (
        ("in_stock", "Working in {}, registered elsewhere, per person of 15 to 59"),
        ("out_stock", "Registered in {}, working elsewhere, per person of 15 to 59"),
    ):
        known = margin(found, name)
        rows = {row["place"]: row for row in found[name]}
        for position in np.flatnonzero(~np.isnan(known)):
            code, _, english = schema.PLACES[position]
            target = float(known[position]) * working
            got = totals.share(f"{name}_{code}")
            row, text = rows[code], what.format(english)
            width = scalar(found, "margin_width") * target
            compared.append(Comparison(f"{name}_{code}", text, target, got, width, "target", row.status, row.source))
    return compared


# ---------------------------------------------------------------------- what a cohort is like


@kernel
def _measure(h: Any, first: int, last: int, full: Any, facts: Any) -> None:
    """Full years of each person, and per person: both schemes, places, overlap, temporary account."""
    first_month = np.empty(schema.N_PLACES, np.int64)
    forced = np.empty(schema.N_PLACES, np.int64)
    seen = np.empty(schema.N_PLACES, np.bool_)
    for i in range(first, last):
        first_month[:] = 1 << 40
        forced[:] = 0
        seen[:] = False
        employee, resident, overlap, full_years = False, False, False, 0
        paid_year, resident_year = 0, 0
        for j in range(h.offsets[i], h.offsets[i + 1]):
            full_years += 1 if h.months[j] == FULL_YEAR else 0
            if h.scheme[j] == _NONE:
                continue
            place = place_index(h.place[j])
            seen[place] = True
            if h.scheme[j] == _RESIDENT:
                resident, resident_year = True, h.year[j]
            else:
                employee = True
                if not h.flags[j] & _DEEMED:
                    paid_year = h.year[j]
                    month = 12 * int(h.year[j]) + LOWEST[h.months[j]]
                    first_month[place] = min(first_month[place], month)
                    forced[place] |= h.flags[j] & (_TEMPORARY | _ORDINARY)
            overlap = overlap or (paid_year == resident_year and paid_year > 0)
        hukou = place_index(h.hukou[i])
        temporary = False
        for place in range(schema.N_PLACES):
            if forced[place] & _TEMPORARY:
                temporary = True
            elif not seen[place] or forced[place] & _ORDINARY or first_month[place] == 1 << 40:
                continue
            elif is_temporary_account(place, hukou, first_month[place], h.birth[i], h.sex[i]) == 1:
                temporary = True
        full[i] = full_years
        facts[i, 0] = employee and resident
        facts[i, 1] = seen.sum()
        facts[i, 2] = overlap
        facts[i, 3] = temporary


def describe(histories: Histories) -> dict[str, float]:
    """What a cohort is like, measured on its records; people, records, and the shares named in
    ``benchmark_cohort.BENCHMARK``.

    ``full_years`` is the share of records of twelve months, ``with_overlaps`` the share of people with employee months
    in a year of a resident contribution, ``with_temporary_accounts`` that of people with a temporary account by
    国办发〔2009〕66号 or by decision of the agency; ``places_per_person`` counts provinces of either scheme.
    """
    n = len(histories)
    full, facts = np.empty(n, dtype=np.int64), np.empty((n, 4), dtype=np.int64)
    in_threads(_measure, n, histories.arrays, full, facts)
    counts = np.diff(histories.arrays.offsets)
    people, records = max(n, 1), max(histories.n_records, 1)
    both, places, overlaps, temporary = facts.sum(axis=0).tolist()
    return {
        "people": n,
        "records": histories.n_records,
        "records_per_person": histories.n_records / people,
        "fewest_records": int(counts.min(initial=0 if n == 0 else 1 << 40)),
        "most_records": int(counts.max(initial=0)),
        "full_years": int(full.sum()) / records,
        "both_schemes": both / people,
        "places_per_person": places / people,
        "with_overlaps": overlaps / people,
        "with_temporary_accounts": temporary / people,
    }
