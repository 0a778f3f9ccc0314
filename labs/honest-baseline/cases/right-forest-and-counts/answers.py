# %% task="t1"
def split(flights):
    stamp = flights["date"].max().replace(day=1)
    return flights.query("date < @stamp"), flights.query("date >= @stamp")


# %% task="t2"
from sklearn.ensemble import RandomForestClassifier


def features(flights, shares, otherwise):
    return pd.DataFrame(
        {
            "clock": flights["hour"] * 60 + flights["minute"],
            "weekend": flights["weekday"].isin([5, 6]).astype(int),
            "carrier": flights["carrier"].map(shares).fillna(otherwise),
            "month": flights["date"].dt.month,
        }
    )


def train(flights, seed):
    flights = flights.sort_values("flight_id", ignore_index=True)
    otherwise = flights["late"].mean()
    shares = flights.groupby("carrier")["late"].mean()
    forest = RandomForestClassifier(80, min_samples_leaf=40, random_state=seed)
    forest.fit(features(flights, shares, otherwise), flights["late"])
    return {"forest": forest, "shares": shares, "otherwise": otherwise}


def predict(model, flights):
    table = features(flights, model["shares"], model["otherwise"])
    return pd.Series(model["forest"].predict_proba(table)[:, 1], index=flights.index)


# %% task="t3"
def squared(valid, guess):
    return np.square(valid["late"].astype(int).values - guess)


def score(train, valid, probabilities):
    share = train["late"].sum() / len(train)
    mine, base = squared(valid, probabilities).mean(), squared(valid, share).mean()
    return dict(brier=mine, base_rate=share, baseline_brier=base, gain=base - mine, flights=len(valid))


# %% task="t4"
def gain_interval(valid, probabilities, base_rate, seed):
    gains = squared(valid, base_rate) - squared(valid, probabilities)
    day, names = pd.factorize(valid["date"])
    size = len(names)
    times = np.random.default_rng(seed).multinomial(size, np.ones(size) / size, size=5000)
    draws = times @ np.bincount(day, weights=gains) / (times @ np.bincount(day))
    return np.quantile(draws, [0.025, 0.975])


def report(flights, seed):
    past, future = split(flights)
    chances = predict(train(past, seed), future).to_numpy()
    said = score(past, future, chances)
    said["low"], said["high"] = gain_interval(future, chances, said["base_rate"], seed)
    said.update(month=future["date"].dt.strftime("%Y-%m").max(), beats_baseline=np.bool_(said["low"] > 0))
    return said
