"""What a statement says where a regime rests on another history than the recorded one, English and Chinese."""

from __future__ import annotations

from typing import Any, Final

from pension.statement.words import Words

_PHRASES: Final[dict[str, tuple[str, str]]] = {
    "first": (
        "What follows tells the history of “{title}”, not the one recorded: {what}.",
        "以下为“{title}”所设想的经历，而非实际记录：{what}。",
    ),
    "rests": (
        "rests on another history than the recorded one: {what}",
        "所依据的经历与实际记录不同：{what}",
    ),
    "differs": (
        "{months} employee months instead of {recorded}, mean base {base} instead of {recorded_base} yuan; award "
        "{award}",
        "职工缴费{months}个月（实际{recorded}个月），平均缴费基数{base}元（实际{recorded_base}元）；核定月{award}",
    ),
    "paid": (
        "own contributions {own} instead of {recorded_own} yuan of {year}, all contributions {all} instead of "
        "{recorded_all}",
        "个人缴费{own}元（实际{recorded_own}元，{year}年价格），全部缴费{all}元（实际{recorded_all}元）",
    ),
    "refund": (
        "{amount} yuan refunded in {month} when the province was left",
        "{month}离省退保返还{amount}元",
    ),
    "net": (
        "The two rest on different contributions: the loss is of present value less own contributions "
        "({own_a} under {a}, {own_b} under {b}).",
        "两方案缴费不同：损失按现值减个人缴费计算（{a}：{own_a}元；{b}：{own_b}元）。",
    ),
    "career_pair": (
        "A career is a reference to compare with, not a cause: no provision has a share in this difference.",
        "假设经历只作参照，不是原因，差额不分解到各项规则。",
    ),
    "career stayer_origin": (
        "paid at the place of the first employee month all along, at the same indices",
        "一直在首个参保地按相同指数缴费",
    ),
    "career stayer_destination": (
        "paid at the place of the last employee month all along, at the same indices",
        "一直在最后参保地按相同指数缴费",
    ),
    "career same_bases": ("all bases paid at one place ({pool})", "全部基数在同一地缴纳（{pool}）"),
    "exit_before_2010 surrendered": (
        "leaving a province before 2010 ended the months paid there, the own share was refunded",
        "2010年前离省即退保，缴费月数取消并返还个人缴费",
    ),
    "enrolment workplace": ("{forms} work is insured at the place of work", "{forms}在工作地参加职工养老保险"),
    "floor fraction": (
        "bases from {floor_fraction} of the reference wage",
        "缴费基数下限为社平工资的{floor_fraction}",
    ),
    "floor actual": ("bases at actual incomes, without a floor", "按实际收入缴费，不设下限"),
    "income all_sources": ("all sources of income in one base", "多源收入合并为一个缴费基数"),
    "payer platform": ("platforms pay {platform_share}", "平台缴费：{platform_share}"),
    "by_law": ("as employers by law", "按单位法定费率"),
    "origin": ("the first one", "首个参保地"),
    "destination": ("the last one", "最后参保地"),
}


def _said(key: str, w: Words, **values: Any) -> str:
    return _PHRASES[key][w.column].format(**values)


def _what(history: dict[str, Any], w: Words) -> str:
    """The provisions behind a history in words."""
    n = history["numbers"]
    pool = n.get("pool")
    share = n.get("platform_share")
    values = {
        "pool": _said(pool, w) if isinstance(pool, str) else w.place(None if pool is None else pool // 100 or pool),
        "forms": w.joined(w(form) for form in n.get("forms", ())),
        "floor_fraction": w.share(n.get("floor_fraction", 0.0)),
        "platform_share": _said("by_law", w) if share is None else w.share(share),
    }
    provisions = history["provisions"].items()
    return w("semicolon").join(_said(f"{provision} {choice}", w, **values) for provision, choice in provisions)


def told_history(data: dict[str, Any], w: Words) -> list[str]:
    """One line above the history where it is not the recorded one."""
    name, first = next(iter(data["regimes"].items()))
    if first["history"] is None:
        return []
    return [_said("first", w, title=w.title(first, name), what=_what(first["history"], w))]


def rests_on(regime: dict[str, Any], price_year: int, w: Words) -> list[str]:
    """What the history of a regime is made of and how it differs; nothing where it is the recorded one."""
    history = regime["history"]
    if history is None:
        return []
    mine, recorded = history["of_regime"], history["recorded"]
    months = {"months": mine["employee_months"], "recorded": recorded["employee_months"]}
    bases = {"base": w.yuan(mine["mean_base"]), "recorded_base": w.yuan(recorded["mean_base"])}
    paid = {
        f"{before}{short}": w.yuan(of[f"{name}_contributions"])
        for before, of in (("", mine), ("recorded_", recorded))
        for short, name in (("own", "own"), ("all", "all"))
    }
    lines = [
        _said("rests", w, what=_what(history, w)),
        _said("differs", w, **months, **bases, award=w.month(history["award"])),
        _said("paid", w, **paid, year=price_year),
    ]
    lines += [
        _said("refund", w, month=w.month(row["month"]), amount=w.yuan(row["amount"])) for row in history["refunds"]
    ]
    return [f"  {line}" for line in lines]


def of_pair(pair: str, loss: dict[str, Any], w: Words) -> list[str]:
    """What has to be known of a loss between regimes over different histories."""
    if not loss["of_net_wealth"]:
        return []
    a, _, b = pair.partition("->")
    own = {"own_a": w.yuan(loss["own_contributions"][a]), "own_b": w.yuan(loss["own_contributions"][b])}
    out = ["  " + _said("net", w, a=a, b=b, **own)]
    return [*out, "  " + _said("career_pair", w)] if loss["careers_differ"] else out
