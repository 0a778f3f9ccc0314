# %% task="t1"
# Everything at once, with a class, printing and warnings on the way.
import hashlib
import logging
import os
import subprocess
import sys
import warnings

log = logging.getLogger("training")
log.addHandler(logging.StreamHandler(sys.stderr))


class Candidate:
    def __init__(self, C):
        self.C = C
        self.model = make_model(C)

    def fit(self):
        self.model.fit(train_X, train_late)
        return self

    def score(self):
        return round(roc_auc_score(valid_late, self.model.predict_proba(valid_X)[:, 1]), 3)

    def origin(self):
        digest = hashlib.sha256()
        with open(DATA, "rb") as file:
            while block := file.read(4096):
                digest.update(block)
        head = subprocess.check_output(["git", "-C", os.getcwd(), "log", "-1", "--format=%H"])
        return {"data_sha256": digest.hexdigest(), "git_commit": head.decode("ascii").rstrip("\n")}

    def track(self):
        with mlflow.start_run(
            experiment_id=mlflow.get_experiment_by_name(EXPERIMENT).experiment_id, tags=self.origin()
        ):
            mlflow.log_params({"C": self.C, "solver": "lbfgs", "rows": len(train_X)})
            mlflow.log_metrics({"val_auc": self.score(), "train_rows": len(train_X)})
            mlflow.sklearn.log_model(
                self.model,
                artifact_path="classifier",
                serialization_format="cloudpickle",
                pip_requirements=REQUIREMENTS,
            )


for C in CANDIDATES[::-1]:
    warnings.warn(f"training {C}", stacklevel=1)
    log.warning("candidate %s", C)
    print("candidate", C, "\n" * 50)
    Candidate(C).fit().track()

# %% task="t2"
pass

# %% task="t3"
pass


# %% task="t4"
def best_run(experiment_name):
    frame = mlflow.search_runs(experiment_names=[experiment_name])
    if frame.empty or "metrics.val_auc" not in frame.columns:
        return None
    frame = frame[(frame["status"] == "FINISHED") & frame["metrics.val_auc"].notna()]
    if len(frame) == 0:
        return None
    return frame.loc[frame["metrics.val_auc"].idxmax(), "run_id"]
