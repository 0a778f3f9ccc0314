"""What the `mlops class` commands do: a course made, its roster taken, a person forgotten, the whole kept."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from grader.course import backup as backups
from grader.course import people
from grader.course.folder import Course, create_course, open_course
from grader.course.purge import Purged, purge
from grader.course.roster import open_roster, save_roster
from mlops_labs import publishing
from mlops_labs.grading import opened
from mlops_labs.hub import codes
from sandbox.errors import UsageError

_DATABASES = {"sqlite", "postgresql"}


def init(root: Path, gradebook: str, name: str) -> tuple[Course, bool]:
    """Make a course folder; return it and whether it is new.

    Raises:
        UsageError: a gradebook that nbgrader cannot use; a course that is there with another name or gradebook.
    """
    if gradebook:
        _check_url(gradebook)
    if not (root / "class.toml").exists():
        return create_course(root, name, gradebook), True
    course = open_course(root)
    for what, wanted, there in (
        ("name", name, course.config.name),
        ("gradebook", gradebook, course.config.gradebook),
    ):
        if wanted and wanted != there:
            raise UsageError(
                f"{course.root} is a course already, with another {what}",
                f"change {what} in {course.root}/class.toml, or name another folder",
            )
    return course, False


def _check_url(url: str) -> None:
    try:
        backend = make_url(url).get_backend_name() if url.isprintable() else ""
    except (ArgumentError, ValueError):
        backend = ""
    if backend not in _DATABASES:
        raise UsageError(
            "the gradebook's URL is none that nbgrader can use",
            "write it as sqlite:///FILE or postgresql://USER@HOST/DATABASE",
        )


@dataclass(frozen=True)
class Imported:
    """What came of taking a roster."""

    learners: int
    kept: int  # not in the file, but with work in the course


def import_roster(course: Course, source: Path) -> Imported:
    """Take a roster in place of the course's own; who has work in the course stays, so that no mark loses its name.

    Raises:
        UsageError: the file is no roster, or two of its learners cannot be told apart.
    """
    with opened(course) as ledger:
        new = open_roster(course.roster, course.key, source)
        old = open_roster(course.roster, course.key)
        labs = ledger.labs()
        working = {verdict.key.learner for lab in labs for verdict in ledger.history(lab)}
        working |= {trouble.key.learner for lab in labs for trouble in ledger.troubles(lab)}
        kept = [one for one in old if new.find(one.id) is None and old.opaque(one.id) in working]
        for learner in kept:
            new.add(learner)
        save_roster(course.roster, new)
    return Imported(len(new), len(kept))


def whom(course: Course, said: str) -> str:
    """The opaque id of who is meant."""
    return people.who(publishing.roster_of(course), said)


def forget(course: Course, opaque: str) -> Purged:
    """Forget a learner and write the reports anew without them."""
    with opened(course) as ledger:
        purged = purge(course, ledger, publishing.roster_of(course), opaque)
        again = set(ledger.labs()) & set(purged.labs)
    for lab in sorted(again):
        publishing.report(course, lab, reveal=False)
    return purged


def write_codes(course: Course, target: Path) -> int:
    """Write every learner's code for the class's hub to a new file of the owner's; return how many there are.

    Raises:
        UsageError: the file exists or cannot be written, or nobody is on the roster.
    """
    text, count = codes.table(course)
    if not count:
        raise UsageError("nobody is on the roster", "take one with: mlops class import ROSTER.csv")
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{target} is there already", "name a file that does not exist") from None
    except OSError as error:
        raise UsageError(f"{target} cannot be written ({error.strerror})", "name another file") from None
    return count


def backup(course: Course, target: Path) -> int:
    """Keep the whole course in a file."""
    with opened(course):
        return backups.backup(course, target)


def restore(source: Path, root: Path) -> Course:
    """Make a course of a backup."""
    return backups.restore(source, root)
