"""Loss measures and the Shapley value, by hand."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from properties.people import histories, random_people, real

from pension.accounting import Regime
from pension.engine import Engine
from pension.kernels.attribution import IN_ORDER, LEAST, MOST, SHAPLEY
from pension.losses import (
    MEASURES,
    NEEDED,
    REASONS,
    UNITS,
    attribution,
    coalitions,
    group_of,
    loss,
    measure,
    ratio,
    shapley,
)

NINE = (
    "flat_base earnings_base index_wage vesting resident_years pooled_on_exit overlap temporary_accounts "
    "late_backpayments"
).split()


def test_loss_is_positive_when_the_regime_pays_less() -> None:
    np.testing.assert_array_equal(loss(np.array([80.0, 120.0]), np.array([100.0, 100.0])), [20.0, -20.0])


def test_loss_between_regimes_over_other_contributions_is_of_net_wealth() -> None:
    # 100 more is paid for 130 more: 30. Equal contributions change nothing, to the bit
    pw, reference = np.array([1000.0, 0.1]), np.array([1130.0, 0.3])
    assert loss(pw, reference, np.array([50.0, 7.7]), np.array([150.0, 7.7])).tolist() == [30.0, 0.3 - 0.1]


TWO = (
    {"status": 0.0, "pw": 900.0, "monthly": 90.0, "replacement_rate": 0.3, "forfeited": 20.0, "contributed": 80.0}
    | {"basic": 40.0, "employee_months": 100.0, "pw_r0": 450.0, "irr": 0.05, "irr_status": 0.0, "moneys_worth": 3.0},
    {"status": 0.0, "pw": 1200.0, "monthly": 120.0, "replacement_rate": 0.4, "forfeited": 0.0, "contributed": 80.0}
    | {"basic": 60.0, "employee_months": 180.0, "pw_r0": 600.0, "irr": 0.07, "irr_status": 0.0, "moneys_worth": 4.0},
)


def _measured(
    name: str, first: dict[str, float] | None = None, second: dict[str, float] | None = None
) -> tuple[float, int]:
    columns = [
        {key: np.array([value]) for key, value in (known | (change or {})).items()}
        for known, change in zip(TWO, (first, second), strict=True)
    ]
    value, reason = measure(name, *columns)
    return float(value[0]), int(reason[0])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("L1", 300.0),
        ("L2", 0.25),
        ("L3", 0.25),
        ("L4", 0.1),
        ("L5", 0.25),  # 20 of 80 under the regime; the reference's own share has no part in it
        ("L6", 7.5),  # 60 for 15 years are 4 a year; 30 lost
        ("L7", 150.0),
        ("L8_irr", 0.02),
        ("L8_worth", 1.0),
    ],
)
def test_measures_by_hand(name: str, value: float) -> None:
    assert _measured(name) == (pytest.approx(value, rel=1e-12), 0)


def test_compensation_between_other_contributions() -> None:
    # 300 more for 100 more of own money, constant yuan; one yuan at R0 is 2 of them
    own = {"own_contributions": 50.0, "price": 2.0}, {"own_contributions": 150.0, "price": 2.0}
    assert _measured("L1", *own) == (200.0, 0)
    assert _measured("L7", *own) == (100.0, 0)


@pytest.mark.parametrize(
    ("name", "first", "second", "reason"),
    [
        *((name, {"status": 1.0}, {"status": 3.0}, 1) for name in MEASURES),
        *((name, {}, {"status": 3.0}, 3) for name in MEASURES),
        ("L2", {}, {"pw": 0.0}, 11),
        ("L3", {}, {"monthly": 0.0}, 11),
        ("L4", {"replacement_rate": np.nan}, {"replacement_rate": np.nan}, 12),
        ("L5", {"contributed": 0.0}, {}, 16),
        ("L6", {}, {"basic": 0.0}, 17),
        ("L6", {}, {"employee_months": 0.0}, 17),
        ("L8_irr", {"irr": np.nan, "irr_status": 14.0}, {}, 14),
        ("L8_irr", {}, {"irr": np.nan, "irr_status": 15.0}, 15),
        ("L8_worth", {"moneys_worth": np.nan}, {"moneys_worth": np.nan}, 13),
    ],
)
def test_an_undefined_measure_has_a_reason(
    name: str, first: dict[str, float], second: dict[str, float], reason: int
) -> None:
    value, found = _measured(name, first, second)
    assert np.isnan(value) and found == reason
    assert REASONS[reason]


def test_every_measure_has_a_unit_and_says_what_it_reads() -> None:
    assert list(MEASURES) == list(UNITS) == list(NEEDED)
    with pytest.raises(ValueError, match="'L9' is no measure"):
        _measured("L9")


def test_ratio_is_undefined_without_a_reference() -> None:
    # 1 − 75/100, 1 − 150/100, and nothing to compare with
    found = ratio(np.array([75.0, 150.0, 50.0, 0.0]), np.array([100.0, 100.0, 0.0, 0.0]))
    np.testing.assert_array_equal(found, [0.25, -0.5, np.nan, np.nan])


def test_shapley_of_two_players() -> None:
    # v: none 0, first 10, second 20, both 50. First: (10 + (50 − 20))/2, second: (20 + (50 − 10))/2
    np.testing.assert_allclose(shapley(np.array([0.0, 10.0, 20.0, 50.0])), [20.0, 30.0], rtol=1e-15)


def test_shapley_of_three_players() -> None:
    # v by bit mask: 0, a 12, b 6, ab 24, c 0, ac 30, bc 18, abc 48
    # a: 12/3 + (24 − 6 + 30 − 0)/6 + (48 − 18)/3 = 4 + 8 + 10
    # b: 6/3 + (24 − 12 + 18 − 0)/6 + (48 − 30)/3 = 2 + 5 + 6
    # c: 0/3 + (30 − 12 + 18 − 6)/6 + (48 − 24)/3 = 0 + 5 + 8
    values = np.array([0.0, 12.0, 6.0, 24.0, 0.0, 30.0, 18.0, 48.0])
    np.testing.assert_allclose(shapley(values), [22.0, 13.0, 13.0], rtol=1e-14)


def test_shapley_of_the_glove_game() -> None:
    # two left gloves, one right: the right one is in short supply: 1/6, 1/6, 4/6
    values = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0])
    np.testing.assert_allclose(shapley(values), [1 / 6, 1 / 6, 4 / 6], rtol=1e-14)


def test_a_player_who_changes_nothing_gets_nothing_and_the_parts_sum_to_the_whole() -> None:
    rng = np.random.default_rng(5)
    by_two = rng.normal(size=(7, 4))
    # the third player (bit 2) is a dummy: the same values with and without it
    parts = shapley(np.concatenate([by_two, by_two], axis=1))
    assert parts.shape == (7, 3)
    np.testing.assert_allclose(parts[:, 2], 0.0, atol=1e-15)
    np.testing.assert_allclose(parts.sum(axis=1), by_two[:, 3] - by_two[:, 0], rtol=1e-12)
    np.testing.assert_allclose(parts[:, :2], shapley(by_two), rtol=1e-12)


def test_shapley_needs_every_coalition() -> None:
    with pytest.raises(ValueError, match="no power of two"):
        shapley(np.zeros(6))


def test_law_to_fair_are_nine_provisions_with_the_route_held_free() -> None:
    law, fair = Regime.named("current"), Regime.named("fair")
    game = coalitions(law, fair)
    assert list(game.provisions) == NINE
    assert len(game.mixtures) == 512
    assert game.base.choice("route_choice") == "better"
    assert all(m.choice("route_choice") == "better" for m in game.mixtures)
    assert game.mixtures[0].differs(law) == ("route_choice",)
    assert game.mixtures[511].differs(fair) == ()


def test_bit_k_of_a_coalition_is_provision_k() -> None:
    law, fair = Regime.named("current"), Regime.named("fair")
    game = coalitions(law, fair)
    for k, provision in enumerate(game.provisions):
        assert game.mixtures[1 << k].differs(game.base) == (provision,)
        assert game.mixtures[511 - (1 << k)].differs(fair) == (provision,)


def test_the_route_is_the_first_step_before_all_others() -> None:
    law, fair = Regime.named("current"), Regime.named("fair")
    weights = {p: float(2**k) for k, p in enumerate(NINE)}

    def value(regimes: Sequence[Regime]) -> np.ndarray:
        # additive, and 1000 for the free route: every part is known
        amounts = []
        for regime in regimes:
            amount = 1000.0 * (regime.choice("route_choice") == "better")
            amount += sum(w for p, w in weights.items() if regime.choice(p) == fair.choice(p))
            amounts.append(amount)
        return np.array([amounts, amounts])

    parts = attribution(law, fair, value)
    assert list(parts) == ["route_choice", *NINE]
    np.testing.assert_allclose(parts["route_choice"], [1000.0, 1000.0])
    for provision in NINE:
        np.testing.assert_allclose(parts[provision], weights[provision], rtol=1e-12)
    # and back: the same parts with the other sign
    back = attribution(fair, law, value)
    for provision, part in parts.items():
        np.testing.assert_allclose(back[provision], -part, rtol=1e-12)


def test_without_a_difference_in_route_there_is_no_first_step() -> None:
    law, segmented = Regime.named("current"), Regime.named("segmented")
    parts = attribution(law, segmented, lambda regimes: np.arange(len(regimes), dtype=float))
    assert list(parts) == ["flat_base", "earnings_base", "index_wage"]


def test_equal_regimes_have_no_parts() -> None:
    law = Regime.named("current")
    assert attribution(law, law.but("twin"), lambda regimes: np.ones(len(regimes))) == {}


@pytest.mark.parametrize("turned", [False, True])
def test_a_blend_keeps_its_weight_in_every_coalition(turned: bool) -> None:
    pair = (Regime.named("current"), Regime.named("national_half"))
    game = coalitions(*(pair[::-1] if turned else pair))
    assert len(game.mixtures) == 8
    blended = [m for m in game.mixtures if "blend" in m.choices.values()]
    assert len(blended) == 7
    assert {m.alpha for m in blended} == {0.5}


@pytest.mark.parametrize(
    ("provision", "group"),
    [
        ("flat_base", "place"),
        ("temporary_accounts", "place"),
        ("vesting", "scheme"),
        ("pooled_on_exit", "scheme"),
        ("overlap", "administration"),
        ("route_choice", "design"),
    ],
)
def test_groups_of_causes(provision: str, group: str) -> None:
    assert group_of(provision) == group


def test_fund_side_provisions_are_no_cause() -> None:
    with pytest.raises(KeyError):
        group_of("payer_of_benefit")


@pytest.mark.parametrize("reference", ["fair", "prorata", "pooled_follows", "years_retained"])
def test_causes_in_batch_are_the_shapley_values_of_all_mixtures(reference: str) -> None:
    """The batch leaves out, person by person, provisions that cannot matter to him: the same shares."""
    people = histories(random_people(640_000, 700)).arrays
    result = Engine(real(), ["current", reference]).run(people, causes=("current", reference))

    def value(regimes: Sequence[Regime]) -> npt.NDArray[np.float64]:
        named = [regime.but(f"mixture {k}") for k, regime in enumerate(regimes)]
        return Engine(real(), named).run(people, ["pw"]).values[:, :, 0]

    expected = attribution(Regime.named("current"), Regime.named(reference), value)
    assert result.causes is not None
    parts = result.causes.parts
    assert list(parts) == list(expected)
    loss = result.column("pw", reference) - result.column("pw", "current")
    defined = np.isfinite(loss)
    assert defined.sum() > 500
    for name, part in parts.items():
        np.testing.assert_allclose(part[defined], expected[name][defined], rtol=1e-9, atol=1e-6, err_msg=name)
    total = sum(parts.values())
    np.testing.assert_allclose(np.asarray(total)[defined], loss[defined], rtol=1e-9, atol=1e-6)
    # over all orders: no step is smaller than the least and none larger than the most
    shares = result.causes.shares[defined]
    for k in (SHAPLEY, IN_ORDER):
        assert (shares[:, :, k] >= shares[:, :, LEAST] - 1e-6).all()
        assert (shares[:, :, k] <= shares[:, :, MOST] + 1e-6).all()
    # one order gives the loss as well
    first = result.causes.route_choice[defined]
    np.testing.assert_allclose(first + shares[:, :, IN_ORDER].sum(axis=1), loss[defined], rtol=1e-9, atol=1e-6)
