"""The platform's small files in a lab's folder, as the panel reads them.

The folder is the learner's, and so are these files: each may be missing, broken, huge or hostile. What is not
exactly as it should be counts as absent; what is long is cut.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from grader import wire
from sandbox import untrusted_files
from sandbox.errors import UsageError

CORNER = ".mlops"
_MOST = 512 * 1024  # bytes of one file
_CUT = 4000  # characters of one text


def _cut(value: Any) -> Any:
    return value[:_CUT] if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_cut)]
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Number = Annotated[float, Field(ge=0, le=1e9)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


_Shape = TypeVar("_Shape", bound=_Read)


class TaskFacts(_Read):
    """A task as the lab declares it."""

    id: Id
    title: Text
    points: Number = 0


class LabFacts(_Read):
    """`lab.json`: what the lab is."""

    id: Id
    number: int
    title: Text
    story: Text = ""
    minutes: Number = 0
    tasks: tuple[TaskFacts, ...] = Field(max_length=100)
    hints: dict[Id, tuple[Text, ...]] = Field(default={}, max_length=100)


class CheckedTask(_Read):
    """What the last public check of a task saw."""

    state: Id
    saw: Text = ""
    help: Text = ""
    at: Text = ""


class Checked(_Read):
    """`checked.json`."""

    format: Literal[1]
    tasks: dict[Id, CheckedTask] = Field(max_length=200)


class GivenHint(_Read):
    """A hint that was asked for."""

    task: Id
    level: int = 0
    title: Text = ""
    text: Text


class HintsUsed(_Read):
    """`hints-used.json`."""

    format: Literal[2]
    hints: tuple[GivenHint, ...] = Field(max_length=2000)


class ResultTask(_Read):
    """A task of the last submission."""

    id: Id
    title: Text = ""
    state: Id
    earned: Number = 0
    points: Number = 0
    saw: Text = ""
    help: Text = ""


class LastResult(_Read):
    """The last submission."""

    earned: Number
    points: Number
    finished: Text = ""
    message: Text = ""
    notes: tuple[Text, ...] = Field(default=(), max_length=50)
    tasks: tuple[ResultTask, ...] = Field(default=(), max_length=100)


class PastAttempt(_Read):
    """One submission among all."""

    attempt: Text
    finished: Text = ""
    earned: Number
    points: Number
    passed: bool = False


class ReadAgain(_Read):
    """What to read again for a task."""

    task: Text = ""
    title: Text
    path: Text


class Results(_Read):
    """`last-result.json`."""

    format: Literal[1]
    result: LastResult | None = None
    history: tuple[PastAttempt, ...] = Field(default=(), max_length=2000)
    read_again: tuple[ReadAgain, ...] = Field(default=(), max_length=100)


class Evidence(_Read):
    """What shows a skill."""

    lab: Text
    lab_title: Text = ""
    task: Text = ""
    task_title: Text = ""
    attempt: Text = ""
    date: Text = ""


class Skill(_Read):
    """A skill of the roadmap, and how the learner stands with it."""

    id: Text
    title: Text
    level_title: Text = ""
    state: Literal["shown", "begun", "ahead"]
    evidence: tuple[Evidence, ...] = Field(default=(), max_length=200)


class Standing(_Read):
    """`standing.json`."""

    format: Literal[1]
    skills: tuple[Skill, ...] = Field(max_length=1000)
    shown: int
    of: int


def read_json(root: Path, name: str) -> Any:
    """Return the content of a file of the corner, or None."""
    try:
        data = untrusted_files.read_file(root, f"{CORNER}/{name}", _MOST)
        return None if data is None else wire.loads(data)
    except (UsageError, wire.WireError, OSError):
        return None


def read(root: Path, name: str, shape: type[_Shape]) -> _Shape | None:
    """Return a file of the corner in its shape, or None."""
    try:
        return shape.model_validate(read_json(root, name))
    except ValidationError:
        return None
