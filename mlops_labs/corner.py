"""What the platform tells the notebook and the panel, in `.mlops/` of the work folder.

These files are for showing only: the folder is the learner's to rearrange, and what counts is the record in the home.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from grader.result import DONE, Result
from mlops_labs import catalogue, progress, standing
from mlops_labs.home import Home
from sandbox import untrusted_files
from sandbox.errors import UsageError

LAST_RESULT = ".mlops/last-result.json"
LAST_TEXT = ".mlops/last-result.txt"
STANDING = ".mlops/standing.json"
_LESSON = "lesson.ipynb"


def tell_result(home: Home, result: Result) -> None:
    """Show what a graded attempt came to, and the attempts before it."""
    text = progress.picture(result).text() + "\n"
    content = {
        "format": 1,
        "result": _shown(result),
        "history": _history(home, result.lab),
        "read_again": _again(result),
    }
    _write(home.work(result.lab), LAST_TEXT, text.encode())
    _write(home.work(result.lab), LAST_RESULT, json.dumps(content).encode())
    tell_standing(home, result.lab)


def tell_standing(home: Home, lab: str) -> None:
    """Show what the learner has shown of the roadmap so far."""
    _write(home.work(lab), STANDING, json.dumps(standing.read(home).to_json()).encode())


def _write(work: Path, name: str, data: bytes) -> None:
    with contextlib.suppress(OSError, UsageError):
        untrusted_files.write_file(work, name, data)


def _shown(result: Result) -> dict[str, Any]:
    """A result reduced to what its picture shows: of each task the first trouble."""
    lines = {line.id: line for line in progress.picture(result).tasks}
    tasks = [
        {
            "id": task.id,
            "title": task.title,
            "state": task.state,
            "earned": task.earned,
            "points": task.points,
            "saw": lines[task.id].saw,
            "help": lines[task.id].help,
        }
        for task in result.tasks
    ]
    return {
        "attempt": result.attempt,
        "earned": result.earned,
        "points": result.points,
        "passed": result.passed,
        "finished": result.finished.isoformat(timespec="seconds"),
        "seconds": result.seconds,
        "memory_mb": result.memory_mb,
        "message": result.message,
        "notes": list(result.notes),
        "tasks": tasks,
    }


def _history(home: Home, lab: str) -> list[dict[str, Any]]:
    """The lab's attempts, oldest first."""
    return [
        {
            "attempt": one.attempt,
            "finished": one.finished.isoformat(timespec="seconds"),
            "earned": one.earned,
            "points": one.points,
            "passed": one.passed,
        }
        for one in progress.attempts(home, lab)
    ]


def _again(result: Result) -> list[dict[str, str]]:
    """What to read again: the lesson, for each task that is not done."""
    if catalogue.lesson(result.lab) is None:
        return []
    return [
        {"task": task.id, "title": task.title, "path": _LESSON}
        for task in result.tasks
        if task.state not in DONE
    ]
