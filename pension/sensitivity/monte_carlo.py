"""How uncertain a loss and a pension are: wage growth, book rates and survival drawn around the scenario.

>>> found = monte_carlo("case.toml", draws=200, seed=1)
>>> found.table                                     # quantiles of loss, wealth, first pension

A path differs from the scenario by three numbers that hold for all years to come: a shift of wage growth, one of the
book rates of both schemes, a factor on death rates. Their distributions are parameters with source and status
(``parameters/uncertainty``), assumptions all of them. Random numbers are common: a path is the same for every person,
both regimes and every study with its seed, and path k does not depend on how many are drawn. Discount and prices stay
those of the scenario: what is uncertain is what is paid, not how it is valued.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pension.errors import refuse
from pension.parameters import Parameters, load, parameters_directory
from pension.sensitivity.one_at_a_time import Study
from pension.tables.parameter_files import ParameterError, read_toml, toml_parameters
from pension.tables.shifts import Shift, shifted

if TYPE_CHECKING:
    from pension.accounting import Regime
    from pension.inputs.opening import Source

NOTICE: Final = "A research estimate, no official determination."
QUANTILES: Final = (0.05, 0.25, 0.5, 0.75, 0.95)
DEFAULT_SEED: Final = 2021
_NAMES: Final = (
    "wage_growth_deviation",
    "book_rate_deviation",
    "death_rate_deviation",
    "wage_and_book_rate_correlation",
)
_MEASURES: Final = {
    "loss": ("loss of pension wealth", "yuan of {price_year} at R0"),
    "pw": ("pension wealth under {regime}", "yuan of {price_year} at R0"),
    "pw_reference": ("pension wealth under {reference}", "yuan of {price_year} at R0"),
    "monthly": ("first pension under {regime}", "yuan of {price_year} a month"),
    "monthly_reference": ("first pension under {reference}", "yuan of {price_year} a month"),
}


@dataclass(frozen=True)
class Uncertainty:
    """Distributions of the paths; 0 everywhere is the scenario itself."""

    wage_growth_deviation: float = 0.0
    """Standard deviation of the shift of wage growth, fraction a year."""
    book_rate_deviation: float = 0.0
    """Standard deviation of the shift of the book rates, fraction a year."""
    death_rate_deviation: float = 0.0
    """Standard deviation of the logarithm of the factor on death rates."""
    wage_and_book_rate_correlation: float = 0.0
    name: str = "given"
    sources: tuple[str, ...] = ()
    """One line a parameter: title, value, status and source."""

    def __post_init__(self) -> None:
        for name in _NAMES[:3]:
            if not 0.0 <= getattr(self, name) < 0.5:
                raise refuse("a standard deviation lies from 0 to below 0.5", column=name, value=getattr(self, name))
        if not -1.0 <= self.wage_and_book_rate_correlation <= 1.0:
            raise refuse("a correlation lies between -1 and 1", column=_NAMES[3])

    @staticmethod
    def read(name: str | os.PathLike[str] = "default") -> Uncertainty:
        """Distributions that ship (``default``), or of a TOML file of the same keys.

        Raises ``ParameterError`` for a missing or unknown parameter, or one without unit, source and status.
        """
        text = os.fspath(name)
        path = Path(text) if text.endswith(".toml") else parameters_directory() / "uncertainty" / f"{text}.toml"
        file = f"uncertainty/{path.name}"
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ParameterError(f"cannot be read: {error.strerror}", file=file) from None
        tables = toml_parameters(file, read_toml(file, data))
        if set(tables) != set(_NAMES):
            wrong = sorted(set(tables) ^ set(_NAMES))[0]
            raise ParameterError(f"holds exactly {', '.join(_NAMES)}", file=file, key=wrong)
        rows = {key: table.scalar() for key, table in tables.items()}
        lines = tuple(f"{tables[k].title}: {rows[k]['value']:g} ({rows[k].status}: {rows[k].source})" for k in _NAMES)
        return Uncertainty(**{k: tables[k].number(rows[k]) for k in _NAMES}, name=path.stem, sources=lines)


def paths(uncertainty: Uncertainty, draws: int, seed: int) -> list[Shift]:
    """The shifts of ``draws`` paths; the same seed gives the same bits, and more draws begin with the same ones."""
    if draws < 1:
        raise refuse("at least one path is drawn", column="draws", value=draws)
    if not 0 <= seed < 2**64:
        raise refuse("a seed is a whole number of 64 bits, not negative", column="seed", value=seed)
    # The raw stream of a bit generator never changes between versions of NumPy; its derived distributions may.
    raw = np.random.Philox(key=seed).random_raw(3 * draws) >> np.uint64(11)
    normal = NormalDist().inv_cdf
    rho = uncertainty.wage_and_book_rate_correlation
    found = []
    for k in range(draws):
        wage, own, death = (normal((float(u) + 0.5) * 2.0**-53) for u in raw[3 * k : 3 * k + 3])
        book = rho * wage + math.sqrt(1.0 - rho * rho) * own
        found.append(
            Shift(
                wage_growth=uncertainty.wage_growth_deviation * wage,
                book_rate=uncertainty.book_rate_deviation * book,
                death_rate=math.exp(uncertainty.death_rate_deviation * death),
            )
        )
    return found


@dataclass(frozen=True)
class MonteCarlo:
    """What the paths give."""

    draws: pd.DataFrame
    """One row a path: ``wage_growth, book_rate, death_rate`` (the shift), then
    ``sensitivity.Measured.numbers``."""
    table: pd.DataFrame
    """One row a measure: ``measure, base, mean, sd, p5 … p95, unit, undefined`` (paths without a value, left out);
    ``base`` is the scenario itself."""
    regime: str
    reference: str
    people: int
    seed: int
    uncertainty: Uncertainty
    scenario: str

    def text(self) -> str:
        """The table as text, with the distributions it rests on."""
        who = "one person" if self.people == 1 else f"means over {self.people:,} people"
        shown = ["base", "mean", "sd", *(f"p{100 * q:g}" for q in QUANTILES)]
        out = [
            f"How uncertain it is: {self.regime} against {self.reference}, {who}, {len(self.draws):,} paths, "
            f"seed {self.seed}",
            f"around scenario {self.scenario}; distributions {self.uncertainty.name}",
            "",
            f"{'':<34} " + " ".join(f"{name:>10}" for name in shown),
        ]
        for row in self.table.to_dict("records"):
            left_out = f" ({row['undefined']:,} undefined)" if row["undefined"] else ""
            out.append(f"{row['measure'] + left_out:<34} " + " ".join(f"{row[name]:>10,.0f}" for name in shown))
        units = "; ".join(f"{unit}: {', '.join(names)}" for unit, names in self._units())
        return "\n".join([*out, "", units, *self.uncertainty.sources, NOTICE])

    def _units(self) -> Iterator[tuple[str, Sequence[str]]]:
        for unit, rows in self.table.groupby("unit", sort=False):
            yield str(unit), [str(name) for name in rows["measure"]]


def monte_carlo(
    source: Source,
    regime: str | Regime = "current",
    reference: str | Regime = "fair",
    *,
    draws: int = 200,
    seed: int = DEFAULT_SEED,
    uncertainty: Uncertainty | str | os.PathLike[str] = "default",
    parameters: Parameters | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> MonteCarlo:
    """Settle the same people on ``draws`` paths of wage growth, book rates and survival.

    ``source`` is a case file, histories, or any input of ``pension.run`` (then each path gives weighted means over the
    people). Raises ``InputError`` and ``ParameterError``; a path whose parameters are impossible is an error, not left
    out.
    """
    parameters = parameters if parameters is not None else load()
    given = uncertainty if isinstance(uncertainty, Uncertainty) else Uncertainty.read(uncertainty)
    study = Study(source, regime, reference, parameters)
    base = study.measure()
    rows: list[dict[str, Any]] = []
    for k, shift in enumerate(paths(given, draws, seed)):
        moved = {name: getattr(shift, name) for name in ("wage_growth", "book_rate", "death_rate")}
        rows.append(moved | study.measure(shifted(parameters, shift)).numbers(base))
        if progress is not None:
            progress(k + 1, draws)
    of_paths = pd.DataFrame(rows)
    names = {"regime": study.regime.name, "reference": study.reference.name}
    table = []
    for name, (text, unit) in _MEASURES.items():
        values = of_paths[name].to_numpy()
        known = values[~np.isnan(values)]
        row: dict[str, Any] = {"measure": text.format(**names), "base": base.numbers()[name]}
        some = known.size > 0
        row |= {"mean": known.mean() if some else np.nan, "sd": known.std(ddof=1) if known.size > 1 else np.nan}
        row |= {f"p{100 * q:g}": np.quantile(known, q) if some else np.nan for q in QUANTILES}
        row |= {"unit": unit.format(price_year=parameters.tables.price_year), "undefined": values.size - known.size}
        table.append(row)
    return MonteCarlo(
        of_paths,
        pd.DataFrame(table),
        names["regime"],
        names["reference"],
        study.people,
        seed,
        given,
        parameters.scenario,
    )
