"""Write the lab's data: `python data.py OUT`. The same bytes each time."""

import json
import sys
from pathlib import Path

from mlops_labs.flights import LATE_AFTER, scheduled

PARTS = {"quiet": (6, 7), "blizzard": (8, 9), "after": (10, 11)}  # days of February 2013


def result(row):
    """What became of a flight."""
    if row.dep_time != row.dep_time:  # missing
        return "cancelled"
    return "late" if row.arr_delay > LATE_AFTER else "flown"


def main(out):
    table = scheduled([2]).sort_values(["day", "sched_dep_time"], kind="stable")
    told = {}
    for name, days in PARTS.items():
        rows = table[table["day"].isin(days)].itertuples()
        told[name] = [[row.origin, result(row), row.day] for row in rows]
    folder = Path(out) / "checker"
    folder.mkdir(parents=True)
    (folder / "february.json").write_text(json.dumps(told), encoding="utf-8")


main(sys.argv[1])
