"""Compiled passes that count: main form of work, ends of a career, exact sums by group, quality of the input.

They read histories or results that were checked and change no pension. Together in one file, so that an edit of what
is built on them compiles nothing again.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension import schema
from pension._compile import inlined, kernel
from pension._hints import NOT_NEGATIVE
from pension.kernels.cells import HIGHEST, LOWEST, POPCOUNT, province_position
from pension.kernels.plain_years import end_of_run, months_of_run
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR

N_FORMS: Final = len(schema.FORM)


@kernel
def main_forms(h: Any, first: int, last: int, out: Any) -> None:
    """Form of work with most months over all records of each person; ties to the later (less protected) form."""
    months = np.zeros(N_FORMS, dtype=np.int64)
    for i in range(first, last):
        months[:] = 0
        j, end = h.offsets[i] & NOT_NEGATIVE, h.offsets[i + 1]
        while j < end:  # as long as the form stays
            form, n = h.form[j], 0
            while j < end and h.form[j] == form:
                mask = h.months[j] & FULL_YEAR
                n += 12 if mask == FULL_YEAR else POPCOUNT[mask]
                j = (j + 1) & NOT_NEGATIVE
            months[form] += n
        best = 0
        for k in range(1, months.size):
            if months[k] >= months[best] and months[k] > 0:
                best = k
        out[i] = best


@kernel
def career_ends(h: Any, first: int, last: int, origin: Any, destination: Any) -> None:
    """Positions of the provinces of the first and the last employee record (by its first month) of each person; -1
    without one. Of records that begin together the first in the order of the table is first, the last one last."""
    for i in range(first, last):
        origin[i] = -1
        destination[i] = -1
        earliest, latest = np.int64(2**40), np.int64(-1)
        for j in range(h.offsets[i], h.offsets[i + 1]):
            if h.scheme[j] != 1:
                continue
            month = 12 * np.int64(h.year[j]) + LOWEST[h.months[j]]
            if month < earliest:
                earliest = month
                origin[i] = province_position(h.place[j])
            if month >= latest:
                latest = month
                destination[i] = province_position(h.place[j])


# ---- exact sums by group --------------------------------------------------------------------------------------------

WEIGHT_BITS: Final = 20
"""A weight counts in units of 2^-20."""
AMOUNT_BITS: Final = 10
"""A weighted amount counts in units of 2^-10 of what the amount counts in (1 fen for money)."""
SUM_LOW: Final = 0
SUM_HIGH: Final = 1
WEIGHTED_LOW: Final = 2
WEIGHTED_HIGH: Final = 3
N_SUMS: Final = 4
"""A sum is high * 2^32 + low."""
BIN_BITS: Final = 6
"""Each octave of amounts has 2^6 bins, so that the middle of a bin is within 1/128 of everything in it."""
BIN_SHIFT: Final = 52 - BIN_BITS
NEGATIVE: Final = 1 << 18
"""Bins of negative amounts begin here; 0 is zero, 1.. are the positive ones in ascending size."""
BINS: Final = 1 << 19
_LARGEST: Final = 2.0**53
_LARGEST_WEIGHTED: Final = 2.0**62
_SPREAD: Final = 41_475_557
"""2^26 over the golden ratio: neighbouring bins, which are filled together, come to stand far apart."""


@inlined
def _first_slot(key: int, slots: int) -> int:
    """Where the search for a key begins. A key is below 2^36 (``aggregates.MOST_GROUPS`` rows): nothing overflows."""
    return (key * _SPREAD >> 8) & (slots - 1)


@kernel
def add_amounts(
    start: int,
    groups: Any,
    weights: Any,
    values: Any,
    bits: Any,
    reasons: Any,
    per_unit: float,
    counts: Any,
    sums: Any,
    undefined: Any,
    keys: Any,
    tallies: Any,
    used: Any,
) -> int:
    """Add the amounts from ``start`` on; the position to go on from when the table of bins is half full, the number of
    people when all are added, -1 - position where an amount is too large to be added exactly.

    ``groups`` [person]: row of each; ``bits``: ``values`` as integers; ``reasons``: 0, or why there is no value.
    ``counts`` [row, 2]: people and weight; ``undefined`` [row, reason, 2] the same of those without a value; ``keys``
    (-1 = free) and ``tallies`` [slot, 2]: an open hash table of row * BINS + bin; ``used`` [1]: its filled slots.
    """
    slots = keys.size  # a power of 2
    for i in range(start, groups.size):
        if 2 * used[0] >= slots:
            return i
        row = groups[i]
        weight = weights[i]
        units = np.rint(weight * 2.0**WEIGHT_BITS)
        if not units < _LARGEST:
            return -1 - i
        if reasons[i] != 0:
            undefined[row, reasons[i], 0] += 1
            undefined[row, reasons[i], 1] += np.int64(units)
            continue
        amount = np.rint(values[i] * per_unit)
        weighted = np.rint(weight * amount * 2.0**AMOUNT_BITS)
        if not (abs(amount) < _LARGEST and abs(weighted) < _LARGEST_WEIGHTED):
            return -1 - i
        counts[row, 0] += 1
        counts[row, 1] += np.int64(units)
        whole, parts = np.int64(amount), np.int64(weighted)
        low = sums[row, SUM_LOW] + (whole & 0xFFFFFFFF)
        sums[row, SUM_LOW] = low & 0xFFFFFFFF
        sums[row, SUM_HIGH] += (whole >> 32) + (low >> 32)
        low = sums[row, WEIGHTED_LOW] + (parts & 0xFFFFFFFF)
        sums[row, WEIGHTED_LOW] = low & 0xFFFFFFFF
        sums[row, WEIGHTED_HIGH] += (parts >> 32) + (low >> 32)
        place = np.int64(0)
        if amount != 0.0:
            place = 1 + ((bits[i] & 0x7FFFFFFFFFFFFFFF) >> BIN_SHIFT)
            if amount < 0.0:
                place += NEGATIVE
        key = row * BINS + place
        slot = _first_slot(key, slots)
        while keys[slot] != key and keys[slot] >= 0:
            slot += 1
            if slot == slots:
                slot = 0
        if keys[slot] < 0:
            keys[slot] = key
            used[0] += 1
        tallies[slot, 0] += 1
        tallies[slot, 1] += np.int64(units)
    return groups.size


LOW_BITS: Final = 26
"""Sums that need no histogram are high * 2^26 + low."""


@kernel
def add_losses(
    reasons: Any,
    groups: Any,
    weights: Any,
    loss: Any,
    ratio: Any,
    monthly: Any,
    monthly_reference: Any,
    least: float,
    scales: Any,
    high: Any,
    low: Any,
) -> int:
    """Add what ``group_losses.SUMS`` names, in its order, of the people without a reason why not, in units of 1 /
    ``scales``, to ``high`` and ``low`` [group, column]; the position of somebody whose amount is too large, or -1. A
    loss or gain below ``least`` is none."""
    amounts = np.zeros(scales.size)
    for i in range(groups.size):
        if reasons[i] != 0:
            continue
        losing, gaining = loss[i] >= least, loss[i] <= -least
        more = monthly_reference[i] - monthly[i]
        amounts[0] = 1.0
        amounts[1] = losing
        amounts[2] = gaining
        amounts[3] = not (losing or gaining)
        amounts[4] = loss[i] if losing else 0.0
        amounts[5] = more if losing else 0.0
        amounts[6] = -loss[i] if gaining else 0.0
        amounts[7] = -more if gaining else 0.0
        amounts[8] = ratio[i] if np.isfinite(ratio[i]) else 0.0
        amounts[9] = np.isfinite(ratio[i])
        for c in range(scales.size):
            units = np.rint(amounts[c] * weights[i] * scales[c])
            if not abs(units) < _LARGEST_WEIGHTED:
                return i
            whole = np.int64(units)
            high[groups[i], c] += whole >> LOW_BITS
            low[groups[i], c] += whole & ((1 << LOW_BITS) - 1)
    return -1


@kernel
def merge_bins(more_keys: Any, more_tallies: Any, keys: Any, tallies: Any, used: Any) -> None:
    """Add bins to an open hash table that has room for them; free slots among ``more_keys`` are passed over."""
    slots = keys.size
    for i in range(more_keys.size):
        key = more_keys[i]
        if key < 0:
            continue
        slot = _first_slot(key, slots)
        while keys[slot] != key and keys[slot] >= 0:
            slot += 1
            if slot == slots:
                slot = 0
        if keys[slot] < 0:
            keys[slot] = key
            used[0] += 1
        tallies[slot, 0] += more_tallies[i, 0]
        tallies[slot, 1] += more_tallies[i, 1]


# ---- quality of the input -------------------------------------------------------------------------------------------

QUALITY: Final = (
    "people_without_records",
    "people_with_gaps",
    "gap_months",
    "people_in_two_places",
    "months_in_two_places",
    "people_in_two_schemes",
    "months_in_two_schemes",
    "people_with_late_payments",
    "late_months",
    "people_with_backpaid_years",
    "backpaid_years",
    "people_paying_as_employees",
    "people_without_any_income",
    "employee_records",
    "records_without_income",
    "people_below_floor",
    "people_above_ceiling",
    "people_with_unknown_limits",
)
"""What ``scan`` counts; ``pension.checks.input_quality`` says what each is."""
LIMITS: Final = ("tested_months", "below_floor", "above_ceiling", "unknown_limits")
"""What it counts by place, in months."""
ROUNDING_YUAN: Final = 0.5
"""Agencies state bases in whole yuan: a base is outside a limit when it is by more than this."""
_LATE, _BACKPAID, _DEEMED = schema.FLAG_LATE, schema.FLAG_BACKPAID, schema.FLAG_DEEMED


@inlined
def _inside_limits(h: Any, first: int, end: int, of_year: Any) -> int:
    """Record after those from ``first`` on whose bases are inside the limits ``of_year`` [year, ...] of their place."""
    r = first & NOT_NEGATIVE
    while r < end:
        line = of_year[(int(h.year[r]) - FIRST_YEAR) & NOT_NEGATIVE]
        if not line[0] <= h.base[r] <= line[1]:
            break
        r = (r + 1) & NOT_NEGATIVE
    return r


@inlined
def _unknown_limits(h: Any, first: int, end: int, unknown: Any) -> int:
    """Months of the records ``first:end`` of which a limit is unknown; ``unknown`` [year] of their place."""
    months = 0
    r = first & NOT_NEGATIVE
    while r < end:
        mask = unknown[(int(h.year[r]) - FIRST_YEAR) & NOT_NEGATIVE]
        if mask:
            months += POPCOUNT[mask & h.months[r] & FULL_YEAR]
        r = (r + 1) & NOT_NEGATIVE
    return months


@inlined
def _without_income(h: Any, first: int, end: int) -> int:
    """Records of ``first:end`` without an income."""
    count = 0
    r = first & NOT_NEGATIVE
    while r < end:
        count += np.isnan(h.income[r])
        r = (r + 1) & NOT_NEGATIVE
    return count


@kernel
def scan(
    h: Any,
    first: int,
    last: int,
    wanted: Any,
    limited: bool,
    floor: Any,
    ceiling: Any,
    of_year: Any,
    unknown: Any,
    block: int,
    totals: Any,
    by_place: Any,
    below: Any,
    above: Any,
    outside: Any,
) -> None:
    """Count the wanted people into row first // block of ``totals`` and ``by_place``; with ``limited`` also months
    outside the limits of the base: masks ``below`` and ``above`` [record, or empty: not wanted], calendar months
    ``outside`` [person]. The tables are ``input_quality.LimitTables``.
    """
    at = first // block
    shown = below.size > 0
    for i in range(first, last):
        begin, end = h.offsets[i], h.offsets[i + 1]
        if limited:
            outside[i] = 0
            if shown:
                for j in range(begin, end):
                    below[j] = 0
                    above[j] = 0
        if not wanted[i]:
            continue
        year, paid, covered, here, elsewhere, twice, place = -1, 0, 0, 0, 0, 0, -1
        resident = False
        first_month, last_month, months = 2**40, -1, 0
        two_places, two_schemes, late, backpaid, records, no_income = 0, 0, 0, 0, 0, 0
        low, high, missing = 0, 0, 0
        j = begin
        while j < end or year >= 0:
            if j == end or h.year[j] != year:
                if year >= 0:
                    months += POPCOUNT[covered]
                    first_month = min(first_month, 12 * year + LOWEST[covered]) if covered else first_month
                    last_month = max(last_month, 12 * year + HIGHEST[covered]) if covered else last_month
                    two_places += POPCOUNT[twice]
                    if resident:
                        two_schemes += POPCOUNT[paid]
                year = -1
                while j < end:
                    after, _ = end_of_run(h, j, end)
                    if limited and after > j:
                        where = province_position(h.place[j])
                        after = _inside_limits(h, j, after, of_year[where])
                    if after == j:
                        break
                    n = months_of_run(h, j, after)
                    if limited:
                        open_months = _unknown_limits(h, j, after, unknown[where])
                        by_place[at, where, 0] += n
                        by_place[at, where, 3] += open_months
                        missing += open_months
                    months += n
                    first_month = min(first_month, 12 * int(h.year[j]) + LOWEST[h.months[j]])
                    last_month = 12 * int(h.year[after - 1]) + HIGHEST[h.months[after - 1]]
                    records += after - j
                    no_income += _without_income(h, j, after)
                    j = after
                if j == end:
                    break
                year, paid, covered, here, elsewhere, twice, place = int(h.year[j]), 0, 0, 0, 0, 0, -1
                resident = False
            mask = int(h.months[j])
            if h.scheme[j] == 2:
                covered |= mask
                resident = True
                if h.flags[j] & _BACKPAID:
                    backpaid += 1
            elif h.scheme[j] == 1:
                covered |= mask
                if not h.flags[j] & _DEEMED:
                    where = province_position(h.place[j])
                    if where != place:
                        elsewhere |= here
                        here = 0
                        place = where
                    twice |= mask & elsewhere
                    here |= mask
                    paid |= mask
                    records += 1
                    if np.isnan(h.income[j]):
                        no_income += 1
                    if h.flags[j] & _LATE:
                        late += POPCOUNT[mask]
                    if limited:
                        # Several payers at one place: their bases add, so a month is judged at its first record.
                        alone = (
                            j == begin or h.year[j - 1] != year or h.scheme[j - 1] != 1 or h.place[j - 1] != h.place[j]
                        )
                        joined = (
                            j + 1 < end
                            and h.year[j + 1] == year
                            and h.scheme[j + 1] == 1
                            and h.place[j + 1] == h.place[j]
                        )
                        y = year - FIRST_YEAR
                        if alone and not joined:
                            fresh = mask
                        else:
                            fresh = mask
                            k = j - 1
                            while k >= begin and h.year[k] == year and h.scheme[k] == 1 and h.place[k] == h.place[j]:
                                if not h.flags[k] & _DEEMED:
                                    fresh &= ~int(h.months[k])
                                k -= 1
                        open_months = POPCOUNT[fresh & unknown[where, y]]
                        by_place[at, where, 0] += POPCOUNT[fresh]
                        by_place[at, where, 3] += open_months
                        missing += open_months
                        base = h.base[j]
                        one = alone and not joined
                        if not (one and of_year[where, y, 0] <= base <= of_year[where, y, 1]):
                            under = fresh if one and base < of_year[where, y, 2] else 0
                            over = fresh if one and base > of_year[where, y, 3] else 0
                            for k in range(0 if under | over else 12):
                                if not fresh >> k & 1:
                                    continue
                                total = base
                                m = j + 1
                                while m < end and h.year[m] == year and h.scheme[m] == 1 and h.place[m] == h.place[j]:
                                    if h.months[m] >> k & 1 and not h.flags[m] & _DEEMED:
                                        total += h.base[m]
                                    m += 1
                                month = 12 * year + k - FIRST_MONTH
                                if total < floor[where, month] - ROUNDING_YUAN:
                                    under |= 1 << k
                                elif total > ceiling[where, month] + ROUNDING_YUAN:
                                    over |= 1 << k
                            if shown:
                                below[j] = under
                                above[j] = over
                            low += POPCOUNT[under]
                            high += POPCOUNT[over]
                            by_place[at, where, 1] += POPCOUNT[under]
                            by_place[at, where, 2] += POPCOUNT[over]
            j += 1
        gaps = last_month - first_month + 1 - months if months else 0
        if limited:
            outside[i] = low + high
        found = totals[at]
        found[0] += begin == end
        found[1] += gaps > 0
        found[2] += gaps
        found[3] += two_places > 0
        found[4] += two_places
        found[5] += two_schemes > 0
        found[6] += two_schemes
        found[7] += late > 0
        found[8] += late
        found[9] += backpaid > 0
        found[10] += backpaid
        found[11] += records > 0
        found[12] += records > 0 and no_income == records
        found[13] += records
        found[14] += no_income
        found[15] += low > 0
        found[16] += high > 0
        found[17] += missing > 0


# ---- identifiers ----------------------------------------------------------------------------------------------------


@kernel
def text_hashes(data: Any, ends: Any, out: Any) -> None:
    """A 64-bit hash (FNV-1a) of each text ``data[ends[i]:ends[i + 1]]``; equal texts have equal hashes."""
    for i in range(out.size):
        value = np.uint64(0xCBF29CE484222325)
        for j in range(ends[i], ends[i + 1]):
            value = (value ^ np.uint64(data[j])) * np.uint64(0x100000001B3)
        out[i] = value
