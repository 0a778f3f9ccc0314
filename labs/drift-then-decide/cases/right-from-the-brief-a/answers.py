# %% task="t1"
def drift_summary(reference, current):
    """Say which features have drifted, and apart from them whether the score has."""
    empty = [name for name in FEATURES if current[name].notna().sum() == 0]
    numbers = [name for name in NUMBERS if name not in empty]
    names = [name for name in NAMES if name not in empty]
    found = drift.values(drift.compare(reference, current, [*numbers, "score"], names))
    features = {name: None if name in empty else float(found[name]) for name in FEATURES}
    missing = {name: float(current[name].isna().mean()) for name in FEATURES}
    before = {name: float(reference[name].isna().mean()) for name in FEATURES}
    drifted = [
        name
        for name in FEATURES
        if features[name] is None
        or features[name] >= PSI_LIMIT
        or missing[name] - before[name] >= MISSING_LIMIT
    ]
    score = float(found["score"])
    return {
        "features": features,
        "missing": missing,
        "drifted": drifted,
        "score": score,
        "score_drifted": bool(score >= PSI_LIMIT),
    }


# %% task="t2"
def known_outcomes(flights, outcomes, today):
    """The flights whose outcome is known on that day, with `late` as it was known then."""
    seen = outcomes[outcomes["known_on"] <= pd.Timestamp(today)]
    last = seen.sort_values("known_on").groupby("flight_id")["late"].last()
    joined = flights.drop(columns="late", errors="ignore").merge(
        last.rename("late"), left_on="flight_id", right_index=True, how="inner"
    )
    return joined.assign(late=joined["late"].astype(bool))


def performance(flights, outcomes, today):
    """Return a dict for each month: what is known of it on that day, and how well the score did."""
    known = known_outcomes(flights, outcomes, today)
    months = flights["date"].dt.to_period("M")
    told = []
    for month in pd.period_range(months.min(), months.max(), freq="M"):
        total = int((months == month).sum())
        rows = known[known["date"].dt.to_period("M") == month]
        judged = total > 0 and len(rows) >= ENOUGH * total and rows["late"].nunique() == 2
        one = {"month": str(month), "flights": total, "known": len(rows), "judged": bool(judged)}
        one |= dict.fromkeys(("auc", "brier", "expected", "observed"))
        if judged:
            late = rows["late"].astype(float)
            one["auc"] = float(roc_auc_score(late, rows["score"]))
            one["brier"] = float(((late - rows["score"]) ** 2).mean())
            one["expected"] = float(rows["score"].mean())
            one["observed"] = float(late.mean())
        told.append(one)
    return told


# %% task="t3"
def decide(flights, summary):
    """Choose an action from a month's outcomes; return it with the numbers it rests on."""
    late = flights["late"].astype(float).to_numpy()
    score, candidate = flights["score"].to_numpy(float), flights["candidate"].to_numpy(float)
    day = pd.to_datetime(flights["date"]).dt.normalize()
    watch = list(summary["drifted"]) + (["score"] if summary["score_drifted"] else [])
    told = {"flights": len(flights), "days": int(day.nunique()), "watch": watch}
    names = ("auc_gain", "gain", "low", "high", "gap", "gap_low", "gap_high")
    few = told["days"] < MIN_DAYS or told["flights"] < MIN_FLIGHTS
    if few or len(set(late)) < 2:
        return {
            "action": "wait",
            **told,
            **dict.fromkeys(names),
            "reason": f"{told['flights']} flights on {told['days']} days are too little to decide on.",
        }
    better = (late - score) ** 2 - (late - candidate) ** 2
    off = late - score
    low, high = interval(better, day)
    gap_low, gap_high = interval(off, day)
    auc_gain = float(roc_auc_score(late, candidate) - roc_auc_score(late, score))
    gain, gap = float(better.mean()), float(off.mean())
    if low > 0 and auc_gain >= MIN_AUC_GAIN:
        action = "replace"
        reason = f"The candidate ranks better by {auc_gain:.3f} and its Brier score is surely better."
    elif abs(gap) >= MAX_GAP and not gap_low <= 0 <= gap_high:
        action = "recalibrate"
        reason = f"The live model is off by {gap:+.3f} on average."
    else:
        action = "keep"
        reason = "Nothing shows that the live model does worse than it should."
    numbers = dict(zip(names, (auc_gain, gain, low, high, gap, gap_low, gap_high), strict=True))
    return {"action": action, **told, **numbers, "reason": reason}


# %% task="t4"
def review(reference, flights, outcomes, today, out):
    """Review the last month that can be judged; write report and record into the folder `out`."""
    month = [one["month"] for one in performance(flights, outcomes, today) if one["judged"]][-1]
    those = flights[flights["date"].dt.strftime("%Y-%m") == month]
    summary = drift_summary(reference, those)
    decision = decide(known_outcomes(those, outcomes, today), summary)
    numbers = [name for name in NUMBERS if summary["features"][name] is not None]
    names = [name for name in NAMES if summary["features"][name] is not None]
    drift.save(drift.compare(reference, those, [*numbers, "score"], names), out)
    record = {"month": month, "today": today, "drift": summary, **decision}
    (Path(out) / "decision.json").write_text(json.dumps(record, default=float, indent=1))
