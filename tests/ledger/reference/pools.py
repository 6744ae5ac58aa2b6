"""Flows between the pools of provinces at an award, and who pays the pension (fair-accounting section 7).

Liabilities are present values at R0 in nominal yuan of the basic pension that a segment earns, deemed months included:
at the wages of its own place (L_o) or of the claim place (L_d); nothing where no employee pension is awarded. What
transitional pensions add is not worked out here. Transfers T are at face, of months since 1998.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..lookup import CONTEXT, NATION
from .law import HALF_PERCENT, JANUARY_1998, TRANSFER_RATE, ZERO
from .months import PaidMonth
from .settlement import Ledger, Settled

EMPLOYEE_ROUTES = frozenset({"employee", "resident_to_employee", "employee_and_resident"})


@dataclass(frozen=True)
class Move:
    """What goes with one person from one province to the claim place, yuan."""

    origin: int
    destination: int
    account: Decimal
    bases: Decimal
    transfer: Decimal
    at_origin: Decimal
    at_destination: Decimal

    @property
    def origin_gain(self) -> Decimal:
        """The pension the origin no longer owes, less what it sends."""
        return self.at_origin - self.transfer

    @property
    def destination_burden(self) -> Decimal:
        """The pension the destination owes, less what it receives."""
        return self.at_destination - self.transfer

    @property
    def member_loss(self) -> Decimal:
        """What the segment is worth less at the destination."""
        return self.at_origin - self.at_destination

    @property
    def neutral_rate(self) -> Decimal | None:
        """Share of the bases at which the destination would bear nothing."""
        return self.at_destination / self.bases if self.bases else None


def moves(result: Mapping[str, Any], pooled_transfer: str = "0.12") -> list[Move]:
    """The moves of an employee award, one a province of origin, in the order of their codes."""
    settled: Settled = result["settled"]
    ledger, d = settled.ledger, settled.place
    with decimal.localcontext(CONTEXT):
        rows = []
        # what is stranded stays where it is
        places = {place for place, kind in ledger._cells() if (place, kind) in settled.counted or kind == "dropped"}
        places |= {place for _, place, _ in ledger.deemed}
        for place in sorted(places - {d}):
            months = [
                (c, kind == "dropped")
                for (where, kind), cell in ledger._cells().items()
                if where == place and ((where, kind) in settled.counted or kind == "dropped")
                for c in cell
                if c.month >= JANUARY_1998
            ]
            account = sum((ledger._accounts()[cell][0] for cell in settled.counted if cell[0] == place), ZERO)
            bases = sum((c.base for c, _ in months), ZERO)
            at_origin = liability(ledger, settled, place, place)
            transfer = {
                "0": ZERO,
                "0.12": sum((TRANSFER_RATE * c.base if dropped else _twelve(ledger, c) for c, dropped in months), ZERO),
                "paid": sum((ledger.pooled_of(c) for c, _ in months), ZERO),
                "reserve": at_origin,
            }[pooled_transfer]
            rows.append(Move(place, d, account, bases, transfer, at_origin, liability(ledger, settled, place, d)))
        return rows


def _twelve(ledger: Ledger, c: PaidMonth) -> Decimal:
    """12 % of the base; of a temporary account all that was pooled where that is more, individuals always 12 (E5.3).

    Months dropped between places move 12 % like any other (decision 10).
    """
    total = ZERO
    for p in c.payments:
        rate = TRANSFER_RATE
        if ledger.class_of(c) == "temporary" and not p.individual:
            rate = max(rate, ledger.pooled_rate(c.place, c.month, False, p.share))
        total += rate * p.base
    return total


def liability(ledger: Ledger, settled: Settled, place: int, wages: int) -> Decimal:
    """Present value at R0, nominal, of the basic pension of the counted months of a place at some place's wages."""
    year, base = ledger.award // 12, ZERO
    if settled.route.name not in EMPLOYEE_ROUTES:
        return ZERO
    for _, where, index in ledger.deemed:
        if where == place:
            base += 1 + index
    for cell in settled.counted:
        if cell[0] == place:
            base += len(ledger._cells()[cell]) + ledger._index_sum(*cell, wages)
    monthly = HALF_PERCENT * ledger.lookup.calculation_base(wages, year) * base / 12
    level = ledger.level("indexed", ledger.award + 1)
    return monthly * sum((w * level(month) for month, w in ledger._payments(ledger.award + 1)), ZERO)


def payers(result: Mapping[str, Any], payer_of_benefit: str) -> dict[int, Decimal]:
    """The basic pension of the first month by the pool that pays it, yuan/month.

    ``claim`` the claim place, ``accrual`` each place what its months earn, ``years`` by the months of each place,
    ``national`` the nation.
    """
    settled: Settled = result["settled"]
    ledger, d = settled.ledger, settled.place
    with decimal.localcontext(CONTEXT):
        earned = ledger.basic_by_place(settled.choice, d, settled.counted, [])
        total = sum(earned.values(), ZERO)
        if payer_of_benefit == "accrual":
            return earned
        if payer_of_benefit != "years":
            return {NATION if payer_of_benefit == "national" else d: total}
        months: dict[int, int] = {}
        for _, place, _ in ledger.deemed:
            months[place] = months.get(place, 0) + 1
        for place, kind in settled.counted:
            months[place] = months.get(place, 0) + len(ledger._cells()[place, kind])
        return {place: total * n / sum(months.values()) for place, n in months.items()}
