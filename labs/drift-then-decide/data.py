"""Write the lab's data: `python data.py OUT`. The same bytes each time."""

import os
import sys
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before the imports: the same sums in the same order

import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from mlops_labs.flights import flights, weather

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
ROWS = ["date", *NUMBERS, *NAMES]
TRAINED_ON = 0.3  # of a window's flights: each seed has other models
SEEDS = {"learner": 2, "a": 1, "b": 3, "c": 5}


def fitted(table, seed):
    """A model of one window of three months."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((codes, NAMES), ("passthrough", NUMBERS))
    model = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=15, min_samples_leaf=300, random_state=seed
    )
    return make_pipeline(columns, model).fit(table, table["late"])


def scored(year, seed, each_month):
    """Some flights of each month, with the probability that the model trained until the end of month 3 to 11 gives them: m3, ..."""
    known = year.sample(frac=TRAINED_ON, random_state=seed)
    chosen = pd.concat(
        [
            year[year["month"] == month].sample(each_month, random_state=100 * seed + month)
            for month in range(1, 13)
        ]
    )
    for last in range(3, 12):
        model = fitted(known[known["month"].between(last - 2, last)], seed)
        chosen[f"m{last}"] = model.predict_proba(chosen)[:, 1].round(4)
    chosen = chosen.sample(len(chosen), random_state=seed)
    return chosen.assign(flight_id=np.arange(len(chosen)) + 100_000)


def reports(table, seed):
    """When outcomes came, and corrections: most within ten days, some airlines' after weeks, some never."""
    chance = np.random.default_rng(seed)
    days = chance.integers(2, 11, len(table)) + np.where(chance.random(len(table)) < 0.06, 25, 0)
    first = pd.DataFrame({"flight_id": table["flight_id"], "late": table["late"]})
    first["known_on"] = table["date"] + pd.to_timedelta(days, unit="D")
    first = first[chance.random(len(first)) > 0.01]
    wrong = first.sample(frac=0.03, random_state=seed)
    mended = wrong.assign(known_on=wrong["known_on"] + pd.Timedelta(days=12))
    first.loc[wrong.index, "late"] = ~first.loc[wrong.index, "late"]
    told = pd.concat([first, mended])
    return told.sample(len(told), random_state=seed)[["flight_id", "known_on", "late"]]


def write(table, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(
        path,
        index=False,
        lineterminator="\n",
        compression={"method": "gzip", "mtime": 0} if path.suffix == ".gz" else None,
    )


def main(out):
    year = flights().merge(weather(), on=["origin", "date", "hour"], how="left")
    for name, seed in SEEDS.items():
        table = scored(year, seed, 2_000 if name == "learner" else 2_500)
        if name != "learner":
            models = [column for column in table if column.startswith("m") and column[1:].isdigit()]
            write(table[["flight_id", *ROWS, "late", *models]], out / f"checker/{name}.csv.gz")
            continue
        table["score"] = table["m3"]
        month = table["date"].dt.month
        for number in range(5, 9):
            table.loc[month == number, "candidate"] = table[f"m{number - 1}"]
        write(table[month <= 3][["flight_id", *ROWS, "score"]], out / "learner/data/reference.csv")
        since = table[month.between(5, 8)]
        write(since[["flight_id", *ROWS, "score", "candidate"]], out / "learner/data/flights.csv")
        write(reports(since, 7), out / "learner/data/outcomes.csv")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
