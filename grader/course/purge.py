"""Forgets a person: after it, nothing in the course folder is theirs or speaks of them."""

from __future__ import annotations

import html
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from grader.course import gradebook
from grader.course.folder import Course, remove
from grader.course.ledger import Ledger
from grader.course.roster import Roster, save_roster
from sandbox.errors import DiskFull, InfrastructureError

_BY_LEARNER = ("feedback", "submitted", "autograded")  # nbgrader's folders: <folder>/<opaque id>
_SHORTEST = 4  # of what is looked for: shorter ids are found everywhere
_SQLITE = b"SQLite format 3\x00"
_BLOCK = 2**20


@dataclass(frozen=True)
class Purged:
    """What was forgotten."""

    attempts: int
    labs: list[str]  # whose report is gone and may be made again
    left: list[Path]  # files that still speak of the person, which a program cannot judge


def purge(course: Course, ledger: Ledger, roster: Roster, opaque: str) -> Purged:
    """Forget a learner. Safe to repeat when it was interrupted: the roster's line goes last.

    Args:
        course: locked for us.
        ledger: the course's.
        roster: the course's.
        opaque: whom to forget.

    Raises:
        InfrastructureError: something cannot be removed; run it again.
    """
    needles = _needles(roster, opaque)
    try:
        attempts = ledger.forget(opaque)
        gradebook.forget(course, opaque)
        labs = _remove(course, ledger, opaque)
        roster.remove(opaque)
        save_roster(course.roster, roster)
        left = sorted(_speaking(course, needles))
    except OSError as error:
        raise DiskFull(
            f"something of them under {course.root} cannot be removed ({error.strerror})",
            "mend that and run the same command again",
        ) from None
    return Purged(len(attempts), labs, left)


def _needles(roster: Roster, opaque: str) -> list[bytes]:
    """What the person is known by, as bytes to look for."""
    learner = roster.reveal(opaque)
    known = {opaque}
    if learner is not None:
        known |= {learner.id, learner.name, learner.email, learner.login}
    long = [value for value in sorted(known) if len(value) >= _SHORTEST]
    written = {form for value in long for form in (value, json.dumps(value)[1:-1], html.escape(value))}
    return [form.encode() for form in sorted(written)]


def _remove(course: Course, ledger: Ledger, opaque: str) -> list[str]:
    """Remove their files, everything without a verdict, and the reports, which may quote them."""
    kept = ledger.attempt_ids()
    for folder in (*course.attempts.iterdir(), *course.drafts.iterdir()):
        if folder.parent == course.drafts or folder.name not in kept:
            remove(folder)
    for name in _BY_LEARNER:
        remove(course.root / name / opaque)
    hub = course.root / "hub"  # see mlops_labs.hub.settings
    for folder in (hub / "learners" / opaque, *hub.glob(f"handed-in/*/{opaque}")):
        remove(folder)
    for page in (course.platform / "audit").glob(f"*/{opaque}.html"):
        page.unlink()
    for lab in (course.platform / "audit").glob("*"):
        if not any(lab.iterdir()):
            lab.rmdir()
    remove(course.platform / "reports")
    labs = []
    for data in sorted(
        (course.root / "reports").glob("*.json")
    ):  # ours come in pairs; the rest is a mentor's own
        if data.with_suffix(".html").exists() or data.stem in ledger.labs():
            labs.append(data.stem)
            data.with_suffix(".html").unlink(missing_ok=True)
            data.unlink()
    return labs


def _speaking(course: Course, needles: list[bytes]) -> Iterator[Path]:
    """The files in which, or in whose name, one of the needles is; databases are rid of deleted rows first."""
    for folder, folders, files in os.walk(course.root):
        for name in (*folders, *files):
            path = Path(folder, name)
            plain = name in files and path.is_file() and not path.is_symlink()
            if any(needle in os.fsencode(name) for needle in needles) or (plain and _holds(path, needles)):
                yield path


def _holds(path: Path, needles: list[bytes]) -> bool:
    if not _found(path, needles):
        return False
    with path.open("rb") as file:
        database = file.read(len(_SQLITE)) == _SQLITE
    if database:
        _vacuum(path)
    return _found(path, needles)


def _vacuum(path: Path) -> None:
    """Write a database anew without what was deleted, which stays readable in its file until then."""
    try:
        with closing(sqlite3.connect(path, timeout=30.0, isolation_level=None)) as connection:
            connection.execute("VACUUM")
    except sqlite3.Error as error:
        raise InfrastructureError(
            f"{path} cannot be rid of what was deleted in it ({error})",
            "close what else uses it and run the same command again",
        ) from None


def _found(path: Path, needles: list[bytes]) -> bool:
    """Whether a file holds one of the needles; read in blocks that overlap."""
    longest = max(len(needle) for needle in needles)
    before = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            window = before + block
            if any(needle in window for needle in needles):
                return True
            before = window[-longest:]
    return False
