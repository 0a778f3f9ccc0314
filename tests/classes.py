"""A class without a sandbox: submissions and verdicts made up, everything that is kept of them real."""

from __future__ import annotations

import copy
import hashlib
import itertools
import json
from pathlib import Path
from typing import Any

from grader.course.collect import TIMESTAMP
from grader.course.folder import Course
from grader.course.ledger import Key, Ledger
from grader.dispatch import Grading
from grader.grade import _outcome, _score, rejected
from grader.notebook import Rejected, parse
from grader.rebuild import rebuild
from grader.release import Bundle
from grader.result import Result

Notebook = dict[str, Any]
_numbers = itertools.count(1)


def answered(bundle: Bundle, **answers: str) -> Notebook:
    """The reference with other answers: `answered(bundle, t2="...")`; an answer of "" leaves what was handed out."""
    notebook: Notebook = copy.deepcopy(bundle.reference)
    handed_out = {cell["id"]: cell["source"] for cell in bundle.master["cells"]}
    for task, source in answers.items():
        cell = next(cell for cell in notebook["cells"] if cell["id"] == f"answer-{task}")
        cell["source"] = source or handed_out[cell["id"]]
    return notebook


def verdict(bundle: Bundle, notebook: Notebook | bytes, lost: str | None = None, **states: Any) -> Result:
    """The result of a submission whose checks pass, except those in `states`: name -> state or (state, saw, help)."""
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    attempt = f"a{next(_numbers):05d}"
    try:
        rebuilt = rebuild(parse(data), bundle.master, bundle.lab.id)
    except Rejected as reason:
        return rejected(bundle, reason, "x").model_copy(update={"attempt": attempt})
    reports = {}
    for check in bundle.checks:
        found = states.get(check.id.split("/")[1], "pass")
        state, saw, help = (found, "", "") if isinstance(found, str) else found
        reports[check.id] = {"check": check.id, "state": state, "saw": saw, "help": help}
    grading = Grading(reports=reports, lost=lost)  # type: ignore[arg-type]
    result = _score(bundle, rebuilt, grading, _outcome(bundle, rebuilt, grading), public=False)
    return result.model_copy(update={"attempt": attempt})


def hand_in(
    course: Course,
    ledger: Ledger,
    bundle: Bundle,
    learner: str,
    notebook: Notebook | bytes,
    *,
    timestamp: str = "",
    executed: Notebook | None = None,
    lost: str | None = None,
    **states: Any,
) -> Result:
    """Keep a graded attempt as the batch keeps it."""
    data = notebook if isinstance(notebook, bytes) else json.dumps(notebook).encode()
    result = verdict(bundle, data, lost, **states)
    folder = course.attempts / result.attempt
    folder.mkdir()
    (folder / "submission.ipynb").write_bytes(data)
    (folder / "result.json").write_text(result.model_dump_json())
    if timestamp:
        (folder / TIMESTAMP).write_text(timestamp)
    if executed is not None:
        (folder / "executed.ipynb").write_text(json.dumps(executed))
    key = Key(learner, bundle.lab.id, hashlib.sha256(data).hexdigest(), bundle.lab.version, "lab:1")
    assert ledger.commit(key, result, ledger.next_round(key))
    return result


def shown(course: Course, learner: str, lab: str) -> Notebook:
    """The notebook that a mentor opens."""
    path: Path = course.root / "autograded" / learner / lab / f"{lab}.ipynb"
    content: Notebook = json.loads(path.read_text())
    return content
