"""Answers of a batch to the questions of its people: death, disability, double benefits, annuities.

For just the people that ask (``pension.inputs.questions``), each settled by ``pension.afterwards.one_person`` under the
law in force, whatever the regimes of the run. A column is null for people without its question; where it is undefined
its status column holds a code of ``STATUS`` (0: defined), null without the question.

- of a ``death``: ``inherited_employee``, ``inherited_resident``, ``inherited_annuities`` (yuan in the month of the
  death; the last one of people with annuities), ``funeral_grant``, ``bereavement_grant``, and ``death_grants``: both,
  or the one amount below five credited years;
- of a ``disability``: ``disability_monthly`` (yuan/month at first), ``disability_months`` (of a limited allowance,
  else null), ``disability_case`` (``pension.law.disability.CASE_TEXT``);
- of a ``resident_claim``, if the overlap is found in its first December: ``double_benefit_found`` (month serial),
  ``double_benefit_returned`` (basic pension to be repaid) and ``double_benefit_refunded`` (account without
  subsidies), yuan, before they are set off against each other;
- of ``annuities``: ``annuity_balance`` at the award and ``annuity_monthly``, paid in annuity months, sums over plans.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from pension.afterwards.one_person import Afterwards
from pension.afterwards.reasons import ONE_GRANT, REASON_TEXT, VESTING_UNKNOWN
from pension.engine import Engine
from pension.inputs.questions import Asked
from pension.inputs.riders import Annuity, Riders, Rules
from pension.kernels import award_fields

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters

STATUS: Final = {**award_fields.STATUS_TEXT, **REASON_TEXT}
"""Why an answer is undefined."""

_DEATH: Final = (
    *("inherited_employee", "inherited_resident", "inherited_annuities"),
    *("funeral_grant", "bereavement_grant", "death_grants"),
)
_GROUPS: Final[dict[str, dict[str, pa.DataType]]] = {
    **{name: {name: pa.float64()} for name in _DEATH},
    "disability": {
        "disability_monthly": pa.float64(), "disability_months": pa.int32(), "disability_case": pa.int8()
    },
    "double_benefit": {
        "double_benefit_found": pa.int32(),
        "double_benefit_returned": pa.float64(),
        "double_benefit_refunded": pa.float64(),
    },
    "annuity": {"annuity_balance": pa.float64(), "annuity_monthly": pa.float64()},
}  # fmt: skip
"""Columns that are defined together: one status for each group."""

Answer = tuple[str, int, tuple[float | None, ...]]
"""Group, status and its values."""


def fields() -> list[pa.Field]:
    """The columns, in their order; each group ends with its status."""
    found = []
    for group, columns in _GROUPS.items():
        found += [pa.field(name, arrow_type) for name, arrow_type in columns.items()]
        found.append(pa.field(f"{group}_status", pa.int8()))
    return found


class AfterColumns:
    """Parameters, ready for any histories."""

    def __init__(self, parameters: Parameters) -> None:
        self.parameters, self.rules = parameters, Rules(parameters.files)
        self.engine = Engine(parameters, ["current"])
        self.vesting_years = self.rules.whole("annuity_vesting_most_years")

    def columns(self, histories: Histories) -> list[pa.Array]:
        """The columns of ``fields`` for people that passed every check."""
        n = len(histories)
        values: dict[str, list[Any]] = {field.name: [None] * n for field in fields()}
        for i, (group, status, amounts) in self._answers(histories):
            values[f"{group}_status"][i] = status
            for name, amount in zip(_GROUPS[group], amounts, strict=True):
                values[name][i] = None if status else amount
        return [pa.array(values[field.name], field.type) for field in fields()]

    def _answers(self, histories: Histories) -> Iterator[tuple[int, Answer]]:
        if not histories.questions.num_columns:
            return
        asked = Asked(histories, self.rules)
        asking = np.flatnonzero(asked.asking)
        if not asking.size:
            return
        some = histories.filter(asked.asking)
        # The law in force for all of them at once; this also builds the weights of their births.
        awarded = self.engine.run(some.arrays, ("status",)).values[:, 0, 0].astype(np.int64)
        for k, i in enumerate(asking.tolist()):
            questions = asked.riders(i, self.vesting_years)
            if awarded[k] != award_fields.DEFINED:
                for group in _asked_groups(questions):
                    yield i, (group, int(awarded[k]), (None,) * len(_GROUPS[group]))
                continue
            yield from ((i, answer) for answer in self._person(some.slice(k, k + 1), questions))

    def _person(self, one: Histories, questions: Riders) -> Iterator[Answer]:
        _, _, award, _ = self.engine.award_months(one.arrays)
        claim = questions.resident_claim
        years = 1 if claim is None else max(1, claim // 12 - int(award[0]) // 12)
        after = Afterwards(one, questions, self.parameters, self.rules, years, None, self.engine)
        if questions.death is not None:
            yield from self._death(after, questions)
        if questions.disability is not None:
            d = after.disabled(questions.disability)
            yield "disability", d.get("code", 0), (d["amount"], d.get("months"), d.get("case"))
        if claim is not None:
            b = after.double_benefit(claim)
            if "code" in b:
                yield "double_benefit", b["code"], (None, None, None)
            else:
                row = b["by_december"][0]
                found = 12 * int(row["found"][:4]) + 11
                yield "double_benefit", 0, (found, row["repayment"], row["balance_without_subsidy"])
        if questions.annuities:
            unknown = any(self._vests_unknown(plan, after.award) for plan in questions.annuities)
            plans = [after.annuity(k, plan) for k, plan in enumerate(questions.annuities)]
            balance = sum(plan["at_award"]["balance"] for plan in plans)
            monthly = sum(plan["payout"]["monthly"] for plan in plans)
            yield "annuity", VESTING_UNKNOWN if unknown else 0, (balance, monthly)

    def _death(self, after: Afterwards, questions: Riders) -> Iterator[Answer]:
        month = int(questions.death or 0)
        heirs = after.heirs(month)
        for scheme, part in heirs["accounts"].items():
            yield f"inherited_{scheme}", part.get("code", 0), (part["amount"],)
        if questions.annuities:
            unknown = any(self._vests_unknown(plan, min(month, after.award)) for plan in questions.annuities)
            left = sum(part["amount"] for part in heirs["annuities"])
            yield "inherited_annuities", VESTING_UNKNOWN if unknown else 0, (left,)
        grants = heirs["grants"]
        if "funeral_and_bereavement" in grants:
            both = grants["funeral_and_bereavement"]
            for name in ("funeral_grant", "bereavement_grant"):
                yield name, ONE_GRANT, (None,)
            yield "death_grants", both.get("code", 0), (both["amount"],)
            return
        # Of the resident scheme there is no bereavement grant, of somebody in neither scheme none at all.
        parts = [grants.get(name, {"amount": 0.0}) for name in ("funeral", "bereavement")]
        codes = [part.get("code", 0) for part in parts]
        for name, part, code in zip(("funeral_grant", "bereavement_grant"), parts, codes, strict=True):
            yield name, code, (part["amount"],)
        whole = None if any(codes) else sum(part["amount"] for part in parts)
        yield "death_grants", codes[0] or codes[1], (whole,)

    def _vests_unknown(self, plan: Annuity, month: int) -> bool:
        """True where the employer's money of a plan left before ``month`` depends on its vesting years, at most
        ``vesting_years`` of them."""
        if plan.end is None or plan.end >= month or plan.employer_rate == 0.0 or plan.vesting_years == 0:
            return False
        return plan.end - plan.start + 1 < 12 * self.vesting_years


def _asked_groups(questions: Riders) -> Iterator[str]:
    if questions.death is not None:
        yield from (name for name in _DEATH if name != "inherited_annuities" or questions.annuities)
    if questions.disability is not None:
        yield "disability"
    if questions.resident_claim is not None:
        yield "double_benefit"
    if questions.annuities:
        yield "annuity"
