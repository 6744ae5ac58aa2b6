"""Which scheme, base and length of contribution is worth most to somebody who may choose.

>>> people = grid(income=[3000, 6000], place=[44], hukou=[41], hukou_type=["rural"], category=["male_60"], age=[30])
>>> found = choose(people, now="2026-01")
>>> found.best()                      # the best of the options that are open to each

Every option is a career that does not exist yet (``pension.choice.planned_careers``), settled by the one engine: net
pension wealth (NPW) is the present value of all benefits less that of the member's own contributions, both in constant
yuan at one date for all options of a person, the statutory month of the employee scheme. Careers begin ``now``; incomes
follow the reference wages of the place of work; resident contributions and their subsidies stay at today's amounts.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from pension import schema
from pension.checks import access
from pension.choice import planned_careers
from pension.choice.planned_careers import CEILING, FLOOR, INCOME, INDEX, Plans
from pension.engine import Engine
from pension.errors import InputError, Problem, refuse
from pension.inputs.spells import parse_place
from pension.kernels import award_fields
from pension.kernels import valuation as val
from pension.law.registry import plain
from pension.law.resident import required_years
from pension.parameters import Parameters, load
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR
from pension.wealth.contributions import contributions

if TYPE_CHECKING:
    from pension.accounting import Regime
    from pension.tables.dense import Tables

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

PEOPLE: Final = ("income", "place", "hukou", "hukou_type", "category", "age")
"""Columns of the people: income now in yuan/month, place of work, registered residence and its type, retirement
category (it says the sex), age now in years."""
EMPLOYED, AT_WORK, AT_HOME, RESIDENT, NONE = "employed", "individual", "individual at home", "resident", "none"
WAYS: Final = (EMPLOYED, AT_WORK, AT_HOME, RESIDENT, NONE)
"""Employee scheme with an employer, as an individual at the place of work, as an individual at the registered residence
where that is another province; resident scheme at the registered residence; nothing."""
BASES: Final = {"floor": FLOOR, "income": INCOME, "ceiling": CEILING}
MINIMUM, AWARD = "minimum", "award"
"""How long: until the months or years are paid that the law asks for, or until the award."""

LIMIT: Final = 0.20
"""Share of income that contributions may take; an assumption: what the law asks of an individual who pays on all of his
income."""

_EMPLOYEE: Final = schema.SCHEME["employee"]
_RESIDENT: Final = schema.SCHEME["resident"]
_MALE: Final = ("male_60", "male_hazardous_55")
_LAST_CLAIM: Final = 12 * 80 - 1
_TOLERANCE: Final = 1e-9

UNITS: Final = {
    "outlay": "yuan/month, now",
    "outlay_share": "fraction of income now",
    "own_value": "yuan of {price_year} at R0",
    "pw": "yuan of {price_year} at R0",
    "npw": "yuan of {price_year} at R0",
    "per_yuan": "yuan of benefits for a yuan of own contributions, both at R0",
    "npw_share": "fraction of the present value of income to the statutory month",
    "monthly": "yuan/month, nominal, at the award",
    "monthly_real": "yuan of {price_year} a month, deflated from the award year",
    "contribution": "yuan/year",
    "base": "yuan/month, now",
}


def grid(**columns: Iterable[Any]) -> pd.DataFrame:
    """All combinations of the values given for each of ``PEOPLE`` (or of some of them)."""
    return pd.DataFrame(list(itertools.product(*columns.values())), columns=list(columns))


@dataclass(frozen=True)
class People:
    """People who choose, checked, with the dates that the law gives them."""

    income: Float
    """Income now over the reference wage of the year before at the place of work."""
    work: Int
    hukou: Int
    """Places as positions in ``schema.PLACES``."""
    hukou_type: Int
    category: Int
    sex: Int
    birth: Int
    now: int
    statutory: Int
    """Statutory month of the employee scheme: R0 of every option."""
    minimum: Int
    """Months the employee scheme asks for."""

    def __len__(self) -> int:
        return int(self.birth.size)

    def take(self, rows: Int) -> People:
        """Some of the people."""
        columns = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "now"}
        return replace(self, **{name: column[rows] for name, column in columns.items()})


@dataclass(frozen=True)
class SchemeChoice:
    """Every option of every person, settled."""

    options: pd.DataFrame
    """One row a person and option: ``person`` (row of the people from 0), ``way, place, setting`` (floor, income,
    ceiling, index …, tier …), ``length, months`` (paid; a resident year is 12), ``base, contribution, outlay,
    outlay_share, own_value, pw, npw, per_yuan, npw_share, monthly, monthly_real, claim, route, reason`` (why
    undefined), ``access`` (open, closed, unknown), ``feasible`` and ``why_not``. Units in ``attrs``."""
    people: pd.DataFrame
    now: str
    regime: str
    scenario: str
    limit: float | None

    def best(self) -> pd.DataFrame:
        """The feasible option of the highest NPW of each person, in the order of the people; ties: the first."""
        rows = self.options[self.options["feasible"] & self.options["npw"].notna()]
        found = rows.loc[rows.groupby("person")["npw"].idxmax()].set_index("person")
        found = self.people.join(found.rename(columns={"place": "paid_at"}))
        found.attrs = self.options.attrs
        return found

    def text(self, most: int = 12) -> str:
        """The options of each person, best first (``most`` of them, and the best of every way)."""
        from pension.choice.scheme_choice_text import options_text

        return options_text(self, most)


def choose(
    people: pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    *,
    now: str | None = None,
    regime: str | Regime = "current",
    bases: Sequence[str] = tuple(BASES),
    indices: Sequence[float] = (),
    tiers: Sequence[float] | None = None,
    collective: float = 0.0,
    labour_relation: bool = False,
    limit: float | None = LIMIT,
    parameters: Parameters | None = None,
) -> SchemeChoice:
    """Settle every option of every person and say which are feasible.

    ``people`` has the columns ``PEOPLE`` (places and words as in other inputs). Options: the employee scheme with an
    employer at the base of the income; as an individual at the place of work and at the registered residence at each of
    ``bases`` and ``indices`` (multiples of the reference wage of the year before); the resident scheme at each tier of
    the residence (or at ``tiers``, yuan/year) with ``collective`` assistance a year; nothing. Each to the minimum
    length, beyond the statutory month where it must be, and to the award.

    Feasible: open by the dated access rules in every month paid (what is unknown is not open), within the base limits,
    and no dearer at the start than ``limit``, a share of income (None: any price). Without ``labour_relation`` nobody
    is employed; with it the employer insures and there is nothing to choose. ``now`` is the first month (``"YYYY-MM"``,
    default January after the price year). Raises ``InputError`` for people that cannot be.
    """
    parameters = parameters if parameters is not None else load()
    frame = _frame(people)
    start = first_month(now, parameters)
    if limit is not None and not 0.0 < limit <= 1.0:
        raise refuse("a share of income lies above 0 and at most at 1", column="limit", value=limit)
    if not 0.0 <= collective < np.inf:
        raise refuse("collective assistance is not negative", column="collective", value=collective)
    bench = Bench(parameters, regime)
    who = bench.people(frame, start)
    settings = [_setting(name) for name in bases] + [(f"index {z:g}", INDEX, z) for z in indices]
    for z in indices:
        if not z > 0.0:
            raise refuse("an index is greater than 0", column="indices", value=z)
    parts = [
        *employee_options(who, settings),
        *resident_options(who, parameters.tables, tiers, collective),
    ]
    options = bench.settle(who, parts)
    options = pd.concat([options, _nothing(frame, options)], ignore_index=True)
    options = options.sort_values("person", kind="stable", ignore_index=True)
    price_year = parameters.tables.price_year
    options = _judged(options, frame["income"].to_numpy(dtype=float), labour_relation, limit)
    options.attrs["units"] = {name: unit.format(price_year=price_year) for name, unit in UNITS.items()}
    return SchemeChoice(options, frame, schema.month_text(start), bench.regime.name, parameters.scenario, limit)


# ---- the people -----------------------------------------------------------------------------------------------------


def _frame(people: pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame([people] if isinstance(people, Mapping) else people).reset_index(drop=True)
    for name in PEOPLE:
        if name not in frame:
            raise refuse(f"people have the columns {', '.join(PEOPLE)}", column=name)
    if frame.empty:
        raise refuse("nobody is given", column="people")
    return frame[list(PEOPLE)]


def first_month(now: str | None, parameters: Parameters) -> int:
    """The month in which plans begin, a serial: ``now``, or January after the price year."""
    try:
        start = 12 * (int(parameters.tables.price_year) + 1) if now is None else schema.month_serial(now)
    except ValueError as error:
        raise refuse(str(error), column="now", value=now) from error
    if not schema.FIRST_AWARD_MONTH <= start < FIRST_MONTH + parameters.tables.base_floor.shape[1] - 12 * 100:
        raise refuse("a first month from 2014-07 on, a hundred years before the tables end", column="now", value=now)
    return start


def _setting(name: str) -> tuple[str, int, float]:
    if name not in BASES:
        raise refuse(f"a base is {', '.join(BASES)}, or an index", column="bases", value=name)
    return name, BASES[name], np.nan


def _codes(values: Iterable[Any], known: Mapping[str, int], column: str) -> Int:
    found = []
    for i, value in enumerate(values):
        if value not in known:
            raise InputError([Problem("", i + 1, column, str(value), f"is one of {', '.join(known)}")])
        found.append(known[value])
    return np.array(found, dtype=np.int64)


def _positions(values: Iterable[Any], column: str) -> Int:
    known: dict[Any, int] = {}
    found = []
    for i, value in enumerate(values):
        if value not in known:
            try:
                known[value] = schema.PLACE_INDEX[schema.province_of(parse_place(str(value)))]
            except (ValueError, KeyError) as error:
                raise InputError([Problem("", i + 1, column, str(value), str(error))]) from error
        found.append(known[value])
    return np.array(found, dtype=np.int64)


class Bench:
    """Parameters and one regime, ready to settle plans."""

    def __init__(self, parameters: Parameters, regime: str | Regime) -> None:
        self.parameters, self.tables = parameters, parameters.tables
        self.engine = Engine(parameters, [regime])
        (self.regime,) = self.engine.regimes

    def people(self, frame: pd.DataFrame, now: int) -> People:
        """The people of a frame with the columns ``PEOPLE``, checked."""
        category = _codes(frame["category"], schema.RETIREMENT_CATEGORY, "category")
        male = frame["category"].isin(_MALE).to_numpy()
        age = frame["age"].to_numpy(dtype=float)
        income = frame["income"].to_numpy(dtype=float)
        work = _positions(frame["place"], "place")
        for column, values, rule, fine in (
            ("age", age, "from 16 to 69 years", (age >= 16.0) & (age < 70.0)),
            ("income", income, "an income is greater than 0 yuan/month", (income > 0.0) & (income < np.inf)),
        ):
            if not fine.all():
                i = int(np.argmin(fine))
                raise InputError([Problem("", i + 1, column, f"{values[i]:g}", rule)])
        birth = now - np.rint(12.0 * age).astype(np.int64)
        n = birth.size
        missing = np.full(n, schema.MISSING)
        who = People(
            income / planned_careers.wages_before(self.tables, work, np.full(n, now)),
            work,
            _positions(frame["hukou"], "hukou"),
            _codes(frame["hukou_type"], schema.HUKOU_TYPE, "hukou_type"),
            category,
            np.where(male, schema.SEX["male"], schema.SEX["female"]),
            birth,
            now,
            missing,
            missing,
        )
        # An employee month makes an employee: the law's own function gives the statutory month.
        month = _plans(who, _EMPLOYEE, schema.FORM["flexible"], who.work, who.now, who.now, FLOOR, np.nan)
        statutory = self.engine.award_months(planned_careers.histories(self.tables, month).arrays)[0]
        if (statutory <= now).any():
            i = int(np.argmax(statutory <= now))
            when = schema.month_text(int(statutory[i]))
            rule = f"no month is left before the statutory month {when}"
            raise InputError([Problem("", i + 1, "age", f"{age[i]:g}", rule)])
        minimum = self.tables.minimum_months[statutory // 12 - FIRST_YEAR].astype(np.int64)
        return replace(who, statutory=statutory, minimum=minimum)

    def settle(self, who: People, parts: Sequence[Option]) -> pd.DataFrame:
        """One row an option (``SchemeChoice.options`` but for what is judged later)."""
        owner = np.concatenate([part.owner for part in parts])
        plans = Plans(*(np.concatenate(columns) for columns in zip(*(p.plans for p in parts), strict=True)))
        built = planned_careers.histories(self.tables, plans)
        h = built.arrays
        statutory, earliest, award, _ = self.engine.award_months(h)
        built.require(statutory, earliest)
        r0 = who.statutory[owner]
        found = self.engine.run(h, ("status", "route", "monthly", "pw"), reference=r0)
        world, rows = self.engine.world(h, r0)
        paid = contributions(self.tables, world, h, award, r0)
        price = world.awards[rows, val.PRICE]
        status = found.values[:, 0, 0].astype(np.int64)
        known = status == award_fields.DEFINED
        monthly, pw = (np.where(known, found.values[:, 0, k], np.nan) for k in (2, 3))
        prices = self.tables.price
        real = monthly * prices[self.tables.price_year - FIRST_YEAR] / prices[award // 12 - FIRST_YEAR]
        every = np.arange(owner.size)
        employee = plans.scheme == _EMPLOYEE
        base = np.where(employee, planned_careers.base_of(self.tables, plans, every, np.full(owner.size, who.now)), 0.0)
        kind = np.where(plans.form == schema.FORM["flexible"], 1, 0)
        rate = self.tables.own_rate[plans.place, who.now - FIRST_MONTH, kind]
        years = plans.last // 12 - plans.first // 12 + 1
        closed = access.check(h, self.parameters)
        state = np.where(closed.closed_months > 0, "closed", np.where(closed.unknown_months > 0, "unknown", "open"))
        codes = np.array([code for code, _, _ in schema.PLACES])
        texts = np.array([award_fields.STATUS_TEXT[code] for code in sorted(award_fields.STATUS_TEXT)], dtype=object)
        npw = pw - paid.own
        return pd.DataFrame(
            {
                "person": owner,
                "way": np.concatenate([np.full(part.owner.size, part.way, dtype=object) for part in parts]),
                "place": codes[plans.place],
                "setting": np.concatenate([part.setting for part in parts]),
                "length": np.concatenate([np.full(part.owner.size, part.length, dtype=object) for part in parts]),
                "months": np.where(employee, plans.last - plans.first + 1, 12 * years),
                "base": np.where(employee, base, np.nan),
                "contribution": np.where(employee, np.nan, plans.amount),
                "outlay": np.where(employee, base * rate, plans.amount / 12.0),
                "own_value": paid.own,
                "pw": pw,
                "npw": npw,
                "per_yuan": pw / paid.own,
                "npw_share": npw / income_values(self.tables, who, world, price, owner),
                "monthly": monthly,
                "monthly_real": real,
                "claim": award,
                "route": np.array(award_fields.ROUTES, dtype=object)[found.values[:, 0, 1].astype(np.int64)],
                "reason": np.where(known, "", texts[status]),
                "access": state,
                "limits": self.limits(plans),
            }
        )

    def limits(self, plans: Plans) -> npt.NDArray[np.object_]:
        """Where an index leaves the base limits in some month it is paid; empty elsewhere."""
        found = np.full(plans.sex.size, "", dtype=object)
        chosen = np.flatnonzero((plans.scheme == _EMPLOYEE) & (plans.setting == INDEX))
        for k in range(int((plans.last - plans.first)[chosen].max(initial=-1)) + 1):
            at = chosen[plans.first[chosen] + k <= plans.last[chosen]]
            month = plans.first[at] + k
            base = planned_careers.base_of(self.tables, plans, at, month)
            low, high = (
                limit[plans.place[at], month - FIRST_MONTH]
                for limit in (self.tables.base_floor, self.tables.base_ceiling)
            )
            # An index of exactly 0.6 or 3 is the ruled limit, but for rounding.
            found[at[base < low * (1.0 - _TOLERANCE)]] = "below the lowest base"
            found[at[base > high * (1.0 + _TOLERANCE)]] = "above the highest base"
        return found


def income_values(tables: Tables, who: People, world: Any, price: Float, owner: Int) -> Float:
    """Present value at R0 of the income from now to the statutory month, constant yuan, of the people ``owner``."""
    months = np.arange(who.now, int(who.statutory.max()) + 1)
    line = tables.reference_wage[:, months // 12 - 1 - FIRST_YEAR] / world.interest[months - FIRST_MONTH]
    total = np.cumsum(line, axis=1)
    at = who.statutory[owner]
    sums = total[who.work[owner], at - who.now] * world.interest[at - FIRST_MONTH]
    return np.asarray(who.income[owner] * sums * price)


# ---- the options ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Option:
    """One way, setting and length for those people to whom it belongs."""

    owner: Int
    way: str
    setting: npt.NDArray[np.object_]
    length: str
    plans: Plans


def _plans(
    who: People,
    scheme: int,
    form: int,
    place: Int,
    first: Any,
    last: Any,
    setting: int,
    amount: Any,
    claim: Any = schema.MISSING,
    collective: float = np.nan,
) -> Plans:
    n = len(who)
    whole = {"scheme": scheme, "form": form, "first": first, "last": last, "setting": setting, "claim": claim}
    columns = {name: np.broadcast_to(np.asarray(value, dtype=np.int64), n) for name, value in whole.items()}
    return Plans(
        sex=who.sex,
        category=who.category,
        birth=who.birth,
        hukou=who.hukou,
        hukou_type=who.hukou_type,
        place=place,
        work=who.work,
        amount=np.broadcast_to(np.asarray(amount, dtype=np.float64), n),
        collective=np.full(n, collective),
        **columns,
    )


def _option(who: People, way: str, setting: Any, length: str, plans: Plans, keep: npt.NDArray[np.bool_]) -> Option:
    owner = np.flatnonzero(keep)
    texts = np.broadcast_to(np.asarray(setting, dtype=object), len(who))[owner]
    return Option(owner, way, texts, length, plans.take(owner))


def employee_options(
    who: People, settings: Sequence[tuple[str, int, float]], ways: Sequence[str] = (EMPLOYED, AT_WORK, AT_HOME)
) -> Iterator[Option]:
    """Options of the employee scheme; a setting is (name, code, index)."""
    everybody = np.ones(len(who), dtype=np.bool_)
    for way in ways:
        form = schema.FORM["employed" if way == EMPLOYED else "flexible"]
        place = who.hukou if way == AT_HOME else who.work
        here = who.hukou != who.work if way == AT_HOME else everybody
        enough = who.now + who.minimum - 1
        # Who is short at the statutory month goes on as an individual until the months are there.
        late = enough > who.statutory
        reachable = enough <= who.birth + _LAST_CLAIM
        claim = np.where(late, enough, schema.MISSING)
        for name, code, index in settings if way != EMPLOYED else [("income", INCOME, np.nan)]:
            amount = who.income if code == INCOME else index
            whole = _plans(who, _EMPLOYEE, form, place, who.now, who.statutory, code, amount)
            yield _option(who, way, name, AWARD, whole, here)
            short = _plans(who, _EMPLOYEE, form, place, who.now, enough, code, amount, claim)
            may = ~late if way == EMPLOYED else reachable
            yield _option(who, way, name, MINIMUM, short, here & may & (enough != who.statutory))


def tiers_of(tables: Tables, place: int, month: int) -> Float:
    """Contribution tiers of the resident scheme open to everybody in a month, yuan/year; without a table the lowest."""
    at = (place, month - FIRST_MONTH)
    lowest = float(tables.lowest_tier[at])
    rows = tables.subsidy_tiers[tables.subsidy_start[at] : tables.subsidy_stop[at], 0]
    return np.unique(np.append(rows[rows >= lowest], lowest))


def resident_options(
    who: People, tables: Tables, tiers: Sequence[float] | None = None, collective: float = 0.0
) -> Iterator[Option]:
    """Options of the resident scheme: every tier of each residence, or the ``tiers`` given; none from 60 on."""
    sixty = who.birth + 720
    open_to = sixty >= who.now
    starts = tables.resident_start[who.hukou]
    required = np.array([plain(required_years.__name__)(int(a)) for a in starts - who.birth], dtype=np.int64)
    # The year of now counts whole.
    enough = 12 * (who.now // 12 + np.maximum(required, 1) - 1) + 11
    assisted = collective if collective > 0.0 else np.nan
    by_place = {int(p): tiers_of(tables, int(p), who.now) for p in np.unique(who.hukou)}
    amounts = sorted({float(x) for found in by_place.values() for x in found}) if tiers is None else list(tiers)
    for amount in amounts:
        if not amount > 0.0:
            raise refuse("a contribution is greater than 0 yuan/year", column="tiers", value=amount)
        has = np.array([tiers is not None or amount in by_place[int(p)] for p in who.hukou]) & open_to
        for length, last, may in ((AWARD, sixty, open_to), (MINIMUM, enough, enough // 12 < sixty // 12)):
            if (has & may).any():
                form = schema.FORM["flexible"]
                plans = _plans(who, _RESIDENT, form, who.hukou, who.now, last, FLOOR, amount, collective=assisted)
                yield _option(who, RESIDENT, f"tier {amount:g}", length, plans, has & may)


def _nothing(frame: pd.DataFrame, options: pd.DataFrame) -> pd.DataFrame:
    """Paying nothing: no pension, no outlay; these are amounts, not unknowns."""
    n = len(frame)
    found = pd.DataFrame({name: [np.nan] * n for name in options}).astype(options.dtypes.to_dict(), errors="ignore")
    zero = ("outlay", "own_value", "pw", "npw", "npw_share", "monthly", "monthly_real")
    found = found.assign(**dict.fromkeys(zero, 0.0), **dict.fromkeys(("setting", "length", "reason", "limits"), ""))
    return found.assign(person=np.arange(n), way=NONE, place=-1, months=0, claim=-1, route="none", access="open")


def _judged(options: pd.DataFrame, income: Float, labour_relation: bool, limit: float | None) -> pd.DataFrame:
    """With ``outlay_share``, ``feasible`` and ``why_not``; the first reason counts."""
    options["outlay_share"] = options["outlay"].to_numpy() / income[options["person"].to_numpy()]
    employed = options["way"].to_numpy() == EMPLOYED
    reasons = [
        (employed if not labour_relation else ~employed, "needs an employer" if not labour_relation else "has one"),
        (options["access"].to_numpy() == "closed", "closed"),
        (options["access"].to_numpy() == "unknown", "unknown whether open"),
        (options["limits"].to_numpy() != "", options["limits"].to_numpy()),
        (options["reason"].to_numpy() != "", "undefined"),
    ]
    if limit is not None:
        dear = options["outlay_share"].to_numpy() > limit * (1.0 + _TOLERANCE)
        reasons.append((dear, f"more than {limit:.0%} of income"))
    why = np.full(len(options), "", dtype=object)
    for holds, text in reversed(reasons):
        why = np.where(holds, text, why)
    options["why_not"] = why
    options["feasible"] = why == ""
    options["claim"] = [schema.month_text(int(m)) if m >= 0 else "" for m in options["claim"]]
    return options.drop(columns="limits")
