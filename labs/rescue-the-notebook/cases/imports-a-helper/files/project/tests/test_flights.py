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

from lateness.flights import LATE_AFTER  # noqa: E402


def test_limit():
    assert LATE_AFTER == 15
    assert features(FLIGHTS)["late"].tolist() == [False, True]
    assert clock_to_minutes(FLIGHTS["dep_time"]).tolist()[0] == 725
    assert len(in_month(FLIGHTS, "2013-03")) == len(daily(FLIGHTS)) + 1
