"""Which parameter values a run used, followed by hand for single people."""

import numpy as np
from batch.people import people

from pension import schema
from pension.batch import run
from pension.parameters import Parameters
from pension.tables import usage
from pension.tables.dense import FIRST_YEAR


def marked(marks: np.ndarray, table: str) -> set[tuple[int, int]]:
    """(place code, year) that were used of a table."""
    places, years = np.nonzero(marks[usage.TABLES.index(table)])
    return {(schema.PLACES[i][0], FIRST_YEAR + int(y)) for i, y in zip(places, years, strict=True)}


def used_by(kind: int, regime: str, parameters: Parameters) -> np.ndarray:
    """What the first person of a career uses; hukou by number: 0 Henan, 1 Guangdong, 2 a city of Henan."""
    return run(people(1, first=kind), None, [regime], parameters=parameters).marks


def test_one_employee_in_one_place(parameters: Parameters):
    # Guangdong 2000 to 2015; born 1966-03, so awarded at 60 and 4 months in 2026 (ages delayed since 2025).
    for regime in ("current", "fair", "segmented"):
        marks = used_by(0, regime, parameters)
        assert marked(marks, "reference_wage") == {(44, y - 1) for y in range(2000, 2016)}
        assert marked(marks, "calculation_base") == {(44, 2026)}
        assert marked(marks, "employee_rate") == {(44, y) for y in range(2000, 2027)}
        for table in ("resident_rate", "resident_basic", "subsidy", "lowest_tier", "premium", "transition_coefficient"):
            assert marked(marks, table) == set()


def test_a_national_base_reads_the_nation(parameters: Parameters):
    marks = used_by(0, "national", parameters)
    assert marked(marks, "reference_wage") == {(0, y - 1) for y in range(2000, 2016)}
    assert marked(marks, "calculation_base") == {(0, 2026)}


def test_the_claim_place_values_all_months_under_the_law_and_its_own_under_segments(parameters: Parameters):
    # Guangdong 2000-2011, then Henan 2012-2021; ten years in Henan are met by exactly 120 months: Henan pays.
    law, fair = used_by(1, "current", parameters), used_by(1, "fair", parameters)
    paid = [*((44, y) for y in range(2000, 2012)), *((41, y) for y in range(2012, 2022))]
    assert {place for place, _ in marked(law, "reference_wage")} == {41}
    assert {y for _, y in marked(law, "reference_wage")} == {y - 1 for _, y in paid}
    assert marked(fair, "reference_wage") == {(place, y - 1) for place, y in paid}
    assert marked(fair, "calculation_base") == {(44, 2026), (41, 2026)}


def test_a_resident(parameters: Parameters):
    # Henan 2010 to 2024, 15 years, so nothing is missing; 60 in 2026-06, first payment in 2026-07.
    marks = used_by(3, "current", parameters)
    assert marked(marks, "reference_wage") == set()
    assert marked(marks, "calculation_base") == set()
    assert marked(marks, "subsidy") == {(41, y) for y in range(2010, 2025)}
    assert marked(marks, "resident_rate") == {(41, y) for y in range(2010, 2027)}
    assert marked(marks, "resident_basic") == {(41, 2026)}
    assert marked(marks, "lowest_tier") == set()


def test_counts_are_of_distinct_values(parameters: Parameters):
    once, often = (run(people(n), None, parameters=parameters).marks for n in (444, 888))
    np.testing.assert_array_equal(once, often)
    provenance = usage.Provenance.of(parameters, once)
    assert sum(provenance.counts.values()) == len(provenance.values) == len(set(provenance.values))
    years = {value.year for value in provenance.listed("projected") if value.table == "calculation_base"}
    assert years
    assert min(years) > 2025


def test_every_used_value_says_where_it_comes_from(parameters: Parameters):
    provenance = usage.Provenance.of(parameters, run(people(60), None, parameters=parameters).marks)
    for value in provenance.values:
        if parameters.status[value.table].shape[-1] == parameters.status["reference_wage"].shape[-1]:
            known = parameters.provenance(value.table, value.place, value.year)
            assert (known.status, known.rule) == (value.status, value.rule)
    assert "unknown" not in provenance.counts
