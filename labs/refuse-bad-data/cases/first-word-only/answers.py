# %% task="t4"
def receive(path, month, out):
    """Split the file into `out`, or stop it; return the reasons to stop, [] for none."""
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
    return reasons[:1]
