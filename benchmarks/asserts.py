"""What nbgrader and Otter check of the lab: plain asserts in the learner's own kernel, one function a task.

The two tools get the source of each function as it stands here, so each brings its own imports. The
functions look at about the same things as the lab's graded checks, on one run of the notebook.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

Namespace = dict[str, Any]


def t1(env: Namespace) -> None:
    """Each candidate has a finished run with its C and a model."""
    import mlflow

    runs = mlflow.search_runs(experiment_names=[env["EXPERIMENT"]], output_format="list")
    done = {float(run.data.params["C"]): run for run in runs if run.info.status == "FINISHED"}
    assert set(done) == set(env["CANDIDATES"]), f"runs for {sorted(done)}"
    assert all(run.outputs and run.outputs.model_outputs for run in done.values()), "a run without a model"


def t2(env: Namespace) -> None:
    """The val_auc of each run is what its logged model earns."""
    import mlflow
    from sklearn.metrics import roc_auc_score

    for run in mlflow.search_runs(experiment_names=[env["EXPERIMENT"]], output_format="list"):
        model = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
        earned = roc_auc_score(env["valid_late"], model.predict_proba(env["valid_X"])[:, 1])
        assert abs(run.data.metrics["val_auc"] - earned) < 6e-4, f"logged another score than {earned:.4f}"


def t3(env: Namespace) -> None:
    """Each run names its data and its commit."""
    import hashlib
    import subprocess
    from pathlib import Path

    import mlflow

    data = hashlib.sha256(Path(env["DATA"]).read_bytes()).hexdigest()
    commit = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()
    for run in mlflow.search_runs(experiment_names=[env["EXPERIMENT"]], output_format="list"):
        assert run.data.tags.get("data_sha256") == data, "data_sha256 is not the hash of the file"
        assert run.data.tags.get("git_commit") == commit, "git_commit is not the commit"


def t4(env: Namespace) -> None:
    """best_run finds the best finished run of an experiment it has never seen."""
    from mlflow import MlflowClient

    client = MlflowClient()
    experiment = client.create_experiment("night shift")
    made = {}
    for value, status in ((0.61, "FINISHED"), (0.66, "FINISHED"), (0.91, "FAILED")):
        run_id = made[value] = client.create_run(experiment).info.run_id
        client.log_metric(run_id, "val_auc", value)
        client.set_terminated(run_id, status)
    assert env["best_run"]("night shift") == made[0.66], "not the best finished run"
    assert env["best_run"]("never was") is None, "an experiment that does not exist"


TASKS: dict[str, Callable[[Namespace], None]] = {"t1": t1, "t2": t2, "t3": t3, "t4": t4}


LAB = "defend-your-runs"


def source(lab: str, task: str) -> str:
    """A task's function as source, to be pasted into another tool. Of another lab nothing is checked: it only runs."""
    if lab != LAB:
        return f"def {task}(env):\n    assert env"
    return "from typing import Any\n\nNamespace = dict[str, Any]\n\n\n" + inspect.getsource(TASKS[task])
