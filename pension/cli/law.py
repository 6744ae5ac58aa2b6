"""The commands ``pension law`` and ``pension regimes``: every rule, reading and accounting in the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pension.cli.common import console, listing
from pension.cli.plain import without_compiler

if TYPE_CHECKING:
    from pension.law.readings import Reading
    from pension.law.registry import Article


def regimes(name: Annotated[str | None, typer.Argument(metavar="NAME", help="One regime in full.")] = None) -> None:
    """List the named regimes, or print one in full."""
    from rich.table import Table
    from rich.text import Text

    from pension.accounting import ALL_PROVISIONS, FUND_SIDE, resolve, shipped

    out = console()
    if name is None:
        table = listing("regime", "title", "status", "differs from the law in")
        law = shipped()["current"]
        for regime in sorted(shipped().values(), key=lambda r: (r.name != "current", r.name)):
            funds = (f"{p} (funds only)" for p in FUND_SIDE if regime.choice(p) != law.choice(p))
            different = ", ".join((*regime.differs(law), *funds)) or "–"
            table.add_row(Text(regime.name, style="bold"), Text(regime.title), Text(regime.status), Text(different))
        out.print(table)
        return
    (regime,) = resolve([name])
    out.print(Text(f"{regime.name}: {regime.title} {regime.title_zh}".strip(), style="bold"))
    text = " ".join(regime.text.split())
    out.print(Text(f"{text}\n\nstatus: {regime.status}\norigin: {regime.origin}\n"))
    grid = Table.grid(padding=(0, 2))
    for provision, choices in ALL_PROVISIONS.items():
        choice, *beside = regime.setting(provision)
        others = ", ".join(known for known in choices if known != choice)
        mark = "" if choice == choices[0] else "(not the law)"
        for number in beside:
            if number not in (None, ()):
                choice += f" {', '.join(number) if isinstance(number, tuple) else number}"
        grid.add_row(Text(provision), Text(choice, style="bold"), Text(mark), Text(f"others: {others}", style="dim"))
    out.print(grid)


def law(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One rule, or one reading, in full.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """List the rules of law in the program by act, and the readings of what the law leaves open; or print one."""
    without_compiler()
    # Every rule is registered on import.
    import pension.afterwards.one_person
    import pension.award_forms.form
    import pension.checks.access
    import pension.engine  # noqa: F401
    from pension.errors import refuse
    from pension.law.readings import READINGS
    from pension.law.registry import REGISTER

    if name is None:
        if json:
            rules = sorted(REGISTER.values(), key=lambda rule: rule.step)
            _print_json(
                {"rules": [_rule(rule) for rule in rules], "readings": [_reading(r) for r in READINGS.values()]}
            )
        else:
            _print_rules()
    elif name in REGISTER:
        rule = _rule(REGISTER[name])
        _print_json(rule) if json else _print_rule(rule)
    elif name in READINGS:
        reading = _reading(READINGS[name])
        _print_json(reading) if json else _print_fields(reading)
    else:
        rule_names = ", ".join(rule.name for rule in sorted(REGISTER.values(), key=lambda rule: rule.step))
        raise refuse(
            f"unknown rule or reading; rules: {rule_names}; readings: {', '.join(READINGS)}", column="NAME", value=name
        )


def _print_json(data: dict[str, Any]) -> None:
    import json

    print(json.dumps(data, ensure_ascii=False, indent=2))


def _rule(rule: Article) -> dict[str, Any]:
    """One rule with its readings and the statuses of the parameters behind it."""
    from collections import Counter

    from pension.law.readings import TABLES, readings_of
    from pension.parameters import load, show

    tables = {}
    for table in TABLES.get(rule.name, ()):
        tables[table] = dict(Counter(row["status"] for row in show(load(), table)))
    return {
        "name": rule.name,
        "zh": rule.zh,
        "act": rule.act,
        "article": rule.article,
        "since": rule.since or None,
        "until": rule.until or None,
        "formula": rule.formula,
        "unit": rule.unit,
        "status": rule.status,
        "note": rule.note,
        "arguments": list(rule.arguments),
        "text": "\n".join(" ".join(part.split()) for part in (rule.function.__doc__ or "").split("\n\n")),
        "readings": [_reading(reading) for reading in readings_of(rule.name)],
        "parameters": tables,
    }


def _reading(reading: Reading) -> dict[str, Any]:
    from pension.law.readings import WAYS

    return {
        "name": reading.name,
        "question": reading.question,
        "default": reading.default,
        "choices": dict(reading.choices),
        "source": reading.source,
        "set_by": f"{reading.where}: {WAYS[reading.way]}",
        "rules": list(reading.rules),
        "note": reading.note,
    }


def _in_force(since: str | None, until: str | None) -> str:
    return f"{since or ''}{f' to {until}' if until else ''}"


def _choices(default: str, choices: Mapping[str, str]) -> str:
    return f"{default}; others: {', '.join(list(choices)[1:]) or 'any value'}"


def _print_rules() -> None:
    """Rules grouped by act, the library's own last; then the readings."""
    from rich.text import Text

    from pension.law.readings import READINGS, readings_of
    from pension.law.registry import REGISTER

    out = console()
    acts: dict[str, list[Article]] = {}
    for rule in sorted(REGISTER.values(), key=lambda rule: (rule.act == "ours", rule.step)):
        acts.setdefault(rule.act, []).append(rule)
    table = listing("rule", "article; in force since; status")
    for act, rules in acts.items():
        table.add_row()
        table.add_row(Text(act, style="bold"))
        for rule in rules:
            where = "; ".join(part for part in (rule.article, _in_force(rule.since, rule.until), rule.status) if part)
            lines = [where, rule.formula]
            names = ", ".join(reading.name for reading in readings_of(rule.name))
            lines += [f"readings: {names}"] if names else []
            table.add_row(Text(f"{rule.name}\n{rule.zh}"), Text("\n".join(lines)))
    out.print(table)
    out.print()
    table = listing("reading", "default; others; set by")
    for reading in READINGS.values():
        lines = [_choices(reading.default, reading.choices), f"{reading.way}: {reading.where}"]
        table.add_row(Text(reading.name), Text("\n".join(lines)))
    out.print(table)
    out.print(Text("\nstatus: statute text read, secondary known from secondary sources, reading, ours", style="dim"))


def _print_rule(rule: dict[str, Any]) -> None:
    from rich.text import Text

    table = listing("", "")
    table.show_header = False
    for label, text in (
        ("rule", f"{rule['name']}({', '.join(rule['arguments'])})"),
        ("中文", rule["zh"]),
        ("act", rule["act"]),
        ("article", rule["article"]),
        ("formula", rule["formula"]),
        ("unit", rule["unit"]),
        ("in force since", _in_force(rule["since"], rule["until"])),
        ("status", rule["status"]),
        ("note", rule["note"]),
        ("text", rule["text"]),
    ):
        if text:
            table.add_row(Text(label, style="bold"), Text(text))
    for name, statuses in rule["parameters"].items():
        counts = ", ".join(f"{n} {status}" for status, n in statuses.items())
        table.add_row(Text("parameter", style="bold"), Text(f"{name} (rows: {counts})"))
    for reading in rule["readings"]:
        lines = (f"{reading['name']}: {reading['question']}", _choices(reading["default"], reading["choices"]))
        table.add_row(Text("reading", style="bold"), Text("\n".join((*lines, reading["set_by"]))))
    console().print(table)


def _print_fields(reading: dict[str, Any]) -> None:
    from rich.text import Text

    table = listing("", "")
    table.show_header = False
    for label in ("name", "question", "source", "set_by", "note"):
        if reading[label]:
            table.add_row(Text(label.replace("_", " "), style="bold"), Text(reading[label]))
    table.add_row(Text("touches", style="bold"), Text(", ".join(reading["rules"]) or "no rule of law"))
    table.add_row(Text("default", style="bold"), Text(reading["default"]))
    for choice, text in reading["choices"].items():
        table.add_row(Text("choice", style="bold"), Text(f"{choice}: {text}"))
    console().print(table)
