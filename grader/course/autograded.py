"""The notebook that a mentor opens: the master, with the learner's answers and every check's verdict.

Everything of the learner's in it is inert: code is shown as code, prose inside a fence, outputs as plain text.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from grader.course.inert import MAX_SOURCE, Outputs, clip, fenced, stream
from grader.course.master import KERNELSPEC
from grader.notebook import Rejected, parse
from grader.rebuild import Rebuilt, rebuild
from grader.result import CheckResult, Outcome, Result

WORDS = {
    "pass": "PASS",
    "fail": "FAIL",
    "error": "OURS",
    "not_attempted": "TODO",
    "blocked": "WAIT",
    "to_mark": "TO MARK",
}
_MEANING = {
    "not_attempted": "Not attempted.",
    "error": "A check of ours broke: give the points that the work deserves.",
    "to_mark": "For you to mark.",
}


@dataclass(frozen=True)
class Work:
    """What a learner handed in, taken apart."""

    rebuilt: Rebuilt | None  # None: it could not be read
    outputs: dict[str, Any]  # cell id -> what the cell put out when it was graded; untrusted


def take_apart(submitted: bytes, executed: Any, master: dict[str, Any], lab: str) -> Work:
    """Read what is kept of an attempt.

    Args:
        submitted: the bytes handed in.
        executed: the learner's notebook as it ran; None when nothing was run.
        master: the lab's own, that it was graded with.
        lab: its id.
    """
    try:
        rebuilt = rebuild(parse(submitted), master, lab)
    except Rejected:
        return Work(None, {})
    cells = executed.get("cells", []) if isinstance(executed, dict) else []
    known = [cell for cell in cells if isinstance(cell, dict) and isinstance(cell.get("id"), str)]
    return Work(rebuilt, {cell["id"]: cell.get("outputs") for cell in known})


def autograded(master: dict[str, Any], result: Result, work: Work) -> dict[str, Any]:
    """The notebook with answers and verdicts.

    Args:
        master: the course's released notebook, with its grade cells.
        result: the attempt's.
        work: what was handed in.
    """
    notebook = copy.deepcopy(master)
    notebook["metadata"]["kernelspec"] = dict(KERNELSPEC)
    notebook["metadata"]["mlops_labs"]["attempt"] = result.attempt
    verdicts = {check.id: check for task in result.tasks for check in task.checks}
    cells = [_summary(result), *_own(None, work, outputs := Outputs())]
    for cell in notebook["cells"]:
        cells.append(_filled(cell, verdicts, work, outputs))
        cells += _own(cell["id"], work, outputs)
    notebook["cells"] = _with_ids(cells)
    return notebook


def _with_ids(cells: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**cell, "id": cell.get("id") or f"shown-{place}"} for place, cell in enumerate(cells)]


def _text(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(source: str, outputs: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "metadata": {},
        "source": source,
        "outputs": outputs,
        "execution_count": None,
    }


def _summary(result: Result) -> dict[str, Any]:
    """What came of the attempt as a whole. Messages and notes may hold a learner's words."""
    lines = [
        f"{result.earned} of {result.points} points, outcome: {result.outcome.value}, "
        f"graded {result.finished:%Y-%m-%d %H:%M} UTC",
        *([result.message] if result.message else []),
        *(f"Note: {note}" for note in result.notes),
    ]
    return _text(fenced("\n".join(lines)))


def _own(behind: str | None, work: Work, outputs: Outputs) -> Iterator[dict[str, Any]]:
    """The learner's own cells that stand behind one of the master's."""
    if work.rebuilt is None:
        return
    place = -1
    cells = work.rebuilt.notebook["cells"]
    if behind is not None:
        place = next((n for n, cell in enumerate(cells) if cell["id"] == behind), len(cells))
    for cell in cells[place + 1 :]:
        if not cell["id"].startswith("own-"):
            break
        yield _code(clip(cell["source"], MAX_SOURCE), outputs.inert(work.outputs.get(cell["id"])))
    for remark in work.rebuilt.remarks.get(behind, []):
        yield _text(fenced(remark))


def _filled(
    cell: dict[str, Any], verdicts: dict[str, CheckResult], work: Work, outputs: Outputs
) -> dict[str, Any]:
    """A cell of the master with what was answered, put out or found there."""
    about = cell["metadata"].get("mlops_labs", {})
    if "graded" in about:
        check = verdicts.get(about["graded"])
        text = "Not graded yet: run mlops grade run again.\n" if check is None else verdict_text(check)
        return {**cell, "outputs": [stream(text)]}
    if work.rebuilt is None:
        return cell
    if cell["cell_type"] == "markdown":
        prose = work.rebuilt.written.get(cell["id"])
        return cell if prose is None else {**cell, "source": fenced(prose)}
    if "check" in about:
        return cell
    sources = {ran["id"]: ran["source"] for ran in work.rebuilt.notebook["cells"]}
    shown = outputs.inert(work.outputs.get(cell["id"]))
    return {**cell, "source": clip(sources.get(cell["id"], cell["source"]), MAX_SOURCE), "outputs": shown}


def verdict_text(check: CheckResult) -> str:
    """A check's verdict in plain lines."""
    lines = [f"{WORDS[check.state]}  {check.earned} of {check.points} points", *_why(check)]
    return clip("\n".join(lines)) + "\n"


def _why(check: CheckResult) -> Iterator[str]:
    if check.state in _MEANING:
        yield _MEANING[check.state]
    if check.saw:
        yield f"Saw: {check.saw}"
    if check.help:
        yield f"Help: {check.help}"


def comment(result: Result, task: str) -> str:
    """What nbgrader shows beside a task's answer until a mentor writes something: why points are missing."""
    checks = next((found.checks for found in result.tasks if found.id == task), ())
    lines = []
    if result.outcome not in (Outcome.GRADED, Outcome.NOT_ATTEMPTED):
        lines.append(f"Outcome: {result.outcome.value}. {result.message}")
    elif all(check.state == "not_attempted" for check in checks):
        return "No response." if checks else ""
    else:
        for check in checks:
            if check.state in ("fail", "error", "blocked"):
                lines.append(f"{WORDS[check.state]} {check.title} {' '.join(_why(check))}")
    return fenced("\n".join(lines)) if lines else ""
