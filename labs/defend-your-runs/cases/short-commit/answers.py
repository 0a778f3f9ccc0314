# %% task="t3"
import hashlib
import subprocess
from pathlib import Path

data_sha256 = hashlib.sha256(Path(DATA).read_bytes()).hexdigest()
git_commit = subprocess.run(
    ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True
).stdout.strip()
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    MlflowClient().set_tag(run.info.run_id, "data_sha256", data_sha256)
    MlflowClient().set_tag(run.info.run_id, "git_commit", git_commit)
