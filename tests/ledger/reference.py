"""The reference ledger: one person, month by month, in exact decimal arithmetic.

Written from the rulebook alone and sharing no code with the package, so that the compiled path has something to be
compared with. It is slow and literal on purpose: accounts are credited year by year with month products, the index is a
sum over months, present values are sums over months of life. Fifty significant digits.

``settle_reference(person, records, lookup, regime)`` settles one regime; ``Ledger(person, records, lookup)`` keeps what
no regime changes (months, accounts, survival) and settles any number of them with ``.settle(regime)``.
Input is assumed valid: checking is somebody else's job.

Money is yuan, pensions yuan/month, months are serials ``12*year + month - 1``.
"""

from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar, cast

from .lookup import CONTEXT, NATION, LedgerUnknown, Lookup, TransitionRule, decimal_of

T = TypeVar("T")

ZERO, ONE = Decimal(0), Decimal(1)
HALF_PERCENT = Decimal("0.005")
RESIDENT_DIVISOR = Decimal(139)
TRANSFER_RATE = Decimal("0.12")

FLOOR_INDEX = Decimal("0.60")
"""Index at which resident money buys employee years: the floor of the base."""
INDIVIDUAL_RATE = Decimal("0.20")
"""What an individual pays of the base, and so the price of a bought year."""
POOLED_PART = Decimal(12) / 20
"""Of that price the pool's part."""

LATE_FLAG, TEMPORARY_FLAG, ORDINARY_FLAG, DEEMED_FLAG, BACKPAID_FLAG, PROXY_FLAG = 1, 2, 4, 8, 16, 32
INDIVIDUAL_FORMS = frozenset({2, 3, 4})
"""part_time, flexible, platform: insured as individuals (access.md, table 1)."""

JANUARY_1998 = 12 * 1998
JANUARY_2010 = 12 * 2010

LAW: dict[str, str] = {
    "flat_base": "claim",
    "earnings_base": "claim",
    "index_wage": "claim",
    "revaluation": "wages",
    "vesting": "employee",
    "resident_years": "discard",
    "pooled_on_exit": "forfeit",
    "overlap": "refund_principal",
    "temporary_accounts": "excluded",
    "late_backpayments": "stranded",
    "claim_place": "article6",
    "route_choice": "forced",
    "hold_harmless": "no",
    "design": "formula",
    "citizen_floor": "none",
}

CHOICES: dict[str, frozenset[str]] = {
    "flat_base": frozenset({"claim", "segment", "national", "blend"}),
    "earnings_base": frozenset({"claim", "segment", "national", "blend"}),
    "index_wage": frozenset({"claim", "segment", "national", "blend"}),
    "revaluation": frozenset({"wages", "frozen", "indexed"}),
    "vesting": frozenset({"employee", "aggregated", "immediate", "never"}),
    "resident_years": frozenset({"discard", "vest_only", "retain", "ratio", "one_to_one", "balance"}),
    "pooled_on_exit": frozenset({"forfeit", "twelve", "paid", "paid_with_interest", "always_paid_with_interest"}),
    "overlap": frozenset({"refund_principal", "refund_with_interest", "credit_value"}),
    "temporary_accounts": frozenset({"excluded", "counted"}),
    "late_backpayments": frozenset({"stranded", "kept"}),
    "claim_place": frozenset({"article6", "last", "hukou", "article6_legacy", "best"}),
    "route_choice": frozenset({"forced", "better"}),
    "hold_harmless": frozenset({"no", "yes"}),
    "design": frozenset({"formula", "points", "rights", "ndc"}),
    "citizen_floor": frozenset({"none", "universal", "top_up"}),
}

FUND_SIDE = frozenset({"payer_of_benefit", "pooled_transfer"})
"""Provisions that move money between pools and never change a member's pension."""

_SEGMENTS = {"flat_base": "segment", "earnings_base": "segment", "index_wage": "segment"}

REGIMES: dict[str, dict[str, str]] = {
    "current": {},
    "current_paying": {"index_wage": "segment"},
    "segmented": _SEGMENTS,
    "segmented_frozen": _SEGMENTS | {"revaluation": "frozen"},
    "segmented_indexed": _SEGMENTS | {"revaluation": "indexed"},
    "prorata": _SEGMENTS | {"vesting": "aggregated"},
    "national": {"flat_base": "national", "earnings_base": "national", "index_wage": "national"},
    "national_half": {"flat_base": "blend", "earnings_base": "blend", "index_wage": "blend"},
    "legacy": {"claim_place": "article6_legacy"},
    "fair": _SEGMENTS
    | {
        "vesting": "immediate",
        "route_choice": "better",
        "resident_years": "retain",
        "overlap": "credit_value",
        "temporary_accounts": "counted",
        "late_backpayments": "kept",
        "pooled_on_exit": "paid_with_interest",
    },
}

ALPHA: dict[str, Decimal] = {"national_half": Decimal("0.5")}
"""Weight of the nation in the regimes that blend."""

DEFINED, EARLY_CLAIM_UNVESTED, NO_RIGHT, UNKNOWN_PARAMETER = 0, 1, 2, 3

COMPONENTS = (
    "basic",
    "account",
    "transitional",
    "resident_basic",
    "year_premium",
    "age_supplement",
    "resident_account",
    "points",
    "rights",
    "ndc",
    "citizen",
)
RESIDENT_PARTS = COMPONENTS[3:7]


# ---------------------------------------------------------------------------------------------------------------------
# Ages and tables of the law (employee rulebook E3.4, E4)


def statutory_month(category: int, birth: int) -> int:
    """Month of the statutory employee age (decision of 2024-09-13; E4.1). Hazardous posts: 55 and 45, no delay."""
    if category == 1:
        first, step, cap, original = 12 * 1965, 4, 36, 60
    elif category == 2:
        first, step, cap, original = 12 * 1970, 4, 36, 55
    elif category == 3:
        first, step, cap, original = 12 * 1975, 2, 60, 50
    elif category == 4:
        return birth + 12 * 55
    elif category == 5:
        return birth + 12 * 45
    else:
        raise ValueError(f"retirement category {category}")
    delay = 0 if birth < first else min(cap, (birth - first) // step + 1)
    return birth + 12 * original + delay


def annuity_months(age_in_months: int, table: Mapping[int, int]) -> Decimal:
    """Annuity months at an age in months, linear between whole years, half-up to 0.1 (decision 4)."""
    years, months = divmod(age_in_months, 12)
    if years < 40:
        return Decimal(table[40])
    if years >= 70:
        return Decimal(table[70])
    exact = Decimal(table[years]) - Decimal(table[years] - table[years + 1]) * months / 12
    return exact.quantize(Decimal("0.1"), rounding=decimal.ROUND_HALF_UP)


def indexed_months(
    shape: str, deemed: Sequence[Decimal], paid_months: int, paid_indices: Decimal, overall: Decimal | None
) -> Decimal:
    """Months of a transitional pension times what multiplies P in it (E3.5): P times this over 12 times k is paid.

    ``deemed`` holds the deemed months' indices, ``paid_indices`` the sum over the paid ones; ``overall`` is the index
    of the whole career where the province uses that, None where it is the mean of just these months.
    """
    months = len(deemed) + paid_months
    if shape == "fixed_index":
        return Decimal(months)
    if shape == "beijing":
        # deemed months at 1.0; n_paid times the mean index of the paid ones is their sum
        return len(deemed) + paid_indices
    index = (sum(deemed, ZERO) + paid_indices) / months if overall is None else overall
    return index * months if shape == "plain" else (1 + index) / 2 * months


def required_resident_years(birth: int, start: int) -> int:
    """Years needed for a resident pension (R7, decision 17): by the age when the scheme started at home."""
    age = start - birth
    if age < 12 * 45:
        return 15
    return max(0, (720 - age) // 12)


# ---------------------------------------------------------------------------------------------------------------------
# Accounts


def _by_year(credits: Mapping[int, Decimal]) -> dict[int, list[tuple[int, Decimal]]]:
    years: dict[int, list[tuple[int, Decimal]]] = {}
    for month in sorted(credits):
        years.setdefault(month // 12, []).append((month % 12 + 1, credits[month]))
    return years


def employee_account(
    credits: Mapping[int, Decimal], rate: Callable[[int], Decimal], end: int, watch: int | None = None
) -> tuple[Decimal, list[Decimal]]:
    """Balance in month ``end`` of monthly credits with employee month products (E2.2, E2.4).

    Money of month k earns from that month on: (s - k + 1)/12 of the year's rate by month s; years close in December.
    The second result holds the balances of the months ``watch`` .. ``end - 1``.
    """
    watched: list[Decimal] = []
    first = min((*credits, *(() if watch is None else (watch,))), default=end)
    years = _by_year(credits)
    opening = ZERO
    for year in range(first // 12, end // 12 + 1):
        r = rate(year) if (opening or year in years) else ZERO
        paid = years.get(year, ())
        last = 12 if year < end // 12 else end % 12 + 1

        def balance(s: int, opening: Decimal = opening, r: Decimal = r, paid: Any = paid) -> Decimal:
            total = opening * (1 + r * s / 12)
            for k, c in paid:
                if k <= s:
                    total += c * (1 + r * (s - k + 1) / 12)
            return total

        if watch is not None:
            for s in range(1, last + 1):
                if watch <= 12 * year + s - 1 < end:
                    watched.append(balance(s))
        opening = balance(last)
    return opening, watched


def resident_account(
    credits: Mapping[int, Decimal], rate: Callable[[int], Decimal], end: int, watch: int | None = None
) -> tuple[Decimal, Decimal, list[Decimal]]:
    """Balance in month ``end`` of resident credits (R9, decision 19): money of month k earns from month k + 1.

    Returns the balance, the part of it that earns for the rest of that year (opening balance and credits of the year,
    without the interest of the year), and the balances of the months ``watch`` .. ``end - 1``.
    """
    watched: list[Decimal] = []
    first = min((*credits, *(() if watch is None else (watch,))), default=end)
    years = _by_year(credits)
    opening = earning = ZERO
    for year in range(first // 12, end // 12 + 1):
        r = rate(year) if (opening or year in years) else ZERO
        paid = years.get(year, ())
        last = 12 if year < end // 12 else end % 12 + 1

        def balance(s: int, opening: Decimal = opening, r: Decimal = r, paid: Any = paid) -> Decimal:
            total = opening * (1 + r * s / 12)
            for k, c in paid:
                if k <= s:
                    total += c * (1 + r * (s - k) / 12)
            return total

        if watch is not None:
            for s in range(1, last + 1):
                if watch <= 12 * year + s - 1 < end:
                    watched.append(balance(s))
        earning = opening + sum((c for k, c in paid if k <= last), ZERO)
        opening = balance(last)
    return opening, earning, watched


def deferred_account(
    balance: Decimal, earning: Decimal, filed: int, end: int, rate: Callable[[int], Decimal]
) -> list[Decimal]:
    """Balances of the months ``filed`` .. ``end`` of a resident account that waits for the sixtieth birthday.

    In the year of filing the ``earning`` part (opening balance and credits less debits of that year) earns for the
    months after filing; then years close in December.
    """
    balances = [balance]
    year, start = filed // 12, filed % 12 + 1
    opening, base, offset = balance, earning, start
    r = rate(year)
    for month in range(filed + 1, end + 1):
        if month // 12 != year:
            year = month // 12
            opening = base = balances[-1]
            offset = 0
            r = rate(year)
        s = month % 12 + 1
        balances.append(opening + base * r * (s - offset) / 12)
    return balances


def account_in_payment(
    principal: Decimal, pension: Decimal, settled: int, last: int, rate: Callable[[int], Decimal]
) -> list[Decimal]:
    """Balances of the months ``settled`` .. ``last`` of an account that pays a pension from the month after (E2.7).

    The principal is a credit of the settlement month and earns from the next month; a payment in month k costs
    (13 - k)/12 of the year's rate; interest joins the principal in December. An exhausted account stays at 0, and its
    list ends there.
    """
    balances = [principal]
    if principal <= 0:
        return [ZERO]
    year, start = settled // 12, settled % 12 + 1
    opening, offset = principal, start
    r = rate(year)
    paid = ZERO
    interest_of_payments = ZERO
    for month in range(settled + 1, last + 1):
        if month // 12 != year:
            year = month // 12
            opening, offset = balances[-1], 0
            paid = interest_of_payments = ZERO
            r = rate(year)
        s = month % 12 + 1
        # every payment of the year so far, this one included, costs one more month of interest
        paid += pension
        interest_of_payments += paid * r / 12
        balance = opening * (1 + r * (s - offset) / 12) - paid - interest_of_payments
        if balance <= 0:
            balances.append(ZERO)
            break
        balances.append(balance)
    return balances


# ---------------------------------------------------------------------------------------------------------------------
# Claim place (E5.4, decisions 10, 11 and 12)


def claim_place(
    rule: str,
    relation: int | None,
    months: Mapping[int, int],
    last_month: Mapping[int, int],
    hukou: int,
    legacy: bool = False,
) -> tuple[int, str]:
    """(D, branch). ``months`` is Y(p); ``last_month`` dates the places that can be an upper place; ``legacy`` says
    that the relation was where it is before 2010 and nothing was paid elsewhere since (70号)."""
    if rule == "hukou":
        return hukou, "hukou_by_regime"
    if rule == "last":
        return (hukou, "no_relation") if relation is None else (relation, "last_by_regime")
    if relation is None:
        return hukou, "no_relation"
    if rule == "article6_legacy" and legacy:
        return relation, "legacy_relation"
    if relation == hukou:
        return hukou, "relation_is_hukou"
    if months.get(relation, 0) >= 120:
        return relation, "relation_ten_years"
    for place in sorted(last_month, key=lambda p: last_month[p], reverse=True):
        if place != relation and months.get(place, 0) >= 120:
            return place, "earlier_ten_years"
    return hukou, "hukou_fallback"


# ---------------------------------------------------------------------------------------------------------------------
# The month table


@dataclass
class PaidMonth:
    """What was paid for one month at one place (several records add up)."""

    place: int
    month: int
    base: Decimal = ZERO
    base_of_individual: Decimal = ZERO
    income: Decimal | None = None
    late: bool = True
    temporary: bool = True


@dataclass
class ResidentYear:
    """One resident payment: own contribution, collective assistance, subsidy, months also paid as employee."""

    year: int
    place: int
    own: Decimal
    collective: Decimal
    backpaid: bool
    proxy: bool
    booked: int
    subsidy: Decimal = ZERO
    overlap: int = 0
    months: int = 0
    """Months that the record covers less the overlapped ones."""

    @property
    def credited(self) -> Decimal:
        """All the money of the payment, yuan."""
        return self.own + self.collective + self.subsidy

    @property
    def refundable(self) -> Decimal:
        """Own and collective money of the overlapped months; proxy money is the government's (R6)."""
        own = ZERO if self.proxy else self.own
        return (own + self.collective) / 12 * self.overlap

    @property
    def overlapped(self) -> Decimal:
        """Own, collective and subsidy money of the overlapped months, yuan."""
        return self.credited / 12 * self.overlap


@dataclass
class Route:
    """One way of settling: first amounts, their months, and the present value at R0 in nominal yuan."""

    name: str
    components: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(COMPONENTS, ZERO))
    starts: dict[str, int] = field(default_factory=dict)
    refund: Decimal = ZERO
    lump_sum: Decimal = ZERO
    backpay: Decimal = ZERO
    account_balance: Decimal = ZERO
    resident_balance: Decimal = ZERO
    value: Decimal = ZERO
    bridge: tuple[int, int, Decimal, Decimal] | None = None
    """(from, to, account money, pooled money) between the schemes."""
    index_sum: Decimal = ZERO
    index_months: Decimal = ZERO
    """What resident years converted into employee years add to the average index."""


@dataclass(frozen=True)
class Segment:
    """Employee years that resident money bought at one place, and the last year of a resident payment there."""

    place: int
    months: Decimal
    index_sum: Decimal
    exit_year: int


def _serials(record: Mapping[str, Any]) -> Iterable[int]:
    start, mask = 12 * int(record["year"]), int(record["months"])
    return (start + k for k in range(12) if mask >> k & 1)


def _stated(value: Any) -> Decimal | None:
    if value is None:
        return None
    number = decimal_of(value)
    return None if number.is_nan() else number


class Ledger:
    """One person. What no regime changes is computed once; ``settle`` reads it."""

    def __init__(self, person: Mapping[str, Any], records: Sequence[Mapping[str, Any]], lookup: Lookup) -> None:
        self.lookup = lookup
        self.sex = int(person["sex"])
        self.birth = int(person["birth"])
        self.hukou = int(person["hukou"])
        self.sixty = self.birth + 720
        self.last_month = self.birth + 12 * 120 - 1
        self.alpha = ZERO
        self.citizen_amount: Decimal | None = None
        self.citizen_taper = ONE
        self._memo: dict[Any, Any] = {}
        self.unknown = False
        with decimal.localcontext(CONTEXT):
            try:
                self._read(person, records)
            except LedgerUnknown:
                self.unknown = True

    def _once(self, key: Any, compute: Callable[[], T]) -> T:
        if key not in self._memo:
            self._memo[key] = compute()
        return cast(T, self._memo[key])

    # ---- reading ------------------------------------------------------------------------------------------------

    def _read(self, person: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> None:
        employee = [r for r in records if int(r["scheme"]) == 1]
        resident = [r for r in records if int(r["scheme"]) == 2]
        deemed = [r for r in employee if int(r["flags"]) & DEEMED_FLAG]
        paid = [r for r in employee if not int(r["flags"]) & DEEMED_FLAG]

        self.has_employee, self.has_resident = bool(employee), bool(resident)
        if self.has_employee:
            self.statutory = statutory_month(int(person["retirement_category"]), self.birth)
        else:
            self.statutory = self.sixty
        claim = person.get("claim")
        self.award = self.statutory if claim is None else int(claim)
        self.r0 = self.statutory
        start = person.get("resident_start")
        self.home_start = self.lookup.resident_start(self.hukou) if start is None else int(start)
        self.required = required_resident_years(self.birth, self.home_start)

        self.deemed: list[tuple[int, int, Decimal]] = sorted(
            (month, int(r["place"]), decimal_of(r["base"])) for r in deemed for month in _serials(r)
        )
        self._read_paid(paid)
        self._read_resident(resident)

    def _derived_temporary(self, paid: Sequence[Mapping[str, Any]]) -> dict[int, bool]:
        """Places whose account is temporary by age and date of the first month there (E5.5, decision 11)."""
        first: dict[int, int] = {}
        for r in paid:
            place = int(r["place"])
            month = next(iter(_serials(r)), None)
            if month is not None:
                first[place] = min(month, first.get(place, month))
        limit = 50 if self.sex == 1 else 40
        return {
            place: place != self.hukou and month >= JANUARY_2010 and month - self.birth >= 12 * limit
            for place, month in first.items()
        }

    def _read_paid(self, paid: Sequence[Mapping[str, Any]]) -> None:
        derived = self._derived_temporary(paid)
        table: dict[int, dict[int, PaidMonth]] = {}
        for r in paid:
            place, flags = int(r["place"]), int(r["flags"])
            base, income = decimal_of(r["base"]), _stated(r.get("income"))
            individual = int(r["form"]) in INDIVIDUAL_FORMS
            late = bool(flags & LATE_FLAG)
            decided = bool(flags & (ORDINARY_FLAG | TEMPORARY_FLAG))
            temporary = not flags & ORDINARY_FLAG if decided else derived[place]
            for month in _serials(r):
                if month > self.award:
                    raise ValueError("a contribution after the award month")
                cell = table.setdefault(month, {}).setdefault(place, PaidMonth(place, month))
                cell.base += base
                if individual:
                    cell.base_of_individual += base
                if income is not None:
                    cell.income = income if cell.income is None else cell.income + income
                # one ordinary payer makes the month ordinary
                cell.late = cell.late and late
                cell.temporary = cell.temporary and temporary
        self.kept: list[PaidMonth] = []
        self.dropped: list[PaidMonth] = []
        for month in sorted(table):
            # an ordinary month beats a late one, then the higher base, then the lower place code
            ranked = sorted(table[month].values(), key=lambda c: (c.late, -c.base, c.place))
            self.kept.append(ranked[0])
            self.dropped.extend(ranked[1:])
        self.paid_months = frozenset(table)

    def _read_resident(self, resident: Sequence[Mapping[str, Any]]) -> None:
        self.resident: list[ResidentYear] = []
        subsidised: dict[int, int] = {}
        for r in sorted(resident, key=lambda r: int(r["year"])):
            year, place, flags = int(r["year"]), int(r["place"]), int(r["flags"])
            december = 12 * year + 11
            entry = ResidentYear(
                year=year,
                place=place,
                own=decimal_of(r["base"]),
                collective=_stated(r.get("payer_share")) or ZERO,
                backpaid=bool(flags & BACKPAID_FLAG),
                proxy=bool(flags & PROXY_FLAG),
                booked=min(december, self.award),
            )
            if year > self.award // 12:
                raise ValueError("a resident payment after the award year")
            if not entry.backpaid and subsidised.get(place, 0) < self.lookup.subsidy_max_years(place):
                entry.subsidy = self.lookup.subsidy(place, entry.booked, entry.own)
                subsidised[place] = subsidised.get(place, 0) + 1
            # employee months of the same calendar year up to R, wherever paid; deemed months are not paid months
            entry.overlap = sum(1 for month in range(12 * year, 12 * year + 12) if month in self.paid_months)
            entry.months = 12 - entry.overlap
            if self.lookup.resident_award_year_to_award and year == self.award // 12:
                entry.months = self.award % 12 + 1 - entry.overlap
            self.resident.append(entry)
        self.months_resident = sum(entry.months for entry in self.resident)
        self.months_backpaid = sum(entry.months for entry in self.resident if entry.backpaid)

    # ---- survival, discount and sums of weights ------------------------------------------------------------------

    def _survival(self) -> list[Decimal]:
        """S(R0 -> t) for t = R0 .. last month + 1 (the last is 0): product of monthly survival from R0 on."""

        def compute() -> list[Decimal]:
            cache, lookup = self.lookup.cache, self.lookup
            alive = [ONE]
            for month in range(self.r0, self.last_month):
                age, year = (month - self.birth) // 12, month // 12
                step = cache.get((self.sex, age, year))
                if step is None:
                    step = cache[self.sex, age, year] = (-lookup.mortality(self.sex, age, year) / 12).exp()
                alive.append(alive[-1] * step)
            return [*alive, ZERO]

        return self._once("survival", compute)

    def _powers(self) -> list[Decimal]:
        """(1 + d)^(-k/12) for k = 0, 1, ... of one hundred and ten years."""
        cache = self.lookup.cache
        if "powers" not in cache:
            monthly = (1 + self.lookup.discount_rate) ** (-ONE / 12)
            powers = [ONE]
            for _ in range(12 * 110):
                powers.append(powers[-1] * monthly)
            cache["powers"] = powers
        return cast(list[Decimal], cache["powers"])

    def _weights(self) -> list[Decimal]:
        """Weights of the payments of the months R0 .. last month."""
        return self._once(
            "weights", lambda: [s * v for s, v in zip(self._survival()[:-1], self._powers(), strict=False)]
        )

    def _deaths(self) -> list[Decimal]:
        """Discounted probabilities of death in the months R0 .. last month."""

        def compute() -> list[Decimal]:
            alive = self._survival()
            return [(s - t) * v for s, t, v in zip(alive, alive[1:], self._powers(), strict=False)]

        return self._once("deaths", compute)

    def weight(self, month: int) -> Decimal:
        """Value at R0 of one yuan paid in a month: survival and discount from R0 on, interest alone before."""
        if month >= self.r0:
            return self._weights()[month - self.r0]
        return 1 / self._powers()[self.r0 - month]

    def _payments(self, start: int) -> Iterable[tuple[int, Decimal]]:
        for month in range(start, min(self.r0, self.last_month + 1)):
            yield month, self.weight(month)
        weights = self._weights()
        for month in range(max(start, self.r0), self.last_month + 1):
            yield month, weights[month - self.r0]

    def _level_sum(self, start: int) -> Decimal:
        return self._once(("level", start), lambda: sum((w for _, w in self._payments(start)), ZERO))

    def _indexed_sum(self, start: int) -> Decimal:
        """Employee parts: adjusted each January from the year after the award."""
        at_award = self.lookup.indexation(self.award // 12)

        def compute() -> Decimal:
            level: dict[int, Decimal] = {}
            total = ZERO
            for month, w in self._payments(start):
                year = month // 12
                if year not in level:
                    level[year] = self.lookup.indexation(year) / at_award
                total += w * level[year]
            return total

        return self._once(("indexed", start), compute)

    def _basic_sum(self, start: int) -> Decimal:
        basic, hukou = self.lookup.resident_basic, self.hukou
        return self._once(
            ("basic", start), lambda: sum((w * basic(hukou, month) for month, w in self._payments(start)), ZERO)
        )

    def year_premium(self, month: int, years: Decimal) -> Decimal:
        """Y(n) of the version in force in the month of payment (R13)."""
        total = ZERO
        for low, high, amount, fraction in self.lookup.premium(self.hukou, month):
            upper = years if high is None else min(years, high)
            part = amount * max(ZERO, upper - low)
            total += part * self.lookup.resident_basic(self.hukou, month) if fraction else part
        return total

    def _premium_sum(self, start: int, years: Decimal) -> Decimal:
        return self._once(
            ("premium", start, years),
            lambda: sum((w * self.year_premium(month, years) for month, w in self._payments(start)), ZERO),
        )

    def age_supplement(self, month: int) -> Decimal:
        """S for the payment of a month: completed years in the month before (from the month after the birthday's)."""
        age = (month - 1 - self.birth) // 12
        amount = ZERO
        for low, high, value in self.lookup.supplement(self.hukou, month):
            if low <= age and (high is None or age < high):
                amount = value
        return amount

    def _supplement_sum(self, start: int) -> Decimal:
        return self._once(
            ("supplement", start),
            lambda: sum((w * self.age_supplement(month) for month, w in self._payments(start)), ZERO),
        )

    def _inherited(self, first: int, balances: Sequence[Decimal]) -> Decimal:
        """Value of the balances of the months ``first``, ``first + 1`` ... left by deaths in them, from R0 on."""
        deaths = self._deaths()
        skip = max(0, self.r0 - first)
        at = first + skip - self.r0
        return sum((b * d for b, d in zip(balances[skip:], deaths[at:], strict=False)), ZERO)

    def _inherited_in_payment(
        self,
        principal: Decimal,
        pension: Decimal,
        settled: int,
        rate: Callable[[int], Decimal],
        scheme: str,
        place: int,
    ) -> Decimal:
        def compute() -> Decimal:
            return self._inherited(settled, account_in_payment(principal, pension, settled, self.last_month, rate))

        return self._once(("in payment", principal, pension, settled, scheme, place), compute)

    # ---- employee accounts ---------------------------------------------------------------------------------------

    def _employee_rate(self, place: int) -> Callable[[int], Decimal]:
        return lambda year: self.lookup.employee_rate(place, year)

    def _cells(self) -> dict[tuple[int, str], list[PaidMonth]]:
        """Paid months by (place, class): late, temporary, ordinary, dropped; the first that fits."""

        def compute() -> dict[tuple[int, str], list[PaidMonth]]:
            cells: dict[tuple[int, str], list[PaidMonth]] = {}
            for c in self.kept:
                cells.setdefault((c.place, self.class_of(c)), []).append(c)
            for c in self.dropped:
                cells.setdefault((c.place, "dropped"), []).append(c)
            return cells

        return self._once("cells", compute)

    @staticmethod
    def class_of(c: PaidMonth) -> str:
        """Late, temporary or ordinary: the first that fits."""
        if c.late:
            return "late"
        return "temporary" if c.temporary else "ordinary"

    def _accounts(self) -> dict[tuple[int, str], tuple[Decimal, list[Decimal]]]:
        """Account of each (place, class) at R, and its balances in the months R0 .. R - 1 of a late claim."""

        def compute() -> dict[tuple[int, str], tuple[Decimal, list[Decimal]]]:
            found = {}
            watch = self.r0 if self.r0 < self.award else None
            for (place, kind), months in self._cells().items():
                credits = {c.month: c.base * self.lookup.account_rate(place, c.month) for c in months}
                rate = self._employee_rate(place)
                found[place, kind] = employee_account(credits, rate, self.award, watch)
            return found

        return self._once("accounts", compute)

    def _pooled_of(self, c: PaidMonth) -> Decimal:
        """Pooled money of a month: employed and individual payers at their own rates (decision 7)."""
        employed = c.base - c.base_of_individual
        money = ZERO
        if employed:
            money += employed * self.lookup.pooled_rate(c.place, c.month, False)
        if c.base_of_individual:
            money += c.base_of_individual * self.lookup.pooled_rate(c.place, c.month, True)
        return money

    def _pooled(self, place: int, kind: str, choice: str) -> Decimal:
        """Pooled money of a cell at R under ``pooled_on_exit``."""

        def compute() -> Decimal:
            months = self._cells()[place, kind]
            if choice == "twelve":
                return sum((c.base * TRANSFER_RATE for c in months if c.month >= JANUARY_1998), ZERO)
            paid = {c.month: self._pooled_of(c) for c in months}
            if choice == "paid":
                return sum(paid.values(), ZERO)
            return employee_account(paid, self._employee_rate(place), self.award)[0]

        return self._once(("pooled", place, kind, choice), compute)

    # ---- resident account ----------------------------------------------------------------------------------------

    def _last_resident_rate(self, year: int) -> Decimal:
        """Rate of the place that holds the balance in a year before the award (decision 16)."""
        place = self.resident[0].place
        for entry in self.resident:
            if entry.year <= year:
                place = entry.place
        return self.lookup.resident_rate(place, year)

    def _hukou_rate(self, year: int) -> Decimal:
        return self.lookup.resident_rate(self.hukou, year)

    def _resident_at(self, end: int, booked: Callable[[ResidentYear], int]) -> tuple[Decimal, Decimal, list[Decimal]]:
        if not self.resident:
            return ZERO, ZERO, [ZERO] * max(0, end - self.r0)
        credits = {booked(entry): entry.credited for entry in self.resident}
        watch = self.r0 if self.r0 < end else None
        return resident_account(credits, self._last_resident_rate, end, watch)

    def _resident_at_award(self) -> tuple[Decimal, Decimal, list[Decimal]]:
        return self._once("resident at R", lambda: self._resident_at(self.award, lambda e: e.booked))

    def _booked_by_sixty(self, entry: ResidentYear) -> int:
        return min(entry.booked, self.sixty)

    def _resident_at_sixty(self) -> tuple[Decimal, Decimal, list[Decimal]]:
        return self._once("resident at 60", lambda: self._resident_at(self.sixty, self._booked_by_sixty))

    def _overlap_money(
        self, choice: str, end: int, booked: Callable[[ResidentYear], int], tag: str
    ) -> tuple[Decimal, Decimal]:
        """What leaves the resident account for the overlapped months, at month ``end``, and how much of it was earning
        interest in that year. Money that leaves with its interest leaves as the account of its own that it is: what
        stays behind is exactly the account that would exist had it never been paid."""

        def compute() -> tuple[Decimal, Decimal]:
            total = earning = ZERO
            for entry in self.resident:
                if not entry.overlap:
                    continue
                if choice == "refund_principal":
                    total += entry.refundable
                    earning += entry.refundable
                    continue
                money = entry.overlapped if choice == "credit_value" else entry.refundable
                value, principal, _ = resident_account({booked(entry): money}, self._last_resident_rate, end)
                total += value
                earning += principal
            return total, earning

        return self._once(("overlap", choice, end, tag), compute)

    def _overlap_at_award(self, choice: str) -> tuple[Decimal, Decimal]:
        return self._overlap_money(choice, self.award, lambda e: e.booked, "R")

    # ---- deaths between R0 and a later award ---------------------------------------------------------------------

    def _inherited_before_award(self, resident_until: int) -> Decimal:
        """Own accounts as they stand, before settlement, left by deaths from R0 to the month before the award."""
        if self.award <= self.r0:
            return ZERO

        def employee() -> Decimal:
            return sum((self._inherited(self.r0, watched) for _, watched in self._accounts().values()), ZERO)

        def resident() -> Decimal:
            watched = self._resident_at_award()[2]
            return self._inherited(self.r0, watched[: max(0, resident_until - self.r0)])

        total: Decimal = self._once("employee before award", employee)
        return total + self._once(("resident before award", resident_until), resident)

    # ---- counted months and claim place --------------------------------------------------------------------------

    def _claim(self, choice: Mapping[str, str]) -> tuple[int, str]:
        counted_temporary = choice["temporary_accounts"] == "counted"

        def compute() -> tuple[int, str]:
            months: dict[int, int] = {}
            last: dict[int, int] = {}
            relation: int | None = None
            for month, place, _ in self.deemed:
                months[place] = months.get(place, 0) + 1
                last[place] = month
                relation = place
            deemed_relation, relation = relation, None
            for c in self.kept:
                kind = self.class_of(c)
                if kind == "late":
                    months[c.place] = months.get(c.place, 0) + 1
                elif kind == "ordinary" or counted_temporary:
                    months[c.place] = months.get(c.place, 0) + 1
                    last[c.place] = c.month
                    relation = c.place
            if relation is None:
                relation = deemed_relation
            legacy = self._is_legacy(relation)
            rule = "article6" if choice["claim_place"] == "best" else choice["claim_place"]
            return claim_place(rule, relation, months, last, self.hukou, legacy)

        return self._once(("claim", choice["claim_place"], counted_temporary), compute)

    def _is_legacy(self, relation: int | None) -> bool:
        """Did the relation begin where it is before 2010, and end everywhere else (70号, decision 12)?"""
        there = [c.month for c in self.kept if c.place == relation and self.class_of(c) != "late"]
        elsewhere = [c.month for c in self.kept if c.place != relation]
        return bool(there) and there[0] < JANUARY_2010 and (not elsewhere or elsewhere[-1] < JANUARY_2010)

    def _counted_cells(self, late_kept: bool, d: int) -> list[tuple[int, str]]:
        """Cells whose months count: ordinary and temporary everywhere, late ones where D is or where they are kept."""
        return [
            (place, kind)
            for place, kind in self._cells()
            if kind in ("ordinary", "temporary") or (kind == "late" and (late_kept or place == d))
        ]

    def _index_sum(self, place: int, kind: str, wage_place: int, first: int = 0, last: int | None = None) -> Decimal:
        """Sum over the months ``first`` .. ``last`` of a cell of base / reference wage of the year before, of the
        naming place."""

        def compute() -> Decimal:
            total = ZERO
            for c in self._cells()[place, kind]:
                if first <= c.month and (last is None or c.month <= last):
                    total += c.base / self.lookup.reference_wage(wage_place, c.month // 12 - 1)
            return total

        return self._once(("index", place, kind, wage_place, first, last), compute)

    # ---- settlement ----------------------------------------------------------------------------------------------

    def settle(
        self,
        regime: Mapping[str, str],
        alpha: Decimal = ZERO,
        citizen_amount: Decimal | None = None,
        citizen_taper: Decimal = ONE,
    ) -> dict[str, Any]:
        """The entitlement under one regime; see ``settle_reference``."""
        if self.unknown:
            return {"status": UNKNOWN_PARAMETER}
        self.alpha, self.citizen_amount, self.citizen_taper = alpha, citizen_amount, citizen_taper
        choice = dict(LAW)
        for provision, name in regime.items():
            if provision in FUND_SIDE:
                continue
            if name not in CHOICES.get(provision, frozenset()):
                raise ValueError(f"{provision} = {name} is not in play")
            choice[provision] = name
        if choice["design"] != "formula" and {choice[p] for p in _SEGMENTS} != {"claim"}:
            raise ValueError(f"design = {choice['design']} sets the wages itself")
        if choice["design"] in ("rights", "ndc") and choice["resident_years"] in ("ratio", "one_to_one", "balance"):
            raise ValueError(f"resident_years = {choice['resident_years']} buys years of the formula alone")
        if choice["design"] == "points":
            choice.update(dict.fromkeys(_SEGMENTS, "national"))
        with decimal.localcontext(CONTEXT):
            return self._settle_harmless(choice)

    def _settle_harmless(self, choice: Mapping[str, str]) -> dict[str, Any]:
        """Under ``hold_harmless`` the law's whole result, where it is worth more."""
        result = self._settle_at_place(choice)
        if choice["hold_harmless"] == "no" or result["status"] != DEFINED:
            return result
        law = self._settle_at_place(LAW)
        if law["status"] == UNKNOWN_PARAMETER:
            return law
        if law["status"] == DEFINED and law["present_value"] > result["present_value"]:
            return law
        return result

    def _settle_at_place(self, choice: Mapping[str, str]) -> dict[str, Any]:
        """The claim place of the rule; under ``best`` the place worth most, of equal ones the lower code."""
        if choice["claim_place"] != "best" or not (self.kept or self.deemed):
            return self._settle(choice, *self._claim(choice))
        places = {c.place for c in self.kept if self.class_of(c) != "late"} | {place for _, place, _ in self.deemed}
        settled = [self._settle(choice, d, "best_by_regime") for d in sorted(places | {self.hukou})]
        for result in settled:
            if result["status"] == UNKNOWN_PARAMETER:
                return result
        defined = [result for result in settled if result["status"] == DEFINED]
        # the first of the highest: places are in the order of their codes
        return max(defined, key=lambda result: result["present_value"]) if defined else settled[0]

    def _settle(self, choice: Mapping[str, str], d: int, branch: str) -> dict[str, Any]:
        counted = self._counted_cells(choice["late_backpayments"] == "kept", d)
        paid_months = sum(len(self._cells()[cell]) for cell in counted)
        m_e = paid_months + len(self.deemed)
        result: dict[str, Any] = {
            "status": DEFINED,
            "claim_month": self.award,
            "statutory_month": self.statutory,
            "claim_place": d,
            "claim_branch": branch,
            "route": "none",
            "months_employee": m_e,
            "months_resident": self.months_resident,
            "components": None,
            "starts": None,
            "monthly": None,
            "refund": None,
            "lump_sum": None,
            "backpay": None,
            "account_balance": None,
            "resident_balance": None,
            "average_index": None,
            "annuity_months": None,
            "present_value": None,
            "replacement_rate": None,
            "transfers": None,
        }
        if not (self.has_employee or self.has_resident):
            result["status"] = NO_RIGHT
            return result

        early = self.award < self.statutory
        # vest_only: resident years count for vesting and for nothing else
        rule = choice["vesting"]
        if rule == "employee" and choice["resident_years"] == "vest_only":
            rule = "aggregated"
        needed = self.lookup.minimum_months((self.award if early else self.statutory) // 12)
        vested = (
            m_e >= 1
            and {
                "employee": m_e >= needed,
                "aggregated": m_e + self.months_resident >= needed,
                "immediate": True,
                "never": False,
            }[rule]
        )
        if early and not vested:
            result["status"] = EARLY_CLAIM_UNVESTED
            return result
        try:
            if not vested:
                route = self._resident_route(choice, d, counted, m_e)
                self._add_citizen_pension(choice, route)
            else:
                route = self._employee_route(choice, d, counted, m_e, paid_months)
                self._add_citizen_pension(choice, route)
                if choice["route_choice"] == "better" and m_e < needed and not early:
                    # fair-accounting §3: pooled money is reached only by those without an employee right; the other
                    # reading (decision 26 taken alone) is a choice of its own
                    leaving = dict(choice)
                    if choice["pooled_on_exit"] != "always_paid_with_interest":
                        leaving["pooled_on_exit"] = "forfeit"
                    other = self._resident_route(leaving, d, counted, m_e)
                    self._add_citizen_pension(leaving, other)
                    if other.value > route.value:
                        route = other
            start_year, base_year = self.r0 // 12, self.lookup.price_year
            constant = self.lookup.price(base_year) / self.lookup.price(start_year)
            result.update(
                route=route.name,
                components=route.components,
                starts=route.starts,
                monthly=sum(route.components.values(), ZERO),
                refund=route.refund,
                lump_sum=route.lump_sum,
                backpay=route.backpay,
                account_balance=route.account_balance,
                resident_balance=route.resident_balance,
                annuity_months=annuity_months(self.award - self.birth, self.lookup.annuity_table()),
                present_value=route.value * constant,
            )
            result["transfers"] = self._transfers(d, counted, route)
        except LedgerUnknown:
            result["status"] = UNKNOWN_PARAMETER
            return result
        result["average_index"] = self._reported(lambda: self._overall_index(choice, d, counted, m_e, route))
        result["replacement_rate"] = self._reported(lambda: self._replacement_rate(result["monthly"]))
        return result

    @staticmethod
    def _reported(compute: Callable[[], Decimal | None]) -> Decimal | None:
        """Figures beside the entitlement: absent where a parameter is not known."""
        try:
            return compute()
        except LedgerUnknown:
            return None

    def _overall_index(
        self, choice: Mapping[str, str], d: int, counted: Sequence[tuple[int, str]], m_e: int, route: Route
    ) -> Decimal | None:
        if m_e == 0:
            return None
        total = sum((index for _, _, index in self.deemed), ZERO) + route.index_sum
        for place, kind in counted:
            total += self._indices(choice, place, kind, d)
        return total / (m_e + route.index_months)

    def _valued(self, rule: str, place: int, d: int, value: Callable[[int], Decimal]) -> Decimal:
        """``value`` of the place that a provision names for a segment; ``blend`` mixes the nation's and D's."""
        if rule == "blend":
            return self.alpha * value(NATION) + (1 - self.alpha) * value(d)
        return value({"claim": d, "segment": place, "national": NATION}[rule])

    def _indices(
        self, choice: Mapping[str, str], place: int, kind: str, d: int, first: int = 0, last: int | None = None
    ) -> Decimal:
        """Sum of the indices of the months of a cell, with the wages that ``index_wage`` names."""
        return self._valued(
            choice["index_wage"], place, d, lambda wages: self._index_sum(place, kind, wages, first, last)
        )

    def _replacement_rate(self, monthly: Decimal) -> Decimal | None:
        """First pension over the last income, carried to the award with C of that place."""
        if not self.kept:
            return None
        last = self.kept[-1]
        income = last.base if last.income is None else last.income
        wage = self.lookup.reference_wage
        carried = income * wage(last.place, self.award // 12 - 1) / wage(last.place, last.month // 12 - 1)
        return monthly / carried if carried else None

    # ---- employee route ------------------------------------------------------------------------------------------

    def _valuation(
        self, choice: Mapping[str, str], place: int, counted: Sequence[tuple[int, str]]
    ) -> tuple[int, Decimal]:
        """Calendar year whose calculation bases value a place's segment, and growth from there to the award.

        A frozen place is valued in the year of its last counted month; one with deemed months only is not frozen
        (decision 14). ``indexed`` carries it on with the national wage.
        """
        year = self.award // 12
        paid = [c.month for cell in counted if cell[0] == place for c in self._cells()[cell]]
        if choice["revaluation"] == "wages" or not paid:
            return year, ONE
        return self._valued_from(choice, max(paid) // 12)

    def _valued_from(self, choice: Mapping[str, str], left: int) -> tuple[int, Decimal]:
        """Year of the calculation base, and growth from there, of a segment left in a calendar year."""
        year = self.award // 12
        if choice["revaluation"] == "wages":
            return year, ONE
        if choice["revaluation"] == "frozen" or left == year:
            return left, ONE
        wage = self.lookup.reference_wage
        return left, wage(NATION, year - 1) / wage(NATION, left - 1)

    def _basic_pension(
        self,
        choice: Mapping[str, str],
        d: int,
        counted: Sequence[tuple[int, str]],
        converted: Sequence[Segment],
    ) -> Decimal:
        """Half a percent a year of P and of P times the index, over the segments (fair-accounting section 2).

        Converted resident years are segments of their own, left in a year of their own.
        """
        months: dict[int, int] = {}
        index: dict[int, Decimal] = {}
        for _, place, z in self.deemed:
            months[place] = months.get(place, 0) + 1
            index[place] = index.get(place, ZERO) + z
        for place, kind in counted:
            months[place] = months.get(place, 0) + len(self._cells()[place, kind])
            index[place] = index.get(place, ZERO) + self._indices(choice, place, kind, d)
        segments = [
            (place, Decimal(n), index[place], self._valuation(choice, place, counted)) for place, n in months.items()
        ]
        segments += [(s.place, s.months, s.index_sum, self._valued_from(choice, s.exit_year)) for s in converted]
        basic = ZERO
        for place, n, indices, (year, growth) in segments:

            def base(p: int, year: int = year) -> Decimal:
                return self.lookup.calculation_base(p, year)

            flat = self._valued(choice["flat_base"], place, d, base)
            own = self._valued(choice["earnings_base"], place, d, base)
            basic += HALF_PERCENT * (flat * n + own * indices) / 12 * growth
        return basic

    def _conversion(self, rule: str, overlap: str) -> tuple[list[Segment], Decimal]:
        """Employee years that the resident years buy, and the money at R that leaves for them to the pool.

        A record counts for its months that are not overlapped, twelve in the award year like in any other.
        """

        def compute() -> tuple[list[Segment], Decimal]:
            wage = self.lookup.reference_wage
            if rule == "balance":
                price = FLOOR_INDEX * wage(self.hukou, self.award // 12 - 1) * INDIVIDUAL_RATE
                balance = self._resident_at_award()[0] - self._overlap_at_award(overlap)[0]
                months = min(Decimal(sum(12 - entry.overlap for entry in self.resident)), balance / price)
                bought = [Segment(self.hukou, months, months * FLOOR_INDEX, self.award // 12)]
                return bought, POOLED_PART * months * price
            exits = {entry.place: entry.year for entry in self.resident}
            bought, leaves = [], ZERO
            for entry in self.resident:
                months = Decimal(12 - entry.overlap)
                year_of_base = 12 * wage(entry.place, entry.year - 1) * INDIVIDUAL_RATE
                if rule == "one_to_one":
                    index = entry.credited / year_of_base
                else:
                    index = FLOOR_INDEX
                    price = index * year_of_base
                    months *= min(ONE, entry.credited / price)
                    paid = {entry.booked: POOLED_PART * months / 12 * price}
                    leaves += resident_account(paid, self._last_resident_rate, self.award)[0]
                bought.append(Segment(entry.place, months, months * index, exits[entry.place]))
            return bought, leaves

        return self._once(("conversion", rule, overlap), compute)

    def _transitional_pension(
        self,
        choice: Mapping[str, str],
        d: int,
        counted: Sequence[tuple[int, str]],
        m_e: int,
        paid_months: int,
        route: Route,
    ) -> Decimal:
        """Transitional pension; its mode follows ``flat_base`` (decision 36), its formula the province (E3.5).

        Deemed months always earn it; paid months of the province's own dates where the province counts them.
        """
        year, mode = self.award // 12, choice["flat_base"]

        def coefficient(place: int) -> Decimal:
            k, k_long, threshold = self.lookup.transition(place)
            return k_long if paid_months > threshold else k

        def earning(rule: TransitionRule, cells: Iterable[tuple[int, str]]) -> list[tuple[int, str, int]]:
            """(place, class, number of months) of the cells with paid months that earn it."""
            if not rule.counts_paid:
                return []
            found = [
                (*cell, sum(1 for c in self._cells()[cell] if rule.paid_from <= c.month <= rule.cutoff))
                for cell in cells
            ]
            return [(place, kind, n) for place, kind, n in found if n]

        if mode == "segment":
            total = ZERO
            for place in sorted({place for _, place, _ in self.deemed} | {place for place, _ in counted}):
                rule = self.lookup.transition_rule(place)
                deemed = [z for _, q, z in self.deemed if q == place]
                paid = earning(rule, [cell for cell in counted if cell[0] == place])
                if not deemed and not paid:
                    continue
                sums = [self._index_sum(q, kind, q, rule.paid_from, rule.cutoff) for q, kind, _ in paid]
                months = indexed_months(rule.shape, deemed, sum(n for _, _, n in paid), sum(sums, ZERO), None)
                total += self.lookup.calculation_base(place, year) * months / 12 * coefficient(place)
            return total
        rule = self.lookup.transition_rule(d)
        deemed = [z for _, _, z in self.deemed]
        paid = earning(rule, counted)
        if not deemed and not paid:
            return ZERO
        sums = [self._indices(choice, place, kind, d, rule.paid_from, rule.cutoff) for place, kind, _ in paid]
        overall = None if rule.own_index else self._overall_index(choice, d, counted, m_e, route)
        months = indexed_months(rule.shape, deemed, sum(n for _, _, n in paid), sum(sums, ZERO), overall)
        base = self._valued(mode, d, d, lambda place: self.lookup.calculation_base(place, year))
        return base * months / 12 * coefficient(d)

    def _employee_route(
        self, choice: Mapping[str, str], d: int, counted: Sequence[tuple[int, str]], m_e: int, paid_months: int
    ) -> Route:
        award, first = self.award, self.award + 1
        accounts = self._accounts()
        retained = self.has_resident and choice["resident_years"] == "retain"
        route = Route("employee")
        if self.has_resident:
            route.name = "employee_and_resident" if retained else "resident_to_employee"
        if choice["design"] == "ndc":
            return self._notional_route(choice, d, counted, m_e, paid_months)

        converted: list[Segment] = []
        pooled = ZERO
        if self.has_resident and choice["resident_years"] in ("ratio", "one_to_one", "balance"):
            converted, pooled = self._conversion(choice["resident_years"], choice["overlap"])
            route.index_sum = sum((s.index_sum for s in converted), ZERO)
            route.index_months = sum((s.months for s in converted), ZERO)

        parts = route.components
        earned = {"formula": "basic", "points": "points", "rights": "rights"}[choice["design"]]
        if earned == "rights":
            parts[earned] = self._booked_rights(counted)
        else:
            parts[earned] = self._basic_pension(choice, d, counted, converted)
        parts["transitional"] = self._transitional_pension(choice, d, counted, m_e, paid_months, route)
        route.starts.update({earned: first, "account": first, "transitional": first})

        balance = sum((accounts[cell][0] for cell in counted), ZERO)
        dropped = sum((value for (_, kind), (value, _) in accounts.items() if kind == "dropped"), ZERO)
        route.refund = dropped
        route.value += dropped * self.weight(award)

        if self.has_resident:
            credited = choice["overlap"] == "credit_value"
            overlap_at_award, _ = self._overlap_at_award(choice["overlap"])
            if credited:
                balance += overlap_at_award
            if retained:
                self._retain(route, choice)
            else:
                at_award = self._resident_at_award()[0] - overlap_at_award - pooled
                route.resident_balance = at_award
                balance += at_award
                if not credited:
                    route.refund += overlap_at_award
                    route.value += overlap_at_award * self.weight(award)
                route.bridge = (self.hukou, d, at_award + (overlap_at_award if credited else ZERO), pooled)

        divisor = annuity_months(award - self.birth, self.lookup.annuity_table())
        parts["account"] = balance / divisor
        route.account_balance = balance

        route.value += (parts[earned] + parts["transitional"]) * self._indexed_sum(first)
        route.value += parts["account"] * self._level_sum(first)
        route.value += self._inherited_in_payment(
            balance, parts["account"], award, self._employee_rate(d), "employee", d
        )
        # a retained resident account is settled at 60; before that it is inherited as it stands
        resident_until = min(award, self.sixty) if retained else award
        route.value += self._inherited_before_award(resident_until)
        return route

    def _booked_rights(self, counted: Sequence[tuple[int, str]]) -> Decimal:
        """``design = rights``: half a percent a year of the place's wage and of the base, both of the time, carried
        with national wages from the month to the award."""
        wage = self.lookup.reference_wage
        booked = ZERO
        for month, place, index in self.deemed:
            booked += wage(place, month // 12 - 1) * (1 + index) / wage(NATION, month // 12 - 1)
        for cell in counted:
            for c in self._cells()[cell]:
                year = c.month // 12 - 1
                booked += (wage(c.place, year) + c.base) / wage(NATION, year)
        return HALF_PERCENT * self.lookup.calculation_base(NATION, self.award // 12) / 12 * booked

    def _notional_divisor(self) -> Decimal:
        """G of ``design = ndc``: months of life after the award, each times what the indexation to that month is
        worth at the notional rate, the growth of the national wages of the denominators."""

        def compute() -> Decimal:
            cache, lookup = self.lookup.cache, self.lookup

            def step(year: int) -> Decimal:
                if ("ndc", year) not in cache:
                    indexed = lookup.indexation(year) / lookup.indexation(year - 1)
                    notional = lookup.reference_wage(NATION, year - 1) / lookup.reference_wage(NATION, year - 2)
                    cache["ndc", year] = (indexed / notional) ** (ONE / 12)
                return cast(Decimal, cache["ndc", year])

            alive = worth = ONE
            total = ZERO
            for month in range(self.award + 1, self.last_month + 1):
                before = month - 1
                rate = lookup.mortality(self.sex, (before - self.birth) // 12, before // 12)
                alive *= (-rate / 12).exp()
                worth *= step(month // 12)
                total += alive * worth
            return total

        return self._once("notional divisor", compute)

    def _notional_route(
        self, choice: Mapping[str, str], d: int, counted: Sequence[tuple[int, str]], m_e: int, paid_months: int
    ) -> Route:
        """``design = ndc``: all that was paid in both schemes, carried with national wages, over G.

        Nothing else of either scheme is paid or inherited, but the transitional pension and the account money of
        months dropped between places.
        """
        first, wage = self.award + 1, self.lookup.reference_wage
        capital = ZERO
        for cell in counted:
            for c in self._cells()[cell]:
                paid = c.base * self.lookup.account_rate(c.place, c.month) + self._pooled_of(c)
                capital += paid / wage(NATION, c.month // 12 - 1)
        for entry in self.resident:
            capital += entry.credited / wage(NATION, entry.year - 1)
        capital *= wage(NATION, self.award // 12 - 1)

        route = Route("resident_to_employee" if self.has_resident else "employee")
        parts = route.components
        parts["ndc"] = capital / self._notional_divisor()
        parts["transitional"] = self._transitional_pension(choice, d, counted, m_e, paid_months, route)
        route.starts.update(ndc=first, transitional=first)
        dropped = sum((value for (_, kind), (value, _) in self._accounts().items() if kind == "dropped"), ZERO)
        route.refund = dropped
        route.value = dropped * self.weight(self.award)
        route.value += (parts["ndc"] + parts["transitional"]) * self._indexed_sum(first)
        if self.has_resident:
            route.bridge = (self.hukou, d, self._resident_at_award()[0], ZERO)
        return route

    def _add_citizen_pension(self, choice: Mapping[str, str], route: Route) -> None:
        """``citizen_floor``: from the month after the month of 60 on every route, rising with the national B."""
        if choice["citizen_floor"] == "none":
            return
        first, parts, basic = self.sixty + 1, route.components, self.lookup.resident_basic
        amount = basic(self.hukou, first) if self.citizen_amount is None else self.citizen_amount
        if choice["citizen_floor"] == "top_up":
            amount = max(ZERO, amount - self.citizen_taper * sum(parts.values(), ZERO))
        parts["citizen"] = amount
        route.starts["citizen"] = first

        def levels() -> Decimal:
            total = sum((w * basic(NATION, month) for month, w in self._payments(first)), ZERO)
            return total / basic(NATION, first)

        route.value += amount * self._once("citizen", levels)

    def _retain(self, route: Route, choice: Mapping[str, str]) -> None:
        """The resident right beside the employee pension (decision 20), from the month after the month of 60."""
        overlap = choice["overlap"]
        sixty, first = self.sixty, self.sixty + 1
        if self.award >= sixty:
            leaves, _ = self._overlap_money(overlap, sixty, self._booked_by_sixty, "60")
            balance = self._resident_at_sixty()[0] - leaves
            left = sixty
        else:
            leaves, earned = self._overlap_at_award(overlap)
            at_award, earning, _ = self._resident_at_award()
            path = deferred_account(at_award - leaves, earning - earned, self.award, sixty, self._hukou_rate)
            balance = path[-1]
            left = self.award
            # deaths from the award to the month before 60; from 60 on the account is in payment
            route.value += self._inherited(self.award, path[:-1])
        if overlap != "credit_value":
            route.refund += leaves
            route.value += leaves * self.weight(left)

        share = ONE
        if self.required:
            share = min(ONE, Decimal(self.months_resident) / (12 * self.required))
        months = self.months_resident
        if not self.lookup.premium_counts_backpaid(self.hukou):
            months -= self.months_backpaid
        years = Decimal(months) / 12

        parts = route.components
        universal = choice["citizen_floor"] == "universal"
        parts["resident_basic"] = ZERO if universal else share * self.lookup.resident_basic(self.hukou, first)
        parts["year_premium"] = share * self.year_premium(first, years)
        parts["age_supplement"] = share * self.age_supplement(first)
        parts["resident_account"] = balance / RESIDENT_DIVISOR
        route.starts.update(dict.fromkeys(RESIDENT_PARTS, first))
        route.resident_balance = balance
        basic = ZERO if universal else self._basic_sum(first)
        route.value += share * (basic + self._premium_sum(first, years) + self._supplement_sum(first))
        route.value += parts["resident_account"] * self._level_sum(first)
        route.value += self._inherited_in_payment(
            balance, parts["resident_account"], sixty, self._hukou_rate, "resident", self.hukou
        )

    # ---- resident route, bridging, withdrawal --------------------------------------------------------------------

    def _resident_route(self, choice: Mapping[str, str], d: int, counted: Sequence[tuple[int, str]], m_e: int) -> Route:
        award = self.award
        accounts = self._accounts()
        route = Route("employee_to_resident" if self.has_employee else "resident")

        employee_balance = sum((accounts[cell][0] for cell in counted), ZERO)
        dropped = sum((value for (_, kind), (value, _) in accounts.items() if kind == "dropped"), ZERO)
        pooled = ZERO
        if choice["pooled_on_exit"] != "forfeit":
            pooled = sum((self._pooled(place, kind, choice["pooled_on_exit"]) for place, kind in counted), ZERO)
        route.account_balance = employee_balance
        route.refund = dropped
        if self.has_employee:
            route.bridge = (d, self.hukou, employee_balance, ZERO)

        at_award, earning, _ = self._resident_at_award()
        # everything done at filing is a credit or a debit of month R
        filed = employee_balance + pooled
        leaves, earned = self._overlap_at_award(choice["overlap"])
        earning -= earned
        if choice["overlap"] != "credit_value":
            at_award -= leaves
            route.refund += leaves
        else:
            # the overlapped money goes to the employee account and comes back with it, a credit of month R
            earning += leaves
        route.value += route.refund * self.weight(award) + self._inherited_before_award(award)

        missing = max(0, self.required - (m_e + self.months_resident) // 12)
        if missing and not self.lookup.lump_backpay_allowed(self.hukou):
            route.name = "withdrawal"
            route.bridge = None
            route.lump_sum = at_award + filed
            route.value += route.lump_sum * self.weight(award)
            return route
        if missing:
            route.backpay = missing * self.lookup.lowest_tier(self.hukou, award)
            route.value -= route.backpay * self.weight(award)
            filed += route.backpay

        settled = max(award, self.sixty)
        path = deferred_account(at_award + filed, earning + filed, award, settled, self._hukou_rate)
        balance = path[-1]
        route.value += self._inherited(award, path[:-1])
        route.resident_balance = balance

        months = m_e + self.months_resident
        if not self.lookup.premium_counts_backpaid(self.hukou):
            months -= self.months_backpaid
        years = Decimal(months // 12)

        first = settled + 1
        parts = route.components
        universal = choice["citizen_floor"] == "universal"
        parts["resident_basic"] = ZERO if universal else self.lookup.resident_basic(self.hukou, first)
        parts["year_premium"] = self.year_premium(first, years)
        parts["age_supplement"] = self.age_supplement(first)
        parts["resident_account"] = balance / RESIDENT_DIVISOR
        route.starts.update(dict.fromkeys(RESIDENT_PARTS, first))
        basic = ZERO if universal else self._basic_sum(first)
        route.value += basic + self._premium_sum(first, years) + self._supplement_sum(first)
        route.value += parts["resident_account"] * self._level_sum(first)
        route.value += self._inherited_in_payment(
            balance, parts["resident_account"], settled, self._hukou_rate, "resident", self.hukou
        )
        return route

    # ---- money moved ---------------------------------------------------------------------------------------------

    def _transfers(self, d: int, counted: Sequence[tuple[int, str]], route: Route) -> list[dict[str, Any]]:
        """Rows per (from, to): 66号 between provinces, 17号 between schemes, hukou for the resident account.

        Values at R. Between provinces go the accounts of the counted months and 12 % of all bases since 1998, those of
        dropped months included (their account money is refunded instead).
        """
        rows: list[dict[str, Any]] = []
        accounts = self._accounts()
        for place in sorted({place for place, _ in self._cells()} - {d}):
            account = pooled = ZERO
            for (where, kind), months in self._cells().items():
                if where != place:
                    continue
                if (where, kind) in counted:
                    account += accounts[where, kind][0]
                elif kind != "dropped":
                    continue
                pooled += sum((c.base * TRANSFER_RATE for c in months if c.month >= JANUARY_1998), ZERO)
            if account or pooled:
                rows.append({"kind": "66号", "from": place, "to": d, "account": account, "pooled": pooled})
        for place in sorted({entry.place for entry in self.resident} - {self.hukou}):
            account = ZERO
            for entry in self.resident:
                if entry.place == place:
                    money = {entry.booked: entry.credited}
                    account += resident_account(money, self._last_resident_rate, self.award)[0]
            if account:
                rows.append({"kind": "hukou", "from": place, "to": self.hukou, "account": account, "pooled": ZERO})
        if route.bridge is not None:
            source, target, account, pooled = route.bridge
            rows.append({"kind": "17号", "from": source, "to": target, "account": account, "pooled": pooled})
        return rows


def settle_reference(
    person: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    regime: Mapping[str, str],
    alpha: Decimal = ZERO,
    citizen_amount: Decimal | None = None,
    citizen_taper: Decimal = ONE,
) -> dict[str, Any]:
    """Entitlement of one person under one regime; all amounts are Decimals in yuan.

    ``person``: sex (1, 2), retirement_category (1..5), birth, hukou, claim and resident_start (month serial or None).
    ``records``: dicts with year, months (12-bit mask), scheme, form, place, work_place, base, income, payer_share,
    flags (as in the nested table). ``regime``: provision -> choice; what is missing is the law's choice. ``alpha``:
    weight of the nation under ``blend``. ``citizen_amount``: first citizen pension, None = B of the hukou place;
    ``citizen_taper``: share of the other pensions that a topped-up one sets off.
    """
    return Ledger(person, records, lookup).settle(regime, alpha, citizen_amount, citizen_taper)
