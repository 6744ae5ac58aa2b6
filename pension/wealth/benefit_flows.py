"""The payments behind a present value, month by month: what a member or his heirs receive, from a settled result.

A present value is made of closed sums (``valuation``, ``streams``). Here the same payments stand in their months, each
with its own indexation and its survival from R0 on, built from the result of the settlement and from the functions of
the valuation: no law is restated.
"""

from __future__ import annotations

from typing import Any, Final

from pension import schema
from pension._compile import jit
from pension.kernels import award_fields as award_field
from pension.kernels import valuation as val
from pension.kernels.cells import province_position
from pension.kernels.late_claim import inherited_at
from pension.kernels.streams import premium_at, resident_basic_at, supplement_at
from pension.kernels.valuation import account_in_payment, deferred_account, one_payment
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, MAX_AGE
from pension.tables.world import BOOK_RATE, RESIDENT_RATE

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
REFUND: Final = 11
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
    once = flows[REFUND if apart else 0]
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
