"""The reference ledger against arithmetic done by hand.

Numbers are typed, the arithmetic stands beside them. They come from the rulebook's test vectors (employee rulebook E9)
and from the hand-derivable oracles, or are worked out here.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from pension.schema import PLACE_INDEX
from pension.tables.dense import FIRST_YEAR, MAX_AGE, N_YEARS

from .by_hand import (
    ANNUITY,
    BACKPAID,
    DEEMED,
    FIXED_INDEX,
    GUANGDONG,
    HENAN,
    LATE,
    MEAN,
    ORDINARY,
    OWN_FORMULA_OF_BEIJING,
    PLAIN,
    PROXY,
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
from .reference import (
    EARLY_CLAIM_UNVESTED,
    LAW,
    NO_RIGHT,
    REGIMES,
    UNKNOWN_PARAMETER,
    Ledger,
    account_in_payment,
    annuity_months,
    claim_place,
    deferred_account,
    employee_account,
    required_resident_years,
    resident_account,
    settle_reference,
    statutory_month,
)
from .toy import toy_tables

# ---- employee rulebook, E9 -------------------------------------------------------------------------------------------


def test_e9_1_account_of_a_year_with_month_products() -> None:
    # 100000·1.0262 + 9600 + 800·0.0262/12·(12+11+…+1 = 78) = 102620 + 9600 + 136.24
    credits = {month("2023-12"): Decimal(100000)} | {month("2024-01") + k: Decimal(800) for k in range(12)}
    rates = {2023: Decimal(0), 2024: Decimal("0.0262")}
    balance, _ = employee_account(credits, rates.__getitem__, month("2024-12"))
    assert balance == Decimal("112356.24")


def test_employee_account_in_the_award_year() -> None:
    # award 2024-03 at 2.4 % (0.2 % a month): 1000·(1 + 3·0.002) + 100·(1.006 + 1.004 + 1.002) = 1006 + 301.2
    credits = {month("2023-12"): Decimal(1000)} | {month("2024-01") + k: Decimal(100) for k in range(3)}
    rates = {2023: Decimal(0), 2024: Decimal("0.024")}
    balance, watched = employee_account(credits, rates.__getitem__, month("2024-03"), month("2024-01"))
    assert balance == Decimal("1307.2")
    # as it stood in January: 1000·1.002 + 100·1.002; in February: 1000·1.004 + 100·(1.004 + 1.002)
    assert watched == [Decimal("1102.2"), Decimal("1204.6")]


def test_resident_money_earns_from_the_month_after() -> None:
    # 1000 booked 2022-12; 2023 at 3 %: 1030, and 500 booked in December; 2024 at 1.2 %, to month 4: 1530·(1 + 0.004)
    credits = {month("2022-12"): Decimal(1000), month("2023-12"): Decimal(500)}
    rates = {2022: Decimal("0.9"), 2023: Decimal("0.03"), 2024: Decimal("0.012")}
    balance, earning, _ = resident_account(credits, rates.__getitem__, month("2024-04"))
    assert (balance, earning) == (Decimal("1536.12"), Decimal(1530))
    # a credit of month 4 of the award year has earned nothing yet, and earns from month 5
    balance, earning, _ = resident_account(
        credits | {month("2024-04"): Decimal(100)}, rates.__getitem__, month("2024-04")
    )
    assert (balance, earning) == (Decimal("1636.12"), Decimal(1630))
    # waiting to month 6: 1636.12 + 1630·0.002; to December: + 1630·0.008; then 2025 at 1.2 %, month 1: ·1.001
    path = deferred_account(balance, earning, month("2024-04"), month("2025-01"), lambda _: Decimal("0.012"))
    assert path[2] == Decimal("1639.38")
    assert path[8] == Decimal("1649.16")
    assert path[9] == Decimal("1650.80916")


def test_e9_2_basic_pension() -> None:
    # 8000·(1 + 0.8)/2·20.5·1 % = 1476.00; 246 months at base 6400 over C = 8000
    out = settle(person("1960-06", GUANGDONG), employee(GUANGDONG, "2000-01", "2020-06", 6400))
    assert (out["route"], out["months_employee"]) == ("employee", 246)
    assert out["components"]["basic"] == Decimal("1476.00")
    assert out["average_index"] == Decimal("0.8")
    # account 246·6400·0.08 = 125952; /139 at 60
    assert out["account_balance"].quantize(Decimal("1e-9")) == 125952
    assert close(out["components"]["account"], 906.1294964028777)
    assert out["starts"]["basic"] == month("2020-07")
    # last income 6400, wages constant: (1476 + 906.129…)/6400
    assert close(out["replacement_rate"], (1476 + 125952 / 139) / 6400)


@pytest.mark.parametrize(
    ("years", "months", "expected"),
    [
        (60, 1, "138.4"),
        (60, 3, "137.3"),
        (60, 4, "136.7"),
        (50, 6, "192.5"),
        (58, 3, "150.3"),  # 150.25: half up, not to even
        (63, 1, "116.3"),
        (60, 0, "139"),
        (39, 11, "233"),
        (70, 5, "56"),
    ],
)
def test_e9_3_annuity_months(years: int, months: int, expected: str) -> None:
    assert annuity_months(12 * years + months, ANNUITY) == Decimal(expected)


@pytest.mark.parametrize(
    ("category", "birth", "expected"),
    [
        (1, "1964-12", "2024-12"),
        (1, "1965-01", "2025-02"),  # 60 years and 1 month: the first group is delayed already
        (1, "1965-12", "2026-03"),
        (1, "1972-09", "2034-09"),  # 62
        (1, "1976-08", "2039-07"),  # 62 years 11 months
        (1, "1976-09", "2039-09"),
        (3, "1980-11", "2033-11"),  # 53
        (3, "1984-11", "2039-11"),
        (2, "1981-09", "2039-09"),
        (4, "1980-01", "2035-01"),
        (5, "1980-01", "2025-01"),
    ],
)
def test_e9_4_statutory_month(category: int, birth: str, expected: str) -> None:
    assert statutory_month(category, month(birth)) == month(expected)


def test_e9_5_minimum_months_of_the_chosen_year_when_early() -> None:
    # born 1976-09: statutory 2039-09 needs 240 months; drawing at 60 in 2036-09 needs 180 + 6·7 = 222
    early = person("1976-09", GUANGDONG, claim=month("2036-09"))
    assert settle(early, employee(GUANGDONG, "2018-04", "2036-09", 8000))["route"] == "employee"  # 222 months
    out = settle(early, employee(GUANGDONG, "2018-05", "2036-09", 8000))  # 221
    assert (out["status"], out["route"], out["monthly"]) == (EARLY_CLAIM_UNVESTED, "none", None)
    statutory = person("1976-09", GUANGDONG)
    assert settle(statutory, employee(GUANGDONG, "2019-10", "2039-09", 8000))["route"] == "employee"  # 240
    assert settle(statutory, employee(GUANGDONG, "2019-11", "2039-09", 8000))["route"] == "employee_to_resident"
    # a late claim keeps the statutory year's minimum
    late = person("1970-01", GUANGDONG, claim=month("2034-05"))  # statutory 2031-05 needs 192
    assert settle(late, employee(GUANGDONG, "2018-06", "2034-05", 8000))["route"] == "employee"  # 192; 2034 asks 210


def test_e9_6_pooled_money_moved() -> None:
    # 5000·60·12 % = 36000; account 5000·60·8 % = 24000
    records = employee(ZHEJIANG, "2000-01", "2004-12", 5000) + employee(GUANGDONG, "2005-01", "2020-06", 5000)
    out = settle(person("1960-06", GUANGDONG), records)
    [row] = out["transfers"]
    assert (row["kind"], row["from"], row["to"]) == ("66号", ZHEJIANG, GUANGDONG)
    assert close(row["pooled"], 36000)
    assert close(row["account"], 24000)


def test_months_before_1998_have_no_twelve_percent() -> None:
    # 1997-07..1998-06: six of twelve months; 6·5000·12 % = 3600
    records = employee(ZHEJIANG, "1997-07", "1998-06", 5000) + employee(GUANGDONG, "1998-07", "2020-06", 5000)
    out = settle(person("1960-06", GUANGDONG), records)
    assert close(out["transfers"][0]["pooled"], 3600)


def test_e9_9_claim_place() -> None:
    months = {GUANGDONG: 108, ZHEJIANG: 130}
    last = {GUANGDONG: 100, ZHEJIANG: 50}
    assert claim_place("article6", GUANGDONG, months, last, HENAN) == (ZHEJIANG, "earlier_ten_years")
    months = {GUANGDONG: 119, ZHEJIANG: 119}
    assert claim_place("article6", GUANGDONG, months, last, HENAN) == (HENAN, "hukou_fallback")
    assert claim_place("article6", HENAN, {HENAN: 3, GUANGDONG: 200}, {}, HENAN) == (HENAN, "relation_is_hukou")
    assert claim_place("article6", GUANGDONG, {GUANGDONG: 120}, last, HENAN) == (GUANGDONG, "relation_ten_years")
    assert claim_place("article6", None, {}, {}, HENAN) == (HENAN, "no_relation")
    # the most recent earlier place, not the longest one
    months = {GUANGDONG: 12, ZHEJIANG: 120, 31: 200}
    last = {GUANGDONG: 100, ZHEJIANG: 90, 31: 80}
    assert claim_place("article6", GUANGDONG, months, last, HENAN)[0] == ZHEJIANG


def test_e9_9_claim_place_from_records() -> None:
    # Zhejiang 130 months, then Guangdong 108 (entered before 2010: no temporary account); hukou Henan
    records = employee(ZHEJIANG, "1998-09", "2009-06", 8000) + employee(GUANGDONG, "2009-07", "2018-06", 8000)
    who = person("1960-06", HENAN)
    out = settle(who, records)
    assert (out["claim_place"], out["claim_branch"]) == (ZHEJIANG, "earlier_ten_years")
    assert settle(who, records, {"claim_place": "last"})["claim_place"] == GUANGDONG
    assert settle(who, records, {"claim_place": "hukou"})["claim_place"] == HENAN


def test_temporary_account_does_not_found_a_claim_place() -> None:
    # a woman of 40y1m first insured in Guangdong in 2010-07: temporary; 120 months there, 60 in Henan before
    records = employee(HENAN, "2000-01", "2004-12", 8000) + employee(GUANGDONG, "2010-07", "2020-06", 8000)
    who = person("1970-06", 34, category=3)
    out = settle(who, records)
    # relation Henan with 60 months, no place with ten years: the hukou; the temporary months still count
    assert (out["claim_place"], out["claim_branch"], out["months_employee"]) == (34, "hukou_fallback", 180)
    assert settle(who, records, {"temporary_accounts": "counted"})["claim_place"] == GUANGDONG
    # one month younger at entry: not yet 40, ordinary
    assert settle(person("1970-08", 34, category=3), records)["claim_place"] == GUANGDONG
    # an official transfer is ordinary at any age
    moved = employee(HENAN, "2000-01", "2004-12", 8000) + employee(
        GUANGDONG, "2010-07", "2020-06", 8000, flags=ORDINARY
    )
    assert settle(who, moved)["claim_place"] == GUANGDONG
    # only temporary places: the hukou
    assert settle(who, records[5:])["claim_branch"] == "no_relation"


# ---- oracles: interprovincial basic pension --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "wage_o", "index_o", "m", "wage_d", "index_d", "average", "basic_66", "segment"),
    [
        # 10 y at 10000, 20 y at 6000: i = (10·10000/6000 + 20)/30; 6000·(1 + i)/2·30 % = 2000; 1000 + 1200 by segment
        (10, 10000, 1.0, 20, 6000, 1.0, 1.222222, 2000.0, 2200.0),
        (10, 6000, 1.0, 20, 10000, 1.0, 0.866667, 2800.0, 2600.0),
        # no cap: 30000/6000 = 5 counts as 5: i = (50 + 20)/30 = 2.333333; 6000·3.333333/2·30 % = 3000
        (10, 10000, 3.0, 20, 6000, 1.0, 2.333333, 3000.0, 3200.0),
        (10, 8000, 0.6, 20, 8000, 0.6, 0.6, 1920.0, 1920.0),
        (12, 11000, 0.6, 8, 7000, 0.6, 0.805714, 1264.0, 1504.0),
    ],
)
def test_oracle_interprovincial(
    k: int,
    wage_o: float,
    index_o: float,
    m: int,
    wage_d: float,
    index_d: float,
    average: float,
    basic_66: float,
    segment: float,
) -> None:
    # man born 1960-12, drawing in 2020-12; the last m calendar years in the destination, his hukou
    move = 2020 - m
    records = employee(ZHEJIANG, f"{move - k + 1}-01", f"{move}-12", index_o * wage_o)
    records += employee(HENAN, f"{move + 1}-01", "2020-12", index_d * wage_d)
    ledger = Ledger(person("1960-12", HENAN), records, lookup(wages={ZHEJIANG: wage_o, HENAN: wage_d}))
    out = ledger.settle(REGIMES["current"])
    assert close(out["components"]["basic"], basic_66)
    assert abs(float(out["average_index"]) - average) < 5e-7
    assert close(ledger.settle(REGIMES["segmented"])["components"]["basic"], segment)
    assert close(ledger.settle(REGIMES["fair"])["components"]["basic"], segment)


def test_oracle_the_other_reading_of_article_7() -> None:
    # the same return migrant with each month's own index: 6000·(1 + 1)/2·30 % = 1800
    records = employee(ZHEJIANG, "1991-01", "2000-12", 10000) + employee(HENAN, "2001-01", "2020-12", 6000)
    out = settle(person("1960-12", HENAN), records, "current_paying", wages={ZHEJIANG: 10000, HENAN: 6000})
    assert close(out["components"]["basic"], 1800)


def test_national_bases() -> None:
    # nation 8000: P_N·½·1 %·(30 + 10·10000/8000 + 20·6000/8000) = 40·(30 + 12.5 + 15) = 2300
    records = employee(ZHEJIANG, "1991-01", "2000-12", 10000) + employee(HENAN, "2001-01", "2020-12", 6000)
    national = {"flat_base": "national", "earnings_base": "national", "index_wage": "national"}
    out = settle(person("1960-12", HENAN), records, national, wages={ZHEJIANG: 10000, HENAN: 6000, 0: 8000})
    assert close(out["components"]["basic"], 2300)


def test_oracle_three_policies() -> None:
    # growth 5 %, 10 + 20 years at index 1, equal provinces: 30 % of 15919.7862 = 4775.9359 for stayer and segments
    def wage(year: int) -> float:
        return 15919.7862 * 1.05 ** (year - 2019)

    records = []
    for year in range(1991, 2021):
        place = ZHEJIANG if year <= 2000 else HENAN
        records += employee(place, f"{year}-01", f"{year}-12", wage(year - 1))
    ledger = Ledger(person("1960-12", HENAN), records, lookup(wages=wage(2020), wage_growth=0.05))
    for name in ("current", "current_paying", "segmented", "fair"):
        assert close(ledger.settle(REGIMES[name])["components"]["basic"], 4775.9359, 1e-8)


# ---- oracles: between the schemes ------------------------------------------------------------------------------------


def test_oracle_employee_to_resident() -> None:
    # 14 years at 8000: account 168·640 = 107520; /139 = 773.5252; B = 200. The oracle pays nothing back: here the
    # scheme started at 46 (required 14 years), so nothing is missing
    records = employee(HENAN, "2006-07", "2020-06", 8000)
    who = person("1960-06", HENAN, resident_start=month("2006-06"))
    out = settle(who, records)
    assert (out["route"], out["backpay"]) == ("employee_to_resident", 0)
    assert close(out["components"]["resident_account"], 107520 / 139)
    assert abs(float(out["monthly"]) - 973.5252) < 5e-5
    # vested at once: 8000·(1 + 1)/2·14 % = 1120; + 773.5252
    out = settle(who, records, {"vesting": "immediate"})
    assert close(out["components"]["basic"], 1120)
    assert abs(float(out["monthly"]) - 1893.5252) < 5e-5
    # started at 45 years and 11 months: floor((720 - 551)/12) = 14 as well; at 44y11m 15 years, one is paid back
    assert settle(who | {"resident_start": month("2006-05")}, records)["backpay"] == 0
    out = settle(who | {"resident_start": month("2005-05")}, records)
    assert out["backpay"] == 200
    assert close(out["components"]["resident_account"], (107520 + 200) / 139)


def test_oracle_resident_to_employee() -> None:
    # 8 resident years of 1000 + 60, then 17 years at 8000: 204·640 + 8·1060 = 139040; /139 = 1000.2878; basic 1360
    records = resident(HENAN, range(1995, 2003), 1000.0) + employee(HENAN, "2003-07", "2020-06", 8000)
    out = settle(person("1960-06", HENAN), records)
    assert (out["route"], out["months_resident"]) == ("resident_to_employee", 96)
    assert close(out["account_balance"], 139040)
    assert abs(float(out["components"]["account"]) - 1000.2878) < 5e-5
    assert abs(float(out["monthly"]) - 2360.2878) < 5e-5
    assert out["transfers"] == [{"kind": "17号", "from": HENAN, "to": HENAN, "account": Decimal(8480), "pooled": 0}]


def test_required_resident_years() -> None:
    birth = month("1960-06")
    assert required_resident_years(birth, birth + 539) == 15
    assert required_resident_years(birth, birth + 540) == 15  # (720 - 540)/12
    assert required_resident_years(birth, birth + 541) == 14
    assert required_resident_years(birth, birth + 709) == 0
    assert required_resident_years(birth, birth + 800) == 0


# ---- overlap ---------------------------------------------------------------------------------------------------------


def overlap_case() -> tuple[dict[str, Any], list[Any]]:
    # employee 2000-01..2015-06 (186 months), resident 2015..2019 of 1000, in 2015 with 120 of collective money
    records = employee(HENAN, "2000-01", "2015-06", 8000)
    records += resident(HENAN, range(2015, 2016), 1000.0, collective=120.0)
    records += resident(HENAN, range(2016, 2020), 1000.0)
    return person("1960-06", HENAN), records


def test_overlap_refund_of_the_principal() -> None:
    who, records = overlap_case()
    out = settle(who, records)
    # six months of 2015: (1000 + 120)/12·6 = 560 refunded; the subsidy of 60 stays; m_R = 60 - 6
    assert out["months_resident"] == 54
    assert close(out["refund"], 560)
    # 186·640 + 5·1060 + 120 - 560 = 123900
    assert close(out["account_balance"], 123900)


def test_overlap_refund_with_interest() -> None:
    who, records = overlap_case()
    out = settle(who, records, {"overlap": "refund_with_interest"}, resident_rate=0.02)
    # booked 2015-12, to 2020-06: 560·1.02⁴·1.01
    assert close(out["refund"], 560 * 1.02**4 * 1.01)
    # under the law's refund the interest on the refunded money stays
    kept = settle(who, records, resident_rate=0.02)
    assert close(kept["refund"], 560)
    assert close(kept["account_balance"] - out["account_balance"], 560 * (1.02**4 * 1.01 - 1))


def test_overlap_credited_at_value_beside_a_retained_resident_right() -> None:
    who, records = overlap_case()
    out = settle(who, records, "fair")
    # (1000 + 120 + 60)/12·6 = 590 leaves the resident account for the employee account; nothing is refunded
    assert out["refund"] == 0
    assert close(out["account_balance"], 186 * 640 + 590)
    assert close(out["resident_balance"], 5 * 1060 + 120 - 590)
    # started at 51y1m: floor((720 - 613)/12) = 8 years required; share 54/96
    assert close(out["components"]["resident_basic"], 200 * 54 / 96)
    assert close(out["components"]["resident_account"], 4830 / 139)
    assert out["route"] == "employee_and_resident"
    assert out["starts"]["resident_basic"] == month("2020-07")


def test_a_proxy_payment_is_not_refunded_and_a_backpaid_one_has_no_subsidy() -> None:
    records = employee(HENAN, "2000-01", "2015-06", 8000)
    proxy = resident(HENAN, range(2015, 2016), 200.0, flags=PROXY, collective=24.0)
    out = settle(person("1960-06", HENAN), records + proxy)
    # collective 24/12·6 = 12; 200 + 24 + 30 (subsidy) - 12 join 119040
    assert close(out["refund"], 12)
    assert close(out["account_balance"], 119040 + 254 - 12)
    backpaid = resident(HENAN, range(2016, 2017), 200.0, flags=BACKPAID)
    assert close(settle(person("1960-06", HENAN), records + backpaid)["account_balance"], 119040 + 200)


# ---- early and late claims, bridging ---------------------------------------------------------------------------------


def test_early_claim() -> None:
    # born 1970-01: statutory 61y4m = 2031-05; drawing at 60 in 2030-01, where 186 months are needed
    who = person("1970-01", HENAN, claim=month("2030-01"))
    out = settle(who, employee(HENAN, "2014-08", "2030-01", 8000))  # 186
    assert (out["status"], out["statutory_month"]) == (0, month("2031-05"))
    assert out["annuity_months"] == 139
    # 8000·15.5 % = 1240; 186·640/139 = 856.4029
    assert close(out["components"]["basic"], 1240)
    assert close(out["components"]["account"], 186 * 640 / 139)
    # nobody dies before 120 (2089-12), no interest: 719 payments from 2030-02 on
    assert close(out["present_value"], 719 * (1240 + 186 * 640 / 139))
    # at 4 % the sixteen months before R0 are accumulated by interest alone: Σ_{k=-15..703} 1.04^(-k/12)
    discounted = settle(who, employee(HENAN, "2014-08", "2030-01", 8000), discount_rate=0.04)
    q = 1.04 ** (-1 / 12)
    assert close(discounted["present_value"], (1240 + 186 * 640 / 139) * sum(q**k for k in range(-15, 704)), 1e-11)


def test_bridging_with_back_payment_and_a_wait_for_sixty() -> None:
    # woman of 50 in 2020-06; 120 employee months, two resident years of 300 + 30; 15 years required, 12 held
    records = employee(HENAN, "2000-01", "2009-12", 8000) + resident(HENAN, range(2012, 2014), 300.0)
    out = settle(person("1970-06", HENAN, category=3), records)
    assert (out["route"], out["claim_month"]) == ("employee_to_resident", month("2020-06"))
    assert out["backpay"] == 600  # 3 years of the lowest tier, 200
    # 120·640 + 660 + 600 = 78060
    assert close(out["resident_balance"], 78060)
    assert close(out["account_balance"], 76800)
    assert out["starts"]["resident_basic"] == month("2030-07")
    # 2030-07..2090-05 are 719 payments; the outlay of 600 is paid at R = R0
    assert close(out["present_value"], 719 * (200 + 78060 / 139) - 600)


def test_bridged_account_grows_at_the_resident_rate_until_sixty() -> None:
    # only employee months: 76800 + 5·200 (15 - 10 years) at 2020-06; resident rate 1.2 %
    out = settle(person("1970-06", HENAN, category=3), employee(HENAN, "2000-01", "2009-12", 8000), resident_rate=0.012)
    assert out["backpay"] == 1000
    # six months of 2020, nine whole years, six months of 2030
    assert close(out["resident_balance"], 77800 * 1.006 * 1.012**9 * 1.006)


def test_pooled_money_on_exit() -> None:
    who, records = person("1970-06", HENAN, category=3), employee(HENAN, "2000-01", "2009-12", 8000)
    base = 120 * 640 + 1000
    assert close(settle(who, records, {"pooled_on_exit": "twelve"})["resident_balance"], base + 120 * 960)
    assert close(settle(who, records, {"pooled_on_exit": "paid"})["resident_balance"], base + 120 * 1600)
    # an individual's pooled part is 12 points
    flexible = employee(HENAN, "2000-01", "2009-12", 8000, form=3)
    assert close(settle(who, flexible, {"pooled_on_exit": "paid"})["resident_balance"], base + 120 * 960)
    # with book interest of 1.2 %: a year of 1600 a month becomes 12·1600 + 1600·0.001·78 = 19324.8
    out = settle(who, records, {"pooled_on_exit": "paid_with_interest"}, employee_rate=0.012)
    grown = sum(1.012 ** (9 - k) for k in range(10)) * 1.012**10 * 1.006
    year = 12 + 0.001 * 78
    assert close(out["resident_balance"], (1600 + 640) * year * grown + 1000)


def test_back_payment_not_allowed_means_withdrawal() -> None:
    out = settle(
        person("1970-06", HENAN, category=3),
        employee(HENAN, "2000-01", "2009-12", 8000),
        {"pooled_on_exit": "twelve"},
        lump_backpay_allowed=False,
    )
    assert (out["route"], out["monthly"], out["backpay"]) == ("withdrawal", 0, 0)
    # 120·(640 + 960), paid at R
    assert close(out["lump_sum"], 192000)
    assert close(out["present_value"], 192000)


def test_better_route() -> None:
    # one employee month and a rich resident basic pension: bridging pays more than ½·1 %·P·2/12 + 640/139
    who, records = person("1960-06", HENAN), employee(HENAN, "2020-06", "2020-06", 8000)
    records += resident(HENAN, range(2012, 2020), 200.0)
    better = {"vesting": "immediate", "route_choice": "better"}
    assert settle(who, records, better)["route"] == "employee_to_resident"
    assert settle(who, records, better | {"route_choice": "forced"})["route"] == "resident_to_employee"
    # vested by the law's own test: bridging is no candidate, however rich B is
    long = employee(HENAN, "2005-07", "2020-06", 8000)
    assert settle(who, long, better, basic=90000.0)["route"] == "employee"
    assert settle(who, long[1:], better, basic=90000.0)["route"] == "employee_to_resident"


def test_resident_only_and_nobody() -> None:
    out = settle(person("1960-06", HENAN), resident(HENAN, range(2012, 2021), 200.0))
    # nine years of 230, required 8; drawn from the month after 60
    assert (out["route"], out["claim_month"], out["backpay"]) == ("resident", month("2020-06"), 0)
    assert close(out["components"]["resident_account"], 9 * 230 / 139)
    assert close(out["present_value"], 719 * (200 + 9 * 230 / 139))
    assert settle(person("1960-06", HENAN), [])["status"] == NO_RIGHT


def test_year_premium_and_age_supplement() -> None:
    toy: dict[str, Any] = {
        "premium": {HENAN: [(0, 5, 1.0), (5, math.inf, 2.0)]},
        "supplement": {HENAN: [(65, 80, 5.0), (80, math.inf, 10.0)]},
    }
    who = person("1960-06", HENAN)
    records = resident(HENAN, range(2012, 2021), 200.0)
    out = settle(who, records, **toy)
    # 5·1 + 4·2 = 13; nothing at 60. 65 in 2025-06: from 2025-07; 80 in 2040-06: from 2040-07; the last is 2080-05
    assert out["components"]["year_premium"] == 13
    assert out["components"]["age_supplement"] == 0
    supplements = 180 * 5 + (719 - 60 - 180) * 10
    assert close(out["present_value"], 719 * (200 + 13 + 9 * 230 / 139) + supplements)
    # a back-paid year earns no premium here (5 + 3·2), and no subsidy
    paid_back = resident(HENAN, range(2012, 2020), 200.0) + resident(HENAN, range(2020, 2021), 200.0, flags=BACKPAID)
    assert settle(who, paid_back, **toy)["components"]["year_premium"] == 11
    assert settle(who, paid_back, premium_counts_backpaid=True, **toy)["components"]["year_premium"] == 13
    # one per cent of B for a year: 200·0.01·9
    fraction = settle(who, records, premium={HENAN: [(0, math.inf, 0.01)]}, premium_is_fraction=True)
    assert close(fraction["components"]["year_premium"], 18)


# ---- same month in two places ----------------------------------------------------------------------------------------


def test_same_month_in_two_places() -> None:
    # 186 months in Henan at 5000; in 2010 also Zhejiang at 6000: Zhejiang's twelve count, Henan's are dropped
    records = employee(HENAN, "2005-01", "2020-06", 5000) + employee(ZHEJIANG, "2010-01", "2010-12", 6000)
    out = settle(person("1960-06", HENAN), records, employee_rate=0.012)
    assert out["months_employee"] == 186
    # refund of 12·400 with book interest: of its own year 0.001·78·400, then 2011..2019 and six months
    grown = (12 + 0.001 * 78) * 1.012**9 * 1.006
    assert close(out["refund"], 400 * grown)
    assert close(out["average_index"], (174 * 5000 + 12 * 6000) / 186 / 8000)
    # two records of one place and month add up before places are compared: 3000 + 4000 beat 6000
    records = employee(HENAN, "2005-01", "2020-06", 3000) + employee(HENAN, "2010-01", "2010-12", 4000)
    records += employee(ZHEJIANG, "2010-01", "2010-12", 6000)
    out = settle(person("1960-06", HENAN), records)
    assert close(out["refund"], 12 * 480)
    # an ordinary month beats a late one whatever the bases; ties: the lower place code
    records = employee(HENAN, "2005-01", "2020-06", 5000)
    late = employee(ZHEJIANG, "2010-01", "2010-12", 9000, flags=LATE)
    assert close(settle(person("1960-06", HENAN), records + late)["refund"], 12 * 720)
    equal = employee(ZHEJIANG, "2010-01", "2010-12", 5000)
    [row] = settle(person("1960-06", HENAN), records + equal)["transfers"]
    assert (row["from"], row["account"].quantize(Decimal("1e-9"))) == (ZHEJIANG, 4800)


def test_the_twelve_percent_of_dropped_months_still_moves() -> None:
    records = employee(HENAN, "2005-01", "2020-06", 5000) + employee(ZHEJIANG, "2010-01", "2010-12", 4000)
    out = settle(person("1960-06", HENAN), records)
    [row] = out["transfers"]
    assert (row["from"], row["account"]) == (ZHEJIANG, 0)
    assert close(row["pooled"], 12 * 480)
    assert close(out["refund"], 12 * 320)


def test_late_back_payments() -> None:
    # 180 months in Henan (hukou, D), 60 late ones in Zhejiang before
    records = employee(ZHEJIANG, "2000-07", "2005-06", 8000, flags=LATE) + employee(HENAN, "2005-07", "2020-06", 8000)
    out = settle(person("1960-06", HENAN), records)
    assert out["months_employee"] == 180
    assert close(out["account_balance"], 180 * 640)
    assert (out["refund"], out["transfers"]) == (0, [])
    assert settle(person("1960-06", HENAN), records, {"late_backpayments": "kept"})["months_employee"] == 240
    # where their place is D they count
    at_d = employee(HENAN, "2000-07", "2005-06", 8000, flags=LATE) + employee(HENAN, "2005-07", "2020-06", 8000)
    assert settle(person("1960-06", HENAN), at_d)["months_employee"] == 240


# ---- transitional pension --------------------------------------------------------------------------------------------


def test_transitional_pension() -> None:
    # five deemed years at index 1 in Zhejiang (P 10000, k 1.4 %), 20 years at 4800 in Henan (P 6000, k 1.2 %), hukou
    records = employee(ZHEJIANG, "1995-07", "2000-06", 1.0, flags=DEEMED) + employee(HENAN, "2000-07", "2020-06", 4800)
    toy: dict[str, Any] = {
        "wages": {ZHEJIANG: 10000, HENAN: 6000},
        "transition": {ZHEJIANG: 0.014, HENAN: 0.012},
    }
    who = person("1960-06", HENAN)
    out = settle(who, records, **toy)
    # overall index (60·1 + 240·0.8)/300 = 0.84; 6000·0.84·5·1.2 % = 302.4; basic 6000·1.84/2·25 % = 1380
    assert close(out["average_index"], 0.84)
    assert close(out["components"]["transitional"], 302.4)
    assert close(out["components"]["basic"], 1380)
    out = settle(who, records, "segmented", **toy)
    # 10000·1·5·1.4 % = 700; basic 10000·(1 + 1)/2·5 % + 6000·1.8/2·20 % = 500 + 1080
    assert close(out["components"]["transitional"], 700)
    assert close(out["components"]["basic"], 1580)
    # the higher coefficient above the threshold of paid months: 240 paid months are not above 240, but above 239
    for threshold, k in ((240, 0.012), (239, 0.014)):
        out = settle(who, records, wages=6000.0, transition_long=0.014, transition_threshold=threshold)
        assert close(out["components"]["transitional"], 6000 * 0.84 * 5 * k)


@pytest.mark.parametrize(
    ("shape", "own", "claim", "segment"),
    [
        # 60 deemed months at 2.6, 240 paid at 4800/6000 = 0.8 and 60 at 0.8: overall (60·2.6 + 300·0.8)/360 = 1.1
        # P·i·n·k: 6000·1.1·5·1.2 % = 396; by segments the mean of the deemed months, 6000·2.6·5·1.2 % = 936
        (PLAIN, 0, 396, 936),
        (PLAIN, 1, 936, 936),
        # (P + P·i)/2: 6000·2.1/2 = 6300 ·5·1.2 % = 378; 6000·3.6/2 = 10800 ·5·1.2 % = 648
        (MEAN, 0, 378, 648),
        (MEAN, 1, 648, 648),
        # deemed months at 1.0: 6000·5·1.2 % = 360
        (OWN_FORMULA_OF_BEIJING, 0, 360, 360),
        (FIXED_INDEX, 0, 360, 360),
        (FIXED_INDEX, 1, 360, 360),
    ],
)
def test_shapes_of_the_transitional_pension(shape: int, own: int, claim: float, segment: float) -> None:
    records = employee(HENAN, "1990-07", "1995-06", 2.6, flags=DEEMED) + employee(HENAN, "1995-07", "2020-06", 4800)
    method = {"shape": {HENAN: shape}, "own_index": {HENAN: own}}
    who = person("1960-06", HENAN)
    out = settle(who, records, method=method, wages=6000.0)
    assert close(out["average_index"], 1.1)
    assert close(out["components"]["transitional"], claim)
    assert close(settle(who, records, "segmented", method=method, wages=6000.0)["components"]["transitional"], segment)
    # the formula is that of the claim place: with the deemed months elsewhere it stays under the law
    moved = employee(ZHEJIANG, "1990-07", "1995-06", 2.6, flags=DEEMED) + employee(HENAN, "1995-07", "2020-06", 4800)
    assert close(settle(who, moved, method=method, wages=6000.0)["components"]["transitional"], claim)
    # and by segments it is the plain one of Zhejiang
    assert close(settle(who, moved, "segmented", method=method, wages=6000.0)["components"]["transitional"], 936)


def early_months(deemed_index: float = 1.0) -> list[Any]:
    """60 deemed months in Zhejiang, then 12 paid at 6000 there (1995-07..1996-06), 288 at 4800 in Henan."""
    records = employee(ZHEJIANG, "1990-07", "1995-06", deemed_index, flags=DEEMED)
    records += employee(ZHEJIANG, "1995-07", "1996-06", 6000)
    return records + employee(HENAN, "1996-07", "2020-06", 4800)


EARLY_WAGES = {ZHEJIANG: 10000, HENAN: 6000, 0: 8000}


@pytest.mark.parametrize(
    ("regime", "expected"),
    [
        # to 1996-12: 60 deemed at 1.0, 12 of Zhejiang at 6000/6000 = 1, 6 of Henan at 0.8: 76.8 index months;
        # 6000·76.8/12·1.2 % = 460.8
        ("current", 460.8),
        # own index against Zhejiang's wages: 12·0.6: 60 + 7.2 + 4.8 = 72; 6000·6·1.2 % = 432
        ("current_paying", 432.0),
        # nation 8000: 60 + 12·0.75 + 6·0.6 = 72.6; 8000·72.6/12·1.2 % = 580.8
        ("national", 580.8),
        # half and half: P 7000, (76.8 + 72.6)/2 = 74.7; 7000·74.7/12·1.2 % = 522.9
        ("national_half", 522.9),
        # Zhejiang counts no paid months: 10000·5·1.2 % = 600; Henan its own six: 6000·4.8/12·1.2 % = 28.8
        ("segmented", 628.8),
        ("segmented_frozen", 628.8),
    ],
)
def test_paid_months_up_to_the_cut_off_earn_the_transitional_pension(regime: str, expected: float) -> None:
    method = {"own_index": {HENAN: 1}, "counts_paid": {HENAN: 1}, "cutoff": {HENAN: month("1996-12")}}
    out = settle(person("1960-06", HENAN), early_months(), regime, method=method, wages=EARLY_WAGES)
    assert close(out["components"]["transitional"], expected)
    # they stay in the basic pension: under the law 6000·½·1 %·(30 + (60 + 12 + 288·0.8)/12 = 25.2) = 1656
    if regime == "current":
        assert close(out["components"]["basic"], 1656)


def test_dates_and_indices_of_paid_months_in_the_transitional_pension() -> None:
    who = person("1960-06", HENAN)

    def transitional(records: list[Any], regime: dict[str, str] | str = "current", **method: dict[int, int]) -> float:
        method = {"counts_paid": {HENAN: 1}, "cutoff": {HENAN: month("1996-12")}} | method
        out = settle(who, records, regime, method=method, wages=EARLY_WAGES)
        return float(out["components"]["transitional"])

    own = {"own_index": {HENAN: 1}}
    # overall index (60 + 12 + 288·0.8)/360 = 0.84 over 60 + 12 + 6 = 78 months: 6000·0.84·6.5·1.2 % = 393.12
    assert close(transitional(early_months()), 393.12)
    # (1 + 0.84)/2 = 0.92: 6000·0.92·6.5·1.2 % = 430.56
    assert close(transitional(early_months(), shape={HENAN: MEAN}), 430.56)
    # from 1996-10: three months of Henan: 60 + 3·0.8 = 62.4; 6000·5.2·1.2 % = 374.4
    assert close(transitional(early_months(), **own, paid_from={HENAN: month("1996-10")}), 374.4)
    # deemed months count whatever the cut-off: 6000·5·1.2 % = 360
    assert close(transitional(early_months(), **own, cutoff={HENAN: month("1990-01")}), 360)
    # Beijing's formula: 60 deemed at 1.0 whatever their index, 12 + 4.8 of paid ones: 6000·76.8/12·1.2 % = 460.8;
    # at their own index of 1.5: 90 + 16.8 = 106.8, 640.8
    assert close(transitional(early_months(1.5), shape={HENAN: OWN_FORMULA_OF_BEIJING}), 460.8)
    assert close(transitional(early_months(1.5), **own), 640.8)
    # every counted month at 1.0 where the index is fixed: 6000·6.5·1.2 % = 468
    assert close(transitional(early_months(1.5), shape={HENAN: FIXED_INDEX}), 468)
    # without any deemed month: 12 + 4.8 = 16.8; 6000·1.4·1.2 % = 100.8
    assert close(transitional(early_months()[6:], **own), 100.8)
    # by segments Zhejiang to its own cut-off 1995-12: 6·0.6 = 3.6; 10000·63.6/12·1.2 % = 636; Henan 28.8
    both = {"counts_paid": {HENAN: 1, ZHEJIANG: 1}, "cutoff": {HENAN: month("1996-12"), ZHEJIANG: month("1995-12")}}
    assert close(transitional(early_months(), "segmented", **both), 664.8)
    # there the mean formula: (60 + 3.6)/66 of 66 months: 10000·(66 + 63.6)/2/12·1.2 % = 648; + 28.8
    assert close(transitional(early_months(), "segmented", **both, shape={ZHEJIANG: MEAN}), 676.8)
    # the deemed index is no wage index: Beijing's formula by segments 60 + 3.6 again, whatever it is
    beijing = {"shape": {ZHEJIANG: OWN_FORMULA_OF_BEIJING}}
    assert close(transitional(early_months(1.5), "segmented", **both, **beijing), 664.8)
    # by segments the paid months keep their own place's wages, whatever the basic pension's index is measured in
    mixed = {"flat_base": "segment", "earnings_base": "segment", "index_wage": "claim"}
    assert close(transitional(early_months(), mixed, **both), 664.8)


def test_only_counted_months_earn_the_transitional_pension() -> None:
    method = {"own_index": {HENAN: 1}, "counts_paid": {HENAN: 1}, "cutoff": {HENAN: month("1996-12")}}
    toy: dict[str, Any] = {"method": method, "wages": EARLY_WAGES}
    who, at_d = person("1960-06", HENAN), employee(HENAN, "1996-07", "2020-06", 4800)
    # six months of Henan at 0.8: 6000·4.8/12·1.2 % = 28.8
    assert close(settle(who, at_d, **toy)["components"]["transitional"], 28.8)
    # six late ones in Zhejiang are stranded, unless kept: 6·6000/6000 more, 6000·10.8/12·1.2 % = 64.8
    late = employee(ZHEJIANG, "1996-01", "1996-06", 6000, flags=LATE) + at_d
    assert close(settle(who, late, **toy)["components"]["transitional"], 28.8)
    assert close(settle(who, late, {"late_backpayments": "kept"}, **toy)["components"]["transitional"], 64.8)
    # dropped months (two places, the lower base) earn nothing
    twice = at_d + employee(ZHEJIANG, "1996-07", "1996-09", 4000)
    assert close(settle(who, twice, **toy)["components"]["transitional"], 28.8)
    # temporary ones count
    temporary = employee(ZHEJIANG, "1996-01", "1996-06", 6000, flags=TEMPORARY) + at_d
    assert close(settle(who, temporary, **toy)["components"]["transitional"], 64.8)


# ---- revaluation and blends ------------------------------------------------------------------------------------------


def test_frozen_and_indexed_segments() -> None:
    # wages grow 5 %, C(2019) = 10000 = P(2020) everywhere; index 1 throughout; left Zhejiang in 2000: P(2000) = C(1999)
    def career(flagged_place: int) -> list[Any]:
        records = employee(flagged_place, "1986-01", "1990-12", 1.0, flags=DEEMED)
        for year in range(1991, 2021):
            records += employee(
                ZHEJIANG if year <= 2000 else HENAN, f"{year}-01", f"{year}-12", 10000 * 1.05 ** (year - 2020)
            )
        return records

    toy: dict[str, Any] = {"wages": 10500.0, "wage_growth": {0: 0.03, ZHEJIANG: 0.05, HENAN: 0.05, GUANGDONG: 0.05}}
    who = person("1960-12", HENAN)
    # five deemed and ten paid years in Zhejiang, frozen together: 1500·1.05^-20; twenty in Henan: 2000
    frozen = settle(who, career(ZHEJIANG), "segmented_frozen", **toy)["components"]
    assert close(frozen["basic"], 1500 * 1.05**-20 + 2000)
    # the transitional pension is valued at the award: 10000·5·1.2 % = 600
    assert close(frozen["transitional"], 600)
    # carried on with the nation's 3 %: C_N(2019)/C_N(1999) = 1.03^20
    indexed = settle(who, career(ZHEJIANG), "segmented_indexed", **toy)["components"]
    assert close(indexed["basic"], 1500 * 1.05**-20 * 1.03**20 + 2000)
    assert close(indexed["transitional"], 600)
    assert close(settle(who, career(ZHEJIANG), "segmented", **toy)["components"]["basic"], 3500)
    # a place with deemed months only is not frozen: 500 + 1000·1.05^-20 + 2000
    deemed_only = settle(who, career(GUANGDONG), "segmented_frozen", **toy)["components"]
    assert close(deemed_only["basic"], 500 + 1000 * 1.05**-20 + 2000)
    # a month in Zhejiang in the award year thaws the whole place
    back = career(ZHEJIANG)[:-1] + employee(HENAN, "2020-01", "2020-11", 10000)
    back += employee(ZHEJIANG, "2020-12", "2020-12", 10000)
    assert close(settle(who, back, "segmented_frozen", **toy)["components"]["basic"], 3500)


def test_half_national_bases() -> None:
    # P (8000 + 6000)/2 = 7000; index years 27.5 against the nation's wages, 10·10/6 + 20 against Henan's
    records = employee(ZHEJIANG, "1991-01", "2000-12", 10000) + employee(HENAN, "2001-01", "2020-12", 6000)
    out = settle(person("1960-12", HENAN), records, "national_half", wages=EARLY_WAGES)
    index_years = (27.5 + 100 / 6 + 20) / 2
    assert close(out["components"]["basic"], 35 * (30 + index_years))
    assert close(out["average_index"], index_years / 30)


# ---- legacy relation -------------------------------------------------------------------------------------------------


def test_legacy_relation() -> None:
    legacy = {"claim_place": "article6_legacy"}
    who = person("1960-06", HENAN)
    before = employee(ZHEJIANG, "2000-01", "2008-12", 8000)
    there = employee(GUANGDONG, "2009-12", "2018-06", 8000)
    # 108 and 103 months: article 6 falls back to the hukou; the relation was in Guangdong before 2010 and never moved
    assert settle(who, before + there)["claim_branch"] == "hukou_fallback"
    out = settle(who, before + there, legacy)
    assert (out["claim_place"], out["claim_branch"]) == (GUANGDONG, "legacy_relation")
    # one month later it is no legacy
    out = settle(who, before + there[1:], legacy)
    assert (out["claim_place"], out["claim_branch"]) == (HENAN, "hukou_fallback")
    # a month elsewhere in 2009-12 does no harm, one in 2010-01 does (12 months there still leave it under ten years)
    earlier = employee(ZHEJIANG, "2009-01", "2009-11", 8000)
    assert settle(who, before + earlier + there, legacy)["claim_branch"] == "legacy_relation"
    moved = employee(ZHEJIANG, "2010-01", "2010-01", 9000)
    assert settle(who, before + there + moved, legacy)["claim_branch"] == "hukou_fallback"
    # late months do not found the relation of before 2010
    late = employee(GUANGDONG, "2009-12", "2009-12", 8000, flags=LATE)
    assert settle(who, before + late + there[1:], legacy)["claim_branch"] == "hukou_fallback"
    # nothing paid: the hukou
    assert settle(who, resident(HENAN, range(2012, 2021), 200.0), legacy)["claim_branch"] == "no_relation"


# ---- resident record of the award year -------------------------------------------------------------------------------


def test_resident_record_of_the_award_year() -> None:
    # awarded in June 2020: the payment of 2020 covers twelve months, or six; three of them overlap
    who = person("1960-06", HENAN)
    records = employee(HENAN, "2000-01", "2015-12", 8000) + resident(HENAN, range(2018, 2021), 240.0)
    overlapping = records + employee(HENAN, "2020-01", "2020-03", 8000)
    for to_award, months, kept in ((0, 36, 33), (1, 30, 27)):
        out = settle(who, records, {"resident_years": "retain"}, to_award=to_award)
        assert out["months_resident"] == months
        # 8 years required: 200·months/96
        assert close(out["components"]["resident_basic"], 200 * months / 96)
        out = settle(who, overlapping, to_award=to_award)
        assert out["months_resident"] == kept
        # the money is the same: 240/12·3 refunded, 195·640 + 3·270 - 60 stay
        assert close(out["refund"], 60)
        assert close(out["account_balance"], 195 * 640 + 3 * 270 - 60)
    # bridged with 170 employee months: floor((170 + 12)/12) = 15 and (170 + 6)/12 = 14 years of 15
    records = employee(HENAN, "2005-01", "2019-02", 8000) + resident(HENAN, range(2020, 2021), 200.0)
    late_start = who | {"resident_start": month("2005-01")}
    assert settle(late_start, records)["backpay"] == 0
    assert settle(late_start, records, to_award=1)["backpay"] == 200
    # back-paid months are counted the same way: 170 + 6 - 6 are 14 years, one above 13
    paid_back = records[:-1] + resident(HENAN, range(2020, 2021), 200.0, flags=BACKPAID)
    premium = {"premium": {HENAN: [(13, math.inf, 12.0)]}}
    assert settle(late_start, paid_back, to_award=1, **premium)["components"]["year_premium"] == 12


# ---- vesting ---------------------------------------------------------------------------------------------------------


def test_vesting_choices() -> None:
    records = employee(HENAN, "2010-07", "2020-06", 8000) + resident(HENAN, range(2005, 2010), 200.0)  # 120 + 60
    who = person("1960-06", HENAN)
    assert settle(who, records)["route"] == "employee_to_resident"
    assert settle(who, records, {"vesting": "aggregated"})["route"] == "resident_to_employee"
    assert settle(who, records, {"resident_years": "vest_only"})["route"] == "resident_to_employee"
    assert settle(who, records[1:], {"vesting": "aggregated"})["route"] == "employee_to_resident"
    assert settle(who, records, {"vesting": "never"})["route"] == "employee_to_resident"


# ---- accounts in payment, deaths, present values ---------------------------------------------------------------------


def test_account_in_payment_runs_out() -> None:
    # 300 at 12 % (1 % a month), settled in October, paying 100:
    # Nov 300·1.01 - 100·1.01 = 202; Dec 300·1.02 - 100·(1.02 + 1.01) = 103; Jan (103 - 100)·1.01 = 3.03;
    # Feb 103·1.02 - 203 < 0
    path = account_in_payment(Decimal(300), Decimal(100), month("2020-10"), month("2030-01"), lambda _: Decimal("0.12"))
    assert path == [Decimal(300), Decimal(202), Decimal(103), Decimal("3.03"), Decimal(0)]


def half_die_in(age: int, year: int) -> Any:
    """Central death rates by which half of the living die in each month of that age and year, nobody else does."""
    rates = np.zeros((2, MAX_AGE, N_YEARS))
    rates[:, age, year - FIRST_YEAR] = 12 * math.log(2)
    return rates


def test_half_die_in_the_award_month() -> None:
    # born 1960-12, R = 2020-12: half die in that month and leave the account of 120000, the others live to 2080-11
    # and draw 719 times; the account then is used up
    records = employee(HENAN, "2005-12", "2020-12", 8000)  # 181 months: 181·640 = 115840; basic 8000·181/1200
    who = person("1960-12", HENAN)
    out = settle(who, records, mortality=half_die_in(60, 2020))
    pension = 8000 * 181 / 1200 + 115840 / 139
    assert close(out["present_value"], 0.5 * 115840 + 0.5 * 719 * pension)


def test_half_die_before_a_late_claim() -> None:
    # R0 = 2020-12, claim 2021-06. Half die in 2020-12 and leave what stands then: 181·640 employee money, also 12
    # dropped months of 320 and the resident 230; the others draw at 60y6m (135.5 months) from 2021-07
    records = employee(HENAN, "2005-12", "2020-12", 8000) + employee(ZHEJIANG, "2010-01", "2010-12", 4000)
    records += resident(HENAN, range(2004, 2005), 200.0)
    who = person("1960-12", HENAN, claim=month("2021-06"))
    out = settle(who, records, mortality=half_die_in(60, 2020))
    assert out["annuity_months"] == Decimal("135.5")
    pension = 8000 * 181 / 1200 + (115840 + 230) / 135.5
    # refund of 3840 at R, half alive; 2021-07..2080-11 are 713 payments
    expected = 0.5 * (115840 + 3840 + 230) + 0.5 * (3840 + 713 * pension)
    assert close(out["present_value"], expected)


def test_survival_and_discount_of_a_level_pension() -> None:
    # resident with nothing but B = 200: Σ_{k=1..719} 200·q^k, q = e^{-0.03/12}·1.04^{-1/12}; constant yuan of 2025: 2 %
    q = Decimal("-0.0025").exp() * Decimal("1.04") ** (Decimal(-1) / 12)
    annuity = q * (1 - q**719) / (1 - q)
    records = resident(HENAN, range(2012, 2020), 0.0)
    read = lookup(mortality=0.03, discount_rate=0.04, inflation=0.02, subsidy_floor=(0.0, 0.0))
    out = settle_reference(person("1960-06", HENAN), records, read, LAW)
    assert close(out["present_value"], float(200 * annuity) * 1.02**5)


def test_retained_right_of_a_woman_of_fifty_waits_for_sixty() -> None:
    # 240 employee months to 2020-06; resident 2004..2006, 3 of 15 years; balance 3·230 = 690
    records = employee(HENAN, "2000-07", "2020-06", 8000) + resident(HENAN, range(2004, 2007), 200.0)
    plain = {"resident_years": "retain"}
    out = settle(person("1970-06", HENAN, category=3), records, plain, resident_rate=0.012)
    assert out["months_resident"] == 0  # all three years overlap, principal refunded: 600
    assert close(out["refund"], 600)
    records = employee(HENAN, "2000-07", "2020-06", 8000) + resident(HENAN, range(1997, 2000), 200.0)
    out = settle(person("1970-06", HENAN, category=3), records, plain, resident_rate=0.012)
    # share 36/180; account: booked Decembers 1997, 1998, 1999; to 2020-06; then to 2030-06 as one money
    opening_2020 = 230 * (1.012**22 + 1.012**21 + 1.012**20)
    at_sixty = opening_2020 * 1.012**10 * 1.006
    assert out["starts"]["resident_account"] == month("2030-07")
    assert out["starts"]["basic"] == month("2020-07")
    assert close(out["resident_balance"], at_sixty)
    assert close(out["components"]["resident_basic"], 40)


def test_retained_right_is_drawn_from_sixty_before_a_later_employee_pension() -> None:
    # born 1970-01: R = R0 = 2031-05; resident part from 2030-02; the 2030 payment is booked in January
    records = employee(HENAN, "2010-01", "2029-12", 8000) + resident(HENAN, range(2030, 2031), 200.0)
    out = settle(person("1970-01", HENAN), records, {"resident_years": "retain"}, resident_rate=0.012)
    assert (out["claim_month"], out["starts"]["resident_basic"]) == (month("2031-05"), month("2030-02"))
    assert close(out["resident_balance"], 230)
    # 719 resident payments and 703 employee ones; at R0 the resident account is in payment and outlived
    resident_part = 200 * 12 / 180 + 230 / 139
    employee_part = 8000 * 240 / 1200 + 240 * 640 / float(annuity_months(12 * 61 + 4, ANNUITY))
    assert close(out["present_value"], 719 * resident_part + 703 * employee_part)


def test_indexation_starts_in_the_january_after_the_award() -> None:
    # R = 2020-12: all payments are indexed: 2021 by one year. Nobody dies, no discount: Σ over 2021..2079 of 12 + 11
    records = employee(HENAN, "2005-12", "2020-12", 8000)
    out = settle(person("1960-12", HENAN), records, indexation=0.01)
    basic = 8000 * 181 / 1200
    factor = sum(12 * 1.01 ** (y - 2020) for y in range(2021, 2080)) + 11 * 1.01 ** (2080 - 2020)
    assert close(out["present_value"], basic * factor + 719 * 115840 / 139)


def test_unknown_parameter() -> None:
    wage = np.array(toy_tables().reference_wage)
    wage[:, 2004 - FIRST_YEAR] = np.nan
    records = employee(HENAN, "2005-07", "2020-06", 8000)
    out = settle(person("1960-06", HENAN), records, reference_wage=wage)
    assert (out["status"], out["present_value"]) == (UNKNOWN_PARAMETER, None)
    # bridging needs no wage
    assert settle(person("1960-06", HENAN), records[1:], reference_wage=wage)["status"] == 0
    # a subsidy that nobody knows
    records = resident(HENAN, range(2012, 2020), 200.0)
    assert settle(person("1960-06", HENAN), records, subsidy_floor=(math.nan, math.nan))["status"] == UNKNOWN_PARAMETER


def test_income_and_last_income() -> None:
    # two platforms of 3000 and 2500 in the last month; base 4000 + 4000 is not asked
    records = employee(HENAN, "2005-07", "2020-05", 8000)
    records += employee(HENAN, "2020-06", "2020-06", 4000, form=4, income=3000.0)
    records += employee(HENAN, "2020-06", "2020-06", 4000, form=4, income=2500.0)
    out = settle(person("1960-06", HENAN), records)
    assert close(out["replacement_rate"], float(out["monthly"]) / 5500)


# ---- resident years converted into employee years --------------------------------------------------------------------


def bought_case(own: float) -> tuple[dict[str, Any], list[Any]]:
    # three resident years of own + 60 subsidy, then 17 employee years at index 1
    return person("1960-06", HENAN), resident(HENAN, range(2000, 2003), own) + employee(
        HENAN, "2003-07", "2020-06", 8000
    )


def test_resident_years_by_ratio() -> None:
    who, records = bought_case(1000.0)
    out = settle(who, records, {"resident_years": "ratio"})
    # a year costs 12·0.6·8000·0.2 = 11520; 1060 buy 12·1060/11520 = 1.10416… months, three years 3.3125 at index 0.6
    # basic 0.005·8000/12·(204 + 3.3125 + 204 + 3.3125·0.6 = 413.3)
    assert close(out["components"]["basic"], 40 / 12 * 413.3)
    # 12/20 of 3180 leave: 204·640 + 0.4·3180
    assert close(out["account_balance"], 130560 + 1272)
    assert close(out["average_index"], (204 + 3.3125 * 0.6) / 207.3125)
    assert out["route"] == "resident_to_employee"
    assert (out["months_employee"], out["months_resident"]) == (204, 36)
    [row] = out["transfers"]
    assert close(row["account"], 1272)
    assert close(row["pooled"], 1908)
    # converted years do not vest: 179 months stay 179
    short = records[:3] + employee(HENAN, "2005-08", "2020-06", 8000)
    assert settle(who, short, {"resident_years": "ratio"})["route"] == "employee_to_resident"
    assert settle(who, short, {"resident_years": "ratio", "vesting": "aggregated"})["route"] == "resident_to_employee"


def test_a_rich_resident_year_buys_one_year_and_its_rest_stays() -> None:
    who, records = bought_case(20000.0)
    out = settle(who, records, {"resident_years": "ratio"})
    # 36 months at 0.6: 204 + 36 + 204 + 21.6; of 20060 a year 0.6·11520 = 6912 leave
    assert close(out["components"]["basic"], 40 / 12 * 465.6)
    assert close(out["account_balance"], 130560 + 3 * (20060 - 6912))


def test_the_pooled_part_of_converted_years_leaves_with_its_interest() -> None:
    who, records = bought_case(1000.0)
    kept = settle(who, records, resident_rate=0.02)
    out = settle(who, records, {"resident_years": "ratio"}, resident_rate=0.02)
    # 636 each of December 2000, 2001, 2002, to 2020-06: 1.01 in the last half-year
    leaves = 636 * 1.01 * (1.02**19 + 1.02**18 + 1.02**17)
    assert close(kept["account_balance"] - out["account_balance"], leaves)


def test_an_overlapped_year_counts_for_the_months_left() -> None:
    who, records = overlap_case()
    out = settle(who, records, {"resident_years": "ratio"})
    # 2015: (1000 + 120 + 60)/11520·6/12 years; 2016..2019: 1060/11520; months 12·(590 + 4·1060)/11520
    months = 12 * (590 + 4240) / 11520
    assert close(out["components"]["basic"], 40 / 12 * (186 * 2 + months * 1.6))
    # 5·1060 + 120 - 560 refunded, and 0.6·4830 leave
    assert close(out["account_balance"], 186 * 640 + 4860 - 2898)
    assert close(out["refund"], 560)
    # one to one: 6 months at 1180/19200 and 48 at 1060/19200; all the money stays
    out = settle(who, records, {"resident_years": "one_to_one"})
    indices = (6 * 1180 + 48 * 1060) / 19200
    assert close(out["components"]["basic"], 40 / 12 * (186 * 2 + 54 + indices))
    assert close(out["account_balance"], 186 * 640 + 4860)


def test_resident_years_one_to_one() -> None:
    who, records = bought_case(1000.0)
    out = settle(who, records, {"resident_years": "one_to_one"})
    # index 1060/(12·0.2·8000) of 36 months: 36·1060/19200 = 1.9875
    assert close(out["components"]["basic"], 40 / 12 * (204 + 36 + 204 + 1.9875))
    assert close(out["account_balance"], 130560 + 3180)
    assert close(out["average_index"], (204 + 1.9875) / 240)


def test_the_average_index_of_the_transition_holds_converted_years() -> None:
    who, records = bought_case(1000.0)
    records = records[:3] + employee(HENAN, "1990-01", "1990-12", 1.0, flags=DEEMED) + records[3:]
    out = settle(who, records, {"resident_years": "one_to_one"})
    # 12 deemed months at 1: index (12 + 204 + 1.9875)/(216 + 36); 8000·i·1·1.2 %
    assert close(out["components"]["transitional"], 96 * (216 + 1.9875) / 252)
    # by segment the deemed months alone: 8000·1·1·1.2 %
    out = settle(who, records, {"resident_years": "one_to_one", "flat_base": "segment"})
    assert close(out["components"]["transitional"], 96)


def test_converted_years_are_valued_where_and_when_they_were_paid() -> None:
    # wages + 5 % a year, Zhejiang 10000 in 2020; resident there 2000 and 2001, employee in Henan up to the award
    def wage(year: int) -> float:
        return 10000 * 1.05 ** (year - 2020)

    records = resident(ZHEJIANG, range(2000, 2002), 1000.0) + employee(HENAN, "2003-07", "2020-06", 8000)
    ledger = Ledger(person("1960-06", HENAN), records, lookup(wages={ZHEJIANG: 10000}, wage_growth=0.05))
    rest = ledger.settle(REGIMES["segmented"])["components"]["basic"]
    # 24 months and 12·z a year, z = 1060/(2.4·C_Zhejiang(y - 1)); P(2020) = C(2019)
    points = 24 + 12 * 1060 / 2.4 * (1 / wage(1999) + 1 / wage(2000))

    def converted(regime: str, **more: str) -> float:
        out = ledger.settle(REGIMES[regime] | {"resident_years": "one_to_one"} | more)
        return float(out["components"]["basic"] - rest)

    assert close(converted("segmented"), 0.005 * wage(2019) / 12 * points, 1e-9)
    # frozen in the last resident year 2001: P(2001) = C(2000); indexed with the nation's C(2019)/C(2000) = 1.05¹⁹
    assert close(converted("segmented_frozen"), 0.005 * wage(2000) / 12 * points, 1e-9)
    assert close(converted("segmented_indexed"), 0.005 * wage(2000) * 1.05**19 / 12 * points, 1e-9)
    # valued at the claim place Henan (8000 for 10000), the index as it is
    claim = {"flat_base": "claim", "earnings_base": "claim"}
    assert close(converted("segmented", **claim), 0.8 * 0.005 * wage(2019) / 12 * points, 1e-9)


def test_resident_years_by_balance() -> None:
    who, records = bought_case(1000.0)
    out = settle(who, records, {"resident_years": "balance"})
    # 3180/(0.6·8000·0.2 = 960) = 3.3125 months at 0.6; 12/20 of 3180 leave
    assert close(out["components"]["basic"], 40 / 12 * 413.3)
    assert close(out["account_balance"], 130560 + 1272)
    # 60180/960 = 62.7 months: no more than the 36 paid for; 0.6·36·960 = 20736 leave
    who, records = bought_case(20000.0)
    out = settle(who, records, {"resident_years": "balance"})
    assert close(out["components"]["basic"], 40 / 12 * 465.6)
    assert close(out["account_balance"], 130560 + 60180 - 20736)


def test_the_award_year_buys_twelve_months_under_either_reading() -> None:
    records = employee(HENAN, "2003-01", "2019-12", 8000) + resident(HENAN, range(2020, 2021), 20000.0)
    for rule in ("ratio", "balance"):
        for reading in (0, 1):
            out = settle(person("1960-06", HENAN), records, {"resident_years": rule}, to_award=reading)
            assert out["months_resident"] == (6 if reading else 12)
            # 20060 buy the whole year of 11520: 12 months at 0.6
            assert close(out["components"]["basic"], 40 / 12 * (408 + 12 * 1.6))


# ---- designs ---------------------------------------------------------------------------------------------------------


def test_points_are_the_formula_at_national_wages() -> None:
    # as test_national_bases: 40·(30 + 12.5 + 15) = 2300, under its own name
    records = employee(ZHEJIANG, "1991-01", "2000-12", 10000) + employee(HENAN, "2001-01", "2020-12", 6000)
    wages = {ZHEJIANG: 10000, HENAN: 6000, 0: 8000}
    out = settle(person("1960-12", HENAN), records, {"design": "points"}, wages=wages)
    same = settle(person("1960-12", HENAN), records, "national", wages=wages)
    assert close(out["components"]["points"], 2300)
    assert out["components"]["basic"] == 0
    assert (out["monthly"], out["present_value"]) == (same["monthly"], same["present_value"])


@pytest.mark.parametrize(
    "regime",
    [
        {"design": "points", "flat_base": "national"},
        {"design": "ndc", "index_wage": "segment"},
        {"design": "rights", "resident_years": "ratio"},
        {"design": "ndc", "resident_years": "balance"},
    ],
)
def test_designs_refuse_what_they_set_themselves(regime: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"itself|formula alone"):
        settle(person("1960-06", HENAN), employee(HENAN, "2003-07", "2020-06", 8000), regime)


def test_rights_are_booked_when_they_are_earned() -> None:
    # P_N·0.5 %/12·[120·(10000 + 10000)/8000 + 240·(6000 + 6000)/8000] = 40/12·(300 + 360) = 2200
    records = employee(ZHEJIANG, "1991-01", "2000-12", 10000) + employee(HENAN, "2001-01", "2020-12", 6000)
    wages = {ZHEJIANG: 10000, HENAN: 6000, 0: 8000}
    who = person("1960-12", HENAN)
    out = settle(who, records, {"design": "rights"}, wages=wages)
    assert close(out["components"]["rights"], 2200)
    assert out["components"]["basic"] == 0
    assert close(out["components"]["account"], (120 * 800 + 240 * 480) / 139)
    # twelve deemed months in Zhejiang at 0.8: 12·10000·1.8/8000 = 27 more, 90 yuan; transition as the claim place has
    # it: index (12·0.8 + 120·10000/6000 + 240)/372 = 449.6/372, 6000·i·1·1.2 %
    deemed = employee(ZHEJIANG, "1990-01", "1990-12", 0.8, flags=DEEMED)
    out = settle(who, deemed + records, {"design": "rights"}, wages=wages)
    assert close(out["components"]["rights"], 2290)
    assert close(out["components"]["transitional"], 72 * 449.6 / 372)
    # two payers in one month at one place: the wage once, the bases add: 40/12·180·(8000 + 8000)/8000
    two = employee(HENAN, "2005-07", "2020-06", 3000) + employee(HENAN, "2005-07", "2020-06", 5000)
    out = settle(person("1960-06", HENAN), two, {"design": "rights"})
    assert close(out["components"]["rights"], 40 / 12 * 360)


def test_rights_are_carried_with_national_wages() -> None:
    # Henan grows by 2 %, the nation by 5 %: a month of year y books 2·C_H(y - 1), worth P_N(2020)/C_N(y - 1) as much
    records = []
    for year in range(2001, 2021):
        records += employee(HENAN, f"{year}-01", f"{year}-12", 8000 * 1.02 ** (year - 1 - 2020))
    out = settle(person("1960-12", HENAN), records, {"design": "rights"}, wage_growth={HENAN: 0.02, 0: 0.05})
    booked = sum(0.01 * 8000 * 1.02 ** (year - 1 - 2020) * 1.05 ** (2020 - year) for year in range(2001, 2021))
    assert close(out["components"]["rights"], booked, 1e-9)


NDC = {"design": "ndc", "vesting": "immediate"}


def test_notional_accounts_pay_back_what_was_paid() -> None:
    who, records = bought_case(1000.0)
    out = settle(who, records, NDC)
    # 204·8000·(8 % + 20 %) + 3·1060 = 460140; nobody dies, no growth: G = 719 months
    assert close(out["components"]["ndc"], 460140 / 719)
    assert close(out["monthly"], 460140 / 719)
    assert close(out["present_value"], 460140)
    assert out["route"] == "resident_to_employee"
    # a flexible worker pays 8 % + 12 %
    out = settle(who, employee(HENAN, "2003-07", "2020-06", 8000, form=3), NDC)
    assert close(out["components"]["ndc"], 204 * 1600 / 719)
    # a retained right, an overlap: no effect. Resident years count whole, nothing is refunded: 186·2240 + 5·1060 + 120
    who, records = overlap_case()
    for more in ({}, {"resident_years": "retain"}, {"overlap": "credit_value"}):
        out = settle(who, records, NDC | more)
        assert close(out["components"]["ndc"], (186 * 2240 + 5420) / 719)
        assert (out["refund"], out["components"]["resident_basic"]) == (0, 0)


def test_notional_accounts_grow_with_the_national_wage() -> None:
    # wages and indexation + 1 %: each base C(y - 1) is worth C_N(2019) = 8000/1.01 at the award; j = g, so G = 719
    records = employee(HENAN, "2003-07", "2003-12", 8000 * 1.01 ** (2002 - 2020))
    for year in range(2004, 2020):
        records += employee(HENAN, f"{year}-01", f"{year}-12", 8000 * 1.01 ** (year - 1 - 2020))
    records += employee(HENAN, "2020-01", "2020-06", 8000 / 1.01)
    out = settle(person("1960-06", HENAN), records, NDC, wage_growth=0.01, indexation=0.01)
    assert close(out["components"]["ndc"], 204 * 0.28 * 8000 / 1.01 / 719, 1e-9)


def test_the_notional_divisor_has_survival_and_indexation() -> None:
    # a death rate of 0.12 a year: S(k) = e^(-0.01·k); indexation 1 %, no wage growth
    # G = Σ q^k with q = 1.01^(1/12)·e^-0.01
    out = settle(
        person("1960-12", HENAN), employee(HENAN, "2004-01", "2020-12", 8000), NDC, mortality=0.12, indexation=0.01
    )
    q = 1.01 ** (1 / 12) * math.exp(-0.01)
    assert close(out["components"]["ndc"], 204 * 2240 * (1 - q) / (q * (1 - q**719)), 1e-9)
    # no account, so nothing is inherited: the pension alone, adjusted each January
    value = sum(math.exp(-0.01 * k) * 1.01 ** ((k + 11) // 12) for k in range(1, 720))
    assert close(out["present_value"], float(out["components"]["ndc"]) * value, 1e-9)


def test_deemed_months_and_dropped_months_of_notional_accounts() -> None:
    # twelve deemed months were not paid: 8000·1·1·1.2 % = 96 as under claim; 2010 paid in Zhejiang too, at less:
    # 12·5000·8 % = 4800 come back
    records = employee(HENAN, "1990-01", "1990-12", 1.0, flags=DEEMED) + employee(HENAN, "2003-07", "2020-06", 8000)
    records += employee(ZHEJIANG, "2010-01", "2010-12", 5000)
    out = settle(person("1960-06", HENAN), records, NDC)
    assert close(out["components"]["ndc"], 204 * 2240 / 719)
    assert close(out["components"]["transitional"], 96)
    assert close(out["refund"], 4800)
    assert close(out["present_value"], 204 * 2240 + 719 * 96 + 4800)


def test_a_short_career_under_notional_accounts_settles_by_the_resident_law() -> None:
    who, records = person("1960-06", HENAN), employee(HENAN, "2006-07", "2020-06", 8000)
    for design in ("points", "rights", "ndc"):
        out, law = settle(who, records, {"design": design}), settle(who, records)
        assert (out["route"], out["monthly"]) == ("employee_to_resident", law["monthly"])
        assert out["present_value"] == law["present_value"]


# ---- citizen pension -------------------------------------------------------------------------------------------------


def citizen(who: dict[str, Any], records: list[Any], kind: str, amount: float, taper: float = 1.0) -> dict[str, Any]:
    numbers = Decimal(0), Decimal(amount), Decimal(taper)
    return settle_reference(who, records, lookup(), {"citizen_floor": kind}, *numbers)


def test_universal_pension_in_place_of_the_resident_basic_pension() -> None:
    who, records = person("1960-06", HENAN), resident(HENAN, range(2010, 2020), 1000.0)
    law, out = settle(who, records), settle(who, records, {"citizen_floor": "universal"})
    # B = 200 either way: the same money under another name
    assert (out["components"]["resident_basic"], out["components"]["citizen"]) == (0, 200)
    assert (out["monthly"], out["present_value"]) == (law["monthly"], law["present_value"])
    out = citizen(who, records, "universal", 1000.0)
    assert close(out["monthly"] - law["monthly"], 800)
    assert close(out["present_value"] - law["present_value"], 719 * 800)
    # beside a retained right B is not paid either
    records = resident(HENAN, range(1997, 2000), 200.0) + employee(HENAN, "2000-07", "2020-06", 8000)
    out = settle(who, records, {"citizen_floor": "universal", "resident_years": "retain"})
    assert (out["components"]["resident_basic"], out["components"]["citizen"]) == (0, 200)


def test_a_citizen_pension_starts_after_sixty_whenever_the_award_is() -> None:
    # a woman of fifty: from 2030-07, 719 payments
    records = employee(HENAN, "2000-07", "2020-06", 8000)
    who = person("1970-06", HENAN, category=3)
    law, out = settle(who, records), settle(who, records, {"citizen_floor": "universal"})
    assert out["starts"]["citizen"] == month("2030-07")
    assert close(out["monthly"] - law["monthly"], 200)
    assert close(out["present_value"] - law["present_value"], 719 * 200)
    # born 1970-01: statutory month 2031-05, citizen pension from 2030-02; at 4 % the first 15 payments have grown
    records = employee(HENAN, "2010-01", "2029-12", 8000)
    who = person("1970-01", HENAN)
    law = settle(who, records, discount_rate=0.04)
    out = settle(who, records, {"citizen_floor": "universal"}, discount_rate=0.04)
    assert out["starts"]["citizen"] == month("2030-02")
    value = sum(200 * 1.04 ** (-k / 12) for k in range(-15, 704))
    assert close(out["present_value"] - law["present_value"], value, 1e-9)


def test_a_citizen_pension_moves_with_the_national_basic_pension() -> None:
    # the national B doubles in 2030-01: 114 payments of 200 from 2020-07, then 605 of 400; the home B stays
    basic = np.array(toy_tables().resident_basic)
    basic[PLACE_INDEX[0], 12 * (2030 - FIRST_YEAR) :] *= 2
    records = employee(HENAN, "2000-07", "2020-06", 8000)
    who = person("1960-06", HENAN)
    law = settle(who, records, resident_basic=basic)
    out = settle(who, records, {"citizen_floor": "universal"}, resident_basic=basic)
    assert close(out["present_value"] - law["present_value"], 114 * 200 + 605 * 400)


def test_topped_up_pension_sets_off_the_others() -> None:
    # 1476 + 125952/139 = 2382.129…; 1500 - half of it
    who, records = person("1960-06", GUANGDONG), employee(GUANGDONG, "2000-01", "2020-06", 6400)
    monthly = 1476 + 125952 / 139
    out = citizen(who, records, "top_up", 1500.0, 0.5)
    assert close(out["components"]["citizen"], 1500 - 0.5 * monthly)
    assert close(out["monthly"], 1500 + 0.5 * monthly)
    assert citizen(who, records, "top_up", 1500.0)["components"]["citizen"] == 0
    # the resident basic pension is paid and set off: 1500 in all
    out = citizen(who, resident(GUANGDONG, range(2010, 2020), 1000.0), "top_up", 1500.0)
    assert out["components"]["resident_basic"] == 200
    assert close(out["monthly"], 1500)


def test_who_withdraws_has_a_citizen_pension() -> None:
    records = employee(HENAN, "2015-07", "2020-06", 8000)
    out = settle(person("1960-06", HENAN), records, {"citizen_floor": "top_up"}, lump_backpay_allowed=False)
    assert (out["route"], out["monthly"]) == ("withdrawal", 200)
    # the account of 60·640 once, 719 payments of 200
    assert close(out["present_value"], 38400 + 719 * 200)


# ---- best place, held harmless ---------------------------------------------------------------------------------------


def test_the_best_claim_place() -> None:
    records = employee(ZHEJIANG, "1991-01", "2000-12", 10000) + employee(HENAN, "2001-01", "2020-12", 6000)
    who, wages = person("1960-12", HENAN), {ZHEJIANG: 10000, HENAN: 6000}
    out = settle(who, records, {"claim_place": "best"}, wages=wages)
    # at Zhejiang 10000: 50·(30 + 10 + 20·0.6) = 2600; at Henan 2000
    assert (out["claim_place"], out["claim_branch"]) == (ZHEJIANG, "best_by_regime")
    assert close(out["components"]["basic"], 2600)
    # equal wages: the lower code, though the relation and the hukou are in Henan
    assert settle(who, records, {"claim_place": "best"})["claim_place"] == ZHEJIANG
    # a temporary place and the hukou are candidates, a place of stranded months is none
    records = employee(HENAN, "2001-01", "2018-12", 6000) + employee(
        ZHEJIANG, "2019-01", "2020-12", 10000, flags=TEMPORARY
    )
    assert settle(who, records, {"claim_place": "best"}, wages=wages)["claim_place"] == ZHEJIANG
    records[-2:] = employee(ZHEJIANG, "2019-01", "2020-12", 10000, flags=LATE)
    assert settle(who, records, {"claim_place": "best"}, wages=wages)["claim_place"] == HENAN
    assert settle(who | {"hukou": 31}, records, {"claim_place": "best"}, wages=wages)["claim_place"] == 31
    # without an employee month as in article 6
    out = settle(who, resident(HENAN, range(2010, 2020), 200.0), {"claim_place": "best"})
    assert (out["claim_place"], out["claim_branch"]) == (HENAN, "no_relation")


def test_held_harmless() -> None:
    harmless = REGIMES["fair"] | {"hold_harmless": "yes"}
    # oracle_interprovincial: from poor to rich the law pays 2800 and the segments 2600; the other way 2000 and 2200
    for origin, destination, basic in ((6000, 10000, 2800), (10000, 6000, 2200)):
        records = employee(ZHEJIANG, "1991-01", "2000-12", origin) + employee(HENAN, "2001-01", "2020-12", destination)
        out = settle(person("1960-12", HENAN), records, harmless, wages={ZHEJIANG: origin, HENAN: destination})
        assert close(out["components"]["basic"], basic)
    # the whole result of the law: with resident years merged, not beside
    records = employee(ZHEJIANG, "1991-01", "2000-12", 6000) + employee(HENAN, "2001-01", "2020-12", 10000)
    records = resident(HENAN, range(1989, 1991), 100.0) + records
    out = settle(person("1960-12", HENAN), records, harmless, wages={ZHEJIANG: 6000, HENAN: 10000})
    assert (out["route"], close(out["components"]["basic"], 2800)) == ("resident_to_employee", True)


def test_a_last_income_of_nothing_has_no_replacement_rate_and_one_not_stated_is_the_base() -> None:
    # 15 years at 8,000: ½·1 %·8000·15·2 = 1,200 and 180 · 640 / 139, over the base or the stated 4,000
    who, months = person("1964-06", HENAN), employee(HENAN, "2009-07", "2024-06", 8000.0)
    monthly = 1200 + 180 * 640 / 139
    assert close(settle(who, months)["replacement_rate"], monthly / 8000)
    for income, rate in ((4000.0, monthly / 4000), (0.0, None)):
        months[-1] |= {"income": income}
        found = settle(who, months)["replacement_rate"]
        assert found is None if rate is None else close(found, rate)
