"""Graduation to single ages and interpolation to calendar years."""

from __future__ import annotations

import csv
import itertools

import numpy as np
import pytest

from pension.parameters import parameters_directory
from pension.tables.dense import FIRST_YEAR
from pension.tables.life_tables import GROUP_STARTS, by_calendar_year, graduate, mid_years


def read(name):
    """Rates [row, period] by sex, and the periods."""
    text = (parameters_directory() / "life_tables" / name).read_text(encoding="utf-8")
    rows = list(csv.reader(line for line in text.splitlines() if not line.startswith("#")))
    periods = [i for i, column in enumerate(rows[0]) if column[:1].isdigit()]
    found = {
        sex: np.array([[float(row[i]) for i in periods] for row in rows[1:] if row[0] == sex])
        for sex in ("male", "female")
    }
    return found, [rows[0][i] for i in periods]


def test_shipped_single_ages_are_the_graduation_of_the_shipped_abridged_table():
    abridged, periods = read("abridged.csv")
    single, same_periods = read("single_age.csv")
    assert periods == same_periods
    assert len(periods) == 30
    for sex in ("male", "female"):
        assert single[sex] == pytest.approx(graduate(abridged[sex]), rel=1e-9)  # shipped with ten digits


def test_graduation_keeps_the_hazard_of_every_group():
    abridged, _ = read("abridged.csv")
    for rates in abridged.values():
        single = graduate(rates)
        assert single.shape == (101, 30)
        assert (single > 0).all()
        for k, (first, after) in enumerate(itertools.pairwise(GROUP_STARTS)):
            assert single[first:after].sum(axis=0) == pytest.approx((after - first) * rates[k], rel=1e-12)
        assert single[0] == pytest.approx(rates[0], rel=1e-14)
        assert (single[100] == rates[-1]).all()


def test_a_constant_hazard_stays_constant():
    assert graduate(np.full((22, 2), 0.01)) == pytest.approx(np.full((101, 2), 0.01), rel=1e-12)


def test_graduation_refuses_other_tables():
    with pytest.raises(ValueError, match="22 age groups"):
        graduate(np.full((5, 2), 0.01))
    with pytest.raises(ValueError, match="not positive"):
        graduate(np.zeros((22, 2)))


def test_calendar_years_by_hand():
    # two periods with mid-years 2022.5 and 2027.5, rates 0.01 and 0.02
    single = np.array([[0.01, 0.02], [0.4, 0.4]])
    found = by_calendar_year(
        single, mid_years(["2020-2025", "2025-2030"]), np.array([2000.0, 2022, 2025, 2027, 2099]), 4
    )
    # 2025 is taken at 2025.5, three fifths of the way: 0.01 ** 0.4 * 0.02 ** 0.6
    assert found[0] == pytest.approx([0.01, 0.01, 0.01**0.4 * 0.02**0.6, 0.02, 0.02])
    assert found.shape == (4, 5)
    assert found[1:] == pytest.approx(np.full((3, 5), 0.4))


def test_dense_mortality(shipped):
    single, periods = read("single_age.csv")
    mortality = shipped.tables.mortality
    middle = periods.index("2020-2025")
    for s, sex in enumerate(("male", "female")):
        assert mortality[s, :101, 2022 - FIRST_YEAR] == pytest.approx(single[sex][:, middle], rel=1e-12)
        between = single[sex][60, middle] ** 0.8 * single[sex][60, middle + 1] ** 0.2
        assert mortality[s, 60, 2023 - FIRST_YEAR] == pytest.approx(between, rel=1e-12)
        assert mortality[s, 119] == pytest.approx(mortality[s, 100])
        assert mortality[s, 70, 2097 - FIRST_YEAR :] == pytest.approx(single[sex][70, -1], rel=1e-12)
