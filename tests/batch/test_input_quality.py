"""Quality of an input and limits of bases, counted by hand."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from batch.people import people

from pension import schema
from pension.batch import run
from pension.checks.input_quality import MEANING, InputQuality, scan_block
from pension.errors import InputError
from pension.histories import Histories
from pension.parameters import Parameters
from pension.schema import FLAG_DEEMED, FLAG_LATE, FLAG_PUBLIC
from pension.tables.dense import FIRST_MONTH

NAN = float("nan")
Row = tuple[int, int, int, int, float, float, int]
"""Year, months, scheme, place, base, income, flags."""


def one(*records: Row) -> Histories:
    """A man born 1966-03 with these records."""
    names = ("year", "months", "scheme", "place", "base", "income", "flags")
    columns: dict[str, Any] = {name: [row[k] for row in records] for k, name in enumerate(names)}
    columns |= {"sex": [1], "retirement_category": [1], "birth": [12 * 1966 + 2], "hukou": [41], "hukou_type": [2]}
    return Histories.build(["P1"], columns | {"form": [0] * len(records), "offsets": [0, len(records)]})


def counts(histories: Histories, parameters: Parameters, **options: Any) -> dict[str, int]:
    found = run(histories, None, ["current"], parameters=parameters, **options).quality
    return {name: n for name, n in found.counts.items() if n and name[:7] not in ("people_", "employe")}


def test_gaps_lie_between_the_first_and_the_last_month(parameters: Parameters) -> None:
    # 2001-01..06, 2001-10..12 and all of 2003: missing 2001-07..09 and the twelve months of 2002
    found = one((2001, 0b111000111111, 1, 44, 2000.0, 1.0, 0), (2003, 4095, 1, 44, 2000.0, 1.0, 0))
    assert counts(found, parameters, limits="off") == {"gap_months": 15}
    # a resident year closes a gap, a record without scheme does not
    filled = one(
        (2010, 4095, 1, 44, 2000.0, 1.0, 0),
        (2011, 4095, 2, 41, 200.0, 1.0, 0),
        (2012, 4095, 0, -1, 0.0, 1.0, 0),
        (2013, 4095, 1, 44, 2000.0, 1.0, 0),
    )
    assert counts(filled, parameters, limits="off") == {"gap_months": 12}


def test_overlaps_late_payments_and_incomes(parameters: Parameters) -> None:
    found = one(
        (2012, 0b000000111111, 1, 33, 2000.0, NAN, 0),
        (2012, 0b000011111100, 1, 44, 2000.0, 9.0, FLAG_LATE),  # 2012-03..06 in both places
        (2012, 4095, 2, 41, 200.0, NAN, 0),  # a resident year with the eight employee months 2012-01..08
    )
    assert counts(found, parameters, limits="off") == {
        "months_in_two_places": 4,
        "months_in_two_schemes": 8,
        "late_months": 6,
        "records_without_income": 1,
    }
    # two cities of one province are one place; three payers there one month
    same = one((2012, 1, 1, 4401, 900.0, 1.0, 0), (2012, 1, 1, 4403, 900.0, 1.0, 0))
    assert counts(same, parameters, limits="off") == {}


def limits_at(parameters: Parameters, place: int, month: int) -> tuple[float, float]:
    tables, at = parameters.tables, (schema.PLACE_INDEX[place], month - FIRST_MONTH)
    return float(tables.base_floor[at]), float(tables.base_ceiling[at])


def test_bases_outside_the_limits_of_their_month(parameters: Parameters) -> None:
    floor, ceiling = limits_at(parameters, 44, 12 * 2015)
    assert 500.0 < floor < ceiling
    months = [limits_at(parameters, 44, 12 * 2015 + k) for k in range(12)]
    base = floor - 1.0
    low = sum(base < f - 0.5 for f, _ in months)
    assert low >= 1
    found = run(one((2015, 4095, 1, 44, base, 1.0, 0)), None, ["current"], parameters=parameters).quality
    assert found.by_place[schema.PLACE_INDEX[44]].tolist() == [12, low, 0, 0]
    assert found.counts["people_below_floor"] == 1 and found.counts["people_above_ceiling"] == 0
    # half a yuan is the rounding of agencies
    near = one((2015, 1, 1, 44, floor - 0.4, 1.0, 0))
    assert run(near, None, ["current"], parameters=parameters).quality.counts["people_below_floor"] == 0
    high = one((2015, 1, 1, 44, ceiling + 1.0, 1.0, 0))
    assert run(high, None, ["current"], parameters=parameters).quality.by_place.sum(axis=0).tolist() == [1, 0, 1, 0]


def test_payers_at_one_place_and_month_add_up(parameters: Parameters) -> None:
    floor, ceiling = limits_at(parameters, 44, 12 * 2015)
    half = 0.6 * floor
    # January: 1.2 floors from two payers, inside; February: one payer, under; a deemed month is not looked at
    two = one((2015, 0b11, 1, 44, half, 1.0, 0), (2015, 0b01, 1, 44, half, 1.0, 0))
    found = run(two, None, ["current"], parameters=parameters).quality
    assert found.by_place.sum(axis=0).tolist() == [2, 1, 0, 0]
    both = one((2015, 1, 1, 44, 0.6 * ceiling, 1.0, 0), (2015, 1, 1, 44, 0.6 * ceiling, 1.0, 0))
    assert run(both, None, ["current"], parameters=parameters).quality.by_place.sum(axis=0).tolist() == [1, 0, 1, 0]
    deemed = one((1990, 4095, 1, 44, 1.0, NAN, FLAG_DEEMED), (2015, 1, 1, 44, floor, 1.0, 0))
    assert run(deemed, None, ["current"], parameters=parameters).quality.by_place.sum(axis=0).tolist() == [1, 0, 0, 0]


def test_a_base_outside_is_an_error_on_request_and_never_clamped(parameters: Parameters, tmp_path: Path) -> None:
    floor, _ = limits_at(parameters, 44, 12 * 2015)
    low = one((2014, 1, 1, 44, 3000.0, 1.0, 0), (2015, 0b11, 1, 44, 0.5 * floor, 1.0, 0))
    with pytest.raises(InputError) as refused:
        run(low, None, ["current"], parameters=parameters, limits="error")
    (problem,) = refused.value.problems
    assert (problem.row, problem.column) == (1, "records[2].base")
    assert f"under the floor of {floor:,.2f} yuan/month in Guangdong in 2015-01" in problem.rule
    summary = run(low, tmp_path / "r.parquet", ["current"], parameters=parameters, limits="error", errors="report")
    assert (summary.people, summary.rejected, summary.quality.people) == (1, 1, 0)
    assert pq.read_schema(tmp_path / "r.parquet").metadata[b"pension_limits"] == b"error"
    for mode in ("report", "off"):
        run(low, tmp_path / f"{mode}.parquet", parameters=parameters, limits=mode)
    assert (tmp_path / "report.parquet").read_bytes() == (tmp_path / "off.parquet").read_bytes()
    with pytest.raises(InputError, match="limits = maybe: limits is one of report, error, off"):
        run(low, None, parameters=parameters, limits="maybe")


def test_counts_of_many_are_sums_whatever_the_blocks(parameters: Parameters) -> None:
    many = people(9000)
    found = [run(many, None, ["current"], parameters=parameters, rows=rows, threads=t).quality for rows, t in
             ((65_536, 2), (1234, 1))]  # fmt: skip
    assert found[0].data() == found[1].data()
    # careers in turn: the sixth has no record; the fifth pays 2012 and 2013 as a resident too
    assert found[0].counts["people_without_records"] == 1500
    assert found[0].counts["people_in_two_schemes"] == 1500
    assert found[0].counts["months_in_two_schemes"] == 24 * 1500
    assert found[0].counts["people_without_any_income"] == found[0].counts["people_paying_as_employees"] == 6000
    assert set(MEANING) == set(found[0].counts)
    again = InputQuality.restored(found[0].state())
    again.merge(found[1])
    assert again.counts["people_in_two_schemes"] == 3000
    assert np.array_equal(again.by_place, 2 * found[0].by_place)
    assert "two schemes 36,000 of 1,500" in "\n".join(found[0].lines())


def test_a_year_judged_at_a_glance_counts_as_one_looked_at_in_full(parameters: Parameters) -> None:
    # A public post counts for nothing here, but a record with a flag is always looked at in full.
    random = np.random.default_rng(5)
    for _ in range(20):
        rows: list[Row] = []
        for year in sorted(random.integers(1990, 2023, 12).tolist()):
            mask = 4095 if random.random() < 0.7 else int(random.integers(1, 4096))
            base = float(np.exp(random.uniform(4.0, 12.0)))
            income = NAN if random.random() < 0.5 else base
            rows.append((year, mask, 1, int(random.choice([31, 4403, 65])), base, income, 0))
        rows.sort(key=lambda row: (row[0], row[3]))
        glance, full = one(*rows), one(*((*row[:6], FLAG_PUBLIC) for row in rows))
        for limits in (True, False):
            for found, wanted in zip(*(scan_block(h, parameters, limits) for h in (glance, full)), strict=True):
                np.testing.assert_array_equal(found, wanted)


def test_bases_outside_all_year_are_found_month_by_month_too(parameters: Parameters) -> None:
    # Two payers of half a base each are added month by month; one payer of all of it is compared with the year.
    random = np.random.default_rng(6)
    places, masks = random.choice([31, 44, 65, 51], 300), random.integers(1, 4096, 300)
    years, bases = random.integers(1992, 2023, 300), np.exp2(random.integers(5, 17, 300))
    for place, mask, year, base in zip(*(a.tolist() for a in (places, masks, years, bases)), strict=True):
        whole = scan_block(one((year, mask, 1, place, base, NAN, 0)), parameters, True)
        half: Row = (year, mask, 1, place, base / 2.0, NAN, 0)
        parts = scan_block(one(half, half), parameters, True)
        np.testing.assert_array_equal(whole.by_place, parts.by_place)
        assert (whole.below[0], whole.above[0]) == (parts.below[0], parts.above[0])
        counted = scan_block(one(half, half), parameters, True, masks=False)
        np.testing.assert_array_equal(counted.by_place, parts.by_place)
        assert counted.below.size == 0
