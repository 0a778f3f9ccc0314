# %% task="t2"
FORBIDDEN = ["dep_delay", "minutes_made_up", "arr_delay", "airport_late_share", "late", "date", "flight_id"]


def known(flights):
    return flights.drop(columns=FORBIDDEN, errors="ignore")


def train(flights, seed):
    table = known(flights)
    names = [column for column in table if column in ("carrier", "origin", "dest")]
    return make_model(names, [column for column in table if column not in names]).fit(table, flights["late"])


def predict(model, flights):
    return model.predict_proba(known(flights))[:, 1]
