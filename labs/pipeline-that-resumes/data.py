"""Write the lab's data: `python data.py OUT`. The same bytes each time."""

import sys
from pathlib import Path

from mlops_labs.flights import scheduled

COLUMNS = ["date", "hour", "carrier", "flight", "origin", "dest", "arr_delay"]


def month_of(number, rows):
    """A reproducible sample of a month's flights, in the order of the days, cancelled ones among them."""
    planned = scheduled([number]).sample(rows, random_state=number).sort_index()
    dates = [f"2013-{number:02d}-{day:02d}" for day in planned["day"]]
    return planned.assign(date=dates)[COLUMNS]


def main(out):
    for number in range(1, 13):
        learners = number <= 3
        folder = out / "learner/project/source" if learners else out / "checker/pool"
        folder.mkdir(parents=True, exist_ok=True)
        table = month_of(number, 2_500)
        table.to_csv(folder / f"2013-{number:02d}.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
