# %% [markdown]
# ---
# title: Promote with a reason
# lab: promote-with-a-reason
# minutes: 30
# prerequisites:
#   - The lesson and the lab "Runs you can defend"
# objectives:
#   - Say why "it scored higher" is not yet a reason to change what is live
#   - Register model versions and move aliases in MLflow
#   - Judge the size of a gain against the noise of its measurement
#   - Plan the way back before the way forward
# ---
#
# # Promote with a reason
#
# Everything in this lesson runs on your machine, in a folder that is thrown away afterwards, with MLflow
# writing to a small database file in it.

# %%
import os
import tempfile

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from mlops_labs.flights import flights

os.chdir(tempfile.mkdtemp(prefix="lesson-"))
mlflow.set_tracking_uri("sqlite:///lesson.db")

# %% [markdown]
# ## Why: a better model that was worse
#
# Two models, both trained on January and February: the **usual** one looks at carrier, airports, distance
# and the scheduled hour of departure; the **simple** one looks at the hour and nothing else. March has just
# ended. Which one should be live?

# %%
NAMES = ["carrier", "origin", "dest"]


def fit(names, numbers):
    """A logistic regression on some columns of January and February."""
    columns = ColumnTransformer(
        [("names", OneHotEncoder(handle_unknown="ignore"), names), ("numbers", StandardScaler(), numbers)]
    )
    training = flights([1, 2])
    return make_pipeline(columns, LogisticRegression(C=0.03, max_iter=1000)).fit(training, training["late"])


def auc(model, table):
    """Area under the ROC curve on a table of flights."""
    return roc_auc_score(table["late"], model.predict_proba(table)[:, 1])


usual, simple = fit(NAMES, ["hour", "distance"]), fit([], ["hour"])
months = {month: flights([month]) for month in range(3, 9)}
by_month = pd.DataFrame(
    {
        "usual": [auc(usual, table) for table in months.values()],
        "simple": [auc(simple, table) for table in months.values()],
    },
    index=[f"2013-{month:02d}" for month in months],
)
by_month["gain of simple"] = by_month["simple"] - by_month["usual"]
print(by_month.round(3).to_string())

# %% [markdown]
# Judged on March, the usual model wins. By July the simple one is ahead by far more than it lost in March:
# what was learned about carriers and destinations in winter does not hold in summer, and the hour of the
# day does. Both sentences "simple is worse" and "simple is better" are true, each of its month.
#
# So three things must never be left out of a promotion: **what was compared with what**, **on which
# flights**, and **how large a gain would have been enough**. If only "the new one scored higher" is left,
# the next person can neither check the decision nor undo it.

# %% [markdown]
# ## The idea: champion, challenger, and a rule with a margin
#
# - The model that is live is the **champion**. Whoever wants its place is a **challenger**.
# - Both are scored **now, on the same flights**. A score that was logged when a model was trained was
#   measured on other flights, perhaps by other code; comparing it with today's score of another model
#   compares two measurements, not two models.
# - The challenger wins only if it is better by a **margin**. A change costs something (people adapt to a
#   model's faults, caches, reports), and a small gain may be chance.
# - The way back is laid on the way forward: when the champion is replaced, **who it was is remembered**.
#
# How large is chance? Draw the same number of flights from March again and again, and look how the gain
# between the two models moves although nothing about them has changed:

# %%
march = months[3]
scores = pd.DataFrame(
    {"usual": usual.predict_proba(march)[:, 1], "simple": simple.predict_proba(march)[:, 1]}
)
late = march["late"].to_numpy()
draw = np.random.default_rng(0)


def gain_of_usual(rows):
    """How much higher the usual model's AUC is on these rows."""
    return roc_auc_score(late[rows], scores["usual"].to_numpy()[rows]) - roc_auc_score(
        late[rows], scores["simple"].to_numpy()[rows]
    )


for size in (1_000, 6_000, 24_000):
    gains = [gain_of_usual(draw.integers(len(march), size=size)) for _ in range(60)]
    print(f"{size:>6,} flights: gain {np.mean(gains):+.3f}, give or take {np.std(gains):.3f}")

# %% [markdown]
# On a thousand flights the sign of this gain is a matter of luck. A margin is a decision, and this is what
# it should be decided from: the size of the noise, and what a change costs you.

# %% [markdown]
# ## The tool: MLflow's model registry
#
# - A **registered model** is a name. Each model registered under it becomes the next **version**: 1, 2, 3.
#   A version never changes, and leads back to the run that made it.
# - An **alias** is a movable label on a version. A service loads `models:/late-flights@champion` and need
#   not know the number. Setting an alias that exists moves it in one step: a service that asks at that
#   moment gets the old version or the new one, never neither. Deleting it first and setting it afterwards
#   opens that gap.
# - A **tag** on a version is text for people and programs: who decided, when, on what numbers.
# - Older texts use *stages* (`Staging`, `Production`). They are deprecated; aliases and tags do their work.
#
# | you want | call |
# |---|---|
# | a version from a run's model | `mlflow.register_model("runs:/RUN_ID/model", name)` |
# | to move an alias | `client.set_registered_model_alias(name, alias, version)` |
# | to remove an alias | `client.delete_registered_model_alias(name, alias)` |
# | the version behind an alias | `client.get_model_version_by_alias(name, alias)`; raises if none |
# | all aliases | `client.get_registered_model(name).aliases`, a dict |
# | a note on a version | `client.set_model_version_tag(name, version, key, value)` |
# | to load | `mlflow.sklearn.load_model("models:/NAME/3")` or `"models:/NAME@alias"` |
#
# One trap: a version is a number in some answers and text in others. Compare `str(a) == str(b)`.

# %% [markdown]
# ## A worked example: a shadow
#
# Before a challenger may win, it can run in the **shadow**: it answers the same requests, nobody sees its
# answers, and its scores are collected. The alias `shadow` says which version that is. First, both models
# become versions:

# %%
client = MlflowClient()
mlflow.set_experiment("shadow-example")


def register(model, note):
    """Log a model in a run, register it, and return its version as text."""
    with mlflow.start_run(run_name=note) as run:
        mlflow.sklearn.log_model(model, name="model", pip_requirements=["scikit-learn", "pandas", "skops"])
    version = mlflow.register_model(f"runs:/{run.info.run_id}/model", "late-flights-example").version
    client.set_model_version_tag("late-flights-example", str(version), "note", note)
    return str(version)


first = register(usual, "usual columns")
second = register(simple, "hour only")
client.set_registered_model_alias("late-flights-example", "live", first)
client.set_registered_model_alias("late-flights-example", "shadow", second)
print(client.get_registered_model("late-flights-example").aliases)

# %% [markdown]
# A month later, what the shadow would have earned is written **on its version**, together with what it was
# compared with and on which flights. Nothing is decided here, and nothing goes live: this is evidence for
# whoever decides.


# %%
def record_month(month):
    """Score live and shadow on one month; note the result on the shadow's version."""
    name = "late-flights-example"
    version = client.get_model_version_by_alias(name, "shadow").version
    live, shadow = (mlflow.sklearn.load_model(f"models:/{name}@{alias}") for alias in ("live", "shadow"))
    result = f"shadow {auc(shadow, months[month]):.3f}, live {auc(live, months[month]):.3f}"
    client.set_model_version_tag(name, str(version), f"shadow_2013_{month:02d}", result)


for month in (3, 5, 7):
    record_month(month)
for key, value in sorted(client.get_model_version("late-flights-example", second).tags.items()):
    print(f"{key}: {value}")

# %% [markdown]
# **An alias moves; versions stay.** Ending the experiment takes one call, and the record stays on the
# version:

# %%
client.delete_registered_model_alias("late-flights-example", "shadow")
print(client.get_registered_model("late-flights-example").aliases)
print(sorted(client.get_model_version("late-flights-example", second).tags))

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. A number from February
#
# The champion's run says 0.66, logged in February. Today's challenger earns 0.65 on April. Refuse it?
#
# <details><summary>A. Yes, 0.65 is less than 0.66.</summary>
# No. The two numbers were measured on different flights. On April the champion may earn 0.62.
# </details>
# <details><summary>B. Score the champion on April first, then compare.</summary>
# Right. Both models, the same flights, the same code, now.
# </details>
# <details><summary>C. Score the challenger on February, where the champion was scored.</summary>
# No. The comparison would be even, but about the past; and the challenger may have been trained on
# February.
# </details>
#
# ### 2. A small gain
#
# A challenger is better by 0.002 in AUC on 6,000 flights. From draw to draw such a gain moves by about 0.004,
# and the margin is 0.005. What now?
#
# <details><summary>A. Promote: better is better.</summary>
# No. A gain of that size comes and goes with the flights drawn, while the cost of changing is certain.
# </details>
# <details><summary>B. Refuse, and write the two numbers down.</summary>
# Right. Refusals are recorded like promotions: somebody will ask why the new model is not live.
# </details>
# <details><summary>C. Lower the margin to 0.002.</summary>
# No. A rule that is bent for the case at hand is not a rule. Change it on another day, with a reason of its
# own.
# </details>
#
# ### 3. The way back
#
# Versions are numbered. Why should the promotion itself set an alias `previous`?
#
# <details><summary>A. The version before number 7 is number 6, so it is only a convenience.</summary>
# No. Number 6 may have been refused, or never judged. The champion before 7 may have been 3.
# </details>
# <details><summary>B. Who was live until now is known for certain only at the moment of the change.</summary>
# Right. In the night somebody needs one call that needs no thinking, and that call reads what the promotion
# wrote.
# </details>
# <details><summary>C. MLflow deletes old versions when a new one gets an alias.</summary>
# No. Versions stay until somebody deletes them.
# </details>
#
# ### 4. Delete, then set
#
# A service loads `models:/late-flights@champion` at each start. Somebody releases a version by deleting the
# alias and then setting it again. What can happen?
#
# <details><summary>A. Nothing: it takes milliseconds.</summary>
# No. A service that starts in those milliseconds, or after the second call has failed, finds no model.
# </details>
# <details><summary>B. A start in between fails, and if the second call fails, all starts do.</summary>
# Right. Set the alias at its new place; that moves it in one step.
# </details>
# <details><summary>C. The service gets both versions.</summary>
# No. An alias names one version at most.
# </details>
#
# ## What to read next
#
# - The lab **Promote with a reason**: the rule, the switch and the record, tried on models you have not
#   seen.
# - MLflow's documentation: *Model registry*, the part on aliases and tags.
# - On when a new model is worth having at all: the lab **Drift, then decide**, later in the curriculum.
