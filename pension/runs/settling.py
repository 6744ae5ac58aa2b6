"""One block of people: checked, settled, counted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pension.checks import access as dated_access
from pension.checks.input_quality import limit_problems, scan_block
from pension.checks.range_check import first_problems
from pension.engine import Engine, Entitlements
from pension.errors import InputError, Problem, RowPolicy, mask_identifier, shown, shown_without_digits
from pension.histories import Histories
from pension.kernels import award_fields
from pension.runs.group_losses import main_form
from pension.runs.result_layout import Columns, Layout, columns_of, result_table
from pension.runs.tally import Tally
from pension.tables import usage

if TYPE_CHECKING:
    from pension.afterwards.columns import AfterColumns
    from pension.inputs.datasets import Piece
    from pension.inputs.identifiers import IdentifierHash
    from pension.inputs.questions import Asked
    from pension.parameters import Parameters


@dataclass(frozen=True)
class Block:
    """One block of settled people."""

    histories: Histories
    result: Entitlements
    layout: Layout
    access: dated_access.Access | None = None
    answers: AfterColumns | None = None

    @cached_property
    def table(self) -> pa.Table:
        """The rows of the results, made when somebody asks for them."""
        return result_table(self.histories, self.result, self.layout, self.access, self.answers)

    @cached_property
    def columns(self) -> dict[str, Columns]:
        """The columns of each regime, by its name."""
        return columns_of(self.result)

    @cached_property
    def main_form(self) -> npt.NDArray[np.int8]:
        """[person]: number in ``schema.FORM`` of the form of work with most months."""
        return main_form(self.histories)


@dataclass(frozen=True)
class Rules:
    """What becomes of people of whom something is wrong."""

    errors: str = "raise"
    access: str = "report"
    limits: str = "report"

    @property
    def report(self) -> bool:
        """True where people are left out and listed, False where the run stops."""
        return self.errors == "report"


@dataclass
class Settled:
    """One piece of input after everything that is computed person by person."""

    block: Block
    people: int
    rejected: int
    problems: list[Problem]
    seconds: dict[str, float] = field(default_factory=dict)
    """By stage; reading and writing are added where they happen."""


def policy_of(rules: Rules, hashed: IdentifierHash | None) -> RowPolicy:
    """What a reader does with broken rows; problems come with the pieces (``datasets.Piece``)."""

    def listed(problems: Sequence[Problem], people: int) -> None:
        """Readers of nested files hand problems out with their pieces."""

    identify = mask_identifier if hashed is None else hashed
    return RowPolicy(listed if rules.report else None, identify, shown if hashed is None else shown_without_digits)


class Settler:
    """Parameters, regimes and columns, ready for any pieces."""

    def __init__(self, parameters: Parameters, layout: Layout, rules: Rules) -> None:
        self.parameters, self.layout, self.rules = parameters, layout, rules
        self.engine = Engine(parameters, layout.regimes)
        self.answers: AfterColumns | None = None
        if layout.afterwards:
            from pension.afterwards.columns import AfterColumns

            self.answers = AfterColumns(parameters)

    def settle(self, piece: Piece, tally: Tally) -> Settled:
        """Check and settle the people of a piece and count them, but for tables of losses and aggregates (``add_up``).

        InputError under ``errors="raise"`` where a person breaks a rule.
        """
        started = time.perf_counter()
        histories, engine, rules = piece.histories, self.engine, self.rules
        statutory, earliest, award, _ = engine.award_months(histories.arrays)
        broken, at = first_problems(histories.arrays, statutory, earliest)
        keep, problems = broken == 0, histories.describe(broken, at)
        access, further = None, self._impossible_questions(histories, statutory, award, keep)
        if tally.access is not None:
            access = dated_access.check(histories.arrays, self.parameters, keep)
            if rules.access == "error":
                further += dated_access.problems(histories, access, self.parameters)
                keep &= access.closed_months == 0
        if rules.limits == "error":
            scanned = scan_block(histories, self.parameters, True, keep)
            further += limit_problems(histories, scanned, self.parameters)
            keep &= scanned.outside == 0
        problems += further
        found: list[Problem] = list(piece.problems)
        if problems:
            if not rules.report:
                raise InputError(piece.located(problems))
            found += piece.located([*histories.all_problems(statutory, earliest), *further])
            if access is not None:
                access = dated_access.kept(access, keep, histories.arrays.offsets)
            histories, award = histories.filter(keep), award[keep]
        if tally.access is not None and access is not None:
            tally.access.add(histories, access, self.parameters)
        quality = scan_block(histories, self.parameters, rules.limits != "off", masks=False)
        tally.quality.add(len(histories), quality)
        checked = time.perf_counter()
        regimes = self.layout.regimes
        compared = (regimes[0].name, regimes[-1].name) if self.layout.causes else None
        result = engine.run(histories.arrays, self.layout.settled, compared, keep=True)
        tally.people += piece.people
        tally.records += histories.n_records
        rejected = piece.people - len(histories)
        tally.reject(found, rejected)
        for r, regime in enumerate(regimes):
            for code, n in enumerate(np.bincount(result.values[:, r, 0].astype(np.int64)).tolist()):
                if n and code != award_fields.DEFINED:
                    tally.undefined[regime.name][code] += n
        usage.mark_used(histories.arrays, award, result, tally.marks)
        if self.answers is None and histories.questions.num_columns:
            tally.unanswered.update(self._asked(histories).counts())
        block = Block(histories, result, self.layout, access, self.answers)
        seconds = {"check": checked - started, "settle": time.perf_counter() - checked}
        return Settled(block, piece.people, rejected, found, seconds)

    def _asked(self, histories: Histories) -> Asked:
        from pension.inputs.questions import Asked
        from pension.inputs.riders import Rules as RiderRules

        return Asked(histories, RiderRules(self.parameters.files))

    def _impossible_questions(
        self,
        histories: Histories,
        statutory: npt.NDArray[np.int64],
        award: npt.NDArray[np.int64],
        keep: npt.NDArray[np.bool_],
    ) -> list[Problem]:
        """The broken rules of the questions of the people of ``keep``, who are taken out of it."""
        if not histories.questions.num_columns:
            return []
        broken, problems = self._asked(histories).problems(statutory, award, keep)
        keep &= ~broken
        return list(problems)


def add_up(settled: Settled, tally: Tally) -> None:
    """Count a block in the tables of losses and the aggregates."""
    started = time.perf_counter()
    for table in tally.losses:
        table.add(settled.block)
    for found in tally.aggregates:
        found.add(settled.block)
    settled.seconds["aggregate"] = time.perf_counter() - started
