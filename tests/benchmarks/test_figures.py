"""Figures, their verdicts, turns, the table, the groups; no time is measured here."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

from benchmarks import report
from benchmarks.children import ChildFailed, peak_of
from benchmarks.figures import Figure, alternate, not_measured, rate, times
from benchmarks.groups import GROUPS, Group, chosen, measure, shares
from benchmarks.plot import draw, shares_of_target
from benchmarks.setting import Setting


def setting(directory: Path, persons: int = 1000) -> Setting:
    return Setting(persons, 2, directory, lambda what: None)


def test_a_figure_knows_whether_its_target_is_met():
    assert Figure("a", "", 2.0, "x", target=1.0).met is True
    assert Figure("a", "", 2.0, "s", target=1.0, at_least=False).met is False
    assert Figure("a", "", math.nan, "s", target=1.0, at_least=False).met is False
    assert Figure("a", "", 2.0, "s").met is None
    assert Figure("a", "", 2.0, target=1.0, specified=True).met is None
    assert not_measured("a", "", "no compiler", target=1.0).met is None


def test_jobs_take_turns_and_another_begins_each_round():
    order = []

    def job(name):
        def turn():
            order.append(name)
            return float(len(order))

        return turn

    found = alternate({"a": job("a"), "b": job("b")}, 3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": [1.0, 4.0, 5.0], "b": [2.0, 3.0, 6.0]}


def test_a_ratio_is_the_median_of_the_ratios_of_the_turns():
    # 4/2 = 2, 6/1 = 6, 40/8 = 5: the median is 5. The ratio of the medians would be 6/2 = 3.
    figure = times("a", "", [4.0, 6.0, 40.0], [2.0, 1.0, 8.0])
    assert (figure.value, figure.low, figure.high) == (5.0, 2.0, 6.0)
    # 100 people in 1, 2 and 4 seconds.
    figure = rate("a", "", 100, [1.0, 2.0, 4.0], "people/s")
    assert (figure.value, figure.low, figure.high) == (50.0, 25.0, 100.0)


def test_a_row_shows_median_turns_target_and_verdict():
    figure = Figure("a", "kernel over C", 0.5, "x", 0.4, 0.6, target=0.7)
    assert report.row(figure) == ("kernel over C", "0.5 x", "0.4 .. 0.6", ">= 0.7 x", "MISSED")
    assert report.row(not_measured("a", "in C", "no compiler"))[1:] == ("-", "", "", "")
    assert report.number(1234567.0, "people/s") == "1,234,567 people/s"


def test_figures_are_json_whatever_could_not_be_measured():
    for figure in (Figure("a", " text", math.nan, "s", target=1.0), not_measured("b", "text", "absent")):
        found = json.loads(json.dumps(figure.as_json(), allow_nan=False))
        assert found["value"] is None
        assert found["text"] == "text"


def test_a_group_that_fails_says_why_and_costs_the_others_nothing(tmp_path):
    def fails(_):
        raise RuntimeError("out of luck")

    groups = [Group("a", "First", fails), Group("b", "Second", lambda _: [Figure("b.c", "", 1.0)])]
    found = {group.name: figures for group, figures in measure(setting(tmp_path), groups)}
    assert "out of luck" in found["a"][0].note
    assert found["a"][0].key == "a.failed"
    assert found["b"][0].value == 1.0


def test_which_groups_are_measured():
    assert [group.name for group in chosen(["files", "kernel"], False, False)] == ["kernel", "files"]
    assert "nation" not in {group.name for group in chosen([], False, False)}
    assert {group.name for group in chosen([], False, True)} == {group.name for group in GROUPS}
    assert "compilation" not in {group.name for group in chosen([], True, False)}


def test_the_cohort_stands_beside_what_it_was_made_to_be(tmp_path):
    found = {figure.key: figure for figure in shares(setting(tmp_path))}
    for name in ("records_per_person", "full_years", "both_schemes", "places_per_person", "with_overlaps"):
        assert found[f"cohort.{name}"].target is not None
        assert found[f"cohort.{name}"].met is None


def test_the_picture_has_what_has_a_target(tmp_path):
    figures = [
        Figure("a", "twice", 2.0, "x", target=1.0),
        Figure("b", "half the seconds", 30.0, "s", target=60.0, at_least=False),
        Figure("c", "no target", 1.0),
        not_measured("d", "absent", "why", target=1.0),
    ]
    # 2 of at least 1; 30 of at most 60: both are twice as good as asked.
    assert [(figure.key, share) for figure, share in shares_of_target(figures)] == [("a", 2.0), ("b", 2.0)]
    draw(figures, "title", tmp_path / "figures.svg")
    assert (tmp_path / "figures.svg").stat().st_size > 1000
    with pytest.raises(ValueError, match="none of these"):
        draw(figures[2:], "title", tmp_path / "none.svg")


def test_the_peak_of_a_command_is_its_own():
    taken = bytearray(300_000_000)  # of this process, which starts it
    _, peak = peak_of([sys.executable, "-S", "-c", "x = bytearray(50_000_000)"])
    assert 50_000_000 < peak < 150_000_000
    assert len(taken) == 300_000_000
    with pytest.raises(ChildFailed, match="no luck"):
        peak_of([sys.executable, "-S", "-c", "raise SystemExit('no luck')"])
