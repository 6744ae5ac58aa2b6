"""The job in a bare NumPy loop over years, in place: not a peer, but what the array libraries among them stand on."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.peers.job import INTEREST_MONTHS, Float, Job

PACKAGE = "numpy"


def prepare(job: Job) -> Callable[[], Float]:
    """Two buffers, four passes a year."""

    def run() -> Float:
        account, index, part = np.zeros(job.people), np.zeros(job.people), np.empty(job.people)
        for y in range(job.years):
            rate = job.book_rate[y]
            account *= 1.0 + rate
            account += np.multiply(job.bases[y], job.account_rate[y] * (12.0 + rate / 12.0 * INTEREST_MONTHS), out=part)
            index += np.multiply(job.bases[y], 1.0 / job.reference_wage[y], out=part)
        account *= (1.0 + job.award_rate / 12.0 * job.award_months) / job.annuity_months
        index *= job.calculation_base / 2.0 * 0.01
        index += job.calculation_base / 2.0 * job.years * 0.01
        return index + account

    return run
