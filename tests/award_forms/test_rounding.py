"""Roundings on boundary values, by hand."""

from decimal import Decimal

import pytest

from pension.award_forms.rounding import EXACT, Rounding, meant

FEN, JIAO = Decimal("0.01"), Decimal("0.1")


@pytest.mark.parametrize(
    ("mode", "quantum", "amount", "printed"),
    [
        # half-up to the fen: 5 goes up, also where a float stands just below it
        ("half_up", FEN, 2370.565, "2370.57"),
        ("half_up", FEN, 1.005, "1.01"),  # the float is 1.00499999999999989...
        ("half_up", FEN, 2.675, "2.68"),  # and 2.67499999999999982...; Python's round gives 2.67
        ("half_up", FEN, 0.125, "0.13"),  # banker's rounding would give 0.12
        ("half_up", FEN, 0.1249999, "0.12"),
        ("half_up", FEN, 838.24023, "838.24"),
        # any excess up to the next tenth, an exact tenth stays
        ("up", JIAO, 2087.069438375, "2087.1"),
        ("up", JIAO, 2087.1, "2087.1"),
        ("up", JIAO, 2087.0999999999995, "2087.1"),  # float noise below
        ("up", JIAO, 2087.1000000000004, "2087.1"),  # float noise above: not 2087.2
        ("up", JIAO, 2087.1001, "2087.2"),
        ("up", JIAO, 0.1 + 0.2, "0.3"),  # 0.30000000000000004
        ("up", JIAO, 0.0, "0.0"),
        # truncated
        ("down", Decimal("0.0001"), 5 / 12, "0.4166"),
        ("down", Decimal("0.0001"), 0.4167, "0.4167"),
        ("down", Decimal("0.0001"), 0.1 * 3, "0.3000"),  # 0.30000000000000004
        ("down", Decimal("0.1"), 0.7 + 0.1, "0.8"),  # 0.7999999999999999
        # whole yuan
        ("half_up", Decimal(1), 2818.5, "2819"),
        ("half_up", Decimal(1), 2819.5, "2820"),
        ("half_up", Decimal(1), 2818.4999, "2818"),
    ],
)
def test_a_rounding_on_its_boundary(mode: str, quantum: Decimal, amount: float, printed: str) -> None:
    assert str(Rounding(mode, quantum)(amount)) == printed


def test_a_decimal_is_rounded_as_it_stands() -> None:
    assert Rounding("half_up", FEN)(Decimal("1.005")) == Decimal("1.01")
    assert Rounding("up", JIAO)(Decimal("1.10000001")) == Decimal("1.2")


def test_exact_gives_the_decimal_that_a_float_means() -> None:
    assert EXACT(0.1 + 0.2) == Decimal("0.3")
    assert str(EXACT(7000.0)) == "7000"
    assert EXACT(509 / 12) == Decimal("42.41666667")


@pytest.mark.parametrize("amount", [float("nan"), float("inf")])
def test_no_amount_is_no_decimal(amount: float) -> None:
    with pytest.raises(ValueError, match="no amount"):
        meant(amount)


@pytest.mark.parametrize(
    ("mode", "quantum", "message"),
    [
        ("nearest", FEN, "none of half_up"),
        ("half_up", None, "do not fit"),
        ("exact", FEN, "do not fit"),
        ("up", Decimal("0.05"), "no power of ten"),
        ("up", Decimal(-1), "no power of ten"),
        ("up", Decimal(0), "no power of ten"),
    ],
)
def test_a_rounding_that_makes_no_sense_is_refused(mode: str, quantum: Decimal | None, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Rounding(mode, quantum)


def test_a_rounding_in_words() -> None:
    assert Rounding("up", JIAO).text("en") == "up to the next 0.1"
    assert Rounding("up", JIAO).text("zh") == "进位到0.1"
