"""Runs on the learner's side: registers champions and challengers. Public; no check trusts it."""

import os

import numpy as np
from recipe import REQUIREMENTS, make_model, read_flights

_logged = {}  # address of the logged model by its key


def train(path, columns, C, flipped):
    """A model of some columns; `flipped` is the share of training labels that are turned round."""
    features, late = read_flights(path)
    turned = np.random.default_rng(5).random(len(late)) < flipped
    return make_model(columns, C).fit(features, late ^ turned)


def _client():
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=os.environ["MLFLOW_TRACKING_URI"])


def _log(key, columns, C, flipped, claim):
    """Log a model in a run that claims some score; return the model's address, the run's id and the model's."""
    import mlflow

    model = train("data/train.csv", columns, C, flipped)
    experiment = mlflow.get_experiment_by_name("made by checks")
    with mlflow.start_run(
        experiment_id=experiment.experiment_id if experiment else mlflow.create_experiment("made by checks"),
        run_name=key,
        nested=True,
    ) as run:
        mlflow.log_metric("val_auc", claim)
        info = mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)
    return info.model_uri, run.info.run_id, info.model_id


def plant(name, models, aliases):
    """Register models under a new name; return their versions as text, in order.

    A model has `key`, `columns`, `C`, `flipped` and `claim` (a val_auc that its run says it has).
    `aliases` maps an alias to a place in the list.
    """
    import mlflow

    mine = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])
    try:
        for model in models:
            if model["key"] not in _logged:
                _logged[model["key"]] = _log(**model)
    finally:
        mlflow.set_tracking_uri(mine)
    client = _client()
    client.create_registered_model(name)
    versions = []
    for model in models:
        uri, run_id, model_id = _logged[model["key"]]
        # A server takes the address of a model only together with its id; a store in a file does without.
        made = client.create_model_version(name, uri, run_id, model_id=model_id)
        versions.append(str(made.version))
    for alias, place in aliases.items():
        client.set_registered_model_alias(name, alias, versions[place])
    return versions


def clear(name):
    """Delete a registered model, so that practice leaves no names on the server's page."""
    from mlflow.exceptions import MlflowException

    try:
        _client().delete_registered_model(name)
    except MlflowException:
        return
