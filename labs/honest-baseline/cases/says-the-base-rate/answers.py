# %% task="t2"
def train(flights, seed):
    return float(flights["late"].mean())


def predict(model, flights):
    return [model] * len(flights)
