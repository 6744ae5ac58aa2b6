"""What if: the same person going on in another way from a month on, and what the next twelve months are worth.

Every path is the recorded history up to ``now`` with other months after it, settled by the engine; net pension wealth
is the present value less that of the own contributions still to be paid.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pension import schema
from pension.choice.one_person import (
    FLEXIBLE,
    RESIDENT,
    LastMonth,
    Outcome,
    employee_records,
    last_paid,
    last_recorded,
    months_of,
    one_person,
    require_recorded,
    settle_all,
    until,
    with_months,
    with_resident_years,
)
from pension.engine import Engine
from pension.errors import refuse
from pension.kernels import award_fields
from pension.schema import month_text
from pension.tables.dense import FIRST_MONTH

if TYPE_CHECKING:
    from pension.accounting import Regime
    from pension.histories import Histories
    from pension.parameters import Parameters

DEFAULT_REGIMES: Final = ("current", "fair")
INDICES: Final = (0.6, 1.0, 2.0, 3.0)
NEXT: Final = 12
"""Months whose marginal value is asked for."""
_FORMS: Final = {number: name for name, number in schema.FORM.items()}


@dataclass(frozen=True)
class WhatIf:
    """The paths of one person side by side: ``data``, and its text."""

    data: dict[str, Any]
    lang: str = "en"

    def json(self) -> str:
        """The paths as JSON with ASCII keys."""
        return json.dumps(self.data, ensure_ascii=False, indent=2, allow_nan=False)

    def text(self) -> str:
        """The paths as tables, in the language asked for."""
        from pension.statement.text import whatif_text

        return whatif_text(self.data, self.lang)


def whatif(
    source: Histories | str | os.PathLike[str],
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    *,
    now: int | str | None = None,
    wait: int = 12,
    indices: Sequence[float] = INDICES,
    contribution: float | None = None,
    parameters: Parameters | None = None,
    lang: str = "en",
) -> WhatIf:
    """Compare ways to go on from the month ``now`` (serial or ``"YYYY-MM"``; by default the last recorded month).

    ``source`` a case file, or histories of one person. Paths: as recorded; stay at the last place; stay and pay as a
    flexible worker; contribute at the registered residence; stop; pause ``wait`` months; claim ``wait`` months later;
    other bases (``indices``, multiples of the reference wage); the resident scheme with ``contribution`` yuan a year
    (by default the last one paid, else the lowest tier). ``next_months`` gives what the next twelve months of
    contributions add to the present value, per yuan the member pays for them, by scheme, place and form: once with
    nothing after them (``stop``) and once with contributions going on as before (``stay``).

    Money in yuan; present values in constant yuan at each path's statutory month. Raises ``InputError`` for bad
    input, and where no month is left between ``now`` and the award.
    """
    from pension.parameters import load
    from pension.statement.words import check_language

    check_language(lang)
    parameters = parameters if parameters is not None else load()
    histories = one_person(source, parameters)
    if wait < 1:
        raise refuse("at least one month is waited", column="wait", value=wait)
    if contribution is not None and not contribution > 0.0:
        raise refuse("a resident contribution is greater than 0 yuan/year", column="contribution", value=contribution)
    for index in indices:
        if not index > 0.0:
            raise refuse("an index is greater than 0", column="index", value=index)
    engine = Engine(parameters, regimes)
    require_recorded(engine.regimes)
    return WhatIf(_WhatIf(engine, histories, _now(now), wait, tuple(indices), contribution).data(), lang)


def _now(now: int | str | None) -> int | None:
    if not isinstance(now, str):
        return now
    try:
        return schema.month_serial(now)
    except ValueError as error:
        raise refuse(str(error), column="now", value=now) from error


class _WhatIf:
    def __init__(
        self,
        engine: Engine,
        histories: Histories,
        now: int | None,
        wait: int,
        indices: tuple[float, ...],
        contribution: float | None,
    ) -> None:
        self.engine, self.tables, self.histories = engine, engine.parameters.tables, histories
        self.wait, self.indices = wait, indices
        statutory, earliest, award, _ = engine.award_months(histories.arrays)
        histories.require(statutory, earliest)
        self.award, self.statutory = int(award[0]), int(statutory[0])
        recorded = last_recorded(histories.arrays)
        self.now = recorded if now is None else now
        if recorded < 0:
            raise refuse("there is no record to go on from", column="records")
        if self.now >= self.award:
            raise refuse(
                f"no month is left between now and the award {month_text(self.award)}: give an earlier month (--now)",
                column="now",
                value=month_text(self.now),
            )
        self.past = until(histories, self.now)
        h = self.past.arrays
        self.hukou = int(h.hukou[0])
        last = last_paid(h, self.tables)
        # Without an employee month: the registered residence, as an individual, at the reference wage.
        self.last = last if last is not None else LastMonth(self.now, self.hukou, FLEXIBLE, 1.0)
        paid = [float(h.base[j]) for j in range(h.year.size) if h.scheme[j] == RESIDENT]
        lowest = float(self.tables.lowest_tier[_position(self.hukou), self.now - FIRST_MONTH])
        self.contribution = contribution if contribution is not None else (paid[-1] if paid else lowest)

    def data(self) -> dict[str, Any]:
        return {
            "notice": "A research estimate, no official determination.",
            "now": month_text(self.now),
            "award": month_text(self.award),
            "statutory_month": month_text(self.statutory),
            "last": {
                "month": month_text(self.last.month),
                "place": schema.province_of(self.last.place),
                "form": _FORMS[self.last.form],
                "index": self.last.index,
            },
            "regimes": {r.name: {"title": r.title, "title_zh": r.title_zh} for r in self.engine.regimes},
            "paths": self._paths(),
            "next_months": self._next_months(),
            "parameters": {
                "hash": self.engine.parameters.hash,
                "scenario": self.engine.parameters.scenario,
                "price_year": int(self.tables.price_year),
            },
        }

    # ---- ways to go on

    def _with(self, people: Histories, months: range, **change: Any) -> Histories:
        of = replace(self.last, **{k: v for k, v in change.items() if k != "claim"})
        return with_months(people, self.tables, months, of.place, of.form, of.index, claim=change.get("claim"))

    def _rest(self, award: int | None = None) -> range:
        return range(self.now + 1, (self.award if award is None else award) + 1)

    def _resident(self, people: Histories, most: int | None = None) -> Histories:
        """Resident years after ``now`` in which nothing was paid, at most to the year of 60 or of the award."""
        h = people.arrays
        taken = {month // 12 for month in months_of(h, np.flatnonzero(h.scheme != schema.SCHEME["none"]))}
        last = min(self.award, int(h.birth[0]) + 720) // 12
        years = [year for year in range((self.now + 1) // 12, last + 1) if year not in taken]
        return with_resident_years(people, years[:most], self.hukou, self.contribution)

    def _paths(self) -> list[dict[str, Any]]:
        rest, last = self._rest(), self.last
        later = self.award + self.wait
        home = schema.province_of(self.hukou)
        paths: list[tuple[str, dict[str, Any], Histories]] = [
            ("as_recorded", {}, self.histories),
            ("stay", _at(last), self._with(self.past, rest)),
        ]
        if last.form != FLEXIBLE:
            paths.append(("stay_flexible", _at(last, form=FLEXIBLE), self._with(self.past, rest, form=FLEXIBLE)))
        if schema.province_of(last.place) != home:
            paths.append(("move_home", _at(last, place=self.hukou), self._with(self.past, rest, place=self.hukou)))
        pause = range(self.now + 1 + self.wait, self.award + 1)
        paths += [
            ("stop", {}, self.past),
            ("pause", {**_at(last), "months": self.wait}, self._with(self.past, pause)),
            (
                "claim_later",
                {**_at(last), "months": self.wait},
                self._with(self.past, self._rest(later), claim=later),
            ),
        ]
        for index in self.indices:
            paths.append(("index", _at(last, index=index), self._with(self.past, rest, index=index)))
        resident = {"place": home, "contribution": self.contribution}
        paths.append(("resident", resident, self._resident(self.past)))
        outcomes = settle_all(self.engine, [people for _, _, people in paths], self.now)
        rows = []
        for (name, what, _), outcome in zip(paths, outcomes, strict=True):
            row = {"path": name} | what | self._row(outcome)
            if name == "claim_later" and later > self._latest():
                row["beyond_flexible"] = True
            rows.append(row)
        return rows

    def _latest(self) -> int:
        """Last month of a flexible claim (人社部发〔2024〕94号); the statutory month without a delay."""
        _, first_birth, _, cap, flexible = self.tables.ages[int(self.past.arrays.retirement_category[0])]
        delayed = cap > 0 and int(self.past.arrays.birth[0]) >= first_birth
        return self.statutory + (int(flexible) if delayed else 0)

    def _row(self, outcome: Outcome) -> dict[str, Any]:
        return {
            "claim": month_text(outcome.award),
            "valued_at": month_text(outcome.statutory),
            "minimum_months": outcome.minimum,
            "own_contributions": _finite(outcome.own),
            "own_contributions_value": _finite(outcome.own_value),
            "regimes": {r.name: self._result(outcome, k) for k, r in enumerate(self.engine.regimes)},
        }

    def _result(self, outcome: Outcome, k: int) -> dict[str, Any]:
        reason = outcome.reason(k)
        if reason:
            return {"monthly": None, "present_value": None, "net_present_value": None, "route": None, "reason": reason}
        r = outcome.results[k]
        place = int(r[award_fields.PLACE])
        return {
            "monthly": float(r[award_fields.MONTHLY]),
            "present_value": float(r[award_fields.PW]),
            "net_present_value": outcome.net(k),
            "route": award_fields.ROUTES[int(r[award_fields.ROUTE])],
            "place": schema.PLACES[place][0] if place >= 0 else None,
            "employee_months": int(r[award_fields.EMPLOYEE_MONTHS]),
        }

    # ---- the next twelve months

    def _next_months(self) -> list[dict[str, Any]]:
        """Marginal present value of the next months, per yuan of the member's, against the path without them."""
        months = range(self.now + 1, min(self.now + NEXT, self.award) + 1)
        after = range(months[-1] + 1, self.award + 1)
        h = self.past.arrays
        by_province = {schema.province_of(self.hukou): self.hukou}
        by_province |= {schema.province_of(int(h.place[j])): int(h.place[j]) for j in employee_records(h)}
        ways: list[tuple[dict[str, Any], Any]] = []
        for province, place in sorted(by_province.items()):
            for form in (schema.FORM["employed"], FLEXIBLE):
                what = {"scheme": "employee", "place": province, "form": _FORMS[form], "index": self.last.index}
                ways.append((what, partial(self._with, months=months, place=place, form=form)))
        # A resident payment is for a whole calendar year: it fits beside nothing else.
        year = {"scheme": "resident", "place": schema.province_of(self.hukou), "contribution": self.contribution}
        of_year = (year, partial(self._resident, most=1))
        rows = []
        for background in ("stop", "stay") if after else ("stop",):
            open_ways = [*ways, of_year] if background == "stop" else ways
            ground = self.past if background == "stop" else self._with(self.past, after)
            people = [ground, *(way(ground) for _, way in open_ways)]
            without, *found = settle_all(self.engine, people, self.now)
            for (what, _), outcome in zip(open_ways, found, strict=True):
                rows.append({"after": background, "months": len(months)} | what | self._gain(outcome, without))
        return rows

    def _gain(self, outcome: Outcome, without: Outcome) -> dict[str, Any]:
        paid = outcome.own_value - without.own_value
        out: dict[str, Any] = {"own_contributions_value": _finite(paid), "regimes": {}}
        same_date = outcome.statutory == without.statutory
        for k, regime in enumerate(self.engine.regimes):
            gain = None
            if same_date and not outcome.reason(k) and not without.reason(k):
                gain = float(outcome.results[k, award_fields.PW] - without.results[k, award_fields.PW])
            per_yuan = gain / paid if gain is not None and paid > 0.0 else None
            out["regimes"][regime.name] = {"present_value": gain, "per_yuan": per_yuan}
        return out


def _position(place: int) -> int:
    return schema.PLACE_INDEX[schema.province_of(place)]


def _at(last: LastMonth, **change: Any) -> dict[str, Any]:
    of = replace(last, **change)
    return {"place": schema.province_of(of.place), "form": _FORMS[of.form], "index": of.index}


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None
