"""The results: what stands in them, and that nothing but the content decides their bytes."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from batch.people import people

import pension
from pension.batch import run
from pension.errors import InputError
from pension.histories import Histories, write_ipc, write_parquet
from pension.kernels import award_fields
from pension.losses import NO_INCOME, NO_REFERENCE_VALUE, REASONS
from pension.parameters import Parameters

COLUMNS = ["L2", "L3", "L4", "basic", "claim_place", "average_index", "resident_start", "status", "replacement_rate"]
WEALTH = ["L5", "L6", "L7", "L8_irr", "L8_worth", "own_contributions", "npw", "moneys_worth", "irr", "irr_status"]
N = 5000
"""More than one block of threads."""


@pytest.fixture(scope="module")
def everybody() -> Histories:
    return people(N)


@pytest.fixture(scope="module")
def results(everybody: Histories, parameters: Parameters, tmp_path_factory: pytest.TempPathFactory) -> pa.Table:
    path = tmp_path_factory.mktemp("results") / "results.parquet"
    run(everybody, path, columns=COLUMNS, parameters=parameters, seed=7)
    return pq.read_table(path)


def numbers(table: pa.Table, name: str) -> np.ndarray:
    """A column with NaN for null."""
    return table[name].to_numpy().astype(np.float64)


@pytest.mark.parametrize("suffix", [".parquet", ".arrow"])
def test_bytes_depend_on_the_content_alone(everybody: Histories, parameters: Parameters, tmp_path: Path, suffix: str):
    nested, mapped = tmp_path / "people.parquet", tmp_path / "people.ipc"
    write_parquet(nested, everybody, rows=1234)
    write_ipc(mapped, everybody, rows=999)
    pieces = [everybody.slice(start, start + 1700) for start in range(0, N, 1700)]
    found = set()
    for number, (source, rows, threads) in enumerate(
        [(everybody, 65_536, 2), (everybody, 777, 1), (pieces, 65_536, 2), (nested, 4500, 2), (mapped, 65_536, 1)]
    ):
        path = tmp_path / f"{number}{suffix}"
        run(source, path, columns=COLUMNS, parameters=parameters, rows=rows, threads=threads)
        found.add(path.read_bytes())
    assert len(found) == 1


def test_people_keep_order_weights_and_own_columns(everybody: Histories, results: pa.Table):
    assert results["person"].to_pylist() == everybody.person.to_pylist()
    assert results["weight"].to_pylist() == everybody.arrays.weight.tolist()
    assert results["x_number"].to_pylist() == list(range(N))
    assert results["x_group"].to_pylist() == [f"g{i % 5}" for i in range(N)]
    assert results.column_names[:6] == ["person", "x_group", "x_number", "weight", "stars", "status"]


def test_default_columns(everybody: Histories, parameters: Parameters, tmp_path: Path):
    run(everybody.slice(0, 30), tmp_path / "r.arrow", parameters=parameters)
    names = pa.ipc.open_file(tmp_path / "r.arrow").schema.names
    assert [name for name in names if not name.startswith("x_")] == (
        "person weight stars status monthly_current pw_current route_current monthly_fair pw_fair route_fair "
        "loss_current__fair"
    ).split()


def test_losses_are_differences_to_the_reference(results: pa.Table):
    actual, reference = numbers(results, "pw_current"), numbers(results, "pw_fair")
    np.testing.assert_array_equal(numbers(results, "loss_current__fair"), reference - actual)
    defined = np.isfinite(actual)
    ratio = numbers(results, "l2_current__fair")[defined]
    np.testing.assert_array_equal(ratio, 1.0 - actual[defined] / reference[defined])
    monthly, monthly_reference = numbers(results, "monthly_current"), numbers(results, "monthly_fair")
    np.testing.assert_array_equal(
        numbers(results, "l3_current__fair")[defined], (1.0 - monthly / monthly_reference)[defined]
    )


def test_the_undefined_are_null_with_a_reason(results: pa.Table):
    without_right = np.arange(N) % 6 == 5
    status = results["status"].to_numpy()
    np.testing.assert_array_equal(status == award_fields.NO_RIGHT, without_right)
    for name in ("monthly_current", "pw_fair", "route_fair", "loss_current__fair", "l2_current__fair"):
        np.testing.assert_array_equal(results[name].is_null().to_numpy(), status != award_fields.DEFINED)
    for measure in ("l2", "l3", "l4"):
        reason = results[f"{measure}_status_current__fair"].to_numpy()
        np.testing.assert_array_equal(results[f"{measure}_current__fair"].is_null().to_numpy(), reason != 0)
        assert set(reason.tolist()) <= set(REASONS)


def test_wealth_and_its_measures_on_request(everybody: Histories, parameters: Parameters, tmp_path: Path):
    some = everybody.slice(0, 60)
    run(some, tmp_path / "r.parquet", columns=[*WEALTH, "L2"], parameters=parameters)
    found = pq.read_table(tmp_path / "r.parquet")
    kind = np.arange(60) % 6
    for name in ("current", "fair"):
        status = found[f"irr_status_{name}"].to_numpy()
        np.testing.assert_array_equal(found[f"irr_{name}"].is_null().to_numpy(), status != 0)
        assert set(status[kind == 5].tolist()) == {award_fields.NO_RIGHT}
        npw, pw, own = (numbers(found, f"{column}_{name}") for column in ("npw", "pw", "own_contributions"))
        np.testing.assert_array_equal(npw, pw - own)
    for measure in ("l5", "l6", "l7", "l8_irr", "l8_worth"):
        reason = found[f"{measure}_status_current__fair"].to_numpy()
        np.testing.assert_array_equal(found[f"{measure}_current__fair"].is_null().to_numpy(), reason != 0)
        assert (reason == 0).any() and set(reason.tolist()) <= set(REASONS)
    gap = numbers(found, "irr_fair") - numbers(found, "irr_current")
    np.testing.assert_array_equal(numbers(found, "l8_irr_current__fair"), gap)
    # the rest is what it is without them
    run(some, tmp_path / "plain.parquet", columns=["L2"], parameters=parameters)
    plain = pq.read_table(tmp_path / "plain.parquet")
    for name in plain.column_names:
        assert found[name].equals(plain[name]), name


def test_only_residents_have_no_income_to_replace(results: pa.Table):
    reason = results["l4_status_current__fair"].to_numpy()
    kind = np.arange(N) % 6
    assert set(reason[kind == 3].tolist()) == {NO_INCOME}
    assert set(reason[kind < 3].tolist()) == {0}
    assert NO_REFERENCE_VALUE not in reason


def test_no_column_holds_nan(results: pa.Table):
    for field in results.schema:
        if pa.types.is_floating(field.type):
            assert not pc.any(pc.is_nan(results[field.name])).as_py(), field.name


def test_places_are_codes_and_absent_values_null(results: pa.Table):
    kind = np.arange(N) % 6
    place = numbers(results, "claim_place_current")
    assert set(place[kind == 0].tolist()) == {44.0}
    assert np.isnan(place[kind == 3]).all()
    # Bridged people and residents have no index; employees without a resident record no resident part.
    route = np.array(results["route_current"].to_pylist())
    employee = route == "employee"
    np.testing.assert_array_equal(
        np.isfinite(numbers(results, "average_index_current")), np.isin(route, ["employee", "resident_to_employee"])
    )
    assert np.isnan(numbers(results, "resident_start_current")[employee]).all()


def test_routes_are_words(results: pa.Table):
    routes = set(results["route_current"].to_pylist()) - {None}
    assert routes <= set(award_fields.ROUTES)
    kind = np.arange(N) % 6
    assert set(np.array(results["route_current"].to_pylist())[kind == 3]) == {"resident"}


def test_metadata_hold_what_determines_the_content(results: pa.Table, parameters: Parameters):
    metadata = {key.decode(): value.decode() for key, value in results.schema.metadata.items()}
    assert metadata["pension_parameters"] == parameters.hash
    assert metadata["pension_version"] == pension.__version__
    assert metadata["pension_seed"] == "7"
    assert metadata["pension_scenario"] == parameters.scenario
    regimes = json.loads(metadata["pension_regimes"])
    assert list(regimes) == ["current", "fair"]
    assert regimes["fair"]["choices"]["vesting"] == "immediate"
    assert json.loads(metadata["pension_pairs"]) == [{"actual": "current", "reference": "fair"}]
    assert set(metadata) == {f"pension_{word}" for word in _METADATA_KEYS}


_METADATA_KEYS = "results version parameters scenario price_year regimes pairs status note seed survival".split()


def test_each_further_regime_is_a_reference(everybody: Histories, parameters: Parameters, tmp_path: Path):
    path = tmp_path / "r.parquet"
    run(everybody.slice(0, 12), path, ["segmented", "current", "fair"], parameters=parameters)
    names = pq.read_schema(path).names
    assert [name for name in names if name.startswith("loss_")] == ["loss_segmented__current", "loss_segmented__fair"]


def test_nobody(parameters: Parameters, tmp_path: Path):
    summary = run(people(0), tmp_path / "r.parquet", parameters=parameters)
    assert summary.people == 0
    assert pq.read_table(tmp_path / "r.parquet").num_rows == 0


@pytest.mark.parametrize("columns", [["nonsense"], ["L9"], [""]])
def test_an_unknown_column_is_refused(parameters: Parameters, tmp_path: Path, columns: list[str]):
    with pytest.raises(InputError, match="unknown column"):
        run(people(6), tmp_path / "r.parquet", columns=columns, parameters=parameters)


def test_a_measure_needs_two_regimes(parameters: Parameters, tmp_path: Path):
    with pytest.raises(InputError, match="only one is given"):
        run(people(6), tmp_path / "r.parquet", ["current"], columns=["L2"], parameters=parameters)
