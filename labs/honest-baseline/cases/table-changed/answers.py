# %% task="t2"
def train(flights, seed):
    flights["route"] = flights["origin"] + flights["dest"]
    return make_model(["carrier", "route"], []).fit(flights, flights["late"])


def predict(model, flights):
    return model.predict_proba(flights.assign(route=flights["origin"] + flights["dest"]))[:, 1]
