"""The job in OpenFisca-core: yearly variables of persons, parameters by date."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import YEAR
from openfisca_core.simulation_builder import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from benchmarks.peers.job import INTEREST_MONTHS, Float, Job

PACKAGE = "OpenFisca-Core"


def _system(job: Job) -> TaxBenefitSystem:
    person = build_entity("person", "persons", "A person", is_person=True)
    system = TaxBenefitSystem([person])
    years = range(job.first_year, job.first_year + job.years)

    def by_year(values: Float) -> dict[str, object]:
        return {"values": {f"{y}-01-01": {"value": float(v)} for y, v in zip(years, values, strict=True)}}

    system.parameters = ParameterNode(
        "",
        data={
            "reference_wage": by_year(job.reference_wage),
            "account_rate": by_year(job.account_rate),
            "book_rate": by_year(job.book_rate),
        },
    )
    last = job.first_year + job.years - 1

    class base(Variable):
        value_type, entity, definition_period, label = float, person, YEAR, "Contribution base, yuan/month"

    class index_sum(Variable):
        value_type, entity, definition_period, label = float, person, YEAR, "Sum of indices to the year"

        def formula(self, period, parameters):
            index = self("base", period) / parameters(period).reference_wage
            return index if period.start.year == job.first_year else self("index_sum", period.last_year) + index

    class account(Variable):
        value_type, entity, definition_period, label = float, person, YEAR, "Account at the end of the year"

        def formula(self, period, parameters):
            at = parameters(period)
            paid = at.account_rate * (12.0 + at.book_rate / 12.0 * INTEREST_MONTHS) * self("base", period)
            if period.start.year == job.first_year:
                return paid
            return self("account", period.last_year) * (1.0 + at.book_rate) + paid

    class pension(Variable):
        value_type, entity, definition_period, label = float, person, YEAR, "Monthly pension, yuan"

        def formula(self, period, parameters):
            money = self("account", period) * (1.0 + job.award_rate / 12.0 * job.award_months)
            average = self("index_sum", period) / job.years
            wages = job.calculation_base
            return (wages + wages * average) / 2.0 * job.years * 0.01 + money / job.annuity_months

    assert last == years[-1]
    for variable in (base, index_sum, account, pension):
        system.add_variable(variable)
    return system


def prepare(job: Job) -> Callable[[], Float]:
    """The system is built once; a simulation with its inputs is made in each run.

    ``max_spiral_loops`` must be raised: with the default of 1 a chain of years returns defaults, without a word, and
    the account comes out too small.
    """
    system = _system(job)
    bases = job.bases.astype(np.float32)  # OpenFisca holds float32; converted outside the measured time
    last = str(job.first_year + job.years - 1)

    def run() -> Float:
        simulation = SimulationBuilder().build_default_simulation(system, count=job.people)
        simulation.max_spiral_loops = job.years + 1
        for y in range(job.years):
            simulation.set_input("base", str(job.first_year + y), bases[y])
        return np.asarray(simulation.calculate("pension", last), dtype=np.float64)

    return run
