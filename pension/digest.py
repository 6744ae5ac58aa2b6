"""One pass over a person's records: the table of cells, from which every regime settles.

A cell is (place, class): class is deemed, late back-payment, temporary account or ordinary, the first that fits. It
holds months, last month, account and pooled money at the award, bases since 1998, and the sum of indices against the
wages of every place of the person, of his registered residence and of the nation. Beside the cells stands the
resident side (balances at the award and at 60, months, overlap money). Nothing here depends on a regime.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import jit
from pension.law.bridging import OVERLAP_REFUND, overlap_refund
from pension.law.employee import (
    ACCOUNT_CREDITS,
    BALANCE_CARRIED,
    CONTRIBUTION_INDEX,
    balance_carried,
    contribution_index,
    credits_with_interest,
)
from pension.law.resident import RESIDENT_BALANCE, RESIDENT_CREDIT, resident_balance, resident_credit
from pension.law.transfer import TEMPORARY_ACCOUNT, is_temporary_account
from pension.tables import FIRST_MONTH, FIRST_YEAR, N_YEARS, Tables

# --- classes and fields of a cell
DEEMED: Final = 0
LATE: Final = 1
TEMPORARY: Final = 2
ORDINARY: Final = 3

MONTHS: Final = 0
LAST: Final = 1
"""Last month serial, 0 for none."""
ACCOUNT: Final = 2
"""Account money at the award, book interest included, yuan."""
POOLED: Final = 3
"""Pooled money at the award with book interest, yuan."""
POOLED_FACE: Final = 4
"""Pooled money paid, without interest, yuan."""
BASES: Final = 5
"""Sum of bases since 1998-01, yuan."""
MOVED: Final = 6
"""Pooled money that article 4 (2) moves, yuan."""
N_FIELDS: Final = 7

# --- the summary of a person
N_SLOTS: Final = 0
HUKOU_COLUMN: Final = 1
DROPPED_MONTHS: Final = 2
DROPPED_ACCOUNT: Final = 3
RESIDENT_RECORDS: Final = 4
RESIDENT_MONTHS: Final = 5
PREMIUM_MONTHS: Final = 6
REFUND: Final = 7
LAST_INCOME: Final = 8
LAST_PAID: Final = 9
"""Last paid employee month (serial), 0 for none."""
LAST_PLACE: Final = 10
STARS: Final = 11
AT_AWARD: Final = 12
"""Seven numbers: openings of the award year (balance, refundable principal, overlap value), credits of the same
three in the award year, place of the balance."""
AT_SIXTY: Final = 19
"""The same seven for the month of the 60th birthday, when it is not after the award."""
OVERLAP_MONTHS: Final = 26
NATION_COLUMN: Final = 27
N_SUMMARY: Final = 28

TRACE_COLUMNS: Final = 10
"""Step, record (or -1), place (or -1), up to six arguments, result."""

_FULL_YEAR: Final = 4095
_INDIVIDUAL_FORM: Final = schema.FORM["part_time"]
"""From this form on (part_time, flexible, platform) a worker insures as an individual."""

_masks = np.arange(4096)
_bits = (_masks[:, None] >> np.arange(12)[None, :]) & 1
POPCOUNT: Final = _bits.sum(axis=1).astype(np.int64)
"""Months in a mask."""
INTEREST_MONTHS: Final = (_bits * (12 - np.arange(12))[None, :]).sum(axis=1).astype(np.int64)
"""Months that the credits of a mask earn until the year's end, their own months included."""
HIGHEST: Final = np.array([int(m).bit_length() - 1 for m in _masks], dtype=np.int64)
LOWEST: Final = np.array([(int(m) & -int(m)).bit_length() - 1 for m in _masks], dtype=np.int64)

_PROVINCE_POSITION = np.full(100, -1, dtype=np.int64)
for _code, _position in schema.PLACE_INDEX.items():
    _PROVINCE_POSITION[_code] = _position
_PROVINCE_POSITION[0] = -1

# --- columns of the annual table: one cache line a place and year
WAGE: Final = 0
ACCOUNT_RATE: Final = 1
POOLED_RATE: Final = 2
BOOK_RATE: Final = 4
GROWTH: Final = 5
UNIFORM: Final = 6


class Scratch(NamedTuple):
    """Working memory of one block of people; only the part that a person uses is cleared."""

    slot_of: npt.NDArray[np.int64]
    """[place] -> slot, -1 while unused."""
    place_of: npt.NDArray[np.int64]
    """[slot] -> place."""
    cells: npt.NDArray[np.float64]
    """[slot, class, field]."""
    indices: npt.NDArray[np.float64]
    """[slot, class, column]: sums of b / C_x, the column's place x; columns: the slots, the hukou, the nation."""
    columns: npt.NDArray[np.int64]
    """[column] -> place."""
    temporary: npt.NDArray[np.int64]
    """[slot]: 1 temporary account, 0 ordinary, -1 not yet known."""
    masks: npt.NDArray[np.int64]
    """[record of the year, 4]: months kept as late, temporary, ordinary; months dropped."""
    summary: npt.NDArray[np.float64]


@jit
def new_scratch() -> Scratch:
    """Working memory for one block of people."""
    places = schema.N_PLACES
    return Scratch(
        np.full(places, -1, dtype=np.int64),
        np.zeros(places, dtype=np.int64),
        np.zeros((places, 4, N_FIELDS)),
        np.zeros((places, 4, places + 2)),
        np.zeros(places + 2, dtype=np.int64),
        np.zeros(places, dtype=np.int64),
        np.zeros((64, 4), dtype=np.int64),
        np.zeros(N_SUMMARY),
    )


MAX_RECORDS_A_YEAR: Final = 64
"""Most records of one person in one calendar year; more is an input error."""


def annual_table(tables: Tables) -> npt.NDArray[np.float64]:
    """[place, year, 8]: what one record needs of its year, side by side: wage of the year before, account rate,
    pooled rate of employees and of individuals, book rate, cumulated growth, whether the rates hold all year."""
    table = np.zeros((schema.N_PLACES, N_YEARS, 8))
    table[:, 0, WAGE] = np.nan
    table[:, 1:, WAGE] = tables.reference_wage[:, :-1]
    january = slice(0, None, 12)
    table[:, :, ACCOUNT_RATE] = tables.account_rate[:, january]
    table[:, :, POOLED_RATE : POOLED_RATE + 2] = tables.pooled_rate[:, january, :]
    table[:, :, BOOK_RATE] = tables.employee_rate
    table[:, :, GROWTH] = tables.employee_growth
    table[:, :, UNIFORM] = tables.uniform_year
    table.flags.writeable = False
    return table


@jit
def province_position(place: int) -> int:
    """Position of the province of a place code in the dense tables; -1 for none."""
    while place >= 100:
        place //= 100
    if place < 0:
        return -1
    return _PROVINCE_POSITION[place]  # type: ignore[no-any-return]


@jit
def note(
    trace: Any, step: int, record: int, place: int, a: float, b: float, c: float, d: float, e: float, result: float
) -> None:
    """Write one step into the trace: its number, record, place, up to five arguments and the result."""
    row = int(trace[0, 0]) + 1
    if row < trace.shape[0]:
        trace[row, 0] = step
        trace[row, 1] = record
        trace[row, 2] = place
        trace[row, 3] = a
        trace[row, 4] = b
        trace[row, 5] = c
        trace[row, 6] = d
        trace[row, 7] = e
        trace[row, 9] = result
    trace[0, 0] = row


@jit
def _carried(value: float, annual: Any, place: int, year: int, award: int, record: int, trace: Any) -> float:
    """A value at the end of ``year`` carried to the award month at the place's book rates."""
    award_year = award // 12 - FIRST_YEAR
    growth = annual[place, award_year - 1, GROWTH] / annual[place, year - FIRST_YEAR, GROWTH]
    months = award % 12 + 1
    result = balance_carried(value, growth, annual[place, award_year, BOOK_RATE], months)
    if trace is not None:
        note(
            trace, BALANCE_CARRIED, record, place, value, growth, annual[place, award_year, BOOK_RATE], months, 0.0, result
        )
    return result


@jit
def _money(
    rate: float, base: float, n: int, weight: int, annual: Any, place: int, year: int, award: int, record: int, trace: Any
) -> float:
    """Value at the award of ``n`` equal credits of one year, ``weight`` their interest months to the year's end."""
    book_rate = annual[place, year - FIRST_YEAR, BOOK_RATE]
    if year == award // 12:
        weight -= n * (11 - award % 12)
    value = credits_with_interest(rate, base, n, weight, book_rate)
    if trace is not None:
        note(trace, ACCOUNT_CREDITS, record, place, rate, base, n, weight, book_rate, value)
    if year < award // 12:
        value = _carried(value, annual, place, year, award, record, trace)
    return value


@jit
def _account_and_pool(
    tables: Any, annual: Any, place: int, year: int, mask: int, base: float, kind: int, award: int, record: int, trace: Any
) -> tuple[float, float, float, float]:
    """Account money, pooled money with and without interest, and pooled money that moves at the employer's rate,
    of one record's months."""
    line = annual[place, year - FIRST_YEAR]
    if line[UNIFORM] == 1.0:
        n, weight = POPCOUNT[mask], INTEREST_MONTHS[mask]
        pooled_rate = line[POOLED_RATE + kind]
        account = 0.0
        if line[ACCOUNT_RATE] > 0.0:
            account = _money(line[ACCOUNT_RATE], base, n, weight, annual, place, year, award, record, trace)
        pooled = _money(pooled_rate, base, n, weight, annual, place, year, award, record, None)
        return account, pooled, pooled_rate * base * n, max(0.12, pooled_rate) * base * n
    account, pooled, face, moved = 0.0, 0.0, 0.0, 0.0
    for k in range(12):
        if (mask >> k) & 1:
            month = 12 * year + k - FIRST_MONTH
            account_rate = tables.account_rate[place, month]
            pooled_rate = tables.pooled_rate[place, month, kind]
            if account_rate > 0.0:
                account += _money(account_rate, base, 1, 12 - k, annual, place, year, award, record, trace)
            pooled += _money(pooled_rate, base, 1, 12 - k, annual, place, year, award, record, None)
            face += pooled_rate * base
            moved += max(0.12, pooled_rate) * base
    return account, pooled, face, moved


@jit
def _add(
    s: Any,
    tables: Any,
    annual: Any,
    year: int,
    slot: int,
    kind_of_cell: int,
    mask: int,
    base: float,
    kind: int,
    n_columns: int,
    award: int,
    record: int,
    trace: Any,
) -> None:
    """Add one record's months ``mask`` to its cell; the months themselves are counted by the caller."""
    place = s.place_of[slot]
    n = POPCOUNT[mask]
    cell = s.cells[slot, kind_of_cell]
    cell[LAST] = max(cell[LAST], 12 * year + HIGHEST[mask])
    sums = s.indices[slot, kind_of_cell]
    for column in range(n_columns):
        x = s.columns[column]
        wage = annual[x, year - FIRST_YEAR, WAGE]
        z = contribution_index(base, wage)
        if trace is not None:
            note(trace, CONTRIBUTION_INDEX, record, x, base, wage, 0.0, 0.0, 0.0, z)
        sums[column] += z * n
    account, pooled, face, moved = _account_and_pool(
        tables, annual, place, year, mask, base, kind, award, record, trace
    )
    cell[ACCOUNT] += account
    cell[POOLED] += pooled
    cell[POOLED_FACE] += face
    if year >= 1998:
        cell[BASES] += base * n
        # 187号: out of a temporary account the employer's rate moves if it is higher; individuals always 12 %.
        cell[MOVED] += moved if kind_of_cell == TEMPORARY and kind == 0 else 0.12 * base * n


@jit
def _class_of(flags: int, temporary: int) -> int:
    """Class of a paid record: late, temporary or ordinary, the first that fits; the agency's decision overrides."""
    if flags & schema.FLAG_LATE:
        return LATE
    if flags & schema.FLAG_TEMPORARY:
        return TEMPORARY
    if flags & schema.FLAG_ORDINARY:
        return ORDINARY
    return TEMPORARY if temporary == 1 else ORDINARY


@jit
def _settle_temporary(s: Any, slot: int, first_month: int, hukou: int, birth: int, sex: int, trace: Any) -> None:
    """Fix the status of a place at the first month paid there."""
    if s.temporary[slot] < 0:
        place = s.place_of[slot]
        status = is_temporary_account(place, hukou, first_month, birth, sex)
        s.temporary[slot] = status
        if trace is not None:
            note(trace, TEMPORARY_ACCOUNT, -1, place, place, hukou, first_month, birth, sex, status)


@jit
def _drop_contested(h: Any, s: Any, start: int, stop: int) -> int:
    """Decide the months of one year that were paid in several places; returns the number of months dropped.

    An ordinary (or temporary) month beats a late back-payment, then the higher base in yuan counts, ties go to the
    lower place code. The months of the losers move to column 3 of ``masks``.
    """
    dropped = 0
    for k in range(12):
        bit = 1 << k
        places = 0
        winner, best_rank, best_base = -1, -1, 0.0
        first = start
        while first < stop:
            place = province_position(h.place[first])
            last = first
            rank, base, paid = -1, 0.0, False
            while last < stop and province_position(h.place[last]) == place:
                row = s.masks[last - start]
                if (row[0] | row[1] | row[2]) & bit:
                    paid = True
                    base += h.base[last]
                    rank = max(rank, 0 if row[0] & bit else 1)
                last += 1
            if paid:
                places += 1
                if rank > best_rank or (rank == best_rank and base > best_base):
                    winner, best_rank, best_base = place, rank, base
            first = last
        if places < 2:
            continue
        for record in range(start, stop):
            row = s.masks[record - start]
            if (row[0] | row[1] | row[2]) & bit and province_position(h.place[record]) != winner:
                row[0] &= ~bit
                row[1] &= ~bit
                row[2] &= ~bit
                row[3] |= bit
        dropped += places - 1
    return dropped


@jit
def _employee_year(
    h: Any, s: Any, tables: Any, annual: Any, person: int, start: int, stop: int, hukou: int, n_columns: int, award: int, trace: Any
) -> int:
    """Book the employee records ``start:stop`` of one calendar year; returns the months paid anywhere (a mask)."""
    year = int(h.year[start])
    anywhere, contested = 0, 0
    # Months by class, place by place (records of a place stand together): temporary before ordinary before late.
    first = start
    while first < stop:
        place = province_position(h.place[first])
        slot = s.slot_of[place]
        last, at_place = first, 0
        while last < stop and province_position(h.place[last]) == place:
            if not h.flags[last] & schema.FLAG_DEEMED:
                at_place |= h.months[last]
            last += 1
        if at_place:
            _settle_temporary(
                s, slot, 12 * year + LOWEST[at_place], hukou, h.birth[person], h.sex[person], trace
            )
        temporary, ordinary = 0, 0
        for record in range(first, last):
            if not h.flags[record] & schema.FLAG_DEEMED:
                kind_of_cell = _class_of(h.flags[record], s.temporary[slot])
                if kind_of_cell == TEMPORARY:
                    temporary |= h.months[record]
                elif kind_of_cell == ORDINARY:
                    ordinary |= h.months[record]
        ordinary &= ~temporary
        for record in range(first, last):
            row = s.masks[record - start]
            mask = 0 if h.flags[record] & schema.FLAG_DEEMED else int(h.months[record])
            row[1] = mask & temporary
            row[2] = mask & ordinary
            row[0] = mask & ~(temporary | ordinary)
            row[3] = 0
        contested |= anywhere & at_place
        anywhere |= at_place
        first = last
    if contested:
        s.summary[DROPPED_MONTHS] += _drop_contested(h, s, start, stop)
    # Book every record; months of a place and class count once, bases of several payers add.
    first = start
    while first < stop:
        place = province_position(h.place[first])
        slot = s.slot_of[place]
        last = first
        late, temporary, ordinary = 0, 0, 0
        while last < stop and province_position(h.place[last]) == place:
            if h.flags[last] & schema.FLAG_DEEMED:
                _add_deemed(s, slot, year, int(h.months[last]), h.base[last], n_columns)
            else:
                kind = 1 if h.form[last] >= _INDIVIDUAL_FORM else 0
                row = s.masks[last - start]
                late |= row[0]
                temporary |= row[1]
                ordinary |= row[2]
                for kind_of_cell in range(LATE, ORDINARY + 1):
                    mask = row[kind_of_cell - LATE]
                    if mask:
                        _add(
                            s, tables, annual, year, slot, kind_of_cell, mask, h.base[last], kind, n_columns, award, last, trace
                        )
                if row[3]:
                    account, _, _, _ = _account_and_pool(
                        tables, annual, place, year, row[3], h.base[last], kind, award, last, trace
                    )
                    s.summary[DROPPED_ACCOUNT] += account
                    if year >= 1998:
                        s.cells[slot, DEEMED, MOVED] += 0.12 * h.base[last] * POPCOUNT[row[3]]
                _note_income(h, s, last, place, year, row[0] | row[1] | row[2])
            last += 1
        s.cells[slot, LATE, MONTHS] += POPCOUNT[late]
        s.cells[slot, TEMPORARY, MONTHS] += POPCOUNT[temporary]
        s.cells[slot, ORDINARY, MONTHS] += POPCOUNT[ordinary]
        first = last
    return anywhere


@jit
def _add_deemed(s: Any, slot: int, year: int, mask: int, index: float, n_columns: int) -> None:
    """Deemed months carry their index against every wage."""
    n = POPCOUNT[mask]
    s.cells[slot, DEEMED, MONTHS] += n
    s.cells[slot, DEEMED, LAST] = max(s.cells[slot, DEEMED, LAST], 12 * year + HIGHEST[mask])
    for column in range(n_columns):
        s.indices[slot, DEEMED, column] += index * n


@jit
def _note_income(h: Any, s: Any, record: int, place: int, year: int, mask: int) -> None:
    """Keep the income of the last paid employee month; without a stated income its base."""
    if mask == 0:
        return
    month = 12 * year + HIGHEST[mask]
    income = h.base[record] if np.isnan(h.income[record]) else h.income[record]
    if month > s.summary[LAST_PAID]:
        s.summary[LAST_PAID] = month
        s.summary[LAST_INCOME] = income
        s.summary[LAST_PLACE] = place
    elif month == s.summary[LAST_PAID]:
        s.summary[LAST_INCOME] += income


@jit
def contribution_subsidy(tables: Any, place: int, month: int, amount: float) -> float:
    """Government subsidy (yuan/year) of one resident payment booked in ``month``: the row of the highest tier not
    above the amount in the table in force; no table or a blank row gives the legal floor (国发〔2014〕8号 art. 4)."""
    t = month - FIRST_MONTH
    for row in range(tables.subsidy_stop[place, t] - 1, tables.subsidy_start[place, t] - 1, -1):
        if tables.subsidy_tiers[row, 0] <= amount:
            if np.isnan(tables.subsidy_tiers[row, 1]):
                break
            return tables.subsidy_tiers[row, 1]  # type: ignore[no-any-return]
    if amount >= tables.subsidy_floor_tier:
        return tables.subsidy_floor[t, 1]  # type: ignore[no-any-return]
    return tables.subsidy_floor[t, 0]  # type: ignore[no-any-return]


@jit
def _resident_records(
    h: Any, s: Any, tables: Any, person: int, start: int, stop: int, hukou: int, overlaps: Any, award: int, trace: Any
) -> None:
    """Run the resident account over the resident records of a person, ``overlaps[j]`` employee months of record j.

    Three balances grow side by side: the account, its refundable principal, and the whole money of overlapped
    months. The account moves on 1 January of a new place's first year and is booked in December, in the award year
    in the award month; a copy is taken at the month of the 60th birthday when that is not after the award.
    """
    out = s.summary
    sixty = h.birth[person] + 720
    award_year, sixty_year = award // 12, sixty // 12
    balance, refundable, value = 0.0, 0.0, 0.0
    place, last_year, subsidised = -1, 0, 0
    sixty_taken = sixty > award
    n = 0
    for record in range(start, stop):
        if h.scheme[record] != 2:
            continue
        year = int(h.year[record])
        here = province_position(h.place[record])
        booked = 12 * year + 11
        if year == award_year:
            booked = award
        collective = 0.0 if np.isnan(h.payer_share[record]) else h.payer_share[record]
        flags = h.flags[record]
        subsidy = 0.0
        if not flags & schema.FLAG_BACKPAID and subsidised < tables.subsidy_max_years[here]:
            subsidy = contribution_subsidy(tables, here, booked, h.base[record])
            subsidised += 1
        credit = resident_credit(h.base[record], subsidy, collective)
        overlap = overlaps[n]
        n += 1
        own = 0.0 if flags & schema.FLAG_PROXY else h.base[record]
        refund = 0.0
        if overlap > 0:
            refund = overlap_refund(own, collective, overlap)
        if trace is not None:
            note(trace, RESIDENT_CREDIT, record, here, h.base[record], subsidy, collective, 0.0, 0.0, credit)
            if overlap > 0:
                note(trace, OVERLAP_REFUND, record, here, own, collective, overlap, 0.0, 0.0, refund)
        out[REFUND] += refund
        out[OVERLAP_MONTHS] += overlap
        out[RESIDENT_RECORDS] += 1
        out[RESIDENT_MONTHS] += 12 - overlap
        if not flags & schema.FLAG_BACKPAID or tables.premium_counts_backpaid[hukou] == 1:
            out[PREMIUM_MONTHS] += 12 - overlap
        # Bring the balances to the end of the year before.
        if place >= 0 and year - 1 > last_year:
            growth = (
                tables.resident_growth[place, year - 1 - FIRST_YEAR] / tables.resident_growth[place, last_year - FIRST_YEAR]
            )
            balance *= growth
            refundable *= growth
            value *= growth
        share = credit / 12.0 * overlap
        if not sixty_taken and year == sixty_year:  # no resident year lies after it (an input rule)
            sixty_taken = True
            _put(out, AT_SIXTY, balance, refundable, value, credit, refund, share, here)
        if year == award_year:
            _put(out, AT_AWARD, balance, refundable, value, credit, refund, share, here)
            return
        rate = tables.resident_rate[here, year - FIRST_YEAR]
        opening = balance
        balance = resident_balance(opening, credit, rate, 12)
        if trace is not None:
            note(trace, RESIDENT_BALANCE, record, here, opening, credit, rate, 12, 0.0, balance)
        refundable = resident_balance(refundable, refund, rate, 12)
        value = resident_balance(value, share, rate, 12)
        place, last_year = here, year
    if place < 0:
        return
    line = tables.resident_growth[place]
    if not sixty_taken:
        scale = line[sixty_year - 1 - FIRST_YEAR] / line[last_year - FIRST_YEAR]
        _put(out, AT_SIXTY, balance * scale, refundable * scale, value * scale, 0.0, 0.0, 0.0, place)
    scale = line[award_year - 1 - FIRST_YEAR] / line[last_year - FIRST_YEAR]
    _put(out, AT_AWARD, balance * scale, refundable * scale, value * scale, 0.0, 0.0, 0.0, place)


@jit
def _put(
    out: Any, at: int, a: float, b: float, c: float, credit_a: float, credit_b: float, credit_c: float, place: int
) -> None:
    out[at] = a
    out[at + 1] = b
    out[at + 2] = c
    out[at + 3] = credit_a
    out[at + 4] = credit_b
    out[at + 5] = credit_c
    out[at + 6] = place


@jit
def _find_places(h: Any, s: Any, start: int, stop: int, hukou: int) -> int:
    """Give every employee place a slot; returns the number of index columns."""
    slots = 0
    for record in range(start, stop):
        if h.scheme[record] == 1:
            place = province_position(h.place[record])
            if s.slot_of[place] < 0:
                s.slot_of[place] = slots
                s.place_of[slots] = place
                s.columns[slots] = place
                s.temporary[slots] = -1
                slots += 1
    n_columns = slots
    column = s.slot_of[hukou]
    if column < 0:
        column = slots
        s.columns[column] = hukou
        n_columns += 1
    nation = n_columns
    s.columns[nation] = schema.NATION_INDEX
    n_columns += 1
    for slot in range(slots):
        for kind_of_cell in range(4):
            for f in range(N_FIELDS):
                s.cells[slot, kind_of_cell, f] = 0.0
            for c in range(n_columns):
                s.indices[slot, kind_of_cell, c] = 0.0
    for f in range(N_SUMMARY):
        s.summary[f] = 0.0
    s.summary[N_SLOTS] = slots
    s.summary[HUKOU_COLUMN] = column
    s.summary[NATION_COLUMN] = nation
    s.summary[LAST_PLACE] = -1
    s.summary[AT_AWARD + 6] = -1
    s.summary[AT_SIXTY + 6] = -1
    return n_columns


@jit
def digest_one(h: Any, person: int, tables: Any, annual: Any, award: int, s: Any, overlaps: Any, trace: Any) -> None:
    """Digest one person's records into ``s``; ``award`` the award month; ``overlaps`` integer scratch of one entry
    a record; ``trace`` None or an array of ``TRACE_COLUMNS``."""
    start, stop = h.offsets[person], h.offsets[person + 1]
    hukou = province_position(h.hukou[person])
    n_columns = _find_places(h, s, start, stop, hukou)
    local, elsewhere = 0, 0
    residents = 0
    first = start
    while first < stop:
        year = int(h.year[first])
        last = first + 1
        while last < stop and h.year[last] == year:
            last += 1
        # Within a year records stand by scheme: none, employee, resident.
        paid = 0
        at_home, away = 0, 0
        employee = first
        while employee < last and h.scheme[employee] == 0:
            employee += 1
        resident = employee
        while resident < last and h.scheme[resident] == 1:
            resident += 1
        if resident == employee + 1 and not h.flags[employee] & schema.FLAG_DEEMED:
            # The usual year: one employee record.
            mask = int(h.months[employee])
            place = province_position(h.place[employee])
            slot = s.slot_of[place]
            _settle_temporary(
                s, slot, 12 * year + LOWEST[mask], hukou, h.birth[person], h.sex[person], trace
            )
            kind_of_cell = _class_of(h.flags[employee], s.temporary[slot])
            kind = 1 if h.form[employee] >= _INDIVIDUAL_FORM else 0
            s.cells[slot, kind_of_cell, MONTHS] += POPCOUNT[mask]
            _add(
                s, tables, annual, year, slot, kind_of_cell, mask, h.base[employee], kind, n_columns, award, employee, trace
            )
            _note_income(h, s, employee, place, year, mask)
            paid = mask
        elif resident > employee:
            paid = _employee_year(
                h, s, tables, annual, person, employee, resident, hukou, n_columns, award, trace
            )
        for record in range(first, last):
            scheme = h.scheme[record]
            if scheme == 1 and h.form[record] < _INDIVIDUAL_FORM:
                continue
            if scheme == 1 and h.flags[record] & schema.FLAG_DEEMED:
                continue
            work = h.work_place[record]
            if work < 0:
                work = h.place[record]
            mask = h.months[record]
            if scheme == 2:
                overlaps[residents] = POPCOUNT[paid]
                residents += 1
                mask = _FULL_YEAR
            if work < 0 or province_position(work) == hukou:
                at_home |= mask
            else:
                away |= mask
        local += POPCOUNT[at_home]
        elsewhere += POPCOUNT[away]
        first = last
    if residents > 0:
        _resident_records(h, s, tables, person, start, stop, hukou, overlaps, award, trace)
    if local + elsewhere > 0:
        stars = 2 if h.hukou_type[person] == 2 else 1
        if elsewhere >= local:
            stars += 2
        s.summary[STARS] = stars
    for slot in range(int(s.summary[N_SLOTS])):
        s.slot_of[s.place_of[slot]] = -1
