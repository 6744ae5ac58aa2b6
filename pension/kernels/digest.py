"""One pass over a person's records: the table of cells, from which every regime settles.

A cell is (place, class): class is deemed, late back-payment, temporary account or ordinary, the first that fits. It
holds months, last month, account and pooled money at the award, bases since 1998, and the sum of indices against the
wages of every place of the person, of his registered residence and of the nation. Beside the cells stands the
resident side (balances at the award and at 60, months, overlap money). Nothing here depends on a regime.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pension import schema
from pension._compile import inlined, jit
from pension._hints import NOT_NEGATIVE, prefetch
from pension.kernels.cells import (
    ACCOUNT,
    AT_AWARD,
    AT_SIXTY,
    BASES,
    BIRTH,
    DEEMED,
    DROPPED_ACCOUNT,
    DROPPED_MONTHS,
    DROPPED_POOLED,
    FORFEITS,
    HIGHEST,
    HUKOU,
    HUKOU_COLUMN,
    INDIVIDUAL_FORM,
    INTEREST_MONTHS,
    KEEP_EARLY,
    LAST,
    LAST_BASE,
    LAST_EARLY_YEAR,
    LAST_INCOME,
    LAST_PAID,
    LAST_PLACE,
    LATE,
    LOWEST,
    MONTHS,
    MOVED,
    N_EARLY,
    N_FIELDS,
    N_SLOTS,
    N_SUMMARY,
    NATION_COLUMN,
    NOTIONAL,
    OF_PLACE,
    ORDINARY,
    POOLED,
    POOLED_FACE,
    POPCOUNT,
    RESIDENT_START,
    RIGHTS,
    SEX,
    STARS,
    TEMPORARY,
    WANTS_DESIGN,
    WANTS_FIRST,
    WANTS_FORFEITED,
    WANTS_INCOME,
    WANTS_NATION,
    WANTS_POOLED,
    WANTS_TRANSFERS,
    higher_base,
    note,
    province_position,
)
from pension.kernels.registrations import dated_locality, is_dated, outside_labour, place_of_work, registered_at
from pension.kernels.resident_account import resident_records
from pension.law.contributions import individual_pooled_points, paid_pooled_points
from pension.law.designs import notional_credit, rights_accrual
from pension.law.employee import (
    AWARD_GROWTH,
    BEARING_MONTHS,
    CARRIED,
    CONTRIBUTION_INDEX,
    CREDITED,
    bearing_months,
    carried,
    contribution_index,
    credited,
)
from pension.law.transfer import (
    FIRST_TRANSFERRED_YEAR,
    TEMPORARY_ACCOUNT,
    TRANSFER_RATE,
    is_temporary_account,
    pooled_transfer,
)
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR
from pension.tables.world import (
    ACCOUNT_RATE,
    BOOK_RATE,
    COUNTS_PAID,
    GROWTH,
    MONTH_ACCOUNT,
    MONTH_BASIC,
    MONTH_CLOSING,
    MONTH_LOWEST_TIER,
    MONTH_POOLED,
    MONTH_RUN,
    POOLED_RATE,
    UNIFORM,
    YEAR_ACCOUNT,
    YEAR_POOLED,
)


@inlined
def _bearing(
    world: Any, s: Any, slot: int, year: int, n: int, earning: int, award: int, record: int, trace: Any
) -> float:
    """``n`` equal monthly credits of one year, in months of credit with interest to the award; ``earning`` their
    interest months to the year's end."""
    line = world.annual[s.place_of[slot], year - FIRST_YEAR]
    if year == award // 12:  # money of the award year earns to the award only
        earning -= n * (11 - award % 12)
    months = bearing_months(n, earning, line[BOOK_RATE])
    if trace is not None:
        note(trace, BEARING_MONTHS, record, s.place_of[slot], n, earning, line[BOOK_RATE], 0.0, 0.0, months)
    if year < award // 12:
        before = months
        months = carried(before, s.closing[slot], line[GROWTH])
        if trace is not None:
            note(trace, CARRIED, record, s.place_of[slot], before, s.closing[slot], line[GROWTH], 0.0, 0.0, months)
    return months


@inlined
def _account_and_pool(
    world: Any,
    s: Any,
    slot: int,
    year: int,
    mask: int,
    base: float,
    kind: int,
    payer: float,
    award: int,
    record: int,
    trace: Any,
) -> tuple[float, float, float, float, float]:
    """Account money and pooled money at the award, pooled money at face, pooled money that moves at the employer's
    rate, and all money in national wages, of one record's months; a year in which a rate changes is booked in parts.
    ``payer`` is the share of the base that an employer or platform is stated to pay, NaN by law."""
    place = s.place_of[slot]
    line = world.annual[place, year - FIRST_YEAR]
    account_rate, pooled_rate = line[ACCOUNT_RATE], line[POOLED_RATE + kind]
    account, pooled, face, moved, notional = 0.0, 0.0, 0.0, 0.0, 0.0
    nation = world.wages[schema.NATION_INDEX, year - FIRST_YEAR]
    rest = mask
    while rest:
        part = rest
        if line[UNIFORM] == 0.0:
            month = world.monthly[place, 12 * (year - FIRST_YEAR) + LOWEST[rest]]
            account_rate, pooled_rate = month[MONTH_ACCOUNT], month[MONTH_POOLED + kind]
            part = rest & int(month[MONTH_RUN])
        points = pooled_rate
        if not np.isnan(payer):
            employee = world.employee_share[place, 12 * (year - FIRST_YEAR) + LOWEST[rest]]
            points = stated_points(kind, payer, employee, account_rate, pooled_rate)
        rest &= ~part
        n = POPCOUNT[part]
        months = _bearing(world, s, slot, year, n, INTEREST_MONTHS[part], award, record, trace)
        value = credited(account_rate, base, months)
        if trace is not None:
            note(trace, CREDITED, record, place, account_rate, base, months, 0.0, 0.0, value)
        account += value
        pooled += credited(points, base, months)
        face += credited(points, base, n)
        moved += pooled_transfer(max(TRANSFER_RATE, points), base * n)
        notional += notional_credit(account_rate + points, base, n, nation)
    return account, pooled, face, moved, notional


@inlined
def stated_points(kind: int, payer: float, employee: float, account: float, individual: float) -> float:
    """Pooled points of a month whose payer's share is stated: of an employee (kind 0), or of an individual, whose
    points by law are ``individual``. Shares of the base."""
    if kind == 0:
        return paid_pooled_points(payer, employee, account)
    return individual_pooled_points(individual, payer)


@inlined
def _add_index(
    s: Any, world: Any, sums: Any, column: int, year: int, base: float, n: int, record: int, trace: Any
) -> None:
    """Add ``n`` months' index against the wages of one column's place."""
    x = s.columns[column]
    wage = world.wages[x, year - FIRST_YEAR]
    z = contribution_index(base, wage)
    if trace is not None:
        note(trace, CONTRIBUTION_INDEX, record, x, base, wage, 0.0, 0.0, 0.0, z)
    sums[column] += z * n


@inlined
def _count(s: Any, world: Any, slot: int, kind_of_cell: int, year: int, n: int, wanted: int) -> None:
    """Count months, each once whoever pays for it."""
    s.cells[slot, kind_of_cell, MONTHS] += n
    if wanted & WANTS_DESIGN:
        wages, y = world.wages, year - FIRST_YEAR
        right = rights_accrual(wages[s.place_of[slot], y], 0.0, wages[schema.NATION_INDEX, y])
        s.cells[slot, kind_of_cell, RIGHTS] += n * right


@inlined
def _note_first(s: Any, slot: int, kind_of_cell: int, month: int) -> None:
    """Keep the first month of a place that was paid in time."""
    if kind_of_cell != LATE and (s.first[slot] == 0 or month < s.first[slot]):
        s.first[slot] = month


@inlined
def _note_early(s: Any, slot: int, kind_of_cell: int, year: int, mask: int, base: float) -> None:
    """Keep counted months that a province may count in its transitional pension."""
    n = int(s.summary[N_EARLY])
    s.early[n, 0] = slot
    s.early[n, 1] = kind_of_cell
    s.early[n, 2] = year
    s.early[n, 3] = mask
    s.early_base[n] = base
    s.summary[N_EARLY] = n + 1


@inlined
def _add(
    s: Any,
    world: Any,
    year: int,
    slot: int,
    kind_of_cell: int,
    mask: int,
    base: float,
    kind: int,
    payer: float,
    n_columns: int,
    award: int,
    wanted: int,
    record: int,
    trace: Any,
) -> None:
    """Add one record's months ``mask`` to its cell; the months themselves are counted by the caller."""
    n = POPCOUNT[mask]
    cell = s.cells[slot, kind_of_cell]
    cell[LAST] = max(cell[LAST], 12 * year + HIGHEST[mask])
    if wanted & WANTS_FIRST:
        _note_first(s, slot, kind_of_cell, 12 * year + LOWEST[mask])
    if year <= s.summary[KEEP_EARLY]:
        _note_early(s, slot, kind_of_cell, year, mask, base)
    sums = s.indices[slot, kind_of_cell]
    # Most people have one or two columns; written out, they cost no unrolled loop.
    _add_index(s, world, sums, 0, year, base, n, record, trace)
    if n_columns > 1:
        _add_index(s, world, sums, 1, year, base, n, record, trace)
        for column in range(2, n_columns):
            _add_index(s, world, sums, column, year, base, n, record, trace)
    account, pooled, face, moved, notional = 0.0, 0.0, 0.0, 0.0, 0.0
    usual = mask == FULL_YEAR and year < award // 12
    transfers = wanted & WANTS_TRANSFERS != 0
    design = wanted & WANTS_DESIGN != 0
    stated = wanted & WANTS_POOLED != 0 and not np.isnan(payer)
    if transfers or design or stated or not usual:
        account, pooled, face, moved, notional = _account_and_pool(
            world, s, slot, year, mask, base, kind, payer, award, record, trace
        )
    if usual:
        # Twelve months at once from the table of full years; a traced person has the steps behind it too.
        place, y = s.place_of[slot], year - FIRST_YEAR
        at_award = base * s.closing[slot]
        account = world.years[YEAR_ACCOUNT, place, y] * at_award
        if not stated:
            pooled = world.years[YEAR_POOLED + kind, place, y] * at_award
    cell[ACCOUNT] += account
    if wanted & WANTS_POOLED:
        cell[POOLED] += pooled
    if design:
        cell[NOTIONAL] += notional
    if not transfers:
        return
    cell[POOLED_FACE] += face
    if year >= FIRST_TRANSFERRED_YEAR:
        cell[BASES] += base * n
        # 187号: out of a temporary account the employer's rate moves if it is higher; individuals always 12 %.
        twelve = pooled_transfer(TRANSFER_RATE, base * n)
        cell[MOVED] += moved if kind_of_cell == TEMPORARY and kind == 0 else twelve


@inlined
def _class_of(flags: int, temporary: int) -> int:
    """Class of a paid record: late, temporary or ordinary, the first that fits; the agency's decision overrides."""
    if flags == 0:
        return TEMPORARY if temporary == 1 else ORDINARY
    if flags & schema.FLAG_LATE:
        return LATE
    if flags & schema.FLAG_TEMPORARY:
        return TEMPORARY
    if flags & schema.FLAG_ORDINARY:
        return ORDINARY
    return TEMPORARY if temporary == 1 else ORDINARY


@inlined
def _settle_temporary(h: Any, s: Any, person: int, slot: int, first_month: int, hukou: int, trace: Any) -> None:
    """Fix the status of a place at the first month paid there, by the registration of that month."""
    if s.temporary[slot] < 0:
        place, birth, sex = s.place_of[slot], h.birth[person], h.sex[person]
        if is_dated(h, person):
            hukou = province_position(registered_at(h, person, first_month))
        status = is_temporary_account(place, hukou, first_month, birth, sex)
        s.temporary[slot] = status
        if trace is not None:
            note(trace, TEMPORARY_ACCOUNT, -1, place, place, hukou, first_month, birth, sex, status)


@jit
def _drop_contested(h: Any, s: Any, start: int, stop: int, contested: int) -> int:
    """Decide the months of one year that were paid in several places; returns the number of months dropped.

    An ordinary (or temporary) month beats a late back-payment, then the higher base in yuan counts, ties go to the
    lower place code. The months of the losers move to column 3 of ``masks``.
    """
    dropped = 0
    for k in range(12):
        bit = 1 << k
        if not contested & bit:
            continue
        winner, best_rank, best_base = -1, -1, 0.0
        for slot in range(int(s.summary[N_SLOTS])):
            rank, base = -1, 0.0
            for record in range(start, stop):
                row = s.masks[record - start]
                if row[4] == slot and (row[0] | row[1] | row[2]) & bit:
                    base += h.base[record]
                    rank = max(rank, 0 if row[0] & bit else 1)
            if rank < 0:
                continue
            dropped += 1
            lower = winner >= 0 and s.place_of[slot] < s.place_of[winner]
            if rank > best_rank or (rank == best_rank and higher_base(base, best_base, lower)):
                winner, best_rank, best_base = slot, rank, base
        dropped -= 1
        for record in range(start, stop):
            row = s.masks[record - start]
            if row[4] != winner and (row[0] | row[1] | row[2]) & bit:
                row[0] &= ~bit
                row[1] &= ~bit
                row[2] &= ~bit
                row[3] |= bit
    return dropped


@inlined
def _employee_year(
    h: Any,
    s: Any,
    world: Any,
    person: int,
    start: int,
    stop: int,
    hukou: int,
    n_columns: int,
    award: int,
    wanted: int,
    trace: Any,
) -> int:
    """Book the employee records ``start:stop`` of one calendar year; returns the months paid anywhere (a mask)."""
    year = int(h.year[start])
    for record in range(start, stop):
        s.masks[record - start, 4] = s.slot_of[province_position(h.place[record])]
    anywhere, contested = 0, 0
    # Months by class at each place. A month is late or temporary only if all its records there are.
    for slot in range(int(s.summary[N_SLOTS])):
        at_place = 0
        for record in range(start, stop):
            if s.masks[record - start, 4] == slot and not h.flags[record] & schema.FLAG_DEEMED:
                at_place |= h.months[record]
        if at_place:
            _settle_temporary(h, s, person, slot, 12 * year + LOWEST[at_place], hukou, trace)
        # Whatever is late: a month is temporary only if all its records are.
        in_time, ordinary = 0, 0
        for record in range(start, stop):
            flags = h.flags[record]
            if s.masks[record - start, 4] == slot and not flags & schema.FLAG_DEEMED:
                if not flags & schema.FLAG_LATE:
                    in_time |= h.months[record]
                if _class_of(flags & ~schema.FLAG_LATE, s.temporary[slot]) == ORDINARY:
                    ordinary |= h.months[record]
        for record in range(start, stop):
            row = s.masks[record - start]
            if row[4] == slot:
                mask = 0 if h.flags[record] & schema.FLAG_DEEMED else int(h.months[record])
                row[0] = mask & ~in_time
                row[1] = mask & in_time & ~ordinary
                row[2] = mask & in_time & ordinary
                row[3] = 0
        contested |= anywhere & at_place
        anywhere |= at_place
    if contested:
        s.summary[DROPPED_MONTHS] += _drop_contested(h, s, start, stop, contested)
    # Book every record; months of a place and class count once, bases of several payers add.
    for record in range(start, stop):
        row = s.masks[record - start]
        slot, base, payer = row[4], h.base[record], h.payer_share[record]
        if h.flags[record] & schema.FLAG_DEEMED:
            _add_deemed(s, world, slot, year, int(h.months[record]), base, n_columns)
            continue
        kind = 1 if h.form[record] >= INDIVIDUAL_FORM else 0
        for kind_of_cell in range(LATE, ORDINARY + 1):
            mask = row[kind_of_cell - LATE]
            if mask:
                for earlier in range(start, record):
                    if s.masks[earlier - start, 4] == slot:
                        mask &= ~s.masks[earlier - start, kind_of_cell - LATE]
                _count(s, world, slot, kind_of_cell, year, POPCOUNT[mask], wanted)
                mask = row[kind_of_cell - LATE]
                _add(
                    s, world, year, slot, kind_of_cell, mask, base, kind, payer, n_columns, award, wanted, record, trace
                )
        if row[3]:
            account, pooled, face, _, _ = _account_and_pool(
                world, s, slot, year, row[3], base, kind, payer, award, record, trace
            )
            s.summary[DROPPED_ACCOUNT] += account
            s.summary[DROPPED_POOLED] += pooled
            _drop(s.cells[slot, DEEMED], year, base * POPCOUNT[row[3]], account, pooled, face)
        _note_income(h, s, record, s.place_of[slot], year, row[0] | row[1] | row[2])
    return anywhere


@jit
def _drop(cell: Any, year: int, bases: float, account: float, pooled: float, face: float) -> None:
    """Keep the money of dropped months beside the deemed ones of their place, for which nothing was paid."""
    cell[ACCOUNT] += account
    cell[POOLED] += pooled
    cell[POOLED_FACE] += face
    if year >= FIRST_TRANSFERRED_YEAR:
        cell[BASES] += bases
        cell[MOVED] += pooled_transfer(TRANSFER_RATE, bases)


@jit
def _add_deemed(s: Any, world: Any, slot: int, year: int, mask: int, index: float, n_columns: int) -> None:
    """Deemed months carry their index against every wage."""
    n = POPCOUNT[mask]
    wage = world.wages[s.place_of[slot], year - FIRST_YEAR]
    right = rights_accrual(wage, wage * index, world.wages[schema.NATION_INDEX, year - FIRST_YEAR])
    s.cells[slot, DEEMED, RIGHTS] += n * right
    s.cells[slot, DEEMED, MONTHS] += n
    s.cells[slot, DEEMED, LAST] = max(s.cells[slot, DEEMED, LAST], 12 * year + HIGHEST[mask])
    for column in range(n_columns):
        s.indices[slot, DEEMED, column] += index * n


@inlined
def _note_income(h: Any, s: Any, record: int, place: int, year: int, mask: int) -> None:
    """Keep stated incomes and bases of the last paid employee month, each summed over its records."""
    if mask == 0:
        return
    month = 12 * year + HIGHEST[mask]
    if month < s.summary[LAST_PAID]:
        return
    if month > s.summary[LAST_PAID]:
        s.summary[LAST_PAID] = month
        s.summary[LAST_PLACE] = place
        s.summary[LAST_INCOME] = np.nan
        s.summary[LAST_BASE] = 0.0
    s.summary[LAST_BASE] += h.base[record]
    if not np.isnan(h.income[record]):
        before = s.summary[LAST_INCOME]
        s.summary[LAST_INCOME] = h.income[record] + (0.0 if np.isnan(before) else before)


@inlined
def _find_places(h: Any, s: Any, world: Any, start: int, stop: int, hukou: int, with_nation: int) -> int:
    """Give every employee place a slot; returns the number of index columns."""
    slots, before = 0, -1
    for record in range(start, stop):
        r = record & NOT_NEGATIVE
        if h.place[r] != before and h.scheme[r] == 1:
            before = h.place[r]
            place = province_position(before)
            if s.slot_of[place] < 0:
                s.slot_of[place] = slots
                s.place_of[slots] = place
                s.columns[slots] = place
                s.temporary[slots] = -1
                s.first[slots] = 0
                slots += 1
    n_columns = slots
    column = s.slot_of[hukou]
    if column < 0:
        column = slots
        s.columns[column] = hukou
        n_columns += 1
    nation = n_columns
    s.columns[nation] = schema.NATION_INDEX
    if with_nation != 0:
        n_columns += 1
    for slot in range(slots):
        for kind_of_cell in range(4):
            for f in range(N_FIELDS):
                s.cells[slot, kind_of_cell, f] = 0.0
            # Most people have one or two columns; written out, they cost no call of memset.
            s.indices[slot, kind_of_cell, 0] = 0.0
            s.indices[slot, kind_of_cell, 1] = 0.0
            for c in range(2, n_columns):
                s.indices[slot, kind_of_cell, c] = 0.0
    for f in range(N_SUMMARY):
        s.summary[f] = 0.0
    s.summary[N_SLOTS] = slots
    s.summary[HUKOU_COLUMN] = column
    s.summary[NATION_COLUMN] = nation
    s.summary[LAST_PLACE] = -1
    for column in range(nation):
        if world.lines[s.columns[column], COUNTS_PAID] == 1.0:
            s.summary[KEEP_EARLY] = LAST_EARLY_YEAR
    s.summary[AT_AWARD + OF_PLACE] = -1
    s.summary[AT_SIXTY + OF_PLACE] = -1
    return n_columns


@inlined
def _one_record_year(
    h: Any,
    s: Any,
    world: Any,
    person: int,
    record: int,
    slot: int,
    hukou: int,
    n_columns: int,
    award: int,
    wanted: int,
    trace: Any,
) -> None:
    """Book the usual year: one paid employee record and nothing else."""
    year, mask = int(h.year[record]), int(h.months[record])
    _settle_temporary(h, s, person, slot, 12 * year + LOWEST[mask], hukou, trace)
    kind_of_cell = _class_of(h.flags[record], s.temporary[slot])
    kind = 1 if h.form[record] >= INDIVIDUAL_FORM else 0
    _count(s, world, slot, kind_of_cell, year, POPCOUNT[mask], wanted)
    base, payer = h.base[record], h.payer_share[record]
    _add(s, world, year, slot, kind_of_cell, mask, base, kind, payer, n_columns, award, wanted, record, trace)


@inlined
def _outside_labour(h: Any, record: int, hukou: int, award: int) -> tuple[int, int]:
    """Months without a labour relation at home and elsewhere (masks); where nobody states a place, neither."""
    mask, work = outside_labour(h, record, award), place_of_work(h, record)
    if work < 0:
        return 0, 0
    return (mask, 0) if province_position(work) == hukou else (0, mask)


@inlined
def _single_years(
    h: Any, s: Any, world: Any, person: int, first: int, stop: int, slot: int, hukou: int, n_columns: int, award: int
) -> tuple[int, int, int]:
    """Book the run of years that begins with ``first``: one unflagged employee record a year, all at the place of
    ``slot``, before the award year, which ``stop`` leaves out. Returns (record after the run, months outside labour at
    home, elsewhere).

    What most records are: short loops, each over few columns, so that what they read and sum stays in registers; sums
    are added in the order of the records, as everywhere. What a regime may ask beyond that (``wanted``) is not booked.
    """
    end, individual = _end_of_run(h, first, stop)
    place, closing = s.place_of[slot], s.closing[slot]
    first_month = 12 * int(h.year[first]) + LOWEST[h.months[first]]
    _settle_temporary(h, s, person, slot, first_month, hukou, None)
    kind_of_cell = _class_of(0, s.temporary[slot])
    _note_first(s, slot, kind_of_cell, first_month)
    cell, sums = s.cells[slot, kind_of_cell], s.indices[slot, kind_of_cell]
    full_years, wages = world.years[YEAR_ACCOUNT, place], world.wages[place]
    account, index, months = cell[ACCOUNT], sums[slot], 0
    r = first & NOT_NEGATIVE
    while r < end:
        begin = r
        while r < end and h.months[r] == FULL_YEAR:
            base, y = h.base[r], (int(h.year[r]) - FIRST_YEAR) & NOT_NEGATIVE
            account += full_years[y] * (base * closing)
            index += contribution_index(base, wages[y]) * 12
            r = (r + 1) & NOT_NEGATIVE
        months += 12 * (r - begin)
        if r < end:  # a partial year
            year, mask, base = int(h.year[r]), int(h.months[r]), h.base[r]
            part, _, _, _, _ = _account_and_pool(world, s, slot, year, mask, base, 0, np.nan, award, r, None)
            account += part
            index += contribution_index(base, wages[year - FIRST_YEAR]) * POPCOUNT[mask]
            months += POPCOUNT[mask]
            r = (r + 1) & NOT_NEGATIVE
    cell[ACCOUNT] = account
    cell[MONTHS] += months
    cell[LAST] = max(cell[LAST], 12 * int(h.year[end - 1]) + HIGHEST[h.months[end - 1]])
    sums[slot] = index
    for column in range(n_columns):
        if column != slot:
            sums[column] = _indices_of_run(h, first, end, world.wages[s.columns[column]], sums[column])
    record = first
    while record < end and h.year[record] <= s.summary[KEEP_EARLY]:
        _note_early(s, slot, kind_of_cell, int(h.year[record]), int(h.months[record]), h.base[record])
        record += 1
    local, elsewhere = 0, 0
    if individual:
        for record in range(first, end):
            here, there = _outside_labour(h, record, hukou, award)
            local += POPCOUNT[here]
            elsewhere += POPCOUNT[there]
    return end, local, elsewhere


@inlined
def _end_of_run(h: Any, first: int, stop: int) -> tuple[int, bool]:
    """Record after the run of ``_single_years``, and whether somebody insures himself in it."""
    r = first & NOT_NEGATIVE
    code, year, form = h.place[r], h.year[r], 0
    while r < stop and h.scheme[r] == 1 and h.flags[r] == 0 and h.place[r] == code:
        following = (r + 1) & NOT_NEGATIVE
        # Two records of one year are no part of it.
        if following < stop and h.year[following] == year:
            break
        form = max(form, int(h.form[r]))
        if following < stop:
            year = h.year[following]
        r = following
    return r, form >= INDIVIDUAL_FORM


@inlined
def _indices_of_run(h: Any, first: int, end: int, wages: Any, total: float) -> float:
    """``total`` and the indices of the records ``first:end`` against ``wages``."""
    r = first & NOT_NEGATIVE
    while r < end:
        wage = wages[(int(h.year[r]) - FIRST_YEAR) & NOT_NEGATIVE]
        total += contribution_index(h.base[r], wage) * POPCOUNT[h.months[r] & FULL_YEAR]
        r = (r + 1) & NOT_NEGATIVE
    return total


@inlined
def digest_one(h: Any, person: int, world: Any, award: int, s: Any, overlaps: Any, wanted: int, trace: Any) -> None:
    """Digest one person's records into ``s``; ``award`` the award month; ``overlaps`` integer scratch of one entry
    a record; ``wanted`` a sum of ``WANTS_...``, what beyond the usual is asked; ``trace`` None or an array of
    ``TRACE_COLUMNS``."""
    start, stop = h.offsets[person], h.offsets[person + 1]
    hukou = province_position(h.hukou[person])
    prefetch(world.at_month, (MONTH_LOWEST_TIER, hukou, award - FIRST_MONTH))
    prefetch(world.at_month, (MONTH_BASIC, hukou, max(award, int(h.birth[person]) + 720) + 1 - FIRST_MONTH))
    n_columns = _find_places(h, s, world, start, stop, hukou, wanted & WANTS_NATION)
    for slot in range(int(s.summary[N_SLOTS])):
        s.closing[slot] = world.at_month[MONTH_CLOSING, s.place_of[slot], award - FIRST_MONTH]
        if trace is not None:
            line = world.annual[s.place_of[slot]]
            growth, rate = line[award // 12 - 1 - FIRST_YEAR, GROWTH], line[award // 12 - FIRST_YEAR, BOOK_RATE]
            note(trace, AWARD_GROWTH, -1, s.place_of[slot], growth, rate, award % 12 + 1, 0.0, 0.0, s.closing[slot])
    local, elsewhere, residents, first_resident = 0, 0, 0, stop
    alone, code, slot = -1, -1, -1
    before_award_year = stop
    while before_award_year > start and h.year[before_award_year - 1] >= award // 12:
        before_award_year -= 1
    in_runs = trace is None and wanted & (WANTS_TRANSFERS | WANTS_POOLED | WANTS_DESIGN) == 0
    first = start
    while first < stop:
        year = h.year[first]
        last = first + 1
        while last < stop and h.year[last] == year:
            last += 1
        usual = h.scheme[first] == 1 and h.flags[first] == 0 and last == first + 1 and year < award // 12
        if trace is None and in_runs and usual:
            if h.place[first] != code:
                code = h.place[first]
                slot = s.slot_of[province_position(code)]
            first, here, there = _single_years(
                h, s, world, person, first, before_award_year, slot, hukou, n_columns, award
            )
            local += here
            elsewhere += there
            alone = first - 1
            continue
        paid, at_home, away = 0, 0, 0
        if last == first + 1 and h.scheme[first] == 1 and not h.flags[first] & schema.FLAG_DEEMED:
            if h.place[first] != code:
                code = h.place[first]
                slot = s.slot_of[province_position(code)]
            _one_record_year(h, s, world, person, first, slot, hukou, n_columns, award, wanted, trace)
            alone = first
            if h.form[first] >= INDIVIDUAL_FORM:
                at_home, away = _outside_labour(h, first, hukou, award)
        else:
            # Within a year records stand by scheme: none, employee, resident.
            employee = first
            while employee < last and h.scheme[employee] == 0:
                employee += 1
            resident = employee
            while resident < last and h.scheme[resident] == 1:
                resident += 1
            if resident > employee:
                paid = _employee_year(h, s, world, person, employee, resident, hukou, n_columns, award, wanted, trace)
                if paid:
                    alone = -1
            for record in range(first, last):
                if h.scheme[record] == 2:
                    first_resident = min(first_resident, record)
                    prefetch(h.payer_share, (record,))
                    overlaps[residents] = POPCOUNT[paid]
                    residents += 1
                here, there = _outside_labour(h, record, hukou, award)
                at_home |= here
                away |= there
        local += POPCOUNT[at_home]
        elsewhere += POPCOUNT[away]
        first = last
    if alone >= 0 and wanted & WANTS_INCOME:
        _note_income(h, s, alone, province_position(h.place[alone]), int(h.year[alone]), int(h.months[alone]))
    if residents > 0:
        resident_records(h, s, world, person, first_resident, stop, hukou, overlaps, award, wanted, trace)
    if is_dated(h, person):
        local, elsewhere = dated_locality(h, person, start, stop, award)
    if local + elsewhere > 0:
        stars = 2 if h.hukou_type[person] == 2 else 1
        if elsewhere >= local:
            stars += 2
        s.summary[STARS] = stars
    s.summary[FORFEITS] = 1.0 if wanted & WANTS_FORFEITED else 0.0
    s.summary[SEX] = h.sex[person]
    s.summary[BIRTH] = h.birth[person]
    s.summary[HUKOU] = hukou
    s.summary[RESIDENT_START] = h.resident_start[person]
    for slot in range(int(s.summary[N_SLOTS])):
        s.slot_of[s.place_of[slot]] = -1
