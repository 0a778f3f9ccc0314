"""The work of each step, given: do not change this file, your pipeline is graded with another copy of it.

All four functions are slow in real life, and `fetch` is billed by the call.
"""

from pathlib import Path

import pandas as pd

SOURCE = Path(__file__).resolve().parent / "source"


class SourceError(Exception):
    """The source cannot give what was asked for."""


def fetch(month):
    """The flights planned in a month ("2013-02"), as a table; raises SourceError where there are none."""
    path = SOURCE / f"{month}.csv"
    if not path.exists():
        raise SourceError(f"the source has no flights of {month}")
    raw = pd.read_csv(path)
    if "arr_delay" not in raw.columns:
        raise SourceError(f"the flights of {month} came without arr_delay")
    return raw


def clean(raw):
    """The flights that arrived, with the columns date, carrier, origin, hour and late (0 or 1)."""
    arrived = raw[raw["arr_delay"].notna()]
    late = (arrived["arr_delay"] > 15).astype(int)
    return arrived[["date", "carrier", "origin", "hour"]].assign(late=late).reset_index(drop=True)


def fit(rows):
    """A model of a table as `clean` makes it: the share of late flights by hour, as a dict that JSON can hold."""
    _as_clean_makes_it(rows)
    share = rows["late"].mean()
    hours = rows.groupby("hour")["late"].agg(["sum", "count"])
    by_hour = (hours["sum"] + 20 * share) / (hours["count"] + 20)
    return {
        "share": round(float(share), 6),
        "hours": {str(h): round(float(v), 6) for h, v in by_hour.items()},
    }


def score(model, rows):
    """The mean squared error of a model's shares on a table (Brier score, lower is better), six decimals."""
    _as_clean_makes_it(rows)
    said = rows["hour"].map(lambda hour: model["hours"].get(str(hour), model["share"]))
    return round(float(((said - rows["late"]) ** 2).mean()), 6)


def _as_clean_makes_it(rows):
    lacking = {"date", "hour", "late"} - set(rows.columns)
    if lacking:
        raise ValueError(
            f"a table as clean makes it has the column {min(lacking)}; take it out of the warehouse too"
        )
