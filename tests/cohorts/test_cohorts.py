"""The synthetic people: counter-based, valid, and of the shares the benchmark is specified with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from pension import _compile, cohorts
from pension.cells import POPCOUNT
from pension.engine import Engine
from pension.histories import Histories
from pension.parameters import Parameters, load
from pension.tables import FIRST_YEAR

MAKERS = {"demo": cohorts.generate, "benchmark": cohorts.benchmark_cohort}


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return load()


@pytest.fixture(scope="module", params=sorted(MAKERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def demo(parameters: Parameters) -> Histories:
    return cohorts.generate(50_000, 7, 0, parameters.tables)


@pytest.fixture
def threads() -> Iterator[None]:
    yield
    _compile.set_threads(0)


def assert_same(a: Histories, b: Histories) -> None:
    for name in a.arrays._fields:
        assert getattr(a.arrays, name).tobytes() == getattr(b.arrays, name).tobytes(), name
    assert a.person.equals(b.person)
    assert a.extra.equals(b.extra)


def test_random_numbers_are_splitmix64() -> None:
    # First two outputs of the published generator for the seed 0.
    assert cohorts.uniform(np.uint64(0), 0) == (0xE220A8397B1DCDAF >> 11) / 2**53
    assert cohorts.uniform(np.uint64(0), 1) == (0x6E789E6AA1B965F4 >> 11) / 2**53


def test_any_split_gives_the_same_people(kind: str, parameters: Parameters) -> None:
    make, tables = MAKERS[kind], parameters.tables
    whole = make(10_000, 3, 0, tables)
    for first, last in ((0, 1), (1, 5_000), (4_999, 10_000), (9_999, 10_000), (17, 17)):
        assert_same(make(last - first, 3, first, tables), whole.slice(first, last))


def test_any_number_of_threads_gives_the_same_people(kind: str, parameters: Parameters, threads: None) -> None:
    _compile.set_threads(1)
    one = MAKERS[kind](20_000, 5, 0, parameters.tables)
    _compile.set_threads(3)
    assert_same(MAKERS[kind](20_000, 5, 0, parameters.tables), one)


def test_seeds_differ(kind: str, parameters: Parameters) -> None:
    a = MAKERS[kind](1_000, 1, 0, parameters.tables)
    b = MAKERS[kind](1_000, 2, 0, parameters.tables)
    assert np.mean(a.arrays.birth == b.arrays.birth) < 0.05
    assert np.mean(a.arrays.birth[:-1] == b.arrays.birth[1:]) < 0.05


def test_seeds_beyond_64_bits_and_people_beyond_32_bits(parameters: Parameters) -> None:
    far = cohorts.generate(3, 2**64 + 1, 2**40, parameters.tables)
    assert far.person.to_pylist() == [2**40 + 1, 2**40 + 2, 2**40 + 3]
    assert_same(far, cohorts.generate(3, 1, 2**40, parameters.tables))


def test_everybody_passes_the_range_check(kind: str, parameters: Parameters) -> None:
    made = MAKERS[kind](200_000, 11, 0, parameters.tables)
    statutory, earliest, award, _ = Engine(parameters, ["current"]).award_months(made.arrays)
    made.require(statutory, earliest)
    assert int(award.min()) >= 12 * 2025


def test_benchmark_cohort_has_the_shares_of_the_specification(parameters: Parameters) -> None:
    found = cohorts.describe(cohorts.benchmark_cohort(200_000, 1, 0, parameters.tables))
    assert found["people"] == 200_000
    assert found["records_per_person"] == pytest.approx(25.0, abs=0.1)
    assert (found["fewest_records"], found["most_records"]) == (10, 40)
    assert found["full_years"] == pytest.approx(0.95, abs=0.002)
    assert found["both_schemes"] == pytest.approx(0.30, abs=0.005)
    assert found["places_per_person"] == pytest.approx(1.5, abs=0.01)
    assert found["with_overlaps"] == pytest.approx(0.05, abs=0.003)
    assert found["with_temporary_accounts"] == pytest.approx(0.10, abs=0.003)
    assert set(cohorts.BENCHMARK) < set(found)


def test_benchmark_records_are_yearly(parameters: Parameters) -> None:
    h = cohorts.benchmark_cohort(20_000, 1, 0, parameters.tables).arrays
    person = np.repeat(np.arange(20_000), np.diff(h.offsets))
    rows = np.unique(np.stack([person, h.year.astype(np.int64), h.scheme.astype(np.int64)]), axis=1)
    assert rows.shape[1] == h.year.size
    assert bool(np.all(h.claim == -1))


def test_describe_on_three_people() -> None:
    # 1: a year in Henan (41), where he is registered, then from the age of 55 in Guangdong (44): temporary.
    # 2: employee months and a resident contribution in one year. 3: no record at all.
    columns = {
        "sex": [1, 2, 1],
        "retirement_category": [1, 2, 1],
        "birth": [12 * 1966, 12 * 1980, 12 * 1980],
        "hukou": [41, 32, 11],
        "hukou_type": [2, 1, 1],
        "offsets": [0, 2, 4, 4],
        "year": [2005, 2021, 2015, 2015],
        "months": [4095, 4095, 7, 4095],
        "scheme": [1, 1, 1, 2],
        "form": [0, 0, 0, 0],
        "place": [41, 44, 32, 32],
        "base": [1000.0, 5000.0, 3000.0, 200.0],
    }
    found = cohorts.describe(Histories.build([1, 2, 3], columns))
    assert found == {
        "people": 3,
        "records": 4,
        "records_per_person": 4 / 3,
        "fewest_records": 0,
        "most_records": 2,
        "full_years": 3 / 4,
        "both_schemes": 1 / 3,
        "places_per_person": 3 / 3,
        "with_overlaps": 1 / 3,
        "with_temporary_accounts": 1 / 3,
    }


def test_demo_has_every_kind_of_history(demo: Histories, parameters: Parameters) -> None:
    h, n = demo.arrays, len(demo)
    person = np.repeat(np.arange(n), np.diff(h.offsets))
    for scheme, form in ((0, 3), (0, 4), (1, 0), (1, 1), (1, 2), (1, 3), (1, 4), (2, 0)):
        assert np.any((h.scheme == scheme) & (h.form == form)), (scheme, form)
    for flag in (0, 1, 4, 8, 16, 32):
        assert np.any(h.flags == flag), flag
    statutory, _, award, _ = Engine(parameters, ["current"]).award_months(h)
    assert 0.005 < np.mean(award < statutory) < 0.05
    assert 0.005 < np.mean(award > statutory) < 0.1
    months = np.bincount(person[h.scheme == 1], POPCOUNT[h.months[h.scheme == 1]], n)
    needed = parameters.tables.minimum_months[award // 12 - FIRST_YEAR]
    assert np.mean((months > 0) & (months < needed)) > 0.1
    assert np.any(months == needed - 1)
    assert np.any(months == needed)
    found = cohorts.describe(demo)
    assert found["with_temporary_accounts"] > 0.03
    assert found["with_overlaps"] > 0.03
    assert found["both_schemes"] > 0.2
    several = np.stack([person, h.year.astype(np.int64)])[:, (h.form == 4) & ~np.isnan(h.income)]
    assert np.unique(several, axis=1).shape[1] < several.shape[1], "several platforms at once"
    assert np.any((h.scheme == 1) & (h.work_place > 0) & (h.work_place != h.place)), "insured at home, at work away"


def test_demo_bases_are_multiples_of_the_reference_wage(demo: Histories, parameters: Parameters) -> None:
    from pension.checks import PLACE_LOOKUP

    h = demo.arrays
    paid = (h.scheme == 1) & (h.flags & 8 == 0)
    wage = parameters.tables.reference_wage[PLACE_LOOKUP[h.place[paid]], h.year[paid] - 1 - FIRST_YEAR]
    index = h.base[paid] / wage
    assert np.mean((index > 0.55) & (index < 3.2)) > 0.93


def test_extra_columns(demo: Histories) -> None:
    fifth = demo.extra["x_income_fifth"].to_numpy()
    assert set(fifth.tolist()) == {1, 2, 3, 4, 5}
    assert np.bincount(fifth)[1:] / len(demo) == pytest.approx(0.2, abs=0.01)
    assert int(demo.extra["x_moves"].to_numpy().min()) == 0
    assert int(demo.extra["x_moves"].to_numpy().max()) > 3


def test_no_draw_is_used_for_two_purposes() -> None:
    assert cohorts._SPELLS >= cohorts._LIFE_DRAWS
    assert cohorts._YEARS == cohorts._SPELLS + cohorts._SPELL_DRAWS * cohorts._MAX_SPELLS
    # A life has fewer spells of at least six months than there is room for, and fewer records than a scratch.
    assert (cohorts.LAST_WAGE_YEAR - 1978) * 2 < cohorts._MAX_SPELLS


def test_gravity_meets_its_margins() -> None:
    persons = np.array([10.0, 30.0, 60.0])
    degrees = np.array([(30.0, 110.0), (35.0, 115.0), (23.0, 113.0)])
    flows = cohorts.gravity(persons, degrees, np.array([2.0, 3.0, 1.0]), np.array([1.0, 1.0, 4.0]))
    assert np.diag(flows) == pytest.approx(0.0, abs=0.0)
    assert flows.sum(axis=1) == pytest.approx([2.0, 3.0, 1.0], rel=1e-6)
    assert flows.sum(axis=0) == pytest.approx([1.0, 1.0, 4.0], rel=1e-6)


def test_refusals(kind: str, parameters: Parameters) -> None:
    make, tables = MAKERS[kind], parameters.tables
    for persons, seed, first in ((-1, 1, 0), (1, -1, 0), (1, 1, -1)):
        with pytest.raises(ValueError, match="not negative"):
            make(persons, seed, first, tables)
    wages = tables.reference_wage.copy()
    wages[5, 2030 - FIRST_YEAR] = np.nan
    with pytest.raises(ValueError, match="no reference wage of Liaoning 2030"):
        make(1, 1, 0, tables._replace(reference_wage=wages))


def test_nobody(kind: str, parameters: Parameters) -> None:
    nobody = MAKERS[kind](0, 1, 0, parameters.tables)
    assert (len(nobody), nobody.n_records) == (0, 0)
    assert cohorts.describe(nobody)["records_per_person"] == 0.0
