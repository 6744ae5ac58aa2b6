"""国发〔2005〕38号 art. 4: what is paid and not credited is pooled."""

import pytest

from pension.law.contributions import paid_pooled_points


def test_pooled_is_what_is_paid_less_what_is_credited() -> None:
    # 1998: 20 + 4 - 11 = 13 points; 2006: 20 + 8 - 8 = 20; 2019-05: 16
    assert paid_pooled_points(0.20, 0.04, 0.11) == pytest.approx(0.13, rel=1e-12)
    assert paid_pooled_points(0.20, 0.08, 0.08) == pytest.approx(0.20, rel=1e-12)
    assert paid_pooled_points(0.16, 0.08, 0.08) == pytest.approx(0.16, rel=1e-12)
