"""The model of this lab and how its data is read. Use it as it is: the runs are the work here."""

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

FEATURES = ["carrier", "origin", "dest", "hour", "distance"]

# What a logged model needs to be loaded again. Handed to `log_model(..., pip_requirements=REQUIREMENTS)`,
# it saves MLflow the seconds it would take to find that out by itself.
REQUIREMENTS = ["scikit-learn", "pandas", "skops"]


def read_flights(path):
    """Return (features, late) of a CSV file: a frame with the columns FEATURES, a Series of True/False."""
    table = pd.read_csv(path)
    return table[FEATURES], table["late"].astype(bool)


def make_model(C):
    """A new, unfitted model. `C` is the inverse strength of its regularisation: small means cautious."""
    columns = ColumnTransformer(
        [
            ("names", OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin", "dest"]),
            ("numbers", StandardScaler(), ["hour", "distance"]),
        ]
    )
    return Pipeline([("columns", columns), ("model", LogisticRegression(C=C, max_iter=1000))])
