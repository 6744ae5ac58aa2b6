"""The job in heavylight: a model of memoised methods over ``t``, on arrays of all people at once."""

from __future__ import annotations

from collections.abc import Callable

import heavylight
import numpy as np

from benchmarks.peers.job import INTEREST_MONTHS, Float, Job

PACKAGE = "heavylight"


class Pension(heavylight.Model):  # type: ignore[misc]
    """``t`` counts years from the first."""

    job: Job

    def base(self, t):
        return self.job.bases[t]

    def index_sum(self, t):
        index = self.base(t) / self.job.reference_wage[t]
        return index if t == 0 else self.index_sum(t - 1) + index

    def account(self, t):
        rate = self.job.book_rate[t]
        paid = self.job.account_rate[t] * (12.0 + rate / 12.0 * INTEREST_MONTHS) * self.base(t)
        return paid if t == 0 else self.account(t - 1) * (1.0 + rate) + paid

    def pension(self):
        job, last = self.job, self.job.years - 1
        money = self.account(last) * (1.0 + job.award_rate / 12.0 * job.award_months)
        average = self.index_sum(last) / job.years
        base = job.calculation_base
        return (base + base * average) / 2.0 * job.years * 0.01 + money / job.annuity_months


def prepare(job: Job) -> Callable[[], Float]:
    """A fresh model a run: a model keeps all it has computed."""
    return lambda: np.asarray(Pension(job=job).pension())
