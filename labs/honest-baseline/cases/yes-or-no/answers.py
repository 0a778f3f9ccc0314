# %% task="t2"
def train(flights, seed):
    return make_model(["carrier", "origin", "dest"], ["hour", "distance"]).fit(flights, flights["late"])


def predict(model, flights):
    return model.predict(flights).astype(float)
