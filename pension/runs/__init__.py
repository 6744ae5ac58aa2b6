"""A run over many people from input to output: blocks, parts, resuming, aggregates, and what stands in a row."""
