"""The resident route: bridging, withdrawal, the retained resident right, the citizen pension."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from .accounts import deferred_account
from .counting import Counting
from .law import ONE, RESIDENT_DIVISOR, RESIDENT_PARTS, ZERO
from .months import Route


class ResidentRoute(Counting):
    """Settlement by the rules of the resident scheme, alone or beside an employee pension."""

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
            self._bequeath(route, self.award, path[:-1])
        if overlap != "credit_value":
            route.refund += leaves
            self._pay(route, left, leaves)

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
        self._pay_resident(route, sixty, share, years, universal)

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
        self._pay(route, award, route.refund)
        self._bequeath_before_award(route, award)

        missing = max(0, self.required - (m_e + self.months_resident) // 12)
        if missing and not self.lookup.lump_backpay_allowed(self.hukou):
            route.name = "withdrawal"
            route.bridge = None
            route.lump_sum = at_award + filed
            self._pay(route, award, route.lump_sum)
            return route
        if missing:
            route.backpay = missing * self.lookup.lowest_tier(self.hukou, award)
            self._pay(route, award, -route.backpay)
            filed += route.backpay

        settled = max(award, self.sixty)
        path = deferred_account(at_award + filed, earning + filed, award, settled, self._hukou_rate)
        balance = path[-1]
        self._bequeath(route, award, path[:-1])
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
        self._pay_resident(route, settled, ONE, years, universal)
        return route

    def _pay_resident(self, route: Route, settled: int, share: Decimal, years: Decimal, universal: bool) -> None:
        """A resident pension from the month after the account was settled; ``share`` of all but the account part."""
        first, account = settled + 1, route.components["resident_account"]
        if not universal:
            self._stream(route, share, "basic", first)
        self._stream(route, share, "premium", first, years)
        self._stream(route, share, "supplement", first)
        self._stream(route, account, "level", first)
        self._bequeath_in_payment(
            route, route.resident_balance, account, settled, self._hukou_rate, "resident", self.hukou
        )

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
        self._stream(route, amount, "citizen", first)
