# %% task="t2"
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder


def train(flights, seed):
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["carrier", "origin", "dest"]),
        ("passthrough", ["hour", "minute", "weekday", "distance"]),
    )
    model = make_pipeline(columns, LogisticRegression(C=100, max_iter=300, random_state=seed))
    return model.fit(flights, flights["late"])


def predict(model, flights):
    return model.predict_proba(flights)[:, 1]
