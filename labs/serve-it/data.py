"""Write the lab's data: `python data.py OUT`. The same bytes each time.

OUT/learner/project gets the model, the months it was trained on and a key that is no key; OUT/checker the same model, which
each grading changes, and flights of the second half of the year.
"""

import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression

from mlops_labs.flights import flights, scheduled

KEY = "fd-local-0000-not-a-real-key"  # plainly made up; also in checks.py
COLUMNS = ["carrier", "origin", "dest", "month", "hour", "distance"]
KEPT = ["month", "day", "hour", "minute", *COLUMNS[:3], "flight", "distance", "arr_delay"]
RARE = 1500  # flights of half a year; what has fewer counts as "other"
ENV = f"""\
# For refresh.sh of the data team, on your own machine only. The service needs none of this.
FLIGHTDESK_KEY={KEY}
"""


def model(table):
    """A logistic regression of the months 1 to 6, as plain numbers."""
    known = {name: table[name].value_counts() for name in ("carrier", "origin", "dest")}
    common = {name: sorted(counts[counts >= RARE].index) for name, counts in known.items()}
    columns = {f"{name}={value}": table[name].eq(value) for name in common for value in common[name]}
    columns |= {f"{name}={value}": table[name].eq(value) for name in ("month", "hour") for value in range(24)}
    mean = round(float(table["distance"].mean()), 1)
    columns["distance"] = (table["distance"] - mean) / 1000
    fitted = LogisticRegression(C=1.0, max_iter=300).fit(pd.DataFrame(columns).astype(float), table["late"])
    weights = dict(zip(columns, (round(float(weight), 3) for weight in fitted.coef_[0]), strict=True))
    parts = {
        name: {value: weights[f"{name}={value}"] for value in common[name]} | {"other": 0.0}
        for name in common
    }
    # By number; months that it was not trained on are like June.
    by_hour = [weights[f"hour={hour}"] for hour in range(24)]
    by_month = [0.0, *(weights[f"month={min(month, 6)}"] for month in range(1, 13))]
    return {
        "intercept": round(float(fitted.intercept_[0]), 3),
        **parts,
        "month": by_month,
        "hour": by_hour,
        "distance": {"mean": mean, "weight": weights["distance"]},
    }


def main(out):
    """Write everything below `out`."""
    table = flights(range(1, 7))
    text = json.dumps(model(table), indent=1) + "\n"
    project, checker = out / "learner/project", out / "checker"
    (project / "history").mkdir(parents=True)
    checker.mkdir()
    (project / "model.json").write_text(text, encoding="utf-8")
    (checker / "model.json").write_text(text, encoding="utf-8")
    (project / ".env").write_text(ENV, encoding="utf-8")
    for month in range(1, 7):
        path = project / "history" / f"2013-{month:02d}.csv"
        scheduled([month])[KEPT].to_csv(path, index=False, lineterminator="\n")
    pool = flights(range(7, 13)).sample(4000, random_state=8)[COLUMNS]
    pool.to_csv(checker / "pool.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
