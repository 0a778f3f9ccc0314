# %%
import csv
import re
from collections import defaultdict
from datetime import datetime
from pathlib import Path


def lines(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def header(path):
    with open(path, newline="") as file:
        return next(csv.reader(file))


# %% task="t1"
def whole(text):
    return int(text) if re.fullmatch("-?[0-9]+", text) else None


def between(low, high):
    return lambda text: whole(text) is not None and low <= whole(text) <= high


def form(pattern):
    return lambda text: re.fullmatch(pattern, text) is not None


def day(text):
    try:
        return datetime.strptime(text, "%Y-%m-%d").strftime("%Y-%m-%d") == text
    except ValueError:
        return False


def maybe(rule):
    return lambda text: text == "" or rule(text)


RULES = {
    "date": day,
    "hour": between(0, 23),
    "minute": between(0, 59),
    "carrier": form("[A-Z0-9][A-Z0-9]"),
    "flight": between(1, 9999),
    "tailnum": maybe(form("[A-Z0-9]{5}[A-Z0-9]?")),
    "origin": {"EWR", "JFK", "LGA"}.__contains__,
    "dest": form("[A-Z][A-Z][A-Z]"),
    "distance": between(1, 5000),
    "dep_delay": maybe(between(-120, 1500)),
    "arr_delay": maybe(between(-120, 1500)),
}


def broken_cells(path):
    return [
        {"column": column, "row": number, "said": row[column]}
        for number, row in enumerate(lines(path))
        for column, rule in RULES.items()
        if not rule(row[column])
    ]


# %% task="t2"
def broken_rows(path, month):
    seen = set()
    for_sure = []

    def blame(column):
        for_sure.append({"row": number, "column": column})

    for number, row in enumerate(lines(path)):
        if row["date"][:7] != month:
            blame("date")
        if row["dest"] == row["origin"]:
            blame("dest")
        if row["dep_delay"] and not row["tailnum"]:
            blame("tailnum")
        if row["arr_delay"] and not row["dep_delay"]:
            blame("dep_delay")
        key = (row["date"], row["carrier"], row["flight"], row["origin"])
        if key in seen:
            blame("flight")
        seen.add(key)
    return tuple(for_sure)


# %% task="t3"
def blame_of(path, month):
    reasons = defaultdict(list)
    for fault in [*broken_cells(path), *broken_rows(path, month)]:
        if fault["column"] not in reasons[fault["row"]]:
            reasons[fault["row"]].append(fault["column"])
    return reasons


def split(path, month, out):
    reasons = blame_of(path, month)
    columns = header(path)
    with open(Path(out) / "good.csv", "w", newline="") as good, open(Path(out) / "quarantine.csv", "w", newline="") as bad:
        into_good = csv.DictWriter(good, columns)
        into_bad = csv.DictWriter(bad, ["row", "reason", *columns])
        into_good.writeheader()
        into_bad.writeheader()
        for number, row in enumerate(lines(path)):
            if number in reasons:
                into_bad.writerow({**row, "row": number, "reason": ", ".join(reasons[number])})
            else:
                into_good.writerow(row)
    return len(reasons)


# %% task="t4"
def receive(path, month, out):
    if any(column not in header(path) for column in RULES):
        return ["missing column"]
    rows = lines(path)
    found = []
    if len(rows) < MIN_ROWS:
        found.append("too few rows")
    if rows:
        reasons = blame_of(path, month)
        if sum("date" in columns for columns in reasons.values()) * 2 > len(rows):
            found.append("wrong month")
        if len(reasons) / len(rows) > MAX_BAD:
            found.append("too many bad rows")
        good = [row for number, row in enumerate(rows) if number not in reasons]
        if good:
            if not 900 <= sum(int(row["distance"]) for row in good) / len(good) <= 1200:
                found.append("implausible distance")
            if sum(int(row["hour"]) <= 4 for row in good) / len(good) > 0.01:
                found.append("implausible hours")
    if found == []:
        split(path, month, out)
    return found
