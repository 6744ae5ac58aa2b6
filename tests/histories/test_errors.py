"""The error of bad input, and what it may show."""

from __future__ import annotations

import pickle

from pension.errors import InputError, Problem, mask_identifier, refuse, shown


def test_identifiers_show_four_characters_at_most() -> None:
    assert mask_identifier("110101199001011234") == "…1234"
    assert mask_identifier(123456) == "…3456"
    assert mask_identifier("abcd") == "abcd"


def test_values_are_short_printable_and_without_identity_numbers() -> None:
    assert shown("x 11010119900101123X y") == "x …123X y"
    assert shown("a" * 100) == "a" * 60 + "…"
    assert shown("a\x1b[31mb\n") == "a?[31mb?"
    assert shown(2000.5) == "2000.5"


def test_problem_as_text() -> None:
    assert str(Problem("f.csv", 3, "base", "-1", "is negative")) == "f.csv, row 3, base = -1: is negative"
    assert str(Problem("c.toml", 3, "birth", "", "is missing")) == "c.toml, line 3, birth: is missing"
    assert str(Problem("", None, "", "", "is missing")) == "is missing"


def test_errors_cross_processes() -> None:
    error = pickle.loads(pickle.dumps(refuse("wrong", file="f", row=1)))
    assert isinstance(error, InputError) and error.problems == (Problem("f", 1, "", "", "wrong"),)
