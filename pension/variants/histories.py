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
from pension.checks.range_check import HistoryArrays
from pension.kernels.cells import TRACE_COLUMNS
from pension.tables.dense import N_YEARS
from pension.variants.base_provisions import RECORDED, Plan
from pension.variants.records import refund_values, vary, vary_traced
from pension.variants.work import Figures, Records, Refunds
from pension.wealth.contributions import Contributions, contributions

if TYPE_CHECKING:
    from pension.tables.dense import Tables
    from pension.tables.world import World

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Variant:
    """The histories of one plan."""

    plan: Plan
    arrays: HistoryArrays
    """The people as recorded with the records of the variant; of whoever has none, see ``reason``, those recorded."""
    reason: npt.NDArray[np.int8]
    """[person]: 0, or the code in ``award_fields.STATUS_TEXT`` why there is no such history."""
    kind: npt.NDArray[np.int8]
    """[person]: 1 insured as an employee, 0 not, -1 as the recorded history says: it decides the statutory month."""
    gone: HistoryArrays
    """The people with the records that a surrender ended: paid, and of no effect on any pension."""
    refunds: Refunds

    def refunded(self, amounts: Float) -> Float:
        """[person]: sum of ``amounts`` [refund]."""
        out = np.zeros(self.reason.size)
        np.add.at(out, np.repeat(np.arange(out.size), np.diff(self.refunds.offsets)), amounts)
        return out

    def refund_values(self, world: World, reference: Int) -> Float:
        """[person]: the refunds at R0 (``reference``, month serials), yuan of R0."""
        out = np.zeros(self.reason.size)
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


def variant(plan: Plan, arrays: HistoryArrays, given: Figures) -> Variant:
    """The histories of ``plan``, made of checked recorded ones. The law's choices give back the arrays themselves."""
    people = arrays.sex.shape[0]
    reason, kind = np.zeros(people, np.int8), np.full(people, -1, np.int8)
    counts = np.zeros((3, people + 1), np.int64)
    out, gone, refunds = _records(0), _records(0), _refunds(counts[2], 0)
    for fill in (False, True) if plan != RECORDED else ():
        if fill:
            np.cumsum(counts, axis=1, out=counts)
            out, gone = _records(int(counts[0, -1])), _records(int(counts[1, -1]))
            refunds = _refunds(counts[2], int(counts[2, -1]))
        in_threads(vary, people, arrays, plan, given, fill, counts, reason, kind, out, gone, refunds)
    kept = arrays if plan == RECORDED else _with_records(arrays, counts[0], out)
    return Variant(plan, kept, reason, kind, _with_records(arrays, counts[1], gone), refunds)


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


def _records(size: int) -> Records:
    from pension.inputs.nested_table import DTYPES

    return Records(*(np.zeros(size, DTYPES[name]) for name in Records._fields))


def _refunds(offsets: Int, size: int) -> Refunds:
    return Refunds(offsets, np.zeros(size, np.int64), np.zeros(size), np.zeros(size))


def _with_records(arrays: HistoryArrays, offsets: Int, records: Records) -> HistoryArrays:
    columns: dict[str, npt.NDArray[Any]] = {"offsets": offsets.copy(), **records._asdict()}
    for array in columns.values():
        array.flags.writeable = False  # one array type, one compiled kernel
    return arrays._replace(**columns)
