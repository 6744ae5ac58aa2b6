"""One person settled under any regime: variant of the records, claim place, route, figures of the result."""

from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..lookup import CONTEXT, LedgerUnknown, Lookup
from .accounts import resident_account
from .employee_route import EmployeeRoute
from .law import (
    CHOICES,
    DEFINED,
    EARLY_CLAIM_UNVESTED,
    FUND_SIDE,
    JANUARY_1998,
    LAW,
    NO_RIGHT,
    ONE,
    RECORD_PROVISIONS,
    SEGMENTS,
    TRANSFER_RATE,
    UNKNOWN_PARAMETER,
    ZERO,
    annuity_months,
)
from .months import Route, entries_of
from .reading import dates_of
from .variants import LAWFUL, Terms, Variant, varied


@dataclass(frozen=True)
class Settled:
    """What a result came from: the ledger of its variant, route, claim place, counted cells, choices."""

    ledger: Ledger
    route: Route
    place: int
    counted: Sequence[tuple[int, str]]
    choice: Mapping[str, str]


class Ledger(EmployeeRoute):
    """One person. What no regime changes is computed once; ``settle`` reads it.

    ``variant`` is what a regime made of the recorded history, whose ledger keeps those of its variants.
    """

    def __init__(
        self,
        person: Mapping[str, Any],
        records: Sequence[Mapping[str, Any]],
        lookup: Lookup,
        variant: Variant | None = None,
        shared: dict[Any, Any] | None = None,
    ) -> None:
        if variant is None:
            entries = [entry for r in records if int(r["scheme"]) == 1 for entry in entries_of(r)]
            residents = [r for r in records if int(r["scheme"]) == 2]
            super().__init__(person, entries, residents, lookup, dates_of(person, bool(entries)), shared)
        else:
            super().__init__(person, variant.entries, variant.residents, lookup, variant.dates, shared)
        self.records, self.variant = records, variant

    def settle(
        self,
        regime: Mapping[str, str],
        alpha: Decimal = ZERO,
        citizen_amount: Decimal | None = None,
        citizen_taper: Decimal = ONE,
        terms: Terms = LAWFUL,
    ) -> dict[str, Any]:
        """The entitlement under one regime; see ``settle_reference``."""
        choice = chosen(regime)
        with decimal.localcontext(CONTEXT):
            ledger = self.of(choice, terms)
            reason = UNKNOWN_PARAMETER if ledger.unknown else DEFINED
            if ledger.variant is not None and ledger.variant.reason:
                reason = ledger.variant.reason
            if reason:
                return {"status": reason}
            ledger.alpha, ledger.citizen_amount, ledger.citizen_taper = alpha, citizen_amount, citizen_taper
            return ledger._settle_harmless(choice, self)

    def of(self, choice: Mapping[str, str], terms: Terms = LAWFUL) -> Ledger:
        """The ledger of the variant of the records that a regime asks for: this one where it asks for none."""
        provisions = {name: choice[name] for name in RECORD_PROVISIONS}
        if provisions == {name: LAW[name] for name in RECORD_PROVISIONS}:
            return self

        def compute() -> Ledger:
            variant = varied(self.person, self.records, self.lookup, provisions, terms)
            return Ledger(self.person, self.records, self.lookup, variant, self.shared)

        return self._once(("variant", *provisions.values(), terms), compute)

    def _settle_harmless(self, choice: Mapping[str, str], recorded: Ledger) -> dict[str, Any]:
        """Under ``hold_harmless`` the law's whole result on the recorded history, where it is worth more."""
        result = self._settle_at_place(choice)
        if choice["hold_harmless"] == "no" or result["status"] != DEFINED:
            return result
        law = {"status": UNKNOWN_PARAMETER} if recorded.unknown else recorded._settle_at_place(LAW)
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
            "settled": None,
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
        used = choice
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
                        route, used = other, leaving
            for month, amount in [] if self.variant is None else self.variant.refunds:
                route.refund += amount
                self._pay(route, month, amount)
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
                present_value=route.value * self.constant_yuan(),
                settled=Settled(self, route, d, counted, used),
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

    def _replacement_rate(self, monthly: Decimal) -> Decimal | None:
        """First pension over the last income, carried to the award with C of that place."""
        if not self.kept:
            return None
        last = self.kept[-1]
        income = last.base if last.income is None else last.income
        wage = self.lookup.reference_wage
        carried = income * wage(last.place, self.award // 12 - 1) / wage(last.place, last.month // 12 - 1)
        return monthly / carried if carried else None

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


def chosen(regime: Mapping[str, str]) -> dict[str, str]:
    """The whole vector of a regime: the law's choice where it says nothing. Refuses what cannot be."""
    choice = dict(LAW)
    for provision, name in regime.items():
        if provision in FUND_SIDE:
            continue
        if name not in CHOICES.get(provision, frozenset()):
            raise ValueError(f"{provision} = {name} is not in play")
        choice[provision] = name
    if choice["design"] != "formula" and {choice[p] for p in SEGMENTS} != {"claim"}:
        raise ValueError(f"design = {choice['design']} sets the wages itself")
    if choice["design"] in ("rights", "ndc") and choice["resident_years"] in ("ratio", "one_to_one", "balance"):
        raise ValueError(f"resident_years = {choice['resident_years']} buys years of the formula alone")
    if choice["design"] == "points":
        choice.update(dict.fromkeys(SEGMENTS, "national"))
    return choice


def settle_reference(
    person: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    regime: Mapping[str, str],
    alpha: Decimal = ZERO,
    citizen_amount: Decimal | None = None,
    citizen_taper: Decimal = ONE,
    terms: Terms = LAWFUL,
) -> dict[str, Any]:
    """Entitlement of one person under one regime; all amounts are Decimals in yuan.

    ``person``: sex (1, 2), retirement_category (1..5), birth, hukou, claim and resident_start (month serial or None).
    ``records``: dicts with year, months (12-bit mask), scheme, form, place, work_place, base, income, payer_share,
    flags (as in the nested table). ``regime``: provision -> choice; what is missing is the law's choice. ``alpha``:
    weight of the nation under ``blend``. ``citizen_amount``: first citizen pension, None = B of the hukou place;
    ``citizen_taper``: share of the other pensions that a topped-up one sets off. ``terms``: numbers of the provisions
    that change the records.
    """
    return Ledger(person, records, lookup).settle(regime, alpha, citizen_amount, citizen_taper, terms)
