"""What a person can still choose: ways out when the minimum months are missing, and the month of the claim.

人社部令第13号 arts. 2-4, Social Insurance Law art. 16, 人社部发〔2014〕17号, 人社部发〔2024〕94号. Every choice is
the same history with something changed, settled by the engine; nothing has a formula of its own here.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pension import schema
from pension.accounting import Regime
from pension.choice.one_person import (
    EMPLOYEE,
    FLEXIBLE,
    RESIDENT,
    Outcome,
    at_claim,
    months_of,
    one_person,
    require_recorded,
    settle_all,
    settle_person,
    with_months,
    with_records,
)
from pension.engine import Engine
from pension.kernels import award_fields, cells
from pension.kernels import valuation as val
from pension.schema import month_text

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters

LOWEST_INDEX: Final = 0.6
"""Index of months paid to reach the minimum: the lower limit of bases, 60 % of the wage (国办发〔2019〕13号)."""
_YEARS_BEFORE_TOP_UP: Final = 60
"""Months of continued payment before a lump sum is allowed (人社部令第13号 art. 2)."""
_JOINED_BEFORE: Final = 12 * 2011 + 6
"""2011-07, when the Social Insurance Law came into force."""
_ACT: Final = "人社部令第13号"
_BRIDGE_ROUTES: Final = (award_fields.ROUTE_RESIDENT, award_fields.ROUTE_TO_RESIDENT)


def choices(
    source: Histories | str | os.PathLike[str],
    regime: str | Regime = "current",
    *,
    parameters: Parameters | None = None,
    index: float = LOWEST_INDEX,
) -> dict[str, Any]:
    """What one person can still choose under ``regime``: a case file, or histories of one person.

    ``options`` stand side by side when the minimum months are missing at the statutory month: continue to the
    minimum at the place 66号 designates (at ``index`` times the reference wage, paid as an individual), top up in one
    sum, bridge to the resident scheme, withdraw. ``male_60_choice`` compares, for a man short of the minimum, drawing
    a resident pension at 60 with waiting. ``claim_months`` lists every month from the earliest claim to the latest.
    Money in yuan (pensions yuan/month); present values in constant yuan at the statutory month. Raises ``InputError``
    for bad input. Source: 人社部令第13号 arts. 2-4; 人社部发〔2014〕17号; 人社部发〔2024〕94号.
    """
    from pension.parameters import load

    parameters = parameters if parameters is not None else load()
    return choices_of(Engine(parameters, [regime]), one_person(source, parameters), index)


def choices_of(engine: Engine, histories: Histories, index: float = LOWEST_INDEX) -> dict[str, Any]:
    """As ``choices``, for histories in hand and the first regime of an engine.

    Raises ``InputError`` for a regime that rests on another history: a statement hands that history in, and the regime
    without its base provisions (``Regime.over_records``).
    """
    require_recorded(engine.regimes[:1])
    statutory, earliest, award, _ = (int(found[0]) for found in engine.award_months(histories.arrays))
    histories.require(np.array([statutory]), np.array([earliest]))
    return _Choices(engine, histories, statutory, earliest, award, index).data()


class _Choices:
    def __init__(
        self, engine: Engine, histories: Histories, statutory: int, earliest: int, award: int, index: float
    ) -> None:
        self.engine, self.histories, self.index = engine, histories, index
        self.tables = engine.parameters.tables
        self.statutory, self.earliest, self.award = statutory, earliest, award
        self.base = at_claim(histories, self.tables, award, statutory)
        """The same person claiming in the statutory month."""
        h = self.base.arrays
        self.birth = int(h.birth[0])
        self.world, rows = engine.world(h)
        self.row = int(rows[0])
        self.scratch, results = settle_person(self.world, self.row, h, engine.regimes[:1])
        self.result = results[0]
        self.minimum = int(self.world.awards[self.row, val.MINIMUM])
        self.has_employee = bool(np.any(h.scheme == EMPLOYEE))

    def data(self) -> dict[str, Any]:
        defined = int(self.result[award_fields.STATUS]) == award_fields.DEFINED
        months = int(self.result[award_fields.EMPLOYEE_MONTHS]) if defined and self.has_employee else None
        missing = None if months is None else max(0, self.minimum - months)
        short = bool(missing)
        return {
            "regime": self.engine.regimes[0].name,
            "statutory_month": month_text(self.statutory),
            "employee_months": months,
            "minimum_months": self.minimum if self.has_employee else None,
            "missing_months": missing,
            "options": self._options(missing) if missing else [],
            "male_60_choice": self._male_60() if short else None,
            "claim_months": self._claim_months(),
        }

    # ---- short of the minimum

    def _options(self, missing: int) -> list[dict[str, Any]]:
        code = schema.PLACES[int(self.result[award_fields.PLACE])][0]
        first = self.statutory + 1
        continued = with_months(
            self.base,
            self.tables,
            range(first, first + missing),
            code,
            FLEXIBLE,
            self.index,
            claim=self.statutory + missing,
        )
        (outcome,) = settle_all(self.engine, [continued], self.statutory)
        paid = {"place": code, "index": self.index}
        option = _option("continue_to_minimum", f"{_ACT} art. 2, art. 4", outcome, months_added=missing, **paid)
        return [option, self._top_up(missing, code), self._bridge(), self._withdraw()]

    def _top_up(self, missing: int, code: int) -> dict[str, Any]:
        name, source = "lump_sum_top_up", f"{_ACT} art. 2"
        joined = min(months_of(self.base.arrays, np.flatnonzero(self.base.arrays.scheme == EMPLOYEE)))
        if joined >= _JOINED_BEFORE:
            return _refused(name, source, "joined_after_2011_06", joined=month_text(joined))
        at_once = missing - _YEARS_BEFORE_TOP_UP
        if at_once <= 0:
            return _refused(name, source, "minimum_reached_within_5_years")
        free = self._free_months(at_once)
        if len(free) < at_once:
            return _refused(name, source, "no_free_months")
        claim = self.statutory + _YEARS_BEFORE_TOP_UP
        months = range(self.statutory + 1, claim + 1)
        continued = with_months(self.base, self.tables, months, code, FLEXIBLE, self.index, claim=claim)
        topped = with_months(continued, self.tables, free, code, FLEXIBLE, self.index, flags=schema.FLAG_LATE)
        # What is paid at once: each month at the base of its own year with book interest to the award, account and
        # pooled part, as the digest books it.
        before, after = (self._late_money(people, code) for people in (continued, topped))
        (plain, outcome) = settle_all(self.engine, [continued, topped], self.statutory)
        option = _option(name, source, outcome, months_added=missing, place=code, index=self.index)
        if not option["allowed"]:
            return option
        world, rows = self.engine.world(topped.arrays)
        factor = float(world.awards[int(rows[0]), val.AT_AWARD_VALUE]) * outcome.price
        cost, value = plain.own + after - before, plain.own_value + (after - before) * factor
        present_value = option["present_value"]
        return option | {
            "months_at_once": at_once,
            "cost": cost,
            "cost_present_value": value,
            "net_present_value": present_value - value,
        }

    def _free_months(self, count: int) -> list[int]:
        """The last ``count`` months before the statutory one in which nothing was paid to either scheme."""
        h = self.base.arrays
        taken = months_of(h, np.flatnonzero(h.scheme != schema.SCHEME["none"]))
        deemed = months_of(h, np.flatnonzero(h.flags & schema.FLAG_DEEMED != 0))
        first = max(self.birth + 192, schema.FIRST_EMPLOYEE_MONTH, max(deemed, default=0) + 1)
        free = [month for month in range(first, self.statutory + 1) if month not in taken]
        return free[-count:]

    def _late_money(self, people: Histories, code: int) -> float:
        """Account and pooled money of the late back-payments at one place, at the award with book interest, yuan."""
        world, rows = self.engine.world(people.arrays)
        scratch, _ = settle_person(world, int(rows[0]), people.arrays, self.engine.regimes[:1])
        slots = range(int(scratch.summary[cells.N_SLOTS]))
        at = schema.PLACE_INDEX[code]
        late = [scratch.cells[slot, cells.LATE] for slot in slots if scratch.place_of[slot] == at]
        return float(sum(cell[cells.ACCOUNT] + cell[cells.POOLED] for cell in late))

    def _left_behind(self) -> float:
        """Pooled money of all counted months at face value: what no route but an employee pension makes use of."""
        slots = range(int(self.scratch.summary[cells.N_SLOTS]))
        return float(sum(self.scratch.cells[slot, cells.LATE :, cells.POOLED_FACE].sum() for slot in slots))

    def _bridge(self) -> dict[str, Any]:
        (outcome,) = settle_all(self.engine, [self.base], self.statutory)
        name, source = "bridge_to_resident", "人社部发〔2014〕17号 art. 3, art. 6"
        if not outcome.reason(0) and int(outcome.results[0, award_fields.ROUTE]) not in _BRIDGE_ROUTES:
            return _refused(name, source, "resident_years_missing")
        return _option(name, source, outcome, pooled_left_behind=self._left_behind())

    def _withdraw(self) -> dict[str, Any]:
        name, source = "withdraw", f"{_ACT} art. 3"
        return self._account_paid_out(name, source, self.statutory)

    def _account_paid_out(self, name: str, source: str, resident_claim: int) -> dict[str, Any]:
        """The employee account paid once at the statutory month; the resident scheme by its own years beside it."""
        if self.engine.regimes[0].choice("pooled_on_exit") != "forfeit":
            return _refused(name, source, "regime_pays_pooled_money")
        a = self.world.awards[self.row]
        factor = float(a[val.AT_AWARD_VALUE] * a[val.PRICE])
        dropped = float(self.scratch.summary[cells.DROPPED_ACCOUNT])
        lump = float(self.result[award_fields.EMPLOYEE_ACCOUNT])
        if int(self.result[award_fields.ROUTE]) == award_fields.ROUTE_WITHDRAWAL:
            # Where even the bridge is closed the law's own result is this one, the resident money included.
            lump = float(self.result[award_fields.LUMP_SUM])
        value, monthly, start, backpay, route = (lump + dropped) * factor, 0.0, None, 0.0, "withdrawal"
        resident = self.base.arrays.scheme == RESIDENT
        if np.any(resident) and int(self.result[award_fields.ROUTE]) != award_fields.ROUTE_WITHDRAWAL:
            alone = with_records(self.base, resident)
            # Valued at the same date as all the other choices: the award row is that of the whole history.
            world, rows = self.engine.world(self.base.arrays._replace(claim=_month(resident_claim)))
            _, results = settle_person(world, int(rows[0]), alone.arrays, self.engine.regimes[:1])
            own = results[0]
            status = int(own[award_fields.STATUS])
            if status != award_fields.DEFINED:
                return _refused(name, source, award_fields.STATUS_TEXT[status])
            if int(own[award_fields.ROUTE]) == award_fields.ROUTE_RESIDENT:
                monthly, start = float(own[award_fields.MONTHLY]), month_text(int(own[award_fields.RESIDENT_START]))
                backpay, route = float(own[award_fields.BACKPAY]), "withdrawal_and_resident"
            lump += float(own[award_fields.LUMP_SUM])
            value += float(own[award_fields.PW])
        return {
            "option": name,
            "allowed": True,
            "source": source,
            "claim": month_text(resident_claim),
            "start": start,
            "route": route,
            "monthly": monthly,
            "lump_sum": lump,
            "lump_sum_month": month_text(self.statutory),
            "refunds": dropped,
            "backpay": backpay,
            "cost": 0.0,
            "cost_present_value": 0.0,
            "present_value": value,
            "net_present_value": value,
            "pooled_left_behind": self._left_behind(),
        }

    def _male_60(self) -> dict[str, Any] | None:
        """A man between 60 and his statutory age, short of the minimum: draw as a resident at 60, or wait."""
        sixty = self.birth + 720
        if int(self.base.arrays.sex[0]) != schema.SEX["male"] or self.statutory <= sixty:
            return None
        draw = self._account_paid_out("draw_now", "国发〔2014〕8号; 人社部发〔2014〕17号 art. 2", sixty)
        if draw["allowed"] and draw["route"] != "withdrawal_and_resident":
            draw = _refused("draw_now", draw["source"], "no_resident_right_at_60")
        return {"default": "wait", "options": [self._bridge() | {"option": "wait"}, draw]}

    # ---- the month of the claim

    def _claim_months(self) -> list[dict[str, Any]]:
        """Every claim month from the earliest to the latest; one row only without a flexible age."""
        if not self.has_employee:
            return []
        latest = self.statutory
        _, first_birth, _, cap, flexible = self.tables.ages[int(self.base.arrays.retirement_category[0])]
        if cap > 0 and self.birth >= first_birth:
            latest += int(flexible)
        months = range(self.earliest, latest + 1)
        people = [at_claim(self.histories, self.tables, self.award, month) for month in months]
        rows = []
        for month, outcome in zip(months, settle_all(self.engine, people, self.earliest), strict=True):
            r = outcome.results[0]
            defined = not outcome.reason(0)
            rows.append(
                {
                    "month": month_text(month),
                    "age_months": month - self.birth,
                    "minimum_months": outcome.minimum,
                    "employee_months": int(r[award_fields.EMPLOYEE_MONTHS]) if defined else None,
                    "route": award_fields.ROUTES[int(r[award_fields.ROUTE])] if defined else None,
                    "monthly": float(r[award_fields.MONTHLY]) if defined else None,
                    "present_value": float(r[award_fields.PW]) if defined else None,
                    "own_contributions": outcome.own_value,
                    "net_present_value": outcome.net(0) if defined else None,
                    "reason": outcome.reason(0) or None,
                }
            )
        return rows


def _month(serial: int) -> Any:
    month = np.array([serial], np.int32)
    month.flags.writeable = False  # one array type, one compiled kernel
    return month


def _option(name: str, source: str, outcome: Outcome, **more: Any) -> dict[str, Any]:
    """One choice as the statement lists it."""
    if outcome.reason(0):
        return _refused(name, source, outcome.reason(0))
    r = outcome.results[0]
    resident = int(r[award_fields.ROUTE]) in _BRIDGE_ROUTES
    start = int(r[award_fields.RESIDENT_START]) if resident else outcome.award + 1
    return {
        "option": name,
        "allowed": True,
        "source": source,
        "claim": month_text(outcome.award),
        "start": month_text(start),
        "route": award_fields.ROUTES[int(r[award_fields.ROUTE])],
        "employee_months": int(r[award_fields.EMPLOYEE_MONTHS]),
        "monthly": float(r[award_fields.MONTHLY]),
        "lump_sum": float(r[award_fields.LUMP_SUM]),
        "refunds": float(r[award_fields.REFUND]),
        "backpay": float(r[award_fields.BACKPAY]),
        "cost": outcome.own,
        "cost_present_value": outcome.own_value,
        "present_value": float(r[award_fields.PW]),
        "net_present_value": outcome.net(0),
        "pooled_left_behind": 0.0,
    } | more


def _refused(name: str, source: str, reason: str, **more: Any) -> dict[str, Any]:
    return {"option": name, "allowed": False, "source": source, "reason": reason} | more
