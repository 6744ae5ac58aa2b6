"""Measures of distribution: tiny samples by hand, and what must hold for any sample."""

from math import e, log
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pension import equity
from pension.errors import InputError

NAN = float("nan")


def value(measure: equity.Measure) -> float:
    assert measure.value is not None, measure.reason
    return measure.value


# ---------------------------------------------------------------------- by hand


def test_mean_counts_the_undefined_beside_it() -> None:
    found = equity.mean([1.0, NAN, 4.0], [2.0, 5.0, 1.0], unit="yuan")
    assert (value(found), found.people, found.n, found.undefined, found.unit) == (6 / 3, 3.0, 2, 1, "yuan")


def test_quantiles_average_where_the_distribution_is_flat() -> None:
    found = equity.quantiles([4.0, 1.0, 3.0, 2.0], [0.0, 0.1, 0.25, 0.5, 0.6, 1.0])
    # a quarter lies up to 1, a half up to 2: means of 1 and 2, of 2 and 3
    assert [value(q) for q in found] == [1.0, 1.0, 1.5, 2.5, 3.0, 4.0]


def test_quantiles_by_weight() -> None:
    # 1, 1, 1, 2, 9, 9
    found = equity.quantiles([9.0, 2.0, 1.0], [0.5, 0.55, 0.9], [2.0, 1.0, 3.0])
    assert [value(q) for q in found] == [1.5, 2.0, 9.0]


def test_rounded_sums_of_weights_do_not_move_a_quantile() -> None:
    # ten weights of 0.1 sum to a little less than 1; the median is still the mean of the fifth and the sixth
    (median,) = equity.quantiles(np.arange(1.0, 11.0), [0.5], np.full(10, 0.1))
    assert value(median) == 5.5


def test_share_above_is_strict() -> None:
    assert value(equity.share_above([0.0, 10.0, 20.0], 10.0, [1.0, 1.0, 2.0])) == 0.5


def test_balance_of_losers_and_winners() -> None:
    # losers 10 (weight 1) and 1 (weight 2), winners 4 (weight 3), within the tolerance 0.5 (weight 4)
    found = equity.balance([10.0, 1.0, -4.0, 0.5, NAN], [1.0, 2.0, 3.0, 4.0, 9.0], tolerance=1.0)
    assert value(found.losing) == pytest.approx(3 / 10)
    assert value(found.gaining) == pytest.approx(3 / 10)
    assert value(found.unchanged) == pytest.approx(4 / 10)
    assert value(found.mean_loss) == pytest.approx((10 + 2) / 3)
    assert value(found.mean_gain) == 4.0
    assert value(found.mean) == pytest.approx((10 + 2 - 12 + 2) / 10)
    assert found.losing.undefined == 1


def test_without_tolerance_only_the_same_is_unchanged() -> None:
    assert value(equity.balance([0.0, 1e-9], tolerance=0.0).unchanged) == 0.5


def test_nobody_who_loses_has_no_mean_loss() -> None:
    found = equity.balance([-1.0, -3.0], tolerance=1.0)
    assert found.mean_loss.value is None and found.mean_loss.reason == "nobody loses"
    assert value(found.mean_gain) == 2.0


def test_gini() -> None:
    # 1 2 3 4: sum of the six differences 10; 2*10 / (2 * 4^2 * 2.5)
    assert value(equity.gini([3.0, 1.0, 4.0, 2.0])) == pytest.approx(0.25, rel=1e-15)
    assert value(equity.gini([0.0, 0.0, 0.0, 5.0])) == pytest.approx(0.75, rel=1e-15)
    # 1 1 1 3: three differences of 2; 2*6 / (2 * 4^2 * 1.5)
    assert value(equity.gini([3.0, 1.0], [1.0, 3.0])) == pytest.approx(0.25, rel=1e-15)


def test_concentration() -> None:
    # 1 2 3: Gini 2*4 / (2 * 9 * 2) = 2/9; ranked the other way round its negative
    assert value(equity.concentration([1.0, 2.0, 3.0], [30.0, 20.0, 10.0])) == pytest.approx(-2 / 9)
    # equal ranks share their mean: like 2 2 6 6, four differences of 4; 2*16 / (2 * 16 * 4)
    assert value(equity.concentration([1.0, 3.0, 5.0, 7.0], [0.0, 0.0, 1.0, 1.0])) == pytest.approx(0.25)


def test_kakwani_of_a_proportional_and_of_a_progressive_loss() -> None:
    before = [10.0, 20.0, 30.0]
    assert value(equity.kakwani([1.0, 2.0, 3.0], before)) == pytest.approx(0.0, abs=1e-15)
    # all of it with the last of three: concentration 1 - 1/3; Gini of the reference 2/9
    assert value(equity.kakwani([0.0, 0.0, 6.0], before)) == pytest.approx(2 / 3 - 2 / 9)


def test_theil() -> None:
    assert value(equity.theil([1.0, 3.0])) == pytest.approx((0.5 * log(0.5) + 1.5 * log(1.5)) / 2)
    assert value(equity.theil([0.0, 2.0])) == pytest.approx(log(2))


def test_theil_between_and_within() -> None:
    # a: 1, 3 (mean 2, a third of the sum of 12), b: 8 (two thirds); overall mean 4
    found = equity.theil_decomposition([1.0, 8.0, 3.0], ["a", "b", "a"])
    inside = (0.5 * log(0.5) + 1.5 * log(1.5)) / 2
    assert value(found.groups["a"]) == pytest.approx(inside)
    assert value(found.groups["b"]) == 0.0
    assert found.shares == {"a": pytest.approx(1 / 3), "b": pytest.approx(2 / 3)}
    assert value(found.between) == pytest.approx(1 / 3 * log(2 / 4) + 2 / 3 * log(8 / 4))
    assert value(found.within) == pytest.approx(inside / 3)
    assert found.groups["a"].people == 2.0


def test_a_group_with_nothing_has_no_theil_and_weighs_nothing() -> None:
    found = equity.theil_decomposition([0.0, 0.0, 2.0, 2.0], [7, 7, 8, 8])
    assert found.groups[7].value is None
    assert value(found.between) == pytest.approx(log(2)) == value(found.total)


def test_redistribution_of_a_loss_of_the_rich() -> None:
    # Gini before 2/9; after 10 20 24: differences 10 + 14 + 4; 2*28 / (2 * 9 * 18) = 14/81. Mean rate 6/60.
    found = equity.redistribution([10.0, 20.0, 30.0], [10.0, 20.0, 24.0], classes=1)
    assert value(found.gini_before) == pytest.approx(2 / 9)
    assert value(found.gini_after) == pytest.approx(14 / 81)
    assert value(found.effect) == pytest.approx(4 / 81)
    assert value(found.rate) == pytest.approx(0.1)
    assert value(found.vertical) == pytest.approx((2 / 3 - 2 / 9) * 0.1 / 0.9)
    assert value(found.reranking) == pytest.approx(0.0, abs=1e-15)


def test_redistribution_that_turns_the_order_round() -> None:
    # before 10 20: 2*10 / (2 * 4 * 15) = 1/6; after 12 8: 2*4 / (2 * 4 * 10) = 1/10, by the rank before -1/10
    found = equity.redistribution([10.0, 20.0], [12.0, 8.0], classes=1)
    assert value(found.effect) == pytest.approx(1 / 6 - 1 / 10)
    assert value(found.vertical) == pytest.approx(1 / 6 + 1 / 10)
    assert value(found.reranking) == pytest.approx(1 / 5)


def test_unequal_treatment_of_equals() -> None:
    # before 10 10 20 20: 2*40 / (2 * 16 * 15) = 1/6; class means after 9 and 21: 2*48 / (2 * 16 * 15) = 1/5;
    # inside: half the people and 18/60 of the wealth with Gini 2*2/(2*4*9), half and 42/60 with 2*2/(2*4*21)
    found = equity.redistribution([10.0, 10.0, 20.0, 20.0], [8.0, 10.0, 20.0, 22.0], classes=2)
    assert value(found.vertical_of_classes) == pytest.approx(1 / 6 - 1 / 5)
    assert value(found.horizontal) == pytest.approx(0.5 * 0.3 / 18 + 0.5 * 0.7 / 42)
    assert value(found.reranking_of_classes) == pytest.approx(0.0, abs=1e-15)


def test_poverty() -> None:
    wealth = [50.0, 80.0, 100.0, 120.0]
    assert value(equity.fgt(wealth, 100.0, 0.0)) == 2 / 4  # who is at the line is not poor
    assert value(equity.fgt(wealth, 100.0, 1.0)) == pytest.approx((0.5 + 0.2) / 4)
    assert value(equity.fgt(wealth, 100.0, 2.0)) == pytest.approx((0.25 + 0.04) / 4)
    # a line for each place, weighted
    assert value(equity.fgt([50.0, 80.0], [100.0, 60.0], 1.0, [1.0, 3.0])) == pytest.approx(0.5 / 4)


def test_half_median_line() -> None:
    assert value(equity.half_median_line([100.0, 300.0, 900.0])) == 150.0


def test_horizontal_inequity() -> None:
    # equal contributions: ln PW 0 and 2 (variance 1), 1 and 1 (variance 0)
    found = equity.horizontal_inequity([1.0, e**2, e, e, 0.0], [5.0, 5.0, 7.0, 7.0, 7.0], classes=2)
    assert value(found) == pytest.approx(0.5)
    assert found.undefined == 1  # nothing has no logarithm


def test_fractional_rank() -> None:
    # weights 1 at 10, 3 at 20 (two values), 1 undefined
    found = equity.fractional_rank([20.0, 10.0, 20.0, NAN], [1.0, 1.0, 2.0, 1.0])
    np.testing.assert_allclose(found, [0.25 + 0.375, 0.125, 0.25 + 0.375, NAN])


# ---------------------------------------------------------------------- undefined and refused


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (equity.mean([NAN]), equity.NOBODY),
        (equity.mean([1.0], [0.0]), equity.NOBODY),
        (equity.quantiles([], [0.5])[0], equity.NOBODY),
        (equity.share_above([NAN], 0.0), equity.NOBODY),
        (equity.balance([], tolerance=1.0).losing, equity.NOBODY),
        (equity.gini([0.0, 0.0]), equity.NO_POSITIVE_MEAN),
        (equity.gini([1.0, -1.0]), equity.NO_POSITIVE_MEAN),
        (equity.concentration([1.0, -1.0], [1.0, 2.0]), equity.NO_TOTAL),
        (equity.kakwani([0.0, 0.0], [1.0, 2.0]), equity.NO_TOTAL),
        (equity.kakwani([1.0, 1.0], [0.0, 0.0]), equity.NO_POSITIVE_MEAN),
        (equity.theil([2.0, -1.0]), equity.NEGATIVE),
        (equity.theil([0.0]), equity.NO_POSITIVE_MEAN),
        (equity.theil_decomposition([0.0], ["a"]).between, equity.NO_POSITIVE_MEAN),
        (equity.fgt([NAN], 1.0, 0.0), equity.NOBODY),
        (equity.half_median_line([]), equity.NOBODY),
        (equity.horizontal_inequity([0.0, -1.0], [1.0, 2.0]), equity.NOBODY),
        (equity.redistribution([1.0, 1.0], [0.0, 0.0]).effect, equity.NO_POSITIVE_MEAN),
    ],
)
def test_undefined_has_a_reason_and_is_no_number(found: equity.Measure, reason: str) -> None:
    assert found.value is None
    assert found.reason == reason
    assert reason in str(found)
    with pytest.raises(ValueError, match=reason):
        float(found)


def test_a_gini_without_a_loss_is_still_known() -> None:
    # 1 2: 2*1 / (2 * 4 * 1.5)
    found = equity.redistribution([1.0, 2.0], [1.0, 2.0], classes=1)
    assert value(found.gini_after) == pytest.approx(1 / 6)
    assert value(found.effect) == 0.0
    assert found.kakwani.reason == equity.NO_TOTAL


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: equity.mean([1.0, 2.0], [1.0]), "weights"),
        (lambda: equity.mean([[1.0, 2.0]]), "one dimension"),
        (lambda: equity.mean([1.0], [-1.0]), "weight is finite and not negative"),
        (lambda: equity.mean([1.0], [NAN]), "weight is finite and not negative"),
        (lambda: equity.mean([float("inf")]), "finite"),
        (lambda: equity.quantiles([1.0], [1.5]), "probabilities = 1.5"),
        (lambda: equity.share_above([1.0], NAN), "threshold"),
        (lambda: equity.balance([1.0], tolerance=-1.0), "tolerance"),
        (lambda: equity.theil_decomposition([1.0, 2.0], ["a"]), "groups"),
        (lambda: equity.theil_decomposition([1.0, 2.0], ["a", None]), "without a label"),
        (lambda: equity.fgt([1.0], 0.0, 0.0), "positive poverty line"),
        (lambda: equity.fgt([1.0], 1.0, -1.0), "alpha"),
        (lambda: equity.redistribution([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], classes=2), "classes = 2"),
    ],
)
def test_what_cannot_be_is_refused(call: Any, text: str) -> None:
    with pytest.raises(InputError, match=text):
        call()


# ---------------------------------------------------------------------- properties

AMOUNTS = st.floats(min_value=1.0, max_value=1e6)
PEOPLE = st.lists(st.tuples(AMOUNTS, AMOUNTS, st.integers(1, 4), st.integers(0, 2)), min_size=2, max_size=30)
MEASURES = {
    "mean": lambda x, y, w: equity.mean(x, w),
    "median": lambda x, y, w: equity.quantiles(x, [0.5], w)[0],
    "decile": lambda x, y, w: equity.quantiles(x, [0.1], w)[0],
    "above": lambda x, y, w: equity.share_above(x, 1000.0, w),
    "gini": lambda x, y, w: equity.gini(x, w),
    "theil": lambda x, y, w: equity.theil(x, w),
    "concentration": lambda x, y, w: equity.concentration(x, y, w),
    "kakwani": lambda x, y, w: equity.kakwani(x, y, w),
    "reranking": lambda x, y, w: equity.redistribution(y, x, w, classes=1).reranking,
    "horizontal": lambda x, y, w: equity.redistribution(y, x, w, classes=1).horizontal,
    "poverty": lambda x, y, w: equity.fgt(x, 5000.0, 1.0, w),
    "inequity": lambda x, y, w: equity.horizontal_inequity(x, y, w, classes=1),
}
RELATIVE = ("gini", "theil", "concentration", "kakwani", "reranking", "horizontal", "inequity")


def columns(people: list[tuple[float, float, int, int]]) -> tuple[Any, Any, Any, Any]:
    x, y, w, g = zip(*people, strict=True)
    return np.array(x), np.array(y), np.array(w, dtype=np.float64), np.array(g)


@pytest.mark.parametrize("name", MEASURES)
@given(people=PEOPLE)
def test_a_weight_is_a_replication(name: str, people: list[tuple[float, float, int, int]]) -> None:
    x, y, w, _ = columns(people)
    times = w.astype(np.int64)
    weighted = value(MEASURES[name](x, y, w))
    assert weighted == pytest.approx(value(MEASURES[name](x.repeat(times), y.repeat(times), None)), rel=1e-9, abs=1e-9)
    # ten times everybody changes nothing
    assert weighted == pytest.approx(value(MEASURES[name](x, y, 10.0 * w)), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", MEASURES)
@given(people=PEOPLE, seed=st.integers(0, 99))
def test_the_order_of_the_people_does_not_matter(
    name: str, people: list[tuple[float, float, int, int]], seed: int
) -> None:
    x, y, w, _ = columns(people)
    mixed = np.random.default_rng(seed).permutation(x.size)
    there, here = MEASURES[name](x[mixed], y[mixed], w[mixed]), MEASURES[name](x, y, w)
    assert value(there) == pytest.approx(value(here), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", RELATIVE)
@given(people=PEOPLE, factor=st.floats(min_value=0.01, max_value=100.0))
def test_relative_measures_do_not_depend_on_the_unit(
    name: str, people: list[tuple[float, float, int, int]], factor: float
) -> None:
    x, y, w, _ = columns(people)
    assert value(MEASURES[name](factor * x, y, w)) == pytest.approx(value(MEASURES[name](x, y, w)), rel=1e-9, abs=1e-9)


@given(AMOUNTS, st.lists(st.integers(1, 5), min_size=1, max_size=20))
def test_equal_people_have_no_inequality(amount: float, weights: list[int]) -> None:
    same = np.full(len(weights), amount)
    assert value(equity.gini(same, weights)) == pytest.approx(0.0, abs=1e-14)
    assert value(equity.theil(same, weights)) == pytest.approx(0.0, abs=1e-14)


@given(PEOPLE)
def test_gini_is_the_sum_of_all_differences(people: list[tuple[float, float, int, int]]) -> None:
    x, _, w, _ = columns(people)
    differences = np.sum(w[:, None] * w * np.abs(x[:, None] - x))
    total = w.sum()
    assert value(equity.gini(x, w)) == pytest.approx(differences / (2.0 * total * (w @ x)), rel=1e-9, abs=1e-12)


@given(PEOPLE)
def test_theil_decomposes_exactly(people: list[tuple[float, float, int, int]]) -> None:
    x, _, w, g = columns(people)
    found = equity.theil_decomposition(x, g, w)
    assert value(found.total) == pytest.approx(value(found.between) + value(found.within), rel=1e-9, abs=1e-12)
    within = sum(found.shares[k] * value(found.groups[k]) for k in found.groups)
    assert value(found.within) == pytest.approx(within, rel=1e-9, abs=1e-12)
    assert value(found.between) >= -1e-12


@given(PEOPLE, st.integers(1, 5))
def test_the_parts_of_redistribution_sum(people: list[tuple[float, float, int, int]], classes: int) -> None:
    before, after, w, _ = columns(people)
    found = equity.redistribution(before, after, w, classes=min(classes, len(people) // 2))
    effect = value(found.effect)
    assert effect == pytest.approx(value(found.vertical) - value(found.reranking), abs=1e-12)
    parts = value(found.vertical_of_classes) - value(found.horizontal) - value(found.reranking_of_classes)
    assert effect == pytest.approx(parts, abs=1e-12)
    assert value(found.reranking) >= -1e-12
    assert value(found.reranking_of_classes) >= -1e-12
    if found.kakwani.value is not None:
        rate = value(found.rate)
        assert value(found.vertical) == pytest.approx(found.kakwani.value * rate / (1.0 - rate), rel=1e-6, abs=1e-9)


@given(PEOPLE)
def test_a_proportional_loss_changes_no_inequality(people: list[tuple[float, float, int, int]]) -> None:
    before, _, w, _ = columns(people)
    found = equity.redistribution(before, 0.8 * before, w, classes=1)
    for part in (found.effect, found.vertical, found.reranking, found.horizontal, found.kakwani):
        assert value(part) == pytest.approx(0.0, abs=1e-9)
