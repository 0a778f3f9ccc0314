"""A lab's definition, `lab.toml`, parsed once into frozen types."""

from __future__ import annotations

import difflib
import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from grader.written import Frozen, explain, near
from sandbox import services
from sandbox.engine import Limits
from sandbox.errors import UsageError
from sandbox.programs import PROGRAMS


class Task(Frozen):
    """One task of a lab; its points are the sum of its checks' points, or a mentor's to give."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    title: str
    points: int = Field(gt=0)
    written: bool = False  # answered in prose; no check looks at it, a mentor marks it
    paths: tuple[str, ...] = ()  # answered in these files or folders of the work, and in no cell
    image: bool = False  # its checks build an image, which only a container engine does; blocked elsewhere


class Run(Frozen):
    """A further run of the learner's notebook that checks may ask, in a sandbox of its own."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")
    parameters: dict[str, str | int | float | bool] = Field(default_factory=dict)


class LimitsTable(Frozen):
    """What one run of the learner's notebook may use; see `sandbox.engine.Limits` for units."""

    seconds: float = 180.0
    memory_mb: int = 2048
    cpus: float = 1.0
    processes: int = 256
    disk_mb: int = 256

    def limits(self) -> Limits:
        """The same, in the sandbox's type."""
        return Limits(self.seconds, self.memory_mb, self.cpus, self.processes, self.disk_mb)


class WorkTable(Frozen):
    """What `lab.toml` says of work that is handed in as files beside the notebook."""

    folders: tuple[str, ...] = Field(min_length=1)  # in the work folder
    megabytes: int = Field(default=20, gt=0, le=40)  # of all files together
    files: int = Field(default=3000, gt=0)  # files, folders and links together
    leave_out: tuple[str, ...] = ()  # files or folders that stay behind: what tools keep for themselves

    @field_validator("folders")
    @classmethod
    def _plain(cls, folders: tuple[str, ...]) -> tuple[str, ...]:
        for folder in folders:
            if len(PurePosixPath(folder).parts) != 1 or folder.startswith((".", "/")):
                raise ValueError("each is the plain name of a folder beside the notebook")
        return folders


class Definition(Frozen):
    """What `lab.toml` says."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")
    number: int
    title: str
    story: str
    minutes: int = Field(gt=0)
    level: Literal["worked", "completion", "open", "incident"]
    needs: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    image: str = "lab"
    services: tuple[str, ...] = ()  # of sandbox.services
    offers: tuple[str, ...] = ()  # of sandbox.services: what learners may have beside, and need not
    programs: tuple[str, ...] = ()  # of sandbox.programs: what the work needs beside its services
    git: bool = False
    limits: LimitsTable = LimitsTable()
    tasks: tuple[Task, ...] = Field(min_length=1)
    parameters: dict[str, str] = Field(default_factory=dict)
    runs: tuple[Run, ...] = ()
    work: WorkTable | None = None

    @field_validator("services", "offers")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in services.names():
                raise ValueError(f"there is no service '{name}'{near(name, services.names())}")
        return names

    @field_validator("programs")
    @classmethod
    def _had(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in PROGRAMS:
                raise ValueError(f"there is no program '{name}'{near(name, tuple(PROGRAMS))}")
        return names

    @model_validator(mode="after")
    def _paths_are_handed_in(self) -> Definition:
        folders = self.work.folders if self.work else ()
        for task in self.tasks:
            for path in task.paths:
                if path.split("/")[0] not in folders:
                    raise ValueError(f"task {task.id} is answered in {path}, which no folder of [work] holds")
            if task.paths and task.written:
                raise ValueError(f"task {task.id} is written and answered in files; make it one of them")
        return self


class Lab:
    """A lab folder: its definition and where its parts are."""

    def __init__(self, folder: Path, definition: Definition) -> None:
        self.folder = folder
        self.definition = definition
        self.id = definition.id
        self.tasks = definition.tasks

    @property
    def points(self) -> int:
        """The most a submission can earn."""
        return sum(task.points for task in self.tasks)

    @property
    def version(self) -> str:
        """A hash of everything in the folder except the cases and the reference's files: another hash is another lab to grade by."""
        digest = hashlib.sha256()
        for path in sorted(self._sources()):
            digest.update(path.relative_to(self.folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()[:16]

    def _sources(self) -> Iterator[Path]:
        for path in self.folder.rglob("*"):
            parts = path.relative_to(self.folder).parts
            if path.is_file() and parts[0] not in ("cases", "reference") and "__pycache__" not in parts:
                yield path

    def task(self, task_id: str) -> Task:
        """The task of that id. Raises UsageError naming the nearest one."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        known = [task.id for task in self.tasks]
        raise UsageError(
            f"{self.id} has no task '{task_id}'", f"use one of: {', '.join(known)}{near(task_id, known)}"
        )


def load_lab(folder: Path) -> Lab:
    """Read a lab folder's `lab.toml`.

    Raises:
        UsageError: no such file, not TOML, an unknown key, a wrong value.
    """
    path = folder / "lab.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{folder} is not a lab: it has no lab.toml", "run: mlops list") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}", "correct that line") from None
    try:
        definition = Definition.model_validate(data)
    except ValidationError as error:
        raise explain(path, error, Definition) from None
    if definition.id != folder.name:
        raise UsageError(
            f"{path}: id '{definition.id}' differs from the folder's name", f'set id = "{folder.name}"'
        )
    ids = [task.id for task in definition.tasks]
    if len(set(ids)) != len(ids):
        raise UsageError(f"{path}: two tasks share an id", "give each task its own id")
    return Lab(folder, definition)


def find_labs(root: Path) -> dict[str, Lab]:
    """Every lab under `root`, by id, in the order of their numbers."""
    folders = [path.parent for path in root.glob("*/lab.toml")]
    labs = sorted((load_lab(folder) for folder in folders), key=lambda lab: (lab.definition.number, lab.id))
    return {lab.id: lab for lab in labs}


def pick_lab(labs: dict[str, Lab], name: str) -> Lab:
    """The lab of that id. Raises UsageError with the nearest name."""
    if name in labs:
        return labs[name]
    near = difflib.get_close_matches(name, list(labs), n=1, cutoff=0.5)
    hint = f"did you mean '{near[0]}'?" if near else "run: mlops list"
    raise UsageError(f"there is no lab '{name[:60]}'", hint)
