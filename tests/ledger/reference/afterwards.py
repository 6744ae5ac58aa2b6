"""What follows an award under the law: deaths, disability, a resident pension drawn beside an employee one.

Employee rulebook E2.6, E2.7, E4.6, E6; resident rulebook R14, R16, B8. Each is a question about one history, answered
as if the others did not happen: the history is cut at the month asked for.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from typing import Any

from ..lookup import CONTEXT, Lookup
from .accounts import account_in_payment, employee_account, resident_account
from .law import LAW, ONE, RESIDENT_DIVISOR, ZERO, annuity_months
from .months import Route, entries_of
from .reading import Dates, dates_of
from .settlement import Ledger
from .variants import Variant

GRANTS_FROM = 12 * 2021 + 8
"""2021-09: 人社部发〔2021〕18号."""
WHOLE_EMPLOYEE_ACCOUNT_FROM = 12 * 2011 + 6
"""2011-07: Social Insurance Law art. 14; before it the own contributions alone."""
WHOLE_RESIDENT_ACCOUNT_FROM = 12 * 2014 + 1
"""2014-02: 国发〔2014〕8号; before it without the subsidies."""
TIBET, FUNERAL_OF_TIBET = 54, 6
"""The only dated funeral grant of residents: six months of B."""


def cut(person: Mapping[str, Any], records: Sequence[Mapping[str, Any]], lookup: Lookup, month: int) -> Ledger:
    """The ledger of what was paid up to a month, as if that were the month of the award; the dates stay."""
    entries = [entry for r in records if int(r["scheme"]) == 1 for entry in entries_of(r)]
    dates = dates_of(person, bool(entries))
    residents = [r for r in records if int(r["scheme"]) == 2 and int(r["year"]) <= month // 12]
    variant = Variant([e for e in entries if e.month <= month], residents, Dates(dates.statutory, month, dates.r0))
    return Ledger(person, records, lookup, variant)


def credited(ledger: Ledger) -> tuple[int, list[tuple[int, str]], int]:
    """Claim place by article 6, counted cells and counted months of what a ledger holds."""
    place, _ = ledger._claim(LAW)
    counted = ledger._counted_cells(False, place)
    return place, counted, sum(len(ledger._cells()[cell]) for cell in counted) + len(ledger.deemed)


# ---- death ----------------------------------------------------------------------------------------------------------


def bereavement_months(years: Decimal) -> Decimal:
    """Months of income of the bereavement grant in service: 3, 6, 9 by five years; beyond fifteen one a year, at most
    24."""
    if years < 5:
        return Decimal(3)
    if years < 10:
        return Decimal(6)
    if years <= 15:
        return Decimal(9)
    return min(Decimal(24), 9 + (years - 15))


@dataclass(frozen=True)
class Estate:
    """What a death leaves, yuan; None = the rulebook has no rule, or the income is not given."""

    employee_account: Decimal | None
    resident_account: Decimal | None
    funeral: Decimal | None
    bereavement: Decimal | None
    together: Decimal | None = None
    """Both grants where own contributions cap them."""


def estate(
    person: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    death: int,
    income: Decimal | None,
) -> Estate:
    """What a death before or after the award month leaves; ``income`` urban disposable income a head, yuan a year."""
    with decimal.localcontext(CONTEXT):
        whole = Ledger(person, records, lookup)
        if death < whole.award:
            return _before(cut(person, records, lookup, death), death, income)
        return _after(whole, death, income)


def _before(ledger: Ledger, death: int, income: Decimal | None) -> Estate:
    employee = sum((balance for balance, _ in ledger._accounts().values()), ZERO)
    if death < WHOLE_EMPLOYEE_ACCOUNT_FROM:
        employee = own_part(ledger, death)
    resident = None if ledger.unknown else ledger._resident_at_award()[0]
    if death < WHOLE_RESIDENT_ACCOUNT_FROM and ledger.resident and not ledger.unknown:
        unsubsidised = {entry.booked: entry.credited - entry.subsidy for entry in ledger.resident}
        resident = resident_account(unsubsidised, ledger._last_resident_rate, death)[0]
    months = credited(ledger)[2] if ledger.has_employee else 0
    if not months:
        return Estate(employee, resident, _resident_funeral(ledger, death), ZERO)
    service = bereavement_months(Decimal(months) / 12)
    funeral, bereavement, together = _grants(ledger, death, income, service, months)
    return Estate(employee, resident, funeral, bereavement, together)


def own_part(ledger: Ledger, month: int) -> Decimal:
    """Of the employee accounts the part of the member's own contributions, with interest."""
    total = ZERO
    for (place, _), months in ledger._cells().items():
        credits = {}
        for c in months:
            share = ledger.lookup.account_rate(place, c.month)
            credits[c.month] = sum(
                (p.base * min(share, ledger.own_rate(place, c.month, p.individual, p.share)) for p in c.payments), ZERO
            )
        total += employee_account(credits, ledger._employee_rate(place), month)[0]
    return total


def _grants(
    ledger: Ledger, death: int, income: Decimal | None, bereavement: Decimal, months: int
) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    if death < GRANTS_FROM or income is None:
        return None, None, None
    q = income / 12
    if months < 60:
        own = ZERO
        for c in (*ledger.kept, *ledger.dropped):
            for p in c.payments:
                # an individual's contributions count as far as they are credited to the account
                rate = (
                    ledger.lookup.account_rate(c.place, c.month)
                    if p.individual
                    else ledger.lookup.own_rate(c.place, c.month, False)
                )
                own += rate * p.base
        return None, None, min((2 + bereavement) * q, own)
    return 2 * q, bereavement * q, None


def _resident_funeral(ledger: Ledger, death: int) -> Decimal | None:
    if ledger.hukou != TIBET or death < 12 * 2011:
        return None
    return FUNERAL_OF_TIBET * ledger.lookup.resident_basic(TIBET, death)


def _after(ledger: Ledger, death: int, income: Decimal | None) -> Estate:
    result = ledger.settle({})
    settled = result["settled"]
    route: Route = settled.route
    employee = resident = ZERO
    # accounts before the award are another question; here those that wait for sixty or are in payment
    for first, balances in route.bequests:
        at = death - first
        if first < ledger.award or not 0 <= at < len(balances):
            continue
        if route.name in EMPLOYEE_ROUTES:
            employee += balances[at]
        else:
            resident += balances[at]
    if route.name == "withdrawal":
        return Estate(employee, resident, None, None)
    if route.name not in EMPLOYEE_ROUTES:
        return Estate(employee, resident, _resident_funeral(ledger, death), ZERO)
    months = result["months_employee"]
    drawn = Decimal(death - ledger.award) / 12
    funeral, bereavement, together = _grants(
        ledger, death, income, max(Decimal(9), bereavement_months(Decimal(months) / 12) - drawn), months
    )
    return Estate(employee, resident, funeral, bereavement, together)


EMPLOYEE_ROUTES = frozenset({"employee", "resident_to_employee"})


# ---- disability -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Allowance:
    """Disability allowance: its case (1, 2, 3), yuan/month, months of payment (None = without end)."""

    case: int
    amount: Decimal
    months: int | None


def allowance(
    person: Mapping[str, Any], records: Sequence[Mapping[str, Any]], lookup: Lookup, month: int
) -> Allowance | None:
    """Disability allowance of a total incapacity in a month before the statutory age (E4.6); None without any counted
    employee month."""
    with decimal.localcontext(CONTEXT):
        ledger = cut(person, records, lookup, month)
        place, counted, months = credited(ledger)
        if not months:
            return None
        choice = LAW
        basic = ledger._basic_pension(choice, place, counted, [])
        if months >= lookup.minimum_months(month // 12):
            if ledger.statutory - month > 60:
                return Allowance(2, basic, None)
            balance = sum((ledger._accounts()[cell][0] for cell in counted), ZERO)
            paid = months - len(ledger.deemed)
            transitional = ledger._transitional_pension(choice, place, counted, months, paid, Route("employee"))
            account = balance / annuity_months(month - ledger.birth, lookup.annuity_table())
            return Allowance(1, basic + account + transitional, None)
        years = Decimal(months) / 12
        limit = 12 if years < 5 else 12 + 3 * int((years - 5).to_integral_value(ROUND_CEILING))
        return Allowance(3, basic, limit)


# ---- both pensions --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reckoning:
    """A resident pension found beside an employee one in a month (B8), yuan."""

    repayment: Decimal
    balance: Decimal
    balance_without_subsidy: Decimal
    paid_out: Decimal
    from_pension: Decimal


def reckoning(
    person: Mapping[str, Any], records: Sequence[Mapping[str, Any]], lookup: Lookup, claim: int, found: int
) -> Reckoning:
    """The resident relation ends in ``found``: balance without subsidies repaid, basic pension since the overlap began
    returned, else set off. ``claim`` is the first month of the resident pension, settled the month before."""
    with decimal.localcontext(CONTEXT):
        whole = Ledger(person, records, lookup)
        ledger = cut(person, [r for r in records if int(r["scheme"]) == 2], lookup, claim - 1)
        principal = ledger._resident_at_award()[0] if ledger.resident else ZERO
        without = ZERO
        if ledger.resident:
            money = {entry.booked: entry.credited - entry.subsidy for entry in ledger.resident}
            without = resident_account(money, ledger._last_resident_rate, claim - 1)[0]
        path = account_in_payment(principal, principal / RESIDENT_DIVISOR, claim - 1, found, ledger._hukou_rate)
        at = found - claim + 1
        balance = path[at] if at < len(path) else ZERO
        share = without / principal if principal else ONE
        years = Decimal(_premium_months(cut(person, records, lookup, claim - 1)) // 12)
        repayment = ZERO
        for month in range(max(claim, whole.award + 1), found + 1):
            repayment += lookup.resident_basic(ledger.hukou, month)
            repayment += ledger.year_premium(month, years) + ledger.age_supplement(month)
        kept = balance * share
        return Reckoning(repayment, balance, kept, max(ZERO, kept - repayment), max(ZERO, repayment - kept))


def _premium_months(ledger: Ledger) -> int:
    """Resident months that earn the year premium: not those paid as employee, nor back-paid years in most places."""
    backpaid = ledger.lookup.premium_counts_backpaid(ledger.hukou)
    return ledger.months_resident - (0 if backpaid else ledger.months_backpaid)
