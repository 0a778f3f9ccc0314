import sys
from pathlib import Path

import pandas as pd

import lateness


def run(source, month, target):
    flights = lateness.in_month(pd.read_csv(source), month)
    if not len(flights):
        sys.exit("nothing flew in " + month)
    target = Path(target)
    target.mkdir(exist_ok=True, parents=True)
    lateness.features(flights).to_csv(target / "features.csv", index=False)
    lateness.daily(flights).to_csv(target / "daily.csv", index=False)


run(*sys.argv[1:])
