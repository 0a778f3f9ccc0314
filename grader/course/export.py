"""Marks for other systems: a plain table, Canvas's gradebook import, Moodle's offline grading worksheet.

What waits for a mentor, and what has no verdict because of us, is left blank: a blank cell changes nothing
there, a zero would. Canvas and Moodle know people by their real ids, so those two reveal by nature.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.course.cells import table
from grader.course.ledger import Ledger, Verdict
from grader.course.marks import Marks
from grader.course.pages import number
from grader.course.roster import Learner, Roster


@dataclass(frozen=True)
class Line:
    """One learner's line of an export."""

    opaque: str
    learner: Learner | None  # None: not on the roster
    marks: Marks | None  # None: no verdict
    verdict: Verdict | None
    attempts: int
    troubled: bool  # something of theirs has no verdict because of us

    @property
    def grade(self) -> str:
        """The points for a cell; blank where there is nothing final to say."""
        return "" if self.marks is None or self.marks.waits else number(self.marks.points)


@dataclass(frozen=True)
class Exported:
    """A file's text, and what whoever imports it should know, a line each."""

    text: str
    warnings: Sequence[str]


def gather(ledger: Ledger, roster: Roster, lab: str, marks: dict[str, Marks]) -> list[Line]:
    """A line for everybody on the roster or in the ledger, in the order of the opaque ids."""
    attempts: dict[str, list[Verdict]] = {}
    for verdict in ledger.history(lab):
        attempts.setdefault(verdict.key.learner, []).append(verdict)
    troubled = {trouble.key.learner for trouble in ledger.troubles(lab)}
    known = {roster.opaque(learner.id): learner for learner in roster}
    lines = []
    for opaque in sorted({*attempts, *troubled, *known}):
        verdicts = attempts.get(opaque, [])
        last = verdicts[-1] if verdicts else None
        own = marks.get(opaque) if last else None
        lines.append(Line(opaque, known.get(opaque), own, last, len(verdicts), opaque in troubled))
    return lines


def warnings(lines: Iterable[Line]) -> list[str]:
    """What is blank and why, a line for each reason."""
    lines = list(lines)
    counts = {
        "wait for a mentor": sum(line.marks is not None and line.marks.waits for line in lines),
        "have no verdict because of us": sum(line.troubled and line.marks is None for line in lines),
        "handed in nothing": sum(line.marks is None and not line.troubled for line in lines),
    }
    told = [f"left blank: {count} who {what}" for what, count in counts.items() if count]
    newer = sum(line.troubled and line.marks is not None for line in lines)
    if newer:
        told.append(
            f"not the newest: {newer} whose last work has no verdict yet because of us; their earlier mark is given"
        )
    return told


def to_csv(lines: list[Line], *, reveal: bool) -> Exported:
    """A plain table: points of every task and of the whole.

    Args:
        lines: of `gather`.
        reveal: with ids, names and e-mail addresses; else by opaque id alone.
    """
    tasks = list(
        dict.fromkeys(task.id for line in lines if line.verdict for task in line.verdict.result.tasks)
    )
    who = ["learner", "id", "name", "email", "section"] if reveal else ["learner"]
    rows = [[*who, "points", "max_points", "waits", "outcome", "attempts", "graded_utc", *tasks]]
    for line in lines:
        person = line.learner or Learner(id="")
        names = [person.id, person.name, person.email, person.section] if reveal else []
        result = line.verdict.result if line.verdict else None
        rows.append(
            [
                line.opaque,
                *names,
                line.grade,
                number(line.marks.max_points) if line.marks else "",
                "yes" if line.marks and line.marks.waits else "",
                str(result.outcome) if result else ("infrastructure" if line.troubled else "missing"),
                str(line.attempts),
                f"{result.finished:%Y-%m-%dT%H:%M:%SZ}" if result else "",
                *(_of_task(line, task) for task in tasks),
            ]
        )
    return Exported(table(rows), warnings(lines))


def _of_task(line: Line, task: str) -> str:
    """The points of one task, blank while it waits."""
    if line.marks is None:
        return ""
    own = [mark for mark in line.marks.checks if mark.check == task or mark.check.startswith(f"{task}/")]
    return "" if not own or any(mark.waits for mark in own) else number(sum(mark.points for mark in own))


def to_canvas(lines: list[Line], column: str) -> Exported:
    """Canvas's gradebook import: its student columns, the assignment's, and the row of points possible.

    Args:
        lines: of `gather`.
        column: the assignment's column as Canvas exports it, "Title (id)"; a title that Canvas does not know
            becomes a new assignment there.
    """
    named = [line for line in lines if line.learner is not None]
    most = max((line.marks.max_points for line in named if line.marks), default=0.0)
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", column]]
    rows.append(["    Points Possible", "", "", "", "", number(most)])
    for line in named:
        one = line.learner
        assert one is not None
        rows.append([one.name or one.id, one.lms_id, one.id, one.login, one.section, line.grade])
    return Exported(table(rows), [*warnings(named), *_strangers(lines)])


def _strangers(lines: list[Line]) -> list[str]:
    count = sum(line.learner is None for line in lines)
    return (
        [f"left out: {count} who are not on the roster; add them with: mlops class import"] if count else []
    )
