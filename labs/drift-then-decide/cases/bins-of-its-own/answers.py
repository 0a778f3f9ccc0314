# %% task="t1"
def by_tenths(then, now):
    edges = np.unique(np.quantile(then.dropna(), np.linspace(0, 1, 11)))
    edges[0], edges[-1] = -np.inf, np.inf
    parts = [np.histogram(one.dropna(), edges)[0] / one.notna().sum() for one in (then, now)]
    parts = [np.where(one == 0, 1e-4, one) for one in parts]
    return float(((parts[0] - parts[1]) * np.log(parts[0] / parts[1])).sum())


def drift_summary(reference, current):
    """Say which features have drifted, and apart from them whether the score has."""
    missing = current[FEATURES].isna().mean()
    more_missing = missing - reference[FEATURES].isna().mean()
    there = [column for column in FEATURES if missing[column] < 1]
    report = drift.compare(
        reference,
        current,
        [column for column in [*NUMBERS, "score"] if column in [*there, "score"]],
        [column for column in NAMES if column in there],
    )
    psi = drift.values(report)
    psi |= {column: by_tenths(reference[column], current[column]) for column in NUMBERS if column in there}
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
