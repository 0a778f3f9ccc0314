import os
import sys

import pandas as pd
import pytest

from lateness.flights import clock_to_minutes, daily, features, in_month

sys.path.insert(0, os.path.dirname(__file__))
from tables import plain, read  # noqa: E402

FEATURES = ["carrier", "origin", "dest", "hour", "weekday", "distance", "late"]
DAILY = ["date", "origin", "scheduled", "cancelled", "arrived", "late", "late_share", "small_hours"]

# One of each kind, in no order of time or place: late, diverted, cancelled, early, exactly 15 late, another month.
MIXED = """
2013-03-12T14:00:00Z,1151,1005,106,1355,1222,93,UA,301,N301,LGA,DEN,1620
2013-03-11T01:00:00Z,2400,2115,165,,2344,,DL,302,N302,JFK,ATL,760
2013-03-12T21:00:00Z,,1740,,,1919,,AA,303,,LGA,ORD,733
2013-03-11T00:00:00Z,2001,2010,-9,2207,2230,-23,B6,304,N304,JFK,BUF,301
2013-03-12T22:00:00Z,1807,1804,3,2036,2021,15,EV,305,N305,EWR,RIC,277
2013-04-01T04:00:00Z,21,18,3,302,246,16,US,306,,JFK,CLT,541
2013-03-12T23:00:00Z,,1911,,,2148,,MQ,307,,EWR,BNA,748
"""
MIXED_FEATURES = [
    ("UA", "LGA", "DEN", 10, 1, 1620, True),
    ("B6", "JFK", "BUF", 20, 6, 301, False),
    ("EV", "EWR", "RIC", 18, 1, 277, False),
    ("US", "JFK", "CLT", 0, 0, 541, True),
]
MIXED_DAILY = [
    ("2013-03-10", "JFK", 2, 0, 1, 0, 0, 1),
    ("2013-03-12", "EWR", 2, 1, 1, 0, 0, 0),
    ("2013-03-12", "LGA", 2, 1, 1, 1, 1, 0),
    ("2013-04-01", "JFK", 1, 0, 1, 1, 1, 1),
]
LABELS = {
    "as read": None,
    "gaps": [3, 4, 8, 15, 16, 23, 42],
    "backwards": [6, 5, 4, 3, 2, 1, 0],
    "two files": [0, 1, 2, 3, 0, 1, 2],
    "all the same": [1] * 7,
}


@pytest.fixture(params=LABELS.values(), ids=LABELS.keys())
def mixed(request):
    return read(MIXED, request.param)


class TestWholeTables:
    def test_features(self, mixed):
        assert plain(features(mixed)) == (FEATURES, MIXED_FEATURES)

    def test_daily(self, mixed):
        assert plain(daily(mixed)) == (DAILY, MIXED_DAILY)

    @pytest.mark.parametrize(("month", "places"), [("2013-03", [0, 1, 2, 3, 4, 6]), ("2013-04", [5]), ("2012-03", [])])
    def test_in_month(self, mixed, month, places):
        assert plain(in_month(mixed, month)) == plain(mixed.iloc[places])

    def test_clock(self, mixed):
        found = [None if pd.isna(value) else value for value in clock_to_minutes(mixed["dep_time"]).tolist()]
        assert found == [711, 0, None, 1201, 1087, 21, None]

    def test_nothing_is_changed(self, mixed):
        calls = {
            "features": features,
            "daily": daily,
            "in_month": lambda table: in_month(table, "2013-03"),
            "clock_to_minutes": lambda table: clock_to_minutes(table["dep_time"]),
        }
        for call in calls.values():
            before = mixed.copy(deep=True)
            call(mixed)
            pd.testing.assert_frame_equal(mixed, before)

    def test_clock_leaves_a_series_of_its_own_alone(self):
        clock = pd.Series([2400, 517, 0], index=[1, 1, 0])
        clock_to_minutes(clock)
        assert clock.tolist() == [2400, 517, 0]
        assert clock.index.tolist() == [1, 1, 0]
        with_gap = pd.Series([2400.0, float("nan"), 5.0])
        clock_to_minutes(with_gap)
        pd.testing.assert_series_equal(with_gap, pd.Series([2400.0, float("nan"), 5.0]))


class TestOnlyTheColumnsNeeded:
    def test_features(self):
        names = ["carrier", "origin", "dest", "sched_dep_time", "time_hour", "distance", "arr_delay"]
        assert plain(features(read(MIXED)[names])) == (FEATURES, MIXED_FEATURES)

    def test_daily(self):
        assert plain(daily(read(MIXED)[["time_hour", "origin", "dep_time", "arr_delay"]])) == (DAILY, MIXED_DAILY)

    def test_in_month(self):
        names, kept = plain(in_month(read(MIXED)[["time_hour"]], "2013-04"))
        assert names == ["time_hour"]
        assert kept == [("2013-04-01T04:00:00Z",)]


def test_clock_at_the_edges_of_hours_and_day():
    clock = pd.Series([0, 1, 59, 100, 159, 517, 1000, 1259, 1300, 2300, 2359, 2400])
    assert clock_to_minutes(clock).tolist() == [0, 1, 59, 60, 119, 317, 600, 779, 780, 1380, 1439, 0]


def one(time_hour="2013-09-18T17:00:00Z", dep=1412, sched=1336, arr_delay=9):
    return f"{time_hour},{dep},{sched},36,1544,1535,{arr_delay},VX,88,N88,JFK,SFO,2586\n"


# Scheduled hour in Greenwich; New York's date, hour and weekday.
NEW_YORK = """
2013-01-15T17:00:00Z 2013-01-15 12 1
2013-02-01T04:00:00Z 2013-01-31 23 3
2013-02-01T05:00:00Z 2013-02-01  0 4
2013-03-01T04:00:00Z 2013-02-28 23 3
2013-03-10T06:00:00Z 2013-03-10  1 6
2013-03-10T07:00:00Z 2013-03-10  3 6
2013-04-01T03:00:00Z 2013-03-31 23 6
2013-04-01T04:00:00Z 2013-04-01  0 0
2013-08-10T03:00:00Z 2013-08-09 23 4
2013-08-10T04:00:00Z 2013-08-10  0 5
2013-11-01T03:00:00Z 2013-10-31 23 3
2013-11-03T04:00:00Z 2013-11-03  0 6
2013-11-04T04:00:00Z 2013-11-03 23 6
2013-11-06T20:00:00Z 2013-11-06 15 2
2014-01-01T04:00:00Z 2013-12-31 23 1
"""


LINES = [line.split() for line in NEW_YORK.strip().splitlines()]


@pytest.fixture
def around_the_clock():
    # Each leaves two hours late, so the actual departure is in another hour, and after an evening on another day.
    return read("".join(one(when, dep=(int(hour) + 2) % 24 * 100 + 6, sched=int(hour) * 100 + 36) for when, _, hour, _ in LINES))


def test_new_yorks_hours_and_weekdays(around_the_clock):
    table = features(around_the_clock)
    assert table["hour"].tolist() == [int(hour) for _, _, hour, _ in LINES]
    assert table["weekday"].tolist() == [int(weekday) for _, _, _, weekday in LINES]


def test_new_yorks_dates(around_the_clock):
    assert daily(around_the_clock)["date"].tolist() == list(dict.fromkeys(date for _, date, _, _ in LINES))


@pytest.mark.parametrize("month", ["2012-11", "2014-01", *(f"2013-{month:02d}" for month in range(1, 13))])
def test_new_yorks_months(around_the_clock, month):
    found = in_month(around_the_clock, month)["time_hour"].tolist()
    assert found == [when for when, date, _, _ in LINES if date.startswith(month)]


@pytest.mark.parametrize("delay", [-60, -16, 0, 1, 14, 15, 16, 17, 60, 600])
def test_late_only_after_more_than_15_minutes(delay):
    table = read(one(arr_delay=delay))
    assert features(table)["late"].tolist() == [delay > 15]
    assert daily(table)[["late", "late_share"]].to_numpy().tolist() == [[delay > 15, delay > 15]]


@pytest.mark.parametrize(
    ("left", "count"), [(0, 1), (1, 1), (59, 1), (300, 1), (359, 1), (400, 0), (401, 0), (2359, 0), (2400, 1), ("", 0)]
)
def test_small_hours(left, count):
    # Scheduled at one in the morning or in the afternoon: that does not count.
    for hour, sched in (("05", 105), ("17", 1305)):
        arrival = "" if left == "" else 9
        table = read(one(f"2013-09-18T{hour}:00:00Z", dep=left, sched=sched, arr_delay=arrival))
        assert daily(table)["small_hours"].tolist() == [count]


def test_shares():
    late, ok, diverted, cancelled = one(arr_delay=16), one(), one(arr_delay=""), one(dep="", arr_delay="")

    def counts(text):
        return plain(daily(read(text)))[1][0][2:7]

    assert counts(cancelled) == (1, 1, 0, 0, None)
    assert counts(diverted) == (1, 0, 0, 0, None)
    assert counts(diverted + cancelled) == (2, 1, 0, 0, None)
    assert counts(ok + cancelled) == (2, 1, 1, 0, 0)
    assert counts(late + diverted + cancelled) == (3, 1, 1, 1, 1)
    assert counts(late + ok + ok + diverted + cancelled)[:4] == (5, 1, 3, 1)
    assert counts(late + ok + ok + diverted + cancelled)[4] == pytest.approx(1 / 3, rel=1e-9)
