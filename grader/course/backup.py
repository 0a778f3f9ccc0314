"""Keeps a whole course in one file, and makes a course folder of it again."""

from __future__ import annotations

import os
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from grader.course.folder import Course, open_course
from sandbox.errors import DiskFull, UsageError

_INSIDE = "course"  # the one folder in the file
_LEFT_OUT = (".mlops/lock", ".mlops/drafts", ".mlops/.probe-")
_OF_SQLITE = ("-journal", "-wal", "-shm")
_SQLITE = b"SQLite format 3\x00"


def backup(course: Course, target: Path) -> int:
    """Write everything of a course to a new file, as it is at one moment; return how many files are in it.

    Databases are copied through their own backup, so that one that is being read or written comes whole.

    Args:
        course: locked for us, so that nobody grades meanwhile.
        target: a file that does not exist yet, outside of the course; a gzipped tar that only its owner reads.

    Raises:
        UsageError: the target exists or is in the course.
        DiskFull: it cannot be written.
    """
    target = target.absolute()
    if target.exists():
        raise UsageError(f"{target} is there already", "name a file that does not exist")
    if target.resolve().is_relative_to(course.root.resolve()):
        raise UsageError(f"{target} is in the course itself", "name a file elsewhere")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
                count = sum(_add(archive, course.root, path) for path in _files(course.root))
            file.flush()
            os.fsync(descriptor)
        draft.rename(target)
    except (OSError, sqlite3.Error) as error:
        draft.unlink(missing_ok=True)
        raise DiskFull(
            f"the backup {target} cannot be written ({error})",
            "name a file where there is room, then try again",
        ) from None
    return count


def _files(root: Path) -> Iterator[Path]:
    """What belongs into a backup, folders before what is in them."""
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if not name.startswith(_LEFT_OUT) and not name.endswith(_OF_SQLITE):
            yield path


def _add(archive: tarfile.TarFile, root: Path, path: Path) -> int:
    name = f"{_INSIDE}/{path.relative_to(root).as_posix()}"
    if path.is_symlink() or not path.is_file():
        archive.add(path, name, recursive=False)
        return 0
    with path.open("rb") as file:
        database = file.read(len(_SQLITE)) == _SQLITE
    if not database:
        archive.add(path, name, recursive=False)
        return 1
    with tempfile.TemporaryDirectory(prefix="mlops-backup-") as folder:
        copy = Path(folder, "copy.db")
        with closing(sqlite3.connect(path, timeout=30.0)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        copy.chmod(path.stat().st_mode & 0o777)
        archive.add(copy, name, recursive=False)
    return 1


def restore(source: Path, root: Path) -> Course:
    """Make a course folder of a backup, whole or not at all.

    Args:
        source: what `backup` wrote.
        root: does not exist, or is empty.

    Raises:
        UsageError: the folder is not empty, or the file is no backup of a course.
        DiskFull: no room.
    """
    root = root.absolute()
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise UsageError(f"{root} is not empty", "name a new folder")
    try:
        root.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{root.name}.", dir=root.parent) as made:
            _extract(source, Path(made))
            draft = Path(made, _INSIDE)
            (draft / ".mlops" / "drafts").mkdir(parents=True, exist_ok=True)
            (draft / ".mlops").chmod(0o700)
            open_course(draft)
            draft.rename(root)
    except OSError as error:
        raise DiskFull(
            f"{root} cannot be written ({error.strerror})", "name a folder of yours with room"
        ) from None
    return open_course(root)


def _extract(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            archive.extractall(folder, filter="data")
    except FileNotFoundError:
        raise UsageError(
            f"there is no backup {source}", "name a file that `mlops class backup` wrote"
        ) from None
    except (tarfile.TarError, EOFError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise UsageError(
            f"{source} is no whole backup ({error})", "name a file that `mlops class backup` wrote"
        ) from None
