"""`python -m lateness INPUT MONTH FOLDER`: write features.csv and daily.csv of one month."""

import sys
from pathlib import Path

import pandas as pd

from lateness.flights import daily, features, in_month


def main(arguments):
    """Read, pick the month, write both tables."""
    if len(arguments) != 3:
        raise SystemExit("usage: python -m lateness INPUT MONTH FOLDER")
    source, month, folder = Path(arguments[0]), arguments[1], Path(arguments[2])
    if not source.is_file():
        raise SystemExit(f"there is no file {source}")
    flights = in_month(pd.read_csv(source), month)
    if flights.empty:
        raise SystemExit(f"{source} has no flights of {month}")
    folder.mkdir(parents=True, exist_ok=True)
    features(flights).to_csv(folder / "features.csv", index=False)
    daily(flights).to_csv(folder / "daily.csv", index=False)


if __name__ == "__main__":
    main(sys.argv[1:])
