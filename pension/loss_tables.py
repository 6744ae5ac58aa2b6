"""Losses by group under several regimes with their causes beside them, one table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from pension.accounting import CAUSES

if TYPE_CHECKING:
    from pension.results import Results


def loss_table(results: Results, by: str | Sequence[str] = "stars") -> pd.DataFrame:
    """One row a reference and group: who loses, who wins, how much, and through which causes.

    ``people`` (rows with both results), ``losers`` and ``winners`` (rows; less than one yuan is neither), ``undefined``
    (rows left out), ``wealth`` under the first regime and under the ``reference``, their difference ``loss`` (weighted
    means, positive: the first regime gives less), and, where the results hold causes, the part of each group of causes
    in it (Shapley): ``place, scheme, administration, design``; they sum to the loss. Units in ``attrs``.
    """
    names = [by] if isinstance(by, str) else list(by)
    summary = results.summary(by)
    found = summary[["reference", *names]].copy()
    found["people"], found["losers"], found["winners"] = (summary[c] for c in ("n", "losing_n", "gaining_n"))
    found["undefined"] = summary["undefined"]
    found["wealth"], found["wealth_reference"] = summary["mean_pw"], summary["mean_pw_reference"]
    found["loss"] = found["wealth_reference"] - found["wealth"]
    if any(name.startswith("cause_") for name in results.table.column_names):
        parts = pd.concat([_causes(results, reference, by) for reference in results.regimes[1:]])
        found = found.merge(parts, how="left", on=["reference", *names])
        for name in names:
            found[name] = found[name].astype(summary[name].dtype)
    wealth = summary.attrs["units"]["mean_pw"]
    money = [c for c in found if c not in ("reference", *names, "people", "losers", "winners", "undefined")]
    found.attrs = {"regime": results.regimes[0], "units": dict.fromkeys(map(str, money), wealth)}
    return found


def _causes(results: Results, reference: str, by: str | Sequence[str]) -> pd.DataFrame:
    names = [by] if isinstance(by, str) else list(by)
    causes = results.causes(reference=reference, by=by)
    parts = causes[causes["cause"] != "loss"]
    wide: Any = parts.pivot_table(index=names, columns="group", values="mean", aggfunc="sum", observed=True)
    wide = wide.reindex(columns=list(CAUSES), fill_value=0.0).reset_index()
    wide.columns.name = None
    return wide.assign(reference=reference)
