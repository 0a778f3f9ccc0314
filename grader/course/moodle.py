"""Fills in Moodle's offline grading worksheet, as it was downloaded, and leaves the rest of it as it is."""

from __future__ import annotations

import csv
import html
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.cells import table
from grader.course.export import Exported, Line, warnings
from grader.course.pages import number
from sandbox.errors import UsageError

_MOST_BYTES = 32 * 2**20
_MOST_LINES = 10  # of one kind of warning
_NEEDED = ("identifier", "grade")
_AGAIN = "download the offline grading worksheet from the Moodle assignment, in English"


@dataclass(frozen=True)
class Worksheet:
    """A downloaded worksheet, parsed."""

    header: list[str]
    rows: list[list[str]]
    delimiter: str
    end: str
    mark: str  # the byte order mark it began with, or nothing

    def column(self, name: str) -> int | None:
        """Where a column is, by its name in lower case."""
        names = [cell.strip().casefold() for cell in self.header]
        return names.index(name) if name in names else None


def read_worksheet(path: Path) -> Worksheet:
    """Read a worksheet.

    Raises:
        UsageError: missing, unreadable, or no worksheet of Moodle's.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        text = data.decode("utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no worksheet {path}", _AGAIN) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", _AGAIN) from None
    if len(data) > _MOST_BYTES:
        raise UsageError(f"{path} is larger than {_MOST_BYTES // 2**20} MB", _AGAIN)
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    text = text.removeprefix(mark)
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise UsageError(f"{path} is no CSV: {error}", _AGAIN) from None
    found = Worksheet(
        rows[0] if rows else [], rows[1:], delimiter, "\r\n" if first.endswith("\r") else "\n", mark
    )
    for name in _NEEDED:
        if found.column(name) is None:
            raise UsageError(
                f"{path} is no grading worksheet of Moodle's: it has no column '{name.title()}'", _AGAIN
            )
    return found


def fill(sheet: Worksheet, lines: list[Line]) -> Exported:
    """The worksheet with grades, and comments where there was none.

    A row is whose its ID number, its e-mail address or its Identifier says, in this order. A grade of another
    maximum is scaled to the worksheet's.

    Raises:
        UsageError: the worksheet grades by a scale of words.
    """
    finder = _Finder(sheet, [line for line in lines if line.learner is not None])
    told: list[str] = []
    used: set[str] = set()
    rows = []
    for place, row in enumerate(sheet.rows, 2):
        line = finder.find(row)
        if not any(row):
            rows.append(row)
            continue
        if line is None or line.opaque in used:
            why = "fits nobody on the roster" if line is None else "is a second row of the same learner"
            told.append(f"row {place} ({finder.cell(row, 'identifier')}) {why}; left as it is")
            rows.append(row)
            continue
        used.add(line.opaque)
        rows.append(_filled(sheet, finder, row, line, told))
    absent = sum(line.learner is not None and bool(line.grade) and line.opaque not in used for line in lines)
    if absent:
        told.append(f"{absent} learners with marks have no row in the worksheet")
    if len(told) > _MOST_LINES:
        told = [*told[:_MOST_LINES], f"and {len(told) - _MOST_LINES} more like these"]
    there = [line for line in lines if line.opaque in used]
    text = sheet.mark + table([sheet.header, *rows], sheet.delimiter, sheet.end)
    return Exported(text, [*warnings(there), *told])


def _filled(sheet: Worksheet, finder: _Finder, row: list[str], line: Line, told: list[str]) -> list[str]:
    """A row with its grade and comment."""
    if not line.grade or line.marks is None:
        return row
    if finder.cell(row, "grade can be changed").casefold() == "no":
        told.append(
            f"{finder.cell(row, 'identifier')}: Moodle says that its grade cannot be changed; left as it is"
        )
        return row
    most = _maximum(finder.cell(row, "maximum grade"), line.marks.max_points)
    scaled = line.marks.points * most / line.marks.max_points if line.marks.max_points else 0.0
    if scaled > most:  # Moodle passes over what is above the maximum without a word
        told.append(
            f"{finder.cell(row, 'identifier')}: {number(scaled)} is above the maximum; given {number(most)}"
        )
    filled = row + [""] * (len(sheet.header) - len(row))
    filled[sheet.column("grade") or 0] = number(round(min(scaled, most), 5))
    comments = sheet.column("feedback comments")
    if comments is not None and not filled[comments].strip():
        filled[comments] = html.escape(_comment(line), quote=False)
    return filled


def _maximum(cell: str, ours: float) -> float:
    if not cell:
        return ours
    try:
        return float(cell.replace(",", "."))
    except ValueError:
        raise UsageError(
            f"the worksheet grades by a scale ('{cell[:40]}')", "set the Moodle assignment to grade by points"
        ) from None


def _comment(line: Line) -> str:
    """What was earned where, and what a mentor wrote."""
    if line.marks is None or line.verdict is None:
        return ""
    parts = []
    for task in line.verdict.result.tasks:
        own = [
            mark
            for mark in line.marks.checks
            if mark.check == task.id or mark.check.startswith(f"{task.id}/")
        ]
        earned, most = sum(mark.points for mark in own), sum(mark.max_points for mark in own)
        parts.append(f"{task.title}: {number(earned)} of {number(most)}.")
        parts += [f"Mentor: {' '.join(mark.comment.split())}" for mark in own if mark.comment]
    return " ".join(parts)


class _Finder:
    """Whose a row is."""

    def __init__(self, sheet: Worksheet, lines: list[Line]) -> None:
        self._columns = {
            cell.strip().casefold(): place for place, cell in reversed(list(enumerate(sheet.header)))
        }
        self._by: dict[tuple[str, str], Line] = {}
        for line in lines:
            for kind, value in self._known(line):
                self._by.setdefault((kind, value.casefold()), line)

    @staticmethod
    def _known(line: Line) -> Iterator[tuple[str, str]]:
        """What a learner is known by, and in which column."""
        one = line.learner
        if one is None:
            return
        for kind, values in {
            "id number": (one.id, one.lms_id, one.login),
            "email address": (one.email,),
            "username": (one.login, one.id),
            "identifier": (one.lms_id, _digits(one.lms_id)),
        }.items():
            for value in values:
                if value:
                    yield kind, value

    def cell(self, row: list[str], name: str) -> str:
        """A cell by its column's name; nothing where there is none."""
        place = self._columns.get(name)
        return row[place].strip() if place is not None and place < len(row) else ""

    def find(self, row: list[str]) -> Line | None:
        """The learner of a row."""
        for kind in ("id number", "email address", "username", "identifier"):
            value = self.cell(row, kind)
            for form in (value, _digits(value)) if kind == "identifier" else (value,):
                found = self._by.get((kind, form.casefold())) if form else None
                if found is not None:
                    return found
        return None


def _digits(identifier: str) -> str:
    """The number at the end of "Participant 123"."""
    found = re.search(r"[0-9]+$", identifier)
    return found[0] if found else ""
