"""Tells, from inside a job, that the work ran into a limit which the kernel holds without ending anything.

Too many processes or a full disk only make calls fail: a notebook may then hang, or break far from the cause.
So the runner looks, and ends the run with the reason. Learner code could forge that word, and gains nothing:
it only ever ends its own run.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

_TICK = 0.25  # seconds between looks
_NO_ROOM = 2**16  # bytes left on a full disk: less than a notebook needs to be saved
_EVENTS = ("pids.events", "pids/pids.events")  # cgroup version 2, version 1
_USAGE = ("memory.current", "memory/memory.usage_in_bytes")


def refused_processes(cgroup: Path | None) -> int:
    """How often this sandbox was refused a process or thread; 0 where the system does not tell.

    Args:
        cgroup: of this sandbox alone; none where it shares one with the rest of the machine.
    """
    if cgroup is None:
        return 0
    for name in _EVENTS:
        try:
            words = (cgroup / name).read_text().split()
            return int(words[words.index("max") + 1])
        except (OSError, ValueError, IndexError):
            continue
    return 0


def used_mb(cgroup: Path | None) -> int:
    """MiB that this sandbox uses now, what it shares with its zygote among it; 0 where the system does not tell."""
    if cgroup is None:
        return 0
    for name in _USAGE:
        try:
            return int((cgroup / name).read_text()) // 2**20
        except (OSError, ValueError):
            continue
    return 0


def is_full(folder: Path) -> bool:
    """Whether nothing more can be written: no bytes are left, or no names for files."""
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize < _NO_ROOM or (room.f_files > 0 and room.f_favail == 0)


class Guard:
    """Looks every moment until a limit is hit."""

    def __init__(self, folders: list[Path], cgroup: Path | None, tell: Callable[[str], None]) -> None:
        """Start looking.

        Args:
            folders: what the work may write to.
            cgroup: this sandbox's own, if it has one.
            tell: called once, from another thread, with "processes" or "disk".
        """
        self._folders = folders
        self._cgroup = cgroup
        self._tell = tell
        self._refused = refused_processes(cgroup)
        self._telling = threading.Lock()
        self._has_told = False
        self._most_mb = 0
        threading.Thread(target=self._run, daemon=True).start()

    def look(self) -> str:
        """The limit that is hit: "processes", "disk", or "" for none."""
        if refused_processes(self._cgroup) > self._refused:
            return "processes"
        try:
            return "disk" if any(is_full(folder) for folder in self._folders) else ""
        except OSError:  # learner code took the folder away
            return ""

    def most_mb(self) -> int:
        """Return the most memory that was in use whenever it looked, now too; see `used_mb`.

        The kernel's own record would be of everything that ever ran in this sandbox.
        """
        self._most_mb = max(self._most_mb, used_mb(self._cgroup))
        return self._most_mb

    def told(self) -> bool:
        """Look at once; whether a limit was hit, which is told by then."""
        with self._telling:
            if not self._has_told and (hit := self.look()):
                self._has_told = True
                self._tell(hit)
            return self._has_told

    def _run(self) -> None:
        while not self.told():
            self.most_mb()
            time.sleep(_TICK)
