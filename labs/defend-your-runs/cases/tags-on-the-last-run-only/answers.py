# %% task="t3"
import hashlib
import subprocess
from pathlib import Path

head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True).stdout.strip()
with mlflow.start_run(run_id=mlflow.last_active_run().info.run_id):
    mlflow.set_tag("data_sha256", hashlib.sha256(Path(DATA).read_bytes()).hexdigest())
    mlflow.set_tag("git_commit", head)
