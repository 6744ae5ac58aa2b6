"""Variants of recorded histories: another career, exit, enrolment, base or payer, as the records they would have left.

A variant is a function of the history, the parameters and the award month alone; the same digest and settlement then
run over it. The date of all present values, weight and severity group stay those of the recorded history; the award
month is that of the variant: whoever becomes an employee by enrolment has the statutory month of an employee.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pension._compile import in_threads
from pension.checks.range_check import HistoryArrays, Records
from pension.kernels.cells import TRACE_COLUMNS
from pension.tables.dense import N_YEARS
from pension.variants.base_provisions import RECORDED, Plan
from pension.variants.records import Varied, refund_values, vary, vary_traced
from pension.variants.work import Figures, Refunds, new_records
from pension.wealth.contributions import Contributions, contributions

if TYPE_CHECKING:
    from pension.tables.dense import Tables
    from pension.tables.world import World

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Variant:
    """The histories of one plan: of all the people it was made of, or of those alone whose records it changes."""

    plan: Plan
    who: Int
    """[person]: their positions among all people."""
    arrays: HistoryArrays
    """Them with the records of the variant; of whoever has none, see ``reason``, those recorded."""
    reason: npt.NDArray[np.int8]
    """[of all people]: 0, or the code in ``award_fields.STATUS_TEXT`` why there is no such history."""
    kind: npt.NDArray[np.int8]
    """[person]: 1 insured as an employee, 0 not, -1 as the recorded history says: it decides the statutory month."""
    gone: HistoryArrays
    """The people with the records that a surrender ended: paid, and of no effect on any pension."""
    refunds: Refunds

    def refunded(self, amounts: Float) -> Float:
        """[person]: sum of ``amounts`` [refund]."""
        out = np.zeros(self.who.size)
        np.add.at(out, np.repeat(np.arange(out.size), np.diff(self.refunds.offsets)), amounts)
        return out

    def refund_values(self, world: World, reference: Int) -> Float:
        """[person]: the refunds at R0 (``reference``, month serials), yuan of R0."""
        out = np.zeros(self.who.size)
        in_threads(refund_values, out.size, out, self.arrays, world, self.refunds, reference)
        return out

    def contributions(self, tables: Tables, world: World, award: Int, reference: Int) -> Contributions:
        """What was paid, see ``contributions``; what a surrender ended was paid all the same."""
        found = contributions(tables, world, self.arrays, award, reference)
        if self.gone.year.size:
            more = contributions(tables, world, self.gone, award, reference)
            found = Contributions(*(kept + ended for kept, ended in zip(found, more, strict=True)))
        return found


def figures(tables: Tables, wages: Float) -> Figures:
    """What the passes read of the parameters; ``wages`` [place, year] the reference wage of the year before."""
    by_year = (tables.base_floor.reshape(-1, N_YEARS, 12), tables.base_ceiling.reshape(-1, N_YEARS, 12))
    uniform = np.logical_and(*((limit == limit[:, :, :1]).all(axis=2) for limit in by_year)).astype(np.int64)
    uniform.flags.writeable = False
    return Figures(
        wages,
        tables.base_floor,
        tables.base_ceiling,
        uniform,
        tables.own_rate,
        tables.account_rate,
        tables.employee_rate,
        tables.employee_growth,
        tables.ages,
    )


def variant(plan: Plan, arrays: HistoryArrays, given: Figures, everybody: bool = True) -> Variant:
    """The histories of ``plan``, made of checked recorded ones. The law's choices give back the arrays themselves.

    Without ``everybody`` it holds the people whose records the plan changes; all others keep their recorded history or,
    with a reason, have none.
    """
    people = arrays.sex.shape[0]
    reason = np.zeros(people, np.int8)
    blocks: dict[int, Varied] = {}

    def vary_block(_: None, first: int, last: int) -> None:
        blocks[first] = vary(arrays, first, last, plan, given, everybody, reason)

    if plan == RECORDED:
        nothing = _with_records(arrays, np.zeros(people + 1, np.int64), new_records(0))
        who, kind, no_refunds = np.arange(people), np.full(people, -1, np.int8), np.empty((0, 3))
        return Variant(plan, who, arrays, reason, kind, nothing, _refunds(nothing.offsets, no_refunds))
    in_threads(vary_block, people, None)
    found = [blocks[first] for first in sorted(blocks)]
    who = np.concatenate([block.who for block in found])
    counts = np.concatenate([np.diff(block.ends, axis=0, prepend=0) for block in found])
    offsets = np.zeros((3, who.size + 1), np.int64)
    np.cumsum(counts.T, axis=1, out=offsets[:, 1:])
    of_people = arrays if everybody else _people(arrays, who)
    return Variant(
        plan,
        who,
        _with_records(of_people, offsets[0], _joined([block.records for block in found])),
        reason,
        np.concatenate([block.kind for block in found]),
        _with_records(of_people, offsets[1], _joined([block.gone for block in found])),
        _refunds(offsets[2], np.concatenate([block.refunds for block in found])),
    )


def traced(plan: Plan, arrays: HistoryArrays, given: Figures) -> Any:
    """The steps of the law by which the variant of the one person of ``arrays`` comes about: a trace of
    ``cells.TRACE_COLUMNS`` whose records are the recorded ones."""
    trace = np.zeros((80 * arrays.year.size + 1, TRACE_COLUMNS))
    if plan != RECORDED:
        vary_traced(arrays, plan, given, trace)
        # Most months of a year have the same limits: the same step is told once.
        steps = trace[1 : int(trace[0, 0]) + 1]
        new = np.ones(len(steps), np.bool_)
        new[1:] = np.any(steps[1:] != steps[:-1], axis=1)
        kept = steps[new]
        trace[1 : len(kept) + 1] = kept
        trace[0, 0] = len(kept)
    return trace


def _joined(parts: list[Records]) -> Records:
    return parts[0] if len(parts) == 1 else Records(*map(np.concatenate, zip(*parts, strict=True)))


def _refunds(offsets: Int, rows: Float) -> Refunds:
    return Refunds(offsets, rows[:, 0].astype(np.int64), rows[:, 1].copy(), rows[:, 2].copy())


def _with_records(arrays: HistoryArrays, offsets: Int, records: Records) -> HistoryArrays:
    return arrays._replace(**_fixed({"offsets": offsets.copy(), **records._asdict()}))


def _people(arrays: HistoryArrays, who: Int) -> HistoryArrays:
    """Some of the people; the records are left as they are."""
    ragged = (*Records._fields, "offsets", "registration_offsets", "registration_month", "registration_place")
    columns = {name: getattr(arrays, name)[who] for name in arrays._fields if name not in ragged}
    begins, counts = arrays.registration_offsets[who], np.diff(arrays.registration_offsets)[who]
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    at = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], counts)
    columns |= {"registration_offsets": offsets, "registration_month": arrays.registration_month[at]}
    return arrays._replace(**_fixed(columns | {"registration_place": arrays.registration_place[at]}))


def _fixed(columns: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    for array in columns.values():
        array.flags.writeable = False  # one array type, one compiled kernel
    return columns
