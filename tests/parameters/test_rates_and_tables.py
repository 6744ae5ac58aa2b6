"""Contribution shares, ages, tiers, subsidies, premiums, supplements: values by hand from the acts and the files."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pension import schema
from pension.parameters import ParameterError, load
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, TRANSITION_SHAPE

from .conftest import month, year

BEIJING, SHANGHAI, HUNAN = (schema.PLACE_INDEX[code] for code in (11, 31, 43))


@pytest.mark.parametrize(
    ("text", "account", "pooled", "individual", "own"),
    [
        ("1997-12", 0.11, 0.13, 0.09, 0.04),  # 20 + 4 - 11
        ("1998-01", 0.11, 0.14, 0.09, 0.05),
        ("1999-12", 0.11, 0.14, 0.09, 0.05),
        ("2000-01", 0.11, 0.15, 0.09, 0.06),
        ("2002-01", 0.11, 0.16, 0.09, 0.07),
        ("2005-12", 0.11, 0.17, 0.09, 0.08),
        ("2006-01", 0.08, 0.20, 0.12, 0.08),
        ("2019-04", 0.08, 0.20, 0.12, 0.08),
        ("2019-05", 0.08, 0.16, 0.12, 0.08),
        ("2035-01", 0.08, 0.16, 0.12, 0.08),
    ],
)
def test_points_of_a_month(shipped, text, account, pooled, individual, own):
    tables = shipped.tables  # Henan: accounts since 1995-01
    assert month(tables.account_rate, 41, text) == account
    assert month(tables.pooled_rate[:, :, 0], 41, text) == pooled
    assert month(tables.pooled_rate[:, :, 1], 41, text) == individual
    assert month(tables.own_rate[:, :, 0], 41, text) == own
    assert month(tables.own_rate[:, :, 1], 41, text) == 0.20


def test_no_account_before_its_start_and_all_points_pooled(shipped):
    tables = shipped.tables  # Guangdong: 1998-07; Tibet: 2000-07
    assert tables.account_start[schema.PLACE_INDEX[44]] == schema.month_serial("1998-07")
    assert month(tables.account_rate, 44, "1998-06") == 0
    assert month(tables.account_rate, 44, "1998-07") == 0.11
    assert month(tables.pooled_rate[:, :, 0], 44, "1998-06") == 0.25
    assert month(tables.pooled_rate[:, :, 1], 44, "1998-06") == 0.20
    assert month(tables.pooled_rate[:, :, 0], 54, "2000-06") == 0.26
    assert month(tables.account_rate, 31, "1993-01") == 0.11
    assert tables.account_start[schema.NATION_INDEX] == schema.month_serial("1998-01")


def test_a_year_is_uniform_only_where_no_share_changes_in_it(shipped):
    uniform = shipped.tables.uniform_year
    assert [year(uniform, 41, y) for y in (1994, 1995, 1998, 2018, 2019, 2020)] == [1, 1, 1, 1, 0, 1]
    assert [year(uniform, 44, y) for y in (1997, 1998, 1999)] == [1, 0, 1]
    assert uniform.dtype == np.int64


def test_unknown_employer_rates_are_the_national_ones_and_say_so(shipped):
    found = shipped.provenance("pooled_rate", 44, schema.month_serial("2010-01"))
    assert (found.value, found.unit, found.status, found.rule) == (
        *(0.20, "fraction of the base", "estimated", "national_share"),
    )


def test_an_overlay_gives_a_province_its_own_employer_rate(overlay):
    from pension.parameters import load

    over = overlay(provinces_employer_rate_by_place="place,from,value,use\n44,2010-01,0.14,yes\n")
    pooled = load(over).tables.pooled_rate[:, :, 0]
    assert month(pooled, 44, "2009-12") == 0.20
    assert month(pooled, 44, "2010-01") == 0.14
    assert month(pooled, 41, "2010-01") == 0.20


def test_ages_minimum_and_annuity_months(shipped):
    tables = shipped.tables
    first = [schema.month_serial(text) for text in ("1965-01", "1970-01", "1975-01")]
    assert tables.ages[1].tolist() == [720, first[0], 4, 36, 36]
    assert tables.ages[2].tolist() == [660, first[1], 4, 36, 36]
    assert tables.ages[3].tolist() == [600, first[2], 2, 60, 36]
    assert tables.ages[4:, [0, 3, 4]].tolist() == [[660, 0, 0], [540, 0, 0]]
    assert tables.ages[4:, 1].min() > schema.month_serial("2100-01")  # never delayed
    months = {2005: 180, 2014: 180, 2029: 180, 2030: 186, 2034: 210, 2038: 234, 2039: 240, 2100: 240}
    assert {y: int(tables.minimum_months[y - FIRST_YEAR]) for y in months} == months
    annuity = {40: 233, 45: 216, 50: 195, 55: 170, 60: 139, 63: 117, 65: 101, 70: 56}
    assert {age: int(tables.annuity_months[age - 40]) for age in annuity} == annuity


def test_transition_coefficients(shipped):
    tables = shipped.tables
    assert tables.transition_coefficient[schema.PLACE_INDEX[21]].tolist() == [0.012, 0.014]
    assert tables.transition_threshold[schema.PLACE_INDEX[21]] == 240
    assert tables.transition_coefficient[schema.PLACE_INDEX[44]].tolist() == [0.012, 0.012]
    assert tables.transition_threshold[schema.PLACE_INDEX[44]] > 1000
    assert np.isnan(tables.transition_coefficient[schema.NATION_INDEX]).all()


@pytest.mark.parametrize(
    ("place", "shape", "own_index", "counts_paid", "cutoff", "paid_from"),
    [
        (11, "beijing", 0, 1, "1998-06", "1992-10"),
        (31, "fixed_index", 0, 0, "1992-12", None),
        (32, "plain", 1, 1, "1996-12", None),  # account start 1996-01, but months of 1996 earn it too
        (33, "plain", 1, 1, "1997-12", None),
        (44, "plain", 1, 1, "1998-06", None),
        (12, "plain", 1, 0, "1997-12", None),
        (14, "plain", 1, 0, "1997-06", None),
        (61, "plain", 1, 0, "1995-12", None),
        (50, "mean", 0, 0, "1995-12", None),
        (51, "mean", 0, 0, "1995-12", None),
        (63, "mean", 0, 0, "1997-12", None),
        (62, "plain", 0, 0, "1995-12", None),  # the table prints 1996-01, the month of the account start
        (41, "plain", 0, 0, "1994-12", None),
        (66, "plain", 0, 0, "1995-12", None),  # as Xinjiang
        (0, "plain", 0, 0, "1997-12", None),
    ],
)
def test_the_method_of_the_transitional_pension(shipped, place, shape, own_index, counts_paid, cutoff, paid_from):
    tables, i = shipped.tables, schema.PLACE_INDEX[place]
    assert tables.transition_shape[i] == TRANSITION_SHAPE[shape]
    assert tables.transition_own_index[i] == own_index
    assert tables.transition_counts_paid[i] == counts_paid
    assert schema.month_text(int(tables.transition_cutoff[i])) == cutoff
    assert tables.transition_paid_from[i] == (FIRST_MONTH if paid_from is None else schema.month_serial(paid_from))


def test_only_these_provinces_differ_from_the_plain_method(shipped):
    codes = [code for code, _, _ in schema.PLACES]
    tables = shipped.tables
    assert [c for c, s in zip(codes, tables.transition_shape, strict=True) if s] == [11, 31, 50, 51, 63]
    assert [c for c, s in zip(codes, tables.transition_own_index, strict=True) if s] == [12, 14, 32, 33, 44, 61]
    assert [c for c, s in zip(codes, tables.transition_counts_paid, strict=True) if s] == [11, 32, 33, 44]
    assert shipped.provenance("transition_shape", 50).status == "secondary"
    assert shipped.provenance("transition_cutoff", 44).status == "official"
    assert shipped.provenance("transition_shape", 66).rule == "corps_as_xinjiang"


def test_a_changed_account_start_moves_the_cut_off_of_the_month_before(overlay):
    laid = load(overlay(provinces_transition="place,account_start\n42,1997-01\n33,1999-01\n")).tables
    assert schema.month_text(int(laid.transition_cutoff[schema.PLACE_INDEX[42]])) == "1996-12"
    assert schema.month_text(int(laid.transition_cutoff[schema.PLACE_INDEX[33]])) == "1997-12"  # a month of its own


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("place,shape\n42,round\n", "shape 'round' is none of plain, mean, beijing, fixed_index"),
        ("place,index\n42,city\n", "index 'city' is none of overall, own"),
        ("place,counts_paid\n42,2\n", "counts_paid is 1 or 0"),
        ("place,counts_paid\n42,\n", "counts_paid is missing"),
        ("place,paid_from\n42,1992-10\n", "paid_from is given where no paid month counts"),
        ("place,cutoff\n42,soon\n", "is not a month"),
    ],
)
def test_wrong_methods_of_the_transitional_pension_are_refused(overlay, text, message):
    with pytest.raises(ParameterError, match=message):
        load(overlay(provinces_transition=text))


def test_reading_of_the_resident_award_year(shipped):
    assert shipped.tables.resident_award_year_months == 0
    assert load(readings={"resident_award_year": "to_award"}).tables.resident_award_year_months == 1


def subsidy_table(tables, place, text):
    at = schema.month_serial(text) - FIRST_MONTH
    rows = tables.subsidy_tiers[tables.subsidy_start[place, at] : tables.subsidy_stop[place, at]]
    return [tuple(None if math.isnan(x) else x for x in row) for row in rows.tolist()]


def test_subsidy_tables_by_date(shipped):
    tables = shipped.tables
    assert subsidy_table(tables, BEIJING, "2023-12") == []
    # lower bounds of bands; the maximum of 9,000 is no row
    assert subsidy_table(tables, BEIJING, "2024-01") == [(1000, 60), (2000, 90), (4000, 120), (6000, 150)]
    assert subsidy_table(tables, HUNAN, "2022-12")[:3] == [(100, 30), (200, 30), (300, 40)]
    assert subsidy_table(tables, HUNAN, "2024-12")[:2] == [(300, None), (400, None)]
    assert subsidy_table(tables, SHANGHAI, "2024-05") == [(800, None)]
    assert subsidy_table(tables, schema.PLACE_INDEX[33], "2022-12") == []  # Wenzhou's rows are a city's
    assert shipped.provenance("subsidy", 43, schema.month_serial("2024-12")).rule == "legal_floor"
    assert shipped.provenance("subsidy", 43, schema.month_serial("2022-12")).status == "secondary"


def test_legal_floor_and_years_of_the_subsidy(shipped):
    tables = shipped.tables
    floor = {text: tables.subsidy_floor[schema.month_serial(text) - FIRST_MONTH].tolist() for text in
             ("2009-09", "2014-01", "2014-02", "2030-12")}  # fmt: skip
    assert floor == {"2009-09": [30, 30], "2014-01": [30, 30], "2014-02": [30, 60], "2030-12": [30, 60]}
    assert tables.subsidy_floor_tier == 500
    assert tables.subsidy_max_years[BEIJING] == 15
    assert tables.subsidy_max_years[SHANGHAI] > 100


def test_lowest_tiers(shipped):
    lowest = shipped.tables.lowest_tier
    by_hand = {
        **{(41, "2013-12"): 100, (41, "2014-02"): 200, (41, "2040-01"): 200},
        **{(43, "2019-12"): 200, (43, "2020-01"): 200, (43, "2023-12"): 300},  # Hunan's 100 is for hardship groups
        **{(31, "2024-04"): 500, (31, "2024-05"): 800, (11, "2025-01"): 1000, (53, "2015-01"): 100},
    }
    assert {key: month(lowest, *key) for key in by_hand} == by_hand


def test_year_premiums(shipped):
    tables = shipped.tables
    assert tables.premium_from[SHANGHAI].tolist()[:2] == [
        schema.month_serial("2015-01"),
        schema.month_serial("2019-05"),
    ]
    assert tables.premium_from[SHANGHAI, 2] >= schema.month_serial("2135-12")
    assert tables.premium_segments[SHANGHAI, :2, 0].tolist() == [[15, math.inf, 10], [15, math.inf, 20]]
    hubei = tables.premium_segments[schema.PLACE_INDEX[42], 0]
    assert hubei.tolist() == [[0, 15, 1], [15, 25, 2], [25, math.inf, 3], [0, 0, 0]]
    jiangsu = schema.PLACE_INDEX[32]
    assert tables.premium_is_fraction[jiangsu, 0] == 1
    assert tables.premium_segments[jiangsu, 0, 0].tolist() == [15, math.inf, 0.01]
    assert not tables.premium_segments[schema.PLACE_INDEX[33]].any()  # Wenzhou only
    assert not tables.premium_counts_backpaid.any()  # no table says yes


def test_age_supplements_without_closed_groups(shipped):
    supplement = shipped.tables.supplement
    start = schema.month_serial("2019-01")
    assert supplement[schema.PLACE_INDEX[64]].tolist() == [
        *([65, 70, 2, start], [70, 75, 4, start], [75, 80, 6, start], [80, math.inf, 8, start]),
    ]
    assert not supplement[BEIJING].any()
    assert not supplement[schema.PLACE_INDEX[12]].any()


def test_start_of_the_resident_scheme_and_back_payment(shipped):
    assert set(shipped.tables.resident_start.tolist()) == {schema.month_serial("2011-07")}
    assert shipped.tables.lump_backpay_allowed.tolist() == [1] * schema.N_PLACES


def test_wages_bases_and_pensions_are_positive_and_projections_rise(shipped):
    tables = shipped.tables
    assert (tables.reference_wage > 0).all()
    assert (tables.calculation_base[:, 1:] > 0).all()
    later = 2027 - FIRST_YEAR
    assert (np.diff(tables.reference_wage[:, later:], axis=1) > 0).all()
    assert (np.diff(tables.calculation_base[:, later:], axis=1) > 0).all()
    scheme = schema.month_serial("2009-09") - FIRST_MONTH
    assert (tables.resident_basic[:, scheme:] >= tables.resident_basic[schema.NATION_INDEX, scheme:]).all()
    assert (np.diff(tables.resident_basic[:, tables.resident_basic_horizon - FIRST_MONTH :], axis=1) >= 0).all()


def test_every_array_is_contiguous_and_read_only(shipped):
    kinds = set()
    for array in shipped.tables:
        if isinstance(array, np.ndarray):
            assert array.flags.c_contiguous
            assert not array.flags.writeable
            kinds.add(array.dtype)
    assert kinds == {np.dtype(np.float64), np.dtype(np.int64)}
