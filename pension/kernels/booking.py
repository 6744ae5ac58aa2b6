"""Booking the months of one record into a cell: account and pooled money, indices, first and last months."""

from __future__ import annotations

from typing import Any

import numpy as np

from pension import schema
from pension._compile import inlined, jit
from pension.kernels.cells import (
    ACCOUNT,
    BASES,
    DEEMED,
    HIGHEST,
    INTEREST_MONTHS,
    KEEP_EARLY,
    LAST,
    LAST_BASE,
    LAST_INCOME,
    LAST_PAID,
    LAST_PLACE,
    LATE,
    LOWEST,
    MONTHS,
    MOVED,
    N_EARLY,
    NOTIONAL,
    ORDINARY,
    POOLED,
    POOLED_FACE,
    POPCOUNT,
    RIGHTS,
    TEMPORARY,
    WANTS_DESIGN,
    WANTS_FIRST,
    WANTS_POOLED,
    WANTS_TRANSFERS,
    note,
    province_position,
)
from pension.kernels.registrations import is_dated, registered_at
from pension.law.contributions import individual_pooled_points, paid_pooled_points
from pension.law.designs import notional_credit, rights_accrual
from pension.law.employee import (
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
from pension.tables.dense import FIRST_YEAR
from pension.tables.world import (
    ACCOUNT_RATE,
    BOOK_RATE,
    GROWTH,
    MONTH_ACCOUNT,
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
def account_and_pool(
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
def count_months(s: Any, world: Any, slot: int, kind_of_cell: int, year: int, n: int, wanted: int) -> None:
    """Count months, each once whoever pays for it."""
    s.cells[slot, kind_of_cell, MONTHS] += n
    if wanted & WANTS_DESIGN:
        wages, y = world.wages, year - FIRST_YEAR
        right = rights_accrual(wages[s.place_of[slot], y], 0.0, wages[schema.NATION_INDEX, y])
        s.cells[slot, kind_of_cell, RIGHTS] += n * right


@inlined
def note_first(s: Any, slot: int, kind_of_cell: int, month: int) -> None:
    """Keep the first month of a place that was paid in time."""
    if kind_of_cell != LATE and (s.first[slot] == 0 or month < s.first[slot]):
        s.first[slot] = month


@inlined
def note_early(s: Any, slot: int, kind_of_cell: int, year: int, mask: int, base: float) -> None:
    """Keep counted months that a province may count in its transitional pension."""
    n = int(s.summary[N_EARLY])
    s.early[n, 0] = slot
    s.early[n, 1] = kind_of_cell
    s.early[n, 2] = year
    s.early[n, 3] = mask
    s.early_base[n] = base
    s.summary[N_EARLY] = n + 1


@inlined
def book_months(
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
        note_first(s, slot, kind_of_cell, 12 * year + LOWEST[mask])
    if year <= s.summary[KEEP_EARLY]:
        note_early(s, slot, kind_of_cell, year, mask, base)
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
        account, pooled, face, moved, notional = account_and_pool(
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
def class_of(flags: int, temporary: int) -> int:
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
def settle_temporary(h: Any, s: Any, person: int, slot: int, first_month: int, hukou: int, trace: Any) -> None:
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
def keep_dropped(cell: Any, year: int, bases: float, account: float, pooled: float, face: float) -> None:
    """Keep the money of dropped months beside the deemed ones of their place, for which nothing was paid."""
    cell[ACCOUNT] += account
    cell[POOLED] += pooled
    cell[POOLED_FACE] += face
    if year >= FIRST_TRANSFERRED_YEAR:
        cell[BASES] += bases
        cell[MOVED] += pooled_transfer(TRANSFER_RATE, bases)


@jit
def add_deemed(s: Any, world: Any, slot: int, year: int, mask: int, index: float, n_columns: int) -> None:
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
def note_income(h: Any, s: Any, record: int, place: int, year: int, mask: int) -> None:
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
