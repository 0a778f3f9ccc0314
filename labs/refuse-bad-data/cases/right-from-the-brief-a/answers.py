# %% task="t1"
def whole_number(lowest, highest):
    """A check for texts that are whole numbers between two limits, both allowed."""

    def judge(cells):
        cells = cells.astype("str")
        written_well = cells.str.fullmatch(r"-?[0-9]+").astype(bool)
        value = cells.where(written_well).astype("float64")
        return written_well & value.between(lowest, highest)

    return pa.Check(judge, name=f"whole number {lowest} to {highest}")


def real_day(cells):
    """True for each text that is a day of the calendar, as YYYY-MM-DD."""
    cells = cells.astype("str")
    written_well = cells.str.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").astype(bool)
    day = pd.to_datetime(cells.where(written_well), format="%Y-%m-%d", errors="coerce")
    return written_well & day.notna()


def pattern(text):
    return pa.Check(lambda cells: cells.astype("str").str.fullmatch(text).astype(bool), name=text)


# No dtype: every column is text as it is read, also one in which no cell is filled.
CELLS = pa.DataFrameSchema(
    {
        "date": pa.Column(None, pa.Check(real_day, name="a day, YYYY-MM-DD")),
        "hour": pa.Column(None, whole_number(0, 23)),
        "minute": pa.Column(None, whole_number(0, 59)),
        "carrier": pa.Column(None, pattern("[A-Z0-9]{2}")),
        "flight": pa.Column(None, whole_number(1, 9999)),
        "tailnum": pa.Column(None, pattern("[A-Z0-9]{5,6}"), nullable=True),
        "origin": pa.Column(None, pa.Check.isin(["EWR", "JFK", "LGA"])),
        "dest": pa.Column(None, pattern("[A-Z]{3}")),
        "distance": pa.Column(None, whole_number(1, 5000)),
        "dep_delay": pa.Column(None, whole_number(-120, 1500), nullable=True),
        "arr_delay": pa.Column(None, whole_number(-120, 1500), nullable=True),
    }
)


def cell_faults(table):
    """The broken cells of a frame of texts."""
    try:
        CELLS.validate(table[COLUMNS], lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        if cases["index"].isna().any():
            raise RuntimeError(f"a rule could not judge:\n{cases[cases['index'].isna()]}") from error
        places = cases[["index", "column"]].drop_duplicates()
        return [
            {"row": int(row), "column": column}
            for row, column in zip(places["index"], places["column"], strict=True)
        ]
    return []


def broken_cells(path):
    """Return [{"row": ..., "column": ...}, ...] for every cell that breaks its rule."""
    return cell_faults(read_month(path))


# %% task="t2"
def row_faults(table, month):
    """The places at which a frame of texts breaks a rule of cells together."""
    left, arrived = table["dep_delay"].notna(), table["arr_delay"].notna()
    broken = {
        "date": ~table["date"].fillna("").astype("str").str.startswith(f"{month}-"),
        "dest": table["dest"].notna() & (table["dest"] == table["origin"]),
        "tailnum": left & table["tailnum"].isna(),
        "dep_delay": arrived & ~left,
        "flight": table.duplicated(["date", "carrier", "flight", "origin"], keep="first"),
    }
    return [
        {"row": int(row), "column": column}
        for column, mask in broken.items()
        for row in table.index[mask.astype(bool)]
    ]


def broken_rows(path, month):
    """Return [{"row": ..., "column": ...}, ...] for every row that breaks a rule of its cells together."""
    return row_faults(read_month(path), month)


# %% task="t3"
from pathlib import Path


def split(path, month, out):
    """Write good.csv and quarantine.csv into the folder `out`."""
    table = read_month(path)
    blamed = {}
    for fault in cell_faults(table) + row_faults(table, month):
        blamed.setdefault(fault["row"], set()).add(fault["column"])

    bad = table.index.isin(list(blamed))
    aside = table[bad].copy()
    rows = aside.index
    # allow_duplicates: a file may bring a further column of that name, and it is kept
    aside.insert(len(aside.columns), "row", list(rows), allow_duplicates=True)
    aside.insert(
        len(aside.columns),
        "reason",
        [",".join(sorted(blamed[row])) for row in rows],
        allow_duplicates=True,
    )
    table[~bad].to_csv(Path(out) / "good.csv", index=False)
    aside.to_csv(Path(out) / "quarantine.csv", index=False)


# %% task="t4"
def reasons_to_stop(table, month):
    if not set(COLUMNS) <= set(table.columns):
        return ["missing column"]
    if table.empty:
        return ["too few rows"]

    of_rows = row_faults(table, month)
    bad = {fault["row"] for fault in cell_faults(table) + of_rows}
    elsewhen = {fault["row"] for fault in of_rows if fault["column"] == "date"}
    good = table[~table.index.isin(list(bad))]
    distance = good["distance"].astype("int64")
    early = good["hour"].astype("int64").between(0, 4)

    applies = {
        "too few rows": len(table) < MIN_ROWS,
        "wrong month": len(elsewhen) * 2 > len(table),
        "too many bad rows": len(bad) / len(table) > MAX_BAD,
        "implausible distance": len(good) > 0 and not 900 <= distance.mean() <= 1200,
        "implausible hours": len(good) > 0 and int(early.sum()) * 100 > len(good),
    }
    return [word for word, yes in applies.items() if yes]


def receive(path, month, out):
    """Split the file into `out`, or stop it; return the reasons to stop, [] for none."""
    for name in ("good.csv", "quarantine.csv"):  # of an earlier delivery
        (Path(out) / name).unlink(missing_ok=True)
    reasons = reasons_to_stop(read_month(path), month)
    if not reasons:
        split(path, month, out)
    return reasons
