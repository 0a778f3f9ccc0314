"""What a class's marks are: the verdicts' points, and what a mentor changed or added in the gradebook."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from grader.course.ledger import Verdict
from grader.words import TO_MARK


@dataclass(frozen=True)
class CheckMark:
    """The mark of one graded check, or of one written task."""

    check: str  # id of the check; of the task, where it is written
    max_points: float
    auto: float | None  # None: only a mentor can mark it
    manual: float | None  # a mentor's own mark, which then counts in place of `auto`
    extra: float = 0.0  # credit beyond the points
    comment: str = ""  # a mentor's; empty when there is none
    waits: bool = False  # for a mentor to mark or to look again

    @property
    def points(self) -> float:
        """What counts."""
        chosen = self.auto if self.manual is None else self.manual
        return (chosen or 0.0) + self.extra


@dataclass(frozen=True)
class Marks:
    """A learner's marks of a lab."""

    learner: str  # opaque id
    lab: str
    checks: tuple[CheckMark, ...]
    late_penalty: float = 0.0

    @property
    def points(self) -> float:
        """The sum, as nbgrader counts it."""
        return max(0.0, sum(check.points for check in self.checks) - self.late_penalty)

    @property
    def max_points(self) -> float:
        """The most that can be earned without extra credit."""
        return sum(check.max_points for check in self.checks)

    @property
    def waits(self) -> bool:
        """Whether a mentor has something to do."""
        return any(check.waits for check in self.checks)


def marks_from_ledger(verdicts: Iterable[Verdict]) -> dict[str, Marks]:
    """Marks of learners whom no gradebook knows yet: what the verdicts say, and what only a mentor can mark.

    A check of ours that broke earns nothing and costs nothing: it waits, until it is graded again or marked.
    """
    return {verdict.key.learner: _of(verdict) for verdict in verdicts}


def _of(verdict: Verdict) -> Marks:
    marks = []
    for task in verdict.result.tasks:
        for check in task.checks:
            waits = check.state in ("error", TO_MARK)
            auto = None if waits else float(check.earned)
            marks.append(CheckMark(check.id, check.points, auto, manual=None, waits=waits))
        if not task.checks:  # a written task, as some have it
            waits = task.state != "not_attempted"
            auto = None if waits else 0.0
            marks.append(CheckMark(task.id, task.points, auto, manual=None, waits=waits))
    return Marks(verdict.key.learner, verdict.key.lab, tuple(marks))
