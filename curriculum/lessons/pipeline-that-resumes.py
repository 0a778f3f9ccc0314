# %% [markdown]
# ---
# title: A pipeline that resumes
# lab: pipeline-that-resumes
# minutes: 30
# prerequisites:
#   - The lesson "Refuse bad data"
#   - SQL at the level of INSERT, DELETE and a transaction
# objectives:
#   - Say what a job that is killed in the middle may leave behind, and what it costs
#   - Write a step so that doing it twice leaves what doing it once would have left
#   - Describe a pipeline as assets and partitions, and ask an orchestrator what is missing
#   - Tell a rerun, a resumption and a backfill apart
# ---
#
# # A pipeline that resumes
#
# Everything in this lesson runs on your machine, in a folder that is thrown away afterwards. Run the cells in order,
# and change them as you like.

# %%
import os
import sqlite3
import tempfile
from pathlib import Path

HERE = Path(tempfile.mkdtemp(prefix="lesson-"))
os.chdir(HERE)
os.environ["DAGSTER_HOME"] = str(HERE)
(HERE / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
import dagster as dg
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split

from mlops_labs.flights import flights

# %% [markdown]
# ## Why: the night the job was started again
#
# A monthly job loads the flights into a table and trains a model. In the night it dies half-way through January, and
# in the morning somebody starts it again from the top. It loads January again. Nothing complains: a table takes the
# same rows twice as gladly as once.

# %%
columns = ["day", "hour", "minute", "distance"]
january = flights([1]).assign(day=lambda table: table["date"].dt.day)[["date", *columns, "late"]]
once = january.reset_index(drop=True)
half = once[once["day"] <= 15]
doubled = pd.concat([half, once], ignore_index=True)
print(f"flights in January      {len(once):>7,}   late {once['late'].mean():.1%}")
print(f"rows after the morning  {len(doubled):>7,}   late {doubled['late'].mean():.1%}")

# %% [markdown]
# Half a month stands there twice: every count is wrong, and every share leans towards the half that was loaded
# twice. Now train on it. The rows are split at random, as many do, and a copy of a row that the model has learned
# by heart lands among the rows that it is judged on:


# %%
def judged(table):
    """The AUC that a random split promises."""
    train, test = train_test_split(table, random_state=0)
    model = RandomForestClassifier(60, random_state=0, n_jobs=1).fit(train[columns], train["late"])
    return model, roc_auc_score(test["late"], model.predict_proba(test[columns])[:, 1])


february = flights([2]).assign(day=lambda table: table["date"].dt.day)
rows = []
for name, table in (("each flight once", once), ("half of them twice", doubled)):
    model, promised = judged(table)
    earned = roc_auc_score(february["late"], model.predict_proba(february[columns])[:, 1])
    rows.append((name, round(promised, 3), round(earned, 3)))
print(
    pd.DataFrame(rows, columns=["January's table", "promised", "earned in February"]).to_string(index=False)
)

# %% [markdown]
# The accident makes the number **better**. Nobody goes looking for the cause of good news, and in February the model
# earns no more than before. This is what a pipeline that appends costs: not an error, but a wrong number with a smile.

# %% [markdown]
# ## Why, part two: starting from the top
#
# The other cost is work. Say a backfill of a year has 48 steps (twelve months, four steps each), and each step fails
# with some small probability: a lost connection, a machine that is taken away. If every failure means starting from
# the top, how many steps must be run until all 48 are done? For a chance p of failing it is (1/q^n - 1) / (1 - q) with
# q = 1 - p and n = 48; a job that goes on where it stopped needs n / q.

# %%
chances = np.array([0.001, 0.005, 0.01, 0.02, 0.04, 0.06])
q, n = 1 - chances, 48
table = pd.DataFrame(
    {
        "chance that a step fails": chances,
        "steps run, from the top": ((1 / q**n - 1) / (1 - q)).round(0).astype(int),
        "steps run, resumed": (n / q).round(0).astype(int),
    }
)
print(table.to_string(index=False))

figure, axes = plt.subplots(figsize=(6, 3.2))
axes.plot(chances, table["steps run, from the top"], marker="o", label="from the top")
axes.plot(chances, table["steps run, resumed"], marker="s", label="resumed")
axes.set(xlabel="chance that a step fails", ylabel="steps run until 48 are done", ylim=0)
axes.legend()
plt.show()

# %% [markdown]
# *The picture: two lines over the chance that a step fails, from 0.1 to 6 per cent. The line "resumed" stays flat near
# 50 steps. The line "from the top" begins beside it and bends upwards, to several times as many at 4 per cent and
# to about 300 at 6 per cent. The numbers stand in the table above it.*

# %% [markdown]
# ## The idea: what is there, for which part, and who says so
#
# - An **asset** is something that is made and stays: a table, a file, a model. A step is the code that makes one.
# - A **partition** is the part of it that is made at a time: a month. "January's rows" can be replaced without
#   touching February's.
# - A step is **idempotent** if doing it twice leaves what doing it once would have left. Appending is not; replacing a
#   partition, in one transaction, is. So is writing a file under another name and renaming it when it is whole.
# - The **record** says what has been made. It is written *after* the thing itself is whole: a kill between the two
#   costs one repetition of an idempotent step, and never a half-made thing that counts as done.
#
# Then three words that are often mixed up become one question to the record:
#
# | word | means |
# |---|---|
# | resume | make what is missing of a partition |
# | backfill | the same, for many partitions, in any order, also of last year |
# | rerun | make a partition anew although it is there, because its source has changed |

# %% [markdown]
# ## The tool: Dagster
#
# Dagster is an orchestrator built on exactly these words. A function with `@dg.asset` makes an asset; its arguments, or
# `deps=`, say what it needs; `partitions_def` gives it months. Each time an asset is made for a partition, the
# instance (here: SQLite files at `DAGSTER_HOME`) writes down a **materialization**.
#
# | you want | call |
# |---|---|
# | to make assets for a month | `dg.materialize(assets, partition_key="2013-01", instance=instance)` |
# | only some of them | `..., selection=[...]` |
# | to go on after an error | `..., raise_on_error=False`, then look at `.success` |
# | to know what is there | `instance.get_materialized_partitions(asset.key)`, a set of months |
#
# On a server the same assets run by schedule, and a page shows each month of each asset in green or grey. Nothing in
# the code changes for that.

# %% [markdown]
# ## A worked example: which airport was worst?
#
# Two assets for each month: the delays of that month, counted by airport, and a verdict made from them. The second one
# breaks the first time it sees March, as things do.

# %%
MONTHS = dg.StaticPartitionsDefinition([f"2013-{number:02d}" for number in range(1, 13)])
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}  # else Dagster tells of every event
calls = []  # what was really done, for us to look at
trouble = {"2013-03"}


def database():
    """A connection to the table of counts."""
    connection = sqlite3.connect(HERE / "counts.db")
    connection.execute("CREATE TABLE IF NOT EXISTS delays (month TEXT, origin TEXT, late INT)")
    return connection


@dg.asset(partitions_def=MONTHS)
def delays(context):
    """Late flights by airport, in place of what the month had."""
    month = context.partition_key
    calls.append(f"delays {month}")
    counted = flights([int(month[-2:])]).groupby("origin")["late"].sum()
    with database() as connection:  # one transaction: both statements, or neither
        connection.execute("DELETE FROM delays WHERE month = ?", [month])
        rows = [(month, origin, int(late)) for origin, late in counted.items()]
        connection.executemany("INSERT INTO delays VALUES (?, ?, ?)", rows)


@dg.asset(partitions_def=MONTHS, deps=[delays])
def worst(context):
    """The airport with the most late flights, in a file of the month."""
    month = context.partition_key
    calls.append(f"worst {month}")
    if month in trouble:
        raise RuntimeError("the network is gone")
    found = (
        database()
        .execute("SELECT origin FROM delays WHERE month = ? ORDER BY late DESC LIMIT 1", [month])
        .fetchone()
    )
    draft = HERE / f"worst-{month}.draft"
    draft.write_text(found[0])
    draft.rename(HERE / f"worst-{month}.txt")


# %% [markdown]
# Three months, and March breaks in its second step:

# %%
instance = dg.DagsterInstance.get()
for month in ("2013-01", "2013-02", "2013-03"):
    result = dg.materialize(
        [delays, worst], partition_key=month, instance=instance, run_config=QUIET, raise_on_error=False
    )
    print(month, "made" if result.success else "failed")
for made in (delays, worst):
    print(f"{made.key.to_user_string():<7}", sorted(instance.get_materialized_partitions(made.key)))

# %% [markdown]
# The record knows: March has its delays and no verdict. When the network is back, only the verdict is made; what had
# been counted is not counted again.

# %%
trouble.clear()
calls.clear()
missing = [
    made for made in (delays, worst) if "2013-03" not in instance.get_materialized_partitions(made.key)
]
dg.materialize(
    [delays, worst], selection=missing, partition_key="2013-03", instance=instance, run_config=QUIET
)
print("called:", calls)

# %% [markdown]
# And a rerun, because January has been corrected at its source, doubles nothing:

# %%
dg.materialize([delays, worst], partition_key="2013-01", instance=instance, run_config=QUIET)
print(
    pd.read_sql(
        "SELECT month, count(*) AS rows, sum(late) AS late FROM delays GROUP BY month", database()
    ).to_string(index=False)
)
instance.dispose()

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. Twice
#
# Which of these steps leaves the same when it is done twice for the same month?
#
# <details><summary>A. INSERT the month's rows at the end of the table.</summary>
# No. The second time they stand there twice, and every count and share is wrong.
# </details>
# <details><summary>B. DELETE the month's rows, COMMIT, INSERT the new ones, COMMIT.</summary>
# Almost. Done twice to its end it leaves the same; killed between the two commits it leaves a month without rows, and
# who reads at that moment sees none.
# </details>
# <details><summary>C. DELETE and INSERT in one transaction.</summary>
# Right. Whoever looks sees the old rows or the new ones, and a kill in the middle leaves the old ones.
# </details>
#
# ### 2. Half a file
#
# A step writes `model.json` and is killed while it writes. The next step looks whether the file is there. What then?
#
# <details><summary>A. It reads half a model, or fails far from the cause.</summary>
# Right. That a file is there does not say that it is whole. Write under another name and rename it at the end; and go by
# the record, which is written after that.
# </details>
# <details><summary>B. Nothing: the operating system removes files of killed processes.</summary>
# No. What was written stays, up to the last byte that reached the disk.
# </details>
# <details><summary>C. The orchestrator notices, because the run was killed.</summary>
# Only if somebody asks it. A step that looks at the file instead of the record does not.
# </details>
#
# ### 3. One big step
#
# Fetching takes an hour and fitting a minute. A colleague puts both into one asset, since one is useless without the
# other. What does that cost?
#
# <details><summary>A. Nothing: the result is the same.</summary>
# No. It is the same while nothing breaks. Pipelines are for the other days.
# </details>
# <details><summary>B. When fitting breaks, the hour of fetching is lost as well.</summary>
# Right. The record can only tell apart what are assets of their own. Cut where something costly is finished.
# </details>
# <details><summary>C. Dagster refuses an asset with two steps.</summary>
# No. It cannot know what your function does.
# </details>
#
# ### 4. A year at once
#
# You backfill twelve months in a loop, and the fifth has a broken source. Which end do you want?
#
# <details><summary>A. The loop stops at the fifth: an error is an error.</summary>
# No. Seven months that are fine wait for one that is not, until somebody looks in the morning.
# </details>
# <details><summary>B. Eleven months are made, and the command ends as if all were.</summary>
# No. Whoever started it, a person or a schedule, goes by the exit code and will not look.
# </details>
# <details><summary>C. Eleven months are made, the command says that it failed, and the next call makes the fifth.</summary>
# Right. One month's trouble is no other month's, it is told, and going on costs only what is missing.
# </details>
#
# ## What to read next
#
# - The lab **A pipeline that resumes**: four steps, really killed.
# - Dagster's documentation: *Assets*, *Partitions and backfills*, *I/O managers*.
# - The lab **ETL at scale**, later in the curriculum, for tables that do not fit one machine.
