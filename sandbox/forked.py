"""How a job's main process asks its zygote for further processes; see `sandbox.zygote`. Standard library only."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import threading
import time
from typing import IO, Any

from sandbox.zygote import CONTROL


class Zygote:
    """The zygote that this process was forked from."""

    def __init__(self, descriptor: int) -> None:
        self._control = socket.socket(fileno=descriptor)
        self._lock = threading.Lock()

    def _ask(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        with self._lock:
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)
            answer: dict[str, Any] = json.loads(self._control.recv(2**16) or b'{"error": "it is gone"}')
        if "error" in answer:
            raise ChildProcessError(answer["error"])
        return answer

    def fork(self, module: str, stdin: socket.socket) -> ForkedProcess:
        """Run a module as a process of the learner's, its stdin that socket. Raises ChildProcessError."""
        answer = self._ask({"op": "fork", "module": module}, [stdin.fileno()])
        return ForkedProcess(self, int(answer["pid"]))

    def code(self, pid: int, signalled: int = 0) -> int | None:
        """Send a signal, if any, to a forked process's group; return its exit code once it has ended."""
        op = {"op": "signal", "number": signalled} if signalled else {"op": "poll"}
        found = self._ask({**op, "pid": pid}, [])["code"]
        return None if found is None else int(found)


def own_zygote() -> Zygote | None:
    """Return the zygote of this process; None where it was started by itself."""
    told = os.environ.pop(CONTROL, None)
    return Zygote(int(told)) if told else None


class ForkedProcess:
    """A process that the zygote forked, with as much of `subprocess.Popen` as its callers need."""

    stdin: IO[bytes] | None = None
    stdout: IO[bytes] | None = None
    stderr: IO[bytes] | None = None

    def __init__(self, zygote: Zygote, pid: int) -> None:
        self._zygote = zygote
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return its exit code, None while it runs."""
        if self.returncode is None:
            self.returncode = self._zygote.code(self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; return its exit code. Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("a forked process", timeout or 0.0)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal to it and its group; nothing happens when it has ended."""
        if self.returncode is None:
            self.returncode = self._zygote.code(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)
