import random

import pandas as pd

from grader.checks import Attempt, check

CODE = "canary-runs-5be20f93d81c"  # stands only here
NAME = "canary-name-08f7a61c2d94"  # goes to the learner's side as the input of a check


@check("t1", points=3)
def tracks_the_total(attempt: Attempt) -> None:
    """The metric total is the sum of values you have not seen."""
    draw = random.Random(attempt.seed)
    values = [draw.randrange(1000) for _ in range(3)]
    attempt.call("track", NAME, values)
    runs = [run for run in attempt.mlflow.runs("tiny-runs") if run.name == NAME]
    attempt.expect(len(runs) == 1, saw=f"{len(runs)} runs of that name", help="Start one run a call.")
    attempt.expect(
        runs[0].metrics.get("total") == sum(values), saw="another total", help="Log the sum of the values."
    )


@check("t2", points=2)
def doubles(attempt: Attempt) -> None:
    """The registered model doubles rows you have not seen."""
    draw = random.Random(attempt.seed)
    rows = pd.DataFrame({"x": [draw.random() for _ in range(5)]})
    attempt.call("register")
    versions = attempt.mlflow.versions("tiny-double")
    attempt.expect(versions, saw="no version of tiny-double", help="Register one.")
    scores = attempt.predict(f"models:/tiny-double/{versions[-1].version}", rows)
    right = all(abs(got - 2 * x) < 1e-6 for got, x in zip(scores, rows["x"], strict=True))
    attempt.expect(right, saw="other predictions", help="Return the column x, doubled.")
