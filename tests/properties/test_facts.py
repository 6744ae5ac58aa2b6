"""The facts that must come out, with their conditions: fair-accounting.md section 4 and design.md section 7."""

import random
from typing import Any

import numpy as np
import pytest
from properties.people import (
    DEEMED,
    ORDINARY,
    Person,
    Record,
    employee,
    histories,
    month,
    person,
    random_people,
    real,
    resident,
    settle,
    toy,
)

from pension.accounting import Regime, vectors
from pension.engine import Engine
from pension.kernels import cells as dig
from pension.kernels import settle as kernels
from pension.kernels.award_fields import RESULT_NAMES, ROUTE_TO_RESIDENT
from pension.kernels.valuation import MINIMUM
from pension.law.employee import CREDITED
from pension.law.resident import RESIDENT_CREDIT
from pension.losses import attribution
from pension.schema import PLACE_INDEX, PLACES, province_of
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR

PROVINCES = [code for code, _, _ in PLACES if code]
LOCAL_BASES = (
    "current current_paying segmented segmented_frozen segmented_indexed prorata vest_together prorata_vesting "
    "years_retained pooled_follows pooled_twelve fair"
).split()
"""Every shipped regime whose three bases are ``claim`` or ``segment``."""


def _statutory(who: Person) -> int:
    """Statutory month of a man of category male_60, by the decision of 2024."""
    delay = min(36, (who["birth"] - month("1965-01")) // 4 + 1) if who["birth"] >= month("1965-01") else 0
    return int(who["birth"] + 720 + delay)


def _wages(place: int, first: int, last: int, rng: random.Random, **more: Any) -> list[Record]:
    return employee(place, first, last, lambda _: round(rng.uniform(1000.0, 20000.0), 2), **more)


def _one_place(number: int) -> tuple[Person, list[Record]]:
    """A man who pays at home from a random month to the award, with gaps, and reaches 240 months."""
    rng = random.Random(f"one place {number}")
    place = rng.choice(PROVINCES)
    who = person(rng.randrange(month("1955-01"), month("1985-01")), place)
    award = _statutory(who)
    start = max(award - rng.randrange(300, 420), who["birth"] + 12 * 17, month("1992-01"))
    records = _wages(place, start, award, rng)
    # a year or two without pay, never the award year
    idle = rng.sample([r["year"] for r in records[:-1]], 2)
    return who, [r for r in records if r["year"] not in idle or r["year"] == award // 12]


def test_who_never_moved_has_the_same_pension_under_claim_and_segment_bases() -> None:
    found = settle(real(), [_one_place(n) for n in range(400)], LOCAL_BASES)
    law = found["current"]
    assert set(law["status"]) == {0.0}
    assert min(law["employee_months"]) >= 240
    for name in LOCAL_BASES:
        for column in ("monthly", "pw", "basic", "account", "replacement_rate", "route"):
            np.testing.assert_allclose(found[name][column], law[column], rtol=1e-12, err_msg=f"{column} under {name}")


def test_national_bases_change_the_pension_of_who_never_moved_by_its_closed_form() -> None:
    people = [_one_place(n) for n in range(50)]
    found = settle(real(), people, ["current", "national"])
    tables = real().tables
    nation = PLACE_INDEX[0]
    for i, (who, records) in enumerate(people):
        year = _statutory(who) // 12
        base = tables.calculation_base[nation, year - FIRST_YEAR]
        total = 0.0
        for r in records:
            months = r["months"].bit_count()
            total += months * base * (1 + r["base"] / tables.reference_wage[nation, r["year"] - 1 - FIRST_YEAR])
        assert found["national"]["basic"][i] == pytest.approx(0.5 * 0.01 * total / 12, rel=1e-12)
        assert found["national"]["account"][i] == found["current"]["account"][i]


def _two_places(number: int) -> tuple[Person, list[Record]]:
    """Two provinces in turn, the hukou in one of them or in a third; nothing deemed, late or temporary."""
    rng = random.Random(f"two places {number}")
    a, b, c = rng.sample(PROVINCES, 3)
    who = person(rng.randrange(month("1955-01"), month("1985-01")), rng.choice([a, b, c]))
    award = _statutory(who)
    start = max(award - 430, who["birth"] + 12 * 17, month("1992-01"))
    turns = sorted(rng.sample(range(start + 6, award - 6), rng.choice([1, 2, 3])))
    records = []
    for k, (first, last) in enumerate(zip([start, *turns], [*turns, award + 1], strict=True)):
        records += _wages((a, b)[k % 2], first, last - 1, rng, flags=ORDINARY)
    return who, records


def test_the_law_against_segments_is_the_closed_form_of_the_basic_component() -> None:
    # ½·1 %·{Σ_{t∉D} [P_p(R) − P_D(R)] + Σ_{t∉D} b·[P_p(R)/C_p(y−1) − P_D(R)/C_D(y−1)]}/12
    people = [_two_places(n) for n in range(600)]
    found = settle(real(), people, ["current", "segmented"])
    assert set(found["current"]["claim_branch"]) >= {1.0, 2.0, 3.0}
    tables = real().tables
    gains = 0
    for i, (who, records) in enumerate(people):
        d = int(found["current"]["claim_place"][i])
        base = tables.calculation_base[:, _statutory(who) // 12 - FIRST_YEAR]
        total = 0.0
        for r in records:
            p = PLACE_INDEX[r["place"]]
            if p != d:
                wage = tables.reference_wage[:, r["year"] - 1 - FIRST_YEAR]
                one = base[p] - base[d] + r["base"] * (base[p] / wage[p] - base[d] / wage[d])
                total += r["months"].bit_count() * one
        expected = 0.5 * 0.01 * total / 12
        lost = found["segmented"]["basic"][i] - found["current"]["basic"][i]
        assert lost == pytest.approx(expected, rel=1e-9, abs=1e-9), f"person {i}"
        gains += lost < 0
    # 66号 has winners beside losers
    assert 0 < gains < len(people)


def test_return_migrants_from_rich_to_poor_lose_and_the_others_gain() -> None:
    # equal P/C and equal growth: 10 years at 12000 and 20 at 6000, and the same the other way
    parameters = toy(wages={31: 12000.0, 62: 6000.0})
    rich_first = employee(31, "1994-07", "2004-06", 7000.0) + employee(62, "2004-07", "2024-06", 7000.0)
    poor_first = employee(62, "1994-07", "2004-06", 7000.0) + employee(31, "2004-07", "2024-06", 7000.0)
    people = [(person("1964-06", 62), rich_first), (person("1964-06", 31), poor_first)]
    found = settle(parameters, people, ["current", "segmented"])
    lost = found["segmented"]["basic"] - found["current"]["basic"]
    np.testing.assert_allclose(lost, [0.005 * 10 * 6000, -0.005 * 10 * 6000], rtol=1e-9)


# ---- vesting ---------------------------------------------------------------------------------------------------------


def _months(n: int, **more: Any) -> tuple[Person, list[Record]]:
    """``n`` months to the award at 60 (2024-06), all at home, at the reference wage of the toy."""
    award = month("2024-06")
    return person("1964-06", 41), employee(41, award - n + 1, award, 8000.0, **more)


def test_the_vesting_cliff_is_one_month_wide() -> None:
    # 180 months: 8000·15 % = 1200 + 115200/139. One month less: 200 + 114560/139, the 12 required years are there
    found = settle(toy(discount_rate=0.04), [_months(180), _months(179)], ["current", "prorata_vesting", "fair"])
    law = found["current"]
    assert list(law["route"]) == [1.0, 4.0]
    np.testing.assert_allclose(law["monthly"], [1200 + 115200 / 139, 200 + 114560 / 139], rtol=1e-12)
    # 8000·179/12 % stays where a right vests at once
    kept = found["prorata_vesting"]
    assert list(kept["route"]) == [1.0, 1.0]
    np.testing.assert_allclose(kept["monthly"], [1200 + 115200 / 139, 8000 * 1.79 / 12 + 114560 / 139], rtol=1e-12)


def test_immediate_vesting_has_no_cliff_on_real_parameters() -> None:
    # Henan, wages of the place, around 180 months, resident years before
    award = month("2024-06")
    wage = real().tables.reference_wage[PLACE_INDEX[41]]
    people = []
    for n in (178, 179, 180, 181):
        records = employee(41, award - n + 1, award, lambda y: wage[y - 1 - FIRST_YEAR])
        people.append((person("1964-06", 41), records))
    forced = Regime.named("fair").but("forced", route_choice="forced")
    found = settle(real(), people, ["current", forced])
    law, kept = np.diff(found["current"]["pw"]), np.diff(found["forced"]["pw"])
    assert list(found["current"]["route"]) == [4.0, 4.0, 1.0, 1.0]
    assert list(found["forced"]["route"]) == [1.0, 1.0, 1.0, 1.0]
    # under the law the last month is worth more than fifty others; with a right from the first month it is like them
    assert law[1] > 50 * law[2] > 0
    assert kept.min() > 0
    assert kept.max() < 1.2 * kept.min()


def test_pooled_money_follows_only_those_without_an_employee_right() -> None:
    """At 179 months the employee route of ``fair`` is open, so the bridge brings no pooled money and is not taken."""
    # no interest: basic 8000·(1 + 1)/2·179/12·1% = 1193.33 and 1200, account of 8 % of 8000 over 139
    found = settle(toy(discount_rate=0.04), [_months(179), _months(180)], ["fair"])["fair"]
    assert list(found["route"]) == [1.0, 1.0]
    account = np.array([179, 180]) * 640 / 139
    np.testing.assert_allclose(found["monthly"], np.array([8000 * 179 / 1200, 1200]) + account, rtol=1e-12)
    assert found["pw"][1] > found["pw"][0]


def test_under_the_other_reading_the_free_choice_of_route_ends_at_the_minimum() -> None:
    """Where who leaves an open employee route takes the pooled money along, month 180 closes the better route."""
    # 179 months, no interest, 139 months of account: 200 + 179·(640 + 1600)/139 against 8000·1.79/12 + 179·640/139
    other = Regime.named("fair").but("other", pooled_on_exit="always_paid_with_interest")
    found = settle(toy(discount_rate=0.04), [_months(179), _months(180)], [other])["other"]
    assert list(found["route"]) == [4.0, 1.0]
    np.testing.assert_allclose(found["monthly"], [200 + 179 * 2240 / 139, 1200 + 180 * 640 / 139], rtol=1e-12)
    assert found["pw"][1] < found["pw"][0]


# ---- fair is monotone ------------------------------------------------------------------------------------------------


def _free_months(who: Person, records: list[Record], award: int) -> list[int]:
    """Months from 1993 to the award in which nothing was paid; a resident record covers its whole year."""
    taken = set()
    for r in records:
        if r["scheme"] == 2:
            taken |= {12 * r["year"] + k for k in range(12)}
        elif r["scheme"] == 1:
            taken |= {12 * r["year"] + k for k in range(12) if r["months"] >> k & 1}
    first = max(month("1993-01"), who["birth"] + 192 + 12)
    return [t for t in range(first, award + 1) if t not in taken]


def _monotone_people(count: int) -> list[tuple[Person, list[Record], int]]:
    """Random people under the conditions: an employee month, none deemed, one resident place. With award month."""
    chosen = []
    people = random_people(500_000, 4 * count)
    engine = Engine(real(), ["fair"])
    awards = engine.award_months(histories(people).arrays)[2]
    for (who, records), award in zip(people, awards, strict=True):
        paid = [r for r in records if r["scheme"] == 1]
        places = {province_of(r["place"]) for r in records if r["scheme"] == 2}
        if paid and not any(r["flags"] & DEEMED for r in paid) and len(places) <= 1:
            chosen.append((who, records, int(award)))
    return chosen[:count]


def _with_minimum(people: list[tuple[Person, list[Record]]]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    engine = Engine(real(), ["fair"])
    built = histories(people)
    world, rows = engine.world(built.arrays)
    found = engine.run(built.arrays, RESULT_NAMES)
    return {c: found.column(c, "fair") for c in RESULT_NAMES}, world.awards[rows, MINIMUM]


def test_fair_is_monotone_in_one_more_employee_month() -> None:
    rng = random.Random("one more month")
    before, after = [], []
    for who, records, award in _monotone_people(2500):
        free = _free_months(who, records, award)
        if not free:
            continue
        t = rng.choice(free)
        place = rng.choice([*(r["place"] for r in records if r["scheme"] == 1), *PROVINCES[:3]])
        more = employee(place, t, t, round(rng.uniform(2000.0, 20000.0), 2), form=rng.randrange(5))
        before.append((who, records))
        after.append((who, records + more))
    old, _ = _with_minimum(before)
    new, _ = _with_minimum(after)
    defined = (old["status"] == 0) & (new["status"] == 0)
    assert defined.sum() > 2000
    gain = new["pw"] - old["pw"]
    # Bridged, a month before the account started earns nothing; and a month that completes a year replaces a resident
    # year paid back at the award, which is worth more than it costs: that loss stays below what was to be paid.
    saved = old["backpay"] - new["backpay"]
    replaced = defined & (old["route"] == ROUTE_TO_RESIDENT) & (saved > 0)
    unfair = defined & ~replaced & (gain < 0)
    assert not unfair.any(), f"{unfair.sum()} of {defined.sum()} lose by one month more"
    assert (gain > -saved)[replaced].all()
    assert (gain > 0)[defined & (old["route"] != ROUTE_TO_RESIDENT)].all()


def test_fair_is_monotone_across_the_minimum() -> None:
    # one month short: the last record of everybody who has the months is cut to 12·N_min − 1, then given one back
    short, enough = [], []
    forced = Regime.named("fair").but("forced", route_choice="forced")
    for who, records in (_one_place(n) for n in range(300)):
        months = 0
        cut: list[Record] = []
        for r in reversed(records):
            if months + r["months"].bit_count() > 239:
                break
            cut.insert(0, r)
            months += r["months"].bit_count()
        # the months that are missing to 240 and to 239, in the year before the first that is kept
        year = cut[0]["year"] - 1
        for people, missing in ((short, 239 - months), (enough, 240 - months)):
            first = 12 * year + 12 - missing
            extra = employee(who["hukou"], first, 12 * year + 11, 5000.0) if missing else []
            people.append((who, extra + cut))
    old, new = settle(real(), short, [forced])["forced"], settle(real(), enough, [forced])["forced"]
    np.testing.assert_array_equal(new["employee_months"] - old["employee_months"], 1.0)
    assert (new["pw"] - old["pw"]).min() > 0


def test_fair_is_monotone_in_one_more_resident_year() -> None:
    rng = random.Random("one more year")
    before, after = [], []
    for who, records, award in _monotone_people(2500):
        free = set(_free_months(who, records, award))
        start = max(2009, who["birth"] // 12 + 17, (who["resident_start"] or 0) // 12)
        last = min(award // 12 - 1, (who["birth"] + 720) // 12 - 1)
        years = [y for y in range(start, last + 1) if free >= {12 * y + k for k in range(12)}]
        if not years:
            continue
        places = [r["place"] for r in records if r["scheme"] == 2] or [who["hukou"]]
        before.append((who, records))
        after.append((who, records + resident(places[0], [rng.choice(years)], 1000.0)))
    old, _ = _with_minimum(before)
    new, _ = _with_minimum(after)
    defined = (old["status"] == 0) & (new["status"] == 0)
    assert defined.sum() > 500
    gain = (new["pw"] - old["pw"])[defined]
    assert gain.min() > 0, f"{(gain <= 0).sum()} of {gain.size} lose by one year more"


# ---- attribution, conservation ---------------------------------------------------------------------------------------


def test_shapley_parts_sum_to_the_loss() -> None:
    built = histories(random_people(600_000, 250))
    law, fair = Regime.named("current"), Regime.named("fair")

    def value(regimes: Any) -> np.ndarray:
        return Engine(real(), regimes).run(built.arrays, ["pw"]).values[:, :, 0]

    parts = attribution(law, fair, value)
    pw = value([law, fair])
    assert len(parts) == 10
    defined = np.isfinite(pw).all(axis=1)
    assert defined.sum() > 200
    total = np.sum(list(parts.values()), axis=0)
    np.testing.assert_allclose(total[defined], (pw[:, 1] - pw[:, 0])[defined], rtol=1e-9, atol=1e-6)
    # each provision matters to somebody, but for the first step: under the law's minimum no second route is open
    assert not np.any(parts.pop("route_choice")[defined])
    for provision, part in parts.items():
        assert np.abs(part[defined]).max() > 1.0, provision


def _account_money(who: Person, records: list[Record], award: int) -> tuple[float, float]:
    """(account money at the award with book interest, bases paid) of all employee records, month by month."""
    tables = real().tables
    total, bases = 0.0, 0.0
    for r in records:
        if r["scheme"] != 1 or r["flags"] & DEEMED:
            continue
        place = PLACE_INDEX[province_of(r["place"])]
        rates = tables.employee_rate[place]
        for k in range(12):
            if not r["months"] >> k & 1:
                continue
            money = r["base"] * tables.account_rate[place, 12 * r["year"] + k - FIRST_MONTH]
            if r["year"] == award // 12:
                money *= 1 + rates[r["year"] - FIRST_YEAR] / 12 * (award % 12 + 1 - k)
            else:
                money *= 1 + rates[r["year"] - FIRST_YEAR] / 12 * (12 - k)
                for y in range(r["year"] + 1, award // 12):
                    money *= 1 + rates[y - FIRST_YEAR]
                money *= 1 + rates[award // 12 - FIRST_YEAR] / 12 * (award % 12 + 1)
            total += money
            bases += r["base"]
    return total, bases


def test_account_money_is_conserved() -> None:
    """Contributions with interest = cells + refunds of dropped months = what the results hand out."""
    people = random_people(700_000, 300)
    built = histories(people)
    regimes = ["current", "fair"]
    engine = Engine(real(), regimes)
    codes, numbers = vectors(engine.regimes)
    world, rows = engine.world(built.arrays)
    awards = engine.award_months(built.arrays)[2]
    scratch = kernels.new_scratch()
    bridged = 0
    for i, (who, records) in enumerate(people):
        results, steps = np.empty((2, kernels.N_RESULTS)), np.zeros((8000, 10))
        traces = np.zeros((2, 500, 10))
        kernels.trace_kernel(built.arrays, i, int(rows[i]), world, codes, numbers, scratch, results, steps, traces)
        slots = int(scratch.summary[dig.N_SLOTS])
        cells = scratch.cells[:slots, dig.LATE :, dig.ACCOUNT].sum()
        dropped = scratch.summary[dig.DROPPED_ACCOUNT]
        paid, _ = _account_money(who, records, int(awards[i]))
        # design.md section 7: half a cent a person
        assert cells + dropped == pytest.approx(paid, rel=1e-11, abs=0.005), f"history {i}"
        booked = steps[1 : int(steps[0, 0]) + 1]
        assert booked[booked[:, 0] == CREDITED, 9].sum() == pytest.approx(paid, rel=1e-11, abs=0.005)
        for r, name in enumerate(regimes):
            if results[r, kernels.STATUS]:
                continue
            own = booked.copy()
            own[:, 1] -= built.arrays.offsets[i]
            resident_money = _resident_money(records, own, int(awards[i]))
            stranded = _stranded(scratch, slots, int(results[r, kernels.PLACE])) if name == "current" else 0.0
            handed = results[r, kernels.REFUND]
            if results[r, kernels.ROUTE] == ROUTE_TO_RESIDENT and awards[i] >= who["birth"] + 720 and name == "current":
                handed += results[r, kernels.RESIDENT_BALANCE] - results[r, kernels.BACKPAY]
                bridged += 1
            elif name == "current" and results[r, kernels.ROUTE] in (kernels.ROUTE_EMPLOYEE, kernels.ROUTE_TO_EMPLOYEE):
                handed += results[r, kernels.EMPLOYEE_ACCOUNT]
            else:
                continue
            assert handed + stranded == pytest.approx(paid + resident_money, rel=1e-11, abs=0.005), f"history {i}"
    assert bridged > 20


def _stranded(scratch: Any, slots: int, claim: int) -> float:
    """Account money of late back-payments outside the claim place, which stays behind under the law."""
    return sum(scratch.cells[s, dig.LATE, dig.ACCOUNT] for s in range(slots) if scratch.place_of[s] != claim)


def _resident_money(records: list[Record], booked: np.ndarray, award: int) -> float:
    """Resident credits (of the trace) with interest to the award, year by year; the balance moves with the person."""
    rates = real().tables.resident_rate
    credits = {int(row[1]): row[9] for row in booked if row[0] == RESIDENT_CREDIT}
    years = {records[k]["year"]: (PLACE_INDEX[province_of(records[k]["place"])], v) for k, v in credits.items()}
    if not years:
        return 0.0
    balance, place = 0.0, -1
    for y in range(min(years), award // 12):
        place, credit = years.get(y, (place, 0.0))
        balance = balance * (1 + rates[place, y - FIRST_YEAR]) + credit
    place, credit = years.get(award // 12, (place, 0.0))
    return float(balance * (1 + rates[place, award // 12 - FIRST_YEAR] / 12 * (award % 12 + 1)) + credit)


def test_refunds_are_the_principal_of_the_overlapped_months() -> None:
    people = random_people(700_000, 300)
    found = settle(real(), people, ["current"])["current"]
    some = 0
    for i, (_, records) in enumerate(people):
        by_year: dict[int, int] = {}
        for r in records:
            if r["scheme"] == 1 and not r["flags"] & DEEMED:
                by_year[r["year"]] = by_year.get(r["year"], 0) | r["months"]
        expected, credited_months = 0.0, 0
        for r in records:
            if r["scheme"] == 2:
                overlap = by_year.get(r["year"], 0).bit_count()
                own = 0.0 if r["flags"] & 32 else r["base"]
                expected += (own + (r["payer_share"] or 0.0)) / 12 * overlap
                credited_months += 12 - overlap
        if found["status"][i]:
            continue
        assert found["resident_months"][i] == credited_months
        dropped = _dropped(records)
        if not dropped:
            assert found["refund"][i] == pytest.approx(expected, rel=1e-12, abs=1e-9), f"history {i}"
            some += expected > 0
    assert some > 20


def _dropped(records: list[Record]) -> bool:
    """True where one month was paid at two places."""
    seen: dict[int, set[int]] = {}
    for r in records:
        if r["scheme"] == 1 and not r["flags"] & DEEMED:
            for k in range(12):
                if r["months"] >> k & 1:
                    seen.setdefault(12 * r["year"] + k, set()).add(province_of(r["place"]))
    return any(len(places) > 1 for places in seen.values())


def test_individuals_pay_account_and_pool_themselves() -> None:
    tables = real().tables
    since = month("1998-01") - FIRST_MONTH
    account, pooled, own = tables.account_rate, tables.pooled_rate[:, :, 1], tables.own_rate[:, :, 1]
    np.testing.assert_allclose((account + pooled)[:-1, since:], own[:-1, since:], rtol=1e-12)
