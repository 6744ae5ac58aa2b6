"""Parameters moved in memory, and what changed between two sets."""

import pickle
from pathlib import Path

import numpy as np
import pytest
from properties.people import employee, histories, month, person, real

from pension import schema
from pension.errors import InputError
from pension.parameters import load
from pension.sensitivity.what_changed import INTERPLAY, TOGETHER, differences, what_changed
from pension.tables.shifts import Shift, replaced, shifted

GUANGDONG = schema.PLACE_INDEX[44]


def year(y: int) -> int:
    return y - 1978


def test_a_shift_of_nothing_gives_the_same_parameters() -> None:
    assert shifted(real(), Shift()) is real()


def test_growth_moves_the_first_unpublished_year_and_no_published_one() -> None:
    moved = shifted(real(), Shift(wage_growth=0.01))
    old, new = real().tables.reference_wage[GUANGDONG], moved.tables.reference_wage[GUANGDONG]
    last = max(row["year"] for row in real().files["reference_wage"] if row["place"] == 44)
    assert np.array_equal(new[: year(last) + 1], old[: year(last) + 1])
    # 4.5 % in the scenario until 2030, one point more
    assert new[year(last + 1)] == pytest.approx(old[year(last)] * 1.055, rel=1e-12)
    assert moved.provenance("reference_wage", 44, last + 1).status == "projected"
    assert moved.hash != real().hash
    assert moved.scenario == "default with wage_growth +0.01"


def test_other_shifts_by_hand() -> None:
    tables = shifted(
        real(),
        Shift(discount_rate=-0.01, book_rate=0.005, death_rate=0.9, base_over_wage=1.1, minimum_months=240),
    ).tables
    assert tables.discount_rate == pytest.approx(0.03, rel=1e-12)  # 4 % less one point
    # 2.5 % of the scenario and half a point, from 2027 as no province has a row
    assert tables.employee_rate[GUANGDONG, year(2030)] == pytest.approx(0.03, rel=1e-12)
    assert tables.resident_rate[GUANGDONG, year(2030)] == pytest.approx(0.03, rel=1e-12)
    assert tables.mortality == pytest.approx(0.9 * real().tables.mortality, rel=1e-15)
    bases, before = tables.calculation_base[GUANGDONG], real().tables.calculation_base[GUANGDONG]
    assert bases[year(2040)] == pytest.approx(1.1 * before[year(2040)], rel=1e-12)
    assert bases[year(2020)] == before[year(2020)]
    assert (tables.minimum_months == 240).all()


def test_what_is_made_can_be_pickled_and_stays_read_only() -> None:
    again = pickle.loads(pickle.dumps(shifted(real(), Shift(wage_growth=0.01, minimum_months=240))))
    assert not again.tables.reference_wage.flags.writeable
    assert not again.tables.minimum_months.flags.writeable


@pytest.mark.parametrize("shift", [{"death_rate": 0.0}, {"base_over_wage": -1.0}, {"minimum_months": 0}])
def test_impossible_shifts_are_refused(shift: dict[str, float]) -> None:
    with pytest.raises(InputError, match=r"greater than 0|1 to 600"):
        Shift(**shift)  # type: ignore[arg-type]


def test_unknown_tables_and_readings_are_refused() -> None:
    table = real().files["reference_wage"]
    with pytest.raises(InputError, match="no table"):
        replaced(real(), {"wages": table})
    with pytest.raises(InputError, match="no such reading"):
        replaced(real(), {}, readings={"calculation_base_gap": "guess"})


# ---- what changed


def test_equal_sets_do_not_differ() -> None:
    assert differences(real(), load()).empty


def test_the_scenarios_differ_in_what_their_files_say() -> None:
    rows = differences(real(), load(scenario="low")).set_index(["parameter", "key"])
    growth = rows.loc["scenario.wage_growth"]
    assert list(growth["before"]) == pytest.approx([0.045, 0.040, 0.035])
    assert list(growth["after"]) == pytest.approx([0.035, 0.030, 0.025])
    assert rows.loc[("scenario.discount_rate", ""), "after"] == 0.035


def test_one_changed_value_is_the_whole_effect(tmp_path: Path) -> None:
    file = tmp_path / "provinces" / "calculation_base.csv"
    file.parent.mkdir()
    file.write_text("place,area,year,value,source\n44,province,2025,9000,a notice\n", encoding="utf-8")
    # born 1965-05: 60 in 2025-05, two months later by the new law, which is the award given
    who = person("1965-05", 44) | {"claim": month("2025-07")}
    people = histories([(who, employee(44, "1995-07", "2025-06", 5000.0))])
    found = what_changed(people, real(), load(tmp_path), "current", "segmented")
    assert list(found.values["parameter"]) == ["calculation_base"]
    assert found.values["after"].item() == 9000.0
    before, alone, together, rest = found.effects.to_dict("records")
    assert (alone["what"], together["what"], rest["what"]) == ("calculation_base", TOGETHER, INTERPLAY)
    assert alone["pw"] == together["pw"] != before["pw"]
    assert rest["change"] == 0.0
    assert "calculation_base: 44 province 2025 value" in found.text()
