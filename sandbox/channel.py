"""A job's channel and its limits of time and output, the same for every engine.

An engine supplies a `Transport`: bytes in and out of the main process, and a way to kill everything. One
thread for each job drains what the job writes, so that neither side can block the other, and ends the job
when its time is up or it has written too much.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from sandbox.engine import EndReason, JobEnd, JobOver, Limits
from sandbox.errors import InfrastructureError

STDOUT, STDERR = 1, 2
_TICK = 0.25  # seconds between looks at the clock
_KILL_SECONDS = 15.0  # an engine that has not ended a killed job by then is lost
_TAIL = 4000  # characters of stderr
_CHUNK = 2**18


@dataclass(frozen=True)
class Exit:
    """How the main process ended, by the engine's own record."""

    code: int
    oom_killed: bool = False


class Transport(Protocol):
    """The engine's side of a job. Methods raise OSError or InfrastructureError when the engine is gone."""

    def read(self, timeout: float) -> list[tuple[int, bytes]] | None:
        """Return what came, as (STDOUT or STDERR, bytes); empty after `timeout` seconds, None at the end."""

    def write(self, data: memoryview, timeout: float) -> int:
        """Write some of `data` to stdin; return how many bytes went, 0 after `timeout` seconds."""

    def over_limit(self) -> EndReason | None:
        """Return the limit that is broken, where the engine itself does not end the job for it."""

    def wait(self, timeout: float) -> Exit | None:
        """Wait for the main process; None when it is still running after `timeout` seconds."""

    def kill(self) -> None:
        """Kill the main process and all its descendants. Safe to repeat."""


class Lines:
    """Lines out of a stream of bytes, cut when they are taken: a flood of short ones costs its bytes, no more."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._searched = 0  # bytes at the front that hold no newline

    def feed(self, data: bytes) -> None:
        """Take what came."""
        self._data += data

    def take(self, max_bytes: int) -> bytes | None:
        """Return the next whole line, None when there is none yet. ValueError: one over `max_bytes`."""
        end = self._data.find(b"\n", self._searched)
        length = len(self._data) if end < 0 else end
        if length > max_bytes:
            raise ValueError(
                f"a line of {'at least ' if end < 0 else ''}{length} bytes, more than {max_bytes}"
            )
        if end < 0:
            self._searched = length
            return None
        line = bytes(self._data[:end])
        del self._data[: end + 1]  # moves the start, not the rest
        self._searched = 0
        return line


class RunningJob:
    """A `Job` over any transport."""

    def __init__(self, transport: Transport, limits: Limits) -> None:
        self._transport = transport
        self._started = time.monotonic()
        self._deadline = self._started + limits.seconds
        self._output_left = limits.output_mb * 2**20
        self._lines = Lines()
        self._tail = b""
        self._forced: EndReason | None = None  # why we killed it, where we did
        self._forced_at = 0.0
        self._end: JobEnd | None = None
        self._changed = threading.Condition()
        self._sending = threading.Lock()
        self._pump = threading.Thread(target=self._run, name="job channel", daemon=True)
        self._pump.start()

    def send(self, line: bytes) -> None:
        """Write one line (without its newline). Raises JobOver when the job is gone."""
        data = memoryview(line + b"\n")
        with self._sending:
            while data:
                if self._end:
                    raise JobOver(self._end)
                try:
                    data = data[self._transport.write(data[:_CHUNK], _TICK) :]
                except OSError:
                    # Its stdin is closed: it is over, or will not be talked to any more.
                    self._pump.join(1.0)
                    raise JobOver(self.stop()) from None

    def receive(self, timeout: float, max_bytes: int = 16 * 2**20) -> bytes:
        """Return the next line; see `sandbox.engine.Job.receive` for what it raises."""
        until = time.monotonic() + timeout
        with self._changed:
            while True:
                try:
                    line = self._lines.take(max_bytes)
                except ValueError:
                    self._force(EndReason.OUTPUT)
                    raise
                if line is not None:
                    return line
                if self._end:
                    raise JobOver(self._end)
                left = until - time.monotonic()
                if left <= 0:
                    raise TimeoutError(f"no line within {timeout:g} s")
                self._changed.wait(left)

    def stop(self) -> JobEnd:
        """Kill what is left of the job and say how it ended. Safe to repeat."""
        if self._end is None and not self._ended_by_itself():
            self._force(EndReason.STOPPED)
        self._pump.join(_KILL_SECONDS + 5)
        if self._end is None:  # the engine hangs
            self._end = JobEnd(EndReason.LOST, None, seconds=self._seconds(), stderr_tail=self._stderr())
        return self._end

    def _ended_by_itself(self) -> bool:
        try:
            return self._transport.wait(0) is not None
        except (InfrastructureError, OSError):
            return True

    def _force(self, reason: EndReason) -> None:
        """Begin to kill the job, for `reason` unless there was one before."""
        if self._forced is None:
            self._forced, self._forced_at = reason, time.monotonic()
        # Beside the pump: Docker's kill returns only when somebody has read what the job still wrote.
        threading.Thread(target=self._kill, name="job kill", daemon=True).start()

    def _kill(self) -> None:
        with contextlib.suppress(InfrastructureError, OSError):
            self._transport.kill()

    def _run(self) -> None:
        try:
            self._drain()
            exited: Exit | None = self._await_exit()
        except (InfrastructureError, OSError):
            exited = None
        end = JobEnd(
            reason=self._reason(exited),
            exit_code=exited.code if exited else None,
            oom_killed=bool(exited and exited.oom_killed),
            seconds=self._seconds(),
            stderr_tail=self._stderr(),
        )
        self._kill()  # descendants may outlive the main process
        with self._changed:
            self._end = end
            self._changed.notify_all()

    def _drain(self) -> None:
        """Read until the job closes its output; force its end when it breaks a limit."""
        while True:
            self._look_at_limits()
            chunks = self._transport.read(_TICK)
            if chunks is None or (self._forced and not chunks and self._transport.wait(0)):
                return
            for stream, data in chunks:
                self._take(stream, data)

    def _look_at_limits(self) -> None:
        now = time.monotonic()
        if self._forced:
            if now > self._forced_at + _KILL_SECONDS:
                raise OSError("the engine does not end the job")
        elif now >= self._deadline:
            self._force(EndReason.TIME)
        elif broken := self._transport.over_limit():
            self._force(broken)

    def _take(self, stream: int, data: bytes) -> None:
        self._output_left -= len(data)
        if self._output_left < 0:
            if not self._forced:
                self._force(EndReason.OUTPUT)
            return
        if stream == STDERR:
            self._tail = (self._tail + data)[-4 * _TAIL :]
            return
        with self._changed:
            self._lines.feed(data)
            self._changed.notify_all()

    def _await_exit(self) -> Exit:
        """The output is closed, which is not yet the end: a process may go on without."""
        while (exited := self._transport.wait(_TICK)) is None:
            self._look_at_limits()
        return exited

    def _reason(self, exited: Exit | None) -> EndReason:
        if self._forced:
            return self._forced
        if exited is None:
            return EndReason.LOST
        # Only the main process's own death by the kernel's hand is a verdict; a child's is a note.
        return EndReason.MEMORY if exited.oom_killed and exited.code == 137 else EndReason.EXITED

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def _stderr(self) -> str:
        return self._tail.decode(errors="replace")[-_TAIL:]


class RunningJobs:
    """The jobs that an engine is running for this process."""

    def __init__(self) -> None:
        self._jobs: set[RunningJob] = set()

    @contextlib.contextmanager
    def run(self, transport: Transport, limits: Limits) -> Iterator[RunningJob]:
        """A job over a transport, stopped on leaving."""
        job = RunningJob(transport, limits)
        self._jobs.add(job)
        try:
            yield job
        finally:
            job.stop()
            self._jobs.discard(job)

    def end_all(self) -> None:
        """Stop every one of them."""
        for job in tuple(self._jobs):
            job.stop()
