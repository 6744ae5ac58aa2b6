"""The command ``pension award-form``: one award form printed as the province prints it."""

from __future__ import annotations

import json as json_module
from pathlib import Path
from typing import Annotated

import typer

from pension.cli.plain import without_compiler


def award_form(
    province: Annotated[str, typer.Option(metavar="PLACE", help="Code or name of the province.")],
    award: Annotated[str, typer.Option(metavar="YYYY-MM", help="Month of the award.")],
    index: Annotated[float | None, typer.Option(help="Average index.")] = None,
    balance: Annotated[float | None, typer.Option(help="Individual account at the award, yuan.")] = None,
    months: Annotated[int | None, typer.Option(help="Counted months, deemed ones included.")] = None,
    years: Annotated[float | None, typer.Option(help="Instead: years as a form prints them.")] = None,
    deemed_months: Annotated[int | None, typer.Option(help="Months of the transitional pension, 0 if none.")] = None,
    deemed_years: Annotated[float | None, typer.Option(help="Instead: those years as a form prints them.")] = None,
    early_paid_months: Annotated[int | None, typer.Option(help="Beijing: months paid 1992-10..1998-06.")] = None,
    paid_months: Annotated[int | None, typer.Option(help="Paid months, where they choose the coefficient.")] = None,
    transition_index: Annotated[float | None, typer.Option(help="Index of the transitional pension.")] = None,
    coefficient: Annotated[float | None, typer.Option(help="Transition coefficient a year, 0.013 = 1.3 %.")] = None,
    notional_account: Annotated[float | None, typer.Option(help="Shanghai: notional account, yuan.")] = None,
    old_transitional: Annotated[
        float | None, typer.Option(help="Transitional pension of the earlier method, where one is phased out.")
    ] = None,
    base: Annotated[float | None, typer.Option(help="Calculation base, yuan/month; else looked up.")] = None,
    area: Annotated[str, typer.Option(help="City whose calculation base holds.")] = "province",
    annuity_months: Annotated[float | None, typer.Option(help="Annuity months of the account.")] = None,
    age_months: Annotated[int | None, typer.Option(help="Instead: age at the award in months.")] = None,
    conventions: Annotated[str, typer.Option(metavar="province|exact", help="How to round.")] = "province",
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the text.")] = "en",
    overlay: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Parameter files whose values replace the shipped ones.")
    ] = None,
) -> None:
    """Print an award form (核定表) from its inputs, in the province's own rounding."""
    without_compiler()
    from pension.award_forms.form import award_form as reckon
    from pension.parameters import load

    form = reckon(
        province,
        award=award,
        average_index=index,
        account_balance=balance,
        months=months,
        years=years,
        deemed_months=deemed_months,
        deemed_years=deemed_years,
        early_paid_months=early_paid_months,
        paid_months=paid_months,
        transition_index=transition_index,
        transition_coefficient=coefficient,
        notional_account=notional_account,
        old_transitional=old_transitional,
        calculation_base=base,
        area=area,
        annuity_months=annuity_months,
        age_months=age_months,
        conventions=conventions,
        parameters=load(overlay),
    )
    print(json_module.dumps(form.data(), ensure_ascii=False, indent=2) if json else form.text(lang))
