"""Finding and killing everything a process started, also what left its session or lost its parent.

Every process we start carries a random marker in its environment, which its descendants inherit. That is no
defence against one that wants to hide; it is how ordinary leftovers (kernels, daemons) are found.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable

import psutil

MARKER = "MLOPS_RUN"
_ROUNDS = 40  # a fork bomb needs several


def new_marker() -> str:
    """Return a marker that nobody else has."""
    return secrets.token_hex(8)


def marked(marker: str) -> list[psutil.Process]:
    """Return every live process of this account that carries `marker`."""
    return [process for process in psutil.process_iter() if _carries(process, marker)]


def _carries(process: psutil.Process, marker: str) -> bool:
    try:
        return bool(process.environ().get(MARKER) == marker and process.status() != psutil.STATUS_ZOMBIE)
    except (psutil.Error, OSError):  # another account's, or gone
        return False


def tree(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants, the process first; empty when it is gone."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.Error:
        return []


def memory_mb(processes: Iterable[psutil.Process]) -> float:
    """Return the resident memory of `processes` in MiB; pages they share count once for each."""
    total = 0
    for process in processes:
        try:
            total += process.memory_info().rss
        except psutil.Error:
            continue
    return total / 2**20


def kill_marked(marker: str, pid: int | None = None) -> None:
    """Kill everything that carries `marker`, and the tree of `pid` if that is given."""
    for _ in range(_ROUNDS):
        processes = {*marked(marker), *(tree(pid) if pid else ())}
        alive = [process for process in processes if _kill(process)]
        if not alive:
            return
        time.sleep(0.05)


def _kill(process: psutil.Process) -> bool:
    """Kill one process; False when it was over already."""
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        process.kill()
    except psutil.Error:
        return False
    return True
