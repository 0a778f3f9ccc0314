# %% task="t3"
def score(train, valid, probabilities):
    late = valid["late"].to_numpy(float)
    rate = train["late"].mean()
    brier = np.mean((late - probabilities) ** 2)
    base = np.mean((late - rate) ** 2)
    return {"brier": brier, "base_rate": rate, "baseline_brier": base, "gain": 1 - brier / base}
