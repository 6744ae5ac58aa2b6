"""How far a result depends on what was assumed: one thing at a time, draws, two sets of parameters."""
