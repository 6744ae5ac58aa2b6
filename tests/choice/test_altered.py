"""Histories altered at once: index, length, moves."""

import numpy as np
import pytest
from properties.people import DEEMED, employee, histories, person, real, resident

from pension import schema
from pension.errors import InputError
from pension.histories import HistoryArrays
from pension.sensitivity import altered

WAGE = real().tables.reference_wage


def wage(place: int, year: int) -> float:
    """Denominator of the months of a year: the wage of the year before."""
    return float(WAGE[schema.PLACE_INDEX[place], year - 1 - 1978])


def people() -> HistoryArrays:
    first = [
        *employee(44, "2000-01", "2000-12", 0.5 * wage(44, 2000)),
        *employee(44, "2001-01", "2001-06", 1.0 * wage(44, 2001)),
        *employee(41, "2001-04", "2001-09", 300.0),
        *resident(41, [2015, 2016], 500.0),
    ]
    return histories([(person("1970-01", 41), first), (person("1972-01", 41), resident(41, [2015], 100.0))]).arrays


def months(h: HistoryArrays, i: int, scheme: int = 1) -> list[int]:
    return sorted(
        12 * int(h.year[j]) + k
        for j in range(h.offsets[i], h.offsets[i + 1])
        for k in range(12)
        if h.scheme[j] == scheme and int(h.months[j]) >> k & 1
    )


def test_an_index_is_the_mean_over_the_paid_months() -> None:
    base = [0.5 * wage(44, 2000), 1.0 * wage(44, 2001)]
    h = histories(
        [
            (
                person("1970-01", 44),
                [*employee(44, "2000-01", "2000-12", base[0]), *employee(44, "2001-01", "2001-06", base[1])],
            )
        ]
    ).arrays
    found = altered.at_index(h, real(), 2.0)
    # (12 × 0.5 + 6 × 1.0) / 18 = 2/3, so times 3
    assert found.base == pytest.approx([3 * base[0], 3 * base[1]], rel=1e-12)
    assert not found.base.flags.writeable


def test_resident_and_deemed_records_keep_their_money() -> None:
    h = histories([(person("1970-01", 44), employee(44, "1990-01", "1990-12", 1.2, flags=DEEMED))]).arrays
    assert altered.at_index(h, real(), 2.0).base[0] == 1.2
    residents = people()
    found = altered.at_index(residents, real(), 2.0)
    assert list(found.base[found.scheme == 2]) == [500.0, 500.0, 100.0]
    with pytest.raises(InputError, match="greater than 0"):
        altered.at_index(h, real(), 0.0)


def test_only_the_first_months_are_left() -> None:
    h = people()
    # 2000-01 to 2001-09 are 21 calendar months, April to June of 2001 in two places
    assert len(set(months(h, 0))) == 21
    found = altered.at_most(h, 16)
    # twelve of 2000 and January to April of 2001, April in both places
    april = 12 * 2001 + 3
    assert sorted(set(months(found, 0))) == list(range(12 * 2000, april + 1))
    assert months(found, 0).count(april) == 2
    assert months(found, 0, 2) == months(h, 0, 2)
    assert months(found, 1, 2) == months(h, 1, 2)
    assert months(altered.at_most(h, 0), 0) == []
    same = altered.at_most(h, 21)
    assert all(np.array_equal(a, b, equal_nan=a.dtype.kind == "f") for a, b in zip(h, same, strict=True))


def test_moves_keep_the_index_and_go_in_order() -> None:
    h = histories(
        [
            (
                person("1970-01", 41),
                employee(41, "2000-03", "2003-12", lambda year: 0.8 * wage(41, year), flags=4, work_place=41),
            )
        ]
    ).arrays
    found = altered.moving(h, real(), [44, 31])
    # four years over two places: two years each
    assert list(found.place) == [44, 44, 31, 31]
    expected = [0.8 * wage(place, year) for place, year in ((44, 2000), (44, 2001), (31, 2002), (31, 2003))]
    assert found.base == pytest.approx(expected, rel=1e-12)
    assert list(found.flags) == [0, 0, 0, 0] and list(found.work_place) == [-1] * 4
    assert months(found, 0) == months(h, 0)


def test_thirteen_places_are_the_most_populous() -> None:
    places = altered.most_populous(real())
    assert len(places) == 13 and places[:3] == (44, 37, 41)  # Guangdong, Shandong, Henan: 126, 102, 99 million
