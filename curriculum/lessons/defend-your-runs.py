# %% [markdown]
# ---
# title: Runs you can defend
# lab: defend-your-runs
# minutes: 25
# prerequisites:
#   - Python and pandas at the level of reading a table and fitting a scikit-learn model
# objectives:
#   - Tell a claim about a model from evidence for it
#   - Name the five things that a run must hold to be of use months later
#   - Log runs to MLflow, search them, and load a model back from its run
#   - Check a logged score against the logged model
# ---
#
# # Runs you can defend
#
# Everything in this lesson runs on your machine, in a folder that is thrown away afterwards, with MLflow
# writing to a small database file in it. Run the cells in order, and change them as you like.

# %%
import os
import tempfile
import warnings

import mlflow
import pandas as pd
from mlflow import MlflowClient
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mlops_labs.flights import flights

os.chdir(tempfile.mkdtemp(prefix="lesson-"))
mlflow.set_tracking_uri("sqlite:///lesson.db")
warnings.filterwarnings(
    "ignore", message="Hint: Inferred schema"
)  # a remark of MLflow's on whole-number columns

# %% [markdown]
# ## Why: three true numbers with one name
#
# All flights that left New York's airports in January, February and March 2013, and one model, untuned. How
# good is it at saying which flights will land more than 15 minutes late?

# %%
winter = flights([1, 2, 3]).assign(day=lambda table: table["date"].dt.day)
april = flights([4]).assign(day=lambda table: table["date"].dt.day)
columns = ["month", "day", "hour", "distance"]


def auc(model, table):
    """Area under the ROC curve: the chance that a late flight gets a higher score than one on time."""
    return roc_auc_score(table["late"], model.predict_proba(table[columns])[:, 1])


part, rest = train_test_split(winter, test_size=0.25, random_state=0)
on_part = HistGradientBoostingClassifier(random_state=0).fit(part[columns], part["late"])
on_all = HistGradientBoostingClassifier(random_state=0).fit(winter[columns], winter["late"])

answers = pd.Series(
    {
        "on the rows it was trained on": auc(on_part, part),
        "on rows held back at random": auc(on_part, rest),
        "on April, which came later": auc(on_all, april),
    },
    name="auc",
).round(3)
print(answers.to_string())

# %% [markdown]
# None of the three is a lie, and each would be written down as "AUC" on a slide. Only the last one says
# what happens if the model goes live at the end of March. The random split looks so good because neighbours
# of each held-back flight (same day, same hour, same snow) were in the training part, and next month's
# neighbours never are.
#
# Three months later somebody asks: *the slide says 0.7-something, the service does 0.6-something; which
# model was that, on which flights, and can we have it back?* If the answer lives in a notebook that has
# been edited since, there is no answer.

# %% [markdown]
# ## The idea: a run is a record made for a question that comes later
#
# A **claim** is a number that somebody wrote down. **Evidence** is what lets another person arrive at the
# same number without asking you. A run that can be defended holds five things:
#
# | what | question it answers | without it |
# |---|---|---|
# | settings | what was different about this one? | "it was the good one" |
# | data identity | trained on exactly which bytes? | the file has been overwritten since |
# | code identity | by which version of the code? | "about mid-March" |
# | result | how good, measured on what? | a number without a method |
# | artefact | where is the model itself? | a score without a model |
#
# Two habits follow. The **score belongs to the artefact**: measure the thing that was stored, not a
# variable that happens to have the same name. And identities are **asked for, not typed**: a hash is
# computed from the file, a commit is read from Git, so that they cannot be out of date.

# %% [markdown]
# ## The tool: MLflow tracking
#
# - An **experiment** is a named group of runs; a **run** has a status: `RUNNING`, then `FINISHED`, `FAILED`
#   or `KILLED`. `with mlflow.start_run():` opens one and closes it when the block ends: `FINISHED`, or
#   `FAILED` if an error got out.
# - A **parameter** is logged once and never changes. A **metric** is a number with a history: it may be
#   logged again and again, all values are kept, and the last one is what searches see. A **tag** is text
#   that may be changed.
# - A **logged model** is stored with what is needed to load it again, and leads back to its run.
# - Runs are **searched**, on the server: `attributes.status = 'FINISHED'`, `params.columns = 'hour'`,
#   `metrics.brier < 0.2`, `tags.purpose = 'baseline'`, joined by `and`; `order_by` sorts.
#
# | you want | fluent, acts on the open run | client, acts on any run by its id |
# |---|---|---|
# | a setting | `mlflow.log_param(name, value)` | `client.log_param(run_id, name, value)` |
# | a number | `mlflow.log_metric(name, value)` | `client.log_metric(run_id, name, value)` |
# | a note | `mlflow.set_tag(name, value)` | `client.set_tag(run_id, name, value)` |
# | runs | `mlflow.search_runs(...)`, a DataFrame | `client.search_runs([experiment_id], ...)`, a list |

# %% [markdown]
# ## A worked example: three plain rules, month by month
#
# Before any clever model there should be a plain one to beat: the share of late flights by a single column.
# Three such rules, trained on January, and judged on each month until June by the **Brier score** (the mean
# squared distance between the probability and what happened: lower is better). One run for each rule, one
# value of the metric for each month.

# %%
mlflow.set_experiment("plain-rules")
january = flights([1])
months = {month: flights([month]) for month in range(2, 7)}


def brier(model, table):
    """Mean squared distance between the predicted probability and what happened."""
    return brier_score_loss(table["late"], model.predict_proba(table)[:, 1])


for column in ["carrier", "origin", "hour"]:
    with mlflow.start_run(run_name=f"by {column}"):
        one_column = ColumnTransformer([(column, OneHotEncoder(handle_unknown="ignore"), [column])])
        rule = make_pipeline(one_column, LogisticRegression()).fit(january, january["late"])
        mlflow.log_params({"column": column, "trained_on": "2013-01"})
        dataset = mlflow.data.from_pandas(january[[column, "late"]], name="january", targets="late")
        mlflow.log_input(dataset, context="training")
        for month, table in months.items():
            mlflow.log_metric("brier", brier(rule, table), step=month)
        mlflow.sklearn.log_model(rule, name="rule", pip_requirements=["scikit-learn", "pandas", "skops"])

# %% [markdown]
# **What is in a run?** The metric has a history, and a search sees its last value (June's):

# %%
runs = mlflow.search_runs(experiment_names=["plain-rules"], order_by=["metrics.brier ASC"])
print(runs[["run_id", "status", "params.column", "metrics.brier"]].to_string(index=False))

client = MlflowClient()
history = client.get_metric_history(runs.loc[0, "run_id"], "brier")
print({f"2013-{point.step:02d}": round(point.value, 4) for point in history})

# %% [markdown]
# **A query instead of a memory.** Which rule had the lowest Brier score in the end, of those that finished?

# %%
experiment = client.get_experiment_by_name("plain-rules")
winner = client.search_runs(
    [experiment.experiment_id],
    filter_string="attributes.status = 'FINISHED' and params.trained_on = '2013-01'",
    order_by=["metrics.brier ASC"],
    max_results=1,
)[0]
print(winner.data.params["column"], winner.data.metrics["brier"])

# %% [markdown]
# **Evidence.** Somebody who has nothing but the run loads the rule out of it, scores it on June and finds
# the number that was logged. If the two differ, the run is wrong, whatever its author remembers.

# %%
stored = mlflow.sklearn.load_model(f"models:/{winner.outputs.model_outputs[0].model_id}")
found = brier(stored, months[6])
print(f"logged {winner.data.metrics['brier']:.6f}, found {found:.6f}")
assert abs(found - winner.data.metrics["brier"]) < 1e-6

# %% [markdown]
# **Which data?** `log_input` stored a digest of the *table in memory*. It tells two tables apart, but
# nobody can find the file with it: reading the same file with other options gives another digest. For
# "these very bytes" you need a hash of the file, which is what you will store in the lab.

# %%
for entry in winner.inputs.dataset_inputs:
    print(entry.dataset.name, entry.dataset.digest)

# %% [markdown]
# **Which code?** MLflow sets the tag `mlflow.source.git.commit` by itself when a *script* runs inside a Git
# repository and Git's Python package is there. In a notebook it usually sets nothing, and it never says
# whether files had been changed since the commit. So the commit is worth a tag of your own, and a commit
# before you train is worth more.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. Two numbers
#
# A run says `auc = 0.71`. Its logged model, loaded by a colleague and scored on the same file, earns 0.64.
# What do you do?
#
# <details><summary>A. Keep 0.71: it was measured when the run was made, so it is the original.</summary>
# No. The number describes some object that no longer exists; the model in the run is the one people will
# use.
# </details>
# <details><summary>B. Treat the run as wrong, and find out what was scored instead of the model.</summary>
# Right. A score belongs to the artefact. Often it was a variable from another cell, the training rows, or a
# model fitted again after it had been logged.
# </details>
# <details><summary>C. Log 0.64 as well, under another name, and let readers choose.</summary>
# No. Two numbers for one thing move the problem to the reader, who knows less about it than you.
# </details>
#
# ### 2. Many values
#
# `brier` was logged for five months in one run: 0.18, 0.17, 0.20, 0.16, 0.19. What does a search for
# `metrics.brier < 0.17` return?
#
# <details><summary>A. The run, because one of the values is below 0.17.</summary>
# No. A search looks at one value of each metric, and that is not the lowest one.
# </details>
# <details><summary>B. Nothing, because the last value is 0.19.</summary>
# Right. A search sees the last value (the one with the highest step). To ask about others, read the
# metric's history.
# </details>
# <details><summary>C. Nothing, because a metric with several values cannot be searched.</summary>
# No. It can; all values are kept in the history, and the last one stands for the metric.
# </details>
#
# ### 3. A year later
#
# Which of these identifies the training data best?
#
# <details><summary>A. The path of the file.</summary>
# No. A path says where something was, and that file may have been written again every night since.
# </details>
# <details><summary>B. The number of rows and columns.</summary>
# No. It catches a file cut short, and misses every change of a value.
# </details>
# <details><summary>C. The hash of the file's bytes.</summary>
# Right. Any copy of the file, anywhere, can be compared with it. You still need to keep a copy: a hash
# finds data, it does not store it.
# </details>
# <details><summary>D. A digest of the DataFrame after reading.</summary>
# Not quite. It tells tables apart, but depends on how the file was read, so it cannot be compared with a
# file.
# </details>
#
# ### 4. A failed winner
#
# Your best run by `val_auc` has the status `FAILED`. Why leave it out?
#
# <details><summary>A. Failed runs have no metrics.</summary>
# No. They keep everything that was logged before the error.
# </details>
# <details><summary>B. Nobody knows which part of it is complete.</summary>
# Right. The score may come from before the error and the model may be missing or half written. Train it
# again; then it counts.
# </details>
# <details><summary>C. MLflow deletes failed runs after a while.</summary>
# No. It keeps them until somebody deletes them.
# </details>
#
# ## What to read next
#
# - The lab **Runs you can defend**: the same for three candidates, checked by what your runs do.
# - MLflow's documentation: *Tracking*, *Search runs*, and *Dataset tracking*.
# - After the lab, the lesson **Promote with a reason**: what to do with the best run.
