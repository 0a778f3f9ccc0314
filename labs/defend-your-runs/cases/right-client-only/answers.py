# %% task="t1"
# No fluent runs: the client makes, fills and ends them. A first attempt fails and is made again.
client = MlflowClient()
experiment_id = client.get_experiment_by_name(EXPERIMENT).experiment_id


def train(C, broken=False):
    run_id = client.create_run(experiment_id, tags={"purpose": "candidate"}).info.run_id
    client.log_param(run_id, "C", C)
    try:
        if broken:
            raise RuntimeError("out of coffee")
        fitted = make_model(C).fit(train_X, train_late)
        with mlflow.start_run(run_id=run_id):  # log_model has no way around an open run
            info = mlflow.sklearn.log_model(fitted, name="late-flights", pip_requirements=REQUIREMENTS)
            mlflow.sklearn.log_model(
                make_model(7.0).fit(train_X, train_late), name="for-comparison", pip_requirements=REQUIREMENTS
            )
        client.set_terminated(run_id, "FINISHED")
        return run_id, info.model_uri
    except RuntimeError:
        client.set_terminated(run_id, "FAILED")
        return None


train(CANDIDATES[0], broken=True)
trained = [train(C) for C in CANDIDATES]
trained = [train(C) for C in CANDIDATES]  # once more, as when a cell is run twice


# %% task="t2"
def probability(model):
    return [row[1] for row in model.predict_proba(valid_X)]


for run_id, uri in trained:
    client.log_metric(run_id, "val_auc", 0.5, step=0)  # a first value, then the real one
    client.log_metric(
        run_id,
        "val_auc",
        float(roc_auc_score(valid_late, probability(mlflow.sklearn.load_model(uri)))),
        step=1,
    )

# %% task="t3"
from hashlib import file_digest
import subprocess

with open(DATA, "rb") as data_file:
    data_hash = file_digest(data_file, "sha256").hexdigest()
head = subprocess.getoutput("git rev-parse HEAD")
for run_id, _ in trained:
    with mlflow.start_run(run_id=run_id):
        mlflow.set_tags({"data_sha256": data_hash, "git_commit": head, "mlflow.note.content": "a note"})

# %% task="t4"
import math


def best_run(experiment_name):
    api = MlflowClient()
    found = [e for e in api.search_experiments() if e.name == experiment_name]
    best, token = (None, -math.inf), None
    while found:
        page = api.search_runs([found[0].experiment_id], max_results=2, page_token=token)
        for run in page:
            score = run.data.metrics.get("val_auc", math.nan)
            if run.info.status == "FINISHED" and score > best[1]:
                best = (run.info.run_id, score)
        token = page.token
        if not token:
            break
    return best[0]
