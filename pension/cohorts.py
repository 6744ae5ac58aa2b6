"""Synthetic people: the demo population and the fixed cohort of the benchmark.

Both are counter-based: every random number is a hash of (seed, person, draw), so a person depends on the seed and on
his number alone, and any block or thread gives the same bits. Only sums, products and quotients of doubles are used,
no powers or exponentials. Two passes: count the records, then write them where they belong.

The demo population (``generate``) shows what the program does: careers over provinces and both schemes, with moves and
returns, gaps, overlaps, temporary accounts, platform work. Its rates are in ``parameters/cohorts/demo.toml``, moves
follow a gravity matrix fitted to the known margins of the census. It is synthetic: no estimate of how many people have
which history. The benchmark cohort (``benchmark_cohort``) reads no rates: its shares are those of ``BENCHMARK``, which
``describe`` measures.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pension import schema
from pension._compile import in_threads, jit, kernel
from pension.cells import LOWEST, POPCOUNT
from pension.checks import place_index
from pension.histories import DTYPES, Histories
from pension.law.ages import earliest_month, retirement_delay, statutory_month
from pension.law.transfer import is_temporary_account
from pension.tables import FIRST_YEAR, N_YEARS, Tables

__all__ = ["BENCHMARK", "benchmark_cohort", "describe", "generate"]

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

FIRST_AWARD: Final = 12 * 2025
"""First award month of synthetic people (continued payers of older cohorts are awarded later)."""
LAST_BIRTH: Final = 12 * 1999 + 11
FIRST_WAGE_YEAR: Final = 1985
LAST_WAGE_YEAR: Final = 2065
"""Reference wages of these years are needed in every province."""

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
"""What the fixed benchmark cohort is made to have; names as in ``describe``."""

N_TIERS: Final = 8
N_PROVINCES: Final = 31
"""The first places of ``schema.PLACES``; nobody is placed in the Xinjiang Corps, which has no data of its own."""

_MALE: Final = schema.SEX["male"]
_FEMALE: Final = schema.SEX["female"]
_URBAN: Final = schema.HUKOU_TYPE["urban"]
_RURAL: Final = schema.HUKOU_TYPE["rural"]
_MISSING: Final = schema.MISSING
_NONE: Final = schema.SCHEME["none"]
_EMPLOYEE: Final = schema.SCHEME["employee"]
_RESIDENT: Final = schema.SCHEME["resident"]
_EMPLOYED: Final = schema.FORM["employed"]
_DISPATCHED: Final = schema.FORM["dispatched"]
_PART_TIME: Final = schema.FORM["part_time"]
_FLEXIBLE: Final = schema.FORM["flexible"]
_PLATFORM: Final = schema.FORM["platform"]
_FIRST_EMPLOYEE_MONTH: Final = schema.FIRST_EMPLOYEE_MONTH
_FIRST_RESIDENT_YEAR: Final = schema.FIRST_RESIDENT_YEAR
_LATE: Final = schema.FLAG_LATE
_ORDINARY: Final = schema.FLAG_ORDINARY
_DEEMED: Final = schema.FLAG_DEEMED
_TEMPORARY: Final = schema.FLAG_TEMPORARY
_BACKPAID: Final = schema.FLAG_BACKPAID
_PROXY: Final = schema.FLAG_PROXY
_FULL_YEAR: Final = 4095
_SIXTY: Final = 720
_HARDSHIP_TIER: Final = 100.0
"""Yuan/year that governments pay for hardship households: the lowest tier of 国发〔2009〕32号 and 国发〔2014〕8号."""


# ---------------------------------------------------------------------- random numbers

_MASK64: Final = (1 << 64) - 1
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX1: Final = np.uint64(0xBF58476D1CE4E5B9)
_MIX2: Final = np.uint64(0x94D049BB133111EB)
_S30: Final = np.uint64(30)
_S27: Final = np.uint64(27)
_S31: Final = np.uint64(31)
_S11: Final = np.uint64(11)


@jit
def _mixed(x: Any) -> Any:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64 bits."""
    x = (x ^ (x >> _S30)) * _MIX1
    x = (x ^ (x >> _S27)) * _MIX2
    return x ^ (x >> _S31)


@jit
def _key_of(seed: Any, number: int) -> Any:
    """The stream of one person."""
    return _mixed(_mixed(seed + _STEP) + np.uint64(number) * _STEP)


@jit
def uniform(key: Any, draw: int) -> float:
    """Draw number ``draw`` of a person's stream, uniform in [0, 1)."""
    return float(np.float64(_mixed(key + np.uint64(draw + 1) * _STEP) >> _S11) * 2.0**-53)


@jit
def _draw(key: Any, first: int, out: Any) -> None:
    """Fill ``out`` with the draws ``first``, ``first + 1``, ... of a person's stream."""
    for k in range(out.shape[0]):
        out[k] = uniform(key, first + k)


# Numbers of the draws of a person (array ``life``), ...
_SEX, _CATEGORY, _HAZARD, _BIRTH, _HUKOU, _TYPE, _LEVEL, _ONLY_RESIDENT, _CONTINUING = range(0, 9)
_CLAIM, _CLAIM_MONTH, _START, _STOP, _STOP_MONTH, _LIMIT, _LIMIT_MONTHS, _STATE_JOB = range(9, 17)
_STATE_INDEX, _OWN_START, _OWN_START_MONTH, _PAYER, _ENTRY, _TIER, _HARDSHIP, _BACK = range(17, 25)
_COLLECTIVE, _COLLECTIVE_YUAN, _INCOME_STATED = range(25, 28)
# ... of a spell (``at``; from _SPELLS + _SPELL_DRAWS * spell), ...
_SPELLS: Final = 64
_SPELL_DRAWS: Final = 12
_MAX_SPELLS: Final = 200
_MOVE, _TARGET, _KEEP, _KIND, _LENGTH, _FORM, _INDEX, _OUTSIDE, _PLATFORMS, _LATE_SPELL = range(0, 10)
_OFFICIAL, _INFORMAL = range(10, 12)
# ... and of a calendar year (``now``; from _YEARS + _YEAR_DRAWS * (year - FIRST_YEAR)).
_LIFE_DRAWS: Final = 28
_YEARS: Final = _SPELLS + _SPELL_DRAWS * _MAX_SPELLS
_YEAR_DRAWS: Final = 12
_NOISE, _GAP, _GAP_AT, _GAP_MONTHS, _SECOND, _SECOND_AT, _SECOND_BASE, _SECOND_PLACE, _PAYS = range(0, 9)
_EARNED, _SPLIT, _SPLIT2 = range(9, 12)


# ---------------------------------------------------------------------- what both generators read and write


RATES: Final = (
    "male_share",
    "hazardous_share",
    "female_cadre_share",
    "rural_share",
    "resident_only_rural",
    "resident_only_urban",
    "continuing_share",
    "early_share",
    "late_share",
    "stop_share",
    "cliff_share",
    "just_met_share",
    "keep_kind",
    "longest_spell_months",
    "deemed_share",
    "gap_share",
    "dispatched_share",
    "part_time_share",
    "informal_share",
    "outside_limits_share",
    "lowest_base_share",
    "stated_income_share",
    "second_place_share",
    "late_share_of_gaps",
    "official_transfer_share",
    "payer_only",
    "payer_rural",
    "payer_urban",
    "paid_years_share",
    "paid_part_years_share",
    "paid_full_years_share",
    "own_start_share",
    "hardship_share",
    "backpaid_share",
    "collective_share",
    "working_age_factor",
    "return_share",
    "onward_share",
    "move_fade",
)
"""Rates of the demo population; titles, units and sources in ``parameters/cohorts/demo.toml``."""

# Everything a kernel reads is one record, so that functions pass one pointer: passing a dozen arrays to each of them
# took three times as long, and minutes to compile.
_LAW_FIELDS: Final[list[Any]] = [
    ("reference_wage", np.float64, (schema.N_PLACES, N_YEARS)),
    ("ages", np.int64, (6, 5)),
    ("minimum_months", np.int64, (N_YEARS,)),
    ("lowest_tier", np.float64, (schema.N_PLACES, N_YEARS)),  # in December
    ("resident_start", np.int64, (schema.N_PLACES,)),
    ("account_start", np.int64, (schema.N_PLACES,)),
    ("codes", np.int16, (schema.N_PLACES,)),
]
"""The tables of ``pension.tables`` that careers depend on, and the GB/T 2260 codes of places."""
_SETTING: Final = np.dtype(
    [
        *_LAW_FIELDS,
        *((name, np.float64) for name in RATES),
        ("hukou", np.float64, (N_PROVINCES,)),  # cumulated share of registrations
        ("leave", np.float64, (N_PROVINCES,)),  # probability that a new spell of somebody at home is away
        ("destination", np.float64, (N_PROVINCES, N_PROVINCES)),  # cumulated share of destinations
        ("kinds", np.float64, (2, N_YEARS, 5)),  # [urban or rural, year]: cumulated share of kinds of a new spell
        ("level", np.float64, (11,)),  # bases over life at the deciles, in reference wages
        ("tier_share", np.float64, (N_TIERS,)),  # cumulated
        ("tier", np.float64, (N_TIERS,)),  # yuan/year
        ("individuals_open", np.int64, (schema.N_PLACES,)),  # month from which non-local individuals may insure
    ],
    align=True,
)
"""What the demo generator reads."""
_LAW: Final = np.dtype(_LAW_FIELDS, align=True)
"""What the benchmark generator reads."""


class People(NamedTuple):
    """Columns of people that are written."""

    sex: npt.NDArray[np.int8]
    retirement_category: npt.NDArray[np.int8]
    birth: npt.NDArray[np.int32]
    hukou: npt.NDArray[np.int16]
    hukou_type: npt.NDArray[np.int8]
    claim: npt.NDArray[np.int32]
    resident_start: npt.NDArray[np.int32]
    income_fifth: npt.NDArray[np.int8]
    moves: npt.NDArray[np.int8]


class Records(NamedTuple):
    """Columns of records that are written."""

    year: npt.NDArray[np.int16]
    months: npt.NDArray[np.int16]
    scheme: npt.NDArray[np.int8]
    form: npt.NDArray[np.int8]
    place: npt.NDArray[np.int16]
    work_place: npt.NDArray[np.int16]
    base: npt.NDArray[np.float64]
    income: npt.NDArray[np.float64]
    payer_share: npt.NDArray[np.float64]
    flags: npt.NDArray[np.int16]


_RECORD: Final = np.dtype([(name, DTYPES[name]) for name in Records._fields], align=True)
_MAX_RECORDS: Final = 1024
"""Room for one person: at most 85 years of a dozen records."""


@jit
def _write(
    rows: Any,
    n: int,
    year: int,
    months: int,
    scheme: int,
    form: int,
    place: int,
    work_place: int,
    base: float,
    income: float,
    payer_share: float,
    flags: int,
) -> int:
    """Write record ``n``; returns the number of the next one."""
    row = rows[n]
    row.year = year
    row.months = months
    row.scheme = scheme
    row.form = form
    row.place = place
    row.work_place = work_place
    row.base = base
    row.income = income
    row.payer_share = payer_share
    row.flags = flags
    return n + 1


@jit
def _copy(source: Any, target: Any) -> None:
    target.year = source.year
    target.months = source.months
    target.scheme = source.scheme
    target.form = source.form
    target.place = source.place
    target.work_place = source.work_place
    target.base = source.base
    target.income = source.income
    target.payer_share = source.payer_share
    target.flags = source.flags


@jit
def _rank(row: Any) -> int:
    return (int(row.scheme) * 20_000 + int(row.place) + 1) * 8 + int(row.form)


@jit
def _sort_year(rows: Any, first: int, last: int) -> None:
    """Put the records of one calendar year in order of (scheme, place, form); few, and nearly sorted."""
    spare = rows[_MAX_RECORDS]
    for i in range(first + 1, last):
        rank = _rank(rows[i])
        if rank >= _rank(rows[i - 1]):
            continue
        _copy(rows[i], spare)
        j = i
        while j > first and rank < _rank(rows[j - 1]):
            _copy(rows[j - 1], rows[j])
            j -= 1
        _copy(spare, rows[j])


@jit
def _put(rows: Any, count: int, records: Any, offset: int) -> None:
    """Move the ``count`` records of one person into their columns."""
    for k in range(count):
        row, j = rows[k], offset + k
        records.year[j] = row.year
        records.months[j] = row.months
        records.scheme[j] = row.scheme
        records.form[j] = row.form
        records.place[j] = row.place
        records.work_place[j] = row.work_place
        records.base[j] = row.base
        records.income[j] = row.income
        records.payer_share[j] = row.payer_share
        records.flags[j] = row.flags


@jit
def _chosen(cumulated: Any, u: float) -> int:
    """First position whose cumulated share exceeds ``u``."""
    position = 0
    while position < cumulated.shape[0] - 1 and u >= cumulated[position]:
        position += 1
    return position


@jit
def _whole_yuan(amount: float) -> float:
    return float(max(1.0, np.floor(amount + 0.5)))


@jit
def _at_quantile(table: Any, u: float) -> float:
    """Linear between equidistant quantiles."""
    x = u * (table.shape[0] - 1)
    i = min(int(x), table.shape[0] - 2)
    return float(table[i] + (x - i) * (table[i + 1] - table[i]))


# ---------------------------------------------------------------------- the demo population

_KINDS: Final = ("employed", "flexible", "platform", "platform_uninsured")
_K_EMPLOYED: Final = 0
_K_FLEXIBLE: Final = 1
_K_PLATFORM: Final = 2
_K_PLATFORM_UNINSURED: Final = 3
_K_OUTSIDE: Final = 4
_K_DEEMED: Final = 5

_AS_STATUTORY: Final = 0
_EARLY: Final = 1
_ONLY: Final = 2
"""Careers: to the statutory or a later month, to an early claim, never in the employee scheme."""


class Traits(NamedTuple):
    """What does not change over a person's life."""

    sex: int
    category: int
    birth: int
    hukou: int
    rural: int
    statutory: int
    earliest: int
    delay: int
    level: float
    start: int
    """First month of work."""
    stop: int
    """Month from which insured work has ended for good."""
    resident_start: int
    """Month the resident scheme is open to him."""
    own_start: int
    """Start stated by the county, MISSING = by province."""


@jit
def _traits(s: Any, life: Any) -> Traits:
    male = life[_SEX] < s.male_share
    hazardous = life[_HAZARD] < s.hazardous_share
    if male:
        sex = _MALE
        category = 4 if hazardous else 1
    else:
        sex = _FEMALE
        category = 5 if hazardous else 2 if life[_CATEGORY] < s.female_cadre_share else 3
    original = s.ages[category, 0]
    first_birth = FIRST_AWARD - original
    if life[_CONTINUING] < s.continuing_share:
        birth = first_birth - 1 - int(life[_BIRTH] * 36)
    else:
        birth = first_birth + int(life[_BIRTH] * (LAST_BIRTH + 1 - first_birth))
    delay = retirement_delay(birth, s.ages[category, 1], s.ages[category, 2], s.ages[category, 3])
    statutory = statutory_month(birth, original, delay)
    earliest = earliest_month(birth, original, statutory, s.ages[category, 4]) if delay > 0 else statutory
    hukou = _chosen(s.hukou, life[_HUKOU])
    rural = 1 if life[_TYPE] < s.rural_share else 0
    # Compulsory schooling ends at 15 or 16; urban people start later.
    start = birth + 16 * 12 + (int(life[_START] * 48) if rural == 1 else 18 + int(life[_START] * 66))
    stop = birth + 12 * 200
    if life[_STOP] < s.stop_share:
        stop = birth + 12 * 38 + int(life[_STOP_MONTH] * 180)
    own_start = _MISSING
    resident_start = s.resident_start[hukou]
    if life[_OWN_START] < s.own_start_share:
        # 2009-09 (first counties) to 2012-07 (all)
        own_start = 12 * 2009 + 8 + int(life[_OWN_START_MONTH] * 35)
        resident_start = own_start
    level = _at_quantile(s.level, life[_LEVEL])
    return Traits(
        sex, category, birth, hukou, rural, statutory, earliest, delay, level, start, stop, resident_start, own_start
    )


@jit
def _month_limit(s: Any, life: Any, award: int) -> int:
    """Employee months after which a person pays no more: cliff cases around the minimum, else no limit."""
    u = life[_LIMIT]
    required = s.minimum_months[award // 12 - FIRST_YEAR]
    if u < s.cliff_share:
        return int(required - 1 - int(life[_LIMIT_MONTHS] * 6))
    if u < s.cliff_share + s.just_met_share:
        return int(required + int(life[_LIMIT_MONTHS] * 3))
    return 100_000


@jit
def _next_place(s: Any, t: Any, at: Any, place: int, age_months: int) -> int:
    """Province of a new spell: home, away by the gravity matrix, home again, or onward."""
    u = at[_MOVE]
    if place == t.hukou:
        fade = min(1.0, max(0.0, (age_months - 240) / 360.0))
        if u < s.leave[place] * (1.0 - fade * (1.0 - s.move_fade)):
            return _chosen(s.destination[place], at[_TARGET])
        return place
    if u < s.return_share:
        return int(t.hukou)
    if u < s.return_share + s.onward_share:
        return _chosen(s.destination[t.hukou], at[_TARGET])
    return place


@jit
def _next_kind(s: Any, t: Any, at: Any, kind: int, month: int, mode: int, at_end: bool) -> int:
    """Kind of a new spell."""
    if at_end:
        return _K_OUTSIDE
    shares = s.kinds[t.rural, month // 12 - FIRST_YEAR]
    if mode == _ONLY:
        inside = shares[_K_PLATFORM]
        u = inside + at[_KIND] * (1.0 - inside)
        return _chosen(shares, u)
    if kind < _K_DEEMED and at[_KEEP] < s.keep_kind:
        return kind
    return _chosen(shares, at[_KIND])


@jit
def _insured_at(s: Any, t: Any, kind: int, place: int, month: int) -> int:
    """Where a spell is insured; MISSING when that is closed: individuals away from home go by the dates of access."""
    if kind in (_K_EMPLOYED, _K_DEEMED):
        return place
    if kind > _K_PLATFORM:
        return _MISSING
    if t.rural == 1 and month < 12 * 2011 + 6:
        return _MISSING  # rural people as individuals since the Social Insurance Law, 2011-07
    return place if month >= s.individuals_open[place] else int(t.hukou)


@jit
def _spell_index(s: Any, t: Any, at: Any, kind: int, form: int) -> float:
    """Bases of a spell in reference wages."""
    u = at[_INDEX]
    if at[_OUTSIDE] < s.outside_limits_share:
        return float(0.3 + 0.3 * u if u < 0.7 else 3.0 + (u - 0.7))
    if kind == _K_EMPLOYED:
        level = t.level * (0.8 + 0.4 * u) * (0.85 if form == _DISPATCHED else 1.0)
    elif u < s.lowest_base_share:
        level = 0.6
    else:
        level = 0.6 + 0.6 * (u - s.lowest_base_share) / (1.0 - s.lowest_base_share)
    return float(min(3.0, max(0.6, level)))


@jit
def _platform_incomes(
    s: Any, rows: Any, n: int, at: Any, now: Any, year: int, mask: int, place: int, insured: int, base: float
) -> int:
    """Work for one to three platforms: the first record carries the insurance, if there is one."""
    total = (0.45 + 0.6 * now[_EARNED]) * s.reference_wage[place, year - 1 - FIRST_YEAR]
    u = at[_PLATFORMS]
    platforms = 1 if u < 0.55 else 2 if u < 0.85 else 3
    first = 1.0 if platforms == 1 else 0.4 + 0.4 * now[_SPLIT]
    second = 0.0 if platforms == 1 else 1.0 - first if platforms == 2 else (1.0 - first) * now[_SPLIT2]
    at_work = s.codes[place]
    for platform in range(platforms):
        share = first if platform == 0 else second if platform == 1 else 1.0 - first - second
        income = _whole_yuan(total * share)
        if platform == 0 and insured >= 0:
            elsewhere = at_work if insured != place else _MISSING
            n = _write(rows, n, year, mask, _EMPLOYEE, _PLATFORM, s.codes[insured], elsewhere, base, income, np.nan, 0)
        else:
            n = _write(rows, n, year, mask, _NONE, _PLATFORM, _MISSING, at_work, np.nan, income, np.nan, 0)
    return n


@jit
def _cut(mask: int, room: int) -> int:
    """The first ``room`` months of a mask."""
    kept = 0
    while room > 0 and mask != 0:
        lowest = mask & -mask
        kept |= lowest
        mask ^= lowest
        room -= 1
    return kept


@jit
def _resident_year(
    s: Any, t: Any, rows: Any, n: int, life: Any, now: Any, year: int, paid_months: int, only: bool
) -> int:
    """The resident contribution of one year, if there is one."""
    payer = s.payer_only if only else s.payer_rural if t.rural == 1 else s.payer_urban
    if year < t.resident_start // 12 or year > (t.birth + _SIXTY) // 12 or life[_PAYER] >= payer:
        return n
    # Few young people pay: entry between 18 and 40, a third of the payers by 25.
    entry = 18 + int(22 * life[_ENTRY])
    flags = 0
    if 12 * year < t.birth + 12 * entry:
        if 12 * year < t.birth + 12 * 18 or life[_BACK] >= s.backpaid_share or paid_months > 0:
            return n
        flags = _BACKPAID
    pays = s.paid_years_share if paid_months == 0 else s.paid_part_years_share
    if paid_months == 12:
        pays = s.paid_full_years_share
    if now[_PAYS] >= pays:
        return n
    lowest = s.lowest_tier[t.hukou, year - FIRST_YEAR]
    tier = s.tier[_chosen(s.tier_share, life[_TIER])]
    if lowest > tier:
        tier = lowest
    assistance = np.nan
    if t.rural == 1 and flags == 0:
        if life[_HARDSHIP] < s.hardship_share:
            flags = _PROXY
            tier = _HARDSHIP_TIER
        elif life[_COLLECTIVE] < s.collective_share:
            assistance = 20.0 + 10.0 * int(life[_COLLECTIVE_YUAN] * 19)
    code = s.codes[t.hukou]
    return _write(rows, n, year, _FULL_YEAR, _RESIDENT, _EMPLOYED, code, _MISSING, tier, np.nan, assistance, flags)


class Career(NamedTuple):
    """What a career comes to."""

    end: int
    """Number of the next record."""
    paid_months: int
    employee_records: int
    moves: int


@jit
def _insured_months(s: Any, now: Any, mask: int) -> int:
    """Months of insured work without the gap that some years have."""
    if now[_GAP] < s.gap_share:
        offset = int(now[_GAP_AT] * 12)
        months = 1 + int(now[_GAP_MONTHS] * 4)
        mask &= ~((((1 << months) - 1) << offset) & _FULL_YEAR)
    return mask


@jit
def _second_place(s: Any, t: Any, rows: Any, n: int, now: Any, year: int, mask: int, place: int) -> int:
    """One to three months of the year that were also paid in another province."""
    second = t.hukou
    if second == place:
        second = _chosen(s.destination[place], now[_SECOND_PLACE])
    offset = int(now[_SECOND_AT] * 10)
    mask &= (7 >> int(now[_SECOND_PLACE] * 3)) << offset
    if mask == 0:
        return n
    index = 0.6 + 0.9 * now[_SECOND_BASE]
    base = _whole_yuan(index * s.reference_wage[second, year - 1 - FIRST_YEAR])
    return _write(rows, n, year, mask, _EMPLOYEE, _EMPLOYED, s.codes[second], _MISSING, base, np.nan, np.nan, 0)


@jit
def _career(s: Any, t: Any, rows: Any, key: Any, draws: Any, mode: int, award: int) -> Career:
    """Write the records of one life up to the award month, year by year."""
    wage = s.reference_wage
    life, at, now = draws.life, draws.at, draws.now
    n = int(np.int64(0))  # no literal: each would be compiled anew
    limit = _month_limit(s, life, award)
    stated = life[_INCOME_STATED] < s.stated_income_share
    paid, employee_records, moves = 0, 0, 0
    place = t.hukou
    kind, spell, spell_end = _K_DEEMED + 1, -1, t.start - 1
    form, flags, insured, index = 0, 0, _MISSING, 0.0
    late, informal = False, False
    # Service in a state job before the individual accounts of the province counts as paid.
    account_start = s.account_start[t.hukou]
    if (
        t.rural == 0
        and mode != _ONLY
        and t.start + 12 < account_start
        and account_start <= 12 * 2001
        and life[_STATE_JOB] < s.deemed_share
    ):
        kind, spell, spell_end = _K_DEEMED, 0, account_start - 1
    for year in range(t.start // 12, award // 12 + 1):
        _draw(key, _YEARS + _YEAR_DRAWS * (year - FIRST_YEAR), now)
        first_row = n
        paid_mask = 0
        month = max(t.start, 12 * year)
        last = min(award, 12 * year + 11)
        while month <= last:
            if month > spell_end:
                spell = min(spell + 1, _MAX_SPELLS - 1)
                _draw(key, _SPELLS + _SPELL_DRAWS * spell, at)
                went = _next_place(s, t, at, place, month - t.birth)
                moves += 1 if went != place else 0
                place = went
                kind = _next_kind(s, t, at, kind, month, mode, month >= t.stop)
                u = at[_LENGTH]
                spell_end = month + 5 + int(s.longest_spell_months * u * u)
                u = at[_FORM]
                if kind == _K_EMPLOYED:
                    form = _DISPATCHED if u < s.dispatched_share else _EMPLOYED
                else:
                    form = _PART_TIME if u < s.part_time_share else _FLEXIBLE
                insured = _insured_at(s, t, kind, place, month)
                if insured < 0 and kind == _K_PLATFORM:
                    kind = _K_PLATFORM_UNINSURED
                elif insured < 0 and kind == _K_FLEXIBLE:
                    kind = _K_OUTSIDE
                index = _spell_index(s, t, at, kind, form)
                late = mode != _ONLY and at[_LATE_SPELL] < s.late_share_of_gaps
                informal = at[_INFORMAL] < s.informal_share
                flags = 0
                age_limit = 600 if t.sex == _MALE else 480
                if kind == _K_EMPLOYED and place != t.hukou and month - t.birth >= age_limit:
                    flags = _ORDINARY if at[_OFFICIAL] < s.official_transfer_share else 0
            until = min(spell_end, last)
            mask = ((2 << (until % 12)) - 1) & ~((1 << (month % 12)) - 1)
            payable = mask
            if 12 * year + 11 < _FIRST_EMPLOYEE_MONTH:
                payable = 0
            elif 12 * year < _FIRST_EMPLOYEE_MONTH:
                payable &= ~((1 << (_FIRST_EMPLOYEE_MONTH % 12)) - 1)
            if kind == _K_DEEMED:
                code = s.codes[place]
                worth = 0.8 + 0.1 * int(life[_STATE_INDEX] * 6)
                n = _write(rows, n, year, mask, _EMPLOYEE, _EMPLOYED, code, _MISSING, worth, np.nan, np.nan, _DEEMED)
                employee_records += 1
            elif kind <= _K_PLATFORM:
                payable = _cut(_insured_months(s, now, payable), limit - paid)
                if payable != 0:
                    base = _whole_yuan(index * (0.94 + 0.12 * now[_NOISE]) * wage[insured, year - 1 - FIRST_YEAR])
                    if kind == _K_PLATFORM:
                        n = _platform_incomes(s, rows, n, at, now, year, payable, place, insured, base)
                    else:
                        income = np.nan
                        if stated or kind == _K_FLEXIBLE:
                            income = _whole_yuan(base * (1.0 + 0.5 * now[_EARNED]))
                        at_work = s.codes[place] if insured != place else _MISSING
                        code = s.codes[insured]
                        n = _write(rows, n, year, payable, _EMPLOYEE, form, code, at_work, base, income, np.nan, flags)
                    employee_records += 1
                    paid += POPCOUNT[payable]
                    paid_mask |= payable
                    if kind == _K_EMPLOYED and now[_SECOND] < s.second_place_share:
                        n = _second_place(s, t, rows, n, now, year, payable, place)
            elif kind == _K_PLATFORM_UNINSURED:
                n = _platform_incomes(s, rows, n, at, now, year, mask, place, insured, np.nan)
            elif late and payable != 0 and year >= 1998 and month < t.stop and paid < limit:
                base = _whole_yuan(0.6 * wage[place, year - 1 - FIRST_YEAR])
                code = s.codes[place]
                n = _write(rows, n, year, payable, _EMPLOYEE, _FLEXIBLE, code, _MISSING, base, np.nan, np.nan, _LATE)
                employee_records += 1
                paid_mask |= payable
            elif informal and year >= 1998:
                income = _whole_yuan((0.3 + 0.6 * now[_EARNED]) * wage[place, year - 1 - FIRST_YEAR])
                code = s.codes[place]
                n = _write(rows, n, year, mask, _NONE, _FLEXIBLE, _MISSING, code, np.nan, income, np.nan, 0)
            month = until + 1
        if year >= _FIRST_RESIDENT_YEAR:
            n = _resident_year(s, t, rows, n, life, now, year, POPCOUNT[paid_mask], mode == _ONLY)
        _sort_year(rows, first_row, n)
    return Career(n, paid, employee_records, moves)


@jit
def _award(t: Any, mode: Any, claim: Any) -> Any:
    if claim != _MISSING:
        return claim
    return t.birth + _SIXTY if mode == _ONLY else t.statutory


@jit
def _decide(s: Any, key: Any, draws: Any, people: Any, modes: Any, i: int, scratch: Any) -> int:
    """Write the columns of person ``i`` and how his career ends; returns the number of his records."""
    life = draws.life
    t = _traits(s, life)
    only = s.resident_only_rural if t.rural == 1 else s.resident_only_urban
    u = life[_CLAIM]
    month = life[_CLAIM_MONTH]
    claim, mode = _MISSING, _AS_STATUTORY
    if life[_ONLY_RESIDENT] < only:
        mode = _ONLY
        if t.birth + _SIXTY < FIRST_AWARD:
            claim = FIRST_AWARD + int(24 * month)
    elif t.statutory < FIRST_AWARD:
        claim = FIRST_AWARD + int(24 * month)
    elif t.delay > 0 and u < s.early_share and t.earliest < t.statutory:
        claim, mode = t.earliest + int((t.statutory - t.earliest) * month), _EARLY
    elif t.delay > 0 and s.early_share <= u < s.early_share + s.late_share:
        claim = t.statutory + 1 + int(36 * month)
    while True:
        award = _award(t, mode, claim)
        career = _career(s, t, scratch, key, draws, mode, award)
        if mode == _EARLY and career.paid_months < s.minimum_months[award // 12 - FIRST_YEAR] + 12:
            # An early claim needs the minimum (94号 art. 2); a year more, as contested months fall away.
            claim, mode = _MISSING, _AS_STATUTORY
        elif career.employee_records == 0 and mode != _ONLY:
            # Never insured as an employee: awarded at 60, or late where 60 was reached before the first award year.
            mode = _ONLY
            claim = _MISSING if t.birth + _SIXTY >= FIRST_AWARD else FIRST_AWARD + int(24 * month)
        else:
            break
    people.sex[i] = t.sex
    people.retirement_category[i] = t.category
    people.birth[i] = t.birth
    people.hukou[i] = s.codes[t.hukou]
    people.hukou_type[i] = _RURAL if t.rural == 1 else _URBAN
    people.claim[i] = claim
    people.resident_start[i] = t.own_start
    people.income_fifth[i] = 1 + int(5 * life[_LEVEL])
    people.moves[i] = min(career.moves, 127)
    modes[i] = mode
    return int(career.end)


class Draws(NamedTuple):
    """Room for the random numbers of a person, of his spell and of the year."""

    life: Float
    at: Float
    now: Float


@kernel
def _demo(
    settings: Any,
    first: int,
    last: int,
    seed: Any,
    number: int,
    people: Any,
    modes: Any,
    counts: Any,
    offsets: Any,
    records: Any,
) -> None:
    """Without ``offsets`` decide and count the records of each person, with them write the records.

    One kernel for both passes, so that the careers are compiled once.
    """
    s, scratch = settings[0], np.empty(_MAX_RECORDS + 1, _RECORD)
    draws = Draws(np.empty(_LIFE_DRAWS), np.empty(_SPELL_DRAWS), np.empty(_YEAR_DRAWS))
    for i in range(first, last):
        key = _key_of(seed, number + i)
        _draw(key, 0, draws.life)
        if offsets.shape[0] == 0:
            counts[i] = _decide(s, key, draws, people, modes, i, scratch)
        else:
            t = _traits(s, draws.life)
            mode = modes[i]
            _career(s, t, scratch, key, draws, mode, _award(t, mode, np.int64(people.claim[i])))
            _put(scratch, counts[i], records, offsets[i])


def generate(persons: int, seed: int, first: int, tables: Tables) -> Histories:
    """People ``first`` .. ``first + persons - 1`` of the demo population of a seed; identifiers count from 1.

    ``tables`` gives the reference wages that bases are multiples of, ages and minimum months. Extra columns:
    ``x_income_fifth`` (1..5, fifth of the level of bases over life) and ``x_moves`` (moves between provinces). All
    people pass the range check. ValueError for negative numbers, or when a reference wage is unknown.
    """
    return _built(_demo, _setting(tables), persons, seed, first, with_extra=True)


def _empty_people(persons: int) -> People:
    n = max(persons, 0)
    extra = {"income_fifth": np.dtype(np.int8), "moves": np.dtype(np.int8)}
    return People(*(np.empty(n, dtype=extra.get(name) or DTYPES[name]) for name in People._fields))


def _built(
    kernel_of_cohort: Callable[..., None],
    setting: npt.NDArray[Any],
    persons: int,
    seed: int,
    first: int,
    *,
    with_extra: bool,
) -> Histories:
    """Count, then write: both passes see the same numbers."""
    if persons < 0 or seed < 0 or first < 0:
        raise ValueError(f"persons, seed and first are not negative: {persons}, {seed}, {first}")
    people, modes = _empty_people(persons), np.empty(persons, dtype=np.int64)
    counts, offsets = np.empty(persons, dtype=np.int64), np.zeros(persons + 1, dtype=np.int64)
    stream = np.uint64(seed & _MASK64)
    in_threads(kernel_of_cohort, persons, setting, stream, first, people, modes, counts, offsets[:0], _records(0))
    np.cumsum(counts, out=offsets[1:])
    rows = _records(int(offsets[-1]))
    in_threads(kernel_of_cohort, persons, setting, stream, first, people, modes, counts, offsets, rows)
    columns: dict[str, Any] = {**people._asdict(), **rows._asdict(), "offsets": offsets}
    fifth, moves = columns.pop("income_fifth"), columns.pop("moves")
    extra = pa.table({"x_income_fifth": fifth, "x_moves": moves}) if with_extra else None
    identifiers = pa.array(np.arange(first + 1, first + persons + 1, dtype=np.int64))
    return Histories.build(identifiers, columns, extra)


def _records(count: int) -> Records:
    return Records(*(np.empty(count, dtype=DTYPES[name]) for name in Records._fields))


# ---------------------------------------------------------------------- rates and moves of the demo population


def _with_law(target: npt.NDArray[Any], tables: Tables) -> npt.NDArray[Any]:
    """``target`` (one record) with the tables that careers depend on; every wage that can occur must be known."""
    wages = tables.reference_wage[:N_PROVINCES, FIRST_WAGE_YEAR - FIRST_YEAR : LAST_WAGE_YEAR + 1 - FIRST_YEAR]
    unknown = np.argwhere(~(wages > 0.0))
    if unknown.size:
        place, year = unknown[0]
        raise ValueError(
            f"no reference wage of {schema.PLACES[place][2]} {FIRST_WAGE_YEAR + year}: bases cannot be drawn"
        )
    for name in ("reference_wage", "ages", "minimum_months", "resident_start", "account_start"):
        target[name][0] = getattr(tables, name)
    target["lowest_tier"][0] = tables.lowest_tier[:, 11::12]
    target["codes"][0] = [code for code, _, _ in schema.PLACES]
    return _read_only(target)


def _read_only(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    fixed = np.ascontiguousarray(values).view()
    fixed.flags.writeable = False  # always the same array type: one specialisation
    return fixed


def _setting(tables: Tables) -> npt.NDArray[Any]:
    from pension.parameters import parameters_directory

    return _with_law(_shares(parameters_directory()).copy(), tables)


@cache
def _shares(directory: Path) -> npt.NDArray[Any]:
    """One record of ``_SETTING`` with the rates and shares of the demo population, without the law."""
    from pension.parameter_files import read_csv, read_toml, toml_parameters

    file = directory / "cohorts" / "demo.toml"
    found = toml_parameters(file.name, read_toml(file.name, file.read_bytes()))
    setting = np.zeros(1, _SETTING)
    target = setting[0]
    for name in RATES:
        target[name] = float(found[name].scalar()["value"])
    places = [code for code, _, _ in schema.PLACES[:N_PROVINCES]]
    population_file = directory / "provinces" / "population.csv"
    population = {row["place"]: row for row in read_csv(population_file.name, population_file.read_bytes())}
    persons = np.array([population[place]["value"] for place in places])
    degrees = np.array([(population[place]["latitude"], population[place]["longitude"]) for place in places])
    stock = float(found["stock"].scalar()["value"])
    moved_in = _margin({row["place"]: row["value"] for row in found["in_stock"]}, persons, stock)
    moved_out = _margin({row["place"]: row["value"] for row in found["out_stock"]}, persons, stock)
    registered = persons - moved_in + moved_out
    flows = gravity(persons, degrees, moved_out, moved_in)
    away = np.minimum(0.9, float(target["working_age_factor"]) * moved_out / registered)
    # The share away is that of a chain that leaves with this probability and returns with return_share.
    leave = np.minimum(1.0, float(target["return_share"]) * away / (1.0 - away))
    kinds = target["kinds"]
    for rural, name in enumerate(("urban_kinds", "rural_kinds")):
        for row in sorted(found[name], key=lambda row: int(row["from_year"])):
            shares = [float(row[kind]) for kind in _KINDS]
            kinds[rural, row["from_year"] - FIRST_YEAR :] = _cumulated(np.array([*shares, 1.0 - sum(shares)]))
    target["hukou"] = _cumulated(registered)
    target["leave"] = leave
    target["destination"] = _cumulated(flows)
    target["level"] = [float(row["value"]) for row in found["index_level"]]
    target["tier_share"] = _cumulated(np.array([float(row["share"]) for row in found["tiers"]]))
    target["tier"] = [float(row["value"]) for row in found["tiers"]]
    open_from = {row["place"]: row["from"] for row in found["individuals_open"]}
    target["individuals_open"] = [open_from.get(code, open_from[schema.NATION]) for code, _, _ in schema.PLACES]
    return setting


def _margin(known: dict[int, float], persons: Float, stock: float) -> Float:
    """Known margins; the provinces without one share the rest of the national stock by population."""
    values = np.array([known.get(code, np.nan) for code, _, _ in schema.PLACES[:N_PROVINCES]])
    missing = np.isnan(values)
    rest = stock - float(values[~missing].sum())
    if rest < 0.0:
        raise ValueError("the known margins of migration exceed the national stock")
    values[missing] = rest * persons[missing] / persons[missing].sum()
    return values


def gravity(persons: Float, degrees: Float, moved_out: Float, moved_in: Float) -> Float:
    """People by origin and destination: population over distance, fitted to both margins (iterated proportions).

    ``degrees`` [province, 2] are latitude and longitude of the capitals, distances plane ones at the mean latitude.
    The matrix itself is published nowhere; this one is synthetic.
    """
    mean = np.radians((degrees[:, None, 0] + degrees[None, :, 0]) / 2.0)
    north = degrees[:, None, 0] - degrees[None, :, 0]
    east = (degrees[:, None, 1] - degrees[None, :, 1]) * np.cos(mean)
    squared = north * north + east * east
    np.fill_diagonal(squared, np.inf)
    flows: Float = persons[:, None] * persons[None, :] / np.sqrt(squared)
    for _ in range(500):
        flows *= (moved_out / flows.sum(axis=1))[:, None]
        flows *= (moved_in / flows.sum(axis=0))[None, :]
    return flows


def _cumulated(shares: Float) -> Float:
    """Cumulated shares along the last axis, to nine digits, so that another libm gives the same people."""
    total = np.cumsum(shares, axis=-1)
    rounded: Float = np.round(total / total[..., -1:], 9)
    return rounded


# ---------------------------------------------------------------------- the benchmark cohort

_LEVELS: Final = np.array([0.5, 0.6, 0.66, 0.74, 0.82, 0.92, 1.05, 1.22, 1.5, 2.0, 3.0])
"""Deciles of bases over life in the benchmark cohort, in reference wages."""
_PARTIAL: Final = 0.05 / 0.949
"""Employee years that are not full: 5 % of all records, as resident ones (5.1 %) always are."""

_B_RECORDS, _B_CATEGORY, _B_BIRTH, _B_BOTH, _B_OVERLAP, _B_TEMPORARY, _B_PLACES, _B_PLACE = range(0, 8)
_B_STRIDE, _B_HOME, _B_RESIDENT, _B_LATE, _B_START, _B_FORM, _B_LEVEL, _B_TIER, _B_TYPE = range(8, 17)
_B_YEARS: Final = 32


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
    records = 10 + int(life[_B_RECORDS] * 31)
    u = life[_B_CATEGORY]
    # Long careers need late awards: women of 50 have room for 30 years, of 55 for 35.
    if records > 35 or u < 0.5:
        sex, category, first_birth, births = _MALE, 1, 12 * 1968, 240
    elif records > 30 or u < 0.75:
        sex, category, first_birth, births = _FEMALE, 2, 12 * 1970, 216
    else:
        sex, category, first_birth, births = _FEMALE, 3, 12 * 1975, 192
    birth = first_birth + int(life[_B_BIRTH] * births)
    delay = retirement_delay(birth, ages[category, 1], ages[category, 2], ages[category, 3])
    award = statutory_month(birth, ages[category, 0], delay)
    last = min(award // 12 - 1, birth // 12 + 59)
    resident, overlap = 0, False
    if life[_B_BOTH] < 0.3:
        resident = 1 + int(life[_B_RESIDENT] * min(8, records - 7))
        overlap = life[_B_OVERLAP] < 1.0 / 6.0
    temporary, u = 0, life[_B_PLACES]
    # Means 2.2 (temporary one included) and 1.4222: 1.5 over all.
    if life[_B_TEMPORARY] < 0.1:
        temporary = 1 + int(life[_B_LATE] * 4)
        places = 2 if u < 0.2 else 1
    else:
        places = 3 if u < 0.05 else 2 if u < 0.05 + 0.3222 else 1
    place, stride = int(life[_B_PLACE] * N_PROVINCES), 1 + int(life[_B_STRIDE] * (N_PROVINCES - 1))
    home = places - 1 if life[_B_HOME] < 0.5 else 0
    hukou = (place + home * stride) % N_PROVINCES
    start = max(1987, birth // 12 + 18) + int(life[_B_START] * 2)
    ordinary = records - resident - temporary
    return Plan(
        sex, category, birth, records, resident, temporary, ordinary, overlap, places, place, stride, hukou, start, last
    )


@kernel
def _benchmark(
    laws: Any,
    first: int,
    last: int,
    seed: Any,
    number: int,
    people: Any,
    modes: Any,
    counts: Any,
    offsets: Any,
    records: Any,
) -> None:
    """Without ``offsets`` write people and count their records, with them write the records."""
    law, rows, life = laws[0], np.empty(_MAX_RECORDS + 1, _RECORD), np.empty(_B_YEARS)
    for i in range(first, last):
        key = _key_of(seed, number + i)
        _draw(key, 0, life)
        plan = _plan(life, law.ages)
        if offsets.shape[0] == 0:
            counts[i] = plan.records
            people.sex[i] = plan.sex
            people.retirement_category[i] = plan.category
            people.birth[i] = plan.birth
            people.hukou[i] = law.codes[plan.hukou]
            people.hukou_type[i] = _RURAL if life[_B_TYPE] < 0.5 else _URBAN
            people.claim[i] = _MISSING
            people.resident_start[i] = _MISSING
            continue
        n = 0
        level = _at_quantile(_LEVELS, life[_B_LEVEL])
        form = _FLEXIBLE if life[_B_FORM] < 0.15 else _EMPLOYED
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
                tier = 100.0 * (1 + int(10.0 * life[_B_TIER] * life[_B_TIER]))
                n = _write(
                    rows,
                    n,
                    year,
                    _FULL_YEAR,
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
            u = uniform(key, _B_YEARS + 2 * j)
            mask = _FULL_YEAR
            if u < _PARTIAL:
                cut = 1 + int(12.0 * u / _PARTIAL)
                mask = (_FULL_YEAR << cut) & _FULL_YEAR if cut <= 6 else _FULL_YEAR >> (cut - 6)
            index = min(3.0, max(0.6, level * (0.85 + 0.3 * uniform(key, _B_YEARS + 2 * j + 1))))
            base = _whole_yuan(index * law.reference_wage[place, year - 1 - FIRST_YEAR])
            n = _write(rows, n, year, mask, _EMPLOYEE, form, law.codes[place], _MISSING, base, np.nan, np.nan, 0)
        _put(rows, n, records, offsets[i])


def benchmark_cohort(persons: int, seed: int, first: int, tables: Tables) -> Histories:
    """People ``first`` .. of the fixed cohort of the benchmark, with the shares of ``BENCHMARK`` (see ``describe``).

    One record a year and scheme; awards are statutory. ``tables`` gives reference wages and ages. ValueError for
    negative numbers, or when a reference wage is unknown.
    """
    return _built(_benchmark, _with_law(np.zeros(1, _LAW), tables), persons, seed, first, with_extra=False)


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
            full_years += 1 if h.months[j] == _FULL_YEAR else 0
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
    """What a cohort is like, measured on its records; the keys of ``BENCHMARK``, people and records before them.

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
