"""Which scheme: options against histories written by hand, the income at which one overtakes, outlays."""

import numpy as np
import pandas as pd
import pytest
from properties.people import employee, histories, month, person, real, resident

from pension import schema
from pension.choice import planned_careers
from pension.choice.break_even import ALWAYS, DOWN, NEVER, UP, break_even, paper_claim
from pension.choice.one_person import settle_all
from pension.choice.outlays import NOT_GIVEN, NOT_INSURED, Rates, outlay_text, outlays
from pension.choice.scheme_choice import SchemeChoice, choose, grid
from pension.engine import Engine
from pension.errors import InputError
from pension.kernels import award_fields
from pension.tables.shifts import Shift, shifted

TABLES = real().tables
NOW = "2026-01"
WORKER = {"place": 44, "hukou": 41, "hukou_type": "rural", "category": "male_60", "age": 30}


def wage(place: int, year: int) -> float:
    """Denominator of the months of a year: the wage of the year before."""
    return float(TABLES.reference_wage[schema.PLACE_INDEX[place], year - 1 - 1978])


@pytest.fixture(scope="module")
def found() -> SchemeChoice:
    return choose(grid(income=[3000.0, 6000.0], **{k: [v] for k, v in WORKER.items()}), now=NOW, parameters=real())


def option(found: SchemeChoice, person: int, way: str, setting: str, length: str) -> pd.Series:
    rows = found.options.query("person == @person and way == @way and setting == @setting and length == @length")
    assert len(rows) == 1
    return rows.iloc[0]


# ---- careers


def test_bases_follow_the_notices_month_by_month() -> None:
    # Beijing: at least 6,821 yuan to 2025-06, at least 7,162 and at most 35,811 from 2025-07
    rows = {"sex": 1, "category": 1, "birth": month("1990-01"), "hukou": 0, "hukou_type": 1, "claim": -1, "scheme": 1}
    rows |= {"form": 3, "place": 0, "work": 0, "first": month("2025-03"), "last": month("2025-12")}
    settings = [planned_careers.FLOOR, planned_careers.CEILING, planned_careers.INCOME, planned_careers.INDEX]
    columns = {name: np.full(4, value) for name, value in rows.items()}
    amount = np.array([np.nan, np.nan, 7000.0 / wage(11, 2025), 1.0])
    plans = planned_careers.Plans(**columns, setting=np.array(settings), amount=amount, collective=np.full(4, np.nan))
    h = planned_careers.histories(TABLES, plans).arrays
    # March to June and July to December, as 12-bit masks
    assert list(h.months) == [0b111100, 0b111111000000] * 4 and set(h.year) == {2025}
    expected = [6821, 7162, 35283, 35811, 7000, 7162, wage(11, 2025), wage(11, 2025)]
    assert h.base == pytest.approx(expected, rel=1e-12)


def test_incomes_grow_with_the_wages_of_the_place_of_work(found: SchemeChoice) -> None:
    assert option(found, 1, "individual", "income", "award")["base"] == pytest.approx(6000.0, rel=1e-12)
    # 60 % of the Guangdong wage is more than 3,000
    floor = TABLES.base_floor[schema.PLACE_INDEX[44], month(NOW) - 12 * 1978]
    assert option(found, 0, "individual", "income", "award")["base"] == floor


# ---- values


def test_an_option_is_the_history_written_by_hand(found: SchemeChoice) -> None:
    # born 1996-01: 63 years, so 2059-01; the minimum of that year is 20 years: 2026-01 to 2045-12
    share = 6000.0 / wage(44, 2026)
    low = 0.6  # the lowest base that is ruled, where no notice reaches
    by_hand = histories(
        [
            (person("1996-01", 41), employee(44, NOW, "2045-12", lambda y: max(share, low) * wage(44, y), form=3)),
            (person("1996-01", 41), employee(44, NOW, "2059-01", lambda y: share * wage(44, y), form=0)),
        ]
    )
    outcomes = settle_all(Engine(real(), ["current"]), [by_hand.slice(0, 1), by_hand.slice(1, 2)], month(NOW) - 1)
    for outcome, (way, length, months) in zip(
        outcomes, [("individual", "minimum", 240), ("employed", "award", 397)], strict=True
    ):
        mine = option(found, 1, way, "income", length)
        assert mine["months"] == months and mine["claim"] == "2059-01"
        assert mine["pw"] == pytest.approx(outcome.results[0, award_fields.PW], rel=1e-12)
        assert mine["monthly"] == pytest.approx(outcome.results[0, award_fields.MONTHLY], rel=1e-12)
        assert mine["own_value"] == pytest.approx(outcome.own_value, rel=1e-12)
        assert mine["npw"] == pytest.approx(mine["pw"] - mine["own_value"], rel=1e-12)


def test_outlay_by_hand(found: SchemeChoice) -> None:
    assert option(found, 1, "individual", "income", "award")["outlay"] == pytest.approx(0.20 * 6000.0, rel=1e-12)
    assert option(found, 1, "employed", "income", "award")["outlay"] == pytest.approx(0.08 * 6000.0, rel=1e-12)
    assert option(found, 1, "resident", "tier 200", "award")["outlay_share"] == pytest.approx(
        200 / 12 / 6000, rel=1e-12
    )


def test_income_over_life_by_hand(found: SchemeChoice) -> None:
    # 2026-01 to 2059-01 with interest of 4 % to 2059-01, then to yuan of 2025
    share, r0 = 6000.0 / wage(44, 2026), month("2059-01")
    value = sum(share * wage(44, m // 12) * 1.04 ** ((r0 - m) / 12) for m in range(month(NOW), r0 + 1))
    value *= TABLES.price[2025 - 1978] / TABLES.price[2059 - 1978]
    mine = option(found, 1, "individual", "floor", "award")
    assert mine["npw_share"] == pytest.approx(mine["npw"] / value, rel=1e-9)


def test_nothing_is_worth_nothing_and_never_undefined(found: SchemeChoice) -> None:
    nothing = found.options[found.options["way"] == "none"]
    assert len(nothing) == 2
    assert (nothing[["outlay", "pw", "npw", "monthly"]] == 0.0).all(axis=None)


def test_the_date_of_value_changes_nothing_without_interest_and_death() -> None:
    # Without discount and (almost) without death all that is paid is simply added up, at whatever date.
    parameters = shifted(real(), Shift(discount_rate=-0.04, death_rate=1e-12))
    people = histories([(person("1966-03", 41), resident(41, range(2010, 2026), 500.0))])
    engine = Engine(parameters, ["current"])
    usual = engine.run(people.arrays, ("pw_r0",)).values
    later = engine.run(people.arrays, ("pw_r0",), reference=np.array([month("2029-03")])).values
    assert later == pytest.approx(usual, rel=1e-9)


def test_the_usual_date_given_is_the_usual_result() -> None:
    people = histories([(person("1966-03", 41), employee(44, "2000-01", "2026-06", 4000.0))])
    engine = Engine(real(), ["current"])
    statutory = engine.award_months(people.arrays)[0]
    names = ("pw", "monthly", "refund")
    given = engine.run(people.arrays, names, reference=statutory).values
    assert np.array_equal(given, engine.run(people.arrays, names).values)


def test_wealth_grows_with_assistance_and_costs_the_resident_nothing(found: SchemeChoice) -> None:
    helped = choose(WORKER | {"income": 6000.0}, now=NOW, collective=300.0, parameters=real())
    before, after = (option(f, i, "resident", "tier 200", "award") for f, i in ((found, 1), (helped, 0)))
    assert after["pw"] > before["pw"] and after["own_value"] == before["own_value"]


# ---- what is open


def test_only_what_is_open_and_in_reach_is_feasible(found: SchemeChoice) -> None:
    # 20 % of the lowest base of Guangdong is more than 20 % of 3,000 yuan; the resident scheme remains.
    best = found.best()
    assert list(best["way"]) == ["resident", "individual"]
    dear = option(found, 0, "individual", "floor", "award")
    assert dear["why_not"] == "more than 20% of income" and not dear["feasible"]
    assert option(found, 1, "employed", "income", "award")["why_not"] == "needs an employer"


def test_with_an_employer_there_is_nothing_to_choose() -> None:
    found = choose(WORKER | {"income": 6000.0}, now=NOW, labour_relation=True, parameters=real())
    assert set(found.options.loc[found.options["feasible"], "way"]) == {"employed"}


def test_closed_and_unknown_places_are_not_open() -> None:
    # Beijing takes no individuals of other provinces, known to 2025-02; what holds after is unknown.
    where = WORKER | {"income": 20000.0, "place": 11}
    for now, access, why in (("2024-01", "closed", "closed"), ("2026-01", "unknown", "unknown whether open")):
        found = choose(where, now=now, parameters=real())
        mine = option(found, 0, "individual", "income", "award")
        assert (mine["access"], mine["why_not"]) == (access, why)
        assert option(found, 0, "individual at home", "income", "award")["access"] == "open"


def test_an_index_outside_the_limits_is_no_option() -> None:
    found = choose(WORKER | {"income": 6000.0}, now=NOW, indices=[0.4, 0.6, 3.5], limit=None, parameters=real())
    reasons = [option(found, 0, "individual", f"index {z:g}", "award")["why_not"] for z in (0.4, 0.6, 3.5)]
    assert reasons == ["below the lowest base", "", "above the highest base"]


def test_short_of_the_minimum_the_minimum_lies_beyond_the_statutory_month() -> None:
    # born 1968-01: 61 years and a month, so 2029-02, when 15 years are asked for (more only from 2030)
    found = choose(WORKER | {"income": 6000.0, "age": 58}, now=NOW, parameters=real())
    whole, longer = (option(found, 0, "individual", "income", length) for length in ("award", "minimum"))
    assert whole["route"] == "employee_to_resident"
    assert (longer["route"], longer["months"], longer["claim"]) == ("employee", 180, "2040-12")
    # no employer insures beyond the statutory month
    assert set(found.options.query("way == 'employed'")["length"]) == {"award"}


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"age": 12}, "16 to 69"),
        ({"age": 64}, "no month is left"),
        ({"income": 0.0}, "greater than 0"),
        ({"category": "man"}, "male_60"),
        ({"place": "Atlantis"}, "Atlantis"),
    ],
)
def test_people_that_cannot_be_are_refused(change: dict[str, object], match: str) -> None:
    with pytest.raises(InputError, match=match):
        choose(WORKER | {"income": 6000.0} | change, now=NOW, parameters=real())


def test_the_text_says_best_and_why_not(found: SchemeChoice) -> None:
    text = found.text()
    assert "Best: resident, Henan, tier 200" in text and "more than 20% of income" in text


# ---- the income at which one overtakes


@pytest.fixture(scope="module")
def turns() -> pd.DataFrame:
    people = grid(place=[11, 31, 44], hukou_type=["rural"], category=["male_60"], age=[30, 45, 50])
    return break_even(people.assign(hukou=people["place"]), now=NOW, parameters=real())


def test_at_the_break_even_income_both_are_worth_the_same(turns: pd.DataFrame) -> None:
    crossing = turns[turns["break_even"].notna()]
    assert set(crossing["direction"]) == {UP, DOWN}
    people = crossing.assign(income=crossing["break_even"])
    options = choose(people, now=NOW, limit=None, parameters=real()).options
    individual = options.query("way == 'individual' and setting == 'income'").groupby("person")["npw"].max()
    residents = options.query("way == 'resident'").groupby("person")["npw"].max()
    # One yuan of income moves the net wealth by less than 100 yuan; it is found to a hundredth.
    assert (individual - residents).abs().max() < 1.0


def test_without_a_crossing_the_sign_says_which(turns: pd.DataFrame) -> None:
    still = turns[turns["break_even"].isna()]
    positive = (still["advantage_low"] > 0.0).to_numpy()
    assert list(still["direction"]) == [ALWAYS if p else NEVER for p in positive]
    assert (turns["crossings"] == turns["break_even"].notna()).all()


def test_capacity_is_the_lowest_contribution_over_the_limit(turns: pd.DataFrame) -> None:
    # 20 % of the base over 20 % of the income
    assert turns["capacity"].to_numpy() == pytest.approx(turns["lowest"].to_numpy(), rel=1e-12)


def test_the_claim_counts_its_cells() -> None:
    found = paper_claim(provinces=[31, 44], indices=[0.3, 1.0, 2.0], ages=[20, 50], now=NOW, parameters=real())
    assert len(found.cells) == 12 and list(found.table["cells"]) == [4, 4, 4]
    # Below 0.6 of the wage the lowest contribution, 20 % of 0.6 wages, takes 40 % of an income of 0.3.
    low = found.cells[found.cells["band"] == "low"]
    assert (low["best_within_limit"] == "resident").all()
    assert low.query("place == 44")["cheapest"].to_numpy() == pytest.approx([0.4, 0.4], rel=1e-12)
    cells = found.cells[found.cells["band"] == "middle"]
    share = (cells["best_within_limit"] == "employee").mean()
    assert found.verdict("middle") == ("confirmed" if share == 1.0 else "mixed" if share else "refuted")
    assert list(found.discounts["discount_rate"].unique()) == pytest.approx([0.04, 0.05, 0.06])
    high = found.discounts[found.discounts["band"] == "high"]["employee_best"].to_numpy()
    assert high[2] <= high[0]  # six per cent against four
    assert "赵青 2021" in found.text() and "not best for: Shanghai" in found.text()


# ---- unbundled


def test_outlays_by_item_and_package() -> None:
    rates = Rates(medical_individual=0.10, medical_employed=0.02, medical_resident=360.0, injury_employed=0.0)
    table = outlays(WORKER | {"income": 6000.0}, rates, now=NOW, bases=("income",), parameters=real())
    cost = table.set_index(["way", "setting", "package"])
    mine = cost.loc[("individual", "income")]
    assert mine.loc["pension + medical", "outlay"] == pytest.approx(6000 * 0.30, rel=1e-12)
    assert mine.loc["pension + medical", "share"] == pytest.approx(0.30, rel=1e-12)
    assert np.isnan(mine.loc["pension + medical + injury", "outlay"])
    assert mine.loc["pension + medical + injury", "reason"] == f"injury: {NOT_GIVEN}"
    # 8 % and 2 % of the income, nothing for injury
    employed = cost.loc[("employed", "income", "pension + medical + injury")]
    assert employed["outlay"] == pytest.approx(600.0, rel=1e-12)
    # (200 + 360) / 12
    assert cost.loc[("resident", "tier 200", "pension + medical"), "outlay"] == pytest.approx(560 / 12, rel=1e-12)
    assert cost.loc[("resident", "tier 200", "injury"), "reason"] == f"injury: {NOT_INSURED}"
    assert NOT_GIVEN in outlay_text(table)


def test_no_rate_of_another_insurance_is_invented() -> None:
    table = outlays(WORKER | {"income": 6000.0}, now=NOW, parameters=real())
    assert table.loc[table["package"] != "pension", "outlay"].isna().all()
    assert table.loc[table["package"] == "pension", "outlay"].notna().all()
    assert outlay_text(table).endswith("none given.")


def test_rates_are_shares() -> None:
    with pytest.raises(InputError, match="between 0 and 1"):
        Rates(medical_individual=10.0)
