"""A submission in, a verdict out: rebuild, run, check, record."""
