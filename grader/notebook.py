"""A submitted notebook as data: read without following links, bounded, parsed strictly, never executed."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import wire
from grader.checks import clip
from sandbox.errors import UsageError

MAX_BYTES = 20 * 2**20
_SAVING_SECONDS = 2.0


class Rejected(UsageError):
    """A submission that cannot be graded as it is. It is left untouched; no mark comes of it."""


@dataclass(frozen=True)
class Cell:
    """One cell of a submission, reduced to what is looked at."""

    id: str
    grade_id: str  # nbgrader's, "" for the learner's own cells
    type: str
    source: str


@dataclass(frozen=True)
class Submission:
    """What a learner handed in."""

    cells: tuple[Cell, ...]
    data: bytes  # as it was handed in
    work: bytes = b""  # the archive of the folders that were handed in with it; see `grader.work`

    @property
    def sha256(self) -> str:
        """Hash of what was handed in."""
        return fingerprint(self.data, self.work)


def fingerprint(data: bytes, work: bytes = b"") -> str:
    """Hash of a notebook's bytes, and of the archive of the folders with it where there is one."""
    digest = hashlib.sha256(data)
    if work:
        digest.update(hashlib.sha256(work).digest())
    return digest.hexdigest()


def read_bytes(path: Path) -> bytes:
    """Read a regular file of at most MAX_BYTES without following a link or waiting for a pipe.

    Raises:
        Rejected: missing, a link of either kind, not a regular file, too large.
    """
    name = _shown(path)
    in_its_place = "put a copy of the notebook itself in its place"
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode) and not path.is_symlink():
            # Not even opened: that can have effects, for a device.
            raise Rejected(f"{name} is not a regular file", in_its_place)
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise Rejected(f"there is no {name}", "run: mlops start, then save the notebook") from None
    except OSError as error:
        what = "a link" if error.errno == errno.ELOOP else "unreadable"
        raise Rejected(f"{name} is {what}", in_its_place) from None
    opened = os.fstat(descriptor)
    if not stat.S_ISREG(opened.st_mode) or opened.st_nlink > 1:
        os.close(descriptor)
        what = "a hard link: it is also somewhere else" if opened.st_nlink > 1 else "not a regular file"
        raise Rejected(f"{name} is {what}", in_its_place)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Rejected(
            f"{name} is larger than {MAX_BYTES // 2**20} MB",
            "choose Edit > Clear Outputs of All Cells in JupyterLab, save and submit again",
        )
    return data


def _shown(path: Path) -> str:
    """A file's name for a message: learners choose it, so it may hold line ends and what is no text at all."""
    return clip(path.name, 80)


def read(path: Path) -> Submission:
    """Read and parse a notebook, waiting a moment for a save in progress.

    Raises:
        Rejected: as `read_bytes` and `parse` say.
    """
    deadline = time.monotonic() + _SAVING_SECONDS
    while True:
        data = read_bytes(path)
        try:
            return parse(data, _shown(path))
        except Rejected:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.25)
            if read_bytes(path) == data:  # nobody is writing: it is simply wrong
                raise


def parse(data: bytes, name: str = "the notebook", work: bytes = b"") -> Submission:
    """Parse a notebook's bytes.

    Args:
        data: as it was handed in.
        name: what to call it in a message.
        work: the archive of the folders handed in with it.

    Raises:
        Rejected: not strict JSON, not a notebook of format 4.
    """
    try:
        content = wire.loads(data)
    except wire.WireError as error:
        raise Rejected(
            f"{name} cannot be read: {error}",
            "save it again in JupyterLab; if it stays broken, take a copy out of .ipynb_checkpoints",
        ) from None
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise Rejected(f"{name} is JSON but not a notebook", "submit the notebook that mlops start opened")
    if content.get("nbformat") != 4:
        raise Rejected(f"{name} is not a notebook of format 4", "open it in JupyterLab and save it")
    return Submission(tuple(_cell(cell) for cell in content["cells"]), data, work)


def _cell(cell: Any) -> Cell:
    """Take what we look at from one cell, whatever else it holds; a malformed part counts as empty."""
    if not isinstance(cell, dict):
        return Cell("", "", "", "")
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    metadata = cell.get("metadata")
    nbgrader = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = nbgrader.get("grade_id", "") if isinstance(nbgrader, dict) else ""
    return Cell(_text(cell.get("id")), _text(grade_id), _text(cell.get("cell_type")), _text(source))


def _text(value: Any) -> str:
    """A text as any file can hold it: half a character, which JSON can spell, is shown as one that is missing."""
    if not isinstance(value, str):
        return ""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
