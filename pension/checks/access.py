"""The check of histories against the dated access to the schemes: was what was paid open to this person then?

A compiled pass beside the range check, not inside the digest: it changes no pension. Every month of employee
contribution and of resident insurance gets a state of ``pension.law.access``; closed and unknown months are counted and
listed. Deemed months and months without a scheme are not tested.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import in_threads, inlined, jit, kernel
from pension._hints import NOT_NEGATIVE
from pension.checks import range_check as checks
from pension.errors import InputError, Problem, refuse
from pension.kernels.cells import HIGHEST, LOWEST, POPCOUNT, province_position
from pension.kernels.registrations import is_dated, registered_at, until_next
from pension.law.access import (
    CLOSED,
    OPEN,
    OTHER_PROVINCE,
    RESIDENCE,
    SAME_PROVINCE,
    STATES,
    UNKNOWN,
    individual_access,
    insured_by_employer,
    locality,
    long_insured,
    resident_access,
)
from pension.law.registry import plain
from pension.schema import month_text
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, N_MONTHS, N_YEARS
from pension.tables.parameter_files import ParameterTable, Row

if TYPE_CHECKING:
    from pension.histories import Histories
    from pension.parameters import Parameters

MODES: Final = ("report", "error", "off")
"""What becomes of closed months: counted and listed, refused, or not looked for."""

_RESIDENT_URBAN: Final = 3
_RESIDENT_RURAL: Final = 4
_RESIDENT_AWAY: Final = 5
_N_KINDS: Final = 6
"""Kinds of months: individuals in the employee scheme by locality (0 to 2), then residents at and away from home."""

Int = npt.NDArray[np.int64]

_NEVER: Final = FIRST_MONTH + N_MONTHS


class Rules(NamedTuple):
    """The dated rules as the pass reads them; no months stand outside the axes of ``pension.tables.dense``."""

    state: npt.NDArray[np.int8]
    """[kind, place, month]: state of ``pension.law.access``."""
    not_open: npt.NDArray[np.int16]
    """[kind, place, year]: mask of the months that are closed or unknown."""
    closed: npt.NDArray[np.int16]
    """[kind, place, year]: mask of the months that are closed."""
    restricted: npt.NDArray[np.int64]
    """[place, 4]: first month (serial) in which the long insured are taken where others are refused, age from which men
    and women are (months), months needed there."""


@dataclass(frozen=True)
class AccessRules:
    """Dated access of every place, made from the table ``provinces/hukou_access``."""

    rules: Rules
    texts: tuple[tuple[str, ...], ...]
    """[kind][place]: the rule in words, with dates, status and source."""


class Access(NamedTuple):
    """The state of what some people paid."""

    kind: npt.NDArray[np.int8]
    """[record]: kind of the first months that are not open, -1 where all is open or nothing is tested; ``_by_kind``
    tells those of all months where the registration changed."""
    closed: npt.NDArray[np.int16]
    """[record]: mask of the closed months."""
    unknown: npt.NDArray[np.int16]
    """[record]: mask of the unknown months."""
    closed_months: npt.NDArray[np.int32]
    """[person]: calendar months with a closed contribution."""
    unknown_months: npt.NDArray[np.int32]
    """[person]: calendar months with an unknown, and no closed, contribution."""


# ---- the dated rules ------------------------------------------------------------------------------------------------


@dataclass
class _Dates:
    """Dates of one kind at one place, and the rows behind them."""

    law: int
    opening: int = schema.MISSING
    closed_through: int = schema.MISSING
    rows: list[Row] = field(default_factory=list)


@lru_cache(maxsize=8)
def access_rules(parameters: Parameters) -> AccessRules:
    """The dated access of every place; ``ParameterError`` where a row of the table makes no sense."""
    return _Builder(parameters.files["hukou_access"]).built()


class _Builder:
    def __init__(self, table: ParameterTable) -> None:
        self.table = table
        self.state: npt.NDArray[np.int8] = np.full((_N_KINDS, schema.N_PLACES, N_MONTHS), UNKNOWN, dtype=np.int8)
        self.restricted: npt.NDArray[np.int64] = np.full((schema.N_PLACES, 4), _NEVER, dtype=np.int64)
        self.texts = [[""] * schema.N_PLACES for _ in range(_N_KINDS)]

    def rows(self, hukou: str, scheme: str, place: int, *words: str) -> list[Row]:
        """Province-wide or national rows on people without a labour relation, dated ones, the earliest first."""
        found = [
            row
            for row in self.table
            if row["place"] == place
            and row["area"] in ("national", "province")
            and row["worker"] in ("no_labour_relation", "any")
            and (row["hukou"], row["scheme"]) == (hukou, scheme)
            and row["access"] in words
            and row["from"] != schema.MISSING
        ]
        return sorted(found, key=lambda row: int(row["from"]))

    def national(self, hukou: str, scheme: str) -> Row:
        """The first national row that opens the scheme."""
        rows = self.rows(hukou, scheme, schema.NATION, "voluntary")
        if not rows:
            raise self.table.error(f"no dated national row: {scheme}, {hukou}, voluntary")
        return rows[0]

    def built(self) -> AccessRules:
        law = self.national("local", "employee")
        for i, (code, _, name) in enumerate(schema.PLACES):
            home = _Dates(law["from"], law["from"], rows=[law])
            near = _Dates(law["from"], rows=[law])
            near.rows += self.rows("same_province", "employee", code, "voluntary")[:1] or [
                self.national("same_province", "employee")
            ]
            near.opening = near.rows[-1]["from"]
            far = self.other_provinces(code, i, law)
            self.individuals(RESIDENCE, i, home, f"individuals at their registered residence: {_since(home.opening)}")
            self.individuals(
                SAME_PROVINCE,
                i,
                near,
                f"individuals of {name} outside their registered residence: unknown to {_before(near.opening)}, "
                f"{_since(near.opening)}",
            )
            self.individuals(OTHER_PROVINCE, i, far, f"individuals of other provinces in {name}: {self.words(far, i)}")
            for kind, hukou in ((_RESIDENT_URBAN, "urban"), (_RESIDENT_RURAL, "rural")):
                row = self.national(hukou, "resident")
                self.residents(kind, i, RESIDENCE, row, f"{hukou} residents: {_since(row['from'])}")
            row = self.national("local", "resident")
            self.residents(_RESIDENT_AWAY, i, OTHER_PROVINCE, row, "residents insure at their registered residence")
        return AccessRules(_packed(self.state, self.restricted), tuple(tuple(line) for line in self.texts))

    def other_provinces(self, code: int, i: int, law: Row) -> _Dates:
        """Dates for people of other provinces; a place without a row of its own has the national assumption."""
        dates = _Dates(law["from"])
        own = self.rows("other_province", "employee", code, "voluntary")
        shut = self.rows("other_province", "employee", code, "closed")
        if code == schema.NATION or not own + shut:
            dates.rows = [self.national("other_province", "employee")]
            dates.opening = dates.rows[0]["from"]
            return dates
        for row in shut:
            if row["to"] == schema.MISSING:
                raise self.table.error("closed needs the last month in which that is known (to)", row)
            dates.closed_through = max(dates.closed_through, row["to"])
        if own:  # who opens at a date was closed before
            dates.opening = own[0]["from"]
            dates.closed_through = dates.opening - 1
        dates.rows = [*shut, *own[:1]]
        for row in self.rows("other_province", "employee", code, "restricted"):
            years = [self.whole(row, column) for column in ("men_age", "women_age", "years_there")]
            self.restricted[i] = [row["from"], *(12 * n for n in years)]
            dates.rows.append(row)
        return dates

    def whole(self, row: Row, column: str) -> int:
        text = str(row[column])
        if not (text.isascii() and text.isdigit()):
            raise self.table.error(f"{column} = {text!r} is no whole number of years", row)
        return int(text)

    def words(self, dates: _Dates, i: int) -> str:
        parts = [f"unknown to {_before(dates.law)}"]
        if dates.closed_through >= 0:
            parts.append(f"closed to {month_text(dates.closed_through)}")
        if dates.opening >= 0:
            parts += [] if dates.closed_through >= 0 else [f"no date known, so unknown to {_before(dates.opening)}"]
            parts.append(_since(dates.opening))
        else:
            parts.append("unknown since")
        first, men, women, needed = (int(n) for n in self.restricted[i])
        if first < _NEVER:
            parts[-1] += (
                f"; from {month_text(first)} men from {men // 12} and women from {women // 12} with {needed // 12} "
                "years there were taken on further conditions, so unknown"
            )
        return ", ".join(parts)

    def individuals(self, kind: int, i: int, dates: _Dates, text: str) -> None:
        law = plain(individual_access.__name__)
        turns = {dates.law, dates.opening, dates.closed_through + 1}
        self.fill(kind, i, turns, lambda month: law(0, month, dates.law, dates.opening, dates.closed_through))
        self.texts[kind][i] = f"{text} ({_sources(dates.rows)})"

    def residents(self, kind: int, i: int, where: int, row: Row, text: str) -> None:
        law = plain(resident_access.__name__)
        # A year has one state, that of its December.
        self.fill(kind, i, {12 * (row["from"] // 12)}, lambda month: law(where, month // 12 * 12 + 11, row["from"]))
        self.texts[kind][i] = f"{text} ({_sources([row])})"

    def fill(self, kind: int, i: int, turns: set[int], state: Any) -> None:
        """States change in the months ``turns`` only, so the law is asked once for each stretch between them."""
        starts = sorted({FIRST_MONTH, *(turn for turn in turns if turn > FIRST_MONTH)})
        for start, end in zip(starts, [*starts[1:], _NEVER], strict=True):
            self.state[kind, i, start - FIRST_MONTH : end - FIRST_MONTH] = state(start)


def _packed(state: npt.NDArray[np.int8], restricted: npt.NDArray[np.int64]) -> Rules:
    def masks(of: npt.NDArray[np.bool_]) -> npt.NDArray[np.int16]:
        by_year = of.reshape(_N_KINDS, schema.N_PLACES, N_YEARS, 12)
        return (by_year @ (1 << np.arange(12))).astype(np.int16)

    rules = Rules(state, masks(state != OPEN), masks(state == CLOSED), restricted)
    for array in rules:
        array.flags.writeable = False
    return rules


def _since(month: int) -> str:
    return f"open from {month_text(month)}"


def _before(month: int) -> str:
    return month_text(month - 1)


def _sources(rows: list[Row]) -> str:
    return "; ".join(f"{row.status}: {row.source}" for row in rows)


# ---- the pass -------------------------------------------------------------------------------------------------------


@jit
def _kind(h: Any, i: int, j: int, home: int) -> int:
    """Kind of the months of record j while the registration is at ``home``."""
    where = locality(h.place[j], home)
    if h.scheme[j] == 2:
        if where != RESIDENCE:
            return _RESIDENT_AWAY
        return _RESIDENT_RURAL if h.hukou_type[i] == 2 else _RESIDENT_URBAN
    return int(where)


@inlined
def _ruling_month(h: Any, j: int, k: int) -> int:
    """Month (serial) whose registration decides month k of record j: its own; of residents the December, as a year has
    one state."""
    return 12 * int(h.year[j]) + (11 if h.scheme[j] == 2 else k)


@jit
def _months_there(h: Any, i: int, place: int, month: int) -> int:
    """Employee months of person i in a province (position) before a month (serial), deemed ones included."""
    months, year, mask = 0, -1, 0
    for j in range(h.offsets[i], h.offsets[i + 1]):
        if h.scheme[j] != 1 or province_position(h.place[j]) != place or h.year[j] > month // 12:
            continue
        if h.year[j] != year:
            months += POPCOUNT[mask]
            year, mask = h.year[j], 0
        mask |= h.months[j]
    if year == month // 12:
        mask &= (1 << (month % 12)) - 1
    return int(months + POPCOUNT[mask])


@jit
def _long_insured(h: Any, i: int, place: int, month: int, restricted: Any) -> bool:
    if month < restricted[place, 0]:
        return False
    limit = restricted[place, 1] if h.sex[i] == 1 else restricted[place, 2]
    there = _months_there(h, i, place, month)
    return bool(long_insured(month - int(h.birth[i]), there, limit, restricted[place, 3]) == 1)


@inlined
def _is_tested(h: Any, j: int) -> bool:
    """Whether record j is a contribution that somebody could have been refused."""
    scheme, deemed = h.scheme[j], h.flags[j] & schema.FLAG_DEEMED
    return scheme == 2 or (scheme == 1 and insured_by_employer(h.form[j]) != 1 and not deemed)


@kernel
def _check(h: Any, first: int, last: int, wanted: Any, rules: Any, out: Any) -> None:
    """Fill ``out``, an ``Access`` in which everything is open, for the wanted people."""
    for i in range(first, last):
        year, closed, unknown = -1, 0, 0
        if not wanted[i]:
            continue
        for j in range(h.offsets[i], h.offsets[i + 1]):
            if not _is_tested(h, j & NOT_NEGATIVE):
                continue
            if h.year[j] != year:
                out.closed_months[i] += POPCOUNT[closed]
                out.unknown_months[i] += POPCOUNT[unknown & ~closed]
                year, closed, unknown = int(h.year[j]), 0, 0
            place, home, rest, shut, open_to_doubt = (
                province_position(h.place[j]),
                int(h.hukou[i]),
                int(h.months[j]),
                0,
                0,
            )
            # One round, or one for each registration of the year.
            while rest:
                part = rest
                if is_dated(h, i):
                    if h.scheme[j] == 1:
                        part = until_next(h, i, year, rest)
                    home = registered_at(h, i, _ruling_month(h, j, LOWEST[part]))
                rest &= ~part
                kind = _kind(h, i, j, home)
                mask = part & rules.not_open[kind, place, year - FIRST_YEAR]
                if mask == 0:
                    continue
                if out.kind[j] < 0:
                    out.kind[j] = kind
                refused = mask & rules.closed[kind, place, year - FIRST_YEAR]
                if 12 * year + 11 >= rules.restricted[place, 0]:
                    for k in range(12):
                        if refused >> k & 1 and _long_insured(h, i, place, 12 * year + k, rules.restricted):
                            refused &= ~(1 << k)
                shut |= refused
                open_to_doubt |= mask & ~refused
            if shut | open_to_doubt:
                out.closed[j] = shut
                out.unknown[j] = open_to_doubt
            closed |= shut
            unknown |= open_to_doubt
        out.closed_months[i] += POPCOUNT[closed]
        out.unknown_months[i] += POPCOUNT[unknown & ~closed]


def check(arrays: checks.HistoryArrays, parameters: Parameters, wanted: npt.NDArray[np.bool_] | None = None) -> Access:
    """The state of every record of people that passed the range check; ``wanted`` [person] leaves out the others."""
    people, records = arrays.sex.size, arrays.year.size
    chosen = np.ones(people, dtype=np.bool_) if wanted is None else wanted
    out = Access(
        np.full(records, -1, np.int8),
        np.zeros(records, np.int16),
        np.zeros(records, np.int16),
        np.zeros(people, np.int32),
        np.zeros(people, np.int32),
    )
    in_threads(_check, people, arrays, chosen, access_rules(parameters).rules, out)
    return out


def kept(access: Access, keep: npt.NDArray[np.bool_], offsets: npt.NDArray[np.int64]) -> Access:
    """The same for the people that are kept; ``offsets`` of all of them."""
    records = np.repeat(keep, np.diff(offsets))
    return Access(
        access.kind[records],
        access.closed[records],
        access.unknown[records],
        access.closed_months[keep],
        access.unknown_months[keep],
    )


# ---- refused, counted, listed ---------------------------------------------------------------------------------------


@kernel
def _split(h: Any, masks: Any, kinds: Any, record: Any, kind: Any, mask: Any) -> int:
    """Fill ``record``, ``kind`` and ``mask`` as ``_by_kind`` gives them; how many there are."""
    n = 0
    for i in range(h.sex.size):
        dated = is_dated(h, i)
        for j in range(h.offsets[i], h.offsets[i + 1]):
            rest = int(masks[j & NOT_NEGATIVE])
            while rest:
                part, of = rest, int(kinds[j])
                if dated:
                    part = rest & -rest
                    of = _kind(h, i, j, registered_at(h, i, _ruling_month(h, j, LOWEST[part])))
                record[n], kind[n], mask[n] = j, of, part
                rest &= ~part
                n += 1
    return n


def _by_kind(h: checks.HistoryArrays, access: Access, masks: npt.NDArray[np.int16]) -> tuple[Int, Int, Int]:
    """(record, kind, mask) of the months in ``masks`` [record], in their order: a record at a time, or a month where
    the registration is dated."""
    most = int(np.count_nonzero(masks)) * (12 if h.registration_month.size else 1)
    out = np.empty((3, most), np.int64)
    n = _split(h, masks, access.kind, out[0], out[1], out[2])
    return out[0, :n], out[1, :n], out[2, :n]


def mode_of(access: str) -> str:
    """``access`` when it is one of ``MODES``; InputError otherwise."""
    if access not in MODES:
        raise refuse(f"access is one of {', '.join(MODES)}", column="access", value=access)
    return access


def problems(histories: Histories, access: Access, parameters: Parameters) -> list[Problem]:
    """The first closed contribution of each person as a problem: where it stands, which rule it breaks."""
    rules, h = access_rules(parameters), histories.arrays
    record, kind, mask = _by_kind(h, access, access.closed)
    people, first = np.unique(np.searchsorted(h.offsets, record, side="right") - 1, return_index=True)
    codes = np.zeros(len(histories), np.int16)
    codes[people] = checks.PLACE
    at = np.full(len(histories), -1, np.int64)
    at[people] = record[first] - h.offsets[people]
    found = []
    for n, problem in zip(first.tolist(), histories.describe(codes, at), strict=True):
        j = int(record[n])
        text = rules.texts[kind[n]][_position(histories, j)]
        month = month_text(12 * int(h.year[j]) + int(LOWEST[mask[n]]))
        who = problem.rule.removeprefix(checks.RULES[checks.PLACE].text)
        found.append(problem._replace(rule=f"closed in {month}: {text}{who}"))
    return found


def require(histories: Histories, parameters: Parameters) -> None:
    """Raise ``InputError`` for contributions where the scheme was closed; the range check must have passed."""
    found = problems(histories, check(histories.arrays, parameters), parameters)
    if found:
        raise InputError(found)


def _position(histories: Histories, j: int) -> int:
    return schema.PLACE_INDEX[schema.province_of(int(histories.arrays.place[j]))]


_SCHEMES: Final = {number: name for name, number in schema.SCHEME.items()}
_FORMS: Final = {number: name for name, number in schema.FORM.items()}


def access_report(histories: Histories, i: int, parameters: Parameters | None = None) -> dict[str, Any]:
    """Closed and unknown months of person i, as the statement prints them.

    ``closed_months``, ``unknown_months`` (calendar months, closed before unknown) and ``months``: one row for each run
    of months with ``place``, ``from``, ``to`` (YYYY-MM), ``scheme``, ``form``, ``state`` and ``rule``. The histories
    must have passed the range check.
    """
    if parameters is None:
        from pension.parameters import load

        parameters = load()
    one = histories.slice(i, i + 1)
    h, access, texts = one.arrays, check(one.arrays, parameters), access_rules(parameters).texts
    found: dict[tuple[int, int, int, str, str], set[int]] = {}
    for state, masks in ((CLOSED, access.closed), (UNKNOWN, access.unknown)):
        for j, kind, mask in zip(*(column.tolist() for column in _by_kind(h, access, masks)), strict=True):
            text = texts[kind][_position(one, j)]
            months = found.setdefault((int(h.place[j]), int(h.scheme[j]), int(h.form[j]), STATES[state], text), set())
            months.update(12 * int(h.year[j]) + k for k in range(12) if mask >> k & 1)
    spans = sorted((*span, *key) for key, months in found.items() for span in _runs(months))
    return {
        "closed_months": int(access.closed_months[0]),
        "unknown_months": int(access.unknown_months[0]),
        "months": [
            {
                "place": place,
                "from": month_text(first),
                "to": month_text(last),
                "scheme": _SCHEMES[scheme],
                "form": _FORMS[form],
                "state": state,
                "rule": rule,
            }
            for first, last, place, scheme, form, state, rule in spans
        ],
    }


def _runs(months: set[int]) -> list[tuple[int, int]]:
    """First and last of each run of months (serials)."""
    firsts = sorted(month for month in months if month - 1 not in months)
    lasts = sorted(month for month in months if month + 1 not in months)
    return list(zip(firsts, lasts, strict=True))


_CELLS: Final = (_N_KINDS, schema.N_PLACES, len(_SCHEMES), len(_FORMS))
"""Kind, place, scheme, form: what months are counted by."""


@kernel
def _add_cells(h: Any, record: Any, kind: Any, mask: Any, months: Any, first: Any, last: Any) -> None:
    """Count the months of ``mask`` of these records by ``_CELLS``, with the first and the last one (serials)."""
    for n in range(record.size):
        j = record[n] & NOT_NEGATIVE
        at = (kind[n], province_position(h.place[j]), h.scheme[j], h.form[j])
        start = 12 * int(h.year[j])
        months[at] += POPCOUNT[mask[n]]
        first[at] = min(first[at], start + LOWEST[mask[n]])
        last[at] = max(last[at], start + HIGHEST[mask[n]])


_COUNTS: Final = ("closed_months", "unknown_months", "people_closed", "people_unknown")


@dataclass
class AccessSummary:
    """Closed and unknown months of the people that were settled, added up block by block."""

    closed_months: int = 0
    """Months of all people, each calendar month of a person once."""
    unknown_months: int = 0
    people_closed: int = 0
    """People with at least one closed month."""
    people_unknown: int = 0
    _cells: dict[tuple[int, int, int, int, int], list[int]] = field(default_factory=dict, repr=False)
    """(kind, place, scheme, form, state): months paid, first and last month."""
    _texts: tuple[tuple[str, ...], ...] = field(default=(), repr=False)

    def add(self, histories: Histories, access: Access, parameters: Parameters) -> None:
        """Count the people of one block."""
        self._texts = access_rules(parameters).texts
        self.closed_months += int(access.closed_months.sum())
        self.unknown_months += int(access.unknown_months.sum())
        self.people_closed += int(np.count_nonzero(access.closed_months))
        self.people_unknown += int(np.count_nonzero(access.unknown_months))
        h = histories.arrays
        for state, masks in ((CLOSED, access.closed), (UNKNOWN, access.unknown)):
            months = np.zeros(_CELLS, np.int64)
            first, last = np.full(_CELLS, _NEVER), np.zeros(_CELLS, np.int64)
            _add_cells(h, *_by_kind(h, access, masks), months, first, last)
            for k, p, s, f in np.argwhere(months).tolist():
                known = self._cells.setdefault((k, p, s, f, state), [0, _NEVER, 0])
                known[0] += int(months[k, p, s, f])
                known[1] = min(known[1], int(first[k, p, s, f]))
                known[2] = max(known[2], int(last[k, p, s, f]))

    def merge(self, other: AccessSummary) -> None:
        """Count the people of another one."""
        self._texts = self._texts or other._texts
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for cell, (months, first, last) in other._cells.items():
            known = self._cells.setdefault(cell, [0, _NEVER, 0])
            known[:] = [known[0] + months, min(known[1], first), max(known[2], last)]

    def state(self) -> dict[str, Any]:
        """For JSON; ``restored`` takes it back."""
        cells = [[*cell, *known] for cell, known in sorted(self._cells.items())]
        return {name: getattr(self, name) for name in _COUNTS} | {"cells": cells}

    @classmethod
    def restored(cls, state: dict[str, Any], parameters: Parameters) -> AccessSummary:
        """What ``state`` gave."""
        cells = {tuple(line[:5]): list(line[5:]) for line in state["cells"]}
        counts = {name: state[name] for name in _COUNTS}
        return cls(**counts, _cells=cells, _texts=access_rules(parameters).texts)

    def data(self) -> dict[str, Any]:
        """The counts, and ``months``: one row for each place, scheme, form of work and state with the first and the
        last month and the ``count`` of months paid (a month of two payments counts twice)."""
        rows = [
            {
                "place": schema.PLACES[place][0],
                "from": month_text(first),
                "to": month_text(last),
                "scheme": _SCHEMES[scheme],
                "form": _FORMS[form],
                "state": STATES[state],
                "count": count,
                "rule": self._texts[kind][place],
            }
            for (kind, place, scheme, form, state), (count, first, last) in sorted(self._cells.items())
        ]
        return {name: getattr(self, name) for name in _COUNTS} | {"months": rows}

    def __str__(self) -> str:
        return (
            f"{self.closed_months:,} months of {self.people_closed:,} people paid where closed, "
            f"{self.unknown_months:,} of {self.people_unknown:,} people where unknown"
        )
