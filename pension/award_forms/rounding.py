"""Rounding of what is printed: a unit, a direction and where the rule stands. Nothing inside the program is rounded.

Amounts are reckoned in floats; a rounding first takes the float as the decimal it means (to 1e-8, far below any unit
and far above the error of a few products), so that 2087.1000000001 is 2087.10 and is not raised to the next tenth.
"""

from __future__ import annotations

import decimal
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

_NOISE: Final = Decimal("1e-8")
_CONTEXT: Final = decimal.Context(prec=40)
_DIRECTIONS: Final = {
    "half_up": decimal.ROUND_HALF_UP,
    "up": decimal.ROUND_CEILING,
    "down": decimal.ROUND_FLOOR,
}

MODES: Final = (*_DIRECTIONS, "exact")
"""``half_up`` to the nearest multiple, ``up`` any excess to the next one, ``down`` truncated, ``exact`` as it is."""


_WORDS: Final = {
    "en": {"half_up": "half-up to {}", "up": "up to the next {}", "down": "truncated to {}", "exact": "exact"},
    "zh": {"half_up": "四舍五入到{}", "up": "进位到{}", "down": "截尾到{}", "exact": "不取整"},
}


def meant(amount: float | Decimal) -> Decimal:
    """The decimal that a float means: nearest multiple of 1e-8, without trailing zeros; ValueError if not finite."""
    if not math.isfinite(amount):
        raise ValueError(f"{amount!r} is no amount")
    found = Decimal(amount).quantize(_NOISE, rounding=decimal.ROUND_HALF_EVEN, context=_CONTEXT).normalize(_CONTEXT)
    return found if found.as_tuple().exponent <= 0 else found.quantize(Decimal(1))  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Rounding:
    """How one printed quantity is rounded."""

    mode: str
    """One of ``MODES``."""
    quantum: Decimal | None = None
    """What the result is a multiple of, a power of ten; None only where nothing is rounded."""
    source: str = ""
    status: str = ""

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise ValueError(f"rounding {self.mode!r} is none of {', '.join(MODES)}")
        if (self.quantum is None) != (self.mode == "exact"):
            raise ValueError(f"rounding {self.mode} and its unit {self.quantum} do not fit")
        if self.quantum is not None and (self.quantum <= 0 or self.quantum.normalize().as_tuple().digits != (1,)):
            raise ValueError(f"the unit {self.quantum} of a rounding is no power of ten")

    def __call__(self, amount: float | Decimal) -> Decimal:
        """The amount as it is printed; ``exact`` gives what the float means."""
        found = meant(amount)
        if self.quantum is None:
            return found
        return found.quantize(self.quantum, rounding=_DIRECTIONS[self.mode], context=_CONTEXT)

    def text(self, lang: str) -> str:
        """The rule in words, English (``en``) or Chinese (``zh``)."""
        return _WORDS[lang][self.mode].format(self.quantum)


EXACT: Final = Rounding("exact")
