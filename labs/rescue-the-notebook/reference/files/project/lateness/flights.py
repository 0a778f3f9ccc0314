"""What the raw rows of flights mean: clock times, New York's days, who was late."""

import pandas as pd

LATE_AFTER = 15  # minutes


def clock_to_minutes(clock):
    """Minutes after midnight of clock times such as 517 for 5:17; 2400 is midnight, missing stays missing."""
    return clock // 100 % 24 * 60 + clock % 100


def _new_york(flights):
    """The scheduled hour of departure, in New York's time."""
    return pd.to_datetime(flights["time_hour"], utc=True).dt.tz_convert("America/New_York")


def in_month(flights, month):
    """The flights whose scheduled departure is in a month such as "2013-03", in New York's time."""
    return flights[(_new_york(flights).dt.strftime("%Y-%m") == month).to_numpy()]


def features(flights):
    """One row for each flight that arrived: what was known before it left, and whether it was late."""
    arrived = flights[flights["arr_delay"].notna().to_numpy()].reset_index(drop=True)
    return pd.DataFrame(
        {
            "carrier": arrived["carrier"],
            "origin": arrived["origin"],
            "dest": arrived["dest"],
            "hour": clock_to_minutes(arrived["sched_dep_time"]) // 60,
            "weekday": _new_york(arrived).dt.dayofweek,
            "distance": arrived["distance"],
            "late": arrived["arr_delay"] > LATE_AFTER,
        }
    )


def daily(flights):
    """One row for each New York day and airport: how many flights, and what became of them."""
    flights = flights.reset_index(drop=True)
    facts = pd.DataFrame(
        {
            "date": _new_york(flights).dt.strftime("%Y-%m-%d"),
            "origin": flights["origin"],
            "scheduled": 1,
            "cancelled": flights["dep_time"].isna(),
            "arrived": flights["arr_delay"].notna(),
            "late": flights["arr_delay"] > LATE_AFTER,
            "small_hours": clock_to_minutes(flights["dep_time"]) < 4 * 60,
        }
    )
    days = facts.groupby(["date", "origin"], as_index=False).sum()
    days.insert(6, "late_share", days["late"] / days["arrived"])
    return days
