"""Months that count, the claim place, sums of indices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from ..lookup import NATION
from .balances import Balances
from .law import JANUARY_2010, ZERO, claim_place
from .months import Route


class Counting(Balances):
    """What a regime counts: the claim place, the months, their indices."""

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
