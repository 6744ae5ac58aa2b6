"""The employee route: basic, transitional and account pension, converted years, rights and notional accounts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import cast

from ..lookup import NATION, TransitionRule
from .accounts import resident_account
from .law import FLOOR_INDEX, HALF_PERCENT, INDIVIDUAL_RATE, ONE, POOLED_PART, ZERO, annuity_months, indexed_months
from .months import Route, Segment
from .resident_route import ResidentRoute


class EmployeeRoute(ResidentRoute):
    """Settlement by the rules of the employee scheme, with what a regime makes of the resident money."""

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
        """Half a percent a year of P and of P times the index, over the segments (fair-accounting section 2)."""
        return sum(self.basic_by_place(choice, d, counted, converted).values(), ZERO)

    def basic_by_place(
        self,
        choice: Mapping[str, str],
        d: int,
        counted: Sequence[tuple[int, str]],
        converted: Sequence[Segment],
    ) -> dict[int, Decimal]:
        """What the months of each place earn of the basic pension.

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
        basic: dict[int, Decimal] = {}
        for place, n, indices, (year, growth) in segments:

            def base(p: int, year: int = year) -> Decimal:
                return self.lookup.calculation_base(p, year)

            flat = self._valued(choice["flat_base"], place, d, base)
            own = self._valued(choice["earnings_base"], place, d, base)
            earned = HALF_PERCENT * (flat * n + own * indices) / 12 * growth
            basic[place] = basic.get(place, ZERO) + earned
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
        self._pay(route, award, dropped)

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
                    self._pay(route, award, overlap_at_award)
                route.bridge = (self.hukou, d, at_award + (overlap_at_award if credited else ZERO), pooled)

        divisor = annuity_months(award - self.birth, self.lookup.annuity_table())
        parts["account"] = balance / divisor
        route.account_balance = balance

        self._stream(route, parts[earned] + parts["transitional"], "indexed", first)
        self._stream(route, parts["account"], "level", first)
        self._bequeath_in_payment(route, balance, parts["account"], award, self._employee_rate(d), "employee", d)
        # a retained resident account is settled at 60; before that it is inherited as it stands
        resident_until = min(award, self.sixty) if retained else award
        self._bequeath_before_award(route, resident_until)
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
                paid = c.base * self.lookup.account_rate(c.place, c.month) + self.pooled_of(c)
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
        self._pay(route, self.award, dropped)
        self._stream(route, parts["ndc"] + parts["transitional"], "indexed", first)
        if self.has_resident:
            route.bridge = (self.hukou, d, self._resident_at_award()[0], ZERO)
        return route
