# %% task="t1"
def split(flights):
    months = [(day.year, day.month) for day in flights["date"]]
    held = np.array([month == max(months) for month in months])
    return [flights.loc[~held], flights.loc[held]]


# %% task="t2"
def train(flights, seed):
    mean = flights["late"].mean()
    by_hour = flights.groupby("hour")["late"].agg(["sum", "count"])
    smooth = (by_hour["sum"] + 50 * mean) / (by_hour["count"] + 50)
    return mean, smooth.to_dict()


def predict(model, flights):
    mean, smooth = model
    return np.array([smooth.get(hour, mean) for hour in flights["hour"]])


# %% task="t3"
def score(train, valid, probabilities):
    late = [float(value) for value in valid["late"]]
    rate = float(sum(train["late"]) / len(train))
    brier = sum((y - p) ** 2 for y, p in zip(late, probabilities, strict=True)) / len(late)
    base = sum((y - rate) ** 2 for y in late) / len(late)
    return {"base_rate": rate, "baseline_brier": base, "brier": float(brier), "gain": float(base - brier)}


# %% task="t4"
import random


def gain_interval(valid, probabilities, base_rate, seed):
    days = {}
    for day, late, p in zip(valid["date"], valid["late"], probabilities, strict=True):
        total, count = days.get(day, (0.0, 0))
        days[day] = (total + (late - base_rate) ** 2 - (late - p) ** 2, count + 1)
    chance, sums = random.Random(seed), list(days.values())
    draws = []
    for _ in range(1500):
        drawn = chance.choices(sums, k=len(sums))
        draws.append(sum(total for total, _ in drawn) / sum(count for _, count in drawn))
    return float(np.percentile(draws, 2.5)), float(np.percentile(draws, 97.5))


def report(flights, seed):
    earlier, month = split(flights)
    probabilities = predict(train(earlier, seed), month)
    scored = score(earlier, month, probabilities)
    low, high = gain_interval(month, probabilities, scored["base_rate"], seed)
    return scored | {
        "low": low, "high": high, "beats_baseline": low > 0, "month": month["date"].max().isoformat()[:7]
    }
