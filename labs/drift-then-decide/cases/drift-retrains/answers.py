# %% task="t3"
def decide(flights, summary):
    """Choose an action from a month's outcomes; return it with the numbers it rests on."""
    late, days = flights["late"].astype(float), flights["date"]
    told = {
        "action": "wait",
        "flights": len(flights),
        "days": int(days.nunique()),
        **dict.fromkeys(["auc_gain", "gain", "low", "high", "gap", "gap_low", "gap_high"]),
        "watch": [*summary["drifted"], *(["score"] if summary["score_drifted"] else [])],
    }
    if told["days"] < MIN_DAYS or len(flights) < MIN_FLIGHTS or late.nunique() < 2:
        return {**told, "reason": f"{len(flights)} flights on {told['days']} days are too little to decide."}
    gains = (late - flights["score"]) ** 2 - (late - flights["candidate"]) ** 2
    gaps = late - flights["score"]
    told["auc_gain"] = roc_auc_score(late, flights["candidate"]) - roc_auc_score(late, flights["score"])
    told["gain"], told["gap"] = np.mean(gains), np.mean(gaps)
    told["low"], told["high"] = interval(gains, days)
    told["gap_low"], told["gap_high"] = interval(gaps, days)
    unsure = told["gap_low"] <= 0 <= told["gap_high"]
    if told["watch"] or told["low"] > 0 and told["auc_gain"] >= MIN_AUC_GAIN:
        told["action"], why = "replace", "the candidate is surely better"
    elif abs(told["gap"]) >= MAX_GAP and not unsure:
        told["action"], why = (
            "recalibrate",
            "the live model's probabilities are off, and no candidate is needed",
        )
    else:
        told["action"], why = "keep", "neither a better candidate nor a miscalibration is sure"
    told["reason"] = (
        f"{told['action']}: {why} (gain {told['gain']:+.4f}, from {told['low']:+.4f} to {told['high']:+.4f}; "
        f"gap {told['gap']:+.3f})."
    )
    return told
