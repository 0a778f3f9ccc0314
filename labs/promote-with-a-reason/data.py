"""Write the lab's data: `python data.py OUT`. The same bytes each time."""

import json
import sys
from pathlib import Path

import recipe
from sklearn.metrics import roc_auc_score

from mlops_labs.flights import flights

ALL = recipe.NAMES + recipe.NUMBERS
USUAL = ["carrier", "origin", "dest", "hour", "distance"]
# Models that graded runs plant as champions and challengers: columns, C, share of the labels turned round.
POOL = {
    "usual": (USUAL, 0.03, 0.0),
    "usual-cautious": (USUAL, 0.001, 0.0),
    "usual-daring": (USUAL, 3.0, 0.0),
    "all": (ALL, 0.03, 0.0),
    "all-cautious": (ALL, 0.001, 0.0),
    "all-daring": (ALL, 3.0, 0.0),
    "all-noisy": (ALL, 0.03, 0.2),
    "all-noisier": (ALL, 0.03, 0.35),
    "hour": (["hour"], 1.0, 0.0),
    "hour-distance": (["hour", "distance"], 0.1, 0.0),
    "hour-origin": (["hour", "origin"], 0.1, 0.0),
    "hour-carrier": (["hour", "carrier"], 0.1, 0.0),
    "hour-dest": (["hour", "dest"], 0.1, 0.0),
    "hour-weekday": (["hour", "weekday", "carrier"], 0.1, 0.0),
    "carrier": (["carrier", "origin"], 0.1, 0.0),
    "usual-moderate": (USUAL, 0.01, 0.0),
    "usual-noisy": (USUAL, 0.03, 0.15),
    "all-moderate": (ALL, 0.01, 0.0),
    "all-bold": (ALL, 0.1, 0.0),
    "hour-carrier-origin": (["hour", "carrier", "origin"], 0.1, 0.0),
    "hour-carrier-distance": (["hour", "carrier", "distance"], 0.1, 0.0),
    "hour-dest-distance": (["hour", "dest", "distance"], 0.1, 0.0),
}


def sample(months, rows, seed):
    """A reproducible sample of some months' flights, with the columns of the lab."""
    chosen = flights(months).sample(rows, random_state=seed).sort_index()
    return chosen[[*ALL, "late"]]


def write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, lineterminator="\n")


def main(out):
    sys.path.insert(0, str(Path(__file__).parent))
    from probes import train

    write(sample([1, 2], 12_000, 1), out / "learner/data/train.csv")
    write(sample([3], 6_000, 13), out / "learner/data/validate.csv")
    write(sample([7], 6_000, 17), out / "graded/data/validate-b.csv")
    months = {"main": out / "learner/data/validate.csv", "next-month": out / "graded/data/validate-b.csv"}

    # What each planted model earns. Computed here once, so that a grading need not train them a second time.
    pool = {}
    for key, (columns, C, flipped) in POOL.items():
        model = train(out / "learner/data/train.csv", columns, C, flipped)
        pool[key] = {"columns": columns, "C": C, "flipped": flipped, "auc": {}, "yes_or_no": {}}
        for run, path in months.items():
            features, late = recipe.read_flights(path)
            pool[key]["auc"][run] = round(roc_auc_score(late, model.predict_proba(features)[:, 1]), 6)
            pool[key]["yes_or_no"][run] = round(roc_auc_score(late, model.predict(features)), 6)
    (out / "checker").mkdir(parents=True, exist_ok=True)
    (out / "checker/pool.json").write_text(json.dumps(pool, indent=1), encoding="utf-8")

    # What the baseline of the notebook says of October.
    october = sample([10], 300, 19)[ALL]
    write(october, out / "checker/october.csv")
    baseline = train(out / "learner/data/train.csv", USUAL, 0.03, 0.0)
    scores = [round(float(p), 7) for p in baseline.predict_proba(october)[:, 1]]
    (out / "checker/baseline.json").write_text(json.dumps(scores), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
