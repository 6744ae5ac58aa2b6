"""Identifiers that are there twice, found in bounded memory: the identifiers are read again rather than kept.

Ascending identifiers, the usual case, are compared with the one before. Others are compared by number (or by a 64-bit
hash of the text), so many at a time; equal hashes are then compared by the texts themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pension.runs.tally_kernels import text_hashes

AT_ONCE: Final = 1 << 22
"""Identifiers compared at a time: 64 MB."""

Int = npt.NDArray[np.int64]


class Repeated(NamedTuple):
    """Rows, from 0, ascending."""

    again: Int
    """Rows whose identifier stood in a row before."""
    every: Int
    """All rows of such identifiers."""


def repeated_people(read: Callable[[], Iterator[pa.Array | int]], at_once: int = AT_ONCE) -> Repeated | None:
    """Which rows hold identifiers that are there twice; None when all differ. Nulls are no identifiers.

    ``read()`` gives the identifiers in pieces, the same at every call; a number instead of a piece is that many rows
    that cannot be read.
    """
    if _ascending(read()):
        return None
    total = sum(piece if isinstance(piece, int) else len(piece) for piece in read())
    rounds = -(-total // at_once)
    found = [_same_numbers(read(), number, rounds) for number in range(rounds)]
    rows = np.sort(np.concatenate(found)) if found else np.zeros(0, np.int64)
    if not rows.size:
        return None
    names = list(_named(read(), rows))
    seen: dict[Any, int] = {}
    again, every = [], set()
    for row, name in zip(rows.tolist(), names, strict=True):
        if name in seen:
            again.append(row)
            every |= {row, seen[name]}
        else:
            seen[name] = row
    if not again:
        return None
    return Repeated(np.array(again, np.int64), np.array(sorted(every), np.int64))


def _ascending(pieces: Iterator[pa.Array | int]) -> bool:
    last: Any = None
    for piece in pieces:
        if isinstance(piece, int) or len(piece) == 0:
            continue
        if piece.null_count or (last is not None and not last < piece[0].as_py()):
            return False
        if len(piece) > 1 and not pc.all(pc.less(piece[:-1], piece[1:])).as_py():
            return False
        last = piece[-1].as_py()
    return True


def _numbers(piece: pa.Array) -> npt.NDArray[np.uint64]:
    """Equal for equal identifiers."""
    if pa.types.is_integer(piece.type):
        numbers: Any = piece.fill_null(0).to_numpy()
        return np.asarray(numbers).view(np.uint64)
    texts = piece.cast(pa.large_string()).fill_null("")
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1, 8 * texts.offset)
    content = np.frombuffer(b"\0" if data is None else data, np.uint8)
    out = np.empty(len(texts), np.uint64)
    with np.errstate(over="ignore"):
        text_hashes(content, ends, out)
    return out


def _same_numbers(pieces: Iterator[pa.Array | int], number: int, rounds: int) -> Int:
    """Rows whose number stands in another row too, of the numbers of this round."""
    kept, rows, first = [], [], 0
    for piece in pieces:
        if isinstance(piece, int):
            first += piece
            continue
        numbers = _numbers(piece)
        chosen = piece.is_valid().to_numpy(zero_copy_only=False)
        if rounds > 1:
            # The upper half of a product spreads running numbers over the rounds.
            spread = (numbers * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
            chosen &= spread % np.uint64(rounds) == number
        at = np.flatnonzero(chosen)
        kept.append(numbers[at])
        rows.append(at + first)
        first += len(piece)
    if not kept:
        return np.zeros(0, np.int64)
    of, row = np.concatenate(kept), np.concatenate(rows)
    order = np.argsort(of, kind="stable")
    of = of[order]
    same = np.zeros(of.size, np.bool_)
    same[1:] = of[1:] == of[:-1]
    same[:-1] |= same[1:]
    return row[order[same]]


def _named(pieces: Iterator[pa.Array | int], rows: Int) -> Iterator[Any]:
    """The identifiers of these rows, ascending."""
    first = 0
    for piece in pieces:
        if isinstance(piece, int):
            first += piece
            continue
        begin, end = np.searchsorted(rows, [first, first + len(piece)])
        if end > begin:
            yield from piece.take(pa.array(rows[begin:end] - first)).to_pylist()
        first += len(piece)
