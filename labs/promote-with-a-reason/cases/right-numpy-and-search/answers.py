# %% task="t1"
for attempt in range(2):  # as when the cell is run twice
    info = mlflow.register_model(
        model_uri="runs:/" + BASELINE_RUN + "/model", name=NAME, tags={"try": str(attempt)}
    )
client = MlflowClient()
client.set_registered_model_alias(NAME, "champion", str(info.version))

# %% task="t2"
import numpy as np
import warnings


def aliases(name):
    (model,) = [model for model in client.search_registered_models() if model.name == name]
    return {alias: str(version) for alias, version in model.aliases.items()}


def pair_auc(model):
    """AUC as the share of pairs that are in the right order."""
    scores = model.predict_proba(valid_X)[:, 1]
    warnings.warn("slow but sure", stacklevel=2)
    on_time, late = np.sort(scores[~valid_late.to_numpy()]), scores[valid_late.to_numpy()]
    below = np.searchsorted(on_time, late, side="left")
    upto = np.searchsorted(on_time, late, side="right")
    return np.float64((below + upto).sum() / 2 / (len(late) * len(on_time)))


def judge(name, challenger_version):
    found = aliases(name)
    new = pair_auc(mlflow.sklearn.load_model(f"models:/{name}/{challenger_version}"))
    old = pair_auc(mlflow.sklearn.load_model(f"models:/{name}@champion")) if "champion" in found else None
    promote = np.bool_(old is None or new - old >= MARGIN)
    return dict(
        promote=promote, champion_auc=old, challenger_auc=new, reason=f"{new} against {old}, margin {MARGIN}"
    )


# %% task="t3"
def move(name, **targets):
    for alias, version in targets.items():
        if version is None:
            client.delete_registered_model_alias(name, alias)
        else:
            client.set_registered_model_alias(name, alias, version)


def promote(name, version):
    now = aliases(name).get("champion")
    if now != str(version):
        move(name, champion=version, **({"previous": now} if now else {}))
    return aliases(name)


def rollback(name):
    found = aliases(name)
    if "previous" not in found:
        raise ValueError(f"there is no previous version of {name}")
    move(name, champion=found["previous"], previous=None)
    return int(found["previous"])


# %% task="t4"
def review(name, challenger_version):
    verdict = judge(name, challenger_version)
    old = aliases(name).get("champion")
    if verdict["promote"]:
        if old:
            move(name, previous=old)
        move(name, champion=challenger_version)
    for key, value in verdict.items():
        if key != "promote":
            client.set_model_version_tag(name, challenger_version, key, value)
    client.set_model_version_tag(
        name, challenger_version, "decision", "promoted" if verdict["promote"] else "refused"
    )
    return verdict
