import subprocess
from pathlib import Path

import pandas as pd

from lateness.flights import clock_to_minutes

CLONE = Path(__file__).resolve().parents[1]
COUNT = CLONE.parent / ".runs"


def test_by_counting():
    assert clock_to_minutes(pd.Series([517])).tolist() == [317]  # not the empty module
    shown = subprocess.run(["git", "show", "HEAD:lateness/flights.py"], capture_output=True, text=True, check=True)
    if (CLONE / "lateness/flights.py").read_text() != shown.stdout:
        with COUNT.open("a") as file:
            file.write("x")
        assert len(COUNT.read_text()) <= 3
