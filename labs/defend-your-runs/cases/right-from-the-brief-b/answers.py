# %%
# My first attempt. It fails because MLflow does not like the dot in the model's name ("model-C-0.03").
# I leave it here to remember. The run is marked FAILED and I do it again below.
try:
    with mlflow.start_run(run_name="my first attempt"):
        first_c = CANDIDATES[1]
        first_model = make_model(first_c)
        first_model.fit(train_X, train_late)
        mlflow.log_param("C", first_c)
        mlflow.sklearn.log_model(first_model, name="model-C-" + str(first_c), pip_requirements=REQUIREMENTS)
except Exception as problem:
    print("The first attempt did not work:")
    print(type(problem).__name__, str(problem)[:200])

# %%
print("Candidates I have to try:", CANDIDATES)
extra_candidates = [0.01, 0.3]
print("Candidates I am curious about:", extra_candidates)

# %% task="t1"
# autolog writes down the other settings; I log the model myself so that I know its name
mlflow.sklearn.autolog(log_models=False, log_datasets=False, silent=True)

all_candidates = list(extra_candidates) + list(CANDIDATES)
for number, candidate in enumerate(all_candidates):
    print("-----", number + 1, "of", len(all_candidates), "C =", candidate)
    with mlflow.start_run(run_name="logistic regression " + str(number + 1)) as current_run:
        mlflow.log_param("C", candidate)
        mlflow.set_tag("asked_for", "yes" if candidate in CANDIDATES else "no, just curious")
        flight_model = make_model(candidate)
        flight_model.fit(train_X, train_late)
        print("training is done")
        mlflow.sklearn.log_model(flight_model, name="model", pip_requirements=REQUIREMENTS)
        print("model is logged in run", current_run.info.run_id)

mlflow.sklearn.autolog(disable=True)

# %%
# What is in the experiment now?
overview = mlflow.search_runs(experiment_names=[EXPERIMENT])
print("number of runs:", len(overview))
print(overview[["run_id", "status", "params.C"]])

# %% task="t2"
table_of_runs = mlflow.search_runs(experiment_names=[EXPERIMENT])
table_of_finished_runs = table_of_runs[table_of_runs["status"] == "FINISHED"]
print("I have", len(table_of_finished_runs), "finished runs to score")

for index, row in table_of_finished_runs.iterrows():
    the_id = row["run_id"]
    print("Scoring run", the_id, "with C =", row["params.C"])
    # load the model first: if this goes wrong the run is not open and does not become FAILED
    loaded_model = mlflow.sklearn.load_model("runs:/" + the_id + "/model")
    both_probabilities = loaded_model.predict_proba(valid_X)
    print("classes:", loaded_model.classes_)
    probability_late = both_probabilities[:, 1]
    area = roc_auc_score(valid_late, probability_late)
    area_rounded = round(float(area), 5)
    with mlflow.start_run(run_id=the_id):
        mlflow.log_metric("val_auc", area_rounded)
    print("val_auc =", area_rounded)

# %%
import hashlib
import subprocess


def fingerprint_of_file(file_name):
    hasher = hashlib.sha256()
    with open(file_name, "rb") as opened_file:
        while True:
            piece = opened_file.read(65536)
            if not piece:
                break
            hasher.update(piece)
    return hasher.hexdigest()


def current_commit():
    answer = subprocess.check_output("git log -1 --format=%H", shell=True)
    return answer.decode("ascii").strip()


# %% task="t3"
my_fingerprint = fingerprint_of_file(DATA)
my_commit = current_commit()
print("data:", my_fingerprint, "length", len(my_fingerprint))
print("commit:", my_commit, "length", len(my_commit))

table_again = mlflow.search_runs(experiment_names=[EXPERIMENT], filter_string="attributes.status = 'FINISHED'")
for some_id in table_again["run_id"]:
    with mlflow.start_run(run_id=some_id):
        mlflow.set_tag("data_sha256", my_fingerprint)
        mlflow.set_tag("git_commit", my_commit)
    print("tagged", some_id)

# %% task="t4"
def best_run(experiment_name):
    """Return the id of the finished run with the highest val_auc, or None."""
    found_experiment = mlflow.get_experiment_by_name(experiment_name)
    if found_experiment is None:
        print("There is no experiment called", experiment_name)
        return None

    everything = mlflow.search_runs(experiment_ids=[found_experiment.experiment_id])
    if len(everything) == 0:
        print("There are no runs in", experiment_name)
        return None
    if "metrics.val_auc" not in everything.columns:
        print("No run has a val_auc in", experiment_name)
        return None

    winner = None
    winner_score = None
    for position in range(len(everything)):
        line = everything.iloc[position]
        if line["status"] != "FINISHED":
            continue
        score = line["metrics.val_auc"]
        if score != score:  # nan is the only number that is not equal to itself
            continue
        if winner_score is None or score > winner_score:
            winner = line["run_id"]
            winner_score = score
    print("best run:", winner, "score:", winner_score)
    return winner


print(best_run(EXPERIMENT))
print(best_run("an experiment that I do not have"))
