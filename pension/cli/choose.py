"""The command ``pension choose``: which scheme, base and length is worth most, and from which income on."""

from __future__ import annotations

import json as json_module
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pension.cli.common import OverlayOption, ScenarioOption, load_parameters
from pension.cli.plain import without_compiler

if TYPE_CHECKING:
    import pandas as pd


def choose(
    income: Annotated[list[float] | None, typer.Option(metavar="YUAN", help="Income a month; again for more.")] = None,
    place: Annotated[list[str] | None, typer.Option(metavar="PLACE", help="Place of work; again for more.")] = None,
    hukou: Annotated[
        str | None, typer.Option(metavar="PLACE", help="Registered residence; default: the place of work.")
    ] = None,
    hukou_type: Annotated[str, typer.Option(metavar="urban|rural", help="Type of the residence.")] = "rural",
    category: Annotated[
        str, typer.Option(metavar="CATEGORY", help="male_60, female_55, female_50, male_hazardous_55 ...")
    ] = "male_60",
    age: Annotated[list[float] | None, typer.Option(metavar="YEARS", help="Age now; again for more.")] = None,
    now: Annotated[str | None, typer.Option(metavar="YYYY-MM", help="First month.")] = None,
    index: Annotated[
        list[float] | None, typer.Option(metavar="Z", help="A further base, in reference wages; again for more.")
    ] = None,
    collective: Annotated[float, typer.Option(metavar="YUAN", help="Collective assistance a year.")] = 0.0,
    employer: Annotated[bool, typer.Option("--employer", help="There is a labour relation.")] = False,
    limit: Annotated[float, typer.Option(metavar="SHARE", help="Most that may be paid, of the income.")] = 0.2,
    claim: Annotated[
        bool, typer.Option("--paper-claim", help="Test the source paper's claim over provinces, incomes and ages.")
    ] = False,
    outlay: Annotated[bool, typer.Option("--outlay", help="Outlay by insurance and package instead.")] = False,
    medical: Annotated[
        list[float] | None,
        typer.Option(metavar="RATE", help="Medical insurance: own rate employed, then as an individual."),
    ] = None,
    medical_resident: Annotated[
        float | None, typer.Option(metavar="YUAN", help="Resident medical insurance, own part a year.")
    ] = None,
    injury: Annotated[
        list[float] | None, typer.Option(metavar="RATE", help="Injury insurance: own rate employed, then individual.")
    ] = None,
    regime: Annotated[str, typer.Option("--regime", "-r", metavar="NAME", help="A named regime.")] = "current",
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Compare the schemes open to somebody: net pension wealth, outlay, the income from which one overtakes."""
    from pension.errors import refuse

    if claim:
        from pension.choice.break_even import paper_claim

        found = paper_claim(
            limit=limit,
            category=category,
            hukou_type=hukou_type,
            hukou=None if hukou is None else _code(hukou),
            now=now,
            regime=regime,
            parameters=load_parameters(scenario, overlay),
        )
        print(_json({"table": found.table, "cells": found.cells}) if json else found.text())
        return
    for name, given in (("--income", income), ("--place", place), ("--age", age)):
        if not given:
            raise refuse("is needed", column=name)
    without_compiler()
    from pension.choice.break_even import break_even
    from pension.choice.scheme_choice import choose as compare
    from pension.choice.scheme_choice import grid

    parameters = load_parameters(scenario, overlay)
    people = grid(income=income or (), place=place or (), category=[category], age=age or (), hukou_type=[hukou_type])
    people["hukou"] = people["place"] if hukou is None else hukou
    if outlay:
        from pension.choice.outlays import Rates, outlay_text, outlays

        rates = Rates(
            medical_employed=_nth(medical, 0),
            medical_individual=_nth(medical, 1),
            medical_resident=medical_resident,
            injury_employed=_nth(injury, 0),
            injury_individual=_nth(injury, 1),
        )
        table = outlays(people, rates, now=now, parameters=parameters)
        print(_json({"outlays": table}) if json else outlay_text(table))
        return
    choice = compare(
        people,
        now=now,
        regime=regime,
        indices=index or (),
        collective=collective,
        labour_relation=employer,
        limit=limit,
        parameters=parameters,
    )
    alike = people.drop_duplicates(subset=[c for c in people if c != "income"])
    turns = break_even(alike, now=now, regime=regime, collective=collective, limit=limit, parameters=parameters)
    if json:
        print(_json({"options": choice.options, "best": choice.best(), "break_even": turns}))
        return
    from pension.choice.scheme_choice_text import break_even_text

    print(choice.text())
    print()
    print(break_even_text(turns, limit))


def _nth(values: list[float] | None, n: int) -> float | None:
    return values[n] if values is not None and len(values) > n else None


def _code(text: str) -> int:
    from pension.errors import refuse
    from pension.inputs.spells import parse_place
    from pension.schema import province_of

    try:
        return province_of(parse_place(text))
    except ValueError as error:
        raise refuse(str(error), column="--hukou", value=text) from error


def _json(tables: dict[str, pd.DataFrame]) -> str:
    """Tables as lists of rows with their units; undefined is null."""
    data: dict[str, Any] = {}
    for name, table in tables.items():
        data[name] = json_module.loads(table.to_json(orient="records", double_precision=15))
        data[f"{name}_units"] = table.attrs.get("units", {})
    return json_module.dumps(data, ensure_ascii=False, indent=2)
