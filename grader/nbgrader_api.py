"""The only module of ours that imports nbgrader: its generate_assignment, its gradebook, its late penalties.

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

import nbformat
from alembic.config import Config as AlembicConfig
from alembic.script import ScriptDirectory
from nbgrader import api as models
from nbgrader import dbutil
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.baseapp import NbGrader
from nbgrader.preprocessors import AssignLatePenalties
from nbgrader.utils import parse_utc
from sqlalchemy import create_engine, inspect, text
from traitlets.config import Config

from sandbox.errors import UsageError

__all__ = ["charge_lateness", "models", "open_gradebook", "release", "schema", "settings", "utc"]


@contextlib.contextmanager
def surroundings() -> Iterator[None]:
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
    with tempfile.TemporaryDirectory(prefix="mlops-release-") as folder:
        course = Path(folder).resolve()
        notebook = course / "source" / name / f"{name}.ipynb"
        notebook.parent.mkdir(parents=True)
        notebook.write_text(json.dumps(source), encoding="utf-8")
        config = Config()
        config.CourseDirectory.root = str(course)
        config.CourseDirectory.course_id = "mlops-labs"
        config.CourseDirectory.db_url = f"sqlite:///{course}/gradebook.db"
        with surroundings():
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


def schema() -> str:
    """The schema of a gradebook that this nbgrader writes."""
    config = AlembicConfig()
    config.set_main_option("script_location", dbutil.ALEMBIC_DIR)
    return str(ScriptDirectory.from_config(config).get_current_head())


def settings(root: Path) -> NbGrader:
    """What nbgrader's own commands read in a course folder: nbgrader_config.py there and the user's own.

    Raises:
        UsageError: the file cannot be executed.
    """
    with surroundings():
        app = NbGrader(log_level=logging.CRITICAL)
        app.load_cwd_config, app.raise_config_file_errors = False, True
        path = list(sys.path)
        try:
            app.initialize([], root=str(root))
        except (Exception, SystemExit) as error:  # noqa: BLE001  # it is a program of the mentor's
            what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            raise UsageError(
                f"{root / 'nbgrader_config.py'} cannot be used ({what})", "correct that file"
            ) from None
        finally:
            sys.path[:] = path
    return app


def utc(timestamp: str) -> Any:
    """nbgrader's text of a time as a datetime of UTC without a zone; None when it is none."""
    try:
        return parse_utc(timestamp or None)
    except (ValueError, OverflowError, TypeError):
        return None


def _create(url: str) -> None:
    """Make an empty gradebook, whole or not at all: one that nbgrader was cut short in making is of no schema."""
    engine = create_engine(url)
    try:
        if inspect(engine).get_table_names():
            return
        with engine.begin() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")  # Python's sqlite3 begins none before a CREATE
            models.Base.metadata.create_all(connection)
            connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
            connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": schema()})
    finally:
        engine.dispose()


def open_gradebook(url: str, app: NbGrader) -> Any:
    """nbgrader's Gradebook at a URL, made when missing."""
    _create(url)
    with surroundings():
        return models.Gradebook(url, app.coursedir.course_id or "default_course")


def charge_lateness(url: str, app: NbGrader, lab: str, learner: str) -> None:
    """Have nbgrader's late submission plugin, as the course configures it, set a submission's penalty."""
    about = {"student": learner, "assignment": lab, "notebook": lab, "db_url": url}
    with surroundings():
        AssignLatePenalties(parent=app).preprocess(nbformat.v4.new_notebook(), {"nbgrader": about})
