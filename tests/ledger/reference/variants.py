"""What a regime makes of the recorded history before anything is settled: another career, another base, another payer.

A person's employee contributions become entries of one record and one month; each provision in its turn changes the
list: career, exit before 2010, enrolment, base, payer. The dates of the award follow; R0 stays that of the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from ..lookup import LedgerUnknown, Lookup
from .accounts import employee_account
from .law import (
    DEFINED,
    FIRST_AWARD_MONTH,
    INCOME_NOT_STATED,
    JANUARY_2010,
    LATE_FLAG,
    NO_SUCH_CAREER,
    ORDINARY_FLAG,
    TEMPORARY_FLAG,
    TOO_EARLY,
    UNKNOWN_PARAMETER,
    ZERO,
)
from .months import Entry, entries_of, serials, stated
from .reading import Dates, dates_of

FIRST_EMPLOYEE_MONTH = 12 * 1986 + 9
"""1986-10: first contributions of labour-contract workers (国发〔1986〕77号)."""
EMPLOYED, PLATFORM = 0, 4


@dataclass(frozen=True)
class Terms:
    """Numbers of the provisions that change the records."""

    place: int | str | None = None
    """The pool of ``career = same_bases``: a code, or the ``origin`` or ``destination`` of each person."""
    forms: frozenset[int] = frozenset()
    """Forms of work that ``enrolment = workplace`` insures."""
    floor_fraction: Decimal | None = None
    """Of the reference wage of the year before, the least base of ``floor = fraction``."""
    platform_share: Decimal | None = None
    """Of the base, what a platform pays; None = the employer's rate, as for any employment."""


LAWFUL = Terms()

TERMS: dict[str, Terms] = {
    "low_floor": Terms(floor_fraction=Decimal("0.40")),
    "platform_pays": Terms(platform_share=Decimal("0.16")),
    "formalised": Terms(forms=frozenset({4})),
    "inclusive": Terms(forms=frozenset({2, 3, 4}), floor_fraction=Decimal("0.40")),
}
"""Of the regimes that need some."""


@dataclass
class Variant:
    """A history as a regime has it; ``reason`` where there is none."""

    entries: Sequence[Entry]
    residents: Sequence[Mapping[str, Any]]
    dates: Dates
    reason: int = DEFINED
    refunds: list[tuple[int, Decimal]] = field(default_factory=list)
    """(month, yuan) of the refunds at exits before 2010."""
    surrendered: list[Entry] = field(default_factory=list)
    """Months paid, dropped at an exit."""


class _Undefined(Exception):
    """No such variant; the argument is the reason."""


def varied(
    person: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    choice: Mapping[str, str],
    terms: Terms,
) -> Variant:
    """The variant of a recorded history under the choices of the provisions that change records."""
    residents = [r for r in records if int(r["scheme"]) == 2]
    entries = [entry for r in records if int(r["scheme"]) == 1 for entry in entries_of(r)]
    out = Variant(entries, residents, dates_of(person, bool(entries)))
    try:
        _vary(out, person, records, lookup, choice, terms)
    except _Undefined as undefined:
        out.reason = undefined.args[0]
    except LedgerUnknown:
        out.reason = UNKNOWN_PARAMETER
    return out


def _vary(
    out: Variant,
    person: Mapping[str, Any],
    records: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    choice: Mapping[str, str],
    terms: Terms,
) -> None:
    unpaid = [r for r in records if int(r["scheme"]) == 0]
    entries, residents = list(out.entries), list(out.residents)

    if choice["career"] != "recorded":
        entries = other_career(entries, residents, lookup, choice["career"], terms)
    if choice["exit_before_2010"] == "surrendered":
        entries = _surrender(out, entries, lookup)
    if choice["enrolment"] == "workplace":
        entries, residents = enrolled(
            entries, residents, unpaid, terms.forms, int(person["birth"]), dates_of(person, True).award
        )

    # R is that of the variant's own kind, R0 that of the recorded one
    out.dates = dates_of(person, bool(entries), out.dates.r0)
    award = out.dates.award
    early = award < FIRST_AWARD_MONTH
    entries = [e for e in entries if e.month <= award]
    residents = [r for r in residents if int(r["year"]) <= award // 12]

    entries = with_bases(entries, records, lookup, choice["floor"], choice["income"], terms)
    if early:
        raise _Undefined(TOO_EARLY)
    if choice["payer"] == "platform":
        entries = [_platform_paid(e, terms.platform_share) for e in entries]
    out.entries, out.residents = entries, residents


# ---- career ---------------------------------------------------------------------------------------------------------


def other_career(
    entries: Sequence[Entry], residents: Sequence[Mapping[str, Any]], lookup: Lookup, career: str, terms: Terms
) -> list[Entry]:
    """The employee record as if paid at one place alone: the same indices (a stayer), or the same bases."""
    if career == "same_bases" and terms.place is None:
        raise ValueError("same_bases without a place")
    if career != "same_bases":
        place = _stayed_at(entries, residents, career)
    elif isinstance(terms.place, str):
        place = _stayed_at(entries, residents, f"stayer_{terms.place}")
    else:
        place = int(terms.place or 0)
    moved = []
    for e in entries:
        base = e.base
        if career != "same_bases" and not e.deemed:
            before = e.month // 12 - 1
            base = base / lookup.reference_wage(e.place, before) * lookup.reference_wage(place, before)
        flags = e.flags & ~(TEMPORARY_FLAG | ORDINARY_FLAG)
        moved.append(e._replace(place=place, work_place=place, base=base, flags=flags))
    return moved


def _stayed_at(entries: Sequence[Entry], residents: Sequence[Mapping[str, Any]], career: str) -> int:
    paid = [e for e in entries if not e.deemed]
    if not paid:
        raise _Undefined(NO_SUCH_CAREER)
    first, last = min(e.month for e in paid), max(e.month for e in paid)
    if career == "stayer_origin" and any(int(r["year"]) < first // 12 for r in residents):
        raise _Undefined(NO_SUCH_CAREER)
    month = first if career == "stayer_origin" else last
    bases: dict[int, Decimal] = {}
    late: dict[int, bool] = {}
    for e in paid:
        if e.month == month:
            bases[e.place] = bases.get(e.place, ZERO) + e.base
            # one payer in time makes the month one in time
            late[e.place] = late.get(e.place, True) and bool(e.flags & LATE_FLAG)
    return min(bases, key=lambda place: (late[place], -bases[place], place))


# ---- exit before 2010 -----------------------------------------------------------------------------------------------


def _surrender(out: Variant, entries: Sequence[Entry], lookup: Lookup) -> list[Entry]:
    """Leaving a province before 2010: its earlier months are dropped, their own share is refunded with interest."""
    paid = [e for e in entries if not e.deemed]
    months = sorted({e.month for e in paid})
    there = {(e.month, e.place) for e in paid}
    kept = list(entries)
    for month, following in pairwise(months):
        if month >= JANUARY_2010:
            break
        for place in sorted({e.place for e in paid}):
            if (month, place) not in there or (following, place) in there:
                continue
            dropped = [e for e in kept if _paid_until(e, place, month)]
            kept = [e for e in kept if not _paid_until(e, place, month)]
            out.refunds.append((month, _refund(dropped, place, month, lookup)))
            out.surrendered += dropped
    return kept


def _paid_until(e: Entry, place: int, month: int) -> bool:
    return not e.deemed and e.place == place and e.month <= month


def _refund(dropped: Sequence[Entry], place: int, month: int, lookup: Lookup) -> Decimal:
    credits: dict[int, Decimal] = {}
    for e in dropped:
        own = lookup.own_rate(place, e.month, e.individual)
        money = e.base * min(own, lookup.account_rate(place, e.month))
        credits[e.month] = credits.get(e.month, ZERO) + money
    return employee_account(credits, lambda year: lookup.employee_rate(place, year), month)[0]


# ---- enrolment ------------------------------------------------------------------------------------------------------


def enrolled(
    entries: Sequence[Entry],
    residents: Sequence[Mapping[str, Any]],
    unpaid: Sequence[Mapping[str, Any]],
    forms: frozenset[int],
    birth: int,
    last: int,
) -> tuple[list[Entry], list[Mapping[str, Any]]]:
    """Work of some forms insured as employee work where it is done; resident years so converted are gone.

    A record is converted where it has a month from sixteen to ``last``, the award month of an employee, that no deemed
    month covers.
    """
    first = max(birth + 192, FIRST_EMPLOYEE_MONTH)
    deemed = {e.month for e in entries if e.deemed}

    def insured_at(form: int, income: Decimal | None, work_place: int, place: int) -> int | None:
        where = work_place if work_place >= 0 else place
        return where if form in forms and income is not None and where >= 0 else None

    out: list[Entry] = []
    for e in entries:
        where = None if e.deemed else insured_at(e.form, e.income, e.work_place, e.place)
        if where is None:
            out.append(e)
        elif e.month >= first:
            out.append(e._replace(place=where, flags=e.flags & LATE_FLAG, converted=True))
    kept: list[Mapping[str, Any]] = []
    for r in (*residents, *unpaid):
        resident = int(r["scheme"]) == 2
        form, income = int(r["form"]), stated(r.get("income"))
        where = insured_at(form, income, int(r["work_place"]), int(r["place"]))
        if where is None:
            if resident:
                kept.append(r)
            continue
        year = 12 * int(r["year"])
        months = [m for m in (range(year, year + 12) if resident else serials(r)) if m >= first and m not in deemed]
        if months and months[0] <= last:
            out += [Entry(month, where, ZERO, form, 0, income, None, where, converted=True) for month in months]
        elif resident:
            kept.append(r)
    return out, kept


# ---- base -----------------------------------------------------------------------------------------------------------


_LAST_DIGIT: Final = Decimal("1e-20")
"""Of a share of a base: few enough digits for a sum of shares to lose none."""


def with_bases(
    entries: Sequence[Entry],
    recorded: Sequence[Mapping[str, Any]],
    lookup: Lookup,
    floor: str,
    income: str,
    terms: Terms,
) -> list[Entry]:
    """The base as paid; or by actual income: floor and cap once, on the sum of the sources that count."""
    everybody = (floor, income) != ("statutory", "declared")
    based = [e for e in entries if not e.deemed and (everybody or e.converted)]
    if any(e.income is None for e in based):
        raise _Undefined(INCOME_NOT_STATED)
    sources = _sources(recorded)
    together: dict[tuple[int, int], list[Entry]] = {}
    for e in based:
        together.setdefault((e.place, e.month), []).append(e)
    out = [e for e in entries if e.deemed or not (everybody or e.converted)]
    for (place, month), group in together.items():
        declared = sum((e.income or ZERO for e in group), ZERO)
        amount = declared if income == "declared" else sources[month]
        base = min(lookup.base_ceiling(place, month), max(_least(place, month, lookup, floor, terms), amount))
        earning = [e for e in group if e.income] or group
        shares = [base * (e.income or ZERO) / declared if declared else base / len(group) for e in earning]
        # the shares are the base again, to the last digit: equal bases of two places must stay equal
        parts = [share.quantize(_LAST_DIGIT) for share in shares]
        parts[-1] = base - sum(parts[:-1], ZERO)
        out += [e._replace(base=part) for e, part in zip(earning, parts, strict=True) if part]
    return out


def _least(place: int, month: int, lookup: Lookup, floor: str, terms: Terms) -> Decimal:
    if floor == "statutory":
        return lookup.base_floor(place, month)
    if floor == "actual":
        return ZERO
    if terms.floor_fraction is None:
        raise ValueError("floor = fraction without its fraction")
    return terms.floor_fraction * lookup.reference_wage(place, month // 12 - 1)


def _sources(recorded: Sequence[Mapping[str, Any]]) -> dict[int, Decimal]:
    """All stated incomes of a person by month; a resident record states that of its whole calendar year."""
    out: dict[int, Decimal] = {}
    for r in recorded:
        amount = stated(r.get("income"))
        if amount is None:
            continue
        year = 12 * int(r["year"])
        for month in range(year, year + 12) if int(r["scheme"]) == 2 else serials(r):
            out[month] = out.get(month, ZERO) + amount
    return out


# ---- payer ----------------------------------------------------------------------------------------------------------


def _platform_paid(e: Entry, share: Decimal | None) -> Entry:
    if e.deemed or e.form != PLATFORM:
        return e
    return e._replace(form=EMPLOYED, share=None) if share is None else e._replace(share=share)
