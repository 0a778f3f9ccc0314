# %% task="t1"
def split(flights):
    """Return (train, valid): all earlier months, and the last calendar month."""
    month = flights["date"].dt.to_period("M")
    is_last = month == month.max()
    return flights[~is_last].copy(), flights[is_last].copy()


# %% task="t2"
NAMES = ["carrier", "origin", "dest", "weekday", "hour"]  # hour as a name too: its effect need not be a line
NUMBERS = ["hour", "distance"]


def train(flights, seed):
    """Return a model of the columns that are known before departure."""
    # The plain model draws nothing by chance, so the seed has nothing to do here.
    ordered = flights.sort_values("flight_id")
    return make_model(NAMES, NUMBERS).fit(ordered, ordered["late"])


def predict(model, flights):
    """Return each flight's probability of being late, in the order of the rows."""
    return model.predict_proba(flights)[:, 1]


# %% task="t3"
def score(train, valid, probabilities):
    """Return the Brier score of some probabilities beside that of the base rate."""
    late = valid["late"].to_numpy(float)
    base_rate = float(train["late"].mean())
    brier = float(np.mean((late - probabilities) ** 2))
    baseline_brier = float(np.mean((late - base_rate) ** 2))
    return {
        "brier": brier,
        "base_rate": base_rate,
        "baseline_brier": baseline_brier,
        "gain": baseline_brier - brier,
    }


# %% task="t4"
def gain_interval(valid, probabilities, base_rate, seed):
    """Return the 95 % interval of the gain, by a bootstrap over days."""
    late = valid["late"].to_numpy(float)
    gains = pd.DataFrame(
        {
            "date": valid["date"].to_numpy(),
            "gain": (late - base_rate) ** 2 - (late - probabilities) ** 2,
        }
    )
    days = gains.groupby("date")["gain"].agg(["sum", "count"])
    chance = np.random.default_rng(seed)
    draws = []
    for _ in range(2000):
        drawn = days.to_numpy()[chance.integers(len(days), size=len(days))]
        draws.append(drawn[:, 0].sum() / drawn[:, 1].sum())
    low, high = np.percentile(draws, [2.5, 97.5])
    return float(low), float(high)


def report(flights, seed):
    """Split, train, predict and score; return everything that an honest report holds."""
    earlier, last = split(flights)
    model = train(earlier, seed)
    probabilities = predict(model, last)
    told = score(earlier, last, probabilities)
    low, high = gain_interval(last, probabilities, told["base_rate"], seed)
    told["month"] = last["date"].max().strftime("%Y-%m")
    told["low"] = low
    told["high"] = high
    told["beats_baseline"] = low > 0
    return told


# %%
pd.DataFrame(
    [report(flights[flights["date"] < end], seed=0) for end in ("2013-06-01", "2013-05-01", "2013-04-01")]
)
