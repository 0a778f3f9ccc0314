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


def test_clock():
    assert clock_to_minutes(pd.Series([517])).tolist() == [317]


def test_month():
    assert len(in_month(FLIGHTS, "2013-03")) == 3
    assert len(in_month(FLIGHTS, "2013-04")) == 0


def test_features():
    found = features(FLIGHTS)
    assert found["late"].tolist() == [False, True]
    assert found["hour"].tolist() == [12, 13]
    assert found["weekday"].tolist() == [1, 1]


def test_daily():
    found = daily(FLIGHTS)
    assert found["scheduled"].tolist() == [1, 2]
    assert found["cancelled"].tolist() == [0, 1]
    assert found["late"].tolist() == [0, 1]
