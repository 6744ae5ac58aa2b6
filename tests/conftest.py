"""The package is compiled in the tests also where the first of them is a command that could do without."""

import pension._compile  # noqa: F401
