"""Aggregates: sums by hand, the same bits for any cut and order, quantiles within their error, files."""

import csv
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from batch.people import people
from hypothesis import given, settings
from hypothesis import strategies as st

from pension.batch import run
from pension.engine import Entitlements
from pension.errors import InputError
from pension.histories import Histories
from pension.kernels import award_fields
from pension.parameters import Parameters
from pension.runs import aggregates
from pension.runs.aggregates import RELATIVE_ERROR, Aggregates
from pension.runs.result_layout import Layout
from pension.runs.settling import Block
from pension.runs.tally import _packed_arrays, _unpacked_arrays

LAYOUT = Layout.of(["current", "fair"])
LOSS = "loss_current__fair"


def nobodies(n: int, **columns: Any) -> Histories:
    """People without records."""
    of_all = {"sex": 1, "retirement_category": 1, "birth": 12 * 1966, "hukou": 41, "hukou_type": 1}
    values: dict[str, Any] = {name: [value] * n for name, value in of_all.items()} | columns
    none: list[int] = []
    for name in ("year", "months", "scheme", "form", "place", "base"):
        values[name] = none
    return Histories.build(pa.array(range(n), pa.int64()), values | {"offsets": [0] * (n + 1)})


def block(pw: Sequence[float], reference: Sequence[float], stars: Sequence[int] = (), **columns: Any) -> Block:
    """Settled people with these present values; NaN = no right. A month's pension is a hundredth."""
    n = len(pw)
    histories = nobodies(n, **columns)
    values = np.zeros((n, 2, 4))
    for r, given_ in enumerate((pw, reference)):
        wealth = np.asarray(given_, dtype=np.float64)
        values[:, r, 0] = np.where(np.isnan(wealth), award_fields.NO_RIGHT, 0)
        values[:, r, 1] = award_fields.ROUTE_EMPLOYEE
        values[:, r, 2], values[:, r, 3] = wealth / 100.0, wealth
    of = np.array(stars if len(stars) else [0] * n, dtype=np.int8)
    result = Entitlements(LAYOUT.regimes, ("status", "route", "monthly", "pw"), values, of)
    return Block(histories, result, LAYOUT)


def added(by: Sequence[str], *blocks: Block) -> Aggregates:
    found = Aggregates(by, LAYOUT)
    for one in blocks:
        found.add(one)
    return found


def line(found: Aggregates, quantity: str, **group: Any) -> dict[str, Any]:
    (row,) = [
        r for r in found.rows() if r["quantity"] == quantity and all(r[name] == value for name, value in group.items())
    ]
    return row


SIX = block(
    [100.0, 200.0, 300.0, 400.0, np.nan, 50.0],
    [150.0, 200.5, 240.0, 800.0, 10.0, 0.0],
    stars=[0, 4, 4, 0, 4, 1],
    weight=[1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
)
"""Losses: 50, 0.5, -60, 400, undefined, -50."""


def test_sums_and_means_by_hand() -> None:
    row = line(added([], SIX), LOSS)
    assert (row["people"], row["weight"]) == (5, 1 + 2 + 3 + 4 + 6)
    # 50 x 1 + 0.5 x 2 - 60 x 3 + 400 x 4 - 50 x 6
    assert row["sum"] == 50 + 1 - 180 + 1600 - 300 == 1171
    assert row["mean"] == 1171 / 16
    assert row["mean_of_people"] == (50 + 0.5 - 60 + 400 - 50) / 5
    assert (row["negative"], row["zero"], row["positive"]) == (2, 0, 3)
    # Weights in the order of the losses: -60 (3), -50 (6), 0.5 (2), 50 (1), 400 (4): half of 16 is reached at -50.
    assert row["p50"] == pytest.approx(-50.0, rel=RELATIVE_ERROR)
    assert row["p10"] == pytest.approx(-60.0, rel=RELATIVE_ERROR)
    assert row["p90"] == pytest.approx(400.0, rel=RELATIVE_ERROR)


def test_the_undefined_are_counted_with_the_reason_and_left_out() -> None:
    found = added([], SIX)
    for name in ("pw_current", LOSS):
        row = line(found, name)
        assert (row["undefined"], row["undefined_weight"], row["reasons"]) == (1, 5.0, {award_fields.NO_RIGHT: 1})
    assert line(found, "pw_fair")["people"] == 6
    nobody = line(added([], block([np.nan], [np.nan])), LOSS)
    assert [nobody[name] for name in ("people", "mean", "mean_of_people", "p50")] == [0, None, None, None]


def test_groups() -> None:
    found = added(["stars"], SIX)
    assert found.groups == [(0,), (1,), (4,)]
    assert line(found, LOSS, stars=0)["mean"] == (50 * 1 + 400 * 4) / 5
    assert line(found, LOSS, stars=4)["people"] == 2
    assert line(found, LOSS, stars=4)["undefined"] == 1
    assert sum(row["sum"] for row in found.rows() if row["quantity"] == LOSS) == 1171


def test_below_half_a_fen_is_zero_of_either_sign() -> None:
    row = line(added([], block([0.0, 0.0, 0.0, 0.0], [0.004, -0.004, 0.006, -0.006])), LOSS)
    assert (row["negative"], row["zero"], row["positive"]) == (1, 2, 1)
    assert row["sum"] == 0.0 and row["p50"] == 0.0


money = st.floats(0.01, 1e7) | st.floats(-1e7, -0.01) | st.just(0.0)


@settings(max_examples=60, deadline=None)
@given(st.lists(money, min_size=1, max_size=200), st.sampled_from([0.1, 0.25, 0.5, 0.75, 0.9, 0.99]))
def test_quantiles_are_within_one_per_cent_of_numpy(amounts: list[float], q: float) -> None:
    found = added([], block([0.0] * len(amounts), amounts))
    wanted = float(np.quantile(np.array(amounts), q, method="inverted_cdf"))
    assert RELATIVE_ERROR <= 0.01
    assert found.quantile("pw_fair", q) == pytest.approx(wanted, rel=RELATIVE_ERROR, abs=1e-12)
    assert found.quantile("pw_fair", q, weighted=False) == found.quantile("pw_fair", q)


def test_weighted_quantiles_are_within_one_per_cent_of_numpy() -> None:
    draws = np.random.default_rng(1)
    amounts, weights = draws.lognormal(11.0, 1.5, 5000), draws.uniform(0.1, 9.0, 5000)
    found = added([], block([0.0] * 5000, amounts.tolist(), weight=weights))
    for q in (0.1, 0.25, 0.5, 0.75, 0.9):
        wanted = float(np.quantile(amounts, q, method="inverted_cdf", weights=weights))
        assert found.quantile("pw_fair", q) == pytest.approx(wanted, rel=0.01)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7))
def test_any_cut_and_any_order_of_merging_give_the_same(seed: int, pieces: int) -> None:
    draws = np.random.default_rng(seed)
    n = 90
    pw = np.where(draws.random(n) < 0.1, np.nan, draws.lognormal(8.0, 3.0, n))
    fair, weights = draws.lognormal(8.0, 3.0, n), draws.lognormal(0.0, 2.0, n)
    stars, birth = draws.integers(0, 5, n), 12 * draws.integers(1960, 1990, n)
    by = ["cohort", "stars"]

    def part(at: np.ndarray) -> Block:
        return block(pw[at], fair[at], stars[at].tolist(), weight=weights[at], birth=birth[at])

    whole = added(by, part(np.arange(n)))
    chance = random.Random(seed)
    order = chance.sample(range(n), n)
    cuts = sorted(chance.choices(range(n + 1), k=pieces - 1))
    several = [added(by, part(np.array(order[a:b], int))) for a, b in zip([0, *cuts], [*cuts, n], strict=True)]
    while len(several) > 1:  # any tree of merges
        one = several.pop(chance.randrange(len(several)))
        several[chance.randrange(len(several))].merge(one)
    kept = Aggregates(by, LAYOUT)
    kept.restore(_unpacked_arrays(json.loads(json.dumps(_packed_arrays(several[0].state())))))
    for found in (several[0], kept):
        assert _packed_arrays(found.state()) == _packed_arrays(whole.state())
        assert found.rows() == whole.rows()


def test_sums_of_more_than_53_bits_are_exact() -> None:
    # 3 x 40 million million yuan and a fen
    found = added([], *[block([0.0], [amount]) for amount in (4e13, 4e13, 4e13, 0.01)])
    sums = found._sums[[q.name for q in found.quantities].index("pw_fair")]
    assert sums.total(0)[0] == 12_000_000_000_000_001
    with pytest.raises(InputError, match="too large to be added exactly"):
        added([], block([0.0], [1e14]))
    with pytest.raises(InputError, match="too large to be added exactly"):
        added([], block([0.0], [1e7], weight=[1e9]))


def test_unknown_groups(parameters: Parameters) -> None:
    for by, rule in (
        (["nonsense"], "unknown group; known: sex, birth_year"),
        (["stars,stars"], "named twice"),
        (["x_absent"], "no such column; the input has x_group, x_number"),
        (["route_nonsense"], "unknown group"),
    ):
        with pytest.raises(InputError, match=rule):
            run(people(6), None, parameters=parameters, by=by)


KEYS = ["sex,hukou_type,x_group", "origin,destination", "route", "route_fair,claim_place", "form,birth_year", ""]


def frame_of(path: Path) -> pd.DataFrame:
    return pq.read_table(path).to_pandas()


def test_groups_of_a_run_are_those_of_its_results(parameters: Parameters, tmp_path: Path) -> None:
    many = people(120)
    summary = run(many, tmp_path / "r.parquet", parameters=parameters, by=KEYS, columns=["L2"])
    rows = frame_of(tmp_path / "r.parquet").assign(hukou_type=np.where(np.arange(120) % 2, "rural", "urban"))
    first, ends, route = summary.aggregates[:3]
    for (hukou_type, group), of in rows.groupby(["hukou_type", "x_group"]):
        for quantity in ("pw_current", LOSS, "l2_current__fair"):
            row = line(first, quantity, sex="male", hukou_type=hukou_type, x_group=group)
            known = of[of[quantity].notna()]
            assert (row["people"], row["undefined"]) == (len(known), len(of) - len(known))
            assert row["weight"] == known["weight"].sum()
            mean = np.average(known[quantity], weights=known["weight"])
            # every amount was rounded to a fen, every ratio to 1e-9
            assert row["mean"] == pytest.approx(mean, abs=0.005 if quantity[0] != "l" or "loss" in quantity else 1e-9)
    routes = rows["route_current"].value_counts(dropna=False)
    assert {row["route"]: row["people"] + row["undefined"] for row in route.rows() if row["quantity"] == LOSS} == {
        None if pd.isna(name) else name: n for name, n in routes.items() if n
    }
    # Careers of six people in turn: Guangdong; to Henan; Zhejiang; residents only; Zhejiang; nothing.
    people_in = {(r["origin"], r["destination"]): r["people"] + r["undefined"] for r in ends.rows()}
    assert people_in == {(44, 44): 20, (44, 41): 20, (33, 33): 40, (None, None): 40}
    matrix = ends.matrix(LOSS, "people")
    assert matrix.index.name == "origin" and matrix.loc[44, 41] == 20
    assert pd.isna(matrix.loc[33, 41])
    with pytest.raises(InputError, match="two columns"):
        first.matrix(LOSS)


def test_files_of_aggregates(parameters: Parameters, tmp_path: Path) -> None:
    for suffix in (".csv", ".json", ".parquet"):
        path = tmp_path / f"a{suffix}"
        summary = run(people(60), path, parameters=parameters, by=KEYS, aggregate_only=True)
        assert summary.aggregate_files == (path,)
    found = summary.aggregates
    flat = frame_of(tmp_path / "a.parquet")
    assert len(flat) == sum(len(one.rows()) for one in found)
    with (tmp_path / "a.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert list(listed[0]) == list(flat.columns)
    assert {"people", "weight", "undefined", "reasons", "mean", "p50"} <= set(flat.columns)
    data = json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))
    assert [one["by"] for one in data["aggregates"]] == [[n for n in by.split(",") if n] for by in KEYS]
    wanted = [row["mean"] for one in found for row in one.rows()]
    for means in (
        [float(row["mean"]) if row["mean"] else None for row in listed],
        [row["mean"] for one in data["aggregates"] for row in one["rows"]],
        [None if pd.isna(mean) else mean for mean in flat["mean"]],
    ):
        assert means == wanted
    assert data["metadata"]["pension_parameters"] == parameters.hash
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.json", "a.parquet"]
    with pytest.raises(InputError, match=r"ends with one of \.csv, \.json, \.parquet"):
        run(people(6), tmp_path / "a.arrow", parameters=parameters, aggregate_only=True)


def test_blocks_and_threads_do_not_matter(parameters: Parameters, tmp_path: Path) -> None:
    many = people(5000)
    for name, rows, threads in (("a", 65_536, 2), ("b", 777, 1)):
        run(
            many,
            tmp_path / f"{name}.json",
            parameters=parameters,
            by=KEYS,
            aggregate_only=True,
            rows=rows,
            threads=threads,
        )
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_groups_are_text_numbers_or_truth(parameters: Parameters) -> None:
    histories = people(6)
    floats = Histories.build(
        histories.person, histories.arrays._asdict(), pa.table({"x_share": [0.5] * 6, "x_b": [True, False] * 3})
    )
    assert {row["x_b"] for row in run(floats, None, parameters=parameters, by=["x_b"]).aggregates[0].rows()} == {
        True,
        False,
    }
    with pytest.raises(InputError, match="x_share = double: groups are text"):
        run(floats, None, parameters=parameters, by=["x_share"])
    assert aggregates.NO_VALUE not in award_fields.STATUS_TEXT
