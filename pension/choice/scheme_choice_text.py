"""Scheme choices as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pension import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from pension.choice.scheme_choice import SchemeChoice

_NAMES: Final = {code: english for code, _, english in schema.PLACES}
NOTICE: Final = "A research estimate, no official determination."


def name_of(place: Any) -> str:
    """English name of a place as people write it (code, or any name)."""
    from pension.inputs.spells import parse_place

    return _NAMES[schema.province_of(parse_place(str(place)))]


def who(row: dict[str, Any]) -> str:
    """One person of a choice in words."""
    words = f"{row['category']}, {row['age']:g} years, works in {name_of(row['place'])}, {row['hukou_type']} residence"
    return f"{words} in {name_of(row['hukou'])}"


def options_text(found: SchemeChoice, most: int) -> str:
    """The options of each person, best first."""
    out = [f"Which scheme is worth most, beginning {found.now}: regime {found.regime}, scenario {found.scenario}"]
    people: list[dict[str, Any]] = found.people.to_dict("records")  # type: ignore[assignment]
    for number, rows in found.options.groupby("person", sort=True):
        person = people[int(str(number))]
        out += ["", f"{who(person)}; income {person['income']:,.0f} yuan a month", *_table(rows, most)]
        feasible = rows[rows["feasible"] & rows["npw"].notna()]
        if feasible.empty:
            out.append("Nothing is feasible.")
            continue
        best: dict[str, Any] = feasible.iloc[int(feasible["npw"].to_numpy().argmax())].to_dict()  # type: ignore[assignment]
        share = f"{best['npw_share']:.1%} of the income to the statutory month"
        out.append(f"Best: {_label(best)}: {best['npw']:,.0f} yuan more than is paid in, {share}.")
    units = found.options.attrs["units"]
    limit = "" if found.limit is None else f" Feasible: at most {found.limit:.0%} of income."
    out += [
        "",
        f"Paid (own contributions), wealth (all benefits) and net: {units['npw']}. A month: {units['monthly_real']}.",
        f"Outlay: {units['outlay']}.{limit} What stands at the end of a line makes an option not feasible.",
        "Incomes follow the wages of the place of work, resident contributions stay at today's amounts.",
        NOTICE,
    ]
    return "\n".join(out)


def _label(row: dict[str, Any]) -> str:
    if row["way"] == "none":
        return "nothing"
    return f"{row['way']}, {_NAMES[row['place']]}, {row['setting']}, {_length(row)}"


def _length(row: dict[str, Any]) -> str:
    return f"{row['months'] / 12:.3g} years"


def _table(rows: pd.DataFrame, most: int) -> Iterator[str]:
    ordered = rows.sort_values("npw", ascending=False, kind="stable", na_position="last")
    # The best of every way is shown, wherever it stands.
    shown = ordered.index.isin(ordered.index[:most]) | ~ordered["way"].duplicated()
    yield (
        f"{'way':<19}{'paid in':<15}{'base':<10}{'years':>6}{'outlay':>9}{'of income':>10}{'paid':>11}{'wealth':>11}"
        f"{'net':>11}{'per yuan':>9}{'a month':>9}  "
    )
    for row in ordered[shown].to_dict("records"):
        place = "" if row["way"] == "none" else _NAMES[row["place"]]
        years = "" if row["way"] == "none" else f"{row['months'] / 12:.3g}"
        numbers = [f"{row[k]:>11,.0f}" if row[k] == row[k] else f"{'–':>11}" for k in ("own_value", "pw", "npw")]
        per_yuan = f"{row['per_yuan']:>9.2f}" if row["per_yuan"] == row["per_yuan"] else f"{'':>9}"
        monthly = f"{row['monthly_real']:>9,.0f}" if row["monthly_real"] == row["monthly_real"] else f"{'–':>9}"
        note = row["why_not"] if not row["reason"] else row["reason"]
        yield (
            f"{row['way']:<19}{place:<15}{row['setting']:<10}{years:>6}{row['outlay']:>9,.0f}"
            f"{row['outlay_share']:>10.1%}{''.join(numbers)}{per_yuan}{monthly}  {note}"
        ).rstrip()
    left_out = int((~shown).sum())
    if left_out:
        yield f"… and {left_out} options more"


def break_even_text(table: pd.DataFrame, limit: float) -> str:
    """The incomes at which the employee scheme overtakes the resident one, a line a person."""
    out = ["From which income on the employee scheme as an individual is worth more than the best resident tier"]
    rows: list[dict[str, Any]] = table.to_dict("records")  # type: ignore[assignment]
    for row in rows:
        low, high = (f"{row[name]:+,.0f}" for name in ("advantage_low", "advantage_high"))
        where = f"{who(row)}: "
        if row["break_even"] == row["break_even"]:
            where += f"{row['direction']}: {row['break_even']:,.2f} yuan a month"
        else:
            where += row["direction"] or "undefined"
        capacity = f"the lowest contribution is {limit:.0%} of an income of {row['capacity']:,.0f}"
        access = "" if row["access"] == "open" else f"; the employee scheme there is {row['access']} to this person"
        out.append(
            f"{where} (net wealth {low} at the lowest base {row['lowest']:,.0f}, {high} at the highest "
            f"{row['highest']:,.0f}); {capacity}{access}"
        )
    return "\n".join(out)
