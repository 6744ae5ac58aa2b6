"""The award form (核定表): what a province's agency prints for given years, index, base, account and age.

The components come from the law functions; a form adds the province's own roundings, which the settlement never makes.
Every line carries the convention it was printed by and where that convention was seen.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, Final

from pension import schema
from pension.award_forms.conventions import Conventions, YearsRule, conventions_of
from pension.award_forms.rounding import EXACT, Rounding, meant
from pension.errors import InputError, Problem, shown
from pension.inputs.spells import parse_place
from pension.law import ages, employee  # noqa: F401  registers the functions called below
from pension.law.registry import plain
from pension.parameters import Parameters, load
from pension.tables.dense import TRANSITION_SHAPE

CHOICES: Final = ("province", "exact")
"""``province`` rounds as the province's form does, ``exact`` not at all."""

_NOTICE: Final = {"en": "A research estimate, no official determination.", "zh": "研究测算，非官方核定。"}
_FIRST_FRACTIONAL: Final = schema.month_serial("2025-01")
_CORPS, _XINJIANG = 66, 65
_ORDER: Final = (
    *("years", "deemed_years", "early_paid_years", "average_index", "transition_index", "calculation_base"),
    *("indexed_wage", "transition_coefficient", "account_balance", "annuity_months", "flat_base_share"),
    *("basic", "transitional", "account", "total"),
)
"""Lines of a form from top to bottom."""
_MEAN, _BEIJING, _FIXED_INDEX = (TRANSITION_SHAPE[name] for name in ("mean", "beijing", "fixed_index"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a form."""

    name: str
    english: str
    chinese: str
    value: Decimal
    """As the form reckons with it; an amount as printed."""
    printed: str
    exact: float
    """The same quantity where nothing is rounded anywhere."""
    unit: str
    formula: str
    """With its numbers; empty for what was given."""
    convention: str
    convention_zh: str
    source: str
    """Where the convention stands."""
    status: str


@dataclass(frozen=True, slots=True)
class Lookup:
    """An input that was not given and taken from the parameters."""

    name: str
    value: float
    unit: str
    status: str
    source: str
    rule: str


@dataclass(frozen=True, slots=True)
class AwardForm:
    """A form line by line; ``form["basic"]`` is the line of that name, amounts in yuan/month."""

    place: int
    award: str
    area: str
    conventions: str
    lines: tuple[Line, ...]
    lookups: tuple[Lookup, ...]
    remarks: tuple[str, ...]
    parameters_hash: str

    def __getitem__(self, name: str) -> Line:
        for line in self.lines:
            if line.name == name:
                return line
        raise KeyError(name)

    @property
    def total(self) -> Decimal:
        """The monthly pension as printed, yuan."""
        return self["total"].value

    def data(self) -> dict[str, Any]:
        """The form as plain values; printed amounts as text, so that no digit is lost."""
        return {
            "notice": _NOTICE["en"],
            "place": self.place,
            "award": self.award,
            "area": self.area,
            "conventions": self.conventions,
            "lines": [{**asdict(line), "value": str(line.value)} for line in self.lines],
            "lookups": [asdict(lookup) for lookup in self.lookups],
            "remarks": list(self.remarks),
            "parameters": self.parameters_hash,
        }

    def text(self, lang: str = "en") -> str:
        """The form in English (``en``) or Chinese (``zh``)."""
        if lang not in _NOTICE:
            raise InputError([Problem("", None, "lang", shown(lang), "one of en, zh")])
        return _text(self, lang)


def award_form(
    province: int | str,
    *,
    award: str,
    average_index: float | None = None,
    account_balance: float | None = None,
    months: int | None = None,
    years: float | None = None,
    deemed_months: int | None = None,
    deemed_years: float | None = None,
    early_paid_months: int | None = None,
    paid_months: int | None = None,
    transition_index: float | None = None,
    transition_coefficient: float | None = None,
    notional_account: float | None = None,
    old_transitional: float | None = None,
    calculation_base: float | None = None,
    area: str = "province",
    annuity_months: float | None = None,
    age_months: int | None = None,
    conventions: str = "province",
    parameters: Parameters | None = None,
) -> AwardForm:
    """The award form of one person as the province prints it.

    ``province`` code or name; ``award`` month YYYY-MM. ``months`` counted months, deemed ones included, or ``years``
    as a form prints them, which are used as they stand; ``deemed_months`` or ``deemed_years`` likewise: all that earn
    the transitional pension, where the province counts them also months paid before the cut-off. In Beijing those are
    ``early_paid_months`` (1992-10..1998-06) of their own, with ``transition_index`` as their mean index.
    ``average_index`` 平均缴费指数; ``transition_index`` where the form has a second one. ``account_balance``,
    ``notional_account`` (Shanghai 推算储存额) yuan; ``old_transitional`` the transitional pension of the earlier
    method, yuan/month, while a new one is phased in. ``calculation_base`` (yuan/month), ``transition_coefficient`` (a
    year; ``paid_months`` decide where there are two) and ``annuity_months`` (from ``age_months`` at the award) are
    looked up where they are not given, and reported; ``area`` names the city whose base holds.

    Raises ``InputError`` naming every input that is missing, contradictory or out of range. Source: 国发〔2005〕38号
    art. 6 and the provincial methods; conventions of printed forms from ``award_conventions.csv``.
    """
    given = {name: value for name, value in locals().items() if name not in ("province", "award", "parameters")}
    return _Form(province, award, given, parameters if parameters is not None else load()).form()


class _Form:
    """Checks and completes the inputs, then reckons the lines: once as printed, once exactly."""

    def __init__(self, province: int | str, award: str, given: dict[str, Any], parameters: Parameters) -> None:
        self.given, self.parameters, self.tables = given, parameters, parameters.tables
        self.problems: list[Problem] = []
        self.lookups: list[Lookup] = []
        self.remarks: list[str] = []
        self.place = self._province(province)
        try:
            self.award = schema.month_serial(award)
        except (ValueError, AttributeError) as error:
            self._problem("award", str(error) if isinstance(error, ValueError) else "a month written YYYY-MM", award)
        if given["conventions"] not in CHOICES:
            self._problem("conventions", f"one of {', '.join(CHOICES)}", given["conventions"])
        self._refuse()
        if self.award < schema.FIRST_AWARD_MONTH:
            self._problem("award", "awards before 2014-07 follow rules that are not held", award)
            self._refuse()
        self.home = _XINJIANG if self.place == _CORPS else self.place
        if self.home != self.place:
            self.remarks.append("Xinjiang Corps: base, coefficient and conventions of Xinjiang")
        self.position = schema.PLACE_INDEX[self.home]
        self.printed = conventions_of(parameters, self.home, self.award)
        self.year = self.award // 12
        self._complete()
        self._refuse()

    # ---- inputs -----------------------------------------------------------------------------------------------------

    def _problem(self, name: str, rule: str, value: object = None) -> None:
        self.problems.append(Problem("", None, name, "" if value is None else shown(value), rule))

    def _refuse(self) -> None:
        if self.problems:
            raise InputError(self.problems)

    def _province(self, province: int | str) -> int:
        try:
            code = schema.province_of(parse_place(str(province)))
        except ValueError as error:
            self._problem("province", str(error), province)
            return schema.NATION
        return code

    def _number(self, name: str, *, low: float = 0.0, above: bool = False, whole: bool = False) -> float | None:
        """A given number inside its range; None where it is not given, or wrong."""
        value = self.given[name]
        if value is None:
            return None
        rule = f"a {'whole ' if whole else ''}number {'above' if above else 'of at least'} {low:g}"
        try:
            number = float(value)
            good = not isinstance(value, (bool, str)) and math.isfinite(number) and (number > low or not above)
        except (TypeError, ValueError):
            good = False
        if not good or number < low or (whole and number != int(number)):
            self._problem(name, rule, value)
            return None
        return number

    def _needed(self, name: str, why: str, **limits: Any) -> float:
        found = self._number(name, **limits)
        if self.given[name] is None:
            self._problem(name, f"missing: {why}")
        return math.nan if found is None else found

    def _complete(self) -> None:
        """Every input of the province's method, given or looked up."""
        self.index = self._needed("average_index", "the average contribution index of the award", above=True)
        self.balance = self._needed("account_balance", "the account at the award, yuan")
        self.months, self.years = self._duration("months", "years", above=True)
        self.deemed, self.deemed_years = self._duration("deemed_months", "deemed_years")
        self._too_long()
        self.base = self._base()
        self.annuity = self._annuity()
        self._transition()

    def _duration(self, months: str, years: str, above: bool = False) -> tuple[float, Decimal | None]:
        """Months, and the years where those were given as printed."""
        exact, printed = self._number(months, above=above, whole=True), self._number(years, above=above)
        none = "" if above else ", 0 where there are none"
        if (self.given[months] is None) == (self.given[years] is None):
            word = "missing" if self.given[months] is None else f"{years} is given too"
            self._problem(months, f"{word}: give {months}, or {years} as a form prints them{none}")
            return math.nan, None
        if printed is None:
            return math.nan if exact is None else exact, None
        rule = self.printed.years if years == "years" else self.printed.deemed_years
        if rule.month_rate is not None and self.given["conventions"] == "province":
            self._problem(years, f"give {months}: the province reckons {rule.text('en')}", self.given[years])
        return 12.0 * printed, meant(printed)

    def _too_long(self) -> None:
        early = self._number("early_paid_months", whole=True) or 0.0
        # Printed years are rounded, each up by less than a tenth of a year.
        slack = 1.2 if self.years is not None or self.deemed_years is not None else 0.0
        if self.deemed + early > self.months + slack:
            name = "deemed_months" if self.deemed_years is None else "deemed_years"
            self._problem(name, "more than all counted months", self.given[name])

    def _base(self) -> float:
        base = self._number("calculation_base", above=True)
        if self.given["calculation_base"] is not None:
            return math.nan if base is None else base
        table, area = self.parameters.files["calculation_base"], self.given["area"]
        published = {row["year"]: row for row in table if (row["place"], row["area"]) == (self.home, area)}
        if not published:
            areas = ", ".join(dict.fromkeys(row["area"] for row in table if row["place"] == self.home))
            self._problem("area", f"no calculation base is held of this area; held: {areas or 'none'}", area)
            return math.nan
        year, rule = self.year, "published"
        if year == max(published) + 1:
            year, rule = year - 1, f"the base of {self.year} is not held: an advance on that of the year before"
        if year not in published:
            self._problem("calculation_base", f"missing: no base of {self.year} is held")
            return math.nan
        row = published[year]
        found = table.number(row)
        self.lookups.append(Lookup("calculation_base", found, "yuan/month", row.status, row.source, rule))
        return found

    def _annuity(self) -> float:
        annuity, age = self._number("annuity_months", above=True), self._number("age_months", above=True, whole=True)
        if (self.given["annuity_months"] is None) == (self.given["age_months"] is None):
            word = "missing" if self.given["annuity_months"] is None else "age_months is given too"
            self._problem("annuity_months", f"{word}: give annuity_months, or age_months at the award")
        if self.given["annuity_months"] is not None or age is None:
            return math.nan if annuity is None else annuity
        whole, rest = divmod(int(age), 12)
        if rest and self.award < _FIRST_FRACTIONAL:
            rule = "before 2025 there was no common practice between whole ages: give annuity_months"
            self._problem("age_months", rule, self.given["age_months"])
            return math.nan
        at, after = (int(self.tables.annuity_months[min(max(a, 40), 70) - 40]) for a in (whole, whole + 1))
        found = float(plain("annuity_months")(at, after, rest))
        row = self.parameters.files["annuity_months"].rows[(min(max(whole, 40), 70),)]
        rule = f"age {whole} years {rest} months"
        self.lookups.append(Lookup("annuity_months", found, "months", row.status, row.source, rule))
        return found

    def _transition(self) -> None:
        """Inputs of the transitional pension, only where months earn one."""
        tables, i = self.tables, self.position
        self.shape = int(tables.transition_shape[i])
        self.early = self._number("early_paid_months", whole=True) or 0.0
        if self.shape == _BEIJING:
            self._needed("early_paid_months", "months paid 1992-10..1998-06, 0 where there are none", whole=True)
        elif self.given["early_paid_months"] is not None:
            self._problem("early_paid_months", "belongs to Beijing; elsewhere deemed_months hold all that count")
        self.earning = self.deemed + self.early
        self.separate = self.printed.transition_index.mode == "separate" or bool(tables.transition_own_index[i])
        second = self._number("transition_index", above=True)
        self.coefficient = self.notional = self.divisor = self.old = math.nan
        self.share = 1.0
        self.transition_index = self.index if second is None else second
        if self.earning == 0:
            for name in ("notional_account", "old_transitional"):
                if self._number(name):
                    self._problem(name, "belongs to a transitional pension, which no month earns", self.given[name])
            for name in ("transition_index", "transition_coefficient", "paid_months"):
                if self.given[name] is not None:
                    self.remarks.append(f"{name} is not used: no month earns a transitional pension")
        if not self.earning > 0:
            return
        if self.shape == _FIXED_INDEX:
            if self.given["transition_index"] is not None:
                self._problem("transition_index", "the province's index is fixed at 1", self.given["transition_index"])
        elif self.shape == _BEIJING and self.early > 0:
            self._needed("transition_index", "mean index of the months paid 1992-10..1998-06", above=True)
        elif self.shape != _BEIJING and self.separate:
            why = "the form has an index of its own for the transitional pension; give average_index where it has one"
            self._needed("transition_index", why, above=True)
        self.coefficient = self._coefficient()
        if self.printed.notional_divisor is not None:
            self.divisor = self.printed.notional_divisor.value
            why = "the notional account (推算储存额), yuan, 0 where there is none"
            self.notional = self._needed("notional_account", why)
        elif self.given["notional_account"] is not None:
            self._problem("notional_account", "the province's method has none", self.given["notional_account"])
        self._phase_in()

    def _coefficient(self) -> float:
        value = self._number("transition_coefficient", above=True)
        if self.given["transition_coefficient"] is not None:
            return math.nan if value is None else value
        low, high = self.tables.transition_coefficient[self.position]
        if math.isnan(low):
            self._problem("transition_coefficient", "missing: none is held of this province")
            return math.nan
        paid = self._number("paid_months", whole=True)
        if paid is None:
            paid = float(meant(self.months - self.earning)) if math.isfinite(self.months - self.earning) else math.nan
        threshold = int(self.tables.transition_threshold[self.position])
        found = float(plain("transition_coefficient")(float(low), float(high), float(threshold), paid))
        rule = "published" if low == high else f"{paid:g} paid months, threshold {threshold}"
        at = self.parameters.provenance("transition_coefficient", self.home)
        self.lookups.append(Lookup("transition_coefficient", found, "a year", at.status, at.source, rule))
        return found

    def _phase_in(self) -> None:
        rows = {r["year"]: r for r in self.parameters.files["transition_phase_in"] if r["place"] == self.home}
        if not rows:
            if self.given["old_transitional"] is not None:
                self._problem(
                    "old_transitional", "no phase-in of this province is held", self.given["old_transitional"]
                )
            return
        if self.year < min(rows):
            rule = f"awards before {min(rows)} follow an earlier method of the transitional pension, which is not held"
            self._problem("award", rule, schema.month_text(self.award))
            return
        row = rows[min(self.year, max(rows))]
        self.share = row["value"]
        if row["year"] != self.year and self.share < 1:
            self._problem("award", f"the phase-in after {max(rows)} is not held", schema.month_text(self.award))
            return
        self.lookups.append(Lookup("phase_in_share", self.share, "fraction", row.status, row.source, f"{self.year}"))
        if self.share < 1:
            why = f"{self.year} pays the old amount and {self.share:.0%} of what the new method gives more"
            self.old = self._needed("old_transitional", why)
        elif self.given["old_transitional"] is not None:
            self.remarks.append("old_transitional is not used: the new method is fully phased in")

    # ---- lines ------------------------------------------------------------------------------------------------------

    def form(self) -> AwardForm:
        rules = self.printed if self.given["conventions"] == "province" else self.printed.exact()
        exact = {line.name: float(line.value) for line in self._lines(self.printed.exact())}
        return AwardForm(
            self.place,
            schema.month_text(self.award),
            self.given["area"],
            self.given["conventions"],
            tuple(self._marked(line, exact[line.name]) for line in self._lines(rules)),
            tuple(self.lookups),
            tuple(self.remarks),
            self.parameters.hash,
        )

    def _marked(self, line: Line, exact: float) -> Line:
        """The line with its exact value, and whether it was looked up."""
        line = replace(line, exact=exact)
        if any(lookup.name == line.name for lookup in self.lookups):
            return replace(line, convention="looked up", convention_zh="查得")
        return line

    def _lines(self, rules: Conventions) -> list[Line]:
        base, index = self.base, float(rules.index(self.index))
        years, months = _reckoned(rules.years, self.months, self.years)
        wage = float(plain("indexed_wage")(base, index))
        used = rules.indexed_wage(wage)
        shown_wage = used if rules.indexed_wage.quantum is not None else rules.indexed_wage_print(wage)
        wage = wage if rules.indexed_wage.quantum is None else float(used)
        lines = [
            self._years_line("years", "Counted years", "缴费年限", years, self.months, self.years, rules.years, rules)
        ]
        transition, lines_of_transition = self._transitional(rules, base, index)
        lines += lines_of_transition
        lines += [
            _line("average_index", "Average index", "平均缴费指数", rules.index(self.index), "1", "", rules.index),
            _line("calculation_base", "Calculation base", "计发基数", meant(base), "yuan/month", "", EXACT),
            _line(
                "indexed_wage",
                "Indexed wage",
                "指数化月平均缴费工资",
                shown_wage,
                "yuan/month",
                f"{_text_of(base)} × {_text_of(index)}",
                rules.indexed_wage_print if rules.indexed_wage.quantum is None else rules.indexed_wage,
            ),
            _line("account_balance", "Account balance", "个人账户储存额", meant(self.balance), "yuan", "", EXACT),
            _line("annuity_months", "Annuity months", "计发月数", meant(self.annuity), "months", "", EXACT),
        ]
        flat = base
        if rules.flat_base_index_floor is not None:
            share = float(plain("flat_base_share")(index, rules.flat_base_index_floor.value))
            flat = base * share
            text = f"min(1, {_text_of(index)} / {rules.flat_base_index_floor.value:g})"
            lines.append(
                _line("flat_base_share", "Share of the base", "计发基数折算系数", meant(share), "1", text, EXACT)
            )
        basic = float(plain("basic_pension")(flat, wage, months))
        account = float(plain("account_pension")(self.balance, self.annuity))
        basic_text = f"({_text_of(flat)} + {_text_of(wage)}) / 2 × {_text_of(years)} × 1%"
        account_text = f"{_text_of(self.balance)} / {_text_of(self.annuity)}"
        unit = "yuan/month"
        parts = [
            ("basic", "Basic pension", "基础养老金", basic, basic_text),
            ("transitional", "Transitional pension", "过渡性养老金", *transition),
            ("account", "Account pension", "个人账户养老金", account, account_text),
        ]
        for name, english, chinese, amount, text in parts:
            lines.append(_line(name, english, chinese, rules.component(amount), unit, text, rules.component))
        summed = [float(part[3]) if rules.sum_of.mode == "exact" else rules.component(part[3]) for part in parts]
        total = rules.sum(math.fsum(summed) if rules.sum_of.mode == "exact" else sum(summed, Decimal(0)))
        text = " + ".join(_text_of(part) for part in summed)
        lines.append(_line("total", "Monthly pension", "基本养老金合计", total, unit, text, rules.sum))
        return sorted(lines, key=lambda line: _ORDER.index(line.name))

    def _years_line(
        self,
        name: str,
        english: str,
        chinese: str,
        value: Decimal,
        months: float,
        given: Decimal | None,
        rule: YearsRule,
        rules: Conventions,
    ) -> Line:
        line = _line(name, english, chinese, value, "years", "", rule.rounding)
        if given is not None:
            return replace(line, convention="as given", convention_zh="按输入", source="", status="")
        line = replace(line, convention=rule.text("en"), convention_zh=rule.text("zh"), formula=f"{months:g} / 12")
        if rules.years_print.mode == "decimal":
            return line
        whole, rest = divmod(int(months), 12)
        return replace(
            line, printed=f"{whole}y{rest}m" if rules.years_print.mode == "years_months" else f"{whole}.{rest:02d}"
        )

    def _transitional(self, rules: Conventions, base: float, index: float) -> tuple[tuple[float, str], list[Line]]:
        """The transitional pension before rounding with its formula, and the lines of what it is reckoned from."""
        years, months = _reckoned(rules.deemed_years, self.deemed, self.deemed_years)
        rule, lines = rules.deemed_years, []
        english = "Years of the transitional pension" if self.shape != _BEIJING else "Deemed years"
        chinese = "过渡性养老金计发年限" if self.shape != _BEIJING else "视同缴费年限"
        of_deemed = (years, self.deemed, self.deemed_years, rule, rules)
        lines.append(self._years_line("deemed_years", english, chinese, *of_deemed))
        early_years, early_months = _reckoned(rule, self.early, None)
        if self.shape == _BEIJING:
            of_early = (early_years, self.early, None, rule, rules)
            lines.append(
                self._years_line("early_paid_years", "Years paid 1992-10..1998-06", "建账前缴费年限", *of_early)
            )
        if not self.earning > 0:
            return (0.0, ""), lines
        own = index if self.given["transition_index"] is None else float(rules.index(self.transition_index))
        if rules.transition_index_floor is not None:
            own = float(plain("floored_transition_index")(own, rules.transition_index_floor.value))
        if self.shape == _FIXED_INDEX:
            own = 1.0
        if self.shape != _BEIJING or self.early > 0:
            of_index = (meant(own), "1", "", rules.index)
            lines.append(_line("transition_index", "Index of the transitional pension", "过渡性养老金指数", *of_index))
        k = self.coefficient
        lines.append(
            _line("transition_coefficient", "Transition coefficient", "过渡系数", meant(k), "a year", "", EXACT)
        )
        if rules.indexed_wage.quantum is not None:
            own = float(rules.indexed_wage(base * own)) / base
        p, n, i, kk = _text_of(base), _text_of(years), _text_of(own), f"{_text_of(100 * k)}%"
        transitional = plain("transitional_pension")
        if self.shape == _BEIJING:
            amount = transitional(base, 1.0, months, k) + transitional(base, own, early_months, k)
            text = f"{p} × 1 × {n} × {kk} + {p} × {i} × {_text_of(early_years)} × {kk}"
        elif self.shape == _MEAN:
            amount = plain("mean_transitional_pension")(base, own, months, k)
            text = f"({p} + {p} × {i}) / 2 × {n} × {kk}"
        else:
            amount = transitional(base, own, months, k)
            text = f"{p} × {i} × {n} × {kk}"
        if not math.isnan(self.notional):
            amount += plain("notional_account_pension")(self.notional, self.divisor)
            text += f" + {_text_of(self.notional)} / {self.divisor:g}"
        if not math.isnan(self.old):
            text = f"{_text_of(self.old)} + {self.share:.0%} × max({_text_of(amount)} − {_text_of(self.old)}, 0)"
            amount = plain("phased_in")(amount, self.old, self.share)
        return (float(amount), text), lines


def _reckoned(rule: YearsRule, months: float, given: Decimal | None) -> tuple[Decimal, float]:
    """Years as the form reckons with them, and the months that stand for them."""
    if given is not None:
        return given, months
    years = rule(months)
    exact = rule.rounding.quantum is None and rule.month_rate is None
    return years, months if exact else 12.0 * float(years)


def _line(name: str, english: str, chinese: str, value: Decimal, unit: str, formula: str, rounding: Rounding) -> Line:
    words = ("as given", "按输入") if rounding is EXACT and not formula else (rounding.text("en"), rounding.text("zh"))
    printed = f"{value:f}"
    return Line(
        name, english, chinese, value, printed, float(value), unit, formula, *words, rounding.source, rounding.status
    )


def _text_of(value: float | Decimal) -> str:
    return f"{meant(value):f}"


# ---- print ----------------------------------------------------------------------------------------------------------

_WORDS: Final = {
    "en": {
        "title": "Award form of {name}{area}, award of {award}",
        "province": "rounded as the province's form",
        "exact": "nothing rounded",
        "looked": "Looked up: {name} {value} {unit}, {status}: {source} ({rule})",
        "source": "Conventions: [{number}] {source} ({status})",
        "remark": "Note: {remark}",
    },
    "zh": {
        "title": "{name}{area}基本养老金核定表，{award}",
        "province": "按该省表样取整",
        "exact": "不取整",
        "looked": "查得：{name} {value} {unit}，{status}：{source}（{rule}）",
        "source": "取整依据：[{number}] {source}（{status}）",
        "remark": "注：{remark}",
    },
}


def _text(form: AwardForm, lang: str) -> str:
    words = _WORDS[lang]
    _, chinese, english = schema.PLACES[schema.PLACE_INDEX[form.place]]
    area = "" if form.area == "province" else f" ({form.area})" if lang == "en" else form.area
    title = words["title"].format(name=english if lang == "en" else chinese, area=area, award=form.award)
    out = [_NOTICE[lang], f"{title} ({words[form.conventions]})", ""]
    numbers: dict[tuple[str, str], int] = {}
    for line in form.lines:
        label, convention = (line.english, line.convention) if lang == "en" else (line.chinese, line.convention_zh)
        mark = ""
        if line.source:
            mark = f" [{numbers.setdefault((line.source, line.status), len(numbers) + 1)}]"
        formula = f"  = {line.formula}" if line.formula else ""
        pad = " " * max(1, 34 - _width(label))
        out.append(f"{label}{pad}{line.printed:>14}  {convention}{mark}{formula}")
    out.append("")
    for lookup in form.lookups:
        fields = {**asdict(lookup), "value": _text_of(lookup.value)}
        out.append(words["looked"].format(**fields))
    out += [words["source"].format(number=n, source=s, status=status) for (s, status), n in numbers.items()]
    out += [words["remark"].format(remark=remark) for remark in form.remarks]
    return "\n".join(out)


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in text)
