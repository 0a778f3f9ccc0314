"""Opens a course's nbgrader gradebook, and finds out first whether verdicts may go there at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    IntegrityError,
    NoSuchModuleError,
    OperationalError,
    SQLAlchemyError,
)

from grader import nbgrader_api, wire
from grader.course import master as masters
from grader.course.book import Book
from grader.course.folder import Course
from sandbox.errors import InfrastructureError, UsageError

SAFE = "the verdicts are safe in the course's ledger and the next 'mlops grade run' takes them over"
_PATIENCE = 30  # seconds that a locked SQLite gradebook is waited for


def gradebook_url(course: Course) -> URL:
    """Where the gradebook is. Raises UsageError for what is no such place."""
    try:
        url = _with_driver(make_url(course.gradebook_url))
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise UsageError(
            f"{course.root / 'class.toml'}: gradebook is no database URL that is known here",
            "write it as postgresql://user@host/database, or take the line out",
        ) from None
    sqlite = url.get_backend_name() == "sqlite"
    if sqlite and not Path(url.database or "").is_absolute():
        raise UsageError(
            f"{course.root / 'class.toml'}: gradebook has no absolute path",
            "write sqlite:////folder/gradebook.db",
        )
    return url.update_query_dict({"timeout": str(_PATIENCE)}) if sqlite else url


def _with_driver(url: URL) -> URL:
    """SQLAlchemy's default driver of PostgreSQL changes with its version; ours is psycopg2, also where none is named."""
    return url.set(drivername="postgresql+psycopg2") if url.drivername == "postgresql" else url


@contextmanager
def _told(url: URL, mend: str) -> Iterator[None]:
    """Turn what the database or the disk says into one line."""
    name = url.set(query={}).render_as_string(hide_password=True)
    try:
        yield
    except ModuleNotFoundError as error:
        raise UsageError(
            f"the gradebook {name} needs the package {error.name}", "install mlops-labs[postgres]"
        ) from None
    except IntegrityError as error:
        what = " ".join(str(error.orig).split())[:200]
        raise InfrastructureError(f"somebody else changed the gradebook {name} ({what})", mend) from None
    except OperationalError as error:
        what = " ".join(str(error.orig).split())[:200]
        raise InfrastructureError(f"the gradebook {name} cannot be used ({what})", mend) from None
    except DatabaseError as error:
        what = " ".join(str(error.orig).split())[:200]
        raise UsageError(
            f"{name} is no nbgrader gradebook ({what})", "restore it from a backup or move it away"
        ) from None
    except SQLAlchemyError as error:
        raise InfrastructureError(
            f"the gradebook {name} failed ({type(error).__name__})", f"try again; {SAFE}"
        ) from None


@contextmanager
def opened(course: Course, app: Any = None) -> Iterator[Book]:
    """The course's gradebook, made when missing.

    Args:
        course: whose.
        app: nbgrader's settings for the course, where they are read already.

    Raises:
        InfrastructureError: locked or unreachable.
        UsageError: no gradebook.
    """
    url = gradebook_url(course)
    with _told(url, f"close what else uses it or start its server; {SAFE}"):
        settings = app or nbgrader_api.settings(course.root)
        book = Book(url.render_as_string(hide_password=False), settings)
        try:
            yield book
        finally:
            book.close()


def check(course: Course, lab: str) -> None:
    """Find out whether verdicts of a lab can go into this course, before anything is graded. Changes nothing.

    Raises:
        UsageError: the gradebook is of another schema or none at all; nbgrader is configured for another
            place; an assignment of the lab's name is somebody else's.
        InfrastructureError: the gradebook's server does not answer.
    """
    url = gradebook_url(course)
    with _told(url, "close what else uses it or start its server; nothing was graded"):
        tables, found = schema(url)
    wanted = nbgrader_api.schema()
    if tables and found != wanted:
        raise UsageError(
            f"the gradebook of {course.root} is of nbgrader's schema {found or 'from before schemas'}, not {wanted}",
            "make a copy of it and run there: nbgrader db upgrade",
        )
    if (course.root / "nbgrader_config.py").exists():
        _check_settings(course, url)
    if tables or (course.root / "source" / lab).exists():
        _check_name(course, lab, bool(tables))


def schema(url: URL) -> tuple[set[str], str]:
    """The tables of a gradebook and its schema; none where there is no gradebook yet."""
    if url.get_backend_name() == "sqlite" and not (url.database and Path(url.database).exists()):
        return set(), ""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
            if "alembic_version" not in tables:
                return tables, ""
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().first()
            return tables, str(found)
    finally:
        engine.dispose()


def _check_settings(course: Course, url: URL) -> None:
    """Refuse a configuration of the mentor's under which nbgrader would look elsewhere than we write."""
    directory = nbgrader_api.settings(course.root).coursedir
    theirs = _with_driver(make_url(directory.db_url))
    if theirs.set(query={}) != url.set(query={}):
        raise UsageError(
            f"nbgrader_config.py in {course.root} names the gradebook {theirs.render_as_string()}, "
            f"class.toml another",
            "make the two equal",
        )
    for step in ("source", "release", "submitted", "autograded", "feedback"):
        name = getattr(directory, f"{step}_directory")
        if name != step or directory.directory_structure != "{nbgrader_step}/{student_id}/{assignment_id}":
            raise UsageError(
                f"nbgrader_config.py in {course.root} names other folders than nbgrader's own",
                "take that out, or name another course with --course",
            )


def _check_name(course: Course, lab: str, exists: bool) -> None:
    """Refuse to write over an assignment of the same name that is not the lab."""
    path = course.root / "source" / lab
    ours = False
    if path.exists():
        try:
            about = wire.loads((path / f"{lab}.ipynb").read_bytes())["metadata"]["mlops_labs"]
            ours = about["lab"] == lab
        except (OSError, KeyError, TypeError, wire.WireError):
            ours = False
    elif exists:
        with opened(course) as book:
            ours = book.kernelspec(lab) in (None, masters.KERNELSPEC)
    if not ours:
        raise UsageError(
            f"{course.root} has an assignment {lab} that is not the lab of this name",
            "name another course with --course",
        )
