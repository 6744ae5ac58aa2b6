"""Flows between pools and payers of the reference ledger, worked by hand.

The small country with two wages: C = P = 10,000 in Guangdong, 5,000 in Henan. No interest, no discount, nobody dies
before 120: a pension awarded at sixty is paid 719 times.
"""

from __future__ import annotations

import pytest

from .by_hand import DEEMED, GUANGDONG, HENAN, TEMPORARY, close, employee, person, settle
from .reference.pools import moves, payers

RICH = {GUANGDONG: 10000.0, HENAN: 5000.0}
MAN = person("1964-06", HENAN)
CAREER = employee(GUANGDONG, "2009-07", "2019-06", 10000.0) + employee(HENAN, "2019-07", "2024-06", 5000.0)
"""Ten years at index 1 in Guangdong, five in Henan, claimed in Henan."""


def test_the_origins_gain_is_the_destinations_burden_and_the_members_loss() -> None:
    (move,) = moves(settle(MAN, CAREER, wages=RICH))
    assert (move.origin, move.destination) == (GUANGDONG, HENAN)
    # 120 months of 10,000: 12 % of 1,200,000; account 8 %
    assert close(move.transfer, 144000) and close(move.account, 96000)
    # at home ½·1 %·10,000·(10 + 10·1) = 1,000 a month; in Henan the index is 2: ½·1 %·5,000·(10 + 10·2) = 750
    assert close(move.at_origin, 719 * 1000) and close(move.at_destination, 719 * 750)
    assert close(move.origin_gain, 719000 - 144000)
    assert close(move.destination_burden, 539250 - 144000)
    assert close(move.member_loss, 719 * 250)
    assert close(move.origin_gain, float(move.destination_burden + move.member_loss))
    assert close(move.neutral_rate, 539250 / 1200000)


@pytest.mark.parametrize(("choice", "transfer"), [("0", 0), ("0.12", 144000), ("paid", 240000), ("reserve", 719000)])
def test_what_moves_by_the_rule_of_the_transfer(choice: str, transfer: float) -> None:
    # paid: 20 points of the employed; the reserve is all that the origin owed, so that it gains nothing
    (move,) = moves(settle(MAN, CAREER, wages=RICH), choice)
    assert close(move.transfer, transfer)
    assert close(move.origin_gain, 719000 - transfer) and close(move.member_loss, 719 * 250)


def test_months_before_1998_are_owed_and_carry_no_money_and_the_claim_place_sends_nothing() -> None:
    # two of 24 months at index 1 lie since 1998: 12 % of 20,000; ½·1 %·10,000·2·(1 + 1) = 200 a month
    records = employee(GUANGDONG, "1996-03", "1998-02", 10000.0) + employee(HENAN, "2005-01", "2024-06", 5000.0)
    (move,) = moves(settle(MAN, records, wages=RICH))
    assert close(move.transfer, 2400) and close(move.at_origin, 719 * 200)
    assert moves(settle(MAN, employee(HENAN, "2005-01", "2024-06", 5000.0), wages=RICH)) == []


def test_who_pays() -> None:
    law, segments = settle(MAN, CAREER, wages=RICH), settle(MAN, CAREER, "segmented", wages=RICH)
    # the law: index (10·2 + 5·1)/15 in Henan, ½·1 %·5,000·(15 + 25) = 1,000; by segments 1,000 + 250
    assert {p: round(float(x), 9) for p, x in payers(law, "claim").items()} == {HENAN: 1000.0}
    assert {p: round(float(x), 9) for p, x in payers(segments, "accrual").items()} == {GUANGDONG: 1000.0, HENAN: 250.0}
    # of the law's 1,000: 750 are earned by the months of Guangdong, two thirds of the years are there
    assert {p: round(float(x), 9) for p, x in payers(law, "accrual").items()} == {GUANGDONG: 750.0, HENAN: 250.0}
    assert {p: round(float(x), 6) for p, x in payers(law, "years").items()} == {
        GUANGDONG: 666.666667,
        HENAN: 333.333333,
    }
    assert {p: round(float(x), 9) for p, x in payers(law, "national").items()} == {0: 1000.0}


def test_a_temporary_account_sends_all_that_was_pooled_and_deemed_months_are_owed_without_money() -> None:
    # forced temporary: 20 % of 120 · 10,000; individuals and a month dropped for a higher base elsewhere 12 %
    temporary = [r | {"flags": TEMPORARY} for r in CAREER[:11]] + CAREER[11:]
    assert close(moves(settle(MAN, temporary, wages=RICH))[0].transfer, 240000)
    individual = [r | {"form": 3} for r in temporary]
    assert close(moves(settle(MAN, individual, wages=RICH))[0].transfer, 144000)
    # two deemed years at index 1 in Guangdong: ½·1 %·10,000·2·(1 + 1) = 200 and in Henan 100 a month
    records = employee(GUANGDONG, "2003-01", "2004-12", 1.0, flags=DEEMED) + employee(
        HENAN, "2005-01", "2024-06", 5000.0
    )
    (move,) = moves(settle(MAN, records, wages=RICH))
    assert move.transfer == 0 and close(move.at_origin, 719 * 200) and close(move.at_destination, 719 * 100)


def test_who_ends_in_the_resident_scheme_leaves_no_liability_and_the_money_moves_first() -> None:
    # five years in Guangdong alone, hukou Henan: consolidation sends 12 % of 60 · 10,000, then the account is bridged
    (move,) = moves(settle(MAN, employee(GUANGDONG, "2010-01", "2014-12", 10000.0), wages=RICH))
    assert close(move.transfer, 72000) and move.at_origin == move.at_destination == 0
    assert close(move.origin_gain, -72000) and close(move.destination_burden, -72000)
