# %% task="t2"
def broken_rows(path, month):
    """Return [{"row": ..., "column": ...}, ...] for every row that breaks a rule of its cells together."""
    table = read_month(path)
    broken = {
        "date": ~table["date"].str.startswith(f"{month}-", na=False),
        "dest": table["dest"].notna() & (table["dest"] == table["origin"]),
        "tailnum": table["tailnum"].isna(),
        "dep_delay": table["arr_delay"].notna() & table["dep_delay"].isna(),
        "flight": table.duplicated(["date", "carrier", "flight", "origin"]),
    }
    return [
        {"row": int(row), "column": column} for column, rows in broken.items() for row in table.index[rows]
    ]
