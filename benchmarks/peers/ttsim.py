"""The job in GETTSIM's engine (ttsim): policy functions joined by the names of their arguments, on columns of data.

A column holds one value a person, so a history is a column a year, and each year's account a function of its own whose
arguments are renamed to that year. Rates are closed over: as parameters they would be partialled in before the run.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import dags
import numpy as np
from ttsim import main
from ttsim.main_args import InputData, OrigPolicyObjects, TTTargets
from ttsim.main_target import MainTarget
from ttsim.tt.column_objects_param_function import policy_function, policy_input
from ttsim.tt.units import Currency, TTSIMUnit, UnitSystem
from ttsim.typing import FloatColumn

from benchmarks.peers.job import INTEREST_MONTHS, Float, Job

PACKAGE = "ttsim-backend"


_YUAN = UnitSystem(currencies={"CNY": Currency(statutory_from="0001-01-01")})


def _as_policy(function: Callable[..., Any], name: str, arguments: dict[str, str]) -> Any:
    renamed = dags.rename_arguments(function, mapper=arguments)
    decorate = policy_function(
        leaf_name=name, vectorization_strategy="not_required", unit=TTSIMUnit.DIMENSIONLESS, verify_units=False
    )
    return decorate(renamed)


def _objects(job: Job) -> dict[str, Any]:
    def column(name: str) -> Any:
        def declared() -> float: ...

        declared.__name__ = name
        return policy_input(unit=TTSIMUnit.DIMENSIONLESS)(declared)

    def of_year(y: int, first: bool) -> tuple[Callable[..., Any], Callable[..., Any]]:
        wage, rate = float(job.reference_wage[y]), float(job.book_rate[y])
        share = float(job.account_rate[y]) * (12.0 + rate / 12.0 * INTEREST_MONTHS)

        def opened(base: FloatColumn) -> FloatColumn:
            return share * base

        def account(base: FloatColumn, before: FloatColumn) -> FloatColumn:
            return before * (1.0 + rate) + share * base

        def first_index(base: FloatColumn) -> FloatColumn:
            return base / wage

        def index_sum(base: FloatColumn, before: FloatColumn) -> FloatColumn:
            return before + base / wage

        return (opened, first_index) if first else (account, index_sum)

    def pension(account: FloatColumn, index_sum: FloatColumn) -> FloatColumn:
        money = account * (1.0 + job.award_rate / 12.0 * job.award_months)
        base = job.calculation_base
        return (base + base * (index_sum / job.years)) / 2.0 * job.years * 0.01 + money / job.annuity_months

    objects: dict[str, Any] = {"p_id": _person_id()}
    for y in range(job.years):
        year = job.first_year + y
        objects[f"base_{year}"] = column(f"base_{year}")
        for name, function in zip(("account", "index_sum"), of_year(y, y == 0), strict=True):
            arguments = {"base": f"base_{year}"}
            if y > 0:
                arguments["before"] = f"{name}_{year - 1}"
            objects[f"{name}_{year}"] = _as_policy(function, f"{name}_{year}", arguments)
    last = job.first_year + job.years - 1
    objects["pension"] = _as_policy(
        pension, "pension", {"account": f"account_{last}", "index_sum": f"index_sum_{last}"}
    )
    return objects


def _person_id() -> Any:
    @policy_input(unit=TTSIMUnit.DIMENSIONLESS)
    def p_id() -> int: ...

    return p_id


def prepare(job: Job) -> Callable[[], Float]:
    """``main`` checks the environment and the data and makes one function of it, once; that function is measured."""
    columns = {f"base_{job.first_year + y}": job.bases[y] for y in range(job.years)}
    data = {"p_id": np.arange(job.people), **columns}
    date = datetime.date(job.first_year + job.years, 1, 1)
    objects = {("benchmark", name): thing for name, thing in _objects(job).items()}
    environment = main(
        main_target=MainTarget.policy_environment,
        policy_date=date,
        orig_policy_objects=OrigPolicyObjects(column_objects_and_param_functions=objects, param_specs={}),
        unit_system=_YUAN,
    )
    found = main(
        main_targets=[MainTarget.tt_function, MainTarget.processed_data],
        policy_date=date,
        evaluation_date=date,
        policy_environment=environment,
        input_data=InputData.tree(data),
        tt_targets=TTTargets.tree({"pension": None}),
        include_warn_nodes=False,
        unit_system=_YUAN,
    )
    wanted = {name: column for name, column in found["processed_data"].items() if name in columns}
    return lambda: np.asarray(found["tt_function"](wanted)["pension"])
