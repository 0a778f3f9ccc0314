"""Second step: learn from prepared/train.csv how often flights of each group are late; write model.json."""

import csv
import json
from pathlib import Path

import yaml

from features import features


def fit(flights, smoothing):
    """The share of late flights, over all and in each group. A small group is pulled towards the share of all."""
    overall = sum(flight["late"] == "1" for flight in flights) / len(flights)
    counts = {}
    for flight in flights:
        for name, value in features(flight):
            count = counts.setdefault(f"{name}={value}", [0, 0])
            count[0] += flight["late"] == "1"
            count[1] += 1
    groups = {
        group: (late + smoothing * overall) / (number + smoothing)
        for group, (late, number) in sorted(counts.items())
    }
    return {"overall": overall, "groups": groups}


if __name__ == "__main__":
    params = yaml.safe_load(Path("params.yaml").read_text())["train"]
    with Path("prepared/train.csv").open(newline="") as file:
        model = fit(list(csv.DictReader(file)), params["smoothing"])
    Path("model.json").write_text(json.dumps(model, indent=1) + "\n")
    print(f"learned about {len(model['groups'])} groups")
