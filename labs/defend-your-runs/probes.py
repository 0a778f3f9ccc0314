"""Runs on the learner's side: plants experiments for `best_run` to search. Public; no check trusts it."""

import os

from mlflow import MlflowClient


def _client():
    return MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])


def plant(experiment, rows):
    """Make an experiment with a run for each row; return the run ids by the rows' keys.

    A row has `key`, `metrics` (a list of [name, value], logged in that order; "nan" is not a number) and
    perhaps `status` (FINISHED when left out) and `deleted`.
    """
    client = _client()
    experiment_id = client.create_experiment(experiment)
    ids = {}
    for row in rows:
        run_id = client.create_run(experiment_id, run_name=row["key"]).info.run_id
        for step, (name, value) in enumerate(row["metrics"]):
            client.log_metric(run_id, name, float(value), step=step)
        status = row.get("status", "FINISHED")
        if status != "RUNNING":
            client.set_terminated(run_id, status)
        if row.get("deleted"):
            client.delete_run(run_id)
        ids[row["key"]] = run_id
    return ids


def clear(experiment):
    """Delete a planted experiment, so that practice leaves nothing on the server's page."""
    found = _client().get_experiment_by_name(experiment)
    if found is not None:
        _client().delete_experiment(found.experiment_id)
