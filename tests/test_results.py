"""Results as an object: a few people followed by hand, files, groups, the note."""

import builtins
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from batch.people import people

import pension
from pension import equity, losses, results
from pension.accounting import Regime, RegimeError, resolve
from pension.engine import Entitlements
from pension.errors import InputError
from pension.histories import Histories
from pension.kernels import award_fields
from pension.parameters import Parameters
from pension.results import Results

NAN = float("nan")
CURRENT = [100.0, 200.0, 300.0, 400.0, NAN, 50.0]
FAIR = [150.0, 200.5, 240.0, 800.0, 10.0, 0.0]
MONTHLY_CURRENT = [1.0, 2.0, 3.0, 4.0, NAN, 5.0]
MONTHLY_FAIR = [1.5, 2.0, 2.4, 8.0, 1.0, 0.0]
REPLACEMENT_CURRENT = [0.4, 0.5, NAN, 0.2, NAN, 0.1]
REPLACEMENT_FAIR = [0.6, 0.5, NAN, 0.4, 0.1, 0.0]
BASIC_FAIR = [0.5, 1.0, 0.0, 6.0, 0.0, 0.0]
MONTHS_FAIR = [120.0, 180.0, 0.0, 360.0, 0.0, 12.0]
WEIGHTS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
STARS = [0, 4, 4, 0, 4, 1]
NAMES = ("status", "route", "monthly", "pw", "replacement_rate", "basic", "employee_months", "pw_r0")


def entitlements() -> Entitlements:
    """The numbers above; the fifth person is undefined under ``current``."""
    values = np.zeros((6, 2, len(NAMES)))
    values[4, 0, 0] = award_fields.NO_RIGHT
    values[:, :, 1] = award_fields.ROUTE_EMPLOYEE
    values[:, 0, 2], values[:, 1, 2] = MONTHLY_CURRENT, MONTHLY_FAIR
    values[:, 0, 3], values[:, 1, 3] = CURRENT, FAIR
    values[:, 0, 4], values[:, 1, 4] = REPLACEMENT_CURRENT, REPLACEMENT_FAIR
    values[:, 1, 5], values[:, 1, 6] = BASIC_FAIR, MONTHS_FAIR
    values[:, 0, 7], values[:, 1, 7] = 2.0 * np.array(CURRENT), 2.0 * np.array(FAIR)
    return Entitlements(tuple(resolve(["current", "fair"])), NAMES, values, np.array(STARS, dtype=np.int8))


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return pension.load_parameters()


@pytest.fixture
def hand(parameters: Parameters) -> Results:
    return Results.of(people(6, weight=WEIGHTS), entitlements(), parameters)


@pytest.fixture(scope="module")
def crowd() -> Histories:
    return people(12)


@pytest.fixture(scope="module")
def compared(crowd: Histories, parameters: Parameters) -> Results:
    return pension.compare(crowd, parameters=parameters, seed=7)


# ---------------------------------------------------------------------- by hand


def test_losses_and_causes_by_group_in_one_table(hand: Results) -> None:
    # The groups: 1 (the sixth person, weight 6), 4 (second, third; the fifth is undefined) and 0 (first, fourth).
    (none, one, four) = hand.loss_table("stars").to_dict("records")
    assert (none["people"], none["losers"], none["winners"], none["undefined"]) == (2, 2, 0, 0)
    assert none["loss"] == pytest.approx((50 * 1 + 400 * 4) / 5)
    assert (one["losers"], one["winners"], one["loss"]) == (0, 1, -50.0)
    # Half a yuan is neither a loss nor a gain.
    assert (four["people"], four["losers"], four["winners"], four["undefined"]) == (2, 0, 1, 1)
    assert four["loss"] == pytest.approx((0.5 * 2 - 60 * 3) / 5)


def test_the_causes_of_a_table_sum_to_its_losses(crowd: Histories, parameters: Parameters) -> None:
    table = pension.compare(crowd, ["current", "fair"], parameters, causes=True).loss_table("hukou_type")
    parts = table[["place", "scheme", "administration", "design"]].sum(axis=1)
    assert parts.to_numpy() == pytest.approx(table["loss"].to_numpy(), rel=1e-9)
    assert table.attrs["units"]["scheme"] == "yuan of 2025 at R0"


def test_losers_stand_beside_winners_with_counts(hand: Results) -> None:
    (row,) = hand.summary().to_dict("records")
    assert (row["reference"], row["people"], row["n"]) == ("fair", 1 + 2 + 3 + 4 + 6, 5)
    # Losers: 50 (weight 1) and 400 (weight 4); the second differs by half a yuan only; winners: 60 (3) and 50 (6).
    assert row["losing"] == pytest.approx(5 / 16) and row["losing_n"] == 2
    assert row["gaining"] == pytest.approx(9 / 16) and row["gaining_n"] == 2
    assert row["unchanged"] == pytest.approx(2 / 16)
    assert row["mean_loss"] == pytest.approx((50 * 1 + 400 * 4) / 5)
    assert row["mean_loss_monthly"] == pytest.approx((0.5 * 1 + 4 * 4) / 5)
    assert row["mean_gain"] == pytest.approx((60 * 3 + 50 * 6) / 9)
    assert row["mean_gain_monthly"] == pytest.approx((0.6 * 3 + 5 * 6) / 9)
    # The last one has no reference value, so no ratio.
    ratios = [1 - 100 / 150, 1 - 200 / 200.5, 1 - 300 / 240, 1 - 400 / 800]
    assert row["mean_ratio"] == pytest.approx(np.average(ratios, weights=[1, 2, 3, 4])) and row["ratio_n"] == 4
    assert row["mean_pw"] == pytest.approx((100 + 2 * 200 + 3 * 300 + 4 * 400 + 6 * 50) / 16)
    assert row["undefined"] == 1
    assert row["undefined_reasons"] == f"1: {award_fields.STATUS_TEXT[award_fields.NO_RIGHT]}"


def test_summary_by_group(hand: Results) -> None:
    found = hand.summary("stars").set_index("stars")
    assert list(found.index) == ["labour relation only", "★ local urban", "★★★★ non-local rural"]
    assert list(found["people"]) == [5.0, 6.0, 5.0]
    assert list(found["undefined"]) == [0, 0, 1]
    assert found.loc["labour relation only", "losing"] == 1.0
    assert np.isnan(found.loc["labour relation only", "mean_gain"])  # nobody gains there
    own = hand.summary("x_group").set_index("x_group")
    assert list(own.index) == ["g0", "g1", "g2", "g3", "g4"]
    assert list(own["n"]) == [2, 1, 1, 1, 0]  # persons 0 and 5 are g0, the undefined one is alone in g4
    assert np.isnan(own.loc["g4", "losing"])


def test_measures_and_why_they_are_undefined(hand: Results) -> None:
    found = hand.losses("current", "fair")
    nobody = award_fields.STATUS_TEXT[award_fields.NO_RIGHT]
    np.testing.assert_allclose(found["L1"], [50.0, 0.5, -60.0, 400.0, NAN, -50.0])
    np.testing.assert_allclose(found["L2"], [1 - 100 / 150, 1 - 200 / 200.5, 1 - 300 / 240, 0.5, NAN, NAN])
    np.testing.assert_allclose(found["L3"], [1 - 1 / 1.5, 0.0, 1 - 3 / 2.4, 0.5, NAN, NAN])
    np.testing.assert_allclose(found["L4"], [0.2, 0.0, NAN, 0.2, NAN, -0.1], atol=1e-15)
    # basic pension of one counted year: 0.5/10, 1/15, –, 6/30
    np.testing.assert_allclose(found["L6"], [0.5 / 0.05, 0.0, NAN, 4.0 / 0.2, NAN, NAN])
    np.testing.assert_allclose(found["L7"], [100.0, 1.0, -120.0, 800.0, NAN, -100.0])
    assert list(found["L1_reason"]) == ["", "", "", "", nobody, ""]
    assert found["L2_reason"][5] == "the reference value is 0, so there is no ratio"
    assert found["L4_reason"][2] == "no income: no paid employee month"
    assert found["L6_reason"][5] == losses.REASONS[losses.NO_EMPLOYEE_YEAR]
    assert found.attrs["regime"] == "current" and found.attrs["reference"] == "fair"
    assert found.attrs["units"]["L1"] == "yuan of 2025 at R0"
    for name in results.MEASURES:
        np.testing.assert_array_equal(found[name].isna(), found[f"{name}_reason"] != "")


def test_any_two_regimes_are_compared(hand: Results) -> None:
    found = hand.losses("fair", "current")
    np.testing.assert_allclose(found["L1"], [-50.0, -0.5, 60.0, -400.0, NAN, 50.0])
    with pytest.raises(RegimeError, match="no results under 'segmented'; there are: current, fair"):
        hand.losses("current", "segmented")
    with pytest.raises(RegimeError, match="both are 'fair'"):
        hand.losses("fair", "fair")


def test_distribution(hand: Results) -> None:
    (row,) = hand.distribution(probabilities=[0.5], above=[0.0, 100.0]).to_dict("records")
    # losses by weight: -60 (3), -50 (6), 0.5 (2), 50 (1), 400 (4): the eighth of sixteen is -50, the ninth too
    assert row["p50"] == -50.0
    assert row["mean"] == pytest.approx((-180 - 300 + 1 + 50 + 1600) / 16)
    assert row["P(loss > 0)"] == pytest.approx(7 / 16)
    assert row["P(loss > 100)"] == pytest.approx(4 / 16)
    assert row["undefined"] == 1
    assert row["P(gain)"] == pytest.approx(9 / 16)


def test_distribution_of_any_measure(hand: Results) -> None:
    found = hand.distribution(measure="L4", probabilities=[0.5])
    (row,) = found.to_dict("records")
    # defined for persons 0, 1, 3 and 5: 0.2 (1), 0 (2), 0.2 (4), -0.1 (6)
    assert row["mean"] == pytest.approx((0.2 * 1 + 0.2 * 4 - 0.1 * 6) / 13)
    assert row["P(loss > 0)"] == pytest.approx(5 / 13) and row["P(gain)"] == pytest.approx(6 / 13)
    assert row["undefined"] == 2
    assert found.attrs["units"]["mean"] == "fraction"
    with pytest.raises(InputError, match="without the columns it needs"):
        hand.distribution(measure="L8_irr")
    with pytest.raises(InputError, match="one of L1, L1_monthly, L2"):
        hand.distribution(measure="L10")


def test_losses_over_other_contributions_are_of_net_wealth(parameters: Parameters) -> None:
    given = entitlements()
    own = np.zeros((6, 2, 1))
    own[:, 0, 0], own[:, 1, 0] = 10.0, 30.0  # the reference takes 20 more
    wider = Entitlements(
        given.regimes, (*given.columns, "own_contributions"), np.concatenate([given.values, own], axis=2), given.stars
    )
    found = Results.of(people(6, weight=WEIGHTS), wider, parameters)
    np.testing.assert_allclose(found.losses()["L1"], [30.0, -19.5, -80.0, 380.0, NAN, -70.0])
    np.testing.assert_allclose(found.frame()["loss_current__fair"], [30.0, -19.5, -80.0, 380.0, NAN, -70.0])
    (row,) = found.summary().to_dict("records")
    assert row["mean_loss"] == pytest.approx((30 * 1 + 380 * 4) / 5)
    # without the price of R0 the compensation in its money cannot be told
    assert set(found.losses()["L7_reason"][[0, 1, 2, 3, 5]]) == {results.NO_COLUMN}


def test_equity_is_that_of_the_same_people(hand: Results) -> None:
    found = hand.equity(line=2.5).set_index(["measure", "of"])
    fair, w = [150.0, 200.5, 240.0, 800.0, 0.0], [1.0, 2.0, 3.0, 4.0, 6.0]
    assert found.loc[("Gini", "fair"), "value"] == pytest.approx(equity.gini(fair, w).value)
    assert set(found["undefined"]) == {1}
    # monthly pensions of fair below 2.5: 1.5 (1), 2 (2), 2.4 (3), 0 (6)
    assert found.loc[("share of the poor", "fair"), "value"] == pytest.approx(12 / 16)
    # losses 50 + 1 - 180 + 1600 - 300 of what the reference gives
    reference = 150 + 401 + 720 + 3200
    assert found.loc[("mean loss / mean wealth", "loss"), "value"] == pytest.approx(1171 / reference)


# ---------------------------------------------------------------------- frames


def test_one_row_a_person_with_units(hand: Results) -> None:
    found = hand.frame()
    assert list(found["person"]) == [f"P{i:05d}" for i in range(6)]
    units = found.attrs["units"]
    assert set(units) == set(found.columns) == set(found.attrs["meaning"])
    assert units["monthly_current"] == "yuan/month, nominal"
    assert units["pw_fair"] == "yuan of 2025 at R0"
    assert (
        found.attrs["meaning"]["loss_current__fair"] == "L1 of current against the reference fair: pw_fair - pw_current"
    )
    assert found["pw_current"].isna().tolist() == [False, False, False, False, True, False]
    assert found["status_current"].tolist() == [0, 0, 0, 0, award_fields.NO_RIGHT, 0]


def test_one_row_a_person_and_regime(hand: Results) -> None:
    found = hand.long()
    assert list(found["regime"]) == ["current", "fair"] * 6
    assert list(found["person"][:4]) == ["P00000", "P00000", "P00001", "P00001"]
    np.testing.assert_allclose(found["pw"], np.column_stack([CURRENT, FAIR]).ravel())
    assert found["status"].tolist() == [0] * 8 + [award_fields.NO_RIGHT, 0, 0, 0]
    assert set(found.attrs["units"]) == set(found.columns)


def test_every_result_column_has_a_unit() -> None:
    assert set(results.RESULT_UNITS) == {*award_fields.RESULT_NAMES, *award_fields.WEALTH_NAMES}


def test_groups_of_people(hand: Results) -> None:
    found = hand.frame()
    # careers of batch.people: stay in 44; 44 then 41; employee in 33; resident; employee in 33; nothing
    assert found["moves"].tolist() == [0, 1, 0, 0, 0, 0]
    assert found["origin"].astype(object).where(found["origin"].notna(), None).tolist() == [44, 44, 33, None, 33, None]
    assert found["destination"].dropna().tolist() == [44, 41, 33, 33]
    assert found["hukou"].tolist() == [41, 44, 41, 41, 44, 41]  # the city 4101 counts for its province
    assert found["cohort"].astype(str).tolist() == ["1965-1969"] * 6
    assert found["hukou_type"].astype(str).tolist() == ["urban", "rural"] * 3
    assert found["mean_index"].isna().tolist() == [False, False, False, True, False, True]
    assert hand.summary("origin")["origin"].astype(str).tolist() == ["33", "44", results.NO_GROUP]


def test_mean_index_is_the_mean_of_base_over_wage_by_months(hand: Results, parameters: Parameters) -> None:
    from pension.inputs.opening import Lookups

    # the third person: platform work in 33, base 3200, 2010-2014, so wages of 2009-2013
    wages = Lookups(parameters.tables).reference_wage(np.full(5, 33), np.arange(2009, 2014))
    assert hand.frame()["mean_index"][2] == pytest.approx(np.mean(3200.0 / wages))


# ---------------------------------------------------------------------- from histories and from files


def test_compare_gives_what_the_engine_gives(compared: Results, crowd: Histories, parameters: Parameters) -> None:
    found = pension.Engine(parameters, ["current", "segmented", "fair"]).run(crowd.arrays)
    assert compared.regimes == ("current", "segmented", "fair")
    defined = found.column("status", "fair") == award_fields.DEFINED
    assert 0 < defined.sum() < len(crowd)
    np.testing.assert_array_equal(compared.column("pw", "fair")[defined], found.column("pw", "fair")[defined])
    assert np.isnan(compared.column("pw", "fair")[~defined]).all()


def test_loss_a_month_is_that_of_the_statement(compared: Results, crowd: Histories, parameters: Parameters) -> None:
    statement = pension.explain(crowd.slice(1, 2), ["current", "segmented"], parameters=parameters)
    expected = statement.data["losses"]["current->segmented"]
    found = compared.losses("current", "segmented").iloc[1]
    assert found["L1"] == pytest.approx(expected["present_value"], rel=1e-12)
    assert found["L1_monthly"] == pytest.approx(expected["present_value_monthly"], rel=1e-12)
    assert abs(found["L1"]) > 1.0


def test_causes_sum_to_the_loss(crowd: Histories, parameters: Parameters) -> None:
    found = pension.compare(crowd, ("current", "segmented"), parameters=parameters, causes=True)
    frame = found.frame()
    names = [name for name in frame if str(name).startswith("cause_")]
    assert [str(n).removeprefix("cause_").split("_current")[0] for n in names] == [
        "flat_base",
        "earnings_base",
        "index_wage",
    ]
    np.testing.assert_allclose(frame[names].sum(axis=1, skipna=False), frame["loss_current__segmented"], atol=1e-6)
    table = found.causes().set_index("cause")
    assert table["mean"].drop("loss").sum() == pytest.approx(table.loc["loss", "mean"])
    assert table.loc["flat_base", "group"] == "place"
    # every sixth person has no right
    assert set(table["undefined"]) == {2} and set(table["n"]) == {10}
    by_sex = found.causes(by="sex")
    assert by_sex["sex"].astype(str).tolist() == ["male"] * 4


def test_causes_that_were_not_computed_are_refused(compared: Results) -> None:
    with pytest.raises(InputError, match=r"compare\(\.\.\., causes=True\)"):
        compared.causes()


def test_file_and_memory_agree(compared: Results, crowd: Histories, parameters: Parameters, tmp_path: Path) -> None:
    path = tmp_path / "results.parquet"
    pension.run(crowd, path, ("current", "segmented", "fair"), columns=results.COLUMNS, parameters=parameters, seed=7)
    found = Results.read(path, crowd, parameters)
    pd.testing.assert_frame_equal(found.frame(), compared.frame())
    pd.testing.assert_frame_equal(found.summary(["sex", "origin"]), compared.summary(["sex", "origin"]))
    assert found.basis.input_hash == compared.basis.input_hash
    assert found.basis.regimes == compared.basis.regimes


def test_a_file_alone_has_losses_but_no_groups_of_people(
    crowd: Histories, parameters: Parameters, tmp_path: Path
) -> None:
    path = tmp_path / "results.arrow"
    pension.run(crowd, path, ("current", "fair"), columns=["L2"], parameters=parameters)
    found = Results.read(path)
    assert len(found.summary("stars")) >= 1
    undefined = found.losses()
    assert undefined["L1_monthly"].isna().all()
    assert set(undefined["L1_monthly_reason"]) == {results.NO_ANNUITY, award_fields.STATUS_TEXT[award_fields.NO_RIGHT]}
    assert results.NO_COLUMN in set(undefined["L4_reason"])
    assert found.frame().attrs["units"]["l2_status_current__fair"] == "code"
    with pytest.raises(InputError, match="sex"):
        found.summary("sex")
    with pytest.raises(InputError, match="no column to group by"):
        found.summary("shoe_size")
    with pytest.raises(InputError, match="written without"):
        found.column("basic", "fair")


def test_files_that_do_not_fit_are_refused(crowd: Histories, parameters: Parameters, tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "results.parquet"
    pension.run(crowd, path, ("current",), parameters=parameters)
    with pytest.raises(InputError, match="not those of the results"):
        Results.read(path, people(12, first=1), parameters)
    with pytest.raises(InputError, match="other parameters"):
        Results.read(path, crowd, pension.load_parameters(scenario="high"))
    other = tmp_path / "other.parquet"
    pq.write_table(pa.table({"person": [1]}), other)
    with pytest.raises(InputError, match="metadata are missing"):
        Results.read(other)
    (tmp_path / "text.parquet").write_text("PAR1 but not really")
    with pytest.raises(InputError, match="cannot be read"):
        Results.read(tmp_path / "text.parquet")
    (tmp_path / "text.csv").write_text("person")
    with pytest.raises(InputError, match="neither a Parquet nor an Arrow"):
        Results.read(tmp_path / "text.csv")
    with pytest.raises(InputError, match="does not exist"):
        Results.read(tmp_path / "nothing.parquet")


def test_the_hash_of_the_input_does_not_depend_on_blocks(crowd: Histories) -> None:
    whole, cut, changed = (results._Fingerprint() for _ in range(3))
    whole.add(crowd.arrays)
    for start in range(0, 12, 5):
        cut.add(crowd.slice(start, start + 5).arrays)
    changed.add(people(12, weight=[2.0] * 12).arrays)
    assert whole.hex() == cut.hex() != changed.hex()


def test_a_scenario_by_name_but_not_beside_parameters(crowd: Histories, parameters: Parameters) -> None:
    with pytest.raises(InputError, match="give one of the two"):
        pension.compare(crowd, parameters=parameters, scenario="high")
    assert pension.compare(crowd.slice(0, 1), ("current",), scenario="low").basis.scenario == "low"


def test_broken_people_are_refused(parameters: Parameters) -> None:
    with pytest.raises(InputError, match="sex"):
        pension.compare(people(1, sex=[3]), parameters=parameters)


def test_one_regime_has_no_losses(crowd: Histories, parameters: Parameters) -> None:
    alone = pension.compare(crowd.slice(0, 2), ("current",), parameters=parameters)
    for call in (alone.summary, alone.losses, alone.equity):
        with pytest.raises(RegimeError, match="compares two regimes"):
            call()
    assert "One regime" in alone.method_note()
    assert "Results of 2 people" in alone._repr_html_()


def test_own_regimes_survive_a_file(crowd: Histories, parameters: Parameters, tmp_path: Path) -> None:
    mine = Regime.named("fair").but("fair_mine", vesting="aggregated")
    path = tmp_path / "results.parquet"
    pension.run(crowd.slice(0, 2), path, ("current", mine), parameters=parameters)
    found = Results.read(path).basis.regimes[1]
    np.testing.assert_array_equal(found.vector, mine.vector)


# ---------------------------------------------------------------------- showing


def test_the_note_names_what_isap_asks_for(compared: Results) -> None:
    note = compared.method_note({"discount rate ±1 pp": "mean loss 9 to 11 % of wealth"})
    for heading in (
        "Scope and legal date",
        "Data and imputations",
        "Assumptions",
        "Method",
        "Results",
        "Sensitivities",
    ):
        assert f"## {heading}" in note
    assert "no official determination" in note
    assert "Discount rate, effective: 0.04" in note and "default scenario of this library" in note
    assert "- discount rate ±1 pp: mean loss 9 to 11 % of wealth" in note
    assert "Not run: wage growth" in note
    assert compared.basis.parameter_hash in note and compared.basis.input_hash in note and "seed 7" in note
    assert f"2: {award_fields.STATUS_TEXT[award_fields.NO_RIGHT]}" in note
    assert "estimated" in note


def test_notebooks_show_losers_winners_and_who_is_left_out(hand: Results) -> None:
    page = hand._repr_html_()
    assert "31.2%" in page and "56.2%" in page  # 5/16 lose, 9/16 gain
    assert award_fields.STATUS_TEXT[award_fields.NO_RIGHT] in page
    assert "no official determination" in page


def test_workbook(parameters: Parameters, tmp_path: Path) -> None:
    named = people(6, weight=WEIGHTS)
    extra = pa.table({"x_note": pa.array(["=1+1", "plain", "-2", None, "@x", "+3"])})
    found = Results.of(Histories(named.arrays, named.person, extra), entitlements(), parameters)
    found.to_excel(tmp_path / "results.xlsx")
    book: Any = openpyxl.load_workbook(tmp_path / "results.xlsx")
    assert book.sheetnames == ["summary", "by severity group", "units", "method", "people"]
    rows = list(book["people"].values)
    notes = [row[rows[0].index("x_note")] for row in rows[1:]]
    assert notes == ["'=1+1", "plain", "'-2", None, "'@x", "'+3"]  # no formula
    assert [row[rows[0].index("pw_current")] for row in rows[1:]] == [100, 200, 300, 400, None, 50]


def test_a_workbook_without_openpyxl_says_what_to_install(
    hand: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any, **more: Any) -> Any:
        if name == "openpyxl":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ImportError, match=r"pension-portability\[excel\]"):
        hand.to_excel(tmp_path / "results.xlsx")


def test_a_workbook_holds_only_so_many(hand: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_EXCEL_ROWS", 5)
    with pytest.raises(InputError, match="a sheet holds 5 people"):
        hand.to_excel(tmp_path / "results.xlsx")


def test_entitlements_must_fit(parameters: Parameters) -> None:
    with pytest.raises(InputError, match="5 people but results of 6"):
        Results.of(people(5), entitlements(), parameters)
    short = entitlements()
    with pytest.raises(InputError, match="status"):
        Results.of(people(6), Entitlements(short.regimes, NAMES[1:], short.values[:, :, 1:], short.stars), parameters)
