"""One person explained: the case of the design, extended by work in Zhejiang from 2019-01 to the award."""

import inspect
import json
import math
import re
import tomllib
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Any

import numpy as np
import pytest
from printed import numbers, unknown
from properties.people import DEEMED, LATE, employee, histories, person, real

import pension
from pension import accounting, schema
from pension.afterwards import one_person as after_the_award
from pension.errors import InputError
from pension.histories import Histories
from pension.inputs.case_file import parse_case
from pension.inputs.opening import Lookups
from pension.inputs.riders import Riders, parse_riders
from pension.kernels import award_fields
from pension.law import disability, registry, transfer
from pension.statement.explain import CAUSE_SOURCE, Statement
from pension.statement.text import statement_text
from pension.statement.words import _CAUSES, COMPONENTS, PHRASES, RULES_ZH, Words
from pension.tables import usage
from pension.tables.gap_rules import RULES
from pension.tables.survival import CHOICES as SURVIVAL

CASE = """
[person]
sex = "male"
birth = "1966-03"
hukou = "41"
hukou_type = "rural"
[[employee]]
place = "44"
start = "1998-01"
end   = "2010-06"
index = 0.8
form  = "employed"
[[employee]]
place = "33"
start = "2019-01"
index = 0.7
form  = "employed"
[[resident]]
place = "41"
start = 2011
end   = 2018
contribution = 500.0
"""

MONTHS = ("birth", "first_month", "statutory", "first_birth")
PLACES = ("place", "hukou")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    path = tmp_path_factory.mktemp("case") / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return pension.explain(path, parameters=real())


@pytest.fixture(scope="module")
def data(case: Statement) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(case.json())
    return found


def test_keys_of_the_contract(data: dict[str, Any]) -> None:
    assert {"person", "claim", "regimes", "losses", "transfers", "steps", "parameters"} <= set(data)
    assert {"month", "age_months", "place", "route", "branch"} <= set(data["claim"])
    assert list(data["regimes"]) == ["current", "current_paying", "segmented", "fair"]
    for regime in data["regimes"].values():
        assert {
            "monthly", "components", "starts", "refunds", "backpay", "lump_sum", "present_value", "replacement_rate",
            "irr", "route",
        } <= set(regime)  # fmt: skip
        assert {"own_contributions", "net_present_value", "moneys_worth", "forfeited", "contributed"} <= set(regime)
        assert list(regime["components"])[:7] == [
            "basic", "account", "transitional", "resident_basic", "year_premium", "age_supplement", "resident_account",
        ]  # fmt: skip
        assert {"ndc", "points", "rights", "citizen"} <= set(regime["components"])
    assert list(data["losses"]) == ["current->current_paying", "current->segmented", "current->fair"]
    for loss in data["losses"].values():
        assert {"monthly", "present_value", "ratio", "causes", "L5", "L6", "L7", "L8_irr", "L8_worth"} <= set(loss)
    for moved in data["transfers"]:
        assert {"kind", "from", "to", "account", "pooled"} <= set(moved)
        assert moved["kind"] in {"66号", "17号", "hukou"}
    for step in data["steps"]:
        assert {"what", "formula", "values", "result", "source"} <= set(step)
    assert {"hash", "estimated", "unconfirmed"} <= set(data["parameters"])


def test_what_was_paid_and_what_it_earns(case: Statement, data: dict[str, Any]) -> None:
    """The parts fit together: net wealth, money's worth, gaps; and they are printed."""
    regimes = data["regimes"]
    for r in regimes.values():
        assert r["irr_reason"] is None and r["irr_roots"] == 1
        assert r["net_present_value"] == r["present_value"] - r["own_contributions"]
        assert r["moneys_worth"] == r["present_value"] / r["own_contributions"]
        assert r["own_contributions"] < r["all_contributions"]
    for pair, loss in data["losses"].items():
        a, b = (regimes[name] for name in pair.split("->"))
        assert loss["reasons"] == {}
        assert loss["L8_irr"] == b["irr"] - a["irr"]
        assert loss["L8_worth"] == b["moneys_worth"] - a["moneys_worth"]
        assert loss["L5"] == a["forfeited"] / a["contributed"]
        # R0 is 2026-07, prices rise by 2 % a year from 2025 on: the same sum in money of R0
        assert loss["L7"] == pytest.approx(1.02 * loss["present_value"], rel=1e-9)
    text = case.text()
    heading = text.index("What was paid and what it earns")
    assert f"{regimes['fair']['irr']:.2%}" in text[heading:]
    assert "Survival: United Nations, World Population Prospects 2024" in text


def test_json_keys_are_ascii(data: dict[str, Any]) -> None:
    def keys(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [*value, *(k for v in value.values() for k in keys(v))]
        return [k for v in value for k in keys(v)] if isinstance(value, list) else []

    assert all(key.isascii() for key in keys(data))


def test_award_month_and_age(data: dict[str, Any]) -> None:
    # born 1966-03: 14 months after 1965-01, 14//4 + 1 = 4 months later than 60
    claim = data["claim"]
    assert claim["month"] == claim["statutory_month"] == "2026-07"
    assert claim["age_months"] == 724
    assert claim["annuity_months"] == 136.7
    assert claim["minimum_months"] == 180


def test_zhejiang_is_temporary_and_guangdong_the_claim_place(data: dict[str, Any]) -> None:
    claim = data["claim"]
    assert claim["place"] == 44
    assert claim["branch_number"] == 2
    assert "art. 6 (2)" in claim["branch"]
    places = {p["place"]: p for p in claim["places"]}
    # 1998-01 to 2010-06; 2019-01 to 2026-07
    assert places[44]["months"] == {"deemed": 0, "late": 0, "temporary": 0, "ordinary": 150}
    assert places[33]["months"] == {"deemed": 0, "late": 0, "temporary": 91, "ordinary": 0}
    assert (places[44]["ten_year_months"], places[33]["ten_year_months"]) == (150, 0)
    assert claim["employee_months"] == 241
    assert claim["resident_months"] == 96
    assert claim["route"] == "resident_to_employee"
    (why,) = [s for s in data["steps"] if s["what"] == "is_temporary_account" and s["result"] == 1]
    assert why["place"] == 33
    assert why["values"] == {"place": 33, "hukou": 41, "first_month": "2019-01", "birth": "1966-03", "sex": 1.0}
    # 52 years 10 months
    age = schema.month_serial(why["values"]["first_month"]) - schema.month_serial(why["values"]["birth"])
    assert age == 52 * 12 + 10


def test_the_text_says_why(case: Statement) -> None:
    text = case.text()
    for phrase in (
        "Award month 2026-07 at 60 years 4 months",
        "Zhejiang (33) is a temporary account",
        "52 years 10 months, 50 or older",
        "Claim place: Guangdong (44) - art. 6 (2)",
        "241 of 180 needed: reached",
        "Nothing paid 2010-07 to 2010-12: 6 months.",
        "required resident years: 14",
        "A research estimate, no official determination.",
    ):
        assert phrase in text


def test_components_by_hand(data: dict[str, Any]) -> None:
    tables = real().tables
    wage, base = tables.reference_wage, tables.calculation_base
    gd, zj = schema.PLACE_INDEX[44], schema.PLACE_INDEX[33]

    def at(table: Any, place: int, year: int) -> float:
        return float(table[place, year - 1978])

    months = {y: 12 for y in range(1998, 2010)} | {2010: 6}
    here = sum(0.8 * n for n in months.values())
    there = {y: 12 for y in range(2019, 2026)} | {2026: 7}
    rebased = sum(0.7 * at(wage, zj, y - 1) / at(wage, gd, y - 1) * n for y, n in there.items())
    p_gd, p_zj = at(base, gd, 2026), at(base, zj, 2026)
    basic = {name: r["components"]["basic"] for name, r in data["regimes"].items()}
    # 66号 art. 7 as written, and the reading that leaves each month its own wage: 120 + 63.7
    assert here == pytest.approx(120.0)
    assert basic["current"] == pytest.approx(p_gd * (1 + (here + rebased) / 241) / 2 * 241 / 12 * 0.01, rel=1e-12)
    assert basic["current_paying"] == pytest.approx(p_gd * (1 + 183.7 / 241) / 2 * 241 / 12 * 0.01, rel=1e-12)
    segments = p_gd * 1.8 / 2 * 150 / 12 * 0.01 + p_zj * 1.7 / 2 * 91 / 12 * 0.01
    assert basic["segmented"] == pytest.approx(segments, rel=1e-12)
    assert basic["fair"] == pytest.approx(segments, rel=1e-12)
    # the resident account joins under the law and stays beside under fair: 96 of 12·14 months
    account = {name: r["components"]["account"] for name, r in data["regimes"].items()}
    assert account["current"] == account["segmented"]
    assert account["fair"] < account["current"]
    assert data["regimes"]["fair"]["route"] == "employee_and_resident"
    (share,) = [s for s in data["steps"] if s["what"] == "retained_share"]
    assert share["values"] == {"resident_months": 96.0, "required_years": 14.0}
    assert share["result"] == pytest.approx(96 / 168, rel=1e-15)
    assert data["regimes"]["fair"]["starts"]["resident_basic"] == "2026-04"
    assert data["regimes"]["fair"]["starts"]["basic"] == "2026-08"


def test_money_moved(data: dict[str, Any]) -> None:
    # out of a temporary account the employer's rate moves: 20 % to 2019-04, 16 % after, of 0.7 of the wage before
    wage = real().tables.reference_wage[schema.PLACE_INDEX[33]]
    base = {y: 0.7 * wage[y - 1 - 1978] for y in range(2019, 2027)}
    pooled = base[2019] * (4 * 0.20 + 8 * 0.16) + 0.16 * (12 * sum(base[y] for y in range(2020, 2026)) + 7 * base[2026])
    first, second = data["transfers"]
    assert (first["kind"], first["from"], first["to"]) == ("66号", 33, 44)
    assert first["pooled"] == pytest.approx(pooled, rel=1e-12)
    rows = [r for r in data["history"] if r["place"] == 33]
    assert first["account"] == pytest.approx(sum(r["credited_with_interest"] for r in rows), rel=1e-12)
    assert (second["kind"], second["from"], second["to"], second["pooled"]) == ("17号", 41, 44, 0.0)
    # what joins: the whole resident account; the two accounts and it are divided by 136.7
    balances = {p["place"]: p["account"] for p in data["claim"]["places"]}
    whole = balances[44] + balances[33] + second["account"]
    assert data["regimes"]["current"]["components"]["account"] == pytest.approx(whole / 136.7, rel=1e-12)


def test_who_gains_by_a_move(case: Statement, data: dict[str, Any]) -> None:
    first, second = data["transfers"]
    # 2019-01 to 2026-07 in Zhejiang; 20 and 16 points were paid there and all of them moved (temporary account)
    assert (first["months"], first["stays"]) == (91, pytest.approx(0, abs=1e-6))
    assert first["origin_gain"] == pytest.approx(first["liability_origin"] - first["pooled"], rel=1e-12)
    assert first["destination_burden"] == pytest.approx(first["liability_destination"] - first["pooled"], rel=1e-12)
    parts = first["destination_burden"] + first["member_loss"]
    assert first["origin_gain"] == pytest.approx(parts, rel=1e-9)
    # two places with an employee month, so what segments give more is the loss by this move
    lost = data["losses"]["current->segmented"]["present_value"]
    price = real().tables.price
    assert first["member_loss"] * price[2025 - 1978] / price[2026 - 1978] == pytest.approx(lost, rel=1e-9)
    assert {second[key] for key in ("months", "liability_origin", "origin_gain", "neutral_rate")} == {None}
    for lang, words in (("en", "worth"), ("zh", "计值")):
        assert words in statement_text(case.data, lang)


def test_the_resident_account_can_be_followed_on_paper(data: dict[str, Any]) -> None:
    # Henan's subsidy: 30 before 2014-02-21, 60 from tier 500 after; booked in December, no interest in its year
    rows = [r for r in data["history"] if r["scheme"] == "resident"]
    assert [r["year"] for r in rows] == list(range(2011, 2019))
    balance = 0.0
    for r in rows:
        assert r["credited"] == r["base"] + r["subsidy"]
        balance = balance * (1 + r["rate"]) + r["credited"]
        assert r["balance"] == pytest.approx(balance, rel=1e-12)


def test_every_step_replayed_through_the_law_gives_the_same_bits(data: dict[str, Any]) -> None:
    assert len(data["steps"]) > 100
    seen = set()
    for step in data["steps"]:
        rule = registry.REGISTER[step["what"]]
        assert registry.by_step(rule.step) is rule
        public = getattr(import_module(rule.function.__module__), rule.name)
        arguments = []
        for name, value in step["values"].items():
            if name in MONTHS:
                value = schema.month_serial(value)
            elif name in PLACES:
                value = schema.PLACE_INDEX[value]
            # an unlimited segment of the year premium is null in JSON
            arguments.append(math.inf if value is None else value)
        assert list(step["values"]) == list(rule.arguments), step
        result = float(public(*[float(a) if isinstance(a, float) else int(a) for a in arguments]))
        assert np.float64(result).view(np.int64) == np.float64(step["result"]).view(np.int64), step
        seen.add(rule.name)
    assert {
        "contribution_index", "credited", "bearing_months", "carried", "growth_to_award", "average_index",
        "indexed_wage", "basic_pension", "account_pension", "is_temporary_account", "claim_branch", "minimum_met",
        "required_years", "retained_share", "resident_credit", "resident_balance", "resident_account_pension",
        "present_value",
    } <= seen  # fmt: skip


def test_components_sum_to_the_monthly_pension(data: dict[str, Any]) -> None:
    for regime in data["regimes"].values():
        assert sum(regime["components"].values()) == pytest.approx(regime["monthly"], rel=1e-12)


def test_values_of_the_steps_sum_to_the_present_value(data: dict[str, Any]) -> None:
    # in yuan of 2026, two per cent of inflation after the price year 2025
    for name, regime in data["regimes"].items():
        values = [
            -s["result"] if "deducted" in s["of"] else s["result"]
            for s in data["steps"]
            if s["regime"] == name and s["what"] == "present_value"
        ]
        assert sum(values) / 1.02 == pytest.approx(regime["present_value"], rel=1e-12)


def test_causes_sum_to_the_loss(data: dict[str, Any]) -> None:
    law = data["regimes"]["current"]
    for pair, loss in data["losses"].items():
        reference = data["regimes"][pair.partition("->")[2]]
        assert sum(loss["causes"].values()) == pytest.approx(loss["present_value"], rel=1e-9)
        assert loss["present_value"] == pytest.approx(reference["present_value"] - law["present_value"], rel=1e-12)
        assert loss["monthly"] == pytest.approx(reference["monthly"] - law["monthly"], rel=1e-9)
        assert loss["ratio"] == pytest.approx(1 - law["present_value"] / reference["present_value"], rel=1e-12)
    assert list(data["losses"]["current->segmented"]["causes"]) == ["flat_base", "earnings_base", "index_wage"]
    assert len(data["losses"]["current->fair"]["causes"]) == 10


def test_the_statement_agrees_with_a_batch(data: dict[str, Any]) -> None:
    lookups = Lookups(real().tables)
    people = parse_case(
        CASE, file="case", reference_wage=lookups.reference_wage, statutory_month=lookups.statutory_month
    )
    found = pension.Engine(real(), list(data["regimes"])).run(people.arrays)
    for name, regime in data["regimes"].items():
        assert found.column("pw", name)[0] == regime["present_value"]
        assert found.column("monthly", name)[0] == regime["monthly"]


def test_two_people_are_refused() -> None:
    two = histories([(person("1964-06", 41), employee(41, "2000-01", "2020-12", 5000.0))] * 2)
    with pytest.raises(InputError, match="one person"):
        pension.explain(two, parameters=real())


def test_another_language_is_refused() -> None:
    one = histories([(person("1964-06", 41), employee(41, "2000-01", "2020-12", 5000.0))])
    with pytest.raises(InputError, match="en or zh"):
        pension.explain(one, parameters=real(), lang="fr")


def test_every_number_of_the_text_stands_in_the_data(case: Statement, data: dict[str, Any]) -> None:
    for lang in ("en", "zh"):
        assert unknown(statement_text(case.data, lang), data) == set()


def test_both_languages_print_the_same_numbers(case: Statement) -> None:
    assert numbers(statement_text(case.data, "en")) == numbers(statement_text(case.data, "zh"))


def test_the_chinese_statement_uses_official_words(case: Statement) -> None:
    text = statement_text(case.data, "zh")
    for phrase in (
        "待遇领取地：广东（44）",
        "浙江（33）为临时基本养老保险缴费账户",
        "时年52岁10个月",
        "基础养老金",
        "个人账户养老金",
        "国办发〔2009〕66号第5条第2项",
        "研究估算，非官方核定。",
    ):
        assert phrase in text
    assert "art." not in text
    assert pension.explain(single(), parameters=real(), lang="zh").text().startswith("结论")


def test_every_phrase_is_in_both_languages_with_the_same_fields() -> None:
    def fields(phrase: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(phrase) if name}

    for key, (english, chinese) in PHRASES.items():
        assert key.isascii() or key in english
        assert english and chinese
        assert fields(english) == fields(chinese), key
    assert set(RULES_ZH) == set(RULES)


def test_the_answer_comes_first(case: Statement, data: dict[str, Any]) -> None:
    answer, law = data["answer"], data["regimes"]["current"]
    assert answer["monthly"] == law["monthly"]
    assert answer["start"] == "2026-08"
    assert answer["place"] == 44
    assert answer["reference"] == "fair"
    assert answer["loss_present_value"] == data["losses"]["current->fair"]["present_value"]
    assert answer["largest_cause"] == "resident_years"
    lines = case.text().splitlines()
    assert f"{law['monthly']:,.2f} yuan a month" in lines[2]
    assert "Claim place Guangdong (44)" in lines[3]
    assert "Lost against" in lines[4]


def test_the_history_in_a_few_lines(data: dict[str, Any]) -> None:
    guangdong, zhejiang, henan = data["summary"]["schemes"]
    assert (guangdong["place"], guangdong["recorded_months"], guangdong["counted_months"]) == (44, 150, 150)
    assert (zhejiang["place"], zhejiang["first"], zhejiang["last"]) == (33, "2019-01", "2026-07")
    assert (henan["scheme"], henan["years"], henan["counted_months"]) == ("resident", 8, 96)
    # between the last month in Guangdong (2010-06) and the resident years from 2011 on
    assert data["summary"]["gaps"] == [{"first": "2010-07", "last": "2010-12", "months": 6}]
    (account,) = data["summary"]["temporary"]
    assert (account["place"], account["age_months"], account["age_limit"]) == (33, 52 * 12 + 10, 50)


def test_what_does_not_count_is_named() -> None:
    # 2015: paid in two places, the higher base counts; 2016 in Guangdong paid late and not transferred
    records = [
        *employee(41, "2000-01", "2015-12", 5000.0),
        *employee(44, "2015-01", "2015-12", 3000.0),
        *employee(44, "2016-01", "2016-12", 3000.0, flags=LATE),
        *employee(41, "2017-01", "2017-12", 5000.0),
    ]
    found = pension.explain(histories([(person("1964-06", 41), records)]), parameters=real())
    places = {row["place"]: row for row in found.data["summary"]["schemes"]}
    assert places[44]["recorded_months"] == 24
    assert (places[44]["dropped_months"], places[44]["stranded_months"], places[44]["counted_months"]) == (12, 12, 0)
    assert places[41]["counted_months"] == 16 * 12 + 12
    text = found.text()
    assert "12 months were paid in two places at once" in text
    assert "Guangdong (44): 12 late back-paid months are not transferred" in text


def test_months_that_are_missing(data: dict[str, Any]) -> None:
    # one place with 150 months, a temporary account; 241 of 180
    assert data["claim"]["missing_months"] == 0
    assert [p["months_to_ten_years"] for p in data["claim"]["places"]] == [0, 120]
    one = histories([(person("1964-06", 44), employee(41, "2000-01", "2008-10", 5000.0))])
    found = pension.explain(one, parameters=real())
    # 8 years 10 months: 14 months to ten years, 74 to fifteen
    assert found.data["claim"]["places"][0]["months_to_ten_years"] == 14
    assert found.data["claim"]["missing_months"] == 74
    assert "14 months more here, insured here last, and this place would pay" in found.text()


def test_another_claim_place_by_hand(data: dict[str, Any]) -> None:
    tables = real().tables
    wage, base = tables.reference_wage, tables.calculation_base
    gd, zj = schema.PLACE_INDEX[44], schema.PLACE_INDEX[33]
    rebased = 91 * 0.7
    for year in range(1998, 2011):
        months = 6 if year == 2010 else 12
        rebased += months * 0.8 * wage[gd, year - 1 - 1978] / wage[zj, year - 1 - 1978]
    basic = base[zj, 2026 - 1978] * (1 + rebased / 241) / 2 * 241 / 12 * 0.01
    account = data["regimes"]["current"]["components"]["account"]
    alternatives = {a["place"]: a for a in data["claim"]["alternatives"]}
    assert set(alternatives) == {33, 41}
    assert alternatives[33]["rule"] == "last_even_temporary"
    assert alternatives[33]["monthly"] == pytest.approx(basic + account, rel=1e-12)


def test_parameter_values_lead_to_their_source(data: dict[str, Any]) -> None:
    seen = set()
    for step in data["steps"]:
        for used in step.get("parameters", []):
            seen.add(used["table"])
            assert used["value"] == step["values"][used["argument"]]
            assert used["source"]
            if used["table"] == "annuity_months":
                continue
            period = used["period"]
            period = schema.month_serial(period) if isinstance(period, str) else period
            known = real().provenance(used["table"], used["place"], period)
            assert (known.value, known.status, known.source) == (used["value"], used["status"], used["source"])
    assert {"reference_wage", "calculation_base", "employee_rate", "account_rate", "minimum_months"} <= seen
    assert all("parameters" in s for s in data["steps"] if s["what"] in ("basic_pension", "account_pension"))
    (resident_basic,) = data["regimes"]["fair"]["basis"]
    share = 96 / 168
    amount = data["regimes"]["fair"]["components"]["resident_basic"]
    assert amount == pytest.approx(share * resident_basic["value"], rel=1e-12)


def test_causes_in_yuan_a_month_and_per_cent(data: dict[str, Any]) -> None:
    for pair, loss in data["losses"].items():
        detail = loss["causes_detail"]
        assert {k: d["present_value"] for k, d in detail.items()} == loss["causes"]
        assert sum(d["monthly"] for d in detail.values()) == pytest.approx(loss["present_value_monthly"], rel=1e-9)
        assert sum(d["ratio"] for d in detail.values()) == pytest.approx(loss["ratio"], rel=1e-9), pair
        assert all(d["source"] for d in detail.values())


def single() -> Histories:
    return histories([(person("1964-06", 41), employee(41, "2000-01", "2020-12", 5000.0))])


def test_an_early_claim_without_the_months_is_refused_with_its_reason() -> None:
    who = person("1976-09", 41, claim=12 * 2037)
    one = histories([(who, employee(41, "2025-01", "2036-12", 9000.0))])
    with pytest.raises(InputError, match="early claim without the minimum months"):
        pension.explain(one, parameters=real())


def test_a_regime_without_a_result_is_told_with_its_reason_and_costs_the_others_nothing() -> None:
    """No income is stated, so nobody knows the bases of ``formalised``."""
    one = single()
    found = pension.explain(one, ["current", "formalised", "fair"], parameters=real())
    without = pension.explain(one, ["current", "fair"], parameters=real())
    assert list(found.data["undefined"]) == ["formalised"]
    assert without.data["undefined"] == {}
    assert {**found.data, "undefined": {}} == without.data
    told = "formalised: no result - this regime needs the actual income of every paid employee month; one states none"
    assert found.text().replace(f"{told}\n\n", "") == without.text()
    assert told in found.text()
    with pytest.raises(InputError, match="no result under formalised: this regime needs the actual income"):
        pension.explain(one, ["formalised", "fair"], parameters=real())


def test_a_regime_that_blends_is_explained() -> None:
    one = histories([(person("1964-06", 41), employee(44, "2000-01", "2020-12", 5000.0))])
    found = pension.explain(one, ["current", "national_half"], parameters=real()).data
    loss = found["losses"]["current->national_half"]
    assert sum(loss["causes"].values()) == pytest.approx(loss["present_value"], rel=1e-9)


# ---- words for everything that can be said --------------------------------------------------------------------------


def test_everything_that_a_statement_can_name_has_a_phrase() -> None:
    named = [
        *(f"branch_{number}" for number in transfer.BRANCH_TEXT),
        *(f"route_{route}" for route in award_fields.ROUTES),
        *award_fields.STATUS_TEXT.values(),
        *award_fields.WEALTH_TEXT.values(),
        *(f"survival_{name}" for name in (*SURVIVAL, "file")),
        *(_CAUSES.get(provision, provision) for provision in accounting.ALL_PROVISIONS if provision != "career"),
        *COMPONENTS,
        *(f"t_{table}" for table in usage.TABLES),
        *(f"disability_{number}" for number in disability.CASE_TEXT),
        *schema.FORM,
    ]
    assert [name for name in named if name not in PHRASES] == []
    results = [name.replace("resident_account_pension", "resident_account") for name in award_fields.RESULT_NAMES]
    assert set(COMPONENTS) <= set(results)
    # a provision that can cause a loss names the rule behind it
    assert set(CAUSE_SOURCE) == set(accounting.ALL_PROVISIONS) - {*accounting.FUND_SIDE, "career"}


def test_every_reason_of_what_follows_is_said_in_chinese() -> None:
    words = Words("zh")
    source = inspect.getsource(after_the_award)
    reasons = re.findall(r'undefined\(\s*\w+,\s*f?"([^"]+)"|reason = f?"([^"]+)"', source)
    assert len(reasons) > 8
    for found in reasons:
        text = re.sub(r"\{[^}]+\}", "2027", max(found))
        assert words.said(text) != text, text


# ---- components of the designs --------------------------------------------------------------------------------------

DESIGNS = ["points", "rights", "ndc_social", "citizen", "universal", "fair_converted", "years_by_balance"]


@pytest.fixture(scope="module")
def designs(tmp_path_factory: pytest.TempPathFactory) -> Statement:
    path = tmp_path_factory.mktemp("designs") / "case.toml"
    path.write_text(CASE, encoding="utf-8")
    return pension.explain(path, ["current", *DESIGNS], parameters=real())


def test_components_of_every_design_sum_and_start(designs: Statement) -> None:
    regimes = designs.data["regimes"]
    for name, regime in regimes.items():
        parts = regime["components"]
        assert sum(parts.values()) == pytest.approx(regime["monthly"], rel=1e-12), name
        assert {part for part, amount in parts.items() if amount} <= set(regime["starts"]), name
    for name in ("points", "rights"):
        assert regimes[name]["components"][name] > 0.0
        assert regimes[name]["components"]["basic"] == 0.0
        assert regimes[name]["starts"][name] == "2026-08"
    social = regimes["ndc_social"]["components"]
    # Guangdong's method counts the months of 1998 before the accounts began in its transitional pension
    assert {part for part, amount in social.items() if amount} == {"ndc", "citizen", "transitional"}
    # 60 in 2026-03; nothing to top up where the pension is higher than B
    assert regimes["ndc_social"]["starts"]["citizen"] == "2026-04"
    assert regimes["citizen"]["components"]["citizen"] == 0.0
    assert regimes["universal"]["components"]["citizen"] == social["citizen"] > 0.0


def test_values_of_every_design_sum_to_the_present_value(designs: Statement) -> None:
    for name, regime in designs.data["regimes"].items():
        values = [
            -s["result"] if "deducted" in s["of"] else s["result"]
            for s in designs.data["steps"]
            if s["regime"] == name and s["what"] == "present_value"
        ]
        assert sum(values) / 1.02 == pytest.approx(regime["present_value"], rel=1e-12), name


def test_designs_are_told_in_both_languages(designs: Statement) -> None:
    english, chinese = statement_text(designs.data, "en"), statement_text(designs.data, "zh")
    assert unknown(english, designs.data) == set()
    # a filled value names its rule in words of each language
    national = "mean of the 31 provinces weighted by the census population of 2020"
    assert numbers(english.replace(national, "")) == numbers(chinese)
    for phrase in ("pension from points", "pension from the notional account = ", "citizen pension = "):
        assert phrase in english
    for phrase in ("积分养老金", "名义账户养老金 = ", "公民养老金 = "):
        assert phrase in chinese


# ---- beside the award -----------------------------------------------------------------------------------------------


def test_what_follows_in_three_lines(case: Statement, data: dict[str, Any]) -> None:
    a = data["afterwards"]
    assert a["award"]["month"] == "2026-07"
    assert [row["month"] for row in a["deaths"]] == ["2027-07", "2031-07", "2036-07"]
    lines = case.text().splitlines()
    at = lines.index("After the award, under the law in force")
    assert lines[at + 2].startswith("First adjustment in 2027: ")
    assert lines[at + 3].startswith("The employee account of ")
    assert lines[at + 4].startswith("A death in 2027-07, 2031-07, 2036-07 leaves heirs ")
    assert "urban disposable income of 44" in lines[at + 4]
    assert lines[at + 5] == ""


ASKED = """death = "2030-05"
disability = "2026-01"
resident_claim = "2026-05"
disposable_income = 60000
"""
PLAN = """
[[annuity]]
kind = "enterprise"
start = "2018-02"
base = 8000
employer_rate = 0.08
employee_rate = 0.04
vesting_years = 8
"""


def test_every_question_of_a_case_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    path.write_text(CASE.replace("[[employee]]", f"{ASKED}[[employee]]", 1) + PLAN, encoding="utf-8")
    found = pension.explain(path, ["current"], parameters=real())
    a = found.data["afterwards"]
    # two months of 60,000 / 12
    assert a["heirs"]["grants"]["funeral"]["amount"] == pytest.approx(10_000.0)
    # 2018-02 to 2026-07
    assert a["annuities"][0]["end"] == "2026-07"
    english, chinese = statement_text(found.data, "en"), statement_text(found.data, "zh")
    assert numbers(english) == numbers(chinese)
    assert unknown(english, json.loads(found.json())) == set()
    for phrase in ("funeral grant: 10,000.00", "Disability allowance from 2026-02", "found in a December", "annuity 1"):
        assert phrase in english
    for phrase in ("丧葬补助金：10,000.00", "病残津贴自2026年2月起", "重复", "年金1（企业年金）"):
        assert phrase in chinese
    # the same asked in memory
    lookups = Lookups(real().tables)
    text = {"reference_wage": lookups.reference_wage, "statutory_month": lookups.statutory_month}
    people, riders = parse_case(CASE, **text), parse_riders(tomllib.loads(f"[person]\n{ASKED}{PLAN}"))
    assert pension.explain(people, ["current"], parameters=real(), riders=riders).data["afterwards"] == a


def test_a_question_that_cannot_be_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "case.toml"
    line = 'disability = "2026-07"\n'
    path.write_text(CASE.replace("[[employee]]", f"{line}[[employee]]", 1), encoding="utf-8")
    with pytest.raises(InputError, match=r"case.toml, line 7, person.disability = 2026-07: .* statutory month 2026-07"):
        pension.explain(path, parameters=real())
    with pytest.raises(InputError, match="riders"):
        pension.explain(path, parameters=real(), riders=Riders())


def away() -> Histories:
    """A Henan platform worker in Beijing since 2024-10, where others were not taken before 2025-03."""
    records = employee(41, "2000-01", "2023-12", 3000.0) + employee(11, "2024-10", "2025-04", 7000.0, form=4)
    return histories([(person("1965-03", 41), records)])


def test_access_is_listed_refused_or_not_looked_for() -> None:
    found = pension.explain(away(), ["current"], parameters=real())
    assert found.data["access"]["closed_months"] == 5
    assert "2024-10 to 2025-02, employee scheme, platform, Beijing (11): closed - individuals of other" in found.text()
    chinese = statement_text(found.data, "zh")
    assert (
        "2024年10月至2025年2月，城镇职工基本养老保险，平台用工，北京（11）：不可参保——北京的外省户籍灵活就业人员"
        in chinese
    )
    assert numbers(found.text()) == numbers(chinese)
    off = pension.explain(away(), ["current"], parameters=real(), access="off")
    assert "access" not in off.data
    assert "Access to the schemes" not in off.text()
    with pytest.raises(InputError, match="closed in 2024-10"):
        pension.explain(away(), ["current"], parameters=real(), access="error")
    with pytest.raises(InputError, match="one of report, error, off"):
        pension.explain(away(), parameters=real(), access="perhaps")


def test_the_award_form_beside_the_exact_values() -> None:
    # a form reckons with eight decimals of the index
    one = histories([(person("1964-06", 41), employee(41, "2000-01", "2020-12", 5000.0))])
    found = pension.explain(one, ["current"], parameters=real(), conventions="province")
    law, form = found.data["regimes"]["current"], found.data["award_form"]
    lines = {line["name"]: line for line in form["lines"]}
    assert (form["place"], form["award"], form["conventions"]) == (41, "2024-06", "province")
    for name in ("basic", "account"):
        assert lines[name]["exact"] == pytest.approx(law["components"][name], abs=1e-4)
        # within the rounding of years to 0.01, index to 0.0001 and amounts to 0.01
        assert float(lines[name]["printed"]) == pytest.approx(law["components"][name], abs=0.6)
        assert lines[name]["convention"] and lines[name]["source"]
    exact = pension.explain(one, ["current"], parameters=real(), conventions="exact").data["award_form"]
    for line in exact["lines"]:
        assert float(line["value"]) == pytest.approx(line["exact"], abs=1e-6)  # printed to eight decimals
    for lang in ("en", "zh"):
        assert unknown(statement_text(found.data, lang), json.loads(found.json())) == set()
    assert numbers(found.text()) == numbers(statement_text(found.data, "zh"))


@pytest.mark.parametrize("place", [41, 44, 35, 11])
def test_the_transitional_pension_of_a_form_is_that_of_the_settlement(place: int) -> None:
    # 60 deemed months, and paid ones before the cut-off where the province counts them
    records = employee(place, "1991-01", "1995-12", 1.2, flags=DEEMED) + employee(place, "1996-01", "2025-04", 4000.0)
    one = histories([(person("1965-03", place), records)])
    found = pension.explain(one, ["current"], parameters=real(), conventions="exact").data
    lines = {line["name"]: line for line in found["award_form"]["lines"]}
    assert lines["transitional"]["exact"] > 0.0
    components = found["regimes"]["current"]["components"]
    assert lines["transitional"]["exact"] == pytest.approx(components["transitional"], abs=1e-4)


def test_no_form_where_it_cannot_be_printed() -> None:
    one = histories([(person("1964-06", 41), employee(41, "2000-01", "2020-12", 5000.0))])
    found = pension.explain(one, ["points"], parameters=real(), conventions="exact")
    assert found.data["award_form"] == {
        "reason": "an award form is of one claim place's own method, and points settles otherwise"
    }
    assert "而points另行计算" in statement_text(found.data, "zh")
    # Jiangsu phases a new method in and adds to the old amount, which nobody knows here
    records = employee(32, "1991-01", "1995-12", 1.2, flags=DEEMED) + employee(32, "1996-01", "2025-04", 4000.0)
    phased = histories([(person("1965-03", 32), records)])
    found = pension.explain(phased, ["current"], parameters=real(), conventions="exact")
    assert "old_transitional: missing" in found.data["award_form"]["reason"]
    assert "核定表还需要" in statement_text(found.data, "zh")
    with pytest.raises(InputError, match="one of province, exact"):
        pension.explain(one, parameters=real(), conventions="rounded")
