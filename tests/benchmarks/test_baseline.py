"""The NumPy baseline of the benchmark gives what the kernel gives; no time is measured here."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.cohort import REGIMES, cohort
from benchmarks.numpy_baseline import COLUMNS, Baseline, UnsupportedCohort
from pension import Engine, load_parameters
from pension.kernels.award_fields import ROUTES


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_parameters(), REGIMES)


@pytest.fixture(scope="module")
def arrays(engine):
    return cohort(engine.parameters, 3000).arrays


@pytest.mark.parametrize("chunk", [512, 8192])
def test_the_baseline_equals_the_kernel(engine, arrays, chunk):
    expected = engine.run(arrays, COLUMNS).values
    found = Baseline(engine, arrays, chunk).run()
    assert np.array_equal(found[:, :, :2], expected[:, :, :2])  # status and route
    np.testing.assert_allclose(found[:, :, 2:], expected[:, :, 2:], rtol=1e-12, atol=0.0)


def test_the_cohort_takes_every_route_that_the_baseline_has(engine, arrays):
    result = engine.run(arrays)
    routes = {name: {ROUTES[int(code)] for code in result.column("route", name)} for name in REGIMES}
    assert routes["current"] == {"employee", "resident_to_employee", "employee_to_resident"}
    assert routes["fair"] == {"employee", "employee_and_resident", "employee_to_resident"}


def test_what_the_baseline_does_not_handle_is_refused(engine, arrays):
    flags = arrays.flags.copy()
    flags[0] = 1
    with pytest.raises(UnsupportedCohort, match="flags"):
        Baseline(engine, arrays._replace(flags=flags))


def test_people_do_not_depend_on_the_size_of_the_cohort(engine, arrays):
    part = cohort(engine.parameters, 1000, 2000).arrays
    assert np.array_equal(part.birth, arrays.birth[2000:])
    assert np.array_equal(part.base, arrays.base[arrays.offsets[2000] :])
