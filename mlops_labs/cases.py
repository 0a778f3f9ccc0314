"""A lab's cases: answers with a known outcome, each a folder under `cases/`.

The reference (full marks) and the blank (nothing attempted) are implied. `answers.py` holds answer cells in
py:percent; a wrong case takes the reference's answer for the tasks it does not give. The lab's `reference/` is made
like a case: it holds the work of the reference that is files.
"""

from __future__ import annotations

import copy
import json
import runpy
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from grader.checks import clip
from grader.lab import Lab, Task
from grader.notebook import Submission, parse
from grader.release import Bundle
from grader.result import Outcome, Result, State
from grader.work import pack
from grader.written import Frozen
from sandbox.errors import UsageError


class Expected(Frozen):
    """What a task must get, and a part of what its first failing check must say."""

    state: State
    message: str = ""


class CaseFile(Frozen):
    """What `case.toml` says.

    A case of work that is files starts from a folder (a right one from what is handed out, a wrong one from the
    reference, unless `start` says otherwise), gets what lies in the case's own `files/`, and is then changed by
    `make(folder)` of its `work.py`.
    """

    kind: Literal["right", "wrong"]
    says: str
    written_from: Literal["learner", "author"] = "author"
    expect: dict[str, Expected | State] = Field(default_factory=dict)
    outcome: Outcome = Outcome.GRADED
    start: Literal["", "handed-out", "reference"] = ""


@dataclass(frozen=True)
class Case:
    """An answer and the outcome it must have."""

    name: str
    kind: Literal["reference", "right", "blank", "wrong"]
    says: str
    notebook: dict[str, Any]
    expect: dict[str, Expected]
    outcome: Outcome = Outcome.GRADED
    work: Callable[[], bytes] = bytes  # makes the archive of what is handed in beside the notebook

    def submission(self) -> Submission:
        """The case as a learner would hand it in."""
        return parse(json.dumps(self.notebook).encode(), self.name, self.work())

    def differences(self, result: Result) -> list[str]:
        """How a result differs from what it must be; empty when it does not."""
        found = []
        if result.outcome is not self.outcome:
            found.append(f"outcome is {result.outcome.value}, not {self.outcome.value} ({result.message})")
        for task in result.tasks:
            wanted = self.expect[task.id]
            first = next((check for check in task.checks if check.state != "pass"), None)
            said = f"{first.saw} {first.help}".strip() if first else ""
            if task.state != wanted.state:
                found.append(f"{task.id} is {task.state}, not {wanted.state}" + (f": {said}" if said else ""))
            elif wanted.message not in said:
                found.append(f"{task.id} does not say '{wanted.message}' but: {said}")
        return found


def read_cases(bundle: Bundle) -> Iterator[Case]:
    """The implied cases, then those of the folder, in the order of their names.

    Raises:
        UsageError: a case's files are wrong; says which and why.
    """
    passing = {task.id: Expected(state=_full(task)) for task in bundle.lab.tasks}
    untouched = {task.id: Expected(state="not_attempted") for task in bundle.lab.tasks}
    yield Case(
        "reference",
        "reference",
        "the reference answers",
        bundle.reference,
        passing,
        work=_Work(bundle, (bundle.lab.folder / "reference",)),
    )
    yield Case(
        "blank",
        "blank",
        "the lab as handed out",
        bundle.master,
        untouched,
        Outcome.NOT_ATTEMPTED,
        _Work(bundle, ()),
    )
    for path in sorted((bundle.lab.folder / "cases").glob("*/case.toml")):
        yield _read_case(path, bundle)


def _read_case(path: Path, bundle: Bundle) -> Case:
    try:
        about = CaseFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        first = str(error).replace("\n", " ")[:300]
        raise UsageError(f"{path}: {first}", "correct that file") from None
    unknown = set(about.expect) - {task.id for task in bundle.lab.tasks}
    if unknown:
        raise UsageError(f"{path}: expects unknown tasks {sorted(unknown)}", "use the lab's task ids")
    start = about.start or ("reference" if about.kind == "wrong" else "handed-out")
    notebook = bundle.reference if start == "reference" else bundle.master
    if (answers := path.with_name("answers.py")).exists():
        notebook = with_answers(notebook, answers)
    layers = (bundle.lab.folder / "reference",) if start == "reference" else ()
    work = _Work(bundle, (*layers, path.parent))
    if not answers.exists() and not work.adds_something(path.parent):
        raise UsageError(f"{path.parent} answers nothing", "add answers.py, files/ or work.py")
    expect = {task.id: _expected(about.expect.get(task.id, _full(task))) for task in bundle.lab.tasks}
    return Case(path.parent.name, about.kind, about.says, notebook, expect, about.outcome, work)


@dataclass(frozen=True)
class _Work:
    """The files of a case: the handed-out folders with some layers upon them, each `files/` and then `work.py`."""

    bundle: Bundle
    layers: tuple[Path, ...]

    @staticmethod
    def adds_something(layer: Path) -> bool:
        """Whether a layer holds any files."""
        return (layer / "files").is_dir() or (layer / "work.py").exists()

    def __call__(self) -> bytes:
        """Lay the folders out, and pack them as a learner's are."""
        table = self.bundle.lab.definition.work
        if table is None:
            return b""
        with tempfile.TemporaryDirectory(prefix="mlops-case-") as made:
            folder = Path(made).resolve() / self.bundle.lab.id
            shutil.copytree(self.bundle.student, folder)
            for layer in self.layers:
                if (layer / "files").is_dir():
                    shutil.copytree(layer / "files", folder, dirs_exist_ok=True)
                if (layer / "work.py").exists():
                    _make(layer / "work.py", folder)
            return pack(folder, table)


def _make(script: Path, folder: Path) -> None:
    """Have a case's own script change the folder. Raises UsageError with what it raised."""
    try:
        runpy.run_path(str(script))["make"](folder)
    except Exception as error:  # an author's code, which may do anything
        what = clip(f"{type(error).__name__}: {error}", 200)
        raise UsageError(f"{script} failed ({what})", "correct that file") from error


def _full(task: Task) -> State:
    """The best that a task can get without a mentor."""
    return "to_mark" if task.written else "pass"


def _expected(value: Expected | State) -> Expected:
    return value if isinstance(value, Expected) else Expected(state=value)


def with_answers(notebook: dict[str, Any], answers: Path) -> dict[str, Any]:
    """The notebook with the answer cells that a py:percent file gives; its cells without a task are added
    before the answer cell that follows them, as a learner's own cells would be."""
    import jupytext

    filled = copy.deepcopy(notebook)
    own: list[dict[str, Any]] = []
    for number, cell in enumerate(jupytext.read(answers)["cells"]):
        task = cell["metadata"].get("task")
        if task is None:
            if cell["cell_type"] == "code" and cell["source"].strip():
                own.append(_own_cell(f"mine-{number}", cell["source"]))
            continue
        place = next((n for n, found in enumerate(filled["cells"]) if found["id"] == f"answer-{task}"), None)
        if place is None:
            raise UsageError(
                f"{answers}: no answer cell for task '{task}' in the notebook", "correct the task id"
            )
        filled["cells"][place]["source"] = cell["source"]
        filled["cells"][place:place] = own
        own = []
    filled["cells"] += own
    return filled


def _own_cell(cell_id: str, source: str) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def fairness_gaps(lab: Lab, cases: list[Case]) -> list[str]:
    """What a lab still lacks by the definition of a finished one."""
    gaps = []
    rights = [case for case in cases if case.kind == "right"]
    if len(rights) < 2:
        gaps.append(f"{len(rights)} other right answers, at least 2 are needed")
    for task in (task for task in lab.tasks if not task.written):
        wrong = [case for case in cases if case.kind == "wrong" and case.expect[task.id].state == "fail"]
        if len(wrong) < 3:
            gaps.append(f"{task.id} has {len(wrong)} wrong answers that fail it, at least 3 are needed")
        if any(not case.expect[task.id].message for case in wrong):
            gaps.append(f"{task.id} has a wrong answer without the message it must get")
    return gaps
