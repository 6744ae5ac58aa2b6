"""Variants of histories: each provision on small histories worked by hand, and what must hold for all of them.

The country of these tests has the reference wage 8,000 everywhere and always unless a test says otherwise: limits of
the base 4,800 and 24,000; account 8 %, pooled 20 % (individuals 12 %); employees pay 8 %, individuals 20 %; no
interest.
"""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from properties.people import LATE, Toy, employee, histories, month, person, resident, toy

import pension
from pension.accounting import Regime, RegimeError, shipped
from pension.checks.range_check import Records
from pension.engine import Engine
from pension.kernels.award_fields import NO_CAREER, NO_INCOME_STATED, OLD_AWARD, RESULT_NAMES, STATUS_TEXT
from pension.variants.base_provisions import BASE_PROVISIONS, RECORDED
from pension.variants.histories import variant
from pension.variants.stayers import StayerGap, stayer_gap
from pension.wealth.cash_flows import cash_flows

FULL = 4095
CURRENT = Regime("current")
LOW = CURRENT.but("low", floor="fraction", floor_fraction=0.4)
ACTUAL = CURRENT.but("actual", floor="actual")
ALL = CURRENT.but("all", income="all_sources")
SURRENDER = CURRENT.but("surrender", exit_before_2010="surrendered")
PLATFORM = CURRENT.but("platform", enrolment="workplace", forms=("platform",))
MAN = person("1964-06", 41)
"""Statutory month 2024-06."""


def none(start: str, end: str, income: float, **more: Any) -> list[dict[str, Any]]:
    """Platform work without any insurance."""
    rows = employee(-1, start, end, float("nan"), income=income, form=4)
    return [row | {"scheme": 0} | more for row in rows]


def residents(place: int, years: Any, own: float, **more: Any) -> list[dict[str, Any]]:
    """Resident payments; anything of a record may be said."""
    return [row | more for row in resident(place, years, own)]


def varied(regime: Regime, *records: list[dict[str, Any]], who: Any = MAN, country: Toy | None = None) -> Any:
    """The variant of one person."""
    arrays = histories([(who, [record for part in records for record in part])]).arrays
    return Engine(country or toy(), [regime]).variant(regime.plan, arrays)  # type: ignore[arg-type]


def rows(variant: Any, *names: str) -> list[tuple[Any, ...]]:
    """Columns of the records of the first person."""
    stop = int(variant.arrays.offsets[1])
    return [tuple(getattr(variant.arrays, name)[j].item() for name in names) for j in range(stop)]


def run(regimes: list[Regime], people: Any, *columns: str, country: Toy | None = None) -> Any:
    engine = Engine(country or toy(), regimes)  # type: ignore[arg-type]
    return engine.run(histories(people).arrays, columns or ("status", "monthly", "pw", "refund", "pw_r0"))


# ---- the law's choices


def test_the_laws_choices_give_the_identical_arrays() -> None:
    arrays = histories([(MAN, employee(44, "2005-01", "2024-06", 5000))]).arrays
    law = {provision: known[0] for provision, known in BASE_PROVISIONS.items()}
    plan = Regime("law", law).plan
    assert plan == RECORDED
    assert Engine(toy(), [CURRENT]).variant(plan, arrays).arrays is arrays  # type: ignore[arg-type]


# ---- floor and income


@pytest.mark.parametrize(
    ("regime", "income", "base"),
    [
        (LOW, 2000.0, 3200.0),  # 0.4 * 8,000
        (LOW, 4000.0, 4000.0),
        (LOW, 30000.0, 24000.0),
        (ACTUAL, 900.0, 900.0),
        (ACTUAL, 30000.0, 24000.0),
        (ALL, 900.0, 4800.0),
    ],
)
def test_the_base_is_the_income_within_the_limits(regime: Regime, income: float, base: float) -> None:
    found = varied(regime, employee(44, "2020-01", "2020-12", 7777, income=income))
    assert rows(found, "year", "months", "base", "income") == [(2020, FULL, base, income)]


def test_the_reference_wage_is_that_of_the_year_before() -> None:
    # 44 grows by 10 % a year from 8,000 in 2020: the floor of 2021 is 0.4 * 8,000, of 2022 0.4 * 8,800
    country = toy(wages={44: 8000.0}, wage_growth={44: 0.1})
    found = varied(LOW, employee(44, "2021-01", "2022-12", 7777, income=100.0), country=country)
    np.testing.assert_allclose(found.arrays.base, [3200.0, 3520.0], rtol=1e-12)


def test_floor_and_cap_hold_once_for_several_payers_of_a_place() -> None:
    # 500 + 1,500 = 2,000 below the floor 3,200: 3,200 * 500/2,000 = 800 and 2,400
    two = [
        employee(44, "2020-01", "2020-12", 9999, income=income, form=form) for income, form in ((500.0, 0), (1500.0, 3))
    ]
    assert rows(varied(LOW, *two), "form", "base") == [(0, 800.0), (3, 2400.0)]
    # 20,000 + 10,000 above the ceiling: 24,000 * 2/3 and 1/3
    two = [
        employee(44, "2020-01", "2020-12", 99, income=income, form=form)
        for income, form in ((20000.0, 0), (10000.0, 3))
    ]
    np.testing.assert_allclose([base for (base,) in rows(varied(LOW, *two), "base")], [16000.0, 8000.0], rtol=1e-15)
    # without any income the floor is split in equal parts
    two = [employee(44, "2020-01", "2020-12", 99, income=0.0, form=form) for form in (0, 3)]
    assert rows(varied(LOW, *two), "base") == [(1600.0,), (1600.0,)]


def test_each_place_has_its_own_limits() -> None:
    two = [employee(place, "2020-01", "2020-12", 99, income=2000.0) for place in (31, 44)]
    assert rows(varied(LOW, *two), "place", "base") == [(31, 3200.0), (44, 3200.0)]


def test_all_sources_count_what_is_earned_anywhere_and_split_a_year() -> None:
    # 3,000 as employed; 4,000 on a platform from January to March, 1,000 a month beside a resident payment: 8,000 for
    # three months, else 4,000 and so the floor 4,800
    side = none("2020-01", "2020-03", 4000.0)
    found = varied(
        ALL, employee(44, "2020-01", "2020-12", 9999, income=3000.0), side, residents(41, [2020], 500, income=1000.0)
    )
    assert rows(found, "scheme", "months", "base")[1:] == [(1, 7, 8000.0), (1, 4088, 4800.0), (2, FULL, 500.0)]
    # declared incomes alone: 3,000 all year
    declared = varied(LOW, employee(44, "2020-01", "2020-12", 9999, income=3000.0), side)
    assert rows(declared, "scheme", "months", "base")[1:] == [(1, FULL, 3200.0)]


def test_equal_bases_of_two_places_are_equal_to_rounding() -> None:
    # all sources give both places the same base; 33 pays it in one, 51 in three parts, which do not add up to the last
    # bit. The lower code counts: months of 33, whose wage is 10,000, at the index of the whole income
    regime = ALL.but("all", index_wage="segment")
    people, incomes = [], []
    for k in range(20):
        parts = [1000.1 + k / 3, 2000.0, 6000.0 / 7]
        shared = [employee(51, "2020-01", "2020-12", 9, income=y, form=form) for form, y in enumerate(parts)]
        whole = employee(33, "2020-01", "2020-12", 9, income=4000.0 + k / 7)
        people.append((MAN, [record for part in (*shared, whole) for record in part]))
        incomes.append(sum(parts) + 4000.0 + k / 7)
    found = run([regime.but("all", vesting="immediate")], people, "average_index", country=toy(wages={33: 10000.0}))
    np.testing.assert_allclose(found.column("average_index", "all"), np.array(incomes) / 10000, rtol=1e-12)


def test_all_sources_insure_nobody() -> None:
    found = varied(ALL, none("2020-01", "2020-12", 4000.0), employee(44, "2021-01", "2021-12", 9999, income=5000.0))
    assert rows(found, "year", "scheme") == [(2020, 0), (2021, 1)]


def test_months_on_a_base_of_zero_are_no_contribution() -> None:
    nothing = employee(44, "2020-01", "2020-12", 9999, income=0.0)
    some = employee(44, "2021-01", "2021-12", 9999, income=10.0)
    assert rows(varied(ACTUAL, nothing, some), "year", "base") == [(2021, 10.0)]
    # nor is what a payer without income would carry of a base that another one carries
    other = employee(44, "2020-01", "2020-12", 9999, income=10.0, form=3)
    assert rows(varied(ACTUAL, nothing, other), "form", "base") == [(3, 10.0)]


def test_a_base_needs_every_income() -> None:
    records = [employee(44, "2020-01", "2020-12", 5000, income=5000.0), employee(44, "2021-01", "2021-12", 5000)]
    for regime in (LOW, ACTUAL, ALL):
        found = varied(regime, *records)
        assert found.reason.tolist() == [NO_INCOME_STATED]
        assert rows(found, "base") == [(5000.0,), (5000.0,)]
    settled = run([LOW, CURRENT], [(MAN, [r for part in records for r in part])])
    assert settled.column("status", "low").tolist() == [NO_INCOME_STATED]
    assert np.isnan(settled.column("pw", "low")[0])
    assert settled.column("status", "current").tolist() == [0]


# ---- leaving before 2010


def test_an_exit_ends_the_months_and_refunds_the_own_share() -> None:
    # 36 months * 1,000 * min(own 8 %, account 8 %) = 2,880, paid in the month of the exit
    found = varied(SURRENDER, employee(44, "2005-01", "2007-12", 1000), employee(31, "2009-03", "2024-06", 5000))
    assert {place for (place,) in rows(found, "place")} == {31}
    assert (found.refunds.month.tolist(), found.refunds.yuan.tolist()) == ([month("2007-12")], [pytest.approx(2880.0)])


def test_the_refund_is_the_lower_of_own_and_account_share() -> None:
    leaves = [employee(44, "2005-01", "2005-12", 1000), employee(31, "2009-03", "2024-06", 5000)]
    # employees pay 5 % of 8 % credited: 12 * 1,000 * 5 %; individuals pay 20 %, of which 8 % are credited
    country = toy(own_rate=(0.05, 0.20))
    assert varied(SURRENDER, *leaves, country=country).refunds.yuan.tolist() == [pytest.approx(600.0)]
    leaves[0] = employee(44, "2005-01", "2005-12", 1000, form=3)
    assert varied(SURRENDER, *leaves, country=country).refunds.yuan.tolist() == [pytest.approx(960.0)]


def test_the_refund_bears_interest_by_month_products_to_the_exit() -> None:
    # 12 % a year. 2006: 12 + 1 % * (12 + 11 + ... + 1) = 12.78, then six months of 2007: * 1.06 = 13.5468.
    # 2007: 6 + 1 % * (6 + 5 + ... + 1) = 6.21. 80 yuan a month * 19.7568 = 1,580.544
    country = toy(employee_rate=0.12)
    found = varied(
        SURRENDER, employee(44, "2006-01", "2007-06", 1000), employee(31, "2007-07", "2024-06", 5000), country=country
    )
    assert found.refunds.yuan.tolist() == [pytest.approx(1580.544, rel=1e-13)]


def test_exits_are_read_off_the_record() -> None:
    def refunds(*records: list[dict[str, Any]]) -> list[tuple[int, float]]:
        found = varied(SURRENDER, *records)
        return list(zip(found.refunds.month.tolist(), found.refunds.yuan.tolist(), strict=True))

    late = employee(31, "2010-01", "2024-06", 5000)
    # the last month before 2010 is an exit where the next month paid is elsewhere, though it lies after 2009
    assert refunds(employee(44, "2008-01", "2008-12", 1000), late) == [(month("2008-12"), pytest.approx(960.0))]
    # staying is none, nor is a break; nor what has no later month; nor a move in 2010
    assert refunds(employee(44, "2008-01", "2008-06", 1000), employee(44, "2010-01", "2024-06", 5000)) == []
    assert refunds(employee(44, "2008-01", "2009-12", 1000)) == []
    assert refunds(employee(44, "2008-01", "2010-01", 1000), employee(31, "2010-02", "2024-06", 5000)) == []
    # two places at once: only the one that is not paid on is left
    both = (employee(44, "2008-01", "2008-12", 1000), employee(31, "2008-12", "2024-06", 5000))
    assert refunds(*both) == [(month("2008-12"), pytest.approx(960.0))]
    # a return starts anew: each time is refunded, none twice
    again = (employee(44, "2005-01", "2005-12", 1000), employee(31, "2006-01", "2006-12", 2000))
    again = (*again, employee(44, "2007-01", "2007-12", 3000), employee(31, "2008-01", "2024-06", 5000))
    assert refunds(*again) == [
        (month("2005-12"), pytest.approx(960.0)),
        (month("2006-12"), pytest.approx(1920.0)),
        (month("2007-12"), pytest.approx(2880.0)),
    ]


def test_the_refund_enters_refund_and_present_values() -> None:
    # 960 yuan in 2008-12, R0 = 2024-06: 186 months at 4 % a year; prices rise by 2 % from 2024 to 2025
    records = [*employee(44, "2008-01", "2008-12", 1000), *employee(31, "2009-01", "2024-06", 5000)]
    country = toy(discount_rate=0.04, inflation=0.02)
    found = run([SURRENDER], [(MAN, records)], country=country)
    alone = run([CURRENT], [(MAN, records[1:])], country=country)
    value = 960.0 * 1.04 ** (186 / 12)
    for name, more in (("refund", 960.0), ("pw_r0", value), ("pw", value * 1.02), ("monthly", 0.0)):
        assert found.column(name, "surrender")[0] - alone.column(name, "current")[0] == pytest.approx(more, rel=1e-9)


def test_own_contributions_of_a_surrender_were_paid_all_the_same() -> None:
    # 12 * 1,000 * 8 % + 186 * 5,000 * 8 % = 960 + 74,400
    records = [*employee(44, "2008-01", "2008-12", 1000), *employee(31, "2009-01", "2024-06", 5000)]
    arrays = histories([(MAN, records)]).arrays
    engine = Engine(toy(), [CURRENT, SURRENDER])  # type: ignore[arg-type]
    for regime in (SURRENDER, SURRENDER.but("both", payer="platform")):
        paid = engine.contributions(engine.variant(regime.plan, arrays), arrays)
        assert paid.own.tolist() == [pytest.approx(75360.0, rel=1e-12)]


def test_the_cash_flow_of_a_surrender_pays_in_its_months() -> None:
    # paid 12 * 80 to 2008-12, refunded 960 then, 186 * 400 after it; the value of all benefits is the present value.
    # Of 12 * 1,000 * 28 % paid the pooled 2,400 are forfeited; 186 * 5,000 * 28 % are paid in the rest
    records = [*employee(44, "2008-01", "2008-12", 1000), *employee(31, "2009-01", "2024-06", 5000)]
    country = toy(discount_rate=0.04)
    engine = Engine(country, [SURRENDER])  # type: ignore[arg-type]
    arrays = histories([(MAN, records)]).arrays
    ((flow,),) = [found.values() for found in cash_flows(engine, arrays)]
    assert flow is not None
    months = {name: {flow.first + k: x for k, x in enumerate(part) if x} for name, part in flow.components.items()}
    assert {m: round(x, 9) for m, x in months["refund"].items()} == {month("2008-12"): 960.0}
    assert sum(months["own_contributions"].values()) == pytest.approx(-(12 * 80.0 + 186 * 400.0))
    found = engine.run(arrays, ("status", "pw_r0", "forfeited", "contributed", "irr", "npw", "own_contributions"))
    values = {name: found.column(name, "surrender")[0] for name in found.columns}
    assert flow.value(flow.benefits) == pytest.approx(values["pw_r0"], rel=1e-9)
    assert values["forfeited"] == pytest.approx(2400.0)
    assert values["contributed"] == pytest.approx(0.28 * (12 * 1000 + 186 * 5000))
    assert flow.value(flow.total, values["irr"]) == pytest.approx(0.0, abs=1e-4)
    assert values["npw"] == pytest.approx(flow.value(flow.total), rel=1e-9)


# ---- enrolment


def test_platform_work_is_insured_where_it_is_done() -> None:
    records = [
        none("2020-01", "2020-06", 7000.0, work_place=33),
        residents(41, [2021], 500, form=4, income=2000.0, work_place=33, payer_share=50.0),
    ]
    found = varied(PLATFORM, *records)
    assert rows(found, "year", "months", "scheme", "place", "work_place", "base", "flags") == [
        (2020, 63, 1, 33, 33, 7000.0, 0),
        (2021, FULL, 1, 33, 33, 4800.0, 0),
    ]
    assert np.isnan(found.arrays.payer_share).all()


def test_what_is_not_insured_by_work_stays() -> None:
    other_form = residents(41, [2020], 500, form=3, income=2000.0)
    no_income = residents(41, [2021], 500, form=4)
    nowhere = none("2022-01", "2022-12", 2000.0)
    paid = employee(44, "2023-01", "2023-12", 5555)
    found = varied(PLATFORM, other_form, no_income, nowhere, paid)
    assert rows(found, "year", "scheme") == [(2020, 2), (2021, 2), (2022, 0), (2023, 1)]
    assert found.arrays.base[3] == 5555.0  # a recorded base stays as it was paid


def test_a_paid_record_moves_to_the_place_of_work_and_keeps_only_its_late_flag() -> None:
    records = employee(44, "2020-01", "2020-12", 5555, form=4, income=6000.0, work_place=33, flags=LATE | 64)
    assert rows(varied(PLATFORM, records), "place", "work_place", "base", "flags") == [(33, 33, 6000.0, LATE)]


def test_incomes_of_converted_and_paid_records_do_not_mix_under_the_law() -> None:
    # the converted one gets 4,800 for its own 3,000, the recorded one stays; all sources: 8,000 in all, 3/8 and 5/8
    records = [
        none("2020-01", "2020-12", 3000.0, work_place=44),
        employee(44, "2020-01", "2020-12", 9999, income=5000.0),
    ]
    assert rows(varied(PLATFORM, *records), "form", "base") == [(0, 9999.0), (4, 4800.0)]
    both = PLATFORM.but("both", income="all_sources")
    assert rows(varied(both, *records), "form", "base") == [(0, 5000.0), (4, 3000.0)]


def test_insured_from_sixteen_to_the_award() -> None:
    # born 1964-06: 16 in 1980-06, but nobody paid before 1986-10; awarded in 2024-06
    records = [none("1986-01", "1986-12", 5000.0, work_place=33), none("2024-01", "2024-12", 5000.0, work_place=33)]
    assert rows(varied(PLATFORM, *records), "year", "months") == [(1986, 0b111000000000), (2024, 63)]
    young = person("2004-06", 41)
    found = varied(PLATFORM, none("2020-01", "2020-12", 5000.0, work_place=33), who=young)
    assert rows(found, "months") == [(FULL - 31,)]


def test_who_becomes_an_employee_is_awarded_as_one() -> None:
    # a woman of category 50 born 1975-02: 50 years and one month, 2025-03; as a resident at 60. R0 stays 2035-02
    woman = person("1975-02", 41, 3)
    records = residents(41, range(2012, 2030), 500, form=4, income=5000.0, work_place=33)
    found = varied(PLATFORM, records, who=woman)
    assert found.kind.tolist() == [1]
    assert rows(found, "year")[-1] == (2025,)
    engine = Engine(toy(), [PLATFORM])  # type: ignore[arg-type]
    arrays = histories([(woman, records)]).arrays
    statutory, _, award, _ = engine.award_months(arrays, found.kind)
    assert (statutory.tolist(), award.tolist()) == ([month("2025-03")], [month("2025-03")])
    world, at = engine.world(arrays, insured=found.kind)
    assert world.awards[at[0], :3].tolist() == [month("2025-03"), month("2035-02"), month("2025-03")]


def test_work_after_the_statutory_month_makes_no_employee() -> None:
    # born 1974-01, category 50: statutory 2024-01. Platform work from 2030 on insures nobody, resident years stay
    woman = person("1974-01", 41, 3)
    records = [residents(41, range(2012, 2030), 500), none("2030-01", "2031-12", 5000.0, work_place=33)]
    found = varied(PLATFORM, *records, who=woman)
    assert found.kind.tolist() == [0]
    assert [scheme for (scheme,) in rows(found, "scheme")] == [2] * 18 + [0] * 2


def test_an_award_before_the_rules_of_this_library_is_undefined() -> None:
    # born 1958-01, category 50: as an employee she would be awarded in 2008-01
    woman = person("1958-01", 41, 3)
    records = [residents(41, range(2010, 2018), 500), none("2006-01", "2006-12", 5000.0, work_place=33)]
    assert varied(PLATFORM, *records, who=woman).reason.tolist() == [OLD_AWARD]
    assert "2014-07" in STATUS_TEXT[OLD_AWARD]


# ---- payer


def test_a_platform_pays_its_share_of_what_is_pooled() -> None:
    # work_account pays account and pooled money out of the resident account: 240 months * 5,000 = 1,200,000.
    # An individual pools 12 %, a platform 16 % of it in his place; as employment 20 %; 8 % share: still 12 %.
    records = employee(41, "2004-07", "2024-06", 5000, form=4)
    law = Regime("law", {"vesting": "never", "pooled_on_exit": "paid_with_interest"})
    regimes = [
        law,
        *(law.but(str(s), payer="platform", platform_share=s) for s in (0.16, 0.08)),
        law.but("by law", payer="platform"),
    ]
    found = run(regimes, [(MAN, records)], "resident_balance")
    balance = {regime.name: found.column("resident_balance", regime.name)[0] for regime in regimes}
    assert balance["law"] == pytest.approx(1_200_000 * 0.20)
    assert balance["0.16"] == pytest.approx(1_200_000 * 0.24)
    assert balance["0.08"] == pytest.approx(1_200_000 * 0.20)
    assert balance["by law"] == pytest.approx(1_200_000 * 0.28)
    # own contributions: 20 %; 8 + (12 - 16 -> 0); 8 + 4; an employee's 8 %
    assert found.own is not None
    np.testing.assert_allclose(found.own[0], [240_000.0, 96_000.0, 144_000.0, 96_000.0], rtol=1e-12)


def test_a_stated_payers_share_decides_the_pooled_points_of_the_record_as_it_is() -> None:
    # employed with 10 % by the employer: 10 + 8 - 8 = 10 points; by law 20
    law = Regime("law", {"vesting": "never", "pooled_on_exit": "paid_with_interest"})
    for share, points in ((None, 0.20), (0.10, 0.10)):
        records = employee(41, "2004-07", "2024-05", 5000, payer_share=share)
        found = run([law], [(MAN, records)], "resident_balance")
        assert found.column("resident_balance", "law")[0] == pytest.approx(239 * 5000 * (0.08 + points))


# ---- careers


def test_a_stayer_keeps_indices_in_one_place() -> None:
    # 44 pays 5,000 of 10,000, index 0.5: 4,000 of 8,000 in 31; 31 pays 6,000, index 0.75: 7,500 of 10,000 in 44
    country = toy(wages={44: 10000.0})
    records = [employee(44, "2005-01", "2005-12", 5000, flags=2), employee(31, "2006-01", "2024-06", 6000)]
    names = ("place", "work_place", "base", "flags")
    origin = varied(CURRENT.but("o", career="stayer_origin"), *records, country=country)
    assert set(rows(origin, *names)) == {(44, 44, 5000.0, 0), (44, 44, 7500.0, 0)}
    destination = varied(CURRENT.but("d", career="stayer_destination"), *records, country=country)
    assert set(rows(destination, *names)) == {(31, 31, 4000.0, 0), (31, 31, 6000.0, 0)}
    pooled = varied(CURRENT.but("p", career="same_bases", pool=41), *records, country=country)
    assert set(rows(pooled, *names)) == {(41, 41, 5000.0, 0), (41, 41, 6000.0, 0)}


def test_deemed_months_move_only_with_a_career() -> None:
    deemed = employee(44, "1985-01", "1985-12", 1.25, flags=8)
    records = [deemed, employee(31, "2006-01", "2024-06", 6000, income=3000.0, form=4)]
    for regime in (LOW, ACTUAL, ALL, SURRENDER, PLATFORM, CURRENT.but("p", payer="platform")):
        assert rows(varied(regime, *records), "year", "place", "base", "flags")[0] == (1985, 44, 1.25, 8)
    moved = varied(CURRENT.but("o", career="stayer_origin"), *records)
    assert rows(moved, "place", "base", "flags")[0] == (31, 1.25, 8)


@pytest.mark.parametrize(
    ("first", "origin"),
    [
        ([employee(44, "2005-01", "2005-01", 5000), employee(31, "2005-01", "2005-01", 4000)], 44),  # higher base
        ([employee(44, "2005-01", "2005-01", 5000), employee(31, "2005-01", "2005-01", 5000)], 31),  # lower code
        (
            [employee(44, "2005-01", "2005-01", 9000, flags=LATE), employee(31, "2005-01", "2005-01", 4000)],
            31,
        ),  # in time
    ],
)
def test_the_place_of_the_first_month(first: list[list[dict[str, Any]]], origin: int) -> None:
    found = varied(CURRENT.but("o", career="stayer_origin"), *first, employee(33, "2006-01", "2024-06", 6000))
    assert {place for (place,) in rows(found, "place")} == {origin}


def test_careers_that_do_not_exist() -> None:
    origin, destination = (CURRENT.but(of, career=f"stayer_{of}") for of in ("origin", "destination"))
    before = [residents(41, [2010], 500), employee(44, "2011-01", "2024-06", 5000)]
    same_year = [residents(41, [2011], 500), employee(44, "2011-01", "2024-06", 5000)]
    never = [residents(41, range(2010, 2020), 500)]
    for regime, records, reason in (
        (origin, before, NO_CAREER),
        (destination, before, 0),
        (origin, same_year, 0),
        (origin, never, NO_CAREER),
        (destination, never, NO_CAREER),
        (CURRENT.but("p", career="same_bases", pool=44), never, 0),
        (CURRENT.but("p", career="same_bases", pool="origin"), before, NO_CAREER),
    ):
        assert varied(regime, *records).reason.tolist() == [reason]


def test_the_stayer_gap_is_wage_path_and_portability() -> None:
    # 44 pays twice the wages of 41. Twenty years at index 0.5 each way, no interest: the mover to 41 has
    # 10 years * 0.5 * 16,000 = 8,000 and 10 years of 4,000, all paid at home, where indices are 1 and 0.5
    country = toy(wages={44: 16000.0})
    records = [*employee(44, "2004-07", "2014-06", 8000), *employee(41, "2014-07", "2024-06", 4000)]
    found = stayer_gap(histories([(MAN, records)]), CURRENT, parameters=country)  # type: ignore[arg-type]
    assert isinstance(found, StayerGap)
    np.testing.assert_allclose(found.gap, found.wage_path + found.portability, rtol=1e-12)
    # nobody dies before 120 and nothing changes: 719 payments from 2024-07 to 2084-05, no account is left.
    # stayer: P 16,000, index 0.5: (16,000 + 8,000)/2 * 20 % = 2,400, account 240 * 8,000 * 8 % / 139
    # one pool 44, the same bases 8,000 and 4,000 there: index 0.375: 2,200; the account as recorded
    # mover: P 8,000 of 41, index (8,000 + 4,000)/2 / 8,000 = 0.75: 1,400
    months = 719
    account = {"stayer": 240 * 8000 * 0.08, "recorded": 120 * (8000 + 4000) * 0.08}
    basic = {"stayer": 2400.0, "pool": (16000 + 6000) / 2 * 0.2, "mover": (8000 + 6000) / 2 * 0.2}
    assert basic == {"stayer": 2400.0, "pool": 2200.0, "mover": 1400.0}
    own = {"stayer": 240 * 8000 * 0.08, "recorded": 120 * 12000 * 0.08}
    found_wage = found.wage_path[0]
    wage = (2400.0 - 2200.0) * months
    assert found.portability[0] == pytest.approx((2200.0 - 1400.0) * months, rel=1e-9)
    # the stayer pays more into his account, and draws it as 1/139 a month for life
    more = (account["stayer"] - account["recorded"]) / 139 * months - (own["stayer"] - own["recorded"])
    assert found_wage == pytest.approx(wage + more, rel=1e-9)
    assert str(found).startswith("stayer at the origin against current, mean of 1 people (0 undefined)")


# ---- running


def test_results_come_in_the_order_asked_and_as_when_settled_alone() -> None:
    fair = Regime.named("fair")
    people = [
        (
            MAN,
            [
                *employee(44, "2005-01", "2007-12", 5000, income=4000.0),
                *employee(31, "2008-01", "2024-06", 9000, income=9000.0),
            ],
        ),
        (MAN, [*employee(44, "2005-01", "2007-12", 5000), *employee(31, "2008-01", "2024-06", 9000)]),
    ]
    asked = [LOW, fair, SURRENDER, CURRENT, LOW.but("fair_low", **dict(fair.choices))]
    together = run(asked, people)
    assert [regime.name for regime in together.regimes] == [regime.name for regime in asked]
    for regime in asked:
        alone = run([regime], people)
        for name in together.columns:
            np.testing.assert_array_equal(together.column(name, regime.name), alone.column(name, regime.name))
        np.testing.assert_array_equal(together.stars, alone.stars)


def test_stars_are_of_the_history_as_recorded() -> None:
    # resident years of a rural worker at work elsewhere: four stars; insured there he would have fewer
    records = [
        *residents(41, range(2012, 2020), 500, form=4, income=5000.0, work_place=33),
        *employee(41, "2020-01", "2024-06", 5000),
    ]
    regime = PLATFORM.but("formal", payer="platform")
    assert run([regime], [(MAN, records)]).stars.tolist() == [4]


def test_causes_across_bases_are_shares_of_net_wealth_over_every_mixture() -> None:
    records = [
        *employee(44, "2005-01", "2014-12", 5000, income=3000.0, form=4),
        *employee(41, "2015-01", "2024-06", 5000, income=9000.0),
        *none("2015-01", "2020-12", 6000.0, work_place=41),
    ]
    inclusive = Regime.named("inclusive")
    engine = Engine(toy(), [CURRENT, inclusive])  # type: ignore[arg-type]
    arrays = histories([(MAN, records)]).arrays
    found = engine.run(arrays, ("pw",), ("current", "inclusive"))
    causes = found.causes
    assert causes is not None
    assert list(causes.parts) == ["route_choice", "vesting", "enrolment", "floor", "income"]
    assert causes.digests == 2**3
    assert sum(causes.parts.values())[0] == pytest.approx(found.lost("current", "inclusive")[0], rel=1e-9)
    # every value of the game by itself, and the formula of Shapley in words: the mean step over all orders
    players = causes.provisions
    base = CURRENT.but("base", route_choice="better")
    mixtures = {
        number: base.taking([p for k, p in enumerate(players) if number >> k & 1], inclusive, f"m{number}")
        for number in range(2 ** len(players))
    }
    net = {}
    for number, mixture in mixtures.items():
        history = engine.variant(mixture.plan, arrays)
        pw = run([mixture], [(MAN, records)], "pw").column("pw", mixture.name)[0]
        net[number] = pw - engine.contributions(history, arrays).own[0]
    from itertools import permutations

    for k, provision in enumerate(players):
        steps = []
        for order in permutations(range(len(players))):
            before = sum(1 << j for j in order[: order.index(k)])
            steps.append(net[before | 1 << k] - net[before])
        assert causes.parts[provision][0] == pytest.approx(np.mean(steps), rel=1e-9, abs=1e-6)


def test_causes_across_bases_do_not_depend_on_how_many_people_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    # five people, two of them with dated registrations: one at a time as all at once
    people = [(person("1964-06", (31, 41)[k % 2]), _mixed(k)) for k in range(5)]
    arrays = histories(people).arrays
    dated = {
        "registration_offsets": np.array([0, 0, 2, 2, 2, 4], np.int64),
        "registration_month": np.array([month("1980-01"), month("2012-01")] * 2, np.int32),
        "registration_place": np.array([33, 41, 44, 31], np.int16),
    }
    for column in dated.values():
        column.flags.writeable = False
    arrays = arrays._replace(**dated)
    engine = Engine(toy(wages={33: 12000.0}), [CURRENT, ALL.but("all", temporary_accounts="counted")])  # type: ignore[arg-type]
    whole = engine.run(arrays, ("pw",), ("current", "all")).causes
    monkeypatch.setattr("pension.engine._HELD_VALUES", 1)
    one = engine.run(arrays, ("pw",), ("current", "all")).causes
    assert whole is not None and one is not None
    assert np.isfinite(whole.shares).all()
    np.testing.assert_array_equal(one.shares, whole.shares)


def test_a_loss_between_bases_is_of_net_wealth() -> None:
    # one provision: its share is the loss, the difference of present values less that of own contributions
    records = employee(44, "2005-01", "2024-06", 5000, income=3000.0)
    found = run([CURRENT, ACTUAL], [(MAN, records)])
    own = 234 * 0.08 * np.array([5000.0, 3000.0])
    assert found.own is not None
    np.testing.assert_allclose(found.own[0], own, rtol=1e-12)
    pw = found.column("pw", "actual") - found.column("pw", "current")
    np.testing.assert_allclose(found.lost("current", "actual"), pw - (own[1] - own[0]), rtol=1e-12)


def test_a_career_is_no_cause() -> None:
    engine = Engine(toy(), [CURRENT, Regime.named("stayer_origin")])  # type: ignore[arg-type]
    arrays = histories([(MAN, employee(44, "2005-01", "2024-06", 5000))]).arrays
    with pytest.raises(RegimeError, match="a reference, not a cause"):
        engine.run(arrays, ("pw",), ("current", "stayer_origin"))


# ---- properties


def _mixed(seed: int) -> list[dict[str, Any]]:
    """A random career of employee, resident and uninsured years with incomes."""
    draw = np.random.default_rng(seed)
    records = []
    for year in range(1995, 2024):
        place, form = int(draw.choice([31, 33, 41, 44])), int(draw.integers(0, 5))
        income = float(draw.integers(500, 30000))
        months = int(draw.integers(1, FULL + 1))
        kind = draw.random()
        if kind < 0.6:
            records.append(
                employee(
                    place, f"{year}-01", f"{year}-12", float(draw.integers(2000, 20000)), income=income, form=form
                )[0]
                | {"months": months}
            )
        elif kind < 0.8 and year >= 2012:
            records += residents(41, [year], float(draw.integers(100, 3000)), income=income, work_place=place)
        else:
            records.append(
                none(f"{year}-01", f"{year}-12", income, work_place=place)[0] | {"months": months, "form": form}
            )
        if draw.random() < 0.3:
            more = none(f"{year}-01", f"{year}-12", float(draw.integers(0, 9000)), work_place=place)[0]
            records.append(more | {"months": int(draw.integers(1, FULL + 1))})
    return records


EVERY = [
    *(shipped()[name] for name in ("surrender", "low_floor", "actual_income", "all_income", "platform_pays")),
    *(shipped()[name] for name in ("formalised", "inclusive", "stayer_origin", "stayer_destination")),
    CURRENT.but("pool", career="same_bases", pool=44),
    Regime.named("inclusive").but("whole", exit_before_2010="surrendered", payer="platform", platform_share=0.1),
]


def test_splitting_and_reordering_records_changes_nothing() -> None:
    people, split = [], []
    for seed in range(30):
        records = _mixed(seed)
        people.append((MAN, records))
        pieces = []
        for record in records:
            odd, even = record["months"] & 0b010101010101, record["months"] & 0b101010101010
            halves = [record | {"months": mask} for mask in (even, odd) if mask and record["scheme"] != 2]
            pieces += halves or [record]
        split.append((MAN, pieces[::-1]))
    country = toy(wages={44: 12000.0, 31: 15000.0}, wage_growth=0.05, employee_rate=0.03)
    found, other = (run(EVERY, some, "status", "monthly", "pw", "refund", country=country) for some in (people, split))
    assert set(np.unique(found.values[:, :, 0])) <= {0.0, 5.0}
    np.testing.assert_allclose(other.values, found.values, rtol=1e-11, atol=1e-7)
    assert found.own is not None and other.own is not None
    np.testing.assert_allclose(other.own, found.own, rtol=1e-11)


def test_variants_keep_the_format_and_touch_nothing_else() -> None:
    arrays = histories([(MAN, _mixed(seed)) for seed in range(30)]).arrays
    engine = Engine(toy(), EVERY)  # type: ignore[arg-type]
    for regime in EVERY:
        found = engine.variant(regime.plan, arrays).arrays
        for name in ("sex", "birth", "claim", "hukou", "weight"):
            assert getattr(found, name) is getattr(arrays, name)
        keys = np.stack([found.year, found.scheme, found.place, found.form]).astype(np.int64)
        order = np.lexsort(keys[::-1])
        inside = np.repeat(np.arange(30), np.diff(found.offsets))
        ordered = np.lexsort((*keys[::-1], inside))
        np.testing.assert_array_equal(keys[:, ordered], keys)
        assert order.size == found.offsets[-1]
        assert ((found.months > 0) & (found.months <= FULL)).all()
        paid = (found.scheme == 1) & (found.flags & 8 == 0)
        assert (found.base[paid] > 0.0).all()


def test_whom_a_plan_leaves_out_would_have_kept_his_records() -> None:
    plain = [
        employee(place, start, "2023-12", base, income=income, form=form)
        for place, start, form in product((31, 44), ("1998-03", "2012-01"), (0, 3, 4))
        for base, income in ((8000.0, 8000.0), (4000.0, 4000.0), (9000.0, np.nan))
    ]
    arrays = histories([(MAN, records) for records in (*plain, *(_mixed(seed) for seed in range(20)))]).arrays
    engine = Engine(toy(), EVERY)  # type: ignore[arg-type]
    for regime in EVERY:
        everybody = engine.variant(regime.plan, arrays)
        some = variant(regime.plan, arrays, engine.figures, everybody=False)
        np.testing.assert_array_equal(some.reason, everybody.reason)
        left_out = np.setdiff1d(np.flatnonzero(everybody.reason == 0), some.who)
        assert left_out.size or regime.name in ("pool", "whole", "inclusive")
        ends = everybody.gone.offsets, everybody.refunds.offsets
        for i in left_out:
            recorded, made = (slice(*h.offsets[i : i + 2]) for h in (arrays, everybody.arrays))
            for name in Records._fields:
                found, wanted = getattr(everybody.arrays, name)[made], getattr(arrays, name)[recorded]
                if name == "work_place":  # -1 is where the months are paid
                    wanted = np.where(wanted < 0, np.where(found < 0, -1, arrays.place[recorded]), wanted)
                np.testing.assert_array_equal(found, wanted, f"{regime.name}: {name}")
            assert all(end[i] == end[i + 1] for end in ends)


def test_histories_in_pieces_give_what_kept_ones_give(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = histories([(MAN, _mixed(seed)) for seed in range(40)]).arrays
    engine = Engine(toy(), EVERY)  # type: ignore[arg-type]
    for columns in (("status", "pw", "refund"), (*RESULT_NAMES, "npw", "own_contributions")):
        kept = engine.run(arrays, columns, keep=True)
        for piece in (4096, 3):  # of three people, most of whom need more room than those before
            monkeypatch.setattr("pension.variants.histories._PIECE", piece)
            found = engine.run(arrays, columns)
            np.testing.assert_array_equal(found.values, kept.values)
            np.testing.assert_array_equal(found.own, kept.own)
            for some, others in zip(found.settled, kept.settled, strict=True):
                np.testing.assert_array_equal(some.history.who, others.history.who)
                np.testing.assert_array_equal(some.history.arrays.base, others.history.arrays.base)
                np.testing.assert_array_equal(some.award, others.award)


# ---- regimes


@pytest.mark.parametrize(
    ("choices", "numbers", "rule"),
    [
        ({"floor": "fraction"}, {}, "floor = 'fraction' needs floor_fraction"),
        ({}, {"floor_fraction": 0.4}, "floor_fraction without floor = 'fraction'"),
        ({"floor": "actual"}, {"floor_fraction": 0.4}, "floor_fraction without floor = 'fraction'"),
        ({"floor": "fraction"}, {"floor_fraction": 0.0}, "not above 0 and at most 1"),
        ({"floor": "fraction"}, {"floor_fraction": 1.01}, "not above 0 and at most 1"),
        ({"enrolment": "workplace"}, {}, "enrolment = 'workplace' needs forms"),
        ({}, {"forms": ("platform",)}, "forms without enrolment = 'workplace'"),
        ({"enrolment": "workplace"}, {"forms": ("gig",)}, "unknown form 'gig'; known: employed"),
        ({"enrolment": "workplace"}, {"forms": ("platform", "platform")}, "named twice"),
        ({}, {"platform_share": 0.1}, "platform_share without payer = 'platform'"),
        ({"payer": "platform"}, {"platform_share": 0.21}, "not between 0 and 0.2"),
        ({"career": "same_bases"}, {}, "career = 'same_bases' needs pool"),
        ({"career": "same_bases"}, {"pool": 99}, "no GB/T 2260 code"),
        ({"career": "stayer_origin"}, {"pool": 44}, "pool without career = 'same_bases'"),
        ({"floor": "half"}, {}, "no choice of this version"),
        (
            {"hold_harmless": "yes", "floor": "actual"},
            {},
            "hold_harmless compares with the law on the history as recorded",
        ),
    ],
)
def test_what_cannot_stand_is_refused_with_the_reason(
    choices: dict[str, str], numbers: dict[str, Any], rule: str
) -> None:
    with pytest.raises(RegimeError, match=r"regime 'mine': .*") as error:
        Regime("mine", choices, **numbers)
    assert rule in str(error.value)


def test_a_number_goes_with_the_choice_it_belongs_to() -> None:
    low = Regime.named("low_floor")
    assert low.but(floor="statutory").floor_fraction is None
    assert low.but(floor_fraction=0.5).setting("floor") == ("fraction", 0.5)
    assert low.differs(low.but(floor_fraction=0.5)) == ("floor",)
    assert low.over_records().plan == RECORDED
    inclusive = Regime.named("inclusive")
    assert inclusive.taking(["floor"], CURRENT, "x").setting("floor") == ("statutory", None)


def test_shipped_regimes_of_other_bases() -> None:
    # the table of named regimes in the rulebook
    settings = {
        "surrender": {"exit_before_2010": ("surrendered",)},
        "low_floor": {"floor": ("fraction", 0.4)},
        "actual_income": {"floor": ("actual", None)},
        "all_income": {"income": ("all_sources",)},
        "platform_pays": {"income": ("all_sources",), "payer": ("platform", 0.16)},
        "formalised": {
            "enrolment": ("workplace", ("platform",)),
            "income": ("all_sources",),
            "payer": ("platform", None),
        },
        "stayer_origin": {"career": ("stayer_origin", None)},
        "stayer_destination": {"career": ("stayer_destination", None)},
        "inclusive": {
            "enrolment": ("workplace", ("part_time", "flexible", "platform")),
            "floor": ("fraction", 0.4),
            "income": ("all_sources",),
            "vesting": ("aggregated",),
            "route_choice": ("better",),
        },
    }
    for name, wanted in settings.items():
        regime = shipped()[name]
        assert {p: regime.setting(p) for p in regime.differs(CURRENT)} == wanted
        assert regime.title_zh and regime.text and regime.origin


def test_a_regime_is_written_and_read_again(tmp_path: Any) -> None:
    regimes = [
        *EVERY,
        Regime.named("fair"),
        Regime("c", {"citizen_floor": "top_up"}, citizen_amount=900.0, citizen_taper=0.0),
    ]
    for regime in regimes:
        path = tmp_path / f"{regime.name}.toml"
        path.write_text(regime.toml(), encoding="utf-8")
        again = Regime.read(path)
        assert (again.data(), again.plan, again.text) == (regime.data(), regime.plan, regime.text)
        assert Regime.of_data(regime.name, regime.data()).data() == regime.data()
    (tmp_path / "bad.toml").write_text('forms = "platform"\n[choices]\nenrolment = "workplace"\n', encoding="utf-8")
    with pytest.raises(RegimeError, match="no list of forms"):
        Regime.read(tmp_path / "bad.toml")


# ---- one person


def test_a_statement_says_when_a_regime_rests_on_another_history() -> None:
    records = [
        *employee(44, "2005-01", "2008-12", 5000, income=3000.0),
        *employee(41, "2009-01", "2024-06", 5000, income=3000.0),
    ]
    people = histories([(MAN, records)])
    names = ["current", "low_floor", "surrender", "stayer_origin"]
    data = pension.explain(people, names).data
    settled = Engine(pension.load_parameters(), names).run(people.arrays, ("monthly", "pw", "refund"))
    for name in names:
        told = data["regimes"][name]
        assert told["monthly"] == settled.column("monthly", name)[0]
        assert told["present_value"] == settled.column("pw", name)[0]
        assert sum(told["refunds"].values()) == pytest.approx(settled.column("refund", name)[0])
        if name != "current":
            lost = data["losses"][f"current->{name}"]["present_value"]
            assert lost == pytest.approx(settled.lost("current", name)[0])
    assert data["regimes"]["current"]["history"] is None
    assert data["regimes"]["surrender"]["history"]["refunds"][0]["month"] == "2008-12"
    assert data["regimes"]["surrender"]["history"]["of_regime"]["employee_months"] == 234 - 48
    assert data["losses"]["current->low_floor"]["causes"].keys() == {"floor"}
    assert data["losses"]["current->stayer_origin"]["careers_differ"]
    bases = [s for s in data["steps"] if s["regime"] == "records of low_floor"]
    assert {s["what"] for s in bases} == {"contribution_base"}
    english, chinese = (pension.explain(people, names, lang=lang).text() for lang in ("en", "zh"))
    assert "rests on another history than the recorded one: bases from 40.00% of the reference wage" in english
    assert "yuan refunded in 2008-12 when the province was left" in english
    assert "a reference to compare with, not a cause" in english
    assert "所依据的经历与实际记录不同：缴费基数下限为社平工资的40.00%" in chinese


def test_a_statement_whose_first_regime_rests_on_another_history_tells_that_one() -> None:
    records = [
        *residents(41, range(2012, 2020), 500, form=4, income=5000.0, work_place=33),
        *employee(41, "2020-01", "2024-06", 5000, income=5000.0),
    ]
    statement = pension.explain(histories([(MAN, records)]), ["formalised", "current"])
    assert statement.data["claim"]["employee_months"] == 12 * 8 + 54
    assert statement.data["person"]["stars"] == 4
    assert (
        "What follows tells the history of “Platform work insured as employment”, not the one recorded"
        in statement.text()
    )


def test_every_plan_of_provisions_settles() -> None:
    """All combinations of base choices on one career: none breaks another."""
    numbers = {
        "fraction": {"floor_fraction": 0.4},
        "workplace": {"forms": ("platform", "flexible")},
        "same_bases": {"pool": 44},
    }
    regimes = []
    for choices in product(*BASE_PROVISIONS.values()):
        more = {key: value for choice in choices for key, value in numbers.get(choice, {}).items()}
        regimes.append(Regime(" ".join(choices), dict(zip(BASE_PROVISIONS, choices, strict=True)), **more))
    found = run(regimes, [(MAN, _mixed(3))], "status", "pw")
    assert len(regimes) == 192
    assert (found.values[0, :, 0] == 0.0).all()
    assert np.isfinite(found.values[0, :, 1]).all()
