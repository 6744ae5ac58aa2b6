"""Counts, sums, means and quantiles by group, added up on the way and the same whatever the order.

Everything added is a whole number: people; weights in units of 2^-20; amounts in fen (ratios in 10^-9, months in 1),
rounded once a person; weighted amounts in 2^-10 of that. Two aggregates of different people therefore merge to the
same bits in any order and any cut. Quantiles come from a logarithmic histogram of whole counts with 64 bins an octave:
within 1/128 (0.8 %) of the amount at that rank, either sign; amounts below half a fen are zero. Who has no value is
counted with the reason and left out of means and quantiles.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pension.errors import refuse
from pension.kernels import award_fields
from pension.losses import REASONS as MEASURE_REASONS
from pension.losses import measure
from pension.runs.aggregate_keys import Key, Label, combined, order_of
from pension.runs.result_layout import Layout, absent
from pension.runs.tally_kernels import (
    AMOUNT_BITS,
    BIN_SHIFT,
    BINS,
    N_SUMS,
    NEGATIVE,
    SUM_HIGH,
    SUM_LOW,
    WEIGHT_BITS,
    WEIGHTED_HIGH,
    WEIGHTED_LOW,
    add_amounts,
    merge_bins,
)

if TYPE_CHECKING:
    import pandas as pd

    from pension.runs.settling import Block

Int = npt.NDArray[np.int64]

NO_VALUE: Final = max(MEASURE_REASONS) + 1
REASONS: Final = {**MEASURE_REASONS, NO_VALUE: "the value does not exist for this person"}
"""Why a person has no value of a quantity."""
RELATIVE_ERROR: Final = 1.0 / 128.0
"""Of a quantile, against the amount at that rank."""
QUANTILES: Final = (0.1, 0.25, 0.5, 0.75, 0.9)
MOST_GROUPS: Final = 100_000
SUFFIXES: Final = (".csv", ".json", ".parquet")
_FIRST_SLOTS: Final = 1 << 12
_NOT_AMOUNTS: Final = (
    *("status", "route", "claim_place", "claim_branch", "resident_start", "irr_status", "irr_roots", "price"),
)
_RATIOS: Final = ("average_index", "replacement_rate", "resident_share", "moneys_worth", "irr")
_COUNTS: Final = {"employee_months": "months", "resident_months": "months", "premium_years": "years"}
_OF_PRICE_YEAR: Final = ("pw", "npw", "own_contributions", "all_contributions")
_YUAN: Final = (
    *("employee_balance", "resident_balance", "pw_r0", "refund", "lump_sum", "backpay"),
    *("settled_balance", "settled_principal", "dropped_refund", "forfeited", "contributed"),
)
_MEASURE_UNITS: Final = {"L6": ("years", 10**9), "L7": ("yuan of R0", 100)}
"""Measures that are no ratios."""

Values = tuple[npt.NDArray[np.float64], npt.NDArray[np.int8]]


@dataclass(frozen=True)
class Quantity:
    """Something that is summed."""

    name: str
    unit: str
    per_unit: int
    """Whole numbers in 1: 100 (fen), 10^9, or 1."""
    values: Callable[[Block], Values]
    """(value, reason) [person]; reason 0 where there is a value."""


def quantities_of(layout: Layout) -> tuple[Quantity, ...]:
    """What a run of this layout sums: amounts by regime, differences and measures by pair."""
    found = []
    for regime in layout.regimes:
        for name in layout.columns:
            if name in _NOT_AMOUNTS:
                continue
            unit, per_unit = _unit(name)
            found.append(Quantity(f"{name}_{regime.name}", unit, per_unit, _of_regime(name, regime.name)))
    for a, b in layout.pairs:
        yuan = "yuan of the price year"
        found.append(Quantity(f"loss_{a}__{b}", yuan, 100, _of_loss(a, b)))
        found.append(Quantity(f"loss_monthly_{a}__{b}", "yuan/month", 100, _of_monthly(a, b)))
        for name in layout.measures:
            unit, per_unit = _MEASURE_UNITS.get(name, ("ratio", 10**9))
            found.append(Quantity(f"{name.lower()}_{a}__{b}", unit, per_unit, _of_measure(name, a, b)))
    return tuple(found)


def _unit(name: str) -> tuple[str, int]:
    if name in _RATIOS:
        return "ratio", 10**9
    if name in _COUNTS:
        return _COUNTS[name], 10**9
    if name in _OF_PRICE_YEAR:
        return "yuan of the price year", 100
    return ("yuan" if name in _YUAN else "yuan/month"), 100


def _of_regime(name: str, regime: str) -> Callable[[Block], Values]:
    def values(block: Block) -> Values:
        columns = block.columns[regime]
        return _with_reason(columns[name], absent(name, columns), columns["status"])

    return values


def _of_loss(a: str, b: str) -> Callable[[Block], Values]:
    def values(block: Block) -> Values:
        value, reason = measure("L1", block.columns[a], block.columns[b])
        return _with_reason(value, reason != award_fields.DEFINED, _reason_of_pair(block, a, b))

    return values


def _of_monthly(a: str, b: str) -> Callable[[Block], Values]:
    def values(block: Block) -> Values:
        reason = _reason_of_pair(block, a, b)
        more = block.columns[b]["monthly"] - block.columns[a]["monthly"]
        return _with_reason(more, reason != award_fields.DEFINED, reason)

    return values


def _of_measure(name: str, a: str, b: str) -> Callable[[Block], Values]:
    def values(block: Block) -> Values:
        value, reason = measure(name, block.columns[a], block.columns[b])
        return _with_reason(value, reason != award_fields.DEFINED, reason)

    return values


def _reason_of_pair(block: Block, a: str, b: str) -> npt.NDArray[np.float64]:
    """That of the regime, then that of the reference."""
    actual, reference = (block.columns[regime]["status"] for regime in (a, b))
    return np.where(actual != award_fields.DEFINED, actual, reference)


def _with_reason(values: npt.NDArray[np.float64], none: npt.NDArray[np.bool_], status: npt.NDArray[Any]) -> Values:
    """0 where there is no value, for the reason ``status`` or because it does not exist."""
    reason = np.where(none & (status == award_fields.DEFINED), NO_VALUE, status)
    return np.where(none, 0.0, values), reason.astype(np.int8)


class _Sums:
    """One quantity: arrays that grow with the groups, and the histogram as an open hash table."""

    def __init__(self) -> None:
        self.counts = np.zeros((0, 2), np.int64)
        self.sums = np.zeros((0, N_SUMS), np.int64)
        self.undefined = np.zeros((0, NO_VALUE + 1, 2), np.int64)
        self._empty(_FIRST_SLOTS)

    def _empty(self, slots: int) -> None:
        self.keys = np.full(slots, -1, np.int64)
        self.tallies = np.zeros((slots, 2), np.int64)
        self.used = np.zeros(1, np.int64)

    def room(self, groups: int) -> None:
        """Have at least so many groups."""
        if groups > self.counts.shape[0]:
            size = max(16, groups, 2 * self.counts.shape[0])
            for name in ("counts", "sums", "undefined"):
                old = getattr(self, name)
                new = np.zeros((size, *old.shape[1:]), np.int64)
                new[: old.shape[0]] = old
                setattr(self, name, new)

    def add(
        self, rows: Int, weights: npt.NDArray[np.float64], values: npt.NDArray[np.float64], reasons: Any, per_unit: int
    ) -> int:
        """Add amounts; -1, or the position of one that is too large."""
        at, n = 0, rows.size
        values = np.ascontiguousarray(values)
        bits = values.view(np.int64)
        reasons = np.ascontiguousarray(reasons, dtype=np.int64)
        while at < n:
            at = add_amounts(
                at, rows, weights, values, bits, reasons, float(per_unit), self.counts, self.sums, self.undefined,
                self.keys, self.tallies, self.used,
            )  # fmt: skip
            if at < 0:
                return -1 - at
            if at < n:
                self._grow(4 * self.keys.size)
        return -1

    def _grow(self, slots: int) -> None:
        keys, tallies = self.keys, self.tallies
        self._empty(slots)
        merge_bins(keys, tallies, self.keys, self.tallies, self.used)

    def merge(self, other: _Sums, row_of: Int) -> None:
        """Add another one whose group g is here ``row_of[g]``; rows are distinct."""
        for name in ("counts", "undefined"):
            getattr(self, name)[row_of] += getattr(other, name)[: row_of.size]
        mine, theirs = self.sums, other.sums[: row_of.size]
        for low, high in ((SUM_LOW, SUM_HIGH), (WEIGHTED_LOW, WEIGHTED_HIGH)):
            total = mine[row_of, low] + theirs[:, low]
            mine[row_of, low] = total & 0xFFFFFFFF
            mine[row_of, high] += theirs[:, high] + (total >> 32)
        keys, tallies = other.bins()
        need = 4 * (int(self.used[0]) + keys.size)
        if need > self.keys.size:
            self._grow(max(_FIRST_SLOTS, 1 << need.bit_length()))
        merge_bins(row_of[keys // BINS] * BINS + keys % BINS, tallies, self.keys, self.tallies, self.used)

    def bins(self) -> tuple[Int, Int]:
        """Filled bins by key."""
        filled = np.flatnonzero(self.keys >= 0)
        order = filled[np.argsort(self.keys[filled])]
        return self.keys[order], self.tallies[order]

    def total(self, row: int) -> tuple[int, int]:
        """Sum and weighted sum, whole numbers."""
        line = self.sums[row].tolist()
        return (line[SUM_HIGH] << 32) + line[SUM_LOW], (line[WEIGHTED_HIGH] << 32) + line[WEIGHTED_LOW]


class Aggregates:
    """Everything of one grouping."""

    def __init__(self, by: Sequence[str], layout: Layout) -> None:
        """``by``: names of ``aggregate_keys.KEYS`` or ``x_`` columns; none = everybody in one group."""
        self.by = tuple(by)
        twice = next((name for name in self.by if self.by.count(name) > 1), None)
        if twice is not None:
            raise refuse("a group is named twice", column="--by", value=twice)
        self.keys = tuple(Key.of(name, [regime.name for regime in layout.regimes]) for name in self.by)
        self.quantities = quantities_of(layout)
        self._labels: list[tuple[Label, ...]] = []
        self._row_of: dict[tuple[Label, ...], int] = {}
        self._sums = tuple(_Sums() for _ in self.quantities)

    def add(self, block: Block) -> None:
        """Add the people of one block."""
        local, labels = combined(self.keys, block)
        rows = self._rows(labels)[local] if labels else local
        weights = block.histories.arrays.weight
        if float(weights.sum()) >= 2.0**40:
            raise refuse("the weights add up to more than can be added exactly", column="weight")
        for quantity, sums in zip(self.quantities, self._sums, strict=True):
            values, reasons = quantity.values(block)
            wrong = sums.add(rows, weights, values, reasons, quantity.per_unit)
            if wrong >= 0:
                rule = "the amount, or the amount times the weight, is too large to be added exactly"
                raise refuse(rule, column=quantity.name, value=f"{values[wrong]:g} x {weights[wrong]:g}")
            if sums.counts[:, 1].min(initial=0) < 0 or sums.undefined[:, :, 1].min(initial=0) < 0:
                raise refuse("the weights add up to more than can be added exactly", column="weight")

    def _rows(self, labels: Iterable[tuple[Label, ...]]) -> Int:
        found = []
        for label in labels:
            row = self._row_of.setdefault(label, len(self._labels))
            if row == len(self._labels):
                self._labels.append(label)
                if row >= MOST_GROUPS:
                    raise refuse(f"more than {MOST_GROUPS:,} groups", column="--by", value=",".join(self.by))
            found.append(row)
        for sums in self._sums:
            sums.room(len(self._labels))
        return np.array(found, np.int64)

    def merge(self, other: Aggregates) -> None:
        """Add the people of another one; in any order the result is the same."""
        if (self.by, [q.name for q in self.quantities]) != (other.by, [q.name for q in other.quantities]):
            raise ValueError("aggregates of other groups or quantities")
        row_of = self._rows(other._labels)
        for mine, theirs in zip(self._sums, other._sums, strict=True):
            mine.merge(theirs, row_of)

    # ------------------------------------------------------------------ kept between runs

    def state(self) -> dict[str, Any]:
        """For ``arrays_json``; equal for equal content. ``restore`` takes it back."""
        order = sorted(range(len(self._labels)), key=lambda row: order_of(self._labels[row]))
        new_row = np.empty(len(order), np.int64)
        new_row[order] = np.arange(len(order))
        out: dict[str, Any] = {"by": list(self.by), "groups": [list(self._labels[row]) for row in order]}
        for quantity, sums in zip(self.quantities, self._sums, strict=True):
            keys, tallies = sums.bins()
            keys = new_row[keys // BINS] * BINS + keys % BINS
            sort = np.argsort(keys)
            out[quantity.name] = {
                "counts": sums.counts[order],
                "sums": sums.sums[order],
                "undefined": sums.undefined[order],
                "keys": keys[sort],
                "tallies": tallies[sort],
            }
        return out

    def restore(self, state: dict[str, Any]) -> None:
        """Put back what ``state`` gave."""
        self._labels, self._row_of = [], {}
        self._sums = tuple(_Sums() for _ in self.quantities)
        self._rows(tuple(label) for label in state["groups"])
        n = len(self._labels)
        for quantity, sums in zip(self.quantities, self._sums, strict=True):
            kept = state[quantity.name]
            for name in ("counts", "sums", "undefined"):
                getattr(sums, name)[:n] = kept[name]
            sums._grow(max(_FIRST_SLOTS, 1 << (4 * kept["keys"].size).bit_length()))
            merge_bins(kept["keys"], kept["tallies"], sums.keys, sums.tallies, sums.used)

    # ------------------------------------------------------------------ reading

    @property
    def groups(self) -> list[tuple[Label, ...]]:
        """Labels of the groups, in order."""
        return sorted(self._labels, key=order_of)

    def rows(self) -> list[dict[str, Any]]:
        """One row a group and quantity: the columns of ``by``, ``quantity``, ``unit``; ``people`` and their ``weight``
        with a value; ``undefined`` people and ``undefined_weight`` without, ``reasons`` by code (``REASONS``);
        ``negative``, ``zero``, ``positive`` people; ``sum`` (weighted), ``mean`` (weighted), ``mean_of_people``
        (unweighted), ``p10`` .. ``p90`` (weighted). None where nobody has a value."""
        bins = [_Bins(sums) for sums in self._sums]
        out = []
        for label in self.groups:
            row = self._row_of[label]
            for quantity, sums, of in zip(self.quantities, self._sums, bins, strict=True):
                out.append({**dict(zip(self.by, label, strict=True)), **_line(quantity, sums, of, row)})
        return out

    def quantile(self, quantity: str, q: float, group: tuple[Label, ...] = (), weighted: bool = True) -> float | None:
        """The amount that a share ``q`` of the people of a group (by weight) does not exceed, within
        ``RELATIVE_ERROR``; None where nobody has a value."""
        position = self._position(quantity)
        return _Bins(self._sums[position]).quantile(self._row_of[group], q, weighted)

    def _position(self, quantity: str) -> int:
        names = [known.name for known in self.quantities]
        if quantity not in names:
            raise refuse(f"unknown quantity; known: {', '.join(names)}", column="quantity", value=quantity)
        return names.index(quantity)

    def frame(self) -> pd.DataFrame:
        """``rows`` as a table."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def matrix(self, quantity: str, statistic: str = "mean") -> pd.DataFrame:
        """A grouping by two columns as a matrix, for instance province x province (``by`` = origin, destination): the
        first column down, the second across; a statistic of ``rows``; missing where nobody is."""
        import pandas as pd

        if len(self.by) != 2:
            raise refuse("a matrix needs a grouping by two columns", column="--by", value=",".join(self.by))
        rows = [row for row in self.rows() if row["quantity"] == self.quantities[self._position(quantity)].name]
        down, across = (list(dict.fromkeys(label[axis] for label in self.groups)) for axis in (0, 1))
        across.sort(key=lambda part: order_of((part,)))
        cells = {(row[self.by[0]], row[self.by[1]]): row[statistic] for row in rows}
        values = [[cells.get((a, b)) for b in across] for a in down]
        return pd.DataFrame(values, index=pd.Index(down, name=self.by[0]), columns=pd.Index(across, name=self.by[1]))


class _Bins:
    """The histogram of one quantity, sorted by group and amount."""

    def __init__(self, sums: _Sums) -> None:
        keys, self.tallies = sums.bins()
        group, place = keys // BINS, keys % BINS
        of_size = place % NEGATIVE
        signed = np.where(place == 0, 0, np.where(place >= NEGATIVE, -of_size, of_size))
        order = np.lexsort((signed, group))
        self.group, self.signed, self.tallies = group[order], signed[order], self.tallies[order]

    def of(self, row: int) -> slice:
        begin, end = np.searchsorted(self.group, [row, row + 1])
        return slice(int(begin), int(end))

    def signs(self, row: int) -> tuple[int, int, int]:
        """People with a negative, a zero, a positive amount."""
        part = self.of(row)
        sign, people = np.sign(self.signed[part]), self.tallies[part, 0]
        return int(people[sign < 0].sum()), int(people[sign == 0].sum()), int(people[sign > 0].sum())

    def quantile(self, row: int, q: float, weighted: bool = True) -> float | None:
        part = self.of(row)
        reached = np.cumsum(self.tallies[part, 1 if weighted else 0])
        if not reached.size or reached[-1] == 0:
            return None
        # Whole numbers: no rank is lost to rounding.
        wanted = max(1, -int(-(int(reached[-1]) * int(q * 1_000_000)) // 1_000_000))
        return _middle(int(self.signed[part][int(np.searchsorted(reached, wanted))]))


def _middle(signed: int) -> float:
    """The amount in the middle of a bin."""
    if signed == 0:
        return 0.0
    edges = np.array([abs(signed) - 1, abs(signed)], np.int64) << BIN_SHIFT
    low, high = edges.view(np.float64).tolist()
    return (low + high) / 2.0 if signed > 0 else -(low + high) / 2.0


def _line(quantity: Quantity, sums: _Sums, bins: _Bins, row: int) -> dict[str, Any]:
    people, weight = sums.counts[row].tolist()
    undefined = sums.undefined[row]
    whole, weighted = sums.total(row)
    negative, zero, positive = bins.signs(row)
    scale = quantity.per_unit
    return {
        "quantity": quantity.name,
        "unit": quantity.unit,
        "people": people,
        "weight": weight / (1 << WEIGHT_BITS),
        "undefined": int(undefined[:, 0].sum()),
        "undefined_weight": int(undefined[:, 1].sum()) / (1 << WEIGHT_BITS),
        "reasons": {code: n for code, n in enumerate(undefined[:, 0].tolist()) if n},
        "negative": negative,
        "zero": zero,
        "positive": positive,
        "sum": weighted / (scale << AMOUNT_BITS),
        "mean": (weighted << (WEIGHT_BITS - AMOUNT_BITS)) / (weight * scale) if weight else None,
        "mean_of_people": whole / (people * scale) if people else None,
        **{f"p{round(100 * q)}": bins.quantile(row, q) for q in QUANTILES},
    }


# ---------------------------------------------------------------------- files


def target_of(path: Path) -> Path:
    """A file of aggregates; InputError unless its name ends with one of ``SUFFIXES``."""
    if path.suffix.lower() not in SUFFIXES:
        raise refuse(f"the name of a file of aggregates ends with one of {', '.join(SUFFIXES)}", file=str(path))
    return path


def write(path: str | os.PathLike[str], found: Sequence[Aggregates], metadata: dict[str, str]) -> None:
    """Write aggregates as CSV, JSON or Parquet: one row a grouping, group and quantity (``Aggregates.rows``)."""
    from pension.inputs.history_files import write_bytes

    target = target_of(Path(path))
    suffix = target.suffix.lower()
    content = {".csv": _csv, ".json": _json, ".parquet": _parquet}[suffix](found, metadata)
    write_bytes(target, content)


def _flat(found: Sequence[Aggregates]) -> list[dict[str, Any]]:
    """All rows under one set of columns; cells of other groupings are empty."""
    names = list(dict.fromkeys(name for one in found for name in one.by))
    rows = []
    for one in found:
        for row in one.rows():
            reasons = "; ".join(f"{code}={n}" for code, n in row["reasons"].items())
            keys = {name: None if row.get(name) is None else str(row[name]) for name in names}
            rest = {name: value for name, value in row.items() if name not in one.by}
            rows.append({"by": ",".join(one.by), **keys, **rest, "reasons": reasons})
    return rows


def _csv(found: Sequence[Aggregates], metadata: dict[str, str]) -> bytes:
    from pension.checks.rejects import cell

    rows = _flat(found)
    stream = io.StringIO()
    names = list(rows[0]) if rows else ["by", "quantity"]
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(names)
    for row in rows:
        # Negative numbers are no formulas.
        writer.writerow([cell(value) if isinstance(value, str) else value for value in row.values()])
    return stream.getvalue().encode()


def _json(found: Sequence[Aggregates], metadata: dict[str, str]) -> bytes:
    content = {
        "metadata": metadata,
        "relative_error_of_quantiles": RELATIVE_ERROR,
        "reasons": {str(code): text for code, text in REASONS.items()},
        "aggregates": [{"by": list(one.by), "rows": one.rows()} for one in found],
    }
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


def _parquet(found: Sequence[Aggregates], metadata: dict[str, str]) -> bytes:
    import pyarrow.parquet as pq

    rows = _flat(found)
    fields = []
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows]
        kinds = {type(value) for value in values if value is not None}
        arrow_type = pa.string() if kinds == {str} or not kinds else pa.int64() if kinds == {int} else pa.float64()
        fields.append(pa.field(name, arrow_type))
    table = pa.Table.from_pylist(rows, schema=pa.schema(fields, metadata=metadata))
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, use_dictionary=False)
    content: bytes = sink.getvalue().to_pybytes()
    return content
