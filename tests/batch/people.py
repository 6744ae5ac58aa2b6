"""Hand-made people for the tests of batches: small careers over two schemes and several provinces."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pension.histories import Histories
from pension.schema import month_serial

Record = tuple[int, int, int, int, float]
"""Year, scheme, form, place, base; all twelve months."""

FULL_YEAR = 4095


def career(kind: int, offset: int) -> list[Record]:
    """One of six careers; ``offset`` (0..9) makes the amounts differ."""
    pay = 3000.0 + 100.0 * offset
    stay = [(y, 1, 0, 44, pay) for y in range(2000, 2016 + offset)]
    move = [(y, 1, 0, 44, pay) for y in range(2000, 2012)] + [(y, 1, 0, 41, 0.6 * pay) for y in range(2012, 2022)]
    short = [(y, 1, 4, 33, pay) for y in range(2010, 2015)] + [(y, 2, 3, 41, 500.0) for y in range(2015, 2022)]
    resident = [(y, 2, 3, 41, 300.0) for y in range(2010, 2025)]
    overlap = sorted([*short, *((y, 2, 3, 41, 200.0) for y in (2012, 2013))])
    return [stay, move, short, resident, overlap, []][kind]


def people(count: int, first: int = 0, **changes: Any) -> Histories:
    """Men born 1966 to 1969 with the careers in turn; every sixth has no record at all, so no right."""
    columns: dict[str, list[Any]] = {name: [] for name in ("birth", "hukou", "hukou_type", "weight")}
    records: dict[str, list[Any]] = {name: [] for name in ("year", "scheme", "form", "place", "base")}
    offsets = [0]
    for number in range(first, first + count):
        columns["birth"].append(month_serial("1966-03") + number % 37)
        columns["hukou"].append((41, 44, 4101)[number % 3])
        columns["hukou_type"].append(1 + number % 2)
        columns["weight"].append(1.0 + number % 4)
        for record in career(number % 6, number % 10):
            for name, value in zip(records, record, strict=True):
                records[name].append(value)
        offsets.append(len(records["year"]))
    n_records = len(records["year"])
    extra = pa.table(
        {
            "x_group": pa.array(
                [f"g{number % 5}" for number in range(first, first + count)], pa.string()
            ).dictionary_encode(),
            "x_number": pa.array(range(first, first + count), pa.int32()),
        }
    )
    everything: dict[str, Sequence[Any]] = {
        "sex": [1] * count,
        "retirement_category": [1] * count,
        "months": [FULL_YEAR] * n_records,
        "offsets": offsets,
        **columns,
        **records,
        **changes,
    }
    names = pa.array([f"P{number:05d}" for number in range(first, first + count)], pa.string())
    return Histories.build(names, everything, extra)
