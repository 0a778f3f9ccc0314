"""Public checks of "Refuse bad data": few and quick. The graded ones plant more faults, and in unseen months."""

import base64
import csv
import io
import secrets
import zlib
from typing import Any

from months import COLUMNS

from grader.checks import Attempt, check

AT = {name: place for place, name in enumerate(COLUMNS)}


def rows_of(attempt: Attempt, month: str, most: int = 3000) -> list[list[str]]:
    """Every so many rows of a month, in its order: each row a list of texts."""
    text = (attempt.data / f"data/{month}.csv").read_text(encoding="utf-8")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    return [list(row) for row in rows[:: max(1, len(rows) // most)]]


def flown(rows: list[list[str]], start: int) -> int:
    """The first row from there of a flight that left and arrived."""
    return next(number for number in range(start, len(rows)) if all(rows[number]))


def lay_out(attempt: Attempt, rows: list[list[str]], columns: list[str] = COLUMNS) -> tuple[str, str]:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([columns, *([row[AT[name]] for name in columns] for row in rows)])
    packed = base64.b64encode(zlib.compress(out.getvalue().encode(), 1)).decode()
    path, folder = attempt.probe("put", f"practice-{secrets.token_hex(4)}", packed)
    return path, folder


def expect_places(attempt: Attempt, answer: Any, planted: dict[tuple[int, str], str], function: str) -> None:
    """Fail unless an answer names the planted places and no other."""
    attempt.expect(
        isinstance(answer, list),
        saw=f"{function} returned {'None' if answer is None else f'a {type(answer).__name__}'} and should "
        "return a list",
        help="Return a list in every case; [] where nothing is broken.",
    )
    for entry in answer:
        fits = isinstance(entry, dict) and isinstance(entry.get("column"), str)
        row = entry.get("row") if fits else None
        attempt.expect(
            isinstance(row, int | float) and row == int(row),
            saw=f"an entry of {function}'s list is {str(entry)[:80]}",
            help='Make each entry like {"row": 7, "column": "hour"}.',
        )
    got = {(int(entry["row"]), entry["column"]) for entry in answer}
    missed = [place for place in planted if place not in got]
    attempt.expect(
        not missed,
        saw=f"{function} named {len(got & set(planted))} of {len(planted)}; not named is "
        + (f"row {missed[0][0]}, {missed[0][1]}: {planted[missed[0]]}" if missed else ""),
        help="Try that rule on a small frame of your own.",
    )
    extra = sorted(got - set(planted))
    attempt.expect(
        not extra,
        saw=f"{function} named {len(extra)} that it should not, for instance "
        + (f"row {extra[0][0]}, {extra[0][1]}" if extra else ""),
        help="Look that row up in the file: which rule of the table does it break? January and February are clean.",
    )


def faulty_cells(attempt: Attempt) -> tuple[list[list[str]], dict[tuple[int, str], str]]:
    rows = rows_of(attempt, "2013-01")
    planted: dict[tuple[int, str], str] = {}
    for start, column, text in (
        (50, "hour", "24"),
        (400, "dest", ""),
        (900, "carrier", "ua"),
        (900, "flight", "0"),
    ):
        row = flown(rows, start)
        rows[row][AT[column]] = text
        planted[row, column] = f"'{text}'"
    row = flown(rows, 1500)
    rows[row][AT["distance"]] = "1400 miles"
    planted[row, "distance"] = "'1400 miles'"
    return rows, planted


def faulty_rows(attempt: Attempt) -> tuple[list[list[str]], dict[tuple[int, str], str]]:
    rows = rows_of(attempt, "2013-01")
    planted: dict[tuple[int, str], str] = {}
    row = flown(rows, 70)
    rows[row][AT["dest"]] = rows[row][AT["origin"]]
    planted[row, "dest"] = "it goes where it comes from"
    row = flown(rows, 800)
    rows[row][AT["tailnum"]] = ""
    planted[row, "tailnum"] = "it left, without a plane"
    rows.append(list(rows[flown(rows, 1200)]))
    planted[len(rows) - 1, "flight"] = "it is in the file already"
    return rows, planted


@check("t1")
def five_broken_cells(attempt: Attempt) -> None:
    """broken_cells names five planted cells of January, and none of February."""
    rows, planted = faulty_cells(attempt)
    try:
        path, _ = lay_out(attempt, rows)
        expect_places(attempt, attempt.call("broken_cells", path), planted, "broken_cells")
        path, _ = lay_out(attempt, rows_of(attempt, "2013-02", 6_000))
        expect_places(attempt, attempt.call("broken_cells", path), {}, "broken_cells")
    finally:
        attempt.probe("clear")


@check("t2")
def three_impossible_rows(attempt: Attempt) -> None:
    """broken_rows names three planted rows of January, and none of February."""
    rows, planted = faulty_rows(attempt)
    try:
        path, _ = lay_out(attempt, rows)
        expect_places(attempt, attempt.call("broken_rows", path, "2013-01"), planted, "broken_rows")
        path, _ = lay_out(attempt, rows_of(attempt, "2013-02", 6_000))
        expect_places(attempt, attempt.call("broken_rows", path, "2013-02"), {}, "broken_rows")
    finally:
        attempt.probe("clear")


def table_of(attempt: Attempt, found: Any, name: str) -> list[dict[str, str]]:
    packed = found.get(name) if isinstance(found, dict) else None
    attempt.expect(
        packed is not None,
        saw=f"there is no {name} in the folder `out` afterwards",
        help=f'Write it there: table.to_csv(f"{{out}}/{name}", index=False).',
    )
    text = zlib.decompress(base64.b64decode(packed)).decode("utf-8-sig")
    reader = csv.DictReader(io.StringIO(text))
    wanted = [*COLUMNS, *(["row", "reason"] if name == "quarantine.csv" else [])]
    attempt.expect(
        sorted(reader.fieldnames or []) == sorted(wanted),
        saw=f"{name} has the columns {list(reader.fieldnames or [])}",
        help=f"It should have {', '.join(wanted)}: write with index=False.",
    )
    return list(reader)


@check("t3", needs=("t1", "t2"))
def no_row_is_lost(attempt: Attempt) -> None:
    """split puts six broken rows of January aside, with the reason, and keeps the others."""
    rows, planted = faulty_cells(attempt)
    row = flown(rows, 2000)
    rows[row][AT["dest"]] = rows[row][AT["origin"]]
    rows[row][AT["minute"]] = "60"
    planted |= {(row, "dest"): "", (row, "minute"): ""}
    try:
        path, out = lay_out(attempt, rows)
        attempt.call("split", path, "2013-01", out)
        found = attempt.probe("fetch", out)
    finally:
        attempt.probe("clear")
    good, aside = table_of(attempt, found, "good.csv"), table_of(attempt, found, "quarantine.csv")
    numbers = sorted({row for row, _ in planted})
    attempt.expect(
        len(good) + len(aside) == len(rows),
        saw=f"{len(rows)} rows went in, {len(good)} good and {len(aside)} quarantined ones came out",
        help="Every row belongs into exactly one of the two files.",
    )
    attempt.expect(
        [row["row"].removesuffix(".0") for row in aside] == [str(number) for number in numbers],
        saw=f"quarantine.csv has the rows {[row['row'] for row in aside][:8]}, and {numbers} are broken",
        help="Store the number that the row has in the file, and keep the file's order.",
    )
    for row in aside:
        wanted = {column for number, column in planted if str(number) == row["row"].removesuffix(".0")}
        attempt.expect(
            {word.strip() for word in row["reason"].split(",")} == wanted,
            saw=f"the reason of row {row['row']} is '{row['reason'][:60]}'",
            help=f"It should name the blamed columns and nothing else: {','.join(sorted(wanted))}.",
        )
    asked = next(row for row in aside if row["distance"])
    attempt.expect(
        any(row["distance"] == "1400 miles" for row in aside),
        saw=f"the cell that said '1400 miles' is not in quarantine.csv any more; there is '{asked['distance'][:20]}'",
        help="Write the cells as read_month gave them.",
    )


@check("t4", needs=("t1", "t2"))
def the_gate(attempt: Attempt) -> None:
    """receive lets January in, and stops it without its column hour, as February, and cut short."""
    rows = rows_of(attempt, "2013-01", 30_000)[:20_100]
    asked = [
        ("a clean month", rows, COLUMNS, "2013-01", []),
        (
            "a month without its column hour",
            rows,
            [name for name in COLUMNS if name != "hour"],
            "2013-01",
            ["missing column"],
        ),
        (
            "January, when February was asked for",
            rows,
            COLUMNS,
            "2013-02",
            ["too many bad rows", "wrong month"],
        ),
        ("5,000 rows of January", rows[:5000], COLUMNS, "2013-01", ["too few rows"]),
    ]
    try:
        for what, table, columns, month, wanted in asked:
            path, out = lay_out(attempt, table, columns)
            answer = attempt.call("receive", path, month, out)
            attempt.expect(
                isinstance(answer, list) and sorted(map(str, answer)) == wanted,
                saw=f"{what}: receive returned {str(answer)[:120]}",
                help=f"It should be {wanted}, in any order: see the table of the words.",
            )
            written = set(attempt.probe("fetch", out)) & {"good.csv", "quarantine.csv"}
            attempt.expect(
                len(written) == (0 if wanted else 2),
                saw=f"{what}: afterwards there is {sorted(written) or 'nothing'} in `out`",
                help="Split the file when it is let in, and write nothing when it is stopped.",
            )
    finally:
        attempt.probe("clear")
