# %% task="t3"
def score(train, valid, probabilities):
    late = valid["late"].astype(float)
    rate = train["late"].mean()
    brier = ((late - pd.Series(probabilities)) ** 2).mean()
    base = np.mean((late - rate) ** 2)
    return {"brier": brier, "base_rate": rate, "baseline_brier": base, "gain": base - brier}
