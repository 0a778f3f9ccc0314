"""The rules once more, as slowly and plainly as they can be written."""

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def minutes(clock):
    if math.isnan(clock):
        return None
    hour, minute = divmod(int(clock), 100)
    return 60 * (0 if hour == 24 else hour) + minute


def new_york(text):
    return datetime.fromisoformat(text).astimezone(UTC).astimezone(ZoneInfo("America/New_York"))


def features(rows):
    return [
        [row["carrier"], row["origin"], row["dest"], minutes(row["sched_dep_time"]) // 60]
        + [new_york(row["time_hour"]).weekday(), row["distance"], row["arr_delay"] > 15]
        for row in rows
        if not math.isnan(row["arr_delay"])
    ]


def daily(rows):
    days = sorted({(new_york(row["time_hour"]).strftime("%Y-%m-%d"), row["origin"]) for row in rows})
    result = []
    for day, origin in days:
        mine = [
            row
            for row in rows
            if row["origin"] == origin and new_york(row["time_hour"]).strftime("%Y-%m-%d") == day
        ]
        arrived = [row["arr_delay"] for row in mine if not math.isnan(row["arr_delay"])]
        late = len([delay for delay in arrived if delay > 15])
        clocks = [minutes(row["dep_time"]) for row in mine]
        share = late / len(arrived) if arrived else None
        small = len([clock for clock in clocks if clock is not None and clock < 240])
        result.append([day, origin, len(mine), clocks.count(None), len(arrived), late, share, small])
    return result
