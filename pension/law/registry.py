"""The register of law functions: act, article, formula, unit, dates and status of every rule in the program."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar

from pension._compile import ufunc

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Article:
    """One rule: where it stands in the law and how a statement prints it."""

    step: int
    """Number of the rule in a trace; constant over the life of a schema version."""
    name: str
    zh: str
    act: str
    article: str
    formula: str
    unit: str
    since: str
    status: str
    """``statute`` text read, ``secondary`` known from secondary sources, ``reading`` an interpretation of open text,
    ``ours`` an operationalisation of this library."""
    until: str = ""
    note: str = ""
    function: Callable[..., Any] = field(repr=False, compare=False, default=lambda: None)

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments, in order, as the trace stores them."""
        return tuple(inspect.signature(self.function).parameters)

    @property
    def source(self) -> str:
        """Act and article as one line."""
        return f"{self.act} {self.article}".strip()


REGISTER: dict[str, Article] = {}
"""Every law function by name."""


def article(
    *,
    step: int,
    zh: str,
    act: str,
    article: str,
    formula: str,
    unit: str,
    since: str,
    status: str = "statute",
    until: str = "",
    note: str = "",
) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Compile a scalar function into a ufunc and enter it in the register."""

    def enter(function: Callable[P, R]) -> Callable[P, R]:
        compiled = ufunc(function)
        name = function.__name__
        if name in REGISTER or any(step == known.step for known in REGISTER.values()):
            raise ValueError(f"law function {name!r} or step {step} is registered twice")
        REGISTER[name] = Article(step, name, zh, act, article, formula, unit, since, status, until, note, function)
        return compiled

    return enter


def plain(name: str) -> Callable[..., Any]:
    """A law function as it is written, uncompiled: plain Python on scalars, NumPy on arrays, the same bits.

    For a handful of calls, where building the ufunc in a new process would cost more than all of them.
    """
    return REGISTER[name].function


def by_step(step: int) -> Article:
    """The rule with this number in a trace; KeyError for an unknown number."""
    for known in REGISTER.values():
        if known.step == step:
            return known
    raise KeyError(step)
