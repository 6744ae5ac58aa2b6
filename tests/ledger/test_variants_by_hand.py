"""What a regime makes of the recorded history, worked by hand: careers, exits, enrolment, bases, payers.

The small country unless said otherwise: C = P = 8,000 in all places and years, 8 % of the base to the account and as
the employee's share, 20 % pooled (12 % by individuals, who pay 20 %), limits 4,800 and 24,000, no interest.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from pension.schema import N_PLACES, PLACE_INDEX
from pension.tables.dense import FIRST_MONTH, N_MONTHS

from .by_hand import (
    DEEMED,
    GUANGDONG,
    HENAN,
    LATE,
    ORDINARY,
    TEMPORARY,
    ZHEJIANG,
    close,
    employee,
    lookup,
    month,
    person,
    resident,
    settle,
)
from .reference import INCOME_NOT_STATED, LAW, NO_SUCH_CAREER, TOO_EARLY, Ledger, Terms
from .reference.variants import Variant, varied

RICH = {GUANGDONG: 10000.0, HENAN: 5000.0}
MAN = person("1964-06", HENAN)
"""Awarded in 2024-06."""
PLATFORM, EMPLOYED = 4, 0


def variant(records: list[Any], terms: Terms | None = None, who: Any = MAN, toy: Any = None, **choices: str) -> Variant:
    """The history as the choices have it."""
    return varied(who, records, lookup(**(toy or {})), LAW | choices, terms or Terms())


def paid(found: Variant) -> list[tuple[int, int, float]]:
    """(month, place, base) of the employee months, in order."""
    return sorted((e.month, e.place, round(float(e.base), 9)) for e in found.entries)


def work(year: int, income: float | None, work_place: int, form: int = PLATFORM, months: int = 4095) -> dict[str, Any]:
    """A year of work without contributions."""
    return {
        "year": year,
        "months": months,
        "scheme": 0,
        "form": form,
        "place": -1,
        "work_place": work_place,
        "base": 0.0,
        "income": income,
        "payer_share": None,
        "flags": 0,
    }


# ---- career ---------------------------------------------------------------------------------------------------------

CAREER = employee(GUANGDONG, "2009-07", "2019-06", 10000.0) + employee(HENAN, "2019-07", "2024-06", 2500.0)
"""Ten years at index 1 in the rich province, five at index one half in the poor one."""


def test_a_stayer_keeps_the_indices_and_the_yuan_follow_the_place() -> None:
    # ten years at 1, five at ½: ½·1 %·10000·(15 + 10 + 2.5) = 1,375 in Guangdong, half of it in Henan
    assert close(settle(MAN, CAREER, "stayer_origin", wages=RICH)["components"]["basic"], 1375)
    assert close(settle(MAN, CAREER, "stayer_destination", wages=RICH)["components"]["basic"], 687.5)
    # bases of the stayer in Guangdong: 10,000 and ½·10,000; his account 8 % of them
    account = settle(MAN, CAREER, "stayer_origin", wages=RICH)["account_balance"]
    assert close(account, 120 * 800 + 60 * 400)


def test_same_bases_keep_the_yuan_and_the_indices_follow_the_place() -> None:
    # in Henan 10,000 is twice the wage: ½·1 %·5000·(15 + 10·2 + 5·½) = 937.50
    choices = {"career": "same_bases"}
    found = settle(MAN, CAREER, choices, Terms(place=HENAN), wages=RICH)
    assert close(found["components"]["basic"], 937.5)
    # in Guangdong 2,500 is a quarter: ½·1 %·10000·(15 + 10 + 5·¼) = 1,312.50
    assert close(settle(MAN, CAREER, choices, Terms(place=GUANGDONG), wages=RICH)["components"]["basic"], 1312.5)


def test_a_stayer_has_no_origin_when_a_resident_year_came_first() -> None:
    # the same calendar year is not earlier
    assert settle(MAN, CAREER + resident(HENAN, range(2009, 2010), 500.0), "stayer_origin")["status"] == 0
    later = employee(GUANGDONG, "2010-01", "2024-06", 8000.0)
    record = later + resident(HENAN, range(2009, 2010), 500.0)
    assert settle(MAN, record, "stayer_origin")["status"] == NO_SUCH_CAREER
    assert settle(MAN, record, "stayer_destination")["status"] == 0


def test_who_never_paid_as_an_employee_has_no_such_career_but_same_bases() -> None:
    record = resident(HENAN, range(2011, 2020), 500.0)
    deemed = employee(HENAN, "1990-01", "1995-12", 1.0, flags=DEEMED)
    for only in (record, deemed):
        assert settle(MAN, only, "stayer_origin")["status"] == NO_SUCH_CAREER
        assert settle(MAN, only, "stayer_destination")["status"] == NO_SUCH_CAREER
        assert settle(MAN, only, {"career": "same_bases"}, Terms(place=HENAN))["status"] == 0


def test_a_career_clears_forced_accounts_and_keeps_late_payments_and_deemed_indices() -> None:
    records = (
        employee(HENAN, "1990-01", "1990-12", 1.2, flags=DEEMED)
        + employee(GUANGDONG, "2000-01", "2000-01", 10000.0)
        + employee(HENAN, "2001-01", "2001-01", 2500.0, flags=LATE | TEMPORARY)
        + employee(HENAN, "2002-01", "2002-01", 2500.0, flags=ORDINARY)
    )
    found = variant(records, toy={"wages": RICH}, career="stayer_origin")
    assert [(e.place, float(e.base), e.flags) for e in found.entries if not e.deemed] == [
        (GUANGDONG, 10000.0, 0),
        (GUANGDONG, 5000.0, LATE),
        (GUANGDONG, 5000.0, 0),
    ]
    assert {(e.place, float(e.base)) for e in found.entries if e.deemed} == {(GUANGDONG, 1.2)}


@pytest.mark.parametrize(
    ("guangdong", "henan", "place"),
    [
        ((5000.0, 0), (8000.0, 0), HENAN),  # the higher base
        ((5000.0, 0), (8000.0, LATE), GUANGDONG),  # in time before late
        ((5000.0, 0), (5000.0, 0), HENAN),  # the lower code
    ],
)
def test_two_places_in_the_first_month_settle_the_origin_like_the_months_of_the_law(
    guangdong: tuple[float, int], henan: tuple[float, int], place: int
) -> None:
    records = employee(GUANGDONG, "2000-01", "2000-01", guangdong[0], flags=guangdong[1])
    records += employee(HENAN, "2000-01", "2000-01", henan[0], flags=henan[1])
    records += employee(ZHEJIANG, "2000-02", "2000-02", 9000.0)
    assert {where for _, where, _ in paid(variant(records, career="stayer_origin"))} == {place}


# ---- exit before 2010 -----------------------------------------------------------------------------------------------


def test_leaving_a_province_before_2010_drops_its_months_and_refunds_the_own_share() -> None:
    # five years at 5,000: 60 · 8 % · 5,000 = 24,000; 234 months are left
    records = employee(GUANGDONG, "2000-01", "2004-12", 5000.0) + employee(HENAN, "2005-01", "2024-06", 8000.0)
    found = settle(MAN, records, "surrender")
    assert found["months_employee"] == 234
    assert close(found["refund"], 24000)
    # nothing is discounted, nobody dies before R0: the refund is worth its face
    kept = settle(MAN, employee(HENAN, "2005-01", "2024-06", 8000.0))
    assert close(found["present_value"] - kept["present_value"], 24000)


def test_the_refund_earns_month_products_to_the_exit_and_only_the_own_share_counts() -> None:
    # 12 % a year, two months at 1,000: 80·(1 + 2 %) + 80·(1 + 1 %) = 162.40
    records = employee(GUANGDONG, "2008-11", "2008-12", 1000.0) + employee(HENAN, "2009-01", "2024-06", 8000.0)
    found = variant(records, toy={"employee_rate": 0.12}, exit_before_2010="surrendered")
    assert [(m, round(float(amount), 9)) for m, amount in found.refunds] == [(month("2008-12"), 162.4)]
    # 11 % credited of which the worker paid 5: 2 · 50, no interest; an individual paid the whole 11: 2 · 110
    toy = {"account_rate": 0.11, "own_rate": (0.05, 0.20)}
    found = variant(records, toy=toy, exit_before_2010="surrendered")
    assert close(found.refunds[0][1], 100)
    individual = employee(GUANGDONG, "2008-11", "2008-12", 1000.0, form=3) + records[1:]
    assert close(variant(individual, toy=toy, exit_before_2010="surrendered").refunds[0][1], 220)


def test_who_returns_starts_anew_and_is_refunded_once_for_each_exit() -> None:
    years = [(GUANGDONG, 2000), (HENAN, 2001), (GUANGDONG, 2002), (HENAN, 2003)]
    records = [r for place, year in years for r in employee(place, f"{year}-01", f"{year}-12", 5000.0)]
    found = variant(records, exit_before_2010="surrendered")
    # a year is 12 · 400 = 4,800 each time
    assert [(m, float(round(x, 9))) for m, x in found.refunds] == [
        (month("2000-12"), 4800.0),
        (month("2001-12"), 4800.0),
        (month("2002-12"), 4800.0),
    ]
    assert {(m // 12, place) for m, place, _ in paid(found)} == {(2003, HENAN)}
    assert len(found.surrendered) == 36


def test_the_last_month_of_2009_is_an_exit_and_the_first_of_2010_is_none() -> None:
    for last, dropped in (("2009-12", 2), ("2010-01", 0)):
        first = "2009-11" if dropped else "2009-12"
        records = employee(GUANGDONG, first, last, 5000.0) + employee(HENAN, "2010-03", "2010-03", 5000.0)
        assert len(variant(records, exit_before_2010="surrendered").surrendered) == dropped
    # without a later month nothing was left
    alone = employee(GUANGDONG, "2000-01", "2000-12", 5000.0)
    assert not variant(alone, exit_before_2010="surrendered").refunds


def test_leaving_one_of_two_places_surrenders_that_one_and_deemed_months_stay() -> None:
    records = (
        employee(GUANGDONG, "1999-12", "1999-12", 1.0, flags=DEEMED)
        + employee(GUANGDONG, "2000-01", "2000-03", 5000.0)
        + employee(HENAN, "2000-03", "2000-05", 5000.0)
    )
    found = variant(records, exit_before_2010="surrendered")
    assert [m for m, _ in found.refunds] == [month("2000-03")]
    assert [(m, place) for m, place, _ in paid(found)] == [
        (month("1999-12"), GUANGDONG),
        *((month(f"2000-0{k}"), HENAN) for k in (3, 4, 5)),
    ]


# ---- enrolment ------------------------------------------------------------------------------------------------------

FORMS = Terms(forms=frozenset({PLATFORM}))


def test_platform_work_becomes_employee_months_where_it_is_done_at_a_base_between_the_limits() -> None:
    records = [work(2019, 3000.0, GUANGDONG), work(2020, 9000.0, GUANGDONG), work(2021, 90000.0, HENAN)]
    found = variant(records, FORMS, enrolment="workplace")
    bases = {(m // 12, place): base for m, place, base in paid(found)}
    assert bases == {(2019, GUANGDONG): 4800.0, (2020, GUANGDONG): 9000.0, (2021, HENAN): 24000.0}
    assert len(paid(found)) == 36


def test_a_resident_year_so_converted_leaves_the_resident_scheme() -> None:
    years = resident(HENAN, range(2019, 2021), 500.0)
    years[0] |= {"form": PLATFORM, "income": 6000.0, "work_place": GUANGDONG}
    found = variant(years, FORMS, enrolment="workplace")
    assert [r["year"] for r in found.residents] == [2020]
    assert len(paid(found)) == 12 and {(place, base) for _, place, base in paid(found)} == {(GUANGDONG, 6000.0)}
    # collective assistance, yuan a year, is no employer's share
    assert all(e.share is None for e in found.entries)


def test_other_forms_unstated_incomes_and_unknown_places_stay_as_they_are() -> None:
    records = [work(2019, 3000.0, GUANGDONG, form=3), work(2020, None, GUANGDONG), work(2021, 3000.0, -1)]
    assert not paid(variant(records, FORMS, enrolment="workplace"))


def test_an_employee_record_so_insured_moves_to_the_work_place_and_keeps_a_late_flag_alone() -> None:
    more = {"form": PLATFORM, "income": 7000.0, "work_place": GUANGDONG}
    records = [r | more for r in employee(HENAN, "2019-01", "2019-01", 5000.0, flags=LATE | TEMPORARY)]
    found = variant(records, FORMS, enrolment="workplace")
    assert paid(found) == [(month("2019-01"), GUANGDONG, 7000.0)]
    assert [e.flags for e in found.entries] == [LATE]


def test_work_before_sixteen_and_after_the_award_is_not_insured() -> None:
    # born 1972-06: sixteen in 1988-06; an employee man of 1972-06 is awarded at 60 + 23 months (1965-01 .. 1972-06 is
    # 89 months, 89 // 4 + 1 = 23): 2034-05
    who = person("1972-06", HENAN)
    records = [work(1988, 3000.0, GUANGDONG), work(2034, 3000.0, GUANGDONG), work(2036, 3000.0, GUANGDONG)]
    found = variant(records, FORMS, who, enrolment="workplace")
    months = [m for m, _, _ in paid(found)]
    assert months[0] == month("1988-06") and months[-1] == month("2034-05") and len(months) == 7 + 5
    assert found.dates.award == month("2034-05")
    # R0 stays that of somebody who never paid as an employee
    assert found.dates.r0 == month("2032-06")


def test_who_becomes_an_employee_is_awarded_as_one_unless_that_is_before_the_rules() -> None:
    # a woman of 55, born in 1969: awarded in 2024-03 instead of 2029-03; her resident years after 2024 are cut
    who = person("1969-03", HENAN, 2)
    records = [work(2015, 6000.0, HENAN), *resident(HENAN, range(2016, 2029), 500.0)]
    found = variant(records, FORMS, who, enrolment="workplace")
    assert (found.dates.award, found.dates.r0) == (month("2024-03"), month("2029-03"))
    assert max(r["year"] for r in found.residents) == 2024
    # one born in 1959 would have been awarded in 2014-03
    assert variant([work(2013, 6000.0, HENAN)], FORMS, person("1959-03", HENAN, 2), enrolment="workplace").reason == (
        TOO_EARLY
    )
    # work after her month of 55 converts nothing: she stays a resident
    late = variant([work(2026, 6000.0, HENAN)], FORMS, who, enrolment="workplace")
    assert not paid(late) and late.dates.award == month("2029-03")


# ---- base -----------------------------------------------------------------------------------------------------------


def stated(incomes: list[float], place: int = HENAN, **more: Any) -> list[Any]:
    """One month, 2020-01, one record an income."""
    return [r for x in incomes for r in employee(place, "2020-01", "2020-01", 5000.0, income=x, **more)]


@pytest.mark.parametrize(
    ("income", "statutory", "low", "actual"),
    [(2000.0, 4800.0, 3200.0, 2000.0), (6000.0, 6000.0, 6000.0, 6000.0), (30000.0, 24000.0, 24000.0, 24000.0)],
)
def test_income_lies_between_the_floor_that_a_regime_has_and_the_ceiling(
    income: float, statutory: float, low: float, actual: float
) -> None:
    fraction = Terms(floor_fraction=Decimal("0.4"))
    records = stated([income])
    assert paid(variant(records, income="all_sources"))[0][2] == statutory
    assert paid(variant(records, fraction, floor="fraction"))[0][2] == low
    assert paid(variant(records, floor="actual"))[0][2] == actual


def test_two_payers_have_one_floor_and_share_the_base_by_their_incomes() -> None:
    # 1,000 + 2,000 = 3,000, raised once to 3,200 (0.4 · 8,000), split 1 : 2
    found = variant(stated([1000.0, 2000.0]), Terms(floor_fraction=Decimal("0.4")), floor="fraction")
    assert [base for _, _, base in paid(found)] == [round(3200 / 3, 9), round(6400 / 3, 9)]
    # two without income share the floor equally; one without beside one with income has no base
    found = variant(stated([0.0, 0.0]), Terms(floor_fraction=Decimal("0.4")), floor="fraction")
    assert [base for _, _, base in paid(found)] == [1600.0, 1600.0]
    assert [base for _, _, base in paid(variant(stated([0.0, 5000.0]), floor="actual"))] == [5000.0]


def test_all_sources_count_once_each_wherever_they_come_from_and_insure_nobody() -> None:
    # 5,000 as employee + 1,500 platform work + 500 of a resident year: 7,000; no other month gets a base
    year = resident(HENAN, range(2020, 2021), 300.0)
    year[0]["income"] = 500.0
    records = [*stated([5000.0]), work(2020, 1500.0, GUANGDONG), work(2021, 1500.0, GUANGDONG), *year]
    assert paid(variant(records, income="all_sources")) == [(month("2020-01"), HENAN, 7000.0)]
    # declared income is that of the insured work alone
    assert paid(variant(records, floor="actual"))[0][2] == 5000.0


def test_a_month_without_income_is_no_contribution_and_an_unstated_income_no_zero() -> None:
    assert not paid(variant(stated([0.0]), floor="actual"))
    found = settle(MAN, employee(HENAN, "2000-01", "2024-06", 8000.0), "actual_income")
    assert found["status"] == INCOME_NOT_STATED
    # deemed months need none
    deemed = employee(HENAN, "2000-01", "2000-12", 1.0, flags=DEEMED)
    assert variant(deemed + stated([5000.0]), floor="actual").reason == 0


def test_limits_that_change_inside_a_year_make_two_bases_of_one_record() -> None:
    floor = np.full((N_PLACES, N_MONTHS), 4800.0)
    floor[PLACE_INDEX[HENAN], month("2020-07") - FIRST_MONTH :] = 6000.0
    found = variant(
        employee(HENAN, "2020-01", "2020-12", 5000.0, income=100.0), toy={"base_floor": floor}, income="all_sources"
    )
    assert [base for _, _, base in paid(found)] == [4800.0] * 6 + [6000.0] * 6


# ---- payer ----------------------------------------------------------------------------------------------------------


def rates(records: list[Any], terms: Terms | None = None, **choices: str) -> tuple[float, float]:
    """(pooled, own) points of the one month."""
    made = variant(records, terms, **choices)
    ledger = Ledger(MAN, records, lookup(), made)
    cell = ledger.kept[0]
    return round(float(ledger.pooled_of(cell) / cell.base), 9), round(float(ledger.own_of(cell) / cell.base), 9)


def test_a_platform_pays_into_the_pool_what_the_worker_then_does_not() -> None:
    records = stated([5000.0], form=PLATFORM)
    assert rates(records) == (0.12, 0.20)
    # 16 points are more than the worker's 12: he pays the account alone; 5 leave him 7 of the pool
    assert rates(records, Terms(platform_share=Decimal("0.16")), payer="platform") == (0.16, 0.08)
    assert rates(records, Terms(platform_share=Decimal("0.05")), payer="platform") == (0.12, 0.15)
    # by law: as an employer
    assert rates(records, payer="platform") == (0.20, 0.08)
    # nobody else's payer changes
    assert rates(stated([5000.0], form=3), payer="platform") == (0.12, 0.20)
    assert rates(stated([5000.0]), Terms(platform_share=Decimal("0.16")), payer="platform") == (0.20, 0.08)


def test_a_recorded_share_says_the_same_of_the_record_as_it_is() -> None:
    # an employer of 14 points: 14 + 8 - 8; a platform of 16 and of 5
    assert rates(stated([5000.0], payer_share=0.14)) == (0.14, 0.08)
    assert rates(stated([5000.0], form=PLATFORM, payer_share=0.16)) == (0.16, 0.08)
    assert rates(stated([5000.0], form=PLATFORM, payer_share=0.05)) == (0.12, 0.15)
