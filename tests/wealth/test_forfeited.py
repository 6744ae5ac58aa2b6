"""L5: which money carries neither right nor cash, by hand."""

from typing import Any

import pytest
from properties.people import DEEMED, LATE, employee, histories, person, resident, toy

from pension.accounting import Regime
from pension.engine import Engine
from pension.losses import measure

MAN = person("1960-01", 44)
"""R = R0 = 2020-01."""


def _forfeited(records: Any, regime: str | Regime = "current", who: Any = MAN, **tables: Any) -> tuple[float, float]:
    engine = Engine(toy(**tables), [regime])  # type: ignore[arg-type]
    found = engine.run(histories([(who, records)]).arrays, ("status", "forfeited", "contributed"))
    name = found.regimes[0].name
    assert found.column("status", name)[0] == 0.0
    return float(found.column("forfeited", name)[0]), float(found.column("contributed", name)[0])


VESTED = employee(44, "2000-01", "2018-12", 5000.0)
"""228 months: account 400, pooled 1,000 a month; 319,200 in all."""


def test_counted_months_forfeit_nothing() -> None:
    deemed = employee(44, "1990-01", "1999-12", 1.0, flags=DEEMED)
    assert _forfeited(VESTED) == pytest.approx((0.0, 319200.0), rel=1e-12)
    assert _forfeited(deemed + VESTED) == pytest.approx((0.0, 319200.0), rel=1e-12)


def test_stranded_months_lose_account_and_pool() -> None:
    late = employee(33, "1999-01", "1999-12", 1000.0, flags=LATE)  # 12 x (80 + 200) = 3,360
    assert _forfeited(late + VESTED) == pytest.approx((3360.0, 322560.0), rel=1e-12)
    assert _forfeited(late + VESTED, "fair") == pytest.approx((0.0, 322560.0), rel=1e-12)  # kept: they count
    # late at the claim place itself they count
    at_home = employee(44, "1999-01", "1999-12", 1000.0, flags=LATE)
    assert _forfeited(at_home + VESTED) == pytest.approx((0.0, 322560.0), rel=1e-12)


def test_dropped_months_lose_the_pool_and_get_the_account_back() -> None:
    twice = employee(33, "2001-01", "2001-12", 1000.0)  # 12 x 200 pooled are gone, 12 x 80 refunded
    assert _forfeited(twice + VESTED) == pytest.approx((2400.0, 322560.0), rel=1e-12)


SHORT = employee(44, "2010-01", "2014-12", 5000.0)
"""60 months: account 24,000, pooled 60,000."""


@pytest.mark.parametrize(
    ("rule", "forfeited"),
    [
        ("forfeit", 60000.0),
        ("twelve", 60000.0 - 0.12 * 5000.0 * 60),  # 36,000 follow
        ("paid", 0.0),
        ("paid_with_interest", 0.0),
    ],
)
def test_who_leaves_forfeits_the_pooled_money_that_does_not_follow(rule: str, forfeited: float) -> None:
    regime = Regime.named("current").but("leaving", pooled_on_exit=rule)
    assert _forfeited(SHORT, regime) == pytest.approx((forfeited, 84000.0), rel=1e-12, abs=1e-9)
    # withdrawn instead of bridged it is the same money
    short = {"lump_backpay_allowed": False}
    assert _forfeited(SHORT, regime, **short) == pytest.approx((forfeited, 84000.0), rel=1e-12, abs=1e-9)


def test_money_at_face_forfeits_its_interest() -> None:
    # one month, 2019-01, 5,000: pooled 1,000; 10 % a year to 2020-01: 12 months in 2019 and one in 2020
    regime = Regime.named("current").but("leaving", pooled_on_exit="paid")
    month = employee(44, "2019-01", "2019-01", 5000.0)
    worth = 1000.0 * 1.1 * (1.0 + 0.1 / 12)
    found = _forfeited(month, regime, employee_rate=0.10)
    assert found == pytest.approx((worth - 1000.0, 1.4 * worth), rel=1e-12)


def test_resident_money_is_never_forfeited_but_is_paid() -> None:
    # 500 own and 60 subsidy a year, five years: 2,800
    records = SHORT + resident(44, range(2015, 2020), 500.0)
    assert _forfeited(records) == pytest.approx((60000.0, 86800.0), rel=1e-12)
    assert _forfeited(VESTED + resident(44, [2019], 500.0)) == pytest.approx((0.0, 319760.0), rel=1e-12)


def test_the_measure_is_the_share_of_the_regime() -> None:
    engine = Engine(toy(), ["current", "fair"])  # type: ignore[arg-type]
    arrays = histories([(MAN, SHORT), (MAN, employee(44, "1990-01", "1991-12", 1.0, flags=DEEMED))]).arrays
    found = engine.run(arrays, ("status", "forfeited", "contributed"))
    columns = [{c: found.column(c, name) for c in found.columns} for name in ("current", "fair")]
    value, reason = measure("L5", *columns)
    assert value[0] == pytest.approx(60000.0 / 84000.0, rel=1e-12)
    assert reason.tolist() == [0, 16]  # nothing was paid for deemed months
    assert measure("L5", *columns[::-1])[0][0] == 0.0  # under fair the months are a right
