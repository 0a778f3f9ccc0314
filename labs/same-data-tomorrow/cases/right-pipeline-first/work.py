import runpy
from pathlib import Path

tool = runpy.run_path(str(Path(__file__).parents[2] / "reference" / "work.py"))
SET_UP, FIRST, SECOND, PIPELINE, RUN = (tool[name] for name in ("SET_UP", "FIRST", "SECOND", "PIPELINE", "RUN"))


def make(folder):
    tool["build"](folder, [
        "copy delivery-1.csv", "git add -A", "git commit -q -m 'Oops, the data'", "git reset -q --hard HEAD~1",
        *SET_UP, "git add -A", "git commit -q -m 'DVC'",
        "copy delivery-1.csv", "dvc add -q data/flights.csv", "git add -A", "git commit -q -m 'January'",
        *PIPELINE, "dvc repro -q", "git add -A", "git commit -q -m 'Pipeline'", "dvc push -q", "git tag data-v1",
        "git checkout -q -b corrected", "copy delivery-2.csv", "dvc add -q data/flights.csv", "dvc repro -q",
        "git add -A", "git commit -q -m 'January corrected, and February'", "git tag data-v2", "dvc push -q",
        "git checkout -q main", "git merge -q --no-ff -m Merge corrected", "dvc checkout -q",
        "git checkout -q data-v1", "dvc checkout -q",
    ])
