# %%
import numpy as np
from pandera.typing import Series

WHOLE = {"hour": (0, 23), "minute": (0, 59), "flight": (1, 9999), "distance": (1, 5000)}
DELAY = (-120, 1500)

# %% task="t1"


class Month(pa.DataFrameModel):
    hour: Series[float] = pa.Field(ge=0, le=23)
    minute: Series[float] = pa.Field(ge=0, le=59)
    flight: Series[float] = pa.Field(ge=1, le=9999)
    distance: Series[float] = pa.Field(ge=1, le=5000)
    dep_delay: Series[float] = pa.Field(ge=-120, le=1500, nullable=True)
    arr_delay: Series[float] = pa.Field(ge=-120, le=1500, nullable=True)
    carrier: Series[str] = pa.Field(str_matches=r"^[A-Z\d]{2}$")
    tailnum: Series[str] = pa.Field(str_matches=r"^[A-Z\d]{5,6}$", nullable=True)
    origin: Series[str] = pa.Field(isin=["LGA", "EWR", "JFK"])
    dest: Series[str] = pa.Field(str_matches=r"^[A-Z]{3}$")
    date: Series[pd.Timestamp] = pa.Field()


def typed(table):
    """Numbers and days; what cannot be one becomes a value that no rule allows."""
    copy = table[COLUMNS].copy()
    for column in [*WHOLE, "dep_delay", "arr_delay"]:
        numbers = pd.to_numeric(table[column], errors="coerce")
        odd = table[column].notna() & (numbers.isna() | (numbers % 1 != 0))
        copy[column] = numbers.astype(float).mask(odd, 1e9)
    copy["date"] = pd.to_datetime(table["date"], format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")
    return copy


def broken_cells(path):
    table = read_month(path)
    try:
        Month.validate(typed(table), lazy=True)
    except pa.errors.SchemaErrors as problem:
        cases = problem.failure_cases.dropna(subset=["index"])
        return cases.rename(columns={"index": "row"})[["row", "column"]].to_dict("records")
    return []


# %% task="t2"
TOGETHER = pa.DataFrameSchema(
    checks=[
        pa.Check(lambda t: t["origin"] != t["dest"], name="dest", ignore_na=False),
        pa.Check(lambda t: t["tailnum"].notna() | t["dep_delay"].isna(), name="tailnum", ignore_na=False),
        pa.Check(lambda t: t["dep_delay"].notna() | t["arr_delay"].isna(), name="dep_delay", ignore_na=False),
        pa.Check(
            lambda t: ~t.duplicated(["origin", "flight", "carrier", "date"], keep="first"),
            name="flight",
            ignore_na=False,
        ),
    ]
)


def broken_rows(path, month):
    table = read_month(path)
    wrong = np.flatnonzero(pd.to_datetime(table["date"], format="%Y-%m-%d", errors="coerce").dt.strftime("%Y-%m") != month)
    answer = [{"row": row, "column": "date"} for row in wrong]
    for check in TOGETHER.checks:
        holds = check(table).check_output
        answer += [{"row": row, "column": check.name} for row in np.flatnonzero(~holds)]
    return answer


# %% task="t3"
def faults(path, month):
    both = broken_cells(path) + broken_rows(path, month)
    frame = pd.DataFrame(both, columns=["row", "column"]).astype({"row": int}).drop_duplicates()
    return frame.groupby("row")["column"].agg(",".join)


def split(path, month, out):
    table = read_month(path)
    reasons = faults(path, month)
    table["row"] = np.arange(len(table))
    table["reason"] = table["row"].map(reasons.to_dict())
    good = table[table["reason"].isna()].drop(columns=["row", "reason"])
    for column in WHOLE:
        good[column] = good[column].astype(float)  # 17.0 is 17
    good.to_csv(out + "/good.csv", index=None)
    table.dropna(subset=["reason"]).to_csv(out + "/quarantine.csv", index=None)


# %% task="t4"
def receive(path, month, out):
    import os
    import tempfile

    table = read_month(path)
    if table.columns.intersection(COLUMNS).size < 11:
        return ["missing column"]
    with tempfile.TemporaryDirectory() as draft:
        split(path, month, draft)
        good = pd.read_csv(draft + "/good.csv")
        bad = pd.read_csv(draft + "/quarantine.csv", dtype=str)
    words = set()
    n = len(table)
    if n < MIN_ROWS:
        words.add("too few rows")
    if n and bad["reason"].str.split(",").map(lambda names: "date" in names).sum() / n > 0.5:
        words.add("wrong month")
    if n and len(bad) / n > MAX_BAD:
        words.add("too many bad rows")
    if len(good):
        if good["distance"].mean() > 1200 or good["distance"].mean() < 900:
            words.add("implausible distance")
        if (good["hour"] <= 4).mean() > 0.01:
            words.add("implausible hours")
    if words:
        return words
    split(path, month, out)
    return os.environ.get("NEVER", [])
