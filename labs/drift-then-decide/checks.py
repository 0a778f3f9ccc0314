"""Graded checks of "Drift, then decide": tables of other months, other models and years that never were.

What is right of a table is worked out here, from what was sent: PSI, outcomes known on a day, AUC, intervals, and
which actions the rule allows. Where an interval ends so near to zero that another bootstrap could end on the other
side, both actions are right.
"""

import json
import math
import random
from calendar import monthrange
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from evidence import interval

from grader.checks import Attempt, CheckFailed, check

NUMBERS = [
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
]
NAMES = ["carrier", "origin", "dest"]
FEATURES = NUMBERS + NAMES
PSI_LIMIT, MISSING_LIMIT, ENOUGH = 0.2, 0.1, 0.9
MIN_DAYS, MIN_FLIGHTS, MIN_AUC_GAIN, MAX_GAP = 20, 500, 0.01, 0.05
ACTIONS = ["wait", "replace", "recalibrate", "keep"]
MEASURED = ["auc_gain", "gain", "low", "high", "gap", "gap_low", "gap_high"]

SAME = 2e-4  # of a score or a share: four decimals are enough
OF_WIDTH = 0.13  # of an interval's width: a thousand draws move an end by 0.022 of it
POOLS = ["a", "b", "c"]
PATIENCE = 180.0  # for what imports Evidently first, which a busy machine makes slow
Table = pd.DataFrame


def chance(attempt: Attempt, what: str) -> np.random.Generator:
    return np.random.default_rng(random.Random(f"{attempt.seed} {what}").randrange(2**32))


def pool(attempt: Attempt, name: str) -> Table:
    return pd.read_csv(attempt.data / f"{name}.csv.gz", parse_dates=["date"])


def rows_of(table: Table, months: list[int], draw: np.random.Generator, most: int = 10**6) -> Table:
    """At most so many flights of some months, in no order."""
    chosen = table[table["date"].dt.month.isin(months)]
    return chosen.sample(min(most, len(chosen)), random_state=draw, ignore_index=True)


def keep(attempt: Attempt, name: str, table: Table) -> str:
    """Send a table to the learner's side, to be named in questions."""
    columns: dict[str, list[Any]] = {}
    kinds: dict[str, str] = {}
    for column in table.columns:
        values = table[column]
        if pd.api.types.is_datetime64_any_dtype(values):
            kinds[column], columns[column] = "str", values.dt.strftime("%Y-%m-%d").tolist()
        elif column in NAMES:
            kinds[column], columns[column] = "str", values.astype(object).where(values.notna(), None).tolist()
        elif pd.api.types.is_bool_dtype(values):
            kinds[column], columns[column] = "bool", values.tolist()
        elif pd.api.types.is_integer_dtype(values):
            kinds[column], columns[column] = "int64", values.tolist()
        else:
            kinds[column] = "float64"
            columns[column] = [None if math.isnan(value) else value for value in values]
    attempt.probe("keep", name, columns, kinds)
    return name


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def describe(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def expect_keys(attempt: Attempt, told: Any, keys: list[str], what: str) -> None:
    attempt.expect(
        isinstance(told, dict),
        saw=f"{what} is {describe(told)} and should be a dict",
        help="Build the dict of the brief's table and return it on every way through the function.",
    )
    missing = [key for key in keys if key not in told]
    attempt.expect(
        not missing,
        saw=f"{what} has the keys {sorted(map(str, told))[:12]}, and lacks {', '.join(missing)}",
        help="Spell the keys as in the brief's table, and give all of them in every case.",
    )


def auc(late: Any, scores: Any) -> float:
    """Area under the ROC curve from ranks (Mann and Whitney), ties counted half."""
    positive = np.asarray(late, bool)
    ranks = pd.Series(np.asarray(scores, float)).rank().to_numpy()
    count = int(positive.sum())
    above = ranks[positive].sum() - count * (count + 1) / 2
    return float(above / (count * (len(positive) - count)))


# ---------------------------------------------------------------------------------------------- task 1


def shares(then: pd.Series, now: pd.Series, edges: Any = None) -> float:
    """PSI as Evidently 0.7 has it: Sturges' bins of both tables together, or each value by itself."""
    then, now = then.dropna(), now.dropna()
    if edges is None and (then.name in NAMES or then.nunique() <= 20):
        values = sorted(set(then) | set(now))
        parts = [
            one.value_counts().reindex(values, fill_value=0).to_numpy() / len(one) for one in (then, now)
        ]
    else:
        if edges is None:
            edges = np.histogram_bin_edges(np.concatenate([then, now]), bins="sturges")
        parts = [np.histogram(one, edges)[0] / len(one) for one in (then, now)]
    for part in parts:
        least = part[part > 0].min()
        part[part == 0] = least / 10**6 if least <= 0.0001 else 0.0001
    return float(((parts[0] - parts[1]) * np.log(parts[0] / parts[1])).sum())


def deciles(then: pd.Series, now: pd.Series) -> float:
    """PSI with bins by tenths of the reference, as many write it by hand."""
    inner = np.unique(np.quantile(then.dropna(), np.linspace(0, 1, 11)))[1:-1]
    return shares(then, now, np.array([-np.inf, *inner, np.inf]))


def true_summary(reference: Table, current: Table) -> dict[str, Any]:
    """What drift_summary has to say; `open` are features too near to a limit to tell."""
    psi = {
        column: None if current[column].isna().all() else shares(reference[column], current[column])
        for column in FEATURES
    }
    missing = {column: float(current[column].isna().mean()) for column in FEATURES}
    more = {column: missing[column] - float(reference[column].isna().mean()) for column in FEATURES}
    drifted, unsure = [], []
    for column, value in psi.items():
        if value is None or value >= PSI_LIMIT + 1e-4 or more[column] >= MISSING_LIMIT + 1e-6:
            drifted.append(column)
        elif value > PSI_LIMIT - 1e-4 or more[column] > MISSING_LIMIT - 1e-6:
            unsure.append(column)
    score = shares(reference["score"], current["score"])
    return {
        "features": psi,
        "missing": missing,
        "drifted": drifted,
        "open": unsure,
        "score": score,
        "score_drifted": score >= PSI_LIMIT,
    }


def near_psi(told: Any, value: float) -> bool:
    return is_number(told) and abs(told - value) <= 0.001 + 0.001 * abs(value)


def expect_summary(attempt: Attempt, told: Any, reference: Table, current: Table, what: str) -> None:
    """Fail, naming the mistake where it shows, unless a summary is right."""
    keys = ["features", "missing", "drifted", "score", "score_drifted"]
    expect_keys(attempt, told, keys, "drift_summary's answer")
    right = true_summary(reference, current)
    for key in ("features", "missing"):
        expect_keys(attempt, told[key], FEATURES, f'"{key}"')
    more = sorted(set(told["features"]) - set(FEATURES))
    attempt.expect(
        not more,
        saw=f"features also has {', '.join(map(str, more))[:120]}, and should have the columns of FEATURES alone",
        help="Compare the columns of FEATURES by name: the score stands apart, and ids, dates and labels always drift "
        "or are not known yet.",
    )
    for column in FEATURES:
        value, said = right["features"][column], told["features"][column]
        if value is None:
            attempt.expect(
                said is None,
                saw=f"{what}: the PSI of a column without any value in current is {describe(said)}, and should be None",
                help="Find the columns without a value first, and do not hand them to Evidently.",
            )
            continue
        attempt.expect(
            is_number(said),
            saw=f"{what}: the PSI of {column} is {describe(said)} and should be a number",
            help="Take it from drift.values(report), one number for each column.",
        )
        if near_psi(said, value):
            continue
        by_hand = column in NUMBERS and near_psi(said, deciles(reference[column], current[column]))
        attempt.expect(
            not by_hand,
            saw=f"{what}: the PSI of {column} is another than Evidently's: it was counted in bins of its own",
            help="Use drift.compare and drift.values, so that the number is the one of the report.",
        )
        attempt.expect(
            False,
            saw=f"{what}: the PSI of {column} is {said:.3f}, and Evidently has another number for these tables",
            help="Compare reference with current as they are, numbers as numbers and codes as names; fill in and drop "
            "nothing.",
        )
    for column in FEATURES:
        said = told["missing"][column]
        attempt.expect(
            is_number(said) and abs(said - right["missing"][column]) < SAME,
            saw=f"{what}: the missing share of {column} is not the share of current's rows without a value",
            help="Take current[FEATURES].isna().mean(): a share from 0 to 1, of current alone.",
        )
    attempt.expect(
        near_psi(told["score"], right["score"]),
        saw=f"{what}: the PSI of the score is not Evidently's for the column score of the two tables",
        help="Compare the column score of both tables, as a column of numbers.",
    )
    attempt.expect(
        told["score_drifted"] is right["score_drifted"],
        saw=f"{what}: score_drifted is {told['score_drifted']} with a PSI of {right['score']:.2f} of the score",
        help="It is True from PSI_LIMIT on and False below, whatever the features do.",
    )
    said = told["drifted"]
    attempt.expect(
        isinstance(said, list) and all(isinstance(column, str) for column in said),
        saw=f"drifted is {describe(said)} and should be a list of names of columns",
        help="Collect the names of the features that have drifted.",
    )
    lost = [column for column in right["drifted"] if column not in said]
    if lost:
        silent = [column for column in lost if (right["features"][column] or 0) < PSI_LIMIT]
        attempt.expect(
            not silent,
            saw=f"{what}: a column of which current lacks much more than reference does is not called drifted",
            help="Evidently leaves missing values out. Compare the shares of missing values yourself, against MISSING_LIMIT.",
        )
        attempt.expect(
            False,
            saw=f"{what}: {len(lost)} of {len(right['drifted'])} drifted features are not in drifted",
            help="A feature has drifted from a PSI of PSI_LIMIT on; Evidently's own threshold is another.",
        )
    extra = [column for column in said if column not in right["drifted"] + right["open"]]
    attempt.expect(
        not extra,
        saw=f"{what}: drifted has {len(extra)} entries that have not drifted by the limits of the brief",
        help="Only features, only from PSI_LIMIT or MISSING_LIMIT on: a few values more missing are no drift, and the score "
        "has a key of its own.",
    )


def ask_summary(attempt: Attempt, reference: Table, current: Table) -> Any:
    keep(attempt, "reference", reference)
    keep(attempt, "current", current)
    return attempt.probe("drift_summary", "reference", "current", seconds=PATIENCE)


def with_more(table: Table, draw: np.random.Generator) -> Table:
    """The table with columns that are no features: some would drift, some cannot be known yet."""
    return table.assign(
        candidate=draw.uniform(0, 1, len(table)).round(4),
        booking_code=draw.integers(0, 9, len(table)) + 10 * table["date"].dt.month,
    )


def winter(table: Table, draw: np.random.Generator, model: str = "m3") -> Table:
    chosen = rows_of(table, [1, 2, 3], draw)
    return chosen[["flight_id", "date", *FEATURES, "late"]].assign(score=chosen[model])


@check("t1", points=2)
def features_and_score_apart(attempt: Attempt) -> None:
    """drift_summary gives Evidently's PSI of each feature, and the score's beside them."""
    draw = chance(attempt, "apart")
    table = pool(attempt, str(draw.choice(POOLS)))
    reference = winter(table, draw)
    half = reference.iloc[:4000]
    for month, what in (
        (int(draw.integers(6, 9)), "a summer month"),
        (int(draw.choice([4, 5, 10, 11])), "a month between"),
    ):
        chosen = rows_of(table, [month], draw)
        current = chosen[["flight_id", "date", *FEATURES, "late"]].assign(score=chosen["m3"])
        then, now = with_more(half, draw), with_more(current, draw)
        expect_summary(attempt, ask_summary(attempt, then, now), then, now, what)
    # The same winter; only what the model says of it has changed.
    calm = reference.iloc[4000:].assign(score=lambda rows: rows["score"] ** 0.5)
    expect_summary(attempt, ask_summary(attempt, half, calm), half, calm, "a quiet month with another score")


@check("t1", points=1, needs=("features_and_score_apart",))
def a_quiet_month(attempt: Attempt) -> None:
    """In a month like the reference, nothing has drifted."""
    draw = chance(attempt, "quiet")
    reference = winter(pool(attempt, str(draw.choice(POOLS))), draw)
    then, now = reference.iloc[:3700], reference.iloc[3700:]
    expect_summary(attempt, ask_summary(attempt, then, now), then, now, "a month like the reference")


@check("t1", points=1, needs=("features_and_score_apart",))
def a_sensor_that_died(attempt: Attempt) -> None:
    """Values that are missing count, which Evidently does not see."""
    draw = chance(attempt, "sensor")
    reference = winter(pool(attempt, str(draw.choice(POOLS))), draw)
    then, now = reference.iloc[:3700], reference.iloc[3700:].copy()
    some, few, code = [*draw.permutation(["temp", "humid", "wind_speed", "visib"])[:2].tolist(), "carrier"]
    now.loc[draw.random(len(now)) < 0.3, some] = np.nan
    now.loc[draw.random(len(now)) < 0.05, few] = np.nan
    now.loc[draw.random(len(now)) < 0.16, code] = None
    told = ask_summary(attempt, then, now)
    expect_summary(attempt, told, then, now, "a month in which a sensor failed at times")
    dead = [str(draw.choice(["dewp", "precip", "pressure"])), "dest"]
    gone = now.assign(
        **{dead[0]: np.nan, dead[1]: pd.Series([None] * len(now), index=now.index, dtype=object)}
    )
    try:
        told = ask_summary(attempt, then, gone)
    except CheckFailed as failed:
        attempt.expect(
            "raised" not in failed.saw,
            saw=f"{failed.saw}, with a column that has no value at all in current",
            help="Evidently refuses such a column: leave it out of compare, give it None, and call it drifted.",
        )
        raise
    expect_summary(attempt, told, then, gone, "a month without any value of two columns")


# ---------------------------------------------------------------------------------------------- task 2


def reports(table: Table, draw: np.random.Generator) -> Table:
    """When outcomes came, and corrections of some: of the kind that the learner has, with other numbers."""
    count = len(table)
    days = draw.integers(2, 12, count) + np.where(draw.random(count) < 0.06, 26, 0)
    first = table[["flight_id", "late"]].assign(known_on=table["date"] + pd.to_timedelta(days, unit="D"))
    first = first[draw.random(count) > 0.01]
    wrong = first[draw.random(len(first)) < 0.06]
    later = pd.to_timedelta(draw.integers(8, 22, len(wrong)), unit="D")
    mended = wrong.assign(known_on=wrong["known_on"] + later)
    first = first.copy()
    first.loc[wrong.index, "late"] = ~wrong["late"]
    strangers = first.sample(20, random_state=draw).assign(flight_id=lambda rows: rows["flight_id"] + 10**7)
    told = pd.concat([first, mended, strangers])
    return told.sample(frac=1, random_state=draw, ignore_index=True)[["flight_id", "known_on", "late"]]


@dataclass(frozen=True)
class Day:
    """A day on which something is asked, with the tables as they are handed over: the future is in them."""

    flights: Table
    outcomes: Table
    today: str
    what: str

    @property
    def until(self) -> pd.Timestamp:
        return pd.Timestamp(self.today)

    def known(self, flights: Table | None = None) -> Table:
        """The flights whose outcome is known on that day, with it."""
        asked = self.flights if flights is None else flights
        late = newest(self.outcomes, self.until)
        chosen = asked[asked["flight_id"].isin(list(late))]
        return chosen.assign(late=[late[flight] for flight in chosen["flight_id"]])

    def of_month(self, month: str) -> Table:
        return self.flights[self.flights["date"].dt.strftime("%Y-%m") == month]


def newest(outcomes: Table, until: pd.Timestamp) -> dict[int, bool]:
    """Each flight's outcome as the reports until that day have it."""
    known: dict[int, tuple[pd.Timestamp, bool]] = {}
    for flight, day, late in zip(outcomes["flight_id"], outcomes["known_on"], outcomes["late"], strict=True):
        if day <= until and (flight not in known or day > known[flight][0]):
            known[flight] = (day, bool(late))
    return {flight: late for flight, (_, late) in known.items()}


def true_performance(day: Day) -> list[dict[str, Any]]:
    flights, known = day.flights, day.known()
    told = []
    for month in pd.period_range(flights["date"].min(), flights["date"].max(), freq="M"):
        planned = int((flights["date"].dt.to_period("M") == month).sum())
        rows = known[known["date"].dt.to_period("M") == month]
        late = rows["late"].to_numpy(bool)
        judged = planned > 0 and len(rows) >= ENOUGH * planned - 1e-9 and 0 < late.sum() < len(late)
        numbers: dict[str, float | None] = dict.fromkeys(["auc", "brier", "expected", "observed"])
        if judged:
            score = rows["score"].to_numpy()
            numbers = {
                "auc": auc(late, score),
                "brier": float(((late - score) ** 2).mean()),
                "expected": float(score.mean()),
                "observed": float(late.mean()),
            }
        told.append(
            {"month": str(month), "flights": planned, "known": len(rows), "judged": bool(judged), **numbers}
        )
    return told


def expect_performance(attempt: Attempt, told: Any, day: Day) -> None:
    """Fail, naming the mistake where it shows, unless each month's dict is right."""
    right, what = true_performance(day), day.what
    attempt.expect(
        isinstance(told, list)
        and all(isinstance(one, dict) and isinstance(one.get("month"), str) for one in told),
        saw=f"performance returned {describe(told)}, and a list of dicts with a month each is needed",
        help="Collect one dict for each month, and return the list.",
    )
    months = [one["month"] for one in told]
    wanted = [one["month"] for one in right]
    lost = [month for month in wanted if month not in months]
    without = [one["month"] for one in right if not one["flights"]]
    attempt.expect(
        not set(lost) & set(without),
        saw=f"{what}: a month without flights, between two others, is not in the list",
        help="Go through all months from the first to the last, for instance with pd.period_range, and tell the gap.",
    )
    attempt.expect(
        not lost,
        saw=f"{what}: the list has {len(set(months) & set(wanted))} of {len(wanted)} months",
        help="Tell every month of the flights, also one that cannot be judged yet.",
    )
    attempt.expect(
        months == wanted,
        saw=f"{what}: the list has {len(months)} entries, not the {len(wanted)} months in their order",
        help="One dict for each calendar month from the first flight to the last, oldest first; year and month together.",
    )
    for said, true in zip(told, right, strict=True):
        expect_keys(attempt, said, list(true), "a month's dict")
        attempt.expect(
            said["flights"] == true["flights"],
            saw=f"{what}: a month has {said['flights'] if is_number(said['flights']) else describe(said['flights'])} flights, "
            "which is not how many of it are in the table",
            help="Count the rows of flights in that month, known or not.",
        )
    counted = [said["known"] for said in told]
    # Before any score: what is counted tells the mistake best.
    if counted != [true["known"] for true in right]:
        expect_known(attempt, counted, day)
    for said, true in zip(told, right, strict=True):
        attempt.expect(
            said["judged"] is true["judged"],
            saw=f"{what}: judged is {said['judged']} with {true['known']} of {true['flights']} outcomes known",
            help="True from the share ENOUGH on, if both late and on-time flights are among them.",
        )
        if not true["judged"]:
            given = [key for key in ("auc", "brier", "expected", "observed") if said[key] is not None]
            attempt.expect(
                not given,
                saw=f"{what}: {', '.join(given)} of a month that is not judged should be None",
                help="Where too few outcomes are known, what is known is not a fair sample: give no number.",
            )
            continue
        for key in ("observed", "brier", "auc", "expected"):
            expect_month_number(attempt, said, true, key, day)


# How reports are misread -> what is said of it.
MISREAD = {
    "all": (
        "reports are counted that came after that day",
        "Drop the reports with a known_on after today before you do anything else.",
    ),
    "flown": (
        "outcomes count from the day of the flight on, when no report of them was there",
        "Go by known_on, the day on which a report came, and not by the flight's own date.",
    ),
    "twice": (
        "a flight with two reports counts twice",
        "Keep one report for each flight: the latest that was there on that day.",
    ),
    "earlier": (
        "reports of the very day are not counted",
        "A report that came on `today` is known: compare with <=.",
    ),
    "last": (
        "a flight whose correction is still to come is not counted, though its first report is there",
        "First drop what came after today, then take each flight's latest report of what is left.",
    ),
}


def readings(day: Day) -> dict[str, tuple[int, ...]]:
    """How many outcomes of each month are known, if the reports are read rightly ("") or misread."""
    flights, until = day.flights, day.until
    month_of = dict(zip(flights["flight_id"], flights["date"].dt.to_period("M"), strict=True))
    months = pd.period_range(min(month_of.values()), max(month_of.values()), freq="M")
    about = day.outcomes[day.outcomes["flight_id"].isin(list(month_of))].sort_values("known_on")
    last = about.drop_duplicates("flight_id", keep="last")
    before = about[about["known_on"] <= until]
    flown = flights.loc[flights["date"] <= until, "flight_id"]
    read = {
        "": before.drop_duplicates("flight_id"),
        "all": last,
        "flown": last[last["flight_id"].isin(flown)],
        "twice": before,
        "earlier": about[about["known_on"] < until].drop_duplicates("flight_id"),
        "last": last[last["known_on"] <= until],
    }
    found = {how: reports_["flight_id"].map(month_of) for how, reports_ in read.items()}
    return {how: tuple(int((its == month).sum()) for month in months) for how, its in found.items()}


def expect_known(attempt: Attempt, said: list[Any], day: Day) -> None:
    """Fail, saying how the reports were misread where that shows in the numbers of all months together."""
    counts = readings(day)
    for how, (saw, help) in MISREAD.items():
        attempt.expect(
            tuple(map(str, said)) != tuple(map(str, counts[how])),
            saw=f"{day.what}: known is wrong: {saw}",
            help=help,
        )
    attempt.expect(
        False,
        saw=f"{day.what}: known is not the number of each month's flights with a report of that day or earlier",
        help="Count flights of the table for which there is a report with a known_on of today or earlier.",
    )


def expect_month_number(
    attempt: Attempt, said: dict[str, Any], true: dict[str, Any], key: str, day: Day
) -> None:
    outcomes, until, what = day.outcomes, day.until, day.what
    value = said[key]
    attempt.expect(
        is_number(value),
        saw=f"{what}: {key} of a judged month is {describe(value)} and should be a number",
        help="Work it out for every month that is judged.",
    )
    if abs(value - true[key]) < SAME:
        return
    mine = day.of_month(true["month"])
    oldest = outcomes[outcomes["known_on"] <= until].sort_values("known_on").drop_duplicates("flight_id")
    final = outcomes.sort_values("known_on").drop_duplicates("flight_id", keep="last")
    final = final[final["flight_id"].isin(outcomes.loc[outcomes["known_on"] <= until, "flight_id"])]
    for reports_, saw, help in (
        (
            oldest,
            "the first report of a flight counts, and not its latest",
            "Of the reports until today, the latest counts.",
        ),
        (
            final,
            "a correction is used that came after that day",
            "Drop the reports after today first; then take the latest of what is left.",
        ),
    ):
        rows = mine.drop(columns="late", errors="ignore").merge(
            reports_[["flight_id", "late"]], on="flight_id"
        )
        late, score = rows["late"].to_numpy(bool), rows["score"].to_numpy()
        other = {
            "auc": auc(late, score),
            "brier": float(((late - score) ** 2).mean()),
            "expected": float(score.mean()),
            "observed": float(late.mean()),
        }
        attempt.expect(
            key == "expected" or abs(value - other[key]) >= SAME,
            saw=f"{what}: {key} is wrong: {saw}",
            help=help,
        )
    attempt.expect(
        key != "expected" or abs(value - float(mine["score"].mean())) >= SAME,
        saw=f"{what}: expected is the mean score of all flights of the month",
        help="Compare like with like: the mean score of the flights whose outcome is known.",
    )
    attempt.expect(
        False,
        saw=f"{what}: {key} of a judged month is not what score and the outcomes known on that day give",
        help="Use the month's flights with a known outcome: score against late, probabilities as they are.",
    )


def some_months(
    attempt: Attempt, what: str, months: list[int], each: int
) -> tuple[Table, np.random.Generator]:
    """Flights of some months with the winter model's score and their true labels, moved by whole years."""
    draw = chance(attempt, what)
    table = pool(attempt, str(draw.choice(POOLS)))
    parts = [rows_of(table, [month], draw, each) for month in months]
    chosen = pd.concat(parts).sample(frac=1, random_state=draw, ignore_index=True)
    flights = chosen[["flight_id", "date", "hour", "carrier", "late"]].assign(score=chosen["m3"])
    flights["flight_id"] = draw.permutation(900_000)[: len(flights)]
    flights["date"] += pd.DateOffset(years=int(draw.integers(0, 9)))
    return flights, draw


def expect_answer(attempt: Attempt, day: Day) -> None:
    """Ask for the performance on that day, and fail unless it is right."""
    keep(attempt, "flights", day.flights.drop(columns="late"))
    keep(attempt, "outcomes", day.outcomes)
    told = attempt.probe("performance", "flights", "outcomes", day.today)
    expect_performance(attempt, told, day)


def day_of(month_of: Table, after: int) -> str:
    """A day so many days after the first of the last month of a table."""
    first = month_of["date"].max().replace(day=1)
    return (first + pd.Timedelta(days=after)).strftime("%Y-%m-%d")


@check("t2", points=2)
def judged_by_what_is_known(attempt: Attempt) -> None:
    """performance judges months whose outcomes are known, over several days of a year."""
    start = int(chance(attempt, "start").integers(4, 10))
    flights, draw = some_months(attempt, "judged", [start, start + 1, start + 2], 500)
    outcomes = reports(flights, draw)
    # First a day in the middle, on which each way of misreading the reports gives other numbers.
    middle = next(
        after
        for after in draw.permutation(np.arange(17, 28)).tolist()
        if len(set(readings(Day(flights, outcomes, day_of(flights, after), "")).values())) == 1 + len(MISREAD)
    )
    for after in (middle, int(draw.integers(3, 9)), int(draw.integers(38, 43)), 60):
        today = day_of(flights, after)
        expect_answer(
            attempt, Day(flights, outcomes, today, f"asked {after} days after the last month began")
        )


@check("t2", points=1, needs=("judged_by_what_is_known",))
def nothing_from_the_future(attempt: Attempt) -> None:
    """Reports that come later, also corrections, change nothing."""
    start = int(chance(attempt, "future start").integers(4, 11))
    flights, draw = some_months(attempt, "future", [start, start + 1], 500)
    outcomes = reports(flights, draw)
    today = day_of(flights, int(draw.integers(40, 44)))
    late = newest(outcomes, pd.Timestamp(today))
    turned = draw.choice(list(late), len(late) // 5, replace=False)
    after = pd.DataFrame(
        {
            "flight_id": turned,
            "known_on": pd.Timestamp(today) + pd.to_timedelta(draw.integers(1, 60, len(turned)), unit="D"),
            "late": [not late[flight] for flight in turned],
        }
    )
    taken = set(zip(outcomes["flight_id"], outcomes["known_on"], strict=True))
    after = after[[pair not in taken for pair in zip(after["flight_id"], after["known_on"], strict=True)]]
    more = pd.concat([outcomes, after]).sample(frac=1, random_state=draw, ignore_index=True)
    expect_answer(attempt, Day(flights, more, today, "with many corrections still to come"))
    # The very day, and the day before: a report counts from its day on.
    single = outcomes.assign(known_on=pd.Timestamp(today) + pd.Timedelta(days=1))
    half = single["flight_id"] % 2 == 0
    single.loc[half, "known_on"] = pd.Timestamp(today)
    single = single.drop_duplicates("flight_id")
    expect_answer(attempt, Day(flights, single, today, "with half of the reports on the day itself"))


@check("t2", points=1, needs=("judged_by_what_is_known",))
def gaps_are_told(attempt: Attempt) -> None:
    """A month without flights, one known just enough, and one without a late flight are told as they are."""
    start = int(chance(attempt, "gap start").integers(4, 9))
    flights, draw = some_months(attempt, "gaps", [start, start + 2, start + 3, start + 4], 600)
    flights["date"] += pd.DateOffset(months=int(draw.integers(0, 8)))  # often over New Year
    order = flights["date"].dt.to_period("M")
    months = sorted(order.unique())
    outcomes = flights[["flight_id", "late"]].assign(known_on=flights["date"] + pd.Timedelta(days=3))
    drop: list[int] = []
    for place, keeps in ((1, 540), (2, 539)):  # of 600: exactly ENOUGH, and one flight less
        mine = flights.loc[order == months[place], "flight_id"].tolist()
        drop += draw.choice(mine, len(mine) - (keeps * len(mine) // 600), replace=False).tolist()
    outcomes = outcomes[~outcomes["flight_id"].isin(drop)]
    calm = flights.loc[order == months[3], "flight_id"]
    outcomes.loc[outcomes["flight_id"].isin(calm), "late"] = bool(draw.integers(2))
    today = day_of(flights, 90)
    expect_answer(attempt, Day(flights, outcomes, today, "months with gaps"))


# ---------------------------------------------------------------------------------------------- task 3


def measure(rows: Table) -> dict[str, float]:
    """The seven numbers that a decision rests on."""
    late = rows["late"].to_numpy(float)
    score, candidate = rows["score"].to_numpy(), rows["candidate"].to_numpy()
    gains, gaps = (late - score) ** 2 - (late - candidate) ** 2, late - score
    low, high = interval(gains, rows["date"], draws=4000, seed=11)
    gap_low, gap_high = interval(gaps, rows["date"], draws=4000, seed=12)
    return {
        "auc_gain": auc(late, candidate) - auc(late, score),
        "gain": float(gains.mean()),
        "low": low,
        "high": high,
        "gap": float(gaps.mean()),
        "gap_low": gap_low,
        "gap_high": gap_high,
    }


def too_little(rows: Table) -> bool:
    return rows["date"].nunique() < MIN_DAYS or len(rows) < MIN_FLIGHTS or rows["late"].nunique() < 2


def allowed(rows: Table) -> set[str]:
    """The actions that the rule allows; more than one where another bootstrap could decide otherwise."""
    if too_little(rows):
        return {"wait"}
    found = measure(rows)
    slack = OF_WIDTH * (found["high"] - found["low"])
    gap_slack = OF_WIDTH * (found["gap_high"] - found["gap_low"])

    def over(value: float, limit: float, doubt: float) -> set[bool]:
        return {value + sign * doubt > limit for sign in (-1, 1)}

    better = over(found["low"], 0, slack)
    ranks = over(found["auc_gain"], MIN_AUC_GAIN, SAME)
    large = over(abs(found["gap"]), MAX_GAP, SAME)
    sure = over(max(found["gap_low"], -found["gap_high"]), 0, gap_slack)
    actions: set[str] = set()
    for one in better:
        for two in ranks:
            for three in large:
                for four in sure:
                    actions.add("replace" if one and two else "recalibrate" if three and four else "keep")
    return actions


@dataclass(frozen=True)
class Month:
    """What a decision is asked about, and how it is told."""

    rows: Table
    summary: dict[str, Any]
    what: str
    mend: str = (
        "Go through the brief's table from the top, with your own numbers: the first row that applies counts."
    )
    whose: str = "decide's answer"


QUIET = {
    "features": dict.fromkeys(FEATURES, 0.01),
    "missing": dict.fromkeys(FEATURES, 0.0),
    "drifted": [],
    "score": 0.01,
    "score_drifted": False,
}
WILD = {
    "features": {**dict.fromkeys(FEATURES, 3.5), "visib": None},
    "missing": {**dict.fromkeys(FEATURES, 0.0), "visib": 1.0},
    "drifted": FEATURES,
    "score": 1.4,
    "score_drifted": True,
}


def ask_decision(attempt: Attempt, month: Month) -> str:
    """Ask for a decision, and fail unless it follows; return its action."""
    columns = [name for name in ("flight_id", "date", "late", "score", "candidate") if name in month.rows]
    told = attempt.probe("decide", keep(attempt, "to decide", month.rows[columns]), month.summary)
    return expect_decision(attempt, told, month)


def expect_decision(attempt: Attempt, told: Any, month: Month) -> str:
    """Fail, naming the mistake where it shows, unless a decision follows from the rows; return its action."""
    rows, summary, what = month.rows, month.summary, month.what
    expect_keys(attempt, told, ["action", "flights", "days", *MEASURED, "watch", "reason"], month.whose)
    attempt.expect(
        told["action"] in ACTIONS,
        saw=f"action is {str(told['action'])[:40]!r}, and should be one of {', '.join(ACTIONS)}",
        help="Use the words of the brief's table.",
    )
    days = rows["date"].nunique()
    attempt.expect(
        told["flights"] == len(rows) and told["days"] == days,
        saw=f"{what}: flights is {str(told['flights'])[:12]} and days {str(told['days'])[:12]}, for {len(rows)} flights on {days} days",
        help="Count the rows of the table, and the different values of date.",
    )
    right = allowed(rows)
    if "wait" in right:
        attempt.expect(
            told["action"] == "wait",
            saw=f"{what}: the action is {told['action']}, and {len(rows)} flights on {days} days with "
            f"{int(rows['late'].sum())} late ones are too little for it",
            help="Ask first whether there is enough to decide anything: MIN_DAYS, MIN_FLIGHTS, late and on-time flights.",
        )
        given = [key for key in MEASURED if told[key] is not None]
        attempt.expect(
            not given,
            saw=f"{what}: {', '.join(given[:3])} should be None where the action is wait",
            help="Return before you measure: a number that must not be used is not given.",
        )
    else:
        expect_measured(attempt, told, rows, what)
        attempt.expect(
            told["action"] in right,
            saw=f"{what}: the action is {told['action']}, and the rule's is {' or '.join(sorted(right))}",
            help=month.mend,
        )
    wanted = {*summary["drifted"], *(["score"] if summary["score_drifted"] else [])}
    attempt.expect(
        isinstance(told["watch"], list) and set(map(str, told["watch"])) == wanted,
        saw=f"{what}: watch is {str(told['watch'])[:60]}, and {len(wanted)} things have drifted by the summary",
        help='Pass on summary["drifted"], and "score" with them if score_drifted is True.',
    )
    attempt.expect(
        isinstance(told["reason"], str) and told["reason"].strip(),
        saw="reason is empty or not a text",
        help="Write one sentence that a colleague would understand: what was compared, and what it came to.",
    )
    return str(told["action"])


def expect_measured(attempt: Attempt, told: dict[str, Any], rows: Table, what: str) -> None:
    right = measure(rows)
    wrong = [key for key in MEASURED if not is_number(told[key])]
    attempt.expect(
        not wrong,
        saw=f"{what}: {', '.join(wrong)[:80]} should be a number",
        help="Give all seven numbers whenever the action is not wait.",
    )
    for key in ("gain", "gap", "auc_gain"):
        attempt.expect(
            abs(told[key] + right[key]) > SAME or abs(right[key]) < SAME,
            saw=f"{what}: {key} has the wrong sign",
            help="Above zero means: for gain and auc_gain that the candidate is better, for gap that more flights were late "
            "than the live model expected.",
        )
        attempt.expect(
            abs(told[key] - right[key]) < SAME,
            saw=f"{what}: {key} is {told[key]:+.4f}, which is not what these flights give",
            help="Work it out over all flights of the table, as the brief's table says.",
        )
    for low, high, about in (("low", "high", "gain"), ("gap_low", "gap_high", "gap")):
        width = right[high] - right[low]
        attempt.expect(
            told[high] - told[low] >= 0.72 * width - 1e-6,
            saw=f"{what}: {low} and {high} are {told[high] - told[low]:.3f} apart, and over days they would be {width:.3f} apart",
            help=f"Draw whole days: interval(values, days), with each flight's {about} and its date.",
        )
        attempt.expect(
            max(abs(told[low] - right[low]), abs(told[high] - right[high])) <= OF_WIDTH * width + 1e-6,
            saw=f"{what}: {low} and {high} are not the 95 % interval of {about} over days",
            help=f"interval(values, days), with each flight's {about} and its date, gives the two percentiles, 2.5 and 97.5.",
        )


def chances(logits: np.ndarray, mean: float) -> np.ndarray:
    """Probabilities of such an order, moved so that their mean is right."""
    low, high = -12.0, 12.0
    for _ in range(60):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-logits - middle))).mean() < mean:
            low = middle
        else:
            high = middle
    return np.clip(1 / (1 + np.exp(-logits - low)), 0.002, 0.998).round(4)


def invented(  # noqa: PLR0913  # each is one fact about the month
    draw: np.random.Generator,
    *,
    live: float,
    candidate: float,
    days: int = 29,
    each: int = 50,
    bias: float = 0.0,
    candidate_bias: float = 0.0,
) -> Table:
    """A month that never was.

    `live` and `candidate` are how blurred the two models see (0: all there is to be seen), `bias` how much more late
    flights than there were they expect on average, as a share.
    """
    first = pd.Timestamp(int(draw.integers(1985, 2060)), int(draw.integers(1, 13)), 1)
    first += pd.Timedelta(days=int(draw.integers(0, 31)))
    place = np.repeat(np.arange(days), each)
    seen = draw.normal(size=days * each)
    logits = -1.2 + 1.2 * seen + draw.normal(scale=0.9, size=days)[place]
    late = draw.random(len(logits)) < 1 / (1 + np.exp(-logits))

    def said(blur: float, off: float) -> np.ndarray:
        blurred = (seen + blur * draw.normal(size=len(seen))) / (1 + blur**2)
        return chances(1.2 * blurred, float(late.mean()) + off)

    rows = pd.DataFrame(
        {
            "flight_id": draw.permutation(900_000)[: len(late)],
            "date": first + pd.to_timedelta(place, unit="D"),
            "late": late,
            "score": said(live, bias),
            "candidate": said(candidate, candidate_bias),
        }
    )
    return rows.sample(frac=1, random_state=draw, ignore_index=True)


def must_be(make: Any, action: str) -> Table:
    """The first invented month of that kind for which the rule leaves no doubt."""
    for _ in range(60):
        rows = make()
        if allowed(rows) == {action}:
            return rows
    raise AssertionError(f"no invented month came out as {action}")


def luck_of_two_days(draw: np.random.Generator) -> Table:
    """A candidate that owes all of its gain to two days of storm, and is a little worse on all others."""
    rows = invented(draw, live=1.0, candidate=1.0, days=28, each=60).sort_values("date", ignore_index=True)
    storm = rows["date"].isin(draw.choice(rows["date"].unique(), 2, replace=False))
    rows.loc[storm, "late"] = draw.random(int(storm.sum())) < 0.93
    logits = np.log(rows["score"] / (1 - rows["score"])) + draw.normal(scale=0.7, size=len(rows))
    rows["candidate"] = chances(logits + np.where(storm, 3.2, -0.12), float(rows["late"].mean()))
    rows["score"] = chances(np.log(rows["score"] / (1 - rows["score"])), float(rows["late"].mean()) - 0.02)
    return rows.sample(frac=1, random_state=draw, ignore_index=True)


def gap_of_two_days(draw: np.random.Generator) -> Table:
    """More late flights than expected, nearly all of them on two days."""
    rows = invented(draw, live=1.0, candidate=1.0, days=21, each=60)
    storm = rows["date"].isin(draw.choice(rows["date"].unique(), 2, replace=False))
    rows.loc[storm, "late"] = draw.random(int(storm.sum())) < 0.97
    rows["score"] = chances(np.log(rows["score"] / (1 - rows["score"])), float(rows["late"].mean()) - 0.056)
    return rows.assign(candidate=rows["score"])


def shifted(draw: np.random.Generator, off: float) -> Table:
    """A live model that is off on average, and a candidate that differs from it in nothing else."""
    rows = invented(draw, live=0.8, candidate=0.8, bias=off)
    logits = np.log(rows["score"] / (1 - rows["score"])).to_numpy()
    return rows.assign(candidate=chances(logits, float(rows["late"].mean())))


@check("t3", points=2)
def the_rule_of_four_actions(attempt: Attempt) -> None:
    """Each action of the table is chosen where it applies, and the numbers are right."""
    draw = chance(attempt, "four actions")
    off = float(draw.uniform(0.15, 0.18))
    cases = [
        (
            must_be(lambda: invented(draw, live=2.5, candidate=0.4), "replace"),
            "a candidate that is surely better",
            "Replace when low is above zero and auc_gain reaches MIN_AUC_GAIN.",
        ),
        (
            must_be(lambda: invented(draw, live=0.4, candidate=2.5), "keep"),
            "a candidate that is worse",
            "A newer model is not a better one: look at the sign of gain and at low.",
        ),
        (
            must_be(
                lambda: invented(draw, live=0.8, candidate=0.8).assign(candidate=lambda rows: rows["score"]),
                "keep",
            ),
            "a candidate that says the same as the live model",
            "A gain of zero replaces nothing: low must be above zero.",
        ),
        (
            must_be(lambda: invented(draw, live=2.5, candidate=0.4, bias=off), "replace"),
            "a candidate that is surely better than a live model which is off as well",
            "The first row of the table that applies counts: replace comes before recalibrate.",
        ),
        (
            must_be(lambda: shifted(draw, off), "recalibrate"),
            "a live model that promises too much, and a candidate that ranks the same",
            "gap may be below zero too; and without a better ranking the candidate replaces nothing.",
        ),
        (
            must_be(lambda: shifted(draw, -off), "recalibrate"),
            "a live model that promises too little, and a candidate that ranks the same",
            "A better Brier score alone is no reason to replace: auc_gain must reach MIN_AUC_GAIN.",
        ),
        (
            must_be(lambda: invented(draw, live=0.9, candidate=0.5, candidate_bias=0.2), "keep"),
            "a candidate that ranks better and has the worse Brier score",
            "Both conditions are needed to replace: low above zero, and auc_gain.",
        ),
        (
            invented(draw, live=2.5, candidate=0.4, days=int(draw.integers(9, 20)), each=120),
            "a better candidate, seen on few days",
            "",
        ),
        (
            invented(draw, live=2.5, candidate=0.4, days=28, each=int(draw.integers(9, 17))),
            "a better candidate, seen on few flights",
            "",
        ),
        (invented(draw, live=1, candidate=1).assign(late=False), "a month without a late flight", ""),
    ]
    for rows, what, mend in cases:
        ask_decision(attempt, Month(rows, QUIET, what, mend))


@check("t3", points=1, needs=("the_rule_of_four_actions",))
def drift_alone_is_no_reason(attempt: Attempt) -> None:
    """However much has drifted, the outcomes decide; the drift is passed on."""
    draw = chance(attempt, "drift alone")
    for rows, what in (
        (
            must_be(lambda: invented(draw, live=0.6, candidate=1.5), "keep"),
            "a model that is well, in a month where all has drifted",
        ),
        (
            invented(draw, live=2.5, candidate=0.4, days=12),
            "a month with few days, in which all has drifted",
        ),
        (
            must_be(lambda: invented(draw, live=2.5, candidate=0.4), "replace"),
            "a better candidate, in a month where all has drifted",
        ),
        (
            must_be(lambda: shifted(draw, 0.15), "recalibrate"),
            "a model that promises too much, where all has drifted",
        ),
    ):
        mend = "Leave drift out of the choice: it belongs into watch, for people."
        ask_decision(attempt, Month(rows, WILD, what, mend))


@check("t3", points=1, needs=("the_rule_of_four_actions",))
def a_lucky_day_is_no_reason(attempt: Attempt) -> None:
    """A gain or a gap that rests on two stormy days changes nothing."""
    draw = chance(attempt, "lucky days")
    for make, what, mend in (
        (
            luck_of_two_days,
            "a candidate whose gain rests on two days",
            "Compare low with zero, and not gain: with other days the gain could be gone.",
        ),
        (
            gap_of_two_days,
            "a gap that rests on two days",
            "Recalibrate only if zero is not between gap_low and gap_high.",
        ),
    ):
        rows = must_be(lambda make=make: make(draw), "keep")
        ask_decision(attempt, Month(rows, QUIET, what, mend))


def as_month(rows: Table, year: int, month: int) -> Table:
    """The flights of one calendar month as those of another one; days that it does not have are left out."""
    days = rows["date"].dt.day
    kept = rows[days <= monthrange(year, month)[1]]
    dates = pd.to_datetime({"year": year, "month": month, "day": kept["date"].dt.day})
    return kept.assign(date=dates.to_numpy())


def spoken(table: Table, month: int, live: int, draw: np.random.Generator) -> Table:
    """A month's flights with the score of one model, and of the one trained on the three months before."""
    rows = rows_of(table, [month], draw)
    return rows.assign(score=rows[f"m{live}"], candidate=rows[f"m{month - 1}"])


# month, last training month of the live model, what the rule may say of it, how it is told
TURNS = (
    (
        7,
        3,
        {"replace"},
        "the real July of one of the samples",
        "Here the newer model is surely better: look at low and auc_gain.",
    ),
    (
        12,
        3,
        {"keep", "recalibrate"},
        "the real December of one of the samples",
        "Here the newer model is worse: training again is no good by itself.",
    ),
    (
        12,
        6,
        {"keep", "recalibrate"},
        "the real December after July's model went live",
        "Here the newer model is no better.",
    ),
    (
        9,
        6,
        {"recalibrate"},
        "the real September after July's model went live",
        "Here the live model promises far too many late flights: look at gap and its interval.",
    ),
)


@check("t3", points=2, needs=("the_rule_of_four_actions",))
def the_year_2013(attempt: Attempt) -> None:
    """July's candidate goes live, December's does not, September is recalibrated: with other samples, under other names."""
    draw = chance(attempt, "year")
    for name in POOLS:
        table = pool(attempt, name)
        for turn in draw.permutation(len(TURNS)):
            month, live, hoped, what, mend = TURNS[turn]
            rows = spoken(table, month, live, draw)
            rows = as_month(rows, int(draw.integers(2001, 2040)), int(draw.choice([1, 3, 5, 7, 8, 10, 12])))
            assert allowed(rows) <= hoped, f"{name}: {what} is {allowed(rows)}"
            summary = WILD if draw.random() < 0.5 else QUIET
            ask_decision(attempt, Month(rows, summary, what, mend))
    # The whole year in order, each decision acted on: who is live depends on what was decided before.
    table, live = pool(attempt, str(draw.choice(POOLS))), 3
    for month in range(5, 13):
        rows = spoken(table, month, live, draw)
        action = ask_decision(attempt, Month(rows, WILD, f"2013 replayed, month {month - 4} of 8"))
        live = month - 1 if action == "replace" else live


# ---------------------------------------------------------------------------------------------- task 4


def ask_review(attempt: Attempt, reference: Table, day: Day, name: str) -> dict[str, Any]:
    """Ask for a review; return the files of its folder."""
    keep(attempt, "reference", reference)
    keep(attempt, "flights", day.flights)
    keep(attempt, "outcomes", day.outcomes)
    try:
        attempt.probe("review", "reference", "flights", "outcomes", day.today, name, seconds=PATIENCE)
        found = attempt.probe("fetch", name)
    finally:
        attempt.probe("clear")
    return found if isinstance(found, dict) else {}


def parsed(attempt: Attempt, files: dict[str, Any], name: str) -> Any:
    attempt.expect(
        name in files,
        saw=f"after review, the folder out has {', '.join(sorted(map(str, files)))[:80] or 'no file'} and not {name}",
        help="Write all three files into the folder that was passed in, under the names of the brief.",
    )
    try:
        return json.loads(files[name], parse_constant=lambda _: 1 / 0)
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        attempt.expect(
            False,
            saw=f"{name} is no strict JSON, or larger than 1 MB",
            help="Write one dict with json.dumps; NaN is no JSON, write None instead.",
        )


def expect_review(attempt: Attempt, files: dict[str, Any], reference: Table, day: Day) -> str:
    """Fail unless the three files tell what is true of the month under review; return the action."""
    what, today = day.what, day.today
    record = parsed(attempt, files, "decision.json")
    expect_keys(attempt, record, ["month", "today", "drift"], "decision.json")
    judged = [one["month"] for one in true_performance(day) if one["judged"]]
    said = record["month"]
    attempt.expect(
        said == judged[-1],
        saw=f"{what}: the month under review is {str(said)[:12]!r}, which is not the last one that is judged on that day"
        + ("; too few of its outcomes are known" if isinstance(said, str) and said > judged[-1] else ""),
        help="Take the last entry of performance(flights, outcomes, today) whose judged is True.",
    )
    attempt.expect(
        record["today"] == today,
        saw=f"{what}: today is {str(record['today'])[:20]!r} in the record, which is not the day of the review",
        help="Write today as it was passed in.",
    )
    current = day.of_month(said)
    rows = day.known(current)
    counted = record.get("flights")
    attempt.expect(
        counted == len(rows) or counted != len(current),
        saw=f"{what}: the decision counts all flights of the month, also those whose outcome is not known",
        help="Hand decide the flights with a known outcome only.",
    )
    attempt.expect(
        counted == len(rows) or counted != len(day.known()),
        saw=f"{what}: the decision rests on all months together",
        help="Hand decide the known flights of the month under review only.",
    )
    only_known = true_summary(reference, rows)
    all_flights = true_summary(reference, current)
    told = record["drift"]
    said_of = told.get("features") if isinstance(told, dict) else None
    by_known = isinstance(said_of, dict) and any(
        near_psi(said_of.get(column), only_known["features"][column] or 0)
        and not near_psi(said_of.get(column), all_flights["features"][column] or 0)
        for column in FEATURES
    )
    attempt.expect(
        not by_known,
        saw=f"{what}: drift was measured on the flights with a known outcome only",
        help="Drift needs no outcomes: compare reference with all flights of the month.",
    )
    expect_summary(attempt, told, reference, current, f"{what}, the record's drift")
    action = expect_decision(attempt, record, Month(rows, told, what, whose="decision.json"))
    report = parsed(attempt, files, "drift.json")
    metrics = report.get("metrics") if isinstance(report, dict) else None
    held: dict[str, Any] = {}
    for one in metrics if isinstance(metrics, list) else []:
        if (
            isinstance(one, dict)
            and isinstance(one.get("config"), dict)
            and one["config"].get("method") == "psi"
        ):
            held[str(one["config"].get("column"))] = one.get("value")
    wanted = {column: psi for column, psi in all_flights["features"].items() if psi is not None}
    wanted["score"] = all_flights["score"]
    lost = [column for column in wanted if column not in held]
    attempt.expect(
        not lost,
        saw=f"{what}: drift.json has no PSI of {', '.join(lost)[:100]}",
        help="Save the report of drift.compare with drift.save: every feature that has values, and the score.",
    )
    off = [column for column, psi in wanted.items() if not near_psi(held[column], psi)]
    attempt.expect(
        not off,
        saw=f"{what}: {len(off)} numbers of drift.json are not those of reference against that month",
        help="Make the report from the same two tables as the summary: reference, and all flights of the month under review.",
    )
    page = files.get("drift.html")
    attempt.expect(
        is_number(page) and page > 20_000,
        saw=f"{what}: there is no drift.html of Evidently's beside the record",
        help="drift.save(report, out) writes the page and the JSON.",
    )
    return action


def for_review(attempt: Attempt, what: str) -> tuple[Table, np.random.Generator]:
    draw = chance(attempt, what)
    return pool(attempt, str(draw.choice(POOLS))), draw


READY = ("features_and_score_apart", "judged_by_what_is_known", "t3")


@check("t4", points=2, needs=READY)
def the_record_agrees(attempt: Attempt) -> None:
    """Report and record are there, of the month that can be judged, and their numbers agree."""
    table, draw = for_review(attempt, "record")
    months = [int(month) for month in draw.choice([5, 6, 7, 8, 9, 10, 11, 12], 3, replace=False)]
    year, first = int(draw.integers(2003, 2040)), int(draw.integers(1, 10))
    parts = [
        as_month(spoken(table, month, 3, draw), year, first + place) for place, month in enumerate(months)
    ]
    flights = pd.concat(parts).sample(frac=1, random_state=draw, ignore_index=True)
    flights["flight_id"] = draw.permutation(900_000)[: len(flights)]
    dead = str(draw.choice(["humid", "visib", "pressure"]))
    flights.loc[flights["date"].dt.month == first + 1, dead] = np.nan
    outcomes = reports(flights, draw)
    asked = flights[["flight_id", "date", *FEATURES, "score", "candidate"]]
    reference = winter(table, draw).iloc[:3500].drop(columns="late")
    # The second month is known on that day, of the third one a part.
    today = Day(asked, outcomes, day_of(flights, int(draw.integers(17, 24))), "a month with a dead sensor")
    try:
        files = ask_review(attempt, reference, today, "record")
    except CheckFailed as failed:
        attempt.expect(
            "raised" not in failed.saw,
            saw=f"{failed.saw}, in a month in which one column has no value",
            help="Leave columns without a value out of the report, as in drift_summary.",
        )
        raise
    expect_review(attempt, files, reference, today)


@check("t4", points=1, needs=("the_record_agrees",))
def a_year_of_reviews(attempt: Attempt) -> None:
    """Reviewed month by month with outcomes that come late, 2013 is decided by what was known each time."""
    table, draw = for_review(attempt, "reviews")
    live, outcomes = 3, reports(table, draw)
    for month in (7, 9, 12):
        rows = [spoken(table, one, live, draw) for one in (month - 1, month)]
        flights = pd.concat(rows).sample(frac=1, random_state=draw, ignore_index=True)
        flights = flights[["flight_id", "date", *FEATURES, "score", "candidate"]]
        trained = rows_of(table, [live - 2, live - 1, live], draw, 3500)
        reference = trained[["flight_id", "date", *FEATURES]].assign(score=trained[f"m{live}"])
        what = f"2013 replayed with late outcomes, month {month}"
        today = Day(flights, outcomes, day_of(flights, int(draw.integers(46, 52))), what)
        action = expect_review(
            attempt, ask_review(attempt, reference, today, f"review-{month}"), reference, today
        )
        live = month - 1 if action == "replace" else live
