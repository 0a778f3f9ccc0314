# %% task="t1"
def drift_summary(reference, current):
    """Say which features have drifted, and apart from them whether the score has."""
    numbers = [c for c in current.select_dtypes("number").columns if c in reference and current[c].notna().any()]
    names = [c for c in current.select_dtypes(["str", "bool"]).columns if c in reference and current[c].notna().any()]
    psi = drift.values(drift.compare(reference, current, numbers, names))
    score = psi.pop("score")
    missing = current.drop(columns=["date", "score"]).isna().mean()
    drifted = [
        c
        for c in missing.index
        if psi.get(c, 1) >= PSI_LIMIT or missing[c] - reference[c].isna().mean() >= MISSING_LIMIT
    ]
    return {
        "features": {c: psi.get(c) for c in missing.index},
        "missing": missing.to_dict(),
        "drifted": drifted,
        "score": score,
        "score_drifted": score >= PSI_LIMIT,
    }
