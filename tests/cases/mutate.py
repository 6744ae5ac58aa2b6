"""``python -m tests.cases.mutate [NAME ...]``: does every documented mutation of the program fail its cases?

Each mutation is applied to a copy of the package in a temporary directory, and the cases that name it are run there
as plain Python (no compiler). A mutation is killed when every case that names it fails; exit code 1 when one survives,
when a case passes under a mutation it names, when the unmutated program fails a case, or when a mutated program does
not run at all.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
_NEEDED: Final = ("pension", "parameters", "tests/cases", "tests/ledger/__init__.py", "tests/ledger/toy.py")
_KEYS: Final = {"file", "find", "replace", "title"}


@dataclass(frozen=True)
class Mutation:
    """A change of one place of the program that the corpus must notice."""

    name: str
    title: str
    file: str
    find: str
    replace: str

    def apply(self, text: str) -> str:
        """The mutated text; ValueError unless ``find`` occurs exactly once."""
        count = text.count(self.find)
        if count != 1:
            raise ValueError(f"mutation {self.name}: its text occurs {count} times in {self.file}, not once")
        return text.replace(self.find, self.replace)


@dataclass(frozen=True)
class Outcome:
    """What the cases said under one mutation."""

    name: str
    failed: Mapping[str, str]
    """Cases that failed, as they must, and what they found."""
    passed: tuple[str, ...]
    """Cases that name the mutation and passed all the same."""
    broken: str = ""
    """Why the mutated program did not run."""

    @property
    def killed(self) -> bool:
        return bool(self.failed) and not self.passed and not self.broken


def mutations() -> dict[str, Mutation]:
    """The documented mutations, by name; ValueError for an unknown or missing key or text that changes nothing."""
    found = {}
    for name, entry in tomllib.loads((HERE / "mutations.toml").read_text(encoding="utf-8")).items():
        if set(entry) != _KEYS:
            raise ValueError(f"mutation {name}: keys are {', '.join(sorted(_KEYS))}")
        if entry["find"] == entry["replace"]:
            raise ValueError(f"mutation {name}: replaces its text by itself")
        found[name] = Mutation(name, **entry)
    return found


def check(names: Sequence[str] = (), jobs: int | None = None, timeout: float = 900.0) -> list[Outcome]:
    """Run mutations (all without names), in the order of the file; the first outcome is the unmutated program's.

    ``jobs`` processes share the mutations, each with a copy of its own.
    """
    known = mutations()
    for name in names:
        if name not in known:
            raise ValueError(f"unknown mutation {name!r}")
    wanted = list(names) or list(known)
    jobs = max(1, min(jobs or _cpus(), len(wanted)))
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        workers = []
        for number in range(jobs):
            copy = Path(directory) / str(number)
            _copy(copy)
            share = wanted[number::jobs]
            # The first process also runs the unmutated program.
            command = [sys.executable, "-m", "tests.cases.mutate", "--worker", *([""] if number == 0 else []), *share]
            environment = os.environ | {
                "NUMBA_DISABLE_JIT": "1",
                "PYTHONPATH": str(copy),
                "PYTHONUTF8": "1",
            }
            # Warnings of a mutated program are no outcomes.
            log, errors = (
                (Path(directory) / f"{number}.{kind}").open("w+", encoding="utf-8") for kind in ("out", "err")
            )
            worker = subprocess.Popen(command, cwd=copy, env=environment, stdout=log, stderr=errors)
            workers.append((worker, log, errors))
        lines: list[str] = []
        try:
            for process, log, errors in workers:
                code = process.wait(timeout)
                if code != 0:
                    errors.seek(0)
                    raise RuntimeError(f"the cases did not run:\n{errors.read()}")
                log.seek(0)
                lines += log.read().splitlines()
        finally:
            for process, log, errors in workers:
                process.kill()
                process.wait()
                log.close()
                errors.close()
    by_name = {o["name"]: o for o in map(json.loads, lines)}
    return [
        Outcome(name, o["failed"], tuple(o["passed"]), o["broken"]) for name in ["", *wanted] for o in [by_name[name]]
    ]


def _cpus() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _copy(to: Path) -> None:
    for name in _NEEDED:
        source, target = ROOT / name, to / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)


# ---- inside the copy ------------------------------------------------------------------------------------------------


def _work(names: Iterable[str]) -> None:
    """Outcomes of mutations, one JSON line each; the empty name is the unmutated program under all cases."""
    known = mutations()
    # Bytecode is kept of the unmutated modules only: those that one explained person loads.
    sys.dont_write_bytecode = False
    from tests.cases import run

    run.statement(next(case for case in map(run.load, run.files()) if case.person))
    sys.dont_write_bytecode = True
    for name in names:
        failed: dict[str, str] = {}
        passed: list[str] = []
        broken = ""
        mutation = known.get(name)
        path = ROOT / mutation.file if mutation else None
        before, time = (path.read_bytes(), path.stat().st_mtime) if path else (b"", 0.0)
        try:
            if mutation and path:
                path.write_bytes(mutation.apply(before.decode()).encode())
                # Another time than the bytecode of the unmutated module has, or Python would take that.
                os.utime(path, (time + 60.0, time + 60.0))
            _cases(name, failed, passed)
        except Exception as error:
            # A program that cannot run at all has not been found out by a case.
            broken = f"{type(error).__name__}: {error}"
        finally:
            if path:
                path.write_bytes(before)
                os.utime(path, (time, time))
        print(json.dumps({"name": name, "failed": failed, "passed": passed, "broken": broken}), flush=True)


def _cases(name: str, failed: dict[str, str], passed: list[str]) -> None:
    # A fresh import of everything, packages included: they hold their old submodules as attributes.
    for module in [m for m in sys.modules if m == "pension" or m.startswith(("pension.", "tests."))]:
        del sys.modules[module]
    from tests.cases import run

    for path in run.files():
        # Reading a case needs the law's register only for [law] cases; the name is looked for in the text first.
        if name and f'"{name}"' not in path.read_text(encoding="utf-8"):
            continue
        case = run.load(path)
        if not name or name in case.mutations:
            try:
                problems = run.run(case)
            except RuntimeError as error:
                # A check of the program's own has noticed: settlement and flows of money no longer agree.
                problems = [str(error)]
            if problems:
                failed[case.file] = problems[0]
            else:
                passed.append(case.file)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.cases.mutate", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="mutations to run; all without")
    parser.add_argument("--jobs", type=int, help="processes (default: as many as there are processors)")
    parser.add_argument("--list", action="store_true", help="print the mutations and stop")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker:
        _work(given.names)
        return 0
    known = mutations()
    if given.list:
        for mutation in known.values():
            print(f"{mutation.name}: {mutation.title} ({mutation.file})")
        return 0
    outcomes = check(given.names, given.jobs)
    unmutated, mutated = outcomes[0], outcomes[1:]
    print(f"unmutated: {len(unmutated.passed)} cases pass, {len(unmutated.failed)} fail {unmutated.broken}".rstrip())
    for case, found in unmutated.failed.items():
        print(f"  FAILS {case}: {found}")
    for outcome in mutated:
        print(f"{_verdict(outcome)}: {outcome.name}: {known[outcome.name].title}")
        for case, found in outcome.failed.items():
            print(f"  by {case}: {found}")
        for case in outcome.passed:
            print(f"  PASSES {case}")
        if outcome.broken:
            print(f"  {outcome.broken}")
    killed = sum(o.killed for o in mutated)
    print(f"{killed} of {len(mutated)} mutations killed")
    clean = not unmutated.failed and not unmutated.broken
    return 0 if clean and killed == len(mutated) else 1


def _verdict(outcome: Outcome) -> str:
    if outcome.broken:
        return "BROKEN"
    if not outcome.failed:
        return "SURVIVED"
    return "killed" if outcome.killed else "PARTLY"


def summary(outcomes: Sequence[Outcome]) -> list[str]:
    """What is wrong with outcomes, one line each; nothing when every mutation is killed and the first run is clean."""
    wrong: list[Any] = [f"the unmutated program fails {case}" for case in outcomes[0].failed]
    wrong += [f"{_verdict(o)} {o.name} {', '.join(o.passed)} {o.broken}" for o in outcomes[1:] if not o.killed]
    return [*wrong, *([outcomes[0].broken] if outcomes[0].broken else [])]


if __name__ == "__main__":
    raise SystemExit(main())
