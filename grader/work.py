"""Work that is files: a learner's folders as one archive, packed on the host and unpacked only inside a sandbox.

What is in the folders is a stranger's: links, pipes, repositories with hooks. Here they are read and never
followed, opened as what they claim to be, or run; the archive is bytes to everything outside a sandbox.
"""

from __future__ import annotations

import io
import os
import stat
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from grader.checks import clip
from grader.lab import Task, WorkTable
from grader.notebook import Rejected

_DEPTH = 40
_MTIME = 1_700_000_000  # the same work packed twice is the same bytes
_NOT_WORK = frozenset(
    {"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".venv"}
)
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(frozen=True)
class _Entry:
    name: str  # relative, as the file system spells it
    kind: bytes  # tarfile's: DIRTYPE, REGTYPE, SYMTYPE
    data: bytes = b""
    link: str = ""
    executable: bool = False


class _Packer:
    """Collects the entries of one learner's folders, within their limits."""

    def __init__(self, table: WorkTable, own: bool) -> None:
        self._table = table
        self._own = own
        self._room = table.megabytes * 2**20
        self.entries: list[_Entry] = []

    def folder(self, parent: int, name: str, path: str, depth: int = 0) -> None:
        """Everything below one folder. `parent` is a descriptor; nothing on the way may be a link."""
        if depth > _DEPTH:
            raise Rejected(f"{_shown(path)} is more than {_DEPTH} folders deep", "move it up, or remove it")
        try:
            descriptor = os.open(name, _FOLDER, dir_fd=parent)
        except FileNotFoundError:
            return
        except OSError:
            raise Rejected(
                f"{_shown(path)} is a link or cannot be read", "put a plain folder there"
            ) from None
        try:
            self._add(_Entry(path, tarfile.DIRTYPE))
            with os.scandir(descriptor) as found:
                names = sorted(entry.name for entry in self._bounded(found))
            for inner in names:
                self._one(descriptor, inner, f"{path}/{inner}", depth)
        finally:
            os.close(descriptor)

    def _bounded(self, entries: Iterable[os.DirEntry[str]]) -> Iterator[os.DirEntry[str]]:
        for number, entry in enumerate(entries):
            if number > self._table.files:
                raise self._too_many()
            yield entry

    def _one(self, parent: int, name: str, path: str, depth: int) -> None:
        if name in _NOT_WORK or path in self._table.leave_out:
            return
        about = os.stat(name, dir_fd=parent, follow_symlinks=False)
        if stat.S_ISDIR(about.st_mode):
            self.folder(parent, name, path, depth + 1)
        elif stat.S_ISLNK(about.st_mode):
            self._add(_Entry(path, tarfile.SYMTYPE, link=os.readlink(name, dir_fd=parent)))
        elif stat.S_ISREG(about.st_mode):
            self._file(parent, name, path)
        else:
            raise Rejected(f"{_shown(path)} is neither a file nor a folder", "remove it and hand in again")

    def _file(self, parent: int, name: str, path: str) -> None:
        try:
            descriptor = os.open(name, _FILE, dir_fd=parent)
        except OSError:
            raise Rejected(
                f"{_shown(path)} cannot be read", "make it a readable file, or remove it"
            ) from None
        with os.fdopen(descriptor, "rb") as file:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or (about.st_nlink > 1 and not self._own):
                # A hard link in what somebody else handed in may lead to what is not theirs.
                raise Rejected(
                    f"{_shown(path)} is also somewhere else (a hard link)", "put a copy in its place"
                )
            data = file.read(self._room + 1)
        self._room -= len(data)
        if self._room < 0:
            raise Rejected(
                f"{', '.join(self._table.folders)} holds more than {self._table.megabytes} MB",
                "take out data and models that the work does not need, also from its history",
            )
        self._add(_Entry(path, tarfile.REGTYPE, data, executable=bool(about.st_mode & stat.S_IXUSR)))

    def _add(self, entry: _Entry) -> None:
        self.entries.append(entry)
        if len(self.entries) > self._table.files:
            raise self._too_many()

    def _too_many(self) -> Rejected:
        return Rejected(
            f"{', '.join(self._table.folders)} holds more than {self._table.files} files and folders",
            "remove what the work does not need",
        )


def _shown(path: str) -> str:
    return clip(path, 120)


def pack(root: Path, table: WorkTable, *, own: bool = False) -> bytes:
    """The folders of a work as an uncompressed tar; the same work gives the same bytes.

    Taken are folders, regular files and links as links. A folder that is missing is left out.

    Args:
        root: where the notebook is.
        table: which folders, and how much of them.
        own: it is the caller's own work, so that a hard link is no danger (`git clone` makes them).

    Raises:
        Rejected: too large, too many, too deep, a link in a folder's place, a pipe or a device.
    """
    packer = _Packer(table, own)
    try:
        descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Rejected(f"{_shown(root.name)} cannot be read ({error.strerror})", "make it readable") from None
    try:
        for folder in table.folders:
            packer.folder(descriptor, folder, folder)
    except OSError as error:  # it changed while it was read, or is not ours to read
        raise Rejected(
            f"the work cannot be read ({error.strerror})", "try again when nothing writes to it"
        ) from None
    finally:
        os.close(descriptor)
    return _tar(packer.entries)


def _tar(entries: Iterable[_Entry]) -> bytes:
    out = io.BytesIO()
    # GNU: names of any length and of any bytes.
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT, errors="surrogateescape") as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry.name)
            info.type, info.linkname, info.mtime = entry.kind, entry.link, _MTIME
            info.mode = 0o755 if entry.kind == tarfile.DIRTYPE or entry.executable else 0o644
            info.size = len(entry.data)
            tar.addfile(info, io.BytesIO(entry.data))
    return out.getvalue()


def unpack(archive: bytes, folder: Path) -> None:
    """Write an archive that `pack` made in this process into a new, empty folder, b"" being none.

    Only such a one: its names come from a walk that follows no link, so that none leads out of the folder.
    Raises OSError.
    """
    if not archive:
        return
    with tarfile.open(fileobj=io.BytesIO(archive), errors="surrogateescape") as tar:
        for info in tar:
            target, file = folder / info.name, tar.extractfile(info) if info.isreg() else None
            if file is not None:
                target.write_bytes(file.read())
                target.chmod(info.mode)
            elif info.issym():
                target.symlink_to(info.linkname)
            else:
                target.mkdir()


def contents(archive: bytes) -> dict[str, str]:
    """Path -> a digest of what is there, for each file and link of an archive of ours."""
    found: dict[str, str] = {}
    if not archive:
        return found
    with tarfile.open(fileobj=io.BytesIO(archive), errors="surrogateescape") as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            if file is not None:
                found[info.name] = f"{info.mode:o} {sha256(file.read()).hexdigest()}"
            elif info.issym():
                found[info.name] = f"-> {info.linkname}"
    return found


def untouched(tasks: Sequence[Task], handed_out: bytes, handed_in: bytes) -> list[str]:
    """Ids of the tasks answered in files whose paths are all as they were handed out.

    Git's index changes when somebody only looks, so it is no answer.
    """
    before, after = contents(handed_out), contents(handed_in)
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    changed = {name for name in changed if not name.endswith("/.git/index")}
    return [
        task.id
        for task in tasks
        if task.paths and not any(_below(name, path) for name in changed for path in task.paths)
    ]


def _below(name: str, path: str) -> bool:
    return name == path or name.startswith(f"{path}/")
