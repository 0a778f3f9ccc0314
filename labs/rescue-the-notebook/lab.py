# %% [markdown]
# # Rescue the notebook
#
# Mara made the Monday numbers: which flights out of New York were late. She has left. What is left of her is
# the folder `project/`, a Git repository with one notebook in it. The notebook reads a file from her desktop,
# its cells have to be run in an order that only she knew, nothing tests it, and somewhere in the past of that
# repository are a month of data and the key of a paid service. People want to go on using it.
#
# Four tasks turn it into a small package that others can run:
#
# 1. its **rules as functions**, in a module;
# 2. a **clone that runs**: one command, on any machine;
# 3. a **history** that can be shown: without the data, without the key;
# 4. **tests that notice** when somebody breaks a rule.
#
# ### Where you work
#
# There are no answer cells here: **your answer is the folder `project/`**, with its `.git`. Use JupyterLab's
# file browser and editor, and a terminal (File, New, Terminal). This notebook is the brief, and its cells with
# `lab.check(...)` run a few quick checks on a copy of `project/`, as often as you like. `lab.submit()` runs more,
# with other flights. Stuck? `lab.hint("t1")`, and again for a stronger one.
#
# - `data/2013-01.csv`, **beside** `project/`, is a month to try things on. It is not handed in.
# - The tools are Python 3.11 with pandas, Git and pytest. There is no network, so nothing can be installed, and nothing needs to be.
# - Git wants to know who commits. In a terminal: `git config --global user.name "Your name"`, and the same with
#   `user.email`.
# - **What is committed counts**: tasks 2 to 4 look at a clean clone (`git clone project`), of the branch that is
#   checked out. Only task 1 looks at the files as they lie there.
# - Mara's notebook is a start, not the truth: **where it differs from the rules below, the rules are right.**
#   You may keep it in the repository, clean it or delete it.

# %%
from mlops_labs import lab

# %% [markdown]
# ## The flights
#
# A file has one flight in each row, those that never left too. The columns that matter here (there are more):
#
# | column | what it holds |
# |---|---|
# | `time_hour` | the scheduled hour of departure **in Greenwich time (UTC)**, as text: `2013-03-10T23:00:00Z` |
# | `sched_dep_time`, `dep_time` | scheduled and actual departure by New York's clock, as a number whose last two digits are the minutes: `517` is 5:17, `5` is 0:05. `dep_time` is missing for flights that never left, and midnight may stand in both as `2400` |
# | `arr_delay` | minutes after the scheduled arrival, negative when early. Missing for flights that never left, and for those that left and were diverted |
# | `carrier`, `origin`, `dest`, `distance` | who, from where, to where (all text), how far (a number); never missing |
#
# Missing means what pandas makes of an empty field: `NaN`.
#
# ## Task 1: rules as functions
#
# Write the module `project/lateness/flights.py` with these **four functions**. Tables are DataFrames as
# `pandas.read_csv` gives them.
#
# **`clock_to_minutes(clock)`**: `clock` is a Series of clock times like those of `dep_time`. Returns a Series of
# the same length, in the same order: minutes after midnight.
#
# - `517` becomes `317`. `2400` is midnight and becomes `0`, like `0` itself.
# - A missing time stays missing (`NaN`).
#
# **`in_month(flights, month)`**: `month` is text such as `"2013-03"`. Returns the rows of the flights whose
# scheduled departure, **by New York's date**, is in that month of that year.
#
# - All columns as they were and no others; the rows in the order in which they were.
# - It needs the column `time_hour`. New York's time (`America/New_York`) has summer time; pandas knows when.
#
# **`features(flights)`**: what a model may learn from. Returns a table with one row for **each** flight that has an
# `arr_delay`, in the order in which they were, with exactly these columns, in this order:
#
# | column | value |
# |---|---|
# | `carrier`, `origin`, `dest` | as in the flight |
# | `hour` | hour of the **scheduled** departure by New York's clock, 0 to 23 |
# | `weekday` | day of the week of New York's date (of the scheduled departure), Monday is 0 |
# | `distance` | as in the flight |
# | `late` | `True` if it arrived **more than 15 minutes** after its time, else `False` |
#
# It needs `carrier`, `origin`, `dest`, `sched_dep_time`, `time_hour`, `distance`, `arr_delay`.
#
# **`daily(flights)`**: the table for the Monday mail. Returns one row for each New York date (of the scheduled
# departure) and origin with at least one flight, sorted by date and then by origin, with exactly these columns, in
# this order:
#
# | column | value |
# |---|---|
# | `date` | New York's date, as text: `2013-03-10` |
# | `origin` | as in the flight |
# | `scheduled` | number of flights, all of them |
# | `cancelled` | number of flights that never left: no `dep_time` |
# | `arrived` | number of flights that have an `arr_delay` |
# | `late` | number of flights that arrived more than 15 minutes after their time |
# | `late_share` | `late` divided by `arrived`, not rounded; missing (`NaN`) where none arrived |
# | `small_hours` | number of flights that left (`dep_time`) from midnight on and before 04:00, by the clock |
#
# It needs `time_hour`, `origin`, `dep_time`, `arr_delay`.
#
# For all of them:
#
# - No function changes the table or Series that it is given.
# - The row index of what is given may be anything: with gaps, in any order, the same label twice (two files put
#   together). What a flight counts for never hangs on it.
# - **Left open**: the row index of the tables that are returned, the name and row index of the Series, and which dtype
#   numbers have (`int64`, `int32`, `float64`, ...).
#
# Helper functions and constants of your own are fine. For task 4, though, this one file will be replaced by other
# people's modules, which have the four functions and **no other names**. So whatever your command or your tests import
# besides the four must live in another file of the package.

# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: a clone that runs
#
# Whoever has a clean clone of `project`, and Python with pandas, can run
#
#     python -m lateness INPUT MONTH FOLDER
#
# for instance `python -m lateness ../data/2013-01.csv 2013-01 ../out`. (Python runs `lateness/__main__.py` for
# this; the arguments are in `sys.argv[1:]`.)
#
# - `INPUT` is a CSV file of flights, also of other months; `MONTH` as for `in_month`.
# - It writes `FOLDER/features.csv` and `FOLDER/daily.csv`: what `features` and `daily` return for the flights of that
#   month, with a header line and without the row index. `FOLDER`, and the folders above it, are made where they are
#   missing; files from an earlier run are replaced. The exit code is 0.
# - If there is no file `INPUT`, or it has no flight of that month, it writes neither file, says why on standard error and
#   ends with an exit code other than 0. (`raise SystemExit("why")` does both.)
# - Paths are relative to the folder that the command is started in, and that may be any folder:
#   it will be run **in the clone**, and also **in another folder** with `PYTHONPATH` naming the clone, where nothing is
#   at hand but the input.

# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: a history without data and key
#
# What was committed once is in every clone, whatever a later commit removed. Mara's key begins with `fd-live-`.
#
# - The **key** is in no commit of any branch or tag, neither in files nor in messages. A notebook keeps what its cells
#   printed, too.
# - The **data** is in no commit of any branch or tag: no file of Mara's data, in whole or in pieces, and no file of more
#   than 100 KB at all. Small tables of your own making in tests are fine.
# - A committed **`.gitignore`** keeps the next commit clean: everything in the folder `data/`, files called `.env`, and all
#   `__pycache__`, `.pytest_cache` and `.ipynb_checkpoints` folders. New Python files and documents anywhere else are not ignored.
# - The clone still has the work: the package from tasks 1 and 2.
#
# Rewrite the history or begin a new one, as you like: nobody needs Mara's old commits, branches or tags. (Where
# others have clones already, that is a decision to talk over. And a key that got out is **revoked first**: taking it out
# of the history undoes nothing. Mara's is revoked.) How you divide your own work into commits is not graded.

# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: tests that notice
#
# Tests are there for the day on which somebody changes the module. So yours are judged by what they say about **other
# modules**. Write them into the file `project/tests/test_flights.py`. In a clean clone, this is run:
#
#     python -m pytest -q -x tests/test_flights.py
#
# (without pytest's plugins: `PYTEST_DISABLE_PLUGIN_AUTOLOAD=1`), first with your own `lateness/flights.py`, then with
# others in its place. Each is written by somebody else, and has the four functions and no other names. Files that your
# tests import or read may lie beside them, if they are committed. Other test files, for instance of the command, are
# a good idea, and are not run here.
#
# - On your own module your tests pass.
# - On every module that follows the rules of task 1 they pass, however it is written. So they ask for nothing that is left
#   open there: the row index of what is returned, dtypes of numbers.
# - On every module that breaks one rule they fail. The modules break rules of these kinds:
#   - **limits and clock times**: what "more than" and "before" mean, midnight;
#   - **hours, days and months**: New York's against Greenwich's, which month, which column a value comes from;
#   - **missing times, and flights that never left or never arrived**: who is counted where, shares of nothing;
#   - **tables**: the order of rows, odd row indexes, the table that was given.
# - A whole run takes 5 seconds of computing at most, without what importing pandas and pytest takes (one or two are
#   enough), and needs nothing that is not in the clone.
#
# A good test
# works with a table of a few rows, built in the test, in which **one thing hangs on one rule**. Give such a table all
# columns of the list above, each with a value of its own: else nobody would notice that a function looks at the wrong one.

# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Clone `project` somewhere else, and read it as a stranger would: what does it do, how is it run, how is it tested? A
# README answers the first two. Then change one line of a rule in the clone, and see what the tests say.
#
# When the checks above pass, run `lab.submit()`.
