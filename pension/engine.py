"""From checked histories to entitlements in memory: award months, the world of a batch, one kernel call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pension import award_fields, schema, settle
from pension import valuation as val
from pension._compile import in_threads, kernel
from pension.accounting import PROVISIONS, Regime, RegimeError, resolve, vectors, wanted
from pension.attribution import N_SHARES, SHAPLEY, Game, no_game
from pension.cells import WANTS_FORFEITED, WANTS_INCOME, WANTS_POOLED
from pension.law.ages import earliest_month, retirement_delay, statutory_month
from pension.losses import causes_of, coalitions
from pension.wealth import settled_columns, with_wealth
from pension.world import Packed, World, pack

if TYPE_CHECKING:
    from pension.histories import HistoryArrays
    from pension.parameters import Parameters

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

_KINDS = 7
"""Kinds of reference month: no employee record (men, women) and the five retirement categories."""


@kernel
def award_months(
    h: Any, first: int, last: int, ages: Any, statutory: Any, earliest: Any, award: Any, kind: Any
) -> None:
    """Statutory month, earliest claim and award month (serials) of everybody; ``kind`` the award-table kind.

    Without an employee record the statutory month is that of the 60th birthday.
    """
    for i in range(first, last):
        employee = False
        for record in range(h.offsets[i], h.offsets[i + 1]):
            if h.scheme[record] == 1:
                employee = True
                break
        birth = int(h.birth[i])
        category = h.retirement_category[i]
        if employee and 1 <= category < ages.shape[0]:
            original, first_birth, step, cap, flexible = ages[category]
            delay = retirement_delay(birth, first_birth, step, cap)
            statutory[i] = statutory_month(birth, original, delay)
            # Without a delay there is neither an early nor a late option (94号 applies to the new ages).
            earliest[i] = earliest_month(birth, original, statutory[i], flexible) if delay > 0 else statutory[i]
            kind[i] = 1 + category
        else:
            statutory[i] = birth + 720
            earliest[i] = statutory[i]
            kind[i] = 0 if h.sex[i] == 1 else 1
        award[i] = h.claim[i] if h.claim[i] >= 0 else statutory[i]


@kernel
def _award_keys(birth: Any, kind: Any, award: Any, first_birth: int, rows: Any, known: Any, found: Any) -> int:
    """Number the distinct (kind, birth, award month); returns how many."""
    n = 0
    span = val.AGE_MONTHS
    for i in range(birth.shape[0]):
        code = ((birth[i] - first_birth) * _KINDS + kind[i]) * span + (award[i] - birth[i] - val.FIRST_AGE)
        row = known[code]
        if row < 0:
            row = n
            known[code] = n
            found[n] = i
            n += 1
        rows[i] = row
    return n


@dataclass(frozen=True)
class Causes:
    """The loss of ``regime`` against ``reference`` by provision, person by person, constant yuan of the price year."""

    regime: Regime
    reference: Regime
    provisions: tuple[str, ...]
    shares: Float
    """[person, provision, share]: Shapley value, step in the order of the provisions, least and most over all orders;
    nan where one of the mixtures is undefined."""
    route_choice: Float
    """[person]: the step that the free choice of route makes before all others; 0 where the regimes agree on it."""

    @property
    def parts(self) -> dict[str, Float]:
        """Shares [person] by provision, ``route_choice`` first where the regimes differ in it; they sum to the loss."""
        parts = {name: self.shares[:, k, SHAPLEY] for k, name in enumerate(self.provisions)}
        return {name: parts.get(name, self.route_choice) for name in causes_of(self.regime, self.reference)}


@dataclass(frozen=True)
class Entitlements:
    """What a run gives, person by person: plain arrays."""

    regimes: tuple[Regime, ...]
    columns: tuple[str, ...]
    values: Float
    """[person, regime, column]; names in ``columns``."""
    stars: npt.NDArray[np.int8]
    """[person]: severity group of the source paper's table 2; 0 without a month outside a labour relation."""
    causes: Causes | None = None
    """The loss of one regime against another by provision, on request."""

    def column(self, name: str, regime: str) -> Float:
        """One column under one regime, [person]."""
        r = [known.name for known in self.regimes].index(regime)
        return self.values[:, r, self.columns.index(name)]


class Engine:
    """Parameters and regimes, ready to settle any histories; weights are built for the births that occur."""

    def __init__(self, parameters: Parameters, regimes: Sequence[str | Regime]) -> None:
        self.parameters = parameters
        self.regimes = tuple(resolve(regimes))
        self._codes, self._numbers = vectors(self.regimes)
        self._weights: val.Weights | None = None

    @cached_property
    def _packed(self) -> Packed:
        return pack(self.parameters.tables)

    @cached_property
    def _award_tables(self) -> val.AwardTables:
        tables, packed = self.parameters.tables, self._packed
        return val.AwardTables(
            tables.annuity_months,
            tables.minimum_months,
            tables.indexation,
            tables.price,
            tables.price_year,
            np.ascontiguousarray(tables.employee_rate[packed.employee_places]),
            np.ascontiguousarray(tables.resident_rate[packed.resident_places]),
            np.ascontiguousarray(packed.wages[schema.NATION_INDEX]),
        )

    def award_months(self, arrays: HistoryArrays) -> tuple[Int, Int, Int, Int]:
        """(statutory month, earliest claim, award month, kind) of everybody, month serials."""
        n = arrays.sex.shape[0]
        out: tuple[Int, Int, Int, Int] = (
            np.empty(n, np.int64),
            np.empty(n, np.int64),
            np.empty(n, np.int64),
            np.empty(n, np.int64),
        )
        in_threads(award_months, n, arrays, self.parameters.tables.ages, *out)
        return out

    def world(self, arrays: HistoryArrays, reference: Int | None = None) -> tuple[World, Int]:
        """Everything the kernel reads for these people, and each person's row in the table of awards.

        ``reference`` is R0 of everybody, the date of present values (month serials); by default the statutory month.
        """
        tables = self.parameters.tables
        statutory, _, award, kind = self.award_months(arrays)
        birth = arrays.birth.astype(np.int64)
        first, last = (int(birth.min()), int(birth.max())) if birth.size else (12 * 1960, 12 * 1960)
        weights = self._weights
        if weights is None or first < weights.first_birth or last >= weights.first_birth + weights.weights.shape[1]:
            if weights is not None:
                first = min(first, weights.first_birth)
                last = max(last, weights.first_birth + weights.weights.shape[1] - 1)
            weights = self._weights = val.build_weights(tables, first, last)
        rows = np.empty(birth.size, dtype=np.int64)
        found = np.empty(birth.size, dtype=np.int64)
        known = np.full(weights.weights.shape[1] * _KINDS * val.AGE_MONTHS, -1, dtype=np.int32)
        n = _award_keys(birth, kind, award, weights.first_birth, rows, known, found)
        picked = found[:n]
        valued_at = statutory if reference is None else reference
        if reference is not None:  # equal awards may be valued at different dates
            _, picked, rows = np.unique(np.stack([rows, reference], 1), axis=0, return_index=True, return_inverse=True)
            n, rows = picked.size, rows.reshape(-1)
        packed = self._packed
        n_employee, n_resident = packed.employee_places.size, packed.resident_places.size
        awards = np.zeros((n, val.N_AWARD + n_employee + 4 * n_resident))
        in_threads(
            val.fill_awards,
            n,
            awards,
            arrays.sex[picked].astype(np.int64),
            birth[picked],
            award[picked],
            valued_at[picked],
            self._award_tables,
            weights,
        )
        world = World(
            packed.wages,
            packed.annual,
            packed.years,
            packed.resident,
            packed.monthly,
            packed.basic,
            packed.lines,
            packed.tiers,
            packed.floors,
            tables.subsidy_floor_tier,
            tables.resident_basic_horizon,
            weights.first_birth,
            weights.weights,
            weights.prefix,
            weights.interest,
            awards,
            n_employee,
            tables.resident_award_year_months,
        )
        return world, rows

    def run(
        self,
        arrays: HistoryArrays,
        columns: Sequence[str] = ("status", "route", "monthly", "pw"),
        causes: tuple[str, str] | None = None,
        reference: Int | None = None,
    ) -> Entitlements:
        """Settle checked histories under every regime.

        ``columns`` of ``award_fields.RESULT_NAMES`` and, computed on request, ``WEALTH_NAMES``. ``causes`` names two of
        the regimes: the loss of the first against the second is attributed to the provisions, exactly. ``reference``
        is the date of present values of everybody (see ``world``).
        """
        if causes is not None and "pw" not in columns:
            raise ValueError("causes are shares of a present value: the columns must hold pw")
        codes, numbers = self._codes, self._numbers
        played = None if causes is None else coalitions(*(self._regime(name) for name in causes))
        game, asked = no_game(codes.shape[1]), wanted(codes)
        if played is not None:
            players = np.array([list(PROVISIONS).index(name) for name in played.provisions], dtype=np.int64)
            game = Game(played.base.vector, played.mixtures[-1].vector, played.base.numbers, players)
            # The first step, the free choice of route, needs one regime more.
            asked |= wanted(np.stack([mixture.vector for mixture in played.mixtures]))
            codes, numbers = np.vstack([codes, played.base.vector]), np.vstack([numbers, played.base.numbers])
        settled = settled_columns(columns)
        chosen = np.array([award_fields.RESULT_NAMES.index(name) for name in settled], dtype=np.int64)
        n = arrays.sex.shape[0]
        values = np.empty((n, codes.shape[0], chosen.size))
        shares = np.empty((n, game.players.size, N_SHARES))
        stars = np.empty(n, dtype=np.int8)
        world, rows = self.world(arrays, reference)
        in_threads(
            settle.run_kernel,
            n,
            arrays,
            rows,
            world,
            codes,
            numbers,
            asked | _asked(columns),
            chosen,
            game,
            values,
            shares,
            stars,
        )
        of_regimes = values[:, : len(self.regimes)]
        if any(name in award_fields.WEALTH_NAMES for name in columns):
            of_regimes = np.ascontiguousarray(of_regimes)
            of_regimes = with_wealth(columns, of_regimes, self.parameters.tables, arrays, world, rows)
        found = Entitlements(self.regimes, tuple(columns), of_regimes, stars)
        if played is None:
            return found
        step = values[:, -1, settled.index("pw")] - found.column("pw", played.regime.name)
        return replace(found, causes=Causes(played.regime, played.reference, played.provisions, shares, step))

    def _regime(self, name: str) -> Regime:
        for regime in self.regimes:
            if regime.name == name:
                return regime
        raise RegimeError(f"regime {name!r} is not settled here; known: {', '.join(r.name for r in self.regimes)}")


def _asked(columns: Sequence[str]) -> int:
    """What columns ask of the digest beyond the usual."""
    asked = WANTS_INCOME if "replacement_rate" in columns else 0
    if "forfeited" in columns or "contributed" in columns:
        asked |= WANTS_POOLED | WANTS_FORFEITED
    return asked
