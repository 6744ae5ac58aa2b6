"""How a statement's data is laid out as text, in the words of ``statement_words``.

Nothing is computed here: every number printed stands in the data (rounded, or an age in months as years and months).
"""

from __future__ import annotations

from typing import Any, Final

from pension import schema
from pension.statement.sections import access, after_award, award_form, further_losses, wealth
from pension.statement.variants import of_pair, rests_on, told_history
from pension.statement.words import COMPONENTS, RULES_ZH, Words, check_language, padded, table


def statement_text(data: dict[str, Any], lang: str = "en") -> str:
    """A statement's data as text."""
    check_language(lang)
    w = Words(lang)
    parts = (
        _answer,
        _person,
        _summary,
        _claim,
        _choices,
        _claim_months,
        _regimes,
        award_form,
        after_award,
        _losses,
        wealth,
        _moves,
        access,
        _parameters,
        _records,
    )
    lines: list[str] = []
    for part in parts:
        if found := part(data, w):
            lines += [*found, ""]
    return "\n".join([*lines, w("notice")])


def whatif_text(data: dict[str, Any], lang: str = "en") -> str:
    """The data of a what-if as text."""
    check_language(lang)
    w = Words(lang)
    return "\n".join([*_paths(data, w), "", *_next(data, w), "", w("notice")])


# ---- the statement ------------------------------------------------------------------------------------------------


def _answer(data: dict[str, Any], w: Words) -> list[str]:
    a, c = data["answer"], data["claim"]
    first = data["regimes"][a["regime"]]
    title = w.title(first, a["regime"])
    out = w.heading(w("answer"))
    if a["monthly"]:
        parts = w.joined(f"{w(k)} {w.yuan(first['components'][k])}" for k in COMPONENTS if first["components"][k])
        out.append(
            w("answer_monthly", start=w.month(a["start"]), monthly=w.yuan(a["monthly"]), title=title, parts=parts)
        )
    else:
        out.append(w("answer_nothing", title=title))
    if a["lump_sum"]:
        out.append(w("answer_lump", amount=w.yuan(a["lump_sum"])))
    route = w(f"route_{a['route']}")
    if a["place"] is None:
        out.append(w("answer_resident", route=route))
    else:
        months = {"months": c["employee_months"], "minimum": c["minimum_months"]}
        out.append(w("answer_place", place=w.place(a["place"]), route=route, **months))
    if "reference" in a:
        lost = a["loss_present_value"] > 0
        values = {
            "title": w.title(data["regimes"][a["reference"]], a["reference"]),
            "monthly": w.yuan(a["loss_monthly"]),
            "present_value": w.yuan(a["loss_present_value"]),
            "ratio": w.share(a["loss_ratio"]),
        }
        if lost and a["largest_cause"] is not None:
            values |= {"cause": w.cause(a["largest_cause"]), "amount": w.yuan(a["largest_cause_present_value"])}
            out.append(w("answer_loss", **values))
        else:
            out.append(w("answer_gain", **values))
    return out


def _person(data: dict[str, Any], w: Words) -> list[str]:
    p, c = data["person"], data["claim"]
    line = w(
        "person_line",
        sex=w(p["sex"]),
        birth=w.month(p["birth"]),
        type=w(p["hukou_type"]),
        hukou=w.place(p["hukou"]),
        category=w(p["retirement_category"]),
    )
    if p["stars"]:
        line += w("semicolon") + w("stars", stars="★" * p["stars"])
    award = w("award", month=w.month(c["month"]), age=w.age(c["age_months"]), statutory=w.month(c["statutory_month"]))
    return [*w.heading(w("person")), line, award]


def _summary(data: dict[str, Any], w: Words) -> list[str]:
    out = [*w.heading(w("history")), *told_history(data, w)]
    s = data["summary"]
    for row in s["schemes"]:
        where = {"place": w.place(row["place"]), "first": w.month(row["first"]), "last": w.month(row["last"])}
        if row["scheme"] == "employee":
            months = {"recorded": row["recorded_months"], "counted": row["counted_months"]}
            out.append(w("summary_employee", **where, **months, classes=w.classes(row["classes"])))
        else:
            out.append(w("summary_resident", **where, years=row["years"], counted=row["counted_months"]))
    for row in s["schemes"]:
        if row.get("stranded_months"):
            out.append(w("stranded", place=w.place(row["place"]), n=row["stranded_months"]))
    for t in s["temporary"]:
        if "first_month" not in t:
            out.append(w("decided_temporary", place=w.place(t["place"])))
            continue
        out.append(
            w(
                "is_temporary",
                place=w.place(t["place"]),
                hukou=w.place(t["hukou"]),
                month=w.month(t["first_month"]),
                age=w.age(t["age_months"]),
                limit=t["age_limit"],
                source=w.source(t["source"]),
            )
        )
    if data["person"]["dropped_months"]:
        out.append(w("dropped", n=data["person"]["dropped_months"]))
    if data["person"]["overlap_months"]:
        out.append(w("overlap", n=data["person"]["overlap_months"]))
    if data["answer"]["route"] == "resident_to_employee" and data["claim"]["resident_months"]:
        out.append(w("discarded", n=data["claim"]["resident_months"]))
    for gap in s["gaps"]:
        out.append(w("gap", first=w.month(gap["first"]), last=w.month(gap["last"]), n=gap["months"]))
    return out


def _claim(data: dict[str, Any], w: Words) -> list[str]:
    c = data["claim"]
    out = w.heading(w("claim"))
    for p in c["places"]:
        line = w(
            "place_line",
            place=w.place(p["place"]),
            classes=w.classes(p["months"]),
            last=w.month(p["last"]),
            ten=p["ten_year_months"],
        )
        if p["months"]["temporary"]:
            more = w("never_pays")
        elif p["months_to_ten_years"]:
            more = w("ten_missing", n=p["months_to_ten_years"])
        else:
            more = w("ten_reached")
        out.append(line + w("semicolon") + more)
    if c["place"] is not None:
        out.append(w("claim_place", place=w.place(c["place"]), branch=w(f"branch_{c['branch_number']}")))
    for a in c["alternatives"]:
        rule = w("hukou_rule" if a["rule"] == "hukou" else a["rule"])
        money = {"monthly": w.yuan(a["monthly"]), "present_value": w.yuan(a["present_value"])}
        out.append(w("alternative", place=w.place(a["place"]), rule=rule, **money))
    reached = w("not_reached", n=c["missing_months"]) if c["missing_months"] else w("reached")
    values = {"months": c["employee_months"], "minimum": c["minimum_months"], "resident": c["resident_months"]}
    out.append(w("vested", **values, reached=reached, annuity=c["annuity_months"]))
    return out


def _choice_rows(options: list[dict[str, Any]], w: Words) -> list[str]:
    names = ("choice", "claim", "start", "monthly", "once", "cost", "pw", "net", "left")
    rows = [
        [
            w(o["option"]),
            o["claim"],
            o["start"] or "-",
            *(w.yuan(o[key]) for key in ("monthly", "lump_sum", "cost", "present_value", "net_present_value")),
            w.yuan(o["pooled_left_behind"]),
        ]
        for o in options
        if o["allowed"]
    ]
    return table([w(f"col_{name}") for name in names], rows, left=3) if rows else []


def _how(o: dict[str, Any], w: Words) -> str:
    choice, source = w(o["option"]), w.source(o["source"])
    if not o["allowed"]:
        return w("not_open", choice=choice, reason=w.known(o["reason"]), source=source)
    if "months_added" in o:
        values = {"n": o["months_added"], "place": w.place(o["place"]), "index": f"{o['index']:g}"}
        line = w("continue_how", choice=choice, source=source, **values)
        return line + w("semicolon") + w("at_once", n=o["months_at_once"]) if "months_at_once" in o else line
    if "lump_sum_month" in o:
        money = {"amount": w.yuan(o["lump_sum"]), "month": w.month(o["lump_sum_month"])}
        line = w("withdraw_how", choice=choice, source=source, **money)
    else:
        line = w("bridge_how", choice=choice, source=source)
    return line + w("semicolon") + w("backpay_how", amount=w.yuan(o["backpay"])) if o["backpay"] else line


def _choices(data: dict[str, Any], w: Words) -> list[str]:
    c = data["choices"]
    if not c["options"]:
        return []
    first = data["regimes"][c["regime"]]
    out = w.heading(w("choices", n=c["missing_months"], month=w.month(c["statutory_month"])))
    out += [w("choices_head", title=w.title(first, c["regime"])), *_choice_rows(c["options"], w)]
    out += [_how(o, w) for o in c["options"]]
    if c["male_60_choice"]:
        options = c["male_60_choice"]["options"]
        out += ["", w("male_60_choice", month=w.month(c["statutory_month"])), *_choice_rows(options, w)]
        out += [_how(o, w) for o in options if o["option"] != "wait"]
    return out


def _claim_months(data: dict[str, Any], w: Words) -> list[str]:
    """Every sixth month and the statutory one; all months are in the data."""
    c = data["choices"]
    months = c["claim_months"]
    if len(months) < 2:
        return []
    shown = [
        m for k, m in enumerate(months) if k % 6 == 0 or k == len(months) - 1 or m["month"] == c["statutory_month"]
    ]
    rows = []
    for m in shown:
        money = ("monthly", "own_contributions", "present_value", "net_present_value")
        mark = "*" if m["month"] == c["statutory_month"] else ""
        counted = "-" if m["employee_months"] is None else str(m["employee_months"])
        rows.append(
            [
                m["month"] + mark,
                w.age(m["age_months"]),
                f"{counted}/{m['minimum_months']}",
                *("-" if m[key] is None else w.yuan(m[key]) for key in money),
            ]
        )
    head = [w(f"col_{name}") for name in ("claim", "age", "months", "monthly", "own", "pw", "net")]
    note = w("claim_months_note", first=w.month(months[0]["month"]), last=w.month(months[-1]["month"]))
    reasons = dict.fromkeys(m["reason"] for m in shown if m["reason"])
    out = [*w.heading(w("claim_months")), note, *table(head, rows, left=2)]
    return out + [f"-: {w.known(reason)}" for reason in reasons]


def _regimes(data: dict[str, Any], w: Words) -> list[str]:
    out = w.heading(w("regimes"))
    first = data["claim"]
    used: dict[str, None] = {}
    for number, (name, r) in enumerate(data["regimes"].items()):
        line = {"name": name, "title": w.title(r, name), "monthly": w.yuan(r["monthly"])}
        out += ["", w("regime_line", **line, route=w(f"route_{r['route']}"))]
        out += rests_on(r, data["parameters"]["price_year"], w)
        if r["place"] is not None and (r["place"], r["branch_number"]) != (first["place"], first["branch_number"]):
            branch = w(f"branch_{r['branch_number']}")
            out.append("  " + w("claim_place", place=w.place(r["place"]), branch=branch))
        steps = [s for s in data["steps"] if s["regime"] == name]
        for step in steps:
            if formula := _formula(step, w, values=number == 0):
                out.append("  " + formula)
        for component in COMPONENTS:
            if r["components"][component]:
                amount = padded(w.yuan(r["components"][component]), 12)
                label = padded(w(component), 26, left=True)
                month = w.month(r["starts"][component])
                out.append("  " + w("component_line", component=label, amount=amount, month=month))
        for what, paid in (
            ("refund_overlap", r["refunds"]["overlap"]),
            ("refund_dropped", r["refunds"]["dropped_months"]),
            ("refund_surrender", r["refunds"]["surrender"]),
            ("backpay", r["backpay"]),
            ("lump_sum", r["lump_sum"]),
        ):
            if paid:
                label = padded(w(what), 26, left=True)
                out.append("  " + w("once_line", what=label, amount=padded(w.yuan(paid), 12)))
        rate = w("undefined") if r["replacement_rate"] is None else f"{r['replacement_rate']:.1%}"
        wealth = {"present_value": w.yuan(r["present_value"]), "year": data["parameters"]["price_year"]}
        out.append("  " + w("pw_line", **wealth, month=w.month(first["statutory_month"]), rate=rate))
        for value in [v for s in steps for v in s.get("parameters", [])] + r["basis"]:
            if line_of := _value_used(value, w):
                used[line_of] = None
    undefined = [w("regime_undefined", name=name, reason=w.said(why)) for name, why in data["undefined"].items()]
    return [*out, *(["", *undefined] if undefined else []), "", *used]


_SYMBOLS: Final = {
    "calculation_base": "P",
    "coefficient": "k",
    "annuity_months": "M",
    "resident_basic": "B",
}


def _value_used(v: dict[str, Any], w: Words) -> str:
    """One parameter value of the formulas with its source and status."""
    symbol = _SYMBOLS.get(v["argument"])
    if symbol is None:
        return ""
    value = f"{v['value']:.2%}" if symbol == "k" else f"{v['value']:,.1f}" if symbol == "M" else w.yuan(v["value"])
    period = "" if v["period"] is None else str(v["period"])
    if w.zh and period:
        period = w.month(period) if len(period) == 7 else f"{period}年"
    # A published value names its source, a filled one its rule.
    published = v["rule"] in ("published", "carried")
    why = v["source"] if published or not w.zh else RULES_ZH[v["rule"]]
    place = "" if v["place"] == schema.NATION else w.place(v["place"])
    name = {"table": w(f"t_{v['table']}"), "place": place if w.zh or not place else f" {place}"}
    where = name | {"period": period if w.zh or not period else f" {period}"}
    return w("value_used", symbol=symbol, value=value, **where, status=w(v["status"]), why=why).strip()


def _formula(step: dict[str, Any], w: Words, values: bool) -> str:
    """One step of a settlement as a line; empty for the steps that are printed elsewhere."""
    v, result, place = step["values"], step["result"], w.place(step.get("place"))
    source = w.source(step["source"])
    match step["what"]:
        case "average_index":
            return (
                f"{w('f_average_index')} = {v['index_sum']:.6f} / {v['contribution_months']:.0f} {w('months_unit')} = "
                f"{result:.6f} [{place}; {source}]"
            )
        case "indexed_wage":
            wage = f"{v['calculation_base']:,.2f} x {v['average_index']:.6f} = {result:,.4f}"
            return f"{w('f_indexed_wage')} = {wage} [{source}]"
        case "basic_pension":
            return (
                f"{w('basic')} = ({v['calculation_base']:,.2f} + {v['indexed_wage']:,.4f})/2 x "
                f"{v['contribution_months']:.0f}/12 x 1% = {result:,.4f} [{place}; {source}]"
            )
        case "account_pension":
            return f"{w('account')} = {v['balance']:,.2f} / {v['annuity_months']:.1f} = {result:,.4f} [{source}]"
        case "transitional_pension":
            return (
                f"{w('transitional')} = {v['calculation_base']:,.2f} x {v['index']:.6f} x {v['deemed_months']:.0f}/12 "
                f"x {v['coefficient']:.2%} = {result:,.4f} [{place}; {source}]"
            )
        case "mean_transitional_pension":
            base = f"{v['calculation_base']:,.2f}"
            return (
                f"{w('transitional')} = ({base} + {base} x {v['index']:.6f})/2 x {v['months']:.0f}/12 "
                f"x {v['coefficient']:.2%} = {result:,.4f} [{place}; {source}]"
            )
        case "rights_pension":
            booked = f"{v['national_base']:,.2f}/12 x {v['rights']:.6f}"
            return f"{w('rights')} = 1/2 x 1% x {booked} = {result:,.4f} [{source}]"
        case "notional_pension":
            return f"{w('ndc')} = {v['balance']:,.2f} / {v['divisor']:.4f} = {result:,.4f} [{source}]"
        case "top_up":
            other = f"{v['amount']:,.2f} - {v['taper']:g} x {v['other_pensions']:,.2f}"
            return w("f_top_up", other=other, result=f"{result:,.4f}") + f" [{source}]"
        case "required_years":
            return w("f_required", result=f"{result:.0f}", age=w.age(int(v["age_months_at_start"]))) + f" [{source}]"
        case "retained_share":
            months = {"months": f"{v['resident_months']:.0f}", "required": f"{v['required_years']:.0f}"}
            return w("f_share", **months, result=f"{result:.6f}") + f" [{source}]"
        case "whole_years":
            months = {"employee": f"{v['employee_months']:.0f}", "resident": f"{v['resident_months']:.0f}"}
            return w("f_years", **months, result=f"{result:.0f}") + f" [{source}]"
        case "missing_years":
            years = {"required": f"{v['required_years']:.0f}", "years": f"{v['years']:.0f}"}
            return w("f_missing", **years, result=f"{result:.0f}") + f" [{source}]"
        case "year_premium_segment":
            amounts = {"years": f"{v['years']:.4f}", "above": f"{v['above']:.0f}", "amount": f"{v['amount']:g}"}
            return w("f_premium", **amounts, result=f"{result:,.4f}") + f" [{source}]"
        case "resident_account_pension":
            return f"{w('resident_account')} = {v['balance']:,.2f} / 139 = {result:,.4f} [{source}]"
        case "present_value" if values and result:
            amounts = {"amount": f"{v['amount']:,.4f}", "factor": f"{v['factor']:,.6f}", "result": f"{result:,.2f}"}
            return w("f_value", of=_valued(step["of"], w), **amounts)
    return ""


def _valued(of: str, w: Words) -> str:
    names = {"account pension": "account", "resident account pension": "resident_account", "lump sum": "lump_sum"}
    return w(names.get(of, of))


def _losses(data: dict[str, Any], w: Words) -> list[str]:
    out = w.heading(w("losses"))
    for pair, loss in data["losses"].items():
        a, _, b = pair.partition("->")
        word = "less" if loss["present_value"] > 0 else "more" if loss["present_value"] < 0 else "same"
        money = {"monthly": w.yuan(loss["monthly"]), "present_value": w.yuan(loss["present_value"])}
        out += ["", w(f"loss_{word}", a=a, b=b), "  " + w("loss_line", **money, ratio=w.share(loss["ratio"]))]
        out += of_pair(pair, loss, w)
        rows = [
            [
                f"{w.cause(cause)} [{w.source(d['source'])}]",
                w.yuan(d["present_value"]),
                w.yuan(d["monthly"]),
                w.share(d["ratio"]),
            ]
            for cause, d in loss["causes_detail"].items()
            if abs(d["present_value"]) >= 0.005
        ]
        if rows:
            rows.append(
                [
                    w("cause_sum"),
                    w.yuan(loss["present_value"]),
                    w.yuan(loss["present_value_monthly"]),
                    w.share(loss["ratio"]),
                ]
            )
            head = [w(f"col_{name}") for name in ("cause", "pw", "pw_monthly", "ratio")]
            out += table(head, rows, indent="  ")
        out.append("  " + further_losses(loss, w))
    return out if data["losses"] else []


def _moves(data: dict[str, Any], w: Words) -> list[str]:
    out = w.heading(w("moves", name=next(iter(data["regimes"]))))
    for t in data["transfers"]:
        kind = w("move_hukou") if t["kind"] == "hukou" else t["kind"]
        money = {"account": w.yuan(t["account"]), "pooled": w.yuan(t["pooled"])}
        out.append(w("move_line", kind=kind, origin=w.place(t["from"]), to=w.place(t["to"]), **money))
        if t["liability_origin"] is None:
            continue
        out.append(
            w(
                "move_worth",
                months=int(t["months"]),
                origin=w.yuan(t["liability_origin"]),
                to=w.yuan(t["liability_destination"]),
                stays=w.yuan(t["stays"]),
            )
        )
        for who, key in (("origin", "origin_gain"), ("destination", "destination_burden"), ("member", "member_loss")):
            amount = t[key]
            # A burden below zero is a gain of the destination.
            side = "gains" if (amount > 0.0) == (who == "origin") else "bears"
            out.append(
                w(f"move_{who}_{side}", place=w.place(t["from" if who == "origin" else "to"]), x=w.yuan(abs(amount)))
            )
    return out if data["transfers"] else [*out, w("none")]


def _parameters(data: dict[str, Any], w: Words) -> list[str]:
    p = data["parameters"]
    counts = w.joined(f"{n} {w(status)}" for status, n in sorted(p["counts"].items()))
    out = [*w.heading(w("rests")), w("scenario", scenario=p["scenario"], hash=p["hash"][:16], counts=counts)]
    lives = p["survival"].split(" ")[0]
    out.append(w(f"survival_{lives}", name=p["survival"].removeprefix("file ")))
    for status in ("unconfirmed", "estimated", "projected"):
        by_table: dict[tuple[str, int, str], list[int]] = {}
        for v in p[status]:
            by_table.setdefault((v["table"], v["place"], v["rule"]), []).append(v["year"] or 0)
        for (name, place, rule), years in by_table.items():
            first, last = min(years), max(years)
            span = "" if not last else f" {first}" if first == last else f" {first}-{last}"
            where = {"table": w(f"t_{name}"), "place": w.place(place), "span": span}
            why = RULES_ZH[rule] if w.zh else rule
            out.append(w("uncertain_line", status=w(status), **where, rule=why))
    return out


def _records(data: dict[str, Any], w: Words) -> list[str]:
    out = w.heading(w("records"))
    paid = [r for r in data["history"] if r["scheme"] == "employee"]
    if paid:
        names = ("year", "n", "place", "base", "wage", "index", "wage_claim", "index", "share", "credited")
        rows = [
            [
                str(r["year"]),
                str(r["months"]),
                w.place(r["place"]),
                w.yuan(r["base"]),
                *(
                    "-" if r.get(key) is None else f"{r[key]:,.{digits}f}"
                    for key, digits in (
                        ("reference_wage", 2),
                        ("index", 4),
                        ("reference_wage_at_claim_place", 2),
                        ("index_at_claim_place", 4),
                    )
                ),
                f"{r['account_rate']:.0%}",
                w.yuan(r["credited_with_interest"]),
            ]
            for r in paid
        ]
        out += [w("records_employee"), *table([w(f"col_{name}") for name in names], rows, left=3)]
    deemed = [r for r in data["history"] if r["scheme"] == "deemed"]
    if deemed:
        indices = w.joined(f"{index:g}" for index in sorted({r["index"] for r in deemed}))
        out.append(w("records_deemed", n=sum(r["months"] for r in deemed), indices=indices))
    residents = [r for r in data["history"] if r["scheme"] == "resident"]
    if residents:
        columns = ("year", "place", "paid", "subsidy", "credited", "rate", "balance", "overlap")
        rows = [
            [
                str(r["year"]),
                w.place(r["place"]),
                *(w.yuan(r[key]) for key in ("base", "subsidy", "credited")),
                f"{r['rate']:.2%}" if "rate" in r else "-",
                w.yuan(r["balance"]) if "balance" in r else "-",
                str(r.get("overlap_months") or "-"),
            ]
            for r in residents
        ]
        head = [w(f"col_{name}") for name in columns]
        out += [*([""] if len(out) > 2 else []), w("records_resident"), *table(head, rows, left=2)]
    return out


# ---- what if ------------------------------------------------------------------------------------------------------


def _path(row: dict[str, Any], w: Words) -> str:
    values = {key: row[key] for key in ("months",) if key in row}
    values |= {key: f"{row[key]:g}" for key in ("index", "contribution") if key in row}
    if "place" in row:
        values["place"] = w.place(row["place"])
    return w(f"path_{row['path']}", **values)


def _paths(data: dict[str, Any], w: Words) -> list[str]:
    last = data["last"]
    out = w.heading(w("whatif", now=w.month(data["now"])))
    values = {"month": w.month(last["month"]), "place": w.place(last["place"]), "form": w(last["form"])}
    when = {"award": w.month(data["award"]), "year": data["parameters"]["price_year"]}
    out.append(w("whatif_last", **values, index=f"{last['index']:.4f}", **when))
    notes = []
    for name, regime in data["regimes"].items():
        rows = []
        for row in data["paths"]:
            r, path = row["regimes"][name], _path(row, w)
            if "reason" in r:
                notes.append(w("no_result", path=path, regime=name, reason=w.known(r["reason"])))
            money = ("monthly", "present_value", "net_present_value")
            cells = ["-" if r[key] is None else w.yuan(r[key]) for key in money]
            own = "-" if row["own_contributions_value"] is None else w.yuan(row["own_contributions_value"])
            months = "-" if r.get("employee_months") is None else str(r["employee_months"])
            place = w.place(r.get("place"))
            rows.append([path, place, f"{months}/{row['minimum_months']}", cells[0], own, *cells[1:]])
        head = [w(f"col_{name}") for name in ("path", "place", "months", "monthly", "own", "pw", "net")]
        out += ["", f"{name}: {w.title(regime, name)}", *table(head, rows, left=2)]
    for row in data["paths"]:
        if row.get("beyond_flexible"):
            notes.append(w("beyond_flexible", path=_path(row, w)))
        if row["valued_at"] != data["statutory_month"]:
            dates = {"month": w.month(row["valued_at"]), "other": w.month(data["statutory_month"])}
            notes.append(w("whatif_dates", path=_path(row, w), **dates))
    return [*out, *notes]


def _next(data: dict[str, Any], w: Words) -> list[str]:
    out = w.heading(w("next"))
    head = [w("col_way"), w("col_own")]
    for name in data["regimes"]:
        head += [f"{name}: {w('col_gain')}", w("col_per_yuan")]
    for after in ("stop", "stay"):
        ways = [row for row in data["next_months"] if row["after"] == after]
        rows = []
        for row in ways:
            values = {"place": w.place(row["place"])}
            if row["scheme"] == "employee":
                values["form"] = w(row["form"])
            else:
                values["contribution"] = f"{row['contribution']:g}"
            line = [w(f"way_{row['scheme']}", **values), w.yuan(row["own_contributions_value"])]
            for r in row["regimes"].values():
                line.append("-" if r["present_value"] is None else w.yuan(r["present_value"]))
                line.append("-" if r["per_yuan"] is None else f"{r['per_yuan']:.2f}")
            rows.append(line)
        if rows:
            out += [w(f"next_{after}", n=ways[0]["months"]), *table(head, rows), ""]
    return out[:-1]
