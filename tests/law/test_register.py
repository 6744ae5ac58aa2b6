"""The register: every law function says where it stands, and has arithmetic typed by hand beside this file."""

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import pension.afterwards.one_person
import pension.award_forms.form
import pension.checks.access
import pension.kernels.settle
from pension.law import registry
from pension.law.employee import account_pension
from pension.law.registry import REGISTER, Article

HERE = Path(__file__).parent
ARTICLES = list(REGISTER.values())


def test_the_register_holds_the_law() -> None:
    # one of each file of the law, and the present value
    assert {
        *("individual_access", "retirement_delay", "annuity_payment", "overlap_refund", "top_up", "disability_case"),
        *("basic_pension", "adjusted_pension", "resident_account_pension", "funeral_grant", "claim_branch"),
        "present_value",
    } <= set(REGISTER)


def test_every_file_of_the_law_is_registered() -> None:
    files = {path.stem for path in Path(pension.law.__path__[0]).glob("*.py")} - {"__init__", "registry", "readings"}
    modules = {rule.function.__module__.rpartition(".")[2] for rule in ARTICLES if ".law." in rule.function.__module__}
    assert modules == files


@pytest.mark.parametrize("rule", ARTICLES, ids=lambda rule: rule.name)
def test_every_law_function_is_called_by_a_test_of_its_act(rule: Article) -> None:
    calls = re.compile(rf"\b{rule.name}\(")
    tests = [path for path in HERE.glob("*/test_*.py") if calls.search(path.read_text(encoding="utf-8"))]
    assert tests, f"no test under {HERE.name}/<act>/ calls {rule.name}"


@pytest.mark.parametrize("rule", ARTICLES, ids=lambda rule: rule.name)
def test_every_law_function_says_what_it_is(rule: Article) -> None:
    assert rule.act and rule.formula and rule.unit and rule.zh
    assert rule.status in {"statute", "secondary", "reading", "ours"}
    assert rule.status == "ours" or re.fullmatch(r"\d{4}-\d{2}", rule.since)
    assert len(inspect.getdoc(rule.function) or "") > 30
    # a trace holds five arguments and one result
    assert 1 <= len(rule.arguments) <= 5


def test_numbers_of_steps_are_unique_and_found() -> None:
    assert len({rule.step for rule in ARTICLES}) == len(ARTICLES)
    assert all(registry.by_step(rule.step) is rule for rule in ARTICLES)
    with pytest.raises(KeyError):
        registry.by_step(10_000)


def test_a_step_or_a_name_cannot_be_taken_twice() -> None:
    def unheard_of(amount: float) -> float:
        return amount

    with pytest.raises(ValueError, match="registered twice"):
        registry.article(step=16, zh="", act="", article="", formula="", unit="", since="")(unheard_of)
    assert "unheard_of" not in REGISTER


def test_one_object_takes_scalars_arrays_and_series() -> None:
    assert account_pension(13900.0, 139.0) == 100.0
    np.testing.assert_array_equal(account_pension(np.array([13900.0, 27800.0]), 139.0), [100.0, 200.0])
    series = account_pension(pd.Series([13900.0, 1390.0], index=["a", "b"]), 139.0)
    assert series["b"] == 10.0
