# %% [markdown]
# # A pipeline that resumes
#
# Every month a model of late flights is trained anew. Until now somebody has run a notebook for it. Last month the
# machine was restarted in the middle; the notebook was started again from the top, the download was paid for twice,
# half of January stood twice in the warehouse, and nobody noticed until the numbers looked good.
#
# You build the pipeline that does this by itself, with **Dagster**. The steps are given; the work here is what holds
# them together: what depends on what, what has been done, what must be done again, and what a crash leaves behind.
#
# Your work is the folder **`project/`** beside this notebook, and in it the file **`pipeline.py`**. Open it in
# JupyterLab's editor (double-click it in the file browser) and try it in a terminal (File > New > Terminal):
#
#     cd project
#     python pipeline.py 2013-01
#
# | in `project/` | what it is |
# |---|---|
# | `pipeline.py` | yours: it has the first step and an empty `main` |
# | `steps.py` | given, do not change it: `fetch`, `clean`, `fit` and `score`, each with a line on what it does |
# | `source/` | what `fetch` reads: January to March. When you submit, other months and other flights |
# | `state/` | where Dagster keeps its record (`DAGSTER_HOME`); `pipeline.py` sets it already |
#
# More files in `project/` are welcome, if `pipeline.py` finds them beside itself, and more tables in the warehouse. When you submit, the whole folder is
# copied into a sandbox, what runs have left there is removed (`warehouse.db`, `models/`, `reports/` and all of
# Dagster's record), and `python pipeline.py ...` is called there as described below, by a shell that is in `project/`.

# %%
from mlops_labs import lab

# %% [markdown]
# ## Task 1: a month, step by step
#
# `python pipeline.py MONTH [MONTH ...]` brings every named month (as in `2013-02`) up to date and ends with exit code 0.
# Each month goes through four **assets**, partitioned by month, with exactly these names:
#
# | asset | made with | what is there afterwards |
# |---|---|---|
# | `raw` | `steps.fetch(month)` | the flights planned in the month, kept wherever you like |
# | `flights` | `steps.clean(raw)` | its rows in the table `flights` of the SQLite file `warehouse.db`: the columns `month` (as in `2013-02`), `date`, `carrier`, `origin`, `hour`, `late`; further columns do no harm |
# | `model` | `steps.fit(rows)` | `models/2013-02.json`: the dict that `fit` returned for the month's rows of **days 1 to 21** |
# | `report` | `steps.score(model, rows)` | `reports/2013-02.json`: an object with `month`, `rows` (how many rows the month has in the warehouse) and `brier` (what `score` returned for the month's rows **from day 22 on**) |
#
# All of it is in `project/`. Each step is called once for a month, inside the asset that it makes. Dagster's record
# must say of each asset which months have been **materialized**: the colleague on call looks there, and so does the
# check. Materializing assets from Python does that by itself, in the instance at `DAGSTER_HOME`:
# `dg.materialize(assets, partition_key=month, instance=dg.DagsterInstance.get())`.

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: again, and nothing doubles
#
# - A month that is up to date (all four assets are materialized) costs nothing: the same command again calls no step.
# - `python pipeline.py MONTH [MONTH ...] --again` makes all four assets of the named months anew, because the source has
#   been corrected: the new rows **replace** the month's old ones, and the months that are not named stay as they are.
#   `--again` may stand before or after the months. (What a command with `--again` leaves when it is killed or fails is
#   yours to decide, and not graded.)

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: killed in the middle
#
# The process is killed (SIGKILL, with everything that it started) while a step is at work. Then **the same command** is
# given again, and it must
#
# - end with exit code 0 and everything as task 1 wants it,
# - call no step again that had finished for that month: a step has finished when its function had returned and the next
#   step's function was already called,
# - leave alone the months that were finished before.
#
# The step that was killed runs again, of course. Nothing cleans up between the two commands.

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: months that fail, months that are late
#
# - If a step raises an error for one month, the other months of the command are still brought up to date. The exit code
#   is then 1. The failed month has no file in `reports/`.
# - When the cause has gone, the same command brings the failed month up to date. Steps that had finished, for this month
#   or for others, are not called again.
# - Months may be named in any order, and an older month may come after a newer one: that is what a backfill is. In which
#   order they are made is up to you. All are months of 2013.

# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Run `dagster dev -f pipeline.py` in a terminal on a machine of your own some day and look at the months as Dagster
# shows them: green is what is there, and a month that was killed is not green.
#
# When the checks above pass, run `lab.submit()`. Files in an editor must be saved first (Ctrl+S).
