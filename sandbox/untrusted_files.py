"""Reads and writes below a folder that untrusted code may have rearranged.

A learner's sandbox owns the work folder: any name in it may have become a link to a host file, a pipe or a
device. So every step goes through a directory descriptor with O_NOFOLLOW, and sizes are bounded.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from sandbox.errors import UsageError

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class UnsafeFile(UsageError):
    """A name is not the plain file or folder it should be."""


def _unsafe(root: Path, relative: str) -> UnsafeFile:
    return UnsafeFile(f"{root / relative} is a link or not a plain file", "remove it, then try again")


def _parts(relative: str) -> tuple[str, ...]:
    path = PurePosixPath(relative)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"not a relative path: {relative!r}")
    return path.parts


def _open_folder(root: Path, parts: tuple[str, ...], stack: ExitStack, create: bool) -> int:
    """A descriptor of root/parts…, no part of which is a link. Closed by `stack`."""
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    stack.callback(os.close, descriptor)
    for part in parts:
        if create:
            try:
                os.mkdir(part, 0o755, dir_fd=descriptor)
                _same_owner(descriptor, part)
            except FileExistsError:
                pass
        descriptor = os.open(part, _DIRECTORY, dir_fd=descriptor)
        stack.callback(os.close, descriptor)
    return descriptor


def _same_owner(folder: int, name: str) -> None:
    """Give a new entry to the folder's owner: root serves a sandbox user who must be able to remove it."""
    if os.geteuid() == 0:
        owner = os.fstat(folder)
        os.chown(name, owner.st_uid, owner.st_gid, dir_fd=folder, follow_symlinks=False)


def read_file(root: Path, relative: str, most: int) -> bytes | None:
    """The content of a plain file, or None if there is none.

    Raises:
        UnsafeFile: a link, a pipe, a device, a folder, more than `most` bytes.
    """
    *folders, name = _parts(relative)
    with ExitStack() as stack:
        try:
            folder = _open_folder(root, tuple(folders), stack, create=False)
            descriptor = os.open(
                name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder
            )
        except FileNotFoundError:
            return None
        except OSError:
            raise _unsafe(root, relative) from None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise _unsafe(root, relative)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(most + 1)
    if len(data) > most:
        raise UnsafeFile(f"{root / relative} is larger than {most} bytes", "remove it, then try again")
    return data


def write_file(root: Path, relative: str, data: bytes) -> None:
    """Write a plain file at once (a reader never sees half of it), replacing whatever name was there.

    Raises:
        UnsafeFile: a folder on the way is a link or no folder.
        OSError: the disk is full, and so on.
    """
    *folders, name = _parts(relative)
    with ExitStack() as stack:
        try:
            folder = _open_folder(root, tuple(folders), stack, create=True)
            if _is_folder(folder, name):
                raise _unsafe(root, relative)
        except OSError as error:
            if error.errno in (errno.ENOTDIR, errno.ELOOP):
                raise _unsafe(root, relative) from None
            raise
        draft = f".{name}.{secrets.token_hex(4)}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(draft, flags, 0o644, dir_fd=folder)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            _same_owner(folder, draft)
            os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            os.unlink(draft, dir_fd=folder)
            raise


def _is_folder(folder: int, name: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return False


def exists(root: Path, relative: str) -> bool:
    """Whether any entry of that name is there, whatever it is; links are not followed."""
    *folders, name = _parts(relative)
    with ExitStack() as stack:
        try:
            folder = _open_folder(root, tuple(folders), stack, create=False)
            os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError:
            return False
    return True


def remove(root: Path, relative: str) -> None:
    """Remove a file or link, if it is there."""
    *folders, name = _parts(relative)
    with ExitStack() as stack:
        try:
            folder = _open_folder(root, tuple(folders), stack, create=False)
            os.unlink(name, dir_fd=folder)
        except OSError:
            return
