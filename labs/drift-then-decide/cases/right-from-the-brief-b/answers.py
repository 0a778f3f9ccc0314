# %% task="t1"
def _report(reference, current):
    """Evidently's report of all columns that have values now, and the score."""
    there = {name for name in FEATURES if current[name].count()}
    return drift.compare(
        reference,
        current,
        [name for name in NUMBERS if name in there] + ["score"],
        [name for name in NAMES if name in there],
    )


def drift_summary(reference, current):
    """Say which features have drifted, and apart from them whether the score has."""
    psi = drift.values(_report(reference, current))
    summary = {"features": {}, "missing": {}, "drifted": [], "score": psi["score"]}
    summary["score_drifted"] = bool(psi["score"] >= PSI_LIMIT)
    for name in FEATURES:
        value = psi.get(name)
        gone = current[name].isna().sum() / len(current)
        was = reference[name].isna().sum() / len(reference)
        summary["features"][name] = value
        summary["missing"][name] = gone
        if value is None or value >= PSI_LIMIT or gone - was >= MISSING_LIMIT:
            summary["drifted"].append(name)
    return summary


# %% task="t2"
def known_outcomes(flights, outcomes, today):
    """The flights whose outcome is known on that day, with `late` as it was known then."""
    day = pd.Timestamp(today)
    latest = {}
    for number, came, late in zip(outcomes["flight_id"], outcomes["known_on"], outcomes["late"]):
        if came <= day and (number not in latest or came > latest[number][0]):
            latest[number] = (came, bool(late))
    found = flights[[number in latest for number in flights["flight_id"]]].copy()
    found["late"] = [latest[number][1] for number in found["flight_id"]]
    return found


def performance(flights, outcomes, today):
    """Return a dict for each month: what is known of it on that day, and how well the score did."""
    known = known_outcomes(flights, outcomes, today)
    first, last = flights["date"].min(), flights["date"].max()
    year, month = first.year, first.month
    rows = []
    while (year, month) <= (last.year, last.month):
        here = (flights["date"].dt.year == year) & (flights["date"].dt.month == month)
        told = known[(known["date"].dt.year == year) & (known["date"].dt.month == month)]
        y, p = np.asarray(told["late"], float), np.asarray(told["score"], float)
        judged = bool(here.sum() and len(y) / here.sum() >= ENOUGH and 0 < y.sum() < len(y))
        rows.append(
            {
                "month": f"{year}-{month:02}",
                "flights": int(here.sum()),
                "known": len(y),
                "judged": judged,
                "auc": roc_auc_score(y, p) if judged else None,
                "brier": np.mean((y - p) ** 2) if judged else None,
                "expected": p.mean() if judged else None,
                "observed": y.mean() if judged else None,
            }
        )
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return rows


# %% task="t3"
def doubt(values, days, draws=3000):
    """The 95 % interval of a mean, drawing whole days."""
    names, number = np.unique(np.asarray(days), return_inverse=True)
    sums = np.bincount(number, weights=values)
    counts = np.bincount(number)
    picks = np.random.default_rng(1).integers(0, len(names), (draws, len(names)))
    means = sums[picks].sum(axis=1) / counts[picks].sum(axis=1)
    return np.quantile(means, 0.025), np.quantile(means, 0.975)


def decide(flights, summary):
    """Choose an action from a month's outcomes; return it with the numbers it rests on."""
    y = np.asarray(flights["late"]).astype(float)
    p, q = np.asarray(flights["score"], float), np.asarray(flights["candidate"], float)
    days = pd.to_datetime(flights["date"]).dt.strftime("%Y-%m-%d").to_numpy()
    found = {
        "action": "wait",
        "flights": len(y),
        "days": len(set(days)),
        "watch": summary["drifted"] + ["score"] * bool(summary["score_drifted"]),
        "reason": "There is too little to decide on.",
        "auc_gain": None,
        "gain": None,
        "low": None,
        "high": None,
        "gap": None,
        "gap_low": None,
        "gap_high": None,
    }
    if found["days"] < MIN_DAYS or len(y) < MIN_FLIGHTS or y.min() == y.max():
        return found
    better, off = (y - p) ** 2 - (y - q) ** 2, y - p
    found["auc_gain"] = roc_auc_score(y, q) - roc_auc_score(y, p)
    found["gain"], (found["low"], found["high"]) = better.mean(), doubt(better, days)
    found["gap"], (found["gap_low"], found["gap_high"]) = off.mean(), doubt(off, days)
    if found["low"] > 0 and found["auc_gain"] >= MIN_AUC_GAIN:
        found["action"], found["reason"] = "replace", "The candidate is surely better, and ranks better."
    elif abs(found["gap"]) >= MAX_GAP and found["gap_low"] * found["gap_high"] > 0:
        found["action"], found["reason"] = "recalibrate", "The model's promises are surely off."
    else:
        found["action"], found["reason"] = "keep", "No harm is shown."
    return found


# %% task="t4"
def review(reference, flights, outcomes, today, out):
    """Review the last month that can be judged; write report and record into the folder `out`."""
    last = None
    for row in performance(flights, outcomes, today):
        last = row["month"] if row["judged"] else last
    current = flights[flights["date"].dt.to_period("M").astype(str) == last]
    drift.save(_report(reference, current), out)
    summary = drift_summary(reference, current)
    record = decide(known_outcomes(current, outcomes, today), summary)
    record.update(month=last, today=today, drift=summary)
    with open(Path(out) / "decision.json", "w") as file:
        json.dump(record, file, default=float)
