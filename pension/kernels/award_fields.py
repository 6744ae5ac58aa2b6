"""What settling one person under one regime gives: the fields of a result, routes, and why a result is undefined."""

from __future__ import annotations

from typing import Final

# --- what settling one person under one regime gives
STATUS: Final = 0
ROUTE: Final = 1
MONTHLY: Final = 2
PW: Final = 3
"""Present value in constant yuan of the price year."""
BASIC: Final = 4
ACCOUNT: Final = 5
TRANSITIONAL: Final = 6
RESIDENT_BASIC: Final = 7
YEAR_PREMIUM: Final = 8
AGE_SUPPLEMENT: Final = 9
RESIDENT_ACCOUNT_PENSION: Final = 10
POINTS: Final = 11
RIGHTS: Final = 12
NDC: Final = 13
CITIZEN: Final = 14
REFUND: Final = 15
LUMP_SUM: Final = 16
BACKPAY: Final = 17
PLACE: Final = 18
"""Position of the claim place, -1 without one."""
BRANCH: Final = 19
EMPLOYEE_MONTHS: Final = 20
RESIDENT_MONTHS: Final = 21
EMPLOYEE_ACCOUNT: Final = 22
"""Balance that is divided by the annuity months, or bridged, yuan."""
RESIDENT_BALANCE: Final = 23
"""Balance that is divided by 139, yuan."""
INDEX: Final = 24
RESIDENT_START: Final = 25
"""First month of the resident part (serial), 0 without one."""
REPLACEMENT: Final = 26
PW_R0: Final = 27
"""Present value in yuan of R0."""
RESIDENT_SHARE: Final = 28
"""Share of basic pension, year premium and age supplement that the resident part pays."""
PREMIUM_YEARS: Final = 29
"""Years by which the year premium is reckoned."""
SETTLED_BALANCE: Final = 30
"""Resident account as it is settled, yuan: before interest to 60 where the award is earlier."""
SETTLED_PRINCIPAL: Final = 31
"""Part of it that earns interest in the rest of the award year, yuan."""
DROPPED_REFUND: Final = 32
"""Part of the refund that is of dropped months; it is paid at the award."""
FORFEITED: Final = 33
"""Money paid that carries neither right nor cash, yuan at the award (``pension.wealth.forfeited``); on request."""
CONTRIBUTED: Final = 34
"""All money paid, with book interest, yuan at the award; on request."""
N_RESULTS: Final = 35
DIED_BEFORE_AWARD: Final = N_RESULTS
"""In a trace: the part of the present value that heirs receive when the member dies between R0 and the award."""
SURRENDERED: Final = 100
"""In a trace: what was refunded when a province was left before 2010."""

RESULT_NAMES: Final = (
    "status route monthly pw basic account transitional resident_basic year_premium age_supplement resident_account "
    "points rights ndc citizen "
    "refund lump_sum backpay claim_place claim_branch employee_months resident_months employee_balance "
    "resident_balance average_index resident_start replacement_rate pw_r0 "
    "resident_share premium_years settled_balance settled_principal dropped_refund forfeited contributed"
).split()

ROUTES: Final = (
    "none",
    "employee",
    "resident",
    "employee_and_resident",
    "employee_to_resident",
    "resident_to_employee",
    "withdrawal",
)
ROUTE_NONE: Final = 0
ROUTE_EMPLOYEE: Final = 1
ROUTE_RESIDENT: Final = 2
ROUTE_RETAIN: Final = 3
ROUTE_TO_RESIDENT: Final = 4
ROUTE_TO_EMPLOYEE: Final = 5
ROUTE_WITHDRAWAL: Final = 6

DEFINED: Final = 0
EARLY_CLAIM_UNVESTED: Final = 1
NO_RIGHT: Final = 2
UNKNOWN_PARAMETER: Final = 3
NO_INCOME_STATED: Final = 4
NO_CAREER: Final = 5
OLD_AWARD: Final = 6
STATUS_TEXT: Final = {
    DEFINED: "defined",
    EARLY_CLAIM_UNVESTED: "an early claim without the minimum months (人社部发〔2024〕94号 art. 2)",
    NO_RIGHT: "no employee month and no resident year, so no claim",
    UNKNOWN_PARAMETER: "a parameter this person needs is unknown for its place and year",
    NO_INCOME_STATED: "this regime needs the actual income of every paid employee month; one states none",
    NO_CAREER: "no such career: the first record is resident, or there is no paid employee month",
    OLD_AWARD: "this regime would award before 2014-07, under rules this program does not hold",
}

# --- what the cash flow of a result gives, on request (``pension.wealth.net_wealth``)
WEALTH_NAMES: Final = (
    "own_contributions",
    "all_contributions",
    "npw",
    "moneys_worth",
    "irr",
    "irr_status",
    "irr_roots",
    "price",
)

NO_OUTLAY: Final = 13
NO_RETURN: Final = 14
NO_RATE: Final = 15
WEALTH_TEXT: Final = {
    NO_OUTLAY: "no own contributions, so there is neither a rate of return nor a money's worth",
    NO_RETURN: "nothing is received, so there is no rate of return",
    NO_RATE: "no rate of return between -90 % a year and 100 % a month",
}
"""Why a rate of return or a money's worth is undefined although the result is defined."""
