"""Cutting, choosing and joining the arrays of histories: records and dated registrations follow their people.

``offsets`` and ``registration_offsets`` say which entries of the ragged columns are whose; everything else has one
entry a person. Results are C-contiguous and read-only, as kernels want them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension.checks.range_check import HistoryArrays
from pension.inputs.nested_table import DTYPES, RECORD_TYPES, REGISTRATION_FIELDS, as_fixed

Int = npt.NDArray[np.int64]
Columns = dict[str, npt.NDArray[Any]]

_RAGGED: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("offsets", tuple(RECORD_TYPES)),
    ("registration_offsets", REGISTRATION_FIELDS),
)
"""Offsets, and the columns they cut."""
OF_PERSON: Final = tuple(
    name for name in DTYPES if all(name != offsets and name not in columns for offsets, columns in _RAGGED)
)
"""Columns of one entry a person."""


def _fixed(columns: Columns) -> HistoryArrays:
    return HistoryArrays(**{name: as_fixed(columns[name], dtype, name) for name, dtype in DTYPES.items()})


def ends(counts: Int) -> Int:
    """Offsets of so many entries each: 0, and the cumulated counts."""
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def between(arrays: HistoryArrays, start: int, stop: int) -> HistoryArrays:
    """The people ``start`` .. ``stop - 1``; the numbers are shared, except offsets."""
    columns = {name: getattr(arrays, name)[start:stop] for name in OF_PERSON}
    for name, ragged in _RAGGED:
        offsets = getattr(arrays, name)
        first, last = int(offsets[start]), int(offsets[stop])
        columns |= {column: getattr(arrays, column)[first:last] for column in ragged}
        columns[name] = offsets[start : stop + 1] - first
    return _fixed(columns)


def chosen(arrays: HistoryArrays, keep: npt.NDArray[np.bool_]) -> HistoryArrays:
    """The people of ``keep`` [n]."""
    columns = {name: getattr(arrays, name)[keep] for name in OF_PERSON}
    for name, ragged in _RAGGED:
        counts = np.diff(getattr(arrays, name))
        kept = np.repeat(keep, counts)
        columns |= {column: getattr(arrays, column)[kept] for column in ragged}
        columns[name] = ends(counts[keep])
    return _fixed(columns)


def joined(parts: Sequence[HistoryArrays]) -> HistoryArrays:
    """The people of several arrays, one after the other; at least one."""
    columns: Columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in DTYPES}
    for name, _ in _RAGGED:
        columns[name] = ends(np.concatenate([np.diff(getattr(part, name)) for part in parts]))
    return _fixed(columns)


def with_records(arrays: HistoryArrays, offsets: npt.NDArray[np.integer], records: Columns) -> HistoryArrays:
    """The same people with other records: ``offsets`` [n + 1] and every column of the records."""
    columns = {name: getattr(arrays, name) for name in DTYPES}
    return _fixed({**columns, **records, "offsets": np.asarray(offsets)})


def owners(offsets: npt.NDArray[np.integer]) -> Int:
    """[entry]: position of its person."""
    return np.repeat(np.arange(offsets.size - 1, dtype=np.int64), np.diff(offsets))
