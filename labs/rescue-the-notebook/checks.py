"""Graded checks of "Rescue the notebook": a clean clone, asked for months it has never seen, and tests that are tested.

What is right is worked out here, by functions that were written for it (variants.py, which reaches this side as
variants.json). The same file holds the wrong ways that people take; a learner's function that gives what one of those
gives is told which.
"""

from __future__ import annotations

import builtins
import io
import json
import random
from dataclasses import dataclass
from typing import Any

import pandas as pd

from grader.benches import Bench, Clone, Done
from grader.checks import Attempt, CheckFailed, check

MODULE = "lateness/flights.py"
FUNCTIONS = ("clock_to_minutes", "in_month", "features", "daily")
KEY = "fd-live-5b1e07c49a2d4f6e8f30"
LARGEST = 100_000  # bytes of a file in the history
MONTHS = ("2013-02", "2013-03", "2013-06", "2013-08", "2013-11")
TESTS = "tests/test_flights.py"
QUICK = 10.0  # seconds of CPU for a whole run of the tests; the brief says 5
SLOWEST = 40.0

# ------------------------------------------------------------------- what is right, and what is wrong in which way


class Answers:
    """The lab's own functions: right ones, and wrong ones by the name of their mistake."""

    def __init__(self, attempt: Attempt) -> None:
        self._all = json.loads((attempt.data / "variants.json").read_text(encoding="utf-8"))

    def bugs(self, *, function: str = "", group: str = "") -> dict[str, dict[str, str]]:
        """The wrong functions in place of a function, or of a group."""
        return {
            key: bug
            for key, bug in self._all["bugs"].items()
            if (not function or bug["function"] == function) and (not group or bug["group"] == group)
        }

    def run(self, source: str, function: str, table: Any, *rest: Any) -> Any:
        """What one of the lab's own functions returns."""
        space: dict[str, Any] = {}
        exec(self._all["header"] + source, space)  # the lab's own source
        return space[function](table.copy(), *rest)

    def right(self, function: str, table: Any, *rest: Any) -> Any:
        """What is right."""
        return self.run(self._all["right"][function][0], function, table, *rest)

    def module(self, draw: random.Random, ways: dict[str, int] | None = None, bug: str = "") -> str:
        """A module with all four functions, each written in one of its right ways, but for one bug."""
        picked = {
            name: self._all["right"][name][(ways or {}).get(name, draw.randrange(3))] for name in FUNCTIONS
        }
        if bug:
            picked[self._all["bugs"][bug]["function"]] = self._all["bugs"][bug]["source"]
        return "\n\n".join([self._all["header"], *draw.sample(list(picked.values()), len(picked))])

    def right_modules(self, draw: random.Random) -> list[str]:
        """Three right modules, in which every right way of every function is there once."""
        orders = {name: draw.sample(range(3), 3) for name in FUNCTIONS}
        return [self.module(draw, {name: orders[name][n] for name in FUNCTIONS}) for n in range(3)]


def plain(value: Any) -> Any:
    """A cell of a table as this side compares it."""
    if value is None or (not isinstance(value, str | dict | list) and pd.isna(value)):
        return None
    if isinstance(value, str):
        return value
    return float(value) if not isinstance(value, dict | list) else value


def rows(table: pd.DataFrame) -> list[list[Any]]:
    return [[plain(value) for value in row] for row in table.astype(object).to_numpy().tolist()]


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) < 1e-5
    return type(one) is type(other) and one == other


def equal(one: list[list[Any]], other: list[list[Any]]) -> bool:
    """Whether two lists of rows are the same, with some room for rounding."""
    return len(one) == len(other) and all(
        len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
        for a, b in zip(one, other, strict=True)
    )


# ------------------------------------------------------------------------------------------------ task 1: functions

# Run in a bench, in the folder project. What it writes is the learner's word.
ASK = """
import json, sys
import pandas as pd

def plain(value):
    if isinstance(value, str):
        return str(value)
    try:
        if pd.isna(value):
            return None
        return float(value)
    except (TypeError, ValueError):
        return {"kind": type(value).__name__}

def told(found):
    if isinstance(found, pd.Series):
        return {"kind": "Series", "rows": [[plain(value)] for value in found.tolist()]}
    if isinstance(found, pd.DataFrame):
        cells = [[plain(value) for value in row] for row in found.astype(object).to_numpy().tolist()]
        return {"kind": "DataFrame", "columns": [str(name) for name in found.columns], "rows": cells}
    return {"kind": type(found).__name__}

answers = []
with open(sys.argv[1]) as file:
    questions = json.load(file)
for asked in questions:
    table = pd.read_csv(asked["csv"])
    table.index = asked["index"]
    given = table[asked["column"]] if asked["column"] else table[asked["columns"]].copy()
    try:
        from lateness import flights
        found = told(getattr(flights, asked["function"])(given, *asked["rest"]))
    except Exception as error:
        found = {"kind": "raised", "error": type(error).__name__}
    answers.append([found, told(given)])
with open(sys.argv[2], "w") as file:
    json.dump(answers, file)
"""

NEEDED = {
    "in_month": ["time_hour", "origin", "arr_delay", "flight"],
    "features": [
        "carrier",
        "origin",
        "dest",
        "sched_dep_time",
        "time_hour",
        "distance",
        "arr_delay",
        "dep_time",
    ],
    "daily": ["origin", "arr_delay", "time_hour", "dep_time", "carrier"],
}


def month_file(attempt: Attempt, month: str) -> str:
    return (attempt.data / f"{month}.csv").read_text(encoding="utf-8")


def flights_with_edges(attempt: Attempt, draw: random.Random, month: str) -> pd.DataFrame:
    """Some flights of a month in a new order, among them one of every kind that a rule speaks of."""
    table = pd.read_csv(io.StringIO(month_file(attempt, month)))
    arrived = table[table["arr_delay"].notna()]
    evening = arrived[(arrived["sched_dep_time"] >= 2000) & (arrived["sched_dep_time"] < 2300)]
    some = arrived.sample(60, random_state=draw.randrange(10**6))
    edges = pd.concat(
        [arrived.sample(14, random_state=draw.randrange(10**6)), evening.sample(12, random_state=1)]
    )
    edges = edges.reset_index(drop=True)
    for place, delay in enumerate((15, 16, 15, 14)):
        edges.loc[place, "arr_delay"] = delay
    for place, left in enumerate((2400, 400, 359, 401, 5, 2400), start=4):
        edges.loc[place, "dep_time"] = left
    edges.loc[10:11, ["dep_time", "dep_delay", "arr_time", "arr_delay"]] = float("nan")  # cancelled
    edges.loc[12:13, "arr_delay"] = float("nan")  # diverted
    # An airport from which nothing arrived that day: one cancelled, one diverted.
    nothing = edges.tail(2).copy()
    nothing["origin"], nothing["arr_delay"] = "HPN", float("nan")
    nothing.iloc[0, nothing.columns.get_loc("dep_time")] = float("nan")
    twice = edges.head(2)  # two flights may be alike in every column
    found = pd.concat([some, edges, nothing, twice]).sample(frac=1, random_state=draw.randrange(10**6))
    # Of another year, which the month of that name is not.
    last = found.tail(3).assign(
        time_hour=lambda rows: rows["time_hour"].str.replace("2013", "2012", regex=False)
    )
    return pd.concat([found, last]).reset_index(drop=True)


@dataclass(frozen=True)
class Call:
    """A question to one of the learner's functions."""

    function: str
    table: pd.DataFrame
    index: list[int]
    rest: tuple[str, ...] = ()

    @property
    def column(self) -> str:
        return "dep_time" if self.function == "clock_to_minutes" else ""

    @property
    def given(self) -> Any:
        """What the function is given."""
        return (self.table[self.column] if self.column else self.table[NEEDED[self.function]]).set_axis(
            self.index
        )


def cells(found: Any) -> list[list[Any]]:
    """The values of a table or a Series, row by row."""
    return rows(found) if found.ndim == 2 else [[plain(value)] for value in found.tolist()]


def ask(attempt: Attempt, calls: list[Call]) -> list[tuple[dict, dict]]:
    """Ask the learner's module; return for each call what it told, and what its table was afterwards."""
    bench = attempt.bench("functions")
    asked = []
    for number, call in enumerate(calls):
        csv = f"asked-{number}.csv"
        bench.write(csv, call.table.to_csv(index=False))
        columns = NEEDED.get(call.function, [])
        about = {"csv": f"../{csv}", "index": call.index, "column": call.column, "columns": columns}
        asked.append({**about, "function": call.function, "rest": call.rest})
    bench.write("asked.json", json.dumps(asked))
    bench.remove("answer.json")
    done = bench.run(["python", "-c", ASK, "../asked.json", "../answer.json"], cwd="project", seconds=60)
    try:
        told = json.loads(bench.text("answer.json") or "")
        answers = [(shaped(found), shaped(after)) for found, after in told]
        if len(answers) != len(calls):
            raise ValueError
    except (ValueError, KeyError, TypeError):
        late = "took longer than a minute" if done.timed_out else "ended Python"
        raise CheckFailed(
            f"calling {calls[0].function} {late}", "Call it yourself in a terminal, on data/2013-01.csv."
        ) from None
    return answers


def shaped(told: Any) -> dict[str, Any]:
    """What a bench told of a table, of the form that is compared; raises ValueError for anything else."""
    fit = isinstance(told, dict) and isinstance(told.get("kind"), str)
    fit = fit and isinstance(told.get("error", ""), str)
    if fit and told["kind"] in ("Series", "DataFrame"):
        cells, names = told.get("rows"), told.get("columns", [])
        fit = isinstance(cells, list) and all(isinstance(row, list) for row in cells)
        fit = fit and isinstance(names, list) and all(isinstance(name, str) for name in names)
        fit = fit and (told["kind"] == "Series" or all(len(row) == len(names) for row in cells))
        fit = fit and (told["kind"] == "DataFrame" or all(len(row) == 1 for row in cells))
    if not fit:
        raise ValueError
    return {"rows": [], "columns": [], "error": "", **told}


def known_error(name: str) -> str:
    """An error's name where it is one of Python's own: another could be made up to carry an input to the learner."""
    return name if isinstance(getattr(builtins, name, None), type) else "an error"


def expect_right(attempt: Attempt, calls: list[Call]) -> None:
    """Fail, naming the mistake where it is known, unless each call gives what is right and changes nothing."""
    answers = Answers(attempt)
    for call, (found, after) in zip(calls, ask(attempt, calls), strict=True):
        expect_answer(answers, attempt, call, found)
        columns = [] if call.column else list(call.given.columns)
        attempt.expect(
            equal(after["rows"], cells(call.given)) and after["columns"] == columns,
            saw=f"{call.function} changes the table that it is given",
            help="Work on a copy (table.copy()), or build a new table.",
        )


def expect_answer(answers: Answers, attempt: Attempt, call: Call, found: dict[str, Any]) -> None:
    """One call gives what is right."""
    if found["kind"] == "raised":
        error = known_error(found["error"])
        missing = error in ("ImportError", "ModuleNotFoundError", "AttributeError")
        raise CheckFailed(
            f"{call.function} raised {error}",
            "From project, run: python -c 'from lateness.flights import *', and look at what is missing."
            if missing
            else "Call it on flights of all kinds: missing times, another row index, only the columns it needs.",
        )
    kind = "Series" if call.column else "DataFrame"
    other = "nothing" if found["kind"] == "NoneType" else "something else"
    attempt.expect(
        found["kind"] == kind,
        saw=f"{call.function} returned {other} and should return a {kind}",
        help="End the function with a return of the table that the brief describes.",
    )
    wanted = answers.right(call.function, call.given, *call.rest)
    names = [] if call.column else list(wanted.columns)
    if not equal(found["rows"], cells(wanted)) or found["columns"] != names:
        raise CheckFailed(*mistake(answers, call, found, wanted))


def mistake(answers: Answers, call: Call, found: dict[str, Any], wanted: Any) -> tuple[str, str]:
    """What is wrong with an answer: the known mistake that gives the same, else the first difference."""
    right, function = cells(wanted), call.function
    names = [] if call.column else list(wanted.columns)
    for bug in answers.bugs(function=function).values():
        wrong = answers.run(bug["source"], function, call.given, *call.rest)
        alike = not names or found["columns"] == list(wrong.columns)
        if alike and equal(found["rows"], cells(wrong)) and not equal(cells(wrong), right):
            return bug["saw"], bug["help"]
    if found["columns"] != names:
        return (
            f"{function} returned the columns {found['columns'][:12]} and should return {names}",
            "Return these columns, in the order of the brief; what is in the row index is no column.",
        )
    if len(found["rows"]) != len(right):
        more = "more" if len(found["rows"]) > len(right) else "fewer"
        return (
            f"{function} returned {more} rows than it should",
            f"Read again which rows {function} is to return.",
        )
    for place, name in enumerate(names or ["a minute"]):
        pairs = [(told[place], due[place]) for told, due in zip(found["rows"], right, strict=True)]
        differ = [told for told, due in pairs if not same(told, due)]
        if differ:
            kind = f", where it is a {differ[0]['kind']}" if isinstance(differ[0], dict) else ""
            return (
                f"{function}: {name} is wrong in {len(differ)} of {len(pairs)} rows{kind}",
                f"Take a few rows of data/2013-01.csv and work {name} out by hand, by the rules of the brief.",
            )
    return f"{function} returned another table", "Compare it with the brief, rule by rule."


def odd_index(draw: random.Random, length: int) -> list[int]:
    """Row labels that are no places, some of them twice."""
    return [draw.randrange(length) for _ in range(length)]


@check("t1", points=1)
def times_and_months(attempt: Attempt) -> None:
    """clock_to_minutes and in_month follow their rules."""
    draw = random.Random(attempt.seed)
    month = draw.choice(MONTHS)
    table = flights_with_edges(attempt, draw, month)
    index = odd_index(draw, len(table))
    whole = pd.read_csv(io.StringIO(month_file(attempt, month)))
    calls = [
        Call("clock_to_minutes", table, index),
        Call("in_month", whole, list(range(5, 5 + len(whole))), (month,)),
        Call("in_month", table, index, (month,)),
    ]
    expect_right(attempt, calls)


@check("t1", points=1)
def features_follow_the_rules(attempt: Attempt) -> None:
    """features follows its rules on flights you have not seen."""
    expect_rules(attempt, "features", 1)


@check("t1", points=1)
def daily_follows_the_rules(attempt: Attempt) -> None:
    """daily follows its rules on flights you have not seen."""
    expect_rules(attempt, "daily", 2)


def expect_rules(attempt: Attempt, function: str, more: int) -> None:
    """On flights of every kind, with the usual row index and with an odd one."""
    draw = random.Random(attempt.seed + more)
    table = flights_with_edges(attempt, draw, draw.choice(MONTHS))
    indexes = (list(range(len(table))), odd_index(draw, len(table)))
    expect_right(attempt, [Call(function, table, index) for index in indexes])


# ---------------------------------------------------------------------------------------------------- task 2: clone


def read_clone(attempt: Attempt, bench: str, to: str = "clone") -> Clone:
    return attempt.bench(bench).clone("project", to)


@check("t2", points=1)
def clone_holds_the_package(attempt: Attempt) -> None:
    """A clean clone holds the package with its four functions."""
    clone = read_clone(attempt, "run", "looked-at")
    missing = sorted({MODULE, "lateness/__main__.py"} - set(clone.files()))
    attempt.expect(
        not missing,
        saw=f"a clean clone has no {' and no '.join(missing)}",
        help="Look at git status: what is not committed (or is ignored) is in no clone. The clone is of the branch that "
        "is checked out.",
    )
    done = clone.run(["python", "-c", f"from lateness.flights import {', '.join(FUNCTIONS)}"])
    attempt.expect(
        done.ok,
        saw=f"in a clean clone, importing the four functions from {MODULE} fails ({error_kind(done)})",
        help="Clone it next to project (git clone project try-it) and import there: a file that is not committed?",
    )


def error_kind(done: Done) -> str:
    """What a command ended with, in a few words that cannot carry an input of the check."""
    if done.timed_out:
        return "it takes too long"
    word = done.last.split(":")[0]
    return word if known_error(word) == word else f"exit code {done.code}"


def expect_output(attempt: Attempt, bench: Bench, folder: str, month: str, where: str) -> None:
    """Both files hold what is right for the month."""
    answers = Answers(attempt)
    table = answers.right("in_month", pd.read_csv(io.StringIO(month_file(attempt, month))), month)
    for name in ("features", "daily"):
        text = bench.text(f"{folder}/{name}.csv")
        attempt.expect(
            text is not None,
            saw=f"{where}, the command ended without an error and wrote no {name}.csv into the folder that it was given",
            help="Write to the folder of the third argument, as it is given, and make it where it is missing.",
        )
        wanted = answers.right(name, table)
        try:
            found = pd.read_csv(io.StringIO(str(text)))
        except (ValueError, pd.errors.ParserError):
            found = pd.DataFrame()
        attempt.expect(
            list(found.columns) == list(wanted.columns),
            saw=f"{name}.csv has the columns {[str(column)[:30] for column in found.columns][:12]} and should have {list(wanted.columns)}",
            help="Write the table that the function returns, without its row index: to_csv(path, index=False).",
        )
        again = pd.read_csv(io.StringIO(wanted.to_csv(index=False)))
        if not equal(rows(found), rows(again)):
            whole = pd.read_csv(io.StringIO(month_file(attempt, month)))
            unfiltered = answers.right(name, whole)
            attempt.expect(
                len(found) != len(unfiltered) or len(unfiltered) == len(wanted),
                saw=f"{where}, {name}.csv has flights of other months too",
                help="Pass the flights through in_month with the command's second argument.",
            )
            raise CheckFailed(
                f"{where}, {name}.csv has {len(found)} rows and other numbers than the flights of its input give",
                "Read the file of the first argument, then in_month, then the function; nothing in between.",
            )


@check("t2", points=1, needs=("clone_holds_the_package", "t1"))
def clone_runs(attempt: Attempt) -> None:
    """In a clean clone, the command works on a month it has never seen."""
    draw = random.Random(attempt.seed + 3)
    month = draw.choice(MONTHS)
    clone = read_clone(attempt, "run")
    name = f"{draw.getrandbits(32):08x}"
    clone.bench.write(f"inbox/{name}.csv", month_file(attempt, month))
    done = clone.run(["python", "-m", "lateness", f"../inbox/{name}.csv", month, f"../{name}/monthly"])
    attempt.expect(
        done.ok,
        saw=f"in a clean clone, python -m lateness INPUT MONTH FOLDER fails ({error_kind(done)})",
        help="Clone project next to it and run the command there. A path or a file that only you have?",
    )
    expect_output(attempt, clone.bench, f"{name}/monthly", month, "in a clean clone")


@check("t2", points=1, needs=("clone_runs",))
def clone_runs_from_elsewhere(attempt: Attempt) -> None:
    """The command works from any folder, and again where it has written before."""
    draw = random.Random(attempt.seed + 4)
    first, second = draw.sample(MONTHS, 2)
    bench = attempt.bench()
    clone = bench.clone("project")
    bench.remove("project")  # nothing that is not in the clone
    for month in (first, second):
        bench.write(f"desk/{month}.csv", month_file(attempt, month))
        command = ["python", "-m", "lateness", f"{month}.csv", month, "out"]
        done = bench.run(command, cwd="desk", env={"PYTHONPATH": f"../{clone.path}"})
        attempt.expect(
            done.ok,
            saw="started in another folder, with PYTHONPATH naming the clone, the command fails "
            f"({error_kind(done)})",
            help="Import from your package by its name (from lateness.flights import ...), and open no file but the "
            "input; let the folder exist already.",
        )
        expect_output(attempt, bench, "desk/out", month, "started in another folder")


@check("t2", points=1, needs=("clone_holds_the_package",))
def clone_refuses(attempt: Attempt) -> None:
    """Without an input or without flights of the month, it fails and writes nothing."""
    draw = random.Random(attempt.seed + 5)
    month = draw.choice(MONTHS)
    other = "2013-05" if month == "2013-11" else "2013-12"
    clone = read_clone(attempt, "run", "refusing")
    clone.bench.write("inbox/flights.csv", month_file(attempt, month))
    for what, words in (
        ("an input file that is not there", ["../inbox/other.csv", month, "../first"]),
        ("a month that the input has no flight of", ["../inbox/flights.csv", other, "../second"]),
    ):
        done = clone.run(["python", "-m", "lateness", *words])
        attempt.expect(
            done.code not in (0, None),
            saw=f"with {what}, the command says that all went well (exit code 0)",
            help='End it with an error: raise SystemExit("why") gives exit code 1 and a message.',
        )
        attempt.expect(
            done.err.strip(),
            saw=f"with {what}, the command says nothing on standard error",
            help='raise SystemExit("why") writes the reason there; so does print(..., file=sys.stderr).',
        )
        left = clone.bench.files(words[-1].removeprefix("../"))
        attempt.expect(
            not left,
            saw=f"with {what}, the command writes a file all the same",
            help="Look whether there are flights before you write anything.",
        )
    done = clone.run(["python", "-m", "lateness", "../inbox/flights.csv", month, "../third"])
    attempt.expect(
        done.ok,
        saw=f"the command fails also with an input that has flights of the month ({error_kind(done)})",
        help="Refuse only what the brief says.",
    )


# -------------------------------------------------------------------------------------------------- task 3: history


@check("t3", points=1, needs=("clone_holds_the_package",))
def key_is_gone(attempt: Attempt) -> None:
    """The key is nowhere in the history."""
    clone = read_clone(attempt, "history")
    held = clone.holding([KEY])
    now = clone.run(["git", "grep", "-l", "-I", KEY, "HEAD"]).out.split()
    where = sorted({path[:80] for path in held})
    attempt.expect(
        not held,
        saw=f"the key is still in {', '.join(where[:4])}, "
        + ("also in the current commit" if now else "in an earlier commit, another branch or a tag"),
        help="Cells have outputs, and old commits stay in every branch and tag: git log --all -S KEY --oneline lists them.",
    )


@check("t3", points=1, needs=("clone_holds_the_package",))
def data_is_gone(attempt: Attempt) -> None:
    """The data is nowhere in the history, and nothing large is."""
    clone = read_clone(attempt, "history", "again")
    blobs = clone.blobs()
    large = sorted({blob.path for blob in blobs if blob.size > LARGEST})
    attempt.expect(
        not large,
        saw=f"the history holds files of more than {LARGEST // 1000} KB: {', '.join(path[:80] for path in large[:4])}",
        help="git log --all --stat -- PATH shows the commits. A new commit without the file leaves the old ones; a tag or "
        "another branch may hold them.",
    )
    draw = random.Random(attempt.seed + 6)
    lines = (attempt.data / "data/2013-01.csv").read_text(encoding="utf-8").splitlines()[300:-300]
    hits: dict[str, int] = {}
    for line in draw.sample(lines, 5):
        for path in set(clone.holding([line])):
            hits[path] = hits.get(path, 0) + 1
    data = sorted(path for path, times in hits.items() if times >= 2)
    attempt.expect(
        not data,
        saw=f"the history holds rows of the data in {', '.join(path[:80] for path in data[:4])}",
        help="Leave data out of the repository, also in pieces; tests get a few made-up rows.",
    )


IGNORED = (
    "data/2013-05.csv",
    "data/raw/more.csv",
    ".env",
    "lateness/__pycache__/flights.cpython-311.pyc",
    "tests/__pycache__/test_more.cpython-311.pyc",
    ".pytest_cache/v/cache/lastfailed",
    ".ipynb_checkpoints/delays-checkpoint.ipynb",
)
OFFERED = ("lateness/more.py", "tests/test_more.py", "README-more.md")


@check("t3", points=1, needs=("clone_holds_the_package",))
def next_commit_stays_clean(attempt: Attempt) -> None:
    """A committed .gitignore keeps data, keys and caches out of the next commit, and nothing else."""
    clone = read_clone(attempt, "history", "next")
    for path in (*IGNORED, *OFFERED):
        clone.bench.write(f"{clone.path}/{path}", "x\n")
    listed = clone.run(["git", "status", "--porcelain", "-z", "--untracked-files=all"]).out
    offered = {entry[3:] for entry in listed.split("\0") if entry}
    wrong = [path for path in IGNORED if path in offered]
    attempt.expect(
        not wrong,
        saw=f"in a clean clone, git add -A would take {wrong[0] if wrong else ''}",
        help="Commit a .gitignore in project: a line for each kind of file that the brief names.",
    )
    hidden = [path for path in OFFERED if path not in offered]
    attempt.expect(
        not hidden,
        saw=f"in a clean clone, Git ignores a new file {hidden[0] if hidden else ''}, and so would lose work",
        help="Name in .gitignore what is to be left out, and no more: python files and documents are the work.",
    )


# ---------------------------------------------------------------------------------------------------- task 4: tests


# Run in a bench. As `python -m pytest` would, but pandas and pytest are imported once for all modules: each run is a
# fork of this process, in a clean clone far from the data of the work folder, with the next module in the place of the learner's. The modules come one by
# one over stdin, so that tests can read none but the one that they are run on; and nobody of this account may look
# into this process.
RUNS = """
import ctypes, json, os, shutil, signal, subprocess, sys, time
import numpy, pandas, pytest, zoneinfo

ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
module, seconds, arguments = sys.argv[1], float(sys.argv[2]), sys.argv[3:]

def read(size):
    data = b""
    while len(data) < size:
        data += os.read(0, size - len(data))
    return data

def run():
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.chdir("elsewhere/trial")
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
        os.closerange(3, 64)
        sys.argv = ["pytest", *arguments]
        os._exit(int(pytest.main(arguments)))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended:
            break
        time.sleep(0.02)
    else:
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        status = None
    try:
        os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    code = None if status is None else os.waitstatus_to_exitcode(status)
    return [code, round(used.ru_utime + used.ru_stime, 2)]

told = []
while (size := int(read(8))) != 0:
    source = read(size - 1)
    shutil.rmtree("elsewhere", ignore_errors=True)
    subprocess.run(["git", "clone", "-q", "--no-local", "--template=", "--", "./project", "elsewhere/trial"], check=True)
    if source:
        with open(f"elsewhere/trial/{module}", "wb") as file:
            file.write(source)
    told.append(run())
print(json.dumps(told))
"""


@dataclass(frozen=True)
class Trial:
    """How the learner's tests ended on a module."""

    code: int | None  # of pytest; None: they did not end in time
    seconds: float  # of CPU: a busy machine is not the tests' fault

    @property
    def passed(self) -> bool:
        return self.code == 0


def try_on(attempt: Attempt, modules: list[str]) -> list[Trial]:
    """Run the learner's tests on each module, "" for their own, each in a clean clone in a bench of this check's."""
    bench = attempt.bench()
    bench.clone("project", "first")  # fails by itself where there is nothing to clone
    bench.remove("first")
    sent = [module.encode() for module in modules]
    stdin = "".join(f"{len(module) + 1:08d}{module.decode()}" for module in sent) + "00000000"
    words = ["-q", "-x", "-p", "no:cacheprovider", TESTS]
    done = bench.run(
        ["python", "-c", RUNS, MODULE, str(SLOWEST), *words],
        seconds=30 + SLOWEST * len(modules),
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        stdin=stdin,
    )
    try:
        told = [
            Trial(None if code is None else int(code), float(took)) for code, took in json.loads(done.out)
        ]
    except (ValueError, TypeError):
        told = []
    attempt.expect(
        len(told) == len(modules),
        saw="your tests ended what they were run by",
        help="Tests must not kill processes that they did not start.",
    )
    return told


HOLLOW = "\n\n".join(f"def {name}(*_args, **_more):\n    raise NotImplementedError\n" for name in FUNCTIONS)
NO_FILE, NO_TESTS, BROKEN = 4, 5, (2, 3, 4)  # exit codes of pytest


@check("t4", points=1)
def tests_pass_on_your_module(attempt: Attempt) -> None:
    """In a clean clone your tests pass, quickly, and they do call your module."""
    done, hollow = try_on(attempt, ["", HOLLOW])
    attempt.expect(
        done.code not in (NO_TESTS, NO_FILE),
        saw=f"in a clean clone, pytest finds no tests in {TESTS} (it ended with code {done.code})",
        help="Commit that file, with functions called test_*, and run the command of the brief in a clone.",
    )
    attempt.expect(
        done.code is not None and done.seconds < QUICK,
        saw=f"your tests took {done.seconds:.0f} seconds or more, and may take 5",
        help="Test with tables of a few rows, and start a new Python for the command only once or twice.",
    )
    attempt.expect(
        done.passed,
        saw=f"in a clean clone of your work, your tests fail (pytest ended with code {done.code})",
        help="Clone project into an empty folder and run there: python -m pytest -q tests/test_flights.py. Do they need a file that is not in it?",
    )
    attempt.expect(
        not hollow.passed,
        saw=f"your tests pass although all functions of {MODULE} do nothing but fail",
        help="Call the four functions in tests, and assert what they return.",
    )


@check("t4", points=1, needs=("tests_pass_on_your_module",))
def tests_leave_other_right_ways_alone(attempt: Attempt) -> None:
    """Your tests pass on other modules that follow the same rules."""
    for done in try_on(attempt, Answers(attempt).right_modules(random.Random(attempt.seed + 7))):
        attempt.expect(
            done.code not in BROKEN,
            saw="your tests break on another right module before any test runs",
            help="The other modules have the four functions of the brief and no other names: what else your package or "
            f"tests import must not live in {MODULE}.",
        )
        attempt.expect(
            done.code is not None,
            saw="your tests do not end in time on another right module",
            help="Test with tables of a few rows.",
        )
        attempt.expect(
            done.passed,
            saw="your tests fail on another module that follows every rule of the brief",
            help="A test asks for something that the brief leaves open: a row index, a number's dtype? Or for what only "
            "your function does? Compare values: .tolist(), or reset_index(drop=True) and check_dtype=False.",
        )


def expect_caught(attempt: Attempt, group: str, about: str) -> None:
    """Your tests fail on every module with a bug of the group."""
    answers, draw = Answers(attempt), random.Random(f"{attempt.seed} {group}")
    keys = sorted(answers.bugs(group=group))
    order = draw.sample(["", *keys], len(keys) + 1)
    modules = [answers.module(draw, bug=key) for key in order]
    passed = {key: trial.passed for key, trial in zip(order, try_on(attempt, modules), strict=True)}
    # One module among them is right, so that tests which remember that they ran before gain nothing.
    attempt.expect(
        passed.pop(""),
        saw="your tests pass on a right module at one time and fail on it at another",
        help="Let each test make its own tables, and let nothing be left over from one run to the next.",
    )
    missed = [key for key, ok in passed.items() if ok]
    attempt.expect(
        not missed,
        saw=f"your tests pass on {len(missed)} of {len(keys)} modules that break a rule about {about}",
        help="Go through the brief's sentences about it: is there a row in your tests whose outcome hangs on each of "
        "them, for each function that it speaks of?",
    )


RIGHT = ("tests_leave_other_right_ways_alone",)


@check("t4", points=1, needs=RIGHT)
def tests_notice_limits(attempt: Attempt) -> None:
    """Your tests notice wrong limits and clock times."""
    expect_caught(attempt, "limits", "limits or midnight")


@check("t4", points=1, needs=RIGHT)
def tests_notice_days(attempt: Attempt) -> None:
    """Your tests notice wrong hours, days and months."""
    expect_caught(attempt, "days", "hour, weekday or month")


@check("t4", points=1, needs=RIGHT)
def tests_notice_lost_flights(attempt: Attempt) -> None:
    """Your tests notice when missing times and flights that never arrived are counted wrongly."""
    expect_caught(attempt, "lost", "missing times and flights that did not leave or arrive")


@check("t4", points=1, needs=RIGHT)
def tests_notice_tables(attempt: Attempt) -> None:
    """Your tests notice a changed input, a wrong order and rows mixed up."""
    expect_caught(attempt, "tables", "tables: order, row index, and the table that was given")
