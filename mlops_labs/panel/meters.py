"""What the sandbox has and uses: memory, disk, time. Reads control groups of version 1 and 2."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

_MIB = 2**20
_GROUPS, _OWN = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
# Above this a "limit" of version 1 is the largest number there is.
_NO_LIMIT = 2**60
_started = time.monotonic()


@dataclass(frozen=True)
class Memory:
    """Of a control group that has a limit."""

    used: int  # bytes, without what the kernel keeps of files and would give back
    limit: int  # bytes
    oom_kills: int


def read_meters(root: Path) -> dict[str, Any]:
    """Return what the panel shows of the place that `root`, the work folder, is in."""
    memory = read_memory()
    free = psutil.virtual_memory().available // _MIB
    used = memory.used // _MIB if memory else _processes() // _MIB
    return {
        "memory": {"used_mb": used, "limit_mb": memory.limit // _MIB if memory else None, "free_mb": free},
        "oom_kills": memory.oom_kills if memory else None,
        "work_free_mb": _free(root),
        "scratch": _scratch(Path("/tmp")) if memory else None,
        "minutes": int((time.monotonic() - _started) // 60),
    }


def read_memory(groups: Path = _GROUPS, own: Path = _OWN) -> Memory | None:
    """Return the memory of the innermost group with a limit that this process is in; None without a limit."""
    for version, folder in _folders(groups, own):
        names = _FILES[version]
        limit = _number(folder / names["limit"])
        if limit is None or limit > _NO_LIMIT:
            continue
        stat = _table(folder / "memory.stat")
        used = (_number(folder / names["used"]) or 0) - sum(
            stat.get(key, 0) for key in names["cache"].split()
        )
        return Memory(max(0, used), limit, _table(folder / names["events"]).get("oom_kill", 0))
    return None


_FILES = {
    1: {
        "limit": "memory.limit_in_bytes",
        "used": "memory.usage_in_bytes",
        "cache": "total_inactive_file total_active_file",
        "events": "memory.oom_control",
    },
    2: {
        "limit": "memory.max",
        "used": "memory.current",
        "cache": "inactive_file active_file",
        "events": "memory.events",
    },
}


def _folders(groups: Path, own: Path) -> list[tuple[int, Path]]:
    """The groups of this process, innermost first. A container may see its own as the top, whatever it is called."""
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    found = []
    for number, controllers, path in (line.split(":", 2) for line in lines if line.count(":") >= 2):
        if "memory" in controllers.split(","):
            version, top = 1, groups / "memory"
        elif number == "0" and not controllers:
            version, top = 2, groups
        else:
            continue
        inner = top / path.lstrip("/")
        found += [(version, folder) for folder in (inner, *inner.parents) if folder.is_relative_to(top)]
    return found


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):  # "max" is no number: no limit
        return None


def _table(path: Path) -> dict[str, int]:
    try:
        rows = [line.split() for line in path.read_text(encoding="ascii").splitlines()]
        return {row[0]: int(row[1]) for row in rows if len(row) == 2}
    except (OSError, ValueError):
        return {}


def _processes() -> int:
    """Bytes that JupyterLab, its kernels and what they started have in memory."""
    me = psutil.Process()
    total = 0
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return total


def _free(folder: Path) -> int | None:
    try:
        return shutil.disk_usage(folder).free // _MIB
    except OSError:
        return None


def _scratch(folder: Path) -> dict[str, int] | None:
    """A /tmp that is the sandbox's own, of a fixed size."""
    if not folder.is_mount():
        return None
    usage = shutil.disk_usage(folder)
    return {"free_mb": usage.free // _MIB, "total_mb": usage.total // _MIB}
