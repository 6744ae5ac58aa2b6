"""The unbundled outlay (拆包式): what a month of each insurance costs the insured, alone and in packages.

The source paper (§4.4) asks that insurances be open one by one, so that what is affordable can be seen beside what is
earned. Pension rates are parameters of this library. Medical and injury rates are not among its data: they are given by
the caller (``Rates``), and what is not given is undefined with that reason, never a figure of ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from pension.choice.scheme_choice import AT_HOME, AT_WORK, EMPLOYED, RESIDENT, choose
from pension.errors import refuse

if TYPE_CHECKING:
    from pension.parameters import Parameters

ITEMS: Final = ("pension", "medical", "injury")
PACKAGES: Final = (
    ("pension",),
    ("injury",),
    ("pension", "injury"),
    ("medical", "injury"),
    ("pension", "medical"),
    ITEMS,
)
NOT_GIVEN: Final = "the rate is not in the data and was not given"
NOT_INSURED: Final = "the resident schemes have no injury insurance"
_LENGTH: Final = "award"


@dataclass(frozen=True)
class Rates:
    """What the insured pay themselves, as fractions of the contribution base; None = not given."""

    medical_employed: float | None = None
    """Employee medical insurance, the worker's own part."""
    medical_individual: float | None = None
    """Employee medical insurance as an individual, the whole of it."""
    medical_resident: float | None = None
    """Resident medical insurance, yuan a year."""
    injury_employed: float | None = None
    """Injury insurance, the worker's own part (by law the employer's alone: Social Insurance Law art. 33, so 0)."""
    injury_individual: float | None = None
    """Injury insurance as an individual or platform worker, where a pilot takes them; what he pays himself."""
    source: str = "the user"
    """Who set the rates that are given."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name == "source" or value is None:
                continue
            most = 100_000.0 if field.name == "medical_resident" else 1.0
            if not 0.0 <= value <= most:
                raise refuse(f"lies between 0 and {most:g}", column=field.name, value=value)


def outlays(
    people: pd.DataFrame | Mapping[str, Any] | Sequence[Mapping[str, Any]],
    rates: Rates | None = None,
    *,
    now: str | None = None,
    bases: Sequence[str] = ("floor", "income"),
    parameters: Parameters | None = None,
) -> pd.DataFrame:
    """Monthly outlay by item and package: one row a person, way, base and package.

    ``people`` as in ``scheme_choice.choose``. ``package`` joins items with ``+``; ``outlay`` is yuan a month now,
    ``share`` that over the income; both NaN with ``reason`` where a rate of the package is not known. Resident rows
    are those of every tier, with the resident medical contribution.
    """
    rates = Rates() if rates is None else rates
    found = choose(people, now=now, bases=bases, limit=None, parameters=parameters)
    income = found.people["income"].to_numpy(dtype=float)
    options = found.options[(found.options["length"] == _LENGTH) & (found.options["way"] != "none")]
    rows = []
    records: list[dict[str, Any]] = options.to_dict("records")  # type: ignore[assignment]
    for option in records:
        cost = {name: _item(name, option, rates) for name in ITEMS}
        for package in PACKAGES:
            parts = [cost[name] for name in package]
            reason = "; ".join(dict.fromkeys(f"{n}: {cost[n][1]}" for n in package if cost[n][1]))
            outlay = np.nan if reason else sum(amount for amount, _ in parts)
            rows.append(
                {
                    **{name: option[name] for name in ("person", "way", "place", "setting", "base", "access")},
                    "package": " + ".join(package),
                    "outlay": outlay,
                    "share": outlay / income[option["person"]],
                    "reason": reason,
                }
            )
    out = pd.DataFrame(rows)
    out.attrs["units"] = {"base": "yuan/month, now", "outlay": "yuan/month, now", "share": "fraction of income now"}
    given = [f.name for f in fields(rates) if f.name != "source" and getattr(rates, f.name) is not None]
    out.attrs["rates"] = f"{', '.join(given)} set by {rates.source}" if given else "none given"
    return out


def _item(name: str, option: Mapping[str, Any], rates: Rates) -> tuple[float, str]:
    """(yuan a month, why it is undefined) of one item of an option."""
    way = option["way"]
    if name == "pension":
        return float(option["outlay"]), ""
    if way == RESIDENT:
        if name == "injury":
            return np.nan, NOT_INSURED
        return _given(rates.medical_resident, 1.0 / 12.0)
    kind = {EMPLOYED: "employed", AT_WORK: "individual", AT_HOME: "individual"}[way]
    return _given(getattr(rates, f"{name}_{kind}"), float(option["base"]))


def _given(rate: float | None, times: float) -> tuple[float, str]:
    return (np.nan, NOT_GIVEN) if rate is None else (rate * times, "")


def outlay_text(table: pd.DataFrame) -> str:
    """The table as text: one line a way and base, a column a package, in per cent of income."""
    packages = list(dict.fromkeys(table["package"]))
    out = [
        "Outlay a month as a share of income, by item and package (拆包式); yuan of now, and per cent of income",
        "",
        f"{'way':<19}{'base':<11}" + "".join(f"{package.replace(' + ', '+'):>25}" for package in packages),
    ]
    keys = ["person", "way", "place", "setting"]
    notes: dict[str, int] = {}
    for (_, way, _, setting), rows in table.groupby(keys, sort=False):
        cells = []
        for row in rows.to_dict("records"):
            if row["reason"]:
                number = notes.setdefault(row["reason"], len(notes) + 1)
                cells.append(f"– [{number}]")
            else:
                cells.append(f"{row['outlay']:,.0f} ({row['share']:.1%})")
        out.append(f"{way:<19}{setting:<11}" + "".join(f"{cell:>25}" for cell in cells))
    out += ["", *(f"[{number}] {text}" for text, number in notes.items())]
    return "\n".join([*out, f"Rates of medical and injury insurance: {table.attrs['rates']}."])
