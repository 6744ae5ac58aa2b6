"""What must not change a number: how records are cut, how many threads, how people are split, how they arrived."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from properties.people import People, Record, histories, random_people, real, settle

import pension
from pension._compile import set_threads
from pension.accounting import vectors
from pension.engine import Engine
from pension.histories import Histories, read_ipc, read_parquet, write_ipc, write_parquet
from pension.kernels import settle as kernels
from pension.kernels.award_fields import RESULT_NAMES

REGIMES = ("current", "current_paying", "segmented", "fair")
PATHS = (Path(pension.__file__).parents[1], Path(__file__).parents[1], Path(__file__).parents[2])


@pytest.fixture
def threads() -> Iterator[None]:
    yield
    set_threads(0)


def _cut(record: Record, first: int) -> list[Record]:
    """The months of an employee record in two records: those in ``first``, and the others."""
    ours = record["months"] & first
    theirs = record["months"] & ~first
    if record["scheme"] != 1 or not ours or not theirs:
        return [record]
    return [record | {"months": ours}, record | {"months": theirs}]


def _assert_close(found: People, other: People) -> None:
    a = settle(real(), found, REGIMES)
    b = settle(real(), other, REGIMES)
    for regime in REGIMES:
        for column in RESULT_NAMES:
            np.testing.assert_allclose(
                a[regime][column], b[regime][column], rtol=1e-12, atol=1e-12, err_msg=f"{column} under {regime}"
            )


@given(st.integers(0, 200_000), st.lists(st.integers(1, 4094), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_splitting_a_record_in_two_changes_nothing(number: int, masks: list[int]) -> None:
    ((who, records),) = random_people(number, 1)
    cut = [part for k, record in enumerate(records) for part in _cut(record, masks[k % len(masks)])]
    _assert_close([(who, records)], [(who, cut)])


def test_splitting_every_record_of_many_people_changes_nothing() -> None:
    people = random_people(300_000, 4000)
    rng = np.random.default_rng(8)
    cut = [(who, [part for r in records for part in _cut(r, int(rng.integers(1, 4095)))]) for who, records in people]
    assert sum(len(r) for _, r in cut) > 1.5 * sum(len(r) for _, r in people)
    _assert_close(people, cut)


def test_two_payers_of_one_month_add_up_like_one_payer_of_the_sum() -> None:
    people = random_people(310_000, 1500)
    shared = []
    for who, records in people:
        parts: list[Record] = []
        for r in records:
            deemed = r["flags"] & 8
            if r["scheme"] == 1 and not deemed:
                # the stated income goes with the first payer
                parts += [r | {"base": 0.25 * r["base"]}, r | {"base": 0.75 * r["base"], "income": None}]
            else:
                parts.append(r)
        shared.append((who, parts))
    _assert_close(people, shared)


def test_any_number_of_threads_and_any_split_of_people_gives_the_same_bits(threads: None) -> None:
    everybody = histories(random_people(0, 9000))
    set_threads(1)
    engine = Engine(real(), REGIMES)
    whole = engine.run(everybody.arrays, RESULT_NAMES)
    bits = whole.values.view(np.int64)
    for count in (2, 3):
        set_threads(count)
        again = Engine(real(), REGIMES).run(everybody.arrays, RESULT_NAMES)
        assert np.array_equal(again.values.view(np.int64), bits)
        assert np.array_equal(again.stars, whole.stars)
    for cuts in ([0, 1, 18, 4096, 4097, 9000], [0, 3000, 6000, 9000]):
        parts = [
            Engine(real(), REGIMES).run(everybody.slice(a, b).arrays, RESULT_NAMES).values for a, b in pairwise(cuts)
        ]
        assert np.array_equal(np.concatenate(parts).view(np.int64), bits)
    # one engine that meets the births piece by piece, the last people first
    growing = Engine(real(), REGIMES)
    pieces = [growing.run(everybody.slice(a, a + 1000).arrays, RESULT_NAMES).values for a in range(8000, -1, -1000)]
    assert np.array_equal(np.concatenate(pieces[::-1]).view(np.int64), bits)


def test_regimes_settled_together_or_alone_give_the_same_bits() -> None:
    everybody = histories(random_people(0, 1000))
    together = Engine(real(), REGIMES).run(everybody.arrays, RESULT_NAMES)
    for r, name in enumerate(REGIMES):
        alone = Engine(real(), [name]).run(everybody.arrays, RESULT_NAMES)
        assert np.array_equal(alone.values[:, 0].view(np.int64), together.values[:, r].view(np.int64)), name


def test_national_regimes_beside_do_not_change_the_others() -> None:
    # they make the digest keep one more column of index sums
    everybody = histories(random_people(0, 500))
    alone = Engine(real(), ["current", "fair"]).run(everybody.arrays, RESULT_NAMES)
    beside = Engine(real(), ["current", "national", "fair"]).run(everybody.arrays, RESULT_NAMES)
    assert np.array_equal(beside.values[:, [0, 2]].view(np.int64), alone.values.view(np.int64))


def test_the_trace_changes_no_bit() -> None:
    people = random_people(0, 150)
    everybody = histories(people)
    engine = Engine(real(), REGIMES)
    batch = engine.run(everybody.arrays, RESULT_NAMES).values
    world, rows = engine.world(everybody.arrays)
    scratch = kernels.new_scratch()
    for i in range(len(people)):
        results = np.empty((len(REGIMES), kernels.N_RESULTS))
        steps = np.zeros((4000, 10))
        by_regime = np.zeros((len(REGIMES), 500, 10))
        kernels.trace_kernel(
            everybody.arrays, i, int(rows[i]), world, *vectors(engine.regimes), scratch, results, steps, by_regime
        )
        assert steps[0, 0] > 0
        assert np.array_equal(results.view(np.int64), batch[i].view(np.int64)), f"history {i}"


CASE = """
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"
[[employee]]
place = "44"
start = "1998-01"
index = 0.8
"""


def test_one_specialisation_of_each_kernel(tmp_path: Path) -> None:
    """Read-only, writable, mapped or decoded input: every way in gives the kernels the same types."""
    made = histories(random_people(0, 40))
    Engine(real(), REGIMES).run(made.arrays)
    write_ipc(tmp_path / "people.arrow", made)
    write_parquet(tmp_path / "people.parquet", made)
    sink = io.BytesIO()
    table = made.to_arrow()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table, max_chunksize=7)
    streamed = Histories.from_arrow(pa.ipc.open_stream(sink.getvalue()).read_all())
    first = Engine(real(), REGIMES).run(made.arrays).values.view(np.int64)
    for again in (read_ipc(tmp_path / "people.arrow"), read_parquet(tmp_path / "people.parquet"), streamed):
        found = Engine(real(), REGIMES).run(again.arrays).values
        assert np.array_equal(found.view(np.int64), first)
    (tmp_path / "case.toml").write_text(CASE, encoding="utf-8")
    statement = pension.explain(tmp_path / "case.toml", parameters=real())
    assert statement.data["claim"]["month"] == "2026-07"
    pension.run(made, tmp_path / "out.parquet", parameters=real(), regimes=["current"])
    pension.run(tmp_path / "people.parquet", tmp_path / "out2.parquet", parameters=real(), regimes=["current", "fair"])
    assert len(kernels.run_kernel.signatures) == 1
    assert len(kernels.trace_kernel.signatures) == 1


PLAIN = """
import sys
from properties.people import histories, random_people
from pension._compile import PLAIN
from pension.engine import Engine
from pension.parameters import load
from pension.kernels.award_fields import RESULT_NAMES
import numpy as np
assert PLAIN and "numba" not in sys.modules
found = Engine(load(), sys.argv[2].split(",")).run(histories(random_people(400_000, 60)).arrays, RESULT_NAMES)
assert "numba" not in sys.modules
np.save(sys.argv[1], found.values)
"""


def test_plain_python_gives_the_numbers_of_the_compiled_code(tmp_path: Path) -> None:
    names = [*REGIMES, "national_half", "pooled_twelve"]
    people = histories(random_people(400_000, 60))
    compiled = Engine(real(), names).run(people.arrays, RESULT_NAMES).values
    environment = os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": os.pathsep.join(str(p) for p in PATHS)}
    command = [sys.executable, "-c", PLAIN, str(tmp_path / "plain.npy"), ",".join(names)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.testing.assert_allclose(np.load(tmp_path / "plain.npy"), compiled, rtol=1e-13, atol=0.0)
