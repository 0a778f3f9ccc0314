# %% task="t4"
def review(reference, flights, outcomes, today, out):
    """Review the last month that can be judged; write report and record into the folder `out`."""
    month = [one["month"] for one in performance(flights, outcomes, today) if one["judged"]][-1]
    current = flights[flights["date"].dt.strftime("%Y-%m") == month]
    summary = drift_summary(reference, current)
    there = [column for column, psi in summary["features"].items() if psi is not None]
    report = drift.compare(
        reference,
        current,
        [column for column in NUMBERS if column in there] + ["score"],
        [column for column in NAMES if column in there],
    )
    drift.save(report, out)
    decision = decide(known_outcomes(current, outcomes, "2100-01-01"), summary)
    record = {"month": month, "today": today, "drift": summary, **decision}
    (Path(out) / "decision.json").write_text(json.dumps(record, default=float), encoding="utf-8")
    return record
