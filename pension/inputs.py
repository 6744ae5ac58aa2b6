"""Opening what an analyst hands in: a case file, a nested table, long tables or histories in memory."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.errors import STRICT, RowPolicy, refuse
from pension.histories import ROWS, Histories
from pension.history_files import iter_ipc, iter_parquet
from pension.law import ages
from pension.law.registry import plain
from pension.tables import FIRST_YEAR, N_YEARS

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from pension.identifiers import IdentifierHash
    from pension.parameters import Parameters
    from pension.sheets import TableFormat
    from pension.tables import Tables

LongTable: TypeAlias = "pd.DataFrame | pa.Table | str | os.PathLike[str]"
Source: TypeAlias = (
    "str | os.PathLike[str] | pd.DataFrame | pa.Table | Histories | tuple[LongTable, LongTable] | Iterable[Histories]"
)
"""What ``open_input`` takes."""

_IPC_SUFFIXES: Final = (".arrow", ".ipc", ".feather")
_MAGIC: Final = {b"PAR1": "parquet", b"ARRO": "ipc"}


@dataclass(frozen=True)
class Opened:
    """An input in blocks of people."""

    blocks: Iterator[Histories]
    total: int | None
    """People in the input, None when that is known only at its end."""
    path: Path | None = None
    formats: tuple[TableFormat, ...] = ()
    """How long tables were read: kind, encoding, delimiter."""


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


def open_input(
    source: Source,
    tables: Tables,
    rows: int = ROWS,
    policy: RowPolicy = STRICT,
    hashed: IdentifierHash | None = None,
) -> Opened:
    """Blocks of at most ``rows`` people of a nested Parquet or Arrow IPC file, of histories, of a pair of long tables
    (people, records) or one that holds both, or of an iterable of histories.

    ``policy`` says what becomes of rows that break a rule of the readers, ``hashed`` replaces identifiers.
    """
    opened = _opened(source, tables, rows, policy)
    return opened if hashed is None else replace(opened, blocks=_hashed(opened.blocks, hashed))


def _opened(source: Source, tables: Tables, rows: int, policy: RowPolicy) -> Opened:
    if isinstance(source, Histories):
        return Opened(_slices(source, rows), len(source), formats=source.source.formats)
    if isinstance(source, tuple):
        if len(source) != 2:
            raise refuse("long tables come as a pair: (people, records)")
        return _long(source[0], source[1], tables, rows, policy)
    if isinstance(source, str | os.PathLike):
        return _open_file(Path(source), tables, rows, policy)
    if hasattr(source, "columns"):  # a frame or Arrow table of people and records
        return _long(source, None, tables, rows, policy)
    if isinstance(source, Iterable):
        return Opened(iter(cast("Iterable[Histories]", source)), None)
    raise refuse("input is a file, histories, or long tables", value=type(source).__name__)


def _long(people: LongTable, records: LongTable | None, tables: Tables, rows: int, policy: RowPolicy) -> Opened:
    from pension.long_tables import read_long

    whole = read_long(people, records, reference_wage=Lookups(tables).reference_wage, policy=policy)
    return Opened(_slices(whole, rows), len(whole), formats=whole.source.formats)


def _hashed(blocks: Iterator[Histories], hashed: IdentifierHash) -> Iterator[Histories]:
    for block in blocks:
        yield replace(block, person=hashed.column(block.person), source=replace(block.source, hashed=True))
    hashed.require_distinct()


def _slices(histories: Histories, rows: int) -> Iterator[Histories]:
    for start in range(0, max(len(histories), 1), rows):
        yield histories.slice(start, start + rows)


def _open_file(path: Path, tables: Tables, rows: int, policy: RowPolicy) -> Opened:
    kind = _kind(path)
    if kind == "parquet":
        return Opened(iter_parquet(path, rows, policy), _parquet_rows(path), path)
    if kind == "ipc":
        return Opened(iter_ipc(path, rows, policy), None, path)
    return _long(path, None, tables, rows, policy)


def _kind(path: Path) -> str:
    """By content; a damaged file goes to the reader its name asks for, which says what is wrong. A file of neither
    kind is a long table that holds people and records."""
    try:
        with path.open("rb") as file:
            found = _MAGIC.get(file.read(4))
    except OSError as error:
        reason = "the file does not exist" if isinstance(error, FileNotFoundError) else "the file cannot be read"
        raise refuse(reason, file=str(path)) from error
    if found is not None:
        return found
    if path.suffix.lower() == ".parquet":
        return "parquet"
    return "ipc" if path.suffix.lower() in _IPC_SUFFIXES else "table"


def _parquet_rows(path: Path) -> int | None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return int(pq.read_metadata(path).num_rows)
    except (pa.ArrowException, OSError, ValueError):
        return None  # the reader says what is wrong
