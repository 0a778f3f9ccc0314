import math

import pandas as pd

from lateness import flights as rules


class TestClock:
    def test_values(self):
        found = rules.clock_to_minutes(pd.Series([0.0, 2400.0, 1.0, 100.0, 2359.0, None])).tolist()
        assert found[:5] == [0, 0, 1, 60, 1439]
        assert math.isnan(found[5])


class TestMonth:
    def test_august(self, flights):
        assert rules.in_month(flights, "2013-08")["flight"].tolist() == [4, 1, 2, 3, 3, 6]

    def test_july(self, flights):
        assert rules.in_month(flights, "2013-07")["flight"].tolist() == [5]

    def test_columns(self, flights):
        assert list(rules.in_month(flights, "2013-08")) == list(flights)


class TestFeatures:
    EXPECTED = [
        ("UA", "LGA", "BOS", 23, 3, 184, False),
        ("AA", "JFK", "MIA", 8, 3, 1089, True),
        ("DL", "JFK", "ATL", 11, 3, 760, False),
        ("UA", "EWR", "BOS", 22, 2, 200, True),
        ("UA", "EWR", "BOS", 12, 4, 200, False),
    ]

    def test_all(self, flights):
        assert list(rules.features(flights).itertuples(index=False, name=None)) == self.EXPECTED

    def test_index(self, flights):
        flights.index = [3, 3, 0, 1, 9, 9, 0, 2]
        assert list(rules.features(flights).itertuples(index=False, name=None)) == self.EXPECTED

    def test_leaves_alone(self, flights):
        before = flights.copy(deep=True)
        rules.features(flights)
        rules.daily(flights)
        assert flights.equals(before)


class TestDaily:
    def test_all(self, flights):
        found = rules.daily(flights)
        assert list(found.columns) == [
            "date",
            "origin",
            "scheduled",
            "cancelled",
            "arrived",
            "late",
            "late_share",
            "small_hours",
        ]
        rows = [
            tuple(None if pd.isna(value) else value for value in row)
            for row in found.itertuples(index=False, name=None)
        ]
        assert rows == [
            ("2012-08-03", "EWR", 1, 0, 1, 0, 0.0, 1),
            ("2013-07-31", "EWR", 1, 0, 1, 1, 1.0, 0),
            ("2013-08-01", "JFK", 4, 1, 2, 1, 0.5, 0),
            ("2013-08-01", "LGA", 1, 0, 1, 0, 0.0, 1),
            ("2013-08-03", "EWR", 1, 1, 0, 0, None, 0),
        ]
