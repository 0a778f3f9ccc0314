"""Write the lab's data: `python data.py OUT`. The same bytes each time."""

import json
import sys
from pathlib import Path

import recipe
from sklearn.metrics import roc_auc_score

from mlops_labs.flights import flights

CANDIDATES = (0.001, 0.03, 3.0)  # as in the notebook


def sample(months, rows, seed):
    """A reproducible sample of some months' flights, with the columns of the lab."""
    chosen = flights(months).sample(rows, random_state=seed).sort_index()
    return chosen[[*recipe.FEATURES, "late"]]


def write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, lineterminator="\n")


def main(out):
    tables = {
        "main": (sample([1, 2], 16_000, 1), sample([3], 8_000, 2)),
        "other-data": (sample([4, 5], 12_000, 3), sample([6], 8_000, 4)),
    }
    write(tables["main"][0], out / "learner/data/train.csv")
    write(tables["main"][1], out / "learner/data/validate.csv")
    write(tables["other-data"][0], out / "graded/data/train-b.csv")
    write(tables["other-data"][1], out / "graded/data/validate-b.csv")

    unseen = sample([7], 400, 5)[recipe.FEATURES]
    write(unseen, out / "checker/july.csv")
    # What the right models say of July, and what they earn on the files to score on. Fitted here once, so that a grading need not fit them again.
    expected, earned = {}, {}
    for run, (train, late) in tables.items():
        expected[run], earned[run] = {}, {}
        for C in CANDIDATES:
            model = recipe.make_model(C).fit(train[recipe.FEATURES], train["late"])
            expected[run][str(C)] = [round(float(p), 7) for p in model.predict_proba(unseen)[:, 1]]
            scores = model.predict_proba(late[recipe.FEATURES])[:, 1]
            earned[run][str(C)] = round(float(roc_auc_score(late["late"], scores)), 7)
    (out / "checker/expected.json").write_text(json.dumps(expected), encoding="utf-8")
    (out / "checker/earned.json").write_text(json.dumps(earned), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
