"""What was paid: months, resident years, and what a settlement makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from ..lookup import decimal_of
from .law import COMPONENTS, DEEMED_FLAG, INDIVIDUAL_FORMS, ZERO


class Entry(NamedTuple):
    """One month of one employee record."""

    month: int
    place: int
    base: Decimal
    form: int
    flags: int
    income: Decimal | None
    share: Decimal | None
    """Of the base, what an employer or a platform pays; None = by law."""
    work_place: int = -1
    converted: bool = False
    """Insured by ``enrolment``: its base is computed, never as paid."""

    @property
    def deemed(self) -> bool:
        """Not paid; the base is an index."""
        return bool(self.flags & DEEMED_FLAG)

    @property
    def individual(self) -> bool:
        """Paid by somebody who is insured as an individual."""
        return self.form in INDIVIDUAL_FORMS


@dataclass
class PaidMonth:
    """What was paid for one month at one place (several records add up)."""

    place: int
    month: int
    base: Decimal = ZERO
    payments: list[Entry] = field(default_factory=list)
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
    cash: list[tuple[int, Decimal]] = field(default_factory=list)
    """(month, yuan) paid once: refunds, lump sums, back-payments (negative)."""
    streams: list[tuple[Decimal, str, int, tuple[Any, ...]]] = field(default_factory=list)
    """(amount, course of the payments, first month, what the course depends on): see ``Weighing.level``."""
    bequests: list[tuple[int, Sequence[Decimal]]] = field(default_factory=list)
    """(first month, what a death in that month and in each one after leaves)."""
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


def serials(record: Mapping[str, Any]) -> Iterable[int]:
    """Month serials of a record's mask."""
    start, mask = 12 * int(record["year"]), int(record["months"])
    return (start + k for k in range(12) if mask >> k & 1)


def stated(value: Any) -> Decimal | None:
    """A number, or None where it is not stated (None or NaN)."""
    if value is None:
        return None
    number = decimal_of(value)
    return None if number.is_nan() else number


def hukou_at(person: Mapping[str, Any], month: int) -> int:
    """Registration in a month: dated, or the one at the claim for all dates (decision 11)."""
    dated = sorted(person.get("hukou_since") or [], key=lambda move: move[0])
    place = int(dated[0][1]) if dated else int(person["hukou"])
    for since, where in dated:
        if since <= month:
            place = int(where)
    return place


def entries_of(record: Mapping[str, Any]) -> list[Entry]:
    """The months of an employee record."""
    more = (
        int(record["place"]),
        decimal_of(record["base"]),
        int(record["form"]),
        int(record["flags"]),
        stated(record.get("income")),
        stated(record.get("payer_share")),
        int(record.get("work_place", -1)),
    )
    return [Entry(month, *more) for month in serials(record)]
