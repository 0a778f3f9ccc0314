"""All that the panel shows, as one plain object: `panel/src/types.ts` has its shape."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from grader.words import word
from mlops_labs.panel import files
from mlops_labs.panel.meters import read_meters
from mlops_labs.panel.submission import Submissions
from mlops_labs.picture import TaskLine, trouble
from sandbox import untrusted_files

LESSON = "lesson.ipynb"


def read_state(root: Path, submissions: Submissions) -> dict[str, Any]:
    """Read the state of the lab whose folder is `root`. No file in it can make this fail."""
    about = files.read(root, "lab.json", files.LabFacts)
    results = files.read(root, "last-result.json", files.Results) or files.Results(format=1)
    standing = files.read(root, "standing.json", files.Standing)
    return {
        "lab": _lab(about) if about else None,
        "tasks": _tasks(root, about, results.result) if about else [],
        "result": _result(results.result) if results.result else None,
        "history": [row.model_dump() for row in results.history],
        "read_again": [row.model_dump() for row in results.read_again],
        "submission": submissions.look(),
        "services": read_services(os.environ.get("MLOPS_SERVICES", "[]")),
        "lesson": LESSON if untrusted_files.exists(root, LESSON) else None,
        "meters": read_meters(root),
        "standing": standing.model_dump(exclude={"format"}) if standing else None,
    }


def _lab(about: files.LabFacts) -> dict[str, Any]:
    shown = about.model_dump(include={"id", "number", "title", "story", "minutes"})
    return {
        **shown,
        "notebook": f"{about.id}.ipynb",
        "points": sum(task.points for task in about.tasks),
    }


def _tasks(root: Path, about: files.LabFacts, result: files.LastResult | None) -> list[dict[str, Any]]:
    checked = files.read(root, "checked.json", files.Checked)
    seen = checked.tasks if checked else {}
    graded = {row.id: row for row in result.tasks} if result else {}
    hints = _hints(root, about)
    return [
        {
            "id": task.id,
            "title": task.title,
            "points": task.points,
            "practice": {**_verdict(found), "at": found.at} if (found := seen.get(task.id)) else None,
            "graded": _graded(graded[task.id]) if task.id in graded else None,
            "hints": {"of": len(about.hints.get(task.id, ())), "shown": hints.get(task.id, [])},
        }
        for task in about.tasks
    ]


def _verdict(row: files.CheckedTask | files.ResultTask) -> dict[str, Any]:
    line = TaskLine("", "", row.state, row.saw, row.help)
    return {
        "state": row.state,
        "word": word(row.state),
        "trouble": "" if row.state == "pass" else trouble(line),
    }


def _graded(row: files.ResultTask) -> dict[str, Any]:
    return {**_verdict(row), "earned": row.earned, "points": row.points}


def _result(result: files.LastResult) -> dict[str, Any]:
    tasks = [{**_graded(row), "id": row.id, "title": row.title} for row in result.tasks]
    return {**result.model_dump(exclude={"tasks"}), "tasks": tasks}


def _hints(root: Path, about: files.LabFacts) -> dict[str, list[dict[str, str]]]:
    """The hints that were given, by task; each once, though the last may have been asked for again."""
    shown: dict[str, list[dict[str, str]]] = {}
    used = files.read(root, "hints-used.json", files.HintsUsed)
    if used is None:
        return _counted(files.read_json(root, "hints-used.json"), about)
    for hint in used.hints:
        row = {"title": hint.title or f"Hint {hint.level + 1}", "text": hint.text}
        rows = shown.setdefault(hint.task, [])
        if row not in rows:
            rows.append(row)
    return shown


def _counted(content: Any, about: files.LabFacts) -> dict[str, list[dict[str, str]]]:
    """An older record says no more than how many were given."""
    counts = content if isinstance(content, dict) and "format" not in content else {}
    return {
        task: [
            {"title": f"Hint {n + 1} of {len(texts)} for {task}", "text": text}
            for n, text in enumerate(texts[: counts[task]])
        ]
        for task, texts in about.hints.items()
        if isinstance(counts.get(task), int) and counts[task] > 0
    }


def read_services(variable: str) -> list[dict[str, str]]:
    """Return the pages of the stack's services: title, and path below JupyterLab's address."""
    try:
        rows = json.loads(variable)
        return [
            {"title": str(row["title"]), "path": f"{row['name']}{row['page']}"} for row in rows if row["page"]
        ]
    except (ValueError, TypeError, KeyError):
        return []
