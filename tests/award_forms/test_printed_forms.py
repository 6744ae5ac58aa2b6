"""Four award forms as they were printed, and each province's convention worked by hand. Employee rulebook E3, E11."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from pension import schema
from pension.award_forms.conventions import conventions_of
from pension.award_forms.form import AwardForm, award_form
from pension.parameters import load

PARAMETERS = load()

COMMON: dict[str, Any] = {
    "award": "2025-06",
    "average_index": 0.8,
    "months": 377,  # 31 years 5 months
    "deemed_months": 65,  # 5 years 5 months
    "account_balance": 100000.0,
    "calculation_base": 7000.0,
    "annuity_months": 139.0,
    "transition_coefficient": 0.013,
}
"""A person whose years are no round decimals: 377/12 = 31.41666..., 65/12 = 5.41666..."""


def form(province: int | str, **given: Any) -> AwardForm:
    return award_form(province, parameters=PARAMETERS, **{**COMMON, **given})


def amounts(found: AwardForm) -> tuple[str, str, str, str]:
    return tuple(found[name].printed for name in ("basic", "transitional", "account", "total"))  # type: ignore[return-value]


# ---- printed forms --------------------------------------------------------------------------------------------------


def test_guangxi_2026_05() -> None:
    # base of 2025, an advance: that of 2026 is not held; flexible early at 55y0m: 170
    found = award_form(
        "Guangxi",
        award="2026-05",
        average_index=0.8827,
        months=381,  # 31.75 years
        deemed_months=135,  # 11.25 years
        account_balance=97201.56,
        age_months=660,
        parameters=PARAMETERS,
    )
    # 6983 · 1.8827/2 · 0.3175 = 2087.069..; 6983 · 0.8827 · 11.25 · 0.014 = 970.813..; 97201.56/170 = 571.773..
    assert amounts(found) == ("2087.1", "970.9", "571.8", "3629.8")
    assert found["years"].printed == "31.75"
    assert found["deemed_years"].printed == "11.25"
    assert found["calculation_base"].printed == "6983"
    assert found["transition_coefficient"].value == Decimal("0.014")
    assert found["annuity_months"].printed == "170"
    assert found["indexed_wage"].printed == "6163.89"  # 6983 · 0.8827 = 6163.8941
    assert found["basic"].exact == pytest.approx(2087.069438375, rel=1e-9)
    assert found["total"].exact == pytest.approx(2087.069438375 + 970.81332075 + 97201.56 / 170, rel=1e-9)
    looked = {lookup.name: lookup for lookup in found.lookups}
    assert set(looked) == {"calculation_base", "annuity_months", "transition_coefficient"}
    assert looked["calculation_base"].status == "official"
    assert "an advance on that of the year before" in looked["calculation_base"].rule


def test_guangxi_with_years_as_printed_is_the_same_form() -> None:
    inputs: dict[str, Any] = {"award": "2026-05", "average_index": 0.8827, "account_balance": 97201.56}
    found = award_form(45, **inputs, years=31.75, deemed_years=11.25, annuity_months=170, parameters=PARAMETERS)
    assert amounts(found) == ("2087.1", "970.9", "571.8", "3629.8")
    assert found["years"].convention == "as given"


def test_anhui_2026_02() -> None:
    found = award_form(
        34,
        award="2026-02",
        average_index=0.8498,
        months=509,  # 42y5m = 42.41666.. -> 42.5
        deemed_months=147,  # 12y3m = 12.25 -> 12.3
        account_balance=115090.38,
        age_months=723,  # 60y3m: 139 - 7 · 3/12 = 137.25 -> 137.3
        parameters=PARAMETERS,
    )
    # 7999 · 1.8498/2 · 0.425 = 3144.2669; 7999 · 0.8498 · 12.3 · 0.013 = 1086.9283; 115090.38/137.3 = 838.2402
    assert found["calculation_base"].printed == "7999"
    assert found["years"].printed == "42.5"
    assert found["deemed_years"].printed == "12.3"
    assert found["annuity_months"].printed == "137.3"
    assert amounts(found) == ("3144.27", "1086.93", "838.24", "5069.44")


def test_shandong_2025_11() -> None:
    found = award_form(
        "山东",
        award="2025-11",
        average_index=0.953,
        months=372,
        deemed_months=78,
        account_balance=137380.81,
        age_months=721,  # 60y1m: 139 - 7/12 = 138.4166 -> 138.4
        parameters=PARAMETERS,
    )
    # 7831 · 1.953/2 · 0.31 = 2370.561165; 7831 · 0.953 · 6.5 · 0.013 = 630.6186835; 137380.81/138.4 = 992.6359
    assert found["calculation_base"].printed == "7831"
    assert (found["years"].printed, found["deemed_years"].printed) == ("31", "6.5")
    assert found["annuity_months"].printed == "138.4"
    assert amounts(found) == ("2370.56", "630.62", "992.64", "3993.82")


def test_shanghai_2024_11() -> None:
    # 41 · 1 % + 4 · 0.083 % = 41.332 %; 12307 · 3.2823/2 = 20197.63305; · 0.41332 = 8348.0857 -> 8348.1
    found = award_form(
        31,
        award="2024-11",
        average_index=2.2823,
        months=496,
        deemed_months=0,
        account_balance=0.0,
        annuity_months=139,
        parameters=PARAMETERS,
    )
    assert found["calculation_base"].printed == "12307"
    assert found["years"].printed == "41y4m"
    assert found["years"].value == Decimal("41.332")
    assert amounts(found) == ("8348.1", "0.0", "0.0", "8348.1")
    # exactly: 20197.63305 · 496/1200 = 8348.354994
    assert found["basic"].exact == pytest.approx(20197.63305 * 496 / 1200, rel=1e-9)


# ---- each province's convention -------------------------------------------------------------------------------------

YEARS = {
    "31.41666667": (11, 12, 14, 15, 23, 32, 35, 36, 37, 41, 43, 44, 53, 54, 61, 64, 65, 66),
    "31.42": (13, 22, 33, 42, 45, 51, 52, 62, 63),
    "31.4167": (21, 46),
    "31.4166": (50,),  # truncated
    "31.5": (34,),  # any excess up
    "31.415": (31,),  # 31 + 5 · 0.083
}


@pytest.mark.parametrize(
    ("place", "years"), [(place, years) for years, places in YEARS.items() for place in places], ids=str
)
def test_years_of_every_province(place: int, years: str) -> None:
    rule = conventions_of(PARAMETERS, place, schema.month_serial("2025-06")).years
    assert str(rule(377)) == years


def test_no_province_is_left_out() -> None:
    assert {p for places in YEARS.values() for p in places} == {code for code, _, _ in schema.PLACES} - {schema.NATION}


@pytest.mark.parametrize(
    ("place", "months", "years"),
    [
        (45, 376, "31.34"),  # 31.3333 up
        (45, 380, "31.67"),  # 31.6666 up
        (45, 378, "31.50"),  # no excess
        (13, 376, "31.33"),
        (13, 380, "31.67"),
        (34, 372, "31.0"),
        (34, 373, "31.1"),  # 31.0833 up
        (34, 378, "31.5"),
        (50, 380, "31.6666"),
        (21, 380, "31.6667"),
        (63, 5, "0.42"),  # month table of Qinghai
        (31, 383, "31.913"),  # 31 + 11 · 0.083
    ],
)
def test_years_on_boundaries(place: int, months: int, years: str) -> None:
    rule = conventions_of(PARAMETERS, place, schema.month_serial("2025-06")).years
    assert str(rule(months)) == years


def test_a_province_of_which_nothing_is_known_is_exact_and_prints_fen() -> None:
    # Hunan: 7000 · 0.9 · 377/1200 = 1979.25; 7000 · 0.8 · 65/12 · 0.013 = 394.3333; 100000/139 = 719.4245
    assert amounts(form(43)) == ("1979.25", "394.33", "719.42", "3093.00")


def test_two_decimals_half_up() -> None:
    # Hubei, Zhejiang years: 31.42 and 5.42: 6300 · 0.3142 = 1979.46; 5600 · 5.42 · 0.013 = 394.576
    assert amounts(form(42)) == ("1979.46", "394.58", "719.42", "3093.46")
    assert amounts(form(62)) == amounts(form(22)) == amounts(form(52)) == amounts(form(42))


def test_hebei_rounds_the_indexed_wage_first() -> None:
    # P = 7410.57, i = 0.8333: 6175.227981 -> 6175.23; (7410.57 + 6175.23)/2 = 6792.90; · 0.3142 = 2134.32918
    # transitional: 6175.23 · 5.42 · 0.013 = 435.1067058
    found = form(13, calculation_base=7410.57, average_index=0.8333)
    assert found["indexed_wage"].value == Decimal("6175.23")
    assert amounts(found)[:2] == ("2134.33", "435.11")


def test_a_rounded_indexed_wage_changes_a_fen() -> None:
    # P = 7000.04, i = 0.7: P·i = 4900.028 -> 4900.03; 1200 months = 100 years at 1 %
    # rounded (7000.04 + 4900.03)/2 = 5950.035 -> 5950.04; unrounded (7000.04 + 4900.028)/2 = 5950.034 -> 5950.03
    given = {"calculation_base": 7000.04, "average_index": 0.7, "months": 1200, "deemed_months": 0}
    assert form(50, **given)["basic"].printed == "5950.04"
    assert form(13, **given)["basic"].printed == "5950.04"
    assert form(51, **given)["basic"].printed == "5950.03"
    assert form(51, **given)["indexed_wage"].printed == "4900.03"  # printed to the fen, used exactly


def test_chongqing_truncates_years_and_takes_the_mean_shape() -> None:
    # years 31.4166: 6300 · 0.314166 = 1979.2458; 5.4166 · 0.014 · 6300 = 477.74412
    assert amounts(form(50, transition_coefficient=0.014)) == ("1979.25", "477.74", "719.42", "3176.41")


def test_sichuan_and_qinghai_take_the_mean_shape() -> None:
    # (7000 + 5600)/2 · 5.42 · 0.013 = 443.898
    assert amounts(form(51)) == amounts(form(63)) == ("1979.46", "443.90", "719.42", "3142.78")


def test_shanghai_adds_the_notional_part_at_index_one() -> None:
    # basic 6300 · 0.31415 = 1979.145 -> 1979.2; 7000 · 65/12 · 0.012 = 455 and 24000/120 = 200; 719.4245 -> 719.5
    found = form(31, transition_coefficient=0.012, notional_account=24000.0)
    assert amounts(found) == ("1979.2", "655.0", "719.5", "3353.7")
    assert found["deemed_years"].printed == "5y5m"


@pytest.mark.parametrize(("place", "years", "n"), [(33, "31.42", 5.42), (32, "31.41666667", 65 / 12)])
def test_zhejiang_and_jiangsu_raise_the_sum_only(place: int, years: str, n: float) -> None:
    found = form(place, award="2026-06", transition_index=1.25, transition_coefficient=0.012)
    basic, transitional = {
        33: ("1979.46", "569.10"),  # 7000 · 1.25 · 5.42 · 0.012 = 569.1
        32: ("1979.25", "568.75"),  # 7000 · 1.25 · 65/12 · 0.012 = 568.75
    }[place]
    # sums 1979.46 + 569.10 + 719.42 = 3267.98 and 1979.25 + 568.75 + 719.42 = 3267.42
    assert amounts(found) == (basic, transitional, "719.42", {33: "3268.0", 32: "3267.5"}[place])
    assert found["years"].printed == years
    assert 7000 * 1.25 * n * 0.012 == pytest.approx(float(transitional))


def test_a_sum_that_is_a_whole_tenth_is_not_raised() -> None:
    # 6300 · 0.30 = 1890, no transition, 1390.14/139 = 10.0010.. -> 10.00: 1900.00 stays 1900.0
    given = {"months": 360, "deemed_months": 0, "account_balance": 1390.14}
    assert form(33, **given)["total"].printed == "1900.0"
    # 1397.04/139 = 10.0506 -> 10.05: 1900.05 -> 1900.1
    assert form(33, **{**given, "account_balance": 1397.04})["total"].printed == "1900.1"


def test_heilongjiang_rounds_the_sum_once() -> None:
    # P = 7000.01: 6300.009 · 377/1200 = 1979.2528275 (.25); 5600.008 · 65/12 · 0.012 = 364.00052 (.00);
    # 626/139 = 4.5035971 (.50); the printed parts make 2347.75, unrounded 2347.7569446 -> 2347.76
    given = {"calculation_base": 7000.01, "transition_coefficient": 0.012, "account_balance": 626.0}
    assert amounts(form(23, **given)) == ("1979.25", "364.00", "4.50", "2347.76")
    assert amounts(form(65, **given)) == ("1979.25", "364.00", "4.50", "2347.75")


def test_inner_mongolia_lifts_the_transition_index_to_one() -> None:
    # 7000 · 1 · 65/12 · 0.012 = 455; at 1.2 it stays: 546
    assert form(15, transition_coefficient=0.012)["transitional"].printed == "455.00"
    assert form(15, transition_coefficient=0.012, average_index=1.2)["transitional"].printed == "546.00"
    # the basic pension keeps the index: 6300 · 377/1200
    assert form(15)["basic"].printed == "1979.25"


def test_guangdong_cuts_the_flat_half_below_index_six_tenths() -> None:
    # i = 0.48: a = 0.8; (5600 + 3360)/2 · 377/1200 = 1407.4666..; 7000 · 0.9 · 65/12 · 0.012 = 409.5
    found = form(44, average_index=0.48, transition_index=0.9, transition_coefficient=0.012)
    assert amounts(found)[:2] == ("1407.47", "409.50")
    assert found["flat_base_share"].printed == "0.8"
    assert form(44, transition_index=0.9)["flat_base_share"].printed == "1"


def test_beijing_has_two_parts_and_prints_years_and_months() -> None:
    # 7000 · 1 · 65/12 · 0.01 = 379.1666..; 7000 · 1.5 · 69/12 · 0.01 = 603.75; together 982.9166..
    found = form(11, transition_coefficient=0.01, early_paid_months=69, transition_index=1.5)
    assert found["transitional"].printed == "982.92"
    assert [found[name].printed for name in ("years", "deemed_years", "early_paid_years")] == ["31.05", "5.05", "5.09"]
    assert form(11, transition_coefficient=0.01, early_paid_months=0)["transitional"].printed == "379.17"


def test_jilin_and_liaoning_pay_more_above_twenty_paid_years() -> None:
    # 377 - 137 = 240 paid months: not above twenty years; one more is
    twenty = {"transition_coefficient": None, "deemed_months": 137}
    assert form(22, **twenty)["transition_coefficient"].value == Decimal("0.012")
    assert form(22, **{**twenty, "deemed_months": 136})["transition_coefficient"].value == Decimal("0.014")
    assert form(21, **twenty, paid_months=241)["transition_coefficient"].value == Decimal("0.014")
    printed = form(21, **{**twenty, "months": None, "deemed_months": None}, years=31.7, deemed_years=11.7)
    assert printed["transition_coefficient"].value == Decimal("0.012")  # 20.0 paid years, whatever floats make of it


def test_liaoning_and_hainan_print_four_decimals() -> None:
    # 6300 · 0.314167 = 1979.2521; 5600 · 5.4167 · 0.013 = 394.33576
    assert amounts(form(21)) == amounts(form(46)) == ("1979.25", "394.34", "719.42", "3093.01")


@pytest.mark.parametrize("place", [12, 14, 32, 33, 41, 44, 61])
def test_provinces_with_a_second_index(place: int) -> None:
    # 7000 · 1.1 · 65/12 · 0.013 = 542.2083..; Zhejiang 5.42: 542.542
    found = form(place, award="2026-06", transition_index=1.1)
    assert found["transitional"].printed == ("542.54" if place == 33 else "542.21")
    assert found["transition_index"].printed == "1.1"


@pytest.mark.parametrize("place", [36, 37, 53, 54, 64, 65, 66, 35])
def test_the_other_provinces_are_exact(place: int) -> None:
    assert amounts(form(place)) == ("1979.25", "394.33", "719.42", "3093.00")


@pytest.mark.parametrize("code", [code for code, _, _ in schema.PLACES if code != schema.NATION])
def test_exact_rounds_nothing_anywhere(code: int) -> None:
    given: dict[str, Any] = {"award": "2026-06", "conventions": "exact", "transition_index": 1.1}
    given |= {"early_paid_months": 12} if code == 11 else {}
    given |= {"notional_account": 1000.0, "transition_index": None} if code == 31 else {}
    found = form(code, **given)
    assert found["basic"].value == Decimal("1979.25")  # 6300 · 377/1200 in every province
    assert found["account"].value == Decimal("719.42446043")  # 100000/139
    parts = sum(found[name].exact for name in ("basic", "transitional", "account"))
    assert float(found.total) == pytest.approx(parts, abs=1e-7)
    assert all(float(line.value) == line.exact for line in found.lines)


# ---- phase-in -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "award", "share"),
    [
        (44, "2021-03", 0.3),
        (44, "2022-03", 0.5),
        (44, "2023-03", 0.7),
        (44, "2024-12", 0.9),
        (32, "2024-01", 0.4),
        (32, "2025-12", 0.7),
    ],
)
def test_the_old_method_is_phased_out(place: int, award: str, share: float) -> None:
    # new: 7000 · 1 · 65/12 · 0.012 = 455; old: 255; 255 + share · 200
    given = {"award": award, "transition_index": 1.0, "transition_coefficient": 0.012}
    found = form(place, **given, old_transitional=255.0)
    assert float(found["transitional"].value) == pytest.approx(255 + share * 200)
    with pytest.raises(ValueError, match=rf"old_transitional: missing: .* old amount and {share:.0%} of"):
        form(place, **given)


@pytest.mark.parametrize(("place", "award"), [(44, "2025-01"), (44, "2026-05"), (32, "2026-01")])
def test_nothing_old_is_needed_at_the_full_share(place: int, award: str) -> None:
    given = {"award": award, "transition_index": 1.0, "transition_coefficient": 0.012}
    assert form(place, **given)["transitional"].printed == "455.00"
    assert "not used" in form(place, **given, old_transitional=600.0).remarks[0]


def test_awards_before_the_new_method_are_refused() -> None:
    with pytest.raises(ValueError, match="before 2024 follow an earlier method"):
        form(32, award="2023-12", transition_index=1.0)


# ---- lookups --------------------------------------------------------------------------------------------------------


def test_the_base_of_a_city() -> None:
    found = form("Guangdong", award="2025-06", area="深圳", calculation_base=None, transition_index=1.0)
    assert found["calculation_base"].printed == "11293"
    with pytest.raises(ValueError, match=r"area = Shenzhen: no calculation base is held of this area; held: .*深圳"):
        form(44, area="Shenzhen", calculation_base=None, transition_index=1.0)


def test_no_base_is_made_up() -> None:
    with pytest.raises(ValueError, match="no base of 2028 is held"):
        form(45, award="2028-01", calculation_base=None)
    with pytest.raises(ValueError, match="no base of 2016 is held"):
        form(45, award="2016-01", calculation_base=None)


def test_the_corps_takes_what_xinjiang_has() -> None:
    corps, xinjiang = (form(place, calculation_base=None, transition_coefficient=None) for place in (66, 65))
    assert amounts(corps) == amounts(xinjiang)
    assert corps.remarks == ("Xinjiang Corps: base, coefficient and conventions of Xinjiang",)


@pytest.mark.parametrize(
    ("age", "months"),
    [(50 * 12 + 5, "192.9"), (58 * 12 + 3, "150.3"), (63 * 12 + 1, "116.3"), (35 * 12, "233"), (71 * 12 + 1, "56")],
)
def test_annuity_months_of_an_age(age: int, months: str) -> None:
    assert form(43, annuity_months=None, age_months=age)["annuity_months"].printed == months


def test_ages_between_whole_years_before_2025_need_the_annuity_months() -> None:
    assert form(43, award="2024-06", annuity_months=None, age_months=720)["annuity_months"].printed == "139"
    with pytest.raises(ValueError, match="before 2025 there was no common practice"):
        form(43, award="2024-06", annuity_months=None, age_months=721)


# ---- refusals -------------------------------------------------------------------------------------------------------


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(ValueError) as caught:
        award_form(13, award="2025-06", parameters=PARAMETERS)
    missing = [problem.column for problem in caught.value.problems]  # type: ignore[attr-defined]
    assert missing == ["average_index", "account_balance", "months", "deemed_months", "annuity_months"]


@pytest.mark.parametrize(
    ("place", "given", "message"),
    [
        ("Atlantis", {}, "province = Atlantis: unknown place"),
        (99, {}, "province = 99: unknown place"),
        (0, {}, "province = 0: unknown place"),
        (13, {"award": "2025-13"}, "award.*has no month"),
        (13, {"award": "2010-01"}, "before 2014-07"),
        (13, {"conventions": "nice"}, "conventions = nice: one of province, exact"),
        (13, {"average_index": 0.0}, "average_index = 0.0: a number above 0"),
        (13, {"average_index": float("nan")}, "average_index = nan"),
        (13, {"average_index": "0.8"}, "average_index = 0.8: a number above 0"),
        (13, {"account_balance": -1.0}, "account_balance = -1.0: a number of at least 0"),
        (13, {"months": 377.5}, "months = 377.5: a whole number"),
        (13, {"months": 0}, "months = 0: a whole number above 0"),
        (13, {"months": True}, "months = True"),
        (13, {"years": 31.42}, "months: years is given too"),
        (13, {"deemed_months": 378}, "deemed_months = 378: more than all counted months"),
        (13, {"age_months": 720}, "annuity_months: age_months is given too"),
        (31, {}, "notional_account: missing"),
        (31, {"notional_account": 0.0, "transition_index": 1.2}, "the province's index is fixed at 1"),
        (
            31,
            {"notional_account": 9.0, "deemed_months": 0},
            "notional_account = 9.0: belongs to a transitional pension",
        ),
        (31, {"months": None, "years": 31.4, "notional_account": 0.0}, "years = 31.4: give months"),
        (13, {"notional_account": 1.0}, "notional_account = 1.0: the province's method has none"),
        (11, {}, "early_paid_months: missing"),
        (11, {"early_paid_months": 5}, "transition_index: missing: mean index of the months paid"),
        (13, {"early_paid_months": 5}, "early_paid_months: belongs to Beijing"),
        (41, {}, "transition_index: missing: the form has an index of its own"),
        (13, {"old_transitional": 5.0}, "no phase-in of this province is held"),
    ],
)
def test_bad_inputs_are_refused_by_name(place: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        form(place, **given)


def test_what_is_not_used_is_said() -> None:
    found = form(13, deemed_months=0, transition_index=1.0)
    assert "transition_index is not used: no month earns a transitional pension" in found.remarks
    assert found["transitional"].printed == "0.00"


# ---- print ----------------------------------------------------------------------------------------------------------


def test_the_text_in_both_languages() -> None:
    found = form(45, calculation_base=None, award="2025-06")
    english, chinese = found.text(), found.text("zh")
    assert "Award form of Guangxi, award of 2025-06" in english
    assert "no official determination" in english
    assert "广西基本养老金核定表" in chinese
    assert "非官方核定" in chinese
    for line in found.lines:
        assert line.english in english and line.chinese in chinese
        assert line.printed in english and line.printed in chinese
    assert "up to the next 0.1" in english and "进位到0.1" in chinese
    assert "Looked up: calculation_base 6983 yuan/month, official" in english
    with pytest.raises(ValueError, match="lang = fr: one of en, zh"):
        found.text("fr")
    with pytest.raises(KeyError):
        found["bonus"]


def test_every_amount_names_where_its_convention_stands() -> None:
    for code in (11, 23, 31, 32, 45, 50):
        given: dict[str, Any] = {"deemed_months": 0, "early_paid_months": 0 if code == 11 else None}
        for line in form(code, **given).lines:
            if line.name in ("years", "basic", "transitional", "account", "total"):
                assert line.source and line.status in ("secondary", "assumption")


def test_the_data_of_a_form_is_plain() -> None:
    data = json.loads(json.dumps(form(45).data()))
    assert data["place"] == 45
    assert {line["name"]: line["value"] for line in data["lines"]}["basic"] == "1979.5"  # 6300 · 0.3142 = 1979.46


def test_the_function_is_public() -> None:
    import pension

    assert pension.award_form is award_form
