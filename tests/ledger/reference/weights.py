"""Survival, discounting, and the present value of payments, of pensions and of what deaths leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any, cast

from ..lookup import NATION
from .accounts import account_in_payment
from .law import ONE, ZERO
from .months import Route
from .reading import Reading


class Weighing(Reading):
    """What one yuan of a month is worth at R0, and what comes of it in the months after."""

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

        return self._once_for_all("survival", compute)

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

    def _growth(self) -> list[Decimal]:
        """(1 + d)^(k/12)."""
        cache = self.lookup.cache
        if "growth" not in cache:
            cache["growth"] = [1 / power for power in self._powers()]
        return cast(list[Decimal], cache["growth"])

    def _weights(self) -> list[Decimal]:
        """Weights of the payments of the months R0 .. last month."""
        return self._once_for_all(
            "weights", lambda: [s * v for s, v in zip(self._survival()[:-1], self._powers(), strict=False)]
        )

    def _deaths(self) -> list[Decimal]:
        """Discounted probabilities of death in the months R0 .. last month."""

        def compute() -> list[Decimal]:
            alive = self._survival()
            return [(s - t) * v for s, t, v in zip(alive, alive[1:], self._powers(), strict=False)]

        return self._once_for_all("deaths", compute)

    def weight(self, month: int) -> Decimal:
        """Value at R0 of one yuan paid in a month: survival and discount from R0 on, interest alone before."""
        if month >= self.r0:
            return self._weights()[month - self.r0]
        return self._growth()[self.r0 - month]

    def alive(self, month: int) -> Decimal:
        """S(R0 -> month); 1 before R0."""
        return ONE if month < self.r0 else self._survival()[month - self.r0]

    def constant_yuan(self) -> Decimal:
        """Prices of the price year over those of R0's year."""
        return self.lookup.price(self.lookup.price_year) / self.lookup.price(self.r0 // 12)

    def _payments(self, start: int) -> Iterable[tuple[int, Decimal]]:
        for month in range(start, min(self.r0, self.last_month + 1)):
            yield month, self.weight(month)
        weights = self._weights()
        for month in range(max(start, self.r0), self.last_month + 1):
            yield month, weights[month - self.r0]

    def year_premium(self, month: int, years: Decimal) -> Decimal:
        """Y(n) of the version in force in the month of payment (R13)."""
        total = ZERO
        for low, high, amount, fraction in self.lookup.premium(self.hukou, month):
            upper = years if high is None else min(years, high)
            part = amount * max(ZERO, upper - low)
            total += part * self.lookup.resident_basic(self.hukou, month) if fraction else part
        return total

    def age_supplement(self, month: int) -> Decimal:
        """S for the payment of a month: completed years in the month before (from the month after the birthday's)."""
        age = (month - 1 - self.birth) // 12
        amount = ZERO
        for low, high, value in self.lookup.supplement(self.hukou, month):
            if low <= age and (high is None or age < high):
                amount = value
        return amount

    # ---- payments of a settlement --------------------------------------------------------------------------------

    def level(self, course: str, first: int, more: tuple[Any, ...] = ()) -> Callable[[int], Decimal]:
        """What a payment of one yuan becomes in each month of a course that begins in ``first``.

        ``level`` stays; ``indexed`` is adjusted each January from the year after the award (employee parts);
        ``basic``, ``premium`` (of so many years) and ``supplement`` are the resident amounts themselves, yuan/month;
        ``citizen`` rises with the nation's basic pension.
        """
        lookup = self.lookup
        if course == "level":
            return lambda month: ONE
        if course == "basic":
            return lambda month: lookup.resident_basic(self.hukou, month)
        if course == "premium":
            return lambda month: self.year_premium(month, *more)
        if course == "supplement":
            return self.age_supplement
        if course == "citizen":
            base = lookup.resident_basic(NATION, first)
            return lambda month: lookup.resident_basic(NATION, month) / base
        at_award, years = lookup.indexation(self.award // 12), dict[int, Decimal]()

        def indexed(month: int) -> Decimal:
            year = month // 12
            if year not in years:
                years[year] = lookup.indexation(year) / at_award
            return years[year]

        return indexed

    def _stream(self, route: Route, amount: Decimal, course: str, first: int, *more: Any) -> None:
        """A pension for life from ``first`` on: ``amount`` times the course."""

        def compute() -> Decimal:
            level = self.level(course, first, more)
            return sum((w * level(month) for month, w in self._payments(first)), ZERO)

        route.streams.append((amount, course, first, more))
        # of all courses only the indexed one looks at the award
        begins = self.award // 12 if course == "indexed" else None
        route.value += amount * self._once_for_all(("stream", course, first, more, begins), compute)

    def _pay(self, route: Route, month: int, amount: Decimal) -> None:
        """Money once, paid to the member if he is alive in that month."""
        route.cash.append((month, amount))
        route.value += amount * self.weight(month)

    def _bequeath(self, route: Route, first: int, balances: Sequence[Decimal], key: Any = None) -> None:
        """Balances of the months ``first``, ``first + 1`` ... left by deaths in them, from R0 on."""

        def compute() -> Decimal:
            deaths = self._deaths()
            skip = max(0, self.r0 - first)
            at = first + skip - self.r0
            return sum((b * d for b, d in zip(balances[skip:], deaths[at:], strict=False)), ZERO)

        route.bequests.append((first, balances))
        route.value += compute() if key is None else self._once(("bequest", key), compute)

    def _bequeath_in_payment(
        self,
        route: Route,
        principal: Decimal,
        pension: Decimal,
        settled: int,
        rate: Callable[[int], Decimal],
        scheme: str,
        place: int,
    ) -> None:
        """What is left of an account that pays ``pension`` from the month after ``settled``."""
        key = (principal, pension, settled, scheme, place)
        balances = self._once(
            ("in payment", key), lambda: account_in_payment(principal, pension, settled, self.last_month, rate)
        )
        self._bequeath(route, settled, balances, key)
