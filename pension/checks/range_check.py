"""The compiled range check: every field of every record, before any kernel runs.

A kernel that meets an index out of range reads other memory and gives a believable number, so nothing reaches one
unchecked. ``first_problems`` returns one rule code and one record per person (0 and -1: nothing wrong); ``RULES``
holds column and text of each code. Contribution-base limits are a matter of parameters and are not checked here.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import in_threads, inlined, jit, kernel
from pension._hints import NOT_NEGATIVE
from pension.schema import FULL_YEAR

FIRST_BIRTH: Final = 12 * 1940
LAST_BIRTH: Final = 12 * 2010 + 11
"""Born 1940-01 to 2010-12: older people were awarded under other rules, younger ones cannot have contributed."""
FIRST_RECORD_YEAR: Final = 1950
LAST_RECORD_YEAR: Final = 2100
MIN_CLAIM_AGE_MONTHS: Final = 12 * 40
MAX_CLAIM_AGE_MONTHS: Final = 12 * 80 - 1
MIN_AGE_MONTHS: Final = 12 * 16
RESIDENT_AGE_MONTHS: Final = 12 * 60
FIRST_RESIDENT_START: Final = 12 * schema.FIRST_RESIDENT_YEAR
LAST_RESIDENT_START: Final = 12 * 2015 - 1
"""Every county was covered in 2012 (国发〔2014〕8号 merged the two schemes); anything after 2014 is a slip."""
MAX_BASE: Final = 10_000_000.0
"""Yuan/month; beyond it the unit is wrong."""
MAX_INCOME: Final = 100_000_000.0
"""Yuan/month."""
MAX_CONTRIBUTION: Final = 100_000.0
"""Yuan/year; the highest tiers are near 9,000."""
MAX_INDEX: Final = 10.0

EMPLOYEE_FLAGS: Final = (
    schema.FLAG_LATE | schema.FLAG_TEMPORARY | schema.FLAG_ORDINARY | schema.FLAG_DEEMED | schema.FLAG_PUBLIC
)
RESIDENT_FLAGS: Final = schema.FLAG_BACKPAID | schema.FLAG_PROXY

_NONE: Final = schema.SCHEME["none"]
_EMPLOYEE: Final = schema.SCHEME["employee"]
_RESIDENT: Final = schema.SCHEME["resident"]
_MISSING: Final = schema.MISSING
_FIRST_EMPLOYEE_MONTH: Final = schema.FIRST_EMPLOYEE_MONTH
_FIRST_RESIDENT_YEAR: Final = schema.FIRST_RESIDENT_YEAR
_FIRST_AWARD_MONTH: Final = schema.FIRST_AWARD_MONTH
_DEEMED: Final = schema.FLAG_DEEMED
_LATE: Final = schema.FLAG_LATE
_TEMPORARY: Final = schema.FLAG_TEMPORARY
_ORDINARY: Final = schema.FLAG_ORDINARY
_ALL_FLAGS: Final = schema.FLAG_ALL
_LAST_FORM: Final = max(schema.FORM.values())
_NO_PLACE: Final = -2
_MAX_RECORDS: Final = schema.MAX_RECORDS_A_YEAR

FIRST_MONTH_OF_MASK: Final = np.array([0] + [(m & -m).bit_length() - 1 for m in range(1, 4096)], dtype=np.int8)
"""[mask]: position (0..11) of the first month of a month mask."""
LAST_MONTH_OF_MASK: Final = np.array([0] + [m.bit_length() - 1 for m in range(1, 4096)], dtype=np.int8)
"""[mask]: position (0..11) of the last month of a month mask."""


class HistoryArrays(NamedTuple):
    """What kernels take: the columns of one block of people, all C-contiguous and read-only."""

    sex: npt.NDArray[np.int8]
    retirement_category: npt.NDArray[np.int8]
    birth: npt.NDArray[np.int32]
    hukou: npt.NDArray[np.int16]
    hukou_type: npt.NDArray[np.int8]
    claim: npt.NDArray[np.int32]
    """Award month; MISSING = statutory."""
    resident_start: npt.NDArray[np.int32]
    """Month the resident scheme started in the home county; MISSING = by province."""
    weight: npt.NDArray[np.float64]
    offsets: npt.NDArray[np.int64]
    """[n + 1]: the records of person i are offsets[i] .. offsets[i + 1] - 1; offsets[0] = 0."""
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
    registration_offsets: npt.NDArray[np.int64]
    """[n + 1]: the dated registrations of person i, as ``offsets`` of the records; equal for people without any, who
    are registered at ``hukou`` all the time."""
    registration_month: npt.NDArray[np.int32]
    """First month (serial) of a registration, which lasts until the next one."""
    registration_place: npt.NDArray[np.int16]


class Records(NamedTuple):
    """The columns of the records alone, where they are written."""

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


class Rule(NamedTuple):
    """One rule of the range check."""

    column: str
    """Column of the person, or of the record when ``is_record``."""
    text: str
    is_record: bool


RULES: Final[dict[int, Rule]] = {}


def _person_rule(code: int, column: str, text: str) -> int:
    RULES[code] = Rule(column, text, False)
    return code


def _record_rule(code: int, column: str, text: str) -> int:
    RULES[code] = Rule(column, text, True)
    return code


_month = schema.month_text

SEX: Final = _person_rule(1, "sex", "sex is 1 (male) or 2 (female)")
WOMAN_WITHOUT_CATEGORY: Final = _person_rule(
    2,
    "retirement_category",
    "a woman without retirement category: female_55 (2), female_50 (3) or female_hazardous_45 (5) must be given",
)
CATEGORY: Final = _person_rule(3, "retirement_category", "retirement_category is 1 to 5")
CATEGORY_OF_SEX: Final = _person_rule(
    4, "retirement_category", "men retire by male_60 (1) or male_hazardous_55 (4), women by 2, 3 or 5"
)
BIRTH: Final = _person_rule(5, "birth", f"birth lies between {_month(FIRST_BIRTH)} and {_month(LAST_BIRTH)}")
HUKOU: Final = _person_rule(6, "hukou", "unknown place: a GB/T 2260 code of a province (44) or of a city in it (4403)")
HUKOU_TYPE: Final = _person_rule(7, "hukou_type", "hukou_type is 1 (urban) or 2 (rural)")
WEIGHT: Final = _person_rule(8, "weight", "a weight is finite and not negative")
CLAIM_AGE: Final = _person_rule(9, "claim", "the award lies between the ages of 40 and 79")
AWARD_TOO_OLD: Final = _person_rule(
    10,
    "claim",
    f"awards before {_month(_FIRST_AWARD_MONTH)} fall under rules this program does not hold (the award month is"
    " the claim, or the statutory month without one)",
)
CLAIM_TOO_EARLY: Final = _person_rule(
    11,
    "claim",
    "claim before the earliest month allowed: the original age, and at most 36 months before the statutory month;"
    " without a delay there is no early option (人社部发〔2024〕94号)",
)
RESIDENT_CLAIM_TOO_EARLY: Final = _person_rule(
    12, "claim", "without any employee record a pension starts at 60 (国发〔2014〕8号)"
)
RESIDENT_START: Final = _person_rule(
    13,
    "resident_start",
    f"the resident scheme started between {_month(FIRST_RESIDENT_START)} and {_month(LAST_RESIDENT_START)}",
)
REGISTRATION_PLACE: Final = _person_rule(
    14, "hukou_since", "unknown place: a GB/T 2260 code of a province (44) or of a city in it (4403)"
)
REGISTRATION_ORDER: Final = _person_rule(
    15, "hukou_since", "dated registrations stand in the order of their months, from the birth to the award month"
)
REGISTRATION_LAST: Final = _person_rule(
    16, "hukou_since", "the last dated registration is in the province of hukou, the registration at the claim"
)

YEAR: Final = _record_rule(20, "year", f"a year lies between {FIRST_RECORD_YEAR} and {LAST_RECORD_YEAR}")
MONTHS: Final = _record_rule(21, "months", "months is a mask of 12 bits, 1 to 4095")
SCHEME: Final = _record_rule(22, "scheme", "scheme is 0 (none), 1 (employee) or 2 (resident)")
FORM: Final = _record_rule(23, "form", f"form is 0 to {_LAST_FORM}")
PLACE: Final = _record_rule(
    24, "place", "unknown place: a GB/T 2260 code of a province (44) or of a city in it (4403); -1 with scheme 0 only"
)
WORK_PLACE: Final = _record_rule(25, "work_place", "unknown work place: a GB/T 2260 code, or -1 for the same place")
ORDER: Final = _record_rule(26, "year", "records are sorted by (year, scheme, place, form)")
BASE_MISSING: Final = _record_rule(27, "base", "a contribution without base: it must be a finite number")
BASE_NEGATIVE: Final = _record_rule(28, "base", "an employee base is greater than 0 yuan/month")
BASE_ABSURD: Final = _record_rule(29, "base", f"an employee base is at most {MAX_BASE:,.0f} yuan/month")
INDEX: Final = _record_rule(30, "base", f"a deemed index is greater than 0 and at most {MAX_INDEX:g}")
CONTRIBUTION: Final = _record_rule(
    31, "base", f"a resident contribution lies between 0 and {MAX_CONTRIBUTION:,.0f} yuan/year"
)
BASE_WITHOUT_SCHEME: Final = _record_rule(32, "base", "a record without scheme has no base (NaN or 0)")
INCOME: Final = _record_rule(
    33, "income", f"income is not stated (NaN), or lies between 0 and {MAX_INCOME:,.0f} yuan/month"
)
PAYER_SHARE: Final = _record_rule(34, "payer_share", "an employer's share is not stated (NaN), or between 0 and 1")
COLLECTIVE: Final = _record_rule(
    35,
    "payer_share",
    f"collective assistance is not stated (NaN), or between 0 and {MAX_CONTRIBUTION:,.0f} yuan/year",
)
FLAGS: Final = _record_rule(36, "flags", f"flags are a sum of 1, 2, 4, 8, 16, 32 and 64, at most {_ALL_FLAGS}")
FLAGS_OF_EMPLOYEE: Final = _record_rule(
    37, "flags", "late (1), temporary (2), ordinary (4), deemed (8) and public post (64) are for employee records only"
)
FLAGS_OF_RESIDENT: Final = _record_rule(
    38, "flags", "back-paid (16) and proxy (32) years are for resident records only"
)
TEMPORARY_AND_ORDINARY: Final = _record_rule(
    39, "flags", "a record is not both forced temporary (2) and forced ordinary (4)"
)
LATE_AND_DEEMED: Final = _record_rule(40, "flags", "deemed months (8) are not paid, so they are no late payment (1)")
DEEMED_AFTER_PAID: Final = _record_rule(41, "months", "deemed months lie before the first paid employee month")
DEEMED_TWICE: Final = _record_rule(42, "months", "a deemed month is given twice")
EMPLOYEE_UNDER_16: Final = _record_rule(43, "months", "employee months lie in or after the month of the 16th birthday")
EMPLOYEE_TOO_OLD: Final = _record_rule(
    44,
    "months",
    f"employee contributions begin with {_month(_FIRST_EMPLOYEE_MONTH)} (国发〔1986〕77号); earlier months are deemed",
)
EMPLOYEE_AFTER_AWARD: Final = _record_rule(45, "months", "employee months end with the award month")
RESIDENT_UNDER_16: Final = _record_rule(46, "year", "resident years begin with the year of the 16th birthday")
RESIDENT_TOO_OLD: Final = _record_rule(
    47,
    "year",
    f"the resident scheme began in {_FIRST_RESIDENT_YEAR} (国发〔2009〕32号), and in the home county in the year of"
    " resident_start",
)
RESIDENT_TWICE: Final = _record_rule(48, "year", "one resident payment a year")
RESIDENT_MONTHS: Final = _record_rule(
    49, "months", "a resident payment covers its calendar year: 4095, or the months up to the award in its year"
)
RESIDENT_AFTER_AWARD: Final = _record_rule(50, "year", "resident years end with the year of the award")
TOO_MANY_RECORDS: Final = _record_rule(
    52, "year", f"at most {schema.MAX_RECORDS_A_YEAR} records of one person in one calendar year"
)
UNREGISTERED: Final = _record_rule(
    53, "months", "dated registrations (hukou_since) begin with or before the first month that is recorded"
)
RESIDENT_AFTER_60: Final = _record_rule(51, "year", "resident years end with the year of the 60th birthday")


def _lookup() -> npt.NDArray[np.int8]:
    table = np.full(10_000, -1, dtype=np.int8)
    for code, index in schema.PLACE_INDEX.items():
        if code != schema.NATION:
            table[code] = index
            table[100 * code : 100 * code + 100] = index
    return table


PLACE_LOOKUP: Final = _lookup()
"""[GB/T 2260 code of two or four digits]: position of its province in ``schema.PLACES``; -1 = no such place."""


@inlined
def place_index(code: int) -> int:
    """Position in ``schema.PLACES`` of the province of a place code of two or four digits; -1 = no such place."""
    if code < 0 or code >= 10_000:
        return -1
    return int(PLACE_LOOKUP[code])


@inlined
def _within(value: float, low: float, high: float) -> bool:
    """True for a finite value between ``low`` and ``high``; False for NaN."""
    return low <= value <= high


@jit
def _any_employee(arrays: HistoryArrays, i: int) -> bool:
    found = False
    for j in range(arrays.offsets[i], arrays.offsets[i + 1]):
        if arrays.scheme[j] == _EMPLOYEE:
            found = True
            break
    return found


@jit
def _registration_problems(arrays: HistoryArrays, i: int, award: int) -> int:
    """Broken rules of the dated registrations of somebody who has some: bit c is set for rule c."""
    broken = 0
    last = arrays.registration_offsets[i + 1] - 1
    since = int(arrays.birth[i]) - 1
    for k in range(arrays.registration_offsets[i], last + 1):
        if place_index(arrays.registration_place[k]) < 0:
            broken |= 1 << REGISTRATION_PLACE
        if arrays.registration_month[k] <= since:
            broken |= 1 << REGISTRATION_ORDER
        since = int(arrays.registration_month[k])
    if since > award:
        broken |= 1 << REGISTRATION_ORDER
    if place_index(arrays.registration_place[last]) != place_index(arrays.hukou[i]):
        broken |= 1 << REGISTRATION_LAST
    return broken


@inlined
def _person_problems(arrays: HistoryArrays, i: int, statutory: int, earliest: int) -> int:
    """Broken rules of the person's own columns: bit c is set for rule c."""
    broken = 0
    sex = arrays.sex[i]
    category = arrays.retirement_category[i]
    birth = arrays.birth[i]
    claim = arrays.claim[i]
    start = arrays.resident_start[i]
    if sex != 1 and sex != 2:
        broken |= 1 << SEX
    if category == 0 and sex == 2:
        broken |= 1 << WOMAN_WITHOUT_CATEGORY
    elif category < 1 or category > 5:
        broken |= 1 << CATEGORY
    elif (sex == 1 or sex == 2) and (sex == 1) != (category == 1 or category == 4):
        broken |= 1 << CATEGORY_OF_SEX
    if birth < FIRST_BIRTH or birth > LAST_BIRTH:
        broken |= 1 << BIRTH
    if place_index(arrays.hukou[i]) < 0:
        broken |= 1 << HUKOU
    if arrays.hukou_type[i] != 1 and arrays.hukou_type[i] != 2:
        broken |= 1 << HUKOU_TYPE
    if not _within(arrays.weight[i], 0.0, 1e300):
        broken |= 1 << WEIGHT
    if start != _MISSING and (start < FIRST_RESIDENT_START or start > LAST_RESIDENT_START):
        broken |= 1 << RESIDENT_START
    if broken:  # ages need a birth, the award month needs a category
        return broken
    if claim != _MISSING:
        if claim < birth + MIN_CLAIM_AGE_MONTHS or claim > birth + MAX_CLAIM_AGE_MONTHS:
            broken |= 1 << CLAIM_AGE
        elif claim < earliest:
            broken |= 1 << (CLAIM_TOO_EARLY if _any_employee(arrays, i) else RESIDENT_CLAIM_TOO_EARLY)
    award = statutory if claim == _MISSING else claim
    if award < _FIRST_AWARD_MONTH:
        broken |= 1 << AWARD_TOO_OLD
    if arrays.registration_offsets[i] != arrays.registration_offsets[i + 1]:
        broken |= _registration_problems(arrays, i, award)
    return broken


@inlined
def _form_problems(arrays: HistoryArrays, j: int) -> int:
    """Broken rules of enumerations, ranges and flags of one record, whatever the person: bit c is set for rule c."""
    broken = 0
    scheme = arrays.scheme[j]
    base = arrays.base[j]
    flags = arrays.flags[j]
    if arrays.year[j] < FIRST_RECORD_YEAR or arrays.year[j] > LAST_RECORD_YEAR:
        broken |= 1 << YEAR
    if arrays.months[j] < 1 or arrays.months[j] > FULL_YEAR:
        broken |= 1 << MONTHS
    if scheme < 0 or scheme > _RESIDENT:
        broken |= 1 << SCHEME
    if arrays.form[j] < 0 or arrays.form[j] > _LAST_FORM:
        broken |= 1 << FORM
    if scheme == _NONE:
        if arrays.place[j] != _MISSING:
            broken |= 1 << PLACE
    elif place_index(arrays.place[j]) < 0:
        broken |= 1 << PLACE
    if arrays.work_place[j] != _MISSING and place_index(arrays.work_place[j]) < 0:
        broken |= 1 << WORK_PLACE
    if flags < 0 or flags > _ALL_FLAGS:
        broken |= 1 << FLAGS
    if broken & (1 << SCHEME | 1 << FLAGS):  # they decide what the rest means
        return broken
    if scheme != _EMPLOYEE and flags & EMPLOYEE_FLAGS:
        broken |= 1 << FLAGS_OF_EMPLOYEE
    if scheme != _RESIDENT and flags & RESIDENT_FLAGS:
        broken |= 1 << FLAGS_OF_RESIDENT
    if flags & _TEMPORARY and flags & _ORDINARY:
        broken |= 1 << TEMPORARY_AND_ORDINARY
    if flags & _DEEMED and flags & _LATE:
        broken |= 1 << LATE_AND_DEEMED
    if scheme == _NONE:
        if not (np.isnan(base) or base == 0.0):
            broken |= 1 << BASE_WITHOUT_SCHEME
    elif not np.isfinite(base):
        broken |= 1 << BASE_MISSING
    elif scheme == _RESIDENT:
        if not _within(base, 0.0, MAX_CONTRIBUTION):
            broken |= 1 << CONTRIBUTION
    elif flags & _DEEMED:
        if base <= 0.0 or base > MAX_INDEX:
            broken |= 1 << INDEX
    elif base <= 0.0:
        broken |= 1 << BASE_NEGATIVE
    elif base > MAX_BASE:
        broken |= 1 << BASE_ABSURD
    if not (np.isnan(arrays.income[j]) or _within(arrays.income[j], 0.0, MAX_INCOME)):
        broken |= 1 << INCOME
    share = arrays.payer_share[j]
    if scheme == _RESIDENT:
        if not (np.isnan(share) or _within(share, 0.0, MAX_CONTRIBUTION)):
            broken |= 1 << COLLECTIVE
    elif not (np.isnan(share) or _within(share, 0.0, 1.0)):
        broken |= 1 << PAYER_SHARE
    return broken


@inlined
def _plainly_in_order(arrays: HistoryArrays, j: int, known_place: int) -> bool:
    """True for the usual record, paid by an employee, of which ``_form_problems`` finds nothing; False says nothing.

    ``known_place`` is a place code that exists. One condition without branches costs a third of the rules one by one.
    """
    year, months, form, base = arrays.year[j], arrays.months[j], arrays.form[j], arrays.base[j]
    income, share = arrays.income[j], arrays.payer_share[j]
    return bool(
        (arrays.scheme[j] == _EMPLOYEE)
        & (arrays.flags[j] == 0)
        & (arrays.place[j] == known_place)
        & (arrays.work_place[j] == _MISSING)
        & (year >= FIRST_RECORD_YEAR)
        & (year <= LAST_RECORD_YEAR)
        & (months >= 1)
        & (months <= FULL_YEAR)
        & (form >= 0)
        & (form <= _LAST_FORM)
        & (base > 0.0)
        & (base <= MAX_BASE)
        & (np.isnan(income) | ((income >= 0.0) & (income <= MAX_INCOME)))
        & (np.isnan(share) | ((share >= 0.0) & (share <= 1.0)))
    )


@inlined
def _end_of_plain_years(
    arrays: HistoryArrays, j: int, end: int, known_place: int, before: int, first_month: int, last_year: int
) -> int:
    """Record after the run from record j on of which no rule can be broken: one plain record a year, each after the
    year ``before``, none before ``first_month`` (serial) or after ``last_year``. Most records are in such runs."""
    r = j & NOT_NEGATIVE
    first = 12 * int(arrays.year[r]) + int(FIRST_MONTH_OF_MASK[arrays.months[r] & FULL_YEAR])
    if first < first_month:
        return j
    while r < end and before < arrays.year[r] <= last_year and _plainly_in_order(arrays, r, known_place):
        before = int(arrays.year[r])
        r = (r + 1) & NOT_NEGATIVE
    return r


@inlined
def _is_sorted(arrays: HistoryArrays, j: int) -> bool:
    """True when record j does not come before record j - 1."""
    if arrays.year[j] != arrays.year[j - 1]:
        return bool(arrays.year[j] > arrays.year[j - 1])
    if arrays.scheme[j] != arrays.scheme[j - 1]:
        return bool(arrays.scheme[j] > arrays.scheme[j - 1])
    if arrays.place[j] != arrays.place[j - 1]:
        return bool(arrays.place[j] > arrays.place[j - 1])
    return bool(arrays.form[j] >= arrays.form[j - 1])


@jit
def _note(
    broken: int, record: int, sets: npt.NDArray[np.int64], records: npt.NDArray[np.int64], at: int, end: int
) -> int:
    """Note the broken rules of one record (-1: the person's own columns) while there is room; 1."""
    if at < end:
        sets[at] = broken
        records[at] = record
    return 1


@inlined
def _person_and_records(
    arrays: HistoryArrays,
    i: int,
    statutory: int,
    earliest: int,
    at: int,
    end: int,
    sets: npt.NDArray[np.int64],
    records: npt.NDArray[np.int64],
) -> int:
    """Note the broken rules of person i and of each record in ``sets[at:end]``; how many there are.

    What depends on a refused value is not judged: dates of the records of a refused person, dates of a refused record.
    """
    begin = arrays.offsets[i]
    found = 0
    of_person = _person_problems(arrays, i, statutory, earliest)
    if of_person:
        found += _note(of_person, -1, sets, records, at + found, end)
    birth = int(arrays.birth[i])
    award = int(arrays.claim[i])
    if award == _MISSING:
        award = statutory
    first_resident_year = max(_FIRST_RESIDENT_YEAR, int(arrays.resident_start[i]) // 12)
    first_paid = 2**31
    last_deemed = -1
    last_deemed_at = begin
    deemed_year = 0
    deemed_months = 0
    deemed_told = False
    resident_year = 0
    registered = -1
    if arrays.registration_offsets[i] != arrays.registration_offsets[i + 1]:
        registered = int(arrays.registration_month[arrays.registration_offsets[i]])
    known_place = _NO_PLACE
    first_month = max(birth + MIN_AGE_MONTHS, _FIRST_EMPLOYEE_MONTH, registered)
    j, end_of_records = begin, arrays.offsets[i + 1]
    while j < end_of_records:
        if of_person == 0:
            before = int(arrays.year[j - 1]) if j > begin else -1
            since = max(first_month, last_deemed + 1)
            after = _end_of_plain_years(arrays, j, end_of_records, known_place, before, since, award // 12 - 1)
            if after > j:
                first_paid = min(first_paid, 12 * int(arrays.year[j]) + int(FIRST_MONTH_OF_MASK[arrays.months[j]]))
                j = after
                continue
        broken = _form_problems(arrays, j)
        if not broken and arrays.scheme[j] != _NONE:
            known_place = int(arrays.place[j])
        judged = broken == 0 and of_person == 0
        if j > begin and not _is_sorted(arrays, j):
            broken |= 1 << ORDER
        if j - begin >= _MAX_RECORDS and arrays.year[j] == arrays.year[j - _MAX_RECORDS]:
            broken |= 1 << TOO_MANY_RECORDS
        scheme = arrays.scheme[j]
        year = int(arrays.year[j])
        months = int(arrays.months[j])
        if judged and scheme == _EMPLOYEE:
            first = 12 * year + int(FIRST_MONTH_OF_MASK[months])
            last = 12 * year + int(LAST_MONTH_OF_MASK[months])
            if first < birth + MIN_AGE_MONTHS:
                broken |= 1 << EMPLOYEE_UNDER_16
            if last > award:
                broken |= 1 << EMPLOYEE_AFTER_AWARD
            if arrays.flags[j] & _DEEMED:
                if year != deemed_year:
                    deemed_year = year
                    deemed_months = 0
                if deemed_months & months:
                    broken |= 1 << DEEMED_TWICE
                deemed_months |= months
                if last > last_deemed:
                    last_deemed = last
                    last_deemed_at = j
            else:
                if first < _FIRST_EMPLOYEE_MONTH:
                    broken |= 1 << EMPLOYEE_TOO_OLD
                first_paid = min(first_paid, first)
        elif judged and scheme == _RESIDENT:
            if year < (birth + MIN_AGE_MONTHS) // 12:
                broken |= 1 << RESIDENT_UNDER_16
            if year < first_resident_year:
                broken |= 1 << RESIDENT_TOO_OLD
            if year > (birth + RESIDENT_AGE_MONTHS) // 12:
                broken |= 1 << RESIDENT_AFTER_60
            elif year > award // 12:
                broken |= 1 << RESIDENT_AFTER_AWARD
            elif months != FULL_YEAR and not (year == award // 12 and months == (1 << (award % 12 + 1)) - 1):
                broken |= 1 << RESIDENT_MONTHS
            if year == resident_year:
                broken |= 1 << RESIDENT_TWICE
            resident_year = year
        if judged and not arrays.flags[j] & _DEEMED and 12 * year + int(FIRST_MONTH_OF_MASK[months]) < registered:
            broken |= 1 << UNREGISTERED
        if broken:
            found += _note(broken, j - begin, sets, records, at + found, end)
        if last_deemed >= first_paid and not deemed_told:
            found += _note(1 << DEEMED_AFTER_PAID, last_deemed_at - begin, sets, records, at + found, end)
            deemed_told = True
        j += 1
    return found


@kernel
def _problems(
    arrays: HistoryArrays,
    first: int,
    last: int,
    statutory: npt.NDArray[np.int64],
    earliest: npt.NDArray[np.int64],
    starts: npt.NDArray[np.int64],
    sets: npt.NDArray[np.int64],
    records: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
) -> None:
    for i in range(first, last):
        counts[i] = _person_and_records(arrays, i, statutory[i], earliest[i], starts[i], starts[i + 1], sets, records)


@kernel
def _has_employee(arrays: HistoryArrays, first: int, last: int, out: npt.NDArray[np.bool_]) -> None:
    for i in range(first, last):
        out[i] = _any_employee(arrays, i)


def has_employee(arrays: HistoryArrays) -> npt.NDArray[np.bool_]:
    """[n]: True for people with at least one employee record, deemed ones included."""
    out = np.empty(arrays.sex.size, dtype=np.bool_)
    in_threads(_has_employee, out.size, arrays, out)
    return out


_Ints = npt.NDArray[np.int64]


def first_problems(
    arrays: HistoryArrays, statutory: npt.NDArray[np.integer], earliest: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int16], _Ints]:
    """The first broken rule of each person.

    ``statutory`` and ``earliest`` are month serials per person, of the statutory award month and of the earliest
    month that may be chosen; for people without any employee record both are the month of the 60th birthday
    (``birth + 720``, see ``has_employee``). Returns the code in ``RULES`` (0: nothing wrong) and the record, counted
    from 0 inside the person's records (-1: the person's own columns).
    """
    sets, records, counts = _found(arrays, statutory, earliest, np.ones(arrays.sex.size, dtype=np.int64))
    rules = np.zeros(counts.size, dtype=np.int16)
    for i in np.flatnonzero(counts):
        rules[i] = _codes(int(sets[i]))[0]
    return rules, np.where(counts > 0, records, -1)


def all_problems(
    arrays: HistoryArrays, statutory: npt.NDArray[np.integer], earliest: npt.NDArray[np.integer]
) -> tuple[_Ints, _Ints, _Ints]:
    """Every broken rule: (person, code, record), in the order of people and records; see ``first_problems``.

    What depends on a refused value is not judged: dates of the records of somebody whose own columns break a rule,
    and dates of a record that breaks one by itself.
    """
    none = np.zeros(arrays.sex.size, dtype=np.int64)
    counts = _found(arrays, statutory, earliest, none)[2]
    sets, records, _ = _found(arrays, statutory, earliest, counts)
    people = np.repeat(np.arange(counts.size), counts)
    lines = [(int(i), c, int(j)) for i, s, j in zip(people, sets, records, strict=True) for c in _codes(int(s))]
    found = np.array(lines, dtype=np.int64).reshape(-1, 3)
    return found[:, 0], found[:, 1], found[:, 2]


def _codes(broken: int) -> list[int]:
    """The rules of a set of bits."""
    return [code for code in RULES if broken >> code & 1]


def _found(
    arrays: HistoryArrays, statutory: npt.NDArray[np.integer], earliest: npt.NDArray[np.integer], room: _Ints
) -> tuple[_Ints, _Ints, _Ints]:
    """(sets, records, counts): at most ``room`` [n] sets of broken rules of each person, with their records."""
    n = arrays.sex.size
    fixed: list[_Ints] = []
    for bound in (statutory, earliest, np.concatenate([[0], np.cumsum(room)])):
        values = np.ascontiguousarray(bound, dtype=np.int64).view()
        if len(fixed) < 2 and values.shape != (n,):
            raise ValueError(f"one month per person is needed: {values.shape} for {n} people")
        values.flags.writeable = False  # always the same array type, so that one specialisation serves every caller
        fixed.append(values)
    sets = np.zeros(int(room.sum()), dtype=np.int64)
    records = np.zeros(sets.size, dtype=np.int64)
    counts = np.zeros(n, dtype=np.int64)
    in_threads(_problems, n, arrays, *fixed, sets, records, counts)
    return sets, records, counts
