"""The expected cash flow by month behind a present value: benefits, what heirs receive, own contributions.

A present value is made of closed sums (``valuation``, ``streams``). Here the same payments stand month by month, each
with its own indexation and its survival from R0 on, so that they can be looked at, discounted at another rate, or
solved for their internal rate of return. The flow is built from a settled result: it restates no law.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension import award_fields as award_field
from pension import schema
from pension import valuation as val
from pension._compile import jit, kernel
from pension.cells import province_position
from pension.contributions import N_SUMS, add_contributions
from pension.late_claim import inherited_at
from pension.streams import premium_at, resident_basic_at, supplement_at
from pension.tables import FIRST_MONTH, FIRST_YEAR, MAX_AGE, N_MONTHS
from pension.valuation import account_in_payment, deferred_account, one_payment
from pension.world import BOOK_RATE, RESIDENT_RATE

if TYPE_CHECKING:
    from pension.engine import Engine
    from pension.histories import HistoryArrays

Float = npt.NDArray[np.float64]

COMPONENTS: Final = (
    "basic transitional points rights ndc account resident_basic year_premium age_supplement resident_account citizen "
    "refund lump_sum backpay inherited_before_award inherited_employee_account inherited_resident_account "
    "own_contributions"
).split()
"""Parts of a cash flow. ``backpay`` and ``own_contributions`` are paid by the member and negative; the rest is paid to
him or his heirs. ``refund``, ``lump_sum`` and ``backpay`` are single payments."""

_EARNED: Final = (
    award_field.BASIC,
    award_field.TRANSITIONAL,
    award_field.POINTS,
    award_field.RIGHTS,
    award_field.NDC,
)
_ACCOUNT: Final = 5
_RESIDENT_BASIC: Final = 6
_YEAR_PREMIUM: Final = 7
_AGE_SUPPLEMENT: Final = 8
_RESIDENT_ACCOUNT: Final = 9
_CITIZEN: Final = 10
_REFUND: Final = 11
_LUMP_SUM: Final = 12
_BACKPAY: Final = 13
_BEFORE_AWARD: Final = 14
_EMPLOYEE_HEIRS: Final = 15
_RESIDENT_HEIRS: Final = 16
OWN_CONTRIBUTIONS: Final = 17
N_COMPONENTS: Final = 18


@jit
def payment_weights(world: Any, sex: int, birth: int, first: int, reference: int, weights: Any) -> None:
    """Value at ``reference`` of one yuan paid in each month from ``first`` to the end of life, into ``weights``."""
    for t in range(first, birth + 12 * MAX_AGE):
        weights[t - FIRST_MONTH] = one_payment(world, sex, birth, t, reference)


@jit
def add_benefits(h: Any, i: int, world: Any, a: Any, indexation: Any, r: Any, weights: Any, flows: Any) -> None:
    """Add the value at R0 of everything that person ``i`` or his heirs receive in each month, less back-payments.

    ``r`` the settled result [``award_fields``], ``a`` its row of ``world.awards``, ``weights`` of ``payment_weights``
    from the first payment on; ``flows`` [component, month], or [1, month] for their sum. Yuan of R0; sums over months
    are the present value ``pw_r0``.
    """
    apart = flows.shape[0] > 1
    sex, birth, hukou = int(h.sex[i]), int(h.birth[i]), province_position(h.hukou[i])
    award, reference = int(a[val.AWARD]), int(a[val.REFERENCE])
    sixty, end = birth + 720, birth + 12 * MAX_AGE
    route = int(r[award_field.ROUTE])
    retained = route == award_field.ROUTE_RETAIN
    employee = retained or route == award_field.ROUTE_EMPLOYEE or route == award_field.ROUTE_TO_EMPLOYEE
    notional = r[award_field.NDC] > 0.0
    at_sixty = retained and sixty <= award
    if employee:
        at_award = indexation[award // 12 - FIRST_YEAR]
        for k in range(5):
            amount = r[_EARNED[k]]
            if amount != 0.0:
                flow = flows[k if apart else 0]
                for t in range(award + 1, end):
                    growth = indexation[t // 12 - FIRST_YEAR] / at_award
                    flow[t - FIRST_MONTH] += amount * growth * weights[t - FIRST_MONTH]
        if r[award_field.ACCOUNT] != 0.0:
            _level(r[award_field.ACCOUNT], award + 1, end, weights, flows[_ACCOUNT if apart else 0])
        if not notional:
            rates = world.annual[int(r[award_field.PLACE]), :, BOOK_RATE]
            heirs = flows[_EMPLOYEE_HEIRS if apart else 0]
            balance = r[award_field.EMPLOYEE_ACCOUNT]
            account_in_payment(world, sex, birth, award, reference, a[val.ANNUITY], rates, heirs, balance)
    once = flows[_REFUND if apart else 0]
    overlap = r[award_field.REFUND] - r[award_field.DROPPED_REFUND]
    once[(sixty if at_sixty else award) - FIRST_MONTH] += overlap * one_payment(
        world, sex, birth, sixty if at_sixty else award, reference
    )
    paid_at_award = one_payment(world, sex, birth, award, reference)
    once[award - FIRST_MONTH] += r[award_field.DROPPED_REFUND] * paid_at_award
    flows[_LUMP_SUM if apart else 0, award - FIRST_MONTH] += r[award_field.LUMP_SUM] * paid_at_award
    flows[_BACKPAY if apart else 0, award - FIRST_MONTH] -= r[award_field.BACKPAY] * paid_at_award
    if not (employee and notional):
        heirs = flows[_BEFORE_AWARD if apart else 0]
        for t in range(reference, award):
            of_employee, of_resident = inherited_at(h, i, world, t, award, reference)
            # A retained resident account is settled at 60: from then on it is in payment.
            heirs[t - FIRST_MONTH] += of_employee + (of_resident if not retained or t < sixty else 0.0)
    start = int(r[award_field.RESIDENT_START])
    if start > 0:
        share, years = r[award_field.RESIDENT_SHARE], r[award_field.PREMIUM_YEARS]
        basic, premium = flows[_RESIDENT_BASIC if apart else 0], flows[_YEAR_PREMIUM if apart else 0]
        supplement = flows[_AGE_SUPPLEMENT if apart else 0]
        has_basic = r[award_field.RESIDENT_BASIC] > 0.0  # none where a universal pension stands in its place
        for t in range(start, end):
            at, weight = t - FIRST_MONTH, share * weights[t - FIRST_MONTH]
            if has_basic:
                basic[at] += weight * resident_basic_at(world, hukou, t)
            if years > 0.0:
                premium[at] += weight * premium_at(world, hukou, years, t, None)
            supplement[at] += weight * supplement_at(world, hukou, birth, t)
        account = r[award_field.RESIDENT_ACCOUNT_PENSION]
        _level(account, start, end, weights, flows[_RESIDENT_ACCOUNT if apart else 0])
        heirs, rates = flows[_RESIDENT_HEIRS if apart else 0], world.resident[hukou, :, RESIDENT_RATE]
        settled, principal = r[award_field.SETTLED_BALANCE], r[award_field.SETTLED_PRINCIPAL]
        if award < sixty:
            deferred_account(world, sex, birth, award, sixty, reference, rates, heirs, settled, principal)
        else:
            balance = r[award_field.RESIDENT_BALANCE]
            account_in_payment(world, sex, birth, sixty if at_sixty else award, reference, 139.0, rates, heirs, balance)
    if r[award_field.CITIZEN] != 0.0:
        nation, begins = schema.NATION_INDEX, sixty + 1
        of_yuan = r[award_field.CITIZEN] / resident_basic_at(world, nation, begins)
        citizen = flows[_CITIZEN if apart else 0]
        for t in range(begins, end):
            citizen[t - FIRST_MONTH] += of_yuan * resident_basic_at(world, nation, t) * weights[t - FIRST_MONTH]


@jit
def _level(amount: float, start: int, end: int, weights: Any, flow: Any) -> None:
    """Add a pension that never changes."""
    for t in range(start, end):
        flow[t - FIRST_MONTH] += amount * weights[t - FIRST_MONTH]


@jit
def first_payment(birth: int, award: int) -> int:
    """The earliest month in which something can be received: the award, or 60 for a resident part settled then."""
    return min(award, birth + 720)


@kernel
def _flow_kernel(
    h: Any, i: int, world: Any, a: Any, indexation: Any, own_rate: Any, r: Any, weights: Any, flows: Any, sums: Any
) -> None:
    award, reference = int(a[val.AWARD]), int(a[val.REFERENCE])
    birth = int(h.birth[i])
    payment_weights(world, h.sex[i], birth, first_payment(birth, award), reference, weights)
    add_benefits(h, i, world, a, indexation, r, weights, flows)
    add_contributions(h, i, world, own_rate, award, reference, sums, flows[OWN_CONTRIBUTIONS])


@dataclass(frozen=True)
class CashFlow:
    """Expected payments of one person under one regime, for somebody alive at R0."""

    reference: int
    """R0, month serial."""
    discount_rate: float
    """Of the scenario, effective, a year."""
    first: int
    """Month serial of the first column."""
    components: dict[str, Float]
    """Component -> [month]: expected payment in nominal yuan; survival from R0 on, certainty before. Paid by the member
    is negative (``own_contributions``, ``backpay``)."""

    @property
    def total(self) -> Float:
        """[month]: what the member and his heirs receive less what the member pays."""
        found: Float = np.sum(list(self.components.values()), axis=0)
        return found

    @property
    def benefits(self) -> Float:
        """[month]: the same without own contributions; its value at the scenario's rate is the present value PW."""
        return self.total - self.components["own_contributions"]

    def value(self, flow: Float, rate: float | None = None) -> float:
        """Value at R0, yuan of R0, of a flow [month] at a yearly effective rate, by default the scenario's."""
        chosen = self.discount_rate if rate is None else rate
        years = (self.first + np.arange(flow.size) - self.reference) / 12.0
        return float(np.sum(flow * (1.0 + chosen) ** -years))


def cash_flows(engine: Engine, arrays: HistoryArrays) -> list[dict[str, CashFlow | None]]:
    """For everybody in ``arrays`` (checked histories): regime -> cash flow, None where the regime is undefined.

    Amounts are those of the scenario, weighted by survival from R0 on. For a few people: a flow has a thousand months.
    """
    world, rows = engine.world(arrays)
    results = engine.run(arrays, award_field.RESULT_NAMES).values
    return [
        {
            regime.name: cash_flow(engine, arrays, i, world, world.awards[row], results[i, k])
            for k, regime in enumerate(engine.regimes)
        }
        for i, row in enumerate(rows.tolist())
    ]


def cash_flow(
    engine: Engine, arrays: HistoryArrays, person: int, world: Any, award: Float, result: Float
) -> CashFlow | None:
    """The flow of a settled ``result`` [``award_fields``] of ``person``, awarded as the row ``award`` of
    ``world.awards``; None where it is undefined."""
    if result[award_field.STATUS] != award_field.DEFINED:
        return None
    tables = engine.parameters.tables
    weights, flows = np.zeros(N_MONTHS), np.zeros((N_COMPONENTS, N_MONTHS))
    _flow_kernel(
        arrays,
        person,
        world,
        award,
        tables.indexation,
        tables.own_rate,
        np.ascontiguousarray(result),
        weights,
        flows,
        np.zeros(N_SUMS),
    )
    reference = int(award[val.REFERENCE])
    paid = np.flatnonzero(np.any(flows != 0.0, axis=0))
    first, last = (int(paid[0]), int(paid[-1])) if paid.size else (reference - FIRST_MONTH,) * 2
    months = np.arange(first, last + 1) + FIRST_MONTH
    # Values at R0 back to money of their month.
    nominal = flows[:, first : last + 1] * (1.0 + tables.discount_rate) ** ((months - reference) / 12.0)
    components = {name: nominal[k] for k, name in enumerate(COMPONENTS)}
    return CashFlow(reference, tables.discount_rate, int(months[0]), components)
