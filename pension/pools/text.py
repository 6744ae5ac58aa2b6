"""Flows between provinces in words: what ``Flows.summary`` and ``pension flows`` print.

Nothing is computed here but sums of printed columns and rates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pension.kernels import award_fields
from pension.pools.tables import place_name

if TYPE_CHECKING:
    import pandas as pd

    from pension.pools.tables import Flows


_Money = Callable[[float], str]


def _money(flows: Flows) -> tuple[_Money, str]:
    """How amounts are printed, and in what: millions where many people are summed."""
    millions = flows.wealth() >= 1e8

    def text(value: float) -> str:
        shown = f"{value / 1e6:,.1f}" if millions else f"{value:,.0f}"
        return shown.lstrip("-") if float(shown.replace(",", "")) == 0.0 else shown

    return text, "million yuan" if millions else "yuan"


def flows_text(flows: Flows, top: int) -> str:
    """A page about flows; ``top`` corridors and provinces of each list."""
    m, unit = _money(flows)
    out = [
        f"Flows between provinces: {flows.people:,} people (weight {flows.weight:,.0f}), {unit} of "
        f"{flows.price_year}, scenario {flows.scenario}",
    ]
    for code, n in sorted(flows.left_out.items()):
        out.append(f"left out: {n:,} for whom one of the regimes is undefined: {award_fields.STATUS_TEXT[code]}")
    if flows.rejected:
        out.append(f"left out: {flows.rejected:,} whose records break a rule")
    for regime in flows.regimes:
        out += ["", *_regime(flows, regime.name, top, m)]
    out += ["", *_checks(flows)]
    for regime in flows.regimes[1:]:
        out += ["", *_reform(flows, regime.name, top, m)]
    return "\n".join([*out, "", "A research estimate, no official determination."])


def _regime(flows: Flows, name: str, top: int, m: _Money) -> list[str]:
    regime = next(known for known in flows.regimes if known.name == name)
    found = flows.corridors(name)
    between = found[found["kind"] == "66号"]
    out = [
        f"{name}: pooled_transfer {regime.choice('pooled_transfer')}, payer_of_benefit "
        f"{regime.choice('payer_of_benefit')}"
    ]
    if regime.choice("payer_of_benefit") != "claim":
        out.append("  (gains and burdens are those of a pension paid by the claim place; here it is not the payer)")
    if not len(between):
        return [*out, "  nobody moved between provinces"]
    total = between.drop(columns=["regime", "kind", "from", "to"]).sum()
    rate = flows.neutral_rate(name)
    out += [
        f"  moved: accounts {m(total['account'])}, pooled {m(total['pooled'])}; pooled money that stays at "
        f"the origin {m(total['stays'])}",
        f"  pension of the moved months at origin wages (L_o) {m(total['liability_origin'])}, at destination wages "
        f"(L_d) {m(total['liability_destination'])}",
        f"  origin gain {m(total['origin_gain'])} = destination burden {m(total['destination_burden'])} + member "
        f"loss {m(total['member_loss'])}",
        "  neutral transfer rate: no base was paid since 1998"
        if rate != rate
        else f"  neutral transfer rate {rate:.1%} of the bases since 1998, at face",
        f"  largest corridors{'':<34}{'people':>10}{'account':>12}{'pooled':>12}{'L_o':>12}{'L_d':>12}",
    ]
    largest = between.sort_values(["liability_destination", "from", "to"], ascending=[False, True, True]).head(top)
    for row in largest.to_dict("records"):
        way = f"{place_name(row['from'])} -> {place_name(row['to'])}"
        money = (row["account"], row["pooled"], row["liability_origin"], row["liability_destination"])
        out.append(f"    {way:<47}{row['people']:>10,.0f}" + "".join(f"{m(x):>12}" for x in money))
    accounts = flows.accounts(name)
    net = (accounts["pooled_in"] - accounts["pooled_out"]).to_numpy()
    taken = between.groupby("to")["destination_burden"].sum().reindex(accounts["place"]).fillna(0.0).to_numpy()
    left = between.groupby("from")["origin_gain"].sum().reindex(accounts["place"]).fillna(0.0).to_numpy()
    ranked = accounts.assign(net=net, burden=taken - left).sort_values(["burden", "place"], ascending=[False, True])
    out += _ranked("  biggest net payers (burden taken over less gain)", ranked[ranked["burden"] > 0.0].head(top), m)
    ranked = ranked.sort_values(["burden", "place"])
    return out + _ranked("  biggest net receivers", ranked[ranked["burden"] < 0.0].head(top), m)


def _ranked(title: str, rows: pd.DataFrame, m: _Money) -> list[str]:
    out = [f"{title:<61}{'net burden':>12}{'pooled net':>12}{'owes':>12}{'balance':>12}"]
    for row in rows.to_dict("records"):
        money = (row["burden"], row["net"], row["owes"], row["balance"])
        out.append(f"    {place_name(row['place']):<57}" + "".join(f"{m(x):>12}" for x in money))
    return out


def _checks(flows: Flows) -> list[str]:
    return [
        f"origin gain = destination burden + member loss: largest relative gap {flows.identity_gap():.1e}",
        f"books of every province close: largest gap {flows.conservation_gap():.1e} yuan a person",
    ]


def _reform(flows: Flows, name: str, top: int, m: _Money) -> list[str]:
    found = flows.reform(name)
    first = flows.regimes[0].name
    whole = found["cost"].sum()
    base = flows.wealth()
    out = [
        f"{name} instead of {first}: benefits {m(whole)} more ({whole / base:+.1%}); "
        f"{m(found['reallocation'].clip(lower=0.0).sum())} change the payer",
        f"  so that nobody is worse off: {m(found['compensation'].sum())} for {found['worse_off'].sum():,.0f} people",
        f"  {'place':<45}{'cost':>12}{'level':>12}{'reallocation':>14}{'compensation':>14}",
    ]
    order = found["cost"].abs().sort_values(ascending=False, kind="stable").index
    for row in found.loc[order].head(top).to_dict("records"):
        out.append(
            f"    {place_name(row['place']):<43}{m(row['cost']):>12}{m(row['level']):>12}"
            f"{m(row['reallocation']):>14}{m(row['compensation']):>14}"
        )
    return out
