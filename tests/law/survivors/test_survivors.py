"""人社部发〔2021〕18号: grants after a death; inheritance of accounts. Q = 2,818.50 yuan a month."""

import pytest

from pension.law.survivors import (
    bereavement_grant,
    bereavement_months,
    funeral_grant,
    inherited_without_subsidy,
    own_part_inherited,
    resident_funeral_grant,
    retired_bereavement_months,
    short_career_grants,
)

Q = 2818.5


@pytest.mark.parametrize(
    ("credited", "band", "months"),
    [
        (1, 3, 3.0),
        (59, 3, 3.0),
        (60, 6, 6.0),  # five full years
        (119, 6, 6.0),
        (120, 9, 9.0),
        (180, 9, 9.0),  # fifteen years included
        (181, 9, 9 + 1 / 12),  # further months pro rata
        (255, 9, 15.25),  # 21 years 3 months: 9 + 6.25
        (360, 9, 24.0),  # thirty years: 9 + 15
        (420, 9, 24.0),  # and never more
    ],
)
def test_months_by_credited_years(credited: int, band: int, months: float) -> None:
    assert bereavement_months(credited, band, 180.0, 24.0) == pytest.approx(months, rel=1e-15)


def test_published_example_of_21_years_3_months() -> None:
    funeral = funeral_grant(Q, 2.0)
    grant = bereavement_grant(Q, bereavement_months(255, 9, 180, 24))
    assert funeral == 5637.0
    assert grant == pytest.approx(15.25 * Q, rel=1e-15)  # 42,982.125
    assert funeral + grant == pytest.approx(48619.125, rel=1e-15)  # printed as 48,619.13


def test_a_pensioner_loses_a_month_for_each_year_drawn_down_to_nine() -> None:
    # N = 20, drawn 4 years 6 months: 15.5; drawn twelve years: nine
    assert retired_bereavement_months(20.0, 54.0, 9.0) == 15.5
    assert retired_bereavement_months(20.0, 144.0, 9.0) == 9.0


def test_below_five_years_own_contributions_cap_both_grants() -> None:
    # 2·Q + 3·Q = 14,092.50 against 24 months of 8 % of 5,000 = 9,600
    grants = funeral_grant(Q, 2.0) + bereavement_grant(Q, 3.0)
    assert grants == 14092.5
    assert short_career_grants(grants, 24 * 0.08 * 5000) == 9600.0
    assert short_career_grants(grants, 59 * 0.08 * 5000) == 14092.5  # 23,600 is more


def test_before_july_2011_heirs_received_the_own_part() -> None:
    # 1998-1999: 5 of 11 points are the member's
    assert own_part_inherited(11000.0, 5 / 11) == pytest.approx(5000.0, rel=1e-15)


def test_before_2014_subsidies_stayed_behind() -> None:
    # 100 own, 30 subsidy
    assert inherited_without_subsidy(1300.0, 30 / 130) == pytest.approx(1000.0, rel=1e-15)


def test_resident_funeral_grant_in_months_of_the_basic_pension() -> None:
    assert resident_funeral_grant(143.0, 12.0) == 1716.0
