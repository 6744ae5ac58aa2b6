"""Flows between provinces as tables: corridors, matrices, pool accounts, payers, cost of a reform; and as text.

Every frame carries ``attrs["units"]`` and ``attrs["meaning"]`` of its columns. Amounts of many people are constant yuan
of the price year, weighted; those of one person yuan at the award (money) and at R0 (present values).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pension import schema
from pension.accounting import Regime
from pension.errors import Problem, refuse
from pension.kernels import award_fields
from pension.pools import moves
from pension.pools import sums as flow_sums

# A statement reads one person's flows: pandas, a third of a second, is imported by the tables alone.
if TYPE_CHECKING:
    import pandas as pd

Float = npt.NDArray[np.float64]

_CODES: Final = [code for code, _, _ in schema.PLACES]
_NAMES: Final = {code: english for code, _, english in schema.PLACES}

_MOVE_COLUMNS: Final = {
    "months": (moves.MONTHS, "months", "counted months that move, deemed ones included"),
    "account": (moves.ACCOUNT, "yuan", "account money with book interest to the award"),
    "pooled": (moves.POOLED, "yuan", "pooled money that moves, at face (provision pooled_transfer)"),
    "paid": (moves.PAID, "yuan", "pooled points of the moved months as they were paid, at face"),
    "bases": (moves.BASES, "yuan", "sum of the contribution bases since 1998 of the moved months, at face"),
    "liability_origin": (moves.LIABILITY_ORIGIN, "yuan at R0", "L_o: basic and transitional pension at origin wages"),
    "liability_destination": (
        moves.LIABILITY_DESTINATION,
        "yuan at R0",
        "L_d: basic and transitional pension of the same months at destination wages",
    ),
}
_DERIVED: Final = {
    "origin_gain": ("yuan at R0", "L_o - pooled money moved"),
    "destination_burden": ("yuan at R0", "L_d - pooled money moved"),
    "member_loss": ("yuan at R0", "L_o - L_d; origin gain = destination burden + member loss"),
    "stays": ("yuan", "pooled points paid less pooled money moved: what stays at the origin"),
    "neutral_rate": ("fraction", "L_d / sum of bases: transfer rate at which the destination neither gains nor loses"),
}
_LINE_COLUMNS: Final = {
    "months": (moves.COUNTED, "months", "counted employee months"),
    "paid_account": (moves.PAID_ACCOUNT, "yuan", "contributions to employee accounts, at face"),
    "paid_pooled": (moves.PAID_POOLED, "yuan", "pooled contributions, at face"),
    "paid_resident": (moves.PAID_RESIDENT, "yuan", "resident contributions and collective assistance, at face"),
    "subsidy": (moves.SUBSIDY, "yuan", "government subsidies of resident contributions"),
    "interest": (moves.INTEREST, "yuan", "book interest of the accounts while they stood there"),
    "account_in": (moves.ACCOUNT_IN, "yuan", "account money moved in"),
    "account_out": (moves.ACCOUNT_OUT, "yuan", "account money moved out"),
    "pooled_in": (moves.POOLED_IN, "yuan", "pooled money moved in"),
    "pooled_out": (moves.POOLED_OUT, "yuan", "pooled money moved out"),
    "refunds": (moves.REFUND, "yuan", "paid out at once: dropped months, overlaps, withdrawals"),
    "accounts": (moves.ACCOUNTS, "yuan", "account money held when everything is settled"),
    "pool": (moves.POOL, "yuan", "pooled money left, at face"),
    "paid_pooled_with_interest": (
        moves.PAID_POOLED_WITH_INTEREST,
        "yuan",
        "pooled contributions with book interest to the award",
    ),
}
RULES: Final = {"claim": moves.OWES_CLAIM, "accrual": moves.OWES_ACCRUAL, "years": moves.OWES_YEARS}
"""Rules of ``payer_of_benefit`` that divide the pooled pension between provinces; ``national`` charges the nation."""


@dataclass(frozen=True)
class PersonFlows:
    """Rows of one person under one regime."""

    moves: Float
    lines: Float
    price: float
    """Constant yuan of the price year for one yuan at R0."""

    def move(self, kind: str, origin: int, to: int) -> dict[str, float] | None:
        """One move by kind and place codes; None where there is none."""
        for row in self.moves:
            places = _CODES[int(row[moves.FROM])], _CODES[int(row[moves.TO])]
            if moves.KINDS[int(row[moves.KIND])] == kind and places == (origin, to):
                return _move(row)
        return None


def _move(row: Float) -> dict[str, float]:
    """A move's columns, from a row of ``moves.N_MOVE`` or ``flow_sums.N_CORRIDOR`` numbers."""
    out = {name: float(row[f]) for name, (f, _, _) in _MOVE_COLUMNS.items()}
    out["origin_gain"] = out["liability_origin"] - out["pooled"]
    out["destination_burden"] = out["liability_destination"] - out["pooled"]
    out["member_loss"] = out["liability_origin"] - out["liability_destination"]
    out["stays"] = out["paid"] - out["pooled"]
    out["neutral_rate"] = out["liability_destination"] / out["bases"] if out["bases"] else np.nan
    if moves.KINDS[int(row[moves.KIND])] != "66号":
        # Between the schemes, and with the registration, only money moves: no months, no liability.
        absent = {*_MOVE_COLUMNS, *_DERIVED} - {"account", "pooled"}
        out |= dict.fromkeys(absent, np.nan)
    return out


@dataclass(frozen=True)
class Flows:
    """Sums over the people for whom every regime is defined."""

    regimes: tuple[Regime, ...]
    _corridors: Float = field(repr=False)
    _totals: Float = field(repr=False)
    _wealth: Float = field(repr=False)
    _worse: Float = field(repr=False)
    people: int
    """People in the sums."""
    weight: float
    left_out: Counter[int]
    """People left out because one of the regimes is undefined, by reason code (``award_fields.STATUS_TEXT``)."""
    rejected: int
    parameter_hash: str
    scenario: str
    price_year: int
    problems: list[Problem] = field(repr=False)
    _each: list[tuple[object, float, list[PersonFlows]]] | None = field(repr=False)

    # ---- tables

    def corridors(self, regime: str | None = None) -> pd.DataFrame:
        """One row a (regime, kind, from, to) on which somebody moved, with money, liabilities and who gains."""
        self._chosen(regime)
        if regime is None:
            return self._all_corridors.copy()
        found = self._all_corridors[self._all_corridors["regime"] == regime]
        return found.reset_index(drop=True)

    @cached_property
    def _all_corridors(self) -> pd.DataFrame:
        rows = []
        for r in range(len(self.regimes)):
            for k, kind in enumerate(moves.KINDS):
                for o, d in np.argwhere(self._corridors[r, k, :, :, flow_sums.ROWS] > 0.0).tolist():
                    row = self._corridors[r, k, o, d]
                    head = {"regime": self.regimes[r].name, "kind": kind, "from": _CODES[o], "to": _CODES[d]}
                    head |= {"people": float(row[flow_sums.PEOPLE]), "moves": int(row[flow_sums.ROWS])}
                    rows.append(head | _move(np.concatenate([[k], row[1:]])))
        columns = ["regime", "kind", "from", "to", "people", "moves", *_MOVE_COLUMNS, *_DERIVED]
        units = {"people": ("people", "weighted"), "moves": ("rows", "moves counted"), **self._move_units()}
        return _frame(rows, columns, self._constant(units))

    def matrix(self, column: str, regime: str | None = None, kind: str = "66号") -> pd.DataFrame:
        """One column of ``corridors`` as a matrix, origins down and destinations across (place codes); 0 where nobody
        moved, missing where a neutral rate has no bases."""
        found = self.corridors(self.regimes[0].name if regime is None else regime)
        if kind not in moves.KINDS:
            raise refuse(f"one of {', '.join(moves.KINDS)}", column="kind", value=kind)
        if column not in found.columns[4:]:
            raise refuse(f"one of {', '.join(found.columns[4:])}", column="column", value=column)
        here = found[found["kind"] == kind]
        import pandas as pd

        out = pd.DataFrame(0.0, index=pd.Index(_CODES, name="from"), columns=pd.Index(_CODES, name="to"))
        for origin, to, value in zip(here["from"], here["to"], here[column], strict=True):
            out.loc[origin, to] = value
        out.attrs = {
            "units": {column: found.attrs["units"][column]},
            "meaning": {column: found.attrs["meaning"][column]},
        }
        return out

    def accounts(self, regime: str | None = None) -> pd.DataFrame:
        """One row a (regime, place): what came in, moved, was paid out and stays, what the pool owes by the regime's
        ``payer_of_benefit``, and the balance.

        contributions + subsidies + interest + money in = accounts + pool + refunds + money out, in every row.
        """
        rows = []
        for r in self._chosen(regime):
            owed = self._owed(r, self.regimes[r].choice("payer_of_benefit"))
            for p in np.flatnonzero(np.any(self._totals[r] != 0.0, axis=1) | (owed != 0.0)).tolist():
                line = self._totals[r, p]
                row: dict[str, Any] = {
                    "regime": self.regimes[r].name,
                    "place": _CODES[p],
                    "people": float(line[moves.PLACE]),
                }
                row |= {name: float(line[f]) for name, (f, _, _) in _LINE_COLUMNS.items()}
                row["owes"] = float(owed[p])
                row["balance"] = row["pool"] - row["owes"]
                row["balance_with_interest"] = row["balance"] + row["paid_pooled_with_interest"] - row["paid_pooled"]
                rows.append(row)
        units = {"people": ("people", "weighted, with money or a right there")}
        units |= {name: (unit, text) for name, (_, unit, text) in _LINE_COLUMNS.items()}
        units["owes"] = ("yuan at R0", "present value of the pooled pension by the regime's payer_of_benefit")
        units["balance"] = ("yuan", "pool - owes: pooled money at face against benefits at present value")
        units["balance_with_interest"] = ("yuan", "the same with book interest on the pooled contributions")
        return _frame(rows, ["regime", "place", *units], self._constant(units))

    def payers(self, regime: str | None = None) -> pd.DataFrame:
        """One row a (regime, rule, place): present value that falls on each place by every ``payer_of_benefit``.

        ``account`` is paid where the account is held (the claim place), ``resident`` at the registered residence,
        whatever the rule. The totals of every rule are the present value of all benefits.
        """
        rows = []
        for r in self._chosen(regime):
            for rule in (*RULES, "national"):
                owed = self._owed(r, rule)
                account, resident = (self._totals[r, :, f] for f in (moves.OWES_ACCOUNT, moves.OWES_RESIDENT))
                for p in np.flatnonzero((owed != 0.0) | (account != 0.0) | (resident != 0.0)).tolist():
                    row: dict[str, Any] = {
                        "regime": self.regimes[r].name,
                        "rule": rule,
                        "place": _CODES[p],
                        "pooled": float(owed[p]),
                    }
                    row |= {"account": float(account[p]), "resident": float(resident[p])}
                    rows.append(row | {"total": row["pooled"] + row["account"] + row["resident"]})
        units = {
            "pooled": ("yuan at R0", "basic and transitional pension, or what a design pays instead"),
            "account": ("yuan at R0", "employee accounts: pension, heirs, withdrawals, refunds of dropped months"),
            "resident": ("yuan at R0", "everything of the resident scheme, and citizen pensions"),
            "total": ("yuan at R0", "all benefits"),
        }
        return _frame(rows, ["regime", "rule", "place", *units], self._constant(units))

    def reform(self, regime: str | None = None) -> pd.DataFrame:
        """One row a (regime, place): what replacing the first regime costs each payer.

        ``cost`` = ``level`` (more or less is paid, payers as under the first regime) + ``reallocation`` (the same is
        paid by others; sums to 0). ``compensation`` is the present value those lack who get less than under the first
        regime, at the place that pays them under it: with it nobody is worse off.
        """
        rows = []
        before = self.regimes[0].choice("payer_of_benefit")
        for r in self._chosen(regime):
            if r == 0:
                continue
            level = self._total(r, before) - self._total(0, before)
            moved = self._total(r, self.regimes[r].choice("payer_of_benefit")) - self._total(r, before)
            worse = self._worse[r]
            for p in np.flatnonzero((level != 0.0) | (moved != 0.0) | np.any(worse != 0.0, axis=1)).tolist():
                row = {"regime": self.regimes[r].name, "place": _CODES[p], "cost": float(level[p] + moved[p])}
                row |= {"level": float(level[p]), "reallocation": float(moved[p])}
                rows.append(row | {"compensation": float(worse[p, 0]), "worse_off": float(worse[p, 1])})
        units = {
            "cost": ("yuan at R0", f"present value paid less that under {self.regimes[0].name}"),
            "level": ("yuan at R0", "part of the cost at unchanged payers"),
            "reallocation": ("yuan at R0", "part of the cost because other pools pay; sums to 0"),
            "compensation": ("yuan at R0", "what those lack who get less"),
            "worse_off": ("people", "weighted, at least one yuan worse off"),
        }
        return _frame(rows, ["regime", "place", *units], self._constant(units))

    def moves(self) -> pd.DataFrame:
        """Every person's own moves, one row each, yuan at R0 and at face; needs ``flows(..., people=True)``."""
        rows = []
        for person, weight, found in self._persons():
            for regime, of in zip(self.regimes, found, strict=True):
                for row in of.moves:
                    head = {"person": person, "weight": weight, "regime": regime.name}
                    head |= {"kind": moves.KINDS[int(row[moves.KIND])]}
                    head |= {"from": _CODES[int(row[moves.FROM])], "to": _CODES[int(row[moves.TO])]}
                    rows.append(head | _move(row))
        columns = ["person", "weight", "regime", "kind", "from", "to", *_MOVE_COLUMNS, *_DERIVED]
        return _frame(rows, columns, self._move_units())

    def lines(self) -> pd.DataFrame:
        """Every person's province accounts, one row a (person, regime, place), yuan at R0 and at face, with what each
        province owes by every rule; needs ``flows(..., people=True)``."""
        fields = {name: f for name, (f, _, _) in _LINE_COLUMNS.items()}
        fields |= {f"owes_{rule}": f for rule, f in RULES.items()}
        fields |= {"owes_account": moves.OWES_ACCOUNT, "owes_resident": moves.OWES_RESIDENT}
        rows = []
        for person, weight, found in self._persons():
            for regime, of in zip(self.regimes, found, strict=True):
                for line in of.lines:
                    head = {"person": person, "weight": weight, "regime": regime.name}
                    head["place"] = _CODES[int(line[moves.PLACE])]
                    rows.append(head | {name: float(line[f]) for name, f in fields.items()})
        units = {name: (unit, text) for name, (_, unit, text) in _LINE_COLUMNS.items()}
        units |= {f"owes_{rule}": ("yuan at R0", f"pooled pension by payer rule {rule}") for rule in RULES}
        units["owes_account"] = ("yuan at R0", "paid out of employee accounts")
        units["owes_resident"] = ("yuan at R0", "everything of the resident scheme, and citizen pensions")
        return _frame(rows, ["person", "weight", "regime", "place", *fields], units)

    # ---- single numbers

    def total(self, column: str, regime: str | None = None) -> float:
        """Sum of one column of ``corridors`` over all moves between provinces."""
        found = self.corridors(self.regimes[0].name if regime is None else regime)
        return float(found.loc[found["kind"] == "66号", column].sum())

    def neutral_rate(self, regime: str | None = None) -> float:
        """Transfer rate at which the destinations together neither gain nor lose: sum of L_d / sum of bases; NaN where
        no base was paid since 1998."""
        bases = self.total("bases", regime)
        return self.total("liability_destination", regime) / bases if bases else float("nan")

    def identity_gap(self) -> float:
        """Largest |origin gain - destination burden - member loss| of a corridor, in parts of its liabilities."""
        found = self.corridors()
        found = found[found["kind"] == "66号"]
        gap = (found["origin_gain"] - found["destination_burden"] - found["member_loss"]).abs()
        size = found[["liability_origin", "liability_destination", "pooled"]].abs().max(axis=1)
        return float((gap / size.where(size > 0.0, 1.0)).max()) if len(found) else 0.0

    def conservation_gap(self) -> float:
        """Largest gap of a province's books, yuan a person: money in less money out, held and left."""
        found = self.accounts()
        into = ["paid_account", "paid_pooled", "paid_resident", "subsidy", "interest", "account_in", "pooled_in"]
        out = ["accounts", "pool", "refunds", "account_out", "pooled_out"]
        gap = (found[into].sum(axis=1) - found[out].sum(axis=1)).abs()
        return float((gap / found["people"].where(found["people"] > 0.0, 1.0)).max()) if len(found) else 0.0

    def wealth(self, regime: str | None = None) -> float:
        """Sum of the present values of all benefits, constant yuan."""
        return float(self._wealth[self._chosen(regime or self.regimes[0].name)[0]])

    # ---- showing

    def summary(self, top: int = 5) -> str:
        """A page of text: the largest corridors, the biggest net receivers and payers, checks, neutral rate, reform."""
        from pension.pools.text import flows_text

        return flows_text(self, top)

    def data(self) -> dict[str, Any]:
        """Everything as plain values for JSON; missing is null."""
        tables = {"corridors": self.corridors(), "accounts": self.accounts()}
        tables |= {"payers": self.payers(), "reform": self.reform()}
        return {
            "notice": "A research estimate, no official determination.",
            "regimes": [regime.name for regime in self.regimes],
            "people": self.people,
            "weight": self.weight,
            "left_out": {award_fields.STATUS_TEXT[code]: n for code, n in sorted(self.left_out.items())},
            "rejected": self.rejected,
            "price_year": self.price_year,
            "scenario": self.scenario,
            "parameters": self.parameter_hash,
            "neutral_rate": {regime.name: _or_none(self.neutral_rate(regime.name)) for regime in self.regimes},
            "identity_gap": self.identity_gap(),
            "conservation_gap": self.conservation_gap(),
            **{
                name: [{k: _or_none(v) for k, v in row.items()} for row in frame.to_dict("records")]
                for name, frame in tables.items()
            },
        }

    # ---- inside

    def _chosen(self, regime: str | None) -> Sequence[int]:
        if regime is None:
            return range(len(self.regimes))
        names = [known.name for known in self.regimes]
        if regime not in names:
            raise refuse(f"one of {', '.join(names)}", column="regime", value=regime)
        return [names.index(regime)]

    def _owed(self, r: int, rule: str) -> Float:
        """Pooled pension by place under one rule."""
        if rule == "national":
            owed = np.zeros(schema.N_PLACES)
            owed[schema.NATION_INDEX] = self._totals[r, :, moves.OWES_CLAIM].sum()
            return owed
        return self._totals[r, :, RULES[rule]]

    def _total(self, r: int, rule: str) -> Float:
        """All benefits by place under one rule."""
        return self._owed(r, rule) + self._totals[r, :, moves.OWES_ACCOUNT] + self._totals[r, :, moves.OWES_RESIDENT]

    def _persons(self) -> Iterable[tuple[object, float, list[PersonFlows]]]:
        if self._each is None:
            raise refuse("the flows of single people were not kept: flows(..., people=True)", column="people")
        return self._each

    @staticmethod
    def _move_units() -> dict[str, tuple[str, str]]:
        return {name: (unit, text) for name, (_, unit, text) in _MOVE_COLUMNS.items()} | _DERIVED

    def _constant(self, units: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
        """The units of sums over people: constant yuan, each person's money taken as yuan of R0."""
        return {k: (u.replace("yuan", f"yuan of {self.price_year}"), text) for k, (u, text) in units.items()}


def _or_none(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _frame(rows: list[dict[str, Any]], columns: Sequence[str], units: dict[str, tuple[str, str]]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(columns))
    frame.attrs = {"units": {k: u for k, (u, _) in units.items()}, "meaning": {k: t for k, (_, t) in units.items()}}
    return frame


def place_name(code: int) -> str:
    """English name of a place code."""
    return _NAMES[int(code)]
