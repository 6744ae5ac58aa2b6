"""The internal rate of return: by hand, against scipy's brentq, and where there is none or more than one."""

from typing import Any

import numpy as np
import pytest
from properties.people import PROXY, employee, histories, person, random_people, real, resident, toy
from scipy.optimize import brentq

from pension.engine import Engine
from pension.kernels.award_fields import DEFINED, NO_OUTLAY, NO_RATE, NO_RETURN
from pension.tables.dense import N_MONTHS
from pension.wealth.cash_flows import cash_flows
from pension.wealth.irr import _SCRATCH, HIGHEST, LOWEST, rate_of_return

WEALTH = ("status", "pw", "npw", "own_contributions", "moneys_worth", "irr", "irr_status", "irr_roots")
DISCOUNT = 0.04


def _rate(payments: dict[int, float], discount: float = DISCOUNT) -> tuple[float, int, int]:
    """Rate, reason and number of rates of payments by month, nominal."""
    flow = np.zeros(N_MONTHS)
    for month, amount in payments.items():
        flow[600 + month] = amount * (1.0 + discount) ** (-month / 12)
    return rate_of_return(flow, discount, np.zeros(_SCRATCH))


@pytest.mark.parametrize(
    ("payments", "rate"),
    [
        ({0: -100.0, 12: 110.0}, 0.10),  # 110/100
        ({0: -100.0, 24: 121.0}, 0.10),  # 1.1²
        ({0: -100.0, 6: 110.0}, 0.21),  # 10 % in half a year
        ({0: -100.0, 12: 50.0}, -0.5),
        ({0: -100.0, 12: 104.0}, 0.04),  # the discount rate itself
        ({0: -100.0, 1: 150.0}, 1.5**12 - 1.0),  # 50 % a month
        ({0: -100.0, 480: 100.0}, 0.0),
        # 100 after one year and 210 after two: at 1.5 a year 66.67 + 93.33 = 160
        ({0: -160.0, 12: 100.0, 24: 210.0}, 0.5),
    ],
)
def test_rates_by_hand(payments: dict[int, float], rate: float) -> None:
    found, reason, roots = _rate(payments)
    assert found == pytest.approx(rate, abs=1e-12)
    assert (reason, roots) == (DEFINED, 1)


def test_where_there_is_no_rate() -> None:
    assert _rate({0: 100.0, 12: 50.0})[1:] == (NO_OUTLAY, 0)
    assert _rate({0: -100.0, 12: -50.0})[1:] == (NO_RETURN, 0)
    assert _rate({})[1:] == (NO_OUTLAY, 0)
    # 1,000 for 100 a month later is 900 % a month, beyond the range; 1 for 100 after a year loses 99 %
    assert _rate({0: -100.0, 1: 1000.0})[1:] == (NO_RATE, 0)
    assert _rate({0: -100.0, 12: 1.0})[1:] == (NO_RATE, 0)
    # 100 x² - 100 x + 50 has no real zero: money comes, goes and comes, and is worth something at every rate
    assert _rate({0: 100.0, 12: -100.0, 24: 50.0})[1:] == (NO_RATE, 0)
    for payments in ({0: 100.0}, {0: -100.0, 1: 1000.0}):
        assert np.isnan(_rate(payments)[0])


def test_of_several_rates_the_one_nearest_to_the_discount_rate_is_taken() -> None:
    # -100 + 230/(1 + i) - 132/(1 + i)² = 0 for 1 + i = 1.1 and 1.2
    payments = {0: -100.0, 12: 230.0, 24: -132.0}
    assert _rate(payments) == (pytest.approx(0.1, abs=1e-11), DEFINED, 2)
    assert _rate(payments, 0.3) == (pytest.approx(0.2, abs=1e-11), DEFINED, 2)
    # signs change twice, but cumulated only once: one rate, and it is known to be the only one.
    # -100 + 50/1.05 ... by bisection of the printed equation: 1 + i = x solves 100 x² = 150 x - 10
    found, reason, roots = _rate({0: -100.0, 12: 150.0, 24: -10.0})
    assert (reason, roots) == (DEFINED, 1)
    assert found == pytest.approx((150.0 + np.sqrt(150.0**2 - 4000.0)) / 200.0 - 1.0, abs=1e-12)


def test_a_whole_career_by_hand() -> None:
    """One year of 1,000 a month paid, then the same twelve payments doubled ten years later: 2^(1/10) - 1 a year."""
    payments = {k: -1000.0 for k in range(12)} | {120 + k: 2000.0 for k in range(12)}
    assert _rate(payments)[0] == pytest.approx(2.0**0.1 - 1.0, abs=1e-12)


def test_random_people_against_brentq() -> None:
    """Every rate is the zero of the flow itself, discounted month by month."""
    regimes = ["current", "fair", "ndc_social", "citizen"]
    engine = Engine(real(), regimes)
    arrays = histories(random_people(662_000, 60)).arrays
    found, flows = engine.run(arrays, WEALTH), cash_flows(engine, arrays)
    solved = 0
    for i, of in enumerate(flows):
        for name in regimes:
            flow = of[name]
            rate, reason, roots = (float(found.column(c, name)[i]) for c in ("irr", "irr_status", "irr_roots"))
            if flow is None:
                assert np.isnan(rate) and reason == found.column("status", name)[i] and np.isnan(roots)
                continue
            npw = flow.value(flow.total)
            own = found.column("own_contributions", name)[i]
            assert found.column("npw", name)[i] == found.column("pw", name)[i] - own
            if reason != DEFINED:
                assert np.isnan(rate)
                continue
            assert roots == 1
            # more than the discount rate is earned where net wealth is positive
            assert (rate > real().tables.discount_rate) == (npw > 0.0)
            exact = brentq(lambda r, f=flow: f.value(f.total, r), LOWEST, 60.0, xtol=1e-14, rtol=1e-14)  # type: ignore[misc]
            assert rate == pytest.approx(exact, abs=1e-9 * (1.0 + abs(exact)))
            assert found.column("moneys_worth", name)[i] == found.column("pw", name)[i] / own
            solved += 1
    assert solved > 200
    assert HIGHEST > 60.0


def test_who_paid_nothing_has_no_rate() -> None:
    """A hardship payment is the government's; the pension is all gain, and there is nothing it could be a return of."""
    people: list[Any] = [
        (person("1953-01", 41), resident(41, [2012], 100.0, flags=PROXY)),
        (person("1953-01", 41), resident(41, [2012], 1000.0)),
        (person("1960-01", 44), employee(44, "2000-01", "2020-01", 8000.0)),
    ]
    # 59 at the start of the scheme: one year is required, and it was paid
    found = Engine(toy(resident_start=12 * 2012), ["current"]).run(histories(people).arrays, WEALTH)  # type: ignore[arg-type]
    assert found.column("irr_status", "current").tolist() == [NO_OUTLAY, DEFINED, DEFINED]
    assert np.isnan(found.column("irr", "current")[0]) and np.isnan(found.column("moneys_worth", "current")[0])
    # without interest, growth and deaths: benefits over contributions, 1,000 own against decades of pension
    assert found.column("own_contributions", "current").tolist() == pytest.approx([0.0, 1000.0, 154240.0])
    assert found.column("moneys_worth", "current")[1] == pytest.approx(found.column("pw", "current")[1] / 1000.0)


def test_columns_do_not_depend_on_what_else_is_asked() -> None:
    arrays = histories(random_people(663_000, 30)).arrays
    engine = Engine(real(), ["current", "fair"])
    whole = engine.run(arrays, WEALTH)
    for names in (("npw", "moneys_worth"), ("irr",), ("pw", "irr_status", "own_contributions")):
        part = engine.run(arrays, names)
        assert part.columns == names
        for name in names:
            np.testing.assert_array_equal(part.column(name, "fair"), whole.column(name, "fair"))
