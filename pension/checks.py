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
from pension._compile import in_threads, jit, kernel

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
_FULL_YEAR: Final = 4095
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


@jit
def place_index(code: int) -> int:
    """Position in ``schema.PLACES`` of the province of a place code of two or four digits; -1 = no such place."""
    if code < 0 or code >= 10_000:
        return -1
    return int(PLACE_LOOKUP[code])


@jit
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
def _person_problem(arrays: HistoryArrays, i: int, statutory: int, earliest: int) -> int:
    sex = arrays.sex[i]
    category = arrays.retirement_category[i]
    birth = arrays.birth[i]
    claim = arrays.claim[i]
    start = arrays.resident_start[i]
    if sex != 1 and sex != 2:
        return SEX
    if category == 0 and sex == 2:
        return WOMAN_WITHOUT_CATEGORY
    if category < 1 or category > 5:
        return CATEGORY
    if (sex == 1) != (category == 1 or category == 4):
        return CATEGORY_OF_SEX
    if birth < FIRST_BIRTH or birth > LAST_BIRTH:
        return BIRTH
    if place_index(arrays.hukou[i]) < 0:
        return HUKOU
    if arrays.hukou_type[i] != 1 and arrays.hukou_type[i] != 2:
        return HUKOU_TYPE
    if not _within(arrays.weight[i], 0.0, 1e300):
        return WEIGHT
    if start != _MISSING and (start < FIRST_RESIDENT_START or start > LAST_RESIDENT_START):
        return RESIDENT_START
    if claim != _MISSING:
        if claim < birth + MIN_CLAIM_AGE_MONTHS or claim > birth + MAX_CLAIM_AGE_MONTHS:
            return CLAIM_AGE
        if claim < earliest:
            return CLAIM_TOO_EARLY if _any_employee(arrays, i) else RESIDENT_CLAIM_TOO_EARLY
    if (statutory if claim == _MISSING else claim) < _FIRST_AWARD_MONTH:
        return AWARD_TOO_OLD
    return 0


@jit
def _form_problem(arrays: HistoryArrays, j: int) -> int:
    """Enumerations, ranges and flags of one record, whatever the person."""
    scheme = arrays.scheme[j]
    base = arrays.base[j]
    flags = arrays.flags[j]
    if arrays.year[j] < FIRST_RECORD_YEAR or arrays.year[j] > LAST_RECORD_YEAR:
        return YEAR
    if arrays.months[j] < 1 or arrays.months[j] > _FULL_YEAR:
        return MONTHS
    if scheme < 0 or scheme > _RESIDENT:
        return SCHEME
    if arrays.form[j] < 0 or arrays.form[j] > _LAST_FORM:
        return FORM
    if scheme == _NONE:
        if arrays.place[j] != _MISSING:
            return PLACE
    elif place_index(arrays.place[j]) < 0:
        return PLACE
    if arrays.work_place[j] != _MISSING and place_index(arrays.work_place[j]) < 0:
        return WORK_PLACE
    if flags < 0 or flags > _ALL_FLAGS:
        return FLAGS
    if scheme != _EMPLOYEE and flags & EMPLOYEE_FLAGS:
        return FLAGS_OF_EMPLOYEE
    if scheme != _RESIDENT and flags & RESIDENT_FLAGS:
        return FLAGS_OF_RESIDENT
    if flags & _TEMPORARY and flags & _ORDINARY:
        return TEMPORARY_AND_ORDINARY
    if flags & _DEEMED and flags & _LATE:
        return LATE_AND_DEEMED
    if scheme == _NONE:
        if not (np.isnan(base) or base == 0.0):
            return BASE_WITHOUT_SCHEME
    elif not np.isfinite(base):
        return BASE_MISSING
    elif scheme == _RESIDENT:
        if not _within(base, 0.0, MAX_CONTRIBUTION):
            return CONTRIBUTION
    elif flags & _DEEMED:
        if base <= 0.0 or base > MAX_INDEX:
            return INDEX
    elif base <= 0.0:
        return BASE_NEGATIVE
    elif base > MAX_BASE:
        return BASE_ABSURD
    if not (np.isnan(arrays.income[j]) or _within(arrays.income[j], 0.0, MAX_INCOME)):
        return INCOME
    share = arrays.payer_share[j]
    if scheme == _RESIDENT:
        if not (np.isnan(share) or _within(share, 0.0, MAX_CONTRIBUTION)):
            return COLLECTIVE
    elif not (np.isnan(share) or _within(share, 0.0, 1.0)):
        return PAYER_SHARE
    return 0


@jit
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
def _first_problem(arrays: HistoryArrays, i: int, statutory: int, earliest: int) -> tuple[int, int]:
    """(rule, record) of the first problem of person i; (0, -1) when there is none."""
    begin = arrays.offsets[i]
    rule = _person_problem(arrays, i, statutory, earliest)
    if rule != 0:
        return rule, -1
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
    resident_year = 0
    for j in range(begin, arrays.offsets[i + 1]):
        rule = _form_problem(arrays, j)
        if rule != 0:
            return rule, j - begin
        if j > begin and not _is_sorted(arrays, j):
            return ORDER, j - begin
        if j - begin >= _MAX_RECORDS and arrays.year[j] == arrays.year[j - _MAX_RECORDS]:
            return TOO_MANY_RECORDS, j - begin
        scheme = arrays.scheme[j]
        year = int(arrays.year[j])
        months = int(arrays.months[j])
        if scheme == _EMPLOYEE:
            first = 12 * year + int(FIRST_MONTH_OF_MASK[months])
            last = 12 * year + int(LAST_MONTH_OF_MASK[months])
            if first < birth + MIN_AGE_MONTHS:
                return EMPLOYEE_UNDER_16, j - begin
            if last > award:
                return EMPLOYEE_AFTER_AWARD, j - begin
            if arrays.flags[j] & _DEEMED:
                if year != deemed_year:
                    deemed_year = year
                    deemed_months = 0
                if deemed_months & months:
                    return DEEMED_TWICE, j - begin
                deemed_months |= months
                if last > last_deemed:
                    last_deemed = last
                    last_deemed_at = j
            else:
                if first < _FIRST_EMPLOYEE_MONTH:
                    return EMPLOYEE_TOO_OLD, j - begin
                first_paid = min(first_paid, first)
            if last_deemed >= first_paid:
                return DEEMED_AFTER_PAID, last_deemed_at - begin
        elif scheme == _RESIDENT:
            if year < (birth + MIN_AGE_MONTHS) // 12:
                return RESIDENT_UNDER_16, j - begin
            if year < first_resident_year:
                return RESIDENT_TOO_OLD, j - begin
            if year > (birth + RESIDENT_AGE_MONTHS) // 12:
                return RESIDENT_AFTER_60, j - begin
            if year > award // 12:
                return RESIDENT_AFTER_AWARD, j - begin
            if year == resident_year:
                return RESIDENT_TWICE, j - begin
            resident_year = year
            if months != _FULL_YEAR and not (year == award // 12 and months == (1 << (award % 12 + 1)) - 1):
                return RESIDENT_MONTHS, j - begin
    return 0, -1


@kernel
def _first_problems(
    arrays: HistoryArrays,
    first: int,
    last: int,
    statutory: npt.NDArray[np.int64],
    earliest: npt.NDArray[np.int64],
    rules: npt.NDArray[np.int16],
    records: npt.NDArray[np.int64],
) -> None:
    for i in range(first, last):
        rule, record = _first_problem(arrays, i, statutory[i], earliest[i])
        rules[i] = rule
        records[i] = record


@kernel
def _has_employee(arrays: HistoryArrays, first: int, last: int, out: npt.NDArray[np.bool_]) -> None:
    for i in range(first, last):
        out[i] = _any_employee(arrays, i)


def has_employee(arrays: HistoryArrays) -> npt.NDArray[np.bool_]:
    """[n]: True for people with at least one employee record, deemed ones included."""
    out = np.empty(arrays.sex.size, dtype=np.bool_)
    in_threads(_has_employee, out.size, arrays, out)
    return out


def first_problems(
    arrays: HistoryArrays, statutory: npt.NDArray[np.integer], earliest: npt.NDArray[np.integer]
) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int64]]:
    """The first broken rule of each person.

    ``statutory`` and ``earliest`` are month serials per person, of the statutory award month and of the earliest
    month that may be chosen; for people without any employee record both are the month of the 60th birthday
    (``birth + 720``, see ``has_employee``). Returns the code in ``RULES`` (0: nothing wrong) and the record, counted
    from 0 inside the person's records (-1: the person's own columns).
    """
    n = arrays.sex.size
    bounds = []
    for bound in (statutory, earliest):
        fixed = np.ascontiguousarray(bound, dtype=np.int64).view()
        if fixed.shape != (n,):
            raise ValueError(f"one month per person is needed: {fixed.shape} for {n} people")
        fixed.flags.writeable = False  # always the same array type, so that one specialisation serves every caller
        bounds.append(fixed)
    rules = np.empty(n, dtype=np.int16)
    records = np.empty(n, dtype=np.int64)
    in_threads(_first_problems, n, arrays, bounds[0], bounds[1], rules, records)
    return rules, records
