"""The commands that read no history: they print what the program holds."""

import re
import subprocess
import sys

import pytest
from cli.conftest import Call

import pension
from pension.accounting import shipped
from pension.law.registry import REGISTER

HEAVY = {"numba", "numpy", "pandas", "pyarrow", "scipy"}


def test_version(call: Call):
    assert call("--version") == (0, f"pension {pension.__version__}\n", "")


@pytest.mark.parametrize(
    "code",
    [
        "import pension",
        "import pension.cli",
        "import sys, pension.cli; sys.argv = ['pension', '--help']\ntry: pension.cli.main()\nexcept SystemExit: pass",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str):
    code += "\nimport sys; print('loaded:', *sorted(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = found.stdout.rpartition("loaded:")[2].split()
    assert "pension" in loaded
    assert not HEAVY & set(loaded)


def test_every_public_name_is_there():
    for name in pension.__all__:
        assert getattr(pension, name) is not None
    assert set(pension.__all__) <= set(dir(pension))
    with pytest.raises(AttributeError):
        pension.nonsense  # noqa: B018


def test_help_names_every_command(call: Call):
    code, out, _ = call("--help")
    assert code == 0
    for command in ("case", "run", "demo", "synth", "regimes", "law", "parameters"):
        assert re.search(rf"\b{command}\b", out)


def test_regimes_lists_what_ships_and_what_differs(call: Call):
    code, out, _ = call("regimes")
    assert code == 0
    for name in shipped():
        assert name in out
    code, out, _ = call("regimes", "fair")
    assert code == 0
    assert re.search(r"vesting +immediate +\(not the law\)", out)
    assert re.search(r"claim_place +article6 +others", out)


def test_law_lists_the_register(call: Call):
    code, out, _ = call("law")
    assert code == 0
    for name in REGISTER:
        assert name in out
    code, out, _ = call("law", "basic_pension")
    assert code == 0
    assert REGISTER["basic_pension"].formula in out
    assert REGISTER["basic_pension"].act in out


def test_parameters_show_one_value_with_its_source(call: Call):
    code, out, _ = call("parameters", "show", "reference_wage", "--place", "Henan", "--year", 2024)
    assert code == 0
    value = pension.load_parameters().provenance("reference_wage", 41, 2024)
    assert re.search(rf"41 +Henan +2024 +2024 +{value.value:.10g} +{value.status}", out)
    assert value.source in out
    assert call("parameters", "show").code == 0


def test_parameters_check_passes_on_what_ships(call: Call):
    code, out, _ = call("parameters", "check")
    assert code == 0
    assert "0 errors" in out
    assert pension.load_parameters().hash in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["regimes", "nonsense"], "unknown regime 'nonsense'"),
        (["law", "nonsense"], "unknown rule"),
        (["parameters", "show", "nonsense"], "nonsense"),
        (["parameters", "show", "reference_wage", "--place", "Hennan"], "did you mean henan"),
        (["parameters", "show", "reference_wage", "--year", "1066"], "no such value"),
        (["parameters", "check", "--scenario", "nonsense"], "nonsense"),
        (["parameters", "check", "--overlay", "nowhere"], "nowhere"),
        (["nonsense"], "nonsense"),
        (["run"], "INPUT"),
        (["demo", "--persons", "0"], "--persons"),
    ],
)
def test_what_does_not_exist_is_bad_input(call: Call, arguments: list[str], message: str):
    code, _, err = call(*arguments)
    assert code == 2
    assert message in err
    assert "Traceback" not in err


PROPOSALS = {
    "points", "rights", "ndc", "ndc_social", "years_by_ratio", "years_one_to_one", "years_by_balance", "citizen",
    "universal", "work_account", "fair_vested", "fair_converted", "fair_harmless", "direct",
}  # fmt: skip


def test_every_proposal_ships_and_says_where_it_is_from():
    assert set(shipped()) >= PROPOSALS
    for regime in shipped().values():
        assert regime.title and regime.title_zh and regime.origin and regime.text
    assert shipped()["direct"].choices == shipped()["prorata"].choices
    fair = shipped()["fair"]
    assert [shipped()[f"fair_{name}"].differs(fair) for name in ("vested", "converted", "harmless")] == [
        ("vesting",),
        ("resident_years",),
        ("hold_harmless",),
    ]
