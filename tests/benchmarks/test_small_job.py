"""The equal small job is the same in the engine and beside it; no time is measured here."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from benchmarks.peers import plain_numpy
from benchmarks.peers.job import Job
from benchmarks.small_job import engine_of, histories_of, make_job
from pension import load_parameters
from pension.histories import Histories


@pytest.fixture(scope="module")
def parameters():
    return load_parameters()


def test_the_engine_gives_the_pension_of_the_job(parameters):
    job = make_job(parameters, 500)
    found = engine_of(parameters).run(histories_of(job), ("status", "monthly")).values[:, 0]
    assert not found[:, 0].any()  # defined for everybody
    np.testing.assert_allclose(found[:, 1], plain_numpy.prepare(job)(), rtol=1e-12)


def test_the_histories_of_the_job_break_no_rule(parameters):
    job = make_job(parameters, 20)
    arrays = histories_of(job)
    statutory, earliest, _, _ = engine_of(parameters).award_months(arrays)
    Histories(arrays, pa.array(range(20))).require(statutory, earliest)


def test_the_formula_by_hand():
    # Two years, bases 1000 and 1500 against wages of 1000: index sum 2.5, average 1.25.
    # Account, 8 % and no interest in the first year: 0.08 * 1000 * 12 = 960. Second year at 12 %: 960 * 1.12 = 1075.2
    # and 0.08 * 1500 * (12 + 0.01 * 78) = 120 * 12.78 = 1533.6; together 2608.8. Six months at 10 %: * 1.05 = 2739.24.
    # (2000 + 2000 * 1.25) / 2 * 2 * 1 % = 45; 2739.24 / 100 = 27.3924.
    job = Job(
        2000,
        np.array([[1000.0], [1500.0]]),
        np.array([1000.0, 1000.0]),
        np.array([0.08, 0.08]),
        np.array([0.0, 0.12]),
        0.10,
        6,
        2000.0,
        100.0,
    )
    assert plain_numpy.prepare(job)() == pytest.approx([72.3924], rel=1e-12)


def test_a_job_is_read_as_it_was_written(parameters, tmp_path):
    job = make_job(parameters, 7)
    job.save(tmp_path / "job.npz")
    found = Job.load(tmp_path / "job.npz")
    assert np.array_equal(found.bases, job.bases)
    assert (found.first_year, found.award_months, found.annuity_months) == (1999, 12, job.annuity_months)
    assert found.of(3).people == 3
