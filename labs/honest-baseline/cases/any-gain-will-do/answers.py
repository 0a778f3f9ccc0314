# %% task="t4"
def gain_interval(valid, probabilities, base_rate, seed):
    late = valid["late"].to_numpy(float)
    table = pd.DataFrame(
        {"date": valid["date"].to_numpy(), "gain": (late - base_rate) ** 2 - (late - probabilities) ** 2}
    )
    days = table.groupby("date")["gain"].agg(["sum", "size"]).to_numpy()
    chance = np.random.default_rng(seed)
    draws = []
    for _ in range(1000):
        total = days[chance.choice(len(days), len(days))].sum(axis=0)
        draws.append(total[0] / total[1])
    return tuple(np.percentile(draws, [2.5, 97.5]))


def report(flights, seed):
    earlier, valid = split(flights)
    probabilities = np.asarray(predict(train(earlier, seed), valid))
    told = score(earlier, valid, probabilities)
    low, high = gain_interval(valid, probabilities, told["base_rate"], seed)
    month = str(valid["date"].dt.to_period("M").max())
    return {**told, "month": month, "low": low, "high": high, "beats_baseline": told["gain"] > 0}
