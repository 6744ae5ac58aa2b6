"""Pictures of results; needs matplotlib (extra ``plot``). Functions return the ``Axes``; ``axes.figure`` is the figure.

    >>> from pension import plots
    >>> axes = plots.losses_by_group(results, "stars")
    >>> axes.figure.savefig("losses.png")

Nothing is shown or written here, so any backend will do. Colours are those of Okabe and Ito (2008), which people with
any colour vision tell apart. Every title names the regime and the reference, every axis its unit, every group its
number of people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from pension import equity, losses, schema
from pension.accounting import Regime, resolve, shipped
from pension.engine import Engine
from pension.errors import refuse
from pension.histories import RECORD_TYPES, Histories
from pension.inputs import history_arrays
from pension.kernels import award_fields
from pension.kernels import valuation as val
from pension.method_note import TAILS
from pension.results import Results
from pension.runs.group_losses import UNCHANGED_YUAN

try:
    import matplotlib.font_manager
    import matplotlib.pyplot as plt
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize
    from matplotlib.ticker import FuncFormatter, MultipleLocator
except ImportError as error:
    raise ImportError("pictures need matplotlib: pip install 'pension-portability[plot]'") from error

if TYPE_CHECKING:
    from pension.parameters import Parameters
    from pension.pools.tables import Flows
    from pension.sensitivity.one_at_a_time import Sensitivity

Float = npt.NDArray[np.float64]

BLUE: Final = "#0072B2"
VERMILION: Final = "#D55E00"
GREEN: Final = "#009E73"
PURPLE: Final = "#CC79A7"
ORANGE: Final = "#E69F00"
SKY: Final = "#56B4E9"
GREY: Final = "#8C8C8C"
NOBODY: Final = "#D9D9D9"
PALETTE: Final = (VERMILION, BLUE, GREEN, PURPLE, ORANGE, SKY)
"""Okabe and Ito 2008, without yellow and black."""
LINES: Final = ("-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1)))

CHINESE_FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Hiragino Sans GB",
    "Songti SC",
    "SimSun",
)


def chinese_font() -> str | None:
    """An installed font with Chinese characters, None without one."""
    installed = {font.name for font in matplotlib.font_manager.fontManager.ttflist}
    return next((name for name in CHINESE_FONTS if name in installed), None)


def place_names(codes: Sequence[int], chinese: bool = False) -> list[str]:
    """Names of provinces; Chinese on request and where an installed font has the characters, else English."""
    in_chinese = chinese and chinese_font() is not None
    known = {code: zh if in_chinese else en for code, zh, en in schema.PLACES}
    return [known[int(code)] for code in codes]


def _axes(axes: Axes | None, width: float, height: float) -> Axes:
    return axes if axes is not None else plt.subplots(figsize=(width, height), layout="constrained")[1]


def _clean(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_axisbelow(True)


def _amount(value: float, _: object = None) -> str:
    """A number of yuan on an axis: 250k, 1.2m."""
    for size, word in ((1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{word}".replace("-", "−")
    return f"{value:.3g}".replace("-", "−")


def _signed(value: float) -> str:
    text = f"{value:+,.0f}"
    return "0" if text in ("+0", "-0") else text.replace("-", "−")


# ---------------------------------------------------------------------- losses by group


def losses_by_group(
    results: Results,
    by: str | Sequence[str] = "stars",
    regime: str | None = None,
    reference: str | None = None,
    *,
    axes: Axes | None = None,
) -> Axes:
    """Distribution of the loss of pension wealth (L1) in each group: quantiles 5, 25, 50, 75, 95, and the mean.

    Labels hold the people with a result, the shares of losers and winners, and the undefined people left out.
    Weighted. Positive: the regime gives less than the reference.
    """
    lost = results.losses(regime, reference)
    a, b = lost.attrs["regime"], lost.attrs["reference"]
    numbers, labels = results.groups(by)
    values, weights = lost["L1"].to_numpy(), results.weight
    axes = _axes(axes, 9.0, 1.4 + 0.75 * len(labels))
    texts = []
    for g in range(len(labels)):
        here = numbers == g
        x, w = values[here], weights[here]
        name = " × ".join(str(label) for label in labels.iloc[g])
        counted = equity.mean(x, w)
        left_out = f", {counted.undefined:,} undefined" if counted.undefined else ""
        if counted.value is None:
            texts.append(f"{name}\nnobody{left_out}")
            continue
        low, quarter, median, three, high = (float(q) for q in equity.quantiles(x, (0.05, 0.25, 0.5, 0.75, 0.95), w))
        shares = equity.balance(x, w, tolerance=UNCHANGED_YUAN)
        texts.append(
            f"{name}\n{counted.n:,} people{left_out}\n{float(shares.losing):.0%} lose, {float(shares.gaining):.0%} gain"
        )
        axes.plot([low, high], [g, g], color=GREY, linewidth=1.5, zorder=2)
        axes.barh(g, three - quarter, left=quarter, height=0.42, color=SKY, zorder=3)
        axes.plot([median, median], [g - 0.21, g + 0.21], color="black", linewidth=2.0, zorder=4)
        axes.plot(counted.value, g, marker="D", markersize=6, color=VERMILION, markeredgecolor="white", zorder=5)
    axes.set_yticks(range(len(labels)), texts, fontsize=9)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.grid(axis="x", color="#DDDDDD")
    axes.xaxis.set_major_formatter(FuncFormatter(_amount))
    axes.set_xlabel(f"loss of pension wealth, yuan of {results.basis.price_year} at R0 (below 0: a gain)")
    axes.set_title(f"What {a} gives less than {b}, by {_words(by)}", loc="left", pad=28.0)
    handles = [
        axes.plot([], [], color=GREY, linewidth=1.5, label="5 % to 95 % of the people")[0],
        axes.plot([], [], color=SKY, linewidth=8.0, label="middle half")[0],
        axes.plot([], [], color="black", linewidth=2.0, label="median")[0],
        axes.plot([], [], "D", color=VERMILION, markeredgecolor="white", label="mean")[0],
    ]
    axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4, frameon=False, fontsize=9)
    _clean(axes)
    return axes


_TITLES: Final = {
    "stars": "severity group",
    "form": "main form of work",
    "hukou_type": "type of registered residence",
    "index_fifth": "fifth of mean earnings index",
    "cohort": "year of birth",
    "moves": "number of moves between provinces",
}


def _words(by: str | Sequence[str]) -> str:
    names = [by] if isinstance(by, str) else list(by)
    return " and ".join(_TITLES.get(name, name.removeprefix("x_").replace("_", " ")) for name in names)


# ---------------------------------------------------------------------- causes


def waterfall(
    causes: Mapping[str, float],
    *,
    regime: str,
    reference: str,
    unit: str,
    people: int | None = None,
    axes: Axes | None = None,
) -> Axes:
    """The causes of a loss, one step each, largest first, and their sum.

    ``causes`` maps a provision to its amount in ``unit`` (``Results.causes``, or ``Statement.data["losses"]``);
    ``people`` is the number of people it is the mean of, None for one person.
    """
    if not causes:
        raise refuse("no causes: the two regimes do not differ", column="causes")
    broken = [name for name, amount in causes.items() if not np.isfinite(amount)]
    if broken:
        raise refuse("a finite amount", column=f"causes[{broken[0]}]", value=causes[broken[0]])
    ordered = sorted(causes.items(), key=lambda item: -abs(item[1]))
    total = float(sum(causes.values()))
    axes = _axes(axes, 9.0, 1.6 + 0.42 * (len(ordered) + 1))
    position, ends, texts = 0.0, [0.0, total], []
    for row, (_, amount) in enumerate(ordered):
        axes.barh(row, amount, left=position, height=0.62, color=VERMILION if amount > 0.0 else BLUE)
        axes.plot([position + amount] * 2, [row - 0.31, row + 1.31], color="black", linewidth=0.6)
        texts.append((max(position, position + amount), row, amount))
        position += amount
        ends.append(position)
    axes.barh(len(ordered), total, height=0.62, color=GREY)
    texts.append((max(total, 0.0), len(ordered), total))
    span = max(ends) - min(ends) or 1.0
    for x, row, amount in texts:
        axes.text(x + 0.012 * span, row, _signed(amount), va="center", fontsize=9)
    names = [f"{name.replace('_', ' ')} ({losses.group_of(name)})" for name, _ in ordered]
    axes.set_yticks(range(len(ordered) + 1), [*names, "loss in all"])
    axes.set_ylim(len(ordered) + 0.6, -0.6)
    axes.set_xlim(min(ends) - 0.05 * span, max(ends) + 0.16 * span)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.grid(axis="x", color="#DDDDDD")
    axes.xaxis.set_major_formatter(FuncFormatter(_amount))
    axes.set_xlabel(f"{unit} (right: the provision makes {regime} give less than {reference})")
    of = f", mean of {people:,} people" if people is not None else ", one person"
    axes.set_title(f"Why {regime} gives less than {reference}{of}", loc="left", pad=10.0)
    _clean(axes)
    return axes


# ---------------------------------------------------------------------- the minimum months


def with_months(histories: Histories, months: Sequence[int]) -> Histories:
    """One person once for each number of employee months: only the first so many, in time order, are left.

    Deemed months count as employee months; a month in two places counts once. Resident records and the award month
    stay as they are.
    """
    if len(histories) != 1:
        raise refuse("the cliff is that of one person", column="people", value=len(histories))
    arrays = histories.arrays
    employee = arrays.scheme == schema.SCHEME["employee"]
    bits = (arrays.months.astype(np.int64)[:, None] >> np.arange(12)) & 1
    serial = arrays.year.astype(np.int64)[:, None] * 12 + np.arange(12)
    paid = np.unique(serial[(bits == 1) & employee[:, None]])
    columns: dict[str, list[Any]] = {name: [] for name in RECORD_TYPES}
    offsets = [0]
    for count in months:
        if not 0 <= count <= paid.size:
            raise refuse(f"from 0 to the {paid.size} employee months of the person", column="months", value=count)
        last = paid[count - 1] if count else -1
        kept = np.where(employee[:, None], bits * (serial <= last), bits)
        mask = (kept << np.arange(12)).sum(axis=1)
        here = (mask > 0) | ~employee
        for name, values in columns.items():
            values.append((mask if name == "months" else getattr(arrays, name))[here])
        offsets.append(offsets[-1] + int(here.sum()))
    copies = history_arrays.joined([arrays] * len(months))
    of_person = {name: getattr(copies, name) for name in copies._fields if name not in RECORD_TYPES}
    records = {name: np.concatenate(values) for name, values in columns.items()}
    return Histories.build([f"{count} months" for count in months], {**of_person, **records, "offsets": offsets})


def cliff_table(
    histories: Histories,
    parameters: Parameters,
    months: Sequence[int],
    regimes: Sequence[str | Regime] = ("current", "fair"),
) -> pd.DataFrame:
    """Pension and wealth of one person against the employee months: months, regime, monthly, pw, route.

    ``attrs["minimum_months"]`` is the law's minimum for this award. Undefined values are NaN with the reason in
    ``reason``.
    """
    copies = with_months(histories, months)
    engine = Engine(parameters, regimes)
    statutory, earliest, _, _ = engine.award_months(copies.arrays)
    copies.require(statutory, earliest)
    found = engine.run(copies.arrays)
    world, rows = engine.world(copies.arrays)
    parts = []
    for regime in engine.regimes:
        status = found.column("status", regime.name).astype(np.int64)
        known = status == award_fields.DEFINED
        routes = found.column("route", regime.name).astype(np.int64)
        parts.append(
            pd.DataFrame(
                {
                    "months": list(months),
                    "regime": regime.name,
                    "monthly": np.where(known, found.column("monthly", regime.name), np.nan),
                    "pw": np.where(known, found.column("pw", regime.name), np.nan),
                    "route": [award_fields.ROUTES[r] if k else "" for r, k in zip(routes, known, strict=True)],
                    "reason": [
                        "" if k else award_fields.STATUS_TEXT[s] for s, k in zip(status.tolist(), known, strict=True)
                    ],
                }
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table.attrs["minimum_months"] = int(world.awards[rows[-1], val.MINIMUM])
    return table


def cliff(
    histories: Histories,
    parameters: Parameters,
    months: Sequence[int],
    regimes: Sequence[str | Regime] | None = None,
    *,
    value: str = "monthly",
    axes: Axes | None = None,
) -> Axes:
    """The pension of one person against the number of employee months, around the law's minimum.

    ``histories`` holds one person with at least ``max(months)`` employee months; the last ones are cut off.
    ``regimes``: by default the law, ``fair``, and ``fair_vested`` where that ships. ``value`` is ``"monthly"`` (first
    pension, nominal) or ``"pw"``.
    """
    if value not in ("monthly", "pw"):
        raise refuse('value is "monthly" or "pw"', column="value", value=value)
    chosen = resolve(regimes or [name for name in ("current", "fair", "fair_vested") if name in shipped()])
    table = cliff_table(histories, parameters, months, chosen)
    axes = _axes(axes, 9.0, 5.0)
    for k, regime in enumerate(chosen):
        part = table[table["regime"] == regime.name]
        axes.plot(
            part["months"], part[value], color=PALETTE[k % 6], linestyle=LINES[k % 6], linewidth=2.0, label=regime.name
        )
    minimum = table.attrs["minimum_months"]
    if min(months) <= minimum <= max(months):
        axes.axvline(minimum, color="black", linewidth=0.8, linestyle=":")
        top = axes.get_ylim()[1]
        axes.text(minimum, top, f" minimum: {minimum} months", va="top", fontsize=9)
    axes.set_xlabel("counted months of the employee scheme")
    axes.xaxis.set_major_locator(MultipleLocator(12 if max(months) - min(months) <= 180 else 60))
    unit = "yuan/month, nominal" if value == "monthly" else f"yuan of {parameters.tables.price_year} at R0"
    axes.set_ylabel(f"{'first pension' if value == 'monthly' else 'pension wealth'}, {unit}")
    axes.yaxis.set_major_formatter(FuncFormatter(_amount))
    axes.set_ylim(bottom=0.0)
    axes.grid(color="#DDDDDD")
    axes.legend(frameon=False, loc="lower right")
    against = f" against {', '.join(regime.name for regime in chosen[1:])}" if chosen[1:] else ""
    axes.set_title(f"One month more: {chosen[0].name}{against}, one person", loc="left", pad=10.0)
    _clean(axes)
    return axes


# ---------------------------------------------------------------------- places


def origin_destination(
    results: Results,
    regime: str | None = None,
    reference: str | None = None,
    *,
    fewest: int = 5,
    chinese: bool = False,
    axes: Axes | None = None,
) -> Axes:
    """Mean loss of pension wealth by the province of the first and of the last employee record.

    Cells of fewer than ``fewest`` people are grey. People without an employee record have no place here; the title
    counts them.
    """
    lost = results.losses(regime, reference)
    frame = results.frame()
    if "origin" not in frame:
        raise refuse("the histories are not at hand: Results.read(path, histories)", column="origin")
    table = pd.DataFrame({"origin": frame["origin"], "destination": frame["destination"], "x": lost["L1"]})
    table["weight"] = results.weight
    known = table[table["x"].notna() & table["origin"].notna()]
    grouped = known.assign(total=known["x"] * known["weight"]).groupby(["origin", "destination"])
    sums = grouped[["total", "weight"]].sum()
    matrix = (sums["total"] / sums["weight"].where(sums["weight"] > 0.0)).unstack()
    counts = grouped.size().unstack()
    left_out = len(table) - len(known)
    title = (
        f"Mean loss under {lost.attrs['regime']} against {lost.attrs['reference']}, by first and last province\n"
        f"{len(known):,} people; {left_out:,} without employee record or result left out"
    )
    unit = f"yuan of {results.basis.price_year} at R0 (below 0: a gain)"
    return heat_map(matrix, counts, title=title, unit=unit, fewest=fewest, chinese=chinese, axes=axes)


def flows(
    found: Flows,
    column: str = "pooled",
    regime: str | None = None,
    *,
    fewest: int = 5,
    chinese: bool = False,
    axes: Axes | None = None,
) -> Axes:
    """One column of ``Flows.corridors`` (money moved, a liability, who gains) between provinces, million yuan.

    Cells of fewer than ``fewest`` moves are grey.
    """
    name = found.regimes[0].name if regime is None else regime
    matrix, counts = found.matrix(column, name), found.matrix("moves", name)
    unit = matrix.attrs["units"][column]
    if not unit.startswith("yuan"):
        raise refuse("a picture of flows shows money", column="column", value=column)
    meaning = matrix.attrs["meaning"][column].partition(":")[2] or matrix.attrs["meaning"][column]
    title = f"{column} under {name}: {meaning.strip()}\n{found.people:,} people, {int(counts.to_numpy().sum()):,} moves"
    amounts = (matrix.where(counts > 0) / 1e6).drop(index=schema.NATION, columns=schema.NATION)
    return heat_map(amounts, counts, title=title, unit=f"million {unit}", fewest=fewest, chinese=chinese, axes=axes)


def heat_map(
    amounts: pd.DataFrame,
    counts: pd.DataFrame,
    *,
    title: str,
    unit: str,
    fewest: int = 5,
    chinese: bool = False,
    axes: Axes | None = None,
) -> Axes:
    """Amounts (losses, money moved) by origin (rows) and destination (columns), both GB/T 2260 codes.

    ``counts`` has the people behind each amount, same labels; labels show their sums. Cells of fewer than ``fewest``
    people are grey. The scale ends at the 98th percentile of the amounts shown, so that one cell does not hide the
    others.
    """
    places = [code for code, _, _ in schema.PLACES if code in amounts.index or code in amounts.columns]
    if not places:
        raise refuse("nobody with an origin and a destination", column="amounts")
    values = amounts.reindex(index=places, columns=places).astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    people = counts.reindex(index=places, columns=places).fillna(0).to_numpy(dtype=float)
    shown = np.where(people >= fewest, values, np.nan)
    size = np.abs(shown[~np.isnan(shown)])
    limit = float(np.quantile(size, 0.98)) if size.size else 1.0
    axes = _axes(axes, 3.6 + 0.27 * len(places), 2.6 + 0.25 * len(places))
    signed = bool((shown[~np.isnan(shown)] < 0.0).any())
    norm = Normalize(-(limit or 1.0) if signed else 0.0, limit or 1.0)
    image = axes.imshow(
        shown, cmap=plt.get_cmap("PuOr_r" if signed else "YlOrBr").with_extremes(bad=NOBODY), norm=norm, aspect="equal"
    )
    names = place_names(places, chinese)
    family = [*plt.rcParams["font.sans-serif"], chinese_font() or "sans-serif"] if chinese else "sans-serif"
    style: dict[str, Any] = {"fontsize": 8, "fontfamily": family}
    rows, columns = people.sum(axis=1), people.sum(axis=0)
    texts = [f"{name} ({n:,.0f})" for name, n in zip(names, rows, strict=True)]
    axes.set_yticks(range(len(places)), texts, **style)
    texts = [f"{name} ({n:,.0f})" for name, n in zip(names, columns, strict=True)]
    axes.set_xticks(range(len(places)), texts, rotation=90, **style)
    axes.set_ylabel("origin (people)")
    axes.set_xlabel("destination (people)")
    ends = "both" if signed else "max"
    bar = axes.figure.colorbar(image, ax=axes, shrink=0.75, extend=ends, format=FuncFormatter(_amount))
    bar.set_label(f"{unit}; grey: fewer than {fewest} people")
    axes.set_title(title, loc="left", fontsize=11)
    return axes


# ---------------------------------------------------------------------- replacement


def replacement_by_index(
    results: Results, regimes: Sequence[str] | None = None, *, classes: int = 10, axes: Axes | None = None
) -> Axes:
    """Replacement rate against the mean earnings index: median and middle half in classes of equally many people.

    The rate is the first pension over the last income carried to the award. People without a paid employee month have
    neither; the title counts them.
    """
    chosen = list(regimes or results.regimes)
    frame = results.frame()
    if "mean_index" not in frame:
        raise refuse("the histories are not at hand: Results.read(path, histories)", column="mean_index")
    index, weights = frame["mean_index"].to_numpy(), results.weight
    rates = {name: results.column("replacement_rate", name) for name in chosen}
    known = ~np.isnan(index) & (weights > 0.0)
    for rate in rates.values():
        known &= ~np.isnan(rate)
    if not 1 <= classes <= known.sum() // 2:
        raise refuse("from 1 to half as many classes as there are people", column="classes", value=classes)
    axes = _axes(axes, 9.0, 5.2)
    ranks = equity.fractional_rank(index[known], weights[known])
    class_of = np.minimum((ranks * classes).astype(np.int64), classes - 1)
    present = np.unique(class_of)
    labels = []
    for c in present:
        here = class_of == c
        (middle,) = equity.quantiles(index[known][here], [0.5], weights[known][here])
        labels.append(f"{float(middle):.2f}\n{int(here.sum()):,}")
    for k, name in enumerate(chosen):
        rows = []
        for c in present:
            here = class_of == c
            found = equity.quantiles(rates[name][known][here], (0.25, 0.5, 0.75), weights[known][here])
            rows.append([float(q) for q in found])
        low, median, high = np.array(rows).T
        x = np.arange(present.size) + 0.16 * (k - 0.5 * (len(chosen) - 1))
        style: dict[str, Any] = {"color": PALETTE[k % 6], "linestyle": LINES[k % 6]}
        axes.errorbar(
            x, median, (median - low, high - median), elinewidth=1.2, marker="o", markersize=4.5, label=name, **style
        )
    axes.set_xticks(range(present.size), labels)
    axes.set_xlabel("mean earnings index (contribution base / reference wage): median of each class; below: people")
    axes.set_ylabel("replacement rate: first pension / last income")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.set_ylim(bottom=0.0)
    axes.grid(color="#DDDDDD")
    axes.legend(frameon=False, title="median and middle half", ncols=len(chosen), loc="upper right")
    axes.set_ylim(top=1.15 * axes.get_ylim()[1])
    n = int(known.sum())
    axes.set_title(
        f"Replacement rate by earnings under {', '.join(chosen)}\n{n:,} people in {present.size} classes of about "
        f"{n // present.size:,}; {len(results) - n:,} without a paid employee month or result left out",
        loc="left",
        fontsize=11,
    )
    _clean(axes)
    return axes


# ---------------------------------------------------------------------- sensitivities


def tornado(found: Sensitivity, *, tails: bool = False, axes: Axes | None = None) -> Axes:
    """The loss under each variation against the loss as given, one bar a group of variations, widest first.

    Ends are labelled with the variation and the change it makes; small ticks are the variations between. Tail cases
    are left out unless asked for: they are other lives, and would flatten everything else. Groups that change nothing
    are named below the axis, variations nobody has a result under are left out and counted there.
    """
    table = found.table[found.table["group"] != "base"]
    if not tails:
        table = table[table["group"] != TAILS]
    undefined = int(table["loss"].isna().sum())
    table = table[table["loss"].notna()]
    bars = []
    for group, rows in table.groupby("group", sort=False):
        change = rows["change"].to_numpy()
        low, high = rows.iloc[int(change.argmin())], rows.iloc[int(change.argmax())]
        reach = [min(float(low["change"]), 0.0), max(float(high["change"]), 0.0)]
        bars.append((reach[1] - reach[0], str(group), reach, (low, high), change))
    # Less than one yuan is unchanged, as everywhere.
    still = [group for width, group, *_ in bars if width < UNCHANGED_YUAN]
    bars = sorted((bar for bar in bars if bar[0] >= UNCHANGED_YUAN), key=lambda bar: -bar[0])
    if not bars:
        raise refuse("no variation changes the loss", column="sensitivity")
    axes = _axes(axes, 10.0, 2.0 + 0.55 * len(bars))
    letters = [0, 0]
    for row, (_, _, (low_end, high_end), ends, inner) in enumerate(bars):
        axes.barh(row, low_end, height=0.56, color=BLUE)
        axes.barh(row, high_end, height=0.56, color=VERMILION)
        between = inner[(inner > low_end) & (inner < high_end) & (np.abs(inner) >= UNCHANGED_YUAN)]
        axes.vlines(between, row - 0.28, row + 0.28, color="white", linewidth=1.2)
        for k, (end, side, shift) in enumerate(((ends[0], "right", -4), (ends[1], "left", 4))):
            moved = float(end["change"])
            if (moved < 0.0) == (shift < 0) and abs(moved) >= UNCHANGED_YUAN:
                text = f"{end['variant'].replace('-', '−')}: {_signed(moved)}"
                letters[k] = max(letters[k], len(text))
                style: dict[str, Any] = {"ha": side, "va": "center", "fontsize": 8.5}
                axes.annotate(text, (moved, row), xytext=(shift, 0), textcoords="offset points", **style)
    axes.set_yticks(range(len(bars)), [group for _, group, *_ in bars])
    axes.set_ylim(len(bars) - 0.4, -0.6)
    lowest, highest = min(bar[2][0] for bar in bars), max(bar[2][1] for bar in bars)
    # Room for the labels outside the bars: a letter is about a hundredth of the width.
    width = (highest - lowest) / max(1.0 - 0.011 * (sum(letters) + 4), 0.2)
    axes.set_xlim(lowest - 0.011 * (letters[0] + 2) * width, highest + 0.011 * (letters[1] + 2) * width)
    axes.axvline(0.0, color="black", linewidth=0.8)
    axes.grid(axis="x", color="#DDDDDD")
    axes.xaxis.set_major_formatter(FuncFormatter(_amount))
    base = float(found.base["loss"])
    unit = f"yuan of {found.price_year} at R0"
    notes = [f"no change: {', '.join(still)}"] if still else []
    notes += [f"{undefined} variations without a result left out"] if undefined else []
    axes.set_xlabel("\n".join([f"change of the loss ({base:,.0f} {unit}) when one thing is changed", *notes]))
    who = "one person" if found.people == 1 else f"mean of {found.people:,} people"
    axes.set_title(f"What the loss of {found.regime} against {found.reference} depends on, {who}", loc="left", pad=10.0)
    _clean(axes)
    return axes
