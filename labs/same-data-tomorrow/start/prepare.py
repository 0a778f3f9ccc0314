"""First step: split data/flights.csv into prepared/train.csv and prepared/validate.csv."""

import csv
from pathlib import Path

import yaml


def split(flights, validate_days):
    """Flights to train on and flights to score on: of all dates in the file, the last ones are for scoring."""
    last = sorted({flight["date"] for flight in flights})[-validate_days:]
    train = [flight for flight in flights if flight["date"] not in last]
    return train, [flight for flight in flights if flight["date"] in last]


def write(path, flights):
    with Path(path).open("w", newline="") as file:
        table = csv.DictWriter(file, list(flights[0]), lineterminator="\n")
        table.writeheader()
        table.writerows(flights)


if __name__ == "__main__":
    params = yaml.safe_load(Path("params.yaml").read_text())["prepare"]
    with Path("data/flights.csv").open(newline="") as file:
        train, validate = split(list(csv.DictReader(file)), params["validate_days"])
    Path("prepared").mkdir(exist_ok=True)
    write("prepared/train.csv", train)
    write("prepared/validate.csv", validate)
    print(f"{len(train)} flights to train on, {len(validate)} to score on")
