"""How this lab's tables are read, and how far chance could have moved a mean. Open it, use it as it is."""

import numpy as np
import pandas as pd


def read_flights(path):
    """A CSV file's flights, `date` as a date."""
    return pd.read_csv(path, parse_dates=["date"])


def read_outcomes(path):
    """A CSV file's outcomes, `known_on` as a date and `late` as True or False."""
    return pd.read_csv(path, parse_dates=["known_on"])


def interval(values, days, draws=2000, seed=0):
    """The 95 % interval of a mean: two numbers, from a bootstrap over days.

    `values` has one number for each flight and `days` the flight's day. Flights of one day share their weather, so
    whole days are drawn, with replacement, as in the lab "An honest baseline".
    """
    table = pd.DataFrame({"value": np.asarray(values, float), "day": np.asarray(days)})
    by_day = table.groupby("day")["value"].agg(["sum", "count"]).to_numpy()
    drawn = np.random.default_rng(seed).integers(len(by_day), size=(draws, len(by_day)))
    sums, counts = by_day[drawn].sum(axis=1).T
    low, high = np.percentile(sums / counts, [2.5, 97.5])
    return float(low), float(high)
