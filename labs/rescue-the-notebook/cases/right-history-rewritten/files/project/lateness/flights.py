from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pandas as pd


def clock_to_minutes(clock):
    return clock.map(lambda value: (int(value) // 100 * 60 + int(value) % 100) % 1440, na_action="ignore")


def when(flight):
    utc = datetime.strptime(flight["time_hour"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return utc.astimezone(ZoneInfo("America/New_York"))


def records(flights):
    return flights.to_dict(orient="records")


def in_month(flights, month):
    keep = [when(flight).strftime("%Y-%m") == month for flight in records(flights)]
    return flights.loc[keep]


def is_late(flight):
    return flight["arr_delay"] > 15


def features(flights):
    found = []
    for flight in records(flights):
        if pd.notna(flight["arr_delay"]):
            row = {name: flight[name] for name in ("carrier", "origin", "dest")}
            row["hour"] = flight["sched_dep_time"] // 100 % 24
            row["weekday"] = when(flight).weekday()
            row["distance"] = flight["distance"]
            row["late"] = is_late(flight)
            found.append(row)
    return pd.DataFrame(found, columns=["carrier", "origin", "dest", "hour", "weekday", "distance", "late"])


def daily(flights):
    groups = {}
    for flight in records(flights):
        groups.setdefault((when(flight).date().isoformat(), flight["origin"]), []).append(flight)
    found = []
    for (date, origin), members in sorted(groups.items()):
        arrived = [flight for flight in members if pd.notna(flight["arr_delay"])]
        left = [flight["dep_time"] for flight in members if pd.notna(flight["dep_time"])]
        late = sum(is_late(flight) for flight in arrived)
        found.append(
            {
                "date": date,
                "origin": origin,
                "scheduled": len(members),
                "cancelled": len(members) - len(left),
                "arrived": len(arrived),
                "late": late,
                "late_share": late / len(arrived) if arrived else None,
                "small_hours": sum(clock == 2400 or clock < 400 for clock in left),
            }
        )
    return pd.DataFrame(found)
