# %% [markdown]
# ---
# title: Refuse bad data
# lab: refuse-bad-data
# minutes: 30
# prerequisites:
#   - Knowing what it means that a model is judged by its AUC on a later month (lab honest-baseline)
#   - pandas at the level of filtering rows and grouping
# objectives:
#   - Say what a silently bad file costs, in AUC and in the share of late flights
#   - Write a data contract with pandera and read all of its failures, not only the first
#   - Tell a fault of a cell from a fault of a row and from a fault of a whole file
#   - Avoid the contract that refuses good data
# ---
#
# # Refuse bad data
#
# Everything in this lesson runs on your machine, on the real flights out of New York in 2013. Run the cells
# in order, and change them as you like.

# %%
import matplotlib.pyplot as plt
import pandas as pd
import pandera.pandas as pa
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import roc_auc_score

from mlops_labs.flights import flights

# %% [markdown]
# ## Why: files that raised nothing
#
# A model is trained on January to March and used in April. First without any accident:

# %%
year = flights()
winter, april = year[year["month"] <= 3], year[year["month"] == 4]
NAMES = {name: sorted({*winter[name], *april[name]}) for name in ("carrier", "origin")}


def features(table):
    """What the model may look at, all of it known before departure."""
    chosen = table[["hour", "minute", "distance", "weekday"]].copy()
    for name, codes in NAMES.items():
        chosen[name] = pd.Categorical(table[name], categories=codes)
    return chosen


def fit(table):
    """The same untuned model each time."""
    model = HistGradientBoostingClassifier(random_state=0, categorical_features="from_dtype")
    return model.fit(features(table), table["late"])


def auc(model, table):
    """Area under the ROC curve on a table of flights."""
    return roc_auc_score(table["late"], model.predict_proba(features(table))[:, 1])


def to_utc(table):
    """Hours as a server in another time zone writes them."""
    return table.assign(hour=(table["hour"] + 4) % 24)


def to_kilometres(table):
    """Distances as a new supplier writes them."""
    return table.assign(distance=(table["distance"] * 1.609).round())


def long_delays_as_text(table):
    """Delays of an hour or more come as '1 h 5 min'; what is no number becomes missing, and so 'not late'."""
    return table.assign(late=table["late"] & (table["arr_delay"] < 60))


def with_march(change):
    """The training flights after something has happened to the file of March."""
    march = winter["month"] == 3
    return pd.concat([winter[~march], change(winter[march])])


usual = fit(winter)
april_auc = {
    "nothing": auc(usual, april),
    "April's hours in UTC": auc(usual, to_utc(april)),
    "April's distances in kilometres": auc(usual, to_kilometres(april)),
    "March's hours in UTC, when training": auc(fit(with_march(to_utc)), april),
    "March's long delays as text, when training": auc(fit(with_march(long_delays_as_text)), april),
}
cost = pd.DataFrame({"AUC on April": april_auc})
cost["lost"] = cost["AUC on April"] - april_auc["nothing"]
cost.index.name = "what happened"
print(cost.round(3).to_string())

# %% [markdown]
# Nothing raised in any of these. Four hours on the clock, in the month that is scored, take a third of what
# the model is better than guessing (0.5). And the score is not all that moves. What do accidents of this kind
# do to the plainest number of all, the share of late flights in March?

# %%
march = year[year["month"] == 3]
snow = march[march["date"] == "2013-03-08"]
share = pd.Series(
    {
        "as it was": march["late"].mean(),
        "long delays as text": long_delays_as_text(march)["late"].mean(),
        "8 March in the file twice": pd.concat([march, snow])["late"].mean(),
    }
)
print(share.map("{:.1%}".format).to_string())
print(f"On 8 March, {snow['late'].mean():.0%} of {len(snow)} flights were late.")

# %% [markdown]
# More than a third of the late flights of March are gone because somebody's export writes hours and minutes.
# A monthly report would call it the best March in years.
#
# Such accidents are found late because every step after them is polite: `read_csv` turns a column with one
# odd cell into text, `to_numeric(errors="coerce")` turns odd cells into missing ones, `dropna` removes those,
# and the model is trained on whatever is left.

# %% [markdown]
# ## The idea: a contract, and what happens when it is broken
#
# A **data contract** is what the sender and the receiver of data agree on, written so that a program can
# check it, and checked **where the data comes in**, before anything is computed from it. It has rules of three
# sizes:
#
# | size | for instance | when it is broken |
# |---|---|---|
# | a cell | the hour is a whole number from 0 to 23 | put the row aside |
# | cells together | nobody lands before having left; a flight is there once | put the row aside |
# | the file | all columns are there, enough rows, a plausible mean | stop the file |
#
# **Put aside, not dropped.** A dropped row is gone, and so is the question why it was wrong. In a
# **quarantine** the row is kept as it came, with its number and the reason, and good rows go on: good and
# quarantined rows together are the file, always.
#
# **Stopped, not sieved.** When half of the rows are bad, the other half is no sample of anything. And some
# faults have no bad row at all. Look at the hours of April, and at the same hours in UTC:

# %%
hours = pd.DataFrame(
    {
        "New York time": april["hour"].value_counts(normalize=True),
        "UTC": to_utc(april)["hour"].value_counts(normalize=True),
    },
    index=range(24),
).fillna(0)
figure, axes = plt.subplots(figsize=(7, 2.8), layout="constrained")
axes.step(hours.index, 100 * hours["New York time"], where="mid", color="black", label="New York time")
axes.step(hours.index, 100 * hours["UTC"], where="mid", color="tab:orange", linestyle="--", label="UTC")
axes.set(xlabel="hour of the planned departure", ylabel="% of April's flights", xticks=range(0, 24, 3))
axes.legend()
plt.show()

# %% [markdown]
# *The picture: two stepped curves of the share of April's flights over the 24 hours. In New York time it is zero
# from 0 to 4, jumps up at 6, stays between 4 and 8 % until 20 and then falls. In UTC it is the same curve moved
# four hours to the right, and what goes over midnight comes in again from 0 to 3.* The same as a table, in per cent:

# %%
blocks = hours.groupby(pd.cut(hours.index, [-1, 4, 9, 14, 19, 23])).sum()
blocks.index = pd.Index(["0-4", "5-9", "10-14", "15-19", "20-23"], name="hour")
print((100 * blocks).round(1).to_string())

# %% [markdown]
# Each hour from 0 to 23 is allowed, so every single row in UTC keeps its rules. Only the file as a whole gives
# itself away: hardly anything leaves New York before five. The same with distances. A flight of 2,475 is fine
# in miles and fine in kilometres, and the mean is not:

# %%
means = pd.DataFrame(
    {
        "miles": year.groupby("month")["distance"].mean(),
        "kilometres": to_kilometres(year).groupby("month")["distance"].mean(),
    }
)
print(means.round(0).astype(int).T.to_string())

# %% [markdown]
# ### The contract that refuses good data
#
# The other half of the skill is to leave good data alone. Every rule is a claim about months that nobody has
# seen yet, and real months are odd. What would have refused real flights of 2013:

# %%
january, later = year[year["month"] == 1], year[year["month"] > 1]
refused = {
    "dest is one of January's destinations": ~later["dest"].isin(january["dest"]),
    "arr_delay is above January's lowest": later["arr_delay"] < january["arr_delay"].min(),
    "arr_delay is under twelve hours": later["arr_delay"] >= 720,
    "a carrier's flight number is there once a day": later.duplicated(["date", "carrier", "flight"]),
    "tailnum starts with N": ~later["tailnum"].str.startswith("N"),
}
print(
    pd.Series({rule: int(rows.sum()) for rule, rows in refused.items()}, name="good rows refused").to_string()
)

# %% [markdown]
# `flights()` leaves out what was cancelled. In the monthly files of the lab those flights are there, with no
# delays and often no plane: 2,512 of them in the year have no tail number. A rule "tailnum is never empty" would
# refuse every one. So the question to ask of a rule is not "is it true of my file?" but "**would I stop a file for it?**"
#
# - Judge **codes by their form**, when the list of them may grow.
# - Take **limits from meaning** (an hour ends at 23), not from the extremes you happen to have seen.
# - Say which cells **may be empty**, and why.
# - Try a rule on months it was not made from, as you would a model.

# %% [markdown]
# ## The tool: pandera
#
# - A **schema** (`pa.DataFrameSchema`) has a `pa.Column` for each column: a type, checks, `nullable=True` where
#   cells may be empty. `schema.validate(table)` returns the table or raises.
# - Plain `validate` stops at the **first** broken rule. With `lazy=True` it collects **all** and raises
#   `SchemaErrors`, whose `failure_cases` is a frame with one line for each: column, rule, value and index.
# - A check gets a whole column and returns True or False for each cell. Ready ones: `Check.in_range`, `isin`,
#   `str_matches`, `ge`. Your own: `Check(function, error="what it asks")`. Checks never see empty cells: those
#   are the business of `nullable`.
# - A check given to the schema itself gets the whole frame. Its failures list every column of a bad row, so
#   give it a name by which you know it again.
# - `unique=[...]` on the schema forbids repeated rows. By default it reports **all** of them, the first one
#   too; `report_duplicates="exclude_first"` reports the later ones.
# - `strict=True` refuses further columns and `strict="filter"` drops them. The default leaves them alone.
# - `coerce=True` converts before it checks. That is handy, and it changes the data: what you validated is
#   not what came in.
#
# | you want | write |
# |---|---|
# | whole numbers in limits | `pa.Column(int, pa.Check.in_range(0, 23))` |
# | a code's form | `pa.Column(str, pa.Check.str_matches(r"^[A-Z]{3}$"))` |
# | a cell that may be empty | `pa.Column(float, nullable=True)` |
# | two columns at once | `pa.DataFrameSchema(..., checks=pa.Check(lambda table: table["a"] <= table["b"], error="a before b"))` |
# | everything that is wrong | `validate(table, lazy=True)`, then `error.failure_cases` |

# %% [markdown]
# ## A worked example: the table behind a report
#
# Each month a table goes to the people who write the report: one row for each day and airport, with the number
# of flights, how many were late, and the median delay. Its contract, for February:

# %%
february = year[year["month"] == 2]
report = (
    february.groupby(["date", "origin"])
    .agg(flights=("late", "size"), late=("late", "sum"), median_delay=("arr_delay", "median"))
    .reset_index()
)
schema = pa.DataFrameSchema(
    {
        "date": pa.Column(
            "datetime64[us]", pa.Check.in_range(pd.Timestamp("2013-02-01"), pd.Timestamp("2013-02-28"))
        ),
        "origin": pa.Column(str, pa.Check.isin(["EWR", "JFK", "LGA"])),
        "flights": pa.Column(int, pa.Check.ge(1)),
        "late": pa.Column(int, pa.Check.ge(0)),
        "median_delay": pa.Column(float, pa.Check.in_range(-120, 1500)),
    },
    checks=pa.Check(
        lambda table: table["late"] <= table["flights"], error="no more late flights than flights"
    ),
    unique=["date", "origin"],
    report_duplicates="exclude_first",
)
schema.validate(report)
print(f"{len(report)} rows keep the contract; the fewest flights in one of them: {report['flights'].min()}")

# %% [markdown]
# That minimum is the blizzard of 9 February. A rule "at least a hundred flights a day and airport", true of
# every other day, would have refused the one day that everybody will ask about.
#
# Now somebody edits the table by hand: a day is pasted twice, an airport is misspelt, a delay is removed, and
# a digit is typed that was not there.

# %%
edited = pd.concat([report, report.iloc[[30]]], ignore_index=True)
edited.loc[4, "origin"] = "Newark"
edited.loc[9, "median_delay"] = None
edited.loc[12, "late"] = 950  # meant was 95

try:
    schema.validate(edited)
except pa.errors.SchemaError as error:
    print("At once:", str(error).splitlines()[0])

try:
    schema.validate(edited, lazy=True)
except pa.errors.SchemaErrors as errors:
    failures = errors.failure_cases
print(failures[["schema_context", "column", "check", "index", "failure_case"]].to_string())

# %% [markdown]
# The first call knows of one fault, the second of all four. Note how the two rules of the whole frame report
# each column of the row: one fault, several lines. Turned into one line for a row, with the reasons beside it,
# this is a quarantine:

# %%
names = failures["column"].where(failures["schema_context"] == "Column", failures["check"])
reasons = names.groupby(failures["index"].astype(int)).agg(lambda found: "; ".join(sorted(set(found))))
aside = edited.loc[reasons.index].assign(reason=reasons)
kept = edited.drop(index=reasons.index)
print(aside.to_string())
print(f"{len(kept)} kept + {len(aside)} aside = {len(edited)}")
assert len(kept) + len(aside) == len(edited)

# %% [markdown]
# **A trap to know before the lab.** What does coercing do to a delay that says "1 h 5 min"?

# %%
delays = pd.Series(["12", "1 h 5 min", None, "-4"], name="arr_delay")
numbers = pd.to_numeric(delays, errors="coerce")
pa.SeriesSchema(float, pa.Check.in_range(-120, 1500), nullable=True).validate(numbers)
print(pd.DataFrame({"came in": delays, "validated": numbers}).to_string())
print("The contract is kept, and a delay is lost.")

# %% [markdown]
# The schema is right and sees nothing, because the conversion before it has turned a wrong cell into an
# empty one, and empty is allowed. Judge the text that came in; convert what has been judged.

# %% [markdown]
# ## Check yourself
#
# Choose an answer and open it to see why.
#
# ### 1. Sixty rows
#
# In a month of 28,000 rows, 60 have an hour of 25. What should happen?
#
# <details><summary>A. Set them to 1, since 25 is one o'clock on the next day.</summary>
# No. That is a guess, and nobody will ever know that it was one. Perhaps the hour is right and the day wrong.
# </details>
# <details><summary>B. Drop them: 0.2 % cannot matter.</summary>
# No. They may all be of one airline or one night. And when they are gone, so is the trace that leads to the
# cause.
# </details>
# <details><summary>C. Put them aside with the reason, and let the others in.</summary>
# Right. The others are fine, and somebody can look at the sixty, mend the source and bring them back.
# </details>
# <details><summary>D. Stop the file.</summary>
# Not for sixty rows. A gate that stops every month is soon switched off. Stop when too large a share is bad, or
# when the file as a whole is not what it claims to be.
# </details>
#
# ### 2. A new destination
#
# A schema has `dest` in a list of the airports seen in January. In July and August, 8 flights go to ANC. Who is
# wrong?
#
# <details><summary>A. The data: ANC is not in the contract.</summary>
# No. Anchorage has an airport, and flights went there. The contract claimed something that nobody had agreed
# on.
# </details>
# <details><summary>B. The contract: the list describes January and not what a destination is.</summary>
# Right. Three capital letters is what is known for certain. That a code is new may be worth a note to somebody;
# it is no reason to refuse the row.
# </details>
# <details><summary>C. Neither: 8 rows in quarantine do no harm.</summary>
# No. They are all of one kind, so the model will never learn about that destination; and next year it may be
# 800 rows.
# </details>
#
# ### 3. One error or all
#
# `schema.validate(table)` raised because of row 17. You mend row 17. What do you know about the other rows?
#
# <details><summary>A. They are fine, since the error named only row 17.</summary>
# No. Without `lazy=True` validation stops at the first broken rule, and the rules after it were never tried.
# </details>
# <details><summary>B. Nothing yet.</summary>
# Right. Validate with `lazy=True` and look at all of `failure_cases`; a report with everything in it also saves the
# sender from mending the file ten times.
# </details>
# <details><summary>C. The rows before 17 are fine, those after it are not known.</summary>
# No. pandera goes column by column, not row by row: a row before 17 may be broken in a later column.
# </details>
#
# ### 4. Kilometres
#
# All distances of a file are in kilometres. Which rule finds it?
#
# <details><summary>A. A tighter limit for a single distance.</summary>
# No. New York to Los Angeles in kilometres is less than New York to Honolulu in miles. A limit low enough would
# refuse Honolulu.
# </details>
# <details><summary>B. A whole-number type for the column.</summary>
# No. Kilometres can be whole numbers as well.
# </details>
# <details><summary>C. A range for the mean of the column.</summary>
# Right. From month to month the mean hardly moves, and kilometres move it by six tenths. It is a rule for the
# file, and when it is broken, no row is to blame.
# </details>
#
# ### 5. The polite conversion
#
# A pipeline begins with `pd.to_numeric(column, errors="coerce")` and then validates with `nullable=True`. What
# does the contract see of a cell "12 min"?
#
# <details><summary>A. An error: the cell is no number.</summary>
# No. When the contract looks, the cell is empty already, and empty is allowed.
# </details>
# <details><summary>B. An empty cell, which is allowed.</summary>
# Right. The cell has been lost before anybody judged it. Validate first, or compare what was empty before and
# after.
# </details>
# <details><summary>C. The number 12.</summary>
# No. `to_numeric` takes the whole text or nothing.
# </details>
#
# ## What to read next
#
# - The lab **Refuse bad data**: the contract, the quarantine and the gate for a month of flights, tried on
#   faults that you have not seen.
# - pandera's documentation: *DataFrame schemas*, *Checks* and *Lazy validation*.
# - After the lab, the lesson **Runs you can defend**: which data was it, once it has been let in?
