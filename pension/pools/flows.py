"""Who pays: money moved between provinces, liabilities taken over, and what each pool holds and owes, of many people.

People are settled by ``pension.run`` and their moves and lines (``pension.pools.moves``) added up one after another, so
sums depend neither on threads nor on blocks, and memory not on the number of people. Somebody undefined under one of
the regimes is left out of every sum, and counted.

    >>> found = pension.flows("people.parquet", ["current", "fair"])
    >>> print(found.summary())
    >>> found.corridors(); found.accounts(); found.payers(); found.reform()
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from pension import accounting as choose
from pension import schema
from pension._compile import in_threads
from pension.accounting import PROVISIONS, Regime, RegimeError, resolve, wanted
from pension.choice.one_person import settle_person
from pension.engine import Engine
from pension.histories import ROWS
from pension.kernels import award_fields
from pension.kernels import valuation as val
from pension.kernels.cells import WANTS_POOLED, WANTS_TRANSFERS
from pension.pools import moves
from pension.pools import sums as flow_sums
from pension.pools.tables import Flows, PersonFlows
from pension.variants.base_provisions import RECORDED

if TYPE_CHECKING:
    from pension import batch
    from pension.histories import Histories, HistoryArrays
    from pension.inputs.opening import Source
    from pension.parameters import Parameters
    from pension.tables.world import World

Float = npt.NDArray[np.float64]
Int = npt.NDArray[np.int64]

DEFAULT_REGIMES: Final = ("current", "fair")
_ROWS_AT_ONCE: Final = 16_384
"""People whose rows are in memory at a time."""
_COLUMNS: Final = tuple(name for name in moves.SETTLED_NAMES if name not in ("status", "route", "pw"))
_PW_R0: Final = moves.SETTLED_NAMES.index("pw_r0")
_LAW: Final = "law in force"


def flows(
    input: Source,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    *,
    parameters: Parameters | None = None,
    people: bool = False,
    threads: int = 0,
    errors: str = "raise",
    rows: int = ROWS,
    progress: batch.Progress | None = None,
) -> Flows:
    """Money moved, liabilities, payers and pools under each regime; the first is the one that a reform replaces.

    ``input``, ``threads``, ``errors``, ``rows`` and ``progress`` as in ``pension.run``. ``people`` also keeps every
    person's own moves and lines (``Flows.moves``, ``Flows.lines``): memory then grows with their number. Raises
    ``InputError`` for bad input, ``RegimeError`` for regimes that cannot be or that rest on another history.
    """
    from pension import batch

    if parameters is None:
        from pension.parameters import load

        parameters = load()
    plan = _Plan.of(tuple(resolve(regimes)))
    for regime in plan.regimes:
        if regime.plan != RECORDED:
            raise RegimeError(f"regime {regime.name!r} rests on another history; flows follow the money as it was paid")
    sums = _Sums(plan, parameters, people)
    summary = batch.run(
        input,
        None,
        plan.settled,
        columns=_COLUMNS,
        parameters=parameters,
        threads=threads,
        errors=errors,
        access="off",
        limits="off",
        rows=rows,
        progress=progress,
        observer=sums.add,
    )
    return sums.flows(summary)


def person_flows(world: World, award_row: int, arrays: HistoryArrays, regime: Regime) -> PersonFlows:
    """Moves and lines under one regime of the one checked person of ``arrays``, awarded as row ``award_row`` of
    ``world.awards`` says; money at the award and at face, present values at R0, yuan of their date."""
    plan = _Plan.of((regime,))
    _, results = settle_person(world, award_row, arrays, plan.settled)
    fields = [award_fields.RESULT_NAMES.index(name) for name in moves.SETTLED_NAMES]
    settled, chosen = plan.settle(np.ascontiguousarray(results[None][:, :, fields]))
    return _rows(plan, arrays, settled, chosen, world, np.array([award_row])).person(0, 0)


@dataclass(frozen=True)
class _Plan:
    """What is settled for the regimes asked for. Who is held harmless is settled by the law or by the regime without
    that guarantee, so both are settled, and the payers follow the vector that pays."""

    regimes: tuple[Regime, ...]
    settled: tuple[Regime, ...]
    codes: Int
    """[vector, 3, provision]: the regimes, then the law with each one's transfer of pooled money; each as it is, at
    the wages of every place, and at those of the claim place."""
    numbers: Float
    """[vector, number]."""
    wanted: int

    @classmethod
    def of(cls, regimes: tuple[Regime, ...]) -> _Plan:
        free = tuple(regime.but(hold_harmless="no") for regime in regimes)
        held = any(regime.choice("hold_harmless") == "yes" for regime in regimes)
        settled = (*free, Regime(_LAW)) if held else free
        own = [regime.vector for regime in free]
        law = [Regime(_LAW).but(pooled_transfer=regime.choice("pooled_transfer")).vector for regime in regimes]
        codes = np.zeros((2 * len(regimes), 3, len(PROVISIONS)), dtype=np.int64)
        for v, vector in enumerate((*own, *law)):
            codes[v, 0] = vector
            codes[v, 1:, choose.LATE_BACKPAYMENTS] = vector[choose.LATE_BACKPAYMENTS]
            codes[v, 1, [choose.FLAT_BASE, choose.EARNINGS_BASE, choose.INDEX_WAGE]] = 1
        numbers = np.array([regime.numbers for regime in (*free, *free)])
        asked = wanted(codes[:, 0]) | WANTS_TRANSFERS | WANTS_POOLED
        return cls(regimes, settled, codes, numbers, asked)

    def settle(self, values: Float) -> tuple[Float, Int]:
        """(settled [person, regime, field], vector [person, regime]) from the settled regimes' values."""
        n = len(self.regimes)
        settled = values[:, :n].copy()
        chosen = np.tile(np.arange(n), (values.shape[0], 1))
        for r, regime in enumerate(self.regimes):
            if regime.choice("hold_harmless") == "yes":
                law = values[:, n]
                better = law[:, _PW_R0] > settled[:, r, _PW_R0]
                settled[better, r] = law[better]
                chosen[better, r] = n + r
                unknown = law[:, 0] == award_fields.UNKNOWN_PARAMETER
                settled[unknown, r, 0] = award_fields.UNKNOWN_PARAMETER
        return settled, chosen


@dataclass(frozen=True)
class _Rows:
    """Rows of some people, as the kernel leaves them."""

    room: Int
    moves: Float
    n_moves: Int
    lines: Float
    n_lines: Int
    price: Float
    """[person]: constant yuan of the price year for one yuan at R0."""

    def person(self, i: int, r: int) -> PersonFlows:
        first = int(self.room[i])
        n, m = max(int(self.n_moves[i, r]), 0), max(int(self.n_lines[i, r]), 0)
        return PersonFlows(self.moves[first : first + n, r], self.lines[first : first + m, r], float(self.price[i]))


def _rows(plan: _Plan, arrays: HistoryArrays, settled: Float, chosen: Int, world: World, award_rows: Int) -> _Rows:
    """Moves and lines of checked and settled people."""
    n, r = settled.shape[:2]
    room = np.zeros(n + 1, dtype=np.int64)
    in_threads(moves.room_needed, n, arrays, room[1:])
    np.cumsum(room, out=room)
    n_moves, n_lines = np.empty((n, r), dtype=np.int64), np.empty((n, r), dtype=np.int64)
    found_moves = np.empty((room[-1], r, moves.N_MOVE))
    found_lines = np.empty((room[-1], r, moves.N_LINE))
    in_threads(
        moves.flow_kernel,
        n,
        arrays,
        award_rows,
        world,
        plan.codes,
        plan.numbers,
        chosen,
        settled,
        plan.wanted,
        room,
        found_moves,
        n_moves,
        found_lines,
        n_lines,
    )
    if np.any(n_moves == moves.OTHER_RECORDS):
        raise RuntimeError("a pension was settled over other records than those whose money is followed")
    return _Rows(room, found_moves, n_moves, found_lines, n_lines, world.awards[award_rows, val.PRICE])


@dataclass
class _Sums:
    """Sums over people, in their order."""

    plan: _Plan
    parameters: Parameters
    keep_people: bool
    left_out: Counter[int] = field(default_factory=Counter)
    people: int = 0
    weight: float = 0.0

    def __post_init__(self) -> None:
        n, places = len(self.plan.regimes), schema.N_PLACES
        self.engine = Engine(self.parameters, self.plan.settled)
        self.corridors = np.zeros((n, len(moves.KINDS), places, places, flow_sums.N_CORRIDOR))
        self.totals = np.zeros((n, places, moves.N_LINE))
        self.worse = np.zeros((n, places, 3))
        """[regime, province that pays the first regime, ...]: yuan short, weight and number of people worse off."""
        self.wealth = np.zeros(n)
        self.persons: list[tuple[Histories, _Rows, npt.NDArray[np.bool_]]] = []

    def add(self, block: batch.Block) -> None:
        """One settled block."""

        order = [block.result.columns.index(name) for name in moves.SETTLED_NAMES]
        world, award_rows = self.engine.world(block.histories.arrays)
        for start in range(0, len(block.histories), _ROWS_AT_ONCE):
            stop = start + _ROWS_AT_ONCE
            part = block.histories.slice(start, stop)
            settled, chosen = self.plan.settle(np.ascontiguousarray(block.result.values[start:stop][:, :, order]))
            self._add(
                part, settled, chosen, _rows(self.plan, part.arrays, settled, chosen, world, award_rows[start:stop])
            )

    def _add(self, part: Histories, settled: Float, chosen: Int, found: _Rows) -> None:
        status = settled[:, :, 0]
        unknown = (status == award_fields.DEFINED) & (found.n_moves < 0)
        status[unknown] = award_fields.UNKNOWN_PARAMETER
        keep = np.all(status == award_fields.DEFINED, axis=1)
        first = np.argmax(status != award_fields.DEFINED, axis=1)
        self.left_out.update(int(code) for code in status[~keep, first[~keep]])
        weight = np.ascontiguousarray(part.arrays.weight, dtype=np.float64)
        # One after another, never in threads and never block by block: a sum must not depend on how it was cut.
        flow_sums.add_up(
            found.room,
            0,
            len(part),
            keep,
            weight,
            found.price,
            found.moves,
            found.n_moves,
            found.lines,
            found.n_lines,
            self.corridors,
            self.totals,
        )
        self.people += int(keep.sum())
        total = np.zeros(1) + self.weight
        np.add.at(total, np.zeros(int(keep.sum()), dtype=np.int64), weight[keep])
        self.weight = float(total[0])
        self._compare(part, settled, keep, weight)
        if self.keep_people:
            self.persons.append((part, found, keep))

    def _compare(self, part: Histories, settled: Float, keep: npt.NDArray[np.bool_], weight: Float) -> None:
        """Present values, and what those lack whom a regime gives less than the first one."""
        from pension.runs.group_losses import UNCHANGED_YUAN

        place = settled[keep, 0, moves.SETTLED_NAMES.index("claim_place")].astype(np.int64)
        codes, back = np.unique(part.arrays.hukou[keep], return_inverse=True)
        home = np.array([schema.PLACE_INDEX[schema.province_of(int(code))] for code in codes], dtype=np.int64)
        payer = np.where(place >= 0, place, home[back] if codes.size else place)
        wealth, weight = settled[keep, :, moves.PW], weight[keep]
        for r in range(wealth.shape[1]):
            np.add.at(self.wealth, np.full(weight.size, r), weight * wealth[:, r])
            short = np.maximum(wealth[:, 0] - wealth[:, r], 0.0)
            worse = short >= UNCHANGED_YUAN
            amounts = np.stack([weight * short, weight * worse, worse.astype(np.float64)], axis=1)
            np.add.at(self.worse[r], payer, amounts)

    def flows(self, summary: batch.RunSummary) -> Flows:
        """The finished sums."""
        return Flows(
            self.plan.regimes,
            self.corridors,
            self.totals,
            self.wealth,
            self.worse,
            self.people,
            self.weight,
            self.left_out,
            summary.rejected,
            self.parameters.hash,
            self.parameters.scenario,
            int(self.parameters.tables.price_year),
            summary.problems,
            self._each() if self.keep_people else None,
        )

    def _each(self) -> list[tuple[object, float, list[PersonFlows]]]:
        """(identifier, weight, rows by regime) of everybody in the sums."""
        regimes = range(len(self.plan.regimes))
        return [
            (part.person[i].as_py(), float(part.arrays.weight[i]), [found.person(i, r) for r in regimes])
            for part, found, keep in self.persons
            for i in np.flatnonzero(keep).tolist()
        ]
