"""What changed between two sets of parameters, and what each change does to a loss, one at a time.

>>> low = pension.load_parameters(scenario="low")
>>> print(what_changed("case.toml", pension.load_parameters(), low).text())
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pension import schema
from pension.errors import refuse
from pension.sensitivity.one_at_a_time import Measured, Study
from pension.tables.shifts import replaced

if TYPE_CHECKING:
    from pension.accounting import Regime
    from pension.inputs.opening import Source
    from pension.parameters import Parameters
    from pension.tables.parameter_files import ParameterTable, Row

TOGETHER: Final = "all together"
INTERPLAY: Final = "interplay"
_SHOWN: Final = 3


@dataclass(frozen=True)
class WhatChanged:
    """The differences of two sets of parameters and their effects."""

    values: pd.DataFrame
    """One row a value that differs: ``parameter, key, column, before, after`` (missing where a row is in one set
    only), and the status of each side."""
    effects: pd.DataFrame
    """One row a parameter or reading: ``what, values`` (how many differ), then the numbers of the second set's values
    of just that parameter, and ``change`` of the loss; then all together, and the interplay: what is not the sum."""
    before: str
    after: str
    people: int
    regime: str
    reference: str
    price_year: int

    def text(self) -> str:
        """Both tables as text."""
        who = "one person" if self.people == 1 else f"means over {self.people:,} people"
        out = [f"What changed from {self.before} to {self.after}: {len(self.values):,} values", ""]
        for name, rows in self.values.groupby("parameter", sort=False):
            shown = [
                f"{row['key'] + ' ' if row['key'] else ''}{row['column']} {_shown(row['before'])} → "
                f"{_shown(row['after'])}"
                for row in rows.head(_SHOWN).to_dict("records")
            ]
            more = f", and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
            out.append(f"  {name}: {'; '.join(shown)}{more}")
        out += [
            "",
            f"What each does alone to the loss of {self.regime} against {self.reference} ({who}), yuan of "
            f"{self.price_year} at R0",
            "",
            f"{'':<42} {'wealth':>12} {'reference':>12} {'loss':>12} {'change':>12}",
        ]
        for row in self.effects.to_dict("records"):
            amounts = (f"{row[name]:,.0f}" if np.isfinite(row[name]) else "" for name in _AMOUNTS)
            out.append(f"{row['what']:<42} " + " ".join(f"{text:>12}" for text in amounts))
        return "\n".join([*out, "", "A research estimate, no official determination."])


_AMOUNTS: Final = ("pw", "pw_reference", "loss", "change")


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def differences(before: Parameters, after: Parameters) -> pd.DataFrame:
    """Every value of a parameter file, and every reading, that differs between two sets; see ``WhatChanged.values``."""
    rows = []
    for name in [*before.files, *(n for n in after.files if n not in before.files)]:
        rows += _of_table(name, before.files.get(name), after.files.get(name))
    for name, choice in before.readings.items():
        if after.readings[name] != choice:
            rows.append(_difference("readings", name, "choice", choice, after.readings[name], "", ""))
    return pd.DataFrame(rows, columns=["parameter", "key", "column", "before", "after", "status", "status_after"])


def _difference(*values: object) -> dict[str, Any]:
    names = ("parameter", "key", "column", "before", "after", "status", "status_after")
    return dict(zip(names, values, strict=True))


def _of_table(name: str, a: ParameterTable | None, b: ParameterTable | None) -> list[dict[str, Any]]:
    rows_a: Mapping[Any, Row] = {} if a is None else a.rows
    rows_b: Mapping[Any, Row] = {} if b is None else b.rows
    key_columns = (a or b).key  # type: ignore[union-attr]
    found = []
    for key in [*rows_a, *(k for k in rows_b if k not in rows_a)]:
        one, other = rows_a.get(key), rows_b.get(key)
        fields = (one or other).fields  # type: ignore[union-attr]
        for column in fields:
            if column in key_columns:
                continue
            x, y = (None if row is None else row.fields.get(column) for row in (one, other))
            if x != y and not (x != x and y != y):
                words = " ".join(_key(c, v) for c, v in zip(key_columns, key, strict=True))
                statuses = ["" if row is None else row.status for row in (one, other)]
                found.append(_difference(name, words, column, x, y, *statuses))
    return found


def _key(column: str, value: object) -> str:
    if column == "from" and isinstance(value, int) and value >= 0:
        return schema.month_text(value)
    return str(value)


def what_changed(
    source: Source,
    before: Parameters,
    after: Parameters,
    regime: str | Regime = "current",
    reference: str | Regime = "fair",
) -> WhatChanged:
    """Which values differ between two sets of parameters (scenarios, overlays, readings), and what each does.

    Each parameter of ``after`` replaces that of ``before`` alone, then all of them; the effects are on the means over
    the people of ``source`` (a case file, or any input of ``pension.run``). Both sets must hold the same parameters.
    """
    values = differences(before, after)
    if set(before.files) != set(after.files):
        raise refuse("the two sets hold other parameters", value=sorted(set(before.files) ^ set(after.files))[0])
    study = Study(source, regime, reference, before)
    base = study.measure()
    rows = [_effect("before", 0, base, base)]
    for name, count in values.groupby("parameter", sort=False).size().items():
        if name == "readings":
            continue
        alone = replaced(before, {str(name): after.files[str(name)]})
        rows.append(_effect(str(name), int(count), study.measure(alone), base))
    for name in values.loc[values["parameter"] == "readings", "key"]:
        alone = replaced(before, {}, readings={name: after.readings[name]})
        rows.append(_effect(f"reading {name}", 1, study.measure(alone), base))
    everything = _effect(TOGETHER, len(values), study.measure(after), base)
    rest = everything["change"] - sum(row["change"] for row in rows)
    rows += [everything, {"what": INTERPLAY, "values": 0, "change": rest}]
    return WhatChanged(
        values,
        pd.DataFrame(rows),
        before.scenario,
        after.scenario,
        study.people,
        study.regime.name,
        study.reference.name,
        int(before.tables.price_year),
    )


def _effect(what: str, values: int, found: Measured, base: Measured) -> dict[str, Any]:
    return {"what": what, "values": values, **found.numbers(base)}
