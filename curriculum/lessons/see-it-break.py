# %% [markdown]
# ---
# title: See it break
# lab: see-it-break
# minutes: 30
# prerequisites:
#   - The lesson "A pipeline that resumes"
#   - What an HTTP request and its status are
# objectives:
#   - Say which numbers a model's service must show, and as which type
#   - Read a counter as a rate, across a restart
#   - Choose a threshold, a window and a duration from days that were
#   - Tell an alert from a message, and silence from good news
# ---
#
# # See it break
#
# Everything in this lesson runs on your machine, and nothing needs a network. Run the cells in order, and change them
# as you like.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from mlops_labs.flights import scheduled

# %% [markdown]
# ## Why: two days on which everything worked
#
# A service says which flights out of New York will be late. On two days in February it answers every request, quickly and
# with status 200. These are the shares of planned flights that never left:

# %%
planned = scheduled([1, 2, 3])
planned["date"] = pd.to_datetime(planned[["year", "month", "day"]])
planned["cancelled"] = planned["dep_time"].isna()
daily = planned.groupby(["date", "origin"])["cancelled"].mean().unstack()
print(daily.loc["2013-02-05":"2013-02-13"].map("{:.1%}".format).to_string())

# %%
figure, axes = plt.subplots(figsize=(7, 3.2))
for origin, style in zip(daily.columns, ("-", "--", ":"), strict=True):
    axes.plot(daily.index, 100 * daily[origin], style, label=origin)
axes.axhline(30, color="grey", linewidth=1)
axes.set(ylabel="cancelled flights, per cent", ylim=0)
axes.legend()
figure.autofmt_xdate()
plt.show()

# %% [markdown]
# *The picture: three lines, one for each airport, from January to March. They stay near zero on most days, rise to
# between 5 and 25 per cent on a few days of late January and early March, and on 8 and 9 February all three
# stand at about 50 to 65 per cent. A grey line at 30 per cent is crossed on these two days only. The numbers of the days around the blizzard stand in the table above.*
#
# Nothing in the service's own log tells of it. A model's service breaks in more ways than a web page does: it may be
# dead, slow or full of errors, and it may answer well about a world that has gone. For the last, it must be told **what
# became of** the flights, and show it.

# %% [markdown]
# ## The idea: four kinds of numbers
#
# | question | type | in our service |
# |---|---|---|
# | how much was done | counter: only grows | flights scored |
# | how much went wrong | counter | requests answered with an error |
# | how long did it take | histogram: counters of "at most so long" | seconds of a request |
# | what became of it | counter with a label from a short list | outcomes: flown, late, cancelled |
#
# A **scrape** reads them every few seconds. The service does not compute shares or averages: it counts, and whoever
# asks divides. Each combination of labels is a **series** that is kept and paid for: three airports and three results are
# nine. A label with the flight's number would be one for each flight:

# %%
print("by origin and result ", planned["origin"].nunique() * 3)
print("by tail number       ", planned["tailnum"].nunique())
print("by flight and day    ", len(planned.drop_duplicates(["date", "carrier", "flight", "origin"])))

# %% [markdown]
# ## The tool: what a scrape reads
#
# `prometheus_client` keeps the counters and writes them as text. Here are the outcomes of 8 February at one airport, and three
# requests of which one was slow:

# %%
registry = CollectorRegistry()
outcomes = Counter("outcomes_total", "What became of flights.", ["origin", "result"], registry=registry)
seconds = Histogram("predict_seconds", "Time of a request.", buckets=(0.1, 0.5, 1), registry=registry)
storm = planned[(planned["date"] == "2013-02-08") & (planned["origin"] == "JFK")]
for result in storm["cancelled"].map({True: "cancelled", False: "flown"}):
    outcomes.labels("JFK", result).inc()
for took in (0.03, 0.04, 0.7):
    seconds.observe(took)
lines = generate_latest(registry).decode().splitlines()
print("\n".join(line for line in lines if "_created" not in line))

# %% [markdown]
# A bucket counts everything **up to** its bound: two requests took at most 0.1 s, still two at most 0.5 s, all three at most
# 1 s. From such counters a quantile is estimated later, over as many instances as there are, after adding their buckets.
# A mean of the three would be 0.26 s, which none of them took.

# %% [markdown]
# ## A counter across a restart
#
# When the service is restarted its counters begin again at 0. The difference between the last value and the first is
# then wrong, even negative. Prometheus' `increase` and `rate` take a value that falls for a restart and go on adding:

# %%
seen = np.array([100, 130, 160, 12, 40, 70])


def increase(values):
    """What was counted, taking every fall for a start from 0."""
    steps = np.diff(values)
    return np.where(steps < 0, values[1:], steps).sum()


print("last minus first:", seen[-1] - seen[0])
print("increase:        ", increase(seen))

# %% [markdown]
# Two instances, one of which restarts, added up **before**: the sum falls from 1160 to 1022, which looks like a restart of
# everything, and all of the big one's past is counted anew. Hence the order: first `increase`, for each series, then `sum`.

# %%
big = np.array([1000, 1000, 1000, 1010, 1010, 1010])
print("sum of increases:", increase(seen) + increase(big))
print("increase of sums:", increase(seen + big))

# %% [markdown]
# ## A worked example: choosing a rule
#
# An alert has a **threshold**, a **window** that the share is taken over, and a **duration** for which it must hold
# (`for`). How would rules have done in three months? A line counts the days on which a rule speaks at some airport:

# %%
stormy = daily.index.isin(pd.to_datetime(["2013-02-08", "2013-02-09"]))
rows = []
for threshold in (0.02, 0.05, 0.10, 0.20, 0.30, 0.50, 0.70):
    fires = (daily > threshold).any(axis=1)
    rows.append((f"{threshold:.0%}", int((fires & stormy).sum()), int((fires & ~stormy).sum())))
print(pd.DataFrame(rows, columns=["above", "days of the blizzard", "other days"]).to_string(index=False))

# %% [markdown]
# A low threshold speaks every other day; after a fortnight nobody reads it. A very high one misses the storm. In between there is room,
# and the choice is written down with these days as its reason.
#
# A short window is quick and nervous. The same share, over hours in place of days:

# %%
hours = planned.assign(at=planned["date"] + pd.to_timedelta(planned["hour"], unit="h"))
counts = hours.groupby(["origin", "at"])["cancelled"].agg(["sum", "size"])
rows = []
for window in (1, 3, 6, 24):
    days = set()
    for origin in daily.columns:
        table = counts.loc[origin].resample("h").sum().rolling(f"{window}h").sum()
        share = (table["sum"] / table["size"]).where(table["size"] > 0)
        days |= set(share[share > 0.3].index.normalize())
    storm = {day for day in days if pd.Timestamp("2013-02-08") <= day <= pd.Timestamp("2013-02-10")}
    rows.append((f"{window} h", len(storm), len(days - storm)))
print(
    pd.DataFrame(rows, columns=["window", "days from 8 to 10 February", "other days"]).to_string(index=False)
)

# %% [markdown]
# In Prometheus the rule for an airport's day reads:
#
#     - alert: CancellationsHigh
#       expr: SHARE > 0.3
#       for: 30m
#       labels: {severity: ticket}
#
# with a SHARE that is the `increase` of the cancelled ones through that of all, each summed by airport. You write it in
# the lab, and try it with `promtool test rules` on days that you invent.
#
# **Silence is not good news.** A rule about a share says nothing when nothing is counted. So one more rule watches the
# watching: `up` is 0 when a scrape fails, and `absent(up{...})` is there when there is no target at all.
#
# **An alert is not a message.** Prometheus says what holds; Alertmanager decides who is told, groups what belongs together
# (three airports in one storm are one message), and says when it is over.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. A label
#
# Somebody wants to see which aircraft is late most often, and asks for a label with the tail number. What do you answer?
#
# <details><summary>A. Yes: labels are there to be grouped by.</summary>
# No. Each aircraft is a series for each result, kept in memory, and new ones never end.
# </details>
# <details><summary>B. That belongs in the table of outcomes, and not into metrics.</summary>
# Right. Metrics answer whether something is wrong now. Which aircraft it was is a question for stored rows.
# </details>
# <details><summary>C. Yes, if the tail number is hashed.</summary>
# No. It hides the number, and there are as many series as before.
# </details>
#
# ### 2. Two instances
#
# What is the share of errors over two instances?
#
# <details><summary>A. The mean of the two shares.</summary>
# No. An instance with three requests would count as much as one with three thousand.
# </details>
# <details><summary>B. The sum of the errors' rates through the sum of the requests' rates.</summary>
# Right. Rate of each series, then sum, then divide.
# </details>
# <details><summary>C. The rate of the summed errors through the rate of the summed requests.</summary>
# No. A restart of one instance then looks like a restart of all.
# </details>
#
# ### 3. Nothing on the screen
#
# No alert has fired since yesterday. What do you know?
#
# <details><summary>A. The service is well.</summary>
# No. It may also be gone, with everything that could have told of it.
# </details>
# <details><summary>B. Nothing, unless some rule would fire for missing data.</summary>
# Right. That is what absent and up are for.
# </details>
# <details><summary>C. The thresholds are too high.</summary>
# Perhaps. A silent day alone does not tell.
# </details>
#
# ### 4. Who is woken
#
# Half of the flights are cancelled at three airports. What should happen at three in the morning?
#
# <details><summary>A. Three pages, one for each airport.</summary>
# No. It is one storm, and the second and third page teach nothing but annoyance.
# </details>
# <details><summary>B. One page.</summary>
# No. Nobody can mend the weather in the night. What wakes somebody should need somebody.
# </details>
# <details><summary>C. One ticket, which is read in the morning.</summary>
# Right. The scores of these days need a look and perhaps a note to their users; a dead service needs a hand now.
# </details>
#
# ## What to read next
#
# - The lab **See it break**: a service, its rules and its messages, really broken.
# - Prometheus' documentation: *Metric types*, *Unit testing for rules*, *Alerting rules*.
# - Alertmanager's documentation: *Configuration*, the part on routes.
