"""The report: sums by group, with the numbers of a few people followed by hand."""

import numpy as np
import pytest
from batch.people import people

from pension.accounting import resolve
from pension.batch import Block
from pension.engine import Entitlements
from pension.histories import Histories
from pension.kernels import award_fields
from pension.runs.group_losses import LossTable, main_form
from pension.runs.result_layout import Layout

CURRENT = [100.0, 200.0, 300.0, 400.0, np.nan, 50.0]
FAIR = [150.0, 200.5, 240.0, 800.0, 10.0, 0.0]
MONTHLY_CURRENT = [1.0, 2.0, 3.0, 4.0, np.nan, 5.0]
MONTHLY_FAIR = [1.5, 2.0, 2.4, 8.0, 1.0, 0.0]
WEIGHTS = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
STARS = [0, 4, 4, 0, 4, 1]


def block() -> Block:
    values = np.zeros((6, 2, 3))
    values[4, 0, 0] = award_fields.NO_RIGHT
    values[:, 0, 1], values[:, 1, 1] = MONTHLY_CURRENT, MONTHLY_FAIR
    values[:, 0, 2], values[:, 1, 2] = CURRENT, FAIR
    result = Entitlements(
        tuple(resolve(["current", "fair"])), ("status", "monthly", "pw"), values, np.array(STARS, dtype=np.int8)
    )
    return Block(people(6, weight=WEIGHTS), result, Layout.of(["current", "fair"]))


@pytest.fixture
def table() -> LossTable:
    found = LossTable("current", "fair")
    found.add(block())
    return found


def test_everybody(table: LossTable):
    (row,) = table.rows("all")
    assert row.people == 1 + 2 + 3 + 4 + 6  # the undefined one is left out
    # Losers: 50 (weight 1) and 400 (weight 4); the second differs by half a yuan only; winners: 60 (3) and 50 (6).
    assert row.losing == pytest.approx(5 / 16)
    assert row.unchanged == pytest.approx(2 / 16)
    assert row.gaining == pytest.approx(9 / 16)
    assert row.mean_loss == pytest.approx((50 * 1 + 400 * 4) / 5)
    assert row.mean_loss_monthly == pytest.approx((0.5 * 1 + 4 * 4) / 5)
    assert row.mean_gain == pytest.approx((60 * 3 + 50 * 6) / 9)
    assert row.mean_gain_monthly == pytest.approx((0.6 * 3 + 5 * 6) / 9)
    # The last one has no reference value, so no ratio.
    ratios = [1 - 100 / 150, 1 - 200 / 200.5, 1 - 300 / 240, 1 - 400 / 800]
    assert row.mean_ratio == pytest.approx(np.average(ratios, weights=[1, 2, 3, 4]))


def test_groups_of_stars(table: LossTable):
    rows = table.rows("stars")
    assert [row.people for row in rows] == [1 + 4, 6, 0, 0, 2 + 3]
    assert rows[0].losing == 1.0
    assert rows[0].gaining == 0.0
    assert rows[0].mean_gain is None
    assert rows[2].losing is None
    assert rows[4].gaining == pytest.approx(3 / 5)


def test_the_undefined_are_counted_with_their_reason(table: LossTable):
    assert table.undefined == {award_fields.STATUS_TEXT[award_fields.NO_RIGHT]: 1}


def test_blocks_add_up(table: LossTable):
    table.add(block())
    (row,) = table.rows("all")
    assert row.people == 2 * 16
    assert row.losing == pytest.approx(5 / 16)
    assert sum(r.people for r in table.rows("form")) == 2 * 16
    frame = table.to_frame()
    assert list(frame["grouping"]) == ["all"] + ["stars"] * 5 + ["form"] * 5


def test_main_form_is_that_of_most_months():
    records = [
        (2010, 12, 0),  # person 0: 12 months employed, 13 flexible
        (2011, 12, 3),
        (2012, 1, 3),
        (2010, 6, 1),  # person 1: six months each, the less protected form counts
        (2011, 6, 4),
    ]
    columns = {
        "sex": [1, 1, 1],
        "retirement_category": [1, 1, 1],
        "birth": [12 * 1970] * 3,
        "hukou": [41] * 3,
        "hukou_type": [1] * 3,
        "offsets": [0, 3, 5, 5],
        "year": [y for y, _, _ in records],
        "months": [(1 << n) - 1 for _, n, _ in records],
        "scheme": [1] * 5,
        "form": [form for _, _, form in records],
        "place": [41] * 5,
        "base": [3000.0] * 5,
    }
    assert main_form(Histories.build([1, 2, 3], columns)).tolist() == [3, 4, 0]
