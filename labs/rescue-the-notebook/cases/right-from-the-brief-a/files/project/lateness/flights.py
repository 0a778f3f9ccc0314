"""The rules of the Monday numbers, as functions on tables of flights.

Tables are what ``pandas.read_csv`` makes of a month of flights. No function changes what it is given,
and none looks at the row index.
"""

import pandas as pd

NEW_YORK = "America/New_York"
LATE_AFTER = 15  # minutes; a flight is late when it arrives more than that after its time
SMALL_HOURS_END = 4 * 60  # minutes after midnight


def _new_york_time(flights):
    """Scheduled hour of departure by New York's clock, as a Series of times."""
    return pd.to_datetime(flights["time_hour"], utc=True).dt.tz_convert(NEW_YORK)


def clock_to_minutes(clock):
    """Minutes after midnight for clock times such as 517 (5:17) or 2400 (midnight)."""
    return (clock // 100 * 60 + clock % 100) % (24 * 60)


def in_month(flights, month):
    """The flights whose scheduled departure is, in New York, in `month` ("2013-03")."""
    wanted = _new_york_time(flights).dt.strftime("%Y-%m") == month
    return flights[wanted.to_numpy(dtype=bool)].copy()


def features(flights):
    """What a model may learn from: one row for each flight that arrived."""
    arrived = flights[flights["arr_delay"].notna().to_numpy()].reset_index(drop=True)
    return pd.DataFrame(
        {
            "carrier": arrived["carrier"],
            "origin": arrived["origin"],
            "dest": arrived["dest"],
            "hour": clock_to_minutes(arrived["sched_dep_time"]) // 60,
            "weekday": _new_york_time(arrived).dt.day_of_week,
            "distance": arrived["distance"],
            "late": arrived["arr_delay"] > LATE_AFTER,
        }
    )


def daily(flights):
    """The table for the Monday mail: one row for each day and origin."""
    flights = flights.reset_index(drop=True)
    left = clock_to_minutes(flights["dep_time"])
    marks = pd.DataFrame(
        {
            "date": _new_york_time(flights).dt.strftime("%Y-%m-%d"),
            "origin": flights["origin"],
            "scheduled": 1,
            "cancelled": flights["dep_time"].isna().astype(int),
            "arrived": flights["arr_delay"].notna().astype(int),
            "late": (flights["arr_delay"] > LATE_AFTER).astype(int),
            "small_hours": (left < SMALL_HOURS_END).astype(int),
        }
    )
    table = marks.groupby(["date", "origin"], as_index=False, sort=True).sum()
    table.insert(table.columns.get_loc("small_hours"), "late_share", table["late"] / table["arrived"])
    return table
