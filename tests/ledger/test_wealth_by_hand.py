"""Contributions, net pension wealth and internal rates of the reference ledger, worked by hand.

The small country: C = P = 8,000, 8 % to the account and by the employee, 20 % pooled (12 % by individuals, who pay
20 %), no interest, no discount, nobody dies before 120.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from typing import Any

from .by_hand import (
    BACKPAID,
    DEEMED,
    GUANGDONG,
    HENAN,
    LATE,
    PROXY,
    close,
    employee,
    lookup,
    month,
    person,
    resident,
    settle,
)
from .reference import Ledger
from .reference.wealth import (
    all_contributions,
    contributed,
    flows,
    forfeited,
    internal_rate,
    net_wealth,
    own_contributions,
    received,
    value_at,
    worth,
)

MAN = person("1964-06", HENAN)
"""Awarded in 2024-06."""
DUST = Decimal(10) ** -30
"""Fifty digits leave no more than this of sums of some thousand numbers."""


def ledger_of(records: list[Any]) -> Ledger:
    """Of the man with those records."""
    return Ledger(MAN, records, lookup())


def test_own_contributions_are_the_employees_share_or_all_that_an_individual_pays() -> None:
    records = employee(HENAN, "2020-01", "2020-02", 5000.0) + employee(HENAN, "2020-03", "2020-03", 5000.0, form=4)
    ledger = Ledger(MAN, records, lookup())
    # 8 % of 5,000 twice, then 20 %; with the employers 28 % twice
    assert {m: round(float(x), 9) for m, x in own_contributions(ledger).items()} == {
        month("2020-01"): 400.0,
        month("2020-02"): 400.0,
        month("2020-03"): 1000.0,
    }
    assert close(worth(ledger, own_contributions(ledger)), 1800)
    assert close(worth(ledger, all_contributions(ledger)), 1400 + 1400 + 1000)


def test_late_and_overlapping_months_were_paid_and_deemed_ones_were_not() -> None:
    records = (
        employee(HENAN, "1990-01", "1990-12", 1.0, flags=DEEMED)
        + employee(GUANGDONG, "2020-01", "2020-01", 5000.0)
        + employee(HENAN, "2020-01", "2020-01", 3000.0)
        + employee(HENAN, "2020-02", "2020-02", 2000.0, flags=LATE)
    )
    assert close(worth(ledger_of(records), own_contributions(ledger_of(records))), 400 + 240 + 160)


def test_resident_money_is_paid_in_december_and_the_governments_own_is_not_the_members() -> None:
    records = (
        resident(HENAN, range(2020, 2021), 300.0, collective=50.0)
        + resident(HENAN, range(2021, 2022), 100.0, flags=PROXY)
        + resident(HENAN, range(2022, 2023), 400.0, flags=BACKPAID)
        + resident(HENAN, range(2024, 2025), 500.0)
    )
    ledger = ledger_of(records)
    assert own_contributions(ledger) == {month("2020-12"): 300, month("2022-12"): 400, month("2024-06"): 500}
    # subsidies of 30 (60 from 500) in 2020, 2021 and 2024, none on the year paid back
    assert all_contributions(ledger) == {
        month("2020-12"): 380,
        month("2021-12"): 130,
        month("2022-12"): 400,
        month("2024-06"): 560,
    }


def test_contributions_earn_interest_to_r0_and_are_discounted_after_it() -> None:
    # 21 % a year: two years before R0 1.21², two years after 1.21⁻²; 400 each
    who = person("1964-06", HENAN, claim=month("2026-06"))
    records = employee(HENAN, "2022-06", "2022-06", 5000.0) + employee(HENAN, "2026-06", "2026-06", 5000.0)
    ledger = Ledger(who, records, lookup(discount_rate=0.21, price_year=2024))
    assert close(worth(ledger, own_contributions(ledger)), 400 * 1.21**2 + 400 / 1.21**2)


def test_what_was_surrendered_had_been_paid() -> None:
    # 60 · 400 refunded without interest and once paid: net wealth is that of the later months alone
    records = employee(GUANGDONG, "2000-01", "2004-12", 5000.0) + employee(HENAN, "2005-01", "2024-06", 8000.0)
    left = settle(MAN, records, "surrender")
    later = settle(MAN, employee(HENAN, "2005-01", "2024-06", 8000.0))
    assert close(net_wealth(left), float(net_wealth(later)))
    # 234 months of 640 less
    assert close(later["present_value"] - net_wealth(later), 234 * 640)


def test_flows_are_worth_net_wealth_whatever_the_regime_pays() -> None:
    # by definition: payments and contributions month by month, weighed, are the present value less the contributions
    records = employee(GUANGDONG, "2012-01", "2020-12", 5000.0) + resident(HENAN, range(2021, 2024), 500.0)
    for regime in ("current", "fair", "work_account", "surrender"):
        choices = {"vesting": "never", "pooled_on_exit": "paid_with_interest"} if regime == "work_account" else regime
        found = settle(
            MAN, records, choices, discount_rate=0.04, mortality=0.03, employee_rate=0.02, resident_rate=0.03
        )
        ledger = found["settled"].ledger
        with decimal.localcontext(prec=50):
            weighed = (
                sum((x * ledger.weight(m) / ledger.alive(m) for m, x in flows(found).items()), start=Decimal(0))
                * ledger.constant_yuan()
            )
            assert abs(weighed - net_wealth(found)) < DUST * 10**9


def test_payments_stop_with_the_life_table_and_deaths_leave_the_account() -> None:
    # nobody dies: fifteen years at index 1 pay 1,200 a month and the account 180 · 640 over 139 for life
    records = employee(HENAN, "2009-07", "2024-06", 8000.0)
    money = received(settle(MAN, records))
    assert min(m for m, x in money.items() if x) == month("2024-07")
    assert close(money[month("2024-07")], 1200 + 180 * 640 / 139)
    assert max(money) == month("1964-06") + 1440 - 1


def test_the_internal_rate_makes_contributions_and_payments_worth_the_same() -> None:
    start = month("2000-01")
    # 100 for 121 two years later: 10 %
    rate = internal_rate({start: Decimal(-100), start + 24: Decimal(121)}, Decimal("-0.5"), Decimal(1))
    assert rate is not None and abs(rate - Decimal("0.1")) < DUST
    # 100 now and 100 in a year for 231 in the second: 100·v² ... x = 1 + i: 100 x² + 100 x = 231 → x = 1.1
    money = {start: Decimal(-100), start + 12: Decimal(-100), start + 24: Decimal(231)}
    rate = internal_rate(money, Decimal("-0.5"), Decimal(1))
    assert rate is not None and abs(rate - Decimal("0.1")) < DUST
    # less than was paid: 100 for 81 two years later is -10 %
    rate = internal_rate({start: Decimal(-100), start + 24: Decimal(81)}, Decimal("-0.5"), Decimal(1))
    assert rate is not None and abs(rate + Decimal("0.1")) < DUST


def test_there_is_no_internal_rate_where_money_flows_one_way() -> None:
    start = month("2000-01")
    assert internal_rate({start: Decimal(100)}, Decimal("-0.5"), Decimal(1)) is None
    assert internal_rate({start: Decimal(-100), start + 5: Decimal(-1)}, Decimal("-0.5"), Decimal(1)) is None
    assert internal_rate({}, Decimal("-0.5"), Decimal(1)) is None


def test_the_value_of_flows_at_a_rate_is_referred_to_their_first_month() -> None:
    # 21 % for half a year is 10 %
    start = month("2000-01")
    assert abs(value_at({start: Decimal(-10), start + 6: Decimal(11)}, Decimal("0.21"))) < DUST


def test_forfeited_is_what_buys_neither_a_right_nor_cash() -> None:
    # ten years at 5,000 end in the resident scheme: 120 · 20 % · 5,000 stay behind; 12 % of the bases leave 8 %
    short = employee(HENAN, "2012-01", "2021-12", 5000.0)
    assert close(forfeited(settle(MAN, short)), 120000)
    for rule, lost in (("twelve", 48000), ("paid", 0), ("paid_with_interest", 0)):
        assert close(forfeited(settle(MAN, short, {"pooled_on_exit": rule})), lost)
    # a vested career forfeits what is stranded elsewhere, 28 % of it, and the pool of a month paid twice
    whole = employee(HENAN, "2005-01", "2024-06", 8000.0)
    assert forfeited(settle(MAN, whole)) == 0
    stranded = employee(GUANGDONG, "2004-01", "2004-10", 5000.0, flags=LATE)
    assert close(forfeited(settle(MAN, whole + stranded)), 10 * 1400)
    assert forfeited(settle(MAN, whole + stranded, {"late_backpayments": "kept"})) == 0
    twice = employee(GUANGDONG, "2024-06", "2024-06", 5000.0)
    assert close(forfeited(settle(MAN, whole + twice)), 1000)
    # a surrendered month returns the own 8 of 28 points
    left = employee(GUANGDONG, "2004-01", "2004-10", 5000.0)
    assert close(forfeited(settle(MAN, whole + left, "surrender")), 10 * 1000)


def test_forfeited_money_and_what_was_paid_bear_book_interest_to_the_award() -> None:
    # 12 % a year: December 2023 earns a month and the half year to the award: 1.01 · 1.06 of 28 % of 5,000
    records = employee(HENAN, "2023-12", "2023-12", 5000.0)
    found = settle(MAN, records, employee_rate=0.12)
    assert close(contributed(found["settled"].ledger), 1400 * 1.01 * 1.06)
    assert close(forfeited(found), 1000 * 1.01 * 1.06)
    # 12 % of the base is returned without interest
    found = settle(MAN, records, {"pooled_on_exit": "twelve"}, employee_rate=0.12)
    assert close(forfeited(found), 1000 * 1.01 * 1.06 - 600)
