"""One person explained: history as the schemes see it, claim place, every formula with its numbers, the loss.

Every number comes from the trace that the compiled code wrote while it settled the person, or from its cells; nothing
is computed again here but percentages and differences of printed results.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pension import accounting, cells, losses, schema, settle, usage
from pension import valuation as val
from pension.cells import TRACE_COLUMNS, new_scratch
from pension.engine import Engine, Entitlements
from pension.errors import refuse
from pension.law import bridging, employee, registry, resident, transfer
from pension.schema import month_text
from pension.tables import FIRST_YEAR

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters

DEFAULT_REGIMES: Final = ("current", "current_paying", "segmented", "fair")
NOTICE: Final = "A research estimate, no official determination."

COMPONENTS: Final = "basic account transitional resident_basic year_premium age_supplement resident_account".split()
_OTHER_COMPONENTS: Final = ("ndc", "points", "rights", "citizen")
"""Components of designs other than the legal formula; 0 under every regime of this version."""
_CLASSES: Final = ("deemed", "late", "temporary", "ordinary")
_FORM_NAMES: Final = {number: name for name, number in schema.FORM.items()}
_MONTH_ARGUMENTS: Final = ("birth", "first_month", "statutory", "first_birth")
_PLACE_ARGUMENTS: Final = ("place", "hukou")
_VALUE_NAMES: Final = {
    settle.REFUND: "refund of overlapped or dropped months",
    settle.BASIC: "basic and transitional pension",
    settle.ACCOUNT: "account pension",
    settle.EMPLOYEE_ACCOUNT: "account left to heirs",
    settle.LUMP_SUM: "lump sum",
    settle.BACKPAY: "resident years paid back at the award (deducted)",
    settle.RESIDENT_BASIC: "resident basic pension (share; the factor holds its amounts)",
    settle.YEAR_PREMIUM: "year premium (share; the factor holds its amounts)",
    settle.AGE_SUPPLEMENT: "age supplements (share; the factor holds their amounts)",
    settle.RESIDENT_ACCOUNT_PENSION: "resident account pension",
    settle.RESIDENT_BALANCE: "resident account left to heirs",
    settle.DIED_BEFORE_AWARD: "accounts left by a death before the award",
}


def place_name(position: int) -> str:
    """English name and code of a place by its position in the dense tables."""
    code, _, name = schema.PLACES[position]
    return f"{name} ({code})" if code != schema.NATION else "the nation"


@dataclass(frozen=True)
class Statement:
    """The explanation of one person: ``data`` as in the JSON contract, and its text."""

    data: dict[str, Any]

    def json(self) -> str:
        """The statement as JSON with ASCII keys."""
        return json.dumps(self.data, ensure_ascii=False, indent=2, allow_nan=False)

    def text(self) -> str:
        """The statement in plain English."""
        return _text(self.data)


def explain(
    source: Histories | str | os.PathLike[str],
    regimes: Sequence[str | accounting.Regime] = DEFAULT_REGIMES,
    *,
    parameters: Parameters | None = None,
    lang: str = "en",
) -> Statement:
    """Explain one person: a case file, or histories of one person.

    ``regimes`` names, files or objects; losses compare the first one with each of the others. Raises ``InputError``
    for bad input and for an early claim that no minimum months support.
    """
    from pension.histories import Histories
    from pension.inputs import read_case
    from pension.parameters import load

    if lang != "en":
        raise refuse("the statement is written in English (en) only in this version", column="lang", value=lang)
    parameters = parameters if parameters is not None else load()
    histories = source if isinstance(source, Histories) else read_case(source, parameters)
    if len(histories) != 1:
        raise refuse("a statement explains one person", column="people", value=len(histories))
    engine = Engine(parameters, regimes)
    statutory, earliest, award, _ = engine.award_months(histories.arrays)
    histories.require(statutory, earliest)
    return Statement(_Explanation(engine, histories, int(award[0]), int(statutory[0])).data())


class _Explanation:
    """The trace of one person, and what is read from it."""

    def __init__(self, engine: Engine, histories: Histories, award: int, statutory: int) -> None:
        self.engine, self.parameters, self.h = engine, engine.parameters, histories.arrays
        self.histories = histories
        self.award, self.statutory = award, statutory
        self.world, rows = engine.world(histories.arrays)
        self.row = int(rows[0])
        self.digest_trace = np.zeros((64 * self.h.year.size + 200, TRACE_COLUMNS))
        self.traces = np.zeros((len(engine.regimes), 400, TRACE_COLUMNS))
        self.scratch, self.results = self._settle(engine.regimes, self.digest_trace, self.traces)
        for trace in (self.digest_trace, *self.traces):
            if trace[0, 0] >= trace.shape[0]:
                raise RuntimeError("the trace is longer than its memory")
        self.summary = self.scratch.summary
        for regime, result in zip(engine.regimes, self.results, strict=True):
            status = int(result[settle.STATUS])
            if status != settle.DEFINED:
                raise refuse(f"no result under {regime.name}: {settle.STATUS_TEXT[status]}", column="claim")

    def _settle(self, regimes: Sequence[accounting.Regime], digest_trace: Any, traces: Any) -> tuple[Any, Any]:
        """Working memory after the digest, and results [regime, field]; the steps go into the traces."""
        codes, alpha = accounting.vectors(regimes)
        scratch = new_scratch()
        results = np.empty((len(regimes), settle.N_RESULTS))
        settle.trace_kernel(self.h, 0, self.row, self.world, codes, alpha, scratch, results, digest_trace, traces)
        return scratch, results

    # ---- parts of the contract

    def data(self) -> dict[str, Any]:
        first = self.results[0]
        out: dict[str, Any] = {
            "notice": NOTICE,
            "person": self._person(),
            "claim": self._claim(first),
            "regimes": {r.name: self._regime(r, k) for k, r in enumerate(self.engine.regimes)},
            "losses": self._losses(),
            "transfers": self._transfers(first),
            "history": self._history(),
            "steps": self._steps(),
            "parameters": self._parameters(),
        }
        return _clean(out)

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
            "stars": int(s[cells.STARS]),
            "resident_years": int(s[cells.RESIDENT_RECORDS]),
            "overlap_months": int(s[cells.OVERLAP_MONTHS]),
            "dropped_months": int(s[cells.DROPPED_MONTHS]),
        }

    def _claim(self, result: Any) -> dict[str, Any]:
        a = self.world.awards[self.row]
        place, branch = int(result[settle.PLACE]), int(result[settle.BRANCH])
        return {
            "month": month_text(self.award),
            "statutory_month": month_text(self.statutory),
            "age_months": self.award - int(self.h.birth[0]),
            "annuity_months": float(a[val.ANNUITY]),
            "minimum_months": int(a[val.MINIMUM]),
            "employee_months": int(result[settle.EMPLOYEE_MONTHS]),
            "resident_months": int(result[settle.RESIDENT_MONTHS]),
            "place": schema.PLACES[place][0] if place >= 0 else None,
            "route": settle.ROUTES[int(result[settle.ROUTE])],
            "branch": transfer.BRANCH_TEXT[branch],
            "branch_number": branch,
            "places": self._places(),
        }

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
                    "ten_year_months": sum(n for name, n in months.items() if name != "temporary"),
                    "account": float(lines[:, cells.ACCOUNT].sum()),
                    "temporary": bool(self.scratch.temporary[slot] == 1),
                }
            )
        return out

    def _regime(self, regime: accounting.Regime, k: int) -> dict[str, Any]:
        result = self.results[k]
        route = int(result[settle.ROUTE])
        components = {name: float(result[settle.BASIC + j]) for j, name in enumerate(COMPONENTS)} | dict.fromkeys(
            _OTHER_COMPONENTS, 0.0
        )
        starts: dict[str, str] = {}
        if route in (settle.ROUTE_EMPLOYEE, settle.ROUTE_RETAIN, settle.ROUTE_TO_EMPLOYEE):
            starts |= dict.fromkeys(COMPONENTS[:3], month_text(self.award + 1))
        if result[settle.RESIDENT_START] > 0:
            starts |= dict.fromkeys(COMPONENTS[3:], month_text(int(result[settle.RESIDENT_START])))
        dropped = float(self.summary[cells.DROPPED_ACCOUNT])
        replacement = float(result[settle.REPLACEMENT])
        return {
            "title": regime.title,
            "status": regime.status,
            "monthly": float(result[settle.MONTHLY]),
            "components": components,
            "starts": starts,
            "refunds": {"overlap": float(result[settle.REFUND]) - dropped, "dropped_months": dropped},
            "backpay": float(result[settle.BACKPAY]),
            "lump_sum": float(result[settle.LUMP_SUM]),
            "present_value": float(result[settle.PW]),
            "replacement_rate": replacement,
            "irr": None,
            "irr_reason": "not computed in this version",
            "route": settle.ROUTES[route],
            "place": schema.PLACES[int(result[settle.PLACE])][0] if result[settle.PLACE] >= 0 else None,
            "branch": transfer.BRANCH_TEXT[int(result[settle.BRANCH])],
            "account_balance": float(result[settle.EMPLOYEE_ACCOUNT]),
            "resident_balance": float(result[settle.RESIDENT_BALANCE]),
            "average_index": float(result[settle.INDEX]),
        }

    def _losses(self) -> dict[str, Any]:
        out = {}
        a = self.results[0]
        regime = self.engine.regimes[0]
        per_month = self.world.awards[self.row, val.L1_MONTHS] * self.world.awards[self.row, val.PRICE]

        def value(mixtures: Sequence[accounting.Regime]) -> Any:
            # No room for steps: only the results are wanted.
            _, results = self._settle(mixtures, _no_steps(1)[0], _no_steps(len(mixtures)))
            return results[:, settle.PW]

        for k in range(1, len(self.engine.regimes)):
            b, reference = self.results[k], self.engine.regimes[k]
            lost = b[settle.PW] - a[settle.PW]
            parts = losses.attribution(regime, reference, value)
            out[f"{regime.name}->{reference.name}"] = {
                "monthly": b[settle.MONTHLY] - a[settle.MONTHLY],
                "present_value": lost,
                "present_value_monthly": lost / per_month,
                "ratio": float(losses.ratio(a[settle.PW], b[settle.PW])),
                "first_pension_ratio": float(losses.ratio(a[settle.MONTHLY], b[settle.MONTHLY])),
                "replacement_rate": b[settle.REPLACEMENT] - a[settle.REPLACEMENT],
                "causes": {name: float(part) for name, part in parts.items()},
            }
        return out

    def _transfers(self, result: Any) -> list[dict[str, Any]]:
        """Money moved under the first regime, one row for (kind, from, to), valued at the award."""
        out = []
        claim = int(result[settle.PLACE])
        late_kept = self.engine.regimes[0].choice("late_backpayments") == "kept"
        hukou = int(self.summary[cells.HUKOU])
        codes = [code for code, _, _ in schema.PLACES]
        bridged = 0.0
        for slot in range(int(self.summary[cells.N_SLOTS])):
            place = int(self.scratch.place_of[slot])
            lines = self.scratch.cells[slot]
            counted = [k for k in range(4) if k != cells.LATE or late_kept or place == claim]
            account = float(sum(lines[k, cells.ACCOUNT] for k in counted))
            pooled = float(sum(lines[k, cells.MOVED] for k in counted))
            bridged += account
            if place != claim and (account or pooled):
                out.append(_moved("66号", codes[place], codes[claim], account, pooled))
        at = int(self.summary[cells.AT_AWARD + cells.OF_PLACE])
        route = int(result[settle.ROUTE])
        if at >= 0 and at != hukou:
            s, rates = self.summary, self.parameters.tables.resident_rate
            rate = float(rates[at, self.award // 12 - FIRST_YEAR])
            balance = resident.resident_balance(s[cells.AT_AWARD], s[cells.AT_AWARD + cells.CREDIT], rate, self.award % 12 + 1)
            out.append(_moved("hukou", codes[at], codes[hukou], float(balance), 0.0))
        if route == settle.ROUTE_TO_RESIDENT and bridged:
            out.append(_moved("17号", codes[claim], codes[hukou], bridged, 0.0))
        if route == settle.ROUTE_TO_EMPLOYEE:
            merged = float(result[settle.EMPLOYEE_ACCOUNT]) - bridged
            out.append(_moved("17号", codes[hukou], codes[claim], merged, 0.0))
        return out

    def _history(self) -> list[dict[str, Any]]:
        """One row a record: what was paid, its index at the place and at the claim place, the money credited."""
        h, out = self.h, []
        steps = self.digest_trace[1 : int(self.digest_trace[0, 0]) + 1]
        claim = int(self.results[0, settle.PLACE])
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
        out = [_step(row, "history", self.h) for row in _rows(self.digest_trace)]
        for regime, trace in zip(self.engine.regimes, self.traces, strict=True):
            out += [_step(row, regime.name, self.h) for row in _rows(trace)]
        return out

    def _parameters(self) -> dict[str, Any]:
        columns = [settle.RESULT_NAMES.index(name) for name in usage.NEEDED]
        values = np.ascontiguousarray(self.results[None][:, :, columns])
        result = Entitlements(self.engine.regimes, usage.NEEDED, values, np.zeros(1, dtype=np.int8))
        marks = usage.new_marks()
        usage.mark_used(self.h, np.array([self.award]), result, marks)
        found = usage.Provenance.of(self.parameters, marks)

        def listed(status: str) -> list[dict[str, Any]]:
            return [
                {"table": v.table, "place": v.place, "year": v.year or None, "rule": v.rule}
                for v in found.listed(status)
            ]

        return {
            "hash": self.parameters.hash,
            "scenario": self.parameters.scenario,
            "price_year": int(self.parameters.tables.price_year),
            "counts": found.counts,
            "estimated": listed("estimated"),
            "unconfirmed": listed("unconfirmed"),
            "projected": listed("projected"),
        }


def _no_steps(count: int) -> Any:
    return np.zeros((count, 1, TRACE_COLUMNS))


def _rows(trace: Any) -> Any:
    return trace[1 : int(trace[0, 0]) + 1]


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


# ---- the text -----------------------------------------------------------------------------------------------------


def _name(code: int | None) -> str:
    return "-" if code is None else place_name(schema.PLACE_INDEX[code])


def _yuan(value: float | None) -> str:
    return "undefined" if value is None else f"{value:,.2f}"


def _age(months: int) -> str:
    return f"{months // 12} years {months % 12} months"


_COMPONENT_TEXT: Final = {
    "basic": "basic pension",
    "account": "account pension",
    "transitional": "transitional pension",
    "resident_basic": "resident basic pension",
    "year_premium": "year premium",
    "age_supplement": "age supplement",
    "resident_account": "resident account pension",
}
_CAUSE_TEXT: Final = {
    "flat_base": "whose calculation base values the social-average half",
    "earnings_base": "whose calculation base values the own-earnings half",
    "index_wage": "whose wages are the denominators of the index",
    "vesting": "minimum months",
    "resident_years": "resident years that do not convert",
    "pooled_on_exit": "pooled money left behind",
    "overlap": "months paid in both schemes",
    "temporary_accounts": "temporary accounts",
    "late_backpayments": "late back-payments not transferred",
    "claim_place": "choice of the claim place",
    "route_choice": "freedom to choose the route",
    "revaluation": "how a past segment is carried forward",
}


def _text(data: dict[str, Any]) -> str:
    lines: list[str] = []
    for part in (_text_person, _text_history, _text_claim, _text_regimes, _text_losses, _text_moves, _text_parameters):
        lines += [*part(data), ""]
    return "\n".join([*lines, NOTICE])


def _heading(title: str) -> list[str]:
    return [title, "=" * len(title)]


def _text_person(data: dict[str, Any]) -> list[str]:
    p, c = data["person"], data["claim"]
    stars = "★" * p["stars"]
    out = [
        *_heading("Person"),
        f"{p['sex']}, born {p['birth']}, {p['hukou_type']} registration in {_name(p['hukou'])}, category "
        f"{p['retirement_category']}" + (f"; severity group {stars}" if stars else ""),
        f"Award month {c['month']} at {_age(c['age_months'])} (statutory month {c['statutory_month']}); first payment "
        "the month after.",
    ]
    return out


def _text_history(data: dict[str, Any]) -> list[str]:
    out = [*_heading("The history as the schemes see it")]
    paid = [r for r in data["history"] if r["scheme"] == "employee"]
    claim = data["claim"]["place"]
    if paid:
        out.append(
            "Employee scheme. Index = base / reference wage of the year before; credited = base x account rate, with "
            "book interest to the award."
        )
        out.append(
            f"{'year':>4} {'months':>6}  {'place':<18} {'base':>10} {'wage there':>10} {'index':>7} "
            f"{'wage at claim':>13} {'index':>7} {'rate':>5} {'credited':>12}"
        )
    for r in paid:
        out.append(
            f"{r['year']:>4} {r['months']:>6}  {_name(r['place']):<18} {r['base']:>10,.2f} "
            f"{r.get('reference_wage') or 0:>10,.2f} {r.get('index') or 0:>7.4f} "
            f"{r.get('reference_wage_at_claim_place') or 0:>13,.2f} {r.get('index_at_claim_place') or 0:>7.4f} "
            f"{r['account_rate']:>5.0%} {r['credited_with_interest']:>12,.2f}"
        )
    deemed = [r for r in data["history"] if r["scheme"] == "deemed"]
    if deemed:
        months = sum(r["months"] for r in deemed)
        out.append(f"Deemed months: {months}, with indices {sorted({r['index'] for r in deemed})}.")
    residents = [r for r in data["history"] if r["scheme"] == "resident"]
    if residents:
        out.append("")
        out.append(
            "Resident scheme. Credited = own contribution + subsidy + collective assistance, booked in December."
        )
        out.append(f"{'year':>4}  {'place':<18} {'paid':>9} {'subsidy':>8} {'credited':>9} {'rate':>6} {'balance':>11}")
    for r in residents:
        note = f"  {r['overlap_months']} months also paid as an employee" if r.get("overlap_months") else ""
        balance = f"{r['rate']:>6.2%} {r['balance']:>11,.2f}" if "balance" in r else f"{'':>6} {'':>11}"
        out.append(
            f"{r['year']:>4}  {_name(r['place']):<18} {r['base']:>9,.2f} {r['subsidy']:>8,.2f} {r['credited']:>9,.2f} "
            f"{balance}{note}"
        )
    for step in data["steps"]:
        if step["what"] != "is_temporary_account":
            continue
        v = step["values"]
        age = schema.month_serial(v["first_month"]) - schema.month_serial(v["birth"])
        limit = 50 if v["sex"] == 1 else 40
        if step["result"] == 1:
            out += [
                "",
                f"{_name(step['place'])} is a temporary account: not the registered residence ({_name(v['hukou'])}), "
                f"first paid in {v['first_month']} (since 2010-01) at {_age(age)}, {limit} or older "
                f"({step['source']}).",
            ]
    overridden = [p for p in data["claim"]["places"] if p["months"]["temporary"] and not p["temporary"]]
    out += [f"{_name(p['place'])}: temporary account by decision of the agency." for p in overridden]
    dropped = data["person"]["dropped_months"]
    if dropped:
        out.append(
            f"{dropped} months were paid in two places at once: one of them counts, the other's account is refunded."
        )
    late = sum(p["months"]["late"] for p in data["claim"]["places"] if p["place"] != claim)
    if late:
        out.append(f"{late} late back-paid months outside the claim place are not transferred and count nowhere.")
    return out


def _text_claim(data: dict[str, Any]) -> list[str]:
    c = data["claim"]
    out = [*_heading("Claim place and minimum months")]
    for p in c["places"]:
        parts = ", ".join(f"{n} {name}" for name, n in p["months"].items() if n)
        out.append(
            f"{_name(p['place'])}: {parts}; last {p['last']}; {p['ten_year_months']} months count for the ten years"
        )
    if c["place"] is not None:
        out.append(f"Claim place: {_name(c['place'])} - {c['branch']}.")
    vested = "reached" if c["employee_months"] >= c["minimum_months"] else "not reached"
    out.append(
        f"Counted employee months {c['employee_months']} of {c['minimum_months']} needed: {vested}. Resident months "
        f"{c['resident_months']}. Annuity months at the award {c['annuity_months']}."
    )
    return out


def _text_regimes(data: dict[str, Any]) -> list[str]:
    out = [*_heading("The pension under each regime")]
    for name, r in data["regimes"].items():
        out += ["", f"{name}: {r['title']} - {_yuan(r['monthly'])} yuan/month, route {r['route']}"]
        first = data["claim"]
        if r["place"] != first["place"] or r["branch"] != first["branch"]:
            out.append(f"  Claim place {_name(r['place'])} - {r['branch']}.")
        out += [f"  {line}" for line in _formulas(data, name)]
        for component, text in _COMPONENT_TEXT.items():
            amount = r["components"][component]
            if amount:
                out.append(f"  {text:<26} {_yuan(amount):>12} yuan/month from {r['starts'][component]}")
        for what, amount in (
            ("refund of overlapped months", r["refunds"]["overlap"]),
            ("refund of months paid twice", r["refunds"]["dropped_months"]),
            ("paid back at the award", r["backpay"]),
            ("lump sum", r["lump_sum"]),
        ):
            if amount:
                out.append(f"  {what:<26} {_yuan(amount):>12} yuan once")
        rate = "undefined (no income known)" if r["replacement_rate"] is None else f"{r['replacement_rate']:.1%}"
        out.append(
            f"  present value {_yuan(r['present_value'])} yuan of {data['parameters']['price_year']} at "
            f"{data['claim']['statutory_month']}; replacement rate {rate}"
        )
    return out


def _formulas(data: dict[str, Any], regime: str) -> list[str]:
    out = []
    for step in data["steps"]:
        if step["regime"] != regime:
            continue
        v, result, place = step["values"], step["result"], _name(step.get("place"))
        match step["what"]:
            case "average_index":
                out.append(
                    f"average index = {v['index_sum']:.6f} / {v['contribution_months']:.0f} months = {result:.6f} "
                    f"[{place}]"
                )
            case "indexed_wage":
                out.append(f"indexed wage = {v['calculation_base']:,.2f} x {v['average_index']:.6f} = {result:,.4f}")
            case "basic_pension":
                out.append(
                    f"basic = ({v['calculation_base']:,.2f} + {v['indexed_wage']:,.4f})/2 x "
                    f"{v['contribution_months']:.0f}/12 x 1% = {result:,.4f} [{place}; {step['source']}]"
                )
            case "account_pension":
                out.append(
                    f"account = {v['balance']:,.2f} / {v['annuity_months']:.1f} = {result:,.4f} [{step['source']}]"
                )
            case "transitional_pension":
                out.append(
                    f"transitional = {v['calculation_base']:,.2f} x {v['index']:.6f} x {v['deemed_months']:.0f}/12 x "
                    f"{v['coefficient']:.2%} = {result:,.4f} [{place}]"
                )
            case "required_years":
                out.append(
                    f"required resident years: {result:.0f} (age {_age(int(v['age_months_at_start']))} at the start)"
                )
            case "retained_share":
                out.append(
                    f"share of the resident right = {v['resident_months']:.0f}/(12 x {v['required_years']:.0f}), "
                    f"at most 1 = {result:.6f}"
                )
            case "whole_years":
                out.append(f"years = whole({v['employee_months']:.0f} + {v['resident_months']:.0f})/12 = {result:.0f}")
            case "missing_years":
                out.append(f"missing years = {v['required_years']:.0f} - {v['years']:.0f}, at least 0 = {result:.0f}")
            case "year_premium_segment":
                out.append(
                    f"year premium: {v['years']:.4f} years above {v['above']:.0f} at {v['amount']:g} = {result:,.4f}"
                )
            case "resident_account_pension":
                out.append(f"resident account = {v['balance']:,.2f} / 139 = {result:,.4f} [{step['source']}]")
            case "present_value":
                if result:
                    out.append(f"value of {step['of']}: {v['amount']:,.4f} x {v['factor']:,.6f} = {result:,.2f} at R0")
    return out


def _text_losses(data: dict[str, Any]) -> list[str]:
    out = [*_heading("What was lost")]
    for pair, loss in data["losses"].items():
        a, _, b = pair.partition("->")
        word = (
            "pays less" if loss["present_value"] > 0 else "pays more" if loss["present_value"] < 0 else "pays the same"
        )
        out += [
            "",
            f"{a} against {b}: {a} {word}",
            f"  {_yuan(loss['monthly'])} yuan/month at first amounts; {_yuan(loss['present_value'])} yuan of present "
            "value" + ("" if loss["ratio"] is None else f" ({loss['ratio']:.2%} of the reference)"),
        ]
        for cause, amount in loss["causes"].items():
            if abs(amount) >= 0.005:
                out.append(f"    {_CAUSE_TEXT[cause]:<60} {amount:>14,.2f}")
        out.append(f"    {'sum of the causes (Shapley values)':<60} {sum(loss['causes'].values()):>14,.2f}")
    return out


def _text_moves(data: dict[str, Any]) -> list[str]:
    out = [*_heading("Money moved under " + next(iter(data["regimes"])))]
    for t in data["transfers"]:
        out.append(
            f"{t['kind']}: {_name(t['from'])} -> {_name(t['to'])}: account {_yuan(t['account'])}, pooled "
            f"{_yuan(t['pooled'])} yuan"
        )
    return out if data["transfers"] else [*out, "nothing"]


def _text_parameters(data: dict[str, Any]) -> list[str]:
    p = data["parameters"]
    out = [
        *_heading("What the result rests on"),
        f"Scenario {p['scenario']}, parameters {p['hash'][:16]}; values used by status: "
        + ", ".join(f"{n} {status}" for status, n in sorted(p["counts"].items())),
    ]
    for status in ("estimated", "unconfirmed", "projected"):
        by_table: dict[tuple[str, int, str], list[int]] = {}
        for v in p[status]:
            by_table.setdefault((v["table"], v["place"], v["rule"]), []).append(v["year"] or 0)
        for (table, place, rule), years in by_table.items():
            span = (
                ""
                if not any(years)
                else f" {min(years)}"
                if min(years) == max(years)
                else f" {min(years)}-{max(years)}"
            )
            out.append(f"{status}: {table} {_name(place)}{span} ({rule})")
    return out
