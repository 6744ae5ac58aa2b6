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
from pension.kernels.booking import (
    account_and_pool,
    add_deemed,
    book_months,
    class_of,
    count_months,
    keep_dropped,
    note_early,
    note_first,
    note_income,
    settle_temporary,
)
from pension.kernels.cells import (
    ACCOUNT,
    AT_AWARD,
    AT_SIXTY,
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
    KEEP_EARLY,
    LAST,
    LAST_EARLY_YEAR,
    LAST_PLACE,
    LATE,
    LOWEST,
    MONTHS,
    N_FIELDS,
    N_SLOTS,
    N_SUMMARY,
    NATION_COLUMN,
    OF_PLACE,
    ORDINARY,
    POPCOUNT,
    RESIDENT_START,
    SEX,
    STARS,
    WANTS_DESIGN,
    WANTS_FORFEITED,
    WANTS_INCOME,
    WANTS_NATION,
    WANTS_POOLED,
    WANTS_TRANSFERS,
    higher_base,
    note,
    province_position,
)
from pension.kernels.plain_years import end_of_run
from pension.kernels.registrations import dated_locality, is_dated, outside_labour, place_of_work
from pension.kernels.resident_account import resident_records
from pension.law.employee import (
    AWARD_GROWTH,
    contribution_index,
)
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR
from pension.tables.world import (
    BOOK_RATE,
    COUNTS_PAID,
    GROWTH,
    MONTH_BASIC,
    MONTH_CLOSING,
    MONTH_LOWEST_TIER,
    YEAR_ACCOUNT,
)


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
            settle_temporary(h, s, person, slot, 12 * year + LOWEST[at_place], hukou, trace)
        # Whatever is late: a month is temporary only if all its records are.
        in_time, ordinary = 0, 0
        for record in range(start, stop):
            flags = h.flags[record]
            if s.masks[record - start, 4] == slot and not flags & schema.FLAG_DEEMED:
                if not flags & schema.FLAG_LATE:
                    in_time |= h.months[record]
                if class_of(flags & ~schema.FLAG_LATE, s.temporary[slot]) == ORDINARY:
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
            add_deemed(s, world, slot, year, int(h.months[record]), base, n_columns)
            continue
        kind = 1 if h.form[record] >= INDIVIDUAL_FORM else 0
        for kind_of_cell in range(LATE, ORDINARY + 1):
            mask = row[kind_of_cell - LATE]
            if mask:
                for earlier in range(start, record):
                    if s.masks[earlier - start, 4] == slot:
                        mask &= ~s.masks[earlier - start, kind_of_cell - LATE]
                count_months(s, world, slot, kind_of_cell, year, POPCOUNT[mask], wanted)
                mask = row[kind_of_cell - LATE]
                book_months(
                    s, world, year, slot, kind_of_cell, mask, base, kind, payer, n_columns, award, wanted, record, trace
                )
        if row[3]:
            account, pooled, face, _, _ = account_and_pool(
                world, s, slot, year, row[3], base, kind, payer, award, record, trace
            )
            s.summary[DROPPED_ACCOUNT] += account
            s.summary[DROPPED_POOLED] += pooled
            keep_dropped(s.cells[slot, DEEMED], year, base * POPCOUNT[row[3]], account, pooled, face)
        note_income(h, s, record, s.place_of[slot], year, row[0] | row[1] | row[2])
    return anywhere


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
    settle_temporary(h, s, person, slot, 12 * year + LOWEST[mask], hukou, trace)
    kind_of_cell = class_of(h.flags[record], s.temporary[slot])
    kind = 1 if h.form[record] >= INDIVIDUAL_FORM else 0
    count_months(s, world, slot, kind_of_cell, year, POPCOUNT[mask], wanted)
    base, payer = h.base[record], h.payer_share[record]
    book_months(s, world, year, slot, kind_of_cell, mask, base, kind, payer, n_columns, award, wanted, record, trace)


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
    end, individual = end_of_run(h, first, stop)
    place, closing = s.place_of[slot], s.closing[slot]
    first_month = 12 * int(h.year[first]) + LOWEST[h.months[first]]
    settle_temporary(h, s, person, slot, first_month, hukou, None)
    kind_of_cell = class_of(0, s.temporary[slot])
    note_first(s, slot, kind_of_cell, first_month)
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
            part, _, _, _, _ = account_and_pool(world, s, slot, year, mask, base, 0, np.nan, award, r, None)
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
        note_early(s, slot, kind_of_cell, int(h.year[record]), int(h.months[record]), h.base[record])
        record += 1
    local, elsewhere = 0, 0
    if individual:
        for record in range(first, end):
            here, there = _outside_labour(h, record, hukou, award)
            local += POPCOUNT[here]
            elsewhere += POPCOUNT[there]
    return end, local, elsewhere


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
        note_income(h, s, alone, province_position(h.place[alone]), int(h.year[alone]), int(h.months[alone]))
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
