# %%
import logging
import sys
from functools import lru_cache
from typing import TypedDict

logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
log = logging.getLogger("promotion")
log.setLevel(logging.INFO)

client = MlflowClient()


def registered_from(name: str, run_id: str) -> str | None:
    """Version already made from this run, so that running the cell again makes no second one."""
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'")
    return str(max(int(v.version) for v in found)) if found else None


# %% task="t1"
(output,) = client.get_run(BASELINE_RUN).outputs.model_outputs
first_version: str = (
    registered_from(NAME, BASELINE_RUN)
    or str(mlflow.register_model(f"models:/{output.model_id}", NAME).version)
)
client.set_registered_model_alias(NAME, "champion", first_version)
log.info("%s v%s is champion (run %s)", NAME, first_version, BASELINE_RUN)
# %%
class Verdict(TypedDict):
    promote: bool
    champion_auc: float | None
    challenger_auc: float
    reason: str


def aliases(name: str) -> dict[str, str]:
    return {a: str(v) for a, v in client.get_registered_model(name).aliases.items()}


@lru_cache(maxsize=32)
def _load(uri: str):
    log.info("loading %s", uri)
    return mlflow.pyfunc.load_model(uri).get_raw_model()


def load(name: str, version: str):
    """The estimator behind a version; cached by the artefact it points to, not by its name."""
    return _load(client.get_model_version(name, version).source)


def auc(name: str, version: str) -> float:
    model = load(name, version)
    late = list(model.classes_).index(True)
    return float(roc_auc_score(valid_late, model.predict_proba(valid_X)[:, late]))


# %% task="t2"
def judge(name: str, challenger_version: str) -> Verdict:
    """Say whether a version of the registered model should replace its champion, and why."""
    champion = aliases(name).get("champion")
    new = auc(name, challenger_version)
    if champion is None:
        return Verdict(
            promote=True,
            champion_auc=None,
            challenger_auc=new,
            reason=f"There is no champion yet, so version {challenger_version} (AUC {new:.4f}) takes the place.",
        )
    old = auc(name, champion)
    ok = new - old >= MARGIN
    return Verdict(
        promote=bool(ok),
        champion_auc=old,
        challenger_auc=new,
        reason=(
            f"Version {challenger_version} has AUC {new:.4f} against {old:.4f} of champion {champion}: "
            f"{new - old:+.4f} {'reaches' if ok else 'falls short of'} the margin of {MARGIN}."
        ),
    )
# %%
def point(name: str, **targets: str) -> None:
    for alias, version in targets.items():
        client.set_registered_model_alias(name, alias, version)
        log.info("%s@%s -> v%s", name, alias, version)


# %% task="t3"
def promote(name: str, version: str) -> None:
    """Make a version champion and remember which one it replaces."""
    version = str(client.get_model_version(name, version).version)  # fails here, before anything moves
    match aliases(name).get("champion"):
        case None:
            point(name, champion=version)
        case old if old != version:
            point(name, previous=old, champion=version)


def rollback(name: str) -> str:
    """Undo the last promotion; return the version that is champion now."""
    if (target := aliases(name).get("previous")) is None:
        raise ValueError(f"{name} has no alias 'previous': nothing to roll back to")
    point(name, champion=target)
    client.delete_registered_model_alias(name, "previous")
    return target
# %% task="t4"
def review(name: str, challenger_version: str) -> Verdict:
    """Judge a challenger, act on the verdict, and write it down."""
    verdict = judge(name, challenger_version)
    if verdict["promote"]:
        promote(name, challenger_version)
    tags = {k: v for k, v in verdict.items() if k != "promote" and v is not None}
    tags["decision"] = "promoted" if verdict["promote"] else "refused"
    for key, value in tags.items():
        client.set_model_version_tag(name, challenger_version, key, str(value))
    log.info("%s v%s %s", name, challenger_version, tags["decision"])
    return verdict
