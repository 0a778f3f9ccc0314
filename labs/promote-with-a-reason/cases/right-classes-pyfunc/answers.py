# %% task="t1"
import logging
import sys

from mlflow.exceptions import MlflowException

logging.basicConfig(stream=sys.stderr, level=logging.INFO)
registry = MlflowClient()
try:
    registry.create_registered_model(NAME, description="Late flights out of New York")
except MlflowException:
    logging.warning("%s exists already", NAME)
made = registry.get_run(BASELINE_RUN).outputs.model_outputs[0].model_id
first = registry.create_model_version(NAME, source=f"models:/{made}", run_id=BASELINE_RUN)
registry.set_model_version_tag(NAME, first.version, "note", "the first one")
registry.set_registered_model_alias(NAME, alias="champion", version=first.version)
registry.set_registered_model_alias(NAME, alias="baseline", version=first.version)

# %% task="t2"
from dataclasses import asdict, dataclass


@dataclass
class Verdict:
    promote: bool
    champion_auc: float | None
    challenger_auc: float
    reason: str


def version_of(name, alias):
    try:
        return registry.get_model_version_by_alias(name, alias)
    except MlflowException as error:
        logging.info("no %s: %s", alias, error)
        return None


def earns(name, version):
    loaded = mlflow.pyfunc.load_model(f"models:/{name}/{version}").get_raw_model()
    probabilities = loaded.predict_proba(valid_X)
    late_column = list(loaded.classes_).index(True)
    return round(roc_auc_score(valid_late.to_numpy(), probabilities[:, late_column]), 4)


def judge(name, challenger_version):
    champion = version_of(name, "champion")
    challenger = earns(name, int(challenger_version))
    if champion is None:
        return asdict(Verdict(True, None, challenger, "nobody to beat"))
    reigning = earns(name, champion.version)
    print("champion", reigning, "challenger", challenger)
    better = not challenger < reigning + MARGIN
    return asdict(Verdict(better, reigning, challenger, "good enough" if better else "not good enough")) | {
        "margin": MARGIN
    }


# %% task="t3"
class Switch:
    def __init__(self, name):
        self.name = name

    def point(self, alias, version):
        registry.set_registered_model_alias(self.name, alias, version)

    def to(self, version):
        before = version_of(self.name, "champion")
        if before and int(before.version) == int(version):
            logging.warning("champion already")
            return self
        self.point("champion", version)
        if before:
            self.point("previous", before.version)
        return self

    def back(self):
        before = version_of(self.name, "previous")
        if not before:
            raise ValueError("nothing to roll back to")
        registry.delete_registered_model_alias(self.name, "previous")
        self.point("champion", before.version)
        return before.version


def promote(name, version):
    Switch(name).to(version)


def rollback(name):
    return Switch(name).back()


# %% task="t4"
def review(name, challenger_version):
    verdict = judge(name, challenger_version)
    note = {
        "decision": ("refused", "promoted")[verdict["promote"]],
        "reason": verdict["reason"],
        "challenger_auc": f"{verdict['challenger_auc']:.3f}",
        "champion_auc": "none" if verdict["champion_auc"] is None else f"{verdict['champion_auc']:.3f}",
        "decided_by": "a rule",
    }
    for tag in note:
        registry.set_model_version_tag(name, challenger_version, tag, note[tag])
    if verdict["promote"]:
        promote(name, challenger_version)
    return verdict
