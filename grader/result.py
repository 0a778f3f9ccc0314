"""The one versioned result of a grading: what the notebook, the command line, feedback and gradebook read."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

SCHEMA = 1

# `to_mark`: an answer in prose, which waits for a mentor; not a failure.
State = Literal["pass", "fail", "error", "not_attempted", "blocked", "to_mark"]
DONE = ("pass", "to_mark")  # nothing is left to do for the learner


class Outcome(StrEnum):
    """How the attempt as a whole came out. Only `graded` can earn points."""

    GRADED = "graded"
    NOT_ATTEMPTED = "not_attempted"
    INCOMPLETE = "incomplete"  # the notebook ended itself or its kernel before its end
    TIME = "time"
    MEMORY = "memory"
    OUTPUT = "output"
    PROCESSES = "processes"
    DISK = "disk"
    REJECTED = "rejected"  # what was handed in is no notebook of this lab; nothing was run


class Fault(StrEnum):
    """Whose side a lost point or a missing verdict is on."""

    NONE = "none"
    LEARNER = "learner"
    AUTHOR = "author"
    INFRASTRUCTURE = "infrastructure"


class Part(BaseModel):
    """Common to everything in a result."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CheckResult(Part):
    """One check's verdict. `saw` and `help` are fit to show to the learner.

    A written task has one of these under its own id, in state `to_mark` or `not_attempted`.
    """

    id: str
    title: str
    state: State
    points: int
    earned: int
    saw: str = ""
    help: str = ""


class TaskResult(Part):
    """One task's verdict: its checks, and the state a learner sees for the whole."""

    id: str
    title: str
    state: State
    points: int
    earned: int
    checks: tuple[CheckResult, ...]


class Result(Part):
    """One attempt, graded."""

    schema_version: int = SCHEMA
    lab: str
    lab_title: str
    lab_number: int
    lab_version: str
    attempt: str  # id of this grading
    submission: str  # sha256 of the submitted bytes
    engine: str
    public: bool = False  # only the public checks were run: no points
    outcome: Outcome
    fault: Fault
    message: str = ""  # what to tell of the outcome, when it is not `graded`
    points: int
    earned: int
    tasks: tuple[TaskResult, ...]
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    memory_mb: int = 0  # most that the learner's main run used, by its own sandbox's account; 0: not known
    finished: datetime

    @property
    def passed(self) -> bool:
        """Whether every task passed, as far as checks can tell: what a mentor marks does not hold it up."""
        return all(task.state in DONE for task in self.tasks)

    @property
    def passed_tasks(self) -> int:
        """How many tasks passed."""
        return sum(task.state == "pass" for task in self.tasks)


def task_state(checks: tuple[CheckResult, ...]) -> State:
    """A task passes when each of its checks does; else it is in the worst of their states."""
    states = {check.state for check in checks}
    order: tuple[State, ...] = ("error", "fail", "not_attempted", "blocked", "to_mark")
    for state in order:
        if state in states:
            return state
    return "pass" if checks else "error"


def now() -> datetime:
    """The time of a result."""
    return datetime.now(UTC)
