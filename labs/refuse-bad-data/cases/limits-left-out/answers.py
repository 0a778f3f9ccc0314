# %% task="t1"
def whole(low, high):
    """A check for a column of text: whole numbers between two limits."""

    def holds(cells):
        numbers = pd.to_numeric(cells.where(cells.str.fullmatch(r"-?[0-9]+")), errors="coerce")
        return numbers.between(low, high, inclusive="neither")

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


def broken_cells(path):
    """Return [{"row": ..., "column": ...}, ...] for every cell that breaks its rule."""
    try:
        SCHEMA.validate(read_month(path), lazy=True)
    except pa.errors.SchemaErrors as errors:
        cases = errors.failure_cases
        return [
            {"row": int(row), "column": column, "rule": str(rule)}
            for row, column, rule in zip(cases["index"], cases["column"], cases["check"], strict=True)
        ]
    return []
