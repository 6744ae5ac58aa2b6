"""Losses and their causes by group, added up on the way: everybody, severity groups, main forms of work."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension import losses
from pension._compile import in_threads
from pension.errors import refuse
from pension.histories import Histories
from pension.kernels import award_fields
from pension.runs.exact_sums import COUNT_SCALE, MONEY_SCALE, RATIO_SCALE, ExactSums
from pension.runs.tally_kernels import add_losses, main_forms

if TYPE_CHECKING:
    import pandas as pd

    from pension.runs.settling import Block

UNCHANGED_YUAN: Final = 1.0
"""A difference of pension wealth below this counts as unchanged (yuan of the price year)."""

STARS: Final = (
    "labour relation only",
    "★ local urban",
    "★★ local rural",
    "★★★ non-local urban",
    "★★★★ non-local rural",
)
FORMS: Final = ("employed", "dispatched", "part-time", "flexible", "platform")
"""Names of ``schema.FORM``, in its order."""

SUMS: Final = {
    "people": COUNT_SCALE,
    "losing": COUNT_SCALE,
    "gaining": COUNT_SCALE,
    "unchanged": COUNT_SCALE,
    "loss": MONEY_SCALE,
    "loss_monthly": MONEY_SCALE,
    "gain": MONEY_SCALE,
    "gain_monthly": MONEY_SCALE,
    "ratio": RATIO_SCALE,
    "with_ratio": COUNT_SCALE,
}
"""What ``tally_kernels.add_losses`` sums over people, weighted, and its scale."""


def main_form(histories: Histories) -> npt.NDArray[np.int8]:
    """[person]: number in ``schema.FORM`` of the form of work with most months."""
    out = np.zeros(len(histories), dtype=np.int8)
    in_threads(main_forms, len(histories), histories.arrays, out)
    return out


@dataclass(frozen=True)
class LossRow:
    """One group: weighted people, shares of losers and winners, means; None where nobody is in the mean."""

    group: str
    people: float
    losing: float | None
    """Share of the group whose pension wealth is lower than under the reference."""
    gaining: float | None
    unchanged: float | None
    mean_loss: float | None
    """Mean loss of the losers, pension wealth, yuan of the price year."""
    mean_loss_monthly: float | None
    """Mean difference of the first monthly pension of the losers, nominal yuan/month."""
    mean_gain: float | None
    mean_gain_monthly: float | None
    mean_ratio: float | None
    """Mean of 1 - pw_actual / pw_reference of the group."""


@dataclass(frozen=True)
class CauseRow:
    """One group: weighted people and the mean share of each provision in their loss, yuan of the price year."""

    group: str
    people: float
    means: dict[str, float]
    """Empty where the group has nobody."""

    @property
    def loss(self) -> float:
        """Mean loss: the sum of the shares."""
        return sum(self.means.values())


class LossTable:
    """Losses of one regime against a reference, added up block by block: exactly, so blocks and order do not matter."""

    def __init__(self, actual: str, reference: str) -> None:
        self.actual, self.reference = actual, reference
        self._sums = ExactSums(len(STARS) * len(FORMS), tuple(SUMS.values()))
        """[severity group and form of work]: everything else is a sum of these."""
        self._undefined: Counter[int] = Counter()

    def add(self, block: Block) -> None:
        """Count the people of one block."""
        result, actual, reference = block.result, block.columns[self.actual], block.columns[self.reference]
        reason = np.where(actual["status"] != award_fields.DEFINED, actual["status"], reference["status"])
        reason = reason.astype(np.int64)
        for code, n in enumerate(np.bincount(reason).tolist()):
            if n and code != award_fields.DEFINED:
                self._undefined[code] += n
        shape = (len(STARS) * len(FORMS), len(SUMS))
        high, low = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        wrong = add_losses(
            reason,
            result.stars.astype(np.int64) * len(FORMS) + block.main_form,
            block.histories.arrays.weight,
            result.lost(self.actual, self.reference),
            losses.ratio(actual["pw"], reference["pw"]),
            actual["monthly"],
            reference["monthly"],
            UNCHANGED_YUAN,
            np.array(list(SUMS.values())),
            high,
            low,
        )
        if wrong >= 0:
            raise refuse("a weighted amount is too large to be added exactly", column="weight")
        self._sums.add(high, low)

    def merge(self, other: LossTable) -> None:
        """Add the people of another table of the same pair."""
        self._sums.merge(other._sums)
        self._undefined.update(other._undefined)

    def state(self) -> dict[str, Any]:
        """For JSON; ``restore`` takes it back."""
        undefined = {str(code): n for code, n in sorted(self._undefined.items())}
        return {"undefined": undefined, "sums": self._sums.state()}

    def restore(self, state: dict[str, Any]) -> None:
        """Put back what ``state`` gave."""
        self._undefined = Counter({int(code): n for code, n in state["undefined"].items()})
        self._sums.restore(state["sums"])

    @property
    def undefined(self) -> dict[str, int]:
        """People left out, by reason."""
        return {award_fields.STATUS_TEXT[code]: n for code, n in sorted(self._undefined.items())}

    def rows(self, group: str) -> list[LossRow]:
        """The rows of ``"all"``, ``"stars"`` or ``"form"``."""
        labels = {"all": ("everybody",), "stars": STARS, "form": FORMS}[group]
        return [
            _row(label, dict(zip(SUMS, line, strict=True)))
            for label, line in zip(labels, self._sums.values(_CELLS[group]), strict=True)
        ]

    def to_frame(self) -> pd.DataFrame:
        """All rows as a table, with the grouping in the first column."""
        import pandas as pd

        return pd.DataFrame([{"grouping": g, **vars(row)} for g in _GROUPS for row in self.rows(g)])


class CauseTable:
    """Causes of the loss of one regime against a reference by group, added up block by block."""

    def __init__(self, actual: str, reference: str) -> None:
        self.actual, self.reference = actual, reference
        self.provisions: tuple[str, ...] = ()
        self._sums = {group: np.zeros((size, 0)) for group, size in _GROUPS.items()}

    def add(self, block: Block) -> None:
        """Count the people of one block."""
        causes = block.result.causes
        if causes is None:
            raise ValueError("the block was settled without causes")
        parts = causes.parts
        if not self.provisions:
            self.provisions = tuple(parts)
            self._sums = {group: np.zeros((size, 1 + len(parts))) for group, size in _GROUPS.items()}
        shares = np.stack(list(parts.values()), axis=1)
        known = np.isfinite(shares).all(axis=1)
        weight, shares = block.histories.arrays.weight[known], shares[known]
        members: dict[str, npt.NDArray[Any]] = {
            "all": np.zeros(weight.size, np.int64),
            "stars": block.result.stars[known],
        }
        members["form"] = block.main_form[known]
        for group, sums in self._sums.items():
            sums[:, 0] += np.bincount(members[group], weight, minlength=sums.shape[0])
            for k in range(shares.shape[1]):
                sums[:, 1 + k] += np.bincount(members[group], shares[:, k] * weight, minlength=sums.shape[0])

    def rows(self, group: str) -> list[CauseRow]:
        """The rows of ``"all"``, ``"stars"`` or ``"form"``."""
        labels = {"all": ("everybody",), "stars": STARS, "form": FORMS}[group]
        rows = []
        for label, line in zip(labels, self._sums[group], strict=True):
            means = dict(zip(self.provisions, (line[1:] / line[0]).tolist() if line[0] > 0.0 else (), strict=False))
            rows.append(CauseRow(label, float(line[0]), means))
        return rows

    def to_frame(self) -> pd.DataFrame:
        """All rows as a table, with the grouping in the first column; mean shares, yuan of the price year."""
        import pandas as pd

        rows = [(g, row) for g in _GROUPS for row in self.rows(g)]
        return pd.DataFrame([{"grouping": g, "group": r.group, "people": r.people, **r.means} for g, r in rows])


_CELLS: Final = {
    "all": [range(len(STARS) * len(FORMS))],
    "stars": [range(s * len(FORMS), (s + 1) * len(FORMS)) for s in range(len(STARS))],
    "form": [range(f, len(STARS) * len(FORMS), len(FORMS)) for f in range(len(FORMS))],
}
"""The cells of each group."""
_GROUPS: Final = {"all": 1, "stars": len(STARS), "form": len(FORMS)}


def _row(label: str, sums: dict[str, float]) -> LossRow:
    def mean(total: str, of: str) -> float | None:
        return float(sums[total] / sums[of]) if sums[of] > 0.0 else None

    return LossRow(
        label,
        float(sums["people"]),
        mean("losing", "people"),
        mean("gaining", "people"),
        mean("unchanged", "people"),
        mean("loss", "losing"),
        mean("loss_monthly", "losing"),
        mean("gain", "gaining"),
        mean("gain_monthly", "gaining"),
        mean("ratio", "with_ratio"),
    )
