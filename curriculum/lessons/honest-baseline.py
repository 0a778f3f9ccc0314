# %% [markdown]
# ---
# title: An honest baseline
# lab: honest-baseline
# minutes: 25
# prerequisites:
#   - Python and pandas at the level of reading a table and fitting a scikit-learn model
# objectives:
#   - Ask of every column when it is filled in, and recognise one that knows the answer
#   - Say what a random split measures, and what a split forward in time measures
#   - Put a score beside the score of no model at all
#   - Give the doubt of a score from days, and not from rows
# ---
#
# # An honest baseline
#
# Everything in this lesson runs on your machine. Run the cells in order, and change them as you like.

# %%
import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before the imports: models this small are quickest so

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import brier_score_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from mlops_labs.flights import flights

year = flights().assign(day=lambda table: table["date"].dt.day)
winter, april = year[year["month"] <= 3], year[year["month"] == 4]
print(f"{len(winter):,} flights from January to March, {len(april):,} in April 2013")

# %% [markdown]
# ## Why: a number that everybody liked
#
# A flight out of New York counts as late if it lands more than 15 minutes late. On the last day of March
# somebody trains a model on the first three months and shows this table. Which row would you put on a
# slide?


# %%
def fitted(table, columns):
    """A boosted model, untuned, of some columns."""
    return HistGradientBoostingClassifier(random_state=0).fit(table[columns], table["late"])


def chances(model, table, columns):
    """Each flight's probability of being late."""
    return model.predict_proba(table[columns])[:, 1]


PLAN = ["month", "day", "hour", "distance"]
part, rest = train_test_split(winter, test_size=0.25, random_state=0)
trials = {
    "with the departure delay, random split": (part, rest, [*PLAN, "dep_delay"]),
    "with the departure delay, on April": (winter, april, [*PLAN, "dep_delay"]),
    "the plan only, random split": (part, rest, PLAN),
    "the plan only, on April": (winter, april, PLAN),
}
scores = {}
for name, (learn, test, columns) in trials.items():
    scores[name] = roc_auc_score(test["late"], chances(fitted(learn, columns), test, columns))
print(pd.Series(scores, name="auc").round(3).to_string())

# %% [markdown]
# All four numbers were measured correctly. One of them says what happens when the service goes live on the
# first of April: the last. The others are the answers to questions that nobody has:
#
# - How well can one guess a late arrival **once the flight has left late**? Very well, and by then the
#   passenger knows it too.
# - How well can one guess a flight **from its neighbours**, of the same day and the same snow? Tomorrow has
#   no neighbours in today's table.
#
# What does it cost to take the first row for the truth? The service is asked when the flight is planned.
# The column `dep_delay` is empty then, and somebody fills it with 0, so that it runs:

# %%
tempting = fitted(winter, [*PLAN, "dep_delay"])
honest = fitted(winter, PLAN)
plainer = fitted(winter, ["hour", "weekday", "distance"])
no_model = np.full(len(april), winter["late"].mean())
live = {
    "no model: the share of late flights so far": no_model,
    "the model of the slide, dep_delay filled with 0": chances(
        tempting, april.assign(dep_delay=0.0), [*PLAN, "dep_delay"]
    ),
    "the plan only, with month and day": chances(honest, april, PLAN),
    "the plan only, without the calendar": chances(plainer, april, ["hour", "weekday", "distance"]),
}
costs = pd.DataFrame(
    {
        "auc": {name: roc_auc_score(april["late"], given) for name, given in live.items()},
        "brier": {name: brier_score_loss(april["late"], given) for name, given in live.items()},
        "says late, on average": {name: given.mean() for name, given in live.items()},
    }
)
print(costs.round(3).to_string())
print(f"late in April: {april['late'].mean():.3f}")

# %% [markdown]
# The model of the slide is live **worse than no model**: it takes every flight for one that left on time,
# and promises far fewer late ones than there are. (The **Brier score** is the mean squared distance between
# the probability and what happened, 0 or 1. Lower is better, and unlike the AUC it notices when a
# probability is too high or too low.)
#
# The third row is a surprise. Nothing leaks there, and still it is no better than no model. Look at one
# day:

# %%
eighth = april["day"] == 8
print(f"late on 8 March:                      {winter.query('month == 3 and day == 8')['late'].mean():.0%}")
print(f"expected for 8 April, with the day:   {chances(honest, april, PLAN)[eighth].mean():.0%}")
print(f"late on 8 April:                      {april.loc[eighth, 'late'].mean():.0%}")

# %% [markdown]
# It snowed on 8 March, and the model has learned the calendar by heart. The random split praised it for just
# that, since every held-back flight of 8 March had hundreds of neighbours in the training part. Only the last
# row, the plainest of them, is worth having, and only the split forward in time could say so.

# %% [markdown]
# ## The idea, first part: when is this column filled in?
#
# A **leak** is a column that knows something of the answer and will not be there, or not with this value,
# at the moment of the question. It is seldom called `answer`. Ask of every column: **who fills it in, and
# when?** These are all in some table about flights:
#
# | column | filled in | may the evening before use it? |
# |---|---|---|
# | planned hour | with the plan | yes |
# | departure delay | when the plane has left | no |
# | mean delay of this airport **today** | tonight | no; yesterday's: yes |
# | status: "landed" or "diverted" | in the end | no, and a filter `status == "landed"` is a leak too |
# | tail number | with the plan, and again when planes are swapped | only as it stood then |
# | any column nobody can explain | ? | no |
#
# Two of these rows ask for more than dropping a column. A statistic over a **group** looks harmless and
# holds the answers of its members. And a column may be **overwritten**: then the table shows a value that
# was not there when you would have asked. So write down which columns are allowed rather than which are
# forbidden: the next table will bring a column that is on neither list.
#
# Here is the harmless-looking kind: each flight gets the mean departure delay of its airport on its day.

# %%
mean_of_day = year.groupby(["date", "origin"])["dep_delay"].transform("mean")
with_mean = year.assign(airport_today=mean_of_day)
grouped = [*PLAN, "airport_today"]
model = fitted(with_mean[with_mean["month"] <= 3], grouped)
test = with_mean[with_mean["month"] == 4]
print(f"the plan only:              AUC {scores['the plan only, on April']:.3f}")
with_leak = roc_auc_score(test["late"], chances(model, test, grouped))
print(f"with the mean of the day:   AUC {with_leak:.3f}, forward in time")

# %% [markdown]
# A split forward in time does not find a leak: the leak is there in April's table as well. Only the
# question "when is it filled in?" does. A jump like this one is the best occasion to ask it: **a score too
# good for a plain model is a finding about the data.**

# %% [markdown]
# ## The idea, second part: the past and the future
#
# A random split asks how the model does on days that it has half seen. The service will be asked about days
# that it has not seen at all, and months are not alike. Look at the share of late flights first.
#
# *The picture: twelve bars, one for each month of 2013. From January to May they are between 22 and 28 per
# cent high; June and July rise above 30, September falls to 13, the lowest, October and November stay under
# 18, and December rises to 33, the highest. The table below it has the numbers.*

# %%
by_month = year.groupby("month")["late"].mean()
names = [f"{pd.Timestamp(2013, month, 1):%b}" for month in by_month.index]
figure, axes = plt.subplots(figsize=(7, 3))
axes.bar(names, by_month * 100, color="#33658a")
axes.set(ylabel="late flights, per cent", title="Late flights out of New York, 2013")
axes.spines[["top", "right"]].set_visible(False)
plt.show()
print((by_month * 100).round(1).set_axis(names).to_frame("late, %").T.to_string())

# %% [markdown]
# A model of the summer that is asked about September promises more than twice as many late flights as come.
# So one number for "the" quality of a model does not exist; there is a number **for a month**, trained on
# the months before it. Walk through the year: train on three months, score on the next, go on by one.

# %%
walk = []
for month in range(4, 13):
    learn, test = year[year["month"].between(month - 3, month - 1)], year[year["month"] == month]
    given = chances(fitted(learn, ["hour", "weekday", "distance"]), test, ["hour", "weekday", "distance"])
    walk.append(
        {
            "scored on": names[month - 1],
            "auc": roc_auc_score(test["late"], given),
            "brier": brier_score_loss(test["late"], given),
            "base rate": learn["late"].mean(),
            "its brier": brier_score_loss(test["late"], np.full(len(test), learn["late"].mean())),
        }
    )
walk = pd.DataFrame(walk).set_index("scored on")
walk["gain"] = walk["its brier"] - walk["brier"]
print(walk.round(3).to_string())

# %% [markdown]
# ## The idea, third part: compared with what?
#
# Look at the column `brier`: September and October have the best values of the year. Is the model at its
# best there? Its neighbour `its brier` says no: in September **no model at all** does better, because so
# few flights are late that saying little about all of them is nearly right. A score means something beside
# the score of the simplest thing that could be done, the **baseline**. Here that is the **base rate**: the
# share of late flights in the training months, said for every flight.
#
# It must be the share of the *training* months. The scored month's own share makes the baseline stronger,
# and nobody can have it in time.
#
# *The picture: one point for each month from April to December, showing the gain over the base rate, with a
# dotted line at zero. The points rise from 0.011 in April to 0.020 in July, the highest; September's is the
# lowest and lies below zero; the others are at 0.002 to 0.006. The numbers are in the column "gain" of the
# table above.*

# %%
figure, axes = plt.subplots(figsize=(7, 3))
axes.plot(walk.index, walk["gain"], "o", color="#33658a")
axes.axhline(0, linestyle=":", color="black")
axes.set(ylabel="gain in Brier score", title="Better than the base rate? Trained on the three months before")
axes.spines[["top", "right"]].set_visible(False)
plt.show()
print(walk["gain"].round(4).to_frame().T.to_string())

# %% [markdown]
# ## A worked example: how sure is a share?
#
# In the lab you will give the doubt of a gain. Here is the same thought on something simpler: July's share
# of late flights. If July came again, with other weather, how far could the share be from this one?
#
# The **bootstrap** answers by drawing the month again from itself, with replacement, many times. What to
# draw is the question. First single flights, as if each decided by itself whether to be late:

# %%
july = year[year["month"] == 7]
chance = np.random.default_rng(0)
late = july["late"].to_numpy()
by_flight = [late[chance.integers(len(late), size=len(late))].mean() for _ in range(500)]
print(f"{late.mean():.3f}, drawn by flights: {np.percentile(by_flight, [5, 95]).round(3)} (90 of 100 draws)")

# %% [markdown]
# That is half a point of doubt on either side. Now look at the days.
#
# *The picture: thirty-one bars, one for each day of July 2013. They go up and down without order: the
# calmest day has 8 per cent late flights, the worst one 66. A line marks the month's mean at 31 per cent,
# and most days are far from it. The five calmest and five worst days are printed below.*

# %%
days = july.groupby("date")["late"].mean()
figure, axes = plt.subplots(figsize=(7, 3))
axes.bar(days.index.day, days * 100, color="#33658a")
axes.axhline(late.mean() * 100, color="black", linewidth=1)
axes.set(
    xlabel="day of July 2013", ylabel="late flights, per cent", title="A thunderstorm is shared by a day"
)
axes.spines[["top", "right"]].set_visible(False)
plt.show()
ordered = (days * 100).round(1).sort_values().rename(lambda day: f"{day:%d}")
print("calmest:", ordered.head(5).to_dict())
print("worst:  ", ordered.tail(5).to_dict())

# %% [markdown]
# A thunderstorm makes hundreds of flights late together. July has 31 independent stories at most, and not
# 28,000. So draw **days**, each with all of its flights:

# %%
groups = [group.to_numpy() for _, group in july.groupby("date")["late"]]
by_day = []
for _ in range(500):
    drawn = [groups[place] for place in chance.integers(len(groups), size=len(groups))]
    by_day.append(np.concatenate(drawn).mean())
print(f"{late.mean():.3f}, drawn by days:    {np.percentile(by_day, [5, 95]).round(3)} (90 of 100 draws)")
wider = np.ptp(np.percentile(by_day, [5, 95])) / np.ptp(np.percentile(by_flight, [5, 95]))
print(f"that is {wider:.0f} times as wide")

# %% [markdown]
# Same month, same share, and many times the doubt. (Days have neighbours too: look at 7 to 10 July. Drawing
# whole weeks would be more careful still, if there were more of them in a month.)
#
# Whoever draws flights will announce every month that something has changed, and be surprised every month.
#
# Five honest habits, then: only columns that are filled in before the question; forward in time; beside a
# baseline; with its doubt; and the same number again when asked again, which a **seed** sees to wherever
# something is drawn by chance.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. A jump
#
# A new column lifts the AUC from 0.65 to 0.89, forward in time, on three different months. What now?
#
# <details><summary>A. It held on three months that came later, so it is real. Ship it.</summary>
# No. A leak is in the later months' tables as well; the split cannot see it. When the service asks, the
# column will be empty.
# </details>
# <details><summary>B. Find out who fills the column in, and when.</summary>
# Right. If it is filled in before the question is asked, with the same value, be glad. Such a jump seldom
# survives the question.
# </details>
# <details><summary>C. Drop the column: nothing that good is honest.</summary>
# Not quite. Suspicion is a reason to ask and not yet an answer: a column may be that good and known in
# time.
# </details>
#
# ### 2. The random split
#
# The same model gets 0.76 on rows held back at random and 0.65 on the month that follows. Why?
#
# <details><summary>A. It is overfitted: a smaller model would get the same on both.</summary>
# No. A smaller model may narrow the gap, but held-back rows would still have neighbours of the same day in
# the training part.
# </details>
# <details><summary>B. Held-back rows share their days with training rows; the next month shares
# none.</summary> Right. On the same day, flights share weather and crowding, and a model that knows the day
# of the month can find it again.
# </details>
# <details><summary>C. The next month was harder by chance; average over several random splits.</summary>
# No. Months do differ, but every random split has the same neighbours: the mean of many is just as rosy.
# </details>
#
# ### 3. The best month
#
# A model's Brier score was 0.14 in September and 0.20 in July. When was it of more use?
#
# <details><summary>A. In September: lower is better.</summary>
# No. Lower is better on the same flights. In September few flights are late, and saying so for all of them
# gets you 0.14 as well.
# </details>
# <details><summary>B. In July: people fly more then.</summary>
# No. How many flights there are changes how sure the score is, and not what it is worth.
# </details>
# <details><summary>C. One cannot say before the base rate's score stands beside each.</summary>
# Right. If the base rate gets 0.14 in September and 0.22 in July, the model was of use in July only.
# </details>
#
# ### 4. Which base rate?
#
# You train on June to August (28 % late) and score on September (13 % late). What does the baseline say?
#
# <details><summary>A. 28 % for every flight.</summary>
# Right. It is what somebody without a model would have said on the last day of August.
# </details>
# <details><summary>B. 13 % for every flight: a baseline should be as strong as possible.</summary>
# No. It would have had to see September. A baseline that peeks makes an honest model look useless.
# </details>
# <details><summary>C. 50 % for every flight: nothing is known.</summary>
# No. A coin is no rival: anybody knows that most flights are on time, and beating 50 % says nothing.
# </details>
#
# ### 5. A gain with its doubt
#
# The gain over the base rate in August is 0.007. Drawing flights, 95 % of the draws are between 0.003 and
# 0.010; drawing days, between -0.001 and 0.015. What do you report?
#
# <details><summary>A. The first interval: it is narrower, so it is more exact.</summary>
# No. It is narrower because it takes the flights of one storm for so many witnesses of their own.
# </details>
# <details><summary>B. A gain of 0.007 that may be nothing: the interval over days reaches below
# zero.</summary> Right. Report it as it is and wait for more days. No shame: a plain model on a calm month
# often gains little.
# </details>
# <details><summary>C. That the model is no better than the base rate.</summary>
# No. Not being sure of a gain is not the same as being sure that there is none; 0.015 is possible too.
# </details>
#
# ## What to read next
#
# - The lab **An honest baseline**: split, model, score and report, tried on flights you have not seen.
# - scikit-learn's user guide: *Common pitfalls and recommended practices*, the part on data leakage, and
#   *Probability calibration* for the Brier score.
# - After the lab, the lesson **Runs you can defend**: how a score stays tied to the model that earned it.
