"""The hand-derivable oracles through the engine: two places, constant wages, P = C, no interest. Numbers retyped."""

import pytest
from properties.people import employee, month, person, resident, settle, settle_one, toy

from pension.accounting import Regime

ORIGIN, DESTINATION = 11, 62


@pytest.mark.parametrize(
    ("years_o", "wage_o", "index_o", "years_d", "wage_d", "index_d", "average", "law", "segments"),
    [
        # return migrant from a rich to a poor province
        (10, 10000, 1.0, 20, 6000, 1.0, 1.2222222222, 2000.0, 2200.0),
        # the other way
        (10, 6000, 1.0, 20, 10000, 1.0, 0.8666666667, 2800.0, 2600.0),
        # high earner, index not capped
        (10, 10000, 3.0, 20, 6000, 1.0, None, 3000.0, 3200.0),
        (10, 8000, 0.6, 20, 8000, 0.6, 0.6, 1920.0, 1920.0),
        # floor-base gig worker, rich to poor
        (12, 11000, 0.6, 8, 7000, 0.6, 0.8057142857, 1264.0, 1504.0),
    ],
)
def test_interprovincial_basic_pension(
    years_o: int,
    wage_o: float,
    index_o: float,
    years_d: int,
    wage_d: float,
    index_d: float,
    average: float | None,
    law: float,
    segments: float,
) -> None:
    end = month("2024-06")
    turn = end - 12 * years_d
    records = employee(ORIGIN, turn - 12 * years_o + 1, turn, index_o * wage_o)
    records += employee(DESTINATION, turn + 1, end, index_d * wage_d)
    parameters = toy(wages={ORIGIN: wage_o, DESTINATION: wage_d})
    found = settle(parameters, [(person("1964-06", DESTINATION), records)], ["current", "segmented", "fair"])
    assert found["current"]["basic"][0] == pytest.approx(law, rel=1e-12)
    assert found["segmented"]["basic"][0] == pytest.approx(segments, rel=1e-12)
    assert found["fair"]["basic"][0] == pytest.approx(segments, rel=1e-12)
    if average is not None:
        assert found["current"]["average_index"][0] == pytest.approx(average, rel=1e-9)


@pytest.mark.parametrize(
    ("years_o", "wage_o", "years_d", "wage_d", "loss"), [(10, 10000, 20, 6000, 200.0), (10, 6000, 20, 10000, -200.0)]
)
def test_closed_form_of_the_wage_base_loss(
    years_o: int, wage_o: float, years_d: int, wage_d: float, loss: float
) -> None:
    # equal growth and equal P/C: ½·1 %·k·(P_o − P_D)
    assert 0.5 * 0.01 * years_o * (wage_o - wage_d) == loss
    end = month("2024-06")
    turn = end - 12 * years_d
    records = employee(ORIGIN, turn - 12 * years_o + 1, turn, 5000.0) + employee(DESTINATION, turn + 1, end, 5000.0)
    parameters = toy(wages={ORIGIN: wage_o, DESTINATION: wage_d})
    found = settle(parameters, [(person("1964-06", DESTINATION), records)], ["current", "segmented"])
    assert found["segmented"]["basic"][0] - found["current"]["basic"][0] == pytest.approx(loss, rel=1e-9)


def test_cross_scheme_employee_14_years_to_resident() -> None:
    # 8000 at index 1, 14 years: 8 % → 107520; /139 = 773.5252; flat 200; the basic part of 14 % of 8000 is lost
    records = employee(41, "2010-07", "2024-06", 8000.0)
    who = person("1964-06", 41)
    law = settle_one(toy(), who, records)
    vested = settle_one(toy(), who, records, Regime("vested", {"vesting": "immediate"}))
    assert law["employee_balance"] == pytest.approx(107520.0, rel=1e-12)
    assert law["resident_account"] == pytest.approx(773.5252, abs=5e-5)
    assert law["monthly"] == pytest.approx(973.5252, abs=5e-5)
    assert vested["basic"] == pytest.approx(1120.0, rel=1e-12)
    assert vested["monthly"] == pytest.approx(1893.5252, abs=5e-5)
    assert 1 - law["monthly"] / vested["monthly"] == pytest.approx(0.485866, abs=5e-7)


def test_cross_scheme_resident_8_years_to_employee_17() -> None:
    # 8·1060 (1000 own, 60 subsidy) join 17·12·640 = 130560: 139040; /139 = 1000.2878; 17 % of 8000 is 1360
    records = employee(41, "1996-01", "2012-12", 8000.0) + resident(41, range(2013, 2021), 1000.0)
    law = settle_one(toy(), person("1964-06", 41), records)
    assert law["route"] == 5.0
    assert law["employee_balance"] == pytest.approx(139040.0, rel=1e-12)
    assert law["account"] == pytest.approx(1000.2878, abs=5e-5)
    assert law["basic"] == pytest.approx(1360.0, rel=1e-12)
    assert law["monthly"] == pytest.approx(2360.2878, abs=5e-5)


def test_three_policies() -> None:
    # wages 6000 at the exit, growing 5 %: 15919.7862 after twenty years; ten years there, twenty in an equal province
    at_exit, growth = 6000.0, 1.05
    of_2020 = at_exit * growth ** (2020 - 2013)  # P of 2014 is C of 2013
    parameters = toy(wages={ORIGIN: of_2020, DESTINATION: of_2020}, wage_growth={ORIGIN: 0.05, DESTINATION: 0.05})
    records = employee(ORIGIN, "2005-01", "2014-12", lambda y: at_exit * growth ** (y - 2014))
    records += employee(DESTINATION, "2015-01", "2034-12", lambda y: at_exit * growth ** (y - 2014))
    # 95 months after 1965-01: 24 months later than 60, 2034-12
    found = settle(
        parameters,
        [(person("1972-12", DESTINATION), records)],
        ["current", "segmented", "segmented_frozen", "segmented_indexed"],
    )
    assert found["current"]["basic"][0] == pytest.approx(4775.9359, abs=5e-5)
    assert found["segmented"]["basic"][0] == pytest.approx(4775.9359, abs=5e-5)
    frozen = found["segmented_frozen"]["basic"][0]
    assert frozen == pytest.approx(3783.9572, abs=5e-5)
    # (k/N)·[1 − ((1 + π)/(1 + g))^T] with nothing added after the exit, π = 0
    assert 1 - frozen / found["current"]["basic"][0] == pytest.approx(10 / 30 * (1 - 1.05**-20), rel=1e-9)
    assert 1 - frozen / found["current"]["basic"][0] == pytest.approx(0.207704, abs=5e-7)
    # the nation's wages stand still in this toy: indexed is frozen
    assert found["segmented_indexed"]["basic"][0] == pytest.approx(frozen, rel=1e-12)


def test_an_indexed_segment_loses_what_indexation_falls_short_of_wages() -> None:
    # national wages 3 %, the provinces' 5 %: (10/30)·(1 − (1.03/1.05)^20)
    parameters = toy(
        wages={ORIGIN: 9000.0, DESTINATION: 9000.0, 0: 8000.0}, wage_growth={ORIGIN: 0.05, DESTINATION: 0.05, 0: 0.03}
    )
    records = employee(ORIGIN, "2005-01", "2014-12", lambda y: 9000 * 1.05 ** (y - 2021))
    records += employee(DESTINATION, "2015-01", "2034-12", lambda y: 9000 * 1.05 ** (y - 2021))
    found = settle(parameters, [(person("1972-12", DESTINATION), records)], ["segmented", "segmented_indexed"])
    lost = 1 - found["segmented_indexed"]["basic"][0] / found["segmented"]["basic"][0]
    assert lost == pytest.approx(10 / 30 * (1 - (1.03 / 1.05) ** 20), rel=1e-9)


def test_a_place_still_contributing_in_the_award_year_is_not_frozen() -> None:
    parameters = toy(wage_growth=0.05)
    records = employee(DESTINATION, "2005-01", "2034-12", 8000.0)
    found = settle(parameters, [(person("1972-12", DESTINATION), records)], ["segmented", "segmented_frozen"])
    assert found["segmented_frozen"]["basic"][0] == found["segmented"]["basic"][0]
