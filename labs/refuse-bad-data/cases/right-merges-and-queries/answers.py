# %% task="t1"
LIMITS = pd.DataFrame(
    [("hour", 0, 23), ("minute", 0, 59), ("flight", 1, 9999), ("distance", 1, 5000), ("dep_delay", -120, 1500), ("arr_delay", -120, 1500)],
    columns=["column", "low", "high"],
)
FORMS = {"carrier": "[A-Z0-9]{2}", "tailnum": "[A-Z0-9]{5,6}", "origin": "EWR|LGA|JFK", "dest": "[A-Z]{3}"}
OPTIONAL = ["tailnum", "dep_delay", "arr_delay"]


def broken_cells(path):
    table = read_month(path).rename_axis("row").reset_index()
    long = table.melt(id_vars="row", value_vars=COLUMNS, var_name="column", value_name="text")
    empty = long[long["text"].isna()].query("column not in @OPTIONAL")
    there = long.dropna(subset=["text"]).merge(LIMITS, how="left", on="column")
    is_number = there["low"].notna()
    number = pd.to_numeric(there["text"].where(there["text"].str.match(r"-?[0-9]+$") & is_number), errors="coerce")
    off = there[is_number & ~((number >= there["low"]) & (number <= there["high"]))]
    found = [empty, off]
    for column, pattern in FORMS.items():
        cells = there[there["column"] == column]
        found.append(cells[~cells["text"].str.fullmatch(pattern)])
    days = there[there["column"] == "date"]
    known = pd.date_range("1990-01-01", "2049-12-31").strftime("%Y-%m-%d")
    found.append(days[~days["text"].isin(known)])
    return pd.concat(found)[["row", "column"]].to_dict(orient="records")


# %% task="t2"
def broken_rows(path, month):
    table = read_month(path)
    table["n"] = table.groupby(["date", "carrier", "flight", "origin"], dropna=False).cumcount()
    start = pd.Timestamp(month + "-01")
    days = pd.to_datetime(table["date"], errors="coerce", format="%Y-%m-%d")
    rules = [
        ("date", (days < start) | (days >= start + pd.offsets.MonthBegin())),
        ("dest", table.eval("dest == origin")),
        ("tailnum", table["tailnum"].isnull() & ~table["dep_delay"].isnull()),
        ("dep_delay", table["dep_delay"].isnull() & ~table["arr_delay"].isnull()),
        ("flight", table["n"] > 0),
    ]
    rows = []
    for column, mask in rules:
        for row in mask[mask.fillna(False)].index.tolist():
            rows.append(dict(row=float(row), column=column))
    return rows


# %% task="t3"
def split(path, month, out):
    with open(path, newline="") as file:
        lines = file.read().splitlines()
    why = {}
    for fault in broken_rows(path, month) + broken_cells(path):
        names = why.setdefault(int(fault["row"]), [])
        if fault["column"] not in names:
            names.append(fault["column"])
    good = [lines[0]]
    aside = ["row," + lines[0] + ",reason"]
    for number, line in enumerate(lines[1:]):
        if number in why:
            aside.append(str(number) + "," + line + ',"' + ",".join(why[number]) + '"')
        else:
            good.append(line)
    for name, content in (("good.csv", good), ("quarantine.csv", aside)):
        with open(f"{out}/{name}", "w") as file:
            file.write("\n".join(content) + "\n")
    return {"good": len(good) - 1}


# %% task="t4"
from pathlib import Path


def receive(path, month, out):
    first = Path(path).read_text().splitlines()[0].split(",")
    if [name for name in COLUMNS if name not in first]:
        return ["missing column"]
    split(path, month, out)
    good = pd.read_csv(f"{out}/good.csv")
    aside = pd.read_csv(f"{out}/quarantine.csv")
    total = len(good) + len(aside)
    answer = []
    if total < MIN_ROWS:
        answer += ["too few rows"]
    if total > 0:
        if aside["reason"].astype(str).str.contains("date").sum() > 0.5 * total:
            answer += ["wrong month"]
        if len(aside) / total > MAX_BAD:
            answer += ["too many bad rows"]
    if len(good) > 0:
        if good.distance.mean() < 900 or good.distance.mean() > 1200:
            answer += ["implausible distance"]
        if good.hour.between(0, 4).sum() > len(good) / 100:
            answer += ["implausible hours"]
    if answer:
        Path(out, "good.csv").unlink()
        Path(out, "quarantine.csv").unlink()
    return answer
