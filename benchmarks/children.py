"""Processes of the benchmark: jobs that must run in a fresh one, or in several at the same time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[1]
"""Where ``python -m benchmarks`` runs."""


class ChildFailed(RuntimeError):
    """A process of the benchmark ended early or badly; the text is the last line it said."""


def environment(**more: str) -> dict[str, str]:
    """The environment of this process, with the sources it measures first on the path. Python keeps its byte code, as
    it does for users."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**kept, "PYTHONPATH": path, **more}


def answer_of(module: str, *arguments: object, **variables: str) -> dict[str, Any]:
    """Run ``python -m MODULE ARGUMENTS`` to its end: the JSON of its last line."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=environment(**variables), capture_output=True, text=True, check=False)
    if done.returncode != 0 or not done.stdout.strip():
        raise ChildFailed(_last_line(done.stderr) or f"{module} said nothing")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_of(command: Sequence[str]) -> tuple[float, int]:
    """Run a command to its end: (seconds, most bytes resident). ``ChildFailed`` where it fails.

    A small process starts it: the system counts the peak of a new process from what its parent held.
    """
    found = answer_of("benchmarks.launch", *command)
    return float(found["seconds"]), int(found["peak"])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""


class Child:
    """A process that prints one line of JSON when it is ready, and one for every line it is sent."""

    def __init__(self, module: str, *arguments: object, python: str = sys.executable) -> None:
        self._process = subprocess.Popen(
            [python, "-m", module, *map(str, arguments)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.communicate()

    def answer(self) -> dict[str, Any]:
        """The next line it prints."""
        assert self._process.stdout is not None and self._process.stderr is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildFailed(_last_line(self._process.stderr.read()) or "a process of the benchmark ended early")
        found: dict[str, Any] = json.loads(line)
        return found

    def go(self) -> None:
        """Ask for one run."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def seconds(self) -> float:
        """One run, timed by the process itself."""
        self.go()
        return float(self.answer()["seconds"])
