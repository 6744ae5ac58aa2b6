"""Synthetic people: careers calibrated to public aggregates, and the fixed cohort of the benchmark."""

from pension.cohorts.population import generate

__all__ = ["generate"]
