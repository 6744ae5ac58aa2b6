"""Variants of recorded histories: another career, exit, enrolment, base or payer, as the records they would have left.

A variant is a function of the history, the parameters and the award month alone; the same digest and settlement then
run over it. The date of all present values, weight and severity group stay those of the recorded history; the award
month is that of the variant: whoever becomes an employee by enrolment has the statutory month of an employee.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension._compile import in_threads, n_threads
from pension.checks.range_check import HistoryArrays, Records
from pension.kernels.cells import TRACE_COLUMNS
from pension.tables.dense import N_YEARS
from pension.variants.base_provisions import RECORDED, Plan
from pension.variants.changes import CHANGED, judge
from pension.variants.records import Varied, refund_values, vary, vary_traced
from pension.variants.work import Figures, Refunds, new_records
from pension.wealth.contributions import Contributions, contributions

if TYPE_CHECKING:
    from pension.tables.dense import Tables
    from pension.tables.world import World

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

_PIECE: Final = 4096
"""People whose records fit into the caches."""


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
        of_person = np.repeat(np.arange(self.who.size), np.diff(self.refunds.offsets))
        return np.bincount(of_person, amounts, self.who.size).astype(np.float64, copy=False)

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
    own, account = tables.own_rate.reshape(-1, N_YEARS, 12, 2), tables.account_rate.reshape(-1, N_YEARS, 12, 1)
    one_rate = np.logical_and(*((rate == rate[:, :, :1]).all(axis=2) for rate in (own, account))).astype(np.int64)
    uniform.flags.writeable = one_rate.flags.writeable = False
    return Figures(
        wages,
        tables.base_floor,
        tables.base_ceiling,
        uniform,
        tables.own_rate,
        tables.account_rate,
        one_rate,
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
    if plan == RECORDED:
        nothing = _with_records(arrays, np.zeros(people + 1, np.int64), new_records(0))
        who, kind, no_refunds = np.arange(people), np.full(people, -1, np.int8), np.empty((0, 3))
        return Variant(plan, who, arrays, reason, kind, nothing, _refunds(nothing.offsets, no_refunds))
    changed = np.arange(people) if everybody else _changed(plan, arrays, given, reason)
    # Most plans leave as many records as there were, or fewer: they are written where they stay.
    begins = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.diff(arrays.offsets)[changed])])
    begins_of_gone = begins * plan.surrendered
    room, room_of_gone = _room(begins[-1]), _room(begins_of_gone[-1])
    blocks: dict[int, Varied] = {}

    def vary_block(_: None, first: int, last: int) -> None:
        rooms = _part(room, *begins[[first, last]]), _part(room_of_gone, *begins_of_gone[[first, last]])
        blocks[first] = vary(arrays, changed, first, last, plan, given, everybody, True, reason, *rooms)

    in_threads(vary_block, changed.size, None)
    firsts = sorted(blocks)
    found = [blocks[first] for first in firsts]
    joined = Varied(
        np.concatenate([block.who for block in found]),
        np.concatenate([block.kind for block in found]),
        np.concatenate([block.counts for block in found]),
        _closed_up(room, begins[firsts], [block.records for block in found]),
        _closed_up(room_of_gone, begins_of_gone[firsts], [block.gone for block in found]),
        np.concatenate([block.refunds for block in found]),
    )
    return _variant(plan, arrays if everybody else _people(arrays, joined.who), reason, joined)


def in_pieces(
    plan: Plan, arrays: HistoryArrays, given: Figures, use: Callable[[Variant], None], with_gone: bool
) -> npt.NDArray[np.int8]:
    """Call ``use`` with the histories of some of the people whose records the plan changes, until it had them all, and
    return ``Variant.reason``. Threads call it side by side; memory is used again, so nothing of a history may be kept.
    ``with_gone``: they have the records that a surrender ended, which only what was paid depends on."""
    reason = np.zeros(arrays.sex.shape[0], np.int8)
    changed = _changed(plan, arrays, given, reason)
    if changed.size == 0:
        return reason
    threads = n_threads()
    piece = -(-changed.size // (threads * -(-changed.size // (_PIECE * threads))))  # as many for each thread
    most = int(np.add.reduceat(np.diff(arrays.offsets)[changed], np.arange(0, changed.size, piece)).max())
    of_all, gone_of_all = _room(most * threads), _room(most * threads * plan.surrendered)
    free = list(range(threads))

    def use_block(_: None, first: int, last: int) -> None:
        mine = free.pop()
        for begin in range(first, last, piece):
            end = min(last, begin + piece)
            rooms = (_part(room, mine * most, (mine + 1) * most) for room in (of_all, gone_of_all))
            found = vary(arrays, changed, begin, end, plan, given, False, with_gone, reason, *rooms)
            use(_variant(plan, _people(arrays, found.who), reason, found))
        free.append(mine)

    in_threads(use_block, changed.size, None, block=piece)
    return reason


def _changed(plan: Plan, arrays: HistoryArrays, given: Figures, reason: npt.NDArray[np.int8]) -> Int:
    """Positions of the people whose records the plan changes; ``reason`` gets the code of those without a history."""
    in_threads(judge, reason.size, reason, arrays, plan, given)
    return np.flatnonzero(reason == CHANGED)


def _variant(plan: Plan, people: HistoryArrays, reason: npt.NDArray[np.int8], found: Varied) -> Variant:
    offsets = np.zeros((3, found.who.size + 1), np.int64)
    np.cumsum(found.counts.T, axis=1, out=offsets[:, 1:])
    of_records, of_gone = (_with_records(people, offsets[k], (found.records, found.gone)[k]) for k in (0, 1))
    return Variant(plan, found.who, of_records, reason, found.kind, of_gone, _refunds(offsets[2], found.refunds))


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


def _room(size: int) -> Records:
    """Memory for so many records, all columns in one piece: it comes in large pages, much sooner than in small ones."""
    kinds: list[np.dtype[Any]] = [column.dtype for column in new_records(0)]
    ends = np.cumsum([-(-size * kind.itemsize // 64) * 64 for kind in kinds])
    piece = np.empty(ends[-1], np.uint8)
    starts = np.append(0, ends[:-1])
    columns: Iterator[Any] = (
        piece[k : k + size * kind.itemsize].view(kind) for k, kind in zip(starts, kinds, strict=True)
    )
    return Records(*columns)


def _part(records: Records, first: int, last: int) -> Records:
    columns: Iterator[Any] = (column[first:last] for column in records)
    return Records(*columns)


def _closed_up(room: Records, begins: Int, parts: list[Records]) -> Records:
    """The records of all parts, each in ``room`` from its place in ``begins`` on, one after the other."""
    sizes = np.array([part.year.size for part in parts])
    if (sizes > np.diff(begins, append=room.year.size)).any():  # one has outgrown the room
        return Records(*map(np.concatenate, zip(*parts, strict=True)))
    ends = np.cumsum(sizes)
    for column in room:
        for begin, size, end in zip(begins, sizes, ends, strict=True):
            if begin + size != end:
                column[end - size : end] = column[begin : begin + size]
    return _part(room, 0, ends[-1])


def _refunds(offsets: Int, rows: Float) -> Refunds:
    return Refunds(offsets, rows[:, 0].astype(np.int64), rows[:, 1].copy(), rows[:, 2].copy())


def _with_records(arrays: HistoryArrays, offsets: Int, records: Records) -> HistoryArrays:
    return arrays._replace(**_fixed({"offsets": offsets.copy(), **records._asdict()}))


def _people(arrays: HistoryArrays, who: Int) -> HistoryArrays:
    """Some of the people; the records are left as they are."""
    ragged = (*Records._fields, "offsets", "registration_offsets", "registration_month", "registration_place")
    columns = {name: getattr(arrays, name)[who] for name in arrays._fields if name not in ragged}
    begins = arrays.registration_offsets[who]
    counts = arrays.registration_offsets[who + 1] - begins
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    at = np.arange(offsets[-1]) + np.repeat(begins - offsets[:-1], counts)
    columns |= {"registration_offsets": offsets, "registration_month": arrays.registration_month[at]}
    return arrays._replace(**_fixed(columns | {"registration_place": arrays.registration_place[at]}))


def _fixed(columns: dict[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
    for array in columns.values():
        array.flags.writeable = False  # one array type, one compiled kernel
    return columns
