"""What a nested table asks about the time after the award: death, disability, a resident claim, annuities.

They are questions about one history each (``pension.afterwards.one_person``) and change no pension. Here they are read
into columns, checked by the rules of the case file (``pension.checks.rider_rules``), and told apart person by person;
``pension.afterwards.columns`` answers them.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.checks import range_check as checks
from pension.checks import rider_rules
from pension.checks.rider_rules import KINDS, Plans, Rule
from pension.errors import Problem, mask_identifier
from pension.inputs import spells
from pension.inputs.nested_table import ANNUITIES, ANNUITY_TYPES, QUESTION_TYPES, list_parts
from pension.inputs.riders import Annuity, Riders, Rules

if TYPE_CHECKING:
    from pension.histories import Histories

Int = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_WORDS: Final = {number: word for word, number in KINDS.items()}
_ASKING: Final = ("death", "disability", "resident_claim", ANNUITIES)
"""Columns that are questions; the disposable income only helps to answer one."""


class Asked:
    """The questions of the people of some histories, [n] and [annuity]."""

    def __init__(self, histories: Histories, rules: Rules) -> None:
        self.histories, self.rules = histories, rules
        table, n = histories.questions, len(histories)
        found: dict[str, Any] = {}
        for name in QUESTION_TYPES:
            whole = name != "disposable_income"
            missing = schema.MISSING if whole else np.nan
            if name in table.column_names:
                found[name] = table[name].fill_null(missing).to_numpy()
            else:
                found[name] = np.full(n, missing, np.int64 if whole else np.float64)
        self.people = rider_rules.Questions(**found)
        if ANNUITIES in table.column_names:
            self.offsets, values = list_parts(table[ANNUITIES])
        else:
            self.offsets, values = np.zeros(n + 1, np.int64), {}
        self.annuities: dict[str, Any] = {
            name: values[name].fill_null(np.nan if name.endswith("rate") else schema.MISSING).to_numpy()
            if name in values
            else np.zeros(0)
            for name in ANNUITY_TYPES
        }

    @cached_property
    def compulsory(self) -> tuple[float, float]:
        """Rates of an occupational annuity: employer, employee."""
        employer, employee = (
            self.rules.number(f"annuity_occupational_{key}") for key in ("employer_rate", "employee_rate")
        )
        return employer, employee

    @cached_property
    def asking(self) -> Mask:
        """[n]: who asks something."""
        given = [getattr(self.people, name) != schema.MISSING for name in _ASKING[:3]]
        return np.logical_or.reduce([*given, np.diff(self.offsets) > 0])

    def counts(self) -> dict[str, int]:
        """People by the column that asks, columns that nobody uses left out."""
        counts = {name: int(np.count_nonzero(getattr(self.people, name) != schema.MISSING)) for name in _ASKING[:3]}
        counts[ANNUITIES] = int(np.count_nonzero(np.diff(self.offsets)))
        return {name: n for name, n in counts.items() if n}

    def riders(self, i: int, vesting_years: int) -> Riders:
        """The questions of person i as those of a case file. A nested table does not say when the employer's money of
        an enterprise annuity becomes the member's: ``vesting_years`` is what is assumed (``pension.afterwards.columns``
        answers only where it does not matter)."""
        months = [int(getattr(self.people, name)[i]) for name in _ASKING[:3]]
        death, disability, claim = (None if month == schema.MISSING else month for month in months)
        income = float(self.people.disposable_income[i])
        mine = range(int(self.offsets[i]), int(self.offsets[i + 1]))
        plans = tuple(self._annuity(k, vesting_years) for k in mine)
        return Riders(death, disability, claim, None if np.isnan(income) else income, plans)

    def _annuity(self, k: int, vesting_years: int) -> Annuity:
        row = {name: values[k].item() for name, values in self.annuities.items()}
        end = None if row["end"] == schema.MISSING else row["end"]
        enterprise = row["kind"] == KINDS["enterprise"]
        rates = (row["employer_rate"], row["employee_rate"]) if enterprise else self.compulsory
        vesting = vesting_years if enterprise else 0
        return Annuity(
            _WORDS[row["kind"]], row["start"], end, row["base"], rates[0], rates[1], vesting, None, False, None
        )

    # ---- the range check

    def problems(self, statutory: Int, award: Int, sound: Mask) -> tuple[Mask, list[Problem]]:
        """(people with a broken rule, the broken rules); ``statutory`` and ``award`` as serials, [n]. Only people of
        ``sound`` [n] are looked at: others have no birth or award to judge by."""
        broken = np.zeros(len(self.histories), dtype=np.bool_)
        if not self.histories.questions.num_columns:
            return broken, []
        found: list[tuple[int, Problem]] = []
        for rule in self._person_rules(statutory, award):
            for i in np.flatnonzero(rule.broken & sound).tolist():
                value = getattr(self.people, rule.key)[i]
                found.append((i, self._problem(i, rule.key, value, rule.words(i))))
        owner = np.repeat(np.arange(broken.size), np.diff(self.offsets))
        for rule in self._annuity_rules(owner, award) if owner.size else ():
            for k in np.flatnonzero(rule.broken & sound[owner]).tolist():
                i = int(owner[k])
                column = f"{ANNUITIES}[{k - int(self.offsets[i]) + 1}].{rule.key}"
                found.append((i, self._problem(i, column, self.annuities[rule.key][k], rule.words(k))))
        for i, _ in found:
            broken[i] = True
        return broken, [problem for _, problem in sorted(found, key=lambda pair: pair[0])]

    def _person_rules(self, statutory: Int, award: Int) -> Iterator[Rule]:
        birth = self.histories.arrays.birth.astype(np.int64)
        for name in _ASKING[:3]:
            month = getattr(self.people, name)
            yield Rule(name, (month != schema.MISSING) & ~rider_rules.year_known(month), rider_rules.YEAR_RULE)
        yield from rider_rules.person_rules(birth, self.people, self.rules)
        yield from rider_rules.possible_rules(self.people, statutory, award)

    def _annuity_rules(self, owner: Int, award: Int) -> Iterator[Rule]:
        columns = self.annuities
        known = np.isin(columns["kind"], list(KINDS.values()))
        yield Rule("kind", ~known, "kind is 1 (enterprise) or 2 (occupational)")
        for key in ("start", "end"):
            month = columns[key]
            wrong = (month != schema.MISSING) & ~rider_rules.year_known(month)
            yield Rule(key, wrong | (month == schema.MISSING) if key == "start" else wrong, rider_rules.YEAR_RULE)
        base = columns["base"]
        yield Rule("base", ~((base > 0.0) & (base <= checks.MAX_BASE)), spells.BASE_RULE)
        for key in ("employer_rate", "employee_rate"):
            rate = columns[key]
            missing = np.isnan(rate) & (columns["kind"] == KINDS["enterprise"])
            yield Rule(key, missing, "an enterprise annuity states its rates")
            yield Rule(key, ~np.isnan(rate) & ~((rate >= 0.0) & (rate <= 1.0)), spells.SHARE_RULE)
        birth = self.histories.arrays.birth.astype(np.int64)
        plans = Plans(**columns, birth=birth[owner], death=self.people.death[owner])
        yield from rider_rules.annuity_rules(plans, self.rules)
        yield from rider_rules.possible_annuities(plans, award[owner])

    def _problem(self, i: int, column: str, value: Any, rule: str) -> Problem:
        source = self.histories.source
        identifier = self.histories.person[i].as_py()
        who = f"person {identifier if source.hashed else mask_identifier(identifier)}"
        number = value.item()
        month = isinstance(number, int) and not column.endswith("kind")
        text = schema.month_text(number) if month and 0 <= number < 120_000 else f"{number:g}"
        return Problem(source.file, self.histories.row(i), column, text, f"{rule} ({who})")
