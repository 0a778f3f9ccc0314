from __future__ import annotations

import numpy as np
import pandas as pd

FEATURES = ["carrier", "origin", "dest", "hour", "weekday", "distance", "late"]


def clock_to_minutes(clock: pd.Series) -> pd.Series:
    hours, minutes = np.divmod(clock.to_numpy(dtype="float64"), 100)
    return pd.Series(hours % 24 * 60 + minutes, index=clock.index, name=clock.name)


def _local(flights: pd.DataFrame) -> pd.DatetimeIndex:
    """When each flight was to leave, by New York's clock; an index of times, with no labels to align on."""
    return pd.DatetimeIndex(pd.to_datetime(flights["time_hour"].to_numpy(), utc=True)).tz_convert("America/New_York")


def in_month(flights: pd.DataFrame, month: str) -> pd.DataFrame:
    first = pd.Timestamp(f"{month}-01", tz="America/New_York")
    after = first + pd.DateOffset(months=1)
    when = _local(flights)
    return flights.loc[(when >= first) & (when < after)]


def features(flights: pd.DataFrame) -> pd.DataFrame:
    return (
        flights.reset_index(drop=True)
        .assign(
            hour=lambda t: t["sched_dep_time"] // 100 % 24,
            weekday=lambda t: _local(t).day_of_week,
            late=lambda t: t["arr_delay"].gt(15),
        )
        .dropna(subset=["arr_delay"])[FEATURES]
    )


def daily(flights: pd.DataFrame) -> pd.DataFrame:
    # Another table, in which nothing of the labels of the old one is left.
    marks = pd.DataFrame(
        {
            "date": _local(flights).strftime("%Y-%m-%d"),
            "origin": flights["origin"].to_numpy(),
            "cancelled": flights["dep_time"].isna().to_numpy(),
            "arrived": flights["arr_delay"].notna().to_numpy(),
            "late": flights["arr_delay"].gt(15).to_numpy(),
            "small": clock_to_minutes(flights["dep_time"]).lt(240).to_numpy(),
        }
    )
    table = marks.groupby(["date", "origin"]).agg(
        scheduled=("late", "size"),
        cancelled=("cancelled", "sum"),
        arrived=("arrived", "sum"),
        late=("late", "sum"),
        small_hours=("small", "sum"),
    )
    share = table["late"] / table["arrived"].where(table["arrived"] > 0)
    table.insert(4, "late_share", share)
    return table.reset_index()
