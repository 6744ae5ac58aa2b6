"""Why something after the award is undefined, and amounts that are known or not."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from pension.kernels import award_fields

RESIDENT_MONEY_INSIDE: Final = 21
GRANTS_NOT_HELD: Final = 22
NO_DISPOSABLE_INCOME: Final = 23
AFTER_WITHDRAWAL: Final = 24
LOCAL_GRANT: Final = 25
NO_EMPLOYEE_MONTH: Final = 26
NO_EMPLOYEE_PENSION: Final = 27
NO_ADJUSTMENT: Final = 28
ONE_GRANT: Final = 29
VESTING_UNKNOWN: Final = 30
NOT_HELD: Final = 31
REASON_TEXT: Final = {
    RESIDENT_MONEY_INSIDE: "before 2011-07 only own money was inheritable, and resident money is in the account",
    GRANTS_NOT_HELD: "a death before the national rule of the grants (parameter grants_from)",
    NO_DISPOSABLE_INCOME: "urban disposable income of the paying province is not given (disposable_income)",
    AFTER_WITHDRAWAL: "the relation ended with the withdrawal: no rule of grants was found",
    LOCAL_GRANT: "the funeral grant of residents is local; no dated figure of the place is known",
    NO_EMPLOYEE_MONTH: "the disability allowance belongs to the employee scheme, and no month is counted in it",
    NO_EMPLOYEE_PENSION: "no employee pension is awarded, so nothing is drawn twice",
    NO_ADJUSTMENT: "no adjustment of the year is known",
    ONE_GRANT: "below five credited years both grants are one amount, capped by own contributions (death_grants)",
    VESTING_UNKNOWN: "the plan was left before the award, and its vesting years are not in a nested table",
    NOT_HELD: "a figure or text that is not held",
}
"""Why something after the award is undefined, beside ``award_fields.STATUS_TEXT``: the code of a part of the answer."""


def known(amount: float, **more: Any) -> dict[str, Any]:
    if not np.isfinite(amount):
        return undefined(award_fields.UNKNOWN_PARAMETER, award_fields.STATUS_TEXT[award_fields.UNKNOWN_PARAMETER])
    return {"amount": float(amount), **more}


def undefined(code: int, reason: str, **more: Any) -> dict[str, Any]:
    """No amount, and why: a code of ``REASON_TEXT`` or ``award_fields.STATUS_TEXT``, and the reason of this case."""
    return {"amount": None, "code": code, "reason": reason, **more}
