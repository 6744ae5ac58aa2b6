"""Working memory of one person: the cells, the summary, the trace, and the tables of month masks.

A cell is (place, class): class is deemed, late back-payment, temporary account or ordinary, the first that fits.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import allocating_jit, inlined, jit

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
"""Stated incomes of the last paid employee month, yuan/month; 0 where none is stated."""
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
SEX: Final = 28
BIRTH: Final = 29
HUKOU: Final = 30
"""Position of the registered residence at claim."""
RESIDENT_START: Final = 31
"""County's own start of the resident scheme (serial), -1 if not given."""
BEFORE_AWARD: Final = 32
"""Late claims: value at R0 of what heirs of a death before the award receive; two numbers, the resident account
until the award and until 60."""
LAST_BASE: Final = 34
"""Bases of the last paid employee month, yuan/month."""
N_SUMMARY: Final = 35

WANTS_NATION: Final = 1
"""Indices against national wages (a column more for every record)."""
WANTS_INCOME: Final = 2
"""The income of the last paid month."""
WANTS_TRANSFERS: Final = 4
"""Pooled money at face, bases since 1998 and pooled money that moves."""
WANTS_POOLED: Final = 8
"""Pooled money with interest."""
WANTS_ALL: Final = 15

TRACE_COLUMNS: Final = 10
"""Step, record (or -1), place (or -1), up to six arguments, result."""

FULL_YEAR: Final = 4095
INDIVIDUAL_FORM: Final = schema.FORM["part_time"]
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
    """[record of the year, 5]: months kept as late, temporary, ordinary; months dropped; slot."""
    closing: npt.NDArray[np.float64]
    """[slot]: cumulated book growth of the place to the award."""
    summary: npt.NDArray[np.float64]


@allocating_jit
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
        np.zeros((schema.MAX_RECORDS_A_YEAR, 5), dtype=np.int64),
        np.zeros(places),
        np.zeros(N_SUMMARY),
    )


@inlined
def province_position(place: int) -> int:
    """Position of the province of a place code in the dense tables; -1 for none."""
    while place >= 100:
        place //= 100
    if place < 0:
        return -1
    return _PROVINCE_POSITION[place]


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
