"""Write the lab's data: `python data.py OUT`. The same bytes each time."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from mlops_labs.flights import flights

PLAN = ["date", "weekday", "hour", "minute", "carrier", "origin", "dest", "distance"]
AFTERWARDS = ["dep_delay", "minutes_made_up", "arr_delay", "airport_late_share", "late"]
EACH_MONTH = 4_000


def with_afterwards(table):
    """The flights with two more columns that are known only when the day is over."""
    by_airport = table.groupby(["date", "origin"])["late"]
    return table.assign(
        minutes_made_up=table["dep_delay"] - table["arr_delay"],
        airport_late_share=by_airport.transform("mean").round(3),
    )


def sample(whole, months, seed, first_id):
    """As many flights of each month, in an order that says nothing, with numbers that say nothing."""
    chosen = pd.concat(
        [whole[whole["month"] == month].sample(EACH_MONTH, random_state=seed + month) for month in months]
    )
    chosen = chosen.sample(len(chosen), random_state=seed)
    ids = first_id + np.random.default_rng(seed).permutation(len(chosen))
    return chosen.assign(flight_id=ids)[["flight_id", *PLAN, *AFTERWARDS]]


def write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, lineterminator="\n")


def main(out):
    whole = with_afterwards(flights())
    write(sample(whole, range(1, 6), 1, 100_000), out / "learner/data/flights.csv")
    # What graded tables are drawn from: other flights of the spring, and months that the learner has not.
    write(sample(whole, range(3, 13), 2, 500_000), out / "checker/pool.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
