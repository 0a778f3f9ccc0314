# %% [markdown]
# ---
# title: Drift, then decide
# lab: drift-then-decide
# minutes: 30
# prerequisites:
#   - The lessons "An honest baseline" and "Promote with a reason"
# objectives:
#   - Tell drift of the features, drift of the score and harm apart, and say what each of them needs to be seen
#   - Read a drift report of Evidently's, and name what it cannot see
#   - Say on a given day which months can be judged at all
#   - Decide by a rule between a new model, a recalibration, and leaving things as they are
# ---
#
# # Drift, then decide
#
# Everything in this lesson runs on your machine. Run the cells in order, and change them as you like.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before the imports: models this small are quickest so
os.environ["DO_NOT_TRACK"] = "1"  # and Evidently sends nothing to anybody

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.metrics import ValueDrift
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from mlops_labs.flights import flights, weather

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
year = flights().merge(weather(), on=["origin", "date", "hour"], how="left")
MONTH = [f"{pd.Timestamp(2013, number, 1):%b}" for number in range(1, 13)]


def fitted(first, last):
    """A boosted model, untuned, of the flights of some months."""
    codes = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    columns = make_column_transformer((codes, NAMES), ("passthrough", NUMBERS))
    boosted = HistGradientBoostingClassifier(
        max_iter=60, max_leaf_nodes=15, min_samples_leaf=1000, random_state=0
    )
    model = make_pipeline(columns, boosted)
    learn = year[year["month"].between(first, last)]
    return model.fit(learn, learn["late"])


winter = fitted(1, 3)
year["live"] = winter.predict_proba(year)[:, 1]
print(
    f"{len(year):,} flights of 2013; the live model has learned from {(year['month'] <= 3).sum():,} of them"
)

# %% [markdown]
# ## Why: the alarm that rang all year
#
# A model of January to March went live on the first of April. Somebody sensible set up a drift alarm beside it: each month
# the columns that the model looks at are compared with those of the winter. The measure is the **population stability index**,
# PSI: cut both tables into the same bins, and add up `(p - q) * log(p / q)` over the bins, where p and q are the two shares. It
# is 0 for equal distributions, and a usual limit is 0.2. Evidently works it out:

# %%
KINDS = DataDefinition(numerical_columns=[*NUMBERS, "live"], categorical_columns=NAMES)
COLUMNS = [*NUMBERS, *NAMES, "live"]


def psi(then, now):
    """Evidently's PSI of each column between two tables."""
    report = Report([ValueDrift(column=column, method="psi") for column in COLUMNS])
    tables = [Dataset.from_pandas(table[COLUMNS], data_definition=KINDS) for table in (now, then)]
    return {one["config"]["column"]: one["value"] for one in report.run(*tables).dict()["metrics"]}


reference = year[year["month"] <= 3].sample(6000, random_state=0)
by_month = {}
for number in range(4, 13):
    by_month[MONTH[number - 1]] = psi(reference, year[year["month"] == number].sample(4000, random_state=0))
drifted = pd.DataFrame(by_month).T
print(drifted[["temp", "pressure", "humid", "wind_speed", "hour", "dest", "live"]].round(2).to_string())

# %% [markdown]
# The alarm rings every month, at seventy times its limit in summer: New York is warmer in July than in February. The last column is
# the **score**, what the model itself says. All summer long it has hardly moved: from May to August it stays below the limit, and only
# April and September pass it a little.
#
# "The data has drifted, so train again" is what most teams do then. Let us do it: each month a candidate is trained on the
# three months before. How do both do in that month?

# %%
rows = []
for number in range(5, 13):
    test = year[year["month"] == number]
    both = {"live": test["live"], "candidate": fitted(number - 3, number - 1).predict_proba(test)[:, 1]}
    year.loc[test.index, "candidate"] = both["candidate"]
    row = {
        "month": MONTH[number - 1],
        "late": test["late"].mean(),
        "PSI of temp": drifted.loc[MONTH[number - 1], "temp"],
    }
    for name, said in both.items():
        row |= {
            f"AUC {name}": roc_auc_score(test["late"], said),
            f"Brier {name}": brier_score_loss(test["late"], said),
        }
    rows.append(row)
told = pd.DataFrame(rows).set_index("month")
print(told.round(3).to_string())

# %% [markdown]
# In July training again is a blessing: a better order and a better Brier score. In December it makes **both worse**. And look at
# the drift of these two months: in July the temperature is off the scale, in December it is nearly back where it was in winter. Someone who
# trains when the alarm rings would have been right in July by accident; with a less nervous alarm he would have kept the old
# model in December, and been right again by accident.
#
# *The picture: eight points, one for each month from May to December. To the right is more drift of the temperature, on a
# logarithmic scale; upwards is a larger gain in Brier score from training again. There is no line through them: June and July, with much
# drift, are above zero; May, August and September, with as much, are a little below; December, with the least drift, is far the lowest. The
# numbers are in the table above.*

# %%
gain = told["Brier live"] - told["Brier candidate"]
figure, axes = plt.subplots(figsize=(7, 3.4))
axes.axhline(0, linestyle=":", color="black")
axes.plot(told["PSI of temp"], gain, "o", color="#33658a")
for month, x, y in zip(told.index, told["PSI of temp"], gain, strict=True):
    axes.annotate(month, (x, y), textcoords="offset points", xytext=(6, 4))
axes.set(
    xscale="log",
    xlabel="PSI of the temperature, against winter",
    ylabel="gain from training again",
    title="Drift is not harm",
)
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# ## The idea: four questions, and what each needs
#
# | question | needs | says |
# |---|---|---|
# | Has the world changed? | features | drift of the **features**. Often only the calendar |
# | Does the model notice? | its scores | drift of the **score**. A score that moves is worth a look: a broken column shows here |
# | Does it still rank well? | outcomes | AUC, compared with something |
# | Does it still promise right? | outcomes | the **gap**: share of late flights minus mean probability |
#
# The first two can be answered the same evening, which is why everybody looks at them. Harm is in the last two. A
# drift report says *where to look*; it cannot say *what to do*, since a feature can drift where the model does not care for it, and what a
# feature means can change while its distribution stays.
#
# ### Outcomes come late
#
# Say that an airline's report of an arrival comes some days after the flight, for a few flights weeks after. What is known on
# the first of August?

# %%
chance = np.random.default_rng(0)
days = chance.integers(2, 17, len(year)) + np.where(chance.random(len(year)) < 0.06, 25, 0)
known_on = year["date"] + pd.to_timedelta(days, unit="D")
for today in ("2013-08-01", "2013-08-08", "2013-08-20"):
    july = year[year["month"] == 7]
    known = july[known_on[july.index] <= today]
    print(
        f"on {today}: of July {len(known) / len(july):.0%} known, {known['late'].mean():.1%} of them late;"
        f" of its last ten days {(known['date'].dt.day > 21).sum() / (july['date'].dt.day > 21).sum():.0%}"
    )
print(f"in the end, {july['late'].mean():.1%} of July's flights were late")

# %% [markdown]
# What is known first is not a fair sample of the month: it is its beginning. So a month is judged when **enough** of it is known, and
# until then the honest number is none. The same care is needed when the past is replayed to try a rule: a report that came
# on 3 September must not be used for a decision of 20 August, and a report that was corrected later counts as it stood then.
#
# ### The doubt of a gain
#
# Days share their weather, as the lesson "An honest baseline" showed: a month is thirty witnesses. So each gain gets its interval
# from a bootstrap over days, and only a gain whose interval lies above zero is **sure**.


# %%
def interval(values, days, draws=2000):
    """The 95 % interval of a mean, by a bootstrap over days."""
    by_day = (
        pd.DataFrame({"value": values, "day": days}).groupby("day")["value"].agg(["sum", "count"]).to_numpy()
    )
    places = np.random.default_rng(0).integers(len(by_day), size=(draws, len(by_day)))
    sums, counts = by_day[places].sum(axis=1).T
    return np.percentile(sums / counts, [2.5, 97.5])


def review(number, live="live", candidate="candidate"):
    """Gain and gap of a month, each with its interval."""
    table = year[year["month"] == number]
    late = table["late"].astype(float)
    gains, gaps = (late - table[live]) ** 2 - (late - table[candidate]) ** 2, late - table[live]
    (low, high), (gap_low, gap_high) = interval(gains, table["date"]), interval(gaps, table["date"])
    rank = roc_auc_score(late, table[candidate]) - roc_auc_score(late, table[live])
    numbers = [rank, gains.mean(), low, high, gaps.mean(), gap_low, gap_high]
    return dict(zip(["auc_gain", "gain", "low", "high", "gap", "gap_low", "gap_high"], numbers, strict=True))


reviews = pd.DataFrame([review(number) for number in range(5, 13)], index=MONTH[4:])
print(reviews.round(3).to_string())

# %% [markdown]
# *The picture: eight upright bars with a point in each, from May to December: the gain in Brier score from training again, with
# its interval over days, and a dotted line at zero. Only June's and July's bars lie wholly above the line. December's lies wholly below. All others
# cross it. The numbers are in the columns gain, low and high of the table above.*

# %%
figure, axes = plt.subplots(figsize=(7, 3.2))
axes.axhline(0, linestyle=":", color="black")
doubt = [reviews["gain"] - reviews["low"], reviews["high"] - reviews["gain"]]
axes.errorbar(reviews.index, reviews["gain"], yerr=doubt, fmt="o", color="#33658a", capsize=4)
axes.set(ylabel="gain in Brier score", title="Training on the last three months: was it worth it?")
axes.spines[["top", "right"]].set_visible(False)
plt.show()

# %% [markdown]
# ## The rule
#
# | action | when |
# |---|---|
# | wait | too few days or flights with a known outcome |
# | replace | the candidate is surely better (the interval of the gain is above zero) **and** ranks better |
# | recalibrate | the live model's gap is large and surely not zero |
# | keep | otherwise |
#
# The second half of "replace" is there because the Brier score looks at two things at once: at the order of the flights and at how
# many are promised to be late. A candidate that only has the newer share of late flights gains in Brier score. But that is a
# matter of one number, and one number can be mended without a new model.
#
# ## A worked example: September
#
# By the rule, July's candidate went live; it has learned from April to June. Two months later:

# %%
year["summer"] = fitted(4, 6).predict_proba(year)[:, 1]
september = year[year["month"] == 9]
found = review(9, live="summer")
print(f"late in September: {september['late'].mean():.3f}, expected: {september['summer'].mean():.3f}")
print({key: round(float(value), 3) for key, value in found.items()})

# %% [markdown]
# The summer's model ranks about as well as the newest one. But it promises nine late flights in a hundred too many: September was
# calm. The candidate, which has learned from June to August, promises even more. So: recalibrate. The plainest way moves every
# probability by the same step on the scale of the logits, until the mean is right, and changes no order. It is found here on
# the first half of the month and tried on the second:


# %%
def moved(said, step):
    """Probabilities moved by a step on the scale of logits."""
    logits = np.log(said / (1 - said))
    return 1 / (1 + np.exp(-(logits + step)))


first, second = (september[september["date"].dt.day.le(15) == half] for half in (True, False))
steps = np.linspace(-2, 1, 301)
step = min(steps, key=lambda one: abs(moved(first["summer"], one).mean() - first["late"].mean()))
after = moved(second["summer"], step)
for name, said in (
    ("as it was", second["summer"]),
    ("recalibrated", after),
    ("the candidate", second["candidate"]),
):
    print(
        f"{name:<14} AUC {roc_auc_score(second['late'], said):.3f}  Brier {brier_score_loss(second['late'], said):.4f}"
        f"  expects {said.mean():.3f}, late were {second['late'].mean():.3f}"
    )

# %% [markdown]
# A step of one number does more than a new model. It is no cure for ever: the same step in December would promise far too few.
# What is learned from the last month, be it a model or a step, chases the last month; that is why the rule asks again every
# month, and why it is written down what was decided and from which numbers.
#
# ## The tool, and what it does not see
#
# Evidently's `Report` takes metrics, `run(current, reference)` works them out, `.dict()` gives numbers for programs, `save_html` a
# page for people. Three things to know:
#
# - Tell it what is a number and what a code (`DataDefinition`). Left alone it takes a number with few values for a code.
# - Its interface changed at version 0.7. Pin it, and wrap it in one module, so that the next change is one file's matter.
# - **Missing values are left out before anything is compared**:

# %%
calm = year[year["month"] <= 3].sample(6000, random_state=1)
broken = calm.copy()
broken.loc[broken.sample(frac=0.6, random_state=0).index, "visib"] = np.nan
for name, table in (("the same winter", calm), ("the same, six of ten values gone", broken)):
    print(
        f"{name:<34} PSI of visib {psi(reference, table)['visib']:.3f}, missing {table['visib'].isna().mean():.0%}"
    )

# %% [markdown]
# The sensor is dying, and its PSI is far below any limit. Count missing values yourself.
#
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. The alarm
#
# The PSI of the temperature is 15, that of the score 0.05. No outcome of the month is known yet. What do you do?
#
# <details><summary>A. Train again: 15 is seventy times the limit.</summary>
# No. It says that it is summer. Whether the model does worse in summer is not in that number.
# </details>
# <details><summary>B. Look whether something is broken, and wait for outcomes.</summary>
# Right. Drift says where to look. If the column is sound, the next thing to know is what became of the flights.
# </details>
# <details><summary>C. Take the temperature out of the model.</summary>
# No. It may be of use, and its drift does no harm by itself; the score has hardly moved.
# </details>
#
# ### 2. The first of August
#
# Somebody wants July's Brier score. Seven in ten of July's outcomes are known, hardly any of them from its last week. What do you report?
#
# <details><summary>A. The score of the known flights, as it is all there is.</summary>
# No. It is the score of July's first weeks, and will be read as July's.
# </details>
# <details><summary>B. None yet, and how much of the month is known.</summary>
# Right. A gap that is told misleads nobody. In two weeks there will be a number.
# </details>
# <details><summary>C. June's number, until July's is there.</summary>
# No. Then somebody sees an unchanged July, which nobody has measured.
# </details>
#
# ### 3. Better, but why?
#
# A candidate has a Brier score that is surely better and the same AUC as the live model. The live model's gap is -0.10. What now?
#
# <details><summary>A. Replace: a sure gain is a sure gain.</summary>
# No. All of it may come from expecting fewer late flights; the live model can have that for one number.
# </details>
# <details><summary>B. Recalibrate the live model.</summary>
# Right. It ranks as well as the candidate and promises too much. Mending that costs less than a new model and is easier to undo.
# </details>
# <details><summary>C. Keep: the AUC has not changed.</summary>
# No. Whoever reads "30 per cent" will be misled all month; the AUC cannot see that.
# </details>
#
# ### 4. Replaying the past
#
# You try a rule on last year. For the decision of 20 August you use the table of outcomes as it stands today. What is wrong?
#
# <details><summary>A. Nothing, July is long over.</summary>
# No. On 20 August some reports were not there, and some stood otherwise. The rule looks better than it could have been.
# </details>
# <details><summary>B. It knows corrections and late reports that nobody had on that day.</summary>
# Right. First drop what came later, then take the latest of each flight. In the other order, flights that were corrected later are lost.
# </details>
# <details><summary>C. It should use only flights before 20 August.</summary>
# Not enough. A flight of 30 July is before that day, and its outcome may have come in September.
# </details>
#
# ### 5. December
#
# Why did training on September to November make December worse?
#
# <details><summary>A. By bad luck: with another seed it would have been better.</summary>
# No. In the lab, other samples and seeds lose in December as well.
# </details>
# <details><summary>B. Autumn was calm, and taught neither how often nor which flights are late in a stormy month.</summary>
# Right. Newer data is not nearer data. January to March were nearer to December than October was.
# </details>
# <details><summary>C. Because of the drift of the temperature between winter and December.</summary>
# No. It was the smallest of the year.
# </details>
#
# ## What to read next
#
# - The lab **Drift, then decide**: the monthly review, tried on other months, models and years.
# - Evidently's documentation: *Data drift*, and the list of its methods.
# - The lesson **Promote with a reason** once more: the decision of this lesson is what that rule should be fed with.
