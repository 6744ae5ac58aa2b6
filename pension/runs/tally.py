"""What a stretch of people adds up to: counts, problems, marks, tables. Tallies merge; parts of a run keep theirs."""

from __future__ import annotations

import base64
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension.checks.access import AccessSummary
from pension.checks.input_quality import InputQuality
from pension.errors import Problem
from pension.runs.aggregates import Aggregates
from pension.runs.group_losses import LossTable
from pension.runs.result_layout import Layout
from pension.tables import usage

if TYPE_CHECKING:
    from pension.parameters import Parameters

KEPT_PROBLEMS: Final = 1000
"""A summary keeps so many problems of rejected people; the file beside the output holds all."""


@dataclass
class Tally:
    """Counts of some people; see ``batch.RunSummary`` for the fields."""

    people: int = 0
    records: int = 0
    rejected: int = 0
    broken: int = 0
    problems: list[Problem] = field(default_factory=list)
    undefined: dict[str, Counter[int]] = field(default_factory=dict)
    marks: npt.NDArray[np.int8] = field(default_factory=usage.new_marks, repr=False)
    access: AccessSummary | None = None
    unanswered: Counter[str] = field(default_factory=Counter)
    quality: InputQuality = field(default_factory=InputQuality)
    losses: tuple[LossTable, ...] = ()
    aggregates: tuple[Aggregates, ...] = ()

    @classmethod
    def empty(cls, layout: Layout, by: Sequence[Sequence[str]], access: bool, limits: bool) -> Tally:
        """Nobody yet."""
        tally = cls(undefined={regime.name: Counter() for regime in layout.regimes})
        tally.access = AccessSummary() if access else None
        tally.quality = InputQuality(limits)
        tally.losses = tuple(LossTable(a, b) for a, b in layout.pairs)
        tally.aggregates = tuple(Aggregates(names, layout) for names in by)
        return tally

    def reject(self, problems: Sequence[Problem], people: int) -> None:
        """Count people that are left out, and why."""
        self.rejected += people
        self.broken += len(problems)
        self.problems += problems[: KEPT_PROBLEMS - len(self.problems)]

    def merge(self, other: Tally) -> None:
        """Count the people of another one, which come after these."""
        for name in ("people", "records", "rejected", "broken"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.problems += other.problems[: KEPT_PROBLEMS - len(self.problems)]
        for regime, reasons in other.undefined.items():
            self.undefined[regime].update(reasons)
        self.marks |= other.marks
        self.unanswered.update(other.unanswered)
        if self.access is not None and other.access is not None:
            self.access.merge(other.access)
        self.quality.merge(other.quality)
        for mine, theirs in zip(self.losses, other.losses, strict=True):
            mine.merge(theirs)
        for ours, further in zip(self.aggregates, other.aggregates, strict=True):
            ours.merge(further)

    def state(self) -> dict[str, Any]:
        """For JSON; ``restored`` takes it back."""
        return {
            **{name: getattr(self, name) for name in ("people", "records", "rejected", "broken")},
            "problems": [list(problem) for problem in self.problems],
            "undefined": {r: {str(code): n for code, n in sorted(c.items())} for r, c in self.undefined.items()},
            "unanswered": dict(sorted(self.unanswered.items())),
            "marks": packed(np.packbits(self.marks)),
            "access": None if self.access is None else self.access.state(),
            "quality": self.quality.state(),
            "losses": [table.state() for table in self.losses],
            "aggregates": [_packed_arrays(found.state()) for found in self.aggregates],
        }

    def restore(self, state: dict[str, Any], parameters: Parameters) -> None:
        """Put back what ``state`` gave; made ``empty`` for the same run."""
        for name in ("people", "records", "rejected", "broken"):
            setattr(self, name, state[name])
        self.problems = [Problem(*problem) for problem in state["problems"]]
        self.undefined = {r: Counter({int(code): n for code, n in c.items()}) for r, c in state["undefined"].items()}
        self.unanswered = Counter(state["unanswered"])
        bits = np.unpackbits(unpacked(state["marks"]), count=self.marks.size)
        self.marks = bits.reshape(self.marks.shape).astype(np.int8)
        if self.access is not None:
            self.access = AccessSummary.restored(state["access"], parameters)
        self.quality = InputQuality.restored(state["quality"])
        for table, kept in zip(self.losses, state["losses"], strict=True):
            table.restore(kept)
        for found, kept in zip(self.aggregates, state["aggregates"], strict=True):
            found.restore(_unpacked_arrays(kept))


def packed(array: npt.NDArray[Any]) -> dict[str, Any]:
    """An array of numbers as JSON."""
    whole = np.ascontiguousarray(array)
    data = base64.b85encode(zlib.compress(whole.tobytes(), 6)).decode("ascii")
    return {"dtype": whole.dtype.str, "shape": list(whole.shape), "data": data}


def unpacked(kept: dict[str, Any]) -> npt.NDArray[Any]:
    """What ``packed`` gave."""
    content = zlib.decompress(base64.b85decode(kept["data"]))
    return np.frombuffer(content, np.dtype(kept["dtype"])).reshape(kept["shape"])


def _packed_arrays(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {k: packed(v) for k, v in value.items()} if isinstance(value, dict) else value
        for name, value in state.items()
    }


def _unpacked_arrays(state: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {k: unpacked(v) for k, v in value.items()} if isinstance(value, dict) else value
        for name, value in state.items()
    }
