"""What was paid: each payer's part by hand, in its month, at R0 and at face."""

from typing import Any

import numpy as np
import pytest
from properties.people import (
    BACKPAID,
    DEEMED,
    LATE,
    PROXY,
    Person,
    Record,
    Toy,
    employee,
    histories,
    person,
    random_people,
    real,
    resident,
    toy,
)

from pension.choice.one_person import own_payments
from pension.engine import Engine
from pension.kernels.valuation import one_payment
from pension.schema import FORM
from pension.wealth.contributions import Contributions, contributions, employee_points

MAN = person("1960-01", 44)
"""Statutory month 2020-01: R0 and, without a claim, R."""


def _paid(parameters: Any, people: list[tuple[Person, list[Record]]]) -> Contributions:
    arrays = histories(people).arrays
    engine = Engine(parameters, ["current"])
    world, _ = engine.world(arrays)
    statutory, _, award, _ = engine.award_months(arrays)
    return contributions(parameters.tables, world, arrays, award, statutory)


def _of(records: list[Record], who: Person = MAN, **tables: Any) -> tuple[float, float, float, float]:
    found = _paid(toy(**tables), [(who, records)])
    return tuple(float(column[0]) for column in found)  # type: ignore[return-value]


def test_an_employee_pays_the_employee_share_and_the_employer_the_rest() -> None:
    # 24 months at 5,000: own 8 % = 400 a month; account 8 % + pooled 20 % = 28 % = 1,400 a month
    own, everything, own_face, face = _of(employee(44, "2000-01", "2001-12", 5000.0))
    assert (own_face, face) == pytest.approx((9600.0, 33600.0), rel=1e-12)
    # no interest and no inflation: present value is the face value
    assert (own, everything) == pytest.approx((9600.0, 33600.0), rel=1e-12)


def test_an_individual_pays_everything() -> None:
    # 12 months at 5,000, 20 % = 1,000 a month
    for form in ("part_time", "flexible", "platform"):
        found = _of(employee(44, "2000-01", "2000-12", 5000.0, form=FORM[form]))
        assert found == pytest.approx((12000.0,) * 4, rel=1e-12)


@pytest.mark.parametrize(
    ("individual", "share", "own", "everything"),
    [
        # employees: 8 points of their own beside what the employer pays
        (False, 0.16, 0.08, 0.24),
        (False, 0.0, 0.08, 0.08),
        (False, np.nan, 0.08, 0.28),
        # individuals: 8 account + 12 pooled points; a platform's share is taken off the pooled ones
        (True, np.nan, 0.20, 0.20),
        (True, 0.08, 0.08 + 0.04, 0.20),
        (True, 0.12, 0.08, 0.20),
        (True, 0.16, 0.08, 0.24),
        (True, 0.0, 0.20, 0.20),
    ],
)
def test_a_stated_share_of_the_payer(individual: bool, share: float, own: float, everything: float) -> None:
    pooled, mine = (0.12, 0.20) if individual else (0.20, 0.08)
    assert employee_points(0.08, pooled, mine, individual, share) == pytest.approx((own, everything), rel=1e-12)


def test_a_stated_share_goes_by_the_record() -> None:
    # platform, 12 months at 4,000, the platform pays 16 %: own 8 % = 320 a month, all 8 + 16 = 24 % = 960 a month
    records = employee(44, "2019-01", "2019-12", 4000.0, form=FORM["platform"], payer_share=0.16)
    assert _of(records) == pytest.approx((3840.0, 11520.0, 3840.0, 11520.0), rel=1e-12)


def test_late_and_dropped_months_were_paid_and_deemed_ones_were_not() -> None:
    late = employee(33, "2000-01", "2000-12", 5000.0, flags=LATE)  # stranded: 12 x 400 own, 12 x 1,400 in all
    dropped = employee(11, "2001-01", "2001-12", 1000.0)  # beside 44 in the same months: 12 x 80 and 12 x 280
    kept = employee(44, "2001-01", "2001-12", 5000.0)
    deemed = employee(44, "1990-01", "1991-12", 1.0, flags=DEEMED)
    _, _, own, everything = _of(deemed + late + dropped + kept)
    assert own == pytest.approx(4800.0 + 960.0 + 4800.0, rel=1e-12)
    assert everything == pytest.approx(16800.0 + 3360.0 + 16800.0, rel=1e-12)


def test_a_resident_year_is_own_money_subsidy_and_assistance() -> None:
    # 500 own, subsidy of tier 500: 60, collective assistance 40: 600 a year; three years
    records = resident(44, range(2015, 2018), 500.0, payer_share=40.0)
    assert _of(records)[2:] == pytest.approx((1500.0, 1800.0), rel=1e-12)


def test_back_paid_years_earn_no_subsidy_and_hardship_payments_are_not_own() -> None:
    back_paid = resident(44, [2015], 500.0, flags=BACKPAID)  # 500 own, nothing beside it
    hardship = resident(44, [2016], 100.0, flags=PROXY)  # the government pays 100 and the subsidy of 30
    assert _of(back_paid + hardship)[2:] == pytest.approx((500.0, 630.0), rel=1e-12)


def test_money_earns_the_discount_rate_from_its_month_to_r0() -> None:
    # R0 = 2020-01. Paid in 2019-01: one year at 10 %: 400 x 1.1 = 440 and 1,400 x 1.1 = 1,540
    own, everything, *_ = _of(employee(44, "2019-01", "2019-01", 5000.0), discount_rate=0.10)
    assert (own, everything) == pytest.approx((440.0, 1540.0), rel=1e-12)
    # a resident payment falls in December: 2018-12 to 2020-01 are 13 months
    own, *_ = _of(resident(44, [2018], 500.0), discount_rate=0.10)
    assert own == pytest.approx(500.0 * 1.1 ** (13 / 12), rel=1e-12)
    # in the award year in the award month, that is at R0
    own, *_ = _of(resident(44, [2020], 500.0), discount_rate=0.10)
    assert own == pytest.approx(500.0, rel=1e-12)


def test_present_values_are_constant_yuan_of_the_price_year() -> None:
    # prices double a year: R0 in 2020, price year 2022: one yuan of 2020 is four of 2022
    own, _, face, _ = _of(employee(44, "2019-01", "2019-12", 5000.0), inflation=1.0, price_year=2022)
    assert (own, face) == pytest.approx((4 * 4800.0, 4800.0), rel=1e-12)


def test_after_r0_a_payment_is_weighed_with_survival() -> None:
    # R0 2020-01, claim 2021-01; the month of the claim is paid 12 months after R0, hazard 0.12 a year, no discount
    records = employee(44, "2021-01", "2021-01", 5000.0)
    own, _, face, _ = _of(records, MAN | {"claim": 12 * 2021}, mortality=0.12)
    assert (own, face) == pytest.approx((400.0 * np.exp(-0.12), 400.0), rel=1e-12)


def test_the_value_of_own_payments_month_by_month() -> None:
    """The open choices add up the own payments of one person month by month in plain Python: the same sums."""
    people = list(random_people(655_000, 60))
    arrays = histories(people).arrays
    engine = Engine(real(), ["current"])
    world, _ = engine.world(arrays)
    statutory, _, award, _ = engine.award_months(arrays)
    found = contributions(real().tables, world, arrays, award, statutory)
    assert np.all(found.all >= found.own * (1 - 1e-12))
    checked = 0
    for i, (who, records) in enumerate(people):
        alone = histories([(who, records)]).arrays
        if np.isfinite(alone.payer_share[alone.scheme == 1]).any():
            continue  # plain Python there knows the law's own shares only
        paid = own_payments(alone, real().tables, -1, int(award[i]))
        assert found.own_face[i] == pytest.approx(sum(paid.values()), rel=1e-12)
        sex, birth, reference = int(alone.sex[0]), int(alone.birth[0]), int(statutory[i])
        at_r0 = sum(yuan * float(one_payment(world, sex, birth, month, reference)) for month, yuan in paid.items())
        tables = real().tables
        price = tables.price[tables.price_year - 1978] / tables.price[reference // 12 - 1978]
        assert found.own[i] == pytest.approx(at_r0 * price, rel=1e-11)
        checked += 1
    assert checked > 20


def test_who_paid_nothing_has_nothing() -> None:
    found = _paid(Toy(toy().tables), [(MAN, employee(44, "1990-01", "1991-12", 1.0, flags=DEEMED))])
    assert [float(column[0]) for column in found] == [0.0] * 4
