"""A regime is one choice for every provision; named regimes are TOML files in ``parameters/regimes``."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pension.schema import FORM
from pension.variants.base_provisions import BASE_PROVISIONS, Plan, plan_of, problem_of
from pension.variants.base_provisions import NUMBERS as _BASE_NUMBERS

# --- positions in a regime vector and the numbers of the choices; the first choice is the law in force
PROVISIONS: Final[dict[str, tuple[str, ...]]] = {
    "flat_base": ("claim", "segment", "national", "blend"),
    "earnings_base": ("claim", "segment", "national", "blend"),
    "index_wage": ("claim", "segment", "national", "blend"),
    "revaluation": ("wages", "frozen", "indexed"),
    "vesting": ("employee", "aggregated", "immediate", "never"),
    "resident_years": ("discard", "vest_only", "retain", "ratio", "one_to_one", "balance"),
    "pooled_on_exit": ("forfeit", "twelve", "paid", "paid_with_interest", "always_paid_with_interest"),
    "overlap": ("refund_principal", "refund_with_interest", "credit_value"),
    "temporary_accounts": ("excluded", "counted"),
    "late_backpayments": ("stranded", "kept"),
    "claim_place": ("article6", "last", "hukou", "article6_legacy", "best"),
    "route_choice": ("forced", "better"),
    "payer_of_benefit": ("claim", "accrual", "years", "national"),
    "hold_harmless": ("no", "yes"),
    "design": ("formula", "points", "rights", "ndc"),
    "citizen_floor": ("none", "universal", "top_up"),
    "pooled_transfer": ("0.12", "0", "paid", "reserve"),
}
"""Choices of each provision, the law's first. Those of ``FUND_SIDE`` move money between pools, never a pension.

``pooled_on_exit`` is for those to whom the employee route is closed. ``always_paid_with_interest`` is the other
reading: who leaves an open employee route by choice takes the pooled money along too; then one month more can cost,
where it closes the bridge. ``article6_legacy`` pays at a relation that was there before 2010 and moved nowhere since,
whatever the ten years (人社部发〔2010〕70号, secondary).
"""

ALL_PROVISIONS: Final[dict[str, tuple[str, ...]]] = {**PROVISIONS, **BASE_PROVISIONS}
"""With those that change the records before they are digested and that the settlement does not read."""

FLAT_BASE: Final = 0
EARNINGS_BASE: Final = 1
INDEX_WAGE: Final = 2
REVALUATION: Final = 3
VESTING: Final = 4
RESIDENT_YEARS: Final = 5
POOLED_ON_EXIT: Final = 6
OVERLAP: Final = 7
TEMPORARY_ACCOUNTS: Final = 8
LATE_BACKPAYMENTS: Final = 9
CLAIM_PLACE: Final = 10
ROUTE_CHOICE: Final = 11
PAYER_OF_BENEFIT: Final = 12
HOLD_HARMLESS: Final = 13
DESIGN: Final = 14
CITIZEN_FLOOR: Final = 15
POOLED_TRANSFER: Final = 16

FUND_SIDE: Final = ("payer_of_benefit", "pooled_transfer")
"""Provisions that decide which pool pays and what moves between pools."""

# --- numbers of a regime, beside its choices
ALPHA: Final = 0
CITIZEN_AMOUNT: Final = 1
CITIZEN_TAPER: Final = 2

_BASES: Final = ("flat_base", "earnings_base", "index_wage")

CAUSES: Final = {
    "place": ("claim_place", "flat_base", "earnings_base", "index_wage", "temporary_accounts"),
    "scheme": ("vesting", "resident_years", "pooled_on_exit"),
    "administration": ("overlap", "late_backpayments"),
    "base": ("floor", "income", "payer", "enrolment"),
    "design": ("revaluation", "design", "citizen_floor", "route_choice", "hold_harmless", "exit_before_2010"),
}
"""Provisions by group of causes. Fund-side provisions have no share; ``career`` is a reference, not a cause."""

STATUS: Final = ("law", "law_not_carried_out", "literature", "ours")


class RegimeError(ValueError):
    """A regime that cannot be: unknown provision or choice, or an impossible combination."""


@dataclass(frozen=True)
class Regime:
    """One choice for each provision. ``Regime.named("fair")`` reads a shipped one, ``but`` changes choices."""

    name: str
    choices: Mapping[str, str] = field(default_factory=dict)
    alpha: float = 0.0
    """Weight of the national value under ``blend``, 0..1."""
    citizen_amount: float = math.nan
    """First monthly amount of a citizen pension, yuan; nan = the resident basic pension of the hukou place."""
    citizen_taper: float = 1.0
    """Share of the other pensions that a topped-up citizen pension sets off, 0..1."""
    pool: int | str | None = None
    """Place of ``career = "same_bases"``: a GB/T 2260 code, ``"origin"`` or ``"destination"`` of each person."""
    forms: tuple[str, ...] = ()
    """Forms of work that ``enrolment = "workplace"`` insures, in the order of ``schema.FORM``."""
    floor_fraction: float | None = None
    """Lower bound of the base over the reference wage of the year before under ``floor = "fraction"``, 0..1."""
    platform_share: float | None = None
    """Share of the base that a platform pays under ``payer = "platform"``, 0..0.2; None = as employers by law."""
    title: str = ""
    title_zh: str = ""
    origin: str = ""
    status: str = "ours"
    text: str = ""

    def __post_init__(self) -> None:
        for provision, choice in self.choices.items():
            known = ALL_PROVISIONS.get(provision)
            if known is None:
                raise RegimeError(
                    f"regime {self.name!r}: unknown provision {provision!r}; known: {', '.join(ALL_PROVISIONS)}"
                )
            if choice not in known:
                raise RegimeError(
                    f"regime {self.name!r}: {provision} = {choice!r} is no choice of this version; known: "
                    f"{', '.join(known)}"
                )
        if not 0.0 <= self.alpha <= 1.0:
            raise RegimeError(f"regime {self.name!r}: alpha = {self.alpha} is not between 0 and 1")
        blended = [p for p, c in self.choices.items() if c == "blend"]
        if blended and self.alpha == 0.0:
            raise RegimeError(f"regime {self.name!r}: {blended[0]} = 'blend' needs alpha, the weight of the nation")
        if self.choice("citizen_floor") == "none" and not math.isnan(self.citizen_amount):
            raise RegimeError(f"regime {self.name!r}: citizen_amount without a citizen_floor")
        if self.citizen_amount < 0.0 or not 0.0 <= self.citizen_taper <= 1.0:
            raise RegimeError(f"regime {self.name!r}: citizen_amount is not negative, citizen_taper between 0 and 1")
        design = self.choice("design")
        based = [p for p in _BASES if self.choice(p) != "claim"]
        if design != "formula" and based:
            raise RegimeError(f"regime {self.name!r}: design = {design!r} sets the wages itself; drop {based[0]}")
        if design in ("rights", "ndc") and self.choice("resident_years") in ("ratio", "one_to_one", "balance"):
            raise RegimeError(
                f"regime {self.name!r}: design = {design!r} books contributions when they are paid; resident years "
                "converted at the award have no place in it"
            )
        if self.status not in STATUS:
            raise RegimeError(f"regime {self.name!r}: status {self.status!r} is none of {', '.join(STATUS)}")
        self._check_base()

    def _check_base(self) -> None:
        object.__setattr__(self, "forms", tuple(self.forms))
        problem = problem_of(*self._base())
        if problem:
            raise RegimeError(f"regime {self.name!r}: {problem}")
        object.__setattr__(self, "forms", tuple(form for form in FORM if form in self.forms))
        changed = [p for p, known in BASE_PROVISIONS.items() if self.choice(p) != known[0]]
        if changed and self.choice("hold_harmless") == "yes":
            raise RegimeError(
                f"regime {self.name!r}: hold_harmless compares with the law on the history as recorded, and "
                f"{changed[0]} = {self.choice(changed[0])!r} rests on another one"
            )

    def _base(self) -> tuple[dict[str, str], dict[str, Any]]:
        return {p: self.choice(p) for p in BASE_PROVISIONS}, {name: getattr(self, name) for name in _BASE_NUMBERS}

    @property
    def plan(self) -> Plan:
        """The base provisions in numbers; regimes of one plan share one history."""
        return plan_of(*self._base())

    def choice(self, provision: str) -> str:
        """The choice of a provision; the law's where nothing else is said."""
        return self.choices.get(provision, ALL_PROVISIONS[provision][0])

    def setting(self, provision: str) -> tuple[Any, ...]:
        """The choice of a provision and, of a base provision, the number beside it."""
        beside = [getattr(self, name) for name, (owner, _) in _BASE_NUMBERS.items() if owner == provision]
        return (self.choice(provision), *beside)

    def but(self, name: str | None = None, **changes: Any) -> Regime:
        """The same regime with other choices and numbers, e.g. ``current.but("mine", vesting="aggregated")`` or
        ``current.but("mine", floor="fraction", floor_fraction=0.4)``. A number goes with the choice it belongs to."""
        numbers = {key: changes.pop(key) for key in _NUMBERS if key in changes}
        for number, (provision, choice) in _BASE_NUMBERS.items():
            if changes.get(provision, choice) != choice:
                numbers.setdefault(number, () if number == "forms" else None)
        return replace(self, name=name or self.name, choices={**self.choices, **changes}, **numbers)

    def taking(self, provisions: Iterable[str], other: Regime, name: str) -> Regime:
        """The same regime with the settings that ``other`` has for some provisions."""
        taken = list(provisions)
        numbers = {n: getattr(other, n) for n, (provision, _) in _BASE_NUMBERS.items() if provision in taken}
        return replace(self, name=name, choices={**self.choices, **{p: other.choice(p) for p in taken}}, **numbers)

    def over_records(self) -> Regime:
        """The same settlement of records as they stand: every base provision as the law has it."""
        law = {provision: known[0] for provision, known in BASE_PROVISIONS.items() if provision in self.choices}
        return self.but(self.name, **law) if law else self

    @property
    def vector(self) -> npt.NDArray[np.int64]:
        """Numbers of the choices in the order of ``PROVISIONS``; ``points`` is the formula at national wages."""
        codes = np.array([known.index(self.choice(p)) for p, known in PROVISIONS.items()], dtype=np.int64)
        if self.choice("design") == "points":
            codes[[FLAT_BASE, EARNINGS_BASE, INDEX_WAGE]] = 2
        return codes

    @property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The numbers beside the choices: weight of the nation, citizen amount, citizen taper."""
        return np.array([self.alpha, self.citizen_amount, self.citizen_taper])

    def differs(self, other: Regime) -> tuple[str, ...]:
        """Provisions on the member's side in which two regimes differ, base provisions last."""
        return tuple(p for p in ALL_PROVISIONS if p not in FUND_SIDE and self.setting(p) != other.setting(p))

    def data(self) -> dict[str, Any]:
        """Choices, numbers, origin and status for the metadata of a file; ``of_data`` reads them."""
        numbers = {key: value for key, value in self._numbers_set().items() if key != "alpha"}
        return {
            "choices": {provision: self.choice(provision) for provision in ALL_PROVISIONS},
            "alpha": self.alpha,
            **numbers,
            "origin": self.origin,
            "status": self.status,
        }

    @staticmethod
    def of_data(name: str, data: Mapping[str, Any]) -> Regime:
        """The regime of ``data()``, without its texts."""
        numbers = _numbers_of(data)
        return Regime(name, data["choices"], **numbers, origin=data["origin"], status=data["status"])

    def _numbers_set(self) -> dict[str, Any]:
        """The numbers that are not what they are when nothing is said."""
        given = {key: getattr(self, key) for key in _NUMBERS}
        unset = {"alpha": 0.0, "citizen_taper": 1.0}
        out = {key: value for key, value in given.items() if value not in (None, (), unset.get(key))}
        if math.isnan(self.citizen_amount):
            out.pop("citizen_amount")
        return {key: list(value) if key == "forms" else value for key, value in out.items()}

    def toml(self) -> str:
        """The regime as the TOML that ``read`` reads."""
        texts = {key: getattr(self, key) for key in ("name", "title", "title_zh", "origin", "status", "text")}
        keys = {**{key: text for key, text in texts.items() if text}, **self._numbers_set()}
        lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
        return "\n".join([*lines, "", "[choices]", *(f'{p} = "{c}"' for p, c in self.choices.items())]) + "\n"

    @staticmethod
    def named(name: str) -> Regime:
        """A regime that ships with the library; RegimeError lists the known names."""
        known = shipped()
        if name not in known:
            raise RegimeError(f"unknown regime {name!r}; known: {', '.join(sorted(known))}")
        return known[name]

    @staticmethod
    def read(path: str | Path) -> Regime:
        """A regime from a TOML file: keys name, title, title_zh, origin, status, text, the numbers (alpha,
        citizen_amount, citizen_taper, pool, forms, floor_fraction, platform_share) and [choices]."""
        return _parse(Path(path))


_NUMBERS: Final = ("alpha", "citizen_amount", "citizen_taper", *_BASE_NUMBERS)
_KEYS: Final = {"name", "title", "title_zh", "origin", "status", "text", *_NUMBERS, "choices"}


def _parse(path: Path) -> Regime:
    try:
        with path.open("rb") as file:
            data: dict[str, Any] = tomllib.load(file)
    except OSError as error:
        raise RegimeError(f"{path}: {error.strerror or error}") from error
    except tomllib.TOMLDecodeError as error:
        raise RegimeError(f"{path}: {error}") from error
    unknown = set(data) - _KEYS
    if unknown:
        raise RegimeError(f"{path}: unknown key {sorted(unknown)[0]!r}; known: {', '.join(sorted(_KEYS))}")
    choices = data.get("choices", {})
    if not isinstance(choices, dict) or not all(isinstance(v, str) for v in choices.values()):
        raise RegimeError(f'{path}: [choices] must hold provision = "choice" lines')
    try:
        numbers = _numbers_of(data)
    except (TypeError, ValueError) as error:
        raise RegimeError(f"{path}: {error}") from error
    return Regime(
        name=str(data.get("name", path.stem)),
        choices=choices,
        **numbers,
        title=str(data.get("title", "")),
        title_zh=str(data.get("title_zh", "")),
        origin=str(data.get("origin", "")),
        status=str(data.get("status", "ours")),
        text=str(data.get("text", "")).strip(),
    )


def _numbers_of(data: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a regime among TOML or JSON values; ValueError for one of another kind."""
    found: dict[str, Any] = {}
    for key in _NUMBERS:
        value = data.get(key)
        if value is None:
            continue
        if key == "forms":
            if not isinstance(value, list) or not all(isinstance(form, str) for form in value):
                raise ValueError(f'forms = {value!r} is no list of forms of work, ["platform"]')
            found[key] = tuple(value)
        elif key == "pool":
            found[key] = value
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{key} = {value!r} is no number")
        else:
            found[key] = float(value)
    return found


@cache
def shipped() -> Mapping[str, Regime]:
    """All regimes of ``parameters/regimes``, by name."""
    from pension.parameters import parameters_directory

    regimes = [_parse(path) for path in sorted((parameters_directory() / "regimes").glob("*.toml"))]
    return {regime.name: regime for regime in regimes}


def resolve(regimes: Iterable[str | Regime]) -> list[Regime]:
    """Regimes by name, by path of a TOML file or as objects; duplicates of a name are refused."""
    found: list[Regime] = []
    for regime in regimes:
        if isinstance(regime, str):
            regime = Regime.read(regime) if regime.endswith(".toml") else Regime.named(regime)
        if any(regime.name == known.name for known in found):
            raise RegimeError(f"regime {regime.name!r} is named twice")
        found.append(regime)
    return found


def vectors(regimes: Iterable[Regime]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """(vectors [regime, provision], numbers [regime, 3]) for the kernels."""
    chosen = list(regimes)
    if not chosen:
        return np.zeros((0, len(PROVISIONS)), np.int64), np.zeros((0, 3))
    return np.stack([regime.vector for regime in chosen]), np.stack([regime.numbers for regime in chosen])


def wanted(codes: npt.NDArray[np.int64]) -> int:
    """What regime vectors ask of the digest beyond the usual: a sum of ``cells.WANTS_...``."""
    from pension.kernels.cells import (
        WANTS_CONVERSION,
        WANTS_DESIGN,
        WANTS_FIRST,
        WANTS_NATION,
        WANTS_POOLED,
        WANTS_TRANSFERS,
    )

    asked = WANTS_NATION if np.any((codes[:, INDEX_WAGE] >= 2) | (codes[:, DESIGN] >= 2)) else 0
    if np.any(codes[:, DESIGN] >= 2):
        asked |= WANTS_DESIGN
    if np.any(codes[:, CLAIM_PLACE] == 3):
        asked |= WANTS_FIRST
    if np.any(codes[:, RESIDENT_YEARS] >= 3):
        asked |= WANTS_CONVERSION
    rule = codes[:, POOLED_ON_EXIT]
    if np.any((rule == 1) | (rule == 2)):
        asked |= WANTS_TRANSFERS
    # Where the first month vests, only those without any month, and so without pooled money, have a closed route.
    if np.any((rule == 4) | ((rule == 3) & (codes[:, VESTING] != 2))):
        asked |= WANTS_POOLED
    return asked
