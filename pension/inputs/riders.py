"""Optional keys of a case about death, disability, a resident pension already drawn, and annuities.

``[person]`` may hold ``death``, ``disability`` and ``resident_claim`` (months as ``"YYYY-MM"``) and
``disposable_income`` (yuan a year: urban disposable income a head, of the year before, in the paying province);
each ``[[annuity]]`` one enterprise or occupational annuity. They are questions about one history: what would a death
in that month leave, what would a disability in that month pay.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from pension import schema
from pension.checks import range_check as checks
from pension.checks import rider_rules
from pension.errors import InputError, Problem, shown
from pension.inputs import spells
from pension.parameters import load
from pension.tables.parameter_files import ParameterError, ParameterTable

LineOf = Callable[[str, int, str], int | None]
"""Line of (table, number from 1, key) in the file, None when it is not known."""

PERSON_KEYS: Final = ("death", "disability", "resident_claim", "disposable_income")
ANNUITY_KEYS: Final = (
    *("kind", "start", "end", "base", "employer_rate", "employee_rate"),
    *("vesting_years", "return_rate", "notional", "instalments"),
)
ENTERPRISE: Final = "enterprise"
OCCUPATIONAL: Final = "occupational"

_MAX_RETURN: Final = 0.2
_MAX_INSTALMENTS: Final = 12 * 40
_MISSING: Final = "the key is missing"


# ---- figures of the parameter files ---------------------------------------------------------------------------------


class Rules:
    """Figures of the rules after the award, by name: ``Rules(parameters.files)``."""

    def __init__(self, files: Mapping[str, ParameterTable]) -> None:
        self.files = files

    def _table(self, name: str) -> ParameterTable:
        if name not in self.files:
            raise ParameterError(f"{name!r} is in no parameter file that was read", key=name)
        return self.files[name]

    def number(self, name: str) -> float:
        """A figure without key."""
        table = self._table(name)
        return table.number(table.scalar())

    def whole(self, name: str) -> int:
        """A figure without key that counts something."""
        value = self.number(name)
        if value != int(value):
            raise self._table(name).error(f"{value:g} is no whole number")
        return int(value)

    def month(self, name: str) -> int:
        """A month (serial) without key."""
        return int(self._table(name).scalar()["value"])

    def band(self, name: str, years: float) -> float:
        """Value of the row with the highest ``years_above`` not above ``years``."""
        table = self._table(name)
        rows = [row for row in table if row["years_above"] <= years]
        if not rows:
            raise table.error(f"has no row for {years:g} years")
        return table.number(max(rows, key=lambda row: float(row["years_above"])))

    def at_place(self, name: str, place: int, year: int) -> float | None:
        """Value of a place in a year; None where no figure of that place and date is known."""
        table = self._table(name)
        for row in table:
            if row["place"] == place and row["from_year"] <= year:
                return table.number(row)
        return None

    def status(self, name: str) -> str:
        """The least certain status of a parameter's rows."""
        order = ("statute", "official", "secondary", "estimated", "unconfirmed", "assumption")
        return max((row.status for row in self._table(name)), key=order.index)


@cache
def shipped_rules() -> Rules:
    """The figures that ship."""
    return Rules(load().files)


# ---- what a case may hold -------------------------------------------------------------------------------------------


class Annuity(NamedTuple):
    """One annuity beside the basic pension: equal monthly contributions of one employer's plan."""

    kind: str
    """``enterprise`` or ``occupational``."""
    start: int
    """First month of contributions (serial)."""
    end: int | None
    """Last month; None = to the award."""
    base: float
    """Yuan/month."""
    employer_rate: float
    employee_rate: float
    vesting_years: int
    """Years in which the employer's money becomes the member's; 0 = at once."""
    return_rate: float | None
    """Effective, a year; None = book rate of the scenario."""
    notional: bool
    """Employer money is only booked (记账) until the fiscal level that owes it pays."""
    instalments: int | None
    """Monthly instalments chosen for the payout; None = annuity months."""


@dataclass(frozen=True)
class Riders:
    """The optional keys of one case; months as serials."""

    death: int | None = None
    disability: int | None = None
    resident_claim: int | None = None
    """First month of a resident pension already drawn."""
    disposable_income: float | None = None
    """Urban disposable income a head, yuan a year (Q times twelve)."""
    annuities: tuple[Annuity, ...] = ()


def parse_riders(
    table: Mapping[str, Any],
    line_of: LineOf | None = None,
    *,
    file: str = "case.toml",
    rules: Rules | None = None,
) -> Riders:
    """The optional keys of a case as TOML gives it; other keys and tables are not looked at.

    ``line_of`` tells where a key stands, for messages. Raises ``InputError`` with every problem: key, value, rule.
    What depends on the statutory month or on the award is left to ``require_possible``.
    """
    parser = _Parser(line_of or (lambda table, number, key: None), file, rules or shipped_rules())
    person = table.get("person", {})
    if not isinstance(person, Mapping):
        parser.problem("person", 1, "", "person", "one table is needed: write [person]")
        person = {}
    rows = table.get("annuity", [])
    if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
        parser.problem("annuity", 1, "", "annuity", "a list of tables is needed: write [[annuity]]")
        rows = []
    riders = parser.riders(person, rows)
    if parser.problems:
        raise InputError(parser.problems)
    return riders


def require_possible(
    riders: Riders, statutory: int, award: int, line_of: LineOf | None = None, *, file: str = "case.toml"
) -> None:
    """Raise ``InputError`` for riders that cannot be: disability from the statutory month on, annuities paid after
    the award. ``statutory`` and ``award`` as serials."""
    found = []

    def note(table: str, number: int, rule: rider_rules.Rule, month: int | None) -> None:
        if month is not None and rule.broken[0]:
            label = f"{table}[{number}]" if table == "annuity" else table
            line = None if line_of is None else line_of(table, number, rule.key)
            found.append(Problem(file, line, f"{label}.{rule.key}", schema.month_text(month), rule.words(0)))

    awarded = np.array([award])
    for rule in rider_rules.possible_rules(_asked(riders), np.array([statutory]), awarded):
        note("person", 1, rule, riders.disability)
    for number, annuity in enumerate(riders.annuities, start=1):
        plan = _plan(annuity.kind, annuity.start, annuity.end)
        for rule in rider_rules.possible_annuities(plan, awarded):
            note("annuity", number, rule, annuity.start if rule.key == "start" else annuity.end)
    if found:
        raise InputError(found)


def _asked(riders: Riders) -> rider_rules.Questions:
    """The questions of one person as ``rider_rules`` takes them."""
    death, disability, claim = (
        np.array([_serial(m)]) for m in (riders.death, riders.disability, riders.resident_claim)
    )
    return rider_rules.Questions(death, disability, claim, _number(riders.disposable_income))


def _plan(
    kind: str | None,
    start: int | None,
    end: int | None,
    base: float | None = None,
    rates: tuple[float | None, float | None] = (None, None),
    birth: int | None = None,
    death: int | None = None,
) -> rider_rules.Plans:
    """One annuity as ``rider_rules`` takes it."""
    number = np.array([rider_rules.KINDS.get(str(kind), 0)])
    first, last, born, died = (np.array([_serial(m)]) for m in (start, end, birth, death))
    employer, employee = (_number(rate) for rate in rates)
    return rider_rules.Plans(number, first, last, _number(base), employer, employee, born, died)


def _serial(month: int | None) -> int:
    return schema.MISSING if month is None else month


def _number(value: float | None) -> rider_rules.Float:
    return np.array([np.nan if value is None else value])


class _Parser:
    def __init__(self, line_of: LineOf, file: str, rules: Rules) -> None:
        self.line_of, self.file, self.rules = line_of, file, rules
        self.problems: list[Problem] = []

    def problem(self, table: str, number: int, key: str, label: str, rule: str, value: object = None) -> None:
        text = "" if value is None else shown(value)
        self.problems.append(Problem(self.file, self.line_of(table, number, key), label, text, rule))

    def riders(self, person: Mapping[str, Any], rows: list[Mapping[str, Any]]) -> Riders:
        keys = _Keys(self, "person", 1, "person", person)
        birth = keys.birth()
        death, disability, resident_claim = (keys.month(key) for key in PERSON_KEYS[:3])
        low, high = rider_rules.MIN_INCOME, rider_rules.MAX_INCOME
        income = keys.number("disposable_income", low, high, rider_rules.INCOME_RULE)
        asked = _asked(Riders(death, disability, resident_claim, income))
        for rule in rider_rules.person_rules(np.array([_serial(birth)]), asked, self.rules):
            if rule.broken[0]:
                keys.problem(rule.key, rule.words(0), person[rule.key])
        annuities = [self.annuity(number, row, birth, death) for number, row in enumerate(rows, start=1)]
        return Riders(death, disability, resident_claim, income, tuple(a for a in annuities if a is not None))

    def annuity(self, number: int, row: Mapping[str, Any], birth: int | None, death: int | None) -> Annuity | None:
        before = len(self.problems)
        keys = _Keys(self, "annuity", number, f"annuity[{number}]", row)
        keys.close(ANNUITY_KEYS)
        kind = keys.word("kind", (ENTERPRISE, OCCUPATIONAL))
        start, end = keys.month("start", needed=True), keys.month("end")
        base = keys.number("base", 0.0, checks.MAX_BASE, spells.BASE_RULE, above=True, needed=True)
        enterprise = kind == ENTERPRISE
        employer = keys.number("employer_rate", 0.0, 1.0, spells.SHARE_RULE, needed=enterprise)
        employee = keys.number("employee_rate", 0.0, 1.0, spells.SHARE_RULE, needed=enterprise)
        most = self.rules.whole("annuity_vesting_most_years")
        vesting = keys.whole("vesting_years", 0, most, f"the employer's money vests within {most} years")
        rule = f"a return lies between {-_MAX_RETURN:.0%} and {_MAX_RETURN:.0%} a year"
        returns = keys.number("return_rate", -_MAX_RETURN, _MAX_RETURN, rule)
        notional = keys.switch("notional")
        instalments = keys.whole(
            "instalments", 1, _MAX_INSTALMENTS, f"monthly instalments are 1 to {_MAX_INSTALMENTS} in number"
        )
        plan = _plan(kind, start, end, base, (employer, employee), birth, death)
        for told in rider_rules.annuity_rules(plan, self.rules):
            if told.broken[0]:
                both = told.key == "employer_rate" and enterprise
                keys.problem(told.key, told.words(0), f"{employer:g} + {employee:g}" if both else row[told.key])
        if kind == OCCUPATIONAL:
            for key in ("vesting_years", "instalments"):
                if row.get(key):
                    keys.problem(key, f"an occupational annuity has no {key.replace('_', ' ')}", row[key])
            employer, employee = (self.rules.number(f"annuity_occupational_{key}") for key in ANNUITY_KEYS[4:6])
        elif enterprise:
            if row.get("notional"):
                keys.problem("notional", "only occupational annuities are booked without money", row["notional"])
            if "vesting_years" not in row and employer:
                keys.problem("vesting_years", f"{_MISSING}: 0 where the employer's money is the member's at once")
        if len(self.problems) > before or start is None or base is None or employer is None or employee is None:
            return None
        return Annuity(
            str(kind), start, end, base, employer, employee, vesting or 0, returns, bool(notional), instalments
        )


class _Keys:
    """One table: typed reading of its keys; None where a key is absent or refused."""

    def __init__(self, parser: _Parser, table: str, number: int, label: str, data: Mapping[str, Any]) -> None:
        self.parser, self.table, self.position, self.label, self.data = parser, table, number, label, data

    def problem(self, key: str, rule: str, value: object = None) -> None:
        self.parser.problem(self.table, self.position, key, f"{self.label}.{key}", rule, value)

    def close(self, known: tuple[str, ...]) -> None:
        for key in self.data:
            if key not in known:
                self.problem(key, f"unknown key{spells.did_you_mean(key, known)}")

    def _get(self, key: str, types: tuple[type, ...], what: str, needed: bool) -> Any:
        if key not in self.data:
            if needed:
                self.problem(key, _MISSING)
            return None
        value = self.data[key]
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            self.problem(key, f"wrong type: {what} is needed", value)
            return None
        return value

    def birth(self) -> int | None:
        """Month of birth if it can be read; the reader of the history complains where it cannot."""
        try:
            return spells.parse_month(str(self.data.get("birth", "")))
        except ValueError:
            return None

    def month(self, key: str, needed: bool = False) -> int | None:
        value = self._get(key, (str,), 'a month as text, "YYYY-MM",', needed)
        if value is None:
            return None
        try:
            serial = spells.parse_month(value)
        except ValueError as error:
            self.problem(key, str(error), value)
            return None
        if not rider_rules.year_known(np.array([serial]))[0]:
            self.problem(key, rider_rules.YEAR_RULE, value)
            return None
        return serial

    def word(self, key: str, words: tuple[str, ...]) -> str | None:
        value = self._get(key, (str,), f"one of {', '.join(words)}", needed=True)
        if value is not None and value not in words:
            self.problem(key, f"unknown {key}: one of {', '.join(words)}{spells.did_you_mean(value, words)}", value)
            return None
        return value

    def number(
        self, key: str, low: float, high: float, rule: str, *, above: bool = False, needed: bool = False
    ) -> float | None:
        value = self._get(key, (int, float), "a number", needed)
        if value is None:
            return None
        if not ((value > low if above else value >= low) and value <= high):
            self.problem(key, rule, value)
            return None
        return float(value)

    def whole(self, key: str, low: int, high: int, rule: str) -> int | None:
        value = self._get(key, (int,), "a whole number", needed=False)
        if value is None:
            return None
        if not low <= value <= high:
            self.problem(key, rule, value)
            return None
        return int(value)

    def switch(self, key: str) -> bool | None:
        value = self._get(key, (bool,), "true or false", needed=False)
        return None if value is None else bool(value)
