"""The package finds its parameters wherever it stands: installed from a wheel, in a checkout, installed editable."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import pension

ROOT = Path(pension.__file__).resolve().parents[1]
SOURCES = ("pyproject.toml", "README.md", "pension", "parameters")
SHOW = (
    "import pension, pension.parameters as p\n"
    "print(pension.__file__); print(p.parameters_directory()); print(pension.load_parameters().hash)\n"
    "print(len(pension.Regime.named('fair').choices))"
)


def copy_of_the_sources(target: Path) -> Path:
    """What a clean checkout holds, without caches."""
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    return target


def python(code: str, path: Path | str, where: Path) -> list[str]:
    """Lines printed by fresh code that sees ``path`` and not this checkout."""
    environment = os.environ | {"PYTHONPATH": str(path)}
    # -P: the working directory is not searched, so only what is installed or in PYTHONPATH is found.
    found = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=where, env=environment, capture_output=True, text=True, timeout=120
    )
    assert found.returncode == 0, found.stderr
    return found.stdout.splitlines()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of the sources."""
    sources = copy_of_the_sources(tmp_path_factory.mktemp("sources"))
    target = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)],
        cwd=sources,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (found,) = target.glob("*.whl")
    return found


def shipped_files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def test_the_wheel_holds_code_and_parameters_only(wheel: Path):
    names = zipfile.ZipFile(wheel).namelist()
    inside = {name.removeprefix("pension/_parameters/") for name in names if name.startswith("pension/_parameters/")}
    assert inside == shipped_files(ROOT / "parameters")
    assert "pension/py.typed" in names
    assert {name.partition("/")[0] for name in names} == {
        "pension",
        f"pension_portability-{pension.__version__}.dist-info",
    }
    assert not [name for name in names if "__pycache__" in name]


def test_installed(wheel: Path, tmp_path: Path):
    site = tmp_path / "site"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", site, wheel],
        check=True,
        timeout=120,
    )
    package, parameters, digest, choices = python(SHOW, site, tmp_path)
    assert Path(package) == site / "pension" / "__init__.py"
    assert Path(parameters) == site / "pension" / "_parameters"
    assert digest == pension.load_parameters().hash
    assert choices == str(len(pension.Regime.named("fair").choices))
    script = (site / "bin" / "pension").read_text() if (site / "bin").is_dir() else ""
    assert not script or "pension.cli" in script


def test_from_a_checkout(tmp_path: Path):
    checkout = copy_of_the_sources(tmp_path / "checkout")
    package, parameters, digest, _ = python(SHOW, checkout, tmp_path)
    assert Path(package) == checkout / "pension" / "__init__.py"
    assert Path(parameters) == checkout / "parameters"
    assert digest == pension.load_parameters().hash


def test_installed_editable(tmp_path: Path):
    """An editable wheel puts the checkout on the path; edited parameters are seen at once."""
    checkout = copy_of_the_sources(tmp_path / "checkout")
    code = "import hatchling.build as b, sys; print(b.build_editable(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=checkout,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    # The wheel also carries a copy of the parameters, in a directory `pension` without code, which must not be used.
    site = tmp_path / "site"
    with zipfile.ZipFile(tmp_path / built.stdout.split()[-1]) as editable:
        editable.extractall(site)
    (pth,) = site.glob("*.pth")
    path = f"{site}{os.pathsep}{pth.read_text().strip()}"
    package, parameters, digest, _ = python(SHOW, path, tmp_path)
    assert Path(package) == checkout / "pension" / "__init__.py"
    assert Path(parameters) == checkout / "parameters"
    scenario = checkout / "parameters" / "scenarios" / "default.toml"
    scenario.write_text(scenario.read_text(encoding="utf-8") + "\n# edited\n", encoding="utf-8")
    assert python(SHOW, path, tmp_path)[2] != digest


def test_the_version_is_that_of_the_package(wheel: Path):
    assert f"-{pension.__version__}-" in wheel.name
