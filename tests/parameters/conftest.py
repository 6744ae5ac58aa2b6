"""Help for the tests of parameters: lookups by code, year and month, and overlays written in place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy.typing as npt
import pytest

from pension import schema
from pension.parameters import Parameters, load
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR


def year(table: npt.NDArray, place: int, of: int) -> float:  # type: ignore[type-arg]
    """The value of a place code and calendar year."""
    return float(table[schema.PLACE_INDEX[place], of - FIRST_YEAR])


def month(table: npt.NDArray, place: int, of: str) -> float:  # type: ignore[type-arg]
    """The value of a place code and month."""
    return float(table[schema.PLACE_INDEX[place], schema.month_serial(of) - FIRST_MONTH])


@pytest.fixture(scope="session")
def shipped() -> Parameters:
    return load()


@pytest.fixture
def overlay(tmp_path: Path) -> Callable[..., Path]:
    """Writes files into an overlay directory and returns it."""

    def write(**files: str) -> Path:
        for name, text in files.items():
            folder, _, rest = name.partition("_")
            path = tmp_path / "overlay" / folder / (rest + (".csv" if folder in {"provinces", "life"} else ".toml"))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path / "overlay"

    return write
