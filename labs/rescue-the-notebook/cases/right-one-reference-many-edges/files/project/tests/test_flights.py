import itertools
import os
import random
import sys

import pandas as pd

sys.path.insert(0, os.path.dirname(__file__))
import slow

import lateness

NAN = float("nan")
TIMES = ["2013-02-28T23:00:00Z", "2013-03-01T03:00:00Z", "2013-04-01T03:00:00Z", "2012-03-05T12:00:00Z"]
CLOCKS = [NAN, 0, 359, 400, 2359, 2400]
DELAYS = [NAN, 15, 16]


def rows():
    every = [
        {
            "time_hour": time,
            "dep_time": clock,
            "sched_dep_time": 1900 + 100 * (number % 5) + number % 60,
            "arr_delay": delay,
            "carrier": "UA" if number % 2 else "AA",
            "flight": number,
            "origin": ["LGA", "EWR"][number % 5 == 0],
            "dest": "BOS",
            "distance": 100 + number,
        }
        for number, (time, clock, delay) in enumerate(itertools.product(TIMES, CLOCKS, DELAYS))
    ]
    every.append({**every[1], "origin": "JFK", "arr_delay": NAN})
    random.Random(1).shuffle(every)
    return every


def values(table):
    return [[None if pd.isna(value) else value for value in row] for row in table.astype(object).to_numpy()]


def both_indexes():
    table = pd.DataFrame(rows())
    yield table
    yield table.set_axis([number % 5 for number in range(len(table))])


def test_clock():
    found = lateness.clock_to_minutes(pd.Series(CLOCKS)).tolist()
    assert [None if pd.isna(value) else value for value in found] == [slow.minutes(clock) for clock in CLOCKS]


def test_month():
    for table in both_indexes():
        for month in ("2013-02", "2013-03", "2013-04"):
            expected = [row["flight"] for row in rows() if slow.new_york(row["time_hour"]).strftime("%Y-%m") == month]
            assert list(lateness.in_month(table, month)["flight"]) == expected


def test_features():
    for table in both_indexes():
        assert values(lateness.features(table)) == slow.features(rows())


def test_daily():
    for table in both_indexes():
        assert values(lateness.daily(table)) == slow.daily(rows())


def test_input_stays():
    table = pd.DataFrame(rows())
    for function in (lateness.features, lateness.daily, lambda flights: lateness.in_month(flights, "2013-03")):
        function(table)
        pd.testing.assert_frame_equal(table, pd.DataFrame(rows()))
