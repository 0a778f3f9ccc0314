"""Public checks of "Runs you can defend": few and quick. The graded ones look at more runs and other data."""

import hashlib
import secrets

import numpy as np
import pandas as pd
from recipe import make_model, read_flights
from sklearn.metrics import roc_auc_score

from grader.checks import Attempt, Run, check

EXPERIMENT = "flight-delays"
CANDIDATES = (0.001, 0.03, 3.0)


def rows_of(attempt: Attempt, name: str) -> tuple[pd.DataFrame, pd.Series]:
    """Features and labels of the file that DATA or VALIDATE names in the notebook now."""
    return read_flights(attempt.data / str(attempt.value(name)))


def is_candidate(run: Run, C: float) -> bool:
    try:
        return abs(float(run.params["C"]) - C) < 1e-9
    except (KeyError, ValueError):
        return False


def newest(attempt: Attempt, C: float) -> Run:
    """The run that counts for a candidate; the check fails when there is none."""
    runs = [
        run for run in attempt.mlflow.runs(EXPERIMENT) if run.status == "FINISHED" and is_candidate(run, C)
    ]
    found = sorted(
        {f"{name} = {value}" for run in attempt.mlflow.runs(EXPERIMENT) for name, value in run.params.items()}
    )
    attempt.expect(
        runs,
        saw=f"no finished run with the parameter C = {C} in the experiment '{EXPERIMENT}', which has "
        f"{', '.join(found[:6]) or 'no parameters'}",
        help='Start a run for each candidate and log its value: mlflow.log_param("C", C).',
    )
    holding = [run for run in runs if run.models]
    attempt.expect(
        holding,
        saw=f"the run for C = {C} holds no logged model",
        help="Call mlflow.sklearn.log_model(...) inside the run.",
    )
    return holding[-1]


@check("t1")
def every_candidate_has_a_run(attempt: Attempt) -> None:
    """Each candidate has a finished run with its C and a model."""
    for C in CANDIDATES:
        newest(attempt, C)


@check("t1", needs=("every_candidate_has_a_run",))
def one_model_is_its_candidate(attempt: Attempt) -> None:
    """The model for C = 0.03 predicts like make_model(0.03) trained on all of DATA."""
    features, late = rows_of(attempt, "DATA")
    rows = features.head(200)
    right = make_model(0.03).fit(features, late).predict_proba(rows)[:, 1]
    run = newest(attempt, 0.03)
    attempt.expect(
        any(np.abs(np.array(attempt.predict(uri, rows)) - right).mean() < 5e-4 for uri in run.models),
        saw="the model in the run for C = 0.03 predicts otherwise",
        help="Fit a new make_model(C) in each run, on all rows of train_X and train_late, and log that one.",
    )


@check("t2", needs=("every_candidate_has_a_run",))
def one_score_is_true(attempt: Attempt) -> None:
    """The val_auc of the run for C = 0.03 is what its model earns on VALIDATE."""
    run = newest(attempt, 0.03)
    attempt.expect(
        "val_auc" in run.metrics,
        saw=f"the run for C = 0.03 has the metrics {sorted(run.metrics)[:8]}, and none called val_auc",
        help="Log it to the run that holds the model, by its run id.",
    )
    features, late = rows_of(attempt, "VALIDATE")
    earned = [roc_auc_score(late, attempt.predict(uri, features)) for uri in run.models]
    attempt.expect(
        any(abs(score - run.metrics["val_auc"]) < 6e-4 for score in earned),
        saw=f"the run for C = 0.03 says {run.metrics['val_auc']:.4f}; the model loaded from it earns "
        "something else",
        help="Score the model loaded from this run, with probabilities, on valid_X and valid_late.",
    )


@check("t3", needs=("every_candidate_has_a_run",))
def one_run_says_where_it_came_from(attempt: Attempt) -> None:
    """The run for C = 0.03 names its data and its commit."""
    tags = newest(attempt, 0.03).tags
    for tag, digits in (("data_sha256", 64), ("git_commit", 40)):
        value = tags.get(tag)
        attempt.expect(
            value is not None,
            saw=f"the run for C = 0.03 has the tags {sorted(tags)[:8]}, and none called {tag}",
            help="Set it with set_tag on every candidate's run.",
        )
        text = str(value)
        attempt.expect(
            len(text) == digits and set(text) <= set("0123456789abcdef"),
            saw=f"{tag} is {len(text)} characters long, and {digits} lower-case hexadecimal digits are "
            "needed",
            help="Store the whole value and nothing around it: no prefix, no line break.",
        )
    path = str(attempt.value("DATA"))
    right = hashlib.sha256((attempt.data / path).read_bytes()).hexdigest()
    attempt.expect(
        tags["data_sha256"] == right,
        saw=f"data_sha256 is not the SHA-256 of the bytes of {path}",
        help="Hash what is in the file, read in binary. Compare with the command sha256sum.",
    )
    if attempt.git_head:
        attempt.expect(
            tags["git_commit"] == attempt.git_head,
            saw="git_commit is not the commit this folder is at now",
            help="Run the cell again if you have committed since; otherwise ask Git with: git rev-parse HEAD",
        )


@check("t4")
def best_of_a_small_experiment(attempt: Attempt) -> None:
    """best_run finds the best of three planted runs, one of which failed."""
    experiment = f"practice {secrets.token_hex(6)}"
    rows = [
        {"key": "good", "metrics": [["val_auc", 0.61]]},
        {"key": "best", "metrics": [["val_auc", 0.66]]},
        {"key": "failed", "metrics": [["val_auc", 0.91]], "status": "FAILED"},
    ]
    try:
        ids = attempt.probe("plant", experiment, rows)
        answer = attempt.call("best_run", experiment)
    finally:
        attempt.probe("clear", experiment)
    attempt.expect(
        isinstance(answer, str),
        saw=f"best_run returned a {type(answer).__name__}, and the id of a run (text) is needed",
        help="Return run.info.run_id, or the column run_id of mlflow.search_runs.",
    )
    attempt.expect(
        answer != ids["failed"],
        saw="best_run returned a run that FAILED",
        help="Keep finished runs only: a filter on attributes.status.",
    )
    attempt.expect(
        answer == ids["best"],
        saw="best_run did not return the run with the highest val_auc of the experiment it was asked about",
        help="Search the experiment of that name, sort by val_auc with the highest first, and take the "
        "first run.",
    )


@check("t4", needs=("best_of_a_small_experiment",))
def no_such_experiment(attempt: Attempt) -> None:
    """best_run returns None for an experiment that does not exist."""
    attempt.expect(
        attempt.call("best_run", f"nowhere {secrets.token_hex(6)}") is None,
        saw="best_run returned something for an experiment that does not exist",
        help="Look whether anything was found before you take the first one.",
    )
