"""劳办发〔1997〕116号, 国办发〔2019〕13号: the limits of the contribution base. Employee rulebook E1.3."""

import numpy as np

from pension.law.contributions import contribution_base


def test_the_base_lies_between_60_and_300_percent_of_the_wage() -> None:
    # reference wage 8,000: 4,800 to 24,000
    assert contribution_base(1000.0, 4800.0, 24000.0) == 4800.0
    assert contribution_base(9000.0, 4800.0, 24000.0) == 9000.0
    assert contribution_base(50000.0, 4800.0, 24000.0) == 24000.0


def test_without_a_floor_the_income_is_the_base() -> None:
    assert contribution_base(0.0, 0.0, 24000.0) == 0.0
    # a ceiling that nobody knows does not bind
    assert contribution_base(50000.0, 0.0, np.nan) == 50000.0
