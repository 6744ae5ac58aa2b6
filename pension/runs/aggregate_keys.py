"""What aggregates group people by: the analyst's ``x_`` columns and what is known of everybody."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from pension import schema
from pension._compile import in_threads
from pension.checks.range_check import PLACE_LOOKUP
from pension.errors import refuse
from pension.kernels import award_fields
from pension.runs.result_layout import plain
from pension.runs.tally_kernels import career_ends

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.runs.settling import Block

Int = npt.NDArray[np.int64]
Label = str | int | bool | None
Coded = tuple[Int, Sequence[Label]]
"""Codes [person] and the label of each code."""

_PLACE_CODES: Final[tuple[Label, ...]] = (*(code for code, _, _ in schema.PLACES), None)

KEYS: Final = {
    "sex": "male or female",
    "birth_year": "year of birth",
    "cohort": "birth cohort of five years",
    "hukou": "province of registered residence, GB/T 2260 code",
    "hukou_type": "urban or rural registered residence",
    "stars": "severity group, 0 to 4",
    "form": "form of work with most months",
    "origin": "province of the first employee record; none without one",
    "destination": "province of the last employee record; none without one",
    "route": "route under the first regime (route_REGIME: under another); none where undefined",
    "claim_place": "claim place under the first regime (claim_place_REGIME: under another); none without one",
}
"""What ``by`` takes beside ``x_`` columns."""


@dataclass(frozen=True)
class Key:
    """One column of groups."""

    name: str
    code: Callable[[Block], Coded]

    @classmethod
    def of(cls, name: str, regimes: Sequence[str]) -> Key:
        """A key by its name; InputError with the known ones for any other."""
        if name.startswith("x_"):
            return cls(name, partial(_own, name=name))
        for word, code in (("route", _route), ("claim_place", _claim_place)):
            of = name.removeprefix(f"{word}_")
            if name == word or (of != name and of in regimes):
                regime = regimes[0] if name == word else of
                return cls(name, partial(code, regime=regime))
        if name not in _KNOWN:
            raise refuse(f"unknown group; known: {', '.join(KEYS)}, x_ columns", column="--by", value=name)
        return cls(name, _KNOWN[name])


def combined(keys: Sequence[Key], block: Block) -> tuple[Int, list[tuple[Label, ...]]]:
    """(row [person], labels of the rows) of the groups that occur in a block."""
    n = len(block.histories)
    code, size = np.zeros(n, np.int64), 1
    parts = [key.code(block) for key in keys]
    for codes, labels in parts:
        code = code * len(labels) + codes
        size *= max(len(labels), 1)
    if size <= 1 << 20:
        present = np.flatnonzero(np.bincount(code, minlength=size))
        row_of = np.zeros(size, np.int64)
        row_of[present] = np.arange(present.size)
        rows = row_of[code]
    else:
        present, rows = np.unique(code, return_inverse=True)
    names = []
    for c in present.tolist():
        label: list[Label] = []
        for _, labels in reversed(parts):
            c, position = divmod(c, len(labels))
            label.append(labels[position])
        names.append(tuple(reversed(label)))
    return rows.astype(np.int64), names


def order_of(label: tuple[Label, ...]) -> tuple[Any, ...]:
    """Sorts labels: numbers by size, words as the schema orders them, then by letter; none last."""
    return tuple(
        (part is None, _WORDS.get(part, 0) if isinstance(part, str) else 0, "" if part is None else part)
        for part in label
    )


_WORDS: Final = {
    word: number
    for words in (schema.SEX, schema.HUKOU_TYPE, schema.FORM, award_fields.ROUTES)
    for number, word in enumerate(words)
}


def _own(block: Block, name: str) -> Coded:
    own = block.histories.extra.column_names
    if name not in own:
        raise refuse(f"no such column; the input has {', '.join(own) or 'no x_ column'}", column="--by", value=name)
    column = plain(block.histories.extra[name])
    kind = column.type
    is_kind = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_string, pa.types.is_large_string)
    if not any(is_it(kind) for is_it in is_kind):
        raise refuse("groups are text, whole numbers or true and false", column=name, value=str(kind))
    whole = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], kind)
    coded = whole.dictionary_encode(null_encoding="encode")
    return coded.indices.to_numpy().astype(np.int64), coded.dictionary.to_pylist() or [None]


def _words(values: npt.NDArray[Any], names: dict[str, int]) -> Coded:
    numbers = np.zeros(max(names.values()) + 1, np.int64)
    numbers[list(names.values())] = np.arange(len(names))
    return numbers[values], tuple(names)


def _years(first: npt.NDArray[np.integer], step: int) -> Coded:
    years = first.astype(np.int64) // 12 // step * step
    if not years.size:
        return years, (None,)
    low, high = int(years.min()), int(years.max())
    labels: list[Label] = [y if step == 1 else f"{y}-{y + step - 1}" for y in range(low, high + 1, step)]
    return (years - low) // step, labels


def _ends(histories: Histories) -> tuple[Int, Int]:
    n = len(histories)
    origin, destination = np.empty(n, np.int64), np.empty(n, np.int64)
    in_threads(career_ends, n, histories.arrays, origin, destination)
    return origin, destination


def _places(positions: npt.NDArray[Any]) -> Coded:
    codes = positions.astype(np.int64)
    return np.where(codes < 0, schema.N_PLACES, codes), _PLACE_CODES


def _route(block: Block, regime: str) -> Coded:
    routes = block.result.column("route", regime)
    absent = (block.result.column("status", regime) != award_fields.DEFINED) | np.isnan(routes)
    return np.where(absent, len(award_fields.ROUTES), routes).astype(np.int64), (*award_fields.ROUTES, None)


def _claim_place(block: Block, regime: str) -> Coded:
    places = block.result.column("claim_place", regime)
    absent = (block.result.column("status", regime) != award_fields.DEFINED) | np.isnan(places)
    return _places(np.where(absent, -1, places))


_KNOWN: Final[dict[str, Callable[[Any], Coded]]] = {
    "sex": lambda block: _words(block.histories.arrays.sex, schema.SEX),
    "birth_year": lambda block: _years(block.histories.arrays.birth, 1),
    "cohort": lambda block: _years(block.histories.arrays.birth, 5),
    "hukou": lambda block: _places(PLACE_LOOKUP[block.histories.arrays.hukou]),
    "hukou_type": lambda block: _words(block.histories.arrays.hukou_type, schema.HUKOU_TYPE),
    "stars": lambda block: (block.result.stars.astype(np.int64), (0, 1, 2, 3, 4)),
    "form": lambda block: _words(block.main_form, schema.FORM),
    "origin": lambda block: _places(_ends(block.histories)[0]),
    "destination": lambda block: _places(_ends(block.histories)[1]),
}
