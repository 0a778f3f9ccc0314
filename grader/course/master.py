"""A lab as an nbgrader assignment: the notebook whose grade cells are the graded checks, and its files."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grader import nbgrader_api
from grader.course.folder import Course
from grader.release import Bundle, DeclaredCheck

FORMAT = 1  # raise it when this module makes other masters from the same lab
# No such kernel exists: nbgrader's own autograde must not run learners' code outside the sandbox.
KERNELSPEC = {
    "name": "graded-by-mlops-grade-run",
    "display_name": "graded by: mlops grade run",
    "language": "python",
}
_DATA = Path(__file__).with_name("nbgrader")


def grade_id(check: str) -> str:
    """The name of a check's grade cell: its id, written so that the formgrader's pages can look for it."""
    return check.replace("/", "--")


def put_file(course: Course, target: Path, data: bytes) -> None:
    """Write a file of the course, whole or not at all; the same content again is not written."""
    try:
        if target.read_bytes() == data:
            return
    except OSError:
        target.parent.mkdir(parents=True, exist_ok=True)
    draft = course.drafts / f"file-{secrets.token_hex(6)}"
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def master_path(course: Course, lab: str) -> Path:
    """Where the released notebook of a lab is kept, out of a mentor's way."""
    return course.platform / "masters" / f"{lab}.ipynb"


def read_master(course: Course, lab: str) -> dict[str, Any] | None:
    """The lab's released notebook as this course has it; None when nothing was published."""
    try:
        content: dict[str, Any] = json.loads(master_path(course, lab).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return content


def put_master(course: Course, bundle: Bundle) -> tuple[dict[str, Any], bool]:
    """Have a lab's source/ and release/ in the course.

    Returns:
        the released notebook, and whether it is another one than the course was published with. If so, every
        learner's notebook must be made anew, and then `keep_master` says that all is done.
    """
    _put_settings(course)
    lab = bundle.lab
    wanted = _mark(bundle)
    known = read_master(course, lab.id)
    paths = [course.root / step / lab.id / bundle.notebook_name for step in ("source", "release")]
    if known is not None and known["metadata"]["mlops_labs"] == wanted and all(map(Path.exists, paths)):
        return known, False
    source = course_source(bundle)
    released = nbgrader_api.release(source, lab.id)
    for path in bundle.student.rglob("*"):
        name = path.relative_to(bundle.student)
        if path.is_file() and path.suffix != ".ipynb":
            for notebook in paths:
                put_file(course, notebook.parent / name, path.read_bytes())
    for path, content in zip(paths, (source, released), strict=True):
        put_file(course, path, json.dumps(content, indent=1).encode())
    return released, True


def keep_master(course: Course, lab: str, released: dict[str, Any]) -> None:
    """Say that everything in the course is of this released notebook."""
    put_file(course, master_path(course, lab), json.dumps(released, indent=1).encode())


def _put_settings(course: Course) -> None:
    """nbgrader's configuration, unless the mentor has one, and the parts of pages that it names."""
    config = course.root / "nbgrader_config.py"
    if not config.exists():
        put_file(course, config, (_DATA / "nbgrader_config.py.txt").read_bytes())
    for template in _DATA.glob("*/*.j2"):
        put_file(course, course.platform / "nbgrader" / template.relative_to(_DATA), template.read_bytes())


def _mark(bundle: Bundle) -> dict[str, Any]:
    return {"lab": bundle.lab.id, "version": bundle.lab.version, "format": FORMAT}


def course_source(bundle: Bundle) -> dict[str, Any]:
    """The notebook with the reference answers, and a grade cell for each graded check behind its task."""
    notebook: dict[str, Any] = json.loads(json.dumps(bundle.reference))
    last = {}
    for place, cell in enumerate(notebook["cells"]):
        about = cell["metadata"].get("mlops_labs", {})
        for task in {about.get("task"), about.get("check")} - {None}:
            last[task] = place
        if about.get("check"):  # earns nothing here: it is for learners to practise with
            cell["metadata"]["nbgrader"].update(grade=False, locked=True)
            cell["metadata"]["nbgrader"].pop("points", None)
    cells: list[dict[str, Any]] = []
    for place, cell in enumerate(notebook["cells"]):
        cells.append(cell)
        ended = [task for task, where in last.items() if where == place]
        cells += [
            _grade_cell(number, check) for number, check in enumerate(bundle.checks) if check.task in ended
        ]
    notebook["cells"] = cells
    notebook["metadata"]["mlops_labs"] = _mark(bundle)
    return notebook


def _grade_cell(number: int, check: DeclaredCheck) -> dict[str, Any]:
    name = grade_id(check.id)
    return {
        "cell_type": "code",
        "id": f"graded-{number:02d}",
        "metadata": {
            "mlops_labs": {"graded": check.id, "of": check.task},
            "nbgrader": {
                "schema_version": 3,
                "grade_id": name,
                "cell_type": "code",
                "task": False,
                "grade": True,
                "solution": False,
                "locked": True,
                "points": check.points,
            },
        },
        "source": f"# Graded in a sandbox after you hand in: {' '.join(check.title.split())}",
        "outputs": [],
        "execution_count": None,
    }


def graded_cells(master: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every grade cell in order: grade id, check id (of the task, where it is written), task id."""
    for cell in master["cells"]:
        about, nbgrader = cell["metadata"].get("mlops_labs", {}), cell["metadata"].get("nbgrader", {})
        if nbgrader.get("grade"):
            task = about.get("of") or about["task"]
            yield nbgrader["grade_id"], about.get("graded", task), task


def answer_cells(master: dict[str, Any]) -> dict[str, str]:
    """nbgrader's solution cells in order: grade id -> task id."""
    return {
        cell["metadata"]["nbgrader"]["grade_id"]: cell["metadata"]["mlops_labs"]["task"]
        for cell in master["cells"]
        if cell["metadata"].get("nbgrader", {}).get("solution")
    }
