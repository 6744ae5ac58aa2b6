"""``current`` and ``fair`` for the benchmark cohort in whole-array NumPy: what the compiled kernel is compared with.

Written to be as fast as NumPy allows, not to be general. No loop over people or records; tables over (place, year,
mask of months) turn a record into one look-up and one product; sums over people and places are ``reduceat`` on sorted
runs; chunks of people stay in the cache; buffers are used again.

Shared with the kernel, because both sides need them: the dense parameter tables, the weights of months and the rows of
awards that ``Engine.world`` makes (both sides call it inside the measured time). Not computed: the severity
group (``stars``), which favours NumPy. What the cohort does not contain is not handled but refused by ``check``
before the clock starts: late payments, deemed months, decisions of the agency, claims other than statutory, payments
in the award year, several employee records of a year, returns to a place, resident years elsewhere than at the hukou.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from benchmarks.numpy_tables import (
    KEY_STEP,
    MONTHS,
    PLACES,
    Births,
    RecordTables,
    ResidentTables,
    premium_amounts,
    record_tables,
    resident_tables,
    subsidy_tables,
)
from pension import schema
from pension.kernels import award_fields as of
from pension.kernels import valuation as val
from pension.kernels.cells import LAST_EARLY_YEAR, POPCOUNT
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR, Tables
from pension.tables.world import rate_classes

if TYPE_CHECKING:
    from pension.engine import Engine
    from pension.histories import HistoryArrays
    from pension.tables.world import World

Array = npt.NDArray[Any]
Float = npt.NDArray[np.float64]

CHUNK: Final = 8192
"""People a chunk; from 4,096 to 16,384 the speed is the same."""
COLUMNS: Final = ("status", "route", "monthly", "pw")

_INDIVIDUAL: Final = schema.FORM["part_time"]
"""From this form on a worker insures as an individual."""
_MALE_LIMIT, _FEMALE_LIMIT = 600, 480
_FIRST_TEMPORARY_MONTH: Final = 12 * 2010
_TEN_YEARS: Final = 120


class UnsupportedCohort(ValueError):
    """The people have something that this baseline does not handle."""


def check(engine: Engine, h: HistoryArrays) -> None:
    """UnsupportedCohort unless the people are as the benchmark cohort is; outside the measured time."""
    statutory, _, award, _ = engine.award_months(h)
    home = [schema.PLACE_INDEX[code] for code in np.unique(h.hukou).tolist()]
    counts = np.diff(h.offsets)
    person = np.repeat(np.arange(counts.size), counts)
    employee, resident = h.scheme == 1, h.scheme == 2
    same_person = person[1:] == person[:-1]
    # Employee records alone, in order: a place is one run, a year one record.
    who, where, year = person[employee], h.place[employee], h.year[employee]
    again = who[1:] == who[:-1]
    runs = np.flatnonzero(np.r_[True, ~again | (where[1:] != where[:-1])])
    visits = who[runs].astype(np.int64) * 100 + where[runs]
    # The same with resident records between them, as the runs below are formed.
    key = h.place + 100 * h.scheme.astype(np.int64)
    raw = np.flatnonzero(np.r_[True, ~same_person | (key[1:] != key[:-1])])
    raw = raw[employee[raw]]
    before_sixty = h.year < (h.birth[person] + 720) // 12
    rules = {
        "a scheme other than employee and resident": np.all(employee | resident),
        "flags of records": not h.flags.any(),
        "dated registrations": h.registration_month.size == 0,
        "stated incomes or shares of payers": np.isnan(h.payer_share).all(),
        "a claim other than statutory": np.array_equal(statutory, award),
        "a county's own start of the resident scheme": np.all(h.resident_start < 0),
        "a person without employee records": np.all(np.bincount(who, minlength=counts.size) > 0),
        "two employee records of a year": not np.any(again & (year[1:] == year[:-1])),
        "a return to a place": np.unique(visits).size == visits.size == raw.size,
        "contributions in the award year": np.all(h.year < (award // 12)[person]),
        "resident years from 60": np.all(before_sixty[resident]),
        "resident years elsewhere than at the hukou": np.array_equal(h.place[resident], h.hukou[person[resident]]),
        "two resident records of a year": not np.any(
            resident[1:] & resident[:-1] & same_person & (h.year[1:] == h.year[:-1])
        ),
        "places of four or six digits": h.place.max() < 100 and h.hukou.max() < 100,
        "more resident years than are subsidised": np.bincount(person[resident]).max(initial=0)
        <= engine.parameters.tables.subsidy_max_years.min(),
        "a place without payment of missing years": np.all(engine.parameters.tables.lump_backpay_allowed[home] != 0),
    }
    broken = [name for name, holds in rules.items() if not holds]
    if broken:
        raise UnsupportedCohort(f"the baseline does not handle {', '.join(broken)}")


class Baseline:
    """The job of ``Engine(parameters, ["current", "fair"]).run(arrays)`` for one checked cohort."""

    def __init__(self, engine: Engine, arrays: HistoryArrays, chunk: int = CHUNK) -> None:
        check(engine, arrays)
        self.engine, self.arrays, self.chunk = engine, arrays, chunk
        self.masks = np.unique(arrays.months[arrays.scheme == 1]).astype(np.intp)

    def run(self) -> Float:
        """[person, regime, column] as ``Entitlements.values`` with the columns ``COLUMNS``."""
        h = self.arrays
        world, rows = self.engine.world(h)
        n = h.sex.size
        values = np.empty((n, 2, len(COLUMNS)))
        tables = self.engine.parameters.tables
        records = record_tables(tables, h, self.masks)
        people = np.zeros((3, world.awards.shape[0]), dtype=np.int64)
        people[0][rows] = h.sex
        people[1][rows] = h.birth
        births = Births(
            people[0], people[1], world.awards[:, val.AWARD].astype(int), world.awards[:, val.REFERENCE].astype(int)
        )
        job = _Job(tables, world, records, births, int(np.diff(h.offsets).max()) * self.chunk)
        for first in range(0, n, self.chunk):
            last = min(n, first + self.chunk)
            job.settle(h, rows[first:last], first, last, values[first:last])
        return values


class _Money(NamedTuple):
    """Resident side by person, in yuan over the cumulated book growth (face: in yuan)."""

    has: Array
    months: Float
    account: Float
    refund_face: Float
    overlap: Float
    """Whole money of overlapped months."""


class _Bridge(NamedTuple):
    """What bridging gives whatever money comes along, for the people ``who``."""

    who: Array
    monthly: Float
    value: Float
    backpay: Float


class _Job:
    """Tables and buffers of one run."""

    def __init__(self, tables: Tables, world: World, records: RecordTables, births: Births, most_records: int) -> None:
        self.tables, self.records = tables, records
        award, sixty = births.award, births.birth + 720
        self.bridged = resident_tables(tables, world, births, np.maximum(sixty, award) + 1)
        self.retained = resident_tables(tables, world, births, sixty + 1)
        self.premium = premium_amounts(tables).ravel()
        self.subsidies = subsidy_tables(tables, records.first_year, records.years)
        self.fields = np.ascontiguousarray(world.awards.T)
        self.deferred = award < sixty

        def by_award(values: Array) -> Array:
            """[place, row] -> [row * places + place]."""
            return np.ascontiguousarray(values.T).ravel()

        year = award // 12 - FIRST_YEAR
        self.base = by_award(tables.calculation_base[:, year])
        interest = 1.0 + tables.employee_rate[:, year] / 12.0 * (award % 12 + 1)
        self.closing = by_award(tables.employee_growth[:, year - 1] * interest)
        # What becomes of resident money at the award and at 60: with interest to that month, and to the year before.
        self.carried, self.opening = [], []
        for month in (award, sixty):
            year = month // 12 - FIRST_YEAR
            growth = tables.resident_growth[:, year - 1]
            interest = 1.0 + tables.resident_rate[:, year] / 12.0 * (month % 12 + 1)
            self.opening.append(by_award(growth))
            self.carried.append(by_award(growth * interest))
        age = tables.resident_start[:, None] - births.birth
        self.required = by_award(np.where(age < 540, 15.0, np.maximum(0.0, (720 - age) // 12)))
        self.lowest_tier = by_award(tables.lowest_tier[:, award - FIRST_MONTH])
        self.employee_field = (val.N_AWARD + rate_classes(tables.employee_rate)[0]) * award.size
        first = val.N_AWARD + world.n_employee_classes
        self.resident_field = (first + 4 * rate_classes(tables.resident_rate)[0]) * award.size

        # Paid months that earn a transitional pension, by place and year: a mask, where the province counts any.
        first = 12 * (FIRST_YEAR + np.arange(LAST_EARLY_YEAR - FIRST_YEAR + 1))
        low = np.clip(tables.transition_paid_from[:, None] - first, 0, 12)
        high = np.clip(tables.transition_cutoff[:, None] - first, -1, 11)
        counted = (tables.transition_counts_paid[:, None] == 1) & (low <= high)
        self.window = np.where(counted, (2 << np.maximum(high, 0)) - (1 << low), 0)
        self.coefficient = tables.transition_coefficient[:, 0] / 12.0
        self.wage = tables.reference_wage

        self.stride = records.years * records.n_masks
        self.place_key = records.position * self.stride - records.first_year * records.n_masks
        self.small = np.empty(most_records, dtype=np.int16)
        self.whole = np.empty((3, most_records), dtype=np.intp)
        self.sums = np.empty((3, most_records))

    def settle(self, h: HistoryArrays, rows: Array, first: int, last: int, out: Float) -> None:
        """One chunk of people into ``out``."""
        tables = self.records
        start, stop = int(h.offsets[first]), int(h.offsets[last])
        span, count, people = slice(start, stop), stop - start, last - first
        begin = h.offsets[first:last] - start
        place, scheme, base, year = h.place[span], h.scheme[span], h.base[span], h.year[span]
        hukou = tables.position[h.hukou[first:last]]
        code = rows * PLACES
        home = code + hukou

        # Records: one number for place, year and mask.
        small, (mask, keys, wide) = self.small[:count], self.whole[:, :count]
        np.left_shift(scheme, 12, out=small, dtype=np.int16)
        small |= h.months[span]
        np.take(tables.mask_of, small, out=mask, mode="clip")
        np.take(self.place_key, place, out=keys, mode="clip")
        keys += mask
        np.multiply(year, tables.n_masks, out=wide, dtype=np.intp)
        keys += wide
        sums = self.sums[:, :count]
        np.take(tables.months, mask, out=sums[0], mode="clip")
        np.take(tables.indices, keys, out=sums[1], mode="clip")
        np.take(tables.account, keys, out=sums[2], mode="clip")
        sums[1:] *= base

        # Runs: consecutive records of one person, scheme and place.
        small &= ~np.int16(4095)
        small |= place
        new = np.empty(count, dtype=np.bool_)
        np.not_equal(small[1:], small[:-1], out=new[1:])
        new[begin] = True
        runs = np.flatnonzero(new)
        run_months, run_index, run_account = np.add.reduceat(sums, runs, axis=1)
        lengths = np.diff(runs, append=count)
        run_first = np.searchsorted(runs, begin)
        run_person = np.repeat(np.arange(people), np.diff(run_first, append=runs.size))
        run_place = tables.position[place[runs]]
        paid = scheme[runs] == 1
        run_row = code[run_person] + run_place

        # Temporary accounts and claim places: the last run that serves, or the registered residence.
        birth, sex = h.birth[first:last], h.sex[first:last]
        limit = np.where(sex == 1, _MALE_LIMIT, _FEMALE_LIMIT) + birth
        opened = 12 * year[runs].astype(np.int64) + tables.lowest[mask[runs]]
        away = run_place != hukou[run_person]
        temporary = away & (opened >= _FIRST_TEMPORARY_MONTH) & (opened >= limit[run_person])
        number = np.arange(1, runs.size + 1)
        ten_years = run_months >= _TEN_YEARS
        claims = []
        for serves in (paid & ~temporary, paid):
            relation = np.maximum.reduceat(number * serves, run_first)
            upper = np.maximum.reduceat(number * (serves & ten_years), run_first)
            elsewhere = (relation > 0) & away[relation - 1] & (upper > 0)
            claims.append(np.where(elsewhere, run_place[upper - 1], hukou))

        # The employee side of everybody.
        months = np.add.reduceat(run_months, run_first)
        account = np.add.reduceat(run_account * self.closing[run_row], run_first)
        segments = np.add.reduceat(self.base[run_row] * (run_months + run_index), run_first)
        short = months < self.fields[val.MINIMUM][rows]
        # Indices against the wages of the claim place, only where they are asked for.
        run_claim = claims[0][run_person]
        foreign = np.flatnonzero(paid & (run_place != run_claim) & ~short[run_person])
        if foreign.size:
            shift = (run_claim - run_place)[foreign] * self.stride
            run_index[foreign] = self._again(tables.indices, keys, base, runs[foreign], lengths[foreign], shift)
        index = np.add.reduceat(run_index, run_first) / months
        side = self._resident_side(h, span, begin, hukou, mask, runs, lengths, run_person, paid, people)
        award_value = self.fields[val.AT_AWARD_VALUE][rows]
        bridge = self._bridge(np.flatnonzero(short), rows, home, hukou, months, side.months)
        at_award = side.account * self.carried[0][home]
        before_award = side.account * self.opening[0][home]
        overlap = side.overlap * self.carried[0][home]

        # The law in force: resident money goes into the employee account. Pooled money moves in neither regime: under
        # the fair one it follows only those without any employee month, whom the cohort does not have.
        claim, refund = claims[0], side.refund_face
        wage = self.base[code + claim]
        basic = (wage + wage * index) / 2.0 * months / 12.0 * 0.01
        early = np.flatnonzero((year <= LAST_EARLY_YEAR) & (scheme == 1))
        whose = np.searchsorted(begin, early, side="right") - 1
        basic += self._transition(h, start + early, whose, code, claim[whose])
        monthly, pw = self._employee(rows, claim, basic, account + (at_award - refund))
        pw += refund * award_value
        route = np.where(side.has, of.ROUTE_TO_EMPLOYEE, of.ROUTE_EMPLOYEE)
        who = bridge.who
        comes = account[who] + bridge.backpay
        net, principal = at_award[who] - refund[who] + comes, before_award[who] - refund[who] + comes
        monthly[who], pw[who] = self._bridged(bridge, rows, hukou, net, principal)
        pw[who] += (refund * award_value)[who]
        route[who] = of.ROUTE_TO_RESIDENT
        self._write(out[:, 0], rows, route, monthly, pw)

        # The fair accounting: segments at home values, resident rights beside, or the bridge where it is worth more.
        basic = segments / 2.0 / 12.0 * 0.01
        basic += self._transition(h, start + early, whose, code, tables.position[place[early]])
        monthly, pw = self._employee(rows, claims[1], basic, account + overlap)
        keep = np.flatnonzero(side.has)
        if keep.size:
            more, value = self._retained(keep, rows, home, hukou, side)
            monthly[keep] += more
            pw[keep] += value
        route = np.where(side.has, of.ROUTE_RETAIN, of.ROUTE_EMPLOYEE)
        comes = account[who] + bridge.backpay
        # Overlapped money leaves the resident account and comes back: only its principal changes.
        before = (before_award - side.overlap * self.opening[0][home] + overlap)[who] + comes
        other_monthly, other_pw = self._bridged(bridge, rows, hukou, at_award[who] + comes, before)
        better = other_pw > pw[who]
        chosen = who[better]
        monthly[chosen], pw[chosen], route[chosen] = other_monthly[better], other_pw[better], of.ROUTE_TO_RESIDENT
        self._write(out[:, 1], rows, route, monthly, pw)

    def _transition(self, h: HistoryArrays, early: Array, whose: Array, code: Array, at: Array) -> Float:
        """Transitional pensions of paid months by the methods of the places ``at``, each with the index of its own
        months (as the four provinces have it that count paid months)."""
        year = h.year[early] - FIRST_YEAR
        months = POPCOUNT[h.months[early] & self.window[at, year]]
        index = h.base[early] / self.wage[at, year - 1] * months
        part = self.base[code[whose] + at] * index * self.coefficient[at]
        return np.bincount(whose, part, minlength=code.size)

    def _again(self, table: Float, keys: Array, base: Array, runs: Array, lengths: Array, shift: Array) -> Float:
        """Sums over some runs of another entry of ``table``."""
        picked = _members(runs, lengths)
        at_place = keys[picked] + np.repeat(shift, lengths)
        return np.add.reduceat(np.take(table, at_place, mode="clip") * base[picked], np.cumsum(lengths) - lengths)

    def _resident_side(
        self,
        h: HistoryArrays,
        span: slice,
        begin: Array,
        hukou: Array,
        mask: Array,
        runs: Array,
        lengths: Array,
        run_person: Array,
        paid: Array,
        people: int,
    ) -> _Money:
        side = _Money(np.zeros(people, dtype=np.bool_), *(np.zeros(people) for _ in range(4)))
        of_residents = np.flatnonzero(~paid)
        if of_residents.size == 0:
            return side
        picked = _members(runs[of_residents], lengths[of_residents])
        person = np.repeat(run_person[of_residents], lengths[of_residents])
        tables, subsidies = self.records, self.subsidies
        year, amount = h.year[span], h.base[span][picked]
        y = year[picked] - tables.first_year
        here = hukou[person]
        table = subsidies.table[here, y]
        row = np.searchsorted(subsidies.keys, table * KEY_STEP + amount, side="right") - 1
        subsidy = subsidies.amounts[row]
        december = 12 * (year[picked].astype(np.int64) - FIRST_YEAR) + 11
        floor = self.tables.subsidy_floor[december, (amount >= self.tables.subsidy_floor_tier).astype(np.intp)]
        credit = amount + np.where(np.isnan(subsidy), floor, subsidy)
        # Records of a year stand employee first: the one before holds the months paid twice.
        before = np.maximum(picked - 1, begin[person])
        overlap = tables.months[mask[before]] * (year[before] == year[picked])
        growth = self.tables.resident_growth[here, y + (tables.first_year - FIRST_YEAR)]
        credit /= growth
        firsts = np.flatnonzero(np.diff(person, prepend=-1))
        who = person[firsts]
        side.has[who] = True
        side.months[who] = np.add.reduceat(12.0 - overlap, firsts)
        side.account[who] = np.add.reduceat(credit, firsts)
        side.refund_face[who] = np.add.reduceat(amount / 12.0 * overlap, firsts)
        side.overlap[who] = np.add.reduceat(credit / 12.0 * overlap, firsts)
        return side

    def _employee(self, rows: Array, claim: Array, basic: Float, account: Float) -> tuple[Float, Float]:
        pension = account / self.fields[val.ANNUITY][rows]
        pw = basic * self.fields[val.EMPLOYEE_VALUE][rows]
        pw += pension * self.fields[val.ACCOUNT_VALUE][rows]
        pw += account * self.fields.ravel()[self.employee_field[claim] + rows]
        return basic + pension, pw

    def _premium(self, tables: ResidentTables, home: Array, hukou: Array, months: Array) -> tuple[Float, Float]:
        """(monthly amount at the start, value) of the year premium."""
        line = hukou * (self.tables.premium_from.shape[1] * MONTHS) + months
        monthly = self.premium[line + tables.version[home] * MONTHS] * tables.multiple[home]
        value = np.zeros(home.size)
        for version, factor in tables.factors:
            value += self.premium[line + version * MONTHS] * factor[home]
        return monthly, value

    def _bridge(self, who: Array, rows: Array, home: Array, hukou: Array, employee: Array, resident: Array) -> _Bridge:
        row, home = rows[who], home[who]
        years = (employee[who] + resident[who]) // 12
        monthly, value = self._premium(self.bridged, home, hukou[who], 12 * years.astype(np.intp))
        backpay = np.maximum(0.0, self.required[home] - years) * self.lowest_tier[home]
        monthly += self.bridged.monthly[home]
        value += self.bridged.value[home]
        value -= backpay * self.fields[val.AT_AWARD_VALUE][row]
        return _Bridge(who, monthly, value, backpay)

    def _bridged(
        self, bridge: _Bridge, rows: Array, hukou: Array, money: Float, principal: Float
    ) -> tuple[Float, Float]:
        row = rows[bridge.who]
        field = self.resident_field[hukou[bridge.who]] + row
        balance, inheritance = self._deferred(row, field, money, principal, 1)
        pension = balance / 139.0
        return bridge.monthly + pension, bridge.value + pension * self.bridged.level[row] + inheritance

    def _deferred(self, row: Array, field: Array, money: Float, principal: Float, settled: int) -> tuple[Float, Float]:
        """(balance, value of inheritances); ``settled`` the field where the award is not before 60."""
        flat, n = self.fields.ravel(), self.fields.shape[1]
        first, second = flat[field], flat[field + n]
        later = self.deferred[row]
        balance = np.where(later, first * money + second * principal, money)
        deferred = flat[field + 2 * n] * money + flat[field + 3 * n] * principal
        return balance, np.where(later, deferred, money * (second if settled else first))

    def _retained(self, who: Array, rows: Array, home: Array, hukou: Array, side: _Money) -> tuple[Float, Float]:
        """(monthly, value) of the resident right beside an employee pension."""
        row, home = rows[who], home[who]
        months = side.months[who]
        required = self.required[home]
        with np.errstate(divide="ignore"):
            share = np.where(required > 0.0, np.minimum(1.0, months / (12.0 * required)), 1.0)
        monthly, value = self._premium(self.retained, home, hukou[who], months.astype(np.intp))
        monthly += self.retained.monthly[home]
        value += self.retained.value[home]
        net = side.account[who] - side.overlap[who]
        later = self.deferred[row]
        money = net * np.where(later, self.carried[0][home], self.carried[1][home])
        balance, inheritance = self._deferred(
            row, self.resident_field[hukou[who]] + row, money, net * self.opening[0][home], 0
        )
        pension = balance / 139.0
        return share * monthly + pension, share * value + pension * self.retained.level[row] + inheritance

    def _write(self, out: Float, rows: Array, route: Array, monthly: Float, pw: Float) -> None:
        defined = np.isfinite(pw) & np.isfinite(monthly)
        out[:, 0] = np.where(defined, of.DEFINED, of.UNKNOWN_PARAMETER)
        out[:, 1] = route
        out[:, 2] = monthly
        np.multiply(pw, self.fields[val.PRICE][rows], out=out[:, 3])


def _members(runs: Array, lengths: Array) -> Array:
    """Numbers of all records of some runs."""
    ends = np.cumsum(lengths)
    return np.repeat(runs - ends + lengths, lengths) + np.arange(ends[-1])
