"""Provisions and their choices, named regimes, ages and tables of the law, the claim place."""

from __future__ import annotations

import decimal
from collections.abc import Mapping, Sequence
from decimal import Decimal

ZERO, ONE = Decimal(0), Decimal(1)
HALF_PERCENT = Decimal("0.005")
RESIDENT_DIVISOR = Decimal(139)
TRANSFER_RATE = Decimal("0.12")

FLOOR_INDEX = Decimal("0.60")
"""Index at which resident money buys employee years: the floor of the base."""
INDIVIDUAL_RATE = Decimal("0.20")
"""What an individual pays of the base, and so the price of a bought year."""
POOLED_PART = Decimal(12) / 20
"""Of that price the pool's part."""

LATE_FLAG, TEMPORARY_FLAG, ORDINARY_FLAG, DEEMED_FLAG, BACKPAID_FLAG, PROXY_FLAG = 1, 2, 4, 8, 16, 32
INDIVIDUAL_FORMS = frozenset({2, 3, 4})
"""part_time, flexible, platform: insured as individuals (access.md, table 1)."""

JANUARY_1998 = 12 * 1998
JANUARY_2010 = 12 * 2010

LAW: dict[str, str] = {
    "flat_base": "claim",
    "earnings_base": "claim",
    "index_wage": "claim",
    "revaluation": "wages",
    "vesting": "employee",
    "resident_years": "discard",
    "pooled_on_exit": "forfeit",
    "overlap": "refund_principal",
    "temporary_accounts": "excluded",
    "late_backpayments": "stranded",
    "claim_place": "article6",
    "route_choice": "forced",
    "hold_harmless": "no",
    "design": "formula",
    "citizen_floor": "none",
    "career": "recorded",
    "exit_before_2010": "kept",
    "enrolment": "recorded",
    "floor": "statutory",
    "income": "declared",
    "payer": "worker",
}

CHOICES: dict[str, frozenset[str]] = {
    "flat_base": frozenset({"claim", "segment", "national", "blend"}),
    "earnings_base": frozenset({"claim", "segment", "national", "blend"}),
    "index_wage": frozenset({"claim", "segment", "national", "blend"}),
    "revaluation": frozenset({"wages", "frozen", "indexed"}),
    "vesting": frozenset({"employee", "aggregated", "immediate", "never"}),
    "resident_years": frozenset({"discard", "vest_only", "retain", "ratio", "one_to_one", "balance"}),
    "pooled_on_exit": frozenset({"forfeit", "twelve", "paid", "paid_with_interest", "always_paid_with_interest"}),
    "overlap": frozenset({"refund_principal", "refund_with_interest", "credit_value"}),
    "temporary_accounts": frozenset({"excluded", "counted"}),
    "late_backpayments": frozenset({"stranded", "kept"}),
    "claim_place": frozenset({"article6", "last", "hukou", "article6_legacy", "best"}),
    "route_choice": frozenset({"forced", "better"}),
    "hold_harmless": frozenset({"no", "yes"}),
    "design": frozenset({"formula", "points", "rights", "ndc"}),
    "citizen_floor": frozenset({"none", "universal", "top_up"}),
    "career": frozenset({"recorded", "stayer_origin", "stayer_destination", "same_bases"}),
    "exit_before_2010": frozenset({"kept", "surrendered"}),
    "enrolment": frozenset({"recorded", "workplace"}),
    "floor": frozenset({"statutory", "fraction", "actual"}),
    "income": frozenset({"declared", "all_sources"}),
    "payer": frozenset({"worker", "platform"}),
}

RECORD_PROVISIONS = ("career", "exit_before_2010", "enrolment", "floor", "income", "payer")
"""Provisions that change the records, in the order in which they do."""

FUND_SIDE = frozenset({"payer_of_benefit", "pooled_transfer"})
"""Provisions that move money between pools and never change a member's pension."""

SEGMENTS = {"flat_base": "segment", "earnings_base": "segment", "index_wage": "segment"}

REGIMES: dict[str, dict[str, str]] = {
    "current": {},
    "current_paying": {"index_wage": "segment"},
    "segmented": SEGMENTS,
    "segmented_frozen": SEGMENTS | {"revaluation": "frozen"},
    "segmented_indexed": SEGMENTS | {"revaluation": "indexed"},
    "prorata": SEGMENTS | {"vesting": "aggregated"},
    "national": {"flat_base": "national", "earnings_base": "national", "index_wage": "national"},
    "national_half": {"flat_base": "blend", "earnings_base": "blend", "index_wage": "blend"},
    "legacy": {"claim_place": "article6_legacy"},
    "surrender": {"exit_before_2010": "surrendered"},
    "low_floor": {"floor": "fraction"},
    "actual_income": {"floor": "actual"},
    "all_income": {"income": "all_sources"},
    "platform_pays": {"payer": "platform", "income": "all_sources"},
    "formalised": {"enrolment": "workplace", "income": "all_sources", "payer": "platform"},
    "inclusive": {
        "enrolment": "workplace",
        "floor": "fraction",
        "income": "all_sources",
        "vesting": "aggregated",
        "route_choice": "better",
    },
    "stayer_origin": {"career": "stayer_origin"},
    "stayer_destination": {"career": "stayer_destination"},
    "fair": SEGMENTS
    | {
        "vesting": "immediate",
        "route_choice": "better",
        "resident_years": "retain",
        "overlap": "credit_value",
        "temporary_accounts": "counted",
        "late_backpayments": "kept",
        "pooled_on_exit": "paid_with_interest",
    },
}

ALPHA: dict[str, Decimal] = {"national_half": Decimal("0.5")}
"""Weight of the nation in the regimes that blend."""

DEFINED, EARLY_CLAIM_UNVESTED, NO_RIGHT, UNKNOWN_PARAMETER, INCOME_NOT_STATED, NO_SUCH_CAREER, TOO_EARLY = range(7)

FIRST_AWARD_MONTH = 12 * 2014 + 6
"""2014-07: of earlier awards the rulebook has no rules."""

COMPONENTS = (
    "basic",
    "account",
    "transitional",
    "resident_basic",
    "year_premium",
    "age_supplement",
    "resident_account",
    "points",
    "rights",
    "ndc",
    "citizen",
)
RESIDENT_PARTS = COMPONENTS[3:7]


# ---------------------------------------------------------------------------------------------------------------------
# Ages and tables of the law (employee rulebook E3.4, E4)


def statutory_month(category: int, birth: int) -> int:
    """Month of the statutory employee age (decision of 2024-09-13; E4.1). Hazardous posts: 55 and 45, no delay."""
    if category == 1:
        first, step, cap, original = 12 * 1965, 4, 36, 60
    elif category == 2:
        first, step, cap, original = 12 * 1970, 4, 36, 55
    elif category == 3:
        first, step, cap, original = 12 * 1975, 2, 60, 50
    elif category == 4:
        return birth + 12 * 55
    elif category == 5:
        return birth + 12 * 45
    else:
        raise ValueError(f"retirement category {category}")
    delay = 0 if birth < first else min(cap, (birth - first) // step + 1)
    return birth + 12 * original + delay


def annuity_months(age_in_months: int, table: Mapping[int, int]) -> Decimal:
    """Annuity months at an age in months, linear between whole years, half-up to 0.1 (decision 4)."""
    years, months = divmod(age_in_months, 12)
    if years < 40:
        return Decimal(table[40])
    if years >= 70:
        return Decimal(table[70])
    exact = Decimal(table[years]) - Decimal(table[years] - table[years + 1]) * months / 12
    return exact.quantize(Decimal("0.1"), rounding=decimal.ROUND_HALF_UP)


def indexed_months(
    shape: str, deemed: Sequence[Decimal], paid_months: int, paid_indices: Decimal, overall: Decimal | None
) -> Decimal:
    """Months of a transitional pension times what multiplies P in it (E3.5): P times this over 12 times k is paid.

    ``deemed`` holds the deemed months' indices, ``paid_indices`` the sum over the paid ones; ``overall`` is the index
    of the whole career where the province uses that, None where it is the mean of just these months.
    """
    months = len(deemed) + paid_months
    if shape == "fixed_index":
        return Decimal(months)
    if shape == "beijing":
        # deemed months at 1.0; n_paid times the mean index of the paid ones is their sum
        return len(deemed) + paid_indices
    index = (sum(deemed, ZERO) + paid_indices) / months if overall is None else overall
    return index * months if shape == "plain" else (1 + index) / 2 * months


def required_resident_years(birth: int, start: int) -> int:
    """Years needed for a resident pension (R7, decision 17): by the age when the scheme started at home."""
    age = start - birth
    if age < 12 * 45:
        return 15
    return max(0, (720 - age) // 12)


# ---------------------------------------------------------------------------------------------------------------------
# Claim place (E5.4, decisions 10, 11 and 12)


def claim_place(
    rule: str,
    relation: int | None,
    months: Mapping[int, int],
    last_month: Mapping[int, int],
    hukou: int,
    legacy: bool = False,
) -> tuple[int, str]:
    """(D, branch). ``months`` is Y(p); ``last_month`` dates the places that can be an upper place; ``legacy`` says
    that the relation was where it is before 2010 and nothing was paid elsewhere since (70号)."""
    if rule == "hukou":
        return hukou, "hukou_by_regime"
    if rule == "last":
        return (hukou, "no_relation") if relation is None else (relation, "last_by_regime")
    if relation is None:
        return hukou, "no_relation"
    if rule == "article6_legacy" and legacy:
        return relation, "legacy_relation"
    if relation == hukou:
        return hukou, "relation_is_hukou"
    if months.get(relation, 0) >= 120:
        return relation, "relation_ten_years"
    for place in sorted(last_month, key=lambda p: last_month[p], reverse=True):
        if place != relation and months.get(place, 0) >= 120:
            return place, "earlier_ten_years"
    return hukou, "hukou_fallback"
