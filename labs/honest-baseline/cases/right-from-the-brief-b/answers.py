# %% task="t1"
def split(flights):
    """Return (train, valid): all earlier months, and the last calendar month."""
    first_of_month = flights["date"].max().normalize().replace(day=1)
    in_order = flights.sort_values(["date", "flight_id"])
    train = in_order.query("date < @first_of_month")
    valid = in_order.query("date >= @first_of_month")
    return train, valid


# %% task="t2"
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

CODES = ["carrier", "origin"]  # dest is left out: a hundred codes, few flights each; distance says most of it


def _features(flights):
    """A new table of plan columns only: the codes, the time of day in hours, weekday and distance."""
    told = flights.loc[:, CODES + ["weekday", "distance"]].copy()
    told["clock"] = flights["hour"] + flights["minute"] / 60
    return told


def train(flights, seed):
    """Return a model of the columns that are known before departure."""
    table = flights.sort_values("flight_id", ignore_index=True)
    encode = make_column_transformer(
        (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, max_categories=200), CODES),
        remainder="passthrough",
    )
    boosting = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=80,
        max_leaf_nodes=6,
        min_samples_leaf=60,
        l2_regularization=20.0,
        categorical_features=[0, 1],
        early_stopping=False,
        random_state=seed,
    )
    return make_pipeline(encode, boosting).fit(_features(table), table["late"].astype(int))


def predict(model, flights):
    """Return each flight's probability of being late, in the order of the rows."""
    chances = model.predict_proba(_features(flights))
    return chances[:, 1].tolist()


# %% task="t3"
from sklearn.metrics import mean_squared_error


def score(train, valid, probabilities):
    """Return the Brier score of some probabilities beside that of the base rate."""
    truth = valid["late"].astype(float).values
    rate = train["late"].sum() / len(train)
    result = dict(
        brier=mean_squared_error(truth, probabilities),
        base_rate=rate,
        baseline_brier=mean_squared_error(truth, np.full(len(truth), rate)),
    )
    result["gain"] = result["baseline_brier"] - result["brier"]
    return {key: float(value) for key, value in result.items()}


# %% task="t4"
def gain_interval(valid, probabilities, base_rate, seed):
    """Return the 95 % interval of the gain, by a bootstrap over days."""
    truth = valid["late"].astype(float).values
    gain = np.square(truth - base_rate) - np.square(truth - np.asarray(probabilities))
    _, day = np.unique(valid["date"].values, return_inverse=True)
    sums, sizes = np.bincount(day, weights=gain), np.bincount(day)
    n = len(sums)
    # How often each day comes up in n draws with replacement: one row for each of 5000 draws.
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=5000)
    low, high = np.quantile(times @ sums / (times @ sizes), (0.025, 0.975))
    return float(low), float(high)


def report(flights, seed):
    """Split, train, predict and score; return everything that an honest report holds."""
    past, month = split(flights)
    chances = np.array(predict(train(past, seed), month))
    scores = score(past, month, chances)
    low, high = gain_interval(month, chances, scores["base_rate"], seed)
    return {
        "month": str(month["date"].iloc[0].to_period("M")),
        **scores,
        "low": low,
        "high": high,
        "beats_baseline": bool(low > 0),
    }


# %%
for end in ["2013-06-01", "2013-05-01", "2013-04-01"]:
    print(report(flights[flights["date"] < end], seed=0))
