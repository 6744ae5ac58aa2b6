"""One thing changed at a time: what a loss and a pension depend on, for one person or for a population.

>>> found = sensitivity("case.toml")                # current against fair
>>> print(found.text())
>>> found.plot_tornado().figure.savefig("tornado.png")   # extra ``plot``
>>> results.method_note(sensitivities=found.words())

The variations are those a complete study reports (``method_note.SENSITIVITIES``) and the scenarios ``low`` and
``high``. Parameters move in memory (``pension.tables.shifts``), histories by ``pension.sensitivity.altered``; the one
engine settles all.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from pension import method_note
from pension.accounting import PROVISIONS, Regime, RegimeError, resolve
from pension.engine import Engine
from pension.errors import refuse
from pension.histories import Histories, HistoryArrays
from pension.kernels import award_fields
from pension.parameters import Parameters, load
from pension.sensitivity import altered
from pension.tables.dense import FIRST_YEAR
from pension.tables.shifts import Shift, replaced, shifted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pension.inputs.opening import Source

POINTS: Final = 0.01
"""Shift of growth and discount, a year."""
SHARE: Final = 0.10
"""Shift of death rates and of calculation bases, as a share."""
INDICES: Final = (0.4, 0.6, 1.0, 2.0, 3.0)
SCENARIOS: Final = ("low", "high")
SHORT_MONTHS: Final = 179
"""14 years 11 months."""
MINIMA: Final = (180, 240)
"""15 and 20 years."""

DISCOUNT, GROWTH, RATIO, MINIMUM, CLAIM_PLACE, INDEX, SURVIVAL, TAILS = method_note.SENSITIVITIES
SCENARIO: Final = "scenario"
BASE: Final = "base"

Float = npt.NDArray[np.float64]
Change = Callable[[HistoryArrays, Parameters], HistoryArrays]


@dataclass(frozen=True)
class Measured:
    """What people get under two regimes; NaN for those whom either leaves without a result."""

    weight: Float
    values: Float
    """[person, 4]: pension wealth under the regime and the reference (constant yuan at R0), first monthly pension under
    both (yuan of the price year, deflated from the award year)."""

    def numbers(self, base: Measured | None = None) -> dict[str, float]:
        """People with and without results, weighted means (of one person, his own numbers), the mean loss.

        ``change`` is the mean change of the loss against ``base`` of the people with results in both, so that nobody
        who drops out moves it; 0 without a base.
        """
        known = self.known
        means = self._means(self.values, known)
        names = ("pw", "pw_reference", "monthly", "monthly_reference")
        found = {"n": int(known.sum()), "undefined": int((~known).sum())} | dict(zip(names, means, strict=True))
        found["loss"] = means[1] - means[0]
        found["change"] = 0.0
        if base is not None:
            both = known & base.known
            (found["change"],) = self._means((self.loss - base.loss)[:, None], both)
        return found

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """[person]: both results are there."""
        return np.asarray(np.isfinite(self.values).all(axis=1))

    @property
    def loss(self) -> Float:
        """[person]: what the reference gives more, constant yuan at R0."""
        return np.asarray(self.values[:, 1] - self.values[:, 0])

    def _means(self, values: Float, known: npt.NDArray[np.bool_]) -> list[float]:
        total = float(self.weight[known].sum())
        if total <= 0.0:
            return [float("nan")] * values.shape[1]
        means: list[float] = (self.weight[known] @ values[known] / total).tolist()
        return means


class Study:
    """People and two regimes, to be measured under one set of parameters after the other."""

    def __init__(self, source: Source, regime: str | Regime, reference: str | Regime, parameters: Parameters) -> None:
        self.regime, self.reference = resolve([regime, reference])
        self.parameters = parameters
        self.blocks = list(_checked(source, parameters))
        self.people = sum(block.sex.size for block in self.blocks)
        if not self.people:
            raise refuse("nobody is in the input", column="people")

    def measure(
        self,
        parameters: Parameters | None = None,
        change: Change | None = None,
        choose: Callable[[Regime], Regime] | None = None,
    ) -> Measured:
        """Settle everybody under ``parameters``, after ``change`` of the histories and ``choose`` of the regimes."""
        parameters = self.parameters if parameters is None else parameters
        regimes = [r if choose is None else choose(r) for r in (self.regime, self.reference)]
        engine = Engine(parameters, regimes)
        weights, values = [], []
        prices = parameters.tables.price
        for block in self.blocks:
            h = block if change is None else change(block, parameters)
            found = engine.run(h, ("status", "pw", "monthly")).values
            known = (found[:, :, 0] == award_fields.DEFINED).all(axis=1)
            award = engine.award_months(h)[2] // 12 - FIRST_YEAR
            deflator = prices[parameters.tables.price_year - FIRST_YEAR] / prices[award]
            both = np.concatenate([found[:, :, 1], found[:, :, 2] * deflator[:, None]], axis=1)
            values.append(np.where(known[:, None], both, np.nan))
            weights.append(h.weight)
        return Measured(np.concatenate(weights), np.concatenate(values))


def _checked(source: Source, parameters: Parameters) -> Iterator[HistoryArrays]:
    """Blocks of people that passed the range check; ``source`` a case file, or what ``pension.run`` takes."""
    from pension.inputs.opening import open_input, read_case

    if isinstance(source, str | os.PathLike) and os.fspath(source).endswith(".toml"):
        source = read_case(source, parameters)
    engine = Engine(parameters, ["current"])
    blocks = [source] if isinstance(source, Histories) else open_input(source, parameters.tables).blocks
    for block in blocks:
        statutory, earliest, _, _ = engine.award_months(block.arrays)
        block.require(statutory, earliest)
        yield block.arrays


class Variation(NamedTuple):
    """One thing that is changed."""

    group: str
    variant: str
    parameters: Callable[[], Parameters] | None = None
    change: Change | None = None
    choose: Callable[[Regime], Regime] | None = None


def _on_the_move(h: HistoryArrays, parameters: Parameters) -> HistoryArrays:
    return altered.moving(h, parameters, altered.most_populous(parameters))


def _short(h: HistoryArrays, _: Parameters) -> HistoryArrays:
    return altered.at_most(h, SHORT_MONTHS)


def variations(
    parameters: Parameters,
    *,
    points: float = POINTS,
    share: float = SHARE,
    indices: Sequence[float] = INDICES,
    scenarios: Sequence[str] = SCENARIOS,
) -> list[Variation]:
    """The one-at-a-time variations; ``points`` a year of growth and discount, ``share`` of death rates and bases."""

    def moved(group: str, text: str, **shift: Any) -> Variation:
        return Variation(group, text, parameters=partial(shifted, parameters, Shift(**shift)))

    found = []
    for name, group in (("discount_rate", DISCOUNT), ("wage_growth", GROWTH)):
        found += [moved(group, f"{100.0 * sign * points:+g} pp", **{name: sign * points}) for sign in (-1, 1)]
    for name, group, text in (("base_over_wage", RATIO, "P/C"), ("death_rate", SURVIVAL, "death rates")):
        found += [moved(group, f"{text} {100.0 * sign * share:+g} %", **{name: 1.0 + sign * share}) for sign in (-1, 1)]
    found += [moved(MINIMUM, f"{months // 12} years for everybody", minimum_months=months) for months in MINIMA]
    for place in PROVISIONS["claim_place"]:
        if place in ("last", "hukou", "best"):
            found.append(Variation(CLAIM_PLACE, place, choose=partial(Regime.but, claim_place=place)))
    for z in indices:
        found.append(Variation(INDEX, f"{z:g}", change=partial(altered.at_index, index=z)))
    for name in scenarios:
        found.append(Variation(SCENARIO, name, parameters=partial(_in_scenario, parameters, name)))
    found.append(Variation(TAILS, "12 moves", change=_on_the_move))
    found.append(Variation(TAILS, "at most 14 y 11 m", change=_short))
    return found


def _in_scenario(parameters: Parameters, name: str) -> Parameters:
    """The same files and readings with another scenario's assumptions."""
    other = load(scenario=name).files
    chosen = {key: table for key, table in other.items() if key.startswith("scenario.")}
    return replaced(parameters, chosen, scenario=name)


_PW: Final = "yuan of {price_year} at R0"
_COLUMNS: Final = {
    "n": "people",
    "undefined": "people",
    "pw": _PW,
    "pw_reference": _PW,
    "monthly": "yuan of {price_year} a month",
    "monthly_reference": "yuan of {price_year} a month",
    "loss": _PW,
    "change": _PW,
}


@dataclass(frozen=True)
class Sensitivity:
    """The variations side by side."""

    table: pd.DataFrame
    """One row a variation, ``group == "base"`` first: ``group, variant, n, undefined, pw, pw_reference, monthly,
    monthly_reference, loss`` and ``change`` of the loss against the base, a mean over the people with results in both;
    NaN where nobody is defined. Units in ``attrs``."""
    regime: str
    reference: str
    people: int
    price_year: int
    scenario: str

    @property
    def base(self) -> pd.Series[Any]:
        """The numbers with nothing changed."""
        return self.table.iloc[0]

    def text(self) -> str:
        """The table as text."""
        who = "one person" if self.people == 1 else f"means over {self.people:,} people"
        out = [
            f"What the loss depends on: {self.regime} against {self.reference}, {who}, one thing changed at a time",
            f"yuan of {self.price_year}: wealth at the statutory month, first pension a month; scenario "
            f"{self.scenario}",
            "",
            f"{'':<44} {'wealth':>12} {'reference':>12} {'loss':>12} {'change':>12} {'a month':>9} {'reference':>9}",
        ]
        group = ""
        for row in self.table.to_dict("records"):
            if row["group"] not in (group, BASE):
                group = row["group"]
                out.append(group)
            label = "as given" if row["group"] == BASE else f"  {row['variant']}"
            if row["undefined"] and (row["group"] == BASE or row["undefined"] != self.base["undefined"]):
                label += f" ({row['undefined']:,} undefined)"
            amounts = " ".join(f"{_yuan(row[name]):>12}" for name in ("pw", "pw_reference", "loss", "change"))
            monthly = " ".join(f"{_yuan(row[name]):>9}" for name in ("monthly", "monthly_reference"))
            out.append(f"{label:<44} {amounts} {monthly}")
        return "\n".join([*out, "", "A research estimate, no official determination."])

    def words(self) -> dict[str, str]:
        """What each group of variations does to the loss, for ``Results.method_note(sensitivities=...)``."""
        found = {}
        for group, rows in self.table[self.table["group"] != BASE].groupby("group", sort=False):
            parts = [f"{row['variant']}: {_yuan(row['loss'])}" for row in rows.to_dict("records")]
            found[str(group)] = f"loss {_yuan(self.base['loss'])} becomes {'; '.join(parts)} yuan"
        return found

    def plot_tornado(self, axes: Axes | None = None) -> Axes:
        """The change of the loss by variation, widest first (needs matplotlib, extra ``plot``)."""
        from pension.plots import tornado

        return tornado(self, axes=axes)


def _yuan(value: float) -> str:
    return "undefined" if np.isnan(value) else f"{value:,.0f}"


def sensitivity(
    source: Source,
    regime: str | Regime = "current",
    reference: str | Regime = "fair",
    *,
    parameters: Parameters | None = None,
    points: float = POINTS,
    share: float = SHARE,
    indices: Sequence[float] = INDICES,
    scenarios: Sequence[str] = SCENARIOS,
) -> Sensitivity:
    """Change one thing at a time and see what the loss of ``regime`` against ``reference`` does.

    ``source`` is a case file, histories, or any input of ``pension.run`` (then the numbers are weighted means).
    ``points`` a year are added to and taken from discount and wage growth; ``share`` from death rates and from the
    projected calculation bases over the reference wages; ``indices`` are mean earnings indices; the minimum is 15 or 20
    years for everybody; the claim place the last, the registered residence or the best. Tail cases: the paid years
    spread over the thirteen largest provinces (twelve moves), and only the first 14 years 11 months of employee
    contributions. With another base the contributions are other too, the same under both regimes: their loss compares.

    Raises ``InputError`` for people that break a rule, RegimeError for regimes.
    """
    parameters = parameters if parameters is not None else load()
    study = Study(source, regime, reference, parameters)
    if study.regime.name == study.reference.name:
        raise RegimeError(f"a loss compares two regimes; both are {study.regime.name!r}")
    base = study.measure()
    rows: list[dict[str, Any]] = [{"group": BASE, "variant": "as given", **base.numbers()}]
    for one in variations(parameters, points=points, share=share, indices=indices, scenarios=scenarios):
        found = study.measure(None if one.parameters is None else one.parameters(), one.change, one.choose)
        rows.append({"group": one.group, "variant": one.variant, **found.numbers(base)})
    table = pd.DataFrame(rows)
    price_year = int(parameters.tables.price_year)
    table.attrs["units"] = {name: unit.format(price_year=price_year) for name, unit in _COLUMNS.items()}
    table.attrs |= {"regime": study.regime.name, "reference": study.reference.name}
    return Sensitivity(table, study.regime.name, study.reference.name, study.people, price_year, parameters.scenario)
