"""Opening what an analyst hands in: a case file, a nested table, long tables or histories in memory."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.errors import STRICT, Problem, RowPolicy, refuse
from pension.histories import ROWS, Histories
from pension.inputs.datasets import InMemory, NestedFiles, People, Piece, kind_of
from pension.law import ages
from pension.law.registry import plain
from pension.tables.dense import FIRST_YEAR, N_YEARS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from pension.inputs.sheets import TableFormat
    from pension.parameters import Parameters
    from pension.tables.dense import Tables

LongTable: TypeAlias = "pd.DataFrame | pa.Table | str | os.PathLike[str]"
Source: TypeAlias = (
    "str | os.PathLike[str] | pd.DataFrame | pa.Table | Histories | tuple[LongTable, LongTable] | Iterable[Histories]"
)
"""What ``open_input`` takes."""


@dataclass(frozen=True)
class Opened:
    """An input in pieces of people."""

    pieces: Callable[[], Iterator[Piece]]
    """All people; called once."""
    total: int | None
    """People in the input, None when that is known only at its end."""
    people: People | None = None
    """The input by numbers, where any stretch of it can be read again."""
    formats: tuple[TableFormat, ...] = ()
    """How long tables were read: kind, encoding, delimiter."""

    @property
    def blocks(self) -> Iterator[Histories]:
        """The people of all pieces."""
        return (piece.histories for piece in self.pieces())


class Lookups:
    """What readers of case files and long tables ask of the parameters."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables

    def reference_wage(self, places: npt.NDArray[np.int64], years: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """C[place, year] in yuan/month for GB/T 2260 codes and statistical years; NaN where unknown."""
        codes = np.asarray(places, dtype=np.int64)
        positions = np.array([schema.PLACE_INDEX.get(schema.province_of(int(c)), -1) for c in codes.ravel()], np.int64)
        column = np.asarray(years, dtype=np.int64).ravel() - FIRST_YEAR
        known = (positions >= 0) & (column >= 0) & (column < N_YEARS)
        found = np.full(positions.size, np.nan)
        found[known] = self._tables.reference_wage[positions[known], column[known]]
        return found.reshape(codes.shape)

    def statutory_month(self, birth: int, retirement_category: int) -> int:
        """Statutory award month (serial) of a birth month (serial) and retirement category."""
        original, first_birth, step, cap, _ = self._tables.ages[retirement_category]
        delay = plain(ages.retirement_delay.__name__)(birth, first_birth, step, cap)
        return int(plain(ages.statutory_month.__name__)(birth, original, delay))


def read_case(path: str | os.PathLike[str], parameters: Parameters | None = None) -> Histories:
    """The person of a case file (TOML), unchecked but for its form; ``pension.load_parameters()`` by default.

    Raises ``InputError`` naming the key and the rule it breaks.
    """
    lookups = Lookups(_or_default(parameters).tables)
    return Histories.from_case(path, reference_wage=lookups.reference_wage, statutory_month=lookups.statutory_month)


def _or_default(parameters: Parameters | None) -> Parameters:
    if parameters is not None:
        return parameters
    from pension.parameters import load

    return load()


def open_input(source: Source, tables: Tables, rows: int = ROWS, policy: RowPolicy = STRICT) -> Opened:
    """Pieces of at most ``rows`` people of a nested Parquet or Arrow IPC file or a directory of them, of histories, of
    a pair of long tables (people, records) or one that holds both, or of an iterable of histories.

    ``policy`` says what becomes of rows that break a rule of the readers.
    """
    if isinstance(source, Histories):
        return _of_people(InMemory(source), rows, policy, source.source.formats)
    if isinstance(source, tuple):
        if len(source) != 2:
            raise refuse("long tables come as a pair: (people, records)")
        return _long(source[0], source[1], tables, rows, policy)
    if isinstance(source, str | os.PathLike):
        path = Path(source)
        if path.is_dir() or kind_of(path):
            return _of_people(NestedFiles.open(path), rows, policy)
        return _long(path, None, tables, rows, policy)
    if hasattr(source, "columns"):  # a frame or Arrow table of people and records
        return _long(source, None, tables, rows, policy)
    if isinstance(source, Iterable):
        return Opened(lambda: _pieces_of(cast("Iterable[Histories]", source)), None)
    raise refuse("input is a file, a directory, histories, or long tables", value=type(source).__name__)


def _of_people(people: People, rows: int, policy: RowPolicy, formats: tuple[TableFormat, ...] = ()) -> Opened:
    def pieces() -> Iterator[Piece]:
        yield from people.pieces(0, people.total, rows, policy, people.twice(policy))

    return Opened(pieces, people.total, people, formats)


def _pieces_of(blocks: Iterable[Histories]) -> Iterator[Piece]:
    first = 0
    for block in blocks:
        yield Piece(first, len(block), block)
        first += len(block)


def _long(people: LongTable, records: LongTable | None, tables: Tables, rows: int, policy: RowPolicy) -> Opened:
    from pension.inputs.long_tables import read_long

    problems: list[Problem] = []
    left_out = [0]

    def collect(found: Sequence[Problem], count: int) -> None:
        problems.extend(found)
        left_out[0] += count

    mine = policy if policy.report is None else replace(policy, report=collect)
    whole = read_long(people, records, reference_wage=Lookups(tables).reference_wage, policy=mine)
    return _of_people(InMemory(whole, left_out[0], tuple(problems)), rows, policy, whole.source.formats)
