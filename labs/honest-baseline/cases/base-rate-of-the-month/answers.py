# %% task="t3"
def score(train, valid, probabilities):
    late = valid["late"].to_numpy(float)
    rate = valid["late"].mean()
    brier = np.mean((late - probabilities) ** 2)
    base = np.mean((late - rate) ** 2)
    return {"brier": brier, "base_rate": rate, "baseline_brier": base, "gain": base - brier}
