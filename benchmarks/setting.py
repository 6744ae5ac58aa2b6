"""What all groups of measurements are told, and what they share."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters


@dataclass
class Setting:
    """One run of the benchmark."""

    persons: int
    rounds: int
    directory: Path
    """A temporary one, for files."""
    say: Callable[[str], None]
    quick: bool = False
    full: bool = False
    """With what takes minutes: ten million people from file to file."""
    peer_python: str = sys.executable
    """The interpreter that has the peers."""

    @cached_property
    def parameters(self) -> Parameters:
        """The shipped ones."""
        from pension.parameters import load

        return load()

    @cached_property
    def people(self) -> Histories:
        """The fixed cohort; made once."""
        from benchmarks.cohort import cohort

        return cohort(self.parameters, self.persons)
