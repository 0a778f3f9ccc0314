# %% task="t1"
def drift_summary(reference, current):
    """Say which features have drifted, and apart from them whether the score has."""
    missing = current[FEATURES].isna().mean()
    more_missing = missing - reference[FEATURES].isna().mean()
    there = [column for column in FEATURES if missing[column] < 1]
    report = drift.compare(
        reference,
        current,
        [],
        [*there, "score"],
    )
    psi = drift.values(report)
    score = psi.pop("score")
    features = {column: psi.get(column) for column in FEATURES}
    drifted = [
        column
        for column in FEATURES
        if column not in there or psi[column] >= PSI_LIMIT or more_missing[column] >= MISSING_LIMIT
    ]
    return {
        "features": features,
        "missing": missing.to_dict(),
        "drifted": drifted,
        "score": score,
        "score_drifted": score >= PSI_LIMIT,
    }
