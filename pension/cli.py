"""The command line. Exit codes: 0 done, 1 defect, 2 bad input, 3 done but people were rejected, 130 interrupted."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from pension._plain import without_compiler
from pension.award_form_cli import award_form

# Everything else is imported inside the commands: numba, pandas and pyarrow cost half a second.
if TYPE_CHECKING:
    from rich.console import Console

    from pension.batch import Progress
    from pension.law.readings import Reading
    from pension.law.registry import Article
    from pension.parameters import Parameters

DONE: Final = 0
DEFECT: Final = 1
BAD_INPUT: Final = 2
REJECTED: Final = 3
INTERRUPTED: Final = 130

WIDTH: Final = 100
"""Columns of what is printed to a pipe or a file."""

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Chinese pension rights across schemes and provinces: what the rules give, what is lost, and why.",
)
parameters_app = typer.Typer(no_args_is_help=True, help="The parameters: dated values with source and status.")
app.add_typer(parameters_app, name="parameters")
app.command()(award_form)

RegimeOption = Annotated[
    list[str] | None,
    typer.Option("--regime", "-r", metavar="NAME", help="A named regime or a TOML file; again for more."),
]
ScenarioOption = Annotated[str | None, typer.Option(metavar="NAME", help="Assumptions for years to come.")]
OverlayOption = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Parameter files whose values replace the shipped ones.")
]
AccessOption = Annotated[
    str,
    typer.Option(metavar="report|error|off", help="Paid where the scheme was closed: list, refuse, or do not look."),
]
ThreadsOption = Annotated[int, typer.Option(metavar="N", min=0, help="Threads; 0 = all.")]


def main() -> None:
    """Entry point: run the command line and exit with its code; bad input gives a message, no traceback."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app(prog_name="pension")
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except Exception as error:
        if not _is_bad_input(error):
            raise
        print(f"pension: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


def _is_bad_input(error: Exception) -> bool:
    # An error of a module that was never imported cannot have been raised.
    names = (("errors", "InputError"), ("accounting", "RegimeError"), ("parameters", "ParameterError"))
    homes = ((sys.modules.get(f"pension.{module}"), name) for module, name in names)
    return any(isinstance(error, getattr(home, name)) for home, name in homes if home is not None)


def _console() -> Console:
    """Standard output; pipes and files get the width of a report."""
    from rich.console import Console

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    return console


@contextlib.contextmanager
def _progress(what: str) -> Iterator[Progress]:
    """A progress bar on standard error; nothing where that is no terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _parameters(scenario: str | None, overlay: Path | None) -> Parameters:
    from pension.parameters import load

    return load(overlay, scenario=scenario) if scenario is not None else load(overlay)


def _print_version(wanted: bool) -> None:
    if wanted:
        from pension import __version__

        print(f"pension {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None: ...


@app.command()
def case(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Case file (TOML).")],
    regime: RegimeOption = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the text.")] = "en",
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
    access: AccessOption = "report",
    conventions: Annotated[
        str | None, typer.Option(metavar="exact|province", help="Add the claim place's award form, rounded or not.")
    ] = None,
) -> None:
    """Explain the pension of one person, step by step, under several regimes."""
    without_compiler()
    from pension.statement import DEFAULT_REGIMES, explain

    statement = explain(
        file,
        regime or DEFAULT_REGIMES,
        parameters=_parameters(scenario, overlay),
        lang=lang,
        access=access,
        conventions=conventions,
    )
    print(statement.json() if json else statement.text())


@app.command()
def whatif(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Case file (TOML).")],
    regime: RegimeOption = None,
    now: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Month after which things may change; default: last recorded.")
    ] = None,
    wait: Annotated[int, typer.Option(metavar="N", min=1, help="Months of a pause, and of a later claim.")] = 12,
    index: Annotated[
        list[float] | None, typer.Option(metavar="Z", help="Another base, in reference wages; again for more.")
    ] = None,
    contribution: Annotated[
        float | None, typer.Option(metavar="YUAN", help="Resident contribution a year; default: the last one paid.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
    lang: Annotated[str, typer.Option(metavar="en|zh", help="Language of the text.")] = "en",
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Compare ways to go on: stay, move home, stop, wait, other bases, the resident scheme."""
    without_compiler()
    from pension.what_if import DEFAULT_REGIMES, INDICES
    from pension.what_if import whatif as compare

    found = compare(
        file,
        regime or DEFAULT_REGIMES,
        now=now,
        wait=wait,
        indices=index or INDICES,
        contribution=contribution,
        parameters=_parameters(scenario, overlay),
        lang=lang,
    )
    print(found.json() if json else found.text())


@app.command()
def run(
    input: Annotated[
        Path,
        typer.Argument(
            metavar="INPUT",
            help="Nested table (Parquet, Arrow IPC), or long table (CSV, .xlsx, .dta).",
        ),
    ],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT", help="Results (.parquet or .arrow).")],
    records: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Records, where INPUT is a long table of people.")
    ] = None,
    regime: RegimeOption = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(metavar="NAMES", help="Further columns, with commas: components, access, L2, L3, L4."),
    ] = None,
    threads: ThreadsOption = 0,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
    errors: Annotated[
        str, typer.Option(metavar="raise|report", help="People that break a rule: stop, or leave out and list.")
    ] = "raise",
    hash_ids: Annotated[
        Path | None, typer.Option(metavar="KEYFILE", help="Replace identifiers by their hash under this key.")
    ] = None,
    access: AccessOption = "report",
) -> None:
    """Settle many people under several regimes; one row a person. Defaults: current and fair."""
    from pension import batch, report
    from pension.accounting import resolve
    from pension.errors import PRINTED_PROBLEMS

    regimes = resolve(regime or batch.DEFAULT_REGIMES)
    names = [name.strip() for text in columns or () for name in text.split(",") if name.strip()]
    tables = tuple(report.LossTable(regimes[0].name, other.name) for other in regimes[1:])

    def observe(block: batch.Block) -> None:
        for table in tables:
            table.add(block)

    parameters = _parameters(scenario, overlay)
    with _progress("settling") as progress:
        summary = batch.run(
            input if records is None else (input, records),
            output,
            regimes,
            columns=names,
            parameters=parameters,
            threads=threads,
            errors=errors,
            hash_ids=hash_ids,
            access=access,
            progress=progress,
            observer=observe,
        )
    console = _console()
    for form in summary.formats:
        print(f"read        {form}")
    for part in report.run_report(summary, tables, parameters):
        console.print(part)
    if summary.access is not None:
        console.print(f"access: {summary.access}")
    if summary.broken:
        for problem in summary.problems[:PRINTED_PROBLEMS]:
            print(f"pension: {problem}", file=sys.stderr)
        if summary.broken > PRINTED_PROBLEMS:
            print(f"pension: ... and {summary.broken - PRINTED_PROBLEMS:,} more", file=sys.stderr)
        where = f"; all in {summary.rejected_file}" if summary.rejected_file else ""
        print(f"pension: {summary.rejected:,} of {summary.people:,} people left out{where}", file=sys.stderr)
        raise typer.Exit(REJECTED)


@app.command()
def demo(
    persons: Annotated[int, typer.Option(metavar="N", min=1, help="People.")] = 100_000,
    seed: Annotated[int | None, typer.Option(metavar="S", min=0, help="Seed of the population.")] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Also write results.parquet and report.txt there.")
    ] = None,
    threads: ThreadsOption = 0,
    scenario: ScenarioOption = None,
    overlay: OverlayOption = None,
) -> None:
    """Settle a synthetic population and show who loses what under the law in force."""
    from pension import report
    from pension.batch import DEFAULT_SEED

    parameters = _parameters(scenario, overlay)
    with _progress("settling") as progress:
        result = report.demo(
            persons,
            DEFAULT_SEED if seed is None else seed,
            out,
            parameters=parameters,
            threads=threads,
            progress=progress,
        )
    console = _console()
    if console.is_terminal:
        result.print(console)
    else:
        print(result, end="")
    if out is None:
        print("\nNothing was written; --out DIR keeps the results, one row a person.")


@app.command()
def synth(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Nested table (.parquet or .arrow).")
    ] = None,
    persons: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="People: 100,000 to write, 1,000,000 to check.")
    ] = None,
    seed: Annotated[int | None, typer.Option(metavar="S", min=0, help="Seed of the population.")] = None,
    cohort: Annotated[str, typer.Option(metavar="calibrated|benchmark", help="Which population.")] = "calibrated",
    check: Annotated[bool, typer.Option("--check", help="Print public aggregates beside what came out.")] = False,
) -> None:
    """Write a synthetic population, to be settled with `pension run`, or check it."""
    from pension.batch import DEFAULT_SEED, write_cohort
    from pension.errors import refuse

    chosen = DEFAULT_SEED if seed is None else seed
    if output is None and not check:
        raise refuse("give a file to write, or --check", column="--output")
    if check and cohort != "calibrated":
        raise refuse("only the calibrated population has targets", column="--cohort", value=cohort)
    if output is not None:
        count = 100_000 if persons is None else persons
        with _progress("writing") as progress:
            write_cohort(output, count, chosen, cohort, progress=progress)
        print(f"{count:,} people: {output}")
    if check:
        _check_cohort(1_000_000 if persons is None else persons, chosen)


def _check_cohort(persons: int, seed: int) -> None:
    from rich.text import Text

    from pension.cohorts import check
    from pension.parameters import load

    with _progress("checking") as progress:
        compared = check(persons, seed, load(), progress=lambda done: progress(done, persons))
    table = _list("", "target", "got", "", "use", "status", "source")
    numbers: dict[str, int] = {}
    for found in compared:
        number = numbers.setdefault(found.source, len(numbers) + 1)
        verdict = "" if found.met else "missed"
        cells = (found.what, f"{found.target:,.4g}", f"{found.got:,.4g}", verdict, found.use, found.status)
        table.add_row(*map(Text, cells), Text(f"[{number}]"))
    table.columns[0].no_wrap = False
    console = _console()
    console.print(Text(f"{persons:,} synthetic people, seed {seed}, beside public aggregates\n", style="bold"))
    console.print(table)
    met = sum(found.met for found in compared if found.use == "target")
    print(f"\n{met} of {sum(found.use == 'target' for found in compared)} targets met within their stated width;")
    print("a check is compared, nothing was fitted to it. Moves follow a synthetic gravity matrix.\n")
    console.print(_numbered(numbers))


@app.command()
def regimes(name: Annotated[str | None, typer.Argument(metavar="NAME", help="One regime in full.")] = None) -> None:
    """List the named regimes, or print one in full."""
    from rich.table import Table
    from rich.text import Text

    from pension.accounting import ALL_PROVISIONS, resolve, shipped

    console = _console()
    if name is None:
        table = _list("regime", "title", "status", "differs from the law in")
        law = shipped()["current"]
        for regime in sorted(shipped().values(), key=lambda r: (r.name != "current", r.name)):
            different = ", ".join(regime.differs(law)) or "–"
            table.add_row(Text(regime.name, style="bold"), Text(regime.title), Text(regime.status), Text(different))
        console.print(table)
        return
    (regime,) = resolve([name])
    console.print(Text(f"{regime.name}: {regime.title} {regime.title_zh}".strip(), style="bold"))
    text = " ".join(regime.text.split())
    console.print(Text(f"{text}\n\nstatus: {regime.status}\norigin: {regime.origin}\n"))
    grid = Table.grid(padding=(0, 2))
    for provision, choices in ALL_PROVISIONS.items():
        choice, *beside = regime.setting(provision)
        others = ", ".join(known for known in choices if known != choice)
        mark = "" if choice == choices[0] else "(not the law)"
        for number in beside:
            if number not in (None, ()):
                choice += f" {', '.join(number) if isinstance(number, tuple) else number}"
        grid.add_row(Text(provision), Text(choice, style="bold"), Text(mark), Text(f"others: {others}", style="dim"))
    console.print(grid)


@app.command()
def law(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="One rule, or one reading, in full.")] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """List the rules of law in the program by act, and the readings of what the law leaves open; or print one."""
    without_compiler()
    # Every rule is registered on import.
    import pension.access
    import pension.afterwards
    import pension.award_forms
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

    console = _console()
    acts: dict[str, list[Article]] = {}
    for rule in sorted(REGISTER.values(), key=lambda rule: (rule.act == "ours", rule.step)):
        acts.setdefault(rule.act, []).append(rule)
    table = _list("rule", "article; in force since; status")
    for act, rules in acts.items():
        table.add_row()
        table.add_row(Text(act, style="bold"))
        for rule in rules:
            where = "; ".join(part for part in (rule.article, _in_force(rule.since, rule.until), rule.status) if part)
            lines = [where, rule.formula]
            names = ", ".join(reading.name for reading in readings_of(rule.name))
            lines += [f"readings: {names}"] if names else []
            table.add_row(Text(f"{rule.name}\n{rule.zh}"), Text("\n".join(lines)))
    console.print(table)
    console.print()
    table = _list("reading", "default; others; set by")
    for reading in READINGS.values():
        lines = [_choices(reading.default, reading.choices), f"{reading.way}: {reading.where}"]
        table.add_row(Text(reading.name), Text("\n".join(lines)))
    console.print(table)
    console.print(
        Text("\nstatus: statute text read, secondary known from secondary sources, reading, ours", style="dim")
    )


def _print_rule(rule: dict[str, Any]) -> None:
    from rich.text import Text

    table = _list("", "")
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
    _console().print(table)


def _print_fields(reading: dict[str, Any]) -> None:
    from rich.text import Text

    table = _list("", "")
    table.show_header = False
    for label in ("name", "question", "source", "set_by", "note"):
        if reading[label]:
            table.add_row(Text(label.replace("_", " "), style="bold"), Text(reading[label]))
    table.add_row(Text("touches", style="bold"), Text(", ".join(reading["rules"]) or "no rule of law"))
    table.add_row(Text("default", style="bold"), Text(reading["default"]))
    for choice, text in reading["choices"].items():
        table.add_row(Text("choice", style="bold"), Text(f"{choice}: {text}"))
    _console().print(table)


def _list(*heads: str) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for number, head in enumerate(heads):
        table.add_column(Text(head), overflow="fold", no_wrap=number == 0)
    return table


@parameters_app.command("check")
def check_parameters(scenario: ScenarioOption = None, overlay: OverlayOption = None) -> None:
    """Verify completeness, order, ranges, units and sources; print which rule fills what."""
    from rich.text import Text

    from pension.parameters import check

    parameters = _parameters(scenario, overlay)
    findings = check(parameters)
    table = _list("", "table", "place", "period", "finding", "rule")
    styles = {"error": "bold red", "warning": "yellow"}
    for found in findings:
        place = "" if found.place is None else str(found.place)
        cells = (found.level, found.table, place, found.period, found.text, found.rule)
        table.add_row(*(Text(cell, style=styles.get(found.level, "")) for cell in cells))
    console = _console()
    console.print(table)
    count = {level: sum(found.level == level for found in findings) for level in ("error", "warning")}
    print(f"\n{count['error']} errors, {count['warning']} warnings; scenario {parameters.scenario}")
    print(f"hash {parameters.hash}")
    if count["error"]:
        raise typer.Exit(BAD_INPUT)


@parameters_app.command("show")
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

    parameters = _parameters(scenario, overlay)
    known = names(parameters)
    console = _console()
    if name is None:
        table = _list("parameter", "unit or title")
        for parameter, text in known.items():
            table.add_row(Text(parameter, style="bold"), Text(text))
        console.print(table)
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
    table = _list(*columns)
    for row in rows:
        table.add_row(*(Text(_shown(row[column])) for column in columns))
    console.print(Text(f"{name}: {known.get(name) or rows[0]['unit']}", style="bold"))
    console.print(table)
    console.print()
    console.print(_numbered(numbers))


def _numbered(texts: dict[str, int]) -> Any:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for text, number in texts.items():
        grid.add_row(Text(f"[{number}]"), Text(text))
    return grid


def _place_code(text: str) -> int:
    from pension.errors import refuse
    from pension.schema import province_of
    from pension.spells import parse_place

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
