"""What dates of death, disability and a resident claim, incomes and annuities cannot be: the rules, for many at once.

The case file (``pension.inputs.riders``) and the nested table (``pension.inputs.questions``) ask here. Months are
serials, -1 for none; numbers NaN for none; a rule about something that is not given is not broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.checks import range_check as checks
from pension.inputs import spells
from pension.law.annuities import annuity_within_limits
from pension.law.registry import plain
from pension.schema import month_text
from pension.tables.dense import LAST_YEAR, MAX_AGE

if TYPE_CHECKING:
    from pension.inputs.riders import Rules

Mask = npt.NDArray[np.bool_]
Months = npt.NDArray[np.integer[Any]]
Float = npt.NDArray[np.float64]

KINDS: Final = {"enterprise": 1, "occupational": 2}
"""Numbers of the kinds of annuities in the nested table."""
MIN_INCOME: Final = 10_000.0
MAX_INCOME: Final = 1_000_000.0
YEAR_RULE: Final = f"a year lies between {checks.FIRST_RECORD_YEAR} and {LAST_YEAR - 1}"
INCOME_RULE: Final = f"urban disposable income a head lies between {MIN_INCOME:,.0f} and {MAX_INCOME:,.0f} yuan a year"
_FIRST_RESIDENT_PENSION: Final = 12 * 2009 + 8
_MISSING: Final = schema.MISSING


class Rule(NamedTuple):
    """One rule."""

    key: str
    broken: Mask
    """[n]."""
    text: str | Callable[[int], str]
    """In words, or those of person or annuity i."""

    def words(self, i: int) -> str:
        """What is told of i."""
        return self.text if isinstance(self.text, str) else self.text(i)


class Questions(NamedTuple):
    """Months and incomes of people, [n] each."""

    death: Months
    disability: Months
    resident_claim: Months
    disposable_income: Float


class Plans(NamedTuple):
    """Annuities, [n] each, with birth and death of their members."""

    kind: Months
    start: Months
    end: Months
    base: Float
    employer_rate: Float
    employee_rate: Float
    birth: Months
    death: Months


def year_known(month: Months) -> Mask:
    """True for months inside the parameter tables."""
    return (month // 12 >= checks.FIRST_RECORD_YEAR) & (month // 12 < LAST_YEAR)


def person_rules(birth: Months, asked: Questions, rules: Rules) -> Iterator[Rule]:
    """What depends on the birth (-1 where it could not be read) and on nothing else of the history."""
    death, disability, resident = asked.death, asked.disability, asked.resident_claim
    born = birth != _MISSING
    dies, disabled, claims = (month != _MISSING for month in (death, disability, resident))
    wrong = born & dies & ~((birth <= death) & (death < birth + 12 * MAX_AGE))
    yield Rule("death", wrong, "a death lies between birth and 120")
    wrong = born & disabled & (disability < birth + checks.MIN_AGE_MONTHS)
    yield Rule("disability", wrong, "a disability allowance begins at 16 or later")

    def from_sixty(i: int) -> str:
        sixty = month_text(int(birth[i]) + checks.RESIDENT_AGE_MONTHS)
        return f"a resident pension is paid from the month after the 60th birthday's, {sixty}"

    yield Rule("resident_claim", born & claims & (resident <= birth + checks.RESIDENT_AGE_MONTHS), from_sixty)
    first = rules.month("disability_from")
    text = f"the disability allowance exists since {month_text(first)}"
    yield Rule("disability", disabled & (disability < first), text)
    wrong = claims & (resident < _FIRST_RESIDENT_PENSION)
    yield Rule("resident_claim", wrong, "the resident scheme exists since 2009-09")
    for key, given, month in (("disability", disabled, disability), ("resident_claim", claims, resident)):
        yield Rule(key, dies & given & (month > death), "the month lies after the death")
    income = asked.disposable_income
    yield Rule("disposable_income", ~np.isnan(income) & ~((income >= MIN_INCOME) & (income <= MAX_INCOME)), INCOME_RULE)


def annuity_rules(plans: Plans, rules: Rules) -> Iterator[Rule]:
    """Dates, rates and limits of annuities of a known kind."""
    start, end, death = plans.start, plans.end, plans.death
    begins, ends = start != _MISSING, end != _MISSING
    early = begins & (plans.birth != _MISSING) & (start < plans.birth + checks.MIN_AGE_MONTHS)
    yield Rule("start", early, "annuity contributions begin at 16 or later")
    yield Rule("end", begins & ends & (end < start), spells.END_RULE)
    yield Rule("start", begins & (death != _MISSING) & (start > death), "the month lies after the death")
    rates = {"employer_rate": plans.employer_rate, "employee_rate": plans.employee_rate}
    occupational = plans.kind == KINDS["occupational"]
    first = rules.month("annuity_occupational_from")
    text = f"occupational annuities exist since {month_text(first)}"
    yield Rule("start", occupational & begins & (start < first), text)
    for key, rate in rates.items():
        compulsory = rules.number(f"annuity_occupational_{key}")
        other = occupational & ~np.isnan(rate) & (rate != compulsory)
        yield Rule(key, other, f"an occupational annuity takes {compulsory:.0%} here")
    enterprise = plans.kind == KINDS["enterprise"]
    in_force = enterprise & (~ends | (end >= rules.month("annuity_enterprise_limits_from")))
    limits = [rules.number(f"annuity_enterprise_{name}_limit") for name in ("employer", "total")]
    within, exceeded = plain(annuity_within_limits.__name__), np.zeros(start.size, dtype=np.bool_)
    for i in np.flatnonzero(in_force & ~np.isnan(plans.employer_rate) & ~np.isnan(plans.employee_rate)):
        exceeded[i] = not within(float(plans.employer_rate[i]), float(plans.employee_rate[i]), *limits)
    text = f"employers pay at most {limits[0]:.0%}, both together {limits[1]:.0%} (人社部令36号 art. 15)"
    yield Rule("employer_rate", exceeded, text)


def possible_rules(asked: Questions, statutory: Months, award: Months) -> Iterator[Rule]:
    """What depends on the statutory month and the award."""
    disability = asked.disability
    given = disability != _MISSING
    late = given & (disability >= statutory)
    before = "a disability allowance begins before the statutory month {}"
    yield Rule("disability", late, lambda i: before.format(month_text(int(statutory[i]))))
    paid = given & ~late & (disability >= award)
    drawn = "the pension is drawn from the award {} on"
    yield Rule("disability", paid, lambda i: drawn.format(month_text(int(award[i]))))


def possible_annuities(plans: Plans, award: Months) -> Iterator[Rule]:
    """Contributions end with the award of the member, [n]."""
    text = "annuity contributions end with the award {}"
    for key, month in (("start", plans.start), ("end", plans.end)):
        late = (month != _MISSING) & (month > award)
        yield Rule(key, late, lambda i: text.format(month_text(int(award[i]))))
