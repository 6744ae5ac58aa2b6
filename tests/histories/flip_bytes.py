"""Flip bytes of a small file and read it: run in its own process by the tests, since a crash would end it.

Usage: flip_bytes.py (ipc|parquet) SEED FLIPS. Prints how often the result was refused, identical and different.
"""

from __future__ import annotations

import faulthandler
import random
import sys
import tempfile
from pathlib import Path

import pyarrow as pa

from pension.histories import Histories, InputError, read_ipc, read_parquet, write_ipc, write_parquet


def example() -> Histories:
    columns = {
        "sex": [1, 2, 1],
        "retirement_category": [1, 3, 1],
        "birth": [23594, 23705, 23640],
        "hukou": [41, 4403, 11],
        "hukou_type": [2, 1, 1],
        "claim": [-1, 24360, -1],
        "offsets": [0, 2, 3, 4],
        "year": [2000, 2011, 2005, 2006],
        "months": [4095, 4095, 7, 1],
        "scheme": [1, 2, 1, 1],
        "form": [0, 3, 0, 0],
        "place": [44, 41, 44, 11],
        "base": [1000.0, 500.0, 3000.0, 1.0],
    }
    return Histories.build(["a1", "b2", "c3"], columns, pa.table({"x_a": [1.5, None, 2.0], "x_b": ["u", "v", None]}))


def main(kind: str, seed: int, flips: int) -> None:
    faulthandler.enable()
    write, read = (write_ipc, read_ipc) if kind == "ipc" else (write_parquet, read_parquet)
    chance = random.Random(seed)
    histories = example()
    wanted = histories.checksum()
    counts = {"refused": 0, "identical": 0, "different": 0}
    with tempfile.TemporaryDirectory() as directory:
        whole, damaged = Path(directory) / "whole", Path(directory) / "damaged"
        write(whole, histories, rows=2)
        assert read(whole).checksum() == wanted
        content = whole.read_bytes()
        for _ in range(flips):
            data = bytearray(content)
            for _ in range(chance.choice((1, 1, 1, 2, 8))):
                data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
            damaged.unlink(missing_ok=True)  # the last one may still be mapped
            damaged.write_bytes(data)
            try:
                found = read(damaged).checksum()
            except InputError:
                counts["refused"] += 1
            else:
                counts["identical" if found == wanted else "different"] += 1
    print(*counts.values())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
