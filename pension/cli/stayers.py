"""The command ``pension stayer-gap``: what a mover has less than a stayer, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pension.cli.common import OverlayOption, ScenarioOption, load_parameters
from pension.cli.plain import without_compiler


def stayer_gap(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A case file (TOML).")],
    regime: Annotated[str, typer.Option("--regime", "-r", metavar="NAME", help="A named regime or file.")] = "current",
    of: Annotated[str, typer.Option(metavar="origin|destination", help="Where the stayer stays.")] = "origin",
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Print the stayer gap of one person as wage-path effect and portability loss proper."""
    without_compiler()
    from pension.kernels.award_fields import DEFINED, STATUS_TEXT
    from pension.variants.stayers import stayer_gap as gap_of

    found = gap_of(file, regime, of=of, parameters=load_parameters(scenario, overlay))
    status = int(found.status[0])
    print(found if status == DEFINED else f"undefined: {STATUS_TEXT[status]}")
