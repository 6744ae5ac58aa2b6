"""Dated values become dense arrays: parameter files, gap rules, life tables, and the packed copy kernels read."""
