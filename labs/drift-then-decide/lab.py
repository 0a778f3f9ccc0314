# %% [markdown]
# # Drift, then decide
#
# The service says which flights will be late, with a model of January to March. Since spring an alarm has
# been ringing: the temperature is not what it was in the training months. No wonder, it is summer. Each month somebody
# trains again on the last three months and puts the new model live, "because the data has drifted". In July
# that was a blessing. In December it made the service worse, and nobody can say why one was right and the other wrong.
#
# You will build the monthly review that can:
#
# 1. **what has drifted**, with Evidently: the features on one side, the model's score on the other;
# 2. **what can be judged today**: outcomes come late, some of them weeks late, and some are corrected;
# 3. **a decision** from outcomes and their doubt: replace the model, recalibrate it, keep it, or wait;
# 4. **a review**: all of it together, with a report for people and a record for those who ask next year.
#
# After each task there is a cell with `lab.check(...)`: run it as often as you like. Those checks are few
# and quick; `lab.submit()` runs more of them, with months, models and years you have not seen. Stuck?
# `lab.hint("t1")`.
#
# ### Ground rules
#
# - Your functions are called with **other tables**: other months, other models, months under another name,
#   years that never were. Use the arguments; a rule that knows the name of a month is no rule.
# - Tables come with their rows in any order and with any index, and may have further columns. Leave the tables
#   that you are given as they are: work on a copy if you want to add columns.
# - Days are given as dates in tables (`pd.Timestamp`) and as text such as `"2013-08-20"` in `today`.
# - Where a dict is asked for, further keys do no harm. Keep at least four decimals. Numbers may be Python's or numpy's.

# %%
import json
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

import drift
from evidence import interval, read_flights, read_outcomes
from mlops_labs import lab

# %% [markdown]
# ### The tables
#
# `reference` has flights of January to March, on which the live model was trained. `flights` has those of May to August.
#
# | column | what it is |
# |---|---|
# | `flight_id`, `date` | a number for this row, and the day of the planned departure |
# | `hour`, `weekday`, `distance` | of the plan; numbers |
# | `carrier`, `origin`, `dest` | of the plan; codes |
# | `temp`, `dewp`, `humid`, `wind_speed`, `precip`, `visib`, `pressure` | weather at the airport in that hour; numbers, sometimes missing |
# | `score` | the **live** model's probability that the flight will be late |
# | `candidate` | only in `flights`: the probability of another model, trained on the three months before the flight's month. It ran in **shadow**: nobody was shown what it said |
#
# `outcomes` is what became of the flights, as the airlines report it:
#
# | column | what it is |
# |---|---|
# | `flight_id` | which flight |
# | `known_on` | the day on which this report came |
# | `late` | `True` or `False`: did it land more than 15 minutes late? |

# %%
reference = read_flights("data/reference.csv")
flights = read_flights("data/flights.csv")
outcomes = read_outcomes("data/outcomes.csv")
print(
    f"{len(reference):,} flights of reference, {len(flights):,} since, {len(outcomes):,} reports of outcomes"
)
flights.head()

# %% [markdown]
# These are the columns that the models look at, and the limits that the team has agreed on. Use the names; they keep
# these values in every check.

# %%
NUMBERS = [
    "hour",
    "weekday",
    "distance",
    "temp",
    "dewp",
    "humid",
    "wind_speed",
    "precip",
    "visib",
    "pressure",
]
NAMES = ["carrier", "origin", "dest"]
FEATURES = NUMBERS + NAMES

PSI_LIMIT = 0.2  # from this PSI on, a column has drifted
MISSING_LIMIT = 0.1  # as much more of a column missing than in the reference, as a share of the rows
ENOUGH = 0.9  # of a month's flights whose outcome must be known before it is judged
MIN_DAYS = 20  # different days with known outcomes, for a decision
MIN_FLIGHTS = 500  # flights with known outcomes, for a decision
MIN_AUC_GAIN = 0.01  # by which a candidate must rank better
MAX_GAP = 0.05  # between the share of late flights and the mean probability

# %% [markdown]
# ## Task 1: what has drifted
#
# Evidently compares two tables column by column. Its interface changed at 0.7 and will change again, so it is
# wrapped in one small module, `drift.py` in this folder; open it. `drift.compare(reference, current, numbers, names)`
# gives a report, `drift.values(report)` the **population stability index** of each column (PSI: 0 for the same
# distribution; 0.2 is a usual limit). The first call takes some seconds, since Evidently is imported then.
#
# Write `drift_summary(reference, current)`. It returns a dict:
#
# | key | value |
# |---|---|
# | `"features"` | a dict with the PSI of each column of `FEATURES`, as Evidently works it out, and of no other; `None` for a column that has no value at all in `current` |
# | `"missing"` | a dict with the share of `current`'s rows, 0 to 1, in which each column of `FEATURES` has no value |
# | `"drifted"` | the list of those columns of `FEATURES` that have drifted, in any order |
# | `"score"` | the PSI of the column `score`, a number |
# | `"score_drifted"` | `True` if that is `PSI_LIMIT` or more, else `False` |
#
# A feature has drifted if its PSI is `PSI_LIMIT` or more, **or** if it has no value at all in `current`, **or** if the share
# of rows without a value is higher than in `reference` by `MISSING_LIMIT` or more. Evidently leaves missing values out
# before it compares: a sensor that died looks calm to it. `score` is never missing, and no column is without any value
# in `reference`.


# %% task="t1"
def drift_summary(reference, current):
    """Say which features have drifted, and apart from them whether the score has."""
    ### BEGIN SOLUTION
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
    ### END SOLUTION


# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: what can be judged today
#
# Drift needs no outcomes, which is why everybody looks at it. Harm needs them. On the first of August nobody knows how
# July went: some airlines report within days, some after weeks, a cancelled flight never has an outcome, and now and then
# a report is **corrected** by a later one.
#
# Write `performance(flights, outcomes, today)`. It says how well `score` did, from what was **known on that day**:
#
# - A report counts if its `known_on` is `today` or earlier. If a flight has several of these, the **latest** of them
#   counts. (No two reports of one flight came on the same day.) Reports about flights that are not in `flights` are of no interest.
# - Reports that came after `today` change nothing, as if they were not there. They are in the table all the same: the
#   review will be replayed for days in the past, and must then see no more than one saw then.
#
# It returns a list with a dict for **each calendar month** from the first to the last one in `flights`, oldest first:
#
# | key | value |
# |---|---|
# | `"month"` | text such as `"2013-07"` |
# | `"flights"` | how many flights of that month are in `flights` |
# | `"known"` | of how many of these the outcome is known on that day |
# | `"judged"` | `True` if the outcomes of at least the share `ENOUGH` of the month's flights are known, and among these is at least one late and one on-time flight; else `False` |
# | `"auc"`, `"brier"` | of `score`, on the flights with a known outcome |
# | `"expected"` | mean `score` of these flights |
# | `"observed"` | share of late flights among them |
#
# The last four are `None` for a month that is not judged. **A gap is told and not left out**: a month without any flight
# between two others has its dict too, with `0` flights, `0` known and not judged.
#
# `known_outcomes` is a helper that task 4 can use as well. It is a suggestion, and not checked by itself.


# %% task="t2"
def known_outcomes(flights, outcomes, today):
    """The flights whose outcome is known on that day, with `late` as it was known then."""
    ### BEGIN SOLUTION
    until = outcomes[outcomes["known_on"] <= pd.Timestamp(today)]
    newest = until.sort_values("known_on").drop_duplicates("flight_id", keep="last")
    return flights.merge(newest[["flight_id", "late"]], on="flight_id")
    ### END SOLUTION


def performance(flights, outcomes, today):
    """Return a dict for each month: what is known of it on that day, and how well the score did."""
    ### BEGIN SOLUTION
    known = known_outcomes(flights, outcomes, today)
    month_of, month_of_known = flights["date"].dt.to_period("M"), known["date"].dt.to_period("M")
    told = []
    for month in pd.period_range(month_of.min(), month_of.max(), freq="M"):
        planned, rows = int((month_of == month).sum()), known[month_of_known == month]
        judged = planned > 0 and len(rows) >= ENOUGH * planned and rows["late"].nunique() == 2
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
    ### END SOLUTION


# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: replace, recalibrate, keep or wait
#
# Now the rule. It looks at one month's flights with known outcomes, on which the live model and a candidate have both
# spoken, and chooses one of four actions:
#
# | action | when |
# |---|---|
# | `"wait"` | the flights are on fewer than `MIN_DAYS` different days, or fewer than `MIN_FLIGHTS`, or all late, or all on time: too little to decide anything |
# | `"replace"` | the candidate is **surely better**: `low` is above zero, and `auc_gain` is `MIN_AUC_GAIN` or more |
# | `"recalibrate"` | the live model promises **surely too much or too little**: `gap` is `MAX_GAP` or more in either direction, and zero is not between `gap_low` and `gap_high` |
# | `"keep"` | in all other cases |
#
# The first row that applies counts. **Drift is not in the table**: it says that the world looks different, not that the model does
# worse in it, and it changes no action. It is passed on to people.
#
# Why both conditions in the second row? Because a candidate of last quarter may have a better Brier score just for
# expecting about as many late flights as there are now. For that, nobody needs a new model: a recalibration of the old one costs
# less and risks less.
#
# Write `decide(flights, summary)`. `flights` is a table with the columns `date`, `late` (`True` or `False`), `score` and
# `candidate`; `summary` is a dict as `drift_summary` returns it. It returns a dict:
#
# | key | value |
# |---|---|
# | `"action"` | one of the four words |
# | `"flights"`, `"days"` | number of flights, and of different days |
# | `"auc_gain"` | AUC of `candidate` minus AUC of `score` |
# | `"gain"` | mean over the flights of `(late - score) ** 2 - (late - candidate) ** 2`: above zero if the candidate is better |
# | `"low"`, `"high"` | its 95 % interval, by a bootstrap **over days** |
# | `"gap"` | mean over the flights of `late - score`: above zero if the live model promises too little |
# | `"gap_low"`, `"gap_high"` | its 95 % interval, by a bootstrap over days |
# | `"watch"` | the list of `summary["drifted"]`, and with them `"score"` if `summary["score_drifted"]`; in any order |
# | `"reason"` | one sentence, for a colleague who asks why |
#
# With `"wait"`, the seven numbers from `"auc_gain"` to `"gap_high"` are `None`: a number that must not be used is not given.
# `interval(values, days)` of `evidence.py` is the bootstrap over days that you know from the lab "An honest baseline";
# one of your own with 1000 draws or more is as good.


# %% task="t3"
def decide(flights, summary):
    """Choose an action from a month's outcomes; return it with the numbers it rests on."""
    ### BEGIN SOLUTION
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
    if told["low"] > 0 and told["auc_gain"] >= MIN_AUC_GAIN:
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
    ### END SOLUTION


# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: a review that can be read next year
#
# Write `review(reference, flights, outcomes, today, out)`, which puts everything together:
#
# - The month under review is the **last one that `performance` calls judged** on that day. (There is always one.)
# - Drift: `reference` against **all** flights of that month, since no outcome is needed for it.
# - Decision: `decide`, from the flights of that month whose outcome is known on that day, `late` as it was known then.
#
# It writes three files into the folder `out`, which exists. What it returns does not matter.
#
# - `drift.html` and `drift.json`, Evidently's report of `reference` against that month as `drift.save(report, out)` writes it: PSI for every column
#   of `FEATURES` that has values, and for `score`;
# - `decision.json`, the record: a dict with `"month"` (text such as `"2013-07"`) and `"today"`, as it was given; `"drift"`, the whole
#   dict that `drift_summary` returns for that month; and **every entry of the dict that `decide` returns**, next to these three.
#
# The three files tell the same story: whoever compares their numbers next year must find them equal. JSON knows neither numpy's
# numbers nor NaN; `json.dumps(record, default=float)` takes care of the first.


# %% task="t4"
def review(reference, flights, outcomes, today, out):
    """Review the last month that can be judged; write report and record into the folder `out`."""
    ### BEGIN SOLUTION
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
    decision = decide(known_outcomes(current, outcomes, today), summary)
    record = {"month": month, "today": today, "drift": summary, **decision}
    (Path(out) / "decision.json").write_text(json.dumps(record, default=float), encoding="utf-8")
    return record
    ### END SOLUTION


# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Let the summer pass in a cell of your own: make a folder, call `review` for the twentieth day of June to September, and
# read the four records beside each other. Which month has drifted most, and which decision did that explain? Open one of the
# `drift.html` and look for the column that should worry you.
#
# When a candidate replaces the live model, `score` has to become its score, and the reference its three training months.
# What would your rule have said in September then?
#
# When the checks above pass, run `lab.submit()`.
