"""The rows of the results: which columns a run writes, in which type, and why a value is null.

- ``person``, the analyst's ``x_`` columns, ``weight``, ``stars``;
- ``status``: 0, or the reason (``award_fields.STATUS_TEXT``) why the first of the regimes that is undefined for this
  person is; a regime's values are null where it is undefined, a pair's where one of the two is;
- per regime r ``monthly_r`` (nominal yuan/month), ``pw_r`` (yuan of the price year, at R0), ``route_r``;
- per pair (a, b) ``loss_a__b`` = pw_b - pw_a: what the reference b gives more (L1); where the regimes rest on several
  histories (``pension.variants.base_provisions``) of net wealth, and ``own_contributions_r`` stand beside it;
- on request, per regime, any name of ``award_fields.RESULT_NAMES`` and ``WEALTH_NAMES`` (contributions, money's worth,
  rate of return; ``irr_status`` says why there is no rate); per pair ``L2`` to ``L8_worth`` (``losses.MEASURES``), each
  with a status column that says why it is null (``losses.REASONS``);
- with ``access`` among the columns ``access_closed_months`` and ``access_unknown_months`` (``pension.checks.access``);
- with ``afterwards`` the answers to the questions of the people (``pension.afterwards.columns``), the last ones.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

import pension
from pension import losses, schema
from pension.accounting import Regime, RegimeError, resolve
from pension.checks import access as dated_access
from pension.engine import Entitlements
from pension.errors import refuse
from pension.histories import Histories
from pension.kernels import award_fields
from pension.tables import usage

if TYPE_CHECKING:
    from pension.afterwards.columns import AfterColumns
    from pension.parameters import Parameters

MEASURES: Final = tuple(name for name in losses.MEASURES if name != "L1")
"""Measures on request (``losses.MEASURES``); L1 is always there."""

CAUSES: Final = "causes"
"""Word for the shares of the provisions in the loss of the first regime against the last one."""
ACCESS: Final = "access"
"""Word for the two columns of ``pension.checks.access``."""
AFTERWARDS: Final = "afterwards"
"""Word for the columns of ``pension.afterwards.columns``."""

_BASE_COLUMNS: Final = ("monthly", "pw", "route")
_STRINGS: Final = pa.dictionary(pa.int8(), pa.string())
_TYPES: Final[dict[str, pa.DataType]] = {
    "status": pa.int8(),
    "irr_status": pa.int8(),
    "irr_roots": pa.int32(),
    "route": _STRINGS,
    "claim_place": pa.int16(),
    "claim_branch": pa.int8(),
    "employee_months": pa.int32(),
    "resident_months": pa.int32(),
    "resident_start": pa.int32(),
}
"""Types other than float64; months are serials, places GB/T 2260 codes."""
_CODES: Final = ("status", "irr_status")
"""Reason codes, never null."""
_PLACE_CODES: Final = np.array([code for code, _, _ in schema.PLACES], dtype=np.int16)


@dataclass(frozen=True)
class Layout:
    """Which columns a run writes."""

    regimes: tuple[Regime, ...]
    columns: tuple[str, ...] = _BASE_COLUMNS
    """Per regime, names of ``award_fields.RESULT_NAMES`` and ``WEALTH_NAMES``."""
    measures: tuple[str, ...] = ()
    """Per pair, beside ``loss``."""
    access: bool = False
    """With the columns of ``pension.checks.access``, the last ones."""
    causes: tuple[str, ...] = ()
    """Provisions whose shares in the loss of the first regime against the last one are written."""
    afterwards: bool = False
    """With the columns of ``pension.afterwards.columns``, after all others."""

    @classmethod
    def of(cls, regimes: Sequence[str | Regime], columns: Sequence[str] = ()) -> Layout:
        """Regimes by name or object and the wished further columns; unknown names raise with the known ones."""
        chosen = tuple(resolve(regimes))
        if not chosen:
            raise RegimeError("at least one regime is needed")
        wanted = (*award_fields.RESULT_NAMES, *award_fields.WEALTH_NAMES, *MEASURES)
        known = {name.lower(): name for name in wanted}
        extras = (ACCESS, CAUSES, AFTERWARDS)
        words = ", ".join(("components", *extras, *known.values()))
        access, causes, afterwards = (any(name.lower() == word for name in columns) for word in extras)
        columns = [name for name in columns if name.lower() not in extras]
        wished = []
        components = award_fields.RESULT_NAMES[award_fields.BASIC : award_fields.CITIZEN + 1]
        for name in (part for c in columns for part in (components if c.lower() == "components" else (c,))):
            if name.lower() not in known:
                raise refuse(f"unknown column; known: {words}", column="--columns", value=name)
            wished.append(known[name.lower()])
        if len({regime.plan for regime in chosen}) > 1:  # their losses are of net wealth: say what was paid
            wished.append("own_contributions")
        further = [name for name in dict.fromkeys(wished) if name not in MEASURES and name not in _BASE_COLUMNS]
        measures = tuple(name for name in MEASURES if name in wished)
        if measures and len(chosen) < 2:
            raise refuse("a loss compares two regimes; only one is given", column="--columns", value=measures[0])
        if causes and len(chosen) < 2:
            raise refuse("a loss compares two regimes; only one is given", column="--columns", value=CAUSES)
        players = losses.causes_of(chosen[0], chosen[-1]) if causes else ()
        layout = cls(chosen, (*_BASE_COLUMNS, *further), measures, access, players, afterwards)
        names = [f.name for f in layout.fields()]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise RegimeError(f"these regime names give two columns {twice!r}; rename one")
        return layout

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(a, b): the first regime against each other one as the reference."""
        return tuple((self.regimes[0].name, other.name) for other in self.regimes[1:])

    @property
    def settled(self) -> tuple[str, ...]:
        """What the engine is asked for."""
        needed = (name for measure in self.measures for name in losses.NEEDED[measure])
        return tuple(dict.fromkeys(("status", *_BASE_COLUMNS, *usage.NEEDED, *self.columns, *needed)))

    def fields(self) -> list[pa.Field]:
        """Fields after ``status``."""
        fields = []
        for regime in self.regimes:
            for name in self.columns:
                fields.append(pa.field(f"{name}_{regime.name}", _TYPES.get(name, pa.float64()), name not in _CODES))
        for a, b in self.pairs:
            fields.append(pa.field(f"loss_{a}__{b}", pa.float64()))
            for measure in self.measures:
                fields.append(pa.field(f"{measure.lower()}_{a}__{b}", pa.float64()))
                fields.append(pa.field(f"{measure.lower()}_status_{a}__{b}", pa.int8(), False))
        a, b = self.regimes[0].name, self.regimes[-1].name
        fields += [pa.field(f"cause_{provision}_{a}__{b}", pa.float64()) for provision in self.causes]
        if self.access:
            fields += [pa.field(f"access_{state}_months", pa.int32(), False) for state in ("closed", "unknown")]
        if self.afterwards:
            from pension.afterwards import columns as after_columns

            fields += after_columns.fields()
        return fields


Columns = dict[str, npt.NDArray[np.float64]]
"""[person] by name, of one regime."""


def columns_of(result: Entitlements) -> dict[str, Columns]:
    """The columns of each regime, by its name."""
    return {
        regime.name: {name: result.values[:, r, c] for c, name in enumerate(result.columns)}
        for r, regime in enumerate(result.regimes)
    }


def absent(name: str, columns: Columns) -> npt.NDArray[np.bool_]:
    """[person]: whether a column, other than of codes, has no value: the regime is undefined for the person, or there
    is no such thing (no last income, no index outside the employee route)."""
    raw = columns[name]
    none: npt.NDArray[np.bool_] = (columns["status"] != award_fields.DEFINED) | np.isnan(raw)
    if name in ("claim_place", "claim_branch"):
        none = none | (columns["claim_place"] < 0)
    elif name in ("average_index", "resident_start"):
        none = none | (raw == 0.0)
    return none


def result_table(
    histories: Histories,
    result: Entitlements,
    layout: Layout,
    access: dated_access.Access | None = None,
    answers: AfterColumns | None = None,
) -> pa.Table:
    """The rows of the results for one block; see the head of this module."""
    values = columns_of(result)
    status = np.zeros(len(histories), dtype=np.int8)
    for columns in reversed(list(values.values())):
        undefined = columns["status"] != award_fields.DEFINED
        status[undefined] = columns["status"][undefined].astype(np.int8)
    fields = [pa.field("person", histories.person.type, False)]
    arrays: list[pa.Array] = [histories.person]
    for name in histories.extra.column_names:
        column = plain(histories.extra[name])
        fields.append(pa.field(name, column.type))
        arrays.append(column)
    fields += [pa.field("weight", pa.float64(), False), pa.field("stars", pa.int8(), False)]
    fields.append(pa.field("status", pa.int8(), False))
    arrays += [pa.array(histories.arrays.weight), pa.array(result.stars), pa.array(status)]
    for columns in values.values():
        arrays += [_result_column(name, columns) for name in layout.columns]
    for a, b in layout.pairs:
        arrays += _pair_columns(values[a], values[b], layout.measures)
    if result.causes is not None:
        arrays += [pa.array(part, mask=np.isnan(part)) for part in result.causes.parts.values()]
    if layout.access and access is not None:
        arrays += [pa.array(access.closed_months), pa.array(access.unknown_months)]
    if answers is not None:
        arrays += answers.columns(histories)
    return pa.table(arrays, schema=pa.schema(fields + layout.fields()))


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """An ``x_`` column without dictionary: codes differ from chunk to chunk."""
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _result_column(name: str, columns: Columns) -> pa.Array:
    raw = columns[name]
    if name in _CODES:
        return pa.array(raw.astype(np.int8))
    none = absent(name, columns)
    if name == "route":
        codes = np.where(none, 0, raw).astype(np.int8)
        return pa.DictionaryArray.from_arrays(pa.array(codes, mask=none), pa.array(award_fields.ROUTES))
    if name == "claim_place":
        return pa.array(_PLACE_CODES[np.where(none, 0, raw).astype(np.int64)], mask=none)
    arrow_type = _TYPES.get(name, pa.float64())
    return pa.array(np.where(none, 0.0, raw).astype(arrow_type.to_pandas_dtype()), arrow_type, mask=none)


def _pair_columns(a: Columns, b: Columns, measures: Sequence[str]) -> list[pa.Array]:
    """The loss of a against the reference b, then each measure and its status."""
    arrays = []
    for measure in ("L1", *measures):
        value, reason = losses.measure(measure, a, b)
        null = reason != award_fields.DEFINED
        arrays.append(pa.array(np.where(null, 0.0, value), mask=null))
        if measure != "L1":
            arrays.append(pa.array(reason.astype(np.int8)))
    return arrays


def metadata_of(layout: Layout, parameters: Parameters, seed: int | None, hashed: bool) -> dict[str, str]:
    """What determines the content of the results, and how to read them."""
    regimes = {regime.name: regime.data() for regime in layout.regimes}
    metadata = {
        "pension_results": schema.SCHEMA_VERSION,
        "pension_version": pension.__version__,
        "pension_parameters": parameters.hash,
        "pension_scenario": parameters.scenario,
        "pension_survival": parameters.survival,
        "pension_price_year": str(parameters.tables.price_year),
        "pension_regimes": _json(regimes),
        "pension_pairs": _json([{"actual": a, "reference": b} for a, b in layout.pairs]),
        "pension_status": _json(losses.REASONS),
        "pension_note": "a research estimate, no official determination",
    }
    if layout.afterwards:
        from pension.afterwards.columns import STATUS

        metadata["pension_status"] = _json({**losses.REASONS, **STATUS})
    if seed is not None:
        metadata["pension_seed"] = str(seed)
    if hashed:
        metadata["pension_identifiers"] = "HMAC-SHA-256, 128 bits"
    return metadata


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
