"""One person with something changed: other months, another base, another claim; settled by the one engine.

Nothing is computed here by a formula of its own: a change is a change of the history, and the engine settles it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension import accounting, schema
from pension.checks import range_check as checks
from pension.engine import Engine
from pension.errors import refuse
from pension.histories import DTYPES, RECORD_TYPES, Histories, HistoryArrays
from pension.inputs.history_arrays import joined
from pension.kernels import award_fields, cells, settle
from pension.kernels import valuation as val
from pension.kernels.cells import TRACE_COLUMNS, new_scratch
from pension.schema import FULL_YEAR
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, Tables
from pension.variants.base_provisions import RECORDED

EMPLOYEE: Final = schema.SCHEME["employee"]
RESIDENT: Final = schema.SCHEME["resident"]
FLEXIBLE: Final = schema.FORM["flexible"]

Float = npt.NDArray[np.float64]


@dataclass(frozen=True)
class LastMonth:
    """The last paid employee month of a person."""

    month: int
    place: int
    """GB/T 2260 code as recorded."""
    form: int
    index: float
    """Bases of the month there over the reference wage of the year before."""


@dataclass(frozen=True)
class Outcome:
    """One changed history, settled."""

    award: int
    statutory: int
    """Also R0, the date of all present values."""
    problem: str
    """The rule of the input that the change breaks; empty where there is none."""
    results: Float
    """[regime, field of ``settle``], NaN where there is none."""
    minimum: int
    own: float
    """Own contributions paid after the month asked for, yuan at face value."""
    own_value: float
    """The same at R0, constant yuan of the price year."""
    price: float
    """Constant yuan of the price year for one yuan at R0."""

    def reason(self, regime: int) -> str:
        """Why there is no result under a regime; empty where there is one."""
        if self.problem:
            return self.problem
        status = int(self.results[regime, award_fields.STATUS])
        return "" if status == award_fields.DEFINED else award_fields.STATUS_TEXT[status]

    def net(self, regime: int) -> float:
        """Net pension wealth: present value less that of the own contributions still to be paid."""
        return float(self.results[regime, award_fields.PW]) - self.own_value


# ---- reading a history --------------------------------------------------------------------------------------------


def employee_records(h: HistoryArrays) -> npt.NDArray[np.int64]:
    """Positions of the paid employee records."""
    return np.flatnonzero((h.scheme == EMPLOYEE) & (h.flags & schema.FLAG_DEEMED == 0))


def months_of(h: HistoryArrays, records: Iterable[int]) -> set[int]:
    """Month serials of these records."""
    return {12 * int(h.year[j]) + k for j in records for k in range(12) if int(h.months[j]) >> k & 1}


def last_recorded(h: HistoryArrays) -> int:
    """Last month of any record; -1 without one."""
    return max(months_of(h, range(h.year.size)), default=-1)


def last_paid(h: HistoryArrays, tables: Tables) -> LastMonth | None:
    """The last paid employee month; in two places the one with the higher base, ties to the lower code."""
    records = employee_records(h)
    month = max(months_of(h, records), default=None)
    if month is None:
        return None
    here = [j for j in records if h.year[j] == month // 12 and int(h.months[j]) >> month % 12 & 1]
    by_place: dict[int, float] = {}
    for j in here:
        by_place[int(h.place[j])] = by_place.get(int(h.place[j]), 0.0) + float(h.base[j])
    place = min(by_place, key=lambda code: (-by_place[code], code))
    form = int(max((float(h.base[j]), int(h.form[j])) for j in here if h.place[j] == place)[1])
    wage = reference_wage(tables, place, month // 12)
    return LastMonth(month, place, form, by_place[place] / wage)


def reference_wage(tables: Tables, place: int, year: int) -> float:
    """Denominator of the months of ``year`` at a place: the reference wage of the year before, yuan/month."""
    position = schema.PLACE_INDEX[schema.province_of(place)]
    return float(tables.reference_wage[position, year - 1 - FIRST_YEAR])


def own_payments(h: HistoryArrays, tables: Tables, after: int, award: int) -> dict[int, float]:
    """The member's own contributions by month (serial), yuan, of the months after ``after``.

    Employees pay the employee share of the base, individuals the whole rate; a resident payment falls in December, in
    the award month of the award year, and is the government's where it is a hardship payment.
    """
    paid: dict[int, float] = {}
    for j in range(h.year.size):
        year, base = int(h.year[j]), float(h.base[j])
        if h.scheme[j] == RESIDENT:
            month = min(12 * year + 11, award)
            if month > after and not h.flags[j] & schema.FLAG_PROXY:
                paid[month] = paid.get(month, 0.0) + base
        elif h.scheme[j] == EMPLOYEE and not h.flags[j] & schema.FLAG_DEEMED:
            position = schema.PLACE_INDEX[schema.province_of(int(h.place[j]))]
            kind = 1 if h.form[j] >= cells.INDIVIDUAL_FORM else 0
            for month in months_of(h, [j]):
                if month > after:
                    rate = float(tables.own_rate[position, month - FIRST_MONTH, kind])
                    paid[month] = paid.get(month, 0.0) + rate * base
    return paid


# ---- changing a history -------------------------------------------------------------------------------------------


def _built(old: Histories, columns: dict[str, Any], claim: int | None) -> Histories:
    order = np.lexsort((columns["form"], columns["place"], columns["scheme"], columns["year"]))
    records = {name: np.asarray(columns[name])[order].astype(DTYPES[name]) for name in RECORD_TYPES}
    people = {name: np.asarray(getattr(old.arrays, name)) for name in DTYPES if name not in RECORD_TYPES}
    people["offsets"] = np.array([0, order.size], np.int64)
    if claim is not None:
        people["claim"] = np.array([claim], np.int32)
    return Histories.build(old.person, {**people, **records})


def with_records(old: Histories, keep: npt.NDArray[np.bool_], claim: int | None = None) -> Histories:
    """Some of the records only; ``claim`` another award month (serial)."""
    return _built(old, {name: getattr(old.arrays, name)[keep] for name in RECORD_TYPES}, claim)


def until(old: Histories, last: int, claim: int | None = None) -> Histories:
    """The history up to the month ``last``: later employee months and resident years are dropped."""
    h = old.arrays
    year = h.year.astype(np.int64)
    within = np.clip(last - 12 * year + 1, 0, 12)
    months = h.months.astype(np.int64) & ((1 << within) - 1)
    # A resident payment covers its calendar year whatever the month of the award.
    months = np.where(h.scheme == RESIDENT, np.where(within > 0, FULL_YEAR, 0), months)
    columns = {name: getattr(h, name) for name in RECORD_TYPES} | {"months": months}
    keep = months > 0
    return _built(old, {name: np.asarray(values)[keep] for name, values in columns.items()}, claim)


def with_months(
    old: Histories,
    tables: Tables,
    months: Iterable[int],
    place: int,
    form: int,
    index: float,
    *,
    flags: int = 0,
    claim: int | None = None,
) -> Histories:
    """The history with employee months more, each at ``index`` times the reference wage of the year before."""
    masks: dict[int, int] = {}
    for month in months:
        masks[month // 12] = masks.get(month // 12, 0) | 1 << month % 12
    rows = [
        {"year": year, "months": mask, "scheme": EMPLOYEE, "form": form, "place": place, "flags": flags}
        | {"base": index * reference_wage(tables, place, year)}
        for year, mask in sorted(masks.items())
    ]
    return _with_rows(old, rows, claim)


def with_resident_years(
    old: Histories, years: Iterable[int], place: int, contribution: float, claim: int | None = None
) -> Histories:
    """The history with one resident payment of ``contribution`` yuan for each year."""
    rows = [
        {"year": year, "months": FULL_YEAR, "scheme": RESIDENT, "form": FLEXIBLE, "place": place, "flags": 0}
        | {"base": contribution}
        for year in years
    ]
    return _with_rows(old, rows, claim)


def _with_rows(old: Histories, rows: Sequence[dict[str, Any]], claim: int | None) -> Histories:
    absent = {"work_place": schema.MISSING, "income": np.nan, "payer_share": np.nan}
    columns = {
        name: np.concatenate([getattr(old.arrays, name), np.array([(absent | row)[name] for row in rows])])
        for name in RECORD_TYPES
    }
    return _built(old, columns, claim)


def at_claim(old: Histories, tables: Tables, award: int, claim: int) -> Histories:
    """The same person claiming in the month ``claim`` instead of ``award``.

    Months after an earlier claim are not worked. Who works to the award goes on to a later claim, at the same place,
    form and index (人社部发〔2024〕94号: the labour relation and its contributions continue); others add nothing.
    """
    cut = until(old, claim, claim)
    last = last_paid(old.arrays, tables)
    if claim <= award or last is None or last.month < award:
        return cut
    return with_months(cut, tables, range(award + 1, claim + 1), last.place, last.form, last.index, claim=claim)


# ---- settling -----------------------------------------------------------------------------------------------------


def no_steps(count: int) -> Any:
    """Traces without room: only the results are wanted."""
    return np.zeros((count, 1, TRACE_COLUMNS))


def settle_person(
    world: Any,
    row: int,
    h: HistoryArrays,
    regimes: Sequence[accounting.Regime],
    digest_trace: Any = None,
    traces: Any = None,
) -> tuple[Any, Float]:
    """(cells, results [regime, field]) of the one person of ``h``, awarded as row ``row`` of ``world.awards`` says.

    The records are settled as they stand: base provisions of the regimes are ``pension.choice.one_history``'s."""
    codes, alpha = accounting.vectors(regimes)
    scratch = new_scratch()
    results = np.empty((len(regimes), award_fields.N_RESULTS))
    digest_trace = no_steps(1)[0] if digest_trace is None else digest_trace
    traces = no_steps(len(regimes)) if traces is None else traces
    settle.trace_kernel(h, 0, row, world, codes, alpha, scratch, results, digest_trace, traces)
    return scratch, results


def require_recorded(regimes: Iterable[accounting.Regime]) -> None:
    """InputError where a regime rests on another history than the recorded one: what is changed here is that one."""
    for regime in regimes:
        if regime.plan != RECORDED:
            rule = "ways to go on are compared over the history as recorded; this regime rests on another one"
            raise refuse(rule, column="regime", value=regime.name)


def settle_all(engine: Engine, people: Sequence[Histories], after: int) -> list[Outcome]:
    """Settle changed histories of one person each; a change that breaks a rule of the input gives its text."""
    require_recorded(engine.regimes)
    arrays = joined([p.arrays for p in people])
    statutory, earliest, award, _ = engine.award_months(arrays)
    broken, _ = checks.first_problems(arrays, statutory, earliest)
    sound = np.flatnonzero(broken == 0)
    values = np.full((len(people), len(engine.regimes), award_fields.N_RESULTS), np.nan)
    minimum, own, own_value, price = (np.full(len(people), np.nan) for _ in range(4))
    if sound.size:
        some = joined([people[i].arrays for i in sound.tolist()])
        world, rows = engine.world(some)
        values[sound] = engine.run(some, award_fields.RESULT_NAMES).values
        for i, row in zip(sound.tolist(), rows.tolist(), strict=True):
            a = world.awards[row]
            h = people[i].arrays
            sex, birth, reference = int(h.sex[0]), int(h.birth[0]), int(a[val.REFERENCE])
            minimum[i], price[i] = a[val.MINIMUM], a[val.PRICE]
            paid = own_payments(h, engine.parameters.tables, after, int(a[val.AWARD]))
            own[i] = sum(paid.values())
            own_value[i] = price[i] * sum(
                yuan * float(val.one_payment(world, sex, birth, month, reference)) for month, yuan in paid.items()
            )
    out = []
    for i in range(len(people)):
        problem = checks.RULES[int(broken[i])].text if broken[i] else ""
        out.append(
            Outcome(
                int(award[i]),
                int(statutory[i]),
                problem,
                values[i],
                0 if np.isnan(minimum[i]) else int(minimum[i]),
                float(own[i]),
                float(own_value[i]),
                float(price[i]),
            )
        )
    return out


def one_person(source: Any, parameters: Any) -> Histories:
    """The history of one person: a case file, or histories of one person."""
    from pension.inputs.opening import read_case

    histories = source if isinstance(source, Histories) else read_case(source, parameters)
    if len(histories) != 1:
        raise refuse("a statement explains one person", column="people", value=len(histories))
    return histories
