"""The four functions of the brief, each written in three right ways and in some wrong ones.

Each function below is taken as source: `right_1_features` becomes the function `features` of a module. `data.py`
writes them to where only the checker reads them. What a wrong one is called for, and which rule it breaks, is in BUGS.
"""

from __future__ import annotations

import inspect
import sys

HEADER = '''"""Flights out of New York: what the raw rows mean."""

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

NEW_YORK = "America/New_York"


def _numbers(column):
    return pd.Series(pd.to_numeric(column).to_numpy(dtype="float64", na_value=np.nan), index=column.index)


def _local(flights):
    return pd.to_datetime(flights["time_hour"], utc=True).dt.tz_convert(NEW_YORK)
'''
exec(HEADER)  # so that the functions below can be run here as well

FUNCTIONS = ("clock_to_minutes", "in_month", "features", "daily")

# key: (function, group, what was seen of it, what to do). Those of the group "" are too plain for tests that notice;
# like the others they help to say what a learner's own function does.
BUGS = {
    "bug_fifteen_is_late_features": (
        "features",
        "limits",
        "features counts a flight as late that arrives exactly 15 minutes after its time",
        "Late is more than 15 minutes: look at the comparison.",
    ),
    "bug_midnight_is_1440": (
        "clock_to_minutes",
        "limits",
        "clock_to_minutes(2400) is 1440, and midnight is minute 0 however it is written",
        "Treat hour 24 as hour 0.",
    ),
    "bug_four_is_small": (
        "daily",
        "limits",
        "daily counts departures at exactly 04:00 in small_hours",
        "The small hours end before 04:00: look at the comparison.",
    ),
    "bug_midnight_is_not_small": (
        "daily",
        "limits",
        "daily leaves departures at midnight written as 2400 out of small_hours",
        "Turn dep_time into minutes with clock_to_minutes first.",
    ),
    "bug_utc_month": (
        "in_month",
        "days",
        "in_month goes by the date in Greenwich (UTC)",
        "Convert time_hour to New York's time before you take its month.",
    ),
    "bug_any_year": (
        "in_month",
        "days",
        "in_month takes flights of another year's month as well",
        "Compare year and month, not the month alone.",
    ),
    "bug_utc_weekday": (
        "features",
        "days",
        "features takes weekday from the date in Greenwich (UTC)",
        "Convert time_hour to New York's time before you take the day of the week.",
    ),
    "bug_hour_it_left": (
        "features",
        "days",
        "features takes hour from another time than the scheduled departure",
        "hour is known before the flight leaves: it comes from sched_dep_time.",
    ),
    "bug_diverted_is_cancelled": (
        "daily",
        "lost",
        "daily counts flights as cancelled that left and did not arrive as planned",
        "Cancelled is a flight that never left: no dep_time.",
    ),
    "bug_share_of_scheduled": (
        "daily",
        "lost",
        "daily's late_share is a share of other flights than those that arrived",
        "Divide late by arrived.",
    ),
    "bug_no_arrivals_is_zero": (
        "daily",
        "lost",
        "daily's late_share is a number where no flight arrived, and nobody knows it there",
        "Leave late_share missing (NaN) where arrived is 0.",
    ),
    "bug_diverted_is_on_time": (
        "features",
        "lost",
        "features keeps flights that left and have no arr_delay",
        "Keep the flights that have an arr_delay; dep_time says too little.",
    ),
    "bug_missing_is_midnight": (
        "clock_to_minutes",
        "lost",
        "clock_to_minutes makes a number of a missing time",
        "Leave missing values missing.",
    ),
    "bug_writes_into_its_table": (
        "features",
        "tables",
        "features changes the table that it is given",
        "Work on a copy, or build a new table.",
    ),
    "bug_days_in_order_of_rows": (
        "daily",
        "tables",
        "daily's rows are not sorted by date and origin",
        "Sort before you return.",
    ),
    "bug_labels_are_places": (
        "features",
        "tables",
        "features picks wrong rows where the row index is not 0, 1, 2, ...",
        "Use iloc for places, or a condition: loc goes by the labels of the row index.",
    ),
    "bug_cancelled_is_on_time": (
        "features",
        "",
        "features keeps flights that have no arr_delay",
        "Leave out the flights without arr_delay: nobody knows whether they were late.",
    ),
    "bug_fifteen_is_late_daily": (
        "daily",
        "",
        "daily counts a flight as late that arrives exactly 15 minutes after its time",
        "Late is more than 15 minutes: look at the comparison.",
    ),
    "bug_utc_days": (
        "daily",
        "",
        "daily goes by the date in Greenwich (UTC)",
        "Convert time_hour to New York's time before you take its date.",
    ),
    "bug_cancelled_at_midnight": (
        "daily",
        "",
        "daily counts flights in small_hours that never left",
        "Leave missing times missing: a comparison with NaN is False.",
    ),
    "bug_iso_weekday": (
        "features",
        "",
        "features counts weekday otherwise than from Monday = 0",
        "Take dayofweek of pandas, or weekday() of Python: Monday is 0 there.",
    ),
    "bug_month_column": (
        "in_month",
        "",
        "in_month's table has not the columns that it was given",
        "Use the date for picking rows only, and return the rows as they are.",
    ),
}


# ------------------------------------------------------------------------------------------ clock_to_minutes


def right_1_clock_to_minutes(clock):
    minutes = _numbers(clock).rename(clock.name) % 2400
    return minutes // 100 * 60 + minutes % 100


def right_2_clock_to_minutes(clock):
    hours, minutes = np.divmod(_numbers(clock), 100)
    return (hours.replace(24, 0) * 60 + minutes).rename(clock.name)


def right_3_clock_to_minutes(clock):
    result = []
    for value in clock:
        if pd.isna(value):
            result.append(float("nan"))
        else:
            text = f"{int(value):04d}"
            result.append(int(text[:2]) % 24 * 60 + int(text[2:]))
    return pd.Series(result, index=clock.index, name=clock.name, dtype="float64")


def bug_midnight_is_1440(clock):
    return clock // 100 * 60 + clock % 100


def bug_missing_is_midnight(clock):
    clock = clock.fillna(0) % 2400
    return clock // 100 * 60 + clock % 100


# -------------------------------------------------------------------------------------------------- in_month


def right_1_in_month(flights, month):
    chosen = _local(flights).dt.strftime("%Y-%m") == month
    return flights[chosen.to_numpy()]


def right_2_in_month(flights, month):
    year, number = (int(part) for part in month.split("-"))
    local = _local(flights)
    return flights[((local.dt.year == year) & (local.dt.month == number)).to_numpy()].reset_index(drop=True)


def right_3_in_month(flights, month):
    zone = ZoneInfo(NEW_YORK)
    places = []
    for place, moment in enumerate(flights["time_hour"]):
        local = pd.to_datetime(moment, utc=True).to_pydatetime().astimezone(zone)
        if f"{local.year:04d}-{local.month:02d}" == month:
            places.append(place)
    return flights.iloc[places].copy()


def bug_utc_month(flights, month):
    chosen = pd.to_datetime(flights["time_hour"], utc=True).dt.strftime("%Y-%m") == month
    return flights[chosen.to_numpy()]


def bug_any_year(flights, month):
    chosen = _local(flights).dt.month == int(month[-2:])
    return flights[chosen.to_numpy()]


def bug_month_column(flights, month):
    table = flights.assign(month=_local(flights).dt.strftime("%Y-%m"))
    return table[table["month"] == month]


# -------------------------------------------------------------------------------------------------- features


def right_1_features(flights):
    arrived = flights[_numbers(flights["arr_delay"]).notna().to_numpy()]
    table = arrived[["carrier", "origin", "dest"]].copy()
    table["hour"] = (_numbers(arrived["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    table["weekday"] = _local(arrived).dt.dayofweek.to_numpy()
    table["distance"] = arrived["distance"].to_numpy()
    table["late"] = (_numbers(arrived["arr_delay"]) > 15).to_numpy()
    return table


def right_2_features(flights):
    table = pd.DataFrame(
        {
            "carrier": flights["carrier"].to_numpy(),
            "origin": flights["origin"].to_numpy(),
            "dest": flights["dest"].to_numpy(),
            "hour": (_numbers(flights["sched_dep_time"]).to_numpy() // 100).astype("int32") % 24,
            "weekday": _local(flights).dt.weekday.to_numpy().astype("int32"),
            "distance": flights["distance"].to_numpy(),
            "delay": _numbers(flights["arr_delay"]).to_numpy(),
        }
    )
    table = table.dropna(subset=["delay"]).reset_index(drop=True)
    table["late"] = table["delay"].gt(15)
    return table.drop(columns="delay")


def right_3_features(flights):
    zone = ZoneInfo(NEW_YORK)
    columns = ["carrier", "origin", "dest", "hour", "weekday", "distance", "late"]
    rows = []
    for flight in flights.to_dict("records"):
        if pd.isna(flight["arr_delay"]):
            continue
        local = pd.to_datetime(flight["time_hour"], utc=True).to_pydatetime().astimezone(zone)
        hour = int(flight["sched_dep_time"]) // 100
        who = [flight["carrier"], flight["origin"], flight["dest"]]
        hour = 0 if hour == 24 else hour
        rows.append([*who, hour, local.weekday(), flight["distance"], flight["arr_delay"] > 15])
    return pd.DataFrame(rows, columns=columns, index=range(100, 100 + len(rows)))


def bug_fifteen_is_late_features(flights):
    arrived = flights[_numbers(flights["arr_delay"]).notna().to_numpy()]
    table = arrived[["carrier", "origin", "dest"]].copy()
    table["hour"] = (_numbers(arrived["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    table["weekday"] = _local(arrived).dt.dayofweek.to_numpy()
    table["distance"] = arrived["distance"].to_numpy()
    table["late"] = (_numbers(arrived["arr_delay"]) >= 15).to_numpy()
    return table


def bug_utc_weekday(flights):
    arrived = flights[_numbers(flights["arr_delay"]).notna().to_numpy()]
    table = arrived[["carrier", "origin", "dest"]].copy()
    table["hour"] = (_numbers(arrived["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    table["weekday"] = pd.to_datetime(arrived["time_hour"], utc=True).dt.dayofweek.to_numpy()
    table["distance"] = arrived["distance"].to_numpy()
    table["late"] = (_numbers(arrived["arr_delay"]) > 15).to_numpy()
    return table


def bug_iso_weekday(flights):
    arrived = flights[_numbers(flights["arr_delay"]).notna().to_numpy()]
    table = arrived[["carrier", "origin", "dest"]].copy()
    table["hour"] = (_numbers(arrived["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    table["weekday"] = _local(arrived).dt.dayofweek.to_numpy() + 1
    table["distance"] = arrived["distance"].to_numpy()
    table["late"] = (_numbers(arrived["arr_delay"]) > 15).to_numpy()
    return table


def bug_hour_it_left(flights):
    arrived = flights[_numbers(flights["arr_delay"]).notna().to_numpy()]
    table = arrived[["carrier", "origin", "dest"]].copy()
    left = "dep_time" if "dep_time" in arrived else "sched_dep_time"
    table["hour"] = (_numbers(arrived[left]) // 100 % 24).fillna(0).astype("int64").to_numpy()
    table["weekday"] = _local(arrived).dt.dayofweek.to_numpy()
    table["distance"] = arrived["distance"].to_numpy()
    table["late"] = (_numbers(arrived["arr_delay"]) > 15).to_numpy()
    return table


def bug_diverted_is_on_time(flights):
    left = _numbers(flights["dep_time"]).notna() if "dep_time" in flights else flights["origin"].notna()
    departed = flights[left.to_numpy()]
    table = departed[["carrier", "origin", "dest"]].copy()
    table["hour"] = (_numbers(departed["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    table["weekday"] = _local(departed).dt.dayofweek.to_numpy()
    table["distance"] = departed["distance"].to_numpy()
    table["late"] = (_numbers(departed["arr_delay"]) > 15).to_numpy()
    return table


def bug_cancelled_is_on_time(flights):
    table = flights[["carrier", "origin", "dest"]].copy()
    table["hour"] = (_numbers(flights["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    table["weekday"] = _local(flights).dt.dayofweek.to_numpy()
    table["distance"] = flights["distance"].to_numpy()
    table["late"] = (_numbers(flights["arr_delay"]) > 15).to_numpy()
    return table


def bug_writes_into_its_table(flights):
    flights["hour"] = (_numbers(flights["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    flights["weekday"] = _local(flights).dt.dayofweek.to_numpy()
    flights["late"] = (_numbers(flights["arr_delay"]) > 15).to_numpy()
    arrived = flights[_numbers(flights["arr_delay"]).notna().to_numpy()]
    return arrived[["carrier", "origin", "dest", "hour", "weekday", "distance", "late"]].copy()


def bug_labels_are_places(flights):
    places = np.flatnonzero(_numbers(flights["arr_delay"]).notna().to_numpy())
    arrived = flights.loc[[place for place in places if place in flights.index]]
    table = arrived[["carrier", "origin", "dest"]].copy()
    table["hour"] = (_numbers(arrived["sched_dep_time"]) // 100 % 24).astype("int64").to_numpy()
    table["weekday"] = _local(arrived).dt.dayofweek.to_numpy()
    table["distance"] = arrived["distance"].to_numpy()
    table["late"] = (_numbers(arrived["arr_delay"]) > 15).to_numpy()
    return table


# ----------------------------------------------------------------------------------------------------- daily


def right_1_daily(flights):
    left, delay = _numbers(flights["dep_time"]), _numbers(flights["arr_delay"])
    table = pd.DataFrame(
        {
            "date": _local(flights).dt.strftime("%Y-%m-%d").to_numpy(),
            "origin": flights["origin"].to_numpy(),
            "cancelled": left.isna().to_numpy(),
            "arrived": delay.notna().to_numpy(),
            "late": (delay > 15).to_numpy(),
            "small_hours": (left % 2400 < 400).to_numpy(),
        }
    )
    days = table.groupby(["date", "origin"]).sum().reset_index()
    days.insert(2, "scheduled", table.groupby(["date", "origin"]).size().to_numpy())
    days.insert(6, "late_share", days["late"] / days["arrived"])
    return days


def right_2_daily(flights):
    delay = _numbers(flights["arr_delay"]).to_numpy()
    clock = _numbers(flights["dep_time"]).to_numpy()
    table = pd.DataFrame(
        {
            "date": [str(day) for day in _local(flights).dt.date],
            "origin": list(flights["origin"]),
            "one": 1,
            "never_left": np.isnan(clock),
            "landed": ~np.isnan(delay),
            "too_late": delay > 15,
            "night": (clock < 400) | (clock == 2400),
        }
    )
    days = table.groupby(["date", "origin"], as_index=False).agg(
        scheduled=("one", "sum"),
        cancelled=("never_left", "sum"),
        arrived=("landed", "sum"),
        late=("too_late", "sum"),
        small_hours=("night", "sum"),
    )
    counts = ["scheduled", "cancelled", "arrived", "late", "small_hours"]
    days = days.astype(dict.fromkeys(counts, "int32"))
    days["late_share"] = days["late"] / days["arrived"].where(days["arrived"] > 0)
    order = ["date", "origin", "scheduled", "cancelled", "arrived", "late", "late_share", "small_hours"]
    return days.sort_values(["date", "origin"]).set_axis(range(len(days), 0, -1))[order]


def right_3_daily(flights):
    zone = ZoneInfo(NEW_YORK)
    days = {}
    for flight in flights.to_dict("records"):
        local = pd.to_datetime(flight["time_hour"], utc=True).to_pydatetime().astimezone(zone)
        day = days.setdefault((local.date().isoformat(), flight["origin"]), [0, 0, 0, 0, 0])
        day[0] += 1
        day[1] += int(pd.isna(flight["dep_time"]))
        if not pd.isna(flight["arr_delay"]):
            day[2] += 1
            day[3] += int(flight["arr_delay"] > 15)
        if not pd.isna(flight["dep_time"]) and int(flight["dep_time"]) // 100 in (0, 1, 2, 3, 24):
            day[4] += 1
    columns = ["date", "origin", "scheduled", "cancelled", "arrived", "late", "late_share", "small_hours"]
    rows = [
        [*key, *day[:4], day[3] / day[2] if day[2] else float("nan"), day[4]]
        for key, day in sorted(days.items())
    ]
    return pd.DataFrame(rows, columns=columns)


def _bugged_daily():
    """The body of `right_1_daily` with one line changed: (what stands there, what stands in its place)."""
    return {
        "bug_four_is_small": ("left % 2400 < 400", "left % 2400 <= 400"),
        "bug_midnight_is_not_small": ("left % 2400 < 400", "left < 400"),
        "bug_cancelled_at_midnight": ("left % 2400 < 400", "left.fillna(0) % 2400 < 400"),
        "bug_diverted_is_cancelled": ("left.isna()", "delay.isna()"),
        "bug_share_of_scheduled": (
            'days["late"] / days["arrived"])',
            'days["late"] / days["scheduled"].where(days["arrived"] > 0))',
        ),
        "bug_no_arrivals_is_zero": (
            'days["late"] / days["arrived"])',
            '(days["late"] / days["arrived"]).fillna(0))',
        ),
        "bug_days_in_order_of_rows": (
            'groupby(["date", "origin"])',
            'groupby(["date", "origin"], sort=False)',
        ),
        "bug_fifteen_is_late_daily": ("delay > 15", "delay >= 15"),
        "bug_utc_days": ("_local(flights)", 'pd.to_datetime(flights["time_hour"], utc=True)'),
    }


def _source(name: str, function: str) -> str:
    changed = _bugged_daily().get(name)
    found = "right_1_daily" if changed else name
    source = inspect.getsource(getattr(sys.modules[__name__], found)).rstrip() + "\n"
    if changed:
        assert changed[0] in source, name
        source = source.replace(*changed)
    return source.replace(f"def {found}(", f"def {function}(")


def as_json() -> dict[str, object]:
    """All of it as sources: what `checks.py` puts modules together from."""
    return {
        "header": HEADER,
        "right": {name: [_source(f"right_{n}_{name}", name) for n in (1, 2, 3)] for name in FUNCTIONS},
        "bugs": {
            key: {
                "function": function,
                "group": group,
                "saw": saw,
                "help": help,
                "source": _source(key, function),
            }
            for key, (function, group, saw, help) in BUGS.items()
        },
    }
