"""Every gap rule against arithmetic typed by hand from the rows of the files."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from pension import schema
from pension.parameters import load, parameters_directory
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR

from .conftest import month, year

close = pytest.approx


def test_missing_national_wage_is_geometric(shipped):
    # persons employed: 36,539 in 2010, 46,769 in 2012; 2011 is missing: sqrt(36539 * 46769) = 41,338.75
    wages = shipped.tables.reference_wage
    assert year(wages, 21, 2011) / year(wages, 21, 2010) == close(math.sqrt(36539 * 46769) / 36539)
    # on-post staff: 762 in 1980 and 1148 in 1985, so one fifth of the logarithm a year
    assert year(wages, 21, 1982) / year(wages, 21, 1980) == close((1148 / 762) ** (2 / 5))


def test_wages_go_back_with_persons_employed_after_1995_and_on_post_staff_to_1995(shipped):
    wages = shipped.tables.reference_wage
    assert year(wages, 21, 2019) == close(5709 * 90501 / 97379)  # first row 2020: 5,709
    assert year(wages, 21, 1995) == close(year(wages, 21, 1996) * 5348 / 5980)
    assert year(wages, 21, 1994) == close(year(wages, 21, 1995) * 4538 / 5500)
    assert year(wages, 11, 1978) == close(608 * 615 / 5500)  # Beijing: first row 1995: 608
    assert shipped.provenance("reference_wage", 21, 2019).status == "estimated"
    assert shipped.provenance("reference_wage", 21, 2019).rule == "national_wage_backwards"
    assert shipped.provenance("reference_wage", 21, 2020)[2:] == (
        *("secondary", "compilation A of provincial notices, notices not opened", "published"),
    )


def test_wages_grow_with_the_scenario_after_their_own_last_row(shipped):
    wages = shipped.tables.reference_wage
    assert year(wages, 41, 2025) == close(6385 * 1.045)
    assert year(wages, 41, 2031) == close(6385 * 1.045**6 * 1.04)
    assert year(wages, 41, 2042) == close(6385 * 1.045**6 * 1.04**10 * 1.035**2)
    assert year(wages, 23, 2025) == 7705  # Heilongjiang has a row of 2025
    assert year(wages, 23, 2026) == close(7705 * 1.045)
    assert shipped.provenance("reference_wage", 41, 2025).status == "projected"


def test_calculation_base_before_2020_is_the_wage_of_the_year_before(shipped):
    bases = shipped.tables.calculation_base
    assert year(bases, 41, 2018) == 4666.42
    assert year(bases, 41, 2019) == 5345.67
    assert year(bases, 41, 2020) == 5635  # published
    assert math.isnan(year(bases, 41, 1978))  # no wage of 1977


def test_a_filled_calculation_base_never_falls(shipped):
    # Heilongjiang: wages 4,645 (2017), 4,608 (2018), 4,835 (2019); no base before 2021
    bases = shipped.tables.calculation_base
    assert [year(bases, 23, y) for y in (2018, 2019, 2020, 2021)] == [4645, 4645, 4835, 5120]
    assert shipped.provenance("calculation_base", 23, 2020).rule == "previous_wage"


def test_reading_geometric_joins_the_neighbours_of_the_change_of_definition():
    bases = load(readings={"calculation_base_gap": "geometric"}).tables.calculation_base
    assert year(bases, 41, 2018) == 4666.42
    assert year(bases, 41, 2019) == close(math.sqrt(4666.42 * 5635))
    assert year(bases, 23, 2019) == close(4645 * (5120 / 4645) ** (1 / 3))
    assert year(bases, 23, 2020) == close(4645 * (5120 / 4645) ** (2 / 3))
    assert year(bases, 31, 2019) == 8211  # Shanghai published it


def test_calculation_base_after_the_last_notice_grows_with_wages(shipped):
    bases = shipped.tables.calculation_base
    assert year(bases, 41, 2026) == close(6738 * 1.045)
    assert year(bases, 23, 2026) == 7705
    assert year(bases, 41, 2031) == close(6738 * 1.045**5 * 1.04)


def test_city_rows_do_not_enter_the_dense_table(shipped):
    assert year(shipped.tables.calculation_base, 44, 2025) == 9493  # Shenzhen has 11,293


def test_the_corps_has_the_wages_of_xinjiang(shipped):
    for table in (shipped.tables.reference_wage, shipped.tables.calculation_base):
        assert np.array_equal(table[schema.PLACE_INDEX[66], 1:], table[schema.PLACE_INDEX[65], 1:])
    assert shipped.provenance("reference_wage", 66, 2020).status == "estimated"
    assert shipped.provenance("reference_wage", 66, 2030).status == "projected"
    assert shipped.tables.transition_coefficient[schema.PLACE_INDEX[66]].tolist() == [0.013, 0.013]


def test_national_wages_and_bases_are_means_of_31_provinces_with_the_same_weights(shipped):
    path = parameters_directory() / "provinces/population.csv"
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    people = {int(row["place"]): int(row["value"]) for row in csv.DictReader(lines)}
    assert sum(people.values()) == 1_411_778_724 - 2_000_000  # less the servicemen
    for table in (shipped.tables.reference_wage, shipped.tables.calculation_base):
        for y in (1990, 2012, 2024, 2030):
            by_hand = sum(n * year(table, place, y) for place, n in people.items()) / 1_409_778_724
            assert year(table, 0, y) == close(by_hand)


def test_resident_basic_pension_of_henan(shipped):
    # rows: 98 (2018-01), 103 (2019-01), 113 (2022-07), 123 (2023-01), 128 (2023-07), 148 (2024-07);
    # national minimum: 55, 70 (2014-07), 88 (2018-01), 93 (2020-07), 98, 103, 123, 143 (2025-01), 163 (2026-01)
    basic = shipped.tables.resident_basic
    expected = {
        **{"2009-09": 98 - 33, "2014-06": 98 - 33, "2014-07": 98 - 18, "2017-12": 80, "2018-01": 98, "2018-12": 98},
        **{"2019-01": 103, "2020-06": 103, "2020-07": 103 + 5, "2022-06": 108, "2022-07": 113, "2023-01": 123},
        **{"2023-07": 128, "2024-07": 148, "2024-12": 148, "2025-01": 148 + 20, "2026-01": 188, "2026-12": 188},
        **{"2027-01": 208, "2030-12": 188 + 4 * 20, "2031-01": 268 * 1.045, "2032-01": 268 * 1.045 * 1.04},
    }
    assert {m: month(basic, 41, m) for m in expected} == close(expected)
    assert math.isnan(month(basic, 41, "2009-08"))


def test_resident_basic_pension_before_a_late_first_row_and_of_the_nation(shipped):
    basic = shipped.tables.resident_basic
    assert month(basic, 22, "2024-07") == 145  # Jilin's only row contains the raise of that month
    assert month(basic, 22, "2024-06") == 125
    assert month(basic, 22, "2014-06") == 145 - (123 - 55)
    assert month(basic, 0, "2022-06") == 93
    assert month(basic, 0, "2022-07") == 98
    assert month(basic, 66, "2020-07") == 100 + (93 - 55)  # Corps: 100 from 2011-01


def test_a_row_that_does_not_contain_the_raise_of_its_month_gets_it(shipped):
    # Heilongjiang 2025-01: 163 is the provincial raise before the national 20
    assert month(shipped.tables.resident_basic, 23, "2025-01") == 183


def test_filled_basic_pension_is_never_below_the_national_minimum(overlay):
    over = overlay(provinces_resident_basic="place,from,value\n22,2024-07,110\n")
    found = load(over)
    assert month(found.tables.resident_basic, 22, "2024-06") == 103  # not 90
    assert found.provenance("resident_basic", 22, schema.month_serial("2024-06")).rule == "national_minimum"
    assert month(found.tables.resident_basic, 22, "2024-07") == 110  # the row itself stays


def test_projection_of_the_basic_pension_is_linear_in_its_last_value(shipped):
    tables = shipped.tables
    horizon = schema.month_serial("2027-01")
    assert tables.resident_basic_horizon == horizon
    alpha, beta = tables.resident_basic_alpha, tables.resident_basic_beta
    at = horizon - FIRST_MONTH
    assert alpha[:at].tolist() == [1.0] * at
    assert beta[:at].tolist() == [0.0] * at
    for text, by_hand in {"2027-01": (1, 20), "2030-12": (1, 80), "2031-01": (1.045, 83.6)}.items():
        t = schema.month_serial(text) - FIRST_MONTH
        assert (alpha[t], beta[t]) == close(by_hand)
    projected = alpha[at:] * tables.resident_basic[:, at - 1 : at] + beta[at:]
    assert np.array_equal(tables.resident_basic[:, at:], projected)


def test_employee_book_rates(shipped):
    rates = shipped.tables.employee_rate
    # one-year deposit rate of 1 January: 10.98 % from 1993-07-11, 7.47 % from 1996-08-23, 5.67 % from 1997-10-23
    expected = {1978: 0.1098, 1994: 0.1098, 1996: 0.1098, 1997: 0.0747, 1998: 0.0567, 2008: 0.0414, 2009: 0.0225}
    expected |= {2015: 0.0275, 2016: 0.0831, 2021: 0.0669, 2024: 0.0262, 2025: 0.015, 2026: 0.025, 2060: 0.025}
    assert {y: year(rates, 41, y) for y in expected} == expected
    assert year(rates, 31, 2014) == 0.0425  # Shanghai's own
    assert year(rates, 31, 2013) == 0.03
    assert shipped.provenance("employee_rate", 41, 1990).rule == "deposit_rate_1994"
    assert shipped.provenance("employee_rate", 41, 2010)[2:5:2] == ("estimated", "deposit_rate")


def test_resident_book_rates(shipped):
    rates = shipped.tables.resident_rate
    assert [year(rates, 41, y) for y in (2012, 2016, 2021, 2022, 2025, 2026)] == [0.035, *[0.015] * 4, 0.025]
    assert year(rates, 34, 2021) == 0.0393  # Anhui published
    assert year(rates, 37, 2018) == 0.0829  # Shandong uses the employee rate
    assert shipped.provenance("resident_rate", 41, 2021).rule == "deposit_rate"  # Henan's row of 2021 is not used
    assert shipped.provenance("resident_rate", 41, 2022).rule == "resident_rate"


def test_readings_of_book_rates():
    last = load(readings={"award_year_rate": "last_published"}).tables
    assert [year(last.employee_rate, 41, y) for y in (2025, 2026, 2027)] == [0.015, 0.015, 0.025]
    assert [year(last.resident_rate, 34, y) for y in (2026, 2027)] == [0.0359, 0.025]
    proxy = load(readings={"book_rate_before_2016": "reference"}).tables.employee_rate
    assert [year(proxy, 41, y) for y in (1995, 1996, 2015, 2016)] == [0.1098, 0.0804, 0.035, 0.0831]


def test_growth_is_the_product_of_the_rates(shipped):
    tables = shipped.tables
    for rate, growth in (
        (tables.employee_rate, tables.employee_growth),
        (tables.resident_rate, tables.resident_growth),
    ):
        product = 1.0
        for y in range(FIRST_YEAR, 2060):
            product *= 1 + year(rate, 31, y)
            assert year(growth, 31, y) == close(product, rel=1e-13)


def test_adjustment_of_pensions_and_prices(shipped):
    level, price = shipped.tables.indexation, shipped.tables.price
    ratio = {y: level[y - FIRST_YEAR] / level[y - 1 - FIRST_YEAR] - 1 for y in (2008, 2016, 2025, 2026, 2031, 2032)}
    # from 2026 half of wage growth and half of price growth of the year before; 2031 still has the wages of 2030
    assert ratio == close({2008: 0.10, 2016: 0.065, 2025: 0.02, 2026: 0.0325, 2031: 0.0325, 2032: 0.03})
    assert math.isnan(level[2006 - FIRST_YEAR])  # 2005-2007 were fractions of provincial wage growth: no level
    change = {y: price[y - FIRST_YEAR] / price[y - 1 - FIRST_YEAR] - 1 for y in (2023, 2024, 2025, 2060)}
    assert change == close({2023: 0.002, 2024: 0.002, 2025: 0.02, 2060: 0.02})
    assert shipped.tables.discount_rate == 0.04
    assert shipped.tables.price_year == 2025
