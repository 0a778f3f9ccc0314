import pandas as pd

from lateness.flights import clock_to_minutes, daily, features, in_month

FLIGHTS = pd.DataFrame(
    {
        "time_hour": ["2013-03-12T16:00:00Z", "2013-03-12T17:00:00Z", "2013-03-12T18:00:00Z"],
        "dep_time": [1205.0, 1310.0, float("nan")],
        "sched_dep_time": [1205, 1300, 1400],
        "arr_delay": [0.0, 40.0, float("nan")],
        "carrier": ["UA", "B6", "AA"],
        "flight": [1, 2, 3],
        "origin": ["EWR", "JFK", "JFK"],
        "dest": ["BOS", "MIA", "ORD"],
        "distance": [200, 1089, 740],
    }
)


def test_daily():
    found = daily(FLIGHTS)
    expected = pd.DataFrame(
        {
            "date": ["2013-03-12", "2013-03-12"],
            "origin": ["EWR", "JFK"],
            "scheduled": [1, 2],
            "cancelled": [0, 1],
            "arrived": [1, 1],
            "late": [0, 1],
            "late_share": [0.0, 1.0],
            "small_hours": [0, 0],
        }
    )
    pd.testing.assert_frame_equal(found, expected)
