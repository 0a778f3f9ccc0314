"""Brings a class's verdicts into an nbgrader course, and reads back what mentors made of them.

The order of steps is what survives a `kill -9`: a learner's rows are one transaction, their files are each
written whole, and only then does the ledger say that the verdict is published. Whatever was cut short is done
again, and doing it again changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import nbgrader_api, wire
from grader.course import master as masters
from grader.course.autograded import autograded, comment, take_apart
from grader.course.book import Book, Entry, Row
from grader.course.collect import TIMESTAMP
from grader.course.folder import Course
from grader.course.ledger import Ledger, Verdict
from grader.course.marks import CheckMark, Marks
from grader.course.opening import SAFE, check, gradebook_url, opened, schema
from grader.release import Bundle
from grader.result import Result
from sandbox.engine import Progress
from sandbox.errors import DiskFull

__all__ = ["check", "forget", "publish", "read_marks"]


def publish(
    course: Course,
    bundle: Bundle,
    ledger: Ledger,
    tell: Progress,
    step: Callable[[str], None] = lambda _label: None,
) -> int:
    """Bring the latest verdicts into the course; return how many.

    Taken are those that the ledger calls unpublished, and those whose notebook somebody has removed; all
    of them when the lab is another version than the course was published with.

    Raises:
        InfrastructureError: the gradebook or the disk cannot be written; nothing is lost.
        UsageError: the course cannot be used as it is.
    """
    lab = bundle.lab.id
    unpublished, latest = {verdict.number for verdict in ledger.unpublished(lab)}, ledger.latest(lab)
    waiting = [
        verdict
        for verdict in latest.values()
        if verdict.number in unpublished or not _shown(course, verdict.key.learner, lab).exists()
    ]
    if not waiting:
        return 0
    tell(f"bringing {len(waiting)} verdicts of {lab} into the gradebook")
    try:
        master, changed = masters.put_master(course, bundle)
        waiting = list(latest.values()) if changed else waiting
        step("master-written")
        app = nbgrader_api.settings(course.root)
        with opened(course, app) as book:
            cells = [cell for cell in master["cells"] if "grade_id" in cell["metadata"].get("nbgrader", {})]
            book.put_lab(lab, cells, masters.KERNELSPEC)
            step("lab-committed")
            publication = _Publication(course, bundle, book, master, step)
            for verdict in waiting:
                publication.bring(verdict)
                ledger.mark_published([verdict.number])
                step("published")
        if changed:
            masters.keep_master(course, lab, master)
    except OSError as error:
        raise DiskFull(
            f"the course {course.root} cannot be written ({error.strerror})", f"make room or mend it; {SAFE}"
        ) from None
    return len(waiting)


def _shown(course: Course, learner: str, lab: str) -> Path:
    return course.root / "autograded" / learner / lab / f"{lab}.ipynb"


@dataclass(frozen=True)
class _Publication:
    """What bringing one lab's verdicts over needs."""

    course: Course
    bundle: Bundle
    book: Book
    master: dict[str, Any]
    step: Callable[[str], None]

    def bring(self, verdict: Verdict) -> None:
        """One learner's rows, then their files."""
        learner, lab, result = verdict.key.learner, self.bundle.lab.id, verdict.result
        kept = self.course.attempts / result.attempt
        submitted, executed = _read(kept / "submission.ipynb"), _parsed(kept / "executed.ipynb")
        work = take_apart(submitted, executed, self.bundle.master, lab)
        notebook = autograded(self.master, result, work)
        stamp = _read(kept / TIMESTAMP)
        if nbgrader_api.utc(stamp.decode("ascii", "replace")) is None:
            stamp = b""  # nbgrader stops at one that it cannot read
        entry = Entry(
            learner,
            stamp.decode("ascii", "replace"),
            _scores(result, self.master),
            _comments(result, self.master),
            anew=_changed(notebook, _parsed(_shown(self.course, learner, lab))),
        )
        self.book.put_entry(lab, entry)
        self.step("entry-committed")
        for name in ("submitted", "autograded"):
            folder = self.course.root / name / learner / lab
            if stamp:
                masters.put_file(self.course, folder / TIMESTAMP, stamp)
            else:
                (folder / TIMESTAMP).unlink(missing_ok=True)
            masters.put_file(self.course, folder / f"{lab}.ipynb", json.dumps(notebook, indent=1).encode())
            self.step(f"{name}-written")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _parsed(path: Path) -> Any:
    try:
        return wire.loads(_read(path))
    except wire.WireError:
        return None


def _scores(result: Result, master: dict[str, Any]) -> dict[str, float | None]:
    """Grade id -> points. None, which waits for a mentor: prose, a check of ours that broke or is missing."""
    found = {check.id: check for task in result.tasks for check in task.checks}
    scores: dict[str, float | None] = {}
    for name, check_id, _ in masters.graded_cells(master):
        verdict = found.get(check_id)
        waits = verdict is None or verdict.state in ("to_mark", "error")
        scores[name] = None if verdict is None or waits else float(verdict.earned)
    return scores


def _comments(result: Result, master: dict[str, Any]) -> dict[str, str]:
    """Grade id of the first answer cell of each task -> the automatic comment."""
    first: dict[str, str] = {}
    for name, task in masters.answer_cells(master).items():
        first.setdefault(task, name)
    return {name: comment(result, task) for task, name in first.items()}


def _changed(notebook: dict[str, Any], before: Any) -> frozenset[str]:
    """Cells in prose whose answer is another one than in the notebook that was shown before."""
    cells = before.get("cells", []) if isinstance(before, dict) else []
    known = {cell["id"]: cell["source"] for cell in cells if isinstance(cell, dict) and "source" in cell}
    return frozenset(
        cell["metadata"]["nbgrader"]["grade_id"]
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown"
        and cell["metadata"].get("nbgrader", {}).get("grade")
        and _joined(known.get(cell["id"])) != cell["source"]
    )


def _joined(source: Any) -> Any:
    return "".join(source) if isinstance(source, list) else source


def read_marks(course: Course, lab: str) -> dict[str, Marks]:
    """Every learner's marks of a lab, by opaque id: the verdicts' points and a mentor's word.

    Raises:
        InfrastructureError: the gradebook cannot be read.
    """
    master = masters.read_master(course, lab)
    if master is None:
        return {}
    with opened(course) as book:
        rows, comments = book.rows(lab), book.comments(lab)
    by_learner: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_learner.setdefault(row.learner, {})[row.cell] = row
    return {
        learner: _marks(learner, lab, master, found, comments)
        for learner, found in sorted(by_learner.items())
    }


def _marks(
    learner: str,
    lab: str,
    master: dict[str, Any],
    rows: dict[str, Row],
    comments: dict[tuple[str, str], str],
) -> Marks:
    said: dict[str, list[str]] = {}  # task -> what a mentor wrote at its answers
    for name, task in masters.answer_cells(master).items():
        if (learner, name) in comments:
            said.setdefault(task, []).append(comments[learner, name])
    penalty = max((row.late_penalty for row in rows.values()), default=0.0)
    marks = []
    for name, check_id, task in masters.graded_cells(master):
        if name in rows:
            marks.append(_mark(check_id, rows.pop(name), "\n".join(said.pop(task, []))))
    marks += [_mark(name, row, "") for name, row in sorted(rows.items())]  # of checks that are no more
    return Marks(learner, lab, tuple(marks), penalty)


def _mark(check_id: str, row: Row, said: str) -> CheckMark:
    marked = row.auto is not None or row.manual is not None
    extra = (row.extra or 0.0) if marked else 0.0  # nbgrader counts none where there is no mark
    return CheckMark(check_id, row.max_points, row.auto, row.manual, extra, said, row.waits)


def forget(course: Course, learner: str) -> None:
    """Remove a learner from the gradebook; their folders are for `grader.course.purge`."""
    if schema(gradebook_url(course))[0]:
        with opened(course) as book:
            book.remove(learner)
