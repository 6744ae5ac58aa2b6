"""The rules in force, one file an act, as scalar functions that read like the article.

Each function is one lazily compiled ufunc: kernels call it on scalars, an analyst on scalars, arrays or Series, and
the statement prints its registered formula with the numbers of the trace.
"""
