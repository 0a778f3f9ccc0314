"""Answers to questions about MLflow, and the only module of ours that imports it.

The server is the one the platform set up (MLFLOW_TRACKING_URI of the environment), whatever the notebook
may have set since: that one is where the brief asks for the work.
"""

from __future__ import annotations

import math
import os
from typing import Any

MAX_RUNS = 1000


def _client() -> Any:
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])


def warm() -> None:
    """Have MLflow look through the installed packages now, as it would at the first model that a process logs."""
    from mlflow.utils import requirements_utils

    requirements_utils._init_modules_to_packages_map()  # type: ignore[no-untyped-call]  # MLflow has none


def runs(experiment: str) -> list[dict[str, Any]]:
    """The active runs of an experiment as dicts of `grader.checks.Run`, oldest first."""
    client = _client()
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return []
    rows = client.search_runs(
        [found.experiment_id], order_by=["attributes.start_time ASC"], max_results=MAX_RUNS
    )
    return [_run(row) for row in rows]


def _run(row: Any) -> dict[str, Any]:
    return {
        "id": row.info.run_id,
        "name": row.info.run_name or "",
        "status": row.info.status,
        "params": dict(row.data.params),
        "metrics": {name: value for name, value in row.data.metrics.items() if math.isfinite(value)},
        "tags": {name: value for name, value in row.data.tags.items() if not name.startswith("mlflow.")},
        "models": _models(row),
        "start_time": int(row.info.start_time or 0),
    }


def _models(row: Any) -> list[str]:
    """URIs of the models logged in a run, whichever way they were logged."""
    outputs = getattr(row, "outputs", None)
    ids = [output.model_id for output in (outputs.model_outputs if outputs else [])]
    return [f"models:/{model_id}" for model_id in ids]


def versions(model: str) -> list[dict[str, Any]]:
    """The versions of a registered model as dicts of `grader.checks.ModelVersion`, oldest first."""
    from mlflow.exceptions import MlflowException

    client = _client()
    try:
        registered = client.get_registered_model(model)
    except MlflowException:
        return []
    by_version: dict[str, list[str]] = {}
    for alias, version in (registered.aliases or {}).items():
        by_version.setdefault(str(version), []).append(alias)
    quoted = model.replace("'", "")
    rows = client.search_model_versions(f"name = '{quoted}'", max_results=MAX_RUNS)
    return [
        {
            "version": str(row.version),
            "run_id": row.run_id or "",
            "aliases": sorted(by_version.get(str(row.version), [])),
            "tags": dict(row.tags or {}),
        }
        for row in sorted(rows, key=lambda row: int(row.version))
    ]


def alias(model: str, name: str) -> str | None:
    """The version an alias of a registered model points to, or None."""
    from mlflow.exceptions import MlflowException

    try:
        return str(_client().get_model_version_by_alias(model, name).version)
    except MlflowException:
        return None


def predict(uri: str, frame: dict[str, Any]) -> list[Any]:
    """Scores of a logged model for the rows of a frame sent as columns, dtypes and rows."""
    import mlflow
    import pandas as pd

    rows = pd.DataFrame(frame["rows"], columns=frame["columns"]).astype(frame["dtypes"])
    mine, wanted = mlflow.get_tracking_uri(), os.environ["MLFLOW_TRACKING_URI"]
    mlflow.set_tracking_uri(wanted)
    try:
        model = _load(mlflow, uri)
        if hasattr(model, "predict_proba"):
            scores = model.predict_proba(rows)
            return list(scores[:, -1].tolist())
        predicted = model.predict(rows)
        values = predicted.to_numpy() if hasattr(predicted, "to_numpy") else predicted
        return [row[-1] if isinstance(row, list) else row for row in values.tolist()]
    finally:
        mlflow.set_tracking_uri(mine)


def _load(mlflow: Any, uri: str) -> Any:
    """The scikit-learn model itself where it is one (it has probabilities), else the generic wrapper."""
    try:
        return mlflow.sklearn.load_model(uri)
    except Exception:  # noqa: BLE001  # not of that flavour: any error of any flavour's loader
        return mlflow.pyfunc.load_model(uri)
