"""Public checks of "Rescue the notebook": few and quick. The graded ones use other flights and other modules."""

from __future__ import annotations

import json

from grader.checks import Attempt, check

KEY = "fd-live-5b1e07c49a2d4f6e8f30"  # Mara's, which is revoked
MODULE = "lateness/flights.py"

# Five flights: on time, late, cancelled, diverted, and one that left after midnight of 31 January.
FLIGHTS = """\
time_hour,dep_time,sched_dep_time,dep_delay,arr_delay,carrier,flight,tailnum,origin,dest,distance
2013-01-07T15:00:00Z,1005,1000,5,-4,UA,11,N1,EWR,BOS,200
2013-01-07T16:00:00Z,1150,1100,50,42,B6,12,N2,JFK,MIA,1089
2013-01-07T17:00:00Z,,1215,,,AA,13,N3,JFK,ORD,740
2013-01-07T18:00:00Z,1310,1310,0,,DL,14,N4,EWR,ATL,746
2013-02-01T04:00:00Z,2400,2330,30,20,UA,15,N5,EWR,BOS,200
2013-02-02T16:00:00Z,1100,1100,0,0,UA,16,N6,EWR,BOS,200
"""
FEATURES = [
    ["UA", "EWR", "BOS", 10, 0, 200, False],
    ["B6", "JFK", "MIA", 11, 0, 1089, True],
    ["UA", "EWR", "BOS", 23, 3, 200, True],
]
DAILY = [
    ["2013-01-07", "EWR", 2, 0, 1, 0, 0.0, 0],
    ["2013-01-07", "JFK", 2, 1, 1, 1, 1.0, 0],
    ["2013-01-31", "EWR", 1, 0, 1, 1, 1.0, 1],
]

TELL = """
import json, sys
import pandas as pd
from lateness import flights
table = pd.read_csv("../practice.csv")
january = flights.in_month(table, "2013-01")
told = {
    "minutes": flights.clock_to_minutes(pd.Series([517, 2400])).astype(float).tolist(),
    "flights": january["flight"].astype(int).tolist(),
    "features": flights.features(january).astype(object).to_numpy().tolist(),
    "daily": flights.daily(january).astype(object).to_numpy().tolist(),
}
with open("../told.json", "w") as file:
    json.dump(told, file, default=lambda value: float(value) if hasattr(value, "item") else str(value))
"""


@check("t1")
def five_flights(attempt: Attempt) -> None:
    """The four functions are right about six flights."""
    bench = attempt.bench()
    bench.write("practice.csv", FLIGHTS)
    done = bench.run(["python", "-c", TELL], cwd="project", seconds=30)
    text = bench.text("told.json")
    attempt.expect(
        done.ok and text,
        saw=f"calling the four functions on six flights ended with: {done.last}",
        help=f"In a terminal, in project: python -c 'from {MODULE[:-3].replace('/', '.')} import *'",
    )
    told = json.loads(text or "{}")
    for name, wanted in (("minutes", [317, 0]), ("flights", [11, 12, 13, 14, 15])):
        what = (
            "clock_to_minutes of 517 and 2400" if name == "minutes" else "in_month, flight numbers of January"
        )
        attempt.expect(
            told[name] == wanted,
            saw=f"{what}: {told[name]}, and should be {wanted}",
            help="Read its rules again: New York's date, midnight.",
        )
    for name, wanted in (("features", FEATURES), ("daily", DAILY)):
        attempt.expect(
            told[name] == wanted,
            saw=f"{name} of five flights of January: {told[name]}, and should be {wanted}",
            help="Go through it column by column with the table in the brief.",
        )


@check("t2")
def a_clone_runs(attempt: Attempt) -> None:
    """In a clean clone, the command writes both files."""
    bench = attempt.bench()
    clone = bench.clone("project")
    missing = [path for path in (MODULE, "lateness/__main__.py") if path not in clone.files()]
    attempt.expect(
        not missing,
        saw=f"a clean clone has no {', '.join(missing)}",
        help="Commit it: git add, git commit. Look at git status first.",
    )
    bench.write("practice.csv", FLIGHTS)
    done = clone.run(["python", "-m", "lateness", "../practice.csv", "2013-01", "../out"], seconds=30)
    attempt.expect(
        done.ok, saw=f"the command ended with: {done.last}", help="Clone project and try it there."
    )
    for name, lines in (("features", len(FEATURES)), ("daily", len(DAILY))):
        text = bench.text(f"out/{name}.csv")
        attempt.expect(
            text is not None,
            saw=f"it wrote no {name}.csv into the folder of its third argument",
            help="Write into that folder, and make it where it is missing.",
        )
        attempt.expect(
            len((text or "").splitlines()) == lines + 1,
            saw=f"{name}.csv has {len((text or '').splitlines())} lines and should have {lines + 1} for these flights",
            help="One header line, one line a row, and only flights of the month.",
        )


@check("t3")
def nothing_to_hide(attempt: Attempt) -> None:
    """The history holds no key and no large file, and .gitignore is there."""
    clone = attempt.bench().clone("project")
    held = sorted(set(clone.holding([KEY])))
    attempt.expect(
        not held,
        saw=f"the key is in the history of {', '.join(held[:6])}",
        help="In all branches, tags and commits, also in what a notebook printed: git log --all --oneline -S KEY",
    )
    large = sorted({blob.path for blob in clone.blobs() if blob.size > 100_000})
    attempt.expect(
        not large,
        saw=f"the history holds files of more than 100 KB: {', '.join(large[:6])}",
        help="A new commit does not take them out of the old ones. git log --all --stat shows where they are.",
    )
    attempt.expect(
        ".gitignore" in clone.files(), saw="a clean clone has no .gitignore", help="Write one, and commit it."
    )


# Right, by the rules of task 1, and written otherwise than most would.
OTHER = """
import pandas as pd


def _day(flights):
    return pd.to_datetime(flights["time_hour"], utc=True).dt.tz_convert("America/New_York")


def clock_to_minutes(clock):
    return ((clock // 100) % 24 * 60 + clock % 100).astype("float64")


def in_month(flights, month):
    return flights[(_day(flights).dt.strftime("%Y-%m") == month).to_numpy()].reset_index(drop=True)


def features(flights):
    some = flights[flights["arr_delay"].notna().to_numpy()]
    table = some[["carrier", "origin", "dest"]].copy()
    table["hour"] = (some["sched_dep_time"].to_numpy() // 100 % 24).astype("int32")
    table["weekday"] = _day(some).dt.dayofweek.to_numpy()
    table["distance"] = some["distance"].to_numpy()
    table["late"] = some["arr_delay"].to_numpy(dtype="float64") > 15
    return table


def daily(flights):
    arr = pd.to_numeric(flights["arr_delay"]).to_numpy(dtype="float64")
    dep = pd.to_numeric(flights["dep_time"]).to_numpy(dtype="float64")
    table = pd.DataFrame({"date": _day(flights).dt.strftime("%Y-%m-%d").to_numpy(), "origin": flights["origin"].to_numpy()})
    table["scheduled"] = 1
    table["cancelled"] = (dep != dep).astype(int)
    table["arrived"] = (arr == arr).astype(int)
    table["late"] = (arr > 15).astype(int)
    table["late_share"] = float("nan")
    table["small_hours"] = (dep % 2400 < 400).astype(int)
    days = table.groupby(["date", "origin"]).sum().reset_index()
    days["late_share"] = days["late"] / days["arrived"]
    return days.set_axis(range(7, 7 + len(days)))
"""
HOLLOW = "\n".join(
    f"def {name}(*_):\n    raise NotImplementedError"
    for name in ("clock_to_minutes", "in_month", "features", "daily")
)


@check("t4")
def tests_tell_modules_apart(attempt: Attempt) -> None:
    """Your tests pass on your module and on another right one, and fail on one that does nothing."""
    bench = attempt.bench()
    for module, what in (
        (None, "your own module"),
        (OTHER, "another right module"),
        (HOLLOW, "an empty one"),
    ):
        clone = bench.clone("project", "clone")
        if module is not None:
            bench.write(f"clone/{MODULE}", module)
        command = ["python", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/test_flights.py"]
        done = clone.run(command, seconds=20, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"})
        bench.remove("clone")
        said = " ".join(line for line in done.out.splitlines() if line.startswith(("FAILED", "ERROR")))
        if module is HOLLOW:
            attempt.expect(
                not done.ok,
                saw="your tests pass on a module whose functions do nothing but fail",
                help="Call the functions in tests, and assert what they return.",
            )
            continue
        attempt.expect(
            done.ok,
            saw=f"on {what}, in a clean clone, your tests end with: {said or done.last}",
            help="Commit tests and all that they need. Ask for no more than the rules: dtypes of numbers and the row "
            "index of results are open.",
        )
