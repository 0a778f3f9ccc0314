"""The models of this lab and how their data is read. Use it as it is: the promotion is the work here."""

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NAMES = ["carrier", "origin", "dest", "weekday"]
NUMBERS = ["hour", "distance"]

# What a logged model needs to be loaded again; saves MLflow the seconds it would take to find that out.
REQUIREMENTS = ["scikit-learn", "pandas", "skops"]


def read_flights(path):
    """Return (features, late) of a CSV file: all columns known before departure, and True/False."""
    table = pd.read_csv(path)
    return table[NAMES + NUMBERS], table["late"].astype(bool)


def make_model(columns, C=0.03):
    """A new, unfitted model that looks at some of the columns and ignores the others."""
    chosen = ColumnTransformer(
        [
            ("names", OneHotEncoder(handle_unknown="ignore"), [name for name in NAMES if name in columns]),
            ("numbers", StandardScaler(), [name for name in NUMBERS if name in columns]),
        ]
    )
    return Pipeline([("columns", chosen), ("model", LogisticRegression(C=C, max_iter=1000))])
