"""Reads the collections `tests/hostile/<group>/<name>` and `tests/honest/<name>`.

Each folder is one submission and the verdict it must get (`verdict.toml`). What is handed in comes from
`mutate.py`, which changes the lab's reference or blank notebook, or from `make.py`, which lays out a learner's
folder, for what is not a notebook or not only one. In a lab whose work is files, the folder holds the reference
(or what is handed out) already, and `make.py` changes it. A new case is a new folder; see CONTRIBUTING.md.
"""

from __future__ import annotations

import copy
import json
import os
import re
import runpy
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from grader.inside.bench import unpack
from grader.notebook import Submission, parse
from grader.release import Bundle
from grader.result import Result
from mlops_labs.cases import read_cases

HERE = Path(__file__).parent
POINTS = 5  # of every lab for tests


@dataclass(frozen=True)
class Verdict:
    says: str  # what is tried
    outcome: str
    earned: int
    tasks: dict[str, str] = field(default_factory=dict)  # states; empty: not_attempted, all of them
    start: str = "reference"  # or "blank"
    lab: str = "tiny-sums"  # or "tiny-runs", which has MLflow, or "tiny-haste", whose time is short
    learner: str = ""  # name of the learner's folder, where it matters; odd bytes as %FF
    message: str = ""  # stands in what the learner is told
    note: str = ""
    local: bool = False  # so harmless that the local engine, which isolates nothing, may run it
    root: bool = False  # only root can make it


@dataclass(frozen=True)
class Case:
    """One folder of the collections."""

    folder: Path

    @property
    def name(self) -> str:
        return self.folder.relative_to(HERE).as_posix()

    @cached_property
    def verdict(self) -> Verdict:
        return Verdict(**tomllib.loads((self.folder / "verdict.toml").read_text(encoding="utf-8")))

    @property
    def learner(self) -> str:
        """Name of the learner's folder in a class; any bytes, where the verdict writes them as %FF."""
        return os.fsdecode(unquote_to_bytes(self.verdict.learner)) or self.name.replace("/", "-")

    @property
    def is_notebook(self) -> bool:
        """Whether a changed notebook is all there is to it."""
        return (self.folder / "mutate.py").exists()

    def notebook(self, bundle: Bundle) -> bytes:
        """The notebook handed in, or, with a `make.py`, the one it starts from."""
        start = bundle.reference if self.verdict.start == "reference" else bundle.master
        notebook: dict[str, Any] = copy.deepcopy(start)
        if self.is_notebook:
            cells = {cell["id"]: cell for cell in notebook["cells"]}
            runpy.run_path(str(self.folder / "mutate.py"))["mutate"](_Cells(cells, notebook))
        return json.dumps(notebook).encode()

    def submission(self, bundle: Bundle) -> Submission:
        return parse(self.notebook(bundle), self.learner)

    def lay_out(self, root: Path, bundle: Bundle) -> None:
        """Hand it in: make the learner's folder in a class's folder."""
        folder = root / self.learner
        folder.mkdir()
        notebook = self.notebook(bundle)
        lay_work(folder, bundle, self.verdict.start)
        if self.is_notebook or bundle.work:
            (folder / bundle.notebook_name).write_bytes(notebook)
        if not self.is_notebook:
            runpy.run_path(str(self.folder / "make.py"))["make"](folder, notebook)


def lay_work(folder: Path, bundle: Bundle, start: str) -> None:
    """Lay out the work that is files, in a lab that has some: the "reference"'s or as it is handed out."""
    if bundle.work:
        case = next(case for case in read_cases(bundle) if case.kind == start)
        unpack(case.work(), folder)


class _Cells(dict[str, Any]):
    """Cells by id; `cells["notebook"]` is the whole notebook, but not one of the values."""

    def __init__(self, cells: dict[str, Any], notebook: dict[str, Any]) -> None:
        super().__init__(cells)
        self._notebook = notebook

    def __missing__(self, key: str) -> Any:
        if key == "notebook":
            return self._notebook
        raise KeyError(key)


def cases() -> list[Case]:
    """Every case, those that must earn everything too."""
    found = [*HERE.glob("hostile/*/*/verdict.toml"), *HERE.glob("honest/*/verdict.toml")]
    return [Case(path.parent) for path in sorted(found)]


def canaries() -> dict[str, str]:
    """The marked words that the labs for tests keep from learners, with the file each stands in."""
    sources = [*HERE.glob("labs/*/checks.py"), *HERE.glob("labs/*/data.py")]
    return {
        word: source.relative_to(HERE).as_posix()
        for source in sources
        for word in re.findall(r"canary-[a-z]+-[0-9a-f]{12}", source.read_text(encoding="utf-8"))
    }


def wrong(result: Result, wanted: Verdict) -> str:
    """What of a result is not as wanted, in one line; empty when all of it is."""
    said = [result.message, *(f"{check.saw} {check.help}" for task in result.tasks for check in task.checks)]
    tasks = {task.id: task.state for task in result.tasks}
    right = (
        result.outcome.value == wanted.outcome
        and tasks == (wanted.tasks or dict.fromkeys(tasks, "not_attempted"))
        and (result.earned, result.points) == (wanted.earned, POINTS)
        and any(wanted.message in text for text in said)
        and (not wanted.note or any(wanted.note in note for note in result.notes))
    )
    if right:
        return ""
    heard = [text for text in dict.fromkeys(said) if text.strip()]
    return (
        f"{result.outcome.value} {result.earned}/{result.points} {tasks} {heard} notes={list(result.notes)},"
        f" wanted {wanted}"
    )
