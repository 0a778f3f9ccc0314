from pathlib import Path

import pandas as pd

from lateness.flights import in_month

JANUARY = Path(__file__).resolve().parents[2] / "data/2013-01.csv"


def test_january():
    assert len(in_month(pd.read_csv(JANUARY), "2013-01")) > 5000
