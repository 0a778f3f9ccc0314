"""Rebuilds a submission from the lab's master: only the learner's code survives.

The master gives order, given cells, parameters and metadata. The learner gives the source of the answer
cells, found by id, and the code cells of their own, which travel with the master's cell they stand behind
(docs/decisions/0002). Tags, metadata, outputs and every edit of a given cell are dropped.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from grader.notebook import Cell, Rejected, Submission

MAX_OWN_CELLS = 200


@dataclass(frozen=True)
class Rebuilt:
    """A notebook that is safe to run as the lab's, and what was found on the way."""

    notebook: dict[str, Any]
    not_attempted: tuple[str, ...]  # ids of tasks whose answer is missing or as it was handed out
    learner_cells: frozenset[str]  # ids of the cells whose source is the learner's
    task_of: dict[str, str]  # answer cell id -> task id
    notes: tuple[str, ...]  # told to the learner
    written: dict[str, str] = field(default_factory=dict)  # answer cell id -> prose; it is not run
    remarks: dict[str | None, list[str]] = field(
        default_factory=dict
    )  # prose of the learner's own, by the cell it stands behind; None: above all


def answer_cells(master: dict[str, Any]) -> dict[str, str]:
    """The master's answer cells in order: cell id -> task id."""
    return {
        cell["id"]: cell["metadata"]["mlops_labs"]["task"]
        for cell in master["cells"]
        if "task" in cell["metadata"].get("mlops_labs", {})
    }


def _grade_ids(master: dict[str, Any]) -> dict[str, str]:
    """nbgrader's grade id -> cell id, of every cell that has one."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["id"]
        for cell in master["cells"]
        if "nbgrader" in cell["metadata"]
    }


@dataclass(frozen=True)
class Placed:
    """A submitted cell and its place in the notebook."""

    place: int
    cell: Cell


def _place(
    submission: Submission, master: dict[str, Any]
) -> tuple[dict[str, list[Placed]], dict[str | None, list[Cell]]]:
    """Sort the submission's cells into those that stand for a master's cell and the learner's own.

    Returns:
        master cell id -> candidates in document order; and master cell id (None: above all) -> the own
        cells that stand behind it.
    """
    known = {cell["id"] for cell in master["cells"]}
    by_grade_id = _grade_ids(master)
    candidates: dict[str, list[Placed]] = {}
    own: dict[str | None, list[Cell]] = {}
    behind: str | None = None
    for place, cell in enumerate(submission.cells):
        stands_for = cell.id if cell.id in known else by_grade_id.get(cell.grade_id)
        if stands_for is not None:
            candidates.setdefault(stands_for, []).append(Placed(place, cell))
            behind = stands_for
        elif cell.source.strip() and not _is_ours(cell):
            own.setdefault(behind, []).append(cell)
    return candidates, own


def _is_ours(cell: Cell) -> bool:
    """Whether it is one of the comments that mark graded checks in a notebook released to an nbgrader course."""
    return bool(cell.grade_id) and all(line.startswith("#") for line in cell.source.split("\n"))


def _choose(cell_id: str, candidates: list[Placed]) -> list[Placed]:
    """Of several cells for one answer, the one handed out, with the parts split off it.

    Splitting a cell in JupyterLab copies its metadata to the parts above and leaves the id with the last one,
    so what stands directly above it under the same grade id is a part of it. A copy pasted elsewhere has an
    id of its own and is dropped.
    """
    last = next((n for n, placed in enumerate(candidates) if placed.cell.id == cell_id), 0)
    first = last
    while first > 0 and candidates[first - 1].place == candidates[first].place - 1:
        first -= 1
    return candidates[first : last + 1]


def _same(left: str, right: str) -> bool:
    return left.split() == right.split()


def rebuild(submission: Submission, master: dict[str, Any], lab_id: str) -> Rebuilt:
    """Put the learner's code into the master.

    Raises:
        Rejected: no answer cell of this lab is in the notebook (it is another lab's, or none's).
    """
    candidates, own = _place(submission, master)
    tasks = answer_cells(master)
    # A lab that is answered in files alone has no answer cells: then any cell of its own tells which lab it is.
    if not any(cell_id in candidates for cell_id in tasks or {cell["id"] for cell in master["cells"]}):
        raise Rejected(
            f"the notebook has none of the answer cells of {lab_id}",
            f"submit the notebook that 'mlops start {lab_id}' opened, or run: mlops reset {lab_id} (it keeps a copy)",
        )
    notes: list[str] = []
    attempted: set[str] = set()
    learner_cells: set[str] = set()
    cells: list[dict[str, Any]] = []
    written: dict[str, str] = {}
    _add_own(cells, own.get(None, []), learner_cells)
    for given in master["cells"]:
        cell_id = given["id"]
        if cell_id in tasks:
            source, note = _answer(given, candidates.get(cell_id, []), tasks[cell_id])
            notes += note
            answered = source is not None and not _same(source, given["source"])
            if given["cell_type"] == "markdown":
                answered = answered and bool((source or "").strip())
                written |= {cell_id: source or ""} if answered else {}
            else:
                cells.append(_code(cell_id, given["source"] if source is None else source))
                learner_cells.add(cell_id)
            attempted |= {tasks[cell_id]} if answered else set()
        elif given["cell_type"] == "code" and "check" not in given["metadata"].get("mlops_labs", {}):
            cells.append(_code(cell_id, given["source"], given["metadata"].get("tags", [])))
        _add_own(cells, own.get(cell_id, []), learner_cells)
    if len(learner_cells) > MAX_OWN_CELLS:
        raise Rejected(
            f"the notebook has more than {MAX_OWN_CELLS} cells of your own", "delete those not needed"
        )
    ordered = dict.fromkeys(tasks.values())
    return Rebuilt(
        notebook=_notebook(cells),
        not_attempted=tuple(task for task in ordered if task not in attempted),
        learner_cells=frozenset(learner_cells),
        task_of=tasks,
        notes=tuple(notes),
        written=written,
        remarks={
            behind: found
            for behind, cells_there in own.items()
            if (found := [cell.source for cell in cells_there if cell.type == "markdown"])
        },
    )


def _answer(given: dict[str, Any], candidates: list[Placed], task: str) -> tuple[str | None, list[str]]:
    """The source that answers a task, None when there is none, and what to tell about it.

    Prose is prose whatever type its cell has by now; code must be in a code cell, as it would not run else.
    """
    if not candidates:
        return None, [f"The answer cell of {task} is missing: it counts as not attempted."]
    notes = []
    parts = [placed.cell for placed in _choose(given["id"], candidates)]
    if len(candidates) > len(parts):
        notes.append(
            f"The answer cell of {task} is there {len(candidates)} times: the one handed out was graded."
        )
    if given["cell_type"] == "markdown":
        return "\n\n".join(part.source for part in parts), notes
    if parts[-1].type != "code":
        notes.append(f"The answer cell of {task} is a {parts[-1].type} cell: change it back to Code.")
        return None, notes
    return "\n\n".join(part.source for part in parts if part.type == "code"), notes


def _add_own(cells: list[dict[str, Any]], own: list[Cell], learner_cells: set[str]) -> None:
    for cell in own:
        if cell.type != "code":
            continue
        cell_id = f"own-{len(learner_cells)}"
        cells.append(_code(cell_id, cell.source))
        learner_cells.add(cell_id)


def _code(cell_id: str, source: str, tags: list[str] | None = None) -> dict[str, Any]:
    # raises-exception: one failing answer must not take the later tasks with it.
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": {"tags": [*(tags or []), "raises-exception"]},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def _notebook(cells: list[dict[str, Any]]) -> dict[str, Any]:
    kernelspec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {
        "cells": copy.deepcopy(cells),
        "metadata": {"kernelspec": kernelspec, "language_info": {"name": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def with_answering_cell(notebook: dict[str, Any]) -> dict[str, Any]:
    """The notebook with a last cell that answers the grader's questions."""
    serving = copy.deepcopy(notebook)
    source = "from grader.inside.agent import serve\nserve(globals())"
    serving["cells"].append({**_code("answering", source), "metadata": {}})
    return serving
