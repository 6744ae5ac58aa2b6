"""``core_law.c`` called on the arrays that the kernel reads."""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from benchmarks.compiler import compiled
from benchmarks.numpy_baseline import check
from pension import schema
from pension.kernels import award_fields, cells, valuation
from pension.tables import dense as tables
from pension.tables import world

if TYPE_CHECKING:
    from pension.engine import Engine
    from pension.histories import HistoryArrays

Float = npt.NDArray[np.float64]

SOURCE: Final = Path(__file__).resolve().parent / "core_law.c"

_LAYOUT: Final[dict[Any, str]] = {
    schema: "N_PLACES",
    tables: "FIRST_YEAR FIRST_MONTH",
    cells: "INDIVIDUAL_FORM LAST_EARLY_YEAR",
    world: "ACCOUNT_RATE BOOK_RATE GROWTH UNIFORM CALCULATION_BASE YEAR_ACCOUNT RESIDENT_RATE RESIDENT_GROWTH "
    "MONTH_ACCOUNT MONTH_TIERS MONTH_RUN MONTH_BASIC MONTH_LOWEST_TIER MEAN_OF_BASE_AND_WAGE BEIJING FIXED_INDEX "
    "COEFFICIENT THRESHOLD SCHEME_START EMPLOYEE_CLASS RESIDENT_CLASS TRANSITION_SHAPE OWN_INDEX COUNTS_PAID CUTOFF "
    "PAID_FROM PREMIUM N_VERSIONS N_SEGMENTS PREMIUM_WIDTH SUPPLEMENT N_BANDS N_LINE",
    valuation: "N_WEIGHTS FIRST_AGE AGE_MONTHS WEIGHT LEVEL ALPHA BETA AWARD REFERENCE ANNUITY MINIMUM AT_AWARD_VALUE "
    "EMPLOYEE_VALUE ACCOUNT_VALUE PRICE AT_SIXTY AT_START N_AWARD",
    award_fields: "ROUTE_EMPLOYEE ROUTE_RETAIN ROUTE_TO_RESIDENT ROUTE_TO_EMPLOYEE DEFINED UNKNOWN_PARAMETER",
}
"""Numbers that ``core_law.c`` shares with the package, by module."""

_HISTORY_FIELDS: Final = {
    **dict.fromkeys(("sex", "hukou_type", "scheme", "form"), np.int8),
    **dict.fromkeys(("hukou", "year", "months", "place", "work_place"), np.int16),
    "birth": np.int32,
    "offsets": np.int64,
    "base": np.float64,
}
"""Columns in the order and with the types of ``Histories`` in C."""
_WORLD_ARRAYS: Final = (
    "wages annual years resident monthly at_month lines tiers floors weights prefix interest awards".split()
)


class _Histories(ctypes.Structure):
    _fields_ = [(name, ctypes.c_void_p) for name in _HISTORY_FIELDS]


class _World(ctypes.Structure):
    _fields_ = [
        *((name, ctypes.c_void_p) for name in (*_WORLD_ARRAYS, "position")),
        ("floor_tier", ctypes.c_double),
        *(
            (name, ctypes.c_int64)
            for name in "n_years n_months annual_width resident_width monthly_width births award_width "
            "horizon first_birth n_employee_classes".split()
        ),
    ]


def layout() -> str:
    """The text of ``layout.h``."""
    lines = ["/* Written by benchmarks/c_kernel.py from the package. */"]
    for module, names in _LAYOUT.items():
        lines += [f"#define {name} {int(getattr(module, name))}" for name in names.split()]
    return "\n".join(lines) + "\n"


def library() -> ctypes.CDLL:
    """``core_law.c`` as a loaded library; ``NoCompiler`` where it cannot be compiled."""
    return compiled(SOURCE, layout())


def _plain(array: npt.NDArray[Any], kind: type) -> npt.NDArray[Any]:
    """The array itself where C can read it; TypeError where its type is not what C expects."""
    if array.dtype != kind:
        raise TypeError(f"C reads {np.dtype(kind)}, not {array.dtype}")
    return np.ascontiguousarray(array)


class CKernel:
    """The job of ``Engine(parameters, ["current", "fair"]).run(arrays)`` for one checked cohort, in C.

    ``world`` and ``award_rows`` are made by the engine, as for the kernel: neither side's time contains them.
    """

    def __init__(self, engine: Engine, arrays: HistoryArrays) -> None:
        if tuple(regime.name for regime in engine.regimes) != ("current", "fair"):
            raise ValueError("the C version settles current and fair")
        check(engine, arrays)
        self._call = library().core_law
        self.count = arrays.sex.size
        self.values = np.empty((self.count, 2, 4))
        self.stars = np.empty(self.count, dtype=np.int8)
        made, self.award_rows = engine.world(arrays)
        position = np.zeros(100, dtype=np.int64)
        for code, place in schema.PLACE_INDEX.items():
            position[code] = place
        columns = {name: _plain(getattr(arrays, name), kind) for name, kind in _HISTORY_FIELDS.items()}
        parts = {name: _plain(getattr(made, name), np.float64) for name in _WORLD_ARRAYS}
        self._kept = (columns, parts, position)  # alive as long as the pointers
        self._histories = _Histories(*(column.ctypes.data for column in columns.values()))
        self._world = _World(
            *(part.ctypes.data for part in parts.values()),
            position.ctypes.data,
            made.floor_tier,
            made.annual.shape[1],
            made.monthly.shape[1],
            made.annual.shape[2],
            made.resident.shape[2],
            made.monthly.shape[2],
            made.weights.shape[1],
            made.awards.shape[1],
            made.horizon,
            made.first_birth,
            made.n_employee_classes,
        )

    def run(self, threads: int = 1) -> Float:
        """[person, regime, column]: status, route, monthly, pw; the same array at every call."""
        pointers = (array.ctypes.data for array in (self.award_rows, self.values, self.stars))
        rows, values, stars = (ctypes.c_void_p(pointer) for pointer in pointers)
        count = ctypes.c_int64(self.count)
        if self._call(ctypes.byref(self._histories), ctypes.byref(self._world), rows, count, threads, values, stars):
            raise MemoryError("the C version found no memory")
        return self.values
