"""Unit and meaning of every column of results, and of every measure of a loss."""

from __future__ import annotations

from typing import Final

from pension import groups, losses

_MEASURES: Final = {name: (text, losses.UNITS[name]) for name, text in losses.MEASURES.items()}
MEASURES: Final = {
    "L1": _MEASURES["L1"],
    "L1_monthly": (
        "L1 as a pension from R0, indexed like employee pensions: L1 / present value of 1 yuan a month",
        "yuan/month at R0",
    ),
    **_MEASURES,
}
"""Definition and unit of each measure of ``Results.losses``."""

RESULT_UNITS: Final = {
    "status": ("code", "0, or the reason why the regime is undefined (award_fields.STATUS_TEXT)"),
    "route": ("", "how the person is settled"),
    "monthly": ("yuan/month, nominal", "all components, each at its own first amount"),
    "pw": ("yuan of {price_year} at R0", "present value of all payments of life and to heirs"),
    "basic": ("yuan/month, nominal", "basic pension of the employee scheme"),
    "account": ("yuan/month, nominal", "account pension of the employee scheme"),
    "transitional": ("yuan/month, nominal", "transitional pension"),
    "resident_basic": ("yuan/month, nominal", "basic resident pension"),
    "year_premium": ("yuan/month, nominal", "addition for long contribution"),
    "age_supplement": ("yuan/month, nominal", "addition for age"),
    "resident_account": ("yuan/month, nominal", "account pension of the resident scheme"),
    "points": ("yuan/month, nominal", "pension from points (design points)"),
    "rights": ("yuan/month, nominal", "pension from booked rights (design rights)"),
    "ndc": ("yuan/month, nominal", "pension from a notional account (design ndc)"),
    "citizen": ("yuan/month, nominal", "citizen pension"),
    "refund": ("yuan, nominal", "refund of overlapping and dropped months"),
    "lump_sum": ("yuan, nominal", "withdrawal"),
    "backpay": ("yuan, nominal", "missing resident years paid at the award"),
    "claim_place": ("GB/T 2260 code", "province that settles and pays"),
    "claim_branch": ("code", "branch of 66号 art. 6"),
    "employee_months": ("months", "counted months of the employee scheme"),
    "resident_months": ("months", "counted months of the resident scheme"),
    "employee_balance": ("yuan, nominal", "account that is divided by the annuity months, or bridged"),
    "resident_balance": ("yuan, nominal", "account that is divided by 139"),
    "average_index": ("", "mean contribution base / reference wage"),
    "resident_start": ("month serial", "first month of the resident part"),
    "replacement_rate": ("fraction", "monthly / last income carried to the award"),
    "pw_r0": ("yuan of R0", "present value in money of R0"),
    "resident_share": ("fraction", "share of basic pension, premium and supplement that the resident part pays"),
    "premium_years": ("years", "years by which the year premium is reckoned"),
    "settled_balance": ("yuan, nominal", "resident account as settled, before interest to 60"),
    "settled_principal": ("yuan, nominal", "part of it that earns interest in the rest of the award year"),
    "dropped_refund": ("yuan, nominal", "part of the refund that is of dropped months"),
    "forfeited": ("yuan at the award", "money paid that carries neither right nor cash, with book interest"),
    "contributed": ("yuan at the award", "all money paid, with book interest"),
    "own_contributions": ("yuan of {price_year} at R0", "present value of the member's own contributions"),
    "all_contributions": (
        "yuan of {price_year} at R0",
        "present value of all contributions: own, employer, government",
    ),
    "npw": ("yuan of {price_year} at R0", "net pension wealth: present value less own contributions"),
    "moneys_worth": ("yuan a yuan", "money's worth: present value / own contributions"),
    "irr": ("fraction a year", "internal rate of return of own contributions, nominal, effective"),
    "irr_status": ("code", "0, or why there is no rate of return (losses.REASONS)"),
    "irr_roots": ("", "rates of return found; irr is the one nearest to the discount rate"),
    "price": ("yuan of {price_year}", "constant yuan for one yuan at R0"),
}
"""Unit and meaning of each name of ``award_fields.RESULT_NAMES`` and ``WEALTH_NAMES``."""
RESULT_COLUMNS: Final = tuple(RESULT_UNITS)

PERSON_UNITS: Final = {
    "person": ("", "identifier"),
    "weight": ("people", "people a row stands for"),
    "stars": ("0..4", "severity group of people outside a labour relation (source paper, table 2)"),
    "status": ("code", "0, or the reason of the first regime that is undefined"),
    **groups.UNITS,
}
"""Unit and meaning of what is known of a person."""
