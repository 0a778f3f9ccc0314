"""An open nbgrader gradebook: a lab's cells, a learner's grades and comments, each written in one transaction.

What a mentor does in the formgrader is theirs: manual marks, extra credit and manual comments are read here
and never written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, not_, or_, select, text

from grader.nbgrader_api import charge_lateness, models, open_gradebook, utc


@dataclass(frozen=True)
class Entry:
    """What a learner's rows must say; grades and comments by the grade id of their cell."""

    learner: str
    timestamp: str  # of handing in; "": unknown
    scores: Mapping[str, float | None]  # of every graded cell; None: only a mentor can tell
    comments: Mapping[str, str]
    anew: frozenset[str] = frozenset()  # cells whose answer is another one than before


@dataclass(frozen=True)
class Row:
    """One grade as the gradebook has it."""

    learner: str
    cell: str
    max_points: float
    auto: float | None
    manual: float | None
    extra: float | None
    waits: bool
    late_penalty: float


class Book:
    """An open gradebook."""

    def __init__(self, url: str, app: Any) -> None:
        """Open it; made when missing.

        Args:
            url: SQLAlchemy's.
            app: nbgrader's settings for the course.
        """
        self._url, self._app = url, app
        self._book = open_gradebook(url, app)
        self._db = self._book.db

    def close(self) -> None:
        """Close every connection."""
        self._book.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.rollback()  # ends what a reading left open
        with self._db.begin():
            yield

    def _one(self, kind: Any, **where: Any) -> Any:
        return self._db.scalars(select(kind).filter_by(**where)).first()

    def _notebook(self, lab: str) -> Any:
        assignment = self._one(models.Assignment, name=lab)
        return assignment and self._one(models.Notebook, name=lab, assignment_id=assignment.id)

    def kernelspec(self, lab: str) -> dict[str, Any] | None:
        """What nbgrader runs submissions of a lab with; None when the gradebook has no such lab."""
        self._db.rollback()
        notebook = self._notebook(lab)
        return None if notebook is None else json.loads(notebook.kernelspec or "{}")

    def put_lab(self, lab: str, cells: Iterable[Mapping[str, Any]], kernelspec: Mapping[str, str]) -> None:
        """Have the master's cells of a lab; others go, unless a mentor wrote something there.

        Args:
            lab: name of assignment and notebook.
            cells: of the released notebook, with nbgrader's metadata.
            kernelspec: what nbgrader's own autograde would run submissions with.
        """
        with self._transaction():
            assignment = self._one(models.Assignment, name=lab)
            if assignment is None:
                assignment = models.Assignment(lab, course_id=self._book.course_id)
            notebook = self._notebook(lab) or models.Notebook(name=lab, assignment=assignment)
            self._db.add_all([assignment, notebook])
            notebook.kernelspec = json.dumps(kernelspec)
            self._db.flush()
            wanted = {cell["metadata"]["nbgrader"]["grade_id"]: cell for cell in cells}
            for name, cell in wanted.items():
                self._put_cell(notebook, name, cell)
            self._db.flush()
            for kind in (models.SourceCell, models.GradeCell, models.SolutionCell):
                for old in self._db.scalars(select(kind).filter_by(notebook_id=notebook.id)).all():
                    if old.name not in wanted:
                        self._drop_cell(old)

    def _put_cell(self, notebook: Any, name: str, cell: Mapping[str, Any]) -> None:
        about = cell["metadata"]["nbgrader"]
        where = {"name": name, "notebook_id": notebook.id}
        source = self._one(models.SourceCell, **where) or models.SourceCell(**where)
        source.cell_type, source.locked = cell["cell_type"], about["locked"]
        source.source, source.checksum = cell["source"], about.get("checksum")
        self._db.add(source)
        if about["solution"] and self._one(models.SolutionCell, **where) is None:
            self._add(models.SolutionCell(**where), notebook, models.Comment)
        if about["grade"]:
            graded = self._one(models.GradeCell, **where)
            if graded is None:
                graded = models.GradeCell(**where, max_score=0.0, cell_type=cell["cell_type"])
                self._add(graded, notebook, models.Grade)
            graded.max_score, graded.cell_type = float(about["points"]), cell["cell_type"]

    def _add(self, cell: Any, notebook: Any, kind: Any) -> None:
        """A new cell, and its row in every submission that is there already: nbgrader's pages look for it."""
        self._db.add(cell)
        self._db.flush()
        for submitted in self._db.scalars(
            select(models.SubmittedNotebook).filter_by(notebook_id=notebook.id)
        ).all():
            self._db.add(kind(cell_id=cell.id, notebook_id=submitted.id))

    def _drop_cell(self, cell: Any) -> None:
        if isinstance(cell, models.GradeCell):
            given = or_(models.Grade.manual_score.is_not(None), models.Grade.extra_credit != 0)
            rows = select(models.Grade).filter_by(cell_id=cell.id)
            for row in self._db.scalars(rows.where(not_(func.coalesce(given, False)))).all():
                self._db.delete(row)
            kept = self._db.scalars(rows.where(given)).all()
            for row in kept:
                row.auto_score = 0.0
            cell.max_score = 0.0
            self._db.flush()
            if kept:  # what a mentor gave there counts on
                return
        if isinstance(cell, models.SolutionCell):
            rows = self._db.scalars(select(models.Comment).filter_by(cell_id=cell.id)).all()
            if any(row.manual_comment for row in rows):
                return
            self._db.execute(delete(models.Comment).where(models.Comment.cell_id == cell.id))
        self._db.delete(cell)

    def put_entry(self, lab: str, entry: Entry) -> None:
        """Have a learner's grades and automatic comments; then let the course's late policy be applied."""
        with self._transaction():
            submission, submitted = self._submission(lab, entry.learner)
            submission.timestamp = utc(entry.timestamp)
            cells = {
                (cell.type, cell.name): cell.id
                for cell in self._db.scalars(
                    select(models.BaseCell).filter_by(notebook_id=submitted.notebook_id)
                )
            }
            for name, score in entry.scores.items():
                where = {"cell_id": cells["GradeCell", name], "notebook_id": submitted.id}
                self._put_grade(where, score, name in entry.anew)
            for (kind, name), cell_id in cells.items():
                if kind == "SolutionCell":
                    where = {"cell_id": cell_id, "notebook_id": submitted.id}
                    comment = self._one(models.Comment, **where) or models.Comment(**where)
                    comment.auto_comment = entry.comments.get(name) or None
                    self._db.add(comment)
            self._db.flush()
            self._db.expire_all()
            late = submission.total_seconds_late > 0 or bool(submitted.late_submission_penalty)
        if late:
            charge_lateness(self._url, self._app, lab, entry.learner)

    def _submission(self, lab: str, learner: str) -> tuple[Any, Any]:
        if self._one(models.Student, id=learner) is None:
            self._db.add(models.Student(id=learner))
        notebook = self._notebook(lab)
        where = {"assignment_id": notebook.assignment_id, "student_id": learner}
        submission = self._one(models.SubmittedAssignment, **where) or models.SubmittedAssignment(**where)
        self._db.add(submission)
        self._db.flush()
        where = {"assignment_id": submission.id, "notebook_id": notebook.id}
        submitted = self._one(models.SubmittedNotebook, **where) or models.SubmittedNotebook(**where)
        self._db.add(submitted)
        self._db.flush()
        return submission, submitted

    def _put_grade(self, where: Mapping[str, str], score: float | None, anew: bool) -> None:
        """nbgrader's rule: what only a mentor can tell, and what is new under a mentor's mark, waits for one.

        The same score again changes nothing, so that a resumed run asks nobody twice.
        """
        grade = self._one(models.Grade, **where)
        if grade is not None and grade.auto_score == score and not anew:
            return
        grade = grade or models.Grade(**where)
        grade.auto_score = score
        grade.needs_manual_grade = score is None or grade.manual_score is not None
        self._db.add(grade)

    def rows(self, lab: str) -> list[Row]:
        """Every grade of a lab."""
        self._db.rollback()
        found = self._db.execute(
            select(
                models.SubmittedAssignment.student_id.label("learner"),
                models.GradeCell.name.label("cell"),
                models.GradeCell.max_score.label("max_points"),
                models.Grade.auto_score.label("auto"),
                models.Grade.manual_score.label("manual"),
                models.Grade.extra_credit.label("extra"),
                models.Grade.needs_manual_grade.label("waits"),
                func.coalesce(models.SubmittedNotebook.late_submission_penalty, 0.0).label("late_penalty"),
            )
            .select_from(models.Grade)
            .join(models.GradeCell, models.GradeCell.id == models.Grade.cell_id)
            .join(models.SubmittedNotebook, models.SubmittedNotebook.id == models.Grade.notebook_id)
            .join(
                models.SubmittedAssignment,
                models.SubmittedAssignment.id == models.SubmittedNotebook.assignment_id,
            )
            .join(models.Assignment, models.Assignment.id == models.SubmittedAssignment.assignment_id)
            .where(models.Assignment.name == lab)
        )
        return [Row(**row) for row in found.mappings()]

    def comments(self, lab: str) -> dict[tuple[str, str], str]:
        """Learner and cell -> what a mentor wrote there."""
        self._db.rollback()
        found = self._db.execute(
            select(
                models.SubmittedAssignment.student_id, models.SolutionCell.name, models.Comment.manual_comment
            )
            .select_from(models.Comment)
            .join(models.SolutionCell, models.SolutionCell.id == models.Comment.cell_id)
            .join(models.SubmittedNotebook, models.SubmittedNotebook.id == models.Comment.notebook_id)
            .join(
                models.SubmittedAssignment,
                models.SubmittedAssignment.id == models.SubmittedNotebook.assignment_id,
            )
            .join(models.Assignment, models.Assignment.id == models.SubmittedAssignment.assignment_id)
            .where(models.Assignment.name == lab)
        )
        return {(learner, cell): comment for learner, cell, comment in found if comment}

    def remove(self, learner: str) -> None:
        """Forget a learner and everything of theirs."""
        with self._transaction():
            student = self._one(models.Student, id=learner)
            if student is None:
                return
            for submission in list(student.submissions):
                for submitted in list(submission.notebooks):
                    for row in [*submitted.grades, *submitted.comments]:
                        self._db.delete(row)
                    self._db.delete(submitted)
                self._db.delete(submission)
            self._db.delete(student)
        if self._url.startswith("sqlite"):
            with self._book.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM"))  # deleted rows stay readable in the file until then
