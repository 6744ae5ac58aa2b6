"""The one error of bad input: what is wrong, where, and which rule it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

PRINTED_PROBLEMS: Final = 20
"""A message lists so many problems; all of them are in ``InputError.problems``."""

_MAX_SHOWN: Final = 60


class Problem(NamedTuple):
    """One thing wrong in an input."""

    file: str
    """Path or name of the input; empty when it has none."""
    row: int | None
    """Row (or line) in the file as a reader counts it, from 1; None when the file as a whole is meant."""
    column: str
    """Column or key, for instance ``records[3].base``; empty when the file as a whole is meant."""
    value: str
    """The value as text, identifiers cut to their last four characters; empty when there is none to show."""
    rule: str
    """The rule that is broken, as a sentence without full stop."""

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            counted = "line" if place.endswith(".toml") else "row"
            place += f"{', ' if place else ''}{counted} {self.row}"
        if self.column:
            place += f"{', ' if place else ''}{self.column}"
        value = f" = {self.value}" if self.value else ""
        return f"{place}{value}: {self.rule}" if place or value else self.rule


class InputError(ValueError):
    """Input that is refused; nothing of it was used. ``problems`` holds every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        lines = [str(problem) for problem in self.problems[:PRINTED_PROBLEMS]]
        if len(self.problems) > PRINTED_PROBLEMS:
            lines.append(f"... and {len(self.problems) - PRINTED_PROBLEMS} more")
        super().__init__("\n".join(lines))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


def refuse(rule: str, *, file: str = "", row: int | None = None, column: str = "", value: object = None) -> InputError:
    """An ``InputError`` of one problem, to be raised by the caller."""
    return InputError([Problem(file, row, column, "" if value is None else shown(value), rule)])


def mask_identifier(identifier: object) -> str:
    """At most the last four characters of an identifier, for messages and logs."""
    text = str(identifier)
    return text if len(text) <= 4 else "…" + text[-4:]


def shown(value: object) -> str:
    """A rejected value as messages show it: short, and without anything that could be an identity number."""
    text = value if isinstance(value, str) else repr(value)
    # A shifted column puts an identifier anywhere; identity and account numbers are runs of nine or more digits.
    text = re.sub(r"[0-9]{9,}[0-9Xx]?", lambda match: mask_identifier(match.group()), text)
    text = "".join(character if character.isprintable() else "?" for character in text)
    return text if len(text) <= _MAX_SHOWN else text[:_MAX_SHOWN] + "…"


def shown_without_digits(value: object) -> str:
    """As ``shown``, with nothing left of what could be an identity number: for runs that hash identifiers."""
    text = value if isinstance(value, str) else repr(value)
    return shown(re.sub(r"[0-9]{9,}[0-9Xx]?", "…", text))


@dataclass(frozen=True)
class RowPolicy:
    """What a reader does with rows that break a rule, and how messages name people and values."""

    report: Callable[[Sequence[Problem], int], None] | None = None
    """Takes the problems of rejected rows and the number of people left out for them; None: rows are not left out, the
    problems are raised as ``InputError``."""
    identify: Callable[[object], str] = mask_identifier
    show: Callable[[object], str] = shown

    def reject(self, problems: Sequence[Problem], people: int) -> None:
        """Report rejected rows and the people left out for these or others, or raise."""
        if self.report is not None:
            self.report(problems, people)
        elif problems:
            raise InputError(problems)


STRICT: Final = RowPolicy()
"""Nothing is left out."""
