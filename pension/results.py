"""Results as an object: what a run gives, person by person, with units, reasons, groups, losses and a method note.

>>> results = pension.compare(histories)             # current, segmented, fair
>>> results.summary(by="stars")                      # losers beside winners, counts beside means
>>> results.losses("current", "fair")                # L1..L8 of each person, undefined with a reason
>>> pension.Results.read("results.parquet")          # the same over the file of ``pension.run``
"""

from __future__ import annotations

import hashlib
import html
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

import pension
from pension import batch, equity, groups, losses, schema
from pension.accounting import Regime, RegimeError, resolve, shipped
from pension.engine import Engine, Entitlements
from pension.errors import refuse
from pension.histories import Histories
from pension.kernels import award_fields
from pension.report import DISCLAIMER
from pension.result_units import MEASURES, PERSON_UNITS, RESULT_COLUMNS, RESULT_UNITS
from pension.runs.group_losses import STARS, UNCHANGED_YUAN
from pension.tables import usage

if TYPE_CHECKING:
    from pension.checks.range_check import HistoryArrays
    from pension.inputs.opening import Source
    from pension.parameters import Parameters

Float = npt.NDArray[np.float64]

DEFAULT_REGIMES: Final = ("current", "segmented", "fair")
COLUMNS: Final = (
    "status components refund lump_sum backpay claim_place employee_months resident_months average_index "
    "replacement_rate pw_r0"
).split()
"""What ``compare`` keeps for each regime beside monthly pension, present value and route."""
WEALTH_COLUMNS: Final = (*award_fields.WEALTH_NAMES, "forfeited", "contributed")
"""What it keeps more with ``wealth``."""

NO_ANNUITY: Final = "the histories are not at hand: Results.read(path, histories)"
NO_COLUMN: Final = "the results were written without the columns it needs"
_NO_ANNUITY: Final = -1
_NO_COLUMN: Final = -2

NO_GROUP: Final = "(none)"
"""Group of those without a value in the grouping column."""


def compare(
    histories: Source,
    regimes: Sequence[str | Regime] = DEFAULT_REGIMES,
    parameters: Parameters | None = None,
    scenario: str | os.PathLike[str] | None = None,
    *,
    causes: bool = False,
    wealth: bool = False,
    seed: int | None = None,
) -> Results:
    """Settle histories (or any input of ``pension.run``) under several regimes and keep everything in memory.

    The first regime is the one whose losses are looked at, the others are references. ``scenario`` (a name or a TOML
    file) chooses the years to come where no ``parameters`` are given. ``causes`` also attributes each loss to
    provisions, exactly (Shapley values over all mixtures of the two). ``wealth`` also computes contributions, net
    pension wealth, money's worth, rates of return and forfeited money, and with them L5 and L8. ``seed`` is noted.
    Raises ``InputError`` for the first people that break a rule.
    """
    if parameters is None:
        from pension.parameters import load

        given = "default" if scenario is None else scenario
        parameters = load(scenario=given if isinstance(given, str) else Path(given))
    elif scenario is not None:
        raise refuse("parameters already hold a scenario: give one of the two", column="scenario", value=str(scenario))
    chosen = tuple(resolve(regimes))
    engine = Engine(parameters, chosen)
    fingerprint = _Fingerprint()
    tables: list[pa.Table] = []
    people: list[pd.DataFrame] = []
    games = [_Game(parameters, chosen[0], other) for other in chosen[1:]] if causes else []

    def keep(block: batch.Block) -> None:
        fingerprint.add(block.histories.arrays)
        people.append(groups.person_columns(block.histories, engine))
        table = block.table
        for game in games:
            for name, values in game.parts(block.histories):
                table = table.append_column(name, pa.array(values, from_pandas=True))
        tables.append(table)

    columns = (*COLUMNS, *WEALTH_COLUMNS) if wealth else COLUMNS
    summary = batch.run(histories, None, chosen, columns=columns, parameters=parameters, seed=seed, observer=keep)
    basis = Basis(
        chosen,
        parameters.hash,
        parameters.scenario,
        parameters.tables.price_year,
        pension.__version__,
        seed,
        fingerprint.hex(),
        parameters,
        usage.Provenance.of(parameters, summary.marks),
    )
    return Results(pa.concat_tables(tables), pd.concat(people, ignore_index=True), basis)


@dataclass(frozen=True)
class Basis:
    """What the numbers rest on."""

    regimes: tuple[Regime, ...]
    parameter_hash: str
    scenario: str
    price_year: int
    version: str
    seed: int | None = None
    input_hash: str = ""
    """sha256 over the columns of the histories that the computation reads; empty where they are not at hand."""
    parameters: Parameters | None = field(default=None, repr=False)
    provenance: usage.Provenance | None = field(default=None, repr=False)


class Results:
    """One row a person, the columns of ``pension.run``; see the head of ``pension.batch``.

    Made by ``pension.compare``, ``Results.of`` (an engine's entitlements) or ``Results.read`` (a file of
    ``pension.run``). Undefined values are null with a reason, and are counted beside every mean.
    """

    def __init__(self, table: pa.Table, people: pd.DataFrame | None, basis: Basis) -> None:
        """``table`` as ``batch.result_table`` makes it, ``people`` the grouping columns of the same people."""
        self.table, self.basis = table, basis
        self._people = people
        if people is not None:
            people["index_fifth"] = groups.index_fifths(people["mean_index"].to_numpy(), self.weight)

    # ------------------------------------------------------------------ construction

    @classmethod
    def of(
        cls, histories: Histories, entitlements: Entitlements, parameters: Parameters, *, seed: int | None = None
    ) -> Results:
        """Results of ``Engine.run``, which must have been asked for status, route, monthly and pw at least."""
        absent = [name for name in ("status", "route", "monthly", "pw") if name not in entitlements.columns]
        if absent:
            raise refuse("the engine was not asked for this column", column=absent[0])
        if len(histories) != entitlements.values.shape[0]:
            raise refuse(f"{len(histories)} people but results of {entitlements.values.shape[0]}", column="histories")
        layout = batch.Layout.of(entitlements.regimes, entitlements.columns)
        fingerprint = _Fingerprint()
        fingerprint.add(histories.arrays)
        basis = Basis(
            entitlements.regimes,
            parameters.hash,
            parameters.scenario,
            parameters.tables.price_year,
            pension.__version__,
            seed,
            fingerprint.hex(),
            parameters,
        )
        people = groups.person_columns(histories, Engine(parameters, entitlements.regimes))
        return cls(batch.result_table(histories, entitlements, layout), people, basis)

    @classmethod
    def read(
        cls,
        path: str | os.PathLike[str],
        histories: Histories | None = None,
        parameters: Parameters | None = None,
    ) -> Results:
        """Results from a file of ``pension.run`` (.parquet or .arrow).

        With the ``histories`` they were computed from, the same people in the same order, and the ``parameters`` (the
        file's scenario by default), the groups of ``people`` and L1 a month are there too. Parameters of another hash
        are refused.
        """
        table = _read_table(Path(path))
        known = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
        if "pension_results" not in known:
            raise refuse("no results of this program: the metadata are missing", file=str(path))
        if known["pension_results"] != schema.SCHEMA_VERSION:
            raise refuse(
                f"results of schema version {schema.SCHEMA_VERSION} are read",
                file=str(path),
                value=known["pension_results"],
            )
        if histories is not None and parameters is None:
            from pension.parameters import load

            parameters = load(scenario=known["pension_scenario"])
        if parameters is not None and parameters.hash != known["pension_parameters"]:
            raise refuse(
                f"the results rest on other parameters ({known['pension_parameters'][:16]}): load those",
                file=str(path),
                column="parameters",
                value=parameters.hash[:16],
            )
        regimes = tuple(_regime(name, data) for name, data in json.loads(known["pension_regimes"]).items())
        fingerprint = _Fingerprint()
        people = None
        if histories is not None and parameters is not None:
            if not pa.chunked_array([histories.person]).equals(table["person"]):
                raise refuse("the histories are not those of the results", file=str(path), column="person")
            fingerprint.add(histories.arrays)
            people = groups.person_columns(histories, Engine(parameters, regimes))
        basis = Basis(
            regimes,
            known["pension_parameters"],
            known["pension_scenario"],
            int(known["pension_price_year"]),
            known["pension_version"],
            int(known["pension_seed"]) if "pension_seed" in known else None,
            "" if people is None else fingerprint.hex(),
            parameters,
        )
        return cls(table, people, basis)

    # ------------------------------------------------------------------ what is there

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        return f"<Results of {len(self):,} people under {', '.join(self.regimes)}>"

    @property
    def regimes(self) -> tuple[str, ...]:
        """Names of the regimes; the losses of the first are looked at, the others are references."""
        return tuple(regime.name for regime in self.basis.regimes)

    @property
    def status(self) -> npt.NDArray[np.int64]:
        """[person]: 0, or the code in ``award_fields.STATUS_TEXT`` why the first undefined regime is undefined."""
        return self._floats("status").astype(np.int64)

    @property
    def weight(self) -> Float:
        """[person]: people a row stands for."""
        return self._floats("weight")

    def column(self, name: str, regime: str) -> Float:
        """A number of ``award_fields.RESULT_NAMES`` under one regime, [person]; NaN where undefined."""
        column = f"{name}_{self._known(regime)}"
        if column not in self.table.column_names:
            raise refuse(NO_COLUMN, column=column)
        return self._floats(column)

    def reasons(self, regime: str) -> npt.NDArray[np.int64]:
        """[person]: 0, or the code in ``award_fields.STATUS_TEXT`` why the regime is undefined.

        A file written without the column ``status`` knows one reason a person: that of the first undefined regime.
        """
        column = f"status_{self._known(regime)}"
        if column in self.table.column_names:
            return self._floats(column).astype(np.int64)
        return np.where(np.isnan(self.column("pw", regime)), self.status, 0)

    def _known(self, regime: str) -> str:
        if regime not in self.regimes:
            raise RegimeError(f"no results under {regime!r}; there are: {', '.join(self.regimes)}")
        return regime

    def _pair(self, regime: str | None, reference: str | None) -> tuple[str, str]:
        a = self.regimes[0] if regime is None else self._known(regime)
        b = self.regimes[-1] if reference is None else self._known(reference)
        if a == b:
            raise RegimeError(f"a loss compares two regimes; both are {a!r}")
        return a, b

    def _floats(self, name: str) -> Float:
        return self.table[name].cast(pa.float64(), safe=False).to_numpy()

    def _unit(self, text: str) -> str:
        return text.format(price_year=self.basis.price_year)

    def frame(self) -> pd.DataFrame:
        """One row a person: identifier, groups, then status, pension, wealth and route of each regime, losses, causes.

        ``attrs["units"]`` and ``attrs["meaning"]`` hold unit and meaning of every column; missing is undefined.
        """
        columns: dict[str, Any] = {"person": _series(self.table["person"])}
        own = [name for name in self.table.column_names if name.startswith("x_")]
        columns |= {name: _series(self.table[name]) for name in ("weight", "stars", *own)}
        if self._people is not None:
            columns |= {str(name): self._people[name] for name in self._people}
        rest = [name for name in self.table.column_names if name not in columns]
        columns |= {name: _series(self.table[name]) for name in rest}
        found = pd.DataFrame(columns)
        self._describe(found)
        return found

    def long(self) -> pd.DataFrame:
        """Person × regime: one row for each, the columns of a regime without its name."""
        wide = self.frame()
        names = [n for n in RESULT_COLUMNS if all(f"{n}_{r}" in wide for r in self.regimes)]
        of_regimes = {f"{n}_{r}" for n in RESULT_COLUMNS for r in self.regimes}
        of_pairs = [c for c in wide if any(str(c).endswith(f"_{a}__{b}") for a in self.regimes for b in self.regimes)]
        common = [c for c in wide if c not in of_regimes and c not in of_pairs]
        parts = []
        for regime in self.regimes:
            part = wide[common].copy()
            part["regime"] = pd.Categorical([regime] * len(wide), categories=list(self.regimes))
            part["status"] = self.reasons(regime)
            for name in names:
                if name != "status":
                    part[name] = wide[f"{name}_{regime}"]
            parts.append(part)
        found = pd.concat(parts).sort_index(kind="stable").reset_index(drop=True)
        found = found[["person", "regime", *(c for c in found if c not in ("person", "regime"))]]
        self._describe(found)
        return found

    def _describe(self, found: pd.DataFrame) -> None:
        units, meaning = {}, {}
        for name in map(str, found.columns):
            units[name], meaning[name] = self._of_column(name)
        found.attrs = {"units": units, "meaning": meaning, "regimes": list(self.regimes), "limits": DISCLAIMER}

    def _of_column(self, name: str) -> tuple[str, str]:
        if name in PERSON_UNITS:
            return PERSON_UNITS[name]
        if name in RESULT_UNITS:
            unit, text = RESULT_UNITS[name]
            return self._unit(unit), text
        if name == "regime":
            return "", "accounting regime"
        if name.startswith("x_"):
            return "", "column of the analyst"
        for regime in sorted(self.regimes, key=len, reverse=True):
            base = name.removesuffix(f"_{regime}")
            if base != name and base in RESULT_UNITS:
                unit, text = RESULT_UNITS[base]
                return self._unit(unit), f"{text}; under {regime}"
        for a in self.regimes:
            for b in self.regimes:
                base = name.removesuffix(f"_{a}__{b}")
                if base == name:
                    continue
                if base == "loss":
                    return self._unit(MEASURES["L1"][1]), f"L1 of {a} against the reference {b}: pw_{b} - pw_{a}"
                if base.startswith("cause_"):
                    return self._unit(MEASURES["L1"][1]), f"part of loss_{a}__{b} due to {base.removeprefix('cause_')}"
                measure = next(name for name in MEASURES if base.removesuffix("_status") == name.lower())
                if base.endswith("_status"):
                    return "code", f"0, or why {measure} of {a} against {b} is undefined (losses.REASONS)"
                return self._unit(MEASURES[measure][1]), f"{MEASURES[measure][0]}; {a} against {b}"
        raise KeyError(name)

    # ------------------------------------------------------------------ groups

    def groups(self, by: str | Sequence[str]) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
        """(number of each person's group, one row a group with its labels); ``by`` names columns of ``frame``."""
        names = [by] if isinstance(by, str) else list(by)
        labels = pd.DataFrame({name: self._labels(name) for name in names})
        numbers = labels.groupby(names, observed=True, sort=True, dropna=False).ngroup().to_numpy(dtype=np.int64)
        first = np.unique(numbers, return_index=True)[1]
        return numbers.astype(np.int64), labels.iloc[first].reset_index(drop=True)

    def _labels(self, name: str) -> pd.Series[Any]:
        if name == "stars":
            codes = self._floats("stars").astype(np.int64)
            found: Any = pd.Categorical.from_codes(codes, categories=pd.Index(STARS), ordered=True)
        elif self._people is not None and name in self._people:
            found = self._people[name]
        elif name in self.table.column_names:
            found = _series(self.table[name])
        elif name in PERSON_UNITS:
            raise refuse(NO_ANNUITY.replace("L1", name), column=name)
        else:
            raise refuse("no column to group by", column="by", value=name)
        labels = pd.Series(found).reset_index(drop=True)
        if labels.isna().any():
            if isinstance(labels.dtype, pd.CategoricalDtype):
                labels = labels.cat.add_categories([NO_GROUP]).fillna(NO_GROUP)
            else:
                texts = labels.astype(object).where(labels.notna(), NO_GROUP)
                known = sorted(labels.dropna().unique())
                labels = pd.Series(pd.Categorical(texts, categories=[*known, NO_GROUP], ordered=True))
        return labels

    # ------------------------------------------------------------------ losses

    def losses(self, regime: str | None = None, reference: str | None = None) -> pd.DataFrame:
        """Loss measures of each person under ``regime`` against ``reference`` (the first and the last by default).

        A column for each of ``MEASURES``, each with ``_reason``: why it is undefined, empty where it is not. L5 and L8
        need ``compare(..., wealth=True)``. ``attrs`` hold units, definitions and the two names. Positive: the regime
        gives less.
        """
        a, b = self._pair(regime, reference)
        found: dict[str, Any] = {"person": _series(self.table["person"]), "weight": self.weight}
        texts = losses.REASONS | {award_fields.DEFINED: "", _NO_ANNUITY: NO_ANNUITY, _NO_COLUMN: NO_COLUMN}
        for name, (values, codes) in self._measures(a, b).items():
            found[name] = values
            found[f"{name}_reason"] = _texts(codes, texts)
        out = pd.DataFrame(found)
        out.attrs = {
            "regime": a,
            "reference": b,
            "units": {name: self._unit(unit) for name, (_, unit) in MEASURES.items()},
            "meaning": {name: text for name, (text, _) in MEASURES.items()},
        }
        return out

    def _measures(self, a: str, b: str) -> dict[str, tuple[Float, npt.NDArray[np.int64]]]:
        """Values and reasons of each measure: codes of ``losses.REASONS``, or that something is missing."""
        first, second = (self._columns_of(regime) for regime in (a, b))
        undefined = np.where(first["status"] != award_fields.DEFINED, first["status"], second["status"])
        found: dict[str, tuple[Float, npt.NDArray[np.int64]]] = {}

        def missing(code: int) -> tuple[Float, npt.NDArray[np.int64]]:
            reasons = np.where(undefined != award_fields.DEFINED, undefined, code).astype(np.int64)
            return np.full(len(self), np.nan), reasons

        for name in MEASURES:
            if name == "L1_monthly":
                lost, reasons = found["L1"]
                annuity = None if self._people is None else self._people["annuity"].to_numpy()
                found[name] = missing(_NO_ANNUITY) if annuity is None else (lost / annuity, reasons)
                continue
            needed = [n for n in losses.NEEDED[name] if n != "price" or "own_contributions" in first]
            known = all(n in columns for n in needed for columns in (first, second))
            found[name] = losses.measure(name, first, second) if known else missing(_NO_COLUMN)
        return found

    def _lost(self, a: str, b: str) -> Float:
        """L1 [person]; of net pension wealth where own contributions are there."""
        own = [f"own_contributions_{regime}" for regime in (a, b)]
        paid = [self._floats(name) for name in own] if set(own) <= set(self.table.column_names) else []
        return losses.loss(self.column("pw", a), self.column("pw", b), *paid)

    def _columns_of(self, regime: str) -> dict[str, Float]:
        """The columns of one regime that are there, with the reasons as ``status``."""
        names = {name for needed in losses.NEEDED.values() for name in needed} | {"own_contributions"}
        known = [name for name in sorted(names) if f"{name}_{regime}" in self.table.column_names]
        return {name: self.column(name, regime) for name in known} | {"status": self.reasons(regime).astype(np.float64)}

    def causes(
        self, regime: str | None = None, reference: str | None = None, by: str | Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Mean part of the loss that each provision causes (Shapley), one row a provision, largest first.

        ``mean`` is over all people for whom both regimes are defined; the parts sum to the mean loss, which is the
        last row. ``group`` of causes as in ``accounting.CAUSES``. Needs ``compare(..., causes=True)``.
        """
        a, b = self._pair(regime, reference)
        suffix = f"_{a}__{b}"
        names = [n for n in self.table.column_names if n.startswith("cause_") and n.endswith(suffix)]
        if not names and self._differ(a, b):
            raise refuse("the results hold no causes: compare(..., causes=True)", column=f"cause_…{suffix}")
        numbers, labels = self._groups_or_all(by)
        parts = {n.removeprefix("cause_").removesuffix(suffix): self._floats(n) for n in names}
        lost = self._lost(a, b)
        rows = []
        for g in range(len(labels)):
            here = numbers == g
            means = {name: equity.mean(values[here], self.weight[here]) for name, values in parts.items()}
            total = equity.mean(lost[here], self.weight[here])
            ordered = sorted(means, key=lambda name: -abs(means[name].value or 0.0))
            for name in [*ordered, "loss"]:
                found = total if name == "loss" else means[name]
                rows.append(
                    {
                        **_label(labels, g),
                        "cause": name,
                        "group": "" if name == "loss" else losses.group_of(name),
                        "mean": np.nan if found.value is None else found.value,
                        "people": found.people,
                        "n": found.n,
                        "undefined": found.undefined,
                    }
                )
        out = pd.DataFrame(rows)
        out.attrs = {"regime": a, "reference": b, "units": {"mean": self._unit(MEASURES["L1"][1]), "people": "people"}}
        return out

    def _differ(self, a: str, b: str) -> bool:
        first, second = (self.basis.regimes[self.regimes.index(name)] for name in (a, b))
        return bool(first.differs(second))

    def _groups_or_all(self, by: str | Sequence[str] | None) -> tuple[npt.NDArray[np.int64], pd.DataFrame]:
        if by is None:
            return np.zeros(len(self), dtype=np.int64), pd.DataFrame(index=[0])
        return self.groups(by)

    # ------------------------------------------------------------------ summaries

    def summary(self, by: str | Sequence[str] | None = None) -> pd.DataFrame:
        """Losers beside winners of the first regime against each other one, for everybody or by group.

        One row a reference and group. ``people`` (weighted) and ``n`` (rows) stand behind the shares and the means of
        the group; ``losing_n``, ``gaining_n`` and ``ratio_n`` behind the means of losers, winners and ratios;
        ``undefined`` counts the rows left out and ``undefined_reasons`` says why. Less than one yuan of wealth is
        unchanged.
        """
        if len(self.regimes) < 2:
            raise RegimeError("a loss compares two regimes; there are results under one")
        numbers, labels = self._groups_or_all(by)
        rows = [
            {"reference": reference, **_label(labels, g), **row}
            for reference in self.regimes[1:]
            for g, row in enumerate(self._summary_rows(reference, numbers, len(labels)))
        ]
        out = pd.DataFrame(rows)
        for name in labels:
            if isinstance(labels[name].dtype, pd.CategoricalDtype):
                out[name] = out[name].astype(labels[name].dtype)
        wealth = self._unit(RESULT_UNITS["pw"][0])
        units = dict.fromkeys(("losing", "gaining", "unchanged"), "share of people")
        units |= dict.fromkeys(("mean_loss", "mean_gain", "mean_pw", "mean_pw_reference"), wealth)
        units |= dict.fromkeys(
            ("mean_loss_monthly", "mean_gain_monthly", "mean_monthly", "mean_monthly_reference"), "yuan/month, nominal"
        )
        units |= {"people": "people", "mean_ratio": "fraction"}
        out.attrs = {"regime": self.regimes[0], "units": units, "limits": DISCLAIMER}
        return out

    def _summary_rows(self, reference: str, numbers: npt.NDArray[np.int64], size: int) -> Iterator[dict[str, Any]]:
        a, b = self._pair(None, reference)
        reason = np.where(self.reasons(a) != award_fields.DEFINED, self.reasons(a), self.reasons(b))
        known = reason == award_fields.DEFINED
        w, group = self.weight[known], numbers[known]
        pw, pw_reference, monthly, monthly_reference = (
            self.column(name, r)[known] for name in ("pw", "monthly") for r in (a, b)
        )
        lost = self._lost(a, b)[known]
        losing, gaining = lost >= UNCHANGED_YUAN, lost <= -UNCHANGED_YUAN
        ratio = losses.ratio(pw, pw_reference)
        has_ratio = np.isfinite(ratio)
        everybody = np.ones(w.size, dtype=np.bool_)

        def count(chosen: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
            return np.bincount(group[chosen], minlength=size)

        def weight(chosen: npt.NDArray[np.bool_]) -> Float:
            return np.bincount(group[chosen], w[chosen], size).astype(np.float64)

        def mean(values: Float, chosen: npt.NDArray[np.bool_] = everybody) -> Float:
            people = weight(chosen)
            sums = np.bincount(group[chosen], (w * values)[chosen], size)
            return np.where(people > 0.0, sums / np.where(people > 0.0, people, 1.0), np.nan)

        columns: dict[str, Any] = {
            "people": weight(everybody),
            "n": count(everybody),
            "losing": mean(losing.astype(np.float64)),
            "losing_n": count(losing),
            "mean_loss": mean(lost, losing),
            "mean_loss_monthly": mean(monthly_reference - monthly, losing),
            "gaining": mean(gaining.astype(np.float64)),
            "gaining_n": count(gaining),
            "mean_gain": mean(-lost, gaining),
            "mean_gain_monthly": mean(monthly - monthly_reference, gaining),
            "unchanged": mean((~(losing | gaining)).astype(np.float64)),
            "mean_ratio": mean(np.where(has_ratio, ratio, 0.0), has_ratio),
            "ratio_n": count(has_ratio),
            "mean_pw": mean(pw),
            "mean_pw_reference": mean(pw_reference),
            "mean_monthly": mean(monthly),
            "mean_monthly_reference": mean(monthly_reference),
            "undefined": np.bincount(numbers[~known], minlength=size),
        }
        why = [Counter[int]() for _ in range(size)]
        for g, code in zip(numbers[~known].tolist(), reason[~known].tolist(), strict=True):
            why[g][code] += 1
        for g in range(size):
            row = {name: values[g].item() for name, values in columns.items()}
            row["undefined_reasons"] = "; ".join(
                f"{n:,}: {award_fields.STATUS_TEXT[code]}" for code, n in sorted(why[g].items())
            )
            yield row

    def loss_table(self, by: str | Sequence[str] = "stars") -> pd.DataFrame:
        """Losers, winners, mean loss and its causes by group, for each reference (``pension.loss_tables``)."""
        from pension.loss_tables import loss_table

        return loss_table(self, by)

    def distribution(
        self,
        regime: str | None = None,
        reference: str | None = None,
        by: str | Sequence[str] | None = None,
        *,
        measure: str = "L1",
        probabilities: Sequence[float] = (0.05, 0.25, 0.5, 0.75, 0.95),
        above: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """L9: distribution of a loss over people: mean, quantiles, P(loss > x), winners and losers, by group.

        ``measure`` is one of ``MEASURES``; ``above`` the x of P(loss > x), by default 0 and, for L1, 10,000 and 100,000
        yuan. ``undefined`` counts the people left out. Winners and losers by amount stand in ``summary``.
        """
        a, b = self._pair(regime, reference)
        if measure not in MEASURES:
            raise refuse(f"one of {', '.join(MEASURES)}", column="measure", value=measure)
        lost, reasons = self._measures(a, b)[measure]
        missing = {_NO_ANNUITY: NO_ANNUITY, _NO_COLUMN: NO_COLUMN}
        for code, text in missing.items():
            if (reasons == code).any():
                raise refuse(text, column="measure", value=measure)
        if above is None:
            above = (0.0, 10_000.0, 100_000.0) if measure == "L1" else (0.0,)
        numbers, labels = self._groups_or_all(by)
        rows = []
        for g in range(len(labels)):
            here = numbers == g
            x, w = lost[here], self.weight[here]
            average = equity.mean(x, w)
            row: dict[str, Any] = {**_label(labels, g), "people": average.people, "n": average.n}
            row |= {"undefined": average.undefined, "mean": average.value}
            row |= {
                f"p{100 * p:g}": q.value
                for p, q in zip(probabilities, equity.quantiles(x, probabilities, w), strict=True)
            }
            row |= {f"P(loss > {x_:g})": equity.share_above(x, x_, w).value for x_ in above}
            rows.append(row | {"P(gain)": equity.share_above(-x, 0.0, w).value})
        out = pd.DataFrame(rows)
        unit = self._unit(MEASURES[measure][1])
        units = {str(c): unit for c in out if str(c) == "mean" or str(c).startswith("p")} | {"people": "people"}
        units |= {str(c): "share of people" for c in out if str(c).startswith("P(")}
        out.attrs = {"regime": a, "reference": b, "measure": measure, "units": units}
        return out

    def equity(
        self,
        regime: str | None = None,
        reference: str | None = None,
        by: str | Sequence[str] = "stars",
        *,
        line: float | None = None,
        classes: int = 20,
    ) -> pd.DataFrame:
        """Who bears the loss (``pension.equity``): one row a measure, with counts and the reason where undefined.

        Inequality is that of pension wealth under the regime and the reference, people for whom both are defined; the
        loss is read as a tax on the reference. Poverty is that of the first monthly pension (nominal) against ``line``
        (yuan/month), by default half the median under the reference. Horizontal inequity, E[Var(ln PW | equal
        contributions)], is there where the results hold contributions (``compare(..., wealth=True)``).
        """
        a, b = self._pair(regime, reference)
        w = self.weight
        both = ~np.isnan(self.column("pw", a)) & ~np.isnan(self.column("pw", b))
        pw, monthly = ({r: np.where(both, self.column(name, r), np.nan) for r in (a, b)} for name in ("pw", "monthly"))
        numbers, labels = self.groups(by)
        texts = labels.astype(str).agg(" × ".join, axis=1).to_numpy()[numbers]
        rows: list[tuple[str, str, equity.Measure]] = []
        for name in (b, a):
            parts = equity.theil_decomposition(pw[name], texts, w)
            rows += [("Gini", name, equity.gini(pw[name], w)), ("Theil T", name, parts.total)]
            rows += [("Theil T between groups", name, parts.between), ("Theil T within groups", name, parts.within)]
        tax = equity.redistribution(pw[b], pw[a], w, classes=min(classes, max(int(both.sum()) // 2, 1)))
        lost = np.where(both, self._lost(a, b), np.nan)
        rows += [
            ("mean loss / mean wealth", "loss", tax.rate),
            ("concentration by reference wealth", "loss", equity.concentration(lost, pw[b], w)),
            ("Kakwani", "loss", tax.kakwani),
            ("redistribution: Gini of the reference - Gini", "loss", tax.effect),
            ("vertical (Reynolds-Smolensky)", "loss", tax.vertical),
            ("re-ranking (Atkinson-Plotnick)", "loss", tax.reranking),
            ("vertical between near-equals", "loss", tax.vertical_of_classes),
            ("horizontal among near-equals", "loss", tax.horizontal),
            ("re-ranking between near-equals", "loss", tax.reranking_of_classes),
        ]
        for name in (b, a):
            if f"all_contributions_{name}" in self.table.column_names:
                paid = np.where(both, self.column("all_contributions", name), np.nan)
                unlike = equity.horizontal_inequity(pw[name], paid, w, classes=classes)
                rows.append(("horizontal inequity E[Var(ln PW | equal contributions)]", name, unlike))
        half = equity.half_median_line(monthly[b], w, unit="yuan/month")
        limit = line if line is not None else half.value
        if line is None:
            rows.append(("poverty line: half the median monthly pension", b, half))
        for name in (b, a):
            for alpha, text in ((0.0, "share of the poor"), (1.0, "poverty gap"), (2.0, "severity of poverty")):
                if limit is None or limit <= 0.0:
                    nothing = equity.Measure(None, "", 0.0, 0, half.undefined, "no positive poverty line")
                    rows.append((text, name, nothing))
                else:
                    rows.append((text, name, equity.fgt(monthly[name], limit, alpha, w)))
        out = pd.DataFrame(
            [(text, of, m.value, m.unit, m.people, m.n, m.undefined, m.reason) for text, of, m in rows],
            columns=["measure", "of", "value", "unit", "people", "n", "undefined", "reason"],
        )
        out.attrs = {"regime": a, "reference": b, "groups": by, "line": limit}
        return out

    # ------------------------------------------------------------------ showing and writing

    def _repr_html_(self) -> str:
        """A short table for notebooks: who loses and who gains, with what is left out."""
        regimes = "; ".join(f"{r.name}: {r.title}" if r.title else r.name for r in self.basis.regimes)
        head = (
            f"<p><b>Results of {len(self):,} people</b> — {html.escape(regimes)}. Wealth in yuan of "
            f"{self.basis.price_year} at the statutory month; scenario {html.escape(self.basis.scenario)}.</p>"
        )
        if len(self.regimes) < 2:
            body = ""
        else:
            found = self.summary()
            shown = found[["reference", "people", "losing", "mean_loss", "gaining", "mean_gain", "unchanged"]].copy()
            shown["undefined"] = [
                f"{n:,} ({why})" if n else "0"
                for n, why in zip(found["undefined"], found["undefined_reasons"], strict=True)
            ]
            body = shown.to_html(
                index=False,
                na_rep="–",
                formatters={
                    **dict.fromkeys(("people", "mean_loss", "mean_gain"), "{:,.0f}".format),
                    **dict.fromkeys(("losing", "gaining", "unchanged"), "{:.1%}".format),
                },
            )
        return f"{head}{body}<p><i>{DISCLAIMER}</i></p>"

    def to_excel(self, path: str | os.PathLike[str]) -> None:
        """A workbook: summary, summary by severity group, units, method note, people. Needs openpyxl.

        Raises ``InputError`` above the 1,048,575 people a sheet holds.
        """
        try:
            import openpyxl  # type: ignore[import-untyped]  # noqa: F401
        except ImportError as error:
            raise ImportError("workbooks need openpyxl: pip install 'pension-portability[excel]'") from error
        if len(self) > _EXCEL_ROWS:
            raise refuse(f"a sheet holds {_EXCEL_ROWS:,} people", file=str(path), value=len(self))
        people = self.frame()
        units = pd.DataFrame(
            {"column": list(people.attrs["units"]), "unit": list(people.attrs["units"].values())}
            | {"meaning": list(people.attrs["meaning"].values())}
        )
        sheets = {"units": units, "method": pd.DataFrame({"note": self.method_note().splitlines()}), "people": people}
        if len(self.regimes) > 1:
            sheets = {"summary": self.summary(), "by severity group": self.summary("stars"), **sheets}
        with pd.ExcelWriter(path, engine="openpyxl") as writer:
            for name, sheet in sheets.items():
                _without_formulas(sheet).to_excel(writer, sheet_name=name, index=False)

    def method_note(self, sensitivities: Mapping[str, str] | None = None) -> str:
        """One page in Markdown: scope, date, data, assumptions, method, results, limits, reproducibility (ISAP 2).

        ``sensitivities`` are the variations that were run, with their result in words; the others of
        ``method_note.SENSITIVITIES`` are listed as not run.
        """
        from pension.method_note import method_note

        return method_note(self, sensitivities or {})


_EXCEL_ROWS: Final = 2**20 - 1


class _Fingerprint:
    """sha256 over the columns of histories; the same however they are cut into blocks."""

    def __init__(self) -> None:
        self._columns: dict[str, Any] = {}
        self._dated = False

    def add(self, arrays: HistoryArrays) -> None:
        self._dated |= arrays.registration_month.size > 0
        for name, values in arrays._asdict().items():
            if name.endswith("offsets"):
                values = np.diff(values)
            self._columns.setdefault(name, hashlib.sha256()).update(np.ascontiguousarray(values).data)

    def hex(self) -> str:
        whole = hashlib.sha256()
        # Without any dated registration the hash is that of the other columns.
        for name in sorted(n for n in self._columns if self._dated or not n.startswith("registration_")):
            whole.update(f"{name}\0{self._columns[name].hexdigest()}\0".encode())
        return whole.hexdigest()


class _Game:
    """Attribution of one pair's loss to provisions, for many people."""

    def __init__(self, parameters: Parameters, regime: Regime, reference: Regime) -> None:
        self._pair = regime.name, reference.name
        self._engine = Engine(parameters, [regime, reference])

    def parts(self, histories: Histories) -> Iterator[tuple[str, Float]]:
        """(column, [person]): amounts that sum to the loss; NaN where a mixture of the two is undefined."""
        causes = self._engine.run(histories.arrays, ("pw",), self._pair).causes
        for name, part in ({} if causes is None else causes.parts).items():
            yield f"cause_{name}_{self._pair[0]}__{self._pair[1]}", part


# ---------------------------------------------------------------------- files and frames


def _read_table(path: Path) -> pa.Table:
    try:
        with path.open("rb") as file:
            magic = file.read(4)
        if magic == b"PAR1":
            import pyarrow.parquet as pq

            return pq.read_table(path, page_checksum_verification=True)
        if magic == b"ARRO":
            with pa.ipc.open_file(path) as reader:
                return reader.read_all()
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = "the file does not exist" if isinstance(error, FileNotFoundError) else "the file cannot be read"
        raise refuse(reason, file=str(path)) from error
    raise refuse("neither a Parquet nor an Arrow IPC file", file=str(path))


def _regime(name: str, data: dict[str, Any]) -> Regime:
    """The regime of a file, with the texts of the shipped one where that is the same."""
    found = Regime.of_data(name, data)
    known = shipped().get(name)
    if known is not None and known.data() == found.data():
        return known
    return found


def _series(column: pa.ChunkedArray) -> pd.Series[Any]:
    """A column for pandas; integers with gaps stay integers."""
    if pa.types.is_integer(column.type) and column.null_count:
        numbers, missing = column.fill_null(0).to_numpy(), column.is_null().to_numpy()
        return pd.Series(pd.arrays.IntegerArray(numbers, missing))
    return column.to_pandas()


def _texts(codes: npt.NDArray[np.int64], texts: Mapping[int, str]) -> Any:
    """Categorical [person]: the text of each code."""
    found, positions = np.unique(codes, return_inverse=True)
    known = list(dict.fromkeys(texts[int(code)] for code in found))
    of_codes = np.array([known.index(texts[int(code)]) for code in found], dtype=np.int8)
    return pd.Categorical.from_codes(of_codes[positions], categories=pd.Index(known, dtype=object))


def _label(labels: pd.DataFrame, g: int) -> dict[str, Any]:
    return {str(name): labels[name].iloc[g] for name in labels}


def _without_formulas(sheet: pd.DataFrame) -> pd.DataFrame:
    """Texts that no spreadsheet takes for a formula."""
    found = sheet.copy()
    for name in found:
        if isinstance(found[name].dtype, pd.CategoricalDtype) or not pd.api.types.is_numeric_dtype(found[name]):
            found[name] = [
                f"'{v}" if isinstance(v, str) and v.startswith(("=", "+", "-", "@", "\t", "\r")) else v
                for v in found[name].astype(object)
            ]
    return found
