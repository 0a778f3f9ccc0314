# %% [markdown]
# # An honest baseline
#
# The task of the whole course: say, when a flight out of New York is planned, **how likely it is to land
# more than 15 minutes late**. A colleague has a notebook that does it with an AUC of 0.9. Live, it would be
# worth next to nothing: it looks at what nobody knows before departure, and it was scored on flights from
# the same days that it had learned from.
#
# You will build the plain, honest thing that every later model has to beat, in four small parts:
#
# 1. a **split** that goes forward in time;
# 2. a **model** that uses only what is known before departure;
# 3. a **score** that stands beside the score of no model at all;
# 4. a **report** that says how far chance could have moved it.
#
# After each task there is a cell with `lab.check(...)`: run it as often as you like. Those checks are few
# and quick; `lab.submit()` runs more of them, on flights you have not seen. Stuck? `lab.hint("t1")` gives a
# hint, and asking again gives a stronger one.
#
# ### Ground rules
#
# - Your functions will be called with **other tables** of flights: other months, other rows, other seeds.
#   Use the arguments, not `flights` or any other name of the notebook that holds data.
# - Tables come with their rows in any order and with any index, and may have **columns that are not in the
#   list below**. Nobody can say when those were filled in, so leave them alone.
# - Some tables are real flights **in disguise**: other codes for carriers and airports, dates moved by whole
#   weeks, the day turned round (the last hour becomes the first), all distances stretched alike. What was
#   neighbours stays neighbours. What counts is what the table in hand teaches, not what one knows about New York.
# - Leave the tables that you are given as they are: work on a copy if you want to add columns.

# %%
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

from mlops_labs import lab
from recipe import make_model, read_flights

# %% [markdown]
# ### The flights
#
# A sample of January to May 2013. Each row is one flight:
#
# | column | what it is | filled in |
# |---|---|---|
# | `flight_id` | a number for this row, drawn at random | with the plan |
# | `date`, `weekday` | day of the planned departure; 0 is Monday | with the plan, weeks before |
# | `hour`, `minute` | planned departure | with the plan |
# | `carrier`, `origin`, `dest` | codes of the airline and the two airports | with the plan |
# | `distance` | miles | with the plan |
# | `dep_delay` | minutes late at departure | when it has left |
# | `minutes_made_up` | `dep_delay - arr_delay` | when it has landed |
# | `arr_delay` | minutes late at arrival | when it has landed |
# | `airport_late_share` | share of the flights from `origin` on `date` that landed late | at the end of the day |
# | `late` | was `arr_delay` over 15? `True` or `False`. This is what we want to know | when it has landed |

# %%
flights = read_flights("data/flights.csv")
print(f"{len(flights):,} flights, {flights['late'].mean():.1%} of them late")
flights.head()

# %% [markdown]
# The colleague's number, made again in four lines. Two things are wrong with it; what does each of them add?

# %%
half = flights.sample(frac=0.5, random_state=1)
rest = flights.drop(half.index)
tempting = make_model(["carrier", "origin", "dest"], ["hour", "dep_delay"]).fit(half, half["late"])
print(f"AUC {roc_auc_score(rest['late'], tempting.predict_proba(rest)[:, 1]):.3f}, and not to be believed")

# %% [markdown]
# ## Task 1: split forward in time
#
# Write `split(flights)`. It returns two tables, `(train, valid)`:
#
# - `valid` has all flights of the **last calendar month** in the table: the month of the latest date. Also
#   when only a few flights of that month are there.
# - `train` has all flights of all **earlier** months.
# - Both have all columns of the table, with their values as they were. The order of rows is up to you.
#
# A table may reach over New Year (January 2014 is later than December 2013) and over more than a year. It
# has at least two months.


# %% task="t1"
def split(flights):
    """Return (train, valid): all earlier months, and the last calendar month."""
    ### BEGIN SOLUTION
    month = flights["date"].dt.to_period("M")
    last = month == month.max()
    return flights[~last], flights[last]
    ### END SOLUTION


# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: a model of what is known before departure
#
# Write two functions:
#
# - `train(flights, seed)` learns from a table like `flights` and returns a model: any object that your
#   `predict` understands.
# - `predict(model, flights)` returns the **probability of being late** of each flight: a list or
#   one-dimensional array of numbers from 0 to 1, in the order of the table's rows.
#
# `make_model` of `recipe.py` makes a plain model of the columns you name. Use it, or anything else that
# scikit-learn has. `seed` may go unused where nothing is drawn by chance, as in that model. What is asked:
#
# - **Only the plan counts.** The predictions depend on nothing that is filled in after the plan, neither
#   when training (`late` apart: it is what the model learns) nor when predicting. `predict` is also called
#   with tables that have only the columns of the plan, from `flight_id` to `distance`. Other values in the
#   later columns, or further columns, change no prediction.
# - **The same seed, the same scores.** The same table and the same seed give the same predictions. Anything
#   drawn by chance is drawn from `seed`.
# - **The order of rows does not matter.** Trained on the same flights in another order, with the same seed,
#   the model predicts the same, to 0.001 on average. Models that draw rows by chance do not do that by
#   themselves, nor do some solvers that stop before they are done. The way that always works: sort the
#   training rows by `flight_id` (no two flights share one) before anything else.
# - **A flight stands alone.** What is predicted for a flight does not depend on which other flights are in
#   the table that `predict` was given. And a table may have a carrier or an airport that training never saw.
# - **It is worth something.** Trained on two months of early summer, it is scored on July, which you do not
#   have; and once more with both in disguise. Each time its **Brier score** (the mean of `(late - probability) ** 2`; lower is better) must be
#   at least **3 % lower** than that of saying the training flights' share of late flights for every flight,
#   and its **AUC at least 0.60**. A plain model of a few columns of the plan gets 10 % and 0.70 on July (on
#   other months less: how much the plan says changes with the season); a large forest with default settings
#   is worse than saying the share.
#
# Training on 10,000 flights should take less than ten seconds.


# %% task="t2"
def train(flights, seed):
    """Return a model of the columns that are known before departure."""
    ### BEGIN SOLUTION
    model = make_model(names=["carrier", "origin", "dest"], numbers=["hour", "distance"])
    model.set_params(model__random_state=seed)  # makes no difference here; it would with other models
    return model.fit(flights, flights["late"])
    ### END SOLUTION


def predict(model, flights):
    """Return each flight's probability of being late, in the order of the rows."""
    ### BEGIN SOLUTION
    return model.predict_proba(flights)[:, 1]
    ### END SOLUTION


# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: a score beside its baseline
#
# "A Brier score of 0.16" says nothing until you know what no model at all would get. The **baseline** here
# says the same for every flight: the share of late flights **in the training table**. It knows nothing of
# the month it is scored on, just like the model.
#
# Write `score(train, valid, probabilities)`. The first two are tables as `split` returns them;
# `probabilities` is a numpy array with some model's probability of being late for each row of `valid`, in
# that order. (`valid` may have any index.) It returns a dict of four numbers:
#
# | key | value |
# |---|---|
# | `"brier"` | Brier score of `probabilities` on `valid` |
# | `"base_rate"` | share of late flights in `train` |
# | `"baseline_brier"` | Brier score, on `valid`, of saying `base_rate` for every flight |
# | `"gain"` | `baseline_brier - brier`: above zero if the model is better than the baseline |
#
# Keep at least four decimals. Bad news is news: a model that is worse than the baseline has a gain below
# zero.


# %% task="t3"
def score(train, valid, probabilities):
    """Return the Brier score of some probabilities beside that of the base rate."""
    ### BEGIN SOLUTION
    late = valid["late"].to_numpy(float)
    base_rate = train["late"].mean()
    brier = np.mean((late - probabilities) ** 2)
    baseline_brier = np.mean((late - base_rate) ** 2)
    return {
        "brier": brier,
        "base_rate": base_rate,
        "baseline_brier": baseline_brier,
        "gain": baseline_brier - brier,
    }
    ### END SOLUTION


# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: a report with its doubt
#
# Would the gain be there in another June? Flights of one day share their weather, so a month is not four
# thousand separate witnesses: it is thirty days. The **bootstrap over days** plays the month again and
# again, each time with thirty days drawn from its own, and looks how far the gain moves.
#
# Write `gain_interval(valid, probabilities, base_rate, seed)`. The first three are as in task 3: a table, a
# numpy array with a probability for each of its rows, a number. It returns two numbers, `(low, high)`:
#
# - Each flight's gain is `(late - base_rate) ** 2 - (late - probability) ** 2`.
# - In one draw, take as many days (values of `date`) as `valid` has, **with replacement**, and all flights of
#   these days; a day drawn twice counts twice. The draw's gain is the mean over **all these flights**.
# - Make at least 1000 draws. `low` and `high` are the 2.5 % and the 97.5 % percentile of the draws' gains.
# - The same seed gives the same two numbers.
#
# It should take less than twenty seconds on 5,000 flights. Adding up each day's gains and flights once,
# before drawing, makes it a matter of milliseconds.
#
# Then put everything together. `report(flights, seed)` splits the table, trains a model on the earlier
# months alone and scores it on the last one, all with your functions and this `seed`. It returns the four
# entries of `score`, and also
#
# | key | value |
# |---|---|
# | `"month"` | the month it was scored on, as text: `"2013-05"` |
# | `"low"`, `"high"` | from `gain_interval`, with the same seed |
# | `"beats_baseline"` | `True` if `low` is above zero, else `False` |


# %% task="t4"
def gain_interval(valid, probabilities, base_rate, seed):
    """Return the 95 % interval of the gain, by a bootstrap over days."""
    ### BEGIN SOLUTION
    late = valid["late"].to_numpy(float)
    gains = pd.Series((late - base_rate) ** 2 - (late - probabilities) ** 2)
    by_day = gains.groupby(valid["date"].to_numpy()).agg(["sum", "count"])
    chance = np.random.default_rng(seed)
    days = chance.integers(len(by_day), size=(2000, len(by_day)))
    draws = by_day["sum"].to_numpy()[days].sum(axis=1) / by_day["count"].to_numpy()[days].sum(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5])
    return low, high
    ### END SOLUTION


def report(flights, seed):
    """Split, train, predict and score; return everything that an honest report holds."""
    ### BEGIN SOLUTION
    earlier, valid = split(flights)
    probabilities = np.asarray(predict(train(earlier, seed), valid))
    told = score(earlier, valid, probabilities)
    low, high = gain_interval(valid, probabilities, told["base_rate"], seed)
    month = valid["date"].max().strftime("%Y-%m")
    return {**told, "month": month, "low": low, "high": high, "beats_baseline": low > 0}
    ### END SOLUTION


# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Run `report(flights, seed=0)` in a cell of your own, and say the result in one sentence, as you would to
# the person who decides whether the service goes live. Then take May away
# (`flights[flights["date"] < "2013-05-01"]`) and report again, and then April: is the gain the same each
# month? Would you have promised the first number for the next month?
#
# When the checks above pass, run `lab.submit()`.
