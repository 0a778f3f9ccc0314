"""Whose container or process is this: labels that outlive a crash, so that the next run can sweep up.

Every container and network carries the home it belongs to, and what a run must not leave behind also carries
its owner: process id, its start time (ids are reused) and its process namespace.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import psutil

from sandbox.docker_api import LABEL


def home_id(home: Path) -> str:
    """Return 10 hex digits that tell one learner's home from another."""
    return sha256(str(home.resolve()).encode()).hexdigest()[:10]


def labels(home: Path, kind: str, **more: str) -> dict[str, str]:
    """Return the labels of a thing of `kind` ("job", "probe", "stack") owned by this process."""
    own = {"home": home_id(home), "kind": kind, **owner(), **more}
    return {f"{LABEL}.{key.replace('_', '-')}": value for key, value in own.items()}


def owner() -> dict[str, str]:
    """Return what identifies this process for as long as the machine is up, and after."""
    return {
        "owner_pid": str(os.getpid()),
        "owner_start": _start(os.getpid()) or "",
        "owner_namespace": _namespace(),
    }


def owner_is_gone(found: Mapping[str, str]) -> bool:
    """Whether the process that made a labelled thing is over. False when that cannot be known."""
    pid = found.get(f"{LABEL}.owner-pid", "")
    if not pid.isdigit() or found.get(f"{LABEL}.owner-namespace") != _namespace():
        return False
    return _start(int(pid)) != found.get(f"{LABEL}.owner-start")


def _start(pid: int) -> str | None:
    try:
        return f"{psutil.Process(pid).create_time():.1f}"
    except psutil.Error:
        return None


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:  # no Linux: one namespace for all
        return "host"


@contextmanager
def exclusive(home: Path, name: str) -> Iterator[None]:
    """Let one process at a time start or stop `name` in this home; others wait."""
    folder = home / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
