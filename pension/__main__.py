"""``python -m pension``."""

from pension.cli import main

main()
