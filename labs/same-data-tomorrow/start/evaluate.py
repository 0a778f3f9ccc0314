"""Third step: score model.json on prepared/validate.csv; write metrics.json."""

import csv
import json
import math
from pathlib import Path

import yaml

from features import features


def log_odds(share):
    share = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(share / (1 - share))


def probability(model, flight):
    """How likely the model thinks it is that a flight will be late."""
    base = log_odds(model["overall"])
    known = [model["groups"].get(f"{name}={value}") for name, value in features(flight)]
    total = base + sum(log_odds(share) - base for share in known if share is not None)
    return round(1 / (1 + math.exp(-total)), 9)


def auc(late, scores):
    """Area under the ROC curve: how often a late flight has the higher score, ties counted half."""
    order = sorted(range(len(scores)), key=scores.__getitem__)
    ranks, first = 0.0, 0
    while first < len(order):
        end = first
        while end < len(order) and scores[order[end]] == scores[order[first]]:
            end += 1
        ranks += (first + end + 1) / 2 * sum(late[number] for number in order[first:end])
        first = end
    number = sum(late)
    return (ranks - number * (number + 1) / 2) / (number * (len(late) - number))


def score(model, flights, threshold):
    """The area under the ROC curve; the share of all flights, and of the late ones, announced as late."""
    late = [flight["late"] == "1" for flight in flights]
    scores = [probability(model, flight) for flight in flights]
    announced = [one >= threshold for one in scores]
    caught = sum(was and said for was, said in zip(late, announced, strict=True))
    return {
        "auc": round(auc(late, scores), 6),
        "announced": round(sum(announced) / len(flights), 6),
        "caught": round(caught / sum(late), 6),
    }


if __name__ == "__main__":
    params = yaml.safe_load(Path("params.yaml").read_text())["evaluate"]
    model = json.loads(Path("model.json").read_text())
    with Path("prepared/validate.csv").open(newline="") as file:
        metrics = score(model, list(csv.DictReader(file)), params["threshold"])
    Path("metrics.json").write_text(json.dumps(metrics, indent=1) + "\n")
    print(metrics)
