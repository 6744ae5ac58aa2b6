"""Reads and runs the cases: ``load`` refuses what is no case, ``run`` says what went wrong (nothing: an empty list)."""

from __future__ import annotations

import inspect
import pkgutil
import re
import sys
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pension
import pension.law
import pension.statement.explain
from pension.accounting import Regime
from pension.afterwards.one_person import Adjustment, from_case
from pension.award_forms.form import award_form
from pension.errors import InputError
from pension.inputs.case_file import parse_case
from pension.inputs.opening import Lookups
from pension.law.registry import REGISTER
from tests.cases import country

for _module in pkgutil.iter_modules(pension.law.__path__, "pension.law."):
    import_module(_module.name)  # enters its functions in the register

HERE: Final = Path(__file__).resolve().parent
VERIFIED_BY: Final = ("law_arithmetic", "agency_example", "hand")
CASE_TOLERANCE: Final = 0.005
"""Yuan; half a fen, because the arithmetic of a whole case is written to the fen."""

_TEXTS: Final = ("title", "act", "article", "source", "verified_by", "arithmetic")
_KINDS: Final = ("law", "case", "afterwards", "award_form")
_KEYS: Final = {*_TEXTS, *_KINDS, "mutations", "tolerance", "tolerance_reason", "parameters", "expect"}
_OF_FORMS: Final = {*inspect.signature(award_form).parameters} - {"parameters"}
_REGIME_NUMBERS: Final = ("alpha", "floor_fraction", "platform_share", "forms", "pool")
_NUMBER: Final = re.compile(r"(?<![\w.])[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?![\w])")


class CaseError(ValueError):
    """A file that is no case: which file, which rule it breaks."""


@dataclass(frozen=True)
class Expectation:
    """One expected value: of the law function (no path), or at a path into the statement; or a refusal."""

    path: str
    value: Any
    tolerance: float
    refused: str = ""


@dataclass(frozen=True)
class Case:
    """One case; exactly one of ``function``, ``person``, ``afterwards`` and ``form`` is given."""

    file: str
    title: str
    verified_by: str
    arithmetic: str
    mutations: tuple[str, ...]
    expectations: tuple[Expectation, ...]
    function: str = ""
    arguments: Mapping[str, Any] | None = None
    parameters: Mapping[str, Any] | None = None
    person: Mapping[str, Any] | None = None
    """The tables of a case file of the program."""
    regimes: tuple[Any, ...] = ()
    afterwards: Mapping[str, Any] | None = None
    """The tables of a case file with the questions about what follows the award."""
    form: Mapping[str, Any] | None = None
    """What an award form is made of, by name."""

    @property
    def name(self) -> str:
        return Path(self.file).stem


def files() -> list[Path]:
    """The files of the corpus: ``<act>/<article>/<what_goes_wrong>.toml``."""
    return sorted(HERE.glob("*/*/*.toml"))


@cache
def mutation_names() -> frozenset[str]:
    """Names of the documented mutations."""
    return frozenset(tomllib.loads((HERE / "mutations.toml").read_text(encoding="utf-8")))


def load(path: Path) -> Case:
    """The case in a file; raises ``CaseError``."""
    file = path.relative_to(HERE).as_posix() if path.is_relative_to(HERE) else path.name
    return parse(path.read_text(encoding="utf-8"), file)


def parse(text: str, file: str) -> Case:
    """As ``load``, from the text of the file."""

    def refuse(rule: str) -> CaseError:
        return CaseError(f"{file}: {rule}")

    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise refuse(f"not TOML: {error}") from None
    _known(data, _KEYS, "", refuse)
    for key in _TEXTS:
        if not isinstance(data.get(key), str) or not data[key].strip():
            raise refuse(f"{key} is missing or empty")
    if data["verified_by"] not in VERIFIED_BY:
        raise refuse(f"verified_by = {data['verified_by']!r}; expected values come from {', '.join(VERIFIED_BY)} only")
    mutations = data.get("mutations")
    if not isinstance(mutations, list) or not mutations or not all(isinstance(m, str) for m in mutations):
        raise refuse("mutations names at least one mutation that must fail the case")
    for name in mutations:
        if name not in mutation_names():
            raise refuse(f"unknown mutation {name!r}")
    if sum(kind in data for kind in _KINDS) != 1:
        raise refuse(f"exactly one of {', '.join(f'[{kind}]' for kind in _KINDS)} is needed")
    default = 0.0 if "law" in data else CASE_TOLERANCE
    if "tolerance" in data and not str(data.get("tolerance_reason", "")).strip():
        raise refuse(f"a tolerance other than {default:g} needs tolerance_reason")
    tolerance = float(data.get("tolerance", default))
    common = {
        "file": file,
        "title": data["title"],
        "verified_by": data["verified_by"],
        "arithmetic": data["arithmetic"],
        "mutations": tuple(sorted(mutations)),
    }
    if "law" in data:
        law = data["law"]
        _known(law, {"function", "arguments", "expected"}, "[law] ", refuse)
        if "parameters" in data or "expect" in data:
            raise refuse("a law function has its arguments; parameters and expect belong to [case]")
        rule = REGISTER.get(law.get("function"))
        if rule is None:
            raise refuse(f"unknown law function {law.get('function')!r}")
        if set(law.get("arguments", {})) != set(rule.arguments):
            raise refuse(f"[law.arguments] of {rule.name} are {', '.join(rule.arguments)}")
        if "expected" not in law:
            raise refuse("[law] expected is missing")
        found = Case(
            **common,
            expectations=(Expectation("", law["expected"], tolerance),),
            function=rule.name,
            arguments=law["arguments"],
        )
    else:
        if not isinstance(data.get("expect"), list) or not data["expect"]:
            raise refuse("[[expect]] is missing")
        if "parameters" in data:
            _known(data["parameters"], set(country.KEYS), "[parameters] ", refuse)
        common["expectations"] = tuple(_expectation(entry, tolerance, refuse) for entry in data["expect"])
        common["parameters"] = data.get("parameters")
        if "case" in data:
            case = dict(data["case"])
            regimes = case.pop("regimes", None)
            if not isinstance(regimes, list) or not regimes:
                raise refuse("[case] regimes is a list of names or { name, provision = choice }")
            found = Case(**common, person=case, regimes=tuple(regimes))
        elif "afterwards" in data:
            found = Case(**common, afterwards=data["afterwards"])
        else:
            _known(data["award_form"], _OF_FORMS, "[award_form] ", refuse)
            found = Case(**common, form=data["award_form"])
    for expectation in found.expectations:
        if not expectation.refused and not worked(found.arithmetic, expectation):
            where = expectation.path or found.function
            raise refuse(f"the arithmetic does not contain the expected {expectation.value!r} of {where}")
    return found


def _known(data: Mapping[str, Any], known: set[str], where: str, refuse: Any) -> None:
    for key in data:
        if key not in known:
            raise refuse(f"{where}unknown key {key!r}; known: {', '.join(sorted(known))}")


def _expectation(entry: Mapping[str, Any], tolerance: float, refuse: Any) -> Expectation:
    _known(entry, {"path", "value", "tolerance", "refused"}, "[[expect]] ", refuse)
    if "refused" in entry:
        if len(entry) > 1 or not entry["refused"]:
            raise refuse("[[expect]] refused stands alone: a part of the message")
        return Expectation("", None, 0.0, entry["refused"])
    if "path" not in entry or "value" not in entry:
        raise refuse("[[expect]] needs path and value")
    return Expectation(entry["path"], entry["value"], float(entry.get("tolerance", tolerance)))


def worked(arithmetic: str, expectation: Expectation) -> bool:
    """True when the text holds the expected number (within the tolerance) or word."""
    value = expectation.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value).lower() in arithmetic.lower()
    wanted, tolerance = Decimal(str(value)), Decimal(str(expectation.tolerance))
    numbers = (Decimal(n.replace(",", "").replace("−", "-")) for n in _NUMBER.findall(arithmetic))
    return any(abs(number - wanted) <= tolerance for number in numbers)


# ---- running --------------------------------------------------------------------------------------------------------


def run(case: Case) -> list[str]:
    """What differs from the expected; empty when the case passes."""
    if case.function:
        (expectation,) = case.expectations
        return _differs(expectation, case.function, law_result(case))
    try:
        data = answer(case)
    except InputError as error:
        refused = [e.refused for e in case.expectations if e.refused]
        if any(text in str(error) for text in refused):
            return []
        return [f"refused: {error}"]
    out = []
    for expectation in case.expectations:
        if expectation.refused:
            out.append(f"not refused; expected: {expectation.refused}")
            continue
        try:
            out += _differs(expectation, expectation.path, at(data, expectation.path))
        except LookupError as error:
            out.append(f"{expectation.path}: not in the statement ({error})")
    return out


def law_result(case: Case) -> float:
    """The law function on the arguments of the case."""
    rule = REGISTER[case.function]
    assert case.arguments is not None
    public = getattr(import_module(rule.function.__module__), rule.name)
    return float(public(*[case.arguments[name] for name in rule.arguments]))


def answer(case: Case) -> dict[str, Any]:
    """What the program says of a case that is no law function, as JSON data; raises ``InputError``."""
    if case.form is not None:
        form = award_form(**case.form, parameters=country.parameters(case.parameters))
        return {line.name: line.printed for line in form.lines}
    if case.afterwards is not None:
        tables = dict(case.afterwards)
        years, adjustment = tables.pop("years", 3), tables.pop("adjustment", None)
        return from_case(
            tables,
            parameters=country.parameters(case.parameters),
            file=case.file,
            years=years,
            adjustment=None if adjustment is None else Adjustment(**adjustment),
        )
    return statement(case)


def statement(case: Case) -> dict[str, Any]:
    """The explained person of a whole case, as JSON data; raises ``InputError``."""
    assert case.person is not None
    parameters = country.parameters(case.parameters)
    lookups = Lookups(parameters.tables)
    histories = parse_case(
        toml(case.person),
        file=case.file,
        reference_wage=lookups.reference_wage,
        statutory_month=lookups.statutory_month,
    )
    return pension.explain(histories, [_regime(r) for r in case.regimes], parameters=parameters).data


def _regime(entry: Any) -> str | Regime:
    if isinstance(entry, str):
        return entry
    numbers = {k: tuple(v) if k == "forms" else v for k, v in entry.items() if k in _REGIME_NUMBERS}
    choices = {k: v for k, v in entry.items() if k != "name" and k not in numbers}
    return Regime(entry["name"], choices, **numbers)


def toml(person: Mapping[str, Any]) -> str:
    """The tables of a case file as text again: one table or a list of tables each, of plain values."""
    lines: list[str] = []
    for name, tables in person.items():
        for table in tables if isinstance(tables, list) else [tables]:
            lines.append(f"[[{name}]]" if isinstance(tables, list) else f"[{name}]")
            for key, value in table.items():
                text = str(value).lower() if isinstance(value, bool) else repr(value)
                lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n"


def at(data: Any, path: str) -> Any:
    """The value at ``a.b[2].c`` or ``a[place=44].c``; conditions must single out one entry. Raises LookupError."""
    for part in path.split("."):
        key, _, conditions = part.partition("[")
        data = data[key]
        if not conditions:
            continue
        inside = conditions.rstrip("]")
        if inside.isdigit():
            data = data[int(inside)]
            continue
        wanted = [condition.split("=") for condition in inside.split(",")]
        found = [entry for entry in data if all(str(entry.get(k)) == v for k, v in wanted)]
        if len(found) != 1:
            raise LookupError(f"{len(found)} entries with {inside}")
        data = found[0]
    return data


def _differs(expectation: Expectation, where: str, found: Any) -> list[str]:
    value = expectation.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        same = found == value
    else:
        same = isinstance(found, int | float) and abs(found - value) <= expectation.tolerance
    return [] if same else [f"{where}: expected {value!r}, found {found!r}"]


# ---- structure ------------------------------------------------------------------------------------------------------


def fingerprint(case: Case) -> tuple[Any, ...]:
    """What a case looks at, whatever its numbers: two cases with one fingerprint are copies of each other.

    A law function: the function, the lines of it that run, the mutations. A whole case: the paths expected, claim
    branch and route under each regime, the law functions that were called, the mutations. What follows an award: the
    paths, the route, the mutations. An award form: the paths, the province, the mutations.
    """
    if case.function:
        return case.function, _lines(case), case.mutations
    paths = tuple(sorted(e.path or "refused" for e in case.expectations))
    try:
        data = answer(case)
    except InputError:
        return paths, (), (), case.mutations
    if case.form is not None:
        return paths, ("form", str(case.form["province"])), (), case.mutations
    if case.afterwards is not None:
        return paths, ("afterwards", data["award"]["route"]), (), case.mutations
    routes = tuple((name, r["route"], r["branch"]) for name, r in data["regimes"].items())
    steps = frozenset(step["what"] for step in data["steps"])
    return paths, routes, steps, case.mutations


def _lines(case: Case) -> frozenset[int]:
    """Lines of the law function, from its first, that the case runs."""
    function = REGISTER[case.function].function
    code, seen = function.__code__, set()

    def local(frame: FrameType, event: str, _: Any) -> Any:
        seen.add(frame.f_lineno - code.co_firstlineno)
        return local

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        return local if frame.f_code is code else None

    assert case.arguments is not None
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(**case.arguments)
    finally:
        sys.settrace(before)
    return frozenset(seen)


def main(arguments: Sequence[str]) -> int:
    """Run the cases whose names contain one of the words (all without words); prints what differs."""
    failed = total = 0
    for path in files():
        if arguments and not any(word in path.stem for word in arguments):
            continue
        total += 1
        case = load(path)
        problems = run(case)
        failed += bool(problems)
        for problem in problems:
            print(f"{case.file}: {problem}")
    print(f"{total} cases, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
