"""Ours: how a base is shared, what a stayer pays, who pays the pooled part of platform work."""

import pytest

from pension.law.contributions import individual_pooled_points, kept_index_base, own_pooled_points, shared_base


def test_a_base_is_shared_in_proportion_to_incomes() -> None:
    assert shared_base(3200.0, 500.0, 2000.0) == 800.0
    # the only payer carries all of it, to the last bit
    assert shared_base(3200.1, 1234.567, 1234.567) == 3200.1


def test_a_stayer_keeps_his_index() -> None:
    assert kept_index_base(0.75, 10000.0) == 7500.0


def test_a_platform_takes_over_what_it_pays_and_never_takes_from_the_pool() -> None:
    # 12 points by law: 16 % of a platform leave nothing, 8 % leave 4 points
    assert (individual_pooled_points(0.12, 0.16), own_pooled_points(0.12, 0.16)) == (0.16, 0.0)
    assert individual_pooled_points(0.12, 0.08) == 0.12
    assert own_pooled_points(0.12, 0.08) == pytest.approx(0.04, rel=1e-12)
