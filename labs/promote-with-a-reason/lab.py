# %% [markdown]
# # Promote with a reason
#
# The service that says which flights will be late loads one model: the **champion**. Now and then somebody
# brings another one, a **challenger**. Which of the two should be live is a decision with consequences, and
# the usual way of deciding ("it looked better in my notebook") leaves nobody able to say why, or to undo it
# quickly.
#
# You will build the small machine that decides:
#
# 1. a **name** for the model and an **alias**, `champion`, for the version that is live;
# 2. a **judge** that compares a challenger with the champion on the same flights and applies one rule;
# 3. a **switch**: promote moves the alias, rollback moves it back;
# 4. a **record** of each decision, on the version that it was about.
#
# After each task there is a cell with `lab.check(...)`: run it as often as you like. Those checks are few
# and quick; `lab.submit()` runs more of them, with models and flights you have not seen. Stuck?
# `lab.hint("t2")`.
#
# ### Ground rules
#
# - An MLflow server is running beside this notebook and MLflow already knows its address. Set no other one.
# - Your functions will be called with registered models that the checks make, under names of their own. Use
#   the arguments, not `NAME`.
# - A version is passed to you as text, such as `"3"`. MLflow itself gives versions now as text and now as
#   numbers, so compare them with `str(...)` around both.
# - When you submit, the notebook runs from top to bottom twice: once as it is, and once with `VALIDATE`
#   naming another month and `MARGIN` another number. Use these names in your functions; do not write their
#   values again.

# %%
import mlflow
from mlflow import MlflowClient
from sklearn.metrics import roc_auc_score

from mlops_labs import lab
from recipe import REQUIREMENTS, make_model, read_flights

# %% tags=["parameters"]
VALIDATE = "data/validate.csv"  # flights of the month to judge on: March
MARGIN = 0.005  # a challenger is promoted if its AUC is higher by at least this much

# %% [markdown]
# The flights to judge on, and a first model: the baseline, logged in a run of its own as in the lab before.
# `valid_X` has all columns that are known before departure. A model uses those it was made for and ignores
# the others, so pass it whole.

# %%
NAME = "late-flights"
valid_X, valid_late = read_flights(VALIDATE)

mlflow.set_experiment("late-flights")
with mlflow.start_run(run_name="baseline") as run:
    train_X, train_late = read_flights("data/train.csv")
    baseline = make_model(["carrier", "origin", "dest", "hour", "distance"]).fit(train_X, train_late)
    mlflow.sklearn.log_model(baseline, name="model", pip_requirements=REQUIREMENTS)
BASELINE_RUN = run.info.run_id
print(f"{len(valid_X):,} flights to judge on, {valid_late.mean():.1%} of them late")
print(f"The baseline is in run {BASELINE_RUN}")

# %% [markdown]
# ## Task 1: a champion with a name
#
# Register the model **of the run `BASELINE_RUN`** under the name `NAME`, and give that version the alias
# `champion`.
#
# Do not log the model again: a version should lead back to the run that made it. And a version should work:
# `models:/late-flights@champion` is the address by which the service will load it. MLflow may warn that the
# run has no artifacts at that path, since models have a place of their own now; it finds the model all the
# same. Running the cell again makes another version, which does no harm.

# %% task="t1"
### BEGIN SOLUTION
registered = mlflow.register_model(f"runs:/{BASELINE_RUN}/model", NAME)
MlflowClient().set_registered_model_alias(NAME, "champion", registered.version)
### END SOLUTION

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: judge a challenger
#
# Write `judge(name, challenger_version)`. It compares that version of the registered model `name` with the
# version that has the alias `champion`, and returns a dict:
#
# | key | value |
# |---|---|
# | `"promote"` | `True` or `False` |
# | `"champion_auc"` | AUC of the champion on `valid_X`, `valid_late`; `None` if there is no champion |
# | `"challenger_auc"` | AUC of the challenger on the same flights, a number |
# | `"reason"` | one sentence, for a colleague who asks why |
#
# - The rule: promote if and only if `challenger_auc - champion_auc >= MARGIN`. Worse, equal, or better by
#   less than that: refused. A change has a price, and a gain inside the noise does not pay it.
# - If there is no champion yet, the answer is to promote.
# - Score **both models now, on these flights**, with the probability of being late. What their runs claim
#   was measured some other time on something else. Decide with the exact numbers; what you return keeps at
#   least three decimals.
# - `judge` only looks. It changes no alias and no tag.


# %% task="t2"
def judge(name, challenger_version):
    """Say whether a version of the registered model should replace its champion, and why."""

    ### BEGIN SOLUTION
    def auc(version):
        model = mlflow.sklearn.load_model(f"models:/{name}/{version}")
        return float(roc_auc_score(valid_late, model.predict_proba(valid_X)[:, 1]))

    champion_version = MlflowClient().get_registered_model(name).aliases.get("champion")
    challenger_auc = auc(challenger_version)
    if champion_version is None:
        return {
            "promote": True,
            "champion_auc": None,
            "challenger_auc": challenger_auc,
            "reason": f"Promoted: there was no champion, and this one has an AUC of {challenger_auc:.4f}.",
        }
    champion_auc = auc(champion_version)
    gain = challenger_auc - champion_auc
    promote = gain >= MARGIN
    return {
        "promote": promote,
        "champion_auc": champion_auc,
        "challenger_auc": challenger_auc,
        "reason": f"{'Promoted' if promote else 'Refused'}: AUC {challenger_auc:.4f} against "
        f"{champion_auc:.4f}, a gain of {gain:+.4f} where {MARGIN} is needed.",
    }
    ### END SOLUTION


# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: promote and roll back
#
# `promote(name, version)` makes that version live:
#
# - the alias `champion` moves to it;
# - the alias `previous` moves to the version that was champion until now; if there was none, `previous` is
#   not set;
# - if the version is champion already, nothing changes;
# - other aliases stay as they are.
#
# `rollback(name)` undoes the last promotion, for the colleague on call at three in the morning:
#
# - `champion` moves back to the version that `previous` names, and the alias `previous` is removed;
# - it returns the version that is champion now, as text;
# - if there is no `previous`, it raises `ValueError` with a message that says so, and changes nothing. So a
#   second rollback right after the first one raises.
#
# Neither function asks the judge: the person on call may have reasons that no score knows.


# %% task="t3"
def promote(name, version):
    """Make a version champion and remember which one it replaces."""
    ### BEGIN SOLUTION
    client = MlflowClient()
    current = client.get_registered_model(name).aliases.get("champion")
    if current is not None and str(current) == str(version):
        return
    if current is not None:
        client.set_registered_model_alias(name, "previous", str(current))
    client.set_registered_model_alias(name, "champion", str(version))
    ### END SOLUTION


def rollback(name):
    """Undo the last promotion; return the version that is champion now."""
    ### BEGIN SOLUTION
    client = MlflowClient()
    earlier = client.get_registered_model(name).aliases.get("previous")
    if earlier is None:
        raise ValueError(f"{name} has no previous champion to go back to")
    client.set_registered_model_alias(name, "champion", str(earlier))
    client.delete_registered_model_alias(name, "previous")
    return str(earlier)
    ### END SOLUTION


# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: record the decision
#
# `review(name, challenger_version)` puts it together: it judges the challenger, promotes it if the judge
# says so, and writes the decision onto **the challenger's version** as tags:
#
# | tag | value |
# |---|---|
# | `decision` | `promoted` or `refused` |
# | `champion_auc` | the judge's number for the champion it was compared with; left out if there was none |
# | `challenger_auc` | the judge's number for the challenger |
# | `reason` | the judge's sentence |
#
# A refused challenger gets its tags too, and moves no alias. `review` returns the judge's dict.


# %% task="t4"
def review(name, challenger_version):
    """Judge a challenger, act on the verdict, and write it down."""
    ### BEGIN SOLUTION
    verdict = judge(name, challenger_version)
    if verdict["promote"]:
        promote(name, challenger_version)
    tags = {
        "decision": "promoted" if verdict["promote"] else "refused",
        "champion_auc": verdict["champion_auc"],
        "challenger_auc": verdict["challenger_auc"],
        "reason": verdict["reason"],
    }
    for key, value in tags.items():
        if value is not None:
            MlflowClient().set_model_version_tag(name, str(challenger_version), key, str(value))
    return verdict
    ### END SOLUTION


# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Train a challenger of your own in a cell below, for instance `make_model(["hour", "distance"])`, register
# it under `NAME` and call `review`. Then open the model's page in MLflow: who is champion, and why?
#
# When the checks above pass, run `lab.submit()`.
