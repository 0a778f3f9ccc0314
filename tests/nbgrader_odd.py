"""Submissions as plain nbgrader tools make, mangle or leave them: each case, and what each task must get.

A case changes the notebook that nbgrader's own release step made and a learner of `tiny-essay` has filled in.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Notebook = dict[str, Any]
RIGHT = "def add(a, b):\n    return a + b"
PROSE = "The plus is defined for text as well."


@dataclass(frozen=True)
class Case:
    """What was done to the notebook, and the states of both tasks; none of them: rejected."""

    change: Callable[[Notebook], object]
    code: str = "pass"
    prose: str = "to_mark"
    outcome: str = "graded"


def _cell(notebook: Notebook, name: str) -> dict[str, Any]:
    return next(
        cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name
    )


def _copied(notebook: Notebook, name: str, source: str) -> None:
    place = notebook["cells"].index(_cell(notebook, name))
    other = {**copy.deepcopy(notebook["cells"][place]), "id": "copied", "source": source}
    notebook["cells"].insert(place + 2, other)


def _schema(number: int | None) -> Callable[[Notebook], None]:
    """nbgrader's metadata as its older versions wrote it."""

    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            about = cell["metadata"].get("nbgrader", {})
            about.pop("task", None)
            about.pop("schema_version", None)
            if number is None:
                about.pop("cell_type", None)
            else:
                about["schema_version"] = number

    return change


def _without_ids(notebook: Notebook) -> None:
    notebook["nbformat_minor"] = 4
    for cell in notebook["cells"]:
        del cell["id"]


def _points(value: Any) -> Callable[[Notebook], None]:
    def change(notebook: Notebook) -> None:
        for cell in notebook["cells"]:
            if cell["metadata"].get("nbgrader", {}).get("grade"):
                cell["metadata"]["nbgrader"]["points"] = value

    return change


def _stripped(notebook: Notebook) -> None:
    _without_ids(notebook)
    for cell in notebook["cells"]:
        cell["metadata"] = {}


CASES = {
    "as-it-is": Case(lambda notebook: None),
    "answer-missing": Case(
        lambda notebook: notebook["cells"].remove(_cell(notebook, "answer-t1")), code="not_attempted"
    ),
    "prose-missing": Case(
        lambda notebook: notebook["cells"].remove(_cell(notebook, "answer-t2")), prose="not_attempted"
    ),
    "grade-cells-missing": Case(
        lambda notebook: notebook["cells"].remove(_cell(notebook, "t1--adds_numbers"))
    ),
    "answer-twice": Case(lambda notebook: _copied(notebook, "answer-t1", "add = None")),
    "prose-twice": Case(lambda notebook: _copied(notebook, "answer-t2", "A copy.")),
    "answer-retyped": Case(
        lambda notebook: _cell(notebook, "answer-t1").update(cell_type="markdown"), code="not_attempted"
    ),
    "prose-retyped": Case(
        lambda notebook: _cell(notebook, "answer-t2").update(
            cell_type="code", outputs=[], execution_count=None
        )
    ),
    "grade-cell-retyped": Case(
        lambda notebook: _cell(notebook, "t1--adds_numbers").update(cell_type="markdown")
    ),
    "reordered": Case(lambda notebook: notebook["cells"].reverse()),
    "points-blank": Case(_points("")),
    "points-forged": Case(_points(1000)),
    "points-gone": Case(
        lambda notebook: [cell["metadata"].get("nbgrader", {}).pop("points", 0) for cell in notebook["cells"]]
    ),
    "schema-0": Case(_schema(None)),
    "schema-1": Case(_schema(1)),
    "schema-2": Case(_schema(2)),
    "schema-99": Case(_schema(99)),
    "no-cell-ids": Case(_without_ids),
    "no-cell-ids-schema-1": Case(lambda notebook: (_without_ids(notebook), _schema(1)(notebook))),
    "no-metadata": Case(_stripped, "not_attempted", "not_attempted", "rejected"),
    "untouched-prose": Case(
        lambda notebook: _cell(notebook, "answer-t2").update(source="YOUR ANSWER HERE"), prose="not_attempted"
    ),
    "empty-prose": Case(
        lambda notebook: _cell(notebook, "answer-t2").update(source=" \n"), prose="not_attempted"
    ),
}


# One of each kind is run for real; the others differ in what `rebuild` alone sees.
THROUGH_THE_BATCH = (
    "as-it-is",
    "answer-missing",
    "answer-twice",
    "answer-retyped",
    "prose-retyped",
    "reordered",
)
THROUGH_THE_BATCH += ("points-blank", "schema-0", "schema-1", "no-cell-ids", "no-metadata", "untouched-prose")


def submission(released: Notebook, case: Case) -> Notebook:
    """What a learner hands in who got `released` and answered both tasks."""
    notebook = copy.deepcopy(released)
    _cell(notebook, "answer-t1")["source"] = RIGHT
    _cell(notebook, "answer-t2")["source"] = PROSE
    case.change(notebook)
    return notebook
