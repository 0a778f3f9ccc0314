"""Public checks of "An honest baseline": few and quick, on the learner's own flights. Graded ones use others."""

import numpy as np
import pandas as pd
from recipe import read_flights

from grader.checks import Attempt, check

PLAN = ["flight_id", "date", "weekday", "hour", "minute", "carrier", "origin", "dest", "distance"]


def spring(attempt: Attempt, rows: int, months: tuple[int, ...]) -> pd.DataFrame:
    """The first flights of some months of the learner's file, as it is on disk."""
    table = read_flights(attempt.data / "data/flights.csv")
    return pd.concat([table[table["date"].dt.month == month].head(rows) for month in months])


def keep(attempt: Attempt, name: str, table: pd.DataFrame) -> None:
    told = table.assign(date=table["date"].dt.strftime("%Y-%m-%d"))
    attempt.probe("keep", name, {column: told[column].tolist() for column in told.columns})


@check("t1")
def march_is_held_back(attempt: Attempt) -> None:
    """Of flights from January to March, March is held back and the rest is for training."""
    table = spring(attempt, 200, (1, 2, 3)).sample(frac=1, random_state=3)
    keep(attempt, "practice", table)
    told = attempt.probe("split", "practice")
    attempt.expect(
        not told["form"],
        saw=f"split returned {told['form']}, and two tables are needed",
        help="End it with return train, valid: two DataFrames, the earlier months first.",
    )
    train, valid = (sorted(part["ids"]) for part in told["parts"])
    march = sorted(int(number) for number in table[table["date"].dt.month == 3]["flight_id"])
    attempt.expect(
        valid == march,
        saw=f"valid has {len(valid)} flights, {len(set(valid) & set(march))} of them of the last month, "
        f"which has {len(march)}",
        help="Find the month of the latest date, and take every flight of it.",
    )
    attempt.expect(
        train == sorted(set(table["flight_id"].tolist()) - set(march)),
        saw=f"train has {len(train)} flights, and the earlier months have {len(table) - len(march)}",
        help="Train is everything that is not in valid.",
    )


@check("t2")
def predicts_from_the_plan(attempt: Attempt) -> None:
    """predict gives one probability for each flight, from the columns of the plan alone."""
    keep(attempt, "practice", spring(attempt, 500, (3, 4)))
    keep(attempt, "asked", spring(attempt, 100, (5,)))
    plan, whole = attempt.probe("train_and_predict", ["practice"], ["asked", PLAN], 1, [["asked"]])
    for given in (plan, whole):
        attempt.expect(
            isinstance(given, list) and all(0 <= value <= 1 for value in given),
            saw="predict returned "
            + (given if isinstance(given, str) else "numbers outside 0 to 1")
            + ", and one probability for each flight is needed",
            help="Return predict_proba(...)[:, 1], the column of late flights.",
        )
    attempt.expect(
        np.abs(np.array(plan) - np.array(whole)).max() < 1e-6,
        saw="predictions change when the columns are there that are filled in after departure",
        help="Name the columns that your model may use, and use only those.",
    )


@check("t2", needs=("predicts_from_the_plan",))
def order_does_not_matter(attempt: Attempt) -> None:
    """Trained on the same flights in another order, the model predicts the same."""
    table = spring(attempt, 500, (3, 4))
    keep(attempt, "practice", table)
    keep(attempt, "practice mixed", table.sample(frac=1, random_state=3))
    keep(attempt, "asked", spring(attempt, 100, (5,)))
    (one,) = attempt.probe("train_and_predict", ["practice"], ["asked", PLAN], 1)
    (other,) = attempt.probe("train_and_predict", ["practice mixed"], ["asked", PLAN], 1)
    differ = float(np.abs(np.array(one) - np.array(other)).mean())
    attempt.expect(
        differ < 2e-3,
        saw=f"trained on the same rows in another order, the model differs by {differ:.4f} on average, where 0.001 "
        "is allowed",
        help="Hand the seed to whatever draws by chance, and sort the training rows by flight_id first.",
    )


@check("t2", needs=("predicts_from_the_plan",))
def beats_the_base_rate_in_may(attempt: Attempt) -> None:
    """Trained on March and April, the model beats the base rate in May."""
    earlier, may = spring(attempt, 3000, (3, 4)), spring(attempt, 3000, (5,))
    keep(attempt, "practice", earlier)
    keep(attempt, "asked", may)
    (given,) = attempt.probe("train_and_predict", ["practice"], ["asked", PLAN], 1)
    late = may["late"].to_numpy(float)
    brier = float(np.mean((late - np.array(given)) ** 2))
    baseline = float(np.mean((late - earlier["late"].mean()) ** 2))
    attempt.expect(
        brier <= 0.99 * baseline,
        saw=f"in May your model's Brier score is {brier:.4f}, and that of the base rate {baseline:.4f}",
        help="Take a plainer model, or one that is less sure of itself; and the hour says more than the rest.",
    )


@check("t3")
def a_small_score_by_hand(attempt: Attempt) -> None:
    """score is right for four flights."""
    four = spring(attempt, 4, (3,))
    keep(attempt, "first", four.assign(late=[True, False, False, False]))
    keep(attempt, "then", four.assign(late=[True, True, False, False]))
    told = attempt.probe("score", "first", "then", [0.5, 0.5, 0.0, 0.0])
    right = {"brier": 0.125, "base_rate": 0.25, "baseline_brier": 0.3125, "gain": 0.1875}
    attempt.expect(
        isinstance(told, dict) and set(right) <= set(told),
        saw=f"score returned {sorted(told) if isinstance(told, dict) else type(told).__name__}",
        help=f"Return a dict with the keys {', '.join(right)}.",
    )
    for key, value in right.items():
        attempt.expect(
            isinstance(told[key], int | float) and abs(told[key] - value) < 2e-4,
            saw=f"for one late flight of four in train, two of four in valid and the probabilities 0.5, 0.5, 0, 0 "
            f"{key} is {told[key]}",
            help=f"By hand it is {value}. Look at the table of the task for what {key} means.",
        )


@check("t4")
def interval_of_a_few_days(attempt: Attempt) -> None:
    """gain_interval is wide when the days differ and the flights of a day do not."""
    days = np.repeat(np.arange(1, 21), 50)
    table = spring(attempt, 1000, (3,)).assign(
        date=pd.to_datetime([f"2013-03-{day:02d}" for day in days]), late=days % 2 == 0
    )
    keep(attempt, "then", table)
    told = attempt.probe("gain_interval", "then", [0.6] * 1000, 0.5, 1)
    again = attempt.probe("gain_interval", "then", [0.6] * 1000, 0.5, 1)
    attempt.expect(
        isinstance(told, list) and len(told) == 2 and all(isinstance(value, int | float) for value in told),
        saw=f"gain_interval returned a {type(told).__name__}, and two numbers are needed",
        help="End it with return low, high.",
    )
    attempt.expect(
        told == again,
        saw="gain_interval gave two answers for the same seed",
        help="Draw from np.random.default_rng(seed), made inside the function.",
    )
    attempt.expect(
        0.06 < told[1] - told[0] < 0.11,
        saw=f"for twenty days, ten of them with late flights only, the interval is {told[1] - told[0]:.3f} wide",
        help="It should be about 0.09. Draw whole days; drawing single flights makes it far too narrow.",
    )


@check("t4", needs=("interval_of_a_few_days",))
def report_of_may(attempt: Attempt) -> None:
    """report holds everything, and speaks of May."""
    keep(attempt, "practice", spring(attempt, 800, (3, 4, 5)))
    told = attempt.probe("report", "practice", 1)
    keys = ["month", "brier", "base_rate", "baseline_brier", "gain", "low", "high", "beats_baseline"]
    missing = [key for key in keys if not isinstance(told, dict) or key not in told]
    attempt.expect(
        not missing,
        saw=f"report's answer lacks {', '.join(missing)}",
        help="Return the dict of score, with the four further keys in it.",
    )
    attempt.expect(
        told["month"] == "2013-05",
        saw=f"month is {told['month']!r} for flights of March to May 2013",
        help="Write the last month as year and month: strftime with %Y-%m.",
    )
    attempt.expect(
        told["beats_baseline"] is (told["low"] > 0),
        saw=f"low is {told['low']:.4f} and beats_baseline is {told['beats_baseline']}",
        help="It is True if low is above zero, and False if not.",
    )
