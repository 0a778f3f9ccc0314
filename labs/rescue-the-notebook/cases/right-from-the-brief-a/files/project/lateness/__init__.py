"""The Monday numbers: which flights out of New York were late."""
