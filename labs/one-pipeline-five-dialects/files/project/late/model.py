"""A table of shares: how often flights of an hour were late, drawn towards the share of all."""

import csv
from collections import defaultdict
from pathlib import Path

WEIGHT = 20  # an hour with few flights says little: so many flights of the average are added to each


def read(path):
    """The rows of a table of flights, as dicts of whole numbers and the airport's code."""
    with Path(path).open(newline="") as file:
        return [
            {
                "day": int(row["day"]),
                "hour": int(row["hour"]),
                "origin": row["origin"],
                "late": int(row["late"]),
            }
            for row in csv.DictReader(file)
        ]


def fit(rows):
    """Learn the shares of late flights by hour; returns the model, a dict that JSON can hold."""
    share = sum(row["late"] for row in rows) / len(rows)
    count, late = defaultdict(int), defaultdict(int)
    for row in rows:
        count[row["hour"]] += 1
        late[row["hour"]] += row["late"]
    hours = {str(hour): (late[hour] + WEIGHT * share) / (count[hour] + WEIGHT) for hour in sorted(count)}
    return {"share": share, "hours": hours}


def predict(model, row):
    """The chance that a flight is late."""
    return model["hours"].get(str(row["hour"]), model["share"])


def brier(model, rows):
    """The mean squared error of the chances: smaller is better."""
    return sum((predict(model, row) - row["late"]) ** 2 for row in rows) / len(rows)


def in_words(chance):
    """The chance as passengers are told it."""
    return f"{round(100 * chance)} in 100 flights like this one are late"
