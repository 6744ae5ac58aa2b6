"""A corpus of portability cases worked by hand, and the mutations of the program that must fail them."""
