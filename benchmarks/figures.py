"""Figures, and how they are taken: turn by turn in the same run, medians of the turns.

A machine is never quite the same twice, so what is compared is timed alternately, a turn each, and a ratio is the
median of the ratios of the turns. Beside a median stand the lowest and the highest turn.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Turn = Callable[[], float]
"""Does a job once and says how many seconds it took."""


@dataclass(frozen=True)
class Figure:
    """One measured figure, its target, and what is to be said about it."""

    key: str
    text: str
    value: float | None
    """Median of the turns; None where it could not be measured (``note`` says why)."""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    target: float | None = None
    at_least: bool = True
    """Whether the target is a lower or an upper bound."""
    note: str = ""
    specified: bool = False
    """The target is what the cohort was made to be, not a bound: no verdict."""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None without a target, a value or a verdict."""
        if self.target is None or self.value is None or self.specified:
            return None
        return self.value >= self.target if self.at_least else self.value <= self.target

    def as_json(self) -> dict[str, Any]:
        """All of it, for a file."""
        return {
            "text": self.text.strip(),
            "value": None if self.value is None or math.isnan(self.value) else self.value,
            "low": self.low,
            "high": self.high,
            "unit": self.unit,
            "target": self.target,
            "bound": None if self.target is None or self.specified else "min" if self.at_least else "max",
            "met": self.met,
            "note": self.note,
        }


def wall(job: Callable[[], object]) -> Turn:
    """A turn by the clock on the wall: what several threads or processes, or files, are measured with."""
    return _turn(job, time.perf_counter)


def cpu(job: Callable[[], object]) -> Turn:
    """A turn by the processor time of this process: for one thread, where others may be busy on the machine."""
    return _turn(job, time.process_time)


def _turn(job: Callable[[], object], clock: Callable[[], float]) -> Turn:
    def turn() -> float:
        begin = clock()
        job()
        return clock() - begin

    return turn


def alternate(turns: Mapping[str, Turn], rounds: int) -> dict[str, list[float]]:
    """Seconds of each job in every round; who begins changes from round to round."""
    names = list(turns)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            seconds[name].append(turns[name]())
    return seconds


def of_turns(key: str, text: str, values: Sequence[float], unit: str, **more: Any) -> Figure:
    """The median of several turns with the lowest and highest."""
    return Figure(key, text, statistics.median(values), unit, min(values), max(values), **more)


def rate(key: str, text: str, count: float, seconds: Sequence[float], unit: str, **more: Any) -> Figure:
    """``count`` a second."""
    return of_turns(key, text, [count / s for s in seconds], unit, **more)


def times(key: str, text: str, slower: Sequence[float], faster: Sequence[float], **more: Any) -> Figure:
    """How many times faster ``faster`` is than ``slower``, turn by turn."""
    return of_turns(key, text, [a / b for a, b in zip(slower, faster, strict=True)], "x", **more)


def not_measured(key: str, text: str, why: str, **more: Any) -> Figure:
    """A figure that could not be taken here."""
    return Figure(key, text, None, note=why, **more)


SECONDS: Final = "s"
PEOPLE: Final = "people/s"
RECORDS: Final = "records/s"
