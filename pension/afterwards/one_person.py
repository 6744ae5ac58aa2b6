"""After the award, for one person: the pension year by year, the account in payment, what a death leaves, what a
disability pays, annuities, both pensions drawn at once.

Death, disability and the award are separate questions about one history: each is answered as if the others did not
happen, months after the one asked for are left out. Amounts come from the same compiled settlement as the award
(``settle``), with the history cut at the month asked for; what nobody knows is ``{"amount": None, "reason": ...}``,
never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from pension import schema
from pension.accounting import vectors
from pension.afterwards.account import Account, law_of, used_up
from pension.afterwards.reasons import (
    AFTER_WITHDRAWAL,
    GRANTS_NOT_HELD,
    LOCAL_GRANT,
    NO_ADJUSTMENT,
    NO_DISPOSABLE_INCOME,
    NO_EMPLOYEE_MONTH,
    NO_EMPLOYEE_PENSION,
    NOT_HELD,
    RESIDENT_MONEY_INSIDE,
    known,
    undefined,
)
from pension.afterwards.settled import Settled, cut, paid_months
from pension.engine import Engine
from pension.errors import refuse
from pension.inputs import riders
from pension.inputs.riders import Annuity, Riders, Rules, require_possible
from pension.kernels import award_fields, cells, settle, streams
from pension.kernels import valuation as val
from pension.kernels.cells import TRACE_COLUMNS, new_scratch
from pension.law import annuities, bridging, disability, employee, indexation, resident, survivors
from pension.schema import month_text
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters

MAX_YEARS: Final = 60
_DEATHS: Final = (1, 5, 10)
"""Years after the award of the deaths that are answered when none is asked about."""

_EMPLOYEE_ROUTES: Final = (award_fields.ROUTE_EMPLOYEE, award_fields.ROUTE_RETAIN, award_fields.ROUTE_TO_EMPLOYEE)
_RESIDENT_ROUTES: Final = (award_fields.ROUTE_RESIDENT, award_fields.ROUTE_RETAIN, award_fields.ROUTE_TO_RESIDENT)
_GRANT_FIGURES: Final = (
    *("grants_from", "funeral_grant_months", "bereavement_months", "bereavement_full_years"),
    *("bereavement_most_months", "bereavement_least_months_retired", "short_career_years"),
)
_DISABILITY_FIGURES: Final = (
    *("disability_from", "disability_near_months", "disability_short_months", "disability_first_months"),
    *("disability_months_per_year",),
)


class Adjustment(NamedTuple):
    """A yearly adjustment by formula in place of the national rate; the same amounts every year."""

    flat: float
    """Yuan/month for everybody."""
    per_year: float
    """Yuan/month for each credited year."""
    fraction: float
    """Of the pension."""


def afterwards(
    histories: Histories,
    questions: Riders | None = None,
    *,
    parameters: Parameters | None = None,
    rules: Rules | None = None,
    years: int = 20,
    adjustment: Adjustment | None = None,
) -> dict[str, Any]:
    """What follows the award of one person under the law in force, as plain values ready for JSON.

    ``questions`` death, disability, resident claim, disposable income and annuities; ``years`` calendar years of the
    tables. Raises ``InputError`` for bad input and for questions that cannot be.
    """
    from pension.parameters import load

    if len(histories) != 1:
        raise refuse("what follows the award is told of one person", column="people", value=len(histories))
    if not 1 <= years <= MAX_YEARS:
        raise refuse(f"years are 1 to {MAX_YEARS}", column="years", value=years)
    parameters = parameters if parameters is not None else load()
    rules = rules or Rules(parameters.files)
    return Afterwards(histories, questions or Riders(), parameters, rules, years, adjustment).data()


def from_case(
    case: Mapping[str, Any],
    *,
    parameters: Parameters | None = None,
    rules: Rules | None = None,
    file: str = "case",
    years: int = 20,
    adjustment: Adjustment | None = None,
) -> dict[str, Any]:
    """``afterwards`` of a case file's tables as TOML gives them, with the optional keys of
    ``pension.inputs.riders``."""
    from pension.inputs.case_file import case_of
    from pension.inputs.opening import Lookups
    from pension.parameters import load

    parameters = parameters if parameters is not None else load()
    rules = rules or Rules(parameters.files)
    lookups = Lookups(parameters.tables)
    found = case_of(
        case,
        file=file,
        reference_wage=lookups.reference_wage,
        statutory_month=lookups.statutory_month,
        rules=rules,
    )
    return afterwards(
        found.histories, found.riders, parameters=parameters, rules=rules, years=years, adjustment=adjustment
    )


class Afterwards:
    def __init__(
        self,
        histories: Histories,
        questions: Riders,
        parameters: Parameters,
        rules: Rules,
        years: int,
        adjustment: Adjustment | None,
        engine: Engine | None = None,
    ) -> None:
        self.questions, self.parameters, self.rules = questions, parameters, rules
        self.tables, self.adjustment = parameters.tables, adjustment
        self.h = histories.arrays
        self.birth = int(self.h.birth[0])
        self.engine = engine or Engine(parameters, ["current"])
        statutory, earliest, award, _ = self.engine.award_months(self.h)
        histories.require(statutory, earliest)
        self.statutory, self.award = int(statutory[0]), int(award[0])
        require_possible(questions, self.statutory, self.award, file=histories.source.file)
        self.last = 12 * (self.award // 12 + years) + 11  # of the tables and of the double benefit
        if self.last // 12 > LAST_YEAR:
            raise refuse(f"the tables end in {LAST_YEAR}", column="years", value=years)
        self.world, rows = self.engine.world(self.h)
        self.row = self.world.awards[int(rows[0])]
        self.awarded = self.settled(self.award, self.award, own=True)
        status = int(self.awarded.result[award_fields.STATUS])
        if status != award_fields.DEFINED:
            raise refuse(f"no award under the law in force: {award_fields.STATUS_TEXT[status]}", column="claim")
        self.route = int(self.awarded.result[award_fields.ROUTE])
        self.hukou = int(self.awarded.summary[cells.HUKOU])
        self.place = int(self.awarded.result[award_fields.PLACE])
        self.start = int(self.awarded.result[award_fields.RESIDENT_START])
        self.employee_account, self.resident_account = self._accounts()

    def settled(self, until: int, month: int, *, own: bool = False, schemes: tuple[int, ...] = (0, 1, 2)) -> Settled:
        """Settle the history up to ``until`` as if it were awarded in ``month``, whatever the minimum months and the
        age; with ``own`` by the person's own award row."""
        arrays = cut(self.h, until, schemes)
        row = self.row.copy()
        if not own:
            row[val.AWARD], row[val.MINIMUM] = month, 1.0
            row[val.ANNUITY] = val.annuity_months_at(self.tables.annuity_months, month - self.birth)
        codes, alpha = vectors(self.engine.regimes)
        scratch, results = new_scratch(), np.empty((1, award_fields.N_RESULTS))
        digest_trace = np.zeros((64 * arrays.year.size + 200, TRACE_COLUMNS))
        traces = np.zeros((1, 400, TRACE_COLUMNS))
        world = self.world._replace(awards=np.ascontiguousarray(row[None]))
        settle.trace_kernel(arrays, 0, 0, world, codes, alpha, scratch, results, digest_trace, traces)
        steps = digest_trace[1 : int(digest_trace[0, 0]) + 1]
        credits = steps[steps[:, 0] == resident.RESIDENT_CREDIT]
        subsidies = {int(arrays.year[int(s[1])]): (int(s[2]), float(s[9]), float(s[4])) for s in credits}
        return Settled(month, arrays, results[0], scratch.summary, scratch.cells, scratch.place_of, subsidies)

    # ---- accounts

    def _resident_balance(self, settled: Settled) -> float:
        """Resident account of a settlement in its month, before overlaps are cleared."""
        summary = settled.summary
        if summary[cells.RESIDENT_RECORDS] == 0.0:
            return 0.0
        rate = float(
            self.tables.resident_rate[int(summary[cells.AT_AWARD + cells.OF_PLACE]), settled.month // 12 - FIRST_YEAR]
        )
        credit = summary[cells.AT_AWARD + cells.CREDIT]
        return float(law_of(resident.resident_balance)(summary[cells.AT_AWARD], credit, rate, settled.month % 12 + 1))

    def _subsidy_share(self, settled: Settled) -> float:
        """Share of subsidies, with their interest, in the resident account of a settlement; 0 without an account."""
        balance, part, place = 0.0, 0.0, -1
        year = min(settled.subsidies, default=settled.month // 12)
        while year <= settled.month // 12:
            place, credit, subsidy = settled.subsidies.get(year, (place, 0.0, 0.0))
            rate = float(self.tables.resident_rate[place, year - FIRST_YEAR])
            months = 12 if year < settled.month // 12 else settled.month % 12 + 1
            balance = law_of(resident.resident_balance)(balance, credit, rate, months)
            part = law_of(resident.resident_balance)(part, subsidy, rate, months)
            year += 1
        return part / balance if balance > 0.0 else 0.0

    def _own_share(self, settled: Settled) -> float:
        """Share of own contributions, with their interest, in the employee accounts of a settlement."""
        whole, own = 0.0, 0.0
        for record, month, position, kind in paid_months(settled.arrays):
            rates = self.tables.employee_rate[position]
            growth = self.tables.employee_growth[position]
            year, end = month // 12 - FIRST_YEAR, settled.month // 12 - FIRST_YEAR
            earns = settled.month - month + 1 if year == end else 12 - month % 12
            bearing = law_of(employee.bearing_months)(1.0, earns, rates[year])
            if year < end:
                until = law_of(employee.growth_to_award)(growth[end - 1], rates[end], settled.month % 12 + 1)
                bearing = law_of(employee.carried)(bearing, until, growth[year])
            rate = float(self.tables.account_rate[position, month - FIRST_MONTH])
            paid = float(self.tables.own_rate[position, month - FIRST_MONTH, kind])
            base = float(settled.arrays.base[record])
            whole += law_of(employee.credited)(rate, base, bearing)
            own += law_of(employee.credited)(min(rate, paid), base, bearing)
        return own / whole if whole > 0.0 else 0.0

    def _own_contributions(self, settled: Settled) -> float:
        """Own contributions without interest; of individuals the part credited to the account."""
        total = 0.0
        for record, month, position, kind in paid_months(settled.arrays):
            rate = float(self.tables.own_rate[position, month - FIRST_MONTH, kind])
            if kind == 1:
                rate = min(rate, float(self.tables.account_rate[position, month - FIRST_MONTH]))
            total += law_of(employee.credited)(rate, float(settled.arrays.base[record]), 1.0)
        return total

    def _accounts(self) -> tuple[Account | None, Account | None]:
        """The accounts in payment after the award: employee, resident."""
        result = self.awarded.result
        of_employee = of_resident = None
        if self.route in _EMPLOYEE_ROUTES:
            balance, payment = float(result[award_fields.EMPLOYEE_ACCOUNT]), float(result[award_fields.ACCOUNT])
            of_employee = Account(balance, self.award, payment, self.tables.employee_rate[self.place])
        if self.route in _RESIDENT_ROUTES:
            balance = float(result[award_fields.RESIDENT_BALANCE])
            payment = float(result[award_fields.RESIDENT_ACCOUNT_PENSION])
            of_resident = Account(balance, self.start - 1, payment, self.tables.resident_rate[self.hukou])
        return of_employee, of_resident

    def _resident_account_at(self, month: int) -> float:
        """Resident account at the end of a month from the award on; it waits for the age of 60, then is drawn."""
        account = self.resident_account
        if account is None:
            return 0.0
        if month >= account.settled:
            return account.at(month)
        # Settled before 60 (bridged women): money at the award, of which new money of that year earns from R + 1.
        result, summary = self.awarded.result, self.awarded.summary
        comes = float(result[award_fields.EMPLOYEE_ACCOUNT] + result[award_fields.BACKPAY] - summary[cells.REFUND])
        balance = self._resident_balance(self.awarded) + comes
        principal = float(summary[cells.AT_AWARD] + summary[cells.AT_AWARD + cells.CREDIT]) + comes
        for year in range(self.award // 12, month // 12 + 1):
            months = 12 if year < month // 12 else month % 12 + 1
            if year == self.award // 12:
                balance += principal * account.rate(year) / 12.0 * (months - 1 - self.award % 12)
            else:
                balance = law_of(resident.resident_balance)(balance, 0.0, account.rate(year), months)
        return float(balance)

    # ---- the parts of the answer

    def data(self) -> dict[str, Any]:
        result, q = self.awarded.result, self.questions
        accounts = {"employee": self.employee_account, "resident": self.resident_account}
        out: dict[str, Any] = {
            "award": {
                "month": month_text(self.award),
                "statutory_month": month_text(self.statutory),
                "route": award_fields.ROUTES[self.route],
                "place": _code(self.place) if self.place >= 0 else None,
                "hukou": _code(self.hukou),
                "monthly": float(result[award_fields.MONTHLY]),
                "credited_months": int(self.awarded.months),
                "lump_sum": float(result[award_fields.LUMP_SUM]),
            },
            "path": self.path(),
            "accounts": {scheme: account.table(self.last) if account else [] for scheme, account in accounts.items()},
            "used_up": {scheme: used_up(account) for scheme, account in accounts.items()},
            "heirs": self.heirs(q.death) if q.death is not None else None,
            "deaths": [] if q.death is not None else [self.heirs(self.award + 12 * n) for n in _DEATHS],
            "disability": self.disabled(q.disability) if q.disability is not None else None,
            "double_benefit": self.double_benefit(q.resident_claim) if q.resident_claim is not None else None,
            "annuities": [self.annuity(number, annuity) for number, annuity in enumerate(q.annuities)],
            "public_sector": self.public_sector(),
        }
        figures = (_GRANT_FIGURES if q.death is not None else ()) + (
            _DISABILITY_FIGURES if q.disability is not None else ()
        )
        out["figures"] = {name: self.rules.status(name) for name in figures}
        return out

    def path(self) -> list[dict[str, Any]]:
        """The pension year by year: months paid, components in December, paid in the year, rate and its status."""
        result, start = self.awarded.result, self.award + 1
        rows = []
        in_payment = {
            "basic": float(result[award_fields.BASIC]),
            "transitional": float(result[award_fields.TRANSITIONAL]),
        }
        account, added = float(result[award_fields.ACCOUNT]), 0.0
        credited_years = self.awarded.months / 12.0
        of_employee = self.route in _EMPLOYEE_ROUTES
        for year in range(start // 12, self.last // 12 + 1):
            rate, status = None, None
            if of_employee and year > self.award // 12:
                rate, status = self._rate(year)
                if self.adjustment is not None:
                    whole = sum(in_payment.values()) + account + added
                    added += law_of(indexation.formula_adjustment)(whole, credited_years, *self.adjustment)
                    rate, status = None, "assumption"
                elif rate is None:
                    rows.append({"year": year, **undefined(NO_ADJUSTMENT, f"no adjustment of {year} is known")})
                    break
                else:
                    in_payment = {k: law_of(indexation.adjusted_pension)(v, rate) for k, v in in_payment.items()}
            components: dict[str, float] = {}
            paid, months = 0.0, 0
            for month in range(max(start, 12 * year), 12 * year + 12):
                components = {}
                if of_employee:
                    components = {**in_payment, "account": account, "adjustment": added}
                if self.start and month >= self.start:
                    components |= self._resident_parts(month)
                paid += sum(components.values())
                months += 1 if components else 0
            rows.append(
                {
                    "year": year,
                    "months": months,
                    "components": components,
                    "monthly": sum(components.values()),
                    "paid": paid,
                    "rate": rate,
                    "rate_status": status,
                }
            )
        return rows

    def _rate(self, year: int) -> tuple[float | None, str]:
        """National adjustment of a year and its status; None where none is known."""
        level = self.tables.indexation
        rate = float(level[year - FIRST_YEAR] / level[year - 1 - FIRST_YEAR] - 1.0)
        status = self.parameters.provenance("pension_adjustment", period=year).status
        return (rate if np.isfinite(rate) else None), status

    def _resident_parts(self, month: int) -> dict[str, float]:
        """Components of the resident pension in a month."""
        summary = self.awarded.summary
        counted = 0.0 if self.route == award_fields.ROUTE_RETAIN else self.awarded.months
        years = float(law_of(bridging.whole_years)(counted, summary[cells.PREMIUM_MONTHS]))
        return {
            **self._resident_basic(month, years),
            "resident_account": float(self.awarded.result[award_fields.RESIDENT_ACCOUNT_PENSION]),
        }

    def _resident_basic(self, month: int, years: float) -> dict[str, float]:
        world, place = self.world, self.hukou
        return {
            "resident_basic": float(streams.resident_basic_at(world, place, month)),
            "year_premium": float(streams.premium_at(world, place, years, month, None)),
            "age_supplement": float(streams.supplement_at(world, place, self.birth, month)),
        }

    # ---- death

    def heirs(self, month: int) -> dict[str, Any]:
        """What a death in ``month`` leaves: accounts, grants, annuities; None and a reason where nobody knows."""
        before = month < self.award
        settled = self.settled(month, month) if before else self.awarded
        accounts = self._accounts_before(settled) if before else self._accounts_after(month)
        if self._is_employee(settled, before):
            grants = self._employee_grants(settled, month, before)
        else:
            grants = self._resident_grants(settled, month, before)
        found = [*accounts.values(), *grants.values()]
        bequests = [self._bequest(n, annuity, month) for n, annuity in enumerate(self.questions.annuities)]
        parts = [*found, *bequests]
        unknown = [part["reason"] for part in parts if part["amount"] is None]
        known = sum(part["amount"] for part in parts if part["amount"] is not None)
        return {
            "month": month_text(month),
            "before_award": before,
            "credited_months": int(settled.months),
            "accounts": accounts,
            "grants": grants,
            "annuities": bequests,
            "known": float(known),
            "total": None if unknown else float(known),
            "undefined": unknown,
        }

    def _is_employee(self, settled: Settled, before: bool) -> bool:
        return settled.months > 0.0 if before else self.route in _EMPLOYEE_ROUTES

    def _accounts_before(self, settled: Settled) -> dict[str, dict[str, Any]]:
        """Accounts of somebody who dies before the award, as they then stand."""
        of_employee, of_resident = settled.employee_account, self._resident_balance(settled)
        return {
            "employee": self._inherited(settled.month, of_employee, settled, settled.relation),
            "resident": self._inherited_resident(settled.month, of_resident, settled),
        }

    def _accounts_after(self, month: int) -> dict[str, dict[str, Any]]:
        """Accounts in payment, or waiting for payment; nothing is left after a withdrawal."""
        of_employee = self.employee_account.at(month) if self.employee_account else 0.0
        return {
            "employee": self._inherited(month, of_employee, self.awarded, self.place),
            "resident": self._inherited_resident(month, self._resident_account_at(month), self.awarded),
        }

    def _inherited(self, month: int, balance: float, settled: Settled, place: int) -> dict[str, Any]:
        payer = _code(place) if place >= 0 else None
        if month >= self.rules.month("employee_account_whole_from") or balance == 0.0:
            return known(balance, balance=balance, payer=payer, rule="the whole balance")
        if self.route == award_fields.ROUTE_TO_EMPLOYEE and settled is self.awarded:
            reason = "before 2011-07 only the own part was inheritable, and resident money is in this account"
            return undefined(RESIDENT_MONEY_INSIDE, reason, balance=balance, payer=payer)
        amount = law_of(survivors.own_part_inherited)(balance, self._own_share(settled))
        return known(amount, balance=balance, payer=payer, rule="own contributions only")

    def _inherited_resident(self, month: int, balance: float, settled: Settled) -> dict[str, Any]:
        payer = _code(self.hukou)
        if month >= self.rules.month("resident_account_whole_from") or balance == 0.0:
            return known(balance, balance=balance, payer=payer, rule="the whole balance")
        amount = law_of(survivors.inherited_without_subsidy)(balance, self._subsidy_share(settled))
        return known(amount, balance=balance, payer=payer, rule="without the subsidies")

    def _employee_grants(self, settled: Settled, month: int, before: bool) -> dict[str, dict[str, Any]]:
        """Funeral and bereavement grant of the employee scheme, paid by the place of the relation or of the claim."""
        rules = self.rules
        place = settled.relation if before else self.place
        payer = {"payer": _code(place)}
        credited = settled.months
        years = rules.whole("bereavement_full_years")
        band = rules.band("bereavement_months", credited / 12.0)
        most = rules.number("bereavement_most_months")
        months = law_of(survivors.bereavement_months)(credited, band, 12.0 * years, most)
        if not before:
            least = rules.number("bereavement_least_months_retired")
            months = law_of(survivors.retired_bereavement_months)(months, float(month - self.award), least)
        months = float(months)
        first = rules.month("grants_from")
        reason, code = None, GRANTS_NOT_HELD
        if month < first:
            reason = f"deaths before {month_text(first)} fall under provincial rules that are not held"
        elif self.questions.disposable_income is None:
            reason = f"urban disposable income of {_code(place)} in {month // 12 - 1} is not given (disposable_income)"
            code = NO_DISPOSABLE_INCOME
        if reason is not None or self.questions.disposable_income is None:
            text = str(reason)
            bereavement = undefined(code, text, months=months, **payer)
            return {"funeral": undefined(code, text, **payer), "bereavement": bereavement}
        q = self.questions.disposable_income / 12.0
        funeral = float(law_of(survivors.funeral_grant)(q, rules.number("funeral_grant_months")))
        grant = float(law_of(survivors.bereavement_grant)(q, months))
        if credited < 12.0 * rules.whole("short_career_years"):
            own = self._own_contributions(settled)
            capped = float(law_of(survivors.short_career_grants)(funeral + grant, own))
            cap = {"own_contributions": own, "uncapped": funeral + grant}
            return {"funeral_and_bereavement": known(capped, months=months, **cap, **payer)}
        return {"funeral": known(funeral, **payer), "bereavement": known(grant, months=months, **payer)}

    def _resident_grants(self, settled: Settled, month: int, before: bool) -> dict[str, dict[str, Any]]:
        """Funeral grant of the resident scheme where a dated figure is known; there is no bereavement grant."""
        payer = {"payer": _code(self.hukou)}
        if not before and self.route == award_fields.ROUTE_WITHDRAWAL:
            return {
                "funeral": undefined(
                    AFTER_WITHDRAWAL, "the relation ended with the withdrawal: no rule was found", **payer
                )
            }
        if settled.summary[cells.RESIDENT_RECORDS] == 0.0 and before:
            return {}
        code = _code(self.hukou)
        months = self.rules.at_place("resident_funeral_months", code, month // 12)
        if months is None:
            reason = f"the funeral grant of residents is local; no dated figure of {code} is known"
            return {"funeral": undefined(LOCAL_GRANT, reason, **payer)}
        basic = float(streams.resident_basic_at(self.world, self.hukou, month))
        amount = float(law_of(survivors.resident_funeral_grant)(basic, months))
        status = self.rules.status("resident_funeral_months")
        return {"funeral": known(amount, months=months, status=status, **payer)}

    # ---- disability

    def disabled(self, month: int) -> dict[str, Any]:
        """The disability allowance claimed in ``month``, paid from the month after; contributions end there."""
        rules = self.rules
        settled = self.settled(month, month, schemes=(0, 1))
        if settled.months == 0.0:
            return undefined(
                NO_EMPLOYEE_MONTH, "the allowance belongs to the employee scheme, and no month is counted in it"
            )
        minimum = float(self.tables.minimum_months[month // 12 - FIRST_YEAR])
        near = rules.whole("disability_near_months")
        case = int(law_of(disability.disability_case)(settled.months, minimum, month, self.statutory, near))
        components = _components(settled.result, case == disability.CASE_PENSION)
        monthly = sum(components.values())
        if not np.isfinite(monthly):
            return undefined(award_fields.UNKNOWN_PARAMETER, award_fields.STATUS_TEXT[award_fields.UNKNOWN_PARAMETER])
        place = int(settled.result[award_fields.PLACE])
        out: dict[str, Any] = {
            "month": month_text(month),
            "case": case,
            "rule": disability.CASE_TEXT[case],
            "place": _code(place),
            "credited_months": int(settled.months),
            "minimum_months": int(minimum),
            "average_index": float(settled.result[award_fields.INDEX]),
            "calculation_base": float(self.tables.calculation_base[place, month // 12 - FIRST_YEAR]),
            "first_payment": month_text(month + 1),
            "components": components,
            "amount": monthly,
        }
        if case == disability.CASE_BASIC:
            again = int(law_of(disability.recomputed_month)(self.statutory, near))
            parts = _components(self.settled(month, again, schemes=(0, 1)).result, True)
            out["recomputed"] = {"month": month_text(again), "components": parts, "amount": sum(parts.values())}
        if case == disability.CASE_LIMITED:
            figures = [rules.whole(f"disability_{n}") for n in ("short_months", "first_months", "months_per_year")]
            months = int(law_of(disability.allowance_months)(settled.months, *figures))
            out["months"] = months
            out["total_at_first_amount"] = float(law_of(disability.allowance_total)(monthly, months))
            out["last_payment"] = month_text(min(month + months, self.statutory))
        return out

    # ---- both pensions at once

    def double_benefit(self, claim: int) -> dict[str, Any]:
        """An employee pension beside a resident one drawn since ``claim``: what is repaid and set off if it is found
        in each December (人社部发〔2014〕17号 art. 8). The resident account does not join the employee one then."""
        if self.route not in _EMPLOYEE_ROUTES:
            return undefined(NO_EMPLOYEE_PENSION, "no employee pension is awarded, so nothing is drawn twice")
        alone = self.settled(self.award, self.award, schemes=(0, 1))
        settled = self.settled(claim - 1, claim - 1)
        balance, share = self._resident_balance(settled), self._subsidy_share(settled)
        payment = float(law_of(resident.resident_account_pension)(balance))
        account = Account(balance, claim - 1, payment, self.tables.resident_rate[self.hukou])
        years = float(law_of(bridging.whole_years)(0.0, settled.summary[cells.PREMIUM_MONTHS]))
        first = max(claim, self.award + 1)
        rows, drawn, months = [], 0.0, 0
        for month in range(first, self.last + 1):
            drawn += sum(self._resident_basic(month, years).values()) + payment
            months += 1
            if month % 12 != 11:
                continue
            repayment = float(law_of(bridging.double_benefit_repayment)(drawn, payment * months))
            left = account.at(month)
            refund = float(law_of(bridging.double_benefit_balance)(left, share))
            set_off = float(law_of(bridging.double_benefit_set_off)(repayment, refund))
            rows.append(
                {
                    "found": month_text(month),
                    "months": months,
                    "drawn": drawn,
                    "repayment": repayment,
                    "balance": left,
                    "balance_without_subsidy": refund,
                    "set_off_against_balance": set_off,
                    "balance_paid_out": refund - set_off,
                    "set_off_against_pension": float(law_of(bridging.double_benefit_due)(repayment, set_off)),
                }
            )
        return {
            "resident_claim": month_text(claim),
            "overlap_begins": month_text(first),
            "subsidy_share": share,
            "employee_monthly": float(alone.result[award_fields.MONTHLY]),
            "order": "basic pension repaid; else set off against the account, then against the employee pension",
            "by_december": rows,
        }

    # ---- annuities

    def _annuity(self, annuity: Annuity, month: int) -> tuple[float, float, float]:
        """(own money, employer's money vested, employer's money forfeited) at the end of a month at which the member
        retires, dies or is disabled; who left the plan earlier took along what had vested."""
        left = annuity.end if annuity.end is not None and annuity.end < month else None
        returns = self._return(annuity)[0]
        own = employer = lost = 0.0
        for t in range(annuity.start, month + 1):
            paying = left is None or t <= left
            own, employer = (
                float(law_of(annuities.annuity_balance)(balance, annuity.base * rate if paying else 0.0, returns))
                for balance, rate in ((own, annuity.employee_rate), (employer, annuity.employer_rate))
            )
            if t == left:
                share = float(law_of(annuities.vested_share)(t - annuity.start + 1, annuity.vesting_years))
                lost = employer * (1.0 - share)
                employer *= share
        return own, employer, lost

    def _return(self, annuity: Annuity) -> tuple[float, str]:
        """Return a year and who says so."""
        if annuity.return_rate is not None:
            return annuity.return_rate, "given"
        table = self.parameters.files["scenario.employee_book_rate"]
        return table.number(table.scalar()), "assumption: the book rate of the scenario"

    def annuity(self, number: int, annuity: Annuity) -> dict[str, Any]:
        """One annuity: at a change of job, at the award, and how it can be paid out."""
        own, employer, lost = self._annuity(annuity, self.award)
        balance = own + employer
        returns, status = self._return(annuity)
        occupational = annuity.kind == riders.OCCUPATIONAL
        out: dict[str, Any] = {
            "kind": annuity.kind,
            "start": month_text(annuity.start),
            "end": month_text(self.award if annuity.end is None else annuity.end),
            "return_rate": returns,
            "return_status": status,
            "at_award": {"own": own, "employer": employer, "balance": balance, "forfeited": lost},
        }
        if annuity.end is not None and annuity.end < self.award:
            out["job_change"] = self._job_change(number, annuity)
        months = float(self.row[val.ANNUITY])
        payout: dict[str, Any] = {"annuity_months": months, "monthly": self._annuity_payment(balance, months)}
        if occupational:
            for name in ("instalments", "lump_sum"):
                payout[name] = None
            payout["reason"] = "for occupational annuities only the monthly payout is held"
        else:
            chosen = annuity.instalments
            payout["instalments"] = (
                {"number": chosen, "amount": self._annuity_payment(balance, chosen)} if chosen else None
            )
            payout["lump_sum"] = balance
        out["payout"] = payout
        disabled = self.questions.disability
        if disabled is not None and disabled >= annuity.start:
            parts = self._annuity(annuity, disabled)
            out["at_disability"] = {"own": parts[0], "employer": parts[1], "forfeited": parts[2]}
        return out

    def _job_change(self, number: int, annuity: Annuity) -> dict[str, Any]:
        """What a member takes along who leaves the plan before the award."""
        end = int(annuity.end or 0)
        own, employer, _ = self._annuity(annuity._replace(end=None), end)
        share = float(law_of(annuities.vested_share)(end - annuity.start + 1, annuity.vesting_years))
        later = [a for n, a in enumerate(self.questions.annuities) if n != number and a.start > end]
        return {
            "month": month_text(end),
            "own": own,
            "employer": employer,
            "vested_share": share,
            "taken_along": own + share * employer,
            "forfeited": (1.0 - share) * employer,
            "goes_to": "the new plan" if later else "a holding account (保留账户) or the old manager",
            "cash_from_former_fiscal_level": employer if annuity.notional else 0.0,
        }

    def _annuity_payment(self, balance: float, payments: float) -> float:
        return float(law_of(annuities.annuity_payment)(balance, payments))

    def _bequest(self, number: int, annuity: Annuity, month: int) -> dict[str, Any]:
        """What heirs receive of one annuity: everything vests at death; after the award what is not yet paid out."""
        about = {"annuity": number + 1, "kind": annuity.kind}
        own, employer, _ = self._annuity(annuity, min(month, self.award))
        balance = own + employer
        if month > self.award:
            payment = self._annuity_payment(balance, annuity.instalments or float(self.row[val.ANNUITY]))
            for _ in range(month - self.award):
                left = float(law_of(annuities.annuity_balance)(balance, -payment, self._return(annuity)[0]))
                balance = max(0.0, left)
        return known(balance, **about)

    # ---- public sector

    def public_sector(self) -> dict[str, Any] | None:
        """Months in public-sector posts: what moves with them, and what cannot be said; None without any."""
        first = self.rules.month("annuity_occupational_from")
        months, bases, before = 0, 0.0, 0
        for record, month, _, _ in paid_months(self.awarded.arrays):
            if self.h.flags[record] & schema.FLAG_PUBLIC:
                months += month >= first
                before += month < first
                bases += float(self.awarded.arrays.base[record]) if month >= first else 0.0
        if months + before == 0:
            return None
        moved = law_of(annuities.public_transfer)(self.rules.number("public_transfer_rate"), bases)
        out: dict[str, Any] = {
            "months_since_reform": months,
            "months_before_reform": before,
            "bases_since_reform": bases,
            "pooled_transfer": known(moved, rule="moves when the member leaves for an enterprise or another area"),
            "make_up": undefined(NOT_HELD, "the coefficient of the occupational make-up was not found in a text"),
        }
        if before and first <= self.award <= self.rules.month("public_transition_until"):
            share = law_of(annuities.public_transition_share)(
                self.award // 12, first // 12, self.rules.number("public_transition_step")
            )
            out["transition_share"] = float(share)
            out["transition"] = undefined(NOT_HELD, "the pension by the old method (a post's pay table) is not given")
        return out


def _components(result: Any, whole: bool) -> dict[str, float]:
    """Components of a disability allowance: those of the pension, or the basic one only."""
    basic = {"basic": float(result[award_fields.BASIC])}
    if not whole:
        return basic
    return basic | {
        "account": float(result[award_fields.ACCOUNT]),
        "transitional": float(result[award_fields.TRANSITIONAL]),
    }


def _code(position: int) -> int:
    return schema.PLACES[position][0]
