"""Runs nbgrader's own generate_assignment; the only module of ours that imports nbgrader.

So that a course which uses nbgrader finds cells, grade ids, points and checksums exactly as it expects.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.errors import UsageError


@contextlib.contextmanager
def _surroundings() -> Iterator[None]:
    """What nbgrader expects around it: it calls `alembic` by name, and logs to stderr what we tell in one line."""
    path, logger = os.environ.get("PATH", os.defpath), logging.getLogger("traitlets")
    kept = logger.handlers, logger.propagate, logger.level
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), path])
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        os.environ["PATH"] = path
        logger.handlers, logger.propagate = kept[:2]
        logger.setLevel(kept[2])


def release(source: dict[str, Any], name: str) -> dict[str, Any]:
    """Turn a source notebook (with solutions) into the student's version.

    Args:
        source: notebook in nbformat 4 with nbgrader metadata of schema 3.
        name: of the assignment and the notebook.

    Raises:
        UsageError: nbgrader refuses the notebook; its last words are in the message.
    """
    from nbgrader.apps import NbGraderAPI
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="mlops-release-") as folder:
        course = Path(folder).resolve()
        notebook = course / "source" / name / f"{name}.ipynb"
        notebook.parent.mkdir(parents=True)
        notebook.write_text(json.dumps(source), encoding="utf-8")
        config = Config()
        config.CourseDirectory.root = str(course)
        config.CourseDirectory.course_id = "mlops-labs"
        config.CourseDirectory.db_url = f"sqlite:///{course}/gradebook.db"
        with _surroundings():
            outcome = NbGraderAPI(config=config).generate_assignment(name, create=True)
        released = course / "release" / name / f"{name}.ipynb"
        if not outcome["success"] or not released.exists():
            said = [line.strip() for line in str(outcome.get("log", "")).splitlines()]
            cause = next((line for line in reversed(said) if "Error" in line), "no reason given")
            raise UsageError(
                f"nbgrader refuses the notebook of {name}: {cause[:300]}", "correct lab.py and try again"
            )
        student: dict[str, Any] = json.loads(released.read_text(encoding="utf-8"))
    for cell in student["cells"]:
        if isinstance(cell["source"], list):  # on disk, nbformat keeps sources as lists of lines
            cell["source"] = "".join(cell["source"])
    return student
