"""Which flights out of New York will be late: a small model, and what its pipeline needs of it."""
