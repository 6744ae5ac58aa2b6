"""Cash flows by month: discounted at the scenario's rate they are the present value of the settlement."""

from functools import cache
from typing import Any

import numpy as np
import pytest
from properties.people import LATE, PROXY, employee, histories, month, person, random_people, real, resident, toy

from pension.engine import Engine
from pension.kernels.award_fields import RESULT_NAMES, ROUTE_WITHDRAWAL
from pension.wealth.benefit_flows import COMPONENTS
from pension.wealth.cash_flows import CashFlow, cash_flows
from pension.wealth.contributions import contributions
from tests.ledger.agreement import REGIMES, library_regime

PEOPLE = 40


@cache
def _random() -> tuple[Any, Any, list[dict[str, CashFlow | None]]]:
    """Random people under every kind of regime: engine, their arrays, their flows."""
    engine = Engine(real(), [library_regime(name) for name in REGIMES])
    arrays = histories(random_people(660_000, PEOPLE)).arrays
    return engine, arrays, cash_flows(engine, arrays)


def test_discounted_flows_are_present_values_under_every_regime() -> None:
    """Two ways to the same number: closed sums over tables of weights, and a thousand months one by one."""
    engine, arrays, flows = _random()
    found = engine.run(arrays, RESULT_NAMES)
    routes = set()
    for i in range(PEOPLE):
        for regime in REGIMES:
            flow, pw = flows[i][regime], found.column("pw_r0", regime)[i]
            assert (flow is None) == np.isnan(pw)
            if flow is not None:
                assert flow.value(flow.benefits) == pytest.approx(pw, rel=1e-9), (i, regime)
                routes.add(int(found.column("route", regime)[i]))
    assert len(routes) >= 4


def test_contributions_of_the_flow_are_those_of_the_one_pass() -> None:
    engine, arrays, flows = _random()
    world, _ = engine.world(arrays)
    statutory, _, award, _ = engine.award_months(arrays)
    paid = contributions(real().tables, world, arrays, award, statutory)
    tables = real().tables
    price = tables.price[tables.price_year - 1978] / tables.price[statutory // 12 - 1978]
    for i in range(PEOPLE):
        flow = next((f for f in flows[i].values() if f is not None), None)
        if flow is not None:
            own = flow.components["own_contributions"]
            assert (own <= 0.0).all()
            assert -flow.value(own) * price[i] == pytest.approx(paid.own[i], rel=1e-9)


def test_every_component_is_paid_by_somebody() -> None:
    _, _, flows = _random()
    seen = {n for of in flows for f in of.values() if f is not None for n, x in f.components.items() if x.any()}
    # nobody of these withdraws (a test of its own below), and few are short of years
    assert seen >= set(COMPONENTS) - {"lump_sum", "year_premium"}


def _one(records: Any, who: Any, regime: str = "current", **tables: Any) -> CashFlow:
    (found,) = cash_flows(Engine(toy(**tables), [regime]), histories([(who, records)]).arrays)  # type: ignore[arg-type]
    flow = found[regime]
    assert flow is not None
    return flow


def _at(flow: CashFlow, component: str, when: str) -> float:
    return float(flow.components[component][month(when) - flow.first])


def test_an_employee_pension_by_hand() -> None:
    """Born 1960-01, 44 from 2000-01 to 2020-01 at 8,000: 241 months at index 1, P = 8,000, no interest.

    basic (8,000 + 8,000)/2 x 241/12 x 1 % = 1,606.67; account 241 x 640 = 154,240, /139 = 1,109.64 a month.
    Adjusted by 5 % each January from 2021; hazard 0.12 a year: alive after n months with exp(-0.01 n).
    """
    flow = _one(employee(44, "2000-01", "2020-01", 8000.0), person("1960-01", 44), indexation=0.05, mortality=0.12)
    basic = 8000.0 * 241 / 12 * 0.01
    assert flow.reference == month("2020-01")
    assert _at(flow, "basic", "2020-01") == 0.0
    assert _at(flow, "basic", "2020-02") == pytest.approx(basic * np.exp(-0.01), rel=1e-12)
    assert _at(flow, "basic", "2020-12") == pytest.approx(basic * np.exp(-0.11), rel=1e-12)
    assert _at(flow, "basic", "2022-01") == pytest.approx(basic * 1.05**2 * np.exp(-0.24), rel=1e-12)
    account = 241 * 640.0 / 139
    assert _at(flow, "account", "2022-01") == pytest.approx(account * np.exp(-0.24), rel=1e-12)
    # heirs: the balance after n payments, if death falls into that month
    for n in (0, 1, 24, 138):
        died = np.exp(-0.01 * n) - np.exp(-0.01 * (n + 1))
        left = flow.components["inherited_employee_account"][month("2020-01") + n - flow.first]
        assert left == pytest.approx((154240.0 - n * account) * died, rel=1e-9)
    assert flow.components["inherited_employee_account"][month("2020-01") + 139 - flow.first] == 0.0
    assert _at(flow, "own_contributions", "2010-06") == pytest.approx(-640.0, rel=1e-12)
    assert flow.components["own_contributions"].sum() == pytest.approx(-154240.0, rel=1e-12)


def test_a_resident_pension_by_hand() -> None:
    """Born 1960-01, 500 a year in 41 from 2012 to 2016, 59 at the start of the scheme in 2019-01: one year is required.

    Basic 200 a month, premium of 2 a year above 1: 5 years give 8; supplement of 10 from 65. Account 5 x 560 = 2,800,
    /139 = 20.14. Nobody dies: 2,000 months of payments would be too many, so each is looked at alone.
    """
    flow = _one(
        resident(41, range(2012, 2017), 500.0),
        person("1960-01", 41),
        premium={41: [(1.0, np.inf, 2.0)]},
        supplement={41: [(65.0, np.inf, 10.0)]},
        resident_start=12 * 2019,
    )
    for when in ("2020-02", "2040-07"):
        assert _at(flow, "resident_basic", when) == pytest.approx(200.0, rel=1e-12)
        assert _at(flow, "year_premium", when) == pytest.approx(8.0, rel=1e-12)
        assert _at(flow, "resident_account", when) == pytest.approx(2800.0 / 139, rel=1e-12)
    assert _at(flow, "age_supplement", "2025-01") == 0.0
    assert _at(flow, "age_supplement", "2025-02") == pytest.approx(10.0, rel=1e-12)
    assert _at(flow, "own_contributions", "2012-12") == -500.0
    assert flow.total.sum() == pytest.approx(flow.benefits.sum() - 2500.0, rel=1e-12)


def test_back_payments_and_lump_sums_are_single_payments() -> None:
    # 60 in 2020-01, the scheme since 2011-07: 8 years required, 5 paid, 3 x 200 are paid back in the award month
    records = resident(41, range(2012, 2017), 500.0)
    flow = _one(records, person("1960-01", 41))
    assert flow.components["backpay"].sum() == _at(flow, "backpay", "2020-01") == -600.0
    # where that is not allowed: the account, 5 x 560, once
    flow = _one(records, person("1960-01", 41), lump_backpay_allowed=False)
    assert flow.components["lump_sum"].sum() == _at(flow, "lump_sum", "2020-01") == pytest.approx(2800.0, rel=1e-12)
    assert flow.benefits.sum() == pytest.approx(2800.0, rel=1e-12)


def test_a_late_claim_leaves_its_accounts_to_heirs_before_the_award() -> None:
    """R0 2020-01, claim 2021-01: a death in month n of the wait leaves what was then in the account, 640 a month."""
    who = person("1960-01", 44, claim=month("2021-01"))
    flow = _one(employee(44, "2000-01", "2021-01", 8000.0), who, mortality=0.12)
    for n in (0, 5, 11):
        died = np.exp(-0.01 * n) - np.exp(-0.01 * (n + 1))
        left = _at(flow, "inherited_before_award", f"2020-{n + 1:02d}")
        assert left == pytest.approx((241 + n) * 640.0 * died, rel=1e-9)
    assert _at(flow, "inherited_before_award", "2021-01") == 0.0
    # and the contributions of the wait are paid by the living
    assert _at(flow, "own_contributions", "2020-06") == pytest.approx(-640.0 * np.exp(-0.05), rel=1e-12)


@pytest.mark.parametrize("regime", ["current", "pooled_follows", "work_account", "fair"])
def test_short_careers_leave_by_every_door(regime: str) -> None:
    """Bridges and withdrawals are rare at random: careers of a few years, some late, some of hardship payments."""
    people = []
    for years in (1, 4, 9):
        for home in (44, 41):
            records = employee(44, "2010-03", f"{2010 + years}-02", 6000.0)
            late = employee(33, "1999-01", "1999-06", 3000.0, flags=LATE)
            people += [(person("1966-05", home), records + late)]
            people += [(person("1972-05", home, category=3), records)]
            people += [(person("1961-05", home), records + resident(home, [2016, 2017], 200.0, flags=PROXY))]
    arrays = histories(people).arrays
    for tables in (toy(discount_rate=0.04, mortality=0.02, lump_backpay_allowed=allowed) for allowed in (True, False)):
        engine = Engine(tables, [regime])  # type: ignore[arg-type]
        found = engine.run(arrays, RESULT_NAMES)
        for i, of in enumerate(cash_flows(engine, arrays)):
            flow, pw = of[regime], found.column("pw_r0", regime)[i]
            assert flow is not None
            assert flow.value(flow.benefits) == pytest.approx(pw, rel=1e-9)
        if not tables.tables.lump_backpay_allowed[0] and regime == "current":
            assert (found.column("route", regime) == ROUTE_WITHDRAWAL).any()
