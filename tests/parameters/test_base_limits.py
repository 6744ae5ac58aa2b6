"""Contribution base limits: the notice of the place and month, elsewhere 60 % and 300 % of the wage before."""

from __future__ import annotations

import numpy as np

from pension import schema
from pension.parameters import Parameters
from pension.tables.dense import FIRST_MONTH, FIRST_YEAR


def limits(parameters: Parameters, place: int, month: str) -> tuple[float, float]:
    at = schema.PLACE_INDEX[place], schema.month_serial(month) - FIRST_MONTH
    return float(parameters.tables.base_floor[at]), float(parameters.tables.base_ceiling[at])


def wage(parameters: Parameters, place: int, year: int) -> float:
    return float(parameters.tables.reference_wage[schema.PLACE_INDEX[place], year - FIRST_YEAR])


def test_a_notice_holds_in_its_months_and_changes_inside_a_year(shipped: Parameters) -> None:
    # Beijing: 2,585 and 19,389 to 2016-06, 2,834 and 21,258 from 2016-07.
    assert limits(shipped, 11, "2016-06") == (2585.0, 19389.0)
    assert limits(shipped, 11, "2016-07") == (2834.0, 21258.0)


def test_a_side_without_notice_follows_the_wage(shipped: Parameters) -> None:
    # Guangdong 2020-07 published a ceiling only.
    floor, ceiling = limits(shipped, 44, "2020-07")
    assert floor == 0.6 * wage(shipped, 44, 2019)
    assert ceiling == 23640.0


def test_elsewhere_sixty_and_three_hundred_per_cent(shipped: Parameters) -> None:
    c = wage(shipped, 41, 2009)
    assert limits(shipped, 41, "2010-05") == (0.6 * c, 3.0 * c)


def test_a_notice_without_end_is_not_carried_past_its_year(shipped: Parameters) -> None:
    # Beijing from 2026-07 without an end: the next notice is due in 2027-07.
    assert limits(shipped, 11, "2027-06") == (7270.0, 36348.0)
    c = wage(shipped, 11, 2026)
    assert limits(shipped, 11, "2027-07") == (0.6 * c, 3.0 * c)


def test_city_rows_are_not_the_province(shipped: Parameters) -> None:
    # Shenzhen's 4,492 of 2024-07 is not Guangdong's floor.
    assert limits(shipped, 44, "2024-07")[0] == 0.6 * wage(shipped, 44, 2023)


def test_floors_lie_below_ceilings(shipped: Parameters) -> None:
    low, high = shipped.tables.base_floor[:, 12:], shipped.tables.base_ceiling[:, 12:]
    known = np.isfinite(low)
    assert known[: schema.NATION_INDEX].all()
    assert (low[known] < high[known]).all()
