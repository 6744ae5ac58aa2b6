"""The reference ledger: one person, month by month, in exact decimal arithmetic.

Written from the rulebook alone and sharing no code with the package, so that the compiled path has something to be
compared with. It is slow and literal on purpose: accounts are credited year by year with month products, the index is a
sum over months, present values are sums over months of life. Fifty significant digits.

``settle_reference(person, records, lookup, regime)`` settles one regime; ``Ledger(person, records, lookup)`` keeps what
no regime changes (months, accounts, survival) and settles any number of them with ``.settle(regime)``.
Input is assumed valid: checking is somebody else's job.

Money is yuan, pensions yuan/month, months are serials ``12*year + month - 1``.

One class in layers, each a module: ``reading`` of the records, ``weights`` of months, ``balances`` of accounts,
``counting`` of months and indices, ``resident_route``, ``employee_route``, ``settlement``. ``variants`` makes of the
records what a regime makes of them before all that.
"""

from .accounts import account_in_payment, deferred_account, employee_account, resident_account
from .law import (
    ALPHA,
    CHOICES,
    DEFINED,
    EARLY_CLAIM_UNVESTED,
    INCOME_NOT_STATED,
    LAW,
    NO_RIGHT,
    NO_SUCH_CAREER,
    ONE,
    REGIMES,
    TOO_EARLY,
    UNKNOWN_PARAMETER,
    ZERO,
    annuity_months,
    claim_place,
    required_resident_years,
    statutory_month,
)
from .settlement import Ledger, settle_reference
from .variants import LAWFUL, TERMS, Terms

__all__ = [
    "ALPHA",
    "CHOICES",
    "DEFINED",
    "EARLY_CLAIM_UNVESTED",
    "INCOME_NOT_STATED",
    "LAW",
    "LAWFUL",
    "NO_RIGHT",
    "NO_SUCH_CAREER",
    "ONE",
    "REGIMES",
    "TERMS",
    "TOO_EARLY",
    "UNKNOWN_PARAMETER",
    "ZERO",
    "Ledger",
    "Terms",
    "account_in_payment",
    "annuity_months",
    "claim_place",
    "deferred_account",
    "employee_account",
    "required_resident_years",
    "resident_account",
    "settle_reference",
    "statutory_month",
]
