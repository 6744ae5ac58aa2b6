"""What an analyst hands in becomes histories: case files, long tables, nested tables, and directories of them."""
