"""Pictures: what is drawn, by hand; labels that name unit, reference and people, and do not overlap."""

import importlib
import io
import itertools
import sys
from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot
import numpy as np
import pandas as pd
import pytest
from batch.people import people
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

matplotlib.use("Agg")

import pension
from pension import plots
from pension.accounting import Regime, resolve
from pension.engine import Entitlements
from pension.errors import InputError
from pension.histories import Histories
from pension.kernels import award_fields
from pension.parameters import Parameters
from pension.results import Results
from pension.schema import month_serial

NAMES = ("status", "route", "monthly", "pw", "replacement_rate")
CURRENT = [100.0, 200.0, 300.0, 400.0, 0.0, 0.0]
FAIR = [200.0, 200.0, 200.0, 1000.0, 0.0, 0.0]


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return pension.load_parameters()


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    matplotlib.pyplot.close("all")


@pytest.fixture
def hand(parameters: Parameters) -> Results:
    """Six people, the last undefined under both regimes; losses 100, 0, -100, 600, 0."""
    values = np.zeros((6, 2, len(NAMES)))
    values[5, :, 0] = award_fields.NO_RIGHT
    values[:, 0, 3], values[:, 1, 3] = CURRENT, FAIR
    values[:, 0, 4], values[:, 1, 4] = 0.3, 0.5
    stars = np.array([1, 1, 1, 2, 2, 2], dtype=np.int8)
    found = Entitlements(tuple(resolve(["current", "fair"])), NAMES, values, stars)
    return Results.of(people(6, weight=[1.0] * 6), found, parameters)


def drawn(axes: Axes) -> Axes:
    """The axes after drawing; labels of one axis must not overlap."""
    figure = axes.figure
    assert isinstance(figure, Figure)
    figure.savefig(io.BytesIO(), format="png")
    for labels in (axes.get_yticklabels(), axes.get_xticklabels()):
        shown = [label.get_window_extent() for label in labels if label.get_text() and label.get_visible()]
        for one, other in itertools.combinations(shown, 2):
            assert not one.overlaps(other)
    return axes


def bars(axes: Axes) -> list[Rectangle]:
    return [patch for patch in axes.patches if isinstance(patch, Rectangle)]


# ---------------------------------------------------------------------- losses by group


def test_losses_by_group(hand: Results) -> None:
    axes = drawn(plots.losses_by_group(hand, "stars"))
    assert axes.get_title("left") == "What current gives less than fair, by severity group"
    assert "yuan of 2025" in axes.get_xlabel()
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == [
        "★ local urban\n3 people\n33% lose, 33% gain",
        "★★ local rural\n2 people, 1 undefined\n50% lose, 0% gain",
    ]
    means = [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "D" and len(line.get_xdata())]
    assert means == [0.0, 300.0]  # (100 + 0 - 100)/3, (600 + 0)/2
    # the middle half of -100, 0, 100 and of 0, 600
    assert [(bar.get_x(), bar.get_width()) for bar in bars(axes)] == [(-100.0, 200.0), (0.0, 600.0)]


def test_a_group_without_a_result_is_shown_as_such(hand: Results) -> None:
    axes = drawn(plots.losses_by_group(hand, "x_number"))
    assert [label.get_text() for label in axes.get_yticklabels()][5] == "5\nnobody, 1 undefined"


def test_axes_can_be_given(hand: Results) -> None:
    figure = Figure()
    axes = figure.add_subplot()
    assert plots.losses_by_group(hand, ["stars", "hukou_type"], axes=axes) is axes
    assert axes.get_title("left").endswith("by severity group and type of registered residence")


# ---------------------------------------------------------------------- causes


def test_waterfall_ends_at_the_loss() -> None:
    causes = {"overlap": 10.0, "vesting": 100.0, "index_wage": -30.0}
    axes = drawn(plots.waterfall(causes, regime="current", reference="fair", unit="yuan of 2025 at R0", people=7))
    assert axes.get_title("left") == "Why current gives less than fair, mean of 7 people"
    assert "yuan of 2025 at R0" in axes.get_xlabel()
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names == ["vesting (scheme)", "index wage (place)", "overlap (administration)", "loss in all"]
    # 0 to 100, back to 70, on to 80; in all 80
    ends = [sorted((bar.get_x(), bar.get_x() + bar.get_width())) for bar in bars(axes)]
    assert ends == [[0.0, 100.0], [70.0, 100.0], [70.0, 80.0], [0.0, 80.0]]
    colours = [bar.get_facecolor() for bar in bars(axes)]
    assert colours == [to_rgba(c) for c in (plots.VERMILION, plots.BLUE, plots.VERMILION, plots.GREY)]
    assert [text.get_text() for text in axes.texts] == ["+100", "−30", "+10", "+80"]


def test_waterfall_of_one_person_and_of_nothing() -> None:
    axes = plots.waterfall({"vesting": -0.2}, regime="current", reference="fair", unit="yuan")
    assert axes.get_title("left").endswith("one person")
    assert axes.texts[0].get_text() == "0"
    with pytest.raises(InputError, match="do not differ"):
        plots.waterfall({}, regime="current", reference="fair", unit="yuan")
    with pytest.raises(InputError, match="vesting"):
        plots.waterfall({"vesting": float("nan")}, regime="current", reference="fair", unit="yuan")


# ---------------------------------------------------------------------- the minimum months


def mover(birth: str = "1966-03") -> Histories:
    """A man of 44 and 33 with resident years at home: 24 employee months, the last three of 2001 also in 33."""
    columns = {
        "sex": [1],
        "retirement_category": [1],
        "birth": [month_serial(birth)],
        "hukou": [41],
        "hukou_type": [2],
        "offsets": [0, 4],
        "year": [2000, 2001, 2001, 2010],
        "months": [4095, 4095, 0b111000000000, 4095],
        "scheme": [1, 1, 1, 2],
        "form": [0, 0, 0, 3],
        "place": [44, 33, 44, 41],
        "base": [1000.0, 1000.0, 1000.0, 300.0],
    }
    return Histories.build(["one"], columns)


def test_only_the_first_months_are_left() -> None:
    found = plots.with_months(mover(), [0, 3, 13, 22, 24]).arrays
    assert found.offsets.tolist() == [0, 1, 3, 6, 10, 14]
    assert found.year.tolist() == [2010, 2000, 2010, 2000, 2001, 2010, *([2000, 2001, 2001, 2010] * 2)]
    expected = [4095, 0b111, 4095, 4095, 0b1, 4095]
    # 22 months end in 2001-10: ten months in 33, and October once more in 44
    expected += [4095, 0b1111111111, 0b1000000000, 4095]
    expected += [4095, 4095, 0b111000000000, 4095]
    assert found.months.tolist() == expected
    assert found.birth.tolist() == [month_serial("1966-03")] * 5


def test_more_months_than_there_are_and_more_people_are_refused() -> None:
    with pytest.raises(InputError, match="from 0 to the 24 employee months"):
        plots.with_months(mover(), [25])
    with pytest.raises(InputError, match="one person"):
        plots.with_months(people(2), [1])


def long_career(birth: str) -> Histories:
    years = list(range(1998, 2018))
    columns = {
        "sex": [1],
        "retirement_category": [1],
        "birth": [month_serial(birth)],
        "hukou": [44],
        "hukou_type": [1],
        "offsets": [0, len(years)],
        "year": years,
        "months": [4095] * len(years),
        "scheme": [1] * len(years),
        "form": [0] * len(years),
        "place": [44] * len(years),
        "base": [2000.0 + 200.0 * k for k in range(len(years))],
    }
    return Histories.build(["one"], columns)


def test_the_cliff_is_at_the_minimum_of_the_award(parameters: Parameters) -> None:
    # Born 1972-03: 86 months after 1965-01, so 22 months later than 2032-03; 15 years + 6 months a year from 2030: 210.
    table = plots.cliff_table(long_career("1972-03"), parameters, [198, 209, 210, 216], ["current", "fair"])
    assert table.attrs["minimum_months"] == 210
    law = table[table["regime"] == "current"].set_index("months")
    assert law.loc[209, "route"] == "employee_to_resident" and law.loc[210, "route"] == "employee"
    assert law.loc[210, "monthly"] > 2.0 * law.loc[209, "monthly"]
    fair = table[table["regime"] == "fair"]["pw"].to_numpy()
    assert (np.diff(fair) > 0.0).all()
    # one place, enough months: law and fair are the same
    np.testing.assert_allclose(fair[2:], law["pw"].to_numpy()[2:], rtol=1e-12)


def test_cliff_without_any_right_is_undefined_with_a_reason(parameters: Parameters) -> None:
    table = plots.cliff_table(long_career("1966-03"), parameters, [0, 12], ["current"])
    assert table["monthly"].isna().tolist() == [True, False]
    assert table["reason"].tolist() == [award_fields.STATUS_TEXT[award_fields.NO_RIGHT], ""]


def test_cliff_picture(parameters: Parameters) -> None:
    vested = Regime.named("fair").but("fair_vested", vesting="aggregated")
    axes = drawn(
        plots.cliff(long_career("1966-03"), parameters, range(150, 200), ["current", "fair", vested], value="pw")
    )
    assert axes.get_title("left") == "One month more: current against fair, fair_vested, one person"
    assert axes.get_ylabel() == "pension wealth, yuan of 2025 at R0"
    assert "months" in axes.get_xlabel()
    curves = [line for line in axes.lines if len(line.get_xdata()) == 50]
    assert [line.get_label() for line in curves] == ["current", "fair", "fair_vested"]
    assert len({(line.get_color(), str(line.get_linestyle())) for line in curves}) == 3
    assert [text.get_text().strip() for text in axes.texts] == ["minimum: 180 months"]
    monthly = plots.cliff(long_career("1966-03"), parameters, [100, 110])
    assert monthly.get_ylabel() == "first pension, yuan/month, nominal"
    assert not monthly.texts  # the minimum is not in the picture
    with pytest.raises(InputError, match="monthly"):
        plots.cliff(long_career("1966-03"), parameters, [100], value="loss")


# ---------------------------------------------------------------------- places


def heat(axes: Axes) -> np.ma.MaskedArray:
    return np.ma.masked_invalid(axes.images[0].get_array())


def test_mean_loss_by_origin_and_destination(hand: Results) -> None:
    # stay in 44 (100); 44 to 41 (0); 33 (-100 and 0, the third and the fifth); resident and nothing have no place
    axes = drawn(plots.origin_destination(hand, fewest=1))
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["Zhejiang (2)", "Henan (0)", "Guangdong (2)"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Zhejiang (2)", "Henan (1)", "Guangdong (1)"]
    np.testing.assert_array_equal(
        heat(axes).filled(np.nan), [[-50.0, np.nan, np.nan], [np.nan] * 3, [np.nan, 0.0, 100.0]]
    )
    assert "current against fair" in axes.get_title("left")
    assert "4 people; 2 without employee record or result left out" in axes.get_title("left")


def test_cells_of_few_people_are_grey(hand: Results) -> None:
    axes = plots.origin_destination(hand, fewest=2)
    assert heat(axes).count() == 1
    assert "fewer than 2 people" in axes.figure.axes[1].get_ylabel()


def test_moved_money_has_a_scale_of_one_side() -> None:
    amounts = pd.DataFrame({41: [0.0, 5.0], 44: [7.0, 0.0]}, index=[41, 44])
    counts = pd.DataFrame({41: [9, 9], 44: [9, 9]}, index=[41, 44])
    axes = drawn(plots.heat_map(amounts, counts, title="Money moved under current", unit="yuan"))
    np.testing.assert_array_equal(heat(axes).filled(np.nan), [[0.0, 7.0], [5.0, 0.0]])
    assert axes.images[0].norm.vmin == 0.0
    with pytest.raises(InputError, match="nobody"):
        plots.heat_map(amounts.iloc[:0, :0], counts, title="", unit="yuan")


def test_all_provinces_fit_on_the_axes() -> None:
    codes = [code for code, _, _ in plots.schema.PLACES if code]
    amounts = pd.DataFrame(1e5, index=codes, columns=codes)
    drawn(plots.heat_map(amounts, amounts, title="t", unit="yuan"))


def test_chinese_names_only_where_a_font_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plots, "chinese_font", lambda: None)
    assert plots.place_names([44, 41], chinese=True) == ["Guangdong", "Henan"]
    monkeypatch.setattr(plots, "chinese_font", lambda: "SimHei")
    assert plots.place_names([44, 41], chinese=True) == ["广东", "河南"]
    assert plots.place_names([44, 41]) == ["Guangdong", "Henan"]


def test_a_chinese_font_is_one_that_is_installed() -> None:
    installed = {font.name for font in matplotlib.font_manager.fontManager.ttflist}
    assert plots.chinese_font() in (installed & set(plots.CHINESE_FONTS) or {None})


# ---------------------------------------------------------------------- replacement


def test_replacement_rate_by_index(hand: Results) -> None:
    axes = drawn(plots.replacement_by_index(hand, classes=2))
    # the four with a paid employee month and a result, in two classes
    assert "4 people in 2 classes of about 2; 2 without" in axes.get_title("left")
    assert "current, fair" in axes.get_title("left")
    assert [label.get_text().split("\n")[1] for label in axes.get_xticklabels()] == ["2", "2"]
    assert [c.lines[0].get_ydata().tolist() for c in axes.containers] == [[0.3, 0.3], [0.5, 0.5]]
    assert all(isinstance(bar, LineCollection) for c in axes.containers for bar in c.lines[2])
    with pytest.raises(InputError, match="classes"):
        plots.replacement_by_index(hand, classes=3)


def test_pictures_by_person_need_the_histories(hand: Results) -> None:
    alone = Results(hand.table, None, hand.basis)
    for call in (plots.origin_destination, plots.replacement_by_index):
        with pytest.raises(InputError, match="histories"):
            call(alone)


# ---------------------------------------------------------------------- without matplotlib


def test_without_matplotlib_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "pension.plots")
    monkeypatch.setitem(sys.modules, "matplotlib.font_manager", None)
    with pytest.raises(ImportError, match=r"pension-portability\[plot\]"):
        importlib.import_module("pension.plots")
