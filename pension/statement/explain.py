"""One person explained: history as the schemes see it, claim place, every formula with its numbers, the loss, choices.

Every number comes from the trace that the compiled code wrote while it settled the person, or from its cells; nothing
is computed again here but percentages and differences of printed results. ``statement_text`` prints it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pension import accounting, losses, schema
from pension.afterwards.one_person import afterwards
from pension.award_forms import form as award_forms
from pension.checks import access as dated_access
from pension.choice.one_history import OneHistory, difference, values_of
from pension.choice.one_person import months_of, one_person
from pension.choice.open_choices import choices_of
from pension.engine import Engine, Entitlements, Settled, by_plan
from pension.errors import InputError, refuse
from pension.inputs.riders import LineOf, Riders, Rules, require_possible
from pension.kernels import award_fields, cells
from pension.kernels import valuation as val
from pension.kernels.cells import TRACE_COLUMNS
from pension.law import bridging, employee, registry, resident, transfer
from pension.pools.flows import person_flows
from pension.schema import month_text
from pension.statement.text import statement_text
from pension.statement.wealth import further_measures, wealth_of
from pension.statement.words import COMPONENTS, check_language
from pension.tables import usage
from pension.tables.dense import FIRST_YEAR, TRANSITION_SHAPE
from pension.variants.base_provisions import CAREER, RECORDED, Plan

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters, Value

DEFAULT_REGIMES: Final = ("current", "current_paying", "segmented", "fair")
NOTICE: Final = "A research estimate, no official determination."

_OF_EMPLOYEE: Final = ("basic", "account", "transitional")
_OF_RESIDENT: Final = ("resident_basic", "year_premium", "age_supplement", "resident_account")
_DESIGNED: Final = ("points", "rights", "ndc")
_FIELDS: Final = {
    **{name: award_fields.RESULT_NAMES.index(name) for name in COMPONENTS},
    "resident_account": award_fields.RESIDENT_ACCOUNT_PENSION,
}
"""Field of a result that holds each component."""
_EMPLOYEE_ROUTES: Final = (award_fields.ROUTE_EMPLOYEE, award_fields.ROUTE_RETAIN, award_fields.ROUTE_TO_EMPLOYEE)
_CLASSES: Final = ("deemed", "late", "temporary", "ordinary")
_FORM_NAMES: Final = {number: name for name, number in schema.FORM.items()}
_MONTH_ARGUMENTS: Final = ("birth", "first_month", "statutory", "first_birth")
_PLACE_ARGUMENTS: Final = ("place", "hukou")
CAUSE_SOURCE: Final = {
    "flat_base": "国办发〔2009〕66号 art. 7",
    "earnings_base": "国办发〔2009〕66号 art. 7",
    "index_wage": "国办发〔2009〕66号 art. 7",
    "vesting": "Social Insurance Law art. 16",
    "resident_years": "人社部发〔2014〕17号 art. 5",
    "pooled_on_exit": "人社部发〔2014〕17号 art. 6",
    "overlap": "人社部发〔2014〕17号 art. 7",
    "temporary_accounts": "国办发〔2009〕66号 art. 5 (2)",
    "late_backpayments": "人社部规〔2016〕5号; 人社厅发〔2019〕94号",
    "claim_place": "国办发〔2009〕66号 art. 6",
    "route_choice": "人社部发〔2014〕17号 art. 3",
    "revaluation": "国发〔2005〕38号 art. 6",
    "design": "国发〔2005〕38号 art. 6",
    "hold_harmless": "no rule in force",
    "citizen_floor": "no rule in force",
    "floor": "劳办发〔1997〕116号; 国办发〔2019〕13号",
    "income": "劳办发〔1997〕116号; 国办发〔2019〕13号",
    "payer": "国发〔2005〕38号 art. 4",
    "enrolment": "Social Insurance Law art. 10",
    "exit_before_2010": "国办发〔2009〕66号 art. 3",
}
"""The rule in force behind each provision to which a loss is attributed."""
_MOVE_DETAILS: Final = (
    "months",
    "liability_origin",
    "liability_destination",
    "origin_gain",
    "destination_burden",
    "member_loss",
    "stays",
    "neutral_rate",
)
"""What a move between provinces says beside the money; null for other moves."""
_VALUE_NAMES: Final = {
    award_fields.REFUND: "refund of overlapped or dropped months",
    award_fields.BASIC: "basic and transitional pension",
    award_fields.ACCOUNT: "account pension",
    award_fields.EMPLOYEE_ACCOUNT: "account left to heirs",
    award_fields.LUMP_SUM: "lump sum",
    award_fields.BACKPAY: "resident years paid back at the award (deducted)",
    award_fields.RESIDENT_BASIC: "resident basic pension (share; the factor holds its amounts)",
    award_fields.YEAR_PREMIUM: "year premium (share; the factor holds its amounts)",
    award_fields.AGE_SUPPLEMENT: "age supplements (share; the factor holds their amounts)",
    award_fields.RESIDENT_ACCOUNT_PENSION: "resident account pension",
    award_fields.RESIDENT_BALANCE: "resident account left to heirs",
    award_fields.DIED_BEFORE_AWARD: "accounts left by a death before the award",
    award_fields.CITIZEN: "citizen pension",
    award_fields.SURRENDERED: "refund when a province was left before 2010",
}
_DESIGN_VALUE: Final = "pension by the regime's design, and transitional pension"


@dataclass(frozen=True)
class Statement:
    """The explanation of one person: ``data`` as in the JSON contract, and its text."""

    data: dict[str, Any]
    lang: str = "en"

    def json(self) -> str:
        """The statement as JSON with ASCII keys."""
        return json.dumps(self.data, ensure_ascii=False, indent=2, allow_nan=False)

    def text(self) -> str:
        """The statement in plain words, in the language asked for."""
        return statement_text(self.data, self.lang)


def explain(
    source: Histories | str | os.PathLike[str],
    regimes: Sequence[str | accounting.Regime] = DEFAULT_REGIMES,
    *,
    parameters: Parameters | None = None,
    lang: str = "en",
    access: str = "report",
    conventions: str | None = None,
    riders: Riders | None = None,
) -> Statement:
    """Explain one person: a case file, or histories of one person.

    ``regimes`` names, files or objects; losses compare the first one with each of the others. ``lang`` is the language
    of the text, ``en`` or ``zh``. ``access`` of ``pension.checks.access.MODES``: contributions paid where the scheme
    was closed are listed, refused or not looked for. ``conventions`` (``province`` or ``exact``) adds the award form of
    the claim place under the first regime. ``riders`` ask about death, disability and annuities where histories are
    given; a case file holds its own. Raises ``InputError`` for bad input, and where the first regime has no result (an
    early claim that no minimum months support); of the other regimes those without one are told with the reason.
    """
    from pension.parameters import load

    check_language(lang)
    dated_access.mode_of(access)
    if conventions not in (None, *award_forms.CHOICES):
        raise refuse(f"one of {', '.join(award_forms.CHOICES)}", column="conventions", value=conventions)
    parameters = parameters if parameters is not None else load()
    histories, riders, line_of = _opened(source, riders, parameters)
    engine = Engine(parameters, regimes)
    statutory, earliest, award, _ = engine.award_months(histories.arrays)
    histories.require(statutory, earliest)
    require_possible(riders, int(statutory[0]), int(award[0]), line_of, file=histories.source.file or "case.toml")
    if access == "error":
        dated_access.require(histories, parameters)
    explanation = _Explanation(engine, histories, riders)
    undefined = explanation.undefined
    if (first := engine.regimes[0].name) in undefined:
        raise refuse(f"no result under {first}: {undefined[first]}", column="claim")
    if undefined:
        defined = [regime for regime in engine.regimes if regime.name not in undefined]
        explanation = _Explanation(Engine(parameters, defined), histories, riders)
    data = {**explanation.data(), "undefined": undefined}
    if access == "report":
        data["access"] = dated_access.access_report(histories, 0, parameters)
    if conventions is not None:
        data["award_form"] = explanation.award_form(conventions)
    return Statement(data, lang)


def _opened(
    source: Histories | str | os.PathLike[str], riders: Riders | None, parameters: Parameters
) -> tuple[Histories, Riders, LineOf | None]:
    """One person, what is asked about the time after the award, and where it stands in the file."""
    from pension.histories import Histories
    from pension.inputs.case_file import open_case
    from pension.inputs.opening import Lookups

    if isinstance(source, Histories):
        return one_person(source, parameters), riders or Riders(), None
    if riders is not None:
        raise refuse("a case file holds its own questions ([person], [[annuity]])", column="riders")
    lookups = Lookups(parameters.tables)
    case = open_case(
        source,
        reference_wage=lookups.reference_wage,
        statutory_month=lookups.statutory_month,
        rules=Rules(parameters.files),
    )
    return case.histories, case.riders, case.line_of


class _Explanation:
    """The trace of one person, and what is read from it."""

    def __init__(self, engine: Engine, histories: Histories, riders: Riders) -> None:
        self.engine, self.parameters = engine, engine.parameters
        self.histories, self.riders = histories, riders
        self.recorded = OneHistory.of(engine, RECORDED, histories.arrays)
        self.traces = np.zeros((len(engine.regimes), 400, TRACE_COLUMNS))
        self.results = np.empty((len(engine.regimes), award_fields.N_RESULTS))
        self.plans = by_plan(engine.regimes)
        self.behind = [self.recorded] * len(engine.regimes)
        """The history behind each regime."""
        self.columns: list[dict[str, Any]] = [{} for _ in engine.regimes]
        """All columns of each regime, those of wealth too."""
        self.digests: dict[Plan, tuple[Any, Any]] = {}
        """Cells and steps of each history."""
        for plan, members in self.plans.items():
            history = self.recorded if plan == RECORDED else OneHistory.of(engine, plan, histories.arrays)
            steps, traces = history.new_digest_trace(), self.traces[members]
            scratch, self.results[members] = history.settle([engine.regimes[k] for k in members], steps, traces)
            self.traces[members] = traces
            self.digests[plan] = scratch, steps
            for k, columns in zip(members, history.wealth(self.results[members]), strict=True):
                self.behind[k], self.columns[k] = history, columns
            for trace in (history.trace, steps, *traces):
                if trace[0, 0] >= trace.shape[0]:
                    raise RuntimeError("the trace is longer than its memory")
        # The history that the first regime rests on is the one told in full.
        self.history = self.behind[0]
        self.h, self.world, self.row = self.history.h, self.history.world, self.history.row
        self.award, self.statutory = self.history.award, self.history.statutory
        self.scratch, self.digest_trace = self.digests[engine.regimes[0].plan]
        self.summary = self.scratch.summary
        status = (int(code) for code in self.results[:, award_fields.STATUS])
        self.undefined = {
            regime.name: award_fields.STATUS_TEXT[code]
            for regime, code in zip(engine.regimes, status, strict=True)
            if code != award_fields.DEFINED
        }
        """Why there is no result, by regime; only without any there are parts of a statement."""

    # ---- parts of the contract

    def data(self) -> dict[str, Any]:
        first = self.results[0]
        out: dict[str, Any] = {
            "notice": NOTICE,
            "person": self._person(),
            "summary": self._summary(),
            "claim": self._claim(first),
            "regimes": {r.name: self._regime(r, k) for k, r in enumerate(self.engine.regimes)},
            "losses": self._losses(),
            "transfers": self._transfers(first),
            "history": self._history(),
            "steps": self._steps(),
            "choices": self._choices(),
            "afterwards": self._afterwards(),
            "parameters": self._parameters(),
        }
        out["answer"] = _answer(out)
        return _clean(out)

    def _choices(self) -> dict[str, Any]:
        """What can still be chosen under the first regime, over the history that it rests on."""
        first = self.engine.regimes[0].over_records()
        return choices_of(Engine(self.parameters, [first]), replace(self.histories, arrays=self.h))

    def _afterwards(self) -> dict[str, Any]:
        """What follows the award under the law in force; the reason where the law awards nothing."""
        _, results = self.recorded.settle([accounting.Regime.named("current")])
        status = int(results[0, award_fields.STATUS])
        if status != award_fields.DEFINED:
            return {"reason": award_fields.STATUS_TEXT[status]}
        return afterwards(self.histories, self.riders, parameters=self.parameters)

    def award_form(self, conventions: str) -> dict[str, Any]:
        """The employee parts under the first regime as the claim place's form prints them, or why there is none."""
        regime, result = self.engine.regimes[0], self.results[0]
        if int(result[award_fields.ROUTE]) not in _EMPLOYEE_ROUTES:
            return {"reason": "an award form is of an employee pension, and none is awarded"}
        law = {name: regime.choice(name) for name in ("flat_base", "earnings_base", "revaluation", "design")}
        whole = float(result[award_fields.EMPLOYEE_MONTHS])
        basics = [s for s in self._steps_of(self.traces[0], regime) if s["what"] == "basic_pension"]
        ordinary = all(choice == accounting.PROVISIONS[name][0] for name, choice in law.items())
        if not ordinary or len(basics) != 1 or basics[0]["values"]["contribution_months"] != whole:
            return {"reason": f"an award form is of one claim place's own method, and {regime.name} settles otherwise"}
        try:
            form = award_forms.award_form(
                schema.PLACES[int(result[award_fields.PLACE])][0],
                award=month_text(self.award),
                average_index=float(result[award_fields.INDEX]),
                account_balance=float(result[award_fields.EMPLOYEE_ACCOUNT]),
                months=int(whole),
                calculation_base=basics[0]["values"]["calculation_base"],
                annuity_months=float(self.world.awards[self.row, val.ANNUITY]),
                conventions=conventions,
                parameters=self.parameters,
                **self._transition(),
            )
        except InputError as error:  # everything given stands in the trace, so something of the form's own is missing
            missing = "; ".join(f"{problem.column}: {problem.rule}" for problem in error.problems)
            return {"reason": f"the form needs what a statement does not hold: {missing}"}
        return _clean(form.data())

    def _transition(self) -> dict[str, Any]:
        """Months, index and coefficient of the transitional pension as the trace of the first regime says."""
        place = int(self.results[0, award_fields.PLACE])
        shape = int(self.parameters.tables.transition_shape[place])
        beijing, fixed_index = (shape == TRANSITION_SHAPE[name] for name in ("beijing", "fixed_index"))
        steps = self._steps_of(self.traces[0], self.engine.regimes[0])
        parts = [s["values"] for s in steps if s["what"] in ("transitional_pension", "mean_transitional_pension")]
        months = sum(v.get("deemed_months", v.get("months")) for v in parts)
        slots = range(int(self.summary[cells.N_SLOTS]))
        deemed = sum(float(self.scratch.cells[slot, cells.DEEMED, cells.MONTHS]) for slot in slots)
        found: dict[str, Any] = {"deemed_months": int(deemed if beijing else months)}
        if beijing:
            found["early_paid_months"] = int(months - deemed)
        if parts:
            found["transition_coefficient"] = parts[-1]["coefficient"]
            if not fixed_index and (not beijing or months > deemed):
                found["transition_index"] = parts[-1]["index"]
        return found

    def _person(self) -> dict[str, Any]:
        h, s = self.h, self.summary
        names = {v: k for k, v in schema.SEX.items()}
        categories = {v: k for k, v in schema.RETIREMENT_CATEGORY.items()}
        types = {v: k for k, v in schema.HUKOU_TYPE.items()}
        return {
            "sex": names[int(h.sex[0])],
            "birth": month_text(int(h.birth[0])),
            "hukou": schema.PLACES[int(s[cells.HUKOU])][0],
            "hukou_type": types[int(h.hukou_type[0])],
            "retirement_category": categories[int(h.retirement_category[0])],
            "stars": self._stars(),
            "resident_years": int(s[cells.RESIDENT_RECORDS]),
            "overlap_months": int(s[cells.OVERLAP_MONTHS]),
            "dropped_months": int(s[cells.DROPPED_MONTHS]),
        }

    def _stars(self) -> int:
        """Severity group, of the history as recorded."""
        if RECORDED in self.digests:
            return int(self.digests[RECORDED][0].summary[cells.STARS])
        scratch, _ = self.recorded.settle([accounting.Regime.named("current")])
        return int(scratch.summary[cells.STARS])

    def _summary(self) -> dict[str, Any]:
        """The history by scheme and place, what does not count under the first regime, and the gaps."""
        h, claim = self.h, int(self.results[0, award_fields.PLACE])
        kept = self.engine.regimes[0].choice("late_backpayments") == "kept"
        out = []
        for slot in range(int(self.summary[cells.N_SLOTS])):
            place = int(self.scratch.place_of[slot])
            here = [schema.province_of(int(code)) == schema.PLACES[place][0] for code in h.place]
            records = np.flatnonzero((h.scheme == 1) & np.array(here))
            spans = months_of(h, records)
            months = {name: int(self.scratch.cells[slot, k, cells.MONTHS]) for k, name in enumerate(_CLASSES)}
            stranded = 0 if kept or place == claim else months["late"]
            out.append(
                {
                    "scheme": "employee",
                    "place": schema.PLACES[place][0],
                    "first": month_text(min(spans)),
                    "last": month_text(max(spans)),
                    "recorded_months": len(spans),
                    "counted_months": sum(months.values()) - stranded,
                    "stranded_months": stranded,
                    # Paid elsewhere in the same month: one place counts, the other's account is refunded.
                    "dropped_months": len(spans) - sum(months.values()),
                    "classes": months,
                }
            )
        residents = np.flatnonzero(h.scheme == 2)
        if residents.size:
            overlap = int(self.summary[cells.OVERLAP_MONTHS])
            out.append(
                {
                    "scheme": "resident",
                    "place": schema.PLACES[int(self.summary[cells.HUKOU])][0],
                    "first": str(h.year[residents].min()),
                    "last": str(h.year[residents].max()),
                    "years": int(residents.size),
                    "counted_months": int(self.summary[cells.RESIDENT_MONTHS]),
                    "overlap_months": overlap,
                }
            )
        paid = months_of(h, np.flatnonzero(h.scheme != 0))
        gaps = _spans([month for month in range(min(paid), self.award + 1) if month not in paid])
        return {
            "schemes": out,
            "gaps": [{"first": month_text(a), "last": month_text(b), "months": b - a + 1} for a, b in gaps],
            "temporary": self._temporary(),
        }

    def _temporary(self) -> list[dict[str, Any]]:
        """Places that are temporary accounts, with the test that says so (or the agency's own decision)."""
        out = []
        for step in self._steps_of(self.digest_trace):
            if step["what"] == "is_temporary_account" and step["result"] == 1:
                v = step["values"]
                age = schema.month_serial(v["first_month"]) - schema.month_serial(v["birth"])
                out.append(
                    {
                        "place": step["place"],
                        "hukou": v["hukou"],
                        "first_month": v["first_month"],
                        "age_months": age,
                        "age_limit": 50 if v["sex"] == 1 else 40,
                        "source": step["source"],
                    }
                )
        derived = [row["place"] for row in out]
        for slot in range(int(self.summary[cells.N_SLOTS])):
            code = schema.PLACES[int(self.scratch.place_of[slot])][0]
            if self.scratch.cells[slot, cells.TEMPORARY, cells.MONTHS] and code not in derived:
                out.append({"place": code, "source": "by decision of the agency"})
        return out

    def _claim(self, result: Any) -> dict[str, Any]:
        a = self.world.awards[self.row]
        place, branch = int(result[award_fields.PLACE]), int(result[award_fields.BRANCH])
        return {
            "month": month_text(self.award),
            "statutory_month": month_text(self.statutory),
            "age_months": self.award - int(self.h.birth[0]),
            "annuity_months": float(a[val.ANNUITY]),
            "minimum_months": int(a[val.MINIMUM]),
            "employee_months": int(result[award_fields.EMPLOYEE_MONTHS]),
            "missing_months": max(0, int(a[val.MINIMUM] - result[award_fields.EMPLOYEE_MONTHS])),
            "resident_months": int(result[award_fields.RESIDENT_MONTHS]),
            "place": schema.PLACES[place][0] if place >= 0 else None,
            "route": award_fields.ROUTES[int(result[award_fields.ROUTE])],
            "branch": transfer.BRANCH_TEXT[branch],
            "branch_number": branch,
            "places": self._places(),
            "alternatives": self._alternatives(place),
        }

    def _alternatives(self, place: int) -> list[dict[str, Any]]:
        """What another claim place would pay under the first regime, where article 6 chose among several."""
        law = self.engine.regimes[0]
        pensioned = int(self.results[0, award_fields.ROUTE]) in _EMPLOYEE_ROUTES
        if not pensioned or law.choice("claim_place") != "article6":
            return []
        rules = {
            "last_ordinary": law.but("last", claim_place="last"),
            "last_even_temporary": law.but("last", claim_place="last", temporary_accounts="counted"),
            "hukou": law.but("hukou", claim_place="hukou"),
        }
        _, results = self.history.settle(list(rules.values()))
        out: list[dict[str, Any]] = []
        seen = {place}
        for rule, r in zip(rules, results, strict=True):
            other = int(r[award_fields.PLACE])
            if other in seen or int(r[award_fields.STATUS]) != award_fields.DEFINED:
                continue
            seen.add(other)
            out.append(
                {
                    "rule": rule,
                    "place": schema.PLACES[other][0],
                    "monthly": r[award_fields.MONTHLY],
                    "present_value": r[award_fields.PW],
                }
            )
        return out

    def _places(self) -> list[dict[str, Any]]:
        out = []
        for slot in range(int(self.summary[cells.N_SLOTS])):
            lines = self.scratch.cells[slot]
            months = {name: int(lines[k, cells.MONTHS]) for k, name in enumerate(_CLASSES)}
            last = int(lines[:, cells.LAST].max())
            place = int(self.scratch.place_of[slot])
            out.append(
                {
                    "place": schema.PLACES[place][0],
                    "months": months,
                    "last": month_text(last) if last else None,
                    "ten_year_months": (ten := sum(n for name, n in months.items() if name != "temporary")),
                    "months_to_ten_years": max(0, transfer.TEN_YEARS - ten),
                    "account": float(lines[cells.LATE :, cells.ACCOUNT].sum()),
                    "temporary": bool(self.scratch.temporary[slot] == 1),
                }
            )
        return out

    def _regime(self, regime: accounting.Regime, k: int) -> dict[str, Any]:
        result = self.results[k]
        route = int(result[award_fields.ROUTE])
        components = {name: float(result[_FIELDS[name]]) for name in COMPONENTS}
        starts: dict[str, str] = {}
        if route in _EMPLOYEE_ROUTES:
            designed = [name for name in _DESIGNED if name == regime.choice("design")]
            starts |= dict.fromkeys((*_OF_EMPLOYEE, *designed), month_text(self.behind[k].award + 1))
        if result[award_fields.RESIDENT_START] > 0:
            starts |= dict.fromkeys(_OF_RESIDENT, month_text(int(result[award_fields.RESIDENT_START])))
        if regime.choice("citizen_floor") != "none":
            starts["citizen"] = month_text(int(self.h.birth[0]) + 721)  # the month after the 60th birthday's
        dropped = float(self.digests[regime.plan][0].summary[cells.DROPPED_ACCOUNT])
        surrendered = sum(yuan for _, yuan in self.behind[k].refunds())
        replacement = float(result[award_fields.REPLACEMENT])
        return {
            "title": regime.title,
            "title_zh": regime.title_zh,
            "status": regime.status,
            "monthly": float(result[award_fields.MONTHLY]),
            "components": components,
            "starts": starts,
            "refunds": {
                "overlap": float(result[award_fields.REFUND]) - dropped - surrendered,
                "dropped_months": dropped,
                "surrender": surrendered,
            },
            "backpay": float(result[award_fields.BACKPAY]),
            "lump_sum": float(result[award_fields.LUMP_SUM]),
            "present_value": float(result[award_fields.PW]),
            "replacement_rate": replacement,
            **wealth_of(self.columns[k]),
            "route": award_fields.ROUTES[route],
            "place": schema.PLACES[int(result[award_fields.PLACE])][0] if result[award_fields.PLACE] >= 0 else None,
            "branch": transfer.BRANCH_TEXT[int(result[award_fields.BRANCH])],
            "branch_number": int(result[award_fields.BRANCH]),
            "account_balance": float(result[award_fields.EMPLOYEE_ACCOUNT]),
            "resident_balance": float(result[award_fields.RESIDENT_BALANCE]),
            "average_index": float(result[award_fields.INDEX]),
            "basis": self._basis(result),
            "history": difference(regime, self.behind[k], self.recorded),
        }

    def _losses(self) -> dict[str, Any]:
        out = {}
        a = self.results[0]
        regime = self.engine.regimes[0]
        per_month = self.world.awards[self.row, val.L1_MONTHS] * self.world.awards[self.row, val.PRICE]
        value = partial(values_of, self.engine, self.recorded.recorded)
        for k in range(1, len(self.engine.regimes)):
            b, reference = self.results[k], self.engine.regimes[k]
            lost = b[award_fields.PW] - a[award_fields.PW]
            own = {r.name: float(self.behind[j].contributions().own[0]) for j, r in ((0, regime), (k, reference))}
            of_net = regime.plan != reference.plan
            if of_net:
                lost -= own[reference.name] - own[regime.name]
            careers = regime.setting(CAREER) != reference.setting(CAREER)
            # A career is a reference to compare with, not a cause.
            parts = {} if careers else losses.attribution(regime, reference, value)
            out[f"{regime.name}->{reference.name}"] = {
                "monthly": b[award_fields.MONTHLY] - a[award_fields.MONTHLY],
                "present_value": lost,
                "of_net_wealth": of_net,
                "own_contributions": own,
                "careers_differ": careers,
                "present_value_monthly": lost / per_month,
                "ratio": float(losses.ratio(a[award_fields.PW], b[award_fields.PW])),
                "first_pension_ratio": float(losses.ratio(a[award_fields.MONTHLY], b[award_fields.MONTHLY])),
                "replacement_rate": b[award_fields.REPLACEMENT] - a[award_fields.REPLACEMENT],
                **further_measures(self.columns[0], self.columns[k]),
                "causes": {name: float(part) for name, part in parts.items()},
                "causes_detail": {
                    name: {
                        "present_value": float(part),
                        "monthly": part / per_month,
                        "ratio": part / b[award_fields.PW] if b[award_fields.PW] else None,
                        "group": losses.group_of(name),
                        "source": CAUSE_SOURCE[name],
                    }
                    for name, part in parts.items()
                },
            }
        return out

    def _transfers(self, result: Any) -> list[dict[str, Any]]:
        """Money moved under the first regime, one row for (kind, from, to), valued at the award; between provinces
        also the pension that the moved months are worth at the wages of either end, at R0, and who gains."""
        out = []
        claim = int(result[award_fields.PLACE])
        late_kept = self.engine.regimes[0].choice("late_backpayments") == "kept"
        hukou = int(self.summary[cells.HUKOU])
        codes = [code for code, _, _ in schema.PLACES]
        bridged = 0.0
        for slot in range(int(self.summary[cells.N_SLOTS])):
            place = int(self.scratch.place_of[slot])
            lines = self.scratch.cells[slot]
            counted = [k for k in range(4) if k != cells.LATE or late_kept or place == claim]
            account = float(sum(lines[k, cells.ACCOUNT] for k in counted if k != cells.DEEMED))
            pooled = float(sum(lines[k, cells.MOVED] for k in counted))
            bridged += account
            if place != claim and (account or pooled):
                out.append(_moved("66号", codes[place], codes[claim], account, pooled))
        at = int(self.summary[cells.AT_AWARD + cells.OF_PLACE])
        route = int(result[award_fields.ROUTE])
        if at >= 0 and at != hukou:
            s, rates = self.summary, self.parameters.tables.resident_rate
            rate = float(rates[at, self.award // 12 - FIRST_YEAR])
            balance = resident.resident_balance(
                s[cells.AT_AWARD], s[cells.AT_AWARD + cells.CREDIT], rate, self.award % 12 + 1
            )
            out.append(_moved("hukou", codes[at], codes[hukou], float(balance), 0.0))
        if route == award_fields.ROUTE_TO_RESIDENT and bridged:
            out.append(_moved("17号", codes[claim], codes[hukou], bridged, 0.0))
        if route == award_fields.ROUTE_TO_EMPLOYEE:
            merged = float(result[award_fields.EMPLOYEE_ACCOUNT]) - bridged
            out.append(_moved("17号", codes[hukou], codes[claim], merged, 0.0))
        found = person_flows(self.world, self.row, self.h, self.engine.regimes[0])
        for row in out:
            move = found.move(row["kind"], row["from"], row["to"])
            row |= {name: None if move is None else move[name] for name in _MOVE_DETAILS}
            if move is not None and row["kind"] == "66号":
                row["pooled"] = move["pooled"]  # by the regime's pooled_transfer
        return out

    def _history(self) -> list[dict[str, Any]]:
        """One row a record: what was paid, its index at the place and at the claim place, the money credited."""
        h, out = self.h, []
        steps = self.digest_trace[1 : int(self.digest_trace[0, 0]) + 1]
        claim = int(self.results[0, award_fields.PLACE])
        for record in range(h.year.size):
            place = schema.PLACE_INDEX.get(schema.province_of(int(h.place[record])), -1)
            mine = steps[steps[:, 1] == record]
            mask = int(h.months[record])
            deemed = bool(h.flags[record] & schema.FLAG_DEEMED)
            row: dict[str, Any] = {
                "year": int(h.year[record]),
                "scheme": next(k for k, v in schema.SCHEME.items() if v == h.scheme[record]),
                "form": _FORM_NAMES[int(h.form[record])],
                "place": schema.PLACES[place][0] if place >= 0 else None,
                "months": int(cells.POPCOUNT[mask]),
                "base": float(h.base[record]),
            }
            if h.scheme[record] == 1 and not deemed:
                for key, at in (("index", place), ("index_at_claim_place", claim)):
                    z = mine[(mine[:, 0] == employee.CONTRIBUTION_INDEX) & (mine[:, 2] == at)]
                    if len(z):
                        row["reference_wage" if key == "index" else "reference_wage_at_claim_place"] = z[0, 4]
                        row[key] = z[0, 9]
                credited = mine[mine[:, 0] == employee.CREDITED]
                row["account_rate"] = float(credited[:, 3].max()) if len(credited) else 0.0
                row["credited_with_interest"] = float(credited[:, 9].sum())
            elif deemed:
                row["scheme"], row["index"] = "deemed", float(h.base[record])
            elif h.scheme[record] == 2:
                credit = mine[mine[:, 0] == resident.RESIDENT_CREDIT]
                row |= {"subsidy": credit[0, 4], "collective": credit[0, 5], "credited": credit[0, 9]}
                balance = mine[mine[:, 0] == resident.RESIDENT_BALANCE]
                if len(balance):
                    row |= {"rate": balance[0, 5], "balance": balance[0, 9]}
                overlap = mine[mine[:, 0] == bridging.OVERLAP_REFUND]
                if len(overlap):
                    row |= {"overlap_months": int(overlap[0, 5]), "refund": overlap[0, 9]}
            out.append(row)
        return out

    def _steps(self) -> list[dict[str, Any]]:
        out = self._steps_of(self.digest_trace)
        for plan, members in self.plans.items():
            history, name = self.behind[members[0]], self.engine.regimes[members[0]].name
            out += self._steps_of(history.trace, where=f"records of {name}", h=self.recorded.h)
            if history is not self.history:
                out += self._steps_of(self.digests[plan][1], where=f"history of {name}", h=history.h)
        for regime, trace in zip(self.engine.regimes, self.traces, strict=True):
            out += self._steps_of(trace, regime)
        return out

    def _steps_of(
        self, trace: Any, regime: accounting.Regime | None = None, where: str = "history", h: Any = None
    ) -> list[dict[str, Any]]:
        """Steps of the settlement under a regime; without one those of a history, ``h`` its records."""
        steps = []
        for row in trace[1 : int(trace[0, 0]) + 1]:
            step = _step(row, where if regime is None else regime.name, self.h if h is None else h)
            designed = regime is not None and regime.choice("design") != "formula"
            if designed and step.get("of") == _VALUE_NAMES[award_fields.BASIC]:
                step["of"] = _DESIGN_VALUE
            if found := self._looked_up(step):
                step["parameters"] = found
            steps.append(step)
        return steps

    def _looked_up(self, step: dict[str, Any]) -> list[dict[str, Any]]:
        """The parameter values among the arguments of a step, with source and status."""
        place = step.get("place", schema.NATION)
        year, award_year = step.get("year", self.award // 12), self.award // 12
        claim, out = int(self.results[0, award_fields.PLACE]), []
        for name, value in step["values"].items():
            candidates: list[tuple[str, int, int | None]] = []
            match name:
                case "reference_wage":
                    candidates = [("reference_wage", place, year - 1)]
                case "book_rate":
                    table = "resident_rate" if step["what"] == "resident_balance" else "employee_rate"
                    candidates = [(table, place, year)]
                case "rate":
                    candidates = [("account_rate", place, 12 * year + month) for month in range(12)]
                case "calculation_base":
                    places = dict.fromkeys((place, schema.PLACES[claim][0], schema.NATION))
                    years = range(award_year, FIRST_YEAR - 1, -1)
                    candidates = [("calculation_base", p, y) for y in years for p in places]
                case "coefficient" | "coefficient_long":
                    candidates = [("transition_coefficient", place, None)]
                case "minimum_months":
                    candidates = [("minimum_months", schema.NATION, min(self.award, self.statutory) // 12)]
                case "annuity_months":
                    out.append(self._annuity_months(value))
            for table, at, period in candidates:
                found = self.parameters.provenance(table, at, period)
                # The value itself says that this is the one the formula read.
                if found.value == value:
                    out.append(_provenance(name, table, at, period, found))
                    break
        return out

    def _annuity_months(self, value: float) -> dict[str, Any]:
        table = self.parameters.files["annuity_months"]
        row = next(iter(table))
        return {
            "argument": "annuity_months",
            "table": table.name,
            "place": schema.NATION,
            "period": None,
            "value": value,
            "status": row.status,
            "source": row.source,
            "rule": "published",
        }

    def _basis(self, result: Any) -> list[dict[str, Any]]:
        """The resident basic pension behind an amount, which no step of the trace has as an argument."""
        start, hukou = int(result[award_fields.RESIDENT_START]), schema.PLACES[int(self.summary[cells.HUKOU])][0]
        if not start or not result[award_fields.RESIDENT_BASIC]:
            return []
        found = self.parameters.provenance("resident_basic", hukou, start)
        return [_provenance("resident_basic", "resident_basic", hukou, start, found)]

    def _parameters(self) -> dict[str, Any]:
        columns = [award_fields.RESULT_NAMES.index(name) for name in usage.NEEDED]
        values = np.ascontiguousarray(self.results[None][:, :, columns])
        settled = []
        for plan, members in self.plans.items():
            history = self.behind[members[0]]
            if plan != RECORDED:
                settled.append(
                    Settled(history.variant, np.array([history.award]), tuple(members), history.contributions)
                )
        nobody = np.zeros(1, dtype=np.int8)
        result = Entitlements(self.engine.regimes, usage.NEEDED, values, nobody, behind=lambda: tuple(settled))
        marks = usage.new_marks()
        usage.mark_used(self.recorded.h, np.array([self.recorded.award]), result, marks)
        found = usage.Provenance.of(self.parameters, marks)

        def listed(status: str) -> list[dict[str, Any]]:
            return [
                {"table": v.table, "place": v.place, "year": v.year or None, "rule": v.rule}
                for v in found.listed(status)
            ]

        return {
            "hash": self.parameters.hash,
            "scenario": self.parameters.scenario,
            "survival": self.parameters.survival,
            "price_year": int(self.parameters.tables.price_year),
            "counts": found.counts,
            "estimated": listed("estimated"),
            "unconfirmed": listed("unconfirmed"),
            "projected": listed("projected"),
        }


def _provenance(argument: str, table: str, place: int, period: int | None, found: Value) -> dict[str, Any]:
    """One parameter value with source and status; ``period`` a year, or a month serial."""
    return {
        "argument": argument,
        "table": table,
        "place": place,
        "period": period if period is None or period < 12 * FIRST_YEAR else month_text(period),
        "value": found.value,
        "status": found.status,
        "source": found.source,
        "rule": found.rule,
    }


def _spans(months: list[int]) -> list[tuple[int, int]]:
    """First and last month of each stretch of consecutive months."""
    out: list[tuple[int, int]] = []
    for month in months:
        if out and out[-1][1] == month - 1:
            out[-1] = (out[-1][0], month)
        else:
            out.append((month, month))
    return out


def _answer(data: dict[str, Any]) -> dict[str, Any]:
    """What a reader wants first: the pension, who pays it, and what was lost against which accounting."""
    name, first = next(iter(data["regimes"].items()))
    starts = [start for component, start in first["starts"].items() if first["components"][component]]
    out = {
        "regime": name,
        "monthly": first["monthly"],
        "start": min(starts, default=None),
        "route": first["route"],
        "place": first["place"],
        "lump_sum": first["lump_sum"],
        "present_value": first["present_value"],
    }
    pairs = data["losses"]
    if pairs:
        pair = next((p for p in pairs if p.endswith("->fair")), list(pairs)[-1])
        loss = pairs[pair]
        cause = max(loss["causes"], key=lambda c: loss["causes"][c], default=None)
        out |= {
            "reference": pair.partition("->")[2],
            "loss_monthly": loss["monthly"],
            "loss_present_value": loss["present_value"],
            "loss_ratio": loss["ratio"],
            "largest_cause": cause,
            "largest_cause_present_value": None if cause is None else loss["causes"][cause],
        }
    return out


def _moved(kind: str, origin: int, to: int, account: float, pooled: float) -> dict[str, Any]:
    return {"kind": kind, "from": origin, "to": to, "account": account, "pooled": pooled}


def _step(row: Any, where: str, h: Any) -> dict[str, Any]:
    """One step of the trace with the registered formula and source of its law function."""
    rule = registry.by_step(int(row[0]))
    values: dict[str, Any] = {}
    for name, value in zip(rule.arguments, row[3:8], strict=False):
        if name in _MONTH_ARGUMENTS:
            values[name] = month_text(int(value))
        elif name in _PLACE_ARGUMENTS:
            values[name] = schema.PLACES[int(value)][0]
        else:
            values[name] = float(value)
    out: dict[str, Any] = {"what": rule.name, "zh": rule.zh, "regime": where}
    if row[1] >= 0 and rule.name == "present_value":
        out["of"] = _VALUE_NAMES[int(row[1])]
    elif row[1] >= 0:
        out["record"] = int(row[1])
        out["year"] = int(h.year[int(row[1])])
    if row[2] >= 0:
        out["place"] = schema.PLACES[int(row[2])][0]
    out |= {
        "formula": rule.formula,
        "values": values,
        "result": float(row[9]),
        "unit": rule.unit,
        "source": rule.source,
    }
    return out


def _clean(value: Any) -> Any:
    """Plain Python values; a number that is not finite becomes null."""
    if isinstance(value, Mapping):
        return {str(k): _clean(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(v) for v in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    return value
