"""python -m lateness INPUT MONTH FOLDER"""

import sys
from pathlib import Path

import pandas as pd

from lateness.flights import daily, features, in_month


def main(arguments):
    if len(arguments) != 3:
        raise SystemExit("usage: python -m lateness INPUT MONTH FOLDER")
    source, month, folder = Path(arguments[0]), arguments[1], Path(arguments[2])

    if not source.is_file():
        raise SystemExit(f"there is no file {source}")
    try:
        flights = in_month(pd.read_csv(source), month)
    except pd.errors.EmptyDataError:
        raise SystemExit(f"{source} is empty") from None
    if flights.empty:
        raise SystemExit(f"{source} has no flight of the month {month}")

    tables = {"features.csv": features(flights), "daily.csv": daily(flights)}
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / name, index=False)


if __name__ == "__main__":
    main(sys.argv[1:])
