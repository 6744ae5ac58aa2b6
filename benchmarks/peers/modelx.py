"""The job in modelx: a space of cells over ``t``, on arrays of all people at once."""

from __future__ import annotations

from collections.abc import Callable

import modelx
import numpy as np

from benchmarks.peers.job import INTEREST_MONTHS, Float, Job

PACKAGE = "modelx"


def prepare(job: Job) -> Callable[[], Float]:
    """The model is built once; each run clears what its cells keep and computes them again."""
    model = modelx.new_model("Pension")
    space = model.new_space("Person")
    space.job, space.interest_months = job, INTEREST_MONTHS

    @modelx.defcells(space=space)
    def index_sum(t):
        index = job.bases[t] / job.reference_wage[t]
        return index if t == 0 else index_sum(t - 1) + index

    @modelx.defcells(space=space)
    def account(t):
        rate = job.book_rate[t]
        paid = job.account_rate[t] * (12.0 + rate / 12.0 * interest_months) * job.bases[t]  # noqa: F821
        return paid if t == 0 else account(t - 1) * (1.0 + rate) + paid

    @modelx.defcells(space=space)
    def pension():
        last = job.years - 1
        money = account(last) * (1.0 + job.award_rate / 12.0 * job.award_months)
        average = index_sum(last) / job.years
        base = job.calculation_base
        return (base + base * average) / 2.0 * job.years * 0.01 + money / job.annuity_months

    def run() -> Float:
        model.clear_all()
        return np.asarray(space.pension())

    return run
