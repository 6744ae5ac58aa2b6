"""A hash of the content of histories, fast enough to verify every block that is read.

Neither Arrow IPC nor the footer of Parquet carries checksums: a flipped bit in a base would give another, believable
pension. Files written here therefore hold one hash per block. It is no protection against intent.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pension._compile import kernel

if TYPE_CHECKING:
    from pension.histories import Histories


@kernel
def _mix(words: npt.NDArray[np.uint64], out: npt.NDArray[np.uint64]) -> None:
    """Four interleaved multiply-and-shift lanes; each step is a bijection, so one changed word changes its lane."""
    prime = np.uint64(0x9E3779B97F4A7C15)
    shift = np.uint64(29)
    a, b, c, d = out[0], out[1], out[2], out[3]
    whole = words.size - words.size % 4
    for i in range(0, whole, 4):
        a = (a ^ words[i]) * prime
        b = (b ^ words[i + 1]) * prime
        c = (c ^ words[i + 2]) * prime
        d = (d ^ words[i + 3]) * prime
        a ^= a >> shift
        b ^= b >> shift
        c ^= c >> shift
        d ^= d >> shift
    for i in range(whole, words.size):
        a = (a ^ words[i]) * prime
        a ^= a >> shift
    out[0], out[1], out[2], out[3] = a, b, c, d


def _digest(values: npt.NDArray[Any]) -> bytes:
    """Hash of the bytes of a contiguous array."""
    raw = np.ascontiguousarray(values).view(np.uint8).reshape(-1)
    whole = raw.size - raw.size % 8
    # A cut of a mapped column may begin at any multiple of its item size; words must be aligned.
    words = np.require(raw[:whole].view(np.uint64), requirements=["A", "C"]).view()
    words.flags.writeable = False
    lanes = np.arange(1, 5, dtype=np.uint64)
    _mix(words, lanes)
    return lanes.tobytes() + raw[whole:].tobytes()


def _add_column(total: hashlib.blake2b, name: str, column: pa.Array | pa.ChunkedArray) -> None:
    """Name, type, nulls and values, whatever the chunks and the bytes below nulls are."""
    array = column
    if isinstance(column, pa.ChunkedArray):
        array = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    kind = array.type
    total.update(f"{name}:{kind}:{len(array)};".encode())
    if array.null_count:
        total.update(_digest(array.is_null().to_numpy(zero_copy_only=False)))
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        total.update(_digest(array.fill_null(0).to_numpy() if array.null_count else array.to_numpy()))
    elif pa.types.is_string(kind) or pa.types.is_large_string(kind):
        filled = array.fill_null("") if array.null_count else array
        total.update(_digest(pc.binary_length(filled).to_numpy()))
        total.update(_digest(_text_bytes(filled)))
    else:
        total.update(repr(array.to_pylist()).encode())


def _text_bytes(array: pa.Array) -> npt.NDArray[np.uint8]:
    """The bytes of all strings, one after the other."""
    offset_type = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, offsets, data = array.buffers()
    if data is None or len(array) == 0:
        return np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, offset_type, array.offset + len(array) + 1)[array.offset :]
    return np.frombuffer(data, np.uint8)[int(ends[0]) : int(ends[-1])]


def content_checksum(histories: Histories) -> str:
    """Hexadecimal hash of identifiers, arrays, ``x_`` columns and questions.

    Where nobody has a dated registration, or nothing is asked, nothing of them is hashed: files of before stay valid.
    """
    total = hashlib.blake2b(digest_size=16)
    _add_column(total, "person", histories.person)
    dated = histories.arrays.registration_month.size > 0
    for name, values in histories.arrays._asdict().items():
        if name.startswith("registration_") and not dated:
            continue
        total.update(f"{name}:{values.dtype.str}:{values.size};".encode())
        total.update(_digest(values))
    for name in histories.extra.column_names:
        _add_column(total, name, histories.extra[name])
    for name in histories.questions.column_names:
        _add_column(total, name, histories.questions[name])
    return total.hexdigest()
