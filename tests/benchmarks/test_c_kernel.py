"""The C version of the core law gives what the kernel gives; no time is measured here."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.c_kernel import CKernel, library
from benchmarks.cohort import REGIMES, cohort
from benchmarks.compiler import NoCompiler, compiler
from benchmarks.numpy_baseline import COLUMNS
from pension import Engine, load_parameters


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine(load_parameters(), REGIMES)


@pytest.fixture(scope="module")
def compiled():
    try:
        return library()
    except NoCompiler as missing:
        pytest.fail(f"the C version of the benchmark is tested where a compiler is: {missing}")


@pytest.mark.parametrize("threads", [1, 2])
def test_the_c_version_equals_the_kernel(compiled, engine, threads):
    arrays = cohort(engine.parameters, 5000).arrays
    expected = engine.run(arrays, COLUMNS)
    c_version = CKernel(engine, arrays)
    found = c_version.run(threads)
    assert np.array_equal(found[:, :, :2], expected.values[:, :, :2])  # status and route
    np.testing.assert_allclose(found[:, :, 2:], expected.values[:, :, 2:], rtol=1e-12, atol=0.0)
    assert np.array_equal(c_version.stars, expected.stars)


def test_the_c_version_settles_current_and_fair_only(engine):
    arrays = cohort(engine.parameters, 10).arrays
    with pytest.raises(ValueError, match="current and fair"):
        CKernel(Engine(engine.parameters, ["fair", "current"]), arrays)


def test_without_a_compiler_the_benchmark_says_so(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(NoCompiler, match="no-such-compiler"):
        compiler()
