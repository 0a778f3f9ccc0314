# %%
from dataclasses import asdict, dataclass, field

from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset
from sklearn.metrics import brier_score_loss

# %% task="t1"
def look(reference, current):
    alive = [c for c in FEATURES if current[c].count()]
    kinds = DataDefinition(
        numerical_columns=[c for c in alive if c in NUMBERS] + ["score"],
        categorical_columns=[c for c in alive if c in NAMES],
    )
    preset = DataDriftPreset(columns=[*alive, "score"], method="psi", threshold=PSI_LIMIT)
    return Report([preset], include_tests=False).run(
        current_data=Dataset.from_pandas(current[[*alive, "score"]].copy(), data_definition=kinds),
        reference_data=Dataset.from_pandas(reference[[*alive, "score"]].copy(), data_definition=kinds),
    )


def psi_of(report):
    return {
        metric["config"]["column"]: metric["value"]
        for metric in report.dict()["metrics"]
        if "ValueDrift" in metric["metric_name"]
    }


def drift_summary(reference, current):
    psi = psi_of(look(reference, current))
    table = pd.DataFrame({"psi": pd.Series(psi).reindex(FEATURES)})
    table["missing"] = current[FEATURES].isna().mean()
    table["more"] = table["missing"] - reference[FEATURES].isna().mean()
    drifted = table.query("psi.isna() or psi >= @PSI_LIMIT or more >= @MISSING_LIMIT").index
    return {
        "features": table["psi"].astype(object).where(table["psi"].notna(), None).to_dict(),
        "missing": table["missing"].to_dict(),
        "drifted": drifted.tolist(),
        "score": psi["score"],
        "score_drifted": bool(psi["score"] >= PSI_LIMIT),
    }


# %% task="t2"
def as_known(flights, outcomes, today):
    """Each flight with its latest report of that day or earlier, by an as-of join."""
    asked = flights.assign(today=pd.to_datetime(today).as_unit("ns")).sort_values("today", kind="stable")
    told = outcomes.assign(known_on=outcomes["known_on"].astype("datetime64[ns]")).sort_values("known_on")
    asked["today"] = asked["today"].astype("datetime64[ns]")
    joined = pd.merge_asof(asked, told, left_on="today", right_on="known_on", by="flight_id")
    return joined.dropna(subset=["late"]).assign(late=lambda rows: rows["late"].astype(bool))


def performance(flights, outcomes, today):
    known = as_known(flights, outcomes, today)
    planned = flights.set_index("date").resample("MS")["flight_id"].count()
    parts = {stamp: rows for stamp, rows in known.groupby(pd.Grouper(key="date", freq="MS"))}
    told = []
    for stamp, count in planned.items():
        rows = parts.get(stamp, known.iloc[:0])
        entry = dict(month=f"{stamp:%Y-%m}", flights=int(count), known=len(rows))
        entry["judged"] = bool(count > 0 and len(rows) >= ENOUGH * count and rows["late"].nunique() > 1)
        if entry["judged"]:
            entry.update(
                auc=roc_auc_score(rows["late"], rows["score"]),
                brier=brier_score_loss(rows["late"], rows["score"]),
                expected=rows["score"].mean(),
                observed=rows["late"].mean(),
            )
        else:
            entry.update(auc=None, brier=None, expected=None, observed=None)
        told.append(entry)
    return told


# %% task="t3"
@dataclass
class Decision:
    action: str = "wait"
    flights: int = 0
    days: int = 0
    auc_gain: float | None = None
    gain: float | None = None
    low: float | None = None
    high: float | None = None
    gap: float | None = None
    gap_low: float | None = None
    gap_high: float | None = None
    watch: list = field(default_factory=list)
    reason: str = "There is too little to decide anything."

    def enough(self, late):
        return self.days >= MIN_DAYS and self.flights >= MIN_FLIGHTS and late.any() and not late.all()

    def measure(self, rows):
        late, days = rows["late"].astype(int), rows["date"]
        gains = (rows["score"] - late).pow(2) - (rows["candidate"] - late).pow(2)
        gaps = late - rows["score"]
        self.auc_gain = roc_auc_score(late, rows["candidate"]) - roc_auc_score(late, rows["score"])
        self.gain, (self.low, self.high) = gains.mean(), interval(gains, days, draws=5000, seed=1)
        self.gap, (self.gap_low, self.gap_high) = gaps.mean(), interval(gaps, days, draws=5000, seed=2)

    def choose(self):
        better = self.low > 0 and self.auc_gain >= MIN_AUC_GAIN
        off = not -MAX_GAP < self.gap < MAX_GAP and self.gap_low * self.gap_high > 0
        self.action = "replace" if better else "recalibrate" if off else "keep"
        self.reason = f"{self.action}, since better is {better} and off is {off}"


def decide(flights, summary):
    late = flights["late"]
    decision = Decision(flights=len(flights), days=flights["date"].nunique())
    decision.watch = sorted({*summary["drifted"]} | ({"score"} if summary["score_drifted"] else set()))
    if decision.enough(late):
        decision.measure(flights)
        decision.choose()
    return asdict(decision)


# %% task="t4"
def review(reference, flights, outcomes, today, out):
    judged = pd.DataFrame(performance(flights, outcomes, today)).query("judged")
    month = judged["month"].iloc[-1]
    current = flights.set_index("date").loc[month].reset_index()
    report, summary = look(reference, current), drift_summary(reference, current)
    report.save_html(f"{out}/drift.html")
    report.save_json(f"{out}/drift.json")
    decision = decide(as_known(current, outcomes, today), summary)
    record = dict(month=month, today=today, drift=summary, **decision)
    Path(out, "decision.json").write_text(json.dumps(record, default=float))
