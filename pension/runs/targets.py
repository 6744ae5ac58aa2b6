"""Where a run writes: one file, or a directory of parts; refused before anything is computed where it cannot."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pension.errors import refuse
from pension.inputs.datasets import IPC_SUFFIXES, PARQUET_SUFFIXES

if TYPE_CHECKING:
    from pension.inputs.opening import Source

RESULT_SUFFIXES: Final = PARQUET_SUFFIXES + IPC_SUFFIXES


def is_directory(target: Path) -> bool:
    """True for an output of parts: a name without suffix."""
    return not target.suffix


def require_target(path: Path, source: Source, known: Sequence[str] = RESULT_SUFFIXES) -> Path:
    """The output, refused before anything is computed where it cannot be written."""
    if not is_directory(path):
        if path.suffix.lower() not in known:
            rule = f"the name of an output ends with one of {', '.join(known)}, or has no suffix: a directory of parts"
            raise refuse(rule, file=str(path))
        if path.is_dir():
            raise refuse("the output cannot be written (it is a directory)", file=str(path))
    elif path.exists() and not path.is_dir():
        raise refuse("the output cannot be written (a directory of parts is meant, and this is a file)", file=str(path))
    if not path.parent.is_dir():
        raise refuse("the output cannot be written (its directory does not exist)", file=str(path))
    sources = source if isinstance(source, tuple) else (source,)
    for part in sources:
        if not isinstance(part, str | os.PathLike) or not os.path.exists(part):
            continue
        if path.exists() and os.path.samefile(part, path):
            raise refuse("the output is the input", file=str(path))
        if os.path.isdir(part) and Path(part).resolve() in path.resolve().parents:
            raise refuse("the output lies in the directory of the input", file=str(path))
    return path
