"""What follows an award, worked by hand: deaths, disability, both pensions, annuities, stars, access.

The small country: C = P = 8,000, 8 % of the base to the account and by the employee, 20 % pooled, no interest, nobody
dies before 120, B = 200, subsidies 30 (60 from 500). Q = 2,818.50 a month, the figure of the rulebook (E9, 8).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from .by_hand import DEEMED, GUANGDONG, HENAN, LATE, close, employee, lookup, month, person, resident
from .reference import Ledger
from .reference.access import individual_months, stars, state
from .reference.afterwards import Estate, allowance, bereavement_months, estate, reckoning
from .reference.annuities import Plan, holding

Q = Decimal("2818.5")
LAST = month("2030-12")
TIBET, BEIJING, ZHEJIANG, SHANDONG = 54, 11, 33, 37
MAN = person("1964-06", HENAN)
"""Awarded in 2024-06."""


def left(
    records: list[Any], death: str, who: dict[str, Any] = MAN, income: Decimal | None = 12 * Q, **toy: Any
) -> Estate:
    """What a death in a month leaves."""
    return estate(who, records, lookup(**toy), month(death), income)


# ---- death ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("months", "expected"),
    [(59, 3), (60, 6), (119, 6), (120, 9), (180, 9), (181, 9 + 1 / 12), (255, 15.25), (360, 24), (480, 24)],
)
def test_months_of_the_bereavement_grant(months: int, expected: float) -> None:
    # 21 years 3 months: 9 + 6.25 = 15.25 (E9, 8); 30 years 24, and never more
    assert close(bereavement_months(Decimal(months) / 12), expected)


def test_a_death_in_service_leaves_the_account_and_both_grants() -> None:
    # 255 months: 2·Q = 5,637.00 and 15.25·Q = 42,982.125, together 48,619.13 (E9, 8); account 255 · 640
    found = left(employee(HENAN, "2001-01", "2022-03", 8000.0), "2022-03")
    assert close(found.funeral, 5637) and close(found.bereavement, 42982.125)
    assert close(found.employee_account, 255 * 640) and found.resident_account == 0


def test_what_is_paid_after_the_death_is_another_question() -> None:
    # 60 of the months lie before 2022-01: 6·Q, 60 · 640
    found = left(employee(HENAN, "2017-01", "2024-06", 8000.0), "2021-12")
    assert close(found.bereavement, 6 * 2818.5) and close(found.employee_account, 60 * 640)


def test_under_five_years_own_contributions_cap_the_grants() -> None:
    # 5·Q = 14,092.50 against 24 · 640 = 15,360 and 12 · 640 = 7,680; an individual's 20 % count as the 8 % credited
    assert close(left(employee(HENAN, "2020-01", "2021-12", 8000.0), "2022-01").together, 14092.5)
    assert close(left(employee(HENAN, "2020-01", "2020-12", 8000.0), "2022-01").together, 7680)
    assert close(left(employee(HENAN, "2020-01", "2020-12", 8000.0, form=3), "2022-01").together, 7680)


def test_a_pensioners_grant_falls_with_the_years_drawn_to_nine_months() -> None:
    # 240 months: 9 + 5 = 14; 18 months drawn: 12.5; after ten years 9
    records = employee(HENAN, "2004-07", "2024-06", 8000.0)
    assert close(left(records, "2025-12").bereavement, 12.5 * 2818.5)
    assert close(left(records, "2034-06").bereavement, 9 * 2818.5)
    # the account pays 240 · 640 / 139 a month; 18 payments left it
    assert close(left(records, "2025-12").employee_account, 240 * 640 * (1 - 18 / 139))


def test_before_its_day_a_rule_gives_no_grant_and_an_income_not_given_none() -> None:
    records = employee(HENAN, "2001-01", "2020-12", 8000.0)
    for found in (left(records, "2021-08"), left(records, "2021-09", income=None)):
        assert found.funeral is None and found.bereavement is None
    assert left(records, "2021-09").funeral is not None


def test_before_july_2011_heirs_receive_the_own_contributions_alone() -> None:
    # 11 % credited, 5 paid by the worker: 12 · 550 and 12 · 250 of 5,000
    toy: dict[str, Any] = {"account_rate": 0.11, "own_rate": (0.05, 0.20)}
    records = employee(HENAN, "2005-01", "2005-12", 5000.0)
    assert close(left(records, "2011-06", **toy).employee_account, 3000)
    assert close(left(records, "2011-07", **toy).employee_account, 6600)


def test_before_february_2014_heirs_receive_resident_accounts_without_the_subsidies() -> None:
    # 12 % a year: 100 + 30 of December 2011 are 112 + 33.60 at the end of 2012, and 1 % more of them in January
    records = resident(HENAN, range(2011, 2012), 100.0)
    assert close(left(records, "2014-01", resident_rate=0.12).resident_account, 100 * 1.12**2 * 1.01)
    assert close(left(records, "2014-02", resident_rate=0.12).resident_account, 130 * 1.12**2 * 1.02)


def test_a_resident_leaves_the_account_and_a_funeral_grant_where_one_is_dated() -> None:
    records = resident(TIBET, range(2012, 2024), 500.0)
    found = left(records, "2030-06", person("1964-06", TIBET))
    # 12 · 560 over 139 a month, 72 payments; six months of B
    assert close(found.resident_account, 6720 * (1 - 72 / 139)) and close(found.funeral, 6 * 200)
    assert left(resident(HENAN, range(2012, 2024), 500.0), "2030-06").funeral is None


# ---- disability -----------------------------------------------------------------------------------------------------


def test_disability_within_five_years_of_the_age_pays_the_pension_of_that_month() -> None:
    # born 1970-03: 63 births after 1965-01, 62 // 4 + 1 = 16 months later than 60: 2031-07; 2026-07 is five years
    # before. 240 months at index 1: ½·1 %·8000·20·2 = 1,600; account 240 · 640 over A(56y4m) = 164 - 6·4/12 = 162.0
    who = person("1970-03", HENAN)
    records = employee(HENAN, "2006-01", "2025-12", 8000.0)
    found = allowance(who, records, lookup(), month("2026-07"))
    assert found is not None and (found.case, found.months) == (1, None)
    assert close(found.amount, 1600 + 240 * 640 / 162)
    # a month earlier the basic pension alone
    found = allowance(who, records, lookup(), month("2026-06"))
    assert found is not None and found.case == 2 and close(found.amount, 1600)


@pytest.mark.parametrize(
    ("last", "months"), [("2019-11", 12), ("2019-12", 12), ("2020-01", 15), ("2025-03", 30), ("2025-12", 30)]
)
def test_without_the_minimum_the_allowance_ends(last: str, months: int) -> None:
    # from 2015-01: 59, 60, 61, 123 (10 years 3 months: 30 months, E4.6) and 132 months (12 + 3·6)
    who = person("1970-03", HENAN)
    found = allowance(who, employee(HENAN, "2015-01", last, 4800.0), lookup(), month("2026-07"))
    assert found is not None and (found.case, found.months) == (3, months)


def test_disability_of_somebody_without_employee_months_is_no_matter_of_this_scheme() -> None:
    assert allowance(MAN, resident(HENAN, range(2012, 2022), 500.0), lookup(), month("2025-01")) is None


# ---- both pensions --------------------------------------------------------------------------------------------------


def test_a_resident_pension_beside_an_employee_one_is_returned_since_the_overlap_began() -> None:
    # drawn from 2024-07, employee pension from 2024-10 (claim 2024-09): B of October to December, 600. The account
    # 4 · 560 = 2,240 paid 6 of 139; without subsidies 2,000/2,240 of it
    who = person("1964-06", HENAN, claim=month("2024-09"))
    records = employee(GUANGDONG, "2000-01", "2019-12", 8000.0) + resident(HENAN, range(2020, 2024), 500.0)
    found = reckoning(who, records, lookup(), month("2024-07"), month("2024-12"))
    assert close(found.repayment, 600)
    assert close(found.balance, 2240 * (1 - 6 / 139))
    assert close(found.balance_without_subsidy, 2000 * (1 - 6 / 139))
    assert close(found.paid_out, 2000 * (1 - 6 / 139) - 600) and found.from_pension == 0
    # two years later 27 · 200 = 5,400 are more than what is left
    found = reckoning(who, records, lookup(), month("2024-07"), month("2026-12"))
    assert found.paid_out == 0 and close(found.from_pension, 5400 - 2000 * (1 - 30 / 139))


# ---- annuities ------------------------------------------------------------------------------------------------------


def test_an_annuity_grows_from_the_end_of_each_month_and_vests_by_whole_years() -> None:
    # 21 % a year, two months of 1,000: own 40, employer 80 each; a year after the second month
    plan = Plan(month("2020-01"), month("2020-02"), Decimal(1000), Decimal("0.08"), Decimal("0.04"), 0, Decimal("0.21"))
    found = holding(plan, month("2021-02"))
    assert close(found.own, 40 * 1.21 + 40 * 1.21 ** (13 / 12)) and close(found.employer, 2 * float(found.own))
    # 35 months are two whole years of eight: a quarter; without interest 35 · 80 · ¼ = 700, and 2,100 are lost
    plan = Plan(month("2020-01"), month("2022-11"), Decimal(1000), Decimal("0.08"), Decimal("0.04"), 8, Decimal(0))
    found = holding(plan, month("2024-06"))
    assert (found.own, found.employer, found.forfeited) == (1400, 700, 2100)
    # whoever is awarded while the plan runs has all of it
    assert holding(plan, month("2022-11")).employer == 2800


# ---- stars and access -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "place", "expected"), [(1, HENAN, 1), (2, HENAN, 2), (1, GUANGDONG, 3), (2, GUANGDONG, 4)]
)
def test_stars_of_a_worker_without_labour_relation(kind: int, place: int, expected: int) -> None:
    who = person("1980-01", HENAN, hukou_type=kind)
    assert stars(who, employee(place, "2010-01", "2010-12", 5000.0, form=4), LAST) == expected
    # where he works, not where he is insured
    assert stars(who, employee(HENAN, "2010-01", "2010-12", 5000.0, form=4, work_place=place), LAST) == expected


def test_stars_go_by_the_class_with_most_months_and_ties_to_more() -> None:
    who = person("1980-01", HENAN, hukou_type=1)
    local = employee(HENAN, "2010-01", "2010-12", 5000.0, form=3)
    assert stars(who, local + employee(GUANGDONG, "2011-01", "2011-11", 5000.0, form=3), LAST) == 1
    assert stars(who, local + employee(GUANGDONG, "2011-01", "2011-12", 5000.0, form=3), LAST) == 3
    # employment is no such month, nor are deemed ones; a resident year is
    assert stars(who, employee(GUANGDONG, "2011-01", "2011-12", 5000.0), LAST) == 0
    assert stars(who, employee(GUANGDONG, "1990-01", "1990-12", 1.0, form=3, flags=DEEMED), LAST) == 0
    assert stars(who, resident(HENAN, range(2012, 2013), 200.0), LAST) == 1
    # an unstated place is in no class; a resident year ends with the award
    assert stars(who, employee(-1, "2011-01", "2011-12", 5000.0, form=3), LAST) == 0
    months = employee(GUANGDONG, "2012-01", "2012-07", 5000.0, form=3)
    assert stars(who, months + resident(HENAN, range(2013, 2014), 200.0), month("2013-06")) == 3


@pytest.mark.parametrize(
    ("place", "text", "expected"),
    [
        (HENAN, "2011-06", "unknown"),
        (HENAN, "2011-07", "open"),
        (GUANGDONG, "2021-04", "closed"),
        (GUANGDONG, "2021-05", "open"),
        (ZHEJIANG, "2021-11", "closed"),
        (ZHEJIANG, "2021-12", "open"),
        (SHANDONG, "2021-12", "unknown"),
        (SHANDONG, "2022-01", "open"),
        (BEIJING, "2025-02", "closed"),
        (BEIJING, "2025-03", "unknown"),
    ],
)
def test_where_the_scheme_was_open_to_individuals(place: int, text: str, expected: str) -> None:
    assert state(person("1980-01", HENAN), [], place, month(text)) == expected


def test_closed_months_are_counted_once_and_before_unknown_ones() -> None:
    who = person("1980-01", HENAN)
    records = (
        employee(GUANGDONG, "2012-01", "2012-03", 5000.0, form=3)
        + employee(SHANDONG, "2012-02", "2012-06", 5000.0, form=4)
        + employee(GUANGDONG, "2012-07", "2012-12", 5000.0)
    )
    assert individual_months(who, records) == {"closed": 3, "unknown": 3}


# ---- dated registration ---------------------------------------------------------------------------------------------


def test_a_temporary_account_goes_by_the_registration_of_the_first_month_there() -> None:
    # a man of 51 begins in Guangdong: temporary, unless he is registered there by then
    records = employee(GUANGDONG, "2015-06", "2024-06", 8000.0)
    for since, temporary in (("2015-06", False), ("2015-07", True)):
        moves = [(month("1964-06"), HENAN), (month(since), GUANGDONG)]
        ledger = Ledger(person("1964-06", GUANGDONG, hukou_since=moves), records, lookup())
        assert ledger.kept[0].temporary is temporary
    # without dates the one at the claim holds throughout
    assert Ledger(MAN, records, lookup()).kept[0].temporary
    assert (
        not Ledger(MAN, employee(GUANGDONG, "2015-06", "2015-06", 8000.0, flags=LATE | 4), lookup()).kept[0].temporary
    )
