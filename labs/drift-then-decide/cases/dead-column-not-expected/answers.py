# %% task="t1"
def drift_summary(reference, current):
    """Say which features have drifted, and apart from them whether the score has."""
    psi = drift.values(drift.compare(reference, current, [*NUMBERS, "score"], NAMES))
    score = psi.pop("score")
    missing = current[FEATURES].isna().mean()
    more = missing - reference[FEATURES].isna().mean()
    return {
        "features": psi,
        "missing": missing.to_dict(),
        "drifted": [c for c in FEATURES if psi[c] >= PSI_LIMIT or more[c] >= MISSING_LIMIT],
        "score": score,
        "score_drifted": score >= PSI_LIMIT,
    }
