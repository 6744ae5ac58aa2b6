"""The commands ``pension parameters check`` and ``show``: dated values with source and status."""

from __future__ import annotations

from typing import Annotated

import typer

from pension.cli.common import BAD_INPUT, OverlayOption, ScenarioOption, console, listing, load_parameters, numbered

app = typer.Typer(no_args_is_help=True, help="The parameters: dated values with source and status.")


@app.command("check")
def check_parameters(scenario: ScenarioOption = None, overlay: OverlayOption = None) -> None:
    """Verify completeness, order, ranges, units and sources; print which rule fills what."""
    from rich.text import Text

    from pension.parameters import check

    parameters = load_parameters(scenario, overlay)
    findings = check(parameters)
    table = listing("", "table", "place", "period", "finding", "rule")
    styles = {"error": "bold red", "warning": "yellow"}
    for found in findings:
        place = "" if found.place is None else str(found.place)
        cells = (found.level, found.table, place, found.period, found.text, found.rule)
        table.add_row(*(Text(cell, style=styles.get(found.level, "")) for cell in cells))
    out = console()
    out.print(table)
    count = {level: sum(found.level == level for found in findings) for level in ("error", "warning")}
    print(f"\n{count['error']} errors, {count['warning']} warnings; scenario {parameters.scenario}")
    print(f"hash {parameters.hash}")
    if count["error"]:
        raise typer.Exit(BAD_INPUT)


@app.command("show")
def show_parameters(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="A parameter; without one, all names.")] = None,
    place: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Code or name of a province; 0 the nation.")
    ] = None,
    year: Annotated[int | None, typer.Option(metavar="YEAR", help="One calendar year.")] = None,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Print one parameter, with unit, source and status of each value."""
    from rich.text import Text

    from pension.errors import refuse
    from pension.parameters import names, show

    parameters = load_parameters(scenario, overlay)
    known = names(parameters)
    out = console()
    if name is None:
        table = listing("parameter", "unit or title")
        for parameter, text in known.items():
            table.add_row(Text(parameter, style="bold"), Text(text))
        out.print(table)
        return
    rows = show(parameters, name, place=None if place is None else _place_code(place), first=year, last=year)
    rows = [row for row in rows if year is None or row.get("year", year) == year]
    if not rows:
        raise refuse(
            "there is no such value",
            column="NAME",
            value=" ".join(str(x) for x in (name, place, year) if x is not None),
        )
    numbers: dict[str, int] = {}
    for row in rows:
        text = "; ".join(str(row[key]) for key in ("source", "note") if row.get(key))
        row["source"] = f"[{numbers.setdefault(text, len(numbers) + 1)}]"
    columns = [key for key in rows[0] if key not in ("unit", "note") and any(row[key] is not None for row in rows)]
    table = listing(*columns)
    for row in rows:
        table.add_row(*(Text(_shown(row[column])) for column in columns))
    out.print(Text(f"{name}: {known.get(name) or rows[0]['unit']}", style="bold"))
    out.print(table)
    out.print()
    out.print(numbered(numbers))


def _place_code(text: str) -> int:
    from pension.errors import refuse
    from pension.inputs.spells import parse_place
    from pension.schema import province_of

    if text == "0":
        return 0
    try:
        return province_of(parse_place(text))
    except ValueError as error:
        raise refuse(str(error), column="--place", value=text) from error


def _shown(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    return f"{value:.10g}" if isinstance(value, float) else str(value)
