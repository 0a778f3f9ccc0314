"""Warm containers: each holds a zygote (`sandbox.zygote`) that forks one job after the other.

A container serves jobs of one kind only (image, limits, environment, what it has imported), one at a time, and is
thrown away after anything odd: a job that was ended for a limit, processes or files that were left, a zygote that does
not answer.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from sandbox.channel import STDERR, STDOUT, Exit
from sandbox.docker_api import Docker
from sandbox.docker_job import ContainerTransport, job_options
from sandbox.engine import EndReason, JobSpec
from sandbox.errors import InfrastructureError
from sandbox.frames import DATA, END, ERRORS, LEASE, LONGEST, OVER, PRELOAD, READY, Frames, frame

_CAPABILITIES = ["SETUID", "SETGID", "SETPCAP", "KILL"]
_END_SECONDS = 8.0  # for a zygote to kill and remove what a job leaves
_READY_SECONDS = 120.0
_MOST_IDLE = 8  # containers; the longest unused goes first
_MOST_JOBS = 200  # of one container
_STREAMS = {DATA: STDOUT, ERRORS: STDERR}


def zygote_options(
    spec: JobSpec, image: str, labels: Mapping[str, str], runtime: str | None, host_cpus: float
) -> dict[str, Any]:
    """Return what a warm container is created with: a job's options, for a root that may only change users and kill."""
    options = job_options(spec, image, labels, runtime, host_cpus)
    return {
        **options,
        # matplotlib reads it when it is imported, which is before there is a kernel to set it.
        "environment": {**options["environment"], "MPLBACKEND": "module://matplotlib_inline.backend_inline"},
        "command": ["python", "-m", "sandbox.zygote"],
        "user": "0:0",
        "cap_add": list(_CAPABILITIES),
    }


class WarmContainer:
    """A started container with its zygote."""

    def __init__(self, docker: Docker, options: Mapping[str, Any], preload: tuple[str, ...]) -> None:
        """Create and start it; the zygote begins to import at once. Raises InfrastructureError."""
        self._docker = docker
        self.id = docker.create(**options)
        try:
            self.stream = ContainerTransport(docker, self.id, docker.attach(self.id))
            docker.start(self.id)
            self.frames = Frames()
            self.jobs = 0
            self._write(frame(PRELOAD, json.dumps(preload).encode()))
        except BaseException:
            with suppress(InfrastructureError):
                docker.remove(self.id)
            raise

    def _write(self, data: bytes) -> None:
        left, until = memoryview(data), time.monotonic() + _END_SECONDS
        try:
            while left and time.monotonic() < until:
                left = left[self.stream.write(left, 0.5) :]
        except OSError:
            pass
        if left:
            raise InfrastructureError("a warm sandbox takes no job", "try again")

    def lease(self, spec: JobSpec, timeout: float = _READY_SECONDS) -> LeaseTransport:
        """Begin a job, once the zygote is ready."""
        if self.jobs == 0:
            self._await_ready(timeout)
        self.jobs += 1
        order = {"module": spec.command[2], "env": dict(spec.env)}
        self._write(frame(LEASE, json.dumps(order).encode()))
        return LeaseTransport(self._docker, self)

    def _await_ready(self, timeout: float) -> None:
        until, said = time.monotonic() + timeout, b""
        while time.monotonic() < until:
            try:
                chunks = self.stream.read(0.5)
            except OSError:
                chunks = None
            if chunks is None:
                break
            said += b"".join(data for stream, data in chunks if stream == STDERR)
            for kind, payload in self.frames.feed(
                b"".join(data for stream, data in chunks if stream == STDOUT)
            ):
                if kind == READY and json.loads(payload)["alone"]:
                    return
                raise InfrastructureError(
                    "a library that this lab uses starts threads when it is imported, so it cannot be preloaded",
                    "tell the lab's author",
                )
        text = said.decode(errors="replace").strip()[-200:]
        raise InfrastructureError(f"a warm sandbox did not start ({text or 'no answer'})", "try again")

    def remove(self) -> None:
        """Remove the container, whatever runs in it."""
        self.stream.close()
        with suppress(InfrastructureError):  # the engine is gone: the next run sweeps
            self._docker.remove(self.id)


class LeaseTransport:
    """One job of a warm container; see `sandbox.channel.Transport`."""

    def __init__(self, docker: Docker, container: WarmContainer) -> None:
        self._docker = docker
        self._container = container
        self._over: dict[str, Any] | None = None
        self._ended = threading.Event()  # it is over, or the container is
        self._writing = threading.Lock()
        self._pending = memoryview(b"")
        self._pending_of = 0  # bytes of the caller's that the pending frame carries
        self._asked_to_end = False

    @property
    def clean(self) -> bool:
        """Whether the sandbox is as it was before the job, by its zygote's word."""
        return self._over is not None and self._over["clean"] is True and not self._over["oom"]

    def read(self, timeout: float) -> list[tuple[int, bytes]] | None:
        """See `Transport.read`."""
        if self._ended.is_set():
            return None
        chunks = self._container.stream.read(timeout)
        if chunks is None:
            self._ended.set()
            return None
        found = [chunk for chunk in chunks if chunk[0] == STDERR]
        for kind, payload in self._container.frames.feed(
            b"".join(data for stream, data in chunks if stream == STDOUT)
        ):
            if kind in _STREAMS:
                found.append((_STREAMS[kind], payload))
            elif kind == OVER:
                self._over = json.loads(payload)
                self._ended.set()
        return found

    def write(self, data: memoryview, timeout: float) -> int:
        """See `Transport.write`. A frame that went out in part is finished by the next call, with the same data."""
        with self._writing:
            if self._ended.is_set() or self._asked_to_end:
                raise BrokenPipeError("the job is over")
            if not self._pending:
                part = data[:LONGEST]
                self._pending, self._pending_of = memoryview(frame(DATA, part)), len(part)
            self._pending = self._pending[self._container.stream.write(self._pending, timeout) :]
            return 0 if self._pending else self._pending_of

    def over_limit(self) -> EndReason | None:
        """Nothing to do: memory, processes and disk are the kernel's to hold."""
        return None

    def wait(self, timeout: float) -> Exit | None:
        """See `Transport.wait`. Raises EngineUnavailable when the engine or the container is gone."""
        if not self._ended.wait(timeout):
            return None
        if self._over is None:
            return self._container.stream.wait(timeout)
        code = self._over["code"]
        return Exit(-1 if code is None else int(code), bool(self._over["oom"]))

    def kill(self) -> None:
        """See `Transport.kill`: the zygote ends the job; where it does not, the container goes with it."""
        if self._ended.is_set():
            return
        with self._writing:
            first, self._asked_to_end = not self._asked_to_end, True
            if first:
                left, until = memoryview(bytes(self._pending) + frame(END)), time.monotonic() + 1
                with suppress(OSError):
                    while left and time.monotonic() < until:
                        left = left[self._container.stream.write(left, 0.2) :]
        if first and not self._ended.wait(_END_SECONDS):
            self._docker.kill(self._container.id)

    def close(self) -> None:
        """The stream is the container's."""


class WarmContainers:
    """The warm containers of one engine, in this process."""

    def __init__(self, docker: Docker) -> None:
        self._docker = docker
        self._idle: list[tuple[str, WarmContainer]] = []  # the longest unused first
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def lease(self, spec: JobSpec, options: Mapping[str, Any]) -> Iterator[LeaseTransport]:
        """Have a job run in an idle container of its kind, or in a new one. Raises InfrastructureError."""
        kind = _kind(spec, options)
        container, transport = self._begin(kind, spec, options)
        try:
            yield transport
        finally:
            if transport.clean and container.jobs < _MOST_JOBS:
                self._give_back(kind, container)
            else:
                container.remove()

    def _begin(
        self, kind: str, spec: JobSpec, options: Mapping[str, Any]
    ) -> tuple[WarmContainer, LeaseTransport]:
        """Begin the job where that can be done; an idle container may have gone with a daemon that was restarted."""
        while True:
            idle = self._take(kind)
            container = idle or WarmContainer(self._docker, options, spec.preload or ())
            try:
                return container, container.lease(spec)
            except BaseException as error:
                container.remove()
                if idle is None or not isinstance(error, InfrastructureError):
                    raise

    def keep(self, wanted: Sequence[tuple[JobSpec, Mapping[str, Any]]]) -> None:
        """Start what is not idle already, so that these jobs could all begin at once; they import meanwhile."""
        with self._lock:
            idle = [kind for kind, _ in self._idle]
        for spec, options in wanted:
            kind = _kind(spec, options)
            if kind in idle:
                idle.remove(kind)
            elif not self._closed:
                self._give_back(kind, WarmContainer(self._docker, options, spec.preload or ()))

    def _take(self, kind: str) -> WarmContainer | None:
        with self._lock:
            for number, (found, container) in enumerate(self._idle):
                if found == kind:
                    del self._idle[number]
                    return container
        return None

    def _give_back(self, kind: str, container: WarmContainer) -> None:
        with self._lock:
            self._idle.append((kind, container))
            spare = self._idle[: None if self._closed else max(0, len(self._idle) - _MOST_IDLE)]
            del self._idle[: len(spare)]
        for _, one in spare:
            one.remove()

    def close(self) -> None:
        """Remove every idle container; those at work go when their job is over."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for _, container in idle:
            container.remove()


def _kind(spec: JobSpec, options: Mapping[str, Any]) -> str:
    """What containers must have in common to serve the same jobs; labels name one job."""
    rest = {key: value for key, value in options.items() if key != "labels"}
    return f"{sorted(spec.preload or ())} {sorted(rest.items(), key=lambda item: item[0])!r}"
