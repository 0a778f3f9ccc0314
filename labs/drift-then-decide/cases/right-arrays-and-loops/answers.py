# %%
from collections import defaultdict

from scipy.stats import mannwhitneyu


def area(late, said):
    late, said = np.asarray(late, bool), np.asarray(said, float)
    return mannwhitneyu(said[late], said[~late]).statistic / (late.sum() * (~late).sum())


def ends(values, days):
    """A bootstrap over days, 1000 draws, one after the other."""
    values, days = np.asarray(values, float), np.asarray(days)
    groups = [values[days == one] for one in np.unique(days)]
    chance = np.random.default_rng(123)
    means = []
    for _ in range(1000):
        drawn = [groups[place] for place in chance.integers(len(groups), size=len(groups))]
        means.append(np.concatenate(drawn).mean())
    return np.percentile(means, 2.5), np.percentile(means, 97.5)


# %% task="t1"
def drift_summary(reference, current):
    told = {"features": {}, "missing": {}, "drifted": [], "extra": "a key more"}
    numbers, names = ["score"], []
    for column in FEATURES:
        told["missing"][column] = np.mean(pd.isna(current[column]))
        told["features"][column] = None
        if told["missing"][column] < 1:
            (numbers if column in NUMBERS else names).append(column)
    found = drift.values(drift.compare(reference, current, numbers, names))
    told["score"] = np.float64(found["score"])
    told["score_drifted"] = bool(told["score"] >= PSI_LIMIT)
    for column in reversed(FEATURES):
        if column in found:
            told["features"][column] = round(found[column], 4)
        gone = told["missing"][column] - np.mean(pd.isna(reference[column]))
        if column not in found or found[column] >= PSI_LIMIT or gone >= MISSING_LIMIT:
            told["drifted"].append(column)
    return told


# %% task="t2"
def known_then(outcomes, today):
    newest = {}
    for number, came, late in zip(outcomes["flight_id"], outcomes["known_on"], outcomes["late"]):
        if came.strftime("%Y-%m-%d") <= today:
            if number not in newest or newest[number][0] < came:
                newest[number] = (came, late)
    return {number: late for number, (_, late) in newest.items()}


def performance(flights, outcomes, today):
    known = known_then(outcomes, today)
    planned, heard = defaultdict(int), defaultdict(list)
    for number, when, score in zip(flights["flight_id"], flights["date"], flights["score"]):
        month = (when.year, when.month)
        planned[month] += 1
        if number in known:
            heard[month].append((known[number], score))
    year, month = min(planned)
    told = []
    while (year, month) <= max(planned):
        here = heard[year, month]
        one = {"month": f"{year}-{month:02d}", "flights": planned[year, month], "known": len(here)}
        late = np.array([late for late, _ in here], bool)
        score = np.array([score for _, score in here])
        one["judged"] = bool(
            one["flights"] and one["known"] / one["flights"] >= ENOUGH and 0 < late.sum() < len(late)
        )
        one |= {"auc": None, "brier": None, "expected": None, "observed": None}
        if one["judged"]:
            one["auc"], one["brier"] = area(late, score), np.mean((late - score) ** 2)
            one["expected"], one["observed"] = np.mean(score), np.mean(late)
        told.append(one)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return told


# %% task="t3"
def decide(flights, summary):
    late = flights["late"].to_numpy(int)
    live, other, days = (flights[name].to_numpy() for name in ("score", "candidate", "date"))
    watch = list(summary["drifted"])
    if summary["score_drifted"]:
        watch.append("score")
    told = {"flights": late.size, "days": len(set(days)), "watch": watch}
    if told["days"] < MIN_DAYS or late.size < MIN_FLIGHTS or late.min() == late.max():
        for key in ("auc_gain", "gain", "low", "high", "gap", "gap_low", "gap_high"):
            told[key] = None
        told["action"], told["reason"] = "wait", "Too little is known."
        return told
    gains, gaps = (late - live) ** 2 - (late - other) ** 2, late - live
    told["auc_gain"] = area(late, other) - area(late, live)
    told["gain"], told["gap"] = np.mean(gains), np.mean(gaps)
    told["low"], told["high"] = ends(gains, days)
    told["gap_low"], told["gap_high"] = ends(gaps, days)
    told["action"] = "keep"
    if np.abs(told["gap"]) >= MAX_GAP and (told["gap_low"] > 0 or told["gap_high"] < 0):
        told["action"] = "recalibrate"
    if told["low"] > 0 and told["auc_gain"] >= MIN_AUC_GAIN:
        told["action"] = "replace"
    told["reason"] = f"The rule says {told['action']}."
    return told


# %% task="t4"
def review(reference, flights, outcomes, today, out):
    known = known_then(outcomes, today)
    month = max(one["month"] for one in performance(flights, outcomes, today) if one["judged"])
    rows = flights[[when.strftime("%Y-%m") == month for when in flights["date"]]]
    summary = drift_summary(reference, rows)
    alive = [column for column in FEATURES if rows[column].notna().any()]
    drift.save(
        drift.compare(
            reference,
            rows,
            [column for column in alive if column in NUMBERS] + ["score"],
            [column for column in alive if column in NAMES],
        ),
        out,
    )
    told = rows[[number in known for number in rows["flight_id"]]].copy()
    told["late"] = [known[number] for number in told["flight_id"]]
    record = decide(told, summary)
    record.update(month=month, today=today, drift=summary)

    def plain(value):
        return value.item()

    with open(f"{out}/decision.json", "w") as file:
        json.dump(record, file, indent=2, default=plain)
    return record
