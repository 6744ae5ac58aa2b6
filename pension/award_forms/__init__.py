"""The award form (核定表) as a province's agency prints it."""
