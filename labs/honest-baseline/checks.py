"""Graded checks of "An honest baseline": the learner's functions meet tables that they have never seen.

Tables are drawn from the pool (flights that the learner has not) with the grading's seed; what is right of them
is computed on this side, from what was sent.
"""

import random
import re
from typing import Any

import numpy as np
import pandas as pd

from grader.checks import Attempt, CheckFailed, check

PLAN = ["flight_id", "date", "weekday", "hour", "minute", "carrier", "origin", "dest", "distance"]
LATER = ["dep_delay", "minutes_made_up", "arr_delay", "airport_late_share"]
SAME = 1e-6  # of one prediction: the same fit gives under 1e-12
SAME_MODEL = (
    2e-3  # mean difference of predictions after a fit on rows in another order: twice what the brief says
)
SAME_SCORE = 2e-4  # of a Brier score: four decimals are enough
OF_WIDTH = 0.13  # of an interval's width: a thousand draws move a percentile by 0.022 of it
FORGED = "answers about tables that this check sent do not fit those tables"
MEND_FORGED = "Remove code that changes pandas or the platform, then Restart Kernel and Run All Cells."
# Names that say nothing bad: an unknown column is left alone because it is unknown.
UNKNOWN = [
    "gate_index",
    "crew_code",
    "fuel_factor",
    "slot_rank",
    "load_factor",
    "plan_revision",
    "desk_score",
]


def pool(attempt: Attempt) -> pd.DataFrame:
    return pd.read_csv(attempt.data / "pool.csv", parse_dates=["date"])


def chance(attempt: Attempt, what: str) -> np.random.Generator:
    return np.random.default_rng(random.Random(f"{attempt.seed} {what}").randrange(2**32))


def months(table: pd.DataFrame, draw: np.random.Generator, **rows: int) -> pd.DataFrame:
    """So many flights of some months (`m3=500`), shuffled, with a fresh index."""
    parts = [
        table[table["date"].dt.month == int(month[1:])].sample(count, random_state=draw)
        for month, count in rows.items()
    ]
    return pd.concat(parts).sample(frac=1, random_state=draw, ignore_index=True)


def keep(attempt: Attempt, name: str, table: pd.DataFrame) -> str:
    """Send a table to the learner's side, to be named in questions."""
    told = table.assign(date=table["date"].dt.strftime("%Y-%m-%d"))
    attempt.probe("keep", name, {column: told[column].tolist() for column in told.columns})
    return name


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# What probes.py says of a return value. It comes from the learner's side, so nothing else of it is shown to anybody:
# whoever changes the probe could have it carry the flights that the check asked about.
FORM = re.compile(
    r"a (NoneType|bool|int|float|str|dict|list|tuple|set|generator|DataFrame|Series|Index|ndarray|csr_matrix)"
    r"( of shape \(\d{0,6},?( \d{0,6})?\))?|\d{1,6} values for \d{1,6} flights|values that are not numbers"
)


def form(told: object) -> str:
    return told if isinstance(told, str) and FORM.fullmatch(told) else "something else"


def describe(value: object) -> str:
    return "None" if value is None else f"a {type(value).__name__}"


def auc(late: np.ndarray, scores: np.ndarray) -> float:
    """Area under the ROC curve from ranks (Mann and Whitney), ties counted half."""
    ranks = pd.Series(scores).rank().to_numpy()
    positives = int(late.sum())
    above = ranks[late].sum() - positives * (positives + 1) / 2
    return float(above / (positives * (len(late) - positives)))


def brier(late: np.ndarray, probabilities: np.ndarray | float) -> float:
    return float(np.mean((late.astype(float) - probabilities) ** 2))


# ---------------------------------------------------------------------------------------------- task 1


def expect_split(attempt: Attempt, table: pd.DataFrame, what: str) -> None:
    """Fail, naming the mistake where it shows, unless `split` holds back the last calendar month."""
    told = attempt.probe("split", keep(attempt, "to split", table))
    attempt.expect(
        isinstance(told, dict) and not told.get("form"),
        saw=f"split returned {form(told.get('form') if isinstance(told, dict) else told)}, and two tables are needed",
        help="End it with return train, valid: two DataFrames, the earlier months first.",
    )
    parts = told.get("parts")
    attempt.expect(
        isinstance(parts, list)
        and len(parts) == 2
        and all(isinstance(part, dict) and {"ids", "missing", "same"} <= set(part) for part in parts),
        saw=FORGED,
        help=MEND_FORGED,
    )
    month = table["date"].dt.to_period("M")
    month_of = dict(zip(table["flight_id"].tolist(), month, strict=True))
    last = month.max()
    right = sorted(number for number, its in month_of.items() if its == last)
    missing = sorted({str(column) for part in parts for column in part["missing"]})
    attempt.expect(
        not missing,
        saw=f"with {what}: the parts lack the columns {', '.join(missing)[:120]}",
        help="Return whole rows; choosing columns is the business of train and predict.",
    )
    train, valid = (list(part["ids"]) for part in parts)
    attempt.expect(
        set(train) | set(valid) <= set(month_of),
        saw=f"with {what}: the parts hold flights that are not in the table that split was given",
        help="Use the argument of split, and no other table of the notebook.",
    )
    attempt.expect(
        not set(train) & set(valid),
        saw=f"with {what}: {len(set(train) & set(valid))} flights are in both parts",
        help="Take for train exactly what is not in valid.",
    )
    if train and valid:
        first = max(month_of[number] for number in train)
        backwards = max(month_of[n] for n in valid) < min(month_of[n] for n in train)
        attempt.expect(
            not backwards,
            saw=f"with {what}: every flight of valid is earlier than those of train",
            help="Learn from the past and score on the future: the last month is valid.",
        )
        mixed = {month_of[n] for n in train} & {month_of[n] for n in valid}
        attempt.expect(
            not mixed,
            saw=f"with {what}: {len(mixed)} of the {len(set(month_of.values()))} months have flights in both parts",
            help="Split by calendar month, not at random, by a share of the rows or by a number of days.",
        )
        attempt.expect(
            first < min(month_of[n] for n in valid),
            saw=f"with {what}: train has months that are later than one in valid",
            help="Compare year and month together, for instance with .dt.to_period('M'); a month's number alone "
            "starts again each January.",
        )
    attempt.expect(
        sorted(valid) == right,
        saw=f"with {what}: valid has {len(valid)} flights, and the last calendar month has {len(right)}",
        help="Valid is all of the last month that has flights, be they few, and no other month.",
    )
    attempt.expect(
        sorted(train) == sorted(set(month_of) - set(right)),
        saw=f"with {what}: train has {len(train)} flights, and the earlier months have {len(month_of) - len(right)}",
        help="Train is every flight of every earlier month, once.",
    )
    attempt.expect(
        all(part["same"] is True for part in parts),
        saw=f"with {what}: flights have another date or label in the parts than in the table",
        help="Choose rows and change no value in them.",
    )


def in_order(table: pd.DataFrame) -> pd.DataFrame:
    """The table with weekdays that fit its dates."""
    return table.assign(weekday=table["date"].dt.dayofweek)


@check("t1", points=2)
def forward_in_time(attempt: Attempt) -> None:
    """The last calendar month is held back, whatever the order of the rows."""
    table, draw = pool(attempt), chance(attempt, "split")
    start = int(draw.integers(3, 9))
    rows = {f"m{start + n}": int(draw.integers(150, 400)) for n in range(4)}
    expect_split(attempt, months(table, draw, **rows), "four months in no order")
    # The newest rows last, as they often come, and the last month half over.
    by_date = months(table, draw, **rows).sort_values("date", ignore_index=True)
    cut = by_date["date"].max() - pd.Timedelta(days=int(draw.integers(12, 20)))
    expect_split(attempt, by_date[by_date["date"] <= cut], "four months, the last one half over")


@check("t1", points=1, needs=("forward_in_time",))
def over_new_year(attempt: Attempt) -> None:
    """January is later than December, and June of one year is not June of the next."""
    table, draw = pool(attempt), chance(attempt, "new year")
    moved = months(table, draw, m7=300, m8=300, m9=300, m10=400)
    moved["date"] += pd.Timedelta(days=122)  # from the end of October to the first two days of March
    expect_split(attempt, in_order(moved), "a table that reaches over New Year")
    last = int(draw.integers(6, 12))
    earlier = months(table, draw, **{f"m{last}": 300})
    earlier["date"] -= pd.Timedelta(days=364)
    both = pd.concat([earlier, months(table, draw, **{f"m{last - 1}": 300, f"m{last}": 300})])
    both = both.drop_duplicates("flight_id").sample(frac=1, random_state=draw, ignore_index=True)
    expect_split(attempt, in_order(both), "a table of more than a year")


# ---------------------------------------------------------------------------------------------- task 2


def predictions(
    attempt: Attempt, train: list[Any], seed: int, sizes: list[int], asked: list[list[Any]]
) -> list[np.ndarray]:
    """What the learner's model says of tables, as arrays of the right size, each number from 0 to 1."""
    told = attempt.probe("train_and_predict", train, asked[0], seed, asked[1:], seconds=90)
    attempt.expect(isinstance(told, list) and len(told) == len(asked), saw=FORGED, help=MEND_FORGED)
    answers = []
    for given, size in zip(told, sizes, strict=True):
        attempt.expect(
            isinstance(given, list),
            saw=f"predict returned {form(given)}, and one number for each flight is needed",
            help="Return the second column of predict_proba, [:, 1], for all rows in their order.",
        )
        attempt.expect(
            len(given) == size and all(is_number(value) for value in given), saw=FORGED, help=MEND_FORGED
        )
        values = np.array(given, float)
        attempt.expect(
            bool(((values >= 0) & (values <= 1)).all()),
            saw="predict returned numbers below 0 or above 1, and probabilities are needed",
            help="Use predict_proba and not decision_function or a regression.",
        )
        answers.append(values)
    return answers


def two_months(attempt: Attempt, what: str) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """A training table of two months, a table of the next month, and a seed."""
    table, draw = pool(attempt), chance(attempt, what)
    first = int(draw.integers(3, 9))
    train = months(table, draw, **{f"m{first}": 1500, f"m{first + 1}": 1500})
    return train, months(table, draw, **{f"m{first + 2}": 800}), int(draw.integers(1, 10_000))


@check("t2", points=1)
def same_seed_same_scores(attempt: Attempt) -> None:
    """Trained twice with the same seed, the model gives the same probabilities."""
    train, asked, seed = two_months(attempt, "seed")
    keep(attempt, "train", train)
    keep(attempt, "asked", asked)
    question = (["train"], seed, [len(asked)], [["asked"]])
    try:
        (once,), (again,) = predictions(attempt, *question), predictions(attempt, *question)
    except CheckFailed as failed:
        attempt.expect(
            "raised ValueError" not in failed.saw and "raised KeyError" not in failed.saw,
            saw=f"{failed.saw}, trained on some months and asked for another one",
            help="Carriers and airports come and go from month to month: learn the encoding in train and keep it in "
            "the model; OneHotEncoder has handle_unknown='ignore'.",
        )
        raise
    attempt.expect(
        np.abs(once - again).max() < SAME,
        saw=f"two trainings on one table with one seed differ by {np.abs(once - again).mean():.3f} on average",
        help="Hand the seed to everything that draws: random_state=seed in the model, and in any sampling.",
    )


def dealt_anew(table: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """The table with its later columns, all but `late`, dealt to other flights."""
    other = table.iloc[draw.permutation(len(table))].reset_index(drop=True)
    return table.assign(**{column: other[column].to_numpy() for column in LATER})


@check("t2", points=2, needs=("same_seed_same_scores",))
def only_what_is_known_before(attempt: Attempt) -> None:
    """Nothing that is filled in after the plan changes a prediction."""
    train, asked, seed = two_months(attempt, "known")
    draw = chance(attempt, "leaks")
    keep(attempt, "train", train)
    keep(attempt, "asked", asked)
    try:
        plan, whole = predictions(
            attempt, ["train"], seed, [len(asked)] * 2, [["asked", PLAN], ["asked", [*PLAN, *LATER, "late"]]]
        )
    except CheckFailed as failed:
        attempt.expect(
            "raised KeyError" not in failed.saw and "raised ValueError" not in failed.saw,
            saw=f"{failed.saw}, asked for flights with the columns of the plan only",
            help="Use columns of the plan alone, and the same ones in train and predict: when a flight is planned, "
            "the others do not exist yet.",
        )
        raise
    attempt.expect(
        np.abs(plan - whole).max() < SAME,
        saw="predictions change when the columns filled in after departure are there",
        help="Name the columns that your model may use and use no others; airport_late_share is one of the later "
        "ones.",
    )
    keep(attempt, "train anew", dealt_anew(train, draw))
    keep(attempt, "asked anew", dealt_anew(asked, draw))
    (anew,) = predictions(attempt, ["train anew"], seed, [len(asked)], [["asked anew"]])
    attempt.expect(
        np.abs(plan - anew).max() < SAME,
        saw="predictions change when columns filled in after departure hold other values",
        help="Leave these columns out in train too, also as a filter on rows or as a weight.",
    )
    unknown = draw.choice(UNKNOWN, 2, replace=False)
    for table, name in ((train, "train more"), (asked, "asked more")):
        noise = draw.normal(size=(2, len(table)))
        more = {str(column): table["late"] * 2 + noise[n] for n, column in enumerate(unknown)}
        keep(attempt, name, table.assign(**more)[[*more, *table.columns]])
    (more,) = predictions(attempt, ["train more"], seed, [len(asked)], [["asked more"]])
    attempt.expect(
        np.abs(plan - more).max() < SAME,
        saw="predictions change when the table has columns that the brief's list does not name",
        help="List the columns you use; a list of those to drop lets every new one in.",
    )


@check("t2", points=1, needs=("same_seed_same_scores",))
def rows_stand_alone(attempt: Attempt) -> None:
    """Neither the order of the training rows nor the company of a flight changes its prediction."""
    train, asked, seed = two_months(attempt, "rows")
    draw = chance(attempt, "order")
    keep(attempt, "train", train)
    keep(attempt, "train mixed", train.sample(frac=1, random_state=draw, ignore_index=True))
    # A carrier and an airport that training never saw, among the others.
    odd = asked.copy()
    odd.loc[odd.index[:5], "carrier"] = "Q" + str(draw.integers(10))
    odd.loc[odd.index[3:8], "dest"] = "QX" + str(draw.integers(10))
    keep(attempt, "asked", odd)
    some = [int(place) for place in draw.permutation(len(odd))[:37]]
    try:
        whole, part, one = predictions(
            attempt,
            ["train"],
            seed,
            [len(odd), len(some), 1],
            [["asked"], ["asked", None, some], ["asked", None, some[:1]]],
        )
    except CheckFailed as failed:
        attempt.expect(
            "raised" not in failed.saw,
            saw=f"{failed.saw}, asked for flights with a carrier or an airport that training never saw, or for a "
            "few of them",
            help="Learn the encoding in train and keep it in the model; OneHotEncoder has handle_unknown='ignore'.",
        )
        raise
    attempt.expect(
        np.abs(whole[some] - part).max() < SAME and abs(whole[some[0]] - one[0]) < SAME,
        saw="a flight gets another probability when other flights are in the table, or its place is another",
        help="Compute in predict nothing over the whole table (means, ranks, categories): learn it in train.",
    )
    (mixed,) = predictions(attempt, ["train mixed"], seed, [len(odd)], [["asked"]])
    attempt.expect(
        np.abs(whole - mixed).mean() < SAME_MODEL,
        saw="trained on the same rows in another order, the model differs by "
        f"{np.abs(whole - mixed).mean():.3f} on average, where 0.001 is allowed",
        help="Sort the training rows by flight_id before the model draws from them.",
    )


def disguised(table: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """Real flights under other names, on other dates, with the hours of the day turned round."""
    told = table.assign(hour=28 - table["hour"])  # 5 to 23 becomes 23 to 5
    for column, letters in (("carrier", 2), ("origin", 3), ("dest", 3)):
        known = sorted(told[column].unique())
        codes = draw.permutation(26**2)[: len(known)]
        new = ["XYZ"[: letters - 2] + chr(65 + code // 26) + chr(65 + code % 26) for code in codes]
        told[column] = told[column].map(dict(zip(known, new, strict=True)))
    told["flight_id"] = draw.permutation(900_000)[: len(told)] + 1_000_000
    told["distance"] = (told["distance"] * draw.uniform(1.1, 1.6)).astype(int)
    told["date"] += pd.Timedelta(days=7 * int(draw.integers(100, 150)))  # weekdays stay
    return told


def expect_worth(attempt: Attempt, train: pd.DataFrame, asked: pd.DataFrame, seed: int, what: str) -> None:
    """Fail unless the model beats the training flights' share of late ones, and has some order."""
    keep(attempt, "train", train)
    keep(attempt, "asked", asked[PLAN])
    (given,) = predictions(attempt, ["train"], seed, [len(asked)], [["asked"]])
    late = asked["late"].to_numpy(bool)
    order = auc(late, given)
    attempt.expect(
        order >= 0.60,
        saw=f"on {what}, the AUC is {order:.2f}, and at least 0.60 is required"
        + ("; it is as good the other way round" if order < 0.42 else ""),
        help="Give the probability of being late, not of being on time; train on the table that train was given "
        "and not on another; and leave the planned hour in."
        if order < 0.42
        else "Use more of the plan; the planned hour says most. Are there numbers between 0 and 1, or a yes or no?",
    )
    rate = float(train["late"].mean())
    mine, base = brier(late, given), brier(late, rate)
    saw = f"on {what}, the Brier score is {mine / base - 1:+.1%} from that of the base rate, and -3 % or lower is required"
    attempt.expect(
        mine <= 0.97 * base or given.mean() < 1.3 * rate,
        saw=f"{saw}; on average it expects {given.mean() / rate:.1f} times as many late flights as it learned from",
        help="Leave out class weights and resampling: they move every probability towards a half.",
    )
    attempt.expect(
        mine <= 0.97 * base,
        saw=saw,
        help="It ranks flights and is too sure of itself, or hardly tells them apart: take predict_proba of a plainer "
        "model, or larger leaves, and leave the planned hour in.",
    )


@check("t2", points=2, needs=("only_what_is_known_before",))
def beats_the_base_rate(attempt: Attempt) -> None:
    """On a month it never saw, the model's Brier score is 3 % below the base rate's, and its AUC at least 0.60."""
    table, draw = pool(attempt), chance(attempt, "worth")
    seed = int(draw.integers(1, 10_000))
    rows = {"m5": 3600, "m6": 3600, "m7": 3600}
    real = months(table, draw, **rows)
    july = real["date"].dt.month == 7
    train, asked = real[~july].reset_index(drop=True), real[july].reset_index(drop=True)
    expect_worth(attempt, train, asked, seed, "July")
    both = disguised(months(table, draw, **rows), draw)
    # The disguise has moved the months' borders: tell the parts by their order in time.
    cut = both["date"].sort_values().iloc[7200]
    train, asked = both[both["date"] < cut], both[both["date"] >= cut]
    expect_worth(
        attempt, train.reset_index(drop=True), asked.reset_index(drop=True), seed, "a month in disguise"
    )


# ---------------------------------------------------------------------------------------------- task 3


def by_the_hour(
    train: pd.DataFrame, valid: pd.DataFrame, draw: np.random.Generator, noise: float
) -> np.ndarray:
    """Probabilities that this side makes: the share of late flights by planned hour, with some noise."""
    share = train.groupby("hour")["late"].mean()
    given = valid["hour"].map(share).fillna(train["late"].mean()).to_numpy()
    return np.round(np.clip(given + draw.normal(scale=noise, size=len(valid)), 0.01, 0.99), 6)


KEYS = ["brier", "base_rate", "baseline_brier", "gain"]


def expect_numbers(attempt: Attempt, told: Any, keys: list[str], function: str) -> None:
    attempt.expect(
        isinstance(told, dict),
        saw=f"{function} returned {describe(told)} and should return a dict",
        help="Return a dict with the keys of the brief.",
    )
    missing = [key for key in keys if key not in told]
    attempt.expect(
        not missing,
        saw=f"{function}'s dict has the keys {sorted(told)[:8]}, and lacks {', '.join(missing)}",
        help="Spell the keys as in the brief.",
    )
    wrong = [key for key in keys if not is_number(told[key])]
    attempt.expect(
        not wrong,
        saw=f"{function}: {', '.join(wrong)} should be a number",
        help="Return one plain number under each of these keys.",
    )


def expect_score(
    attempt: Attempt, told: dict[str, Any], train: pd.DataFrame, valid: pd.DataFrame, given: np.ndarray
) -> None:
    """Fail, naming the mistake where it shows, unless the four numbers are right."""
    late = valid["late"].to_numpy(bool)
    rate = float(train["late"].mean())
    right = {"brier": brier(late, given), "base_rate": rate, "baseline_brier": brier(late, rate)}
    right["gain"] = right["baseline_brier"] - right["brier"]

    def near(key: str, value: float) -> bool:
        return abs(told[key] - value) < SAME_SCORE

    own = float(late.mean())
    both = float(np.concatenate([train["late"].to_numpy(bool), late]).mean())
    for key, rates in (("base_rate", (own, both)), ("baseline_brier", (brier(late, own), brier(late, both)))):
        if not near(key, right[key]):
            attempt.expect(
                not any(near(key, value) for value in rates),
                saw=f"{key} makes use of the labels of the month that is scored",
                help="The baseline knows what the model knew: take the share of late flights in train alone.",
            )
    if not near("brier", right["brier"]):
        yes = (given > 0.5).astype(float)
        known = {
            "the root of the Brier score": right["brier"] ** 0.5,
            "the Brier score of yes-or-no answers": brier(late, yes),
            "the accuracy": float((yes == late).mean()),
            "the mean distance without squares": float(np.abs(late - given).mean()),
            "the Brier score of the wrong column": brier(late, 1 - given),
        }
        name = next((name for name, value in known.items() if near("brier", value)), "")
        attempt.expect(
            False,
            saw="brier is not the Brier score of the given probabilities"
            + (f": it is {name}" if name else ""),
            help="Average (late - probability) ** 2 over all rows of valid, row by row in their order.",
        )
    for key in ("base_rate", "brier", "baseline_brier"):
        expect_key(attempt, key, near(key, right[key]))
    if not near("gain", right["gain"]):
        attempt.expect(
            not near("gain", -right["gain"]),
            saw="gain has the wrong sign",
            help="Take baseline_brier - brier: what the model saves, so that better is above zero.",
        )
        attempt.expect(
            not near("gain", right["gain"] / right["baseline_brier"]),
            saw="gain is a share of the baseline's score",
            help="Take the plain difference of the two Brier scores.",
        )
        attempt.expect(
            right["gain"] > 0,
            saw="for probabilities that are worse than the baseline, gain is not below zero by the right amount",
            help="Take the plain difference: no abs(), no max(0, ...).",
        )
    expect_key(attempt, "gain", near("gain", right["gain"]))


def expect_key(attempt: Attempt, key: str, is_right: bool) -> None:
    attempt.expect(
        is_right,
        saw=f"{key} is not what these tables and probabilities give",
        help="Compute it from the arguments as the brief's table says, and keep four decimals or more.",
    )


def two_tables(attempt: Attempt, what: str, rows: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A training table and a table of a later month whose share of late flights is another."""
    table, draw = pool(attempt), chance(attempt, what)
    first, then = [("m6", "m9"), ("m7", "m8"), ("m5", "m6"), ("m11", "m12"), ("m8", "m10")][draw.integers(5)]
    return months(table, draw, **{first: rows}), months(table, draw, **{then: rows})


@check("t3", points=2)
def score_and_its_baseline(attempt: Attempt) -> None:
    """Brier score, base rate of the training table, its Brier score, and the gain."""
    for what in ("score a", "score b"):
        train, valid = two_tables(attempt, what, 900)
        given = by_the_hour(train, valid, chance(attempt, what), 0.05)
        keep(attempt, "train", train)
        keep(attempt, "valid", valid)
        told = attempt.probe("score", "train", "valid", given.tolist())
        expect_numbers(attempt, told, KEYS, "score")
        expect_score(attempt, told, train, valid, given)


@check("t3", points=1, needs=("score_and_its_baseline",))
def bad_news_is_told(attempt: Attempt) -> None:
    """For a model that is worse than the baseline, the gain is below zero."""
    train, valid = two_tables(attempt, "bad news", 700)
    draw = chance(attempt, "bad news too")
    given = np.round(draw.uniform(0.02, 0.98, len(valid)), 6)
    keep(attempt, "train", train)
    keep(attempt, "valid", valid)
    told = attempt.probe("score", "train", "valid", given.tolist())
    expect_numbers(attempt, told, KEYS, "score")
    expect_score(attempt, told, train, valid, given)


# ---------------------------------------------------------------------------------------------- task 4


def interval(valid: pd.DataFrame, gains: np.ndarray, how: str = "days") -> tuple[float, float]:
    """The 95 % interval of the mean gain, by ten thousand draws of days (or of single flights)."""
    draw = np.random.default_rng(20130101)
    group = valid["date"].to_numpy() if how == "days" else np.arange(len(valid))
    sums = pd.Series(gains).groupby(group).agg(["sum", "count"]).to_numpy()
    means = []
    for _ in range(20):
        places = draw.integers(len(sums), size=(500 if how == "days" else 50, len(sums)))
        total = sums[places].sum(axis=1)
        means.append(total[:, 0] / total[:, 1])
    low, high = np.percentile(np.concatenate(means), [2.5, 97.5])
    return float(low), float(high)


def gains_of(valid: pd.DataFrame, given: np.ndarray, rate: float) -> np.ndarray:
    """Each flight's gain over the base rate."""
    late = valid["late"].to_numpy(float)
    return (late - rate) ** 2 - (late - given) ** 2


def expect_interval(
    attempt: Attempt, told: tuple[float, float], valid: pd.DataFrame, gains: np.ndarray, who: str
) -> None:
    """Fail, naming the mistake where it shows, unless the interval is that of draws of whole days."""
    low, high = interval(valid, gains)
    room = OF_WIDTH * (high - low)
    if abs(told[0] - low) < room and abs(told[1] - high) < room:
        return
    wide = (told[1] - told[0]) / (high - low)
    attempt.expect(
        told[0] <= told[1],
        saw=f"{who}: low is above high",
        help="Return the 2.5 % percentile first, then the 97.5 % percentile.",
    )
    attempt.expect(
        abs(told[0] + high) > room or abs(told[1] + low) > room,
        saw=f"{who}: the interval has the wrong sign",
        help="A flight's gain is the baseline's squared distance minus the model's.",
    )
    few = interval(valid, gains, "flights")
    attempt.expect(
        abs(wide - (few[1] - few[0]) / (high - low)) > 0.12,
        saw=f"{who}: the interval is {wide:.2f} times as wide as it should be, as when single flights are drawn",
        help="Draw whole days with all of their flights, as many days as there are, with replacement: flights of one "
        "day share their weather.",
    )
    attempt.expect(
        False,
        saw=f"{who}: the interval is {wide:.2f} times as wide as it should be"
        if abs(wide - 1) > OF_WIDTH
        else f"{who}: the interval is not where it should be",
        help="As many days as valid has, with replacement; the mean over all flights drawn; 2.5 and 97.5 per cent.",
    )


def months_for_interval(attempt: Attempt, what: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Months in which days differ much, so that drawing flights gives an interval that is far too narrow."""
    table, draw = pool(attempt), chance(attempt, what)
    then = int(draw.choice([6, 7, 12]))
    rows = {f"m{then - 2}": 1000, f"m{then - 1}": 1000}
    return months(table, draw, **rows), months(table, draw, **{f"m{then}": 2800})


@check("t4", points=2)
def interval_over_days(attempt: Attempt) -> None:
    """gain_interval draws whole days, and the same with the same seed."""
    for what in ("interval a", "interval b"):
        train, valid = months_for_interval(attempt, what)
        draw = chance(attempt, what)
        given, rate = by_the_hour(train, valid, draw, 0.04), round(float(train["late"].mean()), 6)
        keep(attempt, "valid", valid)
        question = ("gain_interval", "valid", given.tolist(), rate, int(draw.integers(1, 10_000)))
        told, again = attempt.probe(*question), attempt.probe(*question)
        attempt.expect(
            isinstance(told, list) and len(told) == 2 and all(is_number(value) for value in told),
            saw=f"gain_interval returned {describe(told)}, and two numbers are needed",
            help="End it with return low, high.",
        )
        attempt.expect(
            told == again,
            saw="gain_interval gave two answers for one question and one seed",
            help="Make the generator inside the function: np.random.default_rng(seed).",
        )
        expect_interval(attempt, (told[0], told[1]), valid, gains_of(valid, given, rate), "gain_interval")


def nothing_to_find(table: pd.DataFrame, draw: np.random.Generator) -> pd.DataFrame:
    """The table with what happened dealt out anew among the flights: no plan says anything about it."""
    other = table.iloc[draw.permutation(len(table))].reset_index(drop=True)
    later = [*LATER, "late"]
    return table.assign(**{column: other[column].to_numpy() for column in later})


@check(
    "t4",
    points=2,
    needs=(
        "forward_in_time",
        "only_what_is_known_before",
        "beats_the_base_rate",
        "bad_news_is_told",
        "interval_over_days",
    ),
)
def report_puts_it_together(attempt: Attempt) -> None:
    """report trains on the earlier months, scores on the last one, and says what may be claimed."""
    table, draw = pool(attempt), chance(attempt, "report")
    real = months(table, draw, m5=1200, m6=1200, m7=2800)
    expect_report(attempt, real, int(draw.integers(1, 10_000)))
    idle = nothing_to_find(months(table, draw, m10=1000, m11=1000, m12=2000), draw)
    expect_report(attempt, idle, int(draw.integers(1, 10_000)))
    seed = int(draw.integers(1, 10_000))
    expect_report(attempt, doubtful(attempt, months(table, draw, m6=1200, m7=1200, m8=2800), seed), seed)


def doubtful(attempt: Attempt, flights: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The table with so many good days taken out of its last month that the gain is above zero by luck only."""
    month = flights["date"].dt.to_period("M")
    train, valid = flights[month < month.max()], flights[month == month.max()].set_index("flight_id")
    given = own_predictions(attempt, keep(attempt, "to report", flights), seed, valid)
    gains = pd.Series(gains_of(valid, given, float(train["late"].mean())), index=valid["date"].to_numpy())
    by_day = gains.groupby(level=0).sum().sort_values()
    worst, best = list(by_day.index[:6]), list(by_day.index[::-1])
    while best and gains[gains.index.isin(worst)].sum() <= 0:
        worst.append(best.pop(0))
    return flights[(month < month.max()) | flights["date"].isin(worst)].reset_index(drop=True)


def expect_report(attempt: Attempt, flights: pd.DataFrame, seed: int) -> None:
    """Fail, naming the mistake where it shows, unless the report on this table is right."""
    name = keep(attempt, "to report", flights)
    told = attempt.probe("report", name, seed, seconds=90)
    expect_numbers(attempt, told, [*KEYS, "low", "high"], "report")
    month = flights["date"].dt.to_period("M")
    last = month.max()
    attempt.expect(
        told.get("month") == str(last),
        saw=f"month is {describe(told.get('month'))}, and not the table's last month as in 2013-05",
        help="Write year and month of the flights it was scored on: strftime with %Y-%m.",
    )
    attempt.expect(
        isinstance(told.get("beats_baseline"), bool),
        saw=f"beats_baseline is {describe(told.get('beats_baseline'))} and should be True or False",
        help="Store the result of the comparison low > 0.",
    )
    train, valid = flights[month < last], flights[month == last].set_index("flight_id")
    given = own_predictions(attempt, name, seed, valid)
    late = valid["late"].to_numpy(bool)
    if abs(told["brier"] - brier(late, given)) > SAME_SCORE:
        seen = brier(late, own_predictions(attempt, name, seed, valid, everything=True))
        attempt.expect(
            abs(told["brier"] - seen) > SAME_SCORE,
            saw="brier in the report is that of a model trained on the scored month as well",
            help="Train on the first part of split alone, then predict the second.",
        )
    expect_score(attempt, told, train, valid, given)
    gains = gains_of(valid, given, float(train["late"].mean()))
    expect_interval(attempt, (told["low"], told["high"]), valid, gains, "report")
    attempt.expect(
        told["beats_baseline"] == (told["low"] > 0),
        saw=f"low is {'above' if told['low'] > 0 else 'not above'} zero, gain is "
        f"{'above' if told['gain'] > 0 else 'not above'} zero, and beats_baseline is {told['beats_baseline']}",
        help="A gain alone may be luck: claim it only if the whole interval is above zero.",
    )


def own_predictions(
    attempt: Attempt, name: str, seed: int, valid: pd.DataFrame, everything: bool = False
) -> np.ndarray:
    """What the learner's pieces, which have been checked before, say of the last month, in `valid`'s order."""
    told = attempt.probe("own_model", name, PLAN, seed, everything, seconds=90)
    attempt.expect(
        isinstance(told, list)
        and len(told) == 2
        and all(isinstance(part, list) and len(part) == len(valid) for part in told)
        and set(told[0]) == set(valid.index)
        and all(is_number(value) for value in told[1]),
        saw="split, train and predict, asked one after the other, do not fit together",
        help="Try predict(train(split(flights)[0], 1), split(flights)[1]) in a cell of your own.",
    )
    return pd.Series(told[1], index=told[0]).loc[valid.index].to_numpy()
