# %% task="t1"
for C in CANDIDATES:
    mlflow.start_run()
    mlflow.log_param("C", C)
    model = make_model(C).fit(train_X, train_late)
    mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)

# %% task="t3"
# The tags are right, on whatever runs there are.
import hashlib
import subprocess
from pathlib import Path

head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    MlflowClient().set_tag(
        run.info.run_id, "data_sha256", hashlib.sha256(Path(DATA).read_bytes()).hexdigest()
    )
    MlflowClient().set_tag(run.info.run_id, "git_commit", head)
