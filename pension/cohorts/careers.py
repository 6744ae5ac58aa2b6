"""The compiled careers of the synthetic population: one person from his seed and number, month by month.

A life is a chain of spells (place, kind of work, place of insurance), cut into calendar years; every probability is a
field of the setting that ``pension.cohorts.rates`` reads from ``parameters/cohorts/calibrated.toml``.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from pension import schema
from pension._compile import jit, kernel
from pension.checks.range_check import MIN_AGE_MONTHS, RESIDENT_AGE_MONTHS
from pension.cohorts.random_numbers import at_quantile, chosen, fill, key_of
from pension.cohorts.rates import FIRST_OUTSIDE_YEAR
from pension.cohorts.rows import MAX_RECORDS, sort_year, whole_yuan, write
from pension.kernels.cells import POPCOUNT
from pension.law.ages import earliest_month, retirement_delay, statutory_month
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_YEAR

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
_FIRST_AWARD_MONTH: Final = schema.FIRST_AWARD_MONTH
_LATE: Final = schema.FLAG_LATE
_ORDINARY: Final = schema.FLAG_ORDINARY
_DEEMED: Final = schema.FLAG_DEEMED
_BACKPAID: Final = schema.FLAG_BACKPAID
_PROXY: Final = schema.FLAG_PROXY
_AGE_18: Final = 12 * 18
_NO_LIMIT: Final = 100_000
_NEVER: Final = 12 * 200
_FIRST_FLEXIBLE_AWARD: Final = 12 * 2025
"""2025-01: flexible retirement (人社部发〔2024〕94号)."""
_RURAL_INDIVIDUALS: Final = 12 * 2011 + 6
"""2011-07: rural people may insure as individuals (Social Insurance Law art. 10)."""
_FIRST_COUNTIES: Final = 12 * 2009 + 8
_ALL_COUNTIES: Final = 12 * 2012 + 6
"""2009-09 and 2012-07: the first counties and all of them have the resident scheme (国发〔2009〕32号)."""
_LAST_ACCOUNT_START: Final = 12 * 2001
_OLD_MAN: Final = 12 * 50
_OLD_WOMAN: Final = 12 * 40
"""Ages from which a first account away from home is temporary (国办发〔2009〕66号 art. 5), unless officially moved."""
_HARDSHIP_TIER: Final = 100.0
"""Yuan/year that governments pay for hardship households: the lowest tier of 国发〔2009〕32号 and 国发〔2014〕8号."""

# Numbers of the draws of a person (array ``life``), ...
_SEX, _CATEGORY, _HAZARD, _BIRTH, _HUKOU, _TYPE, _LEVEL, _ONLY_RESIDENT, _CONTINUING = range(0, 9)
_CLAIM, _CLAIM_MONTH, _START, _STOP, _STOP_MONTH, _LIMIT, _LIMIT_MONTHS, _STATE_JOB = range(9, 17)
_STATE_INDEX, _OWN_START, _OWN_START_MONTH, _PAYER, _ENTRY, _TIER, _HARDSHIP, _BACK = range(17, 25)
_COLLECTIVE, _COLLECTIVE_YUAN, _INCOME_STATED = range(25, 28)
LIFE_DRAWS: Final = 28
# ... of a spell (``at``; from SPELLS + SPELL_DRAWS * spell), ...
_MOVE, _TARGET, _KEEP, _KIND, _LENGTH, _FORM, _INDEX, _OUTSIDE, _PLATFORMS, _LATE_SPELL = range(0, 10)
_OFFICIAL, _AT_HOME, _WHERE, _COVER, _FLOOR = range(10, 15)
SPELLS: Final = 64
SPELL_DRAWS: Final = 15
MAX_SPELLS: Final = 200
# ... and of a calendar year (``now``; from YEARS + YEAR_DRAWS * (year - FIRST_YEAR)).
_SHOCK, _GAP, _GAP_AT, _GAP_MONTHS, _SECOND, _SECOND_AT, _SECOND_BASE, _SECOND_PLACE, _PAYS = range(0, 9)
_EARNED, _SPLIT, _SPLIT2, _SIDE, _SIDE_MONTHS, _MONTHS2, _MONTHS3 = range(9, 16)
YEARS: Final = SPELLS + SPELL_DRAWS * MAX_SPELLS
YEAR_DRAWS: Final = 16

_K_EMPLOYED: Final = 0
_K_FLEXIBLE: Final = 1
_K_PLATFORM: Final = 2
_K_PLATFORM_UNINSURED: Final = 3
_K_UNINSURED: Final = 4
_K_OUTSIDE: Final = 5
_K_DEEMED: Final = 6
_K_START: Final = 7

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
    """Income over life in reference wages."""
    start: int
    """First month of work."""
    stop: int
    """Month from which insured work has ended for good."""
    resident_start: int
    """Month the resident scheme is open to him."""
    own_start: int
    """Start stated by the county, MISSING = by province."""


class Draws(NamedTuple):
    """Room for the random numbers of a person, of his spell and of the year."""

    life: Any
    at: Any
    now: Any


@jit
def _between(low: float, high: float, u: float) -> float:
    return float(low + (high - low) * u)


@jit
def _traits(s: Any, life: Any) -> Traits:
    male = life[_SEX] < s.male_share
    rural = 1 if life[_TYPE] < s.rural_share else 0
    birth = int(12 * s.first_birth_year) + int(life[_BIRTH] * 12 * (s.last_birth_year - s.first_birth_year + 1))
    hazardous = life[_HAZARD] < s.hazardous_share
    if male:
        sex = _MALE
        category = 4 if hazardous else 1
    else:
        sex = _FEMALE
        # Women of hazardous trades awarded before the rules of today are not in the population.
        hazardous = hazardous and birth + s.ages[5, 0] >= _FIRST_AWARD_MONTH
        category = 5 if hazardous else 2 if life[_CATEGORY] < s.female_cadre_share else 3
    original = s.ages[category, 0]
    delay = retirement_delay(birth, s.ages[category, 1], s.ages[category, 2], s.ages[category, 3])
    statutory = statutory_month(birth, original, delay)
    earliest = earliest_month(birth, original, statutory, s.ages[category, 4]) if delay > 0 else statutory
    hukou = chosen(s.hukou, life[_HUKOU])
    if rural == 1:
        start = birth + int(12 * _between(s.rural_first_start, s.rural_last_start, life[_START]))
    else:
        start = birth + int(12 * _between(s.urban_first_start, s.urban_last_start, life[_START]))
    start = max(start, birth + MIN_AGE_MONTHS)
    stop = birth + _NEVER
    if life[_STOP] < s.stop_share:
        stop = birth + int(12 * _between(s.stop_from_age, s.stop_to_age, life[_STOP_MONTH]))
    own_start = _MISSING
    resident_start = s.resident_start[hukou]
    if life[_OWN_START] < s.own_start_share:
        own_start = _FIRST_COUNTIES + int(life[_OWN_START_MONTH] * (_ALL_COUNTIES + 1 - _FIRST_COUNTIES))
        resident_start = own_start
    level = at_quantile(s.level, life[_LEVEL]) * (s.rural_level if rural == 1 else 1.0)
    return Traits(
        sex, category, birth, hukou, rural, statutory, earliest, delay, level, start, stop, resident_start, own_start
    )


@jit
def _month_limit(s: Any, life: Any, award: int) -> int:
    """Employee months after which a person pays no more: cliff cases around the minimum, else no limit."""
    u = life[_LIMIT]
    required = s.minimum_months[award // 12 - FIRST_YEAR]
    if u < s.cliff_share:
        return int(required - 1 - int(life[_LIMIT_MONTHS] * s.cliff_months))
    if u < s.cliff_share + s.just_met_share:
        return int(required + int(life[_LIMIT_MONTHS] * s.just_met_months))
    return _NO_LIMIT


@jit
def _next_place(s: Any, t: Any, at: Any, place: int, age_months: int) -> int:
    """Province of a new spell: home, away by the gravity matrix, home again, or onward."""
    u = at[_MOVE]
    if place == t.hukou:
        fade = min(1.0, max(0.0, (age_months - 240) / 360.0))  # from 20 to 50
        urban = s.urban_leave_ratio if t.rural == 0 else 1.0
        if u < s.leave[place] * urban * (1.0 - fade * (1.0 - s.move_fade)):
            return chosen(s.destination[place], at[_TARGET])
        return place
    if u < s.return_share:
        return int(t.hukou)
    if u < s.return_share + s.onward_share:
        return chosen(s.destination[t.hukou], at[_TARGET])
    return place


@jit
def _next_kind(s: Any, t: Any, at: Any, kind: int, month: int, insurable: bool) -> int:
    """Kind of a new spell."""
    if kind < _K_OUTSIDE and at[_KEEP] < s.keep_kind and (insurable or kind > _K_PLATFORM):
        return kind
    shares = s.kinds[t.rural, month // 12 - FIRST_YEAR]
    insured = 0.0 if insurable else shares[_K_PLATFORM]
    found = chosen(shares, insured + at[_KIND] * (1.0 - insured))
    if t.rural == 1 and t.sex == _FEMALE and at[_AT_HOME] < s.rural_women_home_share:
        return _K_OUTSIDE
    return found


@jit
def _insured_at(s: Any, t: Any, at: Any, kind: int, place: int, month: int) -> int:
    """Where a spell is insured; MISSING = nowhere. Individuals away from home go by the dates of access."""
    if kind in (_K_EMPLOYED, _K_DEEMED):
        return place
    if kind > _K_PLATFORM or (t.rural == 1 and month < _RURAL_INDIVIDUALS):
        return _MISSING
    if place == t.hukou:
        return place
    if month >= s.individuals_open[place] and at[_WHERE] < s.insure_at_work_share:
        return place
    return int(t.hukou) if at[_COVER] < s.insure_at_home_share else _MISSING


@jit
def _base_index(s: Any, at: Any, kind: int, earned: float) -> float:
    """Contribution base of a year in reference wages; ``earned`` is the income."""
    u = at[_INDEX]
    if at[_OUTSIDE] < s.outside_limits_share:
        if u < s.below_floor_share:
            return _between(s.lowest_base, 0.6, u / s.below_floor_share)
        return _between(3.0, s.highest_base, (u - s.below_floor_share) / (1.0 - s.below_floor_share))
    if kind == _K_EMPLOYED:
        return 0.6 if at[_FLOOR] < s.floor_base_share else float(min(3.0, max(0.6, earned)))
    if u < s.lowest_base_share:
        return 0.6
    return _between(0.6, s.highest_individual_base, (u - s.lowest_base_share) / (1.0 - s.lowest_base_share))


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
def _account_months(s: Any, mask: int, u: float) -> int:
    """Months of a further platform account: one, or two to twelve of those worked."""
    if u < s.short_account_share:
        return _cut(mask, 1)
    return _cut(mask, 2 + int(11 * (u - s.short_account_share) / (1.0 - s.short_account_share)))


@jit
def _platform_incomes(
    s: Any,
    rows: Any,
    n: int,
    at: Any,
    now: Any,
    year: int,
    mask: int,
    place: int,
    insured: int,
    base: float,
    dev: float,
) -> int:
    """Work for one to three platforms: the first record carries the insurance, if there is one."""
    spread = _between(s.platform_lowest, s.platform_highest, now[_EARNED])
    total = spread * dev * s.reference_wage[place, year - 1 - FIRST_YEAR]
    u = at[_PLATFORMS]
    platforms = 3 if u < s.third_platform_share else 2 if u < s.third_platform_share + s.second_platform_share else 1
    first = 1.0 if platforms == 1 else 0.4 + 0.4 * now[_SPLIT]
    second = 0.0 if platforms == 1 else 1.0 - first if platforms == 2 else (1.0 - first) * now[_SPLIT2]
    at_work = s.codes[place]
    for platform in range(platforms):
        if platform == 0:
            income = whole_yuan(total * first)
            if insured >= 0:
                elsewhere = at_work if insured != place else _MISSING
                code = s.codes[insured]
                n = write(rows, n, year, mask, _EMPLOYEE, _PLATFORM, code, elsewhere, base, income, np.nan, 0)
                continue
            months = mask
        elif platform == 1:
            income, months = whole_yuan(total * second), _account_months(s, mask, now[_MONTHS2])
        else:
            income, months = whole_yuan(total * (1.0 - first - second)), _account_months(s, mask, now[_MONTHS3])
        n = write(rows, n, year, months, _NONE, _PLATFORM, _MISSING, at_work, np.nan, income, np.nan, 0)
    return n


@jit
def _side_platform(s: Any, rows: Any, n: int, now: Any, year: int, mask: int, place: int) -> int:
    """Some months of platform work beside another job."""
    months = _account_months(s, mask, now[_SIDE_MONTHS])
    wage = s.reference_wage[place, year - 1 - FIRST_YEAR]
    income = whole_yuan(_between(s.side_lowest, s.side_highest, now[_SPLIT]) * wage)
    return write(rows, n, year, months, _NONE, _PLATFORM, _MISSING, s.codes[place], np.nan, income, np.nan, 0)


@jit
def _resident_year(
    s: Any, t: Any, rows: Any, n: int, life: Any, now: Any, year: int, paid_months: int, only: bool
) -> int:
    """The resident contribution of one year, if there is one."""
    payer = s.payer_only if only else s.payer_rural if t.rural == 1 else s.payer_urban
    if year < t.resident_start // 12 or year > (t.birth + RESIDENT_AGE_MONTHS) // 12 or life[_PAYER] >= payer:
        return n
    entry = int(12 * _between(s.entry_from_age, s.entry_to_age, life[_ENTRY]))
    flags = 0
    if 12 * year < t.birth + entry:
        if 12 * year < t.birth + _AGE_18 or life[_BACK] >= s.backpaid_share or paid_months > 0:
            return n
        flags = _BACKPAID
    pays = s.paid_years_share if paid_months == 0 else s.paid_part_years_share
    if paid_months == 12:
        pays = s.paid_full_years_share
    if now[_PAYS] >= pays:
        return n
    tier = max(s.lowest_tier[t.hukou, year - FIRST_YEAR], s.tier[chosen(s.tier_share, life[_TIER])])
    assistance = np.nan
    if t.rural == 1 and flags == 0:
        if life[_HARDSHIP] < s.hardship_share:
            flags = _PROXY
            tier = _HARDSHIP_TIER
        elif life[_COLLECTIVE] < s.collective_share:
            assistance = whole_yuan(_between(s.collective_lowest, s.collective_highest, life[_COLLECTIVE_YUAN]))
    code = s.codes[t.hukou]
    return write(rows, n, year, FULL_YEAR, _RESIDENT, _EMPLOYED, code, _MISSING, tier, np.nan, assistance, flags)


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
        months = 1 + int(now[_GAP_MONTHS] * s.longest_gap_months)
        mask &= ~((((1 << months) - 1) << offset) & FULL_YEAR)
    return mask


@jit
def _second_place(s: Any, t: Any, rows: Any, n: int, now: Any, year: int, mask: int, place: int) -> int:
    """One to three months of the year that were also paid in another province."""
    second = t.hukou
    if second == place:
        second = chosen(s.destination[place], now[_SECOND_PLACE])
    offset = int(now[_SECOND_AT] * 10)
    mask &= (7 >> int(now[_SECOND_PLACE] * 3)) << offset
    if mask == 0:
        return n
    index = _between(0.6, s.highest_individual_base, now[_SECOND_BASE])
    base = whole_yuan(index * s.reference_wage[second, year - 1 - FIRST_YEAR])
    return write(rows, n, year, mask, _EMPLOYEE, _EMPLOYED, s.codes[second], _MISSING, base, np.nan, np.nan, 0)


@jit
def _career(s: Any, t: Any, rows: Any, n: int, key: Any, draws: Any, mode: int, award: int) -> Career:
    """Write the records of one life from row ``n`` on, up to the award month, year by year."""
    wage = s.reference_wage
    life, at, now = draws.life, draws.at, draws.now
    limit = _month_limit(s, life, award)
    stated = life[_INCOME_STATED] < s.stated_income_share
    paid, employee_records, moves = 0, 0, 0
    place = t.hukou
    kind, spell, spell_end = _K_START, -1, t.start - 1
    form, flags, insured = 0, 0, _MISSING
    late, deviation = False, 0.0
    # Service in a state job before the individual accounts of the province counts as paid.
    account_start = s.account_start[t.hukou]
    if (
        t.rural == 0
        and mode != _ONLY
        and t.start + 12 < account_start
        and account_start <= _LAST_ACCOUNT_START
        and life[_STATE_JOB] < s.deemed_share
    ):
        kind, spell, spell_end = _K_DEEMED, 0, account_start - 1
    for year in range(t.start // 12, award // 12 + 1):
        fill(key, YEARS + YEAR_DRAWS * (year - FIRST_YEAR), now)
        deviation = s.income_persistence * deviation + s.income_shock * (2.0 * now[_SHOCK] - 1.0)
        dev = max(s.lowest_deviation, 1.0 + deviation)
        first_row = n
        paid_mask = 0
        month = max(t.start, 12 * year)
        last = min(award, 12 * year + 11)
        while month <= last:
            if month > spell_end:
                spell = min(spell + 1, MAX_SPELLS - 1)
                fill(key, SPELLS + SPELL_DRAWS * spell, at)
                u = at[_LENGTH]
                spell_end = month + int(s.shortest_spell_months) - 1 + int(s.longest_spell_months * u * u)
                kind = _next_kind(s, t, at, kind, month, mode != _ONLY and month < t.stop)
                # Without work outside agriculture people live at home.
                went = t.hukou if kind == _K_OUTSIDE else _next_place(s, t, at, place, month - t.birth)
                moves += 1 if went != place else 0
                place = went
                insured = _insured_at(s, t, at, kind, place, month)
                if insured < 0 and kind == _K_PLATFORM:
                    kind = _K_PLATFORM_UNINSURED
                elif insured < 0 and kind == _K_FLEXIBLE:
                    kind = _K_UNINSURED
                u = at[_FORM]
                if kind == _K_EMPLOYED:
                    form = _DISPATCHED if u < s.dispatched_share else _EMPLOYED
                elif u < s.part_time_share:
                    form = _PART_TIME
                elif kind == _K_UNINSURED and u >= s.part_time_share + s.own_account_share:
                    form = _EMPLOYED
                else:
                    form = _FLEXIBLE
                late = mode != _ONLY and at[_LATE_SPELL] < s.late_share_of_gaps
                flags = 0
                age_limit = _OLD_MAN if t.sex == _MALE else _OLD_WOMAN
                if kind == _K_EMPLOYED and place != t.hukou and month - t.birth >= age_limit:
                    flags = _ORDINARY if at[_OFFICIAL] < s.official_transfer_share else 0
            until = min(spell_end, last)
            mask = ((2 << (until % 12)) - 1) & ~((1 << (month % 12)) - 1)
            payable = mask
            if 12 * year + 11 < _FIRST_EMPLOYEE_MONTH:
                payable = 0
            elif 12 * year < _FIRST_EMPLOYEE_MONTH:
                payable &= ~((1 << (_FIRST_EMPLOYEE_MONTH % 12)) - 1)
            doing = kind
            if paid >= limit and kind <= _K_PLATFORM:
                doing = _K_PLATFORM_UNINSURED if kind == _K_PLATFORM else _K_UNINSURED
            here = s.codes[place]
            earned = t.level * dev
            if form == _DISPATCHED:
                earned *= s.dispatched_level
            elif form != _EMPLOYED:
                earned *= s.flexible_level
            earned = max(s.lowest_income, earned)
            if doing == _K_DEEMED:
                worth = _between(s.deemed_lowest, s.deemed_highest, life[_STATE_INDEX])
                n = write(rows, n, year, mask, _EMPLOYEE, _EMPLOYED, here, _MISSING, worth, np.nan, np.nan, _DEEMED)
                employee_records += 1
            elif doing <= _K_PLATFORM:
                payable = _cut(_insured_months(s, now, payable), limit - paid)
                if payable != 0:
                    base = whole_yuan(_base_index(s, at, kind, earned) * wage[insured, year - 1 - FIRST_YEAR])
                    if kind == _K_PLATFORM:
                        n = _platform_incomes(s, rows, n, at, now, year, payable, place, insured, base, dev)
                    else:
                        income = np.nan
                        if stated or kind == _K_FLEXIBLE:
                            income = whole_yuan(earned * wage[place, year - 1 - FIRST_YEAR])
                        at_work = here if insured != place else _MISSING
                        code = s.codes[insured]
                        n = write(rows, n, year, payable, _EMPLOYEE, form, code, at_work, base, income, np.nan, flags)
                    employee_records += 1
                    paid += POPCOUNT[payable]
                    paid_mask |= payable
                    if kind == _K_EMPLOYED and now[_SECOND] < s.second_place_share:
                        n = _second_place(s, t, rows, n, now, year, payable, place)
            elif doing == _K_PLATFORM_UNINSURED:
                n = _platform_incomes(s, rows, n, at, now, year, mask, place, _MISSING, np.nan, dev)
            elif late and payable != 0 and year >= FIRST_OUTSIDE_YEAR and month < t.stop and paid < limit:
                base = whole_yuan(0.6 * wage[place, year - 1 - FIRST_YEAR])
                n = write(rows, n, year, payable, _EMPLOYEE, _FLEXIBLE, here, _MISSING, base, np.nan, np.nan, _LATE)
                employee_records += 1
                paid_mask |= payable
            elif doing == _K_UNINSURED and year >= FIRST_OUTSIDE_YEAR:
                income = whole_yuan(earned * wage[place, year - 1 - FIRST_YEAR])
                n = write(rows, n, year, mask, _NONE, form, _MISSING, here, np.nan, income, np.nan, 0)
            if (
                year >= s.first_platform_year
                and now[_SIDE] < s.side_platform_share
                and kind
                in (
                    _K_EMPLOYED,
                    _K_FLEXIBLE,
                    _K_UNINSURED,
                )
            ):
                n = _side_platform(s, rows, n, now, year, mask, place)
            month = until + 1
        if year >= _FIRST_RESIDENT_YEAR:
            n = _resident_year(s, t, rows, n, life, now, year, POPCOUNT[paid_mask], mode == _ONLY)
        sort_year(rows, first_row, n)
    return Career(n, paid, employee_records, moves)


@jit
def _person(s: Any, key: Any, draws: Any, people: Any, i: int, rows: Any, n: int) -> int:
    """Write the columns and the records of person ``i``; returns the number of the next record."""
    life = draws.life
    t = _traits(s, life)
    only = s.resident_only_rural if t.rural == 1 else s.resident_only_urban
    u = life[_CLAIM]
    month = life[_CLAIM_MONTH]
    claim, mode = _MISSING, _AS_STATUTORY
    if life[_ONLY_RESIDENT] < only:
        mode = _ONLY
    elif t.statutory < _FIRST_FLEXIBLE_AWARD:
        if life[_CONTINUING] < s.continuing_share:
            claim = t.statutory + 1 + int(s.continuing_months * month)
    elif t.delay > 0 and u < s.early_share and t.earliest < t.statutory:
        claim, mode = t.earliest + int((t.statutory - t.earliest) * month), _EARLY
    elif t.delay > 0 and s.early_share <= u < s.early_share + s.late_share:
        claim = t.statutory + 1 + int(s.ages[t.category, 4] * month)
    while True:
        award = t.birth + RESIDENT_AGE_MONTHS if mode == _ONLY else t.statutory if claim == _MISSING else claim
        career = _career(s, t, rows, n, key, draws, mode, award)
        if mode == _EARLY and career.paid_months < s.minimum_months[award // 12 - FIRST_YEAR] + 12:
            # An early claim needs the minimum (94号 art. 2); a year more, as contested months fall away.
            claim, mode = _MISSING, _AS_STATUTORY
        elif career.employee_records == 0 and mode != _ONLY:
            # Never insured as an employee: awarded at 60.
            claim, mode = _MISSING, _ONLY
        else:
            break
    people.sex[i] = t.sex
    people.retirement_category[i] = t.category
    people.birth[i] = t.birth
    people.hukou[i] = s.codes[t.hukou]
    people.hukou_type[i] = _RURAL if t.rural == 1 else _URBAN
    people.claim[i] = claim
    people.resident_start[i] = t.own_start
    people.weight[i] = s.weight[t.hukou]
    people.income_fifth[i] = 1 + int(5 * life[_LEVEL])
    people.moves[i] = min(career.moves, 127)
    return int(career.end)


@kernel
def write_people(
    settings: Any, begin: int, end: int, seed: Any, number: int, people: Any, counts: Any, rows: Any
) -> int:
    """People ``number + begin`` .. with their records, as ``cohorts_rows.build`` asks for."""
    s = settings[0]
    draws = Draws(np.empty(LIFE_DRAWS), np.empty(SPELL_DRAWS), np.empty(YEAR_DRAWS))
    n = int(np.int64(0))  # no literal: each would be compiled anew
    for i in range(begin, end):
        if n + MAX_RECORDS >= rows.shape[0]:
            return i
        key = key_of(seed, number + i)
        fill(key, 0, draws.life)
        before = n
        n = _person(s, key, draws, people, i, rows, before)
        counts[i] = n - before
    return end
