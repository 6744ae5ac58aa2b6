"""Parts of a statement about what stands beside the award: what follows it, access at the time, the award form."""

from __future__ import annotations

import re
from typing import Any, Final

from pension.statement.words import Words, padded, table

_SHOWN_YEARS: Final = 10


# ---- after the award ------------------------------------------------------------------------------------------------


def after_award(data: dict[str, Any], w: Words) -> list[str]:
    """Three lines where nothing special was asked; else the path of the pension and every answer."""
    a = data["afterwards"]
    out = w.heading(w("after"))
    if "reason" in a:
        return [*out, w.said(a["reason"])]
    out += [*_adjustment(a, w), *_used_up(a, w)]
    if a["heirs"] is None:
        out += _deaths(a, w)
    answers = [*_heirs(a, w), *_disabled(a, w), *_double(a, w), *_annuities(a, w), *_public(a, w)]
    return [*out, *_path(a, w), *answers] if answers else out


def _adjustment(a: dict[str, Any], w: Words) -> list[str]:
    """The first year with an adjustment, or with a new amount of a resident pension."""
    paid = [row for row in a["path"] if row.get("components")]
    for row in paid[1:]:
        money = {"year": row["year"], "monthly": w.yuan(row["monthly"])}
        if row["rate"] is not None:
            return [w("after_adjusted", **money, rate=w.share(row["rate"]), status=w(row["rate_status"]))]
        return [w("after_moved", **money)]
    return [w.said(row["reason"]) for row in a["path"] if "reason" in row]


def _used_up(a: dict[str, Any], w: Words) -> list[str]:
    return [
        w(f"after_used_up_{scheme}", balance=w.yuan(row["balance"]), month=w.month(row["month"]))
        for scheme, row in a["used_up"].items()
        if row is not None
    ]


def _deaths(a: dict[str, Any], w: Words) -> list[str]:
    months = w.joined(w.month(row["month"]) for row in a["deaths"])
    amounts = w.joined(w.yuan(row["known"]) for row in a["deaths"])
    unknown = [reason for row in a["deaths"] for reason in row["undefined"]]
    # The same reason for another year is told once.
    reasons = {re.sub(r"\b\d{4}\b", "", reason): w.said(reason) for reason in reversed(unknown)}
    line = w("after_deaths", months=months, amounts=amounts)
    return [line + w("after_not_in_it", reasons=w("semicolon").join(reasons.values())) if reasons else line]


def _path(a: dict[str, Any], w: Words) -> list[str]:
    rows = []
    for row in a["path"][:_SHOWN_YEARS]:
        if "monthly" not in row:
            rows.append([str(row["year"]), "-", "-", w.said(row["reason"])])
            continue
        rate = "-" if row["rate"] is None else w.share(row["rate"])
        rows.append([str(row["year"]), w.yuan(row["monthly"]), w.yuan(row["paid"]), rate])
    head = [w(f"col_{name}") for name in ("year", "december", "paid_out", "adjusted")]
    return ["", w("after_path"), *table(head, rows)]


def _heirs(a: dict[str, Any], w: Words) -> list[str]:
    h = a["heirs"]
    if h is None:
        return []
    when = w("before_award" if h["before_award"] else "in_payment")
    out = ["", w("heirs", month=w.month(h["month"]), when=when, months=h["credited_months"])]
    parts = [(f"heirs_{scheme}", part) for scheme, part in h["accounts"].items()]
    parts += [(f"heirs_{grant}", part) for grant, part in h["grants"].items()]
    for name, part in parts:
        if part["amount"] != 0:
            out.append("  " + _amount(w(name), part, w))
    for part in h["annuities"]:
        out.append("  " + _amount(w("annuity_of", number=part["annuity"], kind=w(part["kind"])), part, w))
    return [*out, "  " + w("heirs_known", amount=w.yuan(h["known"]))]


def _amount(label: str, part: dict[str, Any], w: Words) -> str:
    """One amount with its rule, or the reason why nobody knows it."""
    if part["amount"] is None:
        return w("not_known", what=label, reason=w.said(part["reason"]))
    line = w("known", what=label, amount=w.yuan(part["amount"]))
    return line + w("bracketed", text=w.said(part["rule"])) if "rule" in part else line


def _disabled(a: dict[str, Any], w: Words) -> list[str]:
    d = a["disability"]
    if d is None:
        return []
    if d["amount"] is None:
        return ["", _amount(w("disability"), d, w)]
    values = {"amount": w.yuan(d["amount"]), "first": w.month(d["first_payment"])}
    counted = {"months": d["credited_months"], "place": w.place(d["place"])}
    out = ["", w("disability_paid", **values, **counted, case=w(f"disability_{d['case']}"))]
    if "recomputed" in d:
        again = d["recomputed"]
        out.append("  " + w("disability_again", month=w.month(again["month"]), amount=w.yuan(again["amount"])))
    if "months" in d:
        total = w.yuan(d["total_at_first_amount"])
        out.append("  " + w("disability_months", months=d["months"], last=w.month(d["last_payment"]), total=total))
    return out


def _double(a: dict[str, Any], w: Words) -> list[str]:
    d = a["double_benefit"]
    if d is None:
        return []
    if "reason" in d:
        return ["", _amount(w("double"), d, w)]
    begins = {"claim": w.month(d["resident_claim"]), "begins": w.month(d["overlap_begins"])}
    keys = ("drawn", "repayment", "set_off_against_balance", "set_off_against_pension", "balance_paid_out")
    rows = [[w.month(row["found"]), *(w.yuan(row[key]) for key in keys)] for row in d["by_december"][:_SHOWN_YEARS]]
    head = [w(f"col_{name}") for name in ("found", *keys)]
    return ["", w("double_line", **begins, monthly=w.yuan(d["employee_monthly"])), *table(head, rows)]


def _annuities(a: dict[str, Any], w: Words) -> list[str]:
    out = []
    for number, annuity in enumerate(a["annuities"], start=1):
        at = annuity["at_award"]
        label = w("annuity_of", number=number, kind=w(annuity["kind"]))
        span = {"start": w.month(annuity["start"]), "end": w.month(annuity["end"])}
        money = {"own": w.yuan(at["own"]), "employer": w.yuan(at["employer"]), "balance": w.yuan(at["balance"])}
        out += ["", w("annuity", label=label, **span, **money, rate=w.share(annuity["return_rate"]))]
        if "job_change" in annuity:
            change = annuity["job_change"]
            moved = {"taken": w.yuan(change["taken_along"]), "lost": w.yuan(change["forfeited"])}
            out.append("  " + w("annuity_left", month=w.month(change["month"]), **moved))
        if "at_disability" in annuity:
            parts = {key: w.yuan(annuity["at_disability"][key]) for key in ("own", "employer")}
            out.append("  " + w("annuity_disabled", **parts))
        payout = annuity["payout"]
        paid = {"monthly": w.yuan(payout["monthly"]), "months": f"{payout['annuity_months']:g}"}
        out.append("  " + w("annuity_paid", **paid))
        if payout["instalments"] is not None:
            chosen = payout["instalments"]
            out.append("  " + w("annuity_instalments", number=chosen["number"], amount=w.yuan(chosen["amount"])))
        if "reason" in payout:
            out.append("  " + w.said(payout["reason"]))
    return out


def _public(a: dict[str, Any], w: Words) -> list[str]:
    p = a["public_sector"]
    if p is None:
        return []
    months = {"since": p["months_since_reform"], "before": p["months_before_reform"]}
    out = ["", w("public", **months, moved=w.yuan(p["pooled_transfer"]["amount"]))]
    return out + ["  " + w.said(p[key]["reason"]) for key in ("make_up", "transition") if key in p]


# ---- access ---------------------------------------------------------------------------------------------------------


def access(data: dict[str, Any], w: Words) -> list[str]:
    """Months paid where the scheme was closed, or nobody knows; nothing where all was open."""
    found = data.get("access")
    if not found or not found["months"]:
        return []
    counts = {"closed": found["closed_months"], "unknown": found["unknown_months"]}
    out = [*w.heading(w("access")), w("access_total", **counts)]
    for row in found["months"]:
        span = {"first": w.month(row["from"]), "last": w.month(row["to"]), "place": w.place(row["place"])}
        words = {"scheme": w(f"scheme_{row['scheme']}"), "form": w(row["form"]), "state": w(f"access_{row['state']}")}
        out.append(w("access_line", **span, **words, rule=w.said(row["rule"])))
    return out


# ---- the award form -------------------------------------------------------------------------------------------------


def award_form(data: dict[str, Any], w: Words) -> list[str]:
    """The employee parts as the claim place's form prints them, beside the exact values."""
    form = data.get("award_form")
    if form is None:
        return []
    if "reason" in form:
        return [*w.heading(w("form")), w.said(form["reason"])]
    out = w.heading(w(f"form_{form['conventions']}", place=w.place(form["place"])))
    sources: dict[tuple[str, str], int] = {}
    rows = []
    for line in form["lines"]:
        words, label = ("convention_zh", "chinese") if w.zh else ("convention", "english")
        mark = ""
        if line["source"]:
            mark = f" [{sources.setdefault((line['source'], line['status']), len(sources) + 1)}]"
        exact = f"{line['exact']:,.6f}".rstrip("0").rstrip(".")
        rows.append([line[label], f"{line[words]}{mark}", line["printed"], exact])
    head = [w(f"col_{name}") for name in ("form_line", "convention", "printed", "exact")]
    out += table(head, rows, left=2)
    out += [padded(f"[{n}]", 4, left=True) + f"{source} ({w(status)})" for (source, status), n in sources.items()]
    return out + [w.said(remark) for remark in form["remarks"]]


def wealth(data: dict[str, Any], w: Words) -> list[str]:
    """What was paid and what it earns under each regime."""
    rows, reasons = [], dict[str, None]()
    for name, r in data["regimes"].items():
        money = ("own_contributions", "all_contributions", "present_value", "net_present_value")
        rate = "-" if r["irr"] is None else f"{r['irr']:.2%}"
        worth = "-" if r["moneys_worth"] is None else f"{r['moneys_worth']:.2f}"
        lost = "-" if not r["contributed"] else w.share(r["forfeited"] / r["contributed"])
        rows.append([name, *(w.yuan(r[key]) for key in money), worth, rate, lost])
        reasons |= {r[key]: None for key in ("irr_reason", "moneys_worth_reason") if r[key]}
        if r["irr_roots"] > 1:
            reasons[w("irr_several", name=name, n=r["irr_roots"])] = None
    head = [w(f"col_{name}") for name in ("regime", "own", "all", "pw", "net", "worth", "irr", "forfeited")]
    note = w("wealth_note", year=data["parameters"]["price_year"], month=w.month(data["claim"]["statutory_month"]))
    return [*w.heading(w("wealth")), note, *table(head, rows), *(f"-: {w.known(reason)}" for reason in reasons)]


def further_losses(loss: dict[str, Any], w: Words) -> str:
    """The further measures of one loss in a line."""

    def said(name: str, text: str) -> str:
        return w("undefined") if loss[name] is None else text.format(loss[name])

    return w(
        "loss_further",
        years=said("L6", "{:.2f}"),
        compensation=said("L7", "{:,.2f}"),
        irr=said("L8_irr", "{:.2%}"),
        worth=said("L8_worth", "{:.2f}"),
    )
