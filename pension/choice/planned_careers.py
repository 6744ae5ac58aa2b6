"""Careers that do not exist yet, many at once: contributions from a month on, by scheme, place, form, base and length.

A plan is one row of a ``Plans`` block; ``histories`` writes its months as records. Bases follow the published or ruled
limits of the place month by month, incomes the reference wages of the place of work. No law is here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.histories import Histories
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, N_MONTHS

if TYPE_CHECKING:
    from pension.tables.dense import Tables

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

FLOOR, INCOME, CEILING, INDEX = range(4)
"""How the base of a plan is set: the lowest allowed; the income within the limits; the highest; a multiple of the
reference wage of the year before, whatever the limits."""

_EMPLOYEE: Final = schema.SCHEME["employee"]
_RESIDENT: Final = schema.SCHEME["resident"]


class Plans(NamedTuple):
    """One row a plan; places are positions in ``schema.PLACES``, months are serials."""

    sex: Int
    category: Int
    birth: Int
    hukou: Int
    hukou_type: Int
    claim: Int
    """Award month; MISSING = statutory."""
    scheme: Int
    """Numbers of ``schema.SCHEME``; 0 pays nothing."""
    form: Int
    place: Int
    """Where it is paid."""
    work: Int
    """Whose wages the income follows."""
    first: Int
    last: Int
    """First and last month paid; a resident plan pays the calendar years of these months."""
    setting: Int
    """``FLOOR``, ``INCOME``, ``CEILING`` or ``INDEX``."""
    amount: Float
    """With INCOME the income over the reference wage of the year before, with INDEX the index; resident plans: the own
    contribution, yuan/year."""
    collective: Float
    """Collective assistance of a resident plan, yuan/year; NaN = none."""

    def take(self, rows: Int | npt.NDArray[np.bool_]) -> Plans:
        """Some of the plans."""
        return self._replace(**{name: getattr(self, name)[rows] for name in self._fields})


def wages_before(tables: Tables, place: Int, month: Int) -> Float:
    """Reference wage of the year before, yuan/month: the denominator of the indices of these months."""
    return np.asarray(tables.reference_wage[place, month // 12 - 1 - FIRST_YEAR])


def _stretches(tables: Tables) -> tuple[Int, Int]:
    """Months (on the axis) from which base limits hold, place after place, and where each place begins among them."""
    fresh = np.zeros(tables.base_floor.shape, dtype=np.bool_)
    fresh[:, ::12] = True  # a record is a calendar year or a part of it
    for limit in (tables.base_floor, tables.base_ceiling):
        fresh[:, 1:] |= limit[:, 1:] != limit[:, :-1]
    return np.nonzero(fresh)[1], np.concatenate([[0], np.cumsum(fresh.sum(axis=1))])


def _expanded(counts: Int) -> tuple[Int, Int]:
    """(row, number inside the row) of every item where row i has ``counts[i]``."""
    row = np.repeat(np.arange(counts.size), counts)
    return row, np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)


def base_of(tables: Tables, plans: Plans, row: Int, month: Int) -> Float:
    """Contribution base of plan ``row`` in ``month``, yuan/month; both arrays of one length."""
    at = month - FIRST_MONTH
    low, high = (limit[plans.place[row], at] for limit in (tables.base_floor, tables.base_ceiling))
    income = plans.amount[row] * wages_before(tables, plans.work[row], month)
    index = plans.amount[row] * wages_before(tables, plans.place[row], month)
    choices = [low, np.minimum(high, np.maximum(low, income)), high, index]
    return np.select([plans.setting[row] == k for k in range(4)], choices)


class _Records(NamedTuple):
    row: Int
    year: Int
    months: Int
    base: Float


def _employee(tables: Tables, plans: Plans) -> _Records:
    begins, of_place = _stretches(tables)
    paying = np.flatnonzero((plans.scheme == _EMPLOYEE) & (plans.first <= plans.last))
    place = plans.place[paying]
    # One axis for all places: the stretches of a place are found by a search among its own.
    axis = begins + N_MONTHS * np.repeat(np.arange(of_place.size - 1), np.diff(of_place))
    low, high = (
        np.searchsorted(axis, getattr(plans, end)[paying] - FIRST_MONTH + N_MONTHS * place, side="right") - 1
        for end in ("first", "last")
    )
    inside, k = _expanded(high - low + 1)
    at, row = low[inside] + k, paying[inside]
    ends = np.append(begins[1:], N_MONTHS)
    ends[of_place[1:] - 1] = N_MONTHS
    first = np.maximum(begins[at] + FIRST_MONTH, plans.first[row])
    last = np.minimum(ends[at] - 1 + FIRST_MONTH, plans.last[row])
    mask = (1 << (last % 12 + 1)) - (1 << first % 12)
    return _Records(row, first // 12, mask, base_of(tables, plans, row, first))


def _resident(plans: Plans) -> _Records:
    paying = np.flatnonzero((plans.scheme == _RESIDENT) & (plans.first <= plans.last))
    years = plans.last[paying] // 12 - plans.first[paying] // 12 + 1
    inside, k = _expanded(years)
    row = paying[inside]
    return _Records(row, plans.first[row] // 12 + k, np.full(row.size, FULL_YEAR), plans.amount[row])


def histories(tables: Tables, plans: Plans) -> Histories:
    """The plans as histories of as many people, unchecked; identifiers count the rows from 0."""
    parts = [_employee(tables, plans), _resident(plans)]
    row, year, months, base = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((months, year, row))
    row, year, months, base = row[order], year[order], months[order], base[order]
    codes = np.array([code for code, _, _ in schema.PLACES])
    scheme = plans.scheme[row]
    return Histories.build(
        range(plans.sex.size),
        {
            "sex": plans.sex,
            "retirement_category": plans.category,
            "birth": plans.birth,
            "hukou": codes[plans.hukou],
            "hukou_type": plans.hukou_type,
            "claim": plans.claim,
            "offsets": np.concatenate([[0], np.cumsum(np.bincount(row, minlength=plans.sex.size))]),
            "year": year,
            "months": months,
            "scheme": scheme,
            "form": plans.form[row],
            "place": codes[plans.place[row]],
            "work_place": np.where(scheme == _EMPLOYEE, codes[plans.work[row]], schema.MISSING),
            "base": base,
            "payer_share": np.where(scheme == _RESIDENT, plans.collective[row], np.nan),
        },
    )
