"""Finds what a class handed in. Reads names only; nothing is opened, followed or changed here.

Three layouts are known: a folder for each learner, nbgrader's `submitted/` (a folder for each learner with one
for each assignment), and flat files, whose names a roster must know. What is above a learner's own folder is
the mentor's, so a doubt there stops everything before it starts; what is in it is the learner's, so a doubt
there is that learner's verdict only.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any

from grader import hints, wire
from grader.course.roster import Learner, Roster, clean
from grader.lab import WorkTable
from grader.notebook import Rejected, read_bytes
from grader.work import pack
from sandbox import untrusted_files
from sandbox.errors import UsageError

TIMESTAMP = "timestamp.txt"  # nbgrader's name for the time of handing in; kept beside an attempt too
HINTS = "hints.json"  # the hints that the learner asked for, by their own folder's account; beside an attempt
WORK = "work.tar"  # the archive of the folders that were handed in, beside an attempt
_JUNK = {"__MACOSX", "Thumbs.db", "desktop.ini", "lost+found"}
_MOST_HINTS = 256 * 1024  # bytes of their record
_MOST_ENTRIES = 1000  # looked at in a learner's folder


@dataclass(frozen=True)
class Found:
    """What one learner handed in, or why it cannot be read."""

    learner: str  # opaque id
    path: Path | None  # the notebook; None when there is none to read
    reason: str = ""  # then: why, in the words of a Rejected
    next_step: str = ""
    timestamp: str = ""  # nbgrader's timestamp.txt, as it stands there
    folder: Path | None = None  # the learner's own, with what else they handed in; None for a single file
    kept: bool = False  # it is an attempt that was kept, whose folder holds the archive itself

    def read(self) -> bytes:
        """The notebook's bytes. Raises Rejected when they cannot be read or are too many."""
        if self.path is None:
            raise Rejected(self.reason, self.next_step)
        return read_bytes(self.path)

    def read_work(self, table: WorkTable | None) -> bytes:
        """The archive of the folders that a lab wants with its notebook; b"" where it wants none.

        Raises:
            Rejected: they cannot be read, are too large, or did not come with the notebook.
        """
        if table is None:
            return b""
        if self.folder is None or (self.kept and not (self.folder / WORK).exists()):
            raise Rejected(
                "the notebook came without its folders",
                f"hand in a folder with it and {', '.join(table.folders)}",
            )
        return (self.folder / WORK).read_bytes() if self.kept else pack(self.folder, table)

    def read_hints(self) -> bytes:
        """The record of hints in the learner's folder; b"" where there is none that is a small plain file."""
        if self.folder is None:
            return b""
        for name in (HINTS,) if self.kept else (hints.RECORD, PurePath(hints.RECORD).name):
            with contextlib.suppress(UsageError, OSError):
                if data := untrusted_files.read_file(self.folder, name, _MOST_HINTS):
                    return data
        return b""


def kept_hints(attempt: Path) -> list[dict[str, Any]]:
    """The hints that came with an attempt that was kept; none for a record that is no strict JSON."""
    try:
        return hints.read_used(wire.loads((attempt / HINTS).read_bytes()))
    except (OSError, wire.WireError):
        return []


def collect(folder: Path, lab: str, roster: Roster) -> list[Found]:
    """Everything handed in for a lab, in the order of the opaque ids, which tells nothing about anybody.

    New learners are added to an open roster.

    Raises:
        UsageError: no such folder, an unknown learner, two files for one learner, nothing for this lab.
    """
    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "does not exist"
        raise UsageError(f"{folder} {what}", "name the folder that holds the submissions")
    found: dict[str, tuple[str, Found]] = {}
    for name, learner, one in _entries(folder, lab, roster):
        if learner in found:
            raise UsageError(
                f"two submissions are of one learner: '{found[learner][0]}' and '{name}'",
                "leave the one that counts in the folder",
            )
        found[learner] = (name, one)
    if not found:
        raise UsageError(
            f"{folder} holds no submission of {lab}",
            f"it needs a folder for each learner with {lab}.ipynb in it; with flat files, also --roster",
        )
    return [found[learner][1] for learner in sorted(found)]


def _entries(folder: Path, lab: str, roster: Roster) -> Iterator[tuple[str, str, Found]]:
    """Name, opaque id and submission of each entry of the folder."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        raise UsageError(f"{folder} cannot be read ({error.strerror})", "make it readable for you") from None
    shapes = {entry.name: _shape(Path(entry.path), lab) for entry in entries if _is_folder(Path(entry.path))}
    # By the many, not by any: one learner's folder in a folder must not decide how all others are read.
    count = Counter(shapes.values())
    nbgrader = count["folder"] > count["notebook"]
    for entry in entries:
        if entry.name.startswith(".") or entry.name in _JUNK:
            continue
        path, name = Path(entry.path), clean(entry.name)
        if not name:
            raise UsageError(f"{entry.name!r} in {folder} is no name", "rename it to the learner's id")
        if entry.is_dir(follow_symlinks=False):
            shape = shapes.get(entry.name, "")
            if not shape and nbgrader and not os.path.lexists(path / lab):
                continue  # has handed in other labs only
            learner = _whose(name, roster)
            inner = shape == "folder" or (not shape and nbgrader)
            yield name, learner, _in_folder(path / lab if inner else path, lab, learner)
        elif entry.is_symlink():
            learner = _whose(name.removesuffix(".ipynb"), roster)
            yield name, learner, _nothing(learner, f"{name} is a link", "put the work itself in its place")
        elif name.endswith(".ipynb"):
            learner = _by_file_name(name, roster)
            yield name, learner, Found(learner, path)


def _shape(folder: Path, lab: str) -> str:
    """How a learner's folder holds work: "notebook" in it, or in a "folder" in it, as nbgrader has it."""
    if os.path.lexists(folder / f"{lab}.ipynb") or (not _is_folder(folder / lab) and _notebooks(folder)):
        return "notebook"
    return "folder" if _is_folder(folder / lab) else ""


def _notebooks(folder: Path) -> list[Path]:
    """The notebooks in a folder, whatever they are; empty also when it cannot be read."""
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False)]
    except OSError:
        return []
    return [folder / name for name in names if name.endswith(".ipynb") and not name.startswith(".")]


def _is_folder(path: Path) -> bool:
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def _in_folder(folder: Path, lab: str, learner: str) -> Found:
    """The notebook in a learner's own folder: the lab's by name, else the only one there is."""
    if not _is_folder(folder):
        return _nothing(learner, f"{folder.name} is no folder", f"hand in a folder with {lab}.ipynb")
    timestamp = read_timestamp(folder)
    if os.path.lexists(folder / f"{lab}.ipynb"):
        return Found(learner, folder / f"{lab}.ipynb", timestamp=timestamp, folder=folder)
    if not os.access(folder, os.R_OK | os.X_OK):
        return _nothing(learner, "the folder cannot be read", "make it readable")
    notebooks = _notebooks(folder)
    if len(notebooks) == 1:
        return Found(learner, notebooks[0], timestamp=timestamp, folder=folder)
    what = f"there are {len(notebooks)} notebooks" if notebooks else "there is no notebook"
    return _nothing(learner, f"{what} and none is called {lab}.ipynb", f"hand in {lab}.ipynb")


def _nothing(learner: str, reason: str, next_step: str) -> Found:
    return Found(learner, None, reason, next_step)


def read_timestamp(folder: Path) -> str:
    """nbgrader's time of handing in; nothing when the file is not the short plain one it should be."""
    try:
        descriptor = os.open(folder / TIMESTAMP, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
        text = os.read(descriptor, 100).decode("ascii", "replace").strip() if plain else ""
    except OSError:
        return ""
    finally:
        os.close(descriptor)
    return text if re.fullmatch(r"[0-9T:.+ -]{10,40}( ?[A-Za-z]{1,20}(/[A-Za-z_]{1,30}){0,2})?", text) else ""


def _whose(name: str, roster: Roster) -> str:
    """Whose a folder or file of this name is: the name itself, or one part of it as Canvas and Moodle write it.

    An opaque id of somebody on the roster is theirs: so a class's hub calls what it took in.
    """
    if roster.reveal(name) is not None:
        return name
    parts = {name, *re.split(r"[_\s]+", name), *re.split(r"[_\s-]+", name)}

    def is_of(learner: Learner) -> bool:
        known = {learner.id, learner.lms_id, learner.login, learner.email} - {""}
        return bool(known & parts)

    if roster.find(name) or not roster.closed:
        return roster.require(name)
    matches = [learner for learner in roster if is_of(learner)]
    if len(matches) == 1:
        return roster.opaque(matches[0].id)
    if matches:
        names = " and ".join(f"'{learner.id}'" for learner in matches[:2])
        raise UsageError(f"'{name}' fits {names}", "rename it to the id of the one it is of")
    return roster.require(name)  # tells that nobody of that name is on it


def _by_file_name(name: str, roster: Roster) -> str:
    """Whose a flat file is."""
    if not roster.closed:
        raise UsageError(
            f"'{name}' lies in the folder itself, and only a roster can tell whose it is",
            "name one with --roster, or put each learner's notebook into a folder of their own",
        )
    return _whose(name.removesuffix(".ipynb"), roster)
