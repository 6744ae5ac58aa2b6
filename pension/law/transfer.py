"""Moves between provinces inside the employee scheme: 国办发〔2009〕66号, 人社部规〔2016〕5号."""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

TEMPORARY_ACCOUNT: Final = 51
CLAIM_PLACE: Final = 52
POOLED_TRANSFER: Final = 53

FIRST_TRANSFER_MONTH: Final = 12 * 2010
"""2010-01: 66号 in force."""
TRANSFER_RATE: Final = 0.12
"""Points of the base that move out of the pool (66号 art. 4 (2))."""
FIRST_TRANSFERRED_YEAR: Final = 1998
"""Pooled money of months before 1998-01 stays (66号 art. 4 (2))."""
TEN_YEARS: Final = 120
"""Months that make a province a claim place (66号 art. 6)."""

BRANCH_HUKOU_IS_RELATION: Final = 1
BRANCH_RELATION_TEN_YEARS: Final = 2
BRANCH_UPPER_PLACE: Final = 3
BRANCH_COLLECTED_AT_HUKOU: Final = 4
BRANCH_LAST: Final = 5
BRANCH_HUKOU: Final = 6
BRANCH_LEGACY: Final = 7
BRANCH_BEST: Final = 8
BRANCH_NONE: Final = 0

BRANCH_TEXT: Final = {
    BRANCH_NONE: "no employee month is counted, so no claim place is needed",
    BRANCH_HUKOU_IS_RELATION: "art. 6 (1): the relation is at the registered residence, so it is the claim place",
    BRANCH_RELATION_TEN_YEARS: "art. 6 (2): the relation is elsewhere and at least ten years were paid there",
    BRANCH_UPPER_PLACE: "art. 6 (3): less than ten years at the place of the relation; back to the last earlier place "
    "with at least ten years",
    BRANCH_COLLECTED_AT_HUKOU: "art. 6 (4): no place with ten years; collected at the registered residence",
    BRANCH_LAST: "regime: the place of the last relation",
    BRANCH_HUKOU: "regime: the registered residence",
    BRANCH_BEST: "regime: the place with the highest present value",
    BRANCH_LEGACY: "reading of 70号: the relation was transferred before 2010 and never since, so its place pays",
}


@article(
    step=TEMPORARY_ACCOUNT,
    zh="临时基本养老保险缴费账户",
    act="国办发〔2009〕66号",
    article="art. 5 (2)",
    formula="place ≠ hukou, first month there ≥ 2010-01, age then ≥ 50 (men) or 40 (women)",
    unit="1 temporary, 0 ordinary",
    since="2010-01",
)
def is_temporary_account(place: int, hukou: int, first_month: int, birth: int, sex: int) -> int:
    """1 when insurance at ``place`` is a temporary account, else 0.

    Province positions or codes (compared only), month serials of the first month paid there and of birth, sex 1
    male, 2 female. Source: 国办发〔2009〕66号 art. 5 (2); age limits 50 and 40, in force since 2010-01.
    """
    limit = 600 if sex == 1 else 480
    if place != hukou and first_month >= 12 * 2010 and first_month - birth >= limit:
        return 1
    return 0


@article(
    step=CLAIM_PLACE,
    zh="待遇领取地",
    act="国办发〔2009〕66号",
    article="art. 6",
    formula="hukou if the relation is there; relation if ≥ 120 months; last earlier place with ≥ 120; else hukou",
    unit="branch",
    since="2010-01",
)
def claim_branch(relation_is_hukou: int, relation_months: float, upper_exists: int) -> int:
    """The branch of article 6 that decides the claim place (待遇领取地); numbers in ``BRANCH_TEXT``."""
    if relation_is_hukou == 1:
        return 1
    if relation_months >= 120:
        return 2
    if upper_exists == 1:
        return 3
    return 4


@article(
    step=POOLED_TRANSFER,
    zh="统筹基金转移额",
    act="国办发〔2009〕66号",
    article="art. 4 (2)",
    formula="rate · Σ bases since 1998",
    unit="yuan",
    since="2010-01",
)
def pooled_transfer(rate: float, base_sum: float) -> float:
    """Pooled money that moves with the worker, yuan: 12 % (``TRANSFER_RATE``) of the bases from 1998-01, no interest
    (187号: temporary accounts at the employer's rate if higher, individuals always 12 %). It never changes the
    member's pension."""
    return rate * base_sum
