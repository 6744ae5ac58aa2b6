"""The cache of compiled code follows the sources: an edited article, or an upgraded wheel, is never an old number.

numba stamps a cached kernel with time and size of its own file only. The edit below is in another file than the
kernel's, keeps the size of that file and puts back its time, as an upgraded wheel may.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

BATCH = """
import json, sys
from pension import Engine, Histories
from pension._compile import CACHE_DIRECTORY
from pension.law.resident import resident_account_pension
from tests.ledger.toy import toy_tables
import pension

# A man born in 1966-03, whose statutory month is four months after his 60th birthday.
people = Histories.build([1], dict(
    sex=[1], retirement_category=[1], birth=[12 * 1966 + 2], hukou=[41], hukou_type=[2],
    year=[2024], months=[4095], scheme=[1], form=[0], place=[41], base=[8000.0], offsets=[0, 1]))
class Toy:
    tables = toy_tables()

statutory, _, _, _ = Engine(Toy(), ["current"]).award_months(people.arrays)
print(json.dumps(dict(
    package=pension.__file__, cache=CACHE_DIRECTORY, statutory=int(statutory[0]),
    resident=float(resident_account_pension(13900.0)))))
"""

LAW = """
import json
from pension._compile import CACHE_DIRECTORY
from pension.law.employee import indexed_wage
from pension.law.resident import resident_account_pension
print(json.dumps(dict(
    cache=CACHE_DIRECTORY, wage=float(indexed_wage(8000.0, 0.5)), resident=float(resident_account_pension(13900.0)))))
"""


def _run(code: str, copy: Path, cache: str) -> dict[str, object]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("NUMBA_", "PENSION_"))}
    environment |= {"PYTHONPATH": os.pathsep.join([str(copy), str(ROOT)]), "PENSION_CACHE_DIR": cache}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=copy, env=environment, capture_output=True, text=True, timeout=900
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package and its parameters, copied, without compiled code."""
    there = tmp_path_factory.mktemp("copy")
    shutil.copytree(ROOT / "pension", there / "pension", ignore=shutil.ignore_patterns("__pycache__", "_parameters"))
    shutil.copytree(ROOT / "parameters", there / "parameters")
    return there


def _edit(path: Path, old: str, new: str) -> None:
    """Replace text of the same length and put back the file's time."""
    text, before = path.read_text(encoding="utf-8"), path.stat()
    assert text.count(old) == 1 and len(old) == len(new)
    path.write_text(text.replace(old, new), encoding="utf-8")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    shutil.rmtree(path.parent / "__pycache__", ignore_errors=True)


def test_an_edited_article_changes_the_number_in_a_fresh_process(copy: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    before = _run(BATCH, copy, str(cache))
    assert str(before["package"]).startswith(str(copy))
    assert before["statutory"] == 12 * 2026 + 6
    assert before["resident"] == 100.0

    _edit(copy / "pension/law/ages.py", "birth + original_age_months + delay", "birth + original_age_months - delay")
    _edit(copy / "pension/law/resident.py", "balance / 139.0", "balance / 278.0")
    after = _run(BATCH, copy, str(cache))
    assert after["statutory"] == 12 * 2025 + 10
    assert after["resident"] == 50.0
    # both sets of compiled code stand side by side, each under the hash of its sources
    assert before["cache"] != after["cache"]
    assert {path.name for path in cache.iterdir()} == {Path(str(x["cache"])).name for x in (before, after)}
    assert all(any(path.iterdir()) for path in cache.iterdir())


def test_without_a_cache_the_law_compiles_and_goes_on(copy: Path, tmp_path: Path) -> None:
    unwritable = tmp_path / "a file"
    unwritable.write_text("no directory can be made here", encoding="utf-8")
    for cache in ("", str(unwritable), str(unwritable / "below")):
        found = _run(LAW, copy, cache)
        assert found["cache"] is None
        assert found["wage"] == 4000.0
        assert found["resident"] in (100.0, 50.0)  # before or after the edit above
    assert unwritable.read_text(encoding="utf-8") == "no directory can be made here"


def test_a_cache_that_others_can_write_is_not_trusted(copy: Path, tmp_path: Path) -> None:
    if not hasattr(os, "getuid"):
        pytest.skip("file modes of POSIX only")
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    assert _run(LAW, copy, str(shared))["cache"] is None
    assert not any(shared.iterdir())
