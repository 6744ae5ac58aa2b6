"""Accounts and pooled money of one person at the award, and the resident account at sixty."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from .accounts import employee_account, resident_account
from .law import JANUARY_1998, TRANSFER_RATE, ZERO
from .months import PaidMonth, ResidentYear, Route
from .weights import Weighing


class Balances(Weighing):
    """Money: employee accounts by place and class, pooled money, the resident account, what overlaps take out."""

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

    def pooled_of(self, c: PaidMonth) -> Decimal:
        """Pooled money of a month, each payer at his own rate (decision 7, variants: payer)."""
        return sum((self.pooled_rate(c.place, c.month, p.individual, p.share) * p.base for p in c.payments), ZERO)

    def own_of(self, c: PaidMonth) -> Decimal:
        """The member's own contributions of a month: the employee's share, or all that an individual pays."""
        return sum((self.own_rate(c.place, c.month, p.individual, p.share) * p.base for p in c.payments), ZERO)

    def pooled_rate(self, place: int, month: int, individual: bool, share: Decimal | None) -> Decimal:
        """Pooled points of the base: by law; or with what an employer or a platform pays."""
        by_law = self.lookup.pooled_rate(place, month, individual)
        if share is None:
            return by_law
        if individual:
            return max(by_law, share)
        return share + self.lookup.own_rate(place, month, False) - self.lookup.account_rate(place, month)

    def own_rate(self, place: int, month: int, individual: bool, share: Decimal | None) -> Decimal:
        """Points of the base that the member pays: individuals the account and what no platform pays of the pool."""
        if not individual:
            return self.lookup.own_rate(place, month, False)
        pooled = self.lookup.pooled_rate(place, month, True)
        return self.lookup.account_rate(place, month) + max(ZERO, pooled - (share or ZERO))

    def _pooled(self, place: int, kind: str, choice: str) -> Decimal:
        """Pooled money of a cell at R under ``pooled_on_exit``."""

        def compute() -> Decimal:
            months = self._cells()[place, kind]
            if choice == "twelve":
                return sum((c.base * TRANSFER_RATE for c in months if c.month >= JANUARY_1998), ZERO)
            paid = {c.month: self.pooled_of(c) for c in months}
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

    def _bequeath_before_award(self, route: Route, resident_until: int) -> None:
        """Own accounts as they stand, before settlement, left by deaths from R0 to the month before the award."""
        if self.award <= self.r0:
            return
        for cell, (_, watched) in self._accounts().items():
            self._bequeath(route, self.r0, watched, ("before award", cell))
        watched = self._resident_at_award()[2][: max(0, resident_until - self.r0)]
        self._bequeath(route, self.r0, watched, ("before award", resident_until))
