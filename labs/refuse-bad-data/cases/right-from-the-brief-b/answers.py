# %% task="t1"
import csv
import re
from datetime import date

WHOLE = re.compile(r"0+|0*[1-9][0-9]*|-0*[1-9][0-9]*")  # a minus sign only below zero


def number_from(low, high):
    def fits(text):
        if not WHOLE.fullmatch(text):
            return False
        digits = text.lstrip("-").lstrip("0") or "0"
        if len(digits) > 6:  # far beyond every limit, however long
            return False
        value = -int(digits) if text.startswith("-") else int(digits)
        return low <= value <= high

    return fits


def form(pattern):
    compiled = re.compile(pattern)
    return lambda text: compiled.fullmatch(text) is not None


def is_day(text):
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        return False
    try:
        date(*map(int, text.split("-")))
    except ValueError:
        return False
    return True


def optional(rule):
    return lambda text: text == "" or rule(text)


RULES = {
    "date": is_day,
    "hour": number_from(0, 23),
    "minute": number_from(0, 59),
    "carrier": form(r"[A-Z0-9]{2}"),
    "flight": number_from(1, 9999),
    "tailnum": optional(form(r"[A-Z0-9]{5,6}")),
    "origin": {"EWR", "JFK", "LGA"}.__contains__,
    "dest": form(r"[A-Z]{3}"),
    "distance": number_from(1, 5000),
    "dep_delay": optional(number_from(-120, 1500)),
    "arr_delay": optional(number_from(-120, 1500)),
}


def load(path):
    """The header and the rows of a file, each a list of texts; an empty cell is ""."""
    with open(path, newline="", encoding="utf-8-sig") as file:
        lines = [line for line in csv.reader(file) if line]  # blank lines are no rows, as in read_month
    header, rows = (lines[0], lines[1:]) if lines else ([], [])
    return header, [row + [""] * (len(header) - len(row)) for row in rows]


def places(header):
    return {column: header.index(column) for column in RULES}


def scan_cells(header, rows):
    """Yield (row, column) for every broken cell."""
    for column, at in places(header).items():
        fits = RULES[column]
        verdicts = {text: fits(text) for text in {row[at] for row in rows}}  # each text is judged once
        yield from ((number, column) for number, row in enumerate(rows) if not verdicts[row[at]])


def broken_cells(path):
    """Return [{"row": ..., "column": ...}, ...] for every cell that breaks its rule."""
    return [{"row": number, "column": column} for number, column in scan_cells(*load(path))]


# %% task="t2"
def scan_rows(header, rows, month):
    """Yield (row, column) for every broken rule of cells together."""
    at = places(header)
    seen = set()
    for number, row in enumerate(rows):
        cell = {column: row[place] for column, place in at.items()}
        # what is not a day at all is in no month either
        if not (is_day(cell["date"]) and cell["date"][:7] == month):
            yield number, "date"
        if cell["dest"] == cell["origin"]:
            yield number, "dest"
        if cell["dep_delay"] and not cell["tailnum"]:
            yield number, "tailnum"
        if cell["arr_delay"] and not cell["dep_delay"]:
            yield number, "dep_delay"
        same = cell["date"], cell["carrier"], cell["flight"], cell["origin"]
        if same in seen:
            yield number, "flight"
        seen.add(same)


def broken_rows(path, month):
    """Return [{"row": ..., "column": ...}, ...] for every row that breaks a rule of its cells together."""
    return [{"row": number, "column": column} for number, column in scan_rows(*load(path), month)]


# %% task="t3"
import os
from collections import defaultdict


def find_blame(header, rows, month):
    """A dict from the number of each bad row to the set of columns that are blamed."""
    blame = defaultdict(set)
    for scan in (scan_cells(header, rows), scan_rows(header, rows, month)):
        for number, column in scan:
            blame[number].add(column)
    return dict(blame)


def store(out, name, header, rows):
    with open(os.path.join(out, name), "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_split(header, rows, blame, out):
    good = (row for number, row in enumerate(rows) if number not in blame)
    aside = (
        [*row, number, ",".join(name for name in COLUMNS if name in blame[number])]
        for number, row in enumerate(rows)
        if number in blame
    )
    store(out, "good.csv", header, good)
    store(out, "quarantine.csv", [*header, "row", "reason"], aside)


def split(path, month, out):
    """Write good.csv and quarantine.csv into the folder `out`."""
    header, rows = load(path)
    write_split(header, rows, find_blame(header, rows, month), out)


# %% task="t4"
from statistics import fmean


def judge(header, rows, blame, month):
    reasons = []
    if len(rows) < MIN_ROWS:
        reasons.append("too few rows")
    if not rows:
        return reasons

    strangers = sum(column == "date" for _, column in scan_rows(header, rows, month))
    if strangers > len(rows) / 2:
        reasons.append("wrong month")
    if len(blame) / len(rows) > MAX_BAD:
        reasons.append("too many bad rows")

    good = [row for number, row in enumerate(rows) if number not in blame]
    if good:
        at = places(header)
        mean = fmean(int(row[at["distance"]]) for row in good)
        if mean < 900 or mean > 1200:
            reasons.append("implausible distance")
        early = sum(int(row[at["hour"]]) <= 4 for row in good)
        if early * 100 > len(good):
            reasons.append("implausible hours")
    return reasons


def receive(path, month, out):
    """Split the file into `out`, or stop it; return the reasons to stop, [] for none."""
    header, rows = load(path)
    if set(COLUMNS) - set(header):
        reasons, blame = ["missing column"], {}
    else:
        blame = find_blame(header, rows, month)
        reasons = judge(header, rows, blame, month)

    if reasons:
        for name in ("good.csv", "quarantine.csv"):
            if os.path.exists(os.path.join(out, name)):
                os.remove(os.path.join(out, name))
    else:
        write_split(header, rows, blame, out)
    return reasons
