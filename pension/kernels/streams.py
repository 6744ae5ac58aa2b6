"""Amounts and present values of the resident pension's parts: basic pension, year premium, age supplement.

Each moves by its own table: the basic pension by notices and then by the scenario, the premium by its versions, the
supplement by age bands (国发〔2014〕8号, 人社部发〔2018〕21号).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pension._compile import inlined, jit
from pension.kernels import cells
from pension.kernels import valuation as val
from pension.kernels.cells import note
from pension.kernels.valuation import stream
from pension.law.resident import PREMIUM_SEGMENT, year_premium_segment
from pension.tables.dense import FIRST_MONTH
from pension.tables.world import (
    MONTH_BASIC,
    N_BANDS,
    N_SEGMENTS,
    N_VERSIONS,
    PREMIUM,
    PREMIUM_WIDTH,
    SUPPLEMENT,
)


@jit
def _premium_amount(line: Any, place: int, version: int, years: float, trace: Any) -> float:
    """Year premium of one version of the provincial table: yuan a month, or a fraction of B."""
    total = 0.0
    at = PREMIUM + version * PREMIUM_WIDTH + 2
    for k in range(N_SEGMENTS):
        above, up_to, amount = line[at + 3 * k], line[at + 3 * k + 1], line[at + 3 * k + 2]
        if amount != 0.0:
            part = year_premium_segment(years, above, up_to, amount)
            if trace is not None:
                note(trace, PREMIUM_SEGMENT, -1, place, years, above, up_to, amount, 0.0, part)
            total += part
    return total


@jit
def resident_basic_at(world: Any, place: int, month: int) -> float:
    return world.at_month[MONTH_BASIC, place, month - FIRST_MONTH]


@jit
def basic_stream(world: Any, sex: int, birth: int, place: int, start: int, reference: int) -> float:
    """Value at ``reference`` of the resident basic pension paid for life from ``start``."""
    horizon = world.horizon
    last = resident_basic_at(world, place, horizon - 1)
    at = start
    total = 0.0
    if start < horizon:
        level = resident_basic_at(world, place, start)
        total = level * stream(world, sex, birth, start, reference, val.LEVEL)
        for t in range(start + 1, horizon):
            now = resident_basic_at(world, place, t)
            if now != level:
                total += (now - level) * stream(world, sex, birth, t, reference, val.LEVEL)
                level = now
        at = horizon
        total -= last * stream(world, sex, birth, horizon, reference, val.LEVEL)
    by_alpha = stream(world, sex, birth, at, reference, val.ALPHA)
    return total + last * by_alpha + stream(world, sex, birth, at, reference, val.BETA)


@jit
def premium_stream(
    world: Any, sex: int, birth: int, place: int, years: float, start: int, reference: int, level: float
) -> float:
    """Value of the year premium from ``start``, each month by the version of the table then in force; ``level`` is
    the value of one yuan a month from ``start``."""
    total = 0.0
    line = world.lines[place]
    end_of_life = birth + val.FIRST_AGE + val.AGE_MONTHS
    for v in range(N_VERSIONS):
        amount = _premium_amount(line, place, v, years, None)
        if amount == 0.0:
            continue
        begins, ends = max(start, int(line[PREMIUM + v * PREMIUM_WIDTH])), end_of_life
        if v + 1 < N_VERSIONS:
            ends = min(ends, int(line[PREMIUM + (v + 1) * PREMIUM_WIDTH]))
        fraction = line[PREMIUM + v * PREMIUM_WIDTH + 1] == 1.0
        # From one version to the next: what begins here less what would go on after the next one starts.
        for edge in range(2):
            at, sign = (begins, 1.0) if edge == 0 else (ends, -1.0)
            if begins < ends and at < end_of_life:
                if fraction:
                    total += sign * amount * basic_stream(world, sex, birth, place, at, reference)
                elif at == start:
                    total += sign * amount * level
                else:
                    total += sign * amount * stream(world, sex, birth, at, reference, val.LEVEL)
    return total


@jit
def premium_at(world: Any, place: int, years: float, month: int, trace: Any) -> float:
    """Year premium paid in ``month`` (yuan/month) by the version then in force."""
    line = world.lines[place]
    for back in range(N_VERSIONS):
        version = N_VERSIONS - 1 - back
        if line[PREMIUM + version * PREMIUM_WIDTH] <= month:
            amount = _premium_amount(line, place, version, years, trace)
            if line[PREMIUM + version * PREMIUM_WIDTH + 1] == 1.0:
                amount *= resident_basic_at(world, place, month)
            return amount
    return 0.0


@jit
def supplement_at(world: Any, place: int, birth: int, month: int) -> float:
    """Age supplement paid in ``month``: by the age completed the month before (the month after the birthday's)."""
    age = (month - 1 - birth) // 12
    total = 0.0
    for k in range(N_BANDS):
        band = world.lines[place, SUPPLEMENT + 4 * k : SUPPLEMENT + 4 * k + 4]
        if band[2] != 0.0 and band[0] <= age < band[1] and month >= band[3]:
            total += band[2]
    return total


@jit
def supplement_stream(world: Any, sex: int, birth: int, place: int, start: int, reference: int) -> float:
    """Value of the age supplements from ``start``."""
    total = 0.0
    end_of_life = birth + val.FIRST_AGE + val.AGE_MONTHS
    for k in range(N_BANDS):
        band = world.lines[place, SUPPLEMENT + 4 * k : SUPPLEMENT + 4 * k + 4]
        if band[2] == 0.0:
            continue
        begins = max(start, max(birth + 12 * int(band[0]) + 1, int(band[3])))
        ends = end_of_life if not np.isfinite(band[1]) else birth + 12 * int(band[1]) + 1
        if begins < min(ends, end_of_life):
            value = stream(world, sex, birth, begins, reference, val.LEVEL)
            if ends < end_of_life:
                value -= stream(world, sex, birth, ends, reference, val.LEVEL)
            total += band[2] * value
    return total


@inlined
def beside_account(summary: Any, world: Any, a: Any, ready: int, start: int, years: float, trace: Any) -> None:
    """What the resident scheme pays beside the account from ``start`` on, with ``years`` of premium, into ``summary``
    (``cells.STREAMS_FROM``), unless another regime left it there. ``a`` the row of ``world.awards``, ``ready`` the
    first of its values of streams from ``start``."""
    sex, birth, hukou = int(summary[cells.SEX]), int(summary[cells.BIRTH]), int(summary[cells.HUKOU])
    reference = int(a[val.REFERENCE])
    if summary[cells.STREAMS_FROM] != start:
        summary[cells.STREAMS_FROM], summary[cells.YEARS_OF_PREMIUM] = start, -1.0
        # Streams that begin with the scenario need no look-up: their values stand in the award row.
        if start >= world.horizon:
            last = resident_basic_at(world, hukou, world.horizon - 1)
            summary[cells.BASIC_VALUE] = last * a[ready + 1] + a[ready + 2]
        else:
            summary[cells.BASIC_VALUE] = basic_stream(world, sex, birth, hukou, start, reference)
        summary[cells.SUPPLEMENT_VALUE] = supplement_stream(world, sex, birth, hukou, start, reference)
    if summary[cells.YEARS_OF_PREMIUM] != years or trace is not None:
        summary[cells.YEARS_OF_PREMIUM] = years
        summary[cells.PREMIUM] = premium_at(world, hukou, years, start, trace)
        if years > 0.0:
            value = premium_stream(world, sex, birth, hukou, years, start, reference, a[ready])
            summary[cells.PREMIUM_VALUE] = value
