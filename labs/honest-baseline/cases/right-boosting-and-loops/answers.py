# %%
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss
from sklearn.preprocessing import OrdinalEncoder

TEXT, FIGURES = ["carrier", "origin"], ["hour", "minute", "weekday", "distance"]

# %% task="t1"
def split(flights):
    flights = flights.copy()
    flights["since"] = flights["date"].dt.year * 12 + flights["date"].dt.month
    flights = flights.sort_values(["date", "flight_id"]).reset_index(drop=True)
    last = flights["since"].iloc[-1]
    return flights[flights["since"] < last], flights[flights["since"] == last]


# %% task="t2"
class Trees:
    def __init__(self, seed):
        self.encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
        self.trees = HistGradientBoostingClassifier(
            max_iter=60, max_leaf_nodes=8, learning_rate=0.08, early_stopping=False, random_state=seed
        )

    def columns(self, flights):
        return np.hstack([self.encoder.transform(flights[TEXT]), flights[FIGURES].to_numpy(float)])

    def fit(self, flights):
        self.encoder.fit(flights[TEXT])
        self.trees.fit(self.columns(flights), flights["late"].to_numpy())
        return self


def train(flights, seed):
    return Trees(seed).fit(flights.sort_values("flight_id"))


def predict(model, flights):
    return [p for _, p in model.trees.predict_proba(model.columns(flights)).tolist()]


# %% task="t3"
def score(train, valid, probabilities):
    share = np.full(len(valid), train["late"].mean())
    told = {
        "brier": brier_score_loss(valid["late"], probabilities),
        "base_rate": share[0],
        "baseline_brier": brier_score_loss(valid["late"], share),
    }
    told["gain"] = told["baseline_brier"] - told["brier"]
    return {key: round(value, 4) for key, value in told.items()}


# %% task="t4"
def gain_interval(valid, probabilities, base_rate, seed):
    np.random.seed(seed)
    table = valid.assign(p=probabilities)
    table["gain"] = (table["late"] - base_rate) ** 2 - (table["late"] - table["p"]) ** 2
    days = [group["gain"].to_numpy() for _, group in table.groupby("date")]
    gains = []
    for _ in range(1000):
        drawn = np.concatenate([days[n] for n in np.random.randint(0, len(days), len(days))])
        gains.append(drawn.mean())
    gains.sort()
    return [gains[24], gains[975]]


def report(flights, seed):
    first, last = split(flights)
    p = np.array(predict(train(first, seed), last))
    told = score(first, last, p)
    told["low"], told["high"] = gain_interval(last, p, first["late"].mean(), seed)
    told["beats_baseline"] = True if told["low"] > 0 else False
    told["month"] = f"{last['date'].iloc[0]:%Y-%m}"
    return told
