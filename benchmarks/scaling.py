"""What more of it costs: people, threads, regimes, causes, and how fast people are made."""

from __future__ import annotations

import statistics
from typing import Any, Final

from benchmarks.cohort import REGIMES, cohort
from benchmarks.figures import (
    PEOPLE,
    RECORDS,
    SECONDS,
    Figure,
    Turn,
    alternate,
    of_turns,
    rate,
    times,
    wall,
)
from benchmarks.setting import Setting

ALL_OVER_TWO: Final = 6.0
GENERATED: Final = 5.0e6
SHAPLEY_SECONDS: Final = 60.0
MILLION: Final = 1_000_000


def people(setting: Setting) -> list[Figure]:
    """The engine in memory for more and more people, on all threads and on one."""
    from pension import Engine
    from pension._compile import set_threads

    engine = Engine(setting.parameters, REGIMES)
    sizes = [n for n in (10_000, 100_000, 1_000_000) if n <= setting.persons]
    turns: dict[str, Turn] = {}

    def add(n: int, threads: int) -> None:
        arrays = cohort(setting.parameters, n).arrays

        def run() -> None:
            set_threads(threads)
            engine.run(arrays)

        turns[f"{n}.{threads}"] = wall(run)

    for n in sizes:
        for threads in (1, 2):
            add(n, threads)
    try:
        alternate(turns, 1)
        found = alternate(turns, setting.rounds)
    finally:
        set_threads(0)
    figures = [rate(f"people.{n}", f"{n:,} people, two threads", n, found[f"{n}.2"], PEOPLE) for n in sizes]
    most = sizes[-1]
    return [
        *figures,
        times("people.two_threads", f"two threads over one, {most:,}", found[f"{most}.1"], found[f"{most}.2"]),
    ]


def regimes(setting: Setting) -> list[Figure]:
    """All shipped regimes that rest on the recorded histories against two of them, and what each further base adds."""
    from pension import Engine
    from pension.accounting import shipped

    known = shipped()
    law = known["current"]
    base = [name for name, regime in sorted(known.items()) if _plan(regime) == _plan(law)]
    others = {repr(_plan(regime)): name for name, regime in sorted(known.items()) if name not in base}
    arrays = cohort(setting.parameters, min(setting.persons, 100_000)).arrays

    def turn(names: list[str]) -> Turn:
        engine = Engine(setting.parameters, names)
        return wall(lambda: engine.run(arrays))

    further = sorted(others.values())
    one, two = turn(["current"]), turn([*REGIMES])

    def beside_two(names: list[str]) -> dict[str, list[float]]:
        """What is compared takes turns of its own, so that they lie close together: a difference of two times shows
        every change of the machine between them."""
        turns = {"one": one, "two": two, "more": turn(names)}
        alternate(turns, 1)
        return alternate(turns, setting.rounds)

    found = beside_two(base)
    found["all"] = found.pop("more")
    more = {}
    for name in further:
        times_of = beside_two([*REGIMES, name]).values()
        more[name] = [(t - of_two) / of_one for of_one, of_two, t in zip(*times_of, strict=True)]
    figures = [
        rate("regimes.all", f"all {len(base)} regimes of one base", arrays.sex.size, found["all"], PEOPLE),
        of_turns(
            "regimes.all_over_two",
            f"time of all {len(base)} regimes over that of two",
            [a / b for a, b in zip(found["all"], found["two"], strict=True)],
            "x",
            target=ALL_OVER_TWO,
            at_least=False,
        ),
    ]
    if more:
        dearest = max(more, key=lambda name: statistics.median(more[name]))
        figures.append(
            of_turns(
                "regimes.further_base",
                f"what the dearest of {len(further)} further bases ({dearest}) adds, over one digest and settlement",
                more[dearest],
                "x",
                target=1.0,
                at_least=False,
            )
        )
    return figures


def _plan(regime: Any) -> Any:
    """The base a regime rests on: regimes of one base share a digest."""
    return getattr(regime, "plan", None)


def causes(setting: Setting) -> list[Figure]:
    """The exact Shapley shares of every provision in the loss of ``current`` against ``fair``, person by person."""
    from pension import Engine

    engine = Engine(setting.parameters, REGIMES)
    arrays = setting.people.arrays
    found: Any = None

    def run() -> None:
        nonlocal found
        found = engine.run(arrays, causes=("current", "fair"))

    seconds = alternate({"all": wall(run)}, max(1, setting.rounds - 2))["all"]
    loss = found.column("pw", "fair") - found.column("pw", "current")
    apart = float(abs(sum(found.causes.parts.values()) - loss).max())
    million = [s * MILLION / len(setting.people) for s in seconds]
    return [
        of_turns(
            "causes.seconds",
            f"exact shares of {len(found.causes.parts)} provisions, a million people",
            million,
            SECONDS,
            target=SHAPLEY_SECONDS,
            at_least=False,
        ),
        Figure("causes.sum", "  largest difference of their sum to the loss", apart, "yuan"),
    ]


def generation(setting: Setting) -> list[Figure]:
    """People and records of the calibrated population made on two threads, a block of a run at a time."""
    from pension._compile import set_threads
    from pension.cohorts.population import generate
    from pension.histories import ROWS

    persons = setting.persons

    def make() -> int:
        firsts = range(0, persons, ROWS)
        blocks = (generate(min(ROWS, persons - k), 1, k, setting.parameters.tables) for k in firsts)
        return sum(block.n_records for block in blocks)

    set_threads(2)
    try:
        records = make()
        seconds = alternate({"make": wall(make)}, setting.rounds)["make"]
    finally:
        set_threads(0)
    return [
        rate("generation.people_per_second", "synthetic population, two threads", persons, seconds, PEOPLE),
        rate(
            "generation.records_per_second",
            "synthetic records, two threads",
            records,
            seconds,
            RECORDS,
            target=GENERATED,
        ),
    ]
