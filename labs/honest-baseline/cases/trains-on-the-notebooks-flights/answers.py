# %% task="t2"
def train(table, seed):
    return make_model(["carrier", "origin", "dest"], ["hour", "distance"]).fit(flights, flights["late"])


def predict(model, table):
    return model.predict_proba(table)[:, 1]
