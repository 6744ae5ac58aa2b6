"""The equal small job (``benchmarks/peers/job.py``) through the general engine, and in the peers beside it."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.children import Child, ChildFailed
from benchmarks.figures import PEOPLE, Figure, Turn, alternate, not_measured, of_turns, rate, times, wall
from benchmarks.kernel import difference
from benchmarks.peers.job import Job
from benchmarks.setting import Setting

if TYPE_CHECKING:
    from pension.checks.range_check import HistoryArrays
    from pension.engine import Engine
    from pension.parameters import Parameters

PEERS: Final = {
    "openfisca": "OpenFisca-core",
    "ttsim": "GETTSIM's ttsim",
    "modelx": "modelx",
    "heavylight": "heavylight",
}
"""Modules of ``benchmarks.peers`` and what they are called."""
STANDING_ON: Final = "plain_numpy"
OVER_FASTEST: Final = 5.0
SAME: Final = {"openfisca": 2e-6}
"""Largest relative difference that counts as equal where it is not 1e-12: OpenFisca holds float32."""

PROVINCE: Final = 41
FIRST_YEAR: Final = 1999
YEARS: Final = 30
BIRTH: Final = 12 * 1968 + 11
"""Men of December 1968 draw at 61, in December 2029: the year after thirty full ones."""
MOST_SECONDS: Final = 20.0
"""A peer is measured at as many people as one run of so many seconds allows."""


def make_job(parameters: Parameters, people: int) -> Job:
    """The job of ``people`` people in Henan; whole yuan between 0.6 and 3 reference wages, from a person's number."""
    from pension import schema
    from pension.inputs.opening import Lookups
    from pension.law.ages import annuity_months
    from pension.tables import dense as tables

    t, place = parameters.tables, schema.PLACE_INDEX[PROVINCE]
    first = FIRST_YEAR - tables.FIRST_YEAR
    span = slice(first, first + YEARS)
    account_rate = t.account_rate[place, 12 * first : 12 * (first + YEARS)].reshape(YEARS, 12)
    if np.ptp(account_rate, axis=1).any():
        raise RuntimeError("the account rate of the province changes within a year: the job's yearly steps do not fit")
    award = Lookups(t).statutory_month(BIRTH, schema.RETIREMENT_CATEGORY["male_60"])
    year = award // 12
    if year != FIRST_YEAR + YEARS:
        raise RuntimeError("the statutory month of the job's people is not in the year after their last")
    wage = t.reference_wage[place, first - 1 : first + YEARS - 1]
    number = np.arange(people)
    index = 0.6 + 2.4 * ((number * 0.6180339887498949) % 1.0)
    table = t.annuity_months
    age = award - BIRTH
    annuity = annuity_months(table[age // 12 - 40], table[age // 12 - 39], age % 12)
    return Job(
        FIRST_YEAR,
        np.round(index * wage[:, None]),
        wage,
        account_rate[:, 0],
        t.employee_rate[place, span],
        float(t.employee_rate[place, year - tables.FIRST_YEAR]),
        award % 12 + 1,
        float(t.calculation_base[place, year - tables.FIRST_YEAR]),
        float(annuity),
    )


def histories_of(job: Job) -> HistoryArrays:
    """The same people as the engine reads them: one record a year, nothing left out for their being alike."""
    from pension import schema
    from pension.checks.range_check import HistoryArrays

    n, records = job.people, job.people * job.years

    def whole(value: int, kind: type, size: int) -> Any:
        return np.full(size, value, dtype=kind)

    missing = np.full(records, np.nan)
    arrays = HistoryArrays(
        sex=whole(schema.SEX["male"], np.int8, n),
        retirement_category=whole(schema.RETIREMENT_CATEGORY["male_60"], np.int8, n),
        birth=whole(BIRTH, np.int32, n),
        hukou=whole(PROVINCE, np.int16, n),
        hukou_type=whole(schema.HUKOU_TYPE["urban"], np.int8, n),
        claim=whole(schema.MISSING, np.int32, n),
        resident_start=whole(schema.MISSING, np.int32, n),
        weight=np.ones(n),
        offsets=np.arange(0, records + 1, job.years, dtype=np.int64),
        year=np.tile(np.arange(job.first_year, job.first_year + job.years, dtype=np.int16), n),
        months=whole(4095, np.int16, records),
        scheme=whole(schema.SCHEME["employee"], np.int8, records),
        form=whole(schema.FORM["employed"], np.int8, records),
        place=whole(PROVINCE, np.int16, records),
        work_place=whole(schema.MISSING, np.int16, records),
        base=np.ascontiguousarray(job.bases.T).ravel(),
        income=missing,
        payer_share=missing,
        flags=whole(0, np.int16, records),
        registration_offsets=np.zeros(n + 1, dtype=np.int64),
        registration_month=np.zeros(0, dtype=np.int32),
        registration_place=np.zeros(0, dtype=np.int16),
    )
    for column in arrays:
        column.flags.writeable = False
    return arrays


def engine_of(parameters: Parameters) -> Engine:
    """The law in force alone: the job is one regime."""
    from pension import Engine

    return Engine(parameters, ["current"])


def _absent(name: str, why: str) -> Figure:
    return not_measured(f"peers.{name}", PEERS.get(name, name), why)


def measure(setting: Setting) -> list[Figure]:
    """The engine turn by turn with each peer; a peer that is not installed is reported as absent."""
    from pension._compile import n_threads, set_threads

    job = make_job(setting.parameters, setting.persons)
    file = Path(setting.directory) / "job.npz"
    job.save(file)
    engine, arrays = engine_of(setting.parameters), histories_of(job)
    expected = engine.run(arrays, ("monthly",)).values[:, 0, 0]

    def one_thread() -> None:
        set_threads(1)
        engine.run(arrays, ("monthly",))
        set_threads(0)

    turns: dict[str, Turn] = {"ours": wall(lambda: engine.run(arrays, ("monthly",))), "one": wall(one_thread)}
    figures, ready, share = [], {}, {"ours": 1.0, "one": 1.0}
    with ExitStack() as stack:
        for name in (*PEERS, STANDING_ON):
            setting.say(f"peers: {name}")
            try:
                python = setting.peer_python
                child = stack.enter_context(Child("benchmarks.peers", name, file, MOST_SECONDS, python=python))
                said = child.answer()
                if "absent" in said:
                    figures.append(_absent(name, f"absent: {said['absent']}"))
                    continue
            except (ChildFailed, OSError) as error:
                figures.append(_absent(name, f"failed: {error}"))
                continue
            found = np.load(file.with_name(f"{name}.npy"))
            apart = difference(found, expected[: found.size])
            if apart > SAME.get(name, 1e-12):
                figures.append(_absent(name, f"its pensions differ from ours by {apart:.1e}: not the same job"))
                continue
            ready[name] = (said, apart)
            share[name] = said["people"] / job.people
            turns[name] = child.seconds
        found_turns = alternate(turns, setting.rounds)
    file.unlink()

    def million(name: str) -> list[float]:
        return [s / share[name] for s in found_turns[name]]

    ours, one = million("ours"), million("one")
    figures += [
        rate("peers.ours", f"the general engine, {n_threads()} threads", job.people, ours, PEOPLE),
        rate("peers.ours_one_thread", "the general engine, one thread", job.people, one, PEOPLE),
    ]
    for name, (said, apart) in ready.items():
        text = PEERS.get(name, "bare NumPy, no library")
        note = f"{said['version']}, {said['people']:,} people, largest difference {apart:.0e}"
        figures.append(rate(f"peers.{name}", f"{text} {said['version']}", job.people, million(name), PEOPLE, note=note))
    peers = [name for name in ready if name in PEERS]
    if not peers:
        return [*figures, not_measured("peers.over_fastest", "engine over the fastest peer", "no peer is installed")]
    fastest = min(peers, key=lambda name: sorted(million(name))[setting.rounds // 2])
    slower = million(fastest)
    return [
        *figures,
        times(
            "peers.over_fastest", f"engine over the fastest peer ({PEERS[fastest]})", slower, ours, target=OVER_FASTEST
        ),
        times("peers.over_fastest_one_thread", "  the same on one thread", slower, one),
        of_turns(
            "peers.over_plain_numpy",
            "  engine over bare NumPy, one thread each",
            [a / b for a, b in zip(million(STANDING_ON), one, strict=True)],
            "x",
        )
        if STANDING_ON in ready
        else _absent(STANDING_ON, "failed"),
    ]
