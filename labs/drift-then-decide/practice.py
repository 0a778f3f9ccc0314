"""Public checks of "Drift, then decide": few and quick. The graded ones bring other months, models and years."""

import json
from typing import Any

import numpy as np
import pandas as pd

from grader.checks import Attempt, check

NAMES = ["carrier", "origin", "dest"]
FEATURES = [
    "hour",
    "weekday",
    "distance",
    "temp",
    "dewp",
    "humid",
    "wind_speed",
    "precip",
    "visib",
    "pressure",
    *NAMES,
]
Table = pd.DataFrame


def read(attempt: Attempt, name: str, day: str) -> Table:
    return pd.read_csv(attempt.data / f"data/{name}.csv", parse_dates=[day])


def keep(attempt: Attempt, name: str, table: Table) -> str:
    """Hand a table to the notebook's side, to be named in questions."""
    columns, kinds = {}, {}
    for column in table.columns:
        values = table[column]
        if column in ("date", "known_on"):
            values = values.dt.strftime("%Y-%m-%d")
        kinds[column] = "str" if column in ("date", "known_on", *NAMES) else str(values.dtype)
        columns[column] = values.astype(object).where(values.notna(), None).tolist()
    attempt.probe("keep", name, columns, kinds)
    return name


def expect_keys(attempt: Attempt, told: Any, keys: list[str], what: str) -> None:
    attempt.expect(
        isinstance(told, dict) and set(keys) <= set(told),
        saw=f"{what} is {str(told)[:120]}",
        help=f"It should be a dict with {', '.join(keys)}.",
    )


def expect_near(attempt: Attempt, told: Any, value: float, what: str, near: float = 5e-4) -> None:
    attempt.expect(
        isinstance(told, int | float) and abs(told - value) <= near,
        saw=f"{what} is {told}",
        help=f"It should be {value:.4f}: read the brief's table once more.",
    )


def winter_and_july(attempt: Attempt) -> tuple[Table, Table]:
    reference, flights = read(attempt, "reference", "date"), read(attempt, "flights", "date")
    july = flights[flights["date"].dt.month == 7].reset_index(drop=True)
    return reference, july


def ask_summary(attempt: Attempt, reference: Table, current: Table) -> Any:
    keep(attempt, "reference", reference)
    keep(attempt, "current", current)
    return attempt.probe("drift_summary", "reference", "current", seconds=180)  # Evidently is imported first


@check("t1")
def july_against_winter(attempt: Attempt) -> None:
    """drift_summary of July: the temperature is off the scale, the score is not."""
    reference, july = winter_and_july(attempt)
    told = ask_summary(attempt, reference, july)
    expect_keys(attempt, told, ["features", "missing", "drifted", "score", "score_drifted"], "the summary")
    attempt.expect(
        set(told["features"]) == set(FEATURES) == set(told["missing"]),
        saw=f"features has {sorted(told['features'])}",
        help="It should have the columns of FEATURES and no other, and so should missing.",
    )
    attempt.expect(
        told["features"]["temp"] > 5 and 0 <= told["features"]["hour"] < 0.2 and 0 < told["score"] < 0.2,
        saw=f"the PSI of temp is {told['features']['temp']}, of hour {told['features']['hour']}, of the score {told['score']}",
        help="In July temp is above 5, hour and the score below 0.2: take the values of drift.compare(reference, current, ...).",
    )
    attempt.expect(
        "temp" in told["drifted"] and "hour" not in told["drifted"] and told["score_drifted"] is False,
        saw=f"drifted is {told['drifted']}, score_drifted {told['score_drifted']}",
        help="temp belongs into drifted, hour does not, and the score has a key of its own.",
    )


@check("t1", needs=("july_against_winter",))
def a_column_without_values(attempt: Attempt) -> None:
    """A sensor that died is drift, whatever Evidently says."""
    reference, july = winter_and_july(attempt)
    dead = july.assign(visib=np.nan)
    told = ask_summary(attempt, reference, dead)
    attempt.expect(
        told["features"]["visib"] is None and told["missing"]["visib"] == 1 and "visib" in told["drifted"],
        saw=f"with no value of visib in current, its PSI is {told['features']['visib']} and drifted {told['drifted']}",
        help="Leave such a column out of compare, give it None, and put it into drifted.",
    )


def little_table() -> tuple[Table, Table]:
    """Twenty flights of each of two months, and when their outcomes came."""
    days = [f"2013-{month:02d}-{day:02d}" for month in (5, 6) for day in range(1, 21)]
    flights = pd.DataFrame({"flight_id": range(40), "date": pd.to_datetime(days), "score": [0.2, 0.6] * 20})
    late = [number % 4 == 1 for number in range(40)]
    outcomes = pd.DataFrame(
        {"flight_id": range(40), "known_on": flights["date"] + pd.Timedelta(days=5), "late": late}
    )
    mended = pd.DataFrame(
        {"flight_id": [0, 39], "known_on": pd.to_datetime(["2013-05-20", "2013-09-01"]), "late": [True, True]}
    )
    return flights, pd.concat([outcomes, mended], ignore_index=True)


@check("t2")
def forty_flights(attempt: Attempt) -> None:
    """Of forty flights, performance judges those whose outcome is known on the day."""
    flights, outcomes = little_table()
    names = keep(attempt, "flights", flights), keep(attempt, "outcomes", outcomes)
    told = attempt.probe("performance", *names, "2013-06-20")
    attempt.expect(
        isinstance(told, list) and len(told) == 2,
        saw=f"for flights of May and June performance returned {str(told)[:120]}",
        help="Return a list with one dict for each month, oldest first.",
    )
    keys = ["month", "flights", "known", "judged", "auc", "brier", "expected", "observed"]
    for one in told:
        expect_keys(attempt, one, keys, "a month's dict")
    attempt.expect(
        [one["month"] for one in told] == ["2013-05", "2013-06"]
        and [one["known"] for one in told] == [20, 15],
        saw=f"on 20 June, known is {[one['known'] for one in told]}",
        help="It should be 20 and 15: reports that came by that day, each flight once.",
    )
    attempt.expect(
        [one["judged"] for one in told] == [True, False] and told[1]["brier"] is None,
        saw=f"on 20 June, judged is {[one['judged'] for one in told]}, June's Brier score {told[1]['brier']}",
        help="May is judged, June not, and a month that is not judged has None for its four numbers.",
    )
    expect_near(attempt, told[0]["observed"], 0.3, "May's share of late flights, one report corrected,")
    expect_near(attempt, told[0]["brier"], 0.18, "May's Brier score")
    expect_near(attempt, told[0]["auc"], 62 / 84, "May's AUC")
    expect_near(attempt, told[0]["expected"], 0.4, "May's mean score")


def month_of(days: int, each: int, better: bool) -> Table:
    """A month in which one of two models knows something."""
    draw = np.random.default_rng(5)
    seen = draw.normal(size=days * each)
    late = draw.random(len(seen)) < 1 / (1 + np.exp(1 - 1.5 * seen))
    sharp, blunt = (
        1 / (1 + np.exp(1 - 1.5 * seen)),
        np.full(len(seen), late.mean()) + 0.02 * draw.normal(size=len(seen)),
    )
    dates = pd.Timestamp(2013, 5, 1) + pd.to_timedelta(np.repeat(np.arange(days), each), unit="D")
    names = ("candidate", "score") if better else ("score", "candidate")
    return pd.DataFrame({"date": dates, "late": late, names[0]: sharp.round(4), names[1]: blunt.round(4)})


SUMMARY = {
    "features": dict.fromkeys(FEATURES, 0.5),
    "missing": dict.fromkeys(FEATURES, 0.0),
    "drifted": ["temp", "humid"],
    "score": 0.4,
    "score_drifted": True,
}
DECISION = [
    "action",
    "flights",
    "days",
    "auc_gain",
    "gain",
    "low",
    "high",
    "gap",
    "gap_low",
    "gap_high",
    "watch",
    "reason",
]


@check("t3")
def three_months(attempt: Attempt) -> None:
    """A better candidate goes live, a worse one does not, and ten days are too few."""
    for table, what, action in (
        (month_of(28, 40, True), "a candidate that knows more", "replace"),
        (month_of(28, 40, False), "a candidate that knows less", "keep"),
        (month_of(10, 80, True), "ten days", "wait"),
    ):
        told = attempt.probe("decide", keep(attempt, "to decide", table), SUMMARY)
        expect_keys(attempt, told, DECISION, "the decision")
        attempt.expect(
            told["action"] == action,
            saw=f"{what}: the action is {told['action']}",
            help=f"It should be {action}: the first row of the brief's table that applies counts, and drift is not in it.",
        )
        attempt.expect(
            isinstance(told["watch"], list) and sorted(told["watch"]) == ["humid", "score", "temp"],
            saw=f"watch is {told['watch']}",
            help="It should have humid, temp and score: what the summary says has drifted.",
        )
        if action == "wait":
            continue
        late = table["late"].to_numpy(float)
        gains = (late - table["score"]) ** 2 - (late - table["candidate"]) ** 2
        expect_near(attempt, told["gain"], float(gains.mean()), f"{what}: gain")
        expect_near(attempt, told["gap"], float((late - table["score"]).mean()), f"{what}: gap")
        attempt.expect(
            told["low"] < told["gain"] < told["high"] and told["gap_low"] < told["gap"] < told["gap_high"],
            saw=f"{what}: gain {told['gain']} is to lie between {told['low']} and {told['high']}",
            help="Take both intervals with interval(values, days).",
        )


@check("t4", needs=("t1", "t2", "t3"))
def the_review_of_july(attempt: Attempt) -> None:
    """On 20 August, July is reviewed, and three files say the same."""
    reference, flights = read(attempt, "reference", "date"), read(attempt, "flights", "date")
    names = [keep(attempt, "reference", reference), keep(attempt, "flights", flights)]
    names.append(keep(attempt, "outcomes", read(attempt, "outcomes", "known_on")))
    try:
        attempt.probe("review", *names, "2013-08-20", "practice", seconds=180)
        found = attempt.probe("fetch", "practice")
    finally:
        attempt.probe("clear")
    wanted = ["decision.json", "drift.html", "drift.json"]
    attempt.expect(
        set(wanted) <= set(found),
        saw=f"the folder out has {sorted(found)}",
        help=f"It should have {', '.join(wanted)}.",
    )
    record, report = json.loads(found["decision.json"]), json.loads(found["drift.json"])
    expect_keys(attempt, record, ["month", "today", "drift", *DECISION], "the record")
    attempt.expect(
        record["month"] == "2013-07",
        saw=f"the month under review is {record['month']}",
        help="On 20 August it is 2013-07: too few outcomes of August are known.",
    )
    values = {one["config"].get("column"): one["value"] for one in report["metrics"]}
    expect_near(attempt, values.get("score"), record["drift"]["score"], "the score's PSI in drift.json", 1e-3)
