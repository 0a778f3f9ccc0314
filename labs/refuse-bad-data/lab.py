# %% [markdown]
# # Refuse bad data
#
# At the end of each month somebody sends you a file with all flights that were planned out of New York.
# The model is trained on it and judged by it. Most months the file is fine. Then one month an hour says 25,
# a delay says "12 min", a day is in it twice, or the distances are suddenly in kilometres; nothing raises,
# and the model is quietly worse.
#
# A **data contract** says what a month must keep, in a form that a program can check. You will build it and
# the small gate that applies it:
#
# 1. rules for **single cells**, as a pandera schema;
# 2. rules for cells **together**: in one row, in the whole month;
# 3. a **quarantine**: rows that break a rule are put aside with the reason, and not one is lost;
# 4. a **stop**: some files are so wrong that no row of them should be used.
#
# After each task there is a cell with `lab.check(...)`: run it as often as you like. Those checks are few
# and quick; `lab.submit()` runs more of them, with other faults and with months that you have not seen.
# Stuck? `lab.hint("t1")`.
#
# ### Ground rules
#
# - Real months are odd. Flights are cancelled, a carrier comes, a destination goes. **A contract that refuses
#   good data is as wrong as one that lets bad data in**, so check what the rules below say and nothing more.
# - Your functions get the **path** of a CSV file. Its first line is the header; **row 0 is the line after
#   the header**, in every task. In tasks 1 and 2 a file has the eleven columns of `COLUMNS`, in that order;
#   in tasks 3 and 4 their order may be another, and there may be further ones.
# - The lab is written with pandera in mind. Plain pandas or plain Python that does the same is right too.
# - A month is passed as text, year and month, such as `"2013-05"`. It may be any month of any year.
# - A row is one line: no cell holds a line break, and no line is empty or has more cells than the header. Names of
#   columns differ, and none is called `row` or `reason`. Digits are 0 to 9. How `-0` and blanks around a number are
#   judged is up to you: no file has them.
# - Numbers you return may be Python's or numpy's.

# %%
import pandas as pd
import pandera.pandas as pa

from mlops_labs import lab
from months import COLUMNS, read_month

# %% [markdown]
# `months.py`, in this folder, is short; open it. `read_month(path)` returns a file with **every cell as the
# text that stands in it**, and an empty cell as missing. Read as text, a month shows what it really holds:
# pandas' own guessing would turn a whole column into text because of one bad cell, or a bad cell into
# nothing. Two clean months are here, January and February:

# %%
january = read_month("data/2013-01.csv")
february = read_month("data/2013-02.csv")
print(f"January has {len(january):,} rows, February {len(february):,}")
print(pd.DataFrame({"missing in February": february.isna().sum()}).T.to_string())
january.head()

# %% [markdown]
# ## Task 1: what a cell may hold
#
# | column | what it is | rule for each cell |
# |---|---|---|
# | `date` | day of the planned departure | a day that exists, written `YYYY-MM-DD` |
# | `hour` | hour of the planned departure | whole number, 0 to 23 |
# | `minute` | its minute | whole number, 0 to 59 |
# | `carrier` | the airline's code | two characters, each a capital letter A-Z or a digit |
# | `flight` | flight number | whole number, 1 to 9999 |
# | `tailnum` | the plane | five or six characters, each a capital letter A-Z or a digit; **may be empty** |
# | `origin` | airport it leaves from | `EWR`, `JFK` or `LGA` |
# | `dest` | airport it goes to | three capital letters A-Z |
# | `distance` | miles | whole number, 1 to 5000 |
# | `dep_delay` | minutes late at departure | whole number, -120 to 1500; **may be empty** |
# | `arr_delay` | minutes late at arrival | whole number, -120 to 1500; **may be empty** |
#
# Limits are allowed values themselves. A whole number is written with digits alone, after a minus sign if it
# is below zero: `17` and `-4` are whole numbers, `17.5`, `1,389` and `12 min` are not. In all other columns an
# empty cell breaks the rule. Codes are judged by their form only: carriers and destinations come and go.
#
# Write `broken_cells(path)`. It returns a list with a dict for **each** cell that breaks its rule, all of
# them and not only the first: `{"row": 7, "column": "hour"}`. The order does not matter, further keys in a
# dict do no harm, and a cell that is listed twice counts once. A month without a broken cell gives `[]`.


# %% task="t1"
### BEGIN SOLUTION
def whole(low, high):
    """A check for a column of text: whole numbers between two limits."""

    def holds(cells):
        numbers = pd.to_numeric(cells.where(cells.str.fullmatch(r"-?[0-9]+")), errors="coerce")
        return numbers.between(low, high)

    return pa.Check(holds, error=f"a whole number from {low} to {high}")


def real_day(cells):
    """Which cells are days that exist, written YYYY-MM-DD."""
    days = pd.to_datetime(cells, format="%Y-%m-%d", errors="coerce")
    return cells.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}") & days.notna()


SCHEMA = pa.DataFrameSchema(
    {
        "date": pa.Column(str, pa.Check(real_day, error="a day, YYYY-MM-DD")),
        "hour": pa.Column(str, whole(0, 23)),
        "minute": pa.Column(str, whole(0, 59)),
        "carrier": pa.Column(str, pa.Check.str_matches(r"^[A-Z0-9]{2}$")),
        "flight": pa.Column(str, whole(1, 9999)),
        "tailnum": pa.Column(str, pa.Check.str_matches(r"^[A-Z0-9]{5,6}$"), nullable=True),
        "origin": pa.Column(str, pa.Check.isin(["EWR", "JFK", "LGA"])),
        "dest": pa.Column(str, pa.Check.str_matches(r"^[A-Z]{3}$")),
        "distance": pa.Column(str, whole(1, 5000)),
        "dep_delay": pa.Column(str, whole(-120, 1500), nullable=True),
        "arr_delay": pa.Column(str, whole(-120, 1500), nullable=True),
    }
)
### END SOLUTION


def broken_cells(path):
    """Return [{"row": ..., "column": ...}, ...] for every cell that breaks its rule."""
    ### BEGIN SOLUTION
    try:
        SCHEMA.validate(read_month(path), lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return [
            {"row": int(row), "column": column, "rule": str(rule)}
            for row, column, rule in zip(cases["index"], cases["column"], cases["check"], strict=True)
        ]
    return []
    ### END SOLUTION


# %% check="t1"
lab.check("t1")

# %% [markdown]
# ## Task 2: what the cells of a month must keep together
#
# Each cell can be fine and the row still impossible. The rules that need more than one cell, and the column
# that each one blames:
#
# | rule | column blamed |
# |---|---|
# | The date is in the month that was asked for. | `date` |
# | A flight does not go to the airport that it leaves from. | `dest` |
# | A flight that has left (its `dep_delay` is there) has a `tailnum`. | `tailnum` |
# | A flight that has arrived (its `arr_delay` is there) has left: its `dep_delay` is there. | `dep_delay` |
# | A flight is in the file once. Rows with the same `date`, `carrier`, `flight` and `origin` are the same flight, whatever else they say: the first of them keeps the rule, each later one breaks it. The cells are compared as texts. | `flight` |
#
# Write `broken_rows(path, month)`. It returns a list in the same form as in task 1, for these five rules
# only. A row may break several. Files for this task have no cell that breaks a rule of task 1.


# %% task="t2"
def broken_rows(path, month):
    """Return [{"row": ..., "column": ...}, ...] for every row that breaks a rule of its cells together."""
    ### BEGIN SOLUTION
    table = read_month(path)
    broken = {
        "date": ~table["date"].str.startswith(f"{month}-", na=False),
        "dest": table["dest"].notna() & (table["dest"] == table["origin"]),
        "tailnum": table["dep_delay"].notna() & table["tailnum"].isna(),
        "dep_delay": table["arr_delay"].notna() & table["dep_delay"].isna(),
        "flight": table.duplicated(["date", "carrier", "flight", "origin"]),
    }
    return [
        {"row": int(row), "column": column} for column, rows in broken.items() for row in table.index[rows]
    ]
    ### END SOLUTION


# %% check="t2"
lab.check("t2")

# %% [markdown]
# ## Task 3: put aside, not thrown away
#
# A row that breaks a rule is evidence: somebody has to look at it, mend the source, and perhaps bring the row
# back. So nothing is dropped and nothing is repaired on the way.
#
# Write `split(path, month, out)`. It writes two CSV files into the folder `out`, which exists:
#
# - `good.csv`: the rows that break no rule of tasks 1 and 2, with exactly the columns of the file;
# - `quarantine.csv`: all other rows, with the columns of the file and two more:
#   - `row`: the number of the row in the file, counted from 0;
#   - `reason`: the columns that this row's broken rules blame, separated by commas, each once, and nothing
#     else, such as `hour` or `dest,tailnum`. Their order does not matter.
#
# Both keep the order of the file and every value as it was: a cell that said `12 min` still says so, an empty
# one is still empty. (`17` written as `17.0` is the same value.) A file may have **further columns**, which no
# rule is about: they are kept as well, and so is whatever their cells say. The order of columns does not matter. Both files are
# always written: without a broken row, `quarantine.csv` has its header and no rows, and if every row is broken
# the same holds for `good.csv`. What `split` returns does not matter.
#
# In these files a row may break rules of task 1, of task 2, or of both. The rules of task 2 look at all rows of
# the file: a flight that is there twice is there twice also when its first row is broken in another way. A
# file may be bad from end to end; `split` does not mind.


# %% task="t3"
def split(path, month, out):
    """Write good.csv and quarantine.csv into the folder `out`."""
    ### BEGIN SOLUTION
    table = read_month(path)
    blamed = {}
    for fault in broken_cells(path) + broken_rows(path, month):
        blamed.setdefault(fault["row"], set()).add(fault["column"])
    bad = table.index.isin(list(blamed))
    aside = table[bad].assign(row=table.index[bad])
    aside["reason"] = [",".join(sorted(blamed[row])) for row in aside["row"]]
    table[~bad].to_csv(f"{out}/good.csv", index=False)
    aside.to_csv(f"{out}/quarantine.csv", index=False)
    ### END SOLUTION


# %% check="t3"
lab.check("t3")

# %% [markdown]
# ## Task 4: stop the whole file
#
# Some faults are not the fault of rows. If a column is gone, if half of the month is missing, if every
# distance is in kilometres, then putting rows aside hides the matter: the rows that are left would look fine
# and be wrong. Such a file is stopped, and a person is told why.
#
# Write `receive(path, month, out)`, the gate. It returns the list of reasons to stop the file, in any order,
# each once and in exactly these words, **all that apply**; `[]` lets the file in.
#
# | word | when |
# |---|---|
# | `"missing column"` | one of the eleven columns of task 1 is not in the file; then this is the only word, since nothing else can be judged |
# | `"too few rows"` | the file has fewer than `MIN_ROWS` rows |
# | `"wrong month"` | more than half of its rows break the rule of task 2 about the month asked for |
# | `"too many bad rows"` | more than the share `MAX_BAD` of its rows break at least one rule of tasks 1 and 2 |
# | `"implausible distance"` | the mean `distance` of the good rows is below 900 or above 1200 miles |
# | `"implausible hours"` | more than 1 % of the good rows have an `hour` from 0 to 4: so early, hardly anything leaves New York |
#
# - The good rows are those that break no rule of tasks 1 and 2. Where there are none, the last two rules have
#   nothing to judge and give no word. A file with a header and no rows at all is `"too few rows"`, and that is
#   all.
# - Words do not exclude each other, except for the first: the file of another month is both `"wrong month"` and
#   `"too many bad rows"`.
# - If the file is let in, its rows are in `out` afterwards as `split` writes them. If it is stopped, there is
#   neither `good.csv` nor `quarantine.csv` in `out`, also where an earlier file of that name was there.

# %%
MIN_ROWS = 20_000  # the shortest month so far has 24,951
MAX_BAD = 0.05  # of the rows, as a share


# %% task="t4"
def receive(path, month, out):
    """Split the file into `out`, or stop it; return the reasons to stop, [] for none."""
    ### BEGIN SOLUTION
    table = read_month(path)
    if not set(COLUMNS) <= set(table.columns):
        return ["missing column"]
    if table.empty:
        return ["too few rows"]
    in_rows = broken_rows(path, month)
    bad = {fault["row"] for fault in broken_cells(path) + in_rows}
    elsewhere = {fault["row"] for fault in in_rows if fault["column"] == "date"}
    good = table[~table.index.isin(list(bad))]
    mean = pd.to_numeric(good["distance"]).mean()
    early = pd.to_numeric(good["hour"]).lt(5).mean()
    stops = {
        "too few rows": len(table) < MIN_ROWS,
        "wrong month": len(elsewhere) > len(table) / 2,
        "too many bad rows": len(bad) > MAX_BAD * len(table),
        "implausible distance": mean < 900 or mean > 1200,
        "implausible hours": early > 0.01,
    }
    reasons = [word for word, applies in stops.items() if applies]
    if not reasons:
        split(path, month, out)
    return reasons
    ### END SOLUTION


# %% check="t4"
lab.check("t4")

# %% [markdown]
# ## Look back
#
# Make January worse in a cell of your own: write a copy in which one day is there twice, or all hours are
# four later, and call `receive` on it. Which faults would still get through your gate? (Swap `dep_delay` and
# `arr_delay`, for instance.) A contract is finished when the next fault of that kind has a rule.
#
# When the checks above pass, run `lab.submit()`.
