"""From checked histories to entitlements in memory: award months, the world of a batch, one kernel call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pension import schema
from pension._compile import in_threads, kernel
from pension.accounting import PROVISIONS, Regime, RegimeError, resolve, vectors, wanted
from pension.checks.range_check import Records
from pension.kernels import award_fields, settle
from pension.kernels import valuation as val
from pension.kernels.attribution import N_SHARES, SHAPLEY, Game, no_game, share_all
from pension.kernels.cells import WANTS_FORFEITED, WANTS_INCOME, WANTS_POOLED
from pension.law.ages import earliest_month, retirement_delay, statutory_month
from pension.losses import Coalitions, causes_of, coalitions, loss
from pension.tables.dense import FIRST_MONTH, N_MONTHS
from pension.tables.world import Packed, World, pack
from pension.variants.base_provisions import RECORDED, Plan
from pension.variants.histories import Variant, figures, in_pieces, variant
from pension.variants.work import Figures
from pension.wealth.contributions import Contributions
from pension.wealth.net_wealth import settled_columns, with_wealth

if TYPE_CHECKING:
    from pension.histories import HistoryArrays
    from pension.parameters import Parameters

Int = npt.NDArray[np.int64]
Float = npt.NDArray[np.float64]

_HELD_VALUES = 1 << 22
"""Values of mixtures held at a time (32 MB)."""
_MONTHS = FIRST_MONTH + N_MONTHS
"""More than any month serial of the tables."""
_KINDS = 7
"""Kinds of reference month: no employee record (men, women) and the five retirement categories."""


@kernel
def award_months(
    h: Any, first: int, last: int, ages: Any, insured: Any, statutory: Any, earliest: Any, award: Any, kind: Any
) -> None:
    """Statutory month, earliest claim and award month (serials) of everybody; ``kind`` the award-table kind.

    Without an employee record the statutory month is that of the 60th birthday. ``insured`` [person]: 1 an employee, 0
    none, -1 what the records say.
    """
    for i in range(first, last):
        employee = insured[i] == 1
        for record in range(h.offsets[i], h.offsets[i + 1]):
            if insured[i] < 0 and h.scheme[record] == 1:
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
def _award_keys(birth: Any, kind: Any, award: Any, first_birth: int, n: int, rows: Any, known: Any, found: Any) -> int:
    """Number the distinct (kind, birth, award month), from ``n`` on those that are not known yet; returns how many
    there are. ``found``: somebody for each new one."""
    before = n
    span = val.AGE_MONTHS
    for i in range(birth.shape[0]):
        code = ((birth[i] - first_birth) * _KINDS + kind[i]) * span + (award[i] - birth[i] - val.FIRST_AGE)
        row = known[code]
        if row < 0:
            row = n
            known[code] = n
            found[n - before] = i
            n += 1
        rows[i] = row
    return n


@dataclass(frozen=True)
class Causes:
    """The loss of ``regime`` against ``reference`` by provision, person by person, constant yuan of the price year: of
    the present value, of net pension wealth where the two rest on different bases."""

    regime: Regime
    reference: Regime
    provisions: tuple[str, ...]
    shares: Float
    """[person, provision, share]: Shapley value, step in the order of the provisions, least and most over all orders;
    nan where one of the mixtures is undefined."""
    route_choice: Float
    """[person]: the step that the free choice of route makes before all others; 0 where the regimes agree on it."""
    digests: int = 1
    """Histories that were digested for it: one for each mixture of base provisions."""

    @property
    def parts(self) -> dict[str, Float]:
        """Shares [person] by provision, ``route_choice`` first where the regimes differ in it; they sum to the loss."""
        parts = {name: self.shares[:, k, SHAPLEY] for k, name in enumerate(self.provisions)}
        return {name: parts.get(name, self.route_choice) for name in causes_of(self.regime, self.reference)}


class Settled(NamedTuple):
    """The regimes that rest on one plan, and the people whose records it changes; all others keep the recorded ones."""

    history: Variant
    award: Int
    """[person of ``history``]: award month (serial)."""
    members: tuple[int, ...]
    """Positions of the regimes."""
    paid: Callable[[], Contributions]
    """[person of ``history``]: what was paid in it, when it is asked for."""


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
    behind: Callable[[], tuple[Settled, ...]] | None = None
    """Gives ``settled``, the histories kept or made again; None where all regimes rest on the recorded history."""
    paid: Callable[[], Contributions] | None = None
    """[person]: what was paid in the recorded history, when it is asked for."""

    @cached_property
    def settled(self) -> tuple[Settled, ...]:
        """The histories behind regimes that do not rest on the recorded one."""
        return () if self.behind is None else self.behind()

    @cached_property
    def own(self) -> Float | None:
        """[person, regime]: present value at R0 of the member's own contributions, constant yuan; None where all
        regimes rest on one history, so that it is the same for all."""
        if self.behind is None or self.paid is None:
            return None
        out = np.repeat(self.paid().own[:, None], len(self.regimes), axis=1)
        for history, _, members, paid in self.settled:
            out[np.ix_(history.who, np.array(members))] = paid().own[:, None]
            out[np.ix_(np.flatnonzero(history.reason), np.array(members))] = np.nan
        return out

    def lost(self, regime: str, reference: str) -> Float:
        """L1, [person]: what the reference gives more, constant yuan; of net pension wealth (present value less that of
        own contributions) where the two rest on different histories. Needs the column ``pw``."""
        pw = self.column("pw", regime), self.column("pw", reference)
        own = () if self.own is None else (self.own[:, self._position(name)] for name in (regime, reference))
        return loss(*pw, *own)

    def column(self, name: str, regime: str) -> Float:
        """One column under one regime, [person]."""
        return self.values[:, self._position(regime), self.columns.index(name)]

    def _position(self, regime: str) -> int:
        return [known.name for known in self.regimes].index(regime)


@lru_cache(maxsize=2)
def _packed(parameters: Parameters) -> Packed:
    """The tables of these very parameters as kernels read them; a statement makes several engines of one set."""
    return pack(parameters.tables)


class _Known(NamedTuple):
    """Awards that an engine met."""

    weights: val.Weights
    rows: npt.NDArray[np.int32]
    """[kind, birth and award month]: row of ``awards``, -1 = not met."""
    awards: Float | None


class _Valued(NamedTuple):
    """Awards that an engine met and valued at other dates than the statutory month."""

    weights: val.Weights
    codes: Int
    """[row of ``awards``]: see ``Engine._valued_awards``."""
    awards: Float | None


_KEPT_AWARDS: Final = 1 << 16
"""More of them are not kept: they are made again."""
_OF_ENDED: Final = {"forfeited", "contributed"}
"""Columns that count what a surrender ended."""
_GROWING: Final = Lock()
"""Held while the table of an engine's awards grows; workers settle from several threads."""


class Engine:
    """Parameters and regimes, ready to settle any histories; weights are built for the births that occur."""

    def __init__(self, parameters: Parameters, regimes: Sequence[str | Regime]) -> None:
        self.parameters = parameters
        self.regimes = tuple(resolve(regimes))
        self._weights: val.Weights | None = None
        self._known: _Known | None = None
        self._valued: _Valued | None = None

    @property
    def _packed(self) -> Packed:
        return _packed(self.parameters)

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

    @cached_property
    def figures(self) -> Figures:
        """What the variants of histories read of the parameters."""
        return figures(self.parameters.tables, self._packed.wages)

    def variant(self, plan: Plan, arrays: HistoryArrays) -> Variant:
        """The histories that base provisions make of the recorded ones in ``arrays``."""
        return variant(plan, arrays, self.figures)

    def award_months(
        self, arrays: HistoryArrays, insured: npt.NDArray[np.int8] | None = None
    ) -> tuple[Int, Int, Int, Int]:
        """(statutory month, earliest claim, award month, kind) of everybody, month serials; ``insured`` as
        ``Variant.kind``."""
        n = arrays.sex.shape[0]
        out: tuple[Int, Int, Int, Int] = (
            np.empty(n, np.int64),
            np.empty(n, np.int64),
            np.empty(n, np.int64),
            np.empty(n, np.int64),
        )
        as_recorded = np.full(n, -1, np.int8) if insured is None else insured
        in_threads(award_months, n, arrays, self.parameters.tables.ages, as_recorded, *out)
        return out

    def world(
        self,
        arrays: HistoryArrays,
        reference: Int | None = None,
        insured: npt.NDArray[np.int8] | None = None,
    ) -> tuple[World, Int]:
        """Everything the kernel reads for these people, and each person's row in the table of awards.

        ``reference`` is R0 of everybody, the date of present values (month serials); by default the statutory month.
        ``insured`` (``Variant.kind``): who is an employee in a variant of ``arrays``, the recorded histories. The award
        is then the variant's, R0 stays that of the record.
        """
        tables = self.parameters.tables
        statutory, _, award, kind = self.award_months(arrays, insured)
        if reference is None and insured is not None and np.any(insured >= 0):
            reference = self.award_months(arrays)[0]
        birth = arrays.birth.astype(np.int64)
        first, last = (int(birth.min()), int(birth.max())) if birth.size else (12 * 1960, 12 * 1960)
        weights = self._weights
        if weights is None or first < weights.first_birth or last >= weights.first_birth + weights.weights.shape[1]:
            if weights is not None:
                first = min(first, weights.first_birth)
                last = max(last, weights.first_birth + weights.weights.shape[1] - 1)
            weights = self._weights = val.build_weights(tables, first, last)
        if reference is None:
            awards, rows = self._known_awards(arrays, birth, kind, award, statutory, weights)
        else:  # equal awards may be valued at different dates
            kinds = (birth - weights.first_birth) * _KINDS + kind
            codes = (kinds * val.AGE_MONTHS + award - birth - val.FIRST_AGE) * _MONTHS + reference
            awards, rows = self._valued_awards(arrays, birth, award, reference, statutory, codes, weights)
        packed = self._packed
        world = World(
            packed.wages,
            packed.annual,
            packed.years,
            packed.resident,
            packed.monthly,
            packed.at_month,
            packed.lines,
            packed.employee_share,
            packed.tiers,
            packed.floors,
            tables.subsidy_floor_tier,
            tables.resident_basic_horizon,
            weights.first_birth,
            weights.weights,
            weights.prefix,
            weights.interest,
            awards,
            packed.employee_places.size,
            tables.resident_award_year_months,
        )
        return world, rows

    def _known_awards(
        self, arrays: HistoryArrays, birth: Int, kind: Int, award: Int, statutory: Int, weights: val.Weights
    ) -> tuple[Float, Int]:
        """The table of awards that are valued at the statutory month, and each person's row in it. It is kept: block
        after block of people has the same few thousand awards."""
        rows, found = np.empty(birth.size, dtype=np.int64), np.empty(birth.size, dtype=np.int64)
        with _GROWING:
            known, self._known = self._known, None
            if known is None or known.weights is not weights:
                free = np.full(weights.weights.shape[1] * _KINDS * val.AGE_MONTHS, -1, dtype=np.int32)
                known = _Known(weights, free, None)
            before = 0 if known.awards is None else known.awards.shape[0]
            n = _award_keys(birth, kind, award, weights.first_birth, before, rows, known.rows, found)
            awards = known.awards
            if awards is None or n > before:
                fresh = self._filled(arrays.sex, birth, award, statutory, statutory, found[: n - before], weights)
                awards = fresh if awards is None else np.concatenate([awards, fresh])
            self._known = known._replace(awards=awards)
            return awards, rows

    def _valued_awards(
        self, arrays: HistoryArrays, birth: Int, award: Int, reference: Int, statutory: Int, codes: Int,
        weights: val.Weights,
    ) -> tuple[Float, Int]:  # fmt: skip
        """The same of awards valued at ``reference``; ``codes`` [person] number sex, birth, award and dates."""
        distinct, picked, person = np.unique(codes, return_index=True, return_inverse=True)
        with _GROWING:
            known, self._valued = self._valued, None
            if known is None or known.weights is not weights or known.codes.size > _KEPT_AWARDS:
                known = _Valued(weights, np.empty(0, np.int64), None)
            fresh = ~np.isin(distinct, known.codes, assume_unique=True)
            codes, awards = np.concatenate([known.codes, distinct[fresh]]), known.awards
            if awards is None or fresh.any():
                more = self._filled(arrays.sex, birth, award, reference, statutory, picked[fresh], weights)
                awards = more if awards is None else np.concatenate([awards, more])
            self._valued = known._replace(codes=codes, awards=awards)
        order = np.argsort(codes)
        rows = order[np.searchsorted(codes, distinct, sorter=order)]
        return awards, rows[person.reshape(-1)].astype(np.int64)

    def _filled(
        self,
        sex: npt.NDArray[np.int8],
        birth: Int,
        award: Int,
        valued_at: Int,
        statutory: Int,
        picked: Int,
        weights: val.Weights,
    ) -> Float:
        """A row of the table of awards for each of the people ``picked``."""
        packed = self._packed
        columns = val.N_AWARD + packed.employee_places.size + 4 * packed.resident_places.size
        awards = np.zeros((picked.size, columns))
        of_people = (column[picked] for column in (birth, award, valued_at, statutory))
        ages = self._award_tables, weights
        in_threads(val.fill_awards, picked.size, awards, sex[picked].astype(np.int64), *of_people, *ages)
        return awards

    def run(
        self,
        arrays: HistoryArrays,
        columns: Sequence[str] = ("status", "route", "monthly", "pw"),
        causes: tuple[str, str] | None = None,
        reference: Int | None = None,
        keep: bool = False,
    ) -> Entitlements:
        """Settle checked histories under every regime.

        ``columns`` of ``award_fields.RESULT_NAMES`` and, computed on request, ``WEALTH_NAMES``. ``causes`` names two of
        the regimes: the loss of the first against the second is attributed to the provisions, exactly. ``reference``
        is the date of present values of everybody (see ``world``). ``keep`` keeps the histories that regimes vary, for
        whoever is going to ask for ``settled`` or ``own``; otherwise these make them again.
        """
        if causes is not None and "pw" not in columns:
            raise ValueError("causes are shares of a present value: the columns must hold pw")
        pair = None if causes is None else (self._regime(causes[0]), self._regime(causes[1]))
        if pair is None or pair[0].plan == pair[1].plan:
            return self._over_histories(arrays, self.regimes, columns, pair, reference, keep)
        found = self._over_histories(arrays, self.regimes, columns, None, reference, keep)
        return replace(found, causes=self._causes_across(arrays, *pair, reference))

    def _over_histories(
        self,
        arrays: HistoryArrays,
        regimes: Sequence[Regime],
        columns: Sequence[str],
        pair: tuple[Regime, Regime] | None,
        reference: Int | None,
        keep: bool,
    ) -> Entitlements:
        """Settle regimes of any plans. Everybody is settled once over the recorded history, under all of them; whom a
        plan changes is then settled again under its regimes, over his own records."""
        recorded = self.variant(RECORDED, arrays)
        world, rows = self.world(arrays, reference)
        found = self._settle(recorded, world, rows, _asked(regimes, columns, pair))
        plans = by_plan(regimes)
        plans.pop(RECORDED, None)
        histories: list[Callable[[], Settled]] = []
        for plan, members in plans.items():
            make = partial(variant, plan, arrays, self.figures, everybody=False)
            inside = pair if pair is not None and pair[0].plan == plan else None
            asked = _asked([regimes[r] for r in members], columns, inside)
            again = partial(self._settle_again, asked=asked, members=members, world=world, rows=rows, found=found)
            kept = make() if keep else None
            if kept is None:
                ended = any(name in award_fields.WEALTH_NAMES or name in _OF_ENDED for name in columns)
                reason = in_pieces(plan, arrays, self.figures, again, ended)
            else:
                again(kept)
                reason = kept.reason
            without = np.flatnonzero(reason)
            for r in members if without.size else ():
                found.values[without, r] = undefined(columns, reason[without], found.values[without, r])
            if found.causes is not None and inside is not None:
                found.causes.shares[without] = found.causes.route_choice[without] = np.nan
            histories.append(partial(self._behind, kept, make, members, world, rows))
        behind = (lambda: tuple(history() for history in histories)) if histories else None
        return replace(found, behind=behind, paid=partial(self._paid, recorded, world, rows))

    def _settle_again(
        self,
        history: Variant,
        asked: _Asked,
        members: list[int],
        world: World,
        rows: Int,
        found: Entitlements,
    ) -> None:
        """Put into ``found`` what the people of ``history`` have under its regimes, the ``members``."""
        part = self._settle(history, *self._of_plan(history, world, rows), asked)
        for k, r in enumerate(members):
            found.values[history.who, r] = part.values[:, k]
        if found.causes is not None and part.causes is not None:
            found.causes.shares[history.who] = part.causes.shares
            found.causes.route_choice[history.who] = part.causes.route_choice

    def _of_plan(self, history: Variant, world: World, rows: Int) -> tuple[World, Int]:
        """``world`` of the people of ``history``, and their rows; ``rows`` those of everybody."""
        if not history.plan.enrolment:
            return world, rows[history.who]
        valued_at = world.awards[rows[history.who], val.REFERENCE].astype(np.int64)
        return self.world(history.arrays, valued_at, history.kind)  # an award of its own

    def _behind(
        self, kept: Variant | None, make: Callable[[], Variant], members: list[int], world: World, rows: Int
    ) -> Settled:
        history = make() if kept is None else kept
        of_plan, of_rows = self._of_plan(history, world, rows)
        award = of_plan.awards[of_rows, val.AWARD].astype(np.int64)
        return Settled(history, award, tuple(members), partial(self._paid, history, of_plan, of_rows))

    def contributions(self, history: Variant, arrays: HistoryArrays, reference: Int | None = None) -> Contributions:
        """What was paid in a variant of the recorded ``arrays``, at R0 (see ``world``); NaN where there is no such
        history."""
        found = self._paid(history, *self.world(arrays, reference, history.kind))
        return Contributions(*(np.where(history.reason != 0, np.nan, column) for column in found))

    def _paid(self, history: Variant, world: World, rows: Int) -> Contributions:
        award, reference = (world.awards[rows, column].astype(np.int64) for column in (val.AWARD, val.REFERENCE))
        return history.contributions(self.parameters.tables, world, award, reference)

    def _ended(self, history: Variant, world: World, rows: Int) -> Float:
        """[person]: all money paid in months that a surrender ended, with book interest, yuan at the award."""
        codes, numbers = vectors([Regime("law")])
        out = np.empty((rows.size, 1, 1))
        nothing = np.empty((rows.size, 0, N_SHARES)), np.empty(rows.size, dtype=np.int8)
        chosen = np.array([award_fields.CONTRIBUTED])
        asked, game = _wanted_by(["contributed"]), no_game(codes.shape[1])
        in_threads(
            settle.run_kernel, rows.size, history.gone, rows, world, codes, numbers, asked, chosen, game, out, *nothing
        )
        return np.where(np.isnan(out[:, 0, 0]), 0.0, out[:, 0, 0])

    def _settle(self, history: Variant, world: World, rows: Int, asked: _Asked) -> Entitlements:
        """Settle the people of ``history`` over their records there under all of the regimes."""
        regimes, columns, played, settled = asked.regimes, asked.columns, asked.played, asked.settled
        n = rows.size
        values = np.empty((n, asked.codes.shape[0], asked.chosen.size))
        shares = np.empty((n, asked.game.players.size, N_SHARES))
        stars = np.empty(n, dtype=np.int8)
        question = asked.codes, asked.numbers, asked.wanted, asked.chosen, asked.game
        in_threads(settle.run_kernel, n, history.arrays, rows, world, *question, values, shares, stars)
        if history.refunds.month.size:
            ended = self._ended(history, world, rows) if _OF_ENDED & set(settled) else None
            add_refunds(history, world, rows, settled, values, ended)
        of_regimes = values[:, : len(regimes)]
        if any(name in award_fields.WEALTH_NAMES for name in columns):
            of_regimes = np.ascontiguousarray(of_regimes)
            of_regimes = with_wealth(columns, of_regimes, self.parameters.tables, history, world, rows)
        found = Entitlements(regimes, columns, of_regimes, stars)
        if played is None:
            return found
        step = values[:, -1, settled.index("pw")] - found.column("pw", played.regime.name)
        return replace(found, causes=Causes(played.regime, played.reference, played.provisions, shares, step))

    def _causes_across(self, arrays: HistoryArrays, regime: Regime, reference: Regime, valued_at: Int | None) -> Causes:
        """The loss of net pension wealth between regimes of different bases by provision, exactly: all 2^m mixtures,
        one digest for each mixture of base provisions, a few people at a time."""
        played = coalitions(regime, reference)
        mixtures = [*played.mixtures, regime]
        people, players = arrays.sex.shape[0], len(played.provisions)
        shares, step = np.empty((people, players, N_SHARES)), np.empty(people)
        size = max(1, _HELD_VALUES // len(mixtures))
        for first in range(0, people, size):
            last = min(people, first + size)
            some, at = _people(arrays, first, last), None if valued_at is None else valued_at[first:last]
            found = self._over_histories(some, mixtures, ("pw",), None, at, keep=True)
            net = found.values[:, :, 0] - (0.0 if found.own is None else found.own)
            values = np.ascontiguousarray(net[:, :-1])
            in_threads(share_all, last - first, values, shares[first:last])
            step[first:last] = net[:, 0] - net[:, -1]
        return Causes(regime, reference, played.provisions, shares, step, len(by_plan(mixtures)))

    def _regime(self, name: str) -> Regime:
        for regime in self.regimes:
            if regime.name == name:
                return regime
        raise RegimeError(f"regime {name!r} is not settled here; known: {', '.join(r.name for r in self.regimes)}")


class _Asked(NamedTuple):
    """What is asked of every history of a plan, as the kernel reads it."""

    regimes: tuple[Regime, ...]
    columns: tuple[str, ...]
    played: Coalitions | None
    """The mixtures of two of the regimes, where their difference is attributed."""
    codes: Int
    """[regime, provision]; of a difference one regime more, the first step of its route choice."""
    numbers: Float
    game: Game
    wanted: int
    """Sum of ``cells.WANTS_...``."""
    settled: tuple[str, ...]
    """Columns of the settlement; ``columns`` may be made of them."""
    chosen: Int
    """Their positions."""


def _asked(regimes: Sequence[Regime], columns: Sequence[str], pair: tuple[Regime, Regime] | None) -> _Asked:
    codes, numbers = vectors(regimes)
    played = None if pair is None else coalitions(*pair)
    game, asked = no_game(codes.shape[1]), wanted(codes) | _wanted_by(columns)
    if played is not None:
        players = np.array([list(PROVISIONS).index(name) for name in played.provisions], dtype=np.int64)
        game = Game(played.base.vector, played.mixtures[-1].vector, played.base.numbers, players)
        asked |= wanted(np.stack([mixture.vector for mixture in played.mixtures]))
        codes, numbers = np.vstack([codes, played.base.vector]), np.vstack([numbers, played.base.numbers])
    settled = settled_columns(columns)
    chosen = np.array([award_fields.RESULT_NAMES.index(name) for name in settled], dtype=np.int64)
    return _Asked(tuple(regimes), tuple(columns), played, codes, numbers, game, asked, settled, chosen)


def by_plan(regimes: Sequence[Regime]) -> dict[Plan, list[int]]:
    """Positions of the regimes of each plan."""
    found: dict[Plan, list[int]] = {}
    for r, regime in enumerate(regimes):
        found.setdefault(regime.plan, []).append(r)
    return found


def _people(arrays: HistoryArrays, first: int, last: int) -> HistoryArrays:
    """Some of the people; what offsets point to is not copied."""
    pointed_to = (*Records._fields, "registration_month", "registration_place")
    stops = {name: last + 1 if name.endswith("offsets") else last for name in arrays._fields if name not in pointed_to}
    return arrays._replace(**{name: getattr(arrays, name)[first:stop] for name, stop in stops.items()})


def add_refunds(
    history: Variant,
    world: World,
    rows: Int,
    columns: Sequence[str],
    values: Float,
    ended: Float | None = None,
) -> None:
    """Add to ``values`` [person, regime, column] what a surrender paid beside the settled records. ``ended`` [person]:
    money paid in months that it ended, yuan at the award."""
    paid = history.refund_values(world, world.awards[rows, val.REFERENCE].astype(np.int64))
    added = {"pw_r0": paid, "pw": paid * world.awards[rows, val.PRICE]}
    if "refund" in columns:
        added["refund"] = history.refunded(history.refunds.yuan)
    if ended is not None:  # refunded money is cash
        added |= {"contributed": ended, "forfeited": ended - history.refunded(history.refunds.at_award)}
    for name, amounts in added.items():
        if name in columns:
            values[:, :, columns.index(name)] += amounts[:, None]


def undefined(columns: Sequence[str], reason: npt.NDArray[np.int8], values: Float) -> Float:
    """``values`` [person, column] as they are where a plan leaves a person without a history: ``reason``."""
    out = np.full(values.shape, np.nan)
    said: dict[str, Any] = {"status": reason, "irr_status": reason, "route": award_fields.ROUTE_NONE, "claim_place": -1}
    for name, value in said.items():
        if name in columns:
            out[:, columns.index(name)] = value
    if "price" in columns:  # of the date, whatever is settled
        out[:, columns.index("price")] = values[:, columns.index("price")]
    return out


def _wanted_by(columns: Sequence[str]) -> int:
    """What columns ask of the digest beyond the usual."""
    asked = WANTS_INCOME if "replacement_rate" in columns else 0
    if _OF_ENDED & set(columns):
        asked |= WANTS_POOLED | WANTS_FORFEITED
    return asked
