# %% [markdown]
# ---
# title: Same data tomorrow
# lab: same-data-tomorrow
# minutes: 30
# prerequisites:
#   - Git at the level of commit, tag, clone and checkout
#   - Python and pandas at the level of reading a table and fitting a scikit-learn model
# objectives:
#   - Say why a file's name, size and date do not tell which data a score was made from
#   - Keep data beside Git with DVC, and have any version back in a clone
#   - Write a pipeline that knows what it read, and read what its lock file says
#   - Find the dependency that somebody forgot to declare
# ---
#
# # Same data tomorrow
#
# Everything in this lesson runs on your machine, in a folder that is thrown away afterwards. The storage that
# data is sent to is a folder in it too; in a company it would be a bucket, and nothing else would change.

# %%
import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from mlops_labs.flights import flights

place = Path(tempfile.mkdtemp(prefix="lesson-"))
os.chdir(place)

# %% [markdown]
# ## Why: the model that got worse over night
#
# Two people have made a file of January's flights. Same rows, same columns, same name. In one, a flight is
# late if it *arrived* more than 15 minutes after its time; in the other, if it *left* so late. How much can that
# matter?

# %%
january = flights([1])
files = {
    "by arrival": january.assign(late=(january["arr_delay"] > 15).astype(int)),
    "by departure": january.assign(late=(january["dep_delay"] > 15).astype(int)),
}
columns = ["date", "carrier", "origin", "dest", "hour", "late"]
for name, table in files.items():
    path = Path(f"{name.replace(' ', '-')}.csv")
    table[columns].to_csv(path, index=False)
    digest = hashlib.md5(path.read_bytes()).hexdigest()
    print(
        f"{name:<13} {len(table):,} rows, {path.stat().st_size:,} bytes, "
        f"{table['late'].mean():.1%} late, md5 {digest[:8]}…"
    )
differ = (files["by arrival"]["late"] != files["by departure"]["late"]).mean()
print(f"{differ:.1%} of the flights have another label")

# %% [markdown]
# The same number of rows and the very same number of bytes, and one flight in ten has another label. Only the hash
# of the content tells the two files apart.
#
# Now somebody puts one file in the place of the other. Below is **one model**, trained once on January by
# arrival, and scored month by month with either file's idea of late:

# %%
one_hot = ColumnTransformer(
    [("names", OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin", "dest", "hour"])]
)
model = make_pipeline(one_hot, LogisticRegression(C=0.03, max_iter=1000))
model.fit(january, files["by arrival"]["late"])

rows = {}
for month in range(2, 8):
    table = flights([month])
    scores = model.predict_proba(table)[:, 1]
    rows[f"2013-{month:02d}"] = {
        "scored by arrival": roc_auc_score(table["arr_delay"] > 15, scores),
        "scored by departure": roc_auc_score(table["dep_delay"] > 15, scores),
    }
by_month = pd.DataFrame(rows).T
by_month["difference"] = by_month["scored by departure"] - by_month["scored by arrival"]
print(by_month.round(3).to_string())

# %% [markdown]
# *The picture: the two columns of the table over the months. The line of the file by departure lies above the
# line by arrival in every month, by the distances in the last column. The two lines rise and fall together.*

# %%
figure, axes = plt.subplots(figsize=(7, 3))
for name, style in (("scored by departure", "o--"), ("scored by arrival", "s-")):
    axes.plot(by_month.index, by_month[name], style, label=name)
axes.set_ylabel("AUC")
axes.set_title("One model, two files of the same name")
axes.legend()
figure.tight_layout()
plt.show()

# %%
moves = by_month["scored by arrival"].diff().abs().mean()
print(f"from file to file {by_month['difference'].mean():.3f}, from month to month {moves:.3f}")

# %% [markdown]
# Whoever corrects the labels in the middle of the year sees the score fall by that much from one day to the next,
# and will look for the fault in the model, the code, the season. The worse file is the one that *scores better*. What is missing is one
# fact that no table of scores holds: **which bytes was this number made from, and can I have them back?**

# %% [markdown]
# ## The idea: a name made from the content
#
# - **Data is named by the hash of its bytes.** Other bytes, other name; the same bytes, the same name,
#   wherever they are. A storage in which files have such names can only grow: nothing is ever
#   overwritten.
# - **Git keeps the name, the storage keeps the bytes.** Git is made for small text: it keeps every version of
#   every file in every clone for ever. A file of data in a commit cannot be got rid of without making all later
#   commits anew. A line of text with a hash in it costs nothing.
# - **A commit then names code and data together.** Going back to a commit and fetching what it names gives both as they were.
# - **Results are named in the same way.** If it is written down what a step read (hashes) and what it wrote (hashes), then
#   whether a result is still true is no question of opinion or of time stamps: it is a comparison.

# %% [markdown]
# ## The tool: DVC
#
# DVC does this on top of Git. Four places hold your data, and most confusion is about which one a command
# changes:
#
# | place | what it is | filled by |
# |---|---|---|
# | the workspace | the files you see | you, `dvc checkout` |
# | the cache, `.dvc/cache` | every version this clone has had | `dvc add`, `dvc repro`, `dvc fetch` |
# | the remote | what is shared | `dvc push` |
# | Git | `.dvc` files, `dvc.yaml`, `dvc.lock`: names, no data | `git add`, `git commit` |
#
# | you want | command |
# |---|---|
# | to put a file under DVC, or say that it has changed | `dvc add FILE`, then commit `FILE.dvc` |
# | to send and to fetch | `dvc push`, `dvc pull` (fetch and checkout in one) |
# | an older version | `git checkout COMMIT`, then `dvc checkout`, or `dvc pull` if the cache lacks it |
# | a step of a pipeline | `dvc stage add`, which writes `dvc.yaml` |
# | to bring results up to date | `dvc repro`, which writes `dvc.lock` |
# | to know what is not up to date | `dvc status`; against the remote: `dvc status -c` |

# %% [markdown]
# ## A worked example: the share of late flights by hour
#
# A small project with its own storage. `do` runs a command and shows what it prints.

# %%
for name in ("project", "storage"):
    (place / name).mkdir()
os.environ.update(
    DVC_NO_ANALYTICS="1",
    DVC_SITE_CACHE_DIR=str(place / "dvc"),
    PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    **{f"GIT_{who}_{what}": "lesson" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
)


def do(command, where="project"):
    """Run a command in a folder; show it and what it printed."""
    done = subprocess.run(
        shlex.split(command), cwd=place / where, capture_output=True, text=True, check=False
    )
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    print("\n".join([f"$ {command}", *said]))
    assert done.returncode == 0, f"{command} ended with code {done.returncode}"


def write(delay):
    """January's flights into the project: the hour, and whether this delay was over 15 minutes."""
    table = january.assign(late=(january[delay] > 15).astype(int))
    table[["hour", "late"]].to_csv(place / "project/january.csv", index=False)


do("git init -q -b main")
do("dvc init -q")
do("dvc remote add -d shelf ../storage")
write("dep_delay")
do("dvc add -q january.csv")
print((place / "project/january.csv.dvc").read_text())

# %% [markdown]
# That is all Git will ever see of the data: a hash, a size and a name. `dvc add` also told Git to ignore the
# file itself. Now the bytes are sent, and the commit gets a name:

# %%
do("dvc push")
do("git add -A")
do("git commit -q -m 'January as it came'")
do("git tag as-it-came")
print(
    [
        path.relative_to(place / "storage").as_posix()
        for path in (place / "storage").rglob("*")
        if path.is_file()
    ]
)

# %% [markdown]
# In the storage the file is called by its hash. A corrected January gets another name, and the first one stays:

# %%
write("arr_delay")
do("dvc status")
do("dvc add -q january.csv")
do("dvc push")
do("git commit -q -am 'January by arrival'")
print(sum(path.is_file() for path in (place / "storage").rglob("*")), "files in the storage")

# %% [markdown]
# **What do others get?** The only test that counts is a clone. This one is taken at the tag:

# %%
do("git -c advice.detachedHead=false clone -q --branch as-it-came project clone", where=".")
print("after git clone:", (place / "clone/january.csv").exists())
do("dvc pull", where="clone")
old, new = (pd.read_csv(place / folder / "january.csv")["late"].mean() for folder in ("clone", "project"))
print(f"late in the clone {old:.1%}, in the project {new:.1%}")

# %% [markdown]
# `../storage` was a relative path, so the clone found it beside itself. Had the remote been named by the full
# path of one laptop, everything above would have worked there, and nowhere else.

# %% [markdown]
# ### A pipeline with a memory
#
# Two steps: count the late flights by hour, then name the hours above a limit. The limit is a parameter.

# %%
project = place / "project"
(project / "params.yaml").write_text("limit: 0.3\n")
(project / "wording.py").write_text("def sentence(hours):\n    return f'avoid {hours}'\n")
(project / "count.py").write_text(
    "import pandas as pd\n"
    "table = pd.read_csv('january.csv')\n"
    "table.groupby('hour')['late'].mean().round(4).to_csv('hours.csv')\n"
)
(project / "name.py").write_text(
    "import pandas as pd, yaml\n"
    "from wording import sentence\n"
    "limit = yaml.safe_load(open('params.yaml'))['limit']\n"
    "hours = pd.read_csv('hours.csv')\n"
    "print(sentence(hours.loc[hours['late'] > limit, 'hour'].tolist()), file=open('advice.txt', 'w'))\n"
)
do("dvc stage add -q -n count -d count.py -d january.csv -o hours.csv python count.py")
do("dvc stage add -q -n name -d name.py -d hours.csv -p limit -o advice.txt python name.py")
do("dvc repro")
do("cat advice.txt")

# %% [markdown]
# `dvc.yaml` says what you declared. `dvc.lock` says what happened: each step with the hashes of what it read
# and wrote. Both belong into Git, since the lock is the memory: without it a clone cannot know that the results are
# still true, and runs everything again.

# %%
print((project / "dvc.lock").read_text())

# %% [markdown]
# Another limit: only the step that reads it runs. (`count` did not change, and DVC compared hashes to know.)

# %%
(project / "params.yaml").write_text("limit: 0.25\n")
do("dvc status")
do("dvc repro -q")
do("cat advice.txt")

# %% [markdown]
# ### What was forgotten
#
# `name.py` imports `wording.py`, and nobody has told DVC. The wording changes, and DVC is content:

# %%
(project / "wording.py").write_text("def sentence(hours):\n    return f'better not at {hours}'\n")
do("dvc repro")
do("cat advice.txt")

# %% [markdown]
# That is the dangerous kind of wrong: nothing fails, and the result is out of date. The way to find such gaps is the one
# just taken: **change one thing, and look what DVC says**. The mend is one more `-d`. (`--force` replaces the
# stage that is there.)

# %%
do(
    "dvc stage add -q --force -n name -d name.py -d wording.py -d hours.csv -p limit -o advice.txt python name.py"
)
do("dvc repro -q")
do("cat advice.txt")

# %% [markdown]
# Declaring too much is a fault as well, if a dearer one only in time: if `name` listed the whole folder or all of
# `params.yaml`, every change anywhere would run it, and sooner or later somebody switches off what always runs
# for nothing.
#
# A pipeline knows only what a step *declares*. What it reads from the clock, a random generator without a seed, or a
# server on the network is in no hash.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. Which file was it?
#
# A report says "trained on flights.csv, 26,398 rows, file of 3 February". What is missing to find the data again?
#
# <details><summary>A. Nothing: name, size and date together are enough.</summary>
# No. The two files above had the same rows and the same size, and a date is when a copy was made.
# </details>
# <details><summary>B. The hash of its bytes, and a place that keeps bytes by their hash.</summary>
# Right. The hash says which one; the storage still has it.
# </details>
# <details><summary>C. The hash alone.</summary>
# Not quite. A hash recognises data. If the file was overwritten and nobody kept the bytes, there is nothing to
# recognise.
# </details>
#
# ### 2. Pushed?
#
# You run `dvc add`, replace the file, run `dvc add` again, commit both times, and then `dvc push` once. What can a
# clone have?
#
# <details><summary>A. Both versions: push sends everything.</summary>
# No. Without further words it sends what the workspace's files name now: the second version.
# </details>
# <details><summary>B. The second version; the first is only in your cache, until you push it too.</summary>
# Right. Check the first version out and push it, as long as your cache still has it. (`dvc push --all-commits` does
# that for all, but with a relative path as remote it sends older versions elsewhere: look in the storage.)
# </details>
# <details><summary>C. Neither: each version needs its own remote.</summary>
# No. One remote keeps any number of versions, each under its own hash.
# </details>
#
# ### 3. Out of Git
#
# Somebody committed a file of 2 GB, noticed, and removed it in the next commit. What does a clone carry?
#
# <details><summary>A. Nothing of it: the newest commit does not have it.</summary>
# No. A clone carries the history, and the older commit has it.
# </details>
# <details><summary>B. All of it, until the commits are made anew without it and nothing leads to the old ones.</summary>
# Right. That is easy before anybody else has cloned, and a nuisance afterwards.
# </details>
# <details><summary>C. Only its name.</summary>
# No. That is what Git would carry of a file that DVC keeps.
# </details>
#
# ### 4. Everything ran again
#
# In a fresh clone, after `dvc pull`, `dvc repro` runs all stages. Which is the likeliest reason?
#
# <details><summary>A. Time stamps: the files of a clone are new.</summary>
# No. DVC compares content, and the content is the same.
# </details>
# <details><summary>B. dvc.lock was not committed, or not after the last run.</summary>
# Right. The lock is what the clone compares with; without one, nothing is known to be true.
# </details>
# <details><summary>C. The cache of another machine cannot be used.</summary>
# No. The same bytes have the same name everywhere.
# </details>
#
# ### 5. Nothing ran
#
# You change `features.py`, which `train.py` imports. `dvc repro` says that everything is up to date. What now?
#
# <details><summary>A. Good: the change had no effect on the results.</summary>
# No. DVC did not find that out; it never looked at that file.
# </details>
# <details><summary>B. Declare features.py as a dependency of every stage whose script imports it.</summary>
# Right. DVC does not read imports. Then look for others of the kind.
# </details>
# <details><summary>C. Run dvc repro --force from now on.</summary>
# No. It runs everything each time, and in the next clone somebody will not know that they should.
# </details>
#
# ## What to read next
#
# - The lab **Same data tomorrow**: two deliveries, three scripts, and a clone that has to get all of it right.
# - DVC's documentation: *Data Versioning*, *Defining Pipelines*, and the pages on `dvc.yaml` and `dvc.lock`.
# - The lesson **Runs you can defend**: the hash of the data, written into each run that used it.
