"""The command ``pension sensitivity``: what a loss depends on, how uncertain it is, what changed between parameters."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pension.cli.common import OverlayOption, ScenarioOption, load_parameters, progress_bar
from pension.cli.plain import without_compiler

if TYPE_CHECKING:
    import pandas as pd


def sensitivity(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Case file (TOML), or people as for `pension run`.")],
    regime: Annotated[str, typer.Option("--regime", "-r", metavar="NAME", help="The regime looked at.")] = "current",
    reference: Annotated[str, typer.Option(metavar="NAME", help="The regime it is held against.")] = "fair",
    draws: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Monte Carlo instead: paths of growth, book rates, survival.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="S", min=0, help="Seed of the paths.")] = 2021,
    uncertainty: Annotated[
        str, typer.Option(metavar="NAME", help="Distributions of the paths: `default` or a TOML file.")
    ] = "default",
    against: Annotated[
        str | None, typer.Option(metavar="NAME", help="What changes, value by value, under this other scenario.")
    ] = None,
    against_overlay: Annotated[
        Path | None, typer.Option(metavar="DIR", help="... or with this overlay of parameters.")
    ] = None,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Also write the tornado as a picture.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Change one thing at a time and see what the loss does; or draw paths; or compare two sets of parameters."""
    from pension.errors import refuse

    changed = against is not None or against_overlay is not None
    if draws is not None and changed:
        raise refuse("paths or two sets of parameters, not both", column="--draws")
    if plot is not None and (changed or draws is not None):
        raise refuse("the picture is that of one thing at a time", column="--plot", value=plot)
    if file.suffix == ".toml" and draws is None:
        without_compiler()
    parameters = load_parameters(scenario, overlay)
    if draws is not None:
        from pension.sensitivity.monte_carlo import monte_carlo

        with progress_bar("drawing") as progress:
            drawn = monte_carlo(
                file,
                regime,
                reference,
                draws=draws,
                seed=seed,
                uncertainty=uncertainty,
                parameters=parameters,
                progress=progress,
            )
        print(_json({"quantiles": drawn.table, "paths": drawn.draws}) if json else drawn.text())
    elif changed:
        from pension.sensitivity.what_changed import what_changed

        other = load_parameters(
            parameters.scenario if against is None else against, overlay if against_overlay is None else against_overlay
        )
        found = what_changed(file, parameters, other, regime, reference)
        print(_json({"values": found.values, "effects": found.effects}) if json else found.text())
    else:
        from pension.sensitivity.one_at_a_time import sensitivity as vary

        varied = vary(file, regime, reference, parameters=parameters)
        if plot is not None:
            figure: Any = varied.plot_tornado().figure
            figure.savefig(plot)
        print(_json({"sensitivities": varied.table}) if json else varied.text())


def _json(tables: dict[str, pd.DataFrame]) -> str:
    """Tables as lists of rows; undefined is null."""
    data: dict[str, Any] = {
        name: json_module.loads(table.to_json(orient="records", double_precision=15)) for name, table in tables.items()
    }
    return json_module.dumps(data, ensure_ascii=False, indent=2)
