"""Keyed hashes instead of identifiers: the same person has the same hash under one key, and no hash gives a name away.

HMAC-SHA-256 (RFC 2104, FIPS 198-1) of the identifier's text, cut to 128 bits and written as 32 hexadecimal digits. Two
of n people share a hash with a probability of about n² / 2^129: 1.5e-23 for a hundred million people. It is checked
nevertheless.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from pension.errors import refuse

MIN_KEY_BYTES: Final = 16
HEX_DIGITS: Final = 32


class IdentifierHash:
    """The hash under one key; called with an identifier it gives 32 hexadecimal digits. The key is never shown."""

    __slots__ = ("_key", "_seen")

    def __init__(self, key: bytes) -> None:
        if len(key) < MIN_KEY_BYTES:
            raise refuse(f"a key has at least {MIN_KEY_BYTES} bytes, this one {len(key)}", column="--hash-ids")
        self._key = key
        self._seen: list[np.ndarray[tuple[int], np.dtype[np.void]]] = []

    @classmethod
    def of_file(cls, path: str | os.PathLike[str]) -> IdentifierHash:
        """The key is all bytes of the file, a line break at its end included."""
        try:
            key = Path(path).read_bytes()
        except FileNotFoundError as error:
            raise refuse("the key file does not exist", file=str(path)) from error
        except OSError as error:
            raise refuse("the key file cannot be read", file=str(path)) from error
        if len(key) < MIN_KEY_BYTES:
            raise refuse(f"a key file has at least {MIN_KEY_BYTES} bytes, this one {len(key)}", file=str(path))
        return cls(key)

    def __call__(self, identifier: object) -> str:
        return hmac.digest(self._key, str(identifier).encode(), hashlib.sha256).hex()[:HEX_DIGITS]

    def __reduce__(self) -> tuple[type[IdentifierHash], tuple[bytes]]:
        return type(self), (self._key,)

    def column(self, person: pa.Array, note: bool = True) -> pa.Array:
        """The hashes of different people; ``note`` keeps them for ``require_distinct``."""
        hashes = [self(identifier) for identifier in person.to_pylist()]
        if not note:
            return pa.array(hashes, pa.string())
        # Sixteen bytes a person: all that is kept over a run.
        self._seen.append(np.frombuffer(b"".join(bytes.fromhex(text) for text in hashes), dtype=f"V{HEX_DIGITS // 2}"))
        return pa.array(hashes, pa.string())

    def require_distinct(self) -> None:
        """Raise ``InputError`` where two people of all columns so far have the same hash."""
        if not self._seen:
            return
        seen = np.concatenate(self._seen)
        if np.unique(seen).size != seen.size:
            rule = "two people have the same hash: an identifier is there twice, or two identifiers collide"
            raise refuse(f"{rule}; use another key", column="person")
