"""The learner's local history: every graded attempt, kept whole, and what it says of their progress."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from grader.grade import Graded
from grader.lab import Lab
from grader.notebook import Submission
from grader.result import Result
from mlops_labs.home import Home
from mlops_labs.picture import Picture, TaskLine


def record(home: Home, graded: Graded, submission: Submission, hints: bytes = b"") -> Path:
    """Keep an attempt: result, what was submitted, the executed notebook and the audit. All or nothing.

    `hints` is the record of those that had been asked for by then.
    """
    result = graded.result
    folder = home.history(result.lab)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{result.finished:%Y%m%dT%H%M%S}-{result.attempt}"
    with tempfile.TemporaryDirectory(prefix=".recording-", dir=folder) as made:
        draft = Path(made) / "attempt"
        draft.mkdir()
        (draft / "submission.ipynb").write_bytes(submission.data)
        if submission.work:
            (draft / "work.tar").write_bytes(submission.work)
        if hints:
            (draft / "hints.json").write_bytes(hints)
        (draft / "result.json").write_text(result.model_dump_json(indent=1), encoding="utf-8")
        for name, notebook in (("audit.ipynb", graded.audit), ("executed.ipynb", graded.executed)):
            if notebook is not None:
                (draft / name).write_text(json.dumps(notebook), encoding="utf-8")
        _sync(draft)
        draft.rename(target)
    return target


def _sync(folder: Path) -> None:
    """Have the disk hold the record before its name appears."""
    for path in [*folder.iterdir(), folder]:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def attempts(home: Home, lab: str) -> Iterator[Result]:
    """The lab's attempts, oldest first. A record that cannot be read is left alone and passed over."""
    for path in sorted(home.history(lab).glob("[0-9]*/result.json")):
        try:
            yield Result.model_validate_json(path.read_bytes())
        except (OSError, ValidationError):
            continue


def best(home: Home, lab: str) -> Result | None:
    """The attempt that earned most; the latest of equals."""
    found = [result for result in attempts(home, lab) if not result.public]
    return max(found, key=lambda result: (result.earned, result.finished), default=None)


def next_lab(home: Home, labs: dict[str, Lab]) -> tuple[Lab, str] | None:
    """What to do next and why: the first lab in the track that is not finished and whose needs are."""
    done = {name for name in labs if (found := best(home, name)) is not None and found.passed}
    for name, lab in labs.items():
        if name in done or not set(lab.definition.needs) <= done:
            continue
        if best(home, name) is not None or home.work(name).exists():
            return lab, "you have begun it"
        return lab, "it comes next in the track" if done else "it comes first"
    return None


def export(home: Home, labs: dict[str, Lab]) -> dict[str, Any]:
    """What the learner has shown so far, for the site's roadmap and other programs: no answers, no name.

    Returns:
        `passed`: tasks as "lab/task" that some graded attempt passed; `labs`: each one's best attempt.
    """
    passed, found = set[str](), {}
    for name in labs:
        for result in attempts(home, name):
            passed |= {
                f"{name}/{task.id}" for task in result.tasks if task.state == "pass" and not result.public
            }
        if (top := best(home, name)) is not None:
            finished = top.finished.isoformat(timespec="seconds")
            found[name] = {"earned": top.earned, "points": top.points, "finished": finished}
    return {"format": "mlops-labs-progress", "version": 1, "passed": sorted(passed), "labs": found}


def picture(result: Result, only: str | None = None, more_checks: int = 0) -> Picture:
    """A result as it is shown to the learner: for each task its first trouble only.

    Args:
        result: of a grading or of public checks.
        only: the one task to show.
        more_checks: graded checks that a submission would run besides.
    """
    lines = []
    for task in result.tasks:
        if only not in (None, task.id):
            continue
        first = next((check for check in task.checks if check.state != "pass"), None)
        saw, help = (first.saw, first.help) if first else ("", "")
        lines.append(TaskLine(task.id, task.title, task.state, saw, help))
    return Picture(
        lab=result.lab,
        number=result.lab_number,
        title=result.lab_title,
        tasks=lines,
        points=None if result.public else (result.earned, result.points),
        message=result.message,
        notes=result.notes,
        more_checks=more_checks,
        partial=len(lines) < len(result.tasks),
    )
