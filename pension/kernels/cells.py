"""Working memory of one person: the cells, the summary, the trace, and the tables of month masks.

A cell is (place, class): class is deemed, late back-payment, temporary account or ordinary, the first that fits.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import allocating_jit, inlined, inlined_view, jit
from pension._hints import shaped

# --- classes and fields of a cell
DEEMED: Final = 0
LATE: Final = 1
TEMPORARY: Final = 2
ORDINARY: Final = 3

# Nothing is paid for deemed months: the money in the cell of class DEEMED is that of dropped months of the place.
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
RIGHTS: Final = 7
"""Sum of C_p / C_N of the counted months (deemed: with their index), for booked rights."""
NOTIONAL: Final = 8
"""Contributions to account and pool in national wages of their time."""
N_FIELDS: Final = 9

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
"""Stated incomes of the last paid employee month, yuan/month; NaN where none is stated."""
LAST_PAID: Final = 9
"""Last paid employee month (serial), 0 for none."""
LAST_PLACE: Final = 10
STARS: Final = 11
AT_AWARD: Final = 12
"""Nine numbers: openings of the award year of four balances (account, refundable principal, overlap value, money
that bought employee years), credits of the same four in the award year, place of the balance."""
CREDIT: Final = 4
OF_PLACE: Final = 8
AT_SIXTY: Final = 21
"""The same nine for the month of the 60th birthday, when it is not after the award."""
OVERLAP_MONTHS: Final = 30
NATION_COLUMN: Final = 31
SEX: Final = 32
BIRTH: Final = 33
HUKOU: Final = 34
"""Position of the registered residence at claim."""
RESIDENT_START: Final = 35
"""County's own start of the resident scheme (serial), -1 if not given."""
BEFORE_AWARD: Final = 36
"""Late claims: value at R0 of what heirs of a death before the award receive; two numbers, the resident account
until the award and until 60."""
LAST_BASE: Final = 38
"""Bases of the last paid employee month, yuan/month."""
N_EARLY: Final = 39
"""Entries of ``Scratch.early``."""
N_CONVERTED: Final = 40
"""Entries of ``Scratch.converted``."""
RESIDENT_NOTIONAL: Final = 41
"""Resident money at face in national wages of its time."""
KEEP_EARLY: Final = 42
"""Last year whose months are kept in ``Scratch.early``: 0 where none of the person's places counts them."""
DROPPED_POOLED: Final = 43
"""Pooled money of dropped months at the award with book interest, yuan."""
FORFEITS: Final = 44
"""1 where each settlement says which money is forfeited (``WANTS_FORFEITED``)."""
STREAMS_FROM: Final = 45
"""What the resident scheme pays beside the account from a month on is the same under every regime: that month (0 for
none yet), values at R0 of basic pension and age supplements, and of so many premium years the amount and its value."""
BASIC_VALUE: Final = 46
SUPPLEMENT_VALUE: Final = 47
YEARS_OF_PREMIUM: Final = 48
PREMIUM: Final = 49
PREMIUM_VALUE: Final = 50
N_SUMMARY: Final = 51

LAST_EARLY_YEAR: Final = 1998
"""No province counts months paid after this year in its transitional pension."""

WANTS_NATION: Final = 1
"""Indices against national wages (a column more for every record)."""
WANTS_INCOME: Final = 2
"""The income of the last paid month."""
WANTS_TRANSFERS: Final = 4
"""Pooled money at face, bases since 1998 and pooled money that moves."""
WANTS_POOLED: Final = 8
"""Pooled money with interest."""
WANTS_DESIGN: Final = 16
"""Rights and notional credits."""
WANTS_CONVERSION: Final = 32
"""Resident years as employee years."""
WANTS_FIRST: Final = 64
"""The first month paid at each place."""
WANTS_FORFEITED: Final = 128
"""Money paid that carries neither right nor cash; with ``WANTS_POOLED``."""
WANTS_ALL: Final = 255

FLOOR: Final = 0.6
"""f of the proposals that convert resident years: the lowest contribution base over the reference wage. A number of
theirs, like the rate and the share below, not the parameter of the law in force."""
INDIVIDUAL_RATE: Final = 0.2
"""What an individual pays of his base, 8 points of it to the account."""
TO_POOL: Final = 12.0 / 20.0

TRACE_COLUMNS: Final = 10
"""Step, record (or -1), place (or -1), up to six arguments, result."""

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

_RESIDENT_ENTRIES: Final = 200
"""More than the resident years of a life: one payment a year."""
_RECORDS_A_YEAR: Final = 12 * schema.MAX_RECORDS_A_YEAR
"""A variant of a history may hold a record of its own for each month of a recorded one."""
_EARLY_ENTRIES: Final = 3 * _RECORDS_A_YEAR * (LAST_EARLY_YEAR - schema.FIRST_EMPLOYEE_MONTH // 12 + 1)

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
    first: npt.NDArray[np.int64]
    """[slot]: first month (serial) paid there in time, 0 for none."""
    closing: npt.NDArray[np.float64]
    """[slot]: cumulated book growth of the place to the award."""
    early: npt.NDArray[np.int64]
    """[entry, 4]: counted months paid up to 1998, for provinces whose transitional pension counts them: slot, class,
    year, mask."""
    early_base: npt.NDArray[np.float64]
    """[entry]: their contribution base, yuan/month."""
    converted: npt.NDArray[np.float64]
    """[resident record, 5]: place, year, counted months, years bought by ratio, index as a full year."""
    years: npt.NDArray[np.float64]
    """[resident record, 4]: what a regime makes of them: months, sum of indices, place, last year there."""
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
        np.zeros((_RECORDS_A_YEAR, 5), dtype=np.int64),
        np.zeros(places, dtype=np.int64),
        np.zeros(places),
        np.zeros((_EARLY_ENTRIES, 4), dtype=np.int64),
        np.zeros(_EARLY_ENTRIES),
        np.zeros((_RESIDENT_ENTRIES, 5)),
        np.zeros((_RESIDENT_ENTRIES, 4)),
        np.zeros(N_SUMMARY),
    )


@inlined_view
def scratch_with_shapes(s: Any) -> Scratch:
    """The same memory, with its shapes as constants of the kernel."""
    places = schema.N_PLACES
    return Scratch(
        shaped(s.slot_of, (places,)),
        shaped(s.place_of, (places,)),
        shaped(s.cells, (places, 4, N_FIELDS)),
        shaped(s.indices, (places, 4, places + 2)),
        shaped(s.columns, (places + 2,)),
        shaped(s.temporary, (places,)),
        shaped(s.masks, (_RECORDS_A_YEAR, 5)),
        shaped(s.first, (places,)),
        shaped(s.closing, (places,)),
        shaped(s.early, (_EARLY_ENTRIES, 4)),
        shaped(s.early_base, (_EARLY_ENTRIES,)),
        shaped(s.converted, (_RESIDENT_ENTRIES, 5)),
        shaped(s.years, (_RESIDENT_ENTRIES, 4)),
        shaped(s.summary, (N_SUMMARY,)),
    )


@inlined
def province_position(place: int) -> int:
    """Position of the province of a place code in the dense tables; -1 for none."""
    while place >= 100:
        place //= 100
    if place < 0:
        return -1
    return _PROVINCE_POSITION[place]


@inlined
def higher_base(base: float, best: float, lower_code: bool) -> bool:
    """Of two places of one month: the higher sum of bases counts, of equal sums that of the lower place code. Sums of
    several payers are equal to rounding: the parts of one base do not add up to it to the last bit."""
    difference = base - best
    if abs(difference) <= 1e-12 * abs(best):
        return lower_code
    return difference > 0.0


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
