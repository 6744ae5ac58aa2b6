"""Who bears a loss, and is the outcome fair: weighted measures of distribution, poverty and horizontal equity.

Every function takes arrays of one value a person and ``weights`` (people a value stands for; None: 1 each). A weight
is a replication: a value of weight 2 gives what two values of weight 1 give. NaN is an undefined value: it is left out
and counted in the result (``undefined``). What cannot be computed is a result with a ``reason``, never a number.
Infinite values, negative or undefined weights and arrays of different lengths raise ``InputError``. Everything is
O(n log n).

Symbols of the formulas: w weights, W their sum, x values, mu their mean, F the fractional rank of a value: the share
of the people below it and half of those at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension.errors import refuse

Float = npt.NDArray[np.float64]

NOBODY: Final = "nobody with a defined value"
NO_POSITIVE_MEAN: Final = "the mean is not positive"
NEGATIVE: Final = "a value is negative"
NO_TOTAL: Final = "the values sum to nothing"
SMALL_TOTAL: Final = 1e-12
"""A sum below this share of the sum of the absolute values is rounding."""


@dataclass(frozen=True)
class Measure:
    """One number about many people."""

    value: float | None
    """None where it is undefined; ``reason`` says why."""
    unit: str
    people: float
    """Weight behind the value."""
    n: int
    """Values behind it."""
    undefined: int = 0
    """Values that were left out because they are undefined."""
    reason: str = ""

    def __float__(self) -> float:
        if self.value is None:
            raise ValueError(f"undefined: {self.reason}")
        return self.value

    def __str__(self) -> str:
        value = f"undefined ({self.reason})" if self.value is None else f"{self.value:,.6g} {self.unit}".strip()
        left_out = f"; {self.undefined:,} undefined left out" if self.undefined else ""
        return f"{value} [{self.n:,} people{left_out}]"


@dataclass(frozen=True)
class Balance:
    """Losers beside winners."""

    losing: Measure
    """Share of the people who lose."""
    gaining: Measure
    unchanged: Measure
    mean_loss: Measure
    """Mean loss of the losers, unit of the values."""
    mean_gain: Measure
    """Mean gain of the winners, positive, unit of the values."""
    mean: Measure
    """Mean loss of all: what the losers lose less what the winners gain, a person."""


@dataclass(frozen=True)
class Decomposition:
    """An index of inequality in parts between and within groups: total = between + within."""

    total: Measure
    between: Measure
    within: Measure
    groups: dict[Any, Measure]
    """The index inside each group."""
    shares: dict[Any, float]
    """Share of each group in the sum of the values: its weight in ``within``."""


@dataclass(frozen=True)
class Redistribution:
    """What a loss, read as a tax, does to inequality; see ``redistribution``."""

    gini_before: Measure
    gini_after: Measure
    effect: Measure
    """``gini_before - gini_after``: positive where the loss makes the outcome more equal."""
    rate: Measure
    """Loss / wealth before it, of all together."""
    kakwani: Measure
    vertical: Measure
    """Reynolds-Smolensky: ``gini_before`` less the concentration of the outcome by the rank before."""
    reranking: Measure
    """Atkinson-Plotnick: ``gini_after`` less that concentration; never negative. effect = vertical - reranking."""
    vertical_of_classes: Measure
    """Gini between classes of near-equals before, less the Gini between the same classes after."""
    horizontal: Measure
    """Inequality that the loss adds inside the classes of near-equals."""
    reranking_of_classes: Measure
    """effect = vertical_of_classes - horizontal - reranking_of_classes."""


# ---------------------------------------------------------------------- preparation


@dataclass(frozen=True)
class _Sample:
    """Defined values with positive weight, in any order."""

    columns: tuple[Float, ...]
    weights: Float
    undefined: int

    @property
    def n(self) -> int:
        return int(self.weights.size)

    def measure(self, value: float, unit: str = "") -> Measure:
        return Measure(float(value), unit, float(self.weights.sum()), self.n, self.undefined)

    def without(self, reason: str, unit: str = "") -> Measure:
        return Measure(None, unit, float(self.weights.sum()), self.n, self.undefined, reason)

    def mean(self, x: Float) -> float:
        return float(np.average(x, weights=self.weights))


def _sample(weights: npt.ArrayLike | None, /, **values: npt.ArrayLike) -> tuple[_Sample, npt.NDArray[np.bool_]]:
    """The people for whom everything is defined, and which of the input they are."""
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    first = next(iter(arrays.values()))
    if weights is not None:
        arrays["weights"] = np.asarray(weights, dtype=np.float64)
    for name, array in arrays.items():
        if array.ndim != 1 or array.shape != first.shape:
            raise refuse(
                f"arrays of one dimension and one length ({first.size}) are needed", column=name, value=array.shape
            )
        if np.isinf(array).any():
            raise refuse("a finite number, or NaN where it is undefined", column=name, value="inf")
    of_people = arrays.pop("weights", None)
    known = np.ones(first.size, dtype=np.bool_)
    for array in arrays.values():
        known &= ~np.isnan(array)
    undefined = known.size - int(np.count_nonzero(known))
    if of_people is None:
        chosen = np.ones(first.size - undefined)
    else:
        if not (of_people >= 0.0).all():
            bad = of_people[~(of_people >= 0.0)][0]
            raise refuse("a weight is finite and not negative", column="weights", value=float(bad))
        known &= of_people > 0.0
        chosen = of_people[known]
    columns = arrays.values() if known.all() else (array[known] for array in arrays.values())
    return _Sample(tuple(columns), chosen, undefined), known


def _codes(groups: npt.ArrayLike, known: npt.NDArray[np.bool_]) -> tuple[npt.NDArray[np.intp], list[Any]]:
    """Numbers of the groups of the known people, and the labels; a missing label is refused."""
    import pandas as pd

    labels = pd.Series(groups)
    if labels.size != known.size:
        raise refuse(f"one label a person ({known.size}) is needed", column="groups", value=labels.size)
    codes, uniques = pd.factorize(labels[known], sort=True)
    if (codes < 0).any():
        raise refuse("a group without a label; name it, so that it is shown", column="groups")
    return codes, list(uniques)


def fractional_rank(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Float:
    """F of each value: share of the people below it plus half of those at it, in (0, 1).

    Equal values have one rank. NaN, and a value of weight 0, have rank NaN. Source: Lerman, Yitzhaki 1989.
    """
    s, known = _sample(weights, values=values)
    out = np.full(known.size, np.nan)
    out[known] = _rank(s.columns[0], s.weights)
    return out


def _rank(x: Float, w: Float, order: npt.NDArray[np.intp] | None = None) -> Float:
    order = np.argsort(x) if order is None else order
    ordered = x[order]
    starts = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])) if x.size else np.zeros(0, np.intp)
    totals = np.add.reduceat(w[order], starts) if x.size else np.zeros(0)
    middle = np.cumsum(totals) - 0.5 * totals
    counts = np.diff(np.append(starts, x.size))
    out = np.empty(x.size)
    out[order] = np.repeat(middle / totals.sum() if x.size else middle, counts)
    return out


def _equal_classes(rank: Float, classes: int) -> npt.NDArray[np.integer]:
    """Class 0 .. classes - 1 of each rank: classes of equally many people, equal values in one class."""
    if not 1 <= classes <= max(rank.size // 2, 1):
        raise refuse("from 1 to half as many classes as there are people", column="classes", value=classes)
    # Small integers are sorted in one pass.
    kind = np.int16 if classes <= np.iinfo(np.int16).max else np.int32
    return np.minimum((rank * classes).astype(kind), kind(classes - 1))


# ---------------------------------------------------------------------- location


def mean(values: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, unit: str = "") -> Measure:
    """Weighted mean: sum(w x) / W, in the unit of the values."""
    s, _ = _sample(weights, values=values)
    return s.measure(s.mean(s.columns[0]), unit) if s.n else s.without(NOBODY, unit)


def quantiles(
    values: npt.ArrayLike, probabilities: Sequence[float], weights: npt.ArrayLike | None = None, *, unit: str = ""
) -> list[Measure]:
    """Weighted quantiles, one for each probability (0..1), in the unit of the values.

    Inverse of the distribution function with averaging where it is flat (type 2 of Hyndman, Fan 1996, the default of
    SAS): the mean of the smallest value up to which at least, and the smallest up to which more than, the share p of
    the people lie. The median of 1, 2, 3, 4 is 2.5.
    """
    s, _ = _sample(weights, values=values)
    for p in probabilities:
        if not 0.0 <= p <= 1.0:
            raise refuse("a probability from 0 to 1", column="probabilities", value=p)
    if s.n == 0:
        return [s.without(NOBODY, unit) for _ in probabilities]
    order = np.argsort(s.columns[0])
    ordered, cumulated = s.columns[0][order], np.cumsum(s.weights[order])
    reach = np.asarray(probabilities, dtype=np.float64) * cumulated[-1]
    # Sums of weights are rounded: a step of the distribution counts as reached within this.
    slack = 1e-12 * cumulated[-1]
    low = np.minimum(np.searchsorted(cumulated, reach - slack, side="left"), s.n - 1)
    high = np.minimum(np.searchsorted(cumulated, reach + slack, side="right"), s.n - 1)
    return [s.measure(0.5 * (ordered[i] + ordered[j]), unit) for i, j in zip(low, high, strict=True)]


def share_above(values: npt.ArrayLike, threshold: float, weights: npt.ArrayLike | None = None) -> Measure:
    """P(x > threshold): share of the people whose value (a loss) is above a threshold in its unit; 0..1."""
    s, _ = _sample(weights, values=values)
    if not np.isfinite(threshold):
        raise refuse("a finite number", column="threshold", value=threshold)
    return s.measure(s.mean((s.columns[0] > threshold).astype(np.float64)), "share") if s.n else s.without(NOBODY)


def balance(
    loss: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, tolerance: float, unit: str = "yuan"
) -> Balance:
    """Losers, winners and unchanged people of a loss (negative: a gain).

    Who loses or gains less than ``tolerance`` (unit of the loss) is unchanged; a difference of just the tolerance is a
    loss or a gain.
    """
    s, _ = _sample(weights, loss=loss)
    if not (np.isfinite(tolerance) and tolerance >= 0.0):
        raise refuse("a finite number, not negative", column="tolerance", value=tolerance)
    x = s.columns[0]
    losing, gaining = (x >= tolerance) & (x != 0.0), (x <= -tolerance) & (x != 0.0)

    def share(chosen: npt.NDArray[np.bool_]) -> Measure:
        return s.measure(s.mean(chosen.astype(np.float64)), "share") if s.n else s.without(NOBODY)

    def mean_of(chosen: npt.NDArray[np.bool_], sign: float, nobody: str) -> Measure:
        part = _Sample((sign * x[chosen],), s.weights[chosen], s.undefined)
        return part.measure(part.mean(part.columns[0]), unit) if part.n else part.without(nobody, unit)

    return Balance(
        share(losing),
        share(gaining),
        share(~(losing | gaining)),
        mean_of(losing, 1.0, "nobody loses"),
        mean_of(gaining, -1.0, "nobody gains"),
        mean_of(np.ones(x.size, np.bool_), 1.0, NOBODY),
    )


# ---------------------------------------------------------------------- inequality


def _concentration(x: Float, rank: Float, s: _Sample) -> float:
    average = s.mean(x)
    return 2.0 * s.mean((x - average) * (rank - 0.5)) / average


def gini(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Measure:
    """Gini coefficient G = sum_ij w_i w_j |x_i - x_j| / (2 W^2 mu) = 2 cov(x, F) / mu.

    0 (all equal) to 1 - w_min/W where nothing is negative; negative values may take it above 1. Undefined unless the
    mean is positive. Source: Gini 1912; as a covariance Lerman, Yitzhaki 1984. No unit.
    """
    s, _ = _sample(weights, values=values)
    return _gini(s.columns[0], s)


def _gini(x: Float, s: _Sample, order: npt.NDArray[np.intp] | None = None) -> Measure:
    if s.n == 0:
        return s.without(NOBODY)
    if s.mean(x) <= 0.0:
        return s.without(NO_POSITIVE_MEAN)
    # In the order of the values; the order among equal ones changes nothing.
    order = np.argsort(x) if order is None else order
    return s.measure(_covariance(x[order], s.weights[order]))


def _covariance(ordered: Float, w: Float) -> float:
    """2 cov(x, F) / mu of values in the order of their rank."""
    total = w.sum()
    average = (w @ ordered) / total
    rank = np.cumsum(w)
    rank -= 0.5 * w
    rank /= total
    rank -= 0.5
    rank *= w
    return float(2.0 * (rank @ (ordered - average)) / (total * average))


def concentration(values: npt.ArrayLike, rank_by: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Measure:
    """Concentration index of x by another variable: C = 2 cov(x, F of rank_by) / mu.

    From -1 (all of it with the first by rank) to 1 (with the last) where nothing is negative; equal ranks share their
    mean. Losses may sum to a gain: with a negative total the sign turns; undefined where they sum to nothing. Source:
    Kakwani 1977; Wagstaff, Paci, van Doorslaer 1991. No unit.
    """
    s, _ = _sample(weights, values=values, rank_by=rank_by)
    return _concentration_of(s.columns[0], _rank(s.columns[1], s.weights), s)


def _concentration_of(x: Float, rank: Float, s: _Sample) -> Measure:
    if s.n == 0:
        return s.without(NOBODY)
    if abs(s.mean(x)) <= SMALL_TOTAL * s.mean(np.abs(x)):
        return s.without(NO_TOTAL)
    return s.measure(_concentration(x, rank, s))


def kakwani(loss: npt.ArrayLike, before: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Measure:
    """Kakwani index of a loss read as a tax on what the reference gives: K = C(loss by before) - G(before).

    Positive: the rich lose a larger share (progressive); 0: all lose the same share; negative: the poor do. From
    -1 - G to 1 - G where nobody gains. Undefined where the losses sum to nothing, or the mean before is not positive.
    Source: Kakwani 1977. No unit.
    """
    s, _ = _sample(weights, loss=loss, before=before)
    x, y = s.columns
    return _kakwani_of(_concentration_of(x, _rank(y, s.weights), s), _gini(y, s), s)


def _kakwani_of(tax: Measure, inequality: Measure, s: _Sample) -> Measure:
    for part in (inequality, tax):
        if part.value is None:
            return part
    return s.measure(float(tax) - float(inequality))


def theil(values: npt.ArrayLike, weights: npt.ArrayLike | None = None) -> Measure:
    """Theil T: T = (1/W) sum w (x/mu) ln(x/mu), with 0 ln 0 = 0.

    0 (all equal) to ln(W/w_min). Undefined with a negative value, or unless the mean is positive. Source: Theil 1967.
    Unit: nats.
    """
    s, _ = _sample(weights, values=values)
    return _theil(s.columns[0], s)


def _theil(x: Float, s: _Sample) -> Measure:
    if s.n == 0:
        return s.without(NOBODY, "nats")
    if x.min() < 0.0:
        return s.without(NEGATIVE, "nats")
    average = s.mean(x)
    if average <= 0.0:
        return s.without(NO_POSITIVE_MEAN, "nats")
    ratio = x / average
    return s.measure(s.mean(ratio * np.log(np.where(ratio > 0.0, ratio, 1.0))), "nats")


def theil_decomposition(
    values: npt.ArrayLike, groups: npt.ArrayLike, weights: npt.ArrayLike | None = None
) -> Decomposition:
    """Theil T between and within groups: T = sum_g s_g ln(mu_g/mu) + sum_g s_g T_g, s_g the group's share of the sum.

    Exact: total = between + within. Undefined like ``theil``; T_g of a group that has nothing is undefined and weighs
    nothing. Source: Theil 1967; Shorrocks 1980. Unit: nats.
    """
    s, known = _sample(weights, values=values)
    x, w = s.columns[0], s.weights
    codes, labels = _codes(groups, known)
    total = _theil(x, s)
    if total.value is None:
        return Decomposition(total, total, total, {label: total for label in labels}, {})
    size = len(labels)
    people, sums = np.bincount(codes, w, size), np.bincount(codes, w * x, size)
    counts = np.bincount(codes, minlength=size)
    shares, means = sums / sums.sum(), sums / people
    has = sums > 0.0
    ratio = np.where(has[codes], x / np.where(has, means, 1.0)[codes], 1.0)
    inside = np.bincount(codes, w * ratio * np.log(np.where(ratio > 0.0, ratio, 1.0)), size) / people
    of_groups = {}
    for g, label in enumerate(labels):
        value, reason = (float(inside[g]), "") if has[g] else (None, NO_POSITIVE_MEAN)
        of_groups[label] = Measure(value, "nats", float(people[g]), int(counts[g]), 0, reason)
    between = float(np.sum(shares[has] * np.log(means[has] / s.mean(x))))
    within = float(np.sum(shares[has] * inside[has]))
    return Decomposition(
        total,
        s.measure(between, "nats"),
        s.measure(within, "nats"),
        of_groups,
        {label: float(share) for label, share in zip(labels, shares, strict=True)},
    )


# ---------------------------------------------------------------------- redistribution


def redistribution(
    before: npt.ArrayLike, after: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, classes: int = 20
) -> Redistribution:
    """What moving from ``before`` (the reference) to ``after`` (the law) does to inequality; before - after is the tax.

    effect     RE = G(before) - G(after) = RS - AP = V - H - R
    vertical   RS = G(before) - C(after by before) = K t/(1 - t), t the mean rate, K Kakwani's index
               (Reynolds, Smolensky 1977)
    re-ranking AP = G(after) - C(after by before) >= 0 (Atkinson 1980; Plotnick 1981)
    classes    of near-equals, equally many people by ``before`` (equal values in one class), after Aronson, Johnson,
               Lambert 1994 and van de Ven, Creedy, Lambert 2001: V = concentration by class of the class means before
               less that of the class means after; H = sum_k a_k G_k(after) - sum_k b_k G_k(before), a_k (b_k) share of
               people times share of wealth after (before) of class k; R = G(after) - C(after by class, then by after)
               >= 0. With exact equals in a class the second sum of H is 0; in wider classes H is what inequality grew.

    No unit. Undefined where one of the two means is not positive; Kakwani also where the losses sum to nothing.
    """
    s, _ = _sample(weights, before=before, after=after)
    x, y = s.columns
    order_before, order_after = np.argsort(x), np.argsort(y)
    rank = _rank(x, s.weights, order_before)
    g_before, g_after = _gini(x, s, order_before), _gini(y, s, order_after)
    tax = _kakwani_of(_concentration_of(x - y, rank, s), g_before, s)
    bad = next((g for g in (g_before, g_after) if g.value is None), None)
    rate = g_before if g_before.value is None else s.measure(1.0 - s.mean(y) / s.mean(x), "share")
    if bad is not None:
        return Redistribution(g_before, g_after, bad, rate, tax, bad, bad, bad, bad, bad)
    kept = _concentration(y, rank, s)
    return Redistribution(
        g_before,
        g_after,
        s.measure(float(g_before) - float(g_after)),
        rate,
        tax,
        s.measure(float(g_before) - kept),
        s.measure(float(g_after) - kept),
        *_of_classes(x, y, order_after, _equal_classes(rank, classes), (float(g_before), float(g_after)), s),
    )


def _of_classes(
    x: Float,
    y: Float,
    order: npt.NDArray[np.intp],
    class_of: npt.NDArray[np.integer],
    ginis: tuple[float, float],
    s: _Sample,
) -> tuple[Measure, Measure, Measure]:
    """(V, H, R) of ``redistribution``; classes ascend with x, ``order`` sorts y."""
    w = s.weights
    size = int(class_of.max()) + 1
    people: Float = np.bincount(class_of, w, size).astype(np.float64)
    ordered = np.flatnonzero(people)

    def between(z: Float) -> float:
        means = np.bincount(class_of, w * z, size)[ordered] / people[ordered]
        return _covariance(means, people[ordered])

    order = order[np.argsort(class_of[order], kind="stable")]
    by_class_then_y = _covariance(y[order], w[order])
    # Classes do not overlap in x, so all of G(before) that is not between them is inside them.
    grown = (by_class_then_y - between(y)) - (ginis[0] - between(x))
    return s.measure(between(x) - between(y)), s.measure(grown), s.measure(ginis[1] - by_class_then_y)


# ---------------------------------------------------------------------- poverty and horizontal inequity


def half_median_line(values: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, unit: str = "yuan") -> Measure:
    """Half the weighted median, a relative poverty line (OECD practice), in the unit of the values."""
    (median,) = quantiles(values, [0.5], weights, unit=unit)
    return median if median.value is None else replace(median, value=0.5 * median.value)


def fgt(
    values: npt.ArrayLike, line: float | npt.ArrayLike, alpha: float, weights: npt.ArrayLike | None = None
) -> Measure:
    """Poverty FGT(alpha) = (1/W) sum over x < z of w ((z - x)/z)^alpha.

    ``line`` z is one number, or one for each person (a minimum living allowance 低保 by place), in the unit of the
    values and positive. alpha 0: share of the poor; 1: poverty gap; 2: severity. Who is at the line is not poor. 0..1
    where nothing is negative. Source: Foster, Greer, Thorbecke 1984. No unit.
    """
    if not (np.isfinite(alpha) and alpha >= 0.0):
        raise refuse("a finite number, not negative", column="alpha", value=alpha)
    x = np.asarray(values, dtype=np.float64)
    lines = np.asarray(line, dtype=np.float64)
    s, _ = _sample(weights, values=x, line=np.full(x.shape, lines) if lines.ndim == 0 else lines)
    x, z = s.columns
    if s.n == 0:
        return s.without(NOBODY)
    if not (z > 0.0).all():
        raise refuse("a positive poverty line", column="line", value=float(z[~(z > 0.0)][0]))
    poor = x < z
    gap = np.where(poor, (z - x) / z, 0.0)
    return s.measure(s.mean(np.where(poor, gap**alpha, 0.0)), "share" if alpha == 0.0 else "")


def horizontal_inequity(
    wealth: npt.ArrayLike, contributions: npt.ArrayLike, weights: npt.ArrayLike | None = None, *, classes: int = 20
) -> Measure:
    """E[Var(ln PW | equal contributions)]: how unlike the wealth of people is who contributed alike.

    ``contributions`` are present values of contributions, ``wealth`` pension wealth. Classes of equally many people by
    contributions (equal values in one class); inside each the variance sum(w (ln PW - mean)^2) / sum(w); then the mean
    over the people. 0 where equal contributions give equal wealth, no upper bound; no unit (squared log points). It
    holds the inequality of contributions inside a class: choose as many classes as leave many people in each. Wealth
    that is not positive has no logarithm: undefined and counted. An operationalisation of this library; the idea of
    variance among equals is that of Atkinson 1980.
    """
    given = np.asarray(wealth, dtype=np.float64)
    logs = np.log(np.where(given > 0.0, given, 1.0))
    logs[~(given > 0.0)] = np.nan
    s, _ = _sample(weights, wealth=np.where(np.isinf(given), given, logs), contributions=contributions)
    if s.n == 0:
        return s.without(NOBODY)
    y, paid = s.columns
    class_of = _equal_classes(_rank(paid, s.weights), classes)
    people = np.bincount(class_of, s.weights, classes)
    means = np.bincount(class_of, s.weights * y, classes) / np.where(people > 0.0, people, 1.0)
    return s.measure(s.mean((y - means[class_of]) ** 2))
