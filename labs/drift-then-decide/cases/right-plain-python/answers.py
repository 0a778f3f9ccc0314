# %% task="t1"
def drift_summary(reference, current):
    reference, current = reference.copy(), current.copy()
    features, missing, drifted = {}, {}, []
    for column in FEATURES:
        gone_now = current[column].isna().sum() / len(current)
        gone_then = reference[column].isna().sum() / len(reference)
        missing[column] = round(float(gone_now), 5)
        if gone_now == 1:
            features[column] = None
            drifted.append(column)
            continue
        if column in NUMBERS:
            report = drift.compare(reference, current, [column], [])
        else:
            report = drift.compare(reference, current, [], [column])
        features[column] = drift.values(report)[column]
        print(column, features[column])
        if features[column] >= PSI_LIMIT:
            drifted.append(column)
        elif gone_now - gone_then >= MISSING_LIMIT:
            drifted.append(column)
    score = drift.values(drift.compare(reference, current, ["score"], []))["score"]
    if score >= PSI_LIMIT:
        return {"features": features, "missing": missing, "drifted": drifted, "score": score, "score_drifted": True}
    return {"features": features, "missing": missing, "drifted": drifted, "score": score, "score_drifted": False}


# %% task="t2"
def performance(flights, outcomes, today):
    day = pd.to_datetime(today)
    reports = {}
    for row in outcomes.sort_values("known_on").itertuples():
        if row.known_on <= day:
            reports[row.flight_id] = row.late
    first, last = flights.date.min(), flights.date.max()
    answer = []
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        year, month = number // 12, number % 12 + 1
        here = flights[(flights.date.dt.year == year) & (flights.date.dt.month == month)]
        pairs = [(float(reports[f]), s) for f, s in zip(here.flight_id, here.score) if f in reports]
        late = [one for one, _ in pairs]
        entry = {
            "month": "%d-%02d" % (year, month),
            "flights": len(here),
            "known": len(pairs),
            "judged": False,
            "auc": None,
            "brier": None,
            "expected": None,
            "observed": None,
        }
        if len(here) > 0 and len(pairs) >= len(here) * ENOUGH and 0 < sum(late) < len(late):
            entry["judged"] = True
            entry["auc"] = round(float(roc_auc_score(late, [s for _, s in pairs])), 4)
            entry["brier"] = round(sum((one - s) ** 2 for one, s in pairs) / len(pairs), 4)
            entry["expected"] = round(sum(s for _, s in pairs) / len(pairs), 4)
            entry["observed"] = round(sum(late) / len(late), 4)
        answer.append(entry)
    return answer


# %% task="t3"
def percentiles(values, days):
    sums, counts = {}, {}
    for value, one in zip(values, days):
        sums[one] = sums.get(one, 0) + value
        counts[one] = counts.get(one, 0) + 1
    keys = list(sums)
    rng = np.random.RandomState(7)
    means = []
    for _ in range(1500):
        drawn = [keys[i] for i in rng.randint(0, len(keys), len(keys))]
        means.append(sum(sums[k] for k in drawn) / sum(counts[k] for k in drawn))
    means.sort()
    return means[37], means[1462]


def decide(flights, summary):
    watch = summary["drifted"] + (["score"] if summary["score_drifted"] else [])
    days = len(flights["date"].unique())
    late = [1.0 if one else 0.0 for one in flights["late"]]
    if days < MIN_DAYS or len(late) < MIN_FLIGHTS or sum(late) in (0, len(late)):
        return {
            "action": "wait", "flights": len(late), "days": days, "auc_gain": None, "gain": None, "low": None,
            "high": None, "gap": None, "gap_low": None, "gap_high": None, "watch": watch, "reason": "not enough yet",
        }
    live, new = list(flights["score"]), list(flights["candidate"])
    gains = [(y - a) ** 2 - (y - b) ** 2 for y, a, b in zip(late, live, new)]
    gaps = [y - a for y, a in zip(late, live)]
    low, high = percentiles(gains, flights["date"])
    gap_low, gap_high = percentiles(gaps, flights["date"])
    gap = sum(gaps) / len(gaps)
    auc_gain = roc_auc_score(late, new) - roc_auc_score(late, live)
    action = "keep"
    if low > 0 and auc_gain >= MIN_AUC_GAIN:
        action = "replace"
    elif (gap >= MAX_GAP and gap_low > 0) or (gap <= -MAX_GAP and gap_high < 0):
        action = "recalibrate"
    return {
        "action": action, "flights": len(late), "days": days, "auc_gain": round(auc_gain, 4),
        "gain": round(sum(gains) / len(gains), 4), "low": round(low, 4), "high": round(high, 4),
        "gap": round(gap, 4), "gap_low": round(gap_low, 4), "gap_high": round(gap_high, 4),
        "watch": watch, "reason": "I decided " + action,
    }


# %% task="t4"
def review(reference, flights, outcomes, today, out):
    month = None
    for entry in performance(flights, outcomes, today):
        if entry["judged"]:
            month = entry["month"]
    rows = flights[flights["date"].astype(str).str[:7] == month].copy()
    summary = drift_summary(reference, rows)
    numbers, names = ["score"], []
    for column in FEATURES:
        if summary["missing"][column] < 1:
            if column in NAMES:
                names.append(column)
            else:
                numbers.append(column)
    drift.save(drift.compare(reference, rows, numbers, names), Path(out))
    reports = {}
    for row in outcomes.sort_values("known_on").itertuples():
        if row.known_on <= pd.to_datetime(today):
            reports[row.flight_id] = row.late
    rows["late"] = rows["flight_id"].map(reports)
    rows = rows.dropna(subset=["late"])
    rows["late"] = rows["late"].astype(bool)
    record = {"month": month, "today": today, "drift": summary}
    for key, value in decide(rows, summary).items():
        record[key] = value
    with open(Path(out) / "decision.json", "w", encoding="utf-8") as file:
        file.write(json.dumps(record, default=float))
    return record
