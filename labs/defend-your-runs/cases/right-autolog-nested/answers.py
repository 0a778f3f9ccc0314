# %% task="t1"
# Autologging, and a parent run with a child for each candidate.
mlflow.sklearn.autolog(log_models=False, silent=True)
children = {}
with mlflow.start_run(run_name="search"):
    mlflow.log_param("candidates", str(CANDIDATES))
    for C in CANDIDATES:
        with mlflow.start_run(run_name=str(C), nested=True) as child:
            children[C] = child.info.run_id
            model = make_model(C)
            model.fit(train_X, train_late)
            mlflow.log_param("C", repr(float(C)))
            mlflow.sklearn.log_model(
                model, "model", input_example=train_X.head(2), pip_requirements=REQUIREMENTS
            )

# %% task="t2"
mlflow.sklearn.autolog(disable=True)
for C, run_id in children.items():
    with mlflow.start_run(run_id=run_id):
        loaded = mlflow.sklearn.load_model("runs:/" + run_id + "/model")
        mlflow.log_metric(
            "val_auc", roc_auc_score(valid_late.astype(int), loaded.predict_proba(valid_X)[:, 1])
        )
        mlflow.log_metric("train_auc", roc_auc_score(train_late, loaded.predict_proba(train_X)[:, 1]))

# %% task="t3"
import hashlib
from pathlib import Path

head = Path(".git/HEAD").read_text().strip()
if head.startswith("ref: "):
    head = Path(".git", head.removeprefix("ref: ")).read_text().strip()
for run_id in children.values():
    MlflowClient().set_tag(run_id, "git_commit", head)
    MlflowClient().set_tag(run_id, "data_sha256", hashlib.sha256(open(DATA, "rb").read()).hexdigest())
with mlflow.start_run(run_name="notes"):
    mlflow.log_text("done", "notes.txt")


# %% task="t4"
def best_run(experiment_name):
    runs = mlflow.search_runs(
        experiment_names=[experiment_name],
        filter_string="attributes.status = 'FINISHED'",
        output_format="list",
    )
    scored = [run for run in runs if run.data.metrics.get("val_auc") == run.data.metrics.get("val_auc", 0)]
    scored = [run for run in scored if "val_auc" in run.data.metrics]
    return max(scored, key=lambda run: run.data.metrics["val_auc"]).info.run_id if scored else None
