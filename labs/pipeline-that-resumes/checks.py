"""Graded checks: a real pipeline in a sandbox, really killed, on months that the learner does not have."""

import json
import random
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pandas as pd
from project import steps

from grader.checks import Attempt, check

POOL = "pool"
SECONDS = 100.0  # for one command; it takes three to five on an idle machine
ASSETS = ["flights", "model", "raw", "report"]

# Added to steps.py: writes down who called what, and stands still where it is told to, for us to kill it there.
WATCHED = """

def _watch(name, function, month_of):
    import functools
    import time

    here = Path(__file__).resolve().parent

    @functools.wraps(function)
    def call(*args, **kwargs):
        month = month_of(*args, **kwargs)
        with open(here / ".calls", "a") as calls:
            calls.write(f"{name} {month}\\n")
        halt = here / ".halt"
        if halt.exists() and halt.read_text() == f"{name} {month}":
            (here / ".halted").touch()
            time.sleep(600)
        return function(*args, **kwargs)

    return call


def _of_table(*args, **kwargs):
    for table in [*args, *kwargs.values()]:
        if hasattr(table, "columns"):
            return str(table["date"].iloc[0])[:7]
    return "?"


fetch = _watch("fetch", fetch, lambda *args, **kwargs: [*args, *kwargs.values()][0])
clean = _watch("clean", clean, _of_table)
fit = _watch("fit", fit, _of_table)
score = _watch("score", score, _of_table)
"""

RECORD = """
import json
import dagster as dg
with dg.DagsterInstance.get() as instance:
    print(json.dumps({key.to_user_string(): sorted(instance.get_materialized_partitions(key))
                      for key in instance.all_asset_keys()}))
"""


class Scene:
    """A bench with the project in it, as if nothing had ever run, and a source of its own."""

    def __init__(self, attempt: Attempt, salt: str, name: str = "") -> None:
        self.attempt = attempt
        self.draw = random.Random(f"{attempt.seed} {salt}")
        self.bench = attempt.bench(name)
        self.tables: dict[str, pd.DataFrame] = {}

    def set_up(self, months: int) -> list[str]:
        """Clear what runs have left, and fill the source; return the months, oldest first."""
        for left in ("warehouse.db", "models", "reports", "source", "state", "__pycache__"):
            self.bench.remove(f"project/{left}")
        self.bench.write("project/state/dagster.yaml", "telemetry:\n  enabled: false\n")
        self.bench.write("project/steps.py", Path(steps.__file__).read_text() + WATCHED)
        chosen = sorted(self.draw.sample(range(4, 13), months))
        for number in chosen:
            self.put(f"2013-{number:02d}")
        return [f"2013-{number:02d}" for number in chosen]

    def put(self, month: str) -> None:
        """Have other flights of a month in the source."""
        pool = pd.read_csv(self.attempt.data / POOL / f"{month}.csv")
        rows = pool.sample(self.draw.randint(700, 1100), random_state=self.draw.randrange(10**6)).sort_index()
        self.tables[month] = rows
        self.bench.write(f"project/source/{month}.csv", rows.to_csv(index=False))

    def command(self, *words: str) -> list[str]:
        return ["python", "pipeline.py", *words]

    def run(self, *words: str) -> list[str]:
        """Run the pipeline, which must end with 0; return the calls that it made."""
        done = self.ended(*words)
        self.attempt.expect(
            done.code == 0,
            saw=f"python pipeline.py {' '.join(words)} ended with exit code {done.code}",
            help="Try just that in a terminal, in a copy of project/ without warehouse.db, models, reports and state's "
            "storage; return 0 from main when every month is up to date.",
        )
        return self.calls()

    def ended(self, *words: str):
        """Run the pipeline to its end, however it ends."""
        self.bench.remove("project/.calls")
        done = self.bench.run(self.command(*words), cwd="project", seconds=SECONDS)
        self.attempt.expect(
            not done.timed_out,
            saw=f"python pipeline.py {' '.join(words)} did not end within {SECONDS:.0f} s",
            help="Look for a loop or a lock that waits for ever, perhaps on what a killed run has left.",
        )
        return done

    def calls(self) -> list[str]:
        """The steps that were called since the last run began, as "fetch 2013-05"."""
        return (self.bench.text("project/.calls") or "").splitlines()

    def kill(self, step: str, month: str, *words: str) -> list[str]:
        """Start the pipeline, kill it while that step is at work, and return the calls that it had made."""
        self.bench.remove("project/.calls")
        self.bench.write("project/.halt", f"{step} {month}")
        running = self.bench.start(self.command(*words), cwd="project")
        stands = running.wait_for("project/.halted", SECONDS)
        running.kill()
        running.wait(10)
        self.attempt.expect(
            stands.code is None and not stands.timed_out,
            saw=f"the pipeline was to be killed while steps.{step} worked on a month, and that step was never called",
            help="Call each step inside the asset that it makes, by way of the module: steps.fit(...).",
        )
        for left in (".halt", ".halted"):
            self.bench.remove(f"project/{left}")
        return self.calls()

    # ------------------------------------------------------------------------ what must be there

    def expect_month(self, month: str, when: str = "") -> None:
        """The month's rows, model and report are what its flights give."""
        right = steps.clean(self.tables[month]).assign(month=month)
        early = right["date"].str[-2:].astype(int) <= 21
        rows = self.rows(month)
        self.expect_rows(rows, right, when)
        model = steps.fit(right[early])
        made = self.json(f"models/{month}.json", when)
        self.attempt.expect(
            isinstance(made, dict) and same_model(made, model),
            saw=f"the model of a month is another one than steps.fit gives for its days 1 to 21{when}",
            help="Take the month's rows out of the warehouse, those of days 1 to 21, and write what fit returns as JSON.",
        )
        report = self.json(f"reports/{month}.json", when)
        said = report if isinstance(report, dict) else {}
        self.attempt.expect(
            said.get("month") == month and said.get("rows") == len(right),
            saw=f"a report does not hold its month and the number of the month's rows in the warehouse{when}",
            help="Count the rows that steps.clean has left, of all days of the month.",
        )
        brier, earned = said.get("brier"), steps.score(model, right[~early])
        self.attempt.expect(
            isinstance(brier, int | float) and abs(brier - earned) < 2e-6,
            saw=f"the brier of a report is not what steps.score gives for its model on day 22 and later{when}",
            help="Score the month's own model, on the rows that it was not fitted on.",
        )

    def rows(self, month: str) -> pd.DataFrame:
        data = self.bench.read("project/warehouse.db")
        self.attempt.expect(
            data is not None,
            saw="there is no warehouse.db in project/",
            help="Make its path from where pipeline.py is (HERE), so that it does not depend on the folder you are in.",
        )
        with tempfile.NamedTemporaryFile(suffix=".db") as file:
            file.write(data)
            file.flush()
            try:
                with closing(sqlite3.connect(f"file:{file.name}?mode=ro", uri=True)) as connection:
                    found = connection.execute(
                        "SELECT date, carrier, origin, hour, late FROM flights WHERE month = ?", [month]
                    ).fetchmany(20_000)
            except sqlite3.Error as error:
                self.attempt.expect(
                    False,
                    saw=f"the table flights cannot be read ({str(error)[:80]})",
                    help="It needs the columns month, date, carrier, origin, hour and late; commit, and close the "
                    "connection.",
                )
        return pd.DataFrame(found, columns=["date", "carrier", "origin", "hour", "late"])

    def expect_rows(self, rows: pd.DataFrame, right: pd.DataFrame, when: str) -> None:
        self.attempt.expect(
            len(rows) == len(right),
            saw=f"the warehouse holds {len(rows)} rows of a month that has {len(right)} flights{when}",
            help="More: rows were added to those that were there; delete the month's rows and insert the new ones in one "
            "transaction. Fewer: were all rows of clean inserted, with their month, and committed?",
        )
        self.attempt.expect(
            sorted(map(as_text, rows.itertuples(index=False)))
            == sorted(map(as_text, right[list(rows.columns)].itertuples(index=False))),
            saw=f"the rows of a month in the warehouse are not those that steps.clean gave{when}",
            help="Store its columns unchanged: date as text, hour and late as whole numbers.",
        )

    def json(self, path: str, when: str):
        text = self.bench.text(f"project/{path}")
        kind = path.split("/", maxsplit=1)[0]
        self.attempt.expect(
            text is not None,
            saw=f"there is no file of the month in {kind}/{when}",
            help=f"Write it in project/, named after the month: {kind}/2013-02.json for February.",
        )
        try:
            return json.loads(text)
        except ValueError:
            return self.attempt.expect(
                False,
                saw=f"a file in {kind}/ is not whole JSON{when}",
                help="Write to another name beside it first, then rename: nobody then finds half a file.",
            )


def as_text(row) -> str:
    date, carrier, origin, hour, late = row
    try:
        return f"{str(date)[:10]} {carrier} {origin} {int(hour)} {int(late)}"
    except (TypeError, ValueError):
        return "?"


def same_model(made: dict, right: dict) -> bool:
    try:
        return abs(made["share"] - right["share"]) < 2e-6 and (
            set(made["hours"]) == set(right["hours"])
            and all(abs(made["hours"][hour] - right["hours"][hour]) < 2e-6 for hour in right["hours"])
        )
    except (KeyError, TypeError):
        return False


def counted(calls: list[str], month: str) -> dict[str, int]:
    return {step: calls.count(f"{step} {month}") for step in ("fetch", "clean", "fit", "score")}


# ---------------------------------------------------------------------------------------------- tasks 1 and 2

ONCE = {"fetch": 1, "clean": 1, "fit": 1, "score": 1}


CALM: list[tuple[Scene, list[str]]] = []  # the scene of tasks 1 and 2, which nothing disturbs, and its months


def calm(attempt: Attempt) -> tuple[Scene, list[str]]:
    """Two months that were brought up to date, in one bench for the checks of tasks 1 and 2."""
    if not CALM:
        scene = Scene(attempt, "calm", "calm")
        CALM.append((scene, scene.set_up(2)))
    return CALM[0]


@check("t1", points=3)
def months_are_made(attempt: Attempt) -> None:
    """Two months that you have never seen have their rows, models and reports."""
    scene, months = calm(attempt)
    calls = scene.run(*months)
    for month in months:
        made = counted(calls, month)
        attempt.expect(
            made == ONCE,
            saw="in the first run of a month the steps were called this often: "
            + ", ".join(f"{step} {count}" for step, count in made.items()),
            help="Each step is called once a month, by way of the module (steps.fetch), inside the asset that it makes.",
        )
    for month in months:
        scene.expect_month(month)


@check("t1", points=1, needs=("months_are_made",))
def dagster_knows(attempt: Attempt) -> None:
    """Dagster's record says which months of the four assets are materialized."""
    scene, months = calm(attempt)
    home = scene.bench.run(["pwd"], cwd="project/state").out.strip()
    told = scene.bench.run(
        ["python", "-c", RECORD], cwd="project", env={"DAGSTER_HOME": home}, seconds=SECONDS
    )
    try:
        record = json.loads(told.out.strip().splitlines()[-1])
    except (ValueError, IndexError):
        record = {}
    for asset in ASSETS:
        attempt.expect(
            asset in record,
            saw=f"Dagster's record in state/ has {sorted(record)[:6]}, and no asset {asset}",
            help="Name the functions raw, flights, model and report, and materialize them in the instance at "
            "DAGSTER_HOME: instance=dg.DagsterInstance.get().",
        )
        attempt.expect(
            sorted(record[asset]) == months,
            saw=f"Dagster's record has {len(record[asset])} materialized months of {asset}, and {len(months)} were made",
            help="Give every asset the same monthly partitions, and materialize with partition_key=month.",
        )


@check("t2", points=1, needs=("months_are_made",))
def nothing_to_do(attempt: Attempt) -> None:
    """Months that are up to date call no step."""
    scene, months = calm(attempt)
    calls = scene.run(*months)
    attempt.expect(
        not calls,
        saw=f"months that were up to date called {len(calls)} steps again, the first of them {calls[:1]}",
        help="Ask Dagster what is there: instance.get_materialized_partitions(asset.key), and materialize the rest.",
    )


@check("t2", points=2, needs=("months_are_made",))
def corrected_months_are_replaced(attempt: Attempt) -> None:
    """--again replaces a corrected month's rows, model and report, and no other month's."""
    scene, (first, second) = calm(attempt)
    scene.put(second)
    words = [second, "--again"] if scene.draw.random() < 0.5 else ["--again", second]
    calls = scene.run(*words)
    attempt.expect(
        counted(calls, second) == ONCE,
        saw="with --again, a month that was up to date did not go through every step once",
        help="With --again all four assets of the named months are made anew.",
    )
    scene.expect_month(second, " after --again")
    scene.expect_month(first, ", one that --again did not name")


# ---------------------------------------------------------------------------------------------- task 3


def expect_resumed(attempt: Attempt, calls: list[str], month: str, killed: str) -> None:
    """The steps before the killed one were not called again."""
    order = ["fetch", "clean", "fit", "score"]
    made = counted(calls, month)
    for step in order[: order.index(killed)]:
        attempt.expect(
            made[step] == 0,
            saw=f"killed during steps.{killed}, the next run called steps.{step} again, which had finished",
            help="One asset for each step, so that Dagster records each by itself; then materialize what is missing.",
        )
    attempt.expect(
        all(made[step] == 1 for step in order[order.index(killed) :]),
        saw=f"killed during steps.{killed}, the next run did not call that step and the ones after it once each",
        help="Go by Dagster's record of what is materialized; a file or a row that is there may be half of a step's work.",
    )


@check("t3", points=2, needs=("months_are_made",))
def resumes_where_it_was_killed(attempt: Attempt) -> None:
    """Killed while the rows are cleaned, and again while the model is fitted, it goes on from there."""
    scene = Scene(attempt, "killed")
    (month,) = scene.set_up(1)
    scene.kill("clean", month, month)
    made = counted(scene.kill("fit", month, month), month)
    attempt.expect(
        made["fetch"] == 0,
        saw="killed during steps.clean, the next run called steps.fetch again, which had finished",
        help="One asset for each step, so that Dagster records each by itself; then materialize what is missing.",
    )
    calls = scene.run(month)
    expect_resumed(attempt, calls, month, "fit")
    scene.expect_month(month, " after two kills")


@check("t3", points=2, needs=("months_are_made",))
def finished_months_stay(attempt: Attempt) -> None:
    """Killed in the second of three months, it repeats nothing of the first and does the others."""
    scene = Scene(attempt, "many")
    months = scene.set_up(3)
    scene.draw.shuffle(months)
    # Which of them is second is the pipeline's own choice: the order of the command, or of the year.
    before = scene.kill("score", months[1], *months)
    finished = [month for month in months if f"score {month}" in before and month != months[1]]
    calls = scene.run(*months)
    for month in finished:
        attempt.expect(
            not any(counted(calls, month).values()),
            saw="after a kill in one month, steps of a month that had been finished were called again",
            help="Look for each month by itself what is materialized.",
        )
    expect_resumed(attempt, calls, months[1], "score")
    for month in months:
        scene.expect_month(month, " after a kill among three months")


# ---------------------------------------------------------------------------------------------- task 4


@check("t4", points=3, needs=("months_are_made",))
def a_failing_month_stops_no_other(attempt: Attempt) -> None:
    """A month whose source is broken fails alone, and is done when the source is mended."""
    scene = Scene(attempt, "failing")
    months = scene.set_up(3)
    broken = months[scene.draw.randrange(2)]
    scene.bench.write(
        f"project/source/{broken}.csv", scene.tables[broken].drop(columns="arr_delay").to_csv(index=False)
    )
    order = scene.draw.sample(months, 3)
    if order[-1] == broken:  # it must not be the last: what comes after it is what is looked at
        order.reverse()
    done = scene.ended(*order)
    for month in months:
        if month != broken:
            attempt.expect(
                scene.bench.read(f"project/reports/{month}.json") is not None,
                saw="one of three months failed, and another one was not made",
                help="raise_on_error=False lets you go on with the next month; all(...) of a generator stops at the "
                "first False, so collect the results in a list before.",
            )
            scene.expect_month(month, ", in a command in which another month failed")
    attempt.expect(
        done.code == 1,
        saw=f"one of three months failed and the exit code was {done.code}; 1 is needed",
        help="raise_on_error=False makes materialize return a result with .success; return 1 when one was False.",
    )
    attempt.expect(
        scene.bench.read(f"project/reports/{broken}.json") is None,
        saw="a month whose fetch failed has a report",
        help="Let the error stop that month's later assets: give them the earlier ones as inputs or deps.",
    )
    scene.put(broken)
    mended = scene.ended(*order)
    attempt.expect(
        mended.code == 0,
        saw=f"the source of the broken month was mended, and the same command still ended with exit code {mended.code}",
        help="Let the error end the month's raw: what is caught and returned as if it were flights counts as made.",
    )
    calls = scene.calls()
    others = [call for call in calls if not call.endswith(broken)]
    attempt.expect(
        not others and counted(calls, broken) == ONCE,
        saw="when the broken month was mended, the same command did not do that month alone, each step once",
        help="Only what is not materialized is to be made: nothing of the other months, everything of this one.",
    )
    scene.expect_month(broken, " when its source was mended")
