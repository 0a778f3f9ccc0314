"""A course folder: where a class's submissions, verdicts and marks are kept.

<course>/class.toml          what the operator chose; read once
<course>/gradebook.db        nbgrader's, with source/, release/, submitted/, autograded/ and feedback/ beside it
<course>/.mlops/ledger.db    every attempt; the one truth, of which gradebook, pages and reports are pictures
<course>/.mlops/attempts/    what is kept of each attempt: submission, executed notebook, audit, result
<course>/.mlops/roster.csv   who is behind the opaque ids; with .mlops/key, all that can reveal a name
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from grader.written import Frozen, explain
from sandbox.errors import DiskFull, UsageError

SCHEMA = 1  # of the course folder; raise it when an older program could not read it any more
_TEMPLATE = """\
# What `mlops grade` reads of this class. Lines that begin with # are not read.
schema = {schema}
name = {name}
# Where nbgrader's gradebook is, when not in gradebook.db beside this file:
# gradebook = "postgresql://user@host/database"
{gradebook}"""


class CourseConfig(Frozen):
    """What `class.toml` says."""

    name: str
    gradebook: str = ""  # a SQLAlchemy URL; "": gradebook.db in the course folder


@dataclass(frozen=True)
class Course:
    """A course folder. Made by `open_course`, or by `plan_course` where there is none yet."""

    root: Path
    config: CourseConfig

    @property
    def platform(self) -> Path:
        """What is ours and not nbgrader's."""
        return self.root / ".mlops"

    @property
    def ledger(self) -> Path:
        """The attempts' database."""
        return self.platform / "ledger.db"

    @property
    def attempts(self) -> Path:
        """Folder of what is kept of each attempt."""
        return self.platform / "attempts"

    @property
    def drafts(self) -> Path:
        """Folder of what is not finished; on the same disk, emptied by every run."""
        return self.platform / "drafts"

    @property
    def roster(self) -> Path:
        """Who is behind the opaque ids."""
        return self.platform / "roster.csv"

    @property
    def gradebook_url(self) -> str:
        """Where nbgrader's gradebook is."""
        return self.config.gradebook or f"sqlite:///{self.root}/gradebook.db"

    @property
    def key(self) -> bytes:
        """What opaque ids are made with."""
        return (self.platform / "key").read_bytes()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Let one process at a time grade or change this course.

        Raises:
            UsageError: another one is at it.
        """
        with (self.platform / "lock").open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                file.seek(0)
                who = file.read().strip() or "unknown"
                raise UsageError(
                    f"another grading of {self.root} is running (process {who[:20]})",
                    "wait for it to end; what it has graded is not graded again",
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield


def remove(path: Path) -> None:
    """Remove a file, a link (not what it points to) or a folder with everything in it; nothing there is fine.

    Raises:
        OSError: it cannot be removed.
    """
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _write_once(path: Path, data: bytes) -> None:
    """Make a file that only its owner reads; whole or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    draft.rename(path)


def plan_course(root: Path) -> Course:
    """The course at `root`, or the one that `create_course` would make there. Changes nothing.

    Raises:
        UsageError: what is there cannot be understood or is of another schema.
    """
    root = root.absolute()
    if not (root / "class.toml").exists():
        return Course(root, CourseConfig(name=root.name))
    return Course(root, _read_config(root))


def create_course(root: Path, name: str = "", gradebook: str = "") -> Course:
    """Make `root` a course folder; one that is already is opened as it is.

    Raises:
        UsageError: it cannot be made or written, or is a course of another schema.
    """
    root = plan_course(root).root
    config = root / "class.toml"
    with _told(root):
        for folder in (root / ".mlops" / "attempts", root / ".mlops" / "drafts"):
            folder.mkdir(parents=True, exist_ok=True)
        (root / ".mlops").chmod(0o700)
        if not (root / ".mlops" / "key").exists():
            _write_once(root / ".mlops" / "key", secrets.token_bytes(32))
        if not config.exists():
            title = re.sub(r'["\\\x00-\x1f\x7f]', "", name or root.name) or "class"
            where = f"gradebook = {json.dumps(gradebook, ensure_ascii=False)}\n" if gradebook else ""
            text = _TEMPLATE.format(schema=SCHEMA, name=f'"{title}"', gradebook=where)
            _write_once(config, text.encode("utf-8", "replace"))
    return open_course(root)


def open_course(root: Path) -> Course:
    """Open an existing course folder.

    Raises:
        UsageError: none is there, its file cannot be understood, it is of another schema or cannot be written.
    """
    root = root.absolute()
    course = Course(root, _read_config(root))
    with _told(root):
        probe = course.platform / f".probe-{os.getpid()}"
        probe.write_bytes(b"x")
        probe.unlink()
    return course


def _read_config(root: Path) -> CourseConfig:
    path = root / "class.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{root} is no course folder", f"make one with: mlops class init {root}") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", "correct that file") from None
    found = data.pop("schema", None)
    if found != SCHEMA:
        raise UsageError(
            f"{root} is a course of schema {found!r}, this program knows {SCHEMA}",
            "use the version of MLOps Labs that made it, or another folder",
        )
    try:
        return CourseConfig.model_validate(data)
    except ValidationError as error:
        raise explain(path, error, CourseConfig) from None


@contextmanager
def _told(root: Path) -> Iterator[None]:
    """Turn what the file system says into one line."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise DiskFull(f"no room is left under {root}", "free some disk space, then try again") from None
        raise UsageError(
            f"{root} cannot be written ({error.strerror})", "name a course folder of yours with --course"
        ) from None
