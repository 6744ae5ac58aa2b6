"""The method note of results: one page after ISAP 2 and the reporting practice of ILO and ISSA."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

import pension.engine  # noqa: F401  every rule is registered on import
from pension.accounting import Regime
from pension.kernels import award_fields
from pension.law.registry import REGISTER
from pension.parameters import READINGS, RULES
from pension.report import DISCLAIMER
from pension.runs.group_losses import UNCHANGED_YUAN
from pension.tables import usage
from pension.tables.survival import POPULATION

if TYPE_CHECKING:
    from pension.results import Basis, Results

SENSITIVITIES: Final = (
    "discount rate ±1 pp",
    "wage growth ±1 pp",
    "ratio of calculation base to reference wage",
    "minimum years 15 against 20",
    "claim place",
    "base index 0.4, 0.6, 1, 2, 3",
    "survival ±10 %",
    "tail cases (12 moves; 14 years 11 months)",
)
"""One-at-a-time variations that a complete study reports (``pension.sensitivity.one_at_a_time``)."""
TAILS: Final = SENSITIVITIES[-1]


def method_note(results: Results, sensitivities: Mapping[str, str]) -> str:
    """The note in Markdown; ``sensitivities`` are the variations that were run, with their result in words."""
    return "\n".join(_lines(results, sensitivities)) + "\n"


def _lines(results: Results, sensitivities: Mapping[str, str]) -> Iterator[str]:
    basis = results.basis
    undefined = int(np.count_nonzero(results.status != award_fields.DEFINED))
    yield "# Method note"
    yield ""
    yield f"**{DISCLAIMER}** Prepared in the order of ISAP 2 (International Actuarial Association)."
    yield ""
    yield "## Scope and legal date"
    yield ""
    yield (
        f"Old-age pensions of {len(results):,} people (weight {results.weight.sum():,.0f}) of the employee and "
        "resident schemes of mainland China; each award by the acts in force in its month. Newest act in the program: "
        f"{max((rule.since, rule.act) for rule in REGISTER.values())[1]}. Regimes compared:"
    )
    yield ""
    for regime in basis.regimes:
        different = ", ".join(f"{p} = {regime.choice(p)}" for p in regime.differs(Regime("law"))) or "nothing"
        title = f" ({regime.title})" if regime.title else ""
        yield f"- `{regime.name}`{title}, status: {regime.status}; differs from the law in {different}."
    yield ""
    yield "## Data and imputations"
    yield ""
    if undefined:
        counts = Counter(results.status.tolist())
        why = "; ".join(
            f"{n:,}: {award_fields.STATUS_TEXT[c]}" for c, n in sorted(counts.items()) if c != award_fields.DEFINED
        )
        yield f"- {undefined:,} people lack a result under a regime and are in no mean that needs it ({why})."
    else:
        yield "- Every person has a result under every regime."
    if basis.seed is not None:
        yield f"- The people were drawn at random (seed {basis.seed})."
    if basis.provenance is None:
        yield "- Which parameter values were used is not noted in these results (`pension.compare` notes it)."
    else:
        statuses = ", ".join(f"{n:,} {status}" for status, n in sorted(basis.provenance.counts.items()))
        yield f"- {len(basis.provenance.values):,} parameter values were used: {statuses}."
        yield from _imputations(basis)
    yield ""
    yield "## Assumptions"
    yield ""
    yield from _assumptions(basis)
    yield ""
    yield "## Method"
    yield ""
    yield (
        f"PW: all payments of life and to heirs at R0, the statutory month, conditional on being alive then, in "
        f"yuan of {basis.price_year}. Loss = PW of the reference - PW of the regime; less than {UNCHANGED_YUAN:g} yuan "
        "is unchanged. Means are weighted. Causes: Shapley value over the provisions in which two regimes differ."
    )
    yield ""
    yield "## Results"
    yield ""
    yield from _results(results)
    yield ""
    yield "## Sensitivities"
    yield ""
    for name, text in sensitivities.items():
        yield f"- {name}: {text}"
    rest = [name for name in SENSITIVITIES if name not in sensitivities]
    if rest:
        yield f"- Not run: {'; '.join(rest)}."
    yield ""
    yield "## Reproducibility"
    yield ""
    yield f"- version {basis.version}, parameters sha256 {basis.parameter_hash}, scenario {basis.scenario}"
    yield f"- input sha256 {basis.input_hash}" if basis.input_hash else "- input sha256 unknown: histories not at hand"
    yield f"- seed {basis.seed}" if basis.seed is not None else "- no seed is noted"


def _imputations(basis: Basis) -> Iterator[str]:
    if basis.provenance is None:
        return
    counts = Counter((value.rule, value.status) for value in basis.provenance.listed(*usage.UNCERTAIN))
    for (rule, status), n in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        yield f"  - {n:,} {status}: {RULES.get(rule, rule)}"


def _assumptions(basis: Basis) -> Iterator[str]:
    if basis.parameters is None:
        yield f"- Scenario `{basis.scenario}`; its values are not in the file (load the parameters of this hash)."
        return
    for name, table in basis.parameters.files.items():
        if not name.startswith("scenario."):
            continue
        values = "; ".join(" ".join([f"{row['value']:g}", *(f"from {row[key]}" for key in table.key)]) for row in table)
        setters = ", ".join(dict.fromkeys(f"{row.status}: {row.source}" for row in table))
        yield f"- {table.title}: {values} ({table.unit}). Set by: {setters}."
    for name, choice in basis.parameters.readings.items():
        who = "default of this library" if choice == READINGS[name][0] else "the user"
        yield f"- Reading `{name}` = {choice}. Set by: {who}."
    ours = basis.parameters.survival == POPULATION
    who = "official statistic, choice of this library" if ours else "the user"
    yield f"- Survival: {basis.parameters.survival_text}. Set by: {who}."


def _results(results: Results) -> Iterator[str]:
    if len(results.regimes) < 2:
        yield "- One regime: no loss is computed."
        return
    a = results.regimes[0]
    unit = f"yuan of {results.basis.price_year} at R0"

    def number(value: float) -> str:
        return "undefined" if np.isnan(value) else f"{value:,.0f}"

    for row in results.summary().to_dict("records"):
        if not row["n"]:
            yield f"- `{a}` against `{row['reference']}`: nobody has both results ({row['undefined_reasons']})."
            continue
        yield (
            f"- `{a}` against `{row['reference']}` ({row['n']:,} people): {row['losing']:.1%} lose, on average "
            f"{number(row['mean_loss'])} {unit} and {number(row['mean_loss_monthly'])} yuan/month of the first "
            f"pension (nominal); {row['gaining']:.1%} gain {number(row['mean_gain'])} {unit}; {row['unchanged']:.1%} "
            f"unchanged. Mean wealth {number(row['mean_pw'])} against {number(row['mean_pw_reference'])}; first "
            f"pension {number(row['mean_monthly'])} against {number(row['mean_monthly_reference'])} yuan/month."
        )
