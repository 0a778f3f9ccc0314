"""A page for each learner: what passed, what was seen, what to try, a mentor's word, and what they handed in.

Only what a result holds for the learner is shown, and a mentor's marks and comments: never a check's code, its
inputs or the audit. The pages lie where nbgrader looks for feedback, so its own commands hand them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.course import pages
from grader.course.folder import Course
from grader.course.ledger import Ledger, Trouble, Verdict
from grader.course.marks import CheckMark, Marks, marks_from_ledger
from grader.course.pages import number
from grader.release import Bundle
from grader.result import CheckResult, Outcome, TaskResult
from grader.words import MEANING, TO_MARK, word

OUTCOMES = {
    Outcome.GRADED: "Graded",
    Outcome.NOT_ATTEMPTED: "Nothing answered",
    Outcome.INCOMPLETE: "Ended before its end",
    Outcome.TIME: "Took too long",
    Outcome.MEMORY: "Used too much memory",
    Outcome.OUTPUT: "Printed too much",
    Outcome.REJECTED: "Could not be read",
}


def ending(outcome: Outcome) -> str:
    """How an attempt came out, in words."""
    return OUTCOMES.get(outcome, str(outcome).replace("_", " "))


_WAITS_FOR_US = (
    "What you handed in could not be graded yet, through no fault of yours. It costs you nothing, "
    "and it will be tried again."
)


@dataclass(frozen=True)
class CheckView:
    """One check as its learner sees it."""

    title: str
    state: str
    word: str
    points: str
    most: str
    by_mentor: bool
    saw: str
    help: str
    comment: str


@dataclass(frozen=True)
class TaskView:
    """One task as its learner sees it."""

    id: str
    title: str
    state: str
    word: str
    meaning: str
    points: str
    most: str
    checks: Sequence[CheckView]


@dataclass(frozen=True)
class HistoryRow:
    """One thing that was handed in and graded."""

    when: str
    points: int
    most: int
    outcome: str
    remark: str


@dataclass(frozen=True)
class FeedbackPage:
    """All that a learner's page says."""

    learner: str
    number: int
    title: str
    points: str = ""
    most: str = ""
    passed: int = 0
    waits: str = ""  # what a mentor still has to mark; "": nothing
    late: str = ""
    trouble: str = ""
    outcome: str = ""
    message: str = ""
    tasks: Sequence[TaskView] = ()
    notes: Sequence[str] = ()
    next: str = ""
    history: Sequence[HistoryRow] = ()
    attempt: str = ""


def write_feedback(course: Course, bundle: Bundle, ledger: Ledger, marks: dict[str, Marks]) -> list[Path]:
    """Write the page of every learner who handed a lab in; return where they are.

    Args:
        course: whose `feedback` folder to write to.
        bundle: the lab.
        ledger: the course's.
        marks: by opaque id, as the gradebook has them; a learner who is not there gets their verdict's points.

    Raises:
        DiskFull: a page cannot be written.
    """
    lab = bundle.lab.id
    histories: dict[str, list[Verdict]] = {}
    for verdict in ledger.history(lab):
        histories.setdefault(verdict.key.learner, []).append(verdict)
    troubles = {trouble.key.learner: trouble for trouble in ledger.troubles(lab)}
    written = []
    for learner in sorted({*histories, *troubles}):
        verdicts = histories.get(learner, [])
        page = _page(bundle, learner, verdicts, marks.get(learner), troubles.get(learner))
        path = course.root / "feedback" / learner / lab / f"{lab}.html"
        written.append(pages.write(path, pages.render("feedback.html", page=page)))
    return written


def _page(
    bundle: Bundle, learner: str, verdicts: list[Verdict], marks: Marks | None, trouble: Trouble | None
) -> FeedbackPage:
    waiting = _WAITS_FOR_US if trouble else ""
    if not verdicts:
        definition = bundle.lab.definition
        return FeedbackPage(learner, definition.number, definition.title, trouble=waiting)
    last = verdicts[-1]
    result = last.result
    marks = marks or marks_from_ledger([last])[learner]
    tasks = [_task(task, marks) for task in result.tasks]
    stuck = next((task for task in tasks if task.state in ("fail", "not_attempted")), None)
    to_mark = [task for task in result.tasks if any(mark.waits for mark in _of_task(task, marks))]
    return FeedbackPage(
        learner=learner,
        number=result.lab_number,
        title=result.lab_title,
        points=number(marks.points),
        most=number(marks.max_points),
        passed=result.passed_tasks,
        waits=", ".join(task.id for task in to_mark),
        late=number(marks.late_penalty) if marks.late_penalty else "",
        trouble=waiting,
        outcome=ending(result.outcome),
        message=result.message,
        tasks=tasks,
        notes=result.notes,
        next=f"mlops hint {result.lab} {stuck.id}" if stuck else "",
        history=_history(verdicts),
        attempt=result.attempt,
    )


def _of_task(task: TaskResult, marks: Marks) -> list[CheckMark]:
    """A task's marks: of its checks, or its own where it is written."""
    own = {check.id for check in task.checks} | {task.id}
    return [mark for mark in marks.checks if mark.check in own]


def _task(task: TaskResult, marks: Marks) -> TaskView:
    """A task with its checks; only the first trouble is told in full, since the rest often follows from it."""
    by_check = {mark.check: mark for mark in _of_task(task, marks)}
    first = next((check.id for check in task.checks if check.state not in ("pass", TO_MARK)), "")
    checks = []
    for check in task.checks:
        mark = by_check.get(check.id)
        written = mark is not None and (check.state == TO_MARK or check.id == task.id)
        checks.append(
            _written(task, mark) if mark and written else _check(check, mark, told=check.id == first)
        )
    if task.id in by_check and task.id not in {check.id for check in task.checks}:
        checks.append(_written(task, by_check[task.id]))
    own = list(by_check.values())
    points = sum(mark.points for mark in own) if own else task.earned
    most = sum(mark.max_points for mark in own) if own else task.points
    marked = task.state == TO_MARK and not any(mark.waits for mark in own)
    return TaskView(
        id=task.id,
        title=task.title,
        state=task.state,
        word="MARKED" if marked else word(task.state),
        meaning="" if marked else MEANING.get(task.state, ""),
        points="-" if own and all(mark.waits for mark in own) else number(points),
        most=number(most),
        checks=checks,
    )


def _check(check: CheckResult, mark: CheckMark | None, *, told: bool) -> CheckView:
    told = told and check.state not in ("pass", *MEANING)
    return CheckView(
        title=check.title,
        state=check.state,
        word=word(check.state),
        points=_points(mark, check.earned),
        most=number(mark.max_points if mark else check.points),
        by_mentor=mark is not None and mark.manual is not None,
        saw=check.saw if told else "",
        help=check.help if told else "",
        comment=mark.comment if mark else "",
    )


def _written(task: TaskResult, mark: CheckMark) -> CheckView:
    """A written task's mark: no check can tell whether it passed."""
    state = TO_MARK if mark.waits or mark.manual is not None else task.state
    return CheckView(
        title="Your answer in writing",
        state=state,
        word="MARKED" if mark.manual is not None and not mark.waits else word(state),
        points=_points(mark, 0),
        most=number(mark.max_points),
        by_mentor=mark.manual is not None,
        saw="",
        help="",
        comment=mark.comment,
    )


def _points(mark: CheckMark | None, earned: float) -> str:
    if mark is None:
        return number(earned)
    return "-" if mark.waits and mark.manual is None and mark.auto is None else number(mark.points)


def _history(verdicts: list[Verdict]) -> list[HistoryRow]:
    best = max(verdict.result.earned for verdict in verdicts)
    rows, seen = [], set()
    for verdict in verdicts:
        result = verdict.result
        remarks = ["the same work, graded again"] if result.submission in seen else []
        if len(verdicts) > 1 and result.earned == best:
            remarks.append("best")
        if verdict is verdicts[-1]:
            remarks.append("counts")
        seen.add(result.submission)
        when = f"{result.finished:%Y-%m-%d %H:%M}"
        outcome = ending(result.outcome)
        rows.append(HistoryRow(when, result.earned, result.points, outcome, ", ".join(remarks)))
    return rows
