"""What single provinces do otherwise in the transitional and the basic pension. Employee rulebook E3.3, E3.5, E11."""

import pytest

from pension.law.employee import (
    basic_pension,
    flat_base_share,
    floored_transition_index,
    indexed_wage,
    mean_transitional_pension,
    notional_account_pension,
    phased_in,
    transitional_pension,
)


def test_the_mean_shape_is_half_flat() -> None:
    # (8000 + 6400)/2 = 7200; 10 years at 1.4 %: 7200 · 10 · 0.014 = 1008; the plain shape gives 6400 · 0.14 = 896
    assert mean_transitional_pension(8000.0, 0.8, 120, 0.014) == pytest.approx(1008.0, rel=1e-14)
    assert transitional_pension(8000.0, 0.8, 120, 0.014) == pytest.approx(896.0, rel=1e-14)
    # both agree at index 1
    assert mean_transitional_pension(8000.0, 1.0, 120, 0.014) == pytest.approx(1120.0, rel=1e-14)


def test_two_calls_make_the_transitional_pension_of_beijing() -> None:
    # 6 deemed years at index 1: 12000 · 6 · 0.01 = 720; 5.75 years to 1998-06 at 1.2: 12000 · 1.2 · 5.75 · 0.01 = 828
    both = transitional_pension(12000.0, 1.0, 72, 0.01) + transitional_pension(12000.0, 1.2, 69, 0.01)
    assert both == pytest.approx(1548.0, rel=1e-14)


def test_the_notional_part_of_shanghai() -> None:
    assert notional_account_pension(36000.0, 120.0) == 300.0


@pytest.mark.parametrize(("index", "share"), [(0.3, 0.5), (0.6, 1.0), (0.59, 59 / 60), (1.7, 1.0)])
def test_the_flat_half_falls_below_the_floor_index_only(index: float, share: float) -> None:
    assert flat_base_share(index, 0.6) == pytest.approx(share, rel=1e-15)


def test_basic_pension_of_guangdong_below_the_floor_index() -> None:
    # a = 0.3/0.6 = 0.5: (4500 + 2700)/2 · 20 years · 1 % = 720, where the common formula gives (9000 + 2700)/2 · 0.2
    wage = indexed_wage(9000.0, 0.3)
    assert basic_pension(9000.0 * flat_base_share(0.3, 0.6), wage, 240) == pytest.approx(720.0, rel=1e-14)
    assert basic_pension(9000.0, wage, 240) == pytest.approx(1170.0, rel=1e-14)


def test_the_transition_index_of_inner_mongolia_is_at_least_one() -> None:
    assert floored_transition_index(0.8, 1.0) == 1.0
    assert floored_transition_index(1.3, 1.0) == 1.3


def test_phase_in_of_a_new_method() -> None:
    assert phased_in(1000.0, 600.0, 0.3) == pytest.approx(720.0, rel=1e-14)  # 600 + 0.3 · 400
    assert phased_in(1000.0, 600.0, 0.9) == pytest.approx(960.0, rel=1e-14)
    assert phased_in(1000.0, 600.0, 1.0) == 1000.0
    assert phased_in(500.0, 600.0, 0.3) == 600.0  # nobody loses while it lasts
