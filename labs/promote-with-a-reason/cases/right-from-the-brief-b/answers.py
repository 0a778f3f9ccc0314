# %%
import pandas as pd

print("The baseline run is", BASELINE_RUN)
print("MLflow is at", mlflow.get_tracking_uri())
# %% task="t1"
# Step 1: the address of the model that was logged in the baseline run
model_address = "runs:/" + BASELINE_RUN + "/model"
print("I will register", model_address)

# Step 2: register it
try:
    registered = mlflow.register_model(model_address, NAME)
    print("Registered version", registered.version)
except Exception as problem:
    print("Registering did not work:", problem)
    raise

# Step 3: the alias
try:
    my_client = MlflowClient()
    my_client.set_registered_model_alias(NAME, "champion", str(registered.version))
    print("champion is now version", registered.version)
except Exception as problem:
    print("The alias did not work:", problem)
    raise
# %% task="t2"
def judge(name, challenger_version):
    """Say whether a version of the registered model should replace its champion, and why."""
    print("judge: looking at", name, "version", challenger_version)
    the_client = MlflowClient()

    # who is champion?
    alias_dict = the_client.get_registered_model(name).aliases
    alias_table = pd.DataFrame({"alias": list(alias_dict.keys()), "version": list(alias_dict.values())})
    champion_rows = alias_table[alias_table["alias"] == "champion"]
    if len(champion_rows) == 0:
        live_version = None
    else:
        live_version = str(champion_rows["version"].iloc[0])
    print("judge: champion is", live_version)

    # score the challenger
    try:
        new_model = mlflow.sklearn.load_model("models:/" + name + "/" + str(challenger_version))
        new_probabilities = pd.DataFrame(new_model.predict_proba(valid_X), columns=["on_time", "late"])
        new_score = float(roc_auc_score(valid_late, new_probabilities["late"]))
        print("judge: challenger AUC", round(new_score, 4))
    except Exception as problem:
        print("judge: could not score the challenger:", problem)
        raise

    # without champion we are done
    if live_version is None:
        answer = {}
        answer["promote"] = True
        answer["champion_auc"] = None
        answer["challenger_auc"] = round(new_score, 4)
        answer["reason"] = "Promoted because there is no champion yet."
        print("judge:", answer)
        return answer

    # score the champion
    try:
        old_model = mlflow.sklearn.load_model("models:/" + name + "/" + live_version)
        old_probabilities = pd.DataFrame(old_model.predict_proba(valid_X), columns=["on_time", "late"])
        old_score = float(roc_auc_score(valid_late, old_probabilities["late"]))
        print("judge: champion AUC", round(old_score, 4))
    except Exception as problem:
        print("judge: could not score the champion:", problem)
        raise

    # compare them (with all decimals, rounding only afterwards)
    gain = new_score - old_score
    answer = {}
    if gain >= MARGIN:
        answer["promote"] = True
        answer["reason"] = (
            "Promoted because the AUC is better by " + str(round(gain, 4)) + ", which is at least " + str(MARGIN) + "."
        )
    elif gain > 0:
        answer["promote"] = False
        answer["reason"] = (
            "Refused because the AUC is better by only " + str(round(gain, 4)) + ", which is less than " + str(MARGIN) + "."
        )
    else:
        answer["promote"] = False
        answer["reason"] = "Refused because the AUC is not better (difference " + str(round(gain, 4)) + ")."
    answer["champion_auc"] = round(old_score, 4)
    answer["challenger_auc"] = round(new_score, 4)
    print("judge:", answer)
    return answer
# %% task="t3"
def promote(name, version):
    """Make a version champion and remember which one it replaces."""
    print("promote:", name, "version", version)
    c = MlflowClient()

    # who is champion now?
    alias_dict = c.get_registered_model(name).aliases
    alias_table = pd.DataFrame({"alias": list(alias_dict.keys()), "version": list(alias_dict.values())})
    champion_rows = alias_table[alias_table["alias"] == "champion"]
    if len(champion_rows) == 0:
        old_champion = None
    else:
        old_champion = str(champion_rows["version"].iloc[0])

    if old_champion is not None and str(old_champion) == str(version):
        print("promote: this version is champion already, nothing to do")
        return

    try:
        # move the champion first: if this fails, nothing has been changed
        c.set_registered_model_alias(name, "champion", str(version))
        if old_champion is not None:
            c.set_registered_model_alias(name, "previous", old_champion)
        else:
            print("promote: there was no champion, so there is no previous")
        print("promote: champion", version, "previous", old_champion)
    except Exception as problem:
        print("promote: something went wrong:", problem)
        raise


def rollback(name):
    """Undo the last promotion; return the version that is champion now."""
    print("rollback:", name)
    registry = MlflowClient()

    # is there a previous one?
    alias_dict = registry.get_registered_model(name).aliases
    alias_table = pd.DataFrame({"alias": list(alias_dict.keys()), "version": list(alias_dict.values())})
    previous_rows = alias_table[alias_table["alias"] == "previous"]
    if len(previous_rows) == 0:
        raise ValueError("Cannot roll back: the model " + name + " has no alias called previous.")
    back_to = str(previous_rows["version"].iloc[0])

    try:
        registry.set_registered_model_alias(name, "champion", back_to)
        registry.delete_registered_model_alias(name, "previous")
    except Exception as problem:
        print("rollback: something went wrong:", problem)
        raise
    print("rollback: champion is", back_to, "again")
    return back_to
# %% task="t4"
def review(name, challenger_version):
    """Judge a challenger, act on the verdict, and write it down."""
    print("review:", name, "version", challenger_version)
    result = judge(name, challenger_version)

    if result["promote"] == True:
        promote(name, challenger_version)
        decision_text = "promoted"
    else:
        decision_text = "refused"

    tag_table = pd.DataFrame(
        [
            ["decision", decision_text],
            ["champion_auc", None if result["champion_auc"] is None else str(float(result["champion_auc"]))],
            ["challenger_auc", str(float(result["challenger_auc"]))],
            ["reason", result["reason"]],
        ],
        columns=["tag", "value"],
    )
    tag_table = tag_table.dropna()
    print(tag_table)

    try:
        writer = MlflowClient()
        for index, row in tag_table.iterrows():
            writer.set_model_version_tag(name, str(challenger_version), row["tag"], row["value"])
    except Exception as problem:
        print("review: could not write the tags:", problem)
        raise

    return result
