"""Makes a lab folder into a bundle: what the learner gets, what the grader needs, each in its own folder.

A bundle is derived, kept in a cache under the lab's version, and never edited.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from grader.hints import GENERAL
from grader.lab import Lab, Task
from grader.work import pack
from sandbox.engine import Progress
from sandbox.errors import UsageError
from sandbox.progress import ticking

FORMAT = 5  # raise it when this module makes other bundles from the same lab


@dataclass(frozen=True)
class DeclaredCheck:
    """A graded check as the bundle lists it."""

    id: str
    task: str
    title: str
    points: int


@dataclass(frozen=True)
class Bundle:
    """A released lab on disk.

    Folders: ``student/`` goes to the learner; ``graded/`` is added to the work folder in graded runs;
    ``checker/`` is only for the checker; ``code/`` holds the checks as they were released; ``reference.ipynb``
    has the reference answers. Nothing is read from the lab's own folder any more, which its author may be editing.
    """

    lab: Lab
    folder: Path

    @property
    def student(self) -> Path:
        """What the learner gets."""
        return self.folder / "student"

    @property
    def notebook_name(self) -> str:
        """The notebook's file name."""
        return f"{self.lab.id}.ipynb"

    @cached_property
    def master(self) -> dict[str, Any]:
        """The released notebook."""
        content: dict[str, Any] = json.loads((self.student / self.notebook_name).read_text(encoding="utf-8"))
        return content

    @cached_property
    def reference(self) -> dict[str, Any]:
        """The notebook with the reference answers."""
        content: dict[str, Any] = json.loads((self.folder / "reference.ipynb").read_text(encoding="utf-8"))
        return content

    @cached_property
    def checks(self) -> tuple[DeclaredCheck, ...]:
        """The graded checks in order."""
        rows = json.loads((self.folder / "checks.json").read_text(encoding="utf-8"))
        return tuple(DeclaredCheck(**row) for row in rows)

    @cached_property
    def practice(self) -> tuple[DeclaredCheck, ...]:
        """The public checks in order."""
        rows = json.loads((self.folder / "practice.json").read_text(encoding="utf-8"))
        return tuple(DeclaredCheck(**row) for row in rows)

    def work_files(self, graded: bool) -> dict[str, bytes]:
        """Files of the work folder in a run: the learner's, as handed out.

        Args:
            graded: also the files of graded runs. The main run, whose cells' errors the learner is told,
                does without them, so that it has nothing to give away.

        The folders that are handed in are not among them: of those the learner's own are taken.
        """
        handed_in = (
            tuple(f"{folder}/" for folder in self.lab.definition.work.folders)
            if self.lab.definition.work
            else ()
        )
        files = {**_tree(self.student), **(_tree(self.folder / "graded") if graded else {})}
        return {
            name: data
            for name, data in files.items()
            if not name.startswith((".mlops/", *handed_in)) and not name.endswith(".ipynb")
        }

    @cached_property
    def work(self) -> bytes:
        """The archive of the folders that are handed in, as they were handed out; b"" for a lab without any."""
        table = self.lab.definition.work
        return b"" if table is None else pack(self.student, table, own=True)

    @property
    def probes(self) -> str:
        """Source of the functions that checks may run on the learner's side; "" where there are none."""
        path = self.folder / "code" / "probes.py"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def checker_files(self, public: bool) -> dict[str, bytes]:
        """Files of the checker's work folder: the checks as `checks.py`, helper files, what the data script made.

        Args:
            public: take the practice checks.
        """
        code = _tree(self.folder / "code")
        helpers = {
            name.removeprefix("files/"): data for name, data in code.items() if name.startswith("files/")
        }
        helpers["checks.py"] = code["practice.py" if public else "checks.py"]
        data = {
            **_tree(self.student / "data", "data/"),
            **_tree(self.folder / "graded"),
            **_tree(self.folder / "checker"),
        }
        return {**helpers, **{f"data_for_checks/{name}": content for name, content in data.items()}}


def _tree(folder: Path, prefix: str = "") -> dict[str, bytes]:
    return {
        prefix + path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def bundle(lab: Lab, cache: Path, progress: Progress) -> Bundle:
    """The lab's bundle from the cache, made first where it is not there.

    Raises:
        UsageError: the lab folder cannot be released; says which file and why.
    """
    target = cache / f"{lab.id}-{lab.version}-{FORMAT}"
    if not target.exists():
        progress(f"preparing lab {lab.id}, once")
        cache.mkdir(parents=True, exist_ok=True)
        with (
            ticking(progress, lambda: f"preparing lab {lab.id}"),
            tempfile.TemporaryDirectory(prefix=".making-", dir=cache) as made,
        ):
            folder = Path(made) / "bundle"
            folder.mkdir()
            _make(lab, folder)
            try:
                folder.rename(target)  # at once: a half-made bundle is never found
            except OSError:
                if not target.exists():  # else another process was quicker
                    raise
    return Bundle(lab, target)


def _make(lab: Lab, folder: Path) -> None:
    for name in ("student", "graded", "checker", "code"):
        (folder / name).mkdir()
    _copy_files(lab.folder / "files", folder / "student")
    _copy_files(lab.folder / "files", folder / "code" / "files")
    for name in ("checks.py", "practice.py", "probes.py"):
        if (lab.folder / name).exists():
            shutil.copyfile(lab.folder / name, folder / "code" / name)
    _make_data(lab, folder)
    source = source_notebook(lab)
    from grader import nbgrader_api  # slow to import, and needed here only

    student = nbgrader_api.release(source, lab.id)
    (folder / "reference.ipynb").write_text(json.dumps(source, indent=1), encoding="utf-8")
    (folder / "student" / f"{lab.id}.ipynb").write_text(json.dumps(student, indent=1), encoding="utf-8")
    checks = _list_checks(lab, "checks.py")
    practice = _list_checks(lab, "practice.py")
    _agree(lab, checks, practice, source)
    (folder / "checks.json").write_text(json.dumps(checks, indent=1), encoding="utf-8")
    (folder / "practice.json").write_text(json.dumps(practice, indent=1), encoding="utf-8")
    _make_platform_files(lab, folder / "student" / ".mlops", practice, len(checks))


def _copy_files(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def _python(lab: Lab, *words: str) -> str:
    """Run the lab author's own script and return what it printed. Raises UsageError with its last line."""
    roots = [str(Path(__file__).resolve().parent.parent), str(lab.folder / "files")]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([*roots, os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, *words], env=env, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise UsageError(
            f"{lab.id}: {' '.join(words)[-120:]} failed: {last[:300]}", "correct that file and try again"
        )
    return done.stdout


def _make_data(lab: Lab, folder: Path) -> None:
    script = lab.folder / "data.py"
    if not script.exists():
        return
    with tempfile.TemporaryDirectory(prefix="mlops-data-") as made:
        _python(lab, str(script), made)
        for name, place in (("learner", "student"), ("graded", "graded"), ("checker", "checker")):
            _copy_files(Path(made) / name, folder / place)


def _list_checks(lab: Lab, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_python(lab, "-m", "grader.manifest", str(lab.folder / name)))
    return rows


def _agree(
    lab: Lab, checks: list[dict[str, Any]], practice: list[dict[str, Any]], source: dict[str, Any]
) -> None:
    """Refuse a lab whose parts do not fit: points, tasks, answer cells, ids."""
    answered = [
        (cell["metadata"].get("mlops_labs", {}).get("task"), cell["cell_type"]) for cell in source["cells"]
    ]
    for task in lab.tasks:
        points = sum(row["points"] for row in checks if row["task"] == task.id)
        if task.written:
            _agree_written(lab, task, [*checks, *practice], answered)
        elif points != task.points:
            raise UsageError(
                f"{lab.id}: task {task.id} has {task.points} points in lab.toml, {points} in checks.py",
                "make them equal",
            )
        if task.paths:
            if any(name == task.id for name, _ in answered):
                raise UsageError(
                    f"{lab.id}: task {task.id} is answered in files and has an answer cell",
                    "take one of them away",
                )
            continue
        kind = "markdown" if task.written else "code"
        if {found for name, found in answered if name == task.id} != {kind}:
            header = f'# %% {"[markdown] " if task.written else ""}task="{task.id}"'
            raise UsageError(f"{lab.id}: no {kind} answer cell for task {task.id}", f"add a cell `{header}`")
    known = {task.id for task in lab.tasks}
    for row in [*checks, *practice]:
        if row["task"] not in known:
            raise UsageError(f"{lab.id}: check {row['id']} is of an unknown task", "correct the task id")
    ids = [row["id"] for row in checks]
    if len(set(ids)) != len(ids):
        raise UsageError(f"{lab.id}: two graded checks share a name", "rename one")


def _agree_written(
    lab: Lab, task: Task, checks: list[dict[str, Any]], answered: list[tuple[str | None, str]]
) -> None:
    if any(row["task"] == task.id for row in checks):
        raise UsageError(
            f"{lab.id}: task {task.id} is written and has a check", "take the check or `written` away"
        )
    if sum(name == task.id for name, _ in answered) > 1:
        raise UsageError(f"{lab.id}: written task {task.id} has several answer cells", "leave one")


def _make_platform_files(lab: Lab, folder: Path, practice: list[dict[str, Any]], graded: int) -> None:
    """What the notebook's `lab` object reads. Public: it holds no graded check."""
    folder.mkdir()
    definition, hints = lab.definition, read_hints(lab)
    _agree_hints(lab, hints, practice)
    about = {
        "id": lab.id,
        "number": definition.number,
        "title": definition.title,
        "minutes": definition.minutes,
        "version": lab.version,
        "tasks": [task.model_dump() for task in lab.tasks],
        "practice": practice,
        "graded_checks": graded,
        "story": definition.story.strip(),
        "hints": hints.levels,
        "failure_hints": hints.failures,
        "handed_in": list(definition.work.folders) if definition.work else [],
    }
    (folder / "lab.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    for name in ("practice.py", "probes.py"):
        if (lab.folder / name).exists():
            shutil.copyfile(lab.folder / name, folder / name)


@dataclass(frozen=True)
class Hints:
    """What `hints.md` holds."""

    levels: dict[str, list[str]]  # task id -> its three general hints, mildest first
    failures: dict[str, dict[str, str]]  # task id -> name of a practice check -> the hint for its failure


def read_hints(lab: Lab) -> Hints:
    """Read `hints.md`: under ``## t1``, three hints headed ``### 1`` to ``### 3``, and more headed by a check's name.

    Raises UsageError for a task without its three.
    """
    levels, failures = dict[str, list[str]](), dict[str, dict[str, str]]()
    text = (lab.folder / "hints.md").read_text(encoding="utf-8")
    for section in re.split(r"^## ", text, flags=re.M)[1:]:
        heading, _, body = section.partition("\n")
        parts = re.findall(r"^### (.*)\n((?:(?!^### ).*\n?)*)", body, flags=re.M)
        task = heading.split()[0]
        levels[task] = [part.strip() for name, part in parts if name.strip() in ("1", "2", "3")]
        failures[task] = {
            name.strip(): part.strip() for name, part in parts if name.strip() not in ("1", "2", "3")
        }
    for task in (task.id for task in lab.tasks):
        if len(levels.get(task, [])) != GENERAL:
            raise UsageError(
                f"{lab.id}: hints.md has {len(levels.get(task, []))} hints for {task}, three are needed",
                "write ### 1, ### 2 and ### 3 under its heading",
            )
    return Hints(levels, failures)


def _agree_hints(lab: Lab, hints: Hints, practice: list[dict[str, Any]]) -> None:
    """Refuse a hint for a failure that no practice check of its task can have."""
    for task, named in hints.failures.items():
        known = [row["id"].partition("/")[2] for row in practice if row["task"] == task]
        for name in named:
            if name not in known:
                nearest = difflib.get_close_matches(name, known, 1) or known
                raise UsageError(
                    f"{lab.id}: hints.md has a hint for '{name}' of {task}, which is no practice check of it",
                    f"head it ### {nearest[0]}" if nearest else "head it ### 1, ### 2 or ### 3",
                )


def source_notebook(lab: Lab) -> dict[str, Any]:
    """`lab.py` as a notebook with reference answers, stable cell ids and nbgrader's metadata."""
    import jupytext

    read = json.loads(json.dumps(jupytext.read(lab.folder / "lab.py")))
    cells = list(_cells(read["cells"], lab))
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    metadata = {
        "kernelspec": kernelspec,
        "language_info": {"name": "python"},
        "mlops_labs": {"lab": lab.id, "version": lab.version},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cells(cells: list[dict[str, Any]], lab: Lab) -> Iterator[dict[str, Any]]:
    """Expand the short headers; ids are counted, because jupytext draws new ones at each read."""
    seen: dict[str, int] = {}
    for number, cell in enumerate(cells):
        metadata = cell["metadata"]
        task, check = metadata.get("task"), metadata.get("check")
        kind = "answer" if task else "check" if check else "given"
        stem = f"{kind}-{task or check}" if task or check else f"given-{number:02d}"
        seen[stem] = seen.get(stem, 0) + 1
        name = stem if seen[stem] == 1 else f"{stem}-{seen[stem]}"
        made: dict[str, Any] = {
            "cell_type": cell["cell_type"],
            "id": name,
            "metadata": {"tags": metadata["tags"]} if metadata.get("tags") else {},
            "source": cell["source"],
        }
        if cell["cell_type"] == "code":
            made.update(outputs=[], execution_count=None)
        made["metadata"]["mlops_labs"] = {kind: task or check} if check else {"task": task} if task else {}
        made["metadata"]["nbgrader"] = _nbgrader(name, kind, cell["cell_type"], _points(lab, check or task))
        yield made


def _points(lab: Lab, task: str | None) -> int:
    return lab.task(task).points if task else 0


def _nbgrader(name: str, kind: str, cell_type: str, points: int) -> dict[str, Any]:
    """Metadata of nbgrader's schema 3: an answer, an autograder test with points, or a read-only cell.

    An answer in prose is marked by hand, which nbgrader calls both a grade and a solution.
    """
    written = kind == "answer" and cell_type == "markdown"
    metadata: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": name,
        "cell_type": cell_type,
        "task": False,
        "grade": kind == "check" or written,
        "solution": kind == "answer",
        "locked": kind != "answer",
    }
    if metadata["grade"]:
        metadata["points"] = points
    return metadata
