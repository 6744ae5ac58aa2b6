"""Random histories that reach the corners of the law: every valid combination of schemes, places, classes and dates.

A third of them are early careers: paid and deemed months of the 1980s and 1990s in the provinces whose transitional
pension has a formula, an index or dates of its own, moves before 2010, often an end soon after.

They are no cohort: they are made to break things. Each history depends only on its number.
"""

from __future__ import annotations

import random
from typing import Any

from pension import schema
from tests.ledger.reference import statutory_month

FIRST_YEAR_OF_RECORDS = 1990
PLACES = [code for code, _, _ in schema.PLACES if code != schema.NATION] + [4403, 3101, 2102, 510104]
PLACES = [place for place in PLACES if place < 32768]
OWN_RATES = [34, 36, 37, 31]
"""Places with book rates of their own: drawn more often."""
TRANSITIONAL = [11, 44, 32, 33, 31, 50, 51, 63, 12]
"""Places whose transitional pension is not P·i·n·k with the overall index and deemed months alone."""
EARLY = 1 / 3
"""Share of early careers."""


def _mask(rng: random.Random, first: int, last: int) -> int:
    """A month mask of months first..last (1..12), mostly full, sometimes a run, sometimes anything."""
    months = range(first, last + 1)
    kind = rng.random()
    if kind < 0.55:
        chosen = list(months)
    elif kind < 0.85:
        a, b = sorted(rng.choices(months, k=2))
        chosen = list(range(a, b + 1))
    else:
        chosen = [m for m in months if rng.random() < 0.5] or [first]
    return sum(1 << (m - 1) for m in chosen)


def _person(rng: random.Random, early: bool) -> dict[str, Any]:
    sex = rng.choice([1, 2])
    category = rng.choice([1, 1, 1, 4] if sex == 1 else [2, 3, 5])
    while True:
        birth = rng.randrange(12 * 1952, 12 * (1976 if early else 1993))
        if statutory_month(category, birth) >= schema.FIRST_AWARD_MONTH:
            break
    return {
        "sex": sex,
        "retirement_category": category,
        "birth": birth,
        "hukou": rng.choice(PLACES + OWN_RATES * 4 + (TRANSITIONAL * 5 if early else [])),
        "hukou_type": rng.choice([1, 2]),
        "claim": None,
        "resident_start": rng.choice([None, None, None, 12 * 2009 + 11, 12 * 2010 + 3, 12 * 2012 + 6]),
    }


def _claim(rng: random.Random, person: dict[str, Any], employee: bool) -> int:
    """The award month; writes ``claim`` into the person when it is not the statutory month."""
    statutory = statutory_month(person["retirement_category"], person["birth"]) if employee else person["birth"] + 720
    kind = rng.random()
    if kind < 0.2:
        person["claim"] = statutory + rng.randrange(1, 60)
    elif kind < 0.35 and employee:
        original = {1: 720, 2: 660, 3: 600, 4: 660, 5: 540}[person["retirement_category"]]
        if statutory > person["birth"] + original:
            earliest = max(person["birth"] + original, statutory - 36, schema.FIRST_AWARD_MONTH)
            if earliest < statutory:
                person["claim"] = rng.randrange(earliest, statutory)
    return person["claim"] if person["claim"] is not None else statutory


def _record(**fields: Any) -> dict[str, Any]:
    record = {"form": 0, "work_place": -1, "income": None, "payer_share": None, "flags": 0}
    return record | fields


def history(number: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Person and records number ``number``, valid by every input rule."""
    rng = random.Random(f"history {number}")
    early = rng.random() < EARLY
    person = _person(rng, early)
    kind = rng.random()
    employee, resident = (True, rng.random() < 0.6) if early or kind < 0.9 else (False, True)
    award = _claim(rng, person, employee)
    birth, award_year = person["birth"], award // 12
    records: list[dict[str, Any]] = []
    if employee:
        home = rng.random()
        pool = rng.sample(PLACES, rng.choice([1, 1, 2, 2, 3, 4]))
        if early:
            pool = rng.sample(TRANSITIONAL, rng.choice([1, 2, 3])) + pool[: rng.choice([0, 1, 1])]
        if home < 0.5:
            pool[0] = person["hukou"]
        first = max(birth // 12 + 16 + rng.randrange(0, 30), FIRST_YEAR_OF_RECORDS)
        if (birth + 192) // 12 >= first:
            first = (birth + 192) // 12 + 1
        first = min(first, award_year)
        density = rng.choice([0.2, 0.6, 0.95])
        # places change until this year; nothing is paid after the last one
        settled, end = award_year, award_year
        if early:
            first = max(rng.randrange(1986, 1998), (birth + 192) // 12 + 1)
            density = rng.choice([0.6, 0.95, 1.0])
            settled = rng.choice([2000, 2009, 2010, award_year])
            end = rng.choice([award_year, award_year, rng.randrange(max(first, 2005), award_year + 1)])
        place = rng.choice(pool)
        level = rng.uniform(0.4, 3.5)
        for year in range(first, end + 1):
            if year < settled and rng.random() < (0.25 if early else 0.15):
                place = rng.choice(pool)
            if rng.random() > density:
                continue
            last = award % 12 + 1 if year == award_year else 12
            wage = 400.0 * 1.095 ** min(year - 1990, 30) * 1.04 ** max(year - 2020, 0)
            for _ in range(rng.choice([1, 1, 1, 1, 2, 3])):
                where = place if year >= settled or rng.random() < 0.8 else rng.choice(pool)
                flags = 0
                roll = rng.random()
                if roll < 0.06:
                    flags = schema.FLAG_LATE
                elif roll < 0.09:
                    flags = schema.FLAG_TEMPORARY
                elif roll < 0.12:
                    flags = schema.FLAG_ORDINARY
                base = (
                    rng.choice([1000.0, 3000.0])
                    if rng.random() < 0.2
                    else round(level * wage * rng.uniform(0.8, 1.2), 2)
                )
                records.append(
                    _record(
                        year=year,
                        months=_mask(rng, 10 if year == schema.FIRST_EMPLOYEE_MONTH // 12 else 1, last),
                        scheme=1,
                        form=rng.randrange(5),
                        place=where,
                        base=base,
                        income=round(base * rng.uniform(0.9, 1.5), 2) if rng.random() < 0.3 else None,
                        flags=flags,
                        work_place=rng.choice([-1, -1, where]),
                    )
                )
        if not records:
            records.append(_record(year=award_year, months=1, scheme=1, place=pool[0], base=5000.0))
        if rng.random() < (0.6 if early else 0.25):
            earliest = min(12 * r["year"] + (r["months"] & -r["months"]).bit_length() - 1 for r in records)
            month = earliest
            for _ in range(rng.choice([1, 2, 3, 4] if early else [1, 1, 2])):
                where, index = rng.choice(pool), rng.choice([1.0, 0.8, 1.234])
                run = min(rng.randrange(1, 130), month - (birth + 192))
                if run <= 0:
                    break
                by_year: dict[int, int] = {}
                for serial in range(month - run, month):
                    by_year[serial // 12] = by_year.get(serial // 12, 0) | 1 << serial % 12
                month -= run
                for year, mask in by_year.items():
                    records.append(
                        _record(year=year, months=mask, scheme=1, place=where, base=index, flags=schema.FLAG_DEEMED)
                    )
    if resident:
        begins = max(2009, (birth + 192) // 12, (person["resident_start"] or 0) // 12)
        ends = min(award_year, (birth + 720) // 12)
        where = person["hukou"]
        density = rng.choice([0.3, 0.8, 1.0])
        for year in range(begins, ends + 1):
            if rng.random() < 0.08:
                where = rng.choice(PLACES)
            if rng.random() > density and not (year == award_year and rng.random() < 0.5):
                continue
            months = 4095
            if year == award_year and rng.random() < 0.5:
                months = (1 << (award % 12 + 1)) - 1
            flags = 0
            roll = rng.random()
            if roll < 0.08:
                flags = schema.FLAG_BACKPAID
            elif roll < 0.14:
                flags = schema.FLAG_PROXY
            records.append(
                _record(
                    year=year,
                    months=months,
                    scheme=2,
                    place=where,
                    base=float(rng.choice([100, 200, 300, 500, 1000, 2000, 3000, 5000, 150.5])),
                    payer_share=rng.choice([None, None, None, 120.0]),
                    flags=flags,
                )
            )
        if not records:
            records.append(_record(year=ends, months=4095, scheme=2, place=where, base=200.0))
    if rng.random() < 0.2:
        year = (
            rng.randrange(max(2012, (birth + 192) // 12 + 1), award_year + 1)
            if award_year > (birth + 192) // 12 + 1
            else award_year
        )
        last = award % 12 + 1 if year == award_year else 12
        records.append(
            _record(
                year=year,
                months=_mask(rng, 1, last),
                scheme=0,
                form=4,
                place=-1,
                work_place=rng.choice(PLACES),
                base=0.0,
                income=4000.0,
            )
        )
    records.sort(key=lambda r: (r["year"], r["scheme"], r["place"], r["form"]))
    return person, records
