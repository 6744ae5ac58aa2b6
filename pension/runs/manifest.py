"""What makes two runs the same run: input, parameters, regimes, columns, rules, versions, size of the parts.

The manifest of a directory of parts holds this *job* and what is done of it. A run into a directory of another job is
refused with what differs, as parts of two jobs would stand side by side.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

import pension
from pension import schema
from pension._compile import PLAIN, source_hash
from pension.errors import InputError, Problem, refuse, shown

if TYPE_CHECKING:
    from pension.inputs.identifiers import IdentifierHash

MANIFEST: Final = "_manifest.json"
VERSION: Final = "1"

Job = dict[str, Any]


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """What bytes can depend on beside the content: this program and what it computes and writes with."""
    found = {"pension": pension.__version__, "numpy": np.__version__, "pyarrow": pa.__version__}
    if not PLAIN:
        found["program"] = source_hash()
    return found | {"schema": schema.SCHEMA_VERSION}


def key_mark(hashed: IdentifierHash | None) -> str:
    """Tells keys of hashed identifiers apart and gives none away; empty without a key."""
    return "" if hashed is None else hashed("which key was used")


def job_hash(job: Job) -> str:
    """One hash of everything in a job."""
    text = json.dumps(job, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def require_same(job: Job, found: Job, directory: Path) -> None:
    """InputError that names all that differs between a job and the one whose parts stand in a directory."""
    problems = [
        Problem(
            str(directory / MANIFEST),
            None,
            key,
            shown(now),
            f"the parts there were made with {shown(then)}; finish that run, or choose another directory",
        )
        for key, then, now in _differences(found, job)
    ]
    if problems:
        raise InputError(problems)


def _differences(then: Any, now: Any, key: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(then, Mapping) and isinstance(now, Mapping):
        for name in {**then, **now}:
            inner = f"{key}.{name}" if key else str(name)
            yield from _differences(then.get(name), now.get(name), inner)
    elif then != now:
        yield key, _text(then), _text(now)


def _text(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(part) for part in value) or "nothing"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, Mapping) else str(value)


def read_manifest(directory: Path) -> dict[str, Any] | None:
    """The manifest of a directory; None where there is none, InputError for what is no manifest of this program."""
    path = directory / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise refuse("the manifest cannot be read", file=str(path)) from error
    if not isinstance(found, dict) or found.get("pension_manifest") != VERSION or "job" not in found:
        raise refuse(f"no manifest of version {VERSION} of this program", file=str(path))
    return found


def machine() -> dict[str, Any]:
    """Where and how a run was started: for people, no part of the job."""
    return {
        "command": sys.argv,
        "machine": platform.node(),
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
    }
