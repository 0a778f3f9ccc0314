"""Brings a class's verdicts into an nbgrader course, and reads back what mentors made of them.

The order of steps is what survives a `kill -9`: a learner's rows are one transaction, their files are each
written whole, and only then does the ledger say that the verdict is published. Whatever was cut short is done
again, and doing it again changes nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError, SQLAlchemyError

from grader import nbgrader_api, wire
from grader.course import master as masters
from grader.course.autograded import autograded, comment, take_apart
from grader.course.collect import TIMESTAMP
from grader.course.book import Book, Entry, Row
from grader.course.folder import Course
from grader.course.ledger import Ledger, Verdict
from grader.course.marks import CheckMark, Marks
from grader.release import Bundle
from grader.result import Result
from sandbox.engine import Progress
from sandbox.errors import DiskFull, InfrastructureError, UsageError

_PATIENCE = 30  # seconds that a locked SQLite gradebook is waited for
_SAFE = "the verdicts are safe in the course's ledger and the next 'mlops grade run' takes them over"


def _url(course: Course) -> URL:
    """Where the gradebook is. Raises UsageError for what is no such place."""
    try:
        url = make_url(course.gradebook_url)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise UsageError(
            f"{course.root / 'class.toml'}: gradebook is no database URL that is known here",
            "write it as postgresql://user@host/database, or take the line out",
        ) from None
    sqlite = url.get_backend_name() == "sqlite"
    return url.update_query_dict({"timeout": str(_PATIENCE)}) if sqlite else url


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
            f"the gradebook {name} failed ({type(error).__name__})", f"try again; {_SAFE}"
        ) from None


@contextmanager
def _opened(course: Course, app: Any = None) -> Iterator[Book]:
    url = _url(course)
    with _told(url, f"close what else uses it or start its server; {_SAFE}"):
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
    url = _url(course)
    with _told(url, "start its server or correct class.toml; nothing was graded"):
        tables, found = _schema(url)
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


def _schema(url: URL) -> tuple[set[str], str]:
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
    theirs = make_url(directory.db_url)
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
        with _opened(course) as book:
            ours = book.kernelspec(lab) in (None, masters.KERNELSPEC)
    if not ours:
        raise UsageError(
            f"{course.root} has an assignment {lab} that is not the lab of this name",
            "name another course with --course",
        )


def publish(
    course: Course,
    bundle: Bundle,
    ledger: Ledger,
    tell: Progress,
    step: Callable[[str], None] = lambda _label: None,
) -> int:
    """Bring the latest verdicts into the course; return how many.

    Taken are those that the ledger calls unpublished, and those whose notebook somebody has removed.

    Raises:
        InfrastructureError: the gradebook or the disk cannot be written; nothing is lost.
        UsageError: the course cannot be used as it is.
    """
    lab = bundle.lab.id
    unpublished = {verdict.number for verdict in ledger.unpublished(lab)}
    waiting = [
        verdict
        for verdict in ledger.latest(lab).values()
        if verdict.number in unpublished or not _shown(course, verdict.key.learner, lab).exists()
    ]
    if not waiting:
        return 0
    tell(f"bringing {len(waiting)} verdicts of {lab} into the gradebook")
    try:
        master, _ = masters.put_master(course, bundle)
        step("master-written")
        app = nbgrader_api.settings(course.root)
        with _opened(course, app) as book:
            cells = [cell for cell in master["cells"] if "grade_id" in cell["metadata"].get("nbgrader", {})]
            book.put_lab(lab, cells, masters.KERNELSPEC)
            step("lab-committed")
            for verdict in waiting:
                _publish_one(course, bundle, book, verdict, master, step)
                ledger.mark_published([verdict.number])
                step("published")
    except OSError as error:
        raise DiskFull(
            f"the course {course.root} cannot be written ({error.strerror})", f"make room or mend it; {_SAFE}"
        ) from None
    return len(waiting)


def _shown(course: Course, learner: str, lab: str) -> Path:
    return course.root / "autograded" / learner / lab / f"{lab}.ipynb"


def _publish_one(
    course: Course,
    bundle: Bundle,
    book: Book,
    verdict: Verdict,
    master: dict[str, Any],
    step: Callable[[str], None],
) -> None:
    learner, lab, result = verdict.key.learner, bundle.lab.id, verdict.result
    kept = course.attempts / result.attempt
    work = take_apart(_read(kept / "submission.ipynb"), _parsed(kept / "executed.ipynb"), bundle.master, lab)
    notebook = autograded(master, result, work)
    stamp = _read(kept / TIMESTAMP)
    anew = _changed(notebook, _parsed(_shown(course, learner, lab)))
    scores = _scores(result, master)
    comments = _comments(result, master)
    book.put_entry(lab, Entry(learner, stamp.decode("ascii", "replace"), scores, comments, anew))
    step("entry-committed")
    for name in ("submitted", "autograded"):
        folder = course.root / name / learner / lab
        if stamp:
            masters.put_file(course, folder / TIMESTAMP, stamp)
        else:
            (folder / TIMESTAMP).unlink(missing_ok=True)
        masters.put_file(course, folder / f"{lab}.ipynb", json.dumps(notebook, indent=1).encode())
        step(f"{name}-written")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _parsed(path: Path) -> Any:
    try:
        return wire.loads(_read(path))
    except wire.WireError:
        return None


def _scores(result: Result, master: dict[str, Any]) -> dict[str, float | None]:
    """Grade id -> points. None, which waits for a mentor: prose, a check of ours that broke or is missing."""
    found = {check.id: check for task in result.tasks for check in task.checks}
    scores: dict[str, float | None] = {}
    for name, check_id, _ in masters.graded_cells(master):
        verdict = found.get(check_id)
        waits = verdict is None or verdict.state in ("to_mark", "error")
        scores[name] = None if verdict is None or waits else float(verdict.earned)
    return scores


def _comments(result: Result, master: dict[str, Any]) -> dict[str, str]:
    """Grade id of the first answer cell of each task -> the automatic comment."""
    first: dict[str, str] = {}
    for name, task in masters.answer_cells(master).items():
        first.setdefault(task, name)
    return {name: comment(result, task) for task, name in first.items()}


def _changed(notebook: dict[str, Any], before: Any) -> frozenset[str]:
    """Cells in prose whose answer is another one than in the notebook that was shown before."""
    cells = before.get("cells", []) if isinstance(before, dict) else []
    known = {cell["id"]: cell["source"] for cell in cells if isinstance(cell, dict) and "source" in cell}
    return frozenset(
        cell["metadata"]["nbgrader"]["grade_id"]
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown"
        and cell["metadata"].get("nbgrader", {}).get("grade")
        and _joined(known.get(cell["id"])) != cell["source"]
    )


def _joined(source: Any) -> Any:
    return "".join(source) if isinstance(source, list) else source


def read_marks(course: Course, lab: str) -> dict[str, Marks]:
    """Every learner's marks of a lab, by opaque id: the verdicts' points and a mentor's word.

    Raises:
        InfrastructureError: the gradebook cannot be read.
    """
    master = masters.read_master(course, lab)
    if master is None:
        return {}
    with _opened(course) as book:
        rows, comments = book.rows(lab), book.comments(lab)
    by_learner: dict[str, dict[str, Row]] = {}
    for row in rows:
        by_learner.setdefault(row.learner, {})[row.cell] = row
    return {
        learner: _marks(learner, lab, master, found, comments) for learner, found in sorted(by_learner.items())
    }


def _marks(
    learner: str,
    lab: str,
    master: dict[str, Any],
    rows: dict[str, Row],
    comments: dict[tuple[str, str], str],
) -> Marks:
    said: dict[str, list[str]] = {}  # task -> what a mentor wrote at its answers
    for name, task in masters.answer_cells(master).items():
        if (learner, name) in comments:
            said.setdefault(task, []).append(comments[learner, name])
    penalty = max((row.late_penalty for row in rows.values()), default=0.0)
    marks = []
    for name, check_id, task in masters.graded_cells(master):
        if name in rows:
            marks.append(_mark(check_id, rows.pop(name), "\n".join(said.pop(task, []))))
    marks += [_mark(name, row, "") for name, row in sorted(rows.items())]  # of checks that are no more
    return Marks(learner, lab, tuple(marks), penalty)


def _mark(check_id: str, row: Row, said: str) -> CheckMark:
    marked = row.auto is not None or row.manual is not None
    extra = (row.extra or 0.0) if marked else 0.0  # nbgrader counts none where there is no mark
    return CheckMark(check_id, row.max_points, row.auto, row.manual, extra, said, row.waits)


def forget(course: Course, learner: str) -> None:
    """Remove a learner from the gradebook and from the course's folders."""
    if _schema(_url(course))[0]:
        with _opened(course) as book:
            book.remove(learner)
    for name in ("submitted", "autograded", "feedback"):
        shutil.rmtree(course.root / name / learner, ignore_errors=True)
