"""The internal rate of return of own contributions: the rate at which a person's expected cash flow is worth nothing.

The flow is that of ``benefit_flows``: own contributions and back-payments against everything that the member or his
heirs receive, nominal yuan, for somebody alive at R0. The rate is yearly, effective and nominal, looked for between
``LOWEST`` and ``HIGHEST``.

Which rate, where there are several: the flow is cumulated at the lowest rate looked at. By Descartes' rule of signs its
changes of sign bound the number of rates (Norstrom 1972): none gives none, one gives exactly one, and almost everybody
is such a case, since contributions come before benefits. Otherwise the whole range is searched in ``_CELLS`` steps,
every change of sign is solved, their number is reported, and the rate nearest to the scenario's discount rate is taken.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension._compile import jit, kernel
from pension.kernels import award_fields as award_field
from pension.kernels import valuation as val
from pension.kernels.valuation import one_payment
from pension.tables.dense import FIRST_MONTH, N_MONTHS
from pension.wealth.benefit_flows import OWN_CONTRIBUTIONS, REFUND, add_benefits, first_payment, payment_weights
from pension.wealth.contributions import N_SUMS, add_contributions

LOWEST: Final = -0.9
"""A year: nine tenths of the money are lost every year."""
HIGHEST: Final = 2.0**12 - 1.0
"""A year: money doubles every month."""

# --- fields of a result
RATE: Final = 0
REASON: Final = 1
ROOTS: Final = 2
"""Rates found in the range."""
N_IRR: Final = 3

_CELLS: Final = 600
_STEPS: Final = 100
_YEAR: Final = 12
_NEAR: Final = 1e-14
"""Width of the last bracket, in logarithms a month."""
_SCRATCH: Final = 2 * _YEAR
"""Working memory of ``rate_of_return``."""


@jit
def _worth(flow: Any, first: int, blocks: int, x: float, sums: Any) -> float:
    """Sum of ``flow[first + k] * exp(x * k)`` over ``12 * blocks`` months, twelve Horner schemes side by side.

    Its sign is that of the value at R0 when money of R0 earns the discount rate less 12 x in logarithms.
    """
    for k in range(_YEAR):
        sums[k] = 0.0
    year = np.exp(_YEAR * x)
    for back in range(blocks):
        at = first + _YEAR * (blocks - 1 - back)
        for k in range(_YEAR):
            sums[k] = sums[k] * year + flow[at + k]
    month, total = np.exp(x), 0.0
    for back in range(_YEAR):
        total = total * month + sums[_YEAR - 1 - back]
    return total


@jit
def _solve(flow: Any, first: int, blocks: int, low: float, at_low: float, high: float, at_high: float, s: Any) -> float:
    """The zero between ``low`` and ``high``, where the values have different signs (Chandrupatla 1997): inverse
    quadratic interpolation where it is safe, else bisection, so that the bracket never opens."""
    a, fa, b, fb = high, at_high, low, at_low
    c, fc = a, fa
    t = 0.5
    for _ in range(_STEPS):
        x = a + t * (b - a)
        fx = _worth(flow, first, blocks, x, s)
        if (fx > 0.0) == (fa > 0.0):
            c, fc = a, fa
        else:
            c, b, fc, fb = b, a, fb, fa
        a, fa = x, fx
        best = a if abs(fa) < abs(fb) else b
        near = 0.5 * _NEAR / max(abs(b - a), 1e-300)
        if near > 0.5 or fa == 0.0:
            return best
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        t = 0.5
        if phi * phi < xi and (1.0 - phi) * (1.0 - phi) < 1.0 - xi:
            t = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = min(max(t, near), 1.0 - near)
    return best


@jit
def rate_of_return(flow: Any, discount: float, scratch: Any) -> tuple[float, int, int]:
    """(rate, reason, rates in the range) of a flow [month] of values at ``discount`` a year.

    ``rate`` yearly and effective, NaN with a reason of ``award_fields``; ``scratch`` of ``_SCRATCH`` numbers.
    """
    first, last, paid, received = -1, -1, False, False
    for k in range(flow.shape[0]):
        if flow[k] != 0.0:
            last = k
            if first < 0:
                first = k
            paid |= flow[k] < 0.0
            received |= flow[k] > 0.0
    if not paid:
        return np.nan, award_field.NO_OUTLAY, 0
    if not received:
        return np.nan, award_field.NO_RETURN, 0
    blocks = (last - first) // _YEAR + 1
    if first + _YEAR * blocks > flow.shape[0]:  # whole years backwards from the end of the axis
        first = flow.shape[0] - _YEAR * blocks
    # A month's weight at rate i, relative to the discount rate: ((1 + d)/(1 + i))^(1/12) = exp(x).
    longest = np.log((1.0 + discount) / (1.0 + LOWEST)) / _YEAR
    shortest = np.log((1.0 + discount) / (1.0 + HIGHEST)) / _YEAR
    sign, changes, cumulated, weight, step = 0, 0, 0.0, 1.0, np.exp(longest)
    for k in range(first, last + 1):
        cumulated += flow[k] * weight
        weight *= step
        now = 1 if cumulated > 0.0 else (-1 if cumulated < 0.0 else 0)
        if now != 0:
            if sign != 0 and now != sign:
                changes += 1
            sign = now
    if changes == 0:
        return np.nan, award_field.NO_RATE, 0
    if changes == 1:
        at = _worth(flow, first, blocks, 0.0, scratch)
        if at == 0.0:
            return discount, award_field.DEFINED, 1
        # The last sign is that of the value at the lowest rate; where they differ the rate is below the discount rate.
        near, wide = 0.0, 0.004
        while True:
            far = max(-wide, shortest) if (at > 0.0) == (sign > 0) else min(wide, longest)
            beyond = _worth(flow, first, blocks, far, scratch)
            if (beyond > 0.0) != (at > 0.0):
                break
            if far <= shortest or far >= longest:
                return np.nan, award_field.NO_RATE, 0
            near, at = far, beyond
            wide *= 2.0
        x = _solve(flow, first, blocks, near, at, far, beyond, scratch)
        return (1.0 + discount) * np.exp(-_YEAR * x) - 1.0, award_field.DEFINED, 1
    found, best = 0, np.inf
    before, at_before = shortest, _worth(flow, first, blocks, shortest, scratch)
    for cell in range(1, _CELLS + 1):
        x = shortest + (longest - shortest) * cell / _CELLS
        at_x = _worth(flow, first, blocks, x, scratch)
        if (at_before > 0.0) != (at_x > 0.0):
            zero = _solve(flow, first, blocks, before, at_before, x, at_x, scratch)
            found += 1
            if abs(zero) < abs(best):
                best = zero
        before, at_before = x, at_x
    if found == 0:
        return np.nan, award_field.NO_RATE, 0
    return (1.0 + discount) * np.exp(-_YEAR * best) - 1.0, award_field.DEFINED, found


@kernel
def irr_kernel(
    out: Any,
    first: int,
    last: int,
    h: Any,
    gone: Any,
    refunds: Any,
    award_rows: Any,
    world: Any,
    indexation: Any,
    own_rate: Any,
    discount: float,
    results: Any,
    components: Any,
) -> None:
    """Rate of return of people ``first <= i < last`` under every regime: ``out`` [person, regime, ``N_IRR``] from
    ``results`` [person, regime, field of ``award_fields``].

    ``gone`` holds what was paid beside ``h`` and ``refunds`` what a surrender paid for it (``variants.Variant``), which
    is not in ``results``. ``components`` [0, month], or zeros [component, month] for one person and regime: then they
    get the value at R0 of each month's payments, and no rate is solved.
    """
    weights, own = np.zeros(N_MONTHS), np.zeros(N_MONTHS)
    apart = components.shape[0] > 0
    flows = components if apart else np.zeros((1, N_MONTHS))
    sums, scratch = np.zeros(N_SUMS), np.zeros(_SCRATCH)
    for i in range(first, last):
        a = world.awards[award_rows[i]]
        award, reference, birth = int(a[val.AWARD]), int(a[val.REFERENCE]), int(h.birth[i])
        for t in range(N_MONTHS):
            own[t] = 0.0
        add_contributions(h, i, world, own_rate, award, reference, sums, own)
        add_contributions(gone, i, world, own_rate, award, reference, sums, own)
        payment_weights(world, h.sex[i], birth, first_payment(birth, award), reference, weights)
        for k in range(results.shape[1]):
            r = results[i, k]
            status = int(r[award_field.STATUS])
            rate, reason, roots = np.nan, status, 0
            if status == award_field.DEFINED:
                flow = flows[OWN_CONTRIBUTIONS if apart else 0]
                for t in range(N_MONTHS):
                    flow[t] = own[t]
                once = flows[REFUND if apart else 0]
                for at in range(refunds.offsets[i], refunds.offsets[i + 1]):
                    month = refunds.month[at]
                    value = refunds.yuan[at] * one_payment(world, h.sex[i], birth, month, reference)
                    once[month - FIRST_MONTH] += value
                add_benefits(h, i, world, a, indexation, r, weights, flows)
                if not apart:
                    rate, reason, roots = rate_of_return(flow, discount, scratch)
            out[i, k, RATE], out[i, k, REASON], out[i, k, ROOTS] = rate, reason, roots
