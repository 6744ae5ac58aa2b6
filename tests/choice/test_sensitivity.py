"""One thing at a time, and many paths: nothing moved is nothing changed, and signs are what they must be."""

import io

import numpy as np
import pytest
from matplotlib.colors import to_rgba
from properties.people import employee, histories, month, person, real, resident

from pension import method_note, plots
from pension.accounting import RegimeError
from pension.errors import InputError
from pension.histories import Histories
from pension.sensitivity.monte_carlo import MonteCarlo, Uncertainty, monte_carlo, paths
from pension.sensitivity.one_at_a_time import BASE, DISCOUNT, INDEX, MINIMUM, SURVIVAL, TAILS, Sensitivity, sensitivity
from pension.tables.parameter_files import ParameterError


@pytest.fixture(scope="module")
def crowd() -> Histories:
    """A mover, one with 16 years, a resident."""
    mover = [*employee(44, "2000-01", "2012-12", 4000.0), *employee(41, "2013-01", "2026-06", 3000.0)]
    sixteen = employee(33, "2008-01", "2023-12", 3500.0)
    people = [
        (person("1966-03", 41), mover),
        (person("1967-03", 41), [*sixteen, *resident(41, range(2010, 2012), 500.0)]),
        (person("1966-03", 41), resident(41, range(2010, 2026), 500.0)),
    ]
    return histories(people)


@pytest.fixture(scope="module")
def varied(crowd: Histories) -> Sensitivity:
    return sensitivity(crowd, parameters=real())


def row(found: Sensitivity, group: str, variant: str) -> dict[str, float]:
    (only,) = found.table.query("group == @group and variant == @variant").to_dict("records")
    return {str(k): v for k, v in only.items()}


def test_every_variation_of_a_complete_study_is_there(varied: Sensitivity) -> None:
    assert set(method_note.SENSITIVITIES) <= set(varied.table["group"])
    assert set(varied.words()) == set(varied.table["group"]) - {BASE}
    assert varied.table["undefined"].eq(0).all()
    assert varied.table["change"].to_numpy() == pytest.approx(varied.table["loss"].to_numpy() - varied.base["loss"])


def test_signs(varied: Sensitivity) -> None:
    base = varied.base["pw"]
    assert row(varied, DISCOUNT, "+1 pp")["pw"] < base < row(varied, DISCOUNT, "-1 pp")["pw"]
    assert row(varied, SURVIVAL, "death rates +10 %")["pw"] < base < row(varied, SURVIVAL, "death rates -10 %")["pw"]
    wealth = [row(varied, INDEX, f"{z:g}")["pw"] for z in (0.4, 0.6, 1.0, 2.0, 3.0)]
    assert wealth == sorted(wealth)
    # 16 years: enough for 15, not for 20
    assert row(varied, MINIMUM, "20 years for everybody")["pw"] < row(varied, MINIMUM, "15 years for everybody")["pw"]
    assert row(varied, TAILS, "at most 14 y 11 m")["pw"] < base


def test_a_sensitivity_of_nothing_changes_nothing(crowd: Histories) -> None:
    found = sensitivity(crowd, parameters=real(), points=0.0, share=0.0, indices=(), scenarios=("default",))
    still = found.table[~found.table["group"].isin(["claim place", TAILS, MINIMUM])]
    assert (still["change"] == 0.0).all() and len(still) == 10


def test_who_drops_out_does_not_move_the_change() -> None:
    # Both were born 1966-03 and may claim from 2026-03, five months early; only one has twenty years by then.
    who = person("1966-03", 44) | {"claim": month("2026-03")}
    people = [(who, employee(44, first, "2026-03", 4000.0)) for first in ("2000-01", "2010-01")]
    found = sensitivity(histories(people), "current", "segmented", parameters=real(), indices=(), scenarios=())
    twenty = row(found, MINIMUM, "20 years for everybody")
    assert (found.base["undefined"], twenty["undefined"], twenty["n"]) == (0, 1, 1)
    assert twenty["change"] == 0.0
    assert "(1 undefined)" in found.text()


def test_the_text_names_what_it_rests_on(varied: Sensitivity) -> None:
    text = varied.text()
    assert text.startswith("What the loss depends on: current against fair, means over 3 people")
    assert "no official determination" in text


def test_one_regime_is_no_loss(crowd: Histories) -> None:
    with pytest.raises(RegimeError):
        sensitivity(crowd, "fair", "fair", parameters=real())


# ---- the picture


def test_tornado_has_one_bar_a_group_widest_first(varied: Sensitivity) -> None:
    axes = varied.plot_tornado()
    axes.figure.savefig(io.BytesIO(), format="png")  # type: ignore[union-attr]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert TAILS not in names
    width = (
        varied.table.assign(change=varied.table["change"])
        .groupby("group")["change"]
        .agg(lambda x: max(x.max(), 0.0) - min(x.min(), 0.0))
    )
    assert [width[name] for name in names] == sorted((width[name] for name in names), reverse=True)
    assert {bar.get_facecolor() for bar in axes.patches} == {to_rgba(plots.BLUE), to_rgba(plots.VERMILION)}
    assert f"{varied.base['loss']:,.0f} yuan of 2025" in axes.get_xlabel()
    assert TAILS in [label.get_text() for label in plots.tornado(varied, tails=True).get_yticklabels()]


# ---- many paths


def test_no_variance_is_the_scenario_itself(crowd: Histories) -> None:
    found = monte_carlo(crowd, draws=3, seed=5, uncertainty=Uncertainty(), parameters=real())
    for measure in found.table.to_dict("records"):
        assert measure["p5"] == measure["base"] == measure["p95"]
        assert measure["sd"] == 0.0


@pytest.fixture(scope="module")
def drawn(crowd: Histories) -> MonteCarlo:
    return monte_carlo(crowd, draws=6, seed=5, parameters=real())


def test_the_same_seed_gives_the_same_bits(crowd: Histories, drawn: MonteCarlo) -> None:
    again = monte_carlo(crowd, draws=4, seed=5, parameters=real())
    assert again.draws.equals(drawn.draws.head(4))
    other = paths(Uncertainty.read(), 4, 6)
    assert [shift.wage_growth for shift in other] != list(again.draws["wage_growth"])


def test_numbers_are_common_to_all_people(crowd: Histories, drawn: MonteCarlo) -> None:
    one = monte_carlo(crowd.slice(0, 1), draws=6, seed=5, parameters=real())
    shifts = ["wage_growth", "book_rate", "death_rate"]
    assert one.draws[shifts].equals(drawn.draws[shifts])


def test_paths_follow_their_distributions() -> None:
    given = Uncertainty(0.01, 0.005, 0.05, 1.0)
    found = paths(given, 4000, 1)
    wage = np.array([shift.wage_growth for shift in found])
    # correlation 1: the shift of the book rate is half that of wages
    assert [shift.book_rate for shift in found] == pytest.approx(list(0.5 * wage), rel=1e-12)
    deaths = np.log([shift.death_rate for shift in found])
    # the mean of 4000 draws has a standard error of sd / 63
    assert abs(wage.mean()) < 4 * 0.01 / 63 and abs(deaths.mean()) < 4 * 0.05 / 63
    assert wage.std() == pytest.approx(0.01, rel=0.05) and deaths.std() == pytest.approx(0.05, rel=0.05)


def test_quantiles_are_in_order_and_the_assumptions_are_told(drawn: MonteCarlo) -> None:
    for measure in drawn.table.to_dict("records"):
        assert measure["p5"] <= measure["p25"] <= measure["p50"] <= measure["p75"] <= measure["p95"]
    text = drawn.text()
    assert text.count("(assumption: ") == 4 and "seed 5" in text


def test_bad_distributions_are_refused() -> None:
    with pytest.raises(InputError, match="standard deviation"):
        Uncertainty(wage_growth_deviation=0.6)
    with pytest.raises(InputError, match="correlation"):
        Uncertainty(wage_and_book_rate_correlation=2.0)
    with pytest.raises(InputError, match="at least one path"):
        paths(Uncertainty(), 0, 1)
    with pytest.raises(ParameterError, match="cannot be read"):
        Uncertainty.read("nowhere.toml")
