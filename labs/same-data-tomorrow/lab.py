# %% [markdown]
# # Same data tomorrow
#
# `project/` holds the model that says which flights out of New York will be late, as three small scripts.
# Its data came by mail, went into a shared folder, and was replaced there by a better file of the same name.
# The score moved. Was it the data, the code or a setting? Nobody can say, because only the code has versions.
#
# You will give the data versions too, with **DVC** on top of **Git**, and then let DVC remember what was made
# from what:
#
# 1. the data is kept **beside Git**: a clone fetches it with one command;
# 2. **both versions** of it can be had back by name, byte for byte;
# 3. the three scripts become a **pipeline** that knows whether its results are still true;
# 4. after a change, **only what depends on it** runs again.
#
# ### Where you work
#
# Not in this notebook: open `project` in JupyterLab's file browser and editor, and a terminal (File, New,
# Terminal). In the terminal, go to `project` below the folder of this notebook. The commands `git` and `dvc`
# are there, and the repository has a name set for your commits. What is in the folders:
#
# | folder | what it is |
# |---|---|
# | `project/` | a Git repository with one commit on `main`; **handed in**, with its history |
# | `storage/` | DVC's remote: not there yet, made by the first `dvc push`; **handed in** |
# | `data/` | the two deliveries, `delivery-1.csv` and `delivery-2.csv`; not handed in |
#
# ### Ground rules
#
# - What counts is what others get: a **clone of `main`** as you committed it, with a copy of `storage` beside
#   it, in another folder on another machine. What lies uncommitted in `project` is not there.
# - The remote is the folder `storage` beside `project`, named by the **relative** path `../storage`, so that
#   it is found beside every clone. (In `.dvc/config` DVC writes it as `../../storage`: seen from there.)
# - **Push each version while it is checked out.** With a relative remote, this DVC's `dvc push --all-tags` (and
#   `--all-commits`, `--all-branches`) sends older versions to a folder `/storage` at the root of the machine, where
#   no clone looks.
# - Leave the scripts and `params.yaml` in their places and as they are; the work is what you put around them.
#   A `README.md` may be changed as you like.
# - After each task there is a cell with `lab.check(...)`. It works on a copy of your folders and takes some
#   seconds, since each `dvc` takes one to start. `lab.submit()` runs more checks. Stuck? `lab.hint("t1")`.

# %%
from mlops_labs import lab

# %% [markdown]
# ## Task 1: data beside Git
#
# Make `project` itself a DVC project (`dvc init` there, and `dvc config core.analytics false`, since DVC would
# otherwise try to report its use). Give it a **default remote** with the path `../storage`; the name is yours. Copy
# `data/delivery-1.csv` from beside the notebook to **`project/data/flights.csv`**, byte for byte, put it under
# DVC, commit what DVC made, and push the data.
#
# Checked, in a clone of `main` with the storage beside it:
#
# - `dvc pull data/flights.csv` brings the file, byte for byte one of the two deliveries;
# - **no commit** of any branch or tag holds a delivery. (A commit that you made by mistake and that no branch
#   and no tag leads to any more does no harm.)
#
# Leave DVC's settings of the cache as they are: linked files cannot be handed in.

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: two versions, each by its name
#
# Mara has noticed that the first delivery counted a flight as late by its *departure*. The second delivery has
# January corrected, to the arrival, and February added.
#
# - Give the Git tag **`data-v1`** to a commit on `main` in which `data/flights.csv` is the first delivery.
# - Put the second delivery in the same place, `data/flights.csv`, and commit on `main`. Give the tag
#   **`data-v2`** to a commit, later than `data-v1`, in which it is the second delivery. `main` keeps the second
#   delivery from then on, also when you add to it in task 3.
#
# Checked, in a clone with the storage beside it: after `git checkout data-v1` (or `data-v2`, or `main`),
# `dvc pull data/flights.csv` brings that version's bytes. Plain and annotated tags are both fine. In your own
# project you will find that `git checkout` alone changes no data: `dvc checkout` does that, from DVC's cache.

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: a pipeline with a memory
#
# Turn the three scripts into three stages of `project/dvc.yaml`, with these names:
#
# | stage | runs | writes |
# |---|---|---|
# | `prepare` | `python prepare.py` | `prepared/train.csv` and `prepared/validate.csv` |
# | `train` | `python train.py` | `model.json` |
# | `evaluate` | `python evaluate.py` | `metrics.json`, as a metric |
#
# A stage **depends on everything that it reads, and on nothing else**. What it reads is its own script, the
# modules of this project that the script imports, its input files, and those entries of `params.yaml` that
# the script uses. (These go under `params`; `params.yaml` itself is no `deps`.) Read the scripts; they are short.
#
# Then `dvc repro`, on `main`, with the second delivery. Commit `dvc.yaml`, `dvc.lock` and what else DVC made
# for Git, and push the results.
#
# - `prepared/` and `model.json` are kept by DVC, and no commit holds them, nor anything else of more than
#   50,000 bytes.
# - `metrics.json` may be kept by DVC, or by Git (`cache: false`) so that it can be read where the code is read.
#
# Checked, in a clone of `main` with the storage beside it: `dvc pull` brings everything, then `dvc repro`
# runs **no stage**, and `metrics.json` is what the three scripts make of that data. Then `prepared/`,
# `model.json`, `metrics.json` and DVC's cache are removed and `data/flights.csv` is replaced by a file that you have
# not seen: `dvc repro` runs all three stages, in their order, and `metrics.json` is right for that file.

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: only what depends on it
#
# No new files: this task is about what you wrote into `dvc.yaml`. In a clone as in task 3, these are changed,
# one after the other:
#
# - each of the four **scripts** and modules, and `data/flights.csv`, by a line at its end. `dvc status` has to name the
#   stages that read it, and no other. (It names those that a change touches at once; what follows from their
#   results, it cannot know yet.)
# - each of the three **numbers** in `params.yaml`. `dvc repro` has to run the stages whose result depends on the
#   number, directly or through an earlier stage, and no other; `metrics.json` must be right for the new number.
#
# Try it in your own project before you submit: change something, look at `dvc status`, and change it back
# (`git reset --hard`, then `dvc checkout`). `dvc dag` draws who depends on whom.

# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Which score belongs to the first delivery? Make a branch at `main`, bring back the `.dvc` file of `data-v1`
# (`git checkout data-v1 -- data/flights.csv.dvc`, then `dvc checkout data/flights.csv`), run `dvc repro`, and compare with
# `dvc metrics diff main`. The wrong labels score higher. Without versions, who would have looked for the fault in
# the file that did better? Go back with `git checkout -f main` and `dvc checkout`.
#
# When the checks above pass, and `git status` is clean, run `lab.submit()`.
