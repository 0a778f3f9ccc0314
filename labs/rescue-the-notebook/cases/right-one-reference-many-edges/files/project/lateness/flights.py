import numpy as np
import pandas as pd


def clock_to_minutes(clock: pd.Series) -> pd.Series:
    values = clock.to_numpy(dtype=float)
    return pd.Series(np.mod(np.floor(values / 100) * 60 + np.mod(values, 100), 1440))


def in_month(flights: pd.DataFrame, month: str) -> pd.DataFrame:
    start = pd.Timestamp(month + "-01", tz="America/New_York")
    end = start + pd.offsets.MonthBegin(1)
    when = pd.to_datetime(flights["time_hour"]).array
    return flights.iloc[np.flatnonzero((when >= start) & (when < end))]


def features(flights: pd.DataFrame) -> pd.DataFrame:
    flights = flights.copy().reset_index(drop=True)
    flights["hour"] = clock_to_minutes(flights["sched_dep_time"]) // 60
    flights["weekday"] = pd.to_datetime(flights["time_hour"]).dt.tz_convert("US/Eastern").dt.weekday
    flights["late"] = flights["arr_delay"] > 15
    columns = ["carrier", "origin", "dest", "hour", "weekday", "distance", "late"]
    return flights.dropna(subset="arr_delay")[columns]


def daily(flights: pd.DataFrame) -> pd.DataFrame:
    when = pd.to_datetime(flights["time_hour"]).dt.tz_convert("US/Eastern")
    keys = [when.dt.date.astype(str).rename("date").to_numpy(), flights["origin"].to_numpy()]
    flights = flights.set_axis(pd.MultiIndex.from_arrays(keys, names=["date", "origin"]))
    by_day = flights.groupby(level=["date", "origin"])
    result = by_day.size().to_frame("scheduled")
    result["cancelled"] = result["scheduled"] - by_day["dep_time"].count()
    result["arrived"] = by_day["arr_delay"].count()
    result["late"] = flights["arr_delay"].gt(15).groupby(level=["date", "origin"]).sum()
    result["late_share"] = (result["late"] / result["arrived"]).where(result["arrived"] != 0)
    small = flights["dep_time"].mod(2400).lt(400)
    result["small_hours"] = small.groupby(level=["date", "origin"]).sum()
    return result.reset_index()
