"""The run of years that most records are: one unflagged employee record a year at one place.

Passes over all records take such a run at once, in short loops over few columns, and the rest record by record.
"""

from __future__ import annotations

from typing import Any

from pension._compile import inlined
from pension._hints import NOT_NEGATIVE
from pension.kernels.cells import INDIVIDUAL_FORM, POPCOUNT
from pension.schema import FULL_YEAR


@inlined
def end_of_run(h: Any, first: int, stop: int) -> tuple[int, bool]:
    """Record after the run that begins with ``first`` (``first`` itself where there is none), and whether somebody
    insures himself in it. ``first`` is the first record of its year."""
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
def months_of_run(h: Any, first: int, end: int) -> int:
    """Months of the records ``first:end`` of a run."""
    months = 0
    r = first & NOT_NEGATIVE
    while r < end:
        mask = h.months[r] & FULL_YEAR
        months += 12 if mask == FULL_YEAR else POPCOUNT[mask]
        r = (r + 1) & NOT_NEGATIVE
    return months
