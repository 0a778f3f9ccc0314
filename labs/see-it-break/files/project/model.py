"""Given, do not change: how likely a flight is to be late, by the hour that it leaves. Grading brings another one."""


def score(flight):
    """Return the probability that a flight is late.

    Args:
        flight: a dict with "origin" and "hour".
    """
    return round(0.08 + 0.015 * max(0, flight["hour"] - 5), 3)
