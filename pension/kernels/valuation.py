"""Present values: survival along each person's own calendar years, discounting, indexation, accounts in payment.

All values of a person are taken at one date R0, the statutory month. A payment of month t weighs
S(R0 -> t) * (1 + d)^(-(t - R0)/12) from R0 on and (1 + d)^((R0 - t)/12) before (everything is conditional on being
alive at R0). Tables hold suffix sums of these weights for every sex and birth month, so that one person costs a few
look-ups; what depends on the award month only is computed once for every distinct (sex, birth, R, R0).
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension._compile import in_threads, jit, kernel
from pension.law.ages import annuity_months
from pension.law.registry import article
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, MAX_AGE, N_MONTHS, N_YEARS, Tables

FIRST_AGE: Final = 480
"""Months of age at which the survival tables begin; no claim is earlier."""
AGE_MONTHS: Final = 12 * MAX_AGE - FIRST_AGE

# --- columns of the weight table
WEIGHT: Final = 0
LEVEL: Final = 1
INDEXED: Final = 2
ALPHA: Final = 3
BETA: Final = 4
DEATH: Final = 5
N_WEIGHTS: Final = 6

# --- fields of an award row
AWARD: Final = 0
REFERENCE: Final = 1
STATUTORY: Final = 2
ANNUITY: Final = 3
MINIMUM: Final = 4
AT_AWARD_VALUE: Final = 5
"""Value at R0 of one yuan paid at the award."""
EMPLOYEE_VALUE: Final = 6
"""Value at R0 of one yuan a month from R + 1, adjusted like employee pensions."""
ACCOUNT_VALUE: Final = 7
"""Value at R0 of one yuan a month from R + 1 that never changes."""
PRICE: Final = 8
"""Constant yuan of the price year for one yuan at R0."""
L1_MONTHS: Final = 9
"""Value at R0 of one yuan a month from R0, adjusted like employee pensions (decision 41)."""
AT_SIXTY: Final = 10
"""Values at R0 of level, alpha and beta payments from the month after the 60th birthday's (three fields)."""
AT_START: Final = 13
"""The same from the first month of a resident pension filed at the award."""
NDC_DIVISOR: Final = 16
"""Annuity divisor of a notional account at the award, months."""
N_AWARD: Final = 17
_RESIDENT_FIELDS: Final = 4

PRESENT_VALUE: Final = 91


@article(
    step=PRESENT_VALUE,
    zh="现值",
    act="ours",
    article="valuation at R0",
    formula="amount · factor",
    unit="yuan at R0",
    since="",
    status="ours",
)
def present_value(amount: float, factor: float) -> float:
    """Value at R0 (yuan of that month) of an amount (yuan/month or yuan) with its annuity or discount factor."""
    return amount * factor


class Weights(NamedTuple):
    """Weights of payments and deaths for a span of births."""

    first_birth: int
    """Month serial of the first birth month."""
    weights: npt.NDArray[np.float64]
    """[sex - 1, birth, month of age - 480, 6]: weight of a payment relative to age 40; sums from that month on of
    level, indexed, alpha and beta payments; weight of a death in that month."""
    prefix: npt.NDArray[np.float64]
    """[month, 4]: sums up to (not including) the month, interest only, of level, indexed, alpha, beta payments."""
    interest: npt.NDArray[np.float64]
    """[month]: (1 + d)^(month/12) from the first month of the axis."""


@kernel
def _fill_weights(
    table: Any,
    first: int,
    last: int,
    first_birth: int,
    mortality: Any,
    indexation: Any,
    alpha: Any,
    beta: Any,
    horizon: int,
    discount: float,
) -> None:
    births = table.shape[1]
    monthly = (1.0 + discount) ** (-1.0 / 12.0)
    for row in range(first, last):
        sex, b = row // births, row % births
        birth = first_birth + b
        line = table[sex, b]
        alive, hazard, weight = 1.0, 0.0, 1.0
        for a in range(AGE_MONTHS):
            t = birth + FIRST_AGE + a
            line[a, WEIGHT] = alive * weight
            age, year = (FIRST_AGE + a) // 12, min(max(t // 12 - FIRST_YEAR, 0), N_YEARS - 1)
            hazard += mortality[sex, age, year] / 12.0
            after = np.exp(-hazard) if a + 1 < AGE_MONTHS else 0.0
            line[a, DEATH] = (alive - after) * weight
            alive = after
            weight *= monthly
        level, indexed, by_alpha, by_beta = 0.0, 0.0, 0.0, 0.0
        for back in range(AGE_MONTHS):
            a = AGE_MONTHS - 1 - back
            t = birth + FIRST_AGE + a
            if t >= FIRST_MONTH + indexation.shape[0] * 12:
                level = np.nan
            else:
                level += line[a, WEIGHT]
                indexed += line[a, WEIGHT] * indexation[t // 12 - FIRST_YEAR]
                if t >= horizon:
                    by_alpha += line[a, WEIGHT] * alpha[t - FIRST_MONTH]
                    by_beta += line[a, WEIGHT] * beta[t - FIRST_MONTH]
            line[a, LEVEL] = level
            line[a, INDEXED] = indexed
            line[a, ALPHA] = by_alpha
            line[a, BETA] = by_beta


def build_weights(tables: Tables, first_birth: int, last_birth: int) -> Weights:
    """Weights for births from ``first_birth`` to ``last_birth`` (month serials, inclusive)."""
    births = last_birth - first_birth + 1
    table = np.zeros((2, births, AGE_MONTHS + 1, N_WEIGHTS))
    in_threads(
        _fill_weights,
        2 * births,
        table,
        first_birth,
        tables.mortality,
        tables.indexation,
        tables.resident_basic_alpha,
        tables.resident_basic_beta,
        tables.resident_basic_horizon,
        tables.discount_rate,
    )
    months = np.arange(N_MONTHS)
    discount = (1.0 + tables.discount_rate) ** (-months / 12.0)
    past = months + FIRST_MONTH < tables.resident_basic_horizon
    indexed = np.repeat(tables.indexation, 12)
    # Years without a published adjustment lie before every award of this library: they add nothing.
    indexed = np.where(np.isnan(indexed), 0.0, indexed)
    flows = np.stack(
        [
            np.ones(N_MONTHS),
            indexed,
            np.where(past, 0.0, tables.resident_basic_alpha),
            np.where(past, 0.0, tables.resident_basic_beta),
        ],
        axis=1,
    )
    prefix = np.zeros((N_MONTHS + 1, 4))
    np.cumsum(flows * discount[:, None], axis=0, out=prefix[1:])
    interest = 1.0 / discount
    for array in (table, prefix, interest):
        array.flags.writeable = False
    return Weights(int(first_birth), table, prefix, interest)


@jit
def stream(w: Any, sex: int, birth: int, start: int, reference: int, column: int) -> float:
    """Value at ``reference`` of payments from month ``start`` on; ``column`` LEVEL, INDEXED, ALPHA or BETA."""
    line = w.weights[sex - 1, birth - w.first_birth]
    at = reference - birth - FIRST_AGE
    if start >= reference:
        a = start - birth - FIRST_AGE
        if a >= AGE_MONTHS:
            return 0.0
        return line[a, column] / line[at, WEIGHT]
    before = w.prefix[reference - FIRST_MONTH, column - LEVEL] - w.prefix[start - FIRST_MONTH, column - LEVEL]
    return before * w.interest[reference - FIRST_MONTH] + line[at, column] / line[at, WEIGHT]


@jit
def one_payment(w: Any, sex: int, birth: int, month: int, reference: int) -> float:
    """Value at ``reference`` of one yuan paid in ``month``."""
    if month < reference:
        return w.interest[reference - FIRST_MONTH] / w.interest[month - FIRST_MONTH]
    line = w.weights[sex - 1, birth - w.first_birth]
    return line[month - birth - FIRST_AGE, WEIGHT] / line[reference - birth - FIRST_AGE, WEIGHT]


@jit
def death_weight(w: Any, sex: int, birth: int, month: int, reference: int) -> float:
    """Value at ``reference`` of one yuan paid on death in ``month`` (not before ``reference``)."""
    line = w.weights[sex - 1, birth - w.first_birth]
    return line[month - birth - FIRST_AGE, DEATH] / line[reference - birth - FIRST_AGE, WEIGHT]


@jit
def account_in_payment(
    w: Any, sex: int, birth: int, start: int, reference: int, divisor: float, rates: Any, flow: Any, amount: float
) -> float:
    """Value at ``reference`` of the inheritable balance of an account of one yuan settled in month ``start``.

    The account is drawn down by 1/divisor a month from the next month on; book interest by month products: a payment
    in month k of a year costs (13 - k)/12 of that year's interest (国发〔1997〕26号; 劳办发〔1997〕116号).
    ``flow``, where it is not None, gets the value of each month [month] for an account of ``amount`` yuan.
    """
    # As ``death_weight``, which would look up both lines anew every month.
    line, youngest = w.weights[sex - 1, birth - w.first_birth], birth + FIRST_AGE
    alive = line[reference - youngest, WEIGHT]
    pay = 1.0 / divisor
    opening, elapsed_from = 1.0, start % 12 + 1
    total = 0.0
    if start >= reference:
        total += death_weight(w, sex, birth, start, reference)
        if flow is not None:
            flow[start - FIRST_MONTH] += amount * death_weight(w, sex, birth, start, reference)
    t = start + 1
    end = birth + 12 * MAX_AGE
    if elapsed_from == 12:
        elapsed_from = 0
    paid = 0
    while t < end:
        rate = rates[t // 12 - FIRST_YEAR] / 12.0
        month = t % 12 + 1
        paid += 1
        balance = opening * (1.0 + rate * (month - elapsed_from)) - pay * (paid + rate * (paid * (paid + 1) // 2))
        if balance <= 0.0:
            break
        if t >= reference:
            value = balance * (line[t - youngest, DEATH] / alive)
            total += value
            if flow is not None:
                flow[t - FIRST_MONTH] += amount * value
        if month == 12:
            opening, elapsed_from, paid = balance, 0, 0
        t += 1
    return total


@jit
def deferred_account(
    w: Any,
    sex: int,
    birth: int,
    award: int,
    sixty: int,
    reference: int,
    rates: Any,
    flow: Any,
    balance: float,
    principal: float,
) -> tuple[float, float, float, float]:
    """A resident account settled at ``award`` before 60: its balance at 60 and the value of what heirs receive.

    The balance after settlement K and the principal that earns interest in the rest of the award year (opening and
    credits, less debits) enter linearly. Returns (balance at 60 per yuan of K, per yuan of principal, value of
    inheritances per yuan of K, per yuan of principal). ``flow``, where it is not None, gets the value of each month's
    inheritances [month] for K = ``balance`` and that ``principal``.
    """
    by_balance, by_principal = 1.0, 0.0
    value_balance, value_principal = 0.0, 0.0
    opening_balance, opening_principal = 1.0, 0.0
    month_of_award = award % 12 + 1
    for t in range(award, sixty + 1):
        rate = rates[t // 12 - FIRST_YEAR] / 12.0
        month = t % 12 + 1
        if t // 12 == award // 12:
            by_balance, by_principal = 1.0, rate * (month - month_of_award)
        else:
            by_balance = opening_balance * (1.0 + rate * month)
            by_principal = opening_principal * (1.0 + rate * month)
        if month == 12:
            opening_balance, opening_principal = by_balance, by_principal
        if reference <= t < sixty:
            weight = death_weight(w, sex, birth, t, reference)
            value_balance += weight * by_balance
            value_principal += weight * by_principal
            if flow is not None:
                flow[t - FIRST_MONTH] += weight * (balance * by_balance + principal * by_principal)
    at_sixty = balance * by_balance + principal * by_principal
    paying = account_in_payment(w, sex, birth, sixty, reference, 139.0, rates, flow, at_sixty)
    return by_balance, by_principal, value_balance + paying * by_balance, value_principal + paying * by_principal


@jit
def annuity_months_at(table: Any, age_months: int) -> float:
    """Annuity months at an age in months; below 40 the value of 40, from 70 on the value of 70."""
    years, months = age_months // 12, age_months % 12
    if years < 40:
        return float(table[0])
    if years >= 70:
        return float(table[30])
    return annuity_months(table[years - 40], table[years - 39], months)


class AwardTables(NamedTuple):
    """The parameters that an award row needs."""

    annuity_months: npt.NDArray[np.int64]
    minimum_months: npt.NDArray[np.int64]
    indexation: npt.NDArray[np.float64]
    price: npt.NDArray[np.float64]
    price_year: int
    employee_rates: npt.NDArray[np.float64]
    """[class, year]: employee book rates of each class of places."""
    resident_rates: npt.NDArray[np.float64]
    """[class, year]."""
    national_wage: npt.NDArray[np.float64]
    """[year]: the national reference wage of the year before."""


@jit
def notional_divisor(w: Any, sex: int, birth: int, award: int, indexation: Any, wages: Any) -> float:
    """Months of pension that one yuan of notional balance must pay: survival from the award, each month's pension
    indexed and discounted at the notional rate, the growth of the national wage."""
    line = w.weights[sex - 1, birth - w.first_birth]
    at = award - birth - FIRST_AGE
    if line[at, WEIGHT] == 0.0:  # nobody lives to the award
        return np.nan
    # The weights discount at the scenario's rate; survival alone is wanted.
    total, factor, step = 0.0, 1.0, 1.0
    for a in range(at + 1, AGE_MONTHS):
        month = birth + FIRST_AGE + a
        if a == at + 1 or month % 12 == 0:
            y = month // 12 - FIRST_YEAR
            step = (indexation[y] / indexation[y - 1] / (wages[y] / wages[y - 1])) ** (1.0 / 12.0)
        factor *= step
        survival = (
            line[a, WEIGHT] / line[at, WEIGHT] * w.interest[month - FIRST_MONTH] / w.interest[award - FIRST_MONTH]
        )
        total += survival * factor
    return total


@kernel
def fill_awards(
    out: Any,
    first: int,
    last: int,
    sex: Any,
    birth: Any,
    award: Any,
    reference: Any,
    statutory: Any,
    tables: Any,
    w: Any,
) -> None:
    """One row for every distinct (sex, birth, award month, reference month, statutory month); fields as in
    ``world.World.awards``. The reference month is the statutory one but in a variant of somebody's history."""
    for row in range(first, last):
        s, b, r, r0 = sex[row], birth[row], award[row], reference[row]
        sixty = b + 720
        line = out[row]
        line[AWARD] = r
        line[REFERENCE] = r0
        line[STATUTORY] = statutory[row]
        line[ANNUITY] = annuity_months_at(tables.annuity_months, r - b)
        line[MINIMUM] = tables.minimum_months[min(r, statutory[row]) // 12 - FIRST_YEAR]
        line[AT_AWARD_VALUE] = one_payment(w, s, b, r, r0)
        line[EMPLOYEE_VALUE] = stream(w, s, b, r + 1, r0, INDEXED) / tables.indexation[r // 12 - FIRST_YEAR]
        line[ACCOUNT_VALUE] = stream(w, s, b, r + 1, r0, LEVEL)
        line[PRICE] = tables.price[tables.price_year - FIRST_YEAR] / tables.price[r0 // 12 - FIRST_YEAR]
        line[L1_MONTHS] = stream(w, s, b, r0, r0, INDEXED) / tables.indexation[r0 // 12 - FIRST_YEAR]
        line[NDC_DIVISOR] = notional_divisor(w, s, b, r, tables.indexation, tables.national_wage)
        for k, column in ((0, LEVEL), (1, ALPHA), (2, BETA)):
            line[AT_SIXTY + k] = stream(w, s, b, sixty + 1, r0, column)
            line[AT_START + k] = stream(w, s, b, max(sixty, r) + 1, r0, column)
        for c in range(tables.employee_rates.shape[0]):
            line[N_AWARD + c] = account_in_payment(w, s, b, r, r0, line[ANNUITY], tables.employee_rates[c], None, 0.0)
        at = N_AWARD + tables.employee_rates.shape[0]
        for c in range(tables.resident_rates.shape[0]):
            rates = tables.resident_rates[c]
            if r < sixty:
                line[at], line[at + 1], line[at + 2], line[at + 3] = deferred_account(
                    w, s, b, r, sixty, r0, rates, None, 0.0, 0.0
                )
            else:
                line[at] = account_in_payment(w, s, b, sixty, r0, 139.0, rates, None, 0.0)
                line[at + 1] = account_in_payment(w, s, b, r, r0, 139.0, rates, None, 0.0)
            at += 4
