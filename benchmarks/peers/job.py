"""The equal small job: thirty full years in one province, no moves, the account and the pooled formula.

Everybody is paid for from January of the first year to December of the last and draws the pension in the same month,
so that a peer needs no calendar. Yearly steps, as each of the peers would write them:

    index_sum    = Σ base / reference_wage
    account(y)   = account(y - 1) · (1 + book_rate) + account_rate · base · (12 + book_rate / 12 · 78)
    account_R    = account(last) · (1 + award_rate / 12 · award_months)
    pension      = (P + P · index_sum / years) / 2 · years · 1 % + account_R / annuity_months

(78 = 12 + 11 + … + 1: January money earns twelve months, December money one.)
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Float = npt.NDArray[np.float64]

INTEREST_MONTHS: Final = 78.0


@dataclass(frozen=True)
class Job:
    """Bases of people and the parameters of one province."""

    first_year: int
    bases: Float
    """[year, person], yuan/month; one contiguous row a year."""
    reference_wage: Float
    """[year]: of the year before, yuan/month."""
    account_rate: Float
    """[year]: share of the base that goes to the account."""
    book_rate: Float
    """[year]: book interest of the account."""
    award_rate: float
    """Book interest of the award year."""
    award_months: int
    """Months of the award year that earn interest."""
    calculation_base: float
    annuity_months: float

    @property
    def years(self) -> int:
        """How many."""
        return int(self.bases.shape[0])

    @property
    def people(self) -> int:
        """How many."""
        return int(self.bases.shape[1])

    def of(self, people: int) -> Job:
        """The same job for the first people only."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        return Job(**{**values, "bases": np.ascontiguousarray(self.bases[:, :people])})

    def save(self, path: Path) -> None:
        """Write as one ``.npz`` file."""
        np.savez(path, **{field.name: getattr(self, field.name) for field in fields(self)})

    @staticmethod
    def load(path: Path) -> Job:
        """Read what ``save`` wrote."""
        with np.load(path) as found:
            values = {name: found[name] for name in found.files}
        return Job(**{name: value if value.ndim else value.item() for name, value in values.items()})
