# %% task="t2"
from sklearn.ensemble import RandomForestClassifier

COLUMNS = ["hour", "minute", "weekday", "distance"]


def train(flights, seed):
    forest = RandomForestClassifier(60, min_samples_leaf=20, random_state=seed)
    return forest.fit(flights[COLUMNS], flights["late"])


def predict(model, flights):
    return model.predict_proba(flights[COLUMNS])[:, 1]
