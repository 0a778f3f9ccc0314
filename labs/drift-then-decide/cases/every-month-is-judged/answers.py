# %% task="t2"
def known_outcomes(flights, outcomes, today):
    """The flights whose outcome is known on that day, with `late` as it was known then."""
    until = outcomes[outcomes["known_on"] <= pd.Timestamp(today)]
    newest = until.sort_values("known_on").drop_duplicates("flight_id", keep="last")
    return flights.merge(newest[["flight_id", "late"]], on="flight_id")


def performance(flights, outcomes, today):
    """Return a dict for each month: what is known of it on that day, and how well the score did."""
    known = known_outcomes(flights, outcomes, today)
    month_of, month_of_known = flights["date"].dt.to_period("M"), known["date"].dt.to_period("M")
    told = []
    for month in pd.period_range(month_of.min(), month_of.max(), freq="M"):
        planned, rows = int((month_of == month).sum()), known[month_of_known == month]
        judged = rows["late"].nunique() == 2
        late, score = rows["late"].astype(float), rows["score"]
        told.append(
            {
                "month": str(month),
                "flights": planned,
                "known": len(rows),
                "judged": judged,
                "auc": roc_auc_score(late, score) if judged else None,
                "brier": ((late - score) ** 2).mean() if judged else None,
                "expected": score.mean() if judged else None,
                "observed": late.mean() if judged else None,
            }
        )
    return told
