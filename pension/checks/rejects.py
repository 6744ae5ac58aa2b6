"""The broken rules of people that are left out, as CSV: one list beside the results, written whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

from pension.errors import Problem
from pension.inputs.history_files import replace_file


def list_beside(target: Path) -> Path:
    """Where the list of a run stands: beside its results."""
    return target.with_name(f"{target.name}.rejected.csv")


class RejectedList:
    """The broken rules of a run in a temporary file until ``close`` puts the list in its place."""

    def __init__(self, path: Path | None, stack: contextlib.ExitStack) -> None:
        self.path, self.stack = path, stack
        self.rows: IO[str] | None = None

    def add(self, problems: Sequence[Problem]) -> None:
        """Add broken rules, in the order they shall stand in."""
        if self.path is None or not problems:
            return
        if self.rows is None:
            temporary = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115  closed by the stack
            self.rows = self.stack.enter_context(temporary)
            csv.writer(self.rows).writerow(Problem._fields)
        write_problems(self.rows, problems)

    def close(self) -> Path | None:
        """Put the list in its place, before the results appear; an older list of another run goes. Its path, or None
        where nothing was rejected."""
        if self.path is None:
            return None
        if self.rows is None:
            self.path.unlink(missing_ok=True)
            return None
        rows = self.rows
        rows.seek(0)
        replace_file(self.path, lambda stream: stream.writelines(line.encode() for line in rows))
        return self.path


def write_problems(stream: IO[str], problems: Iterable[Problem]) -> None:
    """Rows of the list, without the header."""
    csv.writer(stream).writerows([cell(value) for value in problem] for problem in problems)


def cell(value: object) -> str:
    """A cell that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
