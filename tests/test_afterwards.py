"""After the award: pension path, account in payment, what a death leaves, disability, annuities, double benefit.

A toy country unless said otherwise: C = P = 8,000 everywhere, 8 % of the base credited, no interest, nothing adjusted.
"""

import json
import tomllib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from ledger.toy import toy_tables
from properties.people import DEEMED, Record, employee, histories, month, person, random_people, real, resident

from pension.afterwards.one_person import Adjustment, Afterwards, afterwards, from_case
from pension.engine import Engine
from pension.errors import InputError
from pension.inputs.riders import Annuity, Riders, Rules, parse_riders, shipped_rules
from pension.kernels import award_fields, late_claim
from pension.tables.dense import FIRST_YEAR
from pension.tables.parameter_files import ParameterError

HENAN, GUANGDONG, TIBET = 41, 44, 54
Q = 2818.5


def after(
    who: dict[str, Any],
    records: list[Record],
    tables: Any = None,
    *,
    years: int = 3,
    adjustment: Adjustment | None = None,
    **questions: Any,
) -> dict[str, Any]:
    """``afterwards`` in the toy country; months as text."""
    for key in ("death", "disability", "resident_claim"):
        if key in questions:
            questions[key] = month(questions[key])
    parameters = replace(real(), tables=tables if tables is not None else toy_tables())
    found = afterwards(
        histories([(who, records)]),
        Riders(**questions),
        parameters=parameters,
        years=years,
        adjustment=adjustment,
    )
    json.dumps(found, allow_nan=False)
    return found


# Twenty years at index 1, awarded in 2024-06 at 60: basic 8000 · 20 · 1 % = 1,600, account 240 · 640 over 139.
MAN = person("1964-06", HENAN)
TWENTY = employee(HENAN, "2004-07", "2024-06", 8000.0)
BALANCE = 240 * 640.0
PAYMENT = BALANCE / 139


# ---- the pension and its account ------------------------------------------------------------------------------------


def test_the_basic_pension_is_adjusted_from_the_year_after_the_award_and_the_account_part_is_not() -> None:
    path = after(MAN, TWENTY, toy_tables(indexation=0.02), years=2)["path"]
    assert [(row["year"], row["months"]) for row in path] == [(2024, 6), (2025, 12), (2026, 12)]
    assert [row["components"]["basic"] for row in path] == pytest.approx([1600, 1632, 1664.64], rel=1e-12)
    assert {round(row["components"]["account"], 9) for row in path} == {round(PAYMENT, 9)}
    assert path[0]["paid"] == pytest.approx(6 * (1600 + PAYMENT), rel=1e-12)
    assert (path[0]["rate"], path[1]["rate"]) == (None, pytest.approx(0.02))


def test_adjustment_by_formula_counts_years_and_the_whole_pension() -> None:
    # 30 + 20 years · 1 + 1 % of the whole pension of the year before
    path = after(MAN, TWENTY, years=2, adjustment=Adjustment(30.0, 1.0, 0.01))["path"]
    first = 1600 + PAYMENT
    second = first + 50 + 0.01 * first
    assert path[1]["monthly"] == pytest.approx(second, rel=1e-12)
    assert path[2]["monthly"] == pytest.approx(second + 50 + 0.01 * second, rel=1e-12)


def test_the_account_in_payment_year_by_year() -> None:
    tables = toy_tables()
    rates = tables.employee_rate.copy()
    rates[:, 2025 - FIRST_YEAR :] = 0.12
    rows = after(MAN, TWENTY, tables._replace(employee_rate=rates), years=2)["accounts"]["employee"]
    opening = BALANCE - 6 * PAYMENT
    assert rows[0]["closing"] == pytest.approx(opening, rel=1e-12)
    # 12 % of the opening less 1 % of 78 payment months
    interest = 0.12 * opening - 0.01 * 78 * PAYMENT
    assert (rows[1]["opening"], rows[1]["interest"]) == (pytest.approx(opening), pytest.approx(interest, rel=1e-12))
    assert rows[1]["closing"] == pytest.approx(opening + interest - 12 * PAYMENT, rel=1e-12)


def test_from_an_empty_account_the_pool_pays() -> None:
    # 139 payments without interest: six in 2024, 132 to the end of 2035, one in 2036
    rows = after(MAN, TWENTY, years=20)["accounts"]["employee"]
    last = rows[-1]
    assert (last["year"], last["payments"], last["closing"]) == (2036, 12, pytest.approx(0.0, abs=1e-6))
    assert last["paid"] == pytest.approx(PAYMENT, rel=1e-9)
    assert last["paid_by_pool"] == pytest.approx(11 * PAYMENT, rel=1e-9)


def test_the_month_in_which_the_account_is_used_up() -> None:
    # 139 payments without interest, the first in 2024-07: the last in 2024-07 + 138 months
    found = after(MAN, TWENTY)
    assert found["used_up"] == {"employee": {"balance": pytest.approx(BALANCE), "month": "2036-01"}, "resident": None}
    tables = toy_tables()
    rates = tables.employee_rate.copy()
    rates[:, 2025 - FIRST_YEAR :] = 0.12
    # more interest a year (0.12 of 133 payments left) than the twelve payments: never used up
    assert after(MAN, TWENTY, tables._replace(employee_rate=rates))["used_up"]["employee"] is None


def test_deaths_one_five_and_ten_years_after_the_award_where_none_is_asked_about() -> None:
    found = after(MAN, TWENTY)
    assert [row["month"] for row in found["deaths"]] == ["2025-06", "2029-06", "2034-06"]
    left = [(139 - n) * PAYMENT for n in (12, 60, 120)]
    assert [row["known"] for row in found["deaths"]] == pytest.approx(left, rel=1e-12)
    assert found["heirs"] is None
    assert after(MAN, TWENTY, death="2030-01")["deaths"] == []


def test_resident_pension_follows_the_amounts_of_its_place() -> None:
    # 15 years of 500 + 60: 8,400 over 139; the basic pension moves from 200 to 230 in 2026-07
    tables = toy_tables()
    basic = tables.resident_basic.copy()
    basic[:, month("2026-07") - 12 * FIRST_YEAR :] = 230.0
    records = resident(HENAN, range(2009, 2024), 500.0)
    path = after(MAN, records, tables._replace(resident_basic=basic), years=2)["path"]
    assert [row["components"]["resident_basic"] for row in path] == [200.0, 200.0, 230.0]
    account = 15 * 560 / 139
    assert path[2]["paid"] == pytest.approx(6 * 200 + 6 * 230 + 12 * account, rel=1e-12)


# ---- death ----------------------------------------------------------------------------------------------------------


def test_a_pensioner_leaves_the_account_and_grants_less_a_month_a_year_drawn() -> None:
    heirs = after(MAN, TWENTY, death="2025-06", disposable_income=12 * Q)["heirs"]
    # twelve payments; N = 9 + 5 − 1
    assert heirs["accounts"]["employee"]["amount"] == pytest.approx(BALANCE - 12 * PAYMENT, rel=1e-12)
    assert heirs["grants"]["funeral"]["amount"] == 2 * Q
    assert heirs["grants"]["bereavement"]["months"] == pytest.approx(13.0, rel=1e-15)
    assert heirs["total"] == pytest.approx(BALANCE - 12 * PAYMENT + 15 * Q, rel=1e-12)
    assert heirs["grants"]["funeral"]["payer"] == HENAN


def test_without_disposable_income_grants_are_undefined_and_so_is_the_total() -> None:
    heirs = after(MAN, TWENTY, death="2025-06")["heirs"]
    assert heirs["grants"]["bereavement"]["amount"] is None
    assert "disposable_income" in heirs["grants"]["bereavement"]["reason"]
    assert heirs["total"] is None
    assert heirs["known"] == pytest.approx(BALANCE - 12 * PAYMENT, rel=1e-12)


def test_published_grants_of_a_death_in_service() -> None:
    # 2001-01 to 2022-03 are 21 years 3 months: 5,637 + 15.25 · 2,818.50 = 48,619.125
    records = employee(GUANGDONG, "2001-01", "2024-06", 8000.0)
    heirs = after(MAN, records, death="2022-03", disposable_income=12 * Q)["heirs"]
    assert heirs["credited_months"] == 255
    assert sum(grant["amount"] for grant in heirs["grants"].values()) == pytest.approx(48619.125, rel=1e-14)
    assert heirs["accounts"]["employee"] == {
        "amount": pytest.approx(255 * 640.0), "balance": pytest.approx(255 * 640.0), "payer": GUANGDONG,
        "rule": "the whole balance",
    }  # fmt: skip
    assert heirs["grants"]["funeral"]["payer"] == GUANGDONG


def test_deemed_years_count_for_the_grants() -> None:
    # 120 deemed and 135 paid months again make 21 years 3 months
    records = employee(HENAN, "2001-01", "2010-12", 1.0, flags=DEEMED) + employee(HENAN, "2011-01", "2024-06", 8000.0)
    heirs = after(MAN, records, death="2022-03", disposable_income=12 * Q)["heirs"]
    assert heirs["grants"]["bereavement"]["months"] == pytest.approx(15.25, rel=1e-15)
    assert heirs["accounts"]["employee"]["amount"] == pytest.approx(135 * 640.0, rel=1e-12)


def test_below_five_years_own_contributions_cap_the_grants() -> None:
    # 24 months: 5 · Q = 14,092.50 against 24 · 640 = 15,360 of an employee, and 12,288 at a base of 6,400
    who = person("1990-01", HENAN)
    for base, amount in ((8000.0, 5 * Q), (6400.0, 24 * 512.0)):
        records = employee(HENAN, "2021-01", "2022-12", base)
        grants = after(who, records, death="2022-12", disposable_income=12 * Q)["heirs"]["grants"]
        assert grants["funeral_and_bereavement"]["amount"] == pytest.approx(amount, rel=1e-12)


def test_of_a_flexible_worker_only_the_account_part_counts_for_the_cap() -> None:
    # he pays 20 % himself, 8 points of it to the account: 24 · 512, not 24 · 1,280
    records = employee(HENAN, "2021-01", "2022-12", 6400.0, form=3)
    heirs = after(person("1990-01", HENAN), records, death="2022-12", disposable_income=12 * Q)["heirs"]
    assert heirs["grants"]["funeral_and_bereavement"]["amount"] == pytest.approx(24 * 512.0, rel=1e-12)


def test_before_july_2011_heirs_receive_the_own_part_only() -> None:
    # 11 % credited, 8 % paid by the member, 5 % interest on both: 8/11 of the balance
    tables = toy_tables(account_rate=0.11, employee_rate=0.05)
    records = employee(HENAN, "2004-01", "2024-06", 8000.0)
    before = after(MAN, records, tables, death="2011-06")["heirs"]["accounts"]["employee"]
    assert before["amount"] == pytest.approx(before["balance"] * 8 / 11, rel=1e-12)
    later = after(MAN, records, tables, death="2011-07")["heirs"]["accounts"]["employee"]
    assert later["amount"] == later["balance"] > before["balance"]


def test_own_part_weighs_each_contribution_with_its_interest() -> None:
    # one month at 11 % of which 5 own (2004-01), one at 8 % all own (2010-12); book rate 10 % a year, death in 2010-12
    tables = toy_tables(employee_rate=0.10)
    early, late = month("2004-01") - 12 * FIRST_YEAR, month("2010-12") - 12 * FIRST_YEAR
    credit, own = tables.account_rate.copy(), tables.own_rate.copy()
    credit[:, early], own[:, early] = 0.11, 0.05
    credit[:, late], own[:, late] = 0.08, 0.08
    records = employee(HENAN, "2004-01", "2004-01", 8000.0) + employee(HENAN, "2010-12", "2010-12", 8000.0)
    uniform = np.zeros_like(tables.uniform_year)
    tables = tables._replace(account_rate=credit, own_rate=own, uniform_year=uniform)
    found = after(MAN, records, tables, death="2010-12")["heirs"]["accounts"]["employee"]
    first, last = 1.1 * 1.1**6, 1 + 0.1 / 12
    assert found["balance"] == pytest.approx(880 * first + 640 * last, rel=1e-12)
    assert found["amount"] == pytest.approx(400 * first + 640 * last, rel=1e-12)


def test_grants_before_the_national_rule_are_undefined() -> None:
    grants = after(MAN, TWENTY, death="2021-08", disposable_income=12 * Q)["heirs"]["grants"]
    assert grants["funeral"]["amount"] is None
    assert "2021-09" in grants["funeral"]["reason"]


def test_resident_account_before_2014_goes_to_heirs_without_the_subsidies() -> None:
    # own 500 and subsidy 60 a year (2010-2013), no interest, booked in December
    records = resident(HENAN, range(2010, 2024), 500.0)
    before = after(MAN, records, death="2014-01")["heirs"]["accounts"]["resident"]
    # the payment of 2014 is booked with the death in 2014-01
    assert before["balance"] == pytest.approx(5 * 560.0, rel=1e-12)
    assert before["amount"] == pytest.approx(5 * 500.0, rel=1e-12)
    whole = after(MAN, records, death="2014-02")["heirs"]["accounts"]["resident"]
    assert whole["amount"] == pytest.approx(5 * 560.0, rel=1e-12)


def test_resident_funeral_grant_where_a_figure_is_known_and_undefined_elsewhere() -> None:
    records = resident(TIBET, range(2009, 2024), 500.0)
    heirs = after(person("1964-06", TIBET), records, death="2025-06")["heirs"]
    assert heirs["grants"]["funeral"]["amount"] == 6 * 200.0
    assert heirs["grants"]["funeral"]["status"] == "unconfirmed"
    # twelve months drawn of 139
    assert heirs["accounts"]["resident"]["amount"] == pytest.approx(8400 * 127 / 139, rel=1e-12)
    heirs = after(MAN, resident(HENAN, range(2009, 2024), 500.0), death="2025-06")["heirs"]
    assert "no dated figure of 41" in heirs["grants"]["funeral"]["reason"]


def test_accounts_of_both_schemes_are_left_by_a_death_before_the_award() -> None:
    records = resident(HENAN, range(2010, 2012), 500.0) + employee(GUANGDONG, "2012-01", "2024-06", 8000.0)
    heirs = after(MAN, records, death="2022-12", disposable_income=12 * Q)["heirs"]
    accounts = {name: (part["amount"], part["payer"]) for name, part in heirs["accounts"].items()}
    assert accounts == {
        "employee": (pytest.approx(132 * 640.0, rel=1e-12), GUANGDONG),
        "resident": (pytest.approx(2 * 560.0, rel=1e-12), HENAN),
    }
    # one funeral grant only: 11 years, 9 months of Q
    assert set(heirs["grants"]) == {"funeral", "bereavement"}


def test_a_bridged_woman_leaves_the_account_that_waits_for_her_sixtieth_birthday() -> None:
    # awarded in 2024-06 at 50: 100 · 640, resident 2 %, paid from 2034-07
    who, records = person("1974-06", HENAN, 3), employee(HENAN, "2010-01", "2018-04", 8000.0)
    tables = toy_tables(resident_rate=0.02, lowest_tier=0.0)
    for death, balance in (
        ("2024-06", 64000.0),
        ("2025-12", 64000 * 1.01 * 1.02),
        ("2034-06", 64000 * 1.01 * 1.02**9 * 1.01),
    ):
        heirs = after(who, records, tables, death=death)["heirs"]
        assert heirs["accounts"]["resident"]["amount"] == pytest.approx(balance, rel=1e-12)
        assert heirs["grants"]["funeral"]["payer"] == HENAN  # she is a resident pensioner now
    waiting = 64000 * 1.01 * 1.02**9 * 1.01
    heirs = after(who, records, tables, death="2034-07")["heirs"]
    # July: one payment, a month's interest on the rest
    paid = waiting / 139
    assert heirs["accounts"]["resident"]["amount"] == pytest.approx(
        waiting - paid + 0.02 / 12 * (waiting - paid), rel=1e-12
    )


def test_before_the_first_record_there_is_nothing() -> None:
    heirs = after(MAN, TWENTY, death="2001-01", disposable_income=12 * Q)["heirs"]
    assert (heirs["total"], heirs["grants"]) == (0.0, {})


# ---- disability -----------------------------------------------------------------------------------------------------

POOR = toy_tables(wages=8220.0)


def test_limited_allowance_of_the_published_example() -> None:
    # P 8,220, index 0.6, 10 years 3 months: 674.04 for 30 months
    records = employee(HENAN, "2015-04", "2030-12", 0.6 * 8220)
    found = after(person("1980-01", HENAN), records, POOR, disability="2025-06")["disability"]
    assert (found["case"], found["credited_months"], found["months"]) == (3, 123, 30)
    assert found["amount"] == pytest.approx(674.04, rel=1e-12)
    assert found["total_at_first_amount"] == pytest.approx(20221.2, rel=1e-12)
    assert (found["first_payment"], found["last_payment"]) == ("2025-07", "2027-12")


def test_basic_pension_now_and_the_whole_pension_when_five_years_remain() -> None:
    # 20 years 6 months; born 1980-01: statutory 2043-01 at 63, computed anew in 2038-01 at 58 (152 months)
    records = employee(HENAN, "2005-01", "2030-12", 0.6 * 8220)
    found = after(person("1980-01", HENAN), records, POOR, disability="2025-06")["disability"]
    assert (found["case"], found["components"]) == (2, {"basic": pytest.approx(1348.08, rel=1e-12)})
    again = found["recomputed"]
    assert again["month"] == "2038-01"
    assert again["components"]["account"] == pytest.approx(246 * 0.08 * 4932 / 152, rel=1e-12)
    assert again["amount"] == pytest.approx(1348.08 + 246 * 0.08 * 4932 / 152, rel=1e-12)


def test_within_five_years_the_allowance_is_the_pension_at_that_age() -> None:
    # born 1966-01: statutory 2026-05; in 2025-06 he is 59 years 5 months: 145 − 6 · 5/12 = 142.5
    records = employee(HENAN, "2000-01", "2026-05", 8000.0)
    found = after(person("1966-01", HENAN), records, disability="2025-06")["disability"]
    # 2000-01 to 2025-06: 306 months
    assert (found["case"], found["credited_months"]) == (1, 306)
    assert found["components"]["basic"] == pytest.approx(8000 * 25.5 * 0.01, rel=1e-12)
    assert found["components"]["account"] == pytest.approx(306 * 640 / 142.5, rel=1e-12)


def test_residents_have_no_disability_allowance() -> None:
    records = resident(HENAN, range(2012, 2026), 500.0)
    found = after(person("1980-01", HENAN), records, disability="2026-06")["disability"]
    assert found["amount"] is None
    assert "employee scheme" in found["reason"]


# ---- both pensions --------------------------------------------------------------------------------------------------


def test_double_benefit_is_set_off_against_the_account_first() -> None:
    # Resident pension from 2015-02 (five years of 500 + 60: 2,800 over 139, basic 200); employee pension from 2020-07.
    who = person("1955-01", HENAN, claim=month("2020-06"))
    records = employee(HENAN, "1995-01", "2009-12", 8000.0) + resident(HENAN, range(2010, 2015), 500.0)
    found = after(who, records, resident_claim="2015-02", years=1)["double_benefit"]
    assert (found["overlap_begins"], found["subsidy_share"]) == ("2020-07", pytest.approx(60 / 560, rel=1e-12))
    first, second = found["by_december"]
    account = 2800 / 139
    assert (first["months"], first["repayment"]) == (6, pytest.approx(1200.0, rel=1e-12))
    assert first["drawn"] == pytest.approx(6 * (200 + account), rel=1e-12)
    # 71 payments to 2020-12
    without = 2800 * (139 - 71) / 139 * 500 / 560
    assert first["balance_without_subsidy"] == pytest.approx(without, rel=1e-12)
    assert first["balance_paid_out"] == pytest.approx(without - 1200, rel=1e-9)
    assert first["set_off_against_pension"] == 0.0
    without = 2800 * (139 - 83) / 139 * 500 / 560
    assert second["set_off_against_balance"] == pytest.approx(without, rel=1e-12)
    assert second["set_off_against_pension"] == pytest.approx(18 * 200 - without, rel=1e-12)
    # the resident account does not join the employee one: 180 · 640 over the months at 65 years 5 months, 97.7
    assert found["employee_monthly"] == pytest.approx(8000 * 15 * 0.01 + 180 * 640 / 97.7, rel=1e-12)


# ---- annuities ------------------------------------------------------------------------------------------------------

PLAN = Annuity("enterprise", month("2018-02"), None, 8000.0, 0.08, 0.04, 8, 0.0, False, None)


def test_everything_vests_at_retirement() -> None:
    # 2018-02 to 2024-06: 77 months of 640 and 320
    (found,) = after(MAN, TWENTY, annuities=(PLAN._replace(instalments=24),))["annuities"]
    assert found["at_award"] == {
        "own": pytest.approx(77 * 320.0), "employer": pytest.approx(77 * 640.0), "balance": pytest.approx(77 * 960.0),
        "forfeited": 0.0,
    }  # fmt: skip
    assert found["payout"]["monthly"] == pytest.approx(77 * 960 / 139, rel=1e-12)
    assert found["payout"]["instalments"] == {"number": 24, "amount": pytest.approx(77 * 40.0)}
    assert found["payout"]["lump_sum"] == pytest.approx(77 * 960.0)


def test_a_leaver_takes_own_money_and_what_has_vested() -> None:
    # 54 months: four completed years of eight
    left = PLAN._replace(end=month("2022-07"))
    found = after(MAN, TWENTY, annuities=(left, PLAN._replace(start=month("2022-09"))))["annuities"]
    change = found[0]["job_change"]
    assert (change["vested_share"], change["taken_along"]) == (0.5, pytest.approx(54 * 320 + 27 * 640.0))
    assert change["forfeited"] == pytest.approx(27 * 640.0)
    assert change["goes_to"] == "the new plan"
    assert found[0]["at_award"]["balance"] == pytest.approx(54 * 640.0)
    assert "job_change" not in found[1]


def test_everything_vests_at_death_and_at_disability_in_the_plan() -> None:
    who, records = person("1966-01", HENAN), employee(HENAN, "2000-01", "2026-05", 8000.0)
    found = after(who, records, annuities=(PLAN,), death="2019-01")
    assert found["heirs"]["annuities"][0]["amount"] == pytest.approx(12 * 960.0)
    found = after(who, records, annuities=(PLAN,), disability="2025-01")
    assert found["annuities"][0]["at_disability"] == {
        "own": pytest.approx(84 * 320.0), "employer": pytest.approx(84 * 640.0), "forfeited": 0.0,
    }  # fmt: skip


def test_heirs_receive_the_annuity_that_is_not_yet_paid_out() -> None:
    # ten of 139 payments by 2025-04, or ten of 24 instalments
    found = after(MAN, TWENTY, annuities=(PLAN,), death="2025-04")["heirs"]["annuities"][0]
    assert found["amount"] == pytest.approx(77 * 960 * 129 / 139, rel=1e-12)
    found = after(MAN, TWENTY, annuities=(PLAN._replace(instalments=24),), death="2025-04")["heirs"]["annuities"][0]
    assert found["amount"] == pytest.approx(77 * 960 * 14 / 24, rel=1e-12)


def test_notional_money_becomes_cash_on_a_move() -> None:
    plan = Annuity("occupational", month("2014-10"), month("2018-09"), 8000.0, 0.08, 0.04, 0, 0.0, True, None)
    (found,) = after(MAN, TWENTY, annuities=(plan,))["annuities"]
    change = found["job_change"]
    assert change["cash_from_former_fiscal_level"] == pytest.approx(48 * 640.0)
    assert (change["taken_along"], change["forfeited"]) == (pytest.approx(48 * 960.0), 0.0)
    assert found["payout"]["lump_sum"] is None


def test_public_sector_months_and_what_cannot_be_said() -> None:
    # 2014-10 to 2024-06: 117 months of 8,000 at 12 %
    records = employee(HENAN, "2004-07", "2024-06", 8000.0, flags=64)
    found = after(MAN, records)["public_sector"]
    assert found["pooled_transfer"]["amount"] == pytest.approx(0.12 * 8000 * 117, rel=1e-12)
    assert found["make_up"]["amount"] is None
    assert (found["transition_share"], found["transition"]["amount"]) == (1.0, None)
    assert after(MAN, TWENTY)["public_sector"] is None


# ---- agreement with the rest ----------------------------------------------------------------------------------------


def test_cut_histories_agree_with_the_settlement_and_with_accounts_before_late_claims() -> None:
    settled = 0
    for who, records in random_people(0, 40):
        people = histories([(who, records)])
        engine = Engine(real(), ["current"])
        result = engine.run(people.arrays, award_fields.RESULT_NAMES)
        if result.column("status", "current")[0] != award_fields.DEFINED:
            continue
        settled += 1
        found = Afterwards(people, Riders(), real(), shipped_rules(), 2, None)
        assert found.awarded.result[award_fields.MONTHLY] == result.column("monthly", "current")[0]
        month_before = found.award - 7
        at = found.settled(month_before, month_before)
        expected = late_claim._employee_accounts_at(people.arrays, 0, found.world, month_before)
        assert at.employee_account == pytest.approx(expected, rel=1e-12, abs=1e-9)
        expected = late_claim.resident_account_at(people.arrays, 0, found.world, month_before, month_before)
        assert found._resident_balance(at) == pytest.approx(expected, rel=1e-12, abs=1e-9)
    assert settled > 25


# ---- the keys of a case ---------------------------------------------------------------------------------------------

CASE = """
[person]
sex = "male"
birth = "1966-01"
hukou = "41"
hukou_type = "rural"
{person}
[[employee]]
place = "41"
start = "2000-01"
base = 8000
{more}
"""
ANNUITY = """
[[annuity]]
kind = "enterprise"
start = "2018-02"
base = 8000
employer_rate = 0.08
employee_rate = 0.04
vesting_years = 8
"""


def test_a_case_with_all_keys() -> None:
    keys = 'death = "2025-12"\ndisability = "2025-06"\ndisposable_income = 33822'
    case = tomllib.loads(CASE.format(person=keys, more=ANNUITY))
    found = from_case(case, parameters=replace(real(), tables=toy_tables()), years=1)
    assert found["disability"]["credited_months"] == 306
    # 2000-01 to 2025-12: 26 years; 9 + 11 months and two
    assert found["heirs"]["grants"]["bereavement"]["amount"] == pytest.approx(20 * Q, rel=1e-12)
    assert found["annuities"][0]["return_status"].startswith("assumption")
    assert set(found["figures"].values()) == {"secondary", "unconfirmed"}


def test_a_case_without_keys_asks_nothing() -> None:
    case = tomllib.loads(CASE.format(person="", more=""))
    assert parse_riders(case) == Riders()
    found = from_case(case, parameters=replace(real(), tables=toy_tables()), years=1)
    assert (found["heirs"], found["disability"], found["annuities"]) == (None, None, [])


@pytest.mark.parametrize(
    ("person_keys", "more", "key", "rule"),
    [
        ('death = "1965-12"', "", "person.death", "between birth and 120"),
        ('death = "2087-01"', "", "person.death", "between birth and 120"),
        ('death = "2025-13"', "", "person.death", "no month"),
        ("death = 2025", "", "person.death", "wrong type"),
        ('disability = "2024-12"', "", "person.disability", "since 2025-01"),
        ('disability = "2026-05"', "", "person.disability", "before the statutory month 2026-05"),
        ('death = "2025-01"\ndisability = "2025-06"', "", "person.disability", "after the death"),
        ('resident_claim = "2026-01"', "", "person.resident_claim", "from the month after the 60th"),
        ("disposable_income = 2818.5", "", "person.disposable_income", "yuan a year"),
        ("", ANNUITY.replace("0.04", "0.05"), "annuity[1].employer_rate", "12%"),
        ("", ANNUITY.replace("= 0.08", "= 0.09"), "annuity[1].employer_rate", "8%"),
        ("", ANNUITY.replace("vesting_years = 8", "vesting_years = 9"), "annuity[1].vesting_years", "8 years"),
        ("", ANNUITY.replace("vesting_years = 8", ""), "annuity[1].vesting_years", "missing"),
        ("", ANNUITY.replace("enterprise", "enterprize"), "annuity[1].kind", "did you mean enterprise"),
        ("", ANNUITY + "vesting_year = 8\n", "annuity[1].vesting_year", "did you mean vesting_years"),
        ("", ANNUITY.replace("base = 8000", "base = 0"), "annuity[1].base", "greater than 0"),
        ("", ANNUITY + 'end = "2017-01"\n', "annuity[1].end", "before the start"),
        ("", ANNUITY + "notional = true\n", "annuity[1].notional", "only occupational"),
        ("", ANNUITY.replace("2018-02", "2026-06"), "annuity[1].start", "end with the award 2026-05"),
        ("", ANNUITY.replace("2018-02", "1981-12"), "annuity[1].start", "at 16 or later"),
        (
            "",
            '[[annuity]]\nkind = "occupational"\nstart = "2014-09"\nbase = 8000\n',
            "annuity[1].start",
            "since 2014-10",
        ),
        (
            "",
            '[[annuity]]\nkind = "occupational"\nstart = "2014-10"\nbase = 8000\nemployee_rate = 0.05\n',
            "annuity[1].employee_rate",
            "4%",
        ),
    ],
)
def test_impossible_keys_are_refused_with_key_and_rule(person_keys: str, more: str, key: str, rule: str) -> None:
    case = tomllib.loads(CASE.format(person=person_keys, more=more))
    with pytest.raises(InputError) as caught:
        from_case(case, parameters=replace(real(), tables=toy_tables()))
    assert [problem.column for problem in caught.value.problems] == [key]
    assert rule in caught.value.problems[0].rule


def test_all_problems_are_told_with_their_lines() -> None:
    case = {"person": {"birth": "1966-01", "death": "1950-01"}, "annuity": [{"kind": "enterprise"}]}
    with pytest.raises(InputError) as caught:
        parse_riders(case, lambda table, number, key: 7 if key == "death" else None)
    assert str(caught.value.problems[0]).startswith("case.toml, line 7, person.death = 1950-01: ")
    columns = [problem.column.rpartition(".")[2] for problem in caught.value.problems]
    assert columns == ["death", "start", "base", "employer_rate", "employee_rate"]


def test_limits_do_not_reach_back_before_2018() -> None:
    old = ANNUITY.replace("2018-02", "2010-01").replace("0.08", "0.1") + 'end = "2018-01"\n'
    assert parse_riders(tomllib.loads(old)).annuities[0].employer_rate == 0.1


def test_errors_of_the_history_name_the_key() -> None:
    case = tomllib.loads(CASE.format(person="", more="").replace("base", "bose"))
    with pytest.raises(InputError, match=r"employee\[1\]\.bose"):
        from_case(case)


def test_more_than_one_person_and_too_many_years_are_refused() -> None:
    people = histories([(MAN, TWENTY), (MAN, TWENTY)])
    with pytest.raises(InputError, match="one person"):
        afterwards(people, parameters=real())
    with pytest.raises(InputError, match="years"):
        afterwards(histories([(MAN, TWENTY)]), parameters=real(), years=0)


# ---- figures --------------------------------------------------------------------------------------------------------


def test_every_figure_has_status_and_source() -> None:
    rules = shipped_rules()
    files = [f"national/{name}.toml" for name in ("annuities", "disability", "survivors")]
    tables = [table for table in rules.files.values() if table.file in files]
    assert sorted({table.file for table in tables}) == files
    for table in tables:
        assert all(row.source and row.status for row in table)
    assert [rules.band("bereavement_months", years) for years in (0.1, 5.0, 9.9, 10.0, 40.0)] == [3, 6, 6, 9, 9]
    assert rules.month("grants_from") == month("2021-09")


def test_a_missing_figure_is_an_error() -> None:
    with pytest.raises(ParameterError, match="no_such_figure"):
        Rules({}).number("no_such_figure")
