"""What mentors are given of a graded class: feedback pages, reports, audits, exports; each from ledger and marks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from grader.course import audit, export, gradebook, moodle, pages, people, report_page
from grader.course.collect import kept_hints
from grader.course.feedback import write_feedback
from grader.course.folder import Course
from grader.course.ledger import Ledger
from grader.course.marks import Marks, marks_from_ledger
from grader.course.report import Report, make_report
from grader.course.roster import Roster, open_roster
from grader.legible import legible
from mlops_labs import catalogue, grading
from mlops_labs.session import Session
from sandbox.errors import UsageError

Target = Literal["csv", "canvas", "moodle"]


@contextmanager
def reading(course: Course) -> Iterator[Ledger]:
    """The course's ledger, for reading: also while a batch is graded."""
    ledger = Ledger(course.ledger)
    try:
        yield ledger
    finally:
        ledger.close()


def marks_of(course: Course, ledger: Ledger, lab: str) -> dict[str, Marks]:
    """Everybody's marks of a lab: the gradebook's, and the verdict's where the gradebook has none yet."""
    return marks_from_ledger(ledger.latest(lab).values()) | gradebook.read_marks(course, lab)


def _graded(ledger: Ledger, lab: str) -> None:
    if lab not in ledger.labs():
        raise UsageError(f"nothing of {lab} has been graded yet", f"run: mlops grade run {lab} FOLDER")


def feedback(session: Session, course: Course, lab: str) -> list[Path]:
    """Write every learner's page."""
    bundle = session.bundle(lab)
    with reading(course) as ledger:
        _graded(ledger, lab)
        return write_feedback(course, bundle, ledger, marks_of(course, ledger, lab))


def audit_page(course: Course, lab: str, learner: str, *, reveal: bool) -> Path:
    """Write a learner's audit page."""
    opaque = people.who(open_roster(course.roster, course.key), learner)
    with reading(course) as ledger:
        return audit.write_audit(course, ledger, lab, opaque, grading.names(course, reveal)(opaque))


def report(course: Course, lab: str, *, reveal: bool) -> tuple[Report, report_page.Written]:
    """Work a class report out and write it."""
    roster = open_roster(course.roster, course.key)
    expected = {roster.opaque(learner.id) for learner in roster} if roster.closed else None
    with reading(course) as ledger:
        _graded(ledger, lab)
        marks = marks_of(course, ledger, lab)
        made = make_report(
            ledger, lab, marks, expected, lambda attempt: kept_hints(course.attempts / attempt)
        )
    return made, report_page.write_report(course, made, grading.names(course, reveal), revealed=reveal)


def report_json(course: Course, made: Report, *, reveal: bool) -> dict[str, Any]:
    """A report for programs."""
    return report_page.as_json(made, grading.names(course, reveal))


def canvas_column(title: str, assignment: str | None) -> str:
    """The assignment's column: a number is Canvas's id of it, other text is the column's own name."""
    if assignment is None:
        return title
    return f"{title} ({assignment})" if assignment.isdigit() else assignment


@dataclass(frozen=True)
class Wanted:
    """What an export is to be."""

    to: Target = "csv"
    reveal: bool = False
    worksheet: Path | None = None  # Moodle's
    assignment: str | None = None  # Canvas's


def exported(course: Course, lab: str, wanted: Wanted) -> export.Exported:
    """A lab's marks in the form of another system.

    Raises:
        UsageError: nothing graded; a worksheet missing, or given where none is filled in; no roster.
    """
    if (wanted.to == "moodle") != (wanted.worksheet is not None):
        raise UsageError(
            "--to moodle fills in a worksheet, the others make a file of their own",
            "give --worksheet FILE with --to moodle only",
        )
    sheet = moodle.read_worksheet(wanted.worksheet) if wanted.worksheet else None
    roster = open_roster(course.roster, course.key)
    with reading(course) as ledger:
        _graded(ledger, lab)
        lines = export.gather(ledger, roster, lab, marks_of(course, ledger, lab))
    if sheet is not None:
        return moodle.fill(sheet, lines)
    if wanted.to == "canvas":
        return export.to_canvas(lines, canvas_column(catalogue.lab(lab).definition.title, wanted.assignment))
    return export.to_csv(lines, reveal=wanted.reveal)


def put(text: str, output: Path | None) -> None:
    """Write a file to where it was asked for, or to stdout as it is."""
    if output is not None:
        pages.write(output.absolute(), text, mode=0o600)
        return
    if sys.stdout.isatty():
        sys.stdout.write(legible(text))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode())
    sys.stdout.buffer.flush()


def roster_of(course: Course) -> Roster:
    """The course's roster."""
    return open_roster(course.roster, course.key)
