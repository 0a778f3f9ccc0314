"""One job as a plain process of one's own account: a folder of its own, limits where the system has them."""

from __future__ import annotations

import os
import resource
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import sandbox
from sandbox.channel import STDERR, STDOUT, Exit
from sandbox.engine import EndReason, JobSpec, Limits
from sandbox.process_tree import MARKER, kill_marked, memory_mb, tree
from sandbox.programs import search_path
from sandbox.services.mlflow_server import TEMPLATE_VARIABLE

_RECV = 2**16
_MEMORY_TICK = 0.5  # seconds between looks at the tree's memory
_PASSED_ON = ("LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")
_PACKAGES = Path(sandbox.__file__).parent.parent


def library_path() -> dict[str, str]:
    """Return PYTHONPATH for a child that must import our packages; nothing where they are installed."""
    return {} if "site-packages" in _PACKAGES.parts else {"PYTHONPATH": str(_PACKAGES)}


def job_environment(spec: JobSpec, slot: Path, template: Path, marker: str) -> dict[str, str]:
    """Return a job's whole environment: nothing of the caller's but what programs need to start."""
    threads = str(max(1, int(spec.limits.cpus)))
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "PATH": search_path(),
        "HOME": str(slot / "work"),
        "TMPDIR": str(slot / "tmp"),
        "USER": "learner",
        "LOGNAME": "learner",
        "PYTHONUNBUFFERED": "1",
        "OMP_NUM_THREADS": threads,
        "OPENBLAS_NUM_THREADS": threads,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "true",
        "GIT_PYTHON_REFRESH": "quiet",
        TEMPLATE_VARIABLE: str(template),
        **library_path(),
        **spec.env,
        MARKER: marker,
    }


def argv(command: tuple[str, ...]) -> list[str]:
    """Return `command` with "python" as this interpreter."""
    return [sys.executable, *command[1:]] if command[0] == "python" else list(command)


class ProcessTransport:
    """A child process's three pipes."""

    def __init__(self, command: list[str], env: Mapping[str, str], cwd: Path, limits: Limits) -> None:
        self._marker = env[MARKER]
        self._memory_mb = limits.memory_mb
        self._looked = time.monotonic()
        self._process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,
        )
        assert self._process.stdin and self._process.stdout and self._process.stderr
        self._stdin = self._process.stdin.fileno()
        self._open = {self._process.stdout.fileno(): STDOUT, self._process.stderr.fileno(): STDERR}
        for descriptor in (self._stdin, *self._open):
            os.set_blocking(descriptor, False)
        _limit(self._process.pid, limits)

    def read(self, timeout: float) -> list[tuple[int, bytes]] | None:
        """See `Transport.read`."""
        ready = select.select(list(self._open), [], [], timeout)[0] if self._open else []
        if not ready and self._process.poll() is not None:
            # It may have written its last between the two looks. What holds the pipes then is a leftover.
            ready = select.select(list(self._open), [], [], 0)[0] if self._open else []
            if not ready:
                return None
        found = []
        for descriptor in ready:
            if data := os.read(descriptor, _RECV):
                found.append((self._open[descriptor], data))
            else:
                del self._open[descriptor]
        return found if self._open or found else None

    def write(self, data: memoryview, timeout: float) -> int:
        """See `Transport.write`."""
        if not select.select([], [self._stdin], [], timeout)[1]:
            return 0
        try:
            return os.write(self._stdin, data)
        except BlockingIOError:
            return 0

    def over_limit(self) -> EndReason | None:
        """Return MEMORY when the whole tree holds too much: the system has no such limit to set."""
        now = time.monotonic()
        if now - self._looked < _MEMORY_TICK:
            return None
        self._looked = now
        return EndReason.MEMORY if memory_mb(tree(self._process.pid)) > self._memory_mb else None

    def wait(self, timeout: float) -> Exit | None:
        """See `Transport.wait`."""
        try:
            code = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return None
        return Exit(code if code >= 0 else 128 - code)

    def kill(self) -> None:
        """See `Transport.kill`."""
        # A process that is over has given its id back.
        kill_marked(self._marker, self._process.pid if self._process.poll() is None else None)

    def close(self) -> None:
        """Close the pipes."""
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()


def _limit(pid: int, limits: Limits) -> None:
    """Set what the system holds for a process and its children: no core files, no file over the cap."""
    if not hasattr(resource, "prlimit"):
        return  # not Linux
    for kind, value in ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, limits.disk_mb * 2**20)):
        try:
            resource.prlimit(pid, kind, (value, value))
        except (ProcessLookupError, PermissionError, ValueError):
            return  # over already, or under a lower limit than ours


def remove_tree(folder: Path) -> None:
    """Remove a slot, also folders that the job made unreadable."""

    def unlock(_function: object, path: str, _error: object) -> None:
        parent = Path(path).parent
        parent.chmod(0o700)
        target = Path(path)
        if target.is_dir() and not target.is_symlink():
            target.chmod(0o700)
            shutil.rmtree(target, ignore_errors=True)
        else:
            target.unlink(missing_ok=True)

    try:
        shutil.rmtree(folder, onerror=unlock)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
