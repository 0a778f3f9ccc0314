"""Public checks of "A pipeline that resumes": the months you have, in a copy of your project."""

import json

from grader.checks import Attempt, check

JANUARY, FEBRUARY = "2013-01", "2013-02"
LEFT = (
    "warehouse.db",
    "models",
    "reports",
    "state/storage",
    "state/history",
    "state/logs",
    "state/schedules",
)
COUNT = "import sqlite3, sys; print(sqlite3.connect('warehouse.db').execute(sys.argv[1]).fetchone()[0])"


def run(attempt: Attempt, bench, *words: str):
    done = bench.run(["python", "pipeline.py", *words], cwd="project", seconds=100)
    attempt.expect(
        done.code == 0,
        saw=f"python pipeline.py {' '.join(words)} ended with exit code {done.code}: {done.last[:150]}",
        help="Run the same in a terminal, in project/, and read what it says.",
    )
    return done


def fresh(attempt: Attempt, name: str = ""):
    bench = attempt.bench(name)
    for left in LEFT:
        bench.remove(f"project/{left}")
    return bench


def rows(bench, month: str) -> str:
    return bench.run(
        ["python", "-c", COUNT, f"SELECT count(*) FROM flights WHERE month = '{month}'"], cwd="project"
    ).last


@check("t1")
def january_is_made(attempt: Attempt) -> None:
    """January has its rows, its model and its report."""
    bench = fresh(attempt, "january")
    run(attempt, bench, JANUARY)
    attempt.expect(
        rows(bench, JANUARY) == "2444",
        saw=f"the table flights has {rows(bench, JANUARY)[:100]} rows of {JANUARY}, and 2444 flights arrived",
        help="Insert every row that steps.clean returns, with its month, and commit.",
    )
    report = bench.text(f"project/reports/{JANUARY}.json")
    attempt.expect(
        report is not None and bench.text(f"project/models/{JANUARY}.json") is not None,
        saw=f"models/{JANUARY}.json or reports/{JANUARY}.json is missing",
        help="Write both in project/, named after the month.",
    )
    try:
        brier = json.loads(report)["brier"]
    except (ValueError, KeyError, TypeError):
        brier = None
    attempt.expect(
        brier == 0.191702,
        saw=f"the brier of January's report is {brier}, and 0.191702 is right",
        help="Fit on days 1 to 21, score that model on day 22 and later.",
    )


@check("t2", needs=("january_is_made",))
def january_again(attempt: Attempt) -> None:
    """--again doubles nothing."""
    bench = attempt.bench("january")
    run(attempt, bench, JANUARY, "--again")
    attempt.expect(
        rows(bench, JANUARY) == "2444",
        saw=f"after --again there are {rows(bench, JANUARY)[:100]} rows of {JANUARY}, and 2444 are right",
        help="Delete the month's rows and insert the new ones, in one transaction.",
    )


SLOW_FIT = """

def fit(rows):
    import time
    from pathlib import Path

    Path(__file__).with_name(".fitting").touch()
    time.sleep(600)
"""
NO_FETCH = """

def fetch(month):
    raise SourceError("fetch was called again, although it had finished")
"""


@check("t3", needs=("january_is_made",))
def killed_while_fitting(attempt: Attempt) -> None:
    """Killed while January's model is fitted, the next run fetches nothing again."""
    bench = fresh(attempt)
    given = bench.text("project/steps.py") or ""
    bench.write("project/steps.py", given + SLOW_FIT)
    running = bench.start(["python", "pipeline.py", JANUARY], cwd="project")
    running.wait_for("project/.fitting", 100)
    running.kill()
    running.wait(10)
    bench.write("project/steps.py", given + NO_FETCH)
    run(attempt, bench, JANUARY)
    attempt.expect(
        rows(bench, JANUARY) == "2444",
        saw=f"after the kill there are {rows(bench, JANUARY)[:100]} rows of {JANUARY}, and 2444 are right",
        help="Replace the month's rows in one transaction.",
    )


@check("t4", needs=("january_is_made",))
def a_month_without_flights(attempt: Attempt) -> None:
    """A month that the source does not have fails alone."""
    bench = fresh(attempt)
    done = bench.run(["python", "pipeline.py", "2013-12", FEBRUARY], cwd="project", seconds=100)
    attempt.expect(
        bench.text(f"project/reports/{FEBRUARY}.json") is not None,
        saw=f"the source has no 2013-12, and {FEBRUARY}, named after it, was not made",
        help="Go on with the next month: raise_on_error=False.",
    )
    attempt.expect(
        done.code == 1,
        saw=f"one month failed and the exit code is {done.code}",
        help="Return 1 from main when a month could not be made.",
    )
