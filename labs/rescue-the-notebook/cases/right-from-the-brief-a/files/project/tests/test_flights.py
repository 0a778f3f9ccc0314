"""Every test holds the module to one rule. Row indexes of results and number dtypes are left open."""

import pandas as pd
import pytest

from lateness.flights import clock_to_minutes, daily, features, in_month

NAN = float("nan")

# Tuesday 14 May 2013, 14:25 in New York; left late, and nearly caught up. No two columns have the same value.
USUAL = {
    "time_hour": "2013-05-14T18:00:00Z",
    "dep_time": 1531,
    "sched_dep_time": 1425,
    "dep_delay": 66,
    "arr_time": 1702,
    "sched_arr_time": 1655,
    "arr_delay": 7,
    "carrier": "B6",
    "flight": 871,
    "tailnum": "N589JB",
    "origin": "JFK",
    "dest": "BOS",
    "distance": 187,
}
CANCELLED = {"dep_time": NAN, "dep_delay": NAN, "arr_time": NAN, "arr_delay": NAN, "tailnum": NAN}
DIVERTED = {"arr_delay": NAN}

FEATURES = ["carrier", "origin", "dest", "hour", "weekday", "distance", "late"]
DAILY = ["date", "origin", "scheduled", "cancelled", "arrived", "late", "late_share", "small_hours"]

# Scheduled hour in Greenwich, clock and day in New York.
HOURS = [
    ("2013-01-07T15:00:00Z", 1030, "2013-01-07"),
    ("2013-01-08T04:00:00Z", 2330, "2013-01-07"),  # winter: five hours behind
    ("2013-01-08T05:00:00Z", 10, "2013-01-08"),
    ("2013-07-02T03:00:00Z", 2310, "2013-07-01"),  # summer: four
    ("2013-07-02T04:00:00Z", 5, "2013-07-02"),
    ("2013-03-10T04:00:00Z", 2345, "2013-03-09"),  # the nights around the changes
    ("2013-03-11T04:00:00Z", 15, "2013-03-11"),
    ("2013-11-03T04:00:00Z", 20, "2013-11-03"),
    ("2013-11-04T04:00:00Z", 2359, "2013-11-03"),
    ("2013-01-01T04:00:00Z", 2305, "2012-12-31"),
]

INDEXES = [[10, 5, 70, 30], [3, 2, 1, 0], [2, 0, 0, 1], [1, 1, 1, 1]]


def flight(**changes):
    return {**USUAL, **changes}


def table(*rows, index=None):
    return pd.DataFrame(list(rows), index=index)


def rows(result):
    """The rows as lists, missing as None: nothing of index or dtypes is left."""
    columns = [[None if pd.isna(value) else value for value in result[name].tolist()] for name in result.columns]
    return [list(row) for row in zip(*columns)]


def the_day(*flights):
    """The only row of `daily` for flights of one day and origin."""
    found = rows(daily(table(*flights)))
    assert len(found) == 1
    return dict(zip(DAILY, found[0]))


# clock_to_minutes


@pytest.mark.parametrize(
    ("clock", "minutes"),
    [(517, 317), (0, 0), (5, 5), (59, 59), (100, 60), (359, 239), (400, 240), (1200, 720), (2359, 1439), (2400, 0)],
)
def test_minutes_after_midnight(clock, minutes):
    assert clock_to_minutes(pd.Series([clock])).tolist() == [minutes]
    assert clock_to_minutes(pd.Series([float(clock), NAN])).tolist()[0] == minutes


@pytest.mark.parametrize("index", [[0, 1, 2, 3], *INDEXES])
def test_minutes_keep_length_order_and_gaps(index):
    minutes = clock_to_minutes(pd.Series([2400, NAN, 1815, 30], index=index)).tolist()
    assert len(minutes) == 4
    assert pd.isna(minutes[1])
    assert [minutes[0], minutes[2], minutes[3]] == [0, 1095, 30]


def test_minutes_of_missing_times_only():
    assert [pd.isna(value) for value in clock_to_minutes(pd.Series([NAN, NAN])).tolist()] == [True, True]


# in_month


@pytest.mark.parametrize(("time_hour", "clock", "day"), HOURS)
def test_month_is_new_yorks(time_hour, clock, day):
    flights = table(flight(time_hour=time_hour, sched_dep_time=clock))
    assert len(in_month(flights, day[:7])) == 1


@pytest.mark.parametrize(
    ("time_hour", "month", "inside"),
    [
        ("2013-02-01T04:00:00Z", "2013-01", True),
        ("2013-02-01T05:00:00Z", "2013-01", False),
        ("2013-02-01T04:00:00Z", "2013-02", False),
        ("2013-02-01T05:00:00Z", "2013-02", True),
        ("2013-07-01T03:00:00Z", "2013-07", False),
        ("2013-07-01T04:00:00Z", "2013-07", True),
        ("2013-07-01T04:00:00Z", "2013-06", False),
        ("2013-04-01T03:00:00Z", "2013-03", True),
        ("2013-03-01T04:00:00Z", "2013-03", False),
        ("2013-01-01T04:00:00Z", "2012-12", True),
        ("2013-01-01T04:00:00Z", "2013-12", False),
        ("2012-03-15T16:00:00Z", "2013-03", False),
        ("2014-03-15T16:00:00Z", "2013-03", False),
        ("2013-11-15T16:00:00Z", "2013-01", False),
        ("2013-01-31T16:00:00Z", "2013-01", True),
    ],
)
def test_month_and_its_edges(time_hour, month, inside):
    kept = in_month(table({"time_hour": time_hour}, {"time_hour": "2010-05-05T12:00:00Z"}), month)
    assert kept["time_hour"].tolist() == ([time_hour] if inside else [])
    assert list(kept.columns) == ["time_hour"]


@pytest.mark.parametrize("index", [[0, 1, 2, 3], *INDEXES])
def test_month_keeps_rows_order_and_columns(index):
    flights = table(
        flight(time_hour="2013-05-30T18:00:00Z", flight=1),
        flight(time_hour="2013-06-30T18:00:00Z", flight=2),
        flight(time_hour="2013-05-02T18:00:00Z", flight=3, **CANCELLED),
        flight(time_hour="2013-05-20T18:00:00Z", flight=4, dep_time=2400, **DIVERTED),
        index=index,
    )
    kept = in_month(flights, "2013-05")
    assert list(kept.columns) == list(USUAL)
    assert rows(kept) == [rows(flights)[place] for place in (0, 2, 3)]


# features


def test_features_columns():
    result = features(table(flight()))
    assert list(result.columns) == FEATURES
    assert rows(result) == [["B6", "JFK", "BOS", 14, 1, 187, False]]


@pytest.mark.parametrize(("time_hour", "clock", "day"), HOURS)
def test_hour_and_weekday_are_new_yorks(time_hour, clock, day):
    result = features(table(flight(time_hour=time_hour, sched_dep_time=clock)))
    assert result["hour"].tolist() == [clock // 100]
    assert result["weekday"].tolist() == [pd.Timestamp(day).weekday()]


def test_hour_of_midnight_written_2400():
    result = features(table(flight(time_hour="2013-05-15T04:00:00Z", sched_dep_time=2400, dep_time=110)))
    assert result["hour"].tolist() == [0]


def test_weekdays_begin_with_monday():
    week = [flight(time_hour=f"2013-05-{day}T18:00:00Z") for day in range(13, 20)]
    assert features(table(*week))["weekday"].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_hour_and_weekday_are_the_scheduled_ones():
    result = features(table(flight(time_hour="2013-05-15T03:00:00Z", sched_dep_time=2355, dep_time=102)))
    assert result[["hour", "weekday"]].to_numpy().tolist() == [[23, 1]]


@pytest.mark.parametrize(("delay", "late"), [(-40, False), (0, False), (14, False), (15, False), (16, True), (200, True)])
def test_late_is_more_than_fifteen_minutes_after_time(delay, late):
    assert features(table(flight(arr_delay=delay)))["late"].tolist() == [late]
    assert the_day(flight(arr_delay=delay))["late"] == late


def test_late_is_about_arrival():
    on_time, late = flight(dep_delay=66, arr_delay=7), flight(dep_delay=2, arr_delay=31)
    assert features(table(on_time, late))["late"].tolist() == [False, True]
    assert the_day(on_time)["late"] == 0
    assert the_day(late)["late"] == 1


@pytest.mark.parametrize("index", [[0, 1, 2, 3], *INDEXES])
def test_features_of_those_that_arrived_in_their_order(index):
    flights = table(
        flight(
            time_hour="2013-05-17T11:00:00Z", sched_dep_time=730, carrier="UA", origin="LGA", dest="ORD", distance=733, arr_delay=50
        ),
        flight(**CANCELLED, distance=1),
        flight(**DIVERTED, distance=2),
        flight(tailnum=NAN, carrier="AA", origin="EWR"),
        index=index,
    )
    assert rows(features(flights)) == [
        ["UA", "LGA", "ORD", 7, 4, 733, True],
        ["AA", "EWR", "BOS", 14, 1, 187, False],
    ]


def test_features_where_none_arrived():
    result = features(table(flight(**CANCELLED), flight(**DIVERTED)))
    assert list(result.columns) == FEATURES
    assert len(result) == 0


def test_features_need_no_other_columns():
    needed = ["arr_delay", "distance", "time_hour", "sched_dep_time", "dest", "origin", "carrier"]
    assert rows(features(table(flight())[needed])) == [["B6", "JFK", "BOS", 14, 1, 187, False]]


# daily


def test_daily_columns():
    result = daily(table(flight()))
    assert list(result.columns) == DAILY
    assert rows(result) == [["2013-05-14", "JFK", 1, 0, 1, 0, 0, 0]]


def test_daily_needs_no_other_columns():
    needed = ["arr_delay", "dep_time", "origin", "time_hour"]
    assert rows(daily(table(flight())[needed])) == [["2013-05-14", "JFK", 1, 0, 1, 0, 0, 0]]


@pytest.mark.parametrize(("time_hour", "clock", "day"), HOURS)
def test_date_is_new_yorks(time_hour, clock, day):
    assert the_day(flight(time_hour=time_hour, sched_dep_time=clock))["date"] == day


def test_date_is_the_scheduled_one():
    left_tomorrow = flight(time_hour="2013-05-15T03:00:00Z", sched_dep_time=2355, dep_time=102)
    assert the_day(left_tomorrow)["date"] == "2013-05-14"


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        (CANCELLED, [1, 1, 0, 0, None, 0]),
        (DIVERTED, [1, 0, 0, 0, None, 0]),
        ({"arr_delay": 80}, [1, 0, 1, 1, 1, 0]),
        ({"arr_delay": 0}, [1, 0, 1, 0, 0, 0]),
        ({"dep_time": 2400, **DIVERTED}, [1, 0, 0, 0, None, 1]),
    ],
)
def test_what_one_flight_counts_for(changes, counts):
    assert list(the_day(flight(**changes)).values())[2:] == counts


def test_share_is_of_those_that_arrived():
    late = flight(arr_delay=16)
    day = the_day(late, flight(), flight(arr_delay=15), flight(**CANCELLED), flight(**CANCELLED), flight(**DIVERTED))
    assert list(day.values())[2:6] == [6, 2, 3, 1]
    assert day["late_share"] == pytest.approx(1 / 3, abs=1e-12)


@pytest.mark.parametrize(
    ("left", "small"),
    [(2359, 0), (2400, 1), (0, 1), (1, 1), (30, 1), (359, 1), (400, 0), (401, 0), (1200, 0)],
)
def test_small_hours(left, small):
    assert the_day(flight(dep_time=left))["small_hours"] == small
    assert the_day(flight(dep_time=left), flight(**CANCELLED))["small_hours"] == small


def test_small_hours_are_those_of_leaving():
    scheduled = flight(time_hour="2013-05-14T05:00:00Z", sched_dep_time=130, dep_time=610)
    assert the_day(scheduled)["small_hours"] == 0


@pytest.mark.parametrize("index", [[0, 1, 2, 3, 4, 5], [9, 4, 7, 1, 30, 12], [5, 4, 3, 2, 1, 0], [2, 0, 0, 1, 1, 0], [0] * 6])
def test_days_and_origins_in_order(index):
    flights = table(
        flight(time_hour="2013-05-15T18:00:00Z", origin="LGA", **CANCELLED),
        flight(time_hour="2013-05-14T18:00:00Z", origin="LGA", dep_time=2400),
        flight(time_hour="2013-05-15T18:00:00Z", origin="EWR", arr_delay=16),
        flight(time_hour="2013-05-14T18:00:00Z", origin="JFK", **DIVERTED),
        flight(time_hour="2013-05-15T18:00:00Z", origin="EWR"),
        flight(time_hour="2012-10-20T18:00:00Z", origin="LGA"),
        index=index,
    )
    assert rows(daily(flights)) == [
        ["2012-10-20", "LGA", 1, 0, 1, 0, 0, 0],
        ["2013-05-14", "JFK", 1, 0, 0, 0, None, 0],
        ["2013-05-14", "LGA", 1, 0, 1, 0, 0, 1],
        ["2013-05-15", "EWR", 2, 0, 2, 1, 0.5, 0],
        ["2013-05-15", "LGA", 1, 1, 0, 0, None, 0],
    ]


# what is given stays as it was


@pytest.mark.parametrize("index", [[0, 1, 2, 3], [2, 0, 0, 1]])
@pytest.mark.parametrize("function", [features, daily, lambda flights: in_month(flights, "2013-05")])
def test_table_is_not_changed(function, index):
    flights = table(
        flight(time_hour="2013-05-15T18:00:00Z", origin="LGA", dep_time=2400),
        flight(**CANCELLED),
        flight(**DIVERTED),
        flight(time_hour="2013-04-30T18:00:00Z", origin="EWR"),
        index=index,
    )
    before = flights.copy(deep=True)
    function(flights)
    pd.testing.assert_frame_equal(flights, before)


@pytest.mark.parametrize("values", [[2400, 517, 0], [2400, NAN, 517]])
def test_series_is_not_changed(values):
    clock = pd.Series(values, index=[1, 0, 0], name="dep_time")
    before = clock.copy(deep=True)
    clock_to_minutes(clock)
    pd.testing.assert_series_equal(clock, before)
