"""The synthetic people: counter-based, valid, near their targets, of the shares the benchmark is specified with."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from pension import _compile, schema
from pension.checks import range_check as checks
from pension.cohorts import careers as cohorts_careers
from pension.cohorts import population as cohorts
from pension.cohorts import random_numbers
from pension.cohorts import rates as cohorts_rates
from pension.cohorts import rows as cohorts_rows
from pension.cohorts.benchmark_cohort import BENCHMARK, benchmark_cohort
from pension.engine import Engine
from pension.histories import Histories
from pension.kernels.cells import POPCOUNT
from pension.parameters import Parameters, load, parameters_directory
from pension.tables.dense import FIRST_YEAR

MAKERS = {"calibrated": cohorts.generate, "benchmark": benchmark_cohort}


@pytest.fixture(scope="module")
def parameters() -> Parameters:
    return load()


@pytest.fixture(scope="module", params=sorted(MAKERS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def made(parameters: Parameters) -> Histories:
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
    assert random_numbers.uniform(np.uint64(0), 0) == (0xE220A8397B1DCDAF >> 11) / 2**53
    assert random_numbers.uniform(np.uint64(0), 1) == (0x6E789E6AA1B965F4 >> 11) / 2**53


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
    people = MAKERS[kind](200_000, 11, 0, parameters.tables)
    statutory, earliest, award, _ = Engine(parameters, ["current"]).award_months(people.arrays)
    people.require(statutory, earliest)
    assert int(award.min()) >= schema.FIRST_AWARD_MONTH


def test_benchmark_cohort_has_the_shares_of_the_specification(parameters: Parameters) -> None:
    found = cohorts.describe(benchmark_cohort(200_000, 1, 0, parameters.tables))
    assert found["people"] == 200_000
    assert found["records_per_person"] == pytest.approx(25.0, abs=0.1)
    assert (found["fewest_records"], found["most_records"]) == (10, 40)
    assert found["full_years"] == pytest.approx(0.95, abs=0.002)
    assert found["both_schemes"] == pytest.approx(0.30, abs=0.005)
    assert found["places_per_person"] == pytest.approx(1.5, abs=0.01)
    assert found["with_overlaps"] == pytest.approx(0.05, abs=0.003)
    assert found["with_temporary_accounts"] == pytest.approx(0.10, abs=0.003)
    assert set(BENCHMARK) < set(found)


def test_benchmark_records_are_yearly(parameters: Parameters) -> None:
    h = benchmark_cohort(20_000, 1, 0, parameters.tables).arrays
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


def test_the_population_has_every_kind_of_history(made: Histories, parameters: Parameters) -> None:
    h, n = made.arrays, len(made)
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
    found = cohorts.describe(made)
    assert found["with_temporary_accounts"] > 0.03
    assert found["with_overlaps"] > 0.03
    assert found["both_schemes"] > 0.2
    several = np.stack([person, h.year.astype(np.int64)])[:, (h.form == 4) & ~np.isnan(h.income)]
    assert np.unique(several, axis=1).shape[1] < several.shape[1], "several platforms at once"
    assert np.any((h.scheme == 1) & (h.work_place > 0) & (h.work_place != h.place)), "insured at home, at work away"


def test_the_population_bases_are_multiples_of_the_reference_wage(made: Histories, parameters: Parameters) -> None:
    from pension.checks.range_check import PLACE_LOOKUP

    h = made.arrays
    paid = (h.scheme == 1) & (h.flags & 8 == 0)
    wage = parameters.tables.reference_wage[PLACE_LOOKUP[h.place[paid]], h.year[paid] - 1 - FIRST_YEAR]
    index = h.base[paid] / wage
    assert np.mean((index > 0.55) & (index < 3.2)) > 0.93


def test_extra_columns(made: Histories) -> None:
    fifth = made.extra["x_income_fifth"].to_numpy()
    assert set(fifth.tolist()) == {1, 2, 3, 4, 5}
    assert np.bincount(fifth)[1:] / len(made) == pytest.approx(0.2, abs=0.01)
    assert int(made.extra["x_moves"].to_numpy().min()) == 0
    assert int(made.extra["x_moves"].to_numpy().max()) > 3


def test_no_draw_is_used_for_two_purposes() -> None:
    c = cohorts_careers
    assert c.SPELLS >= c.LIFE_DRAWS
    assert c.YEARS == c.SPELLS + c.SPELL_DRAWS * c.MAX_SPELLS
    # A life has fewer spells of at least six months than there is room for, and fewer records than a scratch.
    assert (cohorts_rows.LAST_WAGE_YEAR - 1981) * 2 < c.MAX_SPELLS


def test_ages_and_forms_are_sane(made: Histories) -> None:
    h = made.arrays
    assert (int(h.birth.min()) // 12, int(h.birth.max()) // 12) == (1965, 2004)
    person = np.repeat(np.arange(len(made)), np.diff(h.offsets))
    first = 12 * h.year.astype(np.int64) + checks.FIRST_MONTH_OF_MASK[h.months] - h.birth[person]
    assert int(first[h.scheme != 2].min()) >= checks.MIN_AGE_MONTHS
    assert bool(np.all(h.year[h.form == 4] >= 2015)), "platform work begins in 2015"
    assert bool(np.all(np.isnan(h.base[h.scheme == 0]) & (h.income[h.scheme == 0] > 0.0)))
    assert bool(np.all(h.place[h.scheme == 2] == h.hukou[person][h.scheme == 2])), "resident payments are made at home"
    assert set(np.unique(h.hukou)) == {code for code, _, _ in schema.PLACES[:31]}


def test_individuals_away_from_home_follow_the_dates_of_access(made: Histories) -> None:
    h = made.arrays
    person = np.repeat(np.arange(len(made)), np.diff(h.offsets))
    away = (h.scheme == 1) & (h.form >= 2) & (h.place != h.hukou[person]) & (h.flags == 0)
    last = 12 * h.year.astype(np.int64) + checks.LAST_MONTH_OF_MASK[h.months]
    # Beijing was closed at last sight; Guangdong opened 2021-05, Shanghai 2023-05, places without a date 2022-01.
    for place, opened in ((44, 12 * 2021 + 4), (31, 12 * 2023 + 4), (51, 12 * 2022)):
        assert int(last[away & (h.place == place)].min()) >= opened
    assert not np.any(away & (h.place == 11))
    rural = (h.scheme == 1) & (h.form >= 2) & (h.flags == 0) & (h.hukou_type[person] == 2)
    assert int(last[rural].min()) >= 12 * 2011 + 6


def test_weights_undo_the_even_draw_of_small_provinces(parameters: Parameters) -> None:
    h = cohorts.generate(200_000, 3, 0, parameters.tables).arrays
    assert float(h.weight.mean()) == pytest.approx(1.0, abs=0.003)
    registered = cohorts_rates.migration(parameters_directory())[1]
    tibet = float(h.weight[h.hukou == 54].sum()) / 200_000
    assert tibet == pytest.approx(registered[schema.PLACE_INDEX[54]] / registered.sum(), rel=0.05)
    assert np.mean(h.hukou == 54) > 0.003, "a tenth of the people over 31 provinces: 0.0032"


def test_incomes_persist(made: Histories) -> None:
    h = made.arrays
    person = np.repeat(np.arange(len(made)), np.diff(h.offsets))
    whole = (h.scheme == 1) & (h.form == 0) & (h.months == 4095) & ~np.isnan(h.income) & (h.work_place < 0)
    incomes = {}
    for year in (2010, 2011, 2019):
        rows = np.flatnonzero(whole & (h.year == year))
        incomes[year] = dict(zip(person[rows].tolist(), h.income[rows].tolist(), strict=True))

    def rank_correlation(a: int, b: int) -> float:
        both = sorted(incomes[a].keys() & incomes[b].keys())
        ranks = [np.argsort(np.argsort([incomes[year][i] for i in both])) for year in (a, b)]
        return float(np.corrcoef(*ranks)[0, 1])

    assert rank_correlation(2010, 2011) > 0.9
    assert 0.5 < rank_correlation(2010, 2019) < rank_correlation(2010, 2011)


def test_targets_are_met_within_their_width(parameters: Parameters) -> None:
    compared = {found.name: found for found in cohorts.check(200_000, 5, parameters)}
    # 21 named aggregates, and the 18 provinces with a known stock.
    assert len(compared) == 21 + 18
    assert {found.use for found in compared.values()} == {"target", "check", "lower bound"}
    assert [found.name for found in compared.values() if found.use != "check" and not found.met] == []
    assert compared["stock_2020"].target == pytest.approx(124_837_153 * 0.8 / 894_376_020, abs=5e-5)
    assert compared["flow_2015_2020"].target == pytest.approx(50_831_900 * 0.8 / 894_376_020, abs=5e-5)
    assert compared["in_stock_44"].target == 29_622_100 * (0.8 / 894_376_020)
    assert compared["employee_contributors_2017"].target == pytest.approx(40293 * 2.70 / 3.70 / 89437.602, abs=5e-5)
    assert compared["employee_contributors_2021"].target == pytest.approx(48074 * 2.55 / 3.55 / 89437.602, abs=5e-5)
    assert all(found.status in ("official", "secondary", "unconfirmed", "estimated") for found in compared.values())


def test_a_comparison_is_met_within_its_width() -> None:
    found = cohorts.Comparison("", "", 0.50, 0.53, 0.04, "target", "", "")
    assert found.met
    assert not found._replace(width=0.02).met
    assert not found._replace(got=float("nan")).met
    assert found._replace(use="lower bound", width=0.0).met
    assert not found._replace(use="lower bound", width=0.0, got=0.49).met


def test_measures_of_three_people() -> None:
    # 1: rural man of Henan, in 2017, 2020 and 2021 at work in Guangdong, insured there in 2017 only; in 2015 at home.
    # 2: urban woman of Jiangsu, insured at home in 2017 and 2019. 3: rural woman of Henan, resident payment of 2017.
    columns = {
        "sex": [1, 2, 2],
        "retirement_category": [1, 2, 3],
        "birth": [12 * 1980, 12 * 1980, 12 * 1980],
        "hukou": [41, 32, 41],
        "hukou_type": [2, 1, 2],
        "weight": [2.0, 1.0, 1.0],
        "offsets": [0, 3, 5, 6],
        "year": [2017, 2020, 2021, 2017, 2019, 2017],
        "months": [4095] * 6,
        "scheme": [1, 0, 0, 1, 1, 2],
        "form": [0, 4, 0, 0, 0, 0],
        "place": [44, -1, -1, 32, 32, 41],
        "work_place": [-1, 44, 44, -1, -1, -1],
        "base": [5000.0, np.nan, np.nan, 5000.0, 5000.0, 200.0],
        "income": [np.nan, 6000.0, 5000.0, np.nan, np.nan, np.nan],
    }
    totals = cohorts._Totals()
    cohorts._measure_block(Histories.build([1, 2, 3], columns), totals)
    assert totals.share("employee_contributors_2017") == 3 / 4
    assert totals.share("resident_payers_2017") == 1 / 4
    assert totals.share("employee_coverage_2019") == 1 / 1
    assert totals.share("migrant_workers_2021") == 2 / 4
    assert totals.share("migrants_in_other_province_2021") == 2 / 2
    assert totals.share("migrants_men_2021") == 2 / 2
    assert totals.share("stock_2020") == 2 / 4
    assert totals.share("flow_2015_2020") == 2 / 4
    assert totals.share("in_stock_44") == 2 / 4
    assert totals.share("out_stock_41") == 2 / 4
    assert totals.share("out_stock_32") == 0.0
    assert np.isnan(totals.share("migrants_income_2024"))


def test_gravity_meets_the_known_margins_and_the_total() -> None:
    directory = parameters_directory()
    found = cohorts_rates.rates(directory)
    flows, registered = cohorts_rates.migration(directory)
    moved_in, moved_out = cohorts_rates.margin(found, "in_stock"), cohorts_rates.margin(found, "out_stock")
    known_in, known_out = ~np.isnan(moved_in), ~np.isnan(moved_out)
    assert (known_in.sum(), known_out.sum()) == (10, 8)
    assert flows.sum(axis=0)[known_in] == pytest.approx(moved_in[known_in], rel=1e-9)
    assert flows.sum(axis=1)[known_out] == pytest.approx(moved_out[known_out], rel=1e-9)
    assert flows.sum() == pytest.approx(124_837_153, rel=1e-9)
    assert float(flows.min()) >= 0.0
    assert bool(np.all(np.diag(flows) == 0.0))
    assert bool(np.all(registered > 0.0))


def test_gravity_keeps_the_pull_of_what_is_free() -> None:
    # One known column of 2 in a total of 6, the others free. Before the fit the cells are population over distance; the
    # fit multiplies whole columns, so that what a free column gets from two origins keeps its ratio.
    persons = np.array([10.0, 30.0, 60.0])
    degrees = np.array([(30.0, 110.0), (30.0, 111.0), (30.0, 113.0)])
    nan = np.nan
    flows = cohorts_rates.gravity(persons, degrees, np.full(3, nan), np.array([2.0, nan, nan]), 6.0)
    assert flows[:, 0].sum() == pytest.approx(2.0, rel=1e-12)
    assert flows[:, 1:].sum() == pytest.approx(4.0, rel=1e-12)
    # To the second place: 10 * 30 / 1 from the first, 60 * 30 / 2 from the third.
    assert flows[0, 1] / flows[2, 1] == pytest.approx(300 / 900, rel=1e-9)


def test_gravity_with_all_margins_known() -> None:
    persons = np.array([10.0, 30.0, 60.0])
    degrees = np.array([(30.0, 110.0), (35.0, 115.0), (23.0, 113.0)])
    flows = cohorts_rates.gravity(persons, degrees, np.array([2.0, 3.0, 1.0]), np.array([1.0, 1.0, 4.0]), 6.0)
    assert np.diag(flows) == pytest.approx(0.0, abs=0.0)
    assert flows.sum(axis=1) == pytest.approx([2.0, 3.0, 1.0], rel=1e-9)
    assert flows.sum(axis=0) == pytest.approx([1.0, 1.0, 4.0], rel=1e-9)


@pytest.mark.parametrize("total", [5.0, 7.0])
def test_gravity_refuses_margins_that_do_not_fit_the_total(total: float) -> None:
    persons, degrees = np.array([10.0, 30.0]), np.array([(30.0, 110.0), (35.0, 115.0)])
    with pytest.raises(ValueError, match="do not fit"):
        cohorts_rates.gravity(persons, degrees, np.array([2.0, 4.0]), np.array([4.0, 2.0]), total)


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
