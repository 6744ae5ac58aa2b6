"""A directory of parts: each holds a fixed number of people of the input and is written whole or not at all.

``part-000000.parquet`` and so on are the results, readable as one data set. Names that begin with ``_`` are no part of
it: ``_manifest.json`` (the job, what is done, when and where), and in ``_parts`` one file a part with its checksum and
counts, written after the part itself; a part is done when that file is there and fits. So a run that was killed at any
moment loses at most the parts it was at, and the same command goes on.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import io
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

import pyarrow as pa

from pension.checks.rejects import write_problems
from pension.checks.repeated_people import repeated_people
from pension.errors import Problem, refuse
from pension.inputs.history_files import replace_file, write_bytes
from pension.runs.manifest import MANIFEST, VERSION, Job, job_hash, machine, read_manifest, require_same

if TYPE_CHECKING:
    from pension.runs.tally import Tally

PART_PEOPLE: Final = 262_144
"""People in a part: four row groups."""
FORMATS: Final = {"parquet": ".parquet", "arrow": ".arrow"}
_STATES: Final = "_parts"
_MANIFEST_SECONDS: Final = 1.0
"""The list of parts in the manifest is for people; it is brought up to date at most so often."""


class PartDirectory:
    """The parts of one job."""

    def __init__(self, path: Path, job: Job, parts: int, suffix: str | None) -> None:
        """``suffix`` of the files of parts; None where only counts are kept."""
        self.path, self.job, self.parts, self.suffix = path, job, parts, suffix
        self.hash = job_hash(job)
        self._written = 0.0
        self._runs: list[dict[str, Any]] = []
        self._lock: int | None = None
        self._done: dict[int, dict[str, Any]] = {}

    # ------------------------------------------------------------------ one run

    def open(self) -> set[int]:
        """Make the directory, or take up one of the same job; the parts that are done and whole.

        InputError for a directory of another job, of another program, or in use by another run.
        """
        self._require_free()
        self._take()
        try:
            return self._take_up()
        except BaseException:
            self.close()
            raise

    def _take_up(self) -> set[int]:
        known = read_manifest(self.path)
        if known is None:
            strange = [entry.name for entry in self.path.iterdir() if not entry.name.startswith(f".{MANIFEST}")]
            if strange:
                raise refuse("the directory is not empty and holds no run of this program", file=str(self.path))
        else:
            require_same(self.job, known["job"], self.path)
            self._runs = known.get("runs", [])
        (self.path / _STATES).mkdir(exist_ok=True)
        self._sweep()
        done = {number for number in range(self.parts) if self._whole(number)}
        self._runs.append(machine() | {"started": _now(), "finished": None, "found_done": len(done)})
        self.write_manifest(force=True)
        return done

    def _require_free(self) -> None:
        try:
            self.path.mkdir(parents=False, exist_ok=True)
        except FileNotFoundError as error:
            raise refuse("the output cannot be written (its directory does not exist)", file=str(self.path)) from error
        except OSError as error:
            raise refuse(f"the output cannot be written ({error.strerror})", file=str(self.path)) from error

    def _take(self) -> None:
        """Keep other runs out while this one lasts, where the file system knows locks."""
        with contextlib.suppress(ImportError, OSError):
            import fcntl

            self._lock = os.open(self.path, os.O_RDONLY)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                self.close()
                raise refuse("another run is writing into this directory", file=str(self.path)) from None

    def close(self) -> None:
        """Let other runs in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _sweep(self) -> None:
        """What a killed run left half written."""
        for directory in (self.path, self.path / _STATES):
            for entry in directory.glob(".*"):
                if entry.is_file():
                    entry.unlink()

    def finished(self) -> None:
        """Note that everything is written; what a killed worker left half written goes."""
        self._sweep()
        self._runs[-1]["finished"] = _now()
        self.write_manifest(force=True)

    def broken_off(self, error: BaseException) -> None:
        """Bring the manifest up to date and note on an error what is not lost."""
        self.write_manifest(force=True)
        parts = f"{self.n_done:,} of {self.parts:,} parts are done and kept in {self.path}"
        error.add_note(f"{parts}; the same command goes on")

    @property
    def n_done(self) -> int:
        """Parts that are done."""
        return len(self._done)

    def done(self, number: int) -> None:
        """Note that a part is done, here or in another process."""
        if number not in self._done:
            self._note(number, self.state(number))
        self.write_manifest()

    def _note(self, number: int, kept: dict[str, Any]) -> None:
        self._done[number] = {name: kept[name] for name in ("file", "people", "rows", "bytes", "checksum")}

    def write_manifest(self, force: bool = False) -> None:
        """Bring the manifest up to date."""
        if not force and time.monotonic() - self._written < _MANIFEST_SECONDS:
            return
        content = {
            "pension_manifest": VERSION,
            "job": self.job,
            "job_hash": self.hash,
            "parts": self.parts,
            "complete": self.n_done == self.parts,
            "done": {f"{number:06d}": self._done[number] for number in sorted(self._done)},
            "runs": self._runs,
        }
        _write_json(self.path / MANIFEST, content)
        self._written = time.monotonic()

    # ------------------------------------------------------------------ one part

    def file(self, number: int) -> Path | None:
        """The results of a part; None where none are kept."""
        return None if self.suffix is None else self.path / f"part-{number:06d}{self.suffix}"

    def _state_file(self, number: int) -> Path:
        return self.path / _STATES / f"{number:06d}.json"

    def _rejected_file(self, number: int) -> Path:
        return self.path / _STATES / f"{number:06d}.rejected.csv"

    def state(self, number: int) -> dict[str, Any]:
        """What was kept of a part that is done."""
        found: dict[str, Any] = json.loads(self._state_file(number).read_text(encoding="utf-8"))
        return found

    def write(
        self, number: int, write: Callable[[IO[bytes]], None], tally: Tally, problems: Callable[[], Sequence[Problem]]
    ) -> None:
        """Write a part: its results, the list of its broken rules, and last what says that it is done."""
        file = self.file(number)
        if file is None:
            write(io.BytesIO())
        else:
            replace_file(file, write)
        broken = sorted(problems(), key=lambda problem: (problem.file, problem.row or 0))
        path = self._rejected_file(number)
        if broken:
            replace_file(path, lambda stream: _write_rows(stream, broken))
        else:
            path.unlink(missing_ok=True)
        self.write_state(number, tally.people, tally.people - tally.rejected, tally.state())

    def write_state(self, number: int, people: int, rows: int, tally: Any) -> None:
        """Say that a part is done."""
        file = self.file(number)
        content = {
            "job": self.hash,
            "part": number,
            "people": people,
            "rows": rows,
            "file": None if file is None else file.name,
            "bytes": None if file is None else file.stat().st_size,
            "checksum": None if file is None else _checksum(file),
            "tally": tally,
        }
        _write_json(self._state_file(number), content)
        self._note(number, content)

    def _whole(self, number: int) -> bool:
        """True where a part is done and its results are the bytes that were written."""
        try:
            kept = self.state(number)
        except (OSError, ValueError):
            return False
        if kept.get("job") != self.hash:
            return False
        file = self.file(number)
        try:
            whole = file is None or (file.stat().st_size == kept["bytes"] and _checksum(file) == kept["checksum"])
        except OSError:
            return False
        if whole:
            self._note(number, kept)
        return whole

    def join_rejected(self, target: Path) -> Path | None:
        """Put the lists of all parts into one, with a header; its path, or None where nothing was rejected."""
        found = [path for number in range(self.parts) if (path := self._rejected_file(number)).exists()]
        if not found:
            target.unlink(missing_ok=True)
            return None

        def write(stream: IO[bytes]) -> None:
            stream.write((",".join(Problem._fields) + "\r\n").encode())
            for path in found:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, stream)

        replace_file(target, write)
        return target

    def require_distinct(self) -> None:
        """InputError where two people of all parts have the same hash instead of an identifier."""

        def read() -> Iterator[pa.Array | int]:
            for number in range(self.parts):
                file = self.file(number)
                if file is not None:
                    yield _persons(file)

        if repeated_people(read) is not None:
            rule = "two people have the same hash: an identifier is there twice, or two identifiers collide"
            raise refuse(f"{rule}; use another key", column="person")


def runs_of(parts: Sequence[int]) -> Iterator[tuple[int, int]]:
    """(first, past the last) of each run of consecutive numbers."""
    first = None
    for at, number in enumerate(parts):
        if first is None:
            first = number
        if at + 1 == len(parts) or parts[at + 1] != number + 1:
            yield first, number + 1
            first = None


def _persons(file: Path) -> pa.Array:
    if file.suffix == ".parquet":
        import pyarrow.parquet as pq

        column = pq.read_table(file, columns=["person"])["person"]
    else:
        column = pa.ipc.open_file(pa.memory_map(os.fspath(file))).read_all()["person"]
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _write_rows(stream: IO[bytes], problems: Sequence[Problem]) -> None:
    text = io.StringIO(newline="")
    write_problems(text, problems)
    stream.write(text.getvalue().encode())


def _write_json(path: Path, content: Any) -> None:
    write_bytes(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
