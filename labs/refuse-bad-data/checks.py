"""Graded checks of "Refuse bad data": months with faults that are drawn anew for each grading.

The contract is written out here once more, in plain Python (`cell_faults`, `row_faults`, `stops`). What a check
expects comes from that and from the file it made itself; what was planted on purpose is compared with it, so that
a slip in the planting is an error of ours and not a mark.
"""

import base64
import csv
import gzip
import io
import random
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from operator import itemgetter
from typing import Any

from months import COLUMNS

from grader.checks import Attempt, check

AT = {name: place for place, name in enumerate(COLUMNS)}
LIMITS = {
    "hour": (0, 23),
    "minute": (0, 59),
    "flight": (1, 9999),
    "distance": (1, 5000),
    "dep_delay": (-120, 1500),
    "arr_delay": (-120, 1500),
}
FORMS = {"carrier": r"[A-Z0-9]{2}", "tailnum": r"[A-Z0-9]{5,6}", "origin": "EWR|JFK|LGA", "dest": r"[A-Z]{3}"}
MAY_BE_EMPTY = {"tailnum", "dep_delay", "arr_delay"}
MIN_ROWS, MAX_BAD = 20_000, 0.05
KNOWN = ["2013-01", "2013-02"]
UNSEEN = ["2013-04", "2013-07", "2013-08", "2013-09", "2013-11", "2013-12"]
SAME_FLIGHT = ["date", "carrier", "flight", "origin"]
TOGETHER = ["dest", "origin", "tailnum", "dep_delay", "arr_delay"]

Place = tuple[int, str]  # row and column


# ------------------------------------------------------------------------------------------ the contract


@cache
def cell_holds(column: str, text: str) -> bool:
    if not text:
        return column in MAY_BE_EMPTY
    if column in LIMITS:
        low, high = LIMITS[column]
        return bool(re.fullmatch(r"-?[0-9]+", text)) and low <= int(text) <= high
    if column in FORMS:
        return bool(re.fullmatch(FORMS[column], text))
    try:
        return bool(re.fullmatch(r"\d{4}-\d{2}-\d{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


@dataclass
class File:
    """A month's file as a check makes it; `planted` says what was done on purpose, `odd` what is allowed."""

    month: str
    rows: list[list[str]]
    draw: random.Random
    planted: dict[Place, str] = field(default_factory=dict)
    odd: dict[Place, str] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def cell(self, row: int, column: str) -> str:
        return self.rows[row][AT[column]]

    def flown(self) -> int:
        """A row, not used yet, of a flight that left and arrived; never one of the first ten."""
        while True:
            row = self.draw.randrange(10, len(self.rows))
            if row not in self.used and all(self.rows[row]):
                self.used.add(row)
                return row

    def put(self, row: int, column: str, text: str, kind: str) -> None:
        self.rows[row][AT[column]] = text
        self.planted[row, column] = kind

    def keys(self) -> set[tuple[str, ...]]:
        return {key_of(row) for row in self.rows}

    def text(self, columns: list[str] | None = None, further: dict[str, list[str]] | None = None) -> str:
        """The file as CSV, with its columns in some order and perhaps further ones at the end."""
        wanted, more = columns or COLUMNS, further or {}
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([*wanted, *more])
        places = [AT[name] for name in wanted]
        extra = list(more.values())
        for number, row in enumerate(self.rows):
            writer.writerow([row[place] for place in places] + [values[number] for values in extra])
        return out.getvalue()


key_of = itemgetter(*(AT[name] for name in SAME_FLIGHT))


def cell_faults(file: File) -> set[Place]:
    found: set[Place] = set()
    for name, place in AT.items():
        broken = {text for text in {row[place] for row in file.rows} if not cell_holds(name, text)}
        if broken:
            found |= {(number, name) for number, row in enumerate(file.rows) if row[place] in broken}
    return found


def row_faults(file: File, asked: str) -> set[Place]:
    found: set[Place] = set()
    seen: set[tuple[str, ...]] = set()
    dest, origin, tailnum, left, arrived = (AT[name] for name in TOGETHER)
    for number, row in enumerate(file.rows):
        if not row[0].startswith(f"{asked}-"):
            found.add((number, "date"))
        if row[dest] and row[dest] == row[origin]:
            found.add((number, "dest"))
        if row[left] and not row[tailnum]:
            found.add((number, "tailnum"))
        if row[arrived] and not row[left]:
            found.add((number, "dep_delay"))
        key = key_of(row)
        if key in seen:
            found.add((number, "flight"))
        seen.add(key)
    return found


def stops(file: File, asked: str) -> set[str]:
    """The words for a file that has all its columns."""
    if not file.rows:
        return {"too few rows"}
    in_rows = row_faults(file, asked)
    bad = {row for row, _ in cell_faults(file) | in_rows}
    good = [row for number, row in enumerate(file.rows) if number not in bad]
    total = len(file.rows)
    words = {
        "too few rows": total < MIN_ROWS,
        "wrong month": 2 * sum(column == "date" for _, column in in_rows) > total,
        "too many bad rows": len(bad) > MAX_BAD * total,
    }
    if good:
        mean = sum(int(row[AT["distance"]]) for row in good) / len(good)
        early = sum(int(row[AT["hour"]]) < 5 for row in good) / len(good)
        words |= {"implausible distance": not 900 <= mean <= 1200, "implausible hours": early > 0.01}
    return {word for word, applies in words.items() if applies}


def intended(file: File, faults: set[Place]) -> set[Place]:
    """The faults, once it is sure that they are those that were planted."""
    if faults != set(file.planted):
        odd = sorted(faults ^ set(file.planted))[:3]
        raise AssertionError(
            f"planted and found differ: {[(place, file.planted.get(place)) for place in odd]}"
        )
    return faults


# -------------------------------------------------------------------------------------- files with faults


def read(attempt: Attempt, month: str, draw: random.Random, rows: int | None = None) -> File:
    """A month's real flights, all of them or a sample in the file's order."""
    if month in KNOWN:
        text = (attempt.data / f"data/{month}.csv").read_text(encoding="utf-8")
    else:
        text = gzip.decompress((attempt.data / f"unseen/{month}.csv.gz").read_bytes()).decode()
    table = list(csv.reader(io.StringIO(text)))[1:]
    if (
        month in KNOWN
    ):  # the few foreign planes are for the checks on unseen months, so that luck decides nothing
        table = [row for row in table if row[AT["tailnum"]][:1] in ("N", "")]
    if rows is not None:
        table = [table[number] for number in sorted(draw.sample(range(len(table)), rows))]
    return File(month, table, draw)


def other_letters(draw: random.Random, most: int) -> str:
    return "".join(draw.choice("BCDFGHKLMQRSTVWZ") for _ in range(most))


def last_day_and_one(month: str) -> str:
    """A day that the month does not have, though longer months do where there are such."""
    return f"{month}-{ {'02': 30, '04': 31, '06': 31, '09': 31, '11': 31}.get(month[5:], 32) }"


def new_cell(draw: random.Random, file: File, row: int, column: str, kind: str) -> str:
    """A text that breaks the cell's rule in one way."""
    old = file.cell(row, column)
    low, high = LIMITS.get(column, (0, 0))
    year, month, day = file.cell(row, "date").split("-") if column == "date" else ("", "", "")
    makers: dict[str, Callable[[], str]] = {
        "empty": lambda: "",
        "above": lambda: str(high + draw.choice([1, 2, 7, high // 2 + 9])),
        "below": lambda: str(low - draw.choice([1, 1, 3, 40])),
        "fraction": lambda: f"{old}.5",
        "words": lambda: draw.choice(
            {
                "hour": ["noon", "7 am", "12h"],
                "minute": ["half past", "30 min", "o'clock"],
                "flight": [f"UA{old}", f"no. {old}", f"{old}B"],
                "distance": [f"{old} mi", f"{old} miles", f"{old[:-1] or 1},{old[-1]}00"],
            }.get(column, [f"{old} min", f"{old} minutes", "on time", "late"])
        ),
        "lower": old.lower,
        "short": lambda: old[:-1] if column != "tailnum" else old[:4],
        "long": lambda: old + other_letters(draw, 1 if column != "tailnum" else 7 - len(old)),
        "sign": lambda: f"{old[0]}{draw.choice('-*/+ ')}{old[2:]}",
        "elsewhere": lambda: draw.choice(["HPN", "ISP", "TEB", "SWF"]),  # no flight of ours goes there
        "no such day": lambda: last_day_and_one(file.month),
        "date form": lambda: draw.choice(
            [f"{day}.{month}.{year}", f"{month}/{day}/{year}", f"{day}-{month}-{year}"]
        ),
    }
    return makers[kind]()


CELL_KINDS = [
    *((column, "empty") for column in COLUMNS if column not in MAY_BE_EMPTY),
    *((column, kind) for column in LIMITS for kind in ("above", "below", "words")),
    *((column, "fraction") for column in ("hour", "distance", "dep_delay", "arr_delay")),
    *(
        (column, kind)
        for column in ("carrier", "tailnum", "dest")
        for kind in ("lower", "short", "long", "sign")
    ),
    ("origin", "lower"),
    ("origin", "elsewhere"),
    ("date", "no such day"),
    ("date", "date form"),
]


def plant_cells(file: File, kinds: list[tuple[str, str]] | None = None) -> None:
    """Break cells of each kind, each in a row of its own; then three rows in several columns."""
    draw = file.draw
    for column, kind in kinds or CELL_KINDS:
        row = file.flown()
        file.put(row, column, new_cell(draw, file, row, column, kind), kind)
    for _ in range(3):
        row = file.flown()
        for column in draw.sample(["hour", "carrier", "dest", "distance", "arr_delay"], draw.choice([2, 3])):
            kind = draw.choice([kind for name, kind in CELL_KINDS if name == column])
            file.put(row, column, new_cell(draw, file, row, column, kind), kind)


def plant_oddities(file: File) -> None:
    """Change cells within their rules: values at the limits, codes that no month of the learner's has."""
    allowed = {
        "hour": ["0", "23"],
        "minute": ["0", "59"],
        "carrier": ["G4", "NK", "3M", "55"],
        "flight": ["1", "9999"],
        "tailnum": ["CFTJP", "D942DN", "PHBXA", "123456"],
        "origin": ["EWR", "JFK", "LGA"],
        "dest": ["YYZ", "XNA", "LHR", "AZA"],
        "distance": ["1", "5000", "17"],
        "dep_delay": ["-120", "1500", "0"],
        "arr_delay": ["-120", "1500", "0", ""],
    }
    keys = file.keys()
    for column, texts in allowed.items():
        for text in texts:
            row = file.flown()
            changed = list(file.rows[row])
            changed[AT[column]] = text
            if (
                key_of(changed) in keys - {key_of(file.rows[row])}
                or changed[AT["dest"]] == changed[AT["origin"]]
            ):
                continue
            keys.add(key_of(changed))
            file.rows[row] = changed
            file.odd[row, column] = (
                "limit" if column in LIMITS and text else "new code" if text else "diverted"
            )
    for _ in range(3):  # cancelled: neither plane nor delays
        row = file.flown()
        for column in MAY_BE_EMPTY:
            file.rows[row][AT[column]] = ""
            file.odd[row, column] = "cancelled"


def plant_copies(file: File, pairs: int = 4) -> None:
    """Put flights in once more, some with other delays; and near likenesses, which are other flights.

    It moves rows, so it comes before any other planting.
    """
    assert not (file.used or file.planted or file.odd)
    draw, sources = file.draw, []
    additions: list[tuple[int, list[str], str]] = []  # place in the file as it is now, row, kind
    keys = file.keys()
    while len(sources) < 3 * pairs:
        row = draw.randrange(10, len(file.rows) - 10)
        if all(file.rows[row]) and row not in sources:
            sources.append(row)
    for number, row in enumerate(sources):
        copy = list(file.rows[row])
        kind = ("copy", "changed copy", "likeness")[number % 3]
        if kind == "changed copy":
            copy[AT["arr_delay"]] = str(int(copy[AT["arr_delay"]]) + draw.choice([-7, 5, 60]))
            copy[AT["tailnum"]] = f"N{draw.randrange(10000, 99999)}"
            copy[AT["minute"]] = str((int(copy[AT["minute"]]) + 5) % 60)
        elif kind == "likeness":
            copy[AT["origin"]] = draw.choice(
                [name for name in ("EWR", "JFK", "LGA") if name not in (copy[AT["origin"]], copy[AT["dest"]])]
            )
            if key_of(copy) in keys:
                continue
            keys.add(key_of(copy))
        place = draw.choice([row + 1, draw.randrange(row + 1, len(file.rows)), len(file.rows)])
        additions.append((place, copy, kind))
        if kind == "copy" and number < 3:
            additions.append((place, list(copy), "third"))
    merged: list[list[str]] = []
    by_place: dict[int, list[tuple[list[str], str]]] = {}
    for place, copy, kind in additions:
        by_place.setdefault(place, []).append((copy, kind))
    firsts = set(sources)
    for number in range(len(file.rows) + 1):
        for copy, kind in by_place.get(number, []):
            file.used.add(len(merged))
            (file.odd if kind == "likeness" else file.planted)[len(merged), "flight"] = kind
            merged.append(copy)
        if number < len(file.rows):
            if number in firsts:
                file.used.add(len(merged))
                file.odd[len(merged), "flight"] = "first of two"
            merged.append(file.rows[number])
    file.rows = merged


def month_beside(month: str, steps: int) -> str:
    number = int(month[:4]) * 12 + int(month[5:]) - 1 + steps
    return f"{number // 12}-{number % 12 + 1:02d}"


def plant_rows(file: File, times: int = 3) -> None:
    """Break each rule of the cells together; two rows break two of them."""
    draw = file.draw
    keys = file.keys()

    def other_date(row: int, number: int) -> None:
        """A date elsewhere, as long as no other flight is made by it."""
        day = file.cell(row, "date")[8:]
        options = [
            (f"{month_beside(file.month, -1)}-28", "neighbour"),
            (f"{month_beside(file.month, 1)}-01", "neighbour"),
            (
                f"{int(file.month[:4]) + draw.choice([-1, 1])}-{file.month[5:]}-{min(int(day), 28):02d}",
                "year",
            ),
        ]
        text, kind = options[number % 3]
        changed = [text, *file.rows[row][1:]]
        if key_of(changed) not in keys:
            keys.add(key_of(changed))
            file.put(row, "date", text, kind)

    for number in range(times):
        other_date(file.flown(), number)
        for column in ("dest", "tailnum", "dep_delay"):
            row = file.flown()
            file.put(row, column, file.cell(row, "origin") if column == "dest" else "", "together")
    for pair in (("dest", "tailnum"), ("dest", "dep_delay")):
        row = file.flown()
        for column in pair:
            file.put(row, column, file.cell(row, "origin") if column == "dest" else "", "together")


# ------------------------------------------------------------------------------------ asking and comparing


def lay_out(attempt: Attempt, draw: random.Random, text: str) -> tuple[str, str]:
    packed = base64.b64encode(zlib.compress(text.encode(), 1)).decode()
    places = attempt.probe("put", f"m{draw.randrange(10**9)}", packed)
    attempt.expect(
        isinstance(places, list) and len(places) == 2 and all(isinstance(place, str) for place in places),
        saw="a file made for this check could not be put into the work folder",
        help="Remove code that changes how files are written, then Restart Kernel and Run All Cells.",
    )
    return places[0], places[1]


def places_of(attempt: Attempt, answer: Any, function: str) -> set[Place]:
    """The rows and columns that an answer names, whatever else it says."""
    attempt.expect(
        isinstance(answer, list),
        saw=f"{function} returned {'None' if answer is None else f'a {type(answer).__name__}'} and should "
        "return a list",
        help="Return a list in every case; where nothing is broken, the empty list.",
    )
    found = set()
    for entry in answer:
        fits = isinstance(entry, dict) and isinstance(entry.get("column"), str) and "row" in entry
        row = entry["row"] if fits else None
        fits = fits and isinstance(row, int | float) and not isinstance(row, bool) and row == int(row)
        attempt.expect(
            fits,
            saw=f"an entry of {function}'s list is not a dict with a whole number under row and a column's name "
            "under column",
            help='Make each entry like {"row": 7, "column": "hour"}; a fault without a row (a check that broke '
            "down, a wrong dtype) is a sign that the schema does not judge cell by cell.",
        )
        found.add((int(row), entry["column"]))
    return found


MISSED = {
    "empty": ("an empty cell", "Only tailnum, dep_delay and arr_delay may be empty."),
    "above": ("a number above its limit", "Go through the limits of the table once more."),
    "below": ("a number below its limit", "Go through the limits of the table once more."),
    "words": (
        "words where a number belongs",
        "errors='coerce' makes such a cell missing before any rule sees it: judge the text as it stands.",
    ),
    "fraction": ("a number that is not whole", "A whole number is written with digits alone."),
    "lower": ("a code in small letters", "Ask for capital letters and digits."),
    "short": ("a code that is too short", "The whole cell must have the form: see str.fullmatch."),
    "long": (
        "a code that is too long",
        "The whole cell must have the form, not only its beginning: see str.fullmatch, or end the pattern with $.",
    ),
    "sign": (
        "a code with a sign that is neither letter nor digit",
        "Ask for capital letters and digits only.",
    ),
    "elsewhere": ("an airport outside of New York's three", "List the three airports."),
    "no such day": (
        "a day that does not exist",
        "Let pd.to_datetime try it; a pattern of digits is not enough.",
    ),
    "date form": (
        "a day in another form",
        "Give pd.to_datetime the format, and look at what it could not read.",
    ),
    "neighbour": ("a day of another month", "Compare the date with the month that was asked for."),
    "year": ("the month asked for, in another year", "Compare year and month, not the month alone."),
    "together": (
        "a row that breaks the rule which blames this column",
        "Look up that column in the table of task 2, and try the rule on a row of your own.",
    ),
    "copy": ("a row that is there twice", "Look for rows with the same date, carrier, flight and origin."),
    "changed copy": (
        "the same flight once more, with other delays",
        "Only date, carrier, flight and origin say whether it is the same flight: name these columns to duplicated().",
    ),
    "third": ("the third row of one flight", "Every row after the first is one too many."),
}
TOO_MUCH = {
    "limit": ("a value at its limit", "Limits are allowed values themselves."),
    "new code": (
        "a code that is not in January or February",
        "Judge codes by their form; a list made from the months you have refuses next month.",
    ),
    "diverted": (
        "a flight that left and did not arrive",
        "arr_delay may be empty where dep_delay is not.",
    ),
    "cancelled": (
        "an empty cell of a cancelled flight",
        "tailnum, dep_delay and arr_delay may be empty, all three together.",
    ),
    "likeness": (
        "a flight with the number of another one, from another airport",
        "The same flight has the same date, carrier, flight and origin, all four.",
    ),
    "first of two": (
        "the first row of a flight that is there twice",
        'The first row keeps the rule: duplicated() marks later ones; pandera needs report_duplicates="exclude_first".',
    ),
    "real": ("a cell that keeps its rule", "Check what the tables say and nothing more."),
    "strange": (
        "a row or a column that is not in the file",
        "Name rows by their number in the file and columns as in its header.",
    ),
}


def expect_places(attempt: Attempt, file: File, answer: Any, expected: set[Place], function: str) -> None:
    """Fail unless an answer names exactly the expected cells."""
    got = places_of(attempt, answer, function)
    if not expected:
        expect_nothing_more(attempt, file, got, function)
        return
    counted = f"{function} named {len(got & expected)} of the {len(expected)} that it should"
    attempt.expect(
        got,
        saw=f"{function} named nothing in a file in which {len(expected)} cells are to be named",
        help="Validate with lazy=True, catch SchemaErrors and return what its failure_cases say.",
    )
    for step in (1, 2):
        attempt.expect(
            got != {(row + step, column) for row, column in expected},
            saw=f"every row that {function} named is {step} too high",
            help="Row 0 is the line after the header; the index that read_month gives counts so.",
        )
    found = got & expected
    if len(expected) - len(found) > 3:
        attempt.expect(
            len({column for _, column in found}) > 1 or len({column for _, column in expected}) < 3,
            saw=f"{counted}, all of them in one column",
            help="Without lazy=True, pandera stops at the first rule that is broken; look at all failure_cases.",
        )
        attempt.expect(
            not found or len(found) > len({column for _, column in found}),
            saw=f"{counted}, one in each column",
            help="Name every broken cell of a column, not only the first: failure_cases has a line for each.",
        )
    rows = [row for row, _ in expected]
    several = {row for row in rows if rows.count(row) > 1}
    missed = sorted(expected - got, key=lambda place: (place[0] in several, place))
    attempt.expect(
        not missed or missed[0][0] not in several,
        saw=f"{counted}; in rows with several faults, some are not named",
        help="Name every column of a row that is at fault, not only the first one found.",
    )
    if missed:
        what, mend = MISSED[file.planted[missed[0]]]
        attempt.expect(False, saw=f"{counted}; not named is, in {missed[0][1]}, {what}", help=mend)
    expect_nothing_more(attempt, file, got - expected, function)


def kind_of(file: File, place: Place, function: str) -> str:
    """What a cell is that keeps its rules, and was named all the same."""
    row, column = place
    if not 0 <= row < len(file.rows) or column not in AT:
        return "strange"
    text = file.cell(row, column)
    if function == "broken_rows" and column == "dep_delay" and text and not file.cell(row, "arr_delay"):
        return "diverted"
    if not text:
        return "diverted" if column == "arr_delay" and file.cell(row, "dep_delay") else "cancelled"
    if column in LIMITS and text in map(str, LIMITS[column]):
        return "limit"
    return "new code" if column in FORMS and file.month in UNSEEN else "real"


def expect_nothing_more(attempt: Attempt, file: File, extra: set[Place], function: str) -> None:
    if not extra:
        return
    kinds = {place: file.odd.get(place) or kind_of(file, place, function) for place in extra}
    row, column = min(extra, key=lambda place: (list(TOO_MUCH).index(kinds[place]), place))
    what, mend = TOO_MUCH[kinds[row, column]]
    attempt.expect(
        False,
        saw=f"{function} named {len(extra)} that it should not; one is, in {column[:20]}, {what}",
        help=mend,
    )


def ask_cells(attempt: Attempt, file: File) -> None:
    """Let broken_cells judge a file."""
    expected = intended(file, cell_faults(file))
    path, _ = lay_out(attempt, file.draw, file.text())
    expect_places(attempt, file, attempt.call("broken_cells", path), expected, "broken_cells")


def ask_rows(attempt: Attempt, file: File) -> None:
    """Let broken_rows judge a file without a broken cell."""
    if cell_faults(file):
        raise AssertionError("a file for broken_rows has broken cells")
    expected = intended(file, row_faults(file, file.month))
    path, _ = lay_out(attempt, file.draw, file.text())
    answer = attempt.call("broken_rows", path, file.month)
    expect_places(attempt, file, answer, expected, "broken_rows")


# ---------------------------------------------------------------------------------------------- task 1


@check("t1", points=2)
def finds_every_broken_cell(attempt: Attempt) -> None:
    """broken_cells names every broken cell by row and column, and nothing else."""
    draw = random.Random(f"{attempt.seed} cells")
    for month in draw.sample(KNOWN, 2):
        file = read(attempt, month, draw, rows=3_000)
        plant_cells(file)
        ask_cells(attempt, file)


@check("t1", points=2, needs=("finds_every_broken_cell",))
def unseen_cells_are_judged_by_the_rules(attempt: Attempt) -> None:
    """In months it has never seen, broken_cells refuses nothing that the rules allow."""
    draw = random.Random(f"{attempt.seed} unseen cells")
    clean, odd, broken = draw.sample(UNSEEN, 3)
    ask_cells(attempt, read(attempt, clean, draw))
    file = read(attempt, odd, draw, rows=12_000)
    plant_oddities(file)
    ask_cells(attempt, file)
    file = read(attempt, broken, draw, rows=6_000)
    plant_oddities(file)
    plant_cells(file)
    ask_cells(attempt, file)


# ---------------------------------------------------------------------------------------------- task 2


@check("t2", points=2)
def finds_every_impossible_row(attempt: Attempt) -> None:
    """broken_rows names every row that breaks a rule of its cells together, and the column to blame."""
    draw = random.Random(f"{attempt.seed} rows")
    for month in draw.sample(KNOWN, 2):
        file = read(attempt, month, draw, rows=3_000)
        plant_copies(file)
        plant_rows(file)
        ask_rows(attempt, file)


@check("t2", points=2, needs=("finds_every_impossible_row",))
def unseen_rows_are_judged_by_the_rules(attempt: Attempt) -> None:
    """In months it has never seen, broken_rows refuses nothing that the rules allow."""
    draw = random.Random(f"{attempt.seed} unseen rows")
    # In August one carrier's number leaves twice a day, from two airports; in July one flight stands at 01:06.
    odd, broken = draw.sample([month for month in UNSEEN if month != "2013-08"], 2)
    ask_rows(attempt, read(attempt, "2013-08", draw))
    file = read(attempt, odd, draw, rows=12_000)
    plant_oddities(file)
    ask_rows(attempt, file)
    file = read(attempt, broken, draw, rows=6_000)
    plant_copies(file)
    plant_oddities(file)
    plant_rows(file)
    ask_rows(attempt, file)


# ---------------------------------------------------------------------------------------------- task 3


def written(attempt: Attempt, out: str) -> dict[str, str | None]:
    """The files in a folder, the two of the brief as text."""
    found = attempt.probe("fetch", out)
    attempt.expect(
        isinstance(found, dict) and all(isinstance(name, str) for name in found),
        saw="the folder `out` cannot be listed",
        help="Leave the folder where it is and write into it.",
    )
    texts: dict[str, str | None] = {}
    for name, packed in found.items():
        try:
            raw = zlib.decompressobj().decompress(base64.b64decode(packed), 2**25) if packed else b""
            texts[name] = raw.decode("utf-8-sig") if packed else None
        except (ValueError, zlib.error, TypeError):
            texts[name] = None
    return texts


def table_of(
    attempt: Attempt, texts: dict[str, str | None], name: str, columns: list[str]
) -> list[dict[str, str]]:
    """The rows of a file that was written, once it has the columns that it must have."""
    text = texts.get(name)
    attempt.expect(
        text is not None,
        saw=f"there is no {name} in the folder `out` afterwards",
        help=f"Write both files, always, into the folder that was passed in; {name} may have a header and no rows.",
    )
    try:
        lines = list(csv.reader(io.StringIO(str(text), newline="")))
    except csv.Error:
        lines = []
    header = lines[0] if lines else []
    lacking = [column for column in columns if column not in header]
    extra = [column for column in header if column not in columns]
    attempt.expect(
        not lacking,
        saw=f"{name} lacks the column(s) {', '.join(lacking)[:80]}",
        help="Keep all columns of the file, also further ones; to_csv writes a header for an empty frame too.",
    )
    attempt.expect(
        not extra and len(header) == len(columns),
        saw=f"{name} has a column that it should not have: {', '.join(repr(column[:20]) for column in extra[:3])}",
        help="Write with index=False, and write the columns of the brief only.",
    )
    rows = [line for line in lines[1:] if line]
    attempt.expect(
        all(len(row) == len(header) for row in rows),
        saw=f"{name} has lines with another number of cells than its header",
        help="Let to_csv or the csv module write the file.",
    )
    return [dict(zip(header, row, strict=True)) for row in rows]


@cache
def same(left: str, right: str) -> bool:
    """Whether two cells say the same: alike as text, or the same number."""
    number = r"-?[0-9]+(\.[0-9]+)?"
    if left == right:
        return True
    return bool(re.fullmatch(number, left) and re.fullmatch(number, right)) and float(left) == float(right)


def expect_same_rows(
    attempt: Attempt, name: str, got: list[dict[str, str]], wanted: list[dict[str, str]]
) -> None:
    """Fail unless two lists of rows, equally long, say the same in the same order."""

    def alike(ours: dict[str, str], theirs: dict[str, str]) -> bool:
        return all(same(text, theirs[column]) for column, text in ours.items())

    for ours, theirs in zip(wanted, got, strict=True):
        if alike(ours, theirs):
            continue
        wrong = [column for column, text in ours.items() if not same(text, theirs[column])]
        attempt.expect(
            len(wrong) < 4,
            saw=f"{name} does not have the rows it should, in the order of the file",
            help="Choose rows with one mask, and sort nothing.",
        )
        column = wrong[0]
        how = "is empty now" if not theirs[column] else "says something else now"
        how = how if ours[column] else "was empty and says something now"
        attempt.expect(
            False,
            saw=f"a row in {name} is not as it was: a cell of {column} {how}",
            help="Write the cells as read_month gave them; what you convert for a rule is a copy.",
        )


def expect_split(
    attempt: Attempt,
    file: File,
    texts: dict[str, str | None],
    faults: set[Place],
    further: dict[str, list[str]] | None = None,
) -> None:
    """Fail unless good.csv and quarantine.csv hold the file's rows as the brief says."""
    more = further or {}
    columns = [*COLUMNS, *more]
    whole = [
        dict(zip(columns, [*row, *(values[number] for values in more.values())], strict=True))
        for number, row in enumerate(file.rows)
    ]
    good = table_of(attempt, texts, "good.csv", columns)
    aside = table_of(attempt, texts, "quarantine.csv", [*columns, "row", "reason"])
    blamed: dict[int, set[str]] = {}
    for row, column in faults:
        blamed.setdefault(row, set()).add(column)
    attempt.expect(
        len(good) + len(aside) == len(whole),
        saw=f"{len(whole)} rows went in; {len(good)} good and {len(aside)} quarantined ones came out, "
        f"{len(good) + len(aside)} in all",
        help="Every row belongs into exactly one of the two files: one mask, and its opposite.",
    )
    attempt.expect(
        len(aside) == len(blamed),
        saw=f"{len(aside)} rows are in quarantine.csv, and another number breaks a rule",
        help="Put a row aside when broken_cells or broken_rows names it; a row with several faults is one row.",
    )
    try:
        numbers = [int(float(row["row"])) for row in aside]
    except (ValueError, OverflowError):
        numbers = [-1]
    attempt.expect(
        -1 not in numbers,
        saw="a row in quarantine.csv has no number under `row`",
        help="Store the row's number in the file, counted from 0, before anything moves the index.",
    )
    wanted = sorted(blamed)
    attempt.expect(
        sorted(numbers) == wanted,
        saw="the numbers under `row` in quarantine.csv are not those of the rows that break a rule",
        help="Count from 0 in the file, not within the quarantine; take the index before you reset it.",
    )
    attempt.expect(
        numbers == wanted,
        saw="the rows in quarantine.csv are not in the order of the file",
        help="Choose the rows with a mask instead of collecting them fault by fault.",
    )
    expect_same_rows(attempt, "quarantine.csv", aside, [whole[number] for number in wanted])
    expect_same_rows(
        attempt, "good.csv", good, [row for number, row in enumerate(whole) if number not in blamed]
    )
    for number, row in zip(wanted, aside, strict=True):
        said = [word.strip() for word in row["reason"].split(",")]
        lacking = len(blamed[number] - set(re.findall(r"\w+", row["reason"])))
        attempt.expect(
            not lacking,
            saw=f"a reason names {len(blamed[number]) - lacking} of the {len(blamed[number])} columns that "
            "its row's broken rules blame",
            help="Collect the columns of all faults of a row, from broken_cells and broken_rows, into one reason.",
        )
        attempt.expect(
            set(said) == blamed[number] and len(said) == len(set(said)),
            saw="a reason has more in it than the names of the blamed columns, each once, with commas between",
            help="Write nothing but the columns: hour, or dest,tailnum.",
        )


def ask_split(
    attempt: Attempt,
    file: File,
    columns: list[str] | None = None,
    further: dict[str, list[str]] | None = None,
) -> None:
    faults = intended(file, cell_faults(file) | row_faults(file, file.month))
    path, out = lay_out(attempt, file.draw, file.text(columns, further))
    attempt.call("split", path, file.month, out)
    expect_split(attempt, file, written(attempt, out), faults, further)


@check("t3", points=2, needs=("finds_every_broken_cell", "finds_every_impossible_row"))
def every_row_is_in_one_of_two_files(attempt: Attempt) -> None:
    """split keeps every row, unchanged and in order: good ones here, broken ones there, with the reason."""
    draw = random.Random(f"{attempt.seed} split")
    file = read(attempt, draw.choice(KNOWN), draw, rows=5_000)
    plant_copies(file)
    plant_rows(file)
    plant_cells(file)
    # Rows that break rules of both tasks.
    for column, kind in (("hour", "above"), ("minute", "words"), ("distance", "below")):
        row = file.flown()
        file.put(row, "dest", file.cell(row, "origin"), "together")
        file.put(row, column, new_cell(draw, file, row, column, kind), kind)
    ask_split(attempt, file)


@check("t3", points=1, needs=("every_row_is_in_one_of_two_files",))
def further_columns_are_kept(attempt: Attempt) -> None:
    """split keeps further columns, and takes the columns in any order."""
    draw = random.Random(f"{attempt.seed} further")
    file = read(attempt, draw.choice(KNOWN), draw, rows=3_000)
    plant_rows(file, times=2)
    plant_cells(file, draw.sample(CELL_KINDS, 12))
    remarks = ["", "", "", "NA", "de-iced", 'gate "C", late crew', "null", "bus"]
    name = draw.choice(["remark", "note", "gate_note"])
    further = {name: [draw.choice(remarks) for _ in file.rows], "source": ["A"] * len(file.rows)}
    ask_split(attempt, file, draw.sample(COLUMNS, len(COLUMNS)), further)


@check("t3", points=1, needs=("every_row_is_in_one_of_two_files",))
def both_files_are_always_written(attempt: Attempt) -> None:
    """Without a broken row, and without a good one, split still writes both files."""
    draw = random.Random(f"{attempt.seed} ends")
    ask_split(attempt, read(attempt, draw.choice(KNOWN), draw, rows=2_000))
    file = read(attempt, draw.choice(KNOWN), draw, rows=1_500)
    for row in range(len(file.rows)):
        file.put(row, "distance", f"{file.cell(row, 'distance')} mi", "words")
    ask_split(attempt, file)


# ---------------------------------------------------------------------------------------------- task 4

WORDS = [
    "missing column",
    "too few rows",
    "wrong month",
    "too many bad rows",
    "implausible distance",
    "implausible hours",
]


def reasons_of(attempt: Attempt, answer: Any) -> set[str]:
    attempt.expect(
        isinstance(answer, list) and all(isinstance(word, str) for word in answer),
        saw=f"receive returned {'None' if answer is None else f'a {type(answer).__name__}'} and should return a "
        "list of texts",
        help="End every way through the function with a return of the list; [] lets the file in.",
    )
    unknown = sorted(set(answer) - set(WORDS))
    attempt.expect(
        not unknown and len(answer) == len(set(answer)),
        saw=f"receive's list has what is none of the six words: '{unknown[0][:30]}'"
        if unknown
        else "receive's list has a word twice",
        help="Use the words of the brief, each at most once.",
    )
    return set(answer)


def named(words: set[str]) -> str:
    return ", ".join(f'"{word}"' for word in sorted(words)) or "nothing"


def expect_reasons(attempt: Attempt, answer: Any, wanted: set[str], what: str, help: str) -> None:
    got = reasons_of(attempt, answer)
    for word in sorted(got ^ wanted):
        attempt.expect(
            False,
            saw=f'{what}: receive {"did not say" if word in wanted else "said"} "{word}"',
            help=help,
        )


def ask_receive(  # noqa: PLR0913  # each is one fact about the question
    attempt: Attempt,
    file: File,
    wanted: set[str],
    what: str,
    help: str,
    *,
    asked: str = "",
    without: str = "",
) -> str:
    """Let receive judge a file; return the folder `out`."""
    month = asked or file.month
    if not without and stops(file, month) != wanted:
        raise AssertionError(f"{what}: {stops(file, month)} and not {wanted}")
    path, out = lay_out(attempt, file.draw, file.text([name for name in COLUMNS if name != without]))
    answer = attempt.call("receive", path, month, out)
    expect_reasons(attempt, answer, wanted, what, help)
    return out


def head(file: File, rows: int) -> File:
    """Fewer rows of the file, from all of the month, in its order."""
    chosen = sorted(file.draw.sample(range(len(file.rows)), rows))
    return File(file.month, [list(file.rows[number]) for number in chosen], file.draw)


def spoil(file: File, rows: int) -> None:
    """Break that many rows, some of them twice over; distances become far too large."""
    draw = file.draw
    for number, row in enumerate(draw.sample(range(10, len(file.rows)), rows)):
        file.rows[row][AT["distance"]] = str(draw.randrange(50_000, 90_000))
        if number % 2:
            file.rows[row][AT["hour"]] = "25"


def in_kilometres(file: File) -> None:
    for row in file.rows:
        row[AT["distance"]] = str(round(int(row[AT["distance"]]) * 1.609344))


def in_utc(file: File) -> None:
    for row in file.rows:
        row[AT["hour"]] = str((int(row[AT["hour"]]) + 5) % 24)


def a_day_twice(file: File) -> None:
    day = file.draw.choice(sorted({row[0] for row in file.rows}))
    file.rows += [list(row) for row in file.rows if row[0] == day]


T4_READY = ("finds_every_broken_cell", "finds_every_impossible_row")
LET_IN = "Put bad rows aside, and stop the file only for the six reasons of the table."


@check("t4", points=2, needs=T4_READY)
def each_reason_has_its_word(attempt: Attempt) -> None:
    """receive lets a usable month in and tells each kind of unusable file by its word."""
    draw = random.Random(f"{attempt.seed} receive")
    whole = {month: read(attempt, month, draw) for month in KNOWN}

    def fresh(rows: int = 0) -> File:
        file = whole[draw.choice(KNOWN)]
        return head(file, rows or draw.randrange(20_020, 20_900))

    file = fresh()
    spoil(file, len(file.rows) // 120)
    for row in draw.sample(file.rows, len(file.rows) // 200):
        row[AT["hour"]] = "4"
    a_day_twice(file)
    mend = f"{LET_IN} Distances and hours are judged on the good rows alone."
    ask_receive(attempt, file, set(), "a month with a few bad rows", mend)

    gone = draw.choice(COLUMNS)
    ask_receive(
        attempt,
        fresh(3_000),
        {"missing column"},
        "a file without one of its columns",
        "Look at the header first, before anything uses a column, and return at once.",
        without=gone,
    )
    ask_receive(
        attempt,
        fresh(draw.randrange(4_000, 9_000)),
        {"too few rows"},
        "a file with part of the rows",
        "Compare the number of rows with MIN_ROWS.",
    )
    file = fresh()
    ask_receive(
        attempt,
        file,
        {"wrong month", "too many bad rows"},
        "the file of another month",
        "Count the rows whose date is not in the month asked for; all words that apply are wanted.",
        asked=draw.choice(
            [month for month in KNOWN if month != file.month] + ["2012" + file.month[4:], "2013-10"]
        ),
    )
    file, column = fresh(), draw.choice(["minute", "dep_delay", "arr_delay", "distance"])
    for row in file.rows:
        unit = "mi" if column == "distance" else "min"
        row[AT[column]] = f"{row[AT[column]]} {unit}" if row[AT[column]] else "cancelled"
    ask_receive(
        attempt,
        file,
        {"too many bad rows"},
        "a file with one column in another form",
        "Count the rows that broken_cells or broken_rows name, each once, against MAX_BAD.",
    )
    file = fresh()
    in_kilometres(file)
    ask_receive(
        attempt,
        file,
        {"implausible distance"},
        "a file with its distances in kilometres",
        "No single row gives it away: take the mean over the good rows.",
    )
    file = fresh()
    in_utc(file)
    ask_receive(
        attempt,
        file,
        {"implausible hours"},
        "a file with its hours in another time zone",
        "No single row gives it away: take the share of the good rows before 05:00.",
    )


@check("t4", points=1, needs=("each_reason_has_its_word",))
def limits_and_several_reasons(attempt: Attempt) -> None:
    """receive keeps to its limits, and gives every reason that applies."""
    draw = random.Random(f"{attempt.seed} limits")
    whole = read(attempt, draw.choice(KNOWN), draw)
    border = (
        "A file exactly at a limit is let in: fewer than MIN_ROWS, more than MAX_BAD. Count rows, not faults."
    )
    file = head(whole, MIN_ROWS)
    spoil(file, int(MIN_ROWS * MAX_BAD))
    ask_receive(attempt, file, set(), "MIN_ROWS rows with exactly the share MAX_BAD of bad ones", border)
    file = head(whole, MIN_ROWS - 1)
    spoil(file, int(MIN_ROWS * MAX_BAD) + 1)
    ask_receive(attempt, file, {"too few rows", "too many bad rows"}, "a file just beyond two limits", border)
    # Two fifths of the days are another month's: many bad rows, and yet not the wrong month.
    file = head(whole, 4_000)
    in_kilometres(file)
    in_utc(file)
    for row in draw.sample(file.rows, len(file.rows) * 2 // 5):
        row[0] = f"{month_beside(file.month, -1)}-{row[0][8:]}" if row[0][8:] < "29" else f"2014-{row[0][5:]}"
    ask_receive(
        attempt,
        file,
        set(WORDS) - {"missing column", "wrong month"},
        "a file with four things wrong and two fifths of its rows from another month",
        "Collect all words that apply. It is the wrong month when more than half of the rows are of another one.",
    )
    empty = File(whole.month, [], draw)
    mend = "A file with a header and no rows has no share and no mean: return before you divide."
    ask_receive(attempt, empty, {"too few rows"}, "a file without any rows", mend)


@check("t4", points=1, needs=("each_reason_has_its_word", "every_row_is_in_one_of_two_files"))
def let_in_is_split_and_stopped_leaves_nothing(attempt: Attempt) -> None:
    """A file that is let in is split; a file that is stopped leaves nothing behind."""
    draw = random.Random(f"{attempt.seed} gate")
    whole = read(attempt, draw.choice(KNOWN), draw)
    file = head(whole, 20_500)
    spoil(file, draw.randrange(60, 180))
    a_day_twice(file)
    out = ask_receive(attempt, file, set(), "a month with a few bad rows", LET_IN)
    faults = cell_faults(file) | row_faults(file, file.month)
    expect_split(attempt, file, written(attempt, out), faults)
    short = head(whole, draw.randrange(4_000, 9_000))
    kilometres = head(whole, 4_000)
    in_kilometres(kilometres)
    for stopped, words in (
        (short, {"too few rows"}),
        (kilometres, {"too few rows", "implausible distance"}),
    ):
        out = ask_receive(attempt, stopped, words, "a file to be stopped", LET_IN)
        left = sorted({"good.csv", "quarantine.csv"} & set(written(attempt, out)))
        attempt.expect(
            not left,
            saw=f"a file was stopped, and {' and '.join(left)} is in `out` all the same",
            help="Collect the reasons first; split only when there are none.",
        )
