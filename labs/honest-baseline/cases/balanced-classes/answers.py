# %% task="t2"
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def train(flights, seed):
    X = flights.sort_values("flight_id")
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin", "dest"]), ("passthrough", ["hour"])
    )
    return make_pipeline(columns, LogisticRegression(class_weight="balanced", max_iter=2000)).fit(
        X, X["late"]
    )


def predict(model, flights):
    return model.predict_proba(flights)[:, 1]
