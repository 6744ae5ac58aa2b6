"""Measurements of speed and memory on a fixed synthetic cohort: ``python -m benchmarks``."""
