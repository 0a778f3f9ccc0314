"""What a grading asked and what was answered, as a page for the mentor's eyes.

It shows what a learner must not see (the inputs of graded checks), so it lies in the course's own folder, and
what a learner wrote, so nothing on it is more than text: sources, plain outputs, and the names of the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.course import pages
from grader.course.feedback import ending
from grader.course.folder import Course
from grader.course.ledger import Ledger, Verdict
from sandbox.errors import UsageError
from sandbox.untrusted_files import read_file

_MOST_BYTES = 64 * 2**20
_MOST_CELLS = 500
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")  # of tracebacks; whatever else is in them is written out

PARTS = (
    (
        "audit.ipynb",
        "What was asked and answered",
        "One cell for each graded check. Never show this to a learner.",
    ),
    ("executed.ipynb", "The notebook as it ran", "The learner's answers in the lab's own notebook."),
    ("submission.ipynb", "What was handed in", "As it arrived; nothing of it was run."),
)


@dataclass(frozen=True)
class Cell:
    """A cell as text."""

    kind: str
    source: str
    outputs: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Part:
    """One notebook of an attempt."""

    title: str
    remark: str
    cells: list[Cell]
    left_out: int = 0
    trouble: str = ""


def audit_path(course: Course, lab: str, learner: str) -> Path:
    """Where a learner's audit page is."""
    return course.platform / "audit" / lab / f"{learner}.html"


def write_audit(course: Course, ledger: Ledger, lab: str, learner: str, name: str) -> Path:
    """Write the audit page of a learner's last attempt; return where it is.

    Args:
        course: whose attempts to read.
        ledger: the course's.
        lab: its id.
        learner: opaque id.
        name: what to call the learner on the page.

    Raises:
        UsageError: nothing of theirs has a verdict.
    """
    verdicts = ledger.history(lab, learner)
    if not verdicts:
        raise UsageError(f"{name} has no verdict for {lab}", f"see who has: mlops grade status {lab}")
    last = verdicts[-1]
    page = pages.render(
        "audit.html",
        verdict=last,
        result=last.result,
        name=name,
        outcome=ending(last.result.outcome),
        parts=list(_parts(course, last)),
        attempts=len(verdicts),
    )
    return pages.write(audit_path(course, lab, learner), page, mode=0o600)


def _parts(course: Course, verdict: Verdict) -> Iterator[Part]:
    folder = course.attempts / verdict.result.attempt
    present = [part for part in PARTS if (folder / part[0]).exists()]
    # What was handed in is in the executed notebook already, where there is one.
    for file, title, remark in present[:2] if len(present) > 1 else present:
        try:
            content = json.loads(read_file(folder, file, _MOST_BYTES) or b"")
        except (OSError, ValueError, RecursionError, UsageError) as error:
            yield Part(title, remark, [], trouble=f"{file} cannot be shown: {error}")
            continue
        cells = content.get("cells") if isinstance(content, dict) else None
        found = [cell for cell in cells if isinstance(cell, dict)] if isinstance(cells, list) else []
        shown = [_cell(cell) for cell in found[:_MOST_CELLS]]
        yield Part(title, remark, shown, left_out=max(0, len(found) - _MOST_CELLS))


def _cell(cell: dict[str, Any]) -> Cell:
    outputs = cell.get("outputs")
    found = outputs if isinstance(outputs, list) else []
    texts = [_output(output) for output in found if isinstance(output, dict)]
    return Cell(_text(cell.get("cell_type")), _text(cell.get("source")), [text for text in texts if text])


def _output(output: dict[str, Any]) -> str:
    """An output's plain text; other forms are only named."""
    kind = output.get("output_type")
    if kind == "stream":
        return _text(output.get("text"))
    if kind == "error":
        trace = "\n".join(_text(line) for line in _list(output.get("traceback")))
        return _COLOURS.sub("", trace) or f"{_text(output.get('ename'))}: {_text(output.get('evalue'))}"
    data = output.get("data")
    if not isinstance(data, dict):
        return ""
    others = sorted(str(name) for name in data if name != "text/plain")
    named = f"[not shown: {', '.join(others)}]" if others else ""
    return "\n".join(text for text in (_text(data.get("text/plain")), named) if text)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    """A notebook's text, which is a string or a list of strings."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""
