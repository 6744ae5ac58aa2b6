"""Readings: where the text of the law is open, or is not what is carried out, the choices that the program offers.

Data only. Each reading has a question, the choices with the default first, its source, and the one place where it is
set. ``TABLES`` names the parameters behind each rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

WAYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "regime": "[choices] of a regime file, or Regime.but()",
        "parameters": "pension.load_parameters(readings={...})",
        "scenario": "a scenario file, or an overlay of it",
        "overlay": "an overlay directory: --overlay, or pension.load_parameters(overlay)",
        "case": "a case file or the long tables",
        "argument": "an argument",
    }
)
"""How a reading is set; ``Reading.where`` says with which word."""


@dataclass(frozen=True)
class Reading:
    """One open point and what may be chosen."""

    name: str
    question: str
    choices: Mapping[str, str]
    """Each choice with one line, the default first; none where any value can be given."""
    source: str
    """What the law says and leaves open, or who proposes the choices."""
    way: str
    """A key of ``WAYS``."""
    where: str
    """The provision; the key of ``readings``, of a scenario or of a parameter file; ``table.key`` of a case file;
    ``function(argument)``."""
    rules: tuple[str, ...] = ()
    """Law functions that it touches."""
    note: str = ""

    @property
    def default(self) -> str:
        """The choice made when nothing is said."""
        return next(iter(self.choices), "as shipped")


_WHOSE: Final = {
    "claim": "of the claim place, for all months (66号 art. 7)",
    "segment": "of the place where the month was paid (Social Insurance Law art. 19: computed in segments)",
    "national": "of the nation",
    "blend": "alpha times that of the nation, the rest that of the claim place",
}
_ARTICLE_7: Final = "国办发〔2009〕66号 art. 7; Social Insurance Law art. 19 (segments), not carried out"
_MARKED: Final = "counted in every result that uses it"

_REGIME: Final = (
    Reading(
        "flat_base",
        "Whose calculation base values the social-average half of the basic pension?",
        _WHOSE,
        _ARTICLE_7,
        "regime",
        "flat_base",
        ("basic_pension", "transitional_pension", "transition_coefficient"),
    ),
    Reading(
        "earnings_base",
        "Whose calculation base values the own-earnings half of the basic pension?",
        _WHOSE,
        _ARTICLE_7,
        "regime",
        "earnings_base",
        ("indexed_wage", "basic_pension"),
    ),
    Reading(
        "index_wage",
        "Whose wages of the time are the denominators of the index?",
        _WHOSE,
        _ARTICLE_7,
        "regime",
        "index_wage",
        ("contribution_index", "average_index"),
        note="claim is the text of article 7, segment what many offices do: regimes current and current_paying",
    ),
    Reading(
        "revaluation",
        "How is the segment of an earlier place carried to the award?",
        {
            "wages": "with the calculation base of the award year",
            "frozen": "not at all: the base of the year of the last counted month there",
            "indexed": "the frozen base, raised with national wages since",
        },
        "国发〔2005〕38号 art. 6; the others: drafts of 2009 for segments",
        "regime",
        "revaluation",
        ("indexed_wage", "basic_pension"),
    ),
    Reading(
        "vesting",
        "Which months reach the minimum for a monthly employee pension?",
        {
            "employee": "employee months",
            "aggregated": "employee and resident months together",
            "immediate": "one employee month is enough",
            "never": "none: the employee route is closed",
        },
        "Social Insurance Law art. 16; the others: proposals",
        "regime",
        "vesting",
        ("minimum_met",),
    ),
    Reading(
        "resident_years",
        "What do resident years earn when somebody settles as an employee?",
        {
            "discard": "nothing; their money joins the employee account",
            "vest_only": "they count for the minimum months; their money joins the employee account",
            "retain": "a resident pension beside the employee pension, in proportion to the required years",
            "ratio": "the part of an employee year that the contribution of the year pays at the lowest base",
            "one_to_one": "an employee year each, at the index that the contribution amounts to",
            "balance": "the employee months that the account buys at the award at the lowest base",
        },
        "人社部发〔2014〕17号 art. 5; ratio and balance: local rules before 2014; the others: proposals",
        "regime",
        "resident_years",
        (
            *("retained_share", "minimum_met", "account_pension", "resident_account_pension"),
            *("years_by_ratio", "index_by_contribution", "months_by_balance"),
        ),
    ),
    Reading(
        "pooled_on_exit",
        "What becomes of the pooled money of those who end in the resident scheme or withdraw?",
        {
            "forfeit": "it stays with the pool",
            "twelve": "12 % of the bases comes along, without interest",
            "paid": "what was paid comes along, without interest",
            "paid_with_interest": "what was paid comes along with book interest, where the employee route is closed",
            "always_paid_with_interest": "the same, also for those who leave an open employee route by choice",
        },
        "人社部发〔2014〕17号 art. 6: the account moves, the pool does not; the others: proposals",
        "regime",
        "pooled_on_exit",
        ("resident_account_pension",),
    ),
    Reading(
        "overlap",
        "What becomes of resident money of months that were also paid as an employee?",
        {
            "refund_principal": "own and collective money is refunded, without interest and subsidy",
            "refund_with_interest": "the same with its interest",
            "credit_value": "all of it, subsidy and interest too, joins the employee account",
        },
        "人社部发〔2014〕17号 art. 7; the others: proposals",
        "regime",
        "overlap",
        ("overlap_refund",),
    ),
    Reading(
        "temporary_accounts",
        "Do months of a temporary account make a claim place?",
        {"excluded": "no", "counted": "yes, as ordinary months"},
        "国办发〔2009〕66号 arts. 5 (2), 6; counted: a proposal",
        "regime",
        "temporary_accounts",
        ("is_temporary_account", "claim_branch"),
    ),
    Reading(
        "late_backpayments",
        "Do late back-payments without proof count outside the place where they were paid?",
        {"stranded": "no: they count nowhere unless that place pays the pension", "kept": "yes"},
        "人社部规〔2016〕5号; 人社厅发〔2016〕94号; kept: a proposal",
        "regime",
        "late_backpayments",
        ("minimum_met", "average_index", "basic_pension"),
    ),
    Reading(
        "claim_place",
        "Which place settles and pays?",
        {
            "article6": "by article 6",
            "last": "that of the last relation",
            "hukou": "the registered residence",
            "article6_legacy": "by article 6, but a relation moved before 2010 and never since pays whatever its years",
            "best": "the one with the highest present value; ties: the lower code",
        },
        "国办发〔2009〕66号 art. 6; article6_legacy: 人社部发〔2010〕70号 (secondary); the others: proposals",
        "regime",
        "claim_place",
        ("claim_branch",),
        "the legacy relation: how 70号 treats relations of before 2010 is open",
    ),
    Reading(
        "route_choice",
        "Who chooses, where more than one route is open?",
        {
            "forced": "nobody: as an employee wherever that is open, else bridged to the resident scheme",
            "better": "the member, by the higher present value; ties: as an employee",
        },
        "人社部发〔2014〕17号 art. 3, where it says may; better: ours",
        "regime",
        "route_choice",
        ("minimum_met", "present_value"),
    ),
    Reading(
        "payer_of_benefit",
        "Which pool pays the benefit?",
        {
            "claim": "that of the claim place",
            "accrual": "each place what was earned there",
            "years": "each place by its share of the months",
            "national": "a national pool",
        },
        "国办发〔2009〕66号 art. 6; the others: proposals",
        "regime",
        "payer_of_benefit",
        note="moves money between pools, never a member's pension",
    ),
    Reading(
        "pooled_transfer",
        "How much pooled money moves with a worker between provinces?",
        {
            "0.12": "12 % of the bases since 1998, without interest",
            "0": "none",
            "paid": "all pooled contributions, at face value",
            "reserve": "the present value of the pension that the months are worth at the origin's wages",
        },
        "国办发〔2009〕66号 art. 4 (2); the others: proposals",
        "regime",
        "pooled_transfer",
        ("pooled_transfer",),
        "moves money between pools, never a member's pension",
    ),
    Reading(
        "hold_harmless",
        "Is anybody paid less than by the law in force?",
        {
            "no": "yes, where the regime gives less",
            "yes": "no: whoever the law gives the higher present value is paid by the law, in all parts",
        },
        "no rule in force; ours",
        "regime",
        "hold_harmless",
        ("present_value",),
    ),
    Reading(
        "design",
        "By which formula do employee contributions earn a pension?",
        {
            "formula": "by the basic, account and transitional pension in force",
            "points": "points of national wages, at the national calculation base of the award, and the account",
            "rights": "rights booked by the formula of each month's own place and time, and the account",
            "ndc": "a notional account of all contributions over the expected payments of life",
        },
        "国发〔2005〕38号 art. 6; the others: literature",
        "regime",
        "design",
        ("basic_pension", "rights_accrual", "rights_pension", "notional_credit", "notional_pension"),
    ),
    Reading(
        "citizen_floor",
        "Does everybody draw a citizen pension from 60?",
        {
            "none": "no",
            "universal": "yes, in place of the resident basic pension",
            "top_up": "what the other pensions lack to its amount",
        },
        "no rule in force; the others: proposals for a citizen pension",
        "regime",
        "citizen_floor",
        ("top_up", "present_value"),
        "citizen_amount (default: the resident basic pension of the registered residence) and citizen_taper beside it",
    ),
    Reading(
        "career",
        "Whose career is settled?",
        {
            "recorded": "the person's own",
            "stayer_origin": "that of somebody with the same indices who never left the first place",
            "stayer_destination": "the same at the last place",
            "same_bases": "that of somebody who paid the same bases in one pool",
        },
        "no rule: references of the portability literature to compare with, never a cause of a loss",
        "regime",
        "career",
        ("kept_index_base", "contribution_index"),
        "pool beside same_bases: a place, origin or destination",
    ),
    Reading(
        "exit_before_2010",
        "What became of the months when a province was left before 2010?",
        {
            "kept": "they count (66号 recognised what had not been surrendered)",
            "surrendered": "every move between provinces ended them, and refunded the own share",
        },
        "劳社部发〔2005〕20号 and local rules to 2009; 国办发〔2009〕66号 art. 3 since; no record says who surrendered",
        "regime",
        "exit_before_2010",
        ("refunded_share",),
        "an exit is a last month before 2010-01 after which the next month paid is elsewhere",
    ),
    Reading(
        "enrolment",
        "Who is insured as an employee, and where?",
        {
            "recorded": "who was, where he was",
            "workplace": "the chosen forms of work with a stated income, at the place of work",
        },
        "Social Insurance Law art. 10; the other: 赵青, 中州学刊 2021(7)",
        "regime",
        "enrolment",
        ("individual_access", "statutory_month"),
        "forms beside it; only work up to an employee's statutory month makes one",
    ),
    Reading(
        "floor",
        "What is the lowest contribution base?",
        {
            "statutory": "what was paid stands; a base worked out anew has the published floor, else 60 % of the wage",
            "fraction": "floor_fraction of the reference wage of the year before",
            "actual": "none",
        },
        "劳办发〔1997〕116号; provinces kept 40 to 60 %; the others: proposals",
        "regime",
        "floor",
        ("contribution_base",),
        "undefined without the income of every paid employee month",
    ),
    Reading(
        "income",
        "Which income is the base of an insured month?",
        {
            "declared": "what the payers of the month at the place pay",
            "all_sources": "every income of the person in the month, once, with one floor and one ceiling",
        },
        "劳办发〔1997〕116号; the other: 赵青, 中州学刊 2021(7)",
        "regime",
        "income",
        ("contribution_base", "shared_base"),
        "a base is split over its payers in proportion to what each pays, in equal parts where all pay nothing",
    ),
    Reading(
        "payer",
        "Who pays the pooled part of insured platform work?",
        {
            "worker": "the worker, as an individual",
            "platform": "the platform: platform_share of the base, or what employers pay by law",
        },
        "国发〔2005〕38号; no rule for platforms; the other: proposals",
        "regime",
        "payer",
        ("individual_pooled_points", "own_pooled_points", "paid_pooled_points"),
        "never less is pooled than the individual would pay",
    ),
)

_PARAMETERS: Final = (
    Reading(
        "calculation_base_gap",
        "Which calculation base has a year that published none (before 2020, and single years to 2025)?",
        {
            "previous_wage": "the reference wage of the year before, never below the base of the year before",
            "geometric": "from 2019 geometric between the neighbouring years, as the wage concept changed 2018 to 2020",
        },
        "国办发〔2019〕13号: awards must not fall when the wage concept changes",
        "parameters",
        "calculation_base_gap",
        ("indexed_wage", "basic_pension", "transitional_pension"),
        _MARKED,
    ),
    Reading(
        "award_year_rate",
        "Which book rate has the award year while it is not published?",
        {"scenario": "that of the scenario", "last_published": "that of the year before, once more"},
        "劳办发〔1997〕116号 does not say; offices differ",
        "parameters",
        "award_year_rate",
        ("growth_to_award",),
        _MARKED,
    ),
    Reading(
        "book_rate_before_2016",
        "Which employee book rate has a year before 2016, when provinces set their own?",
        {"deposit_rate": "the one-year deposit rate of 1 January", "reference": "a proxy series"},
        "人社部发〔2017〕31号: one national rate from 2016; before it, not below the time-deposit rate",
        "parameters",
        "book_rate_before_2016",
        ("bearing_months", "carried"),
        _MARKED,
    ),
    Reading(
        "resident_award_year",
        "Which months does a resident payment of the award year cover?",
        {"whole": "all twelve", "to_award": "those up to the award"},
        "人社部发〔2014〕17号 and 国发〔2014〕8号 do not say",
        "parameters",
        "resident_award_year",
        ("overlap_refund", "retained_share", "whole_years"),
    ),
)

_OVERLAY: Final = (
    Reading(
        "account_rate",
        "What share of the base was credited to the account before 1998?",
        {},
        "国发〔1997〕26号: 11 % from 1998; local rates before are unknown and taken as the same",
        "overlay",
        "national/employee/account_rate",
        ("credited",),
        "estimated",
    ),
    Reading(
        "employee_share",
        "What did employees pay before 1998, and did their province run ahead after?",
        {},
        "国发〔1997〕26号: at least 4 % in 1997, one point more every two years from 1998",
        "overlay",
        "national/employee/employee_share",
        note="estimated before 1998",
    ),
    Reading(
        "individual_rate",
        "What did individuals pay in all before 2006?",
        {},
        "国发〔2005〕38号: 20 % from 2006; before it local",
        "overlay",
        "national/employee/individual_rate",
        note="estimated before 2006",
    ),
    Reading(
        "employer_rate",
        "What did employers pay where the province's own rate is unknown?",
        {},
        "国发〔1997〕26号: at most 20 %; 国办发〔2019〕13号: 16 %",
        "overlay",
        "national/employee/employer_rate",
        note="estimated; decides pooled money only",
    ),
    Reading(
        "minimum_months",
        "How many months made a pension before the Social Insurance Law?",
        {},
        "Social Insurance Law art. 16 from 2011-07; before it taken as the same 180",
        "overlay",
        "national/employee/minimum_months",
        ("minimum_met",),
        "assumption before 2011-07",
    ),
    Reading(
        "lowest_tier",
        "Which tier is the lowest for others than hardship groups where the province's own is unknown?",
        {},
        "国发〔2014〕8号: the tier of 100 remains, in most provinces for hardship groups",
        "overlay",
        "national/resident/lowest_tier",
        ("missing_years",),
        "estimated",
    ),
    Reading(
        "resident_rules",
        "When did the resident scheme start, may missing years be paid in one sum at 60, how long is the subsidy paid?",
        {},
        "国发〔2014〕8号 arts. 5, 8; local rules found for few places",
        "overlay",
        "provinces/resident_rules",
        ("required_years", "missing_years", "resident_credit"),
        "assumption",
    ),
    Reading(
        "resident_book_rate_default",
        "Which book rate have resident accounts of a province that published none?",
        {},
        "国发〔2014〕8号: the prescribed rate",
        "overlay",
        "national/interest/resident_book_rate_default",
        ("resident_balance",),
        "estimated",
    ),
    Reading(
        "transition",
        "Which months earn a transitional pension, at which index and coefficient?",
        {},
        "国发〔2005〕38号 art. 6 leaves it to the provinces",
        "overlay",
        "provinces/transition",
        ("transition_coefficient", "transitional_pension", "mean_transitional_pension"),
        "each row has its status; a regime with segments takes each place's own method",
    ),
    Reading(
        "hukou_access",
        "Since when may individuals of other provinces join in a province whose date is unknown?",
        {},
        "each province decides; calls to open in 2021 and 2025",
        "overlay",
        "provinces/hukou_access",
        ("individual_access",),
        "assumption: from 2022-01; Beijing closed to 2025-02, then unknown",
    ),
)


def _assumed(name: str, question: str, rules: tuple[str, ...]) -> Reading:
    return Reading(name, question, {}, "no law: an assumption about years to come", "scenario", name, rules)


_SCENARIO: Final = (
    _assumed("wage_growth", "How fast do wages and calculation bases grow?", ("contribution_index", "basic_pension")),
    _assumed("price_growth", "How fast do prices rise?", ("present_value",)),
    _assumed(
        "indexation_wage_weight",
        "What weight has wage growth, beside prices, in the yearly adjustment of employee pensions?",
        ("present_value",),
    ),
    _assumed("discount_rate", "At what rate are payments discounted?", ("present_value",)),
    _assumed("price_year", "In yuan of which year are present values?", ()),
    _assumed("resident_basic_increment", "How much does the resident basic pension rise a year?", ("present_value",)),
    _assumed("resident_basic_increment_until", "To which year, before it follows wages?", ("present_value",)),
    _assumed("employee_book_rate", "Which book rate have employee accounts?", ("carried", "growth_to_award")),
    _assumed("resident_book_rate", "Which book rate have resident accounts?", ("resident_balance",)),
)

_CASE: Final = (
    Reading(
        "temporary",
        "Is the account at a place temporary?",
        {
            "not given": "by article 5 (2): place, date of the first month there, age",
            "true": "yes, as the agency decided",
            "false": "no, as the agency decided (an official transfer)",
        },
        "国办发〔2009〕66号 art. 5 (2); how offices treat a first-ever insurance there is open",
        "case",
        "employee.temporary",
        ("is_temporary_account", "claim_branch"),
    ),
    Reading(
        "transferable",
        "Are back-paid months accepted for transfer?",
        {"true": "yes, or they are no back-payment", "false": "no: late_backpayments decides what they count"},
        "人社部规〔2016〕5号; 人社厅发〔2016〕94号: a document from before the payment is needed",
        "case",
        "employee.transferable",
        ("minimum_met",),
    ),
    Reading(
        "retirement_category",
        "At what age does somebody retire?",
        {
            "male_60": "men; the default of men",
            "female_55": "women in management or technical posts; women must be given a category",
            "female_50": "women in workers' posts",
            "male_hazardous_55": "men in hazardous work",
            "female_hazardous_45": "women in hazardous work",
        },
        "国发〔1978〕104号 and the NPC decision of 2024-09-13; 55 or 50 for women as individuals is local",
        "case",
        "person.retirement_category",
        ("retirement_delay", "statutory_month"),
        "never inferred for women",
    ),
    Reading(
        "claim",
        "In which month is the pension awarded?",
        {
            "not given": "the statutory month; 60 without an employee record",
            "a month": "early within the law, or later",
        },
        "人社部发〔2024〕94号",
        "case",
        "person.claim",
        ("earliest_month", "annuity_months"),
    ),
    Reading(
        "resident_start",
        "When did the resident scheme start in the home county?",
        {"not given": "by province, where known, else 2011-07", "a month": "as given"},
        "国发〔2009〕32号, 国发〔2011〕18号: county by county, 2009 to 2012",
        "case",
        "person.resident_start",
        ("required_years", "missing_years", "retained_share"),
    ),
    Reading(
        "male_60_choice",
        "May a man draw a resident pension between 60 and his later statutory age as an employee?",
        {
            "not given": "he waits; the statement of a man short of the minimum shows both ways side by side",
            "a month": "he has drawn one since, and what is repaid beside an employee pension is shown",
        },
        "no national text since the NPC decision of 2024-09-13; 人社部发〔2014〕17号 art. 8 for both at once",
        "case",
        "person.resident_claim",
        ("double_benefit_repayment", "double_benefit_set_off", "double_benefit_due"),
    ),
    Reading(
        "deemed_index",
        "Which index have deemed months?",
        {"1.0": "the average wage", "a number": "as given"},
        "国发〔2005〕38号 art. 6 leaves it to the provinces",
        "case",
        "deemed.index",
        ("average_index", "transitional_pension"),
    ),
)

_ARGUMENTS: Final = (
    Reading(
        "scenario",
        "What holds beyond the last published year?",
        {
            "default": "middle growth",
            "high": "faster growth of wages and prices",
            "low": "slower growth of wages and prices",
        },
        "no law: assumptions about years to come",
        "argument",
        "pension.load_parameters(scenario)",
        note="also --scenario, and a file of the analyst",
    ),
    Reading(
        "access",
        "What becomes of contributions paid where the scheme was closed to the person?",
        {
            "report": "they count, and are counted and listed",
            "error": "they are refused",
            "off": "they count, and nothing is looked for",
        },
        "Social Insurance Law art. 10; dates by province",
        "argument",
        "pension.run(access)",
        ("individual_access", "resident_access"),
        "also pension.explain(access) and --access",
    ),
    Reading(
        "conventions",
        "How is an award form rounded?",
        {"province": "as the forms of the claim place are", "exact": "not at all, as everywhere else here"},
        "no national text; read off printed forms, each with its source and status",
        "argument",
        "pension.award_form(conventions)",
        ("indexed_wage", "basic_pension", "account_pension", "transitional_pension"),
        "also pension.explain(conventions) and --conventions",
    ),
)

READINGS: Final[Mapping[str, Reading]] = MappingProxyType(
    {
        reading.name: reading
        for group in (_REGIME, _PARAMETERS, _OVERLAY, _CASE, _ARGUMENTS, _SCENARIO)
        for reading in group
    }
)
"""Every reading by name."""

TABLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "retirement_delay": ("retirement_age",),
        "statutory_month": ("retirement_age",),
        "earliest_month": ("retirement_age",),
        "annuity_months": ("annuity_months",),
        "contribution_index": ("reference_wage",),
        "contribution_base": ("base_floor", "base_ceiling"),
        "kept_index_base": ("reference_wage",),
        "refunded_share": ("account_rate", "employee_share", "individual_rate"),
        "bearing_months": ("employee_rate",),
        "growth_to_award": ("employee_rate",),
        "carried": ("employee_rate",),
        "credited": ("account_rate", "employee_share", "employer_rate", "individual_rate"),
        "indexed_wage": ("calculation_base",),
        "basic_pension": ("calculation_base",),
        "transition_coefficient": ("transition_coefficient",),
        "transitional_pension": ("calculation_base", "transition_coefficient"),
        "minimum_met": ("minimum_months",),
        "missing_years": ("lowest_tier", "resident_rules"),
        "resident_credit": ("subsidy",),
        "resident_balance": ("resident_rate",),
        "year_premium_segment": ("premium",),
        "required_years": ("resident_start",),
        "individual_access": ("hukou_access",),
        "long_insured": ("hukou_access",),
        "resident_access": ("hukou_access",),
        "present_value": ("discount_rate", "pension_adjustment", "resident_basic", "single_age"),
    }
)
"""Parameters behind each rule, by names that ``pension parameters show`` knows."""


def readings_of(rule: str) -> list[Reading]:
    """The readings that touch a law function."""
    return [reading for reading in READINGS.values() if rule in reading.rules]
