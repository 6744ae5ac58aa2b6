"""From which income on the employee scheme is worth more than the resident one, and a claim of the source paper tested.

The paper (赵青 2021, 中州学刊 2021(7), 96-102) says that middle and high earners should choose the employee scheme, low
earners by need and capacity. ``paper_claim`` settles every option of people in a grid of provinces, incomes and ages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from pension import schema
from pension.choice.planned_careers import INCOME, wages_before
from pension.choice.scheme_choice import (
    AT_HOME,
    AT_WORK,
    EMPLOYED,
    LIMIT,
    PEOPLE,
    RESIDENT,
    Bench,
    choose,
    employee_options,
    first_month,
    grid,
    resident_options,
)
from pension.choice.scheme_choice_text import NOTICE, name_of
from pension.errors import refuse
from pension.parameters import Parameters, load
from pension.tables.dense import FIRST_MONTH
from pension.tables.shifts import Shift, shifted

if TYPE_CHECKING:
    from pension.accounting import Regime

Float = npt.NDArray[np.float64]

UP: Final = "employee from here up"
DOWN: Final = "resident from here up"
ALWAYS: Final = "employee at every income"
NEVER: Final = "resident at every income"
_POINTS: Final = 9
"""Incomes between the lowest and the highest base at which a change of sign is looked for."""


def break_even(
    people: pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    way: str = AT_WORK,
    now: str | None = None,
    regime: str | Regime = "current",
    collective: float = 0.0,
    limit: float = LIMIT,
    tolerance: float = 0.01,
    parameters: Parameters | None = None,
) -> pd.DataFrame:
    """The income at which the employee scheme, paid on the income, is worth as much as the best resident option.

    ``people`` has the columns ``scheme_choice.PEOPLE`` but ``income``; ``way`` is ``employed``, ``individual`` or
    ``individual at home``. Worth: net pension wealth, the better of the minimum length and to the award. Below the
    lowest and above the highest base nothing changes with income, so it is looked for between them: signs at nine
    incomes, then bisection to ``tolerance`` yuan a month, everybody settled at once at every step.

    One row a person: ``lowest, highest`` (bases now, yuan/month), ``resident`` (its best net wealth), ``advantage_low``
    and ``advantage_high`` of the employee scheme at those bases, ``direction``, ``break_even`` (yuan/month, NaN where
    there is none), ``crossings``, ``capacity`` (income of which the lowest employee contribution is the share
    ``limit``) and ``access``.
    """
    parameters = parameters if parameters is not None else load()
    if way not in (EMPLOYED, AT_WORK, AT_HOME):
        raise refuse(f"a way is {EMPLOYED}, {AT_WORK} or {AT_HOME}", column="way", value=way)
    if not tolerance > 0.0:
        raise refuse("a tolerance is greater than 0 yuan", column="tolerance", value=tolerance)
    start = first_month(now, parameters)
    frame = pd.DataFrame([people] if isinstance(people, Mapping) else people).reset_index(drop=True)
    frame = frame.drop(columns="income", errors="ignore")
    bench = Bench(parameters, regime)
    who = bench.people(frame.assign(income=1.0)[list(PEOPLE)], start)
    tables, n = parameters.tables, len(who)
    at = who.hukou if way == AT_HOME else who.work
    low, high = (limit_[at, start - FIRST_MONTH] for limit_ in (tables.base_floor, tables.base_ceiling))
    resident = bench.settle(who, list(resident_options(who, tables, None, collective)))
    best = resident.groupby("person")["npw"].max().reindex(range(n)).to_numpy(dtype=float)
    wage = wages_before(tables, who.work, np.full(n, start))
    states = np.full(n, "", dtype=object)

    def advantage(income: Float, rows: npt.NDArray[np.int64]) -> Float:
        some = replace(who.take(rows), income=income / wage[rows])
        found = bench.settle(some, list(employee_options(some, [("income", INCOME, np.nan)], [way])))
        by_person = found.groupby("person")
        states[rows[by_person["access"].first().index]] = by_person["access"].first()
        return by_person["npw"].max().reindex(range(rows.size)).to_numpy(dtype=float) - best[rows]

    everybody = np.arange(n)
    incomes = np.linspace(low, high, _POINTS)
    signs = np.stack([advantage(x, everybody) for x in incomes])
    positive = signs > 0.0
    turns = positive[1:] != positive[:-1]
    known = np.isfinite(signs).all(axis=0)
    direction = np.where(positive[0], ALWAYS, NEVER).astype(object)
    direction[~known] = ""
    found = np.full(n, np.nan)
    rows = np.flatnonzero(known & turns.any(axis=0))
    if rows.size:
        first = turns.argmax(axis=0)[rows]
        below, above = incomes[first, rows], incomes[first + 1, rows]
        up = ~positive[first, rows]
        while float((above - below).max()) > tolerance:
            middle = 0.5 * (below + above)
            higher = (advantage(middle, rows) > 0.0) == up
            above, below = np.where(higher, middle, above), np.where(higher, below, middle)
        found[rows] = 0.5 * (below + above)
        direction[rows] = np.where(up, UP, DOWN)
    kind = 0 if way == EMPLOYED else 1
    out = frame.assign(
        lowest=low,
        highest=high,
        resident=best,
        advantage_low=signs[0],
        advantage_high=signs[-1],
        direction=direction,
        break_even=found,
        crossings=turns.sum(axis=0),
        capacity=low * tables.own_rate[at, start - FIRST_MONTH, kind] / limit,
        access=states,
    )
    price_year = tables.price_year
    out.attrs["units"] = dict.fromkeys(
        ("lowest", "highest", "break_even", "capacity"), "yuan/month, now"
    ) | dict.fromkeys(("resident", "advantage_low", "advantage_high"), f"yuan of {price_year} at R0")
    return out


# ---- the claim ------------------------------------------------------------------------------------------------------

PROVINCES: Final = tuple(code for code, _, _ in schema.PLACES if code not in (66, schema.NATION))
INDICES: Final = (0.3, 0.45, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0)
AGES: Final = (20, 30, 40, 50)
BANDS: Final = {"low": (0.0, 0.6), "middle": (0.6, 1.5), "high": (1.5, np.inf)}
"""Incomes over the reference wage: below the lowest base, to one and a half wages, above (a reading of the paper, which
gives no limits)."""
CONFIRMED_FROM: Final = 0.95
"""Share of the cells of a band that confirms a claim; as many against it refute it."""


@dataclass(frozen=True)
class PaperClaim:
    """The claim over a grid."""

    cells: pd.DataFrame
    """One row a province, income and age: the people, ``index, band, employee, employed, resident`` (best net wealth as
    an individual, with an employer, as a resident), ``advantage`` (employee - resident), ``advantage_share`` (of the
    income to the statutory month), ``cheapest`` (share of income that the cheapest individual option takes), ``best``
    and ``best_within_limit`` (employee, resident, none)."""
    table: pd.DataFrame
    """One row a band: cells and shares of them, medians."""
    limit: float
    now: str
    regime: str
    scenario: str
    assumptions: tuple[str, ...]
    discounts: pd.DataFrame
    """One row a discount rate and band: ``discount_rate, band, employee_best, employee_best_within_limit``."""

    def verdict(self, band: str) -> str:
        """``confirmed``, ``refuted`` or ``mixed``: is an employee option the best within the limit in this band?"""
        (share,) = self.table.loc[self.table["band"] == band, "employee_best_within_limit"]
        return "confirmed" if share >= CONFIRMED_FROM else "refuted" if share <= 1.0 - CONFIRMED_FROM else "mixed"

    def text(self) -> str:
        """Numbers, verdicts and assumptions."""
        columns = ("people", "best", "in reach", "best in reach", "net gain", "of income", "with employer")
        out = [
            "Middle and high earners should choose the employee scheme, low earners by need and capacity (赵青 2021)?",
            f"{len(self.cells):,} people who begin {self.now}; regime {self.regime}, scenario {self.scenario}",
            "",
            f"{'income over the wage':<22}" + "".join(f"{name:>14}" for name in columns),
        ]
        rows: list[dict[str, Any]] = self.table.to_dict("records")  # type: ignore[assignment]
        for row in rows:
            shares = [f"{row[k]:.1%}" for k in ("employee_best", "affordable", "employee_best_within_limit")]
            gain = [f"{row['median_advantage']:,.0f}", f"{row['median_advantage_share']:.1%}"]
            cells = [f"{row['cells']:,}", *shares, *gain, f"{row['employed_best']:.1%}"]
            out.append(f"{_band_words(row['band']):<22}" + "".join(f"{cell:>14}" for cell in cells))
        out += [
            "",
            *(f"{row['band']}: {self._words(row)}" for row in rows),
            *self._exceptions(),
            *self._by_discount(),
            "",
            "best: the employee scheme as an individual is worth more than the best resident tier, at any price;",
            f"in reach: the cheapest such option takes at most {self.limit:.0%} of income; best in reach: it is the",
            "best of all that is; net gain: median net wealth more than as a resident, yuan, and of the income to",
            "the statutory month; with employer: being employed, to the statutory month, is worth more than the",
            "resident scheme. Assumptions:",
            *(f"- {line}" for line in self.assumptions),
            NOTICE,
        ]
        return "\n".join(out)

    def _exceptions(self) -> list[str]:
        """Provinces in which the employee scheme is not everybody's best, at any price."""
        other = self.cells[self.cells["best"] != "employee"]
        counts = other.groupby("place").size().sort_values(ascending=False)
        where = [f"{name_of(place)} {n} of {(self.cells['place'] == place).sum()}" for place, n in counts.items()]
        return [f"not best for: {', '.join(where)}"] if where else []

    def _by_discount(self) -> list[str]:
        lines = []
        for rate, rows in self.discounts.groupby("discount_rate"):
            parts = [f"{b} {share:.1%}" for b, share in zip(rows["band"], rows["employee_best"], strict=True)]
            lines.append(f"discounted at {float(str(rate)):.1%} it is best for: {', '.join(parts)}")
        return lines

    def _words(self, row: Mapping[str, Any]) -> str:
        if row["band"] == "low":
            return (
                f"the employee scheme is worth more for {row['employee_best']:.1%}, within reach of "
                f"{row['affordable']:.1%}; within reach the resident scheme is best for "
                f"{row['resident_best_within_limit']:.1%}"
            )
        share = f"{row['employee_best_within_limit']:.1%}"
        return f"{self.verdict(row['band'])}: the employee scheme is the best option within reach for {share}"


def _band_words(band: str) -> str:
    low, high = BANDS[band]
    if low == 0.0:
        return f"{band} (below {high:g})"
    return f"{band} ({low:g} and more)" if high == np.inf else f"{band} ({low:g} to {high:g})"


def paper_claim(
    *,
    provinces: Sequence[int] = PROVINCES,
    indices: Sequence[float] = INDICES,
    ages: Sequence[float] = AGES,
    hukou: int | None = None,
    hukou_type: str = "rural",
    category: str = "male_60",
    limit: float = LIMIT,
    points: Sequence[float] = (0.01, 0.02),
    now: str | None = None,
    regime: str | Regime = "current",
    parameters: Parameters | None = None,
) -> PaperClaim:
    """Test the claim on people in every province, at incomes of ``indices`` reference wages, of every age.

    Everybody is registered where he works, or at ``hukou``. Individuals pay on the lowest base or on their income.
    What is paid for decades hangs on the discount rate: the shares are also told with ``points`` added to it.
    """
    parameters = parameters if parameters is not None else load()
    start = first_month(now, parameters)
    people = grid(place=provinces, index=indices, age=ages)
    positions = np.array([schema.PLACE_INDEX[int(p)] for p in people["place"]])
    wage = wages_before(parameters.tables, positions, np.full(len(people), start))
    people = people.assign(
        income=people["index"] * wage,
        hukou=people["place"] if hukou is None else hukou,
        hukou_type=hukou_type,
        category=category,
    )
    found = choose(
        people,
        now=schema.month_text(start),
        regime=regime,
        bases=("floor", "income"),
        limit=None,
        parameters=parameters,
    )
    options = found.options
    individual = options[options["way"].isin([AT_WORK, AT_HOME]) & options["feasible"]]
    parts = {
        "employee": individual,
        "employed": options[options["way"] == EMPLOYED],
        "resident": options[(options["way"] == RESIDENT) & options["feasible"]],
    }
    cells = people[[*PEOPLE, "index"]].copy()
    rows = range(len(people))
    for name, part in parts.items():
        cells[name] = part.groupby("person")["npw"].max().reindex(rows)
    share = options.drop_duplicates("person").set_index("person")
    income_value = (share["npw"] / share["npw_share"]).reindex(rows)
    cells["advantage"] = cells["employee"] - cells["resident"]
    cells["advantage_share"] = cells["advantage"] / income_value
    cells["cheapest"] = individual.groupby("person")["outlay_share"].min().reindex(rows)
    cells["best"] = _best(options[options["feasible"]], len(people))
    cells["best_within_limit"] = _best(
        options[options["feasible"] & (options["outlay_share"] <= limit * (1.0 + 1e-9))], len(people)
    )
    lows, highs = (np.array([ends[k] for ends in BANDS.values()]) for k in (0, 1))
    band = ((cells["index"].to_numpy()[:, None] >= lows) & (cells["index"].to_numpy()[:, None] < highs)).argmax(axis=1)
    cells["band"] = np.array(list(BANDS), dtype=object)[band]
    table = []
    for name in BANDS:
        here = cells[cells["band"] == name]
        if here.empty:
            continue
        table.append(
            {
                "band": name,
                "cells": len(here),
                "employee_best": (here["best"] == "employee").mean(),
                "employee_best_within_limit": (here["best_within_limit"] == "employee").mean(),
                "resident_best_within_limit": (here["best_within_limit"] == "resident").mean(),
                "affordable": (here["cheapest"] <= limit * (1.0 + 1e-9)).mean(),
                "median_advantage": here["advantage"].median(),
                "median_advantage_share": here["advantage_share"].median(),
                "employed_best": (here["employed"] > here["resident"]).mean(),
                "undefined": int(here["advantage"].isna().sum()),
            }
        )
    again = [
        paper_claim(
            provinces=provinces,
            indices=indices,
            ages=ages,
            hukou=hukou,
            hukou_type=hukou_type,
            category=category,
            limit=limit,
            points=(),
            now=found.now,
            regime=regime,
            parameters=shifted(parameters, Shift(discount_rate=more)),
        ).discounts
        for more in points
    ]
    shares = ["band", "employee_best", "employee_best_within_limit"]
    own = pd.DataFrame(table)[shares].assign(discount_rate=float(parameters.tables.discount_rate))
    where = "registered where they work" if hukou is None else f"registered in {hukou}"
    assumptions = (
        f"{len(set(provinces))} provinces, incomes of {', '.join(f'{z:g}' for z in indices)} reference wages, ages "
        f"{', '.join(f'{a:g}' for a in ages)}; {category}, {hukou_type}, {where}; nothing paid before",
        f"bases: the lowest or the income; lengths: to the minimum or to the award; limit {limit:.0%} of income "
        "(an assumption)",
        "incomes follow reference wages; resident tiers and subsidies stay at today's amounts; benefits and "
        f"contributions discounted at {parameters.tables.discount_rate:.1%}, survival from the statutory month",
    )
    return PaperClaim(
        cells,
        pd.DataFrame(table),
        limit,
        found.now,
        found.regime,
        parameters.scenario,
        assumptions,
        pd.concat([own, *again], ignore_index=True),
    )


def _best(options: pd.DataFrame, n: int) -> npt.NDArray[np.object_]:
    """[person]: employee, resident or none, whichever is worth most; ties: the first in the order of options."""
    known = options[options["npw"].notna()]
    chosen = known.loc[known.groupby("person")["npw"].idxmax()].set_index("person")["way"].reindex(range(n))
    return chosen.replace({AT_WORK: "employee", AT_HOME: "employee"}).to_numpy(dtype=object)
