"""The rules of lateness.flights, a row for each that hangs on it."""

import pandas as pd
import pytest

from lateness.flights import clock_to_minutes, daily, features, in_month

NAN = float("nan")


def flight(**changes):
    """A flight at noon of Tuesday, 12 March 2013, that left and arrived on time, but for what is changed."""
    usual = {
        "time_hour": "2013-03-12T16:00:00Z",
        "dep_time": 1205.0,
        "sched_dep_time": 1205,
        "dep_delay": 0.0,
        "arr_delay": 0.0,
        "carrier": "UA",
        "flight": 1,
        "origin": "EWR",
        "dest": "BOS",
        "distance": 200,
    }
    return {**usual, **changes}


def table(*flights):
    return pd.DataFrame(list(flights))


CANCELLED = flight(dep_time=NAN, dep_delay=NAN, arr_delay=NAN)
DIVERTED = flight(arr_delay=NAN)


@pytest.mark.parametrize(("clock", "minutes"), [(0, 0), (5, 5), (517, 317), (2359, 1439), (2400, 0)])
def test_clock(clock, minutes):
    assert clock_to_minutes(pd.Series([clock])).tolist() == [minutes]


def test_a_missing_time_stays_missing():
    assert clock_to_minutes(pd.Series([NAN, 100.0])).isna().tolist() == [True, False]


def test_month_is_new_yorks():
    flights = table(
        flight(flight=1, time_hour="2013-03-01T04:00:00Z"),  # 28 February, 23:00
        flight(flight=2, time_hour="2013-03-01T05:00:00Z"),
        flight(flight=3, time_hour="2013-04-01T03:00:00Z"),  # 31 March, 23:00 in summer time
        flight(flight=4, time_hour="2013-04-01T04:00:00Z"),
        flight(flight=5, time_hour="2012-03-12T16:00:00Z"),
    )
    assert in_month(flights, "2013-03")["flight"].tolist() == [2, 3]
    assert in_month(flights, "2013-03").columns.tolist() == flights.columns.tolist()


@pytest.mark.parametrize(("delay", "late"), [(14, False), (15, False), (16, True), (-20, False)])
def test_late_is_more_than_fifteen_minutes(delay, late):
    flights = table(flight(arr_delay=delay))
    assert features(flights)["late"].tolist() == [late]
    assert daily(flights)["late"].tolist() == [int(late)]


def test_features_of_flights_that_arrived():
    flights = table(CANCELLED, flight(dest="MIA"), DIVERTED, flight(dest="BOS"), flight(dest="BOS"))
    assert features(flights)["dest"].tolist() == ["MIA", "BOS", "BOS"]


def test_hour_and_weekday_are_the_plans_and_new_yorks():
    # Scheduled for 22:30 on Tuesday, which is Wednesday in Greenwich; left after midnight.
    late_one = flight(time_hour="2013-03-13T02:00:00Z", sched_dep_time=2230, dep_time=17)
    found = features(table(late_one))
    assert found[["hour", "weekday"]].to_numpy().tolist() == [[22, 1]]
    assert daily(table(late_one))["date"].tolist() == ["2013-03-12"]


def test_daily_counts():
    flights = table(
        flight(origin="LGA"),
        flight(arr_delay=60),
        CANCELLED,
        DIVERTED,
        flight(),
        flight(time_hour="2013-03-11T16:00:00Z", origin="LGA", arr_delay=NAN),
    )
    found = daily(flights)
    assert found[["date", "origin"]].to_numpy().tolist() == [
        ["2013-03-11", "LGA"],
        ["2013-03-12", "EWR"],
        ["2013-03-12", "LGA"],
    ]
    counts = found[["scheduled", "cancelled", "arrived", "late"]].to_numpy().tolist()
    assert counts == [[1, 0, 0, 0], [4, 1, 2, 1], [1, 0, 1, 0]]
    assert found["late_share"].isna().tolist() == [True, False, False]
    assert found["late_share"].tolist()[1:] == [0.5, 0.0]


@pytest.mark.parametrize(("left", "small"), [(2400, 1), (1, 1), (359, 1), (400, 0), (2359, 0), (NAN, 0)])
def test_small_hours(left, small):
    assert daily(table(flight(dep_time=left)))["small_hours"].tolist() == [small]


@pytest.mark.parametrize("function", [features, daily, lambda flights: in_month(flights, "2013-03")])
def test_tables_come_back_unharmed(function):
    flights = table(flight(), CANCELLED, flight(dest="MIA", arr_delay=30))
    before = flights.copy()
    usual = function(flights).reset_index(drop=True)
    pd.testing.assert_frame_equal(flights, before)
    odd = flights.set_axis([2, 0, 0])
    pd.testing.assert_frame_equal(function(odd).reset_index(drop=True), usual)
