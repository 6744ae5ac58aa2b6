"""The fixed cohort of the benchmark: one record a year and scheme, with the shares of ``BENCHMARK``.

It reads no rates, so that its people stay the same bit for bit while synthetic populations change.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from pension import schema
from pension._compile import jit, kernel
from pension.cohorts.random_numbers import at_quantile, fill, key_of, uniform
from pension.cohorts.rows import LAW_FIELDS, MAX_RECORDS, N_PROVINCES, build, whole_yuan, with_law, write
from pension.histories import Histories
from pension.law.ages import retirement_delay, statutory_month
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_YEAR, Tables

__all__ = ["BENCHMARK", "benchmark_cohort"]

BENCHMARK: Final[dict[str, float]] = {
    "records_per_person": 25.0,
    "fewest_records": 10,
    "most_records": 40,
    "full_years": 0.95,
    "both_schemes": 0.30,
    "places_per_person": 1.5,
    "with_overlaps": 0.05,
    "with_temporary_accounts": 0.10,
}
"""What the fixed benchmark cohort is made to have; names as in ``cohorts.describe``."""

_LAW: Final = np.dtype(LAW_FIELDS, align=True)
_MALE: Final = schema.SEX["male"]
_FEMALE: Final = schema.SEX["female"]
_URBAN: Final = schema.HUKOU_TYPE["urban"]
_RURAL: Final = schema.HUKOU_TYPE["rural"]
_MISSING: Final = schema.MISSING
_EMPLOYEE: Final = schema.SCHEME["employee"]
_RESIDENT: Final = schema.SCHEME["resident"]
_EMPLOYED: Final = schema.FORM["employed"]
_FLEXIBLE: Final = schema.FORM["flexible"]

_LEVELS: Final = np.array([0.5, 0.6, 0.66, 0.74, 0.82, 0.92, 1.05, 1.22, 1.5, 2.0, 3.0])
"""Deciles of bases over life in the benchmark cohort, in reference wages."""
_PARTIAL: Final = 0.05 / 0.949
"""Employee years that are not full: 5 % of all records, as resident ones (5.1 %) always are."""

# Numbers of the draws of a person.
_DRAW_RECORDS, _DRAW_CATEGORY, _DRAW_BIRTH, _DRAW_BOTH, _DRAW_OVERLAP, _DRAW_TEMPORARY = range(0, 6)
_DRAW_PLACES, _DRAW_PLACE = range(6, 8)
_DRAW_STRIDE, _DRAW_HOME, _DRAW_RESIDENT, _DRAW_LATE, _DRAW_START = range(8, 13)
_DRAW_FORM, _DRAW_LEVEL, _DRAW_TIER, _DRAW_TYPE = range(13, 17)
_DRAW_YEARS: Final = 32


class Plan(NamedTuple):
    """A life of the benchmark cohort: years at ordinary places, then resident years, then years at a temporary one."""

    sex: int
    category: int
    birth: int
    records: int
    resident: int
    temporary: int
    ordinary: int
    overlap: bool
    places: int
    """Ordinary places, 1 to 3."""
    place: int
    stride: int
    """Place k of the life is (place + k * stride) modulo 31, a prime, so that they differ."""
    hukou: int
    start: int
    last: int
    """Last year that may have a record."""


@jit
def _plan(life: Any, ages: Any) -> Plan:
    records = 10 + int(life[_DRAW_RECORDS] * 31)
    u = life[_DRAW_CATEGORY]
    # Long careers need late awards: women of 50 have room for 30 years, of 55 for 35.
    if records > 35 or u < 0.5:
        sex, category, first_birth, births = _MALE, 1, 12 * 1968, 240
    elif records > 30 or u < 0.75:
        sex, category, first_birth, births = _FEMALE, 2, 12 * 1970, 216
    else:
        sex, category, first_birth, births = _FEMALE, 3, 12 * 1975, 192
    birth = first_birth + int(life[_DRAW_BIRTH] * births)
    delay = retirement_delay(birth, ages[category, 1], ages[category, 2], ages[category, 3])
    award = statutory_month(birth, ages[category, 0], delay)
    last = min(award // 12 - 1, birth // 12 + 59)
    resident, overlap = 0, False
    if life[_DRAW_BOTH] < 0.3:
        resident = 1 + int(life[_DRAW_RESIDENT] * min(8, records - 7))
        overlap = life[_DRAW_OVERLAP] < 1.0 / 6.0
    temporary, u = 0, life[_DRAW_PLACES]
    # Means 2.2 (temporary one included) and 1.4222: 1.5 over all.
    if life[_DRAW_TEMPORARY] < 0.1:
        temporary = 1 + int(life[_DRAW_LATE] * 4)
        places = 2 if u < 0.2 else 1
    else:
        places = 3 if u < 0.05 else 2 if u < 0.05 + 0.3222 else 1
    place, stride = int(life[_DRAW_PLACE] * N_PROVINCES), 1 + int(life[_DRAW_STRIDE] * (N_PROVINCES - 1))
    home = places - 1 if life[_DRAW_HOME] < 0.5 else 0
    hukou = (place + home * stride) % N_PROVINCES
    start = max(1987, birth // 12 + 18) + int(life[_DRAW_START] * 2)
    ordinary = records - resident - temporary
    return Plan(
        sex, category, birth, records, resident, temporary, ordinary, overlap, places, place, stride, hukou, start, last
    )


@kernel
def _people(laws: Any, begin: int, end: int, seed: Any, number: int, people: Any, counts: Any, rows: Any) -> int:
    """People ``number + begin`` .. with their records, as ``cohorts_rows.build`` asks for."""
    law, life = laws[0], np.empty(_DRAW_YEARS)
    n = 0
    for i in range(begin, end):
        if n + MAX_RECORDS >= rows.shape[0]:
            return i
        key = key_of(seed, number + i)
        fill(key, 0, life)
        plan = _plan(life, law.ages)
        people.sex[i] = plan.sex
        people.retirement_category[i] = plan.category
        people.birth[i] = plan.birth
        people.hukou[i] = law.codes[plan.hukou]
        people.hukou_type[i] = _RURAL if life[_DRAW_TYPE] < 0.5 else _URBAN
        people.claim[i] = _MISSING
        people.resident_start[i] = _MISSING
        people.weight[i] = 1.0
        before = n
        level = at_quantile(_LEVELS, life[_DRAW_LEVEL])
        form = _FLEXIBLE if life[_DRAW_FORM] < 0.15 else _EMPLOYED
        first_resident = max(2011, plan.start + plan.ordinary - (1 if plan.overlap else 0))
        # All ordinary moves lie in the first fifteen years, so that no account but the last is temporary.
        span = min(plan.ordinary - 1, 15)
        for j in range(plan.ordinary + plan.resident + plan.temporary):
            k = 0
            if j < plan.ordinary:
                year = plan.start + j
                if plan.overlap and j == plan.ordinary - 1:
                    year = first_resident
                k = min(plan.places - 1, j * plan.places // span)
            elif j < plan.ordinary + plan.resident:
                year = first_resident + j - plan.ordinary
                tier = 100.0 * (1 + int(10.0 * life[_DRAW_TIER] * life[_DRAW_TIER]))
                n = write(
                    rows,
                    n,
                    year,
                    FULL_YEAR,
                    _RESIDENT,
                    _EMPLOYED,
                    law.codes[plan.hukou],
                    _MISSING,
                    tier,
                    np.nan,
                    np.nan,
                    0,
                )
                continue
            else:
                year = plan.last - (plan.records - 1 - j)
                k = plan.places
            place = (plan.place + k * plan.stride) % N_PROVINCES
            u = uniform(key, _DRAW_YEARS + 2 * j)
            mask = FULL_YEAR
            if u < _PARTIAL:
                cut = 1 + int(12.0 * u / _PARTIAL)
                mask = (FULL_YEAR << cut) & FULL_YEAR if cut <= 6 else FULL_YEAR >> (cut - 6)
            index = min(3.0, max(0.6, level * (0.85 + 0.3 * uniform(key, _DRAW_YEARS + 2 * j + 1))))
            base = whole_yuan(index * law.reference_wage[place, year - 1 - FIRST_YEAR])
            n = write(rows, n, year, mask, _EMPLOYEE, form, law.codes[place], _MISSING, base, np.nan, np.nan, 0)
        counts[i] = n - before
    return end


def benchmark_cohort(persons: int, seed: int, first: int, tables: Tables) -> Histories:
    """People ``first`` .. of the fixed cohort of the benchmark, with the shares of ``BENCHMARK``.

    One record a year and scheme; awards are statutory. ``tables`` gives reference wages and ages. ValueError for
    negative numbers, or when a reference wage is unknown.
    """
    return build(_people, with_law(np.zeros(1, _LAW), tables), persons, seed, first, with_extra=False)
