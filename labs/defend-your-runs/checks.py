"""Graded checks of "Runs you can defend": what a run says is a claim; scores and hashes are computed here."""

import hashlib
import json
import random

import numpy as np
import pandas as pd

from grader.checks import Attempt, Run, check

EXPERIMENT = "flight-delays"
CANDIDATES = (0.001, 0.03, 3.0)
FILES = {
    "main": ("data/train.csv", "data/validate.csv"),
    "other-data": ("data/train-b.csv", "data/validate-b.csv"),
}
SAME_MODEL = 5e-4  # mean difference of probabilities: the same fit gives under 1e-7, another one over 4e-3
SAME_SCORE = 6e-4  # of AUC: three decimals are enough, the neighbouring mistakes are 8e-3 and more away


def auc(late: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve from ranks (Mann and Whitney), ties counted half."""
    ranks = pd.Series(scores).rank().to_numpy()
    positives = int(late.sum())
    above = ranks[late].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(late) - positives)))


def number(text: str) -> float | None:
    """A logged parameter as a number, where it is one."""
    try:
        return float(text)
    except ValueError:
        return None


def finished(runs: list[Run]) -> list[Run]:
    return [run for run in runs if run.status == "FINISHED"]


def counting(attempt: Attempt) -> dict[float, Run]:
    """The runs that count, by candidate, as the brief says: the newest finished one with C and a model."""
    found: dict[float, Run] = {}
    for run in finished(attempt.mlflow.runs(EXPERIMENT)):
        value = number(run.params.get("C", ""))
        for candidate in CANDIDATES:
            if value is not None and abs(value - candidate) < 1e-9 and run.models:
                found[candidate] = run
    return found


def scores_of(attempt: Attempt, run: Run, rows: pd.DataFrame) -> list[np.ndarray]:
    """Predictions of a run's models, newest first; autolog may have logged one beside the learner's."""
    return [np.array(attempt.predict(uri, rows)) for uri in run.models[::-1][:3]]


def expected(attempt: Attempt, which: str) -> dict[float, np.ndarray]:
    """What the right models say of the flights in july.csv, by candidate."""
    table = json.loads((attempt.data / "expected.json").read_text(encoding="utf-8"))
    return {float(C): np.array(scores) for C, scores in table[which].items()}


def earned_by(attempt: Attempt, which: str) -> dict[float, float]:
    """AUC of the right models on the file to score on, by candidate."""
    table = json.loads((attempt.data / "earned.json").read_text(encoding="utf-8"))
    return {float(C): float(score) for C, score in table[which].items()}


def same(one: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.abs(one - other).mean() < SAME_MODEL)


def expect_runs(attempt: Attempt) -> dict[float, Run]:
    """Fail with the nearest cause unless every candidate has a run that counts."""
    runs = attempt.mlflow.runs(EXPERIMENT)
    attempt.expect(
        runs,
        saw=f"no run in the experiment '{EXPERIMENT}' once the notebook has run from top to bottom",
        help="Start a run with mlflow.start_run(), and choose no other experiment or tracking address.",
    )
    done = finished(runs)
    attempt.expect(
        done,
        saw=f"runs with the status {', '.join(sorted({run.status for run in runs}))}, none FINISHED",
        help="Put the work inside `with mlflow.start_run():`. Leaving the block finishes the run; an "
        "error fails it.",
    )
    names = sorted({name for run in done for name in run.params})
    attempt.expect(
        any("C" in run.params for run in done),
        saw=f"finished runs with the parameters {names[:8]}, and none called C",
        help='Log it in each run, by that exact name: mlflow.log_param("C", C).',
    )
    values = sorted({run.params["C"] for run in done if "C" in run.params})
    missing = [C for C in CANDIDATES if not any(abs((number(value) or 0) - C) < 1e-9 for value in values)]
    attempt.expect(
        not missing,
        saw=f"finished runs with C = {', '.join(values[:8])}; a candidate of CANDIDATES has no run of its "
        "own",
        help="Start one run for each value in CANDIDATES, inside the loop, and log that one value as C.",
    )
    found = counting(attempt)
    without = [C for C in CANDIDATES if C not in found]
    attempt.expect(
        not without,
        saw=f"the run for C = {without[0] if without else ''} holds no logged model",
        help="Call mlflow.sklearn.log_model(...) inside that run; a file saved with log_artifact is not "
        "a model.",
    )
    return found


def expect_models(attempt: Attempt, which: str) -> None:
    """Fail unless each run's model is its candidate, fitted on all rows of DATA."""
    rows = pd.read_csv(attempt.data / "july.csv")
    right = expected(attempt, which)
    others = {name: expected(attempt, name) for name in FILES if name != which}
    for C, run in counting(attempt).items():
        given = scores_of(attempt, run, rows)
        if any(same(scores, right[C]) for scores in given):
            continue
        swapped = [other for other in CANDIDATES if other != C and same(given[0], right[other])]
        attempt.expect(
            not swapped,
            saw=f"the model in the run for C = {C} predicts just like a model with C = {(swapped or [0])[0]}",
            help="Fit a new make_model(C) inside each run, and log that one.",
        )
        attempt.expect(
            not any(same(given[0], table[C]) for table in others.values()),
            saw="with other files in DATA and VALIDATE, the models were still trained on the usual file",
            help="Train on train_X and train_late, which come from DATA, and write no path into your cell.",
        )
        attempt.expect(
            False,
            saw=f"the model in the run for C = {C} is not what make_model({C}) becomes on all rows of DATA",
            help="Fit on exactly train_X and train_late: all rows, no validation rows, no other settings.",
        )


def expect_scores(attempt: Attempt, which: str) -> None:
    """Fail unless each run's val_auc is what its candidate earns.

    The right score was computed when the lab's data was made: a score compared with the learner's own
    predictions would be one claim compared with another. The predictions only tell which mistake it was.
    """
    right = earned_by(attempt, which)
    train, late = (pd.read_csv(attempt.data / name) for name in FILES[which])
    usual = pd.read_csv(attempt.data / FILES["main"][1])
    found = counting(attempt)
    for C, run in found.items():
        attempt.expect(
            "val_auc" in run.metrics,
            saw=f"the run for C = {C} has the metrics {sorted(run.metrics)[:8]}, and none called val_auc",
            help="Log it to the run that holds the model (by its run id), not to a new run.",
        )
    for C, run in found.items():
        logged = run.metrics["val_auc"]

        def near(score: float, logged: float = logged) -> bool:
            return abs(score - logged) < SAME_SCORE

        def earned(table: pd.DataFrame, run: Run = run) -> list[np.ndarray]:
            return scores_of(attempt, run, table.drop(columns="late"))

        if near(right[C]):
            continue
        truth = late["late"].to_numpy(bool)
        given = earned(late)
        newest = given[0]
        saw = f"the run for C = {C} says val_auc = {logged:.4f}, and its logged model earns something else"
        attempt.expect(
            not near(auc(truth, (newest > 0.5).astype(float))),
            saw=f"{saw}: that is the score of yes-or-no answers",
            help="Pass the probability of being late, predict_proba(...)[:, 1], to roc_auc_score.",
        )
        attempt.expect(
            not near(float(((newest > 0.5) == truth).mean())),
            saw=f"{saw}: that is its accuracy",
            help="val_auc is the area under the ROC curve: use roc_auc_score with probabilities.",
        )
        attempt.expect(
            not near(1 - auc(truth, newest)),
            saw=f"{saw}: that is the score of the probability of being on time",
            help="predict_proba has a column for each class; late is the second one, [:, 1].",
        )
        attempt.expect(
            not any(near(auc(train["late"].to_numpy(bool), scores)) for scores in earned(train)),
            saw=f"{saw}: that is its score on the rows it was trained on",
            help="Score on valid_X and valid_late, which the model has not seen.",
        )
        if which != "main":
            attempt.expect(
                not any(near(auc(usual["late"].to_numpy(bool), scores)) for scores in earned(usual)),
                saw="with other files in DATA and VALIDATE, the score is still that of the usual file",
                help="Score on valid_X and valid_late, which come from VALIDATE; write no path into your "
                "cell.",
            )
        neighbours = [
            other
            for other, neighbour in found.items()
            if other != C
            and any(near(auc(truth, s)) for s in scores_of(attempt, neighbour, late.drop(columns="late")))
        ]
        attempt.expect(
            not neighbours,
            saw=f"{saw}: that is what the model of C = {(neighbours or [0])[0]} earns",
            help="Load each run's own model before you score it; a variable from an earlier loop holds "
            "the last one.",
        )
        attempt.expect(
            False,
            saw=saw,
            help="Load the model from its run, score it on all rows of VALIDATE and log that number, not "
            "a copy.",
        )


def expect_tag(attempt: Attempt, tag: str, digits: int) -> dict[float, str]:
    """The tag of each candidate's run, once it is there and looks like so many hexadecimal digits."""
    found = {}
    for C, run in counting(attempt).items():
        value = run.tags.get(tag)
        attempt.expect(
            value is not None,
            saw=f"the run for C = {C} has the tags {sorted(run.tags)[:8]}, and none called {tag}",
            help="Set the tag on every candidate's run, by its run id, and spell its name as in the brief.",
        )
        text = str(value)
        attempt.expect(
            text == text.strip(),
            saw=f"{tag} has white space around its digits",
            help="A command's output ends with a line break: .strip() it before you set the tag.",
        )
        attempt.expect(
            len(text) == digits and set(text) <= set("0123456789abcdef"),
            saw=f"{tag} is {len(text)} characters long and should be {digits} lower-case hexadecimal digits",
            help="Store the whole value as text: .hexdigest() for a hash, the full and not the short "
            "commit for Git.",
        )
        found[C] = text
    return found


def sha256_of(attempt: Attempt, name: str) -> str:
    return hashlib.sha256((attempt.data / name).read_bytes()).hexdigest()


# ---------------------------------------------------------------------------------------------- task 1


@check("t1", points=1)
def a_run_for_every_candidate(attempt: Attempt) -> None:
    """Each candidate has a finished run with its C and a model."""
    expect_runs(attempt)


@check("t1", points=2, needs=("a_run_for_every_candidate",))
def each_model_is_its_candidate(attempt: Attempt) -> None:
    """The model in a run is that candidate, trained on all rows of DATA."""
    expect_models(attempt, "main")


@check("t1", points=1, needs=("each_model_is_its_candidate",))
def models_follow_the_data(attempt: Attempt) -> None:
    """With another file in DATA, the models are trained on that file."""
    other = attempt.run("other-data")
    expect_runs(other)
    expect_models(other, "other-data")


# ---------------------------------------------------------------------------------------------- task 2


@check("t2", points=3, needs=("each_model_is_its_candidate",))
def logged_score_is_true(attempt: Attempt) -> None:
    """The val_auc you logged is the one your logged model earns."""
    expect_scores(attempt, "main")


@check("t2", points=1, needs=("logged_score_is_true", "models_follow_the_data"))
def score_follows_the_data(attempt: Attempt) -> None:
    """With other files in DATA and VALIDATE, the logged score is still true."""
    other = attempt.run("other-data")
    expect_runs(other)
    expect_scores(other, "other-data")


# ---------------------------------------------------------------------------------------------- task 3


@check("t3", points=1, needs=("a_run_for_every_candidate",))
def data_is_named_by_its_hash(attempt: Attempt) -> None:
    """data_sha256 is the SHA-256 of the file's bytes."""
    right = sha256_of(attempt, FILES["main"][0])
    for C, value in expect_tag(attempt, "data_sha256", 64).items():
        attempt.expect(
            value != hashlib.sha256(FILES["main"][0].encode()).hexdigest(),
            saw=f"data_sha256 of the run for C = {C} is the hash of the file's name",
            help="Hash what is in the file: read its bytes first.",
        )
        attempt.expect(
            value != sha256_of(attempt, FILES["main"][1]),
            saw=f"data_sha256 of the run for C = {C} is the hash of the validation file",
            help="Hash the file that DATA names: the one the model was trained on.",
        )
        attempt.expect(
            value == right,
            saw=f"data_sha256 of the run for C = {C} is not the SHA-256 of the bytes of DATA",
            help="Read the file in binary and hash that. Compare with the command: sha256sum data/train.csv",
        )


@check("t3", points=1, needs=("a_run_for_every_candidate",))
def code_is_named_by_its_commit(attempt: Attempt) -> None:
    """git_commit is the commit that the work folder is at."""
    for C, value in expect_tag(attempt, "git_commit", 40).items():
        attempt.expect(
            value == attempt.git_head,
            saw=f"git_commit of the run for C = {C} is not the commit this folder is at",
            help="Ask Git when the cell runs (git rev-parse HEAD) instead of writing a commit into the cell.",
        )


@check("t3", points=1, needs=("data_is_named_by_its_hash",))
def hash_follows_the_data(attempt: Attempt) -> None:
    """With another file in DATA, data_sha256 is that file's."""
    other = attempt.run("other-data")
    expect_runs(other)
    right = sha256_of(attempt, FILES["other-data"][0])
    for value in expect_tag(other, "data_sha256", 64).values():
        attempt.expect(
            value == right,
            saw="with another file in DATA, data_sha256 is not that file's hash",
            help="Hash the file that the name DATA holds, when the cell runs; write no path or hash into "
            "the cell.",
        )


# ---------------------------------------------------------------------------------------------- task 4


def scores(draw: random.Random, how_many: int) -> list[float]:
    """So many different plausible scores, lowest first, at least 0.005 apart."""
    steps = sorted(draw.sample(range(1, 60), how_many))
    return [round(0.55 + 0.005 * step, 4) for step in steps]


def planted(attempt: Attempt, experiment: str, rows: list[dict]) -> dict[str, str]:
    """Plant an experiment; return its keys by run id, once the server shows what was asked for.

    The learner's side never sees the keys: a key that says "best" would be the answer.
    """
    draw = random.Random(f"{attempt.seed} {experiment}")
    names = {row["key"]: f"trial-{draw.getrandbits(32):08x}" for row in rows}
    made = attempt.probe("plant", experiment, [{**row, "key": names[row["key"]]} for row in rows])
    ids = {key: made.get(name, "") for key, name in names.items()}
    shown = {run.id: run for run in attempt.mlflow.runs(experiment)}
    visible = [row for row in rows if not row.get("deleted")]
    intact = len(set(ids.values())) == len(rows) and len(shown) == len(visible)
    for row in visible:
        run = shown.get(ids[row["key"]])
        last = {name: value for name, value in row["metrics"] if value != "nan"}
        intact = (
            intact and run is not None and run.status == row.get("status", "FINISHED") and run.metrics == last
        )
    attempt.expect(
        intact,
        saw="runs that were made for this check do not come back from MLflow as they were made",
        help="Remove code that changes MLflow itself or its address, then Restart Kernel and Run All Cells.",
    )
    return {run_id: key for key, run_id in ids.items()}


WHY = {
    "failed": ("a run that FAILED", "Keep only finished runs: filter on attributes.status."),
    "running": ("a run that is still RUNNING", "Keep only finished runs: filter on attributes.status."),
    "killed": ("a run that was KILLED", "Keep only finished runs: filter on attributes.status."),
    "deleted": (
        "a deleted run",
        "Search active runs only, which is what MLflow does when not told otherwise.",
    ),
    "bare": ("a run without val_auc", "Only runs with the metric val_auc are candidates."),
    "other-metric": ("a run that is best by another metric", "Rank by val_auc and nothing else."),
    "elsewhere": ("a run of another experiment", "Search only the experiment that was asked for."),
    "peak": ("a run whose val_auc was higher once but not at the end", "The last logged value counts."),
    "nan": ("a run whose val_auc is not a number", "Leave out values that are nan before you compare."),
    "lowest": ("the run with the lowest val_auc", "Highest first: DESC in order_by, or reverse the sort."),
}


def expect_best(attempt: Attempt, experiment: str, keys: dict[str, str]) -> None:
    answer = attempt.call("best_run", experiment)
    attempt.expect(
        isinstance(answer, str) and answer in keys,
        saw=f"best_run returned {describe(answer)} and should return the id of one of the experiment's runs",
        help="Return the run's id as text: run.info.run_id, or the column run_id of search_runs.",
    )
    key = keys[answer]
    what, mend = WHY.get(
        key.removesuffix("-too"),
        ("a run that is not the best", "Compare all runs by val_auc; take the highest."),
    )
    attempt.expect(key == "best", saw=f"best_run returned {what}", help=mend)


def describe(answer: object) -> str:
    if answer is None:
        return "None"
    return f"a text of {len(answer)} characters" if isinstance(answer, str) else f"a {type(answer).__name__}"


def shuffled(draw: random.Random, rows: list[dict]) -> list[dict]:
    return draw.sample(rows, len(rows))


@check("t4", points=2)
def best_among_finished_runs(attempt: Attempt) -> None:
    """best_run finds the best finished run of an experiment it has never seen."""
    draw = random.Random(attempt.seed)
    low, middle, second, best, *higher = scores(draw, 10)
    name = f"night shift {draw.randrange(10**6)}"
    elsewhere = planted(
        attempt, f"{name} (copy)", [{"key": "elsewhere", "metrics": [["val_auc", higher[5]]]}]
    )
    # The best is neither the first run nor the last one.
    rows = [
        {"key": "second", "metrics": [["val_auc", second]]},
        *shuffled(
            draw,
            [
                {"key": "best", "metrics": [["val_auc", best], ["train_auc", low]]},
                {"key": "middle", "metrics": [["val_auc", middle]]},
                {"key": "failed", "metrics": [["val_auc", higher[1]]], "status": "FAILED"},
                {"key": "running", "metrics": [["val_auc", higher[2]]], "status": "RUNNING"},
                {"key": "killed", "metrics": [["val_auc", higher[0]]], "status": "KILLED"},
                {"key": "deleted", "metrics": [["val_auc", higher[3]]], "deleted": True},
                {"key": "other-metric", "metrics": [["train_auc", higher[4]], ["val_auc", middle]]},
            ],
        ),
        {"key": "bare", "metrics": []},
        {"key": "lowest", "metrics": [["val_auc", low]]},
    ]
    expect_best(attempt, name, {**elsewhere, **planted(attempt, name, rows)})


@check("t4", points=1, needs=("best_among_finished_runs",))
def last_value_counts(attempt: Attempt) -> None:
    """A score that was logged several times counts by its last value, and nan is no score."""
    draw = random.Random(attempt.seed + 1)
    low, second, best, high = scores(draw, 4)
    name = f"long trainings {draw.randrange(10**6)}"
    # nan is neither above nor below a number: it wins a comparison by being first, so it is first and last.
    rows = [
        {"key": "nan", "metrics": [["val_auc", "nan"]]},
        *shuffled(
            draw,
            [
                {"key": "peak", "metrics": [["val_auc", low], ["val_auc", high], ["val_auc", low]]},
                {"key": "best", "metrics": [["val_auc", low], ["val_auc", best]]},
                {"key": "second", "metrics": [["val_auc", second]]},
            ],
        ),
        {"key": "lowest", "metrics": [["val_auc", low]]},
        {"key": "nan-too", "metrics": [["val_auc", "nan"]]},
    ]
    expect_best(attempt, name, planted(attempt, name, rows))


@check("t4", points=1, needs=("best_among_finished_runs",))
def nothing_qualifies(attempt: Attempt) -> None:
    """best_run returns None when there is no run to return."""
    draw = random.Random(attempt.seed + 2)
    name = f"bad day {draw.randrange(10**6)}"
    rows = [
        {"key": "failed", "metrics": [["val_auc", 0.7]], "status": "FAILED"},
        {"key": "bare", "metrics": [["train_auc", 0.8]]},
    ]
    planted(attempt, name, rows)
    for where, what in (
        (name, "no run qualifies"),
        (f"{name} that never was", "there is no such experiment"),
    ):
        answer = attempt.call("best_run", where)
        attempt.expect(
            answer is None,
            saw=f"best_run returned {describe(answer)} although {what}",
            help="Look whether anything was found before you take the first one, and return None otherwise.",
        )
