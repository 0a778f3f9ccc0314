# %% task="t2"
def train(flights, seed):
    usual = flights[flights["dep_delay"] < 60]
    return make_model(["carrier", "origin", "dest"], ["hour", "distance"]).fit(usual, usual["late"])


def predict(model, flights):
    return model.predict_proba(flights)[:, 1]
