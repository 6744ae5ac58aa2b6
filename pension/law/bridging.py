"""Between employee and resident scheme: 人社部发〔2014〕17号, 人社厅发〔2014〕25号, in force 2014-07-01."""

from __future__ import annotations

from typing import Final

from pension.law.registry import article

OVERLAP_REFUND: Final = 71
WHOLE_YEARS: Final = 72
MISSING_YEARS: Final = 73
VESTED: Final = 74
DOUBLE_REPAYMENT: Final = 75
DOUBLE_BALANCE: Final = 76
DOUBLE_SET_OFF: Final = 77
DOUBLE_DUE: Final = 78

_ACT = "人社部发〔2014〕17号"


@article(
    step=OVERLAP_REFUND,
    zh="重复缴费退款",
    act=_ACT,
    article="art. 7, 人社厅发〔2014〕25号",
    formula="(c + g)/12 · overlap months",
    unit="yuan",
    since="2014-07",
)
def overlap_refund(contribution: float, collective: float, overlap_months: int) -> float:
    """Resident money of one year paid back for months also paid as an employee: principal, no interest, no subsidy.

    Own contribution and collective assistance in yuan/year. Source: 人社部发〔2014〕17号 art. 7.
    """
    return (contribution + collective) / 12.0 * overlap_months


@article(
    step=WHOLE_YEARS,
    zh="累计缴费年限（整年）",
    act=_ACT,
    article="art. 6",
    formula="⌊(employee months + resident months)/12⌋",
    unit="years",
    since="2014-07",
)
def whole_years(employee_months: float, resident_months: float) -> int:
    """Whole years that a bridged person brings to the resident scheme: employee months count one for one."""
    return int(employee_months + resident_months) // 12


@article(
    step=MISSING_YEARS,
    zh="应补缴年限",
    act="国发〔2014〕8号",
    article="art. 8",
    formula="max(0, required − years)",
    unit="years",
    since="2014-02",
)
def missing_years(required_years: int, years: int) -> int:
    """Whole years still to be paid at filing when the required years are not met."""
    return max(0, required_years - years)


@article(
    step=VESTED,
    zh="最低缴费年限",
    act="Social Insurance Law",
    article="art. 16; NPC decision of 2024-09-13 art. 2",
    formula="months ≥ minimum months",
    unit="1 met, 0 not met",
    since="2011-07",
)
def minimum_met(counted_months: float, minimum_months: float) -> int:
    """1 when the counted months reach the minimum for a monthly employee pension (180, rising to 240), else 0."""
    return 1 if counted_months >= minimum_months else 0


@article(
    step=DOUBLE_REPAYMENT,
    zh="重复领取应退还的基础养老金",
    act=_ACT,
    article="art. 8",
    formula="resident pension drawn − account part drawn",
    unit="yuan",
    since="2014-07",
    status="reading",
    note="year premium and age supplement belong to the basic pension; the account part is not reclaimed",
)
def double_benefit_repayment(pension_drawn: float, account_drawn: float) -> float:
    """Resident basic pension to be returned when both pensions were drawn: all of it since the overlap began.

    ``pension_drawn`` whole resident pension of those months, ``account_drawn`` its account part, yuan.
    """
    return pension_drawn - account_drawn


@article(
    step=DOUBLE_BALANCE,
    zh="除政府补贴外的个人账户余额",
    act=_ACT,
    article="art. 8",
    formula="A · (1 − subsidy share)",
    unit="yuan",
    since="2014-07",
    status="reading",
    note="of an account in payment the subsidies are the share they had when payment began",
)
def double_benefit_balance(balance: float, subsidy_share: float) -> float:
    """Resident account repaid to the person when the resident relation is ended: the balance less the subsidies.

    ``subsidy_share`` of subsidies with their interest in the account (0..1). Yuan.
    """
    return balance * (1.0 - subsidy_share)


@article(
    step=DOUBLE_SET_OFF,
    zh="从个人账户余额中抵扣",
    act=_ACT,
    article="art. 8",
    formula="min(repayment, balance without subsidies)",
    unit="yuan",
    since="2014-07",
)
def double_benefit_set_off(repayment: float, balance: float) -> float:
    """What is not returned voluntarily is set off against the account first (the order of the text). Yuan."""
    return min(repayment, balance)


@article(
    step=DOUBLE_DUE,
    zh="从职工基本养老金中抵扣",
    act=_ACT,
    article="art. 8",
    formula="repayment − set off",
    unit="yuan",
    since="2014-07",
)
def double_benefit_due(repayment: float, set_off: float) -> float:
    """What the account does not cover, set off against the employee pension. Yuan."""
    return repayment - set_off
