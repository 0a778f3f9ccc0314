# %% [markdown]
# # Runs you can defend
#
# You have a model that says which flights out of New York will land more than 15 minutes late, and three
# candidates for one of its settings. Anyone can train three models. The work here is to leave behind runs
# that answer, months later and without you in the room:
#
# 1. **Which settings** made this model, and where is the model itself?
# 2. **Is its score true?** Can somebody load the model and get the same number?
# 3. **Which data and which code** was it made from?
# 4. **Which run was best**, and who says so: a person's memory, or a query?
#
# Four tasks, one for each question. After each task there is a cell with `lab.check(...)`: run it as often
# as you like. Those checks are few and quick; `lab.submit()` runs more of them, on other inputs. Stuck?
# `lab.hint("t1")` gives a hint, and asking again gives a stronger one.
#
# ### Ground rules
#
# - An MLflow server is running beside this notebook and MLflow already knows its address. Set no other one.
# - All your runs go into the experiment called `EXPERIMENT` below; a given cell has already chosen it.
# - Try as often as you like. For each candidate, **the newest run counts** (the one started last) that has
#   finished (status `FINISHED`), has the parameter `C` and holds a model. Older runs, failed runs, parent or
#   child runs, runs with other values of `C` and anything else you log do no harm.
# - When you submit, the notebook runs from top to bottom twice, in fresh folders with an empty MLflow: once
#   as it is, and once with `DATA` and `VALIDATE` naming other files. Use these names; do not write the
#   paths again.

# %%
import mlflow
from mlflow import MlflowClient
from sklearn.metrics import roc_auc_score

from mlops_labs import lab
from recipe import REQUIREMENTS, make_model, read_flights

# %% tags=["parameters"]
DATA = "data/train.csv"  # flights of January and February
VALIDATE = "data/validate.csv"  # flights of March

# %% [markdown]
# `recipe.py`, in this folder, is short; open it if you like. `make_model(C)` returns a new, untrained
# model, and `read_flights(path)` returns a file's features (a DataFrame) and its labels (a Series: was the
# flight late?).

# %%
EXPERIMENT = "flight-delays"
CANDIDATES = [0.001, 0.03, 3.0]  # values of C
mlflow.set_experiment(EXPERIMENT)

train_X, train_late = read_flights(DATA)
valid_X, valid_late = read_flights(VALIDATE)
print(f"{len(train_X):,} flights to train on, {train_late.mean():.1%} of them late")
print(f"{len(valid_X):,} flights to score on, {valid_late.mean():.1%} of them late")

# %% [markdown]
# ## Task 1: a run for every candidate
#
# For each `C` in `CANDIDATES`, train `make_model(C)` on **all rows** of `train_X`, `train_late`, and leave
# one finished run in the experiment `EXPERIMENT` that has
#
# - the parameter `C`, with the candidate's value;
# - the fitted model, logged with `mlflow.sklearn.log_model`; `name="model"` is a good name for it (MLflow
#   allows no dots in one).
#
# Pass `pip_requirements=REQUIREMENTS` to `log_model`. Without it MLflow works out the model's requirements
# by itself, which is right too but takes several seconds for every model.
#
# Tasks 2 and 3 add to these same runs. If you would rather log everything in one go here, do: then put
# `pass` into the answer cells of tasks 2 and 3.

# %% task="t1"
### BEGIN SOLUTION
for C in CANDIDATES:
    with mlflow.start_run(run_name=f"C={C}"):
        model = make_model(C).fit(train_X, train_late)
        mlflow.log_param("C", C)
        mlflow.sklearn.log_model(model, name="model", pip_requirements=REQUIREMENTS)
### END SOLUTION

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: a score that the logged model earns
#
# Give each candidate's run the metric `val_auc`: the area under the ROC curve that **the model logged in
# that run** earns on `valid_X`, `valid_late`. Score with the probability of being late, not with a yes or
# no. Keep at least three decimals.
#
# A run is not closed for ever. `mlflow.start_run(run_id=...)` opens a finished run again (an error inside
# marks it as failed), and `MlflowClient().log_metric(run_id, ...)` writes to it without opening it. The run
# that counts for each candidate needs the score; giving it to older ones too does no harm.
#
# The check does not believe the number: it knows what each candidate earns. So it waits until the models of
# task 1 are right.

# %% task="t2"
### BEGIN SOLUTION
client = MlflowClient()
for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    if run.info.status != "FINISHED" or "C" not in run.data.params:
        continue
    model = mlflow.sklearn.load_model(f"runs:/{run.info.run_id}/model")
    score = roc_auc_score(valid_late, model.predict_proba(valid_X)[:, 1])
    client.log_metric(run.info.run_id, "val_auc", score)
### END SOLUTION

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: where a run came from
#
# A score without its data is a rumour. Put two tags on each candidate's run:
#
# - `data_sha256`: the SHA-256 of the **bytes of the file** that `DATA` names, as 64 lower-case hexadecimal
#   digits;
# - `git_commit`: the commit that this folder is at (`HEAD`), as its full 40 hexadecimal digits.
#
# Digits only, with nothing before or after them: somebody will search for them. This folder is a Git
# repository, also when you submit, and the command `git` works in it. In a project of your own you would
# commit the notebook before you train; here `HEAD` as it is will do.

# %% task="t3"
### BEGIN SOLUTION
import hashlib
import subprocess
from pathlib import Path

data_sha256 = hashlib.sha256(Path(DATA).read_bytes()).hexdigest()
git_commit = subprocess.run(
    ["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True
).stdout.strip()

for run in mlflow.search_runs(experiment_names=[EXPERIMENT], output_format="list"):
    MlflowClient().set_tag(run.info.run_id, "data_sha256", data_sha256)
    MlflowClient().set_tag(run.info.run_id, "git_commit", git_commit)
### END SOLUTION

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: the best run, found by a query
#
# Write `best_run(experiment_name)`. It returns the **run id**, a string, of the run with the highest
# `val_auc` in that experiment. It will be called with experiments you have never seen, so the rules are
# exact:
#
# - Only runs with the status `FINISHED` count. Runs that failed, were killed or are still running do not,
#   and neither do deleted runs (MLflow leaves those out by itself).
# - Only the metric `val_auc` counts. A run without it is no candidate, and a value that is not a number
#   (`nan`, from a training that blew up) is no score. Of equal scores, any will do.
# - If `val_auc` was logged several times in a run, the **last** value counts. That is also the one MLflow
#   shows.
# - If no run qualifies, or there is no such experiment, it returns `None`.


# %% task="t4"
def best_run(experiment_name):
    """Return the id of the finished run with the highest val_auc, or None."""
    ### BEGIN SOLUTION
    experiment = MlflowClient().get_experiment_by_name(experiment_name)
    if experiment is None:
        return None
    runs = MlflowClient().search_runs(
        [experiment.experiment_id],
        filter_string="attributes.status = 'FINISHED' and metrics.val_auc >= 0",
        order_by=["metrics.val_auc DESC"],
        max_results=1,
    )
    return runs[0].info.run_id if runs else None
    ### END SOLUTION


# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Try `best_run(EXPERIMENT)` in a cell of your own, and open MLflow's page beside this notebook. Score the
# candidates on `train_X`, `train_late` as well: which one would you have picked by that number?
#
# When the checks above pass, run `lab.submit()`.
